"""What changed between two days: whether the open modifications add up."""

from __future__ import annotations

from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis import Register
from secanalysis.analysis import stage_changes
from secanalysis.domain.months import ReportMonth
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation

COLUMNS = ["then", "raised", "reopened", "split", "concluded", "expected", "now", "holds"]


def flow_identity(events: list[dict[str, Any]], **tables: Any) -> pd.Series:
    """Of August 2020: from 3 July to 7 August."""
    register = f.register(events=events, **tables)
    return stage_changes.flow_identity(register, register.clock(ReportMonth(2020, 8))).iloc[0]


def open_in_development(ref: str, raised: str) -> list[dict[str, Any]]:
    """In development from then on, to a conversion after the report's day."""
    return [f.event(ref, "raised", raised), f.event(ref, "converted", "2020-08-21")]


def test_open_now_is_open_then_and_what_came_less_what_went() -> None:
    events = [
        *open_in_development("MP100", "2020-06-01"),
        *open_in_development("MP101", "2020-07-10"),
        f.event("MP102", "entered_report", "2020-06-01"),
        f.event("MP102", "withdrawn", "2020-07-20"),
    ]
    assert flow_identity(events)[COLUMNS].tolist() == [2, 1, 0, 0, 1, 2, 2, True]


def test_what_is_not_known_on_two_days_is_one() -> None:
    """MP100 is unknown on both days, MP102 on the later one; 7 August shows MP101, and nothing before."""
    events = [
        f.event("MP100", "raised", "2020-06-01"),
        f.event("MP101", "raised", "2020-08-07"),
        f.event("MP102", "raised", "2020-07-03"),
    ]
    result = flow_identity(events)
    assert pd.isna(result["expected"])
    assert result["holds"] is None
    assert result["reason"] == "the stage of 2 modifications is unknown on 3 July 2020 or 7 August 2020"


def test_a_modification_first_named_in_the_month_was_not_raised_in_it() -> None:
    events = [f.event("MP100", "entered_report", "2020-07-10"), f.event("MP100", "converted", "2020-08-21")]
    assert flow_identity(events)["raised"] == 0


def test_who_was_unknown_before_is_not_reopened() -> None:
    """Raised in June and not heard of again until it is in Report in July."""
    events = [
        f.event("MP100", "raised", "2020-06-01"),
        f.event("MP100", "entered_report", "2020-07-10"),
        f.event("MP100", "voted", "2020-08-21"),
    ]
    assert flow_identity(events)["reopened"] == 0


def test_a_referred_rejection_is_reopened() -> None:
    events = [
        f.vote("MP100", "2020-06-24", outcome="rejected"),
        f.event("MP100", "referred", "2020-07-10"),
        f.event("MP100", "decided", "2020-09-01", outcome="approved"),
    ]
    assert flow_identity(events)[COLUMNS].tolist() == [0, 0, 1, 0, 0, 1, 1, True]


@pytest.mark.parametrize(
    ("events", "concluded"),
    [
        # nobody says where it was before
        ([f.event("MP100", "raised", "2019-06-01"), f.vote("MP100", "2020-07-22")], 1),
        # raised and decided within the month
        ([f.event("MP100", "raised", "2020-07-10"), f.vote("MP100", "2020-07-22")], 1),
        # decided before, and came into force within the month
        ([f.vote("MP100", "2020-06-24")], 0),
        # raised before, decided on a day that nobody states, and came into force within the month
        ([f.event("MP100", "raised", "2019-06-01")], 0),
        # raised within the month too
        ([f.event("MP100", "raised", "2020-07-10")], 1),
        # rejected, and referred at once: in decision
        (
            [
                f.vote("MP100", "2020-07-22", outcome="rejected"),
                f.event("MP100", "referred", "2020-07-22"),
            ],
            0,
        ),
    ],
)
def test_concluded_are_all_that_concluded(events: list[dict[str, Any]], concluded: int) -> None:
    items = [f.item("November 2020 SEC Release", "MP100", "implemented", "2020-07-30")]
    result = flow_identity(events, release_items=items if len(events) == 1 else [])
    assert result["concluded"] == concluded


def test_parts_of_a_split_add_to_those_open() -> None:
    """MP100 is split in two in July: one open then, two now."""
    events = [
        f.event("MP100", "entered_refinement", "2020-06-01"),
        f.event("MP100", "impact_assessment_approved", "2020-07-09"),
        *(f.event(part, "entered_report", "2020-08-21") for part in ("MP100A", "MP100B")),
    ]
    split = [
        {"ref": part, "earlier_ref": "MP100", "kind": "split", "on": "2020-07-10"}
        for part in ("MP100A", "MP100B")
    ]
    result = flow_identity(events, lineage=split)
    assert result[COLUMNS].tolist() == [1, 0, 0, 1, 0, 2, 2, True]


def test_a_single_part_in_place_of_its_parent_adds_nothing() -> None:
    """As MP102A on 7 August: nobody says where MP102 was before, and of no other part."""
    split = [{"ref": "MP100A", "earlier_ref": "MP100", "kind": "split", "on": "2020-08-07"}]
    events = [
        f.event("MP100", "raised", "2020-01-10"),
        f.event("MP100A", "recommended_to_report", "2020-08-07"),
    ]
    assert flow_identity(events, lineage=split)["split"] == 0


def test_open_modifications_of_a_whole_register_add_up() -> None:
    """A made-up register whose exports support every row on its day, month by month."""
    register = ResolvedRegister(simulation.simulate(150, 3)[0])
    rows = [
        stage_changes.flow_identity(register, register.clock(ReportMonth(year, month))).iloc[0]
        for year in (2019, 2020)
        for month in range(1, 13)
    ]
    known = [row for row in rows if row["holds"] is not None]
    assert [row[COLUMNS].tolist() for row in known if not row["holds"]] == []
    assert known


def test_the_sum_is_called_an_equation_only_where_it_can_hold() -> None:
    known = [f.event("MP100", "raised", "2020-06-01"), f.event("MP100", "converted", "2020-08-21")]
    unknown = f.event("MP101", "raised", "2020-06-01")
    whole, partly = (
        Register(f.tables(events=events)).month("2020-08").reconciliation.flow_identity()
        for events in (known, [*known, unknown])
    )
    assert whole.caption == "Open now = open then + raised + reopened + added by splits − concluded"
    assert not whole.note
    assert "=" not in partly.caption
    assert "can't be checked" in partly.note
