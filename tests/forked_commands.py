"""``secanalysis`` as a process that need not import: forked from one that has, with its own environment and folder.

For tests of what a command does to a project. What needs a process from its first line (another environment, a
limit, a signal, a shell around it) starts an ordinary one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import forked_kernels

ROOT = Path(__file__).parent.parent
IMPORTED = (
    "secanalysis.cli",
    "secanalysis.ingest.importing",
    "secanalysis.publishing.monthly",
    "secanalysis.publishing.publish",
    "secanalysis.running.countable_days",
    "secanalysis.running.runs",
    "secanalysis.simulate.simulation",
    "secanalysis.statements.countable",
    "secanalysis.statements.storage",
    "secanalysis.support.new_project",
)
"""What commands import once they know what is asked of them, and what takes long."""
RUNS = ("run", "month")
"""Commands that execute notebooks."""
SERVE = "import forked_commands; forked_commands.serve(); from secanalysis.cli import main; main()"


def run(
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    seconds: float,
    *,
    out: str = "",
    err: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run ``secanalysis`` in a folder, from the code that PYTHONPATH names there, if any.

    What it says can be sent to a file instead, as a shell's ``>`` and ``2>`` do.

    Raises
    ------
    subprocess.TimeoutExpired
        If it takes longer; it is killed.
    """
    asked = {"words": list(words), "environment": dict(environment), "folder": os.fspath(folder)}
    path = environment.get("PYTHONPATH", "")
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as warned,
        contextlib.ExitStack() as opened,
    ):
        parent = _parent(path)
        elsewhere = [opened.enter_context(Path(name).open("wb")) if name else None for name in (out, err)]
        files = [(other or file).fileno() for other, file in zip(elsewhere, (said, warned), strict=True)]
        if words[:1] and words[0] in RUNS and sys.platform == "linux":
            kernels, asked["of_kernels"] = forked_kernels.nursery(path)
            files.append(kernels.fileno())
        socket.send_fds(parent, [json.dumps(asked).encode()], files)
        pid = int(parent.recv(32))
        parent.settimeout(seconds)
        try:
            code = int(parent.recv(32))
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            parent.settimeout(None)
            parent.recv(32)
            raise subprocess.TimeoutExpired(list(words), seconds) from None
        finally:
            parent.settimeout(None)
        message = [_text(said), _text(warned)]
    return subprocess.CompletedProcess(list(words), code, *message)


def _text(file: object) -> str:
    """What a command wrote, with line ends as text has them."""
    file.seek(0)  # type: ignore[attr-defined]
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")  # type: ignore[attr-defined]


@cache
def _parent(path: str) -> socket.socket:
    """Where a process listens that commands with a PYTHONPATH are forked from; it ends when this one does."""
    near_end, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    paths = [path, str(Path(__file__).parent)]
    with far_end:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(far_end.fileno())],
            pass_fds=[far_end.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    atexit.register(process.wait)
    atexit.register(near_end.close)  # the later one is called first
    return near_end


def serve() -> None:
    """Fork a process for each command asked for, and return in it."""
    import gc
    from importlib import import_module

    for name in IMPORTED:
        import_module(name)
    gc.freeze()
    listening = socket.socket(fileno=int(sys.argv[1]))
    while True:
        asked, files, *_ = socket.recv_fds(listening, 1 << 20, 3)
        if not asked:
            os._exit(0)
        if pid := os.fork():
            for file in files:
                os.close(file)
            listening.send(str(pid).encode())
            listening.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
        else:
            listening.close()
            _become(json.loads(asked), files)
            return


def _become(asked: dict[str, Any], files: Sequence[int]) -> None:
    """Stand where the command is to stand."""
    for number, file in enumerate(files[:2], start=1):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.path.remove(str(Path(__file__).parent))
    sys.argv = ["-c", *asked["words"]]
    tempfile.tempdir = None
    if files[2:]:
        forked_kernels.begin_by(socket.socket(fileno=files[2]), asked["of_kernels"])
