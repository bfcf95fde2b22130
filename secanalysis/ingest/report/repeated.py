"""A chapter, a page or a whole report that is in one document twice: its facts would count twice."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from secanalysis.domain.months import ReportMonth
from secanalysis.ingest.printed_values import MONTH_NAME
from secanalysis.ingest.reading import Cells
from secanalysis.ingest.report.headings import COVER, Chapter, heading
from secanalysis.ingest.report.scan_repair import Line
from secanalysis.support.errors import UserError

_SAME = 0.6  # of what two parts state: they are one part twice
_SAME_TEXT = 0.85  # of two pages' lines
_FEW = 3  # statements, or lines with words: fewer may be the same by chance
_STATED_OFTEN = ("modifications", "releases")  # once however often they are said
_TITLE = re.compile(
    rf".{{0,20}}\bChange\s+Status\s+Report\W+(?P<month>{MONTH_NAME}\s20[0-9]{{2}}).{{0,20}}", re.IGNORECASE
)
_TITLE_ALONE = re.compile(r".{0,20}\bChange\s+Status\s+Report\W*", re.IGNORECASE)
_MONTH_ALONE = re.compile(rf"(?P<month>{MONTH_NAME}\s20[0-9]{{2}})", re.IGNORECASE)
_LINE = re.compile(r"(?P<path>.*?),? ?line (?P<line>[0-9]+)")

Stated = Counter[tuple[object, ...]]


@dataclass(frozen=True)
class _Part:
    """Lines from one heading to the next, or of one page."""

    name: str
    lines: tuple[Line, ...]
    stated: Stated
    chapter: Chapter | None = None

    @property
    def where(self) -> str:
        return f"lines {self.lines[0].number} to {self.lines[-1].number}"


def refuse_repeated(
    name: str,
    lines: Sequence[Line],
    rows: Mapping[str, Sequence[Cells]],
    numbers: Mapping[int, int],
    *,
    in_pages: bool,
) -> None:
    """Refuse a document of which a part is in it twice.

    Parameters
    ----------
    name
        What to call the file.
    lines
        All after its cover, without running heads.
    rows
        What was read of it.
    numbers
        The numbers that its pages bear, by the numbers of the lines with which they begin.
    in_pages
        Whether it is certain where pages begin.

    Raises
    ------
    UserError
        If there is one.
    """
    stated = sorted(_stated(rows), key=lambda one: one[0])
    pages = list(
        _parts(lines, [(index, "") for index, line in enumerate(lines) if line.page or index == 0], stated)
    )
    printed = [_number(page, numbers) for page in pages]
    for (one, first), (other, second) in combinations(enumerate(pages, start=1), 2):
        same_number = printed[one - 1] is not None and printed[one - 1] == printed[other - 1]
        if (
            _alike(first, second)
            or _same_text(first, second)
            or _same_short_page(first, second, same_number=same_number, in_pages=in_pages)
        ):
            raise _refusal(name, f"the pages {one} and {other} after the cover are the same", first, second)
    begins = [
        (index, known)
        for index, line in enumerate(lines)
        if (known := heading(line.printed)) and known not in COVER
    ]
    sections = list(_parts(lines, begins, stated))
    seen: dict[str, list[_Part]] = {}
    for part in sections:
        for earlier in seen.get(part.name, []):
            if _alike(earlier, part) or _same_section(earlier, part):
                raise _refusal(name, f"the part '{part.name}' is in it twice", earlier, part)
        seen.setdefault(part.name, []).append(part)
    _refuse_second_order(name, sections)


def refuse_another_month(name: str, lines: Sequence[Line], report: ReportMonth, begins: int) -> None:
    """Refuse a document that holds the title of another month's report.

    Parameters
    ----------
    name
        What to call the file.
    lines
        All of its lines.
    report
        Its own month.
    begins
        The number of the line where its cover ends.

    Raises
    ------
    UserError
        If it does.
    """
    for line, after in zip(lines, [*lines[1:], Line(0, "")], strict=True):
        titled = _TITLE.fullmatch(line.printed)
        if not titled and _TITLE_ALONE.fullmatch(line.printed):
            titled = _MONTH_ALONE.fullmatch(after.printed)
        if titled and line.number >= begins and " ".join(titled["month"].split()).title() != report.title:
            raise UserError(
                f"{name} holds two reports: it is that of {report.title}, and in line {line.number} another begins, "
                f"'{line.printed[:80]}'. Give each in a file of its own"
            )


def _stated(rows: Mapping[str, Sequence[Cells]]) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Each statement with its line, without what says where it is."""
    for table, cells in rows.items():
        if table in _STATED_OFTEN:
            continue
        for row in cells:
            place = _LINE.match(str(row["locator"]))
            if not place:
                continue
            section = place["path"].split(", ")[-1]
            values = [
                (column, re.sub(r"\.[0-9]+$", "", str(value)) if column == "key" else str(value))
                for column, value in sorted(row.items())
                if value is not None and column not in ("locator", "source_id")
            ]
            yield int(place["line"]), (table, section, *values)


def _parts(
    lines: Sequence[Line], begins: Sequence[tuple[int, str]], stated: Sequence[tuple[int, tuple[object, ...]]]
) -> Iterator[_Part]:
    numbers = [line for line, _ in stated]
    chapter = None
    for (first, name), after in zip(begins, [*(index for index, _ in begins[1:]), len(lines)], strict=True):
        chapter = name if isinstance(name, Chapter) else chapter
        own = tuple(lines[first:after])
        low = bisect_right(numbers, own[0].number - 1)
        high = bisect_right(numbers, own[-1].number)
        yield _Part(str(name), own, Counter(statement for _, statement in stated[low:high]), chapter)


def _alike(one: _Part, other: _Part) -> bool:
    """Whether two parts state the same, all but what wasn't read in one of them."""
    both = (one.stated & other.stated).total()
    least = min(one.stated.total(), other.stated.total())
    return both >= _FEW and both >= _SAME * least


def _words(part: _Part) -> list[str]:
    return [text for line in part.lines if (text := re.sub(r"[^a-z0-9]", "", line.printed.lower()))]


def _same_text(one: _Part, other: _Part) -> bool:
    first, second = Counter(_words(one)), Counter(_words(other))
    both, most = (first & second).total(), max(first.total(), second.total())
    stated, least = (one.stated & other.stated).total(), min(one.stated.total(), other.stated.total())
    if stated < _SAME * least:
        return False  # rows of two tables may be the same, and say different things
    return (len(first) > 1 and first == second) or (len(first) >= 2 * _FEW and both >= _SAME_TEXT * most)


def _number(page: _Part, numbers: Mapping[int, int]) -> int | None:
    """The number that a page bears."""
    begins = [line for line in numbers if line <= page.lines[0].number]
    return numbers[max(begins)] if begins else None


def _same_short_page(one: _Part, other: _Part, *, same_number: bool, in_pages: bool) -> bool:
    """Whether a page that states little is there twice, below whatever heading: word by word, or of one number."""
    first, second = _words(one), _words(other)
    here, there = _anywhere(one.stated), _anywhere(other.stated)
    stated = bool(here & there)
    if same_number:
        both = (Counter(first) & Counter(second)).total()
        # a number may be misread, and two pages may list one row each of the same: most of the shorter has to be there
        most = stated and 2 * len(here & there) > min(len(here), len(there))
        return most or both >= _SAME_TEXT * max(len(first), len(second))
    # what both state in one sentence, begun on the one and ended on the other, is the first one's
    return in_pages and first == second and (stated or bool(one.stated) != bool(other.stated))


def _anywhere(stated: Stated) -> set[tuple[object, ...]]:
    """Statements without the section in which they are."""
    return {(table, *values) for table, _, *values in stated}


def _same_section(one: _Part, other: _Part) -> bool:
    """Whether a section that states little is there twice, word by word."""
    return bool(one.stated) and one.stated == other.stated and _words(one) == _words(other)


def _refuse_second_order(name: str, sections: Sequence[_Part]) -> None:
    """Refuse chapters that begin again after others: two reports are one file."""
    ended: dict[Chapter, _Part] = {}
    again: list[_Part] = []
    current: _Part | None = None
    for part in sections:
        if part.chapter is None or not part.stated:
            continue
        if current and current.chapter is not None and current.chapter != part.chapter:
            ended[current.chapter] = current
        if part.chapter in ended and (current is None or current.chapter != part.chapter):
            again.append(part)
        current = part
    if len({part.chapter for part in again}) > 1:
        raise UserError(
            f"{name} holds two reports: its chapters begin again in line {again[0].lines[0].number} "
            f"({again[0].chapter}). Give each in a file of its own"
        )


def _refusal(name: str, what: str, one: _Part, other: _Part) -> UserError:
    return UserError(
        f"{name} holds the same twice: {what} ({one.where}, and {other.where}). Its facts would count twice: "
        "take one of them out"
    )
