"""Stock and flow: how many proposals were raised and concluded month by month, and how many were open at each month's end.

Where the days on which proposals were raised aren't known, their numbers say how many there were: references are
consecutive.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from secanalysis.analysis import numbering, stages
from secanalysis.analysis.durations import proposals
from secanalysis.analysis.list_coverage import ATTESTED, NOT_ATTESTED
from secanalysis.domain.figures import Measure, rows_of
from secanalysis.domain.kept import DATED
from secanalysis.domain.months import Clock, calendar_months
from secanalysis.domain.vocabulary import OPEN_STAGES, Convention, Event, Precision, Stage
from secanalysis.register.resolved import ResolvedRegister

EXACT = (Precision.DAY, Precision.MONTH)


def measures(
    register: ResolvedRegister, clock: Clock, convention: Convention, attested: Collection[str]
) -> list[Measure]:
    """``flow.<raised|concluded>.count`` of the calendar month that ends on the period's end.

    Parameters
    ----------
    register, clock, convention
        What is known, the month's clock, how working days are counted.
    attested
        The keys of lists that a source attests.
    """
    [(first, last)] = calendar_months(clock.period_end, 1)
    at = proposals.at(register, clock, convention)
    concluded = at[(at["concluded_on"] >= pd.Timestamp(first)) & (at["status"] == "concluded")]
    whole = "proposal.concluded.count" in attested
    return [
        _raised(register, first, last),
        Measure(
            key="flow.concluded.count",
            label=f"Proposals concluded in {last:%B %Y}",
            value=float(len(concluded)) if whole else None,
            n=len(concluded),
            coverage=ATTESTED if whole else "",
            reason="" if whole else NOT_ATTESTED,
            rows=tuple(sorted({row for rows in concluded["rows"] for row in rows})),
            items=tuple(concluded["name"]),
        ),
    ]


def _raised(register: ResolvedRegister, first: date, last: date) -> Measure:
    key, label = "flow.raised.count", f"Proposals raised in {last:%B %Y}"
    stated = _raised_events(register)
    stated = stated[(stated["day"] >= pd.Timestamp(first)) & (stated["day"] <= pd.Timestamp(last))]
    statements = register.event_statements
    rows = rows_of("events", statements[statements["event_id"].isin(stated["event_id"])])
    known = int(stated["root"].nunique())
    if register.attests(f"{Event.RAISED}.{DATED}", last):
        return Measure(key, label, float(known), n=known, coverage=ATTESTED, rows=rows)
    least, most = numbering.raised_between(stages.stages(register), first, last)
    certain = least == most and not len(register.exporting)
    span = f"at least {least}" if most is None else f"{least} to {most}"
    reason = f"{span} by their numbers" if not len(register.exporting) else NOT_ATTESTED
    return Measure(
        key,
        label,
        float(least) if certain else None,
        n=known,
        coverage=f"by their numbers; the day of {known} is known" if certain else "",
        reason="" if certain else reason,
        rows=rows,
    )


def _raised_events(register: ResolvedRegister) -> pd.DataFrame:
    events = register.events
    return events[(events["event"] == Event.RAISED) & events["precision"].isin(EXACT)]


def by_month(register: ResolvedRegister, clock: Clock, convention: Convention) -> pd.DataFrame:
    """What was raised, concluded and open in each of the 12 months that end on the period's end.

    Returns
    -------
    pandas.DataFrame
        A row per month, the latest first: ``month`` (its first day), ``numbered`` (proposals numbered by its end),
        ``least, most`` (raised in it, by their numbers; missing where numbers don't say), ``raised`` and ``concluded``
        (on a known day), ``open`` (known to be, on its last day), ``unknown`` (mentioned, in an unknown stage),
        ``unmentioned`` (numbered, and named by no fact dated by then).
    """
    histories = stages.stages(register)
    spans = calendar_months(clock.period_end)
    counts = histories.counts(pd.DatetimeIndex([last for _, last in spans]))
    raised = _raised_events(register).drop_duplicates("root")["day"]
    at = proposals.at(register, clock, convention)
    concluded = at.loc[at["status"] == "concluded", "concluded_on"]
    rows = []
    for place, (first, last) in enumerate(spans):
        numbered = numbering.numbered(histories, last)
        # a register states the days on which its proposals were raised, and needn't number them in that order
        least, most = (
            (None, None) if len(register.exporting) else numbering.raised_between(histories, first, last)
        )
        now = counts.iloc[place]
        rows.append(
            {
                "month": pd.Timestamp(first),
                "numbered": numbered.reached,
                "least": least,
                "most": most,
                "raised": int(raised.between(pd.Timestamp(first), pd.Timestamp(last)).sum()),
                "concluded": int(concluded.between(pd.Timestamp(first), pd.Timestamp(last)).sum()),
                "open": int(now[[*OPEN_STAGES]].sum()),
                "unknown": int(now["known"] - now[[*Stage]].sum()),
                "unmentioned": numbered.reached - numbered.mentioned,
            }
        )
    latest_first = pd.DataFrame(rows[::-1])
    return latest_first.astype({"least": "Int64", "most": "Int64"})


def cases(register: ResolvedRegister, clock: Clock, convention: Convention) -> pd.DataFrame:
    """The proposals that `by_month` counts, row by row of it.

    Returns
    -------
    pandas.DataFrame
        ``row`` (its place there), ``month, ref``, and whether it was ``raised`` or ``concluded`` in the month, and is
        ``open`` or ``unknown`` at its end.
    """
    histories = stages.stages(register)
    raised = _raised_events(register).drop_duplicates("root")
    at = proposals.at(register, clock, convention)
    at = at[at["status"] == "concluded"]
    frames = []
    for row, (first, last) in enumerate(reversed(calendar_months(clock.period_end))):
        month = pd.Timestamp(first), pd.Timestamp(last)
        now = histories.at(last)
        lists = {
            "raised": raised.loc[raised["day"].between(*month), "name"],
            "concluded": at.loc[at["concluded_on"].between(*month), "name"],
            "open": now.loc[now["stage"].isin(OPEN_STAGES), "unit"],
            "unknown": now.loc[now["stage"].isna(), "unit"],
        }
        refs = pd.Series(sorted({ref for names in lists.values() for ref in names}), dtype="str")
        counted = {name: refs.isin(names) for name, names in lists.items()}
        frames.append(pd.DataFrame({"row": row, "month": month[0], "ref": refs, **counted}))
    return pd.concat(frames, ignore_index=True)
