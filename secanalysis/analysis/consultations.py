"""Consultations that were held, each once, however many sources state a part of it."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.vocabulary import ConsultationKind
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once


@once
def held(register: ResolvedRegister) -> pd.DataFrame:
    """Each consultation of which a day is known, once.

    Returns
    -------
    pandas.DataFrame
        ``name, kind, opened_on, closed_on`` (either may be missing), ``stated_on`` (the day of the latest source).
    """
    c = register.tables["consultations"].dropna(subset=["ref"])
    c = c.dropna(subset=["opened_on", "closed_on"], how="all")
    c = c.assign(stated_on=stated_on(register, c), name=references.name(c["ref"]))
    every = c.groupby(["name", "kind", "opened_on", "closed_on"], as_index=False, dropna=False).agg(
        stated_on=("stated_on", "max")
    )
    return every[~_stated_whole(every)].reset_index(drop=True)


def stated_on(register: ResolvedRegister, statements: pd.DataFrame) -> pd.Series:
    """The day on which each statement's source was published."""
    return looked_up(statements["source_id"], register.sources.set_index("source_id")["published_on"])


def _stated_whole(held: pd.DataFrame) -> pd.Series:
    """Which consultations are stated again with more: with both days, or with their kind where this is only another."""
    pairs = held.reset_index(names="row").merge(
        held.reset_index(names="whole"), on="name", suffixes=("", "_whole")
    )
    same = [pairs[day].isna() | (pairs[day] == pairs[f"{day}_whole"]) for day in ("opened_on", "closed_on")]
    days, days_whole = (
        pairs[[f"opened_on{end}", f"closed_on{end}"]].notna().sum(axis="columns") for end in ("", "_whole")
    )
    is_other = pairs["kind"] == ConsultationKind.OTHER
    same_kind = pairs["kind"] == pairs["kind_whole"]
    more = (same_kind & (days_whole > days)) | (is_other & ~same_kind)
    return pd.Series(held.index.isin(pairs.loc[same[0] & same[1] & more, "row"]), index=held.index)
