"""Work in several processes: in order, with its errors, and gone with the process that asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from secanalysis.publishing import fork_pool
from secanalysis.support.errors import UserError

linux = pytest.mark.skipif(sys.platform != "linux", reason="only forked where that is safe")
several = pytest.mark.skipif(fork_pool._processors() < 2, reason="needs two processors")


def whose(item: int) -> tuple[int, int]:
    time.sleep(0.3 if item == 0 else 0)
    return item, os.getpid()


def refuse(item: int) -> int:
    if item > 1:
        raise UserError(f"no {item}")
    return item


def alone(name: str) -> None:
    """Run one of the functions here in a process of its own: this one may have threads of other tests."""
    code = f"import test_processes; test_processes.{name}()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@linux
@several
@pytest.mark.parametrize(
    "name", ["results_come_in_order_from_other_processes", "one_that_is_killed_is_reported"]
)
def test_in_other_processes(name: str) -> None:
    alone(name)


def results_come_in_order_from_other_processes() -> None:
    result = list(fork_pool.results(whose, range(6)))
    assert [item for item, _ in result] == list(range(6))
    assert os.getpid() not in {pid for _, pid in result}


def test_the_first_refusal_is_passed_on_as_it_is() -> None:
    results = fork_pool.results(refuse, range(6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(UserError, match="no 2"):
        next(results)


def die(parent: int, item: int) -> None:
    if item == 1 and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def one_that_is_killed_is_reported() -> None:
    with pytest.raises(UserError, match="was killed"):
        list(fork_pool.results(partial(die, os.getpid()), range(3)))


def test_nothing_is_forked_beside_threads() -> None:
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()
    try:
        assert {pid for _, pid in fork_pool.results(whose, range(3))} == {os.getpid()}
    finally:
        wait.set()
        thread.join()


def wait_long(folder: Path, item: int) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(60)


@linux
@several
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_they_end_with_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    code = "import sys; from pathlib import Path; import test_processes as t; t.wait_in(Path(sys.argv[1]))"
    asker = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parent,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # as at a terminal
    )
    until = time.monotonic() + 20
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert len(workers) == 2
    asker.send_signal(number)
    until = time.monotonic() + 2
    while any(map(_runs, workers)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not [pid for pid in workers if _runs(pid)]
    asker.wait(timeout=5)


def wait_in(folder: Path) -> None:
    list(fork_pool.results(partial(wait_long, folder), range(2)))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
