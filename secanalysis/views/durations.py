"""How long assessments and modifications take."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from secanalysis.analysis import reference_names
from secanalysis.analysis.durations import (
    assessments,
    lead_times,
    proposals,
    stage_times,
    statistics,
    targets,
)
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import AssessmentKind, Convention
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.errors import UserError
from secanalysis.support.memoise import once
from secanalysis.views import charts, duration_cases
from secanalysis.views.drawing import Chart
from secanalysis.views.formatting import month_in_words
from secanalysis.views.section import FigureSection, in_percent
from secanalysis.views.tables import Table

PROPOSALS = "proposals"


class DurationsSection(FigureSection):
    """How long the DCC's assessments and the modifications take, in working days.

    ``assessments`` and ``proposals`` hold one row per case. Running cases are running, not finished: the
    tables and charts treat them as such.
    """

    _CAPTION = "DCC assessment and proposal timescales"
    _PREFIXES = ("assessment.", "proposal.", "target.", "lead_time.", "stage_time.")

    @cached_property
    def assessments(self) -> pd.DataFrame:
        """One row per assessment, with its ``title``.

        ``status`` is ``open`` (known to be open on the view's period end), ``completed`` or ``unknown``; ``duration_wd`` runs
        from acceptance to the return, or to the period end while open; ``observed_wd`` to the last day on which it
        was attested, and ``entry_wd`` is its age when it was first seen: what the curve is estimated from.
        """
        frame = assessments.at(self.register, self.clock, self.convention)
        return frame.assign(title=self.register.title_of(frame["ref"]))

    @cached_property
    def proposals(self) -> pd.DataFrame:
        """One row per modification of which something dated is known, raised to concluded.

        ``status`` is ``open`` (known to be open on the view's period end), ``concluded`` or ``unknown``; the working days are
        as in ``assessments``, with ``on_hold_wd``, how many of them it was on hold.
        """
        return proposals.at(self.register, self.clock, self.convention)

    def open_assessments(self) -> Table:
        """Open assessments, oldest first, with their targets."""
        aged = in_percent(statistics.ages(self.assessments), "percentile")
        return Table(
            "open-assessments",
            f"Open assessments on {day_in_words(self.clock.period_end)}",
            self.as_called(aged),
            {
                "ref": "Reference",
                "title": "Title",
                "kind": "Type",
                "accepted_on": "Accepted",
                "target_wd": "Target (WD)",
                "duration_wd": "Duration so far (WD)",
                "over_target_wd": "Over target (WD)",
                "percentile": "Percentile among comparable cases",
            },
            note="The percentile says how many of a hundred of its kind, open and completed, took no longer; it needs ten of known "
            "duration."
            if aged["percentile"].notna().any()
            else "",
            empty="None is known to be open.",
        )

    def returned_assessments(self) -> Table:
        """Assessments returned in the 12 months that end on the period end."""
        completed = self.assessments[
            (self.assessments["status"] == "completed") & self.assessments["in_window"]
        ]
        returned = assessments.with_derived(completed.sort_values(["returned_on", "ref"]), self.register)
        notes = ["A duration needs the accepted day; a requested one can't replace it."]
        if returned["derived_on"].notna().any():
            notes.append(
                "Where only a duration was published, the accepted day is derived: so many weekdays before the return, "
                "both ends counted. It is shown here only, and used in no figure."
            )
        if twice := assessments.twice(completed):
            notes.append(f"{twice}.")
        return Table(
            "returned-assessments",
            f"Assessments returned in the 12 months to {day_in_words(self.clock.period_end)}",
            self.as_called(returned),
            {
                "ref": "Reference",
                "title": "Title",
                "kind": "Type",
                "requested_on": "Requested",
                "accepted_on": "Accepted",
                "returned_on": "Returned",
                "target_wd": "Target (WD)",
                "duration_wd": "Duration (WD)",
                "published_wd": "Duration as published (WD)",
                "derived_on": "Accepted, derived from it",
            },
            note=" ".join(notes),
            empty="None is known.",
        )

    def against_target(self) -> Table:
        """Assessments returned month by month, against their targets."""
        return Table(
            "assessments-against-target",
            f"Assessments against their targets, by month returned, to {day_in_words(self.clock.period_end)}",
            in_percent(targets.by_month(self.assessments, self.clock), "share").assign(
                month=lambda rows: rows["month"].dt.strftime("%Y-%m")
            ),
            {
                "month": "Month",
                "kind": "Type",
                "returned": "Known to be returned",
                "comparable": "Of these, both dates and target known",
                "within": "Within target",
                "share": "Within target (%)",
            },
            note="A month that isn't listed has none that is known. A share is of those with both dates and a target, and "
            "needs three.",
            empty="None is known to have been returned in these 12 months.",
            words={"month": month_in_words},
            cases=duration_cases.of_targets(
                targets.cases_by_month(self.assessments, self.clock), self.as_called
            ),
        )

    def lead_times(self) -> Table:
        """How long decided modifications took, by path."""
        cases = lead_times.decided(self.register, self.clock, self.convention)
        by_path = lead_times.by_path(cases)
        return Table(
            "lead-times",
            f"Time from raised to decided by {day_in_words(self.clock.period_end)}, by path (WD)",
            by_path,
            {
                "path": "Decided by",
                "decided": "Known to be decided",
                "n": "Of these, day raised known",
                "mean": "Mean",
                "median": "Median",
                "median_low": "Median: 95 % interval from",
                "median_high": "Median: to",
                "in_force": "In force, both days known",
                "mean_to_force": "Mean from raised to in force",
                "remark": "Remark",
            },
            note="Modifications that were withdrawn aren't decided. A mean needs three cases; a median ten, and both ends of "
            "its interval.",
            empty="No modification is known to have been decided by then.",
            cases=duration_cases.of_paths(lead_times.decided_cases(cases), by_path["path"], self.as_called),
        )

    def stage_times(self) -> Table:
        """How long modifications stay in each stage."""
        cases = stage_times.stays(self.register, self.clock, self.convention)
        by_stage = stage_times.by_stage(cases)
        return Table(
            "stage-times",
            f"Time in each stage, to {day_in_words(self.clock.period_end)} (WD)",
            by_stage,
            {
                "stage": "Stage",
                "left": "Known to have left it",
                "n": "Of these, both days known",
                "mean": "Mean",
                "median": "Median",
                "median_low": "Median: 95 % interval from",
                "median_high": "Median: to",
                "p85": "85th percentile",
                "staying": "Not known to have left it",
                "remark": "Remark",
            },
            note="From the day on which the stage began to the day on which the next one did, both counted, for "
            "modifications that have left it; those that haven't may take longer. Where no source dates the next stage, such as "
            "of a modification known only to have been raised and implemented, there is no time. A modification "
            "that returns to a stage counts once for each time.",
            empty="No modification is known to have been in a stage by then.",
            cases=duration_cases.of_stages(stage_times.stage_cases(cases), by_stage["stage"], self.as_called),
        )

    def cases(self) -> Table:
        """Every modification whose steps and time to a conclusion are summarised."""
        return Table(
            "proposal-cases",
            f"Modifications known by {day_in_words(self.clock.period_end)}, with the days of their steps",
            self.as_called(self.proposals.sort_values("name", ignore_index=True)),
            {
                "name": "Reference",
                "raised_on": "Raised",
                "converted_on": "Converted",
                "report_on": "Entered the Report Phase",
                "concluded_on": "Concluded",
                "implemented_on": "In force",
                "status": "Status",
                "observed_wd": "From raised to concluded, or to the last day known to be open (WD)",
                "on_hold_wd": "On hold (WD)",
            },
            note="The steps between, and the time to a conclusion, are worked out from these days. A step counts only where "
            f"both its days are stated.{self._held_again()}",
            empty="None is known.",
        )

    def ageing_chart(self) -> Chart:
        """Open assessments by age against target."""
        whole = all(
            self.view.figures[f"assessment.{kind.lower()}.open.count"].value is not None
            for kind in AssessmentKind
        )
        return _ageing(self.register, self.clock, self.convention, whole)

    def open_proposals(self) -> Table:
        """Open modifications, oldest first, with and without their time on hold."""
        return Table(
            "open-proposals",
            f"Proposals open on {day_in_words(self.clock.period_end)}",
            self.as_called(
                in_percent(statistics.proposal_ages(self.proposals), "percentile").assign(
                    title=lambda aged: self.register.title_of(aged["name"])
                )
            ),
            {
                "name": "Reference",
                "title": "Title",
                "raised_on": "Raised",
                "duration_wd": "Age (WD)",
                "on_hold_wd": "On hold (WD)",
                "active_wd": "Age without time on hold (WD)",
                "percentile": "Percentile among comparable cases",
            },
            note="Open is in one of the four stages before a decision on that day. The percentile says how many of a hundred, open and concluded, took no longer; it needs ten whose raised day is "
            "known, which are in the list of modifications further down. "
            f"Time on hold is known only where a source says so.{self._held_again()}",
            empty="None is known to be open.",
        )

    def _held_again(self) -> str:
        """What a note says of those put on hold twice, with a blank before it."""
        again = self.as_called(proposals.held_again(self.register, self.clock))
        return "".join(
            f" {name} was put on hold again on {day_in_words(day.date())}, and no source says that it was resumed before: "
            "it counts as on hold all the while, which may be too long."
            for name, day in zip(again["name"], again["day"], strict=True)
        )

    def both_conventions(self) -> Table:
        """Open assessments counted with and without bank holidays."""
        return Table(
            "conventions",
            "The same durations by both conventions",
            self.as_called(assessments.both_conventions(self.register, self.clock)),
            {
                "ref": "Reference",
                "kind": "Type",
                "accepted_on": "Accepted",
                "as_published": "Weekdays (as published)",
                "sec": "Without bank holidays",
                "bank_holidays": "Bank holidays between",
            },
            empty="None is known to be open.",
        )

    def summary(self) -> Table:
        """Durations of completed cases: n, mean, median, percentiles and share within target."""
        samples = statistics.samples(self.assessments, self.proposals, self.convention)
        return Table(
            "duration-summary",
            "Durations of completed cases (WD)",
            in_percent(
                statistics.summaries(samples),
                "within_target",
                "within_low",
                "within_high",
            ),
            {
                "what": "What",
                "n": "Completed with both days",
                "mean": "Mean",
                "median": "Median",
                "median_low": "Median: 95 % interval from",
                "median_high": "Median: to",
                "p85": "85th percentile",
                "p85_low": "85th percentile: 95 % interval from",
                "p85_high": "85th percentile: to",
                "p95": "95th percentile",
                "p95_low": "95th percentile: 95 % interval from",
                "p95_high": "95th percentile: to",
                "within_target": "Within target (%)",
                "within_low": "Within target: 95 % interval from (%)",
                "within_high": "Within target: to (%)",
            },
            note="Assessments, and what is raised to concluded, of the 12 months to the period end; the steps "
            "between of all that ended by then. What began and ended on one weekend took 0 WD, and counts. A mean or a "
            "share needs three completed cases; a median or percentile needs ten, and enough for both ends of its 95 % "
            f"interval, which lies between two of the durations. The interval of a share is Wilson's.{self._held_again()}",
            cases=duration_cases.of_summary(samples, self.as_called),
        )

    def survival_table(self) -> Table:
        """Kaplan–Meier medians alongside the naive means."""
        estimated = statistics.estimated(self.assessments, self.proposals)
        return Table(
            "survival",
            "Time to completion, counting open cases (WD)",
            statistics.estimates(estimated),
            {
                "what": "What",
                "completed": "Completed",
                "censored": "Still open, or end date not known",
                "mean_completed": "Mean of completed",
                "open": "Open, age known",
                "mean_open": "Their mean age",
                "at_risk": "At risk at the median",
                "median": "Median (Kaplan–Meier)",
                "median_low": "Median: 95 % interval from",
                "median_high": "Median: to",
            },
            note="Of all that is known up to the period end; what began and ended on one weekend took 0 WD, and counts. "
            "What takes long is open when others are completed, so neither mean says how long one takes. The median "
            "counts each whose end date isn't known as open until the last day on which a source supports that it was. It "
            "needs ten completed cases, ten at risk (under observation and not yet completed) at the median, and both "
            "ends of its interval (log-log, of the same curve).",
            cases=duration_cases.of_survival(
                statistics.estimated_cases(estimated, self.clock.period_end), self.as_called
            ),
        )

    def survival_chart(self, what: str) -> Chart:
        """Time to completion, counting open cases, as a Kaplan–Meier curve.

        Parameters
        ----------
        what
            ``PA`` or ``IA`` for that kind of assessment, or ``proposals``.

        Raises
        ------
        UserError
            If it is none of them.
        """
        choices = (*AssessmentKind, PROPOSALS)
        if what not in choices:
            raise UserError(f"{what!r} has no curve: expected one of {', '.join(choices)}")
        return _survival(self.register, self.clock, self.convention, what)


@once
def _ageing(register: ResolvedRegister, clock: Clock, convention: Convention, whole: bool) -> Chart:
    aged = statistics.ages(assessments.at(register, clock, convention))
    aged = aged.assign(ref=reference_names.shown(register, aged["ref"], clock.report_date))
    return charts.ageing(aged, day_in_words(clock.period_end), whole=whole)


@once
def _survival(register: ResolvedRegister, clock: Clock, convention: Convention, what: str) -> Chart:
    if what == PROPOSALS:
        curve = statistics.proposal_survival(proposals.at(register, clock, convention))
        return charts.survival_curve(curve, PROPOSALS)
    kind = AssessmentKind(what)
    curve = statistics.assessment_survival(assessments.at(register, clock, convention), kind)
    return charts.survival_curve(curve, assessments.NAMES[kind])
