"""Which statements tell of one thing, and which of them wins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import factories as f
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage

RAW = Path(__file__).parent.parent / "data" / "raw"
REPORT = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
LATER = f.source("report-2020-09", published_on="2020-09-04", published_precision="day")


def assessed(*rows: dict[str, Any]) -> list[tuple[str | None, ...]]:
    """The assessments that these statements amount to: (requested, accepted, returned), sorted."""
    result = f.register([REPORT, LATER], assessments=list(rows)).assessments
    days = result[["requested_on", "accepted_on", "returned_on"]].apply(
        lambda day: day.dt.strftime("%Y-%m-%d")
    )
    stated = [tuple(None if pd.isna(cell) else cell for cell in row) for row in days.itertuples(index=False)]
    return sorted(stated, key=str)


def happened(*rows: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """The events that these statements amount to: (name, event, day as it is read)."""
    result = f.register([REPORT, LATER], events=list(rows)).events
    shown = result["on"].dt.strftime("%Y-%m-%d") + " " + result["precision"]
    stated = zip(result["name"], result["event"], shown, strict=True)
    return sorted((name, event, None if pd.isna(on) else on) for name, event, on in stated)


# Assessments ------------------------------------------------------------------------------------


def test_returns_within_three_working_days_are_one_and_the_report_wins() -> None:
    """MP090: 11 and 12 February 2020 are one, May another."""
    rows = [
        f.assessment("MP090", returned="2020-02-11", source_id="report-2020-08"),
        f.assessment("MP090", returned="2020-05-11", source_id="report-2020-08"),
        f.assessment("DP090", requested="2019-11-15", returned="2020-02-12"),
    ]
    assert assessed(*rows) == [("2019-11-15", None, "2020-02-11"), (None, None, "2020-05-11")]
    conflicts = f.register([REPORT], assessments=rows).conflicts
    assert conflicts.drop(columns="table").values.tolist() == [
        ["MP090", "PA returned_on", "2020-02-11", "report-2020-08", "2020-02-12", "page"]
    ]


def test_a_weekend_does_not_count_and_four_days_are_two() -> None:
    near = f.assessment("MP090", returned="2020-02-14", source_id="report-2020-08")  # a Friday
    assert assessed(near, f.assessment("MP090", returned="2020-02-19")) == [(None, None, "2020-02-14")]
    assert len(assessed(near, f.assessment("MP090", returned="2020-02-20"))) == 2


def test_autumn_and_april_are_two() -> None:
    """MP078: the request of August 2019 is the one that came back in December, not the one accepted in April."""
    rows = [
        f.assessment("MP078", returned="2019-12-31", source_id="report-2020-08"),
        f.assessment("MP078", accepted="2020-04-17", seen="2020-07-31", source_id="report-2020-08"),
        f.assessment("MP078", requested="2019-08-30"),
    ]
    assert assessed(*rows) == [("2019-08-30", None, "2019-12-31"), (None, "2020-04-17", None)]


def test_two_identical_rows_of_one_source_stay_two() -> None:
    """SECMP0063's; a page's one row is one of them."""
    twice = [f.assessment("SECMP0063", returned="2019-08-01", source_id="report-2020-08") for _ in range(2)]
    two = [(None, None, "2019-08-01")] * 2
    assert assessed(*twice) == two
    assert assessed(*twice, f.assessment("SECMP0063", returned="2019-08-01")) == two
    again = [row | {"source_id": "report-2020-09"} for row in twice]
    assert assessed(*twice, *again) == two


def test_nothing_is_merged_within_a_source() -> None:
    """Not even what was accepted on one day."""
    rows = [
        f.assessment("MP100", accepted="2020-04-17", returned="2020-06-01"),
        f.assessment("MP100", accepted="2020-04-17", returned="2020-06-03"),
        f.assessment("MP100", accepted="2020-04-17", seen="2020-07-31"),
        f.assessment("MP100", requested="2020-04-01"),
    ]
    assert len(assessed(*rows)) == 4
    one_of_them = f.assessment(
        "MP100", accepted="2020-04-17", returned="2020-06-03", source_id="report-2020-08"
    )
    assert len(assessed(*rows, one_of_them)) == 4


def test_a_request_joins_the_first_later_acceptance() -> None:
    rows = [
        f.assessment("MP109", accepted="2020-05-26", seen="2020-07-31", source_id="report-2020-08"),
        f.assessment("MP109", accepted="2020-09-01", seen="2020-09-04", source_id="report-2020-09"),
        f.assessment("MP109", requested="2020-05-13"),
    ]
    assert assessed(*rows) == [("2020-05-13", "2020-05-26", None), (None, "2020-09-01", None)]


def test_a_request_after_all_of_them_is_one_of_its_own() -> None:
    rows = [
        f.assessment("MP078", accepted="2020-04-17", seen="2020-07-31", source_id="report-2020-08"),
        f.assessment("MP078", requested="2021-03-24"),
    ]
    assert len(assessed(*rows)) == 2


def test_a_return_joins_the_latest_earlier_open_acceptance() -> None:
    rows = [
        f.assessment("MP100", accepted="2019-01-07", seen="2019-02-01", source_id="report-2020-08"),
        f.assessment("MP100", accepted="2019-06-03", seen="2019-07-01", source_id="report-2020-08"),
        f.assessment("MP100", accepted="2019-12-02", seen="2020-01-03", source_id="report-2020-08"),
        f.assessment("MP100", returned="2019-09-02"),
    ]
    assert (None, "2019-06-03", "2019-09-02") in assessed(*rows)
    assert len(assessed(*rows)) == 3


def test_a_return_does_not_join_what_was_seen_open_after_it() -> None:
    rows = [
        f.assessment("MP100", accepted="2020-04-17", seen="2020-07-31", source_id="report-2020-08"),
        f.assessment("MP100", returned="2020-05-01"),
    ]
    assert len(assessed(*rows)) == 2


def test_a_report_series_states_one_assessment() -> None:
    """Open in one report, returned in the next."""
    rows = [
        f.assessment("MP107", accepted="2020-04-20", seen="2020-07-31", source_id="report-2020-08"),
        f.assessment("MP107", accepted="2020-04-20", returned="2020-08-17", source_id="report-2020-09"),
    ]
    assert assessed(*rows) == [(None, "2020-04-20", "2020-08-17")]


def test_kinds_and_modifications_are_kept_apart() -> None:
    rows = [
        f.assessment("MP100", returned="2020-02-11", source_id="report-2020-08"),
        f.assessment("MP100", returned="2020-02-11", kind="IA"),
        f.assessment("MP101", returned="2020-02-11"),
        f.assessment("MP100A", returned="2020-02-12"),  # a part's is its root's
    ]
    assert len(assessed(*rows)) == 3


# Events -----------------------------------------------------------------------------------------


def test_raised_once_by_the_best_source_and_the_conflict_is_listed() -> None:
    rows = [
        f.event("MP147", "raised", "2020-10-23"),
        f.event("DP147", "raised", "2020-10-20", source_id="report-2020-09"),
    ]
    assert happened(*rows) == [("MP147", "raised", "2020-10-20 day")]
    stated = f.register([LATER], events=rows).conflicts.iloc[0]
    assert (stated["kept"], stated["other"], stated["other_source"]) == ("2020-10-20", "2020-10-23", "page")


def test_a_blank_or_loose_day_never_hides_an_exact_one() -> None:
    """However much better its source is."""
    blank = f.event("MP100", "raised", source_id="report-2020-08")
    by = f.event("MP101", "raised", "2020-08-07", precision="by", source_id="report-2020-08")
    rows = [blank, by, f.event("MP100", "raised", "2020-07-10"), f.event("MP101", "raised", "2020-07-14")]
    assert happened(*rows) == [("MP100", "raised", "2020-07-10 day"), ("MP101", "raised", "2020-07-14 day")]
    assert f.register([REPORT], events=rows).conflicts.empty


def test_a_vote_stated_in_two_chapters_is_one() -> None:
    rows = [
        f.vote("MP103", "2020-07-22", source_id="report-2020-08"),
        f.vote("MP103", "2020-08-07", path=None, precision="by", source_id="report-2020-08"),
        f.vote("MP103", "2020-07-22", outcome=None, path=None),
    ]
    assert happened(*rows) == [("MP103", "voted", "2020-07-22 day")]
    result = f.register([REPORT], events=rows).events.iloc[0]
    assert (result["outcome"], result["path"]) == ("approved", "self_governance")


def test_a_vote_stated_this_month_takes_the_day_of_a_page() -> None:
    """Though the report is the better source."""
    rows = [
        f.vote("MP131", "2020-09-04", precision="by", source_id="report-2020-09"),
        f.vote("MP131", "2020-08-26", outcome=None),
    ]
    assert happened(*rows) == [("MP131", "voted", "2020-08-26 day")]


@pytest.mark.parametrize(
    ("loose", "precision", "day", "count"),
    [
        ("2017-01-01", "month", "2017-01-26", 1),  # SECMP0016
        ("2017-02-01", "month", "2017-01-26", 2),
        ("2017-01-01", "month", "2017-02-01", 2),
        ("2017-03-01", "by", "2017-01-26", 1),
        ("2017-04-01", "by", "2017-01-26", 2),  # not last month's any more
    ],
)
def test_decisions_stated_loosely(loose: str, precision: str, day: str, count: int) -> None:
    rows = [
        f.event("SECMP0016", "decided", loose, precision=precision, outcome="approved"),
        f.event("SECMP0016", "decided", day, outcome="approved", source_id=f.OTHER),
    ]
    assert len(happened(*rows)) == count


def test_different_outcomes_days_and_bodies_are_different_votes() -> None:
    rows = [
        f.vote("MP127", "2020-07-22", outcome="deferred"),
        f.vote("MP127", "2020-08-26"),
        f.vote("MP127", "2020-08-28", outcome="rejected", precision="by", source_id="report-2020-09"),
        f.vote("MP127", "2020-08-26", body="panel"),
    ]
    assert len(happened(*rows)) == 4


def test_the_same_event_seen_on_several_days_is_several_sightings() -> None:
    rows = [
        f.event("MP106", "observed", "2020-07-29", precision="not_before", stage="refinement"),
        f.event("MP106", "observed", "2020-08-29", precision="not_before", stage="refinement"),
        f.event(
            "MP106", "observed", "2020-08-29", precision="not_before", stage="refinement", source_id=f.OTHER
        ),
    ]
    assert len(happened(*rows)) == 2


# Implementation ---------------------------------------------------------------------------------


def test_a_dated_implementation_wins_over_an_undated_one() -> None:
    rows = [
        f.item("November 2020 SEC Release", "MP080", "implemented", source_id="report-2020-08"),
        f.item("November 2020 SEC Release", "MP080", "implemented", "2020-11-29"),
    ]
    result = f.register([REPORT], release_items=rows).implementations
    assert result["on"].dt.strftime("%Y-%m-%d").tolist() == ["2020-11-29"]


def test_two_parts_are_two_implementations() -> None:
    """SECMP0062: part 1 in May, part 2 in November; two days for part 2 are a conflict."""
    rows = [
        f.item(None, "SECMP0062", "implemented", "2020-05-01", precision="month", part="part 1"),
        f.item("November 2020 SEC Release", "SECMP0062", "implemented", "2020-11-05", part="part 2"),
        f.item(
            "November 2020 SEC Release",
            "SECMP0062",
            "implemented",
            "2020-11-29",
            part="part 2",
            source_id="release-v27",
        ),
    ]
    result = f.register(release_items=rows)
    days = dict(
        zip(
            result.implementations["part"], result.implementations["day"].dt.strftime("%Y-%m-%d"), strict=True
        )
    )
    assert days == {"part 1": "2020-05-31", "part 2": "2020-11-29"}
    assert result.conflicts[["kept", "other"]].values.tolist() == [["2020-11-29", "2020-11-05"]]


# Splits -----------------------------------------------------------------------------------------


def split_day(*rows: dict[str, Any], items: Sequence[dict[str, Any]] = (), **lineage: Any) -> str:
    parts = [{"ref": "MP102A", "earlier_ref": "MP102", "kind": "split", "source_id": f.OTHER} | lineage]
    sources = [REPORT, f.source(f.OTHER, published_on="2019-12-18", published_precision="not_before")]
    register = f.register(sources, lineage=parts, events=list(rows), release_items=list(items))
    return str(register.split_days["MP102"].date())


def test_a_split_counts_from_its_stated_day_else_from_its_first_mention() -> None:
    named = f.event(
        "MP102A", "recommended_to_report", "2020-08-07", precision="by", source_id="report-2020-08"
    )
    assert split_day(named, on="2020-03-02", precision="day") == "2020-03-02"
    assert split_day(named) == "2020-08-07"  # the first source of a known day
    assert split_day() == "2019-12-18"  # only bounds are known


def test_a_split_is_no_later_than_what_a_part_alone_did() -> None:
    """Decided or in force as a part, it had been split; a whole's vote says nothing, nor does what was seen then or later."""
    in_force = f.item("November 2019 SEC Release", "MP102A", "implemented", "2019-11-28")
    assert split_day(items=[in_force]) == "2019-11-28"
    assert split_day(f.vote("MP102A", "2019-10-23")) == "2019-10-23"
    assert split_day(items=[in_force], on="2019-12-02", precision="by") == "2019-11-28"
    assert split_day(items=[in_force], on="2019-12-02", precision="day") == "2019-12-02"
    assert split_day(items=[in_force | {"precision": "not_before"}]) == "2019-12-18"
    assert split_day(f.vote("MP102", "2019-10-23"), f.event("MP102A", "raised", "2019-05-01")) == "2019-12-18"


def test_mp122_was_split_when_its_part_came_into_force() -> None:
    """By hand: MP122A's page is of 1 May 2021 or later, and it has been in force since 25 February 2021."""
    register = ResolvedRegister(storage.read_folder(RAW))
    assert str(register.split_days["MP122"].date()) == "2021-02-25"


# Order ------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.builds(
        lambda ref, name, day, source: (
            f.assessment(ref, **{name: f"2020-0{day // 28 + 1}-{day % 28 + 1:02}"}, source_id=source)
            | ({"state": "open", "state_on": "2020-09-01"} if name == "accepted" else {})
        ),
        st.sampled_from(["MP100", "MP101"]),
        st.sampled_from(["requested", "accepted", "returned"]),
        st.integers(0, 60),
        st.sampled_from(["report-2020-08", "report-2020-09", "page", "other-page"]),
    ),
    max_size=9,
)


@settings(max_examples=20, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_assessments_are_one_to_one_and_independent_of_order(rows: list[dict[str, Any]], random: Any) -> None:
    """No assessment takes two statements of one source; shuffling the rows changes nothing."""
    tables = f.tables([REPORT, LATER], assessments=rows)
    result = ResolvedRegister(tables)
    stated = result.assessment_statements
    assert not stated.duplicated(["assessment_id", "source_id"]).any()
    assert len(stated) == len(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = ResolvedRegister(
        {**tables, "assessments": tables["assessments"].iloc[order].reset_index(drop=True)}
    )
    assert result.assessments.equals(shuffled.assessments)
    assert stated.equals(shuffled.assessment_statements)
