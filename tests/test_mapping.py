"""What a mapping can say of a register that people keep: each line with a made-up export."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from secanalysis.analysis import stages
from secanalysis.ingest.importing import ingest, read
from secanalysis.ingest.reading import Reading
from secanalysis.ingest.result import summary
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements.storage import read_folder
from secanalysis.support.errors import UserError

DAY = date(2024, 6, 7)
RAISED = "columns: {ref: Reference, on: Raised}, values: {event: raised}"


def workbook(path: Path, *rows: list[Any], sheet: str = "Register") -> Path:
    made = Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def csv_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def reading(file: Path, mapping: str) -> Reading:
    path = file.with_name("map.yaml")
    path.write_text(mapping, encoding="utf-8")
    return read(file, None, DAY, path)


def refused(file: Path, mapping: str) -> str:
    with pytest.raises(UserError) as error:
        reading(file, mapping)
    return str(error.value)


def cells(reading: Reading, table: str, *names: str) -> list[tuple[Any, ...]]:
    return [
        tuple(str(value) if isinstance(value := row.get(name), date) else value for name in names)
        for row in reading.rows.get(table, [])
    ]


def register(tmp_path: Path, *rows: str) -> Path:
    return csv_file(tmp_path / "r.csv", "\n".join(["Reference,Name,Status,Raised", *rows]) + "\n")


# Words for nothing --------------------------------------------------------------------------------


def test_words_for_nothing_in_all_columns_and_in_one(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "r.xlsx",
        ["Reference", "Raised", "Closed"],
        ["MP301", "n/a", "01/02/2024"],
        ["MP302", "01/02/2024", "ongoing"],
        ["MP303", "-", "TBC "],
    )
    mapping = f"""
dates: day-month-year
blank: [N/A, TBC, "-", ""]
read:
  - {{table: events, {RAISED}}}
  - {{table: events, columns: {{ref: Reference, on: Closed}}, values: {{event: withdrawn}}, blank: {{on: [ongoing]}}}}
"""
    assert cells(reading(file, mapping), "events", "ref", "event", "on") == [
        ("MP302", "raised", "2024-02-01"),
        ("MP301", "withdrawn", "2024-02-01"),
    ]


@pytest.mark.parametrize("nothing", ['""', "null", "~"])
def test_a_word_may_map_to_nothing(tmp_path: Path, nothing: str) -> None:
    file = workbook(
        tmp_path / "r.xlsx", ["Reference", "Raised"], ["MP301", "TBC"], ["MP302", date(2024, 2, 1)]
    )
    mapping = f"read: [{{table: events, {RAISED}, words: {{on: {{TBC: {nothing}}}}}}}]"
    assert cells(reading(file, mapping), "events", "ref") == [("MP302",)]


# Rows ---------------------------------------------------------------------------------------------


def test_which_rows_are_read(tmp_path: Path) -> None:
    file = register(
        tmp_path,
        "MP301,Lamps,Open,01/02/2024",
        "MP302,Kites,Closed,01/02/2024",
        "MP303,Bells,open,",
        ",,,",
        "Applied filters:,Status is Open,,",
    )
    rule = "dates: day-month-year\nread: [{table: modifications, columns: {ref: Reference, title: Name}, %s}]"
    skip = "skip_after_blank: true"
    for more, refs in (
        ("only_where: {Status: [Open]}", ["MP301", "MP303"]),
        (f"only_with: [Raised], {skip}", ["MP301", "MP302"]),
        (f"only_without: [Raised], {skip}", ["MP303"]),
        (skip, ["MP301", "MP302", "MP303"]),
    ):
        assert [ref for (ref,) in cells(reading(file, rule % more), "modifications", "ref")] == refs
    assert any("below the first blank row" in note for note in reading(file, rule % skip).notes)


def test_a_row_that_says_nothing_of_an_event_is_no_event(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "r.csv", "Reference,Withdrawn on\nMP301,\nMP302,2024-02-01\n")
    mapping = (
        "read: [{table: events, columns: {ref: Reference, on: Withdrawn on}, values: {event: withdrawn}}]"
    )
    made = reading(file, mapping)
    assert cells(made, "events", "ref") == [("MP302",)]
    assert "1 row without Withdrawn on left out" in " ".join(made.notes)


def test_an_assessment_s_state_follows_from_its_days(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "r.csv",
        "Reference,Asked,Accepted,Returned\nMP301,2024-01-02,,\nMP302,2024-01-02,2024-01-09,\n"
        "MP303,,2024-01-09,2024-02-01\nMP304,,,\n",
    )
    mapping = """
read:
  - table: assessments
    columns: {ref: Reference, requested_on: Asked, accepted_on: Accepted, returned_on: Returned}
    values: {kind: IA}
"""
    assert cells(reading(file, mapping), "assessments", "ref", "state", "state_on") == [
        ("MP301", "requested", "2024-06-07"),
        ("MP302", "open", "2024-06-07"),
        ("MP303", "returned", "2024-02-01"),
    ]


# Cells that hold several --------------------------------------------------------------------------


def test_cells_that_hold_several(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "r.xlsx",
        ["References", "Working Group dates"],
        ["MP301; MP302", "01/02/2024"],
        ["MP303", "05/02/2024;  06/03/2024"],
        ["MP304", "07/02/2024\n08/03/2024"],
    )
    mapping = """
dates: day-month-year
read:
  - table: meetings
    columns: {ref: References, held_on: Working Group dates}
    values: {body: working_group, status: held}
    split: {References: ";", Working Group dates: [";", line]}
"""
    made = reading(file, mapping)
    assert cells(made, "meetings", "ref", "held_on") == [
        ("MP301", "2024-02-01"),
        ("MP302", "2024-02-01"),
        ("MP303", "2024-02-05"),
        ("MP303", "2024-03-06"),
        ("MP304", "2024-02-07"),
        ("MP304", "2024-03-08"),
    ]
    both = workbook(
        tmp_path / "b.xlsx", ["References", "Working Group dates"], ["MP301;MP302", "01/02/2024;02/02/2024"]
    )
    assert "row 2, References and Working Group dates: found 2 and 2 values" in refused(both, mapping)


# Days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "07/08/2023",
        "7/8/2023",
        "07-08-2023",
        "07.08.2023",
        "07/08/23",
        "7-Aug-23",
        "07-Aug-2023",
        "07-AUG-2023",
        "2023-08-07",
        "2023/08/07",
        "2023-8-7",
        "2023-08-07T14:30:00",
        "2023-08-07T14:30:00Z",
        "2023-08-07T00:00:00+01:00",
        "7 August 2023",
        "7th August 2023",
        "Mon 7 Aug 2023",
        "Monday, 7 August 2023",
        "August 7, 2023",
        "2023-08-07 14:30:00",
        "07/08/2023 00:00",
        "07/08/2023 00:00:00",
        "07/08/2023 2:30 PM",
    ],
)
def test_forms_of_days(tmp_path: Path, text: str) -> None:
    file = workbook(tmp_path / "r.xlsx", ["Reference", "Raised"], ["MP301", text])
    made = reading(file, f"dates: [day-month-year, iso]\nread: [{{table: events, {RAISED}}}]")
    assert cells(made, "events", "on") == [("2023-08-07",)]


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("07/08/2023", "which may be 7 August 2023 or 8 July 2023"),
        ("31/02/2023", "which is no day"),
        ("Tuesday 7 August 2023", "but 7 August 2023 is a Monday"),
        ("2023-08-06T23:30:00Z", "which is 7 August 2023 in Great Britain"),
        ("07/08/2023 25:00", "which is no time"),
        ("20230807", "found '20230807'; expected a day"),
        ("Q3 2023", "found 'Q3 2023'; expected a day"),
    ],
)
def test_days_that_are_not_one_day(tmp_path: Path, text: str, because: str) -> None:
    file = workbook(tmp_path / "r.xlsx", ["Reference", "Raised"], ["MP301", text])
    mapping = f"dates: [day-month-year, month-day-year]\nread: [{{table: events, {RAISED}}}]"
    message = refused(file, mapping)
    assert because in message and "row 2, Raised" in message


def test_forms_of_days_by_column(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "r.csv", "Reference,In,Out\nMP301,03/04/2024,05/06/2024\n")
    mapping = """
dates: day-month-year
read:
  - table: assessments
    columns: {ref: Reference, accepted_on: In, returned_on: Out}
    values: {kind: PA}
    dates: {returned_on: month-day-year, others: day-month-year}
"""
    made = reading(file, mapping)
    assert cells(made, "assessments", "accepted_on", "returned_on") == [("2024-04-03", "2024-05-06")]


# References and headings --------------------------------------------------------------------------


def test_references_of_any_spaces_and_case(tmp_path: Path) -> None:
    made = reading(
        register(tmp_path, "mp 301,Lamps,,", "Mp302 ,Kites,,", "SECMP 0007,Bells,,"),
        "read: [{table: modifications, columns: {ref: Reference, title: Name}}]",
    )
    assert cells(made, "modifications", "ref") == [("MP301",), ("MP302",), ("SECMP0007",)]
    assert "3 references read in our form, such as 'mp 301' as MP301" in made.notes


def test_references_by_a_pattern_of_one_s_own(tmp_path: Path) -> None:
    made = reading(
        register(tmp_path, "P379,Lamps,,", "0734S,Kites,,", "DCP400,Bells,,", "Draft 12,Doors,,"),
        """
references: {MP: "(?:P|DCP)?([0-9]{3,4})[SR]?", DP: "Draft ?([0-9]+)"}
read: [{table: modifications, columns: {ref: Reference, title: Name}}]
""",
    )
    assert cells(made, "modifications", "ref") == [("MP379",), ("MP734",), ("MP400",), ("DP012",)]
    assert "expected a reference" in refused(
        register(tmp_path, "X1,Lamps,,"),
        'references: {MP: "P([0-9]+)"}\nread: [{table: modifications, columns: {ref: Reference, title: Name}}]',
    )


@pytest.mark.parametrize("heading", ["Raised\non", "Raised\u00a0on", "Raised  on", " raised on "])
def test_headings_whose_spaces_differ(tmp_path: Path, heading: str) -> None:
    file = workbook(tmp_path / "r.xlsx", ["Reference", heading], ["MP301", date(2024, 2, 1)])
    mapping = "read: [{table: events, columns: {ref: Reference, on: Raised on}, values: {event: raised}}]"
    assert cells(reading(file, mapping), "events", "on") == [("2024-02-01",)]


def test_the_same_heading_twice_by_its_place(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "r.csv", "Reference,Date,Date\nMP301,2024-01-02,2024-01-09\n")
    mapping = "read: [{table: events, columns: {ref: Reference, on: %s}, values: {event: raised}}]"
    assert "found 2 columns 'Date' (B and C)" in refused(file, mapping % "Date")
    assert cells(reading(file, mapping % "{heading: Date, nth: 2}"), "events", "on") == [("2024-01-09",)]
    assert "found 2 columns 'Date'" in refused(file, mapping % "{heading: Date, nth: 3}")


def test_numbers_days_and_yes_and_no_as_headings_and_words(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "r.xlsx",
        ["No", 2024, datetime(2024, 6, 1), "On"],
        ["MP301", 1, "Yes", date(2024, 2, 1)],
        ["MP302", 2, "No", date(2024, 2, 2)],
    )
    mapping = """
read:
  - {table: events, columns: {ref: No, stage: 2024}, values: {event: observed}, words: {stage: {1: refinement, 2: report}}}
  - {table: events, columns: {ref: No, on: On, path: 2024-06-01}, values: {event: voted},
     words: {path: {Yes: self_governance, No: authority}}}
"""
    made = reading(file, mapping)
    assert cells(made, "events", "ref", "stage", "path") == [
        ("MP301", "refinement", None),
        ("MP302", "report", None),
        ("MP301", None, "self_governance"),
        ("MP302", None, "authority"),
    ]


def test_a_mapping_that_says_a_thing_twice(tmp_path: Path) -> None:
    file = register(tmp_path, "MP301,Lamps,,")
    mapping = "read:\n  - table: modifications\n    columns: {ref: Reference, title: Name, title: Status}"
    assert "map.yaml, line 3: found 'title' twice" in refused(file, mapping)


# CSV ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
@pytest.mark.parametrize("above", ["", "Register of modifications, as at 7 June 2024, 10:00\n"])
def test_delimiters_are_recognised_at_the_heading(tmp_path: Path, delimiter: str, above: str) -> None:
    rows = [["Reference", '"Title, in full; no ref"', "Raised"], ["MP301", '"Made up, one"', "01/02/2024"]]
    file = csv_file(tmp_path / "r.csv", above + "\n".join(map(delimiter.join, rows)) + "\n")
    mapping = f"""
defaults: {{heading: {1 + bool(above)}}}
read: [{{table: modifications, columns: {{ref: Reference, title: "Title, in full; no ref"}}}}]
"""
    assert cells(reading(file, mapping), "modifications", "ref", "title") == [("MP301", "Made up, one")]


def test_a_delimiter_that_the_file_or_the_mapping_states(tmp_path: Path) -> None:
    rule = "read: [{table: modifications, columns: {ref: Reference, title: Name}}]"
    file = csv_file(tmp_path / "r.csv", "sep=;\nReference;Name\nMP301;Lamps\n")
    assert cells(reading(file, rule), "modifications", "title") == [("Lamps",)]
    file = csv_file(tmp_path / "r.csv", "Reference|Name\nMP301|Lamps, one\n")
    assert cells(reading(file, f'csv: {{delimiter: "|"}}\n{rule}'), "modifications", "title") == [
        ("Lamps, one",)
    ]


def test_letters_of_windows(tmp_path: Path) -> None:
    rule = "read: [{table: modifications, columns: {ref: Reference, title: Name}}]"
    file = csv_file(tmp_path / "r.csv", "Reference,Name\nMP301,Café – £5\n", "cp1252")
    made = reading(file, rule)
    assert cells(made, "modifications", "title") == [("Café – £5",)]
    assert any("read as Windows-1252 (cp1252): check line 2" in note for note in made.notes)
    assert not any("1252" in note for note in reading(file, f"csv: {{encoding: cp1252}}\n{rule}").notes)


def test_rows_that_end_early(tmp_path: Path) -> None:
    rule = "read: [{table: modifications, columns: {ref: Reference, title: Name%s}}]"
    file = csv_file(
        tmp_path / "r.csv", "Reference,Name,By,Notes\nMP301,Lamps,Us,x\nMP302,Kites,Us\nMP303,Bells,Us\n"
    )
    assert (
        len(reading(file, rule % "").rows["modifications"]) == 3
    )  # only a column that isn't read is missing
    file = csv_file(tmp_path / "r.csv", "Reference,Name,By\nMP301,Lamps,Us\nMP302,Kites\n")
    both = rule % ", proposer_organisation: By"
    message = refused(file, both)
    assert "one fault" in message and "row 3: found 2 cells; expected 3, as in the heading" in message
    made = reading(file, f"csv: {{short_rows: blank}}\n{both}")
    assert cells(made, "modifications", "proposer_organisation") == [("Us",), (None,)]


# Defaults, on hold --------------------------------------------------------------------------------


def test_defaults_are_said_once(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "r.xlsx", ["A register"], ["Reference", "Name", "Raised"], ["MP301", "Lamps", "01/02/2024"]
    )
    mapping = """
defaults: {sheet: Register, heading: 2, dates: day-month-year, columns: {ref: Reference}}
read:
  - {table: modifications, columns: {title: Name}}
  - {table: events, columns: {on: Raised}, values: {event: raised}}
"""
    made = reading(file, mapping)
    assert cells(made, "modifications", "ref", "title") == [("MP301", "Lamps")]
    assert cells(made, "events", "ref", "on") == [("MP301", "2024-02-01")]
    assert "row 2 has it" in refused(file, mapping.replace("heading: 2", "heading: 1"))


def test_on_hold_is_a_state_that_keeps_the_stage(tmp_path: Path) -> None:
    mapping = """
read:
  - table: events
    columns: {ref: Reference, stage: Status}
    values: {event: observed}
    words: {stage: {Refinement: refinement, On hold: on_hold}}
"""
    for day, status in ((date(2024, 6, 7), "Refinement"), (date(2024, 7, 5), "On hold")):
        file = register(tmp_path, f"MP301,Lamps,{status},")
        (tmp_path / "map.yaml").write_text(mapping)
        outcome = ingest(file, tmp_path / "raw", None, day, tmp_path / "map.yaml")
    assert cells(outcome.reading, "events", "event", "stage", "precision") == [("on_hold", None, "by")]
    known = stages.stages(ResolvedRegister(read_folder(tmp_path / "raw"))).at(date(2024, 7, 5))
    assert list(known["stage"]) == ["refinement"]


# One reference twice ------------------------------------------------------------------------------


LISTING = """
dates: day-month-year
%s
read:
  - {table: modifications, columns: {ref: Reference, title: Name}}
  - {table: events, columns: {ref: Reference, on: Raised}, values: {event: raised}}
  - {table: events, columns: {ref: Reference, stage: Status}, values: {event: observed},
     words: {stage: {Refinement: refinement, With Board: report, Withdrawn: withdrawn, Implemented: implemented}}}
"""


def test_one_reference_with_different_things_stated_is_refused(tmp_path: Path) -> None:
    file = register(
        tmp_path,
        "MP901,Kites in parks,Refinement,04/03/2024",
        "MP901,Lamps at night,Withdrawn,18/03/2024",
        "MP902,Bells,With Board,02/04/2024",
        "MP903,Doors,Implemented,02/04/2024",
        "MP903,Doors,Refinement,02/04/2024",
    )
    message = refused(file, LISTING % "")
    assert message.startswith("r.csv: 2 faults; nothing was written")
    assert "row 3, Reference: found MP901 again (first in row 2), with other things stated (Name:" in message
    assert (
        "row 6, Reference: found MP903 again (first in row 5), with other things stated (Status:" in message
    )
    made = reading(file, LISTING % "duplicates: list")
    assert len(made.rows["modifications"]) == 5  # none is lost
    assert sum("has two rows that differ" in note for note in made.notes) == 2


def test_a_row_that_repeats_another_is_read_once_and_listed(tmp_path: Path) -> None:
    file = register(tmp_path, "MP901,Kites,Refinement,04/03/2024", "MP901,Kites,Refinement,04/03/2024")
    made = reading(file, LISTING % "")
    assert len(made.rows["modifications"]) == 1 and len(made.rows["events"]) == 2
    assert "row 3 repeats row 2 (MP901) and is read once" in made.notes


def test_a_draft_proposal_and_its_modification_in_two_stages(tmp_path: Path) -> None:
    file = register(tmp_path, "DP901,Kites,Refinement,04/03/2024", "MP901,Kites,With Board,04/03/2024")
    assert "MP901 again" in refused(file, LISTING % "")


def test_one_modification_in_two_stages_on_two_sheets(tmp_path: Path) -> None:
    made = Workbook()
    for sheet, status in (("Open", "Refinement"), ("Closed", "Withdrawn")):
        page = made.create_sheet(sheet)
        page.append(["Reference", "Status"])
        page.append(["MP901", status])
    made.save(tmp_path / "r.xlsx")
    one = (
        "{table: events, sheet: %s, columns: {ref: Reference, stage: Status}, values: {event: observed}, "
        "words: {stage: {Refinement: refinement, Withdrawn: withdrawn}}}"
    )
    mapping = f"read: [{one % 'Open'}, {one % 'Closed'}]"
    assert "found MP901 in two stages: refinement (Open, row 2) and withdrawn" in refused(
        tmp_path / "r.xlsx", mapping
    )


# Sheets that can't be read whole ------------------------------------------------------------------


def sheets(path: Path, **cells_: str) -> Path:
    made = Workbook()
    made.active.title = "Register"
    for row in (["Reference", "Name", "Age"], ["MP301", "Lamps", 3]):
        made.active.append(row)
    made.create_sheet("Cover")["A1"] = "A register"
    for cell, formula in cells_.items():
        made["Register"][cell] = formula
    made["Cover"].merge_cells("A1:C1")
    made["Cover"]["A2"] = "=1+1"
    made["Cover"]["A3"] = "#REF!"
    made.save(path)
    return path


def test_sheets_that_are_not_read_may_hold_anything(tmp_path: Path) -> None:
    rule = "read: [{table: modifications, sheet: Register, columns: {ref: Reference, title: Name}}]"
    made = reading(sheets(tmp_path / "r.xlsx"), rule)
    assert cells(made, "modifications", "ref") == [("MP301",)]
    assert cells(reading(sheets(tmp_path / "r.xlsx", C2="=1+2"), rule), "modifications", "ref") == [
        ("MP301",)
    ]
    message = refused(sheets(tmp_path / "r.xlsx", B2='="Lam"&"ps"'), rule)
    assert "holds a formula (sheet 'Register', cell B2): paste values in its place" in message
    assert "whose value wasn't saved" in refused(
        sheets(tmp_path / "r.xlsx", B2='="Lam"&"ps"'), f"formulas: cached\n{rule}"
    )


def test_saved_values_of_formulas_if_the_mapping_says_so(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as made:
        page = made.add_worksheet("Register")
        page.write_row(0, 0, ["Reference", "Name"])
        page.write_string(1, 0, "MP301")
        page.write_formula(1, 1, '="Lam"&"ps"', None, "Lamps")
    rule = "read: [{table: modifications, sheet: Register, columns: {ref: Reference, title: Name}}]"
    assert "cell B2" in refused(tmp_path / "r.xlsx", rule)
    made_reading = reading(tmp_path / "r.xlsx", f"formulas: cached\n{rule}")
    assert cells(made_reading, "modifications", "title") == [("Lamps",)]


# Faults -------------------------------------------------------------------------------------------


def test_each_cell_s_fault_once_in_the_register_s_headings(tmp_path: Path) -> None:
    file = register(tmp_path, *(f"MQ{number},Lamps,Sung,2 Feb" for number in range(30)))
    (tmp_path / "map.yaml").write_text(LISTING % "")
    with pytest.raises(UserError) as error:
        ingest(file, tmp_path / "raw", None, DAY, tmp_path / "map.yaml")
    lines = str(error.value).splitlines()
    assert lines[0] == "r.csv: 90 faults; nothing was written"  # a day, a word and a reference in each row
    assert lines[1] == "row 2, Raised: found '2 Feb'; expected a day"
    assert len(lines) == 22 and lines[-1].endswith("r.faults.csv") and "70 more; all are in" in lines[-1]
    assert len((tmp_path / "r.faults.csv").read_text(encoding="utf-8").splitlines()) == 91
    assert not (tmp_path / "raw").exists()


def test_checking_writes_nothing(tmp_path: Path) -> None:
    file = register(tmp_path, "MP301,Lamps,Refinement,01/02/2024")
    (tmp_path / "map.yaml").write_text(LISTING % "")
    before = sorted(path.name for path in tmp_path.iterdir())
    outcome = ingest(file, tmp_path / "raw", None, DAY, tmp_path / "map.yaml", check=True)
    assert outcome.written["events"] == 2
    assert "Checked only: nothing was written" in summary(outcome)
    bad = register(tmp_path, *(f"MQ{number},Lamps,Sung,2 Feb" for number in range(30)))
    with pytest.raises(UserError, match="90 faults"):
        ingest(bad, tmp_path / "raw", None, DAY, tmp_path / "map.yaml", check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_five_thousand_modifications_in_five_seconds(tmp_path: Path) -> None:
    rows = [f"MP{1000 + number},Made-up {number},Refinement,01/02/2024" for number in range(5_000)]
    file = register(tmp_path, *rows)
    (tmp_path / "map.yaml").write_text(LISTING % "")
    begin = time.perf_counter()
    ingest(file, tmp_path / "raw", None, DAY, tmp_path / "map.yaml")
    assert time.perf_counter() - begin < 5


def test_faults_of_all_kinds_in_one_round(tmp_path: Path) -> None:
    """A heading that isn't there, a formula, cells that can't be read, and what a table refuses of a row that can."""
    book = Workbook()
    book.active.title = "Register"
    for row in (
        ["Reference", "Name", "Status", "Raised", "PA accepted", "PA returned"],
        ["MP301", "Lamps", "Sung", "31/02/2024", None, None],
        ["MP302", "Kites", "Refinement", "01/02/2024", "01/03/2024", "05/02/2024"],  # returned before
        ["MP303*", "Bells", "Refinement", "01/02/2024", None, None],
    ):
        book.active.append(row)
    other = book.create_sheet("Votes")
    other.append(["Reference", "Voted"])
    other.append(["MP301", "=TODAY()"])
    book.save(tmp_path / "r.xlsx")
    mapping = """
defaults: {sheet: Register, dates: day-month-year, columns: {ref: Reference}}
read:
  - {table: modifications, columns: {title: Name}}
  - {table: events, columns: {stage: Status}, values: {event: observed}, words: {stage: {Refinement: refinement}}}
  - {table: events, columns: {on: Raised}, values: {event: raised}}
  - {table: events, columns: {on: Converted}, values: {event: converted}}
  - {table: events, columns: {on: Withdrawn}, values: {event: withdrawn}}
  - {table: assessments, columns: {accepted_on: PA accepted, returned_on: PA returned}, values: {kind: PA}}
  - {table: events, sheet: Votes, columns: {on: Voted}, values: {event: voted, body: change_board}}
  - {table: meetings, sheet: Meetings, columns: {held_on: Day}, values: {body: working_group}}
"""
    words = refused(tmp_path / "r.xlsx", mapping)
    for fault in (
        "no column 'Converted'",
        "no column 'Withdrawn'",
        "holds a formula (sheet 'Votes', cell B2)",
        "no sheet 'Meetings'",
        "Register, row 2, Status: found 'Sung'",
        "Register, row 2, Raised: found '31/02/2024', which is no day",
        "Register, row 3, PA returned: found '2024-02-05'; expected on or after PA accepted",
        "Register, row 4, Reference: found 'MP303*', which ends in a footnote's mark",
    ):
        assert fault in words
    assert words.splitlines()[0] == "r.xlsx: 8 faults; nothing was written"


@pytest.mark.parametrize("mark", ["*", " [1]", "¹", " †", "**", "[a]"])
def test_footnote_marks_are_refused_and_named(tmp_path: Path, mark: str) -> None:
    file = csv_file(
        tmp_path / "r.csv",
        f"Reference,Name,Target,Accepted\nMP301{mark},Lamps{mark},12{mark},1 March 2024{mark}\n",
    )
    mapping = """
defaults: {columns: {ref: Reference}}
read:
  - {table: modifications, columns: {title: Name}}
  - {table: assessments, columns: {target_wd: Target, accepted_on: Accepted}, values: {kind: PA}}
"""
    lines = refused(file, mapping).splitlines()[1:]
    assert [line.split(": found")[0] for line in lines] == [
        "row 2, Target",
        "row 2, Accepted",
        "row 2, Reference",
    ]
    assert all("', which ends in a footnote's mark; expected" in line for line in lines)


def test_a_mapping_s_faults_are_stated_for_all_entries(tmp_path: Path) -> None:
    mapping = """
read:
  - {table: modification, columns: {ref: Reference}}
  - {table: events, columns: {ref: Reference, when: Raised}, values: {event: raised}}
  - {table: modifications, columns: {ref: Reference}}
"""
    first, second = refused(register(tmp_path, "MP301,Lamps,Refinement,01/02/2024"), mapping).splitlines()
    assert first.startswith("map.yaml, entry 1 of read: found table 'modification'")
    assert second.startswith("map.yaml, entry 2 of read, columns: found 'when'")
