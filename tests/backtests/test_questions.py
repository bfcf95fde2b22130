"""Ten questions of readers, each answered on the published site in two clicks at most from its front page.

Answers are typed from the sources (the report of August 2020, the modifications' own pages and the releases'),
never from our own output. Typing a word or choosing from a list is no click.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator
from published_site import Site
from test_pages import Watched

from secanalysis.publishing import pdf_printing

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
CLICKS = 2


@pytest.fixture
def site(some: Site) -> Path:
    """The published site of August 2020 and some later months."""
    return some.folder


class Reader:
    """Somebody at the front page, with a question and so many clicks."""

    def __init__(self, opened: Watched) -> None:
        self.page = opened.page
        self.clicks = 0

    def click(self, name: str, within: str = "body") -> None:
        """Click what is named so, the first of a part of the page."""
        self._click(self.page.locator(within).get_by_role("link", name=name, exact=True).first)

    def open(self, key: str) -> str:
        """Open a figure where it is in a sentence, and read it."""
        button = self.page.locator(f'button.fact[data-key="{key}"]').first
        self._click(button)
        opened = self.page.locator(":popover-open")
        assert opened.is_visible()
        return opened.inner_text()

    def _click(self, what: Locator) -> None:
        self.clicks += 1
        assert self.clicks <= CLICKS
        what.click()

    @property
    def sees(self) -> str:
        """What there is to read, with spaces for line ends."""
        return " ".join(self.page.locator("main").inner_text().split())


@pytest.fixture
def reader(browser: Browser, site: Path) -> Iterator[Reader]:
    with Watched(browser, site / "index.html") as opened:
        yield Reader(opened)
        assert opened.complaints == []


def test_where_is_mp102a_and_what_happened_to_it(reader: Reader) -> None:
    reader.click("Modifications", ".sections")
    reader.click("MP102A")
    assert "MP102A was implemented on 29 November 2020" in reader.sees
    assert "23 September 2020 Change Board vote: approved (Self-Governance)" in reader.sees


def test_what_is_due(reader: Reader) -> None:
    assert "Due, not confirmed" in reader.sees
    assert "27 May 2020: MP130" in reader.sees
    assert (
        "Week of 17 August 2020: Modification Report Consultation expected: MP102A and SECMP0007"
        in reader.sees
    )


def test_which_open_ones_concern_ppmids(reader: Reader) -> None:
    reader.click("Modifications", ".sections")
    reader.page.get_by_label("Words of the title").fill("ppmid")
    reader.page.get_by_label("Stage").select_option("Refinement Process")
    assert reader.page.locator("table.register tbody tr:visible th").all_inner_texts() == [
        "SECMP0037", "SECMP0038", "SECMP0056",
    ]  # fmt: skip


def test_what_does_the_report_say_in_two_minutes(reader: Reader) -> None:
    reader.click("Change Status Report", ".latest")
    assert "The Change Board approved 4" in reader.sees
    assert "new Draft Proposals were raised" in reader.sees
    assert reader.page.evaluate("document.documentElement.scrollHeight") < 4000


def test_what_changed_since_last_month(reader: Reader) -> None:
    reader.click("Stage counts", ".latest")
    reader.click("What changed since the last report")
    changed = reader.page.locator("table", has_text="What changed since the last report").last.inner_text()
    assert "DP136" in changed
    assert "SECMP0015" in changed


def test_how_long_do_impact_assessments_take(reader: Reader) -> None:
    reader.click("Change Status Report", ".latest")
    words = re.sub(r" ?✓? ?\(equal to the published figure\)", "", reader.sees)
    assert "5 Impact Assessments (IA) are open, for 98 WD on average" in words
    assert "after 80 WD (as published) on average" in reader.sees


def test_what_did_the_change_board_decide_in_july_2020(reader: Reader) -> None:
    reader.click("Change Status Report", ".latest")
    votes = reader.page.locator("section", has=reader.page.get_by_role("heading", name="Change Board votes"))
    words = " ".join(votes.inner_text().split())
    assert "on 22 July 2020" in words
    for ref in ("MP103", "MP118", "MP124", "MP135"):
        assert ref in words
    assert "SECMP0015" in words
    assert "rejected" in words


def test_what_was_in_the_november_2020_release_and_what_joined_late(reader: Reader) -> None:
    reader.click("Releases", ".sections")
    reader.click("November 2020 SEC Release")
    assert "Implemented (18)" in reader.sees
    assert "Joined: MP102A, MP127, MP131, MP133, MP142" in reader.sees.replace(" ,", ",")


def test_who_raised_mp136(reader: Reader) -> None:
    reader.click("Modifications", ".sections")
    reader.page.get_by_label("Words of the title").fill("MP136")
    row = reader.page.locator("table.register tbody tr:visible")
    assert row.count() == 1
    assert "SMS PLC" in row.inner_text()


def test_which_assessments_are_over_target(reader: Reader) -> None:
    rows = reader.open("assessment.open.over_target.count")
    for ref in ("SECMP0056", "SECMP0007", "MP078", "MP107", "MP099", "MP109"):
        assert ref in rows


def test_the_report_prints_on_four_sheets(site: Path) -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    page = (site / "2020-08" / "change_status_report.html").read_text(encoding="utf-8")
    printed = site.parent / "report.pdf"
    printed.write_bytes(pdf_printing.pdfs({"report": (page, "2020-08-07")})["report"])
    with pdfplumber.open(printed) as sheets:
        assert len(sheets.pages) <= 4
