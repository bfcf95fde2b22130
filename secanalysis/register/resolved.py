"""The register: all statements, what was known of them when, and what they amount to.

Filtering by what was known comes first and resolution after it, so adding a statement never changes
what an earlier day knew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

import pandas as pd

from secanalysis.domain import references, report_days
from secanalysis.domain.kept import Kept
from secanalysis.domain.months import Clock, DayClock, ReportMonth, clock, same_day
from secanalysis.domain.release_names import release_slugs
from secanalysis.domain.vocabulary import AssessmentState, PublishedPrecision, SourceKind
from secanalysis.register import changed_exports, snapshots
from secanalysis.register.resolution import assessments, events, ranking, release_items, splits
from secanalysis.statements import corrections, schemas, storage, table_columns
from secanalysis.support.integer_codes import looked_up
from secanalysis.support.memoise import once
from secanalysis.support.project import Project

ATTESTS_ALL = (SourceKind.REGISTER, SourceKind.SYNTHETIC)
"""Sources that hold every row of their register, and so attest each list up to their day."""


@dataclass(frozen=True, eq=False)
class ResolvedRegister:
    """Typed statements and what they amount to.

    Attributes
    ----------
    stated
        All tables of `schemas.TABLES` as the sources state them, and corrections of them if any.
    withheld
        How many statements were left out because their source wasn't known to be published yet.
    known_by
        The day whose knowledge this is; None for today's best.
    release_names
        The names of all releases, also of those that are left out here; None where nothing is.
    shown_open
        Of a register as at a day: assessments that an export then showed to be open, as `snapshots.still_open` says.
    facts_by
        The day after which nothing that happened counts; None where all does.
    """

    stated: storage.Tables
    withheld: int = 0
    known_by: date | None = None
    release_names: frozenset[str] | None = None
    shown_open: frozenset[tuple[str, str]] = frozenset()
    facts_by: date | None = None

    @classmethod
    def load(cls, processed: Path | None = None) -> Self:
        """Read what ``secanalysis build`` wrote.

        Parameters
        ----------
        processed
            The folder of parquet tables; the project's own if not given.

        Raises
        ------
        UserError
            If it hasn't been built.
        """
        folder = processed or Project.find().processed
        kept = _for_good.get(folder.resolve())
        return kept if isinstance(kept, cls) else cls(storage.read_processed(folder))

    @classmethod
    def keep(cls, processed: Path | None = None) -> Self:
        """Load it once and for good: from then on `load`, in this process and in its forks, gives this very register.

        For processes that notebooks' kernels are forked from. An analyst's own session loads afresh.
        """
        kept = cls.load(processed)
        _for_good[(processed or Project.find().processed).resolve()] = kept
        return kept

    @cached_property
    def corrections(self) -> pd.DataFrame:
        """The corrections that are used: rows of `schemas.Corrections`."""
        stated = self.stated.get("corrections", table_columns.empty("corrections"))
        stated = stated[stated["source_id"].isin(self.stated["sources"]["source_id"])]
        return corrections.in_force(stated, self.known_by)

    @cached_property
    def tables(self) -> storage.Tables:
        """What everything is worked out from: `corrected` without what newer exports have replaced."""
        return snapshots.speaking(self.corrected, self.snapshots, self.shown_open)

    @cached_property
    def snapshots(self) -> snapshots.Snapshots:
        """Exports of registers that have a name, of which the newest speaks."""
        return snapshots.Snapshots.of(self.stated["sources"])

    @cached_property
    def corrected(self) -> storage.Tables:
        """All tables, corrected, with all that exports ever said."""
        stated = {name: frame for name, frame in self.stated.items() if name in schemas.TABLES}
        return corrections.corrected(stated, self.corrections)

    @cached_property
    def release_slugs(self) -> dict[str, str]:
        """The slug of each release by its name: the same whatever day is looked at, and whose statements."""
        return release_slugs(self._all_release_names)

    @cached_property
    def _all_release_names(self) -> frozenset[str]:
        if self.release_names is not None:
            return self.release_names
        named = [
            frame["release"].dropna()
            for table in (self.stated, self.tables)
            for frame in map(table.get, ("releases", "release_items"))
            if frame is not None
        ]
        return frozenset().union(*named)

    def _part(self, stated: storage.Tables, **more: Any) -> Self:
        """The register with fewer statements, whose releases have the slugs that they have here."""
        return replace(self, stated=stated, release_names=self._all_release_names, **more)

    # What was known ---------------------------------------------------------------------------

    def as_known(self, day: date | None) -> Self:
        """The register as it was known on a day.

        Parameters
        ----------
        day
            Only statements of sources known (precision day) to have been published on or before it
            are kept; None keeps all.
        """
        if day is None:
            return self
        return self._published_by(day)

    @once
    def _published_by(self, day: date) -> Self:
        sources = self.sources
        known = (sources["published_precision"] == PublishedPrecision.DAY) & (
            sources["published_on"] <= pd.Timestamp(day)
        )
        kept = self._kept(set(sources.loc[known, "source_id"]))
        withheld = self.withheld + storage.size(self.stated) - storage.size(kept)
        return self._part(self.stated | kept, withheld=withheld, known_by=day)

    @once
    def only(self, *source_ids: str) -> Self:
        """The register of some sources' statements alone, uncorrected: what a reprint is computed from."""
        return self._part(self._kept(set(source_ids)))

    def _kept(self, source_ids: set[str]) -> storage.Tables:
        return {
            name: self.stated[name][self.stated[name]["source_id"].isin(source_ids)].reset_index(drop=True)
            for name in schemas.TABLES
        }

    @once
    def happened_by(self, day: date) -> Self:
        """The register without any fact dated after a day, that day included.

        A row that states several days loses those that were still to come: an assessment returned
        later is one not returned yet. Durations are computed from this, so the future can't leak in.
        """
        limit = pd.Timestamp(day)
        tables = dict(self.corrected)
        shown_open = snapshots.still_open(tables["assessments"], self.snapshots, limit)
        for name in ("events", "lineage", "release_items"):
            frame = tables[name]
            tables[name] = frame[~(ranking.effective_day(frame["on"], frame["precision"]) > limit)]
        tables["assessments"] = _assessments_by(tables["assessments"], limit)
        consultations = tables["consultations"]
        tables["consultations"] = consultations[~(consultations["opened_on"] > limit)]
        by_then = {name: frame.reset_index(drop=True) for name, frame in tables.items()}
        return self._part(by_then, shown_open=shown_open, facts_by=day)

    # Sources ----------------------------------------------------------------------------------

    @property
    def sources(self) -> pd.DataFrame:
        """`schemas.Sources`."""
        return self.tables["sources"]

    @cached_property
    def editions(self) -> pd.DataFrame:
        """Every edition of every published report: ``month`` (as text), ``source_id, published_on``, in their order.

        A report is a source that states figures, dated in its cover month.
        """
        kinds = [SourceKind.REPORT, SourceKind.SYNTHETIC]
        dated = self.sources[
            self.sources["kind"].isin(kinds) & (self.sources["published_precision"] == PublishedPrecision.DAY)
        ]
        printed = self.tables["published_figures"][["month", "source_id"]].drop_duplicates()
        both = printed.merge(dated, on="source_id")
        both = both[both["published_on"].dt.strftime("%Y-%m") == both["month"]]
        columns = ["month", "published_on", "source_id"]
        return both.sort_values(columns, ignore_index=True)[columns]

    @cached_property
    def reports(self) -> pd.Series:
        """The published reports: source_id by cover month (as text); of several editions the latest."""
        return self.editions.drop_duplicates("month", keep="last").set_index("month")["source_id"]

    def report_of(self, month: ReportMonth) -> str | None:
        """The source_id of the month's published report, or None."""
        source_id = self.reports.get(str(month))
        return None if source_id is None else str(source_id)

    def clock(self, month: ReportMonth) -> Clock:
        """The month's clocks, with the dates of the reports that are known."""
        return clock(month, self.published, partial(report_days.usual, exported=self._exported))

    @cached_property
    def _exported(self) -> dict[ReportMonth, date]:
        """The days of a register's newest exports, by month."""
        days = sorted(self.exporting["published_on"].dt.date)
        return {ReportMonth(day.year, day.month): day for day in days}

    @cached_property
    def published(self) -> dict[ReportMonth, date]:
        """The days of the published reports, by cover month."""
        days = self.sources.set_index("source_id")["published_on"]
        return {ReportMonth.parse(month): days[source].date() for month, source in self.reports.items()}

    def clock_at(self, day: date) -> Clock:
        """The clock of a view as at any day, which it counts everything to.

        Its lists cover the days since the report before where a report is of that day, else a month.
        """
        month = ReportMonth(day.year, day.month)
        of_month = self.clock(month)
        since = same_day(month.previous, day.day)
        return DayClock(
            month.next, day, of_month.previous_report_date if of_month.report_date == day else since
        )

    @once
    def attests(self, thing: str, day: date) -> bool:
        """Whether a register's own export holds every row of something that it keeps, up to a day.

        Parameters
        ----------
        thing
            One of `domain.kept.names`.
        """
        return any(kept.keeps(thing) for kept in self._kept_by(day))

    @once
    def attests_stages(self, day: date) -> bool:
        """Whether a register's own export shows the stage of each of its modifications on a day or later."""
        return any(kept.keeps_stages for kept in self._kept_by(day))

    def _kept_by(self, day: date) -> list[Kept]:
        exports = self.exporting[self.exporting["published_on"] >= pd.Timestamp(day)]
        return list({self.kept[source_id] for source_id in exports["source_id"]})

    @cached_property
    def kept(self) -> dict[str, Kept]:
        """What each register keeps, by the source_id of its export."""
        keeps = self.sources.set_index("source_id")["keeps"].reindex(self.exporting["source_id"])
        return {
            str(source_id): Kept.parse(None if pd.isna(cell) else cell) for source_id, cell in keeps.items()
        }

    @once
    def attests_all_by(self, day: date) -> bool:
        """Whether a register's own export holds every row up to a day."""
        return bool((self.exporting["published_on"] >= pd.Timestamp(day)).any())

    @cached_property
    def exporting(self) -> pd.DataFrame:
        """Sources that are a register's own export, with their days."""
        whole = (
            self.sources["kind"].isin(ATTESTS_ALL)
            & (self.sources["published_precision"] == PublishedPrecision.DAY)
            & ~self.sources["source_id"].isin(self.reports)
        )
        return self.sources.loc[whole, ["source_id", "published_on"]]

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether any statement is made up."""
        return bool((self.sources["kind"] == SourceKind.SYNTHETIC).any())

    @cached_property
    def data_sha256(self) -> str:
        """A hash of all statements, whatever the order of their rows."""
        digest = hashlib.sha256()
        stated = {name: frame for name, frame in self.stated.items() if name in schemas.TABLES or len(frame)}
        for name, frame in stated.items():
            digest.update(f"{name}\n{storage.csv_text(storage.sort_rows(frame, name), name)}".encode())
        return digest.hexdigest()

    # What it amounts to -----------------------------------------------------------------------

    @cached_property
    def _events(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return events.resolved(self.tables["events"], self.sources)

    @property
    def events(self) -> pd.DataFrame:
        """One row an event, as `resolution.events.resolved` says."""
        return self._events[0]

    @property
    def event_statements(self) -> pd.DataFrame:
        """The statements of events with their ``event_id``."""
        return self._events[1]

    @cached_property
    def _assessments(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return assessments.resolved(self.tables["assessments"], self.sources)

    @property
    def assessments(self) -> pd.DataFrame:
        """One row an assessment, as `resolution.assessments.resolved` says."""
        return self._assessments[0]

    @property
    def assessment_statements(self) -> pd.DataFrame:
        """The statements of assessments with their ``assessment_id``."""
        return self._assessments[1]

    @cached_property
    def _release_items(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return release_items.resolved(self.tables["release_items"], self.sources)

    @property
    def implementations(self) -> pd.DataFrame:
        """One row an implementation, as `resolution.release_items.resolved` says."""
        return self._release_items[0]

    @property
    def release_item_statements(self) -> pd.DataFrame:
        """The statements of release items, ranked."""
        return self._release_items[1]

    @cached_property
    def named(self) -> pd.DataFrame:
        """Which modifications and parts each source names in any table: ``name, root, source_id``."""
        frames = [
            frame[["ref", "source_id"]].drop_duplicates()
            for name, frame in self.corrected.items()
            if name != "sources" and "ref" in frame
        ]
        pairs = pd.concat(frames, ignore_index=True).dropna().drop_duplicates()
        names = pairs.assign(name=references.name(pairs["ref"]), root=references.root(pairs["ref"]))
        return names[["name", "root", "source_id"]].drop_duplicates(ignore_index=True)

    @cached_property
    def split_days(self) -> pd.Series:
        """The day from which a split modification's parts count, by root."""
        tables = self.tables
        return splits.days(tables["lineage"], self.named, self.sources, self.events, self.implementations)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """All parts of split modifications that any table names: ``root, name``."""
        pairs = self.named[self.named["name"] != self.named["root"]]
        return pairs[["root", "name"]].drop_duplicates(ignore_index=True)

    @cached_property
    def conflicts(self) -> pd.DataFrame:
        """Every conflict that was settled: what was kept, what not, and the sources of both."""
        settled = [
            events.conflicts(self.event_statements),
            assessments.conflicts(self.assessment_statements),
            release_items.conflicts(self.release_item_statements),
        ]
        in_order = pd.concat(settled, ignore_index=True)
        return in_order.sort_values(list(in_order.columns), kind="stable", ignore_index=True)

    @cached_property
    def mentioned_on(self) -> pd.Series:
        """The first day (or lower bound) of publication of a source that names a modification or part."""
        published = self.sources.set_index("source_id")["published_on"]
        day = looked_up(self.named["source_id"], published)
        return day.groupby(self.named["name"]).min().rename("mentioned_on")

    def shown_on(self, table: str, statements: pd.DataFrame, day: date | None) -> pd.DataFrame:
        """Statements without those of exports that a newer one of the same register has succeeded by a day.

        What an older export showed of its own day, such as a planned meeting, isn't true of days from the next on.

        Parameters
        ----------
        table, statements
            The name of one of `tables`, and rows of it.
        day
            The day; None leaves out those that any newer one has succeeded.
        """
        if not self.snapshots.several:
            return statements
        succeeded = self.snapshots.replaced_on(table, statements)
        gone = succeeded.notna() if day is None else succeeded <= pd.Timestamp(day)
        return statements[~gone]

    @cached_property
    def gone_on(self) -> pd.Series:
        """From which day modifications and parts are gone that registers don't list any more, by name."""
        return snapshots.gone_on(self.named, self.snapshots)

    @cached_property
    def changed_between_exports(self) -> pd.DataFrame:
        """What newer exports of a register say differently, no longer or late, as `changed_exports.changed` has it."""
        return changed_exports.changed(self.corrected, self.snapshots)

    @cached_property
    def exports(self) -> pd.DataFrame:
        """What exports of registers that keep stages list: ``name, root, on``, each as on its export's day."""
        staged = [source_id for source_id, kept in self.kept.items() if kept.keeps_stages]
        whole = self.exporting[self.exporting["source_id"].isin(staged)]
        whole = whole.rename(columns={"published_on": "on"})
        return self.named.merge(whole, on="source_id")[["name", "root", "on"]].drop_duplicates()

    def unit_of(self, names: pd.Series, days: pd.Series) -> pd.Series:
        """Whose a fact of a day is: before a split a part's facts belong to its parent."""
        roots = references.root(names)
        return names.where(~(days < looked_up(roots, self.split_days)), roots)

    @cached_property
    def titles(self) -> pd.Series:
        """A title for each modification or part: the best source's, the first that it states."""
        order = ranking.ranked(self.tables["modifications"].dropna(subset=["title"]), self.sources)
        return order.drop_duplicates("name").set_index("name")["title"]

    def title_of(self, names: pd.Series) -> pd.Series:
        """Titles of modifications or parts; a part without one of its own has its parent's."""
        parents = references.root(names)
        own = looked_up(names, self.titles)
        return own.fillna(looked_up(parents, self.titles))


_for_good: dict[Path, ResolvedRegister] = {}


def _assessments_by(frame: pd.DataFrame, limit: pd.Timestamp) -> pd.DataFrame:
    days = ["requested_on", "accepted_on", "returned_on", "state_on"]
    by_then = frame.copy()
    for column in days:
        by_then[column] = frame[column].mask(frame[column] > limit)
    emptied = frame[days].notna().any(axis=1) & by_then[days[:3]].isna().all(axis=1)
    was_to_come = frame["returned_on"].notna() & by_then["returned_on"].isna()
    undated = (frame["state"] == AssessmentState.RETURNED) & frame["returned_on"].isna()
    was_to_come |= undated & (frame["state_on"] > limit)
    by_then["state"] = by_then["state"].mask(was_to_come, AssessmentState.REQUESTED)
    by_then["state_on"] = by_then["state_on"].mask(was_to_come)
    return by_then[~emptied]
