"""Which of the statements of one fact give its day, and which give another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from secanalysis.domain.vocabulary import Precision

Key = tuple[str, str, str]
"""A row: its table, source_id and locator."""


class DaysOfSources:
    """The statements of facts with the day that each gives, by the fact that they are of.

    Parameters
    ----------
    statements
        ``on, precision, source_id, locator``, and the column ``key`` that says of which fact each is.
    key, table
        That column, and the table that the rows are in.
    """

    def __init__(self, statements: pd.DataFrame, key: str, table: str) -> None:
        self._stated: Mapping[Any, list[tuple[Any, Any, Key]]] = defaultdict(list)
        columns = [key, "on", "precision", "source_id", "locator"]
        for of, on, precision, *row in statements[columns].itertuples(index=False, name=None):
            self._stated[of].append((on, precision, (table, *row)))

    def of(self, fact: Any, on: str | None, precision: str | None) -> dict[str, list[Any]]:
        """The rows behind a fact's day, and those that give another: ``rows``, ``otherwise`` (``on, precision, rows``).

        Parameters
        ----------
        fact
            Which one.
        on, precision
            The day that is believed of it, as ISO text.
        """
        rows: list[Key] = []
        others: dict[tuple[str, str], list[Key]] = {}
        for stated_on, stated_precision, row in self._stated[fact]:
            if on is None or pd.isna(stated_on) or _agree(stated_on, stated_precision, on, precision):
                rows.append(row)
            else:
                others.setdefault((f"{stated_on:%Y-%m-%d}", str(stated_precision)), []).append(row)
        otherwise = [{"on": of[0], "precision": of[1], "rows": others[of]} for of in sorted(others)]
        return {"rows": rows, "otherwise": otherwise}


def _agree(stated_on: pd.Timestamp, stated_precision: Any, on: str, precision: str | None) -> bool:
    """Whether what is stated of a day can be so where a fact was on another statement's day."""
    day = pd.Timestamp(on)
    if precision != Precision.DAY:
        return stated_on == day or stated_precision != precision
    match stated_precision:
        case Precision.MONTH:
            return (stated_on.year, stated_on.month) == (day.year, day.month)
        case Precision.BY:
            return bool(stated_on >= day)
        case Precision.NOT_BEFORE:
            return True  # a bound of the page's day, not the fact's
    return bool(stated_on == day)
