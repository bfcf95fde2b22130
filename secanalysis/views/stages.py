"""Which stage each modification is in, and since when."""

from __future__ import annotations

from datetime import date
from functools import cached_property

import pandas as pd

from secanalysis.analysis import due, flow, key_dates, stage_changes, stages
from secanalysis.analysis.in_part import IN_PART, is_in_part
from secanalysis.domain import references
from secanalysis.domain.vocabulary import DEVELOPMENT_SINCE, STAGES, Precision, Stage
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once
from secanalysis.views import charts
from secanalysis.views.cases import CaseList, Cases
from secanalysis.views.drawing import Chart
from secanalysis.views.formatting import month_in_words
from secanalysis.views.section import FigureSection
from secanalysis.views.tables import Table

NOT_KNOWN = "not known"

ASSUMED = (
    f" Refinement since a day before {DEVELOPMENT_SINCE:%B %Y} is assumed, from the day on which the proposal was raised: "
    "there was no Development Stage then."
)


class StagesSection(FigureSection):
    """Which stage each known modification is in on the view's day.

    ``frame`` and ``standing()`` list them, ``chart()`` counts them, ``flow_chart()`` shows the months
    before, ``moved()`` those that changed stage, and ``histories.intervals`` every stage of each.
    """

    _CAPTION = "Modifications in each stage"
    _PREFIXES = ("stage.", "flow.")

    @cached_property
    def histories(self) -> stages.Stages:
        """The stage intervals of all modifications, as `stages.Stages` says."""
        return stages.stages(self.register)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row for each known modification.

        Returns
        -------
        pandas.DataFrame
            ``unit`` (modification or part), ``stage`` (missing where no source attests one), ``since,
            since_precision, inferred, title, days`` (calendar days in the stage, where it is known when it began),
            ``support`` (what supports it), ``remark`` (of an unknown stage: due, not confirmed, or not known;
            of a pending one: in force in part), ``sources``: how many name it or a part of it.
        """
        now = self.histories.at(self.clock.report_date)
        named = self.register.named.drop_duplicates(["root", "source_id"]).groupby("root").size()
        overdue = due.due_not_confirmed(self.register, self.clock.report_date)
        is_due = now["unit"].isin(overdue["name"])
        of_unknown = pd.Series(NOT_KNOWN, now.index, dtype="str").mask(is_due, due.DUE)
        on = pd.Timestamp(self.clock.report_date)
        days = (on - now["since"]).dt.days
        in_force = self.register.implementations
        partly = in_force[is_in_part(self.register) & (in_force["day"] <= on).to_numpy()]["name"]
        is_partly = now["unit"].isin(partly) & (now["stage"] == Stage.PENDING_IMPLEMENTATION)
        return now.assign(
            sources=looked_up(references.root(now["unit"]), named),
            title=self.register.title_of(now["unit"]),
            remark=of_unknown.where(now["stage"].isna()).mask(is_partly, IN_PART),
            days=days.where(now["since_precision"] == Precision.DAY),
            support=self.histories.support(self.clock.report_date).array,
        )

    def chart(self) -> Chart:
        """How many known modifications are in each stage."""
        return _bars(self.register, self.clock.report_date)

    def flow_chart(self, months: int = 12) -> Chart:
        """Known modifications by stage over the months up to this one."""
        return _flow(self.register, tuple(self.view.days_before(months)))

    def stock_and_flow(self) -> Table:
        """What was raised, concluded and open in each of the last 12 months."""
        frame = flow.by_month(self.register, self.clock, self.convention)
        return Table(
            "stock-and-flow",
            f"Proposals raised, concluded and open, month by month to {day_in_words(self.clock.period_end)}",
            frame.assign(month=frame["month"].dt.strftime("%Y-%m")),
            {
                "month": "Month",
                "least": "Raised, by their numbers: at least",
                "most": "At most",
                "raised": "Day raised known",
                "concluded": "Known to be concluded",
                "numbered": "Numbered by its end",
                "open": "Known to be open at its end",
                "unknown": "Stage not known",
                "unmentioned": "Numbered, and named by no fact dated by then",
            },
            note="References are consecutive, so the numbers known before and after a month say how many were raised in it, "
            "even where their dates are missing. Conclusions are those that had not been reopened by "
            f"{day_in_words(self.clock.period_end)}.",
            words={"month": month_in_words},
            cases=self._counted_by_month(),
        )

    def _counted_by_month(self) -> Cases:
        counted = self.as_called(flow.cases(self.register, self.clock, self.convention))
        titles = {
            "raised": "Raised",
            "concluded": "Concluded",
            "open": "Open at its end",
            "unknown": "Stage not known",
        }
        return Cases(
            "stock-and-flow-cases",
            "Proposals raised, concluded and open, month by month",
            counted.assign(month=counted["month"].dt.strftime("%Y-%m")),
            {"month": "Month", "ref": "Reference", **titles},
            tuple(CaseList((name,), counted[name]) for name in titles),
        )

    def standing(self) -> Table:
        """Every known modification with its stage, what supports it, since when, and for how long."""
        frame = self.frame.assign(support=lambda rows: rows["support"].fillna("no source on that day"))
        early = (frame["stage"] == Stage.REFINEMENT) & (frame["since"] < pd.Timestamp(DEVELOPMENT_SINCE))
        return Table(
            "standing",
            "Status of every known modification",
            self.as_called(key_dates.with_next(self.register, self.clock, frame, names="unit")),
            {
                "unit": "Reference",
                "title": "Title",
                "stage": "Stage",
                "support": "Supported by",
                "remark": "Remark",
                "since": "Since",
                "since_precision": "Since known as",
                "days": "Days in stage",
                "next_on": "Next key date",
                "next_what": "Next step",
                "sources": "Sources that name it",
            },
            note="A blank stage is not known: no source supports it on that day, and it may still be open. Inferred is "
            "what the published report lists as current in its Refine chapter and nowhere as moved on. Due, not "
            "confirmed: approved, and the planned day has passed, so that it is no longer open."
            + (ASSUMED if early.any() else ""),
            words={"stage": STAGES.__getitem__},
        )

    def moved(self) -> Table:
        """Modifications in another stage than at the last report."""
        moves = stage_changes.moved(self.histories, self.clock.previous_report_date, self.clock.report_date)
        return Table(
            "moved",
            "Stage changes since the last report",
            self.as_called(moves.assign(title=self.register.title_of(moves["unit"]))),
            {
                "unit": "Reference",
                "title": "Title",
                "before": "Previous stage",
                "now": "Stage now",
                "since": "Since",
                "since_precision": "Since known as",
            },
            note="Only modifications whose stage is known on both days.",
            words={"before": STAGES.__getitem__, "now": STAGES.__getitem__},
            empty="No stage change is known.",
        )


@once
def _bars(register: ResolvedRegister, day: date) -> Chart:
    return charts.stage_bars(stages.stages(register).at(day), day_in_words(day))


@once
def _flow(register: ResolvedRegister, days: tuple[pd.Timestamp, ...]) -> Chart:
    return charts.cumulative_flow(stages.stages(register).counts(pd.DatetimeIndex(days)))
