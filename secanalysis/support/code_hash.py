"""The package's own source code: a hash of it, so that pages and runs say which code made them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def code_files() -> list[Path]:
    """Every module and data file of the package."""
    modules = []
    for folder, folders, names in os.walk(
        PACKAGE
    ):  # a run looks after each notebook: rglob takes thrice as long
        folders[:] = [name for name in folders if name != "__pycache__"]
        modules += [f"{folder}/{name}" for name in names if name.endswith(".py")]
    return [*map(Path, sorted(modules)), PACKAGE / "domain" / "bank_holidays.csv"]


def code_sha256() -> str:
    """A hash of every module and data file of the package."""
    digest = hashlib.sha256()
    for path in code_files():
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """A hash of what a file holds."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
