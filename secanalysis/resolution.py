"""From statements to what happened: which statements tell of one thing, and which wins.

Nothing is lost in it: each statement keeps its row and gets the number of the thing that it tells of,
and every conflict that was settled is listed. All functions take what was known already; they never
look at a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
_PRECISION_RANK: dict[str, int] = {
    Precision.DAY: 0,
    Precision.MONTH: 1,
    Precision.BY: 2,
    Precision.NOT_BEFORE: 3,
}
_LOOSENESS: dict[str, int] = {Precision.DAY: 0, Precision.MONTH: 0, Precision.BY: 1, Precision.NOT_BEFORE: 2}


def ranked(statements: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add how far each statement's source is believed, and sort by it and the rows' keys.

    A published report wins over a register's export, that over a release's page, and so on in the
    order of `vocabulary.SourceKind`; among reports the latest wins. The order doesn't depend on the
    order of the rows.
    """
    codes, different = pd.factorize(statements["source_id"])
    stating = _ranked_sources(different, sources)
    keys = pa.table({"place": stating["place"].to_numpy()[codes], "locator": statements["locator"]})
    order = pc.sort_indices(keys, sort_keys=[("place", "ascending"), ("locator", "ascending")]).to_numpy()
    codes = codes[order]
    out = pd.DataFrame({name: _of_rows(values, order) for name, values in statements.items()})
    out["rank"] = stating["rank"].array.take(codes)
    out["age"] = stating["age"].to_numpy()[codes]
    out["root"], out["name"] = references.roots_and_names(out["ref"])
    return out


def _of_rows(values: pd.Series, rows: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """The values of some rows. Where all are one text, as those of one source, it isn't held a second time."""
    alike = isinstance(values.dtype, pd.StringDtype) and len(values) > 0 and values.iloc[0] == values.iloc[-1]
    if alike and len(rows) <= len(values) and (values == values.iloc[0]).all():
        return values.array[: len(rows)]
    return values.array.take(rows)


def _ranked_sources(source_ids: pd.Index, sources: pd.DataFrame) -> pd.DataFrame:
    """How far some sources are believed: ``rank, age``, and each one's ``place`` in the order of both."""
    at = pd.Index(sources["source_id"]).get_indexer(source_ids)
    days = sources["published_on"].to_numpy().astype("datetime64[D]")
    dated = (sources["published_precision"] == PublishedPrecision.DAY).to_numpy() & ~np.isnat(days)
    age = np.append(np.where(dated, -days.astype("int64"), 0), 0)[at]
    unknown = len(_RANK)
    rank = np.append(coded(sources["kind"], _RANK, unknown), unknown)[at].astype("int64")
    order = np.lexsort((_places_of_texts(source_ids), age, rank))
    ranks = pd.arrays.IntegerArray(rank, rank == unknown)
    return pd.DataFrame({"rank": ranks, "age": age, "place": _places(order)})


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, by the index of ``values``; missing where there is none.

    Unlike ``Series.map`` it copes with values that are days and none at all.
    """
    return values.reindex(keys).set_axis(keys.index)


def effective_day(on: pd.Series, precision: pd.Series) -> pd.Series:
    """The day on which a dated fact counts: a month's on its last day, all others on their own."""
    months = precision == Precision.MONTH
    return on.where(~months, on + pd.offsets.MonthEnd(0)) if months.any() else on


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
    _, first, event = np.unique(_event_keys(told), return_index=True, return_inverse=True)
    dated = _best_dated(told, event, first)
    taken = {column: told[column].array.take(first) for column in ("name", "root", "event")}
    if told["name"].equals(told["root"]):  # without parts they are held once
        taken["root"] = taken["name"]
    taken |= {column: _of_rows(told[column], dated) for column in ("on", "precision", "day")}
    # a blank never hides another's word
    taken |= {
        column: _first_stated(told[column], event, len(first))
        for column in ("body", "outcome", "path", "stage")
    }
    told["event_id"] = event
    return pd.DataFrame({"event_id": np.arange(len(first)), **taken}), told


def _best_dated(told: pd.DataFrame, event: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The row whose day is believed of each event; only those told several times need comparing."""
    rows = np.flatnonzero(np.bincount(event, minlength=len(first))[event] > 1)
    best = rows[_best_day_first(told.take(rows), event[rows])]
    dated = first.copy()
    dated[event[best[::-1]]] = best[::-1]
    return dated


def _first_stated(values: pd.Series, group: np.ndarray, groups: int) -> pd.api.extensions.ExtensionArray:
    """The first value of each group that isn't blank."""
    rows = np.flatnonzero(values.notna().to_numpy())[::-1]
    place = np.full(groups, -1)
    place[group[rows]] = rows
    return values.array.take(place, allow_fill=True)


def _best_day_first(told: pd.DataFrame, key: np.ndarray) -> np.ndarray:
    """The places of ranked statements of each thing in the order in which their days are believed."""
    loose, exact = (coded(told["precision"], ranks) for ranks in (_LOOSENESS, _PRECISION_RANK))
    rank = told["rank"].to_numpy(dtype="int64", na_value=len(_RANK))
    return np.lexsort((told["on"].to_numpy(), exact, told["age"].to_numpy(), rank, loose, key))


def coded(words: pd.Series, numbers: Mapping[str, int], blank: int | None = None) -> np.ndarray:
    """The number of each word; ``blank`` (one more than the highest if not given) where it has none."""
    codes, different = pd.factorize(words)
    other = max(numbers.values()) + 1 if blank is None else blank
    return np.array([*(numbers.get(word, other) for word in different), other], dtype="int8")[codes]


def combined(*parts: np.ndarray) -> np.ndarray:
    """One number for several (from 0) of each row, in the order of the first, then the second, and so on."""
    out = parts[0].astype("int64")
    for part in parts[1:]:
        out = out * (int(part.max(initial=0)) + 1) + part
    return out


def _places(order: np.ndarray) -> np.ndarray:
    """At which place each row stands in an order of rows."""
    places = np.empty(len(order), dtype="int64")
    places[order] = np.arange(len(order))
    return places


def event_conflicts(told: pd.DataFrame) -> pd.DataFrame:
    """What `events` settled: days of what happens once, outcomes and paths."""
    once = told[told["event"].isin(ONCE) & (told["precision"] == Precision.DAY)]
    votes = told[told["event"].isin([Event.VOTED, Event.DECIDED])]
    return pd.concat(
        [
            _conflicts(
                once.take(_best_day_first(once, once["event_id"].to_numpy())),
                "events",
                "event_id",
                "on",
                once["event"],
            ),
            _conflicts(votes, "events", "event_id", "outcome", votes["event"] + " outcome"),
            _conflicts(votes, "events", "event_id", "path", votes["event"] + " path"),
        ],
        ignore_index=True,
    )


def _event_keys(told: pd.DataFrame) -> np.ndarray:
    """A number for each statement's event, in the order of names, events, days and what else sets it apart."""
    once = told["event"].isin(ONCE).to_numpy()
    votes = told["event"].isin([Event.VOTED, Event.DECIDED]).to_numpy()
    day = np.where(once, 0, _days_in_order(told["day"]))
    # a bar ends each, so that MP102A comes before MP102
    thing = combined(_places_of_texts(told["name"], "|"), _places_of_texts(told["event"], "|"))
    event = combined(thing, day)
    precision, stage, body = (pd.factorize(told[column])[0] + 1 for column in ("precision", "stage", "body"))
    told_apart = combined(once, votes, precision, np.where(votes, 0, stage))
    another = np.zeros(len(told), dtype=bool)
    another[votes] = _another_body(combined(event, told_apart)[votes], body[votes])
    told_apart = combined(told_apart, np.where(another, body, 0))
    key = combined(event, _places_of_details(told, told_apart, another))
    for loose, within in (
        (Precision.MONTH, [Precision.DAY]),
        (Precision.BY, [Precision.DAY, Precision.MONTH]),
    ):
        key = _votes_told_loosely(told, votes, thing, key, loose, within)
    return key


def _days_in_order(days: pd.Series) -> np.ndarray:
    """Days as numbers from 0; what isn't dated comes last."""
    number = days.to_numpy().astype("datetime64[D]").astype("int64")
    dated = days.notna().to_numpy()
    number -= number[dated].min(initial=0)
    return np.where(dated, number, number[dated].max(initial=0) + 1)


def _places_of_texts(texts: pd.Series | pd.Index, end: str = "") -> np.ndarray:
    """The place of each text among all, in the order of texts that end so."""
    codes, different = pd.factorize(texts)
    ended = pa.array(pd.Series(different, dtype="str") + end, pa.large_string())
    return _places(pc.array_sort_indices(ended).to_numpy())[codes]


def _another_body(vote: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Whether each vote was taken by another body (0: not stated) than the first one told of that day."""
    group, different = pd.factorize(vote)
    stated = np.flatnonzero(body)[::-1]
    first = np.zeros(len(different), dtype="int64")
    first[group[stated]] = body[stated]
    return (body > 0) & (body != first[group])


def _places_of_details(told: pd.DataFrame, told_apart: np.ndarray, another: np.ndarray) -> np.ndarray:
    """The place of what sets each event apart from others of its name, kind and day, as text, among all."""
    codes, different = pd.factorize(told_apart)
    rows = _first_rows(codes, len(different))
    few = told[["event", "precision", "stage", "body"]].take(rows).astype("object").fillna("")
    texts = [
        _detail(*words, another=bool(of_another))
        for *words, of_another in zip(*(few[column] for column in few), another[rows], strict=True)
    ]
    places = {text: place for place, text in enumerate(sorted(set(texts)))}
    return np.array([places[text] for text in texts], dtype="int64")[codes]


def _detail(event: str, precision: str, stage: str, body: str, *, another: bool) -> str:
    if event in ONCE:
        return ""
    if event not in (Event.VOTED, Event.DECIDED):
        return f"|{precision}|{stage}"
    return ("" if precision == Precision.DAY else f"|{precision}") + (f"|{body}" if another else "")


def _first_rows(group: np.ndarray, groups: int) -> np.ndarray:
    """The first row of each group."""
    rows = np.empty(groups, dtype="int64")
    rows[group[::-1]] = np.arange(len(group))[::-1]
    return rows


def _votes_told_loosely(
    told: pd.DataFrame,
    votes: np.ndarray,
    thing: np.ndarray,
    key: np.ndarray,
    loose: Precision,
    within: list[Precision],
) -> np.ndarray:
    """Keys of votes told without their own day: the last dated vote's that they can be.

    ``thing`` is a number for each modification and kind of event.
    """
    late = np.flatnonzero(votes & (told["precision"] == loose).to_numpy(dtype=bool))
    dated = np.flatnonzero(votes & told["precision"].isin(within).to_numpy())
    if not (len(late) and len(dated)):
        return key
    pairs = pd.DataFrame({"thing": thing[late], "row": late}).merge(
        pd.DataFrame({"thing": thing[dated], "vote": dated}), on="thing"
    )
    row, vote = pairs["row"].to_numpy(), pairs["vote"].to_numpy()
    day, on = told["day"].to_numpy(), told["on"].to_numpy()
    earliest = on[row] if loose is Precision.MONTH else day[row] - SAME_VOTE_WITHIN.to_timedelta64()
    near = (day[vote] <= day[row]) & (day[vote] >= earliest)
    for column in ("body", "outcome", "path"):
        word = pd.factorize(told[column])[0]
        near &= (word[row] < 0) | (word[vote] < 0) | (word[row] == word[vote])
    row, vote = row[near], vote[near]
    order = np.lexsort((key[vote], day[vote], row))  # of several the last
    out = key.copy()
    out[row[order]] = key[vote[order]]
    return out


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
    group, ids = pd.factorize(told["assessment_id"], sort=True)
    facts = {"ref": "root", "kind": "kind"} | {name: name for name in (*ASSESSMENT_DAYS, "target_wd")}
    resolved = pd.DataFrame(
        {name: _first_stated(told[column], group, len(ids)) for name, column in facts.items()}
    )
    resolved.insert(0, "assessment_id", ids)
    is_returned = told["state"] == AssessmentState.RETURNED
    open_on = told["state_on"].where(told["returned_on"].isna() & ~is_returned)
    resolved["attested_on"] = open_on.groupby(group).max()
    told_returned = np.zeros(len(ids), dtype=bool)
    told_returned[group[is_returned.to_numpy()]] = True
    resolved["returned_undated"] = told_returned & resolved["returned_on"].isna()
    return resolved, told


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
    requested, accepted, returned = (_days_as_text(told[column]) for column in ASSESSMENT_DAYS)
    one = told["root"] + "|" + told["kind"] + "|"
    anchor = ("a" + accepted).where(accepted != "", ("r" + returned).where(returned != ""))
    source, of = pd.factorize(told["source_id"])[0], pd.factorize(one)[0]
    anchored = _numbered(of, pd.factorize(anchor)[0] + 1)
    row = _numbered(*(pd.factorize(days)[0] for days in (requested, returned)))
    each = _numbered(source, of, row, pd.factorize(accepted)[0])
    nth = pd.Series(each).groupby(each).cumcount().astype("str")
    # one source's different rows of one day are different assessments: then the whole row is the key
    several = _of_groups(anchored, _varies(row, _numbered(source, anchored)))
    alone = "x" + told["source_id"] + "|" + told["locator"]
    day = anchor.where(~several, anchor + "|" + returned + "|" + requested)
    key = one + (day + "|" + nth).fillna(alone)
    unsettled = _varies(source, of) & _varies(pd.factorize(key)[0], of)
    renamed: dict[str, str] = {}
    if unsettled.any():
        few = told[[*ASSESSMENT_DAYS, "source_id", "state", "state_on"]].assign(one=one, key=key)[unsettled]
        for _, group in few.groupby("one", sort=True):
            renamed |= _pair_across_sources(group)
    return key.replace(renamed) if renamed else key


def _days_as_text(days: pd.Series) -> pd.Series:
    """Days as YYYYMMDD, each different one written once; blank where there is none."""
    codes, different = pd.factorize(days)
    texts = pd.Series([*pd.DatetimeIndex(different).strftime("%Y%m%d"), ""], dtype="str")
    return texts.take(codes).set_axis(days.index)


def _numbered(*keys: np.ndarray) -> np.ndarray:
    """Number the different combinations of some numbers from 0, in the order in which they come."""
    out = keys[0]
    for key in keys[1:]:
        out = pd.factorize(combined(out, key))[0]
    return out


def _varies(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Whether the group of each row holds more than one value."""
    first = values[_first_rows(group, int(group.max(initial=-1)) + 1)]
    return _of_groups(group, values != first[group])


def _of_groups(group: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Whether the group of each row has one of some rows."""
    found = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    found[group[some]] = True
    return found[group]


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


def _pair_across_sources(group: pd.DataFrame) -> dict[str, str]:
    """Join the assessments of one modification and kind that different sources tell of.

    A loop, but only over the few of one modification that equal days did not settle.
    """
    found: dict[str, _Assessment] = {}
    for key, stated in zip(group["key"], _each_stated(group), strict=True):
        found.setdefault(key, _Assessment(set(), None, None, None, None)).take(stated)
    order = list(found)
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


def _each_stated(rows: pd.DataFrame) -> list[_Assessment]:
    """What each statement says alone."""
    seen_open = rows["state_on"].where(rows["state"] == AssessmentState.OPEN)
    days = [*(rows[column] for column in ASSESSMENT_DAYS), seen_open]
    stated = (day.astype("object").where(day.notna(), None) for day in days)
    return [_Assessment({source}, *told) for source, *told in zip(rows["source_id"], *stated, strict=True)]


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
    return done.take(_best_day_first(done, pd.factorize(done["item"], sort=True)[0]))


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
