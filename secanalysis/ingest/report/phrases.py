"""The field's own phrases as reports print them, as patterns, and what each of them stands for.

Those in capitals are text for use inside another pattern, or compiled by `phrase`, which takes no notice of
case.
"""

from __future__ import annotations

import re
from datetime import date

from secanalysis.domain.vocabulary import ConsultationKind, Event, ModificationPath, Outcome
from secanalysis.ingest.printed_values import MONTH_NAME, day_pattern
from secanalysis.ingest.report.scan_repair import REFERENCE


def phrase(text: str) -> re.Pattern[str]:
    """A pattern of words, whatever their case."""
    return re.compile(text, re.IGNORECASE | re.ASCII)


# Modifications and releases -----------------------------------------------------------------------

MODIFICATION = rf"(?P<ref>{REFERENCE})(?:\s*'(?P<title>(?:(?!{REFERENCE}\s*').)+?)'(?![A-Za-z0-9']))?"
"""A modification in plain prose: its reference, and its title in quotes where it is given."""

ANY_REFERENCE = re.compile(REFERENCE)
ANY_MODIFICATION = re.compile(MODIFICATION)
PART = r"(?:,?\s\(?(?P<part>part\s(?:[0-9]{1,2}|[A-Z]))\)?)?"
RELEASE = rf"(?:{MONTH_NAME}\s20[0-9]{{2}}\sSEC\sRelease)"
_ALONE = r"(?:standalone|ad[- ]hoc)"
STANDALONE = re.compile(rf"\b{_ALONE}\b", re.IGNORECASE)
IN_RELEASE = (
    rf"for\simplementation\s(?:(?:in|as\spart\sof)\sthe\s(?P<release>{RELEASE})|on\s{day_pattern('planned')}"
    rf"(?P<alone>,?\s(?:in|as(?:\spart\sof)?)\san?\s{_ALONE}(?:\sSEC)?\srelease)?)"
)
"""The end of a sentence that says where an approved modification is to be implemented."""

APPROVED_FOR = phrase(
    rf"\bapproved\sfor\simplementation\s(?:in|as\spart\sof)\sthe\s(?P<release>{RELEASE})(?:\s\({day_pattern('planned')}\))?"
)
WAS_IMPLEMENTED = phrase(r"\b(?:was|were|been)\simplemented\b")


def standalone_release(on: date) -> str:
    """The name that a standalone release is given: reports print none."""
    return f"Standalone Release {on}"


def release_name(printed: str) -> str:
    """A scheduled release's name, words as usual: ``November 2020 SEC Release``."""
    month, year = printed.split()[:2]
    return f"{month.capitalize()} {year} SEC Release"


# Recommendations, votes and decisions -------------------------------------------------------------

_PRESENTED = r"\b(?:present|recommend|progress|proce|put\sforward)"
TARGETS = (
    (phrase(rf"{_PRESENTED}.*\bRefinement\sProcess\b"), "refinement", Event.RECOMMENDED_TO_REFINEMENT),
    (phrase(rf"{_PRESENTED}.*\bReport\sPhase\b"), "report", Event.RECOMMENDED_TO_REPORT),
    (phrase(rf"{_PRESENTED}.*\bconver(?:sion|ted)\b"), "conversion", Event.RECOMMENDED_TO_CONVERSION),
)
"""Where modifications are recommended to go: the words, the name in figure keys, the event."""

CHANGE_BOARD = phrase(r"\bChange\sBoard\b")
REQUESTS = phrase(r"\bImpact\sAssessment\srequests?\b")
OUTCOMES = phrase(r"\b(?:approved?|rejected?|deferred?|sent\sback)\b")
OUTCOME = (
    r"(?:approved|rejected|deferred|sent\sback"
    r"|recommended\s(?:for|to\sbe)\s(?:approv\w+|reject\w+)(?:\s(?:by|to)\sthe\sAuthority)?)"
)
GOVERNANCE = r"(?:Self[- ]?Governance|Fast[- ]?Track)"


def outcome(printed: str) -> tuple[Outcome, ModificationPath | None]:
    """The outcome that words such as ``recommended for approval`` mean, and the path that follows from it."""
    words = printed.lower()
    if words.startswith("recommended"):
        recommended = Outcome.RECOMMENDED_APPROVAL if "approv" in words else Outcome.RECOMMENDED_REJECTION
        return recommended, ModificationPath.AUTHORITY
    return Outcome(words.replace(" ", "_")), None


def path(printed: str | None) -> ModificationPath | None:
    """The path that ``Self-Governance`` or ``Fast-Track`` names."""
    if not printed:
        return None
    return (
        ModificationPath.SELF_GOVERNANCE
        if printed.lower().startswith("self")
        else ModificationPath.FAST_TRACK
    )


# Consultations ------------------------------------------------------------------------------------

_CONSULTED = {
    ConsultationKind.REFINEMENT: r"Refinement\sConsultations?",
    ConsultationKind.REPORT: r"Modification\sReport\sConsultations?",
}
EXPECTED_CONSULTATIONS = {
    kind: phrase(rf"{name}\b.*\bexpected\b|\bexpected\b.*{name}\b") for kind, name in _CONSULTED.items()
}
OPEN_CONSULTATIONS = {
    kind: phrase(
        rf"\b(?:out\sfor|open\sfor|under)\s(?:an?\s)?{name}\b|{name}\b.*\b(?:are|is)\s(?:currently\s)?open\b"
    )
    for kind, name in _CONSULTED.items()
}

# Sentences about lists ----------------------------------------------------------------------------

_BEGINS = re.compile(r"[A-Z0-9]")
_NEGATION = phrase(r"\b(?:no|none|not|nil)\b")


def names_no_modification(text: str) -> bool:
    """Whether a text begins like a sentence and names no modification, as what introduces a list does."""
    return bool(_BEGINS.match(text)) and not ANY_REFERENCE.search(text)


def is_negative(text: str) -> bool:
    """Whether a sentence says that there is none of something."""
    return bool(_NEGATION.search(text))
