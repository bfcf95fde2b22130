"""What concluded means: the latest final decision or withdrawal that nothing has reopened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_rules import CLOSED, sighting
from secanalysis.domain.vocabulary import EXACT, OPEN_STAGES, Event, Precision, Stage


def over(statements: pd.DataFrame) -> pd.Series:
    """Which statements say that a modification is past its decision.

    Parameters
    ----------
    statements
        As of `stages.Stages.statements`.
    """
    return statements["after"].isin(CLOSED) | statements["what"].isin([sighting(stage) for stage in CLOSED])


def conclusions(statements: pd.DataFrame) -> pd.DataFrame:
    """What became of each unit by all that is stated: concluded, over without a day, or neither.

    A referral, a sending back or whatever else leads to an open stage again reopens what was decided before it.

    Parameters
    ----------
    statements
        As of `stages.Stages.statements`, each unit's in the order of their days.

    Returns
    -------
    pandas.DataFrame
        By unit: ``concluded_on`` (missing where no day is known, or what was decided is open again), ``over`` (whether
        it is past its decision, with a day or without).
    """
    place, unit = pd.Series(np.arange(len(statements)), index=statements.index), statements["unit"]
    exact = statements["precision"].isin(EXACT)
    voted = statements["what"].isin([Event.VOTED, Event.DECIDED])
    final = statements["after"].isin([Stage.PENDING_IMPLEMENTATION, Stage.REJECTED])
    decided = exact & ((voted & final) | (statements["what"] == Event.WITHDRAWN))

    def last(which: pd.Series) -> pd.Series:
        return place.where(which, -1).groupby(unit).max()

    opened, decision, ended = (
        last(which) for which in (statements["after"].isin(OPEN_STAGES), decided, over(statements))
    )
    is_last = decision > opened
    day = statements["day"].take(decision[is_last].to_numpy()).set_axis(decision.index[is_last])
    return pd.DataFrame({"concluded_on": day.reindex(decision.index), "over": ended > opened})


def reopened_by(statements: pd.DataFrame, after: pd.Timestamp, day: pd.Timestamp) -> set[str]:
    """Units that a source says were reopened *by* a day after another: perhaps before it.

    Parameters
    ----------
    statements
        As of `stages.Stages.statements`.
    after, day
        From when to when, the first left out.
    """
    reopening = statements["after"].isin(OPEN_STAGES) & statements["rule"].isna()
    by = (statements["precision"] == Precision.BY) & (statements["what"] != Event.OBSERVED)
    between = (statements["day"] > after) & (statements["day"] <= day)
    return set(statements.loc[reopening & by & between, "unit"])
