"""The settings of ``params.yaml``: which months to report, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from secanalysis.domain.months import ReportMonth, parse_day, parse_range
from secanalysis.domain.vocabulary import Convention
from secanalysis.support.errors import UserError


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
    """

    months: tuple[ReportMonth, ...]
    convention: Convention = Convention.AS_PUBLISHED
    known_by: date | None = None

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read a params file.

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
        unknown = sorted(set(map(str, settings)) - {"months", "convention", "known_by"})
        if unknown:
            raise UserError(
                f"{path}: unknown setting {', '.join(unknown)}; expected months, convention, known_by"
            )
        return cls(
            _months(path, settings.get("months")),
            _convention(path, settings),
            _day(path, settings.get("known_by")),
        )


def _months(path: Path, settings: Any) -> tuple[ReportMonth, ...]:
    if not isinstance(settings, dict) or set(settings) != {"first", "last"}:
        raise UserError(f"{path}: months has to give first and last, each such as '2020-08'")
    try:
        return tuple(parse_range(f"{settings['first']}..{settings['last']}"))
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
