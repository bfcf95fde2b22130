"""Estimators against scipy, textbook formulas and sums by hand."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from secanalysis.analysis import estimators


def test_nothing_is_estimated_from_two() -> None:
    two = estimators.summarise(pd.Series([10, 20, pd.NA], dtype="Int64"), pd.Series([15, 15, 15]))
    assert two == estimators.Summary(2, None, None, None, None, None, None, None)
    assert estimators.survival(pd.Series([5.0, 6.0, 7.0]), pd.Series([True, True, False])) is None


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The interval by its textbook formula."""
    z, p = 1.959963984540054, hits / n
    middle, half = (p + z * z / (2 * n)), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


@given(st.lists(st.integers(1, 99), min_size=3, max_size=40), st.integers(1, 99))
@settings(max_examples=20, deadline=None)
def test_summary_against_formulas(values: list[int], target: int) -> None:
    found = estimators.summarise(pd.Series(values), pd.Series([target] * len(values)))
    hits, n = sum(value <= target for value in values), len(values)
    assert (found.n, found.mean) == (n, pytest.approx(sum(values) / n))
    assert found.median == pytest.approx(float(np.median(values)))
    assert found.within_target == pytest.approx(hits / n)
    assert (found.within_low, found.within_high) == pytest.approx(wilson(hits, n), abs=1e-9)


CASES = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=3, max_size=40)


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_survival_against_scipy(cases: list[tuple[int, bool]]) -> None:
    """Without late entries it is scipy's product-limit estimate, its band too."""
    times, ended = pd.Series([float(t) for t, _ in cases]), pd.Series([e for _, e in cases])
    found = estimators.survival(times, ended)
    if ended.sum() < 3:
        assert found is None
        return
    assert found is not None
    data = stats.CensoredData(uncensored=times[ended].to_numpy(), right=times[~ended].to_numpy())
    theirs = stats.ecdf(data).sf
    wd = found.curve["wd"].to_numpy()
    assert found.curve["share"].to_numpy() == pytest.approx(theirs.evaluate(wd))
    with warnings.catch_warnings():  # it warns where it is undefined
        warnings.simplefilter("ignore", RuntimeWarning)
        band = theirs.confidence_interval(0.95, method="log-log")
    below = found.curve["share"].to_numpy() > 1e-12  # where none is left it isn't defined
    assert found.curve["low"].to_numpy()[below] == pytest.approx(band.low.evaluate(wd)[below])
    assert found.curve["high"].to_numpy()[below] == pytest.approx(band.high.evaluate(wd)[below])
    half = wd[found.curve["share"].to_numpy() <= 0.5 + 1e-12]
    assert found.median == (half[0] if len(half) else None)
    assert (found.completed, found.censored) == (int(ended.sum()), int((~ended).sum()))


def test_the_band_does_not_close_where_none_is_left() -> None:
    """Three of three done says nothing of an upper bound to the median."""
    found = estimators.survival(pd.Series([10.0, 20.0, 30.0]), pd.Series([True] * 3))
    assert found is not None
    assert found.curve["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert found.median == 20
    assert found.curve["high"].is_monotonic_decreasing
    assert found.curve["high"].iloc[-1] == found.curve["high"].iloc[-2] > 0.5
    assert found.median_high is None


def test_late_entries_are_at_risk_from_when_they_were_first_seen() -> None:
    """By hand: at 10, four of five are under observation (one is first seen at 15); at 20, three."""
    times, ended = pd.Series([10.0, 20, 20, 30, 40]), pd.Series([True, True, True, False, True])
    found = estimators.survival(times, ended, pd.Series([0, 0, 5, 15, 0]))
    assert found is not None
    assert found.curve["at_risk"].tolist() == [4, 4, 1]
    assert found.curve["share"].tolist() == pytest.approx([3 / 4, 3 / 8, 0])


def test_nothing_is_told_beyond_an_age_at_which_nobody_is_left() -> None:
    """At 5 the one under observation ends; what the four that enter later do can't be joined to it."""
    times, ended = pd.Series([5.0, 20, 21, 22, 30]), pd.Series([True] * 4 + [False])
    assert estimators.survival(times, ended, pd.Series([0, 10, 10, 10, 10])) is None
    assert estimators.survival(times, ended) is not None
