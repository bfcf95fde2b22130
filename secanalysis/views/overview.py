"""Several report months side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property

import pandas as pd

from secanalysis.analysis import due, month_changes, reference_names, stages
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import OPEN_STAGES, Convention, Stage
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.views import charts
from secanalysis.views.drawing import Chart
from secanalysis.views.formatting import count, listed, month_in_words, release_in_words
from secanalysis.views.month import MonthlyReport
from secanalysis.views.passage import Chapter, Item, Passage
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

    @cached_property
    def latest(self) -> MonthlyReport:
        """The latest month that has a published report or an export; the last month where none has."""
        for month in reversed(self.months):
            report = MonthlyReport(self.register, month, Convention.AS_PUBLISHED)
            if report.provenance.has_report:
                return report
        return MonthlyReport(self.register, self.months[-1], Convention.AS_PUBLISHED)

    def news(self) -> Chapter:
        """What the latest published report or export says happened and is next, and what has become late since."""
        passages = self.latest.narrative.opening().passages
        title = f"News of {self.latest.month.title}"
        return Chapter((*passages, ("Due, not confirmed", self.late())), "", title, self._why_latest())

    def _why_latest(self) -> str:
        """Why the news is of that month, where there are later ones."""
        if self.latest.month == self.months[-1] or not self.latest.provenance.has_report:
            return ""
        return (
            f"{self.latest.month.title} is the latest month with a published report or an export of a register here. "
            f"Of later months, up to {self.months[-1].title}, some facts are known."
        )

    def late(self) -> Passage:
        """Approved modifications whose planned day has passed by the last month, without a source that says what became of them."""
        day = self.clocks[-1].report_date
        rows = due.due_not_confirmed(self.register, day).sort_values(["planned_on", "release", "name"])
        rows = rows.assign(name=reference_names.shown(self.register, rows["name"], day))
        table = Table(
            "due",
            f"Due by {day_in_words(day)}, not confirmed",
            rows.reset_index(drop=True),
            {"name": "Reference", "title": "Title", "release": "Release", "planned_on": "Planned for"},
        )
        by_day = day_in_words(day)
        if rows.empty:
            none = f"No approved modification is past its planned day on {by_day} without a source that confirms it."
            return Passage((none,), (), table)
        verb = "was" if len(rows) == 1 else "were"
        words = (
            f"{count(len(rows), 'approved modification')} {verb} planned to be in force by {by_day}, "
            "and no source here says what happened."
        )
        items = tuple(
            Item(
                day_in_words(date.fromisoformat(str(planned_on))),
                "",
                f"{listed(group['name'])}{f', in {release_in_words(str(release))}' if release else ''}",
            )
            for (planned_on, release), group in rows.assign(
                release=rows["release"].fillna(""), planned_on=rows["planned_on"].dt.strftime("%Y-%m-%d")
            ).groupby(["planned_on", "release"], sort=True)
        )
        return Passage((words,), items, table)

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
        legible = published.loc[published["printed"].notna(), "month"].value_counts()
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
                "legible": [int(legible.get(str(month), 0)) for month in self.months],
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
                "open": "Of these, open",
                "changes": "Known changes",
                "printed": "Published figures",
                "legible": "Of these, legible",
            },
            note="The page of stage counts of each month lists the modifications that these numbers count. Open is in one of "
            "the four stages before a decision on the report date; the pages on durations count the same on the last day of the "
            "month before, and what a register's export shows to be open in a stage that isn't known. A published report has "
            "dozens of figures. In a month without one, a release page may state how many modifications its release has.",
            words={"month": month_in_words},
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
