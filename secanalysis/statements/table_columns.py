"""What follows from each table's declaration: its columns, their types and forms, and frames that keep to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import pandas as pd

from secanalysis.statements import column_types, schemas


@dataclass(frozen=True)
class Column:
    """One column as a reader of the data dictionary needs it.

    Attributes
    ----------
    type
        ``text``, ``day``, ``whole number`` or ``number``.
    form
        What a value looks like, in words.
    stated
        Whether a blank is refused.
    past
        Whether a day is stated in the past tense, so that it can't be after its source.
    values
        The vocabulary, if the column has one.
    absent
        What a file without the column means, and a blank: a word, or `column_types.NOT_STATED`. None where a file needs
        the column, and a blank is not stated.
    """

    name: str
    type: str
    description: str
    form: str
    stated: bool
    past: bool
    values: tuple[str, ...]
    absent: str | None


_TYPES: dict[Any, str] = {
    str: "text",
    pd.Timestamp: "day",
    pd.Int64Dtype: "whole number",
    float: "number",
}


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a table, in their order.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    types = types_of(schemas.FILES[table])
    return tuple(
        _column(name, types[name], column) for name, column in schemas.declared(schemas.FILES[table]).items()
    )


def types_of(of: type[schemas.Table]) -> dict[str, Any]:
    """What is annotated of a table's columns, by name."""
    hints = get_type_hints(of)
    return {name: hints[name] for name in schemas.declared(of)}


def _column(name: str, annotation: Any, column: column_types.Declared) -> Column:
    return Column(
        name=name,
        type=_TYPES[annotation],
        description=column.description,
        form=column.form,
        stated=column.stated,
        past=column.past,
        values=tuple(map(str, column.rules.get("isin", ()))),
        absent=column.absent,
    )


_DTYPES = {"text": "str", "day": "datetime64[us]", "whole number": "Int64", "number": "float64"}


def has_type(values: pd.Series, table: str, column: str) -> bool:
    """Whether a column has the type that `typed` gives it."""
    return str(values.dtype) == _dtypes(table)[column]


def headings(table: str) -> tuple[list[str], list[str], list[str]]:
    """What a table's file may have as columns: those it usually has, all, and those that it can't do without."""
    every, seldom = columns(table), seldom_filled(table)
    usual = [column for column in every if column.name not in seldom]
    needed = [column for column in usual if column.absent is None]
    return tuple([column.name for column in some] for some in (usual, every, needed))  # type: ignore[return-value]


def seldom_filled(table: str) -> tuple[str, ...]:
    """The columns that are written only where one of them is filled: without them nothing is stated."""
    return tuple(column.name for column in columns(table) if column.absent == column_types.NOT_STATED)


def _dtypes(table: str) -> dict[str, str]:
    return {column.name: _DTYPES[column.type] for column in columns(table)}


def empty(table: str) -> pd.DataFrame:
    """A frame of the table's columns and types without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _dtypes(table).items()})


def plain_number(value: float) -> str:
    """A number as files write it: as many decimals as it has, ten at most."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def typed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Give a frame the table's types: ``str``, ``datetime64[us]``, ``Int64`` and ``float64``.

    Parameters
    ----------
    frame
        The table's columns, with or without those that a file may do without; days as ISO text or timestamps; blanks
        missing.
    table
        The table's name.

    Raises
    ------
    ValueError
        If a value has not the form of its column (`csv_reader.read_csv` says which and where).
    """
    whole = with_defaults(frame, table)
    shaped: dict[str, pd.Series] = {
        name: whole[name].astype(dtype)  # type: ignore[call-overload]
        for name, dtype in _dtypes(table).items()
    }
    return pd.DataFrame(shaped, index=frame.index)


def with_defaults(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """A table's frame with every column: those that a file may do without are what their absence means, and so are blanks."""
    filled = {}
    for column in columns(table):
        if column.absent is None:
            continue
        value = pd.NA if column.absent == column_types.NOT_STATED else column.absent
        if column.name not in frame:
            filled[column.name] = pd.Series(value, index=frame.index, dtype="str")
        elif column.absent:
            filled[column.name] = frame[column.name].fillna(value)
    return frame.assign(**filled) if filled else frame
