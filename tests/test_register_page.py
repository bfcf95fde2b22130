"""The register's page: a table that reads whole, and that one small script sorts and filters; the calendar; links."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import executed
import icalendar
import pandas as pd
import pytest
from factories import REPORT, event, item, source, tables, vote
from playwright.sync_api import Browser, expect
from test_pages import Watched, check_page

from secanalysis import Register
from secanalysis.analysis.calendar_dates import calendar_dates
from secanalysis.publishing import pages, publish
from secanalysis.publishing.calendar_file import calendar
from secanalysis.publishing.reference_links import Links
from secanalysis.statements import storage
from secanalysis.support.project import Project
from secanalysis.views.register_page import CLASSES, COLUMNS, RegisterPage, RegisterTable
from secanalysis.views.release import Release
from secanalysis.views.release import release_names as releases_of

DATED = source(REPORT, published_on="2020-08-07", published_precision="day")
RELEASE = "November 2020 SEC Release"
LONG = "A title of three hundred characters " * 9
TITLES = {
    "MP102": "Firmware of PPMIDs",
    "MP103": executed.HOSTILE[0],
    "DP136": LONG[:300].strip(),
    "SECMP0007": "Äpfel",
}


def made_up() -> Register:
    """Four modifications: one in force, one approved, one in refinement, one proposal; a meeting and a consultation."""
    return Register(
        tables(
            [DATED],
            modifications=[
                {"ref": ref, "title": title, "proposer_organisation": "DCC" if ref == "MP102" else None, "source_id": REPORT}
                for ref, title in TITLES.items()
            ],
            events=[
                event("MP102", "observed", "2020-08-07", precision="by", stage="refinement", source_id=REPORT),
                vote("MP103", "2020-07-22", source_id=REPORT),
                event("DP136", "raised", "2020-07-14", source_id=REPORT),
                vote("SECMP0007", "2019-10-23", source_id=REPORT),
            ],
            release_items=[
                item(RELEASE, "MP103", "approved", "2020-08-07", precision="by", source_id=REPORT),
                item("November 2019 SEC Release", "SECMP0007", "implemented", "2019-11-29", source_id=REPORT),
            ],
            releases=[{"release": RELEASE, "kind": "scheduled", "stated_on": "2020-08-07", "planned_on": "2020-11-29", "source_id": REPORT}],
            meetings=[{"held_on": "2020-08-13", "body": "working_group", "status": "scheduled", "ref": "MP102", "source_id": REPORT}],
            consultations=[{"ref": "MP102", "kind": "refinement", "expected_week": "2020-08-17", "source_id": REPORT}],
        )
    )  # fmt: skip


def write(root: Path, register: Register) -> Project:
    """Executed notebooks of a month, and of all pages of a register, as a run leaves them."""
    project = Project(executed.write(root, ("2020-08",)))
    page = register.modifications()
    cells = [
        executed.markdown("# Register of modifications\n\nEvery one."),
        executed.code("p.head()", page.head()),
    ]
    for heading, shown in (
        ("Modifications", page.table()),
        ("Releases", page.releases()),
        ("Key dates", page.dates()),
    ):
        cells += [executed.markdown(f"## {heading}"), executed.code("p.table()", shown)]
    notebooks: dict[str, list[dict[str, Any]]] = {
        "register": [*cells, executed.code("p.foot()", page.foot())]
    }
    subjects: dict[str, Any] = {
        f"modifications/{ref}": register.modification(ref) for ref in page.frame["ref"]
    }
    subjects |= {f"releases/{slug}": register.release(slug) for slug in releases_of(register)}
    for path, subject in subjects.items():
        shown = [executed.code("it", thing) for thing in (subject.head(), subject, subject.foot())]
        folder, name = path.split("/")
        stem = subject.facts.ref if folder == "modifications" else name
        notebooks[f"{folder}/{stem}"] = [executed.markdown("# One of them"), *shown]
    for path, all_cells in notebooks.items():
        executed.put(project.runs / f"{path}.ipynb", executed.notebook(*all_cells))
    return project


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published site of that register."""
    project = write(tmp_path_factory.mktemp("project"), made_up())
    publish.publish(project)
    return project.site


# What is published ---------------------------------------------------------------------------------


def test_each_modification_and_release_has_a_page(site: Path) -> None:
    assert sorted(path.name for path in (site / "modifications").glob("*.html")) == [
        "MP102.html", "MP103.html", "MP136.html", "SECMP0007.html", "index.html",
    ]  # fmt: skip
    assert sorted(path.name for path in (site / "releases").glob("*.html")) == [
        "november-2019.html",
        "november-2020.html",
    ]
    for name in ("calendar.ics", "history.csv", "history.parquet", "modifications/tables/register.csv"):
        assert (site / name).is_file()


def test_every_link_leads_to_a_file_and_every_reference_to_its_page(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for href in re.findall(r'href="([^"#:]+)(?:#[^"]*)?"', text):
            assert (page.parent / href).resolve().is_file(), f"{page} links to {href}"
    report = (site / "2020-08" / "change_status_report.html").read_text(encoding="utf-8")
    assert '<a href="../modifications/MP103.html">MP103</a>' in report
    assert '<a href="../modifications/MP136.html">MP136</a>' in report  # as the rows behind a figure name it
    own = (site / "modifications" / "MP103.html").read_text(encoding="utf-8")
    assert 'href="../modifications/MP103.html"' not in own
    assert f'<a href="../releases/november-2020.html">{RELEASE}</a>' in own


def test_only_the_register_s_page_has_a_script_and_its_policy_names_it(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy
        if page.relative_to(site).as_posix() == "modifications/index.html":
            (script,) = scripts
            digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"script-src &#39;sha256-{digest}&#39;" in policy[1]
            assert "unsafe" not in policy[1]
            assert script.count("\n") < 80
            assert "innerHTML" not in script
        else:
            assert "<script" not in text
            assert "script-src" not in policy[1]


def test_pages_are_light(site: Path) -> None:
    for page in [*(site / "modifications").glob("*.html"), *(site / "releases").glob("*.html")]:
        assert page.stat().st_size < 120_000


def test_the_history_has_every_figure_of_the_month(site: Path) -> None:
    month = json.loads((site / "2020-08" / "figures.json").read_text(encoding="utf-8"))["figures"]
    history = pd.read_parquet(site / "history.parquet")
    assert sorted(history["key"]) == sorted(month)
    assert set(history["month"]) == {"2020-08"}
    row = history.set_index("key").loc["vote.count"]
    assert (row["value"], row["reprint"], row["printed"], row["verdict"]) == (6, 5, "5", "equal")
    assert str(row["report_date"]) == "2020-08-07"
    assert len(pd.read_csv(site / "history.csv")) == len(month)


def test_a_change_in_the_feed_leads_to_its_modification(site: Path) -> None:
    feed = (site / "feed.xml").read_text(encoding="utf-8")
    assert 'href="modifications/MP103.html"/>' in feed
    assert '<category term="MP103"/>' in feed


def test_a_split_modification_counts_once_and_its_parts_are_named_as_such() -> None:
    split = [{"ref": f"MP102{part}", "earlier_ref": "MP102", "kind": "split"} for part in "AB"]
    events = [event("MP102", "raised", "2019-10-01"), event("MP102A", "observed", "2020-08-07", precision="by", stage="report"), event("MP200", "raised", "2020-07-01")]  # fmt: skip
    page = Register(tables(events=events, lineage=split)).modifications()
    assert page.frame["ref"].tolist() == ["MP102", "MP102A", "MP102B", "MP200"]
    shown = page.table()._repr_mimebundle_()["text/html"]
    assert (
        "<caption>All 2 modifications that sources name and 2 parts of those that were split</caption>"
        in shown
    )


def test_a_register_of_a_thousand_is_light_enough() -> None:
    """Every cell filled, a title of 60 characters, and the links that publishing adds: 330 kB of a page's 400."""
    row = {
        "number": "0001234",
        "also": "DP1234 SECMP1234",
        "ref": "MP1234",
        "title": "Sixty characters of a title, which is what a long one has. ",
        "stage": "Pending implementation",
        "since": pd.Timestamp("2020-08-07"),
        "known_to": pd.Timestamp("2020-11-29"),
        "path": "Self-Governance",
        "release": None,
        "proposer": None,
        "since_precision": "by",
        "known_to_precision": "not_before",
    }
    shown = RegisterTable(pd.DataFrame([row] * 1000))._repr_mimebundle_()["text/html"]
    links = 1000 * len('<a href="../modifications/MP1234.html"></a>')
    assert len(shown.encode()) + links < 330_000


def test_every_column_of_the_register_has_its_label_on_a_phone() -> None:
    """The style sheet has them: in each cell they would be an eighth of the page."""
    style = (pages.TEMPLATES / pages.TEMPLATE / "style.css").read_text(encoding="utf-8")
    assert CLASSES.keys() == COLUMNS.keys() - {"ref", "title"}
    for name, called in CLASSES.items():
        assert f'.register .{called}::before {{ content: "{COLUMNS[name]}: "; }}' in style


# The page in a browser -----------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(
    "kind", ["modifications/MP103.html", "modifications/MP136.html", "releases/november-2020.html"]
)
def test_pages_of_modifications_and_releases(browser: Browser, site: Path, kind: str) -> None:
    check_page(browser, site / kind)


@pytest.mark.browser
def test_the_register_s_page(browser: Browser, site: Path) -> None:
    check_page(browser, site / "modifications" / "index.html", scripts=True)


@pytest.fixture
def opened(browser: Browser, site: Path) -> Iterator[Watched]:
    with Watched(browser, site / "modifications" / "index.html") as page:
        yield page
        assert page.complaints == []


def refs(opened: Watched) -> list[str]:
    return opened.page.locator("table.register tbody tr:visible th").all_inner_texts()


@pytest.mark.browser
def test_it_sorts_by_keyboard_and_says_so(opened: Watched) -> None:
    page = opened.page
    assert refs(opened) == ["SECMP0007", "MP102", "MP103", "DP136"]
    heading = page.get_by_role("columnheader", name="Since")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert refs(opened) == [
        "SECMP0007",
        "DP136",
        "MP103",
        "MP102",
    ]  # 29 Nov 2019, 14 and 22 July, by 7 August 2020
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "descending"
    assert refs(opened) == ["MP102", "MP103", "DP136", "SECMP0007"]
    page.get_by_role("button", name="Reference").click()
    assert heading.get_attribute("aria-sort") is None
    assert refs(opened) == ["SECMP0007", "MP102", "MP103", "DP136"]
    page.get_by_role("button", name="Proposer").click()
    assert refs(opened)[0] == "MP102"  # blanks come last


@pytest.mark.browser
def test_it_filters_by_words_and_by_choice(opened: Watched) -> None:
    page = opened.page
    status = page.get_by_role("status")
    assert status.inner_text() == "4 of 4 shown"
    page.get_by_label("Words of the title").fill("ppmids firm")
    assert refs(opened) == ["MP102"]
    assert status.inner_text() == "1 of 4 shown"
    page.get_by_label("Words of the title").fill("mp136")
    assert refs(opened) == ["DP136"]  # the same modification under its other reference
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".status").first).to_have_text(re.compile("^4"))
    page.get_by_label("Release", exact=True).select_option(RELEASE)
    assert refs(opened) == ["MP103"]
    page.get_by_label("Release", exact=True).select_option("*")
    page.get_by_label("Stage").select_option("Development")
    assert refs(opened) == ["DP136"]
    page.get_by_label("Stage").select_option("*")
    page.get_by_label("Proposer").select_option("Not known")
    assert refs(opened) == ["SECMP0007", "MP103", "DP136"]


@pytest.mark.browser
def test_without_a_script_nothing_is_lost_but_sorting(browser: Browser, site: Path) -> None:
    with Watched(browser, site / "modifications" / "index.html", java_script_enabled=False) as page:
        assert page.page.locator("table.register tbody tr").count() == 4
        assert page.page.locator("table.register tbody th a").count() == 4
        assert page.page.locator("form, button, select").count() == 0


# Links ---------------------------------------------------------------------------------------------

LINKS = Links(
    {"MP102": "modifications/MP102.html", "MP102A": "modifications/MP102A.html", RELEASE: "releases/n.html"}
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>MP102 and MP999</p>", '<p><a href="../modifications/MP102.html">MP102</a> and MP999</p>'),
        ("<td>MP102A</td>", '<td><a href="../modifications/MP102A.html">MP102A</a></td>'),
        ("<p>XMP102, MP1021, MP102B</p>", None),
        ('<a href="x">MP102</a>', None),
        ('<img alt="MP102 > x">', None),
        ("<pre>MP102</pre><code>MP102</code><small>MP102</small><summary>MP102</summary>", None),
        ("<style>MP102</style><title>MP102</title>", None),
        (f"<p>in the {RELEASE}.</p>", f'<p>in the <a href="../releases/n.html">{RELEASE}</a>.</p>'),
        (f"<p>{RELEASE}s</p>", None),
    ],
)
def test_words_become_links_and_nothing_else_changes(before: str, after: str | None) -> None:
    links = LINKS.on(before, "2020-08/a.html")
    assert LINKS.linked(before, links) == (before if after is None else after)


def test_a_page_does_not_link_to_itself() -> None:
    assert LINKS.on("MP102 MP102A", "modifications/MP102.html") == {"MP102A": "MP102A.html"}


# The calendar --------------------------------------------------------------------------------------


def events_of(site: Path) -> dict[str, Any]:
    read = icalendar.Calendar.from_ical((site / "calendar.ics").read_bytes())
    return {str(entry["uid"]): entry for entry in read.walk("VEVENT")}


def test_the_calendar_holds_what_is_to_come(site: Path) -> None:
    entries = events_of(site)
    assert {uid.partition("@")[0]: (str(e["summary"]), e.decoded("dtstart"), e.decoded("dtend")) for uid, e in entries.items()} == {
        "meeting-working-group-2020-08-13": ("Working Group meeting: MP102", date(2020, 8, 13), date(2020, 8, 14)),
        "consultation-mp102-refinement-2020-08-17": ("Refinement Consultation expected: MP102", date(2020, 8, 17), date(2020, 8, 22)),
        "release-november-2020": (f"{RELEASE}: MP103", date(2020, 11, 29), date(2020, 11, 30)),
    }  # fmt: skip
    for entry in entries.values():
        assert entry.decoded("dtstamp").isoformat() == "2020-08-07T00:00:00+00:00"


def test_a_date_that_moves_keeps_its_identifier() -> None:
    """A consultation that was expected and then opened, and a release planned for another day."""
    earlier = made_up()
    opened = {
        "ref": "MP102",
        "kind": "refinement",
        "opened_on": "2020-08-19",
        "closed_on": "2020-09-09",
        "source_id": "later",
    }
    moved = {
        "release": RELEASE,
        "kind": "scheduled",
        "stated_on": "2020-09-04",
        "planned_on": "2020-12-06",
        "source_id": "later",
    }
    stated = tables([source("later", published_on="2020-09-04", published_precision="day")], consultations=[opened], releases=[moved])  # fmt: skip
    joined = {
        name: pd.concat([frame, stated[name]], ignore_index=True) for name, frame in earlier.stated.items()
    }
    before, after = (
        calendar_dates(register, date(2020, 8, 7)).set_index("uid")
        for register in (earlier, Register(joined))
    )
    assert list(before.index) == list(after.index)
    assert after.loc["consultation-mp102-refinement-2020-08-17", "on"] == pd.Timestamp("2020-08-19")
    assert after.loc["consultation-mp102-refinement-2020-08-17", "what"] == "refinement"
    assert after.loc["release-november-2020", "on"] == pd.Timestamp("2020-12-06")
    assert after.loc["release-november-2020", "stated_on"] == pd.Timestamp("2020-09-04")


def test_a_release_of_the_calendar_names_what_is_approved_and_apart_what_is_only_targeted() -> None:
    """MP102 isn't in the list of August any more."""
    of_june = {"precision": "by", "source_id": "release-0"}
    of_august = {"precision": "by", "source_id": "release-1"}
    days = {"release-0": "2020-06-19", "release-1": "2020-08-07"}
    reg = Register(
        tables(
            [source(name, published_on=day, published_precision="day") for name, day in days.items()],
            release_items=[
                item(RELEASE, "MP102", "approved", "2020-06-19", **of_june),
                item(RELEASE, "MP103", "approved", "2020-08-07", **of_august),
                item(RELEASE, "MP104", "targeted", "2020-08-07", **of_august),
            ],
            releases=[
                {
                    "release": RELEASE,
                    "kind": "scheduled",
                    "stated_on": "2020-08-07",
                    "planned_on": "2020-11-29",
                    "source_id": "release-1",
                }
            ],
        )
    )
    assert calendar_dates(reg, date(2020, 8, 7))["refs"].tolist() == ["MP103; targeted: MP104"]
    (row,) = reg.modifications().releases().frame[["modifications", "targeted"]].to_numpy().tolist()
    assert row == [1, 1]


def test_the_same_dates_give_the_same_bytes() -> None:
    page = made_up().modifications().dates()
    assert calendar(page.dates) == calendar(list(reversed(page.dates)))
    assert b"\r\n" in calendar(page.dates)
    assert b"X-WR-CALNAME:A made-up code modifications" in calendar(page.dates, code="A made-up code")


# Releases ------------------------------------------------------------------------------------------


def test_a_release_says_when_it_came_with_what_and_who_joined_and_left() -> None:
    reg = Register(
        tables(
            [source(f"release-{n}", published_on=day, published_precision="day") for n, day in enumerate(("2020-06-19", "2020-08-07"))],
            release_items=[
                item(RELEASE, "MP102", "targeted", "2020-06-19", precision="by", source_id="release-0"),
                item(RELEASE, "MP103", "targeted", "2020-06-19", precision="by", source_id="release-0"),
                item(RELEASE, "MP103", "targeted", "2020-08-07", precision="by", source_id="release-1"),
                item(RELEASE, "MP104", "targeted", "2020-08-07", precision="by", source_id="release-1"),
            ],
            releases=[{"release": RELEASE, "kind": "scheduled", "stated_on": "2020-06-19", "planned_on": "2020-11-05", "source_id": "release-0"}],
        )
    )  # fmt: skip
    release = Release(reg, "november-2020")
    assert (
        release.answer
        == f"The {RELEASE} is planned for 5 November 2020, with 2 modifications (only targeted) known here."
    )
    page = release._repr_mimebundle_()["text/html"]
    assert "<b>Joined:</b> MP104" in page
    assert "<b>Left:</b> MP102" in page
    assert "Planned for 5 November 2020, as stated on 19 June 2020" in page


def test_what_left_its_release_is_not_planned_for_it_any_more() -> None:
    """MP129 and MP143 were targeted on 26 February 2021; what came into force on 4 November is listed without them."""
    raw = storage.read_folder(Path(__file__).parent.parent / "data" / "raw")
    rows = RegisterPage(Register(raw)).frame.set_index("ref")
    assert rows.loc[["MP129", "MP143"], "release"].isna().all()
    assert rows.loc["SECMP0007", "release"] == "June 2022 SEC Release"  # the part that no source has in force
    assert rows.loc["MP150", "release"] == "November 2021 SEC Release"
