"""The month's lists: which days they cover, and what counts once."""

from __future__ import annotations

from typing import Any

import factories as f
import pytest

from secanalysis.analysis import activity
from secanalysis.domain.months import ReportMonth, clock

AUGUST = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
CLOCK = clock(ReportMonth(2020, 8))  # 4 July to 7 August 2020


def listed(key: str, *events: dict[str, Any], **tables: Any) -> list[str]:
    """The references of one list."""
    result = activity.lists(f.register([AUGUST], events=list(events), **tables), CLOCK)[key]
    return result.items["ref"].tolist()


@pytest.mark.parametrize(
    ("on", "precision", "counts"),
    [
        ("2020-07-03", "day", False),  # the report before had it
        ("2020-07-04", "day", True),
        ("2020-08-07", "day", True),
        ("2020-08-08", "day", False),
        ("2020-07-01", "month", True),  # counted on 31 July
        ("2020-08-07", "by", True),
        ("2020-07-10", "not_before", False),  # seen then or later
    ],
)
def test_the_days_that_a_list_covers(on: str, precision: str, counts: bool) -> None:
    assert listed("raised.count", f.event("MP135", "raised", on, precision=precision)) == ["MP135"] * counts


def test_references_are_as_the_best_source_writes_them() -> None:
    events = [
        f.event("MP136", "raised", "2020-07-14"),
        f.event("DP136", "raised", "2020-07-14", source_id="report-2020-08"),
    ]
    assert listed("raised.count", *events) == ["DP136"]


def test_parts_raised_before_their_split_are_one() -> None:
    events = [f.event(ref, "raised", "2020-07-14") for ref in ("MP122A", "MP122B")]
    split = [{"ref": "MP122A", "earlier_ref": "MP122", "kind": "split", "on": "2020-09-01"}]
    assert listed("raised.count", *events, lineage=split) == ["MP122"]
    assert listed("raised.count", *events, lineage=[split[0] | {"on": "2020-07-14"}]) == ["MP122A", "MP122B"]


def test_a_recommendation_stated_twice_counts_once() -> None:
    events = [
        f.event(
            "SECMP0007", "recommended_to_report", "2020-08-07", precision="by", source_id="report-2020-08"
        ),
        f.event("SECMP0007", "recommended_to_report", "2020-07-28"),
    ]
    result = activity.lists(f.register([AUGUST], events=events), CLOCK)["recommended.report.count"]
    assert result.items["on"].dt.strftime("%Y-%m-%d").tolist() == ["2020-07-28"]
    assert len(result.rows) == 2


def test_votes_are_the_change_boards_and_two_of_one_are_two() -> None:
    events = [
        f.vote("MP103", "2020-07-22"),
        f.vote("MP127", "2020-07-22", outcome="deferred"),
        f.vote("MP127", "2020-08-05"),
        f.vote("MP128", "2020-07-10", body="panel"),
        f.vote("SECMP0015", "2020-07-22", outcome="rejected"),
        f.event("SECMP0015", "referred", "2020-08-07", precision="by"),
    ]
    assert listed("vote.count", *events) == ["MP103", "MP127", "SECMP0015", "MP127"]
    assert listed("vote.approved.count", *events) == ["MP103", "MP127"]
    assert listed("vote.deferred.count", *events) == ["MP127"]
    assert listed("vote.referred.count", *events) == ["SECMP0015"]


def test_authority_decisions_are_the_authoritys() -> None:
    events = [
        f.event("MP130", "decided", "2020-07-26", body="authority", outcome="approved"),
        f.event("MP131", "decided", "2020-07-26", body="panel", outcome="approved"),
    ]
    assert listed("authority.decided.count", *events) == ["MP130"]


@pytest.mark.parametrize(
    ("events", "pending"),
    [
        ([f.event("MP088", "sent_to_authority", "2020-08-07", precision="by")], True),
        ([f.event("MP088", "sent_to_authority", "2020-05-01")], False),  # nobody says that it still is
        (
            [f.event("MP088", "sent_to_authority", "2020-05-01"), f.event("MP088", "decided", "2020-09-01")],
            True,
        ),
        (
            [f.event("MP088", "sent_to_authority", "2020-07-10"), f.event("MP088", "decided", "2020-07-31")],
            False,
        ),
        (
            [
                f.event("MP088", "sent_to_authority", "2020-07-10"),
                f.event("MP088", "withdrawn", "2020-07-31"),
            ],
            False,
        ),
    ],
)
def test_with_the_authority(events: list[dict[str, Any]], pending: bool) -> None:
    assert listed("authority.pending.count", *events) == ["MP088"] * pending


def test_consultations() -> None:
    """Open with the report's day in them; expected where a source of the month says so."""
    rows = [
        {"ref": "MP106", "kind": "refinement", "opened_on": "2020-07-20", "closed_on": "2020-08-07"},
        {
            "ref": "DP106",
            "kind": "refinement",
            "opened_on": "2020-07-21",
            "closed_on": "2020-08-07",
            "source_id": f.OTHER,
        },
        {"ref": "MP107", "kind": "refinement", "opened_on": "2020-07-08", "closed_on": "2020-07-29"},
        {"ref": "MP108", "kind": "refinement", "opened_on": "2020-07-08"},  # nobody says until when
        {"ref": "MP109", "kind": "refinement", "opened_on": "2020-08-08", "closed_on": "2020-08-29"},
        {"ref": "MP128", "kind": "refinement", "expected_week": "2020-08-10", "source_id": "report-2020-08"},
        {"ref": "MP129", "kind": "refinement", "expected_week": "2020-08-10"},  # said nobody knows when
    ]
    assert listed("consultation.refinement.open.count", consultations=rows) == ["MP106"]
    assert listed("consultation.refinement.expected.count", consultations=rows) == ["MP128"]
    assert listed("consultation.report.open.count", consultations=rows) == []


# Attested ---------------------------------------------------------------------------------------


def test_a_list_is_attested_by_its_rows_or_its_print() -> None:
    result = activity.lists(f.register([AUGUST], events=[f.vote("MP103", "2020-07-22")]), CLOCK)
    attested = activity.attested(result, ["recommended.refinement.count"])
    assert {
        "vote.count",
        "vote.approved.count",
        "vote.referred.count",
        "recommended.refinement.count",
    } <= attested
    assert "raised.count" not in attested
    measures = {m.key: m for m in activity.measures(result, attested)}
    assert (measures["vote.approved.count"].value, measures["vote.rejected.count"].value) == (1, 0)
    assert measures["recommended.refinement.count"].value == 0
    assert (measures["raised.count"].value, measures["raised.count"].reason) == (
        None,
        "no complete list is available",
    )


def test_the_rows_behind_a_list_are_its_statements() -> None:
    events = [
        f.vote("MP103", "2020-07-22"),
        f.vote("MP103", "2020-08-07", precision="by"),
        f.vote("MP104", "2020-06-24"),
    ]
    rows = activity.lists(f.register([AUGUST], events=events), CLOCK)["vote.count"].rows
    assert [row.locator for row in rows] == ["line 1", "line 2"]


def test_meetings_of_the_month_and_those_to_come() -> None:
    rows = [
        {
            "held_on": "2020-08-05",
            "body": "working_group",
            "status": "held",
            "ref": "MP094",
            "source_id": "report-2020-08",
        },
        {
            "held_on": "2020-09-02",
            "body": "working_group",
            "status": "scheduled",
            "source_id": "report-2020-08",
        },
        {"held_on": "2020-09-02", "body": "working_group", "status": "held"},  # of another month
        {"held_on": "2020-07-03", "body": "panel", "status": "held"},
    ]
    titles = [{"ref": "MP094", "title": "Supporting prepayment customers"}]
    result = activity.meetings(f.register([AUGUST], meetings=rows, modifications=titles), CLOCK)
    assert result["held_on"].dt.strftime("%d %b").tolist() == ["05 Aug", "02 Sep"]
    assert result["title"][0] == "Supporting prepayment customers"


def met(held_on: str, ref: str | None = None, status: str = "held", **stated: Any) -> dict[str, Any]:
    """A row of meetings, the Working Group's unless said otherwise."""
    return {"held_on": held_on, "body": "working_group", "ref": ref, "status": status, **stated}


def meetings(*rows: dict[str, Any], **tables: Any) -> list[list[str]]:
    """Day, body, reference and status of the month's meetings."""
    result = activity.meetings(f.register([AUGUST], meetings=list(rows), **tables), CLOCK)
    days = result["held_on"].dt.strftime("%Y-%m-%d")
    return result.assign(held_on=days)[["held_on", "body", "ref", "status"]].fillna("-").values.tolist()


def test_a_planned_meeting_that_has_passed_is_held_or_not_confirmed() -> None:
    """A later source says that MP100 was dealt with; of MP101, planned for the same day, nobody does."""
    assert meetings(
        met("2020-07-15", "MP100", "scheduled", source_id="report-2020-07"),
        met("2020-07-15", "MP101", "scheduled", source_id="report-2020-07"),
        met("2020-07-15", "MP100"),
    ) == [
        ["2020-07-15", "working_group", "MP100", "held"],
        ["2020-07-15", "working_group", "MP101", "not confirmed"],
    ]


def test_a_meeting_is_there_without_a_modification_only_where_none_is_known() -> None:
    assert meetings(
        met("2020-08-05", kind="monthly"),
        met("2020-08-05", "MP100"),
        met("2020-07-22", body="change_board"),
    ) == [
        ["2020-07-22", "change_board", "-", "held"],
        ["2020-08-05", "working_group", "MP100", "held"],
    ]


def test_two_parts_before_their_split_met_once() -> None:
    split = [{"ref": "MP128A", "earlier_ref": "MP128", "kind": "split", "on": "2020-09-01"}]
    rows = [met("2020-07-21", ref) for ref in ("MP128A", "MP128B", "DP128")]
    assert meetings(*rows, lineage=split) == [["2020-07-21", "working_group", "MP128", "held"]]


def test_a_meeting_of_a_month_counts_on_its_last_day_and_gives_way_to_one_with_a_day() -> None:
    """July's window ends on 3 July, August's on 7 August."""
    july, august = ({"precision": "month"} for _ in range(2))
    assert meetings(met("2020-07-01", "MP100", **july), met("2020-08-01", "MP101", **august)) == [
        ["2020-07-01", "working_group", "MP100", "held"]
    ]
    assert meetings(met("2020-07-01", "MP100", **july), met("2020-07-15", "MP100")) == [
        ["2020-07-15", "working_group", "MP100", "held"]
    ]


def test_an_empty_register_has_empty_lists() -> None:
    result = activity.lists(f.register(), CLOCK)
    assert len(result) == 20
    assert all(listed.items.empty and not listed.rows for listed in result.values())
    assert all(measure.value is None for measure in activity.measures(result, ()))
