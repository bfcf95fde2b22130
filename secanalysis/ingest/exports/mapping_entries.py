"""An entry of a mapping, or what it shares with others: which sheet, columns and rows it reads, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from secanalysis.ingest.exports.mapping import (
    TABLES,
    DateForm,
    Duplicates,
    Heading,
    Read,
    Rows,
    ours,
    ours_anywhere,
)
from secanalysis.ingest.exports.mapping_values import (
    named_values,
    one_of,
    shown,
    stated_text,
    word_list,
    word_pairs,
)
from secanalysis.support.errors import UserError

LINE = "line"
"""What a mapping calls the line breaks within a cell, where it splits cells at them."""

ENTRY_DEFAULTS = (
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
_ENTRY = ("table", "columns", "values", "words", *ENTRY_DEFAULTS)


def read_entry(entry: object, where: str, defaults: Mapping[str, Any], blank: tuple[str, ...]) -> Read:
    """What an entry reads.

    Parameters
    ----------
    entry
        As its YAML holds it.
    where
        Its place in the mapping, for messages.
    defaults
        What it has where it says nothing.
    blank
        The words that mean "not stated" in the whole mapping.

    Raises
    ------
    UserError
        If it can't be used; the message says where.
    """
    own = named_values(entry, where, _ENTRY)
    table = own.get("table")
    if not isinstance(table, str) or table not in TABLES:
        raise UserError(f"{where}: found table {shown(table)}; expected one of {', '.join(TABLES)}")
    allowed = ours(table)
    columns = named_values(own.get("columns") or {}, f"{where}, columns", allowed)
    values = named_values(own.get("values") or {}, f"{where}, values", allowed)
    shared = named_values(defaults.get("columns") or {}, f"{where}, defaults, columns", ours_anywhere())
    given = {name: heading for name, heading in shared.items() if name in allowed and name not in values}
    columns = {**given, **columns}
    if not columns:
        raise UserError(f"{where}: expected 'columns', from our columns to the sheet's headings")
    if both := set(columns) & set(values):
        raise UserError(f"{where}: {', '.join(sorted(both))} in both 'columns' and 'values'")
    words = named_values(own.get("words") or {}, f"{where}, words", allowed)
    if stray := set(words) - set(columns):
        raise UserError(f"{where}: words of {', '.join(sorted(stray))}, which isn't among its 'columns'")
    whole = {**defaults, **own}
    return Read(
        table=table,
        sheet=stated_text(whole.get("sheet", ""), f"{where}, sheet"),
        columns={name: _heading(value, f"{where}, columns, {name}") for name, value in columns.items()},
        values={name: stated_text(value, f"{where}, values, {name}") for name, value in values.items()},
        words={column: word_pairs(pairs, f"{where}, words, {column}") for column, pairs in words.items()},
        rows=_rows(whole, columns, allowed, where),
        split={
            name: _separators(value, f"{where}, split, {name}")
            for name, value in named_values(whole.get("split") or {}, f"{where}, split").items()
        },
        heading=_row_number(whole.get("heading", 1), where),
        dates=day_forms(whole.get("dates", DateForm.ISO), allowed, f"{where}, dates"),
        blank=_blank(whole.get("blank") or [], allowed, blank, f"{where}, blank"),
        duplicates=one_of(Duplicates, whole.get("duplicates", Duplicates.REFUSE), f"{where}, duplicates"),
    )


def _rows(whole: Mapping[str, Any], columns: Mapping[str, Any], allowed: list[str], where: str) -> Rows:
    def named(value: object, key: str) -> tuple[str, ...]:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or any(
            not isinstance(name, str) or (name in allowed and name not in columns) for name in names
        ):
            raise UserError(f"{where}: '{key}' lists some of {', '.join(columns)}, or headings of the sheet")
        return tuple(names)

    conditions = named_values(whole.get("only_where") or {}, f"{where}, only_where")
    named(list(conditions), "only_where")
    skip = str(whole.get("skip_after_blank", "false")).lower()
    if skip not in ("true", "yes", "false", "no"):
        raise UserError(f"{where}, skip_after_blank: found {shown(skip)}; expected true or false")
    return Rows(
        only_with=named(whole.get("only_with", []), "only_with"),
        only_without=named(whole.get("only_without", []), "only_without"),
        only_where={
            name: word_list(value, f"{where}, only_where, {name}") for name, value in conditions.items()
        },
        skip_after_blank=skip in ("true", "yes"),
    )


def _heading(value: object, where: str) -> Heading:
    if not isinstance(value, dict):
        return Heading(stated_text(value, where))
    parts = named_values(value, where, ("heading", "nth"))
    nth = str(parts.get("nth", ""))
    if not re.fullmatch("[1-9][0-9]{0,3}", nth):
        raise UserError(
            f"{where}, nth: found {shown(parts.get('nth'))}; expected 1 for the first from the left, 2, …"
        )
    return Heading(stated_text(parts.get("heading"), f"{where}, heading"), int(nth))


def _row_number(value: object, where: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", str(value)) or int(str(value)) > 1000:
        raise UserError(f"{where}: 'heading' is the row of the headings, such as 1")
    return int(str(value))


def day_forms(value: object, allowed: list[str], where: str) -> dict[str, tuple[DateForm, ...]]:
    """The forms of days by column; a list or word is for all."""
    per_column = value if isinstance(value, dict) else {"": value}
    forms = {}
    for name, column_forms in named_values(per_column, where, ["", "others", *ours_anywhere()]).items():
        listed = column_forms if isinstance(column_forms, list) else [column_forms]
        if not listed:
            raise UserError(f"{where}: expected at least one of {', '.join(DateForm)}")
        if name in (*allowed, "", "others"):
            column = "" if name == "others" else name
            forms[column] = tuple(one_of(DateForm, form, where) for form in listed)
    return forms


def _blank(
    value: object, allowed: list[str], everywhere: tuple[str, ...], where: str
) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return {"": (*everywhere, *word_list(value, where))}
    per_column = named_values(value, where, ours_anywhere())
    words = {
        name: word_list(listed, f"{where}, {name}") for name, listed in per_column.items() if name in allowed
    }
    return {"": everywhere, **words}


def _separators(value: object, where: str) -> tuple[str, ...]:
    separators = tuple(
        "\n" if text in (LINE, "\\n") else text
        for text in (stated_text(one, where) for one in (value if isinstance(value, list) else [value]))
    )
    if not separators or not all(separators):
        raise UserError(f"{where}: expected what separates the values, such as ';' ({LINE} for line breaks)")
    return separators
