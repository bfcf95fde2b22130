"""The plain way to stages is right by itself: the report of August 2020 worked out by hand, and each rule alone.

The package isn't asked here; `test_two_ways_real.py` holds the two ways against each other.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from plain_stages import Fact, PlainStages
from plain_ways import PlainRegister, number_of

RAW = Path(__file__).parent.parent / "data" / "raw"
REPORT, REPORT_DAY = "change-status-report-2020-08", date(2020, 8, 7)

# By hand, from the report.
DEVELOPMENT = {136, 137, 138}
REFINEMENT = {7, 56, 67, 78, 85, 90, 92, 94, 99, 102, 105, 106, 107, 109, 117, 119, 122, 125, 128}
DECISION = {15, 88}
PENDING = {62, 80, 81, 93, 98, 101, 103, 110, 112, 115, 118, 120, 124}


def standing(stages: PlainStages) -> dict[str, set[int]]:
    """The modifications in each stage on the report's day."""
    result: dict[str, set[int]] = {}
    for (number, _), stage in stages.stages_at(REPORT_DAY).items():
        result.setdefault(stage, set()).add(number)
    return result


def test_the_report_of_august_2020_alone() -> None:
    """What it says by itself: as known on its day."""
    result = standing(PlainStages(PlainRegister(RAW, only=REPORT)))
    assert result["development"] == DEVELOPMENT
    assert result["refinement"] == REFINEMENT
    assert result["decision"] == DECISION
    assert result["pending_implementation"] == PENDING
    assert result["implemented"] == {135}
    assert result.keys() - {""} == {
        "development",
        "refinement",
        "decision",
        "pending_implementation",
        "implemented",
    }


def test_august_2020_with_all_sources() -> None:
    """None goes missing; MP134 is added by its part's page, and MP127 is in the Report Phase by its own."""
    stages = PlainStages(PlainRegister(RAW))
    result = standing(stages)
    assert result["development"] == DEVELOPMENT
    assert result["refinement"] == REFINEMENT | {134}
    assert result["report"] == {127}
    assert result["decision"] == DECISION
    assert result["pending_implementation"] == PENDING
    at = stages.stages_at(REPORT_DAY)
    assert len(at) == 79  # the 78, and SECMP0031, of which only a meeting in September 2018 is known
    assert sum(stage != "" for stage in at.values()) >= 56


@pytest.mark.parametrize(
    ("ref", "rules"),
    [
        ("DP136", {"A"}),
        ("SECMP0067", {"B"}),
        ("MP128", {"C"}),
        ("MP092", {"D"}),
        ("MP106", {"H"}),  # its request was approved in July (E): by the report's day that is inferred
        ("SECMP0056", {"H"}),  # known to be open on 31 July (F)
        ("MP125", {"H"}),  # the Working Group met on it on 5 August (G)
    ],
)
def test_by_which_rule(ref: str, rules: set[str]) -> None:
    """What supports its stage on the report's day, by the report alone; what is inferred only where nothing is stated."""
    facts = PlainStages(PlainRegister(RAW, only=REPORT)).facts
    result = {fact.rule for fact in facts if fact.unit[0] == number_of(ref) and fact.day == REPORT_DAY}
    assert (result - {"", "H"} or result - {""}) == rules


def test_two_stated_stages_on_one_day_are_a_dispute() -> None:
    """Unless something happened on that day that leads from one to the other."""
    day, unit = date(2020, 5, 6), (1, "")
    met = Fact(day, "attested", "refinement", unit, exact=False, rule="G")
    consulted = Fact(day, "consulted", "report", unit, exact=False, rule="C")
    moved = Fact(day, "entered_report", "report", unit)
    assert PlainStages.disputed_days([met, consulted]) == {day}
    assert PlainStages.disputed_days([met, moved, consulted]) == set()
    assert PlainStages.disputed_days([met]) == set()
    inferred = Fact(day, "attested", "refinement", unit, exact=False, rule="H")
    assert PlainStages.disputed_days([inferred, consulted]) == set()
