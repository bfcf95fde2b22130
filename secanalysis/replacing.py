"""Replacing a folder as a whole: it is made beside the old one, and the two change places in one step.

Whoever reads finds the old one or the new one, also after a kill at any moment. What a killed process left
beside it is cleared away by the next.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
_OLD = "old"


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
    """Wait until no other process is in here for this folder. Leaves no file behind, nor a lock if killed."""
    try:
        import fcntl
    except ImportError:  # Windows can't lock folders
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def mend(folder: Path) -> None:
    """Put a folder back that a killed process had laid aside, and clear away what else it left."""
    prefix = scratch_prefix(folder)
    for left in sorted(path for path in folder.parent.iterdir() if path.name.startswith(prefix)):
        if left.is_dir() and not left.is_symlink():
            if not folder.exists() and (left / _OLD).is_dir():
                (left / _OLD).replace(folder)
            shutil.rmtree(left)
