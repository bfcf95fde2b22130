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

from secanalysis.register import Register

P = ParamSpec("P")
R = TypeVar("R")
Work = Callable[Concatenate[Register, P], R]

_found: WeakKeyDictionary[Register, dict[Hashable, Any]] = WeakKeyDictionary()


def once(work: Work[P, R]) -> Work[P, R]:
    """Let a function of a register and hashable arguments work only on its first call with each.

    A frame comes back as a copy of its own, so that a caller who adds to it changes nobody else's; it is
    lazy, and costs nothing.
    """

    @wraps(work)
    def found(register: Register, /, *args: P.args, **kwargs: P.kwargs) -> R:
        mine = _found.setdefault(register, {})
        asked = (work, args, tuple(sorted(kwargs.items())))
        if asked not in mine:
            mine[asked] = work(register, *args, **kwargs)
        kept = mine[asked]
        return cast(R, kept.copy(deep=False)) if isinstance(kept, pd.DataFrame | pd.Series) else kept

    return found
