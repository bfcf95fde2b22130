"""References: which of them name the same modification.

The same number is the same modification whatever its prefix (DP136 and MP136), numbers up to 68 are
written SECMP and four digits. A letter names a part of a split one (MP102A).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

LAST_SECMP = 68  # process: numbering is SECMP0001 to SECMP0068, then MP069 or DP069 on
_TEXT = pa.large_string()


def root(refs: pd.Series) -> pd.Series:
    """The modification that each reference names, without its part: MP102 for MP102A."""
    return roots_and_names(refs)[0]


def name(refs: pd.Series) -> pd.Series:
    """The modification or part that each reference names: MP136 for DP136, MP102A for MP102A."""
    return roots_and_names(refs)[1]


def roots_and_names(refs: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both `root` and `name`. Each different reference is read once: a register names each many times."""
    codes, different = pd.factorize(refs)
    read_roots, read_names = _read(pa.array(different, _TEXT))
    roots = _spread(read_roots, codes, refs.index)
    # where no parts are named both are the same, and need their memory once
    return roots, roots.copy(deep=False) if read_names.equals(read_roots) else _spread(
        read_names, codes, refs.index
    )


def _spread(texts: pa.Array, codes: np.ndarray, index: pd.Index) -> pd.Series:
    return pd.Series(pd.array(texts, dtype="str").take(codes, allow_fill=True), index=index)


def _read(refs: pa.Array) -> tuple[pa.Array, pa.Array]:
    number = pc.cast(pc.replace_substring_regex(refs, "[^0-9]", ""), pa.int64())
    early, late = _numbered("SECMP", 4, number), _numbered("MP", 3, number)
    roots = pc.if_else(pc.less_equal(number, LAST_SECMP), early, late)
    letters = pc.replace_substring_regex(refs, "^.*[0-9]", "")
    return roots, pc.binary_join_element_wise(roots, letters, pa.scalar("", _TEXT))


def _numbered(prefix: str, digits: int, number: pa.Array) -> pa.Array:
    padded = pc.utf8_lpad(pc.cast(number, _TEXT), digits, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix, _TEXT), padded, pa.scalar("", _TEXT))


def written(numbers: pd.Series) -> pd.Series:
    """Modification numbers as references."""
    digits = numbers.astype("str")
    early = "SECMP" + digits.str.zfill(4)
    late = "MP" + digits.str.zfill(3)
    return early.where(numbers.le(LAST_SECMP).fillna(False).astype(bool), late).where(numbers.notna())
