"""What the releases hold, how their scope moved, and how far plans slipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

import pandas as pd

from secanalysis.analysis import due, in_part, release_dates, release_slippage, releases
from secanalysis.domain.figures import UnknownKey
from secanalysis.domain.written_days import day_in_words
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.views import charts
from secanalysis.views.drawing import Chart
from secanalysis.views.section import FigureSection
from secanalysis.views.tables import Table

CONTENTS = {
    "release": "Release",
    "name": "Reference",
    "title": "Title",
    "part": "Part",
    "status": "Status",
    "on": "As at",
    "precision": "As at known as",
    "planned_on": "Planned for",
}


class _Scopes(dict[str, releases.Scope]):
    def __missing__(self, slug: str) -> releases.Scope:
        raise UnknownKey(slug, self, "release")


class ReleasesSection(FigureSection):
    """What the releases hold on the view's day.

    ``scopes`` has each release's contents by its slug; ``history()`` shows how they moved, ``slippage()``
    and ``chart()`` what was planned alongside what came.
    """

    _CAPTION = "Releases in figures"
    _PREFIXES = ("release.",)

    @cached_property
    def scopes(self) -> Mapping[str, releases.Scope]:
        """Contents of the releases as at the report's day, by slug such as ``november-2020``."""
        return _Scopes(releases.contents(self.register, self.clock.report_date))

    def contents(self) -> Table:
        """What each release that is still to come, or just came, holds."""
        current = [figure.key.split(".")[1] for figure in self.figures if figure.key.count(".") == 3]
        frames = [
            scope.items.assign(release=scope.release).assign(
                status=lambda items: in_part.status_in_words(self.register, items)
            )
            for slug, scope in self.scopes.items()
            if slug in current
        ]
        items = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*CONTENTS])
        return Table(
            "release-contents",
            f"Contents of current releases on {day_in_words(self.clock.report_date)}",
            self.as_called(items),
            CONTENTS,
            empty="No current release's contents are known.",
        )

    def plans_without_a_day(self) -> Table:
        """What pages plan for releases to come, of which it isn't known since when."""
        return Table(
            "release-plans-without-a-day",
            "Planned, but not known since when",
            self.as_called(releases.plans_without_a_day(self.register, self.clock.report_date)),
            {**CONTENTS, "on": "Seen on"},
            note="On pages without a date: the plan may have been made after the report's day. Not counted in a "
            "release's contents.",
            empty="No other plan is known.",
        )

    def due(self) -> Table:
        """What was to be in force by the report's day, and isn't known to be."""
        return Table(
            "due",
            f"Due by {day_in_words(self.clock.report_date)}, not confirmed",
            self.as_called(due.due_not_confirmed(self.register, self.clock.report_date)),
            {
                "name": "Reference",
                "title": "Title",
                "release": "Release",
                "planned_on": "Planned for",
                "since": "Approved",
                "since_precision": "Approved known as",
                "status": "Status",
            },
            note="Approved, and the planned day has passed: no source says that it is in force, and none that it isn't.",
            empty="Everything that was due is known to be in force.",
        )

    def history(self) -> Table:
        """How the releases' scopes moved, up to the report's day."""
        moves = releases.history(self.register)
        by_then = moves["on"] <= pd.Timestamp(self.clock.report_date)
        return Table(
            "release-history",
            "How the contents of releases changed",
            self.as_called(
                in_part.moves_in_words(
                    self.register,
                    moves[by_then & (moves["change"] != "unchanged")].sort_values("on", kind="stable"),
                )
            ),
            {
                "on": "Day",
                "release": "Release",
                "item": "Item",
                "change": "Change",
                "before": "Status before",
                "status": "Status",
            },
            empty="No release is listed twice by then.",
        )

    def slippage(self) -> Table:
        """Implemented modifications against the first release planned for them."""
        slips = release_slippage.slippage(self.register, self.clock.report_date)
        slips = slips[slips["first_release"].notna()]
        status = slips["in_part"].map({True: in_part.IN_PART, False: "in force"})
        return Table(
            "slippage",
            "Modifications in force, against the day first planned for each",
            self.as_called(slips.assign(status=status)),
            {
                "name": "Reference",
                "title": "Title",
                "part": "Part",
                "first_release": "First planned for",
                "first_planned_on": "First planned day",
                "status": "Status",
                "release": "Came into force in",
                "in_force_on": "In force since",
                "slip_days": "Slippage (days)",
            },
            note="Each modification by its own first plan: where that was made after its release had moved, it came as "
            "planned. One in force in part has no slippage yet: the rest of it is still to come.",
            empty="No modification in force has a known first plan.",
        )

    def chart(self) -> Chart:
        """Each release's planned days as they were stated, and the day in force."""
        return _timeline(self.register, self.clock.report_date)


@once
def _timeline(register: ResolvedRegister, day: date) -> Chart:
    dates, by = release_dates.dates(register), pd.Timestamp(day)
    return charts.release_timeline(dates[~(dates["stated_on"] > by) & ~(dates["in_force_on"] > by)])
