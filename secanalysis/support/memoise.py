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

_found: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()


def once(work: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """Let a function of a register, or a method of it, and hashable arguments work only on its first call with each.

    A frame comes back as a copy of its own, so that a caller who adds to it changes nobody else's; it is
    lazy, and costs nothing.
    """

    @wraps(work)
    def found(register: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        mine = _found.setdefault(register, {})
        asked = (work, args, tuple(sorted(kwargs.items())))
        if asked not in mine:
            mine[asked] = work(register, *args, **kwargs)
        kept = mine[asked]
        return cast(R, kept.copy(deep=False)) if isinstance(kept, pd.DataFrame | pd.Series) else kept

    return found
