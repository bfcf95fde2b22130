"""How a modification is called on a day: the one place that gives the reference that pages of a month show.

Inside the package MP136 names a modification whatever its prefix was, and a fact of a split one belongs to whoever it
was of on its own day. People know it by the reference of the report's day: DP136 until it is converted, MP122 until
it is split.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from secanalysis.analysis.stage_rules import PAST_DEVELOPMENT
from secanalysis.domain import references
from secanalysis.domain.vocabulary import Event, LineageKind, Precision, PublishedPrecision
from secanalysis.register.resolution.ranking import effective_day
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once

_ITEM = r"^(?P<name>[A-Z]+[0-9]+[A-Z]?)(?P<rest>.*)$"


def shown(register: ResolvedRegister, names: pd.Series, day: date) -> pd.Series:
    """The references by which modifications and parts are known on a day.

    Parameters
    ----------
    register
        What is known.
    names
        References; what follows one, such as a part in brackets, stays.
    day
        The report's.

    Returns
    -------
    pandas.Series
        DP136 while it isn't known to be converted, the parent before a split; after it a fact of the parent
        is of all its parts: MP122A and MP122B.
    """
    different = pd.Series(names.dropna().unique(), dtype="str")
    by_name = different.map(_called(register, day)).set_axis(different)
    others = different[by_name.isna().to_numpy()]
    if len(others):  # as a source writes it, or with a part in brackets
        matched = others.str.extract(_ITEM)
        units = references.name(matched["name"].dropna())
        called = units.map(_called(register, day)).fillna(units) + matched["rest"]
        by_name[others] = called.reindex(others.index).fillna(others).to_numpy()
    return looked_up(names, by_name).set_axis(names.index)


@once
def _called(register: ResolvedRegister, day: date) -> pd.Series:
    """The reference of every modification and part on a day, by name."""
    named = register.named
    names = pd.Series(pd.concat([named["name"], named["root"]]).unique(), dtype="str")
    unit = register.unit_of(names, pd.Series(pd.Timestamp(day), index=names.index))
    return looked_up(unit, _renamed(register, day)).fillna(unit).set_axis(names)


def renamed(register: ResolvedRegister, names: Collection[str], day: date) -> dict[str, str]:
    """Those of some references that go by another one on a day, with that one."""
    known = _asked_for(register, day)
    if asked := sorted(set(names).difference(known)):
        own = pd.Series(asked, dtype="str")
        known.update(zip(own, shown(register, own, day), strict=True))
    return {name: called for name in sorted(names) if (called := known[name]) != name}


@once
def _asked_for(register: ResolvedRegister, day: date) -> dict[str, str]:
    """What each reference that was asked for is on a day: a month's figures ask for each of them again and again."""
    return {}


@once
def _renamed(register: ResolvedRegister, day: date) -> pd.Series:
    """The references of those that go by another one on a day than their own, by name."""
    on = pd.Timestamp(day)
    split = register.split_days[register.split_days <= on].index
    parts = register.parts[register.parts["root"].isin(split)].sort_values("name")
    of_parts = parts.groupby("root")["name"].agg(" and ".join)
    drafts = _drafts(register)
    converted = _converted_on(register)
    still = drafts[~(looked_up(drafts, converted) <= on).to_numpy()]
    draft = ("DP" + still.str.removeprefix("MP")).set_axis(still)
    return pd.concat([of_parts, draft[~draft.index.isin(of_parts.index)]]).astype("str")


@once
def _drafts(register: ResolvedRegister) -> pd.Series:
    """Modifications that any source names as a Draft Proposal."""
    tables = register.tables
    refs = [frame["ref"] for name, frame in tables.items() if name != "sources" and "ref" in frame]
    written = pd.concat([*refs, tables["lineage"]["earlier_ref"]], ignore_index=True).dropna()
    written = pd.Series(written.unique(), dtype="str")
    roots = references.root(written[written.str.startswith("DP")])
    return pd.Series(sorted(set(roots)), dtype="str")


@once
def _converted_on(register: ResolvedRegister) -> pd.Series:
    """The day by which each modification was converted: as stated, else the first on which it is past it.

    Past it is what only a Modification Proposal does, what is in force, and what a dated source names with another
    prefix.
    """
    events, lineage = register.events, register.tables["lineage"]
    conversions = lineage[lineage["kind"] == LineageKind.CONVERTED]
    stated = pd.concat(
        [
            _by_root(events[events["event"] == Event.CONVERTED], "day"),
            _by_root(
                conversions.assign(
                    root=references.root(conversions["ref"]),
                    day=effective_day(conversions["on"], conversions["precision"]),
                ),
                "day",
            ),
        ]
    )
    past = events[events["event"].isin(PAST_DEVELOPMENT) & (events["precision"] != Precision.NOT_BEFORE)]
    done = register.implementations
    done = done[done["precision"] != Precision.NOT_BEFORE]
    shown_later = pd.concat([_by_root(past, "day"), _by_root(done, "day"), _named_otherwise(register)])
    first = (days.groupby(level=0).min() for days in (stated, shown_later))
    stated_first, shown_first = first
    return stated_first.combine_first(shown_first)


def _by_root(rows: pd.DataFrame, day: str) -> pd.Series:
    return rows.dropna(subset=[day]).set_index("root")[day].astype("datetime64[us]")


def _named_otherwise(register: ResolvedRegister) -> pd.Series:
    """The days of the dated sources that name a modification without the prefix of a Draft Proposal."""
    sources = register.sources
    exact = sources[sources["published_precision"] == PublishedPrecision.DAY].set_index("source_id")
    frames = [
        frame[["ref", "source_id"]]
        for name, frame in register.tables.items()
        if name not in ("sources", "lineage") and "ref" in frame
    ]
    named = pd.concat(frames, ignore_index=True).dropna().drop_duplicates()
    named = named[named["source_id"].isin(exact.index) & ~named["ref"].str.startswith("DP")]
    drafts = _drafts(register)
    named = named.assign(root=references.root(named["ref"]))
    named = named[named["root"].isin(drafts)]
    return looked_up(named["source_id"], exact["published_on"]).set_axis(named["root"])
