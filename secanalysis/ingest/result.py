"""What an ingest did: rows by table, and the lines that weren't read, also as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secanalysis.ingest.reading import Reading

_STATED = {
    "modifications": "modifications named",
    "lineage": "references that follow from others",
    "events": "events",
    "assessments": "assessments by the DCC",
    "consultations": "consultations",
    "meetings": "meetings, by modification",
    "releases": "releases' dates",
    "release_items": "modifications in releases",
    "published_figures": "published figures",
}


@dataclass(frozen=True, repr=False)
class IngestResult:
    """A document that has been ingested: how it was read, and rows written and replaced by table.

    ``into`` is None where it was read by itself, for no folder.
    """

    reading: Reading
    into: Path | None
    written: dict[str, int]
    replaced: dict[str, int]
    checked_only: bool = False

    def __repr__(self) -> str:
        return "\n\n".join(filter(None, [summary(self), remarks(self)]))


def summary(result: IngestResult) -> str:
    """The rows written and replaced, table by table, for stdout."""
    reading = result.reading
    source = reading.source
    lines = [
        f"{source['title']} ({source['publisher']}, {source['published_on']})",
        f"source_id  {source['source_id']}",
        "",
    ]
    width = max(map(len, _STATED.values()))
    lines.append(f"{'':{width}}  {'rows':>6}  {'before':>6}")
    for table, words in _STATED.items():
        lines.append(f"{words:{width}}  {result.written[table]:>6,}  {result.replaced[table]:>6,}")
    figures = reading.rows.get("published_figures", [])
    blank = sum(figure.get("printed") is None for figure in figures)
    if blank:
        lines.append(f"{blank:,} of the published figures left blank: lost or not legible")
    lines += ["", _account(result), _written(result)]
    return "\n".join(lines)


def _written(result: IngestResult) -> str:
    if result.checked_only:
        return "Checked only: nothing was written" + (f" to {result.into}" if result.into else "")
    return f"Written to {result.into}"


def _account(result: IngestResult) -> str:
    reading = result.reading
    total = reading.read + reading.narrative + len(reading.unread)
    by_kind = f"{reading.read:,} read, {reading.narrative:,} narrative, {len(reading.unread):,} not read"
    return f"{total:,} lines: {by_kind}; {len(reading.repairs):,} repairs"


def remarks(result: IngestResult) -> str:
    """Lines that weren't read, repairs, and what else to know, for stderr; blank if there is nothing."""
    reading = result.reading
    lines = [f"Note: {note}" for note in reading.notes]
    if reading.unread:
        lines.append(f"Not read ({len(reading.unread):,}):")
        for unread in reading.unread:
            lines += [f"  line {unread.line}: {unread.printed}", f"    {unread.reason}"]
    if reading.repairs:
        lines.append(f"Repaired ({len(reading.repairs):,}):")
        lines += [
            f"  line {repair.line}: {repair.printed} read as {repair.result}" for repair in reading.repairs
        ]
    return "\n".join(lines)
