"""Navigation: what a page shows of the site around it. All links are relative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def front(shelves: Sequence[Shelf], note: str = "") -> dict[str, Any]:
    """What the index shows: a note, the latest month, and all months by year, the latest first."""
    newest_first = list(reversed(shelves))
    years = [
        {"title": str(year), "months": [_entry(shelf, shelf.month.title.split()[0]) for shelf in of_year]}
        for year, of_year in groupby(newest_first, key=lambda shelf: shelf.month.year)
    ]
    return {
        **({"note": f"The site holds {note}."} if note else {}),
        "feed": "feed.xml",
        "latest": _entry(newest_first[0], newest_first[0].month.title),
        "years": years,
        "downloads": [
            {"href": "feed.xml", "title": "Months and changes as a feed", "format": "Atom"},
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
