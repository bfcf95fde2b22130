"""Sentences that introduce a list.

They name no modification themselves. The words of the field in them say which list follows, and how many
entries it is said to have.
"""

from __future__ import annotations

import re
from datetime import date

from secanalysis.domain.vocabulary import (
    Body,
    Event,
    MeetingKind,
    MeetingPurpose,
    MeetingStatus,
    Outcome,
    Precision,
)
from secanalysis.ingest.printed_values import Illegible, day, day_pattern, month, month_pattern
from secanalysis.ingest.report import context as words
from secanalysis.ingest.report.consultation_lists import consultations
from secanalysis.ingest.report.context import GOVERNANCE, PLAIN_TAIL, Context, Item, Listing
from secanalysis.ingest.report.counted import ON_DAY, pattern, sound, state_count, stated_time
from secanalysis.ingest.report.release_lists import APPROVED_FOR, implemented, scope
from secanalysis.ingest.report.scan_repair import REFERENCE, Prose
from secanalysis.ingest.report.sentences import VOTE, Action, Recogniser, meeting, sent_to_authority, vote

_NAMES_ONE = re.compile(REFERENCE)
_BEGINS = re.compile(r"[A-Z0-9]")
_NEGATION = pattern(r"\b(?:no|none|not|nil)\b")
_PRESENTED = r"\b(?:present|recommend|progress|proce|put\sforward)"
TARGETS = (
    (pattern(rf"{_PRESENTED}.*\bRefinement\sProcess\b"), "refinement", Event.RECOMMENDED_TO_REFINEMENT),
    (pattern(rf"{_PRESENTED}.*\bReport\sPhase\b"), "report", Event.RECOMMENDED_TO_REPORT),
    (pattern(rf"{_PRESENTED}.*\bconver(?:sion|ted)\b"), "conversion", Event.RECOMMENDED_TO_CONVERSION),
)
REQUESTS = pattern(r"\bImpact\sAssessment\srequests?\b")
CHANGE_BOARD = pattern(r"\bChange\sBoard\b")
OUTCOMES = pattern(r"\b(?:approved?|rejected?|deferred?|sent\sback)\b")
_GOVERNANCE = pattern(rf"\bunder\s(?P<path>{GOVERNANCE})")


_PENDING = pattern(r"\b(?:are|is)\s(?:currently\s|still\s|now\s)?with\sthe\sAuthority\b")


def recommended(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What is recommended to go to the next stage."""
    text = prose.plain[begin:end]
    targets = [(name, event) for pattern, name, event in TARGETS if pattern.search(text)]
    if len(targets) != 1:
        return None
    name, event = targets[0]

    def act() -> None:
        found = ON_DAY.search(text)
        on = day(found["on"], until=context.published_on) if found else context.published_on
        precision = Precision.DAY if found else Precision.BY
        state_count(context, prose, begin, end, f"recommended.{name}.count")
        context.listing = recommendations(
            context, event, on, precision, by_csc=bool(re.search(r"\bCSC\b|Sub-Committee", text))
        )

    return act


def recommendations(
    context: Context, event: Event, on: date, precision: Precision, *, by_csc: bool
) -> Listing:
    """The list of what is recommended to go to a stage."""
    body = Body.CSC if by_csc else None
    return Listing(PLAIN_TAIL, lambda item: context.event(item.mention, event, on, precision, body=body))


_VOTED = pattern(r"\bChange\sBoard\b.*\bvoted\b")


def votes(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """How many modifications the Change Board voted on, and when; the list says how."""
    if not _VOTED.search(prose.plain, begin, end):
        return None

    def act() -> None:
        on, precision = stated_time(context, prose, begin, end)
        state_count(context, prose, begin, end, "vote.count")
        context.listing = vote_list(context, on, precision)

    return act


def vote_list(context: Context, on: date, precision: Precision) -> Listing:
    """The list of the Change Board's votes, each with its outcome."""
    return Listing(VOTE, lambda item: vote(context, item, on, precision))


def requests(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Which requests for Impact Assessments the Change Board approved or deferred."""
    text = prose.plain[begin:end]
    outcomes = {word.lower() for word in OUTCOMES.findall(text)}
    if not REQUESTS.search(text) or outcomes not in ({"approved"}, {"deferred"}):
        return None
    outcome = outcomes.pop()
    event = Event.IMPACT_ASSESSMENT_APPROVED if outcome == "approved" else Event.IMPACT_ASSESSMENT_DEFERRED

    def act() -> None:
        on, precision = stated_time(context, prose, begin, end)
        context.requests_on = (on, precision) if precision is not Precision.BY else None
        state_count(context, prose, begin, end, f"impact_assessment.{outcome}.count")
        context.listing = Listing(
            PLAIN_TAIL, lambda item: context.event(item.mention, event, on, precision, body=Body.CHANGE_BOARD)
        )

    return act


def decisions(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What the Change Board or the Authority approved, rejected or deferred, as the Summary has it."""
    text = prose.plain[begin:end]
    outcomes = {word.lower() for word in OUTCOMES.findall(text)}
    bodies = {Body.CHANGE_BOARD: CHANGE_BOARD, Body.AUTHORITY: pattern(r"\bAuthority\b")}
    acting = [body for body, named in bodies.items() if named.search(text)]
    if len(acting) != 1 or len(outcomes) != 1 or REQUESTS.search(text) or APPROVED_FOR.search(text):
        return None
    told = next(iter(outcomes))
    if told not in ("approved", "rejected", "deferred", "sent back"):
        return None
    outcome, body = Outcome(told.replace(" ", "_")), acting[0]
    event = Event.VOTED if body is Body.CHANGE_BOARD else Event.DECIDED
    governance = _GOVERNANCE.search(text)
    path = words.path(governance["path"] if governance else None)

    def act() -> None:
        on, precision = stated_time(context, prose, begin, end)
        if body is Body.CHANGE_BOARD:
            state_count(context, prose, begin, end, f"vote.{outcome}.count")
        context.listing = Listing(
            PLAIN_TAIL,
            lambda item: context.event(
                item.mention, event, on, precision, body=body, outcome=outcome, path=path
            ),
        )

    return act


_MONTHLY = pattern(
    rf"\bmonthly\sWorking\sGroup\smeeting\swas\sheld\son\s{day_pattern('on')}(?P<list>.*\b(?:includ|discuss|consider|follow)\w+)?"
)


def monthly_meeting(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """When the last monthly Working Group meeting was, and what was on its agenda."""
    found = _MONTHLY.search(prose.plain, begin, end)
    if not found or not (found["list"] or prose.plain[found.end() :].startswith(".")):
        return None

    def act() -> None:
        on = day(found["on"], until=context.published_on)
        kind, status = MeetingKind.MONTHLY, MeetingStatus.HELD
        context.meeting_ad_hoc = False
        if not found["list"]:
            meeting(context, None, prose.line(begin), on, kind, status)
            return

        def state(item: Item) -> None:
            meeting(context, item.mention, item.mention.line, on, kind, status, MeetingPurpose.GENERAL)
            context.name(item.mention)

        context.listing = Listing(PLAIN_TAIL, state)

    return act


_PERIOD = pattern(rf"\b12[- ]months?\b.*\bend\sof\s{month_pattern('month')}")


def period(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """The 12 months that durations are counted over."""
    found = _PERIOD.search(prose.plain, begin, end)
    if not found:
        return None

    def act() -> None:
        last = month(found["month"], until=context.published_on)
        if (last.year, last.month) != (context.period_end.year, context.period_end.month):
            raise Illegible(
                f"its period doesn't end in {context.period_end:%B %Y}, the month before the report's"
            )

    return act


def pending(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Which modifications are with the Authority, as a list."""
    if not _PENDING.search(prose.plain, begin, end):
        return None

    def act() -> None:
        state_count(context, prose, begin, end, "authority.pending.count")
        context.listing = Listing(PLAIN_TAIL, lambda item: sent_to_authority(context, item.mention))

    return act


INTRODUCTIONS: tuple[Recogniser, ...] = (
    recommended,
    votes,
    requests,
    consultations,
    scope,
    implemented,
    monthly_meeting,
    pending,
    decisions,
    period,
)


def introduction(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What a sentence that names no modification introduces, if anything."""
    text = prose.plain[begin:end]
    if not _BEGINS.match(text) or _NAMES_ONE.search(text) or _NEGATION.search(text) or not sound(text):
        return None
    found = [action for kind in INTRODUCTIONS if (action := kind(context, prose, begin, end))]
    return found[0] if len(found) == 1 else None
