"""Tables of statements on disk: read with every fault reported, written whole or not at all.

``data/raw`` holds them as CSV, ``data/processed`` as parquet. Reading finds all faults of all tables
before it gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from secanalysis.statements import schemas
from secanalysis.statements.csv_reader import read_csv
from secanalysis.statements.faults import Fault, InvalidTables
from secanalysis.support.atomic_files import put_in_place, replace_files, scratch, settled
from secanalysis.support.errors import UserError, ascii_marked

Tables = dict[str, pd.DataFrame]

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
    with settled(folder):
        return _read_folder(folder)


def _read_folder(folder: Path) -> Tables:
    from secanalysis.statements.validation import (
        check,
    )  # Pandera takes a while, and reading parquet needs none

    tables: Tables = {}
    faults = list(_other_files(folder))
    lines: dict[str, pd.Series] = {}
    for table in schemas.FILES:
        if table not in schemas.TABLES and not (folder / f"{table}.csv").exists():
            tables[table], lines[table] = schemas.empty(table), pd.Series(dtype="int64")
            continue
        frame, own_faults = read_csv(folder / f"{table}.csv", table)
        lines[table] = frame.pop("line")
        tables[table] = frame
        faults += own_faults
    reported = {(fault.table, fault.row) for fault in faults}
    whole = {fault.table for fault in faults if fault.lost}.isdisjoint(["sources"])
    faults += [
        fault
        for fault in check(tables, lines, sources_whole=whole)
        if (fault.table, fault.row) not in reported or not fault.blurred
    ]
    if faults:
        raise InvalidTables(faults)
    return tables


def _other_files(folder: Path) -> Iterator[Fault]:
    """CSV files that are none of the tables: nobody would read what is in them."""
    expected = [f"{table}.csv" for table in schemas.FILES]
    for path in folder.iterdir():
        if path.suffix.lower() == ".csv" and path.name not in expected and not path.name.startswith("."):
            name = ascii_marked(path.stem)[1:-1]
            yield Fault(name, 0, "", "a file that isn't a table", "one of " + ", ".join(expected))


def size(tables: Mapping[str, pd.DataFrame]) -> int:
    """How many statements some tables hold: their rows, sources and corrections not counted."""
    return sum(len(tables[name]) for name in schemas.CORRECTED)


# Writing ----------------------------------------------------------------------------------------


def csv_text(frame: pd.DataFrame, table: str) -> str:
    """A table as CSV: UTF-8, LF, ISO days, blanks for what isn't stated."""
    filled = [name for name in schemas.seldom_filled(table) if frame[name].notna().any()]
    usual, every, _ = schemas.headings(table)
    shown = frame[every if filled else usual].copy()
    for column in schemas.columns(table):
        if column.type == "number":
            shown[column.name] = shown[column.name].map(schemas.plain_number, na_action="ignore")
    return shown.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def sort_rows(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows in the order of their key, numbers inside locators by value ('line 9' before 'line 10')."""
    if table == "sources":
        return frame.sort_values("source_id", ignore_index=True)
    natural = frame["locator"].str.replace(r"(\d+)", lambda digits: digits[0].zfill(8), regex=True)
    order = (
        pd.DataFrame({"source_id": frame["source_id"], "locator": natural})
        .sort_values(["source_id", "locator"])
        .index
    )
    return frame.loc[order].reset_index(drop=True)


def write_raw(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Replace the CSV files of a folder by these tables, all of them or none."""
    texts = {f"{name}.csv": csv_text(frame, name).encode() for name, frame in tables.items()}
    replace_files(folder, texts)


def write_processed(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write the tables as parquet; the folder is replaced as a whole.

    Raises
    ------
    UserError
        If the folder holds anything but such tables.
    """
    with scratch(folder, built_tables) as fresh:
        for name, frame in tables.items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            with (fresh / f"{name}.parquet").open(
                "wb"
            ) as file:  # Arrow itself opens no path that isn't UTF-8
                pq.write_table(table, file, write_page_checksum=True)
        put_in_place(fresh, folder)


def built_tables(folder: Path) -> list[str]:
    """The files of a folder that `write_processed` wrote: none where there is no table of sources."""
    names = [f"{name}.parquet" for name in schemas.FILES]
    return names if (folder / "sources.parquet").is_file() else []


def _unthreaded(path: Path) -> pd.DataFrame:
    """A parquet file, read without threads of Arrow's, which a process that forks kernels may not have."""
    held = pa.BufferReader(path.read_bytes())
    with pq.ParquetFile(held, pre_buffer=False, page_checksum_verification=True) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)


def read_processed(folder: Path) -> Tables:
    """Read what ``secanalysis build`` wrote.

    Raises
    ------
    UserError
        If a table isn't there, or can't be read.
    """
    there = {path.stem for path in folder.glob("*.parquet")}
    missing = [name for name in schemas.TABLES if name not in there]
    if missing:
        raise UserError(f"{folder} has no {', '.join(missing)}: run `secanalysis build` first")
    return {name: _built(folder / f"{name}.parquet", name) for name in schemas.FILES if name in there}


def _built(path: Path, table: str) -> pd.DataFrame:
    try:
        return schemas.typed(_unthreaded(path), table)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path} is damaged ({reason}): run `secanalysis build` again") from None
