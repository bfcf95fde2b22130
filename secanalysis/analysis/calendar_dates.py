"""The dates of a register's calendar: meetings, consultations and releases, each with a name that stays its own."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis import release_dates, release_members
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
        release), ``what`` (a body, a kind of consultation, a release), ``refs`` (modifications, separated by commas; of a
        release those approved for it or in force in it, then after *targeted:* those that are only that), ``stated_on`` (the day of the latest source behind it), in the order of days.
    """
    dates = pd.concat([_meetings(register), _consultations(register), _releases(register)], ignore_index=True)
    dates = dates[dates["until"].fillna(dates["on"]) > pd.Timestamp(after)]
    return dates.sort_values(["on", "kind", "uid"], kind="stable", ignore_index=True)[COLUMNS]


def _stated_on(register: ResolvedRegister, statements: pd.DataFrame) -> pd.Series:
    return looked_up(statements["source_id"], register.sources.set_index("source_id")["published_on"])


def _listed(refs: pd.Series) -> str:
    return ", ".join(sorted(set(refs.dropna())))


def _meetings(register: ResolvedRegister) -> pd.DataFrame:
    m = register.tables["meetings"].dropna(subset=["held_on", "body"])
    m = m[m["precision"] != Precision.MONTH]  # a calendar has days only
    m = m.assign(stated_on=_stated_on(register, m), ref=references.name(m["ref"]))
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
    c = register.tables["consultations"].dropna(subset=["ref"])
    c = c.assign(stated_on=_stated_on(register, c), name=references.name(c["ref"]))
    held = c.dropna(subset=["opened_on", "closed_on"], how="all")
    begins = held["opened_on"].fillna(held["closed_on"])
    opened = held.assign(on=begins, until=held["closed_on"].fillna(begins))
    opened = opened.groupby(["name", "kind", "on"], as_index=False).agg(
        until=("until", "max"), stated_on=("stated_on", "max")
    )
    week = c.dropna(subset=["expected_week"])
    week = week.groupby(["name", "kind", "expected_week"], as_index=False).agg(stated_on=("stated_on", "max"))
    pairs = week.merge(opened[["name", "kind", "on"]], on=["name", "kind"])
    later = pairs["on"] - pairs["expected_week"]
    came = pairs[(later >= -WEEK) & (later <= FOLLOWS)].drop_duplicates(["name", "kind", "expected_week"])
    came = came.drop_duplicates(["name", "kind", "on"])[["name", "kind", "expected_week", "on"]]
    # one that came keeps the name that it had while it was expected
    opened = opened.merge(came, on=["name", "kind", "on"], how="left")
    week = week.merge(came, on=["name", "kind", "expected_week"], how="left")
    week = week[week["on"].isna()].assign(
        on=lambda f: f["expected_week"], until=lambda f: f["expected_week"] + WEEK
    )
    dates = pd.concat([opened, week], ignore_index=True)
    first = dates["expected_week"].fillna(dates["on"]).dt.strftime("%Y-%m-%d")
    uid = "consultation-" + dates["name"].str.lower() + "-" + dates["kind"] + "-" + first
    expected = (dates["expected_week"].notna() & (dates["on"] == dates["expected_week"])).astype(bool)
    what = dates["kind"].where(~expected, dates["kind"] + "_expected")
    return dates.assign(uid=uid, what=what, kind="consultation", refs=dates["name"])[COLUMNS]


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
