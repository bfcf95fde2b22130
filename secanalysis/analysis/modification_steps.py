"""What happened to each modification, step by step: events, in force, splits, and stages that no event explains."""

from __future__ import annotations

from secanalysis.analysis.days_of_sources import DaysOfSources
from secanalysis.analysis.in_part import items_in_part
from secanalysis.analysis.modification_parts import with_owners
from secanalysis.analysis.plain_records import Record, gathered_by_owner, records, with_rows
from secanalysis.analysis.stage_rules import ATTESTS
from secanalysis.analysis.stages import stages
from secanalysis.domain import references
from secanalysis.domain.vocabulary import Event, LineageKind, Precision, ReleaseStatus
from secanalysis.register.resolution import ranking
from secanalysis.register.resolved import ResolvedRegister

IMPLEMENTED, SPLIT, STAGE = "implemented", "split", "stage"
"""Steps that aren't events: in force, split, and a stage that no event explains."""
EVENT_ORDER = {event.value: place for place, event in enumerate(Event)} | {
    STAGE: 90,
    SPLIT: 91,
    IMPLEMENTED: 92,
}

_STEP = {
    name: None
    for name in (
        "on",
        "precision",
        "day",
        "event",
        "body",
        "outcome",
        "path",
        "stage",
        "reason",
        "why",
        "release",
        "part",
        "of",
        "in_part",
        "otherwise",
    )
}


def steps_by_owner(register: ResolvedRegister) -> dict[str, list[Record]]:
    """What happened to each modification or part, in order, as `ModificationFacts.steps` has it."""
    steps = [*_events(register), *_in_force(register), *_splits(register), *_unexplained(register)]
    steps.sort(key=lambda step: (step["day"] or "9999", EVENT_ORDER[step["event"]], step["of"] or ""))
    same = ("event", "on", "precision", "body", "outcome", "path", "stage", "release", "part")
    return gathered_by_owner(steps, same)


def _events(register: ResolvedRegister) -> list[Record]:
    events = register.events[register.events["event"] != Event.OBSERVED]
    source_days = DaysOfSources(register.event_statements, "event_id", "events")
    rows = records(with_owners(register, events.drop(columns="stage"), "day").rename(columns={"name": "of"}))
    return [_STEP | _kept(row) | source_days.of(row["event_id"], row["on"], row["precision"]) for row in rows]


def _in_force(register: ResolvedRegister) -> list[Record]:
    statements = register.release_item_statements
    statements = statements[statements["status"] == ReleaseStatus.IMPLEMENTED]
    source_days = DaysOfSources(statements, "item", "release_items")
    done = with_owners(register, register.implementations, "day").rename(columns={"name": "of"})
    rows = records(done.assign(event=IMPLEMENTED, in_part=done["item"].isin(items_in_part(register))))
    return [_STEP | _kept(row) | source_days.of(row["item"], row["on"], row["precision"]) for row in rows]


def _splits(register: ResolvedRegister) -> list[Record]:
    lineage = register.tables["lineage"]
    splits = lineage[(lineage["kind"] == LineageKind.SPLIT) & lineage["on"].notna()]
    day = ranking.effective_day(splits["on"], splits["precision"])
    steps = []
    for cells in (splits["ref"], splits["earlier_ref"]):
        of = splits.assign(owner=references.name(cells), day=day, event=SPLIT, of=splits["ref"])
        steps += [_STEP | _kept(row) | {"rows": row["rows"]} for row in with_rows(of, "lineage")]
    return steps


def _unexplained(register: ResolvedRegister) -> list[Record]:
    """Stages that began with no event that says so: seen, or inferred from other statements."""
    histories = stages(register)
    held, statements = histories.intervals, histories.statements
    begun = held[["unit", "stage", "since", "since_precision"]].merge(
        statements[["unit", "day", "what", "after", "rule", "table", "source_id", "locator"]],
        left_on=["unit", "since", "stage"],
        right_on=["unit", "day", "after"],
    )
    by_event = begun["rule"].isna() & (begun["table"] == "events") & ~begun["what"].str.startswith("seen ")
    explains = by_event | ((begun["table"] == "release_items") & (begun["what"] == IMPLEMENTED))
    explained = explains.groupby([begun["unit"], begun["stage"], begun["since"]]).transform("any")
    begun = begun[~explained.astype(bool)]
    rows = begun.rename(columns={"unit": "owner", "since": "on", "since_precision": "precision"})
    return [
        _STEP
        | _kept(row)
        | {
            "event": STAGE,
            "why": ATTESTS[row["rule"]].words if row["rule"] else None,
            "rows": [(row["table"], row["source_id"], row["locator"])],
        }
        for row in records(rows)
    ]


def stated_step(stated: Record) -> Record:
    """The last step of one whose latest stage has no day, from `stated_without_a_day`."""
    precision = Precision.NOT_BEFORE.value if stated["on"] else None
    return _STEP | _kept(stated) | {"event": STAGE, "precision": precision, "rows": stated["rows"]}


def _kept(row: Record) -> Record:
    return {name: cell for name, cell in row.items() if name in _STEP or name == "owner"}
