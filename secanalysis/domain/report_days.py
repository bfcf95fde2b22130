"""The day of a month's report where no published report gives it: by the code's list or rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from secanalysis.domain import code, working_days
from secanalysis.domain.months import ReportMonth


def usual(month: ReportMonth, exported: Mapping[ReportMonth, date] | None = None) -> date:
    """The day of a month's report.

    Parameters
    ----------
    month
        The cover month.
    exported
        The days of a register's exports, by month, which go before the rule if the code says so.
    """
    report_day = code.current().report_day
    if report_day.of_export and exported and month in exported:
        return exported[month]
    listed = report_day.listed.get((month.year, month.month))
    day = listed or _by_rule(month, report_day.number, report_day.weekday)
    if listed or report_day.if_not_working == "say" or not why_not_working(day):
        return day
    step = timedelta(days=1 if report_day.if_not_working == "next" else -1)
    while why_not_working(day):
        day += step
    return day


def why_not_working(day: date) -> str:
    """Why a day is no working day: "a Sunday", "a bank holiday"; blank if it is one."""
    if day.weekday() > 4:
        return f"a {day:%A}"
    return "a bank holiday" if np.datetime64(day, "D") in working_days.bank_holidays() else ""


def _by_rule(month: ReportMonth, number: int, weekday: int | None) -> date:
    days = [
        month.first_day + timedelta(days=step) for step in range((month.last_day - month.first_day).days + 1)
    ]
    wanted = [
        day for day in days if (day.weekday() == weekday if weekday is not None else not why_not_working(day))
    ]
    return wanted[-1] if number == -1 else wanted[min(number, len(wanted)) - 1]
