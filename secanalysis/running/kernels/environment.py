"""The environment of kernels: the few variables that make results the same everywhere, and none that is secret."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from secanalysis.running.kernels.scratch import scratch
from secanalysis.support.project import ROOT_VARIABLE

PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR", "TEMP", "SYSTEMROOT", ROOT_VARIABLE)


def environment(root: Path | None = None) -> dict[str, str]:
    """The environment of every kernel: what it needs to run, and what makes its results the same everywhere.

    Parameters
    ----------
    root
        The project's root; the one in the environment if not given.
    """
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if root:
        variables[ROOT_VARIABLE] = str(root)
    matplotlib = find_spec("matplotlib")
    if matplotlib and matplotlib.origin:  # and not a file that somebody keeps at home
        variables["MATPLOTLIBRC"] = str(Path(matplotlib.origin).parent / "mpl-data" / "matplotlibrc")
        if not _is_writable(*_matplotlib_folders()):
            # it would say so in the notebook, and leave a folder behind
            variables["MPLCONFIGDIR"] = str(scratch.folder() / "matplotlib")
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {
        **variables,
        **dict.fromkeys(threads, "1"),
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYDEVD_USE_FRAME_EVAL": "NO",  # ipykernel sets it on import
        "TZ": "UTC",
    }


def _matplotlib_folders() -> list[Path]:
    """Where matplotlib keeps what it finds out about fonts, unless set."""
    home = Path.home()
    if sys.platform.startswith(("linux", "freebsd")):
        return [home / ".cache" / "matplotlib", home / ".config" / "matplotlib"]
    return [home / ".matplotlib"]


def _is_writable(*folders: Path) -> bool:
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return all(os.access(folder, os.W_OK | os.X_OK) for folder in folders)


def look_at_fonts(environment_of_kernel: Mapping[str, str]) -> None:
    """Let matplotlib find out about fonts, once on a machine: in a notebook it would say that this takes a while.

    Parameters
    ----------
    environment_of_kernel
        The environment of the kernel that will run the notebook.
    """
    kept = (
        Path(environment_of_kernel["MPLCONFIGDIR"])
        if "MPLCONFIGDIR" in environment_of_kernel
        else _matplotlib_folders()[0]
    )
    with _looking:
        if find_spec("matplotlib") and not any(kept.glob("fontlist-*.json")):
            line = [sys.executable, "-P", "-c", "import matplotlib.font_manager"]
            subprocess.run(line, env=dict(environment_of_kernel), capture_output=True)


_looking = threading.Lock()
