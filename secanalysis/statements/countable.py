"""Days from which durations are counted, and whether the list of bank holidays reaches back to them.

Every month shows durations by both conventions, and one leaves bank holidays out: a duration that begins before the
list does can't be counted, and no month computed.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from secanalysis.domain.bank_holidays import listed_years
from secanalysis.domain.vocabulary import Event

BEGINNINGS = {"assessments": ("requested_on", "accepted_on"), "events": ("on",)}
"""The columns of days from which durations are counted; of events, only where a modification was raised."""


def uncountable(tables: Mapping[str, pd.DataFrame]) -> str:
    """The first day from which a duration can't be counted, in a sentence; empty where there is none.

    Parameters
    ----------
    tables
        Typed frames by table, corrected.
    """
    first, last = listed_years()
    for table, columns in BEGINNINGS.items():
        frame = tables[table]
        frame = frame[frame["event"] == Event.RAISED] if table == "events" else frame
        for column in columns:
            early = frame[frame[column].dt.year < first]
            if len(early):
                row = early.iloc[0]
                return (
                    f"bank holidays are listed for {first} to {last}, and {table}.csv has {row[column]:%Y-%m-%d} as "
                    f"{column} ({row['source_id']}, {row['locator']}): durations from there can't be counted, and no "
                    "month computed: correct the day, or extend secanalysis/domain/bank_holidays.csv"
                )
    return ""
