"""The front door: a register that opens at any day, report month or months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Self

import pandas as pd

from secanalysis.domain.figures import UnknownKey
from secanalysis.domain.months import ReportMonth, parse_day, parse_range
from secanalysis.domain.vocabulary import Convention
from secanalysis.register import resolved
from secanalysis.statements import storage
from secanalysis.support.errors import UserError
from secanalysis.views import in_jupyter
from secanalysis.views.day import DayView
from secanalysis.views.formatting import count
from secanalysis.views.modification import Modification
from secanalysis.views.month import MonthlyReport
from secanalysis.views.overview import Overview
from secanalysis.views.register_page import RegisterPage
from secanalysis.views.release import Release

ASKED = (
    "as_at",
    "as_known",
    "history",
    "known_by",
    "load",
    "modification",
    "modifications",
    "month",
    "months",
    "release",
    "tables",
)
"""What a register is asked in a notebook, which Tab completes; the rest serves the package."""


class Register(resolved.ResolvedRegister):
    """All statements, and the way to any day, report month or months of them.

    Begin with ``Register.load()``. A view holds figures (each opens to its rows and their sources), and a
    section for each subject with frames, tables and charts:

    >>> reg = Register.load()
    >>> view = reg.as_at("2020-07-31")
    >>> view.durations.assessments  # a frame, one row per assessment
    >>> view.figures["assessment.ia.open.mean_wd"]  # a figure; figures[ and Tab list the keys
    >>> view.stages.chart()

    ``reg.month("2020-08")`` opens a report month with what was published of it, ``reg.months("2020-01..2020-12")``
    shows several side by side, and ``reg.as_known("2020-08-07")`` is the register as it was known on a day.
    """

    @classmethod
    def load(cls, processed: Path | str | None = None) -> Self:
        """Read the statements that ``secanalysis build`` wrote.

        Parameters
        ----------
        processed
            The folder of parquet tables; that of the project around the working directory if not given.

        Raises
        ------
        UserError
            If there is no project, or it hasn't been built.
        """
        in_jupyter.prepare()
        try:
            return super().load(None if processed is None else Path(processed))
        except FileNotFoundError as error:
            raise UserError(str(error)) from None

    @classmethod
    def simulated(cls, modifications: int = 300, seed: int = 1, months: str = "2019-01..2024-12") -> Self:
        """A made-up register with full coverage, marked SYNTHETIC: to try what real facts are too gappy for.

        Parameters
        ----------
        modifications
            How many are raised.
        seed
            The same seed gives the same register.
        months
            The months that it covers, both ends included.

        Raises
        ------
        UserError
            If a number or the months are out of bounds.
        """
        from secanalysis.simulate import simulation  # nothing else here needs it

        in_jupyter.prepare()
        try:
            covered = parse_range(months)
        except ValueError as error:
            raise UserError(str(error)) from None
        return cls(simulation.simulate(modifications, seed, (covered[0], covered[-1]))[0])

    def history(self, keys: str | Iterable[str], months: str | Iterable[str]) -> pd.DataFrame:
        """Figures over report months, tidy: to plot or to compare.

        ``reg.history("stage.", "2020-01..2020-12").pivot(index="report_date", columns="key", values="value").plot()``

        Parameters
        ----------
        keys
            Keys, or what keys begin with; one or several.
        months
            As of `months`.

        Returns
        -------
        pandas.DataFrame
            A row per month and figure, in the months' order: ``month, report_date, key, label, value, unit, printed,
            reprint, verdict, coverage, reason, n``. A value that isn't known is blank.

        Raises
        ------
        UserError
            If a month isn't one, or no figure of any of them has such a key.
        """
        prefixes = [keys] if isinstance(keys, str) else [*map(str, keys)]
        frames = []
        reports = [self.month(month) for month in self.months(months).months]
        for report in reports:
            frame = report.figures.starting(*prefixes).frame
            day = pd.Timestamp(report.clock.report_date)
            frame.insert(0, "month", str(report.month))
            frame.insert(1, "report_date", day)
            frames.append(frame.drop(columns="convention"))
        tidy = pd.concat(frames, ignore_index=True)
        for prefix in prefixes:
            if not any(key.startswith(prefix) for key in tidy["key"]):
                raise UnknownKey(prefix, dict.fromkeys(figure.key for of in reports for figure in of.figures))
        return tidy

    def __dir__(self) -> list[str]:
        return [*ASKED]

    def __repr__(self) -> str:
        known = f", as known on {self.known_by}" if self.known_by else ""
        rows = count(storage.size(self.tables), "statement")
        return (
            f"Register of {rows} from {count(len(self.sources), 'source')}{known}\n"
            '  .as_at("2020-07-31")   what had happened by a day\n'
            '  .month("2020-08")      a report month, with what was published of it\n'
            '  .months("2020-01..2020-12")   several side by side\n'
            '  .as_known("2020-08-07")       the register as it was known on a day\n'
            '  .modification("MP102A")       where one is, and its timeline\n'
            '  .history("stage.", "2020-01..2020-12")   figures over months, as a frame\n'
            "  .tables                the statements themselves"
        )

    def as_known(self, day: date | str | None) -> Self:
        """The register as it was known on a day.

        Parameters
        ----------
        day
            Only statements of sources known to have been published by then are kept; blank or None keeps all.

        Raises
        ------
        UserError
            If it is no day.
        """
        try:
            known_by = _day(day) if day else None
        except ValueError as error:
            raise UserError(f"known_by {error}, or blank for today's best knowledge") from None
        return super().as_known(known_by)

    def as_at(
        self,
        day: date | str,
        convention: str = Convention.AS_PUBLISHED,
        known_by: date | str | None = None,
    ) -> DayView:
        """What had happened by a day.

        Parameters
        ----------
        day
            Such as ``2020-07-31``. Stages are as at it, durations are counted to it, and lists cover the
            month that ends on it (on a published report's own day: the days since the report before).
        convention
            How working days are counted: ``as_published`` (weekdays) or ``sec`` (without bank holidays).
        known_by
            Only use what was known on this day; blank or None for today's best knowledge.

        Raises
        ------
        UserError
            If one of the three can't be read as such; the message says what was expected.
        """
        try:
            report_day = _day(day)
        except ValueError as error:
            raise UserError(f"{error}, such as 2020-07-31") from None
        counting = _convention(convention)
        known = self.as_known(known_by)
        return DayView(known, known.clock_at(report_day), counting)

    def month(
        self,
        month: str | ReportMonth,
        convention: str = Convention.AS_PUBLISHED,
        known_by: date | str | None = None,
    ) -> MonthlyReport:
        """A report month, with what was published of it.

        Parameters
        ----------
        month
            The cover month, such as ``2020-08``, whose report counts durations to the end of July.
        convention, known_by
            As of `as_at`.

        Raises
        ------
        UserError
            If one of the three can't be read as such; the message says what was expected.
        """
        try:
            cover = ReportMonth.parse(month)
        except ValueError as error:
            raise UserError(str(error)) from None
        counting = _convention(convention)
        return MonthlyReport(self.as_known(known_by), cover, counting)

    def months(self, months: str | Iterable[str]) -> Overview:
        """Several report months side by side.

        Parameters
        ----------
        months
            ``2020-01..2020-12`` (both ends included), or months separated by commas.

        Raises
        ------
        UserError
            If one isn't a month.
        """
        try:
            parts = months.split(",") if isinstance(months, str) else [*map(str, months)]
            chosen = sorted({month for part in parts for month in parse_range(part.strip())})
        except ValueError as error:
            raise UserError(str(error)) from None
        except TypeError:
            raise UserError(
                f"{months!r} is not a list of months: expected such as 2020-01..2020-12"
            ) from None
        if not chosen:
            raise UserError("found no month: expected one or more, such as 2020-01..2020-12")
        return Overview(self, chosen)

    def modification(self, ref: str) -> Modification:
        """A modification or part: where it is, its timeline and its work, on everything known to date.

        Parameters
        ----------
        ref
            Such as ``MP102A``. A Draft Proposal and what it was converted to are one: DP136, MP136.

        Raises
        ------
        UserError
            If it is no reference, or no source names it.
        """
        return Modification(self, ref)

    def modifications(self) -> RegisterPage:
        """Every modification, the releases and the dates of the calendar, on everything known to date."""
        return RegisterPage(self)

    def release(self, slug: str) -> Release:
        """A release: what it holds, who joined and left, and its dates.

        Parameters
        ----------
        slug
            Such as ``november-2020``.

        Raises
        ------
        UnknownKey
            If no source names it.
        """
        return Release(self, slug)


def _day(value: date | str) -> date:
    if isinstance(value, datetime) and not pd.isna(value):
        return value.date()
    return value if type(value) is date else parse_day(str(value))


def _convention(name: str) -> Convention:
    try:
        return Convention(name)
    except ValueError:
        choices = ", ".join(Convention)
        raise UserError(f"{str(name)[:40]!r} is not a convention: expected one of {choices}") from None
