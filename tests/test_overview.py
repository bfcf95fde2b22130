"""The front page: news of the latest month with a published report, what is due and not confirmed, and the months' table."""

from __future__ import annotations

import re
from pathlib import Path

import executed
from factories import REPORT, register
from test_register_page import made_up

from secanalysis import Register
from secanalysis.publishing import publish
from secanalysis.support.project import Project


def test_the_news_is_of_the_latest_month_with_a_published_report() -> None:
    # made_up() holds the report of August 2020 alone: MP103 approved on 22 July for 29 November 2020, DP136 raised on 14 July.
    tables = dict(made_up().tables)
    printed = {"month": "2020-08", "key": "raised.count", "printed": "1", "value": 1.0, "source_id": REPORT}
    tables["published_figures"] = register(published_figures=[printed]).tables["published_figures"]
    shown = Register(tables).months("2020-06..2021-03").news()
    news, page = repr(shown), shown._repr_mimebundle_()["text/html"]
    assert "<h2>News of August 2020</h2>" in page
    assert "August 2020 is the latest month with a published report or an export of a register here." in page
    assert "The Change Board approved 1 modification" in news.replace("at least 1", "1")
    assert "13 August 2020: Working Group meeting: MP102" in news


def test_a_register_without_any_report_has_news_of_its_last_month() -> None:
    months = Register(register().tables).months("2020-06..2020-09")
    assert "<h2>News of September 2020</h2>" in months.news()._repr_mimebundle_()["text/html"]


def test_what_is_due_and_not_confirmed_is_listed_by_its_day() -> None:
    # MP103 was approved for 29 November 2020, and no source says anything after 7 August 2020.
    late = repr(made_up().months("2020-08..2021-03").late())
    assert "1 approved modification was planned to be in force by 5 March 2021" in late
    assert "- 29 November 2020: MP103, in the November 2020 SEC Release" in late
    before = repr(made_up().months("2020-08..2020-10").late())
    assert before.startswith("No approved modification is past its planned day on 2 October 2020")


def test_published_figures_are_counted_with_those_that_are_legible() -> None:
    rows = [
        {"month": "2020-08", "key": key, "printed": printed, "value": printed and float(printed)}
        for key, printed in (("raised.count", "4"), ("vote.count", "5"), ("authority.decided.count", None))
    ]
    register_with = Register(register(published_figures=rows).tables)
    table = register_with.months("2020-07..2020-08").table().frame.set_index("month")
    assert table.loc["2020-08", ["printed", "legible"]].tolist() == [3, 2]
    assert table.loc["2020-07", ["printed", "legible"]].tolist() == [0, 0]


def test_the_front_page_links_first_to_the_latest_month_with_a_report(tmp_path: Path) -> None:
    project = Project(executed.write(tmp_path))  # July and August 2020
    executed.put(
        project.runs / "2020-08" / "change_status_report.ipynb", executed.report("2020-08", has_report=False)
    )
    executed.put(
        project.runs / "2020-08" / "durations.ipynb", executed.durations("2020-08", has_report=False)
    )
    publish.publish(project)
    page = (project.site / "index.html").read_text(encoding="utf-8")
    card = re.search(r'<section class="latest".*?</section>', page, re.DOTALL)
    assert card
    assert '<h2 id="latest">July 2020</h2>' in card[0]
    assert 'href="2020-07/change_status_report.html"' in card[0]
