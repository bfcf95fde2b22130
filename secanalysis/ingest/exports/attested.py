"""What follows for a row from being in the register on the day of its export."""

from __future__ import annotations

from datetime import date

from secanalysis.domain.vocabulary import AssessmentState, Event, MeetingStatus, Precision, ReleaseStatus
from secanalysis.ingest.reading import Cells


def attest(table: str, cells: Cells, exported_on: date) -> None:
    """Fill in what a row's presence in the register on that day states."""
    on_hold = cells.pop("hold", False)
    if table in ("events", "release_items", "lineage") and cells.get("on") is not None:
        cells["precision"] = cells.get("precision") or Precision.DAY
    if table == "events" and (on_hold or cells.get("event") == Event.OBSERVED) and cells.get("on") is None:
        cells |= {"on": exported_on, "precision": Precision.BY}
    if (
        table == "release_items"
        and cells.get("status") != ReleaseStatus.IMPLEMENTED
        and cells.get("on") is None
    ):
        cells |= {"on": exported_on, "precision": Precision.BY}
    if table == "assessments":
        if cells.get("state") is None:
            cells["state"] = _state(cells)
        cells["state_on"] = cells.get("state_on") or cells.get("returned_on") or exported_on
    if table == "meetings" and cells.get("status") is None and cells.get("held_on") is not None:
        past = cells["held_on"] <= exported_on
        cells["status"] = MeetingStatus.HELD if past else MeetingStatus.SCHEDULED
    if table == "releases":
        cells["stated_on"] = cells.get("stated_on") or exported_on


def _state(cells: Cells) -> AssessmentState:
    """An assessment's state from which of its days are stated."""
    if cells.get("returned_on"):
        return AssessmentState.RETURNED
    return AssessmentState.OPEN if cells.get("accepted_on") else AssessmentState.REQUESTED
