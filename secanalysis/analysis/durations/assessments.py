"""How long assessments take: each as it stood on a day, and the figures of those open and completed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from secanalysis.analysis.durations.lists import count_and_mean
from secanalysis.domain import code
from secanalysis.domain.figures import Measure, Row, rows_in
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import AssessmentKind, AssessmentState, Convention, Unit
from secanalysis.domain.working_days import first_day, span
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

NOT_ACCEPTED = "its accepted date isn't stated; a requested date can't replace it"
MOST_WD = 5000  # longer than any that could have been published, and short enough to be counted back
WORDS = {2: "twice"}
NAMES = {AssessmentKind.PA: "Preliminary Assessments", AssessmentKind.IA: "Impact Assessments"}


@once
def at(register: ResolvedRegister, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Every assessment as it stood on the clock's period end.

    Parameters
    ----------
    register
        What is known; of facts dated after the period end only that one was still open then.
    clock
        The month's clock.
    convention
        How working days are counted; both ends count.

    Returns
    -------
    pandas.DataFrame
        ``assessment_id, ref, kind, requested_on, accepted_on, returned_on, target_wd, attested_on,
        status`` (``open``: known to be open on the period end, as it was accepted by then and seen open or returned
        later; ``completed``: returned; ``unknown``: neither),
        ``in_window`` (returned in the 12 months that end on the period end), ``duration_wd`` (accepted
        to returned; to the period end while open; missing without an accepted day), ``observed_wd``
        (the same to the last attested day where the status is unknown), ``entry_wd`` (its age when it
        was first seen to be open, 0 where its whole register is known).
    """
    end = clock.period_end
    known = register.happened_by(end)
    a = known.assessments.copy()
    statements = known.assessment_statements
    returned = a["returned_on"].notna()
    undated = a["returned_undated"].fillna(False).astype(bool)
    is_open = ~returned & ~undated & a["accepted_on"].notna() & (a["attested_on"] >= pd.Timestamp(end))
    is_open |= ~returned & ~undated & a["accepted_on"].notna() & known.attests_all_by(end)
    is_open |= ~returned & ~undated & a["assessment_id"].isin(_open_by_later_facts(register, known, end))
    a["status"] = np.select([returned | undated, is_open], ["completed", "open"], "unknown")
    start = pd.Timestamp(clock.window_start)
    a["in_window"] = (a["returned_on"] >= start) & (a["returned_on"] <= pd.Timestamp(end))
    last = a["returned_on"].mask(a["status"] == "open", pd.Timestamp(end))
    a["duration_wd"] = span(a["accepted_on"], last.astype("datetime64[us]"), convention)
    attested = a["returned_on"].fillna(a["attested_on"]).fillna(a["accepted_on"])
    censored = last.fillna(attested.astype("datetime64[us]"))
    a["observed_wd"] = span(a["accepted_on"], censored, convention)
    a["entry_wd"] = 0 if known.attests_all_by(end) else _entry(a, statements, convention)
    a["rows"] = _rows_by_id(statements)
    if targets := code.current().targets:
        a["target_wd"] = a["target_wd"].fillna(a["kind"].map(targets).astype("Int64"))
    return a.sort_values(["kind", "accepted_on", "returned_on", "ref", "assessment_id"], ignore_index=True)


def _open_by_later_facts(register: ResolvedRegister, known: ResolvedRegister, end: date) -> set[str]:
    """Which assessments of ``known`` what happened after a day shows to have been open on it: returned, or seen open.

    No day after it is used but for that; those between which a duration is counted are all of the day or before.
    """
    every, key = register.assessments, ["source_id", "locator"]
    later = every[["returned_on", "attested_on"]].max(axis=1) > pd.Timestamp(end)
    then = later & (every["accepted_on"] <= pd.Timestamp(end)) & ~(every["returned_on"] <= pd.Timestamp(end))
    stated = register.assessment_statements
    rows = stated.loc[stated["assessment_id"].isin(every.loc[then, "assessment_id"]), key]
    by_then = known.assessment_statements[["assessment_id", *key]].merge(rows, on=key)
    accepted = known.assessments.loc[known.assessments["accepted_on"].notna(), "assessment_id"]
    return set(by_then["assessment_id"]) & set(accepted)


def _entry(a: pd.DataFrame, statements: pd.DataFrame, convention: Convention) -> pd.Series:
    """The age at which an assessment was first seen to be open, where nothing else says when it began."""
    is_open = statements["state"] == AssessmentState.OPEN
    by_id = statements["assessment_id"]
    first_seen = statements["state_on"].where(is_open).groupby(by_id).min()
    otherwise = (statements["accepted_on"].notna() & ~is_open).groupby(by_id).any()
    seen = looked_up(a["assessment_id"], first_seen.mask(otherwise)).astype("datetime64[us]")
    return span(a["accepted_on"], seen, convention).fillna(0)


def _rows_by_id(statements: pd.DataFrame) -> pd.Series:
    rows: dict[str, set[Row]] = {}
    for key, row in zip(
        statements["assessment_id"].tolist(), rows_in(statements, "assessments"), strict=True
    ):
        rows.setdefault(key, set()).add(row)
    return pd.Series([tuple(sorted(rows[key])) for key in sorted(rows)], dtype="object")


def measures(
    at: pd.DataFrame, clock: Clock, convention: Convention, attested: Collection[str]
) -> list[Measure]:
    """``assessment.<pa|ia>.<open|completed>.<count|mean_wd>`` and each one's duration.

    Parameters
    ----------
    at
        From `at`.
    attested
        The keys of counts whose list a source attests, from `attested`.
    """
    figures = []
    for kind, words in NAMES.items():
        for state in ("open", "completed"):
            cases = at[(at["kind"] == kind) & (at["status"] == state)]
            if state == "completed":
                cases = cases[cases["in_window"]]
            key = f"assessment.{kind.lower()}.{state}"
            label = f"{words} {state}" + (" in the last 12 months" if state == "completed" else "")
            counted = count_and_mean(key, label, cases, convention, f"{key}.count" in attested, "accepted")
            figures += [with_note(measure, twice(cases)) for measure in counted]
    current = at[((at["status"] == "open") | ((at["status"] == "completed") & at["in_window"]))]
    day = current["returned_on"].fillna(current["accepted_on"])
    keys = _duration_keys(current)
    early = current["returned_on"] < current["accepted_on"]
    whys = pd.Series(NOT_ACCEPTED, index=current.index).mask(early, "it was returned before it was accepted")
    for key, ref, kind, status, on, value, why, rows in zip(
        keys,
        current["ref"],
        current["kind"],
        current["status"],
        day,
        current["duration_wd"],
        whys,
        current["rows"],
        strict=True,
    ):
        missing = pd.isna(value)
        figures.append(
            Measure(
                key=key,
                label=f"{ref} {kind}, {'accepted' if status == 'open' else 'returned'} {day_in_words(on)}",
                value=None if missing else float(value),
                unit=Unit.WD,
                convention=convention,
                n=0 if missing else 1,
                coverage=f"counted to {clock.period_end}" if status == "open" else "",
                reason=why if missing else "",
                rows=rows,
                items=(ref,),
            )
        )
    return figures


def twice(cases: pd.DataFrame) -> str:
    """Which of some assessments the sources list in rows that say the same; blank where none is.

    Two rows of one source are two facts, however alike: a count has both, and says so.
    """
    same = ["ref", "kind", "accepted_on", "returned_on"]
    alike = cases[cases.duplicated(same, keep=False)]
    counts = alike.groupby("ref").size()
    return "; ".join(
        f"{ref} counts {WORDS.get(n, f'{n} times')}: its source lists it in {n} rows that say the same"
        for ref, n in counts.items()
    )


def with_note(measure: Measure, note: str) -> Measure:
    """A measure whose coverage says something more."""
    return replace(measure, coverage="; ".join(filter(None, [measure.coverage, note])))


def over_target(at: pd.DataFrame, convention: Convention, attested: Collection[str]) -> Measure:
    """How many open assessments, of both kinds, have been open for longer than their target.

    Parameters
    ----------
    at, convention
        From `at`, and how its working days are counted.
    attested
        The keys of counts whose list a source attests, from `attested`.
    """
    cases = at[at["status"] == "open"]
    comparable = cases[cases["duration_wd"].notna() & cases["target_wd"].notna()]
    late = comparable[comparable["duration_wd"] > comparable["target_wd"]]
    lists = {f"assessment.{kind.lower()}.open.count" for kind in AssessmentKind}
    whole = lists <= set(attested)
    reason = "" if whole else "no source lists all open assessments"
    if whole and len(comparable) < len(cases):
        reason = f"{len(cases) - len(comparable)} of {len(cases)} have no accepted day or no target"
    return Measure(
        key="assessment.open.over_target.count",
        label="Open assessments over target",
        value=None if reason else float(len(late)),
        unit=Unit.COUNT,
        convention=convention,
        n=len(late),
        coverage=f"{len(comparable)} of {len(cases)} known to be open can be compared with their target",
        reason=reason,
        rows=tuple(sorted({row for rows in late["rows"] for row in rows})),
        items=tuple(late["ref"]),
    )


def _duration_keys(cases: pd.DataFrame) -> pd.Series:
    """The key of each one's duration: accepted day while open, returned day afterwards; the second of a day ends in .2."""
    day = cases["returned_on"].fillna(cases["accepted_on"]).dt.strftime("%Y-%m-%d")
    keys = "assessment." + cases["ref"] + "." + cases["kind"].str.lower() + "." + day
    nth = keys.groupby(keys).cumcount() + 1
    return keys + ".duration_wd" + ("." + nth.astype("str")).where(nth > 1, "")


def with_derived(returned: pd.DataFrame, register: ResolvedRegister) -> pd.DataFrame:
    """Returned assessments with the durations published of them, and the accepted day that follows from one.

    What is derived is for showing only. No duration, mean or estimate uses it: each would repeat what was published,
    and agree with it.

    Parameters
    ----------
    returned
        Rows of `at` with a returned day.
    register
        What is known.

    Returns
    -------
    pandas.DataFrame
        The same with ``published_wd`` (where it is legible) and ``derived_on``: the day so many weekdays before the
        return, both ends counted, where no source states the accepted day.
    """
    figures = register.tables["published_figures"]
    whole = figures[figures["value"].between(1, MOST_WD) & (figures["value"] % 1 == 0)]
    published = whole.drop_duplicates("key", keep="last").set_index("key")["value"]
    wd = looked_up(_duration_keys(returned), published).astype("Int64")
    underived = wd.isna() | returned["accepted_on"].notna()
    first = first_day(returned["returned_on"], wd.fillna(1), Convention.AS_PUBLISHED)
    return returned.assign(published_wd=wd, derived_on=first.mask(underived))


def attested(at: pd.DataFrame, printed: Collection[str]) -> set[str]:
    """Which counts of assessments a report attests: those with rows in it, and those it states.

    Parameters
    ----------
    at
        `at` of the report's statements alone.
    printed
        The keys of the figures that it states.
    """
    keys = set()
    for kind in AssessmentKind:
        for state in ("open", "completed"):
            key = f"assessment.{kind.lower()}.{state}.count"
            if key in printed or ((at["kind"] == kind) & (at["status"] == state)).any():
                keys.add(key)
    return keys


def both_conventions(register: ResolvedRegister, clock: Clock) -> pd.DataFrame:
    """Open assessments counted both ways: ``ref, kind, accepted_on, as_published, sec, bank_holidays``."""
    a = at(register, clock, Convention.AS_PUBLISHED)
    b = at(register, clock, Convention.SEC)
    opened = a[["ref", "kind", "accepted_on"]].assign(as_published=a["duration_wd"], sec=b["duration_wd"])[
        a["status"] == "open"
    ]
    return opened.assign(bank_holidays=opened["as_published"] - opened["sec"]).reset_index(drop=True)
