"""Splits: from which day the parts of a split modification count."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.vocabulary import PublishedPrecision
from secanalysis.support.integer_codes import looked_up


def days(lineage: pd.DataFrame, named: pd.DataFrame, sources: pd.DataFrame) -> pd.Series:
    """The day from which a split modification's parts count, by its root.

    Where no source dates the split it is the first day on which a source of known date names a part,
    else the first lower bound of one that does. Before it a part's facts belong to its parent.

    Parameters
    ----------
    lineage, sources
        `schemas.Lineage`, `schemas.Sources`.
    named
        Which modifications and parts each source names: ``name, root, source_id``.
    """
    splits = lineage[lineage["kind"] == "split"]
    roots = references.root(splits["earlier_ref"])
    stated = splits["on"].groupby(roots).min()
    about = sources.set_index("source_id")
    parts = named[named["name"] != named["root"]]
    published = looked_up(parts["source_id"], about["published_on"])
    exact = looked_up(parts["source_id"], about["published_precision"]) == PublishedPrecision.DAY
    first_exact = published[exact].groupby(parts["root"]).min()
    first_bound = published.groupby(parts["root"]).min()
    day = stated.reindex(pd.Index(sorted(set(parts["root"]) | set(roots.dropna())), dtype="str"))
    for fallback in (first_exact, first_bound):
        day = day.fillna(fallback.reindex(day.index))
    return day.astype("datetime64[us]").rename("split_on")
