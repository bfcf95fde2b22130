"""Working days between two days, by two conventions.

``as_published`` counts Monday to Friday with both ends and no holidays (Excel's NETWORKDAYS without
a list); it reproduces the open durations that the report of August 2020 printed. ``sec`` leaves out
the bank holidays of England and Wales besides, from the list in ``bank_holidays.csv``. The Code's own
definition of a Working Day is not among the facts, so the second is a convention too, not the law.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from secanalysis.domain.bank_holidays import listed_days, listed_years
from secanalysis.domain.vocabulary import Convention


def bank_holidays() -> np.ndarray:
    """The bank holidays that the project's code keeps, as a sorted array of days."""
    return np.array(listed_days(), dtype="datetime64[D]")


def _calendar(convention: Convention) -> np.busdaycalendar:
    holidays = bank_holidays() if convention is Convention.SEC else np.array([], dtype="datetime64[D]")
    return np.busdaycalendar(weekmask="1111100", holidays=holidays)


def span(starts: pd.Series, ends: pd.Series | date, convention: Convention) -> pd.Series:
    """Working days from ``starts`` to ``ends``, both ends counted.

    Parameters
    ----------
    starts, ends
        Days (``datetime64``), of the same index; ``ends`` may be one day for all.
    convention
        Which days count.

    Returns
    -------
    pandas.Series
        WD as ``Int64`` on the index of ``starts``; missing where either end is missing or the end is
        before the start.

    Raises
    ------
    ValueError
        If the convention is ``sec`` and a day lies outside the years of the committed list.
    """
    convention = Convention(convention)
    first = starts.to_numpy().astype("datetime64[D]")
    if isinstance(ends, pd.Series):
        last = ends.to_numpy().astype("datetime64[D]")
    else:
        last = np.full(len(first), np.datetime64(ends, "D"))
    known = first <= last  # never so where one is missing
    counts = np.zeros(len(first), dtype="int64")
    if known.any():
        a, b = first[known], last[known]
        if convention is Convention.SEC:
            _check_covered(a.min(), b.max())
        counts[known] = _counted(a, b, convention)
    return pd.Series(pd.arrays.IntegerArray(counts, ~known), index=starts.index, name="wd")


def first_day(ends: pd.Series, wd: pd.Series, convention: Convention) -> pd.Series:
    """The working day from which it is so many working days to each end, both ends counted.

    Parameters
    ----------
    ends, wd
        Days, and whole numbers from 1, of the same index; none is missing.
    convention
        Which days count.
    """
    back = 1 - wd.to_numpy(dtype="int64")
    last = ends.to_numpy().astype("datetime64[D]")
    first = np.busday_offset(last, back, roll="backward", busdaycal=_calendar(Convention(convention)))
    return pd.Series(first.astype("datetime64[us]"), index=ends.index)


def _counted(first: np.ndarray, last: np.ndarray, convention: Convention) -> np.ndarray:
    """Working days of spans; of more spans than there are days, from a running count of all days."""
    calendar, one = _calendar(convention), np.timedelta64(1, "D")
    begin, end = first.min(), last.max() + one
    if len(first) < (end - begin).astype("int64"):
        return np.busday_count(first, last + one, busdaycal=calendar)
    before = np.busday_count(begin, np.arange(begin, end + one), busdaycal=calendar)
    return before[(last - begin).astype("int64") + 1] - before[(first - begin).astype("int64")]


def between(start: date, end: date, convention: Convention) -> int:
    """Working days from one day to another, both ends counted; 0 if the end is before the start."""
    counted = span(pd.Series([pd.Timestamp(start)]), end, convention).iloc[0]
    return 0 if pd.isna(counted) else int(counted)


def _check_covered(first: np.datetime64, last: np.datetime64) -> None:
    begin, end = listed_years()
    if first.astype("datetime64[Y]") < np.datetime64(f"{begin:04d}") or last.astype(
        "datetime64[Y]"
    ) > np.datetime64(f"{end:04d}"):
        raise ValueError(
            f"bank holidays are listed for {begin} to {end}, "
            f"not for all of {first} to {last}: "
            "extend secanalysis/domain/bank_holidays.csv (or code.yaml, if they are there) or use the convention as_published"
        )
