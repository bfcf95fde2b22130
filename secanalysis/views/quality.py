"""How much is known, and which statements are in doubt."""

from __future__ import annotations

from typing import Any

import pandas as pd

from secanalysis.analysis import quality, stages
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import STAGES
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.views import charts
from secanalysis.views.cases import CaseList, Cases
from secanalysis.views.drawing import Chart
from secanalysis.views.section import Section, in_percent
from secanalysis.views.tables import Table


class QualitySection(Section):
    """How much is known of the known modifications, and which statements contradict each other."""

    def coverage(self) -> Table:
        """How much is known of the known modifications."""
        of = self.register, stages.stages(self.register), self.clock
        counted = self.as_called(quality.coverage_cases(*of))
        return Table(
            "coverage",
            "What is known of the known modifications",
            in_percent(quality.coverage(*of), "share"),
            {"fact": "Known", "count": "Modifications", "of": "Of", "share": "Share (%)"},
            cases=Cases(
                "coverage-cases",
                "Modifications of which each fact is known",
                counted,
                {"fact": "Known", "ref": "Reference"},
                (CaseList(("count",), counted["ref"].notna()),),
            ),
        )

    def chart(self) -> Chart:
        """How much is known of the known modifications."""
        return _bars(self.register, self.clock)

    def statement_counts(self) -> Table:
        """How many statements each table holds, from how many sources."""
        rows = [
            {"table": name, "rows": len(frame), "sources": frame["source_id"].nunique()}
            for name, frame in self.register.corrected.items()
        ]
        return Table(
            "statements",
            "Statements by table",
            pd.DataFrame(rows),
            {"table": "Table", "rows": "Rows", "sources": "Sources"},
        )

    def conflicts(self) -> Table:
        """Every conflict between statements that was settled."""
        return Table(
            "conflicts",
            "Conflicts that were settled",
            self.register.conflicts,
            {
                "table": "Table",
                "ref": "Reference",
                "about": "About",
                "kept": "Kept",
                "kept_source": "From",
                "other": "Not kept",
                "other_source": "From source",
            },
            empty="No statements differ.",
        )

    def changed_between_exports(self) -> Table:
        """What newer exports of a register state differently, no longer or late, with the rows of both."""
        return Table(
            "changed-between-exports",
            "Changed between exports",
            self.register.changed_between_exports,
            {
                "ref": "Reference",
                "table": "Table",
                "about": "About",
                "older": "Earlier export",
                "older_on": "Exported on",
                "older_source": "Source",
                "older_locator": "Where",
                "newer": "Newer export",
                "newer_on": "Its date",
                "newer_source": "Its source",
                "newer_locator": "Where in it",
            },
            note="The newer export is used. As known on an earlier day, the earlier one still is. What an export showed "
            "of its own day (a stage, an open assessment, a release's contents, a planned meeting) remains true of that "
            "day and is not listed, and neither is what has happened since.",
            empty="No export of a register states anything differently from the one before it.",
        )

    def contradictions(self) -> Table:
        """Histories that contradict themselves, which are excluded."""
        return Table(
            "contradictions",
            "Histories that contradict themselves, excluded",
            stages.stages(self.register).contradictory,
            {"unit": "Reference", "reason": "Why"},
            empty="None.",
        )

    def disputes(self) -> Table:
        """Statements that support different stages on one day: none is known from then on."""
        return Table(
            "disputed-stages",
            "Two stages supported on one day: the stage isn't known",
            stages.stages(self.register).disputes,
            {
                "unit": "Reference",
                "day": "Day",
                "stage": "Stage",
                "table": "Table",
                "source_id": "Source",
                "locator": "Where",
            },
            empty="No sources support two stages on one day.",
            words={"stage": STAGES.__getitem__},
        )

    def corrections(self) -> Table:
        """Corrections of what a source has wrong, with whether each is used."""
        return Table(
            "corrections",
            "Corrections of what a source has wrong",
            quality.corrections(self.register),
            {
                "table": "Table",
                "source_id": "Source",
                "locator": "Where",
                "column": "Column",
                "action": "Action",
                "found": "Found",
                "value": "Used instead",
                "reason": "Reason",
                "used": "Used",
                "since": "Known since",
            },
            note="A correction is used only where its day is within what was known, and while its source "
            "still holds what was found.",
            empty="None.",
        )

    def notes(self) -> Table:
        """Statements used with an assumption, or not used."""
        return Table(
            "quality-notes",
            "Statements used with an assumption, or not at all",
            quality.notes(self.register),
            {"what": "What", "ref": "Reference", "table": "Table", "source_id": "Source", "locator": "Where"},
            empty="None.",
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.coverage()._repr_mimebundle_()

    def __repr__(self) -> str:
        return repr(self.coverage())


@once
def _bars(register: ResolvedRegister, clock: Clock) -> Chart:
    return charts.coverage_bars(quality.coverage(register, stages.stages(register), clock))
