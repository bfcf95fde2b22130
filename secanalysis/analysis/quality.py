"""The quality of what is known: how much of it there is, and which statements are used with an assumption."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from secanalysis.analysis.stages import Stages
from secanalysis.domain import references
from secanalysis.domain.months import Clock
from secanalysis.domain.release_names import one_letter_apart
from secanalysis.domain.vocabulary import (
    DEVELOPMENT_SINCE,
    Body,
    CorrectionStatus,
    Event,
    Outcome,
    Precision,
)
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import schemas, table_columns
from secanalysis.support.memoise import once

ENOUGH_TARGETS, FEW_UNLIKE = 10, 0.1
"""Of how many targets of a kind, and of which share of them, those that differ are unusual."""
NOTE_COLUMNS = ["what", "ref", "table", "source_id", "locator"]


def coverage(register: ResolvedRegister, histories: Stages, clock: Clock) -> pd.DataFrame:
    """Of the modifications known on the report's day, how many have each fact.

    A part's facts from before the split are its parent's, and its parent's are its own.

    Returns
    -------
    pandas.DataFrame
        ``fact, count, of, share``; the first row is the stage.
    """
    names, facts = _facts(register, histories, clock)
    total = len(names)
    rows = [
        (fact, int(known.sum()), total, int(known.sum()) / total if total else None)
        for fact, known in facts.items()
    ]
    return pd.DataFrame(rows, columns=["fact", "count", "of", "share"])


def coverage_cases(register: ResolvedRegister, histories: Stages, clock: Clock) -> pd.DataFrame:
    """The modifications that `coverage` counts, row by row of it: ``row, fact, ref``."""
    names, facts = _facts(register, histories, clock)
    frames = [
        pd.DataFrame({"row": row, "fact": fact, "ref": names[known].to_numpy()})
        for row, (fact, known) in enumerate(facts.items())
    ]
    return pd.concat(frames, ignore_index=True)


@once
def _facts(
    register: ResolvedRegister, histories: Stages, clock: Clock
) -> tuple[pd.Series, dict[str, np.ndarray]]:
    """The modifications known on the report's day, and by fact of which of them it is known."""
    now = histories.at(clock.report_date)
    names = now["unit"]
    events = register.events
    events = events[events["day"] <= pd.Timestamp(clock.report_date)]
    unit_codes, units = pd.factorize(register.unit_of(events["name"], events["day"]))
    own, parents = (pd.Index(units).get_indexer(of) for of in (names, references.root(names)))

    def having(*kinds: Event) -> np.ndarray:
        having_it = np.zeros(len(units) + 1, dtype=bool)
        having_it[unit_codes[events["event"].isin(kinds)]] = (
            True  # the last one is for names of which there is no event
        )
        return having_it[own] | having_it[parents]

    inferred = now["inferred"].to_numpy(dtype=bool)
    return names, {
        "stage": now["stage"].notna().to_numpy(),
        **({"stage, inferred from the report's list": inferred} if inferred.any() else {}),
        "title": register.title_of(names).notna().to_numpy(),
        "day raised": having(Event.RAISED),
        "day converted": having(Event.CONVERTED),
        "day it entered the Report Phase": having(Event.ENTERED_REPORT),
        "a vote or decision": having(Event.VOTED, Event.DECIDED),
    }


def corrections(register: ResolvedRegister) -> pd.DataFrame:
    """All corrections but retired ones: the columns of `schemas.Corrections`, and whether each is ``used``."""
    current = register.stated.get("corrections", table_columns.empty("corrections"))
    current = current[current["status"] != CorrectionStatus.RETIRED]
    used = pd.MultiIndex.from_frame(register.corrections[schemas.CORRECTION_KEY])
    keys = pd.MultiIndex.from_frame(current[schemas.CORRECTION_KEY])
    return current.assign(used=keys.isin(used)).sort_values(schemas.CORRECTION_KEY, ignore_index=True)


@once
def notes(register: ResolvedRegister) -> pd.DataFrame:
    """Statements used with an assumption, or not at all: ``what, ref, table, source_id, locator``."""
    events, items = register.event_statements, register.tables["release_items"]
    titles = register.tables["modifications"]
    votes = events["event"] == Event.VOTED
    by_board = votes & (events["body"] == Body.CHANGE_BOARD)
    final = events["outcome"].isin([Outcome.APPROVED, Outcome.REJECTED])
    titled = set(titles.loc[titles["title"].notna(), "ref"])
    noted = [
        (
            "a vote whose outcome isn't stated: it changes no stage",
            "events",
            events[votes & events["outcome"].isna()],
        ),
        (
            "a Change Board decision whose path isn't stated: taken as final, and its path as not stated",
            "events",
            events[by_board & final & events["path"].isna() & ~events["name"].isin(_of_one_path(register))],
        ),
        ("an event without a day: it moves nothing", "events", events[events["on"].isna()]),
        (
            f"raised before {DEVELOPMENT_SINCE:%B %Y}: assumed to be in the Refinement Process from that day",
            "events",
            _raised_into_refinement(events),
        ),
        (
            "an item without a release's name: it counts in no release",
            "release_items",
            items[items["release"].isna()],
        ),
        (
            "a title twice from one source",
            "modifications",
            titles[titles.duplicated(["source_id", "ref", "title"], keep="first")],
        ),
        (
            "a row without a title, where another row has one",
            "modifications",
            titles[titles["title"].isna() & titles["ref"].isin(titled)],
        ),
    ]
    assessments = register.assessments
    early = assessments.loc[assessments["returned_on"] < assessments["accepted_on"], "assessment_id"]
    statements = register.assessment_statements
    noted.append(
        (
            "an assessment returned before it was accepted: its duration isn't counted",
            "assessments",
            statements[statements["assessment_id"].isin(early)],
        )
    )
    noted += _unusual_targets(statements)
    noted += _release_slips(register)
    frames = [rows.assign(what=what, table=table)[NOTE_COLUMNS] for what, table, rows in noted]
    return pd.concat(frames, ignore_index=True).sort_values(NOTE_COLUMNS, kind="stable", ignore_index=True)


def _raised_into_refinement(events: pd.DataFrame) -> pd.DataFrame:
    """When modifications were raised before there was a Development Stage."""
    early = events["on"] < pd.Timestamp(DEVELOPMENT_SINCE)
    return events[(events["event"] == Event.RAISED) & early & (events["precision"] != Precision.NOT_BEFORE)]


def _unusual_targets(statements: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """The few assessments whose stated target isn't the one that all others of their kind have."""
    for kind, of_kind in statements.dropna(subset=["target_wd"]).groupby("kind"):
        times = of_kind["target_wd"].value_counts()
        unlike = of_kind[of_kind["target_wd"] != times.index[0]]
        if len(of_kind) >= ENOUGH_TARGETS and len(unlike) <= FEW_UNLIKE * len(of_kind):
            what = (
                f"a {kind} whose target isn't the {times.index[0]} working days of the others: used as stated"
            )
            yield what, "assessments", unlike


def _of_one_path(register: ResolvedRegister) -> set[str]:
    """The modifications whose path their events state, and agree on."""
    paths = register.events.groupby("name")["path"].nunique()
    return {*paths.index[paths == 1]}


def _release_slips(register: ResolvedRegister) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """The rows of each release whose name is one letter off that of another which more rows have."""
    tables = {name: register.tables[name] for name in ("releases", "release_items")}
    times = pd.concat([frame["release"] for frame in tables.values()]).value_counts()
    for pair in one_letter_apart(times.index):
        rarer, usual = sorted(pair, key=lambda name: (int(times[name]), name))
        what = f"{rarer}: one letter off {usual}, and taken as another release"
        for table, frame in tables.items():
            rows = frame[frame["release"] == rarer]
            yield what, table, rows if "ref" in rows else rows.assign(ref=None)
