"""Whose a fact is where a modification was split: its own, and until the split its parent's and its parts' too."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain import references
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up


def with_owners(register: ResolvedRegister, facts: pd.DataFrame, day: str) -> pd.DataFrame:
    """Facts with ``owner``: each modification or part on whose page a fact belongs, a row for each.

    Until the split a part's facts are its parent's, and the parent's facts are the beginning of each part's history.

    Parameters
    ----------
    register
        Which modifications were split, and when.
    facts
        With ``name``: the modification or part that a source names.
    day
        The column of the day on which each fact was so.
    """
    own = facts.assign(owner=facts["name"])
    if register.parts.empty:
        return own
    roots = references.root(facts["name"])
    before = roots.isin(register.parts["root"]) & ~(facts[day] >= looked_up(roots, register.split_days))
    is_part = facts["name"] != roots
    of_parent = facts[before & is_part].assign(owner=roots[before & is_part])
    parts = register.parts.rename(columns={"root": "name", "name": "owner"})
    of_parts = facts[before & ~is_part].merge(parts, on="name")
    return pd.concat([own, of_parent, of_parts], ignore_index=True)
