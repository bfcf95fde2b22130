"""A register's cells become values of our columns; what can't be one is told with its place."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

from secanalysis.ingest.printed_values import Illegible, day, day_pattern
from secanalysis.ingest.register.mapping import DateOrder
from secanalysis.statements import schemas

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_IN_FIGURES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_IN_WORDS = re.compile(day_pattern("on"), re.IGNORECASE)
_SPACES = re.compile(r"\s*[^\S ]\s*")  # line breaks, tabs, no-break spaces
_EXACT = 10**15  # from here on a spreadsheet's whole numbers aren't exact


@dataclass(frozen=True)
class Reader:
    """Reads the cells of one column.

    Attributes
    ----------
    column
        Ours.
    order
        How text days and serial numbers are to be read.
    serials_from
        The day before serial number 1.
    words
        The register's words and ours for them.
    """

    column: schemas.Column
    order: DateOrder
    serials_from: date
    words: dict[str, str]

    def value(self, cell: object) -> object:
        """The value of a cell, None if it is blank.

        Raises
        ------
        Illegible
            If it can't be a value of the column.
        """
        if cell is None:
            return None
        if isinstance(cell, str):
            cell = cell.strip()
            if not cell:
                return None
            if not cell.isprintable():  # else its spaces are all usual ones
                cell = _SPACES.sub(" ", cell)
            cell = self.words.get(cell, cell)
        if isinstance(cell, float) and not math.isfinite(cell):
            raise Illegible("what is no number")
        if isinstance(cell, bool):
            raise Illegible(str(cell).upper())
        match self.column.type:
            case "day":
                return self._day(cell)
            case "text":
                return _text(cell)
            case _:
                return _number(cell, whole=self.column.type == "whole number")

    def _day(self, cell: object) -> date:
        if isinstance(cell, list):
            return date.fromisoformat(cell[0])
        if isinstance(cell, int | float):
            if self.order is DateOrder.SERIAL and cell == int(cell) and 1 <= cell < 110_000:
                return self.serials_from + timedelta(days=int(cell))
            raise Illegible(
                f"the number {cell:g} (if days are Excel's serial numbers, the mapping must say so: "
                f"dates: {DateOrder.SERIAL})"
            )
        text = str(cell)
        if _ISO.fullmatch(text):
            return _valid(text, *map(int, text[:10].split("-")))
        if _IN_WORDS.fullmatch(text):
            return day(text)
        if figures := _IN_FIGURES.fullmatch(text):
            first, second, year = map(int, figures.groups())
            if self.order is DateOrder.DAY_FIRST:
                return _valid(text, year, second, first)
            if self.order is DateOrder.MONTH_FIRST:
                return _valid(text, year, first, second)
            raise Illegible(
                f"'{text}' (the mapping must say which order it is: dates: day-month-year, or month-day-year)"
            )
        raise Illegible(f"'{text[:60]}'")


def _valid(text: str, year: int, month: int, day_: int) -> date:
    try:
        return date(year, month, day_)
    except ValueError:
        raise Illegible(f"'{text}', which is no day") from None


def _text(cell: object) -> str:
    if isinstance(cell, list):
        return str(cell[0])
    if isinstance(cell, float) and cell == int(cell) and abs(cell) < _EXACT:
        return str(int(cell))
    return str(cell)


def _number(cell: object, *, whole: bool) -> float | int:
    if isinstance(cell, str) and re.fullmatch(
        r"[0-9]{1,9}" if whole else r"[0-9]{1,9}(?:\.[0-9]{1,6})?", cell
    ):
        cell = float(cell)
    if not isinstance(cell, int | float) or abs(cell) >= _EXACT or (whole and cell != int(cell)):
        raise Illegible(f"'{str(cell)[:60]}'")
    return int(cell) if whole else float(cell)
