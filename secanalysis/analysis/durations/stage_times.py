"""How long modifications stay in each stage: stays whose first and last day sources give."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis import stages
from secanalysis.analysis.durations.lists import count_and_mean
from secanalysis.analysis.estimators import FEW_CASES, summarise
from secanalysis.analysis.list_coverage import at_least
from secanalysis.analysis.undated import WITHOUT_A_DATE
from secanalysis.domain.figures import Measure, Row, rows_in
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import EXACT, Convention, Stage
from secanalysis.domain.working_days import span
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.support.sentence_case import sentence_case

STAGES = {
    Stage.DEVELOPMENT: "the Development Stage",
    Stage.REFINEMENT: "the Refinement Process",
    Stage.REPORT: "the Report Phase",
    Stage.DECISION: "the decision stage",
    Stage.PENDING_IMPLEMENTATION: "pending implementation",
}
"""The stages that modifications leave, in words, after *left*."""


@once
def stays(register: ResolvedRegister, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Every stay in a stage that modifications leave, as known on the period's end.

    Returns
    -------
    pandas.DataFrame
        ``ref`` (modification or part), ``stage, since, until`` (missing while it isn't known to have left),
        ``is_dated`` (whether the day on which it left is known: the next stage known began on a stated day, and the
        stage is known to have been held until then), ``begun_on, left_on`` (the days, where they are known), ``in_window`` (it left in the 12 months to the period's end),
        ``duration_wd`` (both ends counted; missing unless both days are known), ``rows``.
    """
    end = pd.Timestamp(clock.period_end)
    history = stages.stages(register.happened_by(clock.period_end))
    living = history.known[(history.known["first_on"] <= end) & (end < history.known["last_on"])]
    i = history.intervals[history.intervals["unit"].isin(living["unit"])].reset_index(drop=True)
    following = i.groupby("unit")[["since", "since_precision"]].shift(-1)
    is_next = following["since"] == i["until"]  # none is known where sources disagree
    until = i["until"].where(i["until"] <= end)
    # otherwise it was left on some day before, for a stage that nobody dates
    is_held = i["believed_to"] >= until
    is_dated = until.notna() & is_held & is_next & following["since_precision"].isin(EXACT)
    begun = i["since"].where(i["since_precision"].isin(EXACT))
    i = i.assign(
        ref=i["unit"],
        until=until,
        is_dated=is_dated,
        in_window=until >= pd.Timestamp(clock.window_start),
        begun_on=begun,
        left_on=until.where(is_dated),
        duration_wd=span(begun, until.where(is_dated), convention),
    )
    i = i[i["stage"].isin([*STAGES])].reset_index(drop=True)
    columns = [
        "ref",
        "stage",
        "since",
        "until",
        "begun_on",
        "left_on",
        "is_dated",
        "in_window",
        "duration_wd",
    ]
    return i[columns].assign(rows=_rows(i, history.statements))


def _rows(stays: pd.DataFrame, statements: pd.DataFrame) -> pd.Series:
    """The statements of the days on which each stay began and ended."""
    by_day: dict[tuple[str, int], set[Row]] = {}
    for unit, day, row in zip(
        statements["unit"].tolist(), _as_numbers(statements["day"]), rows_in(statements), strict=True
    ):
        by_day.setdefault((unit, day), set()).add(row)
    days = zip(stays["ref"].tolist(), _as_numbers(stays["since"]), _as_numbers(stays["until"]), strict=True)
    rows = [
        tuple(sorted(by_day.get((ref, since), set()) | by_day.get((ref, until), set())))
        for ref, since, until in days
    ]
    return pd.Series(rows, index=stays.index, dtype="object")


def _as_numbers(days: pd.Series) -> list[int]:
    """Days as numbers, which are compared and hashed sooner."""
    return days.astype("datetime64[us]").astype("int64").tolist()


def measures(cases: pd.DataFrame, convention: Convention, *, attested: bool) -> list[Measure]:
    """``stage_time.<stage>.<count|mean_wd>``: left the stage in the window, and how long they were in it.

    Parameters
    ----------
    cases, convention
        From `stays`, and how its working days are counted.
    attested
        Whether a register's own export shows the stage of each of its modifications.
    """
    figures = []
    for stage, words in STAGES.items():
        left = cases[(cases["stage"] == stage) & cases["in_window"]]
        dated = left[left["is_dated"]]
        listed = count_and_mean(
            f"stage_time.{stage}", f"Left {words} in the last 12 months", dated, convention, attested, "first"
        )
        figures += [at_least(measure, len(left) - len(dated), WITHOUT_A_DATE) for measure in listed]
    return figures


def by_stage(cases: pd.DataFrame) -> pd.DataFrame:
    """Stays summarised by stage, in the stages' order.

    Returns
    -------
    pandas.DataFrame
        ``stage`` (in words), ``left`` (by the period's end), ``staying`` (not known to have left), and of those that left
        ``n`` (with both days), ``mean, median, median_low, median_high, p85``; ``remark``.
    """
    rows = []
    for stage, words in STAGES.items():
        of_stage = cases[cases["stage"] == stage]
        summary = summarise(of_stage["duration_wd"])
        rows.append(
            {
                "stage": sentence_case(words),
                "left": int(of_stage["until"].notna().sum()),
                "staying": int(of_stage["until"].isna().sum()),
                "n": summary.n,
                "mean": summary.mean,
                "median": summary.median,
                "median_low": summary.median_low,
                "median_high": summary.median_high,
                "p85": summary.p85,
                "remark": FEW_CASES if summary.is_of_few else "",
            }
        )
    every = pd.DataFrame(rows)
    return every[(every["left"] > 0) | (every["staying"] > 0)].reset_index(drop=True)


def stage_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """The stays that `by_stage` counts, in its order: those of `stays`, with the stage in words."""
    in_order = cases.assign(place=cases["stage"].map({key: place for place, key in enumerate(STAGES)}))
    in_order = in_order.sort_values(["place", "until", "ref"], ignore_index=True)
    return in_order.assign(stage=in_order["stage"].map(lambda stage: sentence_case(STAGES[stage])))
