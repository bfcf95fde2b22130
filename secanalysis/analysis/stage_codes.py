"""Words of stages as numbers, and the rules of `stage_rules` looked up by them for millions of rows at once.

As text, millions of rows would not fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_rules import ATTESTS, LEADS_TO, ON_ONE_DAY, SUPPORTS, sighting
from secanalysis.domain.vocabulary import (
    DEVELOPMENT_SINCE,
    Body,
    Event,
    ModificationPath,
    Outcome,
    Precision,
    Stage,
)
from secanalysis.support.integer_codes import coded


def _numbered(words: Sequence[str]) -> dict[str, int]:
    return {str(word): number for number, word in enumerate(words)}


UNSTATED = -1
STAGES, PRECISIONS, OUTCOMES, PATHS, BODIES = (
    _numbered([*words]) for words in (Stage, Precision, Outcome, ModificationPath, Body)
)
NOWHERE = len(STAGES)
"""In place of a stage: two are stated for one day, so that none is known from then on."""
RULES = _numbered([*ATTESTS])
EVIDENCE = _numbered([*ON_ONE_DAY, *(sighting(stage) for stage in Stage)])
"""What a statement says: numbers in the order of one day, then the sightings of stages in the order of `STAGES`."""
FIRST_SIGHTING = len(ON_ONE_DAY)
DAY, MONTH, BY, NOT_BEFORE = (
    PRECISIONS[word] for word in (Precision.DAY, Precision.MONTH, Precision.BY, Precision.NOT_BEFORE)
)


def is_one_of(codes: np.ndarray, words: Sequence[str], numbers: Mapping[str, int]) -> np.ndarray:
    """Whether each code is that of one of some words; a word without a number is "not stated".

    Parameters
    ----------
    codes
        Numbers of words, or `UNSTATED`.
    words
        The words that are looked for.
    numbers
        The number of each word, from 0.
    """
    wanted = np.zeros(len(numbers) + 1, dtype=bool)  # the last place is that of UNSTATED
    wanted[[numbers.get(word, UNSTATED) for word in words]] = True
    return wanted[codes]


@dataclass(frozen=True, eq=False)
class EventCodes:
    """Events in numbers, an array a column.

    Attributes
    ----------
    name
        Which modification or part.
    event, precision, body, outcome, path, stage
        Words as numbers; a path that isn't stated is the one that its modification's other events agree on.
    before_development
        Whether it was before the Development Stage existed.
    """

    name: np.ndarray
    event: np.ndarray
    precision: np.ndarray
    body: np.ndarray
    outcome: np.ndarray
    path: np.ndarray
    stage: np.ndarray
    before_development: np.ndarray

    @classmethod
    def of(cls, events: pd.DataFrame, name: np.ndarray) -> EventCodes:
        """Events in numbers.

        Parameters
        ----------
        events
            As of `ResolvedRegister.events`.
        name
            The number of each one's modification or part, from 0.
        """
        vocabularies = {"body": BODIES, "outcome": OUTCOMES, "stage": STAGES, "precision": PRECISIONS}
        words = {column: coded(events[column], codes, UNSTATED) for column, codes in vocabularies.items()}
        return cls(
            name=name,
            event=coded(events["event"], EVIDENCE),
            path=_settled_path(name, coded(events["path"], PATHS, UNSTATED)),
            before_development=(events["on"] < pd.Timestamp(DEVELOPMENT_SINCE)).to_numpy(),
            **words,
        )

    def take(self, rows: np.ndarray) -> EventCodes:
        """Some of them, by their places."""
        return EventCodes(**{name: values[rows] for name, values in vars(self).items()})

    def stage_after(self, outcome: np.ndarray) -> np.ndarray:
        """The stage after each event by `LEADS_TO` if it had an outcome; `UNSTATED` where it changes none."""
        after = np.where(is_one_of(self.event, [Event.OBSERVED], EVIDENCE), self.stage, UNSTATED).astype(
            "int8"
        )
        for line in LEADS_TO:
            fits = is_one_of(self.event, line.events, EVIDENCE)
            for codes, words, numbers in (
                (outcome, line.outcomes, OUTCOMES),
                (self.path, line.paths, PATHS),
                (self.body, line.bodies, BODIES),
            ):
                if words:
                    fits &= is_one_of(codes, words, numbers)
            if line.before_development:
                fits &= self.before_development
            after[fits] = UNSTATED if line.stage is None else STAGES[line.stage]
        return after


def _settled_path(name: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Give an event whose path isn't stated the path that the modification's other events agree on."""
    agreed = np.full(int(name.max(initial=-1)) + 1, UNSTATED, dtype="int8")
    stated = path >= 0
    agreed[name[stated]] = path[stated]
    differs = stated & (path != agreed[name])
    agreed[name[differs]] = UNSTATED
    return np.where(stated, path, agreed[name])


def _supported(*, in_an_export: bool) -> np.ndarray:
    """`SUPPORTS` as a table of truth: a row for each number of `EVIDENCE`, a column for each of `STAGES`."""
    table = np.zeros(
        (len(EVIDENCE), len(STAGES) + 1), dtype=bool
    )  # the last column: no stage before it is known
    for line in SUPPORTS:
        stages = line.stages if line.in_an_export is None or not in_an_export else line.in_an_export
        table[EVIDENCE[line.evidence], [STAGES[stage] for stage in stages]] = True
    return table


_SUPPORTED, _SUPPORTED_IN_AN_EXPORT = _supported(in_an_export=False), _supported(in_an_export=True)


def supports(evidence: np.ndarray, before: np.ndarray, in_an_export: np.ndarray) -> np.ndarray:
    """Whether each piece of evidence supports the stage before it up to its own day, by `SUPPORTS`.

    Parameters
    ----------
    evidence
        Numbers of `EVIDENCE`.
    before
        Numbers of `STAGES`, or `UNSTATED`.
    in_an_export
        Whether a register's export lists the modification.
    """
    return np.where(in_an_export, _SUPPORTED_IN_AN_EXPORT[evidence, before], _SUPPORTED[evidence, before])
