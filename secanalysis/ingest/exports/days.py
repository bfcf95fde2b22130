"""Days as registers write them: each is read in one way only, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from secanalysis.domain.written_days import day_in_words
from secanalysis.ingest.exports.mapping import DateForm
from secanalysis.ingest.printed_values import Illegible

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "t(?:ember)?", "ober", "ember", "ember")
_NAME = "(?:" + "|".join(f"{month}(?:{rest})?" for month, rest in zip(_MONTHS, _FULL, strict=True)) + r")\.?"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
_YEAR = "(?P<year>[0-9]{4}|[0-9]{2})"
_TIME = (
    r"(?:(?:T|,?\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"(?:\s?(?P<half>[ap]m))?\s?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def _pattern(body: str) -> re.Pattern[str]:
    return re.compile(_WEEKDAY + body + _TIME, re.IGNORECASE | re.ASCII)


_YEAR_FIRST = _pattern(r"(?P<year>[0-9]{4})(?P<mark>[-/])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})")
_FIGURES = _pattern(rf"(?P<day>[0-9]{{1,2}})(?P<mark>[/.-])(?P<month>[0-9]{{1,2}})(?P=mark){_YEAR}")
_IN_WORDS = (
    _pattern(rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<month>{_NAME})[\s,-]+{_YEAR}"),
    _pattern(rf"(?P<month>{_NAME})\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}})"),
)
_HERE = ZoneInfo("Europe/London")


def day_of_text(text: str, forms: Sequence[DateForm]) -> date:
    """The day that a text is.

    Parameters
    ----------
    text
        A cell's, without spaces around it.
    forms
        How days in figures alone may be read. Days with their month's name or their year first need no form.

    Raises
    ------
    Illegible
        If it is no day, or two of the forms make two days of it.
    """
    if parts := _YEAR_FIRST.fullmatch(text):
        return _day(text, parts, int(parts["month"]), int(parts["day"]))
    for pattern in _IN_WORDS:
        if parts := pattern.fullmatch(text):
            return _day(text, parts, 1 + _MONTHS.index(parts["month"][:3].lower()), int(parts["day"]))
    if parts := _FIGURES.fullmatch(text):
        return _in_figures(text, parts, forms)
    raise Illegible(f"'{text[:60]}'")


def day_of_number(number: float, forms: Sequence[DateForm], serials_from: date) -> date:
    """The day that a number is, where the mapping says that numbers are Excel's serial numbers.

    Raises
    ------
    Illegible
        If it doesn't, or there is no such day.
    """
    if DateForm.SERIAL in forms and number == int(number) and 1 <= number < 110_000:
        return serials_from + timedelta(days=int(number))
    raise Illegible(
        f"the number {number:g} (if days are Excel's serial numbers, the mapping must say so: "
        f"dates: {DateForm.SERIAL})"
    )


def _in_figures(text: str, parts: re.Match[str], forms: Sequence[DateForm]) -> date:
    first, second = int(parts["day"]), int(parts["month"])
    readings: dict[DateForm, Callable[[], date]] = {
        DateForm.DAY_FIRST: lambda: _day(text, parts, second, first),
        DateForm.MONTH_FIRST: lambda: _day(text, parts, first, second),
    }
    wanted = [form for form in forms if form in readings]
    if not wanted:
        raise Illegible(
            f"'{text[:60]}' (the mapping must say which order it is: dates: {DateForm.DAY_FIRST}, "
            f"or {DateForm.MONTH_FIRST})"
        )
    days: list[date] = []
    fault = Illegible(f"'{text[:60]}'")
    for form in wanted:
        try:
            days.append(readings[form]())
        except Illegible as illegible:
            fault = illegible
    if not days:
        raise fault
    if len(set(days)) > 1:
        raise Illegible(f"'{text}', which may be {day_in_words(days[0])} or {day_in_words(days[1])}")
    return days[0]


def _day(text: str, parts: re.Match[str], month: int, day: int) -> date:
    year = int(parts["year"])
    try:
        result = date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        raise Illegible(f"'{text[:60]}', which is no day") from None
    if parts["weekday"] and _WEEKDAYS.index(parts["weekday"][:3].lower()) != result.weekday():
        raise Illegible(f"'{text[:60]}', but {day_in_words(result)} is a {result:%A}")
    if parts["hour"]:
        _check_time(text, parts, result)
    return result


def _check_time(text: str, parts: re.Match[str], day: date) -> None:
    """A time after the day must be one; with a time zone, it must be the same day in Great Britain."""
    half = (parts["half"] or "").lower()
    hour = int(parts["hour"])
    if half and not 1 <= hour <= 12:
        raise Illegible(f"'{text[:60]}', which is no time")
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        time = datetime(day.year, day.month, day.day, hour, int(parts["minute"]), int(parts["second"] or 0))
    except ValueError:
        raise Illegible(f"'{text[:60]}', which is no time") from None
    if zone := parts["zone"]:
        shift = timedelta(0)
        if zone.upper() != "Z":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
        if abs(shift) >= timedelta(hours=24):
            raise Illegible(f"'{text[:60]}', which is no time")
        here = time.replace(tzinfo=timezone(shift)).astimezone(_HERE).date()
        if here != day:
            raise Illegible(f"'{text[:60]}', which is {day_in_words(here)} in Great Britain")
