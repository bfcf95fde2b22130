"""Where each modification stands, and since when.

Events become *happenings*: a day, the stage after it, and the stages that it can directly follow. From
those come intervals, and from intervals the counts at any day.

An open stage is believed only as long as a source attests it. A later event attests the stage before it
where the process lets that event follow the stage directly: a conversion says that the modification was
still in development until then, but a vote says nothing of how long it had been in refinement. What lies
between is unknown, and shown as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from secanalysis import references
from secanalysis.figures import Measure, Row
from secanalysis.register import Register
from secanalysis.resolution import looked_up
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
CODE = {stage.value: code for code, stage in enumerate(Stage)}
STAGES = np.array([stage.value for stage in Stage])

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
ORDER = {str(name): rank for rank, name in enumerate([*_STEPS, "approved item", "implemented", "listed"])}


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
    told
        The statements behind it, one row a statement and unit: ``unit, day, precision, what`` (an event, or
        what else was told), ``after`` (the stage after it, if it starts one), ``table, source_id, locator``.
    """

    intervals: pd.DataFrame
    known: pd.DataFrame
    contradictory: pd.DataFrame
    told: pd.DataFrame

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
    cache = _FOUND.setdefault(register, {})
    if fold_splits not in cache:
        cache[fold_splits] = _stages(register, fold_splits)
    return cache[fold_splits]


_FOUND: WeakKeyDictionary[Register, dict[bool, Stages]] = WeakKeyDictionary()


def _stages(register: Register, fold_splits: bool) -> Stages:
    told = _by_unit(_happenings(register), register, fold_splits)
    contradictory = _contradictions(told)
    known = _known(register, told, fold_splits)
    sound = told[~told["unit"].isin(contradictory["unit"])]
    intervals = _within_split(_intervals(sound, register, fold_splits), known)
    return Stages(intervals, known, contradictory, told[told["source_id"].notna()])


# Happenings -------------------------------------------------------------------------------------

_COLUMNS = [
    "name",
    "root",
    "day",
    "on",
    "precision",
    "what",
    "after",
    "own_after",
    "table",
    "source_id",
    "locator",
]


def _happenings(register: Register) -> pd.DataFrame:
    """Everything dated that says something of a stage, one row a statement."""
    parts = [_of_events(register), _of_consultations(register), _of_release_items(register)]
    if len(register.exports):
        parts.append(_of_exports(register))
    out = pd.concat(parts, ignore_index=True).dropna(subset=["day"])
    # what was seen then or later confirms a stage, and never starts one
    seen = (out["precision"] == Precision.NOT_BEFORE) & out["after"].notna()
    out["what"] = out["what"].mask(seen, "seen " + out["after"])
    out["after"] = out["after"].mask(seen)
    out["order"] = out["what"].map(ORDER)
    return out


def _of_events(register: Register) -> pd.DataFrame:
    told = register.events_told[["event_id", "source_id", "locator", "outcome"]]
    told = told.rename(columns={"outcome": "own_outcome"})
    e = told.merge(_with_settled_path(register.events), on="event_id")
    after = _stage_after(e, e["outcome"])
    own = e["own_outcome"].fillna(e["outcome"])
    own_after = _stage_after(e, own) if (own != e["outcome"]).sum() > own.isna().sum() else after
    # an observed stage began then or before
    precision = e["precision"].mask(
        (e["event"] == Event.OBSERVED) & (e["precision"] != Precision.NOT_BEFORE), Precision.BY.value
    )
    out = e[["name", "root", "day", "on", "source_id", "locator"]].assign(
        precision=precision, what=e["event"], after=after, own_after=own_after, table="events"
    )
    return out[_COLUMNS]


def _with_settled_path(events: pd.DataFrame) -> pd.DataFrame:
    """Give a vote whose path isn't stated the path that the modification's other events agree on."""
    stated = events.dropna(subset=["path"])
    agreed = stated.groupby("name")["path"].agg(["first", "nunique"])
    path = looked_up(events["name"], agreed.loc[agreed["nunique"] == 1, "first"])
    return events.assign(path=events["path"].fillna(path))


def _stage_after(e: pd.DataFrame, outcome: pd.Series) -> pd.Series:
    """The stage after each event, missing where it changes none."""
    board = e["body"].isna() | (e["body"] == Body.CHANGE_BOARD)
    final = e["path"].isin([Path.SELF_GOVERNANCE, Path.FAST_TRACK]) | (e["path"].isna() & board)
    to_authority = e["path"] == Path.AUTHORITY
    voted, decided = e["event"] == Event.VOTED, e["event"] == Event.DECIDED
    approved, rejected = outcome == Outcome.APPROVED, outcome == Outcome.REJECTED
    recommended = outcome.isin([Outcome.RECOMMENDED_APPROVAL, Outcome.RECOMMENDED_REJECTION])
    before_development = e["on"] < DEVELOPMENT_SINCE
    rules = [
        (e["event"] == Event.WITHDRAWN, Stage.WITHDRAWN),
        ((voted | decided) & (outcome == Outcome.SENT_BACK), Stage.REPORT),
        (e["event"].isin([Event.SENT_TO_AUTHORITY, Event.REFERRED]), Stage.DECISION),
        (voted & recommended, Stage.DECISION),
        (voted & to_authority & (approved | rejected), Stage.DECISION),
        ((voted & final | decided) & rejected, Stage.REJECTED),
        ((voted & final | decided) & approved, Stage.PENDING_IMPLEMENTATION),
        (e["event"] == Event.ENTERED_REPORT, Stage.REPORT),
        (e["event"].isin([Event.CONVERTED, Event.ENTERED_REFINEMENT]), Stage.REFINEMENT),
        ((e["event"] == Event.RAISED) & before_development, Stage.REFINEMENT),
        (e["event"] == Event.RAISED, Stage.DEVELOPMENT),
    ]
    number = np.select(
        [rule.to_numpy(dtype=bool) for rule, _ in rules], [CODE[stage] for _, stage in rules], default=-1
    )
    ruled = pd.Series(np.where(number >= 0, STAGES[number], None), index=e.index, dtype="str")
    return ruled.fillna(e["stage"].where(e["event"] == Event.OBSERVED))


def _of_consultations(register: Register) -> pd.DataFrame:
    """An opened consultation shows its stage on that day, begun then or before."""
    c = register.tables["consultations"].dropna(subset=["opened_on"])
    c = c[c["kind"] != ConsultationKind.OTHER]
    out = c[["source_id", "locator"]].assign(
        name=references.name(c["ref"]),
        root=references.root(c["ref"]),
        day=c["opened_on"],
        on=c["opened_on"],
        precision=Precision.BY.value,
        what="consulted",
        after=c["kind"],  # refinement and report name stages too
        own_after=c["kind"],
        table="consultations",
    )
    return out[_COLUMNS]


def _of_release_items(register: Register) -> pd.DataFrame:
    """Approved for a release: pending implementation then. In force: implemented once no part is left."""
    told = register.release_items_told
    pending = Stage.PENDING_IMPLEMENTATION.value
    approved = told[told["status"] == ReleaseStatus.APPROVED]
    seen = approved["precision"] == Precision.NOT_BEFORE
    approved = approved.assign(
        what="approved item", after=pending, precision=approved["precision"].where(seen, Precision.BY.value)
    )
    done = register.implementations
    last = done.groupby("name")["day"].transform("max")
    unfinished = set(_unfinished(register)["name"])
    whole = (done["day"] == last) & ~done["name"].isin(unfinished)
    winners = done[["item", "day", "on", "precision"]].assign(
        after=np.where(whole, Stage.IMPLEMENTED.value, pending), what="implemented"
    )
    statements = told.loc[told["status"] == ReleaseStatus.IMPLEMENTED, _STATEMENT]
    implemented = statements.merge(winners, on="item")
    both = pd.concat([approved, implemented], ignore_index=True)
    return both.assign(own_after=both["after"], table="release_items")[_COLUMNS]


_STATEMENT = ["name", "root", "item", "source_id", "locator"]


def _of_exports(register: Register) -> pd.DataFrame:
    """A register's export attests on its day whatever stage each of its modifications has reached."""
    listed = register.exports
    out = listed[["name"]].assign(
        root=listed["root"],
        day=listed["on"],
        on=listed["on"],
        precision=Precision.DAY.value,
        what="listed",
        after=None,
        own_after=None,
        table=None,
        source_id=None,
        locator=None,
    )
    return out[_COLUMNS].astype(
        {column: "str" for column in ("after", "own_after", "table", "source_id", "locator")}
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


def _by_unit(happenings: pd.DataFrame, register: Register, fold: bool) -> pd.DataFrame:
    """Give each happening to the modifications or parts whose history it belongs to."""
    split = register.split_days if not fold else register.split_days.iloc[:0]
    split_on = looked_up(happenings["root"], split)
    whole = happenings[split_on.isna()]
    frames = [whole.assign(unit=whole["root"])]
    divided = happenings.assign(split_on=split_on)[split_on.notna()]
    if len(divided):
        before = divided[divided["day"] < divided["split_on"]]
        frames.append(before.assign(unit=before["root"]).drop(columns="split_on"))
        own = divided[divided["name"] != divided["root"]]
        frames.append(own.assign(unit=own["name"]).drop(columns="split_on"))
        inherited = before[before["name"] == before["root"]].drop(columns="split_on")
        parts = register.parts.rename(columns={"name": "unit"})
        frames.append(inherited.merge(parts, on="root"))
    return _in_order(pd.concat(frames, ignore_index=True))


def _in_order(told: pd.DataFrame) -> pd.DataFrame:
    """Each unit's happenings by day and by the process's steps; what is left equal, by what tells it.

    Text is only compared where numbers don't decide: sorting millions of rows by it takes a minute.
    """
    step = told["order"].fillna(len(ORDER)).to_numpy()
    numbers = [pd.factorize(told["unit"], sort=True)[0], told["day"].to_numpy(), step]
    by = np.lexsort(numbers[::-1])
    new = np.r_[True, np.logical_or.reduce([key[by][1:] != key[by][:-1] for key in numbers])][: len(by)]
    alone = new & np.r_[new[1:], True][: len(by)]
    place = np.flatnonzero(~alone)
    tied = told.loc[by[place], ["what", "source_id", "locator"]].assign(tie=np.cumsum(new)[place])
    by[place] = tied.sort_values(["tie", "what", "source_id", "locator"], kind="stable").index
    return told.take(by).reset_index(drop=True)


def _known(register: Register, told: pd.DataFrame, fold: bool) -> pd.DataFrame:
    """From when each unit counts as known: ``unit, first_on, last_on``.

    From its first dated fact, or the first source that names it; parts from the split, parents until it.
    """
    split = register.split_days if not fold else register.split_days.iloc[:0]
    named = register.mentioned_on.rename("day").reset_index()
    assessments = register.assessments
    started = assessments[["accepted_on", "requested_on", "returned_on"]].min(axis=1)
    dated = pd.concat(
        [
            told[["unit", "day"]],
            pd.DataFrame({"unit": references.root(named["name"]), "day": named["day"]}),
            pd.DataFrame({"unit": assessments["ref"], "day": started}),
        ],
        ignore_index=True,
    )
    first = dated.groupby("unit")["day"].min().dropna()
    parts = register.parts["name"] if not fold else register.parts["name"].iloc[:0]
    units = pd.concat([first.index.to_series(), parts], ignore_index=True).drop_duplicates()
    roots = units.where(~units.isin(parts), units.str.replace(r"[A-Z]$", "", regex=True))
    split_on = looked_up(roots, split)
    is_part = units != roots
    known = pd.DataFrame(
        {
            "unit": units,
            "first_on": looked_up(units, first).mask(is_part, split_on),
            "last_on": split_on.where(~is_part).fillna(FAR),
        }
    )
    known = known[known["first_on"] < known["last_on"]]
    return known.astype({"first_on": "datetime64[us]", "last_on": "datetime64[us]"}).sort_values(
        "unit", ignore_index=True
    )


def _within_split(intervals: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """End a parent's intervals at its split; count a part's from it."""
    limits = known.set_index("unit").reindex(intervals["unit"]).set_axis(intervals.index)
    out = intervals.assign(
        believed_to=np.minimum(intervals["believed_to"], limits["last_on"] - pd.Timedelta(days=1)),
        counted_from=np.maximum(intervals["since"], limits["first_on"]),
    )
    return out[limits["first_on"].notna()].reset_index(drop=True)


# Contradictions and intervals -------------------------------------------------------------------


def _contradictions(told: pd.DataFrame) -> pd.DataFrame:
    """Histories that can't be true, with the reason in words."""
    exact = told["precision"].isin([Precision.DAY, Precision.MONTH])
    raised_on = told[exact & (told["what"] == Event.RAISED)].groupby("unit")["on"].min()
    over = [stage.value for stage in (*FINAL, Stage.PENDING_IMPLEMENTATION)]
    ends = told[told["after"].notna() & told["own_after"].isin(over)]
    raised = looked_up(ends["unit"], raised_on)
    early = ends[ends["day"] < raised]
    before = early["own_after"].str.replace("_", " ") + early["day"].dt.strftime(
        " on %Y-%m-%d, before it was"
    )
    before += raised[early.index].dt.strftime(" raised on %Y-%m-%d")
    conclusions = ends[ends["what"].isin([Event.VOTED, Event.DECIDED, Event.WITHDRAWN])]
    several = conclusions.groupby(["unit", "day"])["own_after"].nunique()
    days = several[several > 1].reset_index()
    two = "two different conclusions on " + days["day"].dt.strftime("%Y-%m-%d")
    reasons = pd.concat(
        [
            pd.DataFrame({"unit": early["unit"], "reason": before}),
            pd.DataFrame({"unit": days["unit"], "reason": two}),
        ],
        ignore_index=True,
    )
    return reasons.drop_duplicates("unit").sort_values("unit", ignore_index=True)


def _intervals(told: pd.DataFrame, register: Register, fold: bool) -> pd.DataFrame:
    h = told[["unit", "day", "precision", "what", "after"]]
    code = h["after"].map(CODE).to_numpy(dtype="float64")
    unit = pd.factorize(h["unit"])[0]
    new_unit = np.r_[True, unit[1:] != unit[:-1]] if len(h) else np.array([], dtype=bool)
    held = _carried(code, new_unit)
    before = np.r_[np.nan, held[:-1]] if len(h) else held
    before[new_unit] = np.nan
    starts = ~np.isnan(code) & ((code != before) | np.isnan(before))
    # a stage that began by a day says nothing of how long the one before it was held
    by = (h["precision"] == Precision.BY).to_numpy(dtype=bool)
    attests = _attests(h["what"], before, code) & ~(by & starts)
    number = np.cumsum(starts) - 1
    begun = h[starts]
    out = pd.DataFrame(
        {
            "unit": begun["unit"].to_numpy(),
            "stage": STAGES[code[starts].astype(int)],
            "since": begun["day"].to_numpy(),
            "since_precision": begun["precision"].to_numpy(),
        }
    )
    follows_unit = (
        np.r_[unit[starts][1:] == unit[starts][:-1], False] if starts.any() else np.array([], dtype=bool)
    )
    until = np.r_[out["since"].to_numpy()[1:], np.array(["NaT"], dtype="datetime64[us]")][: len(out)]
    out["until"] = pd.Series(np.where(follows_unit, until, np.datetime64("NaT"))).astype("datetime64[us]")
    # a happening that attests the stage before it stands in that stage's interval, or ends it
    ended = np.where(starts, number - 1, number)
    attested = pd.Series(h["day"].to_numpy()[attests]).groupby(ended[attests]).max()
    believed = attested.reindex(range(len(out))).to_numpy().astype("datetime64[us]")
    out["believed_to"] = np.fmax(believed, out["since"].to_numpy())
    out.loc[out["stage"].isin([s.value for s in FINAL]), "believed_to"] = FAR
    return _believe_pending(out, register, fold)


def _carried(code: np.ndarray, new_unit: np.ndarray) -> np.ndarray:
    """The stage after each happening: its own, or the last one of its unit."""
    place = np.where(~np.isnan(code) | new_unit, np.arange(len(code)), 0)
    return code[np.maximum.accumulate(place)] if len(code) else code


def _attests(what: pd.Series, before: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Whether each happening attests the stage before it up to its own day."""
    names = {str(name): [CODE[stage] for stage in follows] for name, follows in FOLLOWS.items()}
    names |= {f"seen {stage}": [number] for stage, number in CODE.items()}
    table = np.zeros((len(names) + 1, len(CODE)), dtype=bool)
    index = {}
    for row, (name, numbers) in enumerate(names.items()):
        index[name] = row
        table[row, numbers] = True
    rows = what.map(index).fillna(len(names)).to_numpy(dtype=int)
    known = ~np.isnan(before)
    allowed = np.zeros(len(what), dtype=bool)
    allowed[known] = table[rows[known], before[known].astype(int)]
    return known & (allowed | (before == code))


def _believe_pending(intervals: pd.DataFrame, register: Register, fold: bool) -> pd.DataFrame:
    """Pending implementation stands until the day planned for the modification's release."""
    told = register.release_items_told
    planned = told[told["status"].isin([ReleaseStatus.APPROVED, ReleaseStatus.TARGETED])].copy()
    planned["planned_on"] = planned["planned_on"].fillna(
        looked_up(planned["release"], planned_days(register))
    )
    planned = planned.dropna(subset=["planned_on"])
    latest = planned.groupby("root" if fold else "name")["planned_on"].max()
    pending = (intervals["stage"] == Stage.PENDING_IMPLEMENTATION).to_numpy()
    units = intervals.loc[pending, "unit"]
    parents = units.str.replace(r"[A-Z]$", "", regex=True)
    stands = latest.reindex(units).to_numpy(dtype="datetime64[us]")
    stands = np.where(np.isnat(stands), latest.reindex(parents).to_numpy(dtype="datetime64[us]"), stands)
    believed = intervals["believed_to"].to_numpy(copy=True)
    believed[pending] = np.fmax(believed[pending], stands)
    return intervals.assign(believed_to=believed)


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
    out = []
    for stage in Stage:
        units = now.loc[now["stage"] == stage, "unit"]
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
                rows=_rows_behind(found, units, day),
                items=tuple(units),
            )
        )
    return out


def _rows_behind(found: Stages, units: pd.Series, day: date) -> tuple[Row, ...]:
    """The statements of these units up to a day, and the next after it, which attests the stage till then."""
    told = found.told[found.told["unit"].isin(units)]
    later = told["day"].where(told["day"] > pd.Timestamp(day))
    following = later.groupby(told["unit"]).transform("min")
    mine = told[(told["day"] <= pd.Timestamp(day)) | (told["day"] == following)]
    keys = mine[["table", "source_id", "locator"]].drop_duplicates()
    return tuple(sorted(Row(*key) for key in keys.itertuples(index=False)))


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
