"""What is wrong with an export: each cell once, in the register's own words, the first on screen and all in a file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from secanalysis.support.errors import UserError

SHOWN_FAULTS = 20


@dataclass(frozen=True)
class Place:
    """A row of a sheet; a CSV file's sheet has no name."""

    sheet: str
    row: int

    def __str__(self) -> str:
        return f"{self.sheet}, row {self.row}" if self.sheet else f"row {self.row}"


@dataclass(frozen=True)
class CellFault:
    """What a cell holds, and what was expected; a fault of a whole row has no heading."""

    place: Place | str
    heading: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.place}, {self.heading}" if self.heading else str(self.place)
        return f"{where}: found {self.found}; expected {self.expected}"


@dataclass(frozen=True)
class SheetFault:
    """What keeps a whole entry of the mapping from being read, in a sentence that names the export."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


class ExportFaults(UserError):
    """An export that can't be used, with all its faults."""

    def __init__(self, name: str, faults: list[CellFault | SheetFault]) -> None:
        self.name, self.faults = name, faults
        super().__init__(self.text())

    def text(self, listed_in: Path | None = None) -> str:
        """The message: the first faults, and the file in which all of them are."""
        count = len(self.faults)
        if count == 1 and isinstance(self.faults[0], SheetFault):
            return str(self.faults[0])
        title = "one fault" if count == 1 else f"{count:,} faults"
        lines = [f"{self.name}: {title}; nothing was written", *map(str, self.faults[:SHOWN_FAULTS])]
        if count > SHOWN_FAULTS:
            lines.append(
                f"and {count - SHOWN_FAULTS:,} more" + (f"; all are in {listed_in}" if listed_in else "")
            )
        return "\n".join(lines)

    def listed(self, export_file: Path) -> UserError:
        """The same, with a CSV file of all faults next to the export where the screen can't hold them."""
        if len(self.faults) <= SHOWN_FAULTS:
            return self
        path = export_file.with_name(f"{export_file.stem}.faults.csv")
        try:
            path.write_text(self._as_csv(), encoding="utf-8", newline="")
        except OSError:
            return self
        return UserError(self.text(path))

    def _as_csv(self) -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["sheet", "row", "column", "found", "expected"])
        for fault in self.faults:
            if isinstance(fault, SheetFault):
                writer.writerow(["", "", "", fault.sentence, ""])
                continue
            place = fault.place
            at = [place.sheet, place.row] if isinstance(place, Place) else [place, ""]
            writer.writerow([*at, fault.heading, fault.found, fault.expected])
        return text.getvalue()
