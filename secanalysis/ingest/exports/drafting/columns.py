"""The columns of an export's sheets, as a draft sees them: where headings are, and what cells hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from secanalysis.ingest.exports.cells import same_spaces, text_of
from secanalysis.ingest.exports.days import day_of_text
from secanalysis.ingest.exports.drafting.meanings import Holds, meaning, names_references
from secanalysis.ingest.exports.export import Row, stated
from secanalysis.ingest.exports.mapping import DateForm
from secanalysis.ingest.printed_values import Illegible

NOTHING = re.compile(
    r"n/?a|tb[acd]|[-–—.?]+|nil|none|null|#n/a|unknown|not (?:applicable|known|yet known|set)|to be (?:confirmed|advised|decided)",
    re.IGNORECASE,
)
"""Words that registers use for nothing."""

_LOOKED_FOR_HEADINGS = 30  # rows
_FEW_WORDS = 40
_MOST = 0.7  # of a column's cells, for it to hold what they hold
_SERIALS = range(36_526, 54_789)  # the years 2000 to 2049
_REFERENCE = re.compile(r"[A-Z]{0,8}[ -]?[0-9]{1,7}[A-Z]{0,2}", re.IGNORECASE)
_LETTERED = re.compile(r"[A-Z]{1,8}[ -]?[0-9]{1,7}[A-Z]{0,2}|[0-9]{3,7}[A-Z]{1,2}", re.IGNORECASE)
_CODE = re.compile(r"(?=[^0-9]*[0-9])[A-Z0-9][A-Z0-9 ./_-]{0,40}", re.IGNORECASE)
_IN_FIGURES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{2,4}\b")
SEPARATORS = (";", "\n", ",", "&", "/")


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Attributes
    ----------
    heading
        Its heading, with usual spaces.
    nth
        Which of several of that heading, from the left; None if there is one.
    cells
        What it holds, each cell as text, without blanks and words for nothing.
    nothing
        Its words for nothing.
    holds
        What most of its cells hold.
    separators
        What separates values in cells that hold several.
    """

    heading: str
    nth: int | None
    cells: tuple[str, ...]
    nothing: tuple[str, ...]
    holds: Holds
    separators: tuple[str, ...] = ()

    @property
    def words(self) -> list[tuple[str, int]]:
        """Its different words and how often each is there, the most frequent first."""
        return sorted(Counter(map(same_spaces, self.cells)).items(), key=lambda item: (-item[1], item[0]))


@dataclass(frozen=True)
class Sheet:
    """A sheet: the row of its headings, its columns, and whether notes follow below a blank row."""

    name: str
    heading: int
    rows: int
    columns: tuple[Column, ...]
    references: Column | None
    notes_below: bool = False


def sheet_of(name: str, rows: Sequence[Row]) -> Sheet | None:
    """A sheet as a draft sees it, None if it holds no table."""
    head = list(rows[:_LOOKED_FOR_HEADINGS])
    scored = [(_score(name, row, rows[at + 1 :]), -at) for at, row in enumerate(head)]
    if not scored or max(scored)[0] == 0:
        return None
    at = -max(scored)[1]
    headings = [same_spaces(text_of(cell)) for cell in rows[at]]
    body = [row for row in rows[at + 1 :] if any(map(stated, row))]
    blank = next((place for place, row in enumerate(rows[at + 1 :]) if not any(map(stated, row))), len(rows))
    below = [row for row in rows[at + 1 + blank :] if any(map(stated, row))]
    notes_below = 0 < len(below) < len(body) and all(sum(map(stated, row)) == 1 for row in below)
    if notes_below:
        body = body[: -len(below)]
    times = Counter(headings)
    seen: Counter[str] = Counter()
    columns = []
    for place, heading in enumerate(headings):
        if heading:
            seen[heading] += 1
            cells = [row[place] for row in body if place < len(row)]
            columns.append(_column(heading, seen[heading] if times[heading] > 1 else None, cells))
    referring = [
        column for column in columns if column.holds == Holds.REFERENCES and names_references(column.heading)
    ]
    return Sheet(name, at + 1, len(body), tuple(columns), referring[0] if referring else None, notes_below)


def _score(sheet: str, row: Row, below: Sequence[Row]) -> int:
    """How much a row looks like headings: how many of its texts are known as such; then how many there are."""
    texts = dict.fromkeys(same_spaces(cell) for cell in row if isinstance(cell, str) and cell.strip())
    if len(texts) < 2 or not any(map(stated, (cell for other in below for cell in other))):
        return 0
    known = sum(
        names_references(text) or any(meaning(text, sheet, holds) is not None for holds in Holds)
        for text in texts
        if len(text) <= 60 and not _is_day(text)
    )
    return 100 * known + len(texts)


def _column(heading: str, nth: int | None, cells: Sequence[object]) -> Column:
    filled = [cell for cell in cells if stated(cell)]
    texts = [text_of(cell) if not isinstance(cell, str) else cell.strip() for cell in filled]
    nothing = tuple(sorted({text for text in texts if NOTHING.fullmatch(text)}))
    kept = [(cell, text) for cell, text in zip(filled, texts, strict=True) if not NOTHING.fullmatch(text)]
    holds, separators = _holds(heading, [cell for cell, _ in kept], [text for _, text in kept])
    return Column(heading, nth, tuple(text for _, text in kept), nothing, holds, separators)


def _holds(heading: str, cells: Sequence[object], texts: Sequence[str]) -> tuple[Holds, tuple[str, ...]]:
    if not texts:
        return Holds.NOTHING, ()
    least = _MOST * len(texts)
    separators: dict[str, None] = {}
    days = 0
    for cell, text in zip(cells, texts, strict=True):
        if isinstance(cell, list) or _is_day(text) or _is_serial(heading, cell):
            days += 1
        elif used := _separated(text, _is_day):
            days += 1
            separators[used] = None
    if days >= least:
        return Holds.DAYS, tuple(separators)
    separators = {}
    references = 0
    times = Counter(texts)
    for text in texts:
        if _REFERENCE.fullmatch(text):
            references += 1
        elif used := _separated(text, lambda part: bool(_LETTERED.fullmatch(part))):
            references += 1
            separators[used] = None
        elif _CODE.fullmatch(text) and times[text] == 1:
            references += 1
    if references >= least and names_references(heading):
        return Holds.REFERENCES, tuple(separators)
    if (
        sum(
            isinstance(cell, int | float) or text.isdecimal() for cell, text in zip(cells, texts, strict=True)
        )
        >= least
    ):
        return Holds.NUMBERS, ()
    different = len(set(map(same_spaces, texts)))
    return (
        Holds.WORDS if different <= _FEW_WORDS and different <= max(12, len(texts) / 2) else Holds.TEXT
    ), ()


def _separated(text: str, fits: Callable[[str], bool]) -> str:
    """What separates the values of a cell that holds several, blank if it doesn't."""
    for separator in SEPARATORS:
        parts = [part.strip() for part in text.split(separator) if part.strip()]
        if len(parts) > 1 and all(fits(part) for part in parts):
            return separator
    return ""


@lru_cache(maxsize=100_000)
def _is_day(text: str) -> bool:
    try:
        day_of_text(text, (DateForm.ISO, DateForm.DAY_FIRST))
    except Illegible:
        try:
            day_of_text(text, (DateForm.MONTH_FIRST,))
        except Illegible:
            return False
    return True


def _is_serial(heading: str, cell: object) -> bool:
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return (
        is_number
        and int(cell) in _SERIALS  # type: ignore[call-overload]
        and bool(
            re.search(r"date|\bon\b|day|raised|accept|return|request|open|clos|vote", heading, re.IGNORECASE)
        )
    )


def day_orders(columns: Sequence[Column]) -> tuple[list[DateForm], str, list[str]]:
    """The forms of days in columns of days.

    Returns
    -------
    tuple
        The forms that are certain; an example of a day that could be of either order, if nothing shows which;
        and examples that contradict each other.
    """
    forms: list[DateForm] = []
    texts = [
        part.strip()
        for column in columns
        for cell in column.cells
        for part in (
            re.split("|".join(map(re.escape, column.separators)), cell) if column.separators else [cell]
        )
        if part.strip()
    ]
    figures = {text: _IN_FIGURES.match(text) for text in texts}
    parts = [(text, int(match[1]), int(match[2])) for text, match in figures.items() if match]
    day_first = [text for text, first, _ in parts if first > 12]
    month_first = [text for text, _, second in parts if second > 12]
    if day_first and not month_first:
        forms.append(DateForm.DAY_FIRST)
    elif month_first and not day_first:
        forms.append(DateForm.MONTH_FIRST)
    if any(text.isdecimal() for text in texts):
        forms.append(DateForm.SERIAL)
    either = next((text for text, *_ in parts), "") if not day_first and not month_first else ""
    return forms, either, [day_first[0], month_first[0]] if day_first and month_first else []
