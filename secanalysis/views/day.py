"""A register as at one day."""

from __future__ import annotations

import re
from functools import cached_property
from importlib import metadata

import pandas as pd

from secanalysis.analysis import reconcile
from secanalysis.domain.figure_keys import KEYS
from secanalysis.domain.figures import FigureSet, Measure, UnknownKey
from secanalysis.domain.months import Clock, ReportMonth, same_day
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.code_hash import PAGE_PACKAGES, code_sha256
from secanalysis.support.errors import UserError
from secanalysis.support.memoise import once
from secanalysis.views import evidence
from secanalysis.views.activity import ActivitySection
from secanalysis.views.cells import text
from secanalysis.views.durations import DurationsSection
from secanalysis.views.quality import QualitySection
from secanalysis.views.releases import ReleasesSection
from secanalysis.views.section import in_words
from secanalysis.views.stages import StagesSection
from secanalysis.views.tables import FigureTable, Foot, Head, OpenFigure, Provenance


class View:
    """A register as at one day: what had happened by then, on what is known.

    Its sections are ``stages``, ``durations``, ``releases``, ``activity`` and ``quality``. Each shows its
    figures when displayed, and has frames, tables and charts of its own.

    Attributes
    ----------
    register
        What is known.
    clock
        The days that it is counted to.
    convention
        How working days are counted.
    """

    SECTIONS: tuple[str, ...] = ("stages", "durations", "releases", "activity", "quality")
    month: ReportMonth | None = None

    def __init__(self, register: ResolvedRegister, clock: Clock, convention: Convention) -> None:
        self.register = register
        self.clock = clock
        self.convention = convention

    @property
    def title(self) -> str:
        """What it is a view of, in words."""
        return f"As at {in_words(self.clock.report_date)}"

    # Figures ----------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> FigureTable:
        """Every figure of the view; ``figures["key"]`` opens one to its rows and their sources."""
        return FigureTable(self._figures().figures, behind(self.register), f"Figures, {self.title}")

    def _figures(self) -> FigureSet:
        return reconcile.figures_at(self.register, self.clock, self.convention)

    def show(self, caption: str, *prefixes: str) -> FigureTable:
        """Those figures whose keys begin so, each with its print, verdict, rows and sources.

        Parameters
        ----------
        caption
            What they speak of.
        prefixes
            Such as ``assessment.`` or ``vote.approved``.

        Raises
        ------
        UserError
            If none is given, or no figure of any view begins with one.
        """
        if not prefixes:
            raise UserError(
                f"show({caption!r}) lacks what its keys begin with: expected show(caption, 'vote.')"
            )
        subjects = sorted({key.written.partition(".")[0] for key in KEYS})
        for prefix in prefixes:
            if not any(subject.startswith(prefix.partition(".")[0]) for subject in subjects):
                raise UnknownKey(prefix, subjects)
        mine = self.figures.starting(*prefixes)
        return FigureTable(mine.figures, mine.statements, caption)

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
        there = evidence.found(self.figures.statements, measure.rows)
        for row in measure.rows:
            if row not in there:
                raise UserError(
                    f"{measure.key}: no table holds a row {row.table}, {row.source_id}, {row.locator}"
                )
        found = reconcile.figure(measure.key, measure, None, None, self.convention)
        return OpenFigure.of(found, self.figures.statements)

    # Sections ---------------------------------------------------------------------------------

    @cached_property
    def stages(self) -> StagesSection:
        """Where each modification stands, and since when."""
        return StagesSection(self)

    @cached_property
    def durations(self) -> DurationsSection:
        """How long assessments and modifications take."""
        return DurationsSection(self)

    @cached_property
    def releases(self) -> ReleasesSection:
        """What the releases hold, how their scope moved, and how far plans slipped."""
        return ReleasesSection(self)

    @cached_property
    def activity(self) -> ActivitySection:
        """What happened since the report before, or in the month that ends on the day."""
        return ActivitySection(self)

    @cached_property
    def quality(self) -> QualitySection:
        """How much is known, and what gives pause."""
        return QualitySection(self)

    def days_before(self, months: int) -> pd.DatetimeIndex:
        """The view's day and the same in so many months, this one included, earliest first."""
        day = self.clock.report_date
        month = ReportMonth(day.year, day.month)
        return pd.DatetimeIndex([same_day(month.shift(-back), day.day) for back in reversed(range(months))])

    # Where it comes from ----------------------------------------------------------------------

    @cached_property
    def provenance(self) -> Provenance:
        """What it was made from: clocks, conventions, hashes of data and code, versions."""
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
        )

    def _coverage(self) -> str:
        return ""

    def head(self) -> Head:
        """The view's clocks, and a banner if anything is made up."""
        return Head(self.provenance)

    def foot(self) -> Foot:
        """What it was made from."""
        return Foot(self.provenance)

    # In a notebook ----------------------------------------------------------------------------

    def _sections(self) -> dict[str, str]:
        """The sections' names, and what each is about."""
        return {name: str(getattr(type(self), name).__doc__) for name in self.SECTIONS}

    def __repr__(self) -> str:
        about = [f"  .{name:<15} {what}" for name, what in self._sections().items()]
        return "\n".join([f"{self.title}, convention {self.convention}", *about])

    def _repr_html_(self) -> str:
        about = "".join(
            f"<li><code>.{name}</code> {text(what)}</li>" for name, what in self._sections().items()
        )
        return f"<p><strong>{text(self.title)}</strong></p>{self.provenance.clocks}<ul>{about}</ul>"


@once
def behind(register: ResolvedRegister) -> evidence.Behind:
    """The tables that figures of a register rest on."""
    return evidence.Behind({**register.tables, "corrections": register.corrections})


@once
def made_by(_: ResolvedRegister) -> tuple[str, dict[str, str]]:
    """The hash of the code and the versions of packages that views of a register are made by."""
    return code_sha256(), {name: metadata.version(name) for name in PAGE_PACKAGES}
