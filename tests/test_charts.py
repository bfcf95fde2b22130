"""Charts: a finding as title, alt text that says the numbers, and nothing that can break on odd input."""

from __future__ import annotations

import base64
import html
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis.analysis import estimators, quality, release_dates, stages, verdicts
from secanalysis.analysis.durations import assessments, statistics
from secanalysis.domain.figures import FigureSet
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.domain.vocabulary import Convention, Stage
from secanalysis.publishing import markdown
from secanalysis.views import charts, drawing

CLOCK = clock(ReportMonth(2020, 8))
ODD = "A $x^2$ & <b>Ünsinn</b> $ Release"
REGISTER = f.register(
    events=[
        f.event("MP100", "raised", "2020-06-01"),
        f.event("MP100", "converted", "2020-08-21"),
        f.vote("MP101", "2020-07-22"),
    ],
    assessments=[
        f.assessment("MP100", accepted="2020-07-14", seen="2020-07-31", target_wd=15),
        f.assessment("MP101", accepted="2020-03-02", seen="2020-07-31", kind="IA", target_wd=40),
        f.assessment("MP102", accepted="2020-03-02", seen="2020-07-31"),
        *[f.assessment(f"MP11{n}", accepted="2020-07-01", returned=f"2020-07-0{n}") for n in (2, 3, 6)],
    ],
    releases=[
        {"release": ODD, "kind": "standalone", "planned_on": "2020-06-01"},
        {"release": ODD, "kind": "standalone", "stated_on": "2020-06-02", "in_force_on": "2020-06-30"},
        {"release": "June 2020 SEC Release", "kind": "scheduled", "planned_on": "2020-06-25"},
    ],
)
HISTORIES = stages.stages(REGISTER)
AT = assessments.at(REGISTER, CLOCK, Convention.AS_PUBLISHED)
MONTHS = pd.DatetimeIndex(["2020-06-05", "2020-07-03", "2020-08-07"])

DRAWN: dict[str, tuple[Callable[[], drawing.Chart], str, str]] = {
    "stages": (
        lambda: charts.stage_bars(HISTORIES.at(CLOCK.report_date), "7 August 2020"),
        "The stage of 1 of 6 known modifications is known on 7 August 2020",
        "not known 5",
    ),
    "flow": (
        lambda: charts.cumulative_flow(HISTORIES.counts(MONTHS)),
        "By August 2020 6 modifications are known, and the stage of 1 of them",
        "Known modifications rise from 3 to 6; at the end Refinement Process 1",  # an open assessment supports it,
    ),
    "flow of one month": (
        lambda: charts.cumulative_flow(HISTORIES.counts(MONTHS[-1:])),
        "By August 2020 6 modifications are known, and the stage of 1 of them",
        "Refinement Process 1",
    ),
    "ageing": (
        lambda: charts.ageing(statistics.ages(AT), "31 July 2020", whole=True),
        "1 of 2 open assessments with a known target is over it on 31 July 2020",
        "MP101 IA 110 of 40",
    ),
    "ageing, every target known": (
        lambda: charts.ageing(statistics.ages(AT).assign(target_wd=15), "31 July 2020", whole=True),
        "2 of 3 open assessments are over their target on 31 July 2020",
        "MP101 IA 110 of 15",
    ),
    "ageing, one over": (
        lambda: charts.ageing(statistics.ages(AT).head(1).assign(target_wd=15), "31 July 2020", whole=True),
        "1 of 1 open assessment is over its target on 31 July 2020",
        "of 15",
    ),
    "ageing, others may have been open": (
        lambda: charts.ageing(statistics.ages(AT).assign(target_wd=15), "31 July 2020", whole=False),
        "2 of the 3 assessments known to be open are over their target on 31 July 2020; others may have been open",
        "MP101 IA 110 of 15",
    ),
    "ageing, no target known": (
        lambda: charts.ageing(
            statistics.ages(AT).assign(target_wd=pd.array([pd.NA] * 3, "Int64")),
            "31 July 2020",
            whole=True,
        ),
        "Of 3 open assessments no target is known on 31 July 2020",
        "MP101 IA 110 of unknown",
    ),
    "flow, a stage where none is known": (
        lambda: charts.cumulative_flow(HISTORIES.counts(MONTHS).assign(report=[1, 0, 0])),
        "By August 2020 6 modifications are known, and the stage of 1 of them",
        "Report Phase none known",
    ),
    "survival": (
        lambda: charts.survival_curve(
            estimators.survival(pd.Series(range(1, 41)), pd.Series([True] * 39 + [False])),
            "assessments",
        ),
        "Of assessments, half are done after 20 WD (95 % interval 14 to 26; 39 completed, 1 open or end date not known)",
        "up to 31 WD, where 10 are at risk",
    ),
    "survival without a median": (
        lambda: charts.survival_curve(
            estimators.survival(
                pd.Series([*range(1, 11), *[19] * 15]), pd.Series([True] * 10 + [False] * 15)
            ),
            "them",
        ),
        "Of them, 40% are done after 10 WD (95 % interval 24% to 62%; 10 completed, 15 open or end date not known)",
        "up to 10 WD, where 16 are at risk",
    ),
    "survival, an end of the median's interval not reached": (
        # 18 at risk of 36: half are done after 18 WD, but the upper end of the band needs more cases to fall as far
        lambda: charts.survival_curve(
            estimators.survival(
                pd.Series([*range(1, 19), *[19] * 18]), pd.Series([True] * 18 + [False] * 18)
            ),
            "them",
        ),
        "Of them, 47% are done after 17 WD (95 % interval 33% to 65%; 18 completed, 18 open or end date not known)",
        "up to 18 WD, where 19 are at risk",
    ),
    "releases": (
        lambda: charts.release_timeline(release_dates.dates(REGISTER)),
        "1 of 1 releases with two stated days moved to a later day than first planned: "
        "A $x^2$ & <b>Ünsinn</b> $ … by 29 days",
        "01 Jun 2020, then 30 Jun 2020",
    ),
    "trend": (
        lambda: charts.monthly_line(
            pd.Series([1.0, None, 3.0], index=["2020-06", "2020-07", "2020-08"]), "Things"
        ),
        "Things: 3 in August 2020, known for 2 of 3 months",
        "least 1, most 3",
    ),
    "verdicts": (
        lambda: charts.verdict_bars(
            pd.DataFrame({"verdict": verdicts.RESULTS, "count": [22, 2, 0, 9, 20, 6]})
        ),
        "22 of 33 legible published figures are equal, 2 are likely misprints, 9 can't be calculated and none differs; "
        "26 are illegible",
        "illegible, can't be calculated 6",
    ),
    "coverage": (
        lambda: charts.coverage_bars(quality.coverage(REGISTER, HISTORIES, CLOCK)),
        "The stage of 1 of 6 known modifications is known",
        "day raised 1",
    ),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_states_its_finding_and_says_its_numbers(name: str) -> None:
    draw, finding, numbers = DRAWN[name]
    chart = draw()
    assert chart.finding == finding
    assert numbers in chart.alt
    assert ET.fromstring(chart.svg).tag.endswith("svg")
    assert draw().svg == chart.svg  # the same bytes every time
    bundle, metadata = chart._repr_mimebundle_()
    assert bundle["image/svg+xml"] == chart.svg
    assert metadata["image/svg+xml"]["alt"] == chart.alt
    shown = ET.fromstring(bundle["text/html"].replace("></figure>", "/></figure>"))  # what JupyterLab shows
    image = shown.find("img")
    assert shown.findtext("figcaption/strong") == finding
    assert image is not None
    assert base64.b64decode(image.attrib["src"].partition(",")[2]).decode() == chart.svg
    assert image.attrib["alt"] == chart.alt


NOTHING: dict[str, Callable[[], drawing.Chart]] = {
    "stages": lambda: charts.stage_bars(stages.stages(f.register()).at(CLOCK.report_date), "then"),
    "flow": lambda: charts.cumulative_flow(stages.stages(f.register()).counts(MONTHS)),
    "ageing": lambda: charts.ageing(
        statistics.ages(assessments.at(f.register(), CLOCK, Convention.SEC)), "then", whole=False
    ),
    "survival": lambda: charts.survival_curve(None, "assessments"),
    "releases": lambda: charts.release_timeline(release_dates.dates(f.register())),
    "trend": lambda: charts.monthly_line(pd.Series([None, None], dtype="float64"), "Things"),
    "verdicts": lambda: charts.verdict_bars(verdicts.counts(FigureSet())),
    "coverage": lambda: charts.coverage_bars(
        quality.coverage(f.register(), stages.stages(f.register()), CLOCK)
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_words_are_10_px_or_more_where_a_phone_shows_the_chart(name: str, canvases: list[Any]) -> None:
    """A phone of 390 px shows it as wide as its screen: 4.8 inches of 72 points at 1.13 px a point, so 9 points are 10.1 px."""
    DRAWN[name][0]()
    (canvas,) = canvases
    scale = 390 / (canvas.get_size_inches()[0] * 72)
    words = [
        text for text in canvas.findobj(lambda it: hasattr(it, "get_fontsize")) if text.get_text().strip()
    ]
    assert words
    assert min(text.get_fontsize() for text in words) * scale >= 10


@pytest.mark.parametrize("name", NOTHING)
def test_a_chart_of_nothing_says_why(name: str) -> None:
    chart = NOTHING[name]()
    assert chart.alt == f"No chart: {chart.finding}"
    shown, metadata = chart._repr_mimebundle_()
    assert html.unescape(shown["text/html"]).count(chart.finding) == 1  # no picture that says it again
    assert "image/svg+xml" not in {*shown, *metadata}
    prose = markdown.Prose()
    assert html.unescape(prose.render(shown["text/markdown"], is_output=True)).count(chart.finding) == 1


def test_no_two_stages_look_alike() -> None:
    """Colour is never alone: each has a hatch of its own besides."""
    looks = [charts.STAGE_LOOK[stage] for stage in Stage]
    assert len({colour for colour, _ in looks}) == len({hatch for _, hatch in looks}) == len(Stage)


@pytest.fixture
def canvases(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The canvases of charts as they get drawn."""
    drawn: list[Any] = []
    draw = drawing.draw

    def seen(canvas: Any, finding: str, alt: str) -> drawing.Chart:
        drawn.append(canvas)
        return draw(canvas, finding, alt)

    monkeypatch.setattr(drawing, "draw", seen)
    return drawn


def test_labels_of_the_time_axis_do_not_touch(canvases: list[Any]) -> None:
    """Releases from 2017 to 2021, as in the real register, and a flow over two years."""
    days = pd.to_datetime(["2017-03-15", "2019-11-29", "2020-05-27", "2020-11-29", "2021-06-24"])
    names = [f"Release {day:%B %Y}" for day in days]
    charts.release_timeline(pd.DataFrame({"release": names, "planned_on": days, "in_force_on": days}))
    charts.cumulative_flow(HISTORIES.counts(pd.date_range("2019-08-07", periods=24, freq="MS")))
    assert len(canvases) == 2
    for canvas in canvases:
        canvas.draw_without_rendering()
        boxes = [label.get_window_extent() for label in canvas.axes[0].get_xticklabels() if label.get_text()]
        boxes.sort(key=lambda box: box.x0)
        assert len(boxes) > 2
        assert all(left.x1 + 4 < right.x0 for left, right in pairwise(boxes))


DAYS = pd.to_datetime(["2017-03-15", "2019-11-29", "2021-12-31"])
WIDE: dict[str, Callable[[], drawing.Chart]] = {
    "long names": lambda: charts.release_timeline(
        pd.DataFrame(
            {"release": ["W" * 20, "A long name " * 20, ODD], "planned_on": DAYS, "in_force_on": DAYS}
        )
    ),
    "wide names": lambda: charts.release_timeline(
        pd.DataFrame(
            {"release": ["漢字" * 22, "W" * 44, "W" * 4000], "planned_on": DAYS, "in_force_on": DAYS}
        )
    ),
    "a long fact": lambda: charts.coverage_bars(
        pd.DataFrame({"fact": ["stage", "A long fact " * 20], "count": [1, 2], "of": 2})
    ),
    "many verdicts": lambda: charts.verdict_bars(
        pd.DataFrame({"verdict": verdicts.RESULTS, "count": [3_456_789] * 6})
    ),
    "large flow": lambda: charts.cumulative_flow(HISTORIES.counts(MONTHS) * 123_456),
    **{
        f"flow of {most}": lambda most=most: charts.cumulative_flow(
            (HISTORIES.counts(MONTHS) * 0).assign(known=most)
        )  # type: ignore[misc]
        for most in (1, 4, 18, 21, 945)
    },
    **{
        f"trend up to {most}": lambda most=most: charts.monthly_line(  # type: ignore[misc]
            pd.Series([0.0, most], index=["2020-07", "2020-08"]), "Things"
        )
        for most in (0, 0.1, 1.4, 2.4, 3)
    },
    "large trend": lambda: charts.monthly_line(
        pd.Series(range(0, 900_000, 30_000), index=[f"{2000 + n // 12}-{n % 12 + 1:02d}" for n in range(30)]),
        "Things",
    ),
    "long assessments": lambda: charts.ageing(
        statistics.ages(AT).assign(ref="SECMP123456", duration_wd=[4001.0, 13.0, 14.0]), "then", whole=False
    ),
    "nothing": NOTHING["survival"],
}


@pytest.mark.filterwarnings("ignore:Glyph")  # the font has no such letters, and draws a box for each
@pytest.mark.parametrize("name", [*DRAWN, *WIDE])
def test_what_is_drawn_is_all_on_the_canvas(name: str, canvases: list[Any]) -> None:
    (DRAWN[name][0] if name in DRAWN else WIDE[name])()
    (canvas,) = canvases
    canvas.draw_without_rendering()
    width, height = canvas.get_size_inches()
    drawn = canvas.get_tightbbox()
    assert 0 <= drawn.x0 < drawn.x1 <= width
    assert 0 <= drawn.y0 < drawn.y1 <= height
    for axis in (axis for ax in canvas.axes for axis in (ax.xaxis, ax.yaxis) if axis.label.get_text()):
        title = axis.label.get_window_extent()
        assert not any(
            tick.get_window_extent().overlaps(title) for tick in axis.get_ticklabels() if tick.get_text()
        )


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", ["ageing", "ageing, every target known", "releases", "wide names"])
def test_a_legend_is_drawn_above_the_marks(name: str, canvases: list[Any]) -> None:
    """It would be read as one of them: a day of a release, an assessment's target."""
    (DRAWN[name][0] if name in DRAWN else WIDE[name])()
    (canvas,) = canvases
    canvas.draw_without_rendering()
    (ax,) = canvas.axes
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1


def test_modifications_are_counted_in_whole_numbers(canvases: list[Any]) -> None:
    charts.cumulative_flow((HISTORIES.counts(MONTHS) * 0).assign(known=1))
    (canvas,) = canvases
    canvas.draw_without_rendering()
    assert {tick.get_text() for tick in canvas.axes[0].get_yticklabels()} <= {"0", "1", "2"}


@pytest.mark.parametrize(
    ("durations", "targets"),
    [
        ([9.0, 284.0, 14.0], [15, 40, 15]),
        ([14.0, 3.0, 2.0], [15, 40, 40]),
        ([13.0, 3.0, 2.0], [14, 40, 40]),
        ([14.0, 14.0, 14.0], [15, 40, 40]),
        ([100.0, 96.0, 50.0], [108, 1000, 51]),
        ([5.0, 4.0, 3.0], [6, pd.NA, 15]),
    ],
)
def test_no_number_is_drawn_on_the_mark_of_a_target(
    durations: list[float], targets: list[Any], canvases: list[Any]
) -> None:
    opened = statistics.ages(AT).assign(duration_wd=durations, target_wd=pd.array(targets, "Int64"))
    charts.ageing(opened, "then", whole=True)
    (canvas,) = canvases
    canvas.draw_without_rendering()
    (ax,) = canvas.axes
    (marks,) = [drawn for drawn in ax.collections if drawn.get_label() == "target"]
    middle = ax.transData.transform(marks.get_offsets())
    numbers = [word.get_window_extent() for word in ax.texts]
    assert len(numbers) == 3
    assert not any(number.contains(x, y) for number in numbers for x, y in middle)


def test_a_stage_of_which_none_is_known_is_not_said_to_be_empty() -> None:
    """As with its figure, which isn't zero as long as the stage of any modification is unknown."""
    events = [f.event("MP100", "withdrawn", "2020-08-07"), f.event("MP101", "raised", "2020-01-02")]
    now = stages.stages(f.register(events=events)).at(f.day("2020-08-07"))
    assert "Development none known, " in charts.stage_bars(now, "then").alt
    assert "Development 0, " in charts.stage_bars(now[now["unit"] == "MP100"], "then").alt


@pytest.mark.parametrize(
    ("counts", "finding"),
    [
        (
            [1, 1, 1, 0, 0, 1],
            "1 of 3 legible published figures is equal, 1 is a likely misprint and 1 differs; 1 is illegible",
        ),
        ([5, 0, 0, 0, 0, 0], "5 of 5 legible published figures are equal, none differs"),
        ([0, 0, 0, 0, 2, 1], "None of the 3 published figures is legible"),
    ],
)
def test_what_came_of_published_figures_in_a_sentence(counts: list[int], finding: str) -> None:
    assert charts.verdict_finding(pd.Series(counts, index=verdicts.RESULTS)) == finding
