"""Verdicts on published figures, their reasons, and the rows behind them."""

from __future__ import annotations

from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis.analysis import month_figures, verdicts
from secanalysis.analysis.verdicts import judge, one_confusion
from secanalysis.domain.figures import FigureSet, Row, Verdict
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.printed_numbers import number_of
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import table_columns
from secanalysis.statements.validation import check
from secanalysis.views.month import MonthlyReport

AUGUST = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
MONTH = ReportMonth(2020, 8)


def printed(
    key: str, text: str | None, value: float | None = None, source: str = "report-2020-08", **more: Any
) -> dict[str, Any]:
    """A row of published_figures."""
    return {
        "month": "2020-08",
        "key": key,
        "printed": text,
        "value": value,
        "unit": "count",
        "source_id": source,
        **more,
    }


def figures(*rows: dict[str, Any], sources: list[dict[str, Any]] | None = None, **tables: Any) -> FigureSet:
    register = f.register([AUGUST, *(sources or [])], published_figures=list(rows), **tables)
    return month_figures.figures(register, register.clock(MONTH), Convention.AS_PUBLISHED)


# Verdicts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "reprint", "verdict"),
    [
        ("284", 284, 284, "equal"),
        ("39", 39, 39.333, "equal"),
        ("39", 39, 39.5, "differs"),  # 40
        ("40", 40, 39.5, "equal"),
        ("39.3", 39.3, 39.333, "equal"),
        ("39.4", 39.4, 39.333, "differs"),
        ("five", 5, 5, "equal"),
        ("1,204", 1204, 1204, "equal"),
        ("1,204 WD", 1204, 1264, "differs"),  # 0 isn't read as 6
        ("36", 36, 39.333, "scan"),
        ("46", 46, 49, "scan"),
        ("46", 46, 94, "differs"),  # two characters
        ("16", 16, 6, "differs"),  # another length
        ("5", 5, 8, "differs"),  # not in the table
        ("3", 3, 8, "scan"),
        ("", None, 12, "blank"),
        ("X0", None, 12, "blank"),
        ("64", 64, None, "not computable"),
        ("", None, None, "not computable"),
    ],
)
def test_a_published_figure_gets_the_verdict_of_its_reprint(
    text: str, value: float | None, reprint: float | None, verdict: str
) -> None:
    assert judge(text, value, reprint) == verdict


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("O", "0", True),
        ("l", "1", True),
        ("I", "1", True),
        ("5", "S", True),
        ("6", "9", True),
        ("3", "8", True),
        ("2", "3", False),
        ("6", "8", False),
        ("6", "5", False),
        ("66", "99", False),
        ("6", "6", False),
        ("6", "", False),
    ],
)
def test_only_the_stated_confusions_are_excused(a: str, b: str, same: bool) -> None:
    assert one_confusion(a, b) is same


def test_every_verdict_is_counted() -> None:
    events = [f.vote("MP103", "2020-07-22", source_id="report-2020-08")]
    result = figures(
        printed("vote.count", "one", 1),
        printed("raised.count", "", None),
        printed("vote.approved.count", "7", 7),
        events=events,
    )
    assert dict(verdicts.counts(result).itertuples(index=False)) == {
        "equal": 1,
        "likely misprint or scanning error": 1,
        "differs": 0,
        "can't be calculated": 0,
        "illegible, calculated here": 1,
        "illegible, can't be calculated": 0,
    }


def test_what_cannot_be_calculated_may_be_legible_or_not() -> None:
    result = figures(printed("stage.report.count", "7", 7), printed("stage.decision.count", "c. 9", None))
    counted = verdicts.counts(result).set_index("verdict")["count"]
    assert counted[counted > 0].to_dict() == {"can't be calculated": 1, "illegible, can't be calculated": 1}


# A published figure's text and its number --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("98", 98), ("four", 4), ("Four", 4), ("ninety-eight", 98), ("1,234", 1234), ("97.95", 97.95)),
        *(("98 WD", 98), ("0", 0), ("none", 0), ("1,234.5", 1234.5)),
        *((text, None) for text in ("c. 90", "9O", "1e2", "98.5.1", "approx. ninety", "９８", "98%", "−98")),
        *((text, None) for text in ("98.", "98,0", "9 8", "98-99", "98)", "98*", "97½", "²", "98²", "½", "")),
    ],
)
def test_which_texts_are_a_number(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("text", "value", "fault"),
    [
        ("four", 5, "value"),
        ("90", 98, "value"),
        ("1.234", 1234, "value"),
        ("c. 90", 90, "value"),
        ("9O", 90, "value"),
        ("1e2", 100, "value"),
        ("90", None, "value"),
        ("four", 4, None),
        ("98.5.1", None, None),
        ("", None, None),
    ],
)
def test_text_and_value_are_held_against_each_other(
    text: str, value: float | None, fault: str | None
) -> None:
    rows = [printed("vote.count", text or None, value)]
    tables = f.tables([AUGUST], published_figures=rows)
    assert [result.column for result in check(tables)] == [fault] * bool(fault)


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("vote.count", "WD"),
        ("assessment.ia.open.mean_wd", "count"),
        ("assessment.SECMP0063.pa.2019-08-01.duration_wd.2", "count"),
    ],
)
def test_a_unit_is_that_of_its_key(key: str, unit: str) -> None:
    tables = f.tables([AUGUST], published_figures=[printed(key, "4", 4, unit=unit)])
    assert [result.column for result in check(tables)] == ["unit"]


@pytest.mark.parametrize("text", ["98.5.1", "approx. ninety", "c. 90", "1e2"])
def test_a_text_that_is_no_number_is_illegible_and_shown(text: str) -> None:
    events = [f.vote("MP103", "2020-07-22", source_id="report-2020-08")]
    result = figures(printed("vote.count", text, None), events=events)
    vote = result["vote.count"]
    assert (vote.value, vote.verdict, vote.published) == (1, Verdict.BLANK, f"{text} (not legible)")
    row = verdicts.table(result).set_index("key").loc["vote.count"]
    assert row["printed"] == text
    assert pd.isna(row["difference"])


# Published more than once ------------------------------------------------------------------------


def test_the_latest_edition_of_a_report_counts_and_both_are_shown() -> None:
    """Reissued a week later with another count and another vote."""
    again = f.source("report-2020-08-again", published_on="2020-08-14", published_precision="day")
    events = [
        f.vote("MP103", "2020-07-22", source_id="report-2020-08"),
        *(f.vote(ref, "2020-07-22", source_id="report-2020-08-again") for ref in ("MP103", "MP104")),
    ]
    count = printed("vote.count", "two", 2, source="report-2020-08-again")
    register = f.register(
        [AUGUST, again], events=events, published_figures=[printed("vote.count", "one", 1), count]
    )
    month = MonthlyReport(register, MONTH, Convention.AS_PUBLISHED)
    vote = month.figures["vote.count"]
    assert (vote.printed, vote.value, vote.verdict) == ("two", 2, Verdict.EQUAL)
    assert vote.reason == "also published: one (report-2020-08)"
    assert {row.source_id for row in vote.rows} == {"report-2020-08", "report-2020-08-again"}
    assert month.provenance.coverage == (
        "The report of this month was published more than once, on 7 August 2020 and 14 August 2020: the latest "
        "counts."
    )


def test_two_figures_of_one_key_in_one_report_are_both_shown() -> None:
    events = [f.vote("MP103", "2020-07-22", source_id="report-2020-08")]
    rows = [printed("vote.count", text, value) for text, value in (("one", 1), ("1", 1), ("two", 2))]
    vote = figures(*rows, events=events)["vote.count"]
    assert (vote.printed, vote.verdict) == ("one", Verdict.EQUAL)
    assert vote.reason == "also published: two (report-2020-08)"


# Figures ----------------------------------------------------------------------------------------


def test_a_reports_own_list_comes_first_and_what_others_record_is_named() -> None:
    """MP127's vote: known, and not among the report's."""
    events = [
        f.vote("MP103", "2020-07-22", source_id="report-2020-08"),
        f.vote("MP127", "2020-07-22", outcome=None),
    ]
    vote = figures(printed("vote.count", "one", 1), events=events)["vote.count"]
    assert (vote.value, vote.n, vote.reprint) == (1, 2, 1)
    assert (vote.printed, vote.verdict) == ("one", Verdict.EQUAL)
    assert vote.reason == "Another source also records MP127"
    assert vote.others == ("MP127",)
    assert vote.rows == (
        Row("events", "page", "line 2"),
        Row("events", "report-2020-08", "line 1"),
        Row("published_figures", "report-2020-08", "line 1"),
    )


def test_a_second_row_of_one_reference_is_named_too() -> None:
    """Two of SECMP0063 are known and the report prints one: the references alone are the same."""
    sources = [f.source("report-2020-07", published_on="2020-07-03", published_precision="day")]
    rows = [
        f.assessment("SECMP0063", returned=day, source_id=source)
        for day, source in (("2019-08-01", "report-2020-08"), ("2019-09-20", "report-2020-07"))
    ]
    result = figures(printed("assessment.pa.completed.count", "1", 1), sources=sources, assessments=rows)
    assert result["assessment.pa.completed.count"].reason == "Another source also records SECMP0063"


def test_none_this_month_attests_an_empty_list() -> None:
    result = figures(printed("recommended.refinement.count", "0", 0))
    none = result["recommended.refinement.count"]
    assert (none.value, none.reprint, none.verdict) == (0, 0, Verdict.EQUAL)
    assert [row.table for row in none.rows] == ["published_figures"]
    assert result["raised.count"].value is None


def test_none_this_month_and_yet_something_is_known() -> None:
    stated = figures(printed("raised.count", "0", 0), events=[f.event("MP135", "raised", "2020-07-10")])[
        "raised.count"
    ]
    assert (stated.value, stated.n, stated.reprint, stated.verdict) == (0, 1, 0, Verdict.EQUAL)
    assert stated.reason == "Another source also records MP135"


def test_a_report_counts_as_it_is_corrected() -> None:
    """The report lists MP103's vote twice, once on a wrong day; the correction takes one out, the reprint doesn't."""
    events = [
        f.vote("MP103", "2020-07-22", source_id="report-2020-08"),
        f.vote("MP103", "2020-07-29", source_id="report-2020-08"),
        f.vote("MP127", "2020-07-22", outcome=None),
    ]
    tables = f.tables([AUGUST], events=events, published_figures=[printed("vote.count", "two", 2)])
    removed = {
        "table": "events",
        "source_id": "report-2020-08",
        "locator": "line 2",
        "column": "on",
        "action": "remove",
        "found": "2020-07-29",
        "reason": "a slip",
        "status": "in_force",
        "since": "2020-09-01",
    }
    columns = [column.name for column in table_columns.columns("corrections")]
    corrections = table_columns.typed(pd.DataFrame([removed], columns=columns, dtype="object"), "corrections")
    register = ResolvedRegister({**tables, "corrections": corrections})
    vote = month_figures.figures(register, register.clock(MONTH), Convention.AS_PUBLISHED)["vote.count"]
    assert (vote.value, vote.n, vote.reprint) == (1, 2, 2)


def test_a_day_counts_as_the_report_of_that_day_does() -> None:
    events = [
        f.vote("MP103", "2020-07-22", source_id="report-2020-08"),
        f.vote("MP127", "2020-07-22", outcome=None),
    ]
    register = f.register([AUGUST], events=events, published_figures=[printed("vote.count", "one", 1)])
    clock = register.clock_at(f.day("2020-08-07"))
    result = month_figures.figures_at(register, clock, Convention.AS_PUBLISHED)["vote.count"]
    assert (result.value, result.n) == (1, 2)


def test_a_published_figure_that_differs_names_the_rows_instead() -> None:
    events = [f.vote(ref, "2020-07-22", source_id="report-2020-08") for ref in ("MP104", "MP103")]
    vote = figures(printed("vote.count", "four", 4), events=events)["vote.count"]
    assert (vote.verdict, vote.reason) == (Verdict.DIFFERS, "its own rows give 2: MP103, MP104")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (
            "stage.refinement.count",
            "can't be calculated from the report: it doesn't list the modifications of each stage",
        ),
        (
            "proposal.open.count",
            "can't be calculated from the report: it lists no proposals with their dates",
        ),
        ("party.count", "can't be calculated from the report: no row of it speaks of this"),
    ],
)
def test_a_published_figure_without_rows_says_why_it_is_not_computed(key: str, reason: str) -> None:
    one = figures(printed(key, "54", 54))[key]
    assert one.verdict is Verdict.NOT_COMPUTABLE
    assert one.reason.split("; ")[0] == reason


def test_a_key_is_found_whatever_its_prefix() -> None:
    row = f.assessment("MP136", accepted="2020-07-14", seen="2020-07-31", source_id="report-2020-08")
    result = figures(
        printed("assessment.DP136.pa.2020-07-14.duration_wd", "14", 14, unit="WD"), assessments=[row]
    )
    one = result["assessment.MP136.pa.2020-07-14.duration_wd"]
    assert (one.value, one.verdict, one.convention) == (14, Verdict.EQUAL, Convention.AS_PUBLISHED)


def test_a_pages_count_is_held_against_what_pages_list() -> None:
    """A list goes on on another page; modifications' own pages and reports have no part in it."""
    items = [
        f.item("June 2020 SEC Release", ref, "implemented", "2020-07-06", source_id=source)
        for ref, source in (("MP100", "release-a"), ("MP101", "release-b"), ("MP102", "page"))
    ]
    count = printed("release.june-2020.implemented.count", "2", 2, source="release-a")
    result = figures(count, release_items=items)
    one = result["release.june-2020.implemented.count"]
    assert (one.value, one.reprint, one.verdict) == (3, 2, Verdict.EQUAL)
    assert one.reason == "Another source also records MP102"
    assert result["release.implemented.count"].value is None  # a page attests its own release, not the month


def test_a_page_attests_no_list_by_its_rows() -> None:
    """It happens to tell of one that was raised; others may have been."""
    events = [f.event("MP100", "raised", "2020-07-10", source_id="release-a")]
    count = printed("release.june-2020.implemented.count", "2", 2, source="release-a")
    assert figures(count, events=events)["raised.count"].value is None


def test_an_export_attests_all_lists() -> None:
    export = f.source("register-2020-08", published_on="2020-08-07", published_precision="day")
    result = figures(
        sources=[export], events=[f.event("MP135", "raised", "2020-07-10", source_id="register-2020-08")]
    )
    assert result["raised.count"].value == 1
    assert result["vote.count"].value == 0
    assert result["release.implemented.count"].value == 0
    assert result["assessment.pa.open.count"].value == 0
    assert (result["proposal.open.count"].value, result["proposal.open.mean_wd"].value) == (1, 16)
    assert result["stage.development.count"].value == 1
    assert result["stage.refinement.count"].value == 0


def test_a_month_without_a_report_knows_no_list() -> None:
    register = f.register()
    result = month_figures.figures(register, register.clock(MONTH), Convention.SEC)
    assert [figure.key for figure in result if figure.value is not None] == []
    assert all(figure.reason and not figure.rows and figure.verdict is None for figure in result)


def test_the_table_gives_the_difference_and_the_other_convention() -> None:
    row = f.assessment("MP109", accepted="2020-05-01", seen="2020-07-31", source_id="report-2020-08")
    events = [f.vote("MP103", "2020-07-22", source_id="report-2020-08")]
    register = f.register(
        [AUGUST],
        published_figures=[
            printed("assessment.MP109.pa.2020-05-01.duration_wd", "69", 69, unit="WD"),
            printed("vote.count", "one", 1),
            printed("raised.count", "", None),
        ],
        assessments=[row],
        events=events,
    )
    clock = register.clock(MONTH)
    here, there = (month_figures.figures(register, clock, convention) for convention in Convention)
    result = verdicts.table(here, there).set_index("key")
    one = result.loc["assessment.MP109.pa.2020-05-01.duration_wd"]
    assert (one["printed"], one["recomputed"], one["difference"], one["verdict"]) == (
        "69",
        66,
        -3,
        "scan",
    ) or one["verdict"] == "differs"
    assert (one["recomputed"], one["other_convention"]) == (66, 64)  # 8 and 25 May
    assert result.loc["vote.count", "difference"] == 0
    assert pd.isna(result.loc["raised.count", "difference"])
    assert "other_convention" not in verdicts.table(here)
