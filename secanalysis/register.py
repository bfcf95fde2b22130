"""The register: all statements, what was known of them when, and what they amount to.

Filtering by what was known comes first and resolution after it, so adding a statement never changes
what an earlier day knew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from secanalysis import references, resolution, schemas, statements
from secanalysis.figures import Row
from secanalysis.months import Clock, ReportMonth, clock
from secanalysis.paths import Project
from secanalysis.vocabulary import AssessmentState, PublishedPrecision, SourceKind

ATTESTS_ALL = (SourceKind.REGISTER, SourceKind.SYNTHETIC)
"""Sources that hold every row of their register, and so attest each list up to their day."""


@dataclass(frozen=True, eq=False)
class Register:
    """Typed statements and what they amount to.

    Attributes
    ----------
    tables
        The ten tables of `schemas.TABLES`.
    withheld
        How many statements were left out because their source wasn't known to be published yet.
    known_by
        The day whose knowledge this is; None for today's best.
    """

    tables: statements.Tables
    withheld: int = 0
    known_by: date | None = None

    @classmethod
    def load(cls, processed: Path | None = None) -> Register:
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
        return cls(statements.read_processed(processed or Project.find().processed))

    # What was known ---------------------------------------------------------------------------

    def as_known(self, day: date | None) -> Register:
        """The register as it was known on a day.

        Parameters
        ----------
        day
            Only statements of sources known (precision day) to have been published on or before it
            are kept; None keeps all.
        """
        if day is None:
            return self
        sources = self.sources
        known = (sources["published_precision"] == PublishedPrecision.DAY) & (
            sources["published_on"] <= pd.Timestamp(day)
        )
        return self._keeping(set(sources.loc[known, "source_id"]), day)

    def only(self, *source_ids: str) -> Register:
        """The register of some sources' statements alone: what a report's reprint is computed from."""
        return self._keeping(set(source_ids), self.known_by)

    def _keeping(self, kept: set[str], day: date | None) -> Register:
        tables = {
            name: frame[frame["source_id"].isin(kept)].reset_index(drop=True)
            for name, frame in self.tables.items()
        }
        before = sum(len(frame) for name, frame in self.tables.items() if name != "sources")
        after = sum(len(frame) for name, frame in tables.items() if name != "sources")
        return Register(tables, self.withheld + before - after, day)

    def happened_by(self, day: date) -> Register:
        """The register without any fact dated after a day, that day included.

        A row that tells of several days loses those that were still to come: an assessment returned
        later is one not returned yet. Durations are computed from this, so the future can't leak in.
        """
        if day not in self._happened_by:
            self._happened_by[day] = self._without_later(pd.Timestamp(day))
        return self._happened_by[day]

    @cached_property
    def _happened_by(self) -> dict[date, Register]:
        return {}

    def _without_later(self, limit: pd.Timestamp) -> Register:
        tables = dict(self.tables)
        for name in ("events", "lineage", "release_items"):
            frame = tables[name]
            tables[name] = frame[~(resolution.effective_day(frame["on"], frame["precision"]) > limit)]
        tables["assessments"] = _assessments_by(tables["assessments"], limit)
        consultations = tables["consultations"]
        tables["consultations"] = consultations[~(consultations["opened_on"] > limit)]
        return Register(
            {k: v.reset_index(drop=True) for k, v in tables.items()}, self.withheld, self.known_by
        )

    # Sources ----------------------------------------------------------------------------------

    @property
    def sources(self) -> pd.DataFrame:
        """`schemas.Sources`."""
        return self.tables["sources"]

    @cached_property
    def reports(self) -> pd.Series:
        """The published reports: source_id by cover month (as text).

        A report is a source that prints figures, dated in its cover month.
        """
        kinds = [SourceKind.REPORT, SourceKind.SYNTHETIC]
        dated = self.sources[
            self.sources["kind"].isin(kinds) & (self.sources["published_precision"] == PublishedPrecision.DAY)
        ]
        printed = self.tables["published_figures"][["month", "source_id"]].drop_duplicates()
        both = printed.merge(dated, on="source_id")
        both = both[both["published_on"].dt.strftime("%Y-%m") == both["month"]]
        return (
            both.sort_values(["month", "published_on", "source_id"])
            .drop_duplicates("month")
            .set_index("month")["source_id"]
        )

    def report_of(self, month: ReportMonth) -> str | None:
        """The source_id of the month's published report, or None."""
        found = self.reports.get(str(month))
        return None if found is None else str(found)

    def clock(self, month: ReportMonth) -> Clock:
        """The month's clocks, with the dates of the reports that are known."""
        days = self.sources.set_index("source_id")["published_on"]
        published = {ReportMonth.parse(m): days[source].date() for m, source in self.reports.items()}
        return clock(month, published)

    def attests_all_by(self, day: date) -> bool:
        """Whether a register's own export holds every row up to a day."""
        return bool((self._exporting["published_on"] >= pd.Timestamp(day)).any())

    @cached_property
    def _exporting(self) -> pd.DataFrame:
        """Sources that are a register's own export, with their days."""
        whole = (
            self.sources["kind"].isin(ATTESTS_ALL)
            & (self.sources["published_precision"] == PublishedPrecision.DAY)
            & ~self.sources["source_id"].isin(self.reports)
        )
        return self.sources.loc[whole, ["source_id", "published_on"]]

    @property
    def is_synthetic(self) -> bool:
        """Whether any statement is made up."""
        return bool((self.sources["kind"] == SourceKind.SYNTHETIC).any())

    @cached_property
    def data_sha256(self) -> str:
        """A hash of all statements, whatever the order of their rows."""
        digest = hashlib.sha256()
        for name, frame in self.tables.items():
            digest.update(f"{name}\n{statements.csv_text(statements.sort_rows(frame, name), name)}".encode())
        return digest.hexdigest()

    # What it amounts to -----------------------------------------------------------------------

    @cached_property
    def _events(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return resolution.events(self.tables["events"], self.sources)

    @property
    def events(self) -> pd.DataFrame:
        """One row an event, as `resolution.events` says."""
        return self._events[0]

    @property
    def events_told(self) -> pd.DataFrame:
        """The statements of events with their ``event_id``."""
        return self._events[1]

    @cached_property
    def _assessments(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return resolution.assessments(self.tables["assessments"], self.sources)

    @property
    def assessments(self) -> pd.DataFrame:
        """One row an assessment, as `resolution.assessments` says."""
        return self._assessments[0]

    @property
    def assessments_told(self) -> pd.DataFrame:
        """The statements of assessments with their ``assessment_id``."""
        return self._assessments[1]

    @cached_property
    def _release_items(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return resolution.release_items(self.tables["release_items"], self.sources)

    @property
    def implementations(self) -> pd.DataFrame:
        """One row an implementation, as `resolution.release_items` says."""
        return self._release_items[0]

    @property
    def release_items_told(self) -> pd.DataFrame:
        """The statements of release items, ranked."""
        return self._release_items[1]

    @cached_property
    def named(self) -> pd.DataFrame:
        """Which modifications and parts each source names in any table: ``name, root, source_id``."""
        frames = [
            frame[["ref", "source_id"]].drop_duplicates()
            for name, frame in self.tables.items()
            if name != "sources" and "ref" in frame
        ]
        told = pd.concat(frames, ignore_index=True).dropna().drop_duplicates()
        names = told.assign(name=references.name(told["ref"]), root=references.root(told["ref"]))
        return names[["name", "root", "source_id"]].drop_duplicates(ignore_index=True)

    @cached_property
    def split_days(self) -> pd.Series:
        """The day from which a split modification's parts count, by root."""
        return resolution.split_days(self.tables["lineage"], self.named, self.sources)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """All parts of split modifications that any table names: ``root, name``."""
        pairs = self.named[self.named["name"] != self.named["root"]]
        return pairs[["root", "name"]].drop_duplicates(ignore_index=True)

    @cached_property
    def conflicts(self) -> pd.DataFrame:
        """Every conflict that was settled: what was kept, what not, and the sources of both."""
        settled = [
            resolution.event_conflicts(self.events_told),
            resolution.assessment_conflicts(self.assessments_told),
            resolution.item_conflicts(self.release_items_told),
        ]
        found = pd.concat(settled, ignore_index=True)
        return found.sort_values(list(found.columns), kind="stable", ignore_index=True)

    @cached_property
    def mentioned_on(self) -> pd.Series:
        """The first day (or lower bound) of publication of a source that names a modification or part."""
        published = self.sources.set_index("source_id")["published_on"]
        day = resolution.looked_up(self.named["source_id"], published)
        return day.groupby(self.named["name"]).min().rename("mentioned_on")

    @cached_property
    def exports(self) -> pd.DataFrame:
        """What registers' own exports list: ``name, root, on``, each as on its export's day."""
        whole = self._exporting.rename(columns={"published_on": "on"})
        return self.named.merge(whole, on="source_id")[["name", "root", "on"]].drop_duplicates()

    def unit_of(self, names: pd.Series, days: pd.Series) -> pd.Series:
        """Whose a fact of a day is: before a split a part's facts belong to its parent."""
        roots = references.root(names)
        return names.where(~(days < resolution.looked_up(roots, self.split_days)), roots)

    @cached_property
    def titles(self) -> pd.Series:
        """A title for each modification or part: the best source's, the first that it prints."""
        order = resolution.ranked(self.tables["modifications"].dropna(subset=["title"]), self.sources)
        return order.drop_duplicates("name").set_index("name")["title"]

    def title_of(self, names: pd.Series) -> pd.Series:
        """Titles of modifications or parts; a part without one of its own has its parent's."""
        parents = names.str.replace(r"[A-Z]$", "", regex=True)
        own = resolution.looked_up(names, self.titles)
        return own.fillna(resolution.looked_up(parents, self.titles))

    def statements_at(self, rows: tuple[Row, ...]) -> dict[str, pd.DataFrame]:
        """The statements behind a figure, by table."""
        found = {}
        for table in schemas.TABLES:
            keys = [(row.source_id, row.locator) for row in rows if row.table == table]
            if keys:
                frame = self.tables[table]
                index = pd.MultiIndex.from_frame(frame[schemas.KEY])
                found[table] = frame[index.isin(keys)]
        return found


def _assessments_by(frame: pd.DataFrame, limit: pd.Timestamp) -> pd.DataFrame:
    days = ["requested_on", "accepted_on", "returned_on", "state_on"]
    out = frame.copy()
    for column in days:
        out[column] = frame[column].mask(frame[column] > limit)
    emptied = frame[days].notna().any(axis=1) & out[days[:3]].isna().all(axis=1)
    was_to_come = frame["returned_on"].notna() & out["returned_on"].isna()
    undated = (frame["state"] == AssessmentState.RETURNED) & frame["returned_on"].isna()
    was_to_come |= undated & (frame["state_on"] > limit)
    out["state"] = out["state"].mask(was_to_come, AssessmentState.REQUESTED)
    out["state_on"] = out["state_on"].mask(was_to_come)
    return out[~emptied]
