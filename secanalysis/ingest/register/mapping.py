"""From a register's columns to ours: the mapping that its user writes, as YAML (docs/ingest.md shows one)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import yaml

from secanalysis.statements import schemas
from secanalysis.support.errors import UserError, ascii_marked

LARGEST = 100_000
DEEPEST = 50  # YAML takes hours over thousands of open brackets
TABLES = tuple(table for table in schemas.TABLES if table != "sources")
LINE = "line"
"""What a mapping calls the line breaks within a cell, where it splits cells at them."""

_Word = TypeVar("_Word", bound=StrEnum)
_OWN = ("source_id",)  # a register is one source, so no column of it says which
_PREFIXES = ("MP", "DP", "SECMP")
_ENCODINGS = ("utf-8", "cp1252", "utf-16")


class DateForm(StrEnum):
    """How a register's text days, or numbers in place of days, are to be read."""

    ISO = "iso"  # 2020-08-07
    DAY_FIRST = "day-month-year"  # 7/8/2020 is in August
    MONTH_FIRST = "month-day-year"  # 8/7/2020 is in August
    SERIAL = "excel-serial"  # 44050


class Duplicates(StrEnum):
    """What becomes of a reference that a list of modifications holds in several rows which differ."""

    REFUSE = "refuse"
    LIST = "list"  # both are kept, and listed as a conflict
    SEVERAL = "several"  # the sheet isn't a list of modifications: its rows add to each other


@dataclass(frozen=True)
class Heading:
    """A column of a sheet by its heading, and which of several with that heading, from the left (1 is the first)."""

    text: str
    nth: int | None = None

    def __str__(self) -> str:
        return self.text if self.nth is None else f"{self.text} ({self.nth})"


@dataclass(frozen=True)
class Rows:
    """Which rows of a sheet an entry reads.

    Attributes
    ----------
    only_with, only_without
        Our columns, or headings of the sheet, that must be filled, or blank.
    only_where
        Our column or a heading, and the words one of which its cell must be.
    skip_after_blank
        Whether everything below the first blank row is left out.
    """

    only_with: tuple[str, ...] = ()
    only_without: tuple[str, ...] = ()
    only_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skip_after_blank: bool = False


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
        Our column to the value that it has in every row.
    words
        Our column to the register's words and ours for them; None is "not stated".
    rows
        Which rows are read.
    split
        Our column or a heading to what separates the values that its cells hold.
    heading
        The row of the headings.
    dates
        Our column to the forms of its days, tried in order; the blank name is for all other columns.
    blank
        Our column to the words that mean "not stated" in it; the blank name is for all columns.
    duplicates
        What becomes of a reference in several rows.
    """

    table: str
    sheet: str = ""
    columns: Mapping[str, Heading] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    rows: Rows = Rows()
    split: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    heading: int = 1
    dates: Mapping[str, tuple[DateForm, ...]] = field(default_factory=dict)
    blank: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    duplicates: Duplicates = Duplicates.REFUSE

    def forms(self, column: str) -> tuple[DateForm, ...]:
        """The forms of a column's days."""
        return self.dates.get(column) or self.dates.get("") or (DateForm.ISO,)

    def blanks(self, column: str) -> tuple[str, ...]:
        """The words that mean "not stated" in a column."""
        return (*self.blank.get("", ()), *self.blank.get(column, ()))


@dataclass(frozen=True)
class CsvForm:
    """What a mapping says of the form of a CSV file; None is to be recognised."""

    delimiter: str | None = None
    encoding: str | None = None
    short_rows: bool = False


@dataclass(frozen=True)
class RegisterMapping:
    """A whole mapping: what to read, and what the source is called.

    Attributes
    ----------
    reads
        What to read.
    title, publisher
        The source's.
    references
        Our prefix to the register's own pattern, whose first group is the number, a second one the part's letter.
    csv
        The form of a CSV file.
    cached_formulas
        Whether the values that a workbook's formulas had when it was saved are taken for cells.
    """

    reads: tuple[Read, ...]
    title: str | None = None
    publisher: str | None = None
    references: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    csv: CsvForm = CsvForm()
    cached_formulas: bool = False


def ours(table: str) -> list[str]:
    """The columns of a table that a register may fill."""
    return [column.name for column in schemas.columns(table) if column.name not in _OWN]


# Reading YAML -------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML in which ``No``, ``on``, ``2024`` and ``2024-06-01`` are the texts that they look like."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in names:
                    raise _Twice(key.value, key.start_mark.line + 1)
                names.add(key.value)
        return super().construct_mapping(node, deep)


_NULL = "tag:yaml.org,2002:null"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Twice(Exception):
    pass


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
    except FileNotFoundError:
        raise UserError(f"no mapping {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} can't be read: {error}") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> RegisterMapping:
    """A mapping from its text; ``name`` is its file's, for messages.

    Raises
    ------
    UserError
        If it isn't one; the message says where.
    """
    try:
        if max(accumulate((char in "[{") - (char in "]}") for char in text), default=0) > DEEPEST:
            raise UserError(f"{name} isn't a mapping: its brackets are nested too deep")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader)):
            raise UserError(f"{name} repeats parts of itself by aliases (*): write them out")
        loaded = _Loader(text).get_single_data()
    except _Twice as twice:
        key, line = twice.args
        raise UserError(
            f"{name}, line {line}: found {ascii_marked(key[:60])} twice; expected it once"
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{name}{where} isn't YAML") from None
    return from_object(loaded, name)


# The whole ----------------------------------------------------------------------------------------


_TOP = ("source", "dates", "blank", "references", "csv", "formulas", "duplicates", "defaults", "read")
_SHARED = (
    "sheet",
    "heading",
    "dates",
    "blank",
    "split",
    "only_with",
    "only_without",
    "only_where",
    "skip_after_blank",
    "duplicates",
)
_ENTRY = ("table", "columns", "values", "words", *_SHARED)


def from_object(loaded: object, name: str) -> RegisterMapping:
    """A mapping from what its YAML holds, or from names and values made in Python.

    Raises
    ------
    UserError
        If it isn't one; the message says where.
    """
    top = _object(loaded, name, _TOP)
    source = _object(top.get("source") or {}, f"{name}, source", ("title", "publisher"))
    entries = top.get("read")
    if not isinstance(entries, list) or not entries:
        raise UserError(
            f"{name}: expected a list under 'read', one entry per table (docs/ingest.md shows one)"
        )
    defaults = _object(top.get("defaults") or {}, f"{name}, defaults", (*_SHARED, "columns"))
    for key in ("dates", "duplicates"):
        if key in top:
            defaults.setdefault(key, top[key])
    _dates(defaults.get("dates", DateForm.ISO), ours_anywhere(), f"{name}, dates")
    everywhere = _word_list(top.get("blank", []), f"{name}, blank")
    reads = tuple(
        _read(entry, f"{name}, entry {at} of read", defaults, everywhere)
        for at, entry in enumerate(entries, start=1)
    )
    formulas = top.get("formulas", "refuse")
    if formulas not in ("refuse", "cached"):
        raise UserError(f"{name}, formulas: found {_shown(formulas)}; expected refuse or cached")
    return RegisterMapping(
        reads,
        _text_or_none(source, "title", name),
        _text_or_none(source, "publisher", name),
        _references(top.get("references") or {}, f"{name}, references"),
        _csv(top.get("csv") or {}, f"{name}, csv"),
        formulas == "cached",
    )


def _references(value: object, where: str) -> dict[str, re.Pattern[str]]:
    patterns = {}
    for prefix, pattern in _object(value, where, _PREFIXES).items():
        text = _text(pattern, f"{where}, {prefix}")
        try:
            compiled = re.compile(text, re.IGNORECASE | re.ASCII)
        except (re.error, RecursionError, OverflowError) as error:
            raise UserError(f"{where}, {prefix}: {ascii_marked(text[:60])} is no pattern ({error})") from None
        if compiled.groups not in (1, 2):
            raise UserError(
                f"{where}, {prefix}: expected a pattern with the number in brackets, and a part's letter in a second "
                f"pair if there is one, such as 'P([0-9]+)'; found {ascii_marked(text[:60])}"
            )
        patterns[prefix] = compiled
    return patterns


def _csv(value: object, where: str) -> CsvForm:
    form = _object(value, where, ("delimiter", "encoding", "short_rows"))
    delimiter = form.get("delimiter")
    if delimiter is not None:
        delimiter = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}.get(
            str(delimiter), str(delimiter)
        )
        if delimiter not in (",", ";", "\t", "|"):
            raise UserError(f"{where}, delimiter: found {_shown(delimiter)}; expected ',', ';', '|' or tab")
    encoding = form.get("encoding")
    if encoding is not None and str(encoding).lower() not in _ENCODINGS:
        raise UserError(
            f"{where}, encoding: found {_shown(encoding)}; expected one of {', '.join(_ENCODINGS)}"
        )
    short = form.get("short_rows", "refuse")
    if short not in ("refuse", "blank"):
        raise UserError(f"{where}, short_rows: found {_shown(short)}; expected refuse or blank")
    return CsvForm(delimiter, str(encoding).lower() if encoding else None, short == "blank")


# One entry ----------------------------------------------------------------------------------------


def _read(entry: object, where: str, defaults: Mapping[str, Any], blank: tuple[str, ...]) -> Read:
    own = _object(entry, where, _ENTRY)
    table = own.get("table")
    if not isinstance(table, str) or table not in TABLES:
        raise UserError(f"{where}: found table {_shown(table)}; expected one of {', '.join(TABLES)}")
    allowed = ours(table)
    columns = _object(own.get("columns") or {}, f"{where}, columns", allowed)
    values = _object(own.get("values") or {}, f"{where}, values", allowed)
    shared = _object(defaults.get("columns") or {}, f"{where}, defaults, columns", ours_anywhere())
    given = {name: heading for name, heading in shared.items() if name in allowed and name not in values}
    columns = {**given, **columns}
    if not columns:
        raise UserError(f"{where}: expected 'columns', from our columns to the sheet's headings")
    if both := set(columns) & set(values):
        raise UserError(f"{where}: {', '.join(sorted(both))} in both 'columns' and 'values'")
    words = _object(own.get("words") or {}, f"{where}, words", allowed)
    if stray := set(words) - set(columns):
        raise UserError(f"{where}: words of {', '.join(sorted(stray))}, which isn't among its 'columns'")
    found = {**defaults, **own}
    return Read(
        table=table,
        sheet=_text(found.get("sheet", ""), f"{where}, sheet"),
        columns={name: _heading(value, f"{where}, columns, {name}") for name, value in columns.items()},
        values={name: _text(value, f"{where}, values, {name}") for name, value in values.items()},
        words={column: _words(pairs, f"{where}, words, {column}") for column, pairs in words.items()},
        rows=_rows(found, columns, allowed, where),
        split={
            name: _separators(value, f"{where}, split, {name}")
            for name, value in _object(found.get("split") or {}, f"{where}, split").items()
        },
        heading=_row_number(found.get("heading", 1), where),
        dates=_dates(found.get("dates", DateForm.ISO), allowed, f"{where}, dates"),
        blank=_blank(found.get("blank") or [], allowed, blank, f"{where}, blank"),
        duplicates=_one_of(Duplicates, found.get("duplicates", Duplicates.REFUSE), f"{where}, duplicates"),
    )


def ours_anywhere() -> list[str]:
    """Every column of ours that a register may fill in some table."""
    return list(dict.fromkeys(name for table in TABLES for name in ours(table)))


def _rows(found: Mapping[str, Any], columns: Mapping[str, Any], allowed: list[str], where: str) -> Rows:
    def named(value: object, key: str) -> tuple[str, ...]:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or any(
            not isinstance(name, str) or (name in allowed and name not in columns) for name in names
        ):
            raise UserError(f"{where}: '{key}' lists some of {', '.join(columns)}, or headings of the sheet")
        return tuple(names)

    conditions = _object(found.get("only_where") or {}, f"{where}, only_where")
    named(list(conditions), "only_where")
    skip = str(found.get("skip_after_blank", "false")).lower()
    if skip not in ("true", "yes", "false", "no"):
        raise UserError(f"{where}, skip_after_blank: found {_shown(skip)}; expected true or false")
    return Rows(
        only_with=named(found.get("only_with", []), "only_with"),
        only_without=named(found.get("only_without", []), "only_without"),
        only_where={
            name: _word_list(value, f"{where}, only_where, {name}") for name, value in conditions.items()
        },
        skip_after_blank=skip in ("true", "yes"),
    )


def _heading(value: object, where: str) -> Heading:
    if not isinstance(value, dict):
        return Heading(_text(value, where))
    parts = _object(value, where, ("heading", "nth"))
    nth = str(parts.get("nth", ""))
    if not re.fullmatch("[1-9][0-9]{0,3}", nth):
        raise UserError(
            f"{where}, nth: found {_shown(parts.get('nth'))}; expected 1 for the first from the left, 2, …"
        )
    return Heading(_text(parts.get("heading"), f"{where}, heading"), int(nth))


def _row_number(value: object, where: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", str(value)) or int(str(value)) > 1000:
        raise UserError(f"{where}: 'heading' is the row of the headings, such as 1")
    return int(str(value))


def _dates(value: object, allowed: list[str], where: str) -> dict[str, tuple[DateForm, ...]]:
    """The forms of days by column; a list or word is for all."""
    per_column = value if isinstance(value, dict) else {"": value}
    forms = {}
    for name, column_forms in _object(per_column, where, ["", "others", *ours_anywhere()]).items():
        listed = column_forms if isinstance(column_forms, list) else [column_forms]
        if not listed:
            raise UserError(f"{where}: expected at least one of {', '.join(DateForm)}")
        if name in (*allowed, "", "others"):
            column = "" if name == "others" else name
            forms[column] = tuple(_one_of(DateForm, form, where) for form in listed)
    return forms


def _blank(
    value: object, allowed: list[str], everywhere: tuple[str, ...], where: str
) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return {"": (*everywhere, *_word_list(value, where))}
    per_column = _object(value, where, ours_anywhere())
    words = {
        name: _word_list(listed, f"{where}, {name}") for name, listed in per_column.items() if name in allowed
    }
    return {"": everywhere, **words}


def _separators(value: object, where: str) -> tuple[str, ...]:
    separators = tuple(
        "\n" if text in (LINE, "\\n") else text
        for text in (_text(one, where) for one in (value if isinstance(value, list) else [value]))
    )
    if not separators or not all(separators):
        raise UserError(f"{where}: expected what separates the values, such as ';' ({LINE} for line breaks)")
    return separators


def _object(value: object, where: str, allowed: tuple[str, ...] | list[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected names and values, found {type(value).__name__}")
    for key in value:
        if not isinstance(key, str) or (allowed is not None and key not in allowed):
            raise UserError(
                f"{where}: found {_shown(key)}; expected some of {', '.join(allowed or ['text'])}"
            )
    return dict(value)


def _words(pairs: object, where: str) -> dict[str, str | None]:
    if not isinstance(pairs, dict):
        raise UserError(f"{where}: expected the register's words and ours for them")
    words: dict[str, str | None] = {}
    for theirs, our_word in pairs.items():
        if isinstance(our_word, dict | list):
            raise UserError(f"{where}, {str(theirs)[:60]}: found {_shown(our_word)}; expected a text")
        words["" if theirs is None else str(theirs)] = None if our_word in (None, "") else str(our_word)
    return words


def _word_list(value: object, where: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple("" if word is None else _text(word, where) for word in listed)


def _text(value: object, where: str) -> str:
    if value is None or isinstance(value, dict | list):
        raise UserError(f"{where}: found {_shown(value)}; expected a text")
    return str(value)


def _one_of(words: type[_Word], value: object, where: str) -> _Word:
    try:
        return words(str(value))
    except ValueError:
        raise UserError(f"{where}: found {_shown(value)}; expected one of {', '.join(words)}") from None


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "names and values"
    return "nothing" if value is None else ascii_marked(str(value)[:60])


def _text_or_none(source: Mapping[str, Any], key: str, name: str) -> str | None:
    value = source.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise UserError(f"{name}, source: expected text under '{key}'")
    return value.strip() if value else None
