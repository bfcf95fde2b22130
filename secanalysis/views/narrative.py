"""The month in sentences, as a published report has it: what happened, what is next, and the chapters' short lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd

from secanalysis.analysis import activity, key_dates, numbering, stages
from secanalysis.domain.vocabulary import BODIES, Body, Outcome, Precision
from secanalysis.domain.written_days import day_in_words
from secanalysis.views.formatting import count, listed
from secanalysis.views.narrative_outcomes import RECOMMENDED, OutcomeSentences
from secanalysis.views.narrative_releases import ReleaseSentences
from secanalysis.views.narrative_words import (
    OUTCOMES,
    PATHS,
    Row,
    Sentence,
    in_full,
    is_filled,
    item_lines,
    meeting,
    noun,
    planned,
    published_once,
    requested,
    verb,
    when,
)
from secanalysis.views.passage import AS_PUBLISHED, NOTHING, Chapter, Item, Passage, Stated, paragraph
from secanalysis.views.tables import Table

WEEKS_AHEAD = 8


class NarrativeSection(OutcomeSentences, ReleaseSentences):
    """A view's month in sentences, each number a figure that opens.

    ``summary()`` and ``next_dates()`` open the report; the other methods are its chapters' parts, in their order.
    What no source states is left out of a sentence rather than shown as none.
    """

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._whole()._repr_mimebundle_()

    def __repr__(self) -> str:
        return repr(self._whole())

    def _whole(self) -> Chapter:
        chapters = (self.opening(), self.define(), self.refine(), self.opine(), self.releases())
        return self._chapter(*(passage for chapter in chapters for passage in chapter.passages))

    # The two minutes ------------------------------------------------------------------------------

    def opening(self) -> Chapter:
        """What happened, and what is next."""
        return self._chapter(("What happened", self.summary()), ("What is next", self.next_dates()))

    def summary(self) -> Passage:
        """What happened since the last report, and where things are, in one paragraph."""
        return Passage(
            paragraph(
                [
                    self._decided(),
                    *map(self._recommended_to_the_authority, RECOMMENDED),
                    self._authority_decided(),
                    self._decided_by_an_unknown_body(),
                    self._came_into_force(),
                    self._withdrawn(),
                    self._sentence(
                        "{} modifications {are} recommended for the Report Phase.", "recommended.report.count"
                    ),
                    self._sentence("{} new Draft Proposals {were} raised.", "raised.count"),
                    self._over_target(),
                    *map(self._approved_for, self._to_come()),
                    self._stock(),
                ]
            )
        )

    def next_dates(self, weeks: int = WEEKS_AHEAD) -> Passage:
        """What is planned for the weeks after the report's day, earliest first.

        Parameters
        ----------
        weeks
            How many; the last day is included.
        """
        dates = key_dates.to_come(self.register, self.clock)
        until = self.clock.report_date + timedelta(weeks=weeks)
        dates = dates[dates["next_on"] <= pd.Timestamp(until)]
        dates = dates.assign(name=self._called(dates["name"]), title=self.register.title_of(dates["name"]))
        dates = dates.reset_index(drop=True)
        dated: list[tuple[Any, Any, Any, str]] = [
            (day, what, in_month, f": {listed(rows['name'])}")
            for (day, what, in_month), rows in dates.groupby(["next_on", "next_what", "in_month"])
        ]
        dated += [(day, what, False, "") for day, what in self._meetings_to_come(until)]
        items = [planned(*line) for line in sorted(dated, key=lambda line: (line[0], line[1]))]
        words = f"The {weeks} weeks to {day_in_words(until)}:"
        none = (
            f"No plan for the {weeks} weeks to {day_in_words(until)} is known from what had been published."
        )
        none = none if self.view.provenance.has_report else ""
        table = Table(
            "next-dates",
            f"What is planned in the {weeks} weeks after the report",
            dates.assign(
                next_on_precision=dates["in_month"].map({True: Precision.MONTH, False: Precision.DAY})
            ),
            {
                "next_on": "Day",
                "next_on_precision": "Day known as",
                "next_what": "What is planned",
                "name": "Reference",
                "title": "Title",
            },
        )
        return Passage(tuple(filter(None, [words if items else none])), tuple(items), table)

    # Chapters -------------------------------------------------------------------------------------

    def define(self) -> Chapter:
        """Draft Proposals: raised, and recommended for conversion."""
        return self._chapter(
            ("New Draft Proposals", self.raised()),
            ("Change Sub-Committee (CSC) decisions", self.conversions()),
        )

    def refine(self) -> Chapter:
        """The Refinement Process: meetings, consultations, and requests for Impact Assessments."""
        return self._chapter(
            ("Recommended for the Refinement Process", self.recommended("refinement")),
            ("Working Group meetings", self.meetings()),
            ("Refinement Consultations", self.consultations("refinement")),
            ("Impact Assessment requests", self.impact_assessment_requests()),
            ("DCC assessment timescales", self.assessments()),
        )

    def opine(self) -> Chapter:
        """The Report Phase: consultations, votes and decisions, and how long modifications take."""
        return self._chapter(
            ("Recommended for the Report Phase", self.recommended("report")),
            ("Modification Report Consultations", self.consultations("report")),
            ("Change Board votes", self.votes()),
            ("Authority decisions", self.authority()),
            ("Modification progression timescales", self.proposals()),
        )

    def releases(self) -> Chapter:
        """What came into force, and what is to come."""
        return self._chapter(("Implemented", self.implemented()), ("To come", self.scopes()))

    def _chapter(self, *passages: tuple[str, Passage]) -> Chapter:
        return Chapter(passages, NOTHING if self.view.provenance.has_report else "")

    # Define ---------------------------------------------------------------------------------------

    def raised(self) -> Passage:
        """New Draft Proposals, with who raised each and what it is about."""
        modifications = self.register.tables["modifications"]
        proposers, summaries = (
            modifications.dropna(subset=[column]).drop_duplicates("ref").set_index("ref")[column].to_dict()
            for column in ("proposer_organisation", "summary")
        )

        def words(row: Row) -> str:
            by = f"by {proposers[row.ref]} " if row.ref in proposers else ""
            about = f". {summaries[row.ref]}" if row.ref in summaries else ""
            return f"raised {by}{when(row)}{about}"

        return self._list("raised.count", "{} new Draft Proposals {were} raised", words)

    def conversions(self) -> Passage:
        """What the Change Sub-Committee recommended for conversion to a Modification Proposal."""
        return self._list(
            "recommended.conversion.count",
            "The Change Sub-Committee recommended {} Draft Proposals for conversion to Modification Proposals",
        )

    # Refine ---------------------------------------------------------------------------------------

    def recommended(self, phase: str) -> Passage:
        """What is recommended for a phase.

        Parameters
        ----------
        phase
            ``refinement`` or ``report``.
        """
        name = {"refinement": "Refinement Process", "report": "Report Phase"}[phase]
        return self._list(
            f"recommended.{phase}.count", f"{{}} modifications {{are}} recommended for the {name}"
        )

    def meetings(self) -> Passage:
        """Working Group meetings by date, with what each was about."""
        rows = activity.meetings(self.register, self.clock)
        rows = rows[rows["body"] == Body.WORKING_GROUP]
        rows = rows.assign(ref=self._called(rows["ref"]), in_month=rows["precision"] == Precision.MONTH)
        days = rows.groupby(["held_on", "in_month"], sort=True)
        items: tuple[Item, ...] = tuple(meeting(day, in_month, group) for (day, in_month), group in days)
        return Passage(("Since the last report, and to come:",) if items else (), items)

    def consultations(self, kind: str) -> Passage:
        """Consultations that are open, and those expected, with their weeks.

        Parameters
        ----------
        kind
            ``refinement`` or ``report``.
        """
        name = {"refinement": "Refinement Consultation", "report": "Modification Report Consultation"}[kind]
        out, expected = f"consultation.{kind}.open.count", f"consultation.{kind}.expected.count"
        sentences = [
            self._sentence(f"{{}} modifications {{are}} out for {name}.", out),
            self._sentence(f"{{}} {name}s {{are}} expected to be issued.", expected),
        ]
        items = [
            *item_lines(
                self._rows(out),
                lambda row: f"open until {in_full(row.closed_on)}" if is_filled(row.closed_on) else "open",
            ),
            *item_lines(
                self._rows(expected),
                lambda row: (
                    f"in the week of {in_full(row.expected_week)}" if is_filled(row.expected_week) else ""
                ),
            ),
        ]
        return Passage(paragraph(sentences), tuple(items))

    def impact_assessment_requests(self) -> Passage:
        """Requests for Impact Assessments, approved and deferred."""
        approved, deferred = (f"impact_assessment.{what}.count" for what in ("approved", "deferred"))
        sentences = [
            self._sentence("{} Impact Assessment requests {were} approved.", approved),
            self._sentence("{} {were} deferred.", deferred),
        ]
        items: list[Item] = []
        for key, word in ((approved, "approved"), (deferred, "deferred")):
            items += item_lines(self._rows(key), partial(requested, word))
        return Passage(paragraph(sentences), tuple(items))

    def assessments(self) -> Passage:
        """How long the DCC's assessments take, open and completed."""
        names = {"pa": "Preliminary Assessments (PA)", "ia": "Impact Assessments (IA)"}
        sentences = []
        for kind, name in names.items():
            key = f"assessment.{kind}"
            opened = self._sentence(f"{{}} {name} {{are}} open", f"{key}.open.count")
            if opened:
                opened = (*opened, *self._mean(f"{key}.open.mean_wd", ", for {} on average"))
            of_what = "" if opened else f"{name} "
            done = self._sentence(
                f"{{}} {of_what}{{were}} completed in the last 12 months", f"{key}.completed.count"
            )
            if done:
                done = (*done, *self._mean(f"{key}.completed.mean_wd", ", after {} on average"))
            if opened or done:
                sentences.append((*opened, *(("; ",) if opened and done else ()), *done, "."))
        return Passage(paragraph([*sentences, self._over_target()]))

    # Opine ----------------------------------------------------------------------------------------

    def votes(self) -> Passage:
        """What the Change Board voted on, with each outcome and what became of it."""
        rows = self._rows("vote.count")
        referred = set(self._rows("vote.referred.count")["name"])
        leads_to = self._targets(set(rows["name"]))
        days = rows.loc[rows["precision"] == Precision.DAY, "on"].unique()
        same_day = f" on {in_full(days[0])}" if len(days) == 1 else ""

        def words(row: Row) -> str:
            outcome = (
                OUTCOMES.get(row.outcome, "outcome not stated")
                if is_filled(row.outcome)
                else "outcome not stated"
            )
            path = f" {PATHS[row.path]}" if is_filled(row.path) else ""
            leads = leads_to.get(row.name, "") if row.outcome == Outcome.APPROVED else ""
            if row.outcome == Outcome.REJECTED and row.name in referred:
                leads = "; the decision was referred to the Panel"
            own_day = "" if same_day and row.precision == Precision.DAY else f" {when(row)}"
            return f"{outcome}{path}{own_day}{leads}"

        return self._list("vote.count", f"The Change Board voted on {{}} modifications{same_day}", words)

    def authority(self) -> Passage:
        """What the Authority decided, and what is with it."""
        decided, pending = "authority.decided.count", "authority.pending.count"
        sentences = [
            self._sentence("The Authority decided on {} modifications.", decided),
            self._sentence("{} modifications {are} with the Authority for decision.", pending),
        ]
        items = [
            *item_lines(
                self._rows(decided), lambda row: f"{OUTCOMES.get(row.outcome, 'decided')} {when(row)}"
            ),
            *item_lines(self._rows(pending), lambda row: "with the Authority"),
        ]
        return Passage(paragraph(sentences), tuple(items))

    def proposals(self) -> Passage:
        """How long modifications take, open and concluded."""
        sentences = []
        for words, what, length in (
            ("{} proposals {are} open (before a decision)", "open", ", for {} on average"),
            ("{} proposals {were} concluded in the last 12 months", "concluded", ", after {} on average"),
        ):
            if sentence := self._sentence(words, f"proposal.{what}.count"):
                mean = self._mean(f"proposal.{what}.mean_wd", length)
                sentences.append(published_once((*sentence, *mean, ".")))
        return Passage(paragraph(sentences))

    # Parts of sentences ---------------------------------------------------------------------------

    def _decided(self) -> Sentence:
        approved, rejected = (self._number(f"vote.{word}.count") for word in ("approved", "rejected"))
        if not approved and not rejected:
            return ()
        rows = self._rows("vote.rejected.count")
        referred = set(rows["name"]) and set(rows["name"]) <= set(self._rows("vote.referred.count")["name"])
        parts: list[str | Stated] = ["The Change Board "]
        if approved:
            parts += ["approved ", approved, f" {noun(approved, 'modification')}"]
        if rejected and rejected.figure.value != 0:
            parts += [" and rejected " if approved else "rejected ", rejected]
            parts += (
                [f", which {'was' if len(rows) == 1 else 'were'} referred to the Panel"] if referred else []
            )
        return (*parts, ".")

    def _over_target(self) -> Sentence:
        late = self._number("assessment.open.over_target.count")
        if not late:
            return ()
        opened = sum(int(self.view.figures[f"assessment.{kind}.open.count"].n or 0) for kind in ("pa", "ia"))
        whole = late.figure.value is not None
        of = (
            f" of {count(opened, 'open DCC assessment')}"
            if whole
            else f" {noun(late, 'open DCC assessment')}"
        )
        return (late, f"{of} {verb(late)} over target.")

    def _stock(self) -> Sentence:
        """Proposals raised in 12 months, by their numbers, against those concluded."""
        raised, concluded = self._number("proposal.raised.count"), self._number("proposal.concluded.count")
        if raised is None or raised.figure.value is None:
            return ()
        end = day_in_words(self.clock.period_end)
        histories = stages.stages(self.register)
        least, most = numbering.raised_between(histories, self.clock.window_start, self.clock.period_end)
        bound = "" if least == most else "at least "
        words = (bound, raised, f" proposals were raised in the 12 months to {end}")
        if concluded is None:
            return (*words, ".")
        bare = concluded.without_as_published()
        published = AS_PUBLISHED if bare != concluded else ""
        return (*words, " and ", bare, f" concluded{published}.")

    def _meetings_to_come(self, until: date) -> Iterator[tuple[Any, str]]:
        """Meetings for which no modification is named yet."""
        rows = activity.meetings(self.register, self.clock)
        days = pd.Timestamp(self.clock.report_date), pd.Timestamp(until)
        coming = rows[rows["held_on"].between(*days, inclusive="right")]
        named = set(coming.loc[coming["ref"].notna(), "held_on"])
        for row in coming[coming["ref"].isna()].drop_duplicates(["held_on", "body"]).itertuples():
            if row.held_on not in named:
                agenda = f" (agenda on {in_full(row.agenda_on)})" if is_filled(row.agenda_on) else ""
                yield row.held_on, f"{BODIES[str(row.body)]} meeting{agenda}"
