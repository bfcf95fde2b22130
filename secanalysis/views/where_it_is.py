"""Where a modification is, in one sentence, and what was planned for the days after."""

from __future__ import annotations

from datetime import date

from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.modification_at_day import was_published
from secanalysis.analysis.modification_facts import ModificationFacts
from secanalysis.analysis.modification_steps import IMPLEMENTED
from secanalysis.analysis.plain_records import Record
from secanalysis.analysis.stage_rules import FINAL
from secanalysis.domain.vocabulary import (
    BODIES,
    Precision,
    ReleaseStatus,
    Stage,
)
from secanalysis.views.formatting import listed, release_in_words, with_releases_in_words
from secanalysis.views.modification_words import (
    CONSULTATIONS,
    UNDATED,
    WAS,
    bare,
    day,
    since,
    when,
)


def last_known(facts: ModificationFacts, on: date | None) -> str | None:
    """The last day of which anything is known that has happened: what lies after it is to come."""
    if on is not None:
        return on.isoformat()
    days = [step["day"] for step in facts.steps if step["day"]]
    days += [s["since"] for s in facts.stages]
    days += [
        s["believed_to"]
        for s in facts.stages
        if s["believed_to"] and s["stage"] != Stage.PENDING_IMPLEMENTATION
    ]
    days += [r["day"] for r in facts.releases if r["status"] == ReleaseStatus.APPROVED]
    for assessment in facts.assessments:
        days += [assessment[name] for name in ("requested_on", "accepted_on", "returned_on", "attested_on")]
    days += [meeting["held_on"] for meeting in facts.meetings if meeting["status"] == "held"]
    return max(filter(None, days), default=None)


def sentence(facts: ModificationFacts, on: date | None, horizon: str | None) -> str:
    """Where the modification is, in one sentence.

    Parameters
    ----------
    facts
        What is known of it.
    on
        As at which day; None for everything to date.
    horizon
        The day to which anything at all is known: a plan for before it is one whose outcome no source gives.
    """
    ref, stage = facts.written[0], facts.now
    as_at = f"On {day(on.isoformat())} " if on else ""
    if facts.contradiction:
        return f"Where {ref} is can't be said: its history contradicts itself ({facts.contradiction})."
    if facts.parts and facts.split_on:
        followed = "each of which has" if len(facts.parts) > 1 else "which has"
        split = when(facts.split_on, facts.split_precision)
        return f"{ref} was split {split} into {listed(list(facts.parts))}, {followed} a page of its own."
    if facts.ended:
        return _ended(facts)
    if facts.last_stated:
        return _last_stated(facts, facts.last_stated)
    if stage is None:
        return _unknown(facts, on)
    name, begun = stage["stage"], since(stage["since"], stage["since_precision"])
    if name in FINAL:
        return f"{ref} was {WAS[name]} {when(stage['since'], stage['since_precision'])}{_how(facts, stage)}."
    if name == Stage.PENDING_IMPLEMENTATION:
        return _approved(facts, stage, on, horizon)
    if on:
        return f"{as_at}{ref} was {WAS[name]} {begun}."
    believed = stage["believed_to"] or stage["since"]
    if believed == stage["since"] and stage["since_precision"] != Precision.BY:
        return (
            f"{ref} was {WAS[name]} {when(believed, stage['since_precision'])}; "
            "no source says how long it stayed there or what followed."
        )
    believed_precision = last_day(stage)[1]
    notes = [] if believed == stage["since"] else [begun]
    notes += ["inferred from the report's list"] if stage["inferred"] else []
    began = f" ({'; '.join(notes)})" if notes else ""
    if believed_precision in (Precision.MONTH, Precision.NOT_BEFORE):
        return f"{ref} was {WAS[name]}{began} when it was last seen, {when(believed, believed_precision)}."
    return f"On {day(believed)}, the last day for which its stage is known, {ref} was {WAS[name]}{began}."


def last_day(stage: Record) -> tuple[str, str | None]:
    """The last day for which a source supports a stage, and how to read it."""
    last = stage["believed_to"] or stage["since"]
    precision = stage["since_precision"] if last == stage["since"] else stage["believed_precision"]
    # what began by a day was so on it
    return last, Precision.DAY if precision == Precision.BY else precision


def _ended(facts: ModificationFacts) -> str:
    """How it ended where no source gives the day, and where it was last known to be before."""
    ref, ended, stage = facts.written[0], facts.ended or {}, facts.now
    by = f" by the {BODIES[ended['body']]}" if ended["body"] in BODIES else ""
    words = f"{ref} was {WAS[ended['stage']]}{by}, on a day that no source gives"
    if stage is None:
        return f"{words}."
    last, precision = last_day(stage)
    return f"{words}; it was last known to be {WAS[stage['stage']]} {when(last, precision)}."


def _last_stated(facts: ModificationFacts, stated: Record) -> str:
    """The stage that a source states without its day, and where it was last known to be before."""
    on = when(stated["on"], Precision.NOT_BEFORE) if stated["on"] else "on a day that no source gives"
    words = f"{facts.written[0]} was {WAS[stated['stage']]} when it was last seen, {on}"
    if facts.now is None:
        return f"{words}."
    last, precision = last_day(facts.now)
    return f"{words}; it was last known to be {WAS[facts.now['stage']]} {when(last, precision)}."


def _how(facts: ModificationFacts, stage: Record) -> str:
    """By whom, or in which release, a final stage was reached."""
    on_day = [step for step in facts.steps if step["day"] == stage["since"]]
    if stage["stage"] == Stage.IMPLEMENTED:
        releases = {step["release"] for step in on_day if step["event"] == IMPLEMENTED and step["release"]}
        return f", in {release_in_words(listed(sorted(releases)))}" if releases else ""
    bodies = {BODIES[step["body"]] for step in on_day if step["body"] in BODIES}
    return f" by the {sorted(bodies)[0]}" if bodies else ""


def _approved(facts: ModificationFacts, stage: Record, on: date | None, horizon: str | None) -> str:
    ref, parts = facts.written[0], [step for step in facts.steps if step["in_part"]]
    # where nothing but a part in force shows that it was approved, the day of that is no day of the approval
    approved = (
        ""
        if stage["since"] in {step["day"] for step in parts}
        else (f"was approved {when(stage['since'], stage['since_precision'])}")
    )
    partly = f"has been in force in part since {listed(map(_part_in_force, parts))}" if parts else ""
    words = f"{ref} {' and '.join(filter(None, [approved, partly]))}"
    rest = "the rest" if parts else "implementation"
    plan = planned_release(facts)
    if plan is None:
        awaits = "; the rest awaits implementation, and" if parts else " and awaits implementation;"
        return f"{words}{awaits} no source gives a date for it."
    release, planned, of_release = plan
    due = planned or of_release
    has_passed = bool(due and due <= (horizon or "") and not on)
    words += f"; {rest} {'was' if has_passed else 'is'} planned for"
    words += f" {day(planned)}" if planned else ""
    if release:
        words += f", in {release_in_words(release)}" if planned else f" {release_in_words(release)}"
    return words + (", and no source here confirms it." if has_passed else ".")


def _part_in_force(step: Record) -> str:
    """A part in force: since when, and what it is, or in which release it came."""
    what = step["part"] or (release_in_words(step["release"]) if step["release"] else "")
    return bare(step["on"], step["precision"]) + (f" ({what})" if what else "")


def planned_release(facts: ModificationFacts) -> tuple[str | None, str | None, str | None] | None:
    """The release that is planned last, the day stated of the modification, and the release's own: of what isn't in force yet."""
    plans = [r for r in _plans_left(facts) if r["release"] or r["planned_on"]]
    if not plans:
        return None
    last = max(plans, key=lambda r: (r["day"] or "", r["planned_on"] or r["release_day"] or ""))
    return last["release"], last["planned_on"], last["release_day"]


def _plans_left(facts: ModificationFacts) -> list[Record]:
    """Plans for what isn't in force: neither that item, nor the modification as a whole in that release, nor that part.

    What was only targeted, whole, for a release that came into force since, and isn't among what came in, is planned no
    more; of a named part it isn't known.
    """
    done = [r for r in facts.releases if r["status"] not in PLANNED]
    wholes = {r["release"] for r in done if not r["part"]}
    parts = {r["part"] for r in done if r["part"]}
    return [
        r
        for r in facts.releases
        if r["status"] in PLANNED
        and not (r["status"] == ReleaseStatus.TARGETED and r["release_in_force"] and not r["part"])
        and r["release"] not in wholes
        and r["part"] not in parts
    ]


def _unknown(facts: ModificationFacts, on: date | None) -> str:
    ref = facts.written[0]
    by = f" on {day(on.isoformat())}" if on else ""
    if facts.stages:
        stage = facts.stages[-1]
        last, precision = last_day(stage)
        return f"The stage of {ref}{by} isn't known; it was last known to be {WAS[stage['stage']]} {when(last, precision)}."
    last = on.isoformat() if on else "9999"
    recorded = {
        "a meeting": [m["held_on"] for m in facts.meetings],
        "a DCC assessment": [
            a["accepted_on"] or a["requested_on"] or a["returned_on"] or UNDATED for a in facts.assessments
        ],
        "a consultation": [
            c["opened_on"] or c["expected_week"] or c["closed_on"] or UNDATED for c in facts.consultations
        ],
        "a place in a release": [r["day"] or UNDATED for r in facts.releases],
        "a request or recommendation": [step["day"] or UNDATED for step in facts.steps],
        "how it is related to another modification": [r["on"] or UNDATED for r in facts.relatives],
    }
    subjects = [what for what, days in recorded.items() if any(d <= last for d in days)]
    if on and not subjects:
        return f"Nothing is known of {ref} by {day(last)}: the first that any source records of it is later."
    if not subjects:
        return f"Sources name {ref} and record nothing else of it; its stage isn't known."
    only = "only record" if len(subjects) == 1 else "record"
    return f"The stage of {ref} isn't known{by}; sources {only} {listed(subjects)}."


# What is next ------------------------------------------------------------------------------------


def to_come(facts: ModificationFacts, on: date | None) -> list[Record]:
    """What was planned for days after the last one known: ``on, what, week, rows``, in order."""
    stage, last = facts.ended or facts.now, last_known(facts, on)
    if (stage and stage["stage"] in FINAL) or last is None:
        return []
    plans = [
        {"on": m["held_on"], "what": f"{BODIES[m['body']]} meeting", "week": False, "rows": m["rows"]}
        for m in facts.meetings
        if m["status"] == "scheduled" or on
    ]
    for consultation in facts.consultations:
        name = CONSULTATIONS[consultation["kind"]]
        for column, words in (("expected_week", "expected"), ("opened_on", "opens"), ("closed_on", "closes")):
            plans.append(
                {
                    "on": consultation[column],
                    "what": f"{name} {words}",
                    "week": column == "expected_week",
                    "rows": consultation["rows"],
                    "announced": column == "closed_on" and (consultation["opened_on"] or UNDATED) <= last,
                }
            )
    for r in _plans_left(facts):
        part = f" ({r['part']})" if r["part"] else ""
        planned = r["planned_on"] or r["release_day"]
        plans.append(
            {
                "on": planned,
                "what": with_releases_in_words(f"{r['release'] or 'A release'}{part}")
                + ("" if r["planned_on"] else " (the release’s day)"),
                "week": False,
                "rows": r["rows"],
            }
        )
    coming = [
        plan
        for plan in plans
        if plan["on"]
        and plan["on"] > last
        and (on is None or plan.get("announced") or was_published(facts, plan["rows"], last))
    ]
    unique = {(plan["on"], plan["what"]): plan for plan in coming}
    return [unique[key] for key in sorted(unique)]
