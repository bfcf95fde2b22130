"""Cells as files write them, as the values that they stand for: each kind has one form, and only one."""

from __future__ import annotations

import pandas as pd

_FORMS = {
    "day": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "whole number": "[0-9]{1,15}",
    "number": r"[0-9]{1,15}(\.[0-9]{1,10})?",
}


def parsed(cells: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    """The values of some cells, missing where they don't have their kind's form, and where that is so.

    Parameters
    ----------
    cells
        Text; missing where blank.
    kind
        As of `table_columns.Column`.
    """
    if kind == "text":
        return cells, pd.Series(False, index=cells.index)
    fits = cells.str.fullmatch(_FORMS[kind]).fillna(False).astype(bool)
    clean = cells.where(fits)
    value: pd.Series
    if kind == "day":
        value = pd.to_datetime(clean, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    elif kind == "whole number":
        value = pd.to_numeric(clean).astype("Int64")
    else:
        value = pd.to_numeric(clean).astype("float64")
    return value, cells.notna() & value.isna()
