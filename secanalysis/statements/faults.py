"""Faults of tables of statements, each stated as table, row, column, what was found and what was expected."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from secanalysis.statements import table_columns
from secanalysis.support.errors import UserError, ascii_marked

SHOWN = 60


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with one cell, row or file.

    ``row`` is the line of the CSV file on which the row begins (the heading is line 1), or 0 where
    the fault is the file's. ``blurred`` marks what may only follow from another fault of the same row:
    a cell that couldn't be read counts as a blank in the rules that look at several cells. ``lost`` marks
    what keeps rows from being read at all.
    """

    table: str
    row: int
    column: str
    found: str
    expected: str
    blurred: bool = field(default=False, compare=False)
    lost: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        place = f"{self.table}.csv"
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: found {self.found}; expected {self.expected}"


class InvalidTables(UserError):
    """Tables that can't be used, with all their faults."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        count = f"{len(self.faults):,} fault{'s' if len(self.faults) > 1 else ''} in the tables"
        super().__init__("\n".join([count + "; nothing was written", *map(str, self.faults)]))


def _shown(cell: object) -> str:
    text = str(cell)
    if isinstance(cell, pd.Timestamp):
        text = f"{cell:%Y-%m-%d}"
    elif isinstance(cell, float):
        text = table_columns.plain_number(cell)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def quoted(cell: object) -> str:
    """A cell as a fault shows it: in quotes, what can't be seen marked, the end of a long one cut."""
    blank = cell is None or cell is pd.NaT or cell is pd.NA or cell != cell
    return "a blank" if blank else ascii_marked(_shown(cell))
