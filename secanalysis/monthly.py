"""One report month as a notebook shows it: its clocks, figures, lists, charts and where they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property
from importlib import metadata
from pathlib import Path

import pandas as pd

from secanalysis import activity, charts, durations, quality, reconcile, releases, stages
from secanalysis.errors import UserError
from secanalysis.figures import FigureSet
from secanalysis.months import Clock, ReportMonth, parse_day, parse_range
from secanalysis.register import Register
from secanalysis.tables import FigureTable, Foot, Head, Provenance, Table
from secanalysis.vocabulary import OPEN_STAGES, AssessmentKind, Convention, Event, Stage

PACKAGES = ("matplotlib", "nbconvert", "numpy", "pandas", "pandera", "papermill", "pyarrow", "scipy")
"""Whose versions a page names: those that could change what it says."""

EVENT_COLUMNS = {"ref": "Reference", "title": "Title", "on": "Day", "precision": "Day known as"}
VOTE_COLUMNS = {**EVENT_COLUMNS, "body": "Body", "outcome": "Outcome", "path": "Path"}
CONSULTATION_COLUMNS = {
    "ref": "Reference",
    "title": "Title",
    "expected_week": "Expected in the week of",
    "opened_on": "Opened",
    "closed_on": "Closes",
}


def monthly_report(
    month: str,
    convention: str = Convention.AS_PUBLISHED,
    known_by: str | None = None,
    register: Register | None = None,
) -> MonthlyReport:
    """Open a report month.

    Parameters
    ----------
    month
        The cover month, such as ``2020-08``.
    convention
        How working days are counted: ``as_published`` or ``sec``.
    known_by
        Only use what was known on this day (YYYY-MM-DD); blank or None for today's best knowledge.
    register
        The statements; those that ``secanalysis build`` wrote if not given.

    Raises
    ------
    UserError
        If one of the three can't be read as such; the message says what was expected.
    """
    try:
        cover = ReportMonth.parse(month)
    except ValueError as error:
        raise UserError(str(error)) from None
    try:
        counting = Convention(convention)
    except ValueError:
        choices = ", ".join(Convention)
        raise UserError(f"{str(convention)[:40]!r} is not a convention: expected one of {choices}") from None
    day = _day(known_by)
    return MonthlyReport((register or Register.load()).as_known(day), cover, counting)


def _day(text: str | date | None) -> date | None:
    if not text or isinstance(text, date):
        return text or None
    try:
        return parse_day(str(text))
    except ValueError as error:
        raise UserError(f"known_by {error}, or blank for today's best knowledge") from None


class MonthlyReport:
    """A report month; open it with `monthly_report`.

    Attributes
    ----------
    register
        What is known.
    month, clock, convention
        The cover month, its days, and how working days are counted.
    """

    def __init__(self, register: Register, month: ReportMonth, convention: Convention) -> None:
        self.register = register
        self.month = month
        self.clock: Clock = register.clock(month)
        self.convention = convention

    # Figures ----------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> FigureSet:
        """Every figure of the month, as `reconcile.figures` says."""
        return reconcile.figures(self.register, self.month, self.convention)

    def show(self, caption: str, *prefixes: str) -> FigureTable:
        """Those figures whose keys begin so, each with its print, verdict, rows and sources."""
        return FigureTable(self.figures.starting(*prefixes), self.register.tables, caption)

    # Where it comes from ----------------------------------------------------------------------

    @cached_property
    def provenance(self) -> Provenance:
        """What the page was made from: clocks, conventions, hashes of data and code, versions."""
        clock = self.clock
        report = self.register.report_of(self.month)
        withheld = self.register.withheld
        coverage = (
            "A published report of this month is among the sources."
            if report
            else ("No published report of this month is among the sources: its lists are known in part only.")
        )
        if self.register.known_by:
            coverage += (
                f" {withheld:,} statements are left out: their sources aren't known to be published by then."
            )
        return Provenance(
            month=str(self.month),
            title=self.month.title,
            report_date=clock.report_date.isoformat(),
            period_end=clock.period_end.isoformat(),
            window_start=clock.window_start.isoformat(),
            known_by=self.register.known_by.isoformat() if self.register.known_by else None,
            convention=str(self.convention),
            data_sha256=self.register.data_sha256,
            code_sha256=code_sha256(),
            versions={name: metadata.version(name) for name in PACKAGES},
            synthetic=self.register.is_synthetic,
            coverage=coverage,
        )

    def head(self) -> Head:
        """The page's head: the month's clocks, and a banner if anything is made up."""
        return Head(self.provenance)

    def foot(self) -> Foot:
        """The page's foot: what it was made from."""
        return Foot(self.provenance)

    # Lists ------------------------------------------------------------------------------------

    @cached_property
    def lists(self) -> dict[str, activity.Listed]:
        """The month's lists, by the key of the figure that counts them."""
        return activity.lists(self.register, self.clock)

    def listed(self, key: str, caption: str = "") -> Table:
        """One of the month's lists as a table."""
        found = self.lists[key]
        columns = (
            CONSULTATION_COLUMNS
            if key.startswith("consultation.")
            else (VOTE_COLUMNS if key.startswith(("vote.", "authority.")) else EVENT_COLUMNS)
        )
        figure = self.figures[key]
        note = "" if figure.value is not None else "No source attests the whole list: others may be missing."
        empty = (
            "None, as a source says."
            if figure.value == 0
            else "None is known, and no source attests the whole list."
        )
        return Table(
            key.removesuffix(".count").replace(".", "-").replace("_", "-"),
            caption or found.label,
            found.items,
            columns,
            note=note,
            empty=empty,
        )

    def meetings(self) -> Table:
        """Meetings of the month and those then to come."""
        columns = {
            "held_on": "Day",
            "body": "Body",
            "kind": "Kind",
            "status": "Status",
            "ref": "Reference",
            "title": "Title",
            "purpose": "Purpose",
            "agenda_on": "Agenda due",
        }
        return Table(
            "meetings",
            "Meetings held and scheduled",
            activity.meetings(self.register, self.clock),
            columns,
            empty="No meeting is known.",
        )

    def changes(self) -> Table:
        """What changed since the last report, one row a change."""
        return Table(
            "changes",
            "What changed since the last report",
            changes(self.register, self.clock),
            {"day": "Day", "ref": "Reference", "title": "Title", "what": "What changed"},
            empty="No change is known.",
        )

    # Stages -----------------------------------------------------------------------------------

    @cached_property
    def stages(self) -> stages.Stages:
        """The stage intervals of all modifications."""
        return stages.stages(self.register)

    def stage_chart(self) -> charts.Chart:
        """How many known modifications stand in each stage on the report's day."""
        return charts.stage_bars(self.stages.at(self.clock.report_date), _said(self.clock.report_date))

    def flow_chart(self, months: int = 12) -> charts.Chart:
        """Known modifications by stage over the months up to this one."""
        clocks = [self.register.clock(self.month.shift(-back)) for back in reversed(range(months))]
        days = pd.DatetimeIndex([clock.report_date for clock in clocks])
        return charts.cumulative_flow(self.stages.counts(days))

    def standing(self) -> Table:
        """Every known modification with its stage, since when, and for how long."""
        now = self.stages.at(self.clock.report_date)
        now = now.assign(
            title=self.register.title_of(now["unit"]),
            days=(pd.Timestamp(self.clock.report_date) - now["since"]).dt.days,
        )
        return Table(
            "standing",
            "Where each known modification stands",
            now,
            {
                "unit": "Reference",
                "title": "Title",
                "stage": "Stage",
                "since": "Since",
                "since_precision": "Since known as",
                "days": "Days in stage",
            },
            note="A blank stage is not known: no source attests it on that day.",
        )

    def moved(self) -> Table:
        """Who stands in another stage than at the report before."""
        return Table(
            "moved",
            "Who moved since the last report",
            stages.moved(self.stages, self.clock.previous_report_date, self.clock.report_date).assign(
                title=lambda f: self.register.title_of(f["unit"])
            ),
            {
                "unit": "Reference",
                "title": "Title",
                "before": "Stage then",
                "now": "Stage now",
                "since": "Since",
            },
            note="Moves into and out of what isn't known are left out.",
            empty="No move is known.",
        )

    # Durations --------------------------------------------------------------------------------

    @cached_property
    def assessments(self) -> pd.DataFrame:
        """Assessments as `durations.assessments_at` says."""
        found = durations.assessments_at(self.register, self.clock, self.convention)
        return found.assign(title=self.register.title_of(found["ref"]))

    @cached_property
    def proposals(self) -> pd.DataFrame:
        """Modifications as `durations.proposals_at` says."""
        return durations.proposals_at(self.register, self.clock, self.convention)

    def open_assessments(self) -> Table:
        """Open assessments, oldest first, with their targets."""
        aged = durations.ages(self.assessments)
        return Table(
            "open-assessments",
            f"Open assessments on {_said(self.clock.period_end)}",
            aged,
            {
                "ref": "Reference",
                "title": "Title",
                "kind": "Type",
                "accepted_on": "Accepted",
                "target_wd": "Target (WD)",
                "duration_wd": "Duration so far (WD)",
                "over_target_wd": "Over target (WD)",
                "percentile": "Share that took no longer",
            },
            note="The share is among all of its kind, open and completed, whose duration is known.",
            empty="None is attested to be open.",
        )

    def returned_assessments(self) -> Table:
        """Assessments returned in the 12 months that end on the period end."""
        mine = self.assessments[(self.assessments["status"] == "completed") & self.assessments["in_window"]]
        mine = mine.sort_values(["returned_on", "ref"])
        return Table(
            "returned-assessments",
            f"Assessments returned in the 12 months to {_said(self.clock.period_end)}",
            mine,
            {
                "ref": "Reference",
                "title": "Title",
                "kind": "Type",
                "requested_on": "Requested",
                "accepted_on": "Accepted",
                "returned_on": "Returned",
                "target_wd": "Target (WD)",
                "duration_wd": "Duration (WD)",
            },
            note="A duration needs the accepted day; a requested one doesn't stand in for it.",
            empty="None is known.",
        )

    def open_proposals(self) -> Table:
        """Open modifications, oldest first, with and without their time on hold."""
        return Table(
            "open-proposals",
            f"Proposals open on {_said(self.clock.period_end)}",
            durations.proposal_ages(self.proposals).assign(
                title=lambda aged: self.register.title_of(aged["name"])
            ),
            {
                "name": "Reference",
                "title": "Title",
                "raised_on": "Raised",
                "duration_wd": "Age (WD)",
                "on_hold_wd": "On hold (WD)",
                "active_wd": "Age without time on hold (WD)",
                "percentile": "Share that took no longer",
            },
            note="The share is among all open and concluded ones whose raised day is known. "
            "Time on hold is known only where a source says so.",
            empty="None is attested to be open.",
        )

    def both_conventions(self) -> Table:
        """Open assessments counted with and without bank holidays."""
        return Table(
            "conventions",
            "The same durations by both conventions",
            durations.both_conventions(self.register, self.clock),
            {
                "ref": "Reference",
                "kind": "Type",
                "accepted_on": "Accepted",
                "as_published": "Weekdays (as published)",
                "sec": "Without bank holidays",
                "bank_holidays": "Bank holidays between",
            },
            empty="None is attested to be open.",
        )

    def ageing_chart(self) -> charts.Chart:
        """Open assessments by age against target."""
        return charts.ageing(durations.ages(self.assessments), _said(self.clock.period_end))

    def duration_summary(self) -> Table:
        """Durations of completed cases: n, mean, median, percentiles and share within target."""
        return Table(
            "duration-summary",
            "Durations of completed cases (WD)",
            durations.summaries(self.assessments, self.proposals, self.convention),
            {
                "what": "What",
                "n": "Completed with both days",
                "mean": "Mean",
                "median": "Median",
                "p85": "85th percentile",
                "p95": "95th percentile",
                "within_target": "Share within target",
                "within_low": "95 % from",
                "within_high": "to",
            },
            note="Nothing is estimated from fewer than three completed cases.",
        )

    def survival_chart(self, what: str) -> charts.Chart:
        """Kaplan–Meier curve of ``PA``, ``IA`` or ``proposals``."""
        if what == "proposals":
            return charts.survival_curve(
                durations.proposal_survival(self.proposals), "proposals, raised to concluded"
            )
        kind = AssessmentKind(what)
        return charts.survival_curve(
            durations.assessment_survival(self.assessments, kind), durations.NAMES[kind]
        )

    def survival_table(self) -> Table:
        """Kaplan–Meier medians beside the naive means."""
        return Table(
            "survival",
            "How long they will have taken (WD)",
            durations.estimates(self.assessments, self.proposals),
            {
                "what": "What",
                "completed": "Completed",
                "censored": "Still running",
                "mean_completed": "Mean of completed",
                "mean_open": "Mean age of open",
                "median": "Median (Kaplan–Meier)",
                "median_low": "95 % from",
                "median_high": "to",
            },
            note="Open ones are older than completed ones were long, because what takes long stays open "
            "long: neither mean "
            "says how long one takes. The median counts the running ones as not yet done.",
        )

    # Releases ---------------------------------------------------------------------------------

    @cached_property
    def scopes(self) -> dict[str, releases.Scope]:
        """Contents of the releases as at the report's day, by slug."""
        return releases.contents(self.register, self.clock.report_date)

    def release_table(self) -> Table:
        """What each release that is still to come, or just came, holds."""
        current = [
            key.split(".")[1]
            for key in (f.key for f in self.figures)
            if key.startswith("release.") and key.count(".") == 3
        ]
        frames = [
            scope.items.assign(release=scope.release)
            for slug, scope in self.scopes.items()
            if slug in current
        ]
        items = (
            pd.concat(frames, ignore_index=True)
            if frames
            else pd.DataFrame(columns=["release", "name", "title", "part", "status", "on", "planned_on"])
        )
        return Table(
            "release-contents",
            f"Contents of current releases on {_said(self.clock.report_date)}",
            items,
            {
                "release": "Release",
                "name": "Reference",
                "title": "Title",
                "part": "Part",
                "status": "Status",
                "on": "As at",
                "planned_on": "Planned for",
            },
            empty="No current release's contents are known.",
        )

    def release_history(self) -> Table:
        """How the releases' scopes moved, up to the report's day."""
        moves = releases.history(self.register)
        moves = moves[
            (moves["on"] <= pd.Timestamp(self.clock.report_date)) & (moves["change"] != "unchanged")
        ]
        return Table(
            "release-history",
            "How scopes moved",
            moves,
            {
                "on": "Day",
                "release": "Release",
                "item": "Item",
                "change": "Change",
                "before": "Status before",
                "status": "Status",
            },
            empty="No release is listed twice by then.",
        )

    def slippage(self) -> Table:
        """Implemented modifications against the first release planned for them."""
        slips = releases.slippage(self.register, self.clock.report_date)
        slips = slips[slips["first_release"].notna()]
        return Table(
            "slippage",
            "In force against first planned",
            slips,
            {
                "name": "Reference",
                "title": "Title",
                "first_release": "First planned for",
                "first_planned_on": "First planned day",
                "release": "Came into force in",
                "in_force_on": "In force",
                "slip_days": "Days later",
            },
            empty="No modification in force has a known first plan.",
        )

    def release_chart(self) -> charts.Chart:
        """Each release's planned days as they were stated, and the day in force."""
        dates = releases.dates(self.register)
        by = pd.Timestamp(self.clock.report_date)
        return charts.release_timeline(dates[~(dates["stated_on"] > by) & ~(dates["in_force_on"] > by)])

    # Reconciliation and quality ---------------------------------------------------------------

    def reconciliation(self) -> Table:
        """Every printed figure beside the recomputed one."""
        other = Convention.SEC if self.convention is Convention.AS_PUBLISHED else Convention.AS_PUBLISHED
        twins = reconcile.figures(self.register, self.month, other)
        columns = {
            "label": "Figure",
            "printed": "Printed",
            "recomputed": "Recomputed",
            "difference": "Difference",
            "verdict": "Verdict",
            "reason": "Reason",
            "other_convention": f"By {other}",
        }
        return Table(
            "reconciliation",
            "Every printed figure beside the recomputed one",
            reconcile.table(self.figures, twins),
            columns,
            empty="No source printed a figure for this month.",
        )

    def verdicts(self) -> Table:
        """How many printed figures got each verdict."""
        return Table(
            "verdicts",
            "Verdicts",
            reconcile.verdicts(self.figures),
            {"verdict": "Verdict", "count": "Figures"},
        )

    def verdict_chart(self) -> charts.Chart:
        """How many printed figures got each verdict."""
        return charts.verdict_bars(reconcile.verdicts(self.figures))

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

    def contradictions(self) -> Table:
        """Histories that contradict themselves, counted out."""
        return Table(
            "contradictions",
            "Histories that contradict themselves, counted out",
            self.stages.contradictory,
            {"unit": "Reference", "reason": "Why"},
            empty="None.",
        )

    def statement_counts(self) -> Table:
        """How many statements each table holds, from how many sources, and how many were left out."""
        rows = [
            {"table": name, "rows": len(frame), "sources": frame["source_id"].nunique()}
            for name, frame in self.register.tables.items()
        ]
        return Table(
            "statements",
            "Statements by table",
            pd.DataFrame(rows),
            {"table": "Table", "rows": "Rows", "sources": "Sources"},
        )

    def coverage(self) -> Table:
        """How much is known of the known modifications."""
        return Table(
            "coverage",
            "What is known of the known modifications",
            quality.coverage(self.register, self.stages, self.clock),
            {"fact": "Known", "count": "Modifications", "of": "Of", "share": "Share"},
        )

    def quality_notes(self) -> Table:
        """Statements used with an assumption, or not at all."""
        return Table(
            "quality-notes",
            "Statements used with an assumption, or not at all",
            quality.notes(self.register),
            {"what": "What", "ref": "Reference", "table": "Table", "source_id": "Source", "locator": "Where"},
            empty="None.",
        )

    def printed(self) -> FigureTable:
        """Every printed figure with its rows and sources."""
        mine = FigureSet(tuple(figure for figure in self.figures if figure.printed is not None))
        return FigureTable(mine, self.register.tables, "Printed figures, each with its rows")

    def coverage_chart(self) -> charts.Chart:
        """How much is known of the known modifications."""
        return charts.coverage_bars(quality.coverage(self.register, self.stages, self.clock))


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def code_sha256() -> str:
    """A hash of the package's own source, so that a page says which code made it."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.py")), folder / "bank_holidays.csv"]:
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def changes(register: Register, clock: Clock) -> pd.DataFrame:
    """What changed in the days that the month's lists cover: ``day, ref, title, what``."""
    first, last = pd.Timestamp(clock.previous_report_date), pd.Timestamp(clock.report_date)
    events = register.events[register.events["event"] != Event.OBSERVED]
    mine = events[(events["day"] > first) & (events["day"] <= last)]
    told = mine["event"].str.replace("_", " ") + (": " + mine["outcome"].str.replace("_", " ")).fillna("")
    done = register.implementations
    done = done[(done["day"] > first) & (done["day"] <= last)]
    out = pd.concat(
        [
            pd.DataFrame({"day": mine["day"], "ref": mine["name"], "what": told}),
            pd.DataFrame(
                {
                    "day": done["day"],
                    "ref": done["name"],
                    "what": "in force" + (" in " + done["release"]).fillna(""),
                }
            ),
        ],
        ignore_index=True,
    )
    out = out.assign(title=register.title_of(out["ref"])).drop_duplicates()
    return out.sort_values(["day", "ref", "what"], ignore_index=True)[["day", "ref", "title", "what"]]


# Over all months --------------------------------------------------------------------------------


def months_of(text: str | Iterable[str]) -> list[ReportMonth]:
    """Months told as ``A..B`` or separated by commas.

    Raises
    ------
    UserError
        If one isn't a month.
    """
    parts = text.split(",") if isinstance(text, str) else list(text)
    try:
        return sorted({month for part in parts for month in parse_range(part.strip())})
    except ValueError as error:
        raise UserError(str(error)) from None


class Overview:
    """Several months side by side, for the index page."""

    def __init__(self, register: Register, months: list[ReportMonth]) -> None:
        self.register = register
        self.months = months
        self.clocks = [register.clock(month) for month in months]
        self.stages = stages.stages(register)
        self.counts = self.stages.counts(pd.DatetimeIndex([clock.report_date for clock in self.clocks]))

    def flow_chart(self) -> charts.Chart:
        """Known modifications by stage over the months."""
        return charts.cumulative_flow(self.counts)

    def coverage_chart(self) -> charts.Chart:
        """The share of known modifications whose stage is known, by month."""
        known = self.counts[[stage.value for stage in Stage]].sum(axis=1)
        share = (100 * known / self.counts["known"]).where(self.counts["known"] > 0)
        share.index = pd.Index([str(month) for month in self.months])
        return charts.monthly_line(share, "Stage known, % of known modifications")

    def table(self) -> Table:
        """A row a month: what is known of it."""
        known = self.counts[[stage.value for stage in Stage]].sum(axis=1)
        opened = self.counts[[stage.value for stage in OPEN_STAGES]].sum(axis=1)
        changed = [len(changes(self.register, clock)) for clock in self.clocks]
        printed = self.register.tables["published_figures"]["month"].value_counts()
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
        frame["published"] = frame["published"].map({True: "yes", False: "no"})
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


def overview(months: str, register: Register | None = None) -> Overview:
    """Several months side by side.

    Parameters
    ----------
    months
        ``A..B``, or months separated by commas.
    register
        The statements; those that ``secanalysis build`` wrote if not given.
    """
    return Overview(register or Register.load(), months_of(months))
