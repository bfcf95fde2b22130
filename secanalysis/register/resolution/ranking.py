"""Which of several statements is believed: by its source, by how precise its day is, and what it overrules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from secanalysis.domain import references
from secanalysis.domain.vocabulary import Precision, PublishedPrecision, SourceKind
from secanalysis.support.integer_codes import coded, places, places_of_texts

CONFLICT_COLUMNS = ["table", "ref", "about", "kept", "kept_source", "other", "other_source"]
_RANK = {kind.value: rank for rank, kind in enumerate(SourceKind)}
_PRECISION_RANK: dict[str, int] = {
    Precision.DAY: 0,
    Precision.MONTH: 1,
    Precision.BY: 2,
    Precision.NOT_BEFORE: 3,
}
_LOOSENESS: dict[str, int] = {Precision.DAY: 0, Precision.MONTH: 0, Precision.BY: 1, Precision.NOT_BEFORE: 2}


def ranked(statements: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add how far each statement's source is believed, and sort by it and the rows' keys.

    A published report wins over a register's export, that over a release's page, and so on in the
    order of `vocabulary.SourceKind`; among reports the latest wins. The order doesn't depend on the
    order of the rows.
    """
    codes, different = pd.factorize(statements["source_id"])
    stating = _ranked_sources(different, sources)
    keys = pa.table({"place": stating["place"].to_numpy()[codes], "locator": statements["locator"]})
    order = pc.sort_indices(keys, sort_keys=[("place", "ascending"), ("locator", "ascending")]).to_numpy()
    codes = codes[order]
    in_order = pd.DataFrame({name: of_rows(values, order) for name, values in statements.items()})
    in_order["rank"] = stating["rank"].array.take(codes)
    in_order["age"] = stating["age"].to_numpy()[codes]
    in_order["root"], in_order["name"] = references.roots_and_names(in_order["ref"])
    return in_order


def of_rows(values: pd.Series, rows: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """The values of some rows.

    Where all are one text, as those of one source, it isn't held a second time.
    """
    alike = isinstance(values.dtype, pd.StringDtype) and len(values) > 0 and values.iloc[0] == values.iloc[-1]
    if alike and len(rows) <= len(values) and (values == values.iloc[0]).all():
        return values.array[: len(rows)]
    return values.array.take(rows)


def _ranked_sources(source_ids: pd.Index, sources: pd.DataFrame) -> pd.DataFrame:
    """How far some sources are believed: ``rank, age``, and each one's ``place`` in the order of both."""
    at = pd.Index(sources["source_id"]).get_indexer(source_ids)
    days = sources["published_on"].to_numpy().astype("datetime64[D]")
    dated = (sources["published_precision"] == PublishedPrecision.DAY).to_numpy() & ~np.isnat(days)
    age = np.append(np.where(dated, -days.astype("int64"), 0), 0)[at]
    unknown = len(_RANK)
    rank = np.append(coded(sources["kind"], _RANK, unknown), unknown)[at].astype("int64")
    order = np.lexsort((places_of_texts(source_ids), age, rank))
    ranks = pd.arrays.IntegerArray(rank, rank == unknown)
    return pd.DataFrame({"rank": ranks, "age": age, "place": places(order)})


def effective_day(on: pd.Series, precision: pd.Series) -> pd.Series:
    """The day on which a dated fact counts: a month's on its last day, all others on their own."""
    months = precision == Precision.MONTH
    return on.where(~months, on + pd.offsets.MonthEnd(0)) if months.any() else on


def best_day_first(statements: pd.DataFrame, key: np.ndarray) -> np.ndarray:
    """The places of ranked statements of each thing in the order in which their days are believed.

    Parameters
    ----------
    statements
        Statements, ranked.
    key
        The number of the thing that each is about.
    """
    loose, exact = (coded(statements["precision"], ranks) for ranks in (_LOOSENESS, _PRECISION_RANK))
    rank = statements["rank"].to_numpy(dtype="int64", na_value=len(_RANK))
    return np.lexsort((statements["on"].to_numpy(), exact, statements["age"].to_numpy(), rank, loose, key))


def first_stated(values: pd.Series, group: np.ndarray, groups: int) -> pd.api.extensions.ExtensionArray:
    """The first value of each group that isn't blank: a blank never hides another's word.

    Parameters
    ----------
    values
        One per row, of ranked statements.
    group
        The group of each row, numbered from 0.
    groups
        How many there are.
    """
    rows = np.flatnonzero(values.notna().to_numpy())[::-1]
    place = np.full(groups, -1)
    place[group[rows]] = rows
    return values.array.take(place, allow_fill=True)


def overruled(order: pd.DataFrame, table: str, key: str, column: str, about: pd.Series) -> pd.DataFrame:
    """Statements of one thing whose stated values differ from the one that won.

    Parameters
    ----------
    order
        Statements, of each thing the one that wins first.
    table
        The name of their table.
    key
        The column that says which thing each is about.
    column
        The column whose values are compared.
    about
        What is said to be settled, in words, by statement.

    Returns
    -------
    pandas.DataFrame
        `CONFLICT_COLUMNS`.
    """
    stated = order.dropna(subset=[column])
    winner = stated.drop_duplicates(key).set_index(key)
    kept = winner[column].reindex(stated[key]).to_numpy()
    kept_source = winner["source_id"].reindex(stated[key]).to_numpy()
    differs = stated[column].to_numpy() != kept
    lost = stated[differs]
    return pd.DataFrame(
        {
            "table": table,
            "ref": lost["name"],
            "about": about.reindex(lost.index),
            "kept": _text(pd.Series(kept[differs], index=lost.index)),
            "kept_source": kept_source[differs],
            "other": _text(lost[column]),
            "other_source": lost["source_id"],
        },
        columns=CONFLICT_COLUMNS,
    ).drop_duplicates(ignore_index=True)


def _text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d")
    return values.astype("str")
