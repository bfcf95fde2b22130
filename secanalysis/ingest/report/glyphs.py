"""The letters of a PDF's page: those drawn twice count once, and what isn't clear is marked.

A letter is a `dict` of pdfplumber's. `cleared` gives those that are read; in the place of one that isn't clear they
hold U+FFFD, so that its line isn't read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from secanalysis.ingest.report.page_picture import Boxes, Picture

UNCLEAR = "\ufffd"
OVERLAP = "different letters are printed over each other"
RAISED = "a digit is raised, lowered or of another size than its neighbour: it may be a footnote's mark"
CROSSED = "something is drawn through or over the text"
STRUCK_OUT = "struck out: something is drawn through the whole line"
HALF_SEEN = "part of a word can't be seen on the page"
UNSEEN = "the PDF holds this text, but the page doesn't show it"
TILTED = "printed at an angle"
_SMALLEST = 3.5  # points: nobody reads smaller print
_ORDINALS = frozenset("stndrhSTNDRH")
_SAME_SIZE, _SAME_LINE = 0.1, 0.1  # of a letter's size
_JOINED, _NEAR = 0.25, 0.7  # of a letter's size: apart no more, they are one word, or a word and its mark

Letter = dict[str, Any]
Some = npt.NDArray[np.bool_]


@dataclass
class Cleared:
    """A page's letters that are read, and what isn't.

    Attributes
    ----------
    letters
        Those that are read.
    doubts
        Where from the page's top a letter isn't clear, and why.
    printed
        What is printed in the place of letters that aren't clear, by their `id`.
    unseen
        Text that isn't read, each with a sentence.
    """

    letters: list[Letter] = field(default_factory=list)
    doubts: list[tuple[float, str]] = field(default_factory=list)
    printed: dict[int, str] = field(default_factory=dict)
    unseen: list[tuple[str, str]] = field(default_factory=list)


def cleared(letters: list[Letter], picture: Picture, pictures: Boxes, corner: tuple[float, float]) -> Cleared:
    """The letters of a page as a reader sees them.

    Parameters
    ----------
    letters
        All that the page's text holds, in the order in which they are drawn.
    picture
        The page as it is shown.
    pictures
        The boxes of its pictures.
    corner
        Left and top of what is shown, where the page is larger.
    """
    result = Cleared()
    if not letters:
        return result
    page = _Page(letters)
    shift = np.array([*corner, *corner])
    boxes, pictures = page.boxes - shift, pictures - shift
    tilted = np.array([not letter["upright"] for letter in letters])
    seen = page.blank | (picture.seen(boxes, pictures) & ~page.tiny)
    unseen = ~seen & ~tilted
    half = unseen & page.joined_to(seen & ~page.blank & ~tilted)
    result.unseen += page.texts(tilted, TILTED) + page.texts(unseen & ~half, UNSEEN)
    kept = ~tilted & (seen | half)
    repeated, overlapping = page.over_each_other(kept)
    kept &= ~repeated
    crossed = kept & page.plain & picture.crossed(page.middles - shift, pictures)
    struck = page.whole_lines(crossed, kept)
    result.unseen += page.texts(struck, STRUCK_OUT)
    kept &= ~struck
    marks = [(half, HALF_SEEN), (overlapping, OVERLAP), (page.raised(kept), RAISED), (crossed, CROSSED)]
    for marked, why in marks:
        for index in np.flatnonzero(marked & kept & ~page.blank):
            result.printed[id(letters[index])] = page.text[index]
            letters[index]["text"] = UNCLEAR
            result.doubts.append((float(page.boxes[index, 1] + page.boxes[index, 3]) / 2, why))
    result.letters = [letters[index] for index in np.flatnonzero(kept)]
    return result


class _Page:
    """The letters of a page as arrays."""

    def __init__(self, letters: list[Letter]) -> None:
        self.letters = letters
        self.text = np.array([letter["text"] for letter in letters], dtype=object)
        self.boxes = np.array(
            [[letter[side] for side in ("x0", "top", "x1", "bottom")] for letter in letters]
        )
        self.left, self.right = self.boxes[:, 0], self.boxes[:, 2]
        self.middle = (self.left + self.right) / 2
        self.size = np.maximum(self.boxes[:, 3] - self.boxes[:, 1], 0.01)
        self.width = np.maximum(self.right - self.left, 0.2 * self.size)
        self.blank = np.array([text.isspace() or not text for text in self.text])
        self.plain = np.array([text.isalnum() for text in self.text])
        self.digit = np.array([text.isdigit() for text in self.text])
        self.base = self._bases()
        squeezed = self.right - self.left < 0.06 * self.size
        self.tiny = (self.size < _SMALLEST) | (squeezed & self.plain)

    @property
    def middles(self) -> Boxes:
        """The inner part of each letter: between its line and its height, and not at its edges."""
        inset = 0.15 * self.width
        return np.stack(
            [
                self.left + inset,
                self.base - 0.55 * self.size,
                self.right - inset,
                self.base - 0.12 * self.size,
            ],
            axis=1,
        )

    def _bases(self) -> npt.NDArray[np.float64]:
        """Where the line on which each letter stands is, from the page's top, whatever its font says of its depth."""
        depths = [
            round((letter["y0"] - letter["matrix"][5]) / size, 2)
            for letter, size in zip(self.letters, self.size, strict=True)
        ]
        of_font: dict[str, Counter[float]] = {}
        for letter, depth in zip(self.letters, depths, strict=True):
            of_font.setdefault(letter["fontname"], Counter())[depth] += 1
        usual = {font: counts.most_common(1)[0][0] for font, counts in of_font.items()}
        return self.boxes[:, 3] + self.size * np.array([usual[letter["fontname"]] for letter in self.letters])

    def texts(self, some: Some, why: str) -> list[tuple[str, str]]:
        """Some letters as pieces of text, a new one wherever the line changes."""
        pieces: list[str] = []
        before = -2
        for index in np.flatnonzero(some & ~self.blank).tolist():
            same_line = before >= 0 and abs(self.base[index] - self.base[before]) < self.size[index]
            if not same_line:
                pieces.append("")
            elif self.blank[before + 1 : index].any() or index > before + 1:
                pieces[-1] += " "
            pieces[-1] += self.text[index]
            before = index
        return [(piece, why) for piece in pieces]

    # Pairs ----------------------------------------------------------------------------------------

    def over_each_other(self, kept: Some) -> tuple[Some, Some]:
        """Which letters repeat one in the same place, and which have another one there."""
        repeated, overlapping = np.zeros(len(self.text), bool), np.zeros(len(self.text), bool)
        order = np.flatnonzero(kept & ~self.blank)
        order = order[np.argsort(self.middle[order], kind="stable")]
        middle, width = self.middle[order], self.width[order]
        farthest = 0.5 * float(width.max(initial=0))
        for step in range(1, len(order)):
            apart = middle[step:] - middle[:-step]
            near = np.flatnonzero(apart < 0.5 * np.minimum(width[step:], width[:-step]))
            if not len(near) and (apart > farthest).all():
                break
            one, other = order[near], order[near + step]
            size = np.minimum(self.size[one], self.size[other])
            ratio = np.maximum(self.size[one], self.size[other]) / size
            height = np.abs(self.base[one] - self.base[other]) / size
            same = self.text[one] == self.text[other]
            twice = same & (ratio < 1.15) & (height < 0.25)
            repeated[np.maximum(one, other)[twice]] = True
            over = ~same & (ratio < 1.8) & (height < 0.4) & self._clash(one, other)
            overlapping[one[over]] = overlapping[other[over]] = True
        return repeated, overlapping

    def _clash(self, one: npt.NDArray[np.intp], other: npt.NDArray[np.intp]) -> Some:
        """Accents belong on letters, and rules of underscores below them; another letter doesn't, nor a stroke."""
        strokes = np.isin(self.text, list("-‐‑‒–—―−/\\\\|~=×"))
        printed = self.plain | strokes
        return printed[one] & printed[other] & (self.plain[one] | self.plain[other])

    def raised(self, kept: Some) -> Some:
        """Which digits, and what they adjoin, are of different sizes or on different lines."""
        raised = np.zeros(len(self.text), bool)
        for one, other in self._overlapping_rows(kept):
            unlike = (
                abs(self.size[one[0]] - self.size[other[0]])
                > _SAME_SIZE * max(self.size[one[0]], self.size[other[0]]),
                abs(self.base[one[0]] - self.base[other[0]])
                > _SAME_LINE * max(self.size[one[0]], self.size[other[0]]),
            )
            if not any(unlike):
                continue
            most = _NEAR if all(unlike) else _JOINED
            most *= max(self.size[one[0]], self.size[other[0]])
            gap = np.maximum(
                self.left[one][:, None] - self.right[other][None, :],
                self.left[other][None, :] - self.right[one][:, None],
            )
            digits = self.digit[one][:, None] | self.digit[other][None, :]
            for a, b in np.argwhere((gap < most) & digits):
                first, second = one[a], other[b]
                if {self.text[first], self.text[second]} & _ORDINALS:
                    continue
                if self.plain[first] and self.plain[second]:
                    raised[first] = raised[second] = True
                else:  # next to a quote or full stop
                    digit, mark = (first, second) if self.digit[first] else (second, first)
                    raised[digit] |= self.size[digit] < (1 - _SAME_SIZE) * self.size[mark]
        return raised

    def joined_to(self, others: Some) -> Some:
        """Which letters adjoin one of some others on their line."""
        joined = np.zeros(len(self.text), bool)
        for row in self._lines(~self.blank):
            if others[row].all() or not others[row].any():
                continue
            apart = self.left[row][1:] - self.right[row][:-1] > _JOINED * self.size[row][1:]
            word = np.concatenate([[0], np.cumsum(apart)])
            joined[row[np.isin(word, word[others[row]])]] = True
        return joined & ~others

    def whole_lines(self, some: Some, kept: Some) -> Some:
        """The letters of lines of which all that can be read is among some."""
        whole = np.zeros(len(self.text), bool)
        for row in self._lines(kept & ~self.blank):
            plain = row[self.plain[row]]
            whole[row] = len(plain) > 0 and some[plain].all()
        return whole

    def _lines(self, some: Some) -> Iterator[npt.NDArray[np.intp]]:
        """The letters on each line, from left to right."""
        lines: dict[int, list[int]] = {}
        for index in np.flatnonzero(some).tolist():
            lines.setdefault(round(self.base[index]), []).append(index)
        for members in lines.values():
            row = np.array(members)
            yield row[np.argsort(self.left[row], kind="stable")]

    def _overlapping_rows(self, kept: Some) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Pairs of rows, of one size and line each, that are next to each other rather than below."""
        rows: dict[tuple[float, float], list[int]] = {}
        for index in np.flatnonzero(kept & ~self.blank).tolist():
            rows.setdefault((round(self.base[index], 1), round(self.size[index], 1)), []).append(index)
        ordered = sorted(rows.items(), key=lambda row: row[0][0] - 0.75 * row[0][1])
        for at, ((base, _), members) in enumerate(ordered):
            for (other_base, other_size), others in ordered[at + 1 :]:
                if other_base - 0.75 * other_size >= base - 0.05 * other_size:
                    break
                yield np.array(members), np.array(others)
