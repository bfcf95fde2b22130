"""Charts, one function each, with a title that states the finding and alt text that says what it shows.

Colours are of the Okabe–Ito set and never carry the meaning alone: lines differ in dash and marker, bars in
hatch, and everything is labelled.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import DateFormatter, MonthLocator, YearLocator
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from secanalysis.analysis.estimators import Survival
from secanalysis.domain.vocabulary import Stage

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#5f6b73"
STYLE: Any = {
    "svg.hashsalt": "secanalysis",
    "svg.fonttype": "path",
    "text.parse_math": False,  # names of releases are text, whatever they hold
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": "#1d2429",
    "xtick.color": "#1d2429",
    "ytick.color": "#1d2429",
    "figure.facecolor": "white",
}
WIDTH = 7.2
POINTS = 72  # an inch
BAR_GAP = 4
LABEL_GAP = 8
ROOM_FOR_LEGEND = 26
WIDEST_NAME = 270
MOST_CHARACTERS = 120
NARROWEST = 150
"""How wide axes are at least, whatever stands beside them."""
STAGE_LOOK = {
    Stage.DEVELOPMENT: (BLUE, ""),
    Stage.REFINEMENT: (ORANGE, "//"),
    Stage.REPORT: (GREEN, "\\\\"),
    Stage.DECISION: ("#CC79A7", "xx"),
    Stage.PENDING_IMPLEMENTATION: ("#56B4E9", "||"),
    Stage.IMPLEMENTED: ("#BBBBBB", "--"),
    Stage.REJECTED: (RED, "++"),
    Stage.WITHDRAWN: ("#F0E442", "////"),
}


@dataclass(frozen=True, eq=False)
class Chart:
    """A drawn chart. Shows itself in a notebook.

    Attributes
    ----------
    finding
        The title: what is to be seen.
    alt
        What the chart shows, for who can't see it.
    svg
        The drawing.
    """

    finding: str
    alt: str
    svg: str

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        told = {"alt": self.alt, "title": self.finding}
        bundle = {
            "image/svg+xml": self.svg,
            "text/html": self._as_html(),
            "text/plain": f"{self.finding}\n{self.alt}",
        }
        return bundle, {"image/svg+xml": told}

    def _as_html(self) -> str:
        """The drawing below its finding, for notebooks; pages have a figure of their own."""
        source = f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"
        return (
            f"<figure><figcaption><strong>{html.escape(self.finding)}</strong></figcaption>"
            f'<img src="{source}" alt="{html.escape(self.alt)}"></figure>'
        )


def _axes(
    height: float, *, above: float = 8, right: float = 10, along: str = "", up: str = ""
) -> tuple[Canvas, Any]:
    """A canvas, and axes on it with room for what stands around them but at the left: see `_make_room`.

    Parameters
    ----------
    height
        Of the canvas, in inches.
    above, right
        The room above and at the right, in points.
    along, up
        The labels of the axes, if they have one.
    """
    canvas = Canvas(figsize=(WIDTH, height))
    wide, high = WIDTH * POINTS, height * POINTS
    below = 40 if along else 24
    ax = canvas.add_axes((0, below / high, (wide - right) / wide, (high - below - above) / high))
    if along:
        ax.set_xlabel(along)
        ax.xaxis.set_label_coords(0.5, -22 / (high - below - above))
    if up:
        ax.set_ylabel(up)
    return canvas, ax


def _make_room(ax: Any) -> None:
    """Move the left end of axes to where their labels have room.

    Matplotlib's own layouts measure all that is drawn, which takes as long as half of the drawing.
    """
    box, wide, up = ax.get_position(), WIDTH * POINTS, ax.get_ylabel()
    labels = ax.yaxis.get_major_formatter().format_ticks(ax.yaxis.get_majorticklocs())
    beside = _width(labels) + LABEL_GAP
    margin = min(beside + (22 if up else 8), box.x1 * wide - NARROWEST)
    ax.set_position((margin / wide, box.y0, box.x1 - margin / wide, box.height))
    if up:
        ax.yaxis.set_label_coords(-beside / (box.x1 * wide - margin), 0.5)


def _add_legend_above(ax: Any) -> None:
    """Explain marks outside the axes: among the marks, those of a legend would be read as more of them."""
    ax.legend(
        frameon=False,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=0.2,
        ncols=4,
        columnspacing=1.2,
        fontsize=9,
    )


def _width(labels: Iterable[str], size: float = 10) -> float:
    """The width of the widest of some labels, in points."""
    font = FontProperties(family=STYLE["font.family"], size=size)
    return max(
        (text_to_path.get_text_width_height_descent(text, font, False)[0] for text in labels), default=0
    )


def _shortened(name: str) -> str:
    """As much of a name as has room beside a chart."""
    if _width([name]) <= WIDEST_NAME:
        return name
    kept = name[:MOST_CHARACTERS]
    while _width([f"{kept}…"]) > WIDEST_NAME:
        kept = kept[:-1]
    return f"{kept}…"


def _chart(canvas: Canvas, finding: str, alt: str) -> Chart:
    for ax in canvas.axes:
        _make_room(ax)
    out = io.StringIO()
    # savefig draws twice, for the sake of forms and backends that aren't this one
    FigureCanvasSVG(canvas).print_svg(out, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    return Chart(finding, alt, out.getvalue())


def nothing(why: str) -> Chart:
    """An empty chart that says why."""
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(WIDTH, 1.0))
        canvas.text(0.5, 0.5, why, ha="center", va="center", color=GREY)
        return _chart(canvas, why, f"No chart: {why}")


def stage_bars(now: pd.DataFrame, day: str) -> Chart:
    """How many modifications are known in each stage.

    Parameters
    ----------
    now
        From `Stages.at`: ``unit, stage``.
    day
        The day, for the title.
    """
    if now.empty:
        return nothing("No modification is known by then")
    counts = now["stage"].value_counts().reindex([s.value for s in Stage], fill_value=0)
    unknown = int(now["stage"].isna().sum())
    labels = pd.Series([name.replace("_", " ") for name in counts.index] + ["not known"])
    looks = [STAGE_LOOK[stage] for stage in Stage] + [("white", "")]
    finding = f"The stage of {len(now) - unknown} of {len(now)} known modifications is known on {day}"
    values = pd.Series([*counts.tolist(), unknown])
    none = "none known" if unknown else "0"
    return _bars(labels, values, looks, "known modifications", finding, none=none)


def cumulative_flow(counts: pd.DataFrame) -> Chart:
    """Known modifications by stage over the months, with what is unknown on top.

    Parameters
    ----------
    counts
        From `Stages.counts`, a row a month.
    """
    if counts.empty or not counts["known"].any():
        return nothing("No modification is known in these months")
    unknown = counts["known"] - counts[[s.value for s in Stage]].sum(axis=1)
    order = [s for s in reversed(Stage) if counts[s.value].any()]
    with mpl.rc_context(STYLE):
        labels = [s.replace("_", " ") for s in order] + ["not known"]
        canvas, ax = _axes(3.8, right=_width(labels, 9) + 46, up="known modifications")
        ax.yaxis.get_major_locator().set_params(integer=True)
        stacked = [counts[s.value].to_numpy() for s in order] + [unknown.to_numpy()]
        days = counts.index.to_numpy()
        if len(days) == 1:  # an area needs two days
            days = np.r_[days, days + np.timedelta64(1, "D")]
            stacked = [np.repeat(heights, 2) for heights in stacked]
        polygons = ax.stackplot(days, *stacked)
        for polygon, (colour, hatch) in zip(
            polygons, [STAGE_LOOK[s] for s in order] + [("white", "")], strict=True
        ):
            polygon.set(facecolor=colour, edgecolor="#1d2429", hatch=hatch, linewidth=0.4)
        ax.legend(
            polygons[::-1],
            labels[::-1],
            loc="upper left",
            bbox_to_anchor=(1.01, 1),
            frameon=False,
            fontsize=9,
        )
        ax.set_xlim(days[0], days[-1])
        _date_axis(ax)
        first, last = counts.iloc[0], counts.iloc[-1]
        share = 1 - unknown.iloc[-1] / last["known"]
        none = "none known" if unknown.iloc[-1] else "0"
        finding = (
            f"{int(last['known'])} modifications are known at the end, and the stage of {share:.0%} of them"
        )
        alt = (
            f"Stacked areas by month from {counts.index[0]:%B %Y} to {counts.index[-1]:%B %Y}. "
            "Known modifications rise "
            f"from {int(first['known'])} to {int(last['known'])}; at the end "
            + ", ".join(f"{s.replace('_', ' ')} {int(last[s.value]) or none}" for s in reversed(order))
            + f", not known {int(unknown.iloc[-1])}."
        )
        return _chart(canvas, finding, alt)


def ageing(opened: pd.DataFrame, day: str) -> Chart:
    """Open assessments by age against their target.

    Parameters
    ----------
    opened
        From `durations.statistics.ages`.
    day
        The day, for the title.
    """
    known = opened.dropna(subset=["duration_wd"])
    if known.empty:
        return nothing("No assessment is known to be open then")
    known = known.sort_values("duration_wd")
    over = (known["duration_wd"] > known["target_wd"]).fillna(False).to_numpy(dtype=bool)
    aimed = known["target_wd"].notna().to_numpy()
    with mpl.rc_context(STYLE):
        names = known["ref"] + " " + known["kind"]
        canvas, ax = _axes(
            1.1 + 0.27 * len(known), above=ROOM_FOR_LEGEND, right=24, along="working days since acceptance"
        )
        places = np.arange(len(known))
        worked = known["duration_wd"].to_numpy(dtype=float)
        target = known["target_wd"].to_numpy(dtype=float, na_value=np.nan)
        in_the_way = (target >= worked) & (target < worked + 0.07 * np.nanmax(np.r_[worked, target]))
        beside = np.where(in_the_way, target, worked)  # no number stands on a target's mark
        looks = [(aimed & ~over, BLUE, "", "within target"), (over, ORANGE, "//", "over target")]
        if not aimed.all():
            looks.append((~aimed, "white", "", "target not known"))
        for those, colour, hatch, words in looks:
            ax.barh(
                places[those],
                worked[those],
                color=colour,
                hatch=hatch,
                edgecolor="#1d2429",
                linewidth=0.6,
                label=words,
            )
        for value, x, y in zip(worked, beside, places, strict=True):
            ax.annotate(
                f"{value:.0f}", (x, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9
            )
        if aimed.any():
            ax.scatter(
                target,
                places,
                marker="|",
                s=120,
                color="#1d2429",
                label="target",
            )
        ax.set_yticks(places, names)
        _add_legend_above(ax)
        finding = f"{over.sum()} of {len(known)} open assessments are over their target on {day}"
        if not aimed.any():
            finding = f"Of {len(known)} open assessments no target is known on {day}"
        elif not aimed.all():
            finding = (
                f"{over.sum()} of {aimed.sum()} open assessments with a known target are over it on {day}"
            )
        alt = (
            "Bars of working days since acceptance, with each target: "
            + ", ".join(
                f"{ref} {kind} {wd} of {'unknown' if pd.isna(target) else target}"
                for ref, kind, wd, target in zip(
                    known["ref"][::-1],
                    known["kind"][::-1],
                    known["duration_wd"][::-1],
                    known["target_wd"][::-1],
                    strict=True,
                )
            )
            + "."
        )
        return _chart(canvas, finding, alt)


def survival_curve(estimate: Survival | None, what: str) -> Chart:
    """The share still open after so many working days, with its band."""
    if estimate is None:
        return nothing(f"Fewer than three completed {what} have both dates: nothing is estimated")
    curve = estimate.curve
    wd = np.r_[0, curve["wd"]]
    with mpl.rc_context(STYLE):
        canvas, ax = _axes(3.2, along="working days", up="share still open")
        ax.fill_between(
            wd,
            np.r_[1, curve["low"]],
            np.r_[1, curve["high"]],
            step="post",
            color=BLUE,
            alpha=0.2,
            label="95 % interval",
        )
        ax.step(wd, np.r_[1, curve["share"]], where="post", color=BLUE, label="still open")
        ax.axhline(0.5, color=GREY, linewidth=0.8, linestyle="--")
        ax.set(ylim=(0, 1.02), xlim=(0, None))
        ax.legend(frameon=False)
        median = (
            "half take longer than is observed"
            if estimate.median is None
            else f"half are done after {estimate.median:.0f} WD"
        )
        finding = (
            f"Of {what}, {median} ({estimate.completed} completed, {estimate.censored} with no end known)"
        )
        alt = f"Kaplan–Meier curve with its 95 % interval. {finding}."
        return _chart(canvas, finding, alt)


def _date_axis(ax: Any) -> None:
    """Mark months so far apart that their labels are, six at most."""
    months = np.diff(ax.get_xlim())[0] / 30.4
    every = next((step for step in (1, 2, 3, 6) if months <= 6 * step), 12)
    ticks = (
        YearLocator(max(1, round(months / 72)))  # type: ignore[no-untyped-call]
        if every == 12
        else MonthLocator(range(1, 13, every))  # type: ignore[no-untyped-call]
    )
    ax.xaxis.set_major_locator(ticks)
    ax.xaxis.set_major_formatter(DateFormatter("%b %Y"))  # type: ignore[no-untyped-call]


def release_timeline(dates: pd.DataFrame) -> Chart:
    """The day planned for each release as it was stated over time, and the day in force.

    Parameters
    ----------
    dates
        From `releases.dates`.
    """
    moved = dates.dropna(subset=["planned_on", "in_force_on"], how="all")
    if moved.empty:
        return nothing("No release's day is known by then")
    moved = moved.assign(day=moved["in_force_on"].fillna(moved["planned_on"]))
    first = moved.drop_duplicates("release").set_index("release")["day"]
    last = moved.groupby("release")["day"].last()
    order = last.sort_values(kind="stable").index.tolist()
    slips = (last - first).dt.days
    with mpl.rc_context(STYLE):
        names = [_shortened(name.replace(" SEC Release", "")) for name in order]
        canvas, ax = _axes(1.0 + 0.3 * len(order), above=ROOM_FOR_LEGEND, right=24)
        places = np.arange(len(order))
        place = moved["release"].map(dict(zip(order, places, strict=True)))
        plans, force = moved["planned_on"].dropna(), moved["in_force_on"].dropna()
        ax.hlines(places, first[order], last[order], color=GREY, linewidth=1.5, zorder=1)
        ax.scatter(
            plans,
            place[plans.index],
            marker="o",
            facecolor="white",
            edgecolor=BLUE,
            zorder=2,
            label="planned, as stated",
        )
        ax.scatter(force, place[force.index], marker="D", color=ORANGE, zorder=3, label="in force")
        ax.set_yticks(places, names)
        _date_axis(ax)
        _add_legend_above(ax)
        late = slips[slips > 0]
        finding = (
            f"{len(late)} of {len(order)} releases moved to a later day than first planned"
            if len(late)
            else f"None of {len(order)} releases is known to have moved to a later day"
        )
        alt = (
            "Each release's days: "
            + "; ".join(
                f"{name} {first[name]:%d %b %Y}" + (f", then {last[name]:%d %b %Y}" if slips[name] else "")
                for name in order
            )
            + "."
        )
        return _chart(canvas, finding, alt)


def monthly_line(values: pd.Series, what: str) -> Chart:
    """A small trend over the months, with gaps where it isn't known.

    Parameters
    ----------
    values
        By month (as text); missing where not known.
    what
        What is counted.
    """
    if values.notna().sum() == 0:
        return nothing(f"{what}: not known in any of these months")
    with mpl.rc_context(STYLE):
        canvas, ax = _axes(2.2, right=24)
        ax.plot(range(len(values)), values.to_numpy(dtype=float), color=BLUE, marker="o", markersize=3)
        step = -(-len(values) // 7)  # seven labels fit side by side
        ax.set_xticks(range(0, len(values), step), values.index[::step])
        ax.set_ylim(0, None if values.max() > 0 else 1)
        known = values.dropna()
        latest = f"{what}: {known.iloc[-1]:.0f} in {known.index[-1]}"
        finding = f"{latest}, known for {len(known)} of {len(values)} months"
        alt = f"Line by month. {finding}; least {known.min():.0f}, most {known.max():.0f}."
        return _chart(canvas, finding, alt)


def verdict_bars(counts: pd.DataFrame) -> Chart:
    """How many printed figures got each verdict.

    Parameters
    ----------
    counts
        From `verdicts.counts`: ``verdict, count``.
    """
    total = int(counts["count"].sum())
    if not total:
        return nothing("No source printed a figure for this month")
    looks = [(GREEN, ""), (ORANGE, "//"), ("#56B4E9", "||"), (RED, "xx"), ("white", "--")]
    equal = int(counts.loc[counts["verdict"] == "equal", "count"].sum())
    return _bars(
        counts["verdict"],
        counts["count"],
        looks,
        "printed figures",
        f"{equal} of {total} printed figures are reproduced exactly",
    )


def coverage_bars(shares: pd.DataFrame) -> Chart:
    """How many of the known modifications have each fact.

    Parameters
    ----------
    shares
        ``fact, count, of``, a row a fact.
    """
    total = int(shares["of"].max()) if len(shares) else 0
    if not total:
        return nothing("No modification is known by then")
    stage = int(shares["count"].iloc[0])
    looks = [(BLUE, "")] * len(shares)
    return _bars(
        shares["fact"],
        shares["count"],
        looks,
        f"of {total} known modifications",
        f"The stage of {stage} of {total} known modifications is known",
        most=total,
    )


def _bars(
    labels: pd.Series,
    values: pd.Series,
    looks: list[tuple[str, str]],
    axis: str,
    finding: str,
    most: int | None = None,
    none: str = "0",
) -> Chart:
    shown = [str(value) if value else none for value in values]
    with mpl.rc_context(STYLE):
        right = _width([str(max(values))]) + BAR_GAP + 4
        canvas, ax = _axes(0.8 + 0.32 * len(labels), right=right, along=axis)
        colours, hatches = zip(*looks, strict=True)
        bars = ax.barh(
            range(len(labels)), values, color=colours, hatch=hatches, edgecolor="#1d2429", linewidth=0.6
        )
        ax.bar_label(bars, shown, padding=BAR_GAP)
        ax.set_yticks(range(len(labels)), [_shortened(label) for label in labels])
        ax.invert_yaxis()
        ax.set_xlim(0, most or max(values) or 1)
        alt = (
            "Bars: " + ", ".join(f"{label} {words}" for label, words in zip(labels, shown, strict=True)) + "."
        )
        return _chart(canvas, finding, alt)
