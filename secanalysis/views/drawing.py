"""Drawing: what charts are made of. A chart with its finding and alt text, a canvas with axes, bars, legends, months.

Colours are of the Okabe–Ito set and never carry the meaning alone: lines differ in dash and marker, bars in
hatch, and everything is labelled. Matplotlib is imported when something is drawn: figures and tables don't wait for it.
"""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from secanalysis.support.errors import UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#5f6b73"
INK = "#1d2429"
DARK = {INK: "#e7eaed", GREY: "#abb4bd", "#ffffff": "#14181b"}
"""What colours become in a dark theme; those of bars and lines are clear on both."""
STYLE: Any = {
    "svg.hashsalt": "secanalysis",
    "svg.fonttype": "path",
    "text.parse_math": False,  # names of releases are text, whatever they hold
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "hatch.color": INK,
    "figure.facecolor": "white",
}
PICTURES = ("svg", "png", "pdf")
WIDTH = 4.8
"""In inches: so narrow that a phone shows its words in a size to read."""
POINTS = 72  # an inch
BAR_GAP = 4
LABEL_GAP = 8
ROOM_FOR_LEGEND = 26
LEGEND_IN_A_ROW = 3
WIDEST_NAME = 165
MOST_CHARACTERS = 120
SENTENCE = 48  # characters of a line of words in place of a drawing
NARROWEST = 110
"""How wide axes are at least, however long their labels."""


@dataclass(frozen=True, eq=False)
class Chart:
    """A drawn chart. Shows itself in a notebook.

    Attributes
    ----------
    finding
        The title: what is to be seen.
    alt
        What the chart shows, for readers who can't see it.
    svg
        The drawing.
    canvas
        Matplotlib's figure, from which it was drawn.
    is_empty
        Whether the finding only says why there is nothing to draw; then pages and notebooks show that sentence alone.
    """

    finding: str
    alt: str
    svg: str
    canvas: Canvas | None = None
    is_empty: bool = False

    @property
    def axes(self) -> list[Axes]:
        """Matplotlib's axes of the chart; none where it only says why there is nothing to draw."""
        return list(self.canvas.axes) if self.canvas else []

    def save(self, path: Path | str, dpi: int = 200) -> None:
        """Write the chart as a picture.

        Parameters
        ----------
        path
            Ends in ``.svg``, ``.png`` or ``.pdf``.
        dpi
            Dots per inch of a PNG.

        Raises
        ------
        UserError
            If it ends in something else, or can't be written.
        """
        path = Path(path)
        kind = path.suffix.lower().lstrip(".")
        if kind not in PICTURES:
            raise UserError(
                f"{path} isn't the name of a picture: expected one that ends in .{', .'.join(PICTURES)}"
            )
        try:
            if kind == "svg":
                path.write_text(self.svg, encoding="utf-8")
            elif self.canvas:
                dates = {"CreationDate": None} if kind == "pdf" else None  # the same chart, the same bytes
                with style():
                    self.canvas.savefig(path, format=kind, dpi=dpi, metadata=dates)
        except OSError as error:
            raise UserError(f"{path} can't be written: {error.strerror or error}") from None

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.is_empty:
            sentence = f"{self.finding}."
            kinds = {"text/html": f"<p>{html.escape(sentence)}</p>", "text/markdown": sentence}
            return {**kinds, "text/plain": sentence}, {"text/markdown": {"is_empty": True}}
        bundle = {
            "image/svg+xml": self.svg,
            "text/html": self._as_html(),
            "text/plain": f"{self.finding}\n{self.alt}",
        }
        return bundle, {"image/svg+xml": {"alt": self.alt, "title": self.finding}}

    def _as_html(self) -> str:
        """The drawing below its finding, for notebooks; pages have a figure of their own."""
        source = f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"
        return (
            f"<figure><figcaption><strong>{html.escape(self.finding)}</strong></figcaption>"
            f'<img src="{source}" alt="{html.escape(self.alt)}"></figure>'
        )


def style() -> AbstractContextManager[None]:
    """The look of every chart, as a context in which it is drawn."""
    import matplotlib as mpl

    return mpl.rc_context(STYLE)


def canvas_with_axes(
    height: float,
    *,
    above: float = 8,
    right: float = 10,
    below: float = 24,
    along: str = "",
    up: str = "",
) -> tuple[Canvas, Any]:
    """A canvas, and axes on it with room for labels on all sides but the left: see `_make_room`.

    Parameters
    ----------
    height
        Of the canvas, in inches.
    above, right, below
        The room above, at the right, and below for what isn't the label of the axis, in points.
    along, up
        The labels of the horizontal and the vertical axis; empty for none.
    """
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(WIDTH, height))
    wide, high = WIDTH * POINTS, height * POINTS
    below += 16 if along else 0
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
    labels_width = text_width(labels) + LABEL_GAP
    margin = min(labels_width + (22 if up else 8), box.x1 * wide - NARROWEST)
    ax.set_position((margin / wide, box.y0, box.x1 - margin / wide, box.height))
    if up:
        ax.yaxis.set_label_coords(-labels_width / (box.x1 * wide - margin), 0.5)


def add_legend_above(ax: Any) -> None:
    """Explain marks outside the axes: among the marks, those of a legend would be read as more of them.

    Four explanations take two rows, and need the room of `room_for_legend`.
    """
    ax.legend(
        frameon=False,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=0.2,
        ncols=2 if len(ax.get_legend_handles_labels()[0]) > LEGEND_IN_A_ROW else LEGEND_IN_A_ROW,
        columnspacing=1.2,
        fontsize=9,
    )


def room_for_legend(explained: int) -> float:
    """The room above axes that a legend of so many explanations takes, in points."""
    return ROOM_FOR_LEGEND if explained <= LEGEND_IN_A_ROW else ROOM_FOR_LEGEND + 16


def text_width(labels: Iterable[str], size: float = 10) -> float:
    """The width of the widest of some labels, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=STYLE["font.family"], size=size)
    return max(
        (text_to_path.get_text_width_height_descent(text, font, False)[0] for text in labels), default=0
    )


def shortened(name: str) -> str:
    """As much of a name as there is room for to the left of a chart."""
    if text_width([name]) <= WIDEST_NAME:
        return name
    kept = name[:MOST_CHARACTERS]
    while text_width([f"{kept}…"]) > WIDEST_NAME:
        kept = kept[:-1]
    return f"{kept}…"


def draw(canvas: Canvas, finding: str, alt: str) -> Chart:
    """Draw a canvas as SVG, the same bytes every time."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    for ax in canvas.axes:
        _make_room(ax)
    svg = io.StringIO()
    # savefig draws twice, for formats and backends other than this one
    FigureCanvasSVG(canvas).print_svg(svg, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    return Chart(finding, alt, _with_dark_colours(svg.getvalue()), canvas)


def _with_dark_colours(svg: str) -> str:
    """A drawing with a second set of colours, which browsers take in a dark theme."""
    rules = "".join(
        f'[style*="{name}: {light.lower()}"]{{{name}:{dark}!important}}'
        for light, dark in DARK.items()
        for name in ("fill", "stroke")
    )
    head, mark, rest = svg.partition("<defs>")
    return f"{head}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>{mark}{rest}"


def empty_chart(why: str) -> Chart:
    """A chart without a drawing that says why there is none."""
    from matplotlib.figure import Figure as Canvas

    with style():
        canvas = Canvas(figsize=(WIDTH, 1.0))
        canvas.text(0.5, 0.5, textwrap.fill(why, SENTENCE), ha="center", va="center", color=GREY)
        return replace(draw(canvas, why, f"No chart: {why}"), is_empty=True)


def mark_months(ax: Any, most: int = 5) -> None:
    """Mark months on the horizontal axis, or years where months are too many, so that their labels don't touch.

    Parameters
    ----------
    ax
        The axes.
    most
        How many labels of months there is room for.
    """
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    months = np.diff(ax.get_xlim())[0] / 30.4
    every = next((step for step in (1, 2, 3, 6) if months <= most * step), None)
    if every:
        ax.xaxis.set_major_locator(MonthLocator(range(1, 13, every)))  # type: ignore[no-untyped-call]
    else:
        ax.xaxis.set_major_locator(YearLocator(max(1, round(months / 24 / most))))  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter("%b %Y" if every else "%Y"))  # type: ignore[no-untyped-call]


def bars(
    labels: pd.Series,
    values: pd.Series,
    looks: list[tuple[str, str]],
    axis: str,
    finding: str,
    most: int | None = None,
    none: str = "0",
) -> Chart:
    """Horizontal bars from the top down, each with its number, and the alt text that lists them.

    Parameters
    ----------
    labels, values, looks
        Of each bar: what it counts, how many, and its colour and hatch.
    axis, finding
        What the axis counts, and the title.
    most
        Where the axis ends; at the longest bar if not given.
    none
        What to write at a bar of zero.
    """
    shown = [str(value) if value else none for value in values]
    with style():
        right = text_width([str(max(values))]) + BAR_GAP + 4
        canvas, ax = canvas_with_axes(0.8 + 0.27 * len(labels), right=right, along=axis)
        colours, hatches = zip(*looks, strict=True)
        drawn = ax.barh(
            range(len(labels)), values, color=colours, hatch=hatches, edgecolor=INK, linewidth=0.6
        )
        ax.bar_label(drawn, shown, padding=BAR_GAP)
        ax.set_yticks(range(len(labels)), [shortened(label) for label in labels])
        ax.invert_yaxis()
        ax.set_xlim(0, most or max(values) or 1)
        alt = (
            "Bars: " + ", ".join(f"{label} {words}" for label, words in zip(labels, shown, strict=True)) + "."
        )
        return draw(canvas, finding, alt)
