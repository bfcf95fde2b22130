"""What is due and not confirmed: approved, the planned day has passed, and nothing has been stated since."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis import stages
from secanalysis.analysis.in_part import PLANNED
from secanalysis.analysis.release_dates import planned_days
from secanalysis.domain.vocabulary import Stage
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

DUE = "due, not confirmed"
"""In place of a stage: it was to be in force by now, and no source says that it is or isn't."""


@once
def due_not_confirmed(register: ResolvedRegister, day: date) -> pd.DataFrame:
    """Modifications that were pending implementation until a planned day, and of which nothing is known since.

    Parameters
    ----------
    register
        What is known.
    day
        A report's. Planned days before it have passed.

    Returns
    -------
    pandas.DataFrame
        ``name, title, release, planned_on, since, since_precision`` (of the approval), ``status`` (`DUE`).
    """
    on = pd.Timestamp(day)
    histories = stages.stages(register)
    now = histories.at(day)
    begun = histories.intervals[histories.intervals["since"] <= on]
    last = begun.drop_duplicates("unit", keep="last")
    pending = last[last["stage"] == Stage.PENDING_IMPLEMENTATION]
    unknown = now.loc[now["stage"].isna(), "unit"]
    pending = pending[pending["unit"].isin(unknown)]
    plans = register.release_item_statements
    plans = plans[plans["status"].isin(PLANNED)]
    planned_on = plans["planned_on"].fillna(looked_up(plans["release"], planned_days(register)))
    plans = plans.assign(planned_on=planned_on).dropna(subset=["planned_on"])
    plan = plans.sort_values(["planned_on", "release"]).drop_duplicates("name", keep="last").set_index("name")
    rows = pd.DataFrame(
        {
            "name": pending["unit"],
            "title": register.title_of(pending["unit"]),
            "release": looked_up(pending["unit"], plan["release"]),
            "planned_on": looked_up(pending["unit"], plan["planned_on"]),
            "since": pending["since"],
            "since_precision": pending["since_precision"],
            "status": DUE,
        }
    )
    return rows[rows["planned_on"] < on].reset_index(drop=True)
