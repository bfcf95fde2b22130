"""The glossary, and abbreviations on other pages: each is spelt out where a page first uses it, and leads there.

On finished HTML, like `reference_links`: whatever shows an abbreviation need not think of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache, partial

from secanalysis.publishing.pages import TEMPLATE, TEMPLATES

NAME = "glossary"
_ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \|$", re.MULTILINE)
_SHORT = re.compile(r"[A-Z]{2,}")
_TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[a-zA-Z][\w-]*)(?P<more>[^>]*)>|<[^>]*>|(?P<text>[^<]+)")
_SKIPPED = frozenset(
    (
        "a",
        "h1",
        "pre",
        "code",
        "small",
        "cite",
        "details",
        "figure",
        "script",
        "style",
        "title",
        "option",
        "nav",
    )
)
_UNLINKED = frozenset(("button",))
"""Where nothing can be a link: an abbreviation is spelt out there, and leads to the glossary from its next place."""


def words() -> str:
    """The glossary as Markdown."""
    return (TEMPLATES / TEMPLATE / f"{NAME}.md").read_text(encoding="utf-8")


def with_anchors(page: str) -> str:
    """The glossary's page, each row of which has an address."""
    return re.sub(
        r"<tr>(\s*)<td>([^<]+)</td>",
        lambda row: f'<tr id="{_anchor(row[2])}">{row[1]}<td>{row[2]}</td>',
        page,
    )


@cache
def abbreviations() -> Mapping[str, str]:
    """What each abbreviation of our own words stands for: DCC is the Data Communications Company."""
    own = words().split("\n## ")[1]
    return {
        short: re.split(r"[.,:;(]", meaning)[0].removeprefix("The ")
        for short, meaning in _ROW.findall(own)
        if _SHORT.fullmatch(short)
    }


def spelt_out(page: str, glossary: str) -> str:
    """A page on which the first use of each abbreviation says what it stands for, and leads to the glossary.

    Parameters
    ----------
    page
        Its HTML.
    glossary
        The address of the glossary, seen from the page.
    """
    begin = page.find("<main")
    awaited = {short for short in abbreviations() if short in page}
    if begin < 0 or not awaited:
        return page
    # the SEC of a release's name is a part of that name
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(awaited))})(?![\w-])(?! Release\b)")
    explained: set[str] = set()

    def explain(match: re.Match[str], *, linked: bool) -> str:
        short = match[0]
        if short not in awaited or (short in explained and not linked):
            return short
        meaning = html.escape(abbreviations()[short])
        marked = short if short in explained else f'<abbr title="{meaning}">{short}</abbr>'
        explained.add(short)
        if not linked:
            return marked
        awaited.discard(short)
        return f'<a class="term" href="{glossary}#{_anchor(short)}">{marked}</a>'

    made: list[str] = []
    place, within, depth, unlinked = 0, "", 0, False
    for token in _TOKEN.finditer(page, begin):
        tag, ends = (token["tag"] or "").lower(), bool(token["end"])
        if within:  # something that is left alone, up to its end
            depth += (tag == within) * (-1 if ends else 1)
            within = within if depth else ""
        elif tag in _SKIPPED or " popover" in (token["more"] or ""):
            within, depth = ("", 0) if ends else (tag, 1)
        elif tag in _UNLINKED:
            unlinked = not ends
        elif token["text"]:
            text = pattern.sub(partial(explain, linked=not unlinked), token["text"])
            made += [page[place : token.start()], text]
            place = token.end()
        if not awaited:
            break
    return "".join([*made, page[place:]])


def _anchor(form: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", form.lower()))
