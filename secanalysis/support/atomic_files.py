"""Replacing a folder as a whole, or several files of one, so that whoever reads finds the old or the new.

A folder is made beside the old one, and the two change places in one step. Files are made in a hidden folder
among the old ones, and moved once all are there: what was moved in part when its process was killed is moved
to the end by the next that reads. What else a killed process left is cleared away.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
_OLD = "old"
_NEW, _COMPLETE = ".new-", ".complete"


def scratch_prefix(folder: Path) -> str:
    """How the names of folders begin in which a folder is made anew. They lie beside it."""
    return f".{folder.name}-new-"


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """An empty folder to make another anew in, for one process at a time; what killed ones left is cleared.

    It goes in the end. What `put_in_place` has put in its place stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder.parent):
        mend(folder)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=scratch_prefix(folder)) as made:
            fresh = Path(made) / "fresh"
            fresh.mkdir()
            yield fresh


def put_in_place(fresh: Path, folder: Path) -> None:
    """Put a folder in the place of another of the same file system; the other goes to ``fresh``.

    On Linux the two change places in one step. Elsewhere there is a moment without the folder, after which
    `mend` puts the old one back.
    """
    if not folder.exists():
        fresh.replace(folder)
    elif not _exchange(fresh, folder):
        aside = fresh.with_name(_OLD)
        folder.replace(aside)
        fresh.replace(folder)


def _exchange(one: Path, other: Path) -> bool:
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread is in here for this folder; who is, may enter again.

    Leaves no file behind, nor a lock if killed.
    """
    try:
        import fcntl
    except ImportError:  # Windows can't lock folders
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    held: set[tuple[int, int]] = _held.__dict__.setdefault("folders", set())
    this = os.fstat(handle)
    key = this.st_dev, this.st_ino
    try:
        if key in held:
            yield
            return
        fcntl.flock(handle, fcntl.LOCK_EX)
        held.add(key)
        try:
            yield
        finally:
            held.discard(key)
    finally:
        os.close(handle)


_held = threading.local()


def mend(folder: Path) -> None:
    """Put a folder back that a killed process had laid aside, and clear away what else it left."""
    prefix = scratch_prefix(folder)
    for left in sorted(path for path in folder.parent.iterdir() if path.name.startswith(prefix)):
        if left.is_dir() and not left.is_symlink():
            if not folder.exists() and (left / _OLD).is_dir():
                (left / _OLD).replace(folder)
            shutil.rmtree(left)


# Files of a folder --------------------------------------------------------------------------------


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files of a folder, in the place of those that are there: all of them or none.

    Parameters
    ----------
    folder
        Made if need be. Its readers hold it by `settled`.
    contents
        By name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with settled(folder), tempfile.TemporaryDirectory(dir=folder, prefix=_NEW) as made:
        new = Path(made)
        for name, data in contents.items():
            _write(new / name, data)
        _write(new / _COMPLETE, b"")
        _move(new, folder)


@contextmanager
def settled(folder: Path) -> Iterator[None]:
    """Keep the files of a folder as they are; a replacement of them that was killed is brought to its end first."""
    with alone(folder):
        for left in folder.glob(f"{_NEW}*"):
            if left.is_dir() and not left.is_symlink():
                if (left / _COMPLETE).exists():
                    _move(left, folder)
                shutil.rmtree(left)
        yield


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _move(new: Path, folder: Path) -> None:
    for path in sorted(new.iterdir()):
        if path.name != _COMPLETE:
            path.replace(folder / path.name)
