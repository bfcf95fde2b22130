"""JSON in lines: the bytes that Python's own encoder gives."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secanalysis.support import indented_json

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


class Word(StrEnum):
    OPEN = "open"


def by_python(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


@given(VALUES)
def test_it_is_what_python_gives(value: Any) -> None:
    assert indented_json.dumps(value) == by_python(value)


def test_subclasses_and_tuples() -> None:
    value = {Word.OPEN: (Word.OPEN, (), {}), "a\u2028\n": [[], [[]], -0.0, 10**30, True]}
    assert indented_json.dumps(value) == by_python(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_has_not_is_refused_where_asked(number: float) -> None:
    assert indented_json.dumps([number]) == by_python([number])
    with pytest.raises(ValueError, match="JSON"):
        indented_json.dumps([number], allow_nan=False)


@pytest.mark.parametrize("value", [{1: 2}, {"a": object()}, {None: 1}])
def test_what_it_is_not_made_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        indented_json.dumps(value)
