"""A chapter, a page or a report that is in a document twice, and pages that are missing from one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from documents import Assessment, Modification, example, write
from scanning import clean
from test_ingest import placeless

from secanalysis.ingest.importing import ingest, read
from secanalysis.ingest.reading import Reading
from secanalysis.statements import storage
from secanalysis.support.errors import UserError

TEXT = clean(write(example())).text
CHAPTER = TEXT[TEXT.index("3. Refine") : TEXT.index("4. Opine")]
VOTES = TEXT[TEXT.index("Change Board votes") : TEXT.index("Authority decisions")]


def reading_of(folder: Path, text: str) -> Reading:
    (folder / "report.txt").write_text(text, encoding="utf-8")
    return read(folder / "report.txt")


def in_pages(*pages: str, of: int, numbers: tuple[int, ...]) -> str:
    """Pages, each with its number at its end."""
    return "\f".join(
        f"{page}\n\nPage {number} of {of}\n" for page, number in zip(pages, numbers, strict=True)
    )


FRONT, DEFINE = TEXT[: TEXT.index("2. Define")], TEXT[TEXT.index("2. Define") : TEXT.index("3. Refine")]
OPINE = TEXT[TEXT.index("4. Opine") :]
SCANNED_AGAIN = CHAPTER.replace("Working Group", "Workinq Group", 1).replace("considered:", "considered :")
WRAPPED = CHAPTER.replace("Working Group meeting was held", "Working Group meeting\nwas held")
OLDER = TEXT.replace("March 2027", "February 2027").replace("1,204 WD", "1,184 WD")
ALIKE = {
    "a chapter": TEXT.replace(CHAPTER, CHAPTER * 2),
    "a chapter, scanned a second time": TEXT.replace(CHAPTER, CHAPTER + SCANNED_AGAIN),
    "a chapter, printed in other lines": TEXT.replace(CHAPTER, CHAPTER + WRAPPED),
    "a chapter at another place": TEXT + "\n" + CHAPTER,
    "a section": TEXT.replace(VOTES, VOTES * 2),
    "the whole report": f"{TEXT}\n\n{TEXT}",
    "the whole report on other pages": f"{TEXT}\f{TEXT}",
    "a page": "\f".join([FRONT, DEFINE, CHAPTER, CHAPTER, OPINE]),
    "a page after others": "\f".join([FRONT, DEFINE, CHAPTER, OPINE, DEFINE]),
}


ROW = "SECMP0041 PA 3 Aug 26 15 WD 31 WD"
SHORT = "SEC Releases\nTwo modifications were implemented in February 2027, standalone:\n"
SHORT_PAGES = {
    "of one number": in_pages(FRONT, DEFINE, SHORT, SHORT, of=3, numbers=(1, 2, 3, 3)),
    "of one number, not one after the other": in_pages(
        FRONT, SHORT, DEFINE, SHORT, of=3, numbers=(1, 2, 3, 2)
    ),
    "of one number, read a little differently": in_pages(
        FRONT, DEFINE, SHORT, SHORT.replace("modifications", "modificatlons"), of=3, numbers=(1, 2, 3, 3)
    ),
    "without numbers": "\f".join([FRONT, DEFINE, SHORT, SHORT]),
    "of one line": TEXT.replace(f"{ROW}\n{ROW}", f"\f{ROW}\n\f{ROW}\n\f"),
}


@pytest.mark.parametrize("case", SHORT_PAGES)
def test_a_short_page_that_is_there_twice_is_refused(tmp_path: Path, case: str) -> None:
    """However little it states: that one figure was taken twice."""
    with pytest.raises(UserError, match="twice"):
        reading_of(tmp_path, SHORT_PAGES[case])


@pytest.mark.parametrize("case", ALIKE)
def test_what_is_in_a_document_twice_is_refused(tmp_path: Path, case: str) -> None:
    """Four assessments were eight."""
    with pytest.raises(UserError, match="twice"):
        reading_of(tmp_path, ALIKE[case])


TWO_MONTHS = {
    "one after the other": f"{OLDER}\n\n{TEXT}",
    "without the second's cover": f"{TEXT}\n\n{OLDER[OLDER.index('1. Summary') :]}",
    "the second's title in two lines": f"{TEXT}\n\n{OLDER.replace('Report — February', 'Report' + chr(10) + 'February')}",
}


@pytest.mark.parametrize("case", TWO_MONTHS)
def test_two_months_in_one_document_are_refused(tmp_path: Path, case: str) -> None:
    with pytest.raises(UserError, match=r"twice|two reports"):
        reading_of(tmp_path, TWO_MONTHS[case])


def test_two_identical_rows_of_one_table_stay_two(tmp_path: Path) -> None:
    """A report that returns one assessment twice says so once each; a page's end between them changes nothing."""
    assert TEXT.count(ROW) == 2
    parted = TEXT.replace(f"{ROW}\n{ROW}", f"{ROW}\n\f{ROW}")
    assert parted != TEXT
    assert placeless(reading_of(tmp_path, parted)) == placeless(reading_of(tmp_path, TEXT))


def test_rows_of_two_tables_that_read_the_same_are_two(tmp_path: Path) -> None:
    """What was accepted on a day and what was returned on it, each on a page of its own."""
    rows = tuple(
        Assessment(Modification(f"MP{n}", "Lamps"), "PA", date(2027, 1, n - 300), 15, n)
        for n in range(301, 325)
    )
    text = clean(write(replace(example(), open=rows, returned=rows))).text
    first = rows[0].of.ref + " PA 1 Jan 27"
    pages = text.replace(first, f"\f{first}").replace(
        "Modification Type Returned", "\fModification Type Returned"
    )
    assert pages.count("\f") == 3
    assert len(reading_of(tmp_path, pages).rows["assessments"]) == 48


@pytest.mark.parametrize("again", [(), ("--same",)])
def test_a_document_ingested_twice_is_as_if_once(tmp_path: Path, again: tuple[str, ...]) -> None:
    """Under its own name it takes its own place; under another, where its facts would count twice, it is refused."""
    (tmp_path / "report.txt").write_text(TEXT, encoding="utf-8")
    into = tmp_path / "raw"
    ingest(tmp_path / "report.txt", into)
    before = storage.read_folder(into)
    if again:
        with pytest.raises(UserError, match="states the same as"):
            ingest(tmp_path / "report.txt", into, source_id="another-name")
    else:
        ingest(tmp_path / "report.txt", into)
    after = storage.read_folder(into)
    assert all(after[table].equals(frame) for table, frame in before.items())


# Printed page numbers -----------------------------------------------------------------------------


def numbers_listed(reading: Reading) -> list[str]:
    return [unread.printed for unread in reading.unread if unread.line == 0]


def test_a_page_that_the_numbers_skip_is_listed(tmp_path: Path) -> None:
    whole = in_pages(FRONT, DEFINE, CHAPTER, OPINE, of=4, numbers=(1, 2, 3, 4))
    assert numbers_listed(reading_of(tmp_path, whole)) == []
    gone = in_pages(FRONT, DEFINE, OPINE, of=4, numbers=(1, 2, 4))
    assert numbers_listed(reading_of(tmp_path, gone)) == ["[page 3 of 4]"]
    last = in_pages(FRONT, DEFINE, CHAPTER, of=4, numbers=(1, 2, 3))
    assert numbers_listed(reading_of(tmp_path, last)) == ["[page 4 of 4]"]
    doubled = in_pages(FRONT, DEFINE, CHAPTER, OPINE, of=4, numbers=(1, 2, 2, 4))
    assert numbers_listed(reading_of(tmp_path, doubled)) == ["[page 2]", "[page 3 of 4]"]


@pytest.mark.parametrize("form", ["Page {}", "- {} -", "{}", "Made-up Change Status Report    Page {}"])
def test_numbers_of_pages_are_read_as_they_are_printed(tmp_path: Path, form: str) -> None:
    parts = re.split(r"(?=\n(?:[2-5]\. |Authority decisions))", TEXT)
    pages = [f"{part}\n\n{form.format(number)}\n" for number, part in enumerate(parts, start=1)]
    assert numbers_listed(reading_of(tmp_path, "\f".join(pages))) == []
    assert numbers_listed(reading_of(tmp_path, "\f".join([*pages[:2], *pages[3:]]))) == ["[page 3]"]


def test_what_follows_a_missing_page_is_not_read_below_the_heading_before_it(tmp_path: Path) -> None:
    """The second page's end would be an entry of the first page's list."""
    entry = "• MP301 ‘Lamps that tell their hour’\n"
    at = TEXT.index(entry, TEXT.index("Report Phase:"))
    until = TEXT.index(entry, TEXT.index("So far"))
    text = in_pages(TEXT[:at], TEXT[until:], of=3, numbers=(1, 3))
    reading = reading_of(tmp_path, text)
    assert numbers_listed(reading) == ["[page 2 of 3]"]
    assert "events" not in reading.rows
    assert any("MP301" in unread.printed and "missing page" in unread.reason for unread in reading.unread)
