"""A workbook's cells. Runs in the process of `opener`.

A day is given as ``[ISO text]``, so that it differs from text that looks like one.
"""

from __future__ import annotations

import datetime
import html
import re
import zipfile
from typing import Any

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
_COLUMN = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})[0-9]')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]+)"')
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_TARGET = re.compile(rb"<Relationship\s[^>]*>")
_DATE_1904 = re.compile(rb'date1904="(?:1|true)"')


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
        sheet that hold no values of their own. Or a sentence under ``refused``.
    """
    try:
        serials_from, stops = _inspect(file)
        return {"sheets": _sheets(file), "serials_from": serials_from, "stops": stops}
    except _Refused as refused:
        return {"refused": str(refused)}


def _inspect(file: str) -> tuple[str, dict[str, Any]]:
    """Refuse what would be read wrongly or never to the end.

    Gives the day before serial number 1, and each sheet's cells that hold no values of their own.
    """
    with open(file, "rb") as begin:  # noqa: PTH123 (a script without the project's imports)
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


def _check_parts(parts: zipfile.ZipFile) -> tuple[str, dict[str, Any]]:
    names = parts.namelist()
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower() for name in names):
        raise _Refused("holds macros: save it as .xlsx without them")
    if "xl/workbook.xml" not in names:
        raise _Refused("isn't a workbook: it has no xl/workbook.xml")
    workbook = parts.read("xl/workbook.xml")
    titles = _titles(
        workbook, parts.read("xl/_rels/workbook.xml.rels") if "xl/_rels/workbook.xml.rels" in names else b""
    )
    stops: dict[str, Any] = {}
    for name in names:
        if not name.endswith((".xml", ".rels")):
            continue
        text = parts.read(name)
        begins = text[:200].lower()
        if begins.startswith((b"\xff\xfe", b"\xfe\xff")) or (
            b"encoding=" in begins and b"utf-8" not in begins
        ):
            raise _Refused(f"has a part that isn't UTF-8 ({name})")
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise _Refused(f"declares entities ({name}): no spreadsheet program writes that")
        if name.startswith("xl/worksheets/"):
            stops[titles.get(name, name)] = _stops(text, titles.get(name, name))
    return "1904-01-01" if _DATE_1904.search(workbook) else "1899-12-30", stops


def _titles(workbook: bytes, relations: bytes) -> dict[str, str]:
    targets = {}
    for relation in _TARGET.findall(relations):
        identity, target = (re.search(name + rb'="([^"]*)"', relation) for name in (rb"Id", rb"Target"))
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
    if (cells_ := _extent(text)) > MOST_CELLS:
        raise _Refused(f"has {cells_:,} cells up to its last one (sheet '{title}'): it is no register")
    return stops


def _place(cell: bytes) -> list[int]:
    letters = cell.rstrip(b"0123456789")
    return [_column_number(letters) - 1, int(cell[len(letters) :])]


def _extent(text: bytes) -> int:
    """How many cells there are up to the last row and column: they are all read, most of them blank."""
    rows = max(map(int, _ROW.findall(text)), default=0)
    columns = (_column_number(letters) for letters in set(_COLUMN.findall(text)))
    return rows * max(columns, default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheets(file: str) -> dict[str, list[list[Any]]]:
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
        sheets[name] = [[_cell(cell) for cell in row] for row in rows]
    return sheets


def _cell(cell: object) -> object:
    if isinstance(cell, str | bool | int | float):
        return cell
    if isinstance(cell, datetime.datetime | datetime.date):
        return [cell.isoformat()[:10]]
    return str(cell)
