"""Which modifications a release has: approved for it or in force in it, and those that are only targeted."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis import releases, stages
from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.stage_rules import FINAL
from secanalysis.domain.vocabulary import Precision, ReleaseStatus
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

LAST = date(2099, 12, 31)
"""After everything that is known."""


@once
def members(register: ResolvedRegister) -> pd.DataFrame:
    """The modifications of each release on everything known to date, each once.

    Returns
    -------
    pandas.DataFrame
        ``slug, name, is_targeted`` (planned, and not approved), in the order of slugs and names.
    """
    items = member_items(register)
    is_targeted = items["status"] == ReleaseStatus.TARGETED
    by_name = is_targeted.groupby([items["slug"], items["name"]]).all()
    return by_name.rename("is_targeted").reset_index()


@once
def member_items(register: ResolvedRegister) -> pd.DataFrame:
    """What each release has on everything known to date, item by item.

    Those are its contents as last listed, and what a page without a date plans for it that no later list leaves out.
    What has left since, because it is planned or in force elsewhere, withdrawn or rejected, isn't among them.

    Returns
    -------
    pandas.DataFrame
        ``slug, release`` and the columns of `releases.Scope.items`.
    """
    scopes, seen = releases.contents(register, LAST), seen_plans(register)
    listed = pd.concat(
        [
            *(
                scope.items.assign(slug=slug, release=scope.release, day=scope.items["on"])
                for slug, scope in scopes.items()
            ),
            seen[~seen["is_left"]].drop(columns="is_left"),
        ],
        ignore_index=True,
    )
    removed = listed.loc[listed["status"] == ReleaseStatus.REMOVED, ["slug", "name"]]
    out = pd.MultiIndex.from_frame(listed[["slug", "name"]]).isin(pd.MultiIndex.from_frame(removed))
    listed = without_left(register, listed[~out], LAST)
    listed = listed.drop_duplicates(["slug", "name", "part", "status"]).reset_index(drop=True)
    return listed.assign(title=register.title_of(listed["name"]))[["slug", "release", *releases.ITEM_COLUMNS]]


def without_left(register: ResolvedRegister, items: pd.DataFrame, day: date) -> pd.DataFrame:
    """Release items without those that are planned and have left: they are elsewhere since, or over.

    Parameters
    ----------
    register
        What is known.
    items
        Of all releases: ``slug, name, part, status, day`` (on which each was stated).
    day
        As at which day stages count.
    """
    now = stages.stages(register).at(day)
    over = now.loc[now["stage"].isin(FINAL), "unit"]
    is_planned = items["status"].isin(PLANNED)
    of_part = [items["name"], items["part"].fillna("")]
    stated = items["day"].fillna(pd.Timestamp("1900-01-01"))
    latest = stated.groupby(of_part).transform("max")
    # of what is planned in several releases the one that was stated last
    last_slug = items["slug"].where(stated == latest).groupby(of_part).transform("last")
    elsewhere = (stated < latest) & (items["slug"] != last_slug)
    return items[~(is_planned & (elsewhere | items["name"].isin(over)))]


@once
def seen_plans(register: ResolvedRegister) -> pd.DataFrame:
    """What pages without a date plan for releases.

    Returns
    -------
    pandas.DataFrame
        Of `ResolvedRegister.release_item_statements`, with ``slug`` and ``is_left``: whether a later list of the release
            doesn't name it. Of a release with more modifications than are known, none is known to have left so.
    """
    items = register.shown_on("release_items", register.release_item_statements, None)
    undated = items["day"].isna() | (items["precision"] == Precision.NOT_BEFORE)
    seen = items[undated & items["status"].isin(PLANNED)].dropna(subset=["release"])
    seen = seen.assign(slug=seen["release"].map(register.release_slugs))
    scopes = releases.contents(register, LAST)
    short = set(short_lists(register)["slug"])
    stated_on = {slug: scope.stated_on for slug, scope in scopes.items() if slug not in short}
    listed = looked_up(seen["slug"], pd.Series(stated_on, dtype="datetime64[us]"))
    return seen.assign(is_left=listed.notna() & ~(seen["day"] >= listed))


@once
def short_lists(register: ResolvedRegister) -> pd.DataFrame:
    """Releases of which a source states that more modifications came into force in them than any source names.

    Returns
    -------
    pandas.DataFrame
        ``slug, stated, known`` (how many the source states, and how many are named), ``source_id, locator``.
    """
    figures = register.tables["published_figures"]
    slug = figures["key"].str.extract(rf"^release\.(.+)\.{ReleaseStatus.IMPLEMENTED}\.count$", expand=False)
    stated = figures.assign(slug=slug, stated=figures["value"])[slug.isin({*register.release_slugs.values()})]
    items = register.release_item_statements
    done = items[items["status"] == ReleaseStatus.IMPLEMENTED].dropna(subset=["release"])
    done = done.assign(slug=done["release"].map(register.release_slugs))
    known = looked_up(stated["slug"], done.groupby("slug")["name"].nunique()).fillna(0)
    short = stated.assign(known=known)
    short = short[short["stated"] > short["known"]]
    return short[["slug", "stated", "known", "source_id", "locator"]].reset_index(drop=True)
