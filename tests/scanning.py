"""Scanning's noise on a made-up report: what a printed page loses on its way to text."""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from documents import Block

_REFERENCE = re.compile(r"\b(SECMP|MP|DP)([0-9]+)([A-Z]?)\b")
_LAST = "{last}"  # the number of pages, until it is known
_MISPRINTS = {"modifications": "moadifications", "Consultations": "Consultatons", "standalone": "standaIone"}


@dataclass(frozen=True)
class Scan:
    """A scanned document: its lines, and for each line the block that it belongs to (None: no block's)."""

    lines: tuple[str, ...]
    blocks: tuple[int | None, ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def clean(blocks: Sequence[Block]) -> Scan:
    """A document as printed, without noise."""
    lines: list[str] = []
    owners: list[int | None] = []
    for index, block in enumerate(blocks):
        bullet = "• " if block.kind == "item" else ""
        wrapped = textwrap.wrap(bullet + block.text, 95, break_on_hyphens=False)
        apart = [""] if block.kind not in ("row", "columns") else []
        lines += [*wrapped, *apart]
        owners += [index] * len(wrapped) + [None] * len(apart)
    return Scan(tuple(lines), tuple(owners))


class Scanner:
    """Adds noise by chance; the chance is given, so that a failure can be repeated.

    ``damage`` is how many characters turn into ``#``: never inside titles and organisations, which are kept
    as printed whatever is printed.
    """

    def __init__(self, chance: random.Random, damage: int = 0) -> None:
        self.chance = chance
        self.damage = damage
        self.page = 1
        self.bulletless = chance.random() < 0.2

    def scan(self, blocks: Sequence[Block]) -> Scan:
        """A document's lines after scanning."""
        damaged = set(self.chance.sample(range(5, len(blocks)), self.damage)) if self.damage else set()
        lines: list[str] = []
        owners: list[int | None] = []

        def add(text: str, owner: int | None) -> None:
            lines.append(text)
            owners.append(owner)

        columns = ""
        for index, block in enumerate(blocks):
            columns = block.text if block.kind == "columns" else columns
            page_breaks = index > 5 and self.chance.random() < 0.05
            if page_breaks:
                for text in self._page_end():
                    add(text, None)
            mark = self._page_mark() if page_breaks else ""
            row = page_breaks and block.kind == "row" and columns and "WD" in block.text
            if row and _REFERENCE.match(block.text):
                add(mark + columns, None)
                mark = ""
            for number, line in enumerate(self._lines(block, index in damaged)):
                inner = number > 0 and self.chance.random() < 0.02
                if inner:
                    for text in self._page_end():
                        add(text, None)
                add((mark if number == 0 else self._page_mark() if inner else "") + line, index)
            if block.kind not in ("row", "columns") or self.chance.random() < 0.1:
                for _ in range(self.chance.choice((1, 1, 1, 2))):
                    add("", None)
        return Scan(tuple(line.replace(_LAST, str(self.page)) for line in lines), tuple(owners))

    def _page_end(self) -> list[str]:
        number = self.page
        self.page += 1
        return self.chance.choice(
            ([], ["", f"Page {number} of {_LAST}", ""], ["", f"SYNTHETIC footer {number}", ""])
        )

    def _page_mark(self) -> str:
        return self.chance.choice((" ", "\f"))

    def _lines(self, block: Block, damaged: bool) -> list[str]:
        text = block.text
        kept = []
        for title in {value for _, cells in block.facts for name, value in cells if name == "title"}:
            quoted = re.escape(f"‘{title}’")
            kept += [(result.start() + 1, result.end() - 1) for result in re.finditer(quoted, text)]
        if result := re.search(r"raised by .* on (?=[0-9])", text):
            kept.append(result.span())
        pieces, place = [], 0
        for begin, end in sorted(kept, key=lambda span: (span[0], -span[1])):
            if begin < place:
                continue  # one title inside another
            pieces += [self._noise(text[place:begin], block), text[begin:end]]
            place = end
        pieces.append(self._noise(text[place:], block))
        if damaged:
            self._damage(pieces)
        joined = "".join(pieces)
        if block.kind == "item" and not self.bulletless:
            joined = self.chance.choice(("e ", "¢ ", "• ", "e ", "•")) + joined
        if block.kind in ("row", "columns", "heading", "reference"):
            return [joined]
        return textwrap.wrap(joined, self.chance.randint(50, 110), break_on_hyphens=False)

    def _noise(self, text: str, block: Block) -> str:
        text = _REFERENCE.sub(self._reference, text)
        if block.kind == "row":
            text = text.replace(" IA ", self.chance.choice((" IA ", " 1A ")))
        if block.kind == "paragraph" and self.chance.random() < 0.2:
            for word, misprint in _MISPRINTS.items():
                text = text.replace(word, misprint, 1)
        text = text.replace("‘", self.chance.choice("‘‘‘'“\""))
        return text.replace("’", self.chance.choice("’’’'”\"°"))

    def _reference(self, result: re.Match[str]) -> str:
        prefix, number, letter = result.groups()
        kind = self.chance.random()
        if kind < 0.15:
            at = self.chance.randrange(len(number))
            number = number[:at] + number[at].replace("0", "O") + number[at + 1 :]
        elif kind < 0.25:
            number = "O" + number
        return prefix + number + letter

    def _damage(self, pieces: list[str]) -> None:
        places = [(index, at) for index in range(0, len(pieces), 2) for at in range(len(pieces[index]))]
        if not places:
            return
        index, at = self.chance.choice(places)
        piece = pieces[index]
        pieces[index] = piece[:at] + "#" + piece[at + 1 :]
