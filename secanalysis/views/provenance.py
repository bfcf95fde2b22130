"""Provenance: what a page was made from, as its head and foot say it.

The head is at the top of a page: the month, its clocks, the convention, what was known, and a
warning where the data aren't facts. The foot holds what is needed to make the page again.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from secanalysis.domain import code, report_days
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.views import mime
from secanalysis.views.formatting import day

CONVENTIONS = {
    Convention.AS_PUBLISHED: "Monday to Friday, both ends counted, bank holidays not taken out",
    Convention.SEC: "Monday to Friday without bank holidays in England and Wales, both ends counted",
}


REPORT, WITHOUT_REPORT = "Change Status Report", "What is known"


def titled(title: str, has_report: bool) -> str:
    """What a page is called: without a published report or export, a month's report is *What is known*."""
    return WITHOUT_REPORT if title == REPORT and not has_report else title


@dataclass(frozen=True)
class Provenance:
    """What a page was made from. Days are ISO text, as in the published JSON.

    Attributes
    ----------
    month
        The cover month, or None for a page over all months.
    title
        The page's title.
    known_by
        The day to which sources count, or None where all do.
    data_sha256, code_sha256
        Content hashes of the data and of the code that made the page.
    versions
        Package versions by name.
    synthetic, draft
        Whether the data are made up, or not yet checked.
    coverage
        In words: how much of the month is known.
    has_report
        Whether the month has a published report, or a register's export, whose lists are whole.
    """

    month: str | None
    title: str
    report_date: str | None = None
    period_end: str | None = None
    window_start: str | None = None
    known_by: str | None = None
    convention: str | None = None
    data_sha256: str = ""
    code_sha256: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    draft: bool = False
    coverage: str = ""
    has_report: bool = True

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**asdict(self), "versions": dict(sorted(self.versions.items()))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Provenance:
        """Read what `to_json` gave; what it doesn't know is left out."""
        return cls(
            **{
                "month": None,
                "title": "",
                **{name: data[name] for name in cls.__annotations__ if name in data},
            }
        )

    @property
    def banner(self) -> str:
        """The warning for data that aren't facts, as HTML; empty where they are."""
        warnings = []
        if self.synthetic:
            warnings.append(
                "<strong>Synthetic data.</strong> Made up for trying things out; not facts about the Code."
            )
        if self.draft:
            warnings.append("<strong>Draft.</strong> Made from data that have not been checked yet.")
        return f'<div class="banner" role="note"><p>{" ".join(warnings)}</p></div>' if warnings else ""

    @property
    def clocks(self) -> str:
        """The month's days and the convention, as HTML."""
        facts = []
        if self.report_date:
            assumed = "" if self.has_report else " (assumed)"
            reason = report_days.why_not_working(date.fromisoformat(self.report_date))
            facts.append(
                ("Report date", _day(self.report_date) + assumed + (f", {reason}" if reason else ""))
            )
        if self.window_start and self.period_end:
            facts.append(("Rolling 12 months", f"{_day(self.window_start)} to {_day(self.period_end)}"))
        if self.convention:
            facts.append(("Working days (WD)", _convention(self.convention)))
        if (
            facts or self.known_by
        ):  # a page of no month or day is about everything to date unless it says otherwise
            facts.append(
                (
                    "Based on",
                    f"sources published by {_day(self.known_by)}"
                    if self.known_by
                    else "everything published to date",
                )
            )
        if self.coverage:
            facts.append(("Coverage", self.coverage))
        return _list(facts, "clocks") if facts else ""


@dataclass(frozen=True)
class Head:
    """The top of a page."""

    provenance: Provenance

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        month = self.provenance.month
        return {
            mime.HEAD: self.provenance.to_json(),
            "text/plain": repr(self),
            "text/html": self.provenance.banner
            + (f"<p>{html.escape(ReportMonth.parse(month).title)}</p>" if month else "")
            + self.provenance.clocks,
        }

    def __repr__(self) -> str:
        made = self.provenance
        marks = [word for word, so in (("synthetic", made.synthetic), ("draft", made.draft)) if so]
        return ", ".join([made.title, made.month or "all months", f"report date {made.report_date}", *marks])


@dataclass(frozen=True)
class Foot:
    """The foot of a page: what it takes to make it again."""

    provenance: Provenance

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        made = self.provenance
        facts = [("Month", made.month or "all")]
        days = (
            ("Report date", made.report_date),
            ("Period end", made.period_end),
            ("Window from", made.window_start),
        )
        facts += [(name, _day(value)) for name, value in days if value]
        facts.append(
            (
                "Based on",
                f"sources published by {_day(made.known_by)}"
                if made.known_by
                else "everything published to date",
            )
        )
        if made.convention:
            facts.append(("Convention", f"{made.convention}: {_convention(made.convention)}"))
        facts += [("Data, SHA-256", made.data_sha256), ("Code, SHA-256", made.code_sha256)]
        facts.append(
            ("Versions", ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items())))
        )
        return {
            mime.FOOT: made.to_json(),
            "text/plain": repr(self),
            "text/html": _list([(name, value) for name, value in facts if value], "provenance"),
        }

    def __repr__(self) -> str:
        made = self.provenance
        return f"data {made.data_sha256[:12]}, code {made.code_sha256[:12]}"


def _list(facts: list[tuple[str, str]], css: str) -> str:
    inner = "".join(
        f"<div><dt>{html.escape(n)}</dt><dd>{html.escape(value)}</dd></div>" for n, value in facts
    )
    return f'<dl class="{css}">{inner}</dl>'


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _convention(text: str) -> str:
    return convention_in_words(Convention(text)) if text in list(Convention) else text


def convention_in_words(convention: Convention) -> str:
    """How working days are counted."""
    if convention is Convention.SEC and code.current().bank_holidays is not None:
        return f"Monday to Friday without the bank holidays of the {code.current().name}, both ends counted"
    return CONVENTIONS[convention]
