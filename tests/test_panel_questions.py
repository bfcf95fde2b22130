"""What a Panel asks: stock and flow, assessments against target, lead times by path, time in each stage.

On made-up registers each figure is worked out twice (`plain_questions.py`); small ones show what isn't known.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factories as f
import pandas as pd
import pytest
from plain_questions import answers, lives, open_at
from test_simulate import rows_of

from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.simulate import simulation
from secanalysis.views.month import MonthlyReport

SPAN = (ReportMonth(2019, 1), ReportMonth(2021, 12))
QUESTIONS = ("flow.", "target.", "lead_time.", "stage_time.")


def plain_rows(register: ResolvedRegister, table: str) -> list[dict[str, Any]]:
    """A table's rows with plain days."""
    return [
        {name: cell.date() if isinstance(cell, pd.Timestamp) else cell for name, cell in row.items()}
        for row in rows_of(register, table)
    ]


def check(seed: int) -> None:
    """A made-up register's figures and month-by-month tables, by the rooms and by plain loops."""
    tables, _ = simulation.simulate(80, seed, SPAN, attestations=seed % 2 == 0)
    register = ResolvedRegister(tables)
    report = MonthlyReport(register, ReportMonth(2020, 2).shift(seed % 20), Convention.AS_PUBLISHED)
    clock = report.clock
    events = [row for row in plain_rows(register, "events") if row["on"] is not None]
    all_lives = lives(events, plain_rows(register, "release_items"))
    assessed = plain_rows(register, "assessments")
    expected = answers(all_lives, assessed, clock.window_start, clock.period_end, in_an_export=seed % 2 == 0)
    shown = {figure.key: figure for figure in report.figures.starting(*QUESTIONS)}
    assert {key: figure.value for key, figure in shown.items()} == pytest.approx(
        {key: expected[key] for key in shown}, nan_ok=False
    )
    assert {key for key in expected} == set(shown)

    stock = report.stages.stock_and_flow().frame
    assert len(stock) == 12
    against_target = report.durations.against_target().frame
    for month, raised, concluded, is_open in zip(
        *(stock[name] for name in ("month", "raised", "concluded", "open")), strict=True
    ):
        first = date.fromisoformat(f"{month}-01")
        last = min((first + timedelta(days=31)).replace(day=1) - timedelta(days=1), clock.period_end)
        assert is_open == open_at(all_lives, last), month
        assert raised == sum(first <= life.raised <= last for life in all_lives), month
        ended = [life.ended(clock.period_end) for life in all_lives]
        assert concluded == sum(row is not None and first <= row["on"] <= last for row in ended), month
        of_month = answers([], assessed, first, last)
        for kind in ("PA", "IA"):
            row = against_target[(against_target["month"] == month) & (against_target["kind"] == kind)]
            result = (0, 0) if row.empty else (row["returned"].item(), row["within"].item())
            key = f"target.{kind.lower()}"
            assert result == (of_month[f"{key}.returned.count"], of_month[f"{key}.within.count"]), month


@pytest.mark.parametrize("seed", range(6))
def test_two_ways(seed: int) -> None:
    check(seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6, 106))
def test_two_ways_soak(seed: int) -> None:
    check(seed)


# What isn't known --------------------------------------------------------------------------------


def report(register: ResolvedRegister, month: str = "2020-08") -> MonthlyReport:
    return MonthlyReport(register, ReportMonth.parse(month), Convention.AS_PUBLISHED)


def test_numbers_say_how_many_were_raised_where_days_are_missing() -> None:
    """MP100 was raised on 30 June and MP104 on 31 July, MP105 on 3 August: from 101 to 104 are four, of one the day is known."""
    known = f.register(
        events=[
            f.event("MP100", "raised", "2020-06-30"),
            f.event("MP101", "raised", "2020-07-01"),
            f.event("MP104", "raised", "2020-07-31"),
            f.event("MP105", "raised", "2020-08-03"),
        ]
    )
    figure = report(known).figures["flow.raised.count"]
    assert (figure.value, figure.n, figure.coverage) == (4, 2, "by their numbers; the day of 2 is known")
    row = report(known).stages.stock_and_flow().frame.set_index("month").loc["2020-07"]
    assert row[["numbered", "least", "most", "raised", "unmentioned"]].tolist() == [104, 4, 4, 2, 101]


def test_numbers_that_leave_room_give_no_figure() -> None:
    """Between MP100 of May and MP104 of July nobody knows when 101 to 103 were raised."""
    known = f.register(
        events=[
            f.event("MP100", "raised", "2020-05-04"),
            f.event("MP104", "raised", "2020-07-31"),
            f.event("MP106", "raised", "2020-08-03"),
        ]
    )
    figure = report(known).figures["flow.raised.count"]
    assert (figure.value, figure.reason) == (None, "1 to 5 by their numbers")
    nothing = report(f.register(events=[f.event("MP100", "raised", "2020-05-04")]))
    assert nothing.figures["flow.raised.count"].reason == "at least 0 by their numbers"


EXPORT = f.source("register-2020-08", published_on="2020-08-07", published_precision="day")
OWN = {"source_id": "register-2020-08"}


def test_a_path_that_is_not_stated_makes_counts_lower_bounds() -> None:
    """One decided by Self-Governance, one by the Authority, one by a vote of which no path is stated."""
    events = [
        *(f.event(ref, "raised", "2020-01-06", **OWN) for ref in ("MP101", "MP102", "MP103")),
        f.vote("MP101", "2020-06-24", **OWN),
        f.vote("MP102", "2020-05-27", "recommended_approval", None, **OWN),
        f.event("MP102", "decided", "2020-06-30", body="authority", outcome="approved", **OWN),
    ]
    whole = report(f.register([EXPORT], events=events)).figures
    assert whole["lead_time.self_governance.count"].value == 1
    assert whole["lead_time.authority.count"].value == 1
    assert (
        whole["lead_time.authority.mean_wd"].value == 127
    )  # Monday 6 January to Tuesday 30 June: 25 weeks and 2 days
    events.append(f.event("MP103", "decided", "2020-07-22", body="panel", outcome="approved", **OWN))
    figures = report(f.register([EXPORT], events=events)).figures
    unknown = figures["lead_time.self_governance.count"]
    assert (unknown.value, unknown.n) == (None, 1)
    assert unknown.reason == "at least 1; 1 more whose path isn't stated"
    assert figures["lead_time.authority.mean_wd"].value is None
    table = report(f.register([EXPORT], events=events)).durations.lead_times().frame
    assert table.set_index("path")["decided"].to_dict() == {
        "Self-Governance": 1,
        "The Authority": 1,
        "Not stated": 1,
    }


def test_a_stage_left_without_a_day_makes_its_count_a_lower_bound() -> None:
    """Raised and converted on known days, seen in the Report Phase: by when it left the Refinement Process is all that is known."""
    events = [
        f.event("MP101", "raised", "2020-03-02", **OWN),
        f.event("MP101", "converted", "2020-03-20", **OWN),
        f.event("MP101", "observed", "2020-07-24", precision="by", stage="report", **OWN),
    ]
    figures = report(f.register([EXPORT], events=events)).figures
    assert figures["stage_time.development.count"].value == 1
    assert (
        figures["stage_time.development.mean_wd"].value == 15
    )  # three weeks of five days, both ends counted
    assert figures["stage_time.refinement.count"].reason == "at least 0; 1 more without a date"
    assert figures["stage_time.report.count"].value == 0


def test_a_stage_that_nobody_dates_ends_no_stay_in_the_one_before() -> None:
    """Raised and in force on known days: it left the Development Stage in between, so its 176 WD aren't time in it."""
    events = [
        f.event("MP101", "raised", "2020-03-02", **OWN),
        f.event("MP101", "converted", "2020-03-20", **OWN),
        f.event("MP102", "raised", "2019-09-02", **OWN),
    ]
    items = [
        {
            "release": "February 2020",
            "ref": "MP102",
            "status": "implemented",
            "on": "2020-02-27",
            "precision": "day",
        }
        | OWN
    ]
    shown = report(f.register([EXPORT], events=events, release_items=items))
    count, mean = (shown.figures[f"stage_time.development.{what}"] for what in ("count", "mean_wd"))
    assert (count.value, count.reason) == (None, "at least 1; 1 more without a date")
    assert (mean.value, mean.reason) == (None, "a mean needs every row: 1 more without a date")
    row = shown.durations.stage_times().frame.set_index("stage").loc["The Development Stage"]
    assert row[["left", "n"]].tolist() == [2, 1]


def test_an_assessment_without_an_accepted_day_cannot_be_compared() -> None:
    """Two returned in July within their 40 days or not; a third has no accepted day."""
    rows = [
        f.assessment("MP101", accepted="2020-07-01", returned="2020-07-31", target_wd=40, kind="IA", **OWN),
        f.assessment("MP102", accepted="2020-05-01", returned="2020-07-30", target_wd=40, kind="IA", **OWN),
    ]
    figures = report(f.register([EXPORT], assessments=rows)).figures
    assert figures["target.ia.returned.count"].value == 2
    assert figures["target.ia.within.count"].value == 1
    rows.append(f.assessment("MP103", returned="2020-07-30", target_wd=40, kind="IA", **OWN))
    within = report(f.register([EXPORT], assessments=rows)).figures["target.ia.within.count"]
    assert (within.value, within.n, within.reason) == (None, 1, "1 of 3 have no accepted day or no target")


def test_of_facts_that_no_source_lists_nothing_is_counted() -> None:
    """August 2020's report lists the assessments that were returned, not what was decided or left a stage."""
    known = f.register(events=[f.event("MP101", "raised", "2020-01-06"), f.vote("MP101", "2020-06-24")])
    for figure in report(known).figures.starting("lead_time.", "stage_time.", "target.", "flow.concluded"):
        assert figure.value is None and figure.reason, figure.key
    assert report(known).figures["lead_time.self_governance.count"].n == 1


# What they were worked out from -------------------------------------------------------------------


def test_each_mean_in_a_table_is_of_the_cases_that_it_opens_to() -> None:
    """Made-up registers: the cases of each stage and path are as many as their table counts, and have its mean."""
    tables, _ = simulation.simulate(80, 1, SPAN, attestations=False)
    durations = report(ResolvedRegister(tables), "2021-06").durations
    stage_times, lead_times = durations.stage_times(), durations.lead_times()
    assert stage_times.cases and lead_times.cases
    by_stage, stays = stage_times.frame, stage_times.cases.frame
    stays = stays[stays["duration_wd"].notna()]
    assert by_stage["n"].sum() == len(stays) > 20
    for row in by_stage.to_dict("records"):
        of_stage = stays.loc[stays["stage"] == row["stage"], "duration_wd"]
        assert row["n"] == len(of_stage)
        assert len(of_stage) < 3 or row["mean"] == pytest.approx(of_stage.mean())
    by_path, decided = lead_times.frame, lead_times.cases.frame
    assert by_path["decided"].sum() == len(decided) > 20
    for row in by_path.to_dict("records"):
        of_path = decided[decided["path"] == row["path"]]
        assert row["decided"] == len(of_path)
        assert len(of_path) < 3 or row["mean"] == pytest.approx(of_path["duration_wd"].mean())


def test_a_mean_of_few_cases_and_two_means_of_different_cases_say_so() -> None:
    """Four decided by the Authority, three of them in force: means of four and of three."""
    events, items = [], []
    for ref in ("MP101", "MP102", "MP103", "MP104"):
        events.append(f.event(ref, "raised", "2020-01-06", **OWN))
        events.append(f.event(ref, "decided", "2020-05-29", body="authority", outcome="approved", **OWN))
        item = {
            "release": "June 2020",
            "ref": ref,
            "status": "implemented",
            "on": "2020-06-25",
            "precision": "day",
        }
        items += [item | OWN] if ref != "MP104" else []
    durations = report(f.register([EXPORT], events=events, release_items=items)).durations
    (row,) = durations.lead_times().frame.to_dict("records")
    assert (row["n"], row["in_force"]) == (4, 3)
    assert row["mean"] == 105  # Monday 6 January to Friday 29 May 2020: 21 weeks
    assert row["mean_to_force"] == 124  # to Thursday 25 June: 24 weeks and 4 days
    assert row["remark"] == (
        "a mean of fewer than 10 says little of others; the two means are not of the same modifications"
    )
    (stay,) = durations.stage_times().frame.query("n > 0").to_dict("records")
    assert (stay["stage"], stay["n"], stay["remark"]) == (
        "Pending implementation",
        3,
        "a mean of fewer than 10 says little of others",
    )


# How many, in words -------------------------------------------------------------------------------


def test_one_assessment_over_target_takes_the_singular() -> None:
    """Accepted on 2 March, open on 31 July: 110 WD of 40. No source lists all that were open."""
    known = f.register(
        assessments=[f.assessment("MP101", accepted="2020-03-02", seen="2020-07-31", kind="IA", target_wd=40)]
    )
    words = repr(report(known).narrative.summary())
    assert "At least 1 open DCC assessment is over target." in words
    finding = report(known).durations.ageing_chart().finding
    assert finding == (
        "1 of the 1 assessment known to be open is over its target on 31 July 2020; others may have been open"
    )


@pytest.mark.parametrize(("before", "bound"), [("MP100", ""), ("MP099", "At least ")])
def test_only_a_number_that_may_be_too_low_is_called_a_lower_bound(before: str, bound: str) -> None:
    """MP120 was raised on 31 July 2020, MP121 on 3 August. Whether MP100 was raised in the 12 months isn't known of MP099 only."""
    raised = {before: "2019-07-31", "MP101": "2019-08-01", "MP120": "2020-07-31", "MP121": "2020-08-03"}
    known = f.register(events=[f.event(ref, "raised", day) for ref, day in raised.items()])
    assert f"{bound}20 proposals were raised" in repr(report(known).narrative.summary())
    label = report(known).figures["proposal.raised.count"].label
    assert label.endswith("(at least)") == bool(bound)


def test_a_hold_within_a_hold_is_disclosed_where_its_days_are_counted() -> None:
    """MP083, as its page says: on hold on 17 September 2020 and again on 19 April 2021, and nobody says that it was resumed between."""
    events = [
        f.event("MP083", "raised", "2019-08-23"),
        f.event("MP083", "on_hold", "2020-09-17"),
        f.event("MP083", "on_hold", "2020-09-17", source_id=f.OTHER),
        f.event("MP083", "on_hold", "2021-04-19"),
        f.event("MP083", "withdrawn", "2021-06-24"),
    ]
    durations = report(f.register(events=events), "2021-09").durations
    words = "MP083 was put on hold again on 19 April 2021, and no source says that it was resumed before"
    for table in (durations.summary(), durations.open_proposals(), durations.cases()):
        assert table.note.count(words) == 1
    before = report(f.register(events=events), "2021-04").durations
    assert "on hold again" not in before.summary().note


def test_a_number_no_fact_names_by_a_day_is_not_said_to_be_in_no_source() -> None:
    """MP101 to MP103 are named by facts dated later, which sources do state."""
    events = [
        f.event("MP100", "raised", "2020-05-04"),
        f.event("MP104", "raised", "2020-07-31"),
        f.event("MP102", "converted", "2020-08-21"),
    ]
    shown = report(f.register(events=events))
    assert shown.figures["proposal.numbered.count"].coverage == "facts dated by then name 2 of 104"
    titles = shown.stages.stock_and_flow().columns
    assert titles["unmentioned"] == "Numbered, and named by no fact dated by then"
