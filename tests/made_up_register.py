"""A realistic made-up register, its exports as CSV, and its figures in plain loops over the truth behind them."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

JUNE, JULY = date(2024, 6, 7), date(2024, 7, 5)  # the first Fridays of both months
STATUSES = {
    "development": "Development",
    "refinement": "Refinement Process",
    "report": "Report Phase",
    "decision": "With the Authority",
    "pending_implementation": "Approved",
    "implemented": "Implemented",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
}
CLOSED = ("pending_implementation", "implemented", "rejected", "withdrawn")
MAPPING = """
register: The register
source: {title: A made-up register, publisher: Nobody}
defaults: {columns: {ref: Reference}}
read:
  - {table: modifications, columns: {title: Title}}
  - {table: events, columns: {on: Raised}, values: {event: raised}}
  - {table: events, columns: {on: Converted}, values: {event: converted}}
  - {table: events, columns: {on: Report Phase from}, values: {event: entered_report}}
  - table: events
    columns: {on: Vote, outcome: Vote outcome, path: Path}
    values: {event: voted, body: change_board}
    words:
      outcome: {Approved: approved, Rejected: rejected, Recommended: recommended_approval}
      path: {Self-governance: self_governance, Authority: authority}
    only_with: [on]
  - {table: events, columns: {on: Sent to the Authority}, values: {event: sent_to_authority}}
  - table: events
    columns: {on: Authority decision, outcome: Authority outcome}
    values: {event: decided, body: authority}
    words: {outcome: {Approved: approved, Rejected: rejected}}
    only_with: [on]
  - {table: events, columns: {on: Withdrawn}, values: {event: withdrawn}}
  - table: events
    columns: {stage: Status}
    values: {event: observed}
    words: {stage: {STATUSES}}
  - table: assessments
    columns: {requested_on: PA requested, accepted_on: PA accepted, returned_on: PA returned}
    values: {kind: PA}
  - table: assessments
    columns: {requested_on: IA requested, accepted_on: IA accepted, returned_on: IA returned}
    values: {kind: IA}
  - table: consultations
    columns: {expected_week: Consultation expected, opened_on: Consultation opens, closed_on: Consultation closes}
    values: {kind: refinement}
  - table: release_items
    columns: {release: Release}
    values: {status: targeted}
    only_with: [release]
    only_without: [In force]
  - table: release_items
    columns: {release: Release, on: In force}
    values: {status: implemented}
    only_with: [on]
""".replace("{STATUSES}", "{" + ", ".join(f"{theirs}: {ours}" for ours, theirs in STATUSES.items()) + "}")
COLUMNS = {
    "raised": "Raised",
    "converted": "Converted",
    "report": "Report Phase from",
    "vote": "Vote",
    "sent": "Sent to the Authority",
    "decided": "Authority decision",
    "withdrawn": "Withdrawn",
    "pa_requested": "PA requested",
    "pa_accepted": "PA accepted",
    "pa_returned": "PA returned",
    "ia_requested": "IA requested",
    "ia_accepted": "IA accepted",
    "ia_returned": "IA returned",
    "opened": "Consultation opens",
    "closes": "Consultation closes",
    "in_force": "In force",
}
TOLD_AHEAD = ("closes",)  # stated before it comes, once the consultation is open


@dataclass(frozen=True)
class Modification:
    """What is true of one modification: its days, and who decided what."""

    ref: str
    title: str
    days: dict[str, date] = field(default_factory=dict)
    path: str = "Self-governance"
    approved: bool = True
    release: str = ""
    no_day: tuple[str, ...] = ()

    def by(self, day: date) -> Modification:
        """What has happened by a day."""
        days = {
            name: on
            for name, on in self.days.items()
            if on <= day or (name in TOLD_AHEAD and self.days["opened"] <= day)
        }
        return replace(self, days=days)

    def corrected(self, **days: date | None) -> Modification:
        """With other days, None for none."""
        changed = {**self.days, **days}
        return replace(self, days={name: on for name, on in changed.items() if on})

    def stage(self, day: date) -> str:
        """Where it is on a day."""
        stages = {
            "raised": "development",
            "converted": "refinement",
            "report": "report",
            "vote": self.after_vote,
            "decided": "pending_implementation" if self.approved else "rejected",
            "withdrawn": "withdrawn",
            "in_force": "implemented",
        }
        past = [(on, place) for place, name in enumerate(stages) if (on := self.days.get(name)) and on <= day]
        return stages[list(stages)[max(past)[1]]]

    @property
    def after_vote(self) -> str:
        """Where its vote leads."""
        if self.path == "Authority":
            return "decision"
        return "pending_implementation" if self.approved else "rejected"

    @property
    def concluded(self) -> date | None:
        """When it was decided or withdrawn."""
        ends = [self.days.get("withdrawn"), self.days.get("decided")]
        ends.append(self.days.get("vote") if self.path != "Authority" else None)
        return min((day for day in ends if day), default=None)

    def row(self, day: date) -> dict[str, str]:
        """Its row in the export of a day."""
        then = self.by(day)
        row = {"Reference": self.ref, "Title": self.title, "Status": STATUSES[self.stage(day)]}
        row |= {
            heading: "" if name in self.no_day or name not in then.days else then.days[name].isoformat()
            for name, heading in COLUMNS.items()
        }
        word = "Approved" if self.approved else "Rejected"
        row["Vote outcome"] = ("Recommended" if self.path == "Authority" else word) if row["Vote"] else ""
        row["Path"] = self.path if row["Vote"] else ""
        row["Authority outcome"] = word if row["Authority decision"] else ""
        planned = self.release and self.stage(day) in ("decision", "pending_implementation", "implemented")
        row["Release"] = self.release if planned else ""
        row["Consultation expected"] = ""
        return row


def truth(seed: int, number: int = 60) -> list[Modification]:
    """Whole histories of made-up modifications, raised over three years up to July 2024."""
    draw = random.Random(seed)
    return [_history(draw, place, number) for place in range(number)]


def _history(draw: random.Random, place: int, number: int) -> Modification:
    day = date(2021, 7, 5) + timedelta(days=round(place * 1090 / number))
    days = {"raised": day}

    def then(name: str, least: int, most: int) -> None:
        nonlocal day
        day += timedelta(days=draw.randint(least, most))
        while day.weekday() > 4:
            day += timedelta(days=1)
        days[name] = day

    path = draw.choice(["Self-governance", "Self-governance", "Authority"])
    fate = draw.random()
    then("converted", 20, 60)
    if draw.random() < 0.8:
        then("pa_requested", 2, 20)
        then("pa_accepted", 1, 10)
        then("pa_returned", 10, 60)
    if fate < 0.15:
        then("withdrawn", 5, 200)
    else:
        then("opened", 5, 60)
        then("closes", 14, 28)
        if draw.random() < 0.7:
            then("ia_requested", 2, 20)
            then("ia_accepted", 1, 10)
            then("ia_returned", 20, 90)
        then("report", 10, 120)
        then("vote", 20, 45)
        if path == "Authority":
            then("sent", 1, 5)
            then("decided", 25, 80)
        if fate < 0.9:
            then("in_force", 60, 200)
    release = f"{days['in_force']:%B %Y} Release" if "in_force" in days else ""
    return Modification(f"MP{200 + place}", f"Made up, {place}", days, path, fate < 0.9, release)


def export(modifications: list[Modification], day: date, path: Path) -> Path:
    """The register's export of a day."""
    rows = [one.row(day) for one in modifications if one.days["raised"] <= day]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def working_days(first: date, last: date) -> int:
    """Monday to Friday, both ends counted."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(day.weekday() < 5 for day in days)


def mean(values: list[int]) -> float | None:
    """Their mean, None of none."""
    return sum(values) / len(values) if values else None


def figures(modifications: list[Modification], month: date, before: date) -> dict[str, float | None]:
    """A month's figures, counted from the truth; ``month`` is its report's day, ``before`` that of the one before."""
    end = month.replace(day=1) - timedelta(days=1)
    start = date(month.year - 1, month.month, 1)
    known = [one for one in modifications if one.days["raised"] <= month]
    counted: dict[str, float | None] = {
        f"stage.{stage}.count": sum(one.stage(month) == stage for one in known) for stage in STATUSES
    }

    def within(name: str) -> list[Modification]:
        return [one for one in known if name in one.days and before < one.days[name] <= month]

    votes = within("vote")
    by_outcome = {"approved": 0, "rejected": 0, "recommended_approval": 0}
    for one in votes:
        word = (
            "recommended_approval" if one.path == "Authority" else "approved" if one.approved else "rejected"
        )
        by_outcome[word] += 1
    counted |= {f"vote.{word}.count": n for word, n in by_outcome.items()}
    counted |= {"raised.count": len(within("raised")), "vote.count": len(votes)}
    counted["authority.decided.count"] = len(within("decided"))
    counted["authority.pending.count"] = sum(
        "sent" in one.days and one.days["sent"] <= month < one.days.get("decided", date.max) for one in known
    )
    counted["consultation.refinement.open.count"] = sum(
        "opened" in one.days and one.days["opened"] <= month <= one.days["closes"] for one in known
    )
    for kind in ("pa", "ia"):
        spans = [(one.days.get(f"{kind}_accepted"), one.days.get(f"{kind}_returned")) for one in known]
        is_open = [
            working_days(first, end) for first, last in spans if first and first <= end < (last or date.max)
        ]
        done = [working_days(first, last) for first, last in spans if first and last and start <= last <= end]
        counted |= _count_and_mean(f"assessment.{kind}.open", is_open)
        counted |= _count_and_mean(f"assessment.{kind}.completed", done)
    raised = [one for one in known if one.days["raised"] <= end]
    is_open = [working_days(one.days["raised"], end) for one in raised if (one.concluded or date.max) > end]
    done = [
        working_days(one.days["raised"], one.concluded)
        for one in raised
        if one.concluded and start <= one.concluded <= end
    ]
    counted |= _count_and_mean("proposal.open", is_open) | _count_and_mean("proposal.concluded", done)
    counted["release.implemented.count"] = sum(
        "in_force" in one.days and end.replace(day=1) <= one.days["in_force"] <= end for one in known
    )
    return counted


def _count_and_mean(key: str, spans: list[int]) -> dict[str, float | None]:
    return {f"{key}.count": len(spans), f"{key}.mean_wd": mean(spans)}
