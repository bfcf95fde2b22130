"""Estimators against scipy, textbook formulas and sums by hand."""

from __future__ import annotations

import math
import subprocess
import sys
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
    assert two == estimators.Summary(2)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The interval by its textbook formula."""
    z, p = 1.959963984540054, hits / n
    middle, half = (p + z * z / (2 * n)), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


@given(st.lists(st.integers(1, 99), min_size=3, max_size=40), st.integers(1, 99))
@settings(max_examples=20, deadline=None)
def test_summary_against_formulas(values: list[int], target: int) -> None:
    result = estimators.summarise(pd.Series(values), pd.Series([target] * len(values)))
    hits, n = sum(value <= target for value in values), len(values)
    assert (result.n, result.mean) == (n, pytest.approx(sum(values) / n))
    assert result.median == (pytest.approx(float(np.median(values))) if n >= 10 else None)
    assert result.within_target == pytest.approx(hits / n)
    assert (result.within_low, result.within_high) == pytest.approx(wilson(hits, n), abs=1e-9)


def test_shares_have_the_interval_of_scipy() -> None:
    """To the last bit, at nought and at the top too."""
    for n in (3, 4, 7, 20, 59):
        for hits in range(n + 1):
            known = pd.Series([1] * hits + [2] * (n - hits))
            result = estimators.summarise(known, pd.Series([1] * n))
            theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
            assert (result.within_low, result.within_high) == (theirs.low, theirs.high)


@pytest.mark.parametrize("percent", [50, 85, 95])
@pytest.mark.parametrize("n", [9, 10, 11, 22, 23, 24, 40, 71, 72, 73, 119, 300, 5_000])
def test_percentiles_have_the_interval_of_scipy(n: int, percent: int) -> None:
    """Distribution-free, between two of the durations; with an end missing, or fewer than ten, none is given."""
    values = np.random.default_rng(n).permutation(n) + 1  # each is its own rank
    name = {50: "median", 85: "p85", 95: "p95"}[percent]
    summary = vars(estimators.summarise(pd.Series(values)))
    shown = [summary[name], summary[f"{name}_low"], summary[f"{name}_high"]]
    band = stats.quantile_test(values, p=percent / 100).confidence_interval(0.95)
    if n < 10 or math.isnan(band.low) or math.isnan(band.high):
        assert shown == [None, None, None]
    else:
        assert shown == [pytest.approx(np.percentile(values, percent)), band.low, band.high]


@pytest.mark.parametrize(("percentile", "least"), [("median", 10), ("p85", 23), ("p95", 72)])
def test_a_percentile_needs_enough_cases(percentile: str, least: int) -> None:
    """Ten; and so many that the greatest is very likely (97.5 %) above it: 0.85^23 and 0.95^72 are below 2.5 %."""
    for n in (least - 1, least):
        summary = vars(estimators.summarise(pd.Series(range(n))))
        assert (summary[percentile] is not None) == (n == least)


CASES = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=8, max_size=100)


def test_estimates_need_no_scipy() -> None:
    """Importing it takes as long as a month's figures."""
    code = (
        "import sys, pandas as pd; from secanalysis.analysis import estimators as e; n = pd.Series(range(80)); "
        "assert e.summarise(n, n).p95_high is not None; assert e.survival(n, n >= 0); "
        "assert not any(name.startswith('scipy') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(CASES)
@settings(max_examples=60, deadline=None)
def test_survival_against_scipy(cases: list[tuple[int, bool]]) -> None:
    """Without late entries it is scipy's product-limit estimate, its band too, as far as ten are at risk."""
    times, ended = pd.Series([float(t) for t, _ in cases]), pd.Series([e for _, e in cases])
    at_risk = {wd: int((times >= wd).sum()) for wd in sorted(times[ended].unique())}
    shown = [wd for wd, count in at_risk.items() if count >= 10]
    result = estimators.survival(times, ended)
    if ended.sum() < 10 or not shown:
        assert result is None
        return
    assert result is not None
    data = stats.CensoredData(uncensored=times[ended].to_numpy(), right=times[~ended].to_numpy())
    theirs = stats.ecdf(data).sf
    wd = result.curve["wd"].to_numpy()
    assert wd.tolist() == shown
    assert result.curve["at_risk"].tolist() == [at_risk[at] for at in shown]
    assert result.curve["share"].to_numpy() == pytest.approx(theirs.evaluate(wd))
    with warnings.catch_warnings():  # it warns where it is undefined
        warnings.simplefilter("ignore", RuntimeWarning)
        band = theirs.confidence_interval(0.95, method="log-log")
    below = result.curve["share"].to_numpy() > 1e-12  # where none is left it isn't defined
    assert result.curve["low"].to_numpy()[below] == pytest.approx(band.low.evaluate(wd)[below])
    assert result.curve["high"].to_numpy()[below] == pytest.approx(band.high.evaluate(wd)[below])
    half = [wd[result.curve[line].to_numpy() <= 0.5 + 1e-12] for line in ("share", "low", "high")]
    if all(map(len, half)):
        assert [result.median, result.median_low, result.median_high] == [days[0] for days in half]
        assert result.median_at_risk == at_risk[half[0][0]]
    else:
        assert (result.median, result.median_low, result.median_high, result.median_at_risk) == (None,) * 4
    assert (result.completed, result.censored) == (int(ended.sum()), int((~ended).sum()))


def test_a_median_with_four_at_risk_is_not_given() -> None:
    """17 of 30 seen for one day, 13 of the others completed: half are done at 7 WD, when 7 are left."""
    times = pd.Series([1.0] * 17 + [*range(1, 14)])
    ended = pd.Series([False] * 17 + [True] * 13)
    result = estimators.survival(times, ended)
    assert result is not None
    assert result.curve["at_risk"].tolist() == [30, 12, 11, 10]
    assert (result.median, result.median_low, result.median_high) == (None, None, None)


def test_a_case_without_a_duration_is_left_out() -> None:
    days, ended = pd.Series([*range(1, 31), None], dtype="Int64"), pd.Series([True] * 31)
    result, without = estimators.survival(days, ended), estimators.survival(days[:-1], ended[:-1])
    assert result is not None and without is not None
    assert result.completed == without.completed == 30
    assert result.curve.equals(without.curve)


def test_half_is_half_however_it_is_multiplied() -> None:
    """Of forty that end on forty days, half are done on the twentieth: 39/40 × 38/39 × … is a half but for its last digit."""
    days = pd.Series(range(1, 41))
    result = estimators.survival(days, days > 0)
    assert result is not None
    assert (result.median, result.median_at_risk) == (20, 21)


def test_a_curve_needs_ten_completed_cases_and_ten_at_risk() -> None:
    days, ended = pd.Series(range(1, 21)), pd.Series([True] * 10 + [False] * 10)
    assert estimators.survival(days, ended) is not None
    assert estimators.survival(days, ended & (days > 1)) is None
    at_once = estimators.survival(pd.Series([5.0] * 10), pd.Series([True] * 10))
    assert at_once is not None
    assert at_once.curve[["share", "low", "high"]].values.tolist() == [
        [0, 0, 1]
    ]  # nothing is known of the band
    assert estimators.survival(days[:9], pd.Series([True] * 9)) is None
    late = pd.Series([0] * 9 + [5] * 11)  # nine are at risk when the first one ends
    assert estimators.survival(days, pd.Series([True] * 20), late) is None


def test_the_band_does_not_close_where_none_is_left() -> None:
    """Thirty of thirty done on three days says nothing of an upper bound beyond the second."""
    result = estimators.survival(pd.Series([10.0, 20.0, 30.0] * 10), pd.Series([True] * 30))
    assert result is not None
    assert result.curve["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert result.curve["high"].is_monotonic_decreasing
    assert result.curve["high"].iloc[-1] == result.curve["high"].iloc[-2] > 0.5
    assert result.curve["low"].iloc[-1] == 0
    assert result.median is None  # half are done at 20, and its interval has no upper end


def test_what_took_no_working_day_counts() -> None:
    """Accepted and returned on a weekend: three of seven are done after 0 WD, as scipy has it; here each ten times."""
    times = pd.Series([0.0, 0, 0, 5, 10, 10, 80] * 10)
    result = estimators.survival(times, times < 80)
    assert result is not None
    assert result.curve["wd"].tolist() == [0, 5, 10]
    assert result.curve["at_risk"].tolist() == [70, 40, 30]
    assert result.curve["share"].tolist() == pytest.approx([4 / 7, 3 / 7, 1 / 7])
    assert (result.median, result.completed, result.censored) == (5, 60, 10)


def test_late_entries_are_at_risk_from_when_they_were_first_seen() -> None:
    """By hand, each case ten times: at 10, forty of fifty are under observation (ten are first seen at 15); at 20, forty."""
    times, ended = pd.Series([10.0, 20, 20, 30, 40] * 10), pd.Series([True, True, True, False, True] * 10)
    result = estimators.survival(times, ended, pd.Series([0, 0, 5, 15, 0] * 10))
    assert result is not None
    assert result.curve["at_risk"].tolist() == [40, 40, 10]
    assert result.curve["share"].tolist() == pytest.approx([3 / 4, 3 / 8, 0])


def test_nothing_is_estimated_beyond_an_age_at_which_nobody_is_left() -> None:
    """At 5 the ten under observation end; what the forty that enter later do can't be joined to it."""
    times, ended = pd.Series([5.0, 20, 21, 22, 30] * 10), pd.Series(([True] * 4 + [False]) * 10)
    assert estimators.survival(times, ended, pd.Series([0, 10, 10, 10, 10] * 10)) is None
    assert estimators.survival(times, ended) is not None
