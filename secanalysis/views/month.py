"""A report month, with what was published of it."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from secanalysis.analysis import month_figures
from secanalysis.domain.figures import FigureSet
from secanalysis.domain.kept import Kept
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.errors import UserError
from secanalysis.views.day import DayView
from secanalysis.views.narrative import NarrativeSection
from secanalysis.views.reconciliation import ReconciliationSection
from secanalysis.views.tables import Table


class MonthlyReport(DayView):
    """A report month, by its own clocks, with what was published of it alongside what is recomputed.

    Besides a view's sections it has ``reconciliation``.

    Attributes
    ----------
    month
        The cover month.
    """

    SECTIONS = (*DayView.SECTIONS, "narrative", "reconciliation")
    month: ReportMonth

    def __init__(self, register: ResolvedRegister, month: ReportMonth, convention: Convention) -> None:
        super().__init__(register, register.clock(month), convention)
        self.month = month

    @property
    def title(self) -> str:
        """The month in words."""
        return self.month.title

    def _figures(self) -> FigureSet:
        return month_figures.figures(self.register, self.clock, self.convention)

    @cached_property
    def reconciliation(self) -> ReconciliationSection:
        """What was published alongside what is recomputed, with the result of the check."""
        return ReconciliationSection(self)

    @cached_property
    def narrative(self) -> NarrativeSection:
        """The month in sentences, as a report has them."""
        return NarrativeSection(self)

    def compare(self, other: str) -> Table:
        """Figures that differ from those of another report month.

        Parameters
        ----------
        other
            Such as ``2020-07``.

        Returns
        -------
        Table
            A row per figure that is known in either month and not the same: ``key, label, before, now, change``,
            where *before* is the earlier of the two months.

        Raises
        ------
        UserError
            If it isn't a month.
        """
        try:
            month = ReportMonth.parse(other)
        except ValueError as error:
            raise UserError(str(error)) from None
        first, last = sorted(
            [self, MonthlyReport(self.register, month, self.convention)], key=lambda v: v.month
        )
        columns = ["key", "label", "value"]
        both = first.figures.frame[columns].merge(
            last.figures.frame[columns], on="key", how="outer", suffixes=("_before", "_now"), sort=True
        )
        both = both.assign(
            label=both["label_now"].fillna(both["label_before"]),
            before=both["value_before"],
            now=both["value_now"],
            change=both["value_now"] - both["value_before"],
        )
        same = (both["before"] == both["now"]).fillna(False) | (both["before"].isna() & both["now"].isna())
        return Table(
            f"compared-{first.month}-{last.month}",
            f"Figures of {first.month.title} and {last.month.title} that differ",
            both.loc[~same, ["key", "label", "before", "now", "change"]].reset_index(drop=True),
            {
                "label": "Figure",
                "before": first.month.title,
                "now": last.month.title,
                "change": "Change",
                "key": "Key",
            },
            note="A blank is not known.",
            empty="All figures are the same.",
        )

    def days_before(self, months: int) -> pd.DatetimeIndex:
        """The report dates of so many months up to this one, which is included."""
        clocks = [self.register.clock(self.month.shift(-back)) for back in reversed(range(months))]
        return pd.DatetimeIndex([clock.report_date for clock in clocks])

    def _has_report(self) -> bool:
        return self.register.report_of(self.month) is not None or self.register.attests_all_by(
            self.clock.report_date
        )

    def _coverage(self) -> str:
        editions = self.register.editions
        published = editions.loc[editions["month"] == str(self.month), "published_on"]
        if len(published) > 1:
            days = " and ".join(day_in_words(day.date()) for day in published)
            return f"The report of this month was published more than once, on {days}: the latest counts."
        if len(published):
            return "A published report of this month is among the sources."
        if self.register.attests_all_by(self.clock.report_date):
            whole = all(kept == Kept.everything() for kept in self.register.kept.values())
            lists = "all lists of this month" if whole else "the lists of this month that the register keeps"
            return f"A register's own export holds {lists}."
        return "No published report of this month is among the sources: its lists are known in part only."
