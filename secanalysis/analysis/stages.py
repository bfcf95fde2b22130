"""The stage of each modification on any day, and since when.

Evidence of stages is collected from the tables (`stage_evidence`), given to its modification or part and put in order
(`evidence_order`), settled where it disagrees (`stage_disputes`), given to split ones by their parts (`split_support`),
and turned into intervals (`stage_intervals`) by the rules of `stage_rules`. From intervals come the stages and counts of any day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from secanalysis.analysis import stage_disputes, stage_intervals, stage_support
from secanalysis.analysis.contradictions import contradictions
from secanalysis.analysis.evidence_order import by_unit
from secanalysis.analysis.split_support import with_parts_support
from secanalysis.analysis.stage_codes import STAGES
from secanalysis.analysis.stage_evidence import StageEvidence, collected
from secanalysis.analysis.stage_intervals import FAR, Course
from secanalysis.analysis.units import begins
from secanalysis.domain import references
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once

KEPT_DAYS = 4
"""For how many days the stages of all are kept: a month's pages ask for two, again and again."""


@dataclass(frozen=True, eq=False)
class Stages:
    """The stage intervals of a register.

    Attributes
    ----------
    intervals
        ``unit`` (modification or part), ``stage, since, since_precision`` (``by``: begun then or
        before; ``month``: in that month), ``until`` (first day of the next stage; missing while none is
        known), ``believed_to`` (last day on which the stage is supported), ``counted_from`` (``since``, but
        not before the split for a part: until then the parent counts).
    known
        ``unit, first_on, last_on``: from its first day to the day before its last, a unit counts as a known
        modification.
    contradictory
        ``unit, reason``: histories that contradict themselves; excluded.
    disputes
        ``unit, day, stage, table, source_id, locator``: statements that support different stages on one day, so that
        none is known from then on.
    """

    intervals: pd.DataFrame
    known: pd.DataFrame
    contradictory: pd.DataFrame
    disputes: pd.DataFrame
    _evidence: StageEvidence = field(repr=False)
    _course: Course = field(repr=False)
    _stated: pd.DataFrame | None = field(repr=False)  # the intervals without inferences, if there are any
    _on_days: dict[date, pd.DataFrame] = field(repr=False, default_factory=dict)

    @cached_property
    def statements(self) -> pd.DataFrame:
        """The statements behind it, one row per statement and unit, in the order of units and days.

        ``unit, day, precision, what`` (an event, or other evidence of `stage_rules`), ``after`` (the stage after
        it, if it starts one), ``rule`` (of `stage_rules.ATTESTS`, if one gives it), ``table, source_id, locator``.
        Inferences that something stated wins over are left out.
        """
        return self._evidence.in_words()

    def at(self, day: date) -> pd.DataFrame:
        """Each known modification's stage on a day.

        Returns
        -------
        pandas.DataFrame
            ``unit, stage`` (missing where unknown), ``since, since_precision, inferred`` (whether nothing that is
            stated supports it), in the order of units.
        """
        on_day = self._on_days.get(day)
        if on_day is None:
            on_day = self._on_days[day] = self._at(pd.Timestamp(day))
            for other in list(self._on_days)[:-KEPT_DAYS]:
                self._on_days.pop(other, None)
        return on_day.copy(deep=False)

    def _at(self, on: pd.Timestamp) -> pd.DataFrame:
        known = self.known[(self.known["first_on"] <= on) & (on < self.known["last_on"])]
        held = _held_on(self.intervals, on)
        now = known[["unit"]].merge(held, on="unit", how="left").sort_values("unit", ignore_index=True)
        stated = now["stage"].notna()
        if self._stated is not None:
            pairs = pd.MultiIndex.from_frame(_held_on(self._stated, on)[["unit", "stage"]])
            stated &= pd.MultiIndex.from_frame(now[["unit", "stage"]]).isin(pairs)
        return now.assign(inferred=now["stage"].notna() & ~stated)

    def support(self, day: date) -> pd.Series:
        """What supports each stage that is known on a day, in words, by unit.

        It is what supports it next, on the day or later; else what supported it last, or started it.
        """
        now = self.at(day)
        numbers = self._evidence.units.numbers(now["unit"])
        words = stage_support.words(self._course, numbers, now, pd.Timestamp(day))
        return pd.Series(words, index=now["unit"], dtype="str", name="support")

    def counts(self, days: pd.DatetimeIndex) -> pd.DataFrame:
        """How many are in each stage on each of some days.

        Parameters
        ----------
        days
            In any order; one row each comes back.

        Returns
        -------
        pandas.DataFrame
            Index ``days``; a column for each stage, and ``known``: all known modifications on that day, so the
            stages' sum over it is the coverage.
        """
        one_day = np.timedelta64(1, "D")
        until, believed_to = self.intervals["until"].to_numpy(), self.intervals["believed_to"].to_numpy()
        stage, names = pd.factorize(self.intervals["stage"])
        in_stage = _counts(
            self.intervals["counted_from"].to_numpy(),
            np.fmin(until - one_day, believed_to),
            stage,
            len(names),
            days,
        )
        known = _counts(
            self.known["first_on"].to_numpy(),
            self.known["last_on"].to_numpy() - one_day,
            np.zeros(len(self.known), dtype="int64"),
            1,
            days,
        )
        by_stage = pd.DataFrame(in_stage, index=days, columns=names)
        return by_stage.reindex(columns=[*STAGES], fill_value=0).assign(known=known[:, 0])


def _counts(
    first: np.ndarray, last: np.ndarray, group: np.ndarray, groups: int, days: pd.DatetimeIndex
) -> np.ndarray:
    """How many intervals of each group, both ends included, hold each day: a row for each day, a column for each group.

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
def stages(register: ResolvedRegister) -> Stages:
    """Work out the stage intervals of all modifications.

    Parameters
    ----------
    register
        What is known.
    """
    evidence = by_unit(collected(register), register)
    units = evidence.units
    contradictory = contradictions(evidence)
    in_dispute = stage_disputes.disputed(evidence.rows)
    disputes = stage_disputes.listed(evidence, in_dispute)
    rows = stage_disputes.none_known(evidence.rows, in_dispute)
    known = _known(register, evidence)
    excluded = units.numbers(contradictory["unit"])
    stated_intervals = None
    if (inferred := stage_disputes.inferred(rows)).any():
        of_stated = with_parts_support(rows[~inferred], excluded, units, register)
        stated = stage_intervals.held(_course(of_stated, excluded), units, register)
        stated_intervals = stage_intervals.in_words(stated, units, known)
        rows = rows[~stage_disputes.outweighed(rows, stated)].reset_index(drop=True)
    rows = with_parts_support(rows, excluded, units, register)
    course = _course(rows, excluded)
    intervals = stage_intervals.in_words(stage_intervals.held(course, units, register), units, known)
    settled = StageEvidence(units, rows, evidence.statements)
    return Stages(intervals, known, contradictory, disputes, settled, course, stated_intervals)


def _course(rows: pd.DataFrame, excluded: np.ndarray) -> Course:
    """The course of all units but some, without a copy of millions of rows where there are none of those."""
    return Course.of(rows[~rows["unit"].isin(excluded)] if len(excluded) else rows)


def _held_on(intervals: pd.DataFrame, on: pd.Timestamp) -> pd.DataFrame:
    i = intervals
    held = i[(i["since"] <= on) & (on <= i["believed_to"]) & ~(i["until"] <= on)]
    return held[["unit", "stage", "since", "since_precision"]]


def _known(register: ResolvedRegister, evidence: StageEvidence) -> pd.DataFrame:
    """From when each unit counts as known: ``unit, first_on, last_on``.

    From its first dated fact, or the first source that names it; parts from the split, parents until it.
    """
    units, unit = evidence.units, evidence.rows["unit"].to_numpy()
    mentioned, assessments = register.mentioned_on, register.assessments
    consultations = register.tables["consultations"]  # of a kind that shows no stage, too
    started = assessments[["accepted_on", "requested_on", "returned_on"]].min(axis=1)
    consulted = consultations[["opened_on", "closed_on"]].min(axis=1)
    first_rows = np.flatnonzero(begins(unit))
    named = (mentioned.index.to_series(), assessments["ref"], references.name(consultations["ref"]))
    numbers = [unit[first_rows], *(units.roots[units.numbers(names)] for names in named)]
    days = pd.concat(
        [evidence.rows["day"].take(first_rows), mentioned, started, consulted], ignore_index=True
    )
    first = days.groupby(np.concatenate(numbers)).min().dropna()
    first_on = units.no_days()
    first_on[first.index.to_numpy(dtype=int)] = first.to_numpy()
    split_on = units.days(register.split_days)
    gone_on = units.days(register.gone_on[register.gone_on.index.isin(mentioned.index)])
    last_on = np.fmin(np.where(np.isnat(split_on), FAR.to_datetime64(), split_on), gone_on)
    part = units.numbers(register.parts["name"])
    first_on[part] = split_on[units.roots[part]]
    last_on[part] = np.fmin(FAR.to_datetime64(), gone_on[part])
    number = np.flatnonzero(first_on < last_on)
    return pd.DataFrame(
        {"unit": units.texts(number), "first_on": first_on[number], "last_on": last_on[number]}
    )
