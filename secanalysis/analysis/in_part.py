"""In force in part: what is in force of a modification while another part of it isn't."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.domain.vocabulary import ReleaseStatus
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once

PLANNED = (ReleaseStatus.TARGETED, ReleaseStatus.APPROVED)
"""Statuses of what is to come."""

IN_PART = "in force in part"
"""In place of *implemented*: documents, or one of several parts, and not the modification."""


@once
def is_in_part(register: ResolvedRegister) -> np.ndarray:
    """Which of `ResolvedRegister.implementations` put a modification into force in part only.

    Those are all but its last, and the last too where a part is named for a release and never stated to be in force.
    """
    done = register.implementations
    is_last = done["day"] == done.groupby("name")["day"].transform("max")
    parts_left = done["name"].isin(_planned_parts_not_in_force(register))
    return (~is_last | parts_left).to_numpy()


@once
def items_in_part(register: ResolvedRegister) -> frozenset[str]:
    """The ``item`` of each implementation in part, by which statements name it."""
    return frozenset(register.implementations.loc[is_in_part(register), "item"])


def status_in_words(register: ResolvedRegister, items: pd.DataFrame) -> pd.Series:
    """The status of release items, `IN_PART` where that is what *implemented* means.

    Parameters
    ----------
    register
        What is known.
    items
        ``name, release, part, status``.
    """
    item = items["name"] + "|" + items["release"].fillna("") + "|" + items["part"].fillna("")
    done = items["status"] == ReleaseStatus.IMPLEMENTED
    return items["status"].mask(done & item.isin(items_in_part(register)), IN_PART)


def moves_in_words(register: ResolvedRegister, moves: pd.DataFrame) -> pd.DataFrame:
    """Rows of `releases.history` with their status as `status_in_words` has it."""
    named = moves["item"].str.extract(r"^(?P<name>\S+)(?: \((?P<part>.*)\))?$")
    return moves.assign(status=status_in_words(register, moves[["release", "status"]].join(named)))


def _planned_parts_not_in_force(register: ResolvedRegister) -> pd.Series:
    """The modification of each part that is named for a release and never stated to be in force."""
    items = register.shown_on("release_items", register.release_item_statements, None)
    planned = items[items["status"].isin(PLANNED) & items["part"].notna()]
    if planned.empty:
        return planned["name"]
    done = items[items["status"] == ReleaseStatus.IMPLEMENTED]
    same_part = (planned["name"] + "|" + planned["part"]).isin(done["name"] + "|" + done["part"].fillna(""))
    whole = done[done["part"].isna()]
    same_release = (planned["name"] + "|" + planned["release"].fillna("")).isin(
        whole["name"] + "|" + whole["release"].fillna("")
    )
    return planned.loc[~same_part & ~same_release, "name"]
