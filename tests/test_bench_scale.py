"""A million modifications: ratios measured in one run, printed as a table (make bench).

Run alone (`make bench`). Absolute seconds depend on the machine; ratios are of two ways on one machine. The
table at the end says what was measured and what was asked.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from measuring import Line, timed

from secanalysis.analysis import stages
from secanalysis.domain import working_days
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention, Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation
from secanalysis.statements import models, storage, validation
from secanalysis.statements.faults import Fault

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

MONTHS = (ReportMonth(2015, 1), ReportMonth(2024, 12))
MONTH_ENDS = pd.date_range("2015-01-31", periods=120, freq="ME")
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
EVENTS = 6_000_000
SPANS, SAMPLE = 5_000_000, 50_000


ALONE = """
import test_bench_scale as bench
bench.measured(bench.LARGE)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""What the size of this process, which has collected all tests, plays no part in."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A register of some size, what came of it, and the seconds that each took."""

    events: int
    faults: list[Fault]
    found: stages.Stages
    seconds: dict[str, float]


SIMULATION, VALIDATION, INTERVALS, COUNTS = (
    "simulation",
    "validating the events",
    "stage intervals",
    "stage counts",
)


def measured(n: int) -> Measured:
    """Simulate, validate, work out the stages and count them.

    Each size is measured in the same order with no other register held: under gigabytes of another one the
    large one's memory, and not its size, would be what is measured.
    """
    simulated, tables = timed(lambda: simulation.simulate(n, 1, MONTHS, attestations=False)[0])
    validated, faults = timed(lambda: checked(tables))
    worked_out, result = timed(lambda: stages.stages(ResolvedRegister(tables)))
    counted, _ = timed(lambda: result.counts(MONTH_ENDS), times=3)
    took = [simulated, validated, worked_out, counted]
    seconds = dict(zip((SIMULATION, VALIDATION, INTERVALS, COUNTS), took, strict=True))
    return Measured(len(tables["events"]), faults, result, seconds)


@pytest.fixture(scope="module")
def seconds() -> dict[int, dict[str, float]]:
    """How long everything took at 10,000 and at 100,000; neither register is kept."""
    return {n: measured(n).seconds for n in (SMALL, MIDDLE)}


@pytest.fixture(scope="module")
def large(seconds: dict[int, dict[str, float]], table: list[Line]) -> Measured:
    """A register of a million modifications, straight in memory, measured after the smaller ones."""
    of = measured(LARGE)
    assert of.events >= EVENTS
    line = f"simulating {LARGE:,} modifications"
    table.append((line, f"{of.seconds[SIMULATION]:.1f} s", "", f"{of.events:,} events"))
    return of


def checked(tables: storage.Tables) -> list[Fault]:
    """Validate the events alone."""
    some = {"sources": tables["sources"], "lineage": tables["lineage"].iloc[:0], "events": tables["events"]}
    return validation.check(some)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that a process had")
def test_memory(table: list[Line]) -> None:
    """Peak memory of all of it under 6 GB."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    peak = int(done.stdout) / 1024**2
    table.append(
        ("peak memory", f"{peak:.1f} GB", "< 6 GB", "simulation, validation, intervals and counts together")
    )
    assert peak < 6


def test_validation(large: Measured, table: list[Line]) -> None:
    """6,000,000 events under 15 s."""
    took = large.seconds[VALIDATION]
    table.append((VALIDATION, f"{took:.1f} s", "< 15 s", "every rule of the schema, and its sources"))
    assert large.faults == []
    assert took < 15


def test_validation_by_pandera_alone(table: list[Line]) -> None:
    """Why `validation` applies the declared rules itself: Pandera's `validate` takes longer on sound tables."""
    tables = simulation.simulate(SMALL, 1, MONTHS)[0]
    ours, faults = timed(lambda: validation.check(tables), times=3)
    pandera, _ = timed(
        lambda: [models.model(name).validate(frame, lazy=True) for name, frame in tables.items()], times=3
    )
    rows = sum(map(len, tables.values()))
    table.append(
        ("validating by Pandera's validate", f"{pandera:.1f} s", "", f"{ours:.1f} s by ours, {rows:,} rows")
    )
    assert faults == []
    assert ours < pandera


def test_stage_counts(large: Measured, table: list[Line]) -> None:
    """120 month ends at least 25 times faster than one filter a month, with equal results."""
    of = large.found
    took = large.seconds[INTERVALS]
    table.append(("its stage intervals", f"{took:.1f} s", "", f"{len(of.intervals):,} intervals"))
    fast, counts = timed(lambda: of.counts(MONTH_ENDS), times=3)

    def filtered() -> pd.DataFrame:
        i, rows = of.intervals, []
        for day in MONTH_ENDS:
            held = i[(i["counted_from"] <= day) & (day <= i["believed_to"]) & ~(i["until"] <= day)]
            rows.append(held["stage"].value_counts())
        return pd.DataFrame(rows, index=MONTH_ENDS).reindex(columns=[*Stage]).fillna(0).astype("int64")

    slow, expected = timed(filtered)
    table.append(
        (
            "stage counts at 120 month ends",
            f"{slow / fast:.0f} times",
            ">= 25",
            f"one filter a month: {slow:.1f} s, {fast:.2f} s",
        )
    )
    assert (counts[[*Stage]].to_numpy() == expected.to_numpy()).all()
    assert (counts[[*Stage]].sum(axis=1) == counts["known"]).all()
    assert slow / fast >= 25


@pytest.mark.parametrize("convention", list(Convention))
def test_working_days(convention: Convention, table: list[Line]) -> None:
    """5,000,000 spans at least 40 times faster than row by row (timed on 50,000 and scaled)."""
    rng = np.random.default_rng(1)
    first = np.datetime64("2015-01-01") + rng.integers(0, 3000, SPANS)
    starts = pd.Series(first.astype("datetime64[us]"))
    ends = pd.Series((first + rng.integers(0, 600, SPANS)).astype("datetime64[us]"))
    fast, wd = timed(lambda: working_days.span(starts, ends, convention), times=3)

    holidays = working_days.bank_holidays() if convention is Convention.SEC else []
    calendar, one = np.busdaycalendar(holidays=holidays), np.timedelta64(1, "D")
    sample = [days[:SAMPLE].to_numpy().astype("datetime64[D]") for days in (starts, ends)]

    def row_by_row() -> list[int]:
        return [int(np.busday_count(a, b + one, busdaycal=calendar)) for a, b in zip(*sample, strict=True)]

    sampled, expected = timed(row_by_row)
    slow = sampled * SPANS / SAMPLE
    table.append(
        (
            f"working days over 5,000,000 spans ({convention})",
            f"{slow / fast:.0f} times",
            ">= 40",
            f"row by row: {slow:.0f} s (scaled from 50,000), {fast:.2f} s",
        )
    )
    assert wd[:SAMPLE].to_list() == expected
    assert slow / fast >= 40


@pytest.mark.parametrize("what", [INTERVALS, COUNTS, VALIDATION])
def test_cost_is_linear(
    what: str, large: Measured, seconds: dict[int, dict[str, float]], table: list[Line]
) -> None:
    """From 10,000 to 1,000,000 modifications the cost of one never doubles."""
    took = {n: of[what] for n, of in seconds.items()} | {LARGE: large.seconds[what]}
    cost = [1e6 * took[n] / n for n in (SMALL, MIDDLE, LARGE)]
    shown = " ".join(f"{each:.2f}" if each < 10 else f"{each:.0f}" for each in cost)
    table.append(
        (f"{what}, microseconds a modification", shown, "<= 2 times", "of 10,000, 100,000, 1,000,000")
    )
    assert cost[2] <= 2 * min(cost)
