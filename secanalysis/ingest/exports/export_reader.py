"""A register's export becomes statements: workbooks and CSV files, by a mapping or in the template's form."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from secanalysis.domain.code import current
from secanalysis.domain.vocabulary import PublishedPrecision, SourceKind
from secanalysis.ingest.exports import entry_rows, mapping
from secanalysis.ingest.exports.attested import attest
from secanalysis.ingest.exports.blank_workbook import NOT_TABLES
from secanalysis.ingest.exports.cells import REF_COLUMNS, same_spaces
from secanalysis.ingest.exports.csv_rows import Expected, csv_rows
from secanalysis.ingest.exports.duplicates import Statement, without_duplicates
from secanalysis.ingest.exports.export import Export, Stops
from secanalysis.ingest.exports.kept_by_mapping import kept
from secanalysis.ingest.exports.mapping import RegisterMapping
from secanalysis.ingest.exports.mapping_file import load
from secanalysis.ingest.exports.template_form import source_sheet, usual_mapping
from secanalysis.ingest.reading import Cells, Reading
from secanalysis.ingest.sandbox import Opening
from secanalysis.statements import validation
from secanalysis.support.errors import UserError

LONGEST_NAME = 100  # characters of a file's name in its source_id
_CSV = ""  # the name of a CSV file's one sheet
_COLUMN_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def read_register(
    file: Path,
    opening: Opening | None,
    source_id: str | None = None,
    published_on: date | None = None,
    mapping_file: Path | None = None,
) -> Reading:
    """Read a register.

    Parameters
    ----------
    file
        ``.xlsx`` or ``.csv``.
    opening
        Of a workbook: the process that opens it.
    source_id
        Its source's, if not its name and day.
    published_on
        The day of the export, on which it attests all its rows.
    mapping_file
        Which of its columns are ours; without it, sheets are named as our tables are, columns as theirs.

    Raises
    ------
    UserError
        If it can't be used: with every fault found, and where.
    """
    register = load(mapping_file) if mapping_file else None
    return read_export(_open(file, opening, register), file.stem, register, source_id, published_on)


def read_export(
    export: Export,
    name: str,
    register: RegisterMapping | None,
    source_id: str | None = None,
    published_on: date | None = None,
) -> Reading:
    """Read an export whose sheets are open.

    Parameters
    ----------
    export
        It.
    name
        Its own, without an ending: its title and ``source_id`` if nothing else says them.
    register
        What to read of it; without it, it is in the template's form.
    source_id, published_on
        As of `read_register`.

    Raises
    ------
    UserError
        If it can't be used: with every fault found, and where.
    """
    of_itself = source_sheet(export) if register is None else {}
    exported_on: date | None = published_on or of_itself.get("published_on")
    if exported_on is None:
        raise UserError(
            f"{export.name}: on which day was it exported? Say so, such as --published-on 2020-08-07"
        )
    if register is None:
        register = usual_mapping(export, name)
    source = {
        "kind": SourceKind.REGISTER,
        "url": None,
        **{key: value for key, value in of_itself.items() if value is not None},
        "source_id": source_id or of_itself.get("source_id") or _usual_id(name, exported_on),
        "title": register.title or of_itself.get("title") or name,
        "publisher": register.publisher or of_itself.get("publisher") or current().publisher or "not stated",
        "published_on": exported_on,
        "published_precision": PublishedPrecision.DAY,
        "register": register.register or of_itself.get("register") or of_itself.get("title"),
        "keeps": of_itself.get("keeps") or kept(register.reads, register.keeps).text,
    }
    statements = without_duplicates(
        export,
        [
            Statement(read, place, row, cells)
            for read in register.reads
            for place, row, cells in entry_rows.rows(export, read, register)
        ],
    )
    rows = _rows(statements, str(source["source_id"]), exported_on)
    if not rows and export.sound:
        raise UserError(f"{export.name} holds no rows")
    if export.sound:
        export.notes += _unused(export, register)
    reading = Reading(source, rows, read=len(statements), notes=tuple(export.notes))
    _check(export, reading, statements)
    return reading


def _usual_id(name: str, day: date) -> str:
    """A source's short name from its file's and day; of names whose letters it can't hold, no two get the same."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME]
    if not name.isascii():
        slug += "-" + hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[:8]
    return f"{slug}-{day}".strip("-")


# Opening ------------------------------------------------------------------------------------------


def _open(file: Path, opening: Opening | None, register: RegisterMapping | None) -> Export:
    if opening is None:
        expected = (
            [
                Expected(read.heading, tuple(same_spaces(theirs.text) for theirs in read.columns.values()))
                for read in register.reads
            ]
            if register
            else [Expected(1, tuple(mapping.ours_anywhere()))]
        )
        rows, notes = csv_rows(file, register.csv if register else mapping.CsvForm(), expected)
        return Export(file.name, {_CSV: rows}, date(1899, 12, 30), notes=notes)
    opened = opening.answer()
    stops = {name: _stops(cells) for name, cells in opened.get("stops", {}).items()}
    serials_from = date.fromisoformat(opened["serials_from"])
    return Export(file.name, opened["sheets"], serials_from, stops, notes=opened["notes"])


def _stops(cells: Mapping[str, Any]) -> Stops:
    return Stops(**{kind: [tuple(cell) for cell in listed] for kind, listed in cells.items()})


# Rows ---------------------------------------------------------------------------------------------


def _rows(statements: Sequence[Statement], source_id: str, exported_on: date) -> dict[str, list[Cells]]:
    rows: dict[str, list[Cells]] = {}
    locators: dict[tuple[str, str], int] = {}
    for one in statements:
        table, cells = one.read.table, one.cells
        locator = str(cells.pop("locator", None) or one.place)
        locators[table, locator] = count = locators.get((table, locator), 0) + 1
        attest(table, cells, exported_on)
        cells |= {"source_id": source_id, "locator": locator if count == 1 else f"{locator} ({count})"}
        rows.setdefault(table, []).append(cells)
    return rows


def _unused(export: Export, register: RegisterMapping) -> list[str]:
    """Columns and sheets that the mapping leaves out, so that nobody takes them for read."""
    notes = []
    for sheet, rows in export.sheets.items():
        reads = [read for read in register.reads if read.sheet == sheet or len(export.sheets) == 1]
        if not reads:
            if rows and sheet not in (*NOT_TABLES, "sources"):
                notes.append(f"sheet {sheet!r} isn't read: the mapping doesn't name it")
            continue
        used = {same_spaces(theirs.text).casefold() for read in reads for theirs in read.columns.values()}
        heading = entry_rows.headings(rows, reads[0].heading)
        if unused := [name for name in heading if name and name.casefold() not in used]:
            notes.append(
                f"{f'sheet {sheet!r}, ' if sheet else ''}columns that aren't read: {', '.join(unused)}"
            )
    return notes


# Faults -------------------------------------------------------------------------------------------


def _check(export: Export, reading: Reading, statements: Sequence[Statement]) -> None:
    """Check the register's statements by themselves, so that faults name the register's own rows and headings.

    Of a statement of which a cell couldn't be read, only its reference: what else a table has against it may follow from
    that.
    """
    faulty = set(export.faults)
    by_table: dict[str, list[Statement]] = {}
    for one in statements:
        by_table.setdefault(one.read.table, []).append(one)
    for fault in sorted(set(validation.check(reading.tables))):
        of_table = by_table.get(fault.table, [])
        index = fault.row - 2
        if not 0 <= index < len(of_table):
            export.fault(f"its {fault.table}", fault.column, fault.found, fault.expected)
            continue
        one = of_table[index]
        headings = {name: str(theirs) for name, theirs in one.read.columns.items()}
        of_it = {(str(one.place), heading) for heading in headings.values()}
        if not faulty.isdisjoint(of_it) and fault.column not in REF_COLUMNS:
            continue
        expected = _in_headings(fault.expected, headings)
        export.fault(one.place, headings.get(fault.column, fault.column), fault.found, expected)
    export.refuse()


def _in_headings(text: str, headings: Mapping[str, str]) -> str:
    """A sentence about our columns as one about the register's."""
    return _COLUMN_NAME.sub(lambda name: headings.get(name[0], name[0]), text)
