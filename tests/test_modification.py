"""A modification's page: where it is in one sentence, its timeline and its work, each with its sources.

What is expected is worked out by hand from the rows that each test gives, or from the sources that it names.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from factories import OTHER, PAGE, REPORT, assessment, day, event, item, register, source, vote

from secanalysis import Register
from secanalysis.analysis.modification_facts import modification_facts
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.running.subjects import file_name
from secanalysis.statements import storage
from secanalysis.support.errors import UserError
from secanalysis.views import mime
from secanalysis.views.modification import Modification, horizon
from secanalysis.views.way_through_stages import way

ROOT = Path(__file__).resolve().parents[1]
REAL = ResolvedRegister(storage.read_folder(ROOT / "data" / "raw"))
DATED = source(REPORT, published_on="2020-08-07", published_precision="day")
LATE = source(OTHER, published_on="2022-01-31", published_precision="not_before")


def seen(reg: ResolvedRegister, ref: str = "MP102", on: date | None = None) -> Modification:
    return Modification(reg, ref, on)


def lines(modification: Modification) -> list[str]:
    return [line.strip() for line in repr(modification).splitlines()]


# Where it is ---------------------------------------------------------------------------------------


def test_one_in_force_names_its_release() -> None:
    reg = register(
        [DATED],
        events=[event("MP102", "raised", "2019-12-18"), vote("MP102", "2020-09-23")],
        release_items=[item("November 2020 SEC Release", "MP102", "implemented", "2020-11-29")],
    )
    assert seen(reg).answer == "MP102 was implemented on 29 November 2020, in the November 2020 SEC Release."


def test_an_open_one_says_to_which_day_its_stage_is_known() -> None:
    rows = [
        event("MP102", "converted", "2019-12-18"),
        event("MP102", "observed", "2020-08-07", precision="not_before", stage="refinement"),
    ]
    assert seen(register(events=rows)).answer == (
        "MP102 was in the Refinement Process (since 18 December 2019) when it was last seen, on 7 August 2020 or later."
    )


def test_what_began_by_a_day_or_in_a_month_is_no_bare_day() -> None:
    rows = [event("MP102", "withdrawn", "2020-07-01", precision="month", body="proposer")]
    assert seen(register(events=rows)).answer == "MP102 was withdrawn in July 2020 by the Proposer."
    rows = [event("MP102", "withdrawn", "2020-08-07", precision="by")]
    modification = seen(register(events=rows))
    assert modification.answer == "MP102 was withdrawn by 7 August 2020."
    assert "by 7 August 2020: Withdrawn" in lines(modification)


@pytest.mark.parametrize(
    ("sources", "ends"),
    [
        ([DATED], "; implementation is planned for 29 November 2020, in the November 2020 SEC Release."),
        (
            [DATED, LATE],
            "; implementation was planned for 29 November 2020, in the November 2020 SEC Release, "
            "and no source here confirms it.",
        ),
    ],
)
def test_a_plan_whose_day_has_passed_says_that_nothing_confirms_it(
    sources: list[dict[str, Any]], ends: str
) -> None:
    reg = register(
        sources,
        events=[vote("MP102", "2020-07-22", source_id=REPORT)],
        release_items=[
            item("November 2020 SEC Release", "MP102", "approved", "2020-07-22", planned_on="2020-11-29", source_id=REPORT)
        ],
    )  # fmt: skip
    assert seen(reg).answer == f"MP102 was approved on 22 July 2020{ends}"


def test_one_of_which_only_a_meeting_is_known() -> None:
    reg = register([DATED], meetings=[{"held_on": "2020-08-05", "body": "csc", "status": "held",
                                       "ref": "MP094", "purpose": None, "source_id": REPORT}])  # fmt: skip
    modification = seen(reg, "MP094")
    assert modification.answer == "The stage of MP094 isn't known; sources only record a meeting."
    page = modification._repr_mimebundle_()["text/html"]
    assert "No source here gives any timeline, assessments, consultations or releases of MP094." in page
    assert "5 August 2020: Change Sub-Committee" in lines(modification)


def test_a_split_one_names_its_parts_and_they_begin_with_its_history() -> None:
    reg = register(
        events=[event("MP102", "raised", "2019-12-18"), event("MP102A", "withdrawn", "2021-01-05")],
        lineage=[
            {"ref": ref, "earlier_ref": "MP102", "kind": "split", "on": "2020-06-01", "precision": "day"}
            for ref in ("MP102A", "MP102B")
        ],
    )
    assert seen(reg).answer == (
        "MP102 was split on 1 June 2020 into MP102A and MP102B, each of which has a page of its own."
    )
    assert "18 December 2019: Raised (as MP102)" in lines(seen(reg, "MP102A"))
    assert "5 January 2021: Withdrawn" in lines(seen(reg, "MP102A"))
    assert "5 January 2021: Withdrawn" not in lines(seen(reg, "MP102B"))


def test_a_history_that_contradicts_itself_is_said_to() -> None:
    rows = [event("MP102", "raised", "2020-05-01"), event("MP102", "withdrawn", "2020-01-01")]
    assert "contradicts itself" in seen(register(events=rows)).answer


def test_a_draft_proposal_keeps_its_name_and_one_page() -> None:
    reg = register(events=[event("DP136", "raised", "2020-07-14")])
    assert seen(reg, "MP136").title == seen(reg, "dp136").title == "DP136"
    assert seen(reg, "MP136").facts.ref == "MP136"


# In force in part -----------------------------------------------------------------------------------

JUNE, LATER_RELEASE = "June 2021 SEC Release", "June 2022 SEC Release"


def partly(*events: dict[str, Any], approved_on: str | None = None) -> ResolvedRegister:
    """Documents in force in June 2021, the rest planned for June 2022."""
    return register(
        [DATED, LATE],
        events=[*events, *([vote("MP102", approved_on)] if approved_on else [])],
        release_items=[
            item(JUNE, "MP102", "implemented", "2021-06-24", part="documents only"),
            item(LATER_RELEASE, "MP102", "targeted", "2021-07-01", part="systems", planned_on="2022-06-30"),
        ],
    )


def test_one_of_which_only_documents_are_in_force_is_in_force_in_part() -> None:
    modification = seen(partly(approved_on="2020-10-27"))
    assert modification.answer == (
        "MP102 was approved on 27 October 2020 and has been in force in part since 24 June 2021 (documents only); "
        "the rest is planned for 30 June 2022, in the June 2022 SEC Release."
    )
    assert "24 June 2021: In force in part (documents only) in the June 2021 SEC Release" in lines(
        modification
    )
    assert "June 2021 SEC Release (documents only): in force in part on 24 June 2021" in lines(modification)


def test_a_parts_day_in_force_is_no_day_of_the_approval() -> None:
    """SECMP0015: nothing but its documents in force shows that it was approved, then or before."""
    modification = seen(partly(event("MP102", "raised", "2019-12-18")))
    assert modification.answer.startswith(
        "MP102 has been in force in part since 24 June 2021 (documents only); the rest is planned for"
    )
    (approved,) = [stage for stage in modification.facts.stages if stage["stage"] == "pending_implementation"]
    assert (approved["since"], approved["since_precision"]) == ("2021-06-24", "by")
    (row,) = Register(partly(approved_on="2020-10-27").stated).modifications().frame.to_dict("records")
    assert (row["stage"], f"{row['since']:%Y-%m-%d}", row["since_precision"]) == (
        "In force in part",
        "2021-06-24",
        "day",
    )


def test_a_whole_release_in_force_leaves_none_of_its_parts_to_come() -> None:
    """SECMP0007: its documents were planned for November 2021, and that release came into force with it as a whole."""
    november = "November 2021 SEC Release"
    reg = register(
        [DATED],
        events=[vote("MP102", "2020-10-27")],
        release_items=[
            item(november, "MP102", "targeted", "2021-04-16", part="documents", planned_on="2021-11-04"),
            item(november, "MP102", "implemented", "2021-11-04"),
            item(LATER_RELEASE, "MP102", "targeted", "2021-11-05", part="systems", planned_on="2022-06-30"),
        ],
    )
    modification = seen(reg)
    assert modification.answer == (
        "MP102 was approved on 27 October 2020 and has been in force in part since 4 November 2021 "
        "(the November 2021 SEC Release); the rest is planned for 30 June 2022, in the June 2022 SEC Release."
    )
    planned = lines(modification)
    assert planned[planned.index("What is next") + 1] == "30 June 2022: June 2022 SEC Release (systems)"


# Ended without a day, and what isn't known -------------------------------------------------------------


@pytest.mark.parametrize(
    "ended",
    [
        event("MP102", "withdrawn", body="proposer"),
        event("MP102", "withdrawn", "2020-09-01", precision="not_before", body="proposer"),
    ],
)
def test_one_that_was_withdrawn_without_a_day_is_not_in_refinement(ended: dict[str, Any]) -> None:
    """SECMP0063: a page says that it was withdrawn, and not when; a meeting of September is the last that is dated."""
    meeting = {"held_on": "2020-09-04", "body": "working_group", "status": "held", "ref": "MP102"}
    reg = register(events=[event("MP102", "converted", "2019-12-18"), ended], meetings=[meeting])
    assert seen(reg).answer == (
        "MP102 was withdrawn by the Proposer, on a day that no source gives; "
        "it was last known to be in the Refinement Process on 4 September 2020."
    )
    row = Register(reg.stated).modifications().frame.iloc[0]
    assert row["stage"] == "Withdrawn"
    assert row[["since", "known_to"]].isna().all()
    assert ("withdrawn", "day not known", "here") in bar(seen(reg))
    on_a_day = seen(reg, on=date(2020, 9, 4)).answer
    assert on_a_day == "On 4 September 2020 MP102 was in the Refinement Process since 18 December 2019."


@pytest.mark.parametrize(
    ("on", "last_seen", "known_to"),
    [
        (None, "on a day that no source gives", None),
        ("2026-03-10", "on 10 March 2026 or later", "2026-03-10"),
    ],
)
def test_a_stage_that_a_source_states_without_its_day_is_the_last_stated(
    on: str | None, last_seen: str, known_to: str | None
) -> None:
    """DP318: raised on 10 March 2026; its page's label says Refinement, and not since when."""
    precision = {"precision": "not_before"} if on else {}
    label = event("DP318", "observed", on, stage="refinement", **precision)
    reg = register(events=[event("DP318", "raised", "2026-03-10"), label])
    modification = seen(reg, "MP318")
    assert modification.answer == (
        f"DP318 was in the Refinement Process when it was last seen, {last_seen}; "
        "it was last known to be a Draft Proposal in Development on 10 March 2026."
    )
    assert bar(modification)[:3] == [
        ("development", "raised 10 March 2026", "passed"),
        ("refinement", "day not known", "here"),
        ("report", "", "unknown"),
    ]
    step = "Known to be in the Refinement Process"
    assert f"{'10 March 2026 or later' if on else 'day not known'}: {step}" in lines(modification)
    row = Register(reg.stated).modifications().frame.iloc[0]
    assert row["stage"] == "Refinement Process"
    assert row["since"] is pd.NaT
    assert row["known_to"] is pd.NaT if known_to is None else row["known_to"] == pd.Timestamp(known_to)


def test_a_stage_stated_without_its_day_adds_nothing_to_a_later_one_that_is_dated() -> None:
    """SECMP0015: Refinement on no stated day, and rejected in July 2020."""
    label = event("MP102", "observed", stage="refinement")
    reg = register(events=[event("MP102", "entered_report", "2020-07-01"), label])
    assert seen(reg).answer.startswith("MP102 was in the Report Phase on 1 July 2020")


def test_mp312_is_in_the_report_phase_as_last_stated() -> None:
    """Raised on 9 December 2025, and the stage label of its page says Report Phase: data/raw/events.csv."""
    assert seen(REAL, "MP312").answer.startswith(
        "MP312 was in the Report Phase when it was last seen, on a day that no source gives;"
    )


def test_seen_implemented_on_some_day_is_implemented_unless_a_dated_end_says_otherwise() -> None:
    sighted = event("MP102", "observed", "2020-11-05", precision="not_before", stage="implemented")
    assert seen(register(events=[event("MP102", "converted", "2019-12-18"), sighted])).answer.startswith(
        "MP102 was implemented, on a day that no source gives"
    )
    withdrawn = event("MP102", "withdrawn", "2020-03-01")
    assert seen(register(events=[withdrawn, sighted])).answer == "MP102 was withdrawn on 1 March 2020."


def bar(modification: Modification) -> list[tuple[str, str, str]]:
    return [
        (str(s.stage), s.note, s.state)
        for s in way(modification.facts, modification.on, horizon(modification.register))
    ]


def test_a_progress_bar_says_not_reached_only_where_the_stage_is_known() -> None:
    """Last known in refinement: the Report Phase may have been reached since. On a day of refinement it wasn't."""
    reg = register(
        events=[event("MP102", "raised", "2019-12-18"), event("MP102", "converted", "2020-01-10")],
        meetings=[{"held_on": "2020-08-05", "body": "working_group", "status": "held", "ref": "MP102"}],
    )
    assert bar(seen(reg)) == [
        ("development", "raised 18 December 2019", "passed"),
        ("refinement", "from 10 January 2020", "here"),
        ("report", "", "unknown"),
        ("pending_implementation", "", "unknown"),
        ("implemented", "", "unknown"),
    ]
    page = seen(reg)._repr_mimebundle_()["text/html"]
    assert "not known whether it was reached" in page
    assert "(not reached)" not in page
    assert ("report", "", "ahead") in bar(seen(reg, on=date(2020, 8, 1)))
    assert "(not reached)" in seen(reg, on=date(2020, 8, 1))._repr_mimebundle_()["text/html"]
    assert ("report", "", "unknown") in bar(
        seen(reg, on=date(2020, 8, 31))
    )  # nothing supports its stage then


@pytest.mark.parametrize(("planned", "state"), [("2022-06-30", "ahead"), ("2021-06-24", "unknown")])
def test_what_was_approved_is_not_reached_until_the_day_planned_for_it_and_not_known_then(
    planned: str, state: str
) -> None:
    """The latest source is of 31 January 2022."""
    reg = register(
        [LATE],
        events=[vote("MP102", "2020-09-23"), event("MP103", "raised", "2022-01-10", source_id=OTHER)],
        release_items=[item("R", "MP102", "approved", "2020-09-23", planned_on=planned)],
    )
    assert ("implemented", "", state) in bar(seen(reg))


@pytest.mark.parametrize(
    ("ref", "not_known"),
    [
        ("MP153", {"refinement", "report"}),  # Fast-Track, raised and in force
        ("MP135", {"refinement"}),  # raised on 10 July 2020 and voted on, as Self-Governance, on the 22nd
        ("MP120", {"refinement"}),  # raised, and entered the Report Phase
        ("MP127", {"refinement"}),
        ("MP091", {"refinement", "implemented"}),  # approved, and no source confirms that it came into force
        ("MP130", {"refinement", "implemented"}),  # raised on 14 May 2020 and approved on the 26th, likewise
        ("MP180", {"refinement"}),
    ],
)
def test_a_stage_that_may_be_left_out_is_passed_only_where_a_source_says_so(
    ref: str, not_known: set[str]
) -> None:
    """By data/raw/events.csv none of these was converted, and no source has any of them in Refinement."""
    assert {stage for stage, _, state in bar(seen(REAL, ref)) if state == "unknown"} == not_known


def test_a_conversion_alone_doesn_t_say_that_refinement_was_passed() -> None:
    """MP150 was converted on 12 February 2021, a Friday, and its Report Consultation opened on the Monday; MP117 met on
    the way to its withdrawal."""
    assert ("refinement", "converted 12 February 2021", "unknown") in bar(seen(REAL, "MP150"))
    assert ("report", "by 15 February 2021", "passed") in bar(seen(REAL, "MP150"))
    assert ("refinement", "from 17 April 2020", "passed") in bar(seen(REAL, "MP117"))
    # until the next step is known, the conversion says where it is
    then = seen(REAL, "MP150", on=date(2021, 2, 12))
    assert ("refinement", "from 12 February 2021", "here") in bar(then)


def test_refinement_since_raised_is_marked_as_assumed() -> None:
    """SECMP0007, 0015 and 0056 were raised in 2016 and 2018, before there was a Development Stage."""
    raised = {"SECMP0007": "1 March 2016", "SECMP0015": "31 May 2016", "SECMP0056": "5 July 2018"}
    for ref, words in raised.items():
        note = next(note for stage, note, _ in bar(seen(REAL, ref)) if stage == "refinement")
        assert note == f"raised {words} (assumed from then)"
        page = seen(REAL, ref)._repr_mimebundle_()["text/html"]
        assert "Assumed: it was in the Refinement Process from the day on which it was raised." in page
    assert "Assumed:" not in seen(REAL, "MP150")._repr_mimebundle_()["text/html"]
    entered = event("MP102", "entered_refinement", "2018-05-01")
    page = seen(register(events=[event("MP102", "raised", "2018-05-01"), entered]))
    assert "Assumed:" not in page._repr_mimebundle_()["text/html"]


def test_the_path_is_the_authority_s_where_it_decided_and_else_as_stated() -> None:
    """No row of SECMP0016 and SECMP0009 names a path, and the Authority decided both; MP153 was seen as Fast-Track."""
    frame = Register(REAL.stated).modifications().frame.set_index("ref")["path"]
    paths = {"SECMP0016": "Authority decision", "SECMP0009": "Authority decision", "MP153": "Fast-Track"}
    assert frame[[*paths]].to_dict() == paths
    assert "<dt>Path</dt><dd>Fast-Track</dd>" in seen(REAL, "MP153")._repr_mimebundle_()["text/html"]


def test_a_progress_bar_does_not_call_the_day_raised_the_day_that_a_stage_was_passed() -> None:
    """Raised in 2016, when proposals went straight to refinement; in the Report Phase by 8 June 2020."""
    reg = register(
        events=[event("SECMP0015", "raised", "2016-05-31")],
        consultations=[{"ref": "SECMP0015", "kind": "report", "closed_on": "2020-06-08"}],
    )
    assert bar(seen(reg, "SECMP0015"))[:2] == [
        ("refinement", "raised 31 May 2016 (assumed from then)", "passed"),
        ("report", "by 8 June 2020", "here"),
    ]


def test_a_stage_that_was_last_seen_then_or_later_has_no_last_day() -> None:
    """SECMP0032: seen in refinement on a page that is of 1 October 2018 or younger."""
    rows = [
        event("SECMP0032", "raised", "2017-02-20"),
        event("SECMP0032", "observed", "2018-10-01", precision="not_before", stage="refinement"),
    ]
    reg = register(events=rows)
    assert seen(reg, "SECMP0032").answer == (
        "SECMP0032 was in the Refinement Process (since 20 February 2017) when it was last seen, "
        "on 1 October 2018 or later."
    )
    table = Register(reg.stated).modifications().table()
    assert "1 Oct 2018 or later" in table._repr_mimebundle_()["text/html"]
    assert table.frame["known_to_precision"].tolist() == ["not_before"]
    # what began by a day was so on that day
    began_by = event("MP102", "observed", "2020-08-07", precision="by", stage="refinement")
    (row,) = Register(register(events=[began_by]).stated).modifications().frame.to_dict("records")
    assert (row["since_precision"], row["known_to_precision"]) == ("by", "day")


def test_a_citation_that_gives_another_day_says_so() -> None:
    """SECMP0062's part 2: the release's page says 29 November 2020, its own page 5 November."""
    november = "November 2020 SEC Release"
    reg = register(
        [DATED, source("release-2", published_on="2020-11-29", published_precision="not_before")],
        events=[vote("MP102", "2020-02-07")],
        release_items=[
            item(november, "MP102", "implemented", "2020-11-29", source_id="release-2"),
            item(november, "MP102", "implemented", "2020-11-05", source_id=PAGE),
        ],
        assessments=[
            assessment("MP102", returned="2020-02-11", source_id=REPORT),
            assessment("MP102", returned="2020-02-12", source_id=OTHER),
        ],
    )
    shown = lines(seen(reg))
    other = "another source says"
    assert f"29 November 2020: Implemented in the November 2020 SEC Release; {other} 5 November 2020" in shown
    assert f"{november}: implemented on 29 November 2020; {other} 5 November 2020" in shown
    (returned,) = [line for line in shown if line.startswith("Preliminary Assessment")]
    assert returned.endswith(f"; {other} returned 12 February 2020")
    (step,) = [step for step in seen(reg).facts.steps if step["event"] == "implemented"]
    assert [row[1] for row in step["rows"]] == ["release-2"]
    assert [row[1] for row in step["otherwise"][0]["rows"]] == [PAGE]


# Its timeline --------------------------------------------------------------------------------------


def test_a_vote_stated_in_two_chapters_is_one_step_with_both_places() -> None:
    stated = [vote("MP102", "2020-07-22", source_id=REPORT, locator=f"line {n}") for n in (51, 247)]
    modification = seen(register([DATED], events=stated))
    assert lines(modification).count("22 July 2020: Change Board vote: approved (Self-Governance)") == 1
    assert "line 247; line 51" in modification._repr_mimebundle_()["text/html"] or (
        "line 51; line 247" in modification._repr_mimebundle_()["text/html"]
    )


def test_each_step_has_a_source_that_the_page_names() -> None:
    reg = ResolvedRegister(storage.read_folder(ROOT / "data" / "raw"))
    for ref, facts in modification_facts(reg).items():
        for subject in ("steps", "assessments", "consultations", "meetings", "releases", "relatives"):
            for record in getattr(facts, subject):
                assert record["rows"], f"{ref}: {record}"
                assert {row[1] for row in record["rows"]} <= facts.sources.keys()


def test_an_assessment_counts_the_working_days_between_its_own_two_days() -> None:
    """Thursday 2 to Wednesday 8 July 2020, both ends counted, without the weekend: 5."""
    reg = register(
        assessments=[assessment("MP102", accepted="2020-07-02", returned="2020-07-08", target_wd=15)]
    )
    assert (
        "Preliminary Assessment (PA): accepted 2 July 2020, returned 8 July 2020, after 5 working days; "
        "target 15 working days"
    ) in lines(seen(reg))


def test_what_is_next_is_after_the_last_day_known_and_not_of_what_is_concluded() -> None:
    planned = {
        "meetings": [{"held_on": "2020-08-13", "body": "working_group", "status": "scheduled", "ref": "MP102", "source_id": REPORT}],
        "consultations": [{"ref": "MP102", "kind": "refinement", "expected_week": "2020-08-17", "source_id": REPORT}],
    }  # fmt: skip
    stated = [event("MP102", "observed", "2020-08-07", precision="by", stage="refinement", source_id=REPORT)]
    reg = register([DATED], events=stated, **planned)
    following = lines(seen(reg))
    assert following[following.index("What is next") + 1 :][:2] == [
        "13 August 2020: Working Group meeting",
        "week of 17 August 2020: Refinement Consultation expected",
    ]
    ended = register([DATED], events=[event("MP102", "withdrawn", "2020-08-10")], **planned)
    concluded = lines(seen(ended))
    assert concluded[concluded.index("What is next") + 1] == ""


def test_a_planned_day_is_the_one_that_its_source_states() -> None:
    """By data/raw/release_items.csv SECMP0007's pages, SECMP0015's of 2016 and MP077's state a release and no day."""
    page = lines(seen(REAL, "SECMP0007"))
    assert "June 2022 SEC Release (CSP system changes): targeted on 4 November 2021 or later" in page
    assert "November 2020 SEC Release: targeted" in page
    assert "; the rest was planned for the June 2022 SEC Release" in seen(REAL, "SECMP0007").answer
    assert "November 2020 SEC Release: targeted on 31 May 2016 or later" in lines(seen(REAL, "SECMP0015"))
    assert "November 2021 SEC Release: targeted by 26 February 2021" in lines(seen(REAL, "MP077"))


def test_what_was_planned_for_a_past_day_is_not_next() -> None:
    """SECMP0010: last met on 3 June 2016, and a request for information closed on 24 September 2021."""
    page = lines(seen(REAL, "SECMP0010"))
    assert page[page.index("What is next") + 1] == ""
    assert page[page.index("Planned, not confirmed") + 1] == "24 September 2021: Other consultation closes"


@pytest.mark.parametrize(
    ("ref", "words", "since"),
    [
        ("MP134", "MP134 was split on 22 March 2021 into MP134A", "day"),  # its timeline gives the day
        ("MP085", "MP085 was split by 22 March 2021 into MP085A", "by"),  # its latest update speaks of it
    ],
)
def test_a_split_s_day_is_read_as_its_source_states_it(ref: str, words: str, since: str) -> None:
    """By data/raw/lineage.csv."""
    page = lines(seen(REAL, ref))
    assert page[1].startswith(words)
    on = "22 March 2021" if since == "day" else "by 22 March 2021"
    assert f"{on}: Split: {ref}A is a part of it" in page
    assert f"{on}: Split from the modification it is a part of" in lines(seen(REAL, f"{ref}A"))
    frame = Register(REAL.stated).modifications().frame.set_index("ref")
    assert frame.loc[ref, ["stage", "since_precision"]].tolist() == ["Split into parts", since]


def test_a_release_without_a_day_is_where_its_name_says() -> None:
    """No source gives a day for the June 2024 SEC Release: its name does, and it was last in the list."""
    latest_first = Register(REAL.stated).modifications().releases().frame["release"].tolist()
    day_of_it = latest_first.index("June 2024 SEC Release")
    assert day_of_it < latest_first.index("November 2022 SEC Release")


def test_what_was_approved_is_known_to_the_day_of_its_approval_for_a_release() -> None:
    """SECMP0016 was approved for its release as seen on 31 March 2017; SECMP0007 in force in part on 24 June 2021."""
    frame = Register(REAL.stated).modifications().frame.set_index("ref")
    assert frame.loc["SECMP0016", "known_to"] == pd.Timestamp("2017-03-31")
    assert frame.loc["SECMP0007", "since"] == pd.Timestamp("2021-06-24")


# As at a day ---------------------------------------------------------------------------------------


def test_as_at_a_day_nothing_later_has_happened() -> None:
    reg = register(
        events=[event("MP102", "converted", "2019-12-18"), event("MP102", "withdrawn", "2020-09-23")],
        assessments=[assessment("MP102", accepted="2020-01-02", returned="2020-09-01")],
    )
    shown = "\n".join(lines(seen(reg, on=day("2020-08-07"))))
    assert "2020-09" not in json.dumps(seen(reg, on=day("2020-08-07")).facts.steps)
    assert "Withdrawn" not in shown
    assert "returned" not in shown.replace("whether it was returned", "")


def test_before_the_first_fact_the_page_stands_and_says_so() -> None:
    reg = register(events=[event("MP102", "raised", "2019-12-18")])
    modification = seen(reg, on=day("2010-01-31"))
    assert modification.answer == (
        "Nothing is known of MP102 by 31 January 2010: the first that any source records of it is later."
    )
    assert '<ol class="way"' in modification._repr_mimebundle_()["text/html"]


def test_the_front_door_shows_the_same() -> None:
    reg = Register(register(events=[event("MP102", "raised", "2019-12-18")]).stated)
    assert repr(reg.modification("MP102")) == repr(Modification(reg, "MP102"))
    assert repr(reg.as_at("2020-08-07").modification("MP102")) == repr(
        Modification(reg, "MP102", day("2020-08-07"))
    )


# Bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ref", ["../../etc/passwd", "MP102/../x", "", "MP", "<b>", "ＭＰ１０２", "MP102\n."])
def test_what_is_no_reference_is_refused(ref: str) -> None:
    with pytest.raises(UserError, match="is no reference"):
        seen(register(events=[event("MP102", "raised", "2019-12-18")]), ref)


def test_one_that_no_source_names_is_refused() -> None:
    with pytest.raises(UserError, match="MP102"):
        seen(register(events=[event("MP102", "raised", "2019-12-18")]), "MP103")


@pytest.mark.parametrize("about", ["../x", "a/b", "a\\b", "..", "CON:", "ü", "a b", "", "x" * 300])
def test_a_file_s_name_holds_nothing_but_letters_digits_and_hyphens(about: str) -> None:
    name = file_name(about)
    assert name.replace("-", "").isascii()
    assert name.replace("-", "").isalnum()
    assert len(name) < 100
    assert file_name(about + "!") != name


def test_a_title_of_300_characters_and_one_that_is_markup_are_shown_whole() -> None:
    title = "<img src=x onerror=alert(1)> & " + "Firmware-updates-to-all-devices " * 9
    reg = register(modifications=[{"ref": "MP102", "title": title[:300].strip()}])
    bundle = seen(reg)._repr_mimebundle_()
    assert bundle[mime.MODIFICATION]["title"] == f"MP102: {title[:300].strip()}"
    assert "<img" not in bundle["text/html"]


# Which pages are made anew -------------------------------------------------------------------------


def test_what_a_page_shows_changes_with_its_own_facts_alone() -> None:
    before = {
        "events": [event("MP102", "raised", "2019-12-18"), event("MP103", "raised", "2019-12-18")],
    }
    after = {"events": [*before["events"], vote("MP103", "2020-07-22")]}
    one, other = (
        {ref: Modification(reg, ref).digest for ref in ("MP102", "MP103")}
        for reg in (register([source(PAGE)], **before), register([source(PAGE)], **after))
    )
    assert one["MP102"] == other["MP102"]
    assert one["MP103"] != other["MP103"]


def test_an_authority_s_decision_is_not_said_to_be_on_the_authority_s_path() -> None:
    """SECMP0007's page had: Authority: approved, Authority decision."""
    events = [
        event("SECMP0007", "decided", "2020-10-27", body="authority", outcome="approved", path="authority"),
        vote("SECMP0007", "2020-09-23", path="self_governance"),
    ]
    shown = seen(register(events=events), "SECMP0007")._repr_mimebundle_()["text/html"]
    votes = shown.partition(">Votes and decisions</h2>")[2].partition("<h2>")[0]
    assert "Authority: approved<" in votes
    assert "Change Board: approved, Self-Governance<" in votes
