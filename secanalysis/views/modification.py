"""One modification: where it is, what happened to it and what is next, each with its sources."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from secanalysis.analysis.in_part import IN_PART, PLANNED
from secanalysis.analysis.modification_at_day import facts_at
from secanalysis.analysis.modification_facts import modification_facts
from secanalysis.analysis.plain_records import Record, all_rows, iso
from secanalysis.domain import references
from secanalysis.domain.figures import UnknownKey
from secanalysis.domain.vocabulary import BODIES, DEVELOPMENT_SINCE, Body, Event, Precision
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements.column_types import REF_PATTERN
from secanalysis.support.errors import UserError
from secanalysis.support.memoise import once
from secanalysis.views import mime
from secanalysis.views.formatting import count, listed, text, with_releases_in_words
from secanalysis.views.modification_words import (
    ASSESSMENTS,
    CONSULTATIONS,
    OUTCOMES,
    PATHS,
    PURPOSES,
    bare,
    day,
    relative,
    step,
    when,
)
from secanalysis.views.source_words import sources_line, sources_list
from secanalysis.views.subject_view import SubjectView
from secanalysis.views.way_through_stages import is_assumed, path_of, way
from secanalysis.views.where_it_is import sentence, to_come

LEFT_OUT_IF_EMPTY = ("What is next", "Planned, not confirmed", "Votes and decisions", "Parts and relatives")
"""Lists of which a page says nothing where they hold nothing."""

Entry = tuple[str, str, list[tuple[str, str, str]]]
"""A line of a list: when, what, and the rows behind it."""


ASSUMED_REFINEMENT = (
    f"Assumed: it was in the Refinement Process from the day on which it was raised. That was before {DEVELOPMENT_SINCE:%B %Y}, "
    "when Draft Proposals and their Development Stage began, and no source here says so of it."
)


class Modification(SubjectView):
    """One modification or part, with everything known of it to date, or as at a day.

    Displayed, it shows what its page shows. ``answer`` is the sentence that says where it is; ``timeline``,
    ``assessments``, ``consultations``, ``meetings``, ``releases`` and ``relatives`` are frames.

    Attributes
    ----------
    facts
        What is known, as plain data.
    on
        As at which day; None for everything to date.
    """

    def __init__(self, register: ResolvedRegister, ref: str, on: date | None = None) -> None:
        self.register, self.on = register, on
        facts = modification_facts(register)[name_of(register, ref)]
        self.facts = facts_at(register, facts, on) if on else facts

    @property
    def title(self) -> str:
        """Its reference and title."""
        ref = self.facts.written[0]
        return f"{ref}: {self.facts.title}" if self.facts.title else ref

    @cached_property
    def answer(self) -> str:
        """Where it is, in one sentence."""
        return sentence(self.facts, self.on, horizon(self.register))

    @property
    def digest(self) -> str:
        """A hash of all that it shows."""
        shown = [self.facts.to_json(), self.answer, self.register.is_synthetic, str(self.register.known_by)]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()

    # Frames -----------------------------------------------------------------------------------

    @property
    def timeline(self) -> pd.DataFrame:
        """What happened, in order."""
        return pd.DataFrame(self.facts.steps)

    @property
    def assessments(self) -> pd.DataFrame:
        """The DCC's assessments."""
        return pd.DataFrame(self.facts.assessments)

    @property
    def consultations(self) -> pd.DataFrame:
        """What was consulted on, and when."""
        return pd.DataFrame(self.facts.consultations)

    @property
    def meetings(self) -> pd.DataFrame:
        """Meetings that dealt with it."""
        return pd.DataFrame(self.facts.meetings)

    @property
    def releases(self) -> pd.DataFrame:
        """Releases that it was planned for or came into force in."""
        return pd.DataFrame(self.facts.releases)

    @property
    def relatives(self) -> pd.DataFrame:
        """Other modifications that it is related to."""
        return pd.DataFrame(self.facts.relatives)

    # A page -----------------------------------------------------------------------------------

    def __repr__(self) -> str:
        lines = [self.title, self.answer]
        for heading, entries in self._lists():
            lines += ["", heading, *(f"  {on}: {what}" if on else f"  {what}" for on, what, _ in entries)]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            mime.MODIFICATION: {"ref": self.facts.ref, "title": self.title, "answer": self.answer},
            "text/plain": repr(self),
            "text/html": "".join(self._html()),
        }

    def _html(self) -> Iterator[str]:
        yield f'<p class="answer">{text(self.answer)}</p>'
        if not (self.facts.parts and self.facts.split_on):  # a split one goes on as its parts
            yield self._way()
        if is_assumed(self.facts):
            yield f'<p class="note">{text(ASSUMED_REFINEMENT)}</p>'
        yield self._about()
        missing = []
        for heading, entries in self._lists():
            if entries:
                yield f'<h2 id="{_anchor(heading)}">{text(heading)}</h2>{self._list(entries)}'
            elif heading not in LEFT_OUT_IF_EMPTY:
                missing.append(heading.lower())
        if missing:
            words = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} or {missing[-1]}"
            yield f'<p class="note">No source here gives any {text(words)} of {text(self.facts.written[0])}.</p>'

        if self.facts.sources:
            yield f'<h2 id="sources">Sources</h2>{sources_list(self.facts.sources)}'

    def _way(self) -> str:
        """The stages as a bar: an ordered list, whose states are said in words too."""
        words = {
            "passed": "passed",
            "here": "the latest known",
            "left": "reopened since",
            "ahead": "not reached",
            "unknown": "not known whether it was reached",
        }
        items = "".join(
            f'<li class="{station.state}"{current if station.state == "here" else ""}>'
            f"<b>{text(station.title)}</b>"
            f'<span class="hidden"> ({words[station.state]}) </span>'
            + (f"<small>{text(station.note)}</small>" if station.note else "")
            + "</li>"
            for station in way(self.facts, self.on, horizon(self.register))
            for current in [' aria-current="step"']
        )
        return f'<ol class="way" aria-label="Stages">{items}</ol>'

    def _about(self) -> str:
        facts = self.facts
        also = [ref for ref in facts.written[1:] if ref != facts.written[0]]
        about = [
            ("Summary", facts.summary),
            ("Path", PATHS[path] if (path := path_of(facts)) and path == facts.path_seen else None),
            ("Proposer", facts.proposer),
            ("Also written", ", ".join(also)),
            ("Also called", "; ".join(facts.titles)),
        ]
        inner = "".join(f"<div><dt>{name}</dt><dd>{text(what)}</dd></div>" for name, what in about if what)
        return f'<dl class="about-it">{inner}</dl>' if inner else ""

    def _list(self, entries: Iterable[Entry]) -> str:
        items = "".join(
            f"<li>{f'<span class=when>{text(on)}</span> ' if on else ''}"
            f'<span class="what">{text(what)}</span>{sources_line(self.facts.sources, rows)}</li>'
            for on, what, rows in entries
        )
        return f'<ol class="facts" role="list">{items}</ol>'

    # Its lists --------------------------------------------------------------------------------

    def _lists(self) -> list[tuple[str, list[Entry]]]:
        facts, plans = self.facts, to_come(self.facts, self.on)
        latest = self.on.isoformat() if self.on else horizon(self.register) or ""

        def is_past(plan: Record) -> bool:
            return bool(plan["on"] <= latest)

        return [
            ("What is next", [_plan(plan) for plan in plans if not is_past(plan)]),
            ("Planned, not confirmed", [_plan(plan) for plan in plans if is_past(plan)]),
            ("Timeline", [_happened(record, facts.ref) for record in facts.steps]),
            (
                "Votes and decisions",
                [_vote(r) for r in facts.steps if r["event"] in (Event.VOTED, Event.DECIDED)],
            ),
            ("Assessments", [*map(_assessment, facts.assessments)]),
            ("Consultations", [*map(_consultation, facts.consultations)]),
            ("Meetings", [_meeting(record, self.on) for record in facts.meetings]),
            ("Releases", [*map(_release, facts.releases)]),
            (
                "Parts and relatives",
                [("", relative(record, facts.siblings), record["rows"]) for record in facts.relatives],
            ),
        ]


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _plan(plan: Record) -> Entry:
    on = f"week of {day(plan['on'])}" if plan["week"] else day(plan["on"])
    return on, plan["what"], plan["rows"]


def _happened(record: Record, ref: str) -> Entry:
    named = f" (as {record['of']})" if record["of"] not in (None, ref) and record["event"] != "split" else ""
    on = bare(record["on"], record["precision"]) if record["on"] else "day not known"
    return on, step(record, ref) + named + _otherwise(record), all_rows(record)


def _otherwise(record: Record, what: str = "") -> str:
    """What other sources say of the day, where they give another."""
    days = [bare(other["on"], other["precision"]) for other in record.get("otherwise") or ()]
    return f"; another source says {what}{listed(days)}" if days else ""


def _vote(record: Record) -> Entry:
    body = BODIES.get(record["body"], "Body not stated")
    words = f"{body}: {OUTCOMES.get(record['outcome'], 'outcome not stated')}"
    # that the Authority decided is what its path says
    words += f", {PATHS[record['path']]}" if record["path"] and record["body"] != Body.AUTHORITY else ""
    on = bare(record["on"], record["precision"]) if record["on"] else "day not known"
    return on, words + _otherwise(record), all_rows(record)


def _assessment(record: Record) -> Entry:
    days = [
        f"{word} {day(record[name])}"
        for name, word in (
            ("requested_on", "requested"),
            ("accepted_on", "accepted"),
            ("returned_on", "returned"),
        )
        if record[name]
    ]
    if record["returned_undated"] and not record["returned_on"]:
        days.append("returned, day not known")
    elif not record["returned_on"]:
        known = f" on {day(record['attested_on'])}" if record["attested_on"] else ""
        days.append(f"known to be open{known}" if known else "whether it was returned isn't known")
    words = f"{ASSESSMENTS[record['kind']]}: {', '.join(days)}"
    if record["wd"] is not None:
        words += f", after {count(int(record['wd']), 'working day')}"
    words += f"; target {int(record['target_wd'])} working days" if record["target_wd"] is not None else ""
    return "", words + _otherwise(record, "returned "), all_rows(record)


def _consultation(record: Record) -> Entry:
    days = [f"expected in the week of {day(record['expected_week'])}"] if record["expected_week"] else []
    days += [f"opened {day(record['opened_on'])}"] if record["opened_on"] else []
    days += [f"closed {day(record['closed_on'])}"] if record["closed_on"] else []
    number = f", round {int(record['round'])}" if record["round"] is not None else ""
    return (
        "",
        f"{CONSULTATIONS[record['kind']]}{number}: {', '.join(days) or 'days not known'}",
        record["rows"],
    )


def _meeting(record: Record, on: date | None) -> Entry:
    purpose = f", {PURPOSES[record['purpose']]}" if record["purpose"] else ""
    planned = record["status"] == "scheduled" or (on is not None and record["held_on"] > on.isoformat())
    words = (
        f"{BODIES[record['body']]}{purpose}{' (planned; no source says that it was held)' if planned else ''}"
    )
    in_month = record["precision"] == Precision.MONTH
    held = f"{date.fromisoformat(record['held_on']):%B %Y}" if in_month else day(record["held_on"])
    return held, words, record["rows"]


def _release(record: Record) -> Entry:
    part = f" ({record['part']})" if record["part"] else ""
    release = with_releases_in_words(record["release"] or "A release that isn't named")
    planned = record["planned_on"]
    words = f"{release}{part}: {IN_PART if record['in_part'] else record['status']}"
    if record["on"]:
        words += f" {when(record['on'], record['precision'])}"
    if planned and record["status"] in PLANNED:
        words += f", planned for {day(planned)}"
    return "", words + _otherwise(record), all_rows(record)


# Which there are ---------------------------------------------------------------------------------


@once
def horizon(register: ResolvedRegister) -> str | None:
    """The day to which anything is known: that of the latest source, or the latest past day that it states."""
    return iso(register.sources["published_on"].max())


def name_of(register: ResolvedRegister, ref: str) -> str:
    """The name of the modification that a reference means, among those of a register.

    Raises
    ------
    UserError
        If it is no reference, or no source names it; the message names those that are close.
    """
    written, known = str(ref).strip().upper(), modification_facts(register)
    if written in known:
        return written
    if not re.fullmatch(REF_PATTERN, written, re.ASCII):
        raise UserError(f"{str(ref)[:40]!r} is no reference: expected such as SECMP0007, MP102A or DP136")
    name = str(references.name(pd.Series([written])).iloc[0])
    if name not in known:
        raise UnknownKey(name, known, "modification")
    return name
