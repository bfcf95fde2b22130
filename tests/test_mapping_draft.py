"""A mapping drafted from an export: what is certain works, what isn't is a comment, and the draft always loads."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from secanalysis.ingest.exports.mapping import RegisterMapping
from secanalysis.ingest.exports.mapping_file import load
from secanalysis.ingest.importing import draft_mapping, read
from secanalysis.support.errors import UserError

DAY = date(2024, 6, 7)
HOW_TO = Path(__file__).parent.parent / "docs" / "how-to"


def csv_file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def drafted(file: Path) -> tuple[str, Path]:
    """A draft, as text and as a file."""
    text = draft_mapping(file)
    mapping = file.parent / "mapping.yaml"
    mapping.write_text(text, encoding="utf-8")
    return text, mapping


def uncommented(text: str, part: str) -> str:
    """The draft with the hash taken away from each line that holds a text."""
    return "\n".join(
        line.replace("# ", "", 1) if part in line and line.lstrip().startswith("# ") else line
        for line in text.splitlines()
    )


def test_the_made_up_register_reads_whole_after_one_edit(tmp_path: Path) -> None:
    # Counted by hand in docs/how-to/made-up-export-2024-06-07.xlsx: 16 modifications, all raised on a day; 13 with
    # a day in "Converted on"; 5 in "Change Board vote", 1 in "Authority decision date", 1 in "Withdrawn on"; 10 rows
    # with a day of a PA, 5 with one of an IA; 6 and 6 of consultations; 9 modifications at 5 meetings, of which the
    # two of 1 July are still to come; 3 targeted at a release, 2 implemented; 3 releases.
    file = tmp_path / "made-up-export-2024-06-07.xlsx"
    file.write_bytes((HOW_TO / file.name).read_bytes())
    text, mapping = drafted(file)
    with pytest.raises(UserError, match="Status: found 'Parked'; expected one of development"):
        read(file, None, DAY, mapping)
    (line,) = [line for line in text.splitlines() if "Parked" in line]
    mapping.write_text(text.replace(line, "        Parked: on_hold"), encoding="utf-8")
    rows = read(file, None, DAY, mapping).rows
    assert {table: len(of_table) for table, of_table in rows.items()} == {
        "modifications": 16,
        "events": 16 + 13 + 16 + 5 + 1 + 1,
        "assessments": 15,
        "consultations": 12,
        "meetings": 9,
        "release_items": 5,
        "releases": 3,
    }
    assert Counter(str(row["kind"]) for row in rows["assessments"]) == {"PA": 10, "IA": 5}
    assert Counter(str(row["status"]) for row in rows["release_items"]) == {"targeted": 3, "implemented": 2}
    scheduled = [(row["ref"], row["held_on"]) for row in rows["meetings"] if row["status"] == "scheduled"]
    assert scheduled == [("MP906", date(2024, 7, 1)), ("MP914", date(2024, 7, 1))]
    voted = [row for row in rows["events"] if row.get("event") == "voted"]
    assert [(row["ref"], str(row["on"]), row["outcome"], row["path"]) for row in voted] == [
        ("MP901", "2023-12-13", "approved", "self_governance"),
        ("MP902", "2024-05-22", "approved", "self_governance"),
        ("MP903", "2024-05-22", "recommended_approval", "authority"),
        ("MP911", "2024-03-20", "rejected", "self_governance"),
        ("MP915", "2023-08-23", "recommended_approval", "authority"),
    ]


def test_the_order_of_days_is_never_guessed(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "r.csv", "Reference,Title,Date raised", "MP301,Lamps,04/03/2024", "MP302,Kites,05/03/2024"
    )
    text, mapping = drafted(file)
    assert 'not sure: "04/03/2024" could also be month-day-year' in text
    with pytest.raises(UserError, match="the mapping must say which order it is"):
        read(file, None, DAY, mapping)
    mapping.write_text(uncommented(text, "# dates: day-month-year"), encoding="utf-8")
    assert [row["on"] for row in read(file, None, DAY, mapping).rows["events"]] == [
        date(2024, 3, 4),
        date(2024, 3, 5),
    ]


def test_days_that_contradict_each_other_are_shown(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "r.csv", "Reference,Title,Date raised", "MP301,Lamps,14/03/2024", "MP302,Kites,03/15/2024"
    )
    assert '"14/03/2024" and "03/15/2024" have different orders' in drafted(file)[0]


def test_what_a_heading_leaves_open_is_a_comment(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "r.csv",
        "Reference,Title,IA received,Consultation opened,Implementation date,Proposer,Closed",
        "MP301,Lamps,2024-03-04,2024-03-05,2024-11-07,A. Person,2024-04-01",
        "MP302,Kites,2024-03-14,,,B. Person,",
    )
    text, mapping = drafted(file)
    assert [read.table for read in load(mapping).reads] == ["modifications"]
    assert "proposer_organisation" not in load(mapping).reads[0].columns
    for reason in (
        "received by the DCC (accepted_on), or from it (returned_on)?",
        "which consultation? kind: refinement, report or other",
        "planned, or in force?",
        "organisations only: names of people have no place in the tables",
        "not read: Closed (days in 1 row)",
    ):
        assert reason in text
    mapping.write_text(_with_consultations(text), encoding="utf-8")
    assert [row["opened_on"] for row in read(file, None, DAY, mapping).rows["consultations"]] == [
        date(2024, 3, 5)
    ]


def _with_consultations(text: str) -> str:
    """The draft with the entry of consultations taken in, as a person would, line by line."""
    lines = text.splitlines()
    at = next(at for at, line in enumerate(lines) if line == "  # - table: consultations")
    for number in range(at, len(lines)):
        if number > at and not lines[number].startswith("  #   "):
            break
        lines[number] = lines[number].replace("# ", "", 1)
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("ref", "number"), [("P378", 378), ("R0012", 12), ("DCP400", 400), ("CMP 317", 317), ("22/01482", None)]
)
def test_references_of_other_registers(tmp_path: Path, ref: str, number: int | None) -> None:
    file = csv_file(tmp_path / "r.csv", "Reference,Title", f"{ref},Lamps", f"{ref[:-1]}9,Kites")
    text, mapping = drafted(file)
    if number is None:
        assert (
            "# references:" in text
        )  # two numbers: which of them tells modifications apart isn't for us to say
        assert load(mapping).references == {}
        return
    assert read(file, None, DAY, mapping).rows["modifications"][0]["ref"] == f"MP{number:03d}"


def test_references_of_several_forms_are_not_guessed(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "r.csv", "Reference,Title", "0734S,Lamps", "0735,Kites", "0736V,Bells")
    text, mapping = drafted(file)
    assert "# references:" in text and "several forms" in text
    assert load(mapping).references == {}


def test_columns_that_are_empty_so_far_are_read_by_their_heading(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "r.csv",
        "Reference,Title,Date raised,Withdrawn on,PA accepted,Change Board",
        "MP301,Lamps,14/03/2024,,TBC,",
        "MP302,Kites,15/03/2024,,TBC,",
    )
    text, mapping = drafted(file)
    assert "not read: Change Board (nothing)" in text  # days or words?
    file.write_text(file.read_text().replace("15/03/2024,,TBC", "15/03/2024,16/05/2024,02/04/2024"))
    rows = read(file, None, DAY, mapping).rows
    assert [(row["event"], row["on"]) for row in rows["events"]][-1] == ("withdrawn", date(2024, 5, 16))
    assert [row["accepted_on"] for row in rows["assessments"]] == [date(2024, 4, 2)]


def test_a_csv_file_with_a_title_and_semicolons(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "r.csv",
        "Our register, all of it",
        "",
        "Reference;Title;Date raised",
        "MP301;Lamps;14/03/2024",
    )
    _, mapping = drafted(file)
    assert [row["title"] for row in read(file, None, DAY, mapping).rows["modifications"]] == ["Lamps"]


def test_the_same_heading_twice(tmp_path: Path) -> None:
    made = Workbook()
    for row in (
        ["Ref", "Title", "Notes", "Raised on", "Raised on"],
        ["MP301", "Lamps", "x", "2024-03-04", "2024-03-05"],
    ):
        made.active.append(row)
    made.save(tmp_path / "r.xlsx")
    text, mapping = drafted(tmp_path / "r.xlsx")
    assert "not sure: on: Raised on or Raised on?" in text
    load(mapping)


def test_what_is_no_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="found no column of references"):
        draft_mapping(csv_file(tmp_path / "r.csv", "Colour,Size", "red,1", "blue,2"))
    with pytest.raises(UserError, match="isn't a register's export"):
        draft_mapping(csv_file(tmp_path / "report.txt", "A report"))


@settings(max_examples=30, deadline=None)
@given(
    headings=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
        min_size=1,
        max_size=5,
    ),
    words=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
        min_size=2,
        max_size=6,
    ),
)
def test_whatever_headings_and_words_are_the_draft_loads(
    tmp_path_factory: pytest.TempPathFactory, headings: list[str], words: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("draft")
    made = Workbook()
    made.active.append(["Reference", "Status", "Title", *headings])
    for at, word in enumerate(words):
        made.active.append(
            [f"MP{301 + at}", word.lstrip("="), word.lstrip("="), *(word.lstrip("=") for _ in headings)]
        )
    made.save(folder / "r.xlsx")
    text = draft_mapping(folder / "r.xlsx")
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    assert isinstance(load(folder / "mapping.yaml"), RegisterMapping)


def test_columns_of_unknown_headings_are_entries_to_decide_on(tmp_path: Path) -> None:
    """By what their cells hold; taken in, each reads what it says."""
    file = csv_file(
        tmp_path / "r.csv",
        "Reference,What it is,Where it is now,Boarded,Verdict,Flag",
        "MP301,Lamps that tell the time,Refinement Process,4 March 2024,Approved,x",
        "MP302,Kites and their strings,Report Phase,5 March 2024,Rejected,y",
        "MP303,Bells for every door,Refinement Process,,,x",
    )
    text, mapping = drafted(file)
    assert [read.table for read in load(mapping).reads] == ["modifications"]
    assert not load(mapping).reads[0].columns.keys() - {"ref"}
    for heading in ("What it is", "Where it is now", "Boarded", "Verdict", "Flag"):
        assert f"# not read: {heading} (" in text
    for doubt in (
        "# not sure: are the titles in What it is?",
        "# not sure: Where it is now is known by its words alone: is this the stage?",
        "# not sure: if Boarded holds the days of an event, which? One of raised, converted",
        "# not sure: Verdict is known by its words alone: is this the outcome of the Change Board's vote",
    ):
        assert doubt in text
    lines = text.splitlines()
    begin = next(at for at, line in enumerate(lines) if "# not read: What it is" in line)
    decided = [
        line if re.match(r" *# not", line) else re.sub(r"^( *)# ", r"\1", line, count=1)
        for line in lines[begin:]
    ]
    decided = [line.replace('"?"', "entered_report") for line in decided]
    mapping.write_text("\n".join([*lines[:begin], *decided]) + "\n", encoding="utf-8")
    rows = read(file, None, DAY, mapping).rows
    assert {row.get("title") for row in rows["modifications"]} >= {"Bells for every door"}
    assert [
        (row["event"], row.get("stage") or row.get("outcome") or str(row["on"])) for row in rows["events"]
    ] == [
        ("observed", "refinement"),
        ("observed", "report"),
        ("observed", "refinement"),
        ("entered_report", "2024-03-04"),
        ("entered_report", "2024-03-05"),
        ("voted", "approved"),
        ("voted", "rejected"),
    ]
