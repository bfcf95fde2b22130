"""Runs on a Dask cluster: a scheduler and workers as processes, in folders of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tinyproject import command, with_root, write_project

from secanalysis.running.dask_cluster import compare, traits
from secanalysis.support.errors import UserError

pytestmark = pytest.mark.cluster

SHOWS = [
    "import pandas as pd, time; time.sleep(0.5); print(month, open('../data/processed/sources.parquet').read())"
]


def dask(folder: Path, code: str, *told: str) -> psutil.Popen:
    """Start a part of a cluster in a folder of its own."""
    folder.mkdir(parents=True)
    return psutil.Popen(
        [sys.executable, "-m", "distributed.cli." + told[0], *told[1:]],
        cwd=folder, env=with_root(folder, PYTHONPATH=code, DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="10s"),
        stdout=subprocess.DEVNULL, stderr=(folder / "said").open("w"),
    )  # fmt: skip


@pytest.fixture
def scheduler(tmp_path: Path, frozen_code: str) -> Iterator[str]:
    """The address of a scheduler without workers."""
    file = tmp_path / "scheduler" / "address.json"
    process = dask(
        *(file.parent, frozen_code, "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
        *("--scheduler-file", str(file)),
    )
    try:
        wait_for(file.exists)
        yield json.loads(file.read_text())["address"]
    finally:
        end(process)


def worker(tmp_path: Path, code: str, scheduler: str, name: str) -> psutil.Popen:
    """A worker with one thread."""
    told = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name]
    return dask(
        tmp_path / name, code, "dask_worker", scheduler, *told, "--local-directory", str(tmp_path / name)
    )


def test_a_run_on_a_cluster_that_loses_a_worker_equals_one_here(
    tmp_path: Path, scheduler: str, frozen_code: str
) -> None:
    notebooks = {**{name: SHOWS for name in "abcd"}, "fails": ["1 / 0"]}
    here = write_project(tmp_path / "here", notebooks, last="2020-09")
    there = write_project(tmp_path / "there", notebooks, last="2020-09")
    workers = [worker(tmp_path, frozen_code, scheduler, name) for name in ("first", "second")]
    try:
        running = subprocess.Popen(
            [sys.executable, "-c", "from secanalysis.cli import main; main()", "run", "--scheduler", scheduler],
            env=with_root(there, PYTHONPATH=frozen_code), cwd=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        wait_for(lambda: any(len(w.children(recursive=True)) > 1 for w in workers), 90)
        wait_for(lambda: len(list((there / "runs").rglob("*.ipynb"))) >= 2, 90)
        left = workers[0].children(recursive=True)
        workers[0].kill()
        out, said = running.communicate(timeout=120)
        assert not psutil.wait_procs(left, timeout=5)[1]
    finally:
        for process in [*workers, psutil.Process(running.pid)] if running.poll() is None else workers:
            end(process)
    assert running.returncode == 1, said
    assert "failed: 2020-08 fails: ZeroDivisionError" in said
    assert "9 notebooks executed" in out
    command(here, "run", PYTHONPATH=frozen_code)
    assert contents(there / "runs") == contents(here / "runs")


def test_a_worker_that_differs_is_told() -> None:
    mine = traits()
    compare(mine, {"tcp://a": mine})
    with pytest.raises(
        UserError, match=r"pandas is 1\.0 on tcp://b, 3.* here; .*code of secanalysis is missing"
    ):
        compare(
            mine, {"tcp://a": mine, "tcp://b": {**mine, "pandas": "1.0", "code of secanalysis": "missing"}}
        )


def test_no_scheduler_is_told_in_a_sentence(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", {"a": ["1"]})
    done = command(project, "run", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def contents(runs: Path) -> dict[str, bytes]:
    """The notebooks of a folder of runs."""
    return {path.relative_to(runs).as_posix(): path.read_bytes() for path in sorted(runs.rglob("*.ipynb"))}


def end(process: psutil.Process) -> None:
    """End a process that we started, and its children."""
    if process.is_running():
        parts = [process, *process.children(recursive=True)]
        process.terminate()
        for part in psutil.wait_procs(parts, timeout=10)[1]:
            part.kill()


def wait_for(happened: object, seconds: float = 40) -> None:
    """Wait until something is so."""
    last = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < last, "it didn't happen in time"
        time.sleep(0.05)
