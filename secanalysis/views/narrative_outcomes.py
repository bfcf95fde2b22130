"""What ended in a month, in sentences: what the Authority decided, what came into force, what was withdrawn."""

from __future__ import annotations

from secanalysis.analysis import activity, month_changes, release_counts
from secanalysis.analysis.in_part import IN_PART, items_in_part
from secanalysis.domain.vocabulary import Event, Outcome, Precision, Stage
from secanalysis.views.formatting import listed
from secanalysis.views.narrative_sentences import SentenceSection
from secanalysis.views.narrative_words import OUTCOMES, Sentence, is_filled

RECOMMENDED = {
    Outcome.RECOMMENDED_APPROVAL: "approve",
    Outcome.RECOMMENDED_REJECTION: "reject",
}
"""What the Change Board recommends to the Authority, by its vote's outcome."""


class OutcomeSentences(SentenceSection):
    """Sentences that a summary can't be without; each is empty where nothing of it is known."""

    def _recommended_to_the_authority(self, outcome: Outcome) -> Sentence:
        """What the Change Board recommended since the last report that the Authority approve, or reject."""
        key = f"vote.{outcome}.count"
        rows = self._rows(key)
        if rows.empty:
            return ()
        words = f"The Change Board recommended that the Authority {RECOMMENDED[outcome]} {{}} modifications"
        return (*self._sentence(words, key), f": {listed(rows['ref'])}.")

    def _authority_decided(self) -> Sentence:
        """What the Authority decided since the last report: approved MP130, rejected MP084."""
        rows = self._rows("authority.decided.count")
        if rows.empty:
            return ()
        words = self._sentence("The Authority decided on {} modifications", "authority.decided.count")
        rows = rows.assign(
            outcome=[
                OUTCOMES[outcome] if is_filled(outcome) else "outcome not stated"
                for outcome in rows["outcome"]
            ]
        )
        outcomes = [f"{outcome} {listed(of['ref'])}" for outcome, of in rows.groupby("outcome", sort=True)]
        return (*words, f": {', '.join(outcomes)}.")

    def _decided_by_an_unknown_body(self) -> Sentence:
        """What was decided since the last report, where no source says by whom."""
        events = self.register.events
        decided = events[(events["event"] == Event.DECIDED) & (events["precision"] != Precision.NOT_BEFORE)]
        since = decided[activity.in_window(decided["day"], self.clock)]
        rows = since[since["body"].isna() & since["outcome"].notna()]
        outcomes = [
            f"{listed(self._called(of['name']))} {'was' if len(of) == 1 else 'were'} {OUTCOMES[Outcome(str(outcome))]}"
            for outcome, of in rows.groupby("outcome", sort=True)
        ]
        return (f"{' and '.join(outcomes)}; no source here says by whom.",) if outcomes else ()

    def _came_into_force(self) -> Sentence:
        """How many modifications came into force in the month before the report, and which of them in part only."""
        rows = release_counts.implemented_in(self.register, self.clock)
        if rows.empty:
            return ()
        month = self.clock.period_end
        words = self._sentence(
            f"{{}} modifications {{were}} implemented in {month:%B %Y}", "release.implemented.count"
        )
        in_part = self._called(rows.loc[rows["item"].isin(items_in_part(self.register)), "name"])
        return (*words, f" ({IN_PART}: {listed(in_part)})." if len(in_part) else ".")

    def _withdrawn(self) -> Sentence:
        """Which modifications were withdrawn since the last report."""
        rows = month_changes.changes(self.register, self.clock)
        ended = (rows["what"] == Event.WITHDRAWN) | rows["what"].str.endswith(f" to {Stage.WITHDRAWN}")
        refs = sorted({*self._called(rows.loc[ended, "ref"])})
        return (f"{listed(refs)} {'was' if len(refs) == 1 else 'were'} withdrawn.",) if len(refs) else ()
