"""What a column of a table of statements may hold: its form in words, for messages and templates, and as rules.

Rules are Pandera's, by name; `models` makes its models of them, where something is validated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from secanalysis.domain import references
from secanalysis.domain.figure_keys import KEYS
from secanalysis.domain.kept import names
from secanalysis.domain.months import FIRST_YEAR, LAST_YEAR

REF_PATTERN = references.PATTERN
_YEARS = "|".join(map(str, range(FIRST_YEAR, LAST_YEAR + 1)))
MONTH_PATTERN = rf"(?:{_YEARS})-(?:0[1-9]|1[0-2])"
SOURCE_ID_PATTERN = r"[a-z0-9][a-z0-9-]{0,119}"
UNSEEN = (  # controls, spaces but the usual one, line separators, marks of direction, joiners, fillers, tags, lost characters
    r"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    r"\x00-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff"
    r"\ufff0-\ufffb\ufffd\U000e0000-\U000e0fff"
)
TEXT_PATTERN = rf"[^ {UNSEEN}](?:[^{UNSEEN}]*[^ {UNSEEN}])?"
KEPT_PATTERN = "(?:" + "|".join(map(re.escape, sorted(names(), reverse=True))) + ")"
KEEPS_PATTERN = f"{KEPT_PATTERN}(?: {KEPT_PATTERN})*"
KEY_PATTERN = "(?:" + "|".join(key.pattern for key in KEYS) + ")"
URL_PATTERN = rf"https?://[^ \"<>{UNSEEN}]+"

FIRST_DAY, LAST_DAY = pd.Timestamp(FIRST_YEAR, 1, 1), pd.Timestamp(LAST_YEAR, 12, 31)


@dataclass(frozen=True)
class Declared:
    """A column as it is declared.

    Attributes
    ----------
    description
        What it holds.
    form
        What is expected, in words.
    stated, past, absent
        As of `field`.
    rules
        What Pandera's ``Field`` is asked to check, by the name of its argument.
    """

    description: str
    form: str
    stated: bool
    past: bool
    absent: str | None
    rules: Mapping[str, Any]


NOT_STATED = ""
"""What a file means that has no such column: nothing is stated."""


def field(
    description: str,
    *,
    form: str,
    stated: bool = False,
    past: bool = False,
    absent: str | None = None,
    **rules: Any,
) -> Any:
    """A column. ``form`` says in words what is expected, for messages and templates.

    ``stated`` forbids blanks. ``past`` marks a date stated in the past tense, which therefore can't be
    after its source's exact day of publication. ``absent`` is what a file without the column means, and a blank: a word, or
    `NOT_STATED`; None where a file needs the column.
    """
    return Declared(description, form, stated, past, absent, rules)


def whole(pattern: str) -> str:
    """A pattern that all of a cell has to match: ``$`` would let a line break at its end pass."""
    return rf"^(?:{pattern})\Z"


def text(description: str, **more: Any) -> Any:
    """A column of text."""
    form = "text without line breaks, unseen or lost characters, or spaces around it"
    return field(description, form=form, str_matches=whole(TEXT_PATTERN), **more)


def ref(description: str, *, stated: bool = True) -> Any:
    """A column of references."""
    form = "a reference such as SECMP0007, MP102A or DP136"
    return field(description, form=form, stated=stated, is_reference={})


def word(vocabulary: type[StrEnum], description: str, **more: Any) -> Any:
    """A column of words of a vocabulary."""
    values = [value.value for value in vocabulary]
    return field(description, form="one of " + ", ".join(values), isin=values, **more)


def day(description: str, **more: Any) -> Any:
    """A column of days."""
    form = f"a day as YYYY-MM-DD, from {FIRST_YEAR} to {LAST_YEAR}"
    return field(description, form=form, in_range={"min_value": FIRST_DAY, "max_value": LAST_DAY}, **more)


def number(description: str, *, least: int, most: int) -> Any:
    """A column of whole numbers, both ends included."""
    form = f"a whole number from {least} to {most}"
    return field(description, form=form, in_range={"min_value": least, "max_value": most})


def source() -> Any:
    """The column that names a row's source."""
    form = "a source_id of sources.csv"
    return field(
        "The source, a row of sources.csv", form=form, stated=True, str_matches=whole(SOURCE_ID_PATTERN)
    )


def locator() -> Any:
    """The column that says where in its source a row is."""
    return text("Where in the source: page, line, row or heading", stated=True)
