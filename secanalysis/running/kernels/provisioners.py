"""Processes of kernels: ordinary ones, and ones forked from a parent that has done the imports.

Both are what jupyter_client calls provisioners. Kernels of both kinds get the same few environment variables,
so their results are the same and no secret can reach a notebook.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from secanalysis.running.kernels import forkserver
from secanalysis.running.kernels.environment import look_at_fonts
from secanalysis.running.kernels.forkserver import KernelStartError, SharedWork
from secanalysis.running.kernels.scratch import scratch
from secanalysis.support.project import ROOT_VARIABLE

LONGEST_SOCKET = 90  # bytes of its path: there is room for 107, and numbers are added
ARGUMENTS = ("--HistoryManager.enabled=False", "--Kernel._execute_sleep=0")


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
        """Signal this process alone, not its group."""
        signal.pidfd_send_signal(self.descriptor, number)

    def kill(self) -> None:
        """Kill this process alone, not its group."""
        self.send_signal(signal.SIGKILL)

    def wait(self) -> int:
        """Wait until it is gone."""
        select.select([self.descriptor], [], [])
        return 0


class Kernel(LocalProvisioner):
    """Launches an ordinary kernel (a provisioner, to jupyter_client), with our environment and quietly."""

    root = ""
    shared: Sequence[SharedWork] = ()
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
        """Launch the kernel, unless kernels were stopped meanwhile."""
        if forkserver.is_stopped():
            raise KernelStartError("kernels were stopped")
        assert self.scratch
        with (self.scratch / "printed").open("wb") as log:
            info = await self._launch(cmd, log=log, **kwargs)
        forkserver.running.add(self)
        if forkserver.is_stopped():
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
        """Wait until the process has ended."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(0.1)

    async def wait(self) -> int | None:
        """Wait until the process has ended, and forget it."""
        await self.exited()
        self.process = None
        forkserver.running.discard(self)
        return 0

    async def cleanup(self, restart: bool = False) -> None:
        """Remove its folder."""
        await super().cleanup(restart)
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def printed(self) -> str:
        """What the kernel wrote to its own standard output and error."""
        try:
            assert self.scratch
            return (self.scratch / "printed").read_text(errors="replace").strip()
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
            "shared": [asdict(work) for work in self.shared],
        }
        self.asker = forkserver.parent.fork(request, log.fileno())
        self.asker.setblocking(False)
        answer: dict[str, Any] = {}
        while not {"pid", "ports"} <= answer.keys():
            message = await asyncio.get_running_loop().sock_recv(self.asker, 4096)
            if not message:
                raise KernelStartError("the kernel ended while starting")
            answer |= json.loads(message)
            if self.process is None and "pid" in answer:
                self.process = Forked(answer["pid"])
        self.pid = self.pgid = answer["pid"]
        connected: Any = {**connection, "key": connection["key"].encode(), **answer["ports"]}
        self.connection_info = connected
        return connected

    async def exited(self) -> None:
        """Wait until it is gone, without looking again and again."""
        if self.process is None:
            return
        loop, gone, descriptor = asyncio.get_running_loop(), asyncio.Event(), self.process.descriptor
        loop.add_reader(descriptor, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(descriptor)

    async def wait(self) -> int | None:
        """Wait until the process has ended, and close its descriptor."""
        process = self.process
        result = await super().wait()
        if process:
            os.close(process.descriptor)
        return result

    async def cleanup(self, restart: bool = False) -> None:
        """Close the line to the kernel, which ends it should it still run."""
        if self.asker:
            self.asker.close()
        await super().cleanup(restart)
