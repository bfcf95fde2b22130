"""The draft of a mapping as text: entries that are certain, and as comments what isn't, with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from secanalysis.domain import references
from secanalysis.domain.code import current
from secanalysis.ingest.exports.csv_rows import Expected, csv_rows
from secanalysis.ingest.exports.drafting.columns import Column, Sheet, day_orders, sheet_of
from secanalysis.ingest.exports.drafting.entries import Entry, as_yaml, entries_of, guess, our_columns
from secanalysis.ingest.exports.drafting.meanings import (
    Holds,
    meaning,
    our_word,
)
from secanalysis.ingest.exports.export import Row
from secanalysis.ingest.exports.mapping import CsvForm, DateForm
from secanalysis.ingest.sandbox import Opening
from secanalysis.support.errors import UserError

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./()+-]*[A-Za-z0-9).+]|[A-Za-z]")
_DAY_AT_END = re.compile(r"[ _-]*[0-9]{4}-?[0-9]{2}-?[0-9]{2}$")
_NULL = re.compile("null|~", re.IGNORECASE)
_MOST_WORDS = 40
_WORDED = ("stage", "outcome", "path", "state", "kind")
_ORDER = ("modifications", "events", "assessments", "consultations", "meetings", "releases", "release_items")


def draft(file: Path, opening: Opening | None) -> str:
    """The draft of a mapping for an export.

    Parameters
    ----------
    file
        ``.xlsx`` or ``.csv``.
    opening
        Of a workbook: the process that opens it.

    Raises
    ------
    UserError
        If it can't be read, or no sheet of it holds a table with references.
    """
    if opening is None:
        rows, notes = _csv(file)
        sheets: Mapping[str, Sequence[Row]] = {"": rows}
        formulas: list[str] = []
    else:
        answer = opening.answer()
        sheets, notes = answer["sheets"], []
        formulas = [name for name, stops in answer.get("stops", {}).items() if stops.get("formulas")]
    seen = {name: sheet_of(name, rows) for name, rows in sheets.items()}
    tables = [sheet for sheet in seen.values() if sheet is not None]
    if not any(sheet.references and not sheet.references.separators for sheet in tables):
        raise UserError(
            f"{file.name}: found no column of references; expected one whose heading says so, such as Reference or "
            "Modification number, to begin a mapping with (docs/ingest.md shows how to write one)"
        )
    entries = {sheet.name: entries_of(sheet) for sheet in tables}
    listing = next((sheet for sheet in tables if sheet.references and not sheet.references.separators), None)
    if listing and not any(entry.certain for of_sheet in entries.values() for entry in of_sheet):
        entries[listing.name].insert(0, Entry("modifications", {}))
    used = [
        column for of_sheet in entries.values() for entry in of_sheet for column in entry.columns.values()
    ]
    title = _DAY_AT_END.sub("", file.stem) or file.stem
    lines = [
        f"# Drafted by secanalysis from {_one_line(file.name)}. What it isn't sure of is a comment, with the reason:",
        "# decide, and take the hash away, or leave it out. `secanalysis ingest … --check` then says what can't be read.",
        *(f"# {_one_line(note)}" for note in notes),
        "",
        "source:",
        f"  title: {as_yaml(title)}  # as the pages name it",
        "  # publisher: Us  # whose register it is",
        *_blank(used),
        *_dates(used),
        *_references(tables),
    ]
    if read_formulas := [name for name in formulas if entries.get(name)]:
        lines += [
            f"# formulas: cached  # {', '.join(map(_one_line, read_formulas))}: some cells hold formulas; this takes the values "
            "that were saved with them"
        ]
    main = max(tables, key=lambda sheet: len(entries[sheet.name]))
    lines += [*_defaults(main), "", "read:"]
    for sheet in tables:
        lines += _sheet(sheet, entries[sheet.name], main)
    lines += [
        f"\n# Sheet {as_yaml(name)} isn't read: no table was recognised in it."
        for name, sheet in seen.items()
        if sheet is None and sheets[name]
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _csv(file: Path) -> tuple[list[Row], list[str]]:
    """A CSV file's rows by the delimiter with which most of its headings are known, or most cells are there."""
    best: tuple[int, int] = (-1, -1)
    result: tuple[list[Row], list[str]] = ([], [])
    refused: UserError | None = None
    for delimiter in (None, ",", ";", "\t", "|"):
        try:
            rows, notes = csv_rows(file, CsvForm(delimiter), [Expected(1, ())])
        except UserError as error:
            refused = refused or error
            continue
        sheet = sheet_of("", rows)
        known = sum(meaning(c.heading, "", c.holds) is not None for c in sheet.columns) if sheet else 0
        if (known, len(sheet.columns) if sheet else 0) > best:
            best = (known, len(sheet.columns) if sheet else 0)
            result = rows, notes
    if best[0] < 0 and refused is not None:
        raise refused
    return result


# As text ------------------------------------------------------------------------------------------


def _defaults(main: Sheet) -> list[str]:
    """Where the entries of the main sheet are read, said once."""
    where = [f"sheet: {as_yaml(main.name)}"] if main.name else []
    where += [f"heading: {main.heading}"] if main.heading != 1 else []
    where += ["skip_after_blank: true"] if main.notes_below else []
    return [f"defaults: {{{', '.join(where)}}}"] if where else []


def _place_of(sheet: Sheet, main: Sheet) -> list[str]:
    """Where an entry of another sheet than the main one is read."""
    if sheet is main:
        return []
    lines = [f"  sheet: {as_yaml(sheet.name)}"]
    if sheet.heading != main.heading:
        lines.append(f"  heading: {sheet.heading}")
    if sheet.notes_below != main.notes_below:
        lines.append(f"  skip_after_blank: {str(sheet.notes_below).lower()}")
    return lines


def _sheet(sheet: Sheet, entries: Sequence[Entry], main: Sheet) -> list[str]:
    name = f"Sheet {as_yaml(sheet.name)}: " if sheet.name else ""
    lines = [f"  # {name}headings in row {sheet.heading}, {_rows(sheet.rows)} below"]
    for entry in entries:
        lines += _entry(sheet, entry, main)
    read = {id(column) for entry in entries for column in entry.columns.values()} | {id(sheet.references)}
    for column in sheet.columns:
        if id(column) in read:
            continue
        holds = (
            "nothing" if column.holds == Holds.NOTHING else f"{column.holds} in {_rows(len(column.cells))}"
        )
        lines.append(f"  # not read: {as_yaml(column.heading)} ({holds})")
        if possible := guess(column, sheet, entries):
            lines += _entry(sheet, possible, main)
    return [*lines, ""]


def _entry(sheet: Sheet, entry: Entry, main: Sheet) -> list[str]:
    columns = dict(entry.columns)
    if sheet.references is not None and "ref" in our_columns(entry.table):
        columns = {"ref": sheet.references, **columns}
    lines = [f"- table: {entry.table}", *_place_of(sheet, main)]
    lines += ["  columns:", *(f"    {name}: {_heading(column)}" for name, column in columns.items())]
    if entry.values:
        lines.append(f"  values: {{{', '.join(f'{name}: {word}' for name, word in entry.values.items())}}}")
    lines += [f"  {condition}" for condition in entry.conditions]
    if split := {column.heading: column.separators for column in columns.values() if column.separators}:
        parts = (f"{as_yaml(heading)}: [{', '.join(map(_separator, of))}]" for heading, of in split.items())
        lines.append(f"  split: {{{', '.join(parts)}}}")
    lines += _all_words({name: column for name, column in columns.items() if name in _WORDED})
    if not entry.certain:
        return [
            *(f"  # not sure: {doubt}" for doubt in entry.doubts),
            *(f"  # {line}" for line in lines),
        ]
    return [f"  {line}" for line in lines]


def _all_words(columns: Mapping[str, Column]) -> list[str]:
    """The words of an entry's columns; of a column without a certain one, all is a comment."""
    lines: list[str] = []
    any_certain = False
    for name, column in columns.items():
        words, certain = _words(name, column)
        any_certain |= certain
        lines += [f"    {'' if certain else '# '}{name}:", *words]
    return [f"  {'' if any_certain else '# '}words:", *lines] if lines else []


def _words(name: str, column: Column) -> tuple[list[str], bool]:
    lines, any_certain = [], False
    for word, times in column.words[:_MOST_WORDS]:
        ours, certain = our_word(name, word)
        any_certain |= certain
        rows = _rows(times)
        if certain:
            lines.append(f"      {as_yaml(word)}: {ours}")
        elif ours:
            lines.append(f"      # {as_yaml(word)}: {ours}  # not sure: {rows}")
        else:
            lines.append(f"      # {as_yaml(word)}: ?  # {rows}; one of {', '.join(_ours(name))}")
    if len(column.words) > _MOST_WORDS:
        lines.append(f"      # and {len(column.words) - _MOST_WORDS:,} words more")
    return lines, any_certain


def _ours(name: str) -> tuple[str, ...]:
    tables = {"stage": "events", "outcome": "events", "path": "events"}
    found = our_columns(tables.get(name, "assessments"))[name].values
    return (*found, "on_hold", '""') if name == "stage" else (*found, '""')


def _blank(columns: Iterable[Column]) -> list[str]:
    words = sorted({word.casefold(): word for column in columns for word in column.nothing}.values())
    return (
        [f"blank: [{', '.join(map(as_yaml, words))}]  # words for nothing, in every column"] if words else []
    )


def _dates(columns: Sequence[Column]) -> list[str]:
    unique = list({id(column): column for column in columns if column.holds == Holds.DAYS}.values())
    forms, either, contradicting = day_orders(unique)
    lines = []
    if forms:
        lines.append(f"dates: [{', '.join(forms)}]")
    if DateForm.SERIAL in forms:
        lines.append("# excel-serial: whole numbers stand where days are expected")
    if either:
        lines.append(
            f"# dates: {DateForm.DAY_FIRST}  # not sure: {as_yaml(either)} could also be {DateForm.MONTH_FIRST}"
        )
    if contradicting:
        lines.append(
            f"# dates: {DateForm.DAY_FIRST}  # not sure: {' and '.join(map(as_yaml, contradicting))} have different orders; "
            "by column: {returned_on: month-day-year, others: day-month-year}"
        )
    return lines


def _references(sheets: Sequence[Sheet]) -> list[str]:
    """A pattern for references that aren't the code's own."""
    form = current().references
    refs = [
        part.strip().upper()
        for sheet in sheets
        if sheet.references
        for cell in sheet.references.cells
        for part in re.split("|".join(map(re.escape, sheet.references.separators)) or "(?!)", cell)
    ]
    foreign = [ref for ref in refs if not re.fullmatch(references.pattern(), references.tidied(ref, form))]
    if not foreign:
        return []
    shapes = {re.sub("[0-9]+", "([0-9]+)", re.escape("".join(ref.split())), count=1) for ref in refs}
    if len(shapes) == 1 and not re.search("[0-9]", min(shapes).replace("([0-9]+)", "")):
        return [
            f"references: {{{references.prefixes(form)[0]}: {json.dumps(shapes.pop())}}}  # such as {as_yaml(foreign[0])}; the number is in brackets",
            "# or leave this line out, and say in code.yaml how references are written: pages then show them as they are here",
        ]
    listed = ", ".join(json.dumps(shape) for shape in sorted(shapes)[:8])
    return [
        f'# references: {{{references.prefixes(form)[0]}: "([0-9]+)"}}  # not sure: references have several forms ({listed}); docs/ingest.md says how'
    ]


def _heading(column: Column) -> str:
    return (
        as_yaml(column.heading)
        if column.nth is None
        else f"{{heading: {as_yaml(column.heading)}, nth: {column.nth}}}"
    )


def _separator(separator: str) -> str:
    return "line" if separator == "\n" else json.dumps(separator)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
