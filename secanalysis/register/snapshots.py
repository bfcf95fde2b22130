"""Snapshots: exports of one register on several days, of which the newest that is known speaks.

What an older one said of the past is replaced by what the newer one says of the same kind of thing, or no longer
says. What it showed on its own day (a stage, a release's contents, a planned meeting, an open assessment) stays true
of that day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Self

import numpy as np
import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.kept import VOTES, Kept
from secanalysis.domain.vocabulary import (
    DEVELOPMENT_SINCE,
    STEPS,
    AssessmentState,
    Event,
    MeetingStatus,
    Precision,
    PublishedPrecision,
    ReleaseStatus,
    SourceKind,
    Stage,
)
from secanalysis.statements.storage import Tables
from secanalysis.support.integer_codes import looked_up

EXPORTING = (SourceKind.REGISTER, SourceKind.SYNTHETIC)
BY_KIND = ("assessments", "consultations")
REPLACED_TABLES = (
    "modifications",
    "lineage",
    "events",
    "assessments",
    "consultations",
    "meetings",
    "releases",
    "release_items",
)
_NO_DAY = np.datetime64("NaT", "us")


@dataclass(frozen=True, eq=False)
class Snapshots:
    """The exports of registers that have a name.

    Attributes
    ----------
    exports
        ``source_id, register, day``: sources that are snapshots, in the order of registers and days.
    kept
        What each of them keeps, by ``source_id``.
    """

    exports: pd.DataFrame
    kept: dict[str, Kept]
    _next_days: dict[str, pd.Series] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, sources: pd.DataFrame) -> Self:
        """The snapshots among some sources (`schemas.Sources`)."""
        named = sources[
            sources["kind"].isin(EXPORTING)
            & (sources["published_precision"] == PublishedPrecision.DAY)
            & sources["register"].notna()
        ]
        exports = named[["source_id", "register", "published_on"]].rename(columns={"published_on": "day"})
        exports = exports.sort_values(["register", "day", "source_id"], ignore_index=True)
        kept = {
            str(source_id): Kept.parse(None if pd.isna(keeps) else str(keeps))
            for source_id, keeps in zip(named["source_id"], named["keeps"], strict=True)
        }
        return cls(exports, kept)

    @cached_property
    def days(self) -> pd.Series:
        """The day of each snapshot, by ``source_id``."""
        return self.exports.set_index("source_id")["day"]

    @cached_property
    def list_succeeded_on(self) -> pd.Series:
        """The same of the next snapshot that lists the register's modifications."""
        return self._next_day(lambda kept: kept.keeps_some("modifications") or kept.keeps_stages)

    @cached_property
    def several(self) -> bool:
        """Whether any register has more than one snapshot."""
        return bool(self.exports[["register", "day"]].drop_duplicates().duplicated("register").any())

    def replaced_on(self, table: str, frame: pd.DataFrame) -> pd.Series:
        """From which day each row of a table is replaced: that of the next snapshot which keeps its kind of thing."""
        if table == "events":
            things = frame["event"]
        elif table in BY_KIND:
            things = table + "." + frame["kind"]
        else:
            things = pd.Series(table, index=frame.index, dtype="str")
        day = pd.Series(_NO_DAY, index=frame.index, dtype="datetime64[us]")
        for thing in things.dropna().unique():
            if str(thing) not in self._next_days:
                self._next_days[str(thing)] = self._next_day(partial(Kept.keeps_some, name=str(thing)))
            of_thing = things == thing
            day[of_thing] = looked_up(frame.loc[of_thing, "source_id"], self._next_days[str(thing)])
        return day

    def _next_day(self, counts: Callable[[Kept], bool]) -> pd.Series:
        """The day of the next snapshot of those that count, by ``source_id``."""
        counted = self.exports["source_id"].map(lambda source_id: counts(self.kept[source_id]))
        if self.exports.empty:
            return pd.Series(dtype="datetime64[us]", index=pd.Index([], dtype="str"))
        pairs = self.exports.merge(
            self.exports.loc[counted.to_numpy(dtype=bool), ["register", "day"]].rename(
                columns={"day": "next"}
            ),
            on="register",
        )
        following = pairs[pairs["next"] > pairs["day"]].groupby("source_id")["next"].min()
        return following.reindex(self.exports["source_id"]).astype("datetime64[us]")


def speaking(
    tables: Tables, snapshots: Snapshots, shown_open: frozenset[tuple[str, str]] = frozenset()
) -> Tables:
    """Tables without what newer snapshots of the same register have replaced.

    Parameters
    ----------
    tables
        Statements, corrected.
    snapshots
        Which of their sources are snapshots of one register.
    shown_open
        The ``source_id, locator`` of replaced assessments that count all the same, from `still_open`.
    """
    if not snapshots.several:
        return tables
    after = dict(tables)
    for table in REPLACED_TABLES:
        frame = tables[table]
        replaced = snapshots.replaced_on(table, frame).notna()
        if not replaced.any():
            continue
        own_day = looked_up(frame["source_id"], snapshots.days)
        older = frame[replaced].assign(own_day=own_day[replaced])
        newer = frame[~replaced]
        if table == "assessments":
            keys = pd.MultiIndex.from_frame(older[["source_id", "locator"]])
            still = older[keys.isin(list(shown_open))] if shown_open else older.iloc[:0]
        else:
            still = _STILL_TRUE[table](older, newer)
        after[table] = pd.concat([newer, still[list(frame)]]).sort_index(ignore_index=True)
    after["events"] = _shown_last(after["events"], snapshots)
    return after


# What stays true of a snapshot's own day ----------------------------------------------------------


def _modifications(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """What a modification was called that no newer snapshot lists."""
    return older[~references.name(older["ref"]).isin(references.name(newer["ref"]))]


def _nothing(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    return older.iloc[:0]


def _events(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """Stages and holds seen on the day; a stage with a day of its own, unless the newer one dates that stage."""
    on_own_day = (older["precision"] == Precision.BY) & (older["on"] == older["own_day"])
    seen = older[older["event"].isin([Event.OBSERVED, Event.ON_HOLD]) & on_own_day]
    seen = pd.concat([seen, _kept_on_hold(older, seen, newer)])
    dated = older[(older["event"] == Event.OBSERVED) & ~on_own_day & older["on"].notna()]
    if dated.empty:
        return seen
    same_stage = _keys(dated, "stage").isin(_keys(newer[newer["event"] == Event.OBSERVED], "stage"))
    last = dated.groupby([references.name(dated["ref"]), "source_id"])["on"].transform("max") == dated["on"]
    as_seen = dated[same_stage & last]
    as_seen = as_seen.assign(on=as_seen["own_day"], precision=Precision.BY.value)
    return pd.concat([seen, dated[~same_stage], as_seen])


def _kept_on_hold(older: pd.DataFrame, seen: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """The stage in which a modification was seen on hold that nothing newer speaks of, by the last step that was stated.

    A hold keeps the stage. Where the newer export lists the modification, its steps say which that is.
    """
    holds = seen[seen["event"] == Event.ON_HOLD]
    holds = holds[~references.name(holds["ref"]).isin(references.name(newer["ref"]))]
    shown = seen[seen["event"] == Event.OBSERVED]
    steps = older[older["event"].isin([*STEPS, *VOTES]) & (older["on"] <= older["own_day"])]
    steps = steps[_of_export(steps).isin(_of_export(holds)) & ~_of_export(steps).isin(_of_export(shown))]
    if steps.empty:
        return steps
    order = steps["event"].map({event: at for at, event in enumerate([*STEPS, *VOTES])})
    last = steps.assign(order=order).sort_values(["on", "order"], kind="stable")
    last = last[~_of_export(last).duplicated(keep="last")]
    last = last[last["event"].isin(STEPS)].drop(columns="order")  # what a vote leads to isn't kept by a hold
    stage = last["event"].map({event.value: led_to.value for event, led_to in STEPS.items()}).astype("str")
    before = (last["event"] == Event.RAISED) & (last["on"] < pd.Timestamp(DEVELOPMENT_SINCE))
    stage = stage.mask(before, Stage.REFINEMENT.value)
    return last.assign(
        event=Event.OBSERVED.value, stage=stage, on=last["own_day"], precision=Precision.BY.value
    )


def _of_export(rows: pd.DataFrame) -> pd.Series:
    return references.name(rows["ref"]) + "|" + rows["source_id"]


def _keys(rows: pd.DataFrame, *columns: str) -> pd.Series:
    key = references.name(rows["ref"])
    for column in columns:
        key = key + "|" + rows[column].fillna("")
    return key


def _consultations(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """What was to come; when it opened is for the newer one to say."""
    to_come = older["expected_week"].notna() & older["opened_on"].isna()
    to_come |= older["closed_on"] > older["own_day"]
    return older[to_come].assign(opened_on=_NO_DAY)


def _meetings(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    return older[(older["status"] == MeetingStatus.SCHEDULED) & (older["held_on"] > older["own_day"])]


def _releases(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """Days as planned then; when one came into force is for the newer one to say."""
    return older[older["stated_on"] == older["own_day"]].assign(in_force_on=_NO_DAY)


def _release_items(older: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    """What releases were to hold; one with a day of its own, unless the newer one says the same of it."""
    planned = older[older["status"] != ReleaseStatus.IMPLEMENTED]
    on_own_day = (planned["precision"] == Precision.BY) & (planned["on"] == planned["own_day"])
    columns = ("release", "part", "status")
    return planned[on_own_day | ~_keys(planned, *columns).isin(_keys(newer, *columns))]


_STILL_TRUE = {
    "modifications": _modifications,
    "lineage": _nothing,
    "events": _events,
    "consultations": _consultations,
    "meetings": _meetings,
    "releases": _releases,
    "release_items": _release_items,
}


def _shown_last(events: pd.DataFrame, snapshots: Snapshots) -> pd.DataFrame:
    """Events with the stage that the newest snapshot shows as seen on its day, where it is dated before an older sight."""
    day = looked_up(events["source_id"], snapshots.days)
    observed = events[(events["event"] == Event.OBSERVED) & day.notna() & events["on"].notna()]
    if observed.empty:
        return events
    observed = observed.assign(
        own_day=day[observed.index],
        name=references.name(observed["ref"]),
        register=looked_up(observed["source_id"], snapshots.exports.set_index("source_id")["register"]),
    )
    order = observed.sort_values(["own_day", "on"], kind="stable")
    newest = order[~order.duplicated(["register", "name"], keep="last")].set_index(["register", "name"])
    latest = order.groupby(["register", "name"])["on"].max().reindex(newest.index)
    hidden = newest[latest > newest["on"]]
    if hidden.empty:
        return events
    hidden = hidden.assign(on=hidden["own_day"], precision=Precision.BY.value)
    return pd.concat([events, hidden[list(events)]], ignore_index=True)


def still_open(
    assessments: pd.DataFrame, snapshots: Snapshots, limit: pd.Timestamp
) -> frozenset[tuple[str, str]]:
    """Assessments that the first snapshot from a day on shows as open, and the newest one no longer has.

    Parameters
    ----------
    assessments
        Statements of all snapshots.
    limit
        The day.

    Returns
    -------
    frozenset
        Their ``source_id, locator``.
    """
    if not snapshots.several:
        return frozenset()
    exports = snapshots.exports
    from_then = exports[exports["day"] >= limit]
    first = from_then[from_then["day"] == from_then.groupby("register")["day"].transform("min")]
    replaced = snapshots.replaced_on("assessments", assessments)
    rows = assessments.assign(
        root=references.root(assessments["ref"]),
        register=looked_up(assessments["source_id"], exports.set_index("source_id")["register"]),
        own_day=looked_up(assessments["source_id"], snapshots.days),
        is_replaced=replaced.notna(),
    )
    then = rows[
        rows["source_id"].isin(first["source_id"]) & rows["is_replaced"] & rows["accepted_on"].notna()
    ]
    now = rows[rows["register"].notna() & ~rows["is_replaced"] & rows["accepted_on"].notna()]
    now = now.merge(
        first.drop_duplicates("register").rename(columns={"day": "then"})[["register", "then"]], on="register"
    )
    now = now[now["accepted_on"] <= now["then"]]
    of = ["register", "root", "kind"]
    exact = [*of, "accepted_on"]
    pairs = pd.MultiIndex.from_frame
    left = then[~pairs(then[exact]).isin(pairs(now[exact]))]
    spare = now[~pairs(now[exact]).isin(pairs(then[exact]))]
    left = left.sort_values([*exact, "locator"], kind="stable")
    place = left.groupby(of).cumcount()
    others = spare.groupby(of).size().reindex(pairs(left[of]), fill_value=0).to_numpy()
    unpaired = left[place.to_numpy() >= others]
    is_open = unpaired["returned_on"].isna() & (unpaired["state"] != AssessmentState.RETURNED)
    is_open &= unpaired["accepted_on"] <= limit
    return frozenset(zip(unpaired.loc[is_open, "source_id"], unpaired.loc[is_open, "locator"], strict=True))


def gone_on(named: pd.DataFrame, snapshots: Snapshots) -> pd.Series:
    """From which day modifications and parts are gone, by name: after the last export that lists them.

    Those that any other source names, or an export that no newer one has succeeded, aren't.

    Parameters
    ----------
    named
        Which names each source names: ``name, source_id``.
    """
    if not snapshots.several:
        return pd.Series(dtype="datetime64[us]", index=pd.Index([], dtype="str"))
    until = looked_up(named["source_id"], snapshots.list_succeeded_on)
    last = looked_up(named["source_id"], snapshots.days).groupby(named["name"]).max()
    return last[~last.index.isin(named.loc[until.isna(), "name"])] + pd.Timedelta(days=1)
