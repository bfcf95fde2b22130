"""Sentences that introduce what is in a release: approved or targeted for it, or implemented."""

from __future__ import annotations

from datetime import date

from secanalysis.domain.figures import key_slug
from secanalysis.domain.vocabulary import Precision, ReleaseKind, ReleaseStatus
from secanalysis.ingest.printed_values import day, day_pattern, month, month_pattern
from secanalysis.ingest.report import context as words
from secanalysis.ingest.report.context import PLAIN_TAIL, RELEASE, STANDALONE, Context, Item, Listing
from secanalysis.ingest.report.counted import pattern, state_count, stated_time
from secanalysis.ingest.report.scan_repair import Prose
from secanalysis.ingest.report.sentences import Action

APPROVED_FOR = pattern(
    rf"\bapproved\sfor\simplementation\s(?:in|as\spart\sof)\sthe\s(?P<release>{RELEASE})(?:\s\({day_pattern('planned')}\))?"
)
_TARGETED_FOR = pattern(
    rf"\btargeted\s(?:for|at)\s(?:the\s)?(?P<release>{RELEASE})(?:\s\({day_pattern('planned')}\))?"
)
_IMPLEMENTED = pattern(r"\b(?:was|were|been)\simplemented\b")
_NAMED = pattern(rf"(?P<release>{RELEASE})(?:\s\({day_pattern('day')}\))?")
_IMPLEMENTED_ITEM = pattern(
    rf"(?:\s(?:was|were)\simplemented(?:\son\s{day_pattern('on')}|\sin\s{month_pattern('month')})?)?[\s.,;]*(?:\band)?"
)


def scope(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """What is approved or targeted for a release, and when that is planned."""
    approved, targeted = (
        pattern.search(prose.plain, begin, end) for pattern in (APPROVED_FOR, _TARGETED_FOR)
    )
    found = approved or targeted
    if not found or (approved and targeted):
        return None
    status = ReleaseStatus.APPROVED if approved else ReleaseStatus.TARGETED

    def act() -> None:
        release = words.release_name(found["release"])
        planned = day(found["planned"]) if found["planned"] else None
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
    if not _IMPLEMENTED.search(prose.plain, begin, end):
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
                words.release_name(named["release"]) if named else None,
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
        release = words.standalone_release(on)
    context.release_item(item.mention, ReleaseStatus.IMPLEMENTED, release, on, precision, part=item.part)
    if release and precision is Precision.DAY:
        context.in_force(item.mention.line, release, on)
