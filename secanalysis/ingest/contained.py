"""Opening a file in a process of its own, with bounds on its time and memory.

PDF and XLSX files come from anywhere, and the libraries that open them can be made to take hours or all
memory. The process runs one of this folder's scripts, which import nothing of the project and print JSON.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from secanalysis.errors import UserError

SECONDS = 30
MEMORY = 1 << 30
_TOO_MUCH_MEMORY, _NESTED = 3, 4  # how the scripts end


def run(script: str, file: Path) -> dict[str, Any]:
    """Run a script of this folder on a file.

    Parameters
    ----------
    script
        Its name; it prints an object, with a sentence under ``refused`` where the file can't be used.
    file
        What it opens.

    Raises
    ------
    UserError
        If the file is refused, or takes too long or too much memory.
    """
    command = [
        sys.executable,
        "-P",
        str(Path(__file__).with_name(script)),
        str(file.resolve()),
        str(MEMORY),
        str(SECONDS),
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _slow(file) from None
    if done.returncode == -signal.SIGXCPU:
        raise _slow(file)
    if done.returncode == _TOO_MUCH_MEMORY:
        raise UserError(
            f"{file.name} takes more than {MEMORY / (1 << 30):.0f} GB of memory to open: "
            "it is no printed report or register"
        )
    if done.returncode == _NESTED:
        raise UserError(f"{file.name} can't be opened: its parts are nested too deep")
    try:
        answer: dict[str, Any] = json.loads(done.stdout if done.returncode == 0 else b"")
    except ValueError:
        raise UserError(f"{file.name} can't be opened: it is damaged") from None
    if refused := answer.get("refused"):
        raise UserError(f"{file.name} {refused}")
    return answer


def _slow(file: Path) -> UserError:
    return UserError(
        f"{file.name} takes more than {SECONDS} seconds to open: it is no printed report or register"
    )
