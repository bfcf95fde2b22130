"""What registers' headings and words usually mean, as patterns: those of the field, not of one register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Holds(StrEnum):
    """What the cells of a column hold."""

    REFERENCES = "references"
    DAYS = "days"
    NUMBERS = "numbers"
    WORDS = "words"  # a few, each in several rows
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Meaning:
    """What a column is.

    Attributes
    ----------
    table, column
        Ours.
    values
        What else its entry says in each row.
    doubt
        Why that isn't certain; blank where it is.
    """

    table: str
    column: str
    values: Mapping[str, str] = field(default_factory=dict)
    doubt: str = ""


@dataclass(frozen=True)
class _Rule:
    heading: re.Pattern[str]
    holds: tuple[Holds, ...]
    meaning: Meaning


def _rule(
    heading: str, holds: Holds | tuple[Holds, ...], table: str, column: str, doubt: str = "", **values: str
) -> _Rule:
    kinds = holds if isinstance(holds, tuple) else (holds,)
    return _Rule(re.compile(heading, re.IGNORECASE), kinds, Meaning(table, column, values, doubt))


_ANY = (Holds.WORDS, Holds.TEXT)
_CODES = (Holds.WORDS, Holds.TEXT, Holds.NUMBERS)
_PA = r"(?=.*(?:\bPA\b|\bpreliminary (?:impact )?assessment))"
_IA = r"(?!.*preliminary)(?=.*(?:\bIA\b|\bimpact assessment))"
_ASSESSED = r"(?=.*assessment)"
WHICH_ASSESSMENT = "which assessment? kind: PA or IA"
_REQUESTED, _ACCEPTED = r".*(?:request|raised|commission)", r".*accept"
_RETURNED = r".*(?:return|complete|deliver)"
_TARGET = r".*(?:target|wd\b|working days)"
_REFINING = r"(?=.*refine)"
_REPORTING = r"(?=.*(?:report|\bMRC\b))"
_OPENS, _CLOSES = r".*(?:open|start|begin|issue|from\b|launch)", r".*(?:clos|end|until|\bto\b|due)"
_CONSULTED = r"(?=.*consult)"
_BOARD = r"(?=.*(?:change board|\bCB\b))"
_AUTHORITY = r"(?=.*(?:authority|ofgem|\bgema\b))"
_SENT = r".*(?:sent|submit|with\b|issued to|sent to)"
_WHICH = "which consultation? kind: refinement, report or other"
_PLAN_OR_FACT = "planned, or in force? status: targeted with planned_on, or status: implemented with on"

_RULES: Sequence[_Rule] = [
    *(
        _rule(kind + heading, holds, "assessments", column, doubt or ("" if name else WHICH_ASSESSMENT), kind=name)
        for kind, name in ((_PA, "PA"), (_IA, "IA"), (_ASSESSED, ""))
        for heading, holds, column, doubt in (
            (_TARGET, Holds.NUMBERS, "target_wd", ""),
            (_REQUESTED, Holds.DAYS, "requested_on", ""),
            (_ACCEPTED, Holds.DAYS, "accepted_on", ""),
            (_RETURNED, Holds.DAYS, "returned_on", ""),
            (r".*receiv", Holds.DAYS, "returned_on", "received by the DCC (accepted_on), or from it (returned_on)?"),
            (r".*(?:status|state)", _ANY, "state", ""),
        )
    ),
    _rule(_ASSESSED + r".*(?:type|kind)", _ANY, "assessments", "kind"),
    *(
        _rule(_CONSULTED + kind + heading, Holds.DAYS, "consultations", column, doubt, kind=name)
        for kind, name, doubt in ((_REFINING, "refinement", ""), (_REPORTING, "report", ""), ("", "refinement", _WHICH))
        for heading, column in ((_OPENS, "opened_on"), (_CLOSES, "closed_on"))
    ),
    _rule(_BOARD, Holds.DAYS, "events", "on", event="voted", body="change_board"),
    _rule(_BOARD, _ANY, "events", "outcome", event="voted", body="change_board"),
    _rule(_AUTHORITY + _SENT, Holds.DAYS, "events", "on", event="sent_to_authority"),
    _rule(_AUTHORITY, Holds.DAYS, "events", "on", event="decided", body="authority"),
    _rule(_AUTHORITY + r".*(?:decision|outcome|determin)", _ANY, "events", "outcome", event="decided", body="authority"),
    _rule(r".*\bvot(?:e|ed|ing)\b", Holds.DAYS, "events", "on", "whose vote? body: change_board, panel or csc", event="voted", body="change_board"),
    _rule(r".*(?:\bvote\b|outcome|^result$)", _ANY, "events", "outcome", "whose? body: change_board, panel or csc", event="voted", body="change_board"),
    _rule(r".*(?:\bpath\b|governance|\broute\b)", _ANY, "events", "path", event="voted", body="change_board"),
    _rule(r".*convert", Holds.DAYS, "events", "on", event="converted"),
    _rule(r".*withdr", Holds.DAYS, "events", "on", event="withdrawn", body="proposer"),
    _rule(r".*(?:on[- ]hold|paused)", Holds.DAYS, "events", "on", event="on_hold"),
    _rule(r".*resumed", Holds.DAYS, "events", "on", event="resumed"),
    _rule(r"(?=.*(?:enter|start|began|from\b|since)).*refine", Holds.DAYS, "events", "on", event="entered_refinement"),
    _rule(r"(?=.*(?:enter|start|began|from\b|since)).*report", Holds.DAYS, "events", "on", event="entered_report"),
    _rule(r".*(?:raised|submi(?:tted|ssion)|received|lodged|date of proposal|proposal date)", Holds.DAYS, "events", "on", event="raised"),
    _rule(r".*(?:working ?groups?|\bWGs?\b)", Holds.DAYS, "meetings", "held_on", body="working_group"),
    _rule(r".*(?:planned|target|expected|proposed).*(?:implement|release date|in force|go[- ]live)", Holds.DAYS, "release_items", "planned_on", status="targeted"),
    _rule(r".*(?:implemented|in force|went live)", Holds.DAYS, "release_items", "on", status="implemented"),
    _rule(r".*(?:implementation|go[- ]live|live date)", Holds.DAYS, "release_items", "planned_on", _PLAN_OR_FACT, status="targeted"),
    _rule(r".*\brelease\b", _CODES, "release_items", "release", status="targeted"),
    _rule(r".*(?:\bstatus|\bstage|\bphase)", _ANY, "events", "stage", event="observed"),
    _rule(r".*(?:organisation|company|party)", _ANY, "modifications", "proposer_organisation"),
    _rule(r"^(?:proposer|proposed by|raised by|sponsor|applicant)$", _ANY, "modifications", "proposer_organisation", "organisations only: names of people have no place in the tables"),
    _rule(r".*(?:\btitle\b|\bsubject\b|^name$|(?:modification|proposal|change|scheme|project|site) name|name of)", _ANY, "modifications", "title"),
]  # fmt: skip

_SHEETS = (
    (r"meeting|working ?group", r"^(?:date|day|held|held on|meeting|meeting date)$", "Working Group"),
    (r"vote|change board", r"^(?:date|day|outcome|result|decision|vote)$", "Change Board"),
    (r"release", r"^(?:planned|target|expected)\b.*(?:date|day|on)$", "Planned release date"),
)
"""Headings that say what they are only with their sheet's name, and what to put before them."""


def meaning(heading: str, sheet: str, holds: Holds) -> Meaning | None:
    """What a column is, by its heading, or its sheet's name and its heading, and by what its cells hold."""
    texts = [heading, f"{sheet} {heading}"]
    for of_sheet, short, full in _SHEETS:
        if re.search(of_sheet, sheet, re.IGNORECASE) and re.search(short, heading, re.IGNORECASE):
            texts.insert(0, f"{full} {heading}")
    for text in texts:
        for rule in _RULES:
            if holds in rule.holds and rule.heading.match(text):
                return rule.meaning
    return None


def meaning_of_empty(heading: str, sheet: str) -> Meaning | None:
    """What a column will be that holds nothing yet, if its heading leaves no doubt: the next export may fill it."""
    fitting = [meaning(heading, sheet, holds) for holds in (Holds.DAYS, Holds.WORDS, Holds.NUMBERS)]
    columns = {(one.table, one.column) for one in fitting if one is not None}
    return next(one for one in fitting if one is not None) if len(columns) == 1 else None


def names_references(heading: str) -> bool:
    """Whether a heading is one of a register's own references."""
    return bool(
        re.search(
            r"\bref|\bnumber\b|\bno\b\.?|\bid\b|^(?:modification|proposal|change)s?$", heading, re.IGNORECASE
        )
    )


_WORDS: Mapping[str, Mapping[str, str]] = {
    "stage": {
        "development": r"\bdraft|development|\bdefine\b|initial",
        "refinement": r"\brefine|working ?group",
        "report": r"report (?:phase|stage)|modification report|\bopine\b|(?:with|at) (?:the )?(?:change )?board|awaiting vote",
        "decision": r"authority|ofgem|decision",
        "pending_implementation": r"(?:pend|await)\w* (?:implement|release)|(?<!not )approved",
        "implemented": r"\bimplemented|in force|\blive\b",
        "rejected": r"reject|not approved|refused",
        "withdrawn": r"withdr",
        "on_hold": r"on[- ]?hold|paused|suspended",
    },
    "outcome": {
        "approved": r"(?<!not )\bapprove[ds]?\b(?!.*recommend)|^accepted$",
        "rejected": r"\breject|not approved|refused",
        "deferred": r"defer",
        "sent_back": r"sen[dt] back|returned",
        "recommended_approval": r"recommend\w* (?:to )?approv|approv\w* recommend",
        "recommended_rejection": r"recommend\w* (?:to )?reject|reject\w* recommend",
    },
    "path": {
        "self_governance": r"self[- ]?gov|path ?3",
        "authority": r"authority|ofgem|path ?[12]\b",
        "fast_track": r"fast[- ]?track",
    },
    "state": {
        "requested": r"request",
        "open": r"\bopen\b|in progress|under ?way|accepted",
        "returned": r"return|complete|deliver",
    },
    "kind": {"PA": r"\bPA\b|preliminary", "IA": r"^(?!.*prelim).*(?:\bIA\b|impact)"},
}  # fmt: skip


def our_word(column: str, text: str) -> tuple[str, bool]:
    """Our word for a register's, and whether that is certain; blank where none fits."""
    fitting = [
        ours for ours, pattern in _WORDS.get(column, {}).items() if re.search(pattern, text, re.IGNORECASE)
    ]
    if column == "outcome" and len(fitting) > 1:  # a recommendation names what it recommends
        fitting = [ours for ours in fitting if ours.startswith("recommended")] or fitting
    if not fitting:
        return "", False
    plain = len(fitting) == 1 and len(text.split()) <= 4
    unclear = column == "stage" and re.fullmatch(r"approved|.*decision", text, re.IGNORECASE)
    return fitting[0], plain and not unclear
