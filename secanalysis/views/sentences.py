"""Sentences for people, made from figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from secanalysis.domain.figures import FigureSet, number
from secanalysis.domain.months import Clock
from secanalysis.views import mime
from secanalysis.views.formatting import day_in_words, text


@dataclass(frozen=True)
class Sentence:
    """A sentence or a few, shown as a paragraph; nothing where it is blank."""

    words: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        html = f"<p>{text(self.words)}</p>" if self.words else ""
        return {mime.SENTENCE: {"text": self.words}, "text/plain": self.words, "text/html": html}

    def __str__(self) -> str:
        return self.words


def stock(figures: FigureSet, clock: Clock) -> Sentence:
    """How the stock of proposals grows: those numbered, and those raised against those concluded in 12 months.

    Parameters
    ----------
    figures
        A view's.
    clock
        Its days.
    """
    numbered, raised, concluded = (
        figures[f"proposal.{name}.count"] for name in ("numbered", "raised", "concluded")
    )
    if numbered.value is None:
        return Sentence("")
    words = [
        f"By {day_in_words(clock.report_date)}, at least {number(numbered.value)} proposals had been numbered: "
        f"{numbered.coverage}."
    ]
    if raised.value is None:
        return Sentence(words[0])
    about = (
        f"At least {number(raised.value)} were raised in the 12 months to {day_in_words(clock.period_end)}"
    )
    ended, by = concluded.value, "were concluded"
    if ended is None and concluded.printed and concluded.printed.isdigit():
        ended, by = float(concluded.printed), "were concluded, as the report states"
    if ended is None:
        known = f", and at least {concluded.n} were concluded" if concluded.n else ""
        return Sentence(" ".join([*words, f"{about}{known}."]))
    growth = raised.value - ended
    rest = f": the number of open proposals grew by at least {number(growth)}" if growth > 0 else ""
    return Sentence(" ".join([*words, f"{about}, and {number(ended)} {by}{rest}."]))
