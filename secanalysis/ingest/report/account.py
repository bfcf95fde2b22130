"""What a report gives while it is read: its statements so far, and an account of every line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.vocabulary import Unit
from secanalysis.ingest.reading import Cells, Reading, Repair, Unread
from secanalysis.ingest.report.headings import Place
from secanalysis.ingest.report.scan_repair import Line


@cache
def _root(ref: str) -> str:
    return str(references.root(pd.Series([ref])).iloc[0])


@dataclass
class Statements:
    """Collects a document's statements; each locator is used once in a table."""

    source_id: str
    month: str
    rows: dict[str, list[Cells]] = field(default_factory=dict)
    _locators: Counter[tuple[str, str]] = field(default_factory=Counter)
    _titles: dict[tuple[str, str], Cells] = field(default_factory=dict)
    _releases: set[tuple[Any, ...]] = field(default_factory=set)
    _durations: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, place: Place, line: int, *, how: str = "", **cells: Any) -> Cells:
        """Add one statement; ``how`` ends its locator where the place alone says too little."""
        row = {**cells, "source_id": self.source_id, "locator": self._locator(table, place, line, how)}
        self.rows.setdefault(table, []).append(row)
        return row

    def _locator(self, table: str, place: Place, line: int, how: str) -> str:
        locator = ", ".join([*place.path, f"line {line}", *([how] if how else [])])
        self._locators[table, locator] += 1
        count = self._locators[table, locator]
        return locator if count == 1 else f"{locator} ({count})"

    def name(
        self, place: Place, line: int, ref: str, title: str | None, organisation: str | None = None
    ) -> None:
        """Note what a modification is called: one row per reference and title.

        It points to the first mention, or to the sentence that says who raised it.
        """
        if not title:
            return
        known = self._titles.get((ref, title))
        if known is None:
            cells: Cells = {"ref": ref, "title": title, "proposer_organisation": organisation}
            self._titles[ref, title] = self.add("modifications", place, line, **cells)
        elif organisation and not known["proposer_organisation"]:
            known["proposer_organisation"] = organisation
            known["locator"] = self._locator("modifications", place, line, "")

    def figure(
        self,
        place: Place,
        line: int,
        key: str,
        printed: str | None,
        value: float | None,
        unit: Unit = Unit.COUNT,
        how: str = "",
    ) -> None:
        """Add a printed figure; ``printed`` is None where it can't be read."""
        cells = {"month": self.month, "key": key, "printed": printed, "value": value, "unit": unit.value}
        self.add("published_figures", place, line, how=how, **cells)

    def duration(
        self,
        place: Place,
        line: int,
        ref: str,
        kind: str,
        day: date,
        printed: str | None,
        value: float | None,
    ) -> None:
        """Add an assessment's printed duration; the second of one key ends in ``.2``."""
        key = f"assessment.{_root(ref)}.{kind.lower()}.{day}.duration_wd"
        self._durations[key] += 1
        if self._durations[key] > 1:
            key += f".{self._durations[key]}"
        self.figure(place, line, key, printed, value, Unit.WD)

    def release(self, place: Place, line: int, release: str, kind: str, stated_on: date, **days: Any) -> None:
        """Note a release's dates, once however often the report says them."""
        fact = (release, *sorted(days.items()))
        if fact not in self._releases:
            self._releases.add(fact)
            self.add("releases", place, line, release=release, kind=kind, stated_on=stated_on, **days)


class Account:
    """Which lines were read, which are narrative, and which weren't read and why."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._printed = {line.number: line.printed for line in lines}
        self._read: set[int] = set()
        self._narrative: set[int] = set()
        self._reasons: dict[int, list[str]] = {}
        self._repairs: set[Repair] = set()

    def read(self, numbers: Sequence[int], repairs: Iterable[Repair] = ()) -> None:
        """Lines whose statements are stored."""
        self._read.update(numbers)
        self._repairs.update(repairs)

    def narrative(self, numbers: Sequence[int]) -> None:
        """Lines recognised as saying nothing that a table holds."""
        self._narrative.update(numbers)

    def unread(self, numbers: Sequence[int], reason: str) -> None:
        """Lines that weren't read, or not all of them."""
        for number in numbers:
            reasons = self._reasons.setdefault(number, [])
            if reason not in reasons:
                reasons.append(reason)

    def finish(self, source: Cells, rows: dict[str, list[Cells]]) -> Reading:
        """The reading, once every line has been looked at."""
        for number in self._printed:
            if number not in self._read | self._narrative | self._reasons.keys():
                self.unread([number], "not recognised")
        unread = [
            Unread(number, self._printed[number], "; ".join(reasons))
            for number, reasons in sorted(self._reasons.items())
        ]
        read = self._read - self._reasons.keys()
        narrative = self._narrative - self._reasons.keys() - read
        return Reading(source, rows, tuple(unread), tuple(sorted(self._repairs)), len(read), len(narrative))
