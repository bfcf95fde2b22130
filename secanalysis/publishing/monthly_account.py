"""What a month's document brought, in ten lines: what is new, what changed in older months and why, what needs a look."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.release_names import one_letter_apart
from secanalysis.domain.vocabulary import Precision, ReleaseStatus, SourceKind
from secanalysis.domain.written_days import day_in_words
from secanalysis.ingest.result import IngestResult
from secanalysis.publishing.publish import PublishedSite
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements.storage import Tables
from secanalysis.views.formatting import count

MOST_LINES = 10
_NAMED = 4  # modifications, figures or differences that a line names
_LONGEST = 60  # characters of a value
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


@dataclass(frozen=True)
class Account:
    """What came of a month's document: ten lines at most, and the same with nothing left out.

    Attributes
    ----------
    brief
        Lines that name the first few of many.
    whole
        Lines that name all.
    """

    brief: tuple[str, ...]
    whole: tuple[str, ...]

    @property
    def is_cut(self) -> bool:
        """Whether the brief lines leave something out."""
        return self.brief != self.whole


def account(
    ingested: IngestResult,
    register: ResolvedRegister,
    before: Mapping[ReportMonth, Figures],
    site: PublishedSite,
) -> Account:
    """The lines.

    Parameters
    ----------
    ingested
        What came of the document's ingest.
    register
        All statements, this document's included.
    before
        The site's figures before it.
    site
        The site with it.
    """
    after = figures(site.folder)
    whole = _lines(ingested, register, before, after, site, _Naming(None))
    brief = _lines(ingested, register, before, after, site, _Naming(_NAMED))
    if len(brief) > MOST_LINES:
        brief = [*brief[: MOST_LINES - 1], "More is on the page Data quality."]
    return Account(tuple(brief), tuple(whole))


def _lines(
    ingested: IngestResult,
    register: ResolvedRegister,
    before: Mapping[ReportMonth, Figures],
    after: Mapping[ReportMonth, Figures],
    site: PublishedSite,
    naming: _Naming,
) -> list[str]:
    source = ingested.reading.source
    day: date = source["published_on"]
    month = ReportMonth(day.year, day.month)
    earlier = _earlier(register.stated["sources"], source)
    return [
        f"{source['title']}, {day_in_words(day)}: {site.folder / str(month)}",
        *_news(register, source, earlier, naming),
        *_older_months(before, after, month, naming),
        *(_differences(register, source, earlier, naming) if earlier is not None else []),
        *_to_look_at(ingested, register, site, month, naming),
    ]


@dataclass(frozen=True)
class _Naming:
    """How many of several things a line names; None is all."""

    most: int | None

    def some(self, words: Iterable[str]) -> str:
        """The first few, and how many more there are."""
        listed = list(dict.fromkeys(words))
        more = len(listed) - len(listed[: self.most])
        return ", ".join(listed[: self.most]) + (f" and {more:,} more" if more else "")

    def counted(self, noun: str, refs: list[str], plural: str = "") -> str:
        """How many there are, and the first few."""
        number = count(len(refs), noun) if len(refs) == 1 or not plural else f"{len(refs):,} {plural}"
        return f"{number} ({self.some(refs)})" if refs else f"no {noun}"


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


def _news(
    register: ResolvedRegister, source: Mapping[str, Any], earlier: pd.Series | None, naming: _Naming
) -> list[str]:
    tables, source_id = register.stated, str(source["source_id"])
    known = _refs(tables, source_id)
    if earlier is None:
        clock = register.clock(ReportMonth(source["published_on"].year, source["published_on"].month))
        begin = day_in_words(clock.previous_report_date + timedelta(days=1))
        return [
            f"It is the first of its register: {count(len(known), 'modification')}. {clock.month.title} counts what "
            f"happened from {begin} to {day_in_words(clock.report_date)}."
        ]
    since = earlier["published_on"]
    older = _refs(tables, str(earlier["source_id"]))
    new, gone = sorted(known - older), sorted(older - known)
    words = [f"New since {day_in_words(since.date())}: {naming.counted('modification', new)}"]
    for table, columns in _DAYS.items():
        frame = _of(tables, table, source_id)
        for column, verb in columns.items():
            late = frame[frame[column] > since]
            if table == "events":
                late = late[late["precision"] == Precision.DAY]
            if table == "release_items":
                late = late[late["status"] == ReleaseStatus.IMPLEMENTED]
            for what, rows in late.groupby(_what(table, late, verb), sort=True):
                words.append(f"{len(rows)} {what} ({naming.some(sorted(rows['ref']))})")
    lines = ["; ".join(words) + "."]
    if gone and earlier["kind"] == SourceKind.REGISTER:
        lines.append(f"Not in it any more: {naming.counted('modification', gone)}.")
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
    before: Mapping[ReportMonth, Figures],
    now: Mapping[ReportMonth, Figures],
    month: ReportMonth,
    naming: _Naming,
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
        f"{older.title}: {count(len(of), 'figure')} changed: {naming.some(of)}."
        for older, of in changed.items()
    ]
    if naming.most and len(lines) > 2:
        months = ", ".join(map(str, list(changed)[:-2]))
        lines = [f"Figures changed in {count(len(lines) - 2, 'month')} before these: {months}.", *lines[-2:]]
    return lines


def _value(of_month: Figures, key: str) -> str:
    value = of_month.get(key, {}).get("value")
    return "not known" if value is None else f"{value:g}"


def _differences(
    register: ResolvedRegister, source: Mapping[str, Any], earlier: pd.Series, naming: _Naming
) -> list[str]:
    """What this export of a register states differently from the one before, or late."""
    changed = register.changed_between_exports
    if earlier["kind"] != SourceKind.REGISTER or changed.empty:
        return []
    of_both = (changed["older_source"] == earlier["source_id"]) & (
        changed["newer_on"] == pd.Timestamp(source["published_on"])
    )
    tables = register.stated
    gone = _refs(tables, str(earlier["source_id"])) - _refs(tables, str(source["source_id"]))
    own = changed[of_both & ~changed["ref"].isin(gone)]
    words = [
        f"{ref} {about.removesuffix(' on')} {older[:_LONGEST]} → {newer[:_LONGEST]}".strip()
        for ref, about, older, newer in zip(own["ref"], own["about"], own["older"], own["newer"], strict=True)
    ]
    if not words:
        return []
    verb = "is" if len(words) == 1 else "are"
    return [
        f"{count(len(words), 'fact')} {verb} stated differently from the export of "
        f"{day_in_words(earlier['published_on'].date())}: {naming.some(words)}. "
        "The page Data quality lists all under Changed between exports."
    ]


# What needs a look --------------------------------------------------------------------------------


_ROUTINE = re.compile(
    r".*(?:left out|in our form\b.*|columns that aren't read:.*|the mapping doesn't name it)"
)
"""Notes of an ingest that are the same each month."""


def _to_look_at(
    ingested: IngestResult,
    register: ResolvedRegister,
    site: PublishedSite,
    month: ReportMonth,
    naming: _Naming,
) -> list[str]:
    lines = []
    if unread := ingested.reading.unread:
        lines.append(f"To look at: {count(len(unread), 'line')} of the document weren't read.")
    lines += [f"To look at: {note}." for note in ingested.reading.notes if not _ROUTINE.fullmatch(note)]
    named = {
        row.get("release")
        for table in ("releases", "release_items")
        for row in ingested.reading.rows.get(table, [])
    }
    lines += [
        f"To look at: releases '{one}' and '{other}' are one letter apart, and counted as two."
        for one, other in one_letter_apart(register.release_slugs)
        if named & {one, other}
    ]
    contradicting = _column(site.folder / str(month) / "tables" / "contradictions.csv")
    if contradicting:
        lines.append(
            f"To look at: {naming.counted('history', contradicting, 'histories')} that can't be true, left out of the counts."
        )
    if site.failures:
        lines.append(
            f"To look at: {count(len(site.failures), 'notebook')} failed ({naming.some(map(str, site.failures))})."
        )
    return lines or ["Nothing needs a look."]


def _column(path: Path) -> list[str]:
    """The first column of a published table; nothing if there is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row[0] for row in csv.reader(file)][1:]
    except (OSError, IndexError):
        return []
