"""What reading a document gives: statements, and the lines that gave none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from secanalysis.statements import schemas, storage, table_columns

Cells = dict[str, Any]


@dataclass(frozen=True, order=True)
class Repair:
    """What was read in place of what is printed."""

    line: int
    printed: str
    result: str


@dataclass(frozen=True, order=True)
class Unread:
    """A line that wasn't read, or not all of it."""

    line: int
    printed: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """A document as statements.

    Attributes
    ----------
    source
        Its row of the sources table.
    rows
        Its statements by table, blanks left out.
    unread
        Lines that weren't read, each with its reason.
    repairs
        What was read in place of what is printed.
    read, narrative
        How many lines were read, and how many recognised as narrative.
    notes
        What else its reader should know.
    """

    source: Cells
    rows: dict[str, list[Cells]]
    unread: tuple[Unread, ...] = ()
    repairs: tuple[Repair, ...] = ()
    read: int = 0
    narrative: int = 0
    notes: tuple[str, ...] = ()

    @cached_property
    def tables(self) -> storage.Tables:
        """Its statements as typed tables, its row of sources included."""
        rows = {**self.rows, "sources": [self.source]}
        return {
            table: table_columns.typed(
                pd.DataFrame(rows.get(table, []), columns=names, dtype="object"), table
            )
            for table, names in (
                (t, [column.name for column in table_columns.columns(t)]) for t in schemas.TABLES
            )
        }
