"""How long assessments and modifications take, in working days, and how long they will have taken.

Everything here is counted to a day and from facts dated on or before it. An item counts as open only if a
source attests it on that day; one that nobody attests any more is censored at its last attested day. A
mean needs every one of its rows.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from secanalysis import stages
from secanalysis.estimators import LEAST_COMPLETED, Survival, summarise, survival
from secanalysis.figures import Measure, Row
from secanalysis.months import Clock
from secanalysis.once import once
from secanalysis.register import Register
from secanalysis.resolution import looked_up
from secanalysis.vocabulary import (
    OPEN_STAGES,
    AssessmentKind,
    AssessmentState,
    Convention,
    Event,
    Precision,
    Stage,
    Unit,
)
from secanalysis.workingdays import span

NOT_ACCEPTED = "its accepted date isn't stated; a requested date doesn't stand in for it"
NAMES = {AssessmentKind.PA: "Preliminary Assessments", AssessmentKind.IA: "Impact Assessments"}

# Assessments ------------------------------------------------------------------------------------


@once
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


@once
def proposals_at(register: Register, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Every modification of which something dated is known, as it stood on the clock's period end.

    Concluded is the first final decision or withdrawal. Facts dated after the period end are left out, and
    so are histories that contradict themselves. A part counts from the split, its parent until then.

    Returns
    -------
    pandas.DataFrame
        ``name, raised_on, converted_on, report_on, concluded_on, implemented_on, attested_on, status``
        (``concluded``; ``open``: attested on the period end; ``unknown``), ``in_window, duration_wd,
        observed_wd, entry_wd, rows``, as in `assessments_at` with raised for accepted and concluded for
        returned, and ``on_hold_wd``: how many of its days it stood on hold, as `holds` says.
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
    over = _over(told)
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
    attested = out["attested_on"] >= end
    if known.attests_all_by(clock.period_end):
        attested |= ~out["name"].isin(_over_some_day(stages.stages(register).told, end))
    is_open = ~concluded & ~out.pop("over").astype(bool) & attested
    out["status"] = np.select([concluded, is_open], ["concluded", "open"], "unknown")
    out["in_window"] = out["concluded_on"] >= pd.Timestamp(clock.window_start)
    last = out["concluded_on"].mask(is_open, end).astype("datetime64[us]")
    out["duration_wd"] = span(out["raised_on"], last, convention)
    censored = last.fillna(out["attested_on"])
    out["observed_wd"] = span(out["raised_on"], censored, convention)
    out["entry_wd"] = 0
    if not known.attests_all_by(clock.period_end):
        seen = looked_up(out["name"], _first_seen_open(told)).astype("datetime64[us]")
        out["entry_wd"] = span(out["raised_on"], seen, convention).fillna(0)
    out["on_hold_wd"] = _on_hold(holds(told), out["name"], out["raised_on"], censored, convention)
    kinds = [Event.RAISED, Event.VOTED, Event.DECIDED, Event.WITHDRAWN]
    behind = told[told["what"].isin(kinds)]
    rows: dict[str, set[Row]] = {}
    for unit, *key in behind[["unit", "table", "source_id", "locator"]].itertuples(index=False):
        rows.setdefault(unit, set()).add(Row(*key))
    out["rows"] = pd.Series([tuple(sorted(rows.get(name, ()))) for name in out["name"]], dtype="object")
    return out


def _over(told: pd.DataFrame) -> pd.Series:
    """Which statements tell that a modification is concluded."""
    closed = [*stages.FINAL, Stage.PENDING_IMPLEMENTATION]
    return told["after"].isin(closed) | told["what"].isin([f"seen {stage}" for stage in closed])


def _over_some_day(told: pd.DataFrame, end: pd.Timestamp) -> set[str]:
    """Units of which it is only known that they were over by a later day: when, nobody says.

    A register's export that lists one so doesn't attest that it was still open before.
    """
    over = told[_over(told)]
    dated = over.loc[over["precision"].isin([Precision.DAY, Precision.MONTH]), "unit"]
    later = over.loc[(over["precision"] == Precision.BY) & (over["day"] > end), "unit"]
    return set(later) - set(dated)


def _first(told: pd.DataFrame) -> pd.Series:
    return told.groupby("unit")["day"].min()


def _first_seen_open(told: pd.DataFrame) -> pd.Series:
    """When units were first seen to be open that are known because they were: ``unit`` to day.

    Those are the units whose raised day is stated by nothing but sources that saw them open.
    """
    is_open = ((told["what"] == Event.OBSERVED) & told["after"].isin(OPEN_STAGES)) | told["what"].isin(
        [f"seen {stage}" for stage in OPEN_STAGES]
    )
    seen = told[is_open].groupby(["unit", "source_id"], as_index=False)["day"].min()
    raised = told.loc[told["what"] == Event.RAISED, ["unit", "source_id"]].merge(seen, how="left")
    first = raised.groupby("unit")["day"].agg(["min", "size", "count"])
    return first.loc[first["size"] == first["count"], "min"]


def holds(told: pd.DataFrame) -> pd.DataFrame:
    """When units stood on hold.

    Parameters
    ----------
    told
        `stages.Stages.told`, each unit's in the order of their days.

    Returns
    -------
    pandas.DataFrame
        ``unit, held_from`` (the first day known to be on hold), ``resumed_on`` (the first day after it;
        missing where nobody says that it was resumed). Put on hold twice without being resumed between is
        one hold.
    """
    h = told.loc[told["what"].isin([Event.ON_HOLD, Event.RESUMED]), ["unit", "day", "what"]]
    h = h[h["what"] != h.groupby("unit")["what"].shift()]
    h = h.assign(resumed_on=h.groupby("unit")["day"].shift(-1))
    h = h[h["what"] == Event.ON_HOLD].rename(columns={"day": "held_from"})
    return h[["unit", "held_from", "resumed_on"]].reset_index(drop=True)


def _on_hold(
    held: pd.DataFrame, units: pd.Series, first: pd.Series, last: pd.Series, convention: Convention
) -> pd.Series:
    """How many WD of each unit's span it stood on hold; the day on which it is resumed isn't one."""
    spans = held.merge(pd.DataFrame({"unit": units, "first": first, "last": last}), on="unit")
    until = spans["resumed_on"].sub(pd.Timedelta(days=1)).fillna(spans["last"])
    begin = spans[["held_from", "first"]].max(axis=1).astype("datetime64[us]")
    end = pd.concat([until, spans["last"]], axis=1).min(axis=1).astype("datetime64[us]")
    days = span(begin, end, convention).fillna(0).groupby(spans["unit"]).sum()
    return looked_up(units, days).fillna(0).astype("int64")


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


# Summaries ---------------------------------------------------------------------------------------


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
    opened["percentile"] = _percentile(at, at["kind"], "completed")
    return opened.sort_values(["duration_wd", "ref"], ascending=[False, True], ignore_index=True)


def proposal_ages(at: pd.DataFrame) -> pd.DataFrame:
    """Open modifications with their age and its percentile among open and concluded ones.

    Parameters
    ----------
    at
        From `proposals_at`.

    Returns
    -------
    pandas.DataFrame
        The open ones, oldest first, with ``active_wd`` (their age without the time on hold) and
        ``percentile`` as in `ages`.
    """
    opened = at[at["status"] == "open"].copy()
    opened["active_wd"] = opened["duration_wd"] - opened["on_hold_wd"]
    opened["percentile"] = _percentile(at, pd.Series("", index=at.index), "concluded")
    return opened.sort_values(["duration_wd", "name"], ascending=[False, True], ignore_index=True)


def _percentile(at: pd.DataFrame, group: pd.Series, done: str) -> pd.Series:
    """The share of completed and open ones of a group that took no longer; missing below three."""
    comparable = at["duration_wd"].notna() & at["status"].isin(["open", done])
    durations = at.loc[comparable, "duration_wd"].astype("float64")
    ranked = durations.groupby(group[comparable])
    share = ranked.rank(method="max") / ranked.transform("size")
    return share.where(ranked.transform("size") >= LEAST_COMPLETED).reindex(at.index)


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
    """Kaplan–Meier of proposals, raised to concluded; the clock runs on while one is on hold.

    One that is known only because a source saw it open enters late, at the age at which it was first seen.
    """
    mine = at[at["observed_wd"].notna()]
    return survival(mine["observed_wd"], mine["status"] == "concluded", mine["entry_wd"])


def summaries(assessments: pd.DataFrame, proposals: pd.DataFrame, convention: Convention) -> pd.DataFrame:
    """Completed cases summarised: ``what`` and the fields of `estimators.Summary`.

    Assessments and conclusions are those of the 12-month window; the steps between are all that ended by
    the period end.
    """
    rows = []
    for kind, words in NAMES.items():
        mine = assessments[assessments["kind"] == kind]
        returned = mine[(mine["status"] == "completed") & mine["in_window"]]
        waiting = span(mine["requested_on"], mine["accepted_on"], convention)
        whole = span(returned["requested_on"], returned["returned_on"], convention)
        rows += [
            {"what": f"{words}: requested to accepted", **vars(summarise(waiting))},
            {
                "what": f"{words}: accepted to returned",
                **vars(summarise(returned["duration_wd"], returned["target_wd"])),
            },
            {"what": f"{words}: requested to returned", **vars(summarise(whole))},
        ]
    for words, start, end in STEPS:
        rows.append({"what": words, **vars(summarise(span(proposals[start], proposals[end], convention)))})
    concluded = proposals[(proposals["status"] == "concluded") & proposals["in_window"]]
    active = concluded["duration_wd"] - concluded["on_hold_wd"]
    rows += [
        {"what": "Raised to concluded", **vars(summarise(concluded["duration_wd"]))},
        {"what": "Raised to concluded, time on hold left out", **vars(summarise(active))},
    ]
    return pd.DataFrame(rows)


STEPS = (
    ("Raised to converted", "raised_on", "converted_on"),
    ("Converted to the Report Phase", "converted_on", "report_on"),
    ("The Report Phase to a conclusion", "report_on", "concluded_on"),
    ("Concluded to implemented", "concluded_on", "implemented_on"),
)
"""The steps of progression: in words, and the days between which each lies."""


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
