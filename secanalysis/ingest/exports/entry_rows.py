"""One entry of a mapping, applied to its sheet: which columns it reads, which rows, and what their cells say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from secanalysis.domain import references
from secanalysis.domain.vocabulary import Event
from secanalysis.ingest.exports.cells import REF_COLUMNS, Reader, Words, same_spaces, text_of
from secanalysis.ingest.exports.export import Export, Row, stated
from secanalysis.ingest.exports.export_faults import Place
from secanalysis.ingest.exports.mapping import DateForm, Heading, Read, RegisterMapping
from secanalysis.ingest.printed_values import Illegible
from secanalysis.statements import schemas
from secanalysis.support.errors import UserError

Cells = dict[str, Any]
_ASSESSED = ("requested_on", "accepted_on", "returned_on")
_LOOKED_FOR_HEADINGS = 30  # rows


@dataclass
class _Columns:
    """Where an entry's columns are in its sheet, and how they are read."""

    read: Read
    width: int
    at: dict[str, int]
    readers: list[tuple[str, int, Reader]]
    fixed: Cells
    conditions: _Conditions
    split: dict[int, tuple[str, ...]]
    needed: int = field(init=False)

    def __post_init__(self) -> None:
        self.needed = max([*self.at.values(), *self.conditions.places, *self.split], default=-1) + 1


@dataclass(frozen=True)
class _Conditions:
    with_: list[tuple[str, int]]
    without: list[tuple[str, int]]
    where: list[tuple[str, int, Words]]
    blank: Words

    @property
    def places(self) -> list[int]:
        where = [at for _, at, _ in self.where]
        return [*(at for _, at in self.with_), *(at for _, at in self.without), *where]


def rows(export: Export, read: Read, mapping: RegisterMapping) -> Iterator[tuple[Place, Row, Cells]]:
    """The rows of an entry, each with its place, its cells as they are and the values of our columns.

    Faults of cells, what keeps the entry from being read, and how many rows were left out and why, are noted in the
    export.

    Raises
    ------
    UserError
        If the mapping can't be used.
    """
    try:
        sheet = sheet_of(export, read)
    except UserError as error:
        export.cannot_read(str(error))
        return
    columns = _columns(export, read, mapping, sheet)
    if columns is None or _stops(export, read, columns, mapping.cached_formulas):
        return
    left_out: Counter[str] = Counter()
    for number, row in enumerate(sheet[read.heading :], start=read.heading + 1):
        place = Place(read.sheet, number)
        if not any(map(stated, row)):
            if read.rows.skip_after_blank:
                _note_below(export, place, sum(any(map(stated, other)) for other in sheet[number:]))
                break
            continue
        whole = _whole(export, place, row, columns, mapping.csv.short_rows)
        if whole is None:
            continue
        if reason := _unwanted(whole, columns):
            left_out[reason] += 1
            continue
        for one in _parts(export, place, whole, columns):
            cells = _cells(export, place, one, columns)
            if _says_nothing(read, cells):
                left_out[_nothing_stated(read)] += 1
            else:
                yield place, one, cells
    export.notes += [
        f"{read.table}: {_number_of_rows(count)} {reason} left out"
        for reason, count in left_out.items()
        if count
    ]
    _note_rewritten(export, columns)


def _note_below(export: Export, place: Place, count: int) -> None:
    sheet = f"{place.sheet}: " if place.sheet else ""
    note = f"{sheet}{_number_of_rows(count)} below the first blank row ({place.row}) left out"
    if count and note not in export.notes:
        export.notes.append(note)


def _number_of_rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def headings(sheet: Sequence[Row], row: int) -> list[str]:
    """The headings in a row, each with usual spaces."""
    return [same_spaces(text_of(cell)) for cell in sheet[row - 1]] if len(sheet) >= row else []


def sheet_of(export: Export, read: Read) -> Sequence[Row]:
    """The sheet that an entry reads."""
    if read.sheet in export.sheets:
        return export.sheets[read.sheet]
    if not read.sheet and len(export.sheets) == 1:
        return next(iter(export.sheets.values()))
    raise UserError(f"{export.name}: no sheet {read.sheet!r}; it has {', '.join(map(repr, export.sheets))}")


# Columns ------------------------------------------------------------------------------------------


def _columns(export: Export, read: Read, mapping: RegisterMapping, sheet: Sequence[Row]) -> _Columns | None:
    """An entry's columns; None if some aren't there, each of which is noted."""
    heading = headings(sheet, read.heading)
    where = f"{export.name}, {Place(read.sheet, read.heading)}"
    all_there = True

    def find(theirs: Heading) -> int:
        nonlocal all_there
        try:
            return _find(heading, theirs, where, sheet, read)
        except UserError as error:
            export.cannot_read(str(error))
            all_there = False
            return 0

    def either(name: str) -> int:
        return at[name] if name in at else find(Heading(name))

    at = {name: find(theirs) for name, theirs in read.columns.items()}
    known = {column.name: column for column in schemas.columns(read.table)}
    rewritten: dict[str, str] = {}
    readers = [
        (
            name,
            at[name],
            Reader(
                known[name],
                read.forms(name),
                export.serials_from,
                Words.of(read.words.get(name, {}), read.blanks(name)),
                mapping.references,
                rewritten,
            ),
        )
        for name in read.columns
    ]
    fixed: Cells = {}
    for name, value in read.values.items():
        try:
            fixed[name] = Reader(known[name], (DateForm.ISO,), export.serials_from).value(value)
        except Illegible as illegible:
            raise UserError(
                f"the mapping's value of {name}: found {illegible}; expected {known[name].form}"
            ) from None
    conditions = _Conditions(
        [(name, either(name)) for name in read.rows.only_with],
        [(name, either(name)) for name in read.rows.only_without],
        [
            (name, either(name), Words.of(dict.fromkeys(words)))
            for name, words in read.rows.only_where.items()
        ],
        Words.of({}, read.blanks("")),
    )
    if not all_there:
        return None
    # a separator that several entries share is for those that read its column
    split = {
        place: separators
        for name, separators in read.split.items()
        if (place := at.get(name, heading.index(same_spaces(name)) if same_spaces(name) in heading else -1))
        in at.values()
    }
    return _Columns(read, len(heading), at, readers, fixed, conditions, split)


def _find(heading: list[str], theirs: Heading, where: str, sheet: Sequence[Row], read: Read) -> int:
    text = same_spaces(theirs.text)
    places = [at for at, name in enumerate(heading) if name == text and text]
    if not places:
        places = [at for at, name in enumerate(heading) if name.casefold() == text.casefold() and text]
    if theirs.nth is not None and len(places) >= theirs.nth:
        return places[theirs.nth - 1]
    if theirs.nth is None and len(places) == 1:
        return places[0]
    if len(places) > 1 and theirs.nth is None:
        raise UserError(
            f"{where}: found {len(places)} columns {text!r} ({' and '.join(map(letters, places))}); say which: "
            f"{{heading: {text}, nth: 1}} is the first from the left"
        )
    hint = ""
    for row in range(1, min(len(sheet), _LOOKED_FOR_HEADINGS) + 1):
        if row != read.heading and text in headings(sheet, row):
            hint = f" (row {row} has it: the mapping's 'heading' says in which row the headings are)"
            break
    number = "no column" if not places else f"{len(places)} column{'s' * (len(places) > 1)}"
    raise UserError(
        f"{where}: found {number} {text!r}; it has {', '.join(filter(None, heading))[:300]}{hint}"
    )


def letters(at: int) -> str:
    """A column's letters in a spreadsheet, from its place from 0."""
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(65 + rest) + text
    return text


def _stops(export: Export, read: Read, columns: _Columns, cached: bool) -> bool:
    """Whether cells that would be read hold no values of their own; each is noted."""
    name = read.sheet if read.sheet in export.stops else next(iter(export.stops), "")
    stops = export.stops.get(name)
    if stops is None:
        return False
    used = {*columns.at.values(), *columns.conditions.places}
    kinds = (
        (stops.uncached if cached else stops.formulas, "holds a formula"),
        (stops.errors, "holds an error"),
    )
    sentences = []
    for cells, words in kinds:
        for column, row in cells:
            if column in used and row >= read.heading:
                advice = ""
                if words == "holds a formula":
                    advice = (
                        " whose value wasn't saved: open it in a spreadsheet program and save it"
                        if cached
                        else ": paste values in its place, or take the saved ones (formulas: cached in the mapping)"
                    )
                sentences.append(
                    f"{export.name} {words} (sheet '{name}', cell {letters(column)}{row}){advice}"
                )
    sentences += [
        f"{export.name} has merged cells (sheet '{name}', {text}): "
        "each column needs a heading of its own, each cell its value"
        for left, _, right, bottom, text in stops.merged
        if bottom >= read.heading and any(left <= column <= right for column in used)
    ]
    for sentence in sentences:
        export.cannot_read(sentence)
    return bool(sentences)


# Rows ---------------------------------------------------------------------------------------------


def _whole(export: Export, place: Place, row: Row, columns: _Columns, short_rows: bool) -> Row | None:
    """A row with a cell for each heading; None if it has others."""
    if len(row) == columns.width:
        return row
    if len(row) > columns.width and not any(map(stated, row[columns.width :])):
        return row[: columns.width]
    if len(row) < columns.width and (len(row) >= columns.needed or short_rows):
        return row + [None] * (columns.width - len(row))
    cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}"
    advice = (
        " (missing cells at a row's end are blanks if the mapping says csv: {short_rows: blank})"
        if 1 < len(row) < columns.width
        else ""
    )
    export.fault(place, "", cells, f"{columns.width}, as in the heading{advice}")
    return None


def _unwanted(row: Row, columns: _Columns) -> str:
    """Why a row isn't read, blank if it is."""
    conditions = columns.conditions
    readers = {name: reader for name, _, reader in columns.readers}

    def filled(name: str, at: int) -> bool:
        text = text_of(row[at])
        words = readers[name].words if name in readers else conditions.blank
        return bool(text) and not (text in words and words.ours(text) is None)

    def heading(name: str) -> str:
        return str(columns.read.columns.get(name, name))

    if not all(filled(name, at) for name, at in conditions.with_):
        return f"without {' or '.join(map(heading, columns.read.rows.only_with))}"
    for name, at in conditions.without:
        if filled(name, at):
            return f"with {heading(name)}"
    for name, at, words in conditions.where:
        if text_of(row[at]) not in words:
            return f"whose {heading(name)} is another word"
    return ""


def _parts(export: Export, place: Place, row: Row, columns: _Columns) -> list[Row]:
    """A row for each value of its cells that hold several."""
    several: dict[int, list[str]] = {}
    for at, separators in columns.split.items():
        cell = row[at]
        if isinstance(cell, str):
            pieces = [cell]
            for separator in separators:
                pieces = [part for piece in pieces for part in piece.split(separator)]
            pieces = list(dict.fromkeys(filter(None, map(str.strip, pieces))))
            if len(pieces) > 1:
                several[at] = pieces
    if not several:
        return [row]
    if len(several) > 1:
        names = [str(theirs) for name, theirs in columns.read.columns.items() if columns.at[name] in several]
        numbers = " and ".join(str(len(pieces)) for pieces in several.values())
        export.fault(place, " and ".join(names), f"{numbers} values", "several values in one of them at most")
        return []
    ((at, pieces),) = several.items()
    return [[*row[:at], piece, *row[at + 1 :]] for piece in pieces]


def _cells(export: Export, place: Place, row: Row, columns: _Columns) -> Cells:
    cells = dict(columns.fixed)
    for name, at, reader in columns.readers:
        try:
            cells[name] = reader.value(row[at])
        except Illegible as illegible:
            expected = "a day" if reader.column.type == "day" else reader.column.form
            if name in REF_COLUMNS:
                expected = f"a reference such as {references.example()}"
            export.fault(place, str(columns.read.columns[name]), str(illegible), expected)
            cells[name] = None
    if cells.get("stage") == Event.ON_HOLD and columns.read.table == "events":
        cells |= {"event": Event.ON_HOLD, "stage": None, "hold": True}
    return cells


def _says_nothing(read: Read, cells: Mapping[str, Any]) -> bool:
    """Whether all that an entry reads of a row is which modification it is of."""
    if read.table == "modifications" or cells.get("hold"):
        return False
    if read.table == "assessments" and cells.get("state") is None:
        return all(cells.get(name) is None for name in _ASSESSED)
    others = [name for name in read.columns if name not in ("ref", "locator")]
    return bool(others) and all(cells.get(name) is None for name in others)


def _nothing_stated(read: Read) -> str:
    if read.table == "assessments" and "state" not in {*read.columns, *read.values}:
        return "without any day of an assessment"
    return f"without {' or '.join(str(theirs) for name, theirs in read.columns.items() if name != 'ref')}"


def _note_rewritten(export: Export, columns: _Columns) -> None:
    for _, _, reader in columns.readers[:1]:
        if reader.rewritten:
            theirs, our_ref = next(iter(reader.rewritten.items()))
            number = len(reader.rewritten)
            note = (
                f"{number:,} reference{'s' * (number != 1)} read in our form, such as '{theirs}' as {our_ref}"
            )
            if note not in export.notes:
                export.notes.append(note)
