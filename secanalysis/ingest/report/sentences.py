"""Sentences that name modifications and say what happened to them.

Each recogniser takes a stretch of prose that may be one sentence. It gives None if it isn't of its kind,
else what to do when the paragraph as a whole has been understood. Patterns hold the words that carry a
statement's meaning, and leave the rest of its wording open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from secanalysis.domain.vocabulary import (
    Body,
    DeferralReason,
    Event,
    MeetingKind,
    MeetingPurpose,
    MeetingStatus,
    Outcome,
    Precision,
    ReleaseStatus,
)
from secanalysis.ingest.printed_values import Illegible, day, day_pattern, month_pattern
from secanalysis.ingest.report import phrases
from secanalysis.ingest.report.context import Context, Item
from secanalysis.ingest.report.counts_and_times import time_of
from secanalysis.ingest.report.headings import Section
from secanalysis.ingest.report.mentions import Mention, mention, mentions_in_prose, sequence
from secanalysis.ingest.report.phrases import (
    ANY_MODIFICATION,
    ANY_REFERENCE,
    GOVERNANCE,
    IN_RELEASE,
    MODIFICATION,
    OUTCOME,
    phrase,
)
from secanalysis.ingest.report.scan_repair import REFERENCE, Prose, odd

Action = Callable[[], None]
Recogniser = Callable[[Context, Prose, int, int], Action | None]


# Raised -------------------------------------------------------------------------------------------

_RAISED = phrase(rf"{MODIFICATION}\swas\sraised\sby\s(?P<who>.+?)\son\s{day_pattern('on')}")
_ORGANISATION = phrase(r"(?:.+?\s(?:of|from)\s(?:the\s)?|the\s)(?P<organisation>\S.*)")
_ANOTHER_PERSON = phrase(r".*\b(?:and|with)\b.*\s(?:of|from)\s.*")


def raised(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Who raised a Draft Proposal and when. Of who, the organisation is kept and the person isn't."""
    match = _RAISED.fullmatch(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        on = day(match["on"], until=context.published_on)
        of = mention(prose, match)
        organisation = None
        who = _ORGANISATION.fullmatch(prose.plain, *match.span("who"))
        numbers = prose.line_numbers(*match.span("who"))
        if who and not _ANOTHER_PERSON.fullmatch(who["organisation"]):
            organisation = prose.printed(*who.span("organisation"))
        else:
            reason = "who raised it isn't clear: no organisation was stored, as it may be a person"
            context.account.unread(numbers, reason)
        context.name(of, organisation)
        context.event(of, Event.RAISED, on, Precision.DAY)
        context.last = (of,)

    return act


# What else a Draft Proposal's section says --------------------------------------------------------

_THIS = (
    r"(?:this|the)\s(?:modification|proposal|(?:Draft|Modification)\sProposal)\s(?:was|has(?:\ssince)?\sbeen)"
)
_IMPLEMENTED = phrase(
    rf"{_THIS}\simplemented\son\s{day_pattern('on')}"
    rf"(?P<where>,?\s(?:in|as(?:\spart\sof)?)\s"
    rf"(?:an?\s(?:standalone|ad[- ]hoc)\s(?:SEC\s)?release|the\s(?P<release>{phrases.RELEASE})))?"
)
_WITHDRAWN = phrase(rf"{_THIS}\swithdrawn(?P<who>\sby\s(?:the|its)\sProposer)?\son\s{day_pattern('on')}")


def implemented_since(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """That the modification of the section has been implemented."""
    match = _IMPLEMENTED.fullmatch(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        of = _spoken_of(context, prose, begin)
        on = day(match["on"], until=context.published_on)
        release = None
        if match["release"]:
            release = phrases.release_name(match["release"])
        elif match["where"]:
            release = phrases.standalone_release(on)
        context.release_item(of, ReleaseStatus.IMPLEMENTED, release, on, Precision.DAY)
        if release:
            context.in_force(of.line, release, on)

    return act


def withdrawn_since(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """That the modification of the section has been withdrawn."""
    match = _WITHDRAWN.fullmatch(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        of = _spoken_of(context, prose, begin)
        on = day(match["on"], until=context.published_on)
        context.event(of, Event.WITHDRAWN, on, Precision.DAY, body=Body.PROPOSER if match["who"] else None)

    return act


def _spoken_of(context: Context, prose: Prose, begin: int) -> Mention:
    ref = context.place.reference or (context.last[0].ref if len(context.last) == 1 else None)
    if not ref:
        raise Illegible("which modification it speaks of isn't clear")
    return Mention(ref, None, prose.line(begin))


# Votes and decisions ------------------------------------------------------------------------------

VOTE = phrase(
    rf"\swas\s(?P<outcome>{OUTCOME})(?:\sunder\s(?P<path>{GOVERNANCE}))?(?:\s{IN_RELEASE})?"
    rf"(?P<later>\sto\s[^.]*\bmeeting\b[^.]*)?\.?"
)
"""What follows a modification in the list of the Change Board's votes."""

_DECIDED = phrase(
    rf"{MODIFICATION}\swas\s(?P<outcome>approved|rejected|sent\sback)\sby\sthe\sAuthority"
    rf"(?:\son\s{day_pattern('on')}|\sin\s{month_pattern('month')})?(?:\s{IN_RELEASE})?"
)
_REFERRED = phrase(
    r"(?:this|the)\sdecision\s(?:has(?:\ssince)?\sbeen|was)\s(?:since\s)?referred\sto\sthe\s(?P<body>Panel|Authority)"
)
_WITH_AUTHORITY = phrase(
    rf"(?P<modifications>{REFERENCE}.*?)\s(?:is|are)\s(?:currently\s|still\s|now\s)?with\sthe\sAuthority"
    r"(?:\sfor\s(?:an?\s|its\s)?(?:decision|determination))?"
)


def vote(context: Context, item: Item, on: date, precision: Precision) -> None:
    """A vote of the Change Board, and the release that what it approved is meant for."""
    tail = item.tail
    outcome, follows = phrases.outcome(str(tail["outcome"]))
    if tail["later"] and outcome is not Outcome.DEFERRED:
        raise Illegible("only what is deferred goes to a later meeting")
    if (tail["release"] or tail["planned"]) and outcome is not Outcome.APPROVED:
        raise Illegible("only what is approved is implemented")
    planned = day(tail["planned"]) if tail["planned"] else None
    path = phrases.path(tail["path"]) or follows
    context.event(
        item.mention, Event.VOTED, on, precision, body=Body.CHANGE_BOARD, outcome=outcome, path=path
    )
    _meant_for(context, item.mention, tail, planned, on, precision, item.part)
    context.last = (item.mention,)


def _meant_for(
    context: Context,
    of: Mention,
    tail: Mapping[str, str | None],
    planned: date | None,
    on: date,
    precision: Precision,
    part: str | None = None,
) -> None:
    release = None
    if tail["release"]:
        release = phrases.release_name(tail["release"])
    elif planned and tail["alone"]:
        release = phrases.standalone_release(planned)
    if release or planned:
        context.release_item(of, ReleaseStatus.APPROVED, release, on, precision, planned, part)


def decided(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """A decision of the Authority."""
    match = _DECIDED.fullmatch(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        on, precision = time_of(context, match["on"], match["month"])
        planned = day(match["planned"]) if match["planned"] else None
        outcome, _ = phrases.outcome(match["outcome"])
        if (match["release"] or planned) and outcome is not Outcome.APPROVED:
            raise Illegible("only what is approved is implemented")
        of = mention(prose, match)
        context.event(of, Event.DECIDED, on, precision, body=Body.AUTHORITY, outcome=outcome)
        _meant_for(context, of, match.groupdict(), planned, on, precision)
        context.last = (of,)

    return act


def referred(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """That the decision of the sentence before has been referred to another body."""
    match = _REFERRED.fullmatch(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        if len(context.last) != 1:
            raise Illegible("which decision it speaks of isn't clear")
        of = Mention(context.last[0].ref, None, prose.line(begin))
        body = Body.PANEL if match["body"].lower() == "panel" else Body.AUTHORITY
        context.event(of, Event.REFERRED, context.published_on, Precision.BY, body=body)

    return act


def with_authority(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Which modifications are with the Authority."""
    match = _WITH_AUTHORITY.fullmatch(prose.plain, begin, end)
    modifications = sequence(prose, *match.span("modifications")) if match else None
    if modifications is None:
        return None

    def act() -> None:
        for of in modifications:
            sent_to_authority(context, of)
        context.last = tuple(modifications)

    return act


def sent_to_authority(context: Context, of: Mention) -> None:
    """That a modification is with the Authority on the report's own day."""
    context.event(of, Event.SENT_TO_AUTHORITY, context.published_on, Precision.BY, body=Body.AUTHORITY)


# Impact Assessment requests -----------------------------------------------------------------------

_REQUEST = phrase(
    rf"(?:The\s)?{MODIFICATION}\sImpact\sAssessment\srequest\swas\s(?P<outcome>approved|deferred)"
    rf"(?:\sby\sthe\sChange\sBoard)?(?:\sin\s{month_pattern('month')}|\son\s{day_pattern('on')})?(?P<later>\sto\sthe\s[^.]*)?"
)


def request(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """That the Change Board approved or deferred one request for an Impact Assessment."""
    match = _REQUEST.fullmatch(prose.plain, begin, end)
    if not match or (match["later"] and match["outcome"].lower() == "approved"):
        return None

    def act() -> None:
        on, precision = time_of(context, match["on"], match["month"])
        if precision is Precision.BY and context.requests_on:
            on, precision = context.requests_on
        elif precision is Precision.BY and not context.section_read:
            raise Illegible("when isn't clear, as a sentence before it wasn't read")
        event = {"approved": Event.IMPACT_ASSESSMENT_APPROVED, "deferred": Event.IMPACT_ASSESSMENT_DEFERRED}
        of = mention(prose, match)
        context.event(of, event[match["outcome"].lower()], on, precision, body=Body.CHANGE_BOARD)
        context.last = (of,)

    return act


_CLARIFICATION = phrase(
    r"[^.]*\bclarif\w+\b[^.]*\bassess[^.]*\b(?:before|until)\s(?:the|that)\srequest\b[^.]*"
)


def deferral_reason(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """Why the request of the sentence before was deferred: a reason that the vocabulary has, and none of the words."""
    if not _CLARIFICATION.fullmatch(prose.plain, begin, end) or ANY_REFERENCE.search(prose.plain, begin, end):
        return None

    def act() -> None:
        deferred = [
            row
            for row in context.statements.rows.get("events", [])[-1:]
            if row["event"] == Event.IMPACT_ASSESSMENT_DEFERRED
            and [row["ref"]] == [of.ref for of in context.last]
        ]
        if not deferred:
            raise Illegible("which deferred request it speaks of isn't clear")
        deferred[0]["reason"] = DeferralReason.SCOPE_UNCLEAR

    return act


# Working Group meetings ---------------------------------------------------------------------------

_NEXT_MONTHLY = phrase(
    rf"(?:The\s)?next\smonthly\sWorking\sGroup\smeeting\s(?:will\sbe\sheld|will\stake\splace|is\sscheduled)\s(?:on|for)\s"
    rf"{day_pattern('on')}(?:,?\s[^.]*\bagenda\b[^.]*?\bon\s{day_pattern('agenda')})?"
)
_SINGLE = phrase(
    r"(?:An?|The|Another|One)\s(?:further\s|additional\s|second\s|third\s|later\s)?(?P<ad_hoc>ad[- ]hoc\s)?"
    r"(?:Working\sGroup\s)?meeting\s"
    r"(?P<how>was\sheld\son|(?:is|is\sbeing|has\sbeen)\sscheduled\sfor|will\sbe\sheld\son)"
    rf"\s{day_pattern('on')}(?P<why>\s.+)?"
)
_PURPOSES = (
    (phrase(r"\brequirements?\b"), MeetingPurpose.REQUIREMENTS),
    (phrase(r"\bModification\sReport\b"), MeetingPurpose.REPORT),
    (phrase(r"\bImpact\sAssessment\b"), MeetingPurpose.IMPACT_ASSESSMENT),
    (phrase(r"\bsolution\b"), MeetingPurpose.SOLUTION),
)


def next_monthly(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """When the next monthly meeting is to be."""
    match = _NEXT_MONTHLY.fullmatch(prose.plain, begin, end)
    if not match:
        return None

    def act() -> None:
        agenda = day(match["agenda"]) if match["agenda"] else None
        on, status = day(match["on"]), MeetingStatus.SCHEDULED
        meeting(context, None, prose.line(begin), on, MeetingKind.MONTHLY, status, agenda_on=agenda)
        context.meeting_ad_hoc = False

    return act


def single_meeting(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """A meeting outside the series, held or to be held, what about and why."""
    match = _SINGLE.fullmatch(prose.plain, begin, end)
    if not match or not (match["ad_hoc"] or context.place.section is Section.WORKING_GROUP):
        return None
    if not prose.plain.startswith(".", end):
        return None  # it goes on somewhere else, and may name more modifications there
    about = mentions_in_prose(prose, begin, end)
    if about is None:
        return None

    def act() -> None:
        if not (match["ad_hoc"] or context.meeting_ad_hoc):
            raise Illegible("which series the meeting belongs to isn't clear")
        held = match["how"].lower().startswith("was")
        status = MeetingStatus.HELD if held else MeetingStatus.SCHEDULED
        on = day(match["on"], until=context.published_on if held else None)
        why = ANY_MODIFICATION.sub("", match["why"] or "")
        if odd(why):
            raise Illegible("why the meeting was held isn't legible")
        purpose = next((purpose for pattern, purpose in _PURPOSES if pattern.search(why)), None)
        # A further meeting without a modification of its own is about that of the sentence before.
        subjects = about or (list(context.last) if len(context.last) == 1 else [])
        line = prose.line(begin)
        on_agenda: list[Mention | None] = [*subjects] or [None]
        for of in on_agenda:
            meeting(context, of, line, on, MeetingKind.AD_HOC, status, purpose=purpose)
        for named in about:
            context.name(named)
        context.last = tuple(subjects)
        context.meeting_ad_hoc = True

    return act


def meeting(
    context: Context,
    of: Mention | None,
    line: int,
    on: date,
    kind: MeetingKind,
    status: MeetingStatus,
    purpose: MeetingPurpose | None = None,
    agenda_on: date | None = None,
) -> None:
    """Add a meeting of the Working Group, about one modification or none."""
    context.statements.add(
        "meetings",
        context.place,
        line,
        held_on=on,
        body=Body.WORKING_GROUP,
        kind=kind,
        status=status,
        agenda_on=agenda_on,
        ref=of.ref if of else None,
        purpose=purpose,
    )


RECOGNISERS: tuple[Recogniser, ...] = (
    raised,
    implemented_since,
    withdrawn_since,
    decided,
    referred,
    with_authority,
    request,
    deferral_reason,
    next_monthly,
    single_meeting,
)
