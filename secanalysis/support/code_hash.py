"""What made a page: a hash of the package's own source code, and the packages whose versions matter."""

from __future__ import annotations

import hashlib
from pathlib import Path

PAGE_PACKAGES = ("matplotlib", "nbconvert", "numpy", "pandas", "pandera", "papermill", "pyarrow", "scipy")
"""Packages whose versions a page names: those that could change what it says."""


def code_sha256() -> str:
    """A hash of every module and data file of the package."""
    folder = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.py")), folder / "domain" / "bank_holidays.csv"]:
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()
