"""How modifications ended of which a source says so, and none on which day."""

from __future__ import annotations

from typing import Any

from secanalysis.domain.vocabulary import Event, Precision, Stage
from secanalysis.register.resolved import ResolvedRegister


def ended_without_a_day(register: ResolvedRegister) -> dict[str, dict[str, Any]]:
    """Modifications and parts that are over, on a day that isn't known: ``stage, body, rows`` by name.

    Withdrawn and implemented are for good, whenever it was. A rejection may be referred, so without a day it says
    nothing of what followed, and isn't among them.

    Parameters
    ----------
    register
        What is known.
    """
    events = register.event_statements
    seen = events["stage"].where(events["event"] == Event.OBSERVED)
    stage = seen.mask(events["event"] == Event.WITHDRAWN, Stage.WITHDRAWN.value)
    without_a_day = events["day"].isna() | (events["precision"] == Precision.NOT_BEFORE)
    which = without_a_day & stage.isin([Stage.IMPLEMENTED, Stage.WITHDRAWN])
    columns = events.loc[which, ["name", "body", "source_id", "locator"]].assign(stage=stage[which])
    ended: dict[str, dict[str, Any]] = {}
    for name, body, *key, of_row in (
        columns.astype(object).where(columns.notna(), None).itertuples(index=False)
    ):
        record = ended.setdefault(str(name), {"stage": of_row, "body": body, "rows": []})
        if record["stage"] == of_row:
            record["body"] = record["body"] or body
            record["rows"].append(("events", *key))
    return ended
