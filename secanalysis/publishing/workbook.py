"""A month's workbook: notes with captions and sources, then one sheet per table.

Text is text, also where a spreadsheet would take it for a formula, a number or an address; numbers are numbers
and days are days. The same content gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from xlsxwriter import Workbook

from secanalysis.publishing.downloads import Gathered
from secanalysis.views.formatting import published
from secanalysis.views.provenance import REPORT, titled
from secanalysis.views.table_files import figure_table, inert

SHEET_NAME_LIMIT = 31
CELL_LIMIT = 32_767
LONG = 60  # characters that want several lines
MADE = datetime(2000, 1, 1)  # a file of this kind says when it was made; the truth would make each another
LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "heading": {"bold": True, "text_wrap": True, "valign": "top"},
    "long": {"text_wrap": True, "valign": "top"},
    "day": {"num_format": "d mmm yyyy"},
    "whole": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.0##"},
}


def workbook_bytes(gathered: Gathered, title: str) -> bytes:
    """A month's ``report.xlsx``.

    Parameters
    ----------
    gathered
        What the month's notebooks displayed.
    title
        The month in words.
    """
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties(
            {"author": "secanalysis", "title": f"{_called(gathered)}, {title}", "created": MADE}
        )
        looks = {name: book.add_format(look) for name, look in LOOKS.items()}
        shown = [figure_table(gathered.figures.values()), *gathered.tables.values()]
        names = _sheet_names([table["name"] for table in shown])
        _add_notes(book.add_worksheet("Notes"), gathered, title, dict(zip(names, shown, strict=True)), looks)
        for name, table in zip(names, shown, strict=True):
            _add_table(book.add_worksheet(name), table, looks)
    return file.getvalue()


def _sheet_names(slugs: list[str]) -> list[str]:
    names: list[str] = []
    for slug in slugs:
        name, again = slug[:SHEET_NAME_LIMIT], 2
        while name in names or name == "notes":
            end = f"-{again}"
            name, again = slug[: SHEET_NAME_LIMIT - len(end)] + end, again + 1
        names.append(name)
    return names


def _add_table(sheet: Any, table: Mapping[str, Any], looks: Mapping[str, Any]) -> None:
    columns, rows = table["columns"], table["rows"]
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        longest = max((len(str(row[place])) for row in rows if row[place] is not None), default=0)
        sheet.set_column(place, place, min(max(longest, len(column["title"]), 8) + 2, 60))
        _put(sheet, 0, place, column["title"], "heading", looks)
        for line, row in enumerate(rows, start=1):
            _put(sheet, line, place, row[place], column["type"], looks)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _put(sheet: Any, line: int, place: int, value: Any, kind: str, looks: Mapping[str, Any]) -> None:
    if value is None or value == "":
        return
    if kind == "day":
        sheet.write_datetime(line, place, date.fromisoformat(value), looks["day"])
    elif kind in ("number", "whole number"):
        sheet.write_number(line, place, value, looks["whole" if float(value).is_integer() else "number"])
    else:
        words = inert(str(value))[:CELL_LIMIT]
        look = kind if kind == "heading" else "long" if len(words) > LONG else ""
        if words.startswith("<r>") and words.endswith("</r>"):  # XlsxWriter would take it for its own XML
            sheet.write_rich_string(line, place, words[:1], looks["plain"], words[1:], looks[look or "plain"])
        else:
            sheet.write_string(line, place, words, looks.get(look))


def _called(gathered: Gathered) -> str:
    return titled(REPORT, bool(gathered.provenance.get("has_report", True)))


def _add_notes(
    sheet: Any,
    gathered: Gathered,
    title: str,
    shown: Mapping[str, Mapping[str, Any]],
    looks: Mapping[str, Any],
) -> None:
    made, number = gathered.provenance, 0

    def line(*cells: Any, kind: str = "text") -> None:
        nonlocal number
        for place, cell in enumerate(cells):
            _put(sheet, number, place, cell, kind, looks)
        number += 1

    sheet.freeze_panes(1, 0)
    for place, width in enumerate((26, 60, 26, 16, 60)):
        sheet.set_column(place, place, width)
    line(f"{_called(gathered)}, {title}", kind="heading")
    if made.get("synthetic"):
        line("Synthetic data", "Made up for trying things out; not facts about the Code.", kind="heading")
    if made.get("draft"):
        line("Draft", "Made from data that have not been checked yet.", kind="heading")
    for name in ("report_date", "period_end", "window_start", "known_by", "convention", "coverage"):
        if made.get(name):
            line(name.replace("_", " ").capitalize(), made[name])
    line("Data, SHA-256", made.get("data_sha256"))
    line("Code, SHA-256", made.get("code_sha256"))
    line()
    line("Sheet", "What it shows", "Note", kind="heading")
    for name, table in shown.items():
        line(name, table["caption"], table["note"] or None)
    line()
    line("Source", "Title", "Publisher", "Published", "Address", kind="heading")
    for source_id, source in gathered.sources.items():
        line(source_id, source["title"], source["publisher"], published(source), source["url"])
