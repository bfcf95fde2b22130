"""What was published of a month alongside what is recomputed, with verdicts."""

from __future__ import annotations

from functools import cached_property

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
from secanalysis.views.view import View


class ReconciliationSection(FigureSection):
    """Every figure that was published for the month alongside the recomputed one, with a verdict.

    Attributes
    ----------
    month
        The report month.
    """

    def __init__(self, view: View, month: ReportMonth) -> None:
        super().__init__(view)
        self.month = month

    @cached_property
    def figures(self) -> FigureTable:
        """The published figures, each with its rows and sources."""
        published = tuple(figure for figure in self.view.figures if figure.printed is not None)
        return FigureTable(published, self.view.figures.statements, "Printed figures, each with its rows")

    def table(self) -> Table:
        """Every published figure alongside the recomputed one."""
        other = Convention.SEC if self.convention is Convention.AS_PUBLISHED else Convention.AS_PUBLISHED
        published_durations = any(
            figure.printed is not None and figure.unit is Unit.WD for figure in self.view.figures
        )
        by_other = reconcile.figures(self.register, self.month, other) if published_durations else FigureSet()
        return Table(
            "reconciliation",
            "Every printed figure beside the recomputed one",
            reconcile.table(self.view.figures, by_other),
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
        """How many published figures got each verdict."""
        return Table(
            "verdicts",
            "Verdicts",
            reconcile.verdicts(self.view.figures),
            {"verdict": "Verdict", "count": "Figures"},
        )

    def chart(self) -> Chart:
        """How many published figures got each verdict."""
        return _bars(self.register, self.month, self.convention)

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
