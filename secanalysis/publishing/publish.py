"""Publishing: executed notebooks become the site that people read and fetch.

The site is a function of ``runs`` and of the code. Files whose inputs are as before are kept, the others made
anew, and the site is replaced as a whole: a reader, and whoever interrupts, finds the old notebook or the new notebook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from secanalysis.domain.months import ReportMonth
from secanalysis.publishing import (
    downloads,
    fork_pool,
    history,
    navigation,
    pages,
    pdf_printing,
    subject_pages,
)
from secanalysis.publishing.executed_notebooks import Executed, read
from secanalysis.publishing.feed import FeedMonth, atom
from secanalysis.publishing.incremental import Files, SiteFolder, manifest, sha256
from secanalysis.publishing.navigation import Shelf
from secanalysis.publishing.reference_links import Links
from secanalysis.publishing.workbook import workbook_bytes
from secanalysis.running.executed_months import executed_months
from secanalysis.support.atomic_files import scratch
from secanalysis.support.code_hash import code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.package_versions import OF_PAGES, versions
from secanalysis.support.project import Project
from secanalysis.views.formatting import count

ORDER = (
    "change_status_report",
    "stage_counts",
    "durations",
    "releases",
    "reconciliation",
    "data_quality",
)
CHANGES = "changes"  # the table whose rows become entries of the feed
INDEX = "index"
INDEX_TITLE = "SEC modifications, month by month"


@dataclass(frozen=True)
class PublishedSite:
    """What publishing did.

    Attributes
    ----------
    folder
        The site.
    months
        The months it holds.
    made, kept, removed
        How many files were made, kept as they were, and removed.
    outdated
        Months that were made from other statements than the index: their pages and its contradict each other.
    """

    folder: Path
    months: tuple[ReportMonth, ...]
    made: int
    kept: int
    removed: int
    outdated: tuple[ReportMonth, ...] = ()

    def __str__(self) -> str:
        months = count(len(self.months), "month")
        files = f"{count(self.made, 'file')} made, {self.kept:,} kept, {self.removed:,} removed"
        return f"{months}; {files}: {self.folder / 'index.html'}"


def publish(
    project: Project,
    months: Iterable[ReportMonth] | None = None,
    pdf: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> PublishedSite:
    """Publish executed notebooks as a site.

    Parameters
    ----------
    project
        Whose ``runs`` and ``site``.
    months
        The months to publish as well as those that the site already holds; all that were run if not given.
    pdf
        Whether to print each page of a month as PDF too, which needs Chromium.
    progress
        Called with a sentence about each month that was made.

    Raises
    ------
    UserError
        If a month was not run, a notebook can't be read, two of a month contradict each other, or Chromium
        is missing.
    """
    if pdf:
        pdf_printing.browser()
    with scratch(project.site) as fresh:
        chosen = _chosen(project, months)
        site = SiteFolder(project.site, fresh, _made_by())
        outdated = _fill(site, project.runs, chosen, pdf, progress)
        site.finish()
    made, kept, removed = len(site.files.made), len(site.files.kept), len(site.removed)
    return PublishedSite(project.site, tuple(chosen), made, kept, removed, outdated)


def _made_by() -> str:
    """A hash of the code and packages that turn notebooks into a site."""
    files = sorted(path for path in (pages.TEMPLATES / pages.TEMPLATE).iterdir() if path.is_file())
    hashes = [f"{path.name} {sha256(path.read_bytes())}" for path in files]
    packages = [f"{package} {version}" for package, version in versions(OF_PAGES).items()]
    return sha256("\n".join([code_sha256(), *hashes, *packages]).encode())


# Reading ------------------------------------------------------------------------------------------


def _chosen(project: Project, months: Iterable[ReportMonth] | None) -> list[ReportMonth]:
    run = executed_months(project)
    if not run:
        raise UserError(f"{project.runs} holds no executed month: run `secanalysis run` first")
    if months is None:
        return run
    wanted = list(months)
    if missing := [month for month in wanted if month not in run]:
        names = ", ".join(map(str, missing))
        raise UserError(f"not run yet: {names}; run `secanalysis run --month {missing[0]}` first")
    held = {path.partition("/")[0] for path in manifest(project.site)}
    return [month for month in run if month in wanted or str(month) in held]


def _paths(folder: Path) -> dict[str, Path]:
    """A month's notebooks by name, in the order in which pages name them."""
    paths = {path.stem: path for path in folder.glob("*.ipynb") if not path.name.startswith(".")}
    for name, path in paths.items():
        if not re.fullmatch(r"[a-z]+(?:_[a-z]+)*", name):
            raise UserError(f"{path}: expected a name of lower-case words joined by underscores")
    places = {name: place for place, name in enumerate(ORDER)}
    return {
        name: paths[name] for name in sorted(paths, key=lambda name: (places.get(name, len(ORDER)), name))
    }


# Making -------------------------------------------------------------------------------------------


def _fill(
    site: SiteFolder, runs: Path, chosen: list[ReportMonth], pdf: bool, progress: Callable[[str], None]
) -> tuple[ReportMonth, ...]:
    """All files of the site, a month's notebooks in memory at a time; which months are outdated."""
    shelves = [
        Shelf(month, {name: read(path).title for name, path in _paths(runs / str(month)).items()})
        for month in chosen
    ]
    subjects = subject_pages.SubjectPages(runs)
    pages.exporter()  # in this process, for the others to have it
    months = fork_pool.results(partial(_month, site, runs, shelves, subjects, pdf), range(len(chosen)))
    feed_months, data, figures = [], {}, []
    for month, (files, feed_month, made_from, words, rows) in zip(chosen, months, strict=True):
        site.take_in(files)
        feed_months.append(feed_month)
        figures += rows
        data[month] = made_from
        if files.made:
            progress(words)
    _add_subjects(site, subjects, progress)
    of_index = _add_front(site, runs / f"{INDEX}.ipynb", shelves, subjects)
    from_figures = [sha256(json.dumps(figures).encode())]
    site.add("history.csv", from_figures, partial(history.csv_file, figures))
    site.add("history.parquet", from_figures, partial(history.parquet_file, figures))
    for path, content in {
        "feed.xml": atom(feed_months, subjects.links.pages),
        "figures.schema.json": downloads.figures_schema(),
    }.items():
        site.add(path, [sha256(content)], partial(bytes, content))
    return tuple(
        month for month, made_from in data.items() if made_from and of_index and made_from != of_index
    )


def _month(
    site: SiteFolder,
    runs: Path,
    shelves: list[Shelf],
    subjects: subject_pages.SubjectPages,
    pdf: bool,
    place: int,
) -> tuple[Files, FeedMonth, str | None, str, history.Rows]:
    """A month's files, what the feed reports of it, a hash of its data, what was done in words, and its figures."""
    month, site = shelves[place].month, site.another()
    notebooks = [read(path) for path in _paths(runs / str(month)).values()]
    gathered = downloads.gather({notebook.name: notebook.content for notebook in notebooks}, str(month))
    for notebook in notebooks:
        around = navigation.around(shelves, place, notebook.name, pdf=pdf)
        around["sections"] = navigation.sections("../", "months") if subjects.register else []
        _add_page(site, f"{month}/{notebook.name}.html", notebook, around, subjects.links)
    _add_downloads(site, month, gathered, [f"{notebook.name} {notebook.sha256}" for notebook in notebooks])
    feed_month = _feed_month(month, gathered, shelves[place].first)
    if pdf:
        _add_pdfs(site, month, notebooks, feed_month.report_date)
    words = f"{month}: {len(notebooks)} pages, {len(gathered.figures)} figures"
    return site.files, feed_month, _data(gathered), words, history.rows_of(str(month), gathered)


def _data(gathered: downloads.Gathered) -> str | None:
    """A hash of all statements that notebooks were made from; None where that isn't all that is known today."""
    made = gathered.provenance
    return None if made.get("known_by") else made.get("data_sha256")


def _add_page(site: SiteFolder, path: str, notebook: Executed, around: dict[str, Any], links: Links) -> None:
    words = links.on(notebook.text, path)

    def make() -> bytes:
        return links.linked(pages.render(notebook.node, around), words).encode()

    site.add(path, [notebook.sha256, json.dumps([around, words], sort_keys=True)], make)


# Modifications, releases and the register ---------------------------------------------------------


def _add_subjects(
    site: SiteFolder, subjects: subject_pages.SubjectPages, progress: Callable[[str], None]
) -> None:
    parts = fork_pool.results(partial(_subjects, site, subjects), subjects.in_parts())
    made = 0
    for files in parts:
        site.take_in(files)
        made += len(files.made)
    if register := subjects.register:
        path, up = subject_pages.REGISTER_PAGE, "../"
        around = navigation.around_subject(up, "modifications", downloads=navigation.WHOLE_SITE)
        _add_page(site, path, register, around, subjects.links)
        for table in downloads.gather({register.name: register.content}, "the register").tables.values():
            name = f"modifications/tables/{table['name']}.csv"
            site.add(name, [register.sha256], partial(downloads.csv_bytes, table))
        site.add("calendar.ics", [register.sha256], subjects.calendar)
    if made:
        progress(f"{count(made, 'page')} of modifications and releases")


def _subjects(
    site: SiteFolder, subjects: subject_pages.SubjectPages, part: list[subject_pages.SubjectPage]
) -> Files:
    """The pages of some modifications and releases."""
    site = site.another()
    for page in part:
        around = navigation.around_subject("../", page.section)
        around["sections"] = around["sections"] if subjects.register else []
        _add_page(site, page.path, read(page.source), around, subjects.links)
    return site.files


def _add_downloads(
    site: SiteFolder, month: ReportMonth, gathered: downloads.Gathered, inputs: list[str]
) -> None:
    site.add(f"{month}/figures.json", inputs, partial(downloads.figures_json, gathered, str(month)))
    site.add(f"{month}/report.xlsx", inputs, partial(workbook_bytes, gathered, month.title))
    for table in (downloads.figure_table(gathered), *gathered.tables.values()):
        site.add(f"{month}/tables/{table['name']}.csv", inputs, partial(downloads.csv_bytes, table))


def _feed_month(month: ReportMonth, gathered: downloads.Gathered, first: str) -> FeedMonth:
    made = gathered.provenance
    warning = "Synthetic data" if made.get("synthetic") else "Draft" if made.get("draft") else ""
    table = gathered.tables.get(CHANGES, {"columns": [], "rows": []})
    names = [column["name"] for column in table["columns"]]
    return FeedMonth(
        month=str(month),
        title=month.title,
        href=f"{month}/{first}.html",
        report_date=made.get("report_date") or month.usual_report_date.isoformat(),
        warning=warning,
        changes=tuple(dict(zip(names, row, strict=True)) for row in table["rows"]),
    )


def _add_pdfs(site: SiteFolder, month: ReportMonth, notebooks: list[Executed], day: str) -> None:
    """Each page as PDF: printed on its own, so that no link of it leads to a file of this machine."""
    inputs = {f"{month}/{notebook.name}.pdf": [notebook.sha256, "pdf", day] for notebook in notebooks}
    sheets = {
        path: (pages.render(notebook.node), day)
        for (path, made_from), notebook in zip(inputs.items(), notebooks, strict=True)
        if not site.keep(path, made_from)
    }
    for path, data in pdf_printing.pdfs(sheets).items():
        site.write(path, inputs[path], data)


def _add_front(
    site: SiteFolder, path: Path, shelves: list[Shelf], subjects: subject_pages.SubjectPages
) -> str | None:
    if path.is_file():
        notebook = read(path)
    else:
        heading = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {INDEX_TITLE}"}
        bare = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [heading]}
        notebook = Executed(INDEX, INDEX_TITLE, "bare", bare)
    around = navigation.front(shelves, calendar=bool(subjects.register))
    around["sections"] = navigation.sections("", "months") if subjects.register else []
    _add_page(site, f"{INDEX}.html", notebook, around, subjects.links)
    gathered = downloads.gather({INDEX: notebook.content}, "the index")
    for table in gathered.tables.values():
        site.add(f"tables/{table['name']}.csv", [notebook.sha256], partial(downloads.csv_bytes, table))
    return _data(gathered)
