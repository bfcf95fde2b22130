"""Days, months and numbers as reports print them."""

from __future__ import annotations

import calendar
import re
from datetime import date

from secanalysis.domain.months import FIRST_YEAR, LAST_YEAR
from secanalysis.domain.printed_numbers import WORDS
from secanalysis.domain.written_days import day_in_words

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_WEEKDAYS = [name.lower() for name in calendar.day_name]
MONTH_NAME = "(?:" + "|".join(sorted((name.title() for name in _MONTHS), key=len, reverse=True)) + r")\b"

NUMBER = "(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|" + "|".join(sorted(WORDS, key=len, reverse=True)) + ")"
"""A count in digits or words, for use inside a pattern."""

_WEEKDAY = rf"(?:{'|'.join(calendar.day_name)})"
_WHOLE = r"(?![^\s.,;:)'])"
_YEAR = rf"(?:20[0-9]{{2}}|[0-9]{{2}}){_WHOLE}"
_DAY = rf"(?:{_WEEKDAY},?\s)?[0-9]{{1,2}}(?:st|nd|rd|th)?\s{MONTH_NAME}\s{_YEAR}"
_DAY_PARTS = re.compile(
    rf"(?:(?P<weekday>{_WEEKDAY}),?\s)?"
    rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\s(?P<month>{MONTH_NAME})\s(?P<year>[0-9]+)",
    re.IGNORECASE,
)


class Illegible(Exception):
    """A statement that is recognised but says something that can't be so; why, in words."""


def day_pattern(group: str) -> str:
    """A pattern of a printed day, such as ``Wednesday 8 July 2020`` or ``2 Jul 19``, as a named group."""
    return rf"(?P<{group}>{_DAY})"


def month_pattern(group: str) -> str:
    """A pattern of a month with or without its year, as a named group."""
    return rf"(?P<{group}>{MONTH_NAME}(?:\s20[0-9]{{2}}{_WHOLE}|{_WHOLE}(?!\s\S*[0-9])))"


def day(text: str, *, until: date | None = None) -> date:
    """The day that is printed.

    Parameters
    ----------
    text
        What `day_pattern` matches.
    until
        The last day it can be: an event in the past tense isn't after its report's own day.

    Raises
    ------
    Illegible
        If there is no such day, its weekday is another, or it is after ``until``.
    """
    parts = _DAY_PARTS.fullmatch(text)
    if not parts:
        raise Illegible(f"'{text}' isn't a day")
    year = int(parts["year"])
    try:
        stated = date(year if year > 99 else 2000 + year, _MONTHS[parts["month"].lower()], int(parts["day"]))
    except ValueError:
        raise Illegible(f"there is no {text}") from None
    if parts["weekday"] and parts["weekday"].lower() != _WEEKDAYS[stated.weekday()]:
        raise Illegible(f"{day_in_words(stated)} is a {stated:%A}, not a {parts['weekday']}")
    if not FIRST_YEAR <= stated.year <= LAST_YEAR:
        raise Illegible(f"{text} is not in {FIRST_YEAR} to {LAST_YEAR}")
    if until and stated > until:
        raise Illegible(f"{text} is stated as past, but is after the report's own day, {day_in_words(until)}")
    return stated


def month(text: str, *, until: date) -> date:
    """The first day of a printed month; one without a year is the last such month up to ``until``.

    Raises
    ------
    Illegible
        If it begins after ``until``.
    """
    name, _, year = text.partition(" ")
    number = _MONTHS[name.lower()]
    if not year:
        return date(until.year if number <= until.month else until.year - 1, number, 1)
    stated = date(int(year), number, 1)
    if stated > until:
        raise Illegible(f"{text} is stated as past, but is after the report's own day, {day_in_words(until)}")
    return stated


def number(text: str) -> int:
    """A count in digits (thousands apart or not) or words.

    Raises
    ------
    Illegible
        If it is neither.
    """
    word = text.lower()
    if word in WORDS:
        return WORDS[word]
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7}", text):
        return int(text.replace(",", ""))
    raise Illegible(f"'{text}' isn't a number")
