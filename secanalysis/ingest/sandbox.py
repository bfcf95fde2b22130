"""A file is opened in a process of its own, with limits on its time and memory.

PDF and XLSX files come from anywhere, and the libraries that open them can be made to take hours or all
memory. The process runs one of this folder's scripts, which import nothing of the project and print JSON.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from secanalysis.support.errors import UserError

SCRIPTS = {".pdf": "report/open_pdf.py", ".xlsx": "register/open_workbook.py"}
SECONDS = 30
MEMORY = 1 << 30
_TOO_MUCH_MEMORY, _NESTED = 3, 4  # how the scripts end


class Opening:
    """A file that another process opens, and its answer.

    Parameters
    ----------
    script
        The name of a script of this folder; it prints an object, with a sentence under ``refused`` where the
        file can't be used.
    file
        What it opens.
    """

    def __init__(self, script: str, file: Path) -> None:
        self._file = file
        path = Path(__file__).parent / script
        command = [sys.executable, "-P", str(path), str(file.resolve()), str(MEMORY), str(SECONDS)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)

    def answer(self) -> dict[str, Any]:
        """What the script prints, once it has ended.

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
        if ended == -signal.SIGXCPU:
            raise _slow(file)
        # where there is no memory for the error either, Python ends in ways of its own
        if ended == _TOO_MUCH_MEMORY or (ended and b"MemoryError" in errors):
            raise UserError(
                f"{file.name} takes more than {MEMORY / (1 << 30):.0f} GB of memory to open: "
                "it is no printed report or register"
            )
        if ended == _NESTED:
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
    script = SCRIPTS.get(file.suffix.lower())
    begun = Opening(script, file) if script else None
    try:
        yield begun
    finally:
        if begun:
            begun.stop()


def _slow(file: Path) -> UserError:
    return UserError(
        f"{file.name} takes more than {SECONDS} seconds to open: it is no printed report or register"
    )
