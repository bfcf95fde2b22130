"""Sentences that introduce lists of consultations, expected or open."""

from __future__ import annotations

from typing import Any

from secanalysis.domain.vocabulary import ConsultationKind
from secanalysis.ingest.printed_values import day, day_pattern
from secanalysis.ingest.report.context import PLAIN_TAIL, Context, Item, Listing
from secanalysis.ingest.report.counted import pattern, state_count
from secanalysis.ingest.report.scan_repair import Prose
from secanalysis.ingest.report.sentences import Action

_CONSULTED = {
    ConsultationKind.REFINEMENT: r"Refinement\sConsultations?",
    ConsultationKind.REPORT: r"Modification\sReport\sConsultations?",
}
EXPECTED = {
    kind: pattern(rf"{name}\b.*\bexpected\b|\bexpected\b.*{name}\b") for kind, name in _CONSULTED.items()
}
OPEN = {
    kind: pattern(
        rf"\b(?:out\sfor|open\sfor|under)\s(?:an?\s)?{name}\b|{name}\b.*\b(?:are|is)\s(?:currently\s)?open\b"
    )
    for kind, name in _CONSULTED.items()
}
_WEEK = pattern(rf"\bweek\s(?:commencing|beginning|of)\s(?:on\s)?{day_pattern('week')}")
_CONSULTATION_DAYS = pattern(
    rf"(?:,?\s\(?(?:opened|issued|from)(?:\son)?\s{day_pattern('opened')})?"
    rf"(?:,?\s(?:and\s)?\(?(?:clos\w+|ends?|ending|until|to)(?:\son)?\s{day_pattern('closed')})?\)?[\s.,;]*(?:\band)?"
)


def consultations(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Which consultations are expected in a week, or open."""
    text = prose.plain[begin:end]
    expected = [kind for kind, pattern in EXPECTED.items() if pattern.search(text)]
    current = [kind for kind, pattern in OPEN.items() if pattern.search(text)]
    week = _WEEK.search(text)
    if len(expected) == 1 and week:
        return _expected(context, prose, begin, end, expected[0], week["week"])
    if len(current) == 1 and not expected:
        return _open(context, prose, begin, end, current[0])
    return None


def _expected(
    context: Context, prose: Prose, begin: int, end: int, kind: ConsultationKind, week: str
) -> Action:
    def act() -> None:
        first_day = day(week)
        state_count(context, prose, begin, end, f"consultation.{kind}.expected.count")

        def state(item: Item) -> None:
            _consultation(context, item, kind, expected_week=first_day)

        context.listing = Listing(PLAIN_TAIL, state)

    return act


def _open(context: Context, prose: Prose, begin: int, end: int, kind: ConsultationKind) -> Action:
    def act() -> None:
        state_count(context, prose, begin, end, f"consultation.{kind}.open.count")

        def state(item: Item) -> None:
            opened, closed = item.tail["opened"], item.tail["closed"]
            _consultation(
                context,
                item,
                kind,
                opened_on=day(opened, until=context.published_on) if opened else None,
                closed_on=day(closed) if closed else None,
            )

        context.listing = Listing(_CONSULTATION_DAYS, state)

    return act


def _consultation(context: Context, item: Item, kind: ConsultationKind, **days: Any) -> None:
    of = item.mention
    context.name(of)
    context.statements.add("consultations", context.place, of.line, ref=of.ref, kind=kind, **days)
