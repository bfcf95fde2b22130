"""Statistics of durations: ages among comparable ones, summaries of completed cases, and Kaplan–Meier."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis.durations.assessments import NAMES
from secanalysis.analysis.estimators import (
    LEAST_AT_RISK,
    LEAST_COMPLETED,
    Survival,
    summarise,
    survival,
    under_observation,
)
from secanalysis.domain.vocabulary import AssessmentKind, Convention
from secanalysis.domain.working_days import span


def ages(at: pd.DataFrame) -> pd.DataFrame:
    """Open items with their age and its percentile among comparable ones.

    Parameters
    ----------
    at
        From `assessments.at`.

    Returns
    -------
    pandas.DataFrame
        The open items, oldest first, with ``over_target_wd`` and ``percentile``: the share of completed
        and open ones of its kind with a known duration that took no longer; missing below ten.
    """
    opened = at[at["status"] == "open"].copy()
    opened["over_target_wd"] = opened["duration_wd"] - opened["target_wd"]
    opened["percentile"] = _percentile(at, at["kind"], "completed")[opened.index]
    return opened.sort_values(["duration_wd", "ref"], ascending=[False, True], ignore_index=True)


def proposal_ages(at: pd.DataFrame) -> pd.DataFrame:
    """Open modifications with their age and its percentile among open and concluded ones.

    Parameters
    ----------
    at
        From `proposals.at`.

    Returns
    -------
    pandas.DataFrame
        The open ones, oldest first, with ``active_wd`` (their age without the time on hold) and
        ``percentile`` as in `ages`.
    """
    opened = at[at["status"] == "open"].copy()
    opened["active_wd"] = opened["duration_wd"] - opened["on_hold_wd"]
    opened["percentile"] = _percentile(at, pd.Series("", index=at.index), "concluded")[opened.index]
    return opened.sort_values(["duration_wd", "name"], ascending=[False, True], ignore_index=True)


def _percentile(at: pd.DataFrame, group: pd.Series, done: str) -> pd.Series:
    """The share of completed and open ones of a group that took no longer, by the index of all; missing below ten."""
    comparable = at["duration_wd"].notna() & at["status"].isin(["open", done])
    durations = at.loc[comparable, "duration_wd"].astype("float64")
    ranked = durations.groupby(group[comparable])
    share = ranked.rank(method="max") / ranked.transform("size")
    return share.where(ranked.transform("size") >= LEAST_AT_RISK).reindex(at.index)


def assessment_survival(at: pd.DataFrame, kind: AssessmentKind) -> Survival | None:
    """Kaplan–Meier of one kind of assessment, accepted to returned.

    A completed one counts as ended when it was returned; an open one is censored on the period end; one that
    no source supports any more, or that was returned on a day that no source states, on its last attested day. One
    whose only statement is that it was still open then enters late, at the age at which it was first attested.
    """
    observed = _observed(at[at["kind"] == kind])
    return survival(observed["observed_wd"], _ended(observed, "completed"), observed["entry_wd"])


def proposal_survival(at: pd.DataFrame) -> Survival | None:
    """Kaplan–Meier of proposals, raised to concluded; the clock runs on while one is on hold.

    One that is known only because a source saw it open enters late, at the age at which it was first seen.
    """
    observed = _observed(at)
    return survival(observed["observed_wd"], _ended(observed, "concluded"), observed["entry_wd"])


def _observed(at: pd.DataFrame) -> pd.DataFrame:
    """Those that were under observation for some time, and so say something of how long one takes."""
    return at[under_observation(at["observed_wd"], at["entry_wd"])]


def _ended(at: pd.DataFrame, done: str) -> pd.Series:
    """Which ended on a known day; of one that was returned nobody says when, only how long it was open is known."""
    return (at["status"] == done) & at["duration_wd"].notna()


def summaries(assessments: pd.DataFrame, proposals: pd.DataFrame, convention: Convention) -> pd.DataFrame:
    """Completed cases summarised: ``what`` and the fields of `estimators.Summary`.

    Assessments and conclusions are those of the 12-month window; the steps between are all that ended by
    the period end.
    """
    rows = []
    for kind, words in NAMES.items():
        of_kind = assessments[assessments["kind"] == kind]
        returned = of_kind[(of_kind["status"] == "completed") & of_kind["in_window"]]
        waiting = span(of_kind["requested_on"], of_kind["accepted_on"], convention)
        whole = span(returned["requested_on"], returned["returned_on"], convention)
        rows += [
            {"what": f"{words}: requested to accepted", **vars(summarise(waiting))},
            {
                "what": f"{words}: accepted to returned",
                **vars(summarise(returned["duration_wd"], returned["target_wd"])),
            },
            {"what": f"{words}: requested to returned", **vars(summarise(whole))},
        ]
    for words, start, end in STEPS:
        rows.append({"what": words, **vars(summarise(span(proposals[start], proposals[end], convention)))})
    concluded = proposals[(proposals["status"] == "concluded") & proposals["in_window"]]
    active = concluded["duration_wd"] - concluded["on_hold_wd"]
    rows += [
        {"what": "Raised to concluded", **vars(summarise(concluded["duration_wd"]))},
        {"what": "Raised to concluded, time on hold left out", **vars(summarise(active))},
    ]
    return pd.DataFrame(rows)


STEPS = (
    ("Raised to converted", "raised_on", "converted_on"),
    ("Converted to the Report Phase", "converted_on", "report_on"),
    ("The Report Phase to a conclusion", "report_on", "concluded_on"),
    ("Concluded to implemented", "concluded_on", "implemented_on"),
)
"""The steps of progression: in words, and the days between which each lies."""


def estimates(assessments: pd.DataFrame, proposals: pd.DataFrame) -> pd.DataFrame:
    """Naive means alongside Kaplan–Meier medians: one row for each kind of assessment and for proposals.

    ``completed`` and ``censored`` count the cases that the medians are estimated from, ``at_risk`` those that are
    under observation at the median; ``open`` and ``mean_open`` are of those known to be open on the period end.
    """
    rows = []
    cases = [
        (words, assessments[assessments["kind"] == kind], "completed", assessment_survival(assessments, kind))
        for kind, words in NAMES.items()
    ]
    cases.append(("Proposals, raised to concluded", proposals, "concluded", proposal_survival(proposals)))
    for words, of_kind, done, estimate in cases:
        seen = _observed(of_kind)
        ended = seen.loc[_ended(seen, done), "duration_wd"]
        running = of_kind.loc[of_kind["status"] == "open", "duration_wd"].dropna()
        rows.append(
            {
                "what": words,
                "completed": len(ended),
                "censored": len(seen) - len(ended),
                "mean_completed": float(ended.mean()) if len(ended) >= LEAST_COMPLETED else None,
                "open": len(running),
                "mean_open": float(running.mean()) if len(running) else None,
                "at_risk": estimate.median_at_risk if estimate else None,
                "median": estimate.median if estimate else None,
                "median_low": estimate.median_low if estimate else None,
                "median_high": estimate.median_high if estimate else None,
            }
        )
    return pd.DataFrame(rows)
