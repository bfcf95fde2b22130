"""The rules of stages, as tables: what leads to which stage, what shows one, and how long each is believed.

In every table a rule comes first and its exceptions after it: of several lines that fit, the last one holds.
`stage_codes` looks the rules up, `stage_evidence` collects what they speak of, `stage_intervals` applies them.

Each line names its source: *process* is the modification process of the Smart Energy Code as its public pages
describe it; *method* is docs/method.md, *Stages*, where sources are silent and an assumption was needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from secanalysis.domain.vocabulary import (
    DEVELOPMENT_SINCE,
    OPEN_STAGES,
    Body,
    ConsultationKind,
    Event,
    ModificationPath,
    Outcome,
    ReleaseStatus,
    Stage,
)

FINAL = (Stage.IMPLEMENTED, Stage.REJECTED, Stage.WITHDRAWN)
"""Once reached, believed until something else is stated (method). An open stage is believed only while supported."""
CLOSED = (*FINAL, Stage.PENDING_IMPLEMENTATION)
"""Stages after a decision. Pending implementation is believed until the day planned for the release (method)."""

# Evidence of a stage that isn't an event.
ATTESTED = "attested"
CONSULTED = "consulted"
APPROVED_ITEM = "approved item"
IMPLEMENTED = "implemented"
LISTED = "listed"


def sighting(stage: str) -> str:
    """What shows a stage that began nobody says when: it confirms the stage and never starts it (process)."""
    return f"seen {stage}"


ON_ONE_DAY = (
    Event.RAISED,
    Event.CONVERTED,
    Event.OBSERVED,
    Event.RECOMMENDED_TO_CONVERSION,
    Event.RECOMMENDED_TO_REFINEMENT,
    Event.RECOMMENDED_TO_REPORT,
    Event.ENTERED_REFINEMENT,
    ATTESTED,
    Event.ENTERED_REPORT,
    CONSULTED,
    Event.IMPACT_ASSESSMENT_APPROVED,
    Event.IMPACT_ASSESSMENT_DEFERRED,
    Event.VOTED,
    Event.DECIDED,
    Event.REFERRED,
    Event.SENT_TO_AUTHORITY,
    Event.ON_HOLD,
    Event.RESUMED,
    Event.WITHDRAWN,
    APPROVED_ITEM,
    IMPLEMENTED,
    LISTED,
)
"""The order in which evidence of one day is taken: that of the process, a consultation before any decision."""


# What leads to which stage ----------------------------------------------------------------------

NOT_STATED = ""
NO_CHANGE = None
NOT_THE_BOARD = tuple(body for body in Body if body is not Body.CHANGE_BOARD)


@dataclass(frozen=True)
class LeadsTo:
    """Events, the stage after them, and the source of the rule.

    Attributes
    ----------
    events, stage, source
        What happens, the stage then (`NO_CHANGE` if it stays), and where the rule comes from.
    outcomes, paths, bodies
        The line is for these only; for any if empty. `NOT_STATED` is a blank.
    before_development
        The line is only for what was before the Development Stage existed (`DEVELOPMENT_SINCE`).
    """

    events: tuple[Event, ...]
    stage: Stage | None
    source: str
    outcomes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    before_development: bool = False


_VOTE = (Event.VOTED,)
_VOTE_OR_DECISION = (Event.VOTED, Event.DECIDED)
_EITHER_WAY = (Outcome.APPROVED, Outcome.REJECTED)
_RECOMMENDED = (Outcome.RECOMMENDED_APPROVAL, Outcome.RECOMMENDED_REJECTION)

LEADS_TO = (
    LeadsTo((Event.RAISED,), Stage.DEVELOPMENT, "process"),
    # except: proposals went straight to refinement then
    LeadsTo(
        (Event.RAISED,), Stage.REFINEMENT, f"process, before {DEVELOPMENT_SINCE}", before_development=True
    ),
    LeadsTo((Event.CONVERTED, Event.ENTERED_REFINEMENT), Stage.REFINEMENT, "process"),
    LeadsTo((Event.ENTERED_REPORT,), Stage.REPORT, "process"),
    LeadsTo(_VOTE_OR_DECISION, Stage.PENDING_IMPLEMENTATION, "process", outcomes=(Outcome.APPROVED,)),
    LeadsTo(_VOTE_OR_DECISION, Stage.REJECTED, "process", outcomes=(Outcome.REJECTED,)),
    # except: on the Authority's path a vote is a recommendation
    LeadsTo(_VOTE, Stage.DECISION, "process", outcomes=_EITHER_WAY, paths=(ModificationPath.AUTHORITY,)),
    # except: whether another body than the Change Board decides is not known without the path
    LeadsTo(_VOTE, NO_CHANGE, "method", outcomes=_EITHER_WAY, paths=(NOT_STATED,), bodies=NOT_THE_BOARD),
    LeadsTo(_VOTE, Stage.DECISION, "process", outcomes=_RECOMMENDED),
    LeadsTo(_VOTE_OR_DECISION, Stage.REPORT, "process", outcomes=(Outcome.SENT_BACK,)),
    LeadsTo((Event.REFERRED, Event.SENT_TO_AUTHORITY), Stage.DECISION, "process"),
    LeadsTo((Event.WITHDRAWN,), Stage.WITHDRAWN, "process"),
)
"""What each event leads to. An event without a line changes nothing; one that was observed names its own stage,
which began then or before. A path that isn't stated is the one that the modification's other events agree on."""

# What a source supports on a day without saying that anything happened --------------------------


@dataclass(frozen=True)
class Attests:
    """A rule by which a source supports a stage on a day: the stage is supported then, and began then or before.

    Attributes
    ----------
    stage
        The stage that is supported; None where it depends on the kind of consultation.
    words
        What supports it, as a page says it.
    """

    stage: Stage | None
    words: str


ATTESTS = {
    "A": Attests(Stage.DEVELOPMENT, "listed as a Draft Proposal"),
    "B": Attests(Stage.REFINEMENT, "recommended for the Report Phase"),
    "C": Attests(None, "consultation"),
    "D": Attests(Stage.REFINEMENT, "Impact Assessment request deferred, or meeting to come"),
    "E": Attests(Stage.REFINEMENT, "Impact Assessment request approved"),
    "F": Attests(Stage.REFINEMENT, "DCC assessment"),
    "G": Attests(Stage.REFINEMENT, "Working Group meeting"),
    "H": Attests(Stage.REFINEMENT, "inferred from the report's list"),
}
"""The rules by their letters; docs/method.md, *Stages*, says on which day each supports its stage (process and method).

What is supported starts the stage where nothing dated did; two days of one stage hold what is in between."""
INFERRED = "H"
"""The rule that infers: what other rules, events or sightings state wins over it."""
MOVED_ON = (
    Event.ENTERED_REPORT,
    Event.VOTED,
    Event.DECIDED,
    Event.REFERRED,
    Event.SENT_TO_AUTHORITY,
    Event.WITHDRAWN,
)
"""What a report says of a modification that isn't in Refinement any more; being in a release's list says it too."""

CONSULTATION_STAGES = {
    ConsultationKind.REFINEMENT: Stage.REFINEMENT,
    ConsultationKind.REPORT: Stage.REPORT,
}
"""The stage that an open consultation supports (process); other kinds support none."""

RELEASE_ITEM_STAGES = {
    ReleaseStatus.APPROVED: Stage.PENDING_IMPLEMENTATION,  # begun then or before
    ReleaseStatus.IMPLEMENTED: Stage.IMPLEMENTED,
}
"""The stage that a release item leads to (process)."""
WHILE_PARTS_ARE_LEFT = Stage.PENDING_IMPLEMENTATION
"""The exception: what is in force leads here while another part of the modification is named and isn't (process)."""


# What supports the stage before it --------------------------------------------------------------


@dataclass(frozen=True)
class Supports:
    """Evidence that supports the stage before it up to its own day, if that is one of these.

    Attributes
    ----------
    evidence, stages, source
        An event or other evidence, the stages that it can directly follow with nothing unreported in between,
        and where the rule comes from.
    in_an_export
        The exception, if any: the stages where a register's export lists the modification, and so states each
        of its steps.
    """

    evidence: str
    stages: tuple[Stage, ...]
    source: str
    in_an_export: tuple[Stage, ...] | None = None


_AFTER_CONSULTATION = (Stage.REPORT, Stage.DECISION)

SUPPORTS = (
    Supports(Event.CONVERTED, (Stage.DEVELOPMENT,), "process"),
    Supports(Event.RECOMMENDED_TO_CONVERSION, (Stage.DEVELOPMENT,), "process"),
    Supports(Event.RECOMMENDED_TO_REFINEMENT, (Stage.DEVELOPMENT,), "process"),
    Supports(
        Event.RECOMMENDED_TO_REPORT,
        (Stage.REFINEMENT,),
        "method",
        in_an_export=(Stage.DEVELOPMENT, Stage.REFINEMENT),
    ),
    Supports(Event.ENTERED_REFINEMENT, (Stage.DEVELOPMENT, Stage.REPORT, Stage.DECISION), "process"),
    Supports(
        Event.ENTERED_REPORT,
        (Stage.REFINEMENT, Stage.DECISION),
        "method",
        in_an_export=(Stage.DEVELOPMENT, Stage.REFINEMENT, Stage.DECISION),
    ),
    Supports(Event.IMPACT_ASSESSMENT_APPROVED, (Stage.REFINEMENT,), "process"),
    Supports(Event.IMPACT_ASSESSMENT_DEFERRED, (Stage.REFINEMENT,), "process"),
    Supports(Event.VOTED, _AFTER_CONSULTATION, "process"),
    # whoever decides after a vote leaves a decision stage between it and the Report Phase
    Supports(Event.DECIDED, (Stage.DECISION,), "process", in_an_export=_AFTER_CONSULTATION),
    Supports(Event.REFERRED, _AFTER_CONSULTATION, "process"),
    Supports(Event.SENT_TO_AUTHORITY, _AFTER_CONSULTATION, "process"),
    Supports(Event.ON_HOLD, _AFTER_CONSULTATION, "method", in_an_export=OPEN_STAGES),
    Supports(Event.RESUMED, _AFTER_CONSULTATION, "method", in_an_export=OPEN_STAGES),
    Supports(Event.WITHDRAWN, _AFTER_CONSULTATION, "method", in_an_export=OPEN_STAGES),
    Supports(IMPLEMENTED, (Stage.PENDING_IMPLEMENTATION,), "process"),
    Supports(LISTED, tuple(Stage), "method"),  # an export supports all its rows on its day
    *(Supports(sighting(stage), (stage,), "method") for stage in Stage),
)
"""What supports a stage up to a later day. Any evidence also supports the very stage that it leads to; what began *by*
a day says nothing of how long the stage before it lasted (method)."""

PAST_DEVELOPMENT = (
    Event.CONVERTED,
    Event.ENTERED_REFINEMENT,
    Event.RECOMMENDED_TO_REPORT,
    Event.ENTERED_REPORT,
    Event.IMPACT_ASSESSMENT_APPROVED,
    Event.IMPACT_ASSESSMENT_DEFERRED,
    Event.VOTED,
    Event.DECIDED,
    Event.SENT_TO_AUTHORITY,
)
"""What only a Modification Proposal does, so that it isn't a Draft Proposal any more (process)."""
