"""Views: what a notebook shows of a day, of a report month, and of months side by side."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import factories as f
import pandas as pd
import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

from secanalysis import Register
from secanalysis.domain.figures import UnknownKey
from secanalysis.support.errors import UserError
from secanalysis.views import evidence, mime
from secanalysis.views.day import DayView
from secanalysis.views.drawing import Chart
from secanalysis.views.month import MonthlyReport
from secanalysis.views.section import Section
from secanalysis.views.tables import FigureTable, Table

AUGUST = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
REGISTER = Register(
    f.tables(
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
            f.item(
                "November 2020 SEC Release", "MP101", "implemented", "2020-11-29", source_id="release-page"
            ),
            f.item(
                "Standalone Release 2020-07-23",
                "MP102",
                "implemented",
                "2020-07-23",
                source_id="report-2020-08",
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
)


@pytest.fixture(scope="module")
def august() -> MonthlyReport:
    return REGISTER.month("2020-08")


def sections(view: DayView) -> dict[str, Section]:
    return {name: getattr(view, name) for name in view.SECTIONS}


def shown(view: DayView) -> Iterator[tuple[str, object]]:
    """The view, its sections, and everything that they show without being told more."""
    yield "head", view.head()
    yield "foot", view.foot()
    for name, section in sections(view).items():
        yield name, section
        for method, made in inspect.getmembers(section, inspect.ismethod):
            required = [p for p in inspect.signature(made).parameters.values() if p.default is p.empty]
            if not method.startswith("_") and not required:
                yield f"{name}.{method}", made()
    for key in view.activity.lists:
        yield key, view.activity.listed(key)
    for what in ("PA", "IA", "proposals"):
        yield what, view.durations.survival_chart(what)


@pytest.mark.parametrize(
    "view",
    [
        REGISTER.month("2020-08"),
        REGISTER.month("2020-08", "sec", "2015-01-01"),
        REGISTER.as_at("2010-01-01"),
        *(
            pytest.param(view, marks=pytest.mark.soak)
            for view in (REGISTER.as_at("2020-07-31"), REGISTER.as_at("2035-01-01", "sec"))
        ),
    ],
    ids=repr,
)
def test_all_can_be_shown_also_where_nothing_is_known(view: DayView) -> None:
    things = dict(shown(view))
    assert len(things) > 50
    for name, thing in things.items():
        assert thing._repr_mimebundle_(), name  # type: ignore[attr-defined]
        assert repr(thing), name


def test_a_view_says_what_may_be_asked_of_it(august: MonthlyReport) -> None:
    day = REGISTER.as_at("2020-07-31")
    for view in (day, august):
        for name in view.SECTIONS:
            assert f".{name}" in repr(view) and f"<code>.{name}</code>" in view._repr_html_()
            assert name in dir(view)
    assert "reconciliation" in august.SECTIONS and not hasattr(day, "reconciliation")
    assert repr(day).startswith("As at 31 July 2020, convention as_published")
    assert day.provenance.title == "As at 31 July 2020"


def test_every_figure_but_printed_ones_belongs_to_one_section(august: MonthlyReport) -> None:
    """So that what a section displays is all that there is of its subject."""
    named = [
        s for name, s in sections(august).items() if name not in ("quality", "narrative", "reconciliation")
    ]
    for figure in august.figures:
        assert len([s for s in named if figure.key in s.figures.keys()]) == 1, figure.key  # noqa: SIM118
    assert august.reconciliation.figures.keys() == ["vote.count"]


def test_sections_hold_frames(august: MonthlyReport) -> None:
    assert isinstance(august.stages.frame, pd.DataFrame)
    assert august.stages.frame.set_index("unit").loc["MP101", ["title", "stage"]].tolist() == [
        "A title",
        "pending_implementation",
    ]
    # MP100: the page of its events, and the report; MP101: the report and the release's page
    sources = august.stages.frame.set_index("unit")["sources"].to_dict()
    assert sources == {"MP100": 2, "MP101": 2, "MP102": 1, "MP135": 1}
    assert august.durations.assessments["ref"].tolist() == ["MP100", "MP101"]
    assert {"MP100", "MP135"} <= set(august.durations.proposals["name"])


def test_a_figure_opens_to_its_rows_and_their_sources(august: MonthlyReport) -> None:
    figure = august.figures["vote.count"]
    assert (figure.value, figure.printed) == (1, "one")
    html = figure._repr_mimebundle_()["text/html"]
    for words in (
        "<strong>1</strong>",
        "printed one",
        "equal",
        "<details><summary>a complete list is available · 2 rows from 1 source</summary>",
        "MP101 · voted on 22 Jul 2020",
        "<cite>report-2020-08</cite>",
        "published 7 Aug 2020",
    ):
        assert words in html, words
    assert "<script" not in html
    running = august.figures["assessment.MP100.pa.2020-07-14.duration_wd"]
    assert "WD as published" in running._repr_mimebundle_()["text/html"]
    assert running._repr_mimebundle_()[mime.FIGURES]["value"] == 14  # counted on a calendar


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("view.", "durations"),
        ("view.durations.", "open_assessments"),
        ('view.figures["vote.', "vote.count"),
        ('view.activity.figures["raised', "raised.count"),
        ('view.activity.lists["vote.ref', "vote.referred.count"),
    ],
)
def test_tab_completes_what_may_be_asked(august: MonthlyReport, typed: str, offered: str) -> None:
    """By IPython's own completer, as in a notebook."""
    completer = IPCompleter(namespace={"view": august})
    with provisionalcompleter():
        assert offered in {result.text for result in completer.completions(typed, len(typed))}


def test_a_wrong_key_is_answered(august: MonthlyReport) -> None:
    with pytest.raises(UnknownKey, match="no figure 'vote.cuont' here: did you mean .*vote.count"):
        august.figures["vote.cuont"]
    with pytest.raises(UnknownKey, match="no list 'votes.count' here: did you mean .*vote.count"):
        august.activity.listed("votes.count")
    with pytest.raises(UserError, match="'pa' has no curve: expected one of PA, IA, proposals"):
        august.durations.survival_chart("pa")


def test_some_figures_are_shown_under_a_caption(august: MonthlyReport) -> None:
    some = august.show("Votes and stages", "vote.", "stage.")
    assert isinstance(some, FigureTable)
    assert some.caption == "Votes and stages"
    assert {figure.key.split(".")[0] for figure in some} == {"vote", "stage"}
    assert some.keys()[0].startswith("vote.")


def test_lists_say_whether_they_are_whole(august: MonthlyReport) -> None:
    assert len(august.activity.listed("vote.count").frame) == 1
    assert august.activity.listed("vote.count").note == ""
    raised = REGISTER.month("2020-06").activity.listed("raised.count")
    assert raised.frame["ref"].tolist() == ["MP100"]
    assert raised.note == "No complete list is available: others may be missing."
    decided = august.activity.listed("authority.decided.count")
    assert (decided.note, decided.empty) == ("", "None found; no complete list is available for this month.")
    assert august.activity.listed("vote.rejected.count").empty == "None this month."


def test_rows_kept_at_hand_are_those_looked_up(
    august: MonthlyReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = august.figures._repr_mimebundle_()
    looked_up = FigureTable(august.figures.figures, dict(august.figures.statements), august.figures.caption)
    assert looked_up._repr_mimebundle_() == kept
    monkeypatch.setattr(evidence, "FEW", 1)
    many = FigureTable(
        august.figures.figures, evidence.IndexedTables(august.figures.statements), august.figures.caption
    )
    assert many._repr_mimebundle_() == kept


def test_provenance_says_what_was_left_out(august: MonthlyReport) -> None:
    assert august.provenance.coverage == "A published report of this month is among the sources."
    known = REGISTER.month("2020-08", known_by="2020-08-07").provenance
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
    whole = f.source("register", published_on="2021-03-31", published_precision="day")
    assert Register(f.tables([whole])).month("2021-03").provenance.coverage == (
        "A register's own export holds all lists of this month."
    )
    assert REGISTER.month("2021-03").provenance.coverage == (
        "No published report of this month is among the sources: its lists are known in part only."
    )


def test_what_changed_since_the_last_report(august: MonthlyReport) -> None:
    rows = august.activity.changes().frame
    assert rows[["ref", "what"]].values.tolist() == [
        ["DP135", "Raised"],  # as the report calls it
        ["MP100", "Preliminary Assessment accepted"],
        ["MP100", "Converted to a Modification Proposal"],
        ["MP101", "Vote: approved"],
        ["MP102", "In force in the standalone release of 23 July 2020"],
    ]


# All months -------------------------------------------------------------------------------------


def test_months_side_by_side() -> None:
    result = REGISTER.months("2020-07..2020-08,2020-12")
    rows = result.table().frame
    assert rows["month"].tolist() == ["2020-12", "2020-08", "2020-07"]
    assert rows["published"].tolist() == [False, True, False]
    assert rows["changes"].tolist() == [1, 5, 1]  # an assessment returned on 1 July
    assert result.flow_chart().alt.startswith("Stacked areas by month from July 2020 to December 2020")
    assert result.coverage_chart().finding.startswith("Stage known, % of known modifications:")
    assert result.provenance.title == "July 2020 to December 2020"
    assert result.foot()._repr_mimebundle_()
    assert repr(result) == "July 2020 to December 2020: 3 months"
    assert "<table" in result._repr_html_()


def test_one_month_alone_can_be_drawn() -> None:
    assert isinstance(REGISTER.months("2020-08").flow_chart(), Chart)


def test_tables_of_a_month_have_names_of_their_own(august: MonthlyReport) -> None:
    """Each is a file of the site."""
    names = [thing.name for _, thing in shown(august) if isinstance(thing, Table)]
    assert len(names) == len(set(names))
