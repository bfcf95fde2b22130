"""Sentences around a view's figures: the number as it is known, the verb in its number, the list that it counts."""

from __future__ import annotations

import pandas as pd

from secanalysis.analysis import activity, reference_names
from secanalysis.views.formatting import listed
from secanalysis.views.narrative_words import (
    Say,
    Sentence,
    is_one,
    item_lines,
)
from secanalysis.views.passage import Passage, Stated, in_words, paragraph
from secanalysis.views.section import Section
from secanalysis.views.tables import OpenFigure


class SentenceSection(Section):
    """A section that speaks in sentences; each of its numbers is a figure of the view."""

    def _number(self, key: str) -> Stated | None:
        if key not in self.view.figures:
            return None
        figure: OpenFigure = self.view.figures[key]
        words = in_words(figure)
        return Stated(figure, words) if words else None

    def _mean(self, key: str, words: str) -> Sentence:
        number = self._number(key)
        if number is None:
            return ()
        before, after = words.split("{}")
        return (before, number, after)

    def _sentence(self, words: str, key: str) -> Sentence:
        """A sentence around a number: ``{}`` is the number, ``{are}`` and ``{were}`` the verb, in its number."""
        number = self._number(key)
        if number is None:
            return ()
        before, after = words.split("{}")
        one = is_one(number)
        for plural, singular in (("{are}", "is"), ("{were}", "was")):
            before, after = (
                part.replace(plural, singular if one else plural.strip("{}")) for part in (before, after)
            )
        if one:
            for noun in (
                "modifications",
                "Proposals",
                "proposals",
                "requests",
                "Consultations",
                "Assessments",
            ):
                after = after.replace(noun, noun[:-1])
        if number.words == "0":
            number = Stated(number.figure, "no" if after.strip() else "none")
        return tuple(part for part in (before, number, after) if part)

    def _list(self, key: str, words: str, say: Say = lambda row: "") -> Passage:
        """A sentence with the number of a list, and the list; what only other sources record is named after it."""
        rows, figure = self._rows(key), self.view.figures[key]
        others = figure.others if figure.value is not None and len(rows) > figure.value else ()
        sentences = [self._sentence(f"{words}{':' if len(rows) and not others else '.'}", key)]
        if others:
            rows = rows[~rows["ref"].isin(others)]
            sentences.append((f"Another source also records {listed(others)}.",))
        return Passage(paragraph(sentences), tuple(item_lines(rows, say)))

    def _rows(self, key: str) -> pd.DataFrame:
        rows = activity.lists(self.register, self.clock)[key].items
        return rows.assign(ref=self._called(rows["ref"]))

    def _called(self, refs: pd.Series) -> pd.Series:
        """References as they were on the report's day."""
        return reference_names.shown(self.register, refs, self.clock.report_date)
