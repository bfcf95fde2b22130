"""How long modifications take: each as it stood on a day, its steps, its holds, and the figures of proposals."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from secanalysis.analysis import stages
from secanalysis.analysis.conclusions import conclusions, over, reopened_by
from secanalysis.analysis.durations.lists import count_and_mean
from secanalysis.analysis.stage_rules import IMPLEMENTED, sighting
from secanalysis.domain.figures import Measure, Row, rows_in
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import EXACT, OPEN_STAGES, Convention, Event, Precision, Stage
from secanalysis.domain.working_days import span
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once


@once
def at(register: ResolvedRegister, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Every modification of which something dated is known, as it stood on the clock's period end.

    What concluded means is in `conclusions`. Of facts dated after the period end only that one was still open then
    counts; histories that contradict themselves are left out. A part counts from the split, its parent until then.

    Returns
    -------
    pandas.DataFrame
        ``name, raised_on, converted_on, report_on, concluded_on, implemented_on, attested_on, status``
        (``concluded``; ``open``: in an open stage on the period end, as `stages.Stages.at` says, or shown open by
        an export of then or later; ``unknown``),
        ``in_window, duration_wd, observed_wd, entry_wd, rows``, as in `assessments.at` with raised for accepted and
        concluded for returned, and ``on_hold_wd``: how many of its days it was on hold, as `holds` says. What is stated
        of one after its end, such as its release, doesn't attest that it was open.
    """
    end = pd.Timestamp(clock.period_end)
    known = register.happened_by(clock.period_end)
    history = stages.stages(known)
    living = history.known[(history.known["first_on"] <= end) & (end < history.known["last_on"])]
    statements = history.statements[history.statements["unit"].isin(living["unit"])]
    statements = statements[~statements["unit"].isin(history.contradictory["unit"])]
    exact = statements[statements["precision"].isin(EXACT)]
    done = exact[(exact["what"] == IMPLEMENTED) & (exact["after"] == Stage.IMPLEMENTED)]  # no part is left
    ended = conclusions(statements)
    proposals = pd.DataFrame(
        {
            "raised_on": _first(exact[exact["what"] == Event.RAISED]),
            "converted_on": _first(exact[exact["what"] == Event.CONVERTED]),
            "report_on": _first(exact[exact["what"] == Event.ENTERED_REPORT]),
            "concluded_on": ended["concluded_on"],
            "implemented_on": done.groupby("unit")["day"].max(),
            "attested_on": statements[~over(statements)].groupby("unit")["day"].max(),
            "over": ended["over"],
        }
    )
    proposals = proposals.rename_axis("name").reset_index()
    # what had been reopened by the report's day may have been by the period end: it isn't known to be concluded
    report_date = pd.Timestamp(clock.report_date)
    reopened = reopened_by(stages.stages(register).statements, end, report_date)
    proposals["concluded_on"] = proposals["concluded_on"].mask(proposals["name"].isin(reopened))
    concluded = proposals["concluded_on"].notna()
    is_open = proposals["name"].isin(_in_an_open_stage(register, clock.period_end))
    if known.attests_stages(clock.period_end):
        # listed later, so that it was open, in whichever stage
        is_open |= ~proposals["over"].astype(bool) & ~proposals["name"].isin(_perhaps_over(register, end))
    is_open &= ~concluded
    proposals["status"] = np.select([concluded, is_open], ["concluded", "open"], "unknown")
    proposals["in_window"] = proposals["concluded_on"] >= pd.Timestamp(clock.window_start)
    last = proposals["concluded_on"].mask(is_open, end).astype("datetime64[us]")
    proposals["duration_wd"] = span(proposals["raised_on"], last, convention)
    censored = last.fillna(proposals["attested_on"])
    proposals["observed_wd"] = span(proposals["raised_on"], censored, convention)
    proposals["entry_wd"] = 0
    if not known.attests_all_by(clock.period_end):
        seen = looked_up(proposals["name"], _first_seen_open(statements)).astype("datetime64[us]")
        proposals["entry_wd"] = span(proposals["raised_on"], seen, convention).fillna(0)
    proposals["on_hold_wd"] = _on_hold(
        holds(statements), proposals["name"], proposals["raised_on"], censored, convention
    )
    kinds = [Event.RAISED, Event.VOTED, Event.DECIDED, Event.WITHDRAWN]
    shown = statements[statements["what"].isin(kinds) | (statements["day"] >= end)]
    rows: dict[str, set[Row]] = {}
    for unit, row in zip(shown["unit"].tolist(), rows_in(shown), strict=True):
        rows.setdefault(unit, set()).add(row)
    proposals["rows"] = pd.Series(
        [tuple(sorted(rows.get(name, ()))) for name in proposals["name"].tolist()], dtype="object"
    )
    return proposals


def _in_an_open_stage(register: ResolvedRegister, day: date) -> set[str]:
    now = stages.stages(register).at(day)
    return set(now.loc[now["stage"].isin(OPEN_STAGES), "unit"])


def _perhaps_over(register: ResolvedRegister, end: pd.Timestamp) -> set[str]:
    """Units of which registers' exports don't attest that they were still open on a day.

    Those are the units that the first export to list them from that day on shows to be over: when, it doesn't say;
    and those that no export lists any more.
    """
    statements = stages.stages(register).statements
    ended = statements[over(statements) & statements["source_id"].isin(register.exporting["source_id"])]
    dated = ended.loc[ended["precision"].isin(EXACT), "unit"]
    seen_over = ended[
        (ended["precision"] == Precision.BY) & (ended["day"] > end) & ~ended["unit"].isin(dated)
    ]
    first_over = seen_over.groupby("unit")["day"].min()
    listed = register.exports[register.exports["on"] >= end].groupby("name")["on"].min()
    seen_open = listed.reindex(first_over.index) < first_over
    gone = register.gone_on.index.difference(listed.index)
    return {*first_over.index[~seen_open], *gone}


def _first(statements: pd.DataFrame) -> pd.Series:
    return statements.groupby("unit")["day"].min()


def _first_seen_open(statements: pd.DataFrame) -> pd.Series:
    """When units were first seen to be open that are known because they were: ``unit`` to day.

    Those are the units whose raised day is stated by nothing but sources that saw them open.
    """
    observed = (statements["what"] == Event.OBSERVED) & statements["after"].isin(OPEN_STAGES)
    sighted = statements["what"].isin([sighting(stage) for stage in OPEN_STAGES]) & statements["rule"].isna()
    is_open = observed | sighted
    seen = statements[is_open].groupby(["unit", "source_id"], as_index=False)["day"].min()
    raised = statements.loc[statements["what"] == Event.RAISED, ["unit", "source_id"]].merge(seen, how="left")
    first = raised.groupby("unit")["day"].agg(["min", "size", "count"])
    return first.loc[first["size"] == first["count"], "min"]


def holds(statements: pd.DataFrame) -> pd.DataFrame:
    """When units were on hold.

    Parameters
    ----------
    statements
        `stages.Stages.statements`, each unit's in the order of their days.

    Returns
    -------
    pandas.DataFrame
        ``unit, held_from`` (the first day known to be on hold), ``resumed_on`` (the first day after it;
        missing where nobody says that it was resumed). Put on hold twice without being resumed between is
        one hold.
    """
    h = statements.loc[statements["what"].isin([Event.ON_HOLD, Event.RESUMED]), ["unit", "day", "what"]]
    h = h[h["what"] != h.groupby("unit")["what"].shift()]
    h = h.assign(resumed_on=h.groupby("unit")["day"].shift(-1))
    h = h[h["what"] == Event.ON_HOLD].rename(columns={"day": "held_from"})
    return h[["unit", "held_from", "resumed_on"]].reset_index(drop=True)


def held_again(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Who was put on hold again without having been resumed, as far as sources say: ``name, day``, on which again.

    It was on hold all the while, or resumed in between on a day that nobody states.
    """
    statements = stages.stages(register.happened_by(clock.period_end)).statements
    h = statements.loc[statements["what"].isin([Event.ON_HOLD, Event.RESUMED]), ["unit", "day", "what"]]
    h = h.drop_duplicates()
    again = (h["what"] == Event.ON_HOLD) & (h["what"] == h.groupby("unit")["what"].shift())
    return h.loc[again, ["unit", "day"]].rename(columns={"unit": "name"}).reset_index(drop=True)


def _on_hold(
    held: pd.DataFrame, units: pd.Series, first: pd.Series, last: pd.Series, convention: Convention
) -> pd.Series:
    """How many WD of each unit's span it was on hold; the day on which it is resumed isn't one."""
    spans = held.merge(pd.DataFrame({"unit": units, "first": first, "last": last}), on="unit")
    until = spans["resumed_on"].sub(pd.Timedelta(days=1)).fillna(spans["last"])
    begin = spans[["held_from", "first"]].max(axis=1).astype("datetime64[us]")
    end = pd.concat([until, spans["last"]], axis=1).min(axis=1).astype("datetime64[us]")
    days = span(begin, end, convention).fillna(0).groupby(spans["unit"]).sum()
    return looked_up(units, days).fillna(0).astype("int64")


def measures(at: pd.DataFrame, convention: Convention, attested: Collection[str]) -> list[Measure]:
    """``proposal.<open|concluded>.<count|mean_wd>``; null unless a source attests the list."""
    at = at.rename(columns={"name": "ref"})
    opened = at[at["status"] == "open"]
    concluded = at[(at["status"] == "concluded") & at["in_window"]]
    return [
        *count_and_mean(
            "proposal.open",
            "Proposals open (before a decision)",
            opened,
            convention,
            "proposal.open.count" in attested,
            "raised",
        ),
        *count_and_mean(
            "proposal.concluded",
            "Proposals concluded in the last 12 months",
            concluded,
            convention,
            "proposal.concluded.count" in attested,
            "raised",
        ),
    ]
