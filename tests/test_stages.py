"""Stages: intervals from events, how long they are believed, and counts against a slow loop over days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factories as f
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secanalysis.analysis import stage_changes, stage_counts, stages
from secanalysis.domain.vocabulary import Stage
from secanalysis.register.resolved import ResolvedRegister


def stage_on(day: str, *events: dict[str, Any], **tables: Any) -> str | None:
    """The only modification's stage on a day; None where it isn't known."""
    return standing(day, events=list(events), **tables)[0][1]


def standing(day: str, **tables: Any) -> list[tuple[str, str | None]]:
    """Each known modification with its stage on a day."""
    result = stages.stages(f.register(**tables)).at(f.day(day))
    return [
        (unit, None if pd.isna(stage) else stage)
        for unit, stage in zip(result["unit"], result["stage"], strict=True)
    ]


# What happens and the stage after it ------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"event": "raised"}, "development"),
        ({"event": "converted"}, "refinement"),
        ({"event": "entered_refinement"}, "refinement"),
        ({"event": "entered_report"}, "report"),
        (
            {"event": "voted", "body": "change_board", "outcome": "approved", "path": "self_governance"},
            "pending_implementation",
        ),
        (
            {"event": "voted", "body": "change_board", "outcome": "approved", "path": "fast_track"},
            "pending_implementation",
        ),
        ({"event": "voted", "body": "change_board", "outcome": "approved"}, "pending_implementation"),
        ({"event": "voted", "body": "change_board", "outcome": "approved", "path": "authority"}, "decision"),
        ({"event": "voted", "body": "change_board", "outcome": "recommended_approval"}, "decision"),
        ({"event": "voted", "body": "change_board", "outcome": "recommended_rejection"}, "decision"),
        (
            {"event": "voted", "body": "change_board", "outcome": "rejected", "path": "self_governance"},
            "rejected",
        ),
        ({"event": "voted", "body": "change_board", "outcome": "sent_back"}, "report"),
        ({"event": "voted", "body": "change_board", "outcome": "deferred"}, None),
        ({"event": "voted", "body": "change_board"}, None),
        (
            {"event": "voted", "body": "csc", "outcome": "approved"},
            None,
        ),  # a Sub-Committee decides nothing for good
        ({"event": "decided", "body": "authority", "outcome": "approved"}, "pending_implementation"),
        ({"event": "decided", "body": "authority", "outcome": "rejected"}, "rejected"),
        ({"event": "decided", "body": "authority", "outcome": "sent_back"}, "report"),
        ({"event": "sent_to_authority"}, "decision"),
        ({"event": "referred"}, "decision"),
        ({"event": "withdrawn"}, "withdrawn"),
        ({"event": "observed", "stage": "report", "precision": "by"}, "report"),
        ({"event": "observed", "stage": "report", "precision": "not_before"}, None),
        ({"event": "withdrawn", "precision": "not_before"}, None),  # seen then or later: starts nothing
        (
            {"event": "recommended_to_report"},
            "refinement",
        ),  # rule B: it is being presented for the Report Phase
        ({"event": "recommended_to_report", "precision": "not_before"}, None),
        ({"event": "on_hold"}, None),
    ],
)
def test_stage_after(event: dict[str, Any], expected: str | None) -> None:
    assert stage_on("2020-03-02", {"ref": "MP100", "on": "2020-03-02", **event}) == expected


def test_raised_before_the_development_stage_was() -> None:
    assert stage_on("2016-05-31", f.event("SECMP0015", "raised", "2016-05-31")) == "refinement"
    assert stage_on("2018-11-01", f.event("MP069", "raised", "2018-11-01")) == "development"


def test_a_path_stated_elsewhere_counts() -> None:
    """A page says that the Authority decides; the vote's own row states no path."""
    vote = f.vote("MP100", "2020-03-02", path=None)
    assert stage_on("2020-03-02", vote) == "pending_implementation"
    stated = f.event("MP100", "raised", "2020-01-02", path="authority")
    assert stage_on("2020-03-02", stated, vote) == "decision"


# How long a stage is believed -------------------------------------------------------------------

COURSE = [
    f.event("MP100", "raised", "2020-01-02"),
    f.event("MP100", "converted", "2020-02-14"),
    f.event("MP100", "entered_report", "2020-06-19"),
    f.vote("MP100", "2020-07-22"),
]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-01-02", "development"),
        ("2020-02-13", "development"),  # the conversion attests it until then
        ("2020-02-14", "refinement"),
        ("2020-06-18", "refinement"),
        ("2020-06-19", "report"),
        ("2020-07-21", "report"),
        ("2020-07-22", "pending_implementation"),
        ("2020-07-23", None),  # no release is known, so nobody says how long
    ],
)
def test_a_whole_course(day: str, expected: str | None) -> None:
    assert stage_on(day, *COURSE) == expected


def test_what_skips_a_step_attests_nothing() -> None:
    """A vote says nothing of how long a modification had been in refinement."""
    events = [COURSE[0], COURSE[1], COURSE[3]]
    assert stage_on("2020-02-14", *events) == "refinement"
    assert stage_on("2020-02-15", *events) is None
    assert stage_on("2020-07-22", *events) == "pending_implementation"


def test_nothing_is_open_because_nobody_said_that_it_ended() -> None:
    assert stage_on("2020-02-14", *COURSE[:2]) == "refinement"
    assert stage_on("2020-02-15", *COURSE[:2]) is None


def test_a_sighting_confirms_up_to_its_day() -> None:
    seen = f.event("MP100", "observed", "2020-05-04", precision="not_before", stage="refinement")
    assert stage_on("2020-05-04", *COURSE[:2], seen) == "refinement"
    assert stage_on("2020-05-05", *COURSE[:2], seen) is None
    other = f.event("MP100", "observed", "2020-05-04", precision="not_before", stage="report")
    assert stage_on("2020-05-04", *COURSE[:2], other) is None


def test_what_had_begun_by_a_day_does_not_attest_what_was_before() -> None:
    """Converted by 7 August: perhaps in January."""
    by = f.event("MP100", "converted", "2020-08-07", precision="by")
    assert stage_on("2020-08-06", COURSE[0], by) is None
    assert stage_on("2020-08-07", COURSE[0], by) == "refinement"


def test_a_month_counts_on_its_last_day() -> None:
    month = f.event("MP100", "entered_refinement", "2020-02-01", precision="month")
    assert stage_on("2020-02-28", COURSE[0], month) == "development"
    assert stage_on("2020-02-29", COURSE[0], month) == "refinement"


def test_since_says_how_well_it_is_known() -> None:
    events = [*COURSE[:1], f.event("MP100", "observed", "2020-03-02", precision="by", stage="refinement")]
    events += [f.event("MP100", "withdrawn", "2020-04-01", precision="month")]
    result = stages.stages(f.register(events=events))
    precisions = [
        result.at(f.day(day))["since_precision"][0] for day in ("2020-01-02", "2020-03-02", "2020-04-30")
    ]
    assert precisions == ["day", "by", "month"]


@pytest.mark.parametrize(
    ("later", "stage"),
    [
        (f.event("MP100", "recommended_to_report", "2020-06-19"), "development"),
        (f.event("MP100", "entered_report", "2020-06-19"), "development"),
        (f.event("MP100", "on_hold", "2020-06-19"), "refinement"),
        (f.event("MP100", "withdrawn", "2020-06-19"), "refinement"),
    ],
    ids=lambda stated: stated if isinstance(stated, str) else stated["event"],
)
def test_what_can_follow_a_later_stage_too_attests_no_earlier_one(later: dict[str, Any], stage: str) -> None:
    """Seen in development in January and recommended to the Report Phase in June: who says it wasn't refined?

    Where a register's export lists it, and so each of its steps, it wasn't.
    """
    first = COURSE[:1] if stage == "development" else COURSE[:2]
    assert stage_on("2020-02-14" if stage == "refinement" else "2020-01-02", *first, later) == stage
    assert stage_on("2020-06-18", *first, later) is None
    export = f.source("register-2020-08", published_on="2020-08-07", published_precision="day")
    stated = [{**event, "source_id": export["source_id"]} for event in (*first, later)]
    result = stages.stages(f.register([export], events=stated))
    assert result.at(f.day("2020-06-18"))["stage"].tolist() == [stage]


def test_steps_back_referral_and_hold() -> None:
    """SECMP0015 was rejected, referred, and much later implemented in part."""
    events = [
        f.event("MP100", "entered_report", "2020-06-19"),
        f.vote("MP100", "2020-07-22", outcome="rejected"),
        f.event("MP100", "referred", "2020-08-07", precision="by"),
        f.event("MP100", "entered_refinement", "2020-09-11"),
        f.event("MP100", "entered_report", "2020-10-01"),
        f.event("MP100", "on_hold", "2020-11-02"),
        f.event("MP100", "resumed", "2020-12-01"),
    ]
    expected = {
        "2020-07-21": "report",
        "2020-08-06": "rejected",
        "2020-09-10": "decision",
        "2020-09-30": "refinement",
        "2020-12-01": "report",
        "2020-12-02": None,
    }
    assert {day: stage_on(day, *events) for day in expected} == expected


def test_consultations_show_their_stage_and_never_undo_what_came_on_their_day() -> None:
    opened = {"ref": "MP100", "kind": "report", "opened_on": "2020-07-22"}
    other = {"ref": "MP100", "kind": "other", "opened_on": "2020-07-22"}
    assert stage_on("2020-07-22", consultations=[opened]) == "report"
    assert stage_on("2020-07-22", COURSE[1], consultations=[other]) is None
    withdrawn = f.event("MP100", "withdrawn", "2020-07-22")
    assert stage_on("2020-07-22", withdrawn, consultations=[opened]) == "withdrawn"


def test_a_modification_is_known_from_a_consultation_that_shows_no_stage() -> None:
    """MP149, of which only an industry consultation's closing day is known: it was among no month's modifications."""
    closed = f.register(consultations=[{"ref": "MP149", "kind": "other", "closed_on": "2021-09-20"}])
    known = stages.stages(closed).known.set_index("unit")["first_on"]
    assert known["MP149"] == pd.Timestamp("2021-09-20")


def test_steps_of_one_day_go_in_the_order_of_the_process() -> None:
    events = [
        f.event("MP100", "decided", "2020-05-26", outcome="approved", body="authority"),
        f.event("MP100", "raised", "2020-05-26"),
        f.event("MP100", "converted", "2020-05-26"),
        f.vote("MP100", "2020-05-26", outcome="recommended_approval", path=None),
    ]
    assert stage_on("2020-05-26", *events) == "pending_implementation"


# Implementation ---------------------------------------------------------------------------------

RELEASE = {"release": "November 2020 SEC Release", "kind": "scheduled"}


def test_pending_stands_until_the_day_planned_for_its_release() -> None:
    approved = f.item("November 2020 SEC Release", "MP100", "approved", "2020-08-07", precision="by")
    planned = RELEASE | {"stated_on": "2020-06-19", "planned_on": "2020-11-29"}
    days = ["2020-08-06", "2020-08-07", "2020-11-29", "2020-11-30"]
    result = [stage_on(day, release_items=[approved], releases=[planned]) for day in days[1:]]
    assert result == ["pending_implementation", "pending_implementation", None]
    in_force = f.item("November 2020 SEC Release", "MP100", "implemented", "2020-11-29")
    assert stage_on("2020-11-28", release_items=[approved, in_force]) == "pending_implementation"
    assert stage_on("2030-01-01", release_items=[approved, in_force]) == "implemented"


def test_an_approval_seen_on_a_page_starts_nothing() -> None:
    seen = f.item("November 2020 SEC Release", "MP131", "approved", "2020-08-26", precision="not_before")
    assert stage_on("2020-08-26", release_items=[seen]) is None


def test_implemented_only_when_no_part_is_left() -> None:
    items = [
        f.item(None, "SECMP0062", "implemented", "2020-05-28", part="part 1"),
        f.item(
            "November 2020 SEC Release",
            "SECMP0062",
            "targeted",
            "2020-04-01",
            part="part 2",
            planned_on="2020-11-29",
        ),
    ]
    assert stage_on("2020-06-01", release_items=items) == "pending_implementation"
    items.append(f.item("November 2020 SEC Release", "SECMP0062", "implemented", "2020-11-29", part="part 2"))
    assert stage_on("2020-06-01", release_items=items) == "pending_implementation"
    assert stage_on("2020-11-29", release_items=items) == "implemented"


# A register's own export ------------------------------------------------------------------------


def test_an_export_attests_all_its_rows_on_its_day() -> None:
    export = f.source("register-2020-09", published_on="2020-09-01", published_precision="day")
    events = [row | {"source_id": "register-2020-09"} for row in COURSE[:2]]
    assert standing("2020-09-01", sources=[export], events=events) == [("MP100", "refinement")]
    assert standing("2020-09-02", sources=[export], events=events) == [("MP100", None)]
    loose = [export | {"published_precision": "not_before"}]
    assert standing("2020-09-01", sources=loose, events=events) == [("MP100", None)]
    report = [f.source("report-2020-09", published_on="2020-09-01", published_precision="day")]
    event = [row | {"source_id": "report-2020-09"} for row in events]
    assert standing("2020-09-01", sources=report, events=event) == [("MP100", None)]


# Who is known -----------------------------------------------------------------------------------


def test_a_modification_is_known_from_the_first_source_that_names_it() -> None:
    """MP094 is on an agenda only: the Working Group met on it on 5 August, two days before a source says so."""
    sources = [f.source("report-2020-08", published_on="2020-08-07", published_precision="day")]
    meetings = [
        {
            "held_on": "2020-08-05",
            "body": "working_group",
            "status": "held",
            "ref": "MP094",
            "source_id": "report-2020-08",
        }
    ]
    event = {"sources": sources, "meetings": meetings}
    assert standing("2020-08-04", **event) == []
    assert standing("2020-08-05", **event) == [("MP094", "refinement")]
    # by the report's day it is inferred from the list of meetings, so that it holds in between
    assert standing("2020-08-06", **event) == standing("2020-08-07", **event) == [("MP094", "refinement")]
    assert standing("2020-08-08", **event) == [("MP094", None)]
    titles = [{"ref": "MP094", "source_id": "report-2020-08"}]
    assert standing("2020-08-06", sources=sources, modifications=titles) == []
    assert standing("2020-08-07", sources=sources, modifications=titles) == [("MP094", None)]


SPLIT = {
    "lineage": [
        {"ref": part, "earlier_ref": "MP102", "kind": "split", "on": "2020-08-07"}
        for part in ("MP102A", "MP102B")
    ],
    "events": [
        f.event("MP102", "raised", "2020-01-02"),
        f.event("MP102", "converted", "2020-02-14"),
        f.event("MP102A", "entered_report", "2020-08-21"),
        f.event("MP102B", "impact_assessment_approved", "2020-09-21"),
    ],
}


def test_a_split_ones_parts_count_each_from_the_split() -> None:
    assert standing("2020-02-13", **SPLIT) == [("MP102", "development")]
    assert standing("2020-08-07", **SPLIT) == [("MP102A", "refinement"), ("MP102B", "refinement")]
    assert standing("2020-08-21", **SPLIT) == [("MP102A", "report"), ("MP102B", "refinement")]


def test_parts_named_before_their_split_are_their_parent() -> None:
    """Both parts carry the parent's raised date; until the split it is one modification."""
    raised = [f.event(ref, "raised", "2020-01-02") for ref in ("MP102A", "MP102B")]
    stated = {"lineage": SPLIT["lineage"], "events": [*raised, f.event("MP102A", "converted", "2020-02-14")]}
    result = stages.stages(f.register(**stated))
    assert result.at(f.day("2020-01-15"))[["unit", "stage"]].values.tolist() == [["MP102", "development"]]
    counts = result.counts(pd.DatetimeIndex(["2020-01-15", "2020-08-07"]))
    assert counts["development"].tolist() == [1, 0]
    assert counts["known"].tolist() == [1, 2]


# Contradictions ---------------------------------------------------------------------------------


def contradictions(**tables: Any) -> list[tuple[str, str]]:
    result = stages.stages(f.register(**tables)).contradictory
    return list(result.itertuples(index=False, name=None))


def test_implemented_before_raised_is_counted_out() -> None:
    raised = f.event("MP100", "raised", "2020-03-02")
    early = [f.item(None, "MP100", "implemented", "2020-03-01")]
    assert contradictions(events=[raised], release_items=early) == [
        ("MP100", "implemented on 2020-03-01, before it was raised on 2020-03-02")
    ]
    assert stage_on("2020-03-02", raised, release_items=early) is None
    measures = {
        m.key: m
        for m in stage_counts.measures(
            stages.stages(f.register(events=[raised], release_items=early)), f.day("2020-03-02")
        )
    }
    assert measures["stage.implemented.count"].value is None
    assert measures["stage.implemented.count"].coverage.endswith(
        "; 1 left out, whose histories contradict themselves"
    )


def test_a_month_is_given_the_benefit_of_the_doubt() -> None:
    raised = f.event("MP100", "raised", "2020-03-01", precision="month")
    vote = f.vote("MP100", "2020-03-20")
    assert contradictions(events=[raised, vote]) == []
    assert contradictions(events=[raised, f.vote("MP100", "2020-02-28")]) != []


@pytest.mark.parametrize(
    "other",
    [
        f.event("MP100", "withdrawn", "2020-07-22"),
        f.event("MP100", "decided", "2020-07-22", outcome="rejected", body="authority"),
        f.vote(
            "MP100", "2020-07-22", outcome="rejected", source_id=f.OTHER
        ),  # another source of the same vote
    ],
)
def test_two_conclusions_on_one_day_are_counted_out(other: dict[str, Any]) -> None:
    events = [f.vote("MP100", "2020-07-22"), other]
    assert contradictions(events=events) == [("MP100", "two different conclusions on 2020-07-22")]
    assert stage_on("2020-07-22", *events) is None


def test_conclusions_of_two_days_are_a_history() -> None:
    events = [f.vote("MP100", "2020-07-22", outcome="rejected"), f.vote("MP100", "2020-09-23")]
    assert contradictions(events=events) == []
    assert stage_on("2020-09-23", *events) == "pending_implementation"


def test_a_day_is_answered_the_same_whatever_was_asked_before_and_done_with_it() -> None:
    days = [
        f.day(day)
        for day in ("2020-01-02", "2020-02-14", "2020-03-02", "2020-04-01", "2020-06-01", "2020-07-01")
    ]
    fresh = {day: stages.stages(f.register(events=COURSE)).at(day) for day in days}
    result = stages.stages(f.register(events=COURSE))
    for day in [*days, *reversed(days), *days]:
        now = result.at(day)
        pd.testing.assert_frame_equal(now, fresh[day])
        now["stage"] = "spoiled"
        now.loc[:, "unit"] = "spoiled"


# Figures ----------------------------------------------------------------------------------------


def test_a_count_is_null_where_none_is_known_and_not_all_are() -> None:
    register = f.register(events=[*COURSE[:2], f.event("MP200", "recommended_to_report", "2020-02-03")])
    result = {m.key: m for m in stage_counts.measures(stages.stages(register), f.day("2020-02-14"))}
    assert (result["stage.refinement.count"].value, result["stage.report.count"].value) == (1, None)
    assert result["stage.report.count"].coverage == "the stage of 1 of 2 known modifications is known"
    alone = {
        m.key: m for m in stage_counts.measures(stages.stages(f.register(events=COURSE)), f.day("2020-02-14"))
    }
    assert alone["stage.report.count"].value == 0


def test_the_rows_behind_a_count_are_what_says_so() -> None:
    """What happened until then, and the event that attests that the stage lasted."""
    result = {
        m.key: m for m in stage_counts.measures(stages.stages(f.register(events=COURSE)), f.day("2020-03-02"))
    }
    assert [row.locator for row in result["stage.refinement.count"].rows] == ["line 1", "line 2", "line 3"]
    assert result["stage.report.count"].rows == ()


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ("2020-02-29", "refinement"),
        ("2020-03-01", "refinement"),  # of some day in March: that it lasted to the first is certain
        ("2020-03-02", None),
        ("2020-03-31", None),
    ],
)
def test_a_meeting_known_to_its_month_confirms_refinement_as_far_as_its_month_begins(
    day: str, stage: str | None
) -> None:
    met = {"held_on": "2020-03-01", "precision": "month", "body": "working_group", "status": "held"}
    begun = f.event("MP100", "entered_refinement", "2020-01-10")
    result = stages.stages(f.register(events=[begun], meetings=[met | {"ref": "MP100"}])).at(f.day(day))
    assert [None if pd.isna(name) else name for name in result["stage"]] == [stage]


def test_a_meeting_known_to_its_month_starts_no_stage() -> None:
    """Somewhere in March: a report that says MP100 to be in the Report Phase on the 15th isn't contradicted."""
    met = {"held_on": "2020-03-01", "precision": "month", "body": "working_group", "status": "held"}
    reported = [f.event("MP100", "entered_report", "2020-03-15"), f.vote("MP100", "2020-04-22")]
    register = f.register(events=reported, meetings=[met | {"ref": "MP100"}])
    intervals = stages.stages(register).intervals
    assert intervals["stage"].tolist() == ["report", "pending_implementation"]


def test_moved_are_those_whose_stage_is_known_on_both_days() -> None:
    """MP200, raised in between, is seen for the first time: it hasn't moved."""
    result = stages.stages(f.register(events=[*COURSE, f.event("MP200", "raised", "2020-07-01")]))
    moves = stage_changes.moved(result, f.day("2020-06-01"), f.day("2020-07-01"))
    assert moves[["unit", "before", "now"]].values.tolist() == [["MP100", "refinement", "report"]]


# Against a slow loop ----------------------------------------------------------------------------

FIRST = date(2020, 1, 1)
ATTESTS = {  # each event of the property: the stage after it, and those that it attests
    "raised": ("development", ()),
    "converted": ("refinement", ("development",)),
    "recommended_to_report": ("refinement", ("refinement",)),  # by its day: rule B
    "entered_report": ("report", ("refinement", "decision")),
    "voted": ("pending_implementation", ("report", "decision")),
    "referred": ("decision", ("report", "decision")),
    "withdrawn": ("withdrawn", ("report", "decision")),
    "seen": (None, ("refinement",)),
}
NAMES = st.sampled_from(sorted(ATTESTS))
HISTORIES = st.lists(
    st.dictionaries(st.integers(0, 40), st.tuples(NAMES, st.booleans()), min_size=1, max_size=7),
    min_size=1,
    max_size=4,
)


def rows_of(history: dict[int, tuple[str, bool]], ref: str) -> list[dict[str, Any]]:
    rows = []
    for offset, (name, by) in sorted(history.items()):
        on = (FIRST + timedelta(days=offset)).isoformat()
        if name == "seen":
            row = f.event(ref, "observed", on, precision="not_before", stage="refinement")
        elif name == "voted":
            row = f.vote(ref, on)
        else:
            row = f.event(ref, name, on, precision="by" if by else "day")
        rows.append(row)
    return rows


def slowly(history: dict[int, tuple[str, bool]], day: int) -> str | None:
    """The stage on a day, by looking at every event again."""
    events = [
        (offset, name, by and name not in ("seen", "voted")) for offset, (name, by) in sorted(history.items())
    ]
    raised = [offset for offset, name, by in events if name == "raised" and not by]
    if any(
        offset < raised[0] for offset, name, _ in events if name in ("voted", "withdrawn") for _ in raised
    ):
        return None
    current, since, place = None, 0, -1
    for number, (offset, name, _) in enumerate(events):
        after = ATTESTS[name][0]
        if offset <= day and after and after != current:
            current, since, place = after, offset, number
    if current is None or current == "withdrawn":
        return current
    attested_to = since
    for offset, name, by in events[place + 1 :]:
        after, before = ATTESTS[name]
        changes = bool(after) and after != current
        if (current in before or after == current) and not (by and changes):
            attested_to = max(attested_to, offset)
        if changes:
            break
    return current if day <= attested_to else None


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_counts_are_those_of_a_slow_loop(histories: list[dict[int, tuple[str, bool]]]) -> None:
    """For any day, at() and counts() both say what looking at every event says."""
    kept = []
    for history in histories:
        seen: set[str] = set()
        kept.append({d: v for d, v in history.items() if v[0] not in seen and not seen.add(v[0])})
    rows = [row for number, history in enumerate(kept) for row in rows_of(history, f"MP{100 + number}")]
    result = stages.stages(f.register(events=rows))
    days = range(42)
    counts = result.counts(pd.DatetimeIndex([FIRST + timedelta(days=day) for day in days])).to_dict("records")
    for day in days:
        slow = [slowly(history, day) for history in kept if min(history) <= day]
        assert counts[day] == {"known": len(slow)} | {s.value: slow.count(s.value) for s in Stage}, day
        if day % 14 == 0:
            at = result.at(FIRST + timedelta(days=day))["stage"]
            assert sorted(at.fillna("?")) == sorted(stage or "?" for stage in slow)


def test_an_empty_register_has_no_stages() -> None:
    result = stages.stages(ResolvedRegister(f.tables()))
    assert result.at(f.day("2020-08-07")).empty
    assert result.counts(pd.DatetimeIndex(["2020-08-07"])).iloc[0].sum() == 0
    assert [m.value for m in stage_counts.measures(result, f.day("2020-08-07"))] == [None] * 8
