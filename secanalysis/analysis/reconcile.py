"""Printed beside recomputed: every figure of a month with its reprint, its print and a verdict.

The value comes from all that is known; the reprint from the rows of the printing source alone. A verdict
compares the print with the reprint, rounded to the print's decimals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from secanalysis.analysis import activity, releases, stages
from secanalysis.analysis.durations import assessments, proposals
from secanalysis.domain import references
from secanalysis.domain.figures import Figure, FigureSet, Measure, Row, Verdict, number
from secanalysis.domain.months import Clock, ReportMonth
from secanalysis.domain.vocabulary import OPEN_STAGES, Convention, SourceKind, Unit
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once

CONFUSED = ("0OQD", "1Il|7", "69", "38B", "5S", "2Z", "4A", "6Gb")
"""Characters that scanning confuses with each other; nothing wider is an excuse."""

Measures = dict[str, Measure]


@once
def figures(register: ResolvedRegister, month: ReportMonth, convention: Convention) -> FigureSet:
    """Every figure of a month.

    Parameters
    ----------
    register
        What is known; filter it by `ResolvedRegister.as_known` first where that is wanted.
    month
        The cover month.
    convention
        How working days are counted.

    Returns
    -------
    FigureSet
        In the order of the report's chapters. A figure that was printed and can't be computed is there
        too, with the reason.
    """
    clock = register.clock(month)
    report = register.report_of(month)
    printed = _printed(register, month)
    told = {
        False: _of_report(register, clock, convention, printed, report),
        True: _of_pages(register, clock, convention, printed),
    }
    values = measures(register, clock, convention, told[False].attested | told[True].attested)
    prints = printed.drop_duplicates("key").set_index("key")
    out = []
    for key in dict.fromkeys([*values, *prints.index]):
        row = prints.loc[key] if key in prints.index else None
        on_page = row is not None and bool(row["page"])
        reprint = told[on_page].measures.get(key)
        if reprint is None and row is not None:
            reprint = _without_list(key, values.get(key), "page" if on_page else "report")
        out.append(figure(key, values.get(key), reprint, row, convention))
    return FigureSet(tuple(out))


def figures_at(register: ResolvedRegister, clock: Clock, convention: Convention) -> FigureSet:
    """Every figure as at any day, without prints: those belong to report months.

    Parameters
    ----------
    register, convention
        As of `figures`.
    clock
        From `ResolvedRegister.clock_at`. A published report attests the lists that it counts to the same days.
    """
    attested: set[str] = set()
    for text, report in register.reports.items():
        month = ReportMonth.parse(text)
        theirs = register.clock(month)
        same_end = theirs.period_end == clock.period_end
        same_days = theirs.report_date == clock.report_date
        if same_end or same_days:
            keys = _of_report(register, theirs, convention, _printed(register, month), report).attested
            to_end = {key for key in keys if key.startswith(("assessment.", "proposal."))}
            attested |= (to_end if same_end else set()) | (keys - to_end if same_days else set())
    found = measures(register, clock, convention, attested - {"release.implemented.count"})
    return FigureSet(tuple(figure(key, value, None, None, convention) for key, value in found.items()))


@dataclass(frozen=True)
class _Reprint:
    measures: Measures
    attested: set[str]


def measures(
    register: ResolvedRegister, clock: Clock, convention: Convention, attested: Collection[str]
) -> Measures:
    """All measures of a month, by key, in the order of the report's chapters.

    Parameters
    ----------
    attested
        The keys of lists that a published report attests; a register's own export attests all.
    """
    whole = set(attested)
    lists = activity.lists(register, clock)
    if register.attests_all_by(clock.report_date):
        whole |= {*lists, "release.implemented.count"}
    if register.attests_all_by(clock.period_end):
        states = ("pa.open", "pa.completed", "ia.open", "ia.completed")
        whole |= {f"assessment.{state}.count" for state in states}
        whole |= {"proposal.open.count", "proposal.concluded.count"}
    assessed = assessments.at(register, clock, convention)
    proposed = proposals.at(register, clock, convention)
    counted, released = _counted(register, clock, frozenset(whole))
    found = [
        *counted,
        *assessments.measures(assessed, clock, convention, whole),
        *proposals.measures(proposed, convention, whole),
        *released,
    ]
    return {measure.key: measure for measure in found}


@once
def _counted(
    register: ResolvedRegister, clock: Clock, whole: frozenset[str]
) -> tuple[list[Measure], list[Measure]]:
    """What counts no working days, so that both conventions share it: what stands before the durations, and after."""
    return (
        [
            *stages.measures(stages.stages(register), clock.report_date),
            *activity.measures(activity.lists(register, clock), whole),
        ],
        releases.measures(register, clock, month_attested="release.implemented.count" in whole),
    )


def _of_report(
    register: ResolvedRegister,
    clock: Clock,
    convention: Convention,
    printed: pd.DataFrame,
    report: str | None,
) -> _Reprint:
    """The measures of the report's rows alone, and the lists that it attests: those with rows or a print."""
    if report is None:
        return _Reprint({}, set())
    alone = register.only(report)
    mine = set(printed.loc[~printed["page"], "key"])
    lists = activity.lists(alone, clock)
    assessed = assessments.at(alone, clock, convention)
    attested = activity.attested(lists, mine) | assessments.attested(assessed, mine)
    if "release.implemented.count" in mine or len(releases.implemented_in(alone, clock)):
        attested.add("release.implemented.count")
    month_attested = "release.implemented.count" in attested
    found = [
        *activity.measures(lists, attested),
        *assessments.measures(assessed, clock, convention, attested),
        *releases.measures(alone, clock, month_attested=month_attested),
    ]
    return _Reprint({measure.key: measure for measure in found}, attested)


def _of_pages(
    register: ResolvedRegister, clock: Clock, convention: Convention, printed: pd.DataFrame
) -> _Reprint:
    """The measures of what pages that print a count list, of releases only.

    One release page's list often goes on on another, so all of them are taken together.
    """
    mine = printed[printed["page"]]
    if mine.empty:
        return _Reprint({}, set())
    keys = set(mine["key"])
    pages = register.sources["kind"] == SourceKind.RELEASE_PAGE
    alone = register.only(*register.sources.loc[pages, "source_id"], *mine["source_id"])
    found = releases.measures(alone, clock, month_attested="release.implemented.count" in keys)
    return _Reprint({measure.key: measure for measure in found if measure.key in keys}, keys)


def _without_list(key: str, value: Measure | None, where: str) -> Measure:
    """The reprint of what is printed without the list that it counts."""
    missing = {
        "stage": "it doesn't list the modifications of each stage",
        "proposal": "it lists no proposals with their dates",
    }
    reason = missing.get(key.split(".")[0], "no row of it speaks of this")
    reason = f"not to be computed from the {where}: {reason}"
    return Measure(key, value.label if value else key, None, reason=reason)


def _printed(register: ResolvedRegister, month: ReportMonth) -> pd.DataFrame:
    """What was printed for a month: the report's own print first, then pages' in the order of their keys."""
    table = register.tables["published_figures"]
    mine = table[table["month"] == str(month)].copy()
    mine["key"] = _key_by_root(mine["key"])
    report = register.report_of(month)
    mine["page"] = mine["source_id"] != report
    return mine.sort_values(["page", "source_id", "locator"], kind="stable", ignore_index=True)


def _key_by_root(keys: pd.Series) -> pd.Series:
    """Assessments' keys name the modification, not its part or prefix."""
    parts = keys.str.extract(r"^(assessment\.)((?:SECMP|MP|DP)[0-9]+[A-Z]?)(\..*)$")
    named = parts[1].notna()
    return keys.where(~named, parts[0] + references.root(parts[1]) + parts[2])


def figure(
    key: str,
    value: Measure | None,
    reprint: Measure | None,
    printed: pd.Series | None,
    convention: Convention,
) -> Figure:
    """One figure, from what is known, the reprint and the print.

    Parameters
    ----------
    value, reprint
        None where there is nothing to compute it from.
    printed
        A row of `schemas.PublishedFigures`, or None where nothing was printed.
    """
    told = value or reprint
    text = None if printed is None else ("" if pd.isna(printed["printed"]) else str(printed["printed"]))
    found = None if reprint is None else reprint.value
    verdict = None
    reasons = []
    if printed is not None:
        verdict = judge(text or "", None if pd.isna(printed["value"]) else float(printed["value"]), found)
        if verdict is Verdict.NOT_COMPUTABLE:
            reasons.append(reprint.reason if reprint and reprint.reason else "no row speaks of it")
        elif verdict is Verdict.SCAN:
            reasons.append(
                f"one character read wrongly turns {text} into {rounded(found or 0, _decimals(text or ''))}"
            )
        elif verdict is Verdict.DIFFERS and reprint is not None:
            reasons.append(_other_rows(reprint))
    if value is not None and value.value is None and value.reason and value.reason not in reasons:
        reasons.append(value.reason)
    if value is not None and reprint is not None and reprint.value is not None:
        reasons += _more_and_less(value, reprint)
    rows = value.rows if value else ()
    if printed is not None:
        rows = tuple(sorted({*rows, Row("published_figures", printed["source_id"], printed["locator"])}))
    unit = told.unit if told else Unit(printed["unit"]) if printed is not None else Unit.COUNT
    return Figure(
        key=key,
        label=told.label if told else key,
        value=value.value if value else None,
        reprint=found,
        printed=text,
        verdict=verdict,
        reason="; ".join(reasons),
        unit=unit,
        convention=told.convention if told else convention if unit is Unit.WD else None,
        n=value.n if value else None,
        coverage=told.coverage if told else "",
        rows=rows,
    )


def _other_rows(reprint: Measure) -> str:
    """What the printing source's own rows give instead, by name."""
    told = f"its own rows give {number(reprint.value or 0)}"
    if reprint.items:
        told += f": {', '.join(sorted(reprint.items))}"
    parts = sorted({item.split(" (")[0] for item in reprint.items if " (" in item})
    return told + (f"; of these in part only: {', '.join(parts)}" if parts else "")


def _more_and_less(value: Measure, reprint: Measure) -> list[str]:
    """Which items are known and not in the print's rows, and the other way round."""
    here, there = Counter(value.items), Counter(reprint.items)
    if value.value == reprint.value and here == there:
        return []
    more, less = sorted((here - there).elements()), sorted((there - here).elements())
    out = []
    if more:
        out.append(f"known besides its rows: {', '.join(more)}")
    if less:
        out.append(f"in its rows only: {', '.join(less)}")
    return out


def judge(printed: str, value: float | None, reprint: float | None) -> Verdict:
    """The verdict on a print.

    Parameters
    ----------
    printed
        The print as text; blank where it isn't legible.
    value
        The print as a number; None where it isn't legible.
    reprint
        The figure recomputed from the printing source's rows; None where it can't be.
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
    found = re.search(r"[0-9]\.([0-9]+)", printed)
    return len(found[1]) if found else 0


def rounded(value: float, decimals: int) -> Decimal:
    """A value to so many decimals, halves up."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def one_confusion(printed: str, other: str) -> bool:
    """Whether exactly one character that scanning confuses turns one text into the other."""
    if len(printed) != len(other):
        return False
    differ = [(a, b) for a, b in zip(printed, other, strict=True) if a != b]
    return len(differ) == 1 and any(set(differ[0]) <= set(group) for group in CONFUSED)


# What stands beside the figures -----------------------------------------------------------------


def verdicts(found: FigureSet) -> pd.DataFrame:
    """How many printed figures got each verdict: ``verdict, count``, every verdict listed."""
    given = pd.Series([figure.verdict for figure in found if figure.verdict], dtype="object").value_counts()
    return pd.DataFrame(
        {"verdict": [v.value for v in Verdict], "count": [int(given.get(v, 0)) for v in Verdict]}
    )


def table(found: FigureSet, other: FigureSet | None = None) -> pd.DataFrame:
    """Every printed figure: what it is, printed, recomputed, difference, verdict and reason.

    Parameters
    ----------
    found
        A month's figures.
    other
        The same by the other convention; gives a column with what it would make of the durations.

    Returns
    -------
    pandas.DataFrame
        ``key, label, printed, recomputed, difference, verdict, reason`` and, with ``other``,
        ``other_convention``.
    """
    printed = [figure for figure in found if figure.printed is not None]
    others = {figure.key: figure for figure in other} if other is not None else {}
    rows = []
    for figure in printed:
        legible = re.sub(r"[^0-9.]", "", figure.printed or "")
        difference = None
        if figure.verdict is not Verdict.EQUAL and figure.reprint is not None and legible:
            difference = round(figure.reprint - float(legible), 1)
        elif figure.verdict is Verdict.EQUAL:
            difference = 0.0
        twin = others.get(figure.key)
        rows.append(
            {
                "key": figure.key,
                "label": figure.label,
                "printed": figure.printed or None,
                "recomputed": figure.reprint,
                "difference": difference,
                "verdict": str(figure.verdict),
                "reason": figure.reason,
                "other_convention": twin.reprint if twin and figure.unit is Unit.WD else None,
            }
        )
    columns = [
        "key",
        "label",
        "printed",
        "recomputed",
        "difference",
        "verdict",
        "reason",
        "other_convention",
    ]
    out = pd.DataFrame(rows, columns=columns)
    return out if other is not None else out.drop(columns="other_convention")


def flow_identity(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Open now = open then + raised − concluded, on one clock, where both months are known.

    Returns
    -------
    pandas.DataFrame
        One row: ``then, raised, concluded, expected, now, holds, reason``. ``holds`` is missing where a
        month's stages aren't all known; the reason says how many are.
    """
    found = stages.stages(register)
    then_day, now_day = clock.previous_report_date, clock.report_date
    then, now = found.at(then_day), found.at(now_day)
    opened = [s.value for s in OPEN_STAGES]
    open_then, open_now = (
        set(then.loc[then["stage"].isin(opened), "unit"]),
        set(now.loc[now["stage"].isin(opened), "unit"]),
    )
    new = set(now["unit"]) - set(then["unit"])
    gone = open_then - open_now - set(now.loc[now["stage"].isna(), "unit"])
    back = (open_now - open_then) & set(then["unit"])
    arrived_open = open_now & new
    unknown = int(then["stage"].isna().sum() + now["stage"].isna().sum())
    expected = len(open_then) + len(arrived_open) + len(back) - len(gone)
    return pd.DataFrame(
        {
            "then": [len(open_then)],
            "raised": [len(arrived_open)],
            "reopened": [len(back)],
            "concluded": [len(gone)],
            "expected": [expected],
            "now": [len(open_now)],
            "holds": [None if unknown else expected == len(open_now)],
            "reason": [
                f"the stage of {unknown} modifications is unknown on {then_day} or {now_day}"
                if unknown
                else ""
            ],
        }
    )
