"""The register as a whole: every modification in one table, the releases, and the dates of the calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from secanalysis.analysis import release_dates, release_members
from secanalysis.analysis.calendar_dates import calendar_dates
from secanalysis.analysis.in_part import IN_PART
from secanalysis.analysis.modification_facts import ModificationFacts, modification_facts
from secanalysis.analysis.plain_records import Record, records
from secanalysis.analysis.stage_rules import FINAL
from secanalysis.domain.vocabulary import BODIES, STAGES, Precision, PublishedPrecision, Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.sentence_case import sentence_case
from secanalysis.views import mime
from secanalysis.views.formatting import (
    count,
    listed,
    precise_day,
    release_in_words,
    text,
    with_releases_in_words,
)
from secanalysis.views.formatting import day as short_day
from secanalysis.views.modification import Modification
from secanalysis.views.modification_words import CONSULTATIONS, PATHS, day
from secanalysis.views.subject_view import SubjectView
from secanalysis.views.tables import Table
from secanalysis.views.way_through_stages import path_of
from secanalysis.views.where_it_is import last_day, last_known, planned_release

ROWS_SHOWN = 5000
DATES_SHOWN = 100

COLUMNS = {
    "ref": "Reference",
    "title": "Title",
    "stage": "Stage",
    "since": "Since",
    "known_to": "Known until",
    "path": "Path",
    "release": "Release",
    "proposer": "Proposer",
}
PRECISIONS = {"since_precision": "Since known as", "known_to_precision": "Known until, known as"}
"""How to read its days, for those who download it."""
CLASSES = {"stage": "g", "since": "s", "known_to": "k", "path": "p", "release": "r", "proposer": "o"}
"""What the style sheet calls the columns that have a label on phones."""
CHOSEN_FROM = ("stage", "path", "release", "proposer")
"""Columns that a reader chooses from; the others are searched."""


class RegisterPage(SubjectView):
    """Every modification of a register, its releases and the dates of its calendar, on everything known to date."""

    def __init__(self, register: ResolvedRegister) -> None:
        self.register = register

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each modification or part: ``also`` (its other references), ``ref, title, stage, since, known_to, path, release, proposer`` and how to read its days."""
        rows = [_row(Modification(self.register, ref)) for ref in self._facts]
        frame = pd.DataFrame(rows, columns=["number", "also", *COLUMNS, *PRECISIONS])
        return frame.astype({"since": "datetime64[us]", "known_to": "datetime64[us]"})

    def table(self) -> RegisterTable:
        """The register as a table, which a small script sorts and filters."""
        parts = sum(facts.parent in self._facts for facts in self._facts.values())
        return RegisterTable(self.frame, parts)

    @property
    def _facts(self) -> Mapping[str, ModificationFacts]:
        return modification_facts(self.register)

    def releases(self) -> Table:
        """The releases, the latest first: their dates and how many modifications they hold."""
        frame, members = release_dates.release_days(self.register), release_members.members(self.register)
        approved, targeted = (
            frame["slug"].map(of.groupby("slug").size()).fillna(0).astype("int64")
            for of in (members[~members["is_targeted"]], members[members["is_targeted"]])
        )
        days = release_dates.days_in_force(self.register)
        others = pd.Series(
            [
                listed(short_day(day.date()) for day in days.get(slug, []) if day != in_force)
                for slug, in_force in zip(frame["slug"], frame["in_force_on"], strict=True)
            ],
            index=frame.index,
            dtype="str",
        )
        frame = frame.assign(modifications=approved, targeted=targeted, others=others.where(others != ""))
        named = frame["release"].str.extract(r"\b([A-Z][a-z]+ \d{4})\b")[0]
        month = pd.to_datetime(
            named, format="%B %Y", errors="coerce"
        )  # of one of which no source gives a day
        latest = frame["in_force_on"].fillna(frame["planned_on"]).fillna(month)
        frame = frame.assign(day=latest).sort_values(["day", "release"], ascending=[False, True])
        return Table(
            "releases",
            "Releases, the latest first",
            frame.reset_index(drop=True),
            {
                "release": "Release",
                "planned_on": "Last planned for",
                "in_force_on": "In force",
                "others": "Other sources say",
                "modifications": "Approved or in force",
                "targeted": "Only targeted",
            },
            note="Each release's page lists its modifications.",
            empty="No release is known.",
        )

    def dates(self) -> KeyDates:
        """Meetings, consultations and releases after the latest published report or export."""
        dates = calendar_dates(self.register, self.latest)
        called = {name: facts.written[0] for name, facts in self._facts.items()}
        refs = [
            re.sub(r"[A-Z]+[0-9]+[A-Z]?", lambda ref: called.get(ref[0], ref[0]), of) for of in dates["refs"]
        ]
        return KeyDates(records(dates.assign(refs=refs)), self.latest)

    @cached_property
    def latest(self) -> date:
        """The day of the latest published report or export; of the first source where there is none."""
        sources = self.register.sources
        exact = sources[sources["published_precision"] == PublishedPrecision.DAY]
        whole = exact["source_id"].isin([*self.register.reports, *self.register.exporting["source_id"]])
        day = exact.loc[whole, "published_on"].max()
        day = sources["published_on"].min() if pd.isna(day) else day
        return date(2005, 1, 1) if pd.isna(day) else day.date()

    @property
    def title(self) -> str:
        """The page's title."""
        return "Register of modifications"

    @property
    def digest(self) -> str:
        """A hash of all statements: the page shows something of each modification."""
        return self.register.data_sha256

    def __repr__(self) -> str:
        return f"Register of {count(len(self.frame), 'modification')}"

    def _repr_html_(self) -> str:
        return str(self.table()._repr_mimebundle_()["text/html"])


def _row(modification: Modification) -> Record:
    facts = modification.facts
    undated = facts.ended or facts.last_stated
    stage = {**undated, "since": None, "since_precision": None} if undated else facts.now
    in_force = [step["release"] for step in facts.steps if step["event"] == "implemented" and step["release"]]
    plan = planned_release(facts)
    split = bool(facts.parts and facts.split_on)
    shown = None if split or facts.contradiction else stage
    known_to, known_to_precision = None, None
    is_done = shown is not None and shown["stage"] == Stage.IMPLEMENTED
    if shown and shown["stage"] not in FINAL:
        is_pending = shown["stage"] == Stage.PENDING_IMPLEMENTATION
        if undated:
            known_to = undated["on"]
            known_to_precision = Precision.NOT_BEFORE.value if known_to else None
        else:
            known_to, known_to_precision = (
                (last_known(facts, None), Precision.DAY.value) if is_pending else last_day(shown)
            )
    name, since, since_precision = None, None, None
    if split:
        name, since, since_precision = "Split into parts", facts.split_on, facts.split_precision
    elif shown:
        name, since, since_precision = _stage(facts, shown)
    digits = "".join(filter(str.isdigit, facts.ref))
    return {
        "number": f"{int(digits or 0):07d}{facts.ref.rpartition(digits)[2]}",
        "also": " ".join(sorted({facts.ref, *facts.written[1:]} - {facts.written[0]})),
        "ref": facts.written[0],
        "title": facts.title,
        "stage": name,
        "since": since,
        "since_precision": since_precision,
        "known_to": known_to,
        "known_to_precision": known_to_precision,
        "path": PATHS[path] if (path := path_of(facts)) else None,
        "release": in_force[-1] if in_force and is_done else plan[0] if plan else None,
        "proposer": facts.proposer,
    }


def _stage(facts: ModificationFacts, stage: Record) -> tuple[str, str | None, str | None]:
    """A stage as the table has it, since when, and how to read that day: of what is in force in part since its first part."""
    parts = [step for step in facts.steps if step["in_part"]]
    if stage["stage"] == Stage.PENDING_IMPLEMENTATION and parts:
        return sentence_case(IN_PART), parts[0]["on"], parts[0]["precision"]
    return STAGES[Stage(stage["stage"])], stage["since"], stage["since_precision"]


class RegisterTable:
    """The register's table: as HTML it reads whole without a script, and says which columns one may sort and choose from."""

    def __init__(self, frame: pd.DataFrame, parts: int = 0) -> None:
        modifications = count(len(frame) - parts, "modification")
        of_split = f" and {count(parts, 'part')} of those that were split" if parts else ""
        self.caption = f"All {modifications} that sources name{of_split}"
        self.table = Table("register", "All modifications that sources name", frame, COLUMNS | PRECISIONS)
        self.frame = frame

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = self.table._repr_mimebundle_()
        return bundle | {mime.REGISTER: {"rows": len(self.frame)}, "text/html": self._as_html()}

    def _as_html(self) -> str:
        if self.frame.empty:
            return "<p>No source names any modification.</p>"
        rows = records(self.frame.head(ROWS_SHOWN))
        shown = [name for name in COLUMNS if name == "ref" or any(row[name] for row in rows)]
        head = "".join(
            f'<th scope="col"{" data-choose" if name in CHOSEN_FROM else ""}>{text(COLUMNS[name])}</th>'
            for name in shown
        )
        body = "".join(_table_row(row, shown) for row in rows)
        more = len(self.frame) - len(rows)
        note = (
            f"<p class=note>The first {len(rows):,} of {len(self.frame):,}; the CSV file holds all.</p>"
            if more
            else ""
        )
        return (
            '<div class="scroll" role="region" aria-label="All modifications" tabindex="0">'
            f'<table class="register"><caption>{self.caption}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
            '<p class="note">Known until: the last day for which a source supports the stage of one that isn’t '
            "concluded. A dash means that no source gives it.</p>"
        )


def _table_row(row: Record, shown: Sequence[str]) -> str:
    """A row as HTML without what may be left out: of a thousand rows each letter counts.

    Cells end where the next begins; the style sheet has the dashes of blank ones, and on phones their labels.
    """
    cells = [f"<th scope=row>{text(row['ref'])}"]
    for name in shown[1:]:
        opening = f"<td class={CLASSES[name]}" if name in CLASSES else "<td"
        if row[name] is None:
            cells.append(f"{opening}>")
        elif name in ("since", "known_to"):
            on = date.fromisoformat(row[name])
            words = precise_day(on, row[f"{name}_precision"])
            cells.append(f"{opening} data-sort={row[name]}>{text(words)}")
        else:
            cells.append(f"{opening}>{text(with_releases_in_words(str(row[name])))}")
    also = f' data-also="{text(row["also"])}"' if row["also"] else ""
    return f"<tr{also}>{''.join(cells)}</tr>"


class KeyDates:
    """Dates of the calendar, as a list and as data for ``calendar.ics``."""

    def __init__(self, dates: list[Record], after: date) -> None:
        self.after = after
        self.dates = [record | {"title": _title(record)} for record in dates]

    def __repr__(self) -> str:
        return "\n".join(f"{record['on']}: {record['title']}" for record in self.dates) or "No date is known."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {mime.CALENDAR: self.dates, "text/plain": repr(self), "text/html": self._as_html()}

    def _as_html(self) -> str:
        after = f"{day(self.after.isoformat())}, the day of the latest published report or export"
        if not self.dates:
            return f"<p>No meeting, consultation or release is known after {text(after)}.</p>"
        items = "".join(
            f'<li><span class="when">{text(_days(record))}</span> <span class="what">{text(record["title"])}'
            f"{text(': ' + record['refs']) if record['refs'] else ''}</span></li>"
            for record in self.dates[:DATES_SHOWN]
        )
        more = len(self.dates) - DATES_SHOWN
        note = f"<p>And {more:,} more in calendar.ics.</p>" if more > 0 else ""
        return f'<p>Known meetings, consultations and releases after {text(after)}.</p><ol class="facts" role="list">{items}</ol>{note}'


def _days(record: Record) -> str:
    if record["what"].endswith("_expected"):
        return f"week of {day(record['on'])}"
    return day(record["on"]) + (f" to {day(record['until'])}" if record["until"] != record["on"] else "")


def _title(record: Record) -> str:
    what = record["what"]
    if record["kind"] == "meeting":
        return f"{BODIES[what]} meeting"
    if record["kind"] == "release":
        words = release_in_words(what, article=False)
        return sentence_case(words)
    kind, _, side = what.partition("_")  # opens, closes, expected
    return f"{CONSULTATIONS[kind]} {side}".rstrip()
