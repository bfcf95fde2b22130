"""Open stages in which sources see modifications, on no day that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from secanalysis.analysis.stage_rules import FINAL
from secanalysis.domain.vocabulary import STAGES, Event, Precision
from secanalysis.register.resolved import ResolvedRegister

_ORDER = {stage: place for place, stage in enumerate(STAGES)}


def stated_without_a_day(
    register: ResolvedRegister, held: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """Stages that a source states without saying from when, later in the process than any that is dated.

    Such a stage is known on no day, so no month counts it. It is what was last stated of the modification all the same.

    Parameters
    ----------
    register
        What is known.
    held
        The ``stage`` of each interval of each modification, by name.

    Returns
    -------
    dict
        By name, ``stage, on`` (the day on which, or later, it was so; None where no source gives any) and ``rows``.
    """
    events = register.event_statements
    seen = (events["event"] == Event.OBSERVED) & ~events["stage"].isin(FINAL)
    seen &= events["on"].isna() | (events["precision"] == Precision.NOT_BEFORE)
    columns = events.loc[seen, ["name", "stage", "on", "source_id", "locator"]].sort_values("on")
    stated: dict[str, dict[str, Any]] = {}
    for name, stage, on, *key in columns.astype(object).where(columns.notna(), None).itertuples(index=False):
        dated = [_ORDER[interval["stage"]] for interval in held.get(str(name), ())]
        if _ORDER[stage] <= max(dated, default=-1):
            continue
        record = stated.get(str(name))
        if record is None or _ORDER[stage] > _ORDER[record["stage"]]:
            record = stated[str(name)] = {"stage": stage, "on": None, "rows": []}
        if record["stage"] == stage:
            record["on"] = f"{on:%Y-%m-%d}" if on is not None else record["on"]
            record["rows"].append(("events", *key))
    return stated
