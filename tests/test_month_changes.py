"""What changed since the report before: which changes are listed, under whose name, and how exactly dated."""

from __future__ import annotations

from typing import Any

import factories as f

from secanalysis.analysis import month_changes
from secanalysis.domain.months import ReportMonth, clock

CLOCK = clock(ReportMonth(2020, 8))  # 4 July to 7 August 2020


def changes(**tables: Any) -> list[list[str]]:
    """Day, precision, reference and what changed."""
    listed = month_changes.changes(f.register(**tables), CLOCK)
    listed = listed.assign(day=listed["day"].dt.strftime("%Y-%m-%d"))
    return listed[["day", "precision", "ref", "what"]].values.tolist()


def test_a_change_is_dated_as_exactly_as_it_is_known() -> None:
    """A month counts on its last day; what was seen on a day or later has none."""
    events = [
        f.event("MP100", "impact_assessment_approved", "2020-07-01", precision="month"),
        f.event("MP101", "sent_to_authority", "2020-08-07", precision="by"),
        f.event("MP102", "withdrawn", "2020-07-10", precision="not_before"),
    ]
    assert changes(events=events) == [
        ["2020-07-31", "month", "MP100", "impact assessment approved"],
        ["2020-08-07", "by", "MP101", "sent to authority"],
    ]


def test_a_part_changes_only_once_it_exists() -> None:
    """Split on 1 September: in July the conversion is the parent's, once for both parts."""
    parts = ("MP122A", "MP122B")
    split = [{"ref": part, "earlier_ref": "MP122", "kind": "split", "on": "2020-09-01"} for part in parts]
    events = [f.event(part, "converted", "2020-07-10") for part in parts]
    assert changes(events=events, lineage=split) == [["2020-07-10", "day", "MP122", "converted"]]


def test_assessments_returned_are_changes() -> None:
    rows = [
        f.assessment("MP100", returned="2020-07-16"),
        f.assessment("MP101", returned="2020-07-29", kind="IA"),
        f.assessment("MP102", returned="2020-07-03"),  # before the report before
    ]
    assert changes(assessments=rows) == [
        ["2020-07-16", "day", "MP100", "Preliminary Assessment returned"],
        ["2020-07-29", "day", "MP101", "Impact Assessment returned"],
    ]


def test_a_stage_change_is_listed_unless_what_led_to_it_is() -> None:
    """MP100 is seen out for consultation: nothing else says that it is in Report. MP101's vote says it all."""
    events = [
        f.event("MP100", "entered_refinement", "2020-06-01"),
        f.event("MP100", "impact_assessment_approved", "2020-07-03"),
        f.event("MP101", "entered_report", "2020-06-01"),
        f.vote("MP101", "2020-07-22"),
    ]
    consulted = [
        {"ref": "MP100", "kind": "report", "opened_on": "2020-07-20", "closed_on": "2020-08-10"},
        {"ref": "MP100", "kind": "report", "opened_on": "2020-08-07", "closed_on": "2020-08-28"},
    ]
    assert changes(events=events, consultations=consulted) == [
        ["2020-07-20", "by", "MP100", "moved from refinement to report"],
        ["2020-07-22", "day", "MP101", "voted: approved"],
    ]


def test_a_hold_that_is_only_seen_again_is_no_change() -> None:
    """Seen before: two exports that both show one on hold listed it as a change of each month."""
    events = [
        f.event("MP100", "on_hold", "2020-07-03", precision="by"),
        f.event("MP100", "on_hold", "2020-08-07", precision="by"),
        f.event("MP101", "on_hold", "2020-07-03", precision="by"),
        f.event("MP101", "resumed", "2020-07-20"),
        f.event("MP101", "on_hold", "2020-08-07", precision="by"),
        f.event("MP102", "on_hold", "2020-08-07", precision="by"),
    ]
    listed = month_changes.changes(f.register(events=events), CLOCK)
    holds = listed[listed["what"] == "on hold"]
    assert holds["ref"].tolist() == ["MP101", "MP102"]
