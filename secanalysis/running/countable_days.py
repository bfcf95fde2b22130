"""Before any notebook runs: what the list of bank holidays doesn't cover is stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from secanalysis.domain.bank_holidays import listed_years
from secanalysis.domain.months import ReportMonth
from secanalysis.support.errors import UserError
from secanalysis.support.project import Project


def check(project: Project) -> None:
    """Look whether a duration begins before the first listed bank holiday.

    Raises
    ------
    UserError
        If one does: no month could be computed.
    """
    first, _ = listed_years()
    if not any(day.year < first for day in _first_days(project.processed)):
        return
    # rare, and slow: what it really is, as a correction may have mended it
    from secanalysis.register.resolved import ResolvedRegister
    from secanalysis.statements.countable import uncountable

    if sentence := uncountable(ResolvedRegister.load(project.processed).tables):
        raise UserError(f"nothing was executed: {sentence}")


def note(months: Iterable[ReportMonth]) -> str:
    """What is to be said of months that end after the last listed bank holiday; empty where there is none."""
    first, last = listed_years()
    later = [month for month in months if month.period_end.year > last]
    if not later:
        return ""
    return (
        f"bank holidays are listed for {first} to {last}: in {later[0]} and later, durations of open cases can't be "
        "counted; extend secanalysis/domain/bank_holidays.csv"
    )


def _first_days(processed: Path) -> Iterator[date]:
    """The first day in each column of the tables whose days count, by what the files say of themselves."""
    import pyarrow.parquet as pq

    for table in ("assessments", "events"):
        try:
            with (processed / f"{table}.parquet").open("rb") as file:
                about: Any = pq.ParquetFile(file).metadata
        except (OSError, ValueError):  # reading it will say what is wrong
            continue
        for group in range(about.num_row_groups):
            for place in range(about.num_columns):
                statistics = about.row_group(group).column(place).statistics
                if statistics and statistics.has_min_max and isinstance(statistics.min, date):
                    yield statistics.min
