"""Units: modifications and parts of split ones, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.domain import references
from secanalysis.register.resolved import ResolvedRegister


@dataclass(frozen=True, eq=False)
class Units:
    """Modifications and parts, numbered in the order of their names.

    Attributes
    ----------
    names
        All that any table names, and the modifications whose parts are named.
    roots
        The number of the modification of each, which is its own unless it is a part.
    """

    names: pd.Index
    roots: np.ndarray

    @classmethod
    def of(cls, register: ResolvedRegister) -> Units:
        """All units of a register."""
        named = register.named
        names = pd.Index(pd.concat([named["name"], named["root"]]).unique(), dtype="str").sort_values()
        return cls(names, names.get_indexer(references.root(names.to_series())))

    def numbers(self, names: pd.Series) -> np.ndarray:
        """The number of each name."""
        codes, different = pd.factorize(names)
        return self.names.get_indexer(different).astype("int32")[codes]

    def texts(self, numbers: np.ndarray) -> pd.api.extensions.ExtensionArray:
        """The name of each number."""
        return self.names.array.take(numbers)

    def days(self, by_name: pd.Series) -> np.ndarray:
        """Days by name as an array of days by number; NaT where there is none."""
        return by_name.reindex(self.names).to_numpy(dtype="datetime64[us]")

    def no_days(self) -> np.ndarray:
        """An array of days by number with none known yet."""
        return np.full(len(self.names), np.datetime64("NaT"), dtype="datetime64[us]")


def begins(unit: np.ndarray) -> np.ndarray:
    """Whether each row is its unit's first, of rows in the order of units."""
    return np.r_[True, unit[1:] != unit[:-1]][: len(unit)]
