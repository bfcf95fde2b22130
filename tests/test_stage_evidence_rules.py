"""The rules A to H by which a source supports a stage: August 2020 by name, and each rule alone.

Expected stages are worked out by hand from the published report of 7 August 2020.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis.analysis import numbering, quality, stage_counts, stage_rules, stages
from secanalysis.domain import references
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import STEPS, Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage
from secanalysis.views.month import MonthlyReport

RAW = Path(__file__).parent.parent / "data" / "raw"
REPORT_DAY = date(2020, 8, 7)
REPORT = "report-2020-08"
AUGUST = f.source(REPORT, published_on="2020-08-07", published_precision="day")

# By hand, from the report: new Draft Proposals; the Refine and Define chapters; votes and releases.
DEVELOPMENT = {"MP136", "MP137", "MP138"}
REFINEMENT = {
    *("SECMP0007", "SECMP0056", "SECMP0067", "MP078", "MP085", "MP090", "MP092", "MP094", "MP099", "MP102"),
    *("MP105", "MP106", "MP107", "MP109", "MP117", "MP119", "MP122", "MP125", "MP128"),
}
DECISION = {"SECMP0015", "MP088"}
PENDING = {
    *("SECMP0062", "MP080", "MP081", "MP093", "MP098", "MP101", "MP103", "MP110", "MP112"),
    *("MP115", "MP118", "MP120", "MP124"),
}
INFERRED = {"MP094", "MP105", "MP106", "MP125", "SECMP0056"}
# MP085 too by the report; MP085A's page shows it in Refinement on 22 March 2021 or later.


@lru_cache(maxsize=1)
def real() -> ResolvedRegister:
    """The register of data/raw."""
    return ResolvedRegister(storage.read_folder(RAW))


def by_stage(register: ResolvedRegister, day: date = REPORT_DAY) -> dict[str, set[str]]:
    """The modifications in each stage on a day, parts as their modification."""
    now = stages.stages(register).at(day).dropna(subset=["stage"])
    result: dict[str, set[str]] = {}
    for name, stage in zip(references.root(now["unit"]), now["stage"], strict=True):
        result.setdefault(stage, set()).add(name)
    return result


def one(day: str, sources: list[dict[str, Any]] | None = None, **tables: Any) -> str | None:
    """The stage of the only modification on a day."""
    stage = stages.stages(f.register(sources, **tables)).at(f.day(day))["stage"][0]
    return None if pd.isna(stage) else str(stage)


# August 2020 ------------------------------------------------------------------------------------


def test_august_2020_by_name() -> None:
    """3, 19 by the report itself and MP134 by its part's page, 1, 2 and 13."""
    result = by_stage(real())
    assert result["development"] == DEVELOPMENT
    assert result["refinement"] == REFINEMENT | {"MP134"}
    assert result["report"] == {"MP127"}
    assert result["decision"] == DECISION
    assert result["pending_implementation"] == PENDING
    now = stages.stages(real()).at(REPORT_DAY)
    assert now["stage"].notna().sum() >= 56
    assert len(now) >= 78


def test_as_known_on_the_day_the_same_holds_for_what_the_report_says() -> None:
    """MP127 is in the Report Phase by its own page, of later."""
    result = by_stage(real().as_known(REPORT_DAY))
    assert result["development"] == DEVELOPMENT
    assert result["refinement"] == REFINEMENT
    assert result["decision"] == DECISION
    assert result["pending_implementation"] == PENDING
    assert "report" not in result


def test_what_is_inferred_is_marked_and_counted() -> None:
    """Assessments open on 31 July, meetings of 5 August, a request approved in July: current in the Refine chapter only."""
    histories = stages.stages(real())
    now, support = histories.at(REPORT_DAY), histories.support(REPORT_DAY)
    assert set(now.loc[now["inferred"], "unit"]) == INFERRED
    words = {"MP094": "inferred from the report's list", "MP136": "listed as a Draft Proposal"}
    words |= {"SECMP0067": "recommended for the Report Phase", "MP128": "consultation"}
    assert {unit: support[unit] for unit in words} == words
    words = {"MP080": "approved for a release", "SECMP0015": "decision referred"}
    assert {unit: support[unit] for unit in words} == words
    assert support.notna().tolist() == now["stage"].notna().tolist()


def test_what_only_a_later_step_supports_says_so() -> None:
    """Raised in January and converted in February: on 3 February nothing else shows it in Development."""
    events = [f.event("MP100", "raised", "2020-01-02"), f.event("MP100", "converted", "2020-02-14")]
    histories = stages.stages(f.register(events=events))
    days = ("2020-01-02", "2020-02-03", "2020-02-14")
    assert [histories.support(f.day(day))["MP100"] for day in days] == [
        "raised",
        "next step: converted",
        "converted",
    ]


def test_counts_by_stage_mark_what_is_inferred() -> None:
    """Of August 2020: 5 of 20 in Refinement, the report's 19 and MP134; as known then 19."""
    histories = stages.stages(real())
    counts = {measure.key: measure for measure in stage_counts.measures(histories, REPORT_DAY)}
    assert counts["stage.refinement.count"].coverage.endswith("; 5 of 20 inferred from the report's list")
    known_then = stages.stages(real().as_known(REPORT_DAY))
    then = {measure.key: measure for measure in stage_counts.measures(known_then, REPORT_DAY)}
    assert then["stage.refinement.count"].coverage.endswith(" of 19 inferred from the report's list")
    assert "inferred" not in counts["stage.decision.count"].coverage


def test_coverage_names_both_the_known_and_all_that_were_numbered() -> None:
    """DP138 had been reached."""
    report = MonthlyReport(real(), ReportMonth(2020, 8), Convention.AS_PUBLISHED)
    assert report.figures["proposal.numbered.count"].coverage.endswith(" of 138")
    clock = report.clock
    facts = quality.coverage(real(), stages.stages(real()), clock).set_index("fact")
    assert facts.loc["stage, inferred from the report's list", "count"] == 5


def test_the_stock_of_proposals_grows() -> None:
    """MP081 was raised on 6 August 2019, so that 80 at most had been before the window; 138 by its end; 28 concluded."""
    report = MonthlyReport(real(), ReportMonth(2020, 8), Convention.AS_PUBLISHED)
    assert report.figures["proposal.numbered.count"].value == 138
    raised = report.figures["proposal.raised.count"]
    assert raised.value == 58
    # it rests on the first known to be of later as well: MP081 after 31 July 2019, MP142 after 31 July 2020
    events = real().tables["events"].set_index(["source_id", "locator"])["ref"]
    assert {"MP081", "MP142"} <= {events[row.source_id, row.locator] for row in raised.rows}
    words = (
        "At least 58 proposals were raised in the 12 months to 31 July 2020 and 28 concluded (as published)"
    )
    assert f"{words}." in repr(report.narrative.summary())


def test_numbers_known_before_and_after_bound_what_was_raised() -> None:
    """MP102 is known before March, MP105 was raised in April: 102 to 104 by the end of March."""
    events = [
        f.event("MP102", "raised", "2020-01-02"),
        f.event("MP105", "raised", "2020-04-01"),
        f.event("MP100", "raised", "2020-04-02"),  # out of order: it bounds nothing
    ]
    result = numbering.numbered(stages.stages(f.register(events=events)), f.day("2020-03-31"))
    assert (result.reached, result.at_most, result.mentioned) == (102, 104, 1)
    assert (result.ref, result.next_ref) == ("MP102", "MP105")
    none = numbering.numbered(stages.stages(f.register(events=events)), f.day("2019-12-31"))
    assert (none.reached, none.mentioned) == (0, 0)


# Each rule alone --------------------------------------------------------------------------------


def test_a_draft_proposal_listed_by_a_report_is_in_development_unless_it_is_converted() -> None:
    listed = [{"ref": "DP136", "source_id": REPORT}]
    converted = f.event("DP136", "converted", "2020-08-07", precision="by", source_id=REPORT)
    assert one("2020-08-07", [AUGUST], modifications=listed) == "development"
    assert one("2020-08-08", [AUGUST], modifications=listed) is None
    assert one("2020-08-07", [AUGUST], modifications=listed, events=[converted]) == "refinement"
    printed = [{"ref": "MP136", "source_id": REPORT}]
    assert one("2020-08-07", [AUGUST], modifications=printed) is None
    page = [{"ref": "DP136", "source_id": "release-page"}]
    dated = f.source("release-page", published_on="2020-08-07", published_precision="day")
    assert one("2020-08-07", [dated], modifications=page) is None


@pytest.mark.parametrize("table", ["consultations", "assessments"])
def test_what_lasts_supports_its_stage_from_beginning_to_end(table: str) -> None:
    rows = {
        "consultations": [
            {"ref": "MP100", "kind": "refinement", "opened_on": "2020-06-01", "closed_on": "2020-06-19"}
        ],
        "assessments": [f.assessment("MP100", accepted="2020-06-01", returned="2020-06-19")],
    }
    days = ["2020-06-01", "2020-06-10", "2020-06-19", "2020-06-20"]
    assert [one(day, **{table: rows[table]}) for day in days] == ["refinement"] * 3 + [None]
    # a dated event that leaves the stage ends it, whatever was to end later
    left = [f.event("MP100", "withdrawn", "2020-06-10")]
    result = [one(day, events=left, **{table: rows[table]}) for day in days]
    assert result == ["refinement", "withdrawn", "withdrawn", "withdrawn"]


def test_a_request_counts_before_an_acceptance_and_an_open_assessment_to_the_last_day_it_is_known() -> None:
    row = f.assessment("MP100", requested="2020-05-04", accepted="2020-06-01", seen="2020-07-31")
    result = [one(day, assessments=[row]) for day in ("2020-05-04", "2020-07-31", "2020-08-01")]
    assert result == ["refinement", "refinement", None]


def test_a_report_consultation_supports_the_report_phase_to_its_closing_day() -> None:
    row = {"ref": "MP100", "kind": "report", "opened_on": "2020-06-01", "closed_on": "2020-06-19"}
    result = [one(day, consultations=[row]) for day in ("2020-06-01", "2020-06-19", "2020-06-20")]
    assert result == ["report", "report", None]
    closed = {"ref": "MP100", "kind": "report", "closed_on": "2020-06-19"}
    assert one("2020-06-19", consultations=[closed]) == "report"


def test_what_is_expected_deferred_or_to_come_counts_on_the_reports_day() -> None:
    expected = {"ref": "MP100", "kind": "refinement", "expected_week": "2020-08-17", "source_id": REPORT}
    meeting = {
        "ref": "MP100",
        "held_on": "2020-09-02",
        "body": "working_group",
        "status": "scheduled",
        "source_id": REPORT,
    }
    deferred = f.event(
        "MP100", "impact_assessment_deferred", "2020-07-01", precision="month", source_id=REPORT
    )
    for table, row in (("consultations", expected), ("meetings", meeting), ("events", deferred)):
        assert one("2020-08-07", [AUGUST], **{table: [row]}) == "refinement", table
        assert one("2020-08-08", [AUGUST], **{table: [row]}) is None, table
    page = {
        "consultations": [expected | {"source_id": f.PAGE}],
        "events": [f.event("MP100", "on_hold", "2020-08-07")],
    }
    assert one("2020-08-07", **page) is None


def test_the_working_group_refines_what_is_no_draft_proposal() -> None:
    met = {"held_on": "2020-08-05", "body": "working_group", "status": "held"}
    assert one("2020-08-05", meetings=[met | {"ref": "MP100"}]) == "refinement"
    seen = f.event("MP100", "on_hold", "2020-08-05")
    assert one("2020-08-05", meetings=[met | {"ref": "DP100"}], events=[seen]) is None
    assert one("2020-08-05", meetings=[met | {"ref": "MP100", "body": "csc"}], events=[seen]) is None


def test_two_days_of_one_stage_hold_what_is_in_between_unless_something_leaves_it() -> None:
    met = [
        {"held_on": on, "body": "working_group", "status": "held", "ref": "MP100"}
        for on in ("2020-03-04", "2020-08-05")
    ]
    assert one("2020-06-01", meetings=met) == "refinement"
    left = [f.event("MP100", "entered_report", "2020-04-01")]
    days = ["2020-03-31", "2020-04-01", "2020-06-01", "2020-08-05"]
    assert [one(day, meetings=met, events=left) for day in days] == [
        "refinement",
        "report",
        None,
        "refinement",
    ]


def test_a_part_gives_its_evidence_to_its_parent_until_the_split() -> None:
    """MP134A was split off on 22 March 2021; what is said of it before is said of MP134."""
    split = [{"ref": "MP134A", "earlier_ref": "MP134", "kind": "split", "on": "2021-03-22"}]
    met = [{"held_on": "2020-11-04", "body": "working_group", "status": "held", "ref": "MP134A"}]
    now = stages.stages(f.register(lineage=split, meetings=met)).at(f.day("2020-11-04"))
    assert now[["unit", "stage"]].values.tolist() == [["MP134", "refinement"]]


def test_a_stage_that_a_part_is_shown_to_have_kept_held_until_the_split() -> None:
    """MP134A is consulted on in Refinement after the split; where the whole had left it before, that says nothing."""
    split = [
        {"ref": part, "earlier_ref": "MP134", "kind": "split", "on": "2021-03-22"}
        for part in ("MP134A", "MP134B")
    ]
    events = [f.event("MP134A", "raised", "2020-05-29"), f.event("MP134A", "converted", "2020-06-19")]
    consulted = [{"ref": "MP134A", "kind": "refinement", "opened_on": "2021-05-17"}]

    def known(*more: dict[str, Any], **tables: Any) -> list[Any]:
        histories = stages.stages(f.register(lineage=split, events=[*events, *more], **tables))
        at = {day: histories.at(f.day(day)).set_index("unit") for day in ("2020-12-01", "2021-03-21")}
        return [now.loc["MP134", "stage"] for now in at.values()]

    assert known(consultations=consulted) == ["refinement", "refinement"]
    assert pd.isna(known()).all()
    left = f.event("MP134B", "entered_report", "2020-09-01")
    assert pd.isna(known(left, consultations=consulted)).all()


def test_as_known_before_the_split_s_source_the_part_supports_nothing() -> None:
    """MP134A's page is of no known day: on 7 August 2020 nobody knew that it would be consulted on in 2021."""
    assert "MP134" in by_stage(real())["refinement"]
    assert "MP134" not in by_stage(real().as_known(REPORT_DAY))["refinement"]
    now = stages.stages(real()).at(f.day("2021-03-21")).set_index("unit")
    assert now.loc[["MP134", "MP085"], "stage"].tolist() == ["refinement", "refinement"]
    support = stages.stages(real()).support(REPORT_DAY)
    assert support[["MP134", "MP085"]].tolist() == ["consultation", "stated by a source"]


def test_what_is_stated_wins_over_what_is_inferred() -> None:
    """An assessment of 1 July that the report lists as open infers Refinement; a page has it in the Report Phase then."""
    current = f.assessment("MP100", accepted="2020-06-01", seen="2020-07-31", source_id=REPORT)
    assert one("2020-08-07", [AUGUST], assessments=[current]) == "refinement"
    consulted = {"ref": "MP100", "kind": "report", "opened_on": "2020-08-03", "closed_on": "2020-08-21"}
    result = stages.stages(f.register([AUGUST], assessments=[current], consultations=[consulted])).at(
        REPORT_DAY
    )
    assert result[["stage", "inferred"]].values.tolist() == [["report", False]]
    # nor does it infer what the same report lists as moved on
    vote = f.vote("MP100", "2020-07-22", outcome="deferred", source_id=REPORT)
    assert one("2020-08-07", [AUGUST], assessments=[current], events=[vote]) is None


# Two stages for one day -------------------------------------------------------------------------

MET = {"held_on": "2020-08-05", "body": "working_group", "status": "held", "ref": "MP100"}
CONSULTED = {"ref": "MP100", "kind": "report", "opened_on": "2020-08-05", "source_id": f.OTHER}


def test_two_stages_stated_for_one_day_leave_none_known_and_are_listed_with_both_rows() -> None:
    raised = f.event("MP100", "raised", "2020-01-02")
    register = f.register(events=[raised], meetings=[MET], consultations=[CONSULTED])
    histories = stages.stages(register)
    assert pd.isna(histories.at(f.day("2020-08-05"))["stage"][0])
    listed = histories.disputes
    assert listed[["unit", "stage", "table", "source_id"]].values.tolist() == [
        ["MP100", "refinement", "meetings", f.PAGE],
        ["MP100", "report", "consultations", f.OTHER],
    ]
    shown = MonthlyReport(register, ReportMonth(2020, 8), Convention.AS_PUBLISHED).quality.disputes()
    assert len(shown.frame) == 2


def test_an_observed_stage_disputes_too_and_what_happened_on_the_day_settles_it() -> None:
    seen = f.event("MP100", "observed", "2020-08-05", precision="by", stage="report")
    assert one("2020-08-05", events=[seen], meetings=[MET]) is None
    entered = f.event("MP100", "entered_report", "2020-08-05")
    assert one("2020-08-05", events=[entered], meetings=[MET], consultations=[CONSULTED]) == "report"
    assert stages.stages(
        f.register(events=[entered], meetings=[MET], consultations=[CONSULTED])
    ).disputes.empty


def test_a_dispute_leaves_other_days_and_modifications_alone() -> None:
    later = MET | {"held_on": "2020-09-02"}
    other = MET | {"ref": "MP101"}
    histories = stages.stages(f.register(meetings=[MET, later, other], consultations=[CONSULTED]))
    assert histories.at(f.day("2020-08-05"))["stage"].fillna("-").tolist() == ["-", "refinement"]
    assert histories.at(f.day("2020-08-06"))["stage"].isna().all()
    assert histories.at(f.day("2020-09-02"))["stage"].fillna("-").tolist() == ["refinement", "-"]


def test_steps_lead_where_the_rules_say() -> None:
    plain = {
        event: line.stage
        for line in stage_rules.LEADS_TO
        for event in line.events
        if not (line.outcomes or line.paths or line.bodies or line.before_development)
    }
    assert plain == STEPS


@pytest.mark.parametrize(
    ("name", "last_day", "decided_on"),
    [("MP134A", "2021-07-19", "2021-10-01"), ("MP076", "2019-09-03", "2019-10-23")],
)
def test_between_a_report_consultation_and_the_authority_s_decision_the_stage_is_not_known(
    name: str, last_day: str, decided_on: str
) -> None:
    """A vote came between them, on no stated day: Report Phase to its end, Decision from then on, and nobody says when.

    By hand from data/raw: the consultation's last day and the Authority's, with no vote and no sending between.
    """
    on_days = stages.stages(real())
    day_before = pd.Timestamp(decided_on) - pd.Timedelta(days=1)
    then = {}
    for day in (last_day, pd.Timestamp(last_day) + pd.Timedelta(days=1), day_before, decided_on):
        now = on_days.at(pd.Timestamp(day).date()).set_index("unit")["stage"]
        then[pd.Timestamp(day)] = now[name]
    assert [*map(str, then.values())] == ["report", "nan", "nan", "pending_implementation"]


def test_a_vote_shows_the_report_phase_to_its_day_and_a_decision_does_not() -> None:
    entered = f.event("MP100", "entered_report", "2020-03-02")
    vote = f.vote("MP100", "2020-04-22", "recommended_approval", "authority")
    decision = f.event("MP100", "decided", "2020-05-26", body="authority", outcome="approved")
    assert one("2020-04-21", events=[entered, vote, decision]) == "report"
    assert one("2020-05-25", events=[entered, vote, decision]) == "decision"
    assert one("2020-04-21", events=[entered, decision]) is None
    assert one("2020-05-26", events=[entered, decision]) == "pending_implementation"
