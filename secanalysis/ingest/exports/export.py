"""An export as it is read: its sheets, what keeps their cells from being read, and what was found wrong so far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from secanalysis.ingest.exports.export_faults import CellFault, ExportFaults, Place, SheetFault

Row = list[object]
_FOOTNOTE = re.compile(
    r"'[^']*[^\s'*†‡§¶¹²³⁰⁴-⁹]\s*(?:\[[0-9a-z]{1,2}\]|[*†‡§¶]+|[¹²³⁰⁴-⁹]+|"
    r"(?:\\x(?:b[2369]|a7)|\\u20(?:2[01]|7[04-9]))+)'"
)
"""A cell as faults show it, some signs written out, with a mark at its end that isn't part of what it says."""


@dataclass(frozen=True)
class Stops:
    """Cells of a sheet that can't be read as values, by kind: each a column, from 0, and a row, from 1.

    Attributes
    ----------
    formulas, uncached, errors
        Cells with formulas, those of them without a saved value, and cells that hold errors.
    merged
        Merged cells: first column, first row, last column, last row, and the range as the workbook has it.
    """

    formulas: list[tuple[int, int]] = field(default_factory=list)
    uncached: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int, str]] = field(default_factory=list)


@dataclass
class Export:
    """One file's sheets, by name; a CSV file has one without a name."""

    name: str
    sheets: Mapping[str, list[Row]]
    serials_from: date
    stops: Mapping[str, Stops] = field(default_factory=dict)
    faults: dict[tuple[str, str], CellFault] = field(default_factory=dict)
    unreadable: dict[str, SheetFault] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def fault(self, place: Place | str, heading: str, found: str, expected: str) -> None:
        """Note what is wrong with a cell, unless that is known already."""
        if _FOOTNOTE.fullmatch(found):
            found += ", which ends in a footnote's mark"
        self.faults.setdefault((str(place), heading), CellFault(place, heading, found, expected))

    def cannot_read(self, sentence: str) -> None:
        """Note what keeps an entry of the mapping from being read, unless that is known already."""
        self.unreadable.setdefault(sentence, SheetFault(sentence))

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong so far."""
        return not (self.faults or self.unreadable)

    def refuse(self) -> None:
        """Refuse the export if anything is wrong with it.

        Raises
        ------
        ExportFaults
            With all that is.
        """
        if not self.sound:
            raise ExportFaults(self.name, [*self.unreadable.values(), *self.faults.values()])


def stated(cell: object) -> bool:
    """Whether a cell holds more than blanks."""
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip())
