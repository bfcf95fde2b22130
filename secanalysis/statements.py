"""Tables of statements on disk: reading with every fault told, and writing whole or not at all.

``data/raw`` holds them as CSV, ``data/processed`` as parquet. Reading finds all faults of all tables
before it gives up, and tells each as table, row, column, what was found and what was expected.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas
import pyarrow as pa
import pyarrow.parquet as pq

from secanalysis import schemas
from secanalysis.errors import UserError
from secanalysis.vocabulary import MeetingStatus, PublishedPrecision, ReleaseStatus

Tables = dict[str, pd.DataFrame]

CELL_LIMIT = 100_000
SHOWN = 60
MANY = 100_000  # rows from which a table is first asked whether it has any fault at all
PLAIN = "[!-~](?:[ -~]*[!-~])?"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with one cell, row or file.

    ``row`` is the line of the CSV file on which the row begins (the heading is line 1), or 0 where
    the fault is the file's. ``blurred`` marks what may only follow from another fault of the same row:
    a cell that couldn't be read counts as a blank in the rules that look at several cells.
    """

    table: str
    row: int
    column: str
    found: str
    expected: str
    blurred: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        place = f"{self.table}.csv"
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: found {self.found}; expected {self.expected}"


class InvalidTables(UserError):
    """Tables that can't be used, with all their faults."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        count = f"{len(self.faults):,} fault{'s' if len(self.faults) > 1 else ''} in the tables"
        super().__init__("\n".join([count + "; nothing was written", *map(str, self.faults)]))


# Reading ----------------------------------------------------------------------------------------


def read_folder(folder: Path) -> Tables:
    """Read and check all ten tables.

    Parameters
    ----------
    folder
        Holds ``<table>.csv`` for each table of `schemas.TABLES`.

    Returns
    -------
    dict
        Typed frames by table, in the order of the file's rows.

    Raises
    ------
    InvalidTables
        With every fault of every table.
    """
    if not folder.is_dir():
        raise UserError(f"no folder {folder}: expected one with {', '.join(schemas.TABLES)} as .csv")
    tables: Tables = {}
    faults: list[Fault] = []
    lines: dict[str, pd.Series] = {}
    for table in schemas.TABLES:
        frame, found = read_csv(folder / f"{table}.csv", table)
        lines[table] = frame.pop("line")
        tables[table] = frame
        faults += found
    told = {(fault.table, fault.row) for fault in faults}
    faults += [
        fault for fault in check(tables, lines) if (fault.table, fault.row) not in told or not fault.blurred
    ]
    if faults:
        raise InvalidTables(faults)
    return tables


def read_csv(path: Path, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read one table's file as far as its form allows.

    Returns
    -------
    tuple
        The typed frame of all rows (none if the file's own form is broken), with a column ``line``
        besides, in which a cell that has not the form of its column is missing; and the faults found.
    """
    nothing = schemas.empty(table).assign(line=pd.Series(dtype="int64"))
    try:
        text = _decode(path.read_bytes(), table)
    except FileNotFoundError:
        return nothing, [Fault(table, 0, "", "no such file", f"a file {path}")]
    except OSError as error:
        return nothing, [
            Fault(table, 0, "", f"a file that can't be read ({error.strerror})", "a readable file")
        ]
    except _Unreadable as unreadable:
        return nothing, [unreadable.fault]
    records, faults = _records(text, table)
    if records is None:
        return nothing, faults
    return _typed_cells(records, table, faults)


class _Unreadable(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def _decode(data: bytes, table: str) -> str:
    marks = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\xef\xbb\xbf": "a byte order mark"}
    for mark, name in marks.items():
        if data.startswith(mark):
            raise _Unreadable(Fault(table, 1, "", name, "UTF-8 text without a byte order mark"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        found = f"a byte that is no UTF-8 (0x{data[error.start]:02x})"
        raise _Unreadable(Fault(table, row, "", found, "UTF-8 text")) from None
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise _Unreadable(Fault(table, row, "", "a NUL character", "UTF-8 text"))
    return text


def _records(text: str, table: str) -> tuple[pd.DataFrame | None, list[Fault]]:
    expected = [column.name for column in schemas.columns(table)]
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    csv.field_size_limit(CELL_LIMIT)
    try:
        heading = next(reader, None)
        if heading is None:
            return None, [Fault(table, 0, "", "an empty file", "a heading " + ",".join(expected))]
        if heading != expected:
            return None, _heading_faults(table, heading, expected)
        begin = reader.line_num + 1
        for row in reader:
            if len(row) == len(expected):
                rows.append(row)
                lines.append(begin)
            else:
                cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}" if row else "an empty line"
                faults.append(Fault(table, begin, "", cells, f"{len(expected)} cells"))
            begin = reader.line_num + 1
    except csv.Error as error:
        reason = str(error).split(" - ")[0]
        found = (
            f"a cell of more than {CELL_LIMIT:,} characters"
            if "limit" in reason
            else f"broken CSV ({reason})"
        )
        faults.append(Fault(table, max(reader.line_num, 1), "", found, "well-formed CSV"))
    frame = pd.DataFrame(
        dict(zip(expected, zip(*rows, strict=True), strict=True)) if rows else None, columns=expected
    )
    frame = frame.astype("str").assign(line=pd.Series(lines, dtype="int64", index=frame.index))
    return frame, faults


def _heading_faults(table: str, heading: list[str], expected: list[str]) -> list[Fault]:
    faults = [
        Fault(table, 1, name, f"no column {name}", "a heading " + ",".join(expected))
        for name in expected
        if name not in heading
    ]
    for name in dict.fromkeys(heading):
        if name not in expected:
            faults.append(
                Fault(
                    table,
                    1,
                    _shown(name),
                    f"an unknown column {_quoted(name)}",
                    "one of " + ", ".join(expected),
                )
            )
        elif heading.count(name) > 1:
            faults.append(
                Fault(table, 1, name, f"the column {name} {heading.count(name)} times", "each column once")
            )
    if not faults:
        faults.append(Fault(table, 1, "", "columns in another order", "a heading " + ",".join(expected)))
    return faults


def _typed_cells(records: pd.DataFrame, table: str, faults: list[Fault]) -> tuple[pd.DataFrame, list[Fault]]:
    lines = records["line"]
    shaped: dict[str, pd.Series] = {}
    for column in schemas.columns(table):
        cells = records[column.name].mask(records[column.name] == "")
        if column.type == "text":
            shaped[column.name] = cells
            continue
        value, bad = _parsed(cells, column.type)
        shaped[column.name] = value
        faults += [
            Fault(table, int(line), column.name, _quoted(cell), column.form)
            for line, cell in zip(lines[bad], cells[bad], strict=True)
        ]
    frame = schemas.typed(pd.DataFrame(shaped, index=records.index), table).assign(line=lines)
    return frame, faults


def _parsed(cells: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    pattern = {
        "day": r"\d{4}-\d{2}-\d{2}",
        "whole number": r"-?\d{1,15}",
        "number": r"-?\d{1,15}(\.\d{1,10})?",
    }[kind]
    fits = cells.str.fullmatch(pattern.replace(r"\d", "[0-9]")).fillna(False).astype(bool)
    clean = cells.where(fits)
    value: pd.Series
    if kind == "day":
        value = pd.to_datetime(clean, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    elif kind == "whole number":
        value = pd.to_numeric(clean).astype("Int64")
    else:
        value = pd.to_numeric(clean).astype("float64")
    return value, cells.notna() & value.isna()


# Checking ---------------------------------------------------------------------------------------


def check(tables: Mapping[str, pd.DataFrame], lines: Mapping[str, pd.Series] | None = None) -> list[Fault]:
    """Find every fault in typed tables.

    Parameters
    ----------
    tables
        Typed frames by table.
    lines
        The file's line of each row, by table; rows are numbered as in a file with a heading if not
        given.

    Returns
    -------
    list of Fault
        Values outside their vocabulary or form, what a row contradicts in itself, keys that stand
        twice, sources that aren't there, days told as past that come after their source's exact day
        of publication, references that descend from themselves.
    """
    at = {
        name: lines[name] if lines else pd.Series(frame.index + 2, index=frame.index)
        for name, frame in tables.items()
    }
    faults = [fault for name, frame in tables.items() for fault in _schema_faults(name, frame, at[name])]
    for name, frame in tables.items():
        if name != "sources":
            faults += _source_faults(name, frame, tables["sources"], at[name])
    return [*faults, *_cycle_faults(tables["lineage"], at["lineage"])]


def _schema_faults(table: str, frame: pd.DataFrame, line: pd.Series) -> Iterator[Fault]:
    if len(frame) >= MANY and _is_sound(table, frame):
        return
    try:
        schemas.TABLES[table].validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return
    columns = {column.name: column for column in schemas.columns(table)}
    seen = set()
    for context, check_name, column, index, case in zip(
        cases["schema_context"],
        cases["check"],
        cases["column"],
        cases["index"],
        cases["failure_case"],
        strict=True,
    ):
        row = 0 if pd.isna(index) else int(line.loc[int(index)])
        if check_name in ("multiple_fields_uniqueness", "field_uniqueness"):
            key = schemas.KEY if check_name == "multiple_fields_uniqueness" else [column]
            shown = ", ".join(_quoted(frame.loc[int(index), name]) for name in key)
            fault = Fault(
                table, row, ", ".join(key), f"{shown} more than once", "each " + " and ".join(key) + " once"
            )
        elif context == "DataFrameSchema":
            named, expected = _rule(table, str(check_name), columns)
            found = _quoted(frame.loc[int(index), named]) if row else str(case)
            fault = Fault(table, row, named, found, expected, blurred=True)
        else:
            form = columns[column].form
            blank = check_name == "not_nullable"
            fault = Fault(table, row, column, "a blank" if blank else _quoted(case), form, blurred=blank)
        if fault not in seen:
            seen.add(fault)
            yield fault


def _is_sound(table: str, frame: pd.DataFrame) -> bool:
    """Whether a long table breaks no rule of its schema, without looking for which row does.

    A column's rules are the same for equal values, so each different value is validated once. Locators
    differ in each row: those of plain ASCII fit, the others are validated.
    """
    schema = schemas.TABLES[table].to_schema()
    key = schema.unique or [name for name, column in schema.columns.items() if column.unique]
    if list(frame) != list(schema.columns) or frame.duplicated(key).any():
        return False
    try:
        for name, column in schema.columns.items():
            values = frame[name]
            if name == "locator":
                values = values[~values.str.fullmatch(PLAIN).fillna(False).astype(bool)]
            column.validate(pd.DataFrame({name: values.unique()}))
        pandera.pandas.DataFrameSchema(checks=schema.checks).validate(frame)
    except (pandera.errors.SchemaError, pandera.errors.SchemaErrors):
        return False
    return True


def _rule(table: str, text: str, columns: Mapping[str, schemas.Column]) -> tuple[str, str]:
    """A table-wide rule's column and words, from Pandera's name of it (its error text)."""
    for rule in schemas.TABLES[table].to_schema().checks:
        if text in (rule.error, rule.name) and rule.name in columns:
            return str(rule.name), str(rule.error)
    return "", text


def _source_faults(
    table: str, frame: pd.DataFrame, sources: pd.DataFrame, line: pd.Series
) -> Iterator[Fault]:
    known = sources.drop_duplicates("source_id").set_index("source_id")
    codes, named = pd.factorize(frame["source_id"])
    missing = ~np.append(named.isin(known.index), True)[codes]  # code -1 is a blank
    for row, cell in zip(line[missing], frame.loc[missing, "source_id"], strict=True):
        yield Fault(table, int(row), "source_id", _quoted(cell), "a source_id of sources.csv")
    exact = known.loc[known["published_precision"] == PublishedPrecision.DAY, "published_on"]
    days = np.append(exact.reindex(named).to_numpy(), np.datetime64("NaT"))
    published = pd.Series(days[codes], index=frame.index)
    for column, told_as_past in _past(table, frame):
        late = told_as_past & (frame[column] > published)
        for row, day, source_day in zip(line[late], frame.loc[late, column], published[late], strict=True):
            yield Fault(
                table,
                int(row),
                column,
                f"{day:%Y-%m-%d}",
                f"a day up to {source_day:%Y-%m-%d}, its source's own",
            )


def _past(table: str, frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """The columns of days that can be told in the past tense, and the rows in which they are."""
    if table == "meetings":
        yield "held_on", frame["status"] == MeetingStatus.HELD
    for column in schemas.columns(table):
        if column.past and table == "release_items":
            yield column.name, frame["status"] == ReleaseStatus.IMPLEMENTED
        elif column.past:
            yield column.name, pd.Series(True, index=frame.index)


def _cycle_faults(lineage: pd.DataFrame, line: pd.Series) -> Iterator[Fault]:
    """References that are their own ancestors: prune the ends until only cycles are left."""
    left = lineage.dropna(subset=["ref", "earlier_ref"])
    while True:
        inner = left[left["ref"].isin(left["earlier_ref"]) & left["earlier_ref"].isin(left["ref"])]
        if len(inner) == len(left):
            break
        left = inner
    for row, ref in zip(line[left.index], left["ref"], strict=True):
        yield Fault("lineage", int(row), "ref", _quoted(ref), "a reference that doesn't descend from itself")


def _shown(cell: object) -> str:
    text = f"{cell:%Y-%m-%d}" if isinstance(cell, pd.Timestamp) else str(cell)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _quoted(cell: object) -> str:
    blank = cell is None or cell is pd.NaT or cell is pd.NA or cell != cell
    return "a blank" if blank else ascii_marked(_shown(cell))


def ascii_marked(text: str) -> str:
    """Text in quotes, with anything that isn't plain to see written out (spaces that aren't, look-alikes)."""
    plain = all(char.isprintable() and (char.isascii() or char in "–—‘’“”…•£") for char in text)
    return f"'{text}'" if plain and "'" not in text else ascii(text)


# Writing ----------------------------------------------------------------------------------------


def csv_text(frame: pd.DataFrame, table: str) -> str:
    """A table as CSV: UTF-8, LF, ISO days, blanks for what isn't stated."""
    shown = frame[[column.name for column in schemas.columns(table)]].copy()
    for column in schemas.columns(table):
        if column.type == "number":
            shown[column.name] = shown[column.name].map(
                lambda value: f"{value:.10f}".rstrip("0").rstrip("."), na_action="ignore"
            )
    return shown.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def sort_rows(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows in the order of their key, numbers inside locators by value ('line 9' before 'line 10')."""
    if table == "sources":
        return frame.sort_values("source_id", ignore_index=True)
    natural = frame["locator"].str.replace(r"(\d+)", lambda found: found[0].zfill(8), regex=True)
    order = (
        pd.DataFrame({"source_id": frame["source_id"], "locator": natural})
        .sort_values(["source_id", "locator"])
        .index
    )
    return frame.loc[order].reset_index(drop=True)


def write_raw(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Replace the CSV files of a folder by these tables; either all are replaced or none."""
    texts = {f"{name}.csv": csv_text(frame, name).encode() for name, frame in tables.items()}
    replace_files(folder, texts)


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files of a folder so that what can fail fails before the first is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as scratch:
        for name, data in contents.items():
            with (Path(scratch) / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for name in contents:
            (Path(scratch) / name).replace(folder / name)


def write_processed(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write the tables as parquet; the folder is replaced as a whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch) / "fresh"
        fresh.mkdir()
        for name, frame in tables.items():
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), fresh / f"{name}.parquet")
        replace_folder(fresh, folder)


def replace_folder(fresh: Path, folder: Path) -> None:
    """Put a finished folder in the place of another of the same file system."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-old-"))
        folder.replace(old / folder.name)
        fresh.replace(folder)
        shutil.rmtree(old)
    else:
        fresh.replace(folder)


def read_processed(folder: Path) -> Tables:
    """Read what ``secanalysis build`` wrote.

    Raises
    ------
    UserError
        If a table isn't there.
    """
    missing = [name for name in schemas.TABLES if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise UserError(f"{folder} lacks {', '.join(missing)}: run `secanalysis build` first")
    return {
        name: schemas.typed(pq.read_table(folder / f"{name}.parquet").to_pandas(), name)
        for name in schemas.TABLES
    }
