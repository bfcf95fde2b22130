"""What had happened to a modification by a day: of all that is known of it, what was so then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from secanalysis.analysis.modification_facts import ModificationFacts
from secanalysis.analysis.plain_records import Record, records
from secanalysis.analysis.stages import stages
from secanalysis.domain.vocabulary import Precision
from secanalysis.register.resolved import ResolvedRegister


def facts_at(register: ResolvedRegister, facts: ModificationFacts, day: date) -> ModificationFacts:
    """What had happened by a day: later steps, and days that were still to come, are left out.

    Plans stay, as in a view of that day: a meeting or release to come is one of them.
    """
    last = day.isoformat()
    stages_then = [
        stage | {"until": _by(stage["until"], last)} for stage in facts.stages if stage["since"] <= last
    ]
    assessments = [
        record | {name: _by(record[name], last) for name in ("requested_on", "accepted_on", "returned_on")}
        for record in facts.assessments
    ]
    for record in assessments:
        record["wd"] = record["wd"] if record["returned_on"] else None
        record["attested_on"] = min(filter(None, [record["attested_on"], last]))
    done = ("requested_on", "accepted_on", "returned_on")

    def is_known(record: Record, *columns: str) -> bool:
        return any(_by(record[name], last) for name in columns) or was_published(facts, record["rows"], last)

    steps = [step for step in facts.steps if step["day"] and step["day"] <= last]
    return ModificationFacts(
        **{
            **facts.__dict__,
            "stages": stages_then,
            "now": _on_day(register, facts.ref, day),
            "ended": None,
            "last_stated": None,
            "steps": steps,
            "assessments": [record for record in assessments if any(record[name] for name in done)],
            "releases": [
                record | {"release_in_force": _by(record["release_in_force"], last)}
                for record in facts.releases
                if record["day"] and record["day"] <= last
            ],
            "consultations": [c for c in facts.consultations if is_known(c, "opened_on", "closed_on")],
            "meetings": [meeting for meeting in facts.meetings if is_known(meeting, "held_on")],
            "relatives": [r for r in facts.relatives if _by(r["on"], last) or (steps and not r["on"])],
            "split_on": _by(facts.split_on, last),
        }
    )


def _on_day(register: ResolvedRegister, ref: str, day: date) -> Record | None:
    """The stage on a day, as the pages of that day's month have it."""
    on_day = stages(register).at(day)
    held = on_day[(on_day["unit"] == ref) & on_day["stage"].notna()]
    return next(
        (
            record | {"believed_to": day.isoformat(), "believed_precision": Precision.DAY.value}
            for record in records(held.assign(inferred=False))
        ),
        None,
    )


def was_published(facts: ModificationFacts, rows: Iterable[tuple[str, str, str]], last: str) -> bool:
    """Whether any of some rows is of a source that is known to have been published by a day."""
    sources = (facts.sources[source_id] for _, source_id, _ in rows)
    return any(source["dated"] and source["published_on"] <= last for source in sources)


def _by(day: str | None, last: str) -> str | None:
    return day if day and day <= last else None
