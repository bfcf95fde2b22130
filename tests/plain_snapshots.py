"""Two exports of one register a second way: loops over rows, written from docs/method.md, that import nothing of ours.

What is left is one set of rows without a register's name, of which nothing replaces anything any more.
"""

from __future__ import annotations

from datetime import date
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
DAYS = {
    "events": ("on",),
    "lineage": ("on",),
    "assessments": ("requested_on", "accepted_on", "returned_on"),
    "consultations": ("opened_on",),
}


def number(ref: str) -> str:
    """DP136 and MP136 are one modification."""
    return "".join(char for char in ref if char.isdigit())


def as_exported(whole: Tables, stages: dict[str, str], day: date, source_id: str) -> Tables:
    """What a register that holds some rows exports on a day: what has happened by then, and each stage."""
    tables: Tables = {}
    for table, rows in whole.items():
        kept = []
        for row in rows:
            one = {**row, "source_id": source_id}
            if table in DAYS and all(one[name] and one[name] > day for name in DAYS[table] if one[name]):
                continue
            if table == "assessments":
                for name in DAYS[table]:
                    one[name] = one[name] if one[name] and one[name] <= day else None
                state = "returned" if one["returned_on"] else "open" if one["accepted_on"] else "requested"
                one |= {"state": state, "state_on": one["returned_on"] or day}
            if table == "release_items" and (one["status"] != "implemented" or one["on"] > day):
                continue
            if table == "meetings" and one["held_on"] > day:
                continue
            if table == "releases":
                continue
            kept.append(one)
        tables[table] = kept
    raised = {number(row["ref"]) for row in tables["events"] if row["event"] == "raised"}
    tables["modifications"] = [row for row in tables["modifications"] if number(row["ref"]) in raised]
    blank = dict.fromkeys(tables["events"][0])
    for ref, stage in stages.items():
        if number(ref) in raised:
            seen = {"ref": ref, "event": "observed", "stage": stage, "on": day, "precision": "by"}
            tables["events"].append({**blank, **seen, "source_id": source_id})
    for table, rows in tables.items():
        for place, row in enumerate(rows, start=1):
            row["locator"] = f"{table} row {place}"
    return tables


def seen_together(older: Tables, newer: Tables, older_on: date, day: date) -> Tables:
    """What both exports amount to on a report's day, but for the assessments of `open_then`.

    Parameters
    ----------
    older, newer
        The rows of both.
    older_on
        The day of the older one.
    day
        The report's day.
    """
    both: Tables = {table: list(rows) for table, rows in newer.items()}
    listed = {number(row["ref"]) for rows in newer.values() for row in rows if row.get("ref")}
    for row in older["events"]:
        if row["event"] == "observed" and (number(row["ref"]) in listed or day <= older_on):
            both["events"].append(row)
    for row in older["modifications"]:
        if number(row["ref"]) not in listed and day <= older_on:
            both["modifications"].append(row)
    return both


def open_then(older: list[Row], newer: list[Row], older_on: date, limit: date) -> list[Row]:
    """Assessments, on a day up to the older export's, that the older export shows open, and of which the newer one has no counterpart."""
    only: list[Row] = []
    for key in {(number(row["ref"]), row["kind"]) for row in older}:

        def of(rows: list[Row], key: tuple[str, str] = key) -> list[Row]:
            own = [row for row in rows if (number(row["ref"]), row["kind"]) == key and row["accepted_on"]]
            return sorted(own, key=lambda row: (row["accepted_on"], row["locator"]))

        before, now = of(older), [row for row in of(newer) if row["accepted_on"] <= older_on]
        days = {row["accepted_on"] for row in before}, {row["accepted_on"] for row in now}
        left = [row for row in before if row["accepted_on"] not in days[1]]
        spare = [row for row in now if row["accepted_on"] not in days[0]]
        only += [row for row in left[len(spare) :] if not row["returned_on"] and row["accepted_on"] <= limit]
    return only
