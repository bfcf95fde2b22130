"""The settings of ``params.yaml``: which months to report, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from secanalysis.domain.months import ReportMonth, parse_day, parse_range
from secanalysis.domain.vocabulary import Convention
from secanalysis.support.errors import UserError

Documented = Callable[[], tuple[ReportMonth, ReportMonth]]
EARLIEST, LATEST = "earliest", "latest"
"""What a params file gives for the first and the last month that has a document."""


@dataclass(frozen=True)
class Settings:
    """What a run reports unless asked otherwise.

    Attributes
    ----------
    months
        The cover months, in their order.
    convention
        How working days are counted.
    known_by
        Only use what was known on this day; None for today's best knowledge.
    mapping
        The file that says which columns of the register's exports are ours, for `secanalysis month`; None if the
        project ingests reports.
    """

    months: tuple[ReportMonth, ...]
    convention: Convention = Convention.AS_PUBLISHED
    known_by: date | None = None
    mapping: Path | None = None

    @classmethod
    def read(cls, path: Path, documented: Documented | None = None) -> Settings:
        """Read a params file.

        Parameters
        ----------
        path
            The file.
        documented
            Gives the first and the last month that has a document, where the file says earliest or latest.

        Raises
        ------
        UserError
            If it isn't there or says something that can't be used; the message says what and where.
        """
        try:
            settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UserError(
                f"{path} can't be read ({error.strerror}): expected a params file with months"
            ) from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise UserError(f"{path} is not YAML: {str(error).splitlines()[0]}") from None
        except RecursionError:
            raise UserError(
                f"{path} is nested too deeply; expected months, convention and known_by"
            ) from None
        if not isinstance(settings, dict):
            raise UserError(f"{path}: found no settings; expected months, convention and known_by")
        unknown = sorted(set(map(str, settings)) - {"months", "convention", "known_by", "mapping"})
        if unknown:
            raise UserError(
                f"{path}: unknown setting {', '.join(unknown)}; expected months, convention, known_by, mapping"
            )
        return cls(
            _months(path, settings.get("months"), documented),
            _convention(path, settings),
            _day(path, settings.get("known_by")),
            _mapping(path, settings.get("mapping")),
        )


def _months(path: Path, settings: Any, documented: Documented | None) -> tuple[ReportMonth, ...]:
    if not isinstance(settings, dict) or set(settings) != {"first", "last"}:
        raise UserError(
            f"{path}: months has to give first and last, each such as '2020-08'; last may be latest"
        )
    first, last = settings["first"], settings["last"]
    try:
        if documented is not None and (first == EARLIEST or last == LATEST):
            earliest, latest = documented()
            first = earliest if first == EARLIEST else first
            last = max(latest, ReportMonth.parse(first)) if last == LATEST else last
        return tuple(parse_range(f"{first}..{last}"))
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None


def _convention(path: Path, settings: dict[str, Any]) -> Convention:
    value = settings.get("convention", Convention.AS_PUBLISHED)
    try:
        return Convention(value)
    except ValueError:
        raise UserError(f"{path}: convention is {value!r}; expected one of {', '.join(Convention)}") from None


def _day(path: Path, value: Any) -> date | None:
    if value is None or type(value) is date:  # a datetime is one too, and no day
        return value
    try:
        return parse_day(str(value))
    except ValueError:
        raise UserError(f"{path}: known_by is {value!r}; expected a day as YYYY-MM-DD, or null") from None


def _mapping(path: Path, value: Any) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{path}: mapping is {value!r}; expected a file's name, such as mapping.yaml")
    return path.parent / value
