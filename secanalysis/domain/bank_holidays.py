"""The bank holidays of a project's code, and the years that they cover.

Those of England and Wales are committed in ``bank_holidays.csv``. That list covers whole years. It follows the days that
the government proclaimed, so 8 May 2020 (moved), 19 September 2022 and 8 May 2023 (one-off) are in it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from secanalysis.domain import code


def listed_days() -> tuple[str, ...]:
    """The days, as ISO text, in their order."""
    own = code.current().bank_holidays
    return _england_and_wales() if own is None else tuple(day.isoformat() for day in own)


@cache
def _england_and_wales() -> tuple[str, ...]:
    text = files("secanalysis.domain").joinpath("bank_holidays.csv").read_text(encoding="utf-8")
    return tuple(line.split(",", 1)[0] for line in text.splitlines()[1:])


def listed_years() -> tuple[int, int]:
    """The first and the last year that the list covers: all, if the code keeps no bank holidays."""
    days = listed_days()
    return (int(days[0][:4]), int(days[-1][:4])) if days else (1, 9999)
