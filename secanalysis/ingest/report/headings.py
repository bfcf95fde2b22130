"""The headings of a Change Status Report: they say which statements to expect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Chapter(StrEnum):
    """The report's chapters, and the parts of its cover."""

    PURPOSE = "Purpose"
    RECOMMENDATIONS = "Recommendations"
    ATTACHMENTS = "Attachments"
    CONTENTS = "Contents"
    SUMMARY = "Summary"
    DEFINE = "Define"
    REFINE = "Refine"
    OPINE = "Opine"
    RELEASES = "Releases"


COVER = (Chapter.PURPOSE, Chapter.RECOMMENDATIONS, Chapter.ATTACHMENTS, Chapter.CONTENTS)


class Section(StrEnum):
    """The headings inside chapters."""

    STAGES = "Proposals currently in each stage"
    TO_CONVERSION = "Recommended to proceed to Modification Proposal"
    TO_REFINEMENT = "Recommended to proceed to Refinement Process"
    TO_REPORT = "Recommended to proceed to Report Phase"
    DECISIONS = "Decisions"
    NEW_PROPOSALS = "New Draft Proposals"
    CSC_DECISIONS = "Change Sub-Committee decisions"
    WORKING_GROUP = "Working Group meetings"
    REFINEMENT_CONSULTATIONS = "Refinement Consultations"
    IMPACT_ASSESSMENT_REQUESTS = "Impact Assessment requests"
    ASSESSMENT_TIMESCALES = "DCC Assessment timescales"
    OPEN_ASSESSMENTS = "Open Assessments"
    RETURNED_ASSESSMENTS = "Returned Assessments"
    REPORT_CONSULTATIONS = "Modification Report Consultations"
    VOTES = "Change Board votes"
    AUTHORITY_DECISIONS = "Authority decisions"
    PROGRESSION = "Modification progression timescales"
    PROPOSAL_TIMESCALES = "Proposal timescales"
    RELEASES = "SEC Releases"


@dataclass(frozen=True)
class Place:
    """Where in the report a statement is."""

    chapter: Chapter | None = None
    section: Section | None = None
    reference: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The headings above, outermost first."""
        return tuple(str(part) for part in (self.chapter, self.section, self.reference) if part)

    def below(self, heading: Chapter | Section) -> Place:
        """The place that begins with a heading."""
        if isinstance(heading, Chapter):
            return Place(heading)
        return Place(self.chapter, heading)


_KNOWN: dict[str, Chapter | Section] = {
    "".join(heading.lower().split()): heading for heading in (*Chapter, *Section)
}
_NUMBERED = re.compile(r"(?:[0-9IlO]{1,2}(?:\.[0-9]{1,2})*[.)]?\s+)?(?P<text>.+?)\s*[:.]?")
_LOOK_ALIKE = str.maketrans("015|!", "olsll")
_IN_CONTENTS = re.compile(r"(?P<text>.*?\S)(?:\s*\.{2,}\s*|\s+)[0-9]{1,3}")
_LOOKS = {known: known.translate(_LOOK_ALIKE) for known in _KNOWN}
_LONGEST = max(map(len, _KNOWN.values())) + 12


@lru_cache(maxsize=4096)
def heading(line: str) -> Chapter | Section | None:
    """The heading that a line is, its number and scanning's slips (one letter in nine) set aside."""
    if len(line) > _LONGEST:
        return None
    text = _NUMBERED.fullmatch(line)
    if not text or not text["text"][0].isupper():
        return None
    plain = "".join(text["text"].lower().split())
    if plain in _KNOWN:
        return _KNOWN[plain]
    looks = plain.translate(_LOOK_ALIKE)
    near = [
        known
        for known, alike in _LOOKS.items()
        if _distance(looks, alike, len(known) // 9) <= len(known) // 9
    ]
    return _KNOWN[near[0]] if len(near) == 1 else None


def in_contents(line: str) -> bool:
    """Whether a line is a heading's entry in a table of contents."""
    entry = _IN_CONTENTS.fullmatch(line)
    return bool(entry and heading(entry["text"]))


def _distance(first: str, second: str, most: int) -> int:
    """How many letters to change, add or leave out (Levenshtein), counted up to ``most`` and one more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, start=1):
        above, row[0] = row[0], i
        for j, other in enumerate(second, start=1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != other))
        if min(row) > most:
            break
    return min(row[-1], most + 1) if min(row) <= most else most + 1
