"""Made-up Change Status Reports: any facts in the report's layout, as text with scanning's noise or as HTML.

The wording is our own; only headings and the words of the field are the real report's. Each block of a
document knows the statements that it makes, so that what ingest reads can be held against them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from secanalysis.domain.figures import key_slug
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.written_days import day_in_words

Cells = dict[str, Any]
Fact = tuple[str, tuple[tuple[str, Any], ...]]

STAGES = ("development", "refinement", "report", "decision")
NUMBER_WORDS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
PEOPLE = ("Ada Example", "Bo Sample-Smith", "Cy O'Fiction")


@dataclass(frozen=True)
class Modification:
    """A made-up modification."""

    ref: str
    title: str


@dataclass(frozen=True)
class Assessment:
    """A row of the tables of assessments."""

    of: Modification
    kind: str
    on: date
    target: int
    duration: int | None


@dataclass(frozen=True)
class Vote:
    """One of the Change Board's votes."""

    of: Modification
    outcome: str
    path: str | None = "self_governance"
    release: str | None = None
    alone_on: date | None = None
    referred: bool = False


@dataclass(frozen=True)
class Facts:
    """All that a made-up report says."""

    month: ReportMonth
    published_on: date
    stages: tuple[int, int, int, int] | None = None
    to_refinement: tuple[Modification, ...] = ()
    to_report: tuple[Modification, ...] = ()
    to_conversion: tuple[Modification, ...] = ()
    approved: tuple[Modification, ...] = ()
    raised: tuple[tuple[Modification, str, date], ...] = ()
    implemented_since: date | None = None
    monthly: tuple[date, tuple[Modification, ...]] | None = None
    next_monthly: tuple[date, date] | None = None
    ad_hoc: tuple[tuple[Modification, date], ...] = ()
    expected: dict[str, tuple[date, tuple[Modification, ...]]] = field(default_factory=dict)
    requests: tuple[Modification, ...] = ()
    deferred: Modification | None = None
    totals: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    open: tuple[Assessment, ...] = ()
    returned: tuple[Assessment, ...] = ()
    voted_on: date | None = None
    votes: tuple[Vote, ...] = ()
    pending: tuple[Modification, ...] = ()
    implemented: tuple[tuple[Modification, date], ...] = ()
    scope: tuple[str, date, tuple[tuple[Modification, str | None], ...]] | None = None


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, entry or row, and the statements that it makes."""

    kind: str
    text: str
    facts: tuple[Fact, ...] = ()


def fact(table: str, **cells: Any) -> Fact:
    """A statement without its place; blanks left out."""
    return table, tuple(sorted((name, str(value)) for name, value in cells.items() if value is not None))


class Writer:
    """Writes facts as blocks."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.by = {"on": facts.published_on, "precision": "by"}
        self.blocks: list[Block] = []

    def add(self, kind: str, text: str, *facts: Fact) -> None:
        self.blocks.append(Block(kind, text, facts))

    def figure(self, key: str, printed: object, value: float | None, unit: str = "count") -> Fact:
        shown = None if value is None else float(value)
        return fact(
            "published_figures", month=self.facts.month, key=key, printed=printed, value=shown, unit=unit
        )

    def zero(self, key: str) -> Fact:
        return self.figure(key, "0", 0)

    def item(self, of: Modification, *facts: Fact, tail: str = "") -> None:
        named = fact("modifications", ref=of.ref, title=of.title)
        self.add("item", f"{of.ref} ‘{of.title}’{tail}", named, *facts)

    def write(self) -> list[Block]:
        """All blocks, in the report's order."""
        self.cover()
        self.add("heading", "1. Summary")
        self.add("paragraph", "A made-up overview of made-up changes, for tests alone.")
        self.stages()
        self.recommended("Refinement Process", "refinement", self.facts.to_refinement)
        self.recommended("Report Phase", "report", self.facts.to_report)
        self.decisions()
        self.add("heading", "2. Define")
        self.raised()
        self.add("heading", "3. Refine")
        self.meetings()
        self.consultations("refinement", "Refinement Consultation")
        self.requests()
        self.assessments()
        self.add("heading", "4. Opine")
        self.consultations("report", "Modification Report Consultation")
        self.votes()
        self.authority()
        self.add("heading", "Modification progression timescales")
        self.add("heading", "Proposal timescales")
        self.add("row", "Status Total Average duration")
        self.total("Proposals open (pre-decision)", "proposal.open")
        self.total("Proposals concluded in the last 12 months", "proposal.concluded")
        self.add("heading", "5. Releases")
        self.releases()
        return self.blocks

    def cover(self) -> None:
        self.add("heading", f"SYNTHETIC Change Status Report — {self.facts.month.title}")
        self.add("heading", "1. Purpose")
        self.add(
            "paragraph",
            "Nothing in this document is a fact: it was made up to test how such reports are read.",
        )
        self.add("paragraph", f"{PEOPLE[0]}")
        self.add("paragraph", day_in_words(self.facts.published_on))

    def stages(self) -> None:
        self.add("heading", "Proposals currently in each stage")
        counts = self.facts.stages
        keys = [f"stage.{stage}.count" for stage in STAGES]
        shown = counts or (None,) * 4
        facts = [self.figure(key, count, count) for key, count in zip(keys, shown, strict=True)]
        self.add("row", " ".join(map(str, counts)) if counts else "X1 0X 5 X", *facts)

    def recommended(self, stage: str, name: str, modifications: tuple[Modification, ...]) -> None:
        self.add("heading", f"Recommended to proceed to {stage}")
        key = f"recommended.{name}.count"
        if not modifications:
            self.add(
                "paragraph", f"No modifications are put forward to progress to the {stage}.", self.zero(key)
            )
            return
        count = NUMBER_WORDS[len(modifications)]
        are = "modification is" if len(modifications) == 1 else "modifications are"
        text = f"{count.title()} {are} put forward to progress to the {stage}:"
        self.add("paragraph", text, self.figure(key, count.title(), len(modifications)))
        for of in modifications:
            self.item(of, fact("events", ref=of.ref, event=f"recommended_to_{name}", **self.by))

    def decisions(self) -> None:
        self.add("heading", "Decisions")
        approved = self.facts.approved
        if not approved:
            self.add(
                "paragraph",
                "The Change Board did not approve any proposals.",
                self.zero("vote.approved.count"),
            )
            return
        count = str(len(approved))
        text = f"By its votes the Change Board approved {count} modifications under Self-Governance:"
        self.add("paragraph", text, self.figure("vote.approved.count", count, len(approved)))
        stated = {"event": "voted", "body": "change_board", "outcome": "approved", "path": "self_governance"}
        for of in approved:
            self.item(of, fact("events", ref=of.ref, **stated, **self.by))

    def raised(self) -> None:
        self.add("heading", "New Draft Proposals")
        for index, (of, organisation, on) in enumerate(self.facts.raised):
            self.add("reference", of.ref)
            stated = fact("events", ref=of.ref, event="raised", on=on, precision="day")
            named = fact("modifications", ref=of.ref, title=of.title, proposer_organisation=organisation)
            who = f"{PEOPLE[index % 3]} {('of the', 'from')[index % 2]} {organisation}"
            self.add(
                "paragraph",
                f"{of.ref} ‘{of.title}’ was raised by {who} on {day_in_words(on)}.",
                stated,
                named,
            )
            self.add(
                "paragraph",
                "It rests on MP001 and on SECMP0002 ‘Old matters’, which were approved long ago (2 of 3).",
            )
            since = self.facts.implemented_since
            if index == 0 and since:
                name = f"Standalone Release {since}"
                done = self.implemented(of, name, since)
                text = f"This modification was implemented on {day_in_words(since)}, in a standalone release."
                self.add("paragraph", text, done, self.in_force(name, since))
        self.add("heading", "Change Sub-Committee decisions")
        if not self.facts.to_conversion:
            text = "The CSC did not recommend any proposals for conversion."
            self.add("paragraph", text, self.zero("recommended.conversion.count"))
            return
        self.add("paragraph", "The CSC recommended the following proposals for conversion:")
        for of in self.facts.to_conversion:
            stated = fact("events", ref=of.ref, event="recommended_to_conversion", body="csc", **self.by)
            self.item(of, stated)

    def implemented(self, of: Modification, name: str, on: date) -> Fact:
        return fact("release_items", release=name, ref=of.ref, status="implemented", on=on, precision="day")

    def in_force(self, name: str, on: date) -> Fact:
        stated = self.facts.published_on
        return fact("releases", release=name, kind="standalone", stated_on=stated, in_force_on=on)

    def meetings(self) -> None:
        self.add("heading", "Working Group meetings")
        group = {"body": "working_group"}
        if self.facts.monthly:
            on, modifications = self.facts.monthly
            self.add(
                "paragraph",
                f"The monthly Working Group meeting was held on {day_in_words(on)} and considered:",
            )
            held = {"held_on": on, "kind": "monthly", "status": "held", "purpose": "general", **group}
            for of in modifications:
                self.item(of, fact("meetings", ref=of.ref, **held))
        if self.facts.next_monthly:
            on, agenda = self.facts.next_monthly
            stated = fact(
                "meetings", held_on=on, kind="monthly", status="scheduled", agenda_on=agenda, **group
            )
            text = f"The next monthly Working Group meeting will be held on {day_in_words(on)}; its agenda is out on"
            self.add("paragraph", f"{text.replace(';', ',')} {day_in_words(agenda)}.", stated)
        for of, on in self.facts.ad_hoc:
            cells = {"kind": "ad_hoc", "purpose": "report", "ref": of.ref, **group}
            later = on + timedelta(days=60)
            stated = fact("meetings", held_on=on, status="held", **cells)
            again = fact("meetings", held_on=later, status="scheduled", **{**cells, "purpose": "solution"})
            text = (
                f"An ad-hoc Working Group meeting was held on {on:%A} {day_in_words(on)} to go through {of.ref} ‘{of.title}’ "
                f"and its Modification Report. A further meeting is scheduled for {day_in_words(later)} on the solution."
            )
            self.add("paragraph", text, fact("modifications", ref=of.ref, title=of.title), stated, again)

    def consultations(self, kind: str, name: str) -> None:
        self.add("heading", f"{name}s")
        self.add(
            "paragraph", f"No proposals are out for {name}.", self.zero(f"consultation.{kind}.open.count")
        )
        week, modifications = self.facts.expected.get(kind, (None, ()))
        if not week:
            key = f"consultation.{kind}.expected.count"
            self.add("paragraph", f"No {name}s are expected soon.", self.zero(key))
            return
        self.add("paragraph", f"These {name}s are expected in the week commencing {day_in_words(week)}:")
        for of in modifications:
            self.item(of, fact("consultations", ref=of.ref, kind=kind, expected_week=week))

    def requests(self) -> None:
        self.add("heading", "Impact Assessment requests")
        month = self.facts.month.previous.first_day
        if not self.facts.requests:
            text = "No Impact Assessment requests were approved."
            self.add("paragraph", text, self.zero("impact_assessment.approved.count"))
            when: Cells = self.by
        else:
            when = {"on": month, "precision": "month"}
            self.add(
                "paragraph",
                f"In {month:%B} the Change Board approved these Impact Assessment requests in {month:%B}:",
            )
        for of in self.facts.requests:
            stated = fact(
                "events", ref=of.ref, event="impact_assessment_approved", body="change_board", **when
            )
            self.item(of, stated)
        if of_deferred := self.facts.deferred:
            of = of_deferred
            stated = fact(
                "events", ref=of.ref, event="impact_assessment_deferred", body="change_board", **when
            )
            text = f"The {of.ref} ‘{of.title}’ Impact Assessment request was deferred to the meeting in the month after."
            self.add("paragraph", text, fact("modifications", ref=of.ref, title=of.title), stated)

    def total(self, label: str, key: str) -> None:
        if key not in self.facts.totals:
            return
        count, mean = self.facts.totals[key]
        text = f"{label} {count:,}" + (f" {mean:,} WD" if mean is not None else "")
        shown = None if mean is None else f"{mean:,}"
        figures = (
            self.figure(f"{key}.count", f"{count:,}", count),
            self.figure(f"{key}.mean_wd", shown, mean, "WD"),
        )
        self.add("row", text, *figures)

    def assessments(self) -> None:
        self.add("heading", "DCC Assessment timescales")
        end = self.facts.month.period_end
        self.add("paragraph", f"All durations are over the 12 months to the end of {end:%B %Y}.")
        self.add("row", "Assessment Total Average duration")
        for name, kind in (("Preliminary Assessments", "pa"), ("Impact Assessments", "ia")):
            self.total(f"{name} open", f"assessment.{kind}.open")
            self.total(f"{name} completed in the last 12 months", f"assessment.{kind}.completed")
        self.add("heading", "Open Assessments")
        self.add("columns", "Modification Type Accepted Target duration Current duration")
        for row in self.facts.open:
            self.assessment(row, {"accepted_on": row.on, "state": "open", "state_on": end})
        self.add("columns", "Modification Type Returned Target duration Actual duration")
        for row in self.facts.returned:
            self.assessment(row, {"returned_on": row.on, "state": "returned", "state_on": row.on})

    def assessment(self, row: Assessment, cells: Cells) -> None:
        shown = None if row.duration is None else f"{row.duration:,}"
        root = re.sub("^DP", "MP", row.of.ref.rstrip("AB"))
        key = f"assessment.{root}.{row.kind.lower()}.{row.on}.duration_wd"
        again = sum(1 for block in self.blocks for stated in block.facts if ("key", key) in stated[1])
        if again:
            key += ".2"
        stated = fact("assessments", ref=row.of.ref, kind=row.kind, target_wd=row.target, **cells)
        text = f"{row.of.ref} {row.kind} {row.on.day} {row.on:%b %y} {row.target} WD"
        self.add(
            "row",
            text + (f" {shown} WD" if shown else ""),
            stated,
            self.figure(key, shown, row.duration, "WD"),
        )

    def votes(self) -> None:
        self.add("heading", "Change Board votes")
        if not self.facts.votes or not self.facts.voted_on:
            self.add("paragraph", "The Change Board did not vote this time.", self.zero("vote.count"))
            return
        on, count = self.facts.voted_on, len(self.facts.votes)
        text = f"On {day_in_words(on)} the Change Board has voted on {count} proposals on {day_in_words(on)}:"
        self.add("paragraph", text, self.figure("vote.count", count, count))
        for vote in self.facts.votes:
            self.vote(vote, on)

    def vote(self, vote: Vote, on: date) -> None:
        of = vote.of
        cells = {"body": "change_board", "outcome": vote.outcome, "path": vote.path}
        stated = [fact("events", ref=of.ref, event="voted", on=on, precision="day", **cells)]
        tail = f" was {vote.outcome.replace('_approval', '_for_approval').replace('_', ' ')}"
        tail += " under Self-Governance" if vote.path == "self_governance" else ""
        item = {"ref": of.ref, "status": "approved", "on": on, "precision": "day"}
        if vote.release:
            tail += f" for implementation in the {vote.release}"
            stated.append(fact("release_items", release=vote.release, **item))
        if day := vote.alone_on:
            tail += f" for implementation on {day_in_words(day)} as a standalone release"
            stated.append(fact("release_items", release=f"Standalone Release {day}", planned_on=day, **item))
        tail += "."
        if vote.referred:
            tail += " The decision was referred to the Panel."
            stated.append(fact("events", ref=of.ref, event="referred", body="panel", **self.by))
        self.item(of, *stated, tail=tail)

    def authority(self) -> None:
        self.add("heading", "Authority decisions")
        self.add("paragraph", "No Authority decisions were made.", self.zero("authority.decided.count"))
        if not self.facts.pending:
            return
        named = " and ".join(f"{of.ref} ‘{of.title}’" for of in self.facts.pending)
        verb = "is" if len(self.facts.pending) == 1 else "are"
        stated = [
            fact("events", ref=of.ref, event="sent_to_authority", body="authority", **self.by)
            for of in self.facts.pending
        ]
        titles = [fact("modifications", ref=of.ref, title=of.title) for of in self.facts.pending]
        self.add("paragraph", f"{named} {verb} with the Authority for decision.", *stated, *titles)

    def releases(self) -> None:
        self.add("heading", "SEC Releases")
        last = self.facts.month.previous
        if not self.facts.implemented:
            text = f"No modifications were implemented in {last.title}."
            self.add("paragraph", text, self.zero("release.implemented.count"))
        else:
            count = NUMBER_WORDS[len(self.facts.implemented)]
            stated = self.figure("release.implemented.count", count.title(), len(self.facts.implemented))
            self.add(
                "paragraph",
                f"{count.title()} modifications were implemented in {last.title}, standalone:",
                stated,
            )
        for of, on in self.facts.implemented:
            name = f"Standalone Release {on}"
            tail = f" was implemented on {day_in_words(on)}."
            self.item(of, self.implemented(of, name, on), self.in_force(name, on), tail=tail)
        if self.facts.scope:
            self.scope(*self.facts.scope)

    def scope(self, name: str, planned: date, items: tuple[tuple[Modification, str | None], ...]) -> None:
        rows_stated = self.figure(f"release.{key_slug(name)}.approved.count", len(items), len(items))
        stated = self.facts.published_on
        dated = fact("releases", release=name, kind="scheduled", stated_on=stated, planned_on=planned)
        text = f"So far {len(items)} modifications are approved for implementation in the {name} ({day_in_words(planned)}):"
        self.add("paragraph", text, rows_stated, dated)
        for of, part in items:
            cells = {
                "release": name,
                "ref": of.ref,
                "part": part,
                "status": "approved",
                "planned_on": planned,
            }
            self.item(of, fact("release_items", **cells, **self.by), tail=f" {part}" if part else "")


def write(facts: Facts) -> list[Block]:
    """A made-up report's blocks."""
    return Writer(facts).write()


def as_html(blocks: Sequence[Block]) -> str:
    """A document as a page to print: real tables, lists and headings."""
    body: list[str] = []
    kind = ""
    for block in blocks:
        text = html.escape(block.text)
        ends, begins = _ENDS.get(kind, ""), _BEGINS.get(block.kind, "")
        same = _GROUP.get(kind) == _GROUP.get(block.kind) and block.kind != "columns"
        if not same:
            body += [ends, begins]
        body.append(_cells(block) if block.kind in ("row", "columns") else _TAGS[block.kind].format(text))
        kind = block.kind
    return _PAGE.format("\n".join([*body, _ENDS.get(kind, "")]))


_GROUP = {"item": "list", "row": "table", "columns": "table"}
_BEGINS = {"item": "<ul>", "row": "<table>", "columns": "<table>"}
_ENDS = {"item": "</ul>", "row": "</table>", "columns": "</table>"}
_TAGS = {
    "heading": "<h2>{}</h2>",
    "reference": "<h3>{}</h3>",
    "paragraph": "<p>{}</p>",
    "item": "<li>{}</li>",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>SYNTHETIC</title><style>
body {{ font: 11pt/1.3 sans-serif }} td {{ border: 1px solid; padding: 2pt 4pt; width: 4em }}
table {{ border-collapse: collapse; margin: 8pt 0 }} tr {{ break-inside: avoid }}
</style>{}</html>"""
_CELL = re.compile(
    r"(?:Modification|Type|Accepted|Returned|(?:Target|Current|Actual|Average) duration|Assessment|Status|Total)(?=\s|$)"
    r"|(?:Preliminary|Impact|Proposals).*?(?=\s[0-9,]+(?:\s[0-9,]+ WD)?$)|[0-9,]+ WD|[0-9]{1,2} [A-Z][a-z]{2} [0-9]{2}|\S+"
)


def _cells(block: Block) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in _CELL.findall(block.text)) + "</tr>"


def example() -> Facts:
    """A small made-up report, the one of tests/fixtures."""
    lamps, bells, kites = (
        Modification("MP301", "Lamps that tell their hour"),
        Modification("SECMP0041", "Bells, and whether they ring – Batch 3"),
        Modification(
            "MP302A", "Kites’ strings in v2.1 of the made-up Kite Rules and all that follows from them"
        ),
    )
    new = Modification("DP310", "Doors that open both ways")
    day = date(2027, 3, 5)
    return Facts(
        ReportMonth(2027, 3),
        day,
        stages=(15, 30, 5, 2),
        to_report=(lamps, kites),
        approved=(bells,),
        raised=((new, "Example Doors Ltd (EDL)", date(2027, 2, 9)),),
        implemented_since=date(2027, 2, 26),
        monthly=(date(2027, 3, 3), (lamps, kites)),
        next_monthly=(date(2027, 4, 7), date(2027, 3, 24)),
        ad_hoc=((bells, date(2027, 2, 10)),),
        expected={"refinement": (date(2027, 3, 8), (kites,))},
        requests=(lamps,),
        deferred=kites,
        totals={"assessment.pa.open": (2, 1204), "assessment.ia.open": (1, 36), "proposal.open": (54, None)},
        open=(
            Assessment(lamps, "IA", date(2022, 7, 2), 40, 1204),
            Assessment(kites, "PA", date(2027, 2, 1), 15, None),
        ),
        returned=(
            Assessment(bells, "PA", date(2026, 8, 3), 15, 31),
            Assessment(bells, "PA", date(2026, 8, 3), 15, 31),
        ),
        voted_on=date(2027, 2, 24),
        votes=(
            Vote(bells, "approved", release="June 2027 SEC Release"),
            Vote(lamps, "rejected", referred=True),
        ),
        pending=(kites,),
        implemented=((new, date(2027, 2, 26)),),
        scope=("June 2027 SEC Release", date(2027, 6, 24), ((bells, "part 2"), (lamps, None))),
    )
