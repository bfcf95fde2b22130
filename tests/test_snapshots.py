"""Exports of one register on two days: the newest speaks, and what each showed of its own day stays true."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import factories as f
import pandas as pd
import pytest
from made_up_register import JULY, JUNE, MAPPING, Modification, export, figures, truth

from secanalysis.analysis import month_figures
from secanalysis.domain.figures import FigureSet
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.ingest.importing import ingest
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage

MAY = date(2024, 5, 3)  # the first Friday of May
MONTHS = {JUNE: MAY, JULY: JUNE}


class Project:
    """A folder of tables, into which exports are read."""

    def __init__(self, folder: Path, mapping: str = MAPPING) -> None:
        self.folder = folder
        self.mapping = folder / "mapping.yaml"
        self.mapping.write_text(mapping, encoding="utf-8")

    def take(self, modifications: list[Modification], day: date) -> ResolvedRegister:
        """Read the export of a day; the register as it is then."""
        path = export(modifications, day, self.folder / f"export-{day}.csv")
        ingest(path, self.folder / "raw", published_on=day, mapping=self.mapping)
        return ResolvedRegister(storage.read_folder(self.folder / "raw"))


def of_month(register: ResolvedRegister, day: date) -> FigureSet:
    """The figures of the month whose report's day it is."""
    clock = register.clock(ReportMonth(day.year, day.month))
    assert clock.report_date == day
    return month_figures.figures(register, clock, Convention.AS_PUBLISHED)


def differing(register: ResolvedRegister, day: date, modifications: list[Modification]) -> dict[str, object]:
    """The figures that aren't those counted from some modifications: both values by key."""
    expected = figures(modifications, day, MONTHS[day])
    here = of_month(register, day)
    return {
        key: (here[key].value, value, here[key].reason)
        for key, value in expected.items()
        if here[key].value != (None if value is None else pytest.approx(value))
    }


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (2, 3))])
def test_every_figure_of_a_realistic_register_is_the_truth(tmp_path: Path, seed: int) -> None:
    """Two exports without mistakes: both months, before and after the second export."""
    project, real = Project(tmp_path), truth(seed)
    june = project.take(real, JUNE)
    assert differing(june, JUNE, real) == {}
    july = project.take(real, JULY)
    assert differing(july, JUNE, real) == {}
    assert differing(july, JULY, real) == {}
    assert july.changed_between_exports.empty


def mistaken(real: list[Modification]) -> list[Modification]:
    """What the register said in June before it was put right: six mistakes, and a row that was none."""
    then = {one.ref: one for one in real}

    def first(*names: str, stage: str = "") -> Modification:
        """The last modification of which all that has happened by June's export, not mistaken yet."""
        fitting = [one for one in then.values() if all(one.days.get(n, date.max) < JUNE for n in names)]
        fitting = [one for one in fitting if stage in ("", one.stage(JUNE))]
        return next(one for one in reversed(fitting) if one == originals[one.ref])

    originals = dict(then)
    one = first("pa_accepted", "pa_requested")
    then[one.ref] = one.corrected(pa_accepted=one.days["pa_accepted"] - timedelta(days=1))
    one = first("vote", "pa_returned")
    then[one.ref] = one.corrected(vote=one.days["vote"] - timedelta(days=1))
    one = first("raised")
    then[one.ref] = one.corrected(raised=one.days["raised"] - timedelta(days=3))
    one = first("pa_returned", stage="refinement")
    then[one.ref] = one.corrected(pa_returned=None)  # still open, so it seems
    one = first("ia_returned", "in_force")
    then[one.ref] = one.corrected(in_force=one.days["in_force"] - timedelta(days=31))
    one = first("opened", "closes")
    then[one.ref] = one.corrected(opened=one.days["opened"] + timedelta(days=1))
    return list(then.values())


@pytest.mark.parametrize("seed", [4, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (5, 6))])
def test_corrections_between_exports_are_believed_and_listed(tmp_path: Path, seed: int) -> None:
    """June as it was believed in June; once July's export is in, both months as they were."""
    project, real = Project(tmp_path), truth(seed)
    believed = mistaken(real)
    june = project.take(believed, JUNE)
    assert differing(june, JUNE, believed) == {}
    july = project.take(real, JULY)
    assert differing(july, JUNE, real) == {}
    assert differing(july, JULY, real) == {}
    assert of_month(july.as_known(JUNE), JUNE) == of_month(june, JUNE)
    was, corrected = (
        {one.ref: one.by(JUNE).days for one in believed},
        {one.ref: one.by(JULY).days for one in real},
    )
    expected = {
        (ref, was[ref][name].isoformat() if name in was[ref] else "not stated", day.isoformat())
        for ref, days in corrected.items()
        for name, day in days.items()
        if (name in was.get(ref, {}) and was[ref][name] != day)
        or (name not in was.get(ref, {}) and day <= JUNE)
    }
    assert sum(older == "not stated" for _, older, _ in expected) == 1  # the PA that seemed open
    listed = july.changed_between_exports
    assert set(zip(listed["ref"], listed["older"], listed["newer"], strict=True)) == expected
    assert len(listed) == len(expected)
    assert set(listed["older_source"]) == {"export-2024-06-07-2024-06-07"}
    assert set(listed["newer_source"]) == {"export-2024-07-05-2024-07-05"}


R = {"register": "R", "published_precision": "day"}
EXPORTS = [
    f.source("register-june", published_on="2024-06-07", **R),
    f.source("register-july", published_on="2024-07-05", **R),
]
IN_JUNE, IN_JULY = {"source_id": "register-june"}, {"source_id": "register-july"}


def seen(ref: str, stage: str, source: dict[str, str]) -> dict[str, object]:
    """A stage as an export shows it on its day."""
    day = "2024-06-07" if source is IN_JUNE else "2024-07-05"
    return f.event(ref, "observed", day, precision="by", stage=stage, **source)


def test_an_accepted_date_corrected_by_a_day_is_one_assessment() -> None:
    register = f.register(
        EXPORTS,
        assessments=[
            f.assessment("MP901", accepted="2024-05-06", seen="2024-06-07", **IN_JUNE),
            f.assessment("MP901", accepted="2024-05-07", seen="2024-07-05", **IN_JULY),
        ],
    )
    for day, wd in ((JUNE, 19), (JULY, 39)):  # 7 May to 31 May, and to 28 June, a Friday
        month = of_month(register, day)
        assert month["assessment.pa.open.count"].value == 1
        assert month["assessment.MP901.pa.2024-05-07.duration_wd"].value == wd
    known = of_month(register.as_known(JUNE), JUNE)
    assert known["assessment.MP901.pa.2024-05-06.duration_wd"].value == 20
    changed = register.changed_between_exports
    assert changed[["ref", "about", "older", "newer"]].to_numpy().tolist() == [
        ["MP901", "PA accepted on", "2024-05-06", "2024-05-07"]
    ]


def test_cleared_cells_end_what_they_said_but_not_of_the_day_on_which_they_said_it() -> None:
    register = f.register(
        EXPORTS,
        events=[seen("MP901", "refinement", IN_JUNE), seen("MP901", "refinement", IN_JULY)],
        assessments=[f.assessment("MP901", accepted="2024-05-06", seen="2024-06-07", **IN_JUNE)],
    )
    assert of_month(register, JUNE)["assessment.pa.open.count"].value == 1
    assert of_month(register, JULY)["assessment.pa.open.count"].value == 0
    assert register.assessments.empty
    changed = register.changed_between_exports
    assert changed[["about", "older", "newer"]].to_numpy().tolist() == [
        ["PA accepted on", "2024-05-06", "no longer stated"]
    ]


def test_a_vote_moved_by_a_day_counts_once() -> None:
    register = f.register(
        EXPORTS,
        events=[
            f.vote("MP901", "2024-05-22", **IN_JUNE),
            f.vote("MP901", "2024-05-23", **IN_JULY),
            seen("MP901", "pending_implementation", IN_JUNE),
            seen("MP901", "pending_implementation", IN_JULY),
        ],
    )
    assert of_month(register, JUNE)["vote.count"].value == 1
    assert register.events.loc[register.events["event"] == "voted", "on"].tolist() == [
        pd.Timestamp("2024-05-23")
    ]
    assert of_month(register.as_known(JUNE), JUNE)["vote.count"].value == 1


def test_a_deleted_row_is_gone_from_then_on() -> None:
    """Its stage of June stays; what it said of the past isn't said any more; in July it isn't known at all."""
    register = f.register(
        EXPORTS,
        modifications=[{"ref": ref, "title": ref, **IN_JUNE} for ref in ("MP901", "MP902")]
        + [{"ref": "MP901", "title": "MP901", **IN_JULY}],
        events=[
            *(f.event(ref, "raised", "2024-05-20", **IN_JUNE) for ref in ("MP901", "MP902")),
            f.event("MP901", "raised", "2024-05-20", **IN_JULY),
            *(seen(ref, "refinement", IN_JUNE) for ref in ("MP901", "MP902")),
            seen("MP901", "report", IN_JULY),
        ],
    )
    june, july = of_month(register, JUNE), of_month(register, JULY)
    assert (june["stage.refinement.count"].value, june["raised.count"].value) == (2, 1)
    assert (july["stage.report.count"].value, july["stage.refinement.count"].value) == (1, 0)
    assert of_month(register.as_known(JUNE), JUNE)["raised.count"].value == 2
    gone = register.changed_between_exports
    assert set(gone["ref"]) == {"MP902"}
    assert dict(zip(gone["about"], gone["newer"], strict=True)) == {
        "raised": "no longer stated",
        "title": "no longer stated",
    }


def test_a_deleted_row_that_was_on_hold_keeps_junes_stage() -> None:
    """On hold, and in the stage that its own steps led to: what June's export showed of its day stays true of it."""
    june = [
        event
        for ref, steps in {
            "MP901": {"raised": "2024-01-08", "converted": "2024-02-05"},
            "MP902": {"raised": "2024-05-20"},
            "MP903": {"raised": "2024-01-08", "converted": "2024-02-05", "entered_report": "2024-03-04"},
            "MP904": {"raised": "2024-01-08"},
        }.items()
        for event in [
            *(f.event(ref, step, on, **IN_JUNE) for step, on in steps.items()),
            f.event(ref, "on_hold", "2024-06-07", precision="by", **IN_JUNE),
        ]
    ]
    # July's export lists only MP904, which has been converted since
    july = [
        f.event("MP904", "raised", "2024-01-08", **IN_JULY),
        f.event("MP904", "converted", "2024-06-17", **IN_JULY),
        f.event("MP904", "on_hold", "2024-07-05", precision="by", **IN_JULY),
    ]
    stages = ("development", "refinement", "report")
    for register in (f.register(EXPORTS[:1], events=june), f.register(EXPORTS, events=june + july)):
        month = of_month(register, JUNE)
        assert [month[f"stage.{stage}.count"].value for stage in stages] == [2, 1, 1]
    month = of_month(f.register(EXPORTS, events=june + july), JULY)
    assert [month[f"stage.{stage}.count"].value for stage in stages] == [0, 1, 0]
    assert month["raised.count"].value == 0


def test_a_withdrawal_without_a_day_in_july_leaves_june_as_it_was() -> None:
    """Two open in June, one of which July's export shows as withdrawn, without a day."""
    events = [f.event(ref, "raised", "2024-05-06", **IN_JUNE) for ref in ("MP901", "MP902")]
    events += [seen(ref, "refinement", IN_JUNE) for ref in ("MP901", "MP902")]
    later = [f.event(ref, "raised", "2024-05-06", **IN_JULY) for ref in ("MP901", "MP902")]
    later += [seen("MP901", "refinement", IN_JULY), seen("MP902", "withdrawn", IN_JULY)]
    before, after = f.register(EXPORTS[:1], events=events), f.register(EXPORTS, events=events + later)
    for register in (before, after):
        june = of_month(register, JUNE)
        assert june["proposal.open.count"].value == 2
        assert june["proposal.open.mean_wd"].value == 20  # 6 to 31 May
        assert june["proposal.concluded.count"].value == 0
    july = of_month(after, JULY)
    assert (july["proposal.open.count"].value, july["proposal.concluded.count"].value) == (1, None)
    assert july["proposal.concluded.count"].reason == "at least 0; 1 more without a date"
    assert july["proposal.concluded.count"].n == 0


def test_what_a_register_does_not_keep_is_not_known(tmp_path: Path) -> None:
    """A status, and a day raised: three are in the decision stage, and nothing says with whom."""
    mapping = """
    source: {title: The register, publisher: Nobody}
    defaults: {columns: {ref: Reference}}
    read:
      - {table: modifications, columns: {title: Title}}
      - {table: events, columns: {on: Raised}, values: {event: raised}}
      - table: events
        columns: {stage: Status}
        values: {event: observed}
        words: {stage: {Refinement: refinement, With the Authority: decision, Withdrawn: withdrawn}}
    """
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    rows = ["MP901,One,2024-05-06,Refinement"]
    rows += [f"MP{ref},Another,2024-03-04,With the Authority" for ref in (902, 903, 904)]
    rows += [f"MP{ref},Another,2024-03-04,Withdrawn" for ref in range(905, 913)]
    (tmp_path / "export.csv").write_text(
        "\n".join(["Reference,Title,Raised,Status", *rows, ""]), encoding="utf-8"
    )
    ingest(tmp_path / "export.csv", tmp_path / "raw", published_on=JUNE, mapping=tmp_path / "mapping.yaml")
    register = ResolvedRegister(storage.read_folder(tmp_path / "raw"))
    (keeps,) = register.sources["keeps"]
    assert keeps == "modifications observed raised"
    june = of_month(register, JUNE)
    assert june["stage.decision.count"].value == 3
    assert june["raised.count"].value == 1
    for key in (
        "authority.pending.count",
        "vote.count",
        "authority.decided.count",
        "assessment.pa.open.count",
    ):
        assert june[key].value is None
        assert june[key].reason == "not kept in the register"
    concluded = june["proposal.concluded.count"]
    assert (concluded.value, concluded.n, concluded.reason) == (None, 0, "at least 0; 8 more without a date")


def test_with_the_authority_is_a_lower_bound_where_stages_say_more() -> None:
    """A register without a word of what it keeps: of two in the decision stage one is known to be sent."""
    register = f.register(
        EXPORTS[:1],
        events=[
            f.event("MP901", "sent_to_authority", "2024-03-04", **IN_JUNE),
            seen("MP901", "decision", IN_JUNE),
            seen("MP902", "decision", IN_JUNE),
        ],
    )
    pending = of_month(register, JUNE)["authority.pending.count"]
    assert (pending.value, pending.n) == (None, 1)
    assert pending.reason.startswith("at least 1; 1 more")


def test_a_newer_export_that_does_not_keep_something_says_nothing_of_it() -> None:
    sources = [EXPORTS[0], EXPORTS[1] | {"keeps": "modifications observed"}]
    register = f.register(
        sources,
        events=[f.vote("MP901", "2024-05-22", **IN_JUNE), seen("MP901", "pending_implementation", IN_JULY)],
    )
    assert of_month(register, JUNE)["vote.count"].value == 1
    assert register.changed_between_exports.empty


def test_plans_are_those_of_the_newest_export_by_the_day() -> None:
    """A meeting moved, and a modification moved from one release to another."""
    from secanalysis.analysis import activity, key_dates, releases

    meeting = {"body": "working_group", "ref": "MP901"}
    register = f.register(
        EXPORTS,
        meetings=[
            {**meeting, "held_on": "2024-06-10", "status": "scheduled", **IN_JUNE},
            {**meeting, "held_on": "2024-06-12", "status": "held", **IN_JULY},
        ],
        release_items=[
            f.item("November 2024 Release", "MP901", "targeted", "2024-06-07", precision="by", **IN_JUNE),
            f.item("February 2025 Release", "MP901", "targeted", "2024-07-05", precision="by", **IN_JULY),
        ],
    )
    june, july = (register.clock(ReportMonth(2024, month)) for month in (6, 7))
    assert activity.meetings(register, june)["held_on"].dt.day.tolist() == [10]
    assert activity.meetings(register, july)["held_on"].dt.day.tolist() == [12]
    assert key_dates.next_dates(register, june)["next_on"].tolist() == [pd.Timestamp("2024-06-10")]
    listed = {
        day: {slug: len(scope.items) for slug, scope in releases.contents(register, day).items()}
        for day in (JUNE, JULY)
    }
    assert listed == {JUNE: {"november-2024": 1}, JULY: {"november-2024": 0, "february-2025": 1}}
    moved = releases.history(register).set_index(["slug", "on"])["change"]
    assert moved["november-2024", pd.Timestamp("2024-07-05")] == "dropped"


def test_a_stage_corrected_in_a_newer_export_is_the_stage_from_then_on() -> None:
    """Stages with days of their own: June's said the Report Phase since 3 June, July's refinement since 1 May."""
    register = f.register(
        EXPORTS,
        events=[
            f.event("MP901", "observed", "2024-06-03", stage="report", **IN_JUNE),
            f.event("MP901", "observed", "2024-05-01", stage="refinement", **IN_JULY),
        ],
    )
    assert of_month(register, JUNE)["stage.report.count"].value == 1
    assert of_month(register, JULY)["stage.refinement.count"].value == 1


def test_exports_of_different_registers_leave_each_other_alone() -> None:
    others = [EXPORTS[0], EXPORTS[1] | {"register": "another"}]
    register = f.register(
        others, events=[f.vote("MP901", "2024-05-22", **IN_JUNE), f.vote("MP902", "2024-05-23", **IN_JULY)]
    )
    assert of_month(register, JUNE)["vote.count"].value == 2


# What an export doesn't say is never 0 -----------------------------------------------------------


def exported(keeps: str | None, **rows: list[dict[str, object]]) -> FigureSet:
    """The figures of July 2024 from one export of its report's day, of a register that keeps some things, or all."""
    day = date(2024, 7, 5)
    stated = {
        "kind": "register",
        "published_on": f"{day}",
        "published_precision": "day",
        "register": "made up",
    }
    here = {name: [{**row, "source_id": "export"} for row in of_table] for name, of_table in rows.items()}
    return of_month(f.register([f.source("export", **stated, keeps=keeps)], **here), day)


def test_a_status_that_a_register_does_not_keep_is_no_zero() -> None:
    """Seen before: approved 0, of a release all of whose modifications were approved."""
    items = [
        f.item(
            "November 2024 Release",
            "MP300",
            "targeted",
            "2024-07-05",
            precision="by",
            planned_on="2024-11-07",
        )
    ]
    here = exported("release_items.targeted release_items.implemented", release_items=items)
    approved, targeted = (here[f"release.november-2024.{word}.count"] for word in ("approved", "targeted"))
    assert (approved.value, approved.reason) == (None, "not kept in the register")
    assert targeted.value == 1
    kept = exported("release_items.targeted release_items.approved", release_items=items)
    assert kept["release.november-2024.approved.count"].value == 0


def test_what_was_sent_to_the_authority_without_a_day_is_no_zero() -> None:
    """Seen before: a vote before it explained it away, and none was with the Authority."""
    events = [
        f.vote("MP301", "2024-06-12", outcome="recommended_approval", path="authority"),
        f.event("MP301", "sent_to_authority"),
        f.event("MP301", "observed", "2024-07-05", precision="by", stage="decision"),
    ]
    pending = exported(None, events=events)["authority.pending.count"]
    assert pending.value is None
    assert pending.reason


def test_numbers_of_a_register_do_not_count_what_was_raised() -> None:
    """Seen before: at least 8 by the numbers, where the export stated the days of 20."""
    events = [f.event(f"MP{number}", "raised", f"2024-0{1 + number % 6}-10") for number in range(300, 312)]
    assert exported("raised", events=events)["proposal.raised.count"].value is None
