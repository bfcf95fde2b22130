"""What is known while a report is read from its first line to its last, and how it names modifications."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any

from secanalysis.domain.vocabulary import ModificationPath, Outcome, Precision, ReleaseKind, ReleaseStatus
from secanalysis.ingest.printed_values import MONTH_NAME, Illegible, day_pattern
from secanalysis.ingest.report.account import Account, Statements
from secanalysis.ingest.report.headings import Place
from secanalysis.ingest.report.scan_repair import REFERENCE, Prose

MODIFICATION = rf"(?P<ref>{REFERENCE})(?:\s*'(?P<title>(?:(?!{REFERENCE}\s*').)+?)'(?![A-Za-z0-9']))?"
"""A modification in plain prose: its reference, and its title in quotes where it is given."""

PART = r"(?:,?\s\(?(?P<part>part\s(?:[0-9]{1,2}|[A-Z]))\)?)?"
RELEASE = rf"(?:{MONTH_NAME}\s20[0-9]{{2}}\sSEC\sRelease)"
_ALONE = r"(?:standalone|ad[- ]hoc)"
IN_RELEASE = (
    rf"for\simplementation\s(?:(?:in|as\spart\sof)\sthe\s(?P<release>{RELEASE})|on\s{day_pattern('planned')}"
    rf"(?P<alone>,?\s(?:in|as(?:\spart\sof)?)\san?\s{_ALONE}(?:\sSEC)?\srelease)?)"
)
"""The end of a sentence that says where an approved modification is to be implemented."""

STANDALONE = re.compile(rf"\b{_ALONE}\b", re.IGNORECASE)

OUTCOME = (
    r"(?:approved|rejected|deferred|sent\sback"
    r"|recommended\s(?:for|to\sbe)\s(?:approv\w+|reject\w+)(?:\s(?:by|to)\sthe\sAuthority)?)"
)
GOVERNANCE = r"(?:Self[- ]?Governance|Fast[- ]?Track)"


@dataclass(frozen=True)
class Mention:
    """A modification where a report names it."""

    ref: str
    title: str | None
    line: int


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
        Whether the meeting last spoken of was ad hoc.
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


def standalone_release(on: date) -> str:
    """The name of a release on its own, which has none in print."""
    return f"Standalone Release {on}"


def release_name(printed: str) -> str:
    """A scheduled release's name, words as usual: ``November 2020 SEC Release``."""
    month, year = printed.split()[:2]
    return f"{month.capitalize()} {year} SEC Release"


def outcome(printed: str) -> tuple[Outcome, ModificationPath | None]:
    """The outcome that words such as ``recommended for approval`` tell, and the path that follows."""
    words = printed.lower()
    if words.startswith("recommended"):
        recommended = Outcome.RECOMMENDED_APPROVAL if "approv" in words else Outcome.RECOMMENDED_REJECTION
        return recommended, ModificationPath.AUTHORITY
    return Outcome(words.replace(" ", "_")), None


def path(printed: str | None) -> ModificationPath | None:
    """The path that ``Self-Governance`` or ``Fast-Track`` names."""
    if not printed:
        return None
    return (
        ModificationPath.SELF_GOVERNANCE
        if printed.lower().startswith("self")
        else ModificationPath.FAST_TRACK
    )


_LIKE_NUMBERED = r"(?:SECMP|[MD]P)[0-9OoIl]{2,}"
# Quotes at its ends or side by side; one that opens and isn't closed; one that closes, and later one that opens
# or another reference.
_UNCLEAR = re.compile(
    rf"^'|''|'$|\s'(?=\S)(?!.*\S'(?![A-Za-z0-9']))|{_LIKE_NUMBERED}.?\s*'|'\W*\s.*(?:\s'\S|{_LIKE_NUMBERED})"
)


def mention(prose: Prose, found: re.Match[str]) -> Mention:
    """The modification that a match of `MODIFICATION` names, its title as printed.

    Raises
    ------
    Illegible
        If where the title ends isn't clear: quotes stand together, or a reference and a quote in it.
    """
    if found["title"] and _UNCLEAR.search(found["title"]):
        raise Illegible(f"where the title of {found['ref']} begins and ends isn't clear")
    title = prose.printed(*found.span("title")) if found["title"] else None
    return Mention(found["ref"], title, prose.line(found.start("ref")))


_REFERENCE = re.compile(REFERENCE)
_CLOSING = re.compile(r"'+(?![A-Za-z0-9'])")
_ONE_CLOSING = re.compile(r"(?<!')'(?![A-Za-z0-9'])")


def mentions_in_prose(prose: Prose, begin: int, end: int) -> list[Mention] | None:
    """All modifications that a sentence names; None where the end of a title isn't clear."""
    found: list[Mention] = []
    references = list(_REFERENCE.finditer(prose.plain, begin, end))
    for reference, after in zip_longest(references, references[1:]):
        rest = prose.plain[reference.end() : after.start() if after else end]
        opening = re.match(r"\s*'", rest)
        title = None
        if opening:
            closings = list(_CLOSING.finditer(rest, opening.end()))
            if len(closings) != 1 or len(closings[0][0]) > 1:
                return None
            offset = reference.end()
            if _UNCLEAR.search(rest[opening.end() : closings[0].start()]):
                return None
            title = prose.printed(offset + opening.end(), offset + closings[0].start())
        found.append(Mention(reference[0], title, prose.line(reference.start())))
    return found


def sequence(prose: Prose, begin: int, end: int) -> list[Mention] | None:
    """The modifications of ``A 'a', B 'b' and C 'c'``; None if there is anything else."""
    return next(_sequences(prose, begin, end, []), None)


def _sequences(prose: Prose, begin: int, end: int, before: list[Mention]) -> Iterator[list[Mention]]:
    reference = _REFERENCE.match(prose.plain, begin, end)
    if not reference:
        return
    line = prose.line(reference.start())
    opening = re.compile(r"\s*'").match(prose.plain, reference.end(), end)
    ends: list[tuple[str | None, int]] = [(None, reference.end())]
    if opening:
        ends = [
            (prose.printed(opening.end(), closing.start()), closing.end())
            for closing in _ONE_CLOSING.finditer(prose.plain, opening.end(), end)
            if not _UNCLEAR.search(prose.plain[opening.end() : closing.start()])
        ]
    for title, stop in ends:
        found = [*before, Mention(reference[0], title, line)]
        if stop == end:
            yield found
        elif joint := re.compile(r"(?:,\sand\s|,\s|\sand\s)").match(prose.plain, stop, end):
            yield from _sequences(prose, joint.end(), end, found)
