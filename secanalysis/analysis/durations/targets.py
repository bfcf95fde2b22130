"""The DCC's assessments against their targets, by the month in which they were returned."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from secanalysis.analysis.durations.assessments import NAMES
from secanalysis.analysis.estimators import LEAST_COMPLETED
from secanalysis.analysis.list_coverage import ATTESTED, NOT_ATTESTED
from secanalysis.domain.figures import Measure, Row
from secanalysis.domain.months import Clock, calendar_months
from secanalysis.domain.vocabulary import AssessmentKind, Convention


def measures(
    at: pd.DataFrame, clock: Clock, convention: Convention, attested: Collection[str]
) -> list[Measure]:
    """``target.<pa|ia>.<returned|within>.count`` of the calendar month that ends on the period's end.

    Parameters
    ----------
    at, clock, convention
        From `assessments.at`, and what it was made with.
    attested
        The keys of lists that a source attests.
    """
    [(first, last)] = calendar_months(clock.period_end, 1)
    figures = []
    for kind, words in NAMES.items():
        returned = _returned(at, kind, pd.Timestamp(first), pd.Timestamp(last))
        comparable = _comparable(returned)
        within = comparable[comparable["duration_wd"] <= comparable["target_wd"]]
        whole = f"assessment.{kind.lower()}.completed.count" in attested
        lacking = len(returned) - len(comparable)
        reason = "" if whole else NOT_ATTESTED
        figures += [
            Measure(
                key=f"target.{kind.lower()}.returned.count",
                label=f"{words} returned in {last:%B %Y}",
                value=float(len(returned)) if whole else None,
                n=len(returned),
                coverage=ATTESTED if whole else "",
                reason=reason,
                rows=_rows(returned),
                items=tuple(returned["ref"]),
            ),
            Measure(
                key=f"target.{kind.lower()}.within.count",
                label=f"{words} returned in {last:%B %Y} within target",
                value=float(len(within)) if whole and not lacking else None,
                convention=convention,
                n=len(within),
                coverage=f"{len(comparable)} of {len(returned)} have both dates and a target"
                if len(returned)
                else "",
                reason=reason
                or (f"{lacking} of {len(returned)} have no accepted day or no target" if lacking else ""),
                rows=_rows(within),
                items=tuple(within["ref"]),
            ),
        ]
    return figures


def by_month(at: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """Assessments returned in each of the 12 months that end on the period's end.

    Returns
    -------
    pandas.DataFrame
        A row for each kind and month in which one is known to have been returned, the latest month first: ``month``
        (its first day), ``kind, returned, comparable`` (both days and a target known), ``within`` (target),
        ``share`` (of the comparable ones; missing below three).
    """
    rows = []
    for first, last in reversed(calendar_months(clock.period_end)):
        for kind in NAMES:
            returned = _returned(at, kind, pd.Timestamp(first), pd.Timestamp(last))
            comparable = _comparable(returned)
            within = int((comparable["duration_wd"] <= comparable["target_wd"]).sum())
            enough = len(comparable) >= LEAST_COMPLETED
            rows.append(
                {
                    "month": pd.Timestamp(first),
                    "kind": str(kind),
                    "returned": len(returned),
                    "comparable": len(comparable),
                    "within": within,
                    "share": within / len(comparable) if enough else None,
                }
            )
    every = pd.DataFrame(rows).astype({"share": "float64"})
    return every[every["returned"] > 0].reset_index(drop=True)


def _returned(
    at: pd.DataFrame, kind: AssessmentKind, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    return at[(at["kind"] == kind) & (at["status"] == "completed") & at["returned_on"].between(first, last)]


def _comparable(returned: pd.DataFrame) -> pd.DataFrame:
    return returned[returned["duration_wd"].notna() & returned["target_wd"].notna()]


def _rows(cases: pd.DataFrame) -> tuple[Row, ...]:
    return tuple(sorted({row for rows in cases["rows"] for row in rows}))
