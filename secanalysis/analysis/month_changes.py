"""What changed since the report before: events, stages, assessments returned, and what came into force."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis import activity, stage_changes, stages
from secanalysis.analysis.in_part import IN_PART, items_in_part
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import AssessmentKind, Event, Precision
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once

COLUMNS = ["day", "precision", "ref", "title", "what"]
ASSESSMENTS = {
    AssessmentKind.PA.value: "Preliminary Assessment",
    AssessmentKind.IA.value: "Impact Assessment",
}


@once
def changes(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """What changed in the days that the month's lists cover, each under whose it was on its day.

    Parameters
    ----------
    register
        What is known.
    clock
        The month's clock.

    Returns
    -------
    pandas.DataFrame
        ``day, precision, ref, title, what``, in the order of days. A change of stage has a row of its own
        where nothing else is known of that modification on the day it began.
    """
    happened = pd.concat([_events(register), _in_force(register), _returned(register)], ignore_index=True)
    happened = happened[activity.in_window(happened["day"], clock)]
    happened = happened.assign(ref=register.unit_of(happened["ref"], happened["day"]))
    moves = _moves(register, clock)
    alone = ~(moves["ref"] + moves["day"].astype("str")).isin(happened["ref"] + happened["day"].astype("str"))
    listed = pd.concat([happened, moves[alone]], ignore_index=True)
    listed = listed.assign(title=register.title_of(listed["ref"])).drop_duplicates()
    return listed.sort_values(["day", "ref", "what"], ignore_index=True)[COLUMNS]


def _events(register: ResolvedRegister) -> pd.DataFrame:
    events = register.events
    events = events[(events["event"] != Event.OBSERVED) & (events["precision"] != Precision.NOT_BEFORE)]
    events = events.drop(index=_seen_again(events))
    outcome = (": " + events["outcome"].str.replace("_", " ")).fillna("")
    what = events["event"].str.replace("_", " ") + outcome
    return _rows(events["day"], events["precision"], events["name"], what)


def _seen_again(events: pd.DataFrame) -> pd.Index:
    """Holds that a later source only sees again: the modification was on hold already, and not resumed since."""
    holds = events[events["event"].isin([Event.ON_HOLD, Event.RESUMED])]
    holds = holds.sort_values(["name", "day"], kind="stable")
    before = holds["event"].groupby(holds["name"]).shift()
    again = (holds["event"] == Event.ON_HOLD) & (before == Event.ON_HOLD)
    return holds.index[again & (holds["precision"] == Precision.BY)]


def _in_force(register: ResolvedRegister) -> pd.DataFrame:
    done = register.implementations
    done = done[done["precision"] != Precision.NOT_BEFORE]
    part = (", " + done["part"]).fillna("")
    words = pd.Series("in force", done.index).mask(done["item"].isin(items_in_part(register)), IN_PART)
    what = words + (" in " + done["release"]).fillna("") + part
    return _rows(done["day"], done["precision"], done["name"], what)


def _returned(register: ResolvedRegister) -> pd.DataFrame:
    returned = register.assessments.dropna(subset=["returned_on"])
    precision = pd.Series(Precision.DAY.value, index=returned.index, dtype="str")
    what = returned["kind"].map(ASSESSMENTS) + " returned"
    return _rows(returned["returned_on"], precision, returned["ref"], what)


def _moves(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Stage changes that began in the days that the lists cover."""
    moved = stage_changes.moved(stages.stages(register), clock.previous_report_date, clock.report_date)
    moved = moved[activity.in_window(moved["since"], clock)]
    words = moved[["before", "now"]].apply(lambda names: names.str.replace("_", " "))
    what = "moved from " + words["before"] + " to " + words["now"]
    return _rows(moved["since"], moved["since_precision"], moved["unit"], what)


def _rows(day: pd.Series, precision: pd.Series, ref: pd.Series, what: pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({"day": day, "precision": precision, "ref": ref, "what": what})
    return frame.astype({"day": "datetime64[us]", "precision": "str", "ref": "str", "what": "str"})
