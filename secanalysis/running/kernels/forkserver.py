"""The process that kernels are forked from, as those see it who ask it for kernels, and an end to all kernels.

It imports little: a run begins with it, and makes its own slow imports while that process does its.
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
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from secanalysis.running.kernels.environment import environment
from secanalysis.running.kernels.scratch import scratch
from secanalysis.support.errors import UserError


def _can_fork() -> bool:
    """Try it once: old kernels and some containers have the call, and refuse it."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        descriptor = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(descriptor, 0)
    except OSError:
        return False
    os.close(descriptor)
    return True


CAN_FORK = _can_fork()
"""Whether kernels can be forked here; elsewhere they are ordinary ones."""
ATTEMPTS = 2


@dataclass(frozen=True)
class SharedWork:
    """A function to call once for all forked kernels that name it, which then find its results in memory.

    Attributes
    ----------
    function
        Where it is: ``module:function``.
    arguments
        What it is called with, by name.
    made_from
        A hash of what its results depend on besides: with another, it is called again.
    """

    function: str
    arguments: Mapping[str, str]
    made_from: str = ""


class KernelStartError(RuntimeError):
    """A kernel failed to start; the message ends with what it said."""


class RunningKernel(Protocol):
    """A kernel of this process."""

    root: str

    def kill_group(self) -> None:
        """Kill it and the processes that it started."""


class Parent:
    """The process that kernels are forked from. Started on first use, and again when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._printed: IO[bytes] | None = None
        self._ready = False

    @property
    def pid(self) -> int | None:
        """Its process number, or None if it isn't running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it without waiting for it, so that its imports and the caller's overlap."""
        with self._lock:
            self._start()

    def fork(self, request: Mapping[str, Any], log: int) -> socket.socket:
        """Ask for a kernel.

        Parameters
        ----------
        request
            What `fork_parent.be_kernel` needs to know.
        log
            A file for the kernel's chatter.

        Returns
        -------
        socket.socket
            Where the kernel says its number and its ports. Closing it ends the kernel.

        Raises
        ------
        KernelStartError
            If there is no parent, and none can be started.
        """
        near_end, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far_end, self._lock:
            for _ in range(ATTEMPTS):
                self._start()
                try:
                    self._await_ready()
                    assert self._control
                    socket.send_fds(self._control, [json.dumps(request).encode()], [far_end.fileno(), log])
                    return near_end
                except OSError:
                    self._stop()
        near_end.close()
        raise KernelStartError("the process that kernels are forked from doesn't stay up")

    def close(self) -> None:
        """End it and all its kernels. May be called from any thread at any time."""
        control, process, ready = self._control, self._process, self._ready
        if control and process:
            if ready:
                # closing alone doesn't wake a thread that waits on the socket
                with contextlib.suppress(OSError):
                    control.shutdown(socket.SHUT_RDWR)
            else:  # still importing: it has no kernels, and doesn't listen
                process.kill()
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if self.pid:
            return
        self._stop()
        if _stopped.is_set():
            raise KernelStartError("kernels were stopped")
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process runs)
        self._control, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far_end:
            self._process = self._begin(far_end, self._printed)
        self._ready = False

    def _begin(self, control: socket.socket, printed: IO[bytes]) -> subprocess.Popen[bytes]:
        script = Path(__file__).with_name("fork_parent.py")
        # a session of its own: Ctrl-C at the terminal is for us alone
        return subprocess.Popen(
            [sys.executable, "-P", str(script), str(control.fileno())],
            pass_fds=[control.fileno()],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=printed,
            start_new_session=True,
        )

    def _await_ready(self) -> None:
        if self._ready:
            return
        assert self._control and self._printed
        if not self._control.recv(16):
            self._printed.seek(0)
            printed = self._printed.read().decode(errors="replace").strip()
            self._stop()
            raise KernelStartError(f"the process that kernels are forked from ended at once:\n{printed}")
        self._ready = True

    def _stop(self) -> None:
        if self._control:
            self._control.close()
        if self._process:
            try:
                self._process.wait(1.5)  # it collects its kernels, which takes a while on a busy machine
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._printed:
            self._printed.close()
        self._control = self._process = self._printed = None


parent = Parent()
running: set[RunningKernel] = set()
"""The kernels of this process."""
_stopped = threading.Event()
atexit.register(parent.close)


def allow() -> None:
    """Allow kernels, also after `stop_all`.

    Raises
    ------
    UserError
        If there is no folder for temporary files.
    """
    _stopped.clear()
    try:
        scratch.clear_others()
    except FileNotFoundError as error:
        raise UserError(f"kernels need a folder for what they write: {error.strerror}") from None


def is_stopped() -> bool:
    """Whether `stop_all` was called."""
    return _stopped.is_set()


def stop_all() -> None:
    """Kill every kernel of this process, and start none before `begin`."""
    _stopped.set()
    for kernel in list(running):
        kernel.kill_group()
    parent.close()


def stop_below(part: str) -> None:
    """Kill the kernels of projects whose root has a part in its path."""
    for kernel in list(running):
        if part in kernel.root:
            kernel.kill_group()
