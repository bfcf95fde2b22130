"""Pages: an executed notebook as one self-contained HTML file.

`PageContent` is a preprocessor, named in the template's conf.json, that turns cells into what the template
lays out; so ``jupyter nbconvert --to html --template secanalysis`` makes the same page as publishing does,
without the site's navigation. Only HTML from a bundle that carries JSON of ours is shown as HTML; anything
else shows as text. A page holds no script, but for one small one that sorts the register's table, and its policy
forbids all that it doesn't use.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from secanalysis.domain import code
from secanalysis.domain.months import ReportMonth
from secanalysis.publishing.markdown import Prose, first_title
from secanalysis.views import mime
from secanalysis.views.provenance import REPORT, Provenance, titled

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "secanalysis"

POLICY = "default-src 'none'; img-src data:; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
SCRIPT_POLICY = "; script-src 'sha256-{}'"
NOTHING = Markup()

_TERMINAL_CODES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""What a program writes to colour a terminal, to move on it, or to make links there."""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no page may hold: other control characters, and halves of characters."""
_NUMBER = re.compile(r"^\d+\. ")
_CHAPTER = re.compile(r'<h2 id="(?P<id>[^"]*)">(?:\d+\. )?(?P<words>[^<]*)</h2>\s*')
_BARE = re.compile(r"<IPython\.[\w.]+ object>")
"""How IPython shows, as plain text, objects that are made to be shown otherwise."""


@dataclass
class Page:
    """What the template lays out.

    Attributes
    ----------
    title
        The page's first-level heading.
    month
        The cover month in words, or empty.
    banner, clocks, foot
        The warning, the head's days and the provenance, as HTML.
    subject
        The modification or release that it is about, which is its title then.
    sorts
        Whether it has the table that the one small script sorts and filters.
    contents
        Second-level headings as (id, text).
    body
        Cells and outputs in order, as HTML.
    has_report
        Whether its month has a published report or a register's export.
    """

    title: str = ""
    month: str = ""
    banner: Markup = NOTHING
    clocks: Markup = NOTHING
    foot: Markup = NOTHING
    subject: str = ""
    sorts: bool = False
    contents: list[tuple[str, str]] = field(default_factory=list)
    body: list[Markup] = field(default_factory=list)
    has_report: bool = True


class PageContent(Preprocessor):
    """Puts a `Page` and the style sheet into the resources, for the template."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Work the page out; the notebook stays as it is."""
        resources["code"] = code.current().texts
        resources["page"] = page(nb, linked=bool(resources.get("site")))
        style = (TEMPLATES / TEMPLATE / "style.css").read_text(encoding="utf-8")
        resources["style"] = Markup(style)
        resources["policy"] = POLICY.format(_hash(style))
        if resources["page"].sorts:
            script = (TEMPLATES / TEMPLATE / "register.js").read_text(encoding="utf-8")
            resources["script"] = Markup(script)
            resources["policy"] += SCRIPT_POLICY.format(_hash(script))
        return nb, resources


class PageExporter(HTMLExporter):
    """nbconvert's HTML exporter with our template and without its second parse of the finished page."""

    def __init__(self, **more: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            template_name=TEMPLATE,
            extra_template_basedirs=[str(TEMPLATES)],
            default_preprocessors=[],
            **more,
        )

    def from_notebook_node(  # type: ignore[override]  # as in nbconvert itself
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """Convert a notebook; see `TemplateExporter`."""
        text, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return _UNSEEN.sub("", text), resources


def _hash(text: str) -> str:
    """How a page's policy names a text that it allows."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def exporter() -> PageExporter:
    """The one exporter of this process: making it costs more than a page."""
    return PageExporter()


def render(nb: NotebookNode, site: dict[str, Any] | None = None) -> str:
    """An executed notebook as a page.

    Parameters
    ----------
    nb
        The notebook.
    site
        What the template shows of the site around the page; none for a page on its own.
    """
    text, _ = exporter().from_notebook_node(nb, {"site": site} if site else {})
    return text


def page(nb: NotebookNode, *, linked: bool = False) -> Page:
    """Work out a page from an executed notebook; its code comes at its end.

    Parameters
    ----------
    nb
        The notebook.
    linked
        Whether the page links to its tables' downloads.
    """
    prose, made = Prose(), Page()
    sources: list[str] = []
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            made.body.append(prose.render(cell.source))
        elif cell.cell_type == "code":
            sources += [cell.source.strip()] if cell.source.strip() else []
            made.body += [_output(output, made, prose, linked) for output in cell.outputs]
        elif cell.source.strip():
            made.body.append(_pre(cell.source))
    if _is_what_is_known(made, prose):
        prose.contents = _without_empty_chapters(made, prose.contents)
    made.body = [*_with_charts_in_place(made.body), _code(sources)]
    made.title = titled(
        made.subject or prose.title or made.title or str(nb.metadata.get("title", "Untitled")),
        made.has_report,
    )
    made.contents = prose.contents
    made.body = [block for block in made.body if block]
    return made


def _is_what_is_known(made: Page, prose: Prose) -> bool:
    """Whether it is the report of a month without a published report: *What is known*, and nothing else."""
    return not made.has_report and prose.title == REPORT


def _without_empty_chapters(made: Page, contents: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out the headings of chapters in which nothing is known, and the numbers of the others."""
    kept: list[Markup] = []
    empty = set()
    for block in reversed([block for block in made.body if block]):
        heading = _CHAPTER.fullmatch(str(block))
        if heading and (not kept or _CHAPTER.fullmatch(str(kept[0]))):
            empty.add(heading["id"])
        else:
            kept.insert(0, Markup(f'<h2 id="{heading["id"]}">{heading["words"]}</h2>') if heading else block)
    made.body = kept
    return [(anchor, _NUMBER.sub("", heading)) for anchor, heading in contents if anchor not in empty]


def _with_charts_in_place(body: list[Markup]) -> list[Markup]:
    """Blocks with charts where they fill the page: a chapter's in its columns, several in a row side by side."""
    placed: list[Markup] = []
    for block in filter(None, body):
        last = placed[-1] if placed else NOTHING
        is_chart = block.startswith('<figure class="chart">')
        if is_chart and last.startswith(('<div class="chapter">', '<div class="charts">')):
            inside, end, download = str(last).rpartition("</div>")
            placed[-1] = Markup(f"{inside}{block}{end}{download}")
        else:
            placed.append(Markup(f'<div class="charts">{block}</div>') if is_chart else block)
    return placed


def title(content: Mapping[str, Any], name: str) -> str:
    """An executed notebook's title, on its page and wherever it is linked.

    Parameters
    ----------
    content
        The notebook.
    name
        The name of its file, for one whose cells and outputs give no title.
    """
    cells = content["cells"]
    prose = (_joined(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    shown = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    head: Mapping[str, Any] = next((data[mime.HEAD] for data in shown if data.get(mime.HEAD)), {})
    words = first_title(prose) or str(head.get("title") or "") or name.replace("_", " ").capitalize()
    return titled(words, bool(head.get("has_report", True)))


def _output(output: Any, made: Page, prose: Prose, linked: bool) -> Markup:
    """An output as HTML; head and foot go to their places instead."""
    if output.output_type == "stream":
        return _pre(output.text, "stderr" if output.name == "stderr" else "")
    if output.output_type == "error":
        return _pre("\n".join(output.traceback) or f"{output.ename}: {output.evalue}", "error")
    data = output.get("data", {})
    if mime.HEAD in data:
        provenance = Provenance.from_json(data[mime.HEAD])
        made.title, made.has_report = made.title or provenance.title, provenance.has_report
        made.month = ReportMonth.parse(provenance.month).title if provenance.month else ""
        made.banner, made.clocks = Markup(provenance.banner), Markup(provenance.clocks)
        return NOTHING
    if mime.FOOT in data:
        made.foot = Markup(data.get("text/html", ""))
        return NOTHING
    made.sorts |= mime.REGISTER in data
    for kind in (mime.MODIFICATION, mime.RELEASE):
        made.subject = data.get(kind, {}).get("title", made.subject)
    if "text/html" in data and any(kind.startswith(mime.OURS) for kind in data):
        return Markup(_joined(data["text/html"])) + (_download(data) if linked else "")
    for kind in ("image/svg+xml", "image/png", "image/jpeg"):
        if kind in data:
            return _chart(kind, _joined(data[kind]), output.get("metadata", {}).get(kind, {}))
    if "text/markdown" in data:
        is_empty = output.get("metadata", {}).get("text/markdown", {}).get("is_empty", False)
        if is_empty and _is_what_is_known(made, prose):
            return NOTHING
        return prose.render(_joined(data["text/markdown"]), is_output=True)
    if "text/latex" in data:
        return _pre(_joined(data["text/latex"]))
    text = _joined(data.get("text/plain", data.get("text/html", "")))
    if _BARE.fullmatch(text):
        kinds = sorted(kind for kind in data if kind != "text/plain")
        what = f" ({', '.join(kinds)})" if kinds else ""
        return Markup('<p class="label">An output that pages don’t show{}.</p>').format(what)
    return _pre(text) if text else NOTHING


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)


def _pre(text: str, css: str = "") -> Markup:
    label = {"stderr": "Warning from the code", "error": "Error from the code"}.get(css)
    heading = Markup('<p class="label">{}</p>').format(label) if label else NOTHING
    return heading + Markup('<pre class="output {}">{}</pre>').format(
        css, _TERMINAL_CODES.sub("", text).rstrip("\n")
    )


def _code(sources: list[str]) -> Markup:
    blocks = Markup().join(Markup("<pre><code>{}</code></pre>").format(source) for source in sources)
    return (
        Markup('<details class="code"><summary>Code of this page</summary>{}</details>').format(blocks)
        if blocks
        else NOTHING
    )


def _download(data: Any) -> Markup:
    if mime.TABLE not in data or not data[mime.TABLE].get("rows"):
        return NOTHING
    name, caption = data[mime.TABLE]["name"], data[mime.TABLE]["caption"]
    if mime.PASSAGE in data:  # what the file holds can't be seen from the sentences above it
        words = Markup('<a href="tables/{0}.csv">{1} (CSV)</a>').format(name, caption)
    else:
        words = Markup('<a href="tables/{0}.csv" aria-label="{1}, as CSV">CSV</a>').format(name, caption)
    if cases := data.get(mime.CASES):
        words += Markup(' · <a href="tables/{0}.csv" aria-label="{1}, as CSV">Cases (CSV)</a>').format(
            cases["name"], cases["caption"]
        )
    return Markup('<p class="download">{}</p>').format(words)


def _chart(kind: str, data: str, metadata: Any) -> Markup:
    """An image, as an image: nothing in an SVG can run there."""
    if kind == "image/svg+xml":
        source = "data:image/svg+xml," + quote(" ".join(data.split()), safe=" !$()*+,-./:;=?@[]^_`{|}~'")
    else:
        source = f"data:{kind};base64," + re.sub(r"[^A-Za-z0-9+/=]", "", data)
    alt = metadata.get("alt") or "A chart without a description."
    caption = (
        Markup("<figcaption>{}</figcaption>").format(metadata["title"]) if metadata.get("title") else NOTHING
    )
    image = Markup('<div class="card"><img src="{}" alt="{}"></div>').format(Markup(escape(source)), alt)
    return Markup('<figure class="chart">{}{}</figure>').format(caption, image)
