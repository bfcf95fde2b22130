"""From a register's columns to ours: the mapping that its user writes, as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml

from secanalysis.statements import schemas
from secanalysis.support.errors import UserError, ascii_marked

LARGEST = 100_000
DEEPEST = 50  # YAML takes hours over thousands of open brackets
TABLES = tuple(table for table in schemas.TABLES if table != "sources")
_OWN = ("source_id",)  # a register is one source, so no column of it says which


class DateOrder(StrEnum):
    """How a register's text days, or numbers in place of days, are to be read."""

    ISO = "iso"  # 2020-08-07
    DAY_FIRST = "day-month-year"  # 7/8/2020 is in August
    MONTH_FIRST = "month-day-year"  # 8/7/2020 is in August
    SERIAL = "excel-serial"  # 44050


@dataclass(frozen=True)
class Read:
    """One table's rows out of one sheet.

    Attributes
    ----------
    table
        Ours.
    sheet
        The register's sheet; blank for a CSV file, or where there is only one.
    columns
        Our column to the register's heading.
    values
        Our column to what stands in it in every row.
    words
        Our column to the register's words and ours for them.
    only_with
        Our columns without which a row says nothing and is left out.
    heading
        The row of the headings.
    """

    table: str
    sheet: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only_with: tuple[str, ...] = ()
    heading: int = 1
    dates: DateOrder = DateOrder.ISO


@dataclass(frozen=True)
class RegisterMapping:
    """A whole mapping: what to read, and what the source is called."""

    reads: tuple[Read, ...]
    title: str | None = None
    publisher: str | None = None


def ours(table: str) -> list[str]:
    """The columns of a table that a register may fill."""
    return [column.name for column in schemas.columns(table) if column.name not in _OWN]


def load(path: Path) -> RegisterMapping:
    """Read a mapping.

    Raises
    ------
    UserError
        If it isn't one; the message says where.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path.name} is no mapping: it has more than {LARGEST:,} bytes")
        text = path.read_text(encoding="utf-8")
        if max(accumulate((char in "[{") - (char in "]}") for char in text), default=0) > DEEPEST:
            raise UserError(f"{path.name} isn't a mapping: its brackets are nested too deep")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise UserError(f"{path.name} repeats parts of itself by aliases (*): write them out")
        loaded = yaml.safe_load(text)
    except FileNotFoundError:
        raise UserError(f"no mapping {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} can't be read: {error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path.name}{where} isn't YAML") from None
    return _register(loaded, path.name)


def _register(loaded: object, name: str) -> RegisterMapping:
    top = _object(loaded, name, ("dates", "source", "read"))
    source = _object(top.get("source", {}), f"{name}, source", ("title", "publisher"))
    dates = _order(top.get("dates", DateOrder.ISO), f"{name}, dates")
    entries = top.get("read")
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{name}: expected a list under 'read', an entry a table (docs/ingest.md shows one)")
    reads = tuple(
        _read(entry, f"{name}, entry {at} of read", dates) for at, entry in enumerate(entries, start=1)
    )
    return RegisterMapping(
        reads, _text_or_none(source, "title", name), _text_or_none(source, "publisher", name)
    )


def _read(entry: object, where: str, dates: DateOrder) -> Read:
    keys = ("table", "sheet", "columns", "values", "words", "only_with", "heading", "dates")
    found = _object(entry, where, keys)
    table = found.get("table")
    if table not in TABLES:
        raise UserError(f"{where}: found table {_shown(table)}; expected one of {', '.join(TABLES)}")
    allowed = ours(table)
    columns = _object(found.get("columns", {}), f"{where}, columns", allowed)
    values = _object(found.get("values", {}), f"{where}, values", allowed)
    words = _object(found.get("words", {}), f"{where}, words", allowed)
    only_with = found.get("only_with", [])
    if isinstance(only_with, list):
        only_with = ["on" if name is True else name for name in only_with]
    heading = found.get("heading", 1)
    if not columns:
        raise UserError(f"{where}: expected 'columns', from our columns to the sheet's headings")
    if both := set(columns) & set(values):
        raise UserError(f"{where}: {', '.join(sorted(both))} in both 'columns' and 'values'")
    if not isinstance(only_with, list) or not set(map(str, only_with)) <= set(columns):
        raise UserError(f"{where}: 'only_with' lists some of {', '.join(columns)}")
    if not isinstance(heading, int) or isinstance(heading, bool) or not 1 <= heading <= 1000:
        raise UserError(f"{where}: 'heading' is the row of the headings, such as 1")
    return Read(
        table=table,
        sheet=_texts({"sheet": found.get("sheet", "")}, where)["sheet"],
        columns=_texts(columns, f"{where}, columns"),
        values=_texts(values, f"{where}, values"),
        words={ours_: _words(pairs, f"{where}, words, {ours_}") for ours_, pairs in words.items()},
        only_with=tuple(map(str, only_with)),
        heading=heading,
        dates=_order(found.get("dates", dates), f"{where}, dates"),
    )


def _object(found: object, where: str, allowed: tuple[str, ...] | list[str]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise UserError(f"{where}: expected names and values, found {type(found).__name__}")
    # YAML takes an unquoted `on`, which is a column of ours, for true.
    named = {"on" if key is True else key: value for key, value in found.items()}
    for key in named:
        if key not in allowed:
            raise UserError(f"{where}: found {_shown(key)}; expected some of {', '.join(allowed)}")
    return named


def _words(found: object, where: str) -> dict[str, str]:
    if not isinstance(found, dict):
        raise UserError(f"{where}: expected the register's words and ours for them")
    return _texts(found, where)


def _texts(found: Mapping[Any, Any], where: str) -> dict[str, str]:
    """Names and values that are texts, or what YAML takes for numbers, days or yes and no."""
    for name, value in found.items():
        if value is None or isinstance(value, dict | list):
            raise UserError(f"{where}, {str(name)[:60]}: found {_shown(value)}; expected a text")
    return {str(name): str(value) for name, value in found.items()}


def _shown(found: object) -> str:
    if isinstance(found, dict | list):
        return "a list" if isinstance(found, list) else "names and values"
    return "nothing" if found is None else ascii_marked(str(found)[:60])


def _order(found: object, where: str) -> DateOrder:
    try:
        return DateOrder(str(found))
    except ValueError:
        raise UserError(f"{where}: found {_shown(found)}; expected one of {', '.join(DateOrder)}") from None


def _text_or_none(source: Mapping[str, Any], key: str, name: str) -> str | None:
    value = source.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise UserError(f"{name}, source: expected text under '{key}'")
    return value.strip() if value else None
