"""References: the same number is the same modification."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secanalysis.domain import references

REFS = {  # as written: (the modification, the modification or part)
    "DP136": ("MP136", "MP136"),
    "MP136": ("MP136", "MP136"),
    "SECMP0136": ("MP136", "MP136"),
    "SECMP0007": ("SECMP0007", "SECMP0007"),
    "MP007": ("SECMP0007", "SECMP0007"),
    "SECMP0068": ("SECMP0068", "SECMP0068"),
    "DP069": ("MP069", "MP069"),
    "SECMP0071": ("MP071", "MP071"),
    "MP102A": ("MP102", "MP102A"),
    "SECMP0007B": ("SECMP0007", "SECMP0007B"),
}


@pytest.mark.parametrize("ref", REFS)
def test_names(ref: str) -> None:
    refs = pd.Series([ref], dtype="str")
    assert (references.root(refs)[0], references.name(refs)[0]) == REFS[ref]


def test_index_and_blanks_are_kept() -> None:
    refs = pd.Series(["MP102A", None, "MP102A", "DP001"], index=[9, 7, 5, 3], dtype="str")
    assert references.name(refs).fillna("?").to_dict() == {9: "MP102A", 7: "?", 5: "MP102A", 3: "SECMP0001"}
    assert references.root(refs).fillna("?").to_dict() == {9: "MP102", 7: "?", 5: "MP102", 3: "SECMP0001"}
    assert references.root(refs.iloc[:0]).empty


@given(st.integers(0, 999), st.sampled_from(["", "A", "B"]))
def test_a_name_names_itself(number: int, part: str) -> None:
    """Renaming twice is renaming once, and numbers are written the same everywhere."""
    once = references.name(pd.Series([f"DP{number:03}{part}"], dtype="str"))
    assert references.name(once).equals(once)
    assert references.root(once)[0] == references.written(pd.Series([number], dtype="Int64"))[0]
