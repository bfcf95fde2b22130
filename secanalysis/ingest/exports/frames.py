"""Sheets that are pandas frames already: their cells become what a workbook's are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
import pandas as pd

from secanalysis.ingest.exports.export import Export, Row
from secanalysis.ingest.exports.mapping import RegisterMapping
from secanalysis.ingest.exports.open_workbook import MOST_CELLS
from secanalysis.support.errors import UserError

_SERIALS_FROM = date(1899, 12, 30)


def export_of(sheets: Mapping[str, pd.DataFrame], name: str, register: RegisterMapping | None) -> Export:
    """An export whose sheets are frames.

    Parameters
    ----------
    sheets
        By name; a blank one where there is no other. A frame's columns are its headings, in the row in which the
        mapping has them, so that its rows are numbered as a sheet's.
    name
        What messages call it.
    register
        What to read of it.

    Raises
    ------
    UserError
        If these aren't sheets.
    """
    if not sheets:
        raise UserError(f"{name}: found no sheets; expected a pandas DataFrame for each")
    if (
        cells := sum(frame.size for frame in sheets.values() if isinstance(frame, pd.DataFrame))
    ) > MOST_CELLS:
        raise UserError(f"{name} has {cells:,} cells: it is no register")
    return Export(
        name, {sheet: _rows(sheet, frame, register) for sheet, frame in sheets.items()}, _SERIALS_FROM
    )


def _rows(sheet: object, frame: object, register: RegisterMapping | None) -> list[Row]:
    if not isinstance(sheet, str):
        raise UserError(f"found a sheet named {sheet!r}; expected a text")
    if not isinstance(frame, pd.DataFrame):
        raise UserError(f"sheet {sheet!r}: found {type(frame).__name__}; expected a pandas DataFrame")
    if frame.columns.nlevels > 1:
        raise UserError(f"sheet {sheet!r}: found {frame.columns.nlevels} rows of headings; expected one")
    reads = register.reads if register else ()
    heading = next((read.heading for read in reads if read.sheet in (sheet, "")), 1)
    columns = [list(map(_cell, frame.iloc[:, at].tolist())) for at in range(frame.shape[1])]
    above: list[Row] = [[] for _ in range(heading - 1)]
    return [*above, list(map(_cell, frame.columns)), *map(list, zip(*columns, strict=True))]


def _cell(value: object) -> object:
    """A value as `open_workbook` gives it: text, a number, a truth value, ``[ISO day]``, None for nothing."""
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    elif isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()  # as text: its zone says which day it is
    if isinstance(value, date):
        return [value.isoformat()[:10]]
    return str(value)
