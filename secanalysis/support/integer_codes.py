"""Codes: numbers in place of words and keys, by which millions of rows are compared, sorted and looked up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def coded(words: pd.Series, numbers: Mapping[str, int], blank: int | None = None) -> np.ndarray:
    """The number of each word.

    Parameters
    ----------
    words
        The words; different ones are looked at once.
    numbers
        The number of each of them.
    blank
        The number where a word is missing or has none; one more than the highest if not given.
    """
    codes, different = pd.factorize(words)
    other = max(numbers.values()) + 1 if blank is None else blank
    return np.array([*(numbers.get(word, other) for word in different), other], dtype="int8")[codes]


def as_words(numbers: Mapping[str, int], codes: pd.Series | np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Numbers as the words that they stand for; missing where unstated.

    Parameters
    ----------
    numbers
        The number of each word, from 0 in their order.
    codes
        Numbers of such words.
    """
    return pd.array([*numbers], dtype="str").take(np.asarray(codes, dtype="int64"), allow_fill=True)


def combined(*parts: np.ndarray) -> np.ndarray:
    """One number for several of each row, in the order of the first, then the second, and so on.

    Parameters
    ----------
    parts
        Numbers from 0, one per row.
    """
    numbers = parts[0].astype("int64")
    for part in parts[1:]:
        numbers = numbers * (int(part.max(initial=0)) + 1) + part
    return numbers


def places(order: np.ndarray) -> np.ndarray:
    """The place of each row in an order.

    Parameters
    ----------
    order
        The numbers of the rows in some order.
    """
    place = np.empty(len(order), dtype="int64")
    place[order] = np.arange(len(order))
    return place


def places_of_texts(texts: pd.Series | pd.Index, end: str = "") -> np.ndarray:
    """The place of each text among all, in their order.

    Parameters
    ----------
    texts
        Equal ones have the same place.
    end
        What each is compared with at its end.
    """
    codes, different = pd.factorize(texts)
    ended = pa.array(pd.Series(different, dtype="str") + end, pa.large_string())
    return places(pc.array_sort_indices(ended).to_numpy())[codes]


def first_rows(group: np.ndarray, groups: int) -> np.ndarray:
    """The first row of each group.

    Parameters
    ----------
    group
        The group of each row, numbered from 0.
    groups
        How many there are.
    """
    rows = np.empty(groups, dtype="int64")
    rows[group[::-1]] = np.arange(len(group))[::-1]
    return rows


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, by the index of ``values``; missing where there is none.

    Unlike ``Series.map`` it copes with values that are days and none at all.
    """
    return values.reindex(keys).set_axis(keys.index)
