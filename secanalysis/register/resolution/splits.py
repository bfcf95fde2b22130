"""Splits: from which day the parts of a split modification count."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.vocabulary import EXACT, Event, LineageKind, Outcome, Precision, PublishedPrecision
from secanalysis.register.resolution.ranking import effective_day
from secanalysis.support.integer_codes import looked_up

DECIDED = (Outcome.APPROVED, Outcome.REJECTED)


def days(
    lineage: pd.DataFrame,
    named: pd.DataFrame,
    sources: pd.DataFrame,
    events: pd.DataFrame,
    implementations: pd.DataFrame,
) -> pd.Series:
    """The day from which a split modification's parts count, by its root.

    Where no source dates the split it is the first day on which a source of known date names a part,
    else the first lower bound of one that does. Unless a source states the very day, it is no later than the first on
    which a part was approved, rejected or in force: what is decided isn't split any more. Before it a part's facts
    belong to its parent.

    Parameters
    ----------
    lineage, sources
        `schemas.Lineage`, `schemas.Sources`.
    named
        Which modifications and parts each source names: ``name, root, source_id``.
    events, implementations
        From `events.resolved` and `release_items.resolved`.
    """
    splits = lineage[lineage["kind"] == LineageKind.SPLIT]
    roots = references.root(splits["earlier_ref"])
    on = effective_day(splits["on"], splits["precision"])
    about = sources.set_index("source_id")
    parts = named[named["name"] != named["root"]]
    published = looked_up(parts["source_id"], about["published_on"])
    exact = looked_up(parts["source_id"], about["published_precision"]) == PublishedPrecision.DAY
    first_exact = published[exact].groupby(parts["root"]).min()
    first_bound = published.groupby(parts["root"]).min()
    day = on.groupby(roots).min().reindex(pd.Index(sorted({*parts["root"], *roots.dropna()}), dtype="str"))
    for fallback in (first_exact, first_bound):
        day = day.fillna(fallback.reindex(day.index))
    own = _first_own_days(events, implementations).reindex(day.index)
    is_stated = day.index.isin(roots[splits["precision"].isin(EXACT)])
    return day.mask(~is_stated & (own < day), own).astype("datetime64[us]").rename("split_on")


def _first_own_days(events: pd.DataFrame, implementations: pd.DataFrame) -> pd.Series:
    """The first day on which a part was decided or in force, by root."""
    is_final = events["event"].isin([Event.VOTED, Event.DECIDED]) & events["outcome"].isin(DECIDED)
    columns = ["name", "root", "day", "precision"]
    facts = pd.concat([events.loc[is_final, columns], implementations[columns]])
    of_parts = facts[(facts["name"] != facts["root"]) & (facts["precision"] != Precision.NOT_BEFORE)]
    return of_parts["day"].groupby(of_parts["root"]).min()
