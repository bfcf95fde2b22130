"""Paragraphs and list entries, sentence by sentence: first understood as a whole, then carried out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from secanalysis.ingest.printed_values import NUMBER, Illegible
from secanalysis.ingest.report.context import Context, Item, Listing
from secanalysis.ingest.report.empty_lists import empty_list
from secanalysis.ingest.report.introductions import introduction
from secanalysis.ingest.report.mentions import mention
from secanalysis.ingest.report.phrases import ANY_MODIFICATION, ANY_REFERENCE, MODIFICATION, PART
from secanalysis.ingest.report.scan_repair import LIKE_REFERENCE, REFERENCE, Prose, odd
from secanalysis.ingest.report.sentences import RECOGNISERS, Action, Recogniser

_SENTENCES_AT_ONCE = 4  # a title may hold what looks like the end of a sentence
_END = re.compile(r"[.:;!?]+\)?\s+")  # a quote after it ends a title, not a sentence
_ITEM_END = re.compile(r"[.:;,!?'\")]+\s+")
_CLOSING = re.compile(r"[\s.:;]+$")
_STRAY_QUOTE = re.compile(r"(?:(?!(?<![^\s(])'\S).)*?(?<=\S)'(?![A-Za-z0-9'])", re.DOTALL)
_LIKE_REFERENCE = re.compile(LIKE_REFERENCE)

_COUNTS = re.compile(rf"{LIKE_REFERENCE}|[0-9]|\b(?:no|none|not|never|nil|{NUMBER})\b", re.IGNORECASE)
_FACTUAL = re.compile(
    rf"{_COUNTS.pattern}|\b(?:approv|reject|defer|refer|withdr|implement|rais|recommend)\w+"
    r"|\bdecisions?\b|\b(?:on\shold|sent\sback)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A stretch of prose: what to do about it, and which recogniser says so; None where none does."""

    begin: int
    end: int
    action: Action | None = None
    recogniser: Recogniser | None = None
    explains: bool = False


@dataclass(frozen=True)
class Plan:
    """A paragraph or entry as understood, before anything is stored of it."""

    prose: Prose
    sentences: tuple[Sentence, ...]

    @property
    def understood(self) -> bool:
        """Whether every sentence is recognised."""
        return bool(self.sentences) and all(each.action or each.explains for each in self.sentences)

    def recognises(self, begin: int, beyond: int) -> bool:
        """Whether the sentence that begins at a place is recognised and ends beyond another."""
        return any(each.begin == begin and each.end > beyond and each.action for each in self.sentences)

    def without_last(self) -> Plan:
        """The same but for the last sentence, which goes on where it isn't understood."""
        last = self.sentences[-1]
        return Plan(self.prose, (*self.sentences[:-1], Sentence(last.begin, last.end)))

    def carry_out(self, context: Context) -> None:
        """Store what the sentences say, and account for their lines."""
        for sentence in self.sentences:
            carry_out(context, self.prose, sentence)


def carry_out(context: Context, prose: Prose, sentence: Sentence) -> None:
    """Store what a sentence says, and account for its lines."""
    numbers = prose.line_numbers(sentence.begin, sentence.end)
    if sentence.explains:
        context.account.narrative(numbers)
    elif sentence.action is None:
        context.account.unread(numbers, reason(prose, sentence))
        context.forget()
    else:
        try:
            sentence.action()
        except Illegible as illegible:
            context.account.unread(numbers, str(illegible))
            context.forget()
        else:
            titles = [
                match.span("title")
                for match in ANY_MODIFICATION.finditer(prose.plain, sentence.begin, sentence.end)
            ]
            context.account.read(numbers, prose.repairs(sentence.begin, sentence.end, titles))


def reason(prose: Prose, sentence: Sentence) -> str:
    """Why a sentence isn't read, as far as can be seen."""
    text = prose.plain[sentence.begin : sentence.end]
    for match in _LIKE_REFERENCE.finditer(text):
        if not ANY_REFERENCE.fullmatch(match[0]):
            return f"the reference '{match[0]}' can't be read"
    if re.match(rf"{REFERENCE}\s*'", text):
        return "a modification, but its title or what is said of it isn't clear"
    return "not recognised"


def plan_paragraph(context: Context, prose: Prose, begin: int = 0) -> Plan:
    """Understand a paragraph from a place on."""
    sentences: list[Sentence] = []
    place = begin
    while place < len(prose.plain):
        sentence = _sentence(context, prose, place)
        if sentence.action is None and sentences and (sentences[-1].action or sentences[-1].explains):
            sentence = replace(sentence, explains=_explains(prose.plain[sentence.begin : sentence.end]))
        sentences.append(sentence)
        place = sentence.end
    return Plan(prose, tuple(sentences))


def _sentence(context: Context, prose: Prose, begin: int) -> Sentence:
    ends = _ends(prose.plain, begin, _END)
    first = None
    for count, end in enumerate(ends):
        first = first or end
        if count == _SENTENCES_AT_ONCE:
            break
        stop = begin + len(_CLOSING.sub("", prose.plain[begin:end]))
        for recogniser in (*RECOGNISERS, introduction, empty_list):
            if action := recogniser(context, prose, begin, stop):
                return Sentence(begin, end, action, recogniser)
    return Sentence(begin, first or len(prose.plain))


def _ends(plain: str, begin: int, end: re.Pattern[str]) -> Iterator[int]:
    for match in end.finditer(plain, begin + 1):
        if match.end() < len(plain):
            yield match.end()
    yield len(plain)


def _explains(text: str) -> bool:
    """Whether a sentence only adds to the one before it: nothing in it is a fact that a table holds."""
    return bool(
        re.match(r"[A-Z]", text)
        and text.rstrip().endswith(".")
        and not _FACTUAL.search(text)
        and not odd(text)
    )


def only_introduces(text: str) -> bool:
    """Whether a paragraph below a chapter's heading says nothing that a table holds."""
    return not (_COUNTS.search(text) or odd(text) or text.rstrip().endswith(":"))


def closes_a_title(prose: Prose, begin: int = 0) -> bool:
    """Whether a quote closes from a place on before one opens: it may be that of a title begun before."""
    return bool(_STRAY_QUOTE.match(prose.plain, begin))


def holds_a_sentence_end(prose: Prose) -> bool:
    """Whether a sentence ends before the prose does, so that another may begin in it."""
    return next(_ends(prose.plain, 0, _END)) < len(prose.plain)


@cache
def _entry(tail: str) -> re.Pattern[str]:
    return re.compile(rf"{MODIFICATION}{PART}(?:{tail})", re.IGNORECASE | re.ASCII)


def plan_item(context: Context, prose: Prose, listing: Listing) -> Plan:
    """Understand an entry of a list: a modification, what the list says of it, and sentences after that."""
    pattern = _entry(listing.tail.pattern)
    for end in _ends(prose.plain, 0, _ITEM_END):
        match = pattern.fullmatch(prose.plain[:end].rstrip())
        if not match:
            continue
        if closes_a_title(prose, end):
            continue  # the title goes on: its closing quote comes later
        rest = plan_paragraph(context, prose, end)
        if end == len(prose.plain) or rest.understood:
            sentence = Sentence(0, end, _stating(listing, prose, match))
            return Plan(prose, (sentence, *rest.sentences))
    return Plan(prose, (Sentence(0, len(prose.plain)),))


def _stating(listing: Listing, prose: Prose, match: re.Match[str]) -> Action:
    tail = {name: value for name, value in match.groupdict().items() if name not in ("ref", "title", "part")}
    return lambda: listing.state(Item(mention(prose, match), match["part"], tail))
