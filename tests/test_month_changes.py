"""What changed since the report before: which changes are listed, under whose name, and how exactly dated."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import factories as f

from secanalysis import Register
from secanalysis.analysis import month_changes
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage
from secanalysis.views.modification_words import change

RAW = Path(__file__).parent.parent / "data" / "raw"

CLOCK = clock(ReportMonth(2020, 8))  # 4 July to 7 August 2020


def changes(**tables: Any) -> list[list[str]]:
    """Day, precision, reference and what changed."""
    listed = month_changes.changes(f.register(**tables), CLOCK)
    listed = listed.assign(day=listed["day"].dt.strftime("%Y-%m-%d"))
    return listed[["day", "precision", "ref", "what"]].values.tolist()


def test_a_change_is_dated_as_exactly_as_it_is_known() -> None:
    """A month counts on its last day; what was seen on a day or later has none."""
    events = [
        f.event("MP100", "impact_assessment_approved", "2020-07-01", precision="month"),
        f.event("MP101", "sent_to_authority", "2020-08-07", precision="by"),
        f.event("MP102", "withdrawn", "2020-07-10", precision="not_before"),
    ]
    assert changes(events=events) == [
        ["2020-07-31", "month", "MP100", "impact assessment approved"],
        ["2020-08-07", "by", "MP101", "sent to authority"],
    ]


def test_a_part_changes_only_once_it_exists() -> None:
    """Split on 1 September: in July the conversion is the parent's, once for both parts."""
    parts = ("MP122A", "MP122B")
    split = [{"ref": part, "earlier_ref": "MP122", "kind": "split", "on": "2020-09-01"} for part in parts]
    events = [f.event(part, "converted", "2020-07-10") for part in parts]
    assert changes(events=events, lineage=split) == [["2020-07-10", "day", "MP122", "converted"]]


def test_assessments_returned_are_changes() -> None:
    rows = [
        f.assessment("MP100", returned="2020-07-16"),
        f.assessment("MP101", returned="2020-07-29", kind="IA"),
        f.assessment("MP102", returned="2020-07-03"),  # before the report before
    ]
    assert changes(assessments=rows) == [
        ["2020-07-16", "day", "MP100", "Preliminary Assessment returned"],
        ["2020-07-29", "day", "MP101", "Impact Assessment returned"],
    ]


def test_a_stage_change_is_listed_unless_what_led_to_it_is() -> None:
    """MP100 is seen out for consultation: nothing else says that it is in Report. MP101's vote says it all."""
    events = [
        f.event("MP100", "entered_refinement", "2020-06-01"),
        f.event("MP100", "impact_assessment_approved", "2020-07-03"),
        f.event("MP101", "entered_report", "2020-06-01"),
        f.vote("MP101", "2020-07-22"),
    ]
    consulted = [
        {"ref": "MP100", "kind": "report", "opened_on": "2020-07-20", "closed_on": "2020-08-10"},
        {"ref": "MP100", "kind": "report", "opened_on": "2020-08-07", "closed_on": "2020-08-28"},
    ]
    assert changes(events=events, consultations=consulted) == [
        ["2020-07-20", "day", "MP100", "Modification Report Consultation opened"],
        ["2020-07-20", "by", "MP100", "moved from refinement to report"],
        ["2020-07-22", "day", "MP101", "voted: approved"],
        ["2020-08-07", "day", "MP100", "Modification Report Consultation opened"],
    ]


def real(month: str) -> list[list[str]]:
    """Day, precision, reference and what changed, of the project's own sources."""
    register = ResolvedRegister(storage.read_folder(RAW))
    listed = month_changes.changes(register, register.clock(ReportMonth.parse(month)))
    listed = listed.assign(day=listed["day"].dt.strftime("%Y-%m-%d"))
    return listed[["day", "precision", "ref", "what"]].values.tolist()


def test_assessments_asked_for_and_consultations_are_changes() -> None:
    """By data/raw: what the DCC accepted in July 2020, and which consultations opened and closed to 7 August."""
    listed = real("2020-08")
    assert [row for row in listed if row[3].endswith(("accepted", "requested"))] == [
        ["2020-07-14", "day", "MP119", "Preliminary Assessment accepted"],
        ["2020-07-15", "day", "MP105", "Preliminary Assessment accepted"],
        ["2020-07-16", "day", "MP122", "Impact Assessment accepted"],
        ["2020-07-21", "day", "MP085", "Preliminary Assessment accepted"],
        ["2020-07-29", "day", "MP090", "Impact Assessment accepted"],
    ]
    assert [row for row in listed if "Consultation" in row[3]] == [
        ["2020-07-08", "day", "MP106", "Refinement Consultation opened"],
        ["2020-07-10", "day", "MP127", "Modification Report Consultation closed"],
        ["2020-07-29", "day", "MP106", "Refinement Consultation closed"],
    ]


def test_a_split_is_a_change() -> None:
    """Both on 22 March 2021: MP134's on that day, MP085's by it."""
    assert [row for row in real("2021-04") if "split" in row[3]] == [
        ["2021-03-22", "by", "MP085A", "split from MP085"],
        ["2021-03-22", "day", "MP134A", "split from MP134"],
    ]


def test_a_part_in_force_is_listed_once() -> None:
    """SECMP0062's part 1 came into force on 6 May 2020; the DCC says only that it was in May."""
    assert [row for row in real("2020-06") if row[2] == "SECMP0062"] == [
        ["2020-05-06", "day", "SECMP0062", "in force in part in June 2020 SEC Release, part 1"]
    ]


def test_a_move_does_not_name_a_stage_that_ended_before() -> None:
    """MP150 was converted on 12 February 2021, which ended Development; its report was consulted on from the 15th."""
    assert real("2021-03")[:3] == [
        ["2021-02-12", "day", "MP150", "converted"],
        ["2021-02-15", "day", "MP150", "Modification Report Consultation opened"],
        ["2021-02-15", "by", "MP150", "moved to report"],
    ]
    assert change("moved to report") == "Moved to Report Phase"


def test_a_hold_that_is_only_seen_again_is_no_change() -> None:
    """Seen before: two exports that both show one on hold listed it as a change of each month."""
    events = [
        f.event("MP100", "on_hold", "2020-07-03", precision="by"),
        f.event("MP100", "on_hold", "2020-08-07", precision="by"),
        f.event("MP101", "on_hold", "2020-07-03", precision="by"),
        f.event("MP101", "resumed", "2020-07-20"),
        f.event("MP101", "on_hold", "2020-08-07", precision="by"),
        f.event("MP102", "on_hold", "2020-08-07", precision="by"),
    ]
    listed = month_changes.changes(f.register(events=events), CLOCK)
    holds = listed[listed["what"] == "on hold"]
    assert holds["ref"].tolist() == ["MP101", "MP102"]


def test_the_file_says_what_changed_in_the_words_of_pages() -> None:
    """Of a vote without an outcome it says so; a standalone release has its day as people write it."""
    events = [
        f.event("MP101", "voted", "2020-07-22", body="change_board"),
        f.event("MP102", "sent_to_authority", "2020-07-23"),
    ]
    items = [f.item("Standalone Release 2020-07-23", "MP135", "implemented", "2020-07-23")]
    table = Register(f.tables(events=events, release_items=items)).month("2020-08").activity.changes()
    assert [*csv.reader(str(table.to_csv()).splitlines()[1:])] == [
        ["2020-07-22", "day", "MP101", "", "Vote: outcome not stated", "", ""],
        ["2020-07-23", "day", "MP102", "", "Sent to the Authority for decision", "", ""],
        ["2020-07-23", "day", "MP135", "", "In force in the standalone release of 23 July 2020", "", ""],
    ]
