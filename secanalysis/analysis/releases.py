"""What the releases hold: contents at any day, how their scope moved, and how far plans slipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from secanalysis.analysis.in_part import IN_PART, PLANNED, status_in_words
from secanalysis.analysis.list_coverage import ATTESTED, NOT_ATTESTED, NOT_KEPT
from secanalysis.domain.figures import Measure, rows_of
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import Precision, ReleaseStatus, SourceKind
from secanalysis.domain.written_days import day_in_words
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
    statements = _dated(register)
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
def _dated(register: ResolvedRegister) -> pd.DataFrame:
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
    order = kept.assign(part_key=kept["part"].fillna(""), status_rank=kept["status"].map(_STATUS_RANK))
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
_STATUS_RANK = {"removed": 0, "targeted": 1, "approved": 2, "implemented": 3}


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
    statements = _dated(register)
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
            now = items.set_index(_item_names(items))
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
    statements = _dated(register)
    of_day = (statements["slug"] == slug) & (statements["day"] == day)
    return statements[of_day & (statements["is_list"] | statements["is_export"])]


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


@once
def slippage(register: ResolvedRegister, day: date) -> pd.DataFrame:
    """Each implemented modification's day in force against the first release planned for it.

    Parts go by themselves: a part's day is held against the plan for that part. A plan for a part says nothing of
    the whole, nor one for the whole of a part.

    Parameters
    ----------
    day
        Only what had happened by then, that day included.

    Returns
    -------
    pandas.DataFrame
        ``name, title, part, first_release, first_planned_on, release, in_force_on, slip_days``
        (calendar days; negative is earlier). Without a plan's day the slip is missing.
    """
    plans = register.release_item_statements.dropna(subset=["release"])
    plans = plans[plans["status"].isin(PLANNED)]
    seen = looked_up(plans["source_id"], register.sources.set_index("source_id")["published_on"])
    said = plans["day"].fillna(seen)
    planned = plans["planned_on"].fillna(_planned_then(register, plans["release"], said))
    # a plan without a date was stated before its release came
    said = said.fillna(looked_up(plans["release"], planned_days(register)))
    plans = plans.assign(day=said, planned=planned)
    order = ["day", "rank", "source_id", "locator"]
    plans = plans[said <= pd.Timestamp(day)].sort_values(order)
    first = plans.set_index(_item_names(plans))[["release", "planned"]]
    first = first[~first.index.duplicated()]
    done = register.implementations
    done = done[done["day"] <= pd.Timestamp(day)].sort_values(["name", "day", "item"])
    last = done[~_item_names(done).duplicated(keep="last")]
    plan = _item_names(last)
    slips = pd.DataFrame(
        {
            "name": last["name"],
            "title": register.title_of(last["name"]),
            "part": last["part"],
            "first_release": looked_up(plan, first["release"]),
            "first_planned_on": looked_up(plan, first["planned"]),
            "release": last["release"],
            "in_force_on": last["day"],
        }
    )
    slips["slip_days"] = (slips["in_force_on"] - slips["first_planned_on"]).dt.days.astype("Int64")
    return slips.sort_values(["name", "in_force_on"], ignore_index=True)


def _planned_then(register: ResolvedRegister, releases: pd.Series, said: pd.Series) -> pd.Series:
    """The day planned for each release when something was said; its first one where that isn't dated."""
    stated = dates(register).dropna(subset=["planned_on"])
    first = stated.drop_duplicates("release").set_index("release")["planned_on"]
    asked = pd.DataFrame({"release": releases, "said": said, "row": range(len(releases))})
    pairs = asked.merge(stated[["release", "stated_on", "planned_on"]], on="release")
    pairs = pairs[~(pairs["stated_on"] > pairs["said"]) & pairs["said"].notna()]
    latest = pairs.sort_values(["stated_on", "row"], na_position="first", kind="stable").groupby("row")
    then = latest["planned_on"].last().reindex(range(len(releases))).set_axis(releases.index)
    return then.fillna(looked_up(releases, first))


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
    return done[in_month & done["precision"].isin([Precision.DAY, Precision.MONTH])]


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
    statements = _dated(register)
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
            reason = "" if listed else "no source lists the release's scope"
            if of_export and with_status.empty and not _is_kept(register, status):
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
                    value=None if reason else float(with_status["name"].nunique()),
                    n=with_status["name"].nunique(),
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
    names = sorted(set(items.loc[status_in_words(register, items) == IN_PART, "name"]))
    in_part = f"{IN_PART}: {', '.join(names)}" if names else ""
    return "; ".join(filter(None, [coverage, in_part]))


def _is_kept(register: ResolvedRegister, status: ReleaseStatus) -> bool:
    """Whether a register keeps which items of releases have a status."""
    return any(kept.keeps_some(f"release_items.{status}") for kept in register.kept.values())


def _counted_as(items: pd.DataFrame) -> pd.Series:
    """The status under which each item's modification counts: once, by what is left to come of its parts."""
    rank = items["status"].map(_STATUS_RANK)
    left = rank.where(rank > 0).groupby(items["name"]).transform("min").fillna(0)
    return left.map({place: status for status, place in _STATUS_RANK.items()})


def _behind(scope: Scope, items: pd.DataFrame) -> pd.DataFrame:
    """All statements that give these items this status."""
    of_items = scope.statements[scope.statements["name"].isin(items["name"])]
    return of_items[of_items["status"].isin(items["status"])]


def _with_part(items: pd.DataFrame) -> list[str]:
    """Modifications as references, with the part in brackets where one is named."""
    return sorted(set(_item_names(items)))


def _item_names(items: pd.DataFrame) -> pd.Series:
    return items["name"] + (" (" + items["part"] + ")").fillna("")


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
