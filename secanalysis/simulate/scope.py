"""What a made-up register tells of releases: their days and their scope."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.simulate.calendar import NEVER, month_ends_within, where
from secanalysis.simulate.course import Course
from secanalysis.simulate.exports import Exports
from secanalysis.simulate.placement import Placement
from secanalysis.vocabulary import Precision, ReleaseKind, ReleaseStatus

LISTED_AHEAD = np.timedelta64(540, "D")  # how long before its day a release is first told of


def releases(placement: Placement, exports: Exports) -> pd.DataFrame:
    """Each release's day: first told, told anew where it moves, and in force."""
    p, ends = placement, exports.month_ends
    number = np.arange(len(p.name))
    never = np.full(len(number), NEVER)
    begun = never.copy()
    earliest = p.spells.groupby("release")["since"].min()
    begun[earliest.index.to_numpy()] = earliest.to_numpy().astype("datetime64[D]")
    ahead = np.where(p.standalone, begun, p.planned - LISTED_AHEAD)
    first = ends[np.searchsorted(ends, ahead).clip(max=len(ends) - 1)]
    first = where((ahead <= exports.last) & (first < p.actual) & ~(first >= p.told), first)
    parts = [
        (first, number, p.planned, never),
        (p.told, number, p.actual, never),
        (p.actual, number, p.actual, p.actual),
    ]
    stated, which, planned, in_force = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = exports.happened(stated)
    stated, which = stated[kept], which[kept]
    kind = np.where(p.standalone[which], ReleaseKind.STANDALONE, ReleaseKind.SCHEDULED)
    columns = {
        "release": p.name[which],
        "kind": kind.astype(object),
        "stated_on": stated,
        "planned_on": planned[kept],
        "in_force_on": in_force[kept],
    }
    return exports.rows("releases", stated, [stated, which], columns)


def release_items(course: Course, placement: Placement, exports: Exports) -> pd.DataFrame:
    """Each release's scope at the ends of months until it comes into force, and what came into force.

    Without monthly exports only its last scope before that. A list is the whole scope on its day, so all
    of a release's items are told together.
    """
    p, ends = placement, exports.month_ends
    release, who = p.spells["release"].to_numpy(), p.spells["who"].to_numpy()
    since, to = (p.spells[column].to_numpy().astype("datetime64[D]") for column in ("since", "to"))
    in_force = p.actual[release]
    held, held_on = month_ends_within(ends, since, np.fmin(to, in_force))
    after, after_on = month_ends_within(ends, to, np.where(p.spells["removed"], in_force, to))
    left, first = np.unique(after, return_index=True)
    at, on = np.r_[held, left], np.r_[held_on, after_on[first]]
    status = p.spells["status"].to_numpy(dtype=object)[held]
    status = np.r_[status, np.full(len(left), ReleaseStatus.REMOVED.value, dtype=object)]
    if not exports.monthly:
        final = ends[np.searchsorted(ends, in_force[at]) - 1]
        kept = np.flatnonzero(on == final)
        at, on, status = at[kept], on[kept], status[kept]
    done = exports.happened(p.implemented)
    which, everyone = np.r_[release[at], p.release[done]], np.r_[who[at], done]
    on = np.r_[on, p.implemented[done]]
    columns = {
        "release": p.name[which],
        "ref": course.name[everyone],
        "part": None,
        "status": np.r_[status, np.full(len(done), ReleaseStatus.IMPLEMENTED.value, dtype=object)],
        "on": on,
        "precision": Precision.DAY.value,
        "planned_on": p.planned_as_told(which, on),
    }
    return exports.rows("release_items", on, [on, which, everyone], columns)
