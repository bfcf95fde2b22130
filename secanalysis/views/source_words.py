"""The sources of a line on a page: what they are, when they were published, and where in them it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from secanalysis.analysis.modification_facts import source_facts
from secanalysis.domain.vocabulary import PublishedPrecision
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements.column_types import URL_PATTERN
from secanalysis.views.formatting import count, published, text

SOURCES_SHOWN = 3


def sources_line(sources: Mapping[str, Mapping[str, Any]], rows: Sequence[tuple[str, str, str]]) -> str:
    """The sources behind some rows as HTML: three of them, each with three places at most, and how many more there are.

    Parameters
    ----------
    sources
        What they are, by source_id, from `modification_facts`.
    rows
        (table, source_id, locator).
    """
    places: dict[str, list[str]] = {}
    for _, source_id, locator in rows:
        places.setdefault(source_id, []).append(locator)
    shown = [
        f"{_title(sources[source_id])}, {text(_places(locators))}"
        for source_id, locators in list(places.items())[:SOURCES_SHOWN]
    ]
    more = len(places) - SOURCES_SHOWN
    words = "; ".join(shown) + (f"; and {count(more, 'more source')}" if more > 0 else "")
    return f"<small>{words}</small>" if shown else ""


def _places(locators: Sequence[str]) -> str:
    more = len(locators) - SOURCES_SHOWN
    words = "; ".join(locators[:SOURCES_SHOWN])
    return f"{words}; and {count(more, 'more row')}" if more > 0 else words


def source_line(register: ResolvedRegister, source_ids: Sequence[str], locators: Sequence[str]) -> str:
    """The sources of a register's statements as HTML."""
    rows = [("", source_id, locator) for source_id, locator in zip(source_ids, locators, strict=True)]
    return sources_line(source_facts(register), rows)


def sources_list(sources: Mapping[str, Mapping[str, Any]]) -> str:
    """Sources as HTML: what each is, who published it, and when."""
    in_order = sorted(sources.values(), key=lambda source: (source["title"], source["url"] or ""))
    items = "".join(f"<li>{_title(source)}, {_published(source)}</li>" for source in in_order)
    return f'<ul class="sources">{items}</ul>' if items else ""


def _published(source: Mapping[str, Any]) -> str:
    precision = PublishedPrecision.DAY if source["dated"] else PublishedPrecision.NOT_BEFORE
    return f"{text(source['publisher'])}, {published({**source, 'published_precision': precision})}"


def _title(source: Mapping[str, Any]) -> str:
    title = text(source["title"])
    if source["url"] and re.fullmatch(URL_PATTERN, source["url"]):
        title = f'<a href="{text(source["url"])}" rel="noreferrer">{title}</a>'
    return f"<cite>{title}</cite>"
