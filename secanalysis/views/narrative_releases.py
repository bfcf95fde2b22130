"""The month's releases in sentences: what came into force, and which are to come with what they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

import pandas as pd

from secanalysis.analysis import release_members, stages
from secanalysis.analysis import releases as releases_of
from secanalysis.analysis.in_part import PLANNED, status_in_words
from secanalysis.analysis.release_dates import planned_days
from secanalysis.domain.vocabulary import ReleaseStatus, Stage
from secanalysis.domain.written_days import day_in_words
from secanalysis.support.integer_codes import looked_up
from secanalysis.views.formatting import listed, release_in_words
from secanalysis.views.narrative_sentences import SentenceSection
from secanalysis.views.narrative_words import (
    Row,
    Sentence,
    in_force,
    in_full,
    is_filled,
    item_lines,
    noun,
    part_and_status,
    verb,
)
from secanalysis.views.passage import Item, Passage, paragraph


class ReleaseSentences(SentenceSection):
    """A section that speaks of releases, each number a figure that opens."""

    def implemented(self) -> Passage:
        """What came into force in the calendar month before the report."""
        end = self.clock.period_end
        items: list[Item] = []
        for scope in releases_of.contents(self.register, self.clock.report_date).values():
            rows = scope.items[scope.items["status"] == ReleaseStatus.IMPLEMENTED]
            rows = rows[rows["on"].between(pd.Timestamp(end.replace(day=1)), pd.Timestamp(end))]
            rows = rows.assign(release=scope.release)
            rows["status"] = status_in_words(self.register, rows)
            items += item_lines(rows, in_force)
        words = f"{{}} modifications {{were}} implemented in {end:%B %Y}."
        return Passage(paragraph([self._sentence(words, "release.implemented.count")]), tuple(items))

    def scopes(self) -> Passage:
        """The releases to come, each with its date and its contents."""
        items: list[Item] = []
        sentences: list[Sentence] = []
        for scope in self._to_come():
            sentences.append(self._approved_for(scope))
            targeted = self._number(f"release.{scope.slug}.targeted.count")
            if targeted and targeted.figure.n:
                sentences.append((targeted, f" {verb(targeted)} listed as targeted for it."))
            sentences.append(self._approved_since(scope))
            rows = scope.items[scope.items["status"].isin(PLANNED)]
            items += item_lines(rows, partial(_listed_as, self._pending()))
        return Passage(paragraph(sentences), tuple(items))

    def _to_come(self) -> Iterator[releases_of.Scope]:
        for scope in releases_of.contents(self.register, self.clock.report_date).values():
            day = self._day_of(scope)
            if day is not None and day > pd.Timestamp(self.clock.report_date):
                yield scope

    def _day_of(self, scope: releases_of.Scope) -> pd.Timestamp | None:
        days = scope.items.loc[scope.items["status"].isin(PLANNED), "planned_on"].dropna()
        return days.max() if len(days) else None

    def _approved_for(self, scope: releases_of.Scope) -> Sentence:
        number, day = self._number(f"release.{scope.slug}.approved.count"), self._day_of(scope)
        if number is None or not number.figure.n or day is None:
            return ()
        name = f"{release_in_words(scope.release)} ({day_in_words(day.date())})"
        listed_on = scope.stated_on
        since = pd.Timestamp(self.clock.previous_report_date)
        as_listed = (
            f", as listed on {in_full(listed_on)}" if listed_on is not None and listed_on <= since else ""
        )
        return (number, f" {noun(number, 'modification')} {verb(number)} approved for {name}{as_listed}.")

    def _approved_since(self, scope: releases_of.Scope) -> Sentence:
        """Who waits for this release on the report's day, and isn't approved for it by the list that was made before."""
        held = release_members.members(self.register)
        own = set(held.loc[held["slug"] == scope.slug, "name"]) & self._pending()
        listed_as_approved = scope.items.loc[scope.items["status"] == ReleaseStatus.APPROVED, "name"]
        names = self._called(pd.Series(sorted(own - set(listed_as_approved)), dtype="str"))
        if not len(names):
            return ()
        return (
            f"{listed(sorted(names))} {'has' if len(names) == 1 else 'have'} been approved for it since.",
        )

    def _pending(self) -> frozenset[str]:
        """Who is approved and waits for its implementation on the report's day, whatever a list said before."""
        now = stages.stages(self.register).at(self.clock.report_date)
        return frozenset(now.loc[now["stage"] == Stage.PENDING_IMPLEMENTATION, "unit"])

    def _targets(self, names: Collection[str]) -> dict[str, str]:
        """Of some modifications, where an approval leads: by a list of the release, else by what is known since."""
        words, items = {}, release_members.member_items(self.register)
        for name, releases in items[items["name"].isin(names)].groupby("name"):
            days = looked_up(releases["release"], planned_days(self.register)).fillna(releases["on"])
            in_order = releases.assign(day=days).sort_values(["day", "part"])
            parts = in_order.drop_duplicates(["slug", "part"])
            named = [
                f"{release_in_words(str(release))}{f' ({part})' if is_filled(part) else ''}"
                for release, part in zip(parts["release"], parts["part"], strict=True)
            ]
            words[str(name)] = f", for implementation in {listed(named)}"
        for scope in releases_of.contents(self.register, self.clock.report_date).values():
            for name, status in zip(scope.items["name"], scope.items["status"], strict=True):
                done = "implemented" if status == "implemented" else "for implementation"
                words[str(name)] = f", {done} in {release_in_words(scope.release)}"
        return words


def _listed_as(pending: frozenset[str], row: Row) -> str:
    """What is special of an item of a release: its part, and that the list doesn't call it approved."""
    return ", ".join(part_and_status(row, row.name in pending))
