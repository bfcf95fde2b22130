"""The days of a made-up register, and arithmetic on whole arrays of days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from secanalysis.domain.months import ReportMonth

Days = np.ndarray
"""An array of ``datetime64[D]``; NaT is a day that never comes."""

DAY = np.timedelta64(1, "D")
NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Calendar:
    """The register's days, and the meetings of the bodies, also long after it."""

    first: np.datetime64
    last: np.datetime64
    month_ends: Days
    panel: Days
    board: Days
    sub_committee: Days
    working_group: Days

    @classmethod
    def of(cls, first: ReportMonth, last: ReportMonth) -> Calendar:
        """The calendar of a register from the first month to the last, both ends included."""
        begin, end = np.datetime64(str(first), "M"), np.datetime64(str(last), "M")
        starts = np.arange(begin, end + 40 * 12).astype("datetime64[D]")
        return cls(
            first=np.datetime64(first.first_day, "D"),
            last=np.datetime64(last.last_day, "D"),
            month_ends=np.arange(begin + 1, end + 2).astype("datetime64[D]") - DAY,
            panel=np.busday_offset(starts, 2, roll="forward", weekmask="Fri"),
            board=np.busday_offset(starts, 3, roll="forward", weekmask="Wed"),
            sub_committee=np.busday_offset(starts, -1, roll="forward", weekmask="Tue"),
            working_group=np.busday_offset(starts, 0, roll="forward", weekmask="Wed"),
        )


def later(days: Days, working_days: Any) -> Days:
    """The day so many working days later."""
    return np.busday_offset(days, working_days, roll="forward")


def following(meetings: Days, days: Days) -> Days:
    """The first meeting on or after each day."""
    at = np.searchsorted(meetings, days).clip(max=len(meetings) - 1)
    return np.where(np.isnat(days), NEVER, meetings[at])


def preceding(meetings: Days, days: Days) -> Days:
    """The last meeting before each day."""
    at = np.searchsorted(meetings, days) - 1
    return np.where(np.isnat(days) | (at < 0), NEVER, meetings[at.clip(min=0)])


def where(condition: np.ndarray, days: Days) -> Days:
    """The days where a condition holds, never elsewhere."""
    return np.where(condition, days, NEVER)


def first_of(*days: Days) -> Days:
    """The earliest day of several, of those that come."""
    return np.fmin.reduce(days)


def last_of(*days: Days) -> Days:
    """The latest day of several, of those that come."""
    return np.fmax.reduce(days)


def month_ends_within(ends: Days, since: Days, to: Days, *, first: bool = True) -> tuple[np.ndarray, Days]:
    """The month ends from ``since`` (included if ``first``) until before ``to``.

    Returns
    -------
    tuple
        For each found, the index of its span and the month's end.
    """
    low = np.searchsorted(ends, since, side="left" if first else "right")
    counts = (np.searchsorted(ends, to, side="left") - low).clip(min=0)
    who = np.repeat(np.arange(len(since)), counts)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return who, ends[low[who] + nth]
