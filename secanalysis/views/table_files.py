"""Tables as files: CSV for downloads and for analysts, the same bytes by either way, and all figures as one table.

No cell of text begins as a formula would: such a cell gets an apostrophe in front. Numbers stay numbers and
days stay days. Without pandas, as publishing writes thousands of files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

FIGURES = "figures"  # the table of all figures: no other table may have its name
STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_BREAKS = re.compile(r"[\t\r\n]+")  # csv leaves a lone CR unquoted, and readers begin a row there
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def csv_bytes(table: Mapping[str, Any]) -> bytes:
    """A table as CSV: UTF-8, LF, ISO days, nothing for a blank."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([inert(column["name"]) for column in table["columns"]])
    for row in table["rows"]:
        cells = zip(row, table["columns"], strict=True)
        writer.writerow([_csv_cell(cell, column["type"]) for cell, column in cells])
    return text.getvalue().encode()


def _csv_cell(cell: Any, kind: str) -> str:
    if cell is None:
        return ""
    if kind in ("number", "whole number"):
        return repr(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return inert(str(cell))


def inert(text: str) -> str:
    """Text on one line that no spreadsheet takes for a formula."""
    line = _UNFIT.sub("\ufffd", _BREAKS.sub(" ", text))
    return f"'{line}" if text.startswith(STARTS_FORMULA) else line


def figure_table(figures: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures as one table, a row for each."""
    columns = {
        "key": ("Key", "text"),
        "label": ("Figure", "text"),
        "value": ("Value", "number"),
        "unit": ("Unit", "text"),
        "convention": ("Working days counted", "text"),
        "printed": ("Printed", "text"),
        "reprint": ("From the report's own rows", "number"),
        "verdict": ("Verdict", "text"),
        "coverage": ("Coverage", "text"),
        "reason": ("Reason", "text"),
        "n": ("Known items", "whole number"),
    }
    return {
        "name": FIGURES,
        "caption": "Every figure of the month",
        "note": "The rows behind each figure are in figures.json.",
        "columns": [{"name": name, "title": title, "type": kind} for name, (title, kind) in columns.items()],
        "rows": [[figure.get(name) for name in columns] for figure in figures],
    }
