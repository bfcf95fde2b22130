"""Figure keys: what each names, the same in every month and in published_figures.csv."""

from __future__ import annotations

import re
from dataclasses import dataclass

from secanalysis.domain.vocabulary import ModificationPath, Outcome, ReleaseStatus, Stage, Unit

_REF = r"(?:SECMP[0-9]{4}|MP[0-9]{3,7})"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class Key:
    """A family of keys.

    Attributes
    ----------
    written
        The key with its variable parts in angle brackets.
    pattern
        A regular expression that its keys match whole.
    meaning
        What the figure is, and the days that it covers.
    """

    written: str
    pattern: str
    unit: Unit
    meaning: str

    def matches(self, key: str) -> bool:
        """Whether a key is of this family."""
        return re.fullmatch(self.pattern, key) is not None


def _any(words: type[ModificationPath] | type[Stage] | type[Outcome] | type[ReleaseStatus]) -> str:
    return "(?:" + "|".join(word.value for word in words) + ")"


KEYS: tuple[Key, ...] = (
    Key(
        "stage.<stage>.count",
        rf"stage\.{_any(Stage)}\.count",
        Unit.COUNT,
        "Known modifications in a stage as at the report's date.",
    ),
    Key(
        "raised.count",
        r"raised\.count",
        Unit.COUNT,
        "Draft Proposals raised since the previous report's date.",
    ),
    Key(
        "recommended.<conversion|refinement|report>.count",
        r"recommended\.(?:conversion|refinement|report)\.count",
        Unit.COUNT,
        "Recommended to go on, since the previous report's date.",
    ),
    Key(
        "vote.count",
        r"vote\.count",
        Unit.COUNT,
        "Votes of the Change Board since the previous report's date.",
    ),
    Key(
        "vote.<outcome>.count",
        rf"vote\.(?:{_any(Outcome)}|referred)\.count",
        Unit.COUNT,
        "The same by outcome; `referred` counts decisions referred to another body.",
    ),
    Key(
        "authority.<decided|pending>.count",
        r"authority\.(?:decided|pending)\.count",
        Unit.COUNT,
        "Decided by the Authority since the previous report's date; with it for decision on the report's.",
    ),
    Key(
        "impact_assessment.<approved|deferred>.count",
        r"impact_assessment\.(?:approved|deferred)\.count",
        Unit.COUNT,
        "Requests for Impact Assessments since the previous report's date.",
    ),
    Key(
        "consultation.<refinement|report>.<open|expected>.count",
        r"consultation\.(?:refinement|report)\.(?:open|expected)\.count",
        Unit.COUNT,
        "Consultations open on the report's date; those that it expects.",
    ),
    Key(
        "assessment.<pa|ia>.<open|completed>.count",
        r"assessment\.(?:pa|ia)\.(?:open|completed)\.count",
        Unit.COUNT,
        "The DCC's assessments open on the period end; returned in the 12 months that end on it.",
    ),
    Key(
        "assessment.<pa|ia>.<open|completed>.mean_wd",
        r"assessment\.(?:pa|ia)\.(?:open|completed)\.mean_wd",
        Unit.WD,
        "Their mean duration; needs both days of every one.",
    ),
    Key(
        "assessment.open.over_target.count",
        r"assessment\.open\.over_target\.count",
        Unit.COUNT,
        "How many of the DCC's assessments open on the period end, of both kinds, have been open for longer than "
        "their target; needs the accepted day and the target of every one.",
    ),
    Key(
        "assessment.<REF>.<pa|ia>.<date>.duration_wd",
        rf"assessment\.{_REF}\.(?:pa|ia)\.{_DAY}\.duration_wd(?:\.[0-9]+)?",
        Unit.WD,
        "One assessment's duration: by its accepted day while open, its returned day afterwards; "
        "a second of one key ends in `.2`.",
    ),
    Key(
        "proposal.<open|concluded>.count",
        r"proposal\.(?:open|concluded)\.count",
        Unit.COUNT,
        "Proposals open on the period end; concluded in the 12 months that end on it.",
    ),
    Key(
        "proposal.numbered.count",
        r"proposal\.numbered\.count",
        Unit.COUNT,
        "Proposals numbered by the report's date: the highest number that is known.",
    ),
    Key(
        "proposal.raised.count",
        r"proposal\.raised\.count",
        Unit.COUNT,
        "How many were raised at least in the 12 months that end on the period end, by the numbers known then and before.",
    ),
    Key(
        "proposal.<open|concluded>.mean_wd",
        r"proposal\.(?:open|concluded)\.mean_wd",
        Unit.WD,
        "Their mean duration from the day raised.",
    ),
    Key(
        "release.<slug>.<status>.count",
        rf"release\.[a-z0-9-]+\.{_any(ReleaseStatus)}\.count",
        Unit.COUNT,
        "Modifications of that current status in a release that is still to come or just came, "
        "as at the report's date.",
    ),
    Key(
        "release.implemented.count",
        r"release\.implemented\.count",
        Unit.COUNT,
        "Modifications that came into force in the calendar month before.",
    ),
    Key(
        "flow.<raised|concluded>.count",
        r"flow\.(?:raised|concluded)\.count",
        Unit.COUNT,
        "Proposals raised (by their numbers, where their days aren't known) and concluded in the calendar month before.",
    ),
    Key(
        "target.<pa|ia>.<returned|within>.count",
        r"target\.(?:pa|ia)\.(?:returned|within)\.count",
        Unit.COUNT,
        "The DCC's assessments returned in the calendar month before, and how many of them within their target; the second "
        "needs both days and the target of every one.",
    ),
    Key(
        "lead_time.<path>.count",
        rf"lead_time\.{_any(ModificationPath)}\.count",
        Unit.COUNT,
        "Modifications decided by that path in the 12 months that end on the period end; needs the path of every one.",
    ),
    Key(
        "lead_time.<path>.mean_wd",
        rf"lead_time\.{_any(ModificationPath)}\.mean_wd",
        Unit.WD,
        "Their mean duration from raised to decided.",
    ),
    Key(
        "stage_time.<stage>.count",
        rf"stage_time\.{_any(Stage)}\.count",
        Unit.COUNT,
        "Modifications that left that stage in the 12 months that end on the period end.",
    ),
    Key(
        "stage_time.<stage>.mean_wd",
        rf"stage_time\.{_any(Stage)}\.mean_wd",
        Unit.WD,
        "How long they were in it, on average: from the day on which the stage began to that on which the next did. "
        "Null where any left it on a day that isn't known, as when no source dates a stage between.",
    ),
)
