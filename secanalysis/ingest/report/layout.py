"""From a document's lines to those that say something: page breaks, running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from secanalysis.ingest.document import PAGE_BREAK
from secanalysis.ingest.printed_values import MONTH_NAME
from secanalysis.ingest.report.headings import heading
from secanalysis.ingest.report.printed_tables import other_heading, table_heading
from secanalysis.ingest.report.scan_repair import LIKE_REFERENCE, Line

_PAGE_NUMBER = re.compile(
    r"(?:page\s)?[0-9]{1,3}(?:\s?(?:of|/)\s?[0-9]{1,3})?|[-–—]\s?[0-9]{1,3}\s?[-–—]", re.IGNORECASE
)
_NUMBERED_PAGE = re.compile(r"(?:.{0,60}\s)?page\s[0-9]{1,3}(?:\s?(?:of|/)\s?[0-9]{1,3})?", re.IGNORECASE)
_TITLE = re.compile(rf".{{0,20}}\bChange Status Report\W+{MONTH_NAME}\s20[0-9]{{2}}.{{0,20}}", re.IGNORECASE)
_EDGE = 2


def content(document: Sequence[str]) -> list[Line]:
    """The lines that aren't blank.

    A page begins at a form feed, or, in scanned text, at a line with one space before it.
    """
    kept: list[Line] = []
    gap = page = True
    for number, raw in enumerate(document, start=1):
        page |= PAGE_BREAK in raw or bool(re.match(r" \S", raw))
        printed = " ".join(raw.replace(PAGE_BREAK, " ").split())
        if printed:
            kept.append(Line(number, printed, gap or page, page))
            gap = page = False
        else:
            gap = True
    return kept


def running_heads(lines: Sequence[Line]) -> set[int]:
    """The numbers of lines that repeat at the edges of pages, or number them."""
    begins = [index for index, line in enumerate(lines) if line.page]
    edges: set[int] = set()
    for first, after in zip(begins, [*begins[1:], len(lines)], strict=True):
        edges.update(range(first, min(first + _EDGE, after)), range(max(after - _EDGE, first), after))
    title = next((index for index, line in enumerate(lines) if _TITLE.fullmatch(line.printed)), None)
    candidates = {index for index in edges - {title} if not _says_something(lines[index].printed)}
    repeated = Counter(_form(lines[index].printed) for index in candidates)
    heads = set()
    for index, line in enumerate(lines):
        numbers_a_page = index in candidates and _PAGE_NUMBER.fullmatch(line.printed)
        repeats = (
            index in candidates
            and line.gap  # what goes on without one is part of what it goes on from
            and repeated[_form(line.printed)] > 1
            and any(map(str.isalpha, line.printed))
        )
        title_again = index > _EDGE and _TITLE.fullmatch(line.printed)
        if numbers_a_page or repeats or title_again or _NUMBERED_PAGE.fullmatch(line.printed):
            heads.add(line.number)
    return heads


def _says_something(printed: str) -> bool:
    return bool(
        re.search(LIKE_REFERENCE, printed)
        or re.search(r"[0-9]\s?WD\b", printed)
        or heading(printed)
        or table_heading(printed)
        or other_heading(printed)
    )


def _form(printed: str) -> str:
    return re.sub(r"[0-9]+", "", printed).lower()


def without(lines: Sequence[Line], numbers: set[int]) -> list[Line]:
    """The other lines; the gap or page that a line left out begins passes to the next."""
    kept: list[Line] = []
    gap = page = False
    for line in lines:
        if line.number in numbers:
            gap, page = gap or line.gap, page or line.page
        else:
            kept.append(replace(line, gap=line.gap or gap, page=line.page or page))
            gap = page = False
    return kept
