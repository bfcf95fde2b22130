"""The empty workbook: a sheet a table, with our columns, what each means, and drop-downs of our words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from secanalysis import schemas
from secanalysis.errors import UserError

EXPLAINED, WORDS = "read me", "words"
NOT_TABLES = (EXPLAINED, WORDS)
"""Sheets that hold no statements."""

_FILLED_BY_INGEST = ("source_id", "locator")
_ROWS = 10_000  # how far down drop-downs reach
_INTRODUCTION = (
    "A sheet a table, a row a fact; blank means not stated. Sheets that aren't needed may stay empty or go.",
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
    _workbook().save(path)


def _workbook() -> Any:
    # Only here: it takes a third of a second to import, and reading does without it.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    explained = book.active
    explained.title = EXPLAINED
    for line in _INTRODUCTION:
        explained.append([line])
    explained.append([])
    explained.append(["table", "column", "what it is", "what a cell looks like", "must be stated"])
    for cell in explained[explained.max_row]:
        cell.font = Font(bold=True)
    lists = _word_lists(book)
    for table in schemas.TABLES:
        for column in _columns(table):
            stated = "yes" if column.stated else ""
            explained.append([table, column.name, column.description, column.form, stated])
        _add_sheet(book, table, lists)
    for letter, width in zip("ABCDE", (20, 22, 60, 70, 16), strict=True):
        explained.column_dimensions[letter].width = width
    book.move_sheet(WORDS, offset=len(schemas.TABLES))
    return book


def _columns(table: str) -> list[schemas.Column]:
    own = () if table == "sources" else _FILLED_BY_INGEST
    return [column for column in schemas.columns(table) if column.name not in own]


def _word_lists(book: Any) -> dict[tuple[str, ...], str]:
    """A column of each vocabulary for drop-downs to refer to: lists of their own hold 255 letters."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(WORDS)
    vocabularies = dict.fromkeys(
        column.values for table in schemas.TABLES for column in _columns(table) if column.values
    )
    lists = {}
    for index, values in enumerate(vocabularies, start=1):
        for row, value in enumerate(values, start=1):
            sheet.cell(row, index, value)
        letter = get_column_letter(index)
        lists[values] = f"={WORDS}!${letter}$1:${letter}${len(values)}"
    sheet.sheet_state = "hidden"
    return lists


def _add_sheet(book: Any, table: str, lists: dict[tuple[str, ...], str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet = book.create_sheet(table)
    sheet.freeze_panes = "A2"
    for index, column in enumerate(_columns(table), start=1):
        letter = get_column_letter(index)
        heading = sheet.cell(1, index, column.name)
        heading.font = Font(bold=True)
        heading.comment = Comment(
            f"{column.description}.\nExpected: {column.form}.", "secanalysis", width=320
        )
        sheet.column_dimensions[letter].width = max(14, len(column.name) + 4)
        below = f"{letter}2:{letter}{_ROWS}"
        if column.values:
            drop_down = DataValidation(type="list", formula1=lists[column.values], allow_blank=True)
            drop_down.error = f"Expected {column.form}"
            sheet.add_data_validation(drop_down)
            drop_down.add(below)
        elif column.type == "day":
            # A column's format, not ten thousand cells': empty cells would be written.
            sheet.column_dimensions[letter].number_format = "yyyy-mm-dd"
