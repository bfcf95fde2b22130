"""Where each modification stands, and since when.

Events become *happenings*: a day, the stage after it, and the stages that it can directly follow. From
those come intervals, and from intervals the counts at any day.

An open stage is believed only as long as a source attests it. A later event attests the stage before it
where the process lets that event follow the stage directly: a conversion says that the modification was
still in development until then, but a vote says nothing of how long it had been in refinement. What lies
between is unknown, and shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from secanalysis import references
from secanalysis.figures import Measure, Row
from secanalysis.once import once
from secanalysis.register import Register
from secanalysis.resolution import coded, looked_up
from secanalysis.vocabulary import (
    OPEN_STAGES,
    Body,
    ConsultationKind,
    Event,
    Outcome,
    Path,
    Precision,
    ReleaseStatus,
    Stage,
)

DEVELOPMENT_SINCE = pd.Timestamp("2018-11-01")  # process: the Development Stage exists since November 2018
FINAL = (Stage.IMPLEMENTED, Stage.REJECTED, Stage.WITHDRAWN)
FAR = pd.Timestamp("2199-12-31")


def _numbered(words: Sequence[str]) -> dict[str, int]:
    return {str(word): number for number, word in enumerate(words)}


# While stages are worked out words are numbers: millions of rows would not fit into memory as text.
UNSTATED = -1
CODE = _numbered([*Stage])
PRECISIONS, OUTCOMES, PATHS, BODIES = (_numbered([*words]) for words in (Precision, Outcome, Path, Body))
DAY_NUMBER, MONTH_NUMBER, BY_NUMBER, NOT_BEFORE_NUMBER = (
    PRECISIONS[word] for word in (Precision.DAY, Precision.MONTH, Precision.BY, Precision.NOT_BEFORE)
)

# Which stages an event can directly follow, and so attests up to its day (process.md of the facts: Define,
# Refine, Opine, decision, implementation, with steps back and straight ways).
FOLLOWS: dict[str, tuple[Stage, ...]] = {
    Event.CONVERTED: (Stage.DEVELOPMENT,),
    Event.RECOMMENDED_TO_CONVERSION: (Stage.DEVELOPMENT,),
    Event.RECOMMENDED_TO_REFINEMENT: (Stage.DEVELOPMENT,),
    Event.RECOMMENDED_TO_REPORT: (Stage.DEVELOPMENT, Stage.REFINEMENT),
    Event.ENTERED_REFINEMENT: (Stage.DEVELOPMENT, Stage.REPORT, Stage.DECISION),
    Event.ENTERED_REPORT: (Stage.DEVELOPMENT, Stage.REFINEMENT, Stage.DECISION),
    Event.IMPACT_ASSESSMENT_APPROVED: (Stage.REFINEMENT,),
    Event.IMPACT_ASSESSMENT_DEFERRED: (Stage.REFINEMENT,),
    Event.VOTED: (Stage.REPORT, Stage.DECISION),
    Event.DECIDED: (Stage.REPORT, Stage.DECISION),
    Event.REFERRED: (Stage.REPORT, Stage.DECISION),
    Event.SENT_TO_AUTHORITY: (Stage.REPORT, Stage.DECISION),
    Event.ON_HOLD: OPEN_STAGES,
    Event.RESUMED: OPEN_STAGES,
    Event.WITHDRAWN: OPEN_STAGES,
    "implemented": (Stage.PENDING_IMPLEMENTATION,),
    "listed": tuple(Stage),  # an export attests all its rows on its day
}
# On one day, in the order in which the process takes its steps: a consultation before any decision.
_STEPS = [*Event]
_STEPS.insert(_STEPS.index(Event.ENTERED_REPORT) + 1, "consulted")
ORDER = _numbered([*_STEPS, "approved item", "implemented", "listed"])
WHAT = _numbered([*ORDER, *(f"seen {stage}" for stage in Stage)])


@dataclass(frozen=True, eq=False)
class Stages:
    """The stage intervals of a register.

    Attributes
    ----------
    intervals
        ``unit`` (modification or part), ``stage, since, since_precision`` (``by``: begun then or
        before; ``month``: in that month), ``until`` (first day of the next stage; missing while none is
        known), ``believed_to`` (last day on which the stage is attested), ``counted_from`` (``since``, but
        not before the split for a part: until then the parent counts).
    known
        ``unit, first_on, last_on``: the days between which a unit counts as a modification that is known.
    contradictory
        ``unit, reason``: histories that contradict themselves; counted out.
    """

    intervals: pd.DataFrame
    known: pd.DataFrame
    contradictory: pd.DataFrame
    _happenings: _Happenings = field(repr=False)

    @cached_property
    def told(self) -> pd.DataFrame:
        """The statements behind it, one row a statement and unit, in the order of units and days.

        ``unit, day, precision, what`` (an event, or what else was told), ``after`` (the stage after it, if it
        starts one), ``table, source_id, locator``.
        """
        return self._happenings.statements()

    def at(self, day: date) -> pd.DataFrame:
        """Each known modification's stage on a day.

        Returns
        -------
        pandas.DataFrame
            ``unit, stage`` (missing where unknown), ``since, since_precision``, in the order of units.
        """
        on = pd.Timestamp(day)
        known = self.known[(self.known["first_on"] <= on) & (on < self.known["last_on"])]
        i = self.intervals
        held = i[(i["since"] <= on) & (on <= i["believed_to"]) & ~(i["until"] <= on)]
        held = held[["unit", "stage", "since", "since_precision"]]
        return known[["unit"]].merge(held, on="unit", how="left").sort_values("unit", ignore_index=True)

    def counts(self, days: pd.DatetimeIndex) -> pd.DataFrame:
        """How many stand in each stage on each of some days.

        Parameters
        ----------
        days
            Ascending or not; one row each comes back.

        Returns
        -------
        pandas.DataFrame
            Index ``days``; a column a stage, and ``known``: all known modifications on that day, so the
            stages' sum over it is the coverage.
        """
        i = self.intervals
        one = np.timedelta64(1, "D")
        until, believed_to = i["until"].to_numpy(), i["believed_to"].to_numpy()
        last = np.fmin(until - one, believed_to)
        codes, names = pd.factorize(i["stage"])
        found = _standing(i["counted_from"].to_numpy(), last, codes, len(names), days)
        known = _standing(
            self.known["first_on"].to_numpy(),
            self.known["last_on"].to_numpy() - one,
            np.zeros(len(self.known), dtype="int64"),
            1,
            days,
        )
        out = pd.DataFrame(found, index=days, columns=names)
        return out.reindex(columns=[*CODE], fill_value=0).assign(known=known[:, 0])


def _standing(
    first: np.ndarray, last: np.ndarray, group: np.ndarray, groups: int, days: pd.DatetimeIndex
) -> np.ndarray:
    """How many intervals of each group, both ends included, hold each day: a row a day, a column a group.

    Each interval is counted from the first of the days that it holds to the last, so its cost doesn't
    depend on how many days there are.
    """
    on, place = np.unique(days.to_numpy().astype(first.dtype), return_inverse=True)
    begin, end = np.searchsorted(on, first, side="left"), np.searchsorted(on, last, side="right")
    real = (begin < end) & ~np.isnat(first)
    size = (len(on) + 1) * groups
    begun = np.bincount(begin[real] * groups + group[real], minlength=size)
    ended = np.bincount(end[real] * groups + group[real], minlength=size)
    return np.cumsum((begun - ended).reshape(len(on) + 1, groups), axis=0)[place]


@once
def stages(register: Register, *, fold_splits: bool = False) -> Stages:
    """Work out the stage intervals of all modifications.

    Parameters
    ----------
    register
        What is known.
    fold_splits
        Count the parts of a split modification once, under their parent, instead of each from the day
        of the split.
    """
    told = _by_unit(_happenings(register), register, fold_splits)
    contradictory = _contradictions(told)
    known = _known(register, told, fold_splits)
    out = told.units.numbers(contradictory["unit"])
    sound = told.rows if not len(out) else told.rows[~told.rows["unit"].isin(out)]
    found = _believe_pending(_intervals(sound), told.units, register, fold_splits)
    intervals = _within_split(found, told.units, known)
    return Stages(intervals, known, contradictory, told)


# Happenings -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Units:
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
    def of(cls, register: Register) -> _Units:
        named = register.named
        names = pd.Index(pd.concat([named["name"], named["root"]]).unique(), dtype="str").sort_values()
        return cls(names, names.get_indexer(references.root(names.to_series())))

    def numbers(self, names: pd.Series) -> np.ndarray:
        codes, different = pd.factorize(names)
        return self.names.get_indexer(different).astype("int32")[codes]

    def by_number(self, days: pd.Series) -> np.ndarray:
        """Days by name as days by number."""
        return days.reindex(self.names).to_numpy(dtype="datetime64[us]")

    def texts(self, numbers: np.ndarray) -> pd.api.extensions.ExtensionArray:
        return self.names.array.take(numbers)


@dataclass(frozen=True, eq=False)
class _Happenings:
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

    units: _Units
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
                "precision": _words(PRECISIONS, h["precision"]),
                "what": _words(WHAT, h["what"]),
                "after": _words(CODE, h["after"]),
            }
        )
        return pd.concat([out, self.sources(h["row"].to_numpy())], axis=1)


def _words(numbers: Mapping[str, int], codes: pd.Series | np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Numbers as the words that they stand for; missing where unstated."""
    return pd.array([*numbers], dtype="str").take(np.asarray(codes, dtype="int64"), allow_fill=True)


def _happenings(register: Register) -> _Happenings:
    """Everything dated that says something of a stage, one row a statement."""
    units = _Units.of(register)
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
    return _Happenings(units, out, stated)


def _told_of(
    name: np.ndarray, day: pd.Series, on: pd.Series, row: np.ndarray, **words: np.ndarray | int
) -> pd.DataFrame:
    """Rows of happenings: ``precision, what, after, own_after`` are of one word for all, or one each."""
    columns = {
        word: np.broadcast_to(np.asarray(code, dtype="int8"), len(name)) for word, code in words.items()
    }
    columns.setdefault("own_after", columns["after"])
    return pd.DataFrame({"name": name, "day": day.array, "on": on.array, **columns, "row": row})


def _of_events(register: Register, units: _Units) -> pd.DataFrame:
    events, told = register.events, register.events_told
    e = _EventWords.of(events, units)
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


@dataclass(frozen=True, eq=False)
class _EventWords:
    """Events in numbers: of a column each."""

    name: np.ndarray
    event: np.ndarray
    precision: np.ndarray
    body: np.ndarray
    outcome: np.ndarray
    path: np.ndarray
    stage: np.ndarray
    early: np.ndarray

    @classmethod
    def of(cls, events: pd.DataFrame, units: _Units) -> _EventWords:
        """``early``: before the Development Stage existed."""
        vocabularies = {"body": BODIES, "outcome": OUTCOMES, "stage": CODE, "precision": PRECISIONS}
        words = {name: coded(events[name], numbers, UNSTATED) for name, numbers in vocabularies.items()}
        name = units.numbers(events["name"])
        path = _settled_path(name, coded(events["path"], PATHS, UNSTATED))
        early = (events["on"] < DEVELOPMENT_SINCE).to_numpy()
        return cls(name=name, event=coded(events["event"], WHAT), path=path, early=early, **words)

    def take(self, rows: np.ndarray) -> _EventWords:
        return _EventWords(**{name: values[rows] for name, values in vars(self).items()})

    def stage_after(self, outcome: np.ndarray) -> np.ndarray:
        """The stage after each event if it had an outcome, unstated where it changes none."""

        def event(*kinds: Event) -> np.ndarray:
            return np.isin(self.event, [WHAT[kind] for kind in kinds])

        def outcomes(*words: Outcome) -> np.ndarray:
            return np.isin(outcome, [OUTCOMES[word] for word in words])

        board = np.isin(self.body, [UNSTATED, BODIES[Body.CHANGE_BOARD]])
        final = np.isin(self.path, [PATHS[Path.SELF_GOVERNANCE], PATHS[Path.FAST_TRACK]])
        final |= (self.path == UNSTATED) & board
        to_authority = self.path == PATHS[Path.AUTHORITY]
        voted, decided = event(Event.VOTED), event(Event.DECIDED)
        approved, rejected = outcomes(Outcome.APPROVED), outcomes(Outcome.REJECTED)
        recommended = outcomes(Outcome.RECOMMENDED_APPROVAL, Outcome.RECOMMENDED_REJECTION)
        rules = [
            (event(Event.WITHDRAWN), Stage.WITHDRAWN),
            ((voted | decided) & outcomes(Outcome.SENT_BACK), Stage.REPORT),
            (event(Event.SENT_TO_AUTHORITY, Event.REFERRED), Stage.DECISION),
            (voted & recommended, Stage.DECISION),
            (voted & to_authority & (approved | rejected), Stage.DECISION),
            ((voted & final | decided) & rejected, Stage.REJECTED),
            ((voted & final | decided) & approved, Stage.PENDING_IMPLEMENTATION),
            (event(Event.ENTERED_REPORT), Stage.REPORT),
            (event(Event.CONVERTED, Event.ENTERED_REFINEMENT), Stage.REFINEMENT),
            (event(Event.RAISED) & self.early, Stage.REFINEMENT),
            (event(Event.RAISED), Stage.DEVELOPMENT),
        ]
        seen = np.where(event(Event.OBSERVED), self.stage, UNSTATED)
        out = seen.astype("int8")
        for rule, stage in reversed(rules):
            out[rule] = CODE[stage]
        return out


def _settled_path(name: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Give a vote whose path isn't stated the path that the modification's other events agree on."""
    agreed = np.full(int(name.max(initial=-1)) + 1, UNSTATED, dtype="int8")
    stated = path >= 0
    agreed[name[stated]] = path[stated]
    differs = stated & (path != agreed[name])
    agreed[name[differs]] = UNSTATED
    return np.where(stated, path, agreed[name])


def _of_consultations(register: Register, units: _Units) -> pd.DataFrame:
    """An opened consultation shows its stage on that day, begun then or before."""
    c = register.tables["consultations"]
    stage = coded(c["kind"], CODE, UNSTATED)  # refinement and report name stages too
    row = np.flatnonzero(c["opened_on"].notna().to_numpy() & (c["kind"] != ConsultationKind.OTHER).to_numpy())
    opened = c["opened_on"].take(row)
    name = units.numbers(references.name(c["ref"].take(row)))
    return _told_of(name, opened, opened, row, precision=BY_NUMBER, what=WHAT["consulted"], after=stage[row])


def _of_release_items(register: Register, units: _Units) -> pd.DataFrame:
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


def _of_exports(register: Register, units: _Units) -> pd.DataFrame:
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


def _unfinished(register: Register) -> pd.DataFrame:
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


# Units: modifications, and the parts of split ones ----------------------------------------------


def _by_unit(told: _Happenings, register: Register, fold: bool) -> _Happenings:
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
    order = _in_order(_Happenings(units, given, told.stated))
    return _Happenings(units, given.take(order).reset_index(drop=True), told.stated)


def _in_order(told: _Happenings) -> np.ndarray:
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
    what = _words(WHAT, rows["what"].to_numpy()[by[place]])
    tied = tied.assign(what=what, tie=np.cumsum(new)[place])
    order = tied.sort_values(["tie", "what", "source_id", "locator"], kind="stable").index.to_numpy()
    by[place] = by[place][order]
    return by


def _known(register: Register, told: _Happenings, fold: bool) -> pd.DataFrame:
    """From when each unit counts as known: ``unit, first_on, last_on``.

    From its first dated fact, or the first source that names it; parts from the split, parents until it.
    """
    units, unit = told.units, told.rows["unit"].to_numpy()
    mentioned, assessments = register.mentioned_on, register.assessments
    started = assessments[["accepted_on", "requested_on", "returned_on"]].min(axis=1)
    begun = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]][: len(unit)])
    numbers = [
        unit[begun],
        units.roots[units.numbers(mentioned.index.to_series())],
        units.numbers(assessments["ref"]),
    ]
    days = pd.concat([told.rows["day"].take(begun), mentioned, started], ignore_index=True)
    first = days.groupby(np.concatenate(numbers)).min().dropna()
    first_on = np.full(len(units.names), np.datetime64("NaT"), dtype="datetime64[us]")
    first_on[first.index.to_numpy(dtype=int)] = first.to_numpy()
    last_on = np.full(len(units.names), FAR.to_datetime64(), dtype="datetime64[us]")
    if not fold:
        split_on = units.by_number(register.split_days)
        last_on = np.where(np.isnat(split_on), last_on, split_on)
        part = units.numbers(register.parts["name"])
        first_on[part], last_on[part] = split_on[units.roots[part]], FAR.to_datetime64()
    number = np.flatnonzero(first_on < last_on)
    return pd.DataFrame(
        {"unit": units.texts(number), "first_on": first_on[number], "last_on": last_on[number]}
    )


def _within_split(intervals: pd.DataFrame, units: _Units, known: pd.DataFrame) -> pd.DataFrame:
    """End a parent's intervals at its split; count a part's from it. Units in words again."""
    limits = np.full((2, len(units.names)), np.datetime64("NaT"), dtype="datetime64[us]")
    limits[:, units.numbers(known["unit"])] = known["first_on"].to_numpy(), known["last_on"].to_numpy()
    first_on, last_on = limits[:, intervals["unit"].to_numpy()]
    out = intervals.assign(
        unit=units.texts(intervals["unit"].to_numpy()),
        stage=_words(CODE, intervals["stage"]),
        since_precision=_words(PRECISIONS, intervals["since_precision"]),
        believed_to=np.minimum(intervals["believed_to"].to_numpy(), last_on - np.timedelta64(1, "D")),
        counted_from=np.maximum(intervals["since"].to_numpy(), first_on),
    )
    counted = ~np.isnat(first_on)
    return out if counted.all() else out[counted].reset_index(drop=True)


# Contradictions and intervals -------------------------------------------------------------------


def _contradictions(told: _Happenings) -> pd.DataFrame:
    """Histories that can't be true, with the reason in words."""
    rows = told.rows
    what = rows["what"].to_numpy()
    exact = np.isin(rows["precision"].to_numpy(), [DAY_NUMBER, MONTH_NUMBER])
    raisings = rows.loc[exact & (what == WHAT[Event.RAISED]), ["unit", "on"]]
    raised = np.full(len(told.units.names), np.datetime64("NaT"), dtype="datetime64[us]")
    first = raisings.groupby("unit")["on"].min()
    raised[first.index.to_numpy()] = first.to_numpy()
    over = [CODE[stage] for stage in (*FINAL, Stage.PENDING_IMPLEMENTATION)]
    ending = (rows["after"].to_numpy() >= 0) & np.isin(rows["own_after"].to_numpy(), over)
    ends = rows.loc[ending, ["unit", "day", "what", "own_after"]]
    before = ends["day"].to_numpy() < raised[ends["unit"].to_numpy()]
    reasons = [_before_raised(ends[before], raised), _concluded_twice(ends)]
    out = pd.concat(reasons, ignore_index=True).drop_duplicates("unit").sort_values("unit")
    return pd.DataFrame(
        {"unit": told.units.texts(out["unit"].to_numpy(dtype=int)), "reason": out["reason"].array}
    )


def _before_raised(early: pd.DataFrame, raised: np.ndarray) -> pd.DataFrame:
    word = pd.Series(_words(CODE, early["own_after"]), index=early.index).str.replace("_", " ")
    on = early["day"].dt.strftime(" on %Y-%m-%d, before it was")
    then = pd.Series(raised[early["unit"].to_numpy()], index=early.index).dt.strftime(" raised on %Y-%m-%d")
    return pd.DataFrame({"unit": early["unit"], "reason": word + on + then})


def _concluded_twice(ends: pd.DataFrame) -> pd.DataFrame:
    kinds = [WHAT[event] for event in (Event.VOTED, Event.DECIDED, Event.WITHDRAWN)]
    conclusions = ends[np.isin(ends["what"].to_numpy(), kinds)]
    unlike = conclusions.drop_duplicates(["unit", "day", "own_after"])[["unit", "day"]]
    days = unlike[unlike.duplicated()].drop_duplicates()
    reason = "two different conclusions on " + days["day"].dt.strftime("%Y-%m-%d")
    return pd.DataFrame({"unit": days["unit"], "reason": reason})


def _intervals(h: pd.DataFrame) -> pd.DataFrame:
    """How long each stage was held, of happenings in order: the columns of `Stages.intervals`, in numbers."""
    unit, day, code = (h[column].to_numpy() for column in ("unit", "day", "after"))
    new_unit = np.r_[True, unit[1:] != unit[:-1]][: len(h)]
    held = _carried(code, new_unit)
    before = np.r_[UNSTATED, held[:-1]][: len(h)].astype("int8")
    before[new_unit] = UNSTATED
    starts = (code >= 0) & (code != before)
    # a stage that began by a day says nothing of how long the one before it was held
    by = h["precision"].to_numpy() == BY_NUMBER
    attests = _attests(h["what"].to_numpy(), before, code) & ~(by & starts)
    number = np.cumsum(starts) - 1
    since, units = day[starts], unit[starts]
    follows_unit = np.r_[units[1:] == units[:-1], False][: len(units)]
    until = np.where(follows_unit, np.r_[since[1:], _NEVER][: len(units)], _NEVER)
    # a happening that attests the stage before it stands in that stage's interval, or ends it; they are in
    # the order of days, so the last one that does is the latest
    ended = (number - starts)[attests]
    believed = since.copy()
    believed[ended] = np.maximum(day[attests], since[ended])
    believed[np.isin(code[starts], [CODE[stage] for stage in FINAL])] = FAR.to_datetime64()
    return pd.DataFrame(
        {
            "unit": units,
            "stage": code[starts],
            "since": since,
            "since_precision": h["precision"].to_numpy()[starts],
            "until": until,
            "believed_to": believed,
        }
    )


_NEVER = np.datetime64("NaT", "us")


def _carried(code: np.ndarray, new_unit: np.ndarray) -> np.ndarray:
    """The stage after each happening: its own, or the last one of its unit."""
    place = np.where((code >= 0) | new_unit, np.arange(len(code)), 0)
    return code[np.maximum.accumulate(place)]


def _attests(what: np.ndarray, before: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Whether each happening attests the stage before it up to its own day."""
    allowed = np.zeros((len(WHAT), len(CODE) + 1), dtype=bool)  # the last column: no stage before it is known
    for name, follows in FOLLOWS.items():
        allowed[WHAT[name], [CODE[stage] for stage in follows]] = True
    for stage, number in CODE.items():
        allowed[WHAT[f"seen {stage}"], number] = True
    return allowed[what, before] | ((before >= 0) & (before == code))


def _believe_pending(intervals: pd.DataFrame, units: _Units, register: Register, fold: bool) -> pd.DataFrame:
    """Pending implementation stands until the day planned for the modification's release."""
    told = register.release_items_told
    planned = told.loc[
        told["status"].isin([ReleaseStatus.APPROVED, ReleaseStatus.TARGETED]),
        ["root", "name", "release", "planned_on"],
    ]
    day = planned["planned_on"].fillna(looked_up(planned["release"], planned_days(register)))
    latest = units.by_number(day.dropna().groupby(planned["root" if fold else "name"]).max())
    pending = (intervals["stage"] == CODE[Stage.PENDING_IMPLEMENTATION]).to_numpy()
    unit = intervals["unit"].to_numpy()[pending]
    stands = np.where(np.isnat(latest[unit]), latest[units.roots[unit]], latest[unit])
    believed = intervals["believed_to"].to_numpy(copy=True)
    believed[pending] = np.fmax(believed[pending], stands)
    return intervals.assign(believed_to=believed)


@once
def planned_days(register: Register) -> pd.Series:
    """The day planned for each release, or on which it came into force, as last stated."""
    releases = register.tables["releases"].copy()
    releases["day"] = releases["in_force_on"].fillna(releases["planned_on"])
    order = releases.dropna(subset=["day"]).sort_values(
        ["stated_on", "source_id", "locator"], na_position="first"
    )
    return order.groupby("release")["day"].last()


# Figures ----------------------------------------------------------------------------------------


def measures(found: Stages, day: date) -> list[Measure]:
    """``stage.<stage>.count`` as at a day, each with its coverage.

    A stage in which none is known to stand is null, not zero, as long as the stage of any known
    modification is unknown.
    """
    now = found.at(day)
    total, known = len(now), int(now["stage"].notna().sum())
    coverage = (
        f"the stage of {known} of {total} known modifications is known"
        if total
        else "no modification is known"
    )
    if out_of_it := int(now["unit"].isin(found.contradictory["unit"]).sum()):
        coverage += f"; {out_of_it} left out, whose histories contradict themselves"
    rows = _rows_behind(found, now, day)
    out = []
    for stage in Stage:
        units = tuple(now.loc[now["stage"] == stage, "unit"])
        n = len(units)
        whole = known == total and total > 0
        reason = (
            "" if n or whole else "none is known to stand here, and not every modification's stage is known"
        )
        out.append(
            Measure(
                key=f"stage.{stage}.count",
                label=f"In stage {stage.replace('_', ' ')}",
                value=float(n) if n or whole else None,
                n=n,
                coverage=coverage,
                reason=reason,
                rows=rows[stage],
                items=units,
            )
        )
    return out


def _rows_behind(found: Stages, now: pd.DataFrame, day: date) -> dict[Stage, tuple[Row, ...]]:
    """The statements behind each stage's count.

    They are those of the units that stand there up to the day, and the next after it, which attests the
    stage till then.
    """
    told = found.told
    stage = looked_up(told["unit"], now.set_index("unit")["stage"])
    known = stage.notna()
    told, stage = told[known], stage[known]
    later = told["day"].where(told["day"] > pd.Timestamp(day))
    following = later.groupby(told["unit"]).transform("min")
    mine = (told["day"] <= pd.Timestamp(day)) | (told["day"] == following)
    rows: dict[Stage, set[Row]] = {each: set() for each in Stage}
    for standing, *key in zip(
        stage[mine], *(told.loc[mine, name] for name in ("table", "source_id", "locator")), strict=True
    ):
        rows[Stage(standing)].add(Row(*key))
    return {each: tuple(sorted(found)) for each, found in rows.items()}


def moved(found: Stages, then: date, now: date) -> pd.DataFrame:
    """Who stands in another stage than on an earlier day, where both are known.

    Returns
    -------
    pandas.DataFrame
        ``unit, before, now, since``; a unit that wasn't known then has a missing ``before``.
    """
    earlier, later = found.at(then), found.at(now)
    both = later.merge(
        earlier[["unit", "stage"]].assign(was_known=True), on="unit", how="left", suffixes=("", "_before")
    )
    new = both["was_known"].isna() & both["stage"].notna()
    changed = both["stage"].notna() & both["stage_before"].notna() & (both["stage"] != both["stage_before"])
    out = both[new | changed].rename(columns={"stage_before": "before", "stage": "now"})
    return out[["unit", "before", "now", "since"]].reset_index(drop=True)
