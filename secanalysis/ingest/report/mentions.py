"""How a report names modifications: by a reference, with or without a title in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from secanalysis.ingest.printed_values import Illegible
from secanalysis.ingest.report.phrases import ANY_REFERENCE
from secanalysis.ingest.report.scan_repair import Prose


@dataclass(frozen=True)
class Mention:
    """A modification where a report names it."""

    ref: str
    title: str | None
    line: int


_LIKE_NUMBERED = r"(?:SECMP|[MD]P)[0-9OoIl]{2,}"
# Quotes at its ends or side by side; one that opens and isn't closed; one that closes, and later one that opens
# or another reference.
_UNCLEAR = re.compile(
    rf"^'|''|'$|\s'(?=\S)(?!.*\S'(?![A-Za-z0-9']))|{_LIKE_NUMBERED}.?\s*'|'\W*\s.*(?:\s'\S|{_LIKE_NUMBERED})"
)


def mention(prose: Prose, match: re.Match[str]) -> Mention:
    """The modification that a match of `phrases.MODIFICATION` names, its title as printed.

    Raises
    ------
    Illegible
        If where the title ends isn't clear: quotes stand together, or a reference and a quote in it.
    """
    if match["title"] and _UNCLEAR.search(match["title"]):
        raise Illegible(f"where the title of {match['ref']} begins and ends isn't clear")
    title = prose.printed(*match.span("title")) if match["title"] else None
    return Mention(match["ref"], title, prose.line(match.start("ref")))


_CLOSING = re.compile(r"'+(?![A-Za-z0-9'])")
_ONE_CLOSING = re.compile(r"(?<!')'(?![A-Za-z0-9'])")


def mentions_in_prose(prose: Prose, begin: int, end: int) -> list[Mention] | None:
    """All modifications that a sentence names; None where the end of a title isn't clear."""
    named: list[Mention] = []
    references = list(ANY_REFERENCE.finditer(prose.plain, begin, end))
    for reference, after in zip_longest(references, references[1:]):
        rest = prose.plain[reference.end() : after.start() if after else end]
        opening = re.match(r"\s*'", rest)
        title = None
        if opening:
            closings = list(_CLOSING.finditer(rest, opening.end()))
            if len(closings) != 1 or len(closings[0][0]) > 1:
                return None
            offset = reference.end()
            if _UNCLEAR.search(rest[opening.end() : closings[0].start()]):
                return None
            title = prose.printed(offset + opening.end(), offset + closings[0].start())
        named.append(Mention(reference[0], title, prose.line(reference.start())))
    return named


def sequence(prose: Prose, begin: int, end: int) -> list[Mention] | None:
    """The modifications of ``A 'a', B 'b' and C 'c'``; None if there is anything else."""
    return next(_sequences(prose, begin, end, []), None)


def _sequences(prose: Prose, begin: int, end: int, before: list[Mention]) -> Iterator[list[Mention]]:
    reference = ANY_REFERENCE.match(prose.plain, begin, end)
    if not reference:
        return
    line = prose.line(reference.start())
    opening = re.compile(r"\s*'").match(prose.plain, reference.end(), end)
    ends: list[tuple[str | None, int]] = [(None, reference.end())]
    if opening:
        ends = [
            (prose.printed(opening.end(), closing.start()), closing.end())
            for closing in _ONE_CLOSING.finditer(prose.plain, opening.end(), end)
            if not _UNCLEAR.search(prose.plain[opening.end() : closing.start()])
        ]
    for title, stop in ends:
        named = [*before, Mention(reference[0], title, line)]
        if stop == end:
            yield named
        elif joint := re.compile(r"(?:,\sand\s|,\s|\sand\s)").match(prose.plain, stop, end):
            yield from _sequences(prose, joint.end(), end, named)
