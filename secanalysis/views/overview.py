"""Several report months side by side."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import pandas as pd

from secanalysis.analysis import month_changes, stages
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import OPEN_STAGES, Convention, Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.views import charts
from secanalysis.views.drawing import Chart
from secanalysis.views.month import MonthlyReport
from secanalysis.views.tables import Foot, Provenance, Table


class Overview:
    """Several months side by side, for the index page.

    Attributes
    ----------
    register
        What is known.
    months
        The cover months, in their order.
    counts
        How many modifications are in each stage on each month's report date, as `Stages.counts` says.
    """

    def __init__(self, register: ResolvedRegister, months: list[ReportMonth]) -> None:
        self.register = register
        self.months = months
        self.clocks = [register.clock(month) for month in months]
        days = pd.DatetimeIndex([clock.report_date for clock in self.clocks])
        self.counts = stages.stages(register).counts(days)

    def flow_chart(self) -> Chart:
        """Known modifications by stage over the months."""
        return charts.cumulative_flow(self.counts)

    def coverage_chart(self) -> Chart:
        """The share of known modifications whose stage is known, by month."""
        known = self.counts[[stage.value for stage in Stage]].sum(axis=1)
        share = (100 * known / self.counts["known"]).where(self.counts["known"] > 0)
        share.index = pd.Index([str(month) for month in self.months])
        return charts.monthly_line(share, "Stage known, % of known modifications")

    def table(self) -> Table:
        """What is known of each month, one row per month."""
        known = self.counts[[stage.value for stage in Stage]].sum(axis=1)
        opened = self.counts[[stage.value for stage in OPEN_STAGES]].sum(axis=1)
        changed = [len(month_changes.changes(self.register, clock)) for clock in self.clocks]
        published = self.register.tables["published_figures"].drop_duplicates(["month", "key"])
        printed = published["month"].value_counts()
        frame = pd.DataFrame(
            {
                "month": [str(month) for month in self.months],
                "report_date": self.counts.index,
                "published": [self.register.report_of(month) is not None for month in self.months],
                "known": self.counts["known"].to_numpy(),
                "stage_known": known.to_numpy(),
                "open": opened.to_numpy(),
                "changes": changed,
                "printed": [int(printed.get(str(month), 0)) for month in self.months],
            }
        )
        return Table(
            "months",
            "What is known of each month",
            frame.iloc[::-1].reset_index(drop=True),
            {
                "month": "Month",
                "report_date": "Report date",
                "published": "Published report",
                "known": "Known modifications",
                "stage_known": "Stage known",
                "open": "Known to be open",
                "changes": "Known changes",
                "printed": "Printed figures",
            },
            note="A published report prints dozens of figures; where there is none, a release page may state how many "
            "modifications its release has.",
        )

    @cached_property
    def provenance(self) -> Provenance:
        """What the page was made from."""
        last = MonthlyReport(self.register, self.months[-1], Convention.AS_PUBLISHED).provenance
        title = f"{self.months[0].title} to {self.months[-1].title}"
        return replace(
            last, month=None, title=title, report_date=None, period_end=None, window_start=None, coverage=""
        )

    def foot(self) -> Foot:
        """The page's foot."""
        return Foot(self.provenance)

    def __repr__(self) -> str:
        return f"{self.months[0].title} to {self.months[-1].title}: {len(self.months)} months"

    def _repr_html_(self) -> str:
        return str(self.table()._repr_mimebundle_()["text/html"])
