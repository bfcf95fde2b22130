"""Replacing a folder as a whole, or several files of one, so that whoever reads finds the old or the new.

A folder is made next to the old one, and the two change places in one step. Files are made in a hidden folder
among the old ones, and moved once all are there: what was moved in part when its process was killed is moved
to the end by the next that reads. What else a killed process left is cleared away.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from secanalysis.support.errors import UserError
from secanalysis.support.locks import alone

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
_OLD = "old"
_NEW, _COMPLETE = ".new-", ".complete"
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers put into each folder that somebody looks at."""
_NAMED = 3


def scratch_prefix(folder: Path) -> str:
    """How the names of folders begin in which a folder is made anew. They are next to it."""
    return f".{folder.name}-new-"


@contextmanager
def scratch(folder: Path, ours: Callable[[Path], Collection[str]]) -> Iterator[Path]:
    """An empty folder to make another anew in, for one process at a time; what killed ones left is cleared.

    It goes in the end. What `put_in_place` has put in its place stays.

    Parameters
    ----------
    folder
        The folder to be replaced. A link is followed.
    ours
        Which files of a folder are ours, as paths within it.

    Raises
    ------
    UserError
        If the folder holds anything else, or is a file.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder.parent):
        mend(folder)
        check_ours(folder, ours)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=scratch_prefix(folder)) as made:
            fresh = Path(made) / "fresh"
            fresh.mkdir()
            yield fresh


def check_ours(folder: Path, ours: Callable[[Path], Collection[str]]) -> None:
    """Look whether a folder may be replaced: it is new, empty, or holds nothing but what we wrote.

    Parameters
    ----------
    folder, ours
        As of `scratch`.

    Raises
    ------
    UserError
        If it may not.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file; expected a folder. Nothing was written")
    known = {*ours(folder)}
    others = sorted(
        path for path in _files(folder) if path not in known and path.rpartition("/")[2] not in _LITTER
    )
    links = sorted(path for path in known if (folder / path).is_symlink())
    if others:
        more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
        raise UserError(
            f"{folder} would be replaced as a whole, and it holds what secanalysis didn't put there: "
            f"{', '.join(map(repr, others[:_NAMED]))}{more}. Nothing was written: move that elsewhere first"
        )
    if links:
        raise UserError(
            f"{folder / links[0]} is a link to {(folder / links[0]).readlink()}, and would be replaced by a file. "
            "Nothing was written: put the file itself there, or make the whole folder a link"
        )


def _files(folder: Path) -> Iterator[str]:
    """All files below a folder as paths within it; a link to a folder is one, and isn't followed."""
    for place, folders, names in os.walk(folder):
        here = Path(place)
        linked = [name for name in folders if (here / name).is_symlink()]
        yield from ((here / name).relative_to(folder).as_posix() for name in (*names, *linked))


def put_in_place(fresh: Path, folder: Path) -> None:
    """Put a folder in the place of another of the same file system; the other goes to ``fresh``.

    On Linux the two change places in one step. Elsewhere there is a moment without the folder, after which
    `mend` puts the old one back. A link is followed.
    """
    folder = folder.resolve()
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

    Raises
    ------
    UserError
        If one of them is a link, which would become a file while what it leads to stays as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in contents:
        if (path := folder / name).is_symlink():
            raise UserError(
                f"{path} is a link to {path.readlink()}, and would be replaced by a file. "
                "Nothing was written: put the file itself there, or make the whole folder a link"
            )
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
