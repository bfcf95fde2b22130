"""A report's cover: which month's report it is, and its date. The rest of it, names too, is never stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from secanalysis.domain.months import LAST_YEAR, ReportMonth
from secanalysis.domain.vocabulary import PublishedPrecision, SourceKind
from secanalysis.domain.written_days import day_in_words
from secanalysis.ingest.printed_values import MONTH_NAME, Illegible, day, day_pattern, month
from secanalysis.ingest.reading import Cells
from secanalysis.ingest.report.account import Account
from secanalysis.ingest.report.headings import COVER, Section, heading, in_contents
from secanalysis.ingest.report.scan_repair import LIKE_REFERENCE, Line
from secanalysis.support.errors import UserError

_TITLE = re.compile(r"\bChange\s+Status\s+Report\b", re.IGNORECASE)
_MONTH = re.compile(rf"\b(?P<month>{MONTH_NAME}\s20[0-9]{{2}})\b", re.IGNORECASE)
_DATE = re.compile(rf"(?:Date(?:\sof\sissue)?\s?:?\s)?{day_pattern('on')}", re.IGNORECASE)
_SYNTHETIC = re.compile(r"\bSYNTHETIC\b")
_FARTHEST = timedelta(days=45)


@dataclass(frozen=True)
class Cover:
    """What the cover says about the report as a whole."""

    month: ReportMonth
    published_on: date
    synthetic: bool

    def source(self, source_id: str | None) -> Cells:
        """The report's row of the sources table."""
        made_up = "SYNTHETIC " if self.synthetic else ""
        default = f"{'synthetic-' if self.synthetic else ''}change-status-report-{self.month}"
        return {
            "source_id": source_id or default,
            "kind": SourceKind.SYNTHETIC if self.synthetic else SourceKind.REPORT,
            "title": f"{made_up}Change Status Report {self.month.title}",
            "publisher": "secanalysis" if self.synthetic else "SECAS",
            "published_on": self.published_on,
            "published_precision": PublishedPrecision.DAY,
            "url": None,
        }


def split(lines: Sequence[Line], name: str) -> tuple[list[Line], list[Line]]:
    """A report's cover and the rest, which begins at the first heading that isn't the cover's.

    Raises
    ------
    UserError
        If it isn't a Change Status Report: without that title, or without the report's headings.
    """
    if not any(_TITLE.search(both) for both in _pairs(lines[:80])):
        raise UserError(f"{name} isn't a Change Status Report: no such title in its first lines")
    headings = [(index, known) for index, line in enumerate(lines) if (known := heading(line.printed))]
    body = [index for index, known in headings if known not in COVER]
    if not body or len({known for _, known in headings if isinstance(known, Section)}) < 2:
        raise UserError(
            f"{name} isn't a Change Status Report: it has the title, but not the report's headings, such as "
            f"'{Section.NEW_PROPOSALS}' and '{Section.VOTES}'"
        )
    return list(lines[: body[0]]), list(lines[body[0] :])


def _pairs(lines: Sequence[Line]) -> list[str]:
    printed = [line.printed for line in lines]
    return [f"{first} {second}" for first, second in zip(printed, [*printed[1:], ""], strict=True)]


def read(lines: Sequence[Line], published_on: date | None, name: str, account: Account) -> Cover:
    """Read a cover.

    Parameters
    ----------
    lines
        The cover's.
    published_on
        The report's date as its user gives it; needed where the cover carries none.
    name
        What to call the file in messages.
    account
        Takes down what each line turned out to be.

    Raises
    ------
    UserError
        If the month or the date is missing, or the given date is another.
    """
    titled = next((index for index, both in enumerate(_pairs(lines)) if _TITLE.search(both)), 0)
    named = next((match for both in _pairs(lines[titled:]) if (match := _MONTH.search(both))), None)
    if not named:
        raise UserError(
            f"{name} is a Change Status Report, but its cover names no month, such as 'August 2020'"
        )
    first_day = month(named["month"], until=date(LAST_YEAR, 12, 31))
    report = ReportMonth(first_day.year, first_day.month)
    day_found, dated = _dated(lines, name)
    if published_on and day_found and published_on != day_found:
        raise UserError(
            f"{name} is dated {day_in_words(day_found)}, but --published-on says {published_on}: "
            "leave the option out"
        )
    published = published_on or day_found
    if not published:
        raise UserError(
            f"{name} has no legible date on its cover: give it, such as --published-on {report}-07"
        )
    if not report.first_day - _FARTHEST <= published <= report.last_day + _FARTHEST:
        raise UserError(f"{name} is the report of {report.title}, but dated {day_in_words(published)}")
    _account(lines, dated, account)
    return Cover(report, published, any(_SYNTHETIC.search(line.printed) for line in lines))


def _dated(lines: Sequence[Line], name: str) -> tuple[date | None, int]:
    for line in lines:
        if match := _DATE.fullmatch(line.printed):
            try:
                return day(match["on"]), line.number
            except Illegible as illegible:
                raise UserError(f"{name}, line {line.number}: {illegible}") from None
    return None, 0


def _account(lines: Sequence[Line], dated: int, account: Account) -> None:
    for line in lines:
        if line.number == dated or _TITLE.search(line.printed):
            account.read([line.number])
        elif re.search(LIKE_REFERENCE, line.printed) and not in_contents(line.printed):
            account.unread([line.number], "names a modification on the cover")
        elif 0 < dated < line.number and re.search(r"[0-9]", line.printed) and not _contents(line):
            account.unread([line.number], "a number below the cover's date: a heading above it isn't legible")
        else:
            account.narrative([line.number])


def _contents(line: Line) -> bool:
    return heading(line.printed) in COVER or bool(in_contents(line.printed))
