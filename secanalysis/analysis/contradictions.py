"""Histories that can't be true, with the reason in words: they are listed, and excluded from every count."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_codes import DAY, EVIDENCE, MONTH, STAGES, is_one_of
from secanalysis.analysis.stage_evidence import StageEvidence
from secanalysis.analysis.stage_rules import CLOSED
from secanalysis.domain.vocabulary import Event
from secanalysis.support.integer_codes import as_words


def contradictions(evidence: StageEvidence) -> pd.DataFrame:
    """Units that ended before they were raised, or were concluded in two ways on one day: ``unit, reason``.

    Parameters
    ----------
    evidence
        From `evidence_order.by_unit`.
    """
    rows = evidence.rows
    exact = np.isin(rows["precision"].to_numpy(), [DAY, MONTH])
    raisings = rows.loc[exact & (rows["what"].to_numpy() == EVIDENCE[Event.RAISED]), ["unit", "on"]]
    first = raisings.groupby("unit")["on"].min()
    raised_on = evidence.units.no_days()
    raised_on[first.index.to_numpy()] = first.to_numpy()
    ending = (rows["after"].to_numpy() >= 0) & is_one_of(rows["own_after"].to_numpy(), CLOSED, STAGES)
    ends = rows.loc[ending, ["unit", "day", "what", "own_after"]]
    early = ends["day"].to_numpy() < raised_on[ends["unit"].to_numpy()]
    reasons = pd.concat([_before_raised(ends[early], raised_on), _concluded_twice(ends)], ignore_index=True)
    reasons = reasons.drop_duplicates("unit").sort_values("unit")
    unit = evidence.units.texts(reasons["unit"].to_numpy(dtype=int))
    return pd.DataFrame({"unit": unit, "reason": reasons["reason"].array})


def _before_raised(ends: pd.DataFrame, raised_on: np.ndarray) -> pd.DataFrame:
    word = pd.Series(as_words(STAGES, ends["own_after"]), index=ends.index).str.replace("_", " ")
    ended = ends["day"].dt.strftime(" on %Y-%m-%d, before it was")
    raised = pd.Series(raised_on[ends["unit"].to_numpy()], index=ends.index)
    return pd.DataFrame(
        {"unit": ends["unit"], "reason": word + ended + raised.dt.strftime(" raised on %Y-%m-%d")}
    )


def _concluded_twice(ends: pd.DataFrame) -> pd.DataFrame:
    conclusions = ends[
        is_one_of(ends["what"].to_numpy(), [Event.VOTED, Event.DECIDED, Event.WITHDRAWN], EVIDENCE)
    ]
    unlike = conclusions.drop_duplicates(["unit", "day", "own_after"])[["unit", "day"]]
    days = unlike[unlike.duplicated()].drop_duplicates()
    reason = "two different conclusions on " + days["day"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame({"unit": days["unit"], "reason": reason})
