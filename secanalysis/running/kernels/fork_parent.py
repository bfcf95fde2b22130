"""The process that kernels are forked from: a script that has done the slow imports and waits for requests.

Run by `forkserver` as ``python -P fork_parent.py FD``, where FD is one end of a socket pair. Each message
there is a request for a kernel, and comes with two descriptors: a socket to whoever asked, and a file for the
kernel's own output. When the other end closes, every kernel is killed and this process ends.

It imports nothing of the package: a kernel imports that afresh, as its files are now. Kernels that have work
in common, such as the notebooks of one month, may name functions to call for all of them. Each is called once,
in a fork of this process from which they are forked in turn. Several functions make a chain of forks:

    run (forkserver.Parent)
     └─ fork parent: slow imports                      one per run
         ├─ kernel: a notebook without shared work
         └─ prepared: prepare_register(known_by)       once for all months
             ├─ kernel: the index
             ├─ prepared: prepare_month(2020-07)       once per month
             │   ├─ kernel: durations
             │   └─ kernel: releases
             └─ prepared: prepare_month(2020-08)
                 └─ kernel: durations

A request goes down the tree until no function is left to call; the process reached forks the kernel. Each
process keeps its most recent ``MOST_PREPARED`` children of the second kind. One that is no longer kept ends
when its kernels have ended. A process that dies while preparing is not tried again: the kernels are forked
from the process above it, and work out for themselves what they need.
"""

from __future__ import annotations

import contextlib
import ctypes
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
    *("numpy", "pandas", "pyarrow.parquet", "pyarrow.dataset"),
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
_prepared: dict[str, tuple[int, socket.socket]] = {}  # by their work as JSON, in the order of their last use
_failed: set[str] = set()  # work that ended its process


def main(control: socket.socket) -> None:
    """Do the slow imports, say so, and fork a kernel for each request until the asker is gone."""
    preload()
    _check_alone()
    _take_in_orphans()
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
            _kill_orphans()
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
    gc.freeze()  # a collection in a kernel then leaves the shared pages alone; one here gives no memory back
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
    """Fork the kernel, or have it forked by the process that has done its shared work."""
    while request["shared"]:
        work = json.dumps(request["shared"].pop(0), sort_keys=True)
        if work in _failed:
            continue
        pid, child = (
            _prepared.pop(work) if work in _prepared else _prepare(work, request, control, asker, log)
        )
        try:
            socket.send_fds(child, [json.dumps(request).encode()], [asker, log])
        except OSError:
            child.close()
            _failed.add(work)
            continue
        _prepared[work] = pid, child
        os.close(asker)
        os.close(log)
        while len(_prepared) > MOST_PREPARED:
            _prepared.pop(next(iter(_prepared)))[1].close()  # it ends when its kernels have
        return
    _fork(request, control, asker, log)


def _prepare(
    work: str, request: dict[str, Any], control: socket.socket, *kernel_descriptors: int
) -> tuple[int, socket.socket]:
    """Fork a process that does shared work as a kernel would, and then forks kernels itself.

    It closes the first kernel's descriptors: held open there, they'd hide that kernel's end from its asker.
    """
    near_end, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = _forked(lambda: _be_prepared(work, request, far_end, *kernel_descriptors), near_end, control)
    far_end.close()
    return pid, near_end


def _be_prepared(
    work: str, request: dict[str, Any], control: socket.socket, *kernel_descriptors: int
) -> NoReturn:
    for descriptor in kernel_descriptors:
        os.close(descriptor)
    os.setsid()
    _take_in_orphans()
    _kernels.clear()
    _prepared.clear()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_OFF)
    _take_over(request)
    gc.disable()
    try:
        _do(json.loads(work))
    except Exception:
        traceback.print_exc()  # the kernels meet it too, where it can be read
    _check_alone()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGTERM, _end)
    for further, asker, log in _requests(control):
        _answer(further, control, asker, log)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for _, child in _prepared.values():
        child.close()  # they end when their kernels have
    with contextlib.suppress(ChildProcessError):
        while dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT):  # they go on: each ends with its asker
            _kill_group(dead.si_pid)
            os.waitpid(dead.si_pid, 0)
            _kernels.discard(dead.si_pid)
            _kill_orphans()
    os._exit(0)


def _do(work: dict[str, Any]) -> None:
    module, function = work["function"].split(":")
    getattr(importlib.import_module(module), function)(**work["arguments"])


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
            _kill_orphans()
            return
        _kill_group(dead.si_pid)
        os.waitpid(dead.si_pid, 0)
        _kernels.discard(dead.si_pid)
        for work in [work for work, (pid, _) in _prepared.items() if pid == dead.si_pid]:
            _prepared.pop(work)[1].close()
            _failed.add(work)


def _take_in_orphans() -> None:
    """Become the parent of processes below whose own has ended: what a kernel leaves behind can then be found.

    Each kernel does the same, so those of a kernel that lives stay with it.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER of Linux


def _kill_orphans() -> None:
    """Kill what came to this process when its kernel ended; what those have begun comes here next."""
    me = os.getpid()
    with contextlib.suppress(OSError):
        for child in map(int, Path(f"/proc/{me}/task/{me}/children").read_text().split()):
            if child not in _kernels:
                _kill_group(child)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)


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
    _take_in_orphans()
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
            """The options given, each ``--Class.trait=value``, without the parser of every possible option."""
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
            """The asker gets the ports instead."""

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
