"""The lines of a PDF's page: a table's row is one line, and columns are read one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

_APART = 1.35  # times the usual distance of lines: a blank line
_GUTTER = 6.0  # points between columns, at the least
_WORDS_APART = 1.0  # of a letter's size: wider gaps part pieces of text
_BETWEEN_WORDS = 0.15  # of a letter's size
_MOST_COLUMNS = 4
_FEWEST_LINES = 3  # of a column that begins in the left part of a page
_FARTHER = 3.0  # times a line's height: what is farther down is the page's foot
_COLUMN_OF_TEXT = 15  # characters of its lines, on average: a table's cells have fewer
_MARGIN = 3.0  # points: what begins so far apart begins together


@dataclass(frozen=True)
class PageLine:
    """A line and where it is from the page's top.

    Attributes
    ----------
    top, bottom
        In points.
    text
        As it is read.
    printed
        As it is printed, letters that aren't clear among it.
    begins_column
        Whether it begins another column.
    """

    top: float
    bottom: float
    text: str
    printed: str = ""
    begins_column: bool = False


@dataclass(frozen=True)
class _Piece:
    """Part of a line between wide gaps; a table is one piece without text."""

    left: float
    right: float
    top: float
    bottom: float
    length: int


def lines(page: Any, unclear: Mapping[int, str]) -> list[PageLine]:
    """A page's lines in the order in which they are read.

    Parameters
    ----------
    page
        pdfplumber's page, without the letters that aren't read.
    unclear
        What is printed in the place of letters that aren't clear, by their `id`.
    """
    in_order = list(_lines(page, _MOST_COLUMNS))
    if not unclear:
        return in_order
    return [replace(line, printed=_as_printed(page, line, unclear)) for line in in_order]


def _as_printed(page: Any, line: PageLine, unclear: Mapping[int, str]) -> str:
    of_line = [
        letter for letter in page.chars if line.top <= (letter["top"] + letter["bottom"]) / 2 <= line.bottom
    ]
    if not any(id(letter) in unclear for letter in of_line):
        return line.text
    words: list[str] = []
    before = None
    for letter in sorted(of_line, key=lambda one: one["x0"]):
        if before is None or letter["x0"] - before > _BETWEEN_WORDS * letter["size"]:
            words.append("")
        words[-1] += unclear.get(id(letter), letter["text"])
        before = letter["x1"]
    return " ".join(" ".join(words).split())


def _lines(page: Any, most_columns: int) -> Iterator[PageLine]:
    tables = page.find_tables()
    of_text = page.extract_text_lines()
    parts = _parts(page, tables, of_text) if most_columns > 1 else []
    if not parts:
        yield from _in_order(tables, of_text)
    for left, top, right, bottom, is_column in parts:
        inside = page.filter(_inside(left, top, right, bottom))
        for at, line in enumerate(_lines(inside, most_columns - 1 if is_column else 1)):
            yield replace(line, begins_column=line.begins_column or at == 0)


def _in_order(tables: Sequence[Any], of_text: Sequence[Any]) -> Iterator[PageLine]:
    lines = []
    for table in tables:
        for row, cells in zip(table.rows, table.extract(), strict=True):
            text = " ".join(" ".join((cell or "").split()) for cell in cells)
            lines.append((row.bbox[1], row.bbox[3], " ".join(text.split())))
    lines += [
        (line["top"], line["bottom"], line["text"]) for line in of_text if not _in_a_table(line, tables)
    ]
    yield from (PageLine(*line) for line in sorted(lines) if line[2])


def _in_a_table(line: Any, tables: Sequence[Any]) -> bool:
    x, y = (line["x0"] + line["x1"]) / 2, (line["top"] + line["bottom"]) / 2
    return any(
        left <= x <= right and top <= y <= bottom for left, top, right, bottom in (t.bbox for t in tables)
    )


def _inside(left: float, top: float, right: float, bottom: float) -> Any:
    def test(one: Any) -> bool:
        x, y = (one["x0"] + one["x1"]) / 2, (one["top"] + one["bottom"]) / 2
        return bool(left <= x < right and top <= y < bottom)

    return test


# Columns ------------------------------------------------------------------------------------------

_Part = tuple[float, float, float, float, bool]


def _parts(page: Any, tables: Sequence[Any], of_text: Sequence[Any]) -> list[_Part]:
    """The parts of a page with two columns, in the order in which they are read; none where it has one."""
    pieces = [_Piece(t.bbox[0], t.bbox[2], t.bbox[1], t.bbox[3], 0) for t in tables]
    for line in of_text:
        if not _in_a_table(line, tables):
            pieces += _pieces(line)
    pieces.sort(key=lambda piece: (piece.top, piece.left))
    for begin in _column_begins(pieces):
        region = _region(pieces, begin)
        if region:
            top, bottom = region
            everything = float("inf")
            return [
                (-everything, -everything, everything, top, True),
                (-everything, top, begin - _MARGIN, bottom, True),
                (begin - _MARGIN, top, everything, bottom, True),
                (-everything, bottom, everything, everything, True),
            ]
    return []


def _pieces(line: Any) -> Iterator[_Piece]:
    letters = [letter for letter in line["chars"] if not letter["text"].isspace()]
    begin = 0
    for at in range(1, len(letters) + 1):
        if (
            at == len(letters)
            or letters[at]["x0"] - letters[at - 1]["x1"] > _WORDS_APART * letters[at]["size"]
        ):
            some = letters[begin:at]
            yield _Piece(some[0]["x0"], some[-1]["x1"], line["top"], line["bottom"], len(some))
            begin = at


def _column_begins(pieces: Sequence[_Piece]) -> list[float]:
    """Where a right column may begin: several pieces begin there, right of others, or one far to the right."""
    first = min((piece.left for piece in pieces), default=0.0)
    width = max((piece.right for piece in pieces), default=0.0) - first
    begins = sorted(piece.left for piece in pieces if piece.left > first + 0.2 * width and piece.length)
    groups: list[list[float]] = []
    for begin in begins:
        if groups and begin - groups[-1][0] <= _MARGIN:
            groups[-1].append(begin)
        else:
            groups.append([begin])
    groups.sort(key=len, reverse=True)
    return [group[0] for group in groups if len(group) >= _FEWEST_LINES or group[0] > first + 0.4 * width]


def _region(pieces: Sequence[_Piece], begin: float) -> tuple[float, float] | None:
    """From where to where a page has two columns, the right one of which begins there."""
    region: list[_Piece] = []
    for piece in pieces:
        if piece.left < begin - _MARGIN and piece.right > begin - _GUTTER:
            if extent := _extent(region, begin, to_the_end=False):
                return extent
            region = []
        else:
            region.append(piece)
    return _extent(region, begin, to_the_end=True)


def _extent(region: Sequence[_Piece], begin: float, *, to_the_end: bool) -> tuple[float, float] | None:
    right = [piece for piece in region if piece.left >= begin - _MARGIN]
    if not right:
        return None
    top, bottom = min(piece.top for piece in right), max(piece.bottom for piece in right)
    left = [piece for piece in region if piece.left < begin - _MARGIN and piece.bottom > top]
    left_part = [piece for piece in left if piece.top < bottom]
    for column in (left_part, right):
        of_text = [piece.length for piece in column if piece.length]
        if not of_text or sum(of_text) < _COLUMN_OF_TEXT * len(of_text):
            return None
    # the left column may be the longer one: with nothing across both below it goes on to the page's foot, else to a gap
    most = _FARTHER if to_the_end else _APART
    for before, after in itertools.pairwise(left):
        if after.top > bottom and after.top - before.bottom > most * (before.bottom - before.top):
            break
        bottom = max(bottom, after.bottom)
    return min(top, *(piece.top for piece in left_part)) - 0.1, bottom + 0.1


# Gaps ---------------------------------------------------------------------------------------------


def spaced(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """The lines of each page, with a blank one where two stand apart."""
    distances = sorted(
        (after.top - before.top) / max(before.bottom - before.top, 1.0)
        for page in pages
        for before, after in itertools.pairwise(page)
        if not after.begins_column
    )
    usual = max(distances[len(distances) // 5], 1.0) if distances else 1.0
    with_gaps = []
    for page in pages:
        wider: list[PageLine] = []
        for index, line in enumerate(page):
            if index:
                before = page[index - 1]
                apart = (line.top - before.top) / max(before.bottom - before.top, 1.0) > _APART * usual
                if apart or line.begins_column:
                    wider.append(PageLine(before.bottom, before.bottom, ""))
            wider.append(line)
        with_gaps.append(wider)
    return with_gaps
