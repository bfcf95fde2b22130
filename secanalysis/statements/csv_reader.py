"""One table's CSV file, read as far as its form allows, with every fault of its form."""

from __future__ import annotations

import csv
import io
import re
import stat
from dataclasses import replace
from pathlib import Path

import pandas as pd

from secanalysis.statements import schemas
from secanalysis.statements.cell_forms import parsed
from secanalysis.statements.faults import Fault, quoted

CELL_LIMIT = 100_000
_CELL = re.compile(r'"(?:[^"]|"")*+"(?=[,\r\n]|\Z)|(?!")[^,\r\n]*')
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_csv(path: Path, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read one table's file as far as its form allows.

    Returns
    -------
    tuple
        The typed frame of all rows (none if the file's own form is broken), with a column ``line``
        besides, in which a cell that has not the form of its column is missing; and the faults found.
    """
    try:
        text = _decode(_bytes(path, table), table)
        records, faults = _records(text, table)
    except _Unreadable as unreadable:
        return schemas.empty(table).assign(line=pd.Series(dtype="int64")), unreadable.faults
    return _typed_cells(records, table, faults)


class _Unreadable(Exception):
    """A file no row of which can be read."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = [replace(fault, lost=True) for fault in faults]


def _bytes(path: Path, table: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe would be waited for
            what = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise _Unreadable(Fault(table, 0, "", what, "a file"))
        return path.read_bytes()
    except FileNotFoundError:
        raise _Unreadable(Fault(table, 0, "", "no such file", f"a file {path}")) from None
    except OSError as error:
        what = f"a file that can't be read ({error.strerror})"
        raise _Unreadable(Fault(table, 0, "", what, "a readable file")) from None


def _decode(data: bytes, table: str) -> str:
    marks = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\xef\xbb\xbf": "a byte order mark"}
    for mark, name in marks.items():
        if data.startswith(mark):
            raise _Unreadable(Fault(table, 1, "", name, "UTF-8 text without a byte order mark"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode("utf-8"), table)
        byte = f"a byte that is no UTF-8 (0x{data[error.start]:02x})"
        raise _Unreadable(Fault(table, *place, byte, "UTF-8 text")) from None
    if "\x00" in text:
        place = _place(text[: text.index("\x00")], table)
        raise _Unreadable(Fault(table, *place, "a NUL character", "UTF-8 text"))
    return text


def _place(before: str, table: str) -> tuple[int, str]:
    """The row and column at which a text breaks off; the column is blank where it isn't known."""
    row, at = 1, 0
    heading: list[str] | None = None
    reader = csv.reader(io.StringIO(before + "?", newline=""))
    try:
        for cells in reader:
            heading = heading or cells
            begin, row, at = row, reader.line_num + 1, len(cells) - 1
    except csv.Error:
        return len(_LINE_END.findall(before)) + 1, ""
    return begin, _column(_names(table, heading), begin, at)


def _names(table: str, heading: list[str] | None) -> list[str]:
    """The columns that a file with this heading has, or was to have if the heading is none of a table's."""
    usual, every, needed = schemas.headings(table)
    if heading is not None and heading in (every, needed):
        return heading
    return every if set(heading or ()) & (set(every) - set(usual)) else usual


def _column(names: list[str], row: int, at: int) -> str:
    """The name of a row's cell, blank for a heading's and for one that no column has."""
    return names[at] if row > 1 and at < len(names) else ""


def _records(text: str, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    expected = _names(table, None)
    rows: list[list[str | None]] = []
    lines: list[int] = []
    csv.field_size_limit(CELL_LIMIT)
    begin = 1
    try:
        heading = next(reader, None)
        expected = _names(table, heading)
        if heading != expected:
            raise _Unreadable(*_heading_faults(table, heading, expected))
        begin = reader.line_num + 1
        for row in reader:
            if len(row) == len(expected):
                rows.append([text or None for text in row])
                lines.append(begin)
            else:
                cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}" if row else "an empty line"
                faults.append(Fault(table, begin, "", cells, f"{len(expected)} cells", lost=True))
            begin = reader.line_num + 1
    except csv.Error as error:
        faults.append(_broken(text, table, expected, begin, reader.line_num, str(error)))
    shaped = dict(zip(expected, zip(*rows, strict=True), strict=True)) if rows else {}
    frame = pd.DataFrame(shaped, columns=expected, dtype="str")
    frame = schemas.with_defaults(frame, table)[[column.name for column in schemas.columns(table)]]
    return frame.assign(line=pd.Series(lines, dtype="int64", index=frame.index)), faults


def _broken(text: str, table: str, names: list[str], row: int, line: int, error: str) -> Fault:
    """What is wrong with a row at which the CSV reader gave up, and in which cell."""
    begins = [0, *(end.end() for end in _LINE_END.finditer(text))]
    at, cell = begins[row - 1], 0
    while match := _CELL.match(text, at):
        if len(match[0]) > CELL_LIMIT or text[match.end() : match.end() + 1] != ",":
            break
        at, cell = match.end() + 1, cell + 1
    if "limit" in error:
        found_and_expected = (
            f"a cell of more than {CELL_LIMIT:,} characters",
            f"at most {CELL_LIMIT:,} characters",
        )
    elif "end of data" in error:
        found_and_expected = "a quote that is never closed", "a quote at the cell's end"
    else:
        where = f" (on line {line})" if line > row else ""
        found_and_expected = f"text after the quote that ends a cell{where}", "a comma or the row's end there"
    return Fault(table, row, _column(names, row, cell), *found_and_expected, lost=True)


def _heading_faults(table: str, heading: list[str] | None, expected: list[str]) -> list[Fault]:
    wanted = "a heading " + ",".join(expected)
    if not heading:
        row, emptiness = (0, "an empty file") if heading is None else (1, "an empty line")
        return [Fault(table, row, "", emptiness, wanted)]
    for other in schemas.FILES:
        if heading in schemas.headings(other):
            return [Fault(table, 1, "", f"the heading of {other}.csv", wanted)]
    for mark in ";\t|":
        if heading[0].split(mark) == expected:
            return [Fault(table, 1, "", f"cells divided by {mark!a}", wanted)]
    if not set(heading) & set(expected):
        return [Fault(table, 1, "", quoted(",".join(heading)), wanted)]
    faults = [Fault(table, 1, name, f"no column {name}", wanted) for name in expected if name not in heading]
    one_of = "one of " + ", ".join(expected)
    for name in dict.fromkeys(heading):
        if name not in expected:
            shown = quoted(name)
            faults.append(Fault(table, 1, shown[1:-1], f"an unknown column {shown}", one_of))
        elif heading.count(name) > 1:
            times = f"the column {name} {heading.count(name)} times"
            faults.append(Fault(table, 1, name, times, "each column once"))
    return faults or [Fault(table, 1, "", "columns in another order", wanted)]


def _typed_cells(records: pd.DataFrame, table: str, faults: list[Fault]) -> tuple[pd.DataFrame, list[Fault]]:
    lines = records["line"]
    if records.empty:
        return schemas.empty(table).assign(line=lines), faults
    shaped: dict[str, pd.Series] = {}
    for column in schemas.columns(table):
        cells = records[column.name]
        value, bad = parsed(cells, column.type)
        shaped[column.name] = value
        if bad.any():
            faults += [
                Fault(table, int(line), column.name, quoted(cell), column.form)
                for line, cell in zip(lines[bad], cells[bad], strict=True)
            ]
    return pd.DataFrame(shaped, index=records.index).assign(line=lines), faults
