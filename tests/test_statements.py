"""Reading statements: every fault told in words, and nothing written that isn't whole."""

from __future__ import annotations

import os
from pathlib import Path

import factories as f
import pytest

from secanalysis import schemas, statements
from secanalysis.errors import UserError
from secanalysis.statements import InvalidTables

SOUND = {
    "sources": (
        "source_id,kind,title,publisher,published_on,published_precision,url\n"
        "report-2020-08,report,Report,SECAS,2020-08-07,day,\n"
        "page,modification_page,A page,SECAS,2020-05-01,not_before,https://example.org/a\n"
    ),
    "events": (
        "ref,event,on,precision,body,outcome,path,stage,source_id,locator\n"
        "MP100,raised,2020-07-10,day,,,,,report-2020-08,line 1\n"
        'MP101,voted,2020-07-22,day,change_board,approved,self_governance,,report-2020-08,"line 2, b"\n'
    ),
    "assessments": (
        "ref,kind,requested_on,accepted_on,returned_on,target_wd,state,state_on,source_id,locator\n"
        "MP100,PA,,2020-04-17,,15,open,2020-07-31,report-2020-08,line 3\n"
    ),
    "release_items": (
        "release,ref,part,status,on,precision,planned_on,source_id,locator\n"
        "November 2020 SEC Release,MP101,,approved,2020-08-07,by,2020-11-29,report-2020-08,line 4\n"
    ),
    "published_figures": (
        "month,key,printed,value,unit,source_id,locator\n2020-08,vote.count,five,5,count,report-2020-08,line 5\n"
    ),
    "lineage": "ref,earlier_ref,kind,on,precision,source_id,locator\nMP136,DP136,converted,,,page,line 6\n",
}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder of ten sound tables."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for table in schemas.TABLES:
        text = SOUND.get(table) or ",".join(column.name for column in schemas.columns(table)) + "\n"
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    return folder


def faults(raw: Path) -> list[str]:
    with pytest.raises(InvalidTables) as told:
        statements.read_folder(raw)
    return [str(fault) for fault in told.value.faults]


def change(raw: Path, table: str, old: str, new: str) -> None:
    path = raw / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def test_sound_tables_are_read_and_come_back_from_parquet(raw: Path, tmp_path: Path) -> None:
    tables = statements.read_folder(raw)
    assert {name: len(frame) for name, frame in tables.items() if len(frame)} == {
        **{
            "sources": 2,
            "events": 2,
            "assessments": 1,
            "release_items": 1,
            "published_figures": 1,
            "lineage": 1,
        }
    }
    statements.write_processed(tables, tmp_path / "processed")
    again = statements.read_processed(tmp_path / "processed")
    for name, frame in tables.items():
        assert frame.equals(again[name]), name
        assert statements.csv_text(frame, name) == (raw / f"{name}.csv").read_text(encoding="utf-8")


BAD = {  # what is written instead of what, and every fault that is then told
    "a day that isn't ISO": ("events", "2020-07-10", "31/02/2020", [
        "events.csv, row 2, column on: found '31/02/2020'; expected a day as YYYY-MM-DD, from 2005 to 2099"]),
    "a day that isn't one": ("events", "2020-07-10", "2020-02-31", [
        "events.csv, row 2, column on: found '2020-02-31'; expected a day as YYYY-MM-DD, from 2005 to 2099"]),
    "a day of another century": ("events", "2020-07-10", "1920-07-10", [
        "events.csv, row 2, column on: found '1920-07-10'; expected a day as YYYY-MM-DD, from 2005 to 2099"]),
    "digits that aren't ASCII": ("events", "2020-07-10", "２０２０-07-10", [
        r"events.csv, row 2, column on: found '\uff12\uff10\uff12\uff10-07-10'; "
        "expected a day as YYYY-MM-DD, from 2005 to 2099"]),
    "no reference": ("events", "MP100", "MP1OO", [
        "events.csv, row 2, column ref: found 'MP1OO'; expected a reference such as SECMP0007, MP102A or DP136"]),
    "a reference with a line break": ("events", "MP100", '"MP100\n"', [
        r"events.csv, row 2, column ref: found 'MP100\n'; expected a reference such as SECMP0007, MP102A or DP136"]),
    "a blank reference": ("events", "MP100,", ",", [
        "events.csv, row 2, column ref: found a blank; expected a reference such as SECMP0007, MP102A or DP136"]),
    "an event outside its vocabulary": ("events", "raised", "Raised", [
        "events.csv, row 2, column event: found 'Raised'; expected one of raised, converted, observed, "
        "recommended_to_conversion, recommended_to_refinement, recommended_to_report, entered_refinement, "
        "entered_report, impact_assessment_approved, impact_assessment_deferred, voted, decided, referred, "
        "sent_to_authority, on_hold, resumed, withdrawn"]),
    "an outcome of what has none": ("events", "day,,,,,report", "day,,approved,,,report", [
        "events.csv, row 2, column outcome: found 'approved'; expected blank unless event is voted or decided"]),
    "a stage of what isn't seen": ("events", "day,,,,,report", "day,,,,refinement,report", [
        "events.csv, row 2, column stage: found 'refinement'; expected stated where event is observed, else blank"]),
    "a precision without a day": ("events", "2020-07-10,day", ",day", [
        "events.csv, row 2, column precision: found 'day'; expected stated where on is, else blank"]),
    "a day without a precision": ("events", "2020-07-10,day", "2020-07-10,", [
        "events.csv, row 2, column precision: found a blank; expected stated where on is, else blank"]),
    "a month that begins late": ("events", "2020-07-10,day", "2020-07-10,month", [
        "events.csv, row 2, column on: found '2020-07-10'; expected the first day of the month where precision is month"]),
    "a source that isn't there": ("events", "report-2020-08,line 1", "report-2020-09,line 1", [
        "events.csv, row 2, column source_id: found 'report-2020-09'; expected a source_id of sources.csv"]),
    "the past after its source": ("events", "2020-07-10", "2020-08-08", [
        "events.csv, row 2, column on: found 2020-08-08; expected a day up to 2020-08-07, its source's own"]),
    "a key that stands twice": ("events", '"line 2, b"', "line 1", [
        "events.csv, row 2, column source_id, locator: found 'report-2020-08', 'line 1' more than once; "
        "expected each source_id and locator once",
        "events.csv, row 3, column source_id, locator: found 'report-2020-08', 'line 1' more than once; "
        "expected each source_id and locator once"]),
    "a duplicate source": ("sources", "page,modification_page", "report-2020-08,modification_page", [
        "lineage.csv, row 2, column source_id: found 'page'; expected a source_id of sources.csv",
        "sources.csv, row 2, column source_id: found 'report-2020-08' more than once; expected each source_id once",
        "sources.csv, row 3, column source_id: found 'report-2020-08' more than once; expected each source_id once"]),
    "an address that is none": ("sources", "https://example.org/a", "javascript:alert(1)", [
        "sources.csv, row 3, column url: found 'javascript:alert(1)'; expected an http:// or https:// address"]),
    "a title with spaces around it": ("sources", "A page", " A page", [
        "sources.csv, row 3, column title: found ' A page'; "
        "expected text without line breaks, control characters or spaces around it"]),
    "an unseen space": ("sources", "A page", "A page\u00a0", [
        r"sources.csv, row 3, column title: found 'A page\xa0'; "
        "expected text without line breaks, control characters or spaces around it"]),
    "a target that is none": ("assessments", ",15,", ",15.5,", [
        "assessments.csv, row 2, column target_wd: found '15.5'; expected a whole number from 1 to 999"]),
    "a target out of range": ("assessments", ",15,", ",0,", [
        "assessments.csv, row 2, column target_wd: found '0'; expected a whole number from 1 to 999"]),
    "returned before accepted": ("assessments", ",,15,open", ",2020-04-16,15,returned", [
        "assessments.csv, row 2, column returned_on: found '2020-04-16'; expected on or after accepted_on"]),
    "open and returned": ("assessments", ",,15,open", ",2020-04-20,15,open", [
        "assessments.csv, row 2, column returned_on: found '2020-04-20'; expected blank where state is open or requested"]),
    "a figure's month": ("published_figures", "2020-08,", "2020-13,", [
        "published_figures.csv, row 2, column month: found '2020-13'; expected a month as YYYY-MM"]),
    "a figure's key": ("published_figures", "vote.count", "votes", [
        "published_figures.csv, row 2, column key: found 'votes'; expected a figure key such as vote.count, see docs/figure-keys.md"]),
    "a figure without print": ("published_figures", "five,5", ",5", [
        "published_figures.csv, row 2, column value: found '5.0'; expected blank where printed is blank"]),
    "its own parent": ("lineage", "MP136,DP136", "MP136,MP136", [
        "lineage.csv, row 2, column earlier_ref: found 'MP136'; expected another reference than ref",
        "lineage.csv, row 2, column ref: found 'MP136'; expected a reference that doesn't descend from itself"]),
    "a misspelt column": ("events", "outcome", "outcom", [
        "events.csv, row 1, column outcom: found an unknown column 'outcom'; "
        "expected one of ref, event, on, precision, body, outcome, path, stage, source_id, locator",
        "events.csv, row 1, column outcome: found no column outcome; "
        "expected a heading ref,event,on,precision,body,outcome,path,stage,source_id,locator"]),
    "a row too short": ("assessments", ",report-2020-08,line 3", ",report-2020-08", [
        "assessments.csv, row 2: found 9 cells; expected 10 cells"]),
    "an unclosed quote": ("events", '"line 2, b"', '"line 2, b', [
        "events.csv, row 3: found broken CSV (unexpected end of data); expected well-formed CSV"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_words(raw: Path, case: str) -> None:
    table, old, new, expected = BAD[case]
    change(raw, table, old, new)
    assert faults(raw) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "events.csv: found an empty file; expected a heading ref,event,"),
        (b"\xef\xbb\xbfref", "events.csv, row 1: found a byte order mark; expected UTF-8 text without"),
        (b"\xff\xfer\x00", "events.csv, row 1: found UTF-16; expected UTF-8 text"),
        (b"ref\n\xe9", "events.csv, row 2: found a byte that is no UTF-8 (0xe9); expected UTF-8 text"),
        (b"PK\x03\x04\x00", "events.csv, row 1: found a NUL character; expected UTF-8 text"),
        (None, "events.csv: found no such file; expected a file "),
    ],
)
def test_files_that_are_no_tables(raw: Path, data: bytes | None, expected: str) -> None:
    path = raw / "events.csv"
    path.unlink() if data is None else path.write_bytes(data)
    told = faults(raw)
    assert len(told) == 1
    assert told[0].startswith(expected)


def test_all_faults_are_told_at_once_in_the_order_of_rows(raw: Path) -> None:
    change(raw, "events", "MP101", "101")
    change(raw, "events", "raised", "born")
    change(raw, "assessments", "2020-04-17", "soon")
    places = [told.split(":")[0] for told in faults(raw)]
    assert places == [
        "assessments.csv, row 2, column accepted_on",
        "events.csv, row 2, column event",
        "events.csv, row 3, column ref",
    ]


def test_rows_are_counted_as_an_editor_counts_lines(raw: Path) -> None:
    """A cell of two lines before the fault doesn't shift it; both are told."""
    change(raw, "events", "MP100", '"MP\n100"')
    change(raw, "events", "MP101", "MP1")
    assert [told.split(":")[0] for told in faults(raw)] == [
        "events.csv, row 2, column ref",
        "events.csv, row 4, column ref",
    ]


def test_a_cycle_of_references_is_told_and_its_elders_are_not(raw: Path) -> None:
    rows = "MP200,MP201,split,,,page,a\nMP201,MP200,split,,,page,b\nMP201,MP202,split,,,page,c\nMP202,MP203,split,,,page,d\nMP204,MP200,split,,,page,e\n"
    change(raw, "lineage", "MP136,DP136,converted,,,page,line 6\n", rows)
    assert [told.split(";")[0] for told in faults(raw)] == [
        "lineage.csv, row 2, column ref: found 'MP200'",
        "lineage.csv, row 3, column ref: found 'MP201'",
    ]


def test_what_is_planned_may_come_after_its_source(raw: Path) -> None:
    change(raw, "release_items", "2020-08-07,by", "2020-11-29,by")
    statements.read_folder(raw)
    change(raw, "release_items", "approved,2020-11-29,by", "implemented,2020-11-29,day")
    assert faults(raw) == [
        "release_items.csv, row 2, column on: found 2020-11-29; expected a day up to 2020-08-07, its source's own"
    ]


def test_a_meeting_that_was_held_was_held(raw: Path) -> None:
    rows = "2020-08-13,working_group,ad_hoc,scheduled,,MP122,,report-2020-08,a\n2020-08-13,working_group,,held,,,,report-2020-08,b\n"
    (raw / "meetings.csv").write_text((raw / "meetings.csv").read_text() + rows)
    assert faults(raw) == [
        "meetings.csv, row 3, column held_on: found 2020-08-13; expected a day up to 2020-08-07, its source's own"
    ]


def test_a_long_cell_is_not_repeated_whole(raw: Path) -> None:
    change(raw, "events", "MP100", "M" * 5000)
    assert len(faults(raw)[0]) < 200


def test_no_folder_and_nothing_built(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder .*expected one with sources, modifications, "):
        statements.read_folder(tmp_path / "nowhere")
    with pytest.raises(UserError, match="lacks sources, .*run `secanalysis build` first"):
        statements.read_processed(tmp_path)


def test_writing_replaces_all_files_or_none(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills up while the third file is written leaves the old ones."""
    before = {path.name: path.read_bytes() for path in raw.iterdir()}
    tables = f.tables(events=[f.event("MP100", "raised", "2020-01-01")])
    calls = iter(range(99))

    def full(_: int) -> None:
        if next(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        statements.write_raw(tables, raw)
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == before
    monkeypatch.undo()
    statements.write_raw(tables, raw)
    assert len(statements.read_folder(raw)["events"]) == 1


def test_rows_are_sorted_by_number_in_their_locators() -> None:
    rows = [f.event("MP100", "raised", locator=where) for where in ("line 10, b", "line 9", "line 10, a")]
    frame = f.tables(events=rows)["events"]
    assert statements.sort_rows(frame, "events")["locator"].tolist() == ["line 9", "line 10, a", "line 10, b"]
