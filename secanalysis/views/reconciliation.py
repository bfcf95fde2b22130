"""What was printed of a month beside what is recomputed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from secanalysis.analysis import reconcile
from secanalysis.domain.figures import FigureSet
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention, Unit
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.views import charts
from secanalysis.views.drawing import Chart
from secanalysis.views.section import FigureSection
from secanalysis.views.tables import FigureTable, Table

if TYPE_CHECKING:
    from secanalysis.views.month import MonthlyReport


class ReconciliationSection(FigureSection):
    """Every figure that a source printed for the month beside the recomputed one, with a verdict."""

    view: MonthlyReport

    @cached_property
    def figures(self) -> FigureTable:
        """The figures that were printed, each with its rows and sources."""
        found = self.view.figures
        mine = tuple(figure for figure in found if figure.printed is not None)
        return FigureTable(mine, found.statements, "Printed figures, each with its rows")

    def table(self) -> Table:
        """Every printed figure beside the recomputed one."""
        other = Convention.SEC if self.convention is Convention.AS_PUBLISHED else Convention.AS_PUBLISHED
        found = self.view.figures
        counted = any(figure.printed is not None and figure.unit is Unit.WD for figure in found)
        twins = reconcile.figures(self.register, self.view.month, other) if counted else FigureSet()
        return Table(
            "reconciliation",
            "Every printed figure beside the recomputed one",
            reconcile.table(found, twins),
            {
                "label": "Figure",
                "printed": "Printed",
                "recomputed": "Recomputed",
                "difference": "Difference",
                "verdict": "Verdict",
                "reason": "Reason",
                "other_convention": f"By {other}",
            },
            empty="No source printed a figure for this month.",
        )

    def verdicts(self) -> Table:
        """How many printed figures got each verdict."""
        return Table(
            "verdicts",
            "Verdicts",
            reconcile.verdicts(self.view.figures),
            {"verdict": "Verdict", "count": "Figures"},
        )

    def chart(self) -> Chart:
        """How many printed figures got each verdict."""
        return _bars(self.register, self.view.month, self.convention)

    def flow_identity(self) -> Table:
        """Whether open now is open then plus raised less concluded."""
        return Table(
            "flow-identity",
            "Open now = open then + raised + reopened − concluded",
            reconcile.flow_identity(self.register, self.clock),
            {
                "then": "Open then",
                "raised": "Raised",
                "reopened": "Reopened",
                "concluded": "Concluded",
                "expected": "Expected",
                "now": "Open now",
                "holds": "Holds",
                "reason": "Why not known",
            },
        )


@once
def _bars(register: ResolvedRegister, month: ReportMonth, convention: Convention) -> Chart:
    return charts.verdict_bars(reconcile.verdicts(reconcile.figures(register, month, convention)))
