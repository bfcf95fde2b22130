"""Columns of a table as people read them: days with their precision, numbers alike, what is the same in every row."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from secanalysis.views.formatting import BLANK, decimals, precise_day, shown, text

LONG = 60  # characters that make a column of text want room
ALIKE = 3  # rows from which a column with one value for all is a sentence below the table
UNBROKEN = 14  # characters without a space that may break after a dot, a hyphen or a low line
_MONTH = re.compile(r"[A-Z][a-z]+ \d{4}")  # August 2020
_BREAK = re.compile(r"(?<=[._-])(?=\w)")


@dataclass(frozen=True)
class ShownColumn:
    """A column as people read it; its words are None where a cell is blank."""

    name: str
    title: str
    kind: str
    words: list[str | None]

    @property
    def css(self) -> str:
        if self.kind in ("number", "whole number"):
            return ' class="number"'
        return ' class="long"' if max(len(word or "") for word in self.words) > LONG else ""

    def cells(self) -> Iterator[str]:
        """Each cell from after its tag's name to before its end."""
        number, short = self.css if "number" in self.kind else "", ' class="short"'
        for word in self.words:
            if word is None:
                yield f"{number}>{BLANK}"
            elif " " in word or number:
                whole = self.kind == "day" or _MONTH.fullmatch(word)
                yield f"{short if whole else number}>{text(word)}"
            elif len(word) > UNBROKEN:
                yield f">{_BREAK.sub('<wbr>', text(word))}"
            else:
                yield f"{short if '-' in word else ''}>{text(word)}"


def shown_columns(
    data: dict[str, Any], most: int, in_words: Mapping[str, Callable[[str], str]]
) -> list[ShownColumn]:
    """Columns as people read them. A day's precision is read with the day and has no column of its own."""
    places = {column["name"]: place for place, column in enumerate(data["columns"])}
    of_day = {
        place: places[partner]
        for name, place in places.items()
        if (partner := "precision" if name in ("on", "day", "held_on") else f"{name}_precision") in places
    }
    columns = []
    for place, column in enumerate(data["columns"]):
        if place in of_day.values():
            continue
        cells, kind = [row[place] for row in data["rows"]], column["type"]
        digits = decimals(cells) if kind == "number" else None
        words = [None if cell is None else shown(cell, kind, digits) for cell in cells[:most]]
        if reads := in_words.get(column["name"]):
            words = [None if cell is None else reads(str(cell)) for cell in cells[:most]]
        if place in of_day and kind == "day":
            read = [row[of_day[place]] for row in data["rows"][:most]]
            words = [
                cell and precise_day(date.fromisoformat(cell), how)
                for cell, how in zip(cells, read, strict=False)
            ]
        columns.append(ShownColumn(column["name"], column["title"], kind, words))
    return columns


def varied(
    columns: list[ShownColumn], rows: int, kept: Collection[str] = frozenset()
) -> tuple[list[ShownColumn], str]:
    """The columns that say something row by row, and a sentence of those that say the same in every row.

    A column that is blank in every row isn't shown. Both are in the downloads. The first is the rows' heading, and
    those to be kept stay columns.
    """
    heading, *others = columns
    others = [column for column in others if any(column.words)]
    alike = [
        column
        for column in others
        if ALIKE <= rows == len(column.words) and len({*column.words}) == 1 and column.name not in kept
    ]
    differing = [column for column in others if column not in alike]
    if not differing:  # a table of one column says less than one that repeats itself
        differing, alike = alike, []
    stated = "; ".join(f"{column.title}: {column.words[0]}" for column in alike)
    return [heading, *differing], f"The same in every row. {stated}." if stated else ""
