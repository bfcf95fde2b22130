"""A document's statements go into the tables in place of its earlier ones, all at once or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from secanalysis.domain.vocabulary import SourceKind
from secanalysis.ingest.reading import Cells, Reading
from secanalysis.statements import csv_reader, schemas, storage, validation
from secanalysis.statements.faults import InvalidTables
from secanalysis.support.atomic_files import settled
from secanalysis.support.errors import UserError


def merge(
    reading: Reading, into: Path, *, replace: bool = False, write: bool = True
) -> tuple[dict[str, int], dict[str, int]]:
    """Put a document's statements into a folder of tables.

    Parameters
    ----------
    reading
        The document.
    into
        The folder; one that is empty or not there yet is filled with all tables.
    replace
        Whether a register's export may take the place of another one of the same ``source_id``.
    write
        Whether the tables are written, or only checked.

    Returns
    -------
    tuple
        Rows written and rows that they replace, by table.

    Raises
    ------
    UserError
        If the folder's tables, or these statements together with them, can't be used, or rows of another export
        would be lost; nothing is written then.

    Notes
    -----
    Summaries are people's own words: those of the document's earlier rows are carried over to its new ones.
    """
    with _held(into, kept=write):
        old = _existing(into)
        source_id = str(reading.source["source_id"])
        earlier = old["modifications"][old["modifications"]["source_id"] == source_id]
        new = reading.tables | {"modifications": _with_summaries(reading.tables["modifications"], earlier)}
        _check_same_source(old["sources"], reading.source)
        _check_not_there(old, new, reading.source)
        if not replace:
            _check_nothing_lost(old, new, reading.source)
        merged, replaced = {}, {}
        for table, frame in old.items():
            own = frame["source_id"] == source_id
            kept = frame[~own]
            both = pd.concat([kept, new[table]], ignore_index=True) if len(kept) else new[table]
            merged[table] = storage.sort_rows(both, table)
            replaced[table] = int(own.sum())
        if faults := validation.check(merged):
            # Faults that were there already are reported with the lines of their files.
            if any(old_table.size for old_table in old.values()):
                storage.read_folder(into)
            raise InvalidTables(faults)
        if write:
            storage.write_raw(merged, into)
    return {table: len(frame) for table, frame in new.items()}, replaced


def _existing(folder: Path) -> storage.Tables:
    """The folder's tables, their cells typed; they are checked once, together with what comes in."""
    if not any((folder / f"{table}.csv").exists() for table in schemas.TABLES):
        return {table: schemas.empty(table) for table in schemas.TABLES}
    read = {table: csv_reader.read_csv(folder / f"{table}.csv", table) for table in schemas.TABLES}
    if faults := [fault for _, of_table in read.values() for fault in of_table]:
        raise InvalidTables(faults)
    return {table: frame.drop(columns="line") for table, (frame, _) in read.items()}


def _with_summaries(modifications: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Rows with the summaries that earlier ones had: of the same reference and title, else of the reference alone."""
    summary, written = modifications["summary"], earlier.dropna(subset=["summary"])
    for same in (["ref", "title"], ["ref"]):
        of_same = written.drop_duplicates(same).set_index(same)["summary"]
        keys = pd.MultiIndex.from_frame(modifications[same]) if len(same) > 1 else modifications["ref"]
        summary = summary.fillna(pd.Series(of_same.reindex(keys).array, index=summary.index, dtype="str"))
        written = written[~written["ref"].isin(modifications.loc[summary.notna(), "ref"])]
    return modifications.assign(summary=summary)


def _check_same_source(sources: pd.DataFrame, source: Cells) -> None:
    known = sources[sources["source_id"] == source["source_id"]]
    if known.empty:
        return
    kind, title = known.iloc[0]["kind"], known.iloc[0]["title"]
    another_report = kind in (SourceKind.REPORT, SourceKind.SYNTHETIC) and title != source["title"]
    if kind != source["kind"] or another_report:
        raise UserError(
            f"the source_id {source['source_id']} already names another source, the {kind} '{title}': "
            "give this one its own with --source-id"
        )


def _check_not_there(old: storage.Tables, new: storage.Tables, source: Cells) -> None:
    """Refuse a report that is there under another ``source_id``: its facts would count twice.

    Summaries are no facts of it.
    """
    sources = old["sources"]
    same = sources[
        (sources["kind"] == source["kind"])
        & (sources["title"] == source["title"])
        & (sources["published_on"] == pd.Timestamp(source["published_on"]))
        & (sources["source_id"] != source["source_id"])
    ]
    if source["kind"] == SourceKind.REGISTER:
        return  # an export without changes says the same as the one before
    for other in same["source_id"]:
        if all(_states_the_same(old[table], new[table], other) for table in new if table != "sources"):
            raise UserError(
                f"this document states the same as {other}, of the same title and day, and its facts would count "
                "twice; nothing was written. Leave out --source-id, and it takes that one's place"
            )


def _states_the_same(old: pd.DataFrame, new: pd.DataFrame, source_id: str) -> bool:
    rows = [
        frame.drop(columns=["source_id", "locator", "summary"], errors="ignore")
        for frame in (old[old["source_id"] == source_id], new)
    ]
    return len(rows[0]) == len(rows[1]) and _missing(*rows) == 0 == _missing(*rows[::-1])


def _check_nothing_lost(old: storage.Tables, new: storage.Tables, source: Cells) -> None:
    """Refuse a register's export that would remove rows which it doesn't hold itself.

    An export of the same file name and day is another register's as likely as a mended one of the same register:
    nothing in the files says which.
    """
    source_id = source["source_id"]
    known = old["sources"][old["sources"]["source_id"] == source_id]
    if known.empty or source["kind"] != SourceKind.REGISTER:
        return
    lost = {
        table: count
        for table, frame in old.items()
        if table != "sources" and (count := _missing(frame[frame["source_id"] == source_id], new[table]))
    }
    if lost:
        title, day = known.iloc[0]["title"], known.iloc[0]["published_on"]
        rows = ", ".join(f"{count:,} of {table}" for table, count in lost.items())
        raise UserError(
            f"{source_id} is already the source_id of '{title}' of {day:%Y-%m-%d}, and this export would remove rows "
            f"of it ({rows}); nothing was written. If this is the same register's export, put right, give --replace; "
            "if it is another's, give it a name of its own with --source-id"
        )


def _missing(rows: pd.DataFrame, others: pd.DataFrame) -> int:
    """How many of some rows aren't among others."""
    if rows.empty:
        return 0
    both = pd.concat([others, rows], ignore_index=True)
    return int((~both.duplicated().iloc[len(others) :]).sum())


@contextmanager
def _held(folder: Path, *, kept: bool) -> Iterator[None]:
    """Hold a folder, made if need be, so that of two that merge into it one waits for the other.

    A folder that was made stays only if it is to be ``kept``, and something was written into it.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} isn't a folder")
    if not folder.exists() and not folder.absolute().parent.is_dir():
        raise UserError(f"no folder {folder.absolute().parent}, in which {folder.name} would be made")
    made = not folder.exists()
    folder.mkdir(exist_ok=True)
    with settled(folder):
        try:
            yield
        except BaseException:
            if made and not any(folder.iterdir()):
                folder.rmdir()
            raise
        if made and not kept and not any(folder.iterdir()):
            folder.rmdir()
