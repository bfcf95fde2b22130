"""A figure: one number of one month, with all that a reader may ask of it.

A `Measure` is what a room works out from some statements: a value and the rows behind it. A `Figure` is
what a page states: the measure from all that is known, the same from the rows of the month's own
published report (the reprint), what that report published, and the verdict on the two.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from itertools import repeat
from typing import Any, NamedTuple, Self, overload

from secanalysis.domain.printed_numbers import number_of
from secanalysis.domain.vocabulary import Convention, Unit
from secanalysis.support.errors import UserError

_ANY_SIZE = Context(prec=400)  # more digits than the largest float has


class Verdict(StrEnum):
    """How a published figure compares with its reprint."""

    EQUAL = "equal"  # the same, to the published figure's decimals
    SCAN = "scan"  # one character that is easily misread turns the published figure into the reprint
    BLANK = "blank"  # not legible as published, calculated here
    DIFFERS = "differs"  # neither of these
    NOT_COMPUTABLE = "not computable"  # rows or dates are missing; the reason says which


class Row(NamedTuple):
    """Where a row is: its table and its key there. A tuple, as a large register has hundreds of thousands to sort."""

    table: str
    source_id: str
    locator: str


@dataclass(frozen=True)
class Measure:
    """A value and what it rests on.

    Attributes
    ----------
    key
        The figure's key, the same in every month and in published_figures.csv.
    label
        What it is, in words for people.
    value
        The number, or None where it isn't known; then ``reason`` says why.
    unit
        Count or WD.
    convention
        How working days were counted; None where nothing is counted in WD.
    n
        How many items are known behind the value, also where the value is None.
    coverage
        In words: how much of what the figure speaks of is known.
    rows
        The statements behind it.
    items
        The references that it counts, for saying which are known here and not there.
    """

    key: str
    label: str
    value: float | None
    unit: Unit = Unit.COUNT
    convention: Convention | None = None
    n: int | None = None
    coverage: str = ""
    reason: str = ""
    rows: tuple[Row, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A measure alongside its reprint and its published figure.

    Attributes
    ----------
    key, label, value, unit, convention, n, coverage, reason, rows
        As of the `Measure`; the reason also says why a published figure differs.
    reprint
        The same from the rows of the month's published report alone; None where they don't give it.
    printed
        The published figure, as published; blank where it isn't legible, None where there is none.
    verdict
        How the published figure compares with the reprint.
    others
        What only other sources than the month's published report record, by reference; the value may leave it out.
    """

    key: str
    label: str
    value: float | None
    reprint: float | None = None
    printed: str | None = None
    verdict: Verdict | None = None
    reason: str = ""
    unit: Unit = Unit.COUNT
    convention: Convention | None = None
    n: int | None = None
    coverage: str = ""
    rows: tuple[Row, ...] = ()
    others: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The figure as plain data: what ``figures.json`` holds under its key."""
        own = {name.name: getattr(self, name.name) for name in fields(Figure)}
        return {**own, "rows": [row._asdict() for row in self.rows]}

    @property
    def is_legible(self) -> bool:
        """Whether what was published is a number."""
        return self.printed is not None and number_of(self.printed) is not None

    @property
    def published(self) -> str:
        """What was published, for people: its own words, and whether they are no number."""
        if not self.printed:
            return "not legible"
        return self.printed if self.is_legible else f"{self.printed} (not legible)"

    @property
    def shown(self) -> str:
        """The value with its unit, for people; says so where it isn't known."""
        if self.value is None:
            known = f" ({self.n} known)" if self.n else ""
            return f"not known{known}"
        return f"{number(self.value)}{' WD' if self.unit is Unit.WD else ''}"

    def __repr__(self) -> str:
        more = [f"{self.key} = {self.shown}"]
        if self.convention:
            more.append(f"convention {self.convention}")
        if self.printed is not None:
            more.append(f"printed {self.printed or 'illegibly'}: {self.verdict}")
        more += [text for text in (self.coverage, self.reason) if text]
        return "; ".join(more) + f"; {len(self.rows)} rows"


class UnknownKey(UserError, KeyError):
    """A key that names nothing here; the message names those that are close to it."""

    def __init__(self, key: str, known: Iterable[str], what: str = "figure") -> None:
        key, keys = str(key), list(known)
        near = difflib.get_close_matches(key, keys, n=5, cutoff=0.5)
        near = near or [other for other in keys if other.split(".")[0] == key.split(".")[0]][:5]
        advice = (
            f"did you mean {' or '.join(near)}?" if near else f"expected one such as {', '.join(keys[:3])}"
        )
        super().__init__(f"no {what} {key!r} here: {advice if keys else 'there are none'}")

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show it in quotes


Placed = tuple[int, Figure]
"""A figure and where it is shown: the smaller its number the earlier, those of one number in their groups' order."""


class GroupedFigures(Sequence[Figure]):
    """Figures in groups, of which each is worked out when a figure that it may hold is asked for.

    Parameters
    ----------
    groups
        What works out a group's figures, by what their keys begin with.
    """

    def __init__(self, groups: Mapping[tuple[str, ...], Callable[[], Iterable[Placed]]]) -> None:
        self._groups = groups
        self._all: tuple[Figure, ...] | None = None

    def near(self, prefix: str) -> Sequence[Figure]:
        """The figures of all groups that may hold keys which begin so, in their order."""
        near = [of for of in self._groups if any(_overlap(prefix, beginning) for beginning in of)]
        return self if len(near) == len(self._groups) else self._of(near)

    def _of(self, groups: Iterable[tuple[str, ...]]) -> tuple[Figure, ...]:
        placed = [pair for of in groups for pair in self._groups[of]()]
        return tuple(figure for _, figure in sorted(placed, key=lambda pair: pair[0]))

    @property
    def whole(self) -> tuple[Figure, ...]:
        """All of them."""
        if self._all is None:
            self._all = self._of(self._groups)
        return self._all

    @overload
    def __getitem__(self, place: int) -> Figure: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Figure]: ...
    def __getitem__(self, place: int | slice) -> Figure | Sequence[Figure]:
        return self.whole[place]

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.whole == tuple(other)

    def __hash__(self) -> int:
        return hash(self.whole)


def _overlap(one: str, other: str) -> bool:
    """Whether some text begins with both."""
    return one.startswith(other) or other.startswith(one)


@dataclass(frozen=True)
class FigureSet:
    """Figures by key, in the order in which they are shown."""

    figures: Sequence[Figure] = field(default_factory=tuple)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def __contains__(self, key: object) -> bool:
        near = self._near(key.key if isinstance(key, Figure) else str(key))
        return any(key in (figure.key, figure) for figure in near)

    def __getitem__(self, key: str) -> Figure:
        for figure in self._near(str(key)):
            if figure.key == key:
                return figure
        raise UnknownKey(key, self.keys())

    def _near(self, prefix: str) -> Sequence[Figure]:
        """Those that must be looked at for keys which begin so."""
        return self.figures.near(prefix) if isinstance(self.figures, GroupedFigures) else self.figures

    def keys(self) -> list[str]:
        """The keys, in their order."""
        return [figure.key for figure in self.figures]

    def _ipython_key_completions_(self) -> list[str]:
        return self.keys()

    def starting(self, *prefixes: str) -> Self:
        """Those whose key begins with one of the prefixes, in the prefixes' order."""
        chosen = tuple(f for prefix in prefixes for f in self._near(prefix) if f.key.startswith(prefix))
        return replace(self, figures=chosen)


def number(value: float) -> str:
    """A number for people: thousands apart, at most one decimal."""
    short = rounded(value, 1)
    return f"{int(short):,}" if short == int(short) else f"{short:,.1f}"


def rounded(value: float, decimals: int) -> Decimal:
    """A value to so many decimals as people round: from its decimal digits, halves up (away from zero)."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _ANY_SIZE)


LONGEST_SLUG = 80


def plain_name(name: str) -> str:
    """A release's name without what makes no other release of it: case, blanks, the words *SEC Release*."""
    return " ".join(name.lower().replace(" sec release", "").replace(" release", "").split())


def key_slug(name: str) -> str:
    """A release's slug for keys and file names: 'November 2020 SEC Release' is ``november-2020``.

    Different names may share it: `release_names.release_slugs` distinguishes them.
    """
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in plain_name(name)).split()
    return "-".join(words)[:LONGEST_SLUG].rstrip("-") or "unnamed"


def rows_of(table: str, frame: Any) -> tuple[Row, ...]:
    """The rows of a frame of statements, as the rows behind a figure, sorted, each once."""
    return tuple(sorted(set(rows_in(frame, table))))


def rows_in(frame: Any, table: str | None = None) -> Iterator[Row]:
    """Where each statement of a frame is.

    Parameters
    ----------
    frame
        Statements, a pandas frame.
    table
        The table that all are of; in the frame's column ``table`` if not given.
    """
    tables = repeat(table, len(frame)) if table else frame["table"].tolist()
    # as lists: a column of texts gives them one by one ten times as slowly
    return map(Row, tables, frame["source_id"].tolist(), frame["locator"].tolist())
