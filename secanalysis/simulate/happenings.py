"""The events of a made-up register, and the stages seen at the ends of months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import (
    OPEN_STAGES,
    AssessmentKind,
    Body,
    Event,
    ModificationPath,
    Outcome,
    Precision,
)
from secanalysis.simulate.calendar import Calendar, Days, month_ends_within, preceding, where
from secanalysis.simulate.course import Course
from secanalysis.simulate.exports import Exports


@dataclass(frozen=True)
class Block:
    """Events of one kind: whose, when, and what else is said of them (one word for all, or one each)."""

    event: Event
    who: np.ndarray
    day: Days
    body: Any = None
    outcome: Any = None
    path: Any = None
    stage: Any = None

    def cells(self, word: Any, kept: np.ndarray) -> np.ndarray:
        """One of its words for the rows that are kept."""
        return np.broadcast_to(np.asarray(word, dtype=object), len(self.who))[kept]


def events(
    rng: np.random.Generator, course: Course, calendar: Calendar, exports: Exports, intervals: pd.DataFrame
) -> pd.DataFrame:
    """Everything that happened up to the last day; with monthly exports the open stages at their days."""
    blocks = [
        *_process(course),
        *_recommendations(rng, course, calendar),
        *_impact_assessments(rng, course, calendar),
    ]
    if exports.monthly:
        blocks.append(_observations(exports, intervals))
    kept = [exports.happened(block.day) for block in blocks]
    pairs = list(zip(blocks, kept, strict=True))
    who = np.concatenate([block.who[rows] for block, rows in pairs])
    day = np.concatenate([block.day[rows] for block, rows in pairs])
    rank = np.repeat(np.arange(len(blocks)), [len(rows) for rows in kept])
    as_proposal = ~(day >= course["converted"][who])
    columns = {
        "ref": np.where(as_proposal, course.proposal[who], course.name[who]),
        "event": np.array([block.event for block in blocks], dtype=object)[rank],
        "on": day,
        "precision": Precision.DAY.value,
        "body": np.concatenate([block.cells(block.body, rows) for block, rows in pairs]),
        "outcome": np.concatenate([block.cells(block.outcome, rows) for block, rows in pairs]),
        "path": np.concatenate([block.cells(block.path, rows) for block, rows in pairs]),
        "stage": np.concatenate([block.cells(block.stage, rows) for block, rows in pairs]),
    }
    return exports.rows("events", day, [day, who, rank], columns)


def _process(c: Course) -> Iterator[Block]:
    by_panel = c.urgent | (c.path == ModificationPath.FAST_TRACK)
    board = np.where(by_panel, Body.PANEL, Body.CHANGE_BOARD)
    advice = np.where(c.recommended, Outcome.RECOMMENDED_APPROVAL, Outcome.RECOMMENDED_REJECTION)
    own_word = np.where(np.isnat(c["rejected"]), Outcome.APPROVED, Outcome.REJECTED)
    vote = np.where(c.path == ModificationPath.AUTHORITY, advice, own_word)
    last_word = np.where(np.isnat(c["approved"]), Outcome.REJECTED, Outcome.APPROVED)
    steps: list[tuple[Event, str, Any, Any, Any]] = [
        (Event.RAISED, "raised", Body.PROPOSER, None, None),
        (Event.CONVERTED, "converted", Body.PANEL, None, None),
        (Event.ON_HOLD, "on_hold", Body.PROPOSER, None, None),
        (Event.RESUMED, "resumed", Body.PROPOSER, None, None),
        (Event.ENTERED_REPORT, "report", Body.PANEL, None, None),
        (Event.VOTED, "put_off", board, c.put_off, c.path),
        (Event.VOTED, "vote", board, vote, c.path),
        (Event.SENT_TO_AUTHORITY, "sent", Body.CHANGE_BOARD, None, None),
        (Event.DECIDED, "sent_back", Body.AUTHORITY, Outcome.SENT_BACK, ModificationPath.AUTHORITY),
        (Event.VOTED, "vote_again", board, advice, c.path),
        (Event.SENT_TO_AUTHORITY, "sent_again", Body.CHANGE_BOARD, None, None),
        (Event.REFERRED, "referred", Body.PANEL, None, None),
        (Event.DECIDED, "decided", Body.AUTHORITY, last_word, None),
        (Event.WITHDRAWN, "withdrawn", Body.PROPOSER, None, None),
    ]
    for event, step, body, outcome, path in steps:
        yield Block(event, np.arange(len(c)), c[step], body, outcome, path)


def _recommendations(rng: np.random.Generator, c: Course, calendar: Calendar) -> Iterator[Block]:
    """The Change Sub-Committee's word before a gate, where it met in between."""
    everyone = np.arange(len(c))
    met = preceding(calendar.sub_committee, c["converted"])
    met = where(met > c["raised"], met)
    straight = c["report"] == c["converted"]
    onward = rng.random(len(c)) < 0.7
    for event, happened in (
        (Event.RECOMMENDED_TO_CONVERSION, ~straight & onward),
        (Event.RECOMMENDED_TO_REFINEMENT, ~straight & ~onward),
        (Event.RECOMMENDED_TO_REPORT, straight),
    ):
        yield Block(event, everyone, where(happened, met), Body.CSC)
    met = preceding(calendar.sub_committee, c["report"])
    yield Block(Event.RECOMMENDED_TO_REPORT, everyone, where(met > c.entry, met), Body.CSC)


def _impact_assessments(rng: np.random.Generator, course: Course, calendar: Calendar) -> Iterator[Block]:
    """The Change Board lets an Impact Assessment go ahead, some after having deferred it once."""
    a = course.assessments[course.assessments["kind"] == AssessmentKind.IA]
    who, approved = a["who"].to_numpy(), a["requested"].to_numpy().astype("datetime64[D]")
    yield Block(Event.IMPACT_ASSESSMENT_APPROVED, who, approved, Body.CHANGE_BOARD)
    before = preceding(calendar.board, approved)
    put_off = (rng.random(len(who)) < 0.1) & (before > course.entry[who])
    yield Block(Event.IMPACT_ASSESSMENT_DEFERRED, who, where(put_off, before), Body.CHANGE_BOARD)


def _observations(exports: Exports, intervals: pd.DataFrame) -> Block:
    """Each open modification's stage at the ends of months, but not on the very day of a move."""
    open_intervals = intervals[intervals["stage"].isin([stage.value for stage in OPEN_STAGES])]
    since, until = (
        open_intervals[column].to_numpy().astype("datetime64[D]") for column in ("since", "until")
    )
    at, day = month_ends_within(exports.month_ends, since, until, first=False)
    stage = open_intervals["stage"].to_numpy(dtype=object)[at]
    return Block(Event.OBSERVED, open_intervals["who"].to_numpy()[at], day, stage=stage)
