"""What the releases hold: contents at any day, and how their scope moved from list to list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.release_dates import planned_days
from secanalysis.domain.vocabulary import Precision, ReleaseStatus, SourceKind
from secanalysis.register.resolved import ATTESTS_ALL, ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

LISTS = (SourceKind.REPORT, SourceKind.RELEASE_PAGE)
"""Sources that list a release's scope; others speak of their own modification only."""


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
    listed_on = statements["day"].where(statements["is_list"]).groupby(statements["slug"]).transform("max")
    # a list is a source's word of one day; what it doesn't name any more has left the release. A register's
    # export says of each item when it came in, changed or left
    kept = statements[listed_on.isna() | (statements["day"] >= listed_on) | statements["is_export"]]
    whole_on = (
        statements["day"]
        .where(statements["is_list"] | statements["is_export"])
        .groupby(statements["slug"])
        .max()
    )
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
    items = current[~(is_part & is_covered) & (is_part | ~has_part)]
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
        ``release, name, title, part, status, on, precision, planned_on``: only what isn't in the release's
        contents on the day.
    """
    seen = register.release_item_statements
    seen = seen[(seen["precision"] == Precision.NOT_BEFORE) & seen["status"].isin(PLANNED)]
    seen = seen[seen["day"] <= pd.Timestamp(day)].dropna(subset=["release"])
    planned = seen["planned_on"].fillna(looked_up(seen["release"], planned_days(register)))
    seen = seen.assign(planned_on=planned, slug=seen["release"].map(register.release_slugs))[
        planned > pd.Timestamp(day)
    ]
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
    lists = statements[statements["is_list"] | statements["is_export"]]
    changes = []
    for slug, rows in lists.groupby("slug", sort=False):
        before: pd.Series | None = None
        succeeded = register.snapshots.replaced_on("release_items", rows).dropna()
        for on in sorted({*rows["day"], *succeeded}):
            shown = register.shown_on("release_items", rows[rows["day"] <= on], on)
            items = next((scope.items for scope in _scopes(register, shown)), None)
            if items is None:
                items = rows.iloc[:0].assign(title=pd.Series(dtype="str"))
            now = items.set_index(item_names(items))
            changes.append(_moved(rows["release"].iloc[0], str(slug), on, before, now))
            before = now["status"]
    columns = ["release", "slug", "on", "item", "change", "status", "before"]
    return pd.concat(changes, ignore_index=True)[columns] if changes else pd.DataFrame(columns=columns)


def _moved(
    release: str, slug: str, on: pd.Timestamp, before: pd.Series | None, now: pd.DataFrame
) -> pd.DataFrame:
    status = now["status"]
    if before is None:
        frame = pd.DataFrame(
            {"item": status.index, "change": "listed first", "status": status.to_numpy(), "before": None}
        )
    else:
        everyone = status.index.union(before.index)
        frame = pd.DataFrame(
            {
                "item": everyone,
                "status": status.reindex(everyone).to_numpy(),
                "before": before.reindex(everyone).to_numpy(),
            }
        )
        frame["change"] = "unchanged"
        frame.loc[frame["before"].isna(), "change"] = "added"
        frame.loc[frame["status"].isna(), "change"] = "dropped"
        both = frame["before"].notna() & frame["status"].notna()
        frame.loc[both & (frame["before"] != frame["status"]), "change"] = "status changed"
    return frame.assign(release=release, slug=slug, on=on)


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
