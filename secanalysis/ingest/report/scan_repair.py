"""Repair of scanned text: what scanning does to references, assessment kinds, bullets, quotes and words.

A repair turns a letter into the digit it is taken for where only digits can stand (``MPO78`` is MP078),
never a digit into another digit; what can be repaired in two ways isn't. Text that is stored, such as a
title, is kept as printed: repairs only serve to recognise it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from secanalysis.ingest.reading import Repair

_BEFORE = r"(?<![^\s(\[/'‘“\"¢•©®«*·°●○◦▪\uf0b7–—-])"
_AFTER = r"(?![^\s)\]/.,;:'’”\"–—-])"
REFERENCE = rf"(?-i:{_BEFORE}(?:SECMP[0-9]{{4}}|(?:MP|DP)[0-9]{{3}})[A-Z]?{_AFTER})"
"""A normalised reference, for use inside a pattern."""

LIKE_REFERENCE = rf"(?-i:{_BEFORE}(?:SECMP|MP|DP)[0-9OoIl|]{{2,6}}[A-Z]?{_AFTER})"
"""What scanning may make of a reference."""

BULLET = r"(?:[eo]\s+|[¢•©®«*·°●○◦▪\uf0b7–—-]\s*)?"
"""What scanning makes of a list's bullet; only before a reference."""

_QUOTES = "'\"‘’‚‛“”„`´°ʼ′″"
_DASHES = "–—‐‑‒−"
_DIGITS = str.maketrans("OoIl|", "00111")
_FORM = re.compile(REFERENCE)
_PARTS = re.compile(r"(?P<prefix>SECMP|MP|DP)(?P<number>[0-9OoIl|]+)(?P<letter>[A-Z]?)")
_KINDS = {"PA": "PA", "IA": "IA", "1A": "IA", "lA": "IA", "|A": "IA"}

# The words that sentences are recognised by. Words that decide what a statement says (approved, rejected,
# deferred, implemented, open, returned) aren't here: a misprint of one leaves its line unread.
_WORDS = """
    announced assessment assessments attachments authority average commencing consultation
    consultations currently decision decisions durations expected following governance
    implementation included meeting meetings modification modifications monthly preliminary
    presented process progression proposal proposals provisional purpose recommendations refinement
    release releases report request requests standalone summary timescales working
"""
_LONG_WORDS = frozenset(_WORDS.split())
_MISREAD = re.compile(
    rf"(?P<reference>{LIKE_REFERENCE})|(?P<word>[A-Za-z]{{6,16}})|(?P<quote>[{_QUOTES}])|(?P<dash>[{_DASHES}])|(?P<space>\s+)"
)


@dataclass(frozen=True)
class Line:
    """A line of a document that isn't blank.

    Attributes
    ----------
    number
        Its number in the document, blank lines counted, from 1.
    printed
        The line as printed, without spaces around it.
    gap
        Whether a blank line comes before it, or it begins a page.
    page
        Whether it begins a page.
    cut
        Whether a page before it is missing: it is below no heading that is known.
    """

    number: int
    printed: str
    gap: bool = False
    page: bool = False
    cut: bool = False


def reference(printed: str) -> str | None:
    """The reference that was printed, from what scanning made of it.

    Parameters
    ----------
    printed
        Such as ``MPO78``, ``MPO088``, ``MP3O1`` or ``SECMPO0007``.

    Returns
    -------
    str or None
        MP078, MP088, MP301 and SECMP0007; None where digits are missing or too many.

    Notes
    -----
    An ``O`` that scanning inserts after the prefix is one digit too many, and falls away.
    """
    if _FORM.fullmatch(printed):
        return printed
    parts = _PARTS.fullmatch(printed)
    if not parts or not any(char.isdigit() for char in parts["number"]):
        return None
    number = parts["number"]
    length = 4 if parts["prefix"] == "SECMP" else 3
    if len(number) == length + 1 and number[0] in "Oo":
        number = number[1:]
    repaired = parts["prefix"] + number.translate(_DIGITS) + parts["letter"]
    return repaired if _FORM.fullmatch(repaired) else None


def assessment_kind(printed: str) -> str | None:
    """``PA`` or ``IA`` from what is printed (scanning makes ``1A`` of IA), or None."""
    return _KINDS.get(printed)


@lru_cache(maxsize=4096)
def mended(word: str) -> str:
    """A word of the recogniser's own in place of its misprint by one letter; any other word as it is."""
    small = word.lower()
    if small in _LONG_WORDS:
        return word
    near = [known for known in _LONG_WORDS if one_letter_apart(small, known)]
    # A plural is no misprint of its singular, nor a word in another inflection.
    if len(near) != 1 or small + "s" == near[0] or near[0] + "s" == small:
        return word
    return near[0].capitalize() if word[0].isupper() else near[0]


def one_letter_apart(first: str, second: str) -> bool:
    """Whether one letter changed, added or left out turns one word into the other."""
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    begin = 0
    while begin < min(len(first), len(second)) and first[begin] == second[begin]:
        begin += 1
    if len(first) == len(second):
        return first[begin + 1 :] == second[begin + 1 :]
    shorter, longer = sorted((first, second), key=len)
    return shorter[begin:] == longer[begin + 1 :]


@dataclass(frozen=True)
class _Mend:
    begin: int
    end: int
    line: int
    printed: str
    result: str


class Prose:
    """Lines that belong together, as one text in two forms.

    ``plain`` is for recognising: repaired references and words, straight single quotes, hyphens for
    dashes, one space between words. ``printed(...)`` gives back what was printed at a place of it.
    """

    def __init__(self, lines: Sequence[Line], *, bulleted: bool = False) -> None:
        self.lines = tuple(lines)
        self._joined, self._starts = _join(self.lines, bulleted=bulleted)
        self.plain, self._at, self._mends = self._plain()

    def _plain(self) -> tuple[str, list[int], list[_Mend]]:
        pieces: list[str] = []
        at: list[int] = []
        mends: list[_Mend] = []
        place = 0

        def keep(text: str, origin: int) -> None:
            pieces.append(text)
            at.extend(range(origin, origin + len(text)))

        for misread in _MISREAD.finditer(self._joined):
            keep(self._joined[place : misread.start()], place)
            place = misread.end()
            raw = misread[0]
            result = _recognisable(misread)
            if len(result) == len(raw):
                keep(result, misread.start())
            else:
                pieces.append(result)
                at.extend([misread.start()] * len(result))
            if misread.lastgroup in ("reference", "word") and result != raw:
                mends.append(_Mend(len(at) - len(result), len(at), self._line(misread.start()), raw, result))
        keep(self._joined[place:], place)
        at.append(len(self._joined))
        return "".join(pieces), at, mends

    def _line(self, origin: int) -> int:
        return next(
            line.number
            for start, line in zip(reversed(self._starts), reversed(self.lines), strict=True)
            if start <= origin
        )

    def line(self, place: int) -> int:
        """The number of the line that holds a place of ``plain``."""
        return self._line(self._at[place])

    def line_numbers(self, begin: int, end: int) -> list[int]:
        """The numbers of the lines over which a stretch of ``plain`` goes."""
        first, last = self.line(begin), self.line(max(begin, end - 1))
        return [line.number for line in self.lines if first <= line.number <= last]

    def printed(self, begin: int, end: int) -> str:
        """What is printed at a stretch of ``plain``, one space between words."""
        return " ".join(self._joined[self._at[begin] : self._at[end]].split())

    def repairs(self, begin: int, end: int, kept: Sequence[tuple[int, int]]) -> list[Repair]:
        """The repairs in a stretch of ``plain``, apart from those inside what is kept as printed."""
        return [
            Repair(mend.line, mend.printed, mend.result)
            for mend in self._mends
            if begin <= mend.begin < end and not any(first <= mend.begin < last for first, last in kept)
        ]


def _recognisable(misread: re.Match[str]) -> str:
    match misread.lastgroup:
        case "reference":
            return reference(misread[0]) or misread[0]
        case "word":
            return mended(misread[0])
        case "quote":
            return "'"
        case "dash":
            return "-"
        case _:
            return " "


def _join(lines: Sequence[Line], *, bulleted: bool) -> tuple[str, list[int]]:
    joined = ""
    starts: list[int] = []
    for line in lines:
        text = line.printed
        if bulleted and not starts:
            text = without_bullet(text)
        # A line that breaks after a word's own hyphen goes on without a space.
        if joined and not (re.search(r"\w-$", joined) and text[:1].isalpha()):
            joined += " "
        starts.append(len(joined))
        joined += text
    return joined, starts


_BULLETED = re.compile(rf"{BULLET}(?={LIKE_REFERENCE})")
_BEGINS_ITEM = re.compile(rf"(?P<bullet>{BULLET})(?P<reference>{LIKE_REFERENCE})(?P<rest>.*)", re.DOTALL)


_ODD = re.compile(r"[^A-Za-z0-9\s'.,:;()/&-]")


def odd(plain: str) -> bool:
    """Whether plain prose holds characters that no sentence of a report does: it is damaged there."""
    return bool(_ODD.search(plain))


def without_bullet(text: str) -> str:
    """A line without the bullet before its reference, if it has one."""
    return _BULLETED.sub("", text, count=1) if _BULLETED.match(text) else text


def begins_item(text: str) -> re.Match[str] | None:
    """Whether a line begins with a reference, after a ``bullet`` or none; the groups name the parts."""
    return _BEGINS_ITEM.match(text)
