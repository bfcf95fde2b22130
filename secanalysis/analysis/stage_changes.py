"""What changed between two days: who is in another stage, and whether the open ones add up."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis import activity, stages
from secanalysis.analysis.stage_rules import CLOSED
from secanalysis.domain import references
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import EXACT, OPEN_STAGES, Stage
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once

IDENTITY = ("then", "raised", "reopened", "split", "concluded", "now")
"""The counts of `flow_identity`."""


def moved(histories: stages.Stages, then: date, now: date) -> pd.DataFrame:
    """Who is in another stage than on an earlier day, where both stages are known.

    Returns
    -------
    pandas.DataFrame
        ``unit, before, now, since, since_precision``.
    """
    earlier, later = histories.at(then), histories.at(now)
    both = later.merge(earlier[["unit", "stage"]], on="unit", suffixes=("", "_before"))
    known = both["stage"].notna() & both["stage_before"].notna()
    moves = both[known & (both["stage"] != both["stage_before"])]
    moves = moves.rename(columns={"stage_before": "before", "stage": "now"})
    return moves[["unit", "before", "now", "since", "since_precision"]].reset_index(drop=True)


def flow_identity(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Open now = open then + raised + reopened + added by splits − concluded, where all stages are known.

    Parameters
    ----------
    register
        What is known.
    clock
        A month's. Then is the day of the report before, now the report's own.

    Returns
    -------
    pandas.DataFrame
        One row: ``then, raised, reopened, split, concluded, expected, now, holds, reason``. Raised, reopened
        and concluded are all that are known to have been so in between; what was concluded and taken up
        again in between is neither. ``expected`` and ``holds`` are missing where the stage of any
        modification is unknown on either day; the reason says of how many.
    """
    sets, unknown_count = _open_and_moved(register, clock)
    then, raised, reopened, split, concluded, now = (len(sets[name]) for name in IDENTITY)
    expected = then + raised + reopened + split - concluded
    row = {
        "then": then,
        "raised": raised,
        "reopened": reopened,
        "split": split,
        "concluded": concluded,
        "expected": None if unknown_count else expected,
        "now": now,
        "holds": None if unknown_count else expected == now,
        "reason": _unknown_on_either(unknown_count, clock) if unknown_count else "",
    }
    return pd.DataFrame({name: [value] for name, value in row.items()}).astype({"expected": "Int64"})


def identity_cases(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """The modifications that `flow_identity` counts: ``ref``, and a column for each count, whether it is in it."""
    sets, _ = _open_and_moved(register, clock)
    refs = pd.Series(sorted(set().union(*sets.values())), dtype="str")
    return pd.DataFrame({"ref": refs, **{name: refs.isin(names) for name, names in sets.items()}})


@once
def _open_and_moved(register: ResolvedRegister, clock: Clock) -> tuple[dict[str, set[str]], int]:
    """Who is in each count of the identity, and of how many modifications the stage is unknown on either day.

    A split adds all its parts but one, which takes the place of the whole.
    """
    histories = stages.stages(register)
    then, now = histories.at(clock.previous_report_date), histories.at(clock.report_date)
    open_then, open_now = (_in(day, OPEN_STAGES) for day in (then, now))
    raised = set(activity.lists(register, clock)["raised.count"].items["name"])
    reopened = _in(then, CLOSED) & open_now
    concluded = (_concluded(histories, clock, raised) | (open_then & _in(now, CLOSED))) - open_now
    new_parts = set(register.parts["name"]) & (set(now["unit"]) - set(then["unit"]))
    counted_parts = pd.Series(sorted(new_parts & (open_now | concluded)), dtype="str")
    split = counted_parts[references.root(counted_parts).duplicated()]
    unknown = pd.concat([day.loc[day["stage"].isna(), "unit"] for day in (then, now)])
    sets = dict(zip(IDENTITY, (open_then, raised, reopened, {*split}, concluded, open_now), strict=True))
    return sets, references.root(unknown).nunique()


def _in(day: pd.DataFrame, names: tuple[str, ...]) -> set[str]:
    return set(day.loc[day["stage"].isin([*names]), "unit"])


def _concluded(histories: stages.Stages, clock: Clock, raised: set[str]) -> set[str]:
    """Who is known to have left the open stages after the report before and by the report's day.

    What came into force had left them before, and nobody says when, unless it was raised in between as well.
    """
    then, now = (pd.Timestamp(day) for day in (clock.previous_report_date, clock.report_date))
    by_now = histories.intervals[histories.intervals["since"] <= now]
    closed = by_now["stage"].isin([*CLOSED])
    still_closed = closed.groupby(by_now["unit"]).transform("last")
    was_closed = closed.groupby(by_now["unit"]).shift(fill_value=False)
    last = by_now[closed & ~was_closed].drop_duplicates("unit", keep="last")
    dated = last["since_precision"].isin(EXACT)
    first = last[still_closed.reindex(last.index) & dated & (last["since"] > then)]
    known = first.merge(histories.known, on="unit")
    known = known[(known["stage"] != Stage.IMPLEMENTED) | known["unit"].isin(raised)]
    counted = (known["first_on"] <= known["since"]) & (known["since"] < known["last_on"])
    return set(known.loc[counted, "unit"])


def _unknown_on_either(count: int, clock: Clock) -> str:
    days = " or ".join(day_in_words(day) for day in (clock.previous_report_date, clock.report_date))
    return f"the stage of {count} modification{'' if count == 1 else 's'} is unknown on {days}"
