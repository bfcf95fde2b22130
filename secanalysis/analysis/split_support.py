"""What supports the stage of a split modification until its split: what shows a part in that very stage afterwards.

A part's history is its parent's until the split, and a split leaves no stage. So a stage that a source supports
before the split of the whole, and from the split on of a part, held in between.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_codes import BY, FIRST_SIGHTING, NOWHERE, UNSTATED
from secanalysis.analysis.stage_intervals import Course
from secanalysis.analysis.units import Units
from secanalysis.register.resolved import ResolvedRegister


def with_parts_support(
    rows: pd.DataFrame, excluded: np.ndarray, units: Units, register: ResolvedRegister
) -> pd.DataFrame:
    """Evidence with a row for each split modification whose last stage a part is shown to have kept.

    The row supports that stage on the day before the split, and names the first statement of the part that does. It
    starts no stage.

    Parameters
    ----------
    rows
        As of `StageEvidence.rows`, from `evidence_order.by_unit`.
    excluded
        The numbers of units whose histories contradict themselves.
    units
        Which unit each number means.
    register
        Which modifications were split, and when.
    """
    if register.parts.empty:
        return rows
    split_on = units.days(register.split_days)
    is_part = np.zeros(len(units.names), dtype=bool)
    is_part[units.numbers(register.parts["name"])] = True
    is_split = np.zeros(len(units.names), dtype=bool)
    is_split[units.roots[is_part]] = True
    is_part[excluded] = is_split[excluded] = False
    of_parts, of_split = (rows[which[rows["unit"].to_numpy()]] for which in (is_part, is_split))
    kept = _kept_over(of_parts, split_on[units.roots]).assign(root=lambda frame: units.roots[frame["unit"]])
    last = _last_stages(of_split).rename(columns={"unit": "root"})
    added = kept.merge(last, on=["root", "stage", "since"]).sort_values(
        ["root", "day", "unit"], kind="stable"
    )
    added = added.drop_duplicates("root")
    if added.empty:
        return rows
    day = split_on[added["root"].to_numpy()] - np.timedelta64(1, "D")
    sightings = pd.DataFrame(
        {
            "unit": added["root"],
            "day": day,
            "on": day,
            "precision": BY,
            "what": FIRST_SIGHTING + added["stage"],
            "after": UNSTATED,
            "own_after": UNSTATED,
            "rule": added["rule"],
            "row": added["row"],
        }
    ).astype(rows.dtypes)
    # after all that was so of the whole: the day is its last, and what is seen comes last on a day
    every = pd.concat([rows, sightings[rows.columns]], ignore_index=True)
    return every.take(np.argsort(every["unit"].to_numpy(), kind="stable")).reset_index(drop=True)


def _kept_over(rows: pd.DataFrame, split_on: np.ndarray) -> pd.DataFrame:
    """Evidence from the split on that supports a stage in which its part had been before: with ``stage, since``."""
    course = Course.of(rows)
    began = np.flatnonzero(course.starts)
    place = np.flatnonzero(course.supports_before())
    start = began[course.supported_interval()[place]]
    split = split_on[course.unit[place]]
    over = (course.day[start] < split) & (course.day[place] >= split) & (course.after[start] != NOWHERE)
    kept = rows.iloc[place[over]]
    return kept.assign(stage=course.after[start[over]], since=course.day[start[over]])


def _last_stages(rows: pd.DataFrame) -> pd.DataFrame:
    """The last stage of each unit: ``unit, stage, since``."""
    course = Course.of(rows)
    began = np.flatnonzero(course.starts)
    frame = pd.DataFrame(
        {"unit": course.unit[began], "stage": course.after[began], "since": course.day[began]}
    )
    return frame.drop_duplicates("unit", keep="last")
