"""Evidence: the rows behind figures and the sources of those rows, in words.

A page shows up to `ROWS_BEHIND` rows behind a figure, fewer where a table has many figures, so that it stays
light; ``figures.json`` lists all.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from secanalysis.domain.figures import Figure, Row
from secanalysis.domain.vocabulary import STAGES
from secanalysis.statements import column_types, schemas, table_columns
from secanalysis.statements.storage import Tables
from secanalysis.views.formatting import count, on, published, shown, text
from secanalysis.views.json_cells import plain

ROWS_BEHIND = 30
ROWS_ON_PAGE = 1200  # behind all figures of one table
CANDIDATES = 10  # times as many rows as are shown, from which they are chosen
FEW = 20_000  # rows: larger tables aren't indexed


class IndexedTables(dict[str, pd.DataFrame]):
    """The tables of a register, which don't change, indexed by source and locator once for all figures."""

    @cached_property
    def rows(self) -> dict[str, dict[tuple[str, str], dict[Hashable, Any]]]:
        """The rows of each table of `FEW` rows at most, by ``source_id`` and ``locator``."""
        small = {name: frame for name, frame in self.items() if name != "sources" and len(frame) <= FEW}
        return {name: _by_place(frame) for name, frame in small.items()}

    @cached_property
    def by_source(self) -> dict[str, dict[str, str | None]]:
        """The sources as JSON can hold them, by their ``source_id``."""
        return _by_source(self["sources"])


class Evidence:
    """The statements that the figures of one table rest on, looked up once for all of them.

    Parameters
    ----------
    statements
        The tables that hold the figures' rows, and the corrections of them that are used, if any.
    shown_figures
        The figures of one table.
    """

    def __init__(self, statements: Tables, shown_figures: Iterable[Figure]) -> None:
        counts = [len(figure.rows) for figure in shown_figures]
        fits = (cap for cap in (ROWS_BEHIND, 20, 10, 5) if sum(min(cap, n) for n in counts) <= ROWS_ON_PAGE)
        self.cap = next(fits, 3)
        self.corrected = _corrections(statements.get("corrections", table_columns.empty("corrections")))
        self.records = records_of(
            statements, (row for f in shown_figures for row in f.rows[: CANDIDATES * self.cap])
        )
        used = {row.source_id for f in shown_figures for row in f.rows}
        self.sources = _sources(statements, used)

    def rows(self, figure: Figure) -> str:
        """A figure's rows as HTML, modification by modification, and the sources that they are from."""
        chosen = self._chosen(figure)
        sources = sorted({row.source_id for row in chosen})
        marks = {source: f"[{number}]" for number, source in enumerate(sources, 1)} if sources[1:] else {}
        items = "".join(f"<li>{self._row(row, marks.get(row.source_id, ''))}</li>" for row in chosen)
        rows = f"<ul>{items}</ul>" if items else ""
        named = "".join(
            f'<p class="source">{f"{marks[source]} " if marks else ""}{self._source(source)}</p>'
            for source in sources
        )
        blocks = [rows, named] if marks else [named, rows]
        if (more := len(figure.rows) - self.cap) > 0:
            blocks.append(f"<p>And {count(more, 'more row')}; figures.json lists all.</p>")
        return "".join(blocks)

    def _chosen(self, figure: Figure) -> list[Row]:
        """As many rows as there is room for: the first of each modification, then the second, by modification."""
        times: Counter[str] = Counter()
        ranked = []
        for row in figure.rows[: CANDIDATES * self.cap]:
            ref = str(self.records.get(row, {}).get("ref") or "")
            ranked.append((times[ref], number_of(ref), ref, row))
            times[ref] += 1
        first = sorted(ranked, key=lambda one: one[0])[: self.cap]
        return [row for *_, row in sorted(first, key=lambda one: (one[1:3], one[0]))]

    def _row(self, row: Row, mark: str) -> str:
        cells = self.records.get(row)
        statement = stated(row.table, cells) if cells else ""
        place = " ".join(filter(None, [f"{row.table.replace('_', ' ')}, {row.locator}", mark]))
        place = f"<small>{text(place)}</small>"
        corrections = "".join(f" <small>{text(words)}</small>" for words in self.corrected.get(row, ()))
        return f"{text(statement)} {place}{corrections}" if statement else f"{place}{corrections}"

    def _source(self, source_id: str) -> str:
        source = self.sources.get(source_id)
        if source is None:
            return text(source_id)
        title = text(source["title"])
        if source["url"]:
            title = f'<a href="{text(source["url"])}" rel="noreferrer">{title}</a>'
        return f"<cite>{title}</cite>, {text(source['publisher'])}, {published(source)}"


@lru_cache(maxsize=4096)
def number_of(ref: str) -> float:
    """The number of a reference, by which modifications are ordered; rows of none come last."""
    number = re.search(r"\d+", ref)
    return int(number.group()) if number else math.inf


def _corrections(used: pd.DataFrame) -> dict[Row, list[str]]:
    """The corrections of each row, in words."""
    by_row: dict[Row, list[str]] = {}
    for record in used.to_dict("records"):
        row = Row(record["table"], record["source_id"], record["locator"])
        was = "blank" if pd.isna(record["found"]) else record["found"]
        words = f"corrected: {record['column'].replace('_', ' ')} is {was} there; {record['reason']}"
        by_row.setdefault(row, []).append(words)
    return by_row


def records_of(statements: Tables, rows: Iterable[Row]) -> dict[Row, dict[Hashable, Any]]:
    """The cells of some rows, without those that no table holds."""
    needed: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        needed.setdefault(row.table, set()).add((row.source_id, row.locator))
    return {
        Row(table, *key): record
        for table, keys in needed.items()
        if table in schemas.TABLES and table in statements and table != "sources"
        for key, record in _records(statements, table, keys)
    }


def _records(
    statements: Tables, table: str, keys: set[tuple[str, str]]
) -> Iterable[tuple[tuple[str, str], dict[Hashable, Any]]]:
    if isinstance(statements, IndexedTables) and table in statements.rows:
        known = statements.rows[table]
    else:
        frame = statements[table]
        near = frame[frame["locator"].isin({locator for _, locator in keys})]
        known = _by_place(near[near["source_id"].isin({source for source, _ in keys})])
    return ((key, known[key]) for key in keys if key in known)


def _by_place(frame: pd.DataFrame) -> dict[tuple[str, str], dict[Hashable, Any]]:
    return {(str(row["source_id"]), str(row["locator"])): row for row in frame.to_dict("records")}


def _sources(statements: Tables, used: set[str]) -> dict[str, dict[str, str | None]]:
    if isinstance(statements, IndexedTables):
        return {source_id: source for source_id, source in statements.by_source.items() if source_id in used}
    frame = statements.get("sources", table_columns.empty("sources"))
    return _by_source(frame[frame["source_id"].isin(used)])


def _by_source(sources: pd.DataFrame) -> dict[str, dict[str, str | None]]:
    return {str(record.pop("source_id")): _source(record) for record in sources.to_dict("records")}


def _source(record: Mapping[Hashable, Any]) -> dict[str, str | None]:
    """A source as JSON can hold it; an address that isn't one of the web is left out."""
    source = {
        column.name: plain(record[column.name], column.type)
        for column in table_columns.columns("sources")
        if column.name not in ("source_id", *table_columns.seldom_filled("sources"))
    }
    as_text = {name: None if cell is None else str(cell) for name, cell in source.items()}
    if as_text["url"] and not re.fullmatch(column_types.URL_PATTERN, as_text["url"]):
        as_text["url"] = None
    return as_text


_BARE = (
    "ref",
    "title",
    "release",
    "key",
    "event",
    "kind",
    "status",
    "state",
    "outcome",
    "stage",
    "part",
    "unit",
)


def stated(table: str, cells: Mapping[Hashable, Any]) -> str:
    """What a row states, in words: its filled cells without source, locator and precision."""
    parts: list[str] = []
    for column in table_columns.columns(table):
        cell = cells.get(column.name)
        if column.name in ("source_id", "locator", "precision") or pd.isna(cell):
            continue
        words = shown(plain(cell, column.type), column.type)
        words = STAGES[str(cell)] if column.name == "stage" else words
        if column.name == "on":
            parts[-1:] = [f"{parts[-1]} {on(cell, cells.get('precision'))}"]  # approved by 7 Aug 2020
        elif column.name in _BARE:
            parts.append(words)
        elif column.name.endswith("_wd"):
            parts.append(f"{column.name.removesuffix('_wd')} {words} WD")
        else:
            parts.append(f"{column.name.replace('_', ' ')} {words}")
    return " · ".join(parts)
