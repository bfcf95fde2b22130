"""Which made-up modification is in which release, from when to when, and when it comes into force."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import ReleaseStatus
from secanalysis.simulate.calendar import NEVER, Calendar, Days, later, where
from secanalysis.simulate.course import Course

SCHEDULED = ((2, "February"), (6, "June"), (11, "November"))


@dataclass(frozen=True, eq=False)
class Placement:
    """Releases, and the modifications in them.

    Attributes
    ----------
    name, standalone, planned, restated_on, actual
        By release: its name, whether it stands alone, the day first planned, the day on which another is
        stated (``NaT`` where the plan holds) and the day in force.
    spells
        ``who, release`` (its number), ``status`` (targeted, approved), ``since``, ``to`` (first day on which
        it is no longer so), ``removed`` (whether it then leaves the release).
    release, implemented
        By modification: the number of the release that it came into force with (-1: none), and the day.
    """

    name: np.ndarray
    standalone: np.ndarray
    planned: Days
    restated_on: Days
    actual: Days
    spells: pd.DataFrame
    release: np.ndarray
    implemented: Days

    def planned_as_stated(self, release: np.ndarray, on: Days) -> Days:
        """The day planned for each release as stated on a day."""
        return np.where(self.restated_on[release] <= on, self.actual[release], self.planned[release])


def place(rng: np.random.Generator, course: Course, calendar: Calendar) -> Placement:
    """Target, approve, move and implement."""
    n = len(course)
    name, planned, restated_on, actual = _scheduled(rng, calendar)
    scheduled = len(name)
    approved = course["approved"]
    is_approved = ~np.isnat(approved)
    alone = is_approved & (course.urgent | (rng.random(n) < 0.1))
    goal = approved + rng.integers(20, 120, n)
    first = np.searchsorted(planned, goal).clip(max=scheduled - 2)
    moved = is_approved & ~alone & (rng.random(n) < 0.1)
    share = rng.uniform(0.05, 0.9, n)
    room = (planned[first] - approved).astype("int64")
    moved_on = where(moved, approved + (room * share).astype("timedelta64[D]") + 1)
    release = first + moved

    lone_days = later(where(alone, approved), np.where(course.urgent, 1, rng.integers(3, 30, n)))
    lone, inverse = np.unique(lone_days[alone], return_inverse=True)
    release[alone] = first[alone] = scheduled + inverse
    release[~is_approved] = -1
    name = np.r_[name, np.array([f"Standalone Release {day}" for day in lone], dtype=object)]
    never = np.full(len(lone), NEVER)
    planned, restated_on, actual = np.r_[planned, lone], np.r_[restated_on, never], np.r_[actual, lone]
    implemented = where(is_approved, actual[release])

    reported = course["report"]
    target = np.searchsorted(planned[:scheduled], reported + 150).clip(max=scheduled - 1)
    targeted = ~np.isnat(reported) & ~course.urgent
    kept = is_approved & (approved == course["concluded"]) & (target == first)
    spells = pd.concat(
        [
            _spell(targeted, target, ReleaseStatus.TARGETED, reported, course["concluded"], ~kept),
            _spell(
                is_approved,
                first,
                ReleaseStatus.APPROVED,
                approved,
                np.where(moved, moved_on, actual[first]),
                moved,
            ),
            _spell(moved, release, ReleaseStatus.APPROVED, moved_on, implemented, np.zeros(n, dtype=bool)),
        ],
        ignore_index=True,
    )
    return Placement(
        name, np.arange(len(name)) >= scheduled, planned, restated_on, actual, spells, release, implemented
    )


def _scheduled(rng: np.random.Generator, calendar: Calendar) -> tuple[np.ndarray, Days, Days, Days]:
    """Three releases a year; one in four moves by up to four weeks, announced some weeks before."""
    first_year = int(calendar.first.astype("datetime64[Y]").astype(int)) + 1970
    last_year = int(calendar.last.astype("datetime64[Y]").astype(int)) + 1970
    year_months = [(year, *which) for year in range(first_year, last_year + 30) for which in SCHEDULED]
    starts = np.array([f"{year}-{month:02d}-01" for year, month, _ in year_months], dtype="datetime64[D]")
    name = np.array([f"{word} {year} SEC Release" for year, _, word in year_months], dtype=object)
    planned = np.busday_offset(starts, 0, roll="forward", weekmask="Thu")
    slips = rng.random(len(name)) < 0.25
    restated_on = where(slips, planned - rng.integers(20, 70, len(name)))
    actual = planned + np.where(slips, 7 * rng.integers(1, 5, len(name)), 0)
    return name, planned, restated_on, actual


def _spell(
    has: np.ndarray, release: np.ndarray, status: ReleaseStatus, since: Days, to: Days, removed: np.ndarray
) -> pd.DataFrame:
    who = np.flatnonzero(has)
    return pd.DataFrame(
        {
            "who": who,
            "release": release[who],
            "status": status.value,
            "since": since[who],
            "to": to[who],
            "removed": removed[who],
        }
    )
