"""Cells of frames as JSON can hold them, and what sort of cells a column holds.

Apart from `formatting`, so that publishing, which reads the JSON back, needn't import pandas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
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
    return None if pd.isna(cell) else _known(cell, kind)


def plain_cells(column: pd.Series, kind: str) -> list[str | int | float | None]:
    """A column's cells as `plain` has them: looking for blanks in all of them at once takes a tenth of the time."""
    known = column.notna().tolist()
    if pd.api.types.is_datetime64_dtype(column.dtype):
        days = np.datetime_as_string(column.to_numpy().astype("datetime64[D]")).tolist()
        return [day if is_known else None for day, is_known in zip(days, known, strict=True)]
    cells = zip(column.tolist(), known, strict=True)
    return [_known(cell, kind) if is_known else None for cell, is_known in cells]


def table(
    name: str, caption: str, note: str, frame: pd.DataFrame, titles: Mapping[str, str]
) -> dict[str, Any]:
    """A table as plain data: days in ISO form, None for blanks.

    Parameters
    ----------
    name, caption, note
        Its own.
    frame, titles
        Its rows, and the titles of its columns by column of the frame.
    """
    kinds = {column: kind_of(frame[column]) for column in titles}
    cells = [plain_cells(frame[column], kind) for column, kind in kinds.items()]
    return {
        "name": name,
        "caption": caption,
        "note": note,
        "columns": [{"name": n, "title": title, "type": kinds[n]} for n, title in titles.items()],
        "rows": [list(row) for row in zip(*cells, strict=True)],
    }


def _known(cell: Any, kind: str) -> str | int | float | None:
    if kind == "day":
        return f"{cell:%Y-%m-%d}"
    if kind == "whole number":
        return int(cell)
    if kind == "number":
        return float(cell) if math.isfinite(cell) else None
    if type(cell) is not str and pd.api.types.is_bool(cell):
        return "yes" if cell else "no"
    return str(cell)
