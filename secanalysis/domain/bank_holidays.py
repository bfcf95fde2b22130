"""The bank holidays of England and Wales, as committed in ``bank_holidays.csv``, and the years that they cover.

The list covers whole years. It follows the days that the government proclaimed, so 8 May 2020 (moved), 19 September
2022 and 8 May 2023 (one-off) are in it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def listed_days() -> tuple[str, ...]:
    """The days, as ISO text, in their order."""
    text = files("secanalysis.domain").joinpath("bank_holidays.csv").read_text(encoding="utf-8")
    return tuple(line.split(",", 1)[0] for line in text.splitlines()[1:])


def listed_years() -> tuple[int, int]:
    """The first and the last year that the list covers."""
    days = listed_days()
    return int(days[0][:4]), int(days[-1][:4])
