"""Statements that can't be true, or aren't clear in print, are removed from a reading, and their lines listed as not read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from secanalysis.ingest.document import Document
from secanalysis.ingest.reading import Cells, Reading, Unread
from secanalysis.statements import validation

_LINE = re.compile(r"line ([0-9]+)")


def without_impossible(reading: Reading, lines: Sequence[str]) -> Reading:
    """Remove the statements that a table refuses, such as a target of 0 working days.

    Parameters
    ----------
    reading
        A report's statements.
    lines
        All lines of the document.

    Returns
    -------
    Reading
        Each line that loses a statement is listed with the reason.
    """
    reasons: dict[int, list[str]] = {}
    rows = {table: list(cells) for table, cells in reading.rows.items()}
    for fault in sorted(set(validation.check(reading.tables)), reverse=True):
        if fault.table not in rows or fault.row < 2:
            continue
        cells = reading.rows[fault.table][fault.row - 2]
        if cells in rows[fault.table]:
            rows[fault.table].remove(cells)
        if line := _line(cells):
            reason = f"{fault.column}: found {fault.found}; expected {fault.expected}"
            reasons.setdefault(line, []).append(reason)
    printed = {number: " ".join(lines[number - 1].split()) for number in reasons}
    return _without(reading, rows, printed, {number: why[::-1] for number, why in reasons.items()})


def without_doubtful(reading: Reading, document: Document) -> Reading:
    """Remove the statements of lines that a document doesn't show clearly.

    Parameters
    ----------
    reading
        A report's statements.
    document
        What they were read from.

    Returns
    -------
    Reading
        Each such line is listed with the reason.
    """
    if not document.doubts:
        return reading
    rows = {
        table: [one for one in cells if _line(one) not in document.doubts]
        for table, cells in reading.rows.items()
    }
    printed = {number: text for number, (text, _) in document.doubts.items()}
    return _without(reading, rows, printed, {number: why for number, (_, why) in document.doubts.items()})


def _line(cells: Cells) -> int:
    line = _LINE.search(str(cells["locator"]))
    return int(line[1]) if line else 0


def _without(
    reading: Reading,
    rows: dict[str, list[Cells]],
    printed: Mapping[int, str],
    reasons: Mapping[int, Sequence[str]],
) -> Reading:
    """A reading with these rows alone, and its lines listed that have reasons."""
    of_pages = [unread for unread in reading.unread if unread.line == 0]
    listed = {unread.line: unread for unread in reading.unread if unread.line}
    newly = -len(listed)
    for number, line_reasons in reasons.items():
        before = [listed[number].reason] if number in listed else []
        listed[number] = Unread(number, printed[number], "; ".join([*before, *line_reasons]))
    newly += len(listed)
    return replace(
        reading,
        rows={table: cells for table, cells in rows.items() if cells},
        unread=(*of_pages, *(listed[number] for number in sorted(listed))),
        read=reading.read - newly,
    )
