"""Dates of the calendar: each consultation once, and which of its days is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import factories as f

from secanalysis import Register
from secanalysis.analysis.calendar_dates import calendar_dates
from secanalysis.statements import storage

RAW = Path(__file__).parent.parent / "data" / "raw"
Date = tuple[str, str, str, str]


def real() -> list[Date]:
    """First and last day, title and references of the real register's consultations after the report of August 2020."""
    dates = Register(storage.read_folder(RAW)).modifications().dates().dates
    return [
        (record["on"], record["until"], record["title"], record["refs"])
        for record in dates
        if record["kind"] == "consultation"
    ]


def test_a_consultation_of_the_sources_is_there_once_and_says_which_day_is_known() -> None:
    """By data/raw/consultations.csv: MP150's is stated with its kind and, unlabelled, by each of its days alone; MP121's
    end on a page of its own; MP128's was expected, and opened, before MP128A was split from it in 2023 or later."""
    by_ref: dict[str, list[tuple[str, str, str]]] = {}
    for on, until, title, ref in real():
        by_ref.setdefault(ref, []).append((on, until, title))
    assert by_ref["MP150"] == [("2021-02-15", "2021-03-05", "Modification Report Consultation")]
    assert by_ref["MP121"] == [("2021-06-11", "2021-07-02", "Refinement Consultation")]
    assert by_ref["MP149"] == [("2021-09-20", "2021-09-20", "Other consultation closes")]
    assert "MP128A" not in by_ref
    assert by_ref["MP128"] == [
        ("2020-08-17", "2020-08-17", "Refinement Consultation opens"),
        ("2022-06-21", "2022-06-21", "Modification Report Consultation opens"),
    ]
    assert by_ref["DP218"] == [("2025-02-03", "2025-02-03", "Other consultation closes")]
    assert by_ref["MP107"] == [("2020-08-10", "2020-08-14", "Refinement Consultation expected")]


def test_a_meeting_names_a_modification_as_it_was_on_the_day() -> None:
    """As the pages of months do: MP128 before the split, whichever page says so; DP218 was met as such."""
    every = Register(storage.read_folder(RAW)).modifications().dates().dates
    by_day = {r["on"]: r["refs"] for r in every if r["kind"] == "meeting" and "MP128" in r["refs"]}
    assert {day: refs for day, refs in by_day.items() if day < "2021-12-31"} == {
        "2021-04-19": "MP128",
        "2021-05-18": "MP128",
        "2021-06-02": "MP128",
        "2021-06-03": "MP128",
    }
    split = [{"ref": "MP102A", "earlier_ref": "MP102", "kind": "split", "on": "2020-08-07"}]
    meetings = [
        {"ref": ref, "held_on": on, "body": "working_group", "status": "held", "source_id": source}
        for ref, on, source in (
            ("MP102", "2020-07-01", f.PAGE),
            ("MP102A", "2020-07-01", f.OTHER),
            ("MP102A", "2020-08-12", f.OTHER),
        )
    ]
    made = calendar_dates(f.register(lineage=split, meetings=meetings), date(2020, 1, 1))
    assert made["refs"].tolist() == ["MP102", "MP102A"]


def dates(*consultations: dict[str, str]) -> list[tuple[str, str, str]]:
    """First day, what and reference."""
    made = calendar_dates(f.register(consultations=[*consultations]), date(2020, 1, 1))
    days = made["on"].dt.strftime("%Y-%m-%d")
    return list(zip(days, made["what"], made["refs"], strict=True))


def test_two_consultations_of_one_kind_are_two() -> None:
    """Neither a second round nor another modification's is said twice."""
    first = {"ref": "MP100", "kind": "report", "opened_on": "2020-03-02", "closed_on": "2020-03-20"}
    assert dates(
        first,
        {"ref": "MP100", "kind": "report", "opened_on": "2020-04-02"},
        {"ref": "MP101", "kind": "report", "opened_on": "2020-03-02"},
        {"ref": "MP100", "kind": "refinement", "closed_on": "2020-03-20"},
    ) == [
        ("2020-03-02", "report", "MP100"),
        ("2020-03-02", "report_opens", "MP101"),
        ("2020-03-20", "refinement_closes", "MP100"),
        ("2020-04-02", "report_opens", "MP100"),
    ]


def test_what_was_expected_of_one_part_is_not_another_part() -> None:
    """MP100A's is still expected when MP100B's has come; what was expected of the whole came with its part."""
    week = {"kind": "refinement", "expected_week": "2020-03-02"}
    came = {"kind": "refinement", "opened_on": "2020-03-09", "closed_on": "2020-03-30"}
    assert dates({"ref": "MP100A", **week}, {"ref": "MP100B", **came}) == [
        ("2020-03-02", "refinement_expected", "MP100A"),
        ("2020-03-09", "refinement", "MP100B"),
    ]
    assert dates({"ref": "MP100", **week}, {"ref": "MP100B", **came}) == [
        ("2020-03-09", "refinement", "MP100B")
    ]
