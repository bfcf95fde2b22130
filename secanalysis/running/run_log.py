"""The record of runs, ``runs/log.jsonl``, and the lock that lets one run at a time write there."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from secanalysis.support.errors import UserError
from secanalysis.support.locks import Busy, alone
from secanalysis.support.project import Project


def now() -> str:
    """UTC in ISO form, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def log_path(project: Project) -> Path:
    """Where the record is."""
    return project.runs / "log.jsonl"


def append(project: Project, record: dict[str, Any]) -> None:
    """Add a line to the record."""
    line = json.dumps(record, ensure_ascii=False) + "\n"
    project.runs.mkdir(parents=True, exist_ok=True)
    # one write in append mode: lines of two processes can't mix
    file = os.open(log_path(project), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size, data = os.fstat(file).st_size, line.encode(errors="backslashreplace")
        if (written := os.write(file, data)) < len(
            data
        ):  # the disk is full: half a line would spoil the next
            os.ftruncate(file, size)
            raise OSError(errno.ENOSPC, f"wrote {written} of {len(data)} bytes", str(log_path(project)))
    finally:
        os.close(file)


@contextlib.contextmanager
def recorded(project: Project, **details: Any) -> Iterator[dict[str, Any]]:
    """Record what happens within: when it started and finished, and how it ended.

    Yields
    ------
    dict
        The record so far; what is added to it is recorded too. ``status`` becomes ``error`` if an
        exception leaves and no status was set.
    """
    begun = time.monotonic()  # clocks may be set
    record: dict[str, Any] = {"started": now(), "finished": None, "seconds": None, "status": None, **details}
    record |= {"pid": os.getpid(), "host": socket.gethostname(), "python": platform.python_version()}
    try:
        yield record
        record["status"] = record["status"] or "ok"
    except BaseException as error:
        if record["status"] is None:
            record |= {"status": "error", "error": f"{type(error).__name__}: {error}"}
        raise
    finally:
        record["finished"] = now()
        record["seconds"] = round(time.monotonic() - begun, 1)
        append(project, record)


@contextlib.contextmanager
def lock(project: Project, *, wait: bool, report: Callable[[str], None]) -> Iterator[None]:
    """Be the only run of a project.

    Parameters
    ----------
    project
        The project.
    wait
        Wait for the run that holds the lock; otherwise give up.
    report
        Called with a sentence that says who holds the lock, if waiting is needed.

    Raises
    ------
    UserError
        If another run holds the lock and we don't wait.
    """
    project.runs.mkdir(parents=True, exist_ok=True)
    holder = project.runs / ".lock.holder"

    def sentence() -> str:
        return f"another run holds {project.runs}: {_who(holder)}"

    def say(_: Path) -> None:
        report(f"waiting: {sentence()}")

    with contextlib.ExitStack() as held:
        try:
            held.enter_context(alone(project.runs, wait=wait, waiting=say, quiet=0))
        except Busy:
            raise UserError(f"{sentence()}; without --no-wait this one would wait for it") from None
        _record_killed(project, holder)
        this_run = {"pid": os.getpid(), "host": socket.gethostname(), "since": now()}
        try:
            holder.write_text(json.dumps(this_run), encoding="utf-8")
            yield
        finally:
            holder.unlink(missing_ok=True)


def _read(holder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(holder.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _who(holder: Path) -> str:
    holding = _read(holder)
    try:
        since = datetime.fromisoformat(holding["since"]).astimezone()
        return f"process {holding['pid']} on {holding['host']}, since {since:%Y-%m-%d %H:%M:%S}"
    except (KeyError, ValueError, TypeError, OverflowError):
        return "a process that hasn't said which it is"


def _record_killed(project: Project, holder: Path) -> None:
    """Who had the lock and left its name behind ended without a word: killed, or the machine went down."""
    if holding := _read(holder):
        record = {"started": holding.get("since"), "finished": None, "seconds": None, "status": "killed"}
        append(project, {**record, "pid": holding.get("pid"), "host": holding.get("host")})
