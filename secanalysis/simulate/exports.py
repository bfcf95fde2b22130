"""The exports of a made-up register: its sources, and rows that are each in the export of their month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import PublishedPrecision, SourceKind
from secanalysis.domain.written_days import day_in_words
from secanalysis.simulate.calendar import Calendar, Days
from secanalysis.statements import schemas

MARK = "synthetic-"  # how every made-up source_id begins


class Exports:
    """One export a month, published on its last day, or one of the last day for all.

    Attributes
    ----------
    monthly
        Whether there is one per month; what was open at the ends of months is stated only then.
    days
        The days of the exports.
    last
        The register's last day.
    """

    def __init__(self, calendar: Calendar, *, monthly: bool) -> None:
        self.monthly = monthly
        self.month_ends = calendar.month_ends
        self.days = calendar.month_ends if monthly else calendar.month_ends[-1:]
        self.last = calendar.last
        months = self.days.astype("datetime64[M]").astype(str)
        self.source_ids = np.array([f"{MARK}register-{month}" for month in months], dtype=object)

    def sources(self, seed: int) -> pd.DataFrame:
        """The exports as sources."""
        days = pd.DatetimeIndex(self.days)
        columns = {
            "source_id": self.source_ids,
            "kind": SourceKind.SYNTHETIC.value,
            "title": [
                f"SYNTHETIC register export of {day_in_words(day)} (made up, seed {seed})" for day in days
            ],
            "publisher": "secanalysis simulate",
            "published_on": days,
            "published_precision": PublishedPrecision.DAY.value,
            "url": None,
        }
        return schemas.typed(pd.DataFrame(columns), "sources")

    def happened(self, days: Days) -> np.ndarray:
        """The numbers of those days that come by the last one."""
        return np.flatnonzero(days <= self.last)

    def rows(
        self, table: str, stated: Days, order: Sequence[np.ndarray], columns: dict[str, Any]
    ) -> pd.DataFrame:
        """A table whose rows stand in the first export from the day on which they could be stated.

        Parameters
        ----------
        order
            What the rows of one export are sorted by.
        columns
            Arrays, or one value for all rows.
        """
        source = np.searchsorted(self.days, stated)
        by = np.lexsort((*reversed(order), source))
        cells = {name: cell[by] if isinstance(cell, np.ndarray) else cell for name, cell in columns.items()}
        source = source[by]
        number = np.arange(len(by)) - np.searchsorted(source, source) + 1
        frame = pd.DataFrame(cells, index=pd.RangeIndex(len(by)))
        frame["source_id"] = self.source_ids[source]
        frame["locator"] = f"{table} row " + pd.Series(number).astype("str")
        return schemas.typed(frame, table)
