"""A workbook's cells. Runs in the process of `opener`.

A day is given as ``[ISO text]``, so that it differs from text that looks like one.
"""

from __future__ import annotations

import datetime
import html
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from secanalysis.ingest.exports.unseen_cells import cut_off, hidden_parts, hidden_sheets, shown_without_day

MOST_PARTS = 2_000
MOST_UNPACKED = 300_000_000
MOST_PACKED = 200  # times: what people type packs to a tenth or a twentieth
MOST_CELLS = 5_000_000
MOST_STOPS = 200_000
MOST_CHARACTERS = 20_000_000

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FORMULA_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]+[0-9]+)"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_SAVED = re.compile(
    rb"[^<]*(?:/>|</(?:\w+:)?f>)?\s*<(?:\w+:)?v>[^<]|[^<]*(?:/>|</(?:\w+:)?f>)\s*<(?:\w+:)?v(?:/>|></)"
)
"""What follows a formula where its value was saved, be it a blank text."""
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\st="e")[^>]*?r="([A-Z]+[0-9]+)"')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="([0-9]{1,9})"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]+)"')
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_TARGET = re.compile(rb"<Relationship\s[^>]*>")
_DATE_1904 = re.compile(rb'date1904="(?:1|true)"')
_UNUSUAL = re.compile(rb"<[^>]*(?:\s=|=[\s'])")
"""Attributes that XML allows and spreadsheet programs don't write so: in single quotes, or with spaces about the sign."""
_SIGNS = [b"='", *(blank + b"=" for blank in (b" ", b"\t", b"\n", b"\r")), b"= ", b"=\t", b"=\n", b"=\r"]
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,9})"')


_SOME_TEXT = 20_000_000


class _Refused(Exception):
    pass


def opened(file: str) -> dict[str, Any]:
    """A workbook's cells.

    Parameters
    ----------
    file
        Its path.

    Returns
    -------
    dict
        ``sheets``: the rows of each; ``serials_from``: the day before serial number 1; ``stops``: the cells of each
        sheet that hold no values of their own; ``notes``: what is hidden or cut off. Or a sentence under ``refused``.
    """
    try:
        form = _inspect(file)
        sheets = _sheets(file, form)
    except _Refused as refused:
        return {"refused": str(refused)}
    return {
        "sheets": sheets,
        "serials_from": form.serials_from,
        "stops": form.stops,
        "notes": [*form.notes, *cut_off(sheets)],
    }


@dataclass
class _Form:
    """What a workbook's parts say of its cells.

    Attributes
    ----------
    serials_from
        The day before serial number 1.
    stops
        Each sheet's cells that hold no values of their own.
    undated
        Each sheet's cells that show a day without its day of the month, and how they show it.
    notes
        What is hidden.
    """

    serials_from: str = "1899-12-30"
    stops: dict[str, Any] = field(default_factory=dict)
    undated: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def _inspect(file: str) -> _Form:
    """Refuse what would be read wrongly or never to the end."""
    with open(file, "rb") as begin:  # noqa: PTH123 (a path of any bytes)
        first = begin.read(8)
        if first == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise _Refused("is an old .xls or needs a password: save it as .xlsx without one")
        if not first.startswith(b"PK"):
            raise _Refused("isn't a workbook: .xlsx was expected")
    try:
        with zipfile.ZipFile(file) as parts:
            _check_sizes(parts.infolist())
            return _check_parts(parts)
    except (zipfile.BadZipFile, EOFError):
        raise _Refused("isn't a workbook that can be read: it is damaged, or not whole") from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise _Refused(f"unpacks to {unpacked:,} bytes in {len(parts):,} parts: it is no register")
    for part in parts:
        if part.file_size > 1_000_000 and part.file_size > MOST_PACKED * max(part.compress_size, 1):
            raise _Refused(
                f"is packed more than {MOST_PACKED} times over ({part.filename}): it is no register"
            )


def _check_parts(parts: zipfile.ZipFile) -> _Form:
    names = parts.namelist()
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower() for name in names):
        raise _Refused("holds macros: save it as .xlsx without them")
    if "xl/workbook.xml" not in names:
        raise _Refused("isn't a workbook: it has no xl/workbook.xml")
    form = _Form()
    workbook = relations = b""
    undated: dict[int, str] = {}
    # sheets last: what the others say is needed to read them
    for name in sorted(names, key=lambda name: (name.startswith("xl/worksheets/"), names.index(name))):
        if not name.endswith((".xml", ".rels")):
            continue
        text = _checked(parts.read(name), name)
        if name == "xl/workbook.xml":
            workbook = text
            form.serials_from = "1904-01-01" if _DATE_1904.search(text) else "1899-12-30"
            form.notes += [f"sheet '{title}' is hidden" for title in hidden_sheets(text)]
        elif name == "xl/_rels/workbook.xml.rels":
            relations = text
        elif name == "xl/styles.xml":
            undated = shown_without_day(text)
        elif name.startswith("xl/worksheets/"):
            title = _titles(workbook, relations).get(name, name)
            form.stops[title] = _stops(text, title)
            form.undated[title] = _undated(text, undated)
            form.notes += hidden_parts(text, title)
    return form


def _checked(text: bytes, name: str) -> bytes:
    """A part's text, its attributes in double quotes."""
    begins = text[:200].lower()
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        b"encoding=" in begins.replace(b"'", b'"') and b"utf-8" not in begins
    ):
        raise _Refused(f"has a part that isn't UTF-8 ({name})")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise _Refused(f"declares entities ({name}): no spreadsheet program writes that")
    # words first, as below
    if not any(sign in text for sign in _SIGNS) or not _UNUSUAL.search(text):
        return text
    try:
        return ElementTree.canonicalize(text).encode()
    except ElementTree.ParseError:
        raise _Refused(f"isn't a workbook that can be read: {name} is damaged") from None


def _titles(workbook: bytes, relations: bytes) -> dict[str, str]:
    targets = {}
    for relation in _TARGET.findall(relations):
        identity, target = (re.search(name + rb'="([^"]*)"', relation) for name in (rb"\bId", rb"\bTarget"))
        if identity and target:
            path = target[1].decode().removeprefix("/")
            targets[identity[1]] = path if path.startswith("xl/") else f"xl/{path}"
    return {
        targets.get(identity, ""): html.unescape(name.decode()) for name, identity in _SHEET.findall(workbook)
    }


def _stops(text: bytes, title: str) -> dict[str, list[Any]]:
    """The cells of a sheet that hold no values of their own: whoever reads them decides.

    Each is its column, from 0, and its row.
    """
    stops: dict[str, list[Any]] = {"formulas": [], "uncached": [], "errors": [], "merged": []}
    # Words first: in a sheet of many cells they take a tenth of the time of the patterns that hold them.
    if (b"<f" in text or b":f" in text) and _FORMULA.search(text):
        cells = [(_place(cell[1]), cell.end()) for cell in _FORMULA_CELL.finditer(text)]
        if not cells:
            raise _Refused(f"holds a formula (sheet '{title}'): paste values in its place")
        stops["formulas"] = [place for place, _ in cells]
        stops["uncached"] = [place for place, end in cells if not _SAVED.match(text, end)]
    if b't="e"' in text:
        stops["errors"] = [_place(cell) for cell in _ERROR_CELL.findall(text)]
    if b"mergeCell" in text:
        for area in _MERGED.findall(text):
            first, _, last = area.partition(b":")
            stops["merged"].append([*_place(first), *_place(last or first), area.decode()])
    if max(map(len, stops.values())) > MOST_STOPS:
        raise _Refused(f"holds more than {MOST_STOPS:,} formulas, errors or merged cells (sheet '{title}')")
    if (cells_ := _extent(text, title)) > MOST_CELLS:
        raise _Refused(f"has {cells_:,} cells up to its last one (sheet '{title}'): it is no register")
    return stops


def _place(cell: bytes) -> tuple[int, int]:
    letters = cell.rstrip(b"0123456789")
    return _column_number(letters) - 1, int(cell[len(letters) :])


def _extent(text: bytes, title: str) -> int:
    """How many cells there are up to the last row and column: they are all read, most of them blank.

    A sheet that has a row or cell twice is refused: of those who read it some take the one, some the other.
    """
    rows = _ROW.findall(text)
    twice = b"row %s" % Counter(rows).most_common(1)[0][0] if len(set(rows)) < len(rows) else b""
    columns: set[bytes] = set()
    begin = 0
    while begin < len(text):  # some rows at a time: of all at once the set would be large
        end = text.find(b"</row>", begin + _SOME_TEXT)
        end = len(text) if end < 0 else end
        cells = _CELL.findall(text, begin, end)
        columns.update(letters for letters, _ in cells)
        if not twice and len(set(cells)) < len(cells):
            twice = b"cell %s%s" % Counter(cells).most_common(1)[0][0]
        begin = end
    if twice:
        raise _Refused(
            f"has {twice.decode()} twice (sheet '{title}'): it is damaged, and what it says isn't clear"
        )
    return max(map(int, rows), default=0) * max(map(_column_number, columns), default=0)


def _undated(text: bytes, styles: dict[int, str]) -> list[tuple[int, int, str]]:
    """The cells of some styles: column, from 0, row, and the style's form."""
    if not styles:
        return []
    cells = re.finditer(
        rb'<(?:\w+:)?c\s(?=[^>]*\bs="(%s)")[^>]*?\br="([A-Z]+[0-9]+)"' % "|".join(map(str, styles)).encode(),
        text,
    )
    return [(*_place(cell[2]), styles[int(cell[1])]) for cell in cells]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheets(file: str, form: _Form) -> dict[str, list[list[Any]]]:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(file)
    sheets = {}
    cells = characters = 0
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        cells += sheet.total_height * sheet.total_width
        if cells > MOST_CELLS:
            raise _Refused(
                f"holds more than {MOST_CELLS:,} cells, blank ones between others too: it is no register"
            )
        rows = sheet.to_python(skip_empty_area=False) if sheet.height else []
        characters += sum(len(cell) for row in rows for cell in row if isinstance(cell, str))
        if characters > MOST_CHARACTERS:
            raise _Refused(f"holds more than {MOST_CHARACTERS:,} characters: it is no register")
        for column, number, shown in form.undated.get(name, []):
            if number <= len(rows) and column < len(rows[number - 1]):
                cell = rows[number - 1][column]
                if isinstance(cell, datetime.date):
                    rows[number - 1][column] = cell.strftime(shown)
        sheets[name] = [[_cell(cell) for cell in row] for row in rows]
    return sheets


def _cell(cell: object) -> object:
    if isinstance(cell, str | bool | int | float):
        return cell
    if isinstance(cell, datetime.datetime | datetime.date):
        return [cell.isoformat()[:10]]
    return str(cell)
