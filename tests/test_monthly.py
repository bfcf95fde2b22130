"""A report month as a notebook opens it."""

from __future__ import annotations

from datetime import date
from typing import Any

import factories as f
import pytest

from secanalysis import monthly
from secanalysis.charts import Chart
from secanalysis.errors import UserError
from secanalysis.monthly import MonthlyReport, monthly_report, overview
from secanalysis.tables import FigureTable, Foot, Head, Table

AUGUST = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
REGISTER = f.register(
    [AUGUST],
    events=[
        f.event("MP100", "raised", "2020-06-01"),
        f.event("DP135", "raised", "2020-07-10", source_id="report-2020-08"),
        f.event("MP100", "converted", "2020-07-17"),
        f.vote("MP101", "2020-07-22", source_id="report-2020-08"),
    ],
    assessments=[
        f.assessment(
            "MP100", accepted="2020-07-14", seen="2020-07-31", target_wd=15, source_id="report-2020-08"
        ),
        f.assessment("MP101", returned="2020-07-01", source_id="report-2020-08"),
    ],
    release_items=[
        f.item(
            "November 2020 SEC Release",
            "MP101",
            "approved",
            "2020-08-07",
            precision="by",
            source_id="report-2020-08",
        ),
        f.item("November 2020 SEC Release", "MP101", "implemented", "2020-11-29", source_id="release-page"),
        f.item(
            "Standalone Release 2020-07-23", "MP102", "implemented", "2020-07-23", source_id="report-2020-08"
        ),
    ],
    releases=[{"release": "November 2020 SEC Release", "kind": "scheduled", "planned_on": "2020-11-29"}],
    modifications=[{"ref": "MP101", "title": "A title", "source_id": "report-2020-08"}],
    published_figures=[
        {
            "month": "2020-08",
            "key": "vote.count",
            "printed": "one",
            "value": 1,
            "unit": "count",
            "source_id": "report-2020-08",
        }
    ],
)
NOT_SHOWN = {"show", "listed", "survival_chart"}  # they take arguments: below


@pytest.fixture(scope="module")
def august() -> MonthlyReport:
    return monthly_report("2020-08", register=REGISTER)


def shown(report: Any) -> dict[str, object]:
    """Everything that a notebook can show of a month without naming more."""
    names = [name for name in vars(type(report)) if not name.startswith("_") and name not in NOT_SHOWN]
    return {name: getattr(report, name)() for name in names if callable(getattr(report, name))}


def test_all_that_a_notebook_shows_can_be_shown(august: MonthlyReport) -> None:
    things = shown(august)
    assert {type(thing) for thing in things.values()} <= {Table, Chart, FigureTable, Head, Foot}
    assert len(things) > 20
    for name, thing in things.items():
        assert thing._repr_mimebundle_(), name  # type: ignore[attr-defined]


def test_a_month_of_which_nothing_is_known_can_be_shown() -> None:
    empty = monthly_report("2020-08", "sec", "2015-01-01", register=REGISTER)
    for name, thing in shown(empty).items():
        assert thing._repr_mimebundle_(), name  # type: ignore[attr-defined]
    for what in ("PA", "IA", "proposals"):
        assert empty.survival_chart(what).alt.startswith("No chart: Fewer than three")
    assert all(empty.listed(key)._repr_mimebundle_() for key in empty.lists)


def test_lists_say_whether_they_are_whole(august: MonthlyReport) -> None:
    assert len(august.listed("vote.count").frame) == 1
    assert august.listed("vote.count").note == ""
    assert (
        august.listed("authority.decided.count").note
        == "No source attests the whole list: others may be missing."
    )
    assert august.listed("vote.rejected.count").empty == "None, as a source says."


def test_provenance_says_what_was_left_out(august: MonthlyReport) -> None:
    assert august.provenance.coverage == "A published report of this month is among the sources."
    known = monthly_report("2020-08", known_by="2020-08-07", register=REGISTER).provenance
    assert known.coverage.endswith(
        " 4 statements are left out: their sources aren't known to be published by then."
    )
    assert (known.report_date, known.period_end, known.window_start) == (
        "2020-08-07",
        "2020-07-31",
        "2019-08-01",
    )
    assert known.known_by == "2020-08-07"
    assert known.data_sha256 != august.provenance.data_sha256
    assert monthly_report("2021-03", register=REGISTER).provenance.coverage == (
        "No published report of this month is among the sources: its lists are known in part only."
    )


def test_what_changed_since_the_last_report(august: MonthlyReport) -> None:
    rows = august.changes().frame
    assert rows[["ref", "what"]].values.tolist() == [
        ["MP135", "raised"],
        ["MP100", "converted"],
        ["MP101", "voted: approved"],
        ["MP102", "in force in Standalone Release 2020-07-23"],
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"month": "2020-13"},
            "'2020-13' is not a report month: expected four digits, a hyphen and a month, such as 2020-08",
        ),
        ({"month": "../x"}, "'../x' is not a report month"),
        ({"month": "august"}, "'august' is not a report month"),
        ({"convention": "weekdays"}, "'weekdays' is not a convention: expected one of as_published, sec"),
        (
            {"known_by": "31/02/2020"},
            "known_by '31/02/2020' is not a day: expected YYYY-MM-DD, or blank for today's best knowledge",
        ),
        ({"known_by": "2020-02-31"}, "known_by '2020-02-31' is not a day"),
        ({"known_by": "2020-W32-5"}, "known_by '2020-W32-5' is not a day"),
    ],
)
def test_bad_parameters_are_told_in_a_sentence(told: dict[str, str], expected: str) -> None:
    with pytest.raises(UserError) as error:
        monthly_report(**{"month": "2020-08", **told}, register=REGISTER)
    assert str(error.value).startswith(expected)


def test_blank_means_todays_best_knowledge() -> None:
    for blank in ("", None):
        assert monthly_report("2020-08", known_by=blank, register=REGISTER).register is REGISTER
    known = monthly_report("2020-08", known_by=date(2020, 8, 7), register=REGISTER)  # type: ignore[arg-type]
    assert known.register.known_by == date(2020, 8, 7)


# All months -------------------------------------------------------------------------------------


def test_months_side_by_side() -> None:
    found = overview("2020-07..2020-08,2020-12", REGISTER)
    assert list(map(str, found.months)) == ["2020-07", "2020-08", "2020-12"]
    rows = found.table().frame
    assert rows["month"].tolist() == ["2020-12", "2020-08", "2020-07"]
    assert rows["published"].tolist() == ["no", "yes", "no"]
    assert rows["changes"].tolist() == [1, 4, 0]
    assert found.flow_chart().alt.startswith("Stacked areas by month from July 2020 to December 2020")
    assert found.coverage_chart().finding.startswith("Stage known, % of known modifications:")
    assert found.provenance.title == "July 2020 to December 2020"
    assert found.foot()._repr_mimebundle_()


def test_one_month_alone_can_be_drawn() -> None:
    assert overview("2020-08", REGISTER).flow_chart().svg


@pytest.mark.parametrize("text", ["", "2020-08,", "2020-09..2020-08", "2020-08;2020-09"])
def test_what_is_no_list_of_months_is_told(text: str) -> None:
    with pytest.raises(UserError, match="is not a "):
        monthly.months_of(text)
