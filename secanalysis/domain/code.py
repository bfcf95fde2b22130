"""Whose modifications a project's are: the code's name, its references, report days, targets and bank holidays.

`code.yaml` in a project's folder says so; what it doesn't say is as for the Smart Energy Code.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from secanalysis.domain.vocabulary import AssessmentKind
from secanalysis.support.errors import UserError
from secanalysis.support.project import ROOT_VARIABLE, Project

FILE = "code.yaml"
ENGLAND_AND_WALES, NONE = "england-and-wales", "none"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_RULE = re.compile(
    rf"({'|'.join(_ORDINALS)}) ({'|'.join(WEEKDAYS)}|working day)|([1-9][0-9]?)(?:st|nd|rd|th) working day"
)
_LONGEST = 2_000  # characters of a text
_LARGEST = 100_000  # bytes of the file


@dataclass(frozen=True)
class ReferenceForm:
    """How references are written: a prefix, a number and perhaps letters.

    Attributes
    ----------
    prefix
        Before the number; may be blank.
    digits
        How many digits a number has at least; shorter ones begin with zeros.
    draft
        The prefix of a draft, if it has one of its own: the same number is the same modification.
    parts
        Whether a letter after the number names a part of a modification, rather than being of its reference.
    """

    prefix: str
    digits: int = 1
    draft: str = ""
    parts: bool = True

    @property
    def pattern(self) -> str:
        """What references look like, as a regular expression."""
        prefixes = "|".join(
            re.escape(prefix) for prefix in dict.fromkeys((self.prefix, self.draft or self.prefix))
        )
        number = (
            f"(?:[0-9]{{{self.digits}}}|[1-9][0-9]{{{self.digits},6}})" if self.digits < 7 else "[0-9]{7}"
        )
        return f"(?:{prefixes}){number}[A-Z]?"

    @property
    def example(self) -> str:
        """A reference of this form."""
        return f"{self.prefix}{123:0{self.digits}d}"


@dataclass(frozen=True)
class ReportDay:
    """When a month's report is made: which weekday or working day of the month, or how many working days into it.

    Attributes
    ----------
    number
        Which of them; -1 is the last.
    weekday
        0 for Monday to 6; None for working days.
    of_export
        Whether it is the day of the month's newest export, where there is one.
    if_not_working
        What becomes of a day that is no working day: ``say``, ``next`` or ``previous``.
    listed
        Days by (year, month), which go before the rule.
    """

    number: int = 1
    weekday: int | None = 4
    of_export: bool = False
    if_not_working: str = "say"
    listed: Mapping[tuple[int, int], date] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """What a project's register is of.

    Attributes
    ----------
    name
        The code's, or the list's: Smart Energy Code.
    title, introduction, foot
        Of the site: the index's title (blank for its notebook's) and first paragraph, and the last line of every page.
    publisher
        Whose register it is, where a mapping doesn't say.
    references
        Their form; None for that of the Smart Energy Code (SECMP, MP and DP).
    targets
        In working days by kind of assessment, where a row states none.
    report_day
        When a month's report is made, where no published report says.
    bank_holidays
        England and Wales's (None), or days of one's own; nothing in the list for none.
    """

    name: str = "Smart Energy Code"
    title: str = ""
    introduction: str = ""
    foot: str = "Computed by secanalysis."
    publisher: str = ""
    references: ReferenceForm | None = None
    targets: Mapping[str, int] = field(default_factory=dict)
    report_day: ReportDay = ReportDay()
    bank_holidays: tuple[date, ...] | None = None

    @property
    def texts(self) -> dict[str, str]:
        """What pages say of it."""
        return {name: getattr(self, name) for name in ("name", "title", "introduction", "foot")}

    @classmethod
    def of(cls, root: Path) -> Code:
        """The code of a project's folder.

        Raises
        ------
        UserError
            If its file says something that can't be used; the message says what and where.
        """
        path = root / FILE
        try:
            stamp = path.stat()
        except OSError:
            return _SEC
        return _read(path, stamp.st_mtime_ns, stamp.st_size)


_SEC = Code()


def current() -> Code:
    """The code of the project that this process works in."""
    root = _root(os.environ.get(ROOT_VARIABLE), os.getcwd())  # noqa: PTH109 (asked for each reference: Path takes longer)
    return _SEC if root is None else Code.of(root)


@lru_cache(maxsize=64)
def _root(named: str | None, folder: str) -> Path | None:
    del named  # part of the key: it decides before the folder
    try:
        return Project.find(Path(folder)).root
    except FileNotFoundError:
        return None


# Reading ------------------------------------------------------------------------------------------


@cache
def _read(path: Path, changed: int, size: int) -> Code:
    del changed  # part of the key: another file
    if size > _LARGEST:
        raise UserError(f"{path} has more than {_LARGEST:,} bytes; expected some lines about the code")
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} can't be read: {error}") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(f"{path}{f', line {mark.line + 1}' if mark else ''} isn't YAML") from None
    texts = ("name", "title", "introduction", "foot", "publisher")
    entries = _object(
        loaded or {},
        f"{path}",
        (*texts, "references", "targets", "report_day", "if_not_working_day", "bank_holidays"),
    )
    given: dict[str, Any] = {
        key: _text(entries[key], f"{path}, {key}") for key in texts if entries.get(key) is not None
    }
    if entries.get("references") is not None:
        given["references"] = _references(entries["references"], f"{path}, references")
    if entries.get("targets") is not None:
        given["targets"] = _targets(entries["targets"], f"{path}, targets")
    given["report_day"] = _report_day(entries, path)
    if entries.get("bank_holidays") is not None:
        given["bank_holidays"] = _bank_holidays(entries["bank_holidays"], f"{path}, bank_holidays")
    return Code(**given)


def _object(value: object, where: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UserError(f"{where}: found {_shown(value)}; expected some of {', '.join(allowed)}")
    if unknown := [key for key in value if key not in allowed]:
        raise UserError(f"{where}: found {_shown(unknown[0])}; expected some of {', '.join(allowed)}")
    return dict(value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise UserError(f"{where}: found {_shown(value)}; expected a text of up to {_LONGEST:,} characters")
    return " ".join(value.split())


def _references(value: object, where: str) -> ReferenceForm:
    entries = _object(value, where, ("prefix", "digits", "draft", "parts"))
    prefix, draft = ("" if entries.get(name) is None else entries[name] for name in ("prefix", "draft"))
    for name, text in (("prefix", prefix), ("draft", draft)):
        if not isinstance(text, str) or not re.fullmatch("(?:[A-Z]{1,8}-?)?", text, re.ASCII):
            raise UserError(
                f"{where}, {name}: found {_shown(text)}; expected up to 8 capital letters, such as P"
            )
    digits, parts = entries.get("digits", 1), entries.get("parts", True)
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 7:
        raise UserError(
            f"{where}, digits: found {_shown(digits)}; expected how many a number has at least, 1 to 7"
        )
    if not isinstance(parts, bool):
        raise UserError(f"{where}, parts: found {_shown(parts)}; expected true or false")
    return ReferenceForm(prefix, digits, draft, parts)


def _targets(value: object, where: str) -> dict[str, int]:
    targets = _object(value, where, tuple(AssessmentKind))
    for kind, target in targets.items():
        if isinstance(target, bool) or not isinstance(target, int) or not 1 <= target <= 999:
            raise UserError(f"{where}, {kind}: found {_shown(target)}; expected working days from 1 to 999")
    return targets


def _report_day(entries: Mapping[str, Any], path: Path) -> ReportDay:
    where = f"{path}, report_day"
    moved = entries.get("if_not_working_day", "say")
    if moved not in ("say", "next", "previous"):
        raise UserError(f"{path}, if_not_working_day: found {_shown(moved)}; expected say, next or previous")
    value = entries.get("report_day")
    if value is None:
        return ReportDay(if_not_working=moved)
    if isinstance(value, list):
        days = [_day(day, where) for day in value]
        listed = {(day.year, day.month): day for day in days}
        if len(listed) < len(days):
            raise UserError(f"{where}: found two days of one month; expected one of each")
        return ReportDay(listed=listed, if_not_working=moved)
    if value == "export":
        return ReportDay(of_export=True, if_not_working=moved)
    rule = _RULE.fullmatch(str(value).lower())
    if rule is None:
        raise UserError(
            f"{where}: found {_shown(value)}; expected such as first friday, last working day, 5th working day, export, "
            "or a list of days"
        )
    if rule[3]:
        return ReportDay(int(rule[3]), None, if_not_working=moved)
    weekday = None if rule[2] == "working day" else WEEKDAYS.index(rule[2])
    return ReportDay(_ORDINALS[rule[1]], weekday, if_not_working=moved)


def _bank_holidays(value: object, where: str) -> tuple[date, ...] | None:
    if value == ENGLAND_AND_WALES:
        return None
    if value == NONE:
        return ()
    if not isinstance(value, list) or not value:
        raise UserError(
            f"{where}: found {_shown(value)}; expected {ENGLAND_AND_WALES}, {NONE} or a list of days"
        )
    return tuple(sorted({_day(day, where) for day in value}))


def _day(value: object, where: str) -> date:
    if type(value) is date and 2005 <= value.year <= 2099:
        return value
    raise UserError(f"{where}: found {_shown(value)}; expected a day as YYYY-MM-DD, from 2005 to 2099")


def _shown(value: object) -> str:
    return "nothing" if value is None else ascii(str(value)[:60])
