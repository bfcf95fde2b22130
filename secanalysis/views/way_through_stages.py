"""A modification's way through the stages: those passed, the one that it is in, and those ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from secanalysis.analysis.modification_facts import ModificationFacts
from secanalysis.analysis.plain_records import Record
from secanalysis.analysis.stage_rules import FINAL
from secanalysis.domain.vocabulary import (
    DEVELOPMENT_SINCE,
    STAGES,
    Body,
    Event,
    ModificationPath,
    Precision,
    Stage,
)
from secanalysis.views.modification_words import UNDATED, bare

WAY = (
    Stage.DEVELOPMENT,
    Stage.REFINEMENT,
    Stage.REPORT,
    Stage.DECISION,
    Stage.PENDING_IMPLEMENTATION,
    Stage.IMPLEMENTED,
)


@dataclass(frozen=True)
class Station:
    """A stage on the way, and the days of it.

    ``state`` is passed, here, left (ended here but reopened since), ahead, or unknown: whether it was reached isn't
    known. ``note`` is since when it was in it.
    """

    stage: Stage
    title: str
    state: str
    note: str


def way(facts: ModificationFacts, on: date | None, horizon: str | None) -> list[Station]:
    """The stages that the modification has passed, the one that it is in, and those ahead.

    Parameters
    ----------
    facts, on, horizon
        As of `where_it_is.sentence`.
    """
    here = facts.ended or facts.last_stated or facts.now or (facts.stages[-1] if facts.stages else None)
    is_known = here is not None and not facts.contradiction
    held = {Stage(stage["stage"]): stage for stage in facts.stages}
    end = Stage(here["stage"]) if here and here["stage"] in (Stage.REJECTED, Stage.WITHDRAWN) else None
    chosen = [
        stage
        for stage in WAY
        if _on_the_way(stage, facts, held) or (here is not None and stage == here["stage"])
    ]
    if end:
        chosen = [stage for stage in chosen if stage in held and WAY.index(stage) < 4] + [end]
    place = chosen.index(Stage(here["stage"])) if here and is_known else -1
    # only a stage that is known to last says that those after it weren't reached
    beyond = "ahead" if facts.now and is_known and _lasts(facts.now, on, horizon) else "unknown"
    stations = []
    for number, stage in enumerate(chosen):
        record = held.get(stage)
        state = "here" if number == place else "passed" if number < place else beyond
        if state == "passed" and not record and not _must_have_passed(stage, facts):
            state = "unknown"
        if record and state == beyond:
            state = "left"
        note = _since(facts, record) if record else ""
        if record and state == "passed" and _by_conversion_alone(record, facts):
            state, note = "unknown", f"converted {bare(record['since'], record['since_precision'])}"
        if state in ("passed", "here") and not record:
            note = "day not known"
        in_part = [step for step in facts.steps if step["in_part"]]
        if stage == Stage.IMPLEMENTED and state in ("ahead", "unknown") and in_part:
            note = f"in part from {bare(in_part[0]['on'], in_part[0]['precision'])}"
        stations.append(Station(stage, STAGES[stage], state, note))
    return stations


def _lasts(stage: Record, on: date | None, horizon: str | None) -> bool:
    """Whether a stage is that of the day that the page is as at; of everything to date, whether it lasts to its last day."""
    return on is not None or stage["stage"] in FINAL or (stage["believed_to"] or "") >= (horizon or UNDATED)


def _since(facts: ModificationFacts, stage: Record) -> str:
    """Since when it was in a stage: of one that began with the proposal, when that was raised."""
    day_of_it = bare(stage["since"], stage["since_precision"])
    if stage["stage"] in FINAL:
        return day_of_it
    if _began_with_the_proposal(stage, facts):
        assumed = " (assumed from then)" if _is_assumed_from_raised(facts, stage) else ""
        return f"raised {day_of_it}{assumed}"
    return day_of_it if stage["since_precision"] == Precision.BY else f"from {day_of_it}"


def path_of(facts: ModificationFacts) -> ModificationPath | None:
    """The path: the Authority's where it decided, else the last that a step states, else the one that was seen."""
    if any(step["event"] == Event.DECIDED and step["body"] == Body.AUTHORITY for step in facts.steps):
        return ModificationPath.AUTHORITY
    path = next((step["path"] for step in reversed(facts.steps) if step["path"]), facts.path_seen)
    return ModificationPath(path) if path else None


def _by_conversion_alone(record: Record, facts: ModificationFacts) -> bool:
    """Whether nothing but the conversion says that there was any Refinement: no later day, nor a step of it.

    A Draft Proposal may be converted and go to the Report Phase at once.
    """
    steps = {step["event"] for step in facts.steps}
    shown = (record["believed_to"] or UNDATED) > record["since"]
    of_refinement = {Event.ENTERED_REFINEMENT, Event.RECOMMENDED_TO_REFINEMENT, Event.RECOMMENDED_TO_REPORT}
    by_conversion = record["stage"] == Stage.REFINEMENT and Event.CONVERTED in _began(record, facts)
    return by_conversion and not shown and not steps & of_refinement


def is_assumed(facts: ModificationFacts) -> bool:
    """Whether a stage that is shown rests on an assumption: before the Development Stage existed, Refinement from the start."""
    return any(_is_assumed_from_raised(facts, stage) for stage in facts.stages)


def _is_assumed_from_raised(facts: ModificationFacts, stage: Record) -> bool:
    """Whether a stage is Refinement since the proposal was raised, of which no source says so."""
    early = stage["since"] < DEVELOPMENT_SINCE.isoformat()
    return stage["stage"] == Stage.REFINEMENT and early and _began_with_the_proposal(stage, facts)


def _began_with_the_proposal(stage: Record, facts: ModificationFacts) -> bool:
    began = _began(stage, facts)
    return Event.RAISED in began and not began & {Event.CONVERTED, Event.ENTERED_REFINEMENT}


def _began(stage: Record, facts: ModificationFacts) -> set[str]:
    """What happened on the day on which a stage began."""
    return {step["event"] for step in facts.steps if step["day"] == stage["since"]}


def _must_have_passed(stage: Stage, facts: ModificationFacts) -> bool:
    """Whether what is known later says that a stage was passed of which nothing is known.

    A proposal may go to the Report Phase without any Refinement, and one on the Fast-Track path has neither.
    """
    steps = {step["event"] for step in facts.steps}
    if stage == Stage.REFINEMENT:
        return bool(steps & {Event.CONVERTED, Event.ENTERED_REFINEMENT, Event.RECOMMENDED_TO_REPORT})
    if stage == Stage.REPORT:
        stated = path_of(facts) in (ModificationPath.SELF_GOVERNANCE, ModificationPath.AUTHORITY)
        return stated or bool(steps & {Event.ENTERED_REPORT, Event.RECOMMENDED_TO_REPORT, Event.VOTED})
    return True


def _on_the_way(stage: Stage, facts: ModificationFacts, held: dict[Stage, Record]) -> bool:
    if stage in held:
        return True
    if stage == Stage.DECISION:
        return any(
            step["path"] == ModificationPath.AUTHORITY
            or step["event"] in (Event.SENT_TO_AUTHORITY, Event.REFERRED)
            for step in facts.steps
        )
    first = min((step["day"] for step in facts.steps if step["day"]), default="9999")
    return stage != Stage.DEVELOPMENT or first >= DEVELOPMENT_SINCE.isoformat()
