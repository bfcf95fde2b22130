"""The section of a Draft Proposal: who raised it and when, then free narrative, of which nothing is stored.

The narrative may name other modifications and dates. It is set aside whole, unless a sentence says that the
modification itself has been implemented or withdrawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from secanalysis.ingest.printed_values import day_pattern
from secanalysis.ingest.report.context import Context
from secanalysis.ingest.report.empty_lists import empty_list
from secanalysis.ingest.report.headings import Place, Section
from secanalysis.ingest.report.paragraphs import Plan, Sentence, carry_out, only_introduces
from secanalysis.ingest.report.phrases import ANY_REFERENCE
from secanalysis.ingest.report.scan_repair import LIKE_REFERENCE
from secanalysis.ingest.report.sentences import implemented_since, raised, withdrawn_since

_HAPPENED = re.compile(
    r"(?:this|the)\s(?:modification|proposal|(?:Draft|Modification)\sProposal)\s(?:was|has(?:\s\w+)?\sbeen)\s"
    r"(?:implemented|withdrawn|approved|rejected|deferred|converted|placed\son\shold|put\son\shold)\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    rf"(?:.*\b(?:implemented|withdrawn)|(?:this|the)\s\S+\s(?:was|has))\b.*\b{day_pattern('on')}",
    re.IGNORECASE,
)
_TITLED = re.compile(rf".{{0,12}}{LIKE_REFERENCE}\s*'")


@dataclass
class Description:
    """Reads the sections below ``New Draft Proposals``."""

    context: Context
    headed: bool = False
    paragraphs: int = 0
    raised: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a Draft Proposal's section is being read."""
        return self.context.place.section is Section.NEW_PROPOSALS

    def begin(self) -> None:
        """Begin below the heading of another Draft Proposal."""
        self.headed, self.paragraphs, self.raised = True, 0, False

    def read(self, plan: Plan) -> None:
        """Read a paragraph."""
        for index, sentence in enumerate(plan.sentences):
            self._sentence(plan, sentence, first=index == 0)
        self.paragraphs += 1

    def _sentence(self, plan: Plan, sentence: Sentence, *, first: bool) -> None:
        context, prose = self.context, plan.prose
        of = context.place.reference
        text = prose.plain[sentence.begin : sentence.end]
        if sentence.recogniser is raised and first:
            self._raised(plan, sentence)
        elif sentence.recogniser in ((implemented_since, withdrawn_since) if self.raised else (empty_list,)):
            carry_out(context, prose, sentence)
        elif of is None and only_introduces(text):
            self._say_narrative(plan, sentence)
        elif first and sentence.action:
            where = f"in the description of {of}" if of else "before any Draft Proposal"
            self._say_unread(plan, sentence, f"reads like a statement of another section, but is {where}")
            # That section's own heading may be lost: what follows is no description any more.
            context.enter(Place(context.place.chapter))
            context.forget()
        elif first and of and not self.raised and self.paragraphs == 0:
            self._say_unread(plan, sentence, f"expected here: by whom and when {of} was raised")
        elif of is None:
            carry_out(context, prose, sentence)
        elif first and _TITLED.match(text) and not (self.raised and text.startswith(str(of))):
            self._say_unread(
                plan, sentence, f"begins with a modification below the heading {of}, as raised ones do"
            )
        elif _HAPPENED.match(text) or (_DATED.match(text) and not ANY_REFERENCE.search(text)):
            self._say_unread(
                plan, sentence, f"says what happened to {of}, but not in a way that is recognised"
            )
        else:
            self._say_narrative(plan, sentence)

    def _raised(self, plan: Plan, sentence: Sentence) -> None:
        context = self.context
        match = ANY_REFERENCE.match(plan.prose.plain, sentence.begin)
        assert match
        of = context.place.reference
        if of is None or not self.headed:
            context.place = replace(context.place, reference=match[0])
            self.headed = False
        elif self.raised or _number(of) != _number(match[0]):
            self._say_unread(plan, sentence, f"says who raised {match[0]}, but is below the heading {of}")
            return
        self.raised = True
        carry_out(context, plan.prose, sentence)

    def _say_narrative(self, plan: Plan, sentence: Sentence) -> None:
        self.context.account.narrative(plan.prose.line_numbers(sentence.begin, sentence.end))

    def _say_unread(self, plan: Plan, sentence: Sentence, reason: str) -> None:
        self.context.account.unread(plan.prose.line_numbers(sentence.begin, sentence.end), reason)


def _number(ref: str) -> str:
    """A reference without its prefix: a Draft Proposal keeps its number as a modification."""
    return ref.lstrip("SECMPD")
