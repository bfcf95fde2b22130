"""Cells of frames as JSON can hold them, and what sort of cells a column holds.

Apart from `formatting`, so that publishing, which reads the JSON back, needn't import pandas.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd


def kind_of(column: pd.Series) -> str:
    """What sort of cells a column of a frame holds: text, day, whole number or number."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "day"
    if pd.api.types.is_bool_dtype(column.dtype):
        return "text"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "whole number"
    if pd.api.types.is_float_dtype(column.dtype):
        return "number"
    if column.dtype == object:
        kinds: dict[str, str] = {
            "date": "day",
            "datetime": "day",
            "integer": "whole number",
            "floating": "number",
            "mixed-integer-float": "number",
            "empty": "number",  # nothing but blanks: a number that could not be calculated
        }
        return kinds.get(pd.api.types.infer_dtype(column, skipna=True), "text")
    return "text"


def plain(cell: Any, kind: str) -> str | int | float | None:
    """A cell as JSON can hold it."""
    if pd.isna(cell):
        return None
    if kind == "day":
        return f"{cell:%Y-%m-%d}"
    if kind == "whole number":
        return int(cell)
    if kind == "number":
        return float(cell) if math.isfinite(cell) else None
    if pd.api.types.is_bool(cell):
        return "yes" if cell else "no"
    return str(cell)
