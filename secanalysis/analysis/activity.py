"""The month's lists: raised, recommended, voted, decided, consulted on, met.

Lists cover the days after the previous report's date up to and including the report's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.analysis import stages
from secanalysis.analysis.list_coverage import ATTESTED, NOT_ATTESTED
from secanalysis.domain import references
from secanalysis.domain.figures import Measure, Row, rows_of
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import (
    EXACT,
    Body,
    ConsultationKind,
    Event,
    MeetingStatus,
    Outcome,
    Precision,
    Stage,
)
from secanalysis.register.resolution.ranking import effective_day
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

FAMILIES = ("vote", "impact_assessment")
"""Lists that a report publishes as a whole: if any figure of it is attested, all are."""


@dataclass(frozen=True, eq=False)
class Listed:
    """A list of the month: its figure's key, what it is called, and its items.

    ``items`` has ``ref`` (as the best source writes it), ``name`` (the modification or part), ``title``,
    ``on, precision`` and what else the list shows; ``rows`` are the statements behind it.
    """

    key: str
    label: str
    items: pd.DataFrame
    rows: tuple[Row, ...]


@once
def lists(register: ResolvedRegister, clock: Clock) -> dict[str, Listed]:
    """All lists of a month, by the key of the figure that counts them."""
    events = _dated(register)
    month = events[in_window(events["day"], clock)]

    def of(key: str, label: str, *kinds: Event) -> Listed:
        return _listed(register, key, label, month[month["event"].isin(kinds)])

    decided = month[(month["event"] == Event.DECIDED) & (month["body"] == Body.AUTHORITY)]
    in_order = [
        of("raised.count", "Raised", Event.RAISED),
        of("recommended.conversion.count", "Recommended for conversion", Event.RECOMMENDED_TO_CONVERSION),
        of(
            "recommended.refinement.count",
            "Recommended for the Refinement Process",
            Event.RECOMMENDED_TO_REFINEMENT,
        ),
        of("recommended.report.count", "Recommended for the Report Phase", Event.RECOMMENDED_TO_REPORT),
        *_votes(register, month),
        _listed(register, "authority.decided.count", "Decided by the Authority", decided),
        _with_authority(register, events, clock),
        *(
            of(f"impact_assessment.{how}.count", f"Impact Assessment requests {how}", event)
            for how, event in (
                ("approved", Event.IMPACT_ASSESSMENT_APPROVED),
                ("deferred", Event.IMPACT_ASSESSMENT_DEFERRED),
            )
        ),
        *_consultations(register, clock),
    ]
    return {listed.key: listed for listed in in_order}


@once
def _dated(register: ResolvedRegister) -> pd.DataFrame:
    """Events with the day on which they happened or by which they had, each under whose it is.

    Before a split a part's events are its parent's.
    """
    events = register.events.dropna(subset=["day"])
    events = events[events["precision"] != Precision.NOT_BEFORE]
    written = register.event_statements.drop_duplicates("event_id").set_index("event_id")["ref"]
    unit = register.unit_of(events["name"], events["day"])
    ref = looked_up(events["event_id"], written).where(unit == events["name"], unit)
    events = events.assign(name=unit, ref=ref, title=register.title_of(unit))
    return events.sort_values(["day", "name", "event_id"], kind="stable")


def attested(by_key: dict[str, Listed], printed: Collection[str]) -> set[str]:
    """Which of a report's lists it attests: those with rows, and those whose count it states.

    Parameters
    ----------
    by_key
        The lists of the report's statements alone, from `lists`.
    printed
        The keys of the figures that it states, "none this month" among them.
    """
    keys = {key for key, listed in by_key.items() if len(listed.items) or key in printed}
    families = {key.split(".")[0] for key in keys} & set(FAMILIES)
    return keys | {key for key in by_key if key.split(".")[0] in families}


def measures(by_key: dict[str, Listed], attested_keys: Collection[str]) -> list[Measure]:
    """The counts of the lists; null where no source attests the list."""
    return [
        Measure(
            key=listed.key,
            label=listed.label,
            value=float(len(listed.items)) if listed.key in attested_keys else None,
            n=len(listed.items),
            coverage=ATTESTED if listed.key in attested_keys else "",
            reason="" if listed.key in attested_keys else NOT_ATTESTED,
            rows=listed.rows,
            items=tuple(listed.items["name"]),
        )
        for listed in by_key.values()
    ]


NOT_CONFIRMED = "not confirmed"
"""What a meeting is that was planned for a day that has passed, where no source says that it was held."""


def meetings(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Meetings of the window, and those that a source of the window says are to come, each once.

    A meeting is a body's on a day; what several sources say of one modification there is one row, and a row
    without a modification is there only where the meeting has no other. A meeting known to its month gives way
    to one of that month with a day.

    Returns
    -------
    pandas.DataFrame
        ``held_on, precision, body, kind, status`` (held, scheduled, `NOT_CONFIRMED`), ``agenda_on, ref`` (the
        modification's on that day), ``title, purpose``, in the order of days.
    """
    m = register.shown_on("meetings", register.tables["meetings"], clock.report_date)
    day = effective_day(m["held_on"], m["precision"])
    published = looked_up(m["source_id"], register.sources.set_index("source_id")["published_on"])
    scheduled = m["status"] == MeetingStatus.SCHEDULED
    to_come = scheduled & (day > pd.Timestamp(clock.report_date)) & in_window(published, clock)
    rows = m.assign(
        day=day,
        month=m["held_on"].dt.to_period("M"),
        ref=register.unit_of(references.name(m["ref"]), day).fillna(""),
        status=m["status"].mask(scheduled & ~to_come, NOT_CONFIRMED),
        is_held=~scheduled,
        is_dated=m["precision"] != Precision.MONTH,
    )[in_window(day, clock) | to_come]
    best_first = rows.sort_values(["is_held", "source_id", "locator"], ascending=[False, True, True])
    key = ["day", "body", "ref", "held_on", "precision"]
    listed = best_first.groupby(key, as_index=False).first()
    others = listed["ref"].ne("").groupby([listed["held_on"], listed["body"]]).transform("any")
    better_dated = listed.groupby(["month", "body", "ref"])["is_dated"].transform("any")
    listed = listed[~(listed["ref"].eq("") & others) & (listed["is_dated"] | ~better_dated)]
    listed = listed.assign(ref=listed["ref"].replace("", None))
    listed = listed.assign(title=register.title_of(listed["ref"]))
    columns = ["held_on", "precision", "body", "kind", "status", "agenda_on", "ref", "title", "purpose"]
    return listed[columns].reset_index(drop=True)


def in_window(days: pd.Series, clock: Clock) -> pd.Series:
    """Which days a month's lists cover."""
    return (days > pd.Timestamp(clock.previous_report_date)) & (days <= pd.Timestamp(clock.report_date))


def _listed(
    register: ResolvedRegister, key: str, label: str, events: pd.DataFrame, *, several: bool = False
) -> Listed:
    """A list of events: each modification once, unless ``several`` votes on one count each."""
    if events.empty:
        return Listed(key, label, events[ITEM_COLUMNS].reset_index(drop=True), ())
    statements = register.event_statements[["event_id", "source_id", "locator"]]
    statements = statements.take(
        np.flatnonzero(np.isin(statements["event_id"].to_numpy(), events["event_id"].to_numpy()))
    )
    # of several statements the one with the day on which it happened
    loose = ~events["precision"].isin(EXACT).to_numpy()
    first = np.argsort(loose, kind="stable")
    same = ["name", "event", "day", "body"] if several else ["name"]
    kept = np.sort(first[~events[same].take(first).duplicated().to_numpy()])
    items = events[ITEM_COLUMNS].take(kept)
    return Listed(key, label, items.reset_index(drop=True), rows_of("events", statements))


ITEM_COLUMNS = ["ref", "name", "title", "on", "precision", "body", "outcome", "path", "reason", "event_id"]


def _votes(register: ResolvedRegister, month: pd.DataFrame) -> list[Listed]:
    votes = month[(month["event"] == Event.VOTED) & (month["body"] == Body.CHANGE_BOARD)]
    label = "Voted on by the Change Board"
    by_outcome = (
        _listed(
            register,
            f"vote.{outcome}.count",
            f"{label}: {outcome.replace('_', ' ')}",
            votes[votes["outcome"] == outcome],
            several=True,
        )
        for outcome in Outcome
    )
    referred = month[month["event"] == Event.REFERRED]
    return [
        _listed(register, "vote.count", label, votes, several=True),
        *by_outcome,
        _listed(register, "vote.referred.count", "Decisions of the Change Board referred", referred),
    ]


def _with_authority(register: ResolvedRegister, events: pd.DataFrame, clock: Clock) -> Listed:
    """With the Authority on the report's day: sent by then, not decided, and attested since."""
    day = pd.Timestamp(clock.report_date)
    sent = events[(events["event"] == Event.SENT_TO_AUTHORITY) & (events["day"] <= day)]
    ends = events[events["event"].isin([Event.DECIDED, Event.WITHDRAWN])]
    last_end = ends[ends["day"] <= day].groupby("root")["day"].max()
    next_end = ends[ends["day"] > day].groupby("root")["day"].min()
    still = ~(looked_up(sent["root"], last_end) >= sent["day"])
    attested_then = in_window(sent["day"], clock) | looked_up(sent["root"], next_end).notna()
    if register.attests(Event.SENT_TO_AUTHORITY, clock.report_date):
        now = stages.stages(register).at(clock.report_date)
        attested_then |= sent["name"].isin(now.loc[now["stage"] == Stage.DECISION, "unit"])
    pending = sent[still & attested_then]
    return _listed(register, "authority.pending.count", "With the Authority for decision", pending)


def _consultations(register: ResolvedRegister, clock: Clock) -> list[Listed]:
    c = register.shown_on("consultations", register.tables["consultations"], clock.report_date)
    day = pd.Timestamp(clock.report_date)
    opened = (c["opened_on"] <= day) & (c["closed_on"] >= day)
    published = looked_up(c["source_id"], register.sources.set_index("source_id")["published_on"])
    expected = c["expected_week"].notna() & in_window(published, clock) & ~(c["opened_on"] <= day)
    by_kind = []
    for kind, words in (
        (ConsultationKind.REFINEMENT, "Refinement"),
        (ConsultationKind.REPORT, "Modification Report"),
    ):
        of_kind = c["kind"] == kind
        by_kind.append(
            _consulted(
                register,
                c[of_kind & opened],
                f"consultation.{kind}.open.count",
                f"{words} Consultations open",
            )
        )
        by_kind.append(
            _consulted(
                register,
                c[of_kind & expected],
                f"consultation.{kind}.expected.count",
                f"{words} Consultations expected",
            )
        )
    return by_kind


def _consulted(register: ResolvedRegister, rows: pd.DataFrame, key: str, label: str) -> Listed:
    on = rows["opened_on"].fillna(rows["expected_week"])
    items = rows.assign(name=register.unit_of(references.name(rows["ref"]), on), on=on)
    items = items.assign(title=register.title_of(items["name"]), precision=Precision.DAY.value)
    items = items.sort_values(["on", "name", "source_id", "locator"], kind="stable")
    columns = ["ref", "name", "title", "on", "precision", "expected_week", "opened_on", "closed_on"]
    return Listed(
        key,
        label,
        items.drop_duplicates("name")[columns].reset_index(drop=True),
        rows_of("consultations", rows),
    )
