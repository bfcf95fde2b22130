"""The month's document, from file to site in one go: ingested, built, run, published, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from secanalysis.domain.months import ReportMonth, parse_day
from secanalysis.ingest import importing
from secanalysis.ingest.result import IngestResult
from secanalysis.publishing import monthly_account
from secanalysis.publishing.publish import PublishedSite, publish
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.running import runs
from secanalysis.running.plan import documented_months
from secanalysis.running.progress import Progress
from secanalysis.running.settings import Settings
from secanalysis.statements import storage
from secanalysis.support.errors import UserError
from secanalysis.support.project import Project

_DAY_IN_NAME = re.compile(r"(?<![0-9])(20[0-9]{2})[-_. ]?([01][0-9])[-_. ]?([0-3][0-9])(?![0-9])")


@dataclass(frozen=True)
class Monthly:
    """What came of a month's document.

    Attributes
    ----------
    ingested, run, site
        What each step did.
    account
        What is new, what changed in older months and why, and what needs a look: ten lines at most.
    """

    ingested: IngestResult
    run: runs.RunResult
    site: PublishedSite
    account: tuple[str, ...]


def take_in(
    project: Project,
    file: Path,
    published_on: date | None = None,
    *,
    replace: bool = False,
    workers: int = 2,
    remarks: Callable[[str], None] = lambda text: None,
    progress: Progress | None = None,
) -> Monthly:
    """Ingest the month's document, build, execute what changes, and publish.

    Parameters
    ----------
    project
        Whose params file names the mapping of its register's exports.
    file
        The export, or the published report.
    published_on
        Its day; that in its name if not given.
    replace
        Whether it takes the place of an export of the same day.
    workers
        How many notebooks at once.
    remarks
        Called with the lines of a report that weren't read, and its repairs, before anything is executed.
    progress
        Shows how far the run is.

    Raises
    ------
    UserError
        If the document or the project can't be used. The tables are as they were then, if it is the document.
    """
    is_register = file.suffix.lower() in importing.REGISTERS
    any_month = ReportMonth.parse("2024-01")  # those of the documents are known once this one is there
    mapping = Settings.read(project.params, lambda: (any_month, any_month)).mapping
    if not is_register:
        mapping = None
    elif mapping is None and file.suffix.lower() == ".csv":
        raise UserError(
            f"{project.params} names no mapping; expected one for {file.name}, such as mapping: mapping.yaml"
        )
    published_on = published_on or (day_in_name(file.name) if is_register else None)
    if is_register and published_on is None:
        raise UserError(
            f"{file.name}: on which day was it exported? Expected it in the file's name, such as export-2024-07-05"
            f"{file.suffix}, or as --published-on 2024-07-05"
        )
    figures_before = monthly_account.figures(project.site)
    ingested = importing.ingest(file, project.raw, None, published_on, mapping, replace_export=replace)
    if ingested.reading.unread or ingested.reading.repairs:
        remarks(importing.remarks(ingested))
    tables = storage.read_folder(project.raw)
    storage.write_processed(tables, project.processed)
    settings = Settings.read(project.params, partial(documented_months, project))
    day = ingested.reading.source["published_on"]
    months = sorted({*settings.months, ReportMonth(day.year, day.month)})
    run = runs.run(project, months, settings, workers=workers, progress=progress)
    site = publish(project)
    account = monthly_account.account(ingested, ResolvedRegister(tables), figures_before, site)
    closing = []
    if account.is_cut and (path := _written(account.whole, file)):
        closing.append(f"All of this, with nothing left out, is in {path}.")
    if months[-1] not in settings.months:
        closing.append(
            f"{project.params.name} ends with {settings.months[-1]}: say last: latest, so that `secanalysis run` keeps {months[-1]}."
        )
    brief = account.brief[: monthly_account.MOST_LINES - len(closing)]
    return Monthly(ingested, run, site, (*brief, *closing))


def _written(lines: Sequence[str], document: Path) -> Path | None:
    """Lines in a file next to the document; None if it can't be written."""
    path = document.with_name(f"{document.stem}.account.txt")
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError:
        return None
    return path


def day_in_name(name: str) -> date | None:
    """The one day that a file's name holds, such as ``export-2024-07-05.xlsx``; None if there is none, or several."""
    days = set()
    for parts in _DAY_IN_NAME.findall(name):
        try:
            days.add(parse_day("-".join(parts)))
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None
