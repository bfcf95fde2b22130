"""The rows of a CSV file: its encoding and delimiter are what the mapping says, or recognised."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from secanalysis.ingest import document
from secanalysis.ingest.exports.cells import same_spaces
from secanalysis.ingest.exports.mapping import CsvForm
from secanalysis.statements import csv_reader
from secanalysis.support.errors import UserError

MOST_ROWS = 200_000
MOST_COLUMNS = 16_384  # as many as a spreadsheet has
_DELIMITERS = ",;\t|"
_HEAD = 200_000  # characters in which headings are looked for
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)])


class Expected(NamedTuple):
    """Headings that a row of the file should hold."""

    row: int
    headings: tuple[str, ...]


def csv_rows(file: Path, form: CsvForm, expected: Sequence[Expected]) -> tuple[list[list[object]], list[str]]:
    """Read a CSV file.

    Parameters
    ----------
    file
        The file.
    form
        What the mapping says of it.
    expected
        The headings by which its delimiter is recognised.

    Returns
    -------
    tuple
        Its rows, and what its reader should know. A first line such as ``sep=;`` is no row.

    Raises
    ------
    UserError
        If it isn't CSV.
    """
    text, notes = _text(file, form.encoding)
    begin, stated = 0, form.delimiter
    first = text[: text.find("\n") + 1 or None]
    if first.strip().lower().startswith("sep=") and len(first.strip("\r\n")) == 5:
        begin, stated = len(first), stated or first[4]
    return _rows(text[begin:], file.name, stated or _delimiter(text[begin:], expected)), notes


def _text(file: Path, encoding: str | None) -> tuple[str, list[str]]:
    """The file's text. What is no UTF-8 is taken for Windows' Western European letters, and said to be."""
    if encoding == "utf-8":
        return document.read_text(file), []
    data = file.read_bytes()
    if encoding is None and (b"\x00" in data[:4096] or data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        return document.read_text(file), []  # which says what it is instead
    try:
        if encoding is None:
            data.decode("utf-8-sig")
            return document.read_text(file), []
    except UnicodeDecodeError:
        pass
    used = encoding or "cp1252"
    try:
        text = data.decode(used)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = f"{file.name}, line {line}: a byte that is no {used} (0x{data[error.start]:02x})"
        raise UserError(f"{place}: save it as UTF-8" if encoding is None else place) from None
    if text.translate(_CONTROLS) != text:
        raise UserError(f"{file.name} holds control characters: it isn't plain text")
    if not text.strip():
        raise UserError(f"{file.name} holds nothing but blanks")
    if encoding:
        return text, []
    at = next(at for at, char in enumerate(text) if not char.isascii())
    line = text.count("\n", 0, at) + 1
    around = " ".join(text[max(0, at - 20) : at + 20].split())
    return text, [
        f"{file.name} isn't UTF-8 and was read as Windows-1252 (cp1252): check line {line}, '{around}'. "
        "If that is right, the mapping can say so (csv: {encoding: cp1252})"
    ]


def _delimiter(text: str, expected: Sequence[Expected]) -> str:
    """The delimiter by which the expected headings are found; without any, the one that gives most cells."""
    last = max((wanted.row for wanted in expected), default=1)
    heads = {delimiter: _head(text, delimiter, last) for delimiter in _DELIMITERS}

    def fit(delimiter: str) -> tuple[int, int]:
        head = heads[delimiter]
        matches = cells = 0
        for wanted in expected or [Expected(1, ())]:
            if wanted.row <= len(head):
                row = {same_spaces(cell) for cell in head[wanted.row - 1]}
                matches += sum(heading in row for heading in wanted.headings)
                cells += len(head[wanted.row - 1])
        return matches, cells

    return max(_DELIMITERS, key=fit)


def _head(text: str, delimiter: str, rows: int) -> list[list[str]]:
    head: list[list[str]] = []
    csv.field_size_limit(csv_reader.CELL_LIMIT)
    try:
        for row in csv.reader(io.StringIO(text[:_HEAD], newline=""), delimiter=delimiter):
            head.append(row)
            if len(head) >= rows:
                break
    except csv.Error:
        pass
    return head


def _rows(text: str, name: str, delimiter: str) -> list[list[object]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[object]] = []
    csv.field_size_limit(csv_reader.CELL_LIMIT)
    begin = 1
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS:
                raise UserError(
                    f"{name}, row {begin}: found {len(row):,} cells; no register has more than {MOST_COLUMNS:,}"
                )
            rows.append(list(row))
            if len(rows) > MOST_ROWS:
                raise UserError(f"{name} has more than {MOST_ROWS:,} rows: it is no register")
            begin = reader.line_num + 1
    except csv.Error as error:
        reason = (
            f"a cell of more than {csv_reader.CELL_LIMIT:,} characters"
            if "limit" in str(error)
            else "a quote that is never closed"
            if "end of data" in str(error)
            else "text after the quote that ends a cell"
        )
        raise UserError(f"{name}, row {begin}: found {reason}; nothing was written") from None
    return rows
