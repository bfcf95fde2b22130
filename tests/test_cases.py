"""Numbers of tables that open to their cases: what a page shows, and what its files have."""

from __future__ import annotations

import re
from dataclasses import replace

import executed
import pandas as pd
import pytest

from secanalysis.views import mime
from secanalysis.views.cases import MOST_IN_PLACE, CaseList, Cases, span_in_words
from secanalysis.views.formatting import month_in_words


def test_each_number_of_a_row_opens_to_one_list() -> None:
    shown = executed.stage_times()._repr_mimebundle_()["text/html"]
    buttons = re.findall(
        r'<button type="button" class="opens" popovertarget="([^"]+)">([^<]+)</button>', shown
    )
    assert buttons == [("stage-time-cases-0-0", "2"), ("stage-time-cases-0-0", "12.5")]
    (lists,) = re.findall(r'<div popover id="stage-time-cases-0-0".*?</div>', shown)
    assert "The Development Stage: both days known. 2 cases:" in lists
    assert "<li>MP103: 10 WD</li>" in lists
    assert "<script>" not in lists
    assert shown.count("Numbers that are underlined open to their cases.") == 1


def test_a_number_without_cases_does_not_open() -> None:
    shown = executed.stage_times()._repr_mimebundle_()["text/html"]
    assert re.search(r'The Report Phase</th><td class="number">0</td>', shown)


def test_a_column_that_opens_stays_though_it_is_the_same_in_every_row() -> None:
    frame = pd.DataFrame({"stage": ["a", "b", "c"], "n": [1, 1, 1], "m": [4, 4, 4]})
    cases = pd.DataFrame({"row": [0, 1, 2], "ref": ["MP103", "MP104", "MP105"]})
    behind = Cases("x-cases", "X", cases, {"ref": "Reference"}, (CaseList(("n",), cases["ref"].notna()),))
    shown = replace(executed.stage_times(), frame=frame, columns=None, cases=behind)._repr_mimebundle_()[
        "text/html"
    ]
    assert '<p class="refs">MP104</p>' in shown
    assert "The same in every row. m: 4." in shown


def test_a_long_list_is_cut_on_the_page_and_whole_in_its_file() -> None:
    many = MOST_IN_PLACE + 20
    cases = pd.DataFrame({"row": 0, "ref": [f"MP{number:03d}" for number in range(many)]})
    behind = Cases("x-cases", "X", cases, {"ref": "Reference"}, (CaseList(("n",), cases["ref"].notna()),))
    table = replace(executed.stage_times(), cases=behind)
    bundle = table._repr_mimebundle_()
    assert f"{many} modifications:" in bundle["text/html"]
    assert "And 20 more, which are in the file x-cases.csv." in bundle["text/html"]
    assert len(bundle[mime.CASES]["rows"]) == many


def test_a_large_register_s_numbers_open_to_fewer_each_so_that_the_page_stays_light() -> None:
    """60 rows of 200 cases: each shows 5, and row says how many more its file has."""
    rows = [row for row in range(60) for _ in range(200)]
    cases = pd.DataFrame({"row": rows, "ref": "MP103", "words": "3 March 2020 to 31 July 2020, 109 WD"})
    opens = CaseList(("n",), cases["ref"].notna(), cases["words"])
    behind = Cases("x-cases", "X", cases, {"ref": "Reference"}, (opens,))
    frame = pd.DataFrame({"stage": [f"stage {row}" for row in range(60)], "n": 200})
    shown = replace(executed.stage_times(), frame=frame, columns=None, cases=behind)._repr_mimebundle_()[
        "text/html"
    ]
    assert shown.count("<li>") == 60 * 5
    assert shown.count("And 195 more, which are in the file x-cases.csv.") == 60


def test_a_list_of_references_is_in_the_order_of_their_numbers() -> None:
    cases = pd.DataFrame({"row": 0, "ref": ["DP138", "MP102A", "SECMP0007"]})
    behind = Cases("x-cases", "X", cases, {"ref": "Reference"}, (CaseList(("n",), cases["ref"].notna()),))
    shown = replace(executed.stage_times(), cases=behind)._repr_mimebundle_()["text/html"]
    assert '<p class="refs">SECMP0007, MP102A, DP138</p>' in shown


def test_a_month_stays_on_one_line() -> None:
    frame = pd.DataFrame({"month": ["2020-08"], "n": [1]})
    shown = replace(
        executed.stage_times(), frame=frame, columns=None, cases=None, words={"month": month_in_words}
    )._repr_mimebundle_()["text/html"]
    assert '<th scope="row" class="short">August 2020</th>' in shown


@pytest.mark.parametrize(
    ("begun", "ended", "wd", "words"),
    [
        ("2020-03-03", "2020-07-31", 1109, "3 March 2020 to 31 July 2020, 1,109 WD"),
        (None, "2020-07-31", None, "from a day not known to 31 July 2020"),
        ("2020-03-03", None, None, "from 3 March 2020 to a day not known"),
        (None, None, None, "days not known"),
    ],
)
def test_spans_in_words(begun: str | None, ended: str | None, wd: int | None, words: str) -> None:
    days = (pd.to_datetime(pd.Series([day])) for day in (begun, ended))
    assert [*span_in_words(*days, pd.Series([wd], dtype="Int64"))] == [words]
