"""The process that a run forks its kernels from, itself forked from one that has done its slow imports.

It is `fork_parent` as the run's code has it, with the environment and the folder that the run gives it; what it would
import, once for each run, is imported once for all. For runs of forked commands alone: others start an ordinary one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent
OF_A_PROJECT = ("SECANALYSIS_ROOT", "TMPDIR", "TEMP")
"""Variables that are read when a kernel runs; the others must be right when packages are imported."""


@cache
def nursery(path: str) -> tuple[socket.socket, dict[str, str]]:
    """Where to ask for such processes, with a PYTHONPATH, and with which environment they import."""
    from secanalysis.running.kernels.environment import environment

    variables = {name: value for name, value in environment().items() if name not in OF_A_PROJECT}
    variables |= {"PYTHONPATH": path} if path else {}
    near_end, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    of_package = Path("secanalysis", "running", "kernels", "fork_parent.py")
    folders = [*map(Path, filter(None, path.split(os.pathsep))), ROOT]
    script = next(folder / of_package for folder in folders if (folder / of_package).is_file())
    with far_end:
        subprocess.Popen(
            [sys.executable, "-P", __file__, str(far_end.fileno()), str(script)],
            pass_fds=[far_end.fileno()],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    return near_end, variables


class Begun:
    """Such a process as `subprocess.Popen` shows its own: it isn't our child, and its parent says how it ended."""

    def __init__(self, nursery: socket.socket, control: socket.socket, printed: IO[bytes]) -> None:
        from secanalysis.running.kernels.environment import environment

        self.returncode: int | None = None
        self._news, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked = {"environment": environment(), "folder": os.getcwd()}  # noqa: PTH109
        with far_end:
            files = [control.fileno(), printed.fileno(), far_end.fileno()]
            socket.send_fds(nursery, [json.dumps(asked).encode()], files)
        self.pid = int(self._news.recv(32))

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        if self.returncode is None:
            if not select.select([self._news], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("fork_parent", timeout or 0)
            self.returncode = int(self._news.recv(32))
        return self.returncode

    def kill(self) -> None:
        """Kill it."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def begin_by(nursery: socket.socket, variables: Mapping[str, str]) -> None:
    """Let this process's runs begin theirs there, if its environment is that of the imports."""
    from secanalysis.running.kernels import forkserver
    from secanalysis.running.kernels.environment import environment

    if variables != {name: value for name, value in environment().items() if name not in OF_A_PROJECT}:
        nursery.close()
        return

    def begin(_: forkserver.Parent, control: socket.socket, printed: IO[bytes]) -> Begun:
        return Begun(nursery, control, printed)

    forkserver.Parent._begin = begin  # type: ignore[assignment]


# In the process that has done the imports -----------------------------------------------------------


def serve(listening: socket.socket, script: str) -> None:
    """Fork a process for each that is asked for, and say how it ended, until nobody can ask any more."""
    spec = importlib.util.spec_from_file_location("fork_parent", script)
    assert spec and spec.loader
    fork_parent = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fork_parent)
    fork_parent.preload()
    fork_parent.preload = lambda: None  # type: ignore[attr-defined]
    askers: dict[int, tuple[int, socket.socket]] = {}  # by descriptors of the processes
    while True:
        for ready in select.select([listening.fileno(), *askers], [], [])[0]:
            if ready == listening.fileno():
                message, files, *_ = socket.recv_fds(listening, 1 << 20, 3)
                if not message:
                    return
                control, printed, asker = files
                if not (pid := os.fork()):
                    for other in (*askers, asker, *(news.fileno() for _, news in askers.values())):
                        os.close(other)
                    listening.close()
                    become(json.loads(message), printed)
                    fork_parent.main(socket.socket(fileno=control))
                os.close(control)
                os.close(printed)
                news = socket.socket(fileno=asker)
                with contextlib.suppress(OSError):
                    news.send(str(pid).encode())
                askers[os.pidfd_open(pid)] = pid, news
            else:
                os.close(ready)
                pid, news = askers.pop(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with contextlib.suppress(OSError), news:
                    news.send(str(code).encode())


def become(asked: dict[str, Any], printed: int) -> None:
    """Stand where the process is to stand."""
    os.setsid()
    os.dup2(printed, 2)
    os.close(printed)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    tempfile.tempdir = None


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
