"""Frames as plain data: records whose days are ISO text and whose blanks are None, each with the rows it rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pandas as pd

from secanalysis.analysis.stage_intervals import FAR

Record = dict[str, Any]


def iso(day: Any) -> str | None:
    """A day as ISO text; None where there is none, or none that anyone will see."""
    return None if pd.isna(day) or pd.Timestamp(day).year >= FAR.year else f"{day:%Y-%m-%d}"


def records(frame: pd.DataFrame) -> list[Record]:
    """A frame's rows as plain data: days as ISO text, None for blanks."""
    columns: dict[str, list[Any]] = {}
    for name, column in frame.items():
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            text = column.dt.strftime("%Y-%m-%d").where(column.dt.year < FAR.year)
            columns[str(name)] = text.astype(object).where(text.notna(), None).tolist()
        else:
            columns[str(name)] = column.astype(object).where(column.notna(), None).tolist()
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def gathered_by_owner(rows: Iterable[Record], same: tuple[str, ...]) -> dict[str, list[Record]]:
    """Records by whose they are; those that say the same of one owner are one, with all their rows."""
    by_owner: dict[str, dict[tuple[Any, ...], Record]] = defaultdict(dict)
    for record in rows:
        owner, own_rows = record.pop("owner"), record.pop("rows")
        known = by_owner[owner].setdefault(tuple(record[name] for name in same), {**record, "rows": []})
        known["rows"] += [row for row in own_rows if row not in known["rows"]]
    return {owner: list(of_owner.values()) for owner, of_owner in by_owner.items()}


def with_rows(frame: pd.DataFrame, table: str) -> list[Record]:
    """Statements as plain data, each with itself as the one row behind it."""
    return [
        {name: cell for name, cell in record.items() if name not in ("source_id", "locator")}
        | {"rows": [(table, record["source_id"], record["locator"])]}
        for record in records(frame)
    ]


def all_rows(record: Record) -> list[tuple[str, str, str]]:
    """The rows behind a record, then those that give another day of it."""
    return [*record["rows"], *(row for other in record.get("otherwise") or () for row in other["rows"])]
