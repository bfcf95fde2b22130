"""What a user can mend: reported in a sentence, without a traceback, exit 2."""

from __future__ import annotations


class UserError(Exception):
    """Bad input or a missing file; the message says what was found and what was expected."""


def ascii_marked(text: str) -> str:
    """Text in quotes, with anything that isn't plain to see written out (spaces that aren't, look-alikes)."""
    plain = all(char.isprintable() and (char.isascii() or char in "–—‘’“”…•£") for char in text)
    return f"'{text}'" if plain and "'" not in text else ascii(text)
