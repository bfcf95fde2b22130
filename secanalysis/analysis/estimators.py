"""Estimators of how long cases take: summaries of completed ones, and Kaplan–Meier with the running ones.

Means and shares need three completed cases. Medians, percentiles and curves need ten, at every point that is
shown, and an interval with both its ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
import pandas as pd

Z95 = 1.959963984540054
"""How many standard deviations a 95 % interval reaches to either side; as nearly as a float can say it."""
LEAST_COMPLETED = 3
"""No mean and no share is given of fewer completed cases."""
LEAST_AT_RISK = 10
"""No median, percentile or curve is given of fewer cases, nor a point of a curve with fewer under observation."""
FEW_CASES = f"a mean of fewer than {LEAST_AT_RISK} says little of others"
"""What is said of a mean of cases too few for a median."""


@dataclass(frozen=True)
class Summary:
    """Durations of completed cases, in WD. None is what too few cases say nothing of.

    Each ``_low`` and ``_high`` are the ends of a 95 % interval.
    """

    n: int
    mean: float | None = None
    median: float | None = None
    median_low: float | None = None
    median_high: float | None = None
    p85: float | None = None
    p85_low: float | None = None
    p85_high: float | None = None
    p95: float | None = None
    p95_low: float | None = None
    p95_high: float | None = None
    within_target: float | None = None
    within_low: float | None = None
    within_high: float | None = None

    @property
    def is_of_few(self) -> bool:
        """Whether the mean is of too few cases for a median."""
        return self.mean is not None and self.n < LEAST_AT_RISK


def summarise(durations: pd.Series, targets: pd.Series | None = None) -> Summary:
    """Summarise completed durations.

    Parameters
    ----------
    durations
        WD of completed cases; missing ones are left out.
    targets
        Each one's target in WD, for the share within target and its 95 % Wilson interval.
    """
    known = durations.dropna().astype(float)
    n = len(known)
    if n < LEAST_COMPLETED:
        return Summary(n)
    share = low = high = None
    if targets is not None:
        both = targets.reindex(known.index).notna()
        within = int((known[both] <= targets[known.index][both].astype(float)).sum())
        if both.sum() >= LEAST_COMPLETED:
            share, low, high = _wilson(within, int(both.sum()))
    in_order = np.sort(known.to_numpy())
    return Summary(
        n,
        float(known.mean()),
        *_percentile(in_order, 0.5),
        *_percentile(in_order, 0.85),
        *_percentile(in_order, 0.95),
        share,
        low,
        high,
    )


def _wilson(hits: int, n: int) -> tuple[float, float, float]:
    """A share, and the ends of its 95 % Wilson interval.

    By hand, as the rest here: importing scipy.stats takes as long as all figures of a month.
    """
    share = hits / n
    over = 2 * (n + Z95**2)
    middle, spread = (2 * n * share + Z95**2) / over, Z95 / over * sqrt(4 * n * share * (1 - share) + Z95**2)
    return share, middle - spread if hits else 0.0, middle + spread if hits < n else 1.0


def _binomial(n: int, share: float) -> np.ndarray:
    """How likely 0, at most 1, … at most n − 1 of n are, where each is by a share's chance."""
    fewer = np.arange(n - 1)
    steps = np.log((n - fewer) / (fewer + 1)) + log(share / (1 - share))  # from each count to the next
    return np.cumsum(np.exp(n * log(1 - share) + np.r_[0.0, np.cumsum(steps)]))


def _percentile(in_order: np.ndarray, share: float) -> tuple[float | None, float | None, float | None]:
    """A percentile of completed durations in their order, and its 95 % interval; all None where it has none.

    The interval lies between two of the durations, which they are follows from the binomial distribution: it
    supposes nothing of how long cases take. Its upper end is among them from 23 cases for the 85th percentile,
    and from 72 for the 95th.
    """
    n = len(in_order)
    if n < LEAST_AT_RISK:
        return None, None, None
    at_most = _binomial(n, share)  # how likely it is that so many lie below the true percentile
    lower, upper = np.searchsorted(at_most, 0.025, "right") - 1, np.searchsorted(at_most, 0.975)
    if upper == n:  # the lower end is always among ten
        return None, None, None
    return float(np.percentile(in_order, 100 * share)), float(in_order[lower]), float(in_order[upper])


@dataclass(frozen=True, eq=False)
class Survival:
    """A Kaplan–Meier estimate of how long cases take, in WD.

    Attributes
    ----------
    curve
        ``wd, share`` (still open after that many WD), ``low, high`` (95 %, log-log), ``at_risk``; no further than
        ten are at risk.
    median, median_low, median_high
        None where the curve or either end of its band doesn't fall to one half.
    median_at_risk
        How many cases are at risk at the median.
    completed, censored
        How many cases ended, and of how many no end is known: they were open when last attested.
    """

    curve: pd.DataFrame
    median: float | None
    median_low: float | None
    median_high: float | None
    median_at_risk: int | None
    completed: int
    censored: int


def survival(durations: pd.Series, completed: pd.Series, entry: pd.Series | None = None) -> Survival | None:
    """Estimate how long cases take from completed and running ones.

    Parameters
    ----------
    durations
        WD to the end, or to the last attested day where a case isn't completed.
    completed
        Whether each case ended then; the others are right-censored.
    entry
        WD after which each case was first under observation (left truncation): a case that is known
        only because it was still open then says nothing of how many ended sooner. 0 if not given.

    Returns
    -------
    Survival or None
        None where fewer than ten cases are completed, or are at risk when the first one ends; or where late
        entries leave an age, below the greatest seen, at which all that were under observation ended: what comes
        after isn't known.

    Notes
    -----
    The product-limit estimate with delayed entry; without it, it equals ``scipy.stats.ecdf`` of
    ``CensoredData`` (a test holds that). The band is Greenwood's on the log-log scale.
    """
    if entry is None:
        entry = pd.Series(0, index=durations.index)
    seen = under_observation(durations, entry)
    time = durations[seen].to_numpy(dtype=float)
    ended = completed[seen].to_numpy(dtype=bool)
    begin = _begin(entry[seen]).to_numpy(dtype=float)
    if ended.sum() < LEAST_AT_RISK:
        return None
    at = np.unique(time[ended])
    at_risk = np.searchsorted(np.sort(begin), at, side="left") - np.searchsorted(
        np.sort(time), at, side="left"
    )
    deaths = np.searchsorted(np.sort(time[ended]), at, side="right") - np.searchsorted(
        np.sort(time[ended]), at, side="left"
    )
    enough = np.logical_and.accumulate(at_risk >= LEAST_AT_RISK)
    if not enough[0]:
        return None
    at, at_risk, deaths = at[enough], at_risk[enough], deaths[enough]
    share = np.cumprod(1 - deaths / at_risk)
    if (share[at < time.max()] == 0).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
        spread = Z95 * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(spread), share ** np.exp(-spread)
    # where none is left the band isn't defined: its lower end is nought, its upper end stays where it was
    low = np.where(np.isfinite(low), low, 0.0)
    high = np.fmin.accumulate(np.r_[1.0, high])[1:]
    curve = pd.DataFrame({"wd": at, "share": share, "low": low, "high": high, "at_risk": at_risk})
    ends = [_falls_to_half(at, line) for line in (share, low, high)]
    median, earliest, latest = ends if None not in ends else (None, None, None)
    at_median = None if median is None else int(at_risk[at == median][0])
    return Survival(curve, median, earliest, latest, at_median, int(ended.sum()), int((~ended).sum()))


def under_observation(durations: pd.Series, entry: pd.Series) -> pd.Series:
    """Which cases were under observation for some time, and so say something of how long one takes.

    One that was from its beginning says so in any case, even of 0 WD: what is accepted and returned on one weekend.

    Parameters
    ----------
    durations, entry
        As of `survival`.
    """
    return (durations.notna() & ((entry == 0) | (entry < durations))).astype(bool)


def at_risk(durations: pd.Series, entry: pd.Series, wd: float) -> pd.Series:
    """Which cases were under observation before a length, and had not ended before it.

    Parameters
    ----------
    durations, entry
        As of `survival`.
    wd
        The length.
    """
    seen = under_observation(durations, entry)
    return seen & ((_begin(entry) < wd) & (durations >= wd)).fillna(False).astype(bool)


def _begin(entry: pd.Series) -> pd.Series:
    """Before which length each case was not yet under observation: none of those at risk of taking 0 WD too."""
    return entry.where(entry > 0, -1)


def _falls_to_half(at: np.ndarray, share: np.ndarray) -> float | None:
    below = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(at[below[0]]) if len(below) else None
