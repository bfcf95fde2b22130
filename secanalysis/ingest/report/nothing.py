"""Sentences that say that there is nothing to list.

"None this month" makes the figure 0, which attests that the list is complete and empty.
"""

from __future__ import annotations

import re

from secanalysis.domain.figures import key_slug
from secanalysis.domain.vocabulary import Outcome
from secanalysis.ingest.printed_values import NUMBER
from secanalysis.ingest.report import context as words
from secanalysis.ingest.report.consultation_lists import EXPECTED, OPEN
from secanalysis.ingest.report.context import Context
from secanalysis.ingest.report.counted import TIMES, pattern, sound
from secanalysis.ingest.report.headings import Section
from secanalysis.ingest.report.introductions import CHANGE_BOARD, OUTCOMES, REQUESTS, TARGETS
from secanalysis.ingest.report.release_lists import APPROVED_FOR
from secanalysis.ingest.report.scan_repair import REFERENCE, Prose
from secanalysis.ingest.report.sentences import Action

_NAMES_ONE = re.compile(REFERENCE)
_BEGINS = re.compile(r"[A-Z0-9]")
_NEGATION = pattern(r"\b(?:no|none|not|nil)\b")
_NUMBER_WORD = pattern(rf"\b{NUMBER}\b")
_NOTHING: tuple[tuple[re.Pattern[str], str], ...] = (
    *((target, f"recommended.{name}.count") for target, name, _ in TARGETS),
    (pattern(r"\bProposals?\b.*\braised\b"), "raised.count"),
    *((pattern, f"consultation.{kind}.open.count") for kind, pattern in OPEN.items()),
    *((pattern, f"consultation.{kind}.expected.count") for kind, pattern in EXPECTED.items()),
    (pattern(r"\bImpact\sAssessment\srequests?\b.*\bapproved\b"), "impact_assessment.approved.count"),
    (pattern(r"\bImpact\sAssessment\srequests?\b.*\bdeferred\b"), "impact_assessment.deferred.count"),
    (pattern(r"\bChange\sBoard\b.*\bvotes?\b|\bvotes?\b.*\bChange\sBoard\b"), "vote.count"),
    (
        pattern(r"\bAuthority\sdecisions?\b|\bdecisions?\b.*\bby\sthe\sAuthority\b"),
        "authority.decided.count",
    ),
    (pattern(r"\bwith\sthe\sAuthority\b"), "authority.pending.count"),
    (pattern(r"\b(?:was|were|been)\simplemented\b"), "release.implemented.count"),
)
_JUST_NONE = pattern(
    r"(?:there\s(?:are|were|have\sbeen)\s)?(?:currently\s)?none(?:\s(?:this|in\sthe\slast)\smonth)?"
)
_NONE_BELOW = {
    Section.TO_CONVERSION: "recommended.conversion.count",
    Section.TO_REFINEMENT: "recommended.refinement.count",
    Section.TO_REPORT: "recommended.report.count",
    Section.NEW_PROPOSALS: "raised.count",
    Section.CSC_DECISIONS: "recommended.conversion.count",
    Section.VOTES: "vote.count",
    Section.AUTHORITY_DECISIONS: "authority.decided.count",
}
_NO_MEETING = pattern(r"\bno\b.*\bWorking\sGroup\smeetings?\b")


def nothing(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """That a list is empty this month."""
    text = prose.plain[begin:end]
    if not _BEGINS.match(text) or _NAMES_ONE.search(text) or not _NEGATION.search(text):
        return None
    if not sound(text) or _NUMBER_WORD.search(TIMES.sub("", text).replace("12 months", "")):
        return None
    section = context.place.section
    if _JUST_NONE.fullmatch(text):
        keys = [_NONE_BELOW[section]] if section in _NONE_BELOW else []
    else:
        keys = [key for pattern, key in _NOTHING if pattern.search(text)]
        if approved := APPROVED_FOR.search(text):
            keys = [f"release.{key_slug(words.release_name(approved['release']))}.approved.count"]
        elif CHANGE_BOARD.search(text) and not REQUESTS.search(text) and not keys:
            found = {word.lower()[:6] for word in OUTCOMES.findall(text)}
            keys = [f"vote.{told}.count" for told in Outcome if told[:6].replace("_", " ") in found]
    if not keys and not (section is Section.WORKING_GROUP and _NO_MEETING.search(text)):
        return None
    line = prose.line(begin)

    def act() -> None:
        context.listing = None
        for key in keys:
            context.statements.figure(context.place, line, key, "0", 0, how="none stated")

    return act
