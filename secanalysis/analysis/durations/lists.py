"""Lists of cases in figures: how many they are, and their mean duration where each has one."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis.list_coverage import ATTESTED, NOT_ATTESTED
from secanalysis.domain.figures import Measure
from secanalysis.domain.vocabulary import Convention, Unit


def count_and_mean(
    key: str, label: str, cases: pd.DataFrame, convention: Convention, attested: bool, start: str
) -> list[Measure]:
    """``<key>.count`` and ``<key>.mean_wd`` of a list of cases.

    Parameters
    ----------
    key, label
        What both keys begin with, and what the list is in words.
    cases
        The list: ``ref, duration_wd, rows``.
    convention
        By which the durations are counted.
    attested
        Whether a source attests the whole list; nothing is counted otherwise.
    start
        With which date a duration begins, in a word.
    """
    rows = tuple(sorted({row for group in cases["rows"] for row in group}))
    n, dated = len(cases), int(cases["duration_wd"].notna().sum())
    unattested = "" if attested else NOT_ATTESTED
    if attested and dated < n:
        why = f"a mean needs every row: the {start} date of {n - dated} of {n} isn't stated"
    else:
        why = unattested or ("" if n else "there is none")
    whole = attested and n > 0 and dated == n
    return [
        Measure(
            f"{key}.count",
            label,
            float(n) if attested else None,
            n=n,
            reason=unattested,
            rows=rows,
            coverage=ATTESTED if attested else "",
            items=tuple(cases["ref"]),
        ),
        Measure(
            f"{key}.mean_wd",
            f"{label}: mean duration",
            float(cases["duration_wd"].mean()) if whole else None,
            unit=Unit.WD,
            convention=convention,
            n=dated,
            coverage=f"{dated} of {n} have both dates" if n else "",
            reason="" if whole else why,
            rows=rows,
            items=tuple(cases["ref"]),
        ),
    ]
