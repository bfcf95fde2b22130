"""Where evidence disagrees: two stages stated for one day, and what is inferred against what is stated."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_codes import (
    BY,
    DAY,
    EVIDENCE,
    MONTH,
    NOWHERE,
    RULES,
    STAGES,
    is_one_of,
)
from secanalysis.analysis.stage_evidence import StageEvidence
from secanalysis.analysis.stage_rules import INFERRED
from secanalysis.domain.vocabulary import Event
from secanalysis.support.integer_codes import as_words


def inferred(rows: pd.DataFrame) -> np.ndarray:
    """Which rows of evidence are inferred.

    Parameters
    ----------
    rows
        As of `StageEvidence.rows`.
    """
    return rows["rule"].to_numpy() == RULES[INFERRED]


def disputed(rows: pd.DataFrame) -> np.ndarray:
    """Which rows of evidence state a stage for a day on which another states a different one.

    Such statements say what was so on a day, not what happened: rules but the one that infers, and stages observed. Where
    something happened on that day that leads from one stage to the other, both are right.

    Parameters
    ----------
    rows
        ``rows`` of the evidence, from `evidence_order.by_unit`.
    """
    what, after, precision = (rows[name].to_numpy() for name in ("what", "after", "precision"))
    observed = is_one_of(what, [Event.OBSERVED], EVIDENCE)
    shows = (((rows["rule"].to_numpy() >= 0) & ~inferred(rows)) | observed) & (after >= 0)
    place = np.flatnonzero(shows)
    unit, day = rows["unit"].to_numpy(), rows["day"].to_numpy()
    # rows are in the order of units and days, so that different stages of one day stand next to each other
    first, second = place[:-1], place[1:]
    differ = (unit[first] == unit[second]) & (day[first] == day[second]) & (after[first] != after[second])
    in_dispute = np.zeros(len(rows), dtype=bool)
    if not differ.any():
        return in_dispute
    happened = ~shows & (after >= 0) & np.isin(precision, [DAY, MONTH])
    days = pd.MultiIndex.from_arrays([unit, day])
    in_dispute[place] = days[place].isin(days[first[differ]].difference(days[happened]))
    return in_dispute


def listed(evidence: StageEvidence, in_dispute: np.ndarray) -> pd.DataFrame:
    """The statements that support different stages on one day.

    Parameters
    ----------
    evidence
        From `evidence_order.by_unit`.
    in_dispute
        From `disputed`, of its rows.

    Returns
    -------
    pandas.DataFrame
        ``unit, day, stage, table, source_id, locator``, one row per statement, in the order of units and days.
    """
    rows = evidence.rows[in_dispute]
    words = pd.DataFrame(
        {
            "unit": evidence.units.texts(rows["unit"].to_numpy()),
            "day": rows["day"].array,
            "stage": as_words(STAGES, rows["after"]),
        }
    )
    return pd.concat([words, evidence.sources(rows["row"].to_numpy())], axis=1).drop_duplicates(
        ignore_index=True
    )


def none_known(rows: pd.DataFrame, in_dispute: np.ndarray) -> pd.DataFrame:
    """Rows of evidence of which those in dispute lead to no stage: what was known until then ends there."""
    after = np.where(in_dispute, NOWHERE, rows["after"].to_numpy()).astype("int8")
    return rows.assign(
        after=after, precision=np.where(in_dispute, BY, rows["precision"].to_numpy()).astype("int8")
    )


def outweighed(rows: pd.DataFrame, stated: pd.DataFrame) -> np.ndarray:
    """Which rows of evidence are inferred on a day on which another stage is stated, or two are.

    Parameters
    ----------
    rows
        ``rows`` of the evidence, from `evidence_order.by_unit`; those in dispute lead to no stage.
    stated
        How long each stage was held by what is stated, from `stage_intervals.held`.
    """
    place = np.flatnonzero(inferred(rows))
    inferences = rows.iloc[place][["unit", "day", "after"]].assign(place=place)
    both = inferences.merge(stated, on="unit")
    holds = (
        (both["since"] <= both["day"])
        & (both["day"] <= both["believed_to"])
        & ~(both["until"] <= both["day"])
    )
    unlike = both.loc[holds & (both["stage"] != both["after"]), "place"]
    lost = np.zeros(len(rows), dtype=bool)
    lost[unlike.to_numpy()] = True
    in_dispute = rows.loc[rows["after"].to_numpy() == NOWHERE, ["unit", "day"]].drop_duplicates()
    lost[inferences.merge(in_dispute, on=["unit", "day"])["place"].to_numpy()] = True
    return lost
