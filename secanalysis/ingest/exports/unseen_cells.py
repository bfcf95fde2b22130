"""What a person who looks at a workbook doesn't see: hidden rows, columns and sheets, a day's day, a text's end."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\b(?:hidden="(?:1|true)"|ht="0(?:\.0*)?")[^>]*>')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s[^>]*?\b(?:hidden="(?:1|true)"|width="0(?:\.0*)?")[^>]*>')
_R = re.compile(rb'\br="([0-9]{1,9})"')
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_NUMBER = re.compile(rb'\bnumFmtId="([0-9]{1,9})"')
_CODE = re.compile(rb'\bformatCode="([^"]*)"')
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b(.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_OWN_CODES = {17: "mmm-yy", **dict.fromkeys((18, 19, 20, 21), "h:mm"), **dict.fromkeys((45, 46, 47), "mm:ss")}
"""Forms that every spreadsheet program has, of those that show a day in part."""
_PLAIN_CODE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]')
"""What of a form isn't about days: text, fillers, colours and languages."""
FULL_CELL = 32_767
_LAST_COLUMN = 1_000  # what is hidden up to the end of the sheet is empty
_MOST_SPANS = 10


def shown_without_day(styles: bytes) -> dict[int, str]:
    """Styles of cells that show a day's month, year or time alone, and which of them.

    Parameters
    ----------
    styles
        The workbook's part of that name.

    Returns
    -------
    dict
        By a style's number, the form for `strftime`: a cell that holds 1 July 2020 and shows *Jul-20* doesn't say the
        1st.
    """
    codes = dict(_OWN_CODES)
    for one in _FORMAT.findall(styles):
        number, code = _NUMBER.search(one), _CODE.search(one)
        if number and code:
            codes[int(number[1])] = html.unescape(code[1].decode())
    cells = _CELL_STYLES.search(styles)
    forms = {}
    for at, style in enumerate(_STYLE.findall(cells[1]) if cells else []):
        number = _NUMBER.search(style)
        plain = _PLAIN_CODE.sub("", codes.get(int(number[1]), "")) if number else ""
        if form := _without_day(plain.lower().split(";")[0]):
            forms[at] = form
    return forms


def _without_day(code: str) -> str:
    if "general" in code or "d" in code:
        return ""
    if "y" in code:
        return "%b-%y" if "m" in code else "%Y"
    if "h" in code or "s" in code:
        return "%H:%M"
    return "%B" if "m" in code else ""


def hidden_sheets(workbook: bytes) -> list[str]:
    """The names of sheets that are hidden."""
    tags = re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", workbook)
    names = [
        re.search(rb'\bname="([^"]*)"', tag)
        for tag in tags
        if b'state="hidden"' in tag or b'="veryHidden"' in tag
    ]
    return [html.unescape(name[1].decode()) for name in names if name]


def hidden_parts(text: bytes, title: str) -> list[str]:
    """Rows and columns of a sheet that are hidden, by hand or by a filter."""
    rows = [int(row[1]) for tag in _HIDDEN_ROW.findall(text) if (row := _R.search(tag))]
    columns: list[int] = []
    for tag in _HIDDEN_COLUMN.findall(text):
        least, most = (re.search(rb'\b%s="([0-9]{1,5})"' % side, tag) for side in (b"min", b"max"))
        if least and most and int(most[1]) <= _LAST_COLUMN:
            columns += range(int(least[1]), int(most[1]) + 1)
    return [
        f"sheet '{title}': {'is' if len(parts) == 1 else 'are'} hidden, and read all the same: {what}"
        for what, parts in (
            (f"row{'s' * (len(rows) > 1)} {_spans(rows, str)}", rows),
            (f"column{'s' * (len(columns) > 1)} {_spans(columns, _letters)}", columns),
        )
        if parts
    ]


def _spans(numbers: list[int], written: Callable[[int], str]) -> str:
    """Numbers as 3, 5 to 8 and so on, the first few of them."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    some = [written(a) if a == b else f"{written(a)} to {written(b)}" for a, b in spans[:_MOST_SPANS]]
    more = len(spans) - len(some)
    return ", ".join(some) + (f" and {more:,} more" if more else "")


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def cut_off(sheets: dict[str, list[list[Any]]]) -> list[str]:
    """Cells that hold as many characters as a cell can: those who wrote them cut off what was longer."""
    return [
        f"sheet '{title}': {_letters(column)}{number} holds {FULL_CELL:,} characters, as many as a cell can: "
        "its text may be cut off"
        for title, rows in sheets.items()
        for number, row in enumerate(rows, start=1)
        for column, cell in enumerate(row, start=1)
        if isinstance(cell, str)
        and len(cell) > FULL_CELL // 2
        and len(cell.encode("utf-16-le")) // 2 >= FULL_CELL
    ]
