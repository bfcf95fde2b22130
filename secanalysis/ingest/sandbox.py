"""A file is opened in a process of its own, with limits on its time and memory.

PDF and XLSX files come from anywhere, and the libraries that open them can be made to take hours or all
memory. The process runs `opener`, which prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from secanalysis.ingest.opener import NESTED, NO_MEMORY, TOO_MUCH_MEMORY
from secanalysis.support.errors import UserError

OPENER = Path(__file__).parent / "opener.py"
OPENED_APART = (".pdf", ".xlsx")
SECONDS = 30
MEMORY = 1 << 30


class Opening:
    """A file that another process opens, and its answer.

    Parameters
    ----------
    file
        What it opens, of one of the kinds of `OPENED_APART`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        suffix = file.suffix.lower()
        command = [sys.executable, "-P", str(OPENER), suffix, str(file.resolve()), str(MEMORY), str(SECONDS)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # each thread takes memory of its own
        )

    def answer(self) -> dict[str, Any]:
        """What the process prints, once it has ended; a sentence under ``refused`` is raised.

        Raises
        ------
        UserError
            If the file is refused, or takes too long or too much memory.
        """
        file = self._file
        try:
            printed, errors = self._process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise _slow(file) from None
        ended = self._process.returncode
        # a process that has used up all the time that it was started with is killed without a signal before
        if ended in (-signal.SIGXCPU, -signal.SIGKILL):
            raise _slow(file)
        # where there is no memory for the error either, Python and the libraries end in ways of their own
        if ended in (TOO_MUCH_MEMORY, -signal.SIGABRT) or (
            ended and NO_MEMORY.search(errors.decode(errors="replace"))
        ):
            bytes_, whose = _bound(resource.RLIMIT_AS, MEMORY)
            bound = f"{bytes_ / (1 << 30):.0f} GB" if bytes_ >= 1 << 30 else f"{bytes_ / (1 << 20):,.0f} MB"
            raise UserError(f"{file.name} takes more than {bound} of memory to open{whose}")
        if ended == NESTED:
            raise UserError(f"{file.name} can't be opened: its parts are nested too deep")
        try:
            answer: dict[str, Any] = json.loads(printed if ended == 0 else b"")
        except ValueError:
            raise UserError(f"{file.name} can't be opened: it is damaged") from None
        if refused := answer.get("refused"):
            raise UserError(f"{file.name} {refused}")
        return answer

    def stop(self) -> None:
        """End the process, if it hasn't ended."""
        with self._process:  # closes what it prints to
            self._process.kill()


@contextmanager
def opening(file: Path) -> Iterator[Opening | None]:
    """Begin to open a file, if it is of a kind that is opened by a process of its own."""
    begun = Opening(file) if file.suffix.lower() in OPENED_APART else None
    try:
        yield begun
    finally:
        if begun:
            begun.stop()


def _slow(file: Path) -> UserError:
    seconds, whose = _bound(resource.RLIMIT_CPU, SECONDS)
    return UserError(f"{file.name} takes more than {seconds:,} seconds to open{whose}")


def _bound(kind: int, usual: int) -> tuple[int, str]:
    """The bound that an opening process has, and what follows from whose it is."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY and hard < usual:
        return hard, ", the limit that secanalysis was started with (see `ulimit`): the file may be sound"
    return usual, ": it is no printed report or register"
