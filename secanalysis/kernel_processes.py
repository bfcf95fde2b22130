"""Processes of kernels: ordinary ones, and ones forked from a parent that has done the imports.

Both are what jupyter_client calls provisioners. Kernels of both kinds get the same few environment variables,
so their results are the same and no secret can reach a notebook.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from secanalysis.errors import UserError
from secanalysis.kernel_environment import environment, look_at_fonts
from secanalysis.kernel_scratch import scratch
from secanalysis.paths import ROOT_VARIABLE

CAN_FORK = sys.platform == "linux" and hasattr(os, "pidfd_open")
"""Whether kernels can be forked here; elsewhere they are ordinary ones."""
ATTEMPTS = 2
LONGEST_SOCKET = 90  # bytes of its path: there is room for 107, and numbers are added
ARGUMENTS = ("--HistoryManager.enabled=False", "--Kernel._execute_sleep=0")


class KernelStartError(RuntimeError):
    """A kernel failed to start; the message ends with what it said."""


# The parent --------------------------------------------------------------------------------------


class Parent:
    """The process that kernels are forked from. Started on first use, and again when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._said: IO[bytes] | None = None
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
            What `kernel_parent.be_kernel` needs to know.
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
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._lock:
            for _ in range(ATTEMPTS):
                self._start()
                try:
                    self._await_ready()
                    assert self._control
                    socket.send_fds(self._control, [json.dumps(request).encode()], [theirs.fileno(), log])
                    return mine
                except OSError:
                    self._stop()
        mine.close()
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
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process runs)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("kernel_parent.py")
        with theirs:
            # a session of its own: Ctrl-C at the terminal is for us alone
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(script), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,
            )
        self._ready = False

    def _await_ready(self) -> None:
        if self._ready:
            return
        assert self._control and self._said
        if not self._control.recv(16):
            self._said.seek(0)
            said = self._said.read().decode(errors="replace").strip()
            self._stop()
            raise KernelStartError(f"the process that kernels are forked from ended at once:\n{said}")
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
        if self._said:
            self._said.close()
        self._control = self._process = self._said = None


_parent = Parent()
_running: set[Kernel] = set()
_stopped = threading.Event()
atexit.register(_parent.close)


def begin(*, cold: bool = False) -> None:
    """Allow kernels, also after `stop_all`, and start the parent if they will be forked.

    Worth calling before other slow imports, as it doesn't wait for the parent's.

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
    if CAN_FORK and not cold:
        _parent.start()


def is_stopped() -> bool:
    """Whether `stop_all` was called."""
    return _stopped.is_set()


def stop_all() -> None:
    """Kill every kernel of this process, and start none before `begin`."""
    _stopped.set()
    for kernel in list(_running):
        kernel.kill_group()
    _parent.close()


def stop_below(part: str) -> None:
    """Kill the kernels of projects whose root has a part in its path."""
    for kernel in list(_running):
        if part in kernel.root:
            kernel.kill_group()


# One kernel --------------------------------------------------------------------------------------


class Forked:
    """A forked kernel's process, which isn't our child: it is watched by a descriptor."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.descriptor = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if select.select([self.descriptor], [], [], 0)[0] else None

    def send_signal(self, number: int) -> None:
        """Signal it alone."""
        signal.pidfd_send_signal(self.descriptor, number)

    def kill(self) -> None:
        """Kill it alone."""
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        """Wait until it is gone."""
        select.select([self.descriptor], [], [])
        return 0


class Kernel(LocalProvisioner):
    """Launches an ordinary kernel (a provisioner, to jupyter_client), with our environment and quietly."""

    root = ""
    prepared: Sequence[str] = ()
    scratch: Path | None = None
    process: Any = None  # ours aren't all subprocess.Popen

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Give the kernel a folder of its own for IPython's profile and for what it says."""
        self.scratch = Path(tempfile.mkdtemp(prefix="kernel-", dir=scratch.folder()))
        self.root = kwargs["env"].get(ROOT_VARIABLE, "")
        kwargs["env"] = {**kwargs["env"], "IPYTHONDIR": str(self.scratch / "ipython")}
        return await self._prepare(**kwargs)

    async def _prepare(self, **kwargs: Any) -> dict[str, Any]:
        assert self.scratch and self.parent
        look_at_fonts(kwargs["env"])
        self.parent.connection_file = str(self.scratch / "connection.json")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch it."""
        if _stopped.is_set():
            raise KernelStartError("kernels were stopped")
        assert self.scratch
        with (self.scratch / "said").open("wb") as log:
            info = await self._launch(cmd, log=log, **kwargs)
        _running.add(self)
        if _stopped.is_set():
            self.kill_group()
        return info

    async def _launch(self, cmd: list[str], log: IO[bytes], **kwargs: Any) -> Any:
        return await super().launch_kernel(cmd, stdout=log, stderr=log, **kwargs)

    def kill_group(self) -> None:
        """Kill the kernel and the processes that it started."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(self.process.pid, signal.SIGKILL)
                else:
                    self.process.kill()

    async def exited(self) -> None:
        """Wait until it is gone."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(0.1)

    async def wait(self) -> int | None:
        """The same, and forget it."""
        await self.exited()
        self.process = None
        _running.discard(self)
        return 0

    async def cleanup(self, restart: bool = False) -> None:
        """Remove its folder."""
        await super().cleanup(restart)
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def said(self) -> str:
        """What the kernel wrote to its own standard output and error."""
        try:
            assert self.scratch
            return (self.scratch / "said").read_text(errors="replace").strip()
        except (AssertionError, OSError):
            return ""


class ForkedKernel(Kernel):
    """A kernel forked from the parent. It picks its ports itself, so two can't pick the same."""

    asker: socket.socket | None = None

    async def _prepare(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.pop("extra_arguments")
        return {"cmd": [], **kwargs}

    async def _launch(self, cmd: list[str], log: IO[bytes], **kwargs: Any) -> Any:
        assert self.scratch
        place = str(self.scratch / "z")  # in a folder that nobody else may enter
        transport, ip = ("ipc", place) if len(os.fsencode(place)) < LONGEST_SOCKET else ("tcp", "127.0.0.1")
        connection = {"transport": transport, "ip": ip, "key": secrets.token_hex(16)}
        request = {
            "argv": ["ipykernel_launcher.py", *ARGUMENTS],
            "connection": connection,
            "cwd": kwargs["cwd"],
            "environment": kwargs["env"],
            "prepared": list(self.prepared),
        }
        self.asker = _parent.fork(request, log.fileno())
        self.asker.setblocking(False)
        said: dict[str, Any] = {}
        while not {"pid", "ports"} <= said.keys():
            message = await asyncio.get_running_loop().sock_recv(self.asker, 4096)
            if not message:
                raise KernelStartError("the kernel ended while starting")
            said |= json.loads(message)
            if self.process is None and "pid" in said:
                self.process = Forked(said["pid"])
        self.pid = self.pgid = said["pid"]
        connected: Any = {**connection, "key": connection["key"].encode(), **said["ports"]}
        self.connection_info = connected
        return connected

    async def exited(self) -> None:
        """Wait until it is gone, without looking again and again."""
        if self.process is None:
            return
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.process.descriptor, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self.process.descriptor)

    async def wait(self) -> int | None:
        """Wait until it is gone, and forget it."""
        process = self.process
        result = await super().wait()
        if process:
            os.close(process.descriptor)
        return result

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of it: should it still run, that ends it."""
        if self.asker:
            self.asker.close()
        await super().cleanup(restart)
