"""The published report of August 2020, against what a person read in it. Skips where the text isn't at hand."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from secanalysis.ingest.importing import ingest, read
from secanalysis.ingest.reading import Reading
from secanalysis.statements import schemas, storage

ROOT = Path(__file__).parent.parent
AUGUST = ROOT.parent / "shared" / "published" / "change-status-report-2020-08.txt"

pytestmark = pytest.mark.skipif(not AUGUST.exists(), reason="the published text isn't ours to ship")


@pytest.fixture(scope="module")
def august() -> Reading:
    return read(AUGUST)


def shown(reading: Reading, table: str, *columns: str) -> list[str]:
    """A table's rows as short texts, for literal expectations."""
    return [" ".join(str(row.get(name) or "-") for name in columns) for row in reading.rows[table]]


def test_august_is_read_except_for_its_picture(august: Reading) -> None:
    assert [(unread.line, unread.printed) for unread in august.unread] == [(30, "XI5 X0 X X")]
    assert {table: len(rows) for table, rows in sorted(august.rows.items())} == {
        "assessments": 33,
        "consultations": 5,
        "events": 21,
        "meetings": 10,
        "modifications": 31,
        "published_figures": 59,
        "release_items": 19,
        "releases": 2,
    }
    assert august.source == {
        "source_id": "change-status-report-2020-08",
        "kind": "report",
        "title": "Change Status Report August 2020",
        "publisher": "SECAS",
        "published_on": date(2020, 8, 7),
        "published_precision": "day",
        "url": None,
    }


TITLES = """
SECMP0007 Firmware updates to IHDs and PPMIDs
SECMP0015 GPF timestamp for reading instantaneous Gas values
SECMP0062 Northbound Application Traffic Management — Alert Storm Protection
SECMP0067 Service Request Traffic Management
MP080 Managing DUIS uplifts
MP081 Alignment of DUIS and CHISM to reflect current DCC Processing
MP088 Power to raise modifications
MP092 New Planned Maintenance methodology
MP093 Implementing IRP511 and CRP535 to support GBCS v3.2 devices
MP094 Supporting prepayment customers in no SM WAN scenarios
MP098 Incorporation of multiple Issue Resolution Proposals into the SEC - Batch 3
MP101 Large Gas Meter Displays
MP102A Power Outage Alerts triggered by an OTA firmware upgrade
MP103 DCC SOC2 Assessments
MP106 CHISM update for Unknown WAN Variant
MP107 SMETS1 Validation of SRV 6.15.1
MP110 Aligning SEC Appendix D with DCC Processes
MP112 Setting the Privacy Assessment Assurance Status
MP115 Changes to the NCSC Good Practice Guides
MP117 Bulk CH returns
MP117 CH Bulk returns
MP118 Communications Hub Finance Charges
MP120 Correcting DUIS Matrix for SRV7.7 Eligible Users
MP122 Operational Metrics
MP124 Consequential changes to DUIS and MMC
MP125 Correcting the ESME variant
MP128 Gas Network Operators SMKI Requirements
MP135 Correcting equivalence in Security Standards
DP136 Enduring ICHIS Compliance Related to RF
DP137 Sharing information on Defects and Issues
DP138 DCC Service Testing in ETAD
"""


def test_titles_and_proposers_are_as_printed(august: Reading) -> None:
    assert sorted(shown(august, "modifications", "ref", "title")) == sorted(TITLES.strip().split("\n"))
    rows = august.rows["modifications"]
    raised = {row["ref"]: row["proposer_organisation"] for row in rows if row["proposer_organisation"]}
    assert raised == {
        "MP135": "Security Sub-Committee (SSC)",
        "DP136": "SMS PLC",
        "DP137": "Octoenergy",
        "DP138": "DCC",
    }
    assert not any(row.get("summary") for row in rows)


def test_events_are_as_printed(august: Reading) -> None:
    assert shown(august, "events", "ref", "event", "on", "precision", "body", "outcome", "path") == [
        "SECMP0007 recommended_to_report 2020-08-07 by - - -",
        "SECMP0067 recommended_to_report 2020-08-07 by - - -",
        "MP102A recommended_to_report 2020-08-07 by - - -",
        "MP103 voted 2020-08-07 by change_board approved self_governance",
        "MP118 voted 2020-08-07 by change_board approved self_governance",
        "MP124 voted 2020-08-07 by change_board approved self_governance",
        "MP135 voted 2020-08-07 by change_board approved self_governance",
        "MP135 raised 2020-07-10 day - - -",
        "DP136 raised 2020-07-14 day - - -",
        "DP137 raised 2020-07-20 day - - -",
        "DP138 raised 2020-07-27 day - - -",
        "MP122 impact_assessment_approved 2020-07-01 month change_board - -",
        "MP106 impact_assessment_approved 2020-07-01 month change_board - -",
        "MP092 impact_assessment_deferred 2020-07-01 month change_board - -",
        "SECMP0015 voted 2020-07-22 day change_board rejected self_governance",
        "SECMP0015 referred 2020-08-07 by panel - -",
        "MP103 voted 2020-07-22 day change_board approved self_governance",
        "MP118 voted 2020-07-22 day change_board approved self_governance",
        "MP124 voted 2020-07-22 day change_board approved self_governance",
        "MP135 voted 2020-07-22 day change_board approved self_governance",
        "MP088 sent_to_authority 2020-08-07 by authority - -",
    ]
    reasons = {row["ref"]: row["reason"] for row in august.rows["events"] if row.get("reason")}
    assert reasons == {"MP092": "scope_unclear"}
    assert august.rows["events"][14]["locator"] == "Opine, Change Board votes, line 244"


def test_meetings_and_consultations_are_as_printed(august: Reading) -> None:
    assert shown(august, "meetings", "held_on", "kind", "status", "agenda_on", "ref", "purpose") == [
        "2020-08-05 monthly held - MP094 general",
        "2020-08-05 monthly held - MP107 general",
        "2020-08-05 monthly held - MP117 general",
        "2020-08-05 monthly held - MP125 general",
        "2020-08-05 monthly held - MP128 general",
        "2020-09-02 monthly scheduled 2020-08-19 - -",
        "2020-07-08 ad_hoc held - MP122 requirements",
        "2020-08-13 ad_hoc scheduled - MP122 impact_assessment",
        "2020-07-09 ad_hoc held - SECMP0067 report",
        "2020-07-28 ad_hoc held - SECMP0007 impact_assessment",
    ]
    assert shown(august, "consultations", "ref", "kind", "expected_week") == [
        "MP107 refinement 2020-08-10",
        "MP117 refinement 2020-08-10",
        "MP128 refinement 2020-08-10",
        "SECMP0007 report 2020-08-17",
        "MP102A report 2020-08-17",
    ]


def test_releases_and_their_contents_are_as_printed(august: Reading) -> None:
    assert shown(august, "releases", "release", "kind", "stated_on", "planned_on", "in_force_on") == [
        "Standalone Release 2020-07-23 standalone 2020-08-07 - 2020-07-23",
        "November 2020 SEC Release scheduled 2020-08-07 2020-11-29 -",
    ]
    columns = ("release", "ref", "part", "status", "on", "precision", "planned_on")
    listed = "MP080 MP081 MP093 MP098 MP101 MP103 MP110 MP112 MP115 MP118 MP120 MP124"
    assert shown(august, "release_items", *columns) == [
        "Standalone Release 2020-07-23 MP135 - implemented 2020-07-23 day -",
        "November 2020 SEC Release MP103 - approved 2020-07-22 day -",
        "November 2020 SEC Release MP118 - approved 2020-07-22 day -",
        "November 2020 SEC Release MP124 - approved 2020-07-22 day -",
        "Standalone Release 2020-07-23 MP135 - approved 2020-07-22 day 2020-07-23",
        "Standalone Release 2020-07-23 MP135 - implemented 2020-07-23 day -",
        "November 2020 SEC Release SECMP0062 part 2 approved 2020-08-07 by 2020-11-29",
        *(f"November 2020 SEC Release {ref} - approved 2020-08-07 by 2020-11-29" for ref in listed.split()),
    ]


OPEN = """
SECMP0056 IA 2019-07-02 40 284
SECMP0007 IA 2020-02-06 40 127
MP078 PA 2020-04-17 15 76
MP107 PA 2020-04-20 15 75
MP099 IA 2020-05-05 40 64
MP109 PA 2020-05-26 15 46
MP119 PA 2020-07-14 15 14
MP105 PA 2020-07-15 15 13
MP122 IA 2020-07-16 40 -
MP085 PA 2020-07-21 15 -
MP090 IA 2020-07-29 40 -
"""
RETURNED = """
SECMP0063 PA 2019-08-01 15 18
SECMP0063 PA 2019-08-01 15 18
SECMP0046 PA 2019-09-09 15 31
SECMP0053 IA 2019-09-20 40 -
MP077 PA 2019-12-31 40 -
MP078 PA 2019-12-31 15 -
MP080 PA 2020-01-17 15 -
MP093 PA 2020-01-21 15 -
MP090 PA 2020-02-11 15 -
SECMP0024 PA 2020-02-21 15 -
MP093 IA 2020-03-06 40 -
SECMP0067 IA 2020-03-12 40 -
MP099 PA 2020-03-17 15 -
SECMP0015 IA 2020-04-30 40 -
MP105 PA 2020-05-04 15 -
MP090 PA 2020-05-11 15 -
MP122 PA 2020-05-28 15 -
MP092 PA 2020-06-05 15 -
MP106 PA 2020-06-11 15 -
MP077 PA 2020-06-17 15 -
MP117 PA 2020-07-16 15 -
SECMP0066 PA 2020-07-29 15 -
"""


def test_assessments_are_as_printed(august: Reading) -> None:
    figures = [row for row in august.rows["published_figures"] if "duration_wd" in row["key"]]
    durations = iter([row["printed"] or "-" for row in figures])
    for state, column, table in (("open", "accepted_on", OPEN), ("returned", "returned_on", RETURNED)):
        rows = [row for row in august.rows["assessments"] if row["state"] == state]
        result = [
            f"{row['ref']} {row['kind']} {row[column]} {row['target_wd']} {next(durations)}" for row in rows
        ]
        assert result == table.strip().split("\n")
        attested = [date(2020, 7, 31) if state == "open" else row[column] for row in rows]
        assert [row["state_on"] for row in rows] == attested
    assert figures[12]["key"] == "assessment.SECMP0063.pa.2019-08-01.duration_wd.2"


FIGURES = {
    "stage.development.count": None,
    "stage.refinement.count": None,
    "stage.report.count": None,
    "stage.decision.count": None,
    "recommended.conversion.count": ("0", 0),
    "recommended.refinement.count": ("0", 0),
    "recommended.report.count": ("three", 3),
    "vote.approved.count": ("four", 4),
    "vote.count": ("five", 5),
    "authority.decided.count": ("0", 0),
    "consultation.refinement.open.count": ("0", 0),
    "consultation.report.open.count": ("0", 0),
    "assessment.pa.open.count": ("6", 6),
    "assessment.pa.open.mean_wd": ("36", 36),
    "assessment.pa.completed.count": ("18", 18),
    "assessment.pa.completed.mean_wd": ("64", 64),
    "assessment.ia.open.count": ("5", 5),
    "assessment.ia.open.mean_wd": ("98", 98),
    "assessment.ia.completed.count": ("4", 4),
    "assessment.ia.completed.mean_wd": ("80", 80),
    "proposal.open.count": ("54", 54),
    "proposal.open.mean_wd": ("329", 329),
    "proposal.concluded.count": ("28", 28),
    "proposal.concluded.mean_wd": ("110", 110),
    "release.implemented.count": ("One", 1),
    "release.november-2020.approved.count": ("13", 13),
}


def test_figures_are_as_printed(august: Reading) -> None:
    rows = [row for row in august.rows["published_figures"] if "duration_wd" not in row["key"]]
    result = {row["key"]: (row["printed"], row["value"]) if row["printed"] else None for row in rows}
    assert result == FIGURES
    zero = next(row for row in rows if row["key"] == "recommended.refinement.count")
    assert zero["locator"].endswith("line 34, none stated")


def test_only_known_slips_of_scanning_are_repaired(august: Reading) -> None:
    assert sorted({f"{repair.printed} {repair.result}" for repair in august.repairs}) == [
        "1A IA",
        "MPO088 MP088",
        "MPO098 MP098",
        "MPO77 MP077",
        "MPO78 MP078",
        "MPO90 MP090",
        "SECMPO0007 SECMP0007",
        "SECMPO0015 SECMP0015",
        "SECMPO0053 SECMP0053",
        "SECMPO0063 SECMP0063",
        "SECMPO0067 SECMP0067",
        "moadification modification",
    ]


def test_data_raw_holds_what_ingest_writes(tmp_path: Path) -> None:
    ingest(AUGUST, tmp_path / "raw")
    written, stored = storage.read_folder(tmp_path / "raw"), storage.read_folder(ROOT / "data" / "raw")
    for table in schemas.TABLES:
        own = stored[table][stored[table]["source_id"] == "change-status-report-2020-08"]
        if table == "modifications":
            summarised = own.dropna(subset=["summary"])
            assert sorted(summarised["ref"]) == ["DP136", "DP137", "DP138", "MP135"]
            own = own.assign(summary=None)  # ours, not the report's
        assert storage.csv_text(own, table) == storage.csv_text(written[table], table)


def test_ingesting_august_again_changes_nothing(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(ROOT / "data" / "raw", raw)
    ingest(AUGUST, raw)
    for file in sorted(raw.iterdir()):
        assert file.read_bytes() == (ROOT / "data" / "raw" / file.name).read_bytes(), file.name


def test_our_summaries_are_no_sentences_of_the_report() -> None:
    """No six words in a row are the report's."""
    words = re.findall(r"\w+", AUGUST.read_text(encoding="utf-8").lower())
    runs = {tuple(words[place : place + 6]) for place in range(len(words))}
    for summary in storage.read_folder(ROOT / "data" / "raw")["modifications"]["summary"].dropna():
        own = re.findall(r"\w+", summary.lower())
        assert not [run for place in range(len(own) - 5) if (run := tuple(own[place : place + 6])) in runs]
