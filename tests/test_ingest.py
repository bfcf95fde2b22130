"""Published reports as text and PDF: what comes in, what is listed, and what is refused."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from documents import as_html, example, write
from scanning import clean

from secanalysis.ingest.importing import IngestResult, ingest, read, remarks
from secanalysis.ingest.printed_values import Illegible, day, month, number
from secanalysis.ingest.reading import Reading
from secanalysis.ingest.report.headings import Section, heading
from secanalysis.ingest.report.scan_repair import assessment_kind, mended, reference
from secanalysis.ingest.result import summary
from secanalysis.statements import storage
from secanalysis.support.errors import UserError

FIXTURES = Path(__file__).parent / "fixtures"
TEXT, PDF = FIXTURES / "synthetic-report.txt", FIXTURES / "synthetic-report.pdf"


def shown(reading: Reading, table: str, *columns: str) -> list[str]:
    """A table's rows as short texts, for literal expectations."""
    return [" ".join(str(row.get(name) or "-") for name in columns) for row in reading.rows.get(table, [])]


def printed(reading: Reading) -> dict[str, str | None]:
    """Printed figures by key."""
    return {row["key"]: row["printed"] for row in reading.rows.get("published_figures", [])}


def reading_of(folder: Path, text: str) -> Reading:
    (folder / "report.txt").write_text(text, encoding="utf-8")
    return read(folder / "report.txt")


def report(*lines: str) -> str:
    """A report with only these lines below its first headings."""
    above = [
        "SYNTHETIC Change Status Report — March 2027",
        "",
        "5 March 2027",
        "",
        "1. Summary",
        "",
        "Decisions",
        "",
    ]
    return "\n".join([*above, *lines, "", "4. Opine", "", "Change Board votes", ""])


# Repairs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scanned", "result"),
    [
        ("SECMP0007", "SECMP0007"),
        ("SECMPO0007", "SECMP0007"),
        ("SECMPO007", "SECMP0007"),
        ("MPO78", "MP078"),
        ("MPO088", "MP088"),
        ("MP3O1", "MP301"),
        ("MPl07", "MP107"),
        ("MP102A", "MP102A"),
        ("MPO77A", "MP077A"),
        ("MP78", None),
        ("SECMP007", None),
        ("MP1020", None),
        ("MP10S", None),
        ("MP8B8", None),
        ("MP0S1", None),
        ("SECMP00Z7", None),
        ("MPOOO", None),
    ],
)
def test_references_are_repaired_only_where_one_result_is_possible(scanned: str, result: str | None) -> None:
    assert reference(scanned) == result


def test_kinds_words_and_headings_are_recognised_through_a_slip() -> None:
    assert [assessment_kind(shown) for shown in ("IA", "1A", "PA", "FA")] == ["IA", "IA", "PA", None]
    assert mended("moadification") == "modification"
    assert mended("approwed") == "approwed"
    assert heading("Change Sub-Cornmittee decisions") is Section.CSC_DECISIONS
    assert heading("Refinement Consultatlons") is Section.REFINEMENT_CONSULTATIONS
    assert heading("Decisions that were taken") is None


def test_days_and_numbers_are_read_and_impossible_days_refused() -> None:
    assert day("Wednesday 8 July 2020") == date(2020, 7, 8)
    assert day("2 Jul 19") == date(2019, 7, 2)
    assert month("December", until=date(2021, 1, 8)) == date(2020, 12, 1)
    assert [number(word) for word in ("1,204", "13", "Five", "twenty-one")] == [1204, 13, 5, 21]
    for wrong in ("Thursday 8 July 2020", "31 June 2020"):
        with pytest.raises(Illegible):
            day(wrong)
    with pytest.raises(Illegible, match="after the report's own day"):
        day("8 July 2020", until=date(2020, 7, 7))


# The made-up report -----------------------------------------------------------------------------


def test_the_fixture_is_what_the_generator_writes() -> None:
    assert TEXT.read_text(encoding="utf-8") == clean(write(example())).text


def test_a_text_report_gives_exactly_its_statements(tmp_path: Path) -> None:
    into = tmp_path / "raw"
    outcome = ingest(TEXT, into)
    reading = outcome.reading
    assert reading.unread == ()
    assert reading.source["kind"] == "synthetic"
    assert reading.source["source_id"] == "synthetic-change-status-report-2027-03"
    assert shown(reading, "events", "ref", "event", "on", "precision", "outcome") == [
        "MP301 recommended_to_report 2027-03-05 by -",
        "MP302A recommended_to_report 2027-03-05 by -",
        "SECMP0041 voted 2027-03-05 by approved",
        "DP310 raised 2027-02-09 day -",
        "MP301 impact_assessment_approved 2027-02-01 month -",
        "MP302A impact_assessment_deferred 2027-02-01 month -",
        "SECMP0041 voted 2027-02-24 day approved",
        "MP301 voted 2027-02-24 day rejected",
        "MP301 referred 2027-03-05 by -",
        "MP302A sent_to_authority 2027-03-05 by -",
    ]
    assert shown(
        reading, "assessments", "ref", "kind", "accepted_on", "returned_on", "target_wd", "state_on"
    ) == [
        "MP301 IA 2022-07-02 - 40 2027-02-28",
        "MP302A PA 2027-02-01 - 15 2027-02-28",
        "SECMP0041 PA - 2026-08-03 15 2026-08-03",
        "SECMP0041 PA - 2026-08-03 15 2026-08-03",
    ]
    figures = printed(reading)
    assert figures["stage.refinement.count"] == "30"
    assert figures["assessment.MP301.ia.2022-07-02.duration_wd"] == "1,204"
    assert figures["assessment.MP302.pa.2027-02-01.duration_wd"] is None
    assert figures["assessment.SECMP0041.pa.2026-08-03.duration_wd.2"] == "31"
    assert figures["recommended.refinement.count"] == "0"
    assert shown(reading, "release_items", "release", "ref", "part", "status", "on") == [
        "Standalone Release 2027-02-26 DP310 - implemented 2027-02-26",
        "June 2027 SEC Release SECMP0041 - approved 2027-02-24",
        "Standalone Release 2027-02-26 DP310 - implemented 2027-02-26",
        "June 2027 SEC Release SECMP0041 part 2 approved 2027-03-05",
        "June 2027 SEC Release MP301 - approved 2027-03-05",
    ]
    assert "Example Doors Ltd (EDL)" in shown(reading, "modifications", "proposer_organisation")
    stored = "".join(file.read_text(encoding="utf-8") for file in into.iterdir())
    assert "Ada Example" not in stored
    assert "It rests on" not in stored
    lengths = {table: len(frame) for table, frame in storage.read_folder(into).items()}
    assert lengths == {**outcome.written, "sources": 1, "corrections": 0}


def test_a_pdf_report_gives_the_same_statements_as_its_text() -> None:
    pdf = read(PDF)
    assert pdf.unread == ()
    assert placeless(pdf) == placeless(read(TEXT))


@pytest.mark.browser
def test_a_report_printed_by_a_browser_gives_the_same_statements(tmp_path: Path) -> None:
    page, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(as_html(write(example())), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}",
    ]
    subprocess.run(["chromium", *options, page.as_uri()], check=True, capture_output=True, timeout=60)
    assert placeless(read(pdf)) == placeless(read(TEXT))


def placeless(reading: Reading) -> dict[str, list[tuple[str, ...]]]:
    """All that a document states, without where it states it."""
    return {
        table: sorted(
            tuple(
                f"{name}={row[name]}" for name in sorted(row) if name != "locator" and row[name] is not None
            )
            for row in rows
        )
        for table, rows in reading.rows.items()
    }


def test_summary_and_remarks_show_rows_unread_lines_and_repairs(tmp_path: Path) -> None:
    text = (
        TEXT.read_text(encoding="utf-8")
        .replace("MP301 ‘Lamps", "MP3O1 ‘Lamps", 1)
        .replace("15 30 5 2", "XI5 X0 X X")
    )
    (tmp_path / "report.txt").write_text(text, encoding="utf-8")
    outcome = ingest(tmp_path / "report.txt", tmp_path / "raw")
    shown_on_stdout = summary(outcome)
    assert "SYNTHETIC Change Status Report March 2027" in shown_on_stdout
    assert re.search(r"\nevents +10 +0\n", shown_on_stdout)
    listed = remarks(outcome)
    assert "XI5 X0 X X\n    the stage counts aren't legible: left blank" in listed
    assert "MP3O1 read as MP301" in listed


def test_a_document_read_whole_needs_no_remarks() -> None:
    assert remarks(IngestResult(read(TEXT), Path("raw"), {}, {})) == ""


# Ingesting again --------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def refused(file: Path, into: Path, sentence: str, **options: object) -> None:
    """Refused with a sentence, and the tables as they were."""
    before = contents(into)
    with pytest.raises(UserError) as error:
        ingest(file, into, **options)  # type: ignore[arg-type]
    assert sentence in str(error.value)
    assert contents(into) == before


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tables, which no test changes."""
    into = tmp_path_factory.mktemp("filled") / "raw"
    ingest(TEXT, into)
    return into


def test_ingesting_again_replaces_exactly_its_own_rows(tmp_path: Path) -> None:
    into = tmp_path / "raw"
    # the same as it was printed again: with one figure otherwise, or it would be refused as the same
    reissue = TEXT.read_text(encoding="utf-8").replace("(pre-decision) 54", "(pre-decision) 55")
    (tmp_path / "reissue.txt").write_text(reissue, encoding="utf-8")
    ingest(tmp_path / "reissue.txt", into, source_id="another")
    before = contents(into)
    first = ingest(TEXT, into)
    both = contents(into)
    again = ingest(TEXT, into)
    assert contents(into) == both != before
    assert again.replaced == first.written
    assert set(first.replaced.values()) == {0}
    assert (storage.read_folder(into)["events"]["source_id"] == "another").sum() == 10


def test_summaries_in_our_own_words_outlive_another_ingest(tmp_path: Path) -> None:
    into = tmp_path / "raw"
    ingest(TEXT, into)
    modifications = storage.read_folder(into)["modifications"]
    words = dict(zip(modifications["ref"], "Our words of " + modifications["ref"], strict=True))
    written = storage.csv_text(modifications.assign(summary=modifications["ref"].map(words)), "modifications")
    (into / "modifications.csv").write_text(written, encoding="utf-8")
    before = contents(into)
    ingest(TEXT, into)
    assert contents(into) == before
    # another title of the same modification, as a corrected report has it
    title = modifications["title"].iloc[0]
    corrected = TEXT.read_text(encoding="utf-8").replace(title, f"{title} again")
    (tmp_path / "corrected.txt").write_text(corrected, encoding="utf-8")
    ingest(tmp_path / "corrected.txt", into)
    again = storage.read_folder(into)["modifications"]
    assert f"{title} again" in set(again["title"])
    assert (again["summary"] == again["ref"].map(words)).all()
    # and the report is the same under another name, whatever we say of its modifications
    ingest(TEXT, into)
    refused(TEXT, into, "states the same as synthetic-change-status-report-2027-03", source_id="another")


def test_a_source_id_of_another_source_is_refused(tmp_path: Path) -> None:
    into = tmp_path / "raw"
    ingest(TEXT, into, source_id="march")
    april = TEXT.read_text(encoding="utf-8").replace("Report — March 2027", "Report — April 2027")
    (tmp_path / "april.txt").write_text(april, encoding="utf-8")
    refused(
        tmp_path / "april.txt", into, "the source_id march already names another source", source_id="march"
    )


def test_strict_refuses_what_is_not_read_whole(tmp_path: Path, filled: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text(report("Nobody recognises this line."), encoding="utf-8")
    refused(file, filled, "Nobody recognises this line.\n    not recognised", strict=True)


def test_a_folder_with_faults_is_left_as_it_is(tmp_path: Path) -> None:
    into = tmp_path / "raw"
    ingest(TEXT, into)
    (into / "events.csv").write_text("ref\n", encoding="utf-8")
    refused(TEXT, into, "events.csv, row 1")


# What is guessed at, and what isn't -------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["e MP30 ‘Too short’"], "the reference 'MP30' can't be read"),
        (["The Change Board approved one modification:", "", "e MP301 ‘No end"], "isn't clear"),
        (["The Change Board approved one modification:", "", "e MP301 ‘Two ends’’"], "isn't clear"),
        (["The Change Board approved one modification:", "", "e MP3#1 ‘A title’"], "not recognised"),
        (["The Change Board approwed one modification:"], "not recognised"),
        (["The Change Board approved one modification on 2# March 2027:"], "not recognised"),
        (["MP301 ‘A’ was approved by the Authority on 9 March 2027."], "after the report's own day"),
        (["MP301 ‘A’ was approved by the Authority on 31 February 2027."], "there is no 31 February 2027"),
        (["An ad-hoc Working Group meeting was held on Monday 3 March 2027 on MP301."], "is a Wednesday"),
    ],
)
def test_what_cannot_be_read_is_listed(tmp_path: Path, lines: list[str], reason: str) -> None:
    reading = reading_of(tmp_path, report(*lines))
    assert reason in " ".join(unread.reason for unread in reading.unread)
    assert reading.rows.keys() <= {"published_figures"}


@pytest.mark.parametrize(
    "introduction", ["So far one modification is approwed for the June 2027 SEC Release:", "For June 2027:1"]
)
def test_a_list_whose_introduction_is_unread_is_not_the_one_before(tmp_path: Path, introduction: str) -> None:
    """Seen before: an introduction stood without a gap below an entry, and what it listed was in force already."""
    lines = [
        "SEC Releases",
        "Two modifications were implemented in February 2027, standalone:",
        "• MP301 ‘Lamps’ was implemented on 26 February 2027.",
        "• MP302 ‘Bells’ was implemented on 26 February 2027.",
        introduction,
        "• MP303 ‘Kites’",
        "• MP304 ‘Doors’",
    ]
    reading = reading_of(tmp_path, report(*lines))
    assert shown(reading, "release_items", "ref") == ["MP301"]
    listed = " ".join(unread.printed for unread in reading.unread)
    assert all(ref in listed for ref in ("MP302", "MP303", "MP304"))


def test_an_unread_entry_of_one_sentence_leaves_its_list_open(tmp_path: Path) -> None:
    lines = [
        "SEC Releases",
        "Two modifications were implemented in February 2027, standalone:",
        "• MP301 ‘Lamps was implemented on 26 February 2027.",
        "• MP302 ‘Bells’ was implemented on 26 February 2027.",
    ]
    reading = reading_of(tmp_path, report(*lines))
    assert shown(reading, "release_items", "ref") == ["MP302"]


def test_a_number_that_cannot_be_read_stays_blank(tmp_path: Path) -> None:
    rows = [
        "Open Assessments",
        "Modification Type Accepted Target duration Current duration",
        "MP301 1A 2 Jul 26 40 WD 4b WD",
        "MP302 PA 2 Jul 26 15 WD",
        "Impact Assessments open 2 l5 WD",
        "",
        "Decisions",
        "",
        "The Change Board approved thrce modifications:",
    ]
    reading = reading_of(tmp_path, report(*rows))
    assert printed(reading) == {
        "assessment.MP301.ia.2026-07-02.duration_wd": None,
        "assessment.MP302.pa.2026-07-02.duration_wd": None,
        "assessment.ia.open.count": "2",
        "assessment.ia.open.mean_wd": None,
        "vote.approved.count": None,
    }
    assert [unread.printed for unread in reading.unread] == [rows[2], rows[4], rows[8]]


WHY = "The Board wants the DCC to clarify what it is going to assess before the request comes back."


@pytest.mark.parametrize(
    "lines",
    [
        ["The MP301 ‘Lamps’ Impact Assessment request was deferred.", WHY],
        ["The following Impact Assessment requests were deferred:", "", "• MP301 ‘Lamps’", "", WHY],
    ],
)
def test_the_reason_of_a_deferral_is_a_word_of_ours(tmp_path: Path, lines: list[str]) -> None:
    reading = reading_of(tmp_path, report("3. Refine", "", "Impact Assessment requests", "", *lines))
    assert reading.unread == ()
    (deferred,) = reading.rows["events"]
    assert (deferred["event"], deferred["reason"]) == ("impact_assessment_deferred", "scope_unclear")
    assert "clarify" not in str(reading.rows)


def test_a_reason_of_no_known_deferral_is_listed(tmp_path: Path) -> None:
    lines = ["The MP301 ‘Lamps’ Impact Assessment request was approved.", WHY]
    reading = reading_of(tmp_path, report("3. Refine", "", "Impact Assessment requests", "", *lines))
    assert [unread.reason for unread in reading.unread] == ["which deferred request it speaks of isn't clear"]
    assert not any(row.get("reason") for row in reading.rows["events"])


def test_narrative_gives_no_facts(tmp_path: Path) -> None:
    who_raised_it = ["DP310 ‘Doors’ was raised by Ada Example of the DCC on 9 February 2027.", ""]
    narrative = ["It follows MP101, raised by Bo Sample on 1 May 2019, and SECMP0002 ‘Old’ of 2 June.", ""]
    reading = reading_of(tmp_path, report("New Draft Proposals", "", "DP310", "", *who_raised_it, *narrative))
    assert shown(reading, "events", "ref", "event") == ["DP310 raised"]
    assert shown(reading, "modifications", "ref", "title", "proposer_organisation") == ["DP310 Doors DCC"]
    assert reading.unread == ()


@pytest.mark.parametrize(
    ("who", "organisation"),
    [
        ("Ada Example of the Example Board (EB)", "Example Board (EB)"),
        ("Ada Example from Bank of Examples", "Bank of Examples"),
        ("the Example Board", "Example Board"),
        ("Ada Example", "-"),
        ("Ada Example of DCC and Bo Sample of EDF", "-"),
    ],
)
def test_organisations_are_kept_and_people_are_not(tmp_path: Path, who: str, organisation: str) -> None:
    lines = [
        "New Draft Proposals",
        "",
        "DP310",
        "",
        f"DP310 ‘Doors’ was raised by {who} on 9 February 2027.",
        "",
    ]
    reading = reading_of(tmp_path, report(*lines))
    assert shown(reading, "modifications", "proposer_organisation") == [organisation]
    assert bool(reading.unread) == (organisation == "-")


def test_a_title_with_a_closing_quote_of_its_own_is_read_to_its_end(tmp_path: Path) -> None:
    """What follows the first such quote isn't another sentence of what was implemented."""
    lines = [
        "SEC Releases",
        "One modification was implemented in February 2027, standalone:",
        "• SECMP0055 “Users’ rights in E6’ Kites and more” was implemented on 26 February 2027.",
    ]
    reading = reading_of(tmp_path, report(*lines))
    assert shown(reading, "modifications", "ref", "title") == [
        "SECMP0055 Users’ rights in E6’ Kites and more"
    ]
    assert reading.unread == ()


def test_none_this_month_is_zero(tmp_path: Path) -> None:
    lines = [
        "Recommended to proceed to Report Phase",
        "",
        "None this month.",
        "",
        "Authority decisions",
        "",
        "None.",
    ]
    figures = printed(reading_of(tmp_path, report(*lines)))
    assert figures == {"recommended.report.count": "0", "authority.decided.count": "0"}


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (["15 30 5 2"], ["15", "30", "5", "2"]),
        (["Report Decision Development Refinement", "5 2 15 30"], ["15", "30", "5", "2"]),
        (["Development: 15", "Refinement: 30", "Report: 5", "Decision: 2"], ["15", "30", "5", "2"]),
        (["15 X0 5 2"], [None] * 4),
        ([], [None] * 4),
    ],
)
def test_stage_counts_are_read_only_if_all_are_legible(
    tmp_path: Path, lines: list[str], counts: list[str | None]
) -> None:
    figures = printed(reading_of(tmp_path, report("Proposals currently in each stage", *lines, "")))
    stages = ("development", "refinement", "report", "decision")
    assert [figures[f"stage.{stage}.count"] for stage in stages] == counts


# Refused ----------------------------------------------------------------------------------------


def test_a_cover_without_a_date_needs_one_and_a_different_one_is_refused(
    tmp_path: Path, filled: Path
) -> None:
    file = tmp_path / "report.txt"
    text = TEXT.read_text(encoding="utf-8")
    file.write_text(text.replace("\n5 March 2027\n", "\n"), encoding="utf-8")
    refused(file, filled, "no legible date on its cover")
    assert read(file, published_on=date(2027, 3, 5)).source["published_on"] == date(2027, 3, 5)
    another = date(2027, 3, 6)
    refused(TEXT, filled, "dated 5 March 2027, but --published-on says 2027-03-06", published_on=another)
    refused(TEXT, filled, "--mapping is for registers", mapping=Path("map.yaml"))


def test_hostile_titles_are_read_in_bounded_time(tmp_path: Path) -> None:
    many = "\n".join(["MP301 ‘" + "a’ " * 300] * 200)
    assert len(reading_of(tmp_path, report(many)).unread) == 200
