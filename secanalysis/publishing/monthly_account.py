"""What a month's document brought, in ten lines: what is new, what changed in older months and why, what needs a look."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Event, Precision, ReleaseStatus, SourceKind
from secanalysis.domain.written_days import day_in_words
from secanalysis.ingest.result import IngestResult
from secanalysis.publishing.publish import PublishedSite
from secanalysis.statements.storage import Tables
from secanalysis.views.formatting import count

MOST_LINES = 10
_NAMED = 4  # modifications, figures or differences that a line names
_DAYS = {  # of a table: its columns of days that happen, and what each is
    "events": {"on": ""},
    "assessments": {"accepted_on": "accepted", "returned_on": "returned"},
    "consultations": {"opened_on": "opened", "closed_on": "closed"},
    "release_items": {"on": ""},
}

Figures = Mapping[str, Mapping[str, Any]]


def figures(site: Path) -> dict[ReportMonth, Figures]:
    """The figures of each month of a site."""
    held = {}
    for path in site.glob("20*/figures.json"):
        try:
            held[ReportMonth.parse(path.parent.name)] = json.loads(path.read_bytes())["figures"]
        except (OSError, ValueError, KeyError):
            continue  # made again in a moment
    return held


def account(
    ingested: IngestResult, tables: Tables, before: Mapping[ReportMonth, Figures], site: PublishedSite
) -> list[str]:
    """The lines.

    Parameters
    ----------
    ingested
        What came of the document's ingest.
    tables
        All statements, this document's included.
    before
        The site's figures before it.
    site
        The site with it.
    """
    source = ingested.reading.source
    day: date = source["published_on"]
    month = ReportMonth(day.year, day.month)
    earlier = _earlier(tables["sources"], source)
    lines = [
        f"{source['title']}, {day_in_words(day)}: {site.folder / str(month)}",
        *_news(tables, str(source["source_id"]), earlier),
        *_older_months(before, figures(site.folder), month),
    ]
    if earlier is not None:
        lines += _differences(tables, str(source["source_id"]), earlier)
    lines += _to_look_at(ingested, site, month)
    return (
        lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "More is on the page Data quality."]
    )


# What is new --------------------------------------------------------------------------------------


def _earlier(sources: pd.DataFrame, source: Mapping[str, Any]) -> pd.Series | None:
    """The newest export of the same register before this one, or the newest report before it."""
    registers = sources["register"].fillna(sources["title"])
    own = registers[sources["source_id"] == source["source_id"]].iloc[0]
    same = sources[
        (sources["kind"] == source["kind"])
        & (sources["published_on"] < pd.Timestamp(source["published_on"]))
        & ((sources["kind"] != SourceKind.REGISTER) | (registers == own))
    ]
    return None if same.empty else same.sort_values(["published_on", "source_id"]).iloc[-1]


def _of(tables: Tables, table: str, source_id: str) -> pd.DataFrame:
    frame = tables[table]
    return frame[frame["source_id"] == source_id]


def _refs(tables: Tables, source_id: str) -> set[str]:
    stated = _of(tables, "modifications", source_id)["ref"]
    return set(references.name(stated)) if len(stated) else set()


def _news(tables: Tables, source_id: str, earlier: pd.Series | None) -> list[str]:
    known = _refs(tables, source_id)
    if earlier is None:
        return [f"It is the first of its register: {count(len(known), 'modification')}."]
    since = earlier["published_on"]
    older = _refs(tables, str(earlier["source_id"]))
    new, gone = sorted(known - older), sorted(older - known)
    words = [f"New since {day_in_words(since.date())}: {_listed('modification', new)}"]
    for table, columns in _DAYS.items():
        frame = _of(tables, table, source_id)
        for column, verb in columns.items():
            late = frame[frame[column] > since]
            if table == "events":
                late = late[late["precision"] == Precision.DAY]
            if table == "release_items":
                late = late[late["status"] == ReleaseStatus.IMPLEMENTED]
            for what, rows in late.groupby(_what(table, late, verb), sort=True):
                words.append(f"{len(rows)} {what} ({_some(sorted(rows['ref']))})")
    lines = ["; ".join(words) + "."]
    if gone and earlier["kind"] == SourceKind.REGISTER:
        lines.append(f"Not in it any more: {_listed('modification', gone)}.")
    return lines


def _what(table: str, rows: pd.DataFrame, verb: str) -> pd.Series:
    if table == "events":
        outcome = rows["outcome"].fillna("")
        return (rows["event"] + ": " + outcome).where(outcome != "", rows["event"]).str.replace("_", " ")
    if table == "release_items":
        return rows["status"]
    kind = rows["kind"] if table == "assessments" else rows["kind"] + " consultation"
    return kind + " " + verb


# What changed -------------------------------------------------------------------------------------


def _older_months(
    before: Mapping[ReportMonth, Figures], now: Mapping[ReportMonth, Figures], month: ReportMonth
) -> list[str]:
    changed = {}
    for older in sorted(before.keys() & now.keys()):
        if older < month:
            keys = sorted(before[older].keys() | now[older].keys())
            differing = [
                f"{key} {_value(before[older], key)} → {_value(now[older], key)}"
                for key in keys
                if _value(before[older], key) != _value(now[older], key)
            ]
            if differing:
                changed[older] = differing
    if not changed:
        return ["No figure of an older month changed."] if any(older < month for older in before) else []
    lines = [
        f"{older.title}: {count(len(of), 'figure')} changed: {_some(of)}." for older, of in changed.items()
    ]
    if len(lines) > 2:
        months = ", ".join(map(str, list(changed)[:-2]))
        lines = [f"Figures changed in {count(len(lines) - 2, 'month')} before these: {months}.", *lines[-2:]]
    return lines


def _value(of_month: Figures, key: str) -> str:
    value = of_month.get(key, {}).get("value")
    return "not known" if value is None else f"{value:g}"


def _differences(tables: Tables, source_id: str, earlier: pd.Series) -> list[str]:
    """What a register's two exports say differently of days up to the first one's own."""
    if earlier["kind"] != SourceKind.REGISTER:
        return []
    limit = earlier["published_on"]
    words = []
    for table, columns in _DAYS.items():
        old, new = (
            _dated(tables, table, columns, identity, limit)
            for identity in (str(earlier["source_id"]), source_id)
        )
        for (ref, what), days in sorted((old - new).items()):
            now = (new - old).get((ref, what))
            words.append(f"{ref} {what} {days} → {now or 'not stated'}")
        words += [
            f"{ref} {what} not stated → {days}"
            for (ref, what), days in sorted((new - old).items())
            if (ref, what) not in (old - new)
        ]
    if not words:
        return []
    return [f"Said otherwise of days before that export ({len(words)}): {_some(words)}."]


class _Dated(dict[tuple[str, str], str]):
    """The days of each thing that happened to a modification."""

    def __sub__(self, other: _Dated) -> _Dated:
        return _Dated({key: days for key, days in self.items() if other.get(key) != days})


def _dated(
    tables: Tables, table: str, columns: Mapping[str, str], source_id: str, limit: pd.Timestamp
) -> _Dated:
    frame = _of(tables, table, source_id)
    if table == "events":
        frame = frame[~frame["event"].isin([Event.OBSERVED, Event.ON_HOLD])]
    if table == "release_items":
        frame = frame[frame["status"] == ReleaseStatus.IMPLEMENTED]
    dated: dict[tuple[str, str], list[str]] = {}
    for column, verb in columns.items():
        early = frame[frame[column] <= limit]
        if early.empty:
            continue
        names, what = references.name(early["ref"]), _what(table, early, verb)
        for name, thing, day in zip(names, what, early[column], strict=True):
            dated.setdefault((name, thing), []).append(f"{day:%Y-%m-%d}")
    return _Dated({key: " and ".join(sorted(days)) for key, days in dated.items()})


# What needs a look --------------------------------------------------------------------------------


_ROUTINE = re.compile(
    r".*(?:left out|in our form\b.*|columns that aren't read:.*|the mapping doesn't name it)"
)
"""Notes of an ingest that are the same each month."""


def _to_look_at(ingested: IngestResult, site: PublishedSite, month: ReportMonth) -> list[str]:
    lines = []
    if unread := ingested.reading.unread:
        lines.append(f"To look at: {count(len(unread), 'line')} of the document weren't read.")
    lines += [f"To look at: {note}." for note in ingested.reading.notes if not _ROUTINE.fullmatch(note)]
    contradicting = _column(site.folder / str(month) / "tables" / "contradictions.csv")
    if contradicting:
        lines.append(
            f"To look at: {_listed('history', contradicting, 'histories')} that can't be true, left out of the counts."
        )
    if site.failures:
        lines.append(
            f"To look at: {count(len(site.failures), 'notebook')} failed ({_some(map(str, site.failures))})."
        )
    return lines or ["Nothing needs a look."]


def _column(path: Path) -> list[str]:
    """The first column of a published table; nothing if there is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row[0] for row in csv.reader(file)][1:]
    except (OSError, IndexError):
        return []


def _listed(noun: str, refs: list[str], plural: str = "") -> str:
    number = count(len(refs), noun) if len(refs) == 1 or not plural else f"{len(refs):,} {plural}"
    return f"{number} ({_some(refs)})" if refs else f"no {noun}"


def _some(words: Iterable[str]) -> str:
    listed = list(dict.fromkeys(words))
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
