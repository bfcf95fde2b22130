"""Tables of statements on disk: reading with every fault told, and writing whole or not at all.

``data/raw`` holds them as CSV, ``data/processed`` as parquet. Reading finds all faults of all tables
before it gives up, and tells each as table, row, column, what was found and what was expected.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.errors
import pyarrow as pa
import pyarrow.parquet as pq

from secanalysis import corrections, schemas
from secanalysis.errors import UserError, ascii_marked
from secanalysis.replacing import put_in_place, scratch
from secanalysis.vocabulary import MeetingStatus, PublishedPrecision, ReleaseStatus

Tables = dict[str, pd.DataFrame]

CELL_LIMIT = 100_000
SHOWN = 60
PLAIN = "[!-~](?:[ -~]*[!-~])?"
_CELL = re.compile(r'"(?:[^"]|"")*+"(?=[,\r\n]|\Z)|(?!")[^,\r\n]*')
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with one cell, row or file.

    ``row`` is the line of the CSV file on which the row begins (the heading is line 1), or 0 where
    the fault is the file's. ``blurred`` marks what may only follow from another fault of the same row:
    a cell that couldn't be read counts as a blank in the rules that look at several cells. ``lost`` marks
    what keeps rows from being read at all.
    """

    table: str
    row: int
    column: str
    found: str
    expected: str
    blurred: bool = field(default=False, compare=False)
    lost: bool = field(default=False, compare=False)

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
    """Read and check all tables, and the corrections of them.

    Parameters
    ----------
    folder
        Holds ``<table>.csv`` for each table of `schemas.FILES`.

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
    faults = list(_other_files(folder))
    lines: dict[str, pd.Series] = {}
    for table in schemas.FILES:
        if table not in schemas.TABLES and not (folder / f"{table}.csv").exists():
            tables[table], lines[table] = schemas.empty(table), pd.Series(dtype="int64")
            continue
        frame, found = read_csv(folder / f"{table}.csv", table)
        lines[table] = frame.pop("line")
        tables[table] = frame
        faults += found
    told = {(fault.table, fault.row) for fault in faults}
    whole = {fault.table for fault in faults if fault.lost}.isdisjoint(["sources"])
    faults += [
        fault
        for fault in check(tables, lines, sources_whole=whole)
        if (fault.table, fault.row) not in told or not fault.blurred
    ]
    if faults:
        raise InvalidTables(faults)
    return tables


def _other_files(folder: Path) -> Iterator[Fault]:
    """CSV files that are none of the tables: nobody would read what stands in them."""
    expected = [f"{table}.csv" for table in schemas.FILES]
    for path in folder.iterdir():
        if path.suffix.lower() == ".csv" and path.name not in expected and not path.name.startswith("."):
            name = ascii_marked(path.stem)[1:-1]
            yield Fault(name, 0, "", "a file that isn't a table", "one of " + ", ".join(expected))


def read_csv(path: Path, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read one table's file as far as its form allows.

    Returns
    -------
    tuple
        The typed frame of all rows (none if the file's own form is broken), with a column ``line``
        besides, in which a cell that has not the form of its column is missing; and the faults found.
    """
    try:
        text = _decode(_bytes(path, table), table)
        records, faults = _records(text, table)
    except _Unreadable as unreadable:
        return schemas.empty(table).assign(line=pd.Series(dtype="int64")), unreadable.faults
    return _typed_cells(records, table, faults)


class _Unreadable(Exception):
    """A file no row of which can be read."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = [replace(fault, lost=True) for fault in faults]


def _bytes(path: Path, table: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe would be waited for
            found = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise _Unreadable(Fault(table, 0, "", found, "a file"))
        return path.read_bytes()
    except FileNotFoundError:
        raise _Unreadable(Fault(table, 0, "", "no such file", f"a file {path}")) from None
    except OSError as error:
        found = f"a file that can't be read ({error.strerror})"
        raise _Unreadable(Fault(table, 0, "", found, "a readable file")) from None


def _decode(data: bytes, table: str) -> str:
    marks = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\xef\xbb\xbf": "a byte order mark"}
    for mark, name in marks.items():
        if data.startswith(mark):
            raise _Unreadable(Fault(table, 1, "", name, "UTF-8 text without a byte order mark"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode("utf-8"), table)
        found = f"a byte that is no UTF-8 (0x{data[error.start]:02x})"
        raise _Unreadable(Fault(table, *place, found, "UTF-8 text")) from None
    if "\x00" in text:
        place = _place(text[: text.index("\x00")], table)
        raise _Unreadable(Fault(table, *place, "a NUL character", "UTF-8 text"))
    return text


def _place(before: str, table: str) -> tuple[int, str]:
    """The row and column at which a text breaks off; the column is blank where it can't be told."""
    row, at = 1, 0
    reader = csv.reader(io.StringIO(before + "?", newline=""))
    try:
        for cells in reader:
            begin, row, at = row, reader.line_num + 1, len(cells) - 1
    except csv.Error:
        return len(_LINE_END.findall(before)) + 1, ""
    return begin, _column(table, begin, at)


def _column(table: str, row: int, at: int) -> str:
    """The name of a row's cell, blank for a heading's and for one that no column has."""
    names = [column.name for column in schemas.columns(table)]
    return names[at] if row > 1 and at < len(names) else ""


def _records(text: str, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    expected = [column.name for column in schemas.columns(table)]
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str | None]] = []
    lines: list[int] = []
    csv.field_size_limit(CELL_LIMIT)
    begin = 1
    try:
        heading = next(reader, None)
        if heading != expected:
            raise _Unreadable(*_heading_faults(table, heading, expected))
        begin = reader.line_num + 1
        for row in reader:
            if len(row) == len(expected):
                rows.append([text or None for text in row])
                lines.append(begin)
            else:
                cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}" if row else "an empty line"
                faults.append(Fault(table, begin, "", cells, f"{len(expected)} cells", lost=True))
            begin = reader.line_num + 1
    except csv.Error as error:
        faults.append(_broken(text, table, begin, reader.line_num, str(error)))
    shaped = dict(zip(expected, zip(*rows, strict=True), strict=True)) if rows else {}
    frame = pd.DataFrame(shaped, columns=expected, dtype="str")
    return frame.assign(line=pd.Series(lines, dtype="int64", index=frame.index)), faults


def _broken(text: str, table: str, row: int, line: int, error: str) -> Fault:
    """What is wrong with a row at which the CSV reader gave up, and in which cell."""
    begins = [0, *(end.end() for end in _LINE_END.finditer(text))]
    at, cell = begins[row - 1], 0
    while found := _CELL.match(text, at):
        if len(found[0]) > CELL_LIMIT or text[found.end() : found.end() + 1] != ",":
            break
        at, cell = found.end() + 1, cell + 1
    if "limit" in error:
        told = f"a cell of more than {CELL_LIMIT:,} characters", f"at most {CELL_LIMIT:,} characters"
    elif "end of data" in error:
        told = "a quote that is never closed", "a quote at the cell's end"
    else:
        where = f" (on line {line})" if line > row else ""
        told = f"text after the quote that ends a cell{where}", "a comma or the row's end there"
    return Fault(table, row, _column(table, row, cell), *told, lost=True)


def _heading_faults(table: str, heading: list[str] | None, expected: list[str]) -> list[Fault]:
    wanted = "a heading " + ",".join(expected)
    if not heading:
        row, found = (0, "an empty file") if heading is None else (1, "an empty line")
        return [Fault(table, row, "", found, wanted)]
    for other in schemas.FILES:
        if heading == [column.name for column in schemas.columns(other)]:
            return [Fault(table, 1, "", f"the heading of {other}.csv", wanted)]
    for mark in ";\t|":
        if heading[0].split(mark) == expected:
            return [Fault(table, 1, "", f"cells divided by {mark!a}", wanted)]
    if not set(heading) & set(expected):
        return [Fault(table, 1, "", _quoted(",".join(heading)), wanted)]
    faults = [Fault(table, 1, name, f"no column {name}", wanted) for name in expected if name not in heading]
    one_of = "one of " + ", ".join(expected)
    for name in dict.fromkeys(heading):
        if name not in expected:
            shown = _quoted(name)
            faults.append(Fault(table, 1, shown[1:-1], f"an unknown column {shown}", one_of))
        elif heading.count(name) > 1:
            times = f"the column {name} {heading.count(name)} times"
            faults.append(Fault(table, 1, name, times, "each column once"))
    return faults or [Fault(table, 1, "", "columns in another order", wanted)]


def _typed_cells(records: pd.DataFrame, table: str, faults: list[Fault]) -> tuple[pd.DataFrame, list[Fault]]:
    lines = records["line"]
    if records.empty:
        return schemas.empty(table).assign(line=lines), faults
    shaped: dict[str, pd.Series] = {}
    for column in schemas.columns(table):
        cells = records[column.name]
        if column.type == "text":
            shaped[column.name] = cells
            continue
        value, bad = _parsed(cells, column.type)
        shaped[column.name] = value
        if bad.any():
            faults += [
                Fault(table, int(line), column.name, _quoted(cell), column.form)
                for line, cell in zip(lines[bad], cells[bad], strict=True)
            ]
    return pd.DataFrame(shaped, index=records.index).assign(line=lines), faults


def _parsed(cells: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    pattern = {
        "day": r"\d{4}-\d{2}-\d{2}",
        "whole number": r"\d{1,15}",
        "number": r"\d{1,15}(\.\d{1,10})?",
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


def check(
    tables: Mapping[str, pd.DataFrame],
    lines: Mapping[str, pd.Series] | None = None,
    *,
    sources_whole: bool = True,
) -> list[Fault]:
    """Find every fault in typed tables.

    Parameters
    ----------
    tables
        Typed frames by table.
    lines
        The file's line of each row, by table; rows are numbered as in a file with a heading if not
        given.
    sources_whole
        Whether all sources are there: if some couldn't be read, others' rows aren't blamed for it.

    Returns
    -------
    list of Fault
        Values outside their vocabulary or form, what a row contradicts in itself, keys that stand
        twice, sources that aren't there, days told as past that come after their source's exact day
        of publication, references that descend from themselves; where there is none of these, corrections
        of what isn't so (any more).
    """
    at = {
        name: lines[name] if lines else pd.Series(frame.index + 2, index=frame.index)
        for name, frame in tables.items()
    }
    faults = [fault for name, frame in tables.items() for fault in _schema_faults(name, frame, at[name])]
    for name, frame in tables.items():
        if name != "sources" and len(frame):
            if sources_whole:
                faults += _dangling_faults(name, frame, tables["sources"], at[name])
            faults += _late_faults(name, frame, tables["sources"], at[name])
    faults += _cycle_faults(tables["lineage"], at["lineage"])
    if "corrections" in tables and not faults:
        line = at["corrections"]
        faults += [
            Fault("corrections", int(line.loc[index]), column, _quoted(found), expected)
            for index, column, found, expected in corrections.refused(tables)
        ]
    return faults


def _schema_faults(table: str, frame: pd.DataFrame, line: pd.Series) -> Iterator[Fault]:
    if _is_sound(table, frame):
        return
    try:
        schemas.FILES[table].validate(frame, lazy=True)
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
            key = _key(table) if check_name == "multiple_fields_uniqueness" else [column]
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


def _key(table: str) -> list[str]:
    """The columns that together name a row."""
    return list(getattr(schemas.FILES[table].__config__, "unique", None) or [])


def _is_sound(table: str, frame: pd.DataFrame) -> bool:
    """Whether a table breaks no rule of its schema, without looking for which row does: most are sound.

    A column's rules are the same for equal values, so each different value is looked at once. Locators
    differ in each row: those of plain ASCII fit.
    """
    # from the declaration itself: building a Pandera schema imports every dataframe library that is installed
    if frame.empty:
        return True
    model = schemas.FILES[table]
    columns = {name: spec for name, (_, spec) in model.__fields__.items()}
    key = _key(table) or [name for name, spec in columns.items() if spec.unique]
    if list(frame) != list(columns) or frame.duplicated(key).any():
        return False
    for name, spec in columns.items():
        values = frame[name]
        if not schemas.has_type(values, table, name) or not (spec.nullable or values.notna().all()):
            return False
        if name == "locator":
            values = values[~values.str.fullmatch(PLAIN).fillna(False).astype(bool)]
        different = pd.Series(values.unique())
        if not all(bool(rule(different).check_passed) for rule in spec.checks):
            return False
    return all(bool(rule(frame).check_passed) for rule in model.__root_checks__)


def _rule(table: str, text: str, columns: Mapping[str, schemas.Column]) -> tuple[str, str]:
    """A table-wide rule's column and words, from Pandera's name of it (its error text)."""
    for rule in schemas.FILES[table].to_schema().checks:
        if text in (rule.error, rule.name) and rule.name in columns:
            return str(rule.name), str(rule.error)
    return "", text


def _dangling_faults(
    table: str, frame: pd.DataFrame, sources: pd.DataFrame, line: pd.Series
) -> Iterator[Fault]:
    missing = frame["source_id"].notna() & ~frame["source_id"].isin(sources["source_id"])
    if not missing.any():
        return
    for row, cell in zip(line[missing], frame.loc[missing, "source_id"], strict=True):
        yield Fault(table, int(row), "source_id", _quoted(cell), "a source_id of sources.csv")


def _late_faults(table: str, frame: pd.DataFrame, sources: pd.DataFrame, line: pd.Series) -> Iterator[Fault]:
    exact = sources[sources["published_precision"] == PublishedPrecision.DAY].drop_duplicates("source_id")
    codes, named = pd.factorize(frame["source_id"])
    days = exact.set_index("source_id")["published_on"].reindex(named).to_numpy()
    published = pd.Series(np.append(days, np.datetime64("NaT"))[codes], index=frame.index)  # -1 is a blank
    for column, told_as_past in _past(table, frame):
        late = told_as_past & (frame[column] > published) & (frame[column] <= schemas.LAST_DAY)
        if not late.any():
            continue
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
    """References that are their own ancestors: rows between two of one circle."""
    stated = lineage.dropna(subset=["ref", "earlier_ref"])
    inner = stated[stated["ref"].isin(stated["earlier_ref"]) & stated["earlier_ref"].isin(stated["ref"])]
    if inner.empty:
        return
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    codes, refs = pd.factorize(pd.concat([inner["ref"], inner["earlier_ref"]]))
    later, earlier = codes[: len(inner)], codes[len(inner) :]
    steps = coo_array((np.ones(len(inner)), (later, earlier)), shape=(len(refs), len(refs)))
    _, circle = connected_components(steps, connection="strong")
    circular = inner[circle[later] == circle[earlier]]
    for row, ref in zip(line[circular.index], circular["ref"], strict=True):
        yield Fault("lineage", int(row), "ref", _quoted(ref), "a reference that doesn't descend from itself")


def _shown(cell: object) -> str:
    text = str(cell)
    if isinstance(cell, pd.Timestamp):
        text = f"{cell:%Y-%m-%d}"
    elif isinstance(cell, float):
        text = schemas.plain_number(cell)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _quoted(cell: object) -> str:
    blank = cell is None or cell is pd.NaT or cell is pd.NA or cell != cell
    return "a blank" if blank else ascii_marked(_shown(cell))


# Writing ----------------------------------------------------------------------------------------


def csv_text(frame: pd.DataFrame, table: str) -> str:
    """A table as CSV: UTF-8, LF, ISO days, blanks for what isn't stated."""
    shown = frame[[column.name for column in schemas.columns(table)]].copy()
    for column in schemas.columns(table):
        if column.type == "number":
            shown[column.name] = shown[column.name].map(schemas.plain_number, na_action="ignore")
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
    with scratch(folder) as fresh:
        for name, frame in tables.items():
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), fresh / f"{name}.parquet")
        put_in_place(fresh, folder)


def _unthreaded(path: Path) -> pd.DataFrame:
    """A parquet file, read without threads of Arrow's, which a process that forks kernels may not have."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)


def read_processed(folder: Path) -> Tables:
    """Read what ``secanalysis build`` wrote.

    Raises
    ------
    UserError
        If a table isn't there.
    """
    there = {path.stem for path in folder.glob("*.parquet")}
    missing = [name for name in schemas.TABLES if name not in there]
    if missing:
        raise UserError(f"{folder} lacks {', '.join(missing)}: run `secanalysis build` first")
    return {
        name: schemas.typed(_unthreaded(folder / f"{name}.parquet"), name)
        for name in schemas.FILES
        if name in there
    }
