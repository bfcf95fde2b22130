"""Estimators of how long cases take: summaries of completed ones, and Kaplan–Meier with the running ones.

Nothing is estimated from fewer than three completed cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

Z95 = NormalDist().inv_cdf(0.975)
LEAST_COMPLETED = 3  # nothing is estimated from fewer completed cases


@dataclass(frozen=True)
class Summary:
    """Durations of completed cases, in WD. Everything but ``n`` is None below three cases."""

    n: int
    mean: float | None
    median: float | None
    p85: float | None
    p95: float | None
    within_target: float | None
    within_low: float | None
    within_high: float | None


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
        return Summary(n, None, None, None, None, None, None, None)
    p50, p85, p95 = np.percentile(known, [50, 85, 95])
    share = low = high = None
    if targets is not None:
        both = targets.reindex(known.index).notna()
        within = int((known[both] <= targets[known.index][both].astype(float)).sum())
        if both.sum() >= LEAST_COMPLETED:
            # not at the top: its import takes longer than all other work of a page
            from scipy.stats import binomtest

            interval = binomtest(within, int(both.sum())).proportion_ci(method="wilson")
            share, low, high = within / int(both.sum()), float(interval.low), float(interval.high)
    return Summary(n, float(known.mean()), float(p50), float(p85), float(p95), share, low, high)


@dataclass(frozen=True, eq=False)
class Survival:
    """A Kaplan–Meier estimate of how long cases take, in WD.

    Attributes
    ----------
    curve
        ``wd, share`` (still open after that many WD), ``low, high`` (95 %, log-log), ``at_risk``.
    median, median_low, median_high
        None where the curve or its band doesn't fall to one half.
    completed, censored
        How many cases ended, and of how many no end is known: they were open when last attested.
    """

    curve: pd.DataFrame
    median: float | None
    median_low: float | None
    median_high: float | None
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
        None where fewer than three cases are completed, or where late entries leave an age, below the
        greatest seen, at which all that were under observation ended: what comes after isn't known.

    Notes
    -----
    The product-limit estimate with delayed entry; without it, it equals ``scipy.stats.ecdf`` of
    ``CensoredData`` (a test holds that). The band is Greenwood's on the log-log scale.
    """
    known = durations.notna()
    time = durations[known].to_numpy(dtype=float)
    ended = completed[known].to_numpy(dtype=bool)
    begin = np.zeros(len(time)) if entry is None else entry[known].fillna(0).to_numpy(dtype=float)
    seen = begin < time
    time, ended, begin = time[seen], ended[seen], begin[seen]
    if ended.sum() < LEAST_COMPLETED:
        return None
    at = np.unique(time[ended])
    at_risk = np.searchsorted(np.sort(begin), at, side="left") - np.searchsorted(
        np.sort(time), at, side="left"
    )
    deaths = np.searchsorted(np.sort(time[ended]), at, side="right") - np.searchsorted(
        np.sort(time[ended]), at, side="left"
    )
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
    return Survival(
        curve,
        _falls_to_half(at, share),
        _falls_to_half(at, low),
        _falls_to_half(at, high),
        int(ended.sum()),
        int((~ended).sum()),
    )


def _falls_to_half(at: np.ndarray, share: np.ndarray) -> float | None:
    below = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(at[below[0]]) if len(below) else None
