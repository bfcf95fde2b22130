"""The calendar: meetings, consultations and releases as an iCalendar file, for people's own calendars to subscribe to.

An event's identifier and time stamp come from the data, so the same data give the same bytes, and a date that moves
moves the event that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

PRODUCT = "-//secanalysis//modifications//EN"
UNDATED = "2000-01-01"


def calendar(dates: Iterable[Mapping[str, Any]], warning: str = "", code: str = "Smart Energy Code") -> bytes:
    """Dates as an iCalendar file.

    Parameters
    ----------
    dates
        ``uid, on, until`` (both included), ``title, refs, kind, stated_on``, days as ISO text.
    warning
        What to write before each title, or empty.
    code
        The code's name.
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", f"{code} modifications")
    made.add("x-wr-calname", f"{code} modifications")
    for record in sorted(dates, key=lambda record: (record["on"], record["uid"])):
        made.add_component(_event(record, warning))
    return bytes(made.to_ical())


def _event(record: Mapping[str, Any], warning: str) -> Event:
    refs = record["refs"] or ""
    few = refs if 0 < refs.count(",") + 1 <= 3 and refs else ""
    title = f"{warning}: {record['title']}" if warning else str(record["title"])
    event = Event()
    event.add("uid", f"{record['uid']}@secanalysis")
    event.add(
        "dtstamp", datetime.combine(_day(record["stated_on"] or UNDATED), datetime.min.time(), tzinfo=UTC)
    )
    event.add("dtstart", _day(record["on"]))
    event.add("dtend", _day(record["until"] or record["on"]) + timedelta(days=1))
    event.add("summary", f"{title}: {few}" if few else title)
    if refs:
        event.add("description", f"Modifications: {refs}")
    event.add("categories", [record["kind"]])
    event.add("transp", "TRANSPARENT")
    return event


def _day(text: str) -> date:
    return date.fromisoformat(text)
