"""From statements to what happened: which statements tell of one thing, and which wins.

Nothing is lost in it: each statement keeps its row and gets the number of the thing that it tells of,
and every conflict that was settled is listed. All functions take what was known already; they never
look at a day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis import references
from secanalysis.vocabulary import (
    AssessmentState,
    Event,
    Precision,
    PublishedPrecision,
    ReleaseStatus,
    SourceKind,
)

CONFLICT_COLUMNS = ["table", "ref", "about", "kept", "kept_source", "other", "other_source"]
ONCE = [Event.RAISED, Event.CONVERTED]
SAME_VOTE_WITHIN = pd.Timedelta(
    days=45
)  # a report tells of a vote "this month"; months and a delay, never two in one
_RANK = {kind.value: rank for rank, kind in enumerate(SourceKind)}
_PRECISION_RANK = {Precision.DAY: 0, Precision.MONTH: 1, Precision.BY: 2, Precision.NOT_BEFORE: 3}
_LOOSENESS = {Precision.DAY: 0, Precision.MONTH: 0, Precision.BY: 1, Precision.NOT_BEFORE: 2}


def ranked(statements: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add how far each statement's source is believed, and sort by it and the rows' keys.

    A published report wins over a register's export, that over a release's page, and so on in the
    order of `vocabulary.SourceKind`; among reports the latest wins. The order doesn't depend on the
    order of the rows.
    """
    about = sources.set_index("source_id")
    kind = looked_up(statements["source_id"], about["kind"])
    published = about["published_on"].where(about["published_precision"] == PublishedPrecision.DAY)
    day = published.reindex(statements["source_id"]).to_numpy().astype("datetime64[D]")
    age = np.where(np.isnat(day), 0, -day.astype("int64"))
    out = statements.assign(
        rank=kind.map(_RANK).astype("Int64"),
        age=age,
        root=references.root(statements["ref"]),
        name=references.name(statements["ref"]),
    )
    return out.sort_values(["rank", "age", "source_id", "locator"], kind="stable", ignore_index=True)


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, by the index of ``values``; missing where there is none.

    Unlike ``Series.map`` it copes with values that are days and none at all.
    """
    return values.reindex(keys).set_axis(keys.index)


def effective_day(on: pd.Series, precision: pd.Series) -> pd.Series:
    """The day on which a dated fact counts: a month's on its last day, all others on their own."""
    return on.where(precision != Precision.MONTH, on + pd.offsets.MonthEnd(0))


# Events -----------------------------------------------------------------------------------------


def events(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of events tell of one event.

    Parameters
    ----------
    statements, sources
        `schemas.Events`, `schemas.Sources`.

    Returns
    -------
    happenings
        One row an event: ``event_id, name, root, event, on, precision, day, body, outcome, path, stage``.
    told
        The statements with their ``event_id``.

    Notes
    -----
    A modification is raised and converted once; where days differ a day that it happened on wins over one
    by which it had, then the best source, then the more precise day, then the earlier. A vote or decision
    is one for a modification, a day, a kind of event and a body; a vote told without its day ("this
    month") is the last dated one before it, one told with its month the dated one of that month, if their
    outcomes and paths don't differ.
    """
    told = ranked(statements, sources)
    told["day"] = effective_day(told["on"], told["precision"])
    told["event_key"] = _event_keys(told)
    facts = ["name", "root", "event", "on", "precision", "day", "body", "outcome", "path", "stage"]
    # groupby's first() is the first value that is stated, so a blank never hides another's word
    first = told.groupby("event_key", sort=True)[[*facts]].first()
    order = _best_day_first(told, "event_key")
    dated = order.drop_duplicates("event_key").set_index("event_key")
    for column in ("on", "precision", "day"):
        first[column] = dated[column]
    happenings = first.reset_index(names="event_key")
    happenings.insert(0, "event_id", np.arange(len(happenings)))
    told["event_id"] = looked_up(told["event_key"], happenings.set_index("event_key")["event_id"])
    return happenings.drop(columns="event_key"), told.drop(columns="event_key")


def _best_day_first(told: pd.DataFrame, key: str) -> pd.DataFrame:
    """Statements of each thing in the order in which their days are believed."""
    loose = told["precision"].map(_LOOSENESS).fillna(3)
    exact = told["precision"].map(_PRECISION_RANK).fillna(4)
    return told.assign(_loose=loose, _exact=exact).sort_values(
        [key, "_loose", "rank", "age", "_exact", "on", "source_id", "locator"], kind="stable"
    )


def event_conflicts(told: pd.DataFrame) -> pd.DataFrame:
    """What `events` settled: days of what happens once, outcomes and paths."""
    once = told[told["event"].isin(ONCE) & (told["precision"] == Precision.DAY)]
    votes = told[told["event"].isin([Event.VOTED, Event.DECIDED])]
    return pd.concat(
        [
            _conflicts(_best_day_first(once, "event_id"), "events", "event_id", "on", once["event"]),
            _conflicts(votes, "events", "event_id", "outcome", votes["event"] + " outcome"),
            _conflicts(votes, "events", "event_id", "path", votes["event"] + " path"),
        ],
        ignore_index=True,
    )


def _event_keys(told: pd.DataFrame) -> pd.Series:
    day = told["day"].dt.strftime("%Y-%m-%d").fillna("undated")
    key = told["name"] + "|" + told["event"]
    once = told["event"].isin(ONCE)
    votes = told["event"].isin([Event.VOTED, Event.DECIDED])
    blank = pd.Series("", index=told.index)
    exact = blank.where(votes, "|" + told["precision"].fillna("") + "|" + told["stage"].fillna(""))
    key = key.where(once, key + "|" + day + exact)
    if not votes.any():
        return key
    key = key.where(~(votes & (told["precision"] != Precision.DAY)), key + "|" + told["precision"].fillna(""))
    body = told["body"].where(votes)
    another = body.notna() & (body != body.groupby(key).transform("first"))
    key = key.where(~another, key + "|" + body)
    for loose, within in (
        (Precision.MONTH, [Precision.DAY]),
        (Precision.BY, [Precision.DAY, Precision.MONTH]),
    ):
        key = _votes_told_loosely(told[votes], key, loose, within)
    return key


def _votes_told_loosely(
    votes: pd.DataFrame, key: pd.Series, loose: Precision, within: list[Precision]
) -> pd.Series:
    """Keys of votes told without their own day: the last dated vote's that they can be."""
    late, dated = votes["precision"] == loose, votes["precision"].isin(within)
    if not (late.any() and dated.any()):
        return key
    columns = ["name", "event", "day", "on", "body", "outcome", "path"]
    left = votes.loc[late, columns].assign(row=votes.index[late])
    right = votes.loc[dated, columns].assign(vote=key[votes.index[dated]])
    pairs = left.merge(right, on=["name", "event"], suffixes=("", "_vote"))
    earliest = pairs["on"] if loose is Precision.MONTH else pairs["day"] - SAME_VOTE_WITHIN
    near = (pairs["day_vote"] <= pairs["day"]) & (pairs["day_vote"] >= earliest)
    for column in ("body", "outcome", "path"):
        a, b = pairs[column], pairs[f"{column}_vote"]
        near &= a.isna() | b.isna() | (a == b)
    best = (
        pairs[near]
        .sort_values(["row", "day_vote", "vote"], kind="stable")
        .drop_duplicates("row", keep="last")
    )
    found = best.set_index("row")["vote"]
    return found.reindex(key.index).fillna(key)


def _conflicts(order: pd.DataFrame, table: str, key: str, column: str, about: pd.Series) -> pd.DataFrame:
    """Statements of one thing whose stated values differ from the one that won."""
    stated = order.dropna(subset=[column])
    winner = stated.drop_duplicates(key).set_index(key)
    kept = winner[column].reindex(stated[key]).to_numpy()
    kept_source = winner["source_id"].reindex(stated[key]).to_numpy()
    differs = stated[column].to_numpy() != kept
    lost = stated[differs]
    return pd.DataFrame(
        {
            "table": table,
            "ref": lost["name"],
            "about": about.reindex(lost.index),
            "kept": _text(pd.Series(kept[differs], index=lost.index)),
            "kept_source": kept_source[differs],
            "other": _text(lost[column]),
            "other_source": lost["source_id"],
        },
        columns=CONFLICT_COLUMNS,
    ).drop_duplicates(ignore_index=True)


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d")
    return values.astype("str")


# Assessments ------------------------------------------------------------------------------------

RETURNED_WITHIN_WD = 3
ASSESSMENT_DAYS = ("requested_on", "accepted_on", "returned_on")


def assessments(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of assessments are one assessment.

    Parameters
    ----------
    statements, sources
        `schemas.Assessments`, `schemas.Sources`.

    Returns
    -------
    resolved
        One row an assessment: ``assessment_id, ref`` (root), ``kind, requested_on, accepted_on,
        returned_on, target_wd, attested_on`` (the last day on which a source calls it open).
    told
        The statements with their ``assessment_id``.

    Notes
    -----
    Never merged within a source. Across sources one to one, by root reference and kind: the same
    accepted day; returned days within three working days, nearest first; a request joins the first
    later accepted (else returned) day; a return joins the latest earlier open acceptance.
    """
    told = ranked(statements, sources)
    told["assessment_id"] = _assessment_ids(told)
    grouped = told.groupby("assessment_id", sort=True)
    facts = ["root", "kind", "requested_on", "accepted_on", "returned_on", "target_wd"]
    resolved = grouped[facts].first().rename(columns={"root": "ref"})
    open_on = told["state_on"].where(told["returned_on"].isna() & (told["state"] != "returned"))
    resolved["attested_on"] = open_on.groupby(told["assessment_id"]).max()
    told_returned = (told["state"] == "returned").groupby(told["assessment_id"]).any()
    resolved["returned_undated"] = told_returned & resolved["returned_on"].isna()
    return resolved.reset_index(), told


def assessment_conflicts(told: pd.DataFrame) -> pd.DataFrame:
    """What `assessments` settled."""
    columns = (*ASSESSMENT_DAYS, "target_wd")
    return pd.concat(
        [
            _conflicts(told, "assessments", "assessment_id", column, told["kind"] + " " + column)
            for column in columns
        ],
        ignore_index=True,
    )


def _assessment_ids(told: pd.DataFrame) -> pd.Series:
    """Number the assessments: by equal days first, then pairing what is left across sources."""
    days = [told[column].dt.strftime("%Y%m%d").fillna("") for column in ASSESSMENT_DAYS]
    requested, accepted, returned = days
    one = told["root"] + "|" + told["kind"] + "|"
    anchor = ("a" + accepted).where(accepted != "", ("r" + returned).where(returned != ""))
    row = returned + "|" + requested
    nth = told.groupby([told["source_id"], one, accepted, returned, requested]).cumcount().astype("str")
    # one source's different rows of one day are different assessments: then the whole row is the key
    unlike = row.groupby([told["source_id"], one + anchor]).transform("nunique") > 1
    unlike = unlike.groupby(one + anchor).transform("any").fillna(False).astype(bool)
    alone = "x" + told["source_id"] + "|" + told["locator"]
    key = one + (anchor.where(~unlike, anchor + "|" + row) + "|" + nth).fillna(alone)
    several = told.groupby(one)["source_id"].transform("nunique") > 1
    several &= key.groupby(one).transform("nunique") > 1
    renamed: dict[str, str] = {}
    for _, group in told[several].groupby(one[several], sort=True):
        renamed |= _pair_across_sources(group, key[group.index])
    return key.replace(renamed) if renamed else key


@dataclass
class _Assessment:
    """What some statements say of one assessment, and which sources make them."""

    sources: set[str]
    requested: pd.Timestamp | None
    accepted: pd.Timestamp | None
    returned: pd.Timestamp | None
    seen_open: pd.Timestamp | None

    def take(self, other: _Assessment) -> None:
        """Add what another's statements say."""
        self.sources |= other.sources
        self.requested = self.requested or other.requested
        self.accepted = self.accepted or other.accepted
        self.returned = self.returned or other.returned
        self.seen_open = max(filter(None, (self.seen_open, other.seen_open)), default=None)


def _pair_across_sources(group: pd.DataFrame, keys: pd.Series) -> dict[str, str]:
    """Join the assessments of one modification and kind that different sources tell of.

    A loop, but only over the few of one modification that equal days did not settle.
    """
    found = {str(key): _told_by(rows) for key, rows in group.groupby(keys, sort=True)}
    order = list(dict.fromkeys(keys))
    candidates = []
    for i, a in enumerate(order):
        for j, b in enumerate(order):
            if i != j and (cost := _kinship(found[a], found[b])) is not None:
                candidates.append((*cost, i, j))
    joined = {key: key for key in order}
    for *_, i, j in sorted(candidates):
        a, b = joined[order[i]], joined[order[j]]
        if a == b or found[a].sources & found[b].sources or _kinship(found[a], found[b]) is None:
            continue
        keep, drop = (a, b) if order.index(a) < order.index(b) else (b, a)
        found[keep].take(found[drop])
        joined = {key: keep if value == drop else value for key, value in joined.items()}
    return {key: value for key, value in joined.items() if key != value}


def _told_by(rows: pd.DataFrame) -> _Assessment:
    requested, accepted, returned = (next(iter(rows[column].dropna()), None) for column in ASSESSMENT_DAYS)
    seen_open = rows.loc[rows["state"] == AssessmentState.OPEN, "state_on"].dropna()
    return _Assessment(set(rows["source_id"]), requested, accepted, returned, max(seen_open, default=None))


def _kinship(a: _Assessment, b: _Assessment) -> tuple[int, int] | None:
    """Whether ``b`` can be the same assessment as ``a``, and how near: (rule, days apart)."""
    if a.accepted and b.accepted and a.accepted != b.accepted:
        return None
    if a.returned and b.returned:
        low, high = sorted([a.returned, b.returned])
        apart = int(np.busday_count(np.datetime64(low, "D"), np.datetime64(high, "D")))
        return (0, apart) if apart <= RETURNED_WITHIN_WD else None
    if a.accepted and b.accepted:
        return (0, 0)
    if a.returned and not a.accepted and b.accepted and b.accepted <= a.returned:
        # the acceptances still open then; the latest of them is the nearest
        was_open = b.seen_open is None or b.seen_open <= a.returned
        return (1, (a.returned - b.accepted).days) if was_open else None
    if a.requested and not a.accepted and not a.returned and not b.requested:
        goal = b.accepted or b.returned
        if goal and goal >= a.requested:
            return (2, (goal - a.requested).days)
    return None


# Release items ----------------------------------------------------------------------------------


def release_items(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of implementation are one.

    Returns
    -------
    resolved
        One row a modification's (or its part's) implementation in a release: ``name, root, release,
        part, on, precision, day``.
    told
        All statements, ranked, with ``day`` and the ``item`` that each speaks of.
    """
    told = ranked(statements, sources)
    told["day"] = effective_day(told["on"], told["precision"])
    told["item"] = told["name"] + "|" + told["release"].fillna("") + "|" + told["part"].fillna("")
    columns = ["name", "root", "release", "part", "on", "precision", "day", "item"]
    resolved = _in_force(told).drop_duplicates("item")[columns]
    return resolved.reset_index(drop=True), told


def item_conflicts(told: pd.DataFrame) -> pd.DataFrame:
    """What `release_items` settled: where days in force differ, the best source wins."""
    done = _in_force(told)
    return _conflicts(done, "release_items", "item", "on", done["status"])


def _in_force(told: pd.DataFrame) -> pd.DataFrame:
    """Statements of what is in force, the one that wins first."""
    done = told[told["status"] == ReleaseStatus.IMPLEMENTED]
    return _best_day_first(done, "item")


# Splits -----------------------------------------------------------------------------------------


def split_days(lineage: pd.DataFrame, named: pd.DataFrame, sources: pd.DataFrame) -> pd.Series:
    """The day from which a split modification's parts count, by its root.

    Where no source dates the split it is the first day on which a source of known date names a part,
    else the first lower bound of one that does. Before it a part's facts belong to its parent.

    Parameters
    ----------
    lineage, sources
        `schemas.Lineage`, `schemas.Sources`.
    named
        Which modifications and parts each source names: ``name, root, source_id``.
    """
    splits = lineage[lineage["kind"] == "split"]
    roots = references.root(splits["earlier_ref"])
    stated = splits["on"].groupby(roots).min()
    about = sources.set_index("source_id")
    parts = named[named["name"] != named["root"]]
    published = looked_up(parts["source_id"], about["published_on"])
    exact = looked_up(parts["source_id"], about["published_precision"]) == PublishedPrecision.DAY
    first_exact = published[exact].groupby(parts["root"]).min()
    first_bound = published.groupby(parts["root"]).min()
    day = stated.reindex(pd.Index(sorted(set(parts["root"]) | set(roots.dropna())), dtype="str"))
    for fallback in (first_exact, first_bound):
        day = day.fillna(fallback.reindex(day.index))
    return day.astype("datetime64[us]").rename("split_on")
