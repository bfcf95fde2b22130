"""Cases: what the numbers of a table are worked out from, and how a number on a page opens to them.

A number opens as a popover, which browsers do by themselves: no page has a script for it. Each reference in it leads
to its modification's page, where each day has its source; the file of the cases names the statements of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from secanalysis.domain.figures import Row
from secanalysis.domain.written_days import day_in_words
from secanalysis.views import json_cells
from secanalysis.views.evidence import number_of
from secanalysis.views.formatting import count, text

MOST_IN_PLACE = 100
"""How many cases a number opens to on a page at most; the file of the cases has all."""
ON_PAGE = 250
"""How many cases with days all numbers of a table open to on a page: where there are more, each opens to fewer."""
OPENS = "Numbers that are underlined open to their cases."
"""What the note of a table says whose numbers open."""


@dataclass(frozen=True, eq=False)
class CaseList:
    """Which cases some numbers of a table's row are worked out from.

    Attributes
    ----------
    opens
        The columns of the table whose numbers open to this list; the first counts it.
    included
        Whether each case is in it, by the index of the cases.
    words
        What is said of each case after its reference; nothing if not given.
    """

    opens: tuple[str, ...]
    included: pd.Series
    words: pd.Series | None = None


@dataclass(frozen=True, eq=False)
class Cases:
    """The cases that the numbers of a table are worked out from.

    Attributes
    ----------
    name, caption
        Those of the file that has them all.
    frame
        One row per case: ``row`` (the place of the table's row), ``ref``, and the columns of the file. Cases of a row are
        in the order in which they are listed.
    columns
        Titles of the file's columns by column of the frame.
    lists
        Which cases the numbers of each column open to.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    columns: Mapping[str, str]
    lists: tuple[CaseList, ...] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """The cases as plain data, as a table has its rows."""
        return json_cells.table(self.name, self.caption, "", self.frame, self.columns)

    @cached_property
    def _opened(self) -> dict[tuple[int, str], tuple[int, list[str]]]:
        """The number of the list, and what it says case by case, by row and column of the table."""
        every: dict[tuple[int, str], tuple[int, list[str]]] = {}
        for number, listed in enumerate(self.lists):
            of_list = self.frame[listed.included]
            words = pd.Series("", of_list.index) if listed.words is None else listed.words[listed.included]
            lines = of_list["ref"].astype("str") + words.where(words == "", ": " + words)
            for row, of_row in lines.groupby(of_list["row"]):
                every |= {(int(row), column): (number, [*of_row]) for column in listed.opens}
        return every

    @cached_property
    def _most(self) -> int:
        lists = {(row, place): lines for (row, _), (place, lines) in self._opened.items()}
        counts = [len(lines) for lines in lists.values() if not _is_of_references(lines)]
        caps = (cap for cap in (MOST_IN_PLACE, 50, 30, 20, 10) if sum(min(cap, n) for n in counts) <= ON_PAGE)
        return next(caps, 5)

    def opens(self, row: int, column: str) -> bool:
        """Whether a number of the table opens."""
        return (row, column) in self._opened

    def columns_that_open(self) -> set[str]:
        """The columns of the table in which a number opens."""
        return {column for _, column in self._opened}

    def button(self, row: int, column: str, number: str, *, heading: str, again: bool) -> str:
        """A number that opens, as HTML, and unless that is there already what it opens to.

        Parameters
        ----------
        row, column
            Where it is in the table.
        number
            The number as HTML.
        heading
            What the row and the column are, in words.
        again
            Whether another number of the row opens to the same cases, and has them.
        """
        place, lines = self._opened[row, column]
        name = f"{self.name}-{row}-{place}"
        button = f'<button type="button" class="opens" popovertarget="{name}">{number}</button>'
        if again:
            return button
        return f'{button}<div popover id="{name}" class="behind" role="group" aria-label="{text(heading)}">{self._list(heading, lines)}</div>'

    def place(self, row: int, column: str) -> int:
        """The number of the list that a number of the table opens to."""
        return self._opened[row, column][0]

    def _list(self, heading: str, lines: list[str]) -> str:
        is_of_references = _is_of_references(lines)
        shown = sorted(lines, key=number_of)[:MOST_IN_PLACE] if is_of_references else lines[: self._most]
        what = count(len(lines), "modification" if is_of_references else "case")
        words = f"<p>{text(heading)}. {what}:</p>"
        if is_of_references:
            words += f'<p class="refs">{", ".join(map(text, shown))}</p>'
        else:
            words += f"<ul>{''.join(f'<li>{text(line)}</li>' for line in shown)}</ul>"
        more = len(lines) - len(shown)
        return words + (
            f"<p>And {more:,} more, which are in the file {text(self.name)}.csv.</p>" if more else ""
        )


def _is_of_references(lines: list[str]) -> bool:
    return not any(": " in line for line in lines)


def span_in_words(begun: pd.Series, ended: pd.Series, wd: pd.Series, *more: pd.Series) -> pd.Series:
    """From when to when each case took how long, in words: 3 March 2020 to 31 July 2020, 109 WD.

    Parameters
    ----------
    begun, ended, wd
        The days, and the working days between; what is missing is said to be not known.
    more
        What else to say of each; may be blank.
    """
    words = [
        ", ".join(
            filter(
                None, [_span(_day(first), _day(last)), "" if pd.isna(long) else f"{long:,.0f} WD", *others]
            )
        )
        for first, last, long, *others in zip(begun, ended, wd, *more, strict=True)
    ]
    return pd.Series(words, begun.index, dtype="str")


def since_in_words(begun: pd.Series) -> pd.Series:
    """Since when each case is running, in words."""
    return pd.Series([f"since {_day(day) or 'a day not known'}" for day in begun], begun.index, dtype="str")


def _span(begun: str, ended: str) -> str:
    if begun and ended:
        return f"{begun} to {ended}"
    if begun or ended:
        return f"from {begun or 'a day not known'} to {ended or 'a day not known'}"
    return "days not known"


def _day(value: Any) -> str:
    return "" if pd.isna(value) else day_in_words(value)


def rows_in_words(rows: Iterable[Iterable[Row]]) -> Iterator[str]:
    """The statements of each case, for a file: events: mp122-page, line 3; assessments: ..."""
    for of_case in rows:
        yield "; ".join(f"{row.table}: {row.source_id}, {row.locator}" for row in of_case)
