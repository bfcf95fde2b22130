"""What an ingest did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secanalysis.ingest.reading import Reading


@dataclass(frozen=True)
class IngestResult:
    """A document that has been ingested: how it was read, and rows written and replaced by table."""

    reading: Reading
    into: Path
    written: dict[str, int]
    replaced: dict[str, int]
    checked_only: bool = False
