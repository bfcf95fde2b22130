"""Passages: sentences whose numbers are figures that open, with short lists; a chapter is several under headings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from secanalysis.domain.figures import Figure, Verdict, number
from secanalysis.domain.vocabulary import Unit
from secanalysis.support.sentence_case import sentence_case
from secanalysis.views import mime
from secanalysis.views.evidence import Evidence
from secanalysis.views.formatting import text, with_releases_in_words
from secanalysis.views.tables import SYMBOLS, OpenFigure, Table, opened

VERDICTS = {
    Verdict.EQUAL: "equal to the published figure",
    Verdict.SCAN: "the published figure is a likely misprint or scanning error",
    Verdict.BLANK: "the published figure is illegible, calculated here",
    Verdict.DIFFERS: "differs from the published figure",
    Verdict.NOT_COMPUTABLE: "the published figure can't be calculated here",
}
"""What a mark after a number means, for readers of the words."""

AS_PUBLISHED = " (as published)"
NOTHING = "Nothing of this is known for the month."


@dataclass(frozen=True)
class Stated:
    """A number in a sentence, which opens to what it rests on.

    Attributes
    ----------
    figure
        The figure.
    words
        The number as the sentence has it.
    """

    figure: OpenFigure
    words: str

    def without_as_published(self) -> Stated:
        """The number alone, where the sentence says at its end that it is as published."""
        return Stated(self.figure, self.words.removesuffix(AS_PUBLISHED))


@dataclass(frozen=True)
class Item:
    """A line of a list: a modification, or a day.

    Attributes
    ----------
    head
        Its reference, or the day.
    title
        The modification's title, if it has one.
    words
        What is said of it; may be blank.
    """

    head: str
    title: str = ""
    words: str = ""

    def __str__(self) -> str:
        title = f" ‘{self.title}’" if self.title else ""
        return f"{self.head}{title}{': ' if self.words else ''}{self.words}"


@dataclass(frozen=True, eq=False, repr=False)
class Passage:
    """A paragraph, and a list below it.

    Attributes
    ----------
    parts
        Words and numbers, in their order.
    items
        The lines of the list.
    table
        What the list is taken from, for downloads.
    """

    parts: tuple[str | Stated, ...] = ()
    items: tuple[Item, ...] = ()
    table: Table | None = None

    @property
    def figures(self) -> list[OpenFigure]:
        """The figures in the paragraph, each once."""
        return list(
            {part.figure.key: part.figure for part in self.parts if isinstance(part, Stated)}.values()
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = _bundle([self], repr(self), self.as_html)
        return bundle | ({mime.TABLE: self.table.to_json()} if self.table else {})

    def __bool__(self) -> bool:
        return bool(self.parts or self.items)

    def __repr__(self) -> str:
        words = "".join(part if isinstance(part, str) else part.words for part in self.parts)
        return "\n".join(filter(None, [words, *(f"- {item}" for item in self.items)])) or NOTHING

    def as_html(self, evidence: Evidence | None) -> str:
        """The paragraph and the list."""
        name = f"p{hashlib.sha256(repr(self).encode()).hexdigest()[:6]}"  # a page may state a figure twice
        parts = [
            text(part) if isinstance(part, str) else _number(part, evidence, name) for part in self.parts
        ]
        paragraph = f'<div class="says">{"".join(parts)}</div>' if parts else ""
        lines = "".join(f"<li>{_line(item)}</li>" for item in self.items)
        return paragraph + (f'<ul class="says">{lines}</ul>' if lines else "")


@dataclass(frozen=True, eq=False, repr=False)
class Chapter:
    """Passages under headings; those that say nothing are left out.

    Attributes
    ----------
    passages
        Each with its heading, which may be blank.
    nothing
        What to say where no passage says anything; blank for nothing at all.
    title
        A heading above them all; blank for none.
    note
        What to say below that heading.
    """

    passages: tuple[tuple[str, Passage], ...]
    nothing: str
    title: str = ""
    note: str = ""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        tables = [passage.table.to_json() for _, passage in self._filled if passage.table]
        bundle = _bundle([passage for _, passage in self._filled], repr(self), self._as_html)
        return bundle | ({mime.TABLE: tables[0]} if len(tables) == 1 else {})

    @property
    def _filled(self) -> list[tuple[str, Passage]]:
        return [(heading, passage) for heading, passage in self.passages if passage]

    def __repr__(self) -> str:
        words = [f"{heading}\n{passage}" if heading else repr(passage) for heading, passage in self._filled]
        return "\n\n".join(words) or self.nothing or NOTHING

    def _as_html(self, evidence: Evidence | None) -> str:
        sections = "".join(
            f"<section>{f'<h3>{text(heading)}</h3>' if heading else ''}{passage.as_html(evidence)}</section>"
            for heading, passage in self._filled
        )
        title = f"<h2>{text(self.title)}</h2>" if self.title else ""
        title += f'<p class="note">{text(self.note)}</p>' if self.note else ""
        if sections:
            return f'{title}<div class="chapter">{sections}</div>'
        return title + (f"<p>{text(self.nothing)}</p>" if self.nothing else "")


def _bundle(
    passages: Sequence[Passage], words: str, as_html: Callable[[Evidence | None], str]
) -> dict[str, Any]:
    figures = list({figure.key: figure for passage in passages for figure in passage.figures}.values())
    evidence = Evidence(figures[0].statements, figures) if figures else None
    bundle: dict[str, Any] = {mime.PASSAGE: words}
    if figures and evidence:
        bundle |= {mime.FIGURES: [figure.to_json() for figure in figures], mime.SOURCES: evidence.sources}
    return bundle | {"text/plain": words, "text/html": as_html(evidence)}


def _number(part: Stated, evidence: Evidence | None, passage: str) -> str:
    """A number that opens where it is; a mark after it says how it compares with the published figure.

    It opens as a popover, which browsers do by themselves: a page has no script.
    """
    figure, mark = part.figure, ""
    if figure.verdict and figure.value is not None:  # else it is the published figure itself
        symbol = f'<span aria-hidden="true">{SYMBOLS[figure.verdict]}</span>'
        mark = f'<sup>{symbol}<span class="hidden"> ({VERDICTS[figure.verdict]})</span></sup>'
    rows = opened(figure, evidence) if evidence else ""
    name = f"{passage}-{re.sub(r'[^A-Za-z0-9]+', '-', figure.key)}"
    return (
        f'<button type="button" class="fact" popovertarget="{name}" data-key="{text(figure.key)}">'
        f"<b>{text(part.words)}</b>{mark}</button>"
        f'<div popover id="{name}" class="behind" role="group" aria-label="{text(with_releases_in_words(figure.label))}">{rows}</div>'
    )


def _line(item: Item) -> str:
    title = f" {text(item.title)}" if item.title else ""
    words = f": {text(item.words)}" if item.words else ""
    return f"<b>{text(item.head)}</b>{title}{words}"


def in_words(figure: Figure) -> str:
    """A figure as a sentence has it: 4, at least 3, 39.3 WD, 64 WD (as published), or blank where nothing is known."""
    unit = " WD" if figure.unit is Unit.WD else ""
    if figure.value is not None:
        return f"{number(figure.value)}{unit}"
    if figure.printed:
        return f"{figure.printed}{unit}{AS_PUBLISHED}"
    return f"at least {figure.n:,}" if figure.n and figure.unit is Unit.COUNT else ""


def paragraph(sentences: Iterable[Iterable[str | Stated]]) -> tuple[str | Stated, ...]:
    """Sentences with a space between them; empty ones are left out. Each begins with a capital."""
    parts: list[str | Stated] = []
    for sentence in map(tuple, sentences):
        if not sentence:
            continue
        first = sentence[0]
        if isinstance(first, Stated):
            first = Stated(first.figure, sentence_case(first.words))
        else:
            first = sentence_case(first)
        parts += [*([" "] if parts else []), first, *sentence[1:]]
    return tuple(parts)
