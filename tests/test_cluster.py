"""Runs on a Dask cluster: a scheduler and workers as processes, in folders of their own."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
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


def dask(folder: Path, code: str, *arguments: str, **more: str) -> psutil.Popen:
    """Start a part of a cluster in a folder of its own."""
    folder.mkdir(parents=True)
    return psutil.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        cwd=folder,
        env=with_root(folder, PYTHONPATH=code, **{"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s", **more}),
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
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name]
    return dask(
        tmp_path / name, code, "dask_worker", scheduler, *options, "--local-directory", str(tmp_path / name)
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
        out, words = running.communicate(timeout=120)
        assert not psutil.wait_procs(left, timeout=5)[1]
    finally:
        for process in [*workers, psutil.Process(running.pid)] if running.poll() is None else workers:
            end(process)
    assert running.returncode == 1, words
    assert "failed: 2020-08 fails: ZeroDivisionError" in words
    assert "9 notebooks executed" in out
    command(here, "run", code=frozen_code)
    assert contents(there / "runs") == contents(here / "runs")


def test_a_worker_that_differs_is_named() -> None:
    own = traits()
    compare(own, {"tcp://a": own})
    with pytest.raises(
        UserError, match=r"pandas is 1\.0 on tcp://b, 3.* here; .*code of secanalysis is missing"
    ):
        compare(own, {"tcp://a": own, "tcp://b": {**own, "pandas": "1.0", "code of secanalysis": "missing"}})


def test_no_scheduler_is_a_sentence(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", {"a": ["1"]})
    done = command(project, "run", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


# Trouble --------------------------------------------------------------------------------------------

SLEEPS = ["import time; time.sleep(120)"]


def begun(root: Path, code: str, scheduler: str) -> subprocess.Popen[str]:
    """A run on a cluster, in progress."""
    return subprocess.Popen(
        [sys.executable, "-c", "from secanalysis.cli import main; main()", "run", "--month", "2020-08", "--scheduler", scheduler],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=with_root(root, PYTHONPATH=code), cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "trouble",
    [
        "worker killed",
        "scheduler stopped",
        "Ctrl-C",
        *(
            pytest.param(trouble, marks=pytest.mark.soak)
            for trouble in ("worker stopped", "scheduler killed", "worker stopped, then Ctrl-C")
        ),
    ],
)
def test_a_cluster_that_is_lost_ends_the_run_with_a_sentence(
    tmp_path: Path, frozen_code: str, trouble: str
) -> None:
    """Seen before: the run hung for minutes or for good, and not all of it obeyed Ctrl-C."""
    root = write_project(tmp_path / "project", {"a": SLEEPS})
    file = tmp_path / "scheduler" / "address.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    parts = [
        dask(
            file.parent,
            frozen_code,
            "dask_scheduler",
            *options,
            DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="300s",
        )
    ]
    try:
        wait_for(file.exists)
        scheduler = json.loads(file.read_text())["address"]
        parts.append(worker(tmp_path, frozen_code, scheduler, "only"))
        running = begun(root, frozen_code, scheduler)
        parts.append(psutil.Process(running.pid))
        wait_for(lambda: len(parts[1].children(recursive=True)) > 1, 90)
        time.sleep(2)
        number = signal.SIGSTOP if "stopped" in trouble else signal.SIGKILL
        if "er " in trouble:
            parts[0 if "scheduler" in trouble else 1].send_signal(number)
        if "Ctrl-C" in trouble:
            time.sleep(1)
            running.send_signal(signal.SIGINT)
        begin = time.monotonic()
        _, words = running.communicate(timeout=60)
        assert time.monotonic() - begin < 20
    finally:
        for part in reversed(parts):
            if part.is_running():
                part.send_signal(signal.SIGCONT)
                end(part)
    assert "Traceback" not in words
    if "Ctrl-C" in trouble:
        assert running.returncode == 130 and "stopped by SIGINT" in words
        return
    assert running.returncode == 1, words
    expected = {
        "worker killed": "no worker of the Dask cluster answers any more",
        "worker stopped": "no worker of the Dask cluster answers any more",
        "scheduler killed": "the connection to the Dask scheduler at",
        "scheduler stopped": "the Dask scheduler doesn't answer any more",
    }
    assert f"failed: 2020-08 a: {expected[trouble]}" in words


def test_workers_with_too_little_memory_are_a_sentence(
    tmp_path: Path, scheduler: str, frozen_code: str
) -> None:
    root = write_project(tmp_path / "project", {"a": SLEEPS})
    options = [
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
        "--memory-limit",
        "60MB",
        "--local-directory",
        str(tmp_path / "w"),
    ]
    only = dask(tmp_path / "w", frozen_code, "dask_worker", scheduler, *options)
    try:
        begin = time.monotonic()
        running = begun(root, frozen_code, scheduler)
        _, words = running.communicate(timeout=90)
        assert time.monotonic() - begin < 45  # imports too
    finally:
        end(only)
    assert running.returncode in (1, 2) and "too little memory" in words
    assert "Traceback" not in words


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        pytest.param(b"\x00" * 4096, marks=pytest.mark.soak),
        pytest.param(
            b"\x01\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\x7f\x00\x00\x00\x00", marks=pytest.mark.soak
        ),
    ],
)
def test_an_address_that_is_not_dask_s_is_a_sentence(tmp_path: Path, answer: bytes | None) -> None:
    """Something listens there: it never answers, or answers otherwise."""
    root = write_project(tmp_path / "project", {"a": ["1"]})
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    held.append(connection)
                    if answer:
                        connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        begin = time.monotonic()
        done = command(root, "run", "--scheduler", address)
        assert time.monotonic() - begin < 60  # imports too
        for connection in held:
            connection.close()
    assert done.returncode == 2
    assert f"no Dask scheduler answers at {address}: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "address",
    [
        "nowhere",
        "",
        *(
            pytest.param(address, marks=pytest.mark.soak)
            for address in (
                "tcp://127.0.0.1:99999",
                "tcp://",
                "http://127.0.0.1:9",
                "tls://127.0.0.1:9",
                "x://y",
            )
        ),
    ],
)
def test_an_address_that_is_none_is_a_sentence(tmp_path: Path, address: str) -> None:
    root = write_project(tmp_path / "project", {"a": ["1"]})
    done = command(root, "run", "--scheduler", address)
    assert done.returncode == 2
    assert "no Dask scheduler answers at" in done.stderr and "Traceback" not in done.stderr


def test_tls_by_dask_s_own_configuration(tmp_path: Path, frozen_code: str) -> None:
    """As docs/running.md shows it: certificates in Dask's own settings, which environment variables can give."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    line = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    line += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    if not shutil.which("openssl") or subprocess.run(line, capture_output=True).returncode:
        pytest.skip("no openssl to make a certificate with")
    settings = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(certificate)}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{who}__CERT"] = str(certificate)
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{who}__KEY"] = str(key)
    root = write_project(tmp_path / "project", {"a": ["print('done')"]})
    file = tmp_path / "scheduler" / "address.json"
    options = ("--host", "tls://127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    parts = [dask(file.parent, frozen_code, "dask_scheduler", *options, **settings)]
    try:
        wait_for(file.exists)
        scheduler = json.loads(file.read_text())["address"]
        assert scheduler.startswith("tls://")
        options = (
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            str(tmp_path / "w"),
        )
        parts.append(dask(tmp_path / "w", frozen_code, "dask_worker", scheduler, *options, **settings))
        done = command(
            root, "run", "--month", "2020-08", "--scheduler", scheduler, PYTHONPATH=frozen_code, **settings
        )
    finally:
        for part in parts:
            end(part)
    assert done.returncode == 0, done.stderr
    assert (root / "runs" / "2020-08" / "a.ipynb").is_file()


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
