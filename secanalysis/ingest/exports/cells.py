"""A register's cells become values of our columns; one that can't is reported with its place."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from secanalysis.domain import references
from secanalysis.domain.code import ReferenceForm, current
from secanalysis.ingest.exports.days import day_of_number, day_of_text
from secanalysis.ingest.exports.mapping import DateForm
from secanalysis.ingest.printed_values import Illegible
from secanalysis.statements import schemas

_SPACES = re.compile(r"\s*[^\S ]\s*")  # line breaks, tabs, no-break spaces
_EXACT = 10**15  # from here on a spreadsheet's whole numbers aren't exact
_LONGEST_REF = 60
REF_COLUMNS = ("ref", "earlier_ref")


def text_of(cell: object) -> str:
    """A cell as text, blank if it holds nothing: 2024, not 2024.0; a day as 2024-06-01; spaces as usual ones."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.strip()
        return text if text.isprintable() else _SPACES.sub(" ", text)
    if isinstance(cell, list):
        return str(cell[0])
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell) and abs(cell) < _EXACT:
        return str(int(cell))
    return str(cell)


def same_spaces(text: str) -> str:
    """A heading or word without what can't be seen: any run of spaces and line breaks is one space."""
    kept = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(kept.split())


@dataclass(frozen=True)
class Words:
    """A register's words and ours for them, found whatever their spaces, and their case where one fits."""

    exact: Mapping[str, str | None] = field(default_factory=dict)
    folded: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Mapping[str, str | None], blank: Iterable[str] = ()) -> Words:
        """From a mapping's words, and those that mean "not stated"."""
        exact: dict[str, str | None] = dict.fromkeys(map(same_spaces, blank))
        exact |= {same_spaces(word): our_word for word, our_word in words.items()}
        folded: dict[str, set[str | None]] = {}
        for word, our_word in exact.items():
            folded.setdefault(word.casefold(), set()).add(our_word)
        return cls(exact, {word: our.copy().pop() for word, our in folded.items() if len(our) == 1})

    def __contains__(self, text: str) -> bool:
        key = same_spaces(text)
        return key in self.exact or key.casefold() in self.folded

    def ours(self, text: str) -> str | None:
        """Our word for one that is among them."""
        key = same_spaces(text)
        return self.exact[key] if key in self.exact else self.folded[key.casefold()]


@dataclass
class Reader:
    """Reads the cells of one column.

    Attributes
    ----------
    column
        Ours.
    forms
        How text days and numbers in place of days are to be read.
    serials_from
        The day before serial number 1.
    words
        The register's words and ours for them.
    references
        Our prefix to the register's own pattern of references.
    rewritten
        References that were written otherwise, and how they were read.
    form, pattern
        How the code's references are written.
    """

    column: schemas.Column
    forms: Sequence[DateForm]
    serials_from: date
    words: Words = field(default_factory=Words)
    references: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    rewritten: dict[str, str] = field(default_factory=dict)
    form: ReferenceForm | None = field(default_factory=lambda: current().references)
    pattern: re.Pattern[str] = field(default_factory=lambda: re.compile(references.pattern()))

    def value(self, cell: object) -> object:
        """The value of a cell, None if it is blank.

        Raises
        ------
        Illegible
            If it can't be a value of the column.
        """
        if isinstance(cell, float) and not math.isfinite(cell):
            raise Illegible("what is no number")
        text = text_of(cell)
        if text in self.words:
            our_word = self.words.ours(text)
            if our_word is None:
                return None
            cell = text = our_word
        if not text:
            return None
        if isinstance(cell, bool):
            raise Illegible(text)
        if self.column.name in REF_COLUMNS:
            return self._reference(text)
        match self.column.type:
            case "day":
                return self._day(cell, text)
            case "text":
                return text
            case _:
                return _number(cell, text, whole=self.column.type == "whole number")

    def _day(self, cell: object, text: str) -> date:
        if isinstance(cell, list):
            return date.fromisoformat(cell[0])
        if isinstance(cell, int | float):
            return day_of_number(cell, self.forms, self.serials_from)
        if DateForm.SERIAL in self.forms and re.fullmatch("[0-9]{5}", text, re.ASCII):
            return day_of_number(int(text), self.forms, self.serials_from)
        return day_of_text(text, self.forms)

    def _reference(self, text: str) -> str:
        if text in self.rewritten:
            return self.rewritten[text]
        plain = references.tidied(text, self.form)
        if len(plain) > _LONGEST_REF:
            raise Illegible(f"'{text[:_LONGEST_REF]}…'")
        fitting = {
            _written(prefix, match, self.form)
            for prefix, pattern in self.references.items()
            if (match := pattern.fullmatch("".join(text.split()).upper()) or pattern.fullmatch(text))
        }
        if len(fitting) > 1:
            raise Illegible(f"'{text}', which may be {' or '.join(sorted(fitting))}")
        result = (
            fitting.pop()
            if fitting
            else plain
            if not self.references and self.pattern.fullmatch(plain)
            else text
        )
        if result != text:
            self.rewritten[text] = result
        return result


def _written(prefix: str, match: re.Match[str], form: ReferenceForm | None) -> str:
    number = match[1]
    if not re.fullmatch("[0-9]{1,7}", number or "", re.ASCII):
        raise Illegible(f"'{match[0]}', whose number is {number!r}")
    letter = (match[2] or "").upper() if match.re.groups > 1 else ""
    return references.spelt(prefix, int(number), letter, form)


def _number(cell: object, text: str, *, whole: bool) -> float | int:
    if isinstance(cell, str) and re.fullmatch(
        r"[0-9]{1,9}" if whole else r"[0-9]{1,9}(?:\.[0-9]{1,6})?", text
    ):
        cell = float(text)
    if not isinstance(cell, int | float) or abs(cell) >= _EXACT or (whole and cell != int(cell)):
        raise Illegible(f"'{str(cell)[:60]}'")
    return int(cell) if whole else float(cell)
