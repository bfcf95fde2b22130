"""What a register keeps, as far as its mapping reads it: tables, events, bodies, outcomes and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secanalysis.domain.kept import (
    ASSESSMENT_DAYS,
    CONSULTATION_DAYS,
    DATED,
    NO_BODY,
    UNDATED,
    VOTES,
    WHOLE_TABLES,
    Kept,
    names,
)
from secanalysis.domain.vocabulary import Event, ReleaseStatus
from secanalysis.ingest.exports.mapping import Read
from secanalysis.statements import schemas

MAPPED = "mapped"
"""Among the names of a mapping's ``keeps``: all that it maps."""


def kept(reads: Iterable[Read], stated: Iterable[str] | None = None) -> Kept:
    """What a register keeps.

    Parameters
    ----------
    reads
        What its mapping reads.
    stated
        What the mapping says that it keeps, if it does.
    """
    mapped = frozenset(thing for read in reads for thing in _things(read))
    if stated is None:
        return Kept(mapped)
    listed = list(stated)
    return Kept(
        Kept.of(name for name in listed if name != MAPPED).things | (mapped if MAPPED in listed else set())
    )


def _things(read: Read) -> Iterator[str]:
    table = read.table
    if table in WHOLE_TABLES:
        yield table
    elif table == "events":
        yield from _of_events(read)
    elif table in ("assessments", "consultations"):
        days = ASSESSMENT_DAYS if table == "assessments" else CONSULTATION_DAYS
        for kind in _words(read, "kind"):
            yield from (f"{table}.{kind}.{column}" for column in days if _has(read, column))
    elif table == "release_items":
        for status in _words(read, "status"):
            yield f"{table}.{status}.{UNDATED}"
            if _has(read, "on") or status != ReleaseStatus.IMPLEMENTED:
                yield f"{table}.{status}.{DATED}"


def _of_events(read: Read) -> Iterator[str]:
    events = _words(read, "event")
    if Event.ON_HOLD in _words(read, "stage"):
        events = [*events, Event.ON_HOLD]
    own_day = (Event.OBSERVED, Event.ON_HOLD)  # the day of the export where it has none
    for event in events:
        ways = [UNDATED, DATED] if _has(read, "on") or event in own_day else [UNDATED]
        if event not in VOTES:
            yield from (f"{event}.{how}" for how in ways)
            continue
        bodies = _words(read, "body") if _has(read, "body") else [NO_BODY]
        outcomes = _words(read, "outcome") if _has(read, "outcome") else []
        for body in bodies:
            yield from (f"{event}.{body}.{word}" for word in (*ways, *outcomes))


def _has(read: Read, column: str) -> bool:
    return column in read.columns or column in read.values


def _words(read: Read, column: str) -> list[str]:
    """Our words that a column can come to hold: those that the register's are mapped to, or all."""
    if column in read.values:
        return [read.values[column]]
    if column not in read.columns:
        return []
    mapped = [word for word in read.words.get(column, {}).values() if word]
    if mapped:
        return list(dict.fromkeys(mapped))
    return list(next(one.values for one in schemas.columns(read.table) if one.name == column))


def is_name(word: str) -> bool:
    """Whether a mapping's ``keeps`` may hold a word."""
    return word == MAPPED or word in names()
