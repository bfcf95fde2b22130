"""Events: which statements are of one, and what is believed of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import Event, Precision
from secanalysis.register.resolution.ranking import (
    best_day_first,
    effective_day,
    first_stated,
    of_rows,
    overruled,
    ranked,
)
from secanalysis.support.integer_codes import combined, first_rows, places_of_texts

ONCE = [Event.RAISED, Event.CONVERTED]
SAME_VOTE_WITHIN = pd.Timedelta(
    days=45
)  # a report speaks of a vote "this month"; months and a delay, never two in one


def resolved(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of events are of one event.

    Parameters
    ----------
    statements, sources
        `schemas.Events`, `schemas.Sources`.

    Returns
    -------
    resolved
        One row an event: ``event_id, name, root, event, on, precision, day, body, outcome, path, stage, reason``.
    statements
        The statements with their ``event_id``.

    Notes
    -----
    A modification is raised and converted once; where days differ a day that it happened on wins over one
    by which it had, then the best source, then the more precise day, then the earlier. A vote or decision
    is one for a modification, a day, a kind of event and a body; a vote stated without its day ("this
    month") is the last dated one before it, one stated with its month the dated one of that month, if their
    outcomes and paths don't differ.
    """
    stated = ranked(statements, sources)
    stated["day"] = effective_day(stated["on"], stated["precision"])
    _, first, event = np.unique(_event_keys(stated), return_index=True, return_inverse=True)
    dated = _best_dated(stated, event, first)
    taken = {column: stated[column].array.take(first) for column in ("name", "root", "event")}
    if stated["name"].equals(stated["root"]):  # without parts they are held once
        taken["root"] = taken["name"]
    taken |= {column: of_rows(stated[column], dated) for column in ("on", "precision", "day")}
    # a blank never hides another's word
    taken |= {
        column: first_stated(stated[column], event, len(first))
        for column in ("body", "outcome", "path", "stage", "reason")
    }
    stated["event_id"] = event
    return pd.DataFrame({"event_id": np.arange(len(first)), **taken}), stated


def _best_dated(statements: pd.DataFrame, event: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The row whose day is believed of each event; only those stated several times need comparing."""
    rows = np.flatnonzero(np.bincount(event, minlength=len(first))[event] > 1)
    best = rows[best_day_first(statements.take(rows), event[rows])]
    dated = first.copy()
    dated[event[best[::-1]]] = best[::-1]
    return dated


def conflicts(statements: pd.DataFrame) -> pd.DataFrame:
    """What `resolved` settled: days of what happens once, outcomes and paths."""
    once_only = statements[statements["event"].isin(ONCE) & (statements["precision"] == Precision.DAY)]
    votes = statements[statements["event"].isin([Event.VOTED, Event.DECIDED])]
    return pd.concat(
        [
            overruled(
                once_only.take(best_day_first(once_only, once_only["event_id"].to_numpy())),
                "events",
                "event_id",
                "on",
                once_only["event"],
            ),
            overruled(votes, "events", "event_id", "outcome", votes["event"] + " outcome"),
            overruled(votes, "events", "event_id", "path", votes["event"] + " path"),
        ],
        ignore_index=True,
    )


def _event_keys(statements: pd.DataFrame) -> np.ndarray:
    """A number for each statement's event, in the order of names, events, days and what else sets it apart."""
    once = statements["event"].isin(ONCE).to_numpy()
    votes = statements["event"].isin([Event.VOTED, Event.DECIDED]).to_numpy()
    day = np.where(once, 0, _days_in_order(statements["day"]))
    # a bar ends each, so that MP102A comes before MP102
    thing = combined(places_of_texts(statements["name"], "|"), places_of_texts(statements["event"], "|"))
    event = combined(thing, day)
    precision, stage, body = (
        pd.factorize(statements[column])[0] + 1 for column in ("precision", "stage", "body")
    )
    set_apart = combined(once, votes, precision, np.where(votes, 0, stage))
    another = np.zeros(len(statements), dtype=bool)
    another[votes] = _another_body(combined(event, set_apart)[votes], body[votes])
    set_apart = combined(set_apart, np.where(another, body, 0))
    key = combined(event, _places_of_details(statements, set_apart, another))
    for loose, within in (
        (Precision.MONTH, [Precision.DAY]),
        (Precision.BY, [Precision.DAY, Precision.MONTH]),
    ):
        key = _loosely_dated_votes(statements, votes, thing, key, loose, within)
    return key


def _days_in_order(days: pd.Series) -> np.ndarray:
    """Days as numbers from 0; what isn't dated comes last."""
    number = days.to_numpy().astype("datetime64[D]").astype("int64")
    dated = days.notna().to_numpy()
    number -= number[dated].min(initial=0)
    return np.where(dated, number, number[dated].max(initial=0) + 1)


def _another_body(vote: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Whether each vote was taken by another body (0: not stated) than the first one stated for that day."""
    group, different = pd.factorize(vote)
    stated = np.flatnonzero(body)[::-1]
    first = np.zeros(len(different), dtype="int64")
    first[group[stated]] = body[stated]
    return (body > 0) & (body != first[group])


def _places_of_details(statements: pd.DataFrame, set_apart: np.ndarray, another: np.ndarray) -> np.ndarray:
    """The place of what sets each event apart from others of its name, kind and day, as text, among all."""
    codes, different = pd.factorize(set_apart)
    rows = first_rows(codes, len(different))
    few = statements[["event", "precision", "stage", "body"]].take(rows).astype("object").fillna("")
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


def _loosely_dated_votes(
    statements: pd.DataFrame,
    votes: np.ndarray,
    thing: np.ndarray,
    key: np.ndarray,
    loose: Precision,
    within: list[Precision],
) -> np.ndarray:
    """Keys of votes stated without their own day: the last dated vote's that they can be.

    ``thing`` is a number for each modification and kind of event.
    """
    late = np.flatnonzero(votes & (statements["precision"] == loose).to_numpy(dtype=bool))
    dated = np.flatnonzero(votes & statements["precision"].isin(within).to_numpy())
    if not (len(late) and len(dated)):
        return key
    pairs = pd.DataFrame({"thing": thing[late], "row": late}).merge(
        pd.DataFrame({"thing": thing[dated], "vote": dated}), on="thing"
    )
    row, vote = pairs["row"].to_numpy(), pairs["vote"].to_numpy()
    day, on = statements["day"].to_numpy(), statements["on"].to_numpy()
    earliest = on[row] if loose is Precision.MONTH else day[row] - SAME_VOTE_WITHIN.to_timedelta64()
    near = (day[vote] <= day[row]) & (day[vote] >= earliest)
    for column in ("body", "outcome", "path"):
        word = pd.factorize(statements[column])[0]
        near &= (word[row] < 0) | (word[vote] < 0) | (word[row] == word[vote])
    row, vote = row[near], vote[near]
    order = np.lexsort((key[vote], day[vote], row))  # of several the last
    keys = key.copy()
    keys[row[order]] = key[vote[order]]
    return keys
