"""Durations: whose they are, what they are counted to, and the statistics against other hands."""

from __future__ import annotations

from datetime import date
from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis import Register
from secanalysis.analysis import stages
from secanalysis.analysis.durations import assessments, proposals, statistics
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.domain.vocabulary import AssessmentKind, Convention

CLOCK = clock(ReportMonth(2020, 8))  # to 31 July 2020
PUBLISHED = Convention.AS_PUBLISHED
EXPORT = f.source("register-2020-08", published_on="2020-08-07", published_precision="day")


def summarised(at: pd.DataFrame, of_proposals: pd.DataFrame, convention: Convention) -> pd.DataFrame:
    """The table of completed cases."""
    return statistics.summaries(statistics.samples(at, of_proposals, convention))


def estimated_times(at: pd.DataFrame, of_proposals: pd.DataFrame) -> pd.DataFrame:
    """The table of times to completion."""
    return statistics.estimates(statistics.estimated(at, of_proposals))


def assessed(*rows: dict[str, Any], sources: list[dict[str, Any]] | None = None) -> pd.DataFrame:
    return assessments.at(f.register(sources, assessments=list(rows)), CLOCK, PUBLISHED)


def proposed(
    *events: dict[str, Any], sources: list[dict[str, Any]] | None = None, **tables: Any
) -> pd.DataFrame:
    register = f.register(sources, events=list(events), **tables)
    return proposals.at(register, CLOCK, PUBLISHED)


# Assessments ------------------------------------------------------------------------------------


def test_open_only_if_attested_on_the_period_end() -> None:
    result = assessed(
        f.assessment("MP119", accepted="2020-07-14", seen="2020-07-31"),
        f.assessment("MP120", accepted="2020-07-14", seen="2020-07-30"),
        f.assessment("MP121", requested="2020-07-14"),
        f.assessment("MP122", accepted="2020-07-14", returned="2020-07-31"),
    )
    assert dict(zip(result["ref"], result["status"], strict=True)) == {
        **{"MP119": "open", "MP120": "unknown", "MP121": "unknown", "MP122": "completed"}
    }
    wd = result.set_index("ref")["duration_wd"]
    assert (wd["MP119"], wd["MP122"]) == (14, 14)
    assert wd[["MP120", "MP121"]].isna().all()
    assert result.set_index("ref")["observed_wd"]["MP120"] == 13  # censored at its last attested day


def test_an_export_attests_all_its_assessments() -> None:
    row = f.assessment("MP119", accepted="2020-07-14", seen="2020-07-20", source_id="register-2020-08")
    assert assessed(row, sources=[EXPORT])["status"].tolist() == ["open"]


def test_a_requested_date_never_stands_in() -> None:
    result = assessed(f.assessment("MP117", requested="2020-06-03", returned="2020-07-16"))
    assert result["duration_wd"].isna().all()
    measures = assessments.measures(result, CLOCK, PUBLISHED, {"assessment.pa.completed.count"})
    by_key = {measure.key: measure for measure in measures}
    assert by_key["assessment.pa.completed.count"].value == 1
    mean = by_key["assessment.pa.completed.mean_wd"]
    assert (mean.value, mean.coverage) == (None, "0 of 1 have both dates")
    assert mean.reason == "a mean needs every row: the accepted date of 1 of 1 isn't stated"
    one = by_key["assessment.MP117.pa.2020-07-16.duration_wd"]
    assert one.reason == "its accepted date isn't stated; a requested date can't replace it"


def _published(key: str, value: float | None) -> dict[str, Any]:
    return {"month": "2020-08", "key": key, "printed": "x", "value": value, "unit": "WD"}


def test_the_accepted_day_is_derived_from_a_published_duration() -> None:
    """By the calendar: 18 weekdays to Thursday 1 August 2019 begin on Tuesday 9 July; 31 to Monday 9 September on 29 July."""
    rows = [
        f.assessment("SECMP0063", returned="2019-08-01"),
        f.assessment("SECMP0063", returned="2019-08-01"),
        f.assessment("SECMP0046", returned="2019-09-09"),
        f.assessment("SECMP0053", returned="2019-09-20", kind="IA"),  # illegible
        f.assessment("MP109", accepted="2019-09-09", returned="2019-09-11"),  # stated: nothing to derive
        f.assessment("MP110", returned="2019-09-08"),  # one weekday to a Sunday: the Friday
    ]
    key = "assessment.{}.duration_wd".format
    figures = [
        _published(key("SECMP0063.pa.2019-08-01"), 18),
        _published(key("SECMP0063.pa.2019-08-01") + ".2", 17),
        _published(key("SECMP0046.pa.2019-09-09"), 31),
        _published(key("SECMP0053.ia.2019-09-20"), None),
        _published(key("MP109.pa.2019-09-11"), 3),
        _published(key("MP110.pa.2019-09-08"), 1),
    ]
    register = f.register(assessments=rows, published_figures=figures)
    at = assessments.at(register, CLOCK, PUBLISHED)
    derived = assessments.with_derived(at, register).set_index("ref")
    assert derived["published_wd"]["SECMP0063"].tolist() == [18, 17]
    assert derived["published_wd"][["SECMP0046", "MP109", "MP110"]].tolist() == [31, 3, 1]
    assert derived["published_wd"].isna().sum() == 1
    days = derived["derived_on"].dt.strftime("%Y-%m-%d")
    assert days["SECMP0063"].tolist() == ["2019-07-09", "2019-07-10"]
    assert (days["SECMP0046"], days["MP110"]) == ("2019-07-29", "2019-09-06")
    assert days[["SECMP0053", "MP109"]].isna().all()


def test_what_is_derived_is_used_in_no_figure() -> None:
    """The figure with the published duration can't be calculated, and no mean or estimate has its case."""
    row = f.assessment("SECMP0046", returned="2019-09-09")
    figure = _published("assessment.SECMP0046.pa.2019-09-09.duration_wd", 31)
    at = assessments.at(f.register(assessments=[row], published_figures=[figure]), CLOCK, PUBLISHED)
    (measure,) = assessments.measures(at, CLOCK, PUBLISHED, ())[8:]
    assert (measure.key, measure.value) == (figure["key"], None)
    assert measure.reason == "its accepted date isn't stated; a requested date can't replace it"
    summary = summarised(at, proposed(), PUBLISHED).set_index("what")["n"]
    assert summary["Preliminary Assessments: accepted to returned"] == 0
    assert estimated_times(at, proposed())["completed"].tolist() == [0, 0, 0]


def test_the_window_has_both_its_ends() -> None:
    days = ["2019-07-31", "2019-08-01", "2020-07-31", "2020-08-01"]
    result = assessed(*[f.assessment(f"MP10{n}", returned=day) for n, day in enumerate(days)])
    assert result.set_index("ref")["in_window"].to_dict() == {"MP100": False, "MP101": True, "MP102": True}


def test_a_count_is_null_unless_a_source_attests_the_list() -> None:
    result = assessed(f.assessment("MP119", accepted="2020-07-14", seen="2020-07-31"))
    attested = assessments.attested(result, ["assessment.ia.open.count"])
    assert attested == {"assessment.pa.open.count", "assessment.ia.open.count"}
    by_key = {m.key: m for m in assessments.measures(result, CLOCK, PUBLISHED, attested)}
    assert (by_key["assessment.pa.open.count"].value, by_key["assessment.ia.open.count"].value) == (1, 0)
    assert by_key["assessment.pa.completed.count"].value is None
    assert by_key["assessment.pa.completed.count"].reason == "no complete list is available"
    assert by_key["assessment.ia.open.mean_wd"].reason == "there is none"


def test_two_rows_with_one_key_are_kept_apart_and_have_their_rows() -> None:
    result = assessed(*[f.assessment("SECMP0063", returned="2019-08-01") for _ in range(2)])
    keys = {m.key: m.rows for m in assessments.measures(result, CLOCK, PUBLISHED, ())[8:]}
    assert {key: [row.locator for row in rows] for key, rows in keys.items()} == {
        "assessment.SECMP0063.pa.2019-08-01.duration_wd": ["line 1"],
        "assessment.SECMP0063.pa.2019-08-01.duration_wd.2": ["line 2"],
    }


def test_returned_before_accepted_across_sources_says_so() -> None:
    """Each row is sound by itself."""
    rows = [
        f.assessment("MP100", returned="2020-05-29", source_id="report-2020-08"),
        f.assessment("MP100", accepted="2020-06-01", returned="2020-06-02"),
    ]
    measure = assessments.measures(assessed(*rows), CLOCK, PUBLISHED, ())[-1]
    assert (measure.value, measure.reason) == (None, "it was returned before it was accepted")


def test_both_conventions() -> None:
    register = f.register(assessments=[f.assessment("SECMP0056", accepted="2019-07-02", seen="2020-07-31")])
    result = assessments.both_conventions(register, CLOCK).iloc[0]
    assert (result["as_published"], result["sec"], result["bank_holidays"]) == (284, 276, 8)


# Progression ------------------------------------------------------------------------------------


def test_concluded_is_the_latest_final_decision_that_nothing_has_reopened() -> None:
    """A referral reopens; one known *by* the report's day may have been before the period end, a later one wasn't."""
    result = proposed(
        f.event("SECMP0015", "raised", "2016-05-31"),
        f.vote("SECMP0015", "2020-07-22", outcome="rejected"),
        f.event("SECMP0015", "referred", "2020-07-24"),
        f.event("MP100", "raised", "2020-01-06"),
        f.vote("MP100", "2020-03-02", outcome="recommended_approval", path=None),
        f.event("MP100", "decided", "2020-03-10", outcome="approved"),
        f.event("MP101", "raised", "2020-01-06"),
        f.event("MP101", "withdrawn", "2020-01-07"),
        f.event("MP102", "raised", "2020-01-06"),
        f.vote("MP102", "2020-08-05"),
    )
    stated = result.set_index("name")[["status", "duration_wd"]].astype("object")
    stated = stated.where(stated.notna(), None).T.to_dict("list")
    assert stated["MP100"] == ["concluded", 47]
    assert stated["MP101"] == ["concluded", 2]
    assert stated["MP102"] == ["unknown", None]  # decided after the period end
    assert stated["SECMP0015"][0] != "concluded"
    rejected = [f.event("MP100", "raised", "2020-01-06"), f.vote("MP100", "2020-07-22", outcome="rejected")]
    for on, precision, expected in (
        ("2020-08-07", "by", "unknown"),
        ("2020-08-07", "day", "concluded"),
        ("2020-09-04", "by", "concluded"),
    ):
        referred = f.event("MP100", "referred", on, precision=precision)
        assert proposed(*rejected, referred)["status"].tolist() == [expected], (on, precision)


def test_what_is_decided_again_after_a_referral_or_sending_back_concludes_then() -> None:
    """22 days from 6 January to 4 February, were it not sent back; 86 to 4 May."""
    result = proposed(
        f.event("MP100", "raised", "2020-01-06"),
        f.vote("MP100", "2020-02-04"),
        f.event("MP100", "decided", "2020-03-02", outcome="sent_back", body="authority"),
        f.vote("MP100", "2020-05-04"),
    )
    assert result[["status", "duration_wd"]].values.tolist() == [["concluded", 86]]
    again = proposed(
        f.event("MP100", "raised", "2020-01-06"),
        f.vote("MP100", "2020-02-04", outcome="rejected"),
        f.event("MP100", "entered_refinement", "2020-03-02"),
    )
    assert again["status"].tolist() == ["unknown"]


def test_an_open_assessment_or_a_meeting_attests_that_a_proposal_is_open() -> None:
    """By the rules F and G on the period end, without any stage stated; not after it, and not once it has ended."""
    raised = [f.event(ref, "raised", "2020-01-06") for ref in ("MP100", "MP101", "MP102", "MP103")]
    result = proposed(
        *raised,
        f.vote("MP103", "2020-07-22"),
        assessments=[
            f.assessment("MP100", accepted="2020-06-01", seen="2020-07-31"),
            f.assessment("MP103", accepted="2020-06-01", seen="2020-06-30"),
        ],
        meetings=[
            {"held_on": "2020-07-31", "body": "working_group", "status": "held", "ref": "MP101"},
            {"held_on": "2020-08-05", "body": "working_group", "status": "held", "ref": "MP102"},
        ],
    )
    assert result["status"].tolist() == ["open", "open", "unknown", "concluded"]


def test_open_needs_a_source_of_the_period_end_and_no_sign_of_an_end() -> None:
    export = [EXPORT]
    events = [
        f.event("MP100", "raised", "2020-01-06", source_id="register-2020-08"),
        f.event("MP101", "raised", "2020-01-06"),
        f.event("MP101", "observed", "2020-05-01", precision="not_before", stage="withdrawn"),
    ]
    items = [f.item("R", "MP102", "implemented", "2020-05-01")]
    assert proposed(*events, release_items=items)["status"].tolist() == ["unknown"] * 3
    result = proposed(*events, sources=export, release_items=items)
    assert result["status"].tolist() == ["open", "unknown", "unknown"]
    assert result["entry_wd"].tolist() == [0, 0, 0]  # an export knows each from its beginning


def test_one_without_a_raised_date_counts_and_spoils_the_mean() -> None:
    events = [
        f.event("MP100", "raised", "2020-01-06"),
        f.vote("MP100", "2020-01-07"),
        f.vote("MP101", "2020-01-07"),
    ]
    result = {
        m.key: m for m in proposals.measures(proposed(*events), PUBLISHED, {"proposal.concluded.count"})
    }
    assert result["proposal.concluded.count"].value == 2
    assert result["proposal.concluded.mean_wd"].value is None
    assert (
        result["proposal.concluded.mean_wd"].reason
        == "a mean needs every row: the raised date of 1 of 2 isn't stated"
    )


def test_each_step_of_progression_is_between_its_own_two_days() -> None:
    """Three alike, day by day in July 2020; weekdays counted by hand, both ends.

    Raised on Wednesday the 1st, converted on Friday the 3rd (3 WD), in the Report Phase on Wednesday the 8th (4 WD from
    the conversion), approved on Tuesday the 14th (5 WD), in force on Tuesday the 21st (6 WD); 10 WD from raised to approved.
    """
    steps = {"raised": "01", "converted": "03", "entered_report": "08"}
    refs = ("MP201", "MP202", "MP203")
    events = [f.event(ref, step, f"2020-07-{day}") for ref in refs for step, day in steps.items()]
    events += [f.vote(ref, "2020-07-14") for ref in refs]
    force = [f.item("July 2020 SEC Release", ref, "implemented", "2020-07-21") for ref in refs]
    proposals_then = proposed(*events, release_items=force)
    days = proposals_then[["raised_on", "converted_on", "report_on", "concluded_on", "implemented_on"]]
    expected = ["2020-07-01", "2020-07-03", "2020-07-08", "2020-07-14", "2020-07-21"]
    assert days.apply(lambda day: day.dt.strftime("%Y-%m-%d")).values.tolist() == [expected] * 3
    summary = summarised(assessed(), proposals_then, PUBLISHED).set_index("what")
    assert summary["n"].tolist()[6:] == [3] * 6
    assert summary["mean"].to_dict() == {
        **{what: pytest.approx(float("nan"), nan_ok=True) for what in summary.index[:6]},
        "Raised to converted": 3,
        "Converted to the Report Phase": 4,
        "The Report Phase to a conclusion": 5,
        "Concluded to implemented": 6,
        "Raised to concluded": 10,
        "Raised to concluded, time on hold left out": 10,
    }


def test_an_assessment_is_labelled_by_its_state_and_day() -> None:
    rows = [
        f.assessment("MP119", accepted="2020-07-14", seen="2020-07-31"),
        f.assessment("MP120", accepted="2020-07-14", returned="2020-07-20", kind="IA"),
    ]
    labels = {m.key: m.label for m in assessments.measures(assessed(*rows), CLOCK, PUBLISHED, ())[8:]}
    assert labels == {
        "assessment.MP119.pa.2020-07-14.duration_wd": "MP119 PA, accepted 14 July 2020",
        "assessment.MP120.ia.2020-07-20.duration_wd": "MP120 IA, returned 20 July 2020",
    }


def test_a_part_in_force_is_not_the_modification_in_force() -> None:
    """As SECMP0007's: text in June, the rest planned for November. In force is it once no part is to come."""
    text = f.item("June 2020 SEC Release", "MP100", "implemented", "2020-06-25", part="text only")
    rest = {"release": "July 2020 SEC Release", "part": "systems"}
    plan = f.item(ref="MP100", status="targeted", on="2020-06-01", precision="by", **rest)
    decided = f.vote("MP100", "2020-06-01")
    (row,) = proposed(decided, release_items=[text, plan]).to_dict("records")
    assert pd.isna(row["implemented_on"])
    came = f.item(ref="MP100", status="implemented", on="2020-07-30", **rest)
    (row,) = proposed(decided, release_items=[text, plan, came]).to_dict("records")
    assert row["implemented_on"] == pd.Timestamp("2020-07-30")


def test_parts_conclude_each_and_contradictions_are_left_out() -> None:
    split = [
        {"ref": ref, "earlier_ref": "MP102", "kind": "split", "on": "2020-03-02"}
        for ref in ("MP102A", "MP102B")
    ]
    events = [
        f.event("MP102", "raised", "2020-01-06"),
        f.vote("MP102A", "2020-04-01"),
        f.event("MP103", "raised", "2020-05-01"),
        f.vote("MP103", "2020-04-01"),
    ]
    result = proposed(*events, lineage=split)
    assert result["name"].tolist() == ["MP102A", "MP102B"]
    assert result["raised_on"].dt.strftime("%Y-%m-%d").tolist() == ["2020-01-06"] * 2
    assert result["status"].tolist() == ["concluded", "unknown"]


# Summaries, ages and estimates --------------------------------------------------------------------


def _returned_on(*days: str, times: int = 1, **stated: Any) -> list[dict[str, Any]]:
    """PAs accepted on Wednesday 1 July 2020, so many returned on each of some days of July."""
    refs = (f"MP{number}" for number in range(500, 999))
    return [
        f.assessment(next(refs), accepted="2020-07-01", returned=f"2020-07-{day}", **stated)
        for day in days
        for _ in range(times)
    ]


def test_what_is_known_only_because_it_was_still_open_enters_late() -> None:
    """Seen first on the period end it says nothing of how long such a one takes."""
    rows = _returned_on("02", "03", "06", times=10)
    rows.append(f.assessment("MP109", accepted="2020-03-02", seen="2020-07-31"))
    result = assessed(*rows)
    assert result.set_index("ref")["entry_wd"].to_dict() == {row["ref"]: 0 for row in rows} | {"MP109": 110}
    estimate = statistics.assessment_survival(result, AssessmentKind.PA)
    assert estimate is not None
    assert (estimate.completed, estimate.censored) == (30, 0)
    stated_elsewhere = {
        "ref": "MP109",
        "kind": "PA",
        "accepted_on": "2020-03-02",
        "state": "requested",
        "source_id": f.OTHER,
    }
    assert assessed(*rows, stated_elsewhere).set_index("ref")["entry_wd"]["MP109"] == 0


def test_a_proposal_known_only_because_it_was_open_enters_late() -> None:
    """Raised and seen open by one source: 5 WD old by then. Raised told by another too: from the beginning."""
    raised = f.event("MP201", "raised", "2020-07-01", source_id=f.OTHER)
    seen = f.event(
        "MP201", "observed", "2020-07-07", stage="refinement", precision="not_before", source_id=f.OTHER
    )
    assert proposed(raised, seen)["entry_wd"].tolist() == [5]
    assert proposed(raised, f.event("MP201", "raised", "2020-07-01"), seen)["entry_wd"].tolist() == [0]


def test_an_export_that_lists_one_as_withdrawn_does_not_attest_that_it_was_open_before() -> None:
    """Withdrawn by the export's day, 7 August: on 31 July it may have been or not."""
    of_export = {"source_id": EXPORT["source_id"]}
    raised = [f.event(ref, "raised", "2020-07-01", **of_export) for ref in ("MP201", "MP202", "MP203")]
    seen = {"precision": "by", **of_export}
    stated = [
        *raised,
        f.event("MP201", "observed", "2020-08-07", stage="withdrawn", **seen),
        f.event("MP202", "observed", "2020-08-07", stage="refinement", **seen),
        f.event("MP203", "withdrawn", "2020-08-05", **of_export),
    ]
    result = proposed(*stated, sources=[EXPORT]).set_index("name")["status"]
    assert result.to_dict() == {"MP201": "unknown", "MP202": "open", "MP203": "open"}


def test_what_others_state_later_does_not_undo_what_an_export_attests() -> None:
    """A page that says in December that it was approved says nothing of July, of which the export knows all."""
    raised = f.event("MP201", "raised", "2020-07-01", source_id=EXPORT["source_id"])
    page = f.source("mp201-page", published_on="2020-12-31", published_precision="day")
    seen = f.event(
        "MP201",
        "observed",
        "2020-12-31",
        stage="pending_implementation",
        precision="by",
        source_id="mp201-page",
    )
    assert proposed(raised, seen, sources=[EXPORT, page])["status"].tolist() == ["open"]


def test_time_on_hold_is_left_out_where_asked() -> None:
    """Raised Wednesday 1 July, on hold from Monday 6 to Wednesday 8 (2 WD), and from 20 to 22 July (2)."""
    events = [f.event("MP201", "raised", "2020-07-01")]
    for first, again, resumed in (("06", "07", "08"), ("20", "20", "22")):
        for day in (first, again):
            events.append(f.event("MP201", "on_hold", f"2020-07-{day}"))
        events.append(f.event("MP201", "resumed", f"2020-07-{resumed}"))
    events.append(f.event("MP201", "withdrawn", "2020-07-31"))
    result = proposed(*events)
    assert result[["duration_wd", "on_hold_wd"]].values.tolist() == [[23, 4]]


def test_a_hold_that_nobody_ends_goes_on_to_the_end() -> None:
    """Never resumed: from Thursday 30 July to the withdrawal on Friday."""
    rows = [("raised", "01"), ("on_hold", "30"), ("withdrawn", "31")]
    result = proposed(*(f.event("MP201", name, f"2020-07-{day}") for name, day in rows))
    assert result["on_hold_wd"].tolist() == [2]
    rows[1] = ("resumed", "30")
    result = proposed(*(f.event("MP201", name, f"2020-07-{day}") for name, day in rows))
    assert result["on_hold_wd"].tolist() == [0]


def test_ages_of_open_proposals() -> None:
    """Of ten, seven took no longer than 10 WD: six withdrawn after 2 WD, and MP203."""
    quick = [f"MP30{n}" for n in range(7)]
    days = {"MP201": "2020-07-01", "MP202": "2020-07-20", "MP203": "2020-07-27"}
    events = [f.event(ref, "raised", day) for ref, day in days.items()]
    events += [f.event(ref, "observed", "2020-07-31", stage="development") for ref in days]
    events.append(f.event("MP202", "on_hold", "2020-07-30"))
    for ref in quick:
        events += [f.event(ref, "raised", "2020-07-01"), f.event(ref, "withdrawn", "2020-07-02")]
    result = statistics.proposal_ages(proposed(*events))
    assert result["name"].tolist() == ["MP201", "MP202", "MP203"]
    assert result["duration_wd"].tolist() == [23, 10, 5]
    assert result["active_wd"].tolist() == [23, 8, 5]
    assert result["percentile"].tolist() == pytest.approx([1, 0.9, 0.8])


def test_ages_among_comparable_ones() -> None:
    rows = _returned_on("02", "03", times=4, target_wd=15)
    rows.append(f.assessment("MP109", accepted="2020-03-02", seen="2020-07-31", target_wd=15))
    rows.append(f.assessment("MP110", accepted="2020-07-02", seen="2020-07-31", kind="IA"))
    rows.append(f.assessment("MP111", accepted="2020-07-30", seen="2020-07-31", target_wd=15))
    result = statistics.ages(assessed(*rows)).set_index("ref")
    assert result.index.tolist() == ["MP109", "MP110", "MP111"]
    assert result["over_target_wd"].tolist()[::2] == [95, -13]
    assert result["percentile"]["MP109"] == 1.0
    assert result["percentile"]["MP111"] == 0.5  # four returned after 2 WD, and itself, of ten
    assert pd.isna(result["percentile"]["MP110"])  # it is the only one of its kind
    fewer = statistics.ages(assessed(*rows[1:])).set_index("ref")  # nine are comparable
    assert fewer["percentile"].isna().all()


def test_of_one_age_they_are_in_the_order_of_references() -> None:
    rows = [
        f.assessment(ref, accepted="2020-07-01", seen="2020-07-31") for ref in ("MP102", "MP101", "MP103")
    ]
    assert statistics.ages(assessed(*rows))["ref"].tolist() == ["MP101", "MP102", "MP103"]
    events = [f.event(ref, "raised", "2020-07-01") for ref in ("MP102", "MP101")]
    events += [f.event(ref, "observed", "2020-07-31", stage="development") for ref in ("MP102", "MP101")]
    assert statistics.proposal_ages(proposed(*events))["name"].tolist() == ["MP101", "MP102"]


def test_the_summary_of_conclusions_is_of_the_twelve_months() -> None:
    """Withdrawn on 31 July 2019 is before them, on 1 August 2019 and on 31 July 2020 within."""
    days = {"MP201": "2019-07-31", "MP202": "2019-08-01", "MP203": "2020-07-31"}
    events = [f.event(ref, "raised", "2019-07-01") for ref in days]
    events += [f.event(ref, "withdrawn", day) for ref, day in days.items()]
    summary = summarised(assessed(), proposed(*events), PUBLISHED).set_index("what")
    assert summary["n"].tolist()[-2:] == [2, 2]
    returned = [f.assessment(ref, accepted="2019-07-01", returned=day) for ref, day in days.items()]
    summary = summarised(assessed(*returned), proposed(), PUBLISHED).set_index("what")
    assert summary.loc["Preliminary Assessments: accepted to returned", "n"] == 2


def test_with_none_open_there_are_no_ages() -> None:
    """Three came back, and three were withdrawn: none is open, so no row has an age."""
    returned = [f.assessment(f"MP10{n}", accepted="2020-07-01", returned=f"2020-07-0{n}") for n in (2, 3, 6)]
    aged = statistics.ages(assessed(*returned))
    assert aged.empty
    assert {"over_target_wd", "percentile"} <= set(aged.columns)
    raised = [f.event(f"MP20{n}", "raised", "2020-07-01") for n in (1, 2, 3)]
    withdrawn = [f.event(f"MP20{n}", "withdrawn", "2020-07-03") for n in (1, 2, 3)]
    aged = statistics.proposal_ages(proposed(*raised, *withdrawn))
    assert aged.empty
    assert {"active_wd", "percentile"} <= set(aged.columns)


def test_what_is_stated_after_its_end_does_not_attest_that_one_was_open() -> None:
    """In force on 15 July, decided nobody says when: last known to be open on 7 July, when it was 5 WD old."""
    raised = f.event("MP201", "raised", "2020-07-01")
    recommended = f.event("MP201", "recommended_to_report", "2020-07-07")
    force = f.item(None, "MP201", "implemented", "2020-07-15")
    result = proposed(raised, recommended, release_items=[force])
    assert result[["status", "observed_wd"]].values.tolist() == [["unknown", 5]]
    (row,) = estimated_times(assessed(), result).to_dict("records")[2:]
    assert (row["completed"], row["censored"], row["open"]) == (0, 1, 0)


def test_one_returned_on_a_day_that_nobody_states_has_no_known_end() -> None:
    """Accepted on 1 July, returned by 31 July: that it ended on the first day, the last one told, was seen by nobody."""
    rows = _returned_on("02", "03", "06", times=10, source_id=f.OTHER)
    rows.append(f.assessment("MP109", accepted="2020-07-01", seen="2020-07-31") | {"state": "returned"})
    at = assessed(*rows)
    assert at.set_index("ref")["status"]["MP109"] == "completed"
    row = estimated_times(at, proposed()).set_index("what").loc["Preliminary Assessments"]
    assert row[["completed", "censored", "mean_completed"]].tolist() == [30, 1, 3]
    curve = statistics.assessment_survival(at, AssessmentKind.PA)
    assert curve is not None
    assert (curve.completed, curve.censored) == (30, 1)


def test_naive_means_stand_beside_the_estimate() -> None:
    """Forty returned after 2, 3 and 4 WD, and one first seen open on the last day: half are done at 3 WD."""
    rows = _returned_on("02", times=10, target_wd=2) + [
        row | {"ref": row["ref"].replace("MP5", "MP6")} for row in _returned_on("03", times=20, target_wd=2)
    ]
    rows += [
        row | {"ref": row["ref"].replace("MP5", "MP7")} for row in _returned_on("06", times=10, target_wd=2)
    ]
    rows.append(f.assessment("MP109", accepted="2020-07-30", seen="2020-07-31"))
    at = assessed(*rows)
    result = estimated_times(at, proposed()).set_index("what").loc["Preliminary Assessments"]
    counts_and_means = ["completed", "censored", "mean_completed", "open", "mean_open"]
    assert result[counts_and_means].tolist() == [40, 0, 3, 1, 2]
    assert result[["at_risk", "median", "median_low", "median_high"]].tolist() == [30, 3, 3, 3]
    summary = summarised(at, proposed(), PUBLISHED).set_index("what")
    summed = summary.loc["Preliminary Assessments: accepted to returned"]
    assert summed[["n", "mean", "median", "within_target"]].tolist() == [40, 3, 3, 0.25]
    assert summary.loc["Raised to concluded", "n"] == 0


def test_both_tables_count_what_took_no_working_day() -> None:
    """Three of six were accepted and returned on one weekend: 0, 0, 0, 5, 10 and 10 WD are 25, over six."""
    days = {"MP901": ("02", "03"), "MP902": ("09", "10"), "MP903": ("16", "17")}
    days |= {"MP904": ("04", "08"), "MP905": ("04", "15"), "MP906": ("04", "15")}
    rows = [
        f.assessment(ref, kind="IA", accepted=f"2024-03-{accepted}", returned=f"2024-03-{returned}")
        for ref, (accepted, returned) in days.items()
    ]
    register = f.register(assessments=rows)
    at = assessments.at(register, clock(ReportMonth(2024, 6)), PUBLISHED)
    completed = summarised(at, proposed(), PUBLISHED).set_index("what")
    estimated = estimated_times(at, proposed()).set_index("what")
    of_window = completed.loc["Impact Assessments: accepted to returned", ["n", "mean"]].tolist()
    assert of_window == [6, pytest.approx(25 / 6)]
    assert estimated.loc["Impact Assessments", ["completed", "mean_completed"]].tolist() == of_window


@pytest.mark.parametrize("month", ["2019-11", "2020-08", "2021-12"])
def test_an_empty_register_has_no_durations(month: str) -> None:
    at = assessments.at(f.register(), clock(ReportMonth.parse(month)), Convention.SEC)
    assert at.empty
    assert statistics.ages(at).empty
    assert proposals.at(f.register(), clock(ReportMonth.parse(month)), Convention.SEC).empty
    assert date.fromisoformat("2020-07-31") == CLOCK.period_end


def test_a_later_return_shows_that_an_assessment_was_open() -> None:
    """MP109 of September 2020: accepted 26 May, seen open on 31 July, returned on 28 September: open on 31 August, for 70 WD."""
    rows = [
        f.assessment("MP109", accepted="2020-05-26", seen="2020-07-31"),
        f.assessment("MP109", requested="2020-05-13", returned="2020-09-28", source_id=f.OTHER),
    ]
    register = f.register(assessments=rows)
    september = clock(ReportMonth(2020, 9))
    (row,) = assessments.at(register, september, PUBLISHED).to_dict("records")
    assert (row["status"], row["duration_wd"], pd.isna(row["returned_on"])) == ("open", 70, True)
    (later,) = assessments.at(register, clock(ReportMonth(2020, 10)), PUBLISHED).to_dict("records")
    assert (later["status"], later["duration_wd"]) == ("completed", 90)
    assert assessments.at(register, clock(ReportMonth(2020, 5)), PUBLISHED).empty  # not requested yet


def test_open_means_the_same_for_durations_and_stages() -> None:
    """In refinement on 31 July, as a conversion before and a meeting after it show; nothing is stated of the day itself."""
    register = f.register(
        events=[f.event("MP100", "raised", "2020-01-06"), f.event("MP100", "converted", "2020-02-03")],
        meetings=[{"held_on": "2020-08-05", "body": "working_group", "status": "held", "ref": "MP100"}],
    )
    now = stages.stages(register).at(CLOCK.period_end)
    assert now["stage"].tolist() == ["refinement"]
    result = proposals.at(register, CLOCK, PUBLISHED)
    assert result["status"].tolist() == ["open"]
    assert result["duration_wd"].tolist() == [150]  # Monday 6 January to Friday 31 July 2020: 30 weeks


def test_two_rows_of_one_source_that_say_the_same_are_two_and_the_count_says_so() -> None:
    """SECMP0063, as the report of August 2020 lists it twice."""
    twice = f.assessment("SECMP0063", returned="2020-07-01", source_id="report-2020-08")
    result = assessed(twice, dict(twice), f.assessment("SECMP0064", returned="2020-07-02"))
    by_key = {m.key: m for m in assessments.measures(result, CLOCK, PUBLISHED, ())}
    count = by_key["assessment.pa.completed.count"]
    assert count.n == 3
    assert count.coverage == "SECMP0063 counts twice: its source lists it in 2 rows that say the same"
    assert not by_key["assessment.ia.completed.count"].coverage
    report = Register(f.tables(assessments=[twice, dict(twice)])).month("2020-08")
    assert "SECMP0063 counts twice" in report.durations.returned_assessments().note
