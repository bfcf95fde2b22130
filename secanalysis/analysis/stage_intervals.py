"""From evidence to intervals: each stage of each unit, from when, until when, and how long it is believed.

An open stage is believed only while a source supports it. A later event supports the stage before it where
nothing unreported can have come between: a conversion says that the modification was still in development
until then, but a vote says nothing of how long it had been in refinement, and a withdrawal nothing of either.
What lies between is unknown, and shown as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.release_dates import planned_days
from secanalysis.analysis.stage_codes import (
    BY,
    EVIDENCE,
    NOWHERE,
    PRECISIONS,
    STAGES,
    UNSTATED,
    is_one_of,
    supports,
)
from secanalysis.analysis.stage_rules import FINAL, LISTED
from secanalysis.analysis.units import Units, begins
from secanalysis.domain.vocabulary import Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import as_words, looked_up

FAR = pd.Timestamp("2199-12-31")
_NEVER = np.datetime64("NaT", "us")


@dataclass(frozen=True, eq=False)
class Course:
    """The evidence of all units in its order: a value of each array per row, words as numbers.

    Attributes
    ----------
    unit, day, precision, what, rule
        As of `StageEvidence.rows`.
    before, after
        The stage that the unit was in until then by the rows before, and the one that the row leads to.
    """

    unit: np.ndarray
    day: np.ndarray
    precision: np.ndarray
    what: np.ndarray
    rule: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Course:
        """The course of rows of evidence, from `evidence_order.by_unit`."""
        unit, day, precision, what, rule, after = (
            rows[column].to_numpy() for column in ("unit", "day", "precision", "what", "rule", "after")
        )
        new_unit = begins(unit)
        # the stage after each row: its own, or the last one of its unit
        latest = np.maximum.accumulate(np.where((after >= 0) | new_unit, np.arange(len(after)), 0))
        before = np.r_[UNSTATED, after[latest][:-1]][: len(after)].astype("int8")
        before[new_unit] = UNSTATED
        return cls(unit, day, precision, what, rule, before, after)

    @cached_property
    def starts(self) -> np.ndarray:
        """Whether each row starts another stage than the one before it."""
        return (self.after >= 0) & (self.after != self.before)

    def supported_interval(self) -> np.ndarray:
        """The number of the interval that each row supports if it does: the one before it where it starts its own."""
        return np.cumsum(self.starts) - 1 - self.starts

    def supports_before(self) -> np.ndarray:
        """Whether each row supports the stage before it up to its own day."""
        in_an_export = np.isin(self.unit, self.unit[self.what == EVIDENCE[LISTED]])
        supporting = supports(self.what, self.before, in_an_export)
        supporting |= (self.before >= 0) & (self.before == self.after)
        # a stage that began by a day says nothing of how long the one before it was held
        return supporting & ~((self.precision == BY) & self.starts)


def held(course: Course, units: Units, register: ResolvedRegister) -> pd.DataFrame:
    """How long each stage was held, in numbers: the columns of `Stages.intervals` but ``counted_from``.

    Parameters
    ----------
    course
        The evidence of histories that don't contradict themselves.
    units
        Which unit each number means.
    register
        For the days planned for releases.
    """
    starts = course.starts
    unit, stage, since = course.unit[starts], course.after[starts], course.day[starts]
    has_next = np.r_[unit[1:] == unit[:-1], False][: len(unit)]
    until = np.where(has_next, np.r_[since[1:], _NEVER][: len(unit)], _NEVER)
    # a row that supports the stage before it lies within that stage's interval, or ends it; rows are in the order
    # of days, so the last one that does is the latest
    supporting = course.supports_before()
    supported = course.supported_interval()[supporting]
    believed_to = since.copy()
    believed_to[supported] = np.maximum(course.day[supporting], since[supported])
    believed_to[is_one_of(stage, FINAL, STAGES)] = FAR.to_datetime64()
    every = pd.DataFrame(
        {
            "unit": unit,
            "stage": stage,
            "since": since,
            "since_precision": course.precision[starts],
            "until": until,
            "believed_to": believed_to,
        }
    )
    somewhere = every if not (stage == NOWHERE).any() else every[stage != NOWHERE]
    return _pending_until_planned(somewhere, units, register)


def _pending_until_planned(held: pd.DataFrame, units: Units, register: ResolvedRegister) -> pd.DataFrame:
    """Pending implementation is believed until the day planned for the modification's release."""
    items = register.shown_on("release_items", register.release_item_statements, None)
    planned = items.loc[items["status"].isin(PLANNED), ["name", "release", "planned_on"]]
    day = planned["planned_on"].fillna(looked_up(planned["release"], planned_days(register)))
    latest = units.days(day.dropna().groupby(planned["name"]).max())
    pending = (held["stage"] == STAGES[Stage.PENDING_IMPLEMENTATION]).to_numpy()
    unit = held["unit"].to_numpy()[pending]
    planned_for = np.where(np.isnat(latest[unit]), latest[units.roots[unit]], latest[unit])
    believed_to = held["believed_to"].to_numpy(copy=True)
    believed_to[pending] = np.fmax(believed_to[pending], planned_for)
    return held.assign(believed_to=believed_to)


def in_words(held: pd.DataFrame, units: Units, known: pd.DataFrame) -> pd.DataFrame:
    """Intervals as `stages.Stages.intervals` has them: a parent's end at its split, a part's count from it.

    Parameters
    ----------
    held
        From `held`.
    units
        Which unit each number means.
    known
        ``unit, first_on, last_on``: from when to when each counts.
    """
    first_by_unit, last_by_unit = units.no_days(), units.no_days()
    number = units.numbers(known["unit"])
    first_by_unit[number], last_by_unit[number] = known["first_on"].to_numpy(), known["last_on"].to_numpy()
    unit = held["unit"].to_numpy()
    first_on, last_on = first_by_unit[unit], last_by_unit[unit]
    worded = held.assign(
        unit=units.texts(unit),
        stage=as_words(STAGES, held["stage"]),
        since_precision=as_words(PRECISIONS, held["since_precision"]),
        believed_to=np.minimum(held["believed_to"].to_numpy(), last_on - np.timedelta64(1, "D")),
        counted_from=np.maximum(held["since"].to_numpy(), first_on),
    )
    counted = ~np.isnat(first_on)
    return worded if counted.all() else worded[counted].reset_index(drop=True)
