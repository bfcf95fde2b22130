"""Sentences that say that a list is empty.

"None this month" makes the figure 0, which says that the list is complete and empty.
"""

from __future__ import annotations

import re

from secanalysis.domain.figures import key_slug
from secanalysis.domain.vocabulary import Outcome
from secanalysis.ingest.printed_values import NUMBER
from secanalysis.ingest.report import phrases
from secanalysis.ingest.report.context import Context
from secanalysis.ingest.report.counts_and_times import TIMES, is_legible
from secanalysis.ingest.report.headings import Section
from secanalysis.ingest.report.phrases import (
    APPROVED_FOR,
    CHANGE_BOARD,
    EXPECTED_CONSULTATIONS,
    OPEN_CONSULTATIONS,
    OUTCOMES,
    REQUESTS,
    TARGETS,
    WAS_IMPLEMENTED,
    phrase,
)
from secanalysis.ingest.report.scan_repair import Prose
from secanalysis.ingest.report.sentences import Action

_NUMBER_WORD = phrase(rf"\b{NUMBER}\b")
_NOTHING: tuple[tuple[re.Pattern[str], str], ...] = (
    *((target, f"recommended.{name}.count") for target, name, _ in TARGETS),
    (phrase(r"\bProposals?\b.*\braised\b"), "raised.count"),
    *((words, f"consultation.{kind}.open.count") for kind, words in OPEN_CONSULTATIONS.items()),
    *((words, f"consultation.{kind}.expected.count") for kind, words in EXPECTED_CONSULTATIONS.items()),
    (phrase(r"\bImpact\sAssessment\srequests?\b.*\bapproved\b"), "impact_assessment.approved.count"),
    (phrase(r"\bImpact\sAssessment\srequests?\b.*\bdeferred\b"), "impact_assessment.deferred.count"),
    (phrase(r"\bChange\sBoard\b.*\bvotes?\b|\bvotes?\b.*\bChange\sBoard\b"), "vote.count"),
    (
        phrase(r"\bAuthority\sdecisions?\b|\bdecisions?\b.*\bby\sthe\sAuthority\b"),
        "authority.decided.count",
    ),
    (phrase(r"\bwith\sthe\sAuthority\b"), "authority.pending.count"),
    (WAS_IMPLEMENTED, "release.implemented.count"),
)
_JUST_NONE = phrase(
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
_NO_MEETING = phrase(r"\bno\b.*\bWorking\sGroup\smeetings?\b")


def empty_list(context: Context, prose: Prose, begin: int, end: int) -> Action | None:
    """That a list is empty this month."""
    text = prose.plain[begin:end]
    if not phrases.names_no_modification(text) or not phrases.is_negative(text):
        return None
    if not is_legible(text) or _NUMBER_WORD.search(TIMES.sub("", text).replace("12 months", "")):
        return None
    section = context.place.section
    if _JUST_NONE.fullmatch(text):
        keys = [_NONE_BELOW[section]] if section in _NONE_BELOW else []
    else:
        keys = [key for words, key in _NOTHING if words.search(text)]
        if approved := APPROVED_FOR.search(text):
            keys = [f"release.{key_slug(phrases.release_name(approved['release']))}.approved.count"]
        elif CHANGE_BOARD.search(text) and not REQUESTS.search(text) and not keys:
            stems = {word.lower()[:6] for word in OUTCOMES.findall(text)}
            keys = [f"vote.{outcome}.count" for outcome in Outcome if outcome[:6].replace("_", " ") in stems]
    if not keys and not (section is Section.WORKING_GROUP and _NO_MEETING.search(text)):
        return None
    line = prose.line(begin)

    def act() -> None:
        context.listing = None
        for key in keys:
            context.statements.figure(context.place, line, key, "0", 0, how="none stated")

    return act
