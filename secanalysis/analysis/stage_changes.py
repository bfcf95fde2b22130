"""What changed between two days: who is in another stage, and whether the open ones add up."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis.stages import Stages
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import OPEN_STAGES


def moved(histories: Stages, then: date, now: date) -> pd.DataFrame:
    """Who is in another stage than on an earlier day, where both are known.

    Returns
    -------
    pandas.DataFrame
        ``unit, before, now, since``; a unit that wasn't known then has a missing ``before``.
    """
    earlier, later = histories.at(then), histories.at(now)
    both = later.merge(
        earlier[["unit", "stage"]].assign(was_known=True), on="unit", how="left", suffixes=("", "_before")
    )
    new = both["was_known"].isna() & both["stage"].notna()
    changed = both["stage"].notna() & both["stage_before"].notna() & (both["stage"] != both["stage_before"])
    moves = both[new | changed].rename(columns={"stage_before": "before", "stage": "now"})
    return moves[["unit", "before", "now", "since"]].reset_index(drop=True)


def flow_identity(histories: Stages, clock: Clock) -> pd.DataFrame:
    """Open now = open then + raised + reopened − concluded, on one clock, where both months are known.

    Returns
    -------
    pandas.DataFrame
        One row: ``then, raised, reopened, concluded, expected, now, holds, reason``. ``holds`` is missing
        where a month's stages aren't all known; the reason says of how many they aren't.
    """
    then_day, now_day = clock.previous_report_date, clock.report_date
    then, now = histories.at(then_day), histories.at(now_day)
    open_then, open_now = (set(day.loc[day["stage"].isin([*OPEN_STAGES]), "unit"]) for day in (then, now))
    raised = open_now & (set(now["unit"]) - set(then["unit"]))
    reopened = (open_now - open_then) & set(then["unit"])
    concluded = open_then - open_now - set(now.loc[now["stage"].isna(), "unit"])
    unknown = int(then["stage"].isna().sum() + now["stage"].isna().sum())
    expected = len(open_then) + len(raised) + len(reopened) - len(concluded)
    reason = f"the stage of {unknown} modifications is unknown on {then_day} or {now_day}" if unknown else ""
    return pd.DataFrame(
        {
            "then": [len(open_then)],
            "raised": [len(raised)],
            "reopened": [len(reopened)],
            "concluded": [len(concluded)],
            "expected": [expected],
            "now": [len(open_now)],
            "holds": [None if unknown else expected == len(open_now)],
            "reason": [reason],
        }
    )
