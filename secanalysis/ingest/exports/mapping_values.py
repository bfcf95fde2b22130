"""Values of a mapping's YAML: each is what is expected in its place, or refused with it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from secanalysis.support.errors import UserError, ascii_marked

Word = TypeVar("Word", bound=StrEnum)


def named_values(
    value: object, where: str, allowed: tuple[str, ...] | list[str] | None = None
) -> dict[str, Any]:
    """Names and values, of which names only those allowed."""
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected names and values, found {type(value).__name__}")
    for key in value:
        if not isinstance(key, str) or (allowed is not None and key not in allowed):
            raise UserError(f"{where}: found {shown(key)}; expected some of {', '.join(allowed or ['text'])}")
    return dict(value)


def word_pairs(pairs: object, where: str) -> dict[str, str | None]:
    """A register's words and ours for them, None for "not stated"."""
    if not isinstance(pairs, dict):
        raise UserError(f"{where}: expected the register's words and ours for them")
    words: dict[str, str | None] = {}
    for theirs, our_word in pairs.items():
        if isinstance(our_word, dict | list):
            raise UserError(f"{where}, {str(theirs)[:60]}: found {shown(our_word)}; expected a text")
        words["" if theirs is None else str(theirs)] = None if our_word in (None, "") else str(our_word)
    return words


def word_list(value: object, where: str) -> tuple[str, ...]:
    """Words, or one; nothing is the blank word."""
    listed = value if isinstance(value, list) else [value]
    return tuple("" if word is None else stated_text(word, where) for word in listed)


def stated_text(value: object, where: str) -> str:
    """A text, which a number or day is too."""
    if value is None or isinstance(value, dict | list):
        raise UserError(f"{where}: found {shown(value)}; expected a text")
    return str(value)


def one_of(words: type[Word], value: object, where: str) -> Word:
    """A word of a vocabulary."""
    try:
        return words(str(value))
    except ValueError:
        raise UserError(f"{where}: found {shown(value)}; expected one of {', '.join(words)}") from None


def shown(value: object) -> str:
    """A value as messages show it."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "names and values"
    return "nothing" if value is None else ascii_marked(str(value)[:60])


def text_or_none(source: Mapping[str, Any], key: str, name: str) -> str | None:
    """A text that may be left out, but not be blank."""
    value = source.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise UserError(f"{name}, source: expected text under '{key}'")
    return value.strip() if value else None
