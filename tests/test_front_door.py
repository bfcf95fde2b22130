"""The front door: days, months and what was known, told in words where they can't be read."""

from __future__ import annotations

import doctest
from datetime import date, datetime
from pathlib import Path

import factories as f
import pandas as pd
import pytest

import secanalysis
from secanalysis import Register
from secanalysis.domain import figures
from secanalysis.statements import storage
from secanalysis.support.errors import UserError
from secanalysis.views.day import DayView

AUGUST = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
RETURNED = "2020-07-30"
REGISTER = Register(
    f.tables(
        [AUGUST],
        events=[
            f.event("MP100", "raised", "2020-06-01"),
            f.event("DP135", "raised", "2020-07-31", source_id="report-2020-08"),
            f.event("MP100", "converted", "2020-08-07"),
        ],
        assessments=[
            f.assessment("MP100", accepted="2020-07-28", returned=RETURNED, source_id="report-2020-08"),
            f.assessment("MP101", accepted="2020-07-29", seen="2020-07-31", source_id="report-2020-08"),
        ],
        published_figures=[
            {"month": "2020-08", "key": "vote.count", "printed": "0", "value": 0, "unit": "count"}
            | {"source_id": "report-2020-08"}
        ],
    )
)


def test_the_package_opens_with_the_register() -> None:
    assert "Register" in dir(secanalysis)
    with pytest.raises(AttributeError, match="no attribute 'monthly_report'"):
        secanalysis.monthly_report  # noqa: B018


@pytest.mark.parametrize(
    "day", ["2020-07-31", date(2020, 7, 31), datetime(2020, 7, 31, 12), pd.Timestamp("2020-07-31")]
)
def test_a_view_counts_to_its_day(day: str | date) -> None:
    clock = REGISTER.as_at(day).clock
    assert clock.report_date == clock.period_end == date(2020, 7, 31)
    assert clock.window_start == date(2019, 8, 1)
    assert clock.previous_report_date == date(2020, 6, 30)


def test_a_view_knows_nothing_of_later_days() -> None:
    """MP100 is known to be in Refinement by 28 July, when the DCC began to assess it."""
    stages = [
        REGISTER.as_at(day).stages.frame.set_index("unit")["stage"] for day in ("2020-06-01", "2020-08-07")
    ]
    assert "MP135" not in stages[0] and "MP135" in stages[1]
    assert [frame["MP100"] for frame in stages] == ["development", "refinement"]
    before = REGISTER.as_at("2020-07-29").durations.assessments.set_index("ref")
    assert before.loc["MP100", "status"] != "completed"
    assert REGISTER.as_at(RETURNED).durations.assessments.set_index("ref").loc["MP100", "duration_wd"] == 3


def test_what_a_report_attests_counts_as_at_its_days() -> None:
    """The report of 7 August lists the open assessments of 31 July, and what was raised by 7 August."""
    at_end, at_report, between = (
        REGISTER.as_at(day).figures for day in ("2020-07-31", "2020-08-07", "2020-08-03")
    )
    assert at_end["assessment.pa.open.count"].value == 1
    assert at_end["raised.count"].value is None
    assert at_report["raised.count"].value == 1
    assert between["assessment.pa.open.count"].value is None
    assert between["raised.count"].value is None
    assert all(figure.printed is None for figure in (*at_end, *at_report))


def test_a_month_may_start_anywhere_in_february() -> None:
    assert REGISTER.as_at("2020-03-31").clock.previous_report_date == date(2020, 2, 29)
    assert REGISTER.as_at("2020-02-28").clock.window_start == date(2019, 2, 28)
    assert REGISTER.as_at("2020-02-29").clock.window_start == date(2019, 3, 1)


def test_what_was_known_is_asked_in_two_ways() -> None:
    known = REGISTER.as_known("2020-08-07")
    assert isinstance(known, Register)
    assert known.known_by == date(2020, 8, 7)
    by_parameter = REGISTER.as_at("2020-08-07", known_by="2020-08-07")
    assert by_parameter.figures == known.as_at("2020-08-07").figures
    assert by_parameter.provenance.known_by == "2020-08-07"
    assert by_parameter.provenance.coverage.startswith("2 statements are left out")
    for blank in ("", None):
        assert REGISTER.month("2020-08", known_by=blank).register is REGISTER


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"month": "2020-13"},
            "'2020-13' is not a report month: expected four digits, a hyphen and a month, such as 2020-08",
        ),
        ({"month": "2101-01"}, "'2101-01' is not a report month: expected one from 2005 to 2099"),
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
def test_bad_parameters_are_a_sentence(parameters: dict[str, str], expected: str) -> None:
    with pytest.raises(UserError) as error:
        REGISTER.month(**{"month": "2020-08", **parameters})
    assert str(error.value).startswith(expected)


@pytest.mark.parametrize("day", ["31/07/2020", "2020-07", "", "yesterday", 20200731, pd.NaT, None])
def test_what_is_no_day_is_refused(day: object) -> None:
    with pytest.raises(UserError, match="is not a day: expected YYYY-MM-DD, such as 2020-07-31"):
        REGISTER.as_at(day)  # type: ignore[arg-type]


def test_a_view_checks_convention_and_known_by_too() -> None:
    with pytest.raises(UserError, match="expected one of as_published, sec"):
        REGISTER.as_at("2020-07-31", "weekdays")
    with pytest.raises(UserError, match="known_by 'never' is not a day"):
        REGISTER.as_at("2020-07-31", known_by="never")


def test_a_register_says_what_it_is_and_what_to_ask_it() -> None:
    assert repr(REGISTER).splitlines()[0] == "Register of 6 statements from 2 sources"
    assert '.month("2020-08")' in repr(REGISTER)
    assert len(repr(REGISTER)) < 500


def test_what_names_nothing_is_refused_with_what_is_near() -> None:
    view = REGISTER.as_at("2020-07-31")
    assert "raised.count" in view.figures
    assert "raised" not in view.figures
    with pytest.raises(UserError, match="no figure '0' here: expected one such as"):
        view.figures[0]  # type: ignore[index]
    with pytest.raises(UserError, match="no release 'nov-2020' here"):
        view.releases.scopes["nov-2020"]
    with pytest.raises(UserError, match="needs what its keys begin with"):
        view.show("assessment.")
    with pytest.raises(UserError, match="no figure 'nothing.' here"):
        view.show("Nothing", "nothing.")
    assert view.show("Slowly", "release.june-2020.").keys() == []  # it may have figures, and here it has none


def test_a_figure_of_one_s_own_has_a_key_and_rows_that_are_there() -> None:
    view = REGISTER.as_at("2020-07-31")
    row = figures.Row("events", "report-2020-08", "line 1")
    with pytest.raises(UserError, match="'My Key' is no key"):
        view.figure(figures.Measure("My Key", "Mine", 1))
    with pytest.raises(UserError, match="no table holds a row events, report-2020-08, line 1"):
        view.figure(figures.Measure("my.count", "Mine", 1, rows=(row,)))
    there = view.figures["raised.count"].rows
    assert view.figure(figures.Measure("my.count", "Mine", 1, rows=there)).rows == there


def test_months_side_by_side() -> None:
    assert list(map(str, REGISTER.months("2020-12, 2020-07..2020-08").months)) == [
        "2020-07",
        "2020-08",
        "2020-12",
    ]
    assert list(map(str, REGISTER.months(["2020-07"]).months)) == ["2020-07"]


@pytest.mark.parametrize("text", ["", "2020-08,", "2020-09..2020-08", "2020-08;2020-09", [], 2020, [2020]])
def test_what_is_no_list_of_months_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not a |found no month"):
        REGISTER.months(text)


def test_examples_in_its_docstring_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the project's own facts, in their order."""
    root = Path(__file__).parent.parent
    storage.write_processed(storage.read_folder(root / "data" / "raw"), tmp_path / "data" / "processed")
    monkeypatch.setenv("SECANALYSIS_ROOT", str(tmp_path))
    examples = doctest.DocTestParser().get_examples(str(Register.__doc__))
    names: dict[str, object] = {"Register": Register}
    for example in examples:
        exec(example.source, names)
    assert len(examples) == 5
    assert isinstance(names["view"], DayView)


def test_no_build_and_no_project_are_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECANALYSIS_ROOT", str(tmp_path))
    with pytest.raises(UserError, match="run `secanalysis build` first"):
        Register.load()
