"""References as links: every name of a modification or a release on a page leads to its own page.

The one place that does it, on finished HTML: whatever shows a reference need not think of links.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

REFERENCE = re.compile(r"\b(?:SECMP[0-9]{4}|(?:MP|DP)[0-9]{3,7})[A-Z]?\b")
_LEFT_ALONE = (
    r"<(a|pre|code|small|summary|script|style|title|button|option)\b.*?</\1\s*>|<[^>]*>|&[^;\s]{1,32};"
)


class Links:
    """Pages of modifications and releases, by the words that lead to them.

    Parameters
    ----------
    pages
        Addresses within the site by words: ``MP102A`` to ``modifications/MP102A.html``.
    """

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = dict(pages)
        names = sorted((name for name in self.pages if not REFERENCE.fullmatch(name)), key=len, reverse=True)
        words = "|".join([REFERENCE.pattern, *(rf"\b{re.escape(name)}(?!\w)" for name in names)])
        self._words = re.compile(words)
        self._parts = re.compile(f"{_LEFT_ALONE}|(?P<word>{words})", re.DOTALL)

    def on(self, text: str, path: str) -> dict[str, str]:
        """The links of a page: those of its words that have a page, which isn't this one.

        Parameters
        ----------
        text
            What the page is made from.
        path
            Where it is in the site.
        """
        if not self.pages:
            return {}
        named = sorted(set(self._words.findall(text)) & self.pages.keys())
        here = posixpath.dirname(path) or "."
        return {word: posixpath.relpath(self.pages[word], here) for word in named if self.pages[word] != path}

    def linked(self, html: str, links: Mapping[str, str]) -> str:
        """HTML with links on words of its text; what is a link, code, a place in a source or a tag stays as it is."""
        if not links:
            return html

        def link(match: re.Match[str]) -> str:
            word = match["word"]
            return f'<a href="{links[word]}">{word}</a>' if word in links else match[0]

        return self._parts.sub(link, html)
