"""Whose each piece of evidence is, and in which order: by modification or part, by day, by the process's steps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_codes import EVIDENCE, FIRST_SIGHTING
from secanalysis.analysis.stage_evidence import StageEvidence
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import as_words


def by_unit(evidence: StageEvidence, register: ResolvedRegister) -> StageEvidence:
    """Give each piece of evidence to the modifications or parts whose history it belongs to, and put them in order.

    A part's evidence from before the split is its parent's, and its parent's from before the split is its own too.

    Parameters
    ----------
    evidence
        From `stage_evidence.collected`: its rows have a ``name``.
    register
        The same that it was collected from.

    Returns
    -------
    StageEvidence
        Its rows have a ``unit``; each unit's are in the order of days, and on one day in that of the process.
    """
    units, rows = evidence.units, evidence.rows
    name = rows["name"].to_numpy()
    root = units.roots[name].astype("int32")
    split_on = units.days(register.split_days)[root]
    whole = np.isnat(split_on)
    given = rows.drop(columns="name").assign(unit=root)
    if not whole.all():
        early = rows["day"].to_numpy() < split_on
        own, inherited = ~whole & (name != root), early & (name == root)
        parts = register.parts
        numbers = pd.DataFrame({"root": units.numbers(parts["root"]), "part": units.numbers(parts["name"])})
        of_parts = given[inherited].merge(numbers.rename(columns={"root": "unit"}), on="unit")
        frames = [
            given[whole | early],
            given[own].assign(unit=name[own]),
            of_parts.assign(unit=of_parts["part"]).drop(columns="part"),
        ]
        given = pd.concat(frames, ignore_index=True)
    order = _in_order(StageEvidence(units, given, evidence.statements))
    return StageEvidence(units, given.take(order).reset_index(drop=True), evidence.statements)


def _in_order(evidence: StageEvidence) -> np.ndarray:
    """The places of rows in the order of units, days and steps; what is left equal, by its source.

    Text is only compared where numbers don't decide: sorting millions of rows by it takes a minute.
    """
    rows = evidence.rows
    step = np.minimum(rows["what"].to_numpy(), FIRST_SIGHTING)
    keys = [rows["unit"].to_numpy(), rows["day"].to_numpy(), step]
    order = np.lexsort(keys[::-1])
    new = np.r_[True, np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])][: len(order)]
    alone = new & np.r_[new[1:], True][: len(order)]
    place = np.flatnonzero(~alone)
    tied = evidence.sources(rows["row"].to_numpy()[order[place]])
    what = as_words(EVIDENCE, rows["what"].to_numpy()[order[place]])
    tied = tied.assign(what=what, tie=np.cumsum(new)[place])
    settled = tied.sort_values(["tie", "what", "source_id", "locator"], kind="stable").index.to_numpy()
    order[place] = order[place][settled]
    return order
