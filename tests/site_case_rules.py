"""That a published number leads back to its cases: each number of a table opens to a list, and the list gives the number.

Worked out here from the lists as pages show them: from when to when each case was, in weekdays, what of that it was on
hold, from which age on it was followed, and whether it ended.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from published_site import Month, PageTable, Site
from site_rules import Faults, rule

NUMBER = re.compile(r"−?\d[\d,]*(?:\.\d+)?")
DAY = r"(\d{1,2} [A-Z][a-z]+ \d{4})"
CASE = re.compile(rf"(?P<ref>\S+): {DAY} to {DAY}(?:, (?P<wd>\d[\d,]*) WD)?(?P<more>.*)")
ONE_CASE_A_ROW = {
    "Reference",  # of a modification, an assessment of one, a part of one
    "Figure",  # of a figure, which opens among those below
    "Month and figure",
}
LISTED_ELSEWHERE = {
    "Statements by table": "rows of data, not of modifications",
    "What came of the published figures": "the table of figures below it has them one by one",
    "Every published figure alongside the recomputed one": "each figure opens below it",
}
BY_NUMBERS = {
    "Raised, by their numbers: at least",
    "At most",
    "Numbered by its end",
    "Numbered, and named by no fact dated by then",
}
"""Columns of what follows from consecutive references: those that no source names can't be listed."""
OUT_OF = {"Of", "Share (%)", "Expected", "Percentile among comparable cases"}
COUNTS = {
    "Completed with both days",
    "Completed",
    "Still open, or end date not known",
    "Open, age known",
    "At risk at the median",
    "Known to have left it",
    "Not known to have left it",
    "Of these, both days known",
    "Known to be decided",
    "Of these, day raised known",
    "In force, both days known",
    "Known to be returned",
    "Of these, both dates and target known",
    "Within target",
    "Day raised known",
    "Known to be concluded",
    "Known to be open at its end",
    "Stage not known",
    "Modifications",
    "Open then",
    "Raised",
    "Reopened",
    "Added by splits",
    "Concluded",
    "Open now",
}
MEANS = {"Mean", "Mean of completed", "Their mean age", "Mean from raised to in force"}
PERCENTILES = {"Median": 0.5, "85th percentile": 0.85, "95th percentile": 0.95}


@dataclass(frozen=True)
class Case:
    """A case as a list has it."""

    wd: int
    more: str

    @property
    def followed_from(self) -> int:
        """From which age on it was followed; one that was from its beginning is at risk of taking 0 WD too."""
        entry = re.search(r"first seen at (\d+) WD", self.more)
        return int(entry[1]) if entry else -1

    @property
    def ended(self) -> bool:
        """Whether it is known to have ended on its last day."""
        return "open" not in self.more


@rule
def numbers_open_to_their_cases(month: Month, site: Site) -> Faults:
    """A number of a table opens, where it counts or summarises modifications or assessments."""
    for table in month.page_tables():
        if not table.rows or table.columns[0] in ONE_CASE_A_ROW or table.caption in LISTED_ELSEWHERE:
            continue
        for place, column in enumerate(table.columns[1:], start=1):
            if column in BY_NUMBERS | OUT_OF:
                continue
            for number, row in enumerate(table.rows):
                if (
                    NUMBER.fullmatch(row[place])
                    and row[place] != "0"
                    and (number, column) not in table.opened
                ):
                    yield f"{table.page}, {table.caption}: {row[0]}, {column}: {row[place]} doesn't open"


@rule
def lists_count_what_their_number_says(month: Month, site: Site) -> Faults:
    """As many cases as the number that counts them."""
    for where, column, number, lines in _opened(month):
        if column in COUNTS and float(number) != len(lines):
            yield f"{where}: {number}, and {len(lines)} cases are listed"


@rule
def cases_take_the_weekdays_between_their_days(month: Month, site: Site) -> Faults:
    """Monday to Friday, both ends counted; of those without the time on hold, less that."""
    for table in month.page_tables():
        for (number, _), lines in table.opened.items():
            without_hold = "time on hold left out" in table.rows[number][0]
            for line in lines:
                case = CASE.fullmatch(line)
                if not case or case["wd"] is None:
                    continue
                days = _weekdays(*(datetime.strptime(case[place], "%d %B %Y").date() for place in (2, 3)))
                held = re.search(r"on hold for (\d+) WD", case["more"])
                days -= int(held[1]) if held and without_hold else 0
                if int(case["wd"].replace(",", "")) != days:
                    yield f"{table.page}, {table.caption}: {line}: {days} weekdays"


@rule
def lists_give_the_numbers_that_summarise_them(month: Month, site: Site) -> Faults:
    """Means, percentiles and shares within target."""
    for where, column, number, lines in _opened(month):
        cases = [*_cases(lines)]
        if column in MEANS:
            worked_out = sum(case.wd for case in cases) / len(cases)
        elif column in PERCENTILES:
            worked_out = _percentile([case.wd for case in cases], PERCENTILES[column])
        elif column == "Within target (%)":
            targets = [int(re.search(r"target (\d+) WD", case.more)[1]) for case in cases]  # type: ignore[index]
            kept = sum(case.wd <= target for case, target in zip(cases, targets, strict=True))
            worked_out = 100 * kept / len(cases)
        else:
            continue
        if len(cases) != len(lines) or not _reads(number, worked_out):
            yield f"{where}: {number}, and its {len(lines)} cases give {worked_out}"


@rule
def lists_give_the_median_that_counts_open_cases(month: Month, site: Site) -> Faults:
    """Kaplan–Meier by hand: at each length at which one ended, the share of those at risk that didn't."""
    for where, column, number, lines in _opened(month):
        if not column.startswith(("Median (Kaplan", "At risk at the median")):
            continue
        cases = [*_cases(lines)]
        if column.startswith("Median"):
            worked_out = _kaplan_meier(cases)
            if worked_out is None or not _reads(number, worked_out):
                yield f"{where}: {number}, and its {len(lines)} cases give {worked_out}"


@rule
def those_at_risk_are_those_followed_at_the_median(month: Month, site: Site) -> Faults:
    """At risk is who was followed before the median, and had not ended before it."""
    for table in month.page_tables("survival"):
        for number, row in enumerate(table.rows):
            by_column = dict(zip(table.columns, row, strict=True))
            if not by_column.get("At risk at the median"):
                continue
            median = float(by_column["Median (Kaplan–Meier)"])
            every = table.opened[number, "Median (Kaplan–Meier)"]
            at_risk = {
                line
                for line, case in zip(every, _cases(every), strict=True)
                if case.followed_from < median <= case.wd
            }
            if {*table.opened[number, "At risk at the median"]} != at_risk:
                yield f"{table.page}, {table.caption}: {row[0]}: others are at risk at {median} WD"


def _opened(month: Month) -> Iterator[tuple[str, str, str, list[str]]]:
    """Where each number that opens is, its column, it, and its cases."""
    for table in month.page_tables():
        for (number, column), lines in table.opened.items():
            cell = table.rows[number][table.columns.index(column)]
            yield _where(table, number, column), column, cell.replace(",", "").replace("−", "-"), lines


def _where(table: PageTable, number: int, column: str) -> str:
    return f"{table.page}, {table.caption}: {table.rows[number][0]}, {column}"


def _cases(lines: list[str]) -> Iterator[Case]:
    for line in lines:
        case = CASE.fullmatch(line)
        if case and case["wd"] is not None:
            yield Case(int(case["wd"].replace(",", "")), case["more"])


def _weekdays(first: date, last: date) -> int:
    return sum((first + timedelta(days=day)).weekday() < 5 for day in range((last - first).days + 1))


def _reads(shown: str, value: float) -> bool:
    """Whether a number is shown as it is read: rounded half up to the decimals shown."""
    step = Decimal(1).scaleb(Decimal(shown).as_tuple().exponent)  # type: ignore[arg-type]
    return Decimal(repr(round(value, 9))).quantize(step, ROUND_HALF_UP) == Decimal(shown)


def _percentile(durations: list[int], share: float) -> float:
    """Between the two durations around its place among them, in their order."""
    in_order = sorted(durations)
    place = share * (len(in_order) - 1)
    below = math.floor(place)
    above = min(below + 1, len(in_order) - 1)
    return in_order[below] + (place - below) * (in_order[above] - in_order[below])


def _kaplan_meier(cases: list[Case]) -> float | None:
    """The first length after which at most half are left."""
    left = 1.0
    for length in sorted({case.wd for case in cases if case.ended}):
        at_risk = sum(case.followed_from < length <= case.wd for case in cases)
        left *= 1 - sum(case.ended and case.wd == length for case in cases) / at_risk
        if left <= 0.5 + 1e-12:
            return length
    return None
