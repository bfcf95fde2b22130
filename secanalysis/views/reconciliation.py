"""What was published of a month alongside what is recomputed, with verdicts."""

from __future__ import annotations

from functools import cached_property

from secanalysis.analysis import month_figures, stage_changes, verdicts
from secanalysis.domain.figures import FigureSet
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import Convention, Unit
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.support.sentence_case import sentence_case
from secanalysis.views import charts
from secanalysis.views.cases import CaseList, Cases
from secanalysis.views.drawing import Chart
from secanalysis.views.section import FigureSection
from secanalysis.views.tables import FigureTable, Table

ZEROS = "A published 0 may be in words: the source says that there were none."


class ReconciliationSection(FigureSection):
    """Every figure that was published for the month alongside the recomputed one, with a verdict."""

    @cached_property
    def figures(self) -> FigureTable:
        """The published figures, each with its rows and sources."""
        published = tuple(figure for figure in self.view.figures if figure.printed is not None)
        return FigureTable(published, self.view.figures.statements, "Published figures, each with its rows")

    def table(self) -> Table:
        """Every published figure alongside the recomputed one."""
        other = Convention.SEC if self.convention is Convention.AS_PUBLISHED else Convention.AS_PUBLISHED
        published_durations = any(
            figure.printed is not None and figure.unit is Unit.WD for figure in self.view.figures
        )
        by_other = (
            month_figures.figures(self.register, self.clock, other) if published_durations else FigureSet()
        )
        return Table(
            "reconciliation",
            "Every published figure alongside the recomputed one",
            verdicts.table(self.view.figures, by_other),
            {
                "label": "Figure",
                "printed": "Published",
                "recomputed": "Recomputed",
                "difference": "Difference",
                "verdict": "Result",
                "reason": "Reason",
                "other_convention": "Recomputed without bank holidays"
                if other is Convention.SEC
                else "Recomputed with bank holidays counted",
            },
            note=ZEROS if "0" in {figure.printed for figure in self.figures.figures} else "",
            empty="No source published a figure for this month.",
        )

    def verdicts(self) -> Table:
        """How many published figures got each verdict."""
        return Table(
            "verdicts",
            "What came of the published figures",
            verdicts.counts(self.view.figures),
            {"verdict": "Result", "count": "Figures"},
        )

    def chart(self) -> Chart:
        """How many published figures got each verdict."""
        return _bars(self.register, self.clock, self.convention)

    def flow_identity(self) -> Table:
        """Whether open now is open then plus raised less concluded."""
        row = stage_changes.flow_identity(self.register, self.clock)
        counted = self.as_called(stage_changes.identity_cases(self.register, self.clock)).assign(row=0)
        columns = {
            "then": "Open then",
            "raised": "Raised",
            "reopened": "Reopened",
            "split": "Added by splits",
            "concluded": "Concluded",
            "expected": "Expected",
            "now": "Open now",
            "holds": "Holds",
            "reason": "Why not known",
        }
        titles = {name: columns[name] for name in stage_changes.IDENTITY}
        equation = "open now = open then + raised + reopened + added by splits − concluded"
        can_hold = bool(row["expected"].notna().all())
        return Table(
            "flow-identity",
            sentence_case(equation)
            if can_hold
            else "Open then, what is known to have come and gone, and open now",
            row,
            columns,
            note=""
            if can_hold
            else f"The sum ({equation}) can't be checked: it holds only where the stage of every modification is known on "
            "both days. What is shown is what is known, and needn't add up.",
            cases=Cases(
                "flow-identity-cases",
                "Modifications that were open, came, or were concluded",
                counted,
                {"ref": "Reference", **titles},
                tuple(CaseList((name,), counted[name]) for name in titles),
            ),
        )


@once
def _bars(register: ResolvedRegister, clock: Clock, convention: Convention) -> Chart:
    return charts.verdict_bars(verdicts.counts(month_figures.figures(register, clock, convention)))
