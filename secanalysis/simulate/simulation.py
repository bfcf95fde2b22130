"""A made-up register: complete histories in all tables, marked SYNTHETIC, with their known truth.

Real facts are gappy. A simulated register has no gaps, so full coverage can be seen and measured, and its
truth (what comes of everything, without an end of observation) tests the estimators. docs/synthetic.md says
what is simulated.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from secanalysis.domain.months import ReportMonth
from secanalysis.simulate import scope, work
from secanalysis.simulate.calendar import Calendar
from secanalysis.simulate.course import MEDIAN_WD, Course, draw, stage_intervals
from secanalysis.simulate.exports import MARK, Exports
from secanalysis.simulate.happenings import events
from secanalysis.simulate.placement import Placement, place
from secanalysis.statements import csv_reader, schemas, storage, table_columns, validation
from secanalysis.statements.faults import InvalidTables
from secanalysis.support.errors import UserError

__all__ = ["MEDIAN_WD", "MOST", "Truth", "check_folder", "simulate", "write"]

MOST = 1_000_000  # modifications in one register
FIRST, LAST = ReportMonth(2019, 1), ReportMonth(2024, 12)
LAST_YEAR = 2090  # what is planned then still lies within the days that a table may hold


@dataclass(frozen=True, eq=False)
class Truth:
    """What comes of each modification, after the last day of the register too.

    Attributes
    ----------
    proposals
        ``name, raised_on, converted_on, report_on, concluded_on, implemented_on``; missing where it never
        happens.
    assessments
        ``ref, kind, requested_on, accepted_on, returned_on``.
    stages
        ``unit, stage, since, until`` (first day of the next; missing in the last).
    first_day, last_day
        The days that the register covers.
    """

    proposals: pd.DataFrame
    assessments: pd.DataFrame
    stages: pd.DataFrame
    first_day: pd.Timestamp
    last_day: pd.Timestamp


def simulate(
    n: int, seed: int, months: Sequence[ReportMonth] = (FIRST, LAST), *, attestations: bool = True
) -> tuple[storage.Tables, Truth]:
    """Make up a register.

    Parameters
    ----------
    n
        How many modifications are raised in it.
    seed
        The same seed gives the same register.
    months
        The first and the last bound it.
    attestations
        A register export a month, published on its last day, with what happened in the month, what was
        open on its day and what the releases held. Otherwise one export, of the last day.

    Raises
    ------
    UserError
        If a number or the months are out of bounds.
    """
    if not 1 <= n <= MOST:
        raise UserError(f"found {n:,} modifications; expected from 1 to {MOST:,}")
    if seed < 0:
        raise UserError(f"found the seed {seed}; expected a whole number from 0")
    if months[-1].year > LAST_YEAR:
        raise UserError(f"found the month {months[-1]}; expected one up to {LAST_YEAR}-12")
    made = _made_up(n, seed, months, attestations)
    _give_back_memory()
    return made


def _made_up(
    n: int, seed: int, months: Sequence[ReportMonth], attestations: bool
) -> tuple[storage.Tables, Truth]:
    rng = np.random.default_rng(seed)
    calendar = Calendar.of(months[0], months[-1])
    course = draw(rng, n, calendar)
    placement = place(rng, course, calendar)
    intervals = stage_intervals(course, placement.implemented)
    exports = Exports(calendar, monthly=attestations)
    tables = {
        "sources": exports.sources(seed),
        "modifications": work.modifications(rng, course, exports),
        "lineage": work.lineage(course, exports),
        "events": events(rng, course, calendar, exports, intervals),
        "assessments": work.assessments(course, exports),
        "consultations": work.consultations(rng, course, calendar, exports),
        "meetings": work.meetings(rng, course, calendar, exports, intervals),
        "releases": scope.releases(placement, exports),
        "release_items": scope.release_items(course, placement, exports),
    }
    made = {name: tables.get(name, table_columns.empty(name)) for name in schemas.TABLES}
    return made, _truth(course, placement, intervals, calendar)


def _give_back_memory() -> None:
    """Give memory that isn't needed any more back to the system, where the C library can.

    Of a million modifications it keeps a gigabyte of drawn days otherwise, which nothing after it would fit.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _truth(course: Course, placement: Placement, intervals: pd.DataFrame, calendar: Calendar) -> Truth:
    proposals = pd.DataFrame({"name": course.name})
    for step in ("raised", "converted", "report", "concluded"):
        proposals[f"{step}_on"] = course[step]
    proposals["implemented_on"] = placement.implemented
    a = course.assessments
    assessments = a.rename(columns={step: f"{step}_on" for step in ("requested", "accepted", "returned")})
    assessments.insert(0, "ref", course.name[a["who"]])
    stages = intervals.assign(unit=course.name[intervals["who"]])[["unit", "stage", "since", "until"]]
    days = pd.Timestamp(calendar.first), pd.Timestamp(calendar.last)
    return Truth(proposals, assessments.drop(columns="who"), stages, *days)


# Where it may be written ------------------------------------------------------------------------


def write(tables: Mapping[str, pd.DataFrame], folder: Path, facts: Path | None = None) -> None:
    """Write a simulated register as CSV where it can't mix with facts.

    Parameters
    ----------
    facts
        The project's own ``data/raw``, which is never written to.

    Raises
    ------
    UserError
        If `check_folder` refuses the folder.
    InvalidTables
        If the tables have faults.
    """
    check_folder(folder, facts)
    if faults := validation.check(tables):
        raise InvalidTables(faults)
    storage.write_raw(tables, folder)


def check_folder(folder: Path, facts: Path | None = None) -> None:
    """Refuse a folder in which made-up rows would mix with facts.

    Raises
    ------
    UserError
        If it is ``facts`` or lies in it, or holds anything but the tables of another simulated register.
    """
    expected = "expected a new or empty folder, or one that holds nothing but a synthetic register"
    real = folder.resolve()
    if facts is not None and (real == facts.resolve() or facts.resolve() in real.parents):
        raise UserError(f"{folder} is for facts; {expected}")
    if not real.exists():
        return
    if not real.is_dir():
        raise UserError(f"{folder} is no folder; {expected}")
    held = sorted(path.name for path in real.iterdir())
    tables = {f"{table}.csv" for table in schemas.TABLES}
    if others := [name for name in held if name not in tables]:
        raise UserError(f"{folder} holds {others[0]}; {expected}")
    if held and not _is_synthetic(real / "sources.csv"):
        raise UserError(f"{folder} holds tables that aren't marked synthetic; {expected}")


def _is_synthetic(path: Path) -> bool:
    sources, faults = csv_reader.read_csv(path, "sources")
    return not faults and bool(sources["source_id"].fillna("").str.startswith(MARK).all())
