"""The DCC's assessments against their targets, by the month in which they were returned."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
    for first, kind, returned in _by_month(at, clock):
        comparable = _comparable(returned)
        within = int(_within(comparable).sum())
        enough = len(comparable) >= LEAST_COMPLETED
        rows.append(
            {
                "month": first,
                "kind": kind,
                "returned": len(returned),
                "comparable": len(comparable),
                "within": within,
                "share": within / len(comparable) if enough else None,
            }
        )
    columns = ["month", "kind", "returned", "comparable", "within", "share"]
    return pd.DataFrame(rows, columns=columns).astype({"month": "datetime64[us]", "share": "float64"})


def cases_by_month(at: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """The assessments that `by_month` counts, row by row of it: those of ``at``.

    With ``row`` (its place there), and whether it is ``comparable`` and ``within`` its target.
    """
    frames = [
        returned.assign(
            row=row,
            comparable=returned.index.isin(_comparable(returned).index),
            within=_within(returned),
        ).sort_values(["returned_on", "ref"])
        for row, (_, _, returned) in enumerate(_by_month(at, clock))
    ]
    none = at.head(0).assign(row=0, comparable=False, within=False)
    return pd.concat(frames, ignore_index=True) if frames else none


def _by_month(at: pd.DataFrame, clock: Clock) -> Iterator[tuple[pd.Timestamp, str, pd.DataFrame]]:
    """Each month and kind in which one is known to have been returned, the latest month first."""
    for first, last in reversed(calendar_months(clock.period_end)):
        for kind in NAMES:
            returned = _returned(at, kind, pd.Timestamp(first), pd.Timestamp(last))
            if len(returned):
                yield pd.Timestamp(first), str(kind), returned


def _within(cases: pd.DataFrame) -> pd.Series:
    return (cases["duration_wd"] <= cases["target_wd"]).fillna(False).astype("bool")


def _returned(
    at: pd.DataFrame, kind: AssessmentKind, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    return at[(at["kind"] == kind) & (at["status"] == "completed") & at["returned_on"].between(first, last)]


def _comparable(returned: pd.DataFrame) -> pd.DataFrame:
    return returned[returned["duration_wd"].notna() & returned["target_wd"].notna()]


def _rows(cases: pd.DataFrame) -> tuple[Row, ...]:
    return tuple(sorted({row for rows in cases["rows"] for row in rows}))
