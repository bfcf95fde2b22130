"""One command at a time in a folder: others wait, and say so, or leave.

The lock is the folder's own: no file is left behind, and a process that is killed lets go of it.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = ".lock"
QUIET_SECONDS = 0.5
_POLL_SECONDS = 0.05
_UNLOCKABLE = (errno.EBADF, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_held = threading.local()


class Busy(Exception):
    """Somebody else has the lock."""


def _say_waiting(folder: Path) -> None:
    logging.getLogger("secanalysis").warning("secanalysis: waiting: another command is writing in %s", folder)


@contextmanager
def alone(
    folder: Path,
    *,
    wait: bool = True,
    waiting: Callable[[Path], None] = _say_waiting,
    quiet: float = QUIET_SECONDS,
) -> Iterator[None]:
    """Be the only process or thread in here for a folder; who is, may enter again.

    Parameters
    ----------
    folder
        Has to be there.
    wait
        Wait for who is in here; otherwise give up.
    waiting
        Called once with the folder if waiting takes longer than a moment; says so on standard error if not given.
    quiet
        How many seconds that moment is.

    Raises
    ------
    Busy
        If somebody is in here and we don't wait.
    """
    this = folder.stat()
    key = this.st_dev, this.st_ino
    entered: set[tuple[int, int]] = _held.__dict__.setdefault("folders", set())
    if key in entered:
        yield
        return
    release = _acquired(folder, wait, waiting, quiet)
    entered.add(key)
    try:
        yield
    finally:
        entered.discard(key)
        release()


def _acquired(
    folder: Path, wait: bool, waiting: Callable[[Path], None], quiet: float
) -> Callable[[], object]:
    attempt, release = _lock_of(folder)
    try:
        begun, is_announced = time.monotonic(), False
        while not attempt():
            if not wait:
                raise Busy(str(folder))
            if not is_announced and time.monotonic() - begun >= quiet:
                waiting(folder)
                is_announced = True
            time.sleep(_POLL_SECONDS)
    except BaseException:
        release()
        raise
    return release


def _lock_of(folder: Path) -> tuple[Callable[[], bool], Callable[[], object]]:
    """How to try for a folder's lock, and how to let go of it."""
    try:
        import fcntl
    except ImportError:  # Windows can't lock folders
        return _lock_by_file(folder)
    handle = os.open(folder, os.O_RDONLY)

    def attempt() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release() -> None:
        os.close(handle)

    try:
        attempt()
    except OSError as error:
        release()
        if error.errno not in _UNLOCKABLE:
            raise
        return _lock_by_file(folder)  # some network file systems lock only files that are open for writing
    return attempt, release


def _lock_by_file(folder: Path) -> tuple[Callable[[], bool], Callable[[], object]]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / NAME, mode=0o644)

    def attempt() -> bool:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    return attempt, lock.release
