"""Tables for people: what is shown, what is gathered, and that a title is only ever text."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import executed
import factories as f
import numpy as np
import pandas as pd
import pytest

from secanalysis.domain.figures import Row, Verdict
from secanalysis.views import json_cells, mime, tables
from secanalysis.views.section import in_percent
from secanalysis.views.tables import FigureTable, Foot, Head, Provenance, Table


def html_of(thing: Table | FigureTable | Head | Foot) -> str:
    shown = thing._repr_mimebundle_()["text/html"]
    assert isinstance(shown, str)
    return shown


class Tags(HTMLParser):
    """Tags and visible text of a fragment."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(fragment)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_table_as_data() -> None:
    data = executed.votes().to_json()
    assert [column["type"] for column in data["columns"]] == [
        "text",
        "text",
        "day",
        "whole number",
        "number",
        "text",
    ]
    assert [column["title"] for column in data["columns"]][:2] == ["Reference", "Title"]
    assert data["rows"][0] == ["MP100", executed.HOSTILE[0], "2020-07-22", -3, 0.25, "self_governance"]
    assert data["rows"][1][2:] == [None, None, None, None]


def test_table_for_people() -> None:
    shown = html_of(executed.votes())
    assert "<caption>Votes of the Change Board</caption>" in shown
    assert '<th scope="row">MP100</th>' in shown
    assert '<td class="short">22 Jul 2020</td>' in shown
    assert '<td class="number">1,200</td>' in shown
    assert '<td class="number">0.25</td>' in shown  # a column of shares has two decimals
    assert "<td>Self-<wbr>Governance</td>" in shown
    assert '<span role="img" aria-label="not stated">—</span>' in shown
    assert 'role="region" aria-label="Votes of the Change Board" tabindex="0"' in shown


@pytest.mark.parametrize("title", executed.HOSTILE)
def test_titles_show_as_typed(title: str) -> None:
    frame = pd.DataFrame({title: [title], "other": [title]})
    for thing in (
        Table("hostile", title, frame, note=title),
        Table("none", title, frame.iloc[:0], empty=title),
        Head(executed.provenance(title=title, coverage=title)),
        Foot(executed.provenance(title=title, versions={title: title})),
    ):
        result = Tags(html_of(thing))
        assert title in result.text
        assert not result.tags & {"script", "img", "style", "a", "b", "i"}
        assert not any(name.startswith("on") for name in result.attributes)


def test_a_day_is_read_by_its_precision() -> None:
    frame = pd.DataFrame(
        {
            "ref": ["MP1", "MP2", "MP3", "MP4", "MP5"],
            "on": pd.to_datetime(pd.Series(["2020-07-01", "2020-07-22", "2020-08-07", "2020-06-30", None])),
            "precision": ["month", "day", "by", "not_before", None],
        }
    )
    table = Table("days", "Days", frame, {"ref": "Reference", "on": "Day", "precision": "Day known as"})
    assert repr(table).splitlines()[1:] == [
        "Reference | Day",
        "MP1 | in Jul 2020",
        "MP2 | 22 Jul 2020",
        "MP3 | by 7 Aug 2020",
        "MP4 | 30 Jun 2020 or later",
        "MP5 | —",
    ]
    assert "known as" not in html_of(table)
    assert table.to_json()["rows"][0] == ["MP1", "2020-07-01", "month"]


def test_long_keys_may_break_and_short_ones_stay_whole() -> None:
    keys = pd.DataFrame({"key": ["assessment.ia.open.mean_wd", "2020-08", "one two.three four.five"]})
    shown = html_of(Table("keys", "Keys", keys))
    assert ">assessment.<wbr>ia.<wbr>open.<wbr>mean_<wbr>wd<" in shown
    assert ' class="short">2020-08<' in shown
    assert ">one two.three four.five<" in shown


def test_an_empty_table_says_so_in_words() -> None:
    nothing = Table("none", "Authority decisions", pd.DataFrame({"ref": []}), empty="None this month.")
    assert html_of(nothing) == "<p><strong>Authority decisions.</strong> None this month.</p>"
    assert repr(nothing) == "Authority decisions: None this month."
    assert nothing.to_json()["rows"] == []


def test_a_long_table_shows_its_first_rows_and_holds_all() -> None:
    table = Table("long", "Long", pd.DataFrame({"n": range(1000)}), most=50)
    assert html_of(table).count("<tr>") == 51
    assert "The first 50 of 1,000 rows; the downloads hold all." in html_of(table)
    assert len(table.to_json()["rows"]) == 1000


@pytest.mark.parametrize("name", ["", "Votes", "../x", "a/b", "a b", "a--b", "-a", "x" * 61, "ä"])
def test_a_name_that_can_be_no_file_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a table"):
        Table(name, "Caption", pd.DataFrame({"a": [1]}))


def test_columns_that_the_frame_has_not_are_named() -> None:
    with pytest.raises(ValueError, match="columns that its frame has not: b"):
        Table("t", "Caption", pd.DataFrame({"a": [1]}), {"a": "A", "b": "B"})


@pytest.mark.parametrize(
    ("column", "kind", "first"),
    [
        (pd.Series([1, 2]), "whole number", 1),
        (pd.Series([1, None], dtype="Int64"), "whole number", 1),
        (pd.Series([1.5, np.nan]), "number", 1.5),
        (pd.Series([np.inf]), "number", None),
        (pd.Series([True, False]), "text", "yes"),
        (pd.Series(["x"]), "text", "x"),
        (pd.Series([pd.Timestamp("2020-08-07").date()], dtype=object), "day", "2020-08-07"),
        (pd.to_datetime(pd.Series(["2020-08-07"])), "day", "2020-08-07"),
        (pd.Series([3, None], dtype=object), "whole number", 3),
        (pd.Series(["a"]).astype("category"), "text", "a"),
        (pd.Series([None], dtype=object), "number", None),
        (pd.Series([None], dtype="str"), "text", None),
    ],
)
def test_kinds_of_columns(column: pd.Series, kind: str, first: object) -> None:
    assert json_cells.kind_of(column) == kind
    assert json_cells.plain(column.iloc[0], kind) == first


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([0.25, 1.0, None], ["0.25", "1.00", "—"]),
        ([30.2, 28.0, 1500.75], ["30.2", "28.0", "1,500.8"]),
        ([5.0, 284.0, 39.3], ["5", "284", "39.3"]),
        ([-3.0, 4.0], ["−3", "4"]),
    ],
)
def test_numbers_of_a_column_agree(numbers: list[float | None], words: list[str]) -> None:
    table = Table("numbers", "Numbers", pd.DataFrame({"n": numbers}))
    assert repr(table).splitlines()[2:] == words


def test_figures_stand_beside_their_print() -> None:
    shown = html_of(FigureTable(executed.assessment_figures().figures, executed.statements(), "Timescales"))
    assert (
        '<th scope="row">Impact Assessments open: mean duration</th><td class="number">98.4 WD</td>' in shown
    )
    assert (
        '<td class="number">98 WD</td><td class="verdict"><span aria-hidden="true">✓</span> equal</td>'
        in shown
    )
    assert "not legible" in shown
    assert "not known (41 known)" in shown
    assert "5 of 5 have both dates · WD as published · 1 row from 1 source" in shown
    # A value beside a print that it doesn't equal: the reprint and the reason stand in the open.
    assert "equal <small>the report's own rows: 5</small>" in shown
    assert (
        '<p class="reason">MP127&#x27;s vote of 22 July is known from its page, not from the report</p>'
        in shown
    )


def test_columns_of_print_only_where_something_was_printed() -> None:
    plain = FigureTable((executed.figure("raised.count", "Raised", 4),), executed.statements(), "Raised")
    assert "Published" not in html_of(plain)
    assert 'colspan="2"' in html_of(plain)


def test_behind_each_figure_stand_its_rows_and_their_sources() -> None:
    shown = Tags(
        html_of(FigureTable(executed.assessment_figures().figures, executed.statements(), "Timescales"))
    ).text
    assert "Change Status Report, August 2020, SECAS, published 7 Aug 2020" in shown
    words = "SECMP0056 · IA · accepted on 2 Jul 2019 · target 40 WD · open · state on 31 Jul 2020"
    assert f"{words} assessments, line 210" in shown
    assert "MP136 · raised in Jul 2020 events, row 7" in shown
    assert "SECAS, published on 30 Jun 2020 or later" in shown
    assert "And 15 more rows; figures.json lists all." in shown


def test_rows_behind_a_figure_are_by_modification_whatever_their_source() -> None:
    """Forty rows of MP102 from two sources leave room for MP101's only row, and for MP9's, which comes first."""
    sources = [f.source("a-page"), f.source("b-page")]
    places = [*(("MP102", source, n) for n in range(20) for source in ("a-page", "b-page"))]
    places += [("MP101", "b-page", 90), ("MP9", "a-page", 91)]
    events = [
        f.event(ref, "raised", "2020-01-02", source_id=source, locator=f"row {n}")
        for ref, source, n in places
    ]
    rows = tuple(Row("events", source, f"row {n}") for _, source, n in places)
    one = (executed.figure("raised.count", "Raised", 3, rows=rows),)
    shown = html_of(FigureTable(one, f.tables(sources, events=events), "c"))
    listed = re.findall(r"<li>(MP\d+)[^<]*<small>events, row (\d+) (\[\d\])", shown)
    assert [ref for ref, *_ in listed] == ["MP9", "MP101", *["MP102"] * 28]
    assert listed[:2] == [("MP9", "91", "[1]"), ("MP101", "90", "[2]")]
    assert shown.count('<p class="source">') == 2
    assert "And 12 more rows" in shown


def test_only_addresses_of_the_web_become_links() -> None:
    statements = executed.statements()
    one = (executed.figure("raised.count", "Raised", 4, rows=(Row("events", executed.PAGE, "row 1"),)),)
    assert '<a href="https://example.org/?a=1&amp;b=%22" rel="noreferrer">' in html_of(
        FigureTable(one, statements, "c")
    )
    statements["sources"].loc[1, "url"] = "javascript:alert(1)"
    assert "<a " not in html_of(FigureTable(one, statements, "c"))


def test_rows_behind_many_figures_stay_few_enough_for_a_page() -> None:
    rows = tuple(Row("events", executed.PAGE, f"row {number}") for number in range(45)) * 3
    many = tuple(executed.figure(f"a.f{n}", f"Figure {n}", n, rows=rows[:100]) for n in range(60))
    bundle = FigureTable(many, executed.statements(), "Many")._repr_mimebundle_()
    assert len(bundle["text/html"]) < 250_000
    assert len(bundle[mime.FIGURES][0]["rows"]) == 100


def test_a_row_that_the_tables_have_not_is_still_named() -> None:
    rows = (Row("events", "gone", "page 1"), Row("no_table", "gone", "page 2"))
    one = (executed.figure("raised.count", "Raised", 4, rows=rows),)
    shown = Tags(html_of(FigureTable(one, executed.statements(), "c"))).text
    assert "gone" in shown
    assert "no table, page 2" in shown


def test_bundles_carry_data_for_gathering() -> None:
    bundle = FigureTable(
        executed.assessment_figures().figures, executed.statements(), "Timescales"
    )._repr_mimebundle_()
    assert [figure["key"] for figure in bundle[mime.FIGURES]][:1] == ["assessment.ia.open.count"]
    assert bundle[mime.SOURCES][executed.REPORT] == {
        "kind": "report",
        "title": "Change Status Report, August 2020",
        "publisher": "SECAS",
        "published_on": "2020-08-07",
        "published_precision": "day",
        "url": None,
    }
    assert mime.TABLE in executed.votes()._repr_mimebundle_()


def test_halves_go_up_in_every_cell() -> None:
    """30.25 is 30.3 to one decimal, 0.125 is 0.13 to two, and a sixteenth is 6.3 %."""
    frame = pd.DataFrame({"mean": [30.25, 1.5, -2.25], "share": [0.125, 0.5, 0.375]})
    words = repr(Table("halves", "Halves", frame))
    assert words.splitlines()[2:] == ["30.3 | 0.13", "1.5 | 0.50", "−2.3 | 0.38"]
    assert in_percent(pd.DataFrame({"share": [1 / 16, 2 / 3, None]}), "share")["share"].tolist()[:2] == [
        6.3,
        66.7,
    ]


def test_columns_that_say_nothing_row_by_row_are_not_shown() -> None:
    """Blank in every row: nowhere. The same in every row: once, below. Programs get every column."""
    frame = pd.DataFrame(
        {
            "ref": ["MP100"] * 3,
            "on": pd.to_datetime(["2020-07-01"] * 3),
            "precision": ["month"] * 3,
            "outcome": pd.Series([None] * 3, dtype="str"),
            "wd": [1.0, None, 1.0],
        }
    )
    titles = {"ref": "Reference", "on": "Day", "precision": "Precision", "outcome": "Outcome", "wd": "WD"}
    table = Table("votes", "Votes", frame, titles, note="A note.")
    assert '<th scope="col">Reference</th><th scope="col" class="number">WD</th>' in html_of(table)
    assert "Outcome" not in html_of(table)
    assert '<p class="note">The same in every row. Day: in Jul 2020. A note.</p>' in html_of(table)
    assert repr(table).splitlines() == [
        *("Votes", "Reference | WD", "MP100 | 1", "MP100 | —", "MP100 | 1"),
        "The same in every row. Day: in Jul 2020.",
    ]
    assert [column["name"] for column in table.to_json()["columns"]] == [*titles]
    counts = pd.DataFrame({"verdict": ["equal", "scan", "blank"], "count": [0, 0, 0]})
    assert repr(Table("verdicts", "Verdicts", counts)).splitlines()[1:] == [
        "verdict | count",
        "equal | 0",
        "likely misprint or scanning error | 0",
        "illegible, calculated here | 0",
    ]
    two = Table("votes", "Votes", frame[:2], titles)  # of two rows nothing is put below
    assert repr(two).splitlines()[1] == "Reference | Day | WD"
    longer = Table("votes", "Votes", frame, titles, most=2)  # nor of rows that aren't all shown
    assert repr(longer).splitlines()[1] == "Reference | Day | WD"
    assert "The same in every row" not in html_of(longer)


def test_an_empty_table_is_one_sentence() -> None:
    table = Table(
        "votes", "Votes", pd.DataFrame({"ref": []}), note="A note on rows.", empty="None this month."
    )
    assert html_of(table) == "<p><strong>Votes.</strong> None this month.</p>"


def test_every_verdict_has_a_symbol_and_words() -> None:
    assert set(tables.SYMBOLS) == set(tables.LEGEND) == set(Verdict)
    assert len(set(tables.SYMBOLS.values())) == len(Verdict)


def test_head_and_foot() -> None:
    made = executed.provenance(known_by="2020-08-07")
    assert Provenance.from_json(Head(made)._repr_mimebundle_()[mime.HEAD]) == made
    assert Provenance.from_json(Foot(made)._repr_mimebundle_()[mime.FOOT]) == made
    head, foot = Tags(html_of(Head(made))).text, Tags(html_of(Foot(made))).text
    assert "1 Aug 2019 to 31 Jul 2020" in head
    assert "sources published by 7 Aug 2020" in head
    assert "d" * 64 in foot
    assert "nbconvert 7.17.0, pandas 3.0.0" in foot
    assert "Synthetic" not in head


def test_made_up_and_unchecked_data_say_so_at_the_top() -> None:
    assert html_of(Head(executed.provenance(synthetic=True))).startswith(
        '<div class="banner" role="note"><p><strong>Synthetic'
    )
    assert "<strong>Draft.</strong>" in html_of(Head(executed.provenance(draft=True)))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.to_datetime(["2020-08-07 00:00:00", None, "1999-12-31 23:59:59"])),
        pd.Series(pd.to_datetime(["2020-08-07", None], utc=True)),
        pd.Series([date(2020, 8, 7), None, pd.NaT], dtype=object),
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series([1.5, None, float("inf"), -0.0]),
        pd.Series([1.5, None], dtype="Float64"),
        pd.Series(["a", None, ""], dtype="str"),
        pd.Series(["a", "b", None], dtype="category"),
        pd.Series([True, False]),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([True, "a", 2, None, float("nan"), pd.NA], dtype=object),
        pd.Series([], dtype="datetime64[us]"),
    ],
)
def test_a_column_is_what_its_cells_are(column: pd.Series) -> None:
    """At once or one by one: their types too, as True is 1."""
    kind = json_cells.kind_of(column)
    together, one_by_one = json_cells.plain_cells(column, kind), [json_cells.plain(c, kind) for c in column]
    assert [(cell, type(cell)) for cell in together] == [(cell, type(cell)) for cell in one_by_one]
