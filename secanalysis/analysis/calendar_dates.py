"""The dates of a register's calendar: meetings, consultations and releases, each with a name that stays its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from secanalysis.analysis import consultations, release_dates, release_members
from secanalysis.analysis.consultations import stated_on
from secanalysis.domain import references
from secanalysis.domain.vocabulary import Precision
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

COLUMNS = ["uid", "on", "until", "kind", "what", "refs", "stated_on"]
WEEK = pd.Timedelta(days=4)  # Monday to Friday
FOLLOWS = pd.Timedelta(
    days=60
)  # a consultation that opens within so many days of when it was expected is that one

OPENS, CLOSES, EXPECTED = "_opens", "_closes", "_expected"
"""What follows the kind of a consultation of which one day is known, or only the week in which it was expected."""


@once
def calendar_dates(register: ResolvedRegister, after: date) -> pd.DataFrame:
    """Meetings, consultations and releases after a day.

    Parameters
    ----------
    register
        What is known.
    after
        Only dates after it, which isn't included.

    Returns
    -------
    pandas.DataFrame
        ``uid`` (stays the same when a date moves), ``on, until`` (both included), ``kind`` (meeting, consultation,
        release), ``what`` (a body, a kind of consultation with `OPENS`, `CLOSES` or `EXPECTED`, a release), ``refs``
        (modifications as they were on that day, the whole before its split, separated by commas; of a release those
        approved for it or in force in it, then after *targeted:* those that are only that), ``stated_on`` (the day of the
        latest source behind it), in the order of days.
    """
    dates = pd.concat([_meetings(register), _consultations(register), _releases(register)], ignore_index=True)
    dates = dates[dates["until"].fillna(dates["on"]) > pd.Timestamp(after)]
    return dates.sort_values(["on", "kind", "uid"], kind="stable", ignore_index=True)[COLUMNS]


def _listed(refs: pd.Series) -> str:
    return ", ".join(sorted(set(refs.dropna())))


def _meetings(register: ResolvedRegister) -> pd.DataFrame:
    m = register.tables["meetings"].dropna(subset=["held_on", "body"])
    m = m[m["precision"] != Precision.MONTH]  # a calendar has days only
    ref = register.unit_of(references.name(m["ref"]), m["held_on"])
    m = m.assign(stated_on=stated_on(register, m), ref=ref)
    dates = m.groupby(["held_on", "body"], as_index=False).agg(
        refs=("ref", _listed), stated_on=("stated_on", "max")
    )
    return pd.DataFrame(
        {
            "uid": "meeting-"
            + dates["body"].str.replace("_", "-")
            + "-"
            + dates["held_on"].dt.strftime("%Y-%m-%d"),
            "on": dates["held_on"],
            "until": dates["held_on"],
            "kind": "meeting",
            "what": dates["body"],
            "refs": dates["refs"],
            "stated_on": dates["stated_on"],
        }
    )


def _consultations(register: ResolvedRegister) -> pd.DataFrame:
    """Each consultation once, with both its days or the one that is known; those expected that didn't come."""
    held = consultations.held(register)
    opened = held.assign(
        on=held["opened_on"].fillna(held["closed_on"]),
        until=held["closed_on"].fillna(held["opened_on"]),
        side=np.select([held["opened_on"].isna(), held["closed_on"].isna()], [CLOSES, OPENS], ""),
    )
    opened = opened.groupby(["name", "kind", "on", "side"], as_index=False).agg(
        until=("until", "max"), stated_on=("stated_on", "max")
    )
    week = register.tables["consultations"].dropna(subset=["ref", "expected_week"])
    week = week.assign(stated_on=stated_on(register, week), name=references.name(week["ref"]))
    week = week.groupby(["name", "kind", "expected_week"], as_index=False).agg(stated_on=("stated_on", "max"))
    came = _came(week, opened)
    # one that came keeps the name that it had while it was expected
    opened = opened.merge(came, on=["name", "kind", "on", "side"], how="left")
    week = week.merge(
        came[["expected", "kind", "expected_week"]].assign(came=True),
        left_on=["name", "kind", "expected_week"],
        right_on=["expected", "kind", "expected_week"],
        how="left",
    )
    week = week[week["came"].isna()].assign(
        on=lambda f: f["expected_week"], until=lambda f: f["expected_week"] + WEEK, side=EXPECTED
    )
    dates = pd.concat([opened, week], ignore_index=True)
    first = dates["expected_week"].fillna(dates["on"]).dt.strftime("%Y-%m-%d")
    named = dates["expected"].fillna(dates["name"]).str.lower()
    uid = "consultation-" + named + "-" + dates["kind"] + "-" + first
    what = dates["kind"] + dates["side"]
    refs = register.unit_of(dates["name"], dates["on"])
    dates = dates.assign(uid=uid, what=what, kind="consultation", refs=refs)[COLUMNS]
    return dates.drop_duplicates(["refs", "what", "on", "until"])


def _came(week: pd.DataFrame, opened: pd.DataFrame) -> pd.DataFrame:
    """Which consultation each expected one is: ``expected, name, kind, expected_week, on, side``.

    It is the modification's own, or of the whole that was split since or of a part of it.
    """
    begun = opened[opened["side"] != CLOSES].assign(root=lambda f: references.root(f["name"]))
    expected = week.rename(columns={"name": "expected"})[["expected", "kind", "expected_week"]]
    expected = expected.assign(root=references.root(expected["expected"]))
    pairs = expected.merge(begun[["root", "name", "kind", "on", "side"]], on=["root", "kind"])
    own = pairs["expected"] == pairs["name"]
    whole = (pairs["expected"] == pairs["root"]) | (pairs["name"] == pairs["root"])
    later = pairs["on"] - pairs["expected_week"]
    pairs = pairs[(later >= -WEEK) & (later <= FOLLOWS) & (own | whole)].assign(other=~own)
    pairs = pairs.sort_values(["other", "expected_week", "on"], kind="stable")
    came = pairs.drop_duplicates(["expected", "kind", "expected_week"]).drop_duplicates(
        ["name", "kind", "on"]
    )
    return came[["expected", "name", "kind", "expected_week", "on", "side"]]


def _releases(register: ResolvedRegister) -> pd.DataFrame:
    days = release_dates.release_days(register)
    days = days.assign(on=days["in_force_on"].fillna(days["planned_on"]), what=days["release"]).dropna(
        subset=["on"]
    )
    members = release_members.members(register)
    approved, targeted = (
        looked_up(days["slug"], of.groupby("slug")["name"].agg(_listed)).fillna("")
        for of in (members[~members["is_targeted"]], members[members["is_targeted"]])
    )
    only_targeted = ("targeted: " + targeted).where(targeted != "", "")
    both = (approved != "") & (targeted != "")
    refs = approved + pd.Series("; ", days.index).where(both, "") + only_targeted
    return days.assign(uid="release-" + days["slug"], until=days["on"], kind="release", refs=refs)[COLUMNS]
