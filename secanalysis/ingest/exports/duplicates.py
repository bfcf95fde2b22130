"""One modification in two rows of an export: said once where they agree, refused or listed where they don't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.vocabulary import Event
from secanalysis.ingest.exports.cells import same_spaces, text_of
from secanalysis.ingest.exports.entry_rows import headings, sheet_of
from secanalysis.ingest.exports.export import Export, Row
from secanalysis.ingest.exports.export_faults import Place
from secanalysis.ingest.exports.mapping import Duplicates, Read
from secanalysis.ingest.reading import Cells


@dataclass(frozen=True)
class Statement:
    """A row for one of our tables, with where it comes from."""

    read: Read
    place: Place
    row: Row
    cells: Cells


def without_duplicates(export: Export, statements: Sequence[Statement]) -> list[Statement]:
    """Statements without those of rows that only repeat others; what rows contradict is noted in the export.

    A sheet from which modifications' titles or stages are read is a list of modifications, one row each, unless
    the mapping says ``duplicates: several``.
    """
    names = _names(statements)
    repeated: set[tuple[str, int]] = set()
    for sheet in dict.fromkeys(one.place.sheet for one in statements):
        listing = [
            one
            for one in statements
            if one.place.sheet == sheet and _lists(one.read) and one.read.duplicates != Duplicates.SEVERAL
        ]
        repeated |= _compare(export, sheet, listing, statements, names)
    _compare_stages(export, statements, names)
    return [one for one in statements if (one.place.sheet, one.place.row) not in repeated]


def _names(statements: Sequence[Statement]) -> dict[str, str]:
    """The modification that each sound reference names."""
    refs = pd.Series(
        sorted({str(one.cells["ref"]) for one in statements if one.cells.get("ref")}), dtype="str"
    )
    sound = refs[refs.str.fullmatch(references.pattern()).fillna(False).astype(bool)]
    return dict(zip(sound, references.name(sound), strict=True))


def _lists(read: Read) -> bool:
    """Whether an entry reads a list of modifications, one row each."""
    if "ref" not in read.columns or read.columns["ref"].text in read.split or "ref" in read.split:
        return False
    return read.table == "modifications" or (read.table == "events" and "stage" in read.columns)


def _compare(
    export: Export,
    sheet: str,
    listing: Sequence[Statement],
    statements: Sequence[Statement],
    names: dict[str, str],
) -> set[tuple[str, int]]:
    by_name: dict[str, dict[int, Statement]] = {}
    for one in listing:
        if name := names.get(str(one.cells.get("ref"))):
            by_name.setdefault(name, {}).setdefault(one.place.row, one)
    twice = {name: rows for name, rows in by_name.items() if len(rows) > 1}
    if not twice:
        return set()
    columns = _columns_read(export, sheet, statements)
    repeated: set[tuple[str, int]] = set()
    for name, rows in twice.items():
        (first, one), *others = sorted(rows.items())
        for number, other in others:
            differing = {
                heading: (a, b)
                for heading, at in columns.items()
                if (a := same_spaces(text_of(one.row[at]))) != (b := same_spaces(text_of(other.row[at])))
            }
            theirs = str(one.read.columns["ref"])
            if not differing:
                repeated.add((sheet, number))
                export.notes.append(f"{Place(sheet, number)} repeats row {first} ({name}) and is read once")
            elif set(differing) == {theirs}:
                continue  # a Draft Proposal and the modification that it became, otherwise the same
            else:
                said = "; ".join(
                    f"{heading}: {a[:40]!r} and {b[:40]!r}" for heading, (a, b) in differing.items()
                )
                if Duplicates.LIST in (one.read.duplicates, other.read.duplicates):
                    export.notes.append(
                        f"{name} has two rows that differ, {Place(sheet, first)} and row {number}: {said}"
                    )
                else:
                    export.fault(
                        Place(sheet, number),
                        theirs,
                        f"{name} again (first in row {first}), with other things stated ({said})",
                        "one row per modification, or duplicates: list in the mapping",
                    )
    return repeated


def _columns_read(export: Export, sheet: str, statements: Sequence[Statement]) -> dict[str, int]:
    """The columns of a sheet that any entry reads, by heading."""
    reads: list[Read] = []
    for one in statements:
        if one.place.sheet == sheet and all(one.read is not read for read in reads):
            reads.append(one.read)
    columns: dict[str, int] = {}
    for read in reads:
        heading = headings(sheet_of(export, read), read.heading)
        wanted = {same_spaces(theirs.text).casefold() for theirs in read.columns.values()}
        for at, name in enumerate(heading):
            if name and name.casefold() in wanted:
                columns[name if heading.count(name) == 1 else f"{name} ({at + 1})"] = at
    return columns


def _compare_stages(export: Export, statements: Sequence[Statement], names: dict[str, str]) -> None:
    """One modification in two stages, in rows of different sheets or of a sheet that isn't a list."""
    first: dict[tuple[str, object], Statement] = {}
    for one in statements:
        name = names.get(str(one.cells.get("ref")))
        if name is None or one.read.table != "events" or one.cells.get("event") != Event.OBSERVED:
            continue
        earlier = first.setdefault((name, one.cells.get("on")), one)
        if earlier.cells.get("stage") == one.cells.get("stage") or earlier.place == one.place:
            continue
        listed = _lists(one.read) and _lists(earlier.read) and one.place.sheet == earlier.place.sheet
        if listed and Duplicates.SEVERAL not in (one.read.duplicates, earlier.read.duplicates):
            continue  # reported with all that its row says differently
        stages = f"{earlier.cells.get('stage')} ({earlier.place}) and {one.cells.get('stage')}"
        if Duplicates.LIST in (one.read.duplicates, earlier.read.duplicates):
            export.notes.append(f"{name} is in two stages: {stages} ({one.place})")
        else:
            heading = str(one.read.columns.get("stage", "stage"))
            export.fault(
                one.place,
                heading,
                f"{name} in two stages: {stages}",
                "one stage per modification, or duplicates: list in the mapping",
            )
