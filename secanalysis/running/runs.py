"""Executing the notebooks by papermill: for each month, each modification and release, and the index once.

An executed notebook is in ``runs/`` complete or not at all. It carries a hash of all that it was made
from, and is made again only when that changes. It holds no times, so the same inputs give the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secanalysis.domain.months import ReportMonth
from secanalysis.running import countable_days, failures, run_log
from secanalysis.running.executed_months import executed_months
from secanalysis.running.execution import TIMEOUT_SECONDS, Executed, execute
from secanalysis.running.kernels import forkserver
from secanalysis.running.plan import PART, Plan, Task, passed_over, remove_other_months, together
from secanalysis.running.progress import Progress, Silent
from secanalysis.running.settings import Settings
from secanalysis.running.unchanged import Inputs, InputsChanged
from secanalysis.support.errors import UserError
from secanalysis.support.package_versions import OF_NOTEBOOKS, versions
from secanalysis.support.project import Project

__all__ = ["RunResult", "Stopped", "executed_months", "run"]

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
PATIENCE_SECONDS = 1.0
ATTEMPTS = 3
"""How often a run begins at most, where statements or notebooks change while it goes on."""

Result = tuple[Task, float, Executed]


class Stopped(BaseException):
    """A signal asked the run to stop. What was complete by then is kept."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@dataclass
class RunResult:
    """What a run did: labels of notebooks made, of those that were right already, and of failures."""

    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def run(
    project: Project,
    months: Sequence[ReportMonth],
    settings: Settings,
    *,
    force: bool = False,
    workers: int = 2,
    prune: bool = False,
    parameters: Mapping[str, str] | None = None,
    cold: bool = False,
    timeout: int = TIMEOUT_SECONDS,
    wait: bool = True,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Execute what is missing or stale: for some months, the index over all months in ``runs/``, and all modifications.

    Parameters
    ----------
    project
        Whose notebooks and data to use.
    months
        The cover months.
    settings
        Convention and known_by.
    force
        Execute all, also what is right already.
    workers
        How many notebooks at once, on this machine.
    prune
        Remove months from ``runs/`` that aren't among ``months``.
    parameters
        Notebook parameters to override, checked against those that each notebook declares.
    cold
        Use ordinary kernels, not forked ones.
    timeout
        How many seconds a cell may take.
    wait
        Wait while another run of this project goes on; otherwise give up.
    scheduler
        The address of a Dask scheduler whose workers execute the notebooks; None for this machine.
    progress
        Shows how far the run is.

    Raises
    ------
    UserError
        If the data isn't built, there is no notebook, a notebook has no such parameter, or another run is in progress.
    Stopped
        If a signal asked for it.
    """
    progress = progress or Silent()
    outcome = RunResult()
    if not (cold or scheduler or forkserver.CAN_FORK):
        cold = True
        progress.say(
            "kernels can't be forked on this machine: they are started in the ordinary way, which takes longer"
        )
    with _signals_raise(), run_log.lock(project, wait=wait, report=progress.say):
        details: dict[str, Any] = {"months": list(map(str, months)), "versions": None}
        details["kernels"] = f"dask {scheduler}" if scheduler else "cold" if cold else "forked"
        with run_log.recorded(project, **details) as record, _kernels_allowed(outcome, scheduler):
            if force and not (scheduler or cold):  # before all else, as its imports take longest
                forkserver.parent.start()
            record["versions"] = versions(OF_NOTEBOOKS)
            if later := countable_days.note(months):
                progress.say(later)
            if copies := passed_over(project):
                progress.say(
                    f"not executed: {', '.join(copies)}: a page's notebook is named in lower-case words joined by underscores"
                )
            if prune:
                remove_other_months(project, months)
            for attempt in range(1, ATTEMPTS + 1):
                inputs = Inputs(project)  # before the plan reads them
                plan = Plan(project, settings, parameters or {})
                plan.remove_leftovers()
                with _executor(project, inputs, workers, cold, timeout, scheduler) as executed:
                    try:
                        # the index alongside the last months, as if all will succeed; made again below if not
                        tasks = [*plan.months(months), *plan.index(months)]
                        _bring_up_to_date(project, tasks, executed, force, outcome, progress)
                        if outcome.failed:
                            _bring_up_to_date(project, plan.index(), executed, False, outcome, progress)
                        _bring_up_to_date(project, plan.about_subjects(), executed, force, outcome, progress)
                        break
                    except InputsChanged as change:
                        if change.code or attempt == ATTEMPTS:
                            raise UserError(f"{change}: run again, and change nothing meanwhile") from None
                        progress.say(f"{change}: beginning again")
                    except Stopped as stop:
                        record |= {"status": "stopped", "signal": str(stop)}
                        raise
                    finally:
                        record |= {
                            "made": len(outcome.made),
                            "kept": len(outcome.kept),
                            "failed": outcome.failed,
                        }
                outcome.made, outcome.kept, outcome.failed = [], [], {}
            record["status"] = "failed" if outcome.failed else "ok"
    return outcome


@contextlib.contextmanager
def _kernels_allowed(outcome: RunResult, scheduler: str | None) -> Iterator[None]:
    """Allow kernels on this machine; the process that they are forked from ends with the run if it wasn't needed."""
    if scheduler:
        yield
        return
    forkserver.allow()
    try:
        yield
    finally:
        if not outcome.made and not outcome.failed:
            forkserver.parent.close()


def _bring_up_to_date(
    project: Project,
    tasks: Sequence[Task],
    executed: Callable[[Sequence[Task], Progress], Iterable[Result]],
    force: bool,
    outcome: RunResult,
    progress: Progress,
) -> None:
    due = [task for task in tasks if force or not task.is_current]
    outcome.kept += [task.label for task in tasks if task not in due]
    due = together(due)
    if not due:
        return
    countable_days.check(project)
    progress.begin(len(due))
    for task, seconds, result in executed(due, progress):
        if result.error is None:
            outcome.made.append(task.label)
        else:
            outcome.failed[task.label] = result.error
        progress.finished(task.label, seconds, result.error)


# Where the notebooks are executed ----------------------------------------------------------------


@contextlib.contextmanager
def _executor(
    project: Project, inputs: Inputs, workers: int, cold: bool, timeout: int, scheduler: str | None
) -> Iterator[Callable[[Sequence[Task], Progress], Iterable[Result]]]:
    if scheduler:
        from secanalysis.running.dask_cluster import Cluster

        with Cluster(project, scheduler, timeout=timeout, cold=cold) as cluster:
            yield lambda tasks, progress: _kept(project, inputs, cluster.execute(tasks, progress))
    else:
        yield lambda tasks, progress: _here(project, inputs, tasks, progress, workers, cold, timeout)


def _kept(project: Project, inputs: Inputs, results: Iterable[Result]) -> Iterator[Result]:
    for result in results:
        inputs.check()
        keep(project, result[0], result[2])
        yield result


def _here(
    project: Project,
    inputs: Inputs,
    tasks: Sequence[Task],
    progress: Progress,
    workers: int,
    cold: bool,
    timeout: int,
) -> Iterator[Result]:
    """Execute in threads: the work is done by the kernels, which are processes."""
    if not cold:  # only now: a run with nothing to do needs none
        forkserver.parent.start()
    waiting = _Waiting(tasks)
    news: queue.SimpleQueue[Task | Result | Exception] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        task = None
        while not stopped.is_set():
            task = waiting.after(task)
            if task is None:
                return
            news.put(task)
            begun = time.monotonic()
            try:
                result = execute(
                    task.notebook,
                    task.parameters,
                    task.inputs,
                    root=project.root,
                    cold=cold,
                    shared=task.shared_work,
                    timeout=timeout,
                )
                if not stopped.is_set():
                    inputs.check()
                    keep(project, task, result)
                    news.put((task, time.monotonic() - begun, result))
            except Exception as error:
                news.put(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(tasks)))]
    for thread in threads:
        thread.start()
    done = 0
    try:
        while done < len(tasks):
            match news.get():
                case Task() as task:
                    progress.started(task.label)
                case InputsChanged() as change:
                    stopped.set()
                    for thread in threads:  # each comes to the end of its notebook
                        thread.join()
                    raise change
                case Exception() as error:
                    raise error
                case result:
                    done += 1
                    yield result
    except InputsChanged:
        raise
    except BaseException:
        stopped.set()
        forkserver.stop_all()
        _join(threads)
        raise


class _Waiting:
    """Tasks that wait for a worker. Each goes on with its own month while it can: its kernels share work."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._lock = threading.Lock()
        self._left: dict[ReportMonth | None, deque[Task]] = {}
        self._begun: set[ReportMonth | None] = set()
        for task in tasks:
            self._left.setdefault(_month_of_work(task), deque()).append(task)

    def after(self, last: Task | None) -> Task | None:
        """The next task for a worker whose last one this was."""
        with self._lock:
            if not self._left:
                return None
            if last is not None and _month_of_work(last) in self._left:
                month = _month_of_work(last)
            else:
                longest = max(self._left, key=lambda month: len(self._left[month]))
                month = next((month for month in self._left if month not in self._begun), longest)
            self._begun.add(month)
            task = self._left[month].popleft()
            if not self._left[month]:
                del self._left[month]
            return task


def _month_of_work(task: Task) -> ReportMonth | None:
    return task.month or task.alongside


def _join(threads: Iterable[threading.Thread]) -> None:
    last = time.monotonic() + PATIENCE_SECONDS
    for thread in threads:
        thread.join(max(0.0, last - time.monotonic()))


# Where they are kept -----------------------------------------------------------------------------


def keep(project: Project, task: Task, result: Executed) -> None:
    """Put a complete notebook in its place, or a failed one where it can be read, with the error at its top.

    A notebook that failed leaves nothing in its place that was made from something else: that is set aside as the
    last good one, for publishing to show, and to say so.
    """
    failed, last_good = failures.places(project, task.target)
    if result.error is None:
        _place(result.notebook, task.target)
        for path in (failed, last_good):
            path.unlink(missing_ok=True)
            _remove_if_empty(path.parent, path.parent.parent)
    else:
        _place(result.notebook or failures.unfinished(result.error), failed)
        if not task.is_current:
            if task.target.is_file():
                last_good.parent.mkdir(parents=True, exist_ok=True)
                task.target.replace(last_good)
            _remove_if_empty(task.target.parent)


def _remove_if_empty(*folders: Path) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):  # not empty, or not there
            folder.rmdir()


def _place(content: bytes, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", suffix=PART, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    """Let the signals that ask a program to stop raise `Stopped`, once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        for other in before:
            signal.signal(other, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the tidying up
        raise Stopped(number)

    # who ignores a signal goes on ignoring it, as under nohup
    before = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: handler for number, handler in before.items() if handler != signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
