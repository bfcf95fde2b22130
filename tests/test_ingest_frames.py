"""A register in pandas frames comes in as its file does: the same statements, the same faults, the same notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from openpyxl import Workbook

from secanalysis import ingest
from secanalysis.ingest.importing import draft_mapping, read
from secanalysis.ingest.importing import ingest as ingest_file
from secanalysis.ingest.reading import Reading
from secanalysis.statements import storage
from secanalysis.support.errors import UserError

HOW_TO = Path(__file__).parent.parent / "docs" / "how-to"
DAY = date(2024, 6, 7)
MAPPING: dict[str, Any] = {
    "source": {"title": "Our register", "publisher": "Us"},
    "dates": "day-month-year",
    "blank": ["TBC"],
    "defaults": {"sheet": "Register", "columns": {"ref": "Reference"}},
    "read": [
        {"table": "modifications", "columns": {"title": "Title"}},
        {"table": "events", "columns": {"on": "Raised"}, "values": {"event": "raised"}},
        {
            "table": "events",
            "columns": {"stage": "Status"},
            "values": {"event": "observed"},
            "words": {"stage": {"Refine": "refinement", "Parked": "on_hold"}},
        },
    ],
}
HEADING = ["Reference", "Title", "Status", "Raised"]
ROWS: list[list[Any]] = [
    ["MP301", "Lamps", "Refine", date(2024, 2, 1)],
    ["mp 302", "Kites", "Parked", "3/2/2024"],
    ["MP303", "Bells ", "TBC", None],
    [None, None, None, None],
    ["MP304", "Drums", "Refine", "5 March 2024"],
]


def workbook(folder: Path, rows: list[list[Any]], heading: list[Any] = HEADING) -> Path:
    book = Workbook()
    book.active.title = "Register"
    for row in [heading, *rows]:
        book.active.append(row)
    book.save(folder / "export.xlsx")
    return folder / "export.xlsx"


def frame(rows: list[list[Any]], heading: list[Any] = HEADING) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=heading, dtype="object")


def mapped(folder: Path, mapping: dict[str, Any] = MAPPING) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(yaml.safe_dump(mapping), encoding="utf-8")
    return path


def frames_read(sheets: Any, mapping: Any = MAPPING, **options: Any) -> Reading:
    return ingest.register(sheets, mapping, **{"published_on": DAY, **options}).reading


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(UserError) as error:
        work()
    return str(error.value)


# The same as the file -----------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2024-06-07", "2024-07-05"])
def test_a_messy_workbook_and_its_frames_are_the_same_statements(tmp_path: Path, day: str) -> None:
    """As pandas reads it: the headings are in row 3, days are of four forms, and notes follow the table."""
    file = tmp_path / f"made-up-export-{day}.xlsx"
    file.write_bytes((HOW_TO / file.name).read_bytes())
    mapping = tmp_path / "mapping.yaml"
    text = draft_mapping(HOW_TO / "made-up-export-2024-06-07.xlsx").replace("# Parked: ?", "Parked: on_hold")
    mapping.write_text(text, encoding="utf-8")
    of_file = read(file, "export", date.fromisoformat(day), mapping)
    sheets = {
        "Register": pd.read_excel(file, sheet_name="Register", header=2, engine="calamine"),
        "Working Groups": pd.read_excel(file, sheet_name="Working Groups", engine="calamine"),
        "Releases": pd.read_excel(file, sheet_name="Releases", engine="calamine"),
    }
    of_frames = frames_read(sheets, mapping, published_on=day, source_id="export")
    assert of_frames.rows == of_file.rows
    assert of_frames.source == of_file.source
    assert set(of_file.notes) - set(of_frames.notes) == {
        "sheet 'Cover' isn't read: the mapping doesn't name it"
    }
    assert len(of_frames.rows["modifications"]) >= 16


def test_the_tables_are_the_same_to_the_byte(tmp_path: Path) -> None:
    file, mapping = workbook(tmp_path, ROWS), mapped(tmp_path)
    ingest_file(file, tmp_path / "file", "ours", DAY, mapping)
    result = ingest.register(
        {"Register": frame(ROWS)}, MAPPING, published_on=DAY, into=tmp_path / "frames", source_id="ours"
    )
    assert result.written["modifications"] == 4
    by_name = {
        folder: {path.name: path.read_bytes() for path in (tmp_path / folder).glob("*.csv")}
        for folder in ("file", "frames")
    }
    assert by_name["file"] == by_name["frames"]
    assert b"MP302" in by_name["frames"]["events.csv"]


def test_one_frame_is_as_a_csv_file(tmp_path: Path) -> None:
    text = "Reference,Title,Status,Raised\nMP301,Lamps,Refine,01/02/2024\nMP302,Kites,Parked,\n"
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    mapping = {**MAPPING, "defaults": {"columns": {"ref": "Reference"}}}
    of_file = read(tmp_path / "export.csv", "ours", DAY, mapped(tmp_path, mapping))
    assert frames_read(pd.read_csv(tmp_path / "export.csv"), mapping, source_id="ours").rows == of_file.rows


def test_frames_in_the_template_s_form_need_no_mapping() -> None:
    sheets = {
        "modifications": pd.DataFrame({"ref": ["MP301"], "title": ["Lamps"]}),
        "events": pd.DataFrame({"ref": ["MP301"], "event": ["raised"], "on": [pd.Timestamp("2024-02-01")]}),
    }
    rows = frames_read(sheets, None).rows
    assert rows["events"] == [
        {
            "ref": "MP301",
            "event": "raised",
            "on": date(2024, 2, 1),
            "precision": "day",
            "source_id": "register-2024-06-07",
            "locator": "events, row 2",
        }
    ]


FAULTY: list[list[Any]] = [
    ["MP301", "Lamps", "Sung", date(2024, 2, 1)],
    ["MQ302", "Kites", "Parked", "3/2/2024"],
    ["MP303", "Bells", "Refine", "31/2/2024"],
    ["MP304", "Drums", "Refine", 45_000],
    ["MP305", "Doors", "Refine", True],
    ["MP301", "Lamps, again", "Refine", date(2024, 2, 1)],
    ["MP306", "Lost \ufffd letters", "Refine", date(2024, 2, 1)],
    ["MP307", "Clocks", "Refine", date(1990, 2, 1)],
]


def test_faults_are_those_of_the_file_with_sheet_row_and_heading(tmp_path: Path) -> None:
    file, mapping = workbook(tmp_path, FAULTY), mapped(tmp_path)
    of_file = refused(lambda: read(file, None, DAY, mapping)).splitlines()
    of_frames = refused(lambda: frames_read({"Register": frame(FAULTY)})).splitlines()
    assert of_frames[1:] == of_file[1:]
    assert of_frames[0] == of_file[0].replace("export.xlsx", "Our register")
    assert "Register, row 4, Raised: found '31/2/2024', which is no day; expected a day" in of_frames


def test_all_faults_are_in_the_error() -> None:
    rows = [[f"MQ{number}", "Lamps", "Refine", None] for number in range(30)]
    with pytest.raises(UserError, match="30 faults") as error:
        frames_read({"Register": frame(rows)})
    faults = error.value.faults  # type: ignore[attr-defined]
    assert [(fault.place.row, fault.heading) for fault in faults] == [
        (row, "Reference") for row in range(2, 32)
    ]


# Cells --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "on"),
    [
        (date(2024, 2, 1), "2024-02-01"),
        (datetime(2024, 2, 1, 14, 30), "2024-02-01"),
        (pd.Timestamp("2024-02-01 14:30"), "2024-02-01"),
        (np.datetime64("2024-02-01"), "2024-02-01"),
        (datetime(2024, 2, 1, 14, 30, tzinfo=UTC), "2024-02-01"),
        ("01/02/2024", "2024-02-01"),
        (np.str_("01/02/2024"), "2024-02-01"),
        (None, None),
        (pd.NaT, None),
        (pd.NA, None),
        (float("nan"), None),
        ("TBC", None),
    ],
)
def test_a_day_in_a_frame(cell: object, on: str | None) -> None:
    events = frames_read({"Register": frame([["MP301", "Lamps", "Refine", cell]])}).rows["events"]
    assert [str(row["on"]) for row in events if row["event"] == "raised"] == ([on] if on else [])


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2024, 6, 1, 23, 30, tzinfo=UTC),  # 2 June in Great Britain
        float("inf"),
        45_000,
        np.int64(45_000),
        Decimal(45_000),
        pd.Period("2024-02"),
        pd.Timedelta(days=1),
        ["2024-02-01"],
        {"day": 1},
        b"2024-02-01",
    ],
)
def test_what_is_no_day_is_refused(cell: object) -> None:
    fault = refused(lambda: frames_read({"Register": frame([["MP301", "Lamps", "Refine", cell]])}))
    assert "Register, row 2, Raised: found" in fault


def test_columns_of_other_types_are_read_as_what_they_show() -> None:
    register = pd.DataFrame(
        {
            "Reference": pd.Series(["MP301", "MP302"], dtype="string"),
            "Title": pd.Series([2024.0, 7.0]),
            "Status": pd.Categorical(["Refine", "Parked"]),
            "Raised": pd.to_datetime(["2024-02-01", None]),
        }
    )
    rows = frames_read({"Register": register}).rows
    assert [(row["ref"], row["title"]) for row in rows["modifications"]] == [
        ("MP301", "2024"),
        ("MP302", "7"),
    ]
    assert [row["event"] for row in rows["events"]] == ["raised", "observed", "on_hold"]


def test_headings_may_be_numbers_and_days() -> None:
    mapping = {**MAPPING, "read": [{"table": "modifications", "columns": {"title": "2024"}}]}
    assert frames_read({"Register": frame([["MP301", "Lamps"]], ["Reference", 2024])}, mapping).rows[
        "modifications"
    ]


def test_the_frame_is_left_as_it_is() -> None:
    register = frame(ROWS)
    before = register.copy(deep=True)
    frames_read({"Register": register})
    pd.testing.assert_frame_equal(register, before)


# What is refused ----------------------------------------------------------------------------------

GOOD = frame(ROWS)


@pytest.mark.parametrize(
    ("sheets", "options", "sentence"),
    [
        ({}, {}, "found no sheets"),
        ({"Register": ROWS}, {}, "sheet 'Register': found list; expected a pandas DataFrame"),
        ({3: GOOD}, {}, "found a sheet named 3; expected a text"),
        (
            {"Register": GOOD.set_axis(pd.MultiIndex.from_product([["a"], HEADING]), axis=1)},
            {},
            "2 rows of headings",
        ),
        ({"Other": GOOD, "Third": GOOD}, {}, "no sheet 'Register'; it has 'Other', 'Third'"),
        (
            {"Register": GOOD.drop(columns="Raised")},
            {},
            "found no column 'Raised'; it has Reference, Title, Status",
        ),
        ({"Register": GOOD.iloc[:0]}, {}, "holds no rows"),
        ({"Register": GOOD}, {"published_on": "7 June"}, "published_on: '7 June' is not a day"),
        ({"Register": GOOD}, {"published_on": "1990-06-07"}, "expected a day from"),
        ({"Register": GOOD}, {"source_id": "Our Register"}, "expected lower-case letters"),
    ],
)
def test_what_is_no_register_is_refused(sheets: Any, options: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(lambda: frames_read(sheets, **options))


def test_checking_writes_nothing_and_another_export_is_not_replaced_unasked(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    sheets = {"Register": frame(ROWS)}
    checked = ingest.register(sheets, MAPPING, published_on=DAY, into=raw, check=True)
    assert not raw.exists()
    assert f"Checked only: nothing was written to {raw}" in repr(checked)
    assert "Checked only: nothing was written" in repr(ingest.register(sheets, MAPPING, published_on=DAY))
    ingest.register(sheets, MAPPING, published_on=DAY, into=str(raw))
    fewer = {"Register": frame(ROWS[:2])}
    assert "give --replace" in refused(lambda: ingest.register(fewer, MAPPING, published_on=DAY, into=raw))
    ingest.register(fewer, MAPPING, published_on="2024-06-07", into=raw, replace=True)
    assert len(storage.read_folder(raw)["modifications"]) == 2
