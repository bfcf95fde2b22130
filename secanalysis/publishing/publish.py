"""Publishing: executed notebooks become the site that people read and fetch.

The site is a function of ``runs`` and of the code. Files whose inputs are as before are kept, the others made
anew, and the site is replaced as a whole: a reader, and whoever interrupts, finds the old notebook or the new notebook.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from secanalysis.domain.code import Code
from secanalysis.domain.months import ReportMonth
from secanalysis.publishing import (
    downloads,
    fork_pool,
    glossary,
    history,
    navigation,
    pages,
    pdf_printing,
    subject_pages,
)
from secanalysis.publishing.executed_notebooks import Executed, read
from secanalysis.publishing.feed import FeedMonth, atom
from secanalysis.publishing.incremental import Files, SiteFolder, manifest, published_files, sha256
from secanalysis.publishing.made_from import MadeFrom, check_one_kind, note, summary
from secanalysis.publishing.navigation import Shelf
from secanalysis.publishing.reference_links import Links
from secanalysis.publishing.workbook import workbook_bytes
from secanalysis.running.executed_months import PAGE_NAME, executed_months
from secanalysis.running.failures import Failure, failures
from secanalysis.support.atomic_files import scratch
from secanalysis.support.code_hash import code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.package_versions import OF_PAGES, versions
from secanalysis.support.project import Project
from secanalysis.views import table_files
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
INDEX_TITLE = "Modifications, month by month"
GLOSSARY = f"{glossary.NAME}.html"


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
        Months that were made from other statements or code than the index, and in which of them they differ: their
        pages and its may contradict each other.
    failures
        Notebooks that failed: the site has the page of the last good one, marked as such, or none.
    """

    folder: Path
    months: tuple[ReportMonth, ...]
    made: int
    kept: int
    removed: int
    outdated: Mapping[ReportMonth, tuple[str, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

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
        If a month was not run, a notebook can't be read, two of a month contradict each other, the site's folder
        holds files that weren't published, or Chromium is missing.
    """
    if pdf:
        pdf_printing.browser()
    with scratch(project.site, published_files) as fresh:
        failed = failures(project)
        chosen = _chosen(project, months, failed)
        site = SiteFolder(project.site, fresh, _made_by(), Code.of(project.root).texts)
        notebooks = [_paths(project.runs / str(month), _last_good(failed, month)) for month in chosen]
        outdated = _fill(site, project.runs, chosen, notebooks, failed, pdf, progress)
        site.finish()
    made, kept, removed = len(site.files.made), len(site.files.kept), len(site.removed)
    missing = tuple(
        failure for failure in failed if failure.month is None or failure.month in chosen or months is None
    )
    return PublishedSite(project.site, tuple(chosen), made, kept, removed, outdated, missing)


def _made_by() -> str:
    """A hash of the code and packages that turn notebooks into a site."""
    files = sorted(path for path in (pages.TEMPLATES / pages.TEMPLATE).iterdir() if path.is_file())
    hashes = [f"{path.name} {sha256(path.read_bytes())}" for path in files]
    packages = [f"{package} {version}" for package, version in versions(OF_PAGES).items()]
    return sha256("\n".join([code_sha256(), *hashes, *packages]).encode())


# Reading ------------------------------------------------------------------------------------------


def _chosen(
    project: Project, months: Iterable[ReportMonth] | None, failed: Sequence[Failure]
) -> list[ReportMonth]:
    last_good = {failure.month for failure in failed if failure.month is not None and failure.last_good}
    run = sorted({*executed_months(project), *last_good})
    if not run and failed:
        reasons = "; ".join(f"{failure}: {failure.error}" for failure in failed[:3])
        raise UserError(f"{project.runs} holds no executed month, as notebooks failed: {reasons}")
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


def _last_good(failed: Iterable[Failure], month: ReportMonth | None) -> dict[str, Path]:
    """The last good notebooks, by name, of those of a month that failed."""
    return {
        failure.name: failure.last_good
        for failure in failed
        if failure.month == month and failure.last_good is not None
    }


def _paths(folder: Path, last_good: Mapping[str, Path]) -> dict[str, Path]:
    """A month's notebooks by name, in the order in which pages name them; copies and the like are left out."""
    paths = {path.stem: path for path in folder.glob("*.ipynb") if PAGE_NAME.fullmatch(path.stem)}
    paths = {**last_good, **paths}
    places = {name: place for place, name in enumerate(ORDER)}
    return {
        name: paths[name] for name in sorted(paths, key=lambda name: (places.get(name, len(ORDER)), name))
    }


# Making -------------------------------------------------------------------------------------------


def _fill(
    site: SiteFolder,
    runs: Path,
    chosen: list[ReportMonth],
    notebooks: list[dict[str, Path]],
    failed: list[Failure],
    pdf: bool,
    progress: Callable[[str], None],
) -> dict[ReportMonth, tuple[str, ...]]:
    """All files of the site, a month's notebooks in memory at a time; which months are outdated, and in what."""
    shelves = [
        Shelf(month, {name: read(path).title for name, path in paths.items()})
        for month, paths in zip(chosen, notebooks, strict=True)
    ]
    subjects = subject_pages.SubjectPages(runs)
    pages.exporter()  # in this process, for the others to have it
    index = _index({**_last_good(failed, None), **_index_path(runs)}.get(INDEX))
    of_index = MadeFrom.of(index[1].provenance)
    months = fork_pool.results(
        partial(_month, site, notebooks, shelves, subjects, pdf, of_index), range(len(chosen))
    )
    feed_months, made_from, figures = [], {}, []
    for month, (files, feed_month, made, words, rows) in zip(chosen, months, strict=True):
        site.take_in(files)
        feed_months.append(feed_month)
        made_from[month] = made
        figures += rows
        if files.made:
            progress(words)
    check_one_kind(made_from)
    outdated = {
        month: differing for month, made in made_from.items() if (differing := made.differences(of_index))
    }
    _add_subjects(site, subjects, progress)
    reported = {month for month, of_month in zip(chosen, feed_months, strict=True) if of_month.has_report}
    _add_front(site, *index, shelves, reported, subjects, outdated)
    if _has_glossary(site):
        _add_glossary(site, register=bool(subjects.register))
    from_figures = [sha256(json.dumps(figures).encode())]
    site.add("history.csv", from_figures, partial(history.csv_file, figures))
    site.add("history.parquet", from_figures, partial(history.parquet_file, figures))
    for path, content in {
        "feed.xml": atom(feed_months, site.texts["name"], subjects.links.pages),
        "figures.schema.json": downloads.figures_schema(),
    }.items():
        site.add(path, [sha256(content)], partial(bytes, content))
    return outdated


def _index_path(runs: Path) -> dict[str, Path]:
    path = runs / f"{INDEX}.ipynb"
    return {INDEX: path} if path.is_file() else {}


def _month(
    site: SiteFolder,
    paths: list[dict[str, Path]],
    shelves: list[Shelf],
    subjects: subject_pages.SubjectPages,
    pdf: bool,
    of_index: MadeFrom,
    place: int,
) -> tuple[Files, FeedMonth, MadeFrom, str, history.Rows]:
    """A month's files, what the feed reports of it, what it was made from, what was done in words, and its figures."""
    month, site = shelves[place].month, site.another()
    notebooks = [read(path) for path in paths[place].values()]
    current = [notebook for notebook in notebooks if not notebook.last_good] or notebooks
    gathered = downloads.gather({notebook.name: notebook.content for notebook in current}, str(month))
    made_from = MadeFrom.of(gathered.provenance)
    warning = note(made_from.differences(of_index))
    for notebook in notebooks:
        around = navigation.around(shelves, place, notebook.name, pdf=pdf, note=warning)
        around["sections"] = navigation.sections("../", "months") if subjects.register else []
        _add_page(site, f"{month}/{notebook.name}.html", notebook, around, subjects.links)
    _add_downloads(site, month, gathered, [f"{notebook.name} {notebook.sha256}" for notebook in current])
    for notebook in notebooks:
        if notebook.last_good:
            _add_tables_of(site, month, notebook)
    feed_month = _feed_month(month, gathered, shelves[place].first)
    if pdf:
        _add_pdfs(site, month, notebooks, feed_month.report_date)
    words = f"{month}: {len(notebooks)} pages, {len(gathered.figures)} figures"
    return site.files, feed_month, made_from, words, history.rows_of(str(month), gathered)


def _add_tables_of(site: SiteFolder, month: ReportMonth, notebook: Executed) -> None:
    """The tables that a last good page links to, where no other page has them."""
    for table in downloads.gather({notebook.name: notebook.content}, str(month)).tables.values():
        path = f"{month}/tables/{table['name']}.csv"
        if path not in site.files.known:
            site.add(path, [notebook.sha256], partial(table_files.csv_bytes, table))


def _add_page(site: SiteFolder, path: str, notebook: Executed, around: dict[str, Any], links: Links) -> None:
    around = {**around, "code": site.texts, **({"last_good": True} if notebook.last_good else {})}
    if _has_glossary(site):
        around["glossary"] = "../" * path.count("/") + GLOSSARY
    words = links.on(notebook.text, path)

    def make() -> bytes:
        page = links.linked(pages.render(notebook.node, around), words)
        if path == GLOSSARY:
            page = glossary.with_anchors(page)
        elif "glossary" in around:
            page = glossary.spelt_out(page, around["glossary"])
        return page.encode()

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
            site.add(name, [register.sha256], partial(table_files.csv_bytes, table))
        name = site.texts["name"]
        site.add("calendar.ics", [register.sha256, name], partial(subjects.calendar, name))
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
    for table in (table_files.figure_table(gathered.figures.values()), *gathered.tables.values()):
        site.add(f"{month}/tables/{table['name']}.csv", inputs, partial(table_files.csv_bytes, table))


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
        has_report=bool(made.get("has_report", True)),
        changes=tuple(dict(zip(names, row, strict=True)) for row in table["rows"]),
    )


def _add_pdfs(site: SiteFolder, month: ReportMonth, notebooks: list[Executed], day: str) -> None:
    """Each page as PDF: printed on its own, so that no link of it leads to a file of this machine."""
    inputs = {f"{month}/{notebook.name}.pdf": [notebook.sha256, "pdf", day] for notebook in notebooks}
    sheets = {
        path: (pages.render(notebook.node, {"code": site.texts}), day)
        for (path, made_from), notebook in zip(inputs.items(), notebooks, strict=True)
        if not site.keep(path, made_from)
    }
    for path, data in pdf_printing.pdfs(sheets).items():
        site.write(path, inputs[path], data)


def _index(path: Path | None) -> tuple[Executed, downloads.Gathered]:
    """The notebook of the front page, or where there is none a bare one, and what it displayed."""
    notebook = _bare(INDEX, INDEX_TITLE, f"# {INDEX_TITLE}") if path is None else read(path)
    return notebook, downloads.gather({INDEX: notebook.content}, "the index")


def _bare(name: str, title: str, words: str) -> Executed:
    """A notebook of words alone."""
    cell = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": words}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return Executed(name, title, sha256(words.encode()), content)


def _has_glossary(site: SiteFolder) -> bool:
    """Whether ours is of this site's code: another code has other bodies and words."""
    return site.texts["name"] == Code().texts["name"]


def _add_glossary(site: SiteFolder, *, register: bool) -> None:
    """What abbreviations and terms mean: a page that every other leads to."""
    sections = navigation.sections("", "") if register else []
    around = {"home": f"{INDEX}.html", "feed": "feed.xml", "sections": sections}
    _add_page(site, GLOSSARY, _bare(glossary.NAME, "Glossary", glossary.words()), around, Links({}))


def _add_front(
    site: SiteFolder,
    notebook: Executed,
    gathered: downloads.Gathered,
    shelves: list[Shelf],
    reported: set[ReportMonth],
    subjects: subject_pages.SubjectPages,
    outdated: Mapping[ReportMonth, Sequence[str]],
) -> None:
    around = navigation.front(shelves, reported, summary(outdated), calendar=bool(subjects.register))
    around["sections"] = navigation.sections("", "months") if subjects.register else []
    _add_page(site, f"{INDEX}.html", notebook, around, subjects.links)
    for table in gathered.tables.values():
        site.add(f"tables/{table['name']}.csv", [notebook.sha256], partial(table_files.csv_bytes, table))
