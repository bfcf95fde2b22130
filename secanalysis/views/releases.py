"""What the releases hold, how their scope moved, and how far plans slipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

import pandas as pd

from secanalysis.analysis import releases
from secanalysis.domain.figures import UnknownKey
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.views import charts
from secanalysis.views.drawing import Chart
from secanalysis.views.formatting import day_in_words
from secanalysis.views.section import FigureSection
from secanalysis.views.tables import Table


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
            scope.items.assign(release=scope.release)
            for slug, scope in self.scopes.items()
            if slug in current
        ]
        items = (
            pd.concat(frames, ignore_index=True)
            if frames
            else pd.DataFrame(columns=["release", "name", "title", "part", "status", "on", "planned_on"])
        )
        return Table(
            "release-contents",
            f"Contents of current releases on {day_in_words(self.clock.report_date)}",
            self.as_called(items),
            {
                "release": "Release",
                "name": "Reference",
                "title": "Title",
                "part": "Part",
                "status": "Status",
                "on": "As at",
                "planned_on": "Planned for",
            },
            empty="No current release's contents are known.",
        )

    def history(self) -> Table:
        """How the releases' scopes moved, up to the report's day."""
        moves = releases.history(self.register)
        by_then = moves["on"] <= pd.Timestamp(self.clock.report_date)
        return Table(
            "release-history",
            "How scopes moved",
            self.as_called(moves[by_then & (moves["change"] != "unchanged")]),
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
        slips = releases.slippage(self.register, self.clock.report_date)
        return Table(
            "slippage",
            "In force against first planned",
            self.as_called(slips[slips["first_release"].notna()]),
            {
                "name": "Reference",
                "title": "Title",
                "part": "Part",
                "first_release": "First planned for",
                "first_planned_on": "First planned day",
                "release": "Came into force in",
                "in_force_on": "In force",
                "slip_days": "Slippage (days)",
            },
            empty="No modification in force has a known first plan.",
        )

    def chart(self) -> Chart:
        """Each release's planned days as they were stated, and the day in force."""
        return _timeline(self.register, self.clock.report_date)


@once
def _timeline(register: ResolvedRegister, day: date) -> Chart:
    dates, by = releases.dates(register), pd.Timestamp(day)
    return charts.release_timeline(dates[~(dates["stated_on"] > by) & ~(dates["in_force_on"] > by)])
