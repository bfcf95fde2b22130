"""Navigation: what a page shows of the site around it. All links are relative."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from secanalysis.domain.months import ReportMonth

Titles = Mapping[str, str]  # pages' titles by their notebooks' names, in order


@dataclass(frozen=True)
class Shelf:
    """A month's pages.

    Attributes
    ----------
    month
        The month.
    titles
        The titles of its pages by name, in the order in which they are named; the first is the month's own.
    """

    month: ReportMonth
    titles: Titles

    @property
    def first(self) -> str:
        """The name of the month's own page."""
        return next(iter(self.titles))


def around(shelves: Sequence[Shelf], place: int, name: str, *, pdf: bool, note: str = "") -> dict[str, Any]:
    """What the page ``name`` of the month at ``place`` shows: a note, its month's pages, neighbours and downloads."""
    shelf = shelves[place]
    files = [
        ("figures.json", "Every figure with its rows and sources", "JSON"),
        ("report.xlsx", "All tables of the month", "XLSX"),
        ("tables/figures.csv", "Every figure", "CSV"),
    ]
    if pdf:
        files.append((f"{name}.pdf", "This page for printing", "PDF"))
    return {
        **({"note": note} if note else {}),
        "month": str(shelf.month),
        "home": "../index.html",
        "feed": "../feed.xml",
        "pages": [
            {"href": f"{other}.html", "title": title, "current": other == name}
            for other, title in shelf.titles.items()
        ],
        "previous": _step(shelves[place - 1], name) if place else None,
        "next": _step(shelves[place + 1], name) if place + 1 < len(shelves) else None,
        "downloads": [{"href": href, "title": title, "format": kind} for href, title, kind in files],
    }


def _step(shelf: Shelf, name: str) -> dict[str, str]:
    page = name if name in shelf.titles else shelf.first
    return {"href": f"../{shelf.month}/{page}.html", "title": shelf.month.title}


def sections(up: str, current: str) -> list[dict[str, Any]]:
    """The parts of the site, as every page names them.

    Parameters
    ----------
    up
        The way from the page to the site's first folder.
    current
        The part that the page belongs to.
    """
    parts = {
        "months": ("index.html", "Months", "All months"),
        "modifications": ("modifications/index.html", "Modifications", "All modifications"),
        "releases": ("modifications/index.html#releases", "Releases", "All releases"),
        "dates": ("modifications/index.html#key-dates", "Key dates", "Key dates"),
    }
    return [
        {"href": up + href, "title": title, "every": every, "current": name == current}
        for name, (href, title, every) in parts.items()
    ]


WHOLE_SITE = (
    ("calendar.ics", "Meetings, consultations and releases", "iCalendar"),
    ("feed.xml", "Months and changes as a feed", "Atom"),
    ("history.csv", "Every figure of every month", "CSV"),
    ("history.parquet", "Every figure of every month", "Parquet"),
)


def around_subject(
    up: str, current: str, downloads: Sequence[tuple[str, str, str]] = WHOLE_SITE[:1]
) -> dict[str, Any]:
    """What a page of a modification, of a release or of the register shows of the site around it."""
    return {
        "home": f"{up}index.html",
        "feed": f"{up}feed.xml",
        "sections": sections(up, current),
        "downloads": [{"href": up + href, "title": title, "format": kind} for href, title, kind in downloads],
    }


def front(
    shelves: Sequence[Shelf], reported: Collection[ReportMonth], note: str = "", *, calendar: bool = False
) -> dict[str, Any]:
    """What the index shows: a note, the latest month, and all months by year, the latest first.

    Parameters
    ----------
    shelves
        The months.
    reported
        Those with a published report or an export: the latest of these is the news; of all where there is none.
    note
        A warning.
    calendar
        Whether there is a register's page, and so a calendar.
    """
    newest_first = list(reversed(shelves))
    latest = next((shelf for shelf in newest_first if shelf.month in reported), newest_first[0])
    years = [
        {"title": str(year), "months": [_entry(shelf, shelf.month.title.split()[0]) for shelf in of_year]}
        for year, of_year in groupby(newest_first, key=lambda shelf: shelf.month.year)
    ]
    return {
        **({"note": f"The site holds {note}."} if note else {}),
        "feed": "feed.xml",
        "latest": _entry(latest, latest.month.title),
        "years": years,
        "downloads": [
            *(
                {"href": href, "title": title, "format": kind}
                for href, title, kind in (WHOLE_SITE if calendar else WHOLE_SITE[1:])
            ),
            {
                "href": "figures.schema.json",
                "title": "What each month’s figures.json holds",
                "format": "JSON Schema",
            },
        ],
    }


def _entry(shelf: Shelf, title: str) -> dict[str, Any]:
    links = [{"href": f"{shelf.month}/{name}.html", "title": words} for name, words in shelf.titles.items()]
    return {"title": title, "links": links}
