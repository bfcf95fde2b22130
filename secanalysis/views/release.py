"""One release: what it holds, who joined and left, and the dates that were planned and that came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pandas as pd

from secanalysis.analysis import release_dates, release_members, releases
from secanalysis.analysis.in_part import IN_PART, moves_in_words, status_in_words
from secanalysis.analysis.modification_facts import source_facts
from secanalysis.analysis.plain_records import Record, iso, records
from secanalysis.analysis.release_members import LAST
from secanalysis.domain.figures import UnknownKey
from secanalysis.domain.vocabulary import Precision, ReleaseStatus
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.support.memoise import once
from secanalysis.support.sentence_case import sentence_case
from secanalysis.views import mime
from secanalysis.views.formatting import count, release_in_words, text
from secanalysis.views.modification import horizon
from secanalysis.views.modification_words import bare, day
from secanalysis.views.source_words import source_line, sources_list
from secanalysis.views.subject_view import SubjectView

LEFT = "left since"
"""In place of a status: planned for it, and since then elsewhere, withdrawn or rejected."""
SHOWN = (
    ReleaseStatus.IMPLEMENTED,
    IN_PART,
    ReleaseStatus.APPROVED,
    ReleaseStatus.TARGETED,
    ReleaseStatus.REMOVED,
    LEFT,
)
"""What is in a release, under headings in this order."""
CHANGES = {
    "added": "joined",
    "dropped": "left",
    "listed first": "listed first",
    "status changed": "now {status}",
}


class Release(SubjectView):
    """One release, with everything known of it to date. Displayed, it shows what its page shows.

    Attributes
    ----------
    slug
        Its slug, such as ``november-2020``.
    name
        Its name as printed.
    """

    def __init__(self, register: ResolvedRegister, slug: str) -> None:
        names = release_names(register)
        if slug not in names:
            raise UnknownKey(slug, names, "release")
        self.register, self.slug, self.name = register, slug, names[slug]

    @property
    def title(self) -> str:
        """Its name, as a title."""
        words = release_in_words(self.name, article=False)
        return sentence_case(words)

    @cached_property
    def contents(self) -> pd.DataFrame:
        """What it holds: the current status of each item, ``shown_as`` under which heading, also of what has left."""
        members = release_members.member_items(self.register)
        members = members[members["slug"] == self.slug]
        members = members.assign(shown_as=status_in_words(self.register, members))
        scope = releases.contents(self.register, LAST).get(self.slug)
        if scope is not None:
            others = scope.items[~scope.items["name"].isin(members["name"])]
            is_removed = others["status"] == ReleaseStatus.REMOVED
            others = others.assign(shown_as=others["status"].where(is_removed, LEFT))
            members = pd.concat([members, others], ignore_index=True) if len(others) else members
        seen = release_members.seen_plans(self.register)
        left = seen[(seen["slug"] == self.slug) & ~seen["name"].isin(members["name"])]
        left = left.assign(title=self.register.title_of(left["name"]), shown_as=LEFT)
        left = left.drop_duplicates(["name", "part"], keep="last")
        members = pd.concat([members, left], ignore_index=True) if len(left) else members
        columns = ["name", "title", "part", "status", "on", "precision", "planned_on"]
        return members[[*columns, "source_id", "locator", "shown_as"]].reset_index(drop=True)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Who joined, left or changed status, from one list of its scope to the next."""
        moves = releases.history(self.register)
        moves = moves[(moves["slug"] == self.slug) & (moves["change"] != "unchanged")]
        return moves_in_words(self.register, moves)

    @cached_property
    def dates(self) -> pd.DataFrame:
        """What each source says of its day."""
        stated = release_dates.dates(self.register)
        return stated[stated["slug"] == self.slug]

    @cached_property
    def answer(self) -> str:
        """Whether it came into force, when, and with how many modifications."""
        held = self.contents[~self.contents["shown_as"].isin([ReleaseStatus.REMOVED, LEFT])]
        if held.empty:
            return self._answer_of_none
        every, sure = (of["name"].nunique() for of in (held, held[held["status"] != ReleaseStatus.TARGETED]))
        modifications = count(every, "modification")
        if sure < every:
            modifications += f" ({every - sure} only targeted)" if sure else " (only targeted)"
        in_force, planned_on = self._in_force_and_planned
        name = sentence_case(release_in_words(self.name))
        if in_force:
            implemented = held[held["status"] == ReleaseStatus.IMPLEMENTED]
            done, in_part = (
                of["name"].nunique() for of in (implemented, implemented[implemented["shown_as"] == IN_PART])
            )
            words = count(done, "modification") if done else f"{modifications} in its last known scope"
            words += f" ({in_part} in part)" if in_part else ""
            left = held.loc[~held["name"].isin(implemented["name"]), "name"].nunique() if done else 0
            rest = (
                f"; of {count(left, 'other')} planned for it no source here says what happened"
                if left
                else ""
            )
            return f"{name} came into force {self._came(in_force)} with {words} known here{rest}."
        if planned_on is None:
            return f"No source gives a date for {name[0].lower() + name[1:]}, which has {modifications} known here."
        passed = planned_on <= (horizon(self.register) or "")
        confirmed = "; no source here confirms that it came" if passed else ""
        return f"{name} {'was' if passed else 'is'} planned for {day(planned_on)}, with {modifications} known here{confirmed}."

    @property
    def _in_force_and_planned(self) -> tuple[str | None, str | None]:
        days = release_dates.release_days(self.register).set_index("slug").loc[self.slug]
        return iso(days["in_force_on"]), iso(days["planned_on"])

    @property
    def _answer_of_none(self) -> str:
        """Whether it came into force, and when, of a release of which no source names a modification."""
        in_force, planned_on = self._in_force_and_planned
        name, none = release_in_words(self.name), "no source here names a modification in it"
        if in_force:
            return sentence_case(f"{name} came into force on {day(in_force)}; {none}.")
        if planned_on is None:
            return f"No source gives a date for {name}, or names a modification in it."
        if planned_on > (horizon(self.register) or ""):
            return sentence_case(f"{name} is planned for {day(planned_on)}; {none}.")
        return sentence_case(
            f"{name} was planned for {day(planned_on)}. No source here confirms that it came, or names a modification in it."
        )

    def _came(self, in_force: str) -> str:
        """On which day it came; of what it holds, where that came on several and no source gives the release's own."""
        days = [day(str(iso(each))) for each in release_dates.days_in_force(self.register).get(self.slug, [])]
        differ = "(the sources of its modifications differ)"
        match len(days):
            case 0 | 1:
                return f"on {day(in_force)}"
            case 2:
                return f"on {days[0]} or {days[1]} {differ}"
        return f"between {days[0]} and {days[-1]} {differ}"

    @property
    def digest(self) -> str:
        """A hash of all that it shows."""
        return release_digests(self.register)[self.slug]

    def __repr__(self) -> str:
        return f"{self.title}\n{self.answer}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            mime.RELEASE: {"slug": self.slug, "name": self.name, "title": self.title, "answer": self.answer},
            "text/plain": repr(self),
            "text/html": "".join(self._html()),
        }

    def _html(self) -> Iterator[str]:
        yield f'<p class="answer">{text(self.answer)}</p>'
        yield "<h2>Contents</h2>"
        yield from self._short_list()
        items = self.contents.sort_values(["status", "name"], kind="stable")
        if items.empty:
            yield "<p>No source lists what is in this release.</p>"
        for status in SHOWN:
            of_status = records(items[items["shown_as"] == status])
            if of_status:
                yield f"<h3>{text(str(status).capitalize())} ({len({r['name'] for r in of_status})})</h3>"
                yield self._list([(_item(r), [r["source_id"]], [r["locator"]]) for r in of_status])
        if len(self.changes):
            yield "<h2>Joined and left</h2>"
            yield "<p>From one list of its scope to the next, as sources published them.</p>"
            by_day = self.changes.assign(on=self.changes["on"].dt.strftime("%Y-%m-%d")).groupby("on")
            for on, moves in by_day:
                yield f"<h3>{text(day(str(on)))}</h3>{_moves(moves)}{self._lists_of(pd.Timestamp(str(on)), moves)}"
        if len(self.dates):
            yield "<h2>Dates, planned and actual</h2>"
            yield self._list([(_stated(r), [r["source_id"]], [r["locator"]]) for r in records(self.dates)])

        days = self.changes["on"].unique()
        before = [self._list_before(on) for on in days]
        listing = [*before, *(releases.listed_on(self.register, self.slug, on) for on in days)]
        short = release_members.short_lists(self.register)
        used = {*self.contents["source_id"], *self.dates["source_id"]}
        used |= {*short.loc[short["slug"] == self.slug, "source_id"]}
        used |= {source_id for rows in listing for source_id in rows["source_id"]}
        if used:
            facts = source_facts(self.register)
            yield f"<h2>Sources</h2>{sources_list({source_id: facts[source_id] for source_id in used})}"

    def _short_list(self) -> Iterator[str]:
        """Where a source states that more modifications came into force than are known."""
        short = release_members.short_lists(self.register)
        for row in records(short[short["slug"] == self.slug]):
            stated, known = int(row["stated"]), int(row["known"])
            line = source_line(self.register, [row["source_id"]], [row["locator"]])
            words = f"A source states that {count(stated, 'modification')} came into force in it; {known} of them "
            yield f"<p>{text(words + ('is' if known == 1 else 'are') + ' known here.')} {line}</p>"

    def _lists_of(self, on: pd.Timestamp, moves: pd.DataFrame) -> str:
        """The list that has what joined and not what left, and the one that had what left."""
        now, earlier = releases.listed_on(self.register, self.slug, on), self._list_before(on)
        dropped = {item.partition(" (")[0] for item in moves.loc[moves["change"] == "dropped", "item"]}
        left = earlier[earlier["name"].isin(dropped)]
        lines = []
        for words, rows in (("List of this day", now), ("What left was last listed in", left)):
            if len(rows):
                line = source_line(self.register, rows["source_id"].tolist(), rows["locator"].tolist())
                lines.append(f'<p class="sources">{words}: {line}</p>')
        return "".join(lines)

    def _list_before(self, on: pd.Timestamp) -> pd.DataFrame:
        """The list before a day."""
        days = releases.history(self.register)
        before = days.loc[(days["slug"] == self.slug) & (days["on"] < on), "on"].max()
        return releases.listed_on(self.register, self.slug, before)

    def _list(self, entries: list[tuple[str, list[str], list[str]]]) -> str:
        items = "".join(
            f'<li><span class="what">{text(what)}</span>{source_line(self.register, sources, locators)}</li>'
            for what, sources, locators in entries
        )
        return f'<ol class="facts" role="list">{items}</ol>'


def _item(record: Record) -> str:
    part = f" ({record['part']})" if record["part"] else ""
    seen = record["precision"] == Precision.NOT_BEFORE or not record["on"]
    when = bare(record["on"], record["precision"]) if record["on"] else "on a day that isn't known"
    return (
        f"{record['name']}{part}"
        + (f", {record['title']}" if record["title"] else "")
        + (f" (planned for it, as seen {when})" if seen else "")
    )


def _moves(moves: pd.DataFrame) -> str:
    lines = []
    for change, words in CHANGES.items():
        of_change = moves[moves["change"] == change]
        for status, items in of_change.groupby("status" if "{status}" in words else "change", dropna=False):
            names = ", ".join(items["item"])
            label = words.format(status=status)
            lines.append(f"<li><b>{text(sentence_case(label))}:</b> {text(names)}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _stated(record: Record) -> str:
    words = []
    if record["planned_on"]:
        words.append(f"planned for {day(record['planned_on'])}")
    if record["in_force_on"]:
        words.append(f"in force on {day(record['in_force_on'])}")
    statement = (
        f", as stated on {bare(record['stated_on'], None)}"
        if record["stated_on"] and not record["in_force_on"]
        else ""
    )
    line = f"{' and '.join(words) or 'no day given'}{statement}"
    return sentence_case(line)


@once
def release_digests(register: ResolvedRegister) -> dict[str, str]:
    """A hash of what each release's page is made from, by slug: statements of it, their sources, titles.

    Of the statements, and not of what follows from them: how a scope moved takes long to work out.
    """
    items = register.release_item_statements.dropna(subset=["release"])
    items = items.assign(
        slug=items["release"].map(register.release_slugs), title=register.title_of(items["name"])
    )
    made_from: dict[str, list[Record]] = {slug: [] for slug in release_names(register)}
    for record in records(pd.concat([items, release_dates.dates(register)])):
        made_from[record["slug"]].append(record)
    sources, shared = source_facts(register), [register.is_synthetic, str(register.known_by)]
    # what has left, and what is in force in part, follows from statements of other releases too
    members = release_members.member_items(register)
    labels = members["name"] + " " + status_in_words(register, members)
    members_of = labels.groupby(members["slug"]).agg(list).to_dict()
    short = {record["slug"]: record for record in records(release_members.short_lists(register))}
    digests = {}
    for slug, of_release in made_from.items():
        used = {record["source_id"]: sources[record["source_id"]] for record in of_release}
        days = [record["planned_on"] for record in of_release if record["planned_on"]]
        passed = [day for day in days if day <= (horizon(register) or "")]
        what_follows = [passed, members_of.get(slug), short.get(slug)]
        stated = json.dumps([of_release, used, what_follows, shared], sort_keys=True)
        digests[slug] = hashlib.sha256(stated.encode()).hexdigest()
    return digests


@once
def release_names(register: ResolvedRegister) -> dict[str, str]:
    """The releases that any source names: their names by slug."""
    days = release_dates.release_days(register)
    return dict(zip(days["slug"], days["release"], strict=True))
