"""A document becomes statements: published reports (`report`) and exports of a register (`exports`).

Goes in: one text, PDF, XLSX or CSV file, or pandas frames of a register (`secanalysis.ingest.register`). Comes out:
rows for the tables in ``data/raw``, and a list of what wasn't read. What is read is checked as a whole before anything
is written. Imports `statements`, `domain` and `support`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secanalysis.ingest.importing import register

__all__ = ["register"]


def __getattr__(name: str) -> Any:
    # on first use: the process that opens a file imports this package, and needs little of it
    if name in __all__:
        return getattr(import_module("secanalysis.ingest.importing"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
