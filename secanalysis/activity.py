"""The month's lists: raised, recommended, voted, decided, consulted on, met.

Lists cover the days after the previous report's date up to and with the report's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from secanalysis import references
from secanalysis.figures import Measure, Row, rows_of
from secanalysis.months import Clock
from secanalysis.register import Register
from secanalysis.resolution import looked_up
from secanalysis.vocabulary import Body, ConsultationKind, Event, MeetingStatus, Outcome, Precision

NOT_ATTESTED = "no source attests the whole list"

FAMILIES = ("vote", "impact_assessment")
"""Lists that a report prints as one: if any figure of it is attested, all are."""


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


def lists(register: Register, clock: Clock) -> dict[str, Listed]:
    """All lists of a month, by the key of the figure that counts them."""
    found = [
        _events(register, clock, "raised.count", "Raised", [Event.RAISED]),
        *(
            _events(register, clock, f"recommended.{to}.count", f"Recommended to {words}", [event])
            for to, words, event in (
                ("conversion", "conversion", Event.RECOMMENDED_TO_CONVERSION),
                ("refinement", "the Refinement Process", Event.RECOMMENDED_TO_REFINEMENT),
                ("report", "the Report Phase", Event.RECOMMENDED_TO_REPORT),
            )
        ),
        *_votes(register, clock),
        _events(
            register,
            clock,
            "authority.decided.count",
            "Decided by the Authority",
            [Event.DECIDED],
            Body.AUTHORITY,
        ),
        _with_authority(register, clock),
        *(
            _events(
                register,
                clock,
                f"impact_assessment.{how}.count",
                f"Impact Assessment requests {how}",
                [event],
            )
            for how, event in (
                ("approved", Event.IMPACT_ASSESSMENT_APPROVED),
                ("deferred", Event.IMPACT_ASSESSMENT_DEFERRED),
            )
        ),
        *_consultations(register, clock),
    ]
    return {listed.key: listed for listed in found}


def attested(found: dict[str, Listed], printed: Collection[str]) -> set[str]:
    """Which of a report's lists it attests: those with rows, and those whose count it prints.

    Parameters
    ----------
    found
        The lists of the report's statements alone.
    printed
        The keys that it prints, "none this month" among them.
    """
    keys = {key for key, listed in found.items() if len(listed.items) or key in printed}
    families = {key.split(".")[0] for key in keys} & set(FAMILIES)
    return keys | {key for key in found if key.split(".")[0] in families}


def measures(found: dict[str, Listed], attested_keys: Collection[str]) -> list[Measure]:
    """The counts of the lists; null where no source attests the list."""
    return [
        Measure(
            key=listed.key,
            label=listed.label,
            value=float(len(listed.items)) if listed.key in attested_keys else None,
            n=len(listed.items),
            coverage="a source attests the list" if listed.key in attested_keys else "",
            reason="" if listed.key in attested_keys else NOT_ATTESTED,
            rows=listed.rows,
            items=tuple(listed.items["name"]),
        )
        for listed in found.values()
    ]


def meetings(register: Register, clock: Clock) -> pd.DataFrame:
    """Meetings of the window, and those that a source of the window says are to come.

    Returns
    -------
    pandas.DataFrame
        ``held_on, body, kind, status, agenda_on, ref, title, purpose, source_id, locator``.
    """
    m = register.tables["meetings"]
    window = _in_window(m["held_on"], clock)
    published = looked_up(m["source_id"], register.sources.set_index("source_id")["published_on"])
    to_come = (m["status"] == MeetingStatus.SCHEDULED) & (m["held_on"] > pd.Timestamp(clock.report_date))
    to_come &= _in_window(published, clock)
    out = m[window | to_come]
    out = out.assign(title=register.title_of(references.name(out["ref"])))
    return out.sort_values(["held_on", "body", "source_id", "locator"], ignore_index=True)


def _in_window(days: pd.Series, clock: Clock) -> pd.Series:
    return (days > pd.Timestamp(clock.previous_report_date)) & (days <= pd.Timestamp(clock.report_date))


def _listed(
    register: Register, key: str, label: str, events: pd.DataFrame, *, several: bool = False
) -> Listed:
    """A list of events: each modification once, unless ``several`` votes on one count each.

    Before a split its parts' events are their parent's.
    """
    told = register.events_told
    told = told[told["event_id"].isin(events["event_id"])]
    written = told.drop_duplicates("event_id").set_index("event_id")["ref"]
    unit = register.unit_of(events["name"], events["day"])
    ref = looked_up(events["event_id"], written).where(unit == events["name"], unit)
    items = events.assign(name=unit, ref=ref, title=register.title_of(unit))
    items["_loose"] = ~items["precision"].isin([Precision.DAY, Precision.MONTH])
    items = items.sort_values(["_loose", "day", "name", "event_id"], kind="stable")
    items = items.drop_duplicates(["name", "event", "day", "body"] if several else "name")
    columns = ["ref", "name", "title", "on", "precision", "body", "outcome", "path", "event_id"]
    items = items.sort_values(["day", "name", "event_id"], kind="stable")[columns]
    return Listed(key, label, items.reset_index(drop=True), rows_of("events", told))


def _events(
    register: Register, clock: Clock, key: str, label: str, kinds: list[Event], body: Body | None = None
) -> Listed:
    events = register.events
    mine = events["event"].isin(kinds) & _in_window(events["day"], clock)
    if body is not None:
        mine &= events["body"] == body
    return _listed(register, key, label, events[mine])


def _votes(register: Register, clock: Clock) -> list[Listed]:
    events = register.events
    votes = events[
        (events["event"] == Event.VOTED)
        & (events["body"] == Body.CHANGE_BOARD)
        & _in_window(events["day"], clock)
    ]
    referred = events[(events["event"] == Event.REFERRED) & _in_window(events["day"], clock)]
    return [
        _listed(register, "vote.count", "Voted on by the Change Board", votes, several=True),
        *(
            _listed(
                register,
                f"vote.{outcome}.count",
                f"Voted on by the Change Board: {outcome.replace('_', ' ')}",
                votes[votes["outcome"] == outcome],
                several=True,
            )
            for outcome in Outcome
        ),
        _listed(register, "vote.referred.count", "Decisions of the Change Board referred", referred),
    ]


def _with_authority(register: Register, clock: Clock) -> Listed:
    """With the Authority on the report's day: sent by then, not decided, and attested since."""
    events = register.events
    day = pd.Timestamp(clock.report_date)
    sent = events[(events["event"] == Event.SENT_TO_AUTHORITY) & (events["day"] <= day)]
    ends = events[events["event"].isin([Event.DECIDED, Event.WITHDRAWN])]
    last_end = ends[ends["day"] <= day].groupby("root")["day"].max()
    next_end = ends[ends["day"] > day].groupby("root")["day"].min()
    still = ~(looked_up(sent["root"], last_end) >= sent["day"])
    attested_then = _in_window(sent["day"], clock) | looked_up(sent["root"], next_end).notna()
    found = sent[still & attested_then]
    return _listed(register, "authority.pending.count", "With the Authority for decision", found)


def _consultations(register: Register, clock: Clock) -> list[Listed]:
    c = register.tables["consultations"]
    day = pd.Timestamp(clock.report_date)
    opened = (c["opened_on"] <= day) & (c["closed_on"] >= day)
    published = looked_up(c["source_id"], register.sources.set_index("source_id")["published_on"])
    expected = c["expected_week"].notna() & _in_window(published, clock)
    out = []
    for kind, words in (
        (ConsultationKind.REFINEMENT, "Refinement"),
        (ConsultationKind.REPORT, "Modification Report"),
    ):
        mine = c["kind"] == kind
        out.append(
            _consulted(
                register, c[mine & opened], f"consultation.{kind}.open.count", f"{words} Consultations open"
            )
        )
        out.append(
            _consulted(
                register,
                c[mine & expected],
                f"consultation.{kind}.expected.count",
                f"{words} Consultations expected",
            )
        )
    return out


def _consulted(register: Register, rows: pd.DataFrame, key: str, label: str) -> Listed:
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
