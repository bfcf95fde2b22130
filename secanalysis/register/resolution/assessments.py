"""Assessments: which statements are of one, within and across sources."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import AssessmentState
from secanalysis.register.resolution.ranking import first_stated, overruled, ranked
from secanalysis.support.integer_codes import combined, first_rows

RETURNED_WITHIN_WD = 3
ASSESSMENT_DAYS = ("requested_on", "accepted_on", "returned_on")


def resolved(statements: pd.DataFrame, sources: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which statements of assessments are one assessment.

    Parameters
    ----------
    statements, sources
        `schemas.Assessments`, `schemas.Sources`.

    Returns
    -------
    resolved
        One row an assessment: ``assessment_id, ref`` (root), ``kind, requested_on, accepted_on,
        returned_on, target_wd, attested_on`` (the last day on which a source calls it open).
    statements
        The statements with their ``assessment_id``.

    Notes
    -----
    Never merged within a source. Across sources one to one, by root reference and kind: the same
    accepted day; returned days within three working days, nearest first; a request joins the first
    later accepted (else returned) day; a return joins the latest earlier open acceptance.
    """
    stated = ranked(statements, sources)
    stated["assessment_id"] = _assessment_ids(stated)
    group, ids = pd.factorize(stated["assessment_id"], sort=True)
    facts = {"ref": "root", "kind": "kind"} | {name: name for name in (*ASSESSMENT_DAYS, "target_wd")}
    resolved = pd.DataFrame(
        {name: first_stated(stated[column], group, len(ids)) for name, column in facts.items()}
    )
    resolved.insert(0, "assessment_id", ids)
    is_returned = stated["state"] == AssessmentState.RETURNED
    open_on = stated["state_on"].where(stated["returned_on"].isna() & ~is_returned)
    resolved["attested_on"] = open_on.groupby(group).max()
    said_returned = np.zeros(len(ids), dtype=bool)
    said_returned[group[is_returned.to_numpy()]] = True
    resolved["returned_undated"] = said_returned & resolved["returned_on"].isna()
    return resolved, stated


def conflicts(statements: pd.DataFrame) -> pd.DataFrame:
    """What `resolved` settled."""
    columns = (*ASSESSMENT_DAYS, "target_wd")
    return pd.concat(
        [
            overruled(statements, "assessments", "assessment_id", column, statements["kind"] + " " + column)
            for column in columns
        ],
        ignore_index=True,
    )


def _assessment_ids(statements: pd.DataFrame) -> pd.Series:
    """Number the assessments: by equal days first, then pairing what is left across sources."""
    requested, accepted, returned = (_days_as_text(statements[column]) for column in ASSESSMENT_DAYS)
    of_kind = statements["root"] + "|" + statements["kind"] + "|"
    anchor = ("a" + accepted).where(accepted != "", ("r" + returned).where(returned != ""))
    source, of = pd.factorize(statements["source_id"])[0], pd.factorize(of_kind)[0]
    anchored = _numbered(of, pd.factorize(anchor)[0] + 1)
    row = _numbered(*(pd.factorize(days)[0] for days in (requested, returned)))
    each = _numbered(source, of, row, pd.factorize(accepted)[0])
    nth = pd.Series(each).groupby(each).cumcount().astype("str")
    # one source's different rows of one day are different assessments: then the whole row is the key
    several = _of_groups(anchored, _varies(row, _numbered(source, anchored)))
    alone = "x" + statements["source_id"] + "|" + statements["locator"]
    day = anchor.where(~several, anchor + "|" + returned + "|" + requested)
    key = of_kind + (day + "|" + nth).fillna(alone)
    unsettled = _varies(source, of) & _varies(pd.factorize(key)[0], of)
    renamed: dict[str, str] = {}
    if unsettled.any():
        few = statements[[*ASSESSMENT_DAYS, "source_id", "state", "state_on"]].assign(
            of_kind=of_kind, key=key
        )[unsettled]
        for _, group in few.groupby("of_kind", sort=True):
            renamed |= _pair_across_sources(group)
    return key.replace(renamed) if renamed else key


def _days_as_text(days: pd.Series) -> pd.Series:
    """Days as YYYYMMDD, each different one written once; blank where there is none."""
    codes, different = pd.factorize(days)
    texts = pd.Series([*pd.DatetimeIndex(different).strftime("%Y%m%d"), ""], dtype="str")
    return texts.take(codes).set_axis(days.index)


def _numbered(*keys: np.ndarray) -> np.ndarray:
    """Number the different combinations of some numbers from 0, in the order in which they come."""
    numbers = keys[0]
    for key in keys[1:]:
        numbers = pd.factorize(combined(numbers, key))[0]
    return numbers


def _varies(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Whether the group of each row holds more than one value."""
    first = values[first_rows(group, int(group.max(initial=-1)) + 1)]
    return _of_groups(group, values != first[group])


def _of_groups(group: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Whether the group of each row has one of some rows."""
    has_some = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    has_some[group[some]] = True
    return has_some[group]


@dataclass
class _Assessment:
    """What some statements say of one assessment, and which sources make them."""

    sources: set[str]
    requested: pd.Timestamp | None
    accepted: pd.Timestamp | None
    returned: pd.Timestamp | None
    seen_open: pd.Timestamp | None

    def take(self, other: _Assessment) -> None:
        """Add what another's statements say."""
        self.sources |= other.sources
        self.requested = self.requested or other.requested
        self.accepted = self.accepted or other.accepted
        self.returned = self.returned or other.returned
        self.seen_open = max(filter(None, (self.seen_open, other.seen_open)), default=None)


def _pair_across_sources(group: pd.DataFrame) -> dict[str, str]:
    """Join the assessments of one modification and kind that different sources state.

    A loop, but only over the few of one modification that equal days did not settle.
    """
    of_key: dict[str, _Assessment] = {}
    for key, stated in zip(group["key"], _each_stated(group), strict=True):
        of_key.setdefault(key, _Assessment(set(), None, None, None, None)).take(stated)
    order = list(of_key)
    candidates = []
    for i, a in enumerate(order):
        for j, b in enumerate(order):
            if i != j and (cost := _kinship(of_key[a], of_key[b])) is not None:
                candidates.append((*cost, i, j))
    joined = {key: key for key in order}
    for *_, i, j in sorted(candidates):
        a, b = joined[order[i]], joined[order[j]]
        if a == b or of_key[a].sources & of_key[b].sources or _kinship(of_key[a], of_key[b]) is None:
            continue
        keep, drop = (a, b) if order.index(a) < order.index(b) else (b, a)
        of_key[keep].take(of_key[drop])
        joined = {key: keep if value == drop else value for key, value in joined.items()}
    return {key: value for key, value in joined.items() if key != value}


def _each_stated(rows: pd.DataFrame) -> list[_Assessment]:
    """What each statement says alone."""
    seen_open = rows["state_on"].where(rows["state"] == AssessmentState.OPEN)
    days = [*(rows[column] for column in ASSESSMENT_DAYS), seen_open]
    stated = (day.astype("object").where(day.notna(), None) for day in days)
    return [
        _Assessment({source}, *of_row) for source, *of_row in zip(rows["source_id"], *stated, strict=True)
    ]


def _kinship(a: _Assessment, b: _Assessment) -> tuple[int, int] | None:
    """Whether ``b`` can be the same assessment as ``a``, and how near: (rule, days apart)."""
    if a.accepted and b.accepted and a.accepted != b.accepted:
        return None
    if a.returned and b.returned:
        low, high = sorted([a.returned, b.returned])
        apart = int(np.busday_count(np.datetime64(low, "D"), np.datetime64(high, "D")))
        return (0, apart) if apart <= RETURNED_WITHIN_WD else None
    if a.accepted and b.accepted:
        return (0, 0)
    if a.returned and not a.accepted and b.accepted and b.accepted <= a.returned:
        # the acceptances still open then; the latest of them is the nearest
        was_open = b.seen_open is None or b.seen_open <= a.returned
        return (1, (a.returned - b.accepted).days) if was_open else None
    if a.requested and not a.accepted and not a.returned and not b.requested:
        goal = b.accepted or b.returned
        if goal and goal >= a.requested:
            return (2, (goal - a.requested).days)
    return None
