"""Verdicts: how each published figure of a month compares with its reprint, and why.

A verdict compares what was published with the same figure computed from the publishing source's own rows (the
reprint), rounded to the published decimals.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pandas as pd

from secanalysis.domain.figures import Figure, FigureSet, Measure, Row, Verdict, number, rounded, rows_of
from secanalysis.domain.printed_numbers import number_of
from secanalysis.domain.vocabulary import Convention, Unit

CONFUSED = ("0OQD", "1Il|7", "69", "38B", "5S", "2Z", "4A", "6Gb")
"""Characters that scanning confuses with each other; nothing wider is an excuse."""


def figure(
    key: str,
    value: Measure | None,
    reprint: Measure | None,
    published: pd.Series | None,
    convention: Convention,
    others: pd.DataFrame | None = None,
) -> Figure:
    """One figure with its verdict, from what is known, the reprint and what was published.

    Parameters
    ----------
    key
        The figure's key.
    value, reprint
        None where there is nothing to compute it from.
    published
        A row of `schemas.PublishedFigures`, or None where nothing was published.
    convention
        How working days are counted, for a figure in WD that only a source states.
    others
        Rows of the same key that were published besides, with their sources' ``title``: named where they are
        another number.
    """
    measure = value or reprint
    printed = None if published is None else _text(published)
    verdict, reasons = (None, []) if published is None else _compared(published, reprint)
    if value is not None and value.value is None and value.reason and value.reason not in reasons:
        reasons.append(value.reason)
    more: list[str] = []
    if value is not None and reprint is not None and reprint.value is not None:
        more, less = _more_and_less(value, reprint)
        reasons += [f"Another source also records {', '.join(more)}"] if more else []
        reasons += [f"Only its own rows have {', '.join(less)}"] if less else []
    rows = value.rows if value else ()
    if published is not None:
        rows = tuple(sorted({*rows, *_of_published(published.to_frame().T)}))
        if others is not None and len(others):
            reasons += _also_published(published, others)
            rows = tuple(sorted({*rows, *_of_published(others)}))
    unit = measure.unit if measure else Unit(published["unit"]) if published is not None else Unit.COUNT
    return Figure(
        key=key,
        label=measure.label if measure else key,
        value=value.value if value else None,
        reprint=None if reprint is None else reprint.value,
        printed=printed,
        verdict=verdict,
        reason="; ".join(reasons),
        unit=unit,
        convention=measure.convention if measure else convention if unit is Unit.WD else None,
        n=value.n if value else None,
        coverage=measure.coverage if measure else "",
        rows=rows,
        others=tuple(more),
    )


def _of_published(rows: pd.DataFrame) -> tuple[Row, ...]:
    return rows_of("published_figures", rows)


def _also_published(published: pd.Series, others: pd.DataFrame) -> list[str]:
    """What was published besides under the same key, where it isn't the same number."""
    own, seen = number_of(_text(published)), set()
    for _, other in others.iterrows():
        text = _text(other)
        if text and (number_of(text) is None or number_of(text) != own):
            seen.add(f"{text} ({other['title']})")
    return [f"also published: {', '.join(sorted(seen))}"] if seen else []


def _text(published: pd.Series) -> str:
    """A figure as published; blank where it isn't legible."""
    return "" if pd.isna(published["printed"]) else str(published["printed"])


def _compared(published: pd.Series, reprint: Measure | None) -> tuple[Verdict, list[str]]:
    """The verdict on a published figure, and the reason for it if it needs one."""
    text, recomputed = _text(published), None if reprint is None else reprint.value
    verdict = judge(text, None if pd.isna(published["value"]) else float(published["value"]), recomputed)
    if verdict is Verdict.NOT_COMPUTABLE:
        return verdict, [reprint.reason if reprint and reprint.reason else "no row speaks of it"]
    if verdict is Verdict.SCAN:
        shown = rounded(recomputed or 0, _decimals(text))
        return verdict, [f"one character read wrongly turns {text} into {shown}"]
    if verdict is Verdict.DIFFERS and reprint is not None:
        return verdict, [_other_rows(reprint)]
    return verdict, []


def _other_rows(reprint: Measure) -> str:
    """What the publishing source's own rows give instead, by name."""
    words = f"its own rows give {number(reprint.value or 0)}"
    if reprint.items:
        words += f": {', '.join(sorted(reprint.items))}"
    parts = sorted({item.split(" (")[0] for item in reprint.items if " (" in item})
    return words + (f"; of these in part only: {', '.join(parts)}" if parts else "")


def _more_and_less(value: Measure, reprint: Measure) -> tuple[list[str], list[str]]:
    """Which items are known and not in the publishing source's rows, and the other way round."""
    known, in_source = Counter(value.items), Counter(reprint.items)
    return sorted((known - in_source).elements()), sorted((in_source - known).elements())


def judge(printed: str, value: float | None, reprint: float | None) -> Verdict:
    """The verdict on a published figure.

    Parameters
    ----------
    printed
        As published; blank where it isn't legible.
    value
        The same as a number; None where it isn't legible.
    reprint
        The figure recomputed from the publishing source's rows; None where it can't be.
    """
    if reprint is None:
        return Verdict.NOT_COMPUTABLE
    if value is None:
        return Verdict.BLANK
    shown = rounded(reprint, _decimals(printed))
    if Decimal(str(value)) == shown:
        return Verdict.EQUAL
    digits = re.sub(r"[^0-9A-Za-z.|]", "", printed.replace(",", ""))
    return Verdict.SCAN if one_confusion(digits, str(shown)) else Verdict.DIFFERS


def _decimals(printed: str) -> int:
    fraction = re.search(r"[0-9]\.([0-9]+)", printed)
    return len(fraction[1]) if fraction else 0


def one_confusion(printed: str, other: str) -> bool:
    """Whether exactly one character that scanning confuses turns one text into the other."""
    if len(printed) != len(other):
        return False
    differ = [(a, b) for a, b in zip(printed, other, strict=True) if a != b]
    return len(differ) == 1 and any(set(differ[0]) <= set(group) for group in CONFUSED)


# All verdicts of a month -------------------------------------------------------------------------


RESULTS = (
    "equal",
    "likely misprint or scanning error",
    "differs",
    "can't be calculated",
    "illegible, calculated here",
    "illegible, can't be calculated",
)
"""What came of the published figures: of the legible ones, then of the others."""
LEGIBLE = RESULTS[:4]
ILLEGIBLE = "illegible"
"""What stands for a published figure that nobody can read."""


def counts(figures: FigureSet) -> pd.DataFrame:
    """How many published figures came to each result: ``verdict, count``, every one of `RESULTS` listed."""
    given = pd.Series(
        [_result(figure) for figure in figures if figure.verdict], dtype="object"
    ).value_counts()
    return pd.DataFrame({"verdict": RESULTS, "count": [int(given.get(result, 0)) for result in RESULTS]})


def _result(figure: Figure) -> str:
    match figure.verdict:
        case Verdict.EQUAL:
            return RESULTS[0]
        case Verdict.SCAN:
            return RESULTS[1]
        case Verdict.DIFFERS:
            return RESULTS[2]
        case Verdict.BLANK:
            return RESULTS[4]
    return RESULTS[3] if figure.is_legible else RESULTS[5]


def table(figures: FigureSet, other: FigureSet | None = None) -> pd.DataFrame:
    """Every published figure with its reprint and verdict.

    Parameters
    ----------
    figures
        A month's figures.
    other
        The same by the other convention; gives a column with what it would make of the durations.

    Returns
    -------
    pandas.DataFrame
        ``key, label, printed`` (`ILLEGIBLE` where it is), ``recomputed, difference, verdict, reason`` and, with
        ``other``, ``other_convention``.
    """
    printed = [figure for figure in figures if figure.printed is not None]
    rows = []
    for figure in printed:
        published = number_of(figure.printed or "")
        difference = None
        if figure.verdict is not Verdict.EQUAL and figure.reprint is not None and published is not None:
            difference = float(rounded(figure.reprint - published, 1))
        elif figure.verdict is Verdict.EQUAL:
            difference = 0.0
        in_wd = other is not None and figure.unit is Unit.WD and figure.key in other
        twin = other[figure.key] if other is not None and in_wd else None
        rows.append(
            {
                "key": figure.key,
                "label": figure.label,
                "printed": figure.printed or ILLEGIBLE,
                "recomputed": figure.reprint,
                "difference": difference,
                "verdict": _result(figure) if _result(figure) == RESULTS[5] else str(figure.verdict),
                "reason": figure.reason,
                "other_convention": twin.reprint if twin else None,
            }
        )
    columns = ["key", "label", "printed", "recomputed", "difference", "verdict", "reason", "other_convention"]
    compared = pd.DataFrame(rows, columns=columns)
    return compared if other is not None else compared.drop(columns="other_convention")
