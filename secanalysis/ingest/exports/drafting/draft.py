"""The draft of a mapping as text: entries that are certain, and as comments what isn't, with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from secanalysis.domain import references
from secanalysis.domain.code import current
from secanalysis.ingest.exports.csv_rows import Expected, csv_rows
from secanalysis.ingest.exports.drafting.columns import Column, Sheet, day_orders, sheet_of
from secanalysis.ingest.exports.drafting.meanings import (
    WHICH_ASSESSMENT,
    Holds,
    Meaning,
    meaning,
    meaning_of_empty,
    our_word,
)
from secanalysis.ingest.exports.export import Row
from secanalysis.ingest.exports.mapping import CsvForm, DateForm
from secanalysis.ingest.sandbox import Opening
from secanalysis.statements import schemas
from secanalysis.support.errors import UserError

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./()+-]*[A-Za-z0-9).+]|[A-Za-z]")
_DAY_AT_END = re.compile(r"[ _-]*[0-9]{4}-?[0-9]{2}-?[0-9]{2}$")
_NULL = re.compile("null|~", re.IGNORECASE)
_MOST_WORDS = 40
_WORDED = ("stage", "outcome", "path", "state", "kind")
_ORDER = ("modifications", "events", "assessments", "consultations", "meetings", "releases", "release_items")


@dataclass
class _Entry:
    """What is read of one sheet into one table, with what it says in every row."""

    table: str
    values: dict[str, str]
    columns: dict[str, Column] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Whether nothing of it is in doubt."""
        return not self.doubts


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
    entries = {sheet.name: _entries(sheet) for sheet in tables}
    listing = next((sheet for sheet in tables if sheet.references and not sheet.references.separators), None)
    if listing and not any(entry.certain for of_sheet in entries.values() for entry in of_sheet):
        entries[listing.name].insert(0, _Entry("modifications", {}))
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
        f"  title: {_text(title)}  # as the pages name it",
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
        f"\n# Sheet {_text(name)} isn't read: no table was recognised in it."
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


# What is read -------------------------------------------------------------------------------------


def _entries(sheet: Sheet) -> list[_Entry]:
    entries: dict[tuple[str, ...], _Entry] = {}
    for column in sheet.columns:
        if column is sheet.references:
            continue
        known = (
            meaning_of_empty(column.heading, sheet.name)
            if column.holds == Holds.NOTHING
            else meaning(column.heading, sheet.name, column.holds)
        )
        if known is None:
            continue
        known = _of_sheet(known, sheet)
        values = {name: word for name, word in known.values.items() if word}
        entry = entries.setdefault((known.table, *sorted(values.values())), _Entry(known.table, values))
        if known.column in entry.columns:
            first = entry.columns[known.column].heading
            entry.doubts.append(f"{known.column}: {_text(first)} or {_text(column.heading)}?")
            continue
        entry.columns[known.column] = column
        if known.doubt and known.doubt not in entry.doubts:
            entry.doubts.append(known.doubt)
    return sorted(filter(None, (_finished(entry, entries, sheet) for entry in entries.values())), key=_place)


def _place(entry: _Entry) -> int:
    return _ORDER.index(entry.table)


def _of_sheet(known: Meaning, sheet: Sheet) -> Meaning:
    """A meaning in a sheet without references, which lists releases, not what is in them."""
    if sheet.references is None and known.table == "release_items":
        column = {"on": "in_force_on"}.get(known.column, known.column)
        return Meaning("releases", column, {"kind": "scheduled"}, "")
    return known


def _finished(entry: _Entry, entries: Mapping[tuple[str, ...], _Entry], sheet: Sheet) -> _Entry | None:
    """An entry with which of its rows are read; None if it isn't one."""
    columns = entry.columns
    if sheet.references is None and "ref" in _our_columns(entry.table) and entry.table != "meetings":
        return None
    if entry.table == "events" and not {"on", "outcome", "stage"} & set(columns):
        return None  # a path without a vote
    if entry.table == "events" and entry.values.get("event") in ("voted", "decided"):
        entry.conditions.append(f"only_with: [{'on' if 'on' in columns else 'outcome'}]")
    if entry.table == "assessments" and "kind" in columns:
        entry.doubts = [doubt for doubt in entry.doubts if doubt != WHICH_ASSESSMENT]
    if entry.table == "assessments" and not {"requested_on", "accepted_on", "returned_on"} & set(columns):
        entry.doubts.append("it has no day of an assessment")
    if entry.table == "releases":
        if "release" not in columns:
            return None
        if any(
            re.search(r"stand-?alone|ad[- ]?hoc", word, re.IGNORECASE) for word, _ in columns["release"].words
        ):
            entry.doubts.append(
                "some are standalone releases: kind: standalone in an entry of their own (only_where)"
            )
    if entry.table == "release_items":
        _complete_release(entry, entries)
    return entry


def _complete_release(entry: _Entry, entries: Mapping[tuple[str, ...], _Entry]) -> None:
    """A release's name is said of what is planned and of what is in force; a row is one or the other."""
    in_force = entries.get(("release_items", "implemented"))
    planned = entries.get(("release_items", "targeted"))
    if entry is in_force:
        entry.conditions.append("only_with: [on]")
        if planned and "release" in planned.columns:
            entry.columns = {"release": planned.columns["release"], **entry.columns}
    elif entry is planned and in_force is not None:
        entry.conditions.append(f"only_without: [{_text(in_force.columns['on'].heading)}]")


# As text ------------------------------------------------------------------------------------------


def _defaults(main: Sheet) -> list[str]:
    """Where the entries of the main sheet are read, said once."""
    where = [f"sheet: {_text(main.name)}"] if main.name else []
    where += [f"heading: {main.heading}"] if main.heading != 1 else []
    where += ["skip_after_blank: true"] if main.notes_below else []
    return [f"defaults: {{{', '.join(where)}}}"] if where else []


def _place_of(sheet: Sheet, main: Sheet) -> list[str]:
    """Where an entry of another sheet than the main one is read."""
    if sheet is main:
        return []
    lines = [f"  sheet: {_text(sheet.name)}"]
    if sheet.heading != main.heading:
        lines.append(f"  heading: {sheet.heading}")
    if sheet.notes_below != main.notes_below:
        lines.append(f"  skip_after_blank: {str(sheet.notes_below).lower()}")
    return lines


def _sheet(sheet: Sheet, entries: Sequence[_Entry], main: Sheet) -> list[str]:
    name = f"Sheet {_text(sheet.name)}: " if sheet.name else ""
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
        lines.append(f"  # not read: {_text(column.heading)} ({holds})")
        if column.holds == Holds.DAYS and sheet.references:
            lines.append(
                f"  #   if these are days of an event: table: events, columns: {{ref: {_text(sheet.references.heading)}, "
                f"on: {_text(column.heading)}}}, values: {{event: one of {', '.join(_events())}}}"
            )
    return [*lines, ""]


def _our_columns(table: str) -> dict[str, schemas.Column]:
    return {column.name: column for column in schemas.columns(table)}


def _events() -> list[str]:
    return list(_our_columns("events")["event"].values)


def _entry(sheet: Sheet, entry: _Entry, main: Sheet) -> list[str]:
    columns = dict(entry.columns)
    if sheet.references is not None and "ref" in _our_columns(entry.table):
        columns = {"ref": sheet.references, **columns}
    lines = [f"- table: {entry.table}", *_place_of(sheet, main)]
    lines += ["  columns:", *(f"    {name}: {_heading(column)}" for name, column in columns.items())]
    if entry.values:
        lines.append(f"  values: {{{', '.join(f'{name}: {word}' for name, word in entry.values.items())}}}")
    lines += [f"  {condition}" for condition in entry.conditions]
    if split := {column.heading: column.separators for column in columns.values() if column.separators}:
        parts = (f"{_text(heading)}: [{', '.join(map(_separator, of))}]" for heading, of in split.items())
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
            lines.append(f"      {_text(word)}: {ours}")
        elif ours:
            lines.append(f"      # {_text(word)}: {ours}  # not sure: {rows}")
        else:
            lines.append(f"      # {_text(word)}: ?  # {rows}; one of {', '.join(_ours(name))}")
    if len(column.words) > _MOST_WORDS:
        lines.append(f"      # and {len(column.words) - _MOST_WORDS:,} words more")
    return lines, any_certain


def _ours(name: str) -> tuple[str, ...]:
    tables = {"stage": "events", "outcome": "events", "path": "events"}
    found = _our_columns(tables.get(name, "assessments"))[name].values
    return (*found, "on_hold", '""') if name == "stage" else (*found, '""')


def _blank(columns: Iterable[Column]) -> list[str]:
    words = sorted({word.casefold(): word for column in columns for word in column.nothing}.values())
    return [f"blank: [{', '.join(map(_text, words))}]  # words for nothing, in every column"] if words else []


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
            f"# dates: {DateForm.DAY_FIRST}  # not sure: {_text(either)} could also be {DateForm.MONTH_FIRST}"
        )
    if contradicting:
        lines.append(
            f"# dates: {DateForm.DAY_FIRST}  # not sure: {' and '.join(map(_text, contradicting))} have different orders; "
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
            f"references: {{{references.prefixes(form)[0]}: {json.dumps(shapes.pop())}}}  # such as {_text(foreign[0])}; the number is in brackets",
            "# or leave this line out, and say in code.yaml how references are written: pages then show them as they are here",
        ]
    listed = ", ".join(json.dumps(shape) for shape in sorted(shapes)[:8])
    return [
        f'# references: {{{references.prefixes(form)[0]}: "([0-9]+)"}}  # not sure: references have several forms ({listed}); docs/ingest.md says how'
    ]


def _heading(column: Column) -> str:
    return (
        _text(column.heading)
        if column.nth is None
        else f"{{heading: {_text(column.heading)}, nth: {column.nth}}}"
    )


def _separator(separator: str) -> str:
    return "line" if separator == "\n" else json.dumps(separator)


def _text(text: str) -> str:
    """A text as YAML, with quotes where it needs them."""
    return (
        text if _PLAIN.fullmatch(text) and not _NULL.fullmatch(text) else json.dumps(text, ensure_ascii=False)
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
