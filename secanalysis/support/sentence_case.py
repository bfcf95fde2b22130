"""Words with which a sentence, a heading or a line begins."""

from __future__ import annotations


def sentence_case(words: str) -> str:
    """The words with a capital first letter, and every other as it is: names keep theirs, unlike with `str.capitalize`."""
    return words[:1].upper() + words[1:]
