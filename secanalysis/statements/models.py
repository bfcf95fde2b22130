"""The tables as Pandera models, made of their declarations where something is validated.

Pandera's import takes as long as pandas', and who only reads what is built already needs none of it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera import extensions

from secanalysis.domain import references
from secanalysis.statements import schemas

__all__ = ["model"]


@extensions.register_check_method()  # type: ignore[untyped-decorator]
def is_reference(values: pd.Series) -> pd.Series:
    """Whether each is a reference of the project's code."""
    return values.str.fullmatch(references.pattern()).fillna(False).astype(bool)


@cache
def model(table: str) -> type[pa.DataFrameModel]:
    """The Pandera model of a table.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    of = schemas.FILES[table]
    content: dict[str, Any] = {
        "__doc__": of.__doc__,
        "__module__": of.__module__,
        "__annotations__": schemas.types_of(of),
        "Config": type("Config", (), {"strict": True, "ordered": True, "unique": of.unique}),
    }
    for name, column in schemas.declared(of).items():
        content[name] = pa.Field(description=column.description, nullable=not column.stated, **column.rules)
    for name, rule in vars(of).items():
        if isinstance(rule, schemas.Rule):
            content[name] = pa.dataframe_check(name=rule.name, error=rule.error)(rule.kept)
    return type(of.__name__, (pa.DataFrameModel,), content)
