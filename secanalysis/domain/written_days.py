"""Days as people write them."""

from __future__ import annotations

from datetime import date


def day_in_words(value: date) -> str:
    """A day with its month's name: 7 August 2020."""
    return f"{value.day} {value:%B %Y}"
