"""What a register keeps: the things of which its exports are the whole word. Of all others they say nothing.

A thing is named by the table or event that holds it and, after dots, by the word and column that set it apart:
``raised``, ``voted.change_board.approved``, ``assessments.PA.returned_on``. A name covers all that begin with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Self

from secanalysis.domain.vocabulary import (
    AssessmentKind,
    Body,
    ConsultationKind,
    Event,
    Outcome,
    ReleaseStatus,
)

DATED, UNDATED = "on", "undated"
"""That something happened is kept with its day, or without."""

NO_BODY = "no_body"
"""In place of the body of votes and decisions, where a register doesn't keep which it was."""

VOTES = (Event.VOTED, Event.DECIDED)
ASSESSMENT_DAYS = ("requested_on", "accepted_on", "returned_on")
CONSULTATION_DAYS = ("expected_week", "opened_on", "closed_on")
WHOLE_TABLES = ("modifications", "lineage", "meetings", "releases")


def _every() -> Iterator[str]:
    yield from WHOLE_TABLES
    for event in Event:
        if event not in VOTES:
            yield from (f"{event}.{how}" for how in (DATED, UNDATED))
        else:
            for body in (*Body, NO_BODY):
                yield from (f"{event}.{body}.{how}" for how in (DATED, UNDATED, *Outcome))
    for kind in AssessmentKind:
        yield from (f"assessments.{kind}.{column}" for column in ASSESSMENT_DAYS)
    for of in ConsultationKind:
        yield from (f"consultations.{of}.{column}" for column in CONSULTATION_DAYS)
    for status in ReleaseStatus:
        yield from (f"release_items.{status}.{how}" for how in (DATED, UNDATED))


@cache
def things() -> frozenset[str]:
    """Everything that a register can keep, each by its full name."""
    return frozenset(_every())


@cache
def names() -> dict[str, frozenset[str]]:
    """What each name covers, the short ones too."""
    covered: dict[str, set[str]] = {}
    for thing in sorted(things()):
        parts = thing.split(".")
        for length in range(1, len(parts) + 1):
            covered.setdefault(".".join(parts[:length]), set()).add(thing)
    return {name: frozenset(of_name) for name, of_name in covered.items()}


@dataclass(frozen=True)
class Kept:
    """What a register keeps: some of `things`."""

    things: frozenset[str]

    @classmethod
    def everything(cls) -> Self:
        """What is kept where nothing is said of it."""
        return cls(things())

    @classmethod
    def of(cls, named: Iterable[str]) -> Self:
        """What some names cover.

        Raises
        ------
        KeyError
            If one names nothing.
        """
        return cls(frozenset().union(*(names()[name] for name in named)))

    @classmethod
    def parse(cls, cell: str | None) -> Self:
        """What a cell of ``sources.keeps`` says."""
        return cls.everything() if cell is None else cls.of(cell.split())

    @property
    def text(self) -> str:
        """As `parse` reads it: as few names as cover it, and nothing else."""
        whole = [name for name, covered in names().items() if covered <= self.things]
        listed = set(whole)
        return " ".join(sorted(name for name in whole if name.rpartition(".")[0] not in listed))

    def keeps(self, name: str) -> bool:
        """Whether all that a name covers is kept."""
        return names()[name] <= self.things

    def keeps_some(self, name: str) -> bool:
        """Whether anything that a name covers is kept."""
        return not names()[name].isdisjoint(self.things)

    @property
    def keeps_stages(self) -> bool:
        """Whether it is known of each modification in which stage it is: by its word, or all that changes one."""
        ends = self.keeps_some("voted") or self.keeps_some("decided")
        steps = all(map(self.keeps_some, ("entered_report", "withdrawn", "release_items.implemented")))
        starts = self.keeps_some("converted") or self.keeps_some("entered_refinement")
        return self.keeps_some(Event.OBSERVED) or (ends and steps and starts)
