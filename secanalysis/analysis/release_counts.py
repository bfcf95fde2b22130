"""Counts of releases: what each holds by status, and what came into force in a month."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis.in_part import IN_PART, status_in_words
from secanalysis.analysis.list_coverage import ATTESTED, NOT_ATTESTED, NOT_KEPT
from secanalysis.analysis.releases import STATUS_RANK, Scope, contents, dated_items, item_names
from secanalysis.domain.figures import Measure, rows_of
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import EXACT, ReleaseStatus
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once


def implemented_in(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """What came into force in the calendar month before the cover month, each modification once.

    Returns
    -------
    pandas.DataFrame
        The columns of `ResolvedRegister.implementations`, and ``title``.
    """
    items = _in_force_items(register, clock)
    items = items.sort_values(["name", "part", "day", "item"], kind="stable").drop_duplicates("name")
    return items.assign(title=register.title_of(items["name"])).reset_index(drop=True)


def _in_force_items(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    done = register.implementations
    first = pd.Timestamp(clock.period_end.replace(day=1))
    in_month = (done["day"] >= first) & (done["day"] <= pd.Timestamp(clock.period_end))
    return done[in_month & done["precision"].isin(EXACT)]


def measures(register: ResolvedRegister, clock: Clock, *, month_attested: bool) -> list[Measure]:
    """``release.<slug>.<status>.count`` as at the report's day, and ``release.implemented.count``.

    A release has counts from the day its scope is first listed. Only releases that are still to come,
    or came into force since the report before, are counted: the others are history.

    Parameters
    ----------
    month_attested
        Whether a source attests the list of what came into force in the month before.
    """
    counts = []
    statements = dated_items(register)
    for slug, scope in contents(register, clock.report_date).items():
        stated = statements[
            (statements["slug"] == slug) & (statements["day"] <= pd.Timestamp(clock.report_date))
        ]
        if not _current(register, stated, clock):
            continue
        listed = scope.stated_on is not None
        counted_as = _counted_as(scope.items)
        of_export = bool(stated["is_export"].all())
        for status in ReleaseStatus:
            with_status = scope.items[(counted_as == status) & (scope.items["status"] == status)]
            n = with_status["name"].nunique()
            reason = "" if listed else "no source lists the release's scope"
            if of_export and n == 0 and not _is_kept(register, status):
                reason = NOT_KEPT  # and so never 0
            coverage = (
                f"scope as listed on {day_in_words(scope.stated_on)}"
                if scope.stated_on is not None and not reason
                else ""
            )
            counts.append(
                Measure(
                    key=f"release.{slug}.{status}.count",
                    label=f"{scope.release}: {status}",
                    value=None if reason else float(n),
                    n=n,
                    coverage=_and_in_part(coverage, register, with_status.assign(release=scope.release)),
                    reason=reason,
                    rows=rows_of("release_items", _behind(scope, with_status)) if len(with_status) else (),
                    items=tuple(_with_part(with_status)),
                )
            )
    done = implemented_in(register, clock)
    statements = register.release_item_statements
    statements = statements[statements["status"] == ReleaseStatus.IMPLEMENTED]
    rows = statements[statements["item"].isin(_in_force_items(register, clock)["item"])]
    counts.append(
        Measure(
            key="release.implemented.count",
            label=f"Implemented in {clock.month.previous.title}",
            value=float(len(done)) if month_attested else None,
            n=len(done),
            coverage=_and_in_part(
                ATTESTED if month_attested else "",
                register,
                _in_force_items(register, clock).assign(status=ReleaseStatus.IMPLEMENTED.value),
            ),
            reason="" if month_attested else NOT_ATTESTED,
            rows=rows_of("release_items", rows),
            items=tuple(done["name"]),
        )
    )
    return counts


def _and_in_part(coverage: str, register: ResolvedRegister, items: pd.DataFrame) -> str:
    """A count's coverage, and which of the modifications that it counts are in force in part."""
    if items.empty:
        return coverage
    names = sorted(set(items.loc[status_in_words(register, items) == IN_PART, "name"]))
    in_part = f"{IN_PART}: {', '.join(names)}" if names else ""
    return "; ".join(filter(None, [coverage, in_part]))


def _is_kept(register: ResolvedRegister, status: ReleaseStatus) -> bool:
    """Whether a register keeps which items of releases have a status."""
    return any(kept.keeps_some(f"release_items.{status}") for kept in register.kept.values())


def _counted_as(items: pd.DataFrame) -> pd.Series:
    """The status under which each item's modification counts: once, by what is left to come of its parts."""
    rank = items["status"].map(STATUS_RANK)
    left = rank.where(rank > 0).groupby(items["name"]).transform("min").fillna(0)
    return left.map({place: status for status, place in STATUS_RANK.items()})


def _behind(scope: Scope, items: pd.DataFrame) -> pd.DataFrame:
    """All statements that give these items this status."""
    of_items = scope.statements[scope.statements["name"].isin(items["name"])]
    return of_items[of_items["status"].isin(items["status"])]


def _with_part(items: pd.DataFrame) -> list[str]:
    """Modifications as references, with the part in brackets where one is named."""
    return sorted(set(item_names(items))) if len(items) else []


def _current(register: ResolvedRegister, rows: pd.DataFrame, clock: Clock) -> bool:
    """Whether a release is still to come, or came into force since the report before."""
    last = pd.Timestamp(clock.previous_report_date)
    in_force = rows["day"].array[(rows["status"] == ReleaseStatus.IMPLEMENTED).to_numpy()]
    if len(in_force):
        return bool(in_force.max() > last)
    stated = _stated_days(register)
    days = [stated[name] for name in rows["release"].unique() if name in stated]
    days = [day for day in (*days, rows["planned_on"].max()) if not pd.isna(day)]
    return not days or max(days) > last


@once
def _stated_days(register: ResolvedRegister) -> dict[str, pd.Timestamp]:
    """The last day that any source states for each release, planned or in force."""
    releases = register.shown_on("releases", register.tables["releases"], None)
    days = releases[["in_force_on", "planned_on"]].max(axis=1)
    return dict(days.groupby(releases["release"]).max())
