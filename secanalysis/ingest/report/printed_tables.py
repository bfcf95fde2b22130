"""The tables of a report, a printed row at a time: stage counts, timescales and assessments.

A cell that scanning has lost stays blank. A cell that is there and isn't legible stays blank too, and its
line is listed as unread, so that nobody takes it for complete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from secanalysis.domain.vocabulary import AssessmentState, Stage, Unit
from secanalysis.ingest.printed_values import Illegible, day, day_pattern, number
from secanalysis.ingest.reading import Repair
from secanalysis.ingest.report.context import Context
from secanalysis.ingest.report.phrases import phrase
from secanalysis.ingest.report.scan_repair import (
    BULLET,
    LIKE_REFERENCE,
    Line,
    assessment_kind,
    mended,
    reference,
)


def tidy(printed: str) -> str:
    """A row without rulings and with one space between its cells."""
    return " ".join(re.sub(r"\s[|¦]\s|^[|¦]\s|\s[|¦]$|\t", " ", printed).split())


# Assessments --------------------------------------------------------------------------------------


class Columns(Enum):
    """Which of the two tables of assessments is being read."""

    OPEN = "accepted"
    RETURNED = "returned"


_HEADING = phrase(
    r"modification\s+type\s+(?P<day>accepted|returned)(?:\s+(?:on|date))?(?:\s+target(?:\sduration)?)?(?:\s+(?:current|actual)(?:\sduration)?)?"
)
_HEADING_REST = phrase(
    r"(?:(?:target|current|actual)\s)?duration(?:\s(?:(?:current|actual)\s)?duration)?|target"
)
_OTHER_HEADINGS = phrase(r"(?:assessment|status)\s+total\s+(?:average|mean)\s+duration")
_KIND = r"(?P<kind>[PI1l|]A)"
_DURATION = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\s?WD"
_ROW = re.compile(
    rf"{BULLET}(?P<ref>{LIKE_REFERENCE})\s{_KIND}\s{day_pattern('on')}"
    rf"(?:\s(?P<target>{_DURATION}))?(?:\s(?P<duration>{_DURATION}))?(?P<rest>\s.*)?"
)
_LIKE_ROW = re.compile(rf"{BULLET}\S*[MD]P\S*[0-9]\S*\s\S{{1,3}}\s.*(?:[0-9]|WD)|.*[0-9]\s?WD")


def table_heading(text: str) -> Columns | None:
    """Which table's heading row a line is."""
    match = _HEADING.fullmatch(" ".join(mended(word) for word in text.split()))
    if not match:
        return None
    return Columns.OPEN if match["day"].lower() == "accepted" else Columns.RETURNED


def other_heading(text: str) -> bool:
    """Whether a line is another heading row, or the rest of one that goes over lines."""
    plain = " ".join(mended(word) for word in text.split())
    return bool(_HEADING_REST.fullmatch(plain) or _OTHER_HEADINGS.fullmatch(plain))


def like_assessment_row(text: str) -> bool:
    """Whether a line looks like a row of a table of assessments."""
    return bool(_LIKE_ROW.fullmatch(text))


def assessment_row(context: Context, line: Line, columns: Columns | None) -> None:
    """Read a row of the open or the returned assessments."""
    try:
        row = _assessment(context, line, columns)
    except Illegible as illegible:
        context.account.unread([line.number], str(illegible))
        return
    _state_assessment(context, line, row)


@dataclass(frozen=True)
class _Row:
    columns: Columns
    ref: str
    kind: str
    on: date
    target: int | None
    printed: str | None
    repairs: tuple[Repair, ...]
    illegible: str


def _assessment(context: Context, line: Line, columns: Columns | None) -> _Row:
    if columns is None:
        raise Illegible("in no table of open or returned assessments that was recognised")
    match = _ROW.fullmatch(tidy(line.printed))
    if not match:
        raise Illegible("looks like a row of assessments, but isn't legible")
    ref, kind = reference(match["ref"]), assessment_kind(match["kind"])
    if ref is None or kind is None:
        raise Illegible(f"the reference '{match['ref']}' can't be read")
    pairs = ((match["ref"], ref), (match["kind"], kind))
    repairs = tuple(Repair(line.number, printed, result) for printed, result in pairs if printed != result)
    on = day(match["on"], until=context.published_on)
    target = number(match["target"][:-2].strip()) if match["target"] else None
    if target is not None and not 1 <= target <= 999:
        raise Illegible(f"a target of {target} WD")
    printed = match["duration"][:-2].strip() if match["duration"] else None
    return _Row(columns, ref, kind, on, target, printed, repairs, (match["rest"] or "").strip())


def _state_assessment(context: Context, line: Line, row: _Row) -> None:
    opened = row.columns is Columns.OPEN
    context.statements.add(
        "assessments",
        context.place,
        line.number,
        ref=row.ref,
        kind=row.kind,
        accepted_on=row.on if opened else None,
        returned_on=None if opened else row.on,
        target_wd=row.target,
        state=AssessmentState.OPEN if opened else AssessmentState.RETURNED,
        state_on=context.period_end if opened else row.on,
    )
    value = float(number(row.printed)) if row.printed else None
    context.statements.duration(context.place, line.number, row.ref, row.kind, row.on, row.printed, value)
    context.account.read([line.number], row.repairs)
    if row.illegible:
        context.account.unread([line.number], f"'{row.illegible}' isn't legible: left blank")


# Totals and averages ------------------------------------------------------------------------------

_TOTALS = (
    (phrase(r"preliminary\sassessments?\sopen\b"), "assessment.pa.open"),
    (
        phrase(r"preliminary\sassessments?\scompleted(?:\sin\sthe\slast\s(?:12|twelve)\smonths)?\b"),
        "assessment.pa.completed",
    ),
    (phrase(r"impact\sassessments?\sopen\b"), "assessment.ia.open"),
    (
        phrase(r"impact\sassessments?\scompleted(?:\sin\sthe\slast\s(?:12|twelve)\smonths)?\b"),
        "assessment.ia.completed",
    ),
    (phrase(r"proposals?\sopen\b(?:\s\(pre-?\s?decision\))?"), "proposal.open"),
    (phrase(r"proposals?\sconcluded(?:\sin\sthe\slast\s(?:12|twelve)\smonths)?\b"), "proposal.concluded"),
)
_CELLS = re.compile(
    r"(?:\s+(?P<count>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?=\s|$)(?!\s?WD)))?"
    r"(?:\s+(?P<mean>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)\s?WD)?(?P<rest>.*)"
)


def is_total(text: str) -> bool:
    """Whether a line is a row of totals and averages."""
    return _total(text) is not None


def _total(text: str) -> tuple[str, str] | None:
    plain = " ".join(mended(word) for word in re.sub(r"[–—]", "-", text).split())
    return next(
        ((key, plain[match.end() :]) for label, key in _TOTALS if (match := label.match(plain))), None
    )


def total_row(context: Context, line: Line) -> bool:
    """Read a row of totals and averages, if the line is one."""
    match = _total(tidy(line.printed))
    if match:
        _state_total(context, line, *match)
    return match is not None


def _state_total(context: Context, line: Line, key: str, cells: str) -> None:
    match = _CELLS.fullmatch(cells)
    assert match  # its rest takes anything
    count, mean, rest = match["count"], match["mean"], match["rest"].strip()
    for end, printed, unit in (("count", count, Unit.COUNT), ("mean_wd", mean, Unit.WD)):
        value = float(printed.replace(",", "")) if printed else None
        context.statements.figure(context.place, line.number, f"{key}.{end}", printed or None, value, unit)
    context.account.read([line.number])
    if rest:
        context.account.unread([line.number], f"'{rest}' isn't legible: left blank")


# Stage counts -------------------------------------------------------------------------------------

_STAGES = {
    Stage.DEVELOPMENT: r"development|define|draft\sproposals?",
    Stage.REFINEMENT: r"refinement(?:\sprocess)?|refine",
    Stage.REPORT: r"report(?:\sphase)?|opine",
    Stage.DECISION: r"(?:awaiting\s)?decision|with\sthe\sauthority",
}
_LABEL = phrase("|".join(f"(?P<{stage}>{names})" for stage, names in _STAGES.items()))
_LABELLED = phrase(rf"(?P<label>{'|'.join(_STAGES.values())})(?:\sstage)?\s?:?\s(?P<count>[0-9]+)")


def stage_counts(context: Context, heading: Line, lines: list[Line]) -> None:
    """Read the counts of the stages: four numbers in the stages' order, below their names or next to them.

    They are often printed as a picture, of which scanning leaves little. Unless each is legible, all four
    are blank.
    """
    counts, printed_at = _labelled(lines) or _in_order(lines)
    first = lines[0].number if lines else heading.number
    for stage in _STAGES:
        printed = counts.get(stage)
        value = float(printed) if printed else None
        at = printed_at.get(stage, first)
        context.statements.figure(context.place, at, f"stage.{stage}.count", printed, value)
    numbers = [line.number for line in lines]
    if counts:
        context.account.read(numbers)
    else:
        context.account.unread(numbers, "the stage counts aren't legible: left blank")


def _labelled(lines: list[Line]) -> tuple[dict[Stage, str], dict[Stage, int]] | None:
    counts: dict[Stage, str] = {}
    at: dict[Stage, int] = {}
    for line in lines:
        match = _LABELLED.fullmatch(tidy(line.printed))
        stage = _stage(match["label"]) if match else None
        if not match or stage is None or stage in counts:
            return None
        counts[stage], at[stage] = match["count"], line.number
    return (counts, at) if set(counts) == set(_STAGES) else None


def _in_order(lines: list[Line]) -> tuple[dict[Stage, str], dict[Stage, int]]:
    stages = list(_STAGES)
    if len(lines) == 2:
        labels = [match.lastgroup for match in _LABEL.finditer(lines[0].printed)]
        stages = [Stage(str(label)) for label in labels]
    cells = lines[-1].printed.split() if lines else []
    legible = len(cells) == 4 and all(re.fullmatch(r"[0-9]{1,3}", cell) for cell in cells)
    if len(lines) not in (1, 2) or not legible or set(stages) != set(_STAGES) or len(stages) != 4:
        return {}, {}
    counts = dict(zip(stages, cells, strict=True))
    return counts, dict.fromkeys(counts, lines[-1].number)


def _stage(label: str) -> Stage | None:
    match = _LABEL.fullmatch(label)
    return Stage(str(match.lastgroup)) if match else None
