"""Release items: which statements tell of one implementation, and of which day it is."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain.vocabulary import ReleaseStatus
from secanalysis.register.resolution.ranking import best_day_first, effective_day, overruled, ranked


def resolved(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of implementation are one.

    Returns
    -------
    resolved
        One row a modification's (or its part's) implementation in a release: ``name, root, release,
        part, on, precision, day``.
    told
        All statements, ranked, with ``day`` and the ``item`` that each speaks of.
    """
    told = ranked(statements, sources)
    told["day"] = effective_day(told["on"], told["precision"])
    told["item"] = told["name"] + "|" + told["release"].fillna("") + "|" + told["part"].fillna("")
    columns = ["name", "root", "release", "part", "on", "precision", "day", "item"]
    resolved = _in_force(told).drop_duplicates("item")[columns]
    return resolved.reset_index(drop=True), told


def conflicts(told: pd.DataFrame) -> pd.DataFrame:
    """What `resolved` settled: where days in force differ, the best source wins."""
    done = _in_force(told)
    return overruled(done, "release_items", "item", "on", done["status"])


def _in_force(told: pd.DataFrame) -> pd.DataFrame:
    """Statements of what is in force, the one that wins first."""
    done = told[told["status"] == ReleaseStatus.IMPLEMENTED]
    return done.take(best_day_first(done, pd.factorize(done["item"], sort=True)[0]))
