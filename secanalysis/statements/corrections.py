"""Corrections: where a source is wrong, what is used instead, and whether it still is.

Statements stay in the tables as their sources state them; what is worked out from them is corrected. A
correction says what its row was found to hold. Once it holds something else the source is mended, and the
correction is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd

from secanalysis.domain.vocabulary import CorrectionAction, CorrectionStatus
from secanalysis.statements import schemas, table_columns
from secanalysis.statements.cell_forms import parsed

MENDED = "if the source is mended, give the correction the status retired, or delete it"

Tables = dict[str, pd.DataFrame]


def in_force(corrections: pd.DataFrame, known_by: date | None) -> pd.DataFrame:
    """The corrections that are used, of those known by a day (all if None)."""
    used = corrections["status"] == CorrectionStatus.IN_FORCE
    if known_by:
        used &= corrections["since"] <= pd.Timestamp(known_by)
    return corrections[used].reset_index(drop=True)


def corrected(tables: Mapping[str, pd.DataFrame], used: pd.DataFrame) -> Tables:
    """Tables in which corrections have taken the place of what they correct.

    Parameters
    ----------
    tables
        Typed frames by table, as the sources state them.
    used
        Rows of `schemas.Corrections`, from `in_force`. One whose row isn't there corrects nothing.
    """
    after = dict(tables)
    for table, of_table in used.groupby("table"):
        frame, name = after[str(table)].copy(), str(table)
        replaced = of_table[of_table["action"] == CorrectionAction.REPLACE]
        for column, cells in replaced.groupby("column"):
            at = _places(frame, cells)
            values = _typed(cells["value"], name, str(column)).to_numpy()
            frame.loc[frame.index[at[at >= 0]], column] = values[at >= 0]
        gone = _places(frame, of_table[of_table["action"] == CorrectionAction.REMOVE])
        after[name] = frame.drop(frame.index[gone[gone >= 0]]).reset_index(drop=True)
    return after


def corrected_today(tables: Mapping[str, pd.DataFrame]) -> Tables:
    """All tables with all corrections that are in force."""
    return corrected(tables, in_force(tables["corrections"], None))


def live(corrections: pd.DataFrame) -> pd.DataFrame:
    """The corrections that are used, or proposed."""
    return corrections[corrections["status"] != CorrectionStatus.RETIRED]


def refused(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[int, str, str | None, str]]:
    """The corrections that can't be used: index, column, what was found (None for a blank), what was expected.

    Parameters
    ----------
    tables
        Sound tables, with ``corrections`` among them.
    """
    used = live(tables["corrections"])
    for (table, column), of_column in used.groupby(["table", "column"]):
        frame, form = tables[str(table)], _column(str(table), str(column))
        at = _places(frame, of_column)
        held = _written(frame[str(column)], form.type)
        typed = _typed(of_column["value"], str(table), str(column))
        for (index, correction), place, value in zip(of_column.iterrows(), at, typed, strict=True):
            number = int(str(index))
            if place < 0:
                row = f"{correction['source_id']}, {correction['locator']}"
                yield number, "locator", row, f"a row of {table}.csv; {MENDED}"
            elif not _same(held.iloc[place], correction["found"]):
                cell = None if pd.isna(held.iloc[place]) else str(held.iloc[place])
                yield (
                    number,
                    "found",
                    correction["found"],
                    f"{cell or 'a blank'}, which the row holds; {MENDED}",
                )
            elif pd.isna(value) and not pd.isna(correction["value"]):
                yield number, "value", correction["value"], form.form
    today = date.today()
    for index in used.index[used["since"] > pd.Timestamp(today)]:
        yield int(index), "since", f"{used.loc[index, 'since']:%Y-%m-%d}", f"a day up to today, {today}"


def _places(frame: pd.DataFrame, keys: pd.DataFrame) -> pd.Index:
    """Where the rows of some keys stand in a frame; -1 where there is none."""
    index = pd.MultiIndex.from_frame(frame[schemas.KEY])
    return pd.Index(index.get_indexer(pd.MultiIndex.from_frame(keys[schemas.KEY])))


def _column(table: str, name: str) -> table_columns.Column:
    return next(column for column in table_columns.columns(table) if column.name == name)


def _typed(values: pd.Series, table: str, column: str) -> pd.Series:
    """Values as the file writes them, typed as the column is; missing where they have not its form."""
    return parsed(values, _column(table, column).type)[0]


def _written(values: pd.Series, kind: str) -> pd.Series:
    """Cells as the file writes them."""
    if kind == "day":
        return values.dt.strftime("%Y-%m-%d")
    if kind == "number":
        return values.map(table_columns.plain_number, na_action="ignore")
    return values if kind == "text" else values.astype("str")


def _same(one: object, other: object) -> bool:
    return bool(pd.isna(one) and pd.isna(other)) or one == other  # type: ignore[call-overload]
