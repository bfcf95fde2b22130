"""What happens to each made-up modification, as whole columns of days, without an end of observation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.vocabulary import DEVELOPMENT_SINCE, AssessmentKind, ModificationPath, Outcome, Stage
from secanalysis.simulate.calendar import (
    DAY,
    NEVER,
    Calendar,
    Days,
    first_of,
    following,
    last_of,
    later,
    where,
)

FIRST_NUMBER = references.LAST_SECMP + 1

MEDIAN_WD = {AssessmentKind.PA: 25, AssessmentKind.IA: 59}
"""The true median of each kind of assessment, accepted to returned, both ends counted."""

ASSESSED = ((AssessmentKind.PA, 0.75, 0.5), (AssessmentKind.IA, 0.55, 0.55), (AssessmentKind.IA, 0.08, 0.55))
"""Kind, the share of those before that get one, and the spread of its logarithm; a few get a second IA."""


@dataclass(frozen=True, eq=False)
class Course:
    """Every day of every modification; ``NaT`` where it doesn't happen.

    Attributes
    ----------
    days
        By step: ``raised, converted, on_hold, resumed, report, put_off`` (a vote that decides nothing),
        ``vote, sent`` (to the Authority), ``sent_back, vote_again, sent_again, decided, referred,
        concluded, approved, rejected, rejected_again, withdrawn``.
    path
        Who has the last word.
    urgent, refined, old, recommended
        Whether it is urgent; goes through refinement; was raised before the Development Stage existed;
        whether the Change Board recommends approval.
    put_off
        The outcome of the vote that decides nothing.
    assessments
        ``who, kind, requested, accepted, returned``.
    name, proposal
        The reference as a modification and as the proposal that it was first.
    """

    days: Mapping[str, Days]
    path: np.ndarray
    urgent: np.ndarray
    refined: np.ndarray
    old: np.ndarray
    recommended: np.ndarray
    put_off: np.ndarray
    assessments: pd.DataFrame
    name: np.ndarray
    proposal: np.ndarray

    def __getitem__(self, step: str) -> Days:
        return self.days[step]

    def __len__(self) -> int:
        return len(self.name)

    @property
    def entry(self) -> Days:
        """The day on which refinement begins."""
        return where(self.refined, np.where(self.old, self["raised"], self["converted"]))


def draw(rng: np.random.Generator, n: int, calendar: Calendar) -> Course:
    """Draw whole lives: raised, converted, refined, voted on, decided, withdrawn."""
    weekdays = np.arange(calendar.first, calendar.last + DAY)
    raised = np.sort(rng.choice(weekdays[np.is_busday(weekdays)], n))
    path = rng.choice(np.array([*ModificationPath], dtype=object), n, p=[0.56, 0.37, 0.07])
    fast, authority = path == ModificationPath.FAST_TRACK, path == ModificationPath.AUTHORITY
    urgent = (rng.random(n) < 0.1) & authority
    old = raised < np.datetime64(DEVELOPMENT_SINCE)
    straight = ((rng.random(n) < 0.1) | fast) & ~urgent
    refined = ~straight & ~urgent

    d: dict[str, Days] = {"raised": raised}
    d["converted"] = where(~old & ~urgent, following(calendar.panel, later(raised, _skewed(rng, 35, 0.7, n))))
    entry = where(refined, np.where(old, raised, d["converted"]))
    assessed = _assessments(rng, calendar, entry)
    d["on_hold"] = where(rng.random(n) < 0.1, later(entry, rng.integers(5, 60, n)))
    d["resumed"] = later(d["on_hold"], rng.integers(20, 150, n))
    returned = last_of(*(one["returned"] for one in assessed))
    ready = last_of(later(entry, _skewed(rng, 80, 0.6, n)), later(returned, 10), later(d["resumed"], 10))
    d["report"] = np.where(refined, following(calendar.panel, ready), d["converted"])
    d["report"] = np.where(straight & old, following(calendar.panel, later(raised, 10)), d["report"])
    d["report"] = np.where(urgent, later(raised, rng.integers(1, 4, n)), d["report"])

    put_off = rng.choice(
        np.array(["", Outcome.DEFERRED, Outcome.SENT_BACK], dtype=object), n, p=[0.84, 0.1, 0.06]
    )
    put_off[urgent | fast] = ""
    approved = rng.random(n) < 0.88
    by_panel = later(d["report"], 2)
    first = np.where(urgent | fast, by_panel, following(calendar.board, later(d["report"], 20)))
    again = following(calendar.board, later(first, np.where(put_off == Outcome.SENT_BACK, 60, 10)))
    d["put_off"] = where(put_off != "", first)
    d["vote"] = np.where(put_off != "", again, first)
    d |= _decisions(rng, d["vote"], approved, authority, urgent, calendar)
    d["withdrawn"] = _withdrawn(rng, d, assessed)
    gone = d["withdrawn"]
    for step in d:
        if step not in ("raised", "withdrawn"):
            d[step] = where(np.isnat(gone) | (d[step] < gone), d[step])
    d["concluded"] = first_of(d["concluded"], gone)

    name = references.written(pd.Series(np.arange(FIRST_NUMBER, FIRST_NUMBER + n))).to_numpy(dtype=object)
    proposal = pd.Series(name).str.replace("MP", "DP").to_numpy(dtype=object)
    return Course(
        days=d,
        path=path,
        urgent=urgent,
        refined=refined,
        old=old,
        recommended=approved ^ (rng.random(n) < 0.05),
        put_off=put_off,
        assessments=pd.concat([_requested(one, gone) for one in assessed], ignore_index=True),
        name=name,
        proposal=np.where(old, name, proposal),
    )


def _skewed(rng: np.random.Generator, median: float, spread: float, n: int) -> np.ndarray:
    """Whole working days from 1, log-normal; their true median is the median rounded up."""
    return np.ceil(median * np.exp(spread * rng.standard_normal(n))).clip(1, 1500).astype("int64")


def _assessments(rng: np.random.Generator, calendar: Calendar, entry: Days) -> list[dict[str, Any]]:
    n, assessments, before = len(entry), [], entry
    for kind, share, spread in ASSESSED:
        has = (rng.random(n) < share) & ~np.isnat(before)
        requested = later(where(has, before), rng.integers(5, 30, n))
        if kind is AssessmentKind.IA:  # the Change Board lets it go ahead
            requested = following(calendar.board, requested)
        accepted = later(requested, rng.integers(2, 13, n))
        returned = later(accepted, _skewed(rng, MEDIAN_WD[kind] - 0.5, spread, n) - 1)
        assessments.append({"kind": kind, "requested": requested, "accepted": accepted, "returned": returned})
        before = np.where(has, returned, entry) if kind is AssessmentKind.PA else returned
    return assessments


def _decisions(
    rng: np.random.Generator,
    vote: Days,
    approved: np.ndarray,
    authority: np.ndarray,
    urgent: np.ndarray,
    calendar: Calendar,
) -> dict[str, Days]:
    """From the vote that counts to the last word: the Authority's, or the Board's and a referral of it."""
    n = len(vote)
    d = {"sent": where(authority, later(vote, np.where(urgent, 1, rng.integers(1, 6, n))))}
    answer = later(d["sent"], np.where(urgent, rng.integers(2, 6, n), _skewed(rng, 25, 0.6, n)))
    returned = authority & ~urgent & (rng.random(n) < 0.06)
    d["sent_back"] = where(returned, answer)
    d["vote_again"] = following(calendar.board, later(d["sent_back"], 40))
    d["sent_again"] = later(d["vote_again"], 3)
    d["decided"] = np.where(returned, later(d["sent_again"], _skewed(rng, 25, 0.6, n)), answer)
    d["concluded"] = np.where(authority, d["decided"], vote)
    referred, upheld = ~authority & ~approved & (rng.random(n) < 0.15), rng.random(n) < 0.5
    d["referred"] = where(referred, later(vote, rng.integers(5, 11, n)))
    d["decided"] = np.where(referred, later(d["referred"], _skewed(rng, 40, 0.4, n)), d["decided"])
    d["approved"] = np.where(approved, d["concluded"], where(referred & ~upheld, d["decided"]))
    d["rejected"] = where(~approved, d["concluded"])
    d["rejected_again"] = where(referred & upheld, d["decided"])
    return d


def _withdrawn(rng: np.random.Generator, d: Mapping[str, Days], assessed: list[dict[str, Any]]) -> Days:
    """Some are withdrawn, never while the DCC is assessing them: that would censor by duration."""
    n = len(d["raised"])
    length = (d["concluded"] - d["raised"]).astype("int64")
    day = later(d["raised"] + (length * rng.uniform(0.1, 1, n)).astype("timedelta64[D]"), 1)
    for one in assessed:
        day = np.where((one["requested"] <= day) & (day <= one["returned"]), later(one["returned"], 3), day)
    return where((rng.random(n) < 0.11) & (day < d["concluded"]), day)


def _requested(one: dict[str, Any], gone: Days) -> pd.DataFrame:
    """One kind's assessments, without those that a withdrawal forestalled."""
    who = np.flatnonzero(~np.isnat(one["requested"]) & ~(one["requested"] >= gone))
    days = {step: one[step][who] for step in ("requested", "accepted", "returned")}
    return pd.DataFrame({"who": who, "kind": one["kind"].value, **days})


def stage_intervals(course: Course, implemented: Days) -> pd.DataFrame:
    """Each modification's stages in their order: ``who, stage, since, until`` (missing in the last)."""
    authority = course.path == ModificationPath.AUTHORITY
    steps: list[tuple[Days, Stage]] = [
        (where(~course.old, course["raised"]), Stage.DEVELOPMENT),
        (where(course.old, course["raised"]), Stage.REFINEMENT),
        (course["converted"], Stage.REFINEMENT),
        (course["report"], Stage.REPORT),
        (where(authority, course["vote"]), Stage.DECISION),
        (course["sent_back"], Stage.REPORT),
        (course["vote_again"], Stage.DECISION),
        (course["rejected"], Stage.REJECTED),
        (course["referred"], Stage.DECISION),
        (course["approved"], Stage.PENDING_IMPLEMENTATION),
        (course["rejected_again"], Stage.REJECTED),
        (implemented, Stage.IMPLEMENTED),
        (course["withdrawn"], Stage.WITHDRAWN),
    ]
    codes = {stage: code for code, stage in enumerate(Stage)}
    who = [np.flatnonzero(~np.isnat(days)) for days, _ in steps]
    code = np.concatenate(
        [np.full(len(some), codes[stage]) for some, (_, stage) in zip(who, steps, strict=True)]
    )
    day = np.concatenate([days[some] for some, (days, _) in zip(who, steps, strict=True)])
    units = np.concatenate(who)
    order = np.lexsort((day, units))  # stable: on one day, in the order of the steps
    units, day, code = units[order], day[order], code[order]
    follows = np.r_[units[1:] == units[:-1], False]
    lasting = ~(follows & (day == np.r_[day[1:], NEVER]))
    units, day, code = units[lasting], day[lasting], code[lasting]
    follows = np.r_[units[1:] == units[:-1], False]
    until = where(follows, np.r_[day[1:], NEVER])
    stages = np.array([stage.value for stage in Stage], dtype=object)
    return pd.DataFrame({"who": units, "stage": stages[code], "since": day, "until": until})
