"""Release items: which statements are of one implementation, and of which day it is."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain.vocabulary import ReleaseStatus
from secanalysis.register.resolution.ranking import best_day_first, effective_day, overruled, ranked


def resolved(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of implementation are one.

    Returns
    -------
    resolved
        One row per implementation of a modification (or its part) in a release: ``name, root, release,
        part, on, precision, day``.
    statements
        All statements, ranked, with ``day`` and the ``item`` that each speaks of.
    """
    stated = ranked(statements, sources)
    stated["day"] = effective_day(stated["on"], stated["precision"])
    stated["item"] = stated["name"] + "|" + stated["release"].fillna("") + "|" + stated["part"].fillna("")
    columns = ["name", "root", "release", "part", "on", "precision", "day", "item"]
    resolved = _in_force(stated).drop_duplicates("item")[columns]
    return resolved.reset_index(drop=True), stated


def conflicts(statements: pd.DataFrame) -> pd.DataFrame:
    """What `resolved` settled: where days in force differ, the best source wins."""
    done = _in_force(statements)
    return overruled(done, "release_items", "item", "on", done["status"])


def _in_force(statements: pd.DataFrame) -> pd.DataFrame:
    """Statements of what is in force, the one that wins first."""
    done = statements[statements["status"] == ReleaseStatus.IMPLEMENTED]
    return done.take(best_day_first(done, pd.factorize(done["item"], sort=True)[0]))
