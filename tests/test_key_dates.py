"""What comes next: only what was planned by then, and only the nearest."""

from __future__ import annotations

from pathlib import Path

import factories as f
import pandas as pd

from secanalysis.analysis import key_dates
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage

CLOCK = clock(ReportMonth(2020, 8))  # the report of Friday 7 August 2020
THEN = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
LATER = f.source("report-2020-09", published_on="2020-09-04", published_precision="day")


def meeting(ref: str, held_on: str, source: dict, status: str = "scheduled") -> dict:  # type: ignore[type-arg]
    return {
        "held_on": held_on,
        "body": "working_group",
        "kind": "ad_hoc",
        "status": status,
        "ref": ref,
        "source_id": source["source_id"],
    }


def consultation(ref: str, source: dict, **days: str) -> dict:  # type: ignore[type-arg]
    return {"ref": ref, "kind": "refinement", "source_id": source["source_id"], **days}


def dates_in_words(result: pd.DataFrame) -> dict[str, tuple[str, str]]:
    days = result["next_on"].dt.strftime("%Y-%m-%d")
    return dict(zip(result.index, zip(days, result["next_what"], strict=True), strict=True))


def test_the_nearest_of_what_was_announced_by_then() -> None:
    register = f.register(
        [THEN, LATER],
        meetings=[
            meeting("MP201", "2020-08-20", THEN),
            meeting("MP201", "2020-08-12", LATER),  # nobody knew of it then
            meeting("MP202", "2020-08-05", THEN, "held"),
            meeting("MP203", "2020-08-07", THEN),  # the day itself isn't to come
        ],
        consultations=[
            consultation("MP201", THEN, opened_on="2020-08-03", closed_on="2020-08-24"),
            consultation("MP202", THEN, opened_on="2020-08-03", closed_on="2020-08-21"),
            consultation("MP204", THEN, expected_week="2020-08-10"),
        ],
    )
    assert dates_in_words(key_dates.next_dates(register, CLOCK)) == {
        "MP201": ("2020-08-20", "Working Group meeting"),
        "MP202": ("2020-08-21", "Refinement Consultation closes"),
        "MP204": ("2020-08-10", "Refinement Consultation expected (week)"),
    }


def test_a_meeting_known_to_its_month_has_no_day() -> None:
    """It comes before what is planned for October; in August, which has begun, it may still be to come."""
    rows = [
        meeting("MP201", "2020-09-01", THEN) | {"precision": "month"},
        meeting("MP201", "2020-10-07", THEN),
        meeting("MP202", "2020-08-01", THEN) | {"precision": "month"},
        meeting("MP203", "2020-08-12", THEN) | {"body": "smki_pma"},
        meeting("MP204", "2020-08-12", THEN) | {"body": "tabasc"},
    ]
    result = key_dates.next_dates(f.register([THEN], meetings=rows), CLOCK)
    assert dates_in_words(result.fillna({"next_on": pd.Timestamp("1900-01-01")})) == {
        "MP201": ("1900-01-01", "Working Group meeting in September 2020"),
        "MP202": ("1900-01-01", "Working Group meeting in August 2020"),
        "MP203": ("2020-08-12", "SMKI Policy Management Authority meeting"),
        "MP204": ("2020-08-12", "Technical Architecture and Business Architecture Sub-Committee meeting"),
    }


def test_a_release_as_it_was_planned_then() -> None:
    """The day stated in September comes too late, and what is in force has nothing to come."""
    november = "November 2020 SEC Release"
    release = {"release": november, "kind": "scheduled"}
    register = f.register(
        [THEN, LATER],
        release_items=[
            f.item(november, "MP201", "approved", "2020-08-07", precision="by", source_id="report-2020-08"),
            f.item(november, "MP202", "implemented", "2020-07-30", source_id="report-2020-08"),
        ],
        releases=[
            release | {"stated_on": "2020-08-07", "planned_on": "2020-11-05", "source_id": "report-2020-08"},
            release | {"stated_on": "2020-09-04", "planned_on": "2020-11-26", "source_id": "report-2020-09"},
        ],
    )
    result = key_dates.next_dates(register, CLOCK)
    assert dates_in_words(result) == {"MP201": ("2020-11-05", f"in force in {november}")}
    rows = key_dates.with_next(register, CLOCK, pd.DataFrame({"name": ["MP201A", "MP202"]}))
    assert rows["next_what"].fillna("").tolist() == [f"in force in {november}", ""]


def test_an_open_consultation_closes_whenever_its_page_was_published() -> None:
    """MP099's page is younger than the day, and undated; the end of a consultation is announced when it opens."""
    page = {"source_id": "mp099-page"}
    register = f.register(
        [THEN],
        consultations=[
            {"ref": "MP099", "kind": "report", "opened_on": "2020-08-03", "closed_on": "2020-08-24", **page},
            {"ref": "MP100", "kind": "report", "opened_on": "2020-08-10", "closed_on": "2020-08-31", **page},
            {"ref": "MP101", "kind": "report", "opened_on": "2020-07-13", "closed_on": "2020-08-03", **page},
        ],
    )
    assert dates_in_words(key_dates.next_dates(register, CLOCK)) == {
        "MP099": ("2020-08-24", "Modification Report Consultation closes")
    }


def test_a_release_to_come_has_nothing_that_has_left_it() -> None:
    """Withdrawn, in force already, or planned for another release since; one that is only targeted says so."""
    november, june = "November 2020 SEC Release", "June 2021 SEC Release"
    then = {"precision": "by", "source_id": "report-2020-08"}
    planned = {"planned_on": "2020-11-29"}
    own = {"planned_on": "2021-06-24"}
    register = f.register(
        [THEN],
        events=[f.event("MP202", "withdrawn", "2020-08-05")],
        release_items=[
            f.item(november, "MP201", "approved", "2020-08-01", **planned),
            f.item(november, "MP202", "targeted", "2020-08-01", **planned),
            f.item(november, "MP203", "targeted", "2020-08-01", **planned),
            f.item(june, "MP203", "targeted", "2020-08-07", **own),
            f.item(november, "MP204", "targeted", "2020-08-01", **planned),
            f.item(june, "MP205", "targeted", "2020-08-07", **then, **own),
        ],
    )
    assert dates_in_words(key_dates.next_dates(register, CLOCK)) == {
        "MP201": ("2020-11-29", f"in force in {november}"),
        "MP203": ("2021-06-24", f"targeted for {june}"),
        "MP204": ("2020-11-29", f"targeted for {november}"),
        "MP205": ("2021-06-24", f"targeted for {june}"),
    }


def test_what_was_approved_since_the_list_is_in_force_on_the_day_of_its_release() -> None:
    """The list of 26 February 2021, by hand from data/raw: MP105 and MP150 were voted through on 24 March 2021.

    MP090 and SECMP0007 are approved on it, and MP077 targeted, without a day of their own; others of it have 4 November.
    """
    register = ResolvedRegister(storage.read_folder(Path(__file__).parent.parent / "data" / "raw"))
    dates = key_dates.to_come(register, clock(ReportMonth(2021, 10)))
    dates = dates[dates["next_on"] == "2021-11-04"]
    of_release = dates.groupby("next_what")["name"].agg(list).to_dict()
    assert of_release == {
        "in force in November 2021 SEC Release": ["MP090", "MP105", "MP150", "SECMP0007"],
        "targeted for November 2021 SEC Release": ["MP077", "MP129", "MP143"],
    }


def test_an_empty_register_plans_nothing() -> None:
    assert key_dates.next_dates(f.register(), CLOCK).empty
