"""How a modification's page speaks: of stages, days, events and sources, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from secanalysis.analysis.modification_steps import IMPLEMENTED, SPLIT, STAGE
from secanalysis.domain.vocabulary import (
    BODIES,
    DEFERRALS,
    STAGES,
    Body,
    ConsultationKind,
    Event,
    LineageKind,
    MeetingPurpose,
    ModificationPath,
    Outcome,
    Precision,
    Stage,
)
from secanalysis.domain.written_days import day_in_words
from secanalysis.support.sentence_case import sentence_case
from secanalysis.views.formatting import listed, release_in_words, with_releases_in_words

Record = dict[str, Any]

UNDATED = "9998"  # after every day that a page can be as at, before the end of everything

WAS = {
    Stage.DEVELOPMENT: "a Draft Proposal in Development",
    Stage.REFINEMENT: "in the Refinement Process",
    Stage.REPORT: "in the Report Phase",
    Stage.DECISION: "awaiting a decision",
    Stage.PENDING_IMPLEMENTATION: "approved and awaiting implementation",
    Stage.IMPLEMENTED: "implemented",
    Stage.REJECTED: "rejected",
    Stage.WITHDRAWN: "withdrawn",
}
PATHS = {
    ModificationPath.SELF_GOVERNANCE: "Self-Governance",
    ModificationPath.AUTHORITY: "Authority decision",
    ModificationPath.FAST_TRACK: "Fast-Track",
}
OUTCOMES = {
    Outcome.APPROVED: "approved",
    Outcome.REJECTED: "rejected",
    Outcome.DEFERRED: "deferred",
    Outcome.SENT_BACK: "sent back for further work",
    Outcome.RECOMMENDED_APPROVAL: "recommended approval to the Authority",
    Outcome.RECOMMENDED_REJECTION: "recommended rejection to the Authority",
}
EVENTS = {
    Event.RAISED: "Raised",
    Event.CONVERTED: "Converted to a Modification Proposal",
    Event.RECOMMENDED_TO_CONVERSION: "Recommended for conversion",
    Event.RECOMMENDED_TO_REFINEMENT: "Recommended for the Refinement Process",
    Event.RECOMMENDED_TO_REPORT: "Recommended for the Report Phase",
    Event.ENTERED_REFINEMENT: "Entered the Refinement Process",
    Event.ENTERED_REPORT: "Entered the Report Phase",
    Event.IMPACT_ASSESSMENT_APPROVED: "Impact Assessment request approved",
    Event.IMPACT_ASSESSMENT_DEFERRED: "Impact Assessment request deferred",
    Event.REFERRED: "Decision referred",
    Event.SENT_TO_AUTHORITY: "Sent to the Authority for decision",
    Event.ON_HOLD: "Put on hold",
    Event.RESUMED: "Work resumed",
    Event.WITHDRAWN: "Withdrawn",
}
ASSESSMENTS = {"PA": "Preliminary Assessment (PA)", "IA": "Impact Assessment (IA)"}
CONSULTATIONS = {
    ConsultationKind.REFINEMENT: "Refinement Consultation",
    ConsultationKind.REPORT: "Modification Report Consultation",
    ConsultationKind.OTHER: "Other consultation",
}
PURPOSES = {
    MeetingPurpose.GENERAL: "on the monthly agenda",
    MeetingPurpose.REQUIREMENTS: "the solution against its requirements",
    MeetingPurpose.SOLUTION: "details of the solution",
    MeetingPurpose.IMPACT_ASSESSMENT: "the DCC's Impact Assessment",
    MeetingPurpose.REPORT: "the Modification Report",
}
_RELATIVES = {
    (LineageKind.CONVERTED, False): "Converted from {}",
    (LineageKind.CONVERTED, True): "Converted to {}",
    (LineageKind.SPLIT, False): "Part of {}, which was split",
    (LineageKind.SPLIT, True): "Part: {}",
    (LineageKind.RENUMBERED, False): "Earlier numbered {}",
    (LineageKind.RENUMBERED, True): "Later numbered {}",
    (LineageKind.CORRECTS, False): "Corrects {}",
    (LineageKind.CORRECTS, True): "Corrected by {}",
}


def day(text: str) -> str:
    """An ISO day in words: 7 August 2020."""
    return day_in_words(date.fromisoformat(text))


def when(text: str, precision: str | None) -> str:
    """A day with its preposition, as its precision says to read it: on 7 August 2020, in July 2020, by 7 August 2020."""
    if precision == Precision.MONTH:
        return f"in {date.fromisoformat(text):%B %Y}"
    if precision == Precision.BY:
        return f"by {day(text)}"
    return f"on {day(text)} or later" if precision == Precision.NOT_BEFORE else f"on {day(text)}"


def since(text: str, precision: str | None) -> str:
    """From when something was so: since 7 August 2020, since July 2020, since 7 August 2020 or before."""
    if precision == Precision.MONTH:
        return f"since {date.fromisoformat(text):%B %Y}"
    return f"since {day(text)} or before" if precision == Precision.BY else f"since {day(text)}"


def bare(text: str, precision: str | None) -> str:
    """A day without the preposition of an exact one: 7 August 2020, July 2020, by 7 August 2020."""
    return when(text, precision).removeprefix("on ").removeprefix("in ")


def step(record: Record, ref: str) -> str:
    """What happened, in words: Change Board vote: approved (Self-Governance)."""
    event, body = record["event"], BODIES.get(record["body"], "")
    if event == STAGE:
        return f"Known to be {WAS[record['stage']]}" + (f" ({record['why']})" if record["why"] else "")
    if event == IMPLEMENTED:
        part = f" ({record['part']})" if record["part"] else ""
        words = f"{'In force in part' if record['in_part'] else 'Implemented'}{part}" + (
            f" in {release_in_words(record['release'])}" if record["release"] else ""
        )
    elif event == SPLIT:
        words = (
            f"Split: {record['of']} is a part of it"
            if record["of"] != ref
            else "Split from the modification it is a part of"
        )
    elif event in (Event.VOTED, Event.DECIDED):
        kind = "vote" if event == Event.VOTED else "decision"
        outcome = OUTCOMES.get(record["outcome"], "outcome not stated")
        words = f"{body} {kind}: {outcome}".strip()
        words = sentence_case(words)
    else:
        words = EVENTS[event]
        if body and event == Event.REFERRED:
            words += f" to the {body}"
        elif body and event in (Event.CONVERTED, Event.ENTERED_REFINEMENT, Event.ENTERED_REPORT):
            words += f" ({body})"
        elif body:
            words += f" by the {body}"
    words += f", {DEFERRALS[record['reason']]}" if record["reason"] else ""
    if (
        record["path"]
        and record["body"] != Body.AUTHORITY
        and event
        in (
            Event.VOTED,
            Event.DECIDED,
            Event.RAISED,
        )
    ):
        words += f" ({PATHS[record['path']]})"
    return words


_CHANGES = {
    **{event.replace("_", " "): words for event, words in EVENTS.items()},
    "voted": "Vote",
    "decided": "Decision",
}
_STAGES = {stage.replace("_", " "): words for stage, words in STAGES.items()}
_OUTCOMES = {outcome.replace("_", " "): words for outcome, words in OUTCOMES.items()}


def change(what: str) -> str:
    """A change of a month as people read it: Moved from Refinement Process to Report Phase."""
    if match := re.fullmatch(r"moved from (.+) to (.+)", what):
        before, now = (_STAGES.get(stage, stage) for stage in match.groups())
        return f"Moved from {before} to {now}"
    if match := re.fullmatch(r"moved to (.+)", what):
        return f"Moved to {_STAGES.get(match[1], match[1])}"
    event, colon, outcome = what.partition(": ")
    if what in ("voted", "decided"):
        return f"{_CHANGES[what]}: outcome not stated"
    if event in _CHANGES:
        return _CHANGES[event] + colon + _OUTCOMES.get(outcome, outcome)
    words = with_releases_in_words(what)
    return sentence_case(words)


def relative(record: Record, siblings: Sequence[str] = ()) -> str:
    """How another modification is related, in words: Part of MP102, which was split into MP102A and MP102B."""
    title = f" ‘{record['title']}’" if record["title"] and record["later"] else ""
    words = _RELATIVES[record["kind"], record["later"]].format(record["relative"] + title)
    if (record["kind"], record["later"]) == (LineageKind.SPLIT, False) and siblings:
        words += f" into {listed(siblings)}"
    return words + (f" {when(record['on'], record['precision'])}" if record["on"] else "")
