"""Pages in a browser: nothing runs, nothing is fetched, all can be read, in light and dark and in print."""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import executed
import nbformat
import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import Browser, Page

from secanalysis.publishing import markdown, pages, publish
from secanalysis.publishing.executed_notebooks import read
from secanalysis.support.errors import UserError
from secanalysis.support.project import Project
from secanalysis.views import charts

WEIGHT = 400_000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = {  # all that a dark page changes is its colours
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast"]},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with every kind of content, and titles as nobody should write them."""
    project = Project(executed.write(tmp_path_factory.mktemp("project")))
    synthetic = executed.durations(synthetic=True, draft=True)
    executed.put(project.runs / "2020-08" / "durations.ipynb", synthetic)
    publish.publish(project)
    return project.site


KINDS = (
    "2020-08/change_status_report.html",
    "2020-08/durations.html",
    "index.html",
    "glossary.html",
)


class Watched:
    """An open page and what it did that it shouldn't have."""

    def __init__(self, browser: Browser, path: Path, **more: Any) -> None:
        self.context = browser.new_context(**more)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(path.as_uri())

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def check_page(browser: Browser, path: Path, *, scripts: bool = False) -> None:
    """What must hold of every page; only the register's has a script, which makes a form."""
    assert path.stat().st_size < WEIGHT
    text = path.read_text(encoding="utf-8")
    forbidden = "iframe|object|embed|form|base" if scripts else "script|iframe|object|embed|form|base"
    assert not re.search(rf"<({forbidden})\b", text, re.IGNORECASE)
    assert not re.search(r"\s(on[a-z]+|style)\s*=\s*[\"']", re.sub(r">[^<]*<", "><", text))
    with Watched(browser, path, bypass_csp=True) as opened:  # axe is a script
        opened.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for theme, rules in THEMES.items():
            opened.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            result = Axe().run(opened.page, options={"runOnly": rules})
            assert result.violations_count == 0, f"{theme}: {result.generate_report()}"
    with Watched(browser, path, viewport={"width": 390, "height": 800}) as opened:
        assert [url for url in opened.requests if not url.startswith("data:")] == [path.as_uri()]
        assert opened.complaints == []
        wide = opened.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{wide} px wider than a phone"
        levels = opened.page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"
        )
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_page(browser: Browser, site: Path, kind: str) -> None:
    check_page(browser, site / kind)


@pytest.mark.browser
@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_page_of_the_project_s_site(browser: Browser) -> None:
    published = sorted(Project.find().site.rglob("*.html"))
    if not published:
        pytest.skip("this project has published nothing yet: run `make report` first")
    for path in published:
        check_page(browser, path, scripts=path.match("modifications/index.html"))


# Nothing runs -------------------------------------------------------------------------------------


@pytest.mark.browser
def test_titles_show_as_typed_and_nothing_runs(browser: Browser, site: Path) -> None:
    for path in (site / KINDS[0], site / "2020-08" / "durations.html"):
        with Watched(browser, path, color_scheme="light") as opened:
            page = opened.page
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            shown = page.evaluate("document.body.textContent")
            for title in executed.HOSTILE:
                assert title in shown
            assert "ran" not in page.title()
            schemes = page.evaluate(
                "[...document.querySelectorAll('[href]')].map(a => new URL(a.href).protocol)"
            )
            assert set(schemes) <= {"file:", "https:", "data:"}
            sources = page.evaluate("[...document.images].map(image => image.src.slice(0, 11))")
            assert set(sources) <= {"data:image/"}
            assert opened.complaints == []


@pytest.mark.browser
def test_images_are_drawn(browser: Browser, site: Path) -> None:
    with Watched(browser, site / KINDS[0]) as opened:
        drawn = opened.page.evaluate("[...document.images].map(image => [image.alt, image.naturalWidth])")
        assert drawn == [['Bars: development 2, refinement 4, "report" 1, <none> else', 518]]


def ground_and_ink(opened: Watched) -> tuple[float, float]:
    """How light the lightest and the darkest pixel of a page's first chart are, 0 to 255, as the browser draws it."""
    data = opened.page.locator(".chart img").first.screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    return float(np.bincount(pixels.ravel()).argmax()), float(pixels.min())


SECTIONS = """
() => [...document.querySelectorAll(".chapter section")].map(section => {
  const across = section.getBoundingClientRect().width > 0.6 * section.parentElement.getBoundingClientRect().width;
  const left = part => Math.round(part.getBoundingClientRect().left);
  const heading = section.querySelector("h3").getBoundingClientRect();
  const lines = [...section.querySelectorAll("li")];
  const below = lines.every(line => line.getBoundingClientRect().top >= heading.bottom);
  return across ? below : section.getClientRects().length === 1 && new Set(lines.map(left)).size < 2;
})
"""
"""Of each section of a chapter, whether its lines are below its heading: in one column, or in all columns."""


@pytest.mark.browser
@pytest.mark.parametrize("lengths", [[0, 4, 3], [0, 5, 3], [4, 0], [3, 2, 5, 1], [13], [2, 13, 1], [40, 1]])
@pytest.mark.parametrize("width", [1280, 800, 390])
def test_a_list_stays_below_its_heading(browser: Browser, lengths: list[int], width: int) -> None:
    """The front page's three sections, a release's 13 modifications, and both together."""
    style = (pages.TEMPLATES / pages.TEMPLATE / "style.css").read_text(encoding="utf-8")
    sections = "".join(
        f"<section><h3>Heading</h3><div class='says'>{'Words. ' * 40}</div>"
        + (
            f"<ul class='says'>{('<li><b>MP100</b> ' + 'Title ' * 8 + '</li>') * length}</ul>"
            if length
            else ""
        )
        + "</section>"
        for length in lengths
    )
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(f"<style>{style}</style><main><div class='chapter'>{sections}</div></main>")
    assert all(page.evaluate(SECTIONS))
    page.close()


@pytest.mark.browser
def test_charts_are_dark_in_a_dark_theme(browser: Browser, tmp_path: Path) -> None:
    now = pd.DataFrame({"unit": ["MP100", "MP101"], "stage": ["report", None]})
    chart = charts.stage_bars(now, "then")
    executed.put(
        tmp_path / "page.ipynb", executed.notebook(executed.markdown("# One"), executed.code("it", chart))
    )
    page = tmp_path / "page.html"
    page.write_text(pages.render(read(tmp_path / "page.ipynb").node), encoding="utf-8")
    with Watched(browser, page, color_scheme="light") as opened:
        assert ground_and_ink(opened)[0] > 250
    with Watched(browser, page, color_scheme="dark") as opened:
        assert ground_and_ink(opened)[0] < 40
        assert opened.complaints == []


@pytest.mark.browser
def test_a_table_cut_off_by_a_phone_has_a_shadow_at_its_side(browser: Browser, site: Path) -> None:
    with Watched(
        browser, site / KINDS[1], viewport={"width": 390, "height": 800}, color_scheme="light"
    ) as opened:
        table = opened.page.locator(".scroll", has_text="column_0")
        assert table.evaluate("it => it.scrollWidth > it.clientWidth")
        shades = []
        for place in (0, 10_000):
            table.evaluate("(it, place) => it.scrollLeft = place", place)
            picture = Image.open(io.BytesIO(table.screenshot())).convert("L")
            column = picture.crop((picture.width - 2, 0, picture.width, picture.height))
            shades.append(float(np.median(np.asarray(column))))
        assert shades[0] < 230  # more to the right
        assert shades[1] > 250  # its end


@pytest.mark.browser
def test_the_policy_forbids_what_is_not_used(browser: Browser, site: Path) -> None:
    with Watched(browser, site / KINDS[0]) as opened:
        opened.page.evaluate(
            """() => {
                const script = document.createElement('script');
                script.textContent = 'document.title = "ran"';
                document.body.append(script);
                const image = new Image();
                image.src = 'http://127.0.0.1:9/x.png';
                document.body.append(image);
                document.body.insertAdjacentHTML('beforeend', '<style>body { color: red }</style>');
            }"""
        )
        assert opened.page.title().startswith("Change Status Report, August 2020")
        assert opened.page.evaluate("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
        assert [text for text in opened.complaints if "Content Security Policy" in text]


# Reading and moving about -------------------------------------------------------------------------


@pytest.mark.browser
def test_a_figure_opens_without_a_script_to_its_rows_and_source(browser: Browser, site: Path) -> None:
    with Watched(browser, site / KINDS[0], java_script_enabled=False) as opened:
        row = opened.page.get_by_text("SECMP0056 · IA").first
        assert not row.is_visible()
        opened.page.locator(".figures summary").first.focus()
        opened.page.keyboard.press("Enter")
        assert row.is_visible()
        assert opened.page.get_by_text("published 7 Aug 2020").first.is_visible()


@pytest.mark.browser
def test_a_number_of_a_table_opens_without_a_script_to_its_cases(browser: Browser, site: Path) -> None:
    with Watched(browser, site / "2020-08" / "durations.html", java_script_enabled=False) as opened:
        case = opened.page.get_by_text("MP103: 10 WD")
        assert not case.is_visible()
        opened.page.get_by_role("button", name="12.5").focus()
        opened.page.keyboard.press("Enter")
        assert case.is_visible()
        files = opened.page.get_by_role("link", name="Cases (CSV)")
        assert files.count() == 0  # its name says of what
        assert opened.page.get_by_role("link", name="Cases behind the times, as CSV").count() == 1
    assert (site / "2020-08" / "tables" / "stage-time-cases.csv").read_text().splitlines() == [
        "ref",
        "MP103",
        "MP135",
    ]


@pytest.mark.browser
def test_the_keyboard_reaches_everything(browser: Browser, site: Path) -> None:
    with Watched(browser, site / KINDS[0]) as opened:
        page = opened.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
            if page.evaluate("document.activeElement !== document.body"):
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert {"scroll", "SUMMARY", "A"} <= reached


@pytest.mark.browser
def test_links_lead_through_the_months(browser: Browser, site: Path) -> None:
    with Watched(browser, site / "index.html") as opened:
        page = opened.page
        page.locator(".latest").get_by_text("Durations").click()
        assert page.url.endswith("2020-08/durations.html")
        page.locator("a[rel=prev]").click()
        assert page.url.endswith("2020-07/durations.html")
        page.get_by_role("link", name="secanalysis").click()
        assert page.url.endswith("index.html")


@pytest.mark.browser
def test_made_up_data_say_so_before_anything_else(browser: Browser, site: Path) -> None:
    with Watched(browser, site / "2020-08" / "durations.html") as opened:
        banner, title = opened.page.locator(".banner"), opened.page.locator("h1")
        assert "Synthetic data." in banner.inner_text()
        assert "Draft." in banner.inner_text()
        assert banner.bounding_box()["y"] < title.bounding_box()["y"]  # type: ignore[index]


@pytest.mark.browser
def test_pages_print(browser: Browser, tmp_path: Path) -> None:
    project = Project(executed.write(tmp_path, ("2020-08",)))
    publish.publish(project, pdf=True)
    path = project.site / "2020-08" / "durations.pdf"
    data = path.read_bytes()
    assert b"file://" not in data
    assert b"(D:20200807000000" in data
    assert 'href="durations.pdf"' in path.with_suffix(".html").read_text()
    pdfplumber = pytest.importorskip("pdfplumber")
    with pdfplumber.open(path) as opened:
        sheets = [sheet.extract_text() for sheet in opened.pages]
        assert {(round(sheet.width), round(sheet.height)) for sheet in opened.pages} == {(595, 842)}
    assert "Impact Assessments open" in sheets[0]
    headings = [sheet for sheet in sheets if "column_0" in sheet]
    assert len(headings) > 1  # a table that goes on repeats its headings
    assert "report.open()" not in "".join(sheets)  # code isn't printed
    again = publish.publish(project, pdf=True)
    assert (again.made, again.removed) == (0, 0)
    assert publish.publish(project).removed == 2


def test_without_chromium_there_are_no_pdfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UserError, match="PDFs are printed by Chromium, and none is installed"):
        publish.publish(Project(executed.write(tmp_path)), pdf=True)


# The template on its own ----------------------------------------------------------------------------


def test_nbconvert_s_command_makes_the_same_page(tmp_path: Path) -> None:
    executed.put(tmp_path / "report.ipynb", executed.report())
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--template", "secanalysis", "report.ipynb"]
    basedirs = f"--TemplateExporter.extra_template_basedirs={pages.TEMPLATES}"  # where make env wasn't run
    environment = os.environ | {"PYTHONPATH": str(pages.TEMPLATES.parent.parent)}
    subprocess.run([*command, basedirs], cwd=tmp_path, env=environment, check=True, capture_output=True)
    theirs = (tmp_path / "report.html").read_text()
    ours = pages.render(nbformat.from_dict(executed.report()))  # type: ignore[no-untyped-call]

    def words(page: str) -> str:
        return html.unescape(re.sub(r"<[^>]*>", " ", page.split("</style>")[1]))

    assert "<script" not in theirs
    for pattern in (r"(?s)<style>.*</style>", r"sha256-[\w+/=]+", r"<title>.*</title>"):
        assert re.findall(pattern, theirs) == re.findall(pattern, ours)
    assert words(theirs).split() == words(ours).split()
    assert "tables/votes.csv" not in theirs  # nothing stands beside a page on its own
    assert "figures.json" in ours


def test_only_our_html_is_html() -> None:
    page = pages.render(nbformat.from_dict(executed.report()))  # type: ignore[no-untyped-call]
    assert "&lt;img src=x onerror=" in page
    assert "<img src=x" not in page
    assert '<p class="label">Warning from the code</p><pre class="output stderr">careful</pre>' in page
    assert '<pre class="output error">ValueError: &lt;b&gt;</pre>' in page


# Prose ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a <b>bold</b> word", "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        (
            "[a](https://example.org/?a=1&b)",
            '<p><a href="https://example.org/?a=1&amp;b" rel="noreferrer">a</a></p>',
        ),
        ("[a](durations.html#x)", '<p><a href="durations.html#x">a</a></p>'),
        ("[a](mailto:a@example.org)", '<p><a href="mailto:a@example.org" rel="noreferrer">a</a></p>'),
        ("[a](javascript:alert)", "<p>a (javascript:alert)</p>"),
        ("[a](JaVaScRiPt:alert)", "<p>a (JaVaScRiPt:alert)</p>"),
        ("[a](java&#x73;cript:alert)", "<p>a (javascript:alert)</p>"),
        ("[a](data:text/html,x)", "<p>a (data:text/html,x)</p>"),
        ("[a](//example.org)", "<p>a (//example.org)</p>"),
        ("![a chart](https://example.org/x.png)", "<p>a chart</p>"),
        ("```html\n</code><b>\n```", "<pre><code>&lt;/code&gt;&lt;b&gt;\n</code></pre>"),
        ("£5 $6 and $7", "<p>£5 $6 and $7</p>"),
        ("[a][r]\n\n[r]: vbscript:x", "<p>a (vbscript:x)</p>"),
        ("<javascript:alert>", "<p>javascript:alert (javascript:alert)</p>"),
    ],
)
def test_prose(source: str, shown: str) -> None:
    assert markdown.Prose().render(source) == shown


def test_headings_stand_in_order() -> None:
    text = markdown.Prose()
    shown = text.render("# Title\n\n### Deep\n\n## Part\n\n##### Deeper\n\n# Another\n\n## Part")
    assert text.title == "Title"
    assert re.findall(r'<(h\d) id="([a-z0-9-]+)"', shown) == [
        ("h2", "deep"),
        ("h2", "part"),
        ("h3", "deeper"),
        ("h2", "another"),
        ("h2", "part-2"),
    ]
