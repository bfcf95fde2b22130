"""What is taken out of a notebook is what the site publishes, typed, and a mistake is one sentence."""

from __future__ import annotations

from pathlib import Path

import factories as f
import openpyxl
import pandas as pd
import pytest

from secanalysis import Register
from secanalysis.statements import storage
from secanalysis.support.errors import UserError
from secanalysis.views.tables import Table

ROOT = Path(__file__).parent.parent
TABLE = Table(
    "made-up",
    "A made-up table",
    pd.DataFrame(
        {
            "ref": ["MP100", "MP101"],
            "title": ["=SUM(A1)", 'With "quotes", and more'],
            "on": pd.to_datetime(["2020-07-31", None]),
            "wd": pd.array([12, None], dtype="Int64"),
            "rows": [(), ()],
        }
    ),
    {"ref": "Reference", "title": "Title", "on": "Day", "wd": "WD"},
)


@pytest.fixture(scope="module")
def register() -> Register:
    """The project's own facts."""
    return Register(storage.read_folder(ROOT / "data" / "raw"))


def test_csv_is_the_download_of_the_site(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "table.csv")
    expected = 'ref,title,on,wd\nMP100,\'=SUM(A1),2020-07-31,12\nMP101,"With ""quotes"", and more",,\n'
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == TABLE.to_csv() == expected


def test_a_workbook_holds_text_as_text_and_days_as_days(tmp_path: Path) -> None:
    TABLE.to_excel(tmp_path / "table.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "table.xlsx").active
    assert sheet is not None
    first = next(iter(sheet.iter_rows(min_row=2, max_row=2)))
    assert [cell.data_type for cell in first] == ["s", "s", "d", "n"]
    assert [str(cell.value) for cell in first] == ["MP100", "=SUM(A1)", "2020-07-31 00:00:00", "12"]


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected one that ends in \.xlsx"):
        TABLE.to_excel(tmp_path / "table.xls")
    with pytest.raises(UserError, match=r"can't be written: No such file or directory"):
        TABLE.to_csv(tmp_path / "nowhere" / "table.csv")
    with pytest.raises(UserError, match=r"can't be written"):
        TABLE.to_excel(tmp_path / "nowhere" / "table.xlsx")


def test_figures_are_a_frame(register: Register) -> None:
    figures = register.month("2020-08").show("Assessments", "assessment.ia.")
    frame = figures.frame.set_index("key")
    # printed: 98 working days for the five that were open; the mean of the four completed can't be worked out
    assert frame.loc["assessment.ia.open.mean_wd", "value"] == 98
    assert pd.isna(frame.loc["assessment.ia.completed.mean_wd", "value"])
    assert str(figures.to_csv()).splitlines()[0].split(",") == list(figures.frame.columns)


def test_a_chart_is_saved_as_a_picture(register: Register, tmp_path: Path) -> None:
    chart = register.month("2020-08").stages.chart()
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF-"}
    for kind, start in begins.items():
        for name in ("one", "other"):
            chart.save(tmp_path / f"{name}.{kind}")
        one, other = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "other"))
        assert one.startswith(start)
        assert one == other
    assert chart.axes[0].get_xlabel() == "known modifications"
    with pytest.raises(UserError, match=r"ends in \.svg, \.png, \.pdf"):
        chart.save(tmp_path / "chart.jpeg")


def test_history_is_tidy_and_the_same_as_the_months(register: Register) -> None:
    history = register.history(["vote.count", "assessment.ia.open."], "2020-07..2020-09")
    assert history["month"].unique().tolist() == ["2020-07", "2020-08", "2020-09"]
    assert not history.duplicated(["month", "key"]).any()
    for month, rows in history.groupby("month"):
        figures = register.month(str(month)).figures
        for key, value in rows.set_index("key")["value"].items():
            assert figures[str(key)].value == (None if pd.isna(value) else value)
    with pytest.raises(UserError, match="no figure 'vote.cuont' here: did you mean vote.count"):
        register.history("vote.cuont", "2020-08")


def test_months_are_compared_by_what_differs(register: Register) -> None:
    compared = register.month("2020-08").compare("2020-07")
    before, now = (register.month(month).figures for month in ("2020-07", "2020-08"))
    keys = {*before.keys(), *now.keys()}
    value = {key: [s[key].value if key in s else None for s in (before, now)] for key in keys}
    assert set(compared.frame["key"]) == {key for key, (one, other) in value.items() if one != other}
    assert register.month("2020-07").compare("2020-08").to_csv() == compared.to_csv()
    with pytest.raises(UserError, match="2020-7"):
        register.month("2020-08").compare("2020-7")


def test_tab_offers_what_a_register_is_asked() -> None:
    register = f.register()
    opened = Register(register.stated)
    assert all(hasattr(opened, name) for name in dir(opened))
    assert not [name for name in dir(opened) if name.startswith("_")]
