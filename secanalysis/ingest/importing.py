"""A document becomes statements: published reports as text or PDF, registers as XLSX or CSV.

What is read is checked as a whole before anything is written; bad input raises `UserError` and leaves the
tables untouched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secanalysis.domain.months import FIRST_YEAR, LAST_YEAR, parse_day
from secanalysis.ingest import document, sandbox
from secanalysis.ingest.result import IngestResult, remarks, summary
from secanalysis.support.errors import UserError, ascii_marked

# What needs pandas is imported where it is used: meanwhile another process opens the file.
if TYPE_CHECKING:
    import pandas as pd

    from secanalysis.ingest.reading import Reading
    from secanalysis.ingest.sandbox import Opening

__all__ = ["IngestResult", "draft_mapping", "ingest", "read", "register", "remarks", "summary", "template"]

REPORTS = (".txt", ".pdf")
REGISTERS = (".xlsx", ".csv")
_ADVICE = {
    ".xlsm": "it holds macros: save it as .xlsx",
    ".xls": "save it as .xlsx",
    ".xlsb": "save it as .xlsx",
    ".ods": "save it as .xlsx",
    ".docx": "save it as .pdf",
    ".doc": "save it as .pdf",
}


def ingest(
    file: Path,
    into: Path,
    source_id: str | None = None,
    published_on: date | None = None,
    mapping: Path | None = None,
    strict: bool = False,
    replace_export: bool = False,
    check: bool = False,
) -> IngestResult:
    """Read a document and put its statements into a folder of tables, in place of its earlier ones.

    Parameters
    ----------
    file
        A Change Status Report (``.txt``, ``.pdf``) or a register (``.xlsx``, ``.csv``).
    into
        The folder, such as ``data/raw``.
    source_id
        The document's own, if not the usual one (``change-status-report-<month>``).
    published_on
        Its date: needed for registers, and for reports whose cover carries none.
    mapping
        For registers: which of their columns hold what (YAML, see docs/ingest.md).
    strict
        Refuse a document of which a line isn't read.
    replace_export
        For registers: take the place of another export of the same ``source_id``, rows that this one doesn't hold
        included.
    check
        Only read and report: every check is made, and nothing is written, neither tables nor a list of faults.

    Returns
    -------
    IngestResult
        Rows by table, unread lines, repairs.

    Raises
    ------
    UserError
        If the document or the folder can't be used. Nothing is written then.
    """
    try:
        reading = read(file, source_id, published_on, mapping)
    except UserError as error:
        raise (error.listed(file) if hasattr(error, "listed") and not check else error) from None
    if strict and reading.unread:
        listed = remarks(IngestResult(replace(reading, repairs=()), into, {}, {}))
        raise UserError(f"{file.name} wasn't read whole, as --strict asks; nothing was written\n{listed}")
    from secanalysis.ingest.merge import merge

    written, replaced = merge(reading, into, replace=replace_export, write=not check)
    return IngestResult(reading, into, written, replaced, checked_only=check)


def read(
    file: Path, source_id: str | None = None, published_on: date | None = None, mapping: Path | None = None
) -> Reading:
    """Read a document without writing anything; parameters as of `ingest`."""
    document.check_file(file)
    with sandbox.opening(file) as opening:
        _check_options(source_id, published_on)
        if file.suffix.lower() in REGISTERS:
            from secanalysis.ingest.exports.export_reader import read_register

            return read_register(file, opening, source_id, published_on, mapping)
        return _read_report(file, opening, source_id, published_on, mapping)


def register(
    sheets: Mapping[str, pd.DataFrame] | pd.DataFrame,
    mapping: Path | str | dict[str, Any] | None = None,
    *,
    published_on: date | str,
    into: Path | str | None = None,
    source_id: str | None = None,
    replace: bool = False,
    check: bool = False,
) -> IngestResult:
    """Read a register's export that is in pandas frames; what is checked, and what comes of it, is as of its file.

    Parameters
    ----------
    sheets
        A frame for each sheet, by the sheet's name; or one alone. The columns are the headings. Indexes aren't read.
    mapping
        Which columns hold what: a YAML file's path, or the same as names and values (docs/ingest.md). Without it, sheets
        are named as our tables and columns as theirs.
    published_on
        The day of the export.
    into
        The folder of tables, such as ``data/raw``. Without it the frames are only read and checked.
    source_id
        The export's own, if not the register's name and the day.
    replace
        Take the place of another export of the same ``source_id``, rows that this one doesn't hold included.
    check
        Check the frames against the folder, and write nothing.

    Returns
    -------
    IngestResult
        Rows by table, and what else to know; ``reading.tables`` are the statements.

    Raises
    ------
    UserError
        If the frames, the mapping or the folder can't be used. Nothing is written then. Of cells that can't be read,
        the message lists the first 20, and the error's ``faults`` are all of them.
    """
    import pandas as pd

    from secanalysis.ingest.exports import mapping_file
    from secanalysis.ingest.exports.export_reader import read_export
    from secanalysis.ingest.exports.frames import export_of

    day = _day(published_on)
    _check_options(source_id, day)
    if mapping is None:
        known = None
    elif isinstance(mapping, dict):
        known = mapping_file.from_object(mapping, "mapping")
    else:
        known = mapping_file.load(Path(mapping))
    name = (known and known.register) or "register"
    export = export_of({"": sheets} if isinstance(sheets, pd.DataFrame) else sheets, name, known)
    reading = read_export(export, name, known, source_id, day)
    if into is None:
        written = {table: len(frame) for table, frame in reading.tables.items()}
        return IngestResult(reading, None, written, dict.fromkeys(written, 0), checked_only=True)
    from secanalysis.ingest.merge import merge

    written, replaced = merge(reading, Path(into), replace=replace, write=not check)
    return IngestResult(reading, Path(into), written, replaced, checked_only=check)


def _day(stated: date | str) -> date:
    if isinstance(stated, str):
        try:
            return parse_day(stated)
        except ValueError as error:
            raise UserError(f"published_on: {error}") from None
    return stated.date() if isinstance(stated, datetime) else stated


def template(path: Path) -> None:
    """Write an empty workbook with the tables' columns.

    Raises
    ------
    UserError
        If there is a file of that name already, or it isn't to be an ``.xlsx``.
    """
    from secanalysis.ingest.exports.blank_workbook import write

    write(path)


def draft_mapping(file: Path) -> str:
    """The draft of a mapping for a register's export, as YAML; what it isn't sure of is a comment.

    Raises
    ------
    UserError
        If the file can't be read, or isn't a register.
    """
    document.check_file(file)
    if file.suffix.lower() not in REGISTERS:
        raise UserError(f"{file.name} isn't a register's export: expected {' or '.join(REGISTERS)}")
    with sandbox.opening(file) as opening:
        from secanalysis.ingest.exports.drafting.draft import draft

        return draft(file, opening)


def _read_report(
    file: Path,
    opening: Opening | None,
    source_id: str | None,
    published_on: date | None,
    mapping: Path | None,
) -> Reading:
    suffix = file.suffix.lower()
    if suffix not in REPORTS:
        advice = _ADVICE.get(
            suffix, f"reports are {' or '.join(REPORTS)}, registers {' or '.join(REGISTERS)}"
        )
        raise UserError(f"{file.name} isn't of a kind that can be read: {advice}")
    if mapping:
        raise UserError("--mapping is for registers (.xlsx, .csv): a report needs none")
    from secanalysis.ingest.reading import Unread
    from secanalysis.ingest.report.report_reader import read_report
    from secanalysis.ingest.soundness import without_doubtful, without_impossible

    pages = document.read(file, opening)
    reading = read_report(pages.lines, file.name, source_id, published_on, pages.missing_before, pages.doubts)
    reading = without_impossible(reading, pages.lines)
    reading = without_doubtful(reading, pages)
    lost = [
        Unread(0, f"[page {page}]", "no text that it shows, only pictures") for page in pages.without_text
    ]
    lost += [Unread(0, f"[page {page}] {text}", why) for page, text, why in pages.unseen]
    notes = [f"page {page} is printed in columns: they are read from left to right" for page in pages.columns]
    return replace(reading, unread=(*lost, *reading.unread), notes=(*reading.notes, *notes))


def _check_options(source_id: str | None, published_on: date | None) -> None:
    from secanalysis.statements import column_types

    if source_id is not None and not re.fullmatch(column_types.SOURCE_ID_PATTERN, source_id):
        raise UserError(
            f"--source-id is {ascii_marked(source_id[:60])}; expected lower-case letters, digits and hyphens, up to 120"
        )
    if published_on and not column_types.FIRST_DAY.date() <= published_on <= column_types.LAST_DAY.date():
        raise UserError(f"--published-on is {published_on}; expected a day from {FIRST_YEAR} to {LAST_YEAR}")
