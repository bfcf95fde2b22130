"""Feed: months and what changed in them, as Atom.

Identifiers are stable and depend on content alone; an entry's day is its month's report date, never a clock.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from secanalysis.support.sentence_case import sentence_case
from secanalysis.views.modification_words import when
from secanalysis.views.provenance import REPORT, titled

MONTHS_WITH_CHANGES = 12  # changes of the newest months; every month has its own entry
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class FeedMonth:
    """A month as the feed reports it.

    Attributes
    ----------
    month, title
        ``2020-08`` and August 2020.
    href
        The month's first page, relative to the feed.
    report_date
        An ISO day.
    warning
        What to write before each title, or empty.
    changes
        Rows with ``day, precision, ref, title, what``: what changed, in the words of pages.
    has_report
        Whether the month has a published report or a register's export.
    """

    month: str
    title: str
    href: str
    report_date: str
    warning: str = ""
    changes: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    has_report: bool = True


def atom(
    months: Iterable[FeedMonth], name: str = "Smart Energy Code", pages: Mapping[str, str] | None = None
) -> bytes:
    """The feed of some months, the newest first.

    Parameters
    ----------
    months
        What to report.
    name
        The code's.
    pages
        Pages of modifications by reference: a change leads to its modification's, where there is one.
    """
    ordered = sorted(months, key=lambda month: month.month, reverse=True)
    entries: dict[str, str] = {}
    for place, month in enumerate(ordered):
        prefix = f"{month.warning}: " if month.warning else ""
        identifier = f"urn:secanalysis:month:{month.month}"
        count = len(month.changes)
        summary = f"{count} change{'' if count == 1 else 's'} known since the last report" if count else ""
        title = f"{prefix}{titled(REPORT, month.has_report)}, {month.title}"
        entries[identifier] = _entry(identifier, title, summary, month, "report", month.href)
        if place < MONTHS_WITH_CHANGES:
            for change in month.changes:
                words = [str(change.get(column) or "") for column in ("day", "ref", "title", "what")]
                digest = hashlib.sha256("\x1f".join([month.month, *words]).encode()).hexdigest()[:20]
                identifier = f"urn:secanalysis:change:{month.month}:{digest}"
                day, ref, called, what = words
                title = prefix + " ".join(filter(None, (ref, called and f"‘{called}’", what and f"– {what}")))
                dated = _dated(day, str(change.get("precision") or ""))
                page = (pages or {}).get(ref, month.href)
                entries[identifier] = _entry(identifier, title, dated, month, "change", page, ref)
    updated = f"{ordered[0].report_date}T00:00:00Z" if ordered else "2000-01-01T00:00:00Z"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">\n'
        f"<title>Changes to the {_text(name)}</title>\n"
        "<id>urn:secanalysis:feed</id>\n"
        f"<updated>{updated}</updated>\n"
        "<author><name>secanalysis</name></author>\n"
        '<link rel="self" type="application/atom+xml" href="feed.xml"/>\n'
        '<link rel="alternate" type="text/html" href="index.html"/>\n'
        + "".join(entries.values())
        + "</feed>\n"
    ).encode()


def _dated(day: str, precision: str) -> str:
    """When a change was, as exactly as it is known: On 22 July 2020, In July 2020, By 7 August 2020."""
    return day and sentence_case(when(day, precision))


def _entry(
    identifier: str, title: str, summary: str, month: FeedMonth, category: str, href: str, ref: str = ""
) -> str:
    return (
        "<entry>\n"
        f"<title>{_text(title)}</title>\n"
        f"<id>{identifier}</id>\n"
        f"<updated>{month.report_date}T00:00:00Z</updated>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(href)}/>\n'
        f'<category term="{category}"/>\n'
        + (f"<category term={quoteattr(_UNFIT.sub('', ref))}/>\n" if ref else "")
        + (f"<summary>{_text(summary)}</summary>\n" if summary else "")
        + "</entry>\n"
    )


def _text(value: str) -> str:
    return escape(_UNFIT.sub("\ufffd", value))
