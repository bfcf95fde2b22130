"""Statistics of durations: ages among comparable ones, summaries of completed cases, and Kaplan–Meier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pandas as pd

from secanalysis.analysis.durations.assessments import NAMES
from secanalysis.analysis.estimators import (
    LEAST_AT_RISK,
    LEAST_COMPLETED,
    Summary,
    Survival,
    at_risk,
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


@dataclass(frozen=True, eq=False)
class Sample:
    """Completed cases of one kind, of which both days are known: what a row of `summaries` is worked out from.

    Attributes
    ----------
    what
        What is timed, in words.
    cases
        ``ref, begun_on, ended_on, duration_wd, rows``, and of what has a target ``target_wd``.
    """

    what: str
    cases: pd.DataFrame

    @property
    def summary(self) -> Summary:
        """The cases summarised."""
        return summarise(self.cases["duration_wd"], self.cases.get("target_wd"))


def samples(assessments: pd.DataFrame, proposals: pd.DataFrame, convention: Convention) -> list[Sample]:
    """Completed cases, kind by kind.

    Assessments and conclusions are those of the 12-month window; the steps between are all that ended by
    the period end.
    """
    of_assessments = []
    for kind, words in NAMES.items():
        of_kind = assessments[assessments["kind"] == kind]
        returned = of_kind[(of_kind["status"] == "completed") & of_kind["in_window"]]
        of_assessments += [
            _sample(f"{words}: requested to accepted", of_kind, "requested_on", "accepted_on", convention),
            _sample(
                f"{words}: accepted to returned",
                returned,
                "accepted_on",
                "returned_on",
                convention,
                "target_wd",
            ),
            _sample(f"{words}: requested to returned", returned, "requested_on", "returned_on", convention),
        ]
    proposals = proposals.rename(columns={"name": "ref"})
    steps = [_sample(words, proposals, start, end, convention) for words, start, end in STEPS]
    ended = proposals[(proposals["status"] == "concluded") & proposals["in_window"]]
    concluded = _sample("Raised to concluded", ended, "raised_on", "concluded_on", convention, "on_hold_wd")
    active = concluded.cases.assign(
        duration_wd=concluded.cases["duration_wd"] - concluded.cases["on_hold_wd"]
    )
    held_out = Sample("Raised to concluded, time on hold left out", active)
    return [
        *of_assessments,
        *steps,
        Sample(concluded.what, concluded.cases.drop(columns="on_hold_wd")),
        held_out,
    ]


def _sample(
    what: str, of: pd.DataFrame, begun: str, ended: str, convention: Convention, *more: str
) -> Sample:
    timed = of.assign(
        begun_on=of[begun], ended_on=of[ended], duration_wd=span(of[begun], of[ended], convention)
    )
    timed = timed[timed["duration_wd"].notna()].sort_values(["ended_on", "ref"], ignore_index=True)
    return Sample(what, timed[["ref", "begun_on", "ended_on", "duration_wd", "rows", *more]])


def summaries(every: Sequence[Sample]) -> pd.DataFrame:
    """Each of `samples` summarised: ``what`` and the fields of `estimators.Summary`."""
    return pd.DataFrame([{"what": sample.what, **vars(sample.summary)} for sample in every])


STEPS = (
    ("Raised to converted", "raised_on", "converted_on"),
    ("Converted to the Report Phase", "converted_on", "report_on"),
    ("The Report Phase to a conclusion", "report_on", "concluded_on"),
    ("Concluded to implemented", "concluded_on", "implemented_on"),
)
"""The steps of progression: in words, and the days between which each lies."""


def estimates(every: Sequence[Estimated]) -> pd.DataFrame:
    """Naive means alongside Kaplan–Meier medians: one row for each kind of assessment and for proposals.

    ``completed`` and ``censored`` count the cases that the medians are estimated from, ``at_risk`` those that are
    under observation at the median; ``open`` and ``mean_open`` are of those known to be open on the period end.
    """
    rows = []
    for words, of_kind, done, estimate in every:
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


class Estimated(NamedTuple):
    """What `estimates` has a row for: in words, its cases, the status of those that ended, the estimate."""

    what: str
    cases: pd.DataFrame
    done: str
    survival: Survival | None


def estimated(assessments: pd.DataFrame, proposals: pd.DataFrame) -> list[Estimated]:
    """The times to completion that are estimated: of assessments by kind, and of proposals."""
    of_assessments = [
        Estimated(
            words,
            assessments[assessments["kind"] == kind],
            "completed",
            assessment_survival(assessments, kind),
        )
        for kind, words in NAMES.items()
    ]
    of_proposals = ("Proposals, raised to concluded", proposals, "concluded", proposal_survival(proposals))
    return [*of_assessments, Estimated(*of_proposals)]


def estimated_cases(every: Sequence[Estimated], period_end: date) -> pd.DataFrame:
    """The cases that `estimates` counts, row by row of it.

    Returns
    -------
    pandas.DataFrame
        ``row`` (its place there), ``what, ref, begun_on, ended_on`` (the last day on which it is known to be open where
        it hasn't ended), ``observed_wd, entry_wd, status, rows``, and whether it is one of those ``completed, censored,
        running`` (open, age known) and ``at_risk`` at the median.
    """
    frames = []
    for row, (words, of_kind, done, estimate) in enumerate(every):
        begun, ended = (
            ("raised_on", "concluded_on") if "raised_on" in of_kind else ("accepted_on", "returned_on")
        )
        of_kind = of_kind.rename(columns={"name": "ref"})
        seen = under_observation(of_kind["observed_wd"], of_kind["entry_wd"])
        completed = seen & _ended(of_kind, done)
        running = (of_kind["status"] == "open") & of_kind["duration_wd"].notna()
        last = of_kind[ended].fillna(of_kind["attested_on"]).fillna(of_kind[begun])
        at_median = pd.Series(False, of_kind.index)
        if estimate and estimate.median is not None:
            at_median = at_risk(of_kind["observed_wd"], of_kind["entry_wd"], estimate.median)
        frames.append(
            of_kind.assign(
                row=row,
                what=words,
                begun_on=of_kind[begun],
                ended_on=last.mask(of_kind["status"] == "open", pd.Timestamp(period_end)),
                completed=completed,
                censored=seen & ~completed,
                running=running,
                at_risk=at_median,
            )[seen | running]
        )
    columns = ["row", "what", "ref", "begun_on", "ended_on", "observed_wd", "entry_wd", "status", "rows"]
    cases = pd.concat(frames, ignore_index=True)[[*columns, "completed", "censored", "running", "at_risk"]]
    return cases.sort_values(
        ["row", "completed", "ended_on", "ref"], ascending=[True, False, True, True], ignore_index=True
    )
