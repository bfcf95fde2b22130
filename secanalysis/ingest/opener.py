"""Opens one file in a process of its own and prints what it holds as JSON.

Run by `sandbox.Opening`: ``python opener.py SUFFIX FILE MEMORY SECONDS``. The process has bounds on its memory and
time, the given ones or those that it was started with, whichever are smaller.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

TOO_MUCH_MEMORY, NESTED = 3, 4
"""How the process ends where memory runs out, or parts are nested too deep."""

NO_MEMORY = re.compile(
    r"MemoryError|allocate memory|memory allocation|bad_alloc|out of memory|failed to map segment|can't start new thread",
    re.I,
)
"""What Python and libraries say where memory runs out."""

_READERS = {
    ".pdf": "secanalysis.ingest.report.open_pdf",
    ".xlsx": "secanalysis.ingest.exports.open_workbook",
}
_KINDS = {".pdf": "PDF", ".xlsx": "workbook"}
_TOGETHER = 1_000  # items of a list


def _main(suffix: str, file: str, memory: int, seconds: int) -> dict[str, Any]:
    _limit(resource.RLIMIT_AS, memory, memory)
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)  # the first has a signal of its own
    # this folder's project and no other, wherever it was started
    sys.path.insert(0, str(Path(__file__).parents[2]))
    answer: dict[str, Any] = import_module(_READERS[suffix]).opened(file)
    return answer


def _limit(kind: int, usual: int, at_most: int) -> None:
    """Set a bound that is no larger than the one which the process may not exceed anyhow."""
    hard = resource.getrlimit(kind)[1]
    if hard == resource.RLIM_INFINITY:
        resource.setrlimit(kind, (usual, at_most))
    else:
        lower = hard - 1 if at_most > usual else hard
        resource.setrlimit(kind, (max(min(usual, lower), 0), min(at_most, hard)))


def _no_memory_left(error: Exception) -> bool:
    """Whether a library's error is that there was no memory, however it says so."""
    if NO_MEMORY.search(str(error)):
        return True
    status = re.search(r"VmPeak:\s+([0-9]+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return bool(status and int(status[1]) * 1024 > 0.9 * resource.getrlimit(resource.RLIMIT_AS)[0])


def _pieces(value: Any) -> Iterator[str]:
    """JSON some items at a time: all as one text takes much memory, and value by value much time."""
    if isinstance(value, dict):
        yield "{"
        for at, (name, part) in enumerate(value.items()):
            yield f"{', ' if at else ''}{json.dumps(name)}: "
            yield from _pieces(part)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for first in range(0, len(value), _TOGETHER):
            yield (", " if first else "") + json.dumps(value[first : first + _TOGETHER])[1:-1]
        yield "]"
    else:
        yield json.dumps(value)


if __name__ == "__main__":
    try:
        answer = _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    except MemoryError:
        sys.exit(TOO_MUCH_MEMORY)
    except RecursionError:
        sys.exit(NESTED)
    except Exception as error:  # whatever a library makes of a damaged file
        if _no_memory_left(error):
            sys.exit(TOO_MUCH_MEMORY)
        kind = _KINDS[sys.argv[1]]
        answer = {"refused": f"isn't a {kind} that can be read ({type(error).__name__}): it is damaged"}
    sys.stdout.writelines(_pieces(answer))
