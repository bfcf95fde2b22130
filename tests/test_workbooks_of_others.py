"""Workbooks as other programs and hands leave them: attributes in single quotes, what is hidden, days half shown."""

from __future__ import annotations

import io
import re
import resource
import shutil
import subprocess
import sys
import zipfile
from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from test_damaged_documents import PDF, part_edited, with_parts

from secanalysis.ingest.importing import read
from secanalysis.ingest.reading import Reading
from secanalysis.support.errors import UserError

SHEET = "xl/worksheets/sheet1.xml"
MAPPING = """
dates: excel-serial
source: {title: A made-up register, publisher: Nobody}
read:
  - {table: events, sheet: events, columns: {ref: ref, event: event, on: "on"}}
"""


def workbook(*rows: list[object], number_format: str = "yyyy-mm-dd") -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = "events"
    sheet.append(["ref", "event", "on"])
    for row in rows or ([["MP301", "raised", date(2020, 7, 1)]]):
        sheet.append(row)
    for cell in sheet["C"][1:]:
        cell.number_format = number_format
    return book


def as_bytes(book: Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def reading_of(folder: Path, data: bytes, mapping: str = "") -> Reading:
    (folder / "register.xlsx").write_bytes(data)
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    day = date(2024, 6, 7)
    return read(folder / "register.xlsx", published_on=day, mapping=folder / "map.yaml" if mapping else None)


def days(reading: Reading) -> list[str]:
    return [f"{row['ref']} {row['on']}" for row in reading.rows["events"]]


def in_single_quotes(data: bytes, *, apart: bool = False) -> bytes:
    """The same workbook, its attributes in single quotes, or with spaces about the sign."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        new = {
            name: re.sub(
                rb'(\s[\w:]+)="([^"\']*)"', rb"\1 = '\2'" if apart else rb"\1='\2'", parts.read(name)
            )
            for name in parts.namelist()
            if name.endswith((".xml", ".rels")) and not name.startswith("docProps")
        }
    return with_parts(new, data)


@pytest.mark.parametrize("apart", [False, True])
def test_attributes_in_single_quotes_mean_the_same(tmp_path: Path, apart: bool) -> None:
    """Serial number 43893 is 4 March 2024 where days are counted from 1904, and was 3 March 2020."""
    data = as_bytes(workbook(["MP301", "raised", 43893], number_format="General"))
    data = part_edited("xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1"', data)
    assert days(reading_of(tmp_path, in_single_quotes(data, apart=apart), MAPPING)) == ["MP301 2024-03-04"]
    with pytest.raises(UserError, match=r"holds an error \(sheet 'events', cell B2\)"):
        reading_of(tmp_path, in_single_quotes(as_bytes(workbook(["MP301", "#REF!", None])), apart=apart))
    merged = workbook()
    merged["events"].merge_cells("A1:B1")
    with pytest.raises(UserError, match="merged cells"):
        reading_of(tmp_path, in_single_quotes(as_bytes(merged), apart=apart))


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("mmm-yy", "Jul-20"),
        ("mmmm yyyy", "Jul-20"),
        ("yyyy", "2020"),
        ('[$-809]mmm" "yy', "Jul-20"),
        ("[Red]yyyy;@", "2020"),
    ],
)
def test_a_cell_that_shows_no_day_is_none(tmp_path: Path, number_format: str, shown: str) -> None:
    """The 1st isn't what its reader sees, nor always what was meant."""
    with pytest.raises(UserError, match=rf"events, row 2, on: found '?{shown}"):
        reading_of(tmp_path, as_bytes(workbook(number_format=number_format)))


@pytest.mark.parametrize(
    "number_format",
    [
        "yyyy-mm-dd",
        "d mmm yy",
        "dd/mm/yyyy hh:mm",
        "[$-F800]dddd, mmmm dd, yyyy",
        '[Magenta]d"th of" mmmm yyyy',
        "[Magenta]d/m/yy",
    ],
)
def test_a_cell_that_shows_its_day_is_that_day(tmp_path: Path, number_format: str) -> None:
    assert days(reading_of(tmp_path, as_bytes(workbook(number_format=number_format)))) == ["MP301 2020-07-01"]


def test_a_time_is_no_day(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="row 2, on: found"):
        reading_of(tmp_path, as_bytes(workbook(["MP301", "raised", time(9, 30)], number_format="h:mm")))


@pytest.mark.parametrize(
    ("edit", "note"),
    [
        (
            lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True),
            "is hidden, and read all the same: row 3",
        ),
        (lambda sheet: setattr(sheet.column_dimensions["C"], "hidden", True), "column C"),
        (lambda sheet: setattr(sheet, "sheet_state", "hidden"), "sheet 'events' is hidden"),
        (lambda sheet: setattr(sheet, "sheet_state", "veryHidden"), "sheet 'events' is hidden"),
    ],
)
def test_what_is_hidden_is_noted(tmp_path: Path, edit: object, note: str) -> None:
    rows = [["MP301", "raised", date(2020, 7, 1)], ["MP302", "raised", date(2020, 7, 2)]]
    book = workbook(*rows)
    assert not reading_of(tmp_path, as_bytes(book)).notes
    edit(book["events"])  # type: ignore[operator]
    book.create_sheet("Notes")
    reading = reading_of(tmp_path, as_bytes(book))
    assert len(reading.rows["events"]) == 2
    assert any(note in shown for shown in reading.notes), reading.notes


@pytest.mark.parametrize(
    ("old", "new", "what"), [(b'r="3"', b'r="2"', "row 2"), (b'r="C3"', b'r="B3"', "cell B3")]
)
def test_a_row_or_cell_that_is_there_twice_is_refused(
    tmp_path: Path, old: bytes, new: bytes, what: str
) -> None:
    """The one before was dropped."""
    data = as_bytes(workbook(["MP301", "raised", date(2020, 7, 1)], ["MP302", "raised", date(2020, 7, 2)]))
    with pytest.raises(UserError, match=rf"{what} twice"):
        reading_of(tmp_path, part_edited(SHEET, old, new, data))


def test_a_full_cell_is_noted(tmp_path: Path) -> None:
    """32,767 characters are the most that a cell holds; who exports more cuts it off."""
    book = workbook()
    book["events"]["D1"], book["events"]["D2"] = "Remarks", "x" * 32_767
    notes = reading_of(tmp_path, as_bytes(book), MAPPING).notes
    assert any("D2 holds 32,767 characters" in note for note in notes), notes
    book["events"]["D2"] = "x" * 32_766
    assert not any("characters" in note for note in reading_of(tmp_path, as_bytes(book), MAPPING).notes)


LIMITED = """
import resource, runpy, sys
for kind, most in ((resource.RLIMIT_AS, {memory}), (resource.RLIMIT_CPU, {seconds})):
    if most:
        resource.setrlimit(kind, (most, most))
from secanalysis.cli import main
main()
"""


@pytest.mark.parametrize(
    ("memory", "seconds"),
    [
        (600 << 20, 15),
        *(
            pytest.param(memory, seconds, marks=pytest.mark.soak)
            for memory, seconds in ((0, 20), (1_000_000 << 10, 0), (1 << 30, 0))
        ),
    ],
)
@pytest.mark.parametrize("kind", ["PDF", "workbook"])
def test_a_sound_document_is_read_under_limits(tmp_path: Path, memory: int, seconds: int, kind: str) -> None:
    """Limits that are set once and for all, such as those of a batch system."""
    document = PDF if kind == "PDF" else tmp_path / "register.xlsx"
    if kind == "workbook":
        document.write_bytes(as_bytes(workbook()))
    words = ["ingest", str(document), "--into", str(tmp_path / "raw")]
    words += [] if kind == "PDF" else ["--published-on", "2024-06-07"]
    done = under_limits(words, memory, seconds)
    assert (done.returncode, "damaged" in done.stderr) == (0, False), done.stderr


def test_what_runs_out_is_said(tmp_path: Path) -> None:
    document = shutil.copy(PDF, tmp_path / "report.pdf")
    words = ["ingest", str(document), "--into", str(tmp_path / "raw"), "--check"]
    done = under_limits(words, 0, 1)
    if done.returncode == 2:  # unless it was read in that second
        assert (
            "report.pdf takes more than 1 second to open, the limit that secanalysis was started with"
            in done.stderr
        )


def under_limits(words: list[str], memory: int, seconds: int) -> subprocess.CompletedProcess[str]:
    """The command, with limits that it can't raise (unless it is root's)."""
    script = LIMITED.format(memory=memory, seconds=seconds)
    assert resource.getrlimit(resource.RLIMIT_AS)[1] == resource.RLIM_INFINITY
    return subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=120)
