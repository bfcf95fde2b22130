"""What changed between exports: facts that a newer export of a register states differently, no longer states, or states late.

Late is what happened by the older export's day and isn't in it. What happened since (another stage, a return, a later
plan) is news and not listed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.kept import DATED, VOTES
from secanalysis.domain.vocabulary import Event, MeetingStatus, Precision, ReleaseStatus
from secanalysis.register.snapshots import BY_KIND, Snapshots
from secanalysis.statements.storage import Tables

COLUMNS = [
    "ref",
    "table",
    "about",
    "older",
    "older_on",
    "older_source",
    "older_locator",
    "newer",
    "newer_on",
    "newer_source",
    "newer_locator",
]
NO_LONGER, NOT_YET = "no longer stated", "not stated"
STATED = "stated"
"""In place of a value, where a row says no more than that it is so."""


@dataclass(frozen=True)
class _Facts:
    """The facts of one table: what is compared with what.

    Attributes
    ----------
    table
        Its name.
    same
        The columns that, with the modification, say which facts are of one kind.
    compared
        The columns whose values are compared; the first orders several of one kind.
    """

    table: str
    same: tuple[str, ...]
    compared: tuple[str, ...]


_FACTS = (
    _Facts("modifications", (), ("title", "proposer_organisation")),
    _Facts("lineage", ("kind",), ("on", "earlier_ref")),
    _Facts("events", ("event", "stage"), ("on", "body", "outcome", "path")),
    _Facts("assessments", ("kind",), ("accepted_on", "requested_on", "returned_on", "target_wd")),
    _Facts("consultations", ("kind",), ("opened_on", "closed_on")),
    _Facts("meetings", ("body",), ("held_on", "purpose")),
    _Facts("releases", ("release",), ("in_force_on",)),
    _Facts("release_items", ("status",), ("on", "release", "part")),
)


def changed(tables: Tables, snapshots: Snapshots) -> pd.DataFrame:
    """Every fact that the next export of its register states differently, no longer or late, the newest first.

    Parameters
    ----------
    tables
        Statements of all exports, corrected.
    snapshots
        Which sources are snapshots of one register.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: both values, and the day, source and place in it of both. ``newer`` is `NO_LONGER` where the newer
        export doesn't state it, ``older`` is `NOT_YET` where the older one doesn't.
    """
    changes = [
        _changes(facts, tables[facts.table], older, newer, snapshots)
        for _, of_register in snapshots.exports.groupby("register")
        for older, newer in _consecutive(of_register)
        for facts in _FACTS
    ]
    if not changes:
        return pd.DataFrame(columns=COLUMNS)
    listed = pd.concat(changes, ignore_index=True)[COLUMNS]
    listed = listed.sort_values(["ref", "table", "about", "older"], kind="stable")
    return listed.sort_values("newer_on", ascending=False, kind="stable", ignore_index=True)


def _consecutive(exports: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    by_day = [rows for _, rows in exports.groupby("day")]
    yield from pairwise(by_day)


def _changes(
    facts: _Facts, table: pd.DataFrame, older: pd.DataFrame, newer: pd.DataFrame, snapshots: Snapshots
) -> pd.DataFrame:
    before, now = (_stated(facts, table, export) for export in (older, newer))
    replaced = snapshots.replaced_on(facts.table, table.loc[before.index]) == newer["day"].iloc[0]
    before = before[replaced]
    day = [f"value_{name}" for name in facts.compared]
    pairs: list[pd.DataFrame] = []
    for same in (["key", *day], ["key", day[0]], ["key"]):
        both = _in_order(before, same, day).merge(
            _in_order(now, same, day), on=[*same, "nth"], suffixes=("", "_now")
        )
        if same != ["key", *day]:
            pairs.append(both.assign(**{f"{name}_now": both[name] for name in same if name in day}))
        before = before.drop(both["index"])
        now = now.drop(both["index_now"] if "index_now" in both else both["index"])
    stated = [*day, "source_id", "locator"]
    gone = before.assign(**{f"{name}_now": "" for name in stated}, gone=True)
    late = now.rename(columns={name: f"{name}_now" for name in stated})
    late = late.assign(**dict.fromkeys(day, ""), source_id=older["source_id"].iloc[0], locator=None)
    rows = pd.concat(
        [*(pair.assign(gone=False) for pair in pairs), gone, late.assign(gone=False)], ignore_index=True
    )
    return pd.concat(
        [_of_column(facts, rows, name, older, snapshots) for name in facts.compared], ignore_index=True
    ).assign(older_on=older["day"].iloc[0], newer_on=newer["day"].iloc[0])


def _of_column(
    facts: _Facts, rows: pd.DataFrame, column: str, older: pd.DataFrame, snapshots: Snapshots
) -> pd.DataFrame:
    """The rows whose value of a column differs; of what is gone with no value of its own, that it was stated."""
    before, now = rows[f"value_{column}"], rows[f"value_{column}_now"]
    first = column == facts.compared[0]
    late = _is_late(facts.table, rows, column, older, snapshots)
    differs = (before != "") & (before != now) | late
    if first:
        differs |= rows["gone"] & (rows[[f"value_{name}" for name in facts.compared]] == "").all(axis=1)
    changed = rows[differs]
    words = changed["kind_words"]
    if column not in ("on", "held_on"):
        words = (words + " " + column.replace("_", " ")).str.strip()
    return pd.DataFrame(
        {
            "ref": changed["name"],
            "table": facts.table,
            "about": words.str.replace("_", " "),
            "older": before.mask(before == "", STATED).mask(late, NOT_YET)[differs],
            "older_source": changed["source_id"],
            "older_locator": changed["locator"],
            "newer": now[differs].replace("", NO_LONGER),
            "newer_source": changed["source_id_now"].replace("", None),
            "newer_locator": changed["locator_now"].replace("", None),
        }
    )


def _is_late(
    table: str, rows: pd.DataFrame, column: str, older: pd.DataFrame, snapshots: Snapshots
) -> pd.Series:
    """Rows whose day isn't in the older export, which keeps such days, and isn't after it."""
    if column != "on" and not column.endswith("_on"):
        return pd.Series(False, index=rows.index)
    before, now = rows[f"value_{column}"], rows[f"value_{column}_now"]
    limit = f"{older['day'].iloc[0]:%Y-%m-%d}"
    late = (before == "") & (now != "") & (now.str[-len(limit) :] <= limit)
    kept = [snapshots.kept[str(source_id)] for source_id in older["source_id"]]
    keeps = {
        kind: any(of.keeps_some(_thing(table, str(kind), column)) for of in kept)
        for kind in rows.loc[late, "kind_words"].unique()
    }
    return late & rows["kind_words"].map(keeps).eq(True)


def _thing(table: str, kind: str, column: str) -> str:
    """What a register keeps (`domain.kept`) that has such a day."""
    if table in BY_KIND:
        return f"{table}.{kind}.{column}"
    if table == "release_items":
        return f"{table}.{kind}.{DATED}"
    if table == "events":
        event = kind.split(" ")[0]
        return event if event in VOTES else f"{event}.{DATED}"
    return table


def _stated(facts: _Facts, table: pd.DataFrame, export: pd.DataFrame) -> pd.DataFrame:
    """The facts that one export states, their values as text; what it shows of its own day only isn't one."""
    rows = table[table["source_id"].isin(export["source_id"])]
    rows = rows[_is_fact(facts.table, rows, export["day"].iloc[0])]
    names = references.name(rows["ref"]) if "ref" in rows else pd.Series("", index=rows.index, dtype="str")
    kind = pd.Series("", index=rows.index, dtype="str")
    for column in facts.same:
        kind = (kind + " " + rows[column].fillna("")).str.strip()
    values = {f"value_{column}": _text(rows, column) for column in facts.compared}
    frame = pd.DataFrame(
        {
            "name": names.fillna(""),
            "kind_words": kind,
            **values,
            "source_id": rows["source_id"],
            "locator": rows["locator"],
        }
    )
    return frame.assign(key=frame["name"] + "|" + frame["kind_words"])


def _is_fact(table: str, rows: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    if table == "events":
        seen = (rows["precision"] == Precision.BY) & (rows["on"] == day)
        return ~(seen & rows["event"].isin([Event.OBSERVED, Event.ON_HOLD]))
    if table == "consultations":
        return rows["opened_on"].notna()
    if table == "meetings":
        return (rows["status"] == MeetingStatus.HELD) | (rows["held_on"] <= day)
    if table == "releases":
        return rows["in_force_on"].notna()
    if table == "release_items":
        return rows["status"] == ReleaseStatus.IMPLEMENTED
    return pd.Series(True, index=rows.index)


def _text(rows: pd.DataFrame, column: str) -> pd.Series:
    values = rows[column]
    if not pd.api.types.is_datetime64_any_dtype(values):
        return values.astype("str").where(values.notna(), "")
    days = values.dt.strftime("%Y-%m-%d").astype("str")
    if column == "on":
        precision = rows["precision"].fillna("")
        days = days.where(precision == Precision.DAY, precision.str.replace("_", " ") + " " + days)
    return days.where(values.notna(), "")


def _in_order(rows: pd.DataFrame, same: Sequence[str], order: Sequence[str]) -> pd.DataFrame:
    ordered = rows.sort_values(["key", *order, "source_id", "locator"], kind="stable")
    return ordered.assign(nth=ordered.groupby(list(same)).cumcount()).reset_index()
