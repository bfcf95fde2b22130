"""Publishing: what the site holds, that it is the same every time, and that it is replaced whole."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import executed
import jsonschema  # type: ignore[import-untyped]
import openpyxl
import pandas as pd
import pytest
from tinyproject import command, write_notebook, write_project

from secanalysis.domain.figures import Verdict
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention, Unit
from secanalysis.publishing import downloads, feed, glossary, publish, workbook
from secanalysis.support import atomic_files
from secanalysis.support.errors import UserError
from secanalysis.support.project import Project
from secanalysis.views import drawing, mime, table_files
from secanalysis.views.passage import Chapter
from secanalysis.views.tables import Foot, Head, OpenFigure, Table

ROOT = Path(__file__).parent.parent
AUGUST = ReportMonth(2020, 8)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two months run."""
    return Project(executed.write(tmp_path))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of two months, for tests that only look."""
    project = Project(executed.write(tmp_path_factory.mktemp("project")))
    publish.publish(project)
    return project.site


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder with its hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# What the site holds --------------------------------------------------------------------------------


def test_the_site_holds_pages_and_downloads(site: Path) -> None:
    assert sorted(contents(site)) == [
        f"{month}/{name}"
        for month in ("2020-07", "2020-08")
        for name in (
            "change_status_report.html",
            "durations.html",
            "figures.json",
            "report.xlsx",
            "tables/changes.csv",
            "tables/figures.csv",
            "tables/none.csv",
            "tables/stage-time-cases.csv",
            "tables/stage-times.csv",
            "tables/votes.csv",
            "tables/wide.csv",
        )
    ] + [
        "feed.xml",
        "figures.schema.json",
        "glossary.html",
        "history.csv",
        "history.parquet",
        "index.html",
        "manifest.json",
        "tables/months.csv",
    ]


def test_pages_know_where_they_are(site: Path) -> None:
    page = (site / "2020-08" / "durations.html").read_text()
    assert "<title>Durations, August 2020 – secanalysis</title>" in page
    assert '<a rel="prev" href="../2020-07/durations.html">' in page
    assert "rel=next" not in page
    assert '<a href="durations.html" aria-current="page">Durations</a>' in page
    assert '<a href="change_status_report.html">Change Status Report</a>' in page
    assert page.count("<h1>") == 1
    front = (site / "index.html").read_text()
    assert front.index("August 2020") < front.index("July")
    assert "<title>SEC modifications, month by month – secanalysis</title>" in front


def test_every_page_leads_to_the_glossary(site: Path) -> None:
    glossary = (site / "glossary.html").read_text()
    for words in ("CSC", "DCC", "IA", "PA", "WD", "OTA", "Attested", "Self-Governance"):
        assert f"<td>{words}</td>" in glossary or f">{words}<" in glossary
    assert 'href="../glossary.html"' in (site / "2020-08" / "durations.html").read_text()
    assert 'href="glossary.html"' in (site / "index.html").read_text()


def test_an_abbreviation_is_spelt_out_at_its_first_use_and_leads_to_the_glossary(site: Path) -> None:
    page = (site / "2020-08" / "durations.html").read_text()
    assert page.count('<abbr title="Working days">WD</abbr>') == 1
    assert page.count('href="../glossary.html#wd"') == 1
    assert page.index('<abbr title="Working days">') < page.index("<details")
    assert '<tr id="wd">' in re.sub(r"\s+<td>", "<td>", (site / "glossary.html").read_text())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>The DCC, DCC</p>", "<p>The {DCC}, DCC</p>"),
        ("<p>DCC&#x27;s</p>", "<p>{DCC}&#x27;s</p>"),
        ("<h2>DCC</h2><p>DCC</p>", "<h2>{DCC}</h2><p>DCC</p>"),
        ("<p>ADCC DCCs DCC-x SECMP0007</p>", None),
        ('<a href="x">DCC</a><pre>DCC</pre><small>DCC</small>', None),
        ('<img alt="DCC">', None),
        ("<div popover><div>DCC</div> DCC</div><p>DCC</p>", "<div popover><div>DCC</div> DCC</div><p>{DCC}</p>"),
        ("<details>DCC</details><p>DCC < 3</p>", "<details>DCC</details><p>{DCC} < 3</p>"),
    ],
)  # fmt: skip
def test_only_the_first_use_in_running_text_is_spelt_out(before: str, after: str | None) -> None:
    explained = '<a class="term" href="g.html#dcc"><abbr title="Data Communications Company">DCC</abbr></a>'
    expected = before if after is None else after.replace("{DCC}", explained)
    assert glossary.spelt_out(f"DCC<main>{before}</main>", "g.html") == f"DCC<main>{expected}</main>"


def test_within_a_number_that_opens_an_abbreviation_is_spelt_out_without_a_link() -> None:
    page = "<main><button>3 WD</button> and <button>4 WD</button>, in WD</main>"
    assert glossary.spelt_out(page, "g.html") == (
        '<main><button>3 <abbr title="Working days">WD</abbr></button> and <button>4 WD</button>, '
        'in <a class="term" href="g.html#wd">WD</a></main>'
    )


def test_a_month_without_a_report_leaves_out_what_is_not_known(tmp_path: Path) -> None:
    made = executed.provenance("2021-03", has_report=False)
    cells = [
        executed.markdown("# Change Status Report\n\nWords."),
        executed.code("report.head()", Head(made)),
        executed.markdown("## 1. Summary"),
        executed.code("report.summary()", executed.votes()),
        executed.markdown("## 2. Define"),
        executed.code("report.define()", Chapter((), "")),
        executed.code("report.chart()", drawing.empty_chart("No list is available")),
        executed.markdown("## 3. Refine"),
        executed.code("report.refine()", executed.changes()),
        executed.code("report.foot()", Foot(made)),
    ]
    project = Project(tmp_path)
    executed.put(tmp_path / "runs" / "2021-03" / "change_status_report.ipynb", executed.notebook(*cells))
    publish.publish(project)
    page = (tmp_path / "site" / "2021-03" / "change_status_report.html").read_text()
    assert re.findall(r"<h2 id=[^>]*>([^<]*)", page)[:2] == ["Summary", "Refine"]
    assert "Define" not in page.partition("<details")[0]
    assert "No list is available" not in page


def test_no_address_within_a_page_is_there_twice(tmp_path: Path) -> None:
    headings = ["Contents", "Downloads", "Latest", "Contents"]
    cells = [executed.markdown("# Releases"), executed.code("report.head()", Head(executed.provenance()))]
    cells += [executed.markdown(f"## {heading}") for heading in headings]
    executed.put(tmp_path / "runs" / "2020-08" / "releases.ipynb", executed.notebook(*cells))
    publish.publish(Project(tmp_path))
    page = (tmp_path / "site" / "2020-08" / "releases.html").read_text()
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len({*ids})
    assert "contents" in ids  # the heading keeps its address


def test_a_register_of_another_code_has_no_glossary_of_this_one(tmp_path: Path) -> None:
    project = Project(executed.write(tmp_path, ("2020-08",)))
    (tmp_path / "code.yaml").write_text("name: Another Code\n", encoding="utf-8")
    publish.publish(project)
    assert not (project.site / "glossary.html").exists()
    assert "glossary" not in (project.site / "index.html").read_text()


def test_every_relative_link_leads_to_a_file(site: Path) -> None:
    for page in site.rglob("*.html"):
        for href in re.findall(r'href="([^"#:]+)"', page.read_text()):
            assert (page.parent / href).resolve().is_file(), f"{page} links to {href}"


def test_the_schema_lists_the_words_of_the_vocabularies(site: Path) -> None:
    schema = json.loads((site / "figures.schema.json").read_text())
    figure = schema["properties"]["figures"]["additionalProperties"]["properties"]
    assert figure["unit"]["enum"] == [unit.value for unit in Unit]
    assert figure["verdict"]["anyOf"][0]["enum"] == [verdict.value for verdict in Verdict]
    assert figure["convention"]["anyOf"][0]["enum"] == [convention.value for convention in Convention]


def test_figures_are_valid_against_their_schema(site: Path) -> None:
    schema = json.loads((site / "figures.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    data = json.loads((site / "2020-08" / "figures.json").read_text())
    jsonschema.validate(data, schema)
    assert data["month"] == "2020-08"
    assert data["figures"]["assessment.ia.open.count"]["value"] == 5
    assert data["provenance"]["report_date"] == "2020-08-07"
    assert data["sources"][executed.REPORT]["publisher"] == "SECAS"
    assert list(data["figures"]) == sorted(data["figures"])
    del data["figures"]["vote.count"]["rows"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


def test_tables_as_csv(site: Path) -> None:
    data = (site / "2020-08" / "tables" / "votes.csv").read_bytes()
    assert b"\r" not in data
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert rows[0] == ["ref", "title", "on", "days", "share", "path"]
    assert rows[1] == ["MP100", executed.HOSTILE[0], "2020-07-22", "-3", "0.25", "self_governance"]
    assert rows[2][2:] == ["", "", "", ""]
    assert rows[6][1] == "'" + executed.HOSTILE[5]


def test_tables_as_a_workbook(site: Path) -> None:
    book = openpyxl.load_workbook(site / "2020-08" / "report.xlsx")
    assert book.sheetnames == [
        *("Notes", "figures", "changes", "none"),
        *("stage-time-cases", "stage-times", "votes", "wide"),
    ]
    votes = book["votes"]
    assert votes.freeze_panes == "B2"
    assert [cell.value for cell in votes[1]] == ["Reference", "Title", "Day", "Days", "Share", "Path"]
    assert votes["C2"].value == datetime(2020, 7, 22)
    assert votes["C2"].is_date
    assert (votes["D2"].value, votes["E2"].value, votes["D3"].value) == (-3, 0.25, None)
    notes = [[cell.value for cell in row if cell.value is not None] for row in book["Notes"].iter_rows()]
    assert ["votes", "Votes of the Change Board", "The Change Board votes once a month."] in notes
    assert [executed.REPORT, "Change Status Report, August 2020", "SECAS", "published 7 Aug 2020"] in notes


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "-",
    "#N/A",
    "1e5",
    "\x07bell",
    "a" * 40_000,
]


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=name": FORMULAS, "n": range(len(FORMULAS))})
    table = Table("formulas", "=caption", frame, note="+note").to_json()
    gathered = downloads.Gathered(tables={"formulas": table})
    path = tmp_path / "report.xlsx"
    path.write_bytes(workbook.workbook_bytes(gathered, "=August"))
    texts = [row[0] for row in csv.reader(io.StringIO(table_files.csv_bytes(table).decode(), newline=""))]
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            texts += [str(cell.value) for cell in row if cell.data_type != "n"]
            assert {cell.data_type for cell in row} <= {"s", "n", "d"}
    assert len(texts) > len(FORMULAS)
    assert not [text for text in texts if text.startswith(tuple("=+-@\t\r＝"))]
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]


def test_blanks_are_blank_in_a_workbook(tmp_path: Path) -> None:
    """An empty text is none, so that a spreadsheet counts it as none."""
    table = Table("blanks", "Blanks", pd.DataFrame({"a": ["x", "", None], "n": [1.5, None, 0.0]})).to_json()
    path = tmp_path / "report.xlsx"
    path.write_bytes(workbook.workbook_bytes(downloads.Gathered(tables={"blanks": table}), "August"))
    sheet = openpyxl.load_workbook(path)["blanks"]
    assert list(sheet.values) == [("a", "n"), ("x", 1.5), (None, None), (None, 0)]
    assert [cell.number_format for cell in sheet["B"][1:]] == ["#,##0.0##", "General", "#,##0"]
    assert sheet.auto_filter.ref == "A1:B4"


@pytest.mark.parametrize(
    "text", ["<r>a & b</r>", "<r></r>", "<r><t>A</t></r>", " <r>a</r>", f"<r>{'long ' * 40}</r>"]
)
def test_text_is_text_in_a_workbook_also_where_it_looks_like_xml(text: str, tmp_path: Path) -> None:
    table = Table("texts", text, pd.DataFrame({"a": [text]})).to_json()
    path = tmp_path / "report.xlsx"
    path.write_bytes(workbook.workbook_bytes(downloads.Gathered(tables={"texts": table}), text))
    book = openpyxl.load_workbook(path)
    assert list(book["texts"].values) == [("a",), (text,)]
    assert text in [cell for row in book["Notes"].values for cell in row]


def test_sheets_have_names_that_differ() -> None:
    assert workbook._sheet_names(["a" * 40, "a" * 41, "notes"]) == [
        "a" * 31,
        "a" * 29 + "-2",
        "notes-2",
    ]


def test_the_feed_has_months_and_changes(site: Path) -> None:
    root = ElementTree.fromstring((site / "feed.xml").read_bytes())
    entries = [
        {child.tag.removeprefix(ATOM): child.text or child.get("href") for child in entry}
        for entry in root.iter(f"{ATOM}entry")
    ]
    assert root.findtext(f"{ATOM}updated") == "2020-08-07T00:00:00Z"
    assert [entry["title"] for entry in entries] == [
        "Change Status Report, August 2020",
        "MP103 ‘DCC SOC2 Assessments’ – was voted: approved",
        f"MP135 ‘{executed.HOSTILE[0]}’ – came into force",
        "Change Status Report, July 2020",
        "MP103 ‘DCC SOC2 Assessments’ – was voted: approved",
        f"MP135 ‘{executed.HOSTILE[0]}’ – came into force",
    ]
    assert entries[0]["id"] == "urn:secanalysis:month:2020-08"
    assert entries[0]["link"] == "2020-08/change_status_report.html"
    assert entries[3]["updated"] == "2020-07-03T00:00:00Z"
    assert len({entry["id"] for entry in entries}) == len(entries)


def test_the_feed_dates_a_change_as_exactly_as_it_is_known() -> None:
    dated = (("2020-07-22", "day"), ("2020-07-31", "month"), ("2020-08-07", "by"))
    rows = tuple({"day": day, "precision": how, "ref": "MP100", "what": how} for day, how in dated)
    month = feed.FeedMonth("2020-08", "August 2020", "2020-08/a.html", "2020-08-07", "", rows)
    root = ElementTree.fromstring(feed.atom([month]))
    assert root.findtext(f"{ATOM}title") == "Changes to the Smart Energy Code"
    summaries = [entry.findtext(f"{ATOM}summary") for entry in root.iter(f"{ATOM}entry")]
    assert summaries[1:] == ["On 22 July 2020", "In July 2020", "By 7 August 2020"]


def test_the_feed_holds_what_xml_can() -> None:
    change = {"day": "2020-08-01", "ref": "MP1", "title": "\x00\x1b]]>&", "what": None}
    month = feed.FeedMonth(
        "2020-08", "August 2020", "2020-08/a.html", "2020-08-07", "Draft", (change, change)
    )
    root = ElementTree.fromstring(feed.atom([month]))
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == ["Draft: Change Status Report, August 2020", "Draft: MP1 ‘��]]>&’"]


# Always the same --------------------------------------------------------------------------------------


def test_what_did_not_change_is_kept(project: Project) -> None:
    first = publish.publish(project)
    before = contents(project.site)
    assert str(first) == f"2 months; {first.made} files made, 0 kept, 0 removed: {project.site}/index.html"
    again = publish.publish(project)
    assert (again.made, again.kept, again.removed) == (0, first.made, 0)
    assert contents(project.site) == before
    executed.put(project.runs / "2020-08" / "durations.ipynb", executed.durations(synthetic=True, title="x"))
    third = publish.publish(project)
    assert 0 < third.made < first.made
    changed = {path for path, sha in contents(project.site).items() if before[path] != sha}
    assert changed == {"2020-08/durations.html", "manifest.json"}


def test_what_somebody_changed_in_the_site_is_made_again(project: Project) -> None:
    publish.publish(project)
    before = contents(project.site)
    (project.site / "index.html").write_text("changed")
    (project.site / "2020-08" / "figures.json").unlink()
    assert publish.publish(project).made == 2
    assert contents(project.site) == before


def test_months_that_are_gone_leave_the_site(project: Project) -> None:
    publish.publish(project)
    for path in (project.runs / "2020-07").iterdir():
        path.unlink()
    result = publish.publish(project)
    assert result.months == (AUGUST,)
    assert result.removed == 11
    assert not (project.site / "2020-07").exists()
    assert "../2020-07" not in (project.site / "2020-08" / "durations.html").read_text()


def test_some_months_join_those_that_are_there(project: Project) -> None:
    assert publish.publish(project, [AUGUST]).months == (AUGUST,)
    assert publish.publish(project, [ReportMonth(2020, 7)]).months == (ReportMonth(2020, 7), AUGUST)


# Whole or not at all ------------------------------------------------------------------------------


def test_a_failure_leaves_the_old_site(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    publish.publish(project)
    before = contents(project.site)
    executed.put(project.runs / "2020-08" / "durations.ipynb", executed.durations(draft=True))

    def stop(*_: Any) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(publish, "atom", stop)
    with pytest.raises(KeyboardInterrupt):
        publish.publish(project)
    assert contents(project.site) == before
    folders = sorted(path.name for path in project.root.iterdir() if path.is_dir())
    assert folders == ["runs", "site"]


def test_what_an_interrupted_run_left_is_cleared(project: Project) -> None:
    publish.publish(project)
    before = contents(project.site)
    left = project.root / f"{atomic_files.scratch_prefix(project.site)}left"
    left.mkdir()
    project.site.rename(left / "old")  # where folders can't change places, between the two steps
    atomic_files.mend(project.site)
    assert contents(project.site) == before
    assert not left.exists()


def test_where_folders_cannot_change_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_files, "_exchange", lambda *_: False)
    for name in ("scratch/site", "site"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    atomic_files.put_in_place(tmp_path / "scratch" / "site", tmp_path / "site")
    assert (tmp_path / "site" / "file").read_text() == "scratch/site"


# What a user can mend -----------------------------------------------------------------------------


def fails(project: Project, *parts: str, months: list[ReportMonth] | None = None) -> None:
    with pytest.raises(UserError) as refusal:
        publish.publish(project, months)
    for part in parts:
        assert part in str(refusal.value)
    assert not project.site.exists()


def test_nothing_run(tmp_path: Path) -> None:
    fails(Project(tmp_path), "holds no executed month", "secanalysis run")


def test_a_month_not_run(project: Project) -> None:
    fails(project, "not run yet: 2021-01", months=[AUGUST, ReportMonth(2021, 1)])


@pytest.mark.parametrize(
    "broken",
    [
        '{"cells": [',
        "[]",
        '"cells"',
        '{"nbformat": 3, "cells": []}',
        '{"nbformat": 4, "cells": ["text"]}',
        '{"nbformat": 4, "cells": [{"cell_type": "markdown", "metadata": {}, "source": 7}]}',
        '{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": ""}]}',
        '{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": "", "outputs": [{}]}]}',
        '{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": "", "outputs": ["x"]}]}',
    ],
)
def test_a_broken_notebook(project: Project, broken: str) -> None:
    (project.runs / "2020-08" / "durations.ipynb").write_text(broken)
    fails(project, "durations.ipynb is no executed notebook")


@pytest.mark.parametrize("name", ["Copy of durations", "durations-Copy1", ".~durations"])
def test_a_copy_that_lies_there_is_no_page(project: Project, name: str) -> None:
    """Seen before: one executed copy, and no month was published any more."""
    executed.put(project.runs / "2020-08" / f"{name}.ipynb", executed.durations())
    publish.publish(project)
    assert sorted(path.stem for path in (project.site / "2020-08").glob("*.html")) == [
        "change_status_report",
        "durations",
    ]


def test_two_values_for_one_key(project: Project) -> None:
    figure = OpenFigure.of(executed.figure("vote.count", "Votes", 7), executed.statements())
    second = executed.notebook(executed.markdown("# Again"), executed.code("figure", figure))
    executed.put(project.runs / "2020-08" / "releases.ipynb", second)
    fails(project, "2020-08 has two different figures 'vote.count'", "change_status_report", "releases")


def test_two_tables_of_one_name(project: Project) -> None:
    second = executed.notebook(executed.code("t", executed.votes("Another caption")))
    executed.put(project.runs / "2020-08" / "releases.ipynb", second)
    fails(project, "two different tables 'votes'")


def test_a_table_name_that_is_a_path(project: Project) -> None:
    cell = executed.code("t", executed.votes())
    cell["outputs"][0]["data"][mime.TABLE]["name"] = "../../x"
    executed.put(project.runs / "2020-08" / "releases.ipynb", executed.notebook(cell))
    fails(project, "releases of 2020-08", "'../../x'")


def test_notebooks_of_different_data(project: Project) -> None:
    other = executed.durations(data_sha256="e" * 64)
    executed.put(project.runs / "2020-08" / "durations.ipynb", other)
    fails(project, "made from different data", "secanalysis run --month 2020-08 --force")


def test_a_notebook_of_another_month(project: Project) -> None:
    executed.put(project.runs / "2020-08" / "durations.ipynb", executed.durations("2020-07"))
    fails(project, "durations of 2020-08 is of 2020-07", "secanalysis run --month 2020-08 --force")


@pytest.mark.parametrize(("name", "words"), [("data_sha256", "statements"), ("code_sha256", "code")])
def test_months_made_from_something_else_than_the_index_say_so(
    project: Project, name: str, words: str
) -> None:
    assert publish.publish(project).outdated == {}
    assert "Made from other" not in (project.site / "2020-07" / "durations.html").read_text()
    _remake(project, "2020-07", **{name: "e" * 64})
    assert publish.publish(project).outdated == {ReportMonth(2020, 7): (words,)}
    for page in ("change_status_report", "durations"):
        text = (project.site / "2020-07" / f"{page}.html").read_text()
        assert f"Made from other {words} than the front page" in text
        assert "Made from other" not in (project.site / "2020-08" / f"{page}.html").read_text()
    front = (project.site / "index.html").read_text()
    assert f"The site holds 1 month (2020-07) made from other {words} than the index." in front


def _remake(project: Project, month: str, **provenance: Any) -> None:
    for name, made in (("change_status_report", executed.report), ("durations", executed.durations)):
        executed.put(project.runs / month / f"{name}.ipynb", made(month, **provenance))


@pytest.mark.parametrize(
    ("provenance", "words"),
    [
        (
            {"convention": "sec"},
            "different convention can't be published side by side: as_published (2020-07)",
        ),
        (
            {"known_by": "2020-09-01"},
            "different known_by can't be published side by side: blank (2020-07), 2020-09-01 (2020-08)",
        ),
    ],
)
def test_months_that_cannot_be_compared_are_refused(
    project: Project, provenance: dict[str, str], words: str
) -> None:
    """Durations counted in two ways, or with what was known on two days, look alike in two months of one site."""
    _remake(project, "2020-08", **provenance)
    fails(project, words)
    assert publish.publish(project, [AUGUST]).months == (AUGUST,)


def test_other_things_in_runs_are_left_alone(project: Project) -> None:
    (project.runs / "failed").mkdir()
    (project.runs / "2020-13").mkdir()
    executed.put(project.runs / "2020-08" / ".ipynb_checkpoints" / "x-checkpoint.ipynb", executed.durations())
    executed.put(project.runs / "failed" / "durations.ipynb", executed.durations())
    assert len(publish.publish(project).months) == 2


# Notebooks that failed ------------------------------------------------------------------------------


def test_the_last_good_page_is_kept_and_says_so(tmp_path: Path) -> None:
    project = Project(write_project(tmp_path / "project", {"a": ["print('of a')"], "b": ["print('good b')"]}))
    assert command(project.root, "run").returncode == 0
    assert command(project.root, "publish").returncode == 0
    assert "an earlier run" not in (project.site / "2020-08" / "b.html").read_text()
    write_notebook(project.notebooks / "a.ipynb", "print('new a')")
    write_notebook(project.notebooks / "b.ipynb", "1 / 0")
    write_notebook(project.notebooks / "c.ipynb", "1 / 0")
    done = command(project.root, "run")
    assert done.returncode == 1
    done = command(project.root, "publish")
    assert done.returncode == 1
    assert "2020-08 b: the page of its last good run is kept and marked: ZeroDivisionError" in done.stderr
    assert "2020-08 c: its page is missing: ZeroDivisionError: division by zero" in done.stderr
    kept = (project.site / "2020-08" / "b.html").read_text()
    assert "good b" in kept and "This page is from an earlier run: the latest run of it failed." in kept
    new = (project.site / "2020-08" / "a.html").read_text()
    assert "new a" in new and 'href="b.html"' in new and "an earlier run" not in new
    assert not (project.site / "2020-08" / "c.html").exists()
    # it fails again, and stays; mended, all is as if nothing had been
    assert command(project.root, "run").returncode == 1
    assert command(project.root, "publish").returncode == 1
    assert "good b" in (project.site / "2020-08" / "b.html").read_text()
    write_notebook(project.notebooks / "b.ipynb", "print('better b')")
    (project.notebooks / "c.ipynb").unlink()
    assert command(project.root, "run").returncode == 0
    done = command(project.root, "publish")
    assert (done.returncode, done.stderr.count("failed")) == (0, 0)
    assert "an earlier run" not in (project.site / "2020-08" / "b.html").read_text()
    assert sorted(path.name for path in project.runs.iterdir() if path.is_dir()) == ["2020-08"]


def test_a_month_of_which_all_failed_keeps_its_last_good_pages(tmp_path: Path) -> None:
    project = Project(write_project(tmp_path / "project", {"a": ["print('good a')"]}))
    assert command(project.root, "run").returncode == 0
    publish.publish(project)
    write_notebook(project.notebooks / "a.ipynb", "1 / 0")
    assert command(project.root, "run").returncode == 1
    (failure,) = publish.publish(project).failures
    assert str(failure) == "2020-08 a"
    assert "good a" in (project.site / "2020-08" / "a.html").read_text()


def test_tables_of_a_last_good_page_stay(project: Project) -> None:
    publish.publish(project)
    for folder, name in (("failed", "durations"), ("last_good", "durations")):
        (project.runs / folder / "2020-08").mkdir(parents=True)
        shutil.copy(project.runs / "2020-08" / f"{name}.ipynb", project.runs / folder / "2020-08")
    before = contents(project.site / "2020-08" / "tables")
    (project.runs / "2020-08" / "durations.ipynb").unlink()
    assert len(publish.publish(project).failures) == 1
    links = set(
        re.findall(r'href="tables/([a-z_]+\.csv)"', (project.site / "2020-08" / "durations.html").read_text())
    )
    after = contents(project.site / "2020-08" / "tables")
    assert links and {name: after[name] for name in links} == {name: before[name] for name in links}
