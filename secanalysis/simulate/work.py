"""What a made-up register states of the work on modifications: assessments, consultations, meetings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import (
    AssessmentKind,
    AssessmentState,
    Body,
    ConsultationKind,
    LineageKind,
    MeetingKind,
    MeetingPurpose,
    MeetingStatus,
    ModificationPath,
    Precision,
    Stage,
)
from secanalysis.simulate.calendar import (
    NEVER,
    Calendar,
    first_of,
    following,
    later,
    month_ends_within,
    where,
)
from secanalysis.simulate.course import Course
from secanalysis.simulate.exports import Exports

TARGET_WD = {AssessmentKind.PA: 15, AssessmentKind.IA: 40}
ON_AGENDA = 6
ENOUGH = 5_000  # spells in refinement from which agendas are drawn

_TOPICS = (
    "alert handling", "certificate renewal", "tariff updates", "device triage", "demand limits",
    "change of tenancy", "firmware checks", "prepayment top-ups", "error reporting", "meter exchanges",
    "service requests", "user audits",
)  # fmt: skip
_SCOPES = (
    "SMETS1 meters", "SMETS2 meters", "Communications Hubs", "export-only premises", "non-domestic premises",
    "Registration Data Providers", "Other Users", "the test environments", "three-phase meters",
)  # fmt: skip
_PROPOSERS = ("Synthetic Supplier A", "Synthetic Supplier B", "Synthetic Networks", "Synthetic DCC")


def modifications(rng: np.random.Generator, course: Course, exports: Exports) -> pd.DataFrame:
    """One title each, stated when it is raised."""
    number = np.arange(len(course))
    pairs = np.array(
        [f"Made up: {topic} for {scope}" for scope in _SCOPES for topic in _TOPICS], dtype=object
    )
    again, which = np.divmod(number, len(pairs))
    suffix = np.where(again > 0, " " + (again + 1).astype(str).astype(object), "")
    columns = {
        "ref": course.proposal,
        "title": pairs[which] + suffix,
        "proposer_organisation": rng.choice(np.array(_PROPOSERS, dtype=object), len(number)),
        "summary": None,
    }
    return exports.rows("modifications", course["raised"], [number], columns)


def lineage(course: Course, exports: Exports) -> pd.DataFrame:
    """Draft Proposals converted to Modification Proposals."""
    converted = exports.happened(course["converted"])
    on = course["converted"][converted]
    columns = {
        "ref": course.name[converted],
        "earlier_ref": course.proposal[converted],
        "kind": LineageKind.CONVERTED.value,
        "on": on,
        "precision": Precision.DAY.value,
    }
    return exports.rows("lineage", on, [converted], columns)


def assessments(course: Course, exports: Exports) -> pd.DataFrame:
    """Returned ones once; open ones in each export; in the last those requested and not yet accepted."""
    a, last = course.assessments, exports.last
    days = {
        step: a[step].to_numpy().astype("datetime64[D]") for step in ("requested", "accepted", "returned")
    }
    open_at, open_on = month_ends_within(exports.days, days["accepted"], days["returned"])
    done = exports.happened(days["returned"])
    waiting = np.flatnonzero((days["requested"] <= last) & (days["accepted"] > last))
    at = np.r_[done, open_at, waiting]
    states = [AssessmentState.RETURNED, AssessmentState.OPEN, AssessmentState.REQUESTED]
    state = np.repeat(np.array(states, dtype=object), [len(done), len(open_at), len(waiting)])
    state_on = np.r_[days["returned"][done], open_on, np.full(len(waiting), last)]
    kind = a["kind"].to_numpy(dtype=object)[at]
    columns = {
        "ref": course.name[a["who"].to_numpy()[at]],
        "kind": kind,
        "requested_on": days["requested"][at],
        "accepted_on": where(state != AssessmentState.REQUESTED, days["accepted"][at]),
        "returned_on": where(state == AssessmentState.RETURNED, days["returned"][at]),
        "target_wd": np.select([kind == k for k in TARGET_WD], list(TARGET_WD.values())),
        "state": state,
        "state_on": state_on,
    }
    return exports.rows("assessments", state_on, [state_on, at], columns)


def consultations(rng: np.random.Generator, c: Course, calendar: Calendar, exports: Exports) -> pd.DataFrame:
    """A Refinement Consultation for most; a Modification Report Consultation before the Change Board votes.

    Half are announced in the export of the month before.
    """
    length = (c["report"] - c.entry).astype("int64") * rng.uniform(0.3, 0.8, len(c))
    length = np.where(np.isnat(c["report"]), 60, length).astype("timedelta64[D]")
    refinement = later(c.entry + length, 0)
    ends = first_of(c["report"], c["withdrawn"])
    refinement = where((rng.random(len(c)) < 0.7) & ~(refinement >= ends), refinement)
    report = later(where(~c.urgent & (c.path != ModificationPath.FAST_TRACK), c["report"]), 3)
    report = where(~(report >= c["withdrawn"]), report)
    opened = [refinement[exports.happened(refinement)], report[exports.happened(report)]]
    at = np.r_[exports.happened(refinement), exports.happened(report)]
    kinds = np.array([ConsultationKind.REFINEMENT, ConsultationKind.REPORT], dtype=object)
    kind, on = np.repeat(kinds, [len(days) for days in opened]), np.concatenate(opened)
    before = on.astype("datetime64[M]").astype("datetime64[D]") - 1
    chosen = (rng.random(len(at)) < 0.5) & (before >= calendar.first) & exports.monthly
    ahead = np.flatnonzero(chosen)
    never = np.full(len(ahead), NEVER)
    row = np.r_[np.arange(len(at)), ahead]
    stated = np.r_[on, before[ahead]]
    columns = {
        "ref": c.name[at[row]],
        "kind": kind[row],
        "round": 1,
        "expected_week": np.r_[
            np.full(len(at), NEVER), np.busday_offset(on[ahead], 0, roll="backward", weekmask="Mon")
        ],
        "opened_on": np.r_[on, never],
        "closed_on": np.r_[later(on, 14), never],
    }
    return exports.rows("consultations", stated, [stated, at[row]], columns)


def meetings(
    rng: np.random.Generator, course: Course, calendar: Calendar, exports: Exports, intervals: pd.DataFrame
) -> pd.DataFrame:
    """The Working Group's and the Change Board's monthly meetings; the former's agendas name a few."""
    refining = intervals[intervals["stage"] == Stage.REFINEMENT]
    if len(refining) > ENOUGH:
        refining = refining.iloc[np.sort(rng.choice(len(refining), ENOUGH, replace=False))]
    since, until = (refining[column].to_numpy().astype("datetime64[D]") for column in ("since", "until"))
    who = refining["who"].to_numpy()
    purposes = np.array([*MeetingPurpose], dtype=object)
    rows: list[tuple[Any, ...]] = []
    group = calendar.working_group
    for day in group[: len(calendar.month_ends)]:
        going = who[(since < day) & ~(until <= day)]
        going = np.sort(rng.choice(going, min(len(going), ON_AGENDA), replace=False))
        for ref, purpose in zip(course.name[going], rng.choice(purposes, len(going)), strict=True):
            rows.append((day, day, Body.WORKING_GROUP, MeetingStatus.HELD, later(day, -5), ref, purpose))
        coming = following(group, day + 1)
        rows.append((day, coming, Body.WORKING_GROUP, MeetingStatus.SCHEDULED, later(coming, -5), None, None))
    for day in calendar.board[: len(calendar.month_ends)]:
        rows.append((day, day, Body.CHANGE_BOARD, MeetingStatus.HELD, NEVER, None, None))
    stated, held_on, body, status, agenda_on, ref, purpose = (
        np.array(cells, dtype=form) for cells, form in zip(zip(*rows, strict=True), "MMOOMOO", strict=True)
    )
    columns = {
        "held_on": held_on,
        "body": body,
        "kind": MeetingKind.MONTHLY.value,
        "status": status,
        "agenda_on": agenda_on,
        "ref": ref,
        "purpose": purpose,
    }
    return exports.rows("meetings", stated, [stated, np.arange(len(stated))], columns)
