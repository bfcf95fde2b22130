"""What else a sentence that introduces a list states: how many entries it has, and when it all happened."""

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
from secanalysis.ingest.report.context import Context
from secanalysis.ingest.report.phrases import GOVERNANCE, RELEASE, phrase
from secanalysis.ingest.report.scan_repair import Prose, odd

_ENTRIES = (
    r"(?:(?:new\s|further\s|other\s)?(?:Modification\sProposals?|Draft\sProposals?|modifications?|proposals?"
    r"|(?:Refinement|Modification\sReport)\sConsultations?|Impact\sAssessment\srequests?))\b"
)
# "5 request" is no count of requests: the number belongs to something else
_SEVERAL = _ENTRIES.replace("s?", "s")
_ONE = r"(?:(?<=one\s)|(?<=1\s)(?<![0-9,]1\s))"
_COUNTED = phrase(rf"(?<!\S)(?P<count>{NUMBER})\s(?:{_ONE}{_ENTRIES}|{_SEVERAL})")
_MISPRINTED = phrase(
    rf"(?:^|\b(?:are|is|currently|on|approved|rejected|deferred)\s)(?P<count>\S+)\s{_ENTRIES}"
)
_OTHER_WORDS = "the following these new draft modification impact refinement any all further other"

ON_DAY = phrase(rf"\bon\s{day_pattern('on')}")
_MONTH = phrase(rf"\bin\s{month_pattern('month')}")
TIMES = phrase(rf"{day_pattern('on')}|{RELEASE}|{month_pattern('month')}|12[- ]month")
_UNKNOWN_TIME = phrase(rf"\b(?:in|on)\s(?!{MONTH_NAME}|{_ENTRIES})(?-i:[A-Z])")
_UNKNOWN_PATH = phrase(
    rf"\bunder\s(?!{GOVERNANCE}\b|(?:an?\s)?(?:Refinement|Modification\sReport)\sConsultation)"
)


def is_legible(text: str) -> bool:
    """Whether everything that a sentence says about numbers, times and governance is legible.

    Such sentences are recognised by some of their words; a damaged date mustn't pass for one not stated.
    """
    rest = _COUNTED.sub("", TIMES.sub("", text)).replace("12 months", "")
    damaged = odd(text) or re.search(r"[0-9]", rest)
    return not (damaged or _UNKNOWN_TIME.search(text) or _UNKNOWN_PATH.search(text))


def state_count(context: Context, prose: Prose, begin: int, end: int, key: str) -> None:
    """Add the number of entries that a sentence states, if it does, as a figure."""
    counted = _COUNTED.search(prose.plain, begin, end)
    if counted:
        printed, value = prose.printed(*counted.span("count")), float(number(counted["count"]))
        context.statements.figure(context.place, prose.line(counted.start("count")), key, printed, value)
        return
    misprinted = _MISPRINTED.search(prose.plain[begin:end])
    if misprinted and misprinted["count"].lower() not in _OTHER_WORDS.split():
        first, last = (begin + place for place in misprinted.span("count"))
        context.statements.figure(context.place, prose.line(first), key, None, None)
        reason = f"the number '{prose.printed(first, last)}' isn't legible: left blank"
        context.account.unread([prose.line(first)], reason)


def stated_time(context: Context, prose: Prose, begin: int, end: int) -> tuple[date, Precision]:
    """When a sentence says that it happened; else by the report's own day."""
    on, in_month = ON_DAY.search(prose.plain, begin, end), _MONTH.search(prose.plain, begin, end)
    return time_of(context, on["on"] if on else None, in_month["month"] if in_month else None)


def time_of(context: Context, on: str | None, in_month: str | None) -> tuple[date, Precision]:
    """The time that a printed day stands for, else a printed month, else by the report's own day."""
    if on:
        return day(on, until=context.published_on), Precision.DAY
    if in_month:
        return month(in_month, until=context.published_on), Precision.MONTH
    return context.published_on, Precision.BY
