"""data/raw holds the facts: every one that a table can hold, each under the page that states it.

``../shared/facts`` lies beside the project where it was gathered, and nowhere else; the tests that need
it are skipped elsewhere. What must stand in any case is typed here from the facts, not from our tables.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from secanalysis.statements import storage

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT.parent / "shared" / "facts"
needs_facts = pytest.mark.skipif(not FACTS.is_dir(), reason="the facts as gathered aren't beside the project")

Cells = dict[str, str | None]
Expected = tuple[str, tuple[tuple[str, str | None], ...]]
"""A row that must be there: its table, and cells (``None`` is a blank; ``url`` is its source's)."""

# Facts that no table can hold, as (ref, attribute, value, date), and why.
NOT_CARRIED = {
    # The proposer's recommendation of a path: nobody had settled it.
    ("SECMP0012", "path", "authority", ""),
    # Pages without any event that a path could stand with.
    ("MP161", "path", "authority", ""),
    ("MP200", "path", "authority", ""),
    # A page that gives an organisation but no title, where another page gives the title.
    ("SECMP0012", "proposer_organisation", "Siemens", ""),
    # Known to the month only: opened_on is a day.
    ("DP218", "consultation_opened", "DCC Request For Information", "2024-04"),
    # Say nothing.
    ("SECMP0007", "implementation_planned", "not yet determined", ""),
    ("SECMP0030", "implementation_planned", "unknown", ""),
    ("SECMP0032", "implementation_planned", "unknown", ""),
    ("SECMP0038", "implementation_planned", "unknown", ""),
}

# The same for ``more_facts.csv``; meetings of which not even the month is stated are left out by rule.
MORE_NOT_CARRIED = {
    # About the date of implementation, or urgency: no decision on the modification.
    (
        "MP081",
        "decision",
        "Authority decision letter on change of implementation date (outcome not stated)",
        "",
    ),
    ("MP130", "decision", "urgency granted; Authority", "2020-05-18"),
    ("MP185", "decision", "urgency granted; Authority", "2021-10-18"),
    # The end of a planned range: no source says that work was resumed on that day.
    ("MP083", "on_hold", "on hold for six months; range end", "2021-04-17"),
    # Either the day of the meeting or the day on which a document was amended.
    ("SECMP0007", "workgroup_discussed", "Working Group decisions", "2019-12-19"),
}
NO_DAY_OF_MEETING = 6
"""Undated Working Group meetings: `held_on` is a day or a month."""

STAGES = {
    "refinement process": "refinement",
    "workgroup": "refinement",
    "development stage": "development",
    "initial consideration": "development",
    "code administrator consultation": "report",
    "pending implementation": "pending_implementation",
    "approved": "pending_implementation",
    "implemented": "implemented",
    "withdrawn": "withdrawn",
    "not applicable": "withdrawn",
}
CONSULTATIONS = {"Refinement": "refinement", "Modification Report": "report"}


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    """All tables as text: blanks ``None``, days as printed, with the address of each row's source."""
    tables = storage.read_folder(ROOT / "data" / "raw")
    urls = tables["sources"].set_index("source_id")["url"].str.rstrip("/")
    return {name: _as_text(frame).assign(url=frame["source_id"].map(urls)) for name, frame in tables.items()}


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    days = {str(name): frame[name].dt.strftime("%Y-%m-%d") for name in frame.select_dtypes("datetime")}
    text = frame.assign(**days).astype(object)
    return text.where(text.notna(), None)


def rows(raw: dict[str, pd.DataFrame], table: str, cells: Cells) -> pd.DataFrame:
    """The table's rows that have these cells."""
    frame = raw[table]
    fits = pd.Series(True, index=frame.index)
    for name, cell in cells.items():
        fits &= frame[name].isna() if cell is None else frame[name] == cell
    return frame[fits]


def facts(name: str) -> list[dict[str, str]]:
    """The rows of one file of facts."""
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lacking(raw: dict[str, pd.DataFrame], expected: list[Expected]) -> list[str]:
    """What is expected more often than it is there."""
    counts = Counter(expected)
    return [
        f"{table}: {dict(cells)}, {len(result)} of {count}"
        for (table, cells), count in counts.items()
        if len(result := rows(raw, table, dict(cells))) < count
    ]


def expect(table: str, cells: Cells) -> Expected:
    """A row to look for."""
    return table, tuple(cells.items())


# Facts as gathered ------------------------------------------------------------------------------


@needs_facts
def test_register_facts_are_carried(raw: dict[str, pd.DataFrame]) -> None:
    """Each fact has its row, and so often as its page states it; only the listed ones have none."""
    stated = facts("register_facts.csv")
    left_out = [fact for fact in stated if _identity(fact) in NOT_CARRIED]
    assert {_identity(fact) for fact in left_out} == NOT_CARRIED
    assert lacking(raw, [_expected(fact) for fact in stated if fact not in left_out]) == []


def _identity(fact: dict[str, str]) -> tuple[str, str, str, str]:
    return fact["ref"], fact["attribute"], fact["value"], fact["date"]


def _expected(fact: dict[str, str]) -> Expected:
    """Where a fact of ``register_facts.csv`` must stand."""
    attribute, value, month = fact["attribute"], fact["value"], len(fact["date"]) == 7
    on = (fact["date"] + "-01" if month else fact["date"]) or None
    dated: Cells = {"on": on, "precision": None if on is None else "month" if month else "day"}
    here: Cells = {"ref": fact["ref"], "url": fact["source_url"].rstrip("/")}
    match attribute:
        case "title" | "proposer_organisation":
            return expect("modifications", {**here, attribute: value})
        case "raised":
            return expect("events", {**here, "event": "raised", **dated})
        case "converted_to_modification":
            return expect("events", {**here, "event": "converted", **dated})
        case "entered_report":
            body = "csc" if "Sub-Committee" in value else "panel"
            return expect("events", {**here, "event": "entered_report", "body": body, **dated})
        case "withdrawn":
            proposer: Cells = {"body": "proposer"} if "Proposer" in value + fact["note"] else {}
            return expect("events", {**here, "event": "withdrawn", **proposer, **dated})
        case "decision":
            return expect("events", {**here, **_decision(value), **dated})
        case "path":
            same_day: Cells = {"on": on} if on else {}
            return expect("events", {**here, "path": value.replace("-", "_"), **same_day})
        case "stage_observed":
            stage = STAGES[re.split(r"[;,(]", value)[0].strip().lower()]
            seen: Cells = {"on": on, "precision": on and "not_before"}
            return expect("events", {**here, "event": "observed", "stage": stage, **seen})
        case "pa_requested" | "ia_requested" | "pa_returned" | "ia_returned":
            kind, what = attribute.split("_")
            returned: Cells = {"state": "returned"} if what == "returned" else {}
            return expect("assessments", {**here, "kind": kind.upper(), f"{what}_on": on, **returned})
        case "consultation_opened" | "consultation_closed":
            kind = CONSULTATIONS.get(value.partition(" Consultation")[0], "other")
            return expect("consultations", {**here, "kind": kind, f"{attribute[-6:]}_on": on})
        case "implemented":
            return expect("release_items", {**here, "status": "implemented", **_release(value, on), **dated})
        case "implementation_planned":
            planned = None if month else on
            return expect("release_items", {**here, **_release(value, on), "planned_on": planned})
    raise AssertionError(f"an attribute that this test doesn't know: {attribute}")


def _decision(value: str) -> Cells:
    """The Change Board votes; anyone else decides."""
    outcome = next((word for word in ("approved", "rejected") if value.startswith(word)), None)
    if "Change Board" in value:
        outcome = "recommended_approval" if value.startswith("recommended") else outcome
        return {"event": "voted", "body": "change_board", "outcome": outcome}
    return {"event": "decided", "body": "authority" if "Authority" in value else None, "outcome": outcome}


def _release(value: str, on: str | None) -> Cells:
    """Release and part of a value such as ``part 2; November 2020 SEC Release (targeted)``."""
    cells: Cells = {"release": None}
    for piece in filter(None, value.split("; ")):
        name = re.sub(r" \(.*\)$", "", piece)
        if name.lower().startswith("ad-hoc") or name == "SEC v47.0":
            cells["release"] = f"Standalone Release {on}"
        elif name.startswith("SEC ") or name.endswith(" SEC Release"):
            cells["release"] = name
        elif name != "part not stated":
            cells["part"] = name
    return cells


@needs_facts
def test_more_facts_are_carried(raw: dict[str, pd.DataFrame]) -> None:
    """All 166, or with a reason why not."""
    gathered = facts("more_facts.csv")
    listed = [fact for fact in gathered if _identity(fact) in MORE_NOT_CARRIED]
    assert {_identity(fact) for fact in listed} == MORE_NOT_CARRIED
    without_day = [
        fact for fact in gathered if fact["attribute"] == "workgroup_discussed" and not fact["date"]
    ]
    assert len(without_day) == NO_DAY_OF_MEETING
    assert (len(gathered), len(listed)) == (166, 5)
    carried = [fact for fact in gathered if fact not in listed and fact not in without_day]
    assert lacking(raw, [_expected_of_more(fact) for fact in carried]) == []


def _expected_of_more(fact: dict[str, str]) -> Expected:
    """Where a fact of ``more_facts.csv`` must be."""
    value, on = fact["value"], fact["date"]
    here: Cells = {"ref": fact["ref"], "url": fact["source_url"].rstrip("/")}
    met: Cells = {
        **here,
        "held_on": on + "-01" if len(on) == len("2020-03") else on,
        "precision": "month" if len(on) == len("2020-03") else "day",
        "status": "scheduled" if value.startswith("planned") else "held",
    }
    dated: Cells = {"on": on or None, "precision": "day" if on else None}
    match fact["attribute"]:
        case "workgroup_discussed":
            return expect("meetings", {**met, "body": _who_met(value)})
        case "panel_decision" if re.search(r"^(full )?Modification( Report)? (presented|approved)", value):
            return expect("events", {**here, "event": "entered_report", "body": "panel", **dated})
        case "panel_decision" if value.startswith("presented to Panel"):
            return expect("events", {**here, "event": "entered_report", "body": "panel", **dated})
        case "panel_decision":
            return expect("meetings", {**met, "body": "panel"})
        case "csc_decision" if value.startswith("Modification Report"):
            return expect("events", {**here, "event": "entered_report", "body": "csc", **dated})
        case "csc_decision":
            return expect("meetings", {**met, "body": "csc"})
        case "change_board_vote" if value.startswith(("presented", "vote or meeting")):
            return expect("meetings", {**met, "body": "change_board"})
        case "change_board_vote" if "Impact Assessment" in value:
            return expect("events", {**here, "event": "impact_assessment_approved", **dated})
        case "change_board_vote":
            outcome = "recommended_approval" if value.startswith("recommended") else None
            outcome = "approved" if value.startswith("approved") else outcome
            by_month: Cells = {"on": on + "-01", "precision": "month"} if len(on) == 7 else dated
            return expect("events", {**here, "event": "voted", "outcome": outcome, **by_month})
        case "on_hold":
            return expect("events", {**here, "event": "on_hold", **dated})
    return _expected(fact)


def _who_met(value: str) -> str:
    """The Working Group, unless the value names another body."""
    others = {
        "SMKI PMA": "smki_pma",
        "TABASC": "tabasc",
        "Security Sub-Committee": "security_sub_committee",
        "Operations Group meeting": "operations_group",
    }
    return others.get(value, "working_group")


@needs_facts
def test_what_was_seen_on_hold_is_carried(raw: dict[str, pd.DataFrame]) -> None:
    """A stage seen on hold is two events: the stage, and the hold."""
    expected = [
        expect("events", {"ref": fact["ref"], "event": "on_hold", "url": fact["source_url"].rstrip("/")})
        for fact in facts("register_facts.csv")
        if "on hold" in (fact["value"] + fact["note"]).lower()
    ]
    assert {dict(cells)["ref"] for _, cells in expected} == {"SECMP0032", "SECMP0037", "SECMP0038", "DP238"}
    assert lacking(raw, expected) == []


@needs_facts
def test_release_scopes_are_carried(raw: dict[str, pd.DataFrame]) -> None:
    """A modification was so far in a release on that day. A part may be worded as on another line."""
    expected = [
        expect(
            "release_items",
            {
                "release": fact["release"],
                "ref": fact["ref"],
                "status": fact["status"],
                "on": fact["as_at"],
                "precision": "day" if fact["status"] == "implemented" else "by",
                "url": fact["source_url"].rstrip("/"),
            },
        )
        for fact in facts("release_scopes.csv")
    ]
    assert lacking(raw, expected) == []


@needs_facts
def test_release_dates_are_carried(raw: dict[str, pd.DataFrame]) -> None:
    """What came into force did so; what was planned is a plan."""
    expected = []
    for fact in facts("release_dates.csv"):
        in_force = fact["what"].startswith("in force")
        cells: Cells = {
            "release": fact["release"],
            "kind": "scheduled",
            "stated_on": fact["stated_on"] or None,
            "planned_on": None if in_force else fact["in_force_on"],
            "in_force_on": fact["in_force_on"] if in_force else None,
            "url": fact["source_url"].rstrip("/"),
        }
        expected.append(expect("releases", cells))
    assert lacking(raw, expected) == []


@needs_facts
def test_stated_counts_are_carried(raw: dict[str, pd.DataFrame]) -> None:
    """Counts of release pages stand as printed, in the first month that reports after their day."""
    for fact in facts("stated_counts.csv"):
        slug = fact["release"].removesuffix(" SEC Release").lower().replace(" ", "-")
        url = fact["source_url"].rstrip("/")
        result = rows(raw, "published_figures", {"key": f"release.{slug}.implemented.count", "url": url})
        assert result["printed"].to_list() == [fact["stated_count"]]
        assert result["value"].to_list() == [int(fact["stated_count"])]
        (month,) = result["month"]
        assert _first_friday(month) >= date.fromisoformat(fact["as_at"]) > _first_friday(_month_before(month))


def _first_friday(month: str) -> date:
    return next(day for n in range(1, 8) if (day := date.fromisoformat(f"{month}-{n:02}")).weekday() == 4)


def _month_before(month: str) -> str:
    return str(pd.Period(month, "M") - 1)


@needs_facts
def test_meeting_dates_are_carried(raw: dict[str, pd.DataFrame]) -> None:
    """Each day on which a body met."""
    stated = [(fact["held_on"], fact["body"]) for fact in facts("meeting_dates.csv")]
    expected = [expect("meetings", {"held_on": day, "body": body, "status": "held"}) for day, body in stated]
    assert lacking(raw, expected) == []


# What stands in any case ------------------------------------------------------------------------


ALERT_PART_2: Cells = {"ref": "SECMP0062", "part": "part 2", "status": "implemented"}
MP147_RAISED: Cells = {"ref": "MP147", "event": "raised"}
MP127_VOTED: Cells = {"ref": "MP127", "event": "voted", "body": "change_board", "outcome": None}


@pytest.mark.parametrize(
    ("table", "cells", "page"),
    [
        # The August 2020 report says 11 February.
        ("assessments", {"ref": "MP090", "kind": "PA", "returned_on": "2020-02-12"}, "alerts-into-the-sec"),
        # Its own page and the release's differ.
        ("release_items", {**ALERT_PART_2, "on": "2020-11-05"}, "alert-storm-protection"),
        ("release_items", {**ALERT_PART_2, "on": "2020-11-29"}, "sec-v27-0"),
        # One page, its timeline and its heading.
        ("events", {**MP147_RAISED, "on": "2020-10-20"}, "smki-full-extract"),
        ("events", {**MP147_RAISED, "on": "2020-10-23"}, "smki-full-extract"),
        # A sixth vote of that day: the August 2020 report has five.
        ("events", {**MP127_VOTED, "on": "2020-07-22"}, "smki-rapp"),
    ],
)
def test_conflicting_statements_both_stand(
    raw: dict[str, pd.DataFrame], table: str, cells: Cells, page: str
) -> None:
    """Where sources disagree, each one's statement is there, once, under its own page."""
    result = rows(raw, table, cells)
    assert result["url"].fillna("").str.contains(page, regex=False).sum() == 1


def test_page_dates_are_bounds(raw: dict[str, pd.DataFrame]) -> None:
    """A page carries no day of publication: the two snapshots of November 2021's are told apart by bounds."""
    page = "https://smartenergycodecompany.co.uk/november-2021-sec-release"
    seen = rows(raw, "sources", {"url": page})
    assert sorted(seen["published_on"]) == ["2021-02-26", "2021-11-04"]
    assert set(seen["published_precision"]) == {"not_before"}
