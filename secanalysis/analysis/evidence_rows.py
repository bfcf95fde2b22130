"""Rows of evidence: the columns that all collectors fill."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_codes import UNSTATED


def evidence_rows(
    name: np.ndarray, day: pd.Series, on: pd.Series, row: np.ndarray, **words: np.ndarray | int
) -> pd.DataFrame:
    """Rows of evidence, as of `stage_evidence.StageEvidence.rows`.

    Parameters
    ----------
    name
        The number of each one's modification or part.
    day, on
        The day that counts, and the day as stated.
    row
        The place of each one's statement in its table.
    words
        ``precision, what, after``, and where they differ from what is usual ``own_after, rule``: one number for all,
        or one each.
    """
    columns = {
        word: np.broadcast_to(np.asarray(code, dtype="int8"), len(name))
        for word, code in {"rule": UNSTATED, **words}.items()
    }
    columns.setdefault("own_after", columns["after"])
    return pd.DataFrame({"name": name, "day": day.array, "on": on.array, **columns, "row": row})
