"""Statements that can't be true are removed from a reading, and their lines listed as not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from secanalysis.ingest.reading import Reading, Unread
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
        if line := _LINE.search(str(cells["locator"])):
            reason = f"{fault.column}: found {fault.found}; expected {fault.expected}"
            reasons.setdefault(int(line[1]), []).append(reason)
    listed = {unread.line: unread for unread in reading.unread}
    for number, line_reasons in reasons.items():
        printed = " ".join(lines[number - 1].split())
        before = [listed[number].reason] if number in listed else []
        listed[number] = Unread(number, printed, "; ".join([*before, *reversed(line_reasons)]))
    newly = len(listed) - len(reading.unread)
    return replace(
        reading,
        rows={table: cells for table, cells in rows.items() if cells},
        unread=tuple(listed[number] for number in sorted(listed)),
        read=reading.read - newly,
    )
