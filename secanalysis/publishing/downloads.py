"""Downloads: a month's figures and tables as JSON and CSV, gathered from its executed notebooks.

The same content gives the same bytes. `views.table_files` writes a table as CSV, `report_workbook` makes the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secanalysis.support import indented_json
from secanalysis.support.errors import UserError
from secanalysis.views import mime, table_files

SCHEMA = Path(__file__).parent / "figures.schema.json"


@dataclass
class Gathered:
    """What the notebooks of one month displayed, as data.

    Attributes
    ----------
    provenance
        What the month was made from; empty if no notebook says.
    figures, tables, sources
        By key, by name, and by source_id.
    """

    provenance: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


def gather(notebooks: Mapping[str, Mapping[str, Any]], month: str) -> Gathered:
    """Gather figures, tables, sources and provenance from a month's executed notebooks.

    Parameters
    ----------
    notebooks
        The notebooks as plain data, by name.
    month
        The month, for messages.

    Raises
    ------
    UserError
        If one key has two figures, one name two tables, or the notebooks were made from different data.
    """
    gathered = Gathered()
    where: dict[tuple[str, str], str] = {}

    def keep(
        kind: str, known: dict[str, dict[str, Any]], key: str, value: dict[str, Any], notebook: str
    ) -> None:
        if known.setdefault(key, value) != value:
            first = where[kind, key]
            raise UserError(f"{month} has two different {kind}s {key!r}: one in {first}, one in {notebook}")
        where.setdefault((kind, key), notebook)

    for notebook, data in bundles(notebooks):
        shown = data.get(mime.FIGURES, [])
        for figure in shown if isinstance(shown, list) else [shown]:
            keep("figure", gathered.figures, figure["key"], figure, notebook)
        for table in filter(None, map(data.get, (mime.TABLE, mime.CASES))):
            if not re.fullmatch(mime.TABLE_NAME, table["name"]) or table["name"] == table_files.FIGURES:
                raise UserError(
                    f"{notebook} of {month} has a table {table['name']!r}: that can't be a file's name"
                )
            keep("table", gathered.tables, table["name"], table, notebook)
        for source_id, source in data.get(mime.SOURCES, {}).items():
            keep("source", gathered.sources, source_id, source, notebook)
        for kind in (mime.HEAD, mime.FOOT):
            if kind in data:
                _same_data(gathered, data[kind], where, month, notebook)
    gathered.figures = dict(sorted(gathered.figures.items()))
    gathered.tables = dict(sorted(gathered.tables.items()))
    gathered.sources = dict(sorted(gathered.sources.items()))
    return gathered


def bundles(notebooks: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every displayed bundle of some notebooks, with the notebook's name, in order."""
    for name, notebook in notebooks.items():
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                if data := output.get("data"):
                    yield name, data


def _same_data(
    gathered: Gathered,
    provenance: dict[str, Any],
    where: dict[tuple[str, str], str],
    month: str,
    notebook: str,
) -> None:
    if provenance.get("month") not in (None, month):
        raise UserError(
            f"{notebook} of {month} is of {provenance['month']}: run `secanalysis run --month {month} --force`"
        )
    first = where.setdefault(("provenance", ""), notebook)
    gathered.provenance = gathered.provenance or provenance
    for name in ("data_sha256", "known_by", "code_sha256"):
        if gathered.provenance.get(name) != provenance.get(name):
            what = "by different code" if name == "code_sha256" else "from different data"
            raise UserError(
                f"the notebooks of {month} were made {what} "
                f"({first} and {notebook} differ in {name}): run `secanalysis run --month {month} --force`"
            )


# JSON ---------------------------------------------------------------------------------------------


def figures_json(gathered: Gathered, month: str) -> bytes:
    """A month's ``figures.json``."""
    return json_bytes(
        {
            "month": month,
            "provenance": gathered.provenance,
            "sources": gathered.sources,
            "figures": gathered.figures,
        }
    )


def json_bytes(value: Any) -> bytes:
    """JSON for people and programs: UTF-8, sorted, indented."""
    return (indented_json.dumps(value, allow_nan=False) + "\n").encode()


def figures_schema() -> bytes:
    """The JSON Schema of ``figures.json``, as published."""
    return SCHEMA.read_bytes()
