"""Releases' names: when two are one, which look alike, and the slug of each in keys and addresses."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator

from secanalysis.domain.figures import LONGEST_SLUG, key_slug, plain_name

_ALIKE = str.maketrans(
    "авекмнорстухіјѕһԁԛԝ" + "αβεζηικμνορτυχ",
    "abekmhopctyxijshdqw" + "abezhikmnoptyx",
)
"""Cyrillic and Greek letters, and the Latin ones that they are drawn like."""
_SHORT = 8


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


def _is_composed(name: str) -> bool:
    return unicodedata.is_normalized("NFC", name)


def _as_drawn(name: str) -> str:
    """A name as it looks: in one form of its letters, without what isn't seen."""
    composed = unicodedata.normalize("NFKC", plain_name(name)).casefold().translate(_ALIKE)
    return "".join(char for char in composed if unicodedata.category(char) != "Cf")
