"""What a sentence that introduces a list says besides: how many entries it has, and when all that was."""

from __future__ import annotations

import re
from datetime import date

from secanalysis.domain.vocabulary import Precision
from secanalysis.ingest.printed_values import (
    MONTH_NAME,
    NUMBER,
    day,
    day_pattern,
    month,
    month_pattern,
    number,
)
from secanalysis.ingest.report.context import GOVERNANCE, RELEASE, Context
from secanalysis.ingest.report.scan_repair import Prose, odd


def pattern(text: str) -> re.Pattern[str]:
    """A pattern of words, whatever their case."""
    return re.compile(text, re.IGNORECASE | re.ASCII)


_ENTRIES = (
    r"(?:(?:new\s|further\s|other\s)?(?:Modification\sProposals?|Draft\sProposals?|modifications?|proposals?"
    r"|(?:Refinement|Modification\sReport)\sConsultations?|Impact\sAssessment\srequests?))\b"
)
# "5 request" is no count of requests: the number belongs to something else
_SEVERAL = _ENTRIES.replace("s?", "s")
_ONE = r"(?:(?<=one\s)|(?<=1\s)(?<![0-9,]1\s))"
_COUNTED = pattern(rf"(?<!\S)(?P<count>{NUMBER})\s(?:{_ONE}{_ENTRIES}|{_SEVERAL})")
_MISPRINTED = pattern(
    rf"(?:^|\b(?:are|is|currently|on|approved|rejected|deferred)\s)(?P<count>\S+)\s{_ENTRIES}"
)
_OTHER_WORDS = "the following these new draft modification impact refinement any all further other"

ON_DAY = pattern(rf"\bon\s{day_pattern('on')}")
_MONTH = pattern(rf"\bin\s{month_pattern('month')}")
TIMES = pattern(rf"{day_pattern('on')}|{RELEASE}|{month_pattern('month')}|12[- ]month")


_UNKNOWN_TIME = pattern(rf"\b(?:in|on)\s(?!{MONTH_NAME}|{_ENTRIES})(?-i:[A-Z])")
_UNKNOWN_PATH = pattern(
    rf"\bunder\s(?!{GOVERNANCE}\b|(?:an?\s)?(?:Refinement|Modification\sReport)\sConsultation)"
)


def sound(text: str) -> bool:
    """Whether all that a sentence says of numbers, times and governance is legible.

    Such sentences are recognised by some of their words; a damaged date mustn't pass for one not stated.
    """
    rest = _COUNTED.sub("", TIMES.sub("", text)).replace("12 months", "")
    damaged = odd(text) or re.search(r"[0-9]", rest)
    return not (damaged or _UNKNOWN_TIME.search(text) or _UNKNOWN_PATH.search(text))


def state_count(context: Context, prose: Prose, begin: int, end: int, key: str) -> None:
    """Add the number of entries that a sentence states, if it does, as a figure."""
    found = _COUNTED.search(prose.plain, begin, end)
    if found:
        printed, value = prose.printed(*found.span("count")), float(number(found["count"]))
        context.statements.figure(context.place, prose.line(found.start("count")), key, printed, value)
        return
    misprinted = _MISPRINTED.search(prose.plain[begin:end])
    if misprinted and misprinted["count"].lower() not in _OTHER_WORDS.split():
        first, last = (begin + place for place in misprinted.span("count"))
        context.statements.figure(context.place, prose.line(first), key, None, None)
        reason = f"the number '{prose.printed(first, last)}' isn't legible: left blank"
        context.account.unread([prose.line(first)], reason)


def stated_time(context: Context, prose: Prose, begin: int, end: int) -> tuple[date, Precision]:
    """When a sentence says that it was; else by the report's own day."""
    if found := ON_DAY.search(prose.plain, begin, end):
        return day(found["on"], until=context.published_on), Precision.DAY
    if found := _MONTH.search(prose.plain, begin, end):
        return month(found["month"], until=context.published_on), Precision.MONTH
    return context.published_on, Precision.BY
