"""What benches have in common: timing, and the lines of the table that they print."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Line = tuple[str, str, str, str]
"""What was measured, how much it was, what is asked, and what it is held against."""


def timed(work: Callable[[], T], times: int = 1) -> tuple[float, T]:
    """The best of some runs, in seconds, and what came of the last."""
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - begun)
    return best, result
