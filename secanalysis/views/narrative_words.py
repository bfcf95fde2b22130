"""The words of the month in sentences: of outcomes, paths and meetings, of days as exactly dated as they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from secanalysis.analysis import activity
from secanalysis.analysis.in_part import IN_PART
from secanalysis.domain.vocabulary import (
    BODIES,
    DEFERRALS,
    MeetingKind,
    MeetingPurpose,
    MeetingStatus,
    ModificationPath,
    Outcome,
    Precision,
    ReleaseStatus,
)
from secanalysis.domain.written_days import day_in_words
from secanalysis.views.formatting import listed, release_in_words
from secanalysis.views.passage import AS_PUBLISHED, Item, Stated

Sentence = tuple[str | Stated, ...]
"""Words and numbers; empty where there is nothing to say."""

Row = Any
"""A row of one of a month's lists."""

Say = Callable[[Row], str]
"""What a list says of a row, after its reference and title."""

PATHS = {
    ModificationPath.SELF_GOVERNANCE: "under Self-Governance",
    ModificationPath.AUTHORITY: "for the Authority's decision",
    ModificationPath.FAST_TRACK: "as a fast-track modification",
}
OUTCOMES = {
    Outcome.APPROVED: "approved",
    Outcome.REJECTED: "rejected",
    Outcome.DEFERRED: "deferred",
    Outcome.SENT_BACK: "sent back for further work",
    Outcome.RECOMMENDED_APPROVAL: "recommended for approval",
    Outcome.RECOMMENDED_REJECTION: "recommended for rejection",
}
PURPOSES = {
    MeetingPurpose.REQUIREMENTS: "solution against its requirements",
    MeetingPurpose.SOLUTION: "details of the solution",
    MeetingPurpose.IMPACT_ASSESSMENT: "the DCC's Impact Assessment",
    MeetingPurpose.REPORT: "the Modification Report",
}
KINDS = {MeetingKind.MONTHLY: "monthly meeting", MeetingKind.AD_HOC: "ad-hoc meeting"}


def planned(day: Any, what: str, in_month: bool, names: str) -> Item:
    """A line of what is next: the day, the week or the month, what is planned, and whose it is."""
    week = " expected (week)"
    head = f"Week of {in_full(day)}" if what.endswith(week) else day_or_month(day, in_month)
    return Item(head, "", f"{what.replace(week, ' expected')}{names}")


def meeting(day: Any, in_month: Any, rows: pd.DataFrame) -> Item:
    """A line of meetings: the day, which meeting it was, whose it was about, and for what."""
    kinds = [KINDS[kind] for kind in rows["kind"].dropna().unique()]
    purposes = [PURPOSES[purpose] for purpose in rows["purpose"].dropna().unique() if purpose in PURPOSES]
    refs = rows["ref"].dropna().drop_duplicates()
    agenda = rows.loc[rows["status"] != MeetingStatus.HELD, "agenda_on"].dropna()
    parts = [
        " and ".join(kinds) or "meeting",
        listed(refs) if len(refs) else "",
        " and ".join(purposes),
        f"agenda on {in_full(agenda.iloc[0])}" if len(agenda) else "",
        activity.NOT_CONFIRMED if (rows["status"] == activity.NOT_CONFIRMED).all() else "",
    ]
    return Item(
        day_or_month(day, in_month),
        "",
        ": ".join(filter(None, [parts[0], "; ".join(filter(None, parts[1:]))])),
    )


def day_or_month(day: Any, in_month: Any) -> str:
    """A day, or its month where no more is known."""
    return f"{pd.Timestamp(day):%B %Y}" if in_month else in_full(day)


def in_full(day: Any) -> str:
    """A day as a sentence has it: 7 August 2020."""
    return day_in_words(pd.Timestamp(day).date())


def is_filled(value: object) -> bool:
    """Whether a cell is filled."""
    return not pd.isna(value)  # type: ignore[call-overload]


def when(row: Row) -> str:
    """When, as precisely as it is known: on 10 July 2020, in July 2020, by 7 August 2020."""
    if not is_filled(row.on):
        return ""
    if row.precision == Precision.MONTH:
        return f"in {row.on:%B %Y}"
    return f"{'by' if row.precision == Precision.BY else 'on'} {in_full(row.on)}"


def published_once(sentence: Sentence) -> Sentence:
    """A sentence all of whose numbers are as published says so once, at its end."""
    numbers = [part for part in sentence if isinstance(part, Stated)]
    if len(numbers) < 2 or not all(number.words.endswith(AS_PUBLISHED) for number in numbers):
        return sentence
    parts = [part.without_as_published() if isinstance(part, Stated) else part for part in sentence[:-1]]
    return (*parts, f"{AS_PUBLISHED}.")


def in_force(row: Row) -> str:
    """Since when an item of a release is in force, and whether in part only."""
    part = f" ({row.part})" if is_filled(row.part) else ""
    words = IN_PART if row.status == IN_PART else "in force"
    return f"{words} on {in_full(row.on)} in {release_in_words(row.release)}{part}"


def requested(outcome: str, row: Row) -> str:
    """What became of a request, by whom, when, and why it was deferred."""
    why = f", {DEFERRALS[row.reason]}" if is_filled(row.reason) else ""
    return f"{outcome}{by_body(row)} {when(row)}{why}"


def by_body(row: Row) -> str:
    """By whom; blank where no source says it."""
    return f" by the {BODIES[row.body]}" if is_filled(row.body) else ""


def part_and_status(row: Row, is_approved_since: bool) -> Iterator[str]:
    """What is special of an item of a release: its part, and that the list doesn't call it approved."""
    if is_filled(row.part):
        yield str(row.part)
    if row.status == ReleaseStatus.TARGETED:
        yield "targeted, and approved since" if is_approved_since else "targeted"


def item_lines(rows: pd.DataFrame, say: Say) -> Iterator[Item]:
    """The lines of a list: a month's, so a handful."""
    for row in rows.itertuples(index=False):
        yield Item(str(row.ref), str(row.title) if is_filled(row.title) else "", say(row).strip())


def is_one(number: Stated) -> bool:
    """Whether a number takes the singular."""
    return number.words in ("1", "at least 1")


def noun(number: Stated, noun: str) -> str:
    """A noun in the number of the number before it."""
    return noun if is_one(number) else f"{noun}s"


def verb(number: Stated) -> str:
    """The verb in the number of the number before it."""
    return "is" if is_one(number) else "are"
