"""PDFs of other people's programs: no fact is changed, none made up, and none lost that isn't listed.

What each document states is known from the made-up facts of which it was written. A fact may be missing only where
the account lists its line, or part of it, or the page on which it was.
"""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from documents import Block, example, write
from outsiders import CHANGES, NEVER, UNSEEN, Print, PrintedLine, Run, make, printed
from test_ingest_roundtrip import Chance, read_rows

from secanalysis.ingest.importing import read
from secanalysis.ingest.reading import Reading
from secanalysis.support.errors import UserError

CHROMIUM = pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium")
MAKERS = ("reportlab", "fpdf2", pytest.param("chromium", marks=CHROMIUM))
TITLES = (
    "Lamps that tell their hour",
    "Bells, and whether they ring",
    "Kites and all that follows from them in v2.1 of the made-up Kite Rules",
    "Doors (both ways)",
    "Updating 3 of 4 clocks",
    "A B and C",
)
Statement = tuple[str, tuple[tuple[str, str], ...]]


def plain(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.lower().replace("ﬁ", "fi").replace("ﬂ", "fl"))


def statements(rows: Sequence[Statement]) -> Counter[Statement]:
    """Statements without what depends on how many there are."""
    return Counter(
        (table, tuple((name, value.removesuffix(".2") if name == "key" else value) for name, value in cells))
        for table, cells in rows
    )


def check(blocks: list[Block], document: Print, reading: Reading) -> None:
    """Every statement is one of the document's; one that isn't back is listed."""
    stated = [index for index in range(len(blocks)) if index not in document.struck | document.missing]
    # of a block that a page's end parts some lines may be left
    parts = [index for index in range(len(blocks)) if index in document.missing]
    wanted = statements([fact for index in stated for fact in blocks[index].facts])
    allowed = wanted + statements([fact for index in parts for fact in blocks[index].facts])
    back = statements([(table, cells) for table, rows in read_rows(reading).items() for cells, _ in rows])
    for statement, count in back.items():
        table, cells = statement
        if table in ("modifications", "releases"):
            assert allowed[statement] or any(
                table == other and set(cells) < set(theirs) for other, theirs in allowed
            ), ("changed", statement)
            continue
        more = count - allowed[statement]
        # says only that it isn't legible
        blank = table == "published_figures" and "printed" not in dict(cells)
        assert more <= 0 or (blank and reading.unread), (
            "changed",
            statement,
            more,
        )
    listed = [plain(unread.printed) for unread in reading.unread]
    lines: dict[int, list[str]] = {}
    for page in document.pages:
        for line in page:
            if line.block is not None:
                lines.setdefault(line.block, []).append(plain(line.text))
    excused = {
        index
        for index in stated
        if any(
            line and any(line in one or (len(one) > 3 and one in line) for one in listed)
            for line in lines[index]
        )
    }
    listed_facts = statements([fact for index in excused for fact in blocks[index].facts])
    for statement, count in wanted.items():
        if statement[0] not in ("modifications", "releases"):
            assert back[statement] + listed_facts[statement] >= count, ("lost", statement)
    if document.unseen:
        assert plain(NEVER) in "".join(listed)
    if document.missing:
        assert any("missing" in unread.reason for unread in reading.unread)


def one_document(seed: int, maker: str, folder: Path) -> str:
    """Make and read a document; which changes were made, and what became of it."""
    chance = random.Random(seed)
    blocks = write(Chance(seed, list(TITLES)).facts())
    changes = chance.sample(CHANGES, chance.randint(1, 3))
    document = printed(blocks, chance, changes)
    path = make(document, maker, folder / f"{seed}.pdf")
    try:
        reading = read(path)
    except UserError as error:
        assert document.doubled and "twice" in str(error), (seed, changes, str(error))
        return "refused"
    assert not document.doubled or any("twice" in unread.reason for unread in reading.unread), (seed, changes)
    try:
        check(blocks, document, reading)
    except AssertionError as error:
        raise AssertionError(f"document {seed} by {maker}, {changes}: {error}") from None
    path.unlink()
    return "read"


@pytest.mark.parametrize("maker", MAKERS)
def test_outsiders_documents_are_read_as_they_are_printed(tmp_path: Path, maker: str) -> None:
    for seed in range(3 if maker != "chromium" else 1):
        one_document(seed, maker, tmp_path)


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium")
def test_a_short_page_below_a_heading_struck_out_is_one_page_twice(tmp_path: Path) -> None:
    """The copies were read below different headings, and a figure was taken twice."""
    assert one_document(904, "chromium", tmp_path) == "refused"


def test_what_an_unread_introduction_lists_is_not_of_the_list_before(tmp_path: Path) -> None:
    """A footnote's mark at its end: what was approved for June 2028 had been in force since August 2016."""
    assert one_document(1054, "fpdf2", tmp_path) == "read"


def test_a_new_proposal_whose_reference_has_a_footnote_s_mark_is_not_lost(tmp_path: Path) -> None:
    """The line that says who raised it was taken for the description of the proposal before, and listed nowhere."""
    assert one_document(1283, "reportlab", tmp_path) == "read"


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(8))
def test_four_hundred_documents_are_read_as_they_are_printed(tmp_path: Path, part: int) -> None:
    browser = shutil.which("chromium")
    for seed in range(1000 + part, 1400 + part, 8):
        maker = ("reportlab", "fpdf2", "chromium" if browser and seed % 5 == 0 else "reportlab")[seed % 3]
        one_document(seed, maker, tmp_path)


# One thing at a time ------------------------------------------------------------------------------


def with_line(folder: Path, of: str, runs: Sequence[Run], maker: str = "reportlab") -> Reading:
    """The small made-up report with one line drawn in another way."""
    document = printed(write(example()), random.Random(0), ())
    result = [
        (page, at) for page in document.pages for at, line in enumerate(page) if line.text.startswith(of)
    ]
    page, at = result[0]
    page[at] = PrintedLine(tuple(runs), page[at].block, page[at].gap)
    return read(make(document, maker, folder / "report.pdf"))


def figure(reading: Reading, key: str) -> str | None:
    """A printed figure."""
    return {row["key"]: row["printed"] for row in reading.rows["published_figures"]}.get(key)


@pytest.mark.parametrize("maker", ["reportlab", "fpdf2"])
def test_a_number_drawn_twice_is_one_number(tmp_path: Path, maker: str) -> None:
    runs = [Run("Proposals open (pre-decision) "), Run("54", "twice")]
    reading = with_line(tmp_path, "Proposals open", runs, maker)
    assert figure(reading, "proposal.open.count") == "54"
    assert reading.unread == ()


@pytest.mark.parametrize("maker", MAKERS)
def test_a_footnotes_mark_is_no_digit(tmp_path: Path, maker: str) -> None:
    runs = [Run("Proposals open (pre-decision) 54"), Run("1", "mark")]
    reading = with_line(tmp_path, "Proposals open", runs, maker)
    assert figure(reading, "proposal.open.count") is None
    assert ["541" in unread.printed for unread in reading.unread] == [True]
    assert "footnote" in reading.unread[0].reason


@pytest.mark.parametrize(
    ("maker", "how"),
    [
        *(("reportlab", how) for how in UNSEEN),
        ("fpdf2", "covered"),
        pytest.param("chromium", "white", marks=CHROMIUM),
        *(
            pytest.param(maker, how, marks=[pytest.mark.soak, *([CHROMIUM] if maker == "chromium" else [])])
            for maker, usual in (("fpdf2", "covered"), ("chromium", "white"))
            for how in UNSEEN
            if how != usual
        ),
    ],
)
def test_what_the_page_does_not_show_is_not_read(tmp_path: Path, maker: str, how: str) -> None:
    document = printed(write(example()), random.Random(0), ())
    page, at = next(
        (page, at)
        for page in document.pages
        for at, line in enumerate(page)
        if line.text == "Authority decisions"
    )
    page.insert(at, PrintedLine((Run(NEVER, how),), None, True))
    reading = read(make(document, maker, tmp_path / "report.pdf"))
    assert "MP999" not in str(reading.rows)
    if not (maker == "chromium" and how in ("invisible", "outside")):  # it leaves them out of its PDF
        assert "MP999" in "".join(unread.printed for unread in reading.unread)


@pytest.mark.parametrize("maker", MAKERS)
def test_what_is_struck_out_is_not_read(tmp_path: Path, maker: str) -> None:
    entry = "• SECMP0041 ‘Bells, and whether they ring – Batch 3’ was approved"
    text = f"{entry} under Self-Governance for"
    reading = with_line(tmp_path, entry, [Run(text, "struck")], maker)
    votes = [row for row in reading.rows["events"] if row["event"] == "voted" and row["ref"] == "SECMP0041"]
    assert [row["on"].isoformat() for row in votes] == ["2027-03-05"]  # the summary's alone
    assert any("struck out" in unread.reason for unread in reading.unread)
