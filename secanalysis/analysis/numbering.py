"""How many proposals had been numbered by a day: references are consecutive, so the highest one says how many.

Sources mention but some of them. How many were raised between two days follows from the highest numbers on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from secanalysis.analysis.stages import Stages
from secanalysis.domain import references
from secanalysis.domain.figures import Measure, Row, rows_in
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import Event, Precision
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

NEAR = 0.9
"""How near the least and the most that may have been raised must be for a figure."""


@dataclass(frozen=True)
class Numbered:
    """How many proposals had been numbered by a day.

    Attributes
    ----------
    reached
        The highest number known by then, 0 where none is: so many had been numbered, at least.
    at_most
        How many had been at most: the number below the next that is known to have been raised later; None where no
        such is known.
    mentioned
        How many of them a fact dated by then names.
    ref
        The modification of the highest number; blank where none is known.
    next_ref
        The one whose number bounds ``at_most``; blank where none does.
    """

    reached: int
    at_most: int | None
    mentioned: int
    ref: str
    next_ref: str = ""


def numbered(histories: Stages, day: date) -> Numbered:
    """How many proposals had been numbered by a day.

    Parameters
    ----------
    histories
        From `stages.stages`.
    day
        What is first known later doesn't count.
    """
    on, by_root = pd.Timestamp(day), _numbers(histories)
    known = by_root[by_root["first_on"] <= on]
    reached = int(known["number"].max()) if len(known) else 0
    later = by_root[(by_root["raised_on"] > on) & (by_root["number"] > reached)]
    ref = str(known["root"].iloc[known["number"].argmax()]) if len(known) else ""
    if later.empty:
        return Numbered(reached, None, len(known), ref)
    following = later.iloc[later["number"].argmin()]
    return Numbered(reached, int(following["number"]) - 1, len(known), ref, str(following["root"]))


@once
def _numbers(histories: Stages) -> pd.DataFrame:
    """The number of each modification, the day from which it is known, and the one on which it was raised."""
    known, statements = histories.known, histories.statements
    first = known["first_on"].groupby(references.root(known["unit"])).min()
    raised = statements[(statements["what"] == Event.RAISED) & (statements["precision"] == Precision.DAY)]
    raised_on = raised["day"].groupby(references.root(raised["unit"])).min()
    by_root = first.rename_axis("root").reset_index()
    return by_root.assign(
        number=by_root["root"].str.extract(r"(\d+)", expand=False).astype("int64"),
        raised_on=looked_up(by_root["root"], raised_on).astype("datetime64[us]"),
    )


def raised_between(histories: Stages, first: date, last: date) -> tuple[int, int | None]:
    """How many proposals were raised at least and at most from one day to another, both included, by their numbers.

    Parameters
    ----------
    histories
        From `stages.stages`.
    first, last
        The days. At most None says that it isn't known.
    """
    start, end = numbered(histories, first - timedelta(days=1)), numbered(histories, last)
    least = end.reached - (end.reached if start.at_most is None else start.at_most)
    most = None if end.at_most is None or not start.reached else end.at_most - start.reached
    return max(least, 0), most


def measures(register: ResolvedRegister, histories: Stages, clock: Clock) -> list[Measure]:
    """``proposal.numbered.count`` by the report's date, ``proposal.raised.count`` in the window, by their numbers.

    The second is what is known to have been raised at least; it isn't known where that may be too low by a tenth.
    """
    now = numbered(histories, clock.report_date)
    end = numbered(histories, clock.period_end)
    start = numbered(histories, clock.window_start - timedelta(days=1))
    least, most = raised_between(histories, clock.window_start, clock.period_end)
    # a register states the days on which its proposals were raised, and needn't number them in that order
    stated = len(register.exporting) > 0
    known = most is not None and least >= NEAR * most and not stated
    span = f"{least}" if least == most else f"{least} to {most}"
    # the least rests on the highest number and on the first that is known to be of later, the most on the others
    bounds = [of_day for day in (start, end) for of_day in (day.ref, day.next_ref) if of_day]
    return [
        Measure(
            key="proposal.numbered.count",
            label="Proposals numbered so far (the highest number known)",
            value=float(now.reached) if now.reached else None,
            n=now.reached or None,
            coverage=f"facts dated by then name {now.mentioned} of {now.reached}" if now.reached else "",
            reason="" if now.reached else "no proposal is known",
            rows=_naming(register, now.ref),
        ),
        Measure(
            key="proposal.raised.count",
            label="Proposals raised in the last 12 months, by their numbers"
            + ("" if least == most else " (at least)"),
            value=float(least) if known else None,
            n=None if stated else least,
            coverage=f"{span}, by the numbers known to have been raised before, in and after them"
            if known
            else "",
            reason="" if known else "too few of the days on which proposals were raised are known",
            rows=tuple(sorted({row for ref in bounds for row in _naming(register, ref)})),
        ),
    ]


def _naming(register: ResolvedRegister, ref: str) -> tuple[Row, ...]:
    """The rows that say when a modification was raised, else what it is called."""
    events = register.event_statements
    raised = events[(events["root"] == ref) & (events["event"] == Event.RAISED)]
    titles = register.tables["modifications"]
    named = titles[references.root(titles["ref"]) == ref] if raised.empty else raised
    table = "modifications" if raised.empty else "events"
    return tuple(sorted(rows_in(named, table)))
