"""The groups in which figures are worked out: what their keys begin with, and what gives their measures.

A figure asked for by its key needs its own group only. In the order of the report's chapters; then what a Panel asks
besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from secanalysis.analysis import activity, flow, numbering, release_counts, stage_counts, stages
from secanalysis.analysis.durations import assessments, lead_times, proposals, stage_times, targets
from secanalysis.domain.figures import Measure
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once

MONTH_IMPLEMENTED = "release.implemented.count"

Keys = frozenset[str]
Measures = dict[str, Measure]
Work = Callable[[ResolvedRegister, Clock, Convention, Keys], list[Measure]]
"""What gives measures: of a register, to a clock, by a convention, with the keys of the lists that are whole."""


def by_key(in_order: Iterable[Measure]) -> Measures:
    """Measures by their keys."""
    return {measure.key: measure for measure in in_order}


def _none(_: ResolvedRegister, __: Clock, ___: Convention, ____: Keys) -> Keys:
    return frozenset()


@dataclass(frozen=True)
class Group:
    """Figures that are worked out together.

    Attributes
    ----------
    beginnings
        What their keys begin with.
    measures
        Gives them from all that is known.
    reprint
        Gives them from a report's own rows; None where no report has rows of them.
    attested
        The keys of the lists that a report's own rows attest, with the keys of the figures that it states.
    on_pages
        Whether pages that state such a figure list what it counts.
    """

    beginnings: tuple[str, ...]
    measures: Work
    reprint: Work | None = None
    attested: Callable[[ResolvedRegister, Clock, Convention, Keys], Keys] = _none
    on_pages: bool = False


def _nothing(_: ResolvedRegister, __: Clock, ___: Convention, ____: Keys) -> list[Measure]:
    return []


def _stages(register: ResolvedRegister, clock: Clock, _: Convention, __: Keys) -> list[Measure]:
    return _stage_counts(register, clock)


@once
def _stage_counts(register: ResolvedRegister, clock: Clock) -> list[Measure]:
    # the same by both conventions
    return stage_counts.measures(stages.stages(register), clock.report_date)


def _lists(register: ResolvedRegister, clock: Clock, _: Convention, whole: Keys) -> list[Measure]:
    return activity.measures(activity.lists(register, clock), whole)


def _lists_attested(register: ResolvedRegister, clock: Clock, _: Convention, stated: Keys) -> Keys:
    return frozenset(activity.attested(activity.lists(register, clock), stated))


def _assessments(
    register: ResolvedRegister, clock: Clock, convention: Convention, whole: Keys
) -> list[Measure]:
    at = assessments.at(register, clock, convention)
    return [
        *assessments.measures(at, clock, convention, whole),
        assessments.over_target(at, convention, whole),
    ]


def _assessments_reprint(
    register: ResolvedRegister, clock: Clock, convention: Convention, whole: Keys
) -> list[Measure]:
    return assessments.measures(assessments.at(register, clock, convention), clock, convention, whole)


def _assessments_attested(
    register: ResolvedRegister, clock: Clock, convention: Convention, stated: Keys
) -> Keys:
    return frozenset(assessments.attested(assessments.at(register, clock, convention), stated))


def _proposals(
    register: ResolvedRegister, clock: Clock, convention: Convention, whole: Keys
) -> list[Measure]:
    return proposals.measures(proposals.at(register, clock, convention), convention, whole)


def _numbering(register: ResolvedRegister, clock: Clock, _: Convention, __: Keys) -> list[Measure]:
    return numbering.measures(register, stages.stages(register), clock)


def _flow(register: ResolvedRegister, clock: Clock, convention: Convention, whole: Keys) -> list[Measure]:
    return flow.measures(register, clock, convention, whole)


def _targets(register: ResolvedRegister, clock: Clock, convention: Convention, whole: Keys) -> list[Measure]:
    return targets.measures(assessments.at(register, clock, convention), clock, convention, whole)


def _lead_times(
    register: ResolvedRegister, clock: Clock, convention: Convention, whole: Keys
) -> list[Measure]:
    return lead_times.measures(lead_times.decided(register, clock, convention), convention, whole)


def _stage_times(register: ResolvedRegister, clock: Clock, convention: Convention, _: Keys) -> list[Measure]:
    attested = register.attests_stages(clock.period_end)
    return stage_times.measures(stage_times.stays(register, clock, convention), convention, attested=attested)


def _releases(register: ResolvedRegister, clock: Clock, _: Convention, whole: Keys) -> list[Measure]:
    return _released(register, clock, MONTH_IMPLEMENTED in whole)


@once
def _released(register: ResolvedRegister, clock: Clock, month_attested: bool) -> list[Measure]:
    # the same by both conventions
    return release_counts.measures(register, clock, month_attested=month_attested)


def _releases_attested(register: ResolvedRegister, clock: Clock, _: Convention, stated: Keys) -> Keys:
    whole = MONTH_IMPLEMENTED in stated or len(release_counts.implemented_in(register, clock)) > 0
    return frozenset({MONTH_IMPLEMENTED} if whole else ())


GROUPS = (
    Group(("stage.",), _stages),
    Group(
        ("raised.", "recommended.", "vote.", "authority.", "impact_assessment.", "consultation."),
        _lists,
        _lists,
        _lists_attested,
    ),
    Group(("assessment.",), _assessments, _assessments_reprint, _assessments_attested),
    Group(("proposal.open.", "proposal.concluded."), _proposals),
    Group(("proposal.numbered.", "proposal.raised."), _numbering),
    Group(("release.",), _releases, _releases, _releases_attested, on_pages=True),
    Group(("flow.",), _flow),
    Group(("target.",), _targets),
    Group(("lead_time.",), _lead_times),
    Group(("stage_time.",), _stage_times),
    Group(("",), _nothing),  # what is only published, under any other key
)
"""No key is of two groups: the first whose beginning it has is its own."""


def group_of(key: str) -> Group:
    """The group of a key."""
    return next(group for group in GROUPS if key.startswith(group.beginnings))
