"""Printed page numbers: which pages are missing, or occur twice."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from secanalysis.ingest.report.account import Account
from secanalysis.ingest.report.headings import heading
from secanalysis.ingest.report.scan_repair import Line

_EDGE = 2  # lines
_WIDEST = 100  # characters of a running head
_OF = re.compile(r"\bpage\s(?P<number>[0-9]{1,3})\s?(?:of|/)\s?(?P<of>[0-9]{1,3})\b", re.IGNORECASE)
_NAMED = re.compile(r"(?:.{0,60}\s)?page\s(?P<number>[0-9]{1,3})", re.IGNORECASE)
_SHORT = re.compile(r"(?P<number>[0-9]{1,3})\s?(?:of|/)\s?(?P<of>[0-9]{1,3})", re.IGNORECASE)
_BARE = re.compile(r"[-–—]?\s?(?P<number>[0-9]{1,3})\s?[-–—]?")
_FEWEST_BARE = 4  # numbers alone may be anything else
_SENTENCE_ENDED = re.compile(r"[.:!?]$")
_MISSING = "missing: the numbers of the pages skip it"
_AFTER = "after a missing page, or a heading that isn't clear: below which heading it belongs isn't known"
_BEFORE = "before a missing page, or a line that isn't clear: it may go on there"


@dataclass(frozen=True)
class _Numbered:
    """A page's printed number: on the how many-eth page of the file, in which line, and of how many."""

    at: int
    line: int
    number: int
    of: int | None


@dataclass(frozen=True)
class PageGaps:
    """What the printed numbers of pages say is wrong.

    Attributes
    ----------
    listed
        Pages that are missing or doubled, each with a sentence.
    before
        The numbers of lines before which something is missing.
    numbers
        The numbers that pages bear, by the numbers of the lines with which they begin.
    """

    listed: tuple[tuple[str, str], ...] = ()
    before: tuple[int, ...] = ()
    numbers: Mapping[int, int] = field(default_factory=dict)


def page_gaps(lines: Sequence[Line], after_empty: Sequence[int] = ()) -> PageGaps:
    """Compare the numbers that pages bear with their order in the file.

    Parameters
    ----------
    lines
        All of a document's.
    after_empty
        The numbers of lines before which there is a page without lines.
    """
    begins = [index for index, line in enumerate(lines) if line.page]
    in_pages = len(begins) > 1
    numbered = list(_numbers(lines, begins) if in_pages else _numbers_alone(lines))
    if not numbered:
        return PageGaps()
    places = [
        at + sum(empty <= lines[first].number for empty in after_empty) for at, first in enumerate(begins)
    ]
    listed: list[tuple[str, str]] = []
    before: list[int] = []
    first, last = numbered[0], numbered[-1]
    of = max((one.of for one in numbered if one.of), default=None)
    if of:
        listed += _skipped(range(1, first.number - places[first.at] if in_pages else first.number), of)
    for one, other in itertools.pairwise(numbered):
        step = other.number - one.number
        pages = places[other.at] - places[one.at] if in_pages else 1
        if step == pages:
            continue
        if step > pages:
            listed += _skipped(range(one.number + 1, other.number - pages + 1), of)
        elif step <= 0:
            again = "occurs twice" if step == 0 else f"comes after page {one.number}"
            listed.append((f"[page {other.number}]", f"the page of this number {again}"))
        else:
            continue  # pages without a number among the others
        if in_pages:
            before += [lines[begins[page]].number for page in range(one.at + 1, other.at + 1)]
        else:
            before += [one.line, other.line]
    if of:
        after = len(begins) - 1 - last.at if in_pages else 0
        listed += _skipped(range(last.number + after + 1, of + 1), of)
        if len(others := {one.of for one in numbered if one.of}) > 1:
            counts = " and ".join(str(count) for count in sorted(filter(None, others)))
            listed.append(
                ("[page numbers]", f"the pages are numbered as {counts} pages: are these two documents?")
            )
    numbers = {lines[begins[one.at]].number: one.number for one in numbered} if in_pages else {}
    return PageGaps(tuple(dict.fromkeys(listed)), tuple(before), numbers)


def _skipped(numbers: range, of: int | None) -> list[tuple[str, str]]:
    return [(f"[page {number}{f' of {of}' if of else ''}]", _MISSING) for number in numbers]


def _numbers(lines: Sequence[Line], begins: Sequence[int]) -> Iterator[_Numbered]:
    """Of each page that bears one."""
    bare: list[_Numbered] = []
    named: list[_Numbered] = []
    for at, (first, after) in enumerate(zip(begins, [*begins[1:], len(lines)], strict=True)):
        edges = dict.fromkeys(
            [*range(first, min(first + _EDGE, after)), *range(max(after - _EDGE, first), after)]
        )
        for index in reversed(edges):
            printed = lines[index].printed
            if match := _named(printed):
                named.append(_of(match, at, lines[index]))
                break
        else:
            for index in reversed(edges):
                if match := _BARE.fullmatch(lines[index].printed):
                    bare.append(_of(match, at, lines[index]))
                    break
    if named:
        yield from named
    elif len(bare) >= _FEWEST_BARE:
        pairs = list(itertools.pairwise(bare))
        if sum(map(_goes_on, pairs)) > 0.6 * len(pairs):
            yield from bare


def _goes_on(pair: tuple[_Numbered, _Numbered]) -> bool:
    one, other = pair
    return other.number - one.number == other.at - one.at


def _numbers_alone(lines: Sequence[Line]) -> Iterator[_Numbered]:
    """Of text in which nothing else marks where pages begin."""
    count = 0
    for line in lines:
        if (match := _OF.search(line.printed)) and len(line.printed) < _WIDEST and _named(line.printed):
            yield _of(match, count, line)
            count += 1


def _named(printed: str) -> re.Match[str] | None:
    match = _NAMED.fullmatch(printed) or _SHORT.fullmatch(printed)
    return match or (_OF.search(printed) if len(printed) < _WIDEST else None)


def _of(match: re.Match[str], at: int, line: Line) -> _Numbered:
    again = _OF.search(line.printed)
    parts = (again or match).groupdict()
    return _Numbered(at, line.number, int(parts["number"]), int(parts["of"]) if parts.get("of") else None)


def without_loose_ends(body: Sequence[Line], before: Sequence[int], account: Account) -> list[Line]:
    """A report's lines without those of which a missing page takes away the heading, or the rest.

    Parameters
    ----------
    body
        All that comes after the cover, without running heads.
    before
        The numbers of lines before which something is missing.
    account
        Lists what is left out.
    """
    kept = list(body)
    for number in sorted(set(before), reverse=True):
        at = next((index for index, line in enumerate(kept) if line.number >= number), len(kept))
        begin, end = _unfinished(kept, at), at
        account.unread([line.number for line in kept[begin:at]], _BEFORE)
        while end < len(kept) and not heading(kept[end].printed):
            end += 1
        account.unread([line.number for line in kept[at:end]], _AFTER)
        after = [replace(kept[end], gap=True, cut=True)] if end < len(kept) else []
        kept[begin:] = [*after, *kept[end + 1 :]]
    return kept


def _unfinished(lines: Sequence[Line], at: int) -> int:
    """Where the paragraph or entry begins that goes on at a place, if it may."""
    if at == 0 or _SENTENCE_ENDED.search(lines[at - 1].printed) or heading(lines[at - 1].printed):
        return at
    begin = at - 1
    while begin > 0 and not (lines[begin].gap or heading(lines[begin - 1].printed)):
        begin -= 1
    return begin
