"""The summary of an ingest as plain text: rows by table, and the lines that weren't read."""

from __future__ import annotations

from secanalysis.ingest.result import IngestResult

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
        return f"Checked only: nothing was written to {result.into}"
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
