"""What changed since the report before: events, stages, assessments, consultations, splits, and what came into force."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis import activity, consultations, stage_changes, stages
from secanalysis.analysis.in_part import IN_PART, items_in_part
from secanalysis.analysis.key_dates import CONSULTATIONS
from secanalysis.domain import references
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import AssessmentKind, Event, LineageKind, Precision
from secanalysis.register.resolution.ranking import effective_day
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

COLUMNS = ["day", "precision", "ref", "title", "what"]
ASSESSMENTS = {
    AssessmentKind.PA.value: "Preliminary Assessment",
    AssessmentKind.IA.value: "Impact Assessment",
}
STEPS = frozenset(
    event.replace("_", " ")
    for event in (Event.CONVERTED, Event.ENTERED_REFINEMENT, Event.ENTERED_REPORT, Event.VOTED, Event.DECIDED)
)
"""Events that end the stage before them."""


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
    stepped = [_events(register), _in_force(register), _assessed(register, "returned")]
    happened = _in_window(register, clock, stepped)
    asked = [_assessed(register, "requested"), _assessed(register, "accepted"), _consulted(register)]
    others = _in_window(register, clock, [*asked, _split(register)])
    moves = _after_others(_moves(register, clock), happened)
    alone = ~(moves["ref"] + moves["day"].astype("str")).isin(happened["ref"] + happened["day"].astype("str"))
    listed = pd.concat([happened, others, moves[alone]], ignore_index=True)
    listed = listed.assign(title=register.title_of(listed["ref"])).drop_duplicates()
    return listed.sort_values(["day", "ref", "what"], ignore_index=True)[COLUMNS]


def _in_window(register: ResolvedRegister, clock: Clock, kinds: list[pd.DataFrame]) -> pd.DataFrame:
    """Changes in the days that the month's lists cover, each under whose it was on its day."""
    every = pd.concat(kinds, ignore_index=True)
    every = every[activity.in_window(every["day"], clock)]
    return every.assign(ref=register.unit_of(every["ref"], every["day"]))


def _after_others(moves: pd.DataFrame, happened: pd.DataFrame) -> pd.DataFrame:
    """Moves; one that an earlier step is listed of doesn't name the stage that this step ended already."""
    step = happened["what"].str.split(":").str[0].isin(STEPS)
    first = happened[step].groupby("ref")["day"].min()
    later = (looked_up(moves["ref"], first) < moves["day"]).fillna(False).astype("bool")
    return moves.assign(
        what=moves["what"].mask(later, moves["what"].str.replace(r"from .* to ", "to ", regex=True))
    )


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
    done = done[~_said_with_its_day(done)]
    part = (", " + done["part"]).fillna("")
    words = pd.Series("in force", done.index).mask(done["item"].isin(items_in_part(register)), IN_PART)
    what = words + (" in " + done["release"]).fillna("") + part
    return _rows(done["day"], done["precision"], done["name"], what)


def _said_with_its_day(done: pd.DataFrame) -> pd.Series:
    """What is stated to its month, of no release, where a day of that month is known."""
    month = done["day"].dt.to_period("M")
    dated = (done["precision"] == Precision.DAY).groupby([done["name"], month]).transform("any")
    return dated & (done["precision"] == Precision.MONTH) & done["release"].isna() & done["part"].isna()


def _assessed(register: ResolvedRegister, what: str) -> pd.DataFrame:
    """Assessments requested, accepted or returned."""
    on = f"{what}_on"
    rows = register.assessments.dropna(subset=[on])
    return _rows(rows[on], _exact(rows), rows["ref"], rows["kind"].map(ASSESSMENTS) + f" {what}")


def _consulted(register: ResolvedRegister) -> pd.DataFrame:
    """Consultations opened and closed."""
    every = consultations.held(register)
    return pd.concat(
        _rows(rows[on], _exact(rows), rows["name"], rows["kind"].map(CONSULTATIONS) + f" {what}")
        for on, what in (("opened_on", "opened"), ("closed_on", "closed"))
        for rows in [every.dropna(subset=[on])]
    )


def _split(register: ResolvedRegister) -> pd.DataFrame:
    """Parts that modifications were split into."""
    lineage = register.tables["lineage"]
    split = lineage[(lineage["kind"] == LineageKind.SPLIT) & (lineage["precision"] != Precision.NOT_BEFORE)]
    split = split.dropna(subset=["on"])
    day = effective_day(split["on"], split["precision"])
    whole = references.name(split["earlier_ref"])
    return _rows(day, split["precision"], references.name(split["ref"]), "split from " + whole)


def _exact(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(Precision.DAY.value, index=rows.index, dtype="str")


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
