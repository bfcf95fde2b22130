"""The folder for what kernels write: one per process, removed with it."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path

from secanalysis.support.locks import Busy, alone

SCRATCH = "secanalysis-scratch-"  # of its own: versions that locked a file in such folders would take them for killed ones


class Scratch:
    """A folder for what the kernels of this process write, gone with the process, or with the next if it was killed.

    As long as the process lives it holds a lock in there, which shows others that the folder is in use.
    """

    def __init__(self) -> None:
        self._made = threading.Lock()
        self._folder: Path | None = None
        self._held = contextlib.ExitStack()

    def folder(self) -> Path:
        """The folder, made on first use."""
        with self._made:
            while self._folder is None:
                self.clear_others()
                folder = Path(tempfile.mkdtemp(prefix=SCRATCH))
                with contextlib.suppress(Busy, FileNotFoundError):  # somebody took it for a killed one's
                    self._held.enter_context(alone(folder, wait=False))
                    if folder.is_dir():
                        self._folder = folder
            return self._folder

    def clear_others(self) -> None:
        """Remove the folders of processes that were killed."""
        for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
            with contextlib.suppress(OSError, Busy):  # somebody else's, in use, or gone by now
                ours = not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()
                if ours and folder != self._folder and not folder.is_symlink():
                    with alone(folder, wait=False):
                        shutil.rmtree(folder)

    def close(self) -> None:
        """Remove it."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._held.close()
        self._folder = None


scratch = Scratch()
"""The one of this process."""
atexit.register(scratch.close)
