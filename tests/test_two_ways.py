"""Every headline figure a second way: plain loops over rows, written from docs/method.md, that share no code with the rooms.

`test_simulate.py` does so for stages, assessments, votes and releases of made-up registers; here are the others,
and all of the real register, whose sources leave gaps and contradict each other.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from plain_stages import STEPS, PlainStages
from plain_ways import PlainRegister, unit_of
from test_simulate import Row, rows_of, slow_span

from secanalysis.analysis import stages
from secanalysis.domain.figures import FigureSet
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation
from secanalysis.statements import storage
from secanalysis.views.month import MonthlyReport

ROOT = Path(__file__).parent.parent
SIMULATED_MONTHS = (ReportMonth(2019, 1), ReportMonth(2021, 12))
REAL_MONTHS = [ReportMonth(year, month) for year in range(2016, 2026) for month in range(1, 13)]
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


RECOMMENDED = ("recommended_approval", "recommended_rejection")
REOPEN = ("entered_refinement", "entered_report", "referred", "sent_to_authority")


def number_of(ref: str) -> int:
    """DP136 and MP136 are one."""
    return int("".join(char for char in ref if char.isdigit()))


def part_of(ref: str) -> str:
    """The letter of a part, or nothing."""
    return ref[-1] if ref[-1].isalpha() else ""


Unit = tuple[int, str]


class Plain:
    """A register as rows, and the figures of a month by loops over them."""

    def __init__(self, register: ResolvedRegister, month: ReportMonth) -> None:
        tables = register.tables
        self.rows = {name: rows_of(register, name) for name in tables if name != "sources"}
        self.sources = {row["source_id"]: row for row in rows_of(register, "sources")}
        self.clock = register.clock(month)
        self.end, self.start = self.clock.period_end, self.clock.window_start
        self.splits = self._splits()
        self.happened = self._events()

    # What happened -------------------------------------------------------------------------------

    def published(self, row: Row) -> date | None:
        """A source's exact day."""
        source = self.sources[row["source_id"]]
        return _day(source["published_on"]) if source["published_precision"] == "day" else None

    def rank(self, row: Row) -> tuple[int, int]:
        """Whose word wins: by kind, then the latest."""
        source = self.sources[row["source_id"]]
        published = _day(source["published_on"])
        return BEST_FIRST.index(source["kind"]), -(published.toordinal() if published else 0)

    def _splits(self) -> dict[int, date]:
        """The day stated, or the first on which a dated source names a part."""
        result = {}
        for row in self.rows["lineage"]:
            if row["kind"] == "split":
                root = number_of(row["earlier_ref"])
                stated = [
                    _day(other["on"])
                    for other in self.rows["lineage"]
                    if other["kind"] == "split"
                    and number_of(other["earlier_ref"]) == root
                    and other["on"] is not None
                ]
                named = [
                    self.published(other)
                    for rows in self.rows.values()
                    for other in rows
                    if other.get("ref") and part_of(other["ref"]) and number_of(other["ref"]) == root
                ]
                result[root] = min([d for d in stated or named if d], default=date.max)
        return result

    def unit(self, ref: str, day: date) -> Unit:
        """Before the split a part's facts are its parent's."""
        root = number_of(ref)
        return (root, "") if day < self.splits.get(root, date.min) else (root, part_of(ref))

    def _events(self) -> list[Row]:
        """Each event once, under whose it is, with the day that counts."""
        dated = []
        for row in self.rows["events"]:
            if row["on"] is None or row["precision"] == "not_before":
                continue
            day = _day(row["on"])
            if row["precision"] == "month":
                day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
            dated.append({**row, "day": day, "root": number_of(row["ref"])})
        dated.sort(key=self.rank)
        kept: list[Row] = []
        for row in dated:
            if not any(self.is_same(row, other) for other in kept):
                kept.append(row)
        for row in kept:
            row["unit"] = self.unit(row["ref"], row["day"])
        return kept

    def is_same(self, one: Row, other: Row) -> bool:
        """Raised and converted once; votes and decisions once a day; a vote by a day is the last in the 45 before."""
        if (one["root"], part_of(one["ref"]), one["event"]) != (
            other["root"],
            part_of(other["ref"]),
            other["event"],
        ):
            return False
        if one["event"] in ("raised", "converted"):
            return True
        if one["event"] in ("voted", "decided"):
            if one["body"] != other["body"]:
                return False
            if one["day"] == other["day"]:
                return True
            loose, exact = (one, other) if one["precision"] == "by" else (other, one)
            return loose["precision"] == "by" and 0 <= (loose["day"] - exact["day"]).days <= 45
        return (one["day"], one["outcome"]) == (other["day"], other["outcome"])

    # Lists ---------------------------------------------------------------------------------------

    def in_window(self, day: date | None) -> bool:
        """After the previous report, up to and with this one."""
        return day is not None and self.clock.previous_report_date < day <= self.clock.report_date

    def lists(self) -> dict[str, int]:
        """How many are in each list."""
        month = [row for row in self.happened if self.in_window(row["day"])]

        def once(rows: Iterable[Row]) -> int:
            return len({row["unit"] for row in rows})

        def of(event: str) -> int:
            return once(row for row in month if row["event"] == event)

        votes = [row for row in month if row["event"] == "voted" and row["body"] == "change_board"]
        result = {
            "raised.count": of("raised"),
            "recommended.conversion.count": of("recommended_to_conversion"),
            "recommended.refinement.count": of("recommended_to_refinement"),
            "recommended.report.count": of("recommended_to_report"),
            "impact_assessment.approved.count": of("impact_assessment_approved"),
            "impact_assessment.deferred.count": of("impact_assessment_deferred"),
            "vote.count": len(votes),
            "vote.referred.count": of("referred"),
            "authority.decided.count": once(
                row for row in month if row["event"] == "decided" and row["body"] == "authority"
            ),
            "authority.pending.count": once(filter(self.is_with_the_authority, self.happened)),
        }
        for outcome in (
            "approved",
            "rejected",
            "deferred",
            "sent_back",
            "recommended_approval",
            "recommended_rejection",
        ):
            result[f"vote.{outcome}.count"] = sum(row["outcome"] == outcome for row in votes)
        for kind in ("refinement", "report"):
            now, then = set(), set()
            for row in self.rows["consultations"]:
                opened, closed, expected = (
                    _day(row[name]) for name in ("opened_on", "closed_on", "expected_week")
                )
                if row["kind"] != kind:
                    continue
                if opened and closed and opened <= self.clock.report_date <= closed:
                    now.add(self.unit(row["ref"], opened))
                if expected and self.in_window(_day(self.sources[row["source_id"]]["published_on"])):
                    then.add(self.unit(row["ref"], opened or expected))
            result[f"consultation.{kind}.open.count"] = len(now)
            result[f"consultation.{kind}.expected.count"] = len(then)
        return result

    def is_with_the_authority(self, sent: Row) -> bool:
        """Sent by the report's day, not decided by then, and said so in the month or by a later decision."""
        day = self.clock.report_date
        if sent["event"] != "sent_to_authority" or sent["day"] > day:
            return False
        ends = [
            row["day"]
            for row in self.happened
            if row["root"] == sent["root"] and row["event"] in ("decided", "withdrawn")
        ]
        if any(sent["day"] <= end <= day for end in ends):
            return False
        return self.in_window(sent["day"]) or any(end > day for end in ends)

    # Durations -----------------------------------------------------------------------------------

    def proposals(self) -> dict[str, tuple[int, float]]:
        """Counts and means of the open and of those concluded in the window, where all is known of every one."""
        raised: dict[Unit, date] = {}
        ended: dict[Unit, date] = {}
        for row in sorted(self.happened, key=lambda row: (row["day"], STEPS.index(row["event"]))):
            unit, day = row["unit"], row["day"]
            if day > self.end:
                continue
            if row["event"] in REOPEN or row["outcome"] in ("sent_back", *RECOMMENDED):
                ended.pop(unit, None)
            if row["precision"] == "by":
                continue
            final = row["outcome"] in ("approved", "rejected") and (
                row["event"] == "decided"
                or (row["event"] == "voted" and row["path"] in ("self_governance", "fast_track"))
            )
            if row["event"] == "raised":
                raised[unit] = min(day, raised.get(unit, day))
            if final or row["event"] == "withdrawn":
                ended[unit] = day
        spans: dict[str, list[int]] = {"proposal.open": [], "proposal.concluded": []}
        for unit, first in raised.items():
            last = ended.get(unit)
            if last is None:
                spans["proposal.open"].append(slow_span(first, self.end))
            elif last >= self.start:
                spans["proposal.concluded"].append(slow_span(first, last))
        return {key: (len(wd), sum(wd) / len(wd) if wd else 0.0) for key, wd in spans.items()}


def _day(value: Any) -> date | None:
    return None if value is None else value.date()


@lru_cache(maxsize=1)
def real() -> ResolvedRegister:
    """The register of data/raw."""
    return ResolvedRegister(storage.read_folder(ROOT / "data" / "raw"))


def figures(register: ResolvedRegister, month: ReportMonth) -> FigureSet:
    """A month's figures, the rooms' way."""
    return MonthlyReport(register, month, Convention.AS_PUBLISHED).figures


def check_real(month: ReportMonth) -> None:
    """What is known of each list, and that it is a figure only where the month's own report attests it: the report's."""
    plain, result = Plain(real(), month), figures(real(), month)
    reports = {
        row["source_id"]
        for row in plain.rows["published_figures"]
        if row["month"] == str(month) and plain.sources[row["source_id"]]["kind"] == "report"
    }
    own = Plain(real().only(*reports), month).lists() if reports else {}
    for key, known in plain.lists().items():
        assert result[key].n == known, key
        assert result[key].value == (float(own[key]) if own else None), key


@pytest.mark.parametrize("month", [ReportMonth(2020, month) for month in (3, 7, 8, 9, 12)], ids=str)
def test_lists_of_the_real_register(month: ReportMonth) -> None:
    """Of five months, the one with a report among them."""
    check_real(month)


@pytest.mark.soak
def test_lists_of_the_real_register_in_ten_years() -> None:
    """Of 120 months."""
    for month in REAL_MONTHS:
        check_real(month)


def check_stages(register: ResolvedRegister, days: list[date], folder: Path) -> None:
    """Each modification's stage on some days, by the plain rules of `plain_stages.py`."""
    for name, frame in register.tables.items():
        (folder / f"{name}.csv").write_text(storage.csv_text(frame, name), encoding="utf-8")
    plain, result = PlainStages(PlainRegister(folder)), stages.stages(register)
    for on in days:
        now = result.at(on)
        named = {
            unit_of(unit): stage
            for unit, stage in zip(
                now["unit"], now["stage"].astype(object).where(now["stage"].notna(), ""), strict=True
            )
        }
        assert named == plain.stages_at(on), on


def check_simulated(seed: int, folder: Path) -> None:
    """Stages, lists, and proposals with their means; every other register is told in one export, the rest in one a month."""
    tables, _ = simulation.simulate(60, seed, SIMULATED_MONTHS, attestations=seed % 2 == 0)
    register, month = ResolvedRegister(tables), ReportMonth(2021, 1 + seed % 12)
    plain, result = Plain(register, month), figures(register, month)
    check_stages(register, [plain.end, plain.clock.report_date, date(2020, 3, 6)], folder)
    for key, known in plain.lists().items():
        assert result[key].value == known, key
    for key, (n, mean) in plain.proposals().items():
        assert result[f"{key}.count"].value == n
        assert (result[f"{key}.mean_wd"].value or 0.0) == pytest.approx(mean)


@pytest.mark.parametrize("seed", range(4))
def test_made_up_registers(seed: int, tmp_path: Path) -> None:
    """Of 4."""
    check_simulated(seed, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4, 220))
def test_more_made_up_registers(seed: int, tmp_path: Path) -> None:
    """Of 216 more."""
    check_simulated(seed, tmp_path)
