"""What the sections of a view have in common: each holds the figures, frames, tables and charts of one subject."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from secanalysis.analysis import reference_names
from secanalysis.domain.figures import rounded
from secanalysis.views.tables import FigureTable
from secanalysis.views.view import View

OF_REFERENCES = ("ref", "unit", "name", "item")
"""Columns of frames that hold references."""


class Section:
    """One subject of a view; its tables and charts are methods.

    Attributes
    ----------
    view
        The view that it belongs to.
    register, clock, convention
        Those of the view.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.register, self.clock, self.convention = view.register, view.clock, view.convention

    def as_called(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with its modifications under the references of the view's day, as `reference_names` gives them."""
        day = self.clock.report_date
        columns = [name for name in OF_REFERENCES if name in frame]
        return frame.assign(
            **{name: reference_names.shown(self.register, frame[name], day) for name in columns}
        )


class FigureSection(Section):
    """A section with figures, which it shows when displayed."""

    _CAPTION: str
    _PREFIXES: tuple[str, ...]
    """What the keys of its figures begin with."""

    @cached_property
    def figures(self) -> FigureTable:
        """The subject's figures; ``figures["key"]`` opens one to its rows and their sources."""
        return self.view.show(self._CAPTION, *self._PREFIXES)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.figures._repr_mimebundle_()

    def __repr__(self) -> str:
        return repr(self.figures)


def in_percent(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """A frame with columns of shares (0 to 1) as people read them: in per cent, to one decimal."""
    shares = frame[[*columns]].astype("float64")
    return frame.assign(**{column: shares[column].map(_percent, na_action="ignore") for column in columns})


def _percent(share: float) -> float:
    return float(100 * rounded(share, 3))
