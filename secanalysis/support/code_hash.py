"""The package's own source code: a hash of it, so that pages and runs say which code made them."""

from __future__ import annotations

import hashlib
from pathlib import Path


def code_sha256() -> str:
    """A hash of every module and data file of the package."""
    folder = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.py")), folder / "domain" / "bank_holidays.csv"]:
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()
