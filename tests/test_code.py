"""A code of one's own: what code.yaml says, and what follows from it."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from tinyproject import command, write_notebook

from secanalysis.domain import references, report_days, working_days
from secanalysis.domain.code import Code, ReferenceForm
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.support.errors import UserError

FIGURE = "from secanalysis import Register; Register.load().month(month).figures"
FORMS = {
    "BSC": ("{prefix: P}", ["P379", "P12"], ["P379", "P12"]),
    "REC": ("{prefix: R, digits: 4}", ["R0012", "r 12"], ["R0012", "R0012"]),
    "UNC": ("{digits: 4, parts: false}", ["0734S", "735"], ["0734S", "0735"]),
    "DCUSA": ("{prefix: DCP}", ["DCP400", "DCP 400A"], ["DCP400", "DCP400A"]),
    "drafts": ("{prefix: MX, digits: 3, draft: DX}", ["DX007", "MX7"], ["MX007", "MX007"]),
}


def project(root: Path, code: str) -> Path:
    (root / "data" / "raw").mkdir(parents=True)
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "code.yaml").write_text(code, encoding="utf-8")
    (root / "params.yaml").write_text("months: {first: earliest, last: latest}\nmapping: mapping.yaml\n")
    return root


def at(root: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> Path:
    """A project that this process works in."""
    monkeypatch.delenv("SECANALYSIS_ROOT", raising=False)
    monkeypatch.chdir(project(root, code))
    return root


# References -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_references_of_other_codes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, printed, names = FORMS[name]
    at(tmp_path / "ours", monkeypatch, f"references: {words}\n")
    form = Code.of(Path.cwd()).references
    tidy = [references.tidied(ref, form) for ref in printed]
    assert all(re.fullmatch(references.pattern(), ref) for ref in tidy)
    assert list(references.name(pd.Series(tidy))) == names
    assert not re.fullmatch(references.pattern(), "SECMP0007")


def test_roots_of_parts_and_of_letters_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(tmp_path / "parts", monkeypatch, "references: {prefix: DCP}\n")
    assert list(references.root(pd.Series(["DCP400A", "DCP400", "DCP7"]))) == ["DCP400", "DCP400", "DCP7"]
    at(tmp_path / "letters", monkeypatch, "references: {digits: 4, parts: false}\n")
    assert list(references.root(pd.Series(["0734S", "0734"]))) == ["0734S", "0734"]


def test_the_code_s_own_are_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(tmp_path / "sec", monkeypatch, "name: Smart Energy Code\n")
    assert list(references.name(pd.Series(["DP136", "MP007", "MP102A"]))) == ["MP136", "SECMP0007", "MP102A"]


# Days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "month", "day"),
    [
        ("", "2021-01", date(2021, 1, 1)),  # the first Friday, a bank holiday
        ("if_not_working_day: next", "2021-01", date(2021, 1, 4)),
        ("if_not_working_day: previous", "2021-01", date(2020, 12, 31)),
        ("report_day: last working day", "2020-08", date(2020, 8, 28)),  # the 31st was a bank holiday
        ("report_day: 5th working day", "2021-05", date(2021, 5, 10)),  # after the bank holiday of the 3rd
        ("report_day: second tuesday", "2024-06", date(2024, 6, 11)),
        ("report_day: last sunday\nif_not_working_day: next", "2024-06", date(2024, 7, 1)),
        ("report_day: [2024-06-05, 2024-07-04]", "2024-06", date(2024, 6, 5)),
        ("report_day: [2024-06-05, 2024-07-04]", "2024-08", date(2024, 8, 2)),  # not listed: the first Friday
        ("report_day: 5th working day\nbank_holidays: none", "2021-05", date(2021, 5, 7)),
        (
            "report_day: first working day\nbank_holidays: [2024-01-01, 2024-01-02]",
            "2024-01",
            date(2024, 1, 3),
        ),
    ],
)
def test_the_day_of_a_report(
    words: str, month: str, day: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(tmp_path / "ours", monkeypatch, words + "\n")
    assert report_days.usual(ReportMonth.parse(month)) == day


def test_the_day_of_an_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(tmp_path / "ours", monkeypatch, "report_day: export\n")
    exported = {ReportMonth(2024, 6): date(2024, 6, 12)}
    assert report_days.usual(ReportMonth(2024, 6), exported) == date(2024, 6, 12)
    assert report_days.usual(ReportMonth(2024, 7), exported) == date(2024, 7, 5)


def test_bank_holidays_of_one_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Monday 1 to Friday 5 January 2024: five weekdays, of which Scotland had the first two off
    days = date(2024, 1, 1), date(2024, 1, 5)
    at(tmp_path / "scotland", monkeypatch, "bank_holidays: [2024-01-01, 2024-01-02]\n")
    assert working_days.between(*days, Convention.SEC) == 3
    at(tmp_path / "none", monkeypatch, "bank_holidays: none\n")
    assert working_days.between(*days, Convention.SEC) == 5
    at(tmp_path / "wales", monkeypatch, "bank_holidays: england-and-wales\n")
    assert working_days.between(*days, Convention.SEC) == 4


# What can't be --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("naem: X", "found 'naem'; expected some of name, title"),
        ("name: ''", "name: found ''; expected a text"),
        ("references: {prefix: p}", "prefix: found 'p'; expected up to 8 capital letters"),
        ("references: {digits: 9}", "digits: found '9'; expected how many"),
        ("references: {prefix: 'P(', digits: 3}", "expected up to 8 capital letters"),
        ("references: P", "references: found 'P'; expected some of prefix, digits, draft, parts"),
        ("targets: {PA: 0}", "targets, PA: found '0'; expected working days from 1 to 999"),
        ("targets: {XA: 5}", "found 'XA'; expected some of PA, IA"),
        ("report_day: fifth friday", "expected such as first friday"),
        ("report_day: [2024-06-05, 2024-06-07]", "found two days of one month"),
        ("report_day: [June]", "found 'June'; expected a day as YYYY-MM-DD"),
        ("if_not_working_day: later", "expected say, next or previous"),
        ("bank_holidays: [yesterday]", "expected a day as YYYY-MM-DD"),
        ("bank_holidays: scotland", "expected england-and-wales, none or a list of days"),
        ("name: [", "isn't YAML"),
        ("- name", "expected some of name"),
    ],
)
def test_what_a_code_cannot_say(words: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        Code.of(project(tmp_path / "ours", words + "\n"))
    assert expected in str(error.value)
    assert "code.yaml" in str(error.value)


def test_without_a_file_it_is_the_smart_energy_code(tmp_path: Path) -> None:
    assert Code.of(tmp_path) == Code()
    assert Code().references is None
    assert ReferenceForm("P").example == "P123"


# Other registers ------------------------------------------------------------------------------------


def test_the_register_of_another_code(tmp_path: Path) -> None:
    """Made up in the form of the BSC's: its own references, targets, texts and report days, on its pages."""
    root = project(
        tmp_path / "ours",
        "name: Balancing and Settlement Code\ntitle: Made-up BSC changes\nintroduction: A private list.\n"
        "foot: For members only.\npublisher: Nobody\nreferences: {prefix: P}\ntargets: {IA: 15}\nreport_day: export\n",
    )
    (root / "mapping.yaml").write_text(
        """
source: {title: Changes}
dates: day-month-year
read:
  - {table: modifications, columns: {ref: Mod, title: Title}}
  - {table: events, columns: {ref: Mod, stage: Phase}, values: {event: observed}, words: {stage: {Assessment Procedure: refinement, Report Phase: report}}}
  - {table: events, columns: {ref: Mod, on: Raised}, values: {event: raised}}
  - {table: assessments, columns: {ref: Mod, accepted_on: Sent to parties, returned_on: Back}, values: {kind: IA}}
"""
    )
    write_notebook(
        root / "notebooks" / "figures.ipynb",
        FIGURE,
        "Register.load().month(month).durations.open_assessments()",
    )
    export = "Mod,Title,Phase,Raised,Sent to parties,Back\nP379,Lamps,Assessment Procedure,14/05/2024,15/05/2024,\np 12,Kites,Report Phase,13/05/2024,,\n"
    (root / "changes-2024-06-12.csv").write_text(export)
    done = command(root, "month", "changes-2024-06-12.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((root / "site" / "2024-06" / "figures.json").read_text())["figures"]
    assert figures["stage.refinement.count"]["value"] == 1
    assert figures["stage.report.count"]["value"] == 1
    # 15 May to 31 May 2024, both counted, Monday to Friday: 15 to 17, 20 to 24, 27 to 31
    assert figures["assessment.P379.ia.2024-05-15.duration_wd"]["value"] == 3 + 5 + 5
    page = (root / "site" / "2024-06" / "figures.html").read_text()
    front = (root / "site" / "index.html").read_text()
    for text in ("P379", "P12", "Changes to the Balancing and Settlement Code", "For members only."):
        assert text in page
    for text in ("Made-up BSC changes", "A private list.", "For members only."):
        assert text in front
    for text in ("MP379", "SECMP0012", "public facts", "administrator", "Smart Energy Code"):
        assert text not in page + front + (root / "site" / "feed.xml").read_text()
    refused = root / "changes-2024-07-10.csv"
    refused.write_text(export.replace("P379", "MP379"))
    assert "found 'MP379'; expected a reference such as P123" in command(root, "month", refused.name).stderr


BROWNFIELD = """\
SiteReference;SiteNameAddress;PlanningStatus;FirstAddedDate;PermissionDate;EndDate
BLR/001;Made-up Street Works;permissioned;18/12/2017;04/03/2024;
BLR/002;Made-up Gas Holder;not permissioned;18/12/2017;;
BLR/003;Made-up Mill;pending decision;14/12/2023;;
BLR/004;Made-up Depot;not permissioned;18/12/2017;;22/05/2024
"""
BROWNFIELD_MAPPING = """
source: {title: Brownfield land register, publisher: Made-up Council}
dates: day-month-year
references: {MP: "BLR/([0-9]+)"}
read:
  - {table: modifications, columns: {ref: SiteReference, title: SiteNameAddress}}
  - {table: events, columns: {ref: SiteReference, on: FirstAddedDate}, values: {event: raised}}
  - {table: events, columns: {ref: SiteReference, on: PermissionDate}, values: {event: decided, outcome: approved}}
  - {table: events, columns: {ref: SiteReference, on: EndDate}, values: {event: withdrawn}}
  - table: events
    columns: {ref: SiteReference, stage: PlanningStatus}
    values: {event: observed}
    words: {stage: {permissioned: pending_implementation, not permissioned: development, pending decision: decision}}
    only_without: [EndDate]
"""
PEPS = """\
Number,Title,Status,Created,Resolution
PEP 701,Made up: one grammar,Accepted,15-Nov-2022,14-Mar-2023
PEP 8,Made up: long lines,Draft,05-Jul-2023,
PEP 20,Made up: koans,Rejected,19-Aug-2023,02-May-2024
"""
PEPS_MAPPING = """
source: {title: Made-up proposals}
read:
  - {table: modifications, columns: {ref: Number, title: Title}}
  - {table: events, columns: {ref: Number, on: Created}, values: {event: raised}}
  - {table: events, columns: {ref: Number, on: Resolution, outcome: Status}, values: {event: decided}, words: {outcome: {Accepted: approved, Rejected: rejected}}, only_with: [on]}
  - {table: events, columns: {ref: Number, stage: Status}, values: {event: observed}, words: {stage: {Accepted: pending_implementation, Draft: development, Rejected: rejected}}}
"""


@pytest.mark.parametrize(
    ("code", "export", "mapping", "counts", "shown"),
    [
        (
            "",
            BROWNFIELD,
            BROWNFIELD_MAPPING,
            {"development": 1, "decision": 1, "pending_implementation": 1},
            "SECMP0001",  # as the mapping says, in our form
        ),
        pytest.param(
            "name: Made-up brownfield register\nreferences: {prefix: BLR-, digits: 3}\n",
            BROWNFIELD,
            BROWNFIELD_MAPPING.replace("{MP:", "{BLR-:"),
            {"development": 1, "decision": 1, "pending_implementation": 1},
            "BLR-001",
            marks=pytest.mark.soak,
        ),
        (
            "name: Made-up enhancement proposals\nreferences: {prefix: PEP}\n",
            PEPS,
            PEPS_MAPPING,
            {"development": 1, "decision": 0, "pending_implementation": 1},
            "PEP701",
        ),
    ],
)
def test_a_list_of_another_field(
    code: str, export: str, mapping: str, counts: dict[str, int], shown: str, tmp_path: Path
) -> None:
    root = project(tmp_path / "ours", code)
    (root / "mapping.yaml").write_text(mapping)
    (root / "list-2024-06-07.csv").write_text(export)
    write_notebook(
        root / "notebooks" / "figures.ipynb", FIGURE, "Register.load().month(month).stages.standing()"
    )
    done = command(root, "month", "list-2024-06-07.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((root / "site" / "2024-06" / "figures.json").read_text())["figures"]
    assert {stage: figures[f"stage.{stage}.count"]["value"] for stage in counts} == counts
    assert shown in (root / "site" / "2024-06" / "figures.html").read_text()
