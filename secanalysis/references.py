"""References: which of them name the same modification.

The same number is the same modification whatever its prefix (DP136 and MP136), numbers up to 68 are
written SECMP and four digits. A letter names a part of a split one (MP102A).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd

LAST_SECMP = 68  # process: numbering is SECMP0001 to SECMP0068, then MP069 or DP069 on


def root(refs: pd.Series) -> pd.Series:
    """The modification that each reference names, without its part: MP102 for MP102A."""
    return _each_once(refs, _root)


def name(refs: pd.Series) -> pd.Series:
    """The modification or part that each reference names: MP136 for DP136, MP102A for MP102A."""
    return _each_once(refs, _name)


@cache
def _name(ref: str) -> str:
    return _root(ref) + (ref[-1] if ref[-1].isalpha() else "")


@cache
def _root(ref: str) -> str:
    number = int("".join(filter(str.isdigit, ref)))
    return f"SECMP{number:04}" if number <= LAST_SECMP else f"MP{number:03}"


def _each_once(refs: pd.Series, rename: Callable[[str], str]) -> pd.Series:
    """Rename each different reference once: a register names each of them many times."""
    codes, different = pd.factorize(refs)
    renamed = pd.Series([rename(ref) for ref in different], dtype="str")
    return renamed.reindex(codes).set_axis(refs.index)


def written(numbers: pd.Series) -> pd.Series:
    """Modification numbers as references."""
    digits = numbers.astype("str")
    early = "SECMP" + digits.str.zfill(4)
    late = "MP" + digits.str.zfill(3)
    return early.where(numbers.le(LAST_SECMP).fillna(False).astype(bool), late).where(numbers.notna())
