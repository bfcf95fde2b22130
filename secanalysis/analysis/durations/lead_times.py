"""How long decided modifications took from being raised, by the path on which they were decided."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from secanalysis.analysis.durations import proposals
from secanalysis.analysis.durations.lists import count_and_mean
from secanalysis.analysis.estimators import FEW_CASES, summarise
from secanalysis.analysis.list_coverage import at_least
from secanalysis.domain.figures import Measure
from secanalysis.domain.months import Clock
from secanalysis.domain.vocabulary import Body, Convention, Event, ModificationPath, Outcome
from secanalysis.domain.working_days import span
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once
from secanalysis.support.sentence_case import sentence_case

PATHS = {
    ModificationPath.SELF_GOVERNANCE: "Self-Governance",
    ModificationPath.AUTHORITY: "the Authority",
    ModificationPath.FAST_TRACK: "fast-track",
}
"""The paths in words, after *decided by*."""

NO_PATH = "not stated"
OTHER_CASES = "the two means are not of the same modifications"


@once
def decided(register: ResolvedRegister, clock: Clock, convention: Convention) -> pd.DataFrame:
    """Modifications decided by the period's end, each with its path.

    Returns
    -------
    pandas.DataFrame
        Rows of `proposals.at` that are concluded other than by withdrawal, with ``path``: that of the decision, which is
        the Authority's where the Authority decides, else the last that a vote states; missing where none is stated;
        and ``to_force_wd``, from raised to in force.
    """
    at = proposals.at(register, clock, convention)
    concluded = at[at["status"] == "concluded"]
    events = register.happened_by(clock.period_end).events
    events = events[events["event"].isin([Event.VOTED, Event.DECIDED, Event.WITHDRAWN])].dropna(
        subset=["day"]
    )
    events = events.assign(unit=register.unit_of(events["name"], events["day"]))
    ended_on = concluded.set_index("name")["concluded_on"]
    events = events.assign(ended_on=looked_up(events["unit"], ended_on))
    events = events[events["day"] <= events["ended_on"]]
    final = (events["day"] == events["ended_on"]) & events["outcome"].isin(
        [Outcome.APPROVED, Outcome.REJECTED]
    )
    by_authority = (events["event"] == Event.DECIDED) & (events["body"] == Body.AUTHORITY)
    path = events["path"].fillna(events["body"].where(by_authority))  # body and path call it the same
    in_order = events.assign(path=path, is_decision=events["event"] == Event.DECIDED)
    in_order = in_order.sort_values(["day", "is_decision"], kind="stable")
    last = in_order.dropna(subset=["path"]).groupby("unit")["path"].last()
    cases = concluded[concluded["name"].isin(events.loc[final, "unit"])]
    return cases.assign(
        path=looked_up(cases["name"], last),
        to_force_wd=span(cases["raised_on"], cases["implemented_on"], convention),
    ).reset_index(drop=True)


def measures(cases: pd.DataFrame, convention: Convention, attested: Collection[str]) -> list[Measure]:
    """``lead_time.<path>.<count|mean_wd>``: decided in the window, raised to decided.

    Parameters
    ----------
    cases, convention
        From `decided`, and how its working days are counted.
    attested
        The keys of lists that a source attests.
    """
    recent = cases[cases["in_window"]].rename(columns={"name": "ref"})
    unstated = int(recent["path"].isna().sum())
    figures = []
    for path, words in PATHS.items():
        figures += count_and_mean(
            f"lead_time.{path}",
            f"Decided by {words} in the last 12 months",
            recent[recent["path"] == path],
            convention,
            "proposal.concluded.count" in attested,
            "raised",
        )
    return [at_least(measure, unstated, "whose path isn't stated") for measure in figures]


def by_path(cases: pd.DataFrame) -> pd.DataFrame:
    """Decided modifications summarised by path: a row for each path of which one is known.

    Returns
    -------
    pandas.DataFrame
        ``path`` (in words), ``decided``, and of raised to decided ``n`` (with both days), ``mean, median, median_low,
        median_high``; of raised to in force ``in_force`` (with both days) and ``mean_to_force``; ``remark``.
    """
    rows = []
    for path, words in [*PATHS.items(), (None, NO_PATH)]:
        of_path = cases[cases["path"].isna() if path is None else cases["path"] == path]
        to_decision, to_force = summarise(of_path["duration_wd"]), summarise(of_path["to_force_wd"])
        rows.append(
            {
                "path": sentence_case(words),
                "decided": len(of_path),
                "n": to_decision.n,
                "mean": to_decision.mean,
                "median": to_decision.median,
                "median_low": to_decision.median_low,
                "median_high": to_decision.median_high,
                "in_force": to_force.n,
                "mean_to_force": to_force.mean,
                "remark": "; ".join(
                    filter(
                        None,
                        [
                            FEW_CASES if to_decision.is_of_few or to_force.is_of_few else "",
                            OTHER_CASES
                            if to_decision.mean and to_force.mean and to_decision.n != to_force.n
                            else "",
                        ],
                    )
                ),
            }
        )
    every = pd.DataFrame(rows)
    return every[every["decided"] > 0].reset_index(drop=True)


def decided_cases(cases: pd.DataFrame) -> pd.DataFrame:
    """The modifications that `by_path` summarises, in its order: those of `decided`, with the path in words."""
    order = [*PATHS, NO_PATH]
    path = cases["path"].fillna(NO_PATH)
    in_order = cases.assign(place=path.map({key: place for place, key in enumerate(order)}), path=path)
    in_order = in_order.sort_values(["place", "concluded_on", "name"], ignore_index=True)
    words = {
        **{str(path): sentence_case(words) for path, words in PATHS.items()},
        NO_PATH: sentence_case(NO_PATH),
    }
    return in_order.assign(path=in_order["path"].map(words))
