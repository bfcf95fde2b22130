"""Formatting: how numbers, days, words and sources are shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import Any

from secanalysis.domain import figures, vocabulary
from secanalysis.domain.vocabulary import Precision, PublishedPrecision
from secanalysis.domain.written_days import day_in_words
from secanalysis.support.sentence_case import sentence_case

BLANK = '<span role="img" aria-label="not stated">—</span>'
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STANDALONE = r"Standalone Release (\d{4}-\d{2}-\d{2})"
_IN_A_RELEASE = re.compile(r"(?<=\bin )(?=[A-Z][a-z]+ \d{4} SEC Release\b)")
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
WORDS = {
    word.value: word.value.replace("_", " ")
    for words in vars(vocabulary).values()
    if isinstance(words, type) and issubclass(words, StrEnum)
    for word in words
} | {
    **vocabulary.BODIES,
    "self_governance": "Self-Governance",
    "sent_to_authority": "sent to the Authority",
    "impact_assessment": "Impact Assessment",
    "recommended_to_conversion": "recommended for conversion",
    "recommended_to_refinement": "recommended for the Refinement Process",
    "recommended_to_report": "recommended for the Report Phase",
    "entered_refinement": "entered the Refinement Process",
    "entered_report": "entered the Report Phase",
    "impact_assessment_approved": "Impact Assessment request approved",
    "impact_assessment_deferred": "Impact Assessment request deferred",
    "scope_unclear": "what is to be assessed isn't clear",
    figures.Verdict.SCAN.value: "likely misprint or scanning error",
    figures.Verdict.BLANK.value: "illegible, calculated here",
    figures.Verdict.NOT_COMPUTABLE.value: "can't be calculated",
}
"""The vocabularies' words as people read them: pending implementation."""


def day(value: date) -> str:
    """A day for people: 7 Aug 2020."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def shown(cell: str | float | None, kind: str, decimals: int | None = None) -> str:
    """A cell as people read it: 7 Aug 2020, 1,204, an em dash for a blank.

    Parameters
    ----------
    cell, kind
        From `json_cells.plain` and `json_cells.kind_of`.
    decimals
        How many decimals a number shows; one where needed if not given.
    """
    if cell is None:
        return "—"
    if kind == "day":
        return day(date.fromisoformat(str(cell)))
    if kind in ("number", "whole number"):
        words = (
            figures.number(float(cell)) if decimals is None else f"{figures.rounded(float(cell), decimals):,}"
        )
        return words.replace("-", "−")
    return WORDS.get(str(cell)) or with_releases_in_words(str(cell))


def decimals(cells: Iterable[float | None]) -> int | None:
    """How many decimals all numbers of a column show; None where each shows only what it needs.

    Two where all are shares, one where most aren't whole.
    """
    known = [cell for cell in cells if cell is not None]
    fractions = sum(not float(cell).is_integer() for cell in known)
    if fractions and all(abs(cell) <= 1 for cell in known):
        return 2
    return 1 if fractions > len(known) / 2 else None


def release_in_words(name: str, article: bool = True) -> str:
    """A release in a sentence: the June 2022 SEC Release, the standalone release of 27 May 2020, SEC 5.5.

    Parameters
    ----------
    name
        As published.
    article
        Whether one that takes *the* has it.
    """
    the = "the " if article else ""
    if match := re.fullmatch(_STANDALONE, name):
        with suppress(ValueError):  # no such day
            return f"{the}standalone release of {day_in_words(date.fromisoformat(match[1]))}"
    return f"{the}{name}" if name.endswith("Release") else name


def with_releases_in_words(words: str) -> str:
    """Words with releases as people name them: in force in the standalone release of 27 May 2020, in the June 2022 SEC Release."""
    words = _IN_A_RELEASE.sub("the ", words)
    named = re.sub(_STANDALONE, lambda match: release_in_words(match[0], article=match.start() > 0), words)
    return named if named[:1] == words[:1] else sentence_case(named)


def listed(words: Iterable[str]) -> str:
    """Words as a sentence lists them, each once: MP107, MP117 and MP128."""
    *others, last = [*dict.fromkeys(words)] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def precise_day(value: date, precision: object) -> str:
    """A day as its precision says to read it: 7 Aug 2020, in Jul 2020, by 7 Aug 2020, 7 Aug 2020 or later."""
    if precision == Precision.MONTH:
        return f"in {MONTHS[value.month - 1]} {value.year}"
    if precision == Precision.BY:
        return f"by {day(value)}"
    return f"{day(value)} or later" if precision == Precision.NOT_BEFORE else day(value)


def on(value: date, precision: object) -> str:
    """A day with its preposition, for a sentence: on 7 Aug 2020, in Jul 2020."""
    words = {Precision.MONTH: "", Precision.BY: "", Precision.NOT_BEFORE: "seen on "}
    return words.get(precision, "on ") + precise_day(value, precision)  # type: ignore[call-overload]


def published(source: Mapping[str, Any]) -> str:
    """When a source was published, in words.

    Parameters
    ----------
    source
        ``published_on`` as an ISO day or None, and ``published_precision``.
    """
    if not source["published_on"]:
        return "not dated"
    on_day = day(date.fromisoformat(source["published_on"]))
    if source["published_precision"] == PublishedPrecision.NOT_BEFORE:
        return f"published on {on_day} or later"
    return f"published {on_day}"


def month_in_words(month: str) -> str:
    """A month for people: August 2020."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def count(number: int, noun: str) -> str:
    """A count with its noun: 1 row, 1,204 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def text(value: object) -> str:
    """A value as HTML that shows it as typed; marks of writing direction in it affect nothing around it."""
    words = str(value)
    return html.escape(f"\u2068{words}\u2069" if DIRECTION_MARKS.intersection(words) else words)
