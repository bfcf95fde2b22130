"""Corrections: what they change, when they are known, and that they end when their source is mended."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import factories as f
import pandas as pd
import pytest

from secanalysis import Register
from secanalysis.analysis import quality
from secanalysis.statements import storage, table_columns
from secanalysis.statements.faults import InvalidTables

REPORT = f.source("report", published_on="2020-08-07", published_precision="day")
ROWS = {
    "events": [
        f.vote("MP101", "2020-07-22", source_id="report", locator="line 1"),
        f.vote("MP102", "2020-07-23", source_id="report", locator="line 2"),
    ],
    "assessments": [
        f.assessment("MP100", accepted="2020-07-14", seen="2020-07-31", target_wd=15, source_id="report")
    ],
    "published_figures": [
        {"month": "2020-08", "key": "vote.count", "printed": "2", "value": 2, "unit": "count"}
        | {"source_id": "report"}
    ],
}
WRONG_DAY = {
    "table": "events",
    "source_id": "report",
    "locator": "line 1",
    "column": "on",
    "action": "replace",
    "found": "2020-07-22",
    "value": "2020-06-24",
    "reason": "the minutes of the meeting say so",
    "status": "in_force",
    "since": "2026-11-24",
}
NO_VOTE = WRONG_DAY | {"locator": "line 2", "action": "remove", "found": "2020-07-23", "value": None}
WRONG_TARGET = WRONG_DAY | {
    "table": "assessments",
    "column": "target_wd",
    "found": "15",
    "value": "20",
}


def corrections(*rows: dict[str, object]) -> pd.DataFrame:
    names = [column.name for column in table_columns.columns("corrections")]
    return table_columns.typed(pd.DataFrame(rows, columns=names, dtype="object"), "corrections")


def register(*rows: dict[str, object]) -> Register:
    return Register({**f.tables([REPORT], **ROWS), "corrections": corrections(*rows)})


def raw(folder: Path, *rows: dict[str, object]) -> Path:
    storage.write_raw(register(*rows).stated, folder)
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(InvalidTables) as refusal:
        storage.read_folder(folder)
    return [str(fault) for fault in refusal.value.faults]


# What they change -------------------------------------------------------------------------------


def test_a_cell_is_replaced_and_a_row_removed() -> None:
    reg = register(WRONG_DAY, NO_VOTE, WRONG_TARGET)
    assert reg.tables["events"][["ref", "on"]].values.tolist() == [["MP101", pd.Timestamp("2020-06-24")]]
    assert reg.tables["assessments"]["target_wd"].tolist() == [20]
    assert reg.month("2020-08").figures["vote.count"].value == 0
    assert register().month("2020-08").figures["vote.count"].value == 2


def test_statements_stay_as_stated_and_reprints_are_made_of_them() -> None:
    reg = register(WRONG_DAY)
    assert reg.stated["events"]["on"].tolist() == [pd.Timestamp("2020-07-22"), pd.Timestamp("2020-07-23")]
    figure = reg.month("2020-08").figures["vote.count"]
    assert (figure.value, figure.reprint, figure.printed) == (1, 2, "2")


@pytest.mark.parametrize("status", ["proposed", "retired"])
def test_only_those_in_force_are_used(status: str) -> None:
    assert register(NO_VOTE | {"status": status}).month("2020-08").figures["vote.count"].value == 2


def test_a_correction_is_known_from_its_day_on() -> None:
    reg = register(NO_VOTE | {"since": "2020-09-01"})
    for day, votes in (("2020-08-07", 2), ("2020-09-01", 1), (None, 1)):
        assert reg.month("2020-08", known_by=day).figures["vote.count"].value == votes


def test_durations_are_counted_from_what_is_used_instead() -> None:
    later = WRONG_TARGET | {"column": "accepted_on", "found": "2020-07-14", "value": "2020-07-31"}
    mean = register(later).month("2020-08").figures["assessment.pa.open.mean_wd"]
    assert mean.value == 1


def test_a_blank_is_filled_and_a_cell_emptied() -> None:
    filled = WRONG_TARGET | {"column": "requested_on", "found": None, "value": "2020-07-01"}
    emptied = WRONG_TARGET | {"value": None}
    row = register(filled, emptied).tables["assessments"].iloc[0]
    assert row["requested_on"] == pd.Timestamp("2020-07-01")
    assert pd.isna(row["target_wd"])


# What is shown of them --------------------------------------------------------------------------


def test_data_quality_lists_them_with_whether_they_are_used() -> None:
    shown = quality.corrections(
        register(NO_VOTE, WRONG_DAY | {"status": "proposed"}, WRONG_TARGET | {"status": "retired"})
    )
    assert shown[["locator", "used"]].values.tolist() == [["line 1", False], ["line 2", True]]
    early = quality.corrections(register(NO_VOTE).as_known(date(2020, 8, 7)))
    assert early["used"].tolist() == [False]


def test_a_figure_says_which_of_its_rows_are_corrected() -> None:
    figure = register(WRONG_DAY).month("2020-07").figures["vote.count"]
    shown = figure._repr_mimebundle_()["text/html"]
    assert "voted on 24 Jun 2020" in shown
    assert "corrected: on is 2020-07-22 there; the minutes of the meeting say so" in shown


def test_the_hash_of_the_data_differs_by_corrections() -> None:
    hashes = {register(*rows).data_sha256 for rows in ([], [WRONG_DAY], [NO_VOTE])}
    assert len(hashes) == 3


# On disk ----------------------------------------------------------------------------------------


def test_they_come_back_from_parquet(tmp_path: Path) -> None:
    folder = raw(tmp_path / "raw", WRONG_DAY, NO_VOTE)
    storage.write_processed(storage.read_folder(folder), tmp_path / "processed")
    assert Register.load(tmp_path / "processed").corrections["locator"].tolist() == ["line 1", "line 2"]


def test_a_folder_without_the_file_has_none(tmp_path: Path) -> None:
    folder = raw(tmp_path / "raw")
    (folder / "corrections.csv").unlink()
    assert storage.read_folder(folder)["corrections"].empty


@pytest.mark.parametrize("mended", ["another cell", "no row"])
def test_once_the_source_is_mended_build_says_so(tmp_path: Path, mended: str) -> None:
    folder = raw(tmp_path / "raw", WRONG_DAY, WRONG_TARGET)
    assert storage.read_folder(folder)
    events = (folder / "events.csv").read_text()
    advice = "if the source is mended, give the correction the status retired, or delete it"
    if mended == "another cell":
        events = events.replace("2020-07-22", "2020-06-24")
        expected = f"column found: found '2020-07-22'; expected 2020-06-24, which the row holds; {advice}"
    else:
        events = "".join(line for line in events.splitlines(keepends=True) if "line 1" not in line)
        expected = f"column locator: found 'report, line 1'; expected a row of events.csv; {advice}"
    (folder / "events.csv").write_text(events)
    assert faults(folder) == [f"corrections.csv, row 2, {expected}"]
    text = (folder / "corrections.csv").read_text()
    (folder / "corrections.csv").write_text(text.replace("in_force", "retired", 1))
    assert storage.read_folder(folder)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"table": "sources"}, "column table: found 'sources'; expected one of modifications, lineage"),
        (
            {"column": "onn"},
            "column column: found 'onn'; expected a column of the table other than source_id and locator",
        ),
        (
            {"column": "locator"},
            "column column: found 'locator'; expected a column of the table other than source_id and locator",
        ),
        ({"action": "mend"}, "column action: found 'mend'; expected one of replace, remove"),
        ({"action": "remove"}, "column value: found '2020-06-24'; expected blank where action is remove"),
        ({"value": "2020-07-22"}, "column value: found '2020-07-22'; expected blank where action is remove"),
        ({"value": "June"}, "column value: found 'June'; expected a day as YYYY-MM-DD"),
        ({"value": "1999-01-01"}, "column value: found '1999-01-01'; expected a day as YYYY-MM-DD"),
        ({"value": None}, "column value: found a blank; expected a row with stated where on is, else blank"),
        ({"source_id": "nobody"}, "column source_id: found 'nobody'; expected a source_id of sources.csv"),
        ({"reason": None}, "column reason: found a blank; expected text"),
        ({"since": "2020-13-01"}, "column since: found '2020-13-01'; expected a day as YYYY-MM-DD"),
    ],
)
def test_what_is_no_correction_is_refused_in_words(
    tmp_path: Path, stated: dict[str, object], expected: str
) -> None:
    folder = raw(tmp_path / "raw", WRONG_TARGET)
    row = {name: "" if cell is None else cell for name, cell in (WRONG_DAY | stated).items()}
    with (folder / "corrections.csv").open("a") as file:
        pd.DataFrame([row]).to_csv(file, header=False, index=False)
    result = faults(folder)
    assert [line for line in result if line.startswith(f"corrections.csv, row 3, {expected}")], result


SPLIT = {"ref": "MP101A", "earlier_ref": "MP101", "kind": "split", "source_id": "report"}
LINEAGE = [
    SPLIT | {"locator": "line 8"},
    SPLIT | {"ref": "MP102B", "earlier_ref": "MP102", "locator": "line 9"},
]
OF_LINEAGE = WRONG_DAY | {"table": "lineage", "locator": "line 9", "column": "earlier_ref", "found": "MP102"}


@pytest.mark.parametrize(
    ("stated", "column", "expected"),
    [
        ({"value": "2099-06-24"}, "value", "a day up to 2020-08-07, its source's own"),
        ({"value": "2020-7-2"}, "value", "a day as YYYY-MM-DD, from 2005 to 2099"),
        ({"value": "20200702"}, "value", "a day as YYYY-MM-DD, from 2005 to 2099"),
        ({"since": "2099-01-01"}, "since", "a day up to today, "),
        (WRONG_TARGET | {"value": "1e2"}, "value", "a whole number from"),
        (WRONG_TARGET | {"value": " 20"}, "value", "text without line breaks"),
        (WRONG_TARGET | {"value": "+20"}, "value", "a whole number from"),
        (WRONG_TARGET | {"value": "0x14"}, "value", "a whole number from"),
        (WRONG_TARGET | {"value": "20.0"}, "value", "a whole number from"),
        (
            WRONG_TARGET | {"column": "accepted_on", "found": "2020-07-14", "value": "2020-09-01"},
            "value",
            "a day up to 2020-08-07",
        ),
        (OF_LINEAGE | {"column": "ref", "found": "MP102B", "value": "MP102"}, "value", "a row with"),
        (
            WRONG_DAY
            | {"table": "published_figures", "locator": "1", "column": "value", "found": "2", "value": "1e2"},
            "value",
            "a number from 0",
        ),
    ],
)
def test_corrected_tables_pass_the_checks_of_raw_ones(
    tmp_path: Path, stated: dict[str, object], column: str, expected: str
) -> None:
    """Seen before: built, and used."""
    tables = f.tables([REPORT], **ROWS, lineage=LINEAGE)
    row = WRONG_DAY | stated
    table = tables[str(row["table"])]
    if row["locator"] not in set(table["locator"]):
        row["locator"] = table["locator"].iloc[0]
    storage.write_raw({**tables, "corrections": corrections()}, tmp_path)
    with (tmp_path / "corrections.csv").open("a") as file:
        pd.DataFrame([row]).to_csv(file, header=False, index=False)
    (fault,) = faults(tmp_path)
    result = row["since"] if column == "since" else row["value"]
    assert fault.startswith(f"corrections.csv, row 2, column {column}: found '{result}'; expected {expected}")


def test_corrections_make_no_circle(tmp_path: Path) -> None:
    """Two that are right each, and together make two references each the other's ancestor."""
    tables = f.tables([REPORT], **ROWS, lineage=LINEAGE)
    one = OF_LINEAGE | {"value": "MP101A"}
    other = OF_LINEAGE | {"locator": "line 8", "found": "MP101", "value": "MP102B", "since": "2026-11-25"}
    for rows in ((one,), (other,)):
        storage.write_raw({**tables, "corrections": corrections(*rows)}, tmp_path)
        assert storage.read_folder(tmp_path)
    storage.write_raw({**tables, "corrections": corrections(one, other)}, tmp_path)
    assert [fault.partition("; expected ")[2] for fault in faults(tmp_path)] == [
        "a row with a reference that doesn't descend from itself"
    ] * 2


def test_corrections_are_checked_as_known_on_each_of_their_days(tmp_path: Path) -> None:
    """The first alone leaves an assessment returned before it was accepted; only a later one mends that."""
    done = f.assessment(
        "MP100", accepted="2020-05-14", returned="2020-06-30", source_id="report", locator="line 5"
    )
    first = WRONG_DAY | {"table": "assessments", "locator": "line 5", "column": "accepted_on"}
    first |= {"found": "2020-05-14", "value": "2020-07-01", "since": "2026-11-01"}
    second = first | {
        "column": "returned_on",
        "found": "2020-06-30",
        "value": "2020-07-31",
        "since": "2026-11-02",
    }
    tables = f.tables([REPORT], assessments=[done])
    storage.write_raw({**tables, "corrections": corrections(first, second)}, tmp_path)
    assert [fault.split(":")[0] for fault in faults(tmp_path)] == ["corrections.csv, row 2, column value"]
    together = second | {"since": "2026-11-01"}
    storage.write_raw({**tables, "corrections": corrections(first, together)}, tmp_path)
    assert storage.read_folder(tmp_path)


def test_the_same_cell_is_corrected_once(tmp_path: Path) -> None:
    folder = raw(tmp_path / "raw", WRONG_DAY, WRONG_DAY | {"value": "2020-06-25"})
    assert faults(folder)[0].endswith("expected each table and source_id and locator and column once")
