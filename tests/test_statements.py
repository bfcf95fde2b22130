"""Reading statements: every fault told in words, and nothing written that isn't whole."""

from __future__ import annotations

import os
from pathlib import Path

import factories as f
import pytest

from secanalysis.statements import schemas, storage, table_columns
from secanalysis.statements.faults import InvalidTables
from secanalysis.support.errors import UserError

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
        text = SOUND.get(table) or ",".join(column.name for column in table_columns.columns(table)) + "\n"
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    return folder


def faults(raw: Path) -> list[str]:
    with pytest.raises(InvalidTables) as refusal:
        storage.read_folder(raw)
    return [str(fault) for fault in refusal.value.faults]


def test_a_reason_is_of_something_deferred_and_its_column_may_be_left_out(raw: Path) -> None:
    assert storage.read_folder(raw)["events"]["reason"].isna().all()
    heading = "ref,event,on,precision,body,outcome,path,stage,reason,source_id,locator"
    rows = [
        "MP100,raised,2020-07-10,day,,,,,scope_unclear,page,line 1",
        "MP101,impact_assessment_deferred,2020-07-01,month,change_board,,,,scope_unclear,page,line 2",
        "MP102,voted,2020-07-22,day,change_board,deferred,,,scope_unclear,page,line 3",
    ]
    path = raw / "events.csv"
    path.write_text("\n".join([heading, *rows[1:], ""]), encoding="utf-8")
    read = storage.read_folder(raw)["events"]
    assert read["reason"].tolist() == ["scope_unclear"] * 2
    assert storage.csv_text(read, "events") == path.read_text(encoding="utf-8")
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    assert faults(raw) == [
        "events.csv, row 2, column reason: found 'scope_unclear'; expected blank unless something was deferred"
    ]
    path.write_text("\n".join([heading.replace("outcome", "outcom"), ""]), encoding="utf-8")
    assert [fault.partition(":")[0] for fault in faults(raw)] == [
        "events.csv, row 1, column outcom",
        "events.csv, row 1, column outcome",
    ]


def change(raw: Path, table: str, old: str, new: str) -> None:
    path = raw / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def test_sound_tables_are_read_and_come_back_from_parquet(raw: Path, tmp_path: Path) -> None:
    tables = storage.read_folder(raw)
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
    storage.write_processed(tables, tmp_path / "processed")
    again = storage.read_processed(tmp_path / "processed")
    for name, frame in tables.items():
        assert frame.equals(again[name]), name
        if name in schemas.TABLES:  # the file of corrections needn't be there
            assert storage.csv_text(frame, name) == (raw / f"{name}.csv").read_text(encoding="utf-8")


def test_all_faults_are_listed_at_once_in_the_order_of_rows(raw: Path) -> None:
    change(raw, "events", "MP101", "101")
    change(raw, "events", "raised", "born")
    change(raw, "assessments", "2020-04-17", "soon")
    places = [fault.split(":")[0] for fault in faults(raw)]
    assert places == [
        "assessments.csv, row 2, column accepted_on",
        "events.csv, row 2, column event",
        "events.csv, row 3, column ref",
    ]


MEETINGS = "held_on,body,kind,status,agenda_on,ref,purpose,source_id,locator"
"""The heading of tables from before meetings had a precision."""


def test_meetings_without_a_precision_are_known_to_their_day(raw: Path, tmp_path: Path) -> None:
    """Without the column, or with a blank in it; a month is its first day."""
    rows = "2020-07-15,working_group,,held,,MP100,,report-2020-08,line 1\n"
    (raw / "meetings.csv").write_text(f"{MEETINGS}\n{rows}")
    assert storage.read_folder(raw)["meetings"]["precision"].tolist() == ["day"]
    rows = "2020-07-15,,working_group,,held,,MP100,,page,line 1\n2020-07-01,month,working_group,,held,,,,page,line 2\n"
    (raw / "meetings.csv").write_text(MEETINGS.replace("held_on", "held_on,precision") + "\n" + rows)
    tables = storage.read_folder(raw)
    assert tables["meetings"]["precision"].tolist() == ["day", "month"]
    storage.write_processed(tables, tmp_path / "processed")
    assert storage.read_processed(tmp_path / "processed")["meetings"].equals(tables["meetings"])
    change(raw, "meetings", "2020-07-01,month", "2020-07-02,month")
    change(raw, "meetings", "2020-07-15,,", "2020-07-15,by,")
    assert faults(raw) == [
        "meetings.csv, row 2, column precision: found 'by'; expected one of day, month",
        "meetings.csv, row 3, column held_on: found '2020-07-02'; expected the first day of the month where precision is month",
    ]


def test_what_is_wrong_in_a_table_without_a_defaulted_column_is_named(raw: Path) -> None:
    (raw / "meetings.csv").write_text(
        f"{MEETINGS}\n2020-07-15,board,,held,,MP100,,report-2020-08,line 1\n2020-07-15,panel,,held\n"
    )
    assert [fault.split(";")[0] for fault in faults(raw)] == [
        "meetings.csv, row 2, column body: found 'board'",
        "meetings.csv, row 3: found 4 cells",
    ]


def test_what_is_planned_may_come_after_its_source(raw: Path) -> None:
    change(raw, "release_items", "2020-08-07,by", "2020-11-29,by")
    storage.read_folder(raw)
    change(raw, "release_items", "approved,2020-11-29,by", "implemented,2020-11-29,day")
    assert faults(raw) == [
        "release_items.csv, row 2, column on: found 2020-11-29; expected a day up to 2020-08-07, its source's own"
    ]


def test_a_long_cell_is_not_repeated_whole(raw: Path) -> None:
    change(raw, "events", "MP100", "M" * 5000)
    assert len(faults(raw)[0]) < 200


def test_no_folder_and_nothing_built(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder .*expected one with sources, modifications, "):
        storage.read_folder(tmp_path / "nowhere")
    with pytest.raises(UserError, match="has no sources, .*run `secanalysis build` first"):
        storage.read_processed(tmp_path)


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
        storage.write_raw(tables, raw)
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == before
    monkeypatch.undo()
    storage.write_raw(tables, raw)
    assert len(storage.read_folder(raw)["events"]) == 1


def test_rows_are_sorted_by_number_in_their_locators() -> None:
    rows = [f.event("MP100", "raised", locator=where) for where in ("line 10, b", "line 9", "line 10, a")]
    frame = f.tables(events=rows)["events"]
    assert storage.sort_rows(frame, "events")["locator"].tolist() == ["line 9", "line 10, a", "line 10, b"]
