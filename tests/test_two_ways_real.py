"""Stages, assessments and releases of the real register a second way, by the plain loops of `plain_ways.py`.

Not only the numbers: which modifications are in each, as the rows behind each figure name them.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from plain_questions import weekdays
from plain_stages import FINAL, OPEN, PlainStages
from plain_ways import (
    STATUSES,
    Assessment,
    Clock,
    PlainRegister,
    Unit,
    bank_holidays,
    number_of,
    slug_of,
    unit_of,
)

from secanalysis.analysis.durations import stage_times
from secanalysis.domain.figures import Figure
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage
from secanalysis.views.month import MonthlyReport

ROOT = Path(__file__).parent.parent
RAW = ROOT / "data" / "raw"
HOLIDAYS = {
    Convention.AS_PUBLISHED: frozenset[date](),
    Convention.SEC: bank_holidays(ROOT / "secanalysis" / "domain" / "bank_holidays.csv"),
}
FEW = ["2019-11", "2020-06", "2020-08", "2020-11", "2021-12"]
ALL = [f"{year}-{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)][10:]


@lru_cache(maxsize=1)
def plain() -> PlainRegister:
    """The rows of data/raw."""
    return PlainRegister(RAW)


@lru_cache(maxsize=1)
def plain_stages() -> PlainStages:
    """What they tell of stages."""
    return PlainStages(plain())


@lru_cache(maxsize=1)
def references() -> dict[tuple[str, str, str], str]:
    """Whom each row is about."""
    tables = plain().tables.items()
    rows = [(name, row) for name, rows in tables for row in rows if row.get("ref")]
    return {(name, row["source_id"], row["locator"]): row["ref"] for name, row in rows}


@lru_cache(maxsize=1)
def real() -> ResolvedRegister:
    """The same folder, the rooms' way."""
    return ResolvedRegister(storage.read_folder(RAW))


@lru_cache(maxsize=2 * len(FEW))
def report(month: str, convention: Convention = Convention.AS_PUBLISHED) -> MonthlyReport:
    """A month, the rooms' way."""
    return MonthlyReport(real(), ReportMonth.parse(month), convention)


def clock_of(month: str) -> Clock:
    """A month's days, the plain way."""
    return plain().clock(int(month[:4]), int(month[5:]))


def behind(figure: Figure) -> set[int]:
    """The modifications that the rows behind a figure are about; its print is a row too, and about none."""
    rows = [(row.table, row.source_id, row.locator) for row in figure.rows]
    return {number_of(references()[row]) for row in rows if row[0] != "published_figures"}


def numbers(units: set[Unit]) -> set[int]:
    """Without the parts' letters."""
    return {number for number, _ in units}


def stated(value: Any) -> Any:
    """A cell of a frame, None where it is missing."""
    missing = value is None or value != value or str(value) in ("NaT", "<NA>")
    return None if missing else value


def day(value: Any) -> date | None:
    """The same, of a day."""
    return None if stated(value) is None else value.date()


# Stages -----------------------------------------------------------------------------------------


def check_stages(month: str) -> None:
    """Where each known modification stands, which stand nowhere known, and the figures of that."""
    expected, result = plain_stages().stages_at(clock_of(month).report_date), report(month)
    frame = result.stages.frame
    assert {
        unit_of(u): stated(s) or "" for u, s in zip(frame["unit"], frame["stage"], strict=True)
    } == expected
    assert {unit_of(u) for u in frame.loc[frame["inferred"], "unit"]} == {
        unit for unit in expected if plain_stages().inferred_at(unit, clock_of(month).report_date)
    }
    known = sum(stage != "" for stage in expected.values())
    for stage in (*OPEN, "pending_implementation", *FINAL):
        there = {unit for unit, standing in expected.items() if standing == stage}
        figure = result.figures[f"stage.{stage}.count"]
        assert figure.n == len(there), figure.key
        assert figure.value == (len(there) if there or known == len(expected) else None), figure.key
        assert behind(figure) == numbers(there), figure.key
        assert f"{known} of {len(expected)} " in figure.coverage


# Assessments ------------------------------------------------------------------------------------


def state_of(one: Assessment, end: date) -> str:
    """Returned, known to be open on the period end, as it was seen open or returned then or later, or neither."""
    if one.is_returned:
        return "completed"
    of_all = [
        other
        for other in plain().assessments_at(date.max)
        if (other.number, other.kind, other.accepted) == (one.number, one.kind, one.accepted)
    ]
    later = any((other.returned or end) > end or other.was_seen_open(end) for other in of_all)
    return "open" if one.accepted and (one.was_seen_open(end) or later) else "unknown"


def check_assessments(month: str, convention: Convention) -> None:
    """Each assessment with its days and duration, counts of the open and completed, and their means."""
    clock, result = clock_of(month), report(month, convention)
    end, has_report = clock.period_end, plain().has_report(int(month[:4]), int(month[5:]))
    every: Counter[Any] = Counter()
    durations: Counter[Any] = Counter()
    lists: dict[str, list[tuple[int, int | None]]] = {
        f"{kind}.{state}": [] for kind in ("pa", "ia") for state in ("open", "completed")
    }
    for one in plain().assessments_at(end):
        state, kind = state_of(one, end), one.kind.lower()
        every[one.number, kind, state, one.requested, one.accepted, one.returned] += 1
        in_window = one.returned is not None and clock.window_start <= one.returned <= end
        if state == "open" or (state == "completed" and in_window):
            wd = one.duration(end, HOLIDAYS[convention])
            lists[f"{kind}.{state}"].append((one.number, wd))
            durations[one.number, kind, str(one.returned or one.accepted), wd] += 1

    frame = result.durations.assessments
    columns = [frame[c] for c in ("ref", "kind", "status", "requested_on", "accepted_on", "returned_on")]
    assert every == Counter(
        (number_of(ref), kind.lower(), status, day(requested), day(accepted), day(returned))
        for ref, kind, status, requested, accepted, returned in zip(*columns, strict=True)
    )
    singles = [(f.key.split("."), f.value) for f in result.figures if ".duration_wd" in f.key]
    assert durations == Counter((number_of(key[1]), *key[2:4], wd) for key, wd in singles)

    for name, own in lists.items():
        count, mean = (result.figures[f"assessment.{name}.{what}"] for what in ("count", "mean_wd"))
        known = [wd for _, wd in own if wd is not None]
        assert (count.n, mean.n) == (len(own), len(known)), name
        assert behind(count) == behind(mean) == {number for number, _ in own}, name
        assert count.value == (len(own) if has_report else None), name
        if has_report and own and len(known) == len(own):
            assert mean.value == pytest.approx(sum(known) / len(known)), name
        else:
            assert mean.value is None, name


# Releases ---------------------------------------------------------------------------------------


def check_releases(month: str) -> None:
    """What each release holds by status, the figures of those not yet history, and what came into force."""
    clock, result = clock_of(month), report(month)
    scopes = result.releases.scopes
    names = {row["release"] for row in plain().tables["release_items"] if row["release"]}
    contents = {release: plain().release_at(release, clock.report_date) for release in names}
    assert set(scopes) == {slug_of(release) for release, (items, _) in contents.items() if items}
    counted = set()
    for release, (items, is_listed) in contents.items():
        slug = slug_of(release)
        if not items:
            continue
        frame = scopes[slug].items
        columns = [frame[column] for column in ("name", "part", "status")]
        assert {
            (unit_of(name), stated(part) or ""): status for name, part, status in zip(*columns, strict=True)
        } == items, release
        if release not in plain().current_releases(clock):
            continue
        for status in STATUSES:
            figure = result.figures[f"release.{slug}.{status}.count"]
            held = {unit for (unit, _), its in items.items() if its == status}
            assert figure.n == len(held), figure.key
            assert figure.value == (len(held) if is_listed else None), figure.key
            assert behind(figure) == numbers(held), figure.key
            counted.add(figure.key)
    done = plain().implemented_in(clock.period_end.replace(day=1), clock.period_end)
    figure = result.figures["release.implemented.count"]
    assert figure.n == len(done)
    assert figure.value == (len(done) if plain().has_report(int(month[:4]), int(month[5:])) else None)
    assert behind(figure) == numbers(done)
    assert {f.key for f in result.figures if f.key.startswith("release.")} == {*counted, figure.key}


# All of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", FEW)
def test_stages(month: str) -> None:
    """Of five months, one with a report among them."""
    check_stages(month)


@pytest.mark.parametrize("convention", [*Convention])
@pytest.mark.parametrize("month", FEW)
def test_assessments(month: str, convention: Convention) -> None:
    """Of five months, in both conventions."""
    check_assessments(month, convention)


@pytest.mark.parametrize("month", FEW)
def test_releases(month: str) -> None:
    """Of five months."""
    check_releases(month)


@pytest.mark.soak
@pytest.mark.parametrize("month", ALL)
def test_stages_of_every_month(month: str) -> None:
    """Of all months from November 2019 to December 2021."""
    check_stages(month)


@pytest.mark.soak
@pytest.mark.parametrize("month", ALL)
def test_every_month(month: str) -> None:
    """Of all months from November 2019 to December 2021."""
    check_releases(month)
    for convention in Convention:
        check_assessments(month, convention)


CONVERTED = {
    "MP076": ("2019-05-10", "2019-06-14"),
    "MP078": ("2019-07-10", "2019-08-09"),
    "MP084": ("2019-09-10", "2019-11-15"),
    "MP090": ("2019-10-16", "2019-11-15"),
    "MP105": ("2019-12-18", "2020-01-17"),
    "MP106": ("2019-12-30", "2020-02-14"),
    "MP109": ("2020-01-20", "2020-03-13"),
    "MP117": ("2020-02-18", "2020-04-17"),
    "MP118": ("2020-03-02", "2020-04-17"),
    "MP122": ("2020-03-24", "2020-04-17"),
    "MP128": ("2020-05-11", "2020-06-19"),
    "MP134": ("2020-05-29", "2020-06-19"),
}
"""Raised and converted on stated days by 31 July 2020, as the events of data/raw say."""


def test_time_in_development_is_that_of_modifications_whose_conversion_is_dated() -> None:
    """MP071, MP091, MP114, MP120, MP127, MP130 and MP135 were raised and later voted on or in force: nobody dates what came between."""
    august = report("2020-08")
    stays = stage_times.stays(real(), august.clock, Convention.AS_PUBLISHED)
    timed = stays[(stays["stage"] == "development") & stays["duration_wd"].notna()]
    expected = {
        ref: weekdays(date.fromisoformat(raised), date.fromisoformat(converted))
        for ref, (raised, converted) in CONVERTED.items()
    }
    assert timed.set_index("ref")["duration_wd"].to_dict() == expected
    row = august.durations.stage_times().frame.set_index("stage").loc["The Development Stage"]
    assert (row["n"], row["mean"]) == (12, 30.25)
    refinement = stays[(stays["stage"] == "refinement") & stays["duration_wd"].notna()]
    assert refinement.set_index("ref")["duration_wd"].to_dict() == {"SECMP0062": 207}
