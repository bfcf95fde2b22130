"""References: which of them name the same modification.

The same number is the same modification whatever its prefix (DP136 and MP136), numbers up to 68 are
written SECMP and four digits. A letter names a part of a split one (MP102A). A code of one's own says how
its references are written (`code.ReferenceForm`).
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from secanalysis.domain import code

LAST_SECMP = 68  # process: numbering is SECMP0001 to SECMP0068, then MP069 or DP069 on
PATTERN = r"(?:SECMP[0-9]{4}|(?:MP|DP)(?:[0-9]{3}|[1-9][0-9]{3,6}))[A-Z]?"
_TEXT = pa.large_string()


def pattern() -> str:
    """What references look like, as a regular expression."""
    form = code.current().references
    return PATTERN if form is None else form.pattern


def example() -> str:
    """References of the code in words, for messages."""
    form = code.current().references
    return "SECMP0007, MP102A or DP136" if form is None else form.example


def spelt(prefix: str, number: int, letter: str, form: code.ReferenceForm | None) -> str:
    """A reference from its parts."""
    if form is not None:
        return f"{prefix}{number:0{form.digits}d}{letter}"
    return f"{prefix}{number:0{4 if prefix == 'SECMP' else 3}d}{letter}"


def prefixes(form: code.ReferenceForm | None) -> tuple[str, ...]:
    """The prefixes that references of a form have."""
    return (
        ("MP", "DP", "SECMP")
        if form is None
        else tuple(dict.fromkeys((form.prefix, form.draft or form.prefix)))
    )


@lru_cache(maxsize=100_000)
def tidied(text: str, form: code.ReferenceForm | None) -> str:
    """A reference without spaces and in capitals, its number with as many digits as those of a form have."""
    plain = "".join(text.split()).upper()
    if form is not None:
        for prefix in prefixes(form):
            if parts := re.fullmatch(rf"{re.escape(prefix)}0*([0-9]{{1,7}})([A-Z]?)", plain):
                return spelt(prefix, int(parts[1]), parts[2], form)
    return plain


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
    letters = pc.replace_substring_regex(refs, "^.*[0-9]", "")
    if form := code.current().references:
        plain = _numbered(form.prefix, form.digits, number)
        lettered = pc.binary_join_element_wise(plain, letters, pa.scalar("", _TEXT))
        return (plain if form.parts else lettered), lettered
    early, late = _numbered("SECMP", 4, number), _numbered("MP", 3, number)
    roots = pc.if_else(pc.less_equal(number, LAST_SECMP), early, late)
    return roots, pc.binary_join_element_wise(roots, letters, pa.scalar("", _TEXT))


def _numbered(prefix: str, digits: int, number: pa.Array) -> pa.Array:
    digits_of = pc.cast(number, _TEXT)
    padded = pc.if_else(
        pc.less(pc.utf8_length(digits_of), digits), pc.utf8_lpad(digits_of, digits, "0"), digits_of
    )
    return pc.binary_join_element_wise(pa.scalar(prefix, _TEXT), padded, pa.scalar("", _TEXT))


def written(numbers: pd.Series) -> pd.Series:
    """Modification numbers as references."""
    digits = numbers.astype("str")
    early = "SECMP" + digits.str.zfill(4)
    late = "MP" + digits.str.zfill(3)
    return early.where(numbers.le(LAST_SECMP).fillna(False).astype(bool), late).where(numbers.notna())
