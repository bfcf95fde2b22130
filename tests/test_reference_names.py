"""How a modification is called on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import factories as f
import pandas as pd
import pytest

from secanalysis.analysis import reference_names

JULY, AUGUST = (
    f.source(f"report-2020-{month}", published_on=day, published_precision="day")
    for month, day in (("07", "2020-07-03"), ("08", "2020-08-07"))
)
RAISED = f.event("DP136", "raised", "2020-07-14", source_id="report-2020-08")


def called(name: str, day: str, *events: dict[str, Any], **tables: Any) -> str:
    register = f.register([JULY, AUGUST], events=[RAISED, *events], **tables)
    return str(reference_names.shown(register, pd.Series([name]), date.fromisoformat(day))[0])


def test_a_draft_proposal_is_called_so() -> None:
    assert called("MP136", "2020-08-07") == "DP136"
    assert called("DP136", "2020-08-07") == "DP136"
    assert called("MP136 (documents)", "2020-08-07") == "DP136 (documents)"
    assert called("MP137", "2020-08-07") == "MP137"


@pytest.mark.parametrize(
    ("converted", "since"),
    [
        (f.event("MP136", "converted", "2020-08-21"), "2020-08-21"),
        (f.event("MP136", "entered_refinement", "2020-08-21"), "2020-08-21"),
        (f.vote("MP136", "2020-08-26", outcome="approved", path="fast_track"), "2020-08-26"),
        (f.event("MP136", "converted", "2020-08-01", precision="month"), "2020-08-31"),
    ],
)
def test_until_it_is_converted(converted: dict[str, Any], since: str) -> None:
    day_before = date.fromisoformat(since).replace(day=int(since[-2:]) - 1).isoformat()
    assert called("MP136", day_before, converted) == "DP136"
    assert called("MP136", since, converted) == "MP136"


def test_a_stated_conversion_wins_over_what_shows_one() -> None:
    """Its Impact Assessment is asked for before; its page says when it was converted."""
    lineage = [{"ref": "MP136", "earlier_ref": "DP136", "kind": "converted", "on": "2020-08-21"}]
    asked = f.event("MP136", "impact_assessment_approved", "2020-08-10")
    assert called("MP136", "2020-08-15", asked, lineage=lineage) == "DP136"
    assert called("MP136", "2020-08-21", asked, lineage=lineage) == "MP136"


def test_a_dated_source_that_calls_it_a_modification_proposal_shows_that_it_is_one() -> None:
    title = [{"ref": "MP136", "title": "A title", "source_id": "report-2020-09"}]
    september = f.source("report-2020-09", published_on="2020-09-04", published_precision="day")
    register = f.register([AUGUST, september], events=[RAISED], modifications=title)
    names = [reference_names.shown(register, pd.Series(["MP136"]), date(2020, 9, day))[0] for day in (3, 4)]
    assert names == ["DP136", "MP136"]


def test_what_is_in_force_is_a_modification_proposal() -> None:
    items = [f.item("June 2021 SEC Release", "MP136", "implemented", "2021-06-24")]
    assert called("MP136", "2021-06-23", release_items=items) == "DP136"
    assert called("MP136", "2021-06-24", release_items=items) == "MP136"


def test_parts_are_their_parent_before_a_split_and_the_parent_its_parts_after_it() -> None:
    split = [
        {"ref": part, "earlier_ref": "MP122", "kind": "split", "on": "2020-07-10"}
        for part in ("MP122A", "MP122B")
    ]
    assert called("MP122A", "2020-07-09", lineage=split) == "MP122"
    assert called("MP122A", "2020-07-10", lineage=split) == "MP122A"
    assert called("MP122", "2020-07-10", lineage=split) == "MP122A and MP122B"


def test_what_is_no_reference_stays_and_a_blank_too() -> None:
    register = f.register([AUGUST], events=[RAISED])
    names = pd.Series(["None stated", None, "MP136"], dtype="str", index=[4, 2, 7])
    shown = reference_names.shown(register, names, date(2020, 8, 7))
    assert shown.fillna("-").tolist() == ["None stated", "-", "DP136"]
    assert shown.index.tolist() == [4, 2, 7]
    assert reference_names.shown(register, names.iloc[:0], date(2020, 8, 7)).empty
