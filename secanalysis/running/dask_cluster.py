"""Notebooks executed by the workers of a Dask cluster, which need the package but no shared disk.

Each task takes its notebook and the built tables along, and brings the executed notebook back. Dask gives a lost
worker's tasks to others. The extra ``cluster`` brings what is needed here.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any

from secanalysis.domain import code
from secanalysis.running.execution import Executed, execute
from secanalysis.running.plan import Task, tables
from secanalysis.running.progress import Progress
from secanalysis.support.code_hash import code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.package_versions import OF_NOTEBOOKS, versions
from secanalysis.support.project import Project

CONNECT_SECONDS = 5
WORKER_SECONDS = 60
PREFIX = "secanalysis-"

Tables = Mapping[str, bytes]


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
        self.traits: dict[str, str] = {}

    def __enter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError:
            raise UserError(
                "a Dask cluster needs the extra `cluster`: python -m pip install 'secanalysis[cluster]'"
            ) from None
        try:
            self.client = Client(self.scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise UserError(f"no Dask scheduler answers at {self.scheduler}: {error}") from None
        try:
            self._wait_for_a_worker()
            self.traits = traits()
            compare(self.traits, self._traits_of_workers())
        except BaseException:
            self.client.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            with contextlib.suppress(Exception):
                self.client.run(stop, self.run_id)
        self.client.close()

    def execute(self, tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[Task, float, Executed]]:
        """Execute some notebooks, and give each as it comes back."""
        from distributed import as_completed

        content = {table.name: table.read_bytes() for table in tables(self.project)}
        if (code_file := self.project.root / code.FILE).is_file():
            content[code.FILE] = code_file.read_bytes()
        digest = hashlib.sha256(repr(sorted(content.items())).encode()).hexdigest()
        # a task of its own, not scattered: Dask can bring it back when the worker that holds it is lost
        shipped = self.client.submit(dict, content, key=f"secanalysis-tables-{digest}")
        futures = {}
        for task in tasks:
            future = self.client.submit(
                execute_there, shipped, task.notebook.name, task.notebook.read_bytes(), dict(task.parameters),
                task.inputs, self.traits, self.run_id, timeout=self.timeout, cold=self.cold,
                key=f"{PREFIX}{task.label}-{self.run_id}-{task.inputs}", pure=False,
            )  # fmt: skip
            futures[future] = task
            progress.started(task.label)
        try:
            for future in as_completed(futures, loop=self.client.loop):  # type: ignore[no-untyped-call]
                yield futures[future], *self._result(future)
        except BaseException:
            with contextlib.suppress(Exception):
                self.client.cancel(list(futures), force=True)
            raise

    def _result(self, future: Any) -> tuple[float, Executed]:
        from distributed import KilledWorker

        try:
            seconds, notebook, error = future.result()
        except KilledWorker as killed:
            return 0.0, Executed(b"", f"its workers were lost, again and again: {killed}".splitlines()[0])
        return seconds, Executed(notebook, error)

    def _wait_for_a_worker(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            sentence = f"the Dask scheduler at {self.scheduler} has no worker after {WORKER_SECONDS} s"
            raise UserError(sentence) from None

    def _traits_of_workers(self) -> dict[str, Mapping[str, str]]:
        try:
            return dict(self.client.run(traits))
        except (ImportError, AttributeError) as error:
            raise UserError(f"a worker of {self.scheduler} can't load the package: {error}") from None


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
