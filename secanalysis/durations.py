"""How long assessments and modifications take, in working days, and how long they will have taken.

Everything here is counted to a day and from facts dated on or before it. An item counts as open only if a
source attests it on that day; one that nobody attests any more is censored at its last attested day. A
mean needs every one of its rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from secanalysis import stages
from secanalysis.figures import Measure, Row
from secanalysis.months import Clock
from secanalysis.register import Register
from secanalysis.resolution import looked_up
from secanalysis.vocabulary import (
    AssessmentKind,
    AssessmentState,
    Convention,
    Event,
    Precision,
    Stage,
    Unit,
)
from secanalysis.workingdays import span

LEAST_COMPLETED = 3  # nothing is estimated from fewer completed cases
NOT_ACCEPTED = "its accepted date isn't stated; a requested date doesn't stand in for it"
NAMES = {AssessmentKind.PA: "Preliminary Assessments", AssessmentKind.IA: "Impact Assessments"}

# Assessments ------------------------------------------------------------------------------------


def assessments_at(register: Register, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Every assessment as it stood on the clock's period end.

    Parameters
    ----------
    register
        What is known; facts dated after the period end are left out here.
    clock
        The month's clock.
    convention
        How working days are counted; both ends count.

    Returns
    -------
    pandas.DataFrame
        ``assessment_id, ref, kind, requested_on, accepted_on, returned_on, target_wd, attested_on,
        status`` (``open``: attested on the period end; ``completed``: returned; ``unknown``: neither),
        ``in_window`` (returned in the 12 months that end on the period end), ``duration_wd`` (accepted
        to returned; to the period end while open; missing without an accepted day), ``observed_wd``
        (the same to the last attested day where the status is unknown), ``entry_wd`` (its age when it
        was first seen to be open, 0 where its whole register is known).
    """
    end = clock.period_end
    known = register.happened_by(end)
    a = known.assessments.copy()
    told = known.assessments_told
    returned = a["returned_on"].notna()
    undated = a["returned_undated"].fillna(False).astype(bool)
    is_open = ~returned & ~undated & a["accepted_on"].notna() & (a["attested_on"] >= pd.Timestamp(end))
    is_open |= ~returned & ~undated & a["accepted_on"].notna() & known.attests_all_by(end)
    a["status"] = np.select([returned | undated, is_open], ["completed", "open"], "unknown")
    start = pd.Timestamp(clock.window_start)
    a["in_window"] = (a["returned_on"] >= start) & (a["returned_on"] <= pd.Timestamp(end))
    last = a["returned_on"].mask(a["status"] == "open", pd.Timestamp(end))
    a["duration_wd"] = span(a["accepted_on"], last.astype("datetime64[us]"), convention)
    attested = a["returned_on"].fillna(a["attested_on"]).fillna(a["accepted_on"])
    censored = last.fillna(attested.astype("datetime64[us]"))
    a["observed_wd"] = span(a["accepted_on"], censored, convention)
    a["entry_wd"] = 0 if known.attests_all_by(end) else _entry(a, told, convention)
    a["rows"] = _rows_by_id(told)
    return a.sort_values(["kind", "accepted_on", "returned_on", "ref", "assessment_id"], ignore_index=True)


def _entry(a: pd.DataFrame, told: pd.DataFrame, convention: Convention) -> pd.Series:
    """The age at which an assessment was first seen to be open, where nothing else tells when it began."""
    is_open = told["state"] == AssessmentState.OPEN
    by_id = told["assessment_id"]
    first_seen = told["state_on"].where(is_open).groupby(by_id).min()
    otherwise = (told["accepted_on"].notna() & ~is_open).groupby(by_id).any()
    seen = looked_up(a["assessment_id"], first_seen.mask(otherwise)).astype("datetime64[us]")
    return span(a["accepted_on"], seen, convention).fillna(0)


def _rows_by_id(told: pd.DataFrame) -> pd.Series:
    found: dict[str, set[Row]] = {}
    for key, source, locator in zip(told["assessment_id"], told["source_id"], told["locator"], strict=True):
        found.setdefault(key, set()).add(Row("assessments", source, locator))
    return pd.Series([tuple(sorted(found[key])) for key in sorted(found)], dtype="object")


def assessment_measures(
    at: pd.DataFrame, clock: Clock, convention: Convention, attested: Collection[str]
) -> list[Measure]:
    """``assessment.<pa|ia>.<open|completed>.<count|mean_wd>`` and each one's duration.

    Parameters
    ----------
    at
        From `assessments_at`.
    attested
        The keys of counts whose list a source attests, from `attested_assessments`.
    """
    out = []
    for kind, words in NAMES.items():
        for state in ("open", "completed"):
            mine = at[(at["kind"] == kind) & (at["status"] == state)]
            if state == "completed":
                mine = mine[mine["in_window"]]
            key = f"assessment.{kind.lower()}.{state}"
            label = f"{words} {state}" + (" in the last 12 months" if state == "completed" else "")
            out += _count_and_mean(key, label, mine, convention, f"{key}.count" in attested, "accepted")
    current = at[((at["status"] == "open") | ((at["status"] == "completed") & at["in_window"]))]
    day = current["returned_on"].fillna(current["accepted_on"])
    keys = (
        "assessment." + current["ref"] + "." + current["kind"].str.lower() + "." + day.dt.strftime("%Y-%m-%d")
    )
    nth = keys.groupby(keys).cumcount() + 1
    keys = keys + ".duration_wd" + ("." + nth.astype("str")).where(nth > 1, "")
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
        out.append(
            Measure(
                key=key,
                label=f"{ref} {kind}, {'accepted' if status == 'open' else 'returned'} {on:%Y-%m-%d}",
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
    return out


def attested_assessments(at: pd.DataFrame, printed: Collection[str]) -> set[str]:
    """Which counts of assessments a report attests: those with rows in it, and those it prints.

    Parameters
    ----------
    at
        `assessments_at` of the report's statements alone.
    printed
        The keys that it prints.
    """
    keys = set()
    for kind in AssessmentKind:
        for state in ("open", "completed"):
            key = f"assessment.{kind.lower()}.{state}.count"
            if key in printed or ((at["kind"] == kind) & (at["status"] == state)).any():
                keys.add(key)
    return keys


def _count_and_mean(
    key: str, label: str, mine: pd.DataFrame, convention: Convention, attested: bool, start: str
) -> list[Measure]:
    rows = tuple(sorted({row for group in mine["rows"] for row in group}))
    n, dated = len(mine), int(mine["duration_wd"].notna().sum())
    unattested = "" if attested else "no source attests the whole list"
    if attested and dated < n:
        why = f"a mean needs every row: the {start} date of {n - dated} of {n} isn't stated"
    else:
        why = unattested or ("" if n else "there is none")
    whole = attested and n > 0 and dated == n
    return [
        Measure(
            f"{key}.count",
            label,
            float(n) if attested else None,
            n=n,
            reason=unattested,
            rows=rows,
            coverage="a source attests the list" if attested else "",
            items=tuple(mine["ref"]),
        ),
        Measure(
            f"{key}.mean_wd",
            f"{label}: mean duration",
            float(mine["duration_wd"].mean()) if whole else None,
            unit=Unit.WD,
            convention=convention,
            n=dated,
            coverage=f"{dated} of {n} have both dates" if n else "",
            reason="" if whole else why,
            rows=rows,
            items=tuple(mine["ref"]),
        ),
    ]


# Progression ------------------------------------------------------------------------------------


def proposals_at(register: Register, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Every modification of which something dated is known, as it stood on the clock's period end.

    Concluded is the first final decision or withdrawal. Facts dated after the period end are left out, and
    so are histories that contradict themselves. A part counts from the split, its parent until then.

    Returns
    -------
    pandas.DataFrame
        ``name, raised_on, converted_on, report_on, concluded_on, implemented_on, attested_on, status``
        (``concluded``; ``open``: attested on the period end; ``unknown``), ``in_window, duration_wd,
        observed_wd, rows``, as in `assessments_at` with raised for accepted and concluded for returned.
    """
    end = pd.Timestamp(clock.period_end)
    known = register.happened_by(clock.period_end)
    history = stages.stages(known)
    living = history.known[(history.known["first_on"] <= end) & (end < history.known["last_on"])]
    told = history.told[history.told["unit"].isin(living["unit"])]
    told = told[~told["unit"].isin(history.contradictory["unit"])]
    exact = told[told["precision"].isin([Precision.DAY, Precision.MONTH])]
    voted = exact["what"].isin([Event.VOTED, Event.DECIDED])
    final = exact["after"].isin([Stage.PENDING_IMPLEMENTATION, Stage.REJECTED])
    done = exact[exact["what"] == "implemented"]
    closed = [*stages.FINAL, Stage.PENDING_IMPLEMENTATION]
    over = told["after"].isin(closed) | told["what"].isin([f"seen {stage}" for stage in closed])
    out = pd.DataFrame(
        {
            "raised_on": _first(exact[exact["what"] == Event.RAISED]),
            "converted_on": _first(exact[exact["what"] == Event.CONVERTED]),
            "report_on": _first(exact[exact["what"] == Event.ENTERED_REPORT]),
            "concluded_on": _first(exact[(voted & final) | (exact["what"] == Event.WITHDRAWN)]),
            "implemented_on": done.groupby("unit")["day"].max(),
            "attested_on": told.groupby("unit")["day"].max(),
            "over": over.groupby(told["unit"]).any(),
        }
    )
    out = out.rename_axis("name").reset_index()
    concluded = out["concluded_on"].notna()
    attested = (out["attested_on"] >= end) | known.attests_all_by(clock.period_end)
    is_open = ~concluded & ~out.pop("over").astype(bool) & attested
    out["status"] = np.select([concluded, is_open], ["concluded", "open"], "unknown")
    out["in_window"] = out["concluded_on"] >= pd.Timestamp(clock.window_start)
    last = out["concluded_on"].mask(is_open, end).astype("datetime64[us]")
    out["duration_wd"] = span(out["raised_on"], last, convention)
    out["observed_wd"] = span(out["raised_on"], last.fillna(out["attested_on"]), convention)
    kinds = [Event.RAISED, Event.VOTED, Event.DECIDED, Event.WITHDRAWN]
    behind = told[told["what"].isin(kinds)]
    rows: dict[str, set[Row]] = {}
    for unit, *key in behind[["unit", "table", "source_id", "locator"]].itertuples(index=False):
        rows.setdefault(unit, set()).add(Row(*key))
    out["rows"] = pd.Series([tuple(sorted(rows.get(name, ()))) for name in out["name"]], dtype="object")
    return out


def _first(told: pd.DataFrame) -> pd.Series:
    return told.groupby("unit")["day"].min()


def proposal_measures(at: pd.DataFrame, convention: Convention, attested: Collection[str]) -> list[Measure]:
    """``proposal.<open|concluded>.<count|mean_wd>``; null unless a source attests the list."""
    at = at.rename(columns={"name": "ref"})
    opened = at[at["status"] == "open"]
    concluded = at[(at["status"] == "concluded") & at["in_window"]]
    return [
        *_count_and_mean(
            "proposal.open",
            "Proposals open (before a decision)",
            opened,
            convention,
            "proposal.open.count" in attested,
            "raised",
        ),
        *_count_and_mean(
            "proposal.concluded",
            "Proposals concluded in the last 12 months",
            concluded,
            convention,
            "proposal.concluded.count" in attested,
            "raised",
        ),
    ]


# Statistics -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summary:
    """Durations of completed cases, in WD. Everything but ``n`` is None below three cases."""

    n: int
    mean: float | None
    median: float | None
    p85: float | None
    p95: float | None
    within_target: float | None
    within_low: float | None
    within_high: float | None


def summarise(durations: pd.Series, targets: pd.Series | None = None) -> Summary:
    """Summarise completed durations.

    Parameters
    ----------
    durations
        WD of completed cases; missing ones are left out.
    targets
        Each one's target in WD, for the share within target and its 95 % Wilson interval.
    """
    known = durations.dropna().astype(float)
    n = len(known)
    if n < LEAST_COMPLETED:
        return Summary(n, None, None, None, None, None, None, None)
    p50, p85, p95 = np.percentile(known, [50, 85, 95])
    share = low = high = None
    if targets is not None:
        both = targets.reindex(known.index).notna()
        within = int((known[both] <= targets[known.index][both].astype(float)).sum())
        if both.sum() >= LEAST_COMPLETED:
            interval = binomtest(within, int(both.sum())).proportion_ci(method="wilson")
            share, low, high = within / int(both.sum()), float(interval.low), float(interval.high)
    return Summary(n, float(known.mean()), float(p50), float(p85), float(p95), share, low, high)


@dataclass(frozen=True, eq=False)
class Survival:
    """A Kaplan–Meier estimate of how long cases take, in WD.

    Attributes
    ----------
    curve
        ``wd, share`` (still open after that many WD), ``low, high`` (95 %, log-log), ``at_risk``.
    median, median_low, median_high
        None where the curve or its band doesn't fall to one half.
    completed, censored
        How many cases ended, and how many were still running when last attested.
    """

    curve: pd.DataFrame
    median: float | None
    median_low: float | None
    median_high: float | None
    completed: int
    censored: int


def survival(durations: pd.Series, completed: pd.Series, entry: pd.Series | None = None) -> Survival | None:
    """Estimate how long cases take from completed and running ones.

    Parameters
    ----------
    durations
        WD to the end, or to the last attested day where a case isn't completed.
    completed
        Whether each case ended then; the others are right-censored.
    entry
        WD after which each case was first under observation (left truncation): a case that is known
        only because it was still open then says nothing of how many ended sooner. 0 if not given.

    Returns
    -------
    Survival or None
        None where fewer than three cases are completed.

    Notes
    -----
    The product-limit estimate with delayed entry; without it, it equals ``scipy.stats.ecdf`` of
    ``CensoredData`` (a test holds that). The band is Greenwood's on the log-log scale.
    """
    known = durations.notna()
    time = durations[known].to_numpy(dtype=float)
    ended = completed[known].to_numpy(dtype=bool)
    begin = np.zeros(len(time)) if entry is None else entry[known].fillna(0).to_numpy(dtype=float)
    seen = begin < time
    time, ended, begin = time[seen], ended[seen], begin[seen]
    if ended.sum() < LEAST_COMPLETED:
        return None
    at = np.unique(time[ended])
    at_risk = np.searchsorted(np.sort(begin), at, side="left") - np.searchsorted(
        np.sort(time), at, side="left"
    )
    deaths = np.searchsorted(np.sort(time[ended]), at, side="right") - np.searchsorted(
        np.sort(time[ended]), at, side="left"
    )
    share = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
        spread = norm.ppf(0.975) * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(spread), share ** np.exp(-spread)
    # where none is left the band isn't defined: its lower end is nought, its upper end stays where it was
    low = np.where(np.isfinite(low), low, 0.0)
    high = np.fmin.accumulate(np.r_[1.0, high])[1:]
    curve = pd.DataFrame({"wd": at, "share": share, "low": low, "high": high, "at_risk": at_risk})
    return Survival(
        curve,
        _falls_to_half(at, share),
        _falls_to_half(at, low),
        _falls_to_half(at, high),
        int(ended.sum()),
        int((~ended).sum()),
    )


def _falls_to_half(at: np.ndarray, share: np.ndarray) -> float | None:
    below = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(at[below[0]]) if len(below) else None


def ages(at: pd.DataFrame) -> pd.DataFrame:
    """Open items with their age and its percentile among comparable ones.

    Parameters
    ----------
    at
        From `assessments_at`.

    Returns
    -------
    pandas.DataFrame
        The open items, oldest first, with ``over_target_wd`` and ``percentile``: the share of completed
        and open ones of its kind with a known duration that took no longer; missing below three.
    """
    opened = at[at["status"] == "open"].copy()
    opened["over_target_wd"] = opened["duration_wd"] - opened["target_wd"]
    comparable = at[at["duration_wd"].notna() & at["status"].isin(["open", "completed"])]
    shares = []
    for kind, mine in opened.groupby("kind"):
        pool = np.sort(comparable.loc[comparable["kind"] == kind, "duration_wd"].to_numpy(dtype=float))
        if len(pool) >= LEAST_COMPLETED:
            rank = np.searchsorted(pool, mine["duration_wd"].to_numpy(dtype=float), side="right")
            shares.append(pd.Series(rank / len(pool), index=mine.index))
    opened["percentile"] = pd.concat(shares) if shares else np.nan
    return opened.sort_values(["duration_wd", "ref"], ascending=[False, True], ignore_index=True)


def both_conventions(register: Register, clock: Clock) -> pd.DataFrame:
    """Open assessments counted both ways: ``ref, kind, accepted_on, as_published, sec, bank_holidays``."""
    a = assessments_at(register, clock, Convention.AS_PUBLISHED)
    b = assessments_at(register, clock, Convention.SEC)
    out = a[["ref", "kind", "accepted_on"]].assign(as_published=a["duration_wd"], sec=b["duration_wd"])[
        a["status"] == "open"
    ]
    return out.assign(bank_holidays=out["as_published"] - out["sec"]).reset_index(drop=True)


def assessment_survival(at: pd.DataFrame, kind: AssessmentKind) -> Survival | None:
    """Kaplan–Meier of one kind of assessment, accepted to returned.

    A completed one counts as ended whenever it was returned; an open one is censored on the period end;
    one that nobody attests any more on its last attested day. One whose only statement is that it was
    still open then enters late, at the age at which it was first attested.
    """
    mine = at[(at["kind"] == kind) & at["observed_wd"].notna()]
    return survival(mine["observed_wd"], mine["status"] == "completed", mine["entry_wd"])


def proposal_survival(at: pd.DataFrame) -> Survival | None:
    """Kaplan–Meier of proposals, raised to concluded."""
    mine = at[at["observed_wd"].notna()]
    return survival(mine["observed_wd"], mine["status"] == "concluded")


def summaries(assessments: pd.DataFrame, proposals: pd.DataFrame, convention: Convention) -> pd.DataFrame:
    """Completed cases of the 12-month window summarised: ``what`` and the fields of `Summary`."""
    rows = []
    for kind, words in NAMES.items():
        mine = assessments[
            (assessments["kind"] == kind) & (assessments["status"] == "completed") & assessments["in_window"]
        ]
        rows.append({"what": words, **vars(summarise(mine["duration_wd"], mine["target_wd"]))})
    steps = [
        ("Raised to converted", "raised_on", "converted_on"),
        ("Converted to the Report Phase", "converted_on", "report_on"),
        ("The Report Phase to a conclusion", "report_on", "concluded_on"),
        ("Raised to concluded", "raised_on", "concluded_on"),
        ("Concluded to implemented", "concluded_on", "implemented_on"),
    ]
    for words, start, end in steps:
        rows.append({"what": words, **vars(summarise(span(proposals[start], proposals[end], convention)))})
    return pd.DataFrame(rows)


def estimates(assessments: pd.DataFrame, proposals: pd.DataFrame) -> pd.DataFrame:
    """Naive means beside Kaplan–Meier medians: one row for each kind of assessment and for proposals."""
    rows = []
    cases = [
        (words, assessments[assessments["kind"] == kind], "completed", assessment_survival(assessments, kind))
        for kind, words in NAMES.items()
    ]
    cases.append(("Proposals, raised to concluded", proposals, "concluded", proposal_survival(proposals)))
    for words, mine, done, estimate in cases:
        ended = mine.loc[mine["status"] == done, "duration_wd"].dropna()
        running = mine.loc[mine["status"] == "open", "duration_wd"].dropna()
        rows.append(
            {
                "what": words,
                "completed": len(ended),
                "censored": int(((mine["status"] != done) & mine["observed_wd"].notna()).sum()),
                "mean_completed": float(ended.mean()) if len(ended) >= LEAST_COMPLETED else None,
                "mean_open": float(running.mean()) if len(running) else None,
                "median": estimate.median if estimate else None,
                "median_low": estimate.median_low if estimate else None,
                "median_high": estimate.median_high if estimate else None,
            }
        )
    return pd.DataFrame(rows)
