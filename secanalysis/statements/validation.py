"""What typed tables of statements may not hold: every fault of every row, and of tables together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pandera.errors

from secanalysis.domain import references
from secanalysis.domain.release_names import look_alikes
from secanalysis.domain.vocabulary import CorrectionAction, MeetingStatus, PublishedPrecision, ReleaseStatus
from secanalysis.statements import column_types, corrections, models, schemas
from secanalysis.statements.faults import Fault, quoted

PLAIN = "[!-~](?:[ -~]*[!-~])?"


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
        Values outside their vocabulary or form, contradictions within a row, keys that occur
        twice, sources that aren't there, days stated as past that come after their source's exact day
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
    faults += _look_alike_faults(tables, at)
    if "corrections" in tables and not faults:
        faults += _correction_faults(tables, at["corrections"])
    return faults


def _correction_faults(tables: Mapping[str, pd.DataFrame], line: pd.Series) -> Iterator[Fault]:
    """Corrections of what isn't so, and those after which a table would be refused, as it is then known."""
    unfit = set()
    for index, column, found, expected in corrections.refused(tables):
        unfit.add(index)
        yield Fault("corrections", int(line.loc[index]), column, quoted(found), expected)
    live = corrections.live(tables["corrections"])
    live = live[~live.index.isin(unfit)]
    concerned = {name: _corrected_rows(tables[name], name, live) for name in live["table"].unique()}
    blamed = set()
    for day in sorted(live["since"].unique()):
        used = live[live["since"] <= day]
        after = corrections.corrected(concerned, used)
        for table, of_table in used[used["action"] == CorrectionAction.REPLACE].groupby("table"):
            for index, expected in _faults_after(str(table), after[str(table)], tables["sources"], of_table):
                if index not in blamed:
                    blamed.add(index)
                    value = live.loc[index, "value"]
                    yield Fault("corrections", int(line.loc[index]), "value", quoted(value), expected)


def _corrected_rows(frame: pd.DataFrame, table: str, used: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table that are corrected; all of lineage, whose rows make circles with others."""
    if table == "lineage":
        return frame
    keys = pd.MultiIndex.from_frame(used.loc[used["table"] == table, schemas.KEY])
    return frame[pd.MultiIndex.from_frame(frame[schemas.KEY]).isin(keys)].reset_index(drop=True)


def _faults_after(
    table: str, frame: pd.DataFrame, sources: pd.DataFrame, used: pd.DataFrame
) -> Iterator[tuple[int, str]]:
    """Which corrections make faults of a corrected table, and what was expected: those of the cell, else of its row."""
    line = pd.Series(frame.index + 1, index=frame.index)
    faults = [*_schema_faults(table, frame, line), *_late_faults(table, frame, sources, line)]
    if table == "lineage":
        faults += _cycle_faults(frame, line)
    for fault in faults:
        key = frame.loc[fault.row - 1]
        of_row = used[(used["source_id"] == key["source_id"]) & (used["locator"] == key["locator"])]
        of_cell = of_row[of_row["column"] == fault.column]
        for index in of_cell.index:
            yield int(index), fault.expected
        if of_cell.empty:
            yield from ((int(index), f"a row with {fault.expected}") for index in of_row.index)


def _schema_faults(table: str, frame: pd.DataFrame, line: pd.Series) -> Iterator[Fault]:
    if _is_sound(table, frame):
        return
    try:
        models.model(table).validate(frame, lazy=True)
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
            shown = ", ".join(quoted(frame.loc[int(index), name]) for name in key)
            fault = Fault(
                table, row, ", ".join(key), f"{shown} more than once", "each " + " and ".join(key) + " once"
            )
        elif context == "DataFrameSchema":
            named, expected = _rule(table, str(check_name), columns)
            shown = quoted(frame.loc[int(index), named]) if row else str(case)
            fault = Fault(table, row, named, shown, expected, blurred=True)
        else:
            form = columns[column].form
            if check_name == "is_reference":
                form = f"a reference such as {references.example()}"
            blank = check_name == "not_nullable"
            fault = Fault(table, row, column, "a blank" if blank else quoted(case), form, blurred=blank)
        if fault not in seen:
            seen.add(fault)
            yield fault


def _key(table: str) -> list[str]:
    """The columns that together name a row."""
    return list(schemas.FILES[table].unique or [])


def _is_sound(table: str, frame: pd.DataFrame) -> bool:
    """Whether a table breaks no rule of its schema, without looking for which row does: most are sound.

    It applies the declared rules itself, as Pandera's ``validate`` is slow on sound tables: 3.5 s against 1.0 s
    on half a million rows, and 2.4 s more the first time, when building a schema imports every dataframe library
    that is installed (``make bench`` measures both). A column's rules are the same for equal values, so each
    different value is looked at once. Locators differ in each row: those of plain ASCII fit.
    """
    if frame.empty:
        return True
    model = models.model(table)
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
    for rule in models.model(table).to_schema().checks:
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
        yield Fault(table, int(row), "source_id", quoted(cell), "a source_id of sources.csv")


def _late_faults(table: str, frame: pd.DataFrame, sources: pd.DataFrame, line: pd.Series) -> Iterator[Fault]:
    exact = sources[sources["published_precision"] == PublishedPrecision.DAY].drop_duplicates("source_id")
    codes, named = pd.factorize(frame["source_id"])
    days = exact.set_index("source_id")["published_on"].reindex(named).to_numpy()
    published = pd.Series(np.append(days, np.datetime64("NaT"))[codes], index=frame.index)  # -1 is a blank
    for column, stated_as_past in _past(table, frame):
        late = stated_as_past & (frame[column] > published) & (frame[column] <= column_types.LAST_DAY)
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
    """The columns of days that can be stated in the past tense, and the rows in which they are."""
    if table == "meetings":
        yield "held_on", frame["status"] == MeetingStatus.HELD
    for column in schemas.columns(table):
        if column.past and table == "release_items":
            yield column.name, frame["status"] == ReleaseStatus.IMPLEMENTED
        elif column.past:
            yield column.name, pd.Series(True, index=frame.index)


def _look_alike_faults(tables: Mapping[str, pd.DataFrame], at: Mapping[str, pd.Series]) -> Iterator[Fault]:
    """Names of releases that are different and look the same: where each is first."""
    named = {table: tables[table]["release"].dropna() for table in ("releases", "release_items")}
    for odd, plain in look_alikes(pd.unique(pd.concat(list(named.values())))):
        table = next(table for table, names in named.items() if (names == odd).any())
        row = at[table].loc[named[table].index[named[table] == odd][0]]
        expected = f"the same characters as in {plain!a}, which looks the same"
        yield Fault(table, int(row), "release", ascii(odd), expected)


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
        yield Fault("lineage", int(row), "ref", quoted(ref), "a reference that doesn't descend from itself")
