"""The history: every figure of every month as one tidy table, as CSV and as parquet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from secanalysis.publishing import downloads
from secanalysis.views import table_files

COLUMNS = {
    "month": "text",
    "report_date": "day",
    "key": "text",
    "label": "text",
    "value": "number",
    "unit": "text",
    "convention": "text",
    "printed": "text",
    "reprint": "number",
    "verdict": "text",
    "coverage": "text",
    "reason": "text",
    "n": "whole number",
}
Rows = list[list[Any]]


def rows_of(month: str, gathered: downloads.Gathered) -> Rows:
    """The figures of a month, a row each."""
    report_date = gathered.provenance.get("report_date")
    return [
        [month, report_date, *(figure.get(name) for name in [*COLUMNS][2:])]
        for figure in gathered.figures.values()
    ]


def table(rows: Rows) -> Mapping[str, Any]:
    """All months' figures as a table."""
    columns = [{"name": name, "title": name, "type": kind} for name, kind in COLUMNS.items()]
    return {"name": "history", "caption": "Every figure of every month", "columns": columns, "rows": rows}


def csv_file(rows: Rows) -> bytes:
    """The history as CSV."""
    return table_files.csv_bytes(table(rows))


def parquet_file(rows: Rows) -> bytes:
    """The history as parquet; text as it is, without what keeps spreadsheets from taking it for a formula."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    kinds = {"number": pa.float64(), "whole number": pa.int64()}
    cells = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS)
    arrays = {
        name: pa.array(_typed(column, kind), kinds.get(kind, pa.string()))
        for (name, kind), column in zip(COLUMNS.items(), cells, strict=True)
    }
    arrays["report_date"] = pc.cast(arrays["report_date"], pa.date32())
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays), buffer, compression="zstd")
    return buffer.getvalue()


def _typed(cells: Iterable[Any], kind: str) -> list[Any]:
    to = {"number": float, "whole number": int}.get(kind, str)
    return [None if cell is None else to(cell) for cell in cells]
