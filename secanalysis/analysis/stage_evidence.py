"""Evidence of stages: everything dated that says something of a stage, collected from the tables.

Events do, and so do the contents of releases and registers' exports, whose collectors are here; what sources support
without saying that anything happened is collected in `stage_attestations`. What it all means is in `stage_rules`. A new
kind of evidence is a line there, its word in `ON_ONE_DAY`, and a collector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.analysis import stage_attestations
from secanalysis.analysis.evidence_rows import evidence_rows
from secanalysis.analysis.in_part import is_in_part
from secanalysis.analysis.stage_codes import (
    BY,
    DAY,
    EVIDENCE,
    FIRST_SIGHTING,
    NOT_BEFORE,
    NOWHERE,
    OUTCOMES,
    PRECISIONS,
    RULES,
    STAGES,
    UNSTATED,
    EventCodes,
)
from secanalysis.analysis.stage_rules import (
    APPROVED_ITEM,
    IMPLEMENTED,
    LISTED,
    RELEASE_ITEM_STAGES,
    WHILE_PARTS_ARE_LEFT,
)
from secanalysis.analysis.units import Units
from secanalysis.domain import references
from secanalysis.domain.vocabulary import Event, Precision, ReleaseStatus
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import as_words, coded

NO_ROW = -1
"""In place of the number of a row: a register's export supports all its rows, and none of them says so."""


@dataclass(frozen=True, eq=False)
class StageEvidence:
    """Everything dated that says something of a stage, one row per statement (and unit, once it has one).

    Attributes
    ----------
    units
        Which unit each number means.
    rows
        ``name`` or, after `evidence_order.by_unit`, ``unit`` (its number), ``day, on, precision, what`` (a number
        of `EVIDENCE`), ``after`` (the stage after it, if it starts one), ``own_after`` (the same by the
        statement's own outcome), ``rule`` (of `RULES`; `UNSTATED` where no rule of `stage_rules.ATTESTS` gives it),
        ``row`` (of which statement; `NO_ROW` where it is an export's). Words as numbers.
    statements
        The ``source_id, locator`` of the statements by table; rows are numbered through all.
    """

    units: Units
    rows: pd.DataFrame
    statements: Mapping[str, pd.DataFrame]

    def sources(self, rows: np.ndarray) -> pd.DataFrame:
        """Where some rows are stated: ``table, source_id, locator``; missing for an export's."""
        keys, places, begin = [], [], 0
        for table, frame in self.statements.items():
            place = np.flatnonzero((rows >= begin) & (rows < begin + len(frame)))
            in_table = frame.take(rows[place] - begin)
            keys.append(in_table.assign(table=pd.Series(table, index=in_table.index, dtype="str")))
            places.append(place)
            begin += len(frame)
        key_of = np.full(len(rows), -1)
        key_of[np.concatenate(places)] = np.arange(sum(map(len, places)))
        all_keys = pd.concat(keys, ignore_index=True)
        columns = ("table", "source_id", "locator")
        return pd.DataFrame({name: all_keys[name].array.take(key_of, allow_fill=True) for name in columns})

    def in_words(self) -> pd.DataFrame:
        """The evidence in words, without exports', as `Stages.statements` describes it; after `by_unit`."""
        rows = self.rows[self.rows["row"] != NO_ROW]
        words = pd.DataFrame(
            {
                "unit": self.units.texts(rows["unit"].to_numpy()),
                "day": rows["day"].array,
                "precision": as_words(PRECISIONS, rows["precision"]),
                "what": as_words(EVIDENCE, rows["what"]),
                "after": as_words(STAGES, rows["after"].mask(rows["after"] == NOWHERE, UNSTATED)),
                "rule": as_words(RULES, rows["rule"]),
            }
        )
        return pd.concat([words, self.sources(rows["row"].to_numpy())], axis=1)


def collected(register: ResolvedRegister) -> StageEvidence:
    """Collect the evidence from all tables, one row per statement, by the name that it gives.

    Parameters
    ----------
    register
        What is known.
    """
    units = Units.of(register)
    statements = {
        "events": register.event_statements,
        "release_items": register.release_item_statements,
        "assessments": register.assessment_statements,
        **{name: register.tables[name] for name in ("modifications", "consultations", "meetings")},
    }
    statements = {table: _named(frame) for table, frame in statements.items()}
    sizes = [len(frame) for frame in statements.values()]
    begins_at = dict(zip(statements, np.cumsum([0, *sizes]), strict=False))
    of_tables = [
        ("events", _of_events(register, units)),
        ("release_items", _of_release_items(register, units)),
        *stage_attestations.collected(register, units, statements),
    ]
    parts = [
        part.assign(row=(part["row"] + begins_at[table]).astype("int32"))
        for table, part in of_tables
        if len(part)
    ]
    if len(register.exports):
        parts.append(_of_exports(register, units))
    rows = pd.concat(parts, ignore_index=True) if parts else of_tables[0][1]
    dated = rows["day"].notna()
    if register.facts_by:
        dated &= rows["day"] <= pd.Timestamp(register.facts_by)
    keys = {table: frame[["source_id", "locator"]] for table, frame in statements.items()}
    return StageEvidence(units, _sightings_start_nothing(rows[dated]), keys)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Statements with the ``root`` and the ``name`` of the modification or part that each is about."""
    if {"root", "name"} <= {*frame.columns}:
        return frame
    roots, names = references.roots_and_names(frame["ref"])
    return frame.assign(root=roots, name=names)


def _sightings_start_nothing(rows: pd.DataFrame) -> pd.DataFrame:
    """What was seen then or later becomes a sighting of its stage, which never starts one."""
    after = rows["after"].to_numpy()
    seen = (rows["precision"].to_numpy() == NOT_BEFORE) & (after >= 0)
    return rows.assign(
        what=np.where(seen, FIRST_SIGHTING + after, rows["what"].to_numpy()).astype("int8"),
        after=np.where(seen, UNSTATED, after).astype("int8"),
    )


def _of_events(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    """Each statement of an event, with the stage after the event."""
    events, statements = register.events, register.event_statements
    codes = EventCodes.of(events, units.numbers(events["name"]))
    after = codes.stage_after(codes.outcome)
    event = statements["event_id"].to_numpy()
    own_outcome = coded(statements["outcome"], OUTCOMES, UNSTATED)
    differs = np.flatnonzero((own_outcome >= 0) & (own_outcome != codes.outcome[event]))
    own_after = after[event]
    own_after[differs] = codes.take(event[differs]).stage_after(own_outcome[differs])
    # an observed stage began then or before
    observed = (codes.event == EVIDENCE[Event.OBSERVED]) & (codes.precision != NOT_BEFORE)
    precision = np.where(observed, BY, codes.precision)
    return evidence_rows(
        codes.name[event],
        events["day"].take(event),
        events["on"].take(event),
        np.arange(len(statements)),
        precision=precision[event],
        what=codes.event[event],
        after=after[event],
        own_after=own_after,
    )


def _of_release_items(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    """What is approved for a release is pending then; what is in force is implemented once no part is left."""
    return pd.concat([_approved(register, units), _in_force(register, units)], ignore_index=True)


def _approved(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    items = register.release_item_statements
    row = np.flatnonzero((items["status"] == ReleaseStatus.APPROVED).to_numpy())
    seen = (items["precision"].take(row) == Precision.NOT_BEFORE).to_numpy()
    return evidence_rows(
        units.numbers(items["name"].take(row)),
        items["day"].take(row),
        items["on"].take(row),
        row,
        precision=np.where(seen, NOT_BEFORE, BY),
        what=EVIDENCE[APPROVED_ITEM],
        after=STAGES[RELEASE_ITEM_STAGES[ReleaseStatus.APPROVED]],
    )


def _in_force(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    items, implementations = register.release_item_statements, register.implementations
    row = np.flatnonzero((items["status"] == ReleaseStatus.IMPLEMENTED).to_numpy())
    resolved = pd.Index(implementations["item"]).get_indexer(items["item"].take(row))
    in_part = is_in_part(register)[resolved]
    precision = coded(implementations["precision"], PRECISIONS, UNSTATED)[resolved]
    # a part's day isn't the approval's: that was then or before
    precision = np.where(in_part & (precision != NOT_BEFORE), BY, precision)
    return evidence_rows(
        units.numbers(items["name"].take(row)),
        implementations["day"].take(resolved),
        implementations["on"].take(resolved),
        row,
        precision=precision,
        what=EVIDENCE[IMPLEMENTED],
        after=np.where(
            in_part, STAGES[WHILE_PARTS_ARE_LEFT], STAGES[RELEASE_ITEM_STAGES[ReleaseStatus.IMPLEMENTED]]
        ),
    )


def _of_exports(register: ResolvedRegister, units: Units) -> pd.DataFrame:
    """A register's export supports on its day whatever stage each of its modifications has reached."""
    listed = register.exports
    return evidence_rows(
        units.numbers(listed["name"]),
        listed["on"],
        listed["on"],
        np.full(len(listed), NO_ROW, dtype="int32"),
        precision=DAY,
        what=EVIDENCE[LISTED],
        after=UNSTATED,
    )
