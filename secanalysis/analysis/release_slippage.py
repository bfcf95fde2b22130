"""How far plans slipped: modifications' days in force against the first release planned for each."""

from __future__ import annotations

from datetime import date

import pandas as pd

from secanalysis.analysis.in_part import PLANNED, is_in_part
from secanalysis.analysis.release_dates import dates, planned_days
from secanalysis.analysis.releases import item_names
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once


@once
def slippage(register: ResolvedRegister, day: date) -> pd.DataFrame:
    """Each implemented modification's day in force against the first release planned for it.

    Parts go by themselves: a part's day is held against the plan for that part. A plan for a part says nothing of
    the whole, nor one for the whole of a part. So a modification of which a part is still to come hasn't slipped
    by a number of days yet: it is in force in part, since the first part was.

    Parameters
    ----------
    day
        Only what had happened by then, that day included.

    Returns
    -------
    pandas.DataFrame
        ``name, title, part, in_part`` (whether it is a modification in force in part only), ``first_release,
        first_planned_on, release, in_force_on, slip_days`` (calendar days; negative is earlier). Without a plan's day
        the slip is missing.
    """
    plans = register.release_item_statements.dropna(subset=["release"])
    plans = plans[plans["status"].isin(PLANNED)]
    seen = looked_up(plans["source_id"], register.sources.set_index("source_id")["published_on"])
    stated_on = plans["day"].fillna(seen)
    planned = plans["planned_on"].fillna(_planned_then(register, plans["release"], stated_on))
    # a plan without a date was stated before its release came
    stated_on = stated_on.fillna(looked_up(plans["release"], planned_days(register)))
    plans = plans.assign(day=stated_on, planned=planned)
    order = ["day", "rank", "source_id", "locator"]
    plans = plans[stated_on <= pd.Timestamp(day)].sort_values(order)
    first = plans.set_index(item_names(plans))[["release", "planned"]]
    first = first[~first.index.duplicated()]
    in_force = _in_force(register, day)
    plan = item_names(in_force)
    slips = pd.DataFrame(
        {
            "name": in_force["name"],
            "title": register.title_of(in_force["name"]),
            "part": in_force["part"],
            "in_part": in_force["in_part"],
            "first_release": looked_up(plan, first["release"]),
            "first_planned_on": looked_up(plan, first["planned"]),
            "release": in_force["release"],
            "in_force_on": in_force["day"],
        }
    )
    late = (slips["in_force_on"] - slips["first_planned_on"]).dt.days.astype("Int64")
    slips["slip_days"] = late.mask(slips["in_part"])
    return slips.sort_values(["name", "in_force_on"], kind="stable", ignore_index=True)


def _in_force(register: ResolvedRegister, day: date) -> pd.DataFrame:
    """Parts in force, and modifications: on their last day, or in force in part since their first one."""
    done = register.implementations.assign(in_part=is_in_part(register))
    done = done[done["day"] <= pd.Timestamp(day)].sort_values(["name", "day", "item"])
    last = done[~item_names(done).duplicated(keep="last")]
    parts, whole = last[last["part"].notna()], last[last["part"].isna() & ~last["in_part"]]
    partly = done[done["in_part"]].drop_duplicates("name")
    partly = partly[~partly["name"].isin(done.loc[~done["in_part"], "name"])].assign(part=None)
    in_force = pd.concat([parts.assign(in_part=False), partly, whole], ignore_index=True)
    return in_force.astype({"part": "str"})


def _planned_then(register: ResolvedRegister, releases: pd.Series, days: pd.Series) -> pd.Series:
    """The day planned for each release as of some days; its first one where a day is missing."""
    stated = dates(register).dropna(subset=["planned_on"])
    first = stated.drop_duplicates("release").set_index("release")["planned_on"]
    asked = pd.DataFrame({"release": releases, "asked_on": days, "row": range(len(releases))})
    pairs = asked.merge(stated[["release", "stated_on", "planned_on"]], on="release")
    pairs = pairs[~(pairs["stated_on"] > pairs["asked_on"]) & pairs["asked_on"].notna()]
    latest = pairs.sort_values(["stated_on", "row"], na_position="first", kind="stable").groupby("row")
    then = latest["planned_on"].last().reindex(range(len(releases))).set_axis(releases.index)
    return then.fillna(looked_up(releases, first))
