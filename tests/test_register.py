"""The register: what was known when, and that neither the future nor the order of rows leaks in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factories as f
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secanalysis.analysis import month_figures, release_slippage, releases, stages
from secanalysis.analysis.durations import assessments, proposals
from secanalysis.domain.months import ReportMonth, clock
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.errors import UserError

MONTH = ReportMonth(2020, 8)
CLOCK = clock(MONTH)
REPORT = f.source("report-2020-08", published_on="2020-08-07", published_precision="day")
LATER = f.source("report-2020-09", published_on="2020-09-04", published_precision="day")
LOOSE = f.source("page", published_on="2020-06-01", published_precision="not_before")
EXPORT = f.source("register-2020-10", published_on="2020-10-01", published_precision="day")
SOURCES = [REPORT, LATER, LOOSE, EXPORT, f.source("other-page")]


# What was known ---------------------------------------------------------------------------------


def test_as_known_keeps_what_was_surely_published() -> None:
    """A source of which only a lower bound is known, or nothing, isn't."""
    events = [f.event("MP100", "raised", "2020-01-02", source_id=source["source_id"]) for source in SOURCES]
    register = f.register(SOURCES, events=events)
    known = register.as_known(date(2020, 8, 7))
    assert known.sources["source_id"].tolist() == ["report-2020-08"]
    assert len(known.event_statements) == 1
    assert (known.withheld, known.known_by) == (4, date(2020, 8, 7))
    assert len(register.as_known(date(2020, 9, 4)).event_statements) == 2
    assert register.as_known(date(2020, 8, 6)).events.empty
    assert register.as_known(None) is register


def test_a_report_is_known_by_its_figures_and_gives_its_own_day() -> None:
    late = f.source("report-2020-07", published_on="2020-07-13", published_precision="day")
    printed = [
        {
            "month": month,
            "key": "vote.count",
            "printed": "5",
            "value": 5,
            "unit": "count",
            "source_id": source,
        }
        for month, source in (("2020-07", "report-2020-07"), ("2020-12", "report-2020-08"))
    ]
    register = f.register([late, REPORT], published_figures=printed)
    assert register.report_of(ReportMonth(2020, 7)) == "report-2020-07"
    assert register.report_of(ReportMonth(2020, 12)) is None  # dated in August
    result = register.clock(MONTH)
    assert (result.previous_report_date, result.report_date) == (date(2020, 7, 13), date(2020, 8, 7))


def test_an_export_attests_every_list_up_to_its_day() -> None:
    register = f.register([EXPORT, REPORT])
    assert register.attests_all_by(date(2020, 10, 1))
    assert not register.attests_all_by(date(2020, 10, 2))
    assert not f.register([REPORT]).attests_all_by(date(2020, 8, 7))


def test_titles_come_from_the_best_source_and_parts_have_their_parents() -> None:
    rows = [
        {"ref": "MP117", "title": "Bulk CH returns", "source_id": "page"},
        {"ref": "DP117", "title": "CH Bulk returns", "source_id": "report-2020-08"},
        {"ref": "MP102", "title": "Power Outage Alerts"},
    ]
    register = f.register(SOURCES, modifications=rows)
    assert register.title_of(pd.Series(["MP117", "MP102A", "MP999"])).fillna("-").tolist() == [
        "CH Bulk returns",
        "Power Outage Alerts",
        "-",
    ]


def test_nothing_built_is_a_sentence(tmp_path: Any) -> None:
    with pytest.raises(UserError, match="run `secanalysis build` first"):
        ResolvedRegister.load(tmp_path)


def test_happened_by_takes_back_what_was_to_come() -> None:
    rows = [
        f.assessment("MP100", requested="2020-05-13", accepted="2020-05-26", returned="2020-09-28"),
        f.assessment("MP101", requested="2020-09-01"),
        {
            "ref": "MP102",
            "kind": "PA",
            "state": "returned",
            "state_on": "2020-09-01",
            "requested_on": "2020-05-01",
        },
        {"ref": "MP103", "kind": "PA", "state": "returned"},
    ]
    result = f.register(assessments=rows).happened_by(date(2020, 7, 31)).tables["assessments"]
    assert result["ref"].tolist() == ["MP100", "MP102", "MP103"]
    assert result["state"].tolist() == ["requested", "requested", "returned"]
    assert result["returned_on"].isna().all()
    assert result["state_on"].isna().all()


# Properties -------------------------------------------------------------------------------------

REFS = st.sampled_from(["MP100", "DP100", "MP101", "MP102", "MP102A", "MP102B", "SECMP0007"])
FIRST = date(2019, 7, 1)
OFFSETS = st.integers(0, 460)  # July 2019 to October 2020
PUBLISHED = {
    "report-2020-08": date(2020, 8, 7),
    "report-2020-09": date(2020, 9, 4),
    "register-2020-10": date(2020, 10, 1),
}
NAMES = st.sampled_from([source["source_id"] for source in SOURCES])


def dated(offset: int, source: str) -> str:
    """A day of the past of its source."""
    return min(FIRST + timedelta(days=offset), PUBLISHED.get(source, date.max)).isoformat()


@st.composite
def event_rows(draw: st.DrawFn) -> dict[str, Any]:
    source, name = (
        draw(NAMES),
        draw(
            st.sampled_from(
                [
                    "raised",
                    "converted",
                    "entered_report",
                    "withdrawn",
                    "voted",
                    "seen",
                    "recommended_to_report",
                ]
            )
        ),
    )
    on, ref = dated(draw(OFFSETS), source), draw(REFS)
    if name == "voted":
        return f.vote(
            ref, on, outcome=draw(st.sampled_from(["approved", "rejected", None])), source_id=source
        )
    if name == "seen":
        return f.event(ref, "observed", on, precision="not_before", stage="refinement", source_id=source)
    return f.event(ref, name, on, precision=draw(st.sampled_from(["day", "by"])), source_id=source)


@st.composite
def assessment_rows(draw: st.DrawFn) -> dict[str, Any]:
    source = draw(NAMES)
    days = sorted(dated(draw(OFFSETS), source) for _ in range(3))
    ref, kind, target = draw(REFS), draw(st.sampled_from(["PA", "IA"])), draw(st.sampled_from([15, 40, None]))
    stated = dict(
        zip(
            draw(
                st.sampled_from(
                    [
                        ("requested",),
                        ("accepted", "seen"),
                        ("requested", "accepted", "returned"),
                        ("returned",),
                    ]
                )
            ),
            days,
            strict=False,
        )
    )
    return f.assessment(ref, kind=kind, target_wd=target, source_id=source, **stated)


@st.composite
def item_rows(draw: st.DrawFn) -> dict[str, Any]:
    source = draw(st.sampled_from(["report-2020-08", "release-a", "page"]))
    status = draw(st.sampled_from(["targeted", "approved", "implemented"]))
    release = draw(st.sampled_from(["November 2020 SEC Release", "June 2020 SEC Release"]))
    precision = "day" if status == "implemented" else draw(st.sampled_from(["by", "not_before", "day"]))
    return f.item(
        release, draw(REFS), status, dated(draw(OFFSETS), source), precision=precision, source_id=source
    )


TABLES = st.builds(
    lambda events, assessments, items: f.tables(
        SOURCES, events=events, assessments=assessments, release_items=items
    ),
    st.lists(event_rows(), max_size=9),
    st.lists(assessment_rows(), max_size=7),
    st.lists(item_rows(), max_size=5),
)
QUICK = settings(max_examples=4, deadline=None)


def durations_of(register: ResolvedRegister) -> list[pd.DataFrame]:
    result = (
        assessments.at(register, CLOCK, Convention.SEC),
        proposals.at(register, CLOCK, Convention.SEC),
    )
    return [frame.drop(columns=["rows", "assessment_id"], errors="ignore") for frame in result]


def figures_of(register: ResolvedRegister) -> dict[str, Any]:
    return {
        figure.key: figure.to_json()
        for figure in month_figures.figures(register, register.clock(MONTH), Convention.AS_PUBLISHED)
    }


@QUICK
@given(TABLES, event_rows(), assessment_rows(), item_rows())
def test_a_fact_after_the_period_end_changes_no_duration(
    tables: dict[str, pd.DataFrame], event: dict[str, Any], assessment: dict[str, Any], item: dict[str, Any]
) -> None:
    """Whatever it is and whoever tells it; the source is one that tells other things already."""
    later = "2020-08-01", "2020-12-31"
    known = {row["source_id"] for row in SOURCES}
    event |= {"on": later[0], "source_id": "other-page", "precision": "day"}
    assessment = f.assessment(
        assessment["ref"],
        kind=assessment["kind"],
        requested=later[0],
        accepted=later[0],
        returned=later[1],
        source_id="other-page",
    )
    item |= {"on": later[1], "source_id": "other-page", "precision": "day"}
    assert "other-page" in known
    more = f.tables(SOURCES, events=[event], assessments=[assessment], release_items=[item])
    joined = {
        name: frame if name == "sources" else with_more(frame, more[name]) for name, frame in tables.items()
    }
    # a part named for the first time could date a split: that is another fact than its own day
    if event["ref"][-1].isdigit() and assessment["ref"][-1].isdigit() and item["ref"][-1].isdigit():
        for before, after in zip(
            durations_of(ResolvedRegister(tables)), durations_of(ResolvedRegister(joined)), strict=True
        ):
            pd.testing.assert_frame_equal(before, after)


def with_more(frame: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return (
        pd.concat([frame, more.assign(locator="more " + more["locator"])], ignore_index=True)
        if len(more)
        else frame
    )


@QUICK
@given(TABLES, TABLES, st.sampled_from([date(2020, 8, 7), date(2020, 9, 4)]))
def test_a_source_published_later_changes_no_figure(
    tables: dict[str, pd.DataFrame], more: dict[str, pd.DataFrame], known_by: date
) -> None:
    """Nor does any statement of a source whose day isn't known: adding never changes what an older day knew."""
    kept = {name for name, on in PUBLISHED.items() if on <= known_by}
    other = {
        name: frame if name == "sources" else frame[~frame["source_id"].isin(kept)]
        for name, frame in more.items()
    }
    joined = {
        name: frame if name == "sources" else with_more(frame, other[name]) for name, frame in tables.items()
    }
    assert figures_of(ResolvedRegister(tables).as_known(known_by)) == figures_of(
        ResolvedRegister(joined).as_known(known_by)
    )


@QUICK
@given(TABLES, st.integers(0, 1_000_000))
def test_shuffling_the_rows_changes_nothing(tables: dict[str, pd.DataFrame], seed: int) -> None:
    """Of any table: neither figures with their rows nor lists of conflicts, releases or what is known."""
    shuffled = {
        name: frame.sample(frac=1, random_state=seed).reset_index(drop=True) for name, frame in tables.items()
    }
    here, there = ResolvedRegister(tables), ResolvedRegister(shuffled)
    assert figures_of(here) == figures_of(there)
    assert here.conflicts.equals(there.conflicts)
    assert here.data_sha256 == there.data_sha256
    assert stages.stages(here).intervals.equals(stages.stages(there).intervals)
    assert stages.stages(here).contradictory.equals(stages.stages(there).contradictory)
    for stated in (
        releases.history,
        lambda register: release_slippage.slippage(register, date(2020, 12, 31)),
    ):
        pd.testing.assert_frame_equal(stated(here), stated(there))
