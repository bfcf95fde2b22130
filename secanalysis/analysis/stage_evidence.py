"""What sources tell of stages: happenings, each a day, the stage after it, and the modification it is of.

Events tell of stages, and so do consultations, the contents of releases and registers' exports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_rules import (
    BY_NUMBER,
    CODE,
    DAY_NUMBER,
    NOT_BEFORE_NUMBER,
    ORDER,
    OUTCOMES,
    PRECISIONS,
    UNSTATED,
    WHAT,
    EventWords,
)
from secanalysis.domain import references
from secanalysis.domain.vocabulary import ConsultationKind, Event, Precision, ReleaseStatus, Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import as_words, coded


@dataclass(frozen=True, eq=False)
class Units:
    """Modifications and parts, numbered in the order of their names.

    Attributes
    ----------
    names
        All that any table names, and the modifications whose parts are named.
    roots
        The number of the modification of each, which is its own unless it is a part.
    """

    names: pd.Index
    roots: np.ndarray

    @classmethod
    def of(cls, register: ResolvedRegister) -> Units:
        """Those of a register."""
        named = register.named
        names = pd.Index(pd.concat([named["name"], named["root"]]).unique(), dtype="str").sort_values()
        return cls(names, names.get_indexer(references.root(names.to_series())))

    def numbers(self, names: pd.Series) -> np.ndarray:
        """The number of each name."""
        codes, different = pd.factorize(names)
        return self.names.get_indexer(different).astype("int32")[codes]

    def by_number(self, days: pd.Series) -> np.ndarray:
        """Days by name as days by number."""
        return days.reindex(self.names).to_numpy(dtype="datetime64[us]")

    def texts(self, numbers: np.ndarray) -> pd.api.extensions.ExtensionArray:
        """The name of each number."""
        return self.names.array.take(numbers)


@dataclass(frozen=True, eq=False)
class Happenings:
    """Everything dated that says something of a stage, one row a statement (and unit, once it has one).

    Attributes
    ----------
    units
        Which unit each number means.
    rows
        ``name`` or ``unit`` (its number), ``day, on, precision, what, after`` (the stage after it, if it
        starts one), ``own_after`` (the same by the statement's own word), ``row`` (of which statement; -1
        where it is an export's). Words as numbers.
    stated
        The ``source_id, locator`` of the statements by table; rows are numbered through all.
    """

    units: Units
    rows: pd.DataFrame
    stated: Mapping[str, pd.DataFrame]

    def sources(self, rows: np.ndarray) -> pd.DataFrame:
        """Where some rows are stated: ``table, source_id, locator``; missing for an export's."""
        found, places, begin = [], [], 0
        for table, frame in self.stated.items():
            place = np.flatnonzero((rows >= begin) & (rows < begin + len(frame)))
            mine = frame.take(rows[place] - begin)
            found.append(mine.assign(table=pd.Series(table, index=mine.index, dtype="str")))
            places.append(place)
            begin += len(frame)
        where = np.full(len(rows), -1)
        where[np.concatenate(places)] = np.arange(sum(map(len, places)))
        out = pd.concat(found, ignore_index=True)
        columns = ("table", "source_id", "locator")
        return pd.DataFrame({name: out[name].array.take(where, allow_fill=True) for name in columns})

    def statements(self) -> pd.DataFrame:
        """The statements in words, without exports: as `Stages.told`."""
        h = self.rows[self.rows["row"] >= 0]
        out = pd.DataFrame(
            {
                "unit": self.units.texts(h["unit"].to_numpy()),
                "day": h["day"].array,
                "precision": as_words(PRECISIONS, h["precision"]),
                "what": as_words(WHAT, h["what"]),
                "after": as_words(CODE, h["after"]),
            }
        )
        return pd.concat([out, self.sources(h["row"].to_numpy())], axis=1)


def happenings(register: ResolvedRegister, *, fold_splits: bool) -> Happenings:
    """Everything dated that says something of a stage, by the unit whose history it belongs to.

    Parameters
    ----------
    register
        What is known.
    fold_splits
        As of `stages.stages`.

    Returns
    -------
    Happenings
        Each unit's in the order of days, and on one day in that of the process's steps.
    """
    return _by_unit(_told(register), register, fold_splits)


def _told(register: ResolvedRegister) -> Happenings:
    """Everything dated that says something of a stage, one row a statement."""
    units = Units.of(register)
    parts = [
        _of_events(register, units),
        _of_consultations(register, units),
        _of_release_items(register, units),
    ]
    stated = {
        "events": register.events_told[["source_id", "locator"]],
        "consultations": register.tables["consultations"][["source_id", "locator"]],
        "release_items": register.release_items_told[["source_id", "locator"]],
    }
    begin = 0
    for part, frame in zip(parts, stated.values(), strict=True):
        part["row"] = (part["row"] + begin).astype("int32")
        begin += len(frame)
    if len(register.exports):
        parts.append(_of_exports(register, units))
    out = pd.concat(parts, ignore_index=True)
    out = out[out["day"].notna()]
    # what was seen then or later confirms a stage, and never starts one
    after = out["after"].to_numpy()
    seen = (out["precision"].to_numpy() == NOT_BEFORE_NUMBER) & (after >= 0)
    out["what"] = np.where(seen, len(ORDER) + after, out["what"].to_numpy()).astype("int8")
    out["after"] = np.where(seen, UNSTATED, after).astype("int8")
    return Happenings(units, out, stated)


def _told_of(
    name: np.ndarray, day: pd.Series, on: pd.Series, row: np.ndarray, **words: np.ndarray | int
) -> pd.DataFrame:
    """Rows of happenings: ``precision, what, after, own_after`` are of one word for all, or one each."""
    columns = {
        word: np.broadcast_to(np.asarray(code, dtype="int8"), len(name)) for word, code in words.items()
    }
    columns.setdefault("own_after", columns["after"])
    return pd.DataFrame({"name": name, "day": day.array, "on": on.array, **columns, "row": row})


def _of_events(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    events, told = register.events, register.events_told
    e = EventWords.of(events, units.numbers(events["name"]))
    after = e.stage_after(e.outcome)
    event = told["event_id"].to_numpy()
    outcome = e.outcome[event]
    own = coded(told["outcome"], OUTCOMES, UNSTATED)
    differs = np.flatnonzero((own >= 0) & (own != outcome))
    own_after = after[event]
    own_after[differs] = e.take(event[differs]).stage_after(own[differs])
    # an observed stage began then or before
    observed = (e.event == WHAT[Event.OBSERVED]) & (e.precision != NOT_BEFORE_NUMBER)
    precision = np.where(observed, BY_NUMBER, e.precision)
    return _told_of(
        e.name[event],
        events["day"].take(event),
        events["on"].take(event),
        np.arange(len(told)),
        precision=precision[event],
        what=e.event[event],
        after=after[event],
        own_after=own_after,
    )


def _of_consultations(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    """An opened consultation shows its stage on that day, begun then or before."""
    c = register.tables["consultations"]
    stage = coded(c["kind"], CODE, UNSTATED)  # refinement and report name stages too
    row = np.flatnonzero(c["opened_on"].notna().to_numpy() & (c["kind"] != ConsultationKind.OTHER).to_numpy())
    opened = c["opened_on"].take(row)
    name = units.numbers(references.name(c["ref"].take(row)))
    return _told_of(name, opened, opened, row, precision=BY_NUMBER, what=WHAT["consulted"], after=stage[row])


def _of_release_items(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    """Approved for a release: pending implementation then. In force: implemented once no part is left."""
    told = register.release_items_told
    pending, implemented = CODE[Stage.PENDING_IMPLEMENTATION], CODE[Stage.IMPLEMENTED]
    row = np.flatnonzero((told["status"] == ReleaseStatus.APPROVED).to_numpy())
    seen = (told["precision"].take(row) == Precision.NOT_BEFORE).to_numpy()
    approved = _told_of(
        units.numbers(told["name"].take(row)),
        told["day"].take(row),
        told["on"].take(row),
        row,
        precision=np.where(seen, NOT_BEFORE_NUMBER, BY_NUMBER),
        what=WHAT["approved item"],
        after=pending,
    )
    done = register.implementations
    last = done["day"] == done.groupby("name")["day"].transform("max")
    whole = (last & ~done["name"].isin(_unfinished(register)["name"])).to_numpy()
    row = np.flatnonzero((told["status"] == ReleaseStatus.IMPLEMENTED).to_numpy())
    winner = pd.Index(done["item"]).get_indexer(told["item"].take(row))
    in_force = _told_of(
        units.numbers(told["name"].take(row)),
        done["day"].take(winner),
        done["on"].take(winner),
        row,
        precision=coded(done["precision"], PRECISIONS, UNSTATED)[winner],
        what=WHAT["implemented"],
        after=np.where(whole, implemented, pending)[winner],
    )
    return pd.concat([approved, in_force], ignore_index=True)


def _of_exports(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    """A register's export attests on its day whatever stage each of its modifications has reached."""
    listed = register.exports
    return _told_of(
        units.numbers(listed["name"]),
        listed["on"],
        listed["on"],
        np.full(len(listed), -1, dtype="int32"),
        precision=DAY_NUMBER,
        what=WHAT["listed"],
        after=UNSTATED,
    )


def _unfinished(register: ResolvedRegister) -> pd.DataFrame:
    """Parts named for a release and never told to be in force: ``name, release, part, planned_on``."""
    told = register.release_items_told
    planned = told[
        told["status"].isin([ReleaseStatus.TARGETED, ReleaseStatus.APPROVED]) & told["part"].notna()
    ]
    if planned.empty:
        return planned[["name", "release", "part", "planned_on"]]
    done = told[told["status"] == ReleaseStatus.IMPLEMENTED]
    same_part = (planned["name"] + "|" + planned["part"]).isin(done["name"] + "|" + done["part"].fillna(""))
    whole = done[done["part"].isna()]
    same_release = (planned["name"] + "|" + planned["release"].fillna("")).isin(
        whole["name"] + "|" + whole["release"].fillna("")
    )
    return planned[~same_part & ~same_release][["name", "release", "part", "planned_on"]]


# Whose they are ---------------------------------------------------------------------------------


def _by_unit(told: Happenings, register: ResolvedRegister, fold: bool) -> Happenings:
    """Give each happening to the modifications or parts whose history it belongs to."""
    units, rows = told.units, told.rows
    name = rows["name"].to_numpy()
    root = units.roots[name].astype("int32")
    split = register.split_days if not fold else register.split_days.iloc[:0]
    split_on = units.by_number(split)[root]
    whole = np.isnat(split_on)
    given = rows.drop(columns="name").assign(unit=root)
    if not whole.all():
        early = rows["day"].to_numpy() < split_on
        own, inherited = ~whole & (name != root), early & (name == root)
        parts = register.parts
        numbers = pd.DataFrame({"root": units.numbers(parts["root"]), "part": units.numbers(parts["name"])})
        of_parts = given[inherited].merge(numbers.rename(columns={"root": "unit"}), on="unit")
        frames = [
            given[whole | early],
            given[own].assign(unit=name[own]),
            of_parts.assign(unit=of_parts["part"]).drop(columns="part"),
        ]
        given = pd.concat(frames, ignore_index=True)
    order = _in_order(Happenings(units, given, told.stated))
    return Happenings(units, given.take(order).reset_index(drop=True), told.stated)


def _in_order(told: Happenings) -> np.ndarray:
    """Each unit's happenings by day and by the process's steps; what is left equal, by what tells it.

    Text is only compared where numbers don't decide: sorting millions of rows by it takes a minute.
    """
    rows = told.rows
    step = np.minimum(rows["what"].to_numpy(), len(ORDER))
    numbers = [rows["unit"].to_numpy(), rows["day"].to_numpy(), step]
    by = np.lexsort(numbers[::-1])
    new = np.r_[True, np.logical_or.reduce([key[by][1:] != key[by][:-1] for key in numbers])][: len(by)]
    alone = new & np.r_[new[1:], True][: len(by)]
    place = np.flatnonzero(~alone)
    tied = told.sources(rows["row"].to_numpy()[by[place]])
    what = as_words(WHAT, rows["what"].to_numpy()[by[place]])
    tied = tied.assign(what=what, tie=np.cumsum(new)[place])
    order = tied.sort_values(["tie", "what", "source_id", "locator"], kind="stable").index.to_numpy()
    by[place] = by[place][order]
    return by
