"""A register's export becomes statements: workbooks and CSV files, by a mapping or in the template's form."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from secanalysis.domain.vocabulary import (
    AssessmentState,
    Event,
    Precision,
    PublishedPrecision,
    ReleaseStatus,
    SourceKind,
)
from secanalysis.ingest import document
from secanalysis.ingest.printed_values import Illegible
from secanalysis.ingest.reading import Cells, Reading
from secanalysis.ingest.register import mapping
from secanalysis.ingest.register.blank_workbook import NOT_TABLES
from secanalysis.ingest.register.cells import Reader
from secanalysis.ingest.register.mapping import DateOrder, Read, RegisterMapping
from secanalysis.ingest.sandbox import Opening
from secanalysis.statements import csv_reader, schemas, validation
from secanalysis.support.errors import UserError

SHOWN_FAULTS = 20
MOST_ROWS = 200_000
MOST_COLUMNS = 16_384  # as many as a spreadsheet has
_CSV = ""  # the name of a CSV file's one sheet


@dataclass
class _Book:
    name: str
    sheets: dict[str, list[list[object]]]
    serials_from: date
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Place(NamedTuple):
    """Where a statement stands, for messages about it."""

    sheet: str
    row: int

    def __str__(self) -> str:
        return f"{self.sheet}, row {self.row}" if self.sheet else f"row {self.row}"


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
        If it can't be used: with every fault found, up to a number, and where.
    """
    register = mapping.load(mapping_file) if mapping_file else None
    book = _open(file, opening)
    told = _source_sheet(book) if register is None else {}
    exported_on = published_on or told.get("published_on")
    if exported_on is None:
        raise UserError(
            f"{file.name}: on which day was it exported? Say so, such as --published-on 2020-08-07"
        )
    if register is None:
        register = _usual(book, file)
    default_id = re.sub(r"[^a-z0-9]+", "-", f"{file.stem.lower()}-{exported_on}").strip("-")
    source = {
        "kind": SourceKind.REGISTER,
        "url": None,
        **{key: value for key, value in told.items() if value is not None},
        "source_id": source_id or told.get("source_id") or default_id,
        "title": register.title or told.get("title") or file.stem,
        "publisher": register.publisher or told.get("publisher") or "not stated",
        "published_on": exported_on,
        "published_precision": PublishedPrecision.DAY,
    }
    rows, places = _statements(book, register, str(source["source_id"]), exported_on)
    _refuse(book)
    if not any(rows.values()):
        raise UserError(f"{file.name} holds no rows")
    reading = Reading(source, rows, read=sum(map(len, rows.values())), notes=tuple(book.notes))
    _check(book, reading, places)
    return reading


# Opening ------------------------------------------------------------------------------------------


def _open(file: Path, opening: Opening | None) -> _Book:
    if opening is None:
        return _Book(file.name, {_CSV: _csv_rows(file)}, date(1899, 12, 30))
    opened = opening.answer()
    return _Book(file.name, opened["sheets"], date.fromisoformat(opened["serials_from"]))


def _csv_rows(file: Path) -> list[list[object]]:
    text = document.read_text(file)
    heading = text[: text.find("\n") + 1 or None]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[object]] = []
    csv.field_size_limit(csv_reader.CELL_LIMIT)
    begin = 1
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS:
                raise UserError(
                    f"{file.name}, row {begin}: found {len(row):,} cells; no register has more than {MOST_COLUMNS:,}"
                )
            rows.append(list(row))
            if len(rows) > MOST_ROWS:
                raise UserError(f"{file.name} has more than {MOST_ROWS:,} rows: it is no register")
            begin = reader.line_num + 1
    except csv.Error as error:
        reason = (
            f"a cell of more than {csv_reader.CELL_LIMIT:,} characters"
            if "limit" in str(error)
            else "a quote that is never closed"
            if "end of data" in str(error)
            else "text after the quote that ends a cell"
        )
        raise UserError(f"{file.name}, row {begin}: found {reason}; nothing was written") from None
    return rows


def _source_sheet(book: _Book) -> Cells:
    """What a template's sheet of sources says of the register itself."""
    rows = book.sheets.get("sources", [])
    if len(rows) < 2 or not any(_stated(cell) for row in rows[1:] for cell in row):
        return {}
    columns = [column.name for column in schemas.columns("sources")]
    filled = [(at, row) for at, row in enumerate(rows[1:], start=2) if any(map(_stated, row))]
    if len(filled) > 1:
        raise UserError(f"{book.name}, sources: found {len(filled)} rows; a register is one source, one row")
    reads = Read("sources", "sources", {name: name for name in columns if name in rows[0]})
    found = list(_rows(book, reads, rows))
    _refuse(book)
    return found[0][1] if found else {}


def _usual(book: _Book, file: Path) -> RegisterMapping:
    """The mapping of a register in the template's form."""
    reads = []
    for sheet, rows in book.sheets.items():
        if sheet in (*NOT_TABLES, "sources") or not rows:
            continue
        table = _table_of(sheet or file.stem, rows[0])
        if table is None:
            raise UserError(
                f"{book.name}{f', sheet {sheet!r}' if sheet else ''}: neither its name nor its headings "
                f"are those of one table ({', '.join(mapping.TABLES)}): give a --mapping"
            )
        headings = [str(cell).strip() for cell in rows[0] if _stated(cell)]
        if unknown := [name for name in headings if name not in mapping.ours(table)]:
            raise UserError(
                f"{book.name}, {sheet or table}: no column {', '.join(unknown)} in {table}; "
                f"expected some of {', '.join(mapping.ours(table))}, or a --mapping"
            )
        reads.append(Read(table, sheet, {name: name for name in headings}))
    return RegisterMapping(tuple(reads))


def _table_of(name: str, heading: Iterable[object]) -> str | None:
    if name in mapping.TABLES:
        return name
    headings = {str(cell).strip() for cell in heading if _stated(cell)}
    fitting = []
    for table in mapping.TABLES:
        stated = {column.name for column in schemas.columns(table) if column.stated} - {
            "source_id",
            "locator",
        }
        if stated <= headings <= set(mapping.ours(table)):
            fitting.append(table)
    return fitting[0] if len(fitting) == 1 else None


# Rows ---------------------------------------------------------------------------------------------


def _statements(
    book: _Book, register: RegisterMapping, source_id: str, exported_on: date
) -> tuple[dict[str, list[Cells]], dict[str, list[_Place]]]:
    rows: dict[str, list[Cells]] = {}
    places: dict[str, list[_Place]] = {}
    locators: dict[tuple[str, str], int] = {}
    for read in register.reads:
        sheet = _sheet(book, read)
        left_out = 0
        for number, cells in _rows(book, read, sheet):
            if any(cells.get(name) is None for name in read.only_with):
                left_out += 1
                continue
            place = _Place(read.sheet, number)
            locator = str(cells.pop("locator", None) or place)
            locators[read.table, locator] = count = locators.get((read.table, locator), 0) + 1
            _attest(read.table, cells, exported_on)
            cells |= {"source_id": source_id, "locator": locator if count == 1 else f"{locator} ({count})"}
            rows.setdefault(read.table, []).append(cells)
            places.setdefault(read.table, []).append(place)
        if left_out:
            book.notes.append(
                f"{read.table}: {left_out:,} rows without {' or '.join(read.only_with)} left out"
            )
    book.notes += _unused(book, register)
    return rows, places


def _sheet(book: _Book, read: Read) -> list[list[object]]:
    if read.sheet in book.sheets:
        return book.sheets[read.sheet]
    if not read.sheet and len(book.sheets) == 1:
        return next(iter(book.sheets.values()))
    raise UserError(f"{book.name}: no sheet {read.sheet!r}; it has {', '.join(map(repr, book.sheets))}")


def _rows(book: _Book, read: Read, sheet: list[list[object]]) -> Iterable[tuple[int, Cells]]:
    """The rows below the heading that aren't blank, with their numbers; faults are noted in the book."""
    heading = [str(cell).strip() for cell in sheet[read.heading - 1]] if len(sheet) >= read.heading else []
    where = f"{read.sheet}, row {read.heading}" if read.sheet else f"row {read.heading}"
    for theirs in read.columns.values():
        if heading.count(theirs) != 1:
            found = "no column" if theirs not in heading else f"{heading.count(theirs)} columns"
            raise UserError(
                f"{book.name}, {where}: found {found} {theirs!r}; "
                f"it has {', '.join(filter(None, heading))[:300]}"
            )
    known = {column.name: column for column in schemas.columns(read.table)}
    readers = [
        (
            name,
            heading.index(theirs),
            Reader(known[name], read.dates, book.serials_from, dict(read.words.get(name, {}))),
        )
        for name, theirs in read.columns.items()
    ]
    fixed: Cells = {}
    for name, value in read.values.items():
        try:
            fixed[name] = Reader(known[name], DateOrder.ISO, book.serials_from, {}).value(value)
        except Illegible as illegible:
            raise UserError(
                f"the mapping's value of {name}: found {illegible}; expected {known[name].form}"
            ) from None
    for number, row in enumerate(sheet[read.heading :], start=read.heading + 1):
        if not any(map(_stated, row)):
            continue
        if len(row) != len(heading):
            cells_found = f"{len(row)} cell{'' if len(row) == 1 else 's'}"
            book.faults.append(
                f"{_Place(read.sheet, number)}: found {cells_found}; expected {len(heading)}, as in the heading"
            )
            continue
        cells: Cells = dict(fixed)
        for name, at, reader in readers:
            try:
                cells[name] = reader.value(row[at])
            except Illegible as illegible:
                expected = "a day" if known[name].type == "day" else known[name].form
                where = f"{_Place(read.sheet, number)}, {read.columns[name]}"
                book.faults.append(f"{where}: found {illegible}; expected {expected}")
        yield number, cells


def _stated(cell: object) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip())


def _attest(table: str, cells: Cells, exported_on: date) -> None:
    """Give a row what follows from its standing in the register on that day."""
    if table in ("events", "release_items", "lineage") and cells.get("on") is not None:
        cells["precision"] = cells.get("precision") or Precision.DAY
    if table == "events" and cells.get("event") == Event.OBSERVED and cells.get("on") is None:
        cells |= {"on": exported_on, "precision": Precision.BY}
    if (
        table == "release_items"
        and cells.get("status") != ReleaseStatus.IMPLEMENTED
        and cells.get("on") is None
    ):
        cells |= {"on": exported_on, "precision": Precision.BY}
    if table == "assessments":
        if cells.get("state") is None:
            cells["state"] = (
                AssessmentState.RETURNED
                if cells.get("returned_on")
                else AssessmentState.OPEN
                if cells.get("accepted_on")
                else AssessmentState.REQUESTED
            )
        cells["state_on"] = cells.get("state_on") or cells.get("returned_on") or exported_on
    if table == "releases":
        cells["stated_on"] = cells.get("stated_on") or exported_on


def _unused(book: _Book, register: RegisterMapping) -> list[str]:
    """Columns and sheets that the mapping leaves out: told, so that nobody takes them for read."""
    notes = []
    for sheet, rows in book.sheets.items():
        reads = [read for read in register.reads if read.sheet == sheet or len(book.sheets) == 1]
        if not reads:
            if rows and sheet not in (*NOT_TABLES, "sources"):
                notes.append(f"sheet {sheet!r} isn't read: the mapping doesn't name it")
            continue
        heading = rows[reads[0].heading - 1] if len(rows) >= reads[0].heading else []
        used = {theirs for read in reads for theirs in read.columns.values()}
        if unused := [
            str(cell).strip() for cell in heading if _stated(cell) and str(cell).strip() not in used
        ]:
            notes.append(
                f"{f'sheet {sheet!r}, ' if sheet else ''}columns that aren't read: {', '.join(unused)}"
            )
    return notes


# Faults -------------------------------------------------------------------------------------------


def _refuse(book: _Book) -> None:
    if book.faults:
        count = len(book.faults)
        shown = book.faults[:SHOWN_FAULTS] + (
            [f"and {count - SHOWN_FAULTS:,} more"] if count > SHOWN_FAULTS else []
        )
        told = "one fault" if count == 1 else f"{count:,} faults"
        raise UserError("\n".join([f"{book.name}: {told}; nothing was written", *shown]))


def _check(book: _Book, reading: Reading, places: dict[str, list[_Place]]) -> None:
    """Check the register's statements by themselves, so that faults are told with the register's own rows."""
    tables = reading.tables
    for fault in sorted(set(validation.check(tables))):
        table_places = places.get(fault.table, [])
        index = fault.row - 2
        place = table_places[index] if 0 <= index < len(table_places) else f"its {fault.table}"
        book.faults.append(f"{place}, {fault.column}: found {fault.found}; expected {fault.expected}")
    _refuse(book)
