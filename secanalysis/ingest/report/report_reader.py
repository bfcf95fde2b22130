"""A published Change Status Report, line by line, becomes statements.

What a line means follows from the heading above it and from the words of the field in it, never from its
position. A line that isn't recognised is listed as unread; nothing is stored of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from secanalysis.domain.vocabulary import Event, Precision
from secanalysis.ingest.document import PAGE_BREAK
from secanalysis.ingest.reading import Reading, Repair, Unread
from secanalysis.ingest.report import cover, layout
from secanalysis.ingest.report import printed_tables as tables
from secanalysis.ingest.report.account import Account, Statements
from secanalysis.ingest.report.context import Context, Listing
from secanalysis.ingest.report.description import Description
from secanalysis.ingest.report.headings import Place, Section, heading, in_contents
from secanalysis.ingest.report.introductions import recommendations, vote_list
from secanalysis.ingest.report.page_numbers import page_gaps, without_loose_ends
from secanalysis.ingest.report.paragraphs import (
    Plan,
    Sentence,
    closes_a_title,
    holds_a_sentence_end,
    only_introduces,
    plan_item,
    plan_paragraph,
)
from secanalysis.ingest.report.repeated import refuse_another_month, refuse_repeated
from secanalysis.ingest.report.scan_repair import LIKE_REFERENCE, Line, Prose, begins_item, reference
from secanalysis.support.errors import UserError

LONGEST_LINE = 2_000
MOST_LINES = 20_000
SECONDS = 30.0
_LONGEST_PARAGRAPH = 60
_PICTURE_LINES, _PICTURE_WIDTH = 6, 60
_ASSESSMENTS = (Section.ASSESSMENT_TIMESCALES, Section.OPEN_ASSESSMENTS, Section.RETURNED_ASSESSMENTS)
_COLUMNS = {
    Section.OPEN_ASSESSMENTS: tables.Columns.OPEN,
    Section.RETURNED_ASSESSMENTS: tables.Columns.RETURNED,
}
_RECOMMENDED = {
    Section.TO_CONVERSION: Event.RECOMMENDED_TO_CONVERSION,
    Section.TO_REFINEMENT: Event.RECOMMENDED_TO_REFINEMENT,
    Section.TO_REPORT: Event.RECOMMENDED_TO_REPORT,
}
_ENDED = re.compile(r"(?:[.:;!?'\"’”)°`´\ufffd]|WD|part [0-9A-Z]{1,2})$")
_SENTENCE_ENDED = re.compile(r"[.:;!?]$")
_ONLY_REFERENCE = re.compile(LIKE_REFERENCE)
_MARKED_REFERENCE = re.compile(r"(?:SECMP|MP|DP)[0-9]*\ufffd+")
_COMPLETE_ITEM = re.compile(r"[^']*'.*(?:'(?:,?\s\(?part\s\w+\)?)?[.,;]?|[.;])|[^']*\S", re.DOTALL)


def read_report(
    document: Sequence[str],
    name: str,
    source_id: str | None = None,
    published_on: date | None = None,
    missing_before: Sequence[int] = (),
    doubtful: Collection[int] = (),
) -> Reading:
    """Read a report's lines.

    Parameters
    ----------
    document
        All its lines, blank ones too; a form feed begins a page.
    name
        What to call the file in messages.
    source_id
        Its source's, if not ``change-status-report-<month>``.
    published_on
        The report's date, needed where its cover carries none.
    missing_before
        The numbers of lines before which there is a page that can't be read.
    doubtful
        The numbers of lines in which something isn't clear.

    Raises
    ------
    UserError
        If it isn't a Change Status Report, or none of a few pages; or if it holds two, or a part of one twice.
    """
    if len(document) > MOST_LINES:
        raise UserError(
            f"{name} has {len(document):,} lines: no Change Status Report has more than {MOST_LINES:,}"
        )
    for number, line in enumerate(document, start=1):
        if len(line) > LONGEST_LINE:
            raise UserError(
                f"{name}, line {number}: {len(line):,} characters, and no printed line has that many"
            )
    lines = _headings_again(layout.content(document), doubtful)
    lost = [line.number for line in lines if line.number in doubtful and _may_be_heading(line)]
    account = Account(lines)
    heads = layout.running_heads(lines)
    account.narrative(sorted(heads))
    front, body = cover.split(layout.without(lines, heads), name)
    stated = cover.read(front, published_on, name, account)
    refuse_another_month(name, lines, stated.month, body[0].number)
    gaps = page_gaps(lines, missing_before)
    whole = without_loose_ends(body, [*missing_before, *gaps.before, *lost], account)
    source = stated.source(source_id)
    statements = Statements(str(source["source_id"]), str(stated.month))
    context = Context(statements, account, stated.published_on, stated.month.period_end)
    _Body(whole, context, name).read()
    refuse_repeated(
        name, body, statements.rows, gaps.numbers, in_pages=any(PAGE_BREAK in line for line in document)
    )
    reading = account.finish(source, statements.rows)
    missing = [Unread(0, page, reason) for page, reason in gaps.listed]
    return replace(reading, unread=(*missing, *reading.unread))


def _headings_again(lines: Sequence[Line], doubtful: Collection[int]) -> list[Line]:
    """A heading with a footnote's mark is that heading; so is a new proposal's reference, as the line below repeats it."""
    following = [line.printed for line in lines[1:]]
    again = []
    for line, below in zip(lines, [*following, ""], strict=True):
        if line.number in doubtful:
            without = " ".join(line.printed.replace("\ufffd", "").split())
            repeated = _ONLY_REFERENCE.match(below)
            if without and heading(without):
                line = replace(line, printed=without)
            elif _MARKED_REFERENCE.fullmatch(line.printed) and repeated and repeated[0].startswith(without):
                line = replace(line, printed=repeated[0])
        again.append(line)
    return again


def _may_be_heading(line: Line) -> bool:
    """Whether a line that isn't clear stands like a heading: what follows may be below it."""
    printed = line.printed
    return bool(
        line.gap
        and len(printed) <= _PICTURE_WIDTH
        and not heading(printed)
        and not begins_item(printed)
        and not re.search(r"[.,;:!?]$|\bWD\b", printed)
    )


@dataclass
class _Body:
    """All that comes after the cover."""

    lines: list[Line]
    context: Context
    name: str
    columns: tables.Columns | None = None
    section_begins: bool = True
    at: int = 0

    def read(self) -> None:
        description = Description(self.context)
        until = time.monotonic() + SECONDS
        while self.at < len(self.lines):
            if time.monotonic() > until:
                raise UserError(
                    f"{self.name} takes more than {SECONDS:.0f} seconds to read: that is no printed report"
                )
            if not (self._heading(description) or self._table() or self._item(description)):
                self._paragraph(description)

    # Headings -------------------------------------------------------------------------------------

    def _heading(self, description: Description) -> bool:
        line = self.lines[self.at]
        if known := heading(line.printed):
            self.context.account.narrative([line.number])
            if line.cut:
                self.context.enter(Place())
            self.context.enter(self.context.place.below(known))
            self.columns = _COLUMNS.get(known) if isinstance(known, Section) else None
            self.section_begins = True
            self.at += 1
            if known is Section.STAGES:
                self._stage_counts(line)
            return True
        if in_contents(line.printed):
            self.context.account.narrative([line.number])
            self.at += 1
            return True
        if self._is_reference_heading(self.at):
            ref = reference(line.printed)
            assert ref
            repairs = [Repair(line.number, line.printed, ref)] if ref != line.printed else []
            self.context.account.read([line.number], repairs)
            self.context.enter(Place(self.context.place.chapter, Section.NEW_PROPOSALS, ref))
            description.begin()
            self.at += 1
            return True
        if description.is_open and self._stands_alone(self.at):
            self.context.account.unread([line.number], "stands like a heading, but isn't a known one")
            self.context.enter(Place(self.context.place.chapter))
            self.section_begins = False
            self.at += 1
            return True
        return False

    def _is_heading(self, index: int) -> bool:
        return bool(heading(self.lines[index].printed)) and self._after_an_end(index)

    def _after_an_end(self, index: int) -> bool:
        """Whether what comes before a line is complete, so that the line can be a heading."""
        if index == 0 or self.lines[index].gap:
            return True
        before = self.lines[index - 1].printed
        return bool(_ENDED.search(before) or heading(before) or tables.table_heading(before))

    def _is_reference_heading(self, index: int) -> bool:
        printed = self.lines[index].printed
        if not _ONLY_REFERENCE.fullmatch(printed) or not reference(printed) or not self._after_an_end(index):
            return False
        if self.context.listing is None:
            return True
        after = self.lines[index + 1 : index + 3]
        return any("raised by" in line.printed and line.printed.startswith(printed) for line in after)

    def _stands_alone(self, index: int) -> bool:
        line = self.lines[index]
        followed = index + 1 == len(self.lines) or self.lines[index + 1].gap
        ended = index == 0 or bool(_ENDED.search(self.lines[index - 1].printed))
        unfinished = not re.search(r"[.,;:!?]$", line.printed)
        short = len(line.printed) <= _PICTURE_WIDTH and line.printed[0].isupper()
        return line.gap and followed and ended and unfinished and short

    def _stage_counts(self, below: Line) -> None:
        counts: list[Line] = []
        while (
            self.at < len(self.lines)
            and len(counts) < _PICTURE_LINES
            and not heading(self.lines[self.at].printed)
        ):
            if len(self.lines[self.at].printed) > _PICTURE_WIDTH:
                break
            counts.append(self.lines[self.at])
            self.at += 1
        tables.stage_counts(self.context, below, counts)

    # Tables ---------------------------------------------------------------------------------------

    def _table(self) -> bool:
        line = self.lines[self.at]
        text = tables.tidy(line.printed)
        columns = tables.table_heading(text)
        in_assessments = self.columns is not None or self.context.place.section in _ASSESSMENTS
        if columns:
            self.columns = columns
            self.context.account.narrative([line.number])
        elif tables.other_heading(text):
            self.context.account.narrative([line.number])
        elif tables.total_row(self.context, line):
            pass
        elif in_assessments and tables.like_assessment_row(text):
            tables.assessment_row(self.context, line, self.columns)
        else:
            return False
        self.context.listing = None
        self.at += 1
        return True

    def _is_table(self, index: int) -> bool:
        text = tables.tidy(self.lines[index].printed)
        in_assessments = self.columns is not None or self.context.place.section in _ASSESSMENTS
        return bool(
            tables.table_heading(text)
            or (in_assessments and tables.like_assessment_row(text))
            or tables.is_total(text)
        )

    # Lists and paragraphs -------------------------------------------------------------------------

    def _item(self, description: Description) -> bool:
        begins = begins_item(self.lines[self.at].printed)
        if not begins or description.is_open:
            return False
        context = self.context
        if context.listing is None and self.section_begins:
            context.listing = self._usual_listing()
        if context.listing is None and not begins["bullet"]:
            return False
        plan = self._understand_item(context.listing)
        self.section_begins = False
        plan.carry_out(context)
        if not plan.understood and holds_a_sentence_end(plan.prose):
            # what isn't read may introduce another list, to which further entries belong
            context.listing = None
        return True

    def _usual_listing(self) -> Listing | None:
        """What a section lists where its introduction is missing."""
        section, by = self.context.place.section, (self.context.published_on, Precision.BY)
        if section in _RECOMMENDED:
            return recommendations(self.context, _RECOMMENDED[section], *by, by_csc=False)
        return vote_list(self.context, *by) if section is Section.VOTES else None

    def _understand_item(self, listing: Listing | None) -> Plan:
        first_plan, first_stop = Plan(Prose(()), ()), self.at
        for joined in (True,) if self._breaks_off() else (False, True):
            stop = self._item_end(joined=joined)
            prose = Prose(self.lines[self.at : stop], bulleted=True)
            plans = [plan_item(self.context, prose, listing)] if listing else []
            for plan in [*plans, plan_paragraph(self.context, prose)]:
                if plan.understood:
                    self.at = stop
                    return plan
            if first_stop == self.at:
                first_plan, first_stop = Plan(prose, (Sentence(0, len(prose.plain)),)), stop
        self.at = first_stop
        return first_plan

    def _breaks_off(self) -> bool:
        """Whether an entry is unfinished where a gap, such as a page's end, comes: it goes on in mid-sentence."""
        stop = self._item_end(joined=False)
        if stop == len(self.lines) or not self.lines[stop].gap or not self._can_join(stop):
            return False
        following = Prose(self.lines[stop : self._paragraph_end(stop)])
        if closes_a_title(following) and not plan_paragraph(self.context, following).understood:
            return True
        further = self.lines[stop].printed
        return not (
            _SENTENCE_ENDED.search(self.lines[stop - 1].printed)
            or further[0].isupper()
            or begins_item(further)
        )

    def _item_end(self, *, joined: bool) -> int:
        """The line after an entry; ``joined`` takes in what follows a gap."""
        stop = self.at + 1
        while stop < len(self.lines) and self._goes_on(stop):
            line = self.lines[stop]
            if line.gap:
                if not joined:
                    break
                joined = False
            begins = begins_item(line.printed)
            if begins and (begins["bullet"] or _complete(self.lines[self.at : stop])):
                break
            stop += 1
        return stop

    def _goes_on(self, index: int) -> bool:
        return not (self._is_heading(index) or self._is_reference_heading(index) or self._is_table(index))

    def _paragraph(self, description: Description) -> None:
        stop = self._paragraph_end(self.at)
        plan = plan_paragraph(self.context, Prose(self.lines[self.at : stop]))
        for _ in range(2):
            open_end = plan.sentences[0 if description.is_open else -1]
            if _SENTENCE_ENDED.search(self.lines[stop - 1].printed) or not self._can_join(stop):
                break
            further = self._paragraph_end(stop)
            longer = plan_paragraph(self.context, Prose(self.lines[self.at : further]))
            if not longer.recognises(open_end.begin, open_end.end):
                if self.lines[stop].page:
                    plan = plan.without_last()
                break
            plan, stop = longer, further
        if description.is_open:
            description.read(plan)
        elif (
            self.context.place.section is None
            and self.context.place.chapter
            and self._introduces_chapter(plan)
        ):
            self.context.account.narrative([line.number for line in self.lines[self.at : stop]])
        else:
            plan.carry_out(self.context)
            if not plan.understood:
                self.columns = None
                self.context.listing = None if not plan.sentences[-1].action else self.context.listing
        self.section_begins = False
        self.at = stop

    def _introduces_chapter(self, plan: Plan) -> bool:
        return not any(each.action for each in plan.sentences) and only_introduces(plan.prose.plain)

    def _can_join(self, index: int) -> bool:
        if index >= len(self.lines) or not self._goes_on(index):
            return False
        begins = begins_item(self.lines[index].printed)
        return not (begins and begins["bullet"])

    def _paragraph_end(self, begin: int) -> int:
        stop = begin + 1
        while stop < len(self.lines) and stop - begin < _LONGEST_PARAGRAPH:
            if self.lines[stop].gap or self.lines[stop - 1].printed.endswith(":") or not self._can_join(stop):
                break
            stop += 1
        return stop


def _complete(lines: Sequence[Line]) -> bool:
    """Whether an entry's lines hold its title to its end, as far as can be seen."""
    return bool(_COMPLETE_ITEM.fullmatch(Prose(lines, bulleted=True).plain))
