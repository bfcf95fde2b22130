"""Releases' names: when two are one, which look alike, and the slug of each in keys and addresses."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import combinations

from secanalysis.domain.figures import LONGEST_SLUG, key_slug, plain_name

_ALIKE = str.maketrans(
    "авекмнорстухіјѕһԁԛԝ" + "αβεζηικμνορτυχ",
    "abekmhopctyxijshdqw" + "abezhikmnoptyx",
)
"""Cyrillic and Greek letters, and the Latin ones that they are drawn like."""
_SHORT = 8
_SHORTEST_WORD = 4  # July and June are further apart


def release_slugs(names: Iterable[str]) -> dict[str, str]:
    """The slug of each release, another for each that is another.

    A release whose slug no other has keeps it, as does one that is called as its slug reads (November 2020). Others
    that share a slug each get an end that follows from their own name, whoever else shares it.

    Parameters
    ----------
    names
        All releases' names, as printed. What differs only in case, or in the words *SEC Release*, is one release.
    """
    sharing: dict[str, set[str]] = {}
    for name in (names := {*names}):
        sharing.setdefault(key_slug(name), set()).add(plain_name(name))
    return {name: _slug(name, sharing[key_slug(name)]) for name in sorted(names)}


def _slug(name: str, sharing: set[str]) -> str:
    slug, plain = key_slug(name), plain_name(name)
    if len(sharing) == 1 or plain == slug.replace("-", " "):
        return slug
    end = hashlib.sha256(unicodedata.normalize("NFC", plain).encode()).hexdigest()[:_SHORT]
    return f"{slug[: LONGEST_SLUG - _SHORT - 1].rstrip('-')}-{end}"


def look_alikes(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that are different and can't be distinguished by eye: the odd one, and the plainest that it looks like."""
    drawn: dict[str, dict[str, str]] = {}
    for name in sorted({*names}, key=lambda name: (not name.isascii(), not _is_composed(name), name)):
        drawn.setdefault(_as_drawn(name), {}).setdefault(plain_name(name), name)
    for same in drawn.values():
        plainest, *others = same.values()
        yield from ((other, plainest) for other in others)


def one_letter_apart(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of names of which one may be a slip of the other: one word differs by a letter, or a space is missing.

    Names that differ in a figure are those of different releases, as are those that differ in a short word.
    """
    plain = {plain_name(name): name for name in sorted({*names}, reverse=True)}
    same_but_one_word: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    same_letters: dict[str, list[str]] = {}
    for name in sorted(plain):
        words = tuple(name.split())
        same_letters.setdefault("".join(words), []).append(name)
        for at in range(len(words)):
            same_but_one_word.setdefault((at, words[:at] + words[at + 1 :]), []).append(name)
    pairs = {pair for of in same_letters.values() for pair in combinations(of, 2)}
    for (at, _), of in same_but_one_word.items():
        pairs |= {
            (one, other) for one, other in combinations(of, 2) if _is_slip(one.split()[at], other.split()[at])
        }
    return sorted((plain[one], plain[other]) for one, other in pairs)


def _is_slip(one: str, other: str) -> bool:
    """Whether words of letters differ by one that is wrong, missing or too many, or by two in each other's place."""
    if not (one.isalpha() and other.isalpha()) or min(len(one), len(other)) < _SHORTEST_WORD:
        return False
    begin = _same_letters(one, other)
    end = _same_letters(one[begin:][::-1], other[begin:][::-1])
    a, b = (word[begin : len(word) - end] for word in (one, other))
    return max(len(a), len(b)) <= 1 or (len(a) == 2 and a == b[::-1])


def _same_letters(one: str, other: str) -> int:
    """With how many letters both words begin."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _is_composed(name: str) -> bool:
    return unicodedata.is_normalized("NFC", name)


def _as_drawn(name: str) -> str:
    """A name as it looks: in one form of its letters, without what isn't seen."""
    composed = unicodedata.normalize("NFKC", plain_name(name)).casefold().translate(_ALIKE)
    return "".join(char for char in composed if unicodedata.category(char) != "Cf")
