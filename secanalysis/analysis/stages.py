"""Where each modification stands, and since when.

Events become *happenings*: a day, the stage after it, and the stages that it attests. From those come
intervals, and from intervals the counts at any day.

An open stage is believed only as long as a source attests it. A later event attests the stage before it
where nothing can have come between untold: a conversion says that the modification was still in development
until then, but a vote says nothing of how long it had been in refinement, and a withdrawal nothing of either.
What lies between is unknown, and shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from secanalysis.analysis.releases import planned_days
from secanalysis.analysis.stage_evidence import Happenings, Units, happenings
from secanalysis.analysis.stage_rules import (
    ATTESTS,
    BY_NUMBER,
    CODE,
    DAY_NUMBER,
    FINAL,
    FOLLOWS,
    MONTH_NUMBER,
    PRECISIONS,
    UNSTATED,
    WHAT,
)
from secanalysis.domain.figures import Measure, Row
from secanalysis.domain.vocabulary import Event, ReleaseStatus, Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import as_words, looked_up
from secanalysis.support.memoise import once

FAR = pd.Timestamp("2199-12-31")
KEPT_DAYS = 4
"""On how many days the standing of all is kept: a month's pages ask for two, again and again."""


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
    _happenings: Happenings = field(repr=False)
    _standing: dict[date, pd.DataFrame] = field(repr=False, default_factory=dict)

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
        found = self._standing.get(day)
        if found is None:
            found = self._standing[day] = self._at(pd.Timestamp(day))
            for other in list(self._standing)[:-KEPT_DAYS]:
                self._standing.pop(other, None)
        return found.copy(deep=False)

    def _at(self, on: pd.Timestamp) -> pd.DataFrame:
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
def stages(register: ResolvedRegister, *, fold_splits: bool = False) -> Stages:
    """Work out the stage intervals of all modifications.

    Parameters
    ----------
    register
        What is known.
    fold_splits
        Count the parts of a split modification once, under their parent, instead of each from the day
        of the split.
    """
    told = happenings(register, fold_splits=fold_splits)
    contradictory = _contradictions(told)
    known = _known(register, told, fold_splits)
    out = told.units.numbers(contradictory["unit"])
    sound = told.rows if not len(out) else told.rows[~told.rows["unit"].isin(out)]
    found = _believe_pending(_intervals(sound), told.units, register, fold_splits)
    intervals = _within_split(found, told.units, known)
    return Stages(intervals, known, contradictory, told)


def _known(register: ResolvedRegister, told: Happenings, fold: bool) -> pd.DataFrame:
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


def _within_split(intervals: pd.DataFrame, units: Units, known: pd.DataFrame) -> pd.DataFrame:
    """End a parent's intervals at its split; count a part's from it. Units in words again."""
    limits = np.full((2, len(units.names)), np.datetime64("NaT"), dtype="datetime64[us]")
    limits[:, units.numbers(known["unit"])] = known["first_on"].to_numpy(), known["last_on"].to_numpy()
    first_on, last_on = limits[:, intervals["unit"].to_numpy()]
    out = intervals.assign(
        unit=units.texts(intervals["unit"].to_numpy()),
        stage=as_words(CODE, intervals["stage"]),
        since_precision=as_words(PRECISIONS, intervals["since_precision"]),
        believed_to=np.minimum(intervals["believed_to"].to_numpy(), last_on - np.timedelta64(1, "D")),
        counted_from=np.maximum(intervals["since"].to_numpy(), first_on),
    )
    counted = ~np.isnat(first_on)
    return out if counted.all() else out[counted].reset_index(drop=True)


# Contradictions and intervals -------------------------------------------------------------------


def _contradictions(told: Happenings) -> pd.DataFrame:
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
    word = pd.Series(as_words(CODE, early["own_after"]), index=early.index).str.replace("_", " ")
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
    what = h["what"].to_numpy()
    listed = np.isin(unit, unit[what == WHAT["listed"]])
    attests = np.where(listed, _attests(FOLLOWS, what, before), _attests(ATTESTS, what, before))
    attests |= (before >= 0) & (before == code)
    attests &= ~(by & starts)
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


def _attests(rules: Mapping[str, tuple[Stage, ...]], what: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Whether each happening attests the stage before it up to its own day, by `FOLLOWS` or `ATTESTS`."""
    allowed = np.zeros((len(WHAT), len(CODE) + 1), dtype=bool)  # the last column: no stage before it is known
    for name, attested in rules.items():
        allowed[WHAT[name], [CODE[stage] for stage in attested]] = True
    for stage, number in CODE.items():
        allowed[WHAT[f"seen {stage}"], number] = True
    return allowed[what, before]


def _believe_pending(
    intervals: pd.DataFrame, units: Units, register: ResolvedRegister, fold: bool
) -> pd.DataFrame:
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
