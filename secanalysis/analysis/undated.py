"""What has happened by its stage but has no day: counts of such lists are lower bounds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from secanalysis.analysis import activity, stages
from secanalysis.analysis.list_coverage import at_least
from secanalysis.analysis.stage_rules import CLOSED, IMPLEMENTED, sighting
from secanalysis.domain.figures import Measure
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import OPEN_STAGES, Event, Precision, Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

WITHOUT_A_DATE = "without a date"
WITH_WHOM = "in the decision stage, and with whom isn't stated"

BOUNDED = (
    "proposal.concluded",
    "proposal.open",
    "release.implemented",
    "authority.pending",
    "flow.concluded",
)
"""What the keys begin with of figures that may be lower bounds."""


@dataclass(frozen=True)
class _Days:
    """The days in which something would count, and the last one on which it can have been seen."""

    first: pd.Timestamp
    last: pd.Timestamp
    seen_by: pd.Timestamp


def lower_bounds(register: ResolvedRegister, clock: Clock, measures: list[Measure]) -> list[Measure]:
    """Measures of which those are lower bounds that leave out what has no day, or isn't known to be of their list."""
    words = {"authority.pending": WITH_WHOM}
    return [
        at_least(measure, _more(register, clock, of), words.get(of, WITHOUT_A_DATE))
        if (of := measure.key.rpartition(".")[0]) in BOUNDED
        else measure
        for measure in measures
    ]


@once
def _more(register: ResolvedRegister, clock: Clock, of: str) -> int:
    """How many more there may be of what a figure counts, by the beginning of its key, one of `BOUNDED`."""
    if not register.attests_stages(clock.period_end):
        return 0
    if of == "authority.pending":
        return _with_whom(register, stages.stages(register), clock)
    statements, end = _statements(register, clock), pd.Timestamp(clock.period_end)
    seen_by = register.exporting.loc[register.exporting["published_on"] >= end, "published_on"].min()
    window = _Days(pd.Timestamp(clock.window_start), end, seen_by)
    month = _Days(pd.Timestamp(clock.period_end.replace(day=1)), end, seen_by)
    exact = statements[statements["precision"].isin([Precision.DAY, Precision.MONTH])]
    if of == "release.implemented":
        in_force = exact.loc[exact["what"] == IMPLEMENTED, "unit"]
        return _possible(statements, (Stage.IMPLEMENTED,), in_force, month)
    if of == "proposal.open":
        return _perhaps_open(register, stages.stages(register), statements, end, seen_by)
    voted = exact["what"].isin([Event.VOTED, Event.DECIDED])
    decided = exact["after"].isin([Stage.PENDING_IMPLEMENTATION, Stage.REJECTED])
    concluded = exact.loc[(voted & decided) | (exact["what"] == Event.WITHDRAWN), "unit"]
    return _possible(statements, tuple(CLOSED), concluded, month if of == "flow.concluded" else window)


@once
def _statements(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """The statements of all units whose histories make sense, and that registers still list on the period's end."""
    history = stages.stages(register)
    statements = history.statements[~history.statements["unit"].isin(history.contradictory["unit"])]
    gone = register.gone_on.index[register.gone_on <= pd.Timestamp(clock.period_end)]
    return statements[~statements["unit"].isin(gone)]


def _shows(statements: pd.DataFrame, of: tuple[Stage, ...]) -> pd.Series:
    return statements["after"].isin(of) | statements["what"].isin([sighting(stage) for stage in of])


def _possible(statements: pd.DataFrame, of: tuple[Stage, ...], dated: pd.Series, days: _Days) -> int:
    """How many units came into some stages without a day, at a time that may lie within the days."""
    without = statements[~statements["unit"].isin(dated)]
    there = _shows(without, of)
    first = without[there].groupby("unit")["day"].min()
    before = without[~there & (without["day"] < looked_up(without["unit"], first))]
    before = before[_shows(before, tuple(set(Stage) - set(of)))]
    last_before = before.groupby("unit")["day"].max().reindex(first.index)
    possible = (first >= days.first) & (first <= days.seen_by) & ~(last_before >= days.last)
    return int(possible.sum())


def _perhaps_open(
    register: ResolvedRegister,
    history: stages.Stages,
    statements: pd.DataFrame,
    end: pd.Timestamp,
    seen_on: pd.Timestamp,
) -> int:
    """How many are open on the first export from a day on of which nothing says whether they were raised by then."""
    then = history.at(seen_on.date())
    is_open = then.loc[then["stage"].isin(OPEN_STAGES), "unit"]
    listed = register.exports.loc[register.exports["on"] == seen_on, "name"]
    raised = statements.loc[statements["what"] == Event.RAISED, "unit"]
    by_then = statements.loc[statements["day"] <= end, "unit"]
    unknown = is_open[is_open.isin(listed) & ~is_open.isin(raised) & ~is_open.isin(by_then)]
    return len(unknown)


def _with_whom(register: ResolvedRegister, history: stages.Stages, clock: Clock) -> int:
    """How many are in the decision stage of which nothing says whether they are with the Authority, and since when.

    A vote that recommends, or a referral, leads there before anything is sent.
    """
    if not register.attests(Event.SENT_TO_AUTHORITY, clock.report_date):
        return 0
    now = history.at(clock.report_date)
    in_decision = now.loc[now["stage"] == Stage.DECISION, "unit"]
    pending = activity.lists(register, clock)["authority.pending.count"].items["name"]
    events = register.events
    led_there = events["event"].isin([Event.REFERRED, Event.VOTED])
    explained = events.loc[led_there & (events["day"] <= pd.Timestamp(clock.report_date)), "name"]
    without_a_day = events.loc[(events["event"] == Event.SENT_TO_AUTHORITY) & events["day"].isna(), "name"]
    unexplained = ~in_decision.isin(explained) | in_decision.isin(without_a_day)
    return int((~in_decision.isin(pending) & unexplained).sum())
