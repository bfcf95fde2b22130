"""From a register's columns to ours: what a mapping can say (docs/ingest.md shows one; `mapping_file` reads it)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from secanalysis.statements import schemas

TABLES = tuple(table for table in schemas.TABLES if table != "sources")
_OWN = ("source_id",)  # a register is one source, so no column of it says which


class DateForm(StrEnum):
    """How a register's text days, or numbers in place of days, are to be read."""

    ISO = "iso"  # 2020-08-07
    DAY_FIRST = "day-month-year"  # 7/8/2020 is in August
    MONTH_FIRST = "month-day-year"  # 8/7/2020 is in August
    SERIAL = "excel-serial"  # 44050


class Duplicates(StrEnum):
    """What becomes of a reference that a list of modifications holds in several rows which differ."""

    REFUSE = "refuse"
    LIST = "list"  # both are kept, and listed as a conflict
    SEVERAL = "several"  # the sheet isn't a list of modifications: its rows add to each other


@dataclass(frozen=True)
class Heading:
    """A column of a sheet by its heading, and which of several with that heading, from the left (1 is the first)."""

    text: str
    nth: int | None = None

    def __str__(self) -> str:
        return self.text if self.nth is None else f"{self.text} ({self.nth})"


@dataclass(frozen=True)
class Rows:
    """Which rows of a sheet an entry reads.

    Attributes
    ----------
    only_with, only_without
        Our columns, or headings of the sheet, that must be filled, or blank.
    only_where
        Our column or a heading, and the words one of which its cell must be.
    skip_after_blank
        Whether everything below the first blank row is left out.
    """

    only_with: tuple[str, ...] = ()
    only_without: tuple[str, ...] = ()
    only_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skip_after_blank: bool = False


@dataclass(frozen=True)
class Read:
    """One table's rows out of one sheet.

    Attributes
    ----------
    table
        Ours.
    sheet
        The register's sheet; blank for a CSV file, or where there is only one.
    columns
        Our column to the register's heading.
    values
        Our column to the value that it has in every row.
    words
        Our column to the register's words and ours for them; None is "not stated".
    rows
        Which rows are read.
    split
        Our column or a heading to what separates the values that its cells hold.
    heading
        The row of the headings.
    dates
        Our column to the forms of its days, tried in order; the blank name is for all other columns.
    blank
        Our column to the words that mean "not stated" in it; the blank name is for all columns.
    duplicates
        What becomes of a reference in several rows.
    """

    table: str
    sheet: str = ""
    columns: Mapping[str, Heading] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    rows: Rows = Rows()
    split: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    heading: int = 1
    dates: Mapping[str, tuple[DateForm, ...]] = field(default_factory=dict)
    blank: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    duplicates: Duplicates = Duplicates.REFUSE

    def forms(self, column: str) -> tuple[DateForm, ...]:
        """The forms of a column's days."""
        return self.dates.get(column) or self.dates.get("") or (DateForm.ISO,)

    def blanks(self, column: str) -> tuple[str, ...]:
        """The words that mean "not stated" in a column."""
        return (*self.blank.get("", ()), *self.blank.get(column, ()))


@dataclass(frozen=True)
class CsvForm:
    """What a mapping says of the form of a CSV file; None is to be recognised."""

    delimiter: str | None = None
    encoding: str | None = None
    short_rows: bool = False


@dataclass(frozen=True)
class RegisterMapping:
    """A whole mapping: what to read, and what the source is called.

    Attributes
    ----------
    reads
        What to read.
    title, publisher
        The source's.
    register
        The register's name: its exports are snapshots of it, of which the newest speaks. Its title if it has no other.
    keeps
        Names of what the register keeps (`domain.kept`); None is all that the mapping reads.
    references
        Our prefix to the register's own pattern, whose first group is the number, a second one the part's letter.
    csv
        The form of a CSV file.
    cached_formulas
        Whether the values that a workbook's formulas had when it was saved are taken for cells.
    """

    reads: tuple[Read, ...]
    title: str | None = None
    publisher: str | None = None
    register: str | None = None
    keeps: tuple[str, ...] | None = None
    references: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    csv: CsvForm = CsvForm()
    cached_formulas: bool = False


def ours(table: str) -> list[str]:
    """The columns of a table that a register may fill."""
    return [column.name for column in schemas.columns(table) if column.name not in _OWN]


def ours_anywhere() -> list[str]:
    """Every column of ours that a register may fill in some table."""
    return list(dict.fromkeys(name for table in TABLES for name in ours(table)))
