"""Notebooks executed by the workers of a Dask cluster, which need the package but no shared disk.

Each task takes its notebook and the built tables along, and brings the executed notebook back. Dask gives a lost
worker's tasks to others. The extra ``cluster`` brings what is needed here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import platform
import queue
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from secanalysis.domain import code
from secanalysis.running.execution import Executed, execute
from secanalysis.running.plan import Task, tables
from secanalysis.running.progress import Progress
from secanalysis.support.code_hash import code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.package_versions import OF_NOTEBOOKS, versions
from secanalysis.support.project import Project

CONNECT_SECONDS = 5
WORKER_SECONDS = 15
SILENT_SECONDS = 12
"""How long a cluster may give no sign of life."""
CLOSE_SECONDS = 3
PREFIX = "secanalysis-"

Tables = Mapping[str, bytes]
T = TypeVar("T")


class Cluster:
    """A connection to a Dask scheduler for one run.

    Parameters
    ----------
    project
        Whose tables to take along.
    scheduler
        The scheduler's address, such as ``tcp://host:8786``.
    timeout
        How many seconds a cell may take.
    cold
        Use ordinary kernels, not forked ones.

    Raises
    ------
    UserError
        On entering: if Dask isn't installed, the scheduler doesn't answer or has no workers, or a worker differs.
    """

    def __init__(self, project: Project, scheduler: str, *, timeout: int, cold: bool) -> None:
        self.project = project
        self.scheduler = scheduler
        self.timeout = timeout
        self.cold = cold
        self.run_id = secrets.token_hex(6)
        self.client: Any = None
        self.lost = ""
        self.traits: dict[str, str] = {}

    def __enter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError:
            raise UserError(
                "a Dask cluster needs the extra `cluster`: python -m pip install 'secanalysis[cluster]'"
            ) from None
        _quieten()
        try:
            kind = asyncio.run(asyncio.wait_for(_kind_of(self.scheduler), CONNECT_SECONDS))
            if kind != "Scheduler":
                raise ValueError(f"a {kind} of Dask does")
            self.client = Client(self.scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except Exception as error:  # whatever answers there, and however it does
            reason = str(error).splitlines()[0][:200] if str(error) else f"none in {CONNECT_SECONDS} s"
            raise UserError(f"no Dask scheduler answers at {self.scheduler}: {reason}") from None
        try:
            self._wait_for_a_worker()
            self.traits = traits()
            compare(self.traits, self._traits_of_workers())
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and not self.lost:
            with contextlib.suppress(Exception):
                within(CLOSE_SECONDS, partial(self.client.run, stop, self.run_id))
        self._close()

    def _close(self) -> None:
        with contextlib.suppress(Exception):
            within(CLOSE_SECONDS, partial(self.client.close, timeout=CLOSE_SECONDS))

    def execute(self, tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[Task, float, Executed]]:
        """Execute some notebooks, and give each as it comes back; all fail that are left when the cluster is lost."""
        left = list(tasks)
        if not self.lost:
            for result in self._results(tasks, progress):
                left.remove(result[0])
                yield result
        for task in left:
            yield task, 0.0, Executed(b"", self.lost)

    def _results(self, tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[Task, float, Executed]]:
        """The results of notebooks, until all are there or the cluster is ``lost``."""
        content = {table.name: table.read_bytes() for table in tables(self.project)}
        if (code_file := self.project.root / code.FILE).is_file():
            content[code.FILE] = code_file.read_bytes()
        digest = hashlib.sha256(repr(sorted(content.items())).encode()).hexdigest()
        # a task of its own, not scattered: Dask can bring it back when the worker that holds it is lost
        shipped = self.client.submit(dict, content, key=f"secanalysis-tables-{digest}")
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        futures = {}
        for task in tasks:
            future = self.client.submit(
                execute_there, shipped, task.notebook.name, task.notebook.read_bytes(), dict(task.parameters),
                task.inputs, self.traits, self.run_id, timeout=self.timeout, cold=self.cold,
                key=f"{PREFIX}{task.label}-{self.run_id}-{task.inputs}", pure=False,
            )  # fmt: skip
            futures[future] = task
            future.add_done_callback(done.put)
            progress.started(task.label)
        pulse = Pulse(self.client)
        count = len(futures)
        try:
            while count and not self.lost:
                try:
                    future = done.get(timeout=1)
                except queue.Empty:
                    self.lost = pulse.trouble()
                    continue
                if future.cancelled():
                    self.lost = f"the connection to the Dask scheduler at {self.scheduler} was lost"
                    continue
                count -= 1
                pulse.beat()
                yield futures[future], *self._result(future)
        finally:
            pulse.stop()
            if count:
                with contextlib.suppress(Exception):
                    within(CLOSE_SECONDS, partial(self.client.cancel, list(futures), force=True))

    def _result(self, future: Any) -> tuple[float, Executed]:
        from distributed import KilledWorker

        try:
            seconds, notebook, error = future.result()
        except KilledWorker as killed:
            lost = f"its workers were lost, again and again, perhaps for want of memory: {killed}"
            return 0.0, Executed(b"", lost.splitlines()[0])
        return seconds, Executed(notebook, error)

    def _wait_for_a_worker(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            sentence = (
                f"the Dask scheduler at {self.scheduler} has no worker that takes work after {WORKER_SECONDS} s: "
                "none is there, or those there have too little memory"
            )
            raise UserError(sentence) from None

    def _traits_of_workers(self) -> dict[str, Mapping[str, str]]:
        try:
            return dict(within(WORKER_SECONDS, partial(self.client.run, traits)))
        except (ImportError, AttributeError) as error:
            raise UserError(f"a worker of {self.scheduler} can't load the package: {error}") from None
        except (TimeoutError, OSError):
            raise UserError(f"a worker of {self.scheduler} doesn't answer") from None


class Pulse:
    """Whether a cluster lives: its scheduler answers, and a worker that takes work does.

    Dask itself waits minutes for a worker that is stopped, and for ever where there is none.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._beats = dict.fromkeys(("scheduler", "worker", "running"), time.monotonic())
        self._seen: dict[str, float] = {}
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def beat(self) -> None:
        """A result has come: all is well."""
        self._beats = dict.fromkeys(self._beats, time.monotonic())

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def trouble(self) -> str:
        """What is wrong, in words; empty if nothing is."""
        words = {
            "scheduler": "the Dask scheduler doesn't answer any more",
            "worker": "no worker of the Dask cluster answers any more",
            "running": "no worker of the Dask cluster takes work: they have too little memory",
        }
        late = time.monotonic() - SILENT_SECONDS
        return next((words[name] for name, last in self._beats.items() if last < late), "")

    def _watch(self) -> None:
        before: Any = None
        while not self._ended.wait(1):
            with contextlib.suppress(Exception):
                about = self._client.scheduler_info()
                if about is before or self._client.status != "running":
                    continue  # what it knew before: it couldn't ask
                before = about
                self._look(about["workers"])

    def _look(self, workers: Mapping[str, Mapping[str, Any]]) -> None:
        now = time.monotonic()
        self._beats["scheduler"] = now
        seen = {address: float(worker["last_seen"]) for address, worker in workers.items()}
        alive = [address for address, last in seen.items() if self._seen.get(address) != last]
        self._seen = seen
        if alive:
            self._beats["worker"] = now
        if not alive or any(workers[address]["status"] == "running" for address in alive):
            self._beats["running"] = now


def within(seconds: float, call: Callable[[], T]) -> T:
    """What a call gives that may never come back.

    Raises
    ------
    TimeoutError
        If it hasn't come back by then; a thread goes on waiting for it.
    """
    results: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put((call(), None))
        except BaseException as error:
            results.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer in {seconds} s") from None
    if error is not None:
        raise error
    return cast(T, result)


async def _kind_of(address: str) -> str:
    """Which part of Dask answers at an address. A client that fails to connect would hold up the end of the program."""
    from distributed.comm.core import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    comm = await connect(address, timeout=CONNECT_SECONDS, **arguments)  # type: ignore[no-untyped-call]
    try:
        await comm.write({"op": "identity", "reply": True})
        answer = await comm.read()
        return str(answer["type"])
    finally:
        comm.abort()


def _quieten() -> None:
    """Keep Dask's own remarks, with tracebacks, out of what is said: trouble becomes a sentence."""
    for name in ("distributed", "tornado.application", *logging.root.manager.loggerDict):
        if name.startswith(("distributed", "tornado.application")):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


# What has to be the same ------------------------------------------------------------------------


def traits() -> dict[str, str]:
    """What has to be the same on client and workers for the same results: versions, and the package's code."""
    python = ".".join(platform.python_version_tuple()[:2])
    dask = {name: metadata.version(name) for name in ("dask", "distributed")}
    return {"python": python, **versions(OF_NOTEBOOKS), **dask, "code of secanalysis": code_sha256()[:12]}


def compare(client: Mapping[str, str], workers: Mapping[str, Mapping[str, str]]) -> None:
    """Compare the client with its workers.

    Raises
    ------
    UserError
        If they differ; it names each difference.
    """
    differences = [
        f"{name} is {there.get(name, 'missing')} on {worker}, {value} here"
        for worker, there in sorted(workers.items())
        for name, value in client.items()
        if there.get(name) != value
    ]
    if differences:
        raise UserError(f"the cluster differs from this machine: {'; '.join(differences)}")


# On a worker ------------------------------------------------------------------------------------


def execute_there(
    shipped: Tables,
    name: str,
    notebook: bytes,
    parameters: Mapping[str, str],
    inputs: str,
    expected: Mapping[str, str],
    run_id: str,
    *,
    timeout: int,
    cold: bool,
) -> tuple[float, bytes, str | None]:
    """Execute a notebook in a folder made for it; the seconds it took, what is kept of it, and the error.

    Raises
    ------
    UserError
        If this worker, which may have joined later, differs from the client.
    """
    compare(expected, {platform.node(): traits()})
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{run_id}-") as folder:
        project = Project(Path(folder))
        for made in (project.raw, project.processed, project.notebooks):
            made.mkdir(parents=True)
        (project.root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
        for table, content in shipped.items():
            ((project.root if table == code.FILE else project.processed) / table).write_bytes(content)
        source = project.notebooks / name
        source.write_bytes(notebook)
        done = execute(source, parameters, inputs, root=project.root, cold=cold, timeout=timeout)
    return time.monotonic() - begun, done.notebook, done.error


def stop(run_id: str) -> None:
    """Kill a run's kernels on this worker: Dask can't stop a task that is going on."""
    from secanalysis.running.kernels import forkserver

    forkserver.stop_below(f"{PREFIX}{run_id}-")
