"""Small typed tables for tests: name what matters, everything else is blank."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pandas as pd

from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import schemas, table_columns

REPORT = "report-2020-08"
PAGE = "page"
OTHER = "other-page"

KINDS = {"report": "report", "register": "register", "release": "release_page", "synthetic": "synthetic"}


def source(source_id: str, **stated: Any) -> dict[str, Any]:
    """A source; its kind follows from its name's first word, a modification's page if none is meant."""
    kind = KINDS.get(source_id.split("-")[0], "modification_page")
    named = {"source_id": source_id, "kind": kind, "title": source_id, "publisher": "Somebody"}
    return named | stated


def tables(
    sources: list[dict[str, Any]] | None = None, **rows: list[dict[str, Any]]
) -> dict[str, pd.DataFrame]:
    """All tables with these rows, by table.

    A row needs no locator (it gets its number), no precision (``day`` where it has a day) and no source
    (``PAGE``); sources that aren't given are undated.
    """
    counts: dict[str, int] = defaultdict(int)
    given = list(sources or [])
    known = {row["source_id"] for row in given}
    out = {}
    for table in schemas.TABLES:
        if table == "sources":
            continue
        made = []
        for row in rows.get(table, []):
            counts[table] += 1
            full = {"source_id": PAGE, "locator": f"line {counts[table]}"} | row
            if "precision" in {column.name for column in table_columns.columns(table)} and full.get("on"):
                full.setdefault("precision", "day")
            if full["source_id"] not in known:
                known.add(full["source_id"])
                given.append(source(full["source_id"]))
            made.append(full)
        out[table] = _typed(made, table)
    return {"sources": _typed(given, "sources"), **out}


def _typed(rows: list[dict[str, Any]], table: str) -> pd.DataFrame:
    names = [column.name for column in table_columns.columns(table)]
    if unknown := {name for row in rows for name in row} - set(names):
        raise KeyError(f"{table} has no {unknown}")
    return table_columns.typed(pd.DataFrame(rows, columns=names, dtype="object"), table)


def register(sources: list[dict[str, Any]] | None = None, **rows: list[dict[str, Any]]) -> ResolvedRegister:
    """A register of these statements, as `tables` takes them."""
    return ResolvedRegister(tables(sources, **rows))


def event(ref: str, event: str, on: str | None = None, **stated: Any) -> dict[str, Any]:
    """A row of events."""
    return {"ref": ref, "event": event, "on": on, **stated}


def vote(
    ref: str, on: str, outcome: str | None = "approved", path: str | None = "self_governance", **stated: Any
):
    """A Change Board vote."""
    return event(ref, "voted", on, **({"body": "change_board", "outcome": outcome, "path": path} | stated))


def assessment(ref: str, **stated: Any) -> dict[str, Any]:
    """A row of assessments: a PA; ``requested, accepted, returned`` are its days.

    It is returned where it has that day; else open on the day ``seen``, or requested.
    """
    days = {
        f"{name}_on": stated.pop(name) for name in ("requested", "accepted", "returned") if name in stated
    }
    seen = stated.pop("seen", None)
    state = "returned" if "returned_on" in days else "open" if seen else "requested"
    state_on = {"returned": days.get("returned_on"), "open": seen, "requested": days.get("requested_on")}[
        state
    ]
    return {"ref": ref, "kind": "PA", "state": state, "state_on": state_on, **days, **stated}


def item(release: str | None, ref: str, status: str, on: str | None = None, **stated: Any) -> dict[str, Any]:
    """A row of release_items."""
    return {"release": release, "ref": ref, "status": status, "on": on, **stated}


def day(text: str) -> date:
    """A day from ISO text."""
    return date.fromisoformat(text)
