"""The empty workbook: a sheet a table, with our columns, what each means, and drop-downs of our words."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from secanalysis.statements import schemas
from secanalysis.support.errors import UserError

EXPLAINED, WORDS = "read me", "words"
NOT_TABLES = (EXPLAINED, WORDS)
"""Sheets that hold no statements."""

_FILLED_BY_INGEST = ("source_id", "locator")
MADE = datetime(2000, 1, 1)  # a file of this kind says when it was made; the truth would make each another
ERROR_LIMIT = 255
_ROWS = 10_000  # how far down drop-downs reach
_INTRODUCTION = (
    "One sheet per table, one row per fact; blank means not stated. Sheets that aren't needed may stay empty or go.",
    "The sheet 'sources' may say in one row what this register is; its day can be given to ingest instead.",
    "Days are real days or text such as 2020-08-07. No formulas, no merged cells, no macros.",
)


def write(path: Path) -> None:
    """Write the empty workbook.

    Raises
    ------
    UserError
        If there is a file of that name already, or it isn't to be an ``.xlsx``.
    """
    if path.suffix.lower() != ".xlsx":
        raise UserError(f"{path.name}: a template is an .xlsx")
    if path.exists():
        raise UserError(f"{path} is there already: give another name")
    if not path.absolute().parent.is_dir():
        raise UserError(f"no folder {path.absolute().parent}")
    made = _workbook()
    try:
        path.write_bytes(made)
    except OSError as error:  # half a workbook is none
        path.unlink(missing_ok=True)
        raise UserError(f"Could not write {path} ({error.strerror or error})") from None


def _workbook() -> bytes:
    # Only here: reading does without it.
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"author": "secanalysis", "created": MADE})
        looks = {
            "heading": book.add_format({"bold": True}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        _add_explanation(book.add_worksheet(EXPLAINED), looks)
        lists = _word_lists()
        for table in schemas.TABLES:
            _add_table(book.add_worksheet(table), table, lists, looks)
        words = book.add_worksheet(WORDS)
        for place, values in enumerate(lists):
            words.write_column(0, place, values)
        words.hide()
    return buffer.getvalue()


def _columns(table: str) -> list[schemas.Column]:
    own = () if table == "sources" else _FILLED_BY_INGEST
    return [column for column in schemas.columns(table) if column.name not in own]


def _add_explanation(sheet: Any, looks: dict[str, Any]) -> None:
    sheet.write_column(0, 0, _INTRODUCTION)
    number = len(_INTRODUCTION) + 1
    heading = ("table", "column", "what it is", "what a cell looks like", "must be stated")
    sheet.write_row(number, 0, heading, looks["heading"])
    for table in schemas.TABLES:
        for column in _columns(table):
            number += 1
            stated = "yes" if column.stated else None
            sheet.write_row(number, 0, [table, column.name, column.description, column.form, stated])
    for place, width in enumerate((20, 22, 60, 70, 16)):
        sheet.set_column(place, place, width)


def _word_lists() -> dict[tuple[str, ...], str]:
    """A column of each vocabulary for drop-downs to refer to: lists of their own hold 255 letters."""
    from xlsxwriter.utility import xl_range_abs

    vocabularies = dict.fromkeys(
        column.values for table in schemas.TABLES for column in _columns(table) if column.values
    )
    return {
        values: f"={WORDS}!{xl_range_abs(0, place, len(values) - 1, place)}"
        for place, values in enumerate(vocabularies)
    }


def _add_table(sheet: Any, table: str, lists: dict[tuple[str, ...], str], looks: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(_columns(table)):
        sheet.write_string(0, place, column.name, looks["heading"])
        about = f"{column.description}.\nExpected: {column.form}."
        sheet.write_comment(0, place, about, {"author": "secanalysis", "width": 320})
        # A column's format, not ten thousand cells': empty cells would be written.
        look = looks["day"] if column.type == "day" and not column.values else None
        sheet.set_column(place, place, max(14, len(column.name) + 4), look)
        if column.values:
            drop_down = {
                "validate": "list",
                "source": lists[column.values],
                "error_message": f"Expected {column.form}"[:ERROR_LIMIT],
            }
            sheet.data_validation(1, place, _ROWS - 1, place, drop_down)
