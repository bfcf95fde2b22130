"""Report months: from a cover month to the days that its figures are counted to."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 2005, 2099
"""The years of all days and months: in the tables, in documents, and to report. Held here, and nowhere else."""
_FORM = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, order=True)
class ReportMonth:
    """A Change Status Report's cover month and its clocks.

    The report of August 2020 is dated 7 August 2020 and counts to 31 July 2020; that is the
    example on which the rules below rest.
    """

    year: int
    month: int

    @classmethod
    def parse(cls, text: object) -> ReportMonth:
        """Read a month such as ``2020-08``.

        Raises
        ------
        ValueError
            If it is not four digits, a hyphen and a month from 01 to 12, or long before the Code or far off.
        """
        if isinstance(text, cls):
            return text
        if isinstance(text, str) and _FORM.fullmatch(text):
            year, month = int(text[:4]), int(text[5:])
            if 1 <= month <= 12 and FIRST_YEAR <= year <= LAST_YEAR:
                return cls(year, month)
            if 1 <= month <= 12:
                raise ValueError(
                    f"{text!r} is not a report month: expected one from {FIRST_YEAR} to {LAST_YEAR}"
                )
        raise ValueError(
            f"{str(text)[:40]!r} is not a report month: "
            "expected four digits, a hyphen and a month, such as 2020-08"
        )

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def title(self) -> str:
        """The month in words: August 2020."""
        return f"{calendar.month_name[self.month]} {self.year}"

    @property
    def first_day(self) -> date:
        """The cover month's first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The cover month's last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def usual_report_date(self) -> date:
        """The first Friday of the month, the Smart Energy Code's (`report_days.usual` is that of any code)."""
        first = self.first_day
        return first + timedelta(days=(4 - first.weekday()) % 7)

    @property
    def period_end(self) -> date:
        """The last day of the month before: durations are counted to it, that day included."""
        return self.first_day - timedelta(days=1)

    @property
    def window_start(self) -> date:
        """First day of the 12 months that end on ``period_end``, both ends included."""
        return date(self.year - 1, self.month, 1)

    def shift(self, by: int) -> ReportMonth:
        """The month ``by`` months later (earlier if negative)."""
        index = self.year * 12 + self.month - 1 + by
        return ReportMonth(index // 12, index % 12 + 1)

    @property
    def previous(self) -> ReportMonth:
        """The month before."""
        return self.shift(-1)

    @property
    def next(self) -> ReportMonth:
        """The month after."""
        return self.shift(1)


@dataclass(frozen=True)
class Clock:
    """The days of one report month, once the published reports' own dates are known.

    Attributes
    ----------
    month
        The cover month.
    report_date
        The published report's own date, else the month's first Friday. Stages are as at it.
    previous_report_date
        The same for the month before. Lists cover the days after it up to and including ``report_date``.
    """

    month: ReportMonth
    report_date: date
    previous_report_date: date

    @property
    def period_end(self) -> date:
        """Durations are counted to this day, which is included."""
        return self.month.period_end

    @property
    def window_start(self) -> date:
        """First day of the 12-month window."""
        return self.month.window_start


@dataclass(frozen=True)
class DayClock(Clock):
    """The days of a view as at any day: durations count to that day itself, as everything else does.

    Its cover month is the one after, whose report speaks of the days to the end of the day's own.
    """

    @property
    def period_end(self) -> date:
        """The day of the view."""
        return self.report_date

    @property
    def window_start(self) -> date:
        """First day of the 12 months that end on the day, both ends included."""
        after = self.report_date + timedelta(days=1)
        return same_day(ReportMonth(after.year - 1, after.month), after.day)


def same_day(month: ReportMonth, day: int) -> date:
    """A day of a month by its number, or the month's last where it has no such day."""
    return month.first_day.replace(day=min(day, month.last_day.day))


def calendar_months(to: date, count: int = 12) -> list[tuple[date, date]]:
    """Calendar months up to that of a day, each by its first and last day; the last one ends on the day."""
    last = ReportMonth(to.year, to.month)
    every = [last.shift(-back) for back in reversed(range(count))]
    return [(month.first_day, min(month.last_day, to)) for month in every]


def clock(
    month: ReportMonth,
    published: Mapping[ReportMonth, date] | None = None,
    usual: Callable[[ReportMonth], date] = lambda month: month.usual_report_date,
) -> Clock:
    """The clock of a month.

    Parameters
    ----------
    month
        The cover month.
    published
        The dates that published reports carry, by cover month.
    usual
        Gives the day of a month whose report isn't known.
    """
    known = published or {}
    return Clock(
        month,
        known.get(month) or usual(month),
        known.get(month.previous) or usual(month.previous),
    )


def parse_day(text: str) -> date:
    """Read a day such as ``2020-08-07``, and no other form that ISO has.

    Raises
    ------
    ValueError
        If it isn't one.
    """
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a day: expected YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day: expected YYYY-MM-DD") from None


def parse_range(text: str) -> list[ReportMonth]:
    """Read ``A..B`` (both ends included) or a single month.

    Raises
    ------
    ValueError
        If an end is no month, or the first is after the last.
    """
    first_text, dots, last_text = text.partition("..")
    first = ReportMonth.parse(first_text)
    last = ReportMonth.parse(last_text) if dots else first
    if first > last:
        raise ValueError(f"{text!r} is not a range of months: {first} is after {last}")
    count = (last.year - first.year) * 12 + last.month - first.month
    return [first.shift(step) for step in range(count + 1)]
