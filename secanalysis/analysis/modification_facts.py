"""All that is known of each modification: its stages, what happened to it, its work, its releases and relatives.

What each page of a modification shows, gathered for all of them at once: days are ISO text and blanks None, so
that a modification's facts can be compared from one run to the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from secanalysis.analysis.days_of_sources import DaysOfSources
from secanalysis.analysis.ended_without_a_day import ended_without_a_day
from secanalysis.analysis.in_part import items_in_part
from secanalysis.analysis.modification_parts import with_owners
from secanalysis.analysis.modification_steps import stated_step, steps_by_owner
from secanalysis.analysis.plain_records import Record, all_rows, gathered_by_owner, iso, records, with_rows
from secanalysis.analysis.release_dates import planned_days
from secanalysis.analysis.stage_rules import FINAL, INFERRED
from secanalysis.analysis.stages import stages
from secanalysis.analysis.stated_without_a_day import stated_without_a_day
from secanalysis.domain import references, working_days
from secanalysis.domain.vocabulary import (
    Convention,
    Event,
    LineageKind,
    Precision,
    PublishedPrecision,
    ReleaseStatus,
)
from secanalysis.register.resolution import ranking
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

STATUS_ORDER = {status.value: place for place, status in enumerate(ReleaseStatus)}


@dataclass(frozen=True)
class ModificationFacts:
    """What is known of one modification or part.

    Attributes
    ----------
    ref
        The modification or part, such as MP102A.
    written
        The references that sources write for it, such as DP136 and MP136.
    title, titles
        The best source's title, and all others.
    proposer, summary
        Who raised it, and what it is about in our own words.
    parent, siblings, parts
        Of a part, the modification that it is of and all parts of that; of a split one, its parts.
    split_on
        The day from which the parts count.
    contradiction
        Why its history can't be true, where it can't.
    now
        The stage as last known, or on the day that the facts are as at; None where it isn't known.
    split_precision
        How to read that day: exact where a source states it so.
    path_seen
        The path that a source states where it only says in which stage it saw the modification.
    ended
        How it ended where no source gives the day: ``stage, body, rows``. It isn't known on any day, so of facts as
        at a day it is None.
    last_stated
        The open stage that a source states on no day that is known, later in the process than any dated one:
        ``stage, on, rows``. Of facts as at a day it is None, as ``ended`` is.
    stages
        ``stage, since, since_precision, until, believed_to, believed_precision, inferred``; ``believed_to`` is None for
        a final stage, ``believed_precision`` says how to read it (``not_before``: seen then or later), ``inferred`` says that nothing but an inference supports it on its last day.
    steps
        What happened, in order: ``on, precision, day, event, body, outcome, path, stage, reason, why, release, part, of, in_part,
        rows, otherwise``. ``of`` is the modification or part that sources name, ``in_part`` whether it is in force in
        part only, ``rows`` are (table, source_id, locator), ``otherwise`` those that give another day, with it.
    assessments, consultations, meetings, releases, relatives
        Its work, where it was planned and came into force, and what it is related to; each with ``rows``.
    sources
        What the rows' sources are, by source_id.
    """

    ref: str
    written: tuple[str, ...] = ()
    title: str | None = None
    titles: tuple[str, ...] = ()
    proposer: str | None = None
    summary: str | None = None
    parent: str | None = None
    parts: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    split_on: str | None = None
    contradiction: str | None = None
    now: Record | None = None
    split_precision: str | None = None
    path_seen: str | None = None
    ended: Record | None = None
    last_stated: Record | None = None
    stages: list[Record] = field(default_factory=list)
    steps: list[Record] = field(default_factory=list)
    assessments: list[Record] = field(default_factory=list)
    consultations: list[Record] = field(default_factory=list)
    meetings: list[Record] = field(default_factory=list)
    releases: list[Record] = field(default_factory=list)
    relatives: list[Record] = field(default_factory=list)
    sources: dict[str, Record] = field(default_factory=dict)

    def to_json(self) -> Record:
        """The same as plain data."""
        return dict(vars(self))


@once
def modification_facts(register: ResolvedRegister) -> Mapping[str, ModificationFacts]:
    """What is known of each modification and part that any source names, by reference, in order.

    Parameters
    ----------
    register
        What is known.
    """
    by_subject: dict[str, dict[str, list[Record]]] = {
        "stages": _stages(register),
        "steps": steps_by_owner(register),
        "assessments": _assessments(register),
        "consultations": _consultations(register),
        "meetings": _meetings(register),
        "releases": _releases(register),
        "relatives": _relatives(register),
    }
    described, written, parts = _described(register), _written(register), _parts(register)
    ended, stated = ended_without_a_day(register), stated_without_a_day(register, by_subject["stages"])
    contradictions = stages(register).contradictory.set_index("unit")["reason"].to_dict()
    split_days = {name: iso(day) for name, day in register.split_days.items()}
    splits = register.tables["lineage"]
    splits = splits[(splits["kind"] == LineageKind.SPLIT) & (splits["precision"] == Precision.DAY)]
    of_splits = zip(references.root(splits["earlier_ref"]), splits["on"], strict=True)
    exact_splits = {name for name, on in of_splits if iso(on) == split_days.get(name)}
    seen = register.event_statements[register.event_statements["event"] == Event.OBSERVED]
    paths = seen.dropna(subset=["path"]).groupby("name")["path"].last().to_dict()
    sources = source_facts(register)
    parents = {part: root for root, of_root in parts.items() for part in of_root}
    earlier = references.name(register.tables["lineage"]["earlier_ref"].dropna())
    names = {*register.named["name"], *register.named["root"], *earlier, *by_subject["stages"]}
    gathered = {}
    for name in sorted(names, key=_in_order):
        subjects: Record = {subject: of_names.get(name, []) for subject, of_names in by_subject.items()}
        used = {row[1] for of_name in subjects.values() for record in of_name for row in all_rows(record)}
        now = subjects["stages"][-1] if subjects["stages"] else None
        without_a_day = ended.get(name) if now is None or now["stage"] not in FINAL else None
        last_stated = None if without_a_day else stated.get(name)
        if last_stated:
            subjects["steps"] = [*subjects["steps"], stated_step(last_stated)]
        used |= {row[1] for record in (without_a_day, last_stated) if record for row in record["rows"]}
        gathered[name] = ModificationFacts(
            ref=name,
            written=tuple(written.get(name, [name])),
            parent=parents.get(name),
            parts=tuple(parts.get(name, [])),
            siblings=tuple(parts.get(parents.get(name, ""), [])),
            split_on=split_days.get(name),
            contradiction=contradictions.get(name),
            now=now,
            split_precision=Precision.DAY.value if name in exact_splits else Precision.BY.value,
            path_seen=paths.get(name),
            ended=without_a_day,
            last_stated=last_stated,
            sources={source_id: sources[source_id] for source_id in sorted(used)},
            **described.get(name, described.get(parents.get(name, ""), {})),
            **subjects,
        )
    return gathered


def _in_order(name: str) -> tuple[int, str]:
    return int("".join(filter(str.isdigit, name)) or 0), name


# What it is called -------------------------------------------------------------------------------


def _described(register: ResolvedRegister) -> dict[str, Record]:
    """Titles, proposer and summary by name, the best source's first."""
    order = ranking.ranked(register.tables["modifications"], register.sources)
    described: dict[str, Record] = {}
    for row in records(order[["name", "title", "proposer_organisation", "summary"]]):
        of_name = described.setdefault(
            row["name"], {"title": None, "titles": (), "proposer": None, "summary": None}
        )
        title = row["title"]
        if title and of_name["title"] is None:
            of_name["title"] = title
        elif title and title not in (of_name["title"], *of_name["titles"]):
            of_name["titles"] += (title,)
        of_name["proposer"] = of_name["proposer"] or row["proposer_organisation"]
        of_name["summary"] = of_name["summary"] or row["summary"]
    return described


def _written(register: ResolvedRegister) -> dict[str, list[str]]:
    """The references that sources write for each modification or part, Draft Proposals last."""
    columns = [
        frame["ref"] for name, frame in register.tables.items() if name != "sources" and "ref" in frame
    ]
    refs = pd.concat([*columns, register.tables["lineage"]["earlier_ref"]]).dropna().drop_duplicates()
    written: dict[str, list[str]] = defaultdict(list)
    names = references.name(refs)
    for ref, name in sorted(
        zip(refs, names, strict=True), key=lambda pair: (pair[0].startswith("DP"), pair[0])
    ):
        written[name].append(ref)
    return written


def _parts(register: ResolvedRegister) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = defaultdict(list)
    for root, name in sorted(zip(register.parts["root"], register.parts["name"], strict=True)):
        parts[root].append(name)
    return parts


@once
def source_facts(register: ResolvedRegister) -> dict[str, Record]:
    """What each source is, by source_id."""
    return {str(row["source_id"]): _source(row) for row in records(register.sources)}


def _source(row: Record) -> Record:
    kept = ("kind", "title", "publisher", "published_on", "url")
    source = {name: row[name] for name in kept}
    return source | {"dated": row["published_precision"] == PublishedPrecision.DAY}


# Its stages --------------------------------------------------------------------------------------


def _stages(register: ResolvedRegister) -> dict[str, list[Record]]:
    held, statements = stages(register).intervals, stages(register).statements
    # supported to its last day by nothing but an inference
    is_inferred = (statements["rule"] == INFERRED).groupby([statements["unit"], statements["day"]]).all()
    keys = pd.MultiIndex.from_frame(held[["unit", "believed_to"]])
    held = held.assign(inferred=is_inferred.reindex(keys).fillna(False).astype(bool).to_numpy())
    believed = _precision_of_last_days(statements).reindex(keys)
    held["believed_precision"] = believed.fillna(Precision.DAY.value).to_numpy()
    columns = ["unit", "stage", "since", "since_precision", "until", "believed_to", "believed_precision"]
    columns.append("inferred")
    rows = ({**record, "rows": []} for record in records(held[columns].rename(columns={"unit": "owner"})))
    return gathered_by_owner(rows, ("stage", "since"))


def _precision_of_last_days(statements: pd.DataFrame) -> pd.Series:
    """How to read a day of evidence, by unit and day: a bound of a page's day and a meeting's month are no exact days."""
    loose = statements["precision"] == Precision.NOT_BEFORE
    seen = loose & statements["table"].isin(["events", "release_items"])
    in_month = loose & (statements["table"] == "meetings")
    of_day = [statements["unit"], statements["day"]]
    exact = (~seen & ~in_month).groupby(of_day).any()
    month = in_month.groupby(of_day).any()
    words = pd.Series(Precision.NOT_BEFORE.value, index=exact.index, dtype="str")
    return words.mask(month, Precision.MONTH.value).mask(exact, Precision.DAY.value)


# Its work ----------------------------------------------------------------------------------------


def _assessments(register: ResolvedRegister) -> dict[str, list[Record]]:
    frame, statements = register.assessments, register.assessment_statements
    days = ["requested_on", "accepted_on", "returned_on"]
    # of a part where all its sources name that part
    name = statements.groupby("assessment_id")["name"].agg(["min", "max"])
    named = looked_up(frame["assessment_id"], name["min"].where(name["min"] == name["max"]))
    frame = frame.assign(
        name=named.fillna(references.name(frame["ref"])),
        day=frame[days].min(axis=1),
        wd=working_days.span(frame["accepted_on"], frame["returned_on"], Convention.AS_PUBLISHED),
    )
    returned = statements.assign(on=statements["returned_on"], precision=Precision.DAY.value)
    source_days = DaysOfSources(returned, "assessment_id", "assessments")
    frame = with_owners(register, frame, "day").sort_values(["day", "kind", "assessment_id"])
    kept = ["kind", *days, "target_wd", "wd", "attested_on", "returned_undated", "assessment_id", "owner"]
    rows = [
        row | source_days.of(row["assessment_id"], row["returned_on"], Precision.DAY)
        for row in records(frame[kept])
    ]
    return gathered_by_owner(rows, ("assessment_id",))


def _consultations(register: ResolvedRegister) -> dict[str, list[Record]]:
    frame = register.tables["consultations"].dropna(subset=["ref"])
    days = ["expected_week", "opened_on", "closed_on"]
    frame = frame.assign(name=references.name(frame["ref"]), day=frame[days].min(axis=1))
    frame = with_owners(register, frame, "day").sort_values(["day", "kind", "source_id", "locator"])
    kept = ["kind", "round", *days, "owner", "source_id", "locator"]
    return gathered_by_owner(with_rows(frame[kept], "consultations"), ("kind", "round", *days))


def _meetings(register: ResolvedRegister) -> dict[str, list[Record]]:
    frame = register.tables["meetings"].dropna(subset=["ref"])
    frame = frame.assign(name=references.name(frame["ref"]))
    # one that a source speaks of as past was held, whatever was planned
    order = ["held_on", "body", "status", "source_id", "locator"]
    frame = with_owners(register, frame, "held_on").sort_values(order)
    kept = ["held_on", "precision", "body", "status", "purpose", "owner", "source_id", "locator"]
    by_owner = gathered_by_owner(
        with_rows(frame[kept], "meetings"), ("held_on", "precision", "body", "purpose")
    )
    return {owner: _without_general(of_owner) for owner, of_owner in by_owner.items()}


def _without_general(meetings: list[Record]) -> list[Record]:
    """Meetings with a purpose, and those of no stated one where nothing else is known of the day."""
    stated = {(meeting["held_on"], meeting["body"]) for meeting in meetings if meeting["purpose"]}
    return [
        meeting
        for meeting in meetings
        if meeting["purpose"] or (meeting["held_on"], meeting["body"]) not in stated
    ]


# Its releases and relatives ----------------------------------------------------------------------


def _releases(register: ResolvedRegister) -> dict[str, list[Record]]:
    items = register.release_item_statements
    days, came = planned_days(register), _in_force_days(register)
    slugs = {name: register.release_slugs[name] for name in items["release"].dropna().unique()}
    items = items.assign(
        slug=items["release"].map(slugs),
        release_day=looked_up(items["release"], days).fillna(items["planned_on"]),
        release_in_force=looked_up(items["release"], came),
        status_order=items["status"].map(STATUS_ORDER),
        in_part=(items["status"] == ReleaseStatus.IMPLEMENTED) & items["item"].isin(items_in_part(register)),
    )
    order = ["release_day", "release", "part", "status_order", "rank", "age", "source_id", "locator"]
    items = with_owners(register, items, "day").sort_values(order, na_position="first", kind="stable")
    # of what several sources plan alike, the day that any of them states
    same = items.groupby(["owner", "release", "part", "status"], dropna=False)
    items["planned_on"] = items["planned_on"].fillna(same["planned_on"].transform("first"))
    kept = ["release", "slug", "part", "status", "on", "precision", "day", "planned_on", "release_day"]
    kept += ["release_in_force", "in_part", "item", "owner", "source_id", "locator"]
    by_owner = gathered_by_owner(with_rows(items[kept], "release_items"), ("release", "part", "status"))
    in_force = items[items["status"] == ReleaseStatus.IMPLEMENTED]
    believed = register.implementations.set_index("item")[["on", "precision", "day"]]
    source_days = DaysOfSources(in_force, "item", "release_items")
    for record in (record for of_owner in by_owner.values() for record in of_owner):
        item = record.pop("item")
        if record["status"] == ReleaseStatus.IMPLEMENTED:
            record |= records(believed.loc[[item]])[0]
            record |= source_days.of(item, record["on"], record["precision"])
    return by_owner


def _in_force_days(register: ResolvedRegister) -> pd.Series:
    stated = register.tables["releases"].dropna(subset=["in_force_on"])
    return (
        stated.sort_values(["stated_on", "source_id"], na_position="first")
        .groupby("release")["in_force_on"]
        .last()
    )


def _relatives(register: ResolvedRegister) -> dict[str, list[Record]]:
    lineage = register.tables["lineage"]
    ref, earlier = references.name(lineage["ref"]), references.name(lineage["earlier_ref"])
    both = pd.concat(
        [
            lineage.assign(owner=ref, relative=lineage["earlier_ref"], later=False),
            lineage.assign(owner=earlier, relative=lineage["ref"], later=True)[ref != earlier],
        ]
    )
    both = both.sort_values(["owner", "kind", "relative", "source_id", "locator"], kind="stable")
    both["title"] = register.title_of(references.name(both["relative"]))
    kept = ["owner", "kind", "relative", "later", "title", "on", "precision", "source_id", "locator"]
    return gathered_by_owner(with_rows(both[kept], "lineage"), ("kind", "relative", "later", "on"))
