"""What happened since the report before: raised, recommended, voted, decided, consulted on, met."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from secanalysis.analysis import activity, key_dates, month_changes
from secanalysis.domain.figures import Figure, UnknownKey
from secanalysis.domain.vocabulary import Body
from secanalysis.views.formatting import with_releases_in_words
from secanalysis.views.modification_words import change
from secanalysis.views.section import FigureSection
from secanalysis.views.tables import Table

NEXT_COLUMNS = {"next_on": "Next key date", "next_what": "Next step"}
EVENT_COLUMNS = {
    "ref": "Reference",
    "title": "Title",
    "on": "Day",
    "precision": "Day known as",
    **NEXT_COLUMNS,
}
DEFERRAL_COLUMNS = {**EVENT_COLUMNS, "reason": "Reason"}
VOTE_COLUMNS = {
    "ref": "Reference",
    "title": "Title",
    "on": "Day",
    "precision": "Day known as",
    "body": "Body",
    "outcome": "Outcome",
    "path": "Path",
    **NEXT_COLUMNS,
}
CONSULTATION_COLUMNS = {
    "ref": "Reference",
    "title": "Title",
    "expected_week": "Expected in the week of",
    "opened_on": "Opened",
    "closed_on": "Closes",
}


class ActivitySection(FigureSection):
    """What happened in the days that the view's lists cover.

    ``lists`` has them by the key of the figure that counts each, ``listed(key)`` shows one as a table,
    ``changes()`` lists all changes in their order.
    """

    _CAPTION = "The month in figures"
    _PREFIXES = ("raised.", "recommended.", "vote.", "authority.", "impact_assessment.", "consultation.")

    @cached_property
    def lists(self) -> dict[str, activity.Listed]:
        """The lists, by the key of the figure that counts them."""
        return activity.lists(self.register, self.clock)

    def listed(self, key: str, caption: str = "") -> Table:
        """One of the lists as a table.

        Parameters
        ----------
        key
            The key of the figure that counts it, such as ``vote.approved.count``.
        caption
            What to write above it; the list's own name if not given.

        Raises
        ------
        UnknownKey
            If there is no such list.
        """
        if key not in self.lists:
            raise UnknownKey(key, self.lists, "list")
        listed, figure = self.lists[key], self.view.figures[key]
        columns = EVENT_COLUMNS
        if key.startswith("consultation."):
            columns = CONSULTATION_COLUMNS
        elif key == "impact_assessment.deferred.count":
            columns = DEFERRAL_COLUMNS
        elif key.startswith(("vote.", "authority.")):
            columns = VOTE_COLUMNS
        return Table(
            key.removesuffix(".count").replace(".", "-").replace("_", "-"),
            caption or listed.label,
            self.as_called(self._with_next(listed.items)),
            columns,
            note=self._note_on(listed, figure),
            empty="None this month."
            if figure.value == 0
            else "None found; no complete list is available for this month.",
        )

    def _note_on(self, listed: activity.Listed, figure: Figure) -> str:
        """What a list holds besides the report's own, or may be without."""
        if listed.items.empty:
            return ""
        if figure.value is None:
            return "No complete list is available: others may be missing."
        return f"{figure.reason}." if figure.n != figure.value and figure.reason else ""

    def meetings(self) -> Table:
        """Working Group meetings of the month and those still to come."""
        return self._meetings("meetings", "Working Group meetings held and scheduled", others=False)

    def other_meetings(self) -> Table:
        """Meetings of the other bodies, of the month and still to come."""
        return self._meetings("other-meetings", "Meetings of other bodies, held and scheduled", others=True)

    def _meetings(self, name: str, caption: str, *, others: bool) -> Table:
        rows = activity.meetings(self.register, self.clock)
        rows = rows[(rows["body"] != Body.WORKING_GROUP) == others]
        return Table(
            name,
            caption,
            self.as_called(rows),
            {
                "held_on": "Day",
                "precision": "Day known as",
                "body": "Body",
                "kind": "Kind",
                "status": "Status",
                "ref": "Reference",
                "title": "Title",
                "purpose": "Purpose",
                "agenda_on": "Agenda due",
            },
            note="Not confirmed: planned for a day that has passed, and no source says that it was held."
            if activity.NOT_CONFIRMED in [*rows["status"]]
            else "",
            empty="No meeting is known.",
        )

    def changes(self) -> Table:
        """What changed since the last report, one row per change: in the words of pages in files too."""
        changed = self._with_next(month_changes.changes(self.register, self.clock), "ref")
        return Table(
            "changes",
            "What changed since the last report",
            self.as_called(changed).assign(
                what=changed["what"].map(change).astype("str"),
                next_what=changed["next_what"].map(with_releases_in_words, na_action="ignore"),
            ),
            {
                "day": "Day",
                "precision": "Day known as",
                "ref": "Reference",
                "title": "Title",
                "what": "What changed",
                **NEXT_COLUMNS,
            },
            empty="No change is known.",
        )

    def _with_next(self, items: pd.DataFrame, names: str = "name") -> pd.DataFrame:
        return key_dates.with_next(self.register, self.clock, items, names)
