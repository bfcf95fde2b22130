"""What is known while a report is read from its first line to its last."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from secanalysis.domain.vocabulary import Precision, ReleaseKind, ReleaseStatus
from secanalysis.ingest.report.account import Account, Statements
from secanalysis.ingest.report.headings import Place
from secanalysis.ingest.report.mentions import Mention
from secanalysis.ingest.report.phrases import STANDALONE


@dataclass(frozen=True)
class Item:
    """One entry of a list."""

    mention: Mention
    part: str | None
    tail: dict[str, str | None]


@dataclass(frozen=True)
class Listing:
    """A list that a sentence has opened: what may follow a modification in it, and what an entry says."""

    tail: re.Pattern[str]
    state: Callable[[Item], None]


PLAIN_TAIL = re.compile(r"[\s.,;]*(?:\band)?", re.IGNORECASE)
"""Nothing after the modification."""


@dataclass
class Context:
    """The report being read, and the place that has been reached.

    Attributes
    ----------
    listing
        The list that is open, if any.
    requests_on
        The month or day of the section's Impact Assessment requests, once stated.
    last
        The modifications of the sentence before, for sentences that only refer to them.
    meeting_ad_hoc
        Whether the last meeting mentioned was ad hoc.
    section_read
        Whether all sentences of the section were read so far.
    """

    statements: Statements
    account: Account
    published_on: date
    period_end: date
    place: Place = field(default_factory=Place)
    listing: Listing | None = None
    requests_on: tuple[date, Precision] | None = None
    last: tuple[Mention, ...] = ()
    meeting_ad_hoc: bool = False
    section_read: bool = True

    def enter(self, place: Place) -> None:
        """Go on below another heading."""
        self.place = place
        self.listing = None
        self.requests_on = None
        self.last = ()
        self.meeting_ad_hoc = False
        self.section_read = True

    def forget(self) -> None:
        """Go on after what wasn't read: nothing that follows may lean on the sentence before."""
        self.last = ()
        self.meeting_ad_hoc = False
        self.section_read = False

    def name(self, mention: Mention, organisation: str | None = None) -> None:
        """Note a mention's title."""
        self.statements.name(self.place, mention.line, mention.ref, mention.title, organisation)

    def event(
        self, mention: Mention, event: str, on: date | None, precision: str | None, **cells: Any
    ) -> None:
        """Add an event of the modification, and its title."""
        self.name(mention)
        self.statements.add(
            "events",
            self.place,
            mention.line,
            ref=mention.ref,
            event=event,
            on=on,
            precision=precision,
            **cells,
        )

    def release_item(
        self,
        mention: Mention,
        status: ReleaseStatus,
        release: str | None,
        on: date,
        precision: Precision,
        planned_on: date | None = None,
        part: str | None = None,
    ) -> None:
        """Add what is said of the modification in a release, and its title."""
        self.name(mention)
        self.statements.add(
            "release_items",
            self.place,
            mention.line,
            release=release,
            ref=mention.ref,
            part=part,
            status=status,
            on=on,
            precision=precision,
            planned_on=planned_on,
        )

    def in_force(self, line: int, release: str, on: date) -> None:
        """Note the day on which a release came into force."""
        kind = ReleaseKind.STANDALONE if STANDALONE.match(release) else ReleaseKind.SCHEDULED
        self.statements.release(self.place, line, release, kind, self.published_on, in_force_on=on)
