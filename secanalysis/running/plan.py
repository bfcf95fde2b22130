"""What a run has to do: which notebooks are missing, or made from something else than is there now."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secanalysis.domain import code
from secanalysis.domain.months import ReportMonth, parse_day
from secanalysis.domain.vocabulary import Convention
from secanalysis.running import subjects
from secanalysis.running.executed_months import PAGE_NAME, executed_months, months_of
from secanalysis.running.execution import inputs_of
from secanalysis.running.failures import FAILED, LAST_GOOD
from secanalysis.running.kernels.forkserver import SharedWork
from secanalysis.running.settings import Settings
from secanalysis.support.code_hash import code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.package_versions import OF_NOTEBOOKS, versions
from secanalysis.support.project import Project

if TYPE_CHECKING:
    from secanalysis.register.resolved import ResolvedRegister

INDEX = "index"
NOT_RUN = ("explore", "explore_synthetic", "import_register")
PYTHON_KERNELS = ("python3", "python", "secanalysis")
NOT_MONTHLY = (INDEX, *NOT_RUN, *subjects.NAMES)
PART = ".part"  # how a file ends that is being written in runs/; its name begins with a dot
PARAMETER_NAMES = ("month", "convention", "known_by")
WARM_UP = "secanalysis.running.warm_up"


@dataclass(frozen=True)
class Task:
    """One notebook to execute: for a month, for one modification or release, or (the index, the register) for all.

    ``alongside`` is the month whose notebooks the index shares work with.
    """

    notebook: Path
    month: ReportMonth | None
    parameters: Mapping[str, str]
    target: Path
    inputs: str
    state: str
    about: str | None = None
    alongside: ReportMonth | None = None

    @property
    def label(self) -> str:
        """The task in words: ``2020-08 durations``, ``modification MP102A``."""
        if self.about is not None:
            return f"{self.notebook.stem} {self.about}".strip()
        return f"{self.month or 'all months'} {self.notebook.stem}"

    @property
    def is_current(self) -> bool:
        """Whether what it would make is there already."""
        return inputs_of(self.target) == self.inputs

    @property
    def shared_work(self) -> tuple[SharedWork, ...]:
        """What all months have in common, and what all notebooks of one have, for kernels to share."""
        arguments = {name: self.parameters.get(name, "") for name in PARAMETER_NAMES}
        if self.alongside:
            arguments |= {"month": str(self.alongside), "convention": Convention.AS_PUBLISHED.value}
        all_months = SharedWork(
            f"{WARM_UP}:prepare_register", {"known_by": arguments["known_by"]}, self.state
        )
        if self.about is not None:
            known_by = {"known_by": arguments["known_by"]}
            return all_months, SharedWork(f"{WARM_UP}:prepare_modifications", known_by, self.state)
        if not arguments["month"]:
            return (all_months,)
        return all_months, SharedWork(f"{WARM_UP}:prepare_month", arguments, self.state)


def together(tasks: Sequence[Task]) -> list[Task]:
    """Tasks, the index alongside the latest month among them: it shows that month's news, by what is known today."""
    latest = max((task for task in tasks if task.month), key=attrgetter("month"), default=None)
    if (
        latest is None
        or latest.parameters["known_by"]
        or latest.parameters["convention"] != Convention.AS_PUBLISHED
    ):
        return list(tasks)
    return [
        replace(task, alongside=latest.month) if task.month is None and task.about is None else task
        for task in tasks
    ]


class Plan:
    """The notebooks of a project, and a hash of all that they are made from besides themselves.

    Raises
    ------
    UserError
        If the data isn't built, there is no notebook, or a notebook has no such parameter.
    """

    def __init__(self, project: Project, settings: Settings, parameters: Mapping[str, str]) -> None:
        self.project = project
        self.made_by = made_by()
        self.state = state(project, self.made_by)
        self.notebooks = notebooks(project)
        self.parameters = {
            "convention": str(settings.convention),
            "known_by": settings.known_by.isoformat() if settings.known_by else "",
            **parameters,
        }
        _check_values(parameters)
        for notebook in self.notebooks:
            _check_language(notebook)
            _check_parameters(notebook, ("month", *self.parameters))
        self.subjects = subjects.present(project)
        for subject in self.subjects:
            needed = (subject.parameter, "known_by") if subject.parameter else ("known_by",)
            _check_parameters(self._notebook_of(subject), needed)

    def months(self, months: Iterable[ReportMonth]) -> list[Task]:
        """A task for each notebook of some months."""
        return [
            self._task(notebook, month, {"month": str(month), **self.parameters})
            for month in months
            for notebook in self.notebooks
        ]

    def index(self, to_come: Iterable[ReportMonth] = ()) -> list[Task]:
        """The task of the index over all months that are there, or are to come; without any, an old index goes."""
        index = self.project.notebooks / f"{INDEX}.ipynb"
        present = sorted({*executed_months(self.project), *to_come})
        if not index.is_file() or not present:
            (self.project.runs / index.name).unlink(missing_ok=True)
            return []
        return [self._task(index, None, {"months": ",".join(map(str, present))})]

    def about_subjects(self) -> list[Task]:
        """A task for each modification and release, and for the register, on everything to date.

        Executed notebooks of those that no source names any more are removed.
        """
        known_by = self.parameters["known_by"]
        pages = subjects.shown(self.project, self.state, known_by) if self.subjects else {}
        tasks = [
            self._task_about(subject, about, {"known_by": known_by}, digest)
            for subject in self.subjects
            for about, digest in pages[subject.notebook].items()
        ]
        runs = self.project.runs
        kept = {task.target.relative_to(runs) for task in tasks}
        for folder in (runs, runs / FAILED, runs / LAST_GOOD):
            for path in [
                path for subject in subjects.SUBJECTS for path in subjects.executed(folder, subject)
            ]:
                if path.relative_to(folder) not in kept:
                    path.unlink()
                    with contextlib.suppress(OSError):  # not empty
                        path.parent.rmdir()
        return tasks

    def _notebook_of(self, subject: subjects.Subject) -> Path:
        return self.project.notebooks / f"{subject.notebook}.ipynb"

    def _task_about(
        self, subject: subjects.Subject, about: str, parameters: Mapping[str, str], digest: str
    ) -> Task:
        notebook = self._notebook_of(subject)
        values = {**parameters, **({subject.parameter: about} if subject.parameter else {})}
        made_from = json.dumps([self.made_by, values, digest], sort_keys=True)
        inputs = hashlib.sha256(made_from.encode() + notebook.read_bytes()).hexdigest()
        name = subjects.file_name(about) if subject.parameter else subject.notebook
        target = self.project.runs / subject.folder / f"{name}.ipynb"
        return Task(notebook, None, values, target, inputs, self.state, about)

    def _task(self, notebook: Path, month: ReportMonth | None, parameters: Mapping[str, str]) -> Task:
        values = json.dumps(dict(parameters), sort_keys=True).encode()
        inputs = hashlib.sha256(self.state.encode() + notebook.read_bytes() + values).hexdigest()
        folder = self.project.runs / str(month) if month else self.project.runs
        return Task(notebook, month, parameters, folder / notebook.name, inputs, self.state)

    def remove_leftovers(self) -> None:
        """Remove what was made from notebooks that aren't there any more, and what a killed run left."""
        for part in list(self.project.runs.rglob(f".*{PART}")):
            part.unlink()
            with contextlib.suppress(OSError):  # not empty
                part.parent.rmdir()
        names = {notebook.name for notebook in self.notebooks}
        for kind in (FAILED, LAST_GOOD):
            for path in (self.project.runs / kind).glob("*/*.ipynb"):
                if path.name not in names and path.parent.name not in subjects.FOLDERS:
                    path.unlink()
        for month in executed_months(self.project):
            folder = self.project.runs / str(month)
            for executed in folder.glob("*.ipynb"):
                if executed.name not in names and inputs_of(executed):
                    executed.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()


# Months -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """Months whose report date has come and whose notebooks are missing or stale.

    Attributes
    ----------
    months
        Those to execute.
    waiting
        Those that wait for their month's document.
    """

    months: tuple[ReportMonth, ...] = ()
    waiting: tuple[ReportMonth, ...] = ()


def due_months(plan: Plan, months: Sequence[ReportMonth], today: date, *, documented: bool = False) -> Due:
    """Those of some months whose report date has come, and of which a notebook is missing or stale.

    Parameters
    ----------
    plan
        Of the project and its settings.
    months
        The months to choose from.
    today
        The day to which report dates have come.
    documented
        Whether a month waits until its report, or an export of that month or a later one, is among the sources.
    """
    # its own report can't be from before the month, so most future months need no look into the data
    begun = [month for month in months if month.first_day <= today]
    stale = [month for month in begun if not all(task.is_current for task in plan.months([month]))]
    if not stale:
        return Due()
    from secanalysis.register.resolved import ResolvedRegister

    register = ResolvedRegister.load(plan.project.processed)
    due = [month for month in stale if register.clock(month).report_date <= today]
    waiting = [month for month in due if documented and not _is_documented(register, month)]
    return Due(tuple(month for month in due if month not in waiting), tuple(waiting))


def _is_documented(register: ResolvedRegister, month: ReportMonth) -> bool:
    return register.report_of(month) is not None or register.attests_all_by(month.first_day)


def documented_months(project: Project) -> tuple[ReportMonth, ReportMonth]:
    """The months of the oldest and the newest report or export among the sources.

    Raises
    ------
    UserError
        If the data isn't built, or there is none.
    """
    tables(project)
    from secanalysis.register.resolved import ResolvedRegister

    register = ResolvedRegister.load(project.processed)
    days = [*register.published.values(), *register.exporting["published_on"].dt.date]
    if not days:
        raise UserError(
            f"{project.params}: months can't begin with the earliest or end with the latest: no report and no export is "
            "among the sources"
        )
    return ReportMonth(min(days).year, min(days).month), ReportMonth(max(days).year, max(days).month)


def remove_other_months(project: Project, months: Iterable[ReportMonth]) -> None:
    """Remove from ``runs/`` the notebooks that were executed for months that aren't among ``months``; nothing else."""
    kept = set(months)
    for folder in (project.runs, project.runs / FAILED, project.runs / LAST_GOOD):
        for month in months_of(folder):
            if month not in kept:
                of_month = folder / str(month)
                for executed in of_month.glob("*.ipynb"):
                    if inputs_of(executed):
                        executed.unlink()
                with contextlib.suppress(OSError):  # it holds something else
                    of_month.rmdir()


# Inputs -----------------------------------------------------------------------------------------


def notebooks(project: Project) -> list[Path]:
    """The notebooks that are executed for each month."""
    paths = [
        path
        for path in project.notebooks.glob("*.ipynb")
        if path.stem not in NOT_MONTHLY and PAGE_NAME.fullmatch(path.stem) and path.is_file()
    ]
    if not paths:
        raise UserError(
            f"no notebooks in {project.notebooks}: expected one per page, such as durations.ipynb"
        )
    return sorted(paths)


def passed_over(project: Project) -> list[str]:
    """The names of notebooks that aren't executed, as they aren't named as pages are: copies, say."""
    names = (path.name for path in project.notebooks.glob("*.ipynb") if not path.name.startswith("."))
    return sorted(name for name in names if not PAGE_NAME.fullmatch(name.removesuffix(".ipynb")))


def tables(project: Project) -> list[Path]:
    """The built tables.

    Raises
    ------
    UserError
        If there are none.
    """
    paths = sorted(project.processed.glob("*.parquet"))
    if not paths:
        raise UserError(f"{project.processed} holds no tables: run `secanalysis build` first")
    return paths


def made_by() -> str:
    """A hash of the package's code and the versions of what it uses."""
    packages = json.dumps(versions(OF_NOTEBOOKS), sort_keys=True)
    return hashlib.sha256(code_sha256().encode() + packages.encode()).hexdigest()


def state(project: Project, of_code: str | None = None) -> str:
    """A hash of the built data, of what the project says of its code, and of package and versions (`made_by`)."""
    digest = hashlib.sha256((of_code or made_by()).encode())
    code_file = project.root / code.FILE
    digest.update(code_file.read_bytes() if code_file.is_file() else b"")
    for table in tables(project):
        digest.update(table.name.encode() + hashlib.sha256(table.read_bytes()).digest())
    return digest.hexdigest()


def _check_values(parameters: Mapping[str, str]) -> None:
    """Look at what stands in for the settings' own values, before any notebook meets it."""
    for name in ("month", "months"):
        if name in parameters:
            raise UserError(f"{name} can't be set with -p; use --month or --months")
    try:
        Convention(parameters.get("convention", Convention.AS_PUBLISHED))
    except ValueError:
        word = parameters["convention"][:40]
        raise UserError(f"convention is {word!r}; expected one of {', '.join(Convention)}") from None
    if day := parameters.get("known_by"):
        try:
            parse_day(day)
        except ValueError as error:
            raise UserError(f"known_by {error}, or blank for today's best knowledge") from None


def _check_language(notebook: Path) -> None:
    """Every notebook is executed as Python, so look which are in another language."""
    metadata = _content(notebook).get("metadata", {})
    kernel = metadata.get("kernelspec") or {}
    language = kernel.get("language") or (metadata.get("language_info") or {}).get("name")
    if not language and kernel.get("name") not in PYTHON_KERNELS:
        raise UserError(
            f"{notebook} doesn't say in which language it is written: open it in Jupyter, choose Python 3, save it"
        )
    if language and str(language).lower() not in ("python", "python3", "ipython"):
        raise UserError(f"{notebook} is written in {language}; expected Python. Nothing was executed")


def _check_parameters(notebook: Path, names: Iterable[str]) -> None:
    """Papermill takes a misspelt parameter without a word, so look before."""
    declared = _declared(notebook)
    if not declared:
        expected = ", ".join(PARAMETER_NAMES)
        raise UserError(f"{notebook}: no cell is tagged parameters; expected one with {expected}")
    for name in names:
        if name not in declared:
            raise UserError(f"{notebook}: no parameter {name!r}; it declares {', '.join(sorted(declared))}")


def _content(notebook: Path) -> dict[str, Any]:
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        if not isinstance(content["cells"], list) or not isinstance(content.get("metadata", {}), dict):
            raise TypeError("its cells or metadata aren't what a notebook has")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{notebook} can't be read as a notebook: {error}") from None
    return dict(content)


def _declared(notebook: Path) -> set[str]:
    cells = _content(notebook)["cells"]
    try:
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        body: list[Any] = ast.parse("".join(tagged[0]["source"])).body if tagged else []
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise UserError(f"{notebook} can't be read as a notebook: {error}") from None
    targets = [
        target for node in body for target in getattr(node, "targets", [getattr(node, "target", None)])
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}
