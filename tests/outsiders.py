"""Made-up reports as PDFs of other people's programs, with what such PDFs hold besides: for test_outsiders.py.

A document's lines are runs of text, each in a style; makers draw the same pages with reportlab, fpdf2 or Chromium.
"""

from __future__ import annotations

import html
import random
import re
import subprocess
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import fpdf
import reportlab
from documents import Block
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 40.0
NEVER = "• MP999 ‘Never voted on’ was approved under Self-Governance."
"""A statement that no page shows."""


@dataclass(frozen=True)
class Run:
    """Text of one style: plain, twice, mark (raised and small), struck, or one of `UNSEEN`."""

    text: str
    style: str = "plain"


UNSEEN = ("white", "tiny", "covered", "invisible", "outside")


@dataclass(frozen=True)
class PrintedLine:
    """A line on a page, and the block that it belongs to."""

    runs: tuple[Run, ...]
    block: int | None
    gap: bool

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(run.text for run in self.runs)


@dataclass
class Print:
    """A document as it is printed, and what befell it."""

    pages: list[list[PrintedLine]]
    columns: bool
    numbers: list[int]
    of: int
    struck: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    doubled: bool = False
    unseen: bool = False


# What is done to documents --------------------------------------------------------------------------

CHANGES = ("marks", "twice", "unseen", "struck", "struck number", "columns", "missing page", "doubled page")


def printed(blocks: Sequence[Block], chance: random.Random, changes: Sequence[str]) -> Print:
    """Blocks laid out on pages, with some changes."""
    lines: list[PrintedLine] = []
    wide = 75 if "columns" in changes else 88
    in_table = False
    for index, block in enumerate(blocks):
        text = ("• " if block.kind == "item" else "") + block.text
        for at, part in enumerate(textwrap.wrap(text, wide, break_on_hyphens=False)):
            gap = at == 0 and not (in_table and block.kind in ("row", "columns"))
            lines.append(PrintedLine((Run(part),), index, gap))
        in_table = block.kind in ("row", "columns")
    result = Print([], "columns" in changes, [], 0)
    if "marks" in changes:
        _some(
            lines,
            chance,
            4,
            r"(?<=[0-9])(?=\s|$)|$",
            lambda before, after: [Run(before), Run(chance.choice("123"), "mark"), Run(after)],
        )
    if "twice" in changes:
        _some(lines, chance, 8, r"^|\b(?=[0-9])", lambda before, after: [Run(before), Run(after, "twice")])
    if "struck number" in changes:
        _some(lines, chance, 2, r"\b(?=[0-9]+\b)", _struck_number)
    if "struck" in changes:
        result.struck = _strike(lines, blocks, chance)
    if "unseen" in changes:
        for style in chance.sample(UNSEEN, 2):
            at = chance.randrange(8, len(lines))
            lines.insert(at, PrintedLine((Run(NEVER, style),), None, True))
    per_page = chance.randint(30, 40)
    size = per_page * (2 if result.columns else 1)
    result.pages = [lines[first : first + size] for first in range(0, len(lines), size)]
    result.numbers = list(range(1, len(result.pages) + 1))
    result.of = len(result.pages)
    if "missing page" in changes and len(result.pages) > 1:
        gone = chance.randrange(1, len(result.pages))
        result.missing = {line.block for line in result.pages[gone] if line.block is not None}
        del result.pages[gone], result.numbers[gone]
    elif "doubled page" in changes and len(result.pages) > 1:
        again = chance.randrange(1, len(result.pages))
        result.pages.insert(again, result.pages[again])
        result.numbers.insert(again, result.numbers[again])
        result.doubled = True
    result.unseen = any(run.text == NEVER for page in result.pages for line in page for run in line.runs)
    return result


def _some(
    lines: list[PrintedLine],
    chance: random.Random,
    count: int,
    where: str,
    change: Callable[[str, str], list[Run]],
) -> None:
    for at in chance.sample(range(6, len(lines)), min(count, len(lines) - 6)):
        text = lines[at].text
        places = [result.start() for result in re.finditer(where, text)]
        if len(lines[at].runs) == 1 and places:
            place = chance.choice(places)
            runs = [run for run in change(text[:place], text[place:]) if run.text]
            lines[at] = replace(lines[at], runs=tuple(runs))


def _struck_number(before: str, after: str) -> list[Run]:
    number = re.match("[0-9]+", after)
    assert number
    return [Run(before), Run(number[0], "struck"), Run(after[number.end() :])]


def _strike(lines: list[PrintedLine], blocks: Sequence[Block], chance: random.Random) -> set[int]:
    entries = [index for index, block in enumerate(blocks) if block.kind == "item"]
    struck = set(chance.sample(entries, min(2, len(entries))))
    for at, line in enumerate(lines):
        if line.block in struck:
            lines[at] = replace(line, runs=(Run(line.text, "struck"),))
    return struck


# Makers -----------------------------------------------------------------------------------------------


class _Sheet:
    """Draws runs; places are in points from a page's left upper corner to the line on which letters stand."""

    def page(self) -> None:
        raise NotImplementedError

    def width(self, text: str, size: float) -> float:
        raise NotImplementedError

    def text(self, x: float, y: float, text: str, size: float, how: str = "") -> None:
        raise NotImplementedError

    def box(self, x: float, y: float, width: float, height: float, *, white: bool) -> None:
        raise NotImplementedError

    def run(self, x: float, y: float, run: Run, size: float) -> float:
        """Draw a run, and give its width."""
        width = self.width(run.text, size)
        match run.style:
            case "mark":
                self.text(x, y - 0.4 * size, run.text, 0.6 * size)
                return self.width(run.text, 0.6 * size)
            case "twice":
                self.text(x, y, run.text, size)
                self.text(x + 0.3, y, run.text, size)
            case "struck":
                self.text(x, y, run.text, size)
                self.box(x - 1, y - 0.32 * size, width + 2, 0.07 * size, white=False)
            case "white" | "invisible":
                self.text(x, y, run.text, size, run.style)
            case "tiny":
                self.text(x, y, run.text, 1)
            case "covered":
                self.text(x, y, run.text, size)
                self.box(x - 1, y - size, width + 2, 1.4 * size, white=True)
            case "outside":
                self.text(WIDTH + 20, y, run.text, size)
            case _:
                self.text(x, y, run.text, size)
        return width

    def draw(self, document: Print) -> None:
        """Draw all pages."""
        size = 6.5 if document.columns else 9.0
        for lines, number in zip(document.pages, document.numbers, strict=True):
            self.page()
            half = -(-len(lines) // 2) if document.columns else len(lines)
            for column, some in enumerate((lines[:half], lines[half:])):
                y = MARGIN + 20
                for line in some:
                    y += size * (2.0 if line.gap else 1.25)
                    x = MARGIN + column * (WIDTH / 2 - MARGIN + 10)
                    for run in line.runs:
                        x += self.run(x, y, run, size)
            self.text(MARGIN, HEIGHT - 20, f"Page {number} of {document.of}", 8)


class _Reportlab(_Sheet):
    def __init__(self, path: Path) -> None:
        pdfmetrics.registerFont(TTFont("Vera", str(FONT)))
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
        self.begun = False

    def page(self) -> None:
        if self.begun:
            self.canvas.showPage()
        self.begun = True

    def width(self, text: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(text, "Vera", size))

    def text(self, x: float, y: float, text: str, size: float, how: str = "") -> None:
        self.canvas.setFillGray(1 if how == "white" else 0)
        self.canvas.setFont("Vera", size)
        self.canvas.drawString(x, HEIGHT - y, text, mode=3 if how == "invisible" else 0)

    def box(self, x: float, y: float, width: float, height: float, *, white: bool) -> None:
        self.canvas.setFillGray(1 if white else 0)
        self.canvas.rect(x, HEIGHT - y - height, width, height, stroke=0, fill=1)


class _Fpdf(_Sheet):
    def __init__(self) -> None:
        self.pdf = fpdf.FPDF(unit="pt", format=(WIDTH, HEIGHT))
        self.pdf.add_font("Vera", fname=str(FONT))
        self.pdf.set_auto_page_break(False)

    def page(self) -> None:
        self.pdf.add_page()

    def width(self, text: str, size: float) -> float:
        self.pdf.set_font("Vera", size=size)
        return float(self.pdf.get_string_width(text))

    def text(self, x: float, y: float, text: str, size: float, how: str = "") -> None:
        self.pdf.set_font("Vera", size=size)
        self.pdf.set_text_color(255 if how == "white" else 0)
        mode = fpdf.enums.TextMode.INVISIBLE if how == "invisible" else fpdf.enums.TextMode.FILL
        with self.pdf.local_context(text_mode=mode):
            self.pdf.text(x, y, text)

    def box(self, x: float, y: float, width: float, height: float, *, white: bool) -> None:
        self.pdf.set_fill_color(255 if white else 0)
        self.pdf.rect(x, y, width, height, style="F")


_STYLES = {
    "mark": "font-size:60%;vertical-align:super;line-height:0",
    "twice": "text-shadow:0.3px 0 0 #000",
    "struck": "text-decoration:line-through",
    "white": "color:#fff",
    "tiny": "font-size:1px",
    "invisible": "opacity:0",
    "outside": "position:absolute;left:620pt",
}


class _Browser(_Sheet):
    """A page of HTML for each page; its own styles where it has them."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def draw(self, document: Print) -> None:
        size = 6.5 if document.columns else 9.0
        for lines, number in zip(document.pages, document.numbers, strict=True):
            shown = "".join(self._line(line, size) for line in lines)
            columns = "column-count:2;column-fill:auto;column-gap:20pt" if document.columns else ""
            self.parts.append(
                f'<section><div style="{columns};height:760pt;font-size:{size}pt">{shown}</div>'
                f"<footer>Page {number} of {document.of}</footer></section>"
            )

    def _line(self, line: PrintedLine, size: float) -> str:
        runs = "".join(self._run(run) for run in line.runs)
        return f'<div style="margin-top:{0.75 * size if line.gap else 0}pt">{runs}</div>'

    def _run(self, run: Run) -> str:
        text = html.escape(run.text)
        if run.style == "covered":
            over = '<i style="position:absolute;inset:-1px;background:#fff"></i>'
            return f'<b style="position:relative;font-weight:normal">{text}{over}</b>'
        style = _STYLES.get(run.style)
        return f'<span style="{style}">{text}</span>' if style else text

    def html(self) -> str:
        return (
            f'<!doctype html><meta charset="utf-8"><style>@page{{size:{WIDTH}pt {HEIGHT}pt;margin:0}}'
            "*{print-color-adjust:exact}body{margin:0;font-family:sans-serif;line-height:1.25}"
            f"section{{position:relative;box-sizing:border-box;width:{WIDTH}pt;height:{HEIGHT - 1}pt;padding:{MARGIN}pt;"
            "break-after:page;overflow:hidden}div{white-space:pre}"
            "footer{position:absolute;bottom:15pt;font-size:8pt}</style>" + "".join(self.parts)
        )


def make(document: Print, maker: str, path: Path) -> Path:
    """Write a document as a PDF by reportlab, fpdf2 or Chromium."""
    if maker == "reportlab":
        sheet = _Reportlab(path)
        sheet.draw(document)
        sheet.canvas.save()
    elif maker == "fpdf2":
        pages = _Fpdf()
        pages.draw(document)
        pages.pdf.output(str(path))
    else:
        browser = _Browser()
        browser.draw(document)
        page = path.with_suffix(".html")
        page.write_text(browser.html(), encoding="utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--print-to-pdf={path}",
        ]
        subprocess.run(["chromium", *options, page.as_uri()], check=True, capture_output=True, timeout=120)
    return path
