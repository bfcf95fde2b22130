"""The published site as its readers get it: pages, tables, figures, workbooks and the feed, read from their files alone.

Nothing here imports the package. What the rules of `test_whole_site.py` are held over is read here.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl

BLANK = "—"
"""How a page shows a cell that nobody states."""
REFERENCE = re.compile(r"\b(?:SECMP\d{4}|(?:MP|DP)\d{3})[A-Z]?\b")
ATOM = "{http://www.w3.org/2005/Atom}"

Row = dict[str, str]


@dataclass
class PageTable:
    """A table of a page: its cells as text, blank where the page shows a dash."""

    page: str
    heading: str
    caption: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    file: str = ""
    """The name of the CSV file that the page offers below it, without its ending."""
    opened: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    """What numbers open to, case by case, by row and column."""

    def column(self, name: str) -> list[str]:
        """The cells below a heading."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


@dataclass
class Chart:
    """A chart: what is written above it, and what it says to those who can't see it."""

    page: str
    title: str = ""
    alternative: str = ""


@dataclass
class ShownFigure:
    """A figure as a page shows it, and whom the rows behind it are about."""

    page: str
    caption: str
    label: str
    value: str
    printed: str
    verdict: str
    key: str = ""
    mark: str = ""
    """In a sentence: what the mark after the number means."""
    behind: list[str] = field(default_factory=list)
    """The rows below it, as text."""


@dataclass
class Page:
    """What a page holds."""

    name: str
    tables: list[PageTable] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    figures: list[ShownFigure] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """One pass over a page's main part."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.text: list[str] | None = None
        self.heading = ""
        self.table: PageTable | None = None
        self.of_figures = self.is_behind = self.in_head = self.is_passed_over = self.in_main = False
        self.row: list[str] = []
        self.popover = 0  # how deep in what a number of a sentence opens to
        self.sentence: list[str] | None = None  # that it interrupts
        self.number: list[str] | None = None  # as the sentence has it
        self.targets: dict[tuple[int, int], str] = {}  # what numbers of the table open to, by row and place
        self.cases: dict[str, list[str]] = {}  # case by case
        self.of_case = ""  # to which they are added

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.in_main = True
        if not self.in_main:
            return
        if tag == "div" and (self.popover or "popover" in of):
            self.popover += 1
            if self.popover == 1:
                self.of_case = of["id"] if self.targets and of["id"] in self.targets.values() else ""
                self.cases.setdefault(self.of_case, [])
                self.sentence, self.text, self.is_behind = self.text, None, True
            return
        match tag:
            case "button" if "fact" in of.get("class", "").split():
                self.number = []
                self.page.figures.append(
                    ShownFigure(self.page.name, "", "", "", "", "", key=of.get("data-key", ""))
                )
            case "button" if "opens" in of.get("class", "").split() and self.table is not None:
                self.targets[len(self.table.rows), len(self.row)] = of["popovertarget"]
            case "p" if self.of_case and "refs" in of.get("class", "").split():
                self.text = []
            case "div" if "says" in of.get("class", "").split():
                self.text = []
            case "details" if "code" in of.get("class", "").split():
                self.is_passed_over = True
            case "table":
                self.of_figures = "figures" in of.get("class", "").split()
                self.table = PageTable(self.page.name, self.heading)
                self.targets, self.cases = {}, {}
            case "thead":
                self.in_head = True
            case "nav":
                self.is_passed_over = True  # the same headings once more
            case "tr":
                self.row, self.is_behind = [], "behind" in of.get("class", "").split()
            case "caption" | "th" | "td" | "figcaption" | "p" | "h1" | "h2" | "h3" | "h4":
                if not self.is_behind:
                    self.text = []
            case "li" | "code":
                if self.is_behind or (tag == "li" and self.table is None):
                    self.text = []
            case "img":
                self.page.charts[-1].alternative = of.get("alt", "")
            case "figure":
                self.page.charts.append(Chart(self.page.name))
            case "a" if of.get("href", "").startswith("tables/") and of["href"].endswith(".csv"):
                self._offer(of["href"][len("tables/") : -len(".csv")], of.get("aria-label", ""))

    def _offer(self, file: str, label: str) -> None:
        """A CSV file belongs to the table above that its link names."""
        for table in reversed(self.page.tables):
            if not table.file and label.startswith(table.caption):
                table.file = file
                return

    def handle_data(self, data: str) -> None:
        if self.number is not None:
            self.number.append(data)
        if self.text is not None and not self.is_passed_over:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.in_main = False
        if tag in ("details", "nav") and self.is_passed_over:
            self.is_passed_over, self.text = False, None
        if not self.in_main or self.is_passed_over:
            return
        if tag == "div" and self.popover:
            self.popover -= 1
            if not self.popover:
                self.of_case = ""
                self.text, self.sentence, self.is_behind = self.sentence, None, False
            return
        match tag:
            case "button" if self.number is not None:
                self._end_number("".join(self.number))
                self.number = None
            case "div" if self.table is None and self.text is not None:
                self.page.sentences.append(self._take())
            case "thead":
                self.in_head = False
            case "table" if self.table is not None:
                if not self.of_figures:
                    self.table.opened = {
                        (row, self.table.columns[place]): self.cases[name]
                        for (row, place), name in self.targets.items()
                    }
                    self.page.tables.append(self.table)
                self.table, self.is_behind = None, False
            case "tr" if self.table is not None and not self.is_behind:
                self._end_row(self.table)
            case "caption" if self.table is not None:
                self.table.caption = self._take()
            case "th" | "td" if self.text is not None and self.table is not None:
                self.row.append(self._take())
            case "figcaption":
                self.page.charts[-1].title = self._take()
            case "h1" | "h2" | "h3" | "h4":
                self.heading = self._take()
            case "code" if self.is_behind and self.text is not None and not self.page.figures[-1].key:
                self.page.figures[-1].key = self._take()
            case "li" if self.of_case and self.text is not None:
                self.cases[self.of_case].append(self._take())
            case "p" if self.of_case and self.text is not None:
                self.cases[self.of_case] += self._take().split(", ")
            case "li" if self.is_behind and self.text is not None:
                self.page.figures[-1].behind.append(self._take())
            case "p" | "li" if self.table is None and self.text is not None:
                self.page.sentences.append(self._take())

    def _end_number(self, text: str) -> None:
        """A number of a sentence, and the words of the mark after it."""
        number, _, mark = text.replace(" (as published)", " as published").partition("(")
        figure = self.page.figures[-1]
        number = number.strip(" ✓≈○≠–")
        figure.value, figure.mark = "0" if number.lower() in ("no", "none") else number, mark.rstrip(")")

    def _end_row(self, table: PageTable) -> None:
        if self.in_head:
            table.columns = self.row
        elif self.of_figures:
            label, value, printed, verdict = (*self.row, "", "", "")[:4]
            self.page.figures.append(
                ShownFigure(self.page.name, table.caption, label, value, printed, verdict)
            )
        else:
            table.rows.append(self.row)

    def _take(self) -> str:
        text = " ".join("".join(self.text or []).split())
        self.text = None
        return "" if text == BLANK else text


def read_page(path: Path) -> Page:
    """A page's content. The pictures themselves are left out: what they say is in their alternative text."""
    page = Page(path.stem)
    _Reader(page).feed(re.sub(r'src="data:[^"]*"', "", path.read_text(encoding="utf-8")))
    return page


def read_csv(path: Path) -> list[Row]:
    """A table as its file has it; the columns of an empty one are lost."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Month:
    """All that is published of a month."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @cached_property
    def pages(self) -> dict[str, Page]:
        """By file name without ending."""
        return {path.stem: read_page(path) for path in sorted(self.folder.glob("*.html"))}

    @cached_property
    def tables(self) -> dict[str, list[Row]]:
        """The CSV files by name."""
        return {path.stem: read_csv(path) for path in sorted(self.folder.glob("tables/*.csv"))}

    @cached_property
    def json(self) -> dict[str, Any]:
        """figures.json."""
        return json.loads((self.folder / "figures.json").read_text(encoding="utf-8"))

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The figures of figures.json by key."""
        return self.json["figures"]

    @property
    def report_date(self) -> date:
        """The day that the month's pages speak of."""
        return date.fromisoformat(self.json["provenance"]["report_date"])

    @property
    def period_end(self) -> date:
        """The last day of what durations count."""
        return date.fromisoformat(self.json["provenance"]["period_end"])

    @cached_property
    def sheets(self) -> dict[str, list[list[str]]]:
        """The workbook: each sheet's rows as text, headings first."""
        book = openpyxl.load_workbook(self.folder / "report.xlsx", read_only=True, data_only=True)
        return {
            sheet.title: [[_cell(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            for sheet in book
        }

    @cached_property
    def stages(self) -> dict[str, str]:
        """Every known modification's stage, blank where it isn't known."""
        return {row["unit"]: row["stage"] for row in self.tables["standing"]}

    def page_tables(self, file: str = "") -> Iterator[PageTable]:
        """The tables of all pages, or those that offer this file."""
        for page in self.pages.values():
            for table in page.tables:
                if not file or table.file == file:
                    yield table

    def charts(self) -> Iterator[Chart]:
        """The charts of all pages."""
        for page in self.pages.values():
            yield from page.charts

    def shown(self) -> Iterator[ShownFigure]:
        """The figures of all pages."""
        for page in self.pages.values():
            yield from page.figures

    def texts(self) -> Iterator[tuple[str, str]]:
        """Whatever the month says in words, and where."""
        for page in self.pages.values():
            yield from ((page.name, sentence) for sentence in page.sentences)
            for chart in page.charts:
                yield page.name, chart.title
                yield page.name, chart.alternative
            for table in page.tables:
                yield page.name, table.caption
                yield from ((page.name, cell) for row in table.rows for cell in row)
        for key, figure in self.figures.items():
            yield key, figure["coverage"]
            yield key, figure["reason"]


@dataclass(frozen=True)
class Entry:
    """What the feed says of a month or a change."""

    title: str
    month: str
    is_change: bool
    summary: str


class Site:
    """The whole site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.months = [Month(path.parent) for path in sorted(folder.glob("*/figures.json"))]

    @cached_property
    def index(self) -> Page:
        """The front page."""
        return read_page(self.folder / "index.html")

    @cached_property
    def by_month(self) -> dict[str, Row]:
        """What the front page's table says of each month."""
        return {row["month"]: row for row in read_csv(self.folder / "tables" / "months.csv")}

    @cached_property
    def feed(self) -> list[Entry]:
        """The feed's entries."""
        result = []
        for entry in ElementTree.parse(self.folder / "feed.xml").iter(f"{ATOM}entry"):
            words = {name: entry.findtext(ATOM + name) or "" for name in ("title", "id", "summary")}
            _, _, kind, month = words["id"].split(":")[:4]
            result.append(Entry(html.unescape(words["title"]), month, kind == "change", words["summary"]))
        return result


def _cell(value: Any) -> str:
    """A workbook's cell as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
