"""A papermill engine whose kernels start in a tenth of the usual time and give the same bytes.

``papermill --engine secanalysis`` finds `Engine` here. Its kernels are forked from a parent that has done the
imports; each is a process of its own, and knows nothing of the kernels before it. Where there is no fork, or
``cold`` is asked for, they are ordinary kernels.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from traitlets import Bool, Dict, Instance, List, Unicode

from secanalysis.running.kernels.environment import environment
from secanalysis.running.kernels.forkserver import (
    ATTEMPTS,
    CAN_FORK,
    KernelStartError,
    SharedWork,
    is_stopped,
)
from secanalysis.running.kernels.outputs import MOST_TEXT, OF_A_MESSAGE, bounded, coalesced, size_of
from secanalysis.running.kernels.provisioners import ARGUMENTS, ForkedKernel, Kernel

OURS = ("python3", "python", "secanalysis")
"""Kernel names that mean the Python that runs this. Others are left to papermill's own engine."""
BUNDLES = {
    "display_data": ("metadata", "data"),
    "execute_result": ("metadata", "data", "execution_count"),
}
"""What messages with a bundle bring, by their kind."""
ANY_VALUE = re.compile(r"application/(.*\+)?json")
"""The kinds of content that the schema of notebooks asks nothing of; all others are text."""


class Manager(AsyncKernelManager):
    """Manages one kernel of the Python that runs this, whatever kernels are installed for the user."""

    cold = Bool(False)
    shared: Any = List(Instance(SharedWork))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_id = secrets.token_hex(8)
        kind = Kernel if self.cold else ForkedKernel
        self.kernel = kind(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        self.kernel.shared = self.shared
        self.provisioner = self.kernel

    @property
    def kernel_spec(self) -> KernelSpec:
        """How an ordinary kernel is started."""
        argv = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", display_name="Python 3", name="python3")

    def _reconcile_connection_info(self, info: Any) -> None:
        if self.cold:
            super()._reconcile_connection_info(info)
        else:  # the kernel has sent it: no file is needed
            self.load_connection_info(info)


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Executes one notebook in a kernel of ours."""

    cold = Bool(False)
    shared: Any = List(Instance(SharedWork))
    cwd = Unicode()
    environment: Any = Dict()
    kc: Any
    km: Any
    shown = 0  # characters of streams by the cell that is being executed

    @contextlib.contextmanager
    def setup_kernel(self, **_: Any) -> Iterator[None]:
        """Start a kernel (a second time, if it fails to start), and kill it in the end."""
        run_sync(self._async_begin)()
        try:
            yield
        finally:
            run_sync(self._async_end)()

    async def _async_begin(self) -> None:
        attempts = ATTEMPTS + len(self.shared)  # each may take a process along with it, once
        for attempt in range(1, attempts + 1):
            self.km = Manager(cold=self.cold, shared=self.shared, log=self.log, config=self.config)
            try:
                await self._async_start()
                return
            except (RuntimeError, OSError) as error:
                printed = self.km.kernel.printed
                await self._async_end()
                if attempt == attempts or is_stopped():
                    raise KernelStartError(f"{error}\n{printed}".strip()) from error
            except BaseException:
                await self._async_end()
                raise

    async def _async_start(self) -> None:
        await self.km.start_kernel(extra_arguments=list(ARGUMENTS), env=self.environment, cwd=self.cwd)
        self.kc = self.km.client()
        self.kc.start_channels(stdin=False, hb=False, control=False)
        self.kc.allow_stdin = False
        answer = asyncio.ensure_future(self._async_first_answer())
        gone = asyncio.ensure_future(self.km.kernel.exited())
        done, pending = await asyncio.wait(
            {answer, gone}, timeout=self.startup_timeout, return_when=asyncio.FIRST_COMPLETED
        )
        for future in pending:
            future.cancel()
        if answer not in done:
            raise KernelStartError(
                "the kernel ended while starting"
                if gone in done
                else f"the kernel didn't answer in {self.startup_timeout} s"
            )
        self.nb.metadata["language_info"] = answer.result()["content"]["language_info"]

    async def _async_first_answer(self) -> Any:
        self.kc.kernel_info()
        answer = await self.kc.shell_channel.get_msg(timeout=None)
        await self.kc.iopub_channel.get_msg(timeout=None)  # the subscription has arrived: no output gets lost
        return answer

    async def _async_end(self) -> None:
        if self.kc:
            self.kc.stop_channels()
        if self.km:
            self.km.kernel.kill_group()
            await self.km.kernel.wait()
            await self.km.cleanup_resources()
        self.kc, self.km = None, None

    async def _async_poll_kernel_alive(self) -> None:
        await self.km.kernel.exited()
        self.task_poll_for_reply.cancel()

    def execute(self, **kwargs: Any) -> Any:
        """Execute the notebook and return it."""
        self.reset_execution_trackers()
        with self.setup_kernel(**kwargs):
            self.papermill_execute_cells()
            self.set_widgets_metadata()
        return self.nb

    def papermill_execute_cells(self) -> None:
        """Execute cell by cell up to the first error, which papermill then finds in that cell.

        Papermill's own loses everything when a cell takes too long or its kernel dies.
        """
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            self.shown = 0
            error: Exception | None = None
            try:
                self.execute_cell(cell, index)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as raised:
                error = raised
            finally:
                if cell.cell_type == "code":
                    cell.outputs = bounded(coalesced(cell.outputs), cut_before=self.shown > MOST_TEXT)
                if isinstance(error, CellTimeoutError | DeadKernelError):
                    cell.outputs.append(self._error_output(error))
                if error:
                    _announce_exits(cell.outputs)
                    self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                self.nb_man.cell_complete(cell, cell_index=index)
            if error:
                break

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Keep what a cell shows.

        An ordinary bundle is kept as it is. Nbclient checks each output against the whole schema of notebooks, which
        takes as long as all the rest of its work; it does so here with what isn't certain to be valid.
        """
        if msg["msg_type"] == "stream":  # all other outputs are bounded in the end
            if self.shown > MOST_TEXT:
                return None
            self.shown += size_of(msg["content"]) + OF_A_MESSAGE
        hooks = self.output_hook_stack[msg["parent_header"].get("msg_id")]
        if display_id or hooks or self.clear_before_next_output or not _is_ordinary(msg):
            return super().output(outs, msg, display_id, cell_index)
        kind, content = msg["msg_type"], msg["content"]
        bundle = {name: content[name] for name in BUNDLES[kind]}
        outs.append(from_dict({"output_type": kind, **bundle}))  # type: ignore[no-untyped-call]
        return outs[-1]

    def clear_output(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        """Forget what a cell showed."""
        super().clear_output(outs, msg, cell_index)
        self.shown = 0

    def _error_output(self, error: Exception) -> Any:
        late = isinstance(error, CellTimeoutError)
        sentence = f"the cell took longer than {self.timeout} s" if late else "the cell's kernel died"
        name = "CellTimeoutError" if late else "DeadKernelError"
        return new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])  # type: ignore[no-untyped-call]


def _is_ordinary(msg: Mapping[str, Any]) -> bool:
    """Whether a message brings a bundle as the schema of notebooks wants it, in the plainest of the ways it allows."""
    kind, content = msg["msg_type"], msg["content"]
    if kind not in BUNDLES or not all(isinstance(content.get(name), dict) for name in ("data", "metadata")):
        return False
    if kind == "execute_result" and type(content.get("execution_count")) is not int:
        return False
    return all(isinstance(shown, str) or ANY_VALUE.fullmatch(mime) for mime, shown in content["data"].items())


def _announce_exits(outputs: list[Any]) -> None:
    """Let papermill see an error in a cell that ended itself: to it, `sys.exit(0)` is success, and all after it done."""
    for output in outputs:
        if output["output_type"] == "error" and output["ename"] == "SystemExit":
            output["evalue"] = f"{output['evalue'] or 'no code'}: the cells after this one weren't executed"


def _without_outputs(notebook: Any) -> Any:
    """A notebook as it is but for what its cells showed, of which errors are kept."""
    cells = []
    for cell in notebook["cells"]:
        if "outputs" in cell:
            errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
            cell = NotebookNode(cell, outputs=errors)  # type: ignore[no-untyped-call]
        cells.append(cell)
    return NotebookNode(notebook, cells=cells)  # type: ignore[no-untyped-call]


class Engine(NBClientEngine):  # type: ignore[misc]
    """The papermill engine ``secanalysis``."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        *arguments: Any,
        settle: Callable[[Any], Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Execute a notebook; ``settle`` then takes out of it what isn't to be written.

        Papermill gets it without what was shown, errors apart: it writes what it gets, here for nobody.
        """
        executed = super().execute_notebook(nb, kernel_name, *arguments, **kwargs)
        return _without_outputs(settle(executed)) if settle else executed

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Execute a notebook that papermill has prepared.

        Parameters
        ----------
        nb_man
            Papermill's manager of the notebook.
        kernel_name
            The notebook's kernel; those that aren't this Python are left to papermill's own engine.
        log_output, stdout_file, stderr_file, start_timeout, execution_timeout
            As with papermill's own engine.
        **kwargs
            ``cold``: an ordinary kernel, as always where there is no fork. ``kernel_cwd``: its working
            directory. ``root``: the project's root. ``began``: called with the notebook before its first cell.
            ``shared``: a list of `SharedWork`, each done once, after those before it, for all forked
            kernels that name the same; a notebook's result must not depend on it.
        """
        options = {
            "log_output": log_output,
            "stdout_file": stdout_file,
            "stderr_file": stderr_file,
            "start_timeout": start_timeout,
            "execution_timeout": execution_timeout,
        }
        if kernel_name not in OURS:
            return super().execute_managed_notebook(nb_man, kernel_name, **options, **kwargs)
        if began := kwargs.get("began"):
            began(nb_man.nb)
        root = kwargs.get("root")
        return Client(
            nb_man,
            cold=bool(kwargs.get("cold")) or not CAN_FORK,
            shared=kwargs.get("shared") or [],
            cwd=str(kwargs.get("kernel_cwd") or Path.cwd()),
            environment=environment(Path(root) if root else None),
            timeout=execution_timeout or kwargs.get("timeout"),
            startup_timeout=start_timeout,
            iopub_timeout=60,
            record_timing=False,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        ).execute()
