"""The plain, slow way to stages with their gaps: one modification's history at a time, from the method's text.

A stage is shown while a source supports it. What supports one, by rule:

A  Development: a report lists it as a Draft Proposal and doesn't convert it; on the report's day.
B  Refinement: recommended for the Report Phase; on that day. An export, which tells each step, says itself from where.
C  Refinement, Report: its consultation, from opening to closing day; on the report's day where one is expected.
D  Refinement: an Impact Assessment request deferred, a meeting to come; on the report's day.
E  Refinement: an Impact Assessment request approved; on the body's day.
F  Refinement: a DCC assessment, from requested (else accepted) to returned, or known to be open.
G  Refinement: the Working Group meets on it.
H  Refinement, inferred: current in a report's Refine chapter, and nowhere as moved on; on the report's day.

What is supported starts a stage where nothing dated did, and two days of one stage hold what is in between. What lasts
(C, F) ends when something dated leaves its stage. What is stated wins over what is inferred; two stages that are stated for
one day, though nothing happened on it, leave none known. A register's export shows on its day what it lists.
A split leaves no stage: what the whole was supported in before it, and a part from then on, held in between.

Nothing here imports the package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from plain_ways import PlainRegister, Row, Unit, counted_on, day_of, number_of, unit_of

OPEN = ("development", "refinement", "report", "decision")
FINAL = ("implemented", "rejected", "withdrawn")
# On one day, in the order of the process.
STEPS = [
    "raised",
    "converted",
    "observed",
    "recommended_to_conversion",
    "recommended_to_refinement",
    "recommended_to_report",
    "entered_refinement",
    "attested",
    "entered_report",
    "consulted",
    "impact_assessment_approved",
    "impact_assessment_deferred",
    "voted",
    "decided",
    "referred",
    "sent_to_authority",
    "on_hold",
    "resumed",
    "withdrawn",
    "approved item",
    "in force",
    "listed",
]
# Which stages each event attests up to its day.
ATTESTS = {
    "converted": ("development",),
    "recommended_to_conversion": ("development",),
    "recommended_to_refinement": ("development",),
    "recommended_to_report": ("refinement",),
    "entered_refinement": ("development", "report", "decision"),
    "entered_report": ("refinement", "decision"),
    "impact_assessment_approved": ("refinement",),
    "impact_assessment_deferred": ("refinement",),
    "voted": ("report", "decision"),
    "decided": ("decision",),
    "referred": ("report", "decision"),
    "sent_to_authority": ("report", "decision"),
    "on_hold": ("report", "decision"),
    "resumed": ("report", "decision"),
    "withdrawn": ("report", "decision"),
    "in force": ("pending_implementation",),
}
# And where a register's export lists a modification, and so tells each of its steps.
ATTESTS_IN_AN_EXPORT = ATTESTS | {
    "recommended_to_report": ("development", "refinement"),
    "entered_report": ("development", "refinement", "decision"),
    "decided": ("report", "decision"),
    "on_hold": OPEN,
    "resumed": OPEN,
    "withdrawn": OPEN,
}
# What a report says of a modification that isn't in Refinement any more.
MOVED_ON = ("entered_report", "voted", "decided", "referred", "sent_to_authority", "withdrawn")
MONTH_OF_VOTES = timedelta(days=45)


@dataclass(frozen=True)
class Fact:
    """What is told of a modification on a day; ``after`` is the stage that it starts or shows, if any."""

    day: date
    what: str
    after: str
    unit: Unit
    exact: bool = True  # it happened on that day
    starts: bool = True  # it may start a stage: it had happened by then
    rule: str = ""  # by which a source supports the stage on that day, where nothing happened

    @property
    def place(self) -> tuple[date, int]:
        """By day, then as the process goes."""
        return self.day, STEPS.index(self.what)


@dataclass
class Held:
    """A stage from its first day to the last on which it is believed."""

    stage: str
    since: date
    believed_to: date
    until: date = date.max


class PlainStages:
    """Where each known modification stands on a day, and which stand nowhere known."""

    def __init__(self, register: PlainRegister) -> None:
        self.register = register
        self.tables, self.naming, self.splits = register.tables, register.naming, register.splits
        self.facts = self._facts()

    # What happened -------------------------------------------------------------------------------

    def _facts(self) -> list[Fact]:
        """Events, each once, consultations and release items, with the stage that each starts or shows."""
        facts = [self._of_event(row) for row in self._events_once()]
        for row in self.tables["consultations"]:
            opened, closed = day_of(row["opened_on"]), day_of(row["closed_on"])
            for day, starts in ((opened, True), (closed, opened is None)):
                if day and row["kind"] == "report":
                    unit = unit_of(row["ref"])
                    facts.append(Fact(day, "consulted", "report", unit, exact=False, starts=starts, rule="C"))
        facts += self._attestations()
        for row in self.tables["release_items"]:
            day = counted_on(row)
            if day and row["status"] == "approved":
                starts = row["precision"] != "not_before"
                unit = unit_of(row["ref"])
                facts.append(
                    Fact(day, "approved item", "pending_implementation", unit, exact=False, starts=starts)
                )
        for row in self.register.in_force:
            day, unit = counted_on(row), unit_of(row["ref"])
            assert day
            after = "pending_implementation" if self._has_pending_part(unit, day) else "implemented"
            exact, starts = row["precision"] in ("day", "month"), row["precision"] != "not_before"
            facts.append(Fact(day, "in force", after, unit, exact=exact, starts=starts))
        facts += self._listed()
        return sorted(facts, key=lambda fact: fact.place)

    def _listed(self) -> list[Fact]:
        """On its day a register's export shows whatever stage each of its modifications has reached."""
        result = {
            (day, unit)
            for unit, source in self.naming
            for day in [self.register.published(source, exactly=True)]
            if day and source in self.register.exports
        }
        return [Fact(day, "listed", "", unit, exact=False) for day, unit in result]

    def _attestations(self) -> list[Fact]:
        """Days on which a source supports Development or Refinement, by the rules A to H."""
        result: list[Fact] = []

        def attest(
            rule: str, day: date | None, ref: str, stage: str = "refinement", *, starts: bool = True
        ) -> None:
            if day:
                result.append(
                    Fact(day, "attested", stage, unit_of(ref), exact=False, starts=starts, rule=rule)
                )

        in_an_export = {unit for unit, source in self.register.naming if source in self.register.exports}
        for row in self._rows_of_reports():
            if row["ref"].startswith("DP") and not self._is_converted_by(row):
                attest("A", self._reported(row), row["ref"], "development")
        for row in self.tables["events"]:
            by_report, by_then = self._reported(row), row["precision"] != "not_before"
            if row["event"] == "recommended_to_report" and unit_of(row["ref"]) not in in_an_export:
                attest("B", counted_on(row), row["ref"], starts=by_then)
            if row["event"] == "impact_assessment_deferred":
                attest("D", by_report or counted_on(row), row["ref"], starts=by_then)
            if row["event"] == "impact_assessment_approved":
                attest("E", counted_on(row), row["ref"], starts=by_then)
        for row in self.tables["consultations"]:
            if row["kind"] == "refinement":
                attest("C", day_of(row["opened_on"]), row["ref"])
                attest("C", day_of(row["closed_on"]), row["ref"], starts=not row["opened_on"])
                if row["expected_week"]:
                    attest("C", self._reported(row), row["ref"])
        for row in self.tables["assessments"]:
            begun = day_of(row["requested_on"]) or day_of(row["accepted_on"])
            attest("F", begun, row["ref"])
            attest("F", day_of(row["returned_on"]), row["ref"], starts=begun is None)
            if row["state"] == "open":
                attest("F", day_of(row["state_on"]), row["ref"], starts=begun is None)
        for row in self.tables["meetings"]:
            if row["body"] == "working_group" and row["ref"] and not row["ref"].startswith("DP"):
                if row["status"] == "held":
                    attest("G", day_of(row["held_on"]), row["ref"], starts=row["precision"] != "month")
                else:
                    attest("D", self._reported(row), row["ref"])
        for row in self._current_in_refine():
            attest("H", self._reported(row), row["ref"])
        return result

    def _reported(self, row: Row) -> date | None:
        """The day of the published report that says it; none where another sort of source does."""
        if self.register.kind(row) != "report":
            return None
        return self.register.published(row["source_id"], exactly=True)

    def _rows_of_reports(self) -> list[Row]:
        """Whatever published reports say of a modification."""
        rows = [row for name, rows in self.tables.items() if name != "lineage" for row in rows]
        return [row for row in rows if row.get("ref") and self._reported(row)]

    def _is_converted_by(self, listed: Row) -> bool:
        """Whether the report that lists a Draft Proposal converts it."""
        return any(
            row["event"] == "converted"
            and row["source_id"] == listed["source_id"]
            and number_of(row["ref"]) == number_of(listed["ref"])
            for row in self.tables["events"]
        )

    def _current_in_refine(self) -> list[Row]:
        """What a report lists in its Refine chapter as going on, and nowhere as moved on: inferred (H)."""
        moved = {
            (row["source_id"], unit_of(row["ref"]))
            for row in self.tables["events"]
            if row["event"] in MOVED_ON
        }
        moved |= {(row["source_id"], unit_of(row["ref"])) for row in self.tables["release_items"]}
        listed = [row for row in self.tables["assessments"] if row["state"] == "open"]
        listed += [row for row in self.tables["meetings"] if row["body"] == "working_group" and row["ref"]]
        listed += [row for row in self.tables["consultations"] if row["kind"] == "refinement"]
        listed += [row for row in self.tables["events"] if row["event"].startswith("impact_assessment_")]
        return [
            row
            for row in listed
            if not row["ref"].startswith("DP") and (row["source_id"], unit_of(row["ref"])) not in moved
        ]

    def _events_once(self) -> list[Row]:
        """What is told twice counts once, in the best source's words."""
        kept: list[Row] = []
        stated = [row for row in self.tables["events"] if row["on"]]
        stated.sort(
            key=lambda row: (
                row["precision"] in ("by", "not_before"),
                *self.register.rank(row)[:2],
                row["on"],
            )
        )
        for row in stated:
            same = next((other for other in kept if self._is_same(other, row)), None)
            if same is None:
                kept.append(dict(row))
            else:  # a blank never hides another's word
                for name in ("body", "outcome", "path", "stage"):
                    same[name] = same[name] or row[name]
        return kept

    def _is_same(self, kept: Row, row: Row) -> bool:
        """Raised and converted once; votes and decisions one a day; a vote without its day is the last before."""
        if (unit_of(kept["ref"]), kept["event"]) != (unit_of(row["ref"]), row["event"]):
            return False
        if row["event"] in ("raised", "converted"):
            return True
        if row["event"] not in ("voted", "decided"):
            return False
        if kept["body"] and row["body"] and kept["body"] != row["body"]:
            return False
        then, day = counted_on(kept), counted_on(row)
        assert then and day
        if then == day:
            return True
        if row["precision"] == "by" and kept["precision"] != "by":
            return timedelta(0) <= day - then <= MONTH_OF_VOTES
        month_stated = {kept["precision"], row["precision"]} == {"day", "month"}
        return month_stated and (then.year, then.month) == (day.year, day.month)

    def _of_event(self, row: Row) -> Fact:
        """An event with the stage that it starts or shows."""
        day = counted_on(row)
        assert day
        return Fact(
            day,
            row["event"],
            self._stage_after(row, day),
            unit_of(row["ref"]),
            exact=row["precision"] in ("day", "month") and row["event"] != "observed",
            starts=row["precision"] != "not_before",
            rule="seen" if row["event"] == "observed" else "",
        )

    def _stage_after(self, row: Row, day: date) -> str:
        """The table of what happens and the stage after it, line by line."""
        event, outcome = row["event"], row["outcome"]
        if event == "observed":
            return row["stage"]
        if event == "raised":
            return "development" if day >= date(2018, 11, 1) else "refinement"
        if event in ("converted", "entered_refinement"):
            return "refinement"
        if event == "entered_report":
            return "report"
        if event == "withdrawn":
            return "withdrawn"
        if event in ("referred", "sent_to_authority"):
            return "decision"
        if event in ("voted", "decided"):
            if outcome == "sent_back":
                return "report"
            if outcome in ("recommended_approval", "recommended_rejection"):
                return "decision"
            path = self._path(row) if event == "voted" else ""
            if path == "authority" and outcome in ("approved", "rejected"):
                return "decision"
            if event == "decided" or path:
                return {"approved": "pending_implementation", "rejected": "rejected"}.get(outcome, "")
        return ""

    def _path(self, row: Row) -> str:
        """A vote's path: its own, else what the modification's events agree on, else the Board decides."""
        events = self.tables["events"]
        stated = {other["path"] for other in events if unit_of(other["ref"]) == unit_of(row["ref"])} - {""}
        if row["path"] or len(stated) == 1:
            return row["path"] or stated.pop()
        return "self_governance" if row["body"] in ("change_board", "") else ""

    def _has_pending_part(self, unit: Unit, day: date) -> bool:
        """Whether a named part was planned and not in force by a day, by itself or with its whole release."""
        done = [row for row in self.register.in_force if unit_of(row["ref"]) == unit]
        done = [row for row in done if (counted_on(row) or date.max) <= day]
        for planned in self.tables["release_items"]:
            own = unit_of(planned["ref"]) == unit and planned["status"] in ("targeted", "approved")
            if own and planned["part"]:
                by_itself = any(row["part"] == planned["part"] for row in done)
                whole = any(
                    not row["part"] and row["release"] and row["release"] == planned["release"]
                    for row in done
                )
                if not by_itself and not whole:
                    return True
        return False

    # Stages --------------------------------------------------------------------------------------

    def facts_of(self, unit: Unit) -> list[Fact]:
        """A parent's until its split; a part's own, and those told of its parent before the split."""
        number, part = unit
        own = [fact for fact in self.facts if fact.unit[0] == number]
        split = self.splits.get(number)
        if split is None:
            return own
        early = [fact for fact in own if fact.day < split]
        if not part:
            return early
        return [fact for fact in own if fact.unit == unit or (fact in early and not fact.unit[1])]

    def units_known(self, day: date) -> set[Unit]:
        """Modifications and parts that are known on a day: since their first dated fact, or a source names them."""
        days: dict[int, list[date | None]] = {}
        for (number, _), source in self.naming:
            days.setdefault(number, []).append(self.register.published(source))
        for fact in self.facts:
            days.setdefault(fact.unit[0], []).append(fact.day)
        for row in self.tables["assessments"]:
            days.setdefault(number_of(row["ref"]), []).extend(
                day_of(row[name]) for name in ("requested_on", "accepted_on", "returned_on")
            )
        for row in self.tables["consultations"]:
            days.setdefault(number_of(row["ref"]), []).extend(
                day_of(row[name]) for name in ("opened_on", "closed_on")
            )
        result = set()
        for number, stated in days.items():
            if not any(first and first <= day for first in stated):
                continue
            split = self.splits.get(number)
            if split is None or day < split:
                result.add((number, ""))
            else:
                result |= {unit for unit, _ in self.naming if unit[0] == number and unit[1]}
        return result

    def history(self, unit: Unit) -> list[Held]:
        """Its stages by what is stated, and by what is inferred where nothing stated says otherwise."""
        facts = self.facts_of(unit)
        stated = [fact for fact in facts if fact.rule != "H"]
        held, disputed = self.stated_history(unit), self.disputed_days(stated)

        def outweighed(fact: Fact) -> bool:
            on_that_day = {
                h.stage for h in held if h.since <= fact.day < h.until and fact.day <= h.believed_to
            }
            return fact.day in disputed or bool(on_that_day - {"", fact.after})

        believed = [fact for fact in facts if fact.rule != "H" or not outweighed(fact)]
        return self._kept_by_parts(unit, self._walk(unit, believed), self.history)

    def stated_history(self, unit: Unit) -> list[Held]:
        """Its stages by what is stated alone."""
        stated = [fact for fact in self.facts_of(unit) if fact.rule != "H"]
        return self._kept_by_parts(unit, self._walk(unit, stated), self.stated_history)

    def _kept_by_parts(
        self, unit: Unit, held: list[Held], history: Callable[[Unit], list[Held]]
    ) -> list[Held]:
        """A split one's last stage holds to its split where a part is shown in the very stage from then on."""
        number, part = unit
        if part or number not in self.splits or not held:
            return held
        last, split = held[-1], self.splits[number]
        parts = {other for other, _ in self.naming if other[0] == number and other[1]}
        for other in parts:
            for of_part in history(other) if not self.contradicts(other) else []:
                same = (of_part.stage, of_part.since) == (last.stage, last.since) and last.stage
                if same and last.since < split <= of_part.believed_to:
                    last.believed_to = max(last.believed_to, split - timedelta(days=1))
        return held

    def inferred_at(self, unit: Unit, day: date) -> bool:
        """Whether its stage on a day is known by inference alone."""
        stated = self.stage_on(self.stated_history(unit), day)
        return self.stage_on(self.history(unit), day) not in ("", stated)

    @staticmethod
    def stage_on(held: list[Held], day: date) -> str:
        """The stage of a history on a day; blank where none is known."""
        return next((h.stage for h in held if h.since <= day < h.until and day <= h.believed_to), "")

    def _walk(self, unit: Unit, facts: list[Fact]) -> list[Held]:
        """Go through what is told of a modification in the order of days."""
        result: list[Held] = []
        disputed = self.disputed_days(facts)
        in_an_export = any(fact.what == "listed" for fact in facts)
        for fact in facts:
            now = result[-1] if result else None
            if fact.rule and fact.starts and fact.day in disputed:
                if now and now.stage != "":
                    result.append(Held("", fact.day, date.max))
                    now.until = fact.day
                continue
            begins = fact.starts and fact.after != "" and (now is None or fact.after != now.stage)
            if now:
                attested = (ATTESTS_IN_AN_EXPORT if in_an_export else ATTESTS).get(fact.what, ())
                attests = fact.what == "listed" or fact.after == now.stage or now.stage in attested
                if attests and (fact.exact or not begins):
                    now.believed_to = max(now.believed_to, fact.day)
                if begins:
                    now.until = fact.day
            if begins:
                lasts = date.max if fact.after in FINAL else fact.day
                result.append(Held(fact.after, fact.day, lasts))
        for held in result:
            if held.stage == "pending_implementation":
                held.believed_to = max([held.believed_to, *self._planned(unit)])
        return result

    @staticmethod
    def disputed_days(facts: list[Fact]) -> set[date]:
        """Days on which two stages are stated, nothing having happened that leaves the first for the other."""
        supported: dict[date, set[str]] = {}
        for fact in facts:
            if fact.rule and fact.rule != "H" and fact.starts:
                supported.setdefault(fact.day, set()).add(fact.after)
        happened = {fact.day for fact in facts if not fact.rule and fact.after and fact.exact}
        return {day for day, stages in supported.items() if len(stages) > 1 and day not in happened}

    def _planned(self, unit: Unit) -> list[date]:
        """The days planned for a modification: its own, else its release's as last stated."""
        days = []
        for row in self.tables["release_items"]:
            if unit_of(row["ref"])[0] == unit[0] and row["status"] in ("targeted", "approved"):
                day = day_of(row["planned_on"]) or self.register.release_day(row["release"])
                days += [day] if day else []
        return days

    def stages_at(self, day: date) -> dict[Unit, str]:
        """Each known modification's stage on a day; blank where none is known."""
        result = {}
        for unit in self.units_known(day):
            result[unit] = "" if self.contradicts(unit) else self.stage_on(self.history(unit), day)
        return result

    def contradicts(self, unit: Unit) -> bool:
        """Whether something ended before it was raised, or was concluded in two ways on one day."""
        facts = [fact for fact in self.facts_of(unit) if fact.starts]
        raised = [fact.day for fact in facts if fact.what == "raised" and fact.exact]
        ends = [fact for fact in facts if fact.after in (*FINAL, "pending_implementation")]
        concluded: dict[date, set[str]] = {}
        for fact in ends:
            if fact.what in ("voted", "decided", "withdrawn"):
                concluded.setdefault(fact.day, set()).add(fact.after)
        early = raised and any(fact.day < min(raised) for fact in ends)
        return bool(early) or any(len(ways) > 1 for ways in concluded.values())
