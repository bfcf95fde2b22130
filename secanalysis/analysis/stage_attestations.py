"""What sources support without saying that anything happened: the rules A to H of `stage_rules.ATTESTS`, collected.

Each gives rows of evidence that support a stage on a day, begun then or before. What only a published report can say
(lists of what is going on or to come) counts on that report's day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from secanalysis.analysis.evidence_rows import evidence_rows
from secanalysis.analysis.stage_codes import BY, EVIDENCE, NOT_BEFORE, RULES, STAGES
from secanalysis.analysis.stage_rules import (
    ATTESTED,
    ATTESTS,
    CONSULTATION_STAGES,
    CONSULTED,
    INFERRED,
    MOVED_ON,
)
from secanalysis.analysis.units import Units
from secanalysis.domain.vocabulary import (
    AssessmentState,
    Body,
    ConsultationKind,
    Event,
    MeetingStatus,
    Precision,
    PublishedPrecision,
    SourceKind,
)
from secanalysis.register.resolution.ranking import effective_day
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up

_DRAFT = "DP"

Collected = tuple[str, pd.DataFrame]
"""A table's name, and rows of evidence whose ``row`` is the place of a statement in it."""


def collected(
    register: ResolvedRegister, units: Units, statements: Mapping[str, pd.DataFrame]
) -> Iterator[Collected]:
    """Collect what the rules A to H give.

    Parameters
    ----------
    register
        What is known.
    units
        Its units.
    statements
        The statements by table, in the order in which rows are numbered, each with its ``root`` and ``name``.
    """
    collect = _Collector(register, units, statements)
    yield from collect.of_events()
    yield from collect.of_consultations()
    yield from collect.of_assessments()
    yield from collect.of_meetings()
    if len(collect.report_days):
        yield from collect.of_drafts()
        yield from collect.current_in_refine()


class _Collector:
    """The rules over one register's statements."""

    def __init__(
        self, register: ResolvedRegister, units: Units, statements: Mapping[str, pd.DataFrame]
    ) -> None:
        self.units, self.statements = units, statements
        sources = register.sources
        dated = (sources["kind"] == SourceKind.REPORT) & (
            sources["published_precision"] == PublishedPrecision.DAY
        )
        self.report_days = sources[dated].set_index("source_id")["published_on"]
        self.listed = register.exports["name"].unique()

    def of_events(self) -> Iterator[Collected]:
        """Recommended for the Report Phase (B), Impact Assessment requests deferred (D) and approved (E).

        A register's export states each step, and so which stage it was that something was recommended from.
        """
        events = self.statements["events"]
        day = effective_day(events["on"], events["precision"])
        seen = (events["precision"] == Precision.NOT_BEFORE).to_numpy()
        reported = self._report_day(events)
        for rule, event, on in (
            ("B", Event.RECOMMENDED_TO_REPORT, day),
            ("D", Event.IMPACT_ASSESSMENT_DEFERRED, reported.fillna(day)),
            ("E", Event.IMPACT_ASSESSMENT_APPROVED, day),
        ):
            rows = (events["event"] == event).to_numpy(copy=True)
            if rule == "B":
                rows[rows] = ~events.loc[rows, "name"].isin(self.listed).to_numpy()
            yield from self._attested(rule, "events", rows, on, np.where(seen, NOT_BEFORE, BY))

    def of_consultations(self) -> Iterator[Collected]:
        """Consultations (C): from opening to closing, and a Refinement Consultation expected on the report's day."""
        frame = self.statements["consultations"]
        refinement = (frame["kind"] == ConsultationKind.REFINEMENT).to_numpy()
        report = (frame["kind"] == ConsultationKind.REPORT).to_numpy()
        until = _until(frame["opened_on"])
        for day, precision in ((frame["opened_on"], BY), (frame["closed_on"], until)):
            yield from self._attested("C", "consultations", refinement, day, precision)
            yield from self._attested("C", "consultations", report, day, precision, ConsultationKind.REPORT)
        expected = refinement & frame["expected_week"].notna().to_numpy()
        yield from self._attested("C", "consultations", expected, self._report_day(frame))

    def of_assessments(self) -> Iterator[Collected]:
        """DCC assessments (F): requested, else accepted; returned; known to be open."""
        frame = self.statements["assessments"]
        every = np.ones(len(frame), dtype=bool)
        is_open = (frame["state"] == AssessmentState.OPEN).to_numpy()
        begun = frame["requested_on"].fillna(frame["accepted_on"])
        until = _until(begun)
        yield from self._attested("F", "assessments", every, begun)
        yield from self._attested("F", "assessments", every, frame["returned_on"], until)
        yield from self._attested("F", "assessments", is_open, frame["state_on"], until)

    def of_meetings(self) -> Iterator[Collected]:
        """The Working Group deals with a modification (G); a meeting to come, on the report's day (D).

        A meeting known to its month confirms the stage on the month's first day, if that had begun, and starts none.
        """
        frame = self.statements["meetings"]
        working_group = self._of_working_group()
        held = (frame["status"] == MeetingStatus.HELD).to_numpy()
        in_month = (frame["precision"] == Precision.MONTH).to_numpy()
        precision = np.where(in_month, NOT_BEFORE, BY)
        yield from self._attested("G", "meetings", working_group & held, frame["held_on"], precision)
        yield from self._attested("D", "meetings", working_group & ~held, self._report_day(frame))

    def of_drafts(self) -> Iterator[Collected]:
        """What a report calls a Draft Proposal, unless it converts it (A)."""
        events = self.statements["events"]
        converted = self._in_report(events) & (events["event"] == Event.CONVERTED).to_numpy()
        converts = _pairs(events[converted], root=True)
        for table, frame in self.statements.items():
            drafts = self._in_report(frame) & _is_draft(frame)
            drafts[drafts] = ~_pairs(frame[drafts], root=True).isin(converts)
            yield from self._attested("A", table, drafts, self._report_day(frame))

    def current_in_refine(self) -> Iterator[Collected]:
        """What a report lists in its Refine chapter as going on, and nowhere as moved on (H)."""
        events, items = self.statements["events"], self.statements["release_items"]
        moved = pd.concat(
            [events.loc[events["event"].isin(MOVED_ON), ["name", "source_id"]], items[["name", "source_id"]]]
        )
        moved_on = _pairs(moved[self._in_report(moved)])
        requests = [Event.IMPACT_ASSESSMENT_APPROVED, Event.IMPACT_ASSESSMENT_DEFERRED]
        assessments, consultations = self.statements["assessments"], self.statements["consultations"]
        listed = {
            "assessments": (assessments["state"] == AssessmentState.OPEN).to_numpy(),
            "meetings": self._of_working_group(),
            "consultations": (consultations["kind"] == ConsultationKind.REFINEMENT).to_numpy(),
            "events": events["event"].isin(requests).to_numpy(),
        }
        for table, rows in listed.items():
            frame = self.statements[table]
            current = rows & self._in_report(frame) & ~_is_draft(frame)
            current[current] = ~_pairs(frame[current]).isin(moved_on)
            yield from self._attested(INFERRED, table, current, self._report_day(frame))

    def _of_working_group(self) -> np.ndarray:
        """Which meetings are of the Working Group on a modification, not on a Draft Proposal."""
        frame = self.statements["meetings"]
        named = (frame["body"] == Body.WORKING_GROUP) & frame["ref"].notna()
        return named.to_numpy() & ~_is_draft(frame)

    def _report_day(self, frame: pd.DataFrame) -> pd.Series:
        """The day of the published report that states each row; missing where another sort of source does."""
        return looked_up(frame["source_id"], self.report_days)

    def _in_report(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["source_id"].isin(self.report_days.index).to_numpy()

    def _attested(
        self,
        rule: str,
        table: str,
        which: np.ndarray,
        day: pd.Series,
        precision: np.ndarray | int = BY,
        kind: ConsultationKind | None = None,
    ) -> Iterable[Collected]:
        """The rows of evidence of some statements by a rule, if any have a day."""
        place = np.flatnonzero(which & day.notna().to_numpy())
        if not len(place):
            return
        frame = self.statements[table]
        stage = ATTESTS[rule].stage or CONSULTATION_STAGES[kind or ConsultationKind.REFINEMENT]
        on = day.take(place)
        rows = evidence_rows(
            self.units.numbers(frame["name"].take(place)),
            on,
            on,
            place,
            precision=np.broadcast_to(precision, len(which))[place],
            what=EVIDENCE[CONSULTED if kind == ConsultationKind.REPORT else ATTESTED],
            after=STAGES[stage],
            rule=RULES[rule],
        )
        yield table, rows


def _until(begun: pd.Series) -> np.ndarray:
    """How the last day of something is taken whose first may be known: it confirms the stage that the first supports.

    It never starts the stage again where a dated event has left it meanwhile. Where the first day isn't known it does.
    """
    return np.where(begun.notna().to_numpy(), NOT_BEFORE, BY)


def _is_draft(frame: pd.DataFrame) -> np.ndarray:
    return frame["ref"].str.startswith(_DRAFT, na=False).to_numpy(dtype=bool)


def _pairs(frame: pd.DataFrame, *, root: bool = False) -> pd.Series:
    """Who each row is about, by modification or part, and which source says it: one text a row."""
    return frame["root" if root else "name"] + "|" + frame["source_id"]
