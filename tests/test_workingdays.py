"""Working days, by both conventions, against a plain loop over days."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secanalysis.domain.vocabulary import Convention
from secanalysis.domain.working_days import bank_holidays, between, span

DAYS = st.dates(date(2012, 1, 1), date(2030, 12, 1))
LISTED = {date.fromisoformat(str(day)) for day in bank_holidays()}


def slow(start: date, end: date, convention: Convention) -> int:
    """Day by day, both ends counted."""
    count, day = 0, start
    while day <= end:
        if day.weekday() < 5 and not (convention is Convention.SEC and day in LISTED):
            count += 1
        day += timedelta(days=1)
    return count


@given(DAYS, st.integers(0, 500), st.sampled_from(Convention))
def test_against_a_loop_over_days(start: date, length: int, convention: Convention) -> None:
    end = min(start + timedelta(days=length), date(2030, 12, 31))
    assert between(start, end, convention) == slow(start, end, convention)


@given(DAYS, st.integers(0, 60), st.integers(1, 60), st.sampled_from(Convention))
def test_both_ends_count(start: date, first: int, second: int, convention: Convention) -> None:
    """Two spans that meet without a shared day add up."""
    middle = min(start + timedelta(days=first), date(2030, 12, 30))
    end = min(middle + timedelta(days=second), date(2030, 12, 31))
    whole = between(start, end, convention)
    assert whole == between(start, middle, convention) + between(middle + timedelta(days=1), end, convention)


@pytest.mark.parametrize(
    ("start", "end", "published", "sec"),
    [
        ("2020-07-31", "2020-07-31", 1, 1),  # a Friday
        ("2020-08-01", "2020-08-02", 0, 0),  # a weekend
        ("2020-07-16", "2020-07-31", 12, 12),
        ("2020-05-26", "2020-07-31", 49, 49),
        ("2019-07-02", "2020-07-31", 284, 276),
        ("2020-05-01", "2020-05-08", 6, 5),  # the Early May bank holiday of 2020 was on the 8th
        ("2022-09-19", "2022-09-19", 1, 0),  # once
        ("2023-05-08", "2023-05-08", 1, 0),  # once
        ("2021-12-24", "2022-01-04", 8, 5),  # two in lieu, one in lieu
    ],
)
def test_known_spans(start: str, end: str, published: int, sec: int) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert between(first, last, Convention.AS_PUBLISHED) == published
    assert between(first, last, Convention.SEC) == sec


def test_missing_and_reversed_ends_are_missing() -> None:
    starts = pd.Series(pd.to_datetime(["2020-01-06", None, "2020-01-10", "2020-01-06"]), index=[7, 5, 3, 1])
    ends = pd.Series(pd.to_datetime(["2020-01-07", "2020-01-07", "2020-01-09", None]), index=[7, 5, 3, 1])
    result = span(starts, ends, Convention.AS_PUBLISHED)
    assert result.fillna(-1).to_dict() == {7: 2, 5: -1, 3: -1, 1: -1}
    assert result.dtype == "Int64"
    assert between(date(2020, 1, 10), date(2020, 1, 9), Convention.SEC) == 0
    assert span(starts.iloc[:0], date(2020, 1, 9), Convention.SEC).empty


def test_days_beyond_the_list_are_refused_by_sec_only() -> None:
    with pytest.raises(
        ValueError, match="bank holidays are listed for 2012 to 2030, not for all of 2030-01-01 to 2031-01-02"
    ):
        between(date(2030, 1, 1), date(2031, 1, 2), Convention.SEC)
    assert between(date(2031, 1, 1), date(2031, 1, 2), Convention.AS_PUBLISHED) == 2


def test_the_list_is_what_another_one_says() -> None:
    """Compared with the package ``holidays``, whole years, in order, each once."""
    years = range(2012, 2031)
    theirs = holidays.country_holidays("GB", subdiv="ENG", years=years)
    assert {day.isoformat() for day in LISTED} == {day.isoformat() for day in theirs}
    assert (np.diff(bank_holidays()) > np.timedelta64(0)).all()
