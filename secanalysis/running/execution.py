"""Executing one notebook by papermill, and taking out of it whatever differs from run to run."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from secanalysis.running.kernels.forkserver import SharedWork
from secanalysis.support import indented_json

TIMEOUT_SECONDS = 600
START_SECONDS = 120
_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")
_ADDRESS = re.compile(r"(?<=\bat )0x[0-9a-f]{6,}\b")
_CELL_FILE = re.compile(r"[/\\]ipykernel_\d+[/\\]\d+\.py")
MOST_OF_A_MESSAGE = 10_000  # characters
MOST_OF_A_LINE = 300


@dataclass(frozen=True)
class Executed:
    """What came of a notebook.

    Attributes
    ----------
    notebook
        The executed notebook as it is kept in a file; unfinished if it failed, empty if it can't be read.
    error
        Why it failed, in a line; None if it didn't.
    """

    notebook: bytes
    error: str | None = None


def execute(
    source: Path,
    parameters: Mapping[str, str],
    inputs: str,
    *,
    root: Path,
    cold: bool = False,
    shared: Sequence[SharedWork] = (),
    timeout: int = TIMEOUT_SECONDS,
) -> Executed:
    """Execute a notebook in its own folder.

    Parameters
    ----------
    source
        The notebook.
    parameters
        Its parameters.
    inputs
        The hash of all that it is made from, to be kept in it.
    root
        The project's root, which the kernel finds in its environment.
    cold
        In an ordinary kernel, not a forked one.
    shared
        Work done once, each after those before it, for all forked kernels that name the same.
    timeout
        How many seconds a cell may take.

    Raises
    ------
    ValueError
        If a parameter's name is none. Papermill writes names into the notebook as they are, unlike values.
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    for name in parameters:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"{name!r} is no name of a parameter")

    _prepare_papermill()
    seen: list[Any] = []
    try:
        papermill.execute_notebook(
            # as it was read: papermill would put parameters' values into braces of its path
            nbformat.reads(source.read_text(encoding="utf-8"), as_version=4),  # type: ignore[no-untyped-call]
            None,
            parameters=dict(parameters),
            engine_name="secanalysis",
            kernel_name="python3",
            language="python",
            progress_bar=False,
            log_output=False,
            start_timeout=START_SECONDS,
            execution_timeout=timeout,
            cold=cold,
            shared=list(shared),
            kernel_cwd=source.parent,
            root=root,
            began=seen.append,
            settle=partial(settled, parameters=parameters, inputs=inputs),
        )
    except PapermillExecutionError as error:
        message = f"{error.ename}: {error.evalue}".strip(": ")
        where = f"in code cell {error.exec_count}" if error.exec_count else f"in cell {error.cell_index + 1}"
        return _failed(seen, message, where, parameters, inputs)
    except Exception as error:
        return _failed(seen, f"{type(error).__name__}: {error}", "before its first cell", parameters, inputs)
    return Executed(_written(seen[0]))


@cache
def _prepare_papermill() -> None:
    """Register our engine, which an older installation may not name, and quieten papermill: we report failures."""
    import logging

    from papermill.engines import papermill_engines

    from secanalysis.running.kernels.engine import Engine

    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
    papermill_engines.register("secanalysis", Engine)


def _failed(
    seen: list[Any], message: str, where: str, parameters: Mapping[str, str], inputs: str
) -> Executed:
    import nbformat

    message = _TERMINAL_CODES.sub("", message)[:MOST_OF_A_MESSAGE]
    line = message.splitlines()[0]
    line = line if len(line) <= MOST_OF_A_LINE else f"{line[:MOST_OF_A_LINE]}…"
    if not seen:
        return Executed(b"", line)
    notebook = settled(seen[0], parameters, inputs)
    notebook.metadata["secanalysis"]["failed"] = message
    fence = "`" * (max(map(len, re.findall("`+", message)), default=0) + 3)
    text = f"# Failed {where}\n\nWhat follows is unfinished.\n\n{fence}text\n{message}\n{fence}"
    first = nbformat.v4.new_markdown_cell(text, id="failed")  # type: ignore[no-untyped-call]
    notebook.cells = [first, *notebook.cells]
    return Executed(_written(notebook), line)


def settled(notebook: Any, parameters: Mapping[str, str], inputs: str) -> Any:
    """An executed notebook without what differs from run to run: times, ids, addresses, file names."""
    notebook.metadata["papermill"] = {"parameters": dict(parameters)}
    notebook.metadata["secanalysis"] = {"inputs": inputs}
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        for output in cell.get("outputs", []):
            _settle(output)
    return notebook


def _settle(output: Any) -> None:
    if "text/plain" in output.get("data", {}):
        output.data["text/plain"] = _without_addresses(output.data["text/plain"])
    if output.output_type == "stream":
        output["text"] = _without_cell_files(_without_addresses(output.text))
    if output.output_type == "error":
        output["traceback"] = [_without_cell_files(_without_addresses(line)) for line in output.traceback]


def _without_cell_files(text: str) -> str:
    """A text without the temporary files by which IPython calls cells, each up to the blank before it.

    The blank is looked for where there is such a file: a pattern that begins with the path looks for the file from
    each character of a long line, which takes minutes.
    """
    pieces, end = [], 0
    for match in _CELL_FILE.finditer(text):
        before = text[end : match.start()]
        path = before.split()[-1] if before and not before[-1].isspace() else ""
        pieces += [before[: len(before) - len(path)], "cell.py"]
        end = match.end()
    return "".join([*pieces, text[end:]])


def _without_addresses(text: str | list[str]) -> str:
    return _ADDRESS.sub("0x0", "".join(text))  # notebooks may hold a text as a list of its lines


def _written(notebook: Any) -> bytes:
    """An executed notebook as nbformat writes it, which copies it first, and is done with after this."""
    from nbformat.v4.rwbase import split_lines, strip_transient

    for_file = strip_transient(split_lines(notebook))  # type: ignore[no-untyped-call]
    return (indented_json.dumps(for_file) + "\n").encode()


def inputs_of(executed: Path) -> str | None:
    """The hash that an executed notebook carries; None if there is no such notebook."""
    try:
        return str(json.loads(executed.read_text(encoding="utf-8"))["metadata"]["secanalysis"]["inputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
