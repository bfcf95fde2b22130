"""What supports a stage on a day, in words: the rule or event that a reader of a status asks for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from secanalysis.analysis.stage_codes import EVIDENCE, RULES, STAGES
from secanalysis.analysis.stage_intervals import Course
from secanalysis.analysis.stage_rules import (
    APPROVED_ITEM,
    ATTESTED,
    ATTESTS,
    CONSULTED,
    IMPLEMENTED,
    INFERRED,
    LISTED,
    sighting,
)
from secanalysis.domain.vocabulary import Event, Stage

EVIDENCE_WORDS = {
    **{str(event): event.replace("_", " ") for event in Event},
    Event.OBSERVED: "stated by a source",
    Event.VOTED: "vote",
    Event.DECIDED: "decision",
    Event.REFERRED: "decision referred",
    Event.SENT_TO_AUTHORITY: "sent to the Authority",
    Event.ENTERED_REFINEMENT: "entered the Refinement Process",
    Event.ENTERED_REPORT: "entered the Report Phase",
    Event.RECOMMENDED_TO_CONVERSION: "recommended for conversion",
    Event.RECOMMENDED_TO_REFINEMENT: "recommended for the Refinement Process",
    Event.RECOMMENDED_TO_REPORT: "recommended for the Report Phase",
    Event.IMPACT_ASSESSMENT_APPROVED: "Impact Assessment request approved",
    Event.IMPACT_ASSESSMENT_DEFERRED: "Impact Assessment request deferred",
    ATTESTED: "stated by a source",
    CONSULTED: "consultation",
    APPROVED_ITEM: "approved for a release",
    IMPLEMENTED: "in force",
    LISTED: "listed in the register's export",
    **{sighting(stage): "stated by a source" for stage in Stage},
}
"""What each piece of evidence is called on a page, where no rule of `stage_rules.ATTESTS` names it."""


def words(course: Course, units: np.ndarray, now: pd.DataFrame, on: pd.Timestamp) -> np.ndarray:
    """What supports the stages of a day, one for each unit; missing where none is known.

    Parameters
    ----------
    course
        The evidence of all units.
    units
        The numbers of units.
    now
        ``stage, since, inferred`` of each, as of `stages.Stages.at`.
    on
        The day.
    """
    frame = _supporting(course, units)
    held = pd.DataFrame({"unit": units, "place": np.arange(len(units))}).assign(
        **{name: now[name].to_numpy() for name in ("since", "inferred")},
        stage=now["stage"].map(STAGES).fillna(-1).astype("int64").to_numpy(),
    )
    both = frame.merge(held, on=["unit", "since", "stage"])
    later = both["day"] >= on
    # the next that supports it, else the last that did; of one day what is stated
    ahead = both.assign(
        weight=(both["rule"] == RULES[INFERRED]) & ~both["inferred"],
        earlier=~later,
        apart=(both["day"] - on).abs(),
    )
    nearest = ahead.sort_values(["place", "weight", "earlier", "apart"], kind="stable").drop_duplicates(
        "place"
    )
    by_rule = np.array([*(rule.words for rule in ATTESTS.values()), None], dtype=object)
    by_event = np.array([EVIDENCE_WORDS[word] for word in EVIDENCE], dtype=object)
    rule, what = nearest["rule"].to_numpy(), nearest["what"].to_numpy()
    support = np.full(len(units), None, dtype=object)
    support[nearest["place"].to_numpy()] = np.where(rule >= 0, by_rule[rule], by_event[what])
    support[now["inferred"].to_numpy(dtype=bool)] = ATTESTS[INFERRED].words
    return support


def _supporting(course: Course, units: np.ndarray) -> pd.DataFrame:
    """What starts or supports each interval of some units: its ``unit, since, stage``, and ``day, what, rule``."""
    ours = np.isin(course.unit, units)
    starts, supporting = course.starts, course.supports_before()
    began = np.flatnonzero(starts)
    rows = np.r_[began, np.flatnonzero(supporting & ours)]
    interval = np.r_[np.arange(len(began)), course.supported_interval()[supporting & ours]]
    of = began[interval]
    return pd.DataFrame(
        {
            "unit": course.unit[of],
            "since": course.day[of],
            "stage": course.after[of].astype("int64"),
            "day": course.day[rows],
            "what": course.what[rows],
            "rule": course.rule[rows],
        }
    )
