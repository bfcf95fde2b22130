"""What is told rather than refused."""

from __future__ import annotations

from pathlib import Path

import factories as f

from secanalysis.analysis import quality, stages
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage

RAW = Path(__file__).parent.parent / "data" / "raw"
CLOCK = clock(ReportMonth(2020, 8))


def test_coverage_of_the_known_modifications() -> None:
    register = f.register(
        events=[
            f.event("MP100", "raised", "2020-01-06"),
            f.vote("MP100", "2020-08-07"),
            f.vote("MP101", "2020-08-08"),  # not yet
            f.event("MP102", "raised", "2020-01-06"),
        ],
        modifications=[{"ref": "MP100", "title": "One"}],
    )
    result = quality.coverage(register, stages.stages(register), CLOCK)
    assert result.set_index("fact")["count"].to_dict() == {
        **{"stage": 1, "title": 1, "day raised": 2, "day converted": 0},
        **{"day it entered the Report Phase": 0, "a vote or decision": 1},
    }
    assert (result["of"] == 2).all()
    assert result["share"].tolist()[0] == 0.5


def test_facts_of_parts_are_their_parents_until_the_split() -> None:
    """Split on 10 August: on the 7th MP134 is one, whoever a later source names; a month later both parts have it."""
    split = [
        {"ref": ref, "earlier_ref": "MP134", "kind": "split", "on": "2020-08-10"}
        for ref in ("MP134A", "MP134B")
    ]
    register = f.register(
        lineage=split,
        events=[
            f.event("MP134A", "raised", "2020-07-01"),
            f.event("MP134B", "converted", "2020-07-15"),
            f.event("MP134B", "entered_report", "2020-09-01"),
        ],
    )
    facts = ["day raised", "day converted", "day it entered the Report Phase"]
    for month, of, counts in ((8, 1, [1, 1, 0]), (10, 2, [2, 2, 1])):
        result = quality.coverage(register, stages.stages(register), clock(ReportMonth(2020, month)))
        assert result.set_index("fact").loc[facts, "count"].tolist() == counts
        assert (result["of"] == of).all()


def test_nothing_known_has_no_share() -> None:
    result = quality.coverage(f.register(), stages.stages(f.register()), CLOCK)
    assert result["share"].isna().all()


def test_assumptions_are_listed_with_their_rows() -> None:
    register = f.register(
        events=[
            f.vote("MP127", "2020-07-22", outcome=None, path=None),
            f.vote("MP091", "2019-12-20", path=None),
            f.vote("MP092", "2019-12-20"),
            f.event("SECMP0032", "on_hold"),
            f.vote("MP105", "2021-03-24", path=None),  # of another path, as another row says
            f.event("MP105", "raised", "2019-12-18", path="self_governance"),
        ],
        release_items=[f.item(None, "SECMP0009", "implemented", "2019-02-28")],
        modifications=[
            {"ref": "MP100", "title": "One"},
            {"ref": "MP100", "title": "One"},
            {"ref": "MP100", "proposer_organisation": "DCC", "source_id": f.OTHER},
        ],
    )
    result = quality.notes(register)
    assert result[["what", "ref", "locator"]].values.tolist() == [
        [
            "a Change Board decision whose path isn't stated: taken as final, and its path as not stated",
            "MP091",
            "line 2",
        ],
        ["a row without a title, where another row has one", "MP100", "line 3"],
        ["a title twice from one source", "MP100", "line 2"],
        ["a vote whose outcome isn't stated: it changes no stage", "MP127", "line 1"],
        ["an event without a day: it moves nothing", "SECMP0032", "line 4"],
        ["an item without a release's name: it counts in no release", "SECMP0009", "line 1"],
    ]


def test_what_contradicts_across_rows_is_listed() -> None:
    """Each row is sound by itself; together they can't be true."""
    register = f.register(
        assessments=[
            f.assessment("MP100", returned="2020-05-29", source_id="report-2020-08"),
            f.assessment("MP100", accepted="2020-06-01", returned="2020-06-02"),
        ]
    )
    assert quality.notes(register)[["what", "ref", "locator"]].values.tolist() == [
        ["an assessment returned before it was accepted: its duration isn't counted", "MP100", "line 2"],
        ["an assessment returned before it was accepted: its duration isn't counted", "MP100", "line 1"],
    ]


def test_what_was_raised_before_there_was_a_development_stage_is_listed() -> None:
    """From November 2018 on there are Draft Proposals."""
    raised = [f.event("SECMP0056", "raised", "2018-07-05"), f.event("MP064", "raised", "2018-11-01")]
    assert quality.notes(f.register(events=raised))[["what", "ref"]].values.tolist() == [
        ["raised before November 2018: assumed to be in the Refinement Process from that day", "SECMP0056"]
    ]


def test_a_target_unlike_all_others_of_its_kind_is_listed() -> None:
    """MP077's Preliminary Assessment of December 2019 has one of 40 working days, the other 23 in data/raw one of 15."""
    notes = quality.notes(ResolvedRegister(storage.read_folder(RAW)))
    notes = notes[notes["table"] == "assessments"]
    what = "a PA whose target isn't the 15 working days of the others: used as stated"
    line = "Refine, Open Assessments, line 211"
    assert notes[["what", "ref", "locator"]].values.tolist() == [[what, "MP077", line]]
    few = [f.assessment("MP100", returned=f"2020-05-{n:02}", target_wd=15 + n) for n in range(10, 13)]
    assert quality.notes(f.register(assessments=few)).empty
