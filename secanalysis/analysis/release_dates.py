"""Releases' dates: what sources say of each release's day, planned and in force."""

from __future__ import annotations

import pandas as pd

from secanalysis.domain.vocabulary import Precision, ReleaseStatus
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once


@once
def dates(register: ResolvedRegister) -> pd.DataFrame:
    """What each source said of each release's day, in the order of saying.

    Returns
    -------
    pandas.DataFrame
        ``release, slug, kind, stated_on, planned_on, in_force_on, source_id, locator``.
    """
    releases = register.tables["releases"]
    with_slugs = releases.assign(slug=releases["release"].map(register.release_slugs))
    order = ["release", "stated_on", "source_id", "locator"]
    return with_slugs.sort_values(order, na_position="first", kind="stable", ignore_index=True)


@once
def planned_days(register: ResolvedRegister) -> pd.Series:
    """The day planned for each release, or on which it came into force, as last stated."""
    releases = register.shown_on("releases", register.tables["releases"], None).copy()
    releases["day"] = releases["in_force_on"].fillna(releases["planned_on"])
    order = releases.dropna(subset=["day"]).sort_values(
        ["stated_on", "source_id", "locator"], na_position="first"
    )
    return order.groupby("release")["day"].last()


@once
def release_days(register: ResolvedRegister) -> pd.DataFrame:
    """Each release's day as last planned, and the one on which it came into force.

    From statements about the release; where there is none, from those about what it holds.

    Returns
    -------
    pandas.DataFrame
        ``slug, release, planned_on, in_force_on, stated_on`` (the day of the latest source behind either).
    """
    published = register.sources.set_index("source_id")["published_on"]
    whole = dates(register).drop(columns="stated_on")
    items = register.release_item_statements.dropna(subset=["release"])
    exact = (items["status"] == ReleaseStatus.IMPLEMENTED) & (items["precision"] == Precision.DAY)
    items = items.assign(
        slug=items["release"].map(register.release_slugs), in_force_on=items["on"].where(exact)
    )
    items = items.sort_values(["day", "source_id", "locator"], na_position="first", kind="stable")
    columns = ["slug", "release", "planned_on", "in_force_on"]
    both = [
        rows.assign(stated_on=looked_up(rows["source_id"], published))
        .groupby("slug", sort=True)[[*columns[1:], "stated_on"]]
        .agg({**dict.fromkeys(columns[1:], "last"), "stated_on": "max"})
        for rows in (whole, items)
    ]
    return both[0].combine_first(both[1]).reset_index()[[*columns, "stated_on"]]


@once
def days_in_force(register: ResolvedRegister) -> dict[str, list[pd.Timestamp]]:
    """The days on which each release came into force, by slug: more than one where sources give several.

    Of a release of which a source states the day itself that one alone; else those of what it holds.
    """
    stated = dates(register).dropna(subset=["in_force_on"])
    own = {str(slug): [rows["in_force_on"].iloc[-1]] for slug, rows in stated.groupby("slug")}
    done = register.implementations.dropna(subset=["release"])
    done = done[done["precision"] == Precision.DAY]
    of_items = done["day"].groupby(done["release"].map(register.release_slugs))
    return {str(slug): sorted(days.unique()) for slug, days in of_items} | own
