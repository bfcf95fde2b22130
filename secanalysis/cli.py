"""The commands. No logic: each reads its options, calls a room, and says what came of it."""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from secanalysis import __version__
from secanalysis.ingest.opener import NO_MEMORY
from secanalysis.support.errors import UserError

if TYPE_CHECKING:
    from datetime import date

    from secanalysis.domain.months import ReportMonth
    from secanalysis.running.failures import Failure
    from secanalysis.support.project import Project

app = typer.Typer(
    help="Recompute the Smart Energy Code's Change Status Report: build the tables, run the notebooks, publish the "
    "pages. `make report` does all three for the months in params.yaml.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

LEAST_MEMORY, USUAL_MEMORY = 300_000_000, 500_000_000
"""Bytes without which no command can begin, and with which a small project's work is done."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Month = Annotated[
    list[str] | None, typer.Option("--month", help="A cover month, such as 2020-08. May be repeated.")
]
Months = Annotated[
    str | None, typer.Option("--months", help="A range of months, both ends included: 2020-01..2020-12.")
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"secanalysis {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Take what is asked of the program itself; the commands do the rest."""
    allowed = _address_space()
    if allowed is not None and allowed < LEAST_MEMORY:  # libraries would end the process in ways of their own
        raise UserError(_no_memory())


@app.command()
def build(
    raw: Annotated[
        Path | None, typer.Option(help="The folder of CSV tables.", show_default="data/raw")
    ] = None,
    processed: Annotated[
        Path | None, typer.Option(help="The folder to write parquet to.", show_default="data/processed")
    ] = None,
) -> None:
    """Check the tables of statements and write them as Parquet.

    If there are faults, all are listed, each with its table, row, column, what was found and what was expected.
    Nothing is written then, and the exit code is 2.

    Example: secanalysis build
    """
    from secanalysis.statements import corrections, countable, storage
    from secanalysis.views.formatting import count

    raw, processed = raw or _project().raw, processed or _project().processed
    tables = storage.read_folder(raw)
    storage.write_processed(tables, processed)
    rows = count(storage.size(tables), "statement")
    _say(f"{rows} of {count(len(tables['sources']), 'source')}, all sound: {processed}")
    if early := countable.uncountable(corrections.corrected_today(tables)):
        _say(f"note: {early}")


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="A report (.txt, .pdf) or a register (.xlsx, .csv).")],
    into: Annotated[Path, typer.Option(help="The folder of tables, such as data/raw.")],
    source_id: Annotated[
        str | None, typer.Option(help="A short name for the document, if not the usual one.")
    ] = None,
    published_on: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day on which the document was published.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="For registers: which of their columns are which of ours, as YAML.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if any line can't be parsed.")] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace another export with the same source_id."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Read the document and list what it holds; write nothing.")
    ] = False,
) -> None:
    """Read a published report or a register's export into the tables.

    Its earlier rows are replaced. Lines that couldn't be read and repairs are listed on stderr. If the document can't
    be used, the tables are unchanged and the exit code is 2.

    Example: secanalysis ingest export.xlsx --into data/raw --published-on 2024-06-07 --mapping mapping.yaml --check
    """
    from secanalysis.ingest import importing as reading

    outcome = reading.ingest(file, into, source_id, _day(published_on), mapping, strict, replace, check)
    if remarks := reading.remarks(outcome):
        _warn(remarks)
    _say(reading.summary(outcome))


@app.command()
def mapping(
    export: Annotated[Path, typer.Argument(help="A register's export (.xlsx, .csv).")],
) -> None:
    """Draft a mapping from a register's export.

    The draft is made from the export's headings and words. What isn't certain is written as a comment.

    Example: secanalysis mapping export.xlsx > mapping.yaml
    """
    from secanalysis.ingest.importing import draft_mapping

    typer.echo(draft_mapping(export), nl=False)


@app.command()
def template(
    workbook: Annotated[Path, typer.Argument(help="The workbook to write, such as register.xlsx.")],
) -> None:
    """Write an empty workbook to fill in.

    It has the tables' columns, with descriptions and drop-down lists.

    Example: secanalysis template register.xlsx
    """
    from secanalysis.ingest.importing import template as write

    write(workbook)
    _say(f"An empty workbook: {workbook}")


def _day(text: str | None) -> date | None:
    from secanalysis.domain.months import parse_day

    try:
        return None if text is None else parse_day(text)
    except ValueError as error:
        raise UserError(str(error)) from None


@app.command()
def run(
    month: Month = None,
    months: Months = None,
    due: Annotated[
        bool,
        typer.Option(
            "--due", help="Only months whose report date has come and that are missing or out of date."
        ),
    ] = False,
    documented: Annotated[
        bool,
        typer.Option(
            "--documented", help="With --due: skip a month until its report or export has been ingested."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Re-run everything, even if up to date.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many notebooks at once.")] = 2,
    timeout: Annotated[int, typer.Option(min=1, help="How many seconds a cell may take.")] = 600,
    cold: Annotated[
        bool,
        typer.Option(
            "--cold",
            envvar="SECANALYSIS_COLD",
            help="Use ordinary kernels. Slower; for comparison, or where forking fails.",
        ),
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Stop if another run is in progress, instead of waiting for it.")
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Execute on a Dask cluster, such as tcp://host:8786."),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Set a notebook parameter."),
    ] = None,
) -> None:
    """Execute the notebooks of some months.

    Without a month, those in params.yaml are run. Only notebooks that are missing or out of date are executed. If one
    fails, it is kept in runs/failed with the error at its top, the others continue, and the exit code is 1. See
    docs/running.md.

    Example: secanalysis run --month 2020-08
    """
    from datetime import date

    from secanalysis.running import runs
    from secanalysis.running.kernels.environment import hide_secrets
    from secanalysis.running.plan import documented_months
    from secanalysis.running.progress import shown
    from secanalysis.running.settings import Settings
    from secanalysis.views.formatting import count

    if scheduler == "":
        raise UserError("no Dask scheduler answers at '': expected an address, such as tcp://host:8786")
    if not scheduler:  # Dask reads its settings there
        hide_secrets()
    project = _project()
    settings = Settings.read(project.params, partial(documented_months, project))
    chosen_months = _months(month, months)
    chosen: Sequence[ReportMonth] = chosen_months or settings.months
    if documented and not due:
        raise UserError("found --documented without --due; expected both")
    if due:
        from secanalysis.running.plan import Plan, due_months

        plan = Plan(project, settings, _parameters(parameter or []))
        listed = due_months(plan, chosen, date.today(), documented=documented)
        if listed.waiting:
            waiting = ", ".join(map(str, listed.waiting))
            _say(f"waiting for the report or export of {waiting}: ingest it, then run again")
        chosen = listed.months
        if not chosen:
            _say("nothing is due: every month whose report date has come is executed and up to date")
            return
    if to_come := [str(month) for month in chosen_months or () if month.first_day > date.today()]:
        which = f"{to_come[0]} is a month" if len(to_come) == 1 else f"{', '.join(to_come)} are months"
        _say(f"{which} to come: only what is planned is known")
    try:
        with shown() as progress:
            outcome = runs.run(
                project,
                chosen,
                settings,
                force=force,
                workers=workers,
                prune=chosen_months is None and not due,
                parameters=_parameters(parameter or []),
                cold=cold,
                timeout=timeout,
                wait=not no_wait,
                scheduler=scheduler,
                progress=progress,
            )
    except runs.Stopped as stop:
        _warn(f"stopped by {stop}; what was complete is kept; run again to do the rest")
        raise typer.Exit(128 + stop.number) from None
    made = count(len(outcome.made), "notebook")
    _say(f"{made} executed, {len(outcome.kept)} already up to date: {project.runs}")
    for label, error in outcome.failed.items():
        _warn(f"failed: {label}: {error} (see {project.runs / 'failed'})")
    if outcome.failed:
        raise typer.Exit(1)


@app.command()
def publish(
    months: Months = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also make a PDF of each page, using Chromium.")] = False,
) -> None:
    """Publish the executed notebooks as a site.

    The site has pages, downloads, a feed and a front page, site/index.html. If the latest run of a notebook failed, the
    page of its last good run is kept and marked, the failure is reported, and the exit code is 1.

    Example: secanalysis publish
    """
    from secanalysis.publishing import publish as publishing
    from secanalysis.publishing.made_from import summary

    project = _project()
    site = publishing.publish(project, months=_months(None, months), pdf=pdf, progress=_progress())
    _say(str(site))
    if site.outdated:
        _warn(
            f"note: the site holds {summary(site.outdated)}: to bring it up to date, run `secanalysis run`, then `secanalysis publish`"
        )
    if site.failures:
        _show_failures(project, site.failures)
        raise typer.Exit(1)


def _show_failures(project: Project, failures: Sequence[Failure]) -> None:
    for failure in failures:
        page = (
            "the page of its last good run is kept and marked" if failure.last_good else "its page is missing"
        )
        _warn(f"{failure}: {page}: {failure.error} (see {project.runs / 'failed'})")


@app.command()
def month(
    document: Annotated[
        Path, typer.Argument(help="The register's export (.xlsx, .csv), or the report (.txt, .pdf).")
    ],
    published_on: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day on which it was published, if not in its name."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace another export with the same name and day.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many notebooks at once.")] = 2,
) -> None:
    """Process a month's document: ingest, build, run, publish.

    Only what the document changes is run. A register's mapping is the one named in params.yaml. If a notebook fails,
    the exit code is 1.

    Example: secanalysis month export-2024-07-05.xlsx
    """
    from secanalysis.publishing import monthly
    from secanalysis.running.progress import shown
    from secanalysis.running.runs import Stopped

    project = _project()
    try:
        with shown() as progress:
            result = monthly.take_in(
                project,
                document,
                _day(published_on),
                replace=replace,
                workers=workers,
                remarks=progress.say,
                progress=progress,
            )
    except Stopped as stop:
        typer.echo(
            f"stopped by {stop}; what was complete is kept; `secanalysis run` and `secanalysis publish` do the rest",
            err=True,
        )
        raise typer.Exit(128 + stop.number) from None
    for line in result.account:
        typer.echo(line)
    if result.site.failures:
        _show_failures(project, result.site.failures)
        raise typer.Exit(1)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="The project's folder, new or empty.")],
) -> None:
    """Make a project for your own register.

    It has notebooks, settings and a mapping to fill in.

    Example: secanalysis new ../ours
    """
    from secanalysis.support import new_project
    from secanalysis.views.formatting import count

    files = new_project.write(folder)
    typer.echo(f"A project of {count(len(files), 'file')}: {folder}")
    typer.echo(f"Next: cd {folder}; secanalysis mapping EXPORT > mapping.yaml; secanalysis month EXPORT")


@app.command()
def simulate(
    modifications: Annotated[
        int, typer.Option("--modifications", metavar="N", help="How many modifications to make up.")
    ],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same bytes.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new or empty folder.")],
    months: Annotated[
        str, typer.Option("--months", help="The months that the register covers.")
    ] = "2019-01..2024-12",
    attestations: Annotated[
        bool,
        typer.Option(
            "--attestations/--no-attestations", help="One export per month, or one for the whole period."
        ),
    ] = True,
) -> None:
    """Write a made-up register for testing, marked SYNTHETIC.

    It has a complete history in all tables. To see its pages, build it in a separate project (docs/synthetic.md).
    Made-up rows never mix with facts: data/raw, and any folder that already holds files, is refused.

    Example: secanalysis simulate --modifications 100 --seed 1 --into demo/data/raw
    """
    from secanalysis.simulate import simulation as simulation
    from secanalysis.views.formatting import count

    facts = _project().raw
    simulation.check_folder(into, facts)
    tables, _ = simulation.simulate(
        modifications, seed, _months(None, months) or (), attestations=attestations
    )
    simulation.write(tables, into, facts)
    rows = count(sum(len(frame) for name, frame in tables.items() if name != "sources"), "made-up statement")
    _say(f"{rows} of {count(len(tables['sources']), 'SYNTHETIC source')}: {into}")


def _project() -> Project:
    from secanalysis.support.project import Project

    try:
        return Project.find()
    except FileNotFoundError as error:
        raise UserError(str(error)) from None


def _months(month: list[str] | None, months: str | None) -> list[ReportMonth] | None:
    from secanalysis.domain.months import ReportMonth, parse_range

    if month and months is not None:
        raise UserError("found both --month and --months; expected one of them")
    try:
        if month:
            return sorted({ReportMonth.parse(one) for one in month})
        return None if months is None else parse_range(months)
    except ValueError as error:
        raise UserError(str(error)) from None


def _parameters(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals or not name.isidentifier():
            raise UserError(f"found parameter {name!r}; expected NAME=VALUE, such as convention=sec")
    return {name: value for name, _, value in pairs}


def _progress() -> Callable[[str], None]:
    begun = time.monotonic()

    def show(line: str) -> None:
        _warn(f"{time.monotonic() - begun:6.1f} s  {line}")

    return show


def _say(text: str) -> None:
    """Say what was done. That can't be undone where it can't be said, as on a disk that is full."""
    try:
        typer.echo(text)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        _warn(f"secanalysis: the work is done, but standard output can't be written to ({error.strerror})")
        # what is still in the buffer would be tried again on the way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _warn(text: str) -> None:
    """Say something on standard error, where it can be said."""
    with contextlib.suppress(OSError):
        typer.echo(text, err=True)


def main() -> None:
    """Run the command line; what the user can mend is a sentence and exit 2."""
    gc.set_threshold(50_000)  # imports, statements and pages are many objects that stay, and few circles
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files may hold bytes that are no characters
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except UserError as error:
        _warn(f"secanalysis: {error}")
        sys.exit(2)
    except Exception as error:
        sentence = _sentence(error) if isinstance(error, OSError) else None
        if sentence is None and _is_out_of_memory(error):
            sentence = _no_memory()
        if sentence is None:
            raise
        _warn(f"secanalysis: {sentence}")
        sys.exit(2)


def _is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that it follows from, is that there was no memory, however a library says so."""
    while error is not None:
        if isinstance(error, MemoryError) or NO_MEMORY.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _address_space() -> int | None:
    """How many bytes this process may take; None if nothing bounds it."""
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if allowed == resource.RLIM_INFINITY else allowed


def _no_memory() -> str:
    allowed = _address_space()
    bound = (
        f": this process may take {allowed / 1e6:,.0f} MB (see `ulimit -v`)" if allowed is not None else ""
    )
    return f"there isn't enough memory{bound}; at least {USUAL_MEMORY / 1e6:,.0f} MB are needed"


def _sentence(error: OSError) -> str | None:
    """What a fault of the machine is, in words; None where none are known."""
    if error.filename is not None:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else error.filename
        return f"{name} can't be used ({error.strerror})"
    if error.errno in NO_ROOM:
        return f"Could not write ({os.strerror(error.errno)}); existing files are unchanged"
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the folder that this was called in isn't there any more: go to another"
    return None
