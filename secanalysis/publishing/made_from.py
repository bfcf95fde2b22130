"""What months were made from: those of one site have one convention and one knowledge; other differences are stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from secanalysis.domain.months import ReportMonth
from secanalysis.support.errors import UserError
from secanalysis.views.formatting import count


@dataclass(frozen=True)
class MadeFrom:
    """What a month or the index was made from; None where its notebooks don't say.

    Attributes
    ----------
    convention, known_by
        How working days are counted, and the day to which sources count (blank for all to date).
    data, code
        Hashes of the statements and of the code.
    """

    convention: str | None = None
    known_by: str | None = None
    data: str | None = None
    code: str | None = None

    @classmethod
    def of(cls, provenance: Mapping[str, Any]) -> MadeFrom:
        """Read it from what notebooks display; empty where they display nothing of it."""
        if not provenance:
            return cls()
        known_by = provenance.get("known_by") or ""
        return cls(
            provenance.get("convention"),
            known_by,
            None if known_by else provenance.get("data_sha256") or None,
            provenance.get("code_sha256") or None,
        )

    def differences(self, other: MadeFrom) -> tuple[str, ...]:
        """In which of statements and code this differs from another, in words."""
        differ = {"statements": (self.data, other.data), "code": (self.code, other.code)}
        return tuple(word for word, (one, two) in differ.items() if one and two and one != two)


def note(differences: Sequence[str]) -> str:
    """What a page says that was made from something else than the front page; nothing where it wasn't."""
    if not differences:
        return ""
    return f"Made from other {' and '.join(differences)} than the front page: figures here may differ from those there."


def summary(outdated: Mapping[ReportMonth, Sequence[str]]) -> str:
    """The months that were made from something else than the index, in a sentence; nothing where there is none."""
    if not outdated:
        return ""
    months = sorted(outdated)
    which = f"{months[0]} to {months[-1]}" if len(months) > 1 else f"{months[0]}"
    words = [word for word in ("statements", "code") if any(word in outdated[month] for month in months)]
    return f"{count(len(months), 'month')} ({which}) made from other {' and '.join(words)} than the index"


def check_one_kind(months: Mapping[ReportMonth, MadeFrom]) -> None:
    """Look whether figures of all months can be compared.

    Raises
    ------
    UserError
        If they were made with different conventions, or with what was known on different days.
    """
    for name in ("convention", "known_by"):
        values: dict[str, list[ReportMonth]] = {}
        for month, made in months.items():
            value = getattr(made, name)
            if value is not None:
                values.setdefault(value, []).append(month)
        if len(values) > 1:
            each = ", ".join(
                f"{value or 'blank'} ({_span(sorted(of_value))})"
                for value, of_value in sorted(values.items())
            )
            raise UserError(
                f"months made with different {name} can't be published side by side: {each}. Nothing was published: "
                "`secanalysis run` makes all months of params.yaml in one way"
            )


def _span(months: Sequence[ReportMonth]) -> str:
    if len(months) == 1:
        return str(months[0])
    return f"{months[0]} to {months[-1]}, {len(months)} months"
