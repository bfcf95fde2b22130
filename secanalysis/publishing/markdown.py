"""Prose: Markdown cells as HTML in which nothing can run and headings are in order.

Raw HTML shows as typed, links lead to the web, to mail or within the site, images are not fetched. A page
has one first-level heading, its title; a heading goes at most one level deeper than the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import mistune
from markupsafe import Markup, escape
from mistune.plugins import import_plugin

_WITHIN = re.compile(r"[#?.\w][^\\:\s]*")  # no scheme, and no // or /\\ that browsers take for another site
_WEB = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20]+", re.IGNORECASE)


LONGEST = 50_000  # characters


def first_title(sources: Iterable[str]) -> str:
    """The first first-level heading of some Markdown cells, as text; empty if they have none."""
    prose = Prose()
    for source in sources:
        prose.render(source)
        if prose.title:
            break
    return prose.title


class Prose:
    """Markdown cells of one page, rendered one after the other.

    Attributes
    ----------
    title
        The first first-level heading's text, once a cell had one; it is left out of the cells' HTML.
    contents
        Second-level headings as (id, text), in order.
    """

    def __init__(self) -> None:
        self.title = ""
        self.contents: list[tuple[str, str]] = []
        self._level = 1
        self._ids = {"main", "on-this-page", "latest", "months", "downloads"}  # the template's own
        self._rendered = 0
        self._is_output = False
        plugins = [import_plugin(name) for name in ("table", "strikethrough", "def_list", "footnotes")]
        self._markdown = mistune.Markdown(_Renderer(self), plugins=plugins)

    def render(self, source: str, *, is_output: bool = False) -> Markup:
        """One cell as HTML.

        Parameters
        ----------
        source
            Its Markdown. One that is too long to be prose is shown as typed: some of it would take minutes.
        is_output
            Whether code displayed it: no title is looked for there.
        """
        if len(source) > LONGEST:
            return Markup('<pre class="output">{}</pre>').format(source)
        self._rendered += 1
        self._is_output = is_output
        return Markup(str(self._markdown(source)).strip())

    def footnote_anchor(self, kind: str, index: int) -> str:
        """An address for a footnote, or for where it is referred to: cells number theirs from 1 each."""
        return f"{kind}-{self._rendered}-{index}"

    def is_new(self, anchor: str) -> bool:
        """Whether nothing on the page has this address yet; it has then."""
        new = anchor not in self._ids
        self._ids.add(anchor)
        return new

    def heading(self, inner: str, level: int) -> str:
        """A heading at its place in the page's order."""
        words = Markup(inner).striptags()
        if level == 1 and not self.title and not self._is_output:
            self.title = words
            return ""
        self._level = min(max(level, 2), self._level + 1)
        anchor = self._anchor(words)
        if self._level == 2:
            self.contents.append((anchor, words))
        return f'<h{self._level} id="{anchor}">{inner}</h{self._level}>\n'

    def _anchor(self, words: str) -> str:
        slug = "-".join(re.findall(r"[a-z0-9]+", words.lower()))[:60].strip("-") or "section"
        anchor, again = slug, 2
        while anchor in self._ids:
            anchor, again = f"{slug}-{again}", again + 1
        self._ids.add(anchor)
        return anchor


class _Renderer(mistune.HTMLRenderer):
    """Mistune's renderer without what could run, fetch or break a page's order."""

    def __init__(self, prose: Prose) -> None:
        super().__init__(escape=True)
        self._prose = prose

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """A heading at its place in the page's order."""
        return self._prose.heading(text, level)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link, or where it could run something or lead astray, its words and address."""
        if not (_WITHIN.fullmatch(url) or _WEB.fullmatch(url)):
            return f"{text} ({escape(url)})"
        outside = ' rel="noreferrer"' if _WEB.match(url) else ""
        return f'<a href="{escape(url)}"{outside}>{text}</a>'

    def footnote_ref(self, text: str, index: int) -> str:
        """Where a footnote is referred to; the first such place is where it leads back to."""
        place, note = (self._prose.footnote_anchor(kind, index) for kind in ("fnref", "fn"))
        anchor = f' id="{place}"' if self._prose.is_new(place) else ""
        return f'<sup{anchor}><a href="#{note}" aria-label="Footnote {index}">{index}</a></sup>'

    def footnotes(self, text: str) -> str:
        """The footnotes of a cell, at its end."""
        return f'<ol class="footnotes">\n{text}</ol>\n'

    def footnote_item(self, text: str, key: str, index: int) -> str:
        """A footnote, with a way back."""
        place, note = (self._prose.footnote_anchor(kind, index) for kind in ("fnref", "fn"))
        back = f' <a href="#{place}" aria-label="Back to the text of footnote {index}">↩</a>'
        words = text.rstrip()
        within = words.removesuffix("</p>")
        return f'<li id="{note}">{within}{back}{words[len(within) :]}</li>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """What the image is of: pages fetch nothing."""
        return text

    def block_code(self, code: str, info: str | None = None) -> str:
        """Code as typed."""
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def table(self, text: str) -> str:
        """A table that scrolls by itself."""
        return (
            f'<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>{text}</table></div>\n'
        )

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """A cell without a style of its own, which the page's policy forbids."""
        css = ' class="number"' if align == "right" else ""
        return f'<th scope="col"{css}>{text}</th>' if head else f"<td{css}>{text}</td>"
