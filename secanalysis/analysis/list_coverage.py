"""Whether a list is complete: what a figure that counts one says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from secanalysis.domain.figures import Measure
from secanalysis.domain.kept import DATED
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import (
    AssessmentKind,
    Body,
    ConsultationKind,
    Event,
    Outcome,
    ReleaseStatus,
)
from secanalysis.register.resolved import ResolvedRegister

ATTESTED = "a complete list is available"
NOT_ATTESTED = "no complete list is available"
"""Why a list isn't counted: a count of what happens to be known would be too low, and look right."""

NOT_KEPT = "not kept in the register"
"""Why a list isn't counted of which a register's exports say nothing: it isn't empty, it is not known."""


def _lists() -> Iterator[tuple[str, str]]:
    yield "raised.count", f"{Event.RAISED}.{DATED}"
    for gate in ("conversion", "refinement", "report"):
        yield f"recommended.{gate}.count", f"recommended_to_{gate}.{DATED}"
    yield "vote.count", f"{Event.VOTED}.{Body.CHANGE_BOARD}.{DATED}"
    for outcome in Outcome:
        yield f"vote.{outcome}.count", f"{Event.VOTED}.{Body.CHANGE_BOARD}.{outcome}"
    yield "vote.referred.count", f"{Event.REFERRED}.{DATED}"
    yield "authority.decided.count", f"{Event.DECIDED}.{Body.AUTHORITY}.{DATED}"
    yield "authority.pending.count", f"{Event.SENT_TO_AUTHORITY}.{DATED}"
    for how in ("approved", "deferred"):
        yield f"impact_assessment.{how}.count", f"impact_assessment_{how}.{DATED}"
    for of in (ConsultationKind.REFINEMENT, ConsultationKind.REPORT):
        yield f"consultation.{of}.open.count", f"consultations.{of}.opened_on"
        yield f"consultation.{of}.expected.count", f"consultations.{of}.expected_week"
    yield "release.implemented.count", f"release_items.{ReleaseStatus.IMPLEMENTED}.{DATED}"


def _to_period_end() -> Iterator[tuple[str, str]]:
    for kind in AssessmentKind:
        yield f"assessment.{kind.lower()}.open.count", f"assessments.{kind}.accepted_on"
        yield f"assessment.{kind.lower()}.completed.count", f"assessments.{kind}.returned_on"


LISTS = dict(_lists())
"""What a register has to keep for each list of the days that a report covers, by the list's key."""

TO_PERIOD_END = dict(_to_period_end())
"""The same for lists that are counted to the period's end."""

PROPOSALS = ("proposal.open.count", "proposal.concluded.count")
"""Lists for which a register has to keep stages."""


def kept(register: ResolvedRegister, clock: Clock) -> set[str]:
    """The keys of lists that registers' own exports attest, as far as they keep them."""
    whole = {key for key, thing in LISTS.items() if register.attests(thing, clock.report_date)}
    whole |= {key for key, thing in TO_PERIOD_END.items() if register.attests(thing, clock.period_end)}
    if register.attests_stages(clock.period_end):
        whole |= set(PROPOSALS)
    return whole


def with_reasons(register: ResolvedRegister, clock: Clock, measures: list[Measure]) -> list[Measure]:
    """Measures that say where it is the register that doesn't keep what they count."""
    if not register.attests_all_by(clock.report_date):
        return measures
    return [
        replace(measure, reason=measure.reason.replace(NOT_ATTESTED, NOT_KEPT))
        if measure.value is None and NOT_ATTESTED in measure.reason
        else measure
        for measure in measures
    ]


def at_least(measure: Measure, more: int, what: str) -> Measure:
    """A count that is a lower bound, or the mean of such a list: not known, with how many more there may be.

    Parameters
    ----------
    measure
        As counted from what is known.
    more
        How many more there may be.
    what
        What isn't known of them, after their number.
    """
    if not more or (measure.value is None and NOT_ATTESTED in measure.reason):
        return measure
    reason = f"at least {measure.n}; {more} more {what}"
    if not measure.key.endswith(".count"):
        reason = f"a mean needs every row: {more} more {what}"
    return replace(measure, value=None, reason=reason, coverage="")
