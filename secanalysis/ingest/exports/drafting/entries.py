"""The entries of a drafted mapping: what is read of each sheet, and what may be, to be decided."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from secanalysis.ingest.exports.drafting.columns import Column, Sheet
from secanalysis.ingest.exports.drafting.meanings import (
    WHICH_ASSESSMENT,
    Holds,
    Meaning,
    meaning,
    meaning_of_empty,
    our_word,
)
from secanalysis.statements import schemas

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./()+-]*[A-Za-z0-9).+]|[A-Za-z]")
_NULL = re.compile("null|~", re.IGNORECASE)
_ORDER = ("modifications", "events", "assessments", "consultations", "meetings", "releases", "release_items")
_FEWEST_WORDS = 2  # of a column that are ours, for it to be what they say


@dataclass
class Entry:
    """What is read of one sheet into one table, with what it says in every row."""

    table: str
    values: dict[str, str]
    columns: dict[str, Column] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Whether nothing of it is in doubt."""
        return not self.doubts


def as_yaml(text: str) -> str:
    """A text as YAML, with quotes where it needs them."""
    return (
        text if _PLAIN.fullmatch(text) and not _NULL.fullmatch(text) else json.dumps(text, ensure_ascii=False)
    )


def entries_of(sheet: Sheet) -> list[Entry]:
    """What is read of a sheet, by its headings and cells; an entry in doubt says why."""
    entries: dict[tuple[str, ...], Entry] = {}
    for column in sheet.columns:
        if column is sheet.references:
            continue
        known = (
            meaning_of_empty(column.heading, sheet.name)
            if column.holds == Holds.NOTHING
            else meaning(column.heading, sheet.name, column.holds)
        )
        if known is None:
            continue
        known = _of_sheet(known, sheet)
        values = {name: word for name, word in known.values.items() if word}
        entry = entries.setdefault((known.table, *sorted(values.values())), Entry(known.table, values))
        if known.column in entry.columns:
            first = entry.columns[known.column].heading
            entry.doubts.append(f"{known.column}: {as_yaml(first)} or {as_yaml(column.heading)}?")
            continue
        entry.columns[known.column] = column
        if known.doubt and known.doubt not in entry.doubts:
            entry.doubts.append(known.doubt)
    return sorted(filter(None, (_finished(entry, entries, sheet) for entry in entries.values())), key=_place)


def _place(entry: Entry) -> int:
    return _ORDER.index(entry.table)


def _of_sheet(known: Meaning, sheet: Sheet) -> Meaning:
    """A meaning in a sheet without references, which lists releases, not what is in them."""
    if sheet.references is None and known.table == "release_items":
        column = {"on": "in_force_on"}.get(known.column, known.column)
        return Meaning("releases", column, {"kind": "scheduled"}, "")
    return known


def _finished(entry: Entry, entries: Mapping[tuple[str, ...], Entry], sheet: Sheet) -> Entry | None:
    """An entry with which of its rows are read; None if it isn't one."""
    columns = entry.columns
    if sheet.references is None and "ref" in our_columns(entry.table) and entry.table != "meetings":
        return None
    if entry.table == "events" and not {"on", "outcome", "stage"} & set(columns):
        return None  # a path without a vote
    if entry.table == "events" and entry.values.get("event") in ("voted", "decided"):
        entry.conditions.append(f"only_with: [{'on' if 'on' in columns else 'outcome'}]")
    if entry.table == "assessments" and "kind" in columns:
        entry.doubts = [doubt for doubt in entry.doubts if doubt != WHICH_ASSESSMENT]
    if entry.table == "assessments" and not {"requested_on", "accepted_on", "returned_on"} & set(columns):
        entry.doubts.append("it has no day of an assessment")
    if entry.table == "releases":
        if "release" not in columns:
            return None
        if any(
            re.search(r"stand-?alone|ad[- ]?hoc", word, re.IGNORECASE) for word, _ in columns["release"].words
        ):
            entry.doubts.append(
                "some are standalone releases: kind: standalone in an entry of their own (only_where)"
            )
    if entry.table == "release_items":
        _complete_release(entry, entries)
    return entry


def _complete_release(entry: Entry, entries: Mapping[tuple[str, ...], Entry]) -> None:
    """A release's name is said of what is planned and of what is in force; a row is one or the other."""
    in_force = entries.get(("release_items", "implemented"))
    planned = entries.get(("release_items", "targeted"))
    if entry is in_force:
        entry.conditions.append("only_with: [on]")
        if planned and "release" in planned.columns:
            entry.columns = {"release": planned.columns["release"], **entry.columns}
    elif entry is planned and in_force is not None:
        entry.conditions.append(f"only_without: [{as_yaml(in_force.columns['on'].heading)}]")


def our_columns(table: str) -> dict[str, schemas.Column]:
    """The columns of a table of ours, by name."""
    return {column.name: column for column in schemas.columns(table)}


def _events() -> list[str]:
    return list(our_columns("events")["event"].values)


def guess(column: Column, sheet: Sheet, entries: Sequence[Entry]) -> Entry | None:
    """What a column whose heading isn't known may be, by what its cells hold, if nothing else of the sheet is that."""
    if sheet.references is None:
        return None
    read = {(entry.table, name) for entry in entries for name in entry.columns}
    heading = as_yaml(column.heading)
    if column.holds == Holds.DAYS:
        doubt = f"if {heading} holds the days of an event, which? One of {', '.join(_events())}"
        return Entry("events", {"event": '"?"'}, {"on": column}, [doubt])
    if column.holds == Holds.WORDS:
        for name, values in _BY_WORDS.items():
            certain = sum(our_word(name, word)[1] for word, _ in column.words)
            if ("events", name) not in read and certain >= max(_FEWEST_WORDS, len(column.words) / 2):
                doubt = f"{heading} is known by its words alone: is this the {_SAYS[name]}?"
                return Entry("events", dict(values), {name: column}, [doubt])
    if (
        column.holds in (Holds.TEXT, Holds.WORDS)
        and ("modifications", "title") not in read
        and _is_prose(column)
    ):
        return Entry("modifications", {}, {"title": column}, [f"are the titles in {heading}?"])
    return None


_BY_WORDS: Mapping[str, Mapping[str, str]] = {
    "stage": {"event": "observed"},
    "outcome": {"event": "voted", "body": "change_board"},
}
_SAYS = {"stage": "stage", "outcome": "outcome of the Change Board's vote (or whose?)"}


def _is_prose(column: Column) -> bool:
    """Whether most cells of a column are several words, each cell its own."""
    several = sum(len(cell.split()) > 1 for cell in column.cells)
    return several * 2 > len(column.cells) and len(column.words) * 2 > len(column.cells)
