"""Sentences that introduce a list.

They name no modification themselves. The words of the field in them say which list follows, and how many
entries it should have.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from secanalysis.domain.figures import key_slug
from secanalysis.domain.vocabulary import (
    Body,
    ConsultationKind,
    Event,
    MeetingKind,
    MeetingPurpose,
    MeetingStatus,
    Outcome,
    Precision,
    ReleaseKind,
    ReleaseStatus,
)
from secanalysis.ingest.printed_values import Illegible, day, day_pattern, month, month_pattern
from secanalysis.ingest.report import phrases
from secanalysis.ingest.report.context import PLAIN_TAIL, Context, Item, Listing
from secanalysis.ingest.report.counts_and_times import ON_DAY, is_legible, state_count, stated_time
from secanalysis.ingest.report.phrases import (
    APPROVED_FOR,
    CHANGE_BOARD,
    EXPECTED_CONSULTATIONS,
    GOVERNANCE,
    OPEN_CONSULTATIONS,
    OUTCOMES,
    RELEASE,
    REQUESTS,
    STANDALONE,
    TARGETS,
    WAS_IMPLEMENTED,
    phrase,
)
from secanalysis.ingest.report.scan_repair import Prose
from secanalysis.ingest.report.sentences import VOTE, Action, Recogniser, meeting, sent_to_authority, vote

# Recommendations, votes and decisions -------------------------------------------------------------

_GOVERNANCE = phrase(rf"\bunder\s(?P<path>{GOVERNANCE})")
_PENDING = phrase(r"\b(?:are|is)\s(?:currently\s|still\s|now\s)?with\sthe\sAuthority\b")


def recommended(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What is recommended to go to the next stage."""
    text = prose.plain[begin:end]
    targets = [(name, event) for words, name, event in TARGETS if words.search(text)]
    if len(targets) != 1:
        return None
    name, event = targets[0]

    def act() -> None:
        stated = ON_DAY.search(text)
        on = day(stated["on"], until=context.published_on) if stated else context.published_on
        precision = Precision.DAY if stated else Precision.BY
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


_VOTED = phrase(r"\bChange\sBoard\b.*\bvoted\b")


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

        def state(item: Item) -> None:
            context.event(item.mention, event, on, precision, body=Body.CHANGE_BOARD)
            context.last = (item.mention,)

        context.listing = Listing(PLAIN_TAIL, state)

    return act


def decisions(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What the Change Board or the Authority approved, rejected or deferred, as the Summary has it."""
    text = prose.plain[begin:end]
    outcomes = {word.lower() for word in OUTCOMES.findall(text)}
    bodies = {Body.CHANGE_BOARD: CHANGE_BOARD, Body.AUTHORITY: phrase(r"\bAuthority\b")}
    acting = [body for body, named in bodies.items() if named.search(text)]
    if len(acting) != 1 or len(outcomes) != 1 or REQUESTS.search(text) or APPROVED_FOR.search(text):
        return None
    printed = next(iter(outcomes))
    if printed not in ("approved", "rejected", "deferred", "sent back"):
        return None
    outcome, body = Outcome(printed.replace(" ", "_")), acting[0]
    event = Event.VOTED if body is Body.CHANGE_BOARD else Event.DECIDED
    governance = _GOVERNANCE.search(text)
    path = phrases.path(governance["path"] if governance else None)

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


def pending(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Which modifications are with the Authority, as a list."""
    if not _PENDING.search(prose.plain, begin, end):
        return None

    def act() -> None:
        state_count(context, prose, begin, end, "authority.pending.count")
        context.listing = Listing(PLAIN_TAIL, lambda item: sent_to_authority(context, item.mention))

    return act


# Working Group meetings, and the period of durations ----------------------------------------------

_MONTHLY = phrase(
    rf"\bmonthly\sWorking\sGroup\smeeting\swas\sheld\son\s{day_pattern('on')}(?P<list>.*\b(?:includ|discuss|consider|follow)\w+)?"
)


def monthly_meeting(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """When the last monthly Working Group meeting was, and what was on its agenda."""
    match = _MONTHLY.search(prose.plain, begin, end)
    if not match or not (match["list"] or prose.plain[match.end() :].startswith(".")):
        return None

    def act() -> None:
        on = day(match["on"], until=context.published_on)
        kind, status = MeetingKind.MONTHLY, MeetingStatus.HELD
        context.meeting_ad_hoc = False
        if not match["list"]:
            meeting(context, None, prose.line(begin), on, kind, status)
            return

        def state(item: Item) -> None:
            meeting(context, item.mention, item.mention.line, on, kind, status, MeetingPurpose.GENERAL)
            context.name(item.mention)

        context.listing = Listing(PLAIN_TAIL, state)

    return act


_PERIOD = phrase(rf"\b12[- ]months?\b.*\bend\sof\s{month_pattern('month')}")


def period(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """The 12 months that durations are counted over."""
    match = _PERIOD.search(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        last = month(match["month"], until=context.published_on)
        if (last.year, last.month) != (context.period_end.year, context.period_end.month):
            raise Illegible(
                f"its period doesn't end in {context.period_end:%B %Y}, the month before the report's"
            )

    return act


# Consultations ------------------------------------------------------------------------------------

_WEEK = phrase(rf"\bweek\s(?:commencing|beginning|of)\s(?:on\s)?{day_pattern('week')}")
_CONSULTATION_DAYS = phrase(
    rf"(?:,?\s\(?(?:opened|issued|from)(?:\son)?\s{day_pattern('opened')})?"
    rf"(?:,?\s(?:and\s)?\(?(?:clos\w+|ends?|ending|until|to)(?:\son)?\s{day_pattern('closed')})?\)?[\s.,;]*(?:\band)?"
)


def consultations(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Which consultations are expected in a week, or open."""
    text = prose.plain[begin:end]
    expected = [kind for kind, words in EXPECTED_CONSULTATIONS.items() if words.search(text)]
    current = [kind for kind, words in OPEN_CONSULTATIONS.items() if words.search(text)]
    week = _WEEK.search(text)
    if len(expected) == 1 and week:
        return _expected_consultations(context, prose, begin, end, expected[0], week["week"])
    if len(current) == 1 and not expected:
        return _open_consultations(context, prose, begin, end, current[0])
    return None


def _expected_consultations(
    context: Context, prose: Prose, begin: int, end: int, kind: ConsultationKind, week: str
) -> Action:
    def act() -> None:
        first_day = day(week)
        state_count(context, prose, begin, end, f"consultation.{kind}.expected.count")

        def state(item: Item) -> None:
            _consultation(context, item, kind, expected_week=first_day)

        context.listing = Listing(PLAIN_TAIL, state)

    return act


def _open_consultations(
    context: Context, prose: Prose, begin: int, end: int, kind: ConsultationKind
) -> Action:
    def act() -> None:
        state_count(context, prose, begin, end, f"consultation.{kind}.open.count")

        def state(item: Item) -> None:
            opened, closed = item.tail["opened"], item.tail["closed"]
            _consultation(
                context,
                item,
                kind,
                opened_on=day(opened, until=context.published_on) if opened else None,
                closed_on=day(closed) if closed else None,
            )

        context.listing = Listing(_CONSULTATION_DAYS, state)

    return act


def _consultation(context: Context, item: Item, kind: ConsultationKind, **days: Any) -> None:
    of = item.mention
    context.name(of)
    context.statements.add("consultations", context.place, of.line, ref=of.ref, kind=kind, **days)


# Releases -----------------------------------------------------------------------------------------

_TARGETED_FOR = phrase(
    rf"\btargeted\s(?:for|at)\s(?:the\s)?(?P<release>{RELEASE})(?:\s\({day_pattern('planned')}\))?"
)
_NAMED = phrase(rf"(?P<release>{RELEASE})(?:\s\({day_pattern('day')}\))?")
_IMPLEMENTED_ITEM = phrase(
    rf"(?:\s(?:was|were)\simplemented(?:\son\s{day_pattern('on')}|\sin\s{month_pattern('month')})?)?[\s.,;]*(?:\band)?"
)


def scope(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What is approved or targeted for a release, and when that is planned."""
    approved, targeted = (words.search(prose.plain, begin, end) for words in (APPROVED_FOR, _TARGETED_FOR))
    scope_of = approved or targeted
    if not scope_of or (approved and targeted):
        return None
    status = ReleaseStatus.APPROVED if approved else ReleaseStatus.TARGETED

    def act() -> None:
        release = phrases.release_name(scope_of["release"])
        planned = day(scope_of["planned"]) if scope_of["planned"] else None
        state_count(context, prose, begin, end, f"release.{key_slug(release)}.{status}.count")
        if planned:
            line = prose.line(begin)
            context.statements.release(
                context.place, line, release, ReleaseKind.SCHEDULED, context.published_on, planned_on=planned
            )

        def state(item: Item) -> None:
            by = (context.published_on, Precision.BY)
            context.release_item(item.mention, status, release, *by, planned_on=planned, part=item.part)

        context.listing = Listing(PLAIN_TAIL, state)

    return act


def implemented(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What was implemented, in which release or on its own."""
    if not WAS_IMPLEMENTED.search(prose.plain, begin, end):
        return None
    named = _NAMED.search(prose.plain, begin, end)
    alone = STANDALONE.search(prose.plain, begin, end)
    if named and alone:
        return None

    def act() -> None:
        state_count(context, prose, begin, end, "release.implemented.count")
        if named and named["day"]:
            on, precision = day(named["day"], until=context.published_on), Precision.DAY
        else:
            on, precision = stated_time(context, prose, begin, end)

        def state(item: Item) -> None:
            _implemented_item(
                context,
                item,
                phrases.release_name(named["release"]) if named else None,
                bool(alone),
                on,
                precision,
            )

        context.listing = Listing(_IMPLEMENTED_ITEM, state)

    return act


def _implemented_item(
    context: Context, item: Item, release: str | None, alone: bool, on: date, precision: Precision
) -> None:
    if item.tail["on"]:
        on, precision = day(item.tail["on"], until=context.published_on), Precision.DAY
    elif item.tail["month"]:
        on, precision = month(item.tail["month"], until=context.published_on), Precision.MONTH
    if alone and precision is Precision.DAY:
        release = phrases.standalone_release(on)
    context.release_item(item.mention, ReleaseStatus.IMPLEMENTED, release, on, precision, part=item.part)
    if release and precision is Precision.DAY:
        context.in_force(item.mention.line, release, on)


# All of them --------------------------------------------------------------------------------------

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
    if not phrases.names_no_modification(text) or phrases.is_negative(text) or not is_legible(text):
        return None
    actions = [action for kind in INTRODUCTIONS if (action := kind(context, prose, begin, end))]
    return actions[0] if len(actions) == 1 else None
