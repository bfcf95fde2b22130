"""Which stage follows which: what each event leads to, and which stage it says was held up to it.

These are the rules of the process, in numbers that stand for the words of the vocabularies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import (
    OPEN_STAGES,
    Body,
    Event,
    ModificationPath,
    Outcome,
    Precision,
    Stage,
)
from secanalysis.support.integer_codes import coded

DEVELOPMENT_SINCE = pd.Timestamp("2018-11-01")  # process: the Development Stage exists since November 2018
FINAL = (Stage.IMPLEMENTED, Stage.REJECTED, Stage.WITHDRAWN)


def _numbered(words: Sequence[str]) -> dict[str, int]:
    return {str(word): number for number, word in enumerate(words)}


# While stages are worked out words are numbers: millions of rows would not fit into memory as text.
UNSTATED = -1
CODE = _numbered([*Stage])
PRECISIONS, OUTCOMES, PATHS, BODIES = (
    _numbered([*words]) for words in (Precision, Outcome, ModificationPath, Body)
)
DAY_NUMBER, MONTH_NUMBER, BY_NUMBER, NOT_BEFORE_NUMBER = (
    PRECISIONS[word] for word in (Precision.DAY, Precision.MONTH, Precision.BY, Precision.NOT_BEFORE)
)

# Which stages an event can directly follow (process.md of the facts: Define, Refine, Opine, decision,
# implementation, with steps back and straight ways). Where a register's export lists the modification, and so
# tells each of its steps, the event attests that it stood there up to its day.
FOLLOWS: dict[str, tuple[Stage, ...]] = {
    Event.CONVERTED: (Stage.DEVELOPMENT,),
    Event.RECOMMENDED_TO_CONVERSION: (Stage.DEVELOPMENT,),
    Event.RECOMMENDED_TO_REFINEMENT: (Stage.DEVELOPMENT,),
    Event.RECOMMENDED_TO_REPORT: (Stage.DEVELOPMENT, Stage.REFINEMENT),
    Event.ENTERED_REFINEMENT: (Stage.DEVELOPMENT, Stage.REPORT, Stage.DECISION),
    Event.ENTERED_REPORT: (Stage.DEVELOPMENT, Stage.REFINEMENT, Stage.DECISION),
    Event.IMPACT_ASSESSMENT_APPROVED: (Stage.REFINEMENT,),
    Event.IMPACT_ASSESSMENT_DEFERRED: (Stage.REFINEMENT,),
    Event.VOTED: (Stage.REPORT, Stage.DECISION),
    Event.DECIDED: (Stage.REPORT, Stage.DECISION),
    Event.REFERRED: (Stage.REPORT, Stage.DECISION),
    Event.SENT_TO_AUTHORITY: (Stage.REPORT, Stage.DECISION),
    Event.ON_HOLD: OPEN_STAGES,
    Event.RESUMED: OPEN_STAGES,
    Event.WITHDRAWN: OPEN_STAGES,
    "implemented": (Stage.PENDING_IMPLEMENTATION,),
    "listed": tuple(Stage),  # an export attests all its rows on its day
}
# Elsewhere few sources tell when development or refinement ended: what can follow a later stage as well doesn't say
# that a modification had stayed there till then.
ATTESTS = FOLLOWS | {
    Event.RECOMMENDED_TO_REPORT: (Stage.REFINEMENT,),
    Event.ENTERED_REPORT: (Stage.REFINEMENT, Stage.DECISION),
    Event.ON_HOLD: (Stage.REPORT, Stage.DECISION),
    Event.RESUMED: (Stage.REPORT, Stage.DECISION),
    Event.WITHDRAWN: (Stage.REPORT, Stage.DECISION),
}
# On one day, in the order in which the process takes its steps: a consultation before any decision.
_STEPS = [*Event]
_STEPS.insert(_STEPS.index(Event.ENTERED_REPORT) + 1, "consulted")
ORDER = _numbered([*_STEPS, "approved item", "implemented", "listed"])
WHAT = _numbered([*ORDER, *(f"seen {stage}" for stage in Stage)])


@dataclass(frozen=True, eq=False)
class EventWords:
    """Events in numbers: of a column each.

    Attributes
    ----------
    name
        Which modification or part.
    event, precision, body, outcome, path, stage
        Words as numbers; a path that isn't stated is the one that its modification's other events agree on.
    early
        Whether it was before the Development Stage existed.
    """

    name: np.ndarray
    event: np.ndarray
    precision: np.ndarray
    body: np.ndarray
    outcome: np.ndarray
    path: np.ndarray
    stage: np.ndarray
    early: np.ndarray

    @classmethod
    def of(cls, events: pd.DataFrame, name: np.ndarray) -> EventWords:
        """Events, and the number of each one's modification or part.

        Parameters
        ----------
        events
            As of `ResolvedRegister.events`.
        name
            Numbers from 0, one each.
        """
        vocabularies = {"body": BODIES, "outcome": OUTCOMES, "stage": CODE, "precision": PRECISIONS}
        words = {column: coded(events[column], codes, UNSTATED) for column, codes in vocabularies.items()}
        path = _settled_path(name, coded(events["path"], PATHS, UNSTATED))
        early = (events["on"] < DEVELOPMENT_SINCE).to_numpy()
        return cls(name=name, event=coded(events["event"], WHAT), path=path, early=early, **words)

    def take(self, rows: np.ndarray) -> EventWords:
        """Some of them."""
        return EventWords(**{name: values[rows] for name, values in vars(self).items()})

    def stage_after(self, outcome: np.ndarray) -> np.ndarray:
        """The stage after each event if it had an outcome, unstated where it changes none."""

        def event(*kinds: Event) -> np.ndarray:
            return np.isin(self.event, [WHAT[kind] for kind in kinds])

        def outcomes(*words: Outcome) -> np.ndarray:
            return np.isin(outcome, [OUTCOMES[word] for word in words])

        board = np.isin(self.body, [UNSTATED, BODIES[Body.CHANGE_BOARD]])
        final = np.isin(
            self.path, [PATHS[ModificationPath.SELF_GOVERNANCE], PATHS[ModificationPath.FAST_TRACK]]
        )
        final |= (self.path == UNSTATED) & board
        to_authority = self.path == PATHS[ModificationPath.AUTHORITY]
        voted, decided = event(Event.VOTED), event(Event.DECIDED)
        approved, rejected = outcomes(Outcome.APPROVED), outcomes(Outcome.REJECTED)
        recommended = outcomes(Outcome.RECOMMENDED_APPROVAL, Outcome.RECOMMENDED_REJECTION)
        rules = [
            (event(Event.WITHDRAWN), Stage.WITHDRAWN),
            ((voted | decided) & outcomes(Outcome.SENT_BACK), Stage.REPORT),
            (event(Event.SENT_TO_AUTHORITY, Event.REFERRED), Stage.DECISION),
            (voted & recommended, Stage.DECISION),
            (voted & to_authority & (approved | rejected), Stage.DECISION),
            ((voted & final | decided) & rejected, Stage.REJECTED),
            ((voted & final | decided) & approved, Stage.PENDING_IMPLEMENTATION),
            (event(Event.ENTERED_REPORT), Stage.REPORT),
            (event(Event.CONVERTED, Event.ENTERED_REFINEMENT), Stage.REFINEMENT),
            (event(Event.RAISED) & self.early, Stage.REFINEMENT),
            (event(Event.RAISED), Stage.DEVELOPMENT),
        ]
        seen = np.where(event(Event.OBSERVED), self.stage, UNSTATED)
        out = seen.astype("int8")
        for rule, stage in reversed(rules):
            out[rule] = CODE[stage]
        return out


def _settled_path(name: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Give a vote whose path isn't stated the path that the modification's other events agree on."""
    agreed = np.full(int(name.max(initial=-1)) + 1, UNSTATED, dtype="int8")
    stated = path >= 0
    agreed[name[stated]] = path[stated]
    differs = stated & (path != agreed[name])
    agreed[name[differs]] = UNSTATED
    return np.where(stated, path, agreed[name])
