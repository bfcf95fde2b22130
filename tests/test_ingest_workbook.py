"""Registers as XLSX and CSV: by a mapping, in the template's form, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from secanalysis.ingest.importing import ingest, read, remarks, template
from secanalysis.statements import schemas, storage, table_columns
from secanalysis.support.errors import UserError

DAY = date(2027, 3, 5)

MAPPING = """
dates: day-month-year
source: {title: A made-up register, publisher: Nobody}
read:
  - table: modifications
    sheet: Register
    columns: {ref: Reference, title: Title, proposer_organisation: Raised by}
  - table: events
    sheet: Register
    columns: {ref: Reference, on: Raised on}
    values: {event: raised}
    only_with: [on]
  - table: events
    sheet: Register
    columns: {ref: Reference, stage: Status}
    values: {event: observed}
    words: {stage: {Refinement Process: refinement, In force: implemented}}
"""
HEADING = ["Reference", "Title", "Raised by", "Raised on", "Status", "Owner"]
ROWS: list[list[Any]] = [
    ["MP301", "Lamps", "Example Ltd", date(2026, 2, 1), "Refinement Process", "AB"],
    ["MP302", "Kites", None, "3/2/2026", "In force", "CD"],
    ["MP303", "Bells ", "Example Ltd", None, "development", None],
]


def book(
    path: Path, rows: list[list[Any]] = ROWS, heading: list[str] = HEADING, sheet: str = "Register"
) -> Path:
    workbook = Workbook()
    workbook.active.title = sheet
    for row in [heading, *rows]:
        workbook.active.append(row)
    workbook.save(path)
    return path


def mapped(folder: Path, text: str = MAPPING) -> Path:
    (folder / "map.yaml").write_text(text, encoding="utf-8")
    return folder / "map.yaml"


def refused(file: Path, mapping: Path | None = None) -> str:
    with pytest.raises(UserError) as error:
        read(file, None, DAY, mapping)
    return str(error.value)


def test_a_register_by_a_mapping(tmp_path: Path) -> None:
    outcome = ingest(book(tmp_path / "Register 5.xlsx"), tmp_path / "raw", None, DAY, mapped(tmp_path))
    tables = storage.read_folder(tmp_path / "raw")
    assert tables["sources"].iloc[0].to_dict()["source_id"] == "register-5-2027-03-05"
    assert tables["sources"].iloc[0]["kind"] == "register"
    events = tables["events"]
    assert list(
        zip(events["ref"], events["event"], events["on"].dt.date, events["stage"].fillna(""), strict=True)
    ) == [
        ("MP301", "raised", date(2026, 2, 1), ""),
        ("MP301", "observed", DAY, "refinement"),
        ("MP302", "raised", date(2026, 2, 3), ""),
        ("MP302", "observed", DAY, "implemented"),
        ("MP303", "observed", DAY, "development"),
    ]
    assert list(events["locator"])[:2] == ["Register, row 2", "Register, row 2 (2)"]
    assert list(tables["modifications"]["title"]) == ["Lamps", "Kites", "Bells"]
    assert "columns that aren't read: Owner" in remarks(outcome)
    assert "1 row without Raised on left out" in remarks(outcome)


def test_a_csv_register(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("ref;event;on\nMP301;raised;2026-02-01\nMP302;withdrawn;1 March 2027\n", encoding="utf-8")
    ingest(file, tmp_path / "raw", None, DAY)
    events = storage.read_folder(tmp_path / "raw")["events"]
    assert list(events["on"].dt.date) == [date(2026, 2, 1), date(2027, 3, 1)]
    assert list(events["locator"]) == ["row 2", "row 3"]


def test_the_template_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    template(path)
    workbook = load_workbook(path)
    assert set(schemas.TABLES) < set(workbook.sheetnames)
    events = workbook["events"]
    assert [cell.value for cell in events[1]] == [c.name for c in table_columns.columns("events")][:-2]
    assert "What happened" in events["B1"].comment.text
    assert events.data_validations.dataValidation
    assert "holds no rows" in refused(path)

    events.append(["MP301", "raised", datetime(2026, 2, 1)])
    workbook["assessments"].append(["MP301", "PA", None, date(2026, 3, 2), None, 15])
    workbook["sources"].append(["my-register", "synthetic", "Made up", "Nobody", DAY])
    workbook.save(path)
    outcome = ingest(path, tmp_path / "raw")
    assert outcome.reading.source["source_id"] == "my-register"
    assert outcome.reading.source["kind"] == "synthetic"
    row = outcome.reading.rows["assessments"][0]
    assert (row["state"], row["state_on"], row["target_wd"]) == ("open", DAY, 15)
    assert outcome.reading.rows["events"][0]["precision"] == "day"


def test_a_template_without_room_leaves_nothing(tmp_path: Path) -> None:
    few = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    few += "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); from secanalysis.cli import main; main()"
    path = tmp_path / "register.xlsx"
    done = subprocess.run(
        [sys.executable, "-c", few, "template", str(path)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2, done
    assert f"Could not write {path} (File too large)" in done.stderr and "Traceback" not in done.stderr
    assert not path.exists()


def test_the_template_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "register.xlsx").write_bytes(b"mine")
    with pytest.raises(UserError, match="is there already"):
        template(tmp_path / "register.xlsx")
    assert (tmp_path / "register.xlsx").read_bytes() == b"mine"


# Days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "order", "result"),
    [
        ("03/07/2026", "day-month-year", date(2026, 7, 3)),
        ("03/07/2026", "month-day-year", date(2026, 3, 7)),
        (44050, "excel-serial", date(2020, 8, 7)),
        ("2026-07-03", "iso", date(2026, 7, 3)),
        (datetime(2026, 7, 3, 0, 0), "iso", date(2026, 7, 3)),
    ],
)
def test_days_as_the_mapping_says(tmp_path: Path, cell: object, order: str, result: date) -> None:
    file = book(tmp_path / "r.xlsx", [["MP301", "raised", cell]], ["Ref", "What", "When"])
    text = f"dates: {order}\nread: [{{table: events, columns: {{ref: Ref, event: What, on: When}}}}]"
    assert read(file, None, DAY, mapped(tmp_path, text)).rows["events"][0]["on"] == result


@pytest.mark.parametrize(
    ("cell", "order", "words"),
    [
        ("03/07/2026", "iso", "the mapping must say which order it is"),
        (44050, "iso", "the mapping must say so: dates: excel-serial"),
        ("07/25/2026", "day-month-year", "'07/25/2026', which is no day"),
        ("2026-02-30", "iso", "which is no day"),
        ("soon", "iso", "found 'soon'; expected a day"),
        (True, "iso", "found TRUE"),
        ("1 March 2028", "iso", "expected a day up to 2027-03-05"),
    ],
)
def test_days_that_are_refused(tmp_path: Path, cell: object, order: str, words: str) -> None:
    file = book(tmp_path / "r.xlsx", [["MP301", "raised", cell]], ["Ref", "What", "When"])
    text = f"dates: {order}\nread: [{{table: events, columns: {{ref: Ref, event: What, on: When}}}}]"
    message = refused(file, mapped(tmp_path, text))
    assert words in message
    assert "row 2" in message


def test_all_faults_at_once(tmp_path: Path) -> None:
    file = book(
        tmp_path / "events.xlsx",
        [["MP1", "raised", None], ["MP302", "sung", None]],
        ["ref", "event", "on"],
        "events",
    )
    message = refused(file)
    assert "events, row 2, ref: found 'MP1'; expected a reference" in message
    assert "events, row 3, event: found 'sung'; expected one of raised" in message
    assert message.startswith("events.xlsx: 2 faults; nothing was written")


# Registers and mappings -------------------------------------------------------------------------


def test_registers_that_say_too_little(tmp_path: Path) -> None:
    file = book(tmp_path / "register.xlsx")
    assert "neither its name nor its headings are those of one table" in refused(file)
    with pytest.raises(UserError, match="on which day was it exported"):
        read(file, None, None, mapped(tmp_path))
    twice = book(
        tmp_path / "twice.xlsx", heading=["Reference", "Title", "Title", "Raised on", "Status", "Owner"]
    )
    assert "found 2 columns 'Title'" in refused(twice, mapped(tmp_path))
    other = book(tmp_path / "other.xlsx", sheet="Other")
    assert "no sheet 'Register'; it has 'Other'" in refused(other, mapped(tmp_path))
    extra = book(tmp_path / "extra.xlsx", [["MP301", "raised", "x"]], ["ref", "event", "mood"], "events")
    assert "no column mood in events" in refused(extra)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("read: [", "isn't YAML"),
        ("[]", "expected names and values, found list"),
        ("dates: iso", "expected a list under 'read'"),
        ("read: [{table: sources}]", "found table 'sources'; expected one of modifications"),
        ("read: [{table: events}]", "expected 'columns'"),
        ("read: [{table: events, columns: {mood: X}}]", "found 'mood'; expected some of ref, event"),
        ("read: [{table: events, columns: {ref: X}, values: {ref: Y}}]", "ref in both"),
        ("{dates: backwards, read: [1]}", "found 'backwards'; expected one of iso"),
        ("read: [{table: events, columns: {ref: X}, heading: 0}]", "the row of the headings"),
        ("read: [{table: events, columns: {ref: X}, only_with: [on]}]", "'only_with' lists some of ref"),
    ],
)
def test_mappings_that_are_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(book(tmp_path / "register.xlsx"), mapped(tmp_path, text))


@pytest.mark.bench
def test_fifty_thousand_rows_in_five_seconds(tmp_path: Path) -> None:
    import time

    rows = [
        [
            f"SECMP{1 + number % 9_999:04}{'ABCDEF'[number // 9_999]}",
            f"Made-up {number}",
            "Example Ltd",
            date(2026, 1, 1),
            "development",
            None,
        ]
        for number in range(50_000)
    ]
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Register")
    for row in [HEADING, *rows]:
        sheet.append(row)
    workbook.save(tmp_path / "register.xlsx")
    one_table = "read: [{table: modifications, sheet: Register, columns: {ref: Reference, title: Title}}]"
    begin = time.perf_counter()
    ingest(tmp_path / "register.xlsx", tmp_path / "raw", None, DAY, mapped(tmp_path, one_table))
    assert time.perf_counter() - begin < 5


# Sources that would take each other's place ------------------------------------------------------


def test_another_register_under_the_same_id_is_refused(tmp_path: Path) -> None:
    events, modifications = tmp_path / "events.csv", tmp_path / "modifications.csv"
    events.write_text("ref,event,on\nMP301,raised,2026-02-01\nMP302,raised,2026-02-02\n", encoding="utf-8")
    modifications.write_text("ref,title\nMP301,Lamps\n", encoding="utf-8")
    ingest(events, tmp_path / "raw", "ours", DAY)
    before = {path: path.read_bytes() for path in (tmp_path / "raw").glob("*.csv")}
    with pytest.raises(UserError, match=r"ours is already the source_id of 'events' of 2027-03-05") as error:
        ingest(modifications, tmp_path / "raw", "ours", DAY)
    assert "remove rows of it (2 of events); nothing was written" in str(error.value)
    assert {path: path.read_bytes() for path in (tmp_path / "raw").glob("*.csv")} == before


def test_files_of_one_name_and_day_in_two_folders(tmp_path: Path) -> None:
    for folder, ref in (("a", "MP301"), ("b", "MP302")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "events.csv").write_text(f"ref,event\n{ref},raised\n", encoding="utf-8")
    ingest(tmp_path / "a" / "events.csv", tmp_path / "raw", None, DAY)
    with pytest.raises(UserError, match="events-2027-03-05 is already the source_id of 'events'"):
        ingest(tmp_path / "b" / "events.csv", tmp_path / "raw", None, DAY)
    ingest(tmp_path / "b" / "events.csv", tmp_path / "raw", "others", DAY)
    assert sorted(storage.read_folder(tmp_path / "raw")["events"]["ref"]) == ["MP301", "MP302"]


def test_an_export_put_right_replaces_the_first_if_asked(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("ref,event\nMP301,raised\nMP302,raised\n", encoding="utf-8")
    ingest(file, tmp_path / "raw", None, DAY)
    assert ingest(file, tmp_path / "raw", None, DAY).replaced["events"] == 2  # the same again loses nothing
    file.write_text("ref,event\nMP301,raised\n", encoding="utf-8")
    with pytest.raises(UserError, match="give --replace"):
        ingest(file, tmp_path / "raw", None, DAY)
    ingest(file, tmp_path / "raw", None, DAY, replace_export=True)
    assert list(storage.read_folder(tmp_path / "raw")["events"]["ref"]) == ["MP301"]


def test_names_without_latin_letters_are_distinct_sources(tmp_path: Path) -> None:
    ids = set()
    for name in ("реестр", "登記簿", "Köln", "Koln", "ö", "ü"):
        file = tmp_path / f"{name}.csv"
        file.write_text(f"ref,event\nMP30{len(ids)},raised\n", encoding="utf-8")
        ids.add(ingest(file, tmp_path / "raw", None, DAY).reading.source["source_id"])
    assert len(ids) == 6
    assert all(len(source_id) <= 120 for source_id in ids)
    assert len(storage.read_folder(tmp_path / "raw")["events"]) == 6
