"""What authors of notebooks write and display, on the page: one title everywhere, Markdown as prose, no control characters."""

from __future__ import annotations

import html
import json
import re
import time
from pathlib import Path
from typing import Any

import executed
import pytest

from secanalysis.publishing import publish
from secanalysis.publishing.markdown import Prose
from secanalysis.support.project import Project

BASE = "2020-08"


def published(root: Path, *cells: dict[str, Any], name: str = "durations") -> tuple[str, str]:
    """The HTML of a page made of some cells, and of another page of its month."""
    project = Project(executed.write(root, (BASE,)))
    path = project.runs / BASE / f"{name}.ipynb"
    path.write_text(json.dumps(executed.notebook(*cells)), encoding="utf-8")
    publish.publish(project)
    page, other = (
        (project.site / BASE / f"{name}.html").read_bytes(),
        project.site / BASE / "change_status_report.html",
    )
    return page.decode(), other.read_text(encoding="utf-8")


def displayed(**data: Any) -> dict[str, Any]:
    """A cell that displays a bundle."""
    bundle = {kind.replace("__", "/"): shown for kind, shown in data.items()}
    output = {"output_type": "display_data", "data": bundle, "metadata": {}}
    return executed.code("x", outputs=(output,))


# Titles -------------------------------------------------------------------------------------------

TITLES = {  # what is written, and what the page is called by CommonMark's rules
    "formatted": ("# The *IA* and `PA` of [DCC](https://example.org) & co", "The IA and PA of DCC & co"),
    "setext": ("Waiting times\n=============\n\nText.", "Waiting times"),
    "indented": ("   # Indented title", "Indented title"),
    "later": ("Intro\n\n## Second\n\n# The real one", "The real one"),
    "fenced": ("```python\n# this is a comment\nx = 1\n```\n\n# Real", "Real"),
    "commented": ("<!-- # not this -->\n\n# This", "This"),
    "escaped": ("# MP\\_301 \\*star\\*", "MP_301 *star*"),
    "closing": ("# C# and F#", "C# and F#"),
    "closed": ("# Closed #", "Closed"),
    "listed": ("1. # in a list\n\n# Proper", "in a list"),
    "none": ("Only text, and #nospace", "Odd section"),
    "long": ("# " + "# " * 3_000 + "x", None),
}


@pytest.mark.parametrize("case", TITLES)
def test_a_page_has_one_title_wherever_it_is_named(tmp_path: Path, case: str) -> None:
    """Seen before: links took the first line with a #, the page what Markdown calls a heading."""
    source, title = TITLES[case]
    begun = time.monotonic()
    page, other = published(tmp_path, executed.markdown(source), name="odd_section")
    assert time.monotonic() - begun < 10
    heading = re.search(r"<h1>(?:<span.*?</span> )?(.*?)</h1>", page)
    link = re.search(r'<a href="odd_section.html">(.*?)</a>', other)
    shown = re.search(r"<title>(.*?)(?:, August 2020)? – secanalysis</title>", page)
    assert heading and link and shown
    assert heading[1] == link[1] == shown[1]
    assert title is None or html.unescape(link[1]) == title


def test_a_page_without_a_heading_is_called_what_its_head_says(tmp_path: Path) -> None:
    from secanalysis.views.tables import Head

    head = executed.code("report.head()", Head(executed.provenance(BASE, title="From the head")))
    page, other = published(tmp_path, executed.markdown("Text."), head, name="odd_section")
    assert '<a href="odd_section.html">From the head</a>' in other
    assert "From the head</h1>" in page


# Outputs ------------------------------------------------------------------------------------------


def test_displayed_markdown_is_prose(tmp_path: Path) -> None:
    bundle = displayed(
        text__markdown="# Inner\n\n**bold** <script>1</script>",
        text__plain="<IPython.core.display.Markdown object>",
    )
    page, _ = published(tmp_path, executed.markdown("# Title"), bundle)
    assert "<strong>bold</strong> &lt;script&gt;1&lt;/script&gt;" in page
    assert "IPython.core" not in page
    assert re.search(r'<h2 id="inner">Inner</h2>', page)


def test_markdown_that_code_displays_gives_no_title(tmp_path: Path) -> None:
    page, other = published(tmp_path, displayed(text__markdown="# Inner"), executed.markdown("# Title"))
    assert '<a href="durations.html">Title</a>' in other and "Title</h1>" in page


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"text__latex": "$x^2$", "text__plain": "<IPython.core.display.Math object>"}, "$x^2$"),
        (
            {"text__html": "<b>hi</b>", "text__plain": "<IPython.core.display.HTML object>"},
            "An output that pages don’t show (text/html).",
        ),
        (
            {
                "application__javascript": "alert(1)",
                "text__plain": "<IPython.core.display.Javascript object>",
            },
            "An output that pages don’t show (application/javascript).",
        ),
        ({"text__html": "<table></table>", "text__plain": "   a\n0  1"}, "   a\n0  1"),
    ],
)
def test_no_page_shows_how_an_object_is_called(tmp_path: Path, data: dict[str, Any], shown: str) -> None:
    page, _ = published(tmp_path, executed.markdown("# T"), displayed(**data))
    assert shown in page and "IPython.core" not in page and "<b>hi</b>" not in page


# Characters ---------------------------------------------------------------------------------------

CONTROLS = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), *range(127, 160)]))


def test_no_control_character_is_published(tmp_path: Path) -> None:
    """Also where terminals are told to make a link, or half a character stands."""
    link = "\x1b[31mred\x1b[0m \x1b]8;;https://example.org\x07link\x1b]8;;\x07 \x1b]0;title\x1b\\end ab\bc"
    cells = [
        executed.markdown(f"# A{CONTROLS}title"),
        executed.markdown(f"text {CONTROLS} \ud800 more"),
        executed.code(
            f"# {CONTROLS}", outputs=(executed.stream(link), executed.stream(CONTROLS + "\ud83d", "stderr"))
        ),
        displayed(text__markdown=CONTROLS, text__plain="x"),
    ]
    page, other = published(tmp_path, *cells)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", page + other)
    assert "red link end abc" in page


# Footnotes ----------------------------------------------------------------------------------------


def test_footnotes_lead_there_and_back(tmp_path: Path) -> None:
    """Seen before: ``[^1]`` became a link to a page that isn't there. Cells number their own."""
    cells = [
        executed.markdown("# T\n\nOne[^1], two[^b], one again[^1].\n\n[^1]: First *note*\n[^b]: Second"),
        executed.markdown("Three[^1].\n\n[^1]: Third\n\nNone[^9]."),
    ]
    page, _ = published(tmp_path, *cells)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]+)"', page)
    assert len([target for target in targets if target.startswith("fn")]) == 4 + 3
    assert set(targets) <= set(ids)
    assert "First <em>note</em>" in page and "Third" in page and "None[^9]." in page


# Time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece", ["[", "*", "`", "> ", "![", "[a](", "* a\n", "||\n", "a\n: b\n", "[^1]", "[^a]: b\n"]
)
def test_no_markdown_takes_long(piece: str) -> None:
    begun = time.monotonic()
    Prose().render((piece * 300_000)[:300_000])
    Prose().render((piece * 300_000)[:20_000])
    assert time.monotonic() - begun < 20
