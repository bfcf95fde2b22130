"""Releases: contents at any day, how scopes moved, and slips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis import Register
from secanalysis.analysis import (
    due,
    release_counts,
    release_dates,
    release_members,
    release_slippage,
    releases,
)
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage
from secanalysis.views.month import MonthlyReport

RAW = Path(__file__).parent.parent / "data" / "raw"

AUGUST = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
EXPORT = f.source("register-2020-08", published_on="2020-08-07", published_precision="day")
NOVEMBER = "November 2020 SEC Release"


def listed(
    day: str, *refs: str, status: str = "approved", source: str = "release-page", **more: Any
) -> list[dict[str, Any]]:
    """A list of a release's scope, as a page or report gives it."""
    precision = "day" if status == "implemented" else "by"
    return [f.item(NOVEMBER, ref, status, day, precision=precision, source_id=source, **more) for ref in refs]


def scope(day: str, *rows: dict[str, Any], sources: list[dict[str, Any]] | None = None) -> dict[str, str]:
    """Status by item of the only release."""
    register = f.register([AUGUST, *(sources or [])], release_items=list(rows))
    result = releases.contents(register, f.day(day))["november-2020"].items
    return dict(
        zip(
            result["name"] + result["part"].map(lambda p: "" if pd.isna(p) else f" {p}"),
            result["status"],
            strict=True,
        )
    )


def test_a_scope_stands_until_the_next_list() -> None:
    rows = [
        *listed("2020-08-07", "MP100", "MP101", source="report-2020-08"),
        *listed("2020-11-29", "MP101", "MP102", status="implemented"),
    ]
    assert scope("2020-08-07", *rows) == {"MP100": "approved", "MP101": "approved"}
    assert scope("2020-11-28", *rows) == {"MP100": "approved", "MP101": "approved"}
    assert scope("2020-11-29", *rows) == {"MP101": "implemented", "MP102": "implemented"}


def test_what_single_pages_say_since_then_is_laid_over_it() -> None:
    rows = [
        *listed("2020-08-07", "MP100", source="report-2020-08"),
        f.item(NOVEMBER, "MP131", "approved", "2020-08-26"),
        f.item(NOVEMBER, "MP099", "approved", "2020-05-01", precision="by"),
        f.item(NOVEMBER, "MP100", "removed", "2020-09-01"),
    ]
    assert scope("2020-08-26", *rows) == {"MP100": "approved", "MP131": "approved"}
    assert scope("2020-09-01", *rows) == {"MP100": "removed", "MP131": "approved"}


def test_a_lower_bound_of_a_pages_day_is_no_day_of_a_scope() -> None:
    """A page seen on 31 May 2016 or later plans MP100 for November 2020: nobody knows since when."""
    rows = [
        *listed("2020-08-07", "MP101", source="report-2020-08"),
        f.item(NOVEMBER, "MP100", "targeted", "2016-05-31", precision="not_before"),
        f.item(NOVEMBER, "MP101", "targeted", "2016-05-31", precision="not_before"),
        f.item("June 2020 SEC Release", "MP102", "targeted", "2020-01-31", precision="not_before"),
    ]
    planned = [
        {"release": NOVEMBER, "kind": "scheduled", "planned_on": "2020-11-05"},
        {"release": "June 2020 SEC Release", "kind": "scheduled", "planned_on": "2020-06-25"},
    ]
    register = f.register([AUGUST], release_items=rows, releases=planned)
    assert list(releases.contents(register, f.day("2020-08-06"))) == []
    result = releases.plans_without_a_day(register, f.day("2020-08-07"))
    assert result[["release", "name", "precision"]].values.tolist() == [
        [NOVEMBER, "MP100", "not_before"]  # MP101 is in the scope, June's day has passed
    ]
    assert result["planned_on"].isna().all()  # the release's own day is no day that the page states
    earlier = releases.plans_without_a_day(register, f.day("2020-06-05"))
    assert earlier["name"].tolist() == ["MP102", "MP100", "MP101"]


def test_an_approval_of_a_day_is_no_list() -> None:
    """A report tells of a vote for the release; that doesn't end what an earlier list named."""
    rows = [
        *listed("2020-07-03", "MP100", "MP101"),
        f.item(NOVEMBER, "MP103", "approved", "2020-07-22", source_id="report-2020-08"),
    ]
    assert scope("2020-07-22", *rows) == {"MP100": "approved", "MP101": "approved", "MP103": "approved"}


def test_an_export_says_of_each_item_when_it_came_in() -> None:
    rows = [
        f.item(NOVEMBER, "MP100", "approved", "2020-01-10", source_id="register-2020-08"),
        f.item(NOVEMBER, "MP101", "approved", "2020-02-10", source_id="register-2020-08"),
        f.item(NOVEMBER, "MP100", "removed", "2020-03-10", source_id="register-2020-08"),
    ]
    assert scope("2020-02-10", *rows, sources=[EXPORT]) == {"MP100": "approved", "MP101": "approved"}
    assert scope("2020-03-10", *rows, sources=[EXPORT]) == {"MP100": "removed", "MP101": "approved"}
    moves = releases.history(f.register([EXPORT], release_items=rows))
    assert moves[moves["change"] != "unchanged"][["item", "change"]].values.tolist() == [
        ["MP100", "listed first"],
        ["MP101", "added"],
        ["MP100", "status changed"],
    ]


def test_each_list_goes_on_from_the_one_before() -> None:
    """Of a full register: what a list had is what the next one is compared with, and nothing else is."""
    moves = releases.history(Register.simulated(60))
    assert (moves["change"] == "added").any() and (moves["change"] == "status changed").any()
    for _, of_release in moves.groupby("slug"):
        had: dict[str, str] | None = None
        for _, of_list in of_release.groupby("on"):
            was = dict(of_list.dropna(subset=["before"])[["item", "before"]].values)
            assert was == (had or {})
            assert (of_list["change"] == "listed first").all() == (had is None)
            had = dict(of_list.dropna(subset=["status"])[["item", "status"]].values)


def test_what_no_list_shows_any_more_is_dropped_once() -> None:
    moves = releases.history(
        f.register(
            release_items=[
                *listed("2020-07-03", "MP100", "MP101", part="documents"),
                *listed("2020-08-03", "MP102"),
                *listed("2020-09-03", "MP102", status="implemented"),
                *listed("2020-09-03", "MP099"),
            ]
        )
    )
    assert moves[["on", "item", "change", "status", "before"]].astype(str).fillna("").values.tolist() == [
        ["2020-07-03", "MP100 (documents)", "listed first", "approved", ""],
        ["2020-07-03", "MP101 (documents)", "listed first", "approved", ""],
        ["2020-08-03", "MP100 (documents)", "dropped", "", "approved"],
        ["2020-08-03", "MP101 (documents)", "dropped", "", "approved"],
        ["2020-08-03", "MP102", "added", "approved", ""],
        ["2020-09-03", "MP099", "added", "approved", ""],
        ["2020-09-03", "MP102", "status changed", "implemented", "approved"],
    ]


@pytest.mark.parametrize("most", [1, 40])
def test_lists_are_worked_out_in_portions_that_change_nothing(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    register = Register.simulated(30)
    whole = releases.history(register)
    monkeypatch.setattr(releases, "MOST_ROWS", most)
    pd.testing.assert_frame_equal(releases.history.__wrapped__(register), whole)  # type: ignore[attr-defined]


def test_parts_and_the_whole() -> None:
    """A whole covers its parts: MP101 is there once."""
    rows = [
        *listed("2020-11-29", "MP100", "MP101", status="implemented"),
        *listed("2020-11-29", "MP100", status="implemented", part="documents"),
        *listed("2020-11-29", "MP101", part="systems"),
        *listed("2020-11-29", "SECMP0062", status="implemented", part="part 2"),
    ]
    assert scope("2020-11-29", *rows) == {
        **{"MP100": "implemented", "MP101": "implemented"},
        "SECMP0062 part 2": "implemented",
    }


def test_a_part_named_after_the_whole_was_taken_out_is_what_is_left() -> None:
    rows = [
        f.item(NOVEMBER, "MP100", "removed", "2020-08-07"),
        f.item(NOVEMBER, "MP100", "targeted", "2020-09-01", part="documents"),
    ]
    assert scope("2020-08-31", *rows) == {"MP100": "removed"}
    assert scope("2020-09-01", *rows) == {"MP100 documents": "targeted"}


def test_a_modification_of_several_parts_counts_once_by_what_is_left_to_come() -> None:
    """SECMP0062: one part in force and one approved is one approved; whole and part is one, too."""
    rows = [
        *listed("2020-08-07", "SECMP0062", source="report-2020-08", part="part 1"),
        f.item(NOVEMBER, "SECMP0062", "implemented", "2020-08-07", part="part 2"),
        *listed("2020-08-07", "SECMP0007", source="report-2020-08"),
        *listed("2020-08-07", "SECMP0007", source="report-2020-08", status="targeted", part="documents"),
    ]
    result = measures("2020-08", *rows)
    counts = {key: measure.n for key, measure in result.items() if key.count(".") == 3}
    assert counts == {
        "release.november-2020.targeted.count": 0,
        "release.november-2020.approved.count": 2,
        "release.november-2020.implemented.count": 0,
        "release.november-2020.removed.count": 0,
    }


def measures(month: str, *rows: dict[str, Any], attested: bool = False, **tables: Any) -> dict[str, Any]:
    register = f.register([AUGUST], release_items=list(rows), **tables)
    result = release_counts.measures(register, clock(ReportMonth.parse(month)), month_attested=attested)
    return {measure.key: measure for measure in result}


def test_counts_with_the_rows_behind_them() -> None:
    """All rows that give an item its status, of every source; and no other."""
    rows = [
        *listed("2020-08-07", "MP100", "MP101", source="report-2020-08"),
        f.item(NOVEMBER, "MP100", "approved", "2020-08-07", precision="by"),
        *listed("2020-08-07", "MP102", status="targeted", source="report-2020-08"),
    ]
    result = measures("2020-08", *rows)
    approved = result["release.november-2020.approved.count"]
    assert (approved.value, approved.coverage) == (2, "scope as listed on 7 August 2020")
    assert [row.locator for row in approved.rows] == ["line 3", "line 1", "line 2"]
    assert approved.items == ("MP100", "MP101")
    assert result["release.november-2020.targeted.count"].value == 1
    assert result["release.november-2020.removed.count"].value == 0


def test_a_count_is_null_where_nobody_lists_the_scope() -> None:
    result = measures("2020-08", f.item(NOVEMBER, "MP131", "approved", "2020-08-05", precision="by"))
    one = result["release.november-2020.approved.count"]
    assert (one.value, one.n, one.reason) == (None, 1, "no source lists the release's scope")


def test_only_current_releases_are_counted() -> None:
    rows = [*listed("2020-11-29", "MP100", status="implemented")]
    assert "release.november-2020.implemented.count" in measures("2020-12", *rows)
    assert "release.november-2020.implemented.count" not in measures("2021-01", *rows)
    targeted = listed("2020-08-07", "MP100", status="targeted", planned_on="2020-09-15")
    assert "release.november-2020.targeted.count" in measures(
        "2020-10", *targeted
    )  # planned after 4 September
    assert "release.november-2020.targeted.count" not in measures("2020-11", *targeted)


def test_what_came_into_force_in_the_month_before() -> None:
    rows = [
        f.item("Standalone Release 2020-07-23", "MP135", "implemented", "2020-07-23"),
        f.item(None, "MP135", "implemented", "2020-07-23", source_id=f.OTHER),
        f.item(None, "MP136", "implemented", "2020-07-01", precision="month"),
        f.item(None, "MP137", "implemented", "2020-07-15", precision="not_before"),  # seen then or later
        f.item(None, "MP138", "implemented", "2020-08-01"),
        f.item(None, "MP139", "implemented", "2020-06-30"),
    ]
    result = measures("2020-08", *rows, attested=True)["release.implemented.count"]
    assert (result.value, result.items) == (2, ("MP135", "MP136"))
    assert [row.locator for row in result.rows] == ["line 2", "line 1", "line 3"]
    assert measures("2020-08", *rows)["release.implemented.count"].value is None


# Plans ------------------------------------------------------------------------------------------

MOVES = [
    {"release": NOVEMBER, "kind": "scheduled", "planned_on": "2020-11-05"},
    {"release": NOVEMBER, "kind": "scheduled", "stated_on": "2020-06-19", "planned_on": "2020-11-29"},
]


def slip(
    *plans: dict[str, Any], by: str = "2021-12-31", sources: list[dict[str, Any]] | None = None
) -> list[Any]:
    """First release, first planned day and slip of MP100, in force on 4 November 2021."""
    done = f.item("November 2021 SEC Release", "MP100", "implemented", "2021-11-04")
    register = f.register(sources, release_items=[*plans, done], releases=MOVES)
    row = release_slippage.slippage(register, f.day(by)).set_index("name").loc["MP100"]
    shown = None if pd.isna(row["first_planned_on"]) else f"{row['first_planned_on']:%Y-%m-%d}"
    return [
        None if pd.isna(row["first_release"]) else row["first_release"],
        shown,
        None if pd.isna(row["slip_days"]) else row["slip_days"],
    ]


@pytest.mark.parametrize(
    ("words", "planned", "days"),
    [
        ("2019-12-01", "2020-11-05", 364),
        ("2020-06-19", "2020-11-29", 340),
        ("2020-07-22", "2020-11-29", 340),
        (None, "2020-11-05", 364),
    ],
)
def test_a_plan_means_the_day_that_its_release_had_then(words: str | None, planned: str, days: int) -> None:
    """And the first one where nobody says when it was made."""
    assert slip(f.item(NOVEMBER, "MP100", "approved", words)) == [NOVEMBER, planned, days]


def test_the_first_plan_counts_though_nobody_dates_it() -> None:
    """SECMP0007: an undated plan for November 2020 was made before a dated one for November 2021."""
    dated = f.item(
        "November 2021 SEC Release",
        "MP100",
        "approved",
        "2021-02-26",
        precision="by",
        planned_on="2021-11-04",
    )
    releases_of = {"release_items": [f.item(NOVEMBER, "MP100", "targeted"), dated]}
    assert slip(*releases_of["release_items"])[0] == NOVEMBER
    assert slip(dated) == ["November 2021 SEC Release", "2021-11-04", 0]
    assert slip() == [None, None, None]


def test_a_part_is_held_against_the_plan_for_that_part() -> None:
    """SECMP0062: part 1 in force long before the day planned for part 2 isn't early."""
    items = [
        f.item(NOVEMBER, "MP100", "targeted", "2019-12-01", part="part 2"),
        f.item("June 2020 SEC Release", "MP100", "implemented", "2020-06-25", part="part 1"),
        f.item(NOVEMBER, "MP100", "implemented", "2020-11-29", part="part 2"),
    ]
    result = release_slippage.slippage(f.register(release_items=items, releases=MOVES), f.day("2021-12-31"))
    assert result["part"].tolist() == ["part 1", "part 2"]
    assert result["slip_days"].fillna(-1).tolist() == [-1, 24]


def test_a_part_is_not_held_against_the_plan_for_the_whole() -> None:
    """SECMP0007: its documents came into force by themselves, 231 days after the whole's plan and before the whole."""
    items = [
        f.item(NOVEMBER, "MP100", "targeted"),
        f.item("June 2021 SEC Release", "MP100", "implemented", "2021-06-24", part="text only"),
        f.item("November 2021 SEC Release", "MP100", "implemented", "2021-11-04"),
    ]
    register = f.register(release_items=items, releases=MOVES)
    slips = release_slippage.slippage(register, f.day("2021-12-31"))
    assert slips[["part", "first_release", "slip_days"]].astype("object").where(
        slips.notna(), None
    ).values.tolist() == [
        ["text only", None, None],
        [None, NOVEMBER, 364],
    ]


def test_one_in_force_in_part_has_not_slipped_by_a_number_of_days_yet() -> None:
    """SECMP0007: text in June 2021, the documents in November 2021, and the CSPs' changes were still to come."""
    items = [
        f.item(NOVEMBER, "MP100", "targeted"),
        f.item("June 2021 SEC Release", "MP100", "implemented", "2021-06-24", part="text only"),
        f.item("November 2021 SEC Release", "MP100", "implemented", "2021-11-04"),
        f.item("June 2022 SEC Release", "MP100", "targeted", part="CSP system changes"),
    ]
    register = f.register(release_items=items, releases=MOVES)
    for by in ("2021-07-02", "2021-12-31"):
        slips = release_slippage.slippage(register, f.day(by))
        whole = slips[slips["part"].isna()]
        assert whole[["first_release", "in_part", "release"]].values.tolist() == [
            [NOVEMBER, True, "June 2021 SEC Release"]
        ]
        assert [str(day.date()) for day in whole["in_force_on"]] == ["2021-06-24"]
        assert whole["slip_days"].isna().all()
    items.append(
        f.item("June 2022 SEC Release", "MP100", "implemented", "2022-06-30", part="CSP system changes")
    )
    slips = release_slippage.slippage(f.register(release_items=items, releases=MOVES), f.day("2022-07-01"))
    assert not slips["in_part"].any()


def test_secmp0007_is_in_force_in_part_in_its_table() -> None:
    """By hand: planned for November 2020 at first; its documents' text of 24 June 2021; June 2022 to come."""
    register = ResolvedRegister(storage.read_folder(RAW))
    table = MonthlyReport(register, ReportMonth(2021, 12), Convention.AS_PUBLISHED).releases.slippage()
    row = table.frame.set_index("name").loc["SECMP0007"]
    assert (row["status"], row["first_release"]) == ("in force in part", "November 2020 SEC Release")
    assert pd.isna(row["part"])
    assert (row["release"], str(row["in_force_on"].date())) == ("June 2021 SEC Release", "2021-06-24")
    assert pd.isna(row["slip_days"])


def test_only_what_had_happened_by_the_day() -> None:
    done = f.item(NOVEMBER, "MP100", "implemented", "2021-11-04")
    assert release_slippage.slippage(f.register(release_items=[done]), f.day("2021-11-03")).empty


def test_dates_are_listed_in_the_order_in_which_they_were_stated() -> None:
    result = release_dates.dates(f.register(releases=MOVES))
    assert result["planned_on"].dt.strftime("%Y-%m-%d").tolist() == ["2020-11-05", "2020-11-29"]
    assert result["slug"].tolist() == ["november-2020"] * 2


def test_one_release_under_two_names_is_one() -> None:
    rows = [
        f.item(
            "November 2020 SEC Release",
            "MP100",
            "approved",
            "2020-08-07",
            precision="by",
            source_id="release-a",
        ),
        f.item(
            "November 2020 Release", "MP101", "approved", "2020-08-07", precision="by", source_id="release-b"
        ),
    ]
    result = releases.contents(f.register(release_items=rows), f.day("2020-08-07"))
    assert {slug: len(scope.items) for slug, scope in result.items()} == {"november-2020": 2}


# Due --------------------------------------------------------------------------------------------


def overdue(day: str, *rows: dict[str, Any], **tables: Any) -> list[list[str]]:
    result = due.due_not_confirmed(f.register(release_items=list(rows), **tables), f.day(day))
    return [[name, f"{on:%Y-%m-%d}"] for name, on in zip(result["name"], result["planned_on"], strict=True)]


def test_due_is_what_was_approved_for_a_day_that_has_passed_and_nothing_since() -> None:
    """As MP091: approved on 20 December 2019 for 27 February 2020, seen so on no later day."""
    approved = [f.vote("MP091", "2019-12-20")]
    plan = f.item("February 2020 SEC Release", "MP091", "approved", "2019-12-20", planned_on="2020-02-27")
    assert overdue("2020-02-27", plan, events=approved) == []
    assert overdue("2020-02-28", plan, events=approved) == [["MP091", "2020-02-27"]]
    done = f.item("February 2020 SEC Release", "MP091", "implemented", "2020-02-27")
    assert overdue("2020-02-28", plan, done, events=approved) == []
    withdrawn = f.event("MP091", "withdrawn", "2020-02-20")
    assert overdue("2020-02-28", plan, events=[*approved, withdrawn]) == []


def test_what_has_no_planned_day_or_may_still_be_open_is_not_due() -> None:
    events = [f.vote("MP100", "2019-12-20"), f.event("MP101", "entered_report", "2019-12-20")]
    plan = f.item(NOVEMBER, "MP101", "targeted", "2019-12-20", planned_on="2020-02-27")
    assert overdue("2020-03-06", plan, events=events) == []


def test_how_scopes_moved_is_listed_by_date() -> None:
    """Two releases, listed in turn: the rows are in the order of the days, whatever the release."""
    june = "June 2020 SEC Release"
    rows = [
        *listed("2020-03-02", "MP100"),
        *listed("2020-07-01", "MP100", "MP101"),
        f.item(june, "MP110", "approved", "2020-02-03", precision="by", source_id="release-page"),
        f.item(june, "MP110", "approved", "2020-05-04", precision="by", source_id="release-page"),
        f.item(june, "MP111", "approved", "2020-05-04", precision="by", source_id="release-page"),
    ]
    moved = Register(f.tables([AUGUST], release_items=rows)).as_at("2020-08-31").releases.history().frame
    assert [(str(day.date()), item) for day, item in zip(moved["on"], moved["item"], strict=True)] == [
        ("2020-02-03", "MP110"),
        ("2020-03-02", "MP100"),
        ("2020-05-04", "MP111"),
        ("2020-07-01", "MP101"),
    ]


# Members, and in part ---------------------------------------------------------------------------------


def test_members_are_those_approved_and_those_that_have_left_are_none() -> None:
    """On everything known to date: lists, then pages without a date that no younger list leaves out."""
    june = "June 2021 SEC Release"
    seen = {"precision": "not_before"}
    rows = [
        *listed("2020-06-19", "MP100", "MP101", "MP102", source="release-a"),
        *listed("2020-08-07", "MP100", source="release-b"),
        *listed("2020-08-07", "MP103", "MP104", "MP105", status="targeted", source="release-b"),
        f.item(june, "MP104", "approved", "2020-10-01"),
        f.item(NOVEMBER, "MP101", "approved", "2020-07-01", **seen),  # the list of August doesn't name it
        f.item(NOVEMBER, "MP106", "approved", "2020-09-01", **seen),
        f.item(NOVEMBER, "MP107", "targeted"),  # nobody knows when: perhaps before the list
        f.item(june, "MP108", "targeted"),
    ]
    register = f.register([AUGUST], release_items=rows, events=[f.event("MP105", "withdrawn", "2020-09-30")])
    result = release_members.members(register)
    assert result.set_index(["slug", "name"])["is_targeted"].to_dict() == {
        ("june-2021", "MP104"): False,
        ("june-2021", "MP108"): True,
        ("november-2020", "MP100"): False,
        ("november-2020", "MP103"): True,
        ("november-2020", "MP106"): False,
    }


def test_what_is_in_force_in_part_is_said_to_be_wherever_it_is_shown() -> None:
    """Documents came in July, the whole's rest is planned for November; MP101 is in force as a whole."""
    july = "Standalone Release 2020-07-23"
    items = [
        f.item(july, "MP100", "implemented", "2020-07-23", part="documents"),
        f.item(july, "MP101", "implemented", "2020-07-23"),
        f.item(NOVEMBER, "MP100", "approved", "2020-07-01", part="systems", planned_on="2020-11-29"),
    ]
    report = Register(f.tables([AUGUST], release_items=items, events=[f.vote("MP100", "2020-07-01")])).month(
        "2020-08"
    )
    contents = report.releases.contents().frame
    status = dict(zip(contents["name"] + " " + contents["part"].fillna("-"), contents["status"], strict=True))
    assert status == {
        "MP100 documents": "in force in part",
        "MP100 systems": "approved",
        "MP101 -": "implemented",
    }
    assert report.figures["release.implemented.count"].coverage == "in force in part: MP100"
    changed = report.activity.changes().frame.set_index("ref")["what"]
    assert changed["MP100"] == "In force in part in the standalone release of 23 July 2020, documents"
    assert changed["MP101"] == "In force in the standalone release of 23 July 2020"
    standing = report.stages.frame.set_index("unit")
    assert standing.loc["MP100", ["stage", "remark"]].tolist() == [
        "pending_implementation",
        "in force in part",
    ]
    words = repr(report.narrative.implemented())
    assert "in force in part on 23 July 2020 in the standalone release of 23 July 2020 (documents)" in words
    page = report.register.release("standalone-2020-07-23")
    assert page.answer == (
        "The standalone release of 23 July 2020 came into force on 23 July 2020 "
        "with 2 modifications (1 in part) known here."
    )
    html = page._repr_mimebundle_()["text/html"]
    assert "<h3>Implemented (1)</h3>" in html
    assert "<h3>In force in part (1)</h3>" in html


# A release's page -------------------------------------------------------------------------------------


def test_what_joined_and_left_has_a_source() -> None:
    """The list that doesn't name MP100 any more, and the one that still did."""
    rows = [
        *listed("2020-08-07", "MP100", "MP101", source="report-2020-08"),
        *listed("2020-11-29", "MP101", "MP102", status="implemented"),
    ]
    html = (
        Register(f.tables([AUGUST], release_items=rows))
        .release("november-2020")
        ._repr_mimebundle_()["text/html"]
    )
    moved = html.partition("<h3>29 November 2020</h3>")[2].partition("<h2>")[0]
    assert "<b>Left:</b> MP100" in moved
    assert "List of this day: <small><cite>release-page</cite>" in moved
    assert "What left was last listed in: <small><cite>report-2020-08</cite>, line 1</small>" in moved
    sources = html.partition("<h2>Sources</h2>")[2]
    assert "report-2020-08" in sources


def test_a_release_whose_modifications_came_on_two_days_is_of_neither() -> None:
    """June 2020: one page says 6 May, another 7 May, and no source gives the release's own day."""
    june = "June 2020 SEC Release"
    items = [
        f.item(june, "MP114", "implemented", "2020-05-07", source_id="mp114-page"),
        f.item(june, "MP062", "implemented", "2020-05-06", source_id="mp062-page"),
    ]
    stated = {"release": june, "kind": "scheduled", "in_force_on": "2020-05-07", "source_id": "release-page"}
    alone, with_own = (Register(f.tables(release_items=items, releases=own)) for own in ([], [stated]))
    assert alone.release("june-2020").answer == (
        "The June 2020 SEC Release came into force on 6 May 2020 or 7 May 2020 "
        "(the sources of its modifications differ) with 2 modifications known here."
    )
    assert alone.modifications().releases().frame["others"].tolist() == ["6 May 2020"]
    assert with_own.release("june-2020").answer == (
        "The June 2020 SEC Release came into force on 7 May 2020 with 2 modifications known here."
    )
    assert with_own.modifications().releases().frame["others"].isna().all()


# What a release's page has ----------------------------------------------------------------------


def real_release(slug: str) -> Any:
    """A release of data/raw."""
    return Register(storage.read_folder(RAW)).release(slug)


def test_a_list_that_is_short_of_its_stated_count_leaves_nobody_out() -> None:
    """June 2022: its news states 6 modifications in force and names 5; SECMP0007's CSP system changes were planned for it."""
    release = real_release("june-2022")
    planned = release.contents[release.contents["shown_as"] == "targeted"]
    assert planned[["name", "part"]].values.tolist() == [["SECMP0007", "CSP system changes"]]
    page = release._repr_mimebundle_()["text/html"]
    assert "A source states that 6 modifications came into force in it; 5 of them are known here." in page
    assert "of 1 other planned for it no source here says what happened" in page
    members = release_members.members(release.register)
    held = members[members["slug"] == "june-2022"].set_index("name")["is_targeted"]
    assert held[held].index.tolist() == ["SECMP0007"]


def test_who_was_planned_for_a_release_and_is_in_no_later_list_has_left_it() -> None:
    """November 2020 came with the 18 that its news states: SECMP0007 and SECMP0015, planned before, aren't among them."""
    release = real_release("november-2020")
    assert (release.contents["shown_as"] == "implemented").sum() == 18
    left = release.contents.loc[release.contents["shown_as"] == "left since", "name"]
    assert left.tolist() == ["SECMP0007", "SECMP0015"]
    page = release._repr_mimebundle_()["text/html"]
    assert "A source states that" not in page


def test_a_line_says_how_many_more_rows_its_source_has() -> None:
    """The report's list of November 2020 has 13 modifications, a row each."""
    page = real_release("november-2020")._repr_mimebundle_()["text/html"]
    line = page.partition("List of this day: ")[2].partition("</p>")[0]
    assert (
        "line 283; Releases, SEC Releases, line 285; Releases, SEC Releases, line 287; and 10 more rows"
        in line
    )


@pytest.mark.parametrize(
    ("stated", "answer"),
    [
        (
            {"planned_on": "2020-11-29", "in_force_on": "2020-11-29"},
            "The November 2020 SEC Release came into force on 29 November 2020; no source here names a modification in it.",
        ),
        (
            {"planned_on": "2020-11-29"},
            "The November 2020 SEC Release is planned for 29 November 2020; no source here names a modification in it.",
        ),
        (
            {"planned_on": "2020-06-25"},
            "The November 2020 SEC Release was planned for 25 June 2020. No source here confirms that it came, "
            "or names a modification in it.",
        ),
        ({}, "No source gives a date for the November 2020 SEC Release, or names a modification in it."),
    ],
)
def test_a_release_of_which_only_a_date_is_known_has_a_page(stated: dict[str, str], answer: str) -> None:
    """A register that lists its releases apart from its modifications has such ones: their pages failed."""
    row = {"release": NOVEMBER, "kind": "scheduled", "source_id": "report-2020-08", **stated}
    release = Register(f.tables([AUGUST], releases=[row])).release("november-2020")
    assert release.answer == answer
    assert "No source lists what is in this release." in release._repr_mimebundle_()["text/html"]
