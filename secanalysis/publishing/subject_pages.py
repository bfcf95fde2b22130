"""The pages of modifications and releases, and of the register: which there are, and which words lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from secanalysis.publishing import downloads
from secanalysis.publishing.executed_notebooks import Executed, read
from secanalysis.publishing.reference_links import Links
from secanalysis.running import subjects
from secanalysis.running.failures import LAST_GOOD
from secanalysis.views import mime

REGISTER_PAGE = "modifications/index.html"
PART = 25
"""How many pages a process makes at a time."""


@dataclass(frozen=True)
class SubjectPage:
    """A page of a modification or release.

    Attributes
    ----------
    path
        Where it is in the site.
    source
        Its executed notebook.
    section
        The part of the site that it belongs to.
    """

    path: str
    source: Path
    section: str


class SubjectPages:
    """The pages of modifications and releases that were executed, and the register's.

    Parameters
    ----------
    runs
        The folder of executed notebooks.
    """

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.pages = [
            SubjectPage(f"{subject.folder}/{source.stem}.html", source, subject.folder)
            for subject in (subjects.MODIFICATION, subjects.RELEASE)
            for source in _newest(runs, subject)
        ]

    @cached_property
    def register(self) -> Executed | None:
        """The register's executed notebook, if there is one."""
        return next(map(read, _newest(self.runs, subjects.REGISTER)), None)

    @cached_property
    def links(self) -> Links:
        """Every word that leads to one of them."""
        words: dict[str, str] = {}
        for page in self.pages:
            if page.section == subjects.RELEASE.folder:
                words |= dict.fromkeys(_names(read(page.source)), page.path)
            else:
                words |= dict.fromkeys(_references(page.source.stem), page.path)
        return Links(words)

    def in_parts(self) -> list[list[SubjectPage]]:
        """The pages in parts, for several processes."""
        return [self.pages[first : first + PART] for first in range(0, len(self.pages), PART)]

    def calendar(self, code: str) -> bytes:
        """The dates that the register shows, as an iCalendar file."""
        from secanalysis.publishing.calendar_file import calendar

        assert self.register
        shown = downloads.bundles({"": self.register.content})
        bundles = [data for _, data in shown]
        dates = [record for data in bundles for record in data.get(mime.CALENDAR, [])]
        made_up = any(data.get(mime.FOOT, {}).get("synthetic") for data in bundles)
        return calendar(dates, "Synthetic data" if made_up else "", code)


def _newest(runs: Path, subject: subjects.Subject) -> list[Path]:
    """The executed notebooks of a subject; of those that failed the last good ones."""
    last_good = {path.name: path for path in subjects.executed(runs / LAST_GOOD, subject)}
    newest = last_good | {path.name: path for path in subjects.executed(runs, subject)}
    return [newest[name] for name in sorted(newest)]


def _references(name: str) -> Iterator[str]:
    """All references that mean a modification: MP136, DP136 and SECMP0136."""
    yield name
    if match := re.fullmatch(r"(?:SECMP|MP|DP)(\d+)([A-Z]?)", name):
        number, letter = int(match[1]), match[2]
        yield from (f"MP{number:03d}{letter}", f"DP{number:03d}{letter}", f"SECMP{number:04d}{letter}")


def _names(notebook: Executed) -> Iterator[str]:
    """A release's name, as sources print it and as its page's title has it."""
    for _, data in downloads.bundles({"": notebook.content}):
        release: Mapping[str, Any] = data.get(mime.RELEASE, {})
        for name in {release[name] for name in ("name", "title") if release.get(name)}:
            yield from (name, name[0].lower() + name[1:])  # in a sentence it begins without a capital
