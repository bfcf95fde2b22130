"""Numbers as documents print them, in digits or words: which texts are one, and which."""

from __future__ import annotations

import re

_UP_TO_NINETEEN = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NONE = ("none", "nil", "zero")
WORDS = {word: value for value, word in enumerate(_UP_TO_NINETEEN.split(), start=1)}
"""Numbers from 1 to 99 in words."""
_DIGITS = tuple(WORDS)[:9]
for _value, _ten in enumerate(_TENS.split(), start=2):
    WORDS[_ten] = 10 * _value
    WORDS |= {f"{_ten}-{_digit}": 10 * _value + WORDS[_digit] for _digit in _DIGITS}
_DIGITS_AND_UNIT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,10})(\.[0-9]{1,10})?(?: ?WD)?", re.ASCII)


def number_of(text: str) -> float | None:
    """The number that a printed figure is.

    Parameters
    ----------
    text
        In digits (thousands apart or not, with decimals or not, in WD or not) or in words up to 99.

    Returns
    -------
    float or None
        None for any other text: a guess (c. 90), a slip (9O), a range, a power, other digits than 0 to 9.
    """
    word = text.lower()
    if word in WORDS:
        return float(WORDS[word])
    if word in _NONE:
        return 0.0
    digits = _DIGITS_AND_UNIT.fullmatch(text)
    return float(digits[1].replace(",", "") + (digits[2] or "")) if digits else None
