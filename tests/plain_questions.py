"""The plain, slow way to what a Panel asks: loops over the rows of a made-up register, written from docs/method.md.

Nothing here imports the package. Rows are plain dicts of words, days and None, and every fact has its day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
DEVELOPMENT_SINCE = date(2018, 11, 1)
OPEN = ("development", "refinement", "report", "decision")
ORDER = (
    "raised",
    "converted",
    "entered_refinement",
    "entered_report",
    "voted",
    "referred",
    "sent_to_authority",
    "decided",
)


def number_of(ref: str) -> int:
    """DP136 and MP136 are one."""
    return int("".join(char for char in ref if char.isdigit()))


def weekdays(first: date, last: date) -> int:
    """Monday to Friday, both ends counted."""
    return sum((first + timedelta(days=k)).weekday() < 5 for k in range((last - first).days + 1))


ENDS = {
    "converted": ("development",),
    "entered_refinement": ("development", "report", "decision"),
    "entered_report": ("refinement", "decision"),
    "voted": ("report", "decision"),
    "decided": ("decision",),
    "referred": ("report", "decision"),
    "sent_to_authority": ("report", "decision"),
    "withdrawn": ("report", "decision"),
    "in_force": ("pending_implementation",),
}
"""The stages that each event ends."""
ENDS_IN_AN_EXPORT = {
    **ENDS,
    "entered_report": ("development", "refinement", "decision"),
    "decided": ("report", "decision"),
    "withdrawn": OPEN,
}
"""The same where a register's exports list each modification, and so state each of its steps."""


@dataclass(frozen=True)
class Stay:
    """One stay in a stage: from when, until when, and what ended it."""

    stage: str
    since: date
    until: date | None = None
    ended_by: str = ""

    def is_timed(self, in_an_export: bool) -> bool:
        """Whether what ended it ends this stage, so that no other came between."""
        ends = ENDS_IN_AN_EXPORT if in_an_export else ENDS
        return self.stage in ends.get(self.ended_by, ())


@dataclass
class Life:
    """What happened to one modification, each thing once, in the order of days."""

    rows: list[Row] = field(default_factory=list)
    in_force: date | None = None

    def add(self, row: Row) -> None:
        """Add what isn't there: several exports repeat what happened."""
        stated = {name: row[name] for name in ("event", "on", "outcome", "path", "body")}
        if stated not in self.rows:
            self.rows.append(stated)

    def by(self, day: date) -> list[Row]:
        """What had happened by a day."""
        known = [row for row in self.rows if row["on"] <= day]
        return sorted(
            known, key=lambda row: (row["on"], ORDER.index(row["event"]) if row["event"] in ORDER else 9)
        )

    @property
    def raised(self) -> date:
        """The day on which it was raised."""
        return min(row["on"] for row in self.rows if row["event"] == "raised")

    def stays(self, day: date) -> list[Stay]:
        """Each stage that it had been in by a day; the last has no end."""
        steps = [(row["on"], row["event"], stage) for row in self.by(day) if (stage := stage_after(row))]
        if self.in_force and self.in_force <= day:
            steps.append((self.in_force, "in_force", "implemented"))
        stays: list[Stay] = []
        for on, event, stage in steps:
            if stays and stays[-1].stage == stage:
                continue
            if stays:
                stays[-1] = replace(stays[-1], until=on, ended_by=event)
            stays.append(Stay(stage, on))
        return stays

    def ended(self, day: date) -> Row | None:
        """The final decision or withdrawal that nothing had reopened by a day."""
        last = None
        for row in self.by(day):
            stage = stage_after(row)
            if stage in OPEN:
                last = None
            elif stage:
                last = row
        return last

    def path(self, day: date) -> str | None:
        """The Authority's where it decides; else the last that a vote states."""
        stated = None
        for row in self.by(day):
            if row["event"] in ("voted", "decided"):
                by_authority = row["event"] == "decided" and row["body"] == "authority"
                stated = row["path"] or ("authority" if by_authority else stated)
        return stated


def stage_after(row: Row) -> str | None:
    """The stage that an event leads to."""
    event, outcome = row["event"], row["outcome"] or ""
    if event == "raised":
        return "development" if row["on"] >= DEVELOPMENT_SINCE else "refinement"
    if event in ("converted", "entered_refinement"):
        return "refinement"
    if event == "entered_report":
        return "report"
    if event == "withdrawn":
        return "withdrawn"
    if event in ("sent_to_authority", "referred") or outcome.startswith("recommended"):
        return "decision"
    if event in ("voted", "decided"):
        if outcome == "sent_back":
            return "report"
        if event == "decided" or row["path"] in ("self_governance", "fast_track"):
            return {"approved": "pending_implementation", "rejected": "rejected"}.get(outcome)
    return None


def lives(events: Iterable[Row], items: Iterable[Row]) -> list[Life]:
    """The life of each modification."""
    result: dict[int, Life] = {}
    for row in events:
        result.setdefault(number_of(row["ref"]), Life()).add(row)
    for item in items:
        if item["status"] == "implemented":
            result[number_of(item["ref"])].in_force = item["on"]
    return list(result.values())


def mean(spans: list[int]) -> float | None:
    """Of some durations; None where there is none."""
    return sum(spans) / len(spans) if spans else None


def answers(
    all_lives: list[Life], assessments: list[Row], start: date, end: date, *, in_an_export: bool = False
) -> dict[str, float | None]:
    """What a Panel asks, of the 12 months and of the calendar month that end on a day, by the figures' keys."""
    month = end.replace(day=1)
    result: dict[str, float | None] = {
        "flow.raised.count": sum(month <= life.raised <= end for life in all_lives),
        "flow.concluded.count": sum(
            ended is not None and month <= ended["on"] <= end
            for life in all_lives
            for ended in [life.ended(end)]
        ),
    }
    for path in ("self_governance", "authority", "fast_track"):
        spans = [
            weekdays(life.raised, ended["on"])
            for life in all_lives
            for ended in [life.ended(end)]
            if ended and ended["event"] != "withdrawn" and start <= ended["on"] and life.path(end) == path
        ]
        result[f"lead_time.{path}.count"], result[f"lead_time.{path}.mean_wd"] = len(spans), mean(spans)
    stays = [stay for life in all_lives for stay in life.stays(end)]
    for stage in (*OPEN, "pending_implementation"):
        left = [stay for stay in stays if stay.stage == stage and stay.until and stay.until >= start]
        spans = [
            weekdays(stay.since, stay.until) for stay in left if stay.is_timed(in_an_export) and stay.until
        ]
        whole = len(spans) == len(left)
        result[f"stage_time.{stage}.count"] = len(spans) if whole else None
        result[f"stage_time.{stage}.mean_wd"] = mean(spans) if whole else None
    returned = {
        (number_of(row["ref"]), row["kind"], row["accepted_on"], row["returned_on"], row["target_wd"])
        for row in assessments
        if row["returned_on"] and month <= row["returned_on"] <= end
    }
    for kind in ("PA", "IA"):
        spans_and_targets = [(weekdays(a, r), target) for _, of, a, r, target in returned if of == kind]
        result[f"target.{kind.lower()}.returned.count"] = len(spans_and_targets)
        result[f"target.{kind.lower()}.within.count"] = sum(wd <= target for wd, target in spans_and_targets)
    return result


def open_at(all_lives: list[Life], day: date) -> int:
    """How many are in an open stage on a day."""
    return Counter(life.stays(day)[-1].stage in OPEN for life in all_lives if life.stays(day))[True]
