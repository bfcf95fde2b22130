"""What a made-up register states of releases: their days and their scope."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import Precision, ReleaseKind, ReleaseStatus
from secanalysis.simulate.calendar import NEVER, where
from secanalysis.simulate.course import Course
from secanalysis.simulate.exports import Exports
from secanalysis.simulate.placement import Placement

LISTED_AHEAD = np.timedelta64(540, "D")  # how long before its day a release is first stated


def releases(placement: Placement, exports: Exports) -> pd.DataFrame:
    """Each release's day: first stated, stated anew where it moves, and in force."""
    p, ends = placement, exports.month_ends
    number = np.arange(len(p.name))
    never = np.full(len(number), NEVER)
    begun = never.copy()
    earliest = p.spells.groupby("release")["since"].min()
    begun[earliest.index.to_numpy()] = earliest.to_numpy().astype("datetime64[D]")
    ahead = np.where(p.standalone, begun, p.planned - LISTED_AHEAD)
    first = ends[np.searchsorted(ends, ahead).clip(max=len(ends) - 1)]
    first = where((ahead <= exports.last) & (first < p.actual) & ~(first >= p.restated_on), first)
    parts = [
        (first, number, p.planned, never),
        (p.restated_on, number, p.actual, never),
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
    """When each modification came into a release, got another day with it, left it, and came into force."""
    p = placement
    release, who = p.spells["release"].to_numpy(), p.spells["who"].to_numpy()
    status = p.spells["status"].to_numpy(dtype=object)
    since, to = (p.spells[column].to_numpy().astype("datetime64[D]") for column in ("since", "to"))
    to = np.fmin(to, p.actual[release])
    restated_on = p.restated_on[release]
    removed = np.full(len(who), ReleaseStatus.REMOVED.value, dtype=object)
    implemented = np.full(len(course), ReleaseStatus.IMPLEMENTED.value, dtype=object)
    parts = [
        (since, release, who, status),
        (where((since < restated_on) & (restated_on < to), restated_on), release, who, status),
        (where(p.spells["removed"].to_numpy(), to), release, who, removed),
        (p.implemented, p.release, np.arange(len(course)), implemented),
    ]
    on, which, whose, word = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = exports.happened(on)
    on, which, whose = on[kept], which[kept], whose[kept]
    columns = {
        "release": p.name[which],
        "ref": course.name[whose],
        "part": None,
        "status": word[kept],
        "on": on,
        "precision": Precision.DAY.value,
        "planned_on": p.planned_as_stated(which, on),
    }
    return exports.rows("release_items", on, [on, which, whose], columns)
