"""What changed between two days: whether the open modifications add up."""

from __future__ import annotations

from typing import Any

import factories as f
import pandas as pd

from secanalysis.analysis import stage_changes, stages
from secanalysis.domain.months import ReportMonth


def flow_identity(events: list[dict[str, Any]]) -> pd.Series:
    register = f.register(events=events)
    return stage_changes.flow_identity(stages.stages(register), register.clock(ReportMonth(2020, 8))).iloc[0]


def test_open_now_is_open_then_and_what_came_less_what_went() -> None:
    events = [
        f.event("MP100", "raised", "2020-06-01"),
        f.event("MP100", "converted", "2020-08-21"),
        f.event("MP101", "raised", "2020-07-10"),
        f.event("MP101", "converted", "2020-08-21"),
        f.event("MP102", "entered_report", "2020-06-01"),
        f.event("MP102", "withdrawn", "2020-07-20"),
    ]
    found = flow_identity(events)
    assert found[["then", "raised", "reopened", "concluded", "expected", "now", "holds"]].tolist() == [
        2,
        1,
        0,
        1,
        2,
        2,
        True,
    ]


def test_the_identity_says_what_it_does_not_know() -> None:
    events = [f.event("MP100", "raised", "2020-06-01"), f.event("MP101", "raised", "2020-08-07")]
    found = flow_identity(events)
    assert found["holds"] is None
    assert found["reason"] == "the stage of 2 modifications is unknown on 2020-07-03 or 2020-08-07"
