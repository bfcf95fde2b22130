"""What comes next for each modification, as it was planned by a report's day: meetings, consultations, releases."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis import releases, stages
from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.release_members import without_left
from secanalysis.domain import references
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import (
    BODIES,
    ConsultationKind,
    MeetingStatus,
    Precision,
    PublishedPrecision,
    ReleaseStatus,
    Stage,
)
from secanalysis.register.resolution.ranking import effective_day
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

CONSULTATIONS = {
    ConsultationKind.REFINEMENT.value: "Refinement Consultation",
    ConsultationKind.REPORT.value: "Modification Report Consultation",
    ConsultationKind.OTHER.value: "Other consultation",
}
"""What consultations are called."""


@once
def to_come(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Every key date after the report's day, as it was planned by then.

    Parameters
    ----------
    register, clock
        As of `next_dates`.

    Returns
    -------
    pandas.DataFrame
        ``name, next_on, next_what, in_month``, by name and day. What is known to its month is of its last day.
    """
    dates = pd.concat(
        [_meetings(register, clock), _consultations(register, clock), _releases(register, clock)],
        ignore_index=True,
    )
    dates = dates[dates["next_on"] > pd.Timestamp(clock.report_date)]
    return dates.sort_values(["name", "next_on", "next_what"], kind="stable", ignore_index=True)


@once
def next_dates(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """The next key date of each modification or part after the report's day.

    Parameters
    ----------
    register
        What is known. Only plans published by then count: a meeting or consultation that a source announced on
        or before the report's day, the end of a consultation that is open then, and the release in whose scope the
        modification then was, on the day then planned for it. What was approved since it was targeted is in force then.
    clock
        The month's clock; dates after its ``report_date``, which isn't included, are to come.

    Returns
    -------
    pandas.DataFrame
        Index ``name``, ascending; ``next_on, next_what``: the earliest only. What is known to its month is of its last
        day, and says the month in words instead of a day.
    """
    dates = to_come(register, clock)
    dates = dates.assign(next_on=dates["next_on"].mask(dates["in_month"]))
    return dates.drop_duplicates("name").set_index("name")[["next_on", "next_what"]]


def with_next(
    register: ResolvedRegister, clock: Clock, items: pd.DataFrame, names: str = "name"
) -> pd.DataFrame:
    """Rows with ``next_on`` and ``next_what`` of the modification that their column ``names`` holds.

    A part without a date of its own has its parent's.
    """
    dates = next_dates(register, clock)
    if items.empty:
        return items.assign(**dates.iloc[:0].set_index(items.index))
    own, parents = items[names], references.root(items[names])
    dated = own.where(own.isin(dates.index), parents)
    return items.assign(
        next_on=looked_up(dated, dates["next_on"]), next_what=looked_up(dated, dates["next_what"])
    )


def _published_by_then(register: ResolvedRegister, clock: Clock, table: str) -> pd.DataFrame:
    statements = register.tables[table]
    sources = register.sources.set_index("source_id")
    published = looked_up(statements["source_id"], sources["published_on"])
    exact = looked_up(statements["source_id"], sources["published_precision"]) == PublishedPrecision.DAY
    by_then = statements[exact & (published <= pd.Timestamp(clock.report_date))].dropna(subset=["ref"])
    return register.shown_on(table, by_then, clock.report_date)


def _dated(
    rows: pd.DataFrame, on: pd.Series, what: pd.Series | str, in_month: pd.Series | bool = False
) -> pd.DataFrame:
    dates = pd.DataFrame(
        {"name": references.name(rows["ref"]), "next_on": on, "next_what": what, "in_month": in_month}
    )
    return dates.astype({"name": "str", "next_on": "datetime64[us]", "next_what": "str", "in_month": "bool"})


def _meetings(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    m = _published_by_then(register, clock, "meetings")
    m = m[m["status"] == MeetingStatus.SCHEDULED]
    in_month = m["precision"] == Precision.MONTH
    what = m["body"].map(BODIES) + " meeting"
    what += (" in " + m["held_on"].dt.strftime("%B %Y")).where(in_month, "")
    return _dated(m, effective_day(m["held_on"], m["precision"]), what, in_month)


def _consultations(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """What had been announced; of one that is open, the day on which it closes was announced when it opened."""
    announced = _published_by_then(register, clock, "consultations")
    every = register.shown_on("consultations", register.tables["consultations"], clock.report_date)
    is_open = (every["opened_on"] <= pd.Timestamp(clock.report_date)) & every["ref"].notna()
    closing = pd.concat([announced, every[is_open]]).drop_duplicates(["source_id", "locator"])
    return pd.concat(
        [
            _dated(c, c[column], c["kind"].map(CONSULTATIONS) + f" {words}")
            for c, column, words in (
                (announced, "expected_week", "expected (week)"),
                (announced, "opened_on", "opens"),
                (closing, "closed_on", "closes"),
            )
        ]
    ).drop_duplicates()


def _releases(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    stated = register.tables["releases"]
    stated = stated[stated["stated_on"] <= pd.Timestamp(clock.report_date)].dropna(subset=["planned_on"])
    stated = register.shown_on("releases", stated, clock.report_date)
    order = stated.sort_values(["stated_on", "source_id", "locator"], kind="stable")
    planned = order.groupby("release")["planned_on"].last()
    scopes = releases.contents(register, clock.report_date)
    every = [
        scope.items.assign(slug=slug, release=scope.release, day=scope.items["on"])
        for slug, scope in scopes.items()
    ]
    if not every:
        return _dated(pd.DataFrame({"ref": pd.Series(dtype="str")}), pd.Series(dtype="datetime64[us]"), "")
    items = without_left(register, pd.concat(every, ignore_index=True), clock.report_date)
    items = items[items["status"].isin(PLANNED)]
    # else the day that its list states of others in the same release
    of_list = items["planned_on"].groupby(items["slug"]).transform("max")
    on = items["planned_on"].fillna(looked_up(items["release"], planned)).fillna(of_list)
    now = stages.stages(register).at(clock.report_date)
    pending = now.loc[now["stage"] == Stage.PENDING_IMPLEMENTATION, "unit"]
    approved_since = items["name"].isin(pending) & items["part"].isna()
    is_approved = (items["status"] == ReleaseStatus.APPROVED) | approved_since
    what = pd.Series("targeted for ", items.index).mask(is_approved, "in force in ") + items["release"]
    return _dated(items.assign(ref=items["name"]), on, what)
