"""A view: the figures of a register as at a day, each open to its rows and sources, and what a page says of itself."""

from __future__ import annotations

import re
from functools import cached_property

import pandas as pd

from secanalysis.analysis import month_figures, verdicts
from secanalysis.domain.figure_keys import KEYS
from secanalysis.domain.figures import FigureSet, Measure, UnknownKey
from secanalysis.domain.months import Clock, ReportMonth, same_day
from secanalysis.domain.vocabulary import Convention
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.code_hash import code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.memoise import once
from secanalysis.support.package_versions import NAMED_ON_PAGES, versions
from secanalysis.views import evidence
from secanalysis.views.tables import FigureTable, Foot, Head, OpenFigure, Provenance


class View:
    """A register as at one day: what had happened by then, on what is known.

    `DayView` and `MonthlyReport` add the sections, of which each works on a view.

    Attributes
    ----------
    register
        What is known.
    clock
        The days that it is counted to.
    convention
        How working days are counted.
    """

    month: ReportMonth | None = None

    def __init__(self, register: ResolvedRegister, clock: Clock, convention: Convention) -> None:
        self.register = register
        self.clock = clock
        self.convention = convention

    @property
    def title(self) -> str:
        """What it is a view of, in words."""
        return f"As at {day_in_words(self.clock.report_date)}"

    # Figures ----------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> FigureTable:
        """Every figure of the view; ``figures["key"]`` opens one to its rows and their sources."""
        return FigureTable(self._figures().figures, statements_of(self.register), f"Figures, {self.title}")

    def _figures(self) -> FigureSet:
        return month_figures.figures_at(self.register, self.clock, self.convention)

    def show(self, caption: str, *prefixes: str) -> FigureTable:
        """The figures whose keys begin with some words, each with its published value, verdict, rows and sources.

        Parameters
        ----------
        caption
            What to write above them.
        prefixes
            Such as ``assessment.`` or ``vote.approved``.

        Raises
        ------
        UserError
            If none is given, or no figure of any view begins with one.
        """
        if not prefixes:
            raise UserError(
                f"show({caption!r}) needs what its keys begin with: expected show(caption, 'vote.')"
            )
        subjects = sorted({key.written.partition(".")[0] for key in KEYS})
        for prefix in prefixes:
            if not any(subject.startswith(prefix.partition(".")[0]) for subject in subjects):
                raise UnknownKey(prefix, subjects)
        chosen = self.figures.starting(*prefixes)
        return FigureTable(chosen.figures, chosen.statements, caption)

    def figure(self, measure: Measure) -> OpenFigure:
        """A figure of your own, which opens to its rows like any other.

        Parameters
        ----------
        measure
            Its key (lower-case words with dots, ending in what it counts), label, value, and best also its
            coverage and rows. Frames of the sections have the rows of each of their lines in ``rows``.

        Raises
        ------
        UserError
            If the key has another form, or a row isn't in any table.
        """
        if not re.fullmatch(r"[a-z0-9]+(?:[._-][A-Za-z0-9]+)+", measure.key):
            raise UserError(
                f"{measure.key!r} is no key: expected words with dots, such as refinement.long.count"
            )
        held_rows = evidence.records_of(self.figures.statements, measure.rows)
        for row in measure.rows:
            if row not in held_rows:
                raise UserError(
                    f"{measure.key}: no table holds a row {row.table}, {row.source_id}, {row.locator}"
                )
        figure = verdicts.figure(measure.key, measure, None, None, self.convention)
        return OpenFigure.of(figure, self.figures.statements)

    def days_before(self, months: int) -> pd.DatetimeIndex:
        """The view's day and the same in so many months, this one included, earliest first."""
        day = self.clock.report_date
        month = ReportMonth(day.year, day.month)
        return pd.DatetimeIndex([same_day(month.shift(-back), day.day) for back in reversed(range(months))])

    # Where it comes from ----------------------------------------------------------------------

    @cached_property
    def provenance(self) -> Provenance:
        """What a page of it is made from: clocks, conventions, hashes of data and code, versions."""
        clock, known_by = self.clock, self.register.known_by
        code, versions = made_by(self.register)
        withheld = f"{self.register.withheld:,} statements are left out"
        coverage = [self._coverage()]
        if known_by:
            coverage.append(f"{withheld}: their sources aren't known to be published by then.")
        return Provenance(
            month=str(self.month) if self.month else None,
            title=self.title,
            report_date=clock.report_date.isoformat(),
            period_end=clock.period_end.isoformat(),
            window_start=clock.window_start.isoformat(),
            known_by=known_by.isoformat() if known_by else None,
            convention=str(self.convention),
            data_sha256=self.register.data_sha256,
            code_sha256=code,
            versions=versions,
            synthetic=self.register.is_synthetic,
            coverage=" ".join(filter(None, coverage)),
            has_report=self._has_report(),
        )

    def _coverage(self) -> str:
        return ""

    def _has_report(self) -> bool:
        return True

    def head(self) -> Head:
        """The view's clocks, and a banner if anything is made up."""
        return Head(self.provenance)

    def foot(self) -> Foot:
        """What it was made from."""
        return Foot(self.provenance)


@once
def statements_of(register: ResolvedRegister) -> evidence.IndexedTables:
    """The tables that figures of a register rest on."""
    return evidence.IndexedTables({**register.tables, "corrections": register.corrections})


@once
def made_by(_: ResolvedRegister) -> tuple[str, dict[str, str]]:
    """The hash of the code and the versions of packages that views of a register are made by."""
    return code_sha256(), versions(NAMED_ON_PAGES)
