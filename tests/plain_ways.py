"""The plain, slow way to a month's figures: loops over the rows of data/raw, written from docs/method.md.

Here are the rows, the clocks, assessments merged across sources, and what releases hold; stages are in
`plain_stages.py`. Nothing here imports the package; of its files only the list of bank holidays is read, as data.
"""

from __future__ import annotations

import calendar
import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

Row = dict[str, str]
Unit = tuple[int, str]  # a modification's number and its part's letter, if any
Item = tuple[Unit, str]  # and which part of it a release names, if any

BEST_FIRST = [
    "report",
    "register",
    "synthetic",
    "release_page",
    "authority_page",
    "modification_page",
    "news",
    "consultation_page",
    "third_party",
    "compilation",
]
LISTING = ("report", "release_page")  # others speak of their own modification
STATUSES = ("removed", "targeted", "approved", "implemented")


def number_of(ref: str) -> int:
    """DP136 and MP136 are one modification."""
    return int("".join(char for char in ref if char.isdigit()))


def unit_of(ref: str) -> Unit:
    """A modification, or a part of one that was split."""
    return number_of(ref), ref[-1] if ref[-1].isalpha() else ""


def slug_of(release: str) -> str:
    """November 2020 SEC Release is november-2020 in keys."""
    words = "".join(char if char.isalnum() else " " for char in release.lower()).split()
    if words[-1] == "release":
        words = words[:-2] if words[-2] == "sec" else words[:-1]
    return "-".join(word for word in words if word != "release")


def item_of(row: Row) -> Item:
    """What a release holds: a modification or a named part of it."""
    return unit_of(row["ref"]), row["part"]


def day_of(text: str) -> date | None:
    """A cell's day; a blank is not stated."""
    return date.fromisoformat(text) if text else None


def counted_on(row: Row) -> date | None:
    """The day that a dated fact counts on: a month's is its last."""
    on = day_of(row["on"])
    if on and row["precision"] == "month":
        return on.replace(day=calendar.monthrange(on.year, on.month)[1])
    return on


def working_days(first: date, last: date, holidays: frozenset[date] = frozenset()) -> int:
    """Monday to Friday, both ends counted, without the holidays."""
    result, day = 0, first
    while day <= last:
        result += day.weekday() < 5 and day not in holidays
        day += timedelta(days=1)
    return result


def bank_holidays(path: Path) -> frozenset[date]:
    """The bank holidays of England and Wales."""
    return frozenset(date.fromisoformat(row["day"]) for row in read(path))


def read(path: Path) -> list[Row]:
    """A file's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Clock:
    """A month's days."""

    report_date: date
    previous_report_date: date
    period_end: date
    window_start: date


@dataclass
class Assessment:
    """What one or several sources tell of one assessment, the best source's word first."""

    number: int
    kind: str
    rows: list[Row]

    def day(self, column: str) -> date | None:
        """The best source's day."""
        return next((day_of(row[column]) for row in self.rows if row[column]), None)

    @property
    def requested(self) -> date | None:
        """When it was asked for."""
        return self.day("requested_on")

    @property
    def accepted(self) -> date | None:
        """When it began."""
        return self.day("accepted_on")

    @property
    def returned(self) -> date | None:
        """When it ended."""
        return self.day("returned_on")

    @property
    def is_returned(self) -> bool:
        """Whether any source says that it was, with the day or without."""
        return any(row["state"] == "returned" for row in self.rows)

    @property
    def sources(self) -> set[str]:
        """Who tells of it."""
        return {row["source_id"] for row in self.rows}

    def was_seen_open(self, day: date) -> bool:
        """Whether a source attests it on a day or later."""
        seen = [day_of(row["state_on"]) for row in self.rows if row["state"] == "open"]
        return any(on and on >= day for on in seen)

    def duration(self, end: date, holidays: frozenset[date]) -> int | None:
        """From its accepted day to its returned day, else to the period end; both are needed."""
        last = self.returned if self.is_returned else end
        return working_days(self.accepted, last, holidays) if self.accepted and last else None


class PlainRegister:
    """The tables of a folder as rows of text, with what follows from them."""

    def __init__(self, raw: Path, only: str = "") -> None:
        """All rows of a folder, or those of one source only."""
        self.tables = {path.stem: read(path) for path in sorted(raw.glob("*.csv"))}
        if only:
            self.tables = {
                name: [row for row in rows if row["source_id"] == only] for name, rows in self.tables.items()
            }
        self.sources = {row["source_id"]: row for row in self.tables["sources"]}
        self._correct(self.tables.pop("corrections", []))
        self.exports = self._exports()
        self.naming = [
            (unit_of(row["ref"]), row["source_id"])
            for rows in self.tables.values()
            for row in rows
            if row.get("ref")
        ]
        self.in_force = self._in_force()
        self.splits = self._splits()

    def _correct(self, corrections: list[Row]) -> None:
        """Put what is known better in the place of what sources say."""
        for stated in corrections:
            if stated["status"] != "in_force":
                continue
            rows = self.tables[stated["table"]]
            for row in list(rows):
                if (row["source_id"], row["locator"]) == (stated["source_id"], stated["locator"]):
                    if stated["action"] == "remove":
                        rows.remove(row)
                    else:
                        row[stated["column"]] = stated["value"]

    # Sources and splits --------------------------------------------------------------------------

    def kind(self, row: Row) -> str:
        """What sort of source says it."""
        return self.sources[row["source_id"]]["kind"]

    def published(self, source_id: str, *, exactly: bool = False) -> date | None:
        """A source's day, or its lower bound."""
        source = self.sources[source_id]
        if exactly and source["published_precision"] != "day":
            return None
        return day_of(source["published_on"])

    def rank(self, row: Row) -> tuple[int, int, str, str]:
        """Whose word wins: by kind, then the latest."""
        published = self.published(row["source_id"], exactly=True)
        age = -published.toordinal() if published else 0
        return BEST_FIRST.index(self.kind(row)), age, row["source_id"], row["locator"]

    def _exports(self) -> set[str]:
        """Registers' own exports: of a day, and no report of a month."""
        reports = {row["source_id"] for row in self.tables["published_figures"]}
        return {
            name
            for name, row in self.sources.items()
            if row["kind"] in ("register", "synthetic") and row["published_precision"] == "day"
        } - reports

    def _splits(self) -> dict[int, date]:
        """When the parts of each modification began to count, where that is known.

        What was decided or came into force as a part was split by then, unless a source states the day of the split.
        """
        stated: dict[int, list[date]] = {number: [] for (number, part), _ in self.naming if part}
        for row in self.tables["lineage"]:
            if row["kind"] == "split":
                days = stated.setdefault(number_of(row["earlier_ref"]), [])
                days += [day for day in [counted_on(row)] if day]
        for number, days in stated.items():
            naming = [source for (other, part), source in self.naming if part and other == number]
            for exactly in (True, False):  # a lower bound where no dated source names a part
                if not days:
                    rows_stated = [self.published(source, exactly=exactly) for source in naming]
                    days += [day for day in rows_stated if day]
        very_days = {
            number_of(row["earlier_ref"])
            for row in self.tables["lineage"]
            if row["kind"] == "split" and row["precision"] in ("day", "month")
        }
        decided = [
            row
            for row in self.tables["events"]
            if row["event"] in ("voted", "decided") and row["outcome"] in ("approved", "rejected")
        ]
        for row in [*decided, *self.in_force]:
            (number, part), day = unit_of(row["ref"]), counted_on(row)
            if part and day and row["precision"] != "not_before" and number not in very_days:
                stated[number].append(day)
        return {number: min(days) for number, days in stated.items() if days}

    # The clocks ----------------------------------------------------------------------------------

    def report_date(self, year: int, month: int) -> date:
        """The published report's own day, else the month's first Friday."""
        for row in self.tables["published_figures"]:
            published = self.published(row["source_id"], exactly=True)
            if row["month"] == f"{year}-{month:02d}" and self.kind(row) == "report" and published:
                return published
        return next(day for day in (date(year, month, n) for n in range(1, 8)) if day.weekday() == 4)

    def has_report(self, year: int, month: int) -> bool:
        """Whether a report of the month is among the sources."""
        return any(
            row["month"] == f"{year}-{month:02d}" and self.kind(row) == "report"
            for row in self.tables["published_figures"]
        )

    def clock(self, year: int, month: int) -> Clock:
        """A month's days."""
        before = (year, month - 1) if month > 1 else (year - 1, 12)
        return Clock(
            self.report_date(year, month),
            self.report_date(*before),
            date(year, month, 1) - timedelta(days=1),
            date(year - 1, month, 1),
        )

    # Assessments ---------------------------------------------------------------------------------

    def assessments_at(self, end: date) -> list[Assessment]:
        """All of them, from what is dated by the period end."""
        rows = [by for by in (self._by(row, end) for row in self.tables["assessments"]) if by]
        groups: dict[tuple[int, str], list[Assessment]] = {}
        for row in sorted(rows, key=self.rank):
            one = Assessment(number_of(row["ref"]), row["kind"], [row])
            groups.setdefault((one.number, one.kind), []).append(one)
        for group in groups.values():
            for kinship in (same_acceptance, near_return, return_of_open, request_of_later):
                self._join(group, kinship)
        return [one for group in groups.values() for one in group]

    @staticmethod
    def _by(row: Row, end: date) -> Row | None:
        """A row without what was still to come; nothing where that leaves no day of one that had days."""
        names = ("requested_on", "accepted_on", "returned_on", "state_on")
        out = {**row, **{name: "" for name in names if row[name] and date.fromisoformat(row[name]) > end}}
        if any(row[name] for name in names) and not any(out[name] for name in names):
            return None
        if row["state"] == "returned" and any(row[n] != out[n] for n in ("returned_on", "state_on")):
            out["state"], out["state_on"] = "requested", ""
        return out

    def _join(self, group: list[Assessment], kinship: Callable[[Assessment, Assessment], int | None]) -> None:
        """Join two of different sources, the nearest first, until none are left to join."""
        while True:
            near = [
                (days, i, j)
                for i, one in enumerate(group)
                for j, other in enumerate(group)
                if i != j and not one.sources & other.sources
                for days in [kinship(one, other)]
                if days is not None
            ]
            if not near:
                return
            _, i, j = min(near)
            rows = sorted(group[i].rows + group[j].rows, key=self.rank)
            joined = Assessment(group[i].number, group[i].kind, rows)
            group[:] = [one for k, one in enumerate(group) if k not in (i, j)] + [joined]

    # Releases ------------------------------------------------------------------------------------

    def _in_force(self) -> list[Row]:
        """What came into force: each part in each release once, on the best source's day."""
        best: dict[tuple[str, Item], Row] = {}
        for row in sorted(self.tables["release_items"], key=self.rank):
            if row["status"] == "implemented" and row["on"]:
                best.setdefault((row["release"], item_of(row)), row)
        return list(best.values())

    def release_day(self, release: str) -> date | None:
        """The day on which a release came into force or is planned to, as last stated."""
        stated = [row for row in self.tables["releases"] if row["release"] == release]
        stated.sort(key=lambda row: (row["stated_on"], row["source_id"], row["locator"]))
        days = [row["in_force_on"] or row["planned_on"] for row in stated]
        return next((day_of(day) for day in reversed(days) if day), None)

    def release_at(self, release: str, day: date) -> tuple[dict[Item, str], bool]:
        """What a release holds, by status, and whether a list says so."""
        stated = [row for row in self.tables["release_items"] if row["release"] == release and row["on"]]
        # seen then or later: so on no day that is known
        stated = [row for row in stated if row["precision"] != "not_before"]
        stated = [row for row in stated if (counted_on(row) or date.max) <= day]
        # of several days in force the best source's is the one
        best = {item_of(row): counted_on(row) for row in self.in_force if row["release"] == release}
        stated = [
            row
            for row in stated
            if row["status"] != "implemented" or counted_on(row) == best.get(item_of(row))
        ]
        lists = [row for row in stated if self.is_of_list(row)]
        last = max((counted_on(row) or date.min for row in lists), default=date.min)
        now: dict[Item, str] = {}
        for row in sorted(
            stated, key=lambda row: (counted_on(row) or date.min, STATUSES.index(row["status"]))
        ):
            if (counted_on(row) or date.min) >= last:
                now[item_of(row)] = row["status"]
        for unit, part in list(now):
            if part and now.get((unit, "")) == now[unit, part]:
                del now[unit, part]
        return now, bool(lists)

    def is_of_list(self, row: Row) -> bool:
        """Whether a release's list says it; a plan or approval of one day is its modification's own."""
        of_one = row["precision"] == "day" and row["status"] in ("targeted", "approved")
        return self.kind(row) in LISTING and not of_one

    def current_releases(self, clock: Clock) -> set[str]:
        """Those of which something is told and that are still to come, or came since the report before."""
        result = set()
        for release in {row["release"] for row in self.tables["release_items"] if row["release"]}:
            stated = [row for row in self.tables["release_items"] if row["release"] == release]
            stated = [row for row in stated if (counted_on(row) or date.max) <= clock.report_date]
            came = [counted_on(row) for row in stated if row["status"] == "implemented"]
            planned = [day_of(row["planned_on"]) for row in stated]
            days = [day for day in came or [self.release_day(release), *planned] if day]
            if stated and (not days or max(days) > clock.previous_report_date):
                result.add(release)
        return result

    def implemented_in(self, first: date, last: date) -> set[Unit]:
        """Modifications of which something came into force in some days, told with its day or month."""
        return {
            unit_of(row["ref"])
            for row in self.in_force
            if row["precision"] in ("day", "month") and first <= (counted_on(row) or date.max) <= last
        }


def same_acceptance(one: Assessment, other: Assessment) -> int | None:
    """The same accepted day."""
    return 0 if one.accepted and one.accepted == other.accepted else None


def near_return(one: Assessment, other: Assessment) -> int | None:
    """Returned within three working days of each other; how many apart."""
    if not one.returned or not other.returned or (one.accepted and other.accepted):
        return None
    first, last = sorted([one.returned, other.returned])
    apart = working_days(first + timedelta(days=1), last)
    return apart if apart <= 3 else None


def return_of_open(one: Assessment, other: Assessment) -> int | None:
    """A return and the latest acceptance before it that was still open."""
    if not one.returned or one.accepted or not other.accepted or other.returned:
        return None
    if other.accepted > one.returned or other.was_seen_open(one.returned + timedelta(days=1)):
        return None
    return (one.returned - other.accepted).days


def request_of_later(one: Assessment, other: Assessment) -> int | None:
    """A request and the first accepted (else returned) day after it."""
    day = other.accepted or other.returned
    if not one.requested or one.accepted or one.returned or other.requested or not day:
        return None
    return (day - one.requested).days if day >= one.requested else None
