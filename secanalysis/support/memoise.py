"""What is worked out from a register is worked out once, and kept as long as the register is.

A month's pages ask for the same stages, durations and figures; the register never changes, so what they get
need not be computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

import pandas as pd

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A", bound=Hashable)  # a register, which this room stands above

_results: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()


def once(work: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """Let a function of a register, or a method of it, and hashable arguments work only on its first call with each.

    A frame comes back as a copy of its own, so that a caller who adds to it changes nobody else's; it is
    lazy, and costs nothing.
    """

    @wraps(work)
    def remembered(register: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        results = _results.setdefault(register, {})
        call = (work, args, tuple(sorted(kwargs.items())))
        if call not in results:
            results[call] = work(register, *args, **kwargs)
        result = results[call]
        return cast(R, result.copy(deep=False)) if isinstance(result, pd.DataFrame | pd.Series) else result

    return remembered
