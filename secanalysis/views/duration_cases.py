"""The cases of tables of durations: which modifications and assessments each number is worked out from."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from secanalysis.analysis.durations import statistics
from secanalysis.views.cases import CaseList, Cases, rows_in_words, since_in_words, span_in_words

Called = Callable[[pd.DataFrame], pd.DataFrame]
"""Puts a frame's modifications under the references of a view's day."""
PERCENTILES = tuple(f"{of}{end}" for of in ("median", "p85", "p95") for end in ("", "_low", "_high"))
FROM_TO = {"ref": "Reference", "begun_on": "From", "ended_on": "To"}
ROWS = {"statements": "Statements (table: source, place)"}


def of_summary(samples: list[statistics.Sample], called: Called) -> Cases:
    """Those of the table of completed cases."""
    frames = [sample.cases.assign(row=row, what=sample.what) for row, sample in enumerate(samples)]
    frame = _named(pd.concat(frames, ignore_index=True), called)
    has_target = frame["target_wd"].notna()
    target = _days(frame["target_wd"], "target {:,.0f} WD")
    hold = _days(frame["on_hold_wd"].where(frame["on_hold_wd"] > 0), "on hold for {:,.0f} WD")
    words = span_in_words(frame["begun_on"], frame["ended_on"], frame["duration_wd"], target, hold)
    return Cases(
        "duration-summary-cases",
        "Cases behind the durations of completed ones",
        frame,
        {
            "what": "What",
            **FROM_TO,
            "duration_wd": "WD",
            "target_wd": "Target (WD)",
            "on_hold_wd": "On hold (WD)",
            **ROWS,
        },
        (
            CaseList(("n", "mean", *PERCENTILES), _all(frame), words),
            CaseList(("within_target", "within_low", "within_high"), has_target, words),
        ),
    )


def of_survival(frame: pd.DataFrame, called: Called) -> Cases:
    """Those of the table of times to completion, from `statistics.estimated_cases`."""
    frame = _named(frame, called)
    status = frame["status"].map({"open": "still open"}).fillna("not known to be open after that")
    status = status.mask(frame["completed"], "")
    entry = _days(frame["entry_wd"].where(frame["entry_wd"] > 0), "first seen at {:,.0f} WD")
    words = span_in_words(frame["begun_on"], frame["ended_on"], frame["observed_wd"], status, entry)
    return Cases(
        "survival-cases",
        "Cases behind the times to completion",
        frame.assign(status=frame["status"].mask(frame["completed"], "completed")),
        {
            "what": "What",
            **FROM_TO,
            "observed_wd": "WD",
            "entry_wd": "First seen at (WD)",
            "status": "Status",
            "at_risk": "At risk at the median",
            **ROWS,
        },
        (
            CaseList(("completed", "mean_completed"), frame["completed"], words),
            CaseList(("censored",), frame["censored"], words),
            CaseList(("open", "mean_open"), frame["running"], words),
            CaseList(("at_risk",), frame["at_risk"], words),
            CaseList(("median", "median_low", "median_high"), frame["completed"] | frame["censored"], words),
        ),
    )


def of_targets(frame: pd.DataFrame, called: Called) -> Cases:
    """Those of the table of assessments against their targets, from `targets.cases_by_month`."""
    frame = _named(frame, called)
    target = _days(frame["target_wd"], "target {:,.0f} WD", "no target known")
    words = span_in_words(frame["accepted_on"], frame["returned_on"], frame["duration_wd"], target)
    return Cases(
        "assessments-against-target-cases",
        "Cases behind the assessments against their targets",
        frame.assign(month=frame["returned_on"].dt.strftime("%Y-%m")),
        {
            "month": "Month",
            "kind": "Type",
            "ref": "Reference",
            "accepted_on": "Accepted",
            "returned_on": "Returned",
            "duration_wd": "Duration (WD)",
            "target_wd": "Target (WD)",
            "within": "Within target",
            **ROWS,
        },
        (
            CaseList(("returned",), _all(frame), words),
            CaseList(("comparable", "share"), frame["comparable"], words),
            CaseList(("within",), frame["within"], words),
        ),
    )


def of_paths(frame: pd.DataFrame, paths: pd.Series, called: Called) -> Cases:
    """Those of the table of lead times, from `lead_times.decided_cases`; each row of the table is of a path."""
    frame = _named(frame.assign(row=_place(frame["path"], paths), ref=frame["name"]), called)
    words = span_in_words(frame["raised_on"], frame["concluded_on"], frame["duration_wd"])
    to_force = span_in_words(frame["raised_on"], frame["implemented_on"], frame["to_force_wd"])
    return Cases(
        "lead-time-cases",
        "Cases behind the times from raised to decided",
        frame,
        {
            "name": "Reference",
            "path": "Decided by",
            "raised_on": "Raised",
            "concluded_on": "Decided",
            "duration_wd": "Raised to decided (WD)",
            "implemented_on": "In force",
            "to_force_wd": "Raised to in force (WD)",
            **ROWS,
        },
        (
            CaseList(("decided",), _all(frame), words),
            CaseList(
                ("n", "mean", "median", "median_low", "median_high"), frame["duration_wd"].notna(), words
            ),
            CaseList(("in_force", "mean_to_force"), frame["to_force_wd"].notna(), to_force),
        ),
    )


def of_stages(frame: pd.DataFrame, stages: pd.Series, called: Called) -> Cases:
    """Those of the table of times in each stage, from `stage_times.stage_cases`; each row of the table is of a stage."""
    frame = _named(frame.assign(row=_place(frame["stage"], stages)), called)
    words = span_in_words(frame["begun_on"], frame["left_on"], frame["duration_wd"])
    left, timed = frame["until"].notna(), frame["duration_wd"].notna()
    return Cases(
        "stage-time-cases",
        "Cases behind the times in each stage",
        frame,
        {
            "ref": "Reference",
            "stage": "Stage",
            "since": "From",
            "until": "Left it on",
            "duration_wd": "Time in it (WD)",
            **ROWS,
        },
        (
            CaseList(("left",), left, words),
            CaseList(("n", "mean", "median", "median_low", "median_high", "p85"), timed, words),
            CaseList(("staying",), ~left, since_in_words(frame["begun_on"])),
        ),
    )


def _named(frame: pd.DataFrame, called: Called) -> pd.DataFrame:
    return called(frame.assign(statements=[*rows_in_words(frame["rows"])]))


def _days(wd: pd.Series, words: str, otherwise: str = "") -> pd.Series:
    """Working days in words; what to say where there are none."""
    said = [otherwise if pd.isna(days) else words.format(days) for days in wd]
    return pd.Series(said, wd.index, dtype="str")


def _place(words: pd.Series, of_rows: pd.Series) -> pd.Series:
    return words.map({word: row for row, word in enumerate(of_rows)})


def _all(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(True, frame.index)
