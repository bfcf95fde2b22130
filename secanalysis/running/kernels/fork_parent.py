"""The process that kernels are forked from: a script that has done the slow imports and waits for requests.

Run by `kernel_forks` as ``python -P kernel_parent.py FD``, where FD is one end of a socket pair. Each
message there is a request for a kernel, and brings along a socket to the asker and a file for what the kernel
itself has to say. When the asker's end closes, every kernel is killed and this process ends.

It imports nothing of the package: a kernel imports that afresh, as it stands in its files. Kernels that have
work in common, such as the notebooks of one month, may ask for code to be run for all of them: that is done
once, in a fork of this process that they are forked from in turn. Several pieces of code make a chain of
forks: what the months have in common, then what the notebooks of one month have.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import random
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 1 << 20
MODULES = (
    *("html", "json", "sqlite3", "statistics", "yaml"),
    *("numpy", "pandas", "pandera.pandas", "pyarrow.parquet", "pyarrow.dataset"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *(
        "matplotlib.colorbar",
        "matplotlib.image",
        "matplotlib.projections",
        "matplotlib.style",
        "matplotlib.ticker",
    ),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.displayhook"),
    *("ipykernel.iostream", "ipykernel.debugger", "ipykernel.comm", "ipykernel.subshell_manager"),
    *("IPython.core.completer", "IPython.core.history", "IPython.core.magics", "IPython.core.pylabtools"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect"),
    *("IPython.extensions.storemagic", "IPython.utils.wildcard", "faulthandler", "pdb", "psutil"),
    *("resource", "tornado.platform.asyncio"),
)
# Left for the notebook to import, as they tie figures to the shell that is there by then: 0.03 s.
NOT_PRELOADED = ("matplotlib.pyplot", "matplotlib_inline.backend_inline")

MOST_PREPARED = 3
HELD_OFF = (signal.SIGCHLD, signal.SIGTERM)
"""Signals whose handlers must find the books of processes in order."""

_kernels: set[int] = set()
_prepared: dict[str, tuple[int, socket.socket]] = {}  # by code, in the order of their last use
_unprepared: set[str] = set()  # code that ended its process


def main(control: socket.socket) -> None:
    """Do the slow imports, say so, and fork a kernel for each request until the asker is gone."""
    preload()
    _check_alone()
    signal.signal(signal.SIGCHLD, _reap)
    control.send(b"ready")
    for request, asker, log in _requests(control):
        _answer(request, control, asker, log)
    _end()


def _requests(control: socket.socket) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Each request for a kernel until the other end closes, with its asker's socket and its log.

    Handlers of signals, which run between any two lines, are held off while one is answered.
    """
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MOST_BYTES, 2)
        if not message:
            return
        signal.pthread_sigmask(signal.SIG_BLOCK, HELD_OFF)
        asker, log = descriptors
        yield json.loads(message), asker, log
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_OFF)


def _end(*_: object) -> NoReturn:
    """Kill every kernel, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    prepared = {pid for pid, _ in _prepared.values()}
    for kernel in _kernels:
        if kernel in prepared:  # it ends its own kernels first, if it has come so far
            os.kill(kernel, signal.SIGTERM)
        else:
            _kill_group(kernel)
    with contextlib.suppress(ChildProcessError):
        while True:  # collected here: not every machine's first process does it
            os.waitpid(-1, 0)
    os._exit(0)  # there is nothing to tidy up, and a lot to take apart


def preload() -> None:
    """Import what notebooks import, and use it once: first uses fill caches that take a while."""
    gc.disable()
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # nobody debugs these, and it takes a while
    for name in MODULES:
        importlib.import_module(name)
    del sys.modules["debugpy"]
    _draw()
    _look_for_addresses()
    for name in NOT_PRELOADED:
        sys.modules.pop(name, None)
    gc.collect()
    gc.freeze()  # a collection in a kernel then leaves the shared pages alone
    gc.enable()


def _draw() -> None:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], label="a")
    axes.set_title("a")
    axes.legend()
    FigureCanvasSVG(figure).print_svg(io.StringIO())  # type: ignore[no-untyped-call]


def _look_for_addresses() -> None:
    from jupyter_client.localinterfaces import localhost

    localhost()


def _check_alone() -> None:
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(f"found {threads} threads after the imports; one that forks may have one")


# Forking ----------------------------------------------------------------------------------------


def _answer(request: dict[str, Any], control: socket.socket, asker: int, log: int) -> None:
    """Fork the kernel, or have it forked by the process that has run its code."""
    codes = request["prepared"]
    while codes:
        code = codes.pop(0)
        if code in _unprepared:
            continue
        pid, theirs = (
            _prepared.pop(code) if code in _prepared else _prepare(code, request, control, asker, log)
        )
        try:
            socket.send_fds(theirs, [json.dumps(request).encode()], [asker, log])
        except OSError:
            theirs.close()
            _unprepared.add(code)
            continue
        _prepared[code] = pid, theirs
        os.close(asker)
        os.close(log)
        while len(_prepared) > MOST_PREPARED:
            _prepared.pop(next(iter(_prepared)))[1].close()  # it ends when its kernels have
        return
    _fork(request, control, asker, log)


def _prepare(
    code: str, request: dict[str, Any], control: socket.socket, *not_its: int
) -> tuple[int, socket.socket]:
    """Fork a process that runs code as a kernel would, and then forks kernels itself.

    It lets go of the first kernel's descriptors: held open there, they'd hide that kernel's end from its asker.
    """
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = _forked(lambda: _be_prepared(code, request, theirs, *not_its), mine, control)
    theirs.close()
    return pid, mine


def _be_prepared(code: str, request: dict[str, Any], control: socket.socket, *not_mine: int) -> NoReturn:
    for descriptor in not_mine:
        os.close(descriptor)
    os.setsid()
    _kernels.clear()
    _prepared.clear()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_OFF)
    _take_over(request)
    gc.disable()
    try:
        exec(code, {"__name__": "__prepared__"})
    except Exception:
        traceback.print_exc()  # the kernels meet it too, where it can be read
    _check_alone()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGTERM, _end)
    for wanted, asker, log in _requests(control):
        _answer(wanted, control, asker, log)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for _, theirs in _prepared.values():
        theirs.close()  # they end when their kernels have
    with contextlib.suppress(ChildProcessError):
        while dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT):  # they go on: each ends with its asker
            _kill_group(dead.si_pid)
            os.waitpid(dead.si_pid, 0)
    os._exit(0)


def _fork(request: dict[str, Any], control: socket.socket, asker_descriptor: int, log: int) -> None:
    asker = socket.socket(fileno=asker_descriptor)
    kernel = _forked(lambda: be_kernel(request, asker, log), control)
    with contextlib.suppress(OSError):
        asker.send(json.dumps({"pid": kernel}).encode())
    asker.close()
    os.close(log)


def _forked(be: Callable[[], NoReturn], *others: socket.socket) -> int:
    """Fork a process that closes some sockets, those of prepared processes too, and becomes what it is to be."""
    pid = os.fork()  # the reaper, held off, must find a process in the set before it finds it dead
    if pid == 0:
        try:
            for other in (*others, *(end for _, end in _prepared.values())):
                other.close()
            be()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)
    _kernels.add(pid)
    return pid


def _reap(*_: object) -> None:
    while True:
        try:
            # Only looked at: until it is collected nobody else gets its number, and its group can be killed.
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if dead is None:
            return
        _kill_group(dead.si_pid)
        os.waitpid(dead.si_pid, 0)
        _kernels.discard(dead.si_pid)
        for code in [code for code, (pid, _) in _prepared.items() if pid == dead.si_pid]:
            _prepared.pop(code)[1].close()
            _unprepared.add(code)


def _kill_group(kernel: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(kernel, signal.SIGKILL)
        return
    with contextlib.suppress(ProcessLookupError):  # it has no group yet, or is dead already
        os.kill(kernel, signal.SIGKILL)


# In the fork ------------------------------------------------------------------------------------


def be_kernel(request: dict[str, Any], asker: socket.socket, log: int) -> NoReturn:
    """Turn a fresh fork into a kernel, and say on which ports it listens."""
    os.setsid()
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_OFF)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    _take_over(request)
    sys.argv = request["argv"]
    _reseed()
    app = _application(request["connection"])
    threading.Thread(target=_die_with, args=[asker], daemon=True, name="asker").start()
    ports = {
        f"{name}_port": getattr(app, f"{name}_port") for name in ("shell", "iopub", "stdin", "hb", "control")
    }
    asker.send(json.dumps({"ports": ports}).encode())
    app.start()
    import atexit

    atexit._run_exitfuncs()
    os._exit(0)


def _take_over(request: dict[str, Any]) -> None:
    """Stand where the kernel is to stand, with its environment."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["cwd"])


def _reseed() -> None:
    """Forks share the state of the generators; kernels don't."""
    import numpy as np

    random.seed()
    np.random.seed()  # noqa: NPY002


def _application(connection: Any) -> Any:
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config.loader import DeferredConfigString

    class Kernel(IPKernelApp):
        def parse_command_line(self, argv: Any = None) -> None:
            """The options told, each ``--Class.trait=value``, without the parser of all that could be told."""
            for option in argv:
                place, value = option.removeprefix("--").split("=", 1)
                section, trait = place.split(".")
                self.cli_config[section][trait] = DeferredConfigString(value)
            self.update_config(self.cli_config)

        def init_io(self) -> None:
            super().init_io()  # type: ignore[no-untyped-call]
            for stream in (sys.stdout, sys.stderr):
                _flush_what_was_written(stream)

        def init_connection_file(self) -> None:
            self.load_connection_info(connection)

        def write_connection_file(self, **kwargs: Any) -> None:
            """The asker is told the ports instead."""

        def init_heartbeat(self) -> None:
            """The asker watches the process itself."""

        def log_connection_info(self) -> None:
            self._ports = {
                name: getattr(self, f"{name}_port") for name in ("shell", "iopub", "stdin", "control")
            }

    # debug messages go nowhere, but are made by default
    app = Kernel.instance(logging_config={"loggers": {"Kernel": {"level": "WARNING"}}})
    app.initialize(sys.argv[1:])  # type: ignore[no-untyped-call]
    return app


def _flush_what_was_written(stream: Any) -> None:
    """Spare a stream the flushes, four a cell, before which nothing was written: each waits for another thread."""
    write, flush, due = stream.write, stream.flush, False

    def written(text: str) -> Any:
        nonlocal due
        count = write(text)
        due = True
        return count

    def flushed() -> None:
        nonlocal due
        if due:
            due = False
            flush()

    stream.write, stream.flush = written, flushed


def _die_with(asker: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while asker.recv(1):
            pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
