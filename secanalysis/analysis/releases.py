"""What the releases hold: contents at any day, and how their scope moved from list to list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.release_dates import planned_days
from secanalysis.domain.vocabulary import Precision, ReleaseStatus, SourceKind
from secanalysis.register.resolved import ATTESTS_ALL, ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

LISTS = (SourceKind.REPORT, SourceKind.RELEASE_PAGE)
"""Sources that list a release's scope; others speak of their own modification only."""


MOST_ROWS = 500_000
"""How many rows lists show together that are worked out at once."""


@dataclass(frozen=True, eq=False)
class Scope:
    """A release's contents as at a day.

    Attributes
    ----------
    release, slug
        Its name as printed and its slug in keys.
    items
        ``name, ref, title, part, status, on, precision, planned_on, source_id, locator``: the current status of
        each item.
    stated_on
        The day of the list that the contents rest on; None where no source lists the scope.
    statements
        The statements that the contents rest on.
    """

    release: str
    slug: str
    items: pd.DataFrame
    stated_on: pd.Timestamp | None
    statements: pd.DataFrame


@once
def contents(register: ResolvedRegister, day: date) -> dict[str, Scope]:
    """The contents of each release as at a day, by slug.

    A scope, once listed, is believed until the next list of that release; what single modifications' own
    pages say since then is laid over it.
    """
    statements = dated_items(register)
    by_then = statements[statements["day"] <= pd.Timestamp(day)]
    shown = register.shown_on("release_items", by_then, day)
    scopes = {scope.slug: scope for scope in _scopes(register, shown)}
    emptied = by_then[~by_then["slug"].isin(shown["slug"])]
    return scopes | {str(slug): _emptied(register, rows, day) for slug, rows in emptied.groupby("slug")}


def _emptied(register: ResolvedRegister, statements: pd.DataFrame, day: date) -> Scope:
    """A release for which the register's newest export by a day lists nothing any more."""
    succeeded = register.snapshots.replaced_on("release_items", statements)
    items = statements.iloc[:0].assign(title=pd.Series(dtype="str"))
    return Scope(
        release=statements["release"].iloc[0],
        slug=statements["slug"].iloc[0],
        items=items[ITEM_COLUMNS],
        stated_on=succeeded[succeeded <= pd.Timestamp(day)].max(),
        statements=items,
    )


@once
def dated_items(register: ResolvedRegister) -> pd.DataFrame:
    """Statements of release items with the day on which each was so, and whether a list says it.

    What was seen on a day or later was so on no day that is known: `plans_without_a_day` has those.
    """
    statements = register.release_item_statements.dropna(subset=["release", "day"])
    statements = statements[statements["precision"] != Precision.NOT_BEFORE]
    kind = looked_up(statements["source_id"], register.sources.set_index("source_id")["kind"])
    listing = kind.isin(LISTS) | statements["source_id"].isin(register.reports)
    # a plan or an approval of one day is that modification's own event, not a line of a list
    own = (statements["precision"] == Precision.DAY) & statements["status"].isin(PLANNED)
    statements = statements.assign(
        slug=statements["release"].map(register.release_slugs),
        is_list=listing & ~own,
        is_export=kind.isin(ATTESTS_ALL) & ~statements["source_id"].isin(register.reports),
    )
    # where sources differ on the day in force, one of them wins; on the day of another it wasn't
    in_force_on = looked_up(statements["item"], register.implementations.set_index("item")["day"])
    overruled = (statements["status"] == ReleaseStatus.IMPLEMENTED) & (statements["day"] != in_force_on)
    statements = statements[~overruled | statements["is_export"]]
    return statements.sort_values("release", kind="stable", ignore_index=True)


def _scopes(register: ResolvedRegister, statements: pd.DataFrame) -> Iterator[Scope]:
    """The contents of each release that statements name, in the order of names."""
    whole_on = (
        statements["day"]
        .where(statements["is_list"] | statements["is_export"])
        .groupby(statements["slug"])
        .max()
    )
    kept = _still_said(statements)
    items = _items(kept)
    items = items.assign(title=register.title_of(items["name"]))
    items_of, kept_of = items.groupby("slug"), kept.groupby("slug")
    for slug in statements["slug"].unique():
        of_release, day = kept_of.get_group(slug), whole_on.get(slug, pd.NaT)
        yield Scope(
            release=of_release["release"].iloc[0],
            slug=str(slug),
            items=items_of.get_group(slug)[ITEM_COLUMNS].reset_index(drop=True),
            stated_on=None if pd.isna(day) else day,
            statements=of_release,
        )


def _still_said(statements: pd.DataFrame) -> pd.DataFrame:
    """Statements of the latest list of each scope and since: what a list doesn't name any more has left the release.

    A list is a source's word of one day. A register's export says of each item when it came in, changed or left.
    """
    listed_on = statements["day"].where(statements["is_list"]).groupby(statements["slug"]).transform("max")
    return statements[listed_on.isna() | (statements["day"] >= listed_on) | statements["is_export"]]


def _items(kept: pd.DataFrame) -> pd.DataFrame:
    """The statement that counts of each item of each scope, which ``slug`` tells apart, in the order of names."""
    order = kept.assign(part_key=kept["part"].fillna(""), status_rank=kept["status"].map(STATUS_RANK))
    order = order.sort_values(
        ["name", "part_key", "day", "status_rank", "rank", "age", "source_id", "locator"],
        ascending=[True, True, False, False, True, True, True, True],
        kind="stable",
    )
    current = order.drop_duplicates(["slug", "name", "part_key"])
    # a statement of the whole covers its parts, unless the whole was taken out before
    whole = current[current["part"].isna()].set_index(["slug", "name"])
    covering = whole.reindex(pd.MultiIndex.from_frame(current[["slug", "name"]]))
    is_out = (covering["status"] == ReleaseStatus.REMOVED).to_numpy()
    is_later = (current["day"] > covering["day"].set_axis(current.index)).to_numpy()
    is_covered = covering["status"].notna().to_numpy() & ~(is_out & is_later)
    is_part = current["part"].notna().to_numpy()
    still_in = pd.Series(is_part & ~is_covered, index=current.index)
    has_part = still_in.groupby([current["slug"], current["name"]]).transform("any").to_numpy()
    return current[~(is_part & is_covered) & (is_part | ~has_part)]


ITEM_COLUMNS = [
    "name",
    "ref",
    "title",
    "part",
    "status",
    "on",
    "precision",
    "planned_on",
    "source_id",
    "locator",
]
STATUS_RANK = {"removed": 0, "targeted": 1, "approved": 2, "implemented": 3}


@once
def plans_without_a_day(register: ResolvedRegister, day: date) -> pd.DataFrame:
    """What pages plan for releases that are still to come, of which nobody says since when or until when.

    Parameters
    ----------
    register
        What is known.
    day
        Pages seen on a day or later; the plan may be younger than ``day``.

    Returns
    -------
    pandas.DataFrame
        ``release, name, title, part, status, on, precision, planned_on`` (as stated; missing where a source names the
        release alone): only what isn't in the release's contents on the day.
    """
    seen = register.release_item_statements
    seen = seen[(seen["precision"] == Precision.NOT_BEFORE) & seen["status"].isin(PLANNED)]
    seen = seen[seen["day"] <= pd.Timestamp(day)].dropna(subset=["release"])
    coming = seen["planned_on"].fillna(looked_up(seen["release"], planned_days(register)))
    seen = seen.assign(slug=seen["release"].map(register.release_slugs))[coming > pd.Timestamp(day)]
    scopes = contents(register, day)
    listed = {(slug, name) for slug, scope in scopes.items() for name in scope.items["name"]}
    is_listed = [pair in listed for pair in zip(seen["slug"], seen["name"], strict=True)]
    seen = seen[~pd.Series(is_listed, index=seen.index, dtype=bool)]
    seen = seen.sort_values(["release", "name", "part", "on"]).drop_duplicates(
        ["slug", "name", "part"], keep="last"
    )
    columns = ["release", "name", "title", "part", "status", "on", "precision", "planned_on"]
    return seen.assign(title=register.title_of(seen["name"]))[columns].reset_index(drop=True)


@once
def history(register: ResolvedRegister) -> pd.DataFrame:
    """How each release's scope moved from one list to the next.

    Returns
    -------
    pandas.DataFrame
        ``release, slug, on, item`` (the modification, with its part in brackets), ``change`` (listed first,
        added, dropped, status changed, unchanged), ``status, before``; one row per release, list and item.
    """
    statements = dated_items(register)
    rows = statements[statements["is_list"] | statements["is_export"]].reset_index(drop=True)
    columns = ["release", "slug", "on", "item", "change", "status", "before"]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    rows = rows.assign(
        place=pd.factorize(rows["slug"])[0], gone_on=register.snapshots.replaced_on("release_items", rows)
    )
    days = pd.concat(
        [rows[["place", "day"]], rows[["place", "gone_on"]].set_axis(["place", "day"], axis=1).dropna()]
    )
    lists = days.drop_duplicates().sort_values(["place", "day"], ignore_index=True)
    lists["number"] = lists.index
    # as many lists at once as make a frame that memory has room for
    shown = rows["place"].value_counts().loc[lists["place"]].cumsum().to_numpy() // MOST_ROWS
    now = pd.concat([_shown_on(rows, some) for _, some in lists.groupby(shown)], ignore_index=True)
    first = ~lists["place"].duplicated().to_numpy()
    before = now.assign(number=now["number"] + 1)
    follows = ~np.r_[first, True][before["number"]]
    before = before[follows].rename(columns={"status": "before"})
    moved = now.merge(before, on=["number", "item"], how="outer").sort_values(["number", "item"])
    change = pd.Series("unchanged", index=moved.index)
    change[moved["before"] != moved["status"]] = "status changed"
    change[moved["status"].isna()] = "dropped"
    change[moved["before"].isna()] = "added"
    change[first[moved["number"]]] = "listed first"
    of_list = lists.loc[moved["number"]]
    names = rows.drop_duplicates("place").set_index("place")[["release", "slug"]].loc[of_list["place"]]
    return moved.assign(
        release=names["release"].to_numpy(),
        slug=names["slug"].to_numpy(),
        on=of_list["day"].to_numpy(),
        change=change,
    )[columns].reset_index(drop=True)


def _shown_on(rows: pd.DataFrame, lists: pd.DataFrame) -> pd.DataFrame:
    """What lists show on their days: ``number`` (of the list), ``item, status``."""
    each = rows.merge(lists.rename(columns={"day": "shown_on"}), on="place")
    each = each[(each["day"] <= each["shown_on"]) & ~(each["gone_on"] <= each["shown_on"])]
    items = _items(_still_said(each.assign(slug=each["number"])))
    return items[["number", "status"]].assign(item=item_names(items))


def listed_on(register: ResolvedRegister, slug: str, day: pd.Timestamp) -> pd.DataFrame:
    """The statements of a release's lists of a day, from which `history` has what changed on it.

    Parameters
    ----------
    slug, day
        As of `history`. On the day from which an export is succeeded by one that lists nothing of the release, there
        are none.
    """
    statements = dated_items(register)
    of_day = (statements["slug"] == slug) & (statements["day"] == day)
    return statements[of_day & (statements["is_list"] | statements["is_export"])]


def item_names(items: pd.DataFrame) -> pd.Series:
    """Modifications as references, with the part in brackets where one is named."""
    return items["name"] + (" (" + items["part"] + ")").fillna("")
