"""A register as at one day, with a section for each subject."""

from __future__ import annotations

from functools import cached_property

from secanalysis.views.activity import ActivitySection
from secanalysis.views.durations import DurationsSection
from secanalysis.views.formatting import text
from secanalysis.views.modification import Modification
from secanalysis.views.quality import QualitySection
from secanalysis.views.releases import ReleasesSection
from secanalysis.views.stages import StagesSection
from secanalysis.views.view import View


class DayView(View):
    """A register as at one day: what had happened by then, on what is known.

    Its sections are ``stages``, ``durations``, ``releases``, ``activity`` and ``quality``. Each shows its
    figures when displayed, and has frames, tables and charts of its own.
    """

    SECTIONS: tuple[str, ...] = ("stages", "durations", "releases", "activity", "quality")

    @cached_property
    def stages(self) -> StagesSection:
        """The stage of each modification, and since when."""
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

    def modification(self, ref: str) -> Modification:
        """A modification or part: where it was on the view's day, and what had happened to it by then.

        Parameters
        ----------
        ref
            Such as ``MP102A``.

        Raises
        ------
        UserError
            If it is no reference, or no source names it.
        """
        return Modification(self.register, ref, self.clock.report_date)

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
