"""The words of the field: every vocabulary that a table's column may use.

Each enum says where its values come from. "Process" is the modification process of the Smart
Energy Code as its public pages describe it; "report" is a published Change Status Report.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    """The stage of a modification. The first four are open, that is before a decision."""

    DEVELOPMENT = "development"  # process: Draft Proposals, since November 2018; "Define" in the report
    REFINEMENT = "refinement"  # process: Refinement Process; "Refine" in the report
    REPORT = "report"  # process: Report Phase, consultation and vote; "Opine" in the report
    DECISION = "decision"  # process: with the Authority, or referred to another body
    PENDING_IMPLEMENTATION = "pending_implementation"  # modification pages: "Pending Implementation"
    IMPLEMENTED = "implemented"  # modification pages: "Implemented"
    REJECTED = "rejected"  # report, Change Board votes and Authority decisions
    WITHDRAWN = "withdrawn"  # modification pages: "Withdrawn"


STAGES = {
    Stage.DEVELOPMENT.value: "Development",
    Stage.REFINEMENT.value: "Refinement Process",
    Stage.REPORT.value: "Report Phase",
    Stage.DECISION.value: "Decision",
    Stage.PENDING_IMPLEMENTATION.value: "Pending implementation",
    Stage.IMPLEMENTED.value: "Implemented",
    Stage.REJECTED.value: "Rejected",
    Stage.WITHDRAWN.value: "Withdrawn",
}
"""What the stages are called."""

OPEN_STAGES = (Stage.DEVELOPMENT, Stage.REFINEMENT, Stage.REPORT, Stage.DECISION)
DEVELOPMENT_SINCE = date(2018, 11, 1)  # process: proposals before it go straight to refinement


class Event(StrEnum):
    """What can happen to a modification (implementation lives in release items)."""

    RAISED = "raised"  # report, New Draft Proposals; pages, date raised
    CONVERTED = "converted"  # pages, Panel converts a Draft Proposal to a Modification Proposal
    OBSERVED = "observed"  # pages, the stage field as seen
    RECOMMENDED_TO_CONVERSION = "recommended_to_conversion"  # report, Change Sub-Committee decisions
    RECOMMENDED_TO_REFINEMENT = "recommended_to_refinement"  # report, Summary
    RECOMMENDED_TO_REPORT = "recommended_to_report"  # report, Summary
    ENTERED_REFINEMENT = "entered_refinement"  # pages, timeline
    ENTERED_REPORT = "entered_report"  # pages, timeline: Modification Report at Panel or CSC
    IMPACT_ASSESSMENT_APPROVED = "impact_assessment_approved"  # report, Impact Assessment requests
    IMPACT_ASSESSMENT_DEFERRED = "impact_assessment_deferred"  # report, Impact Assessment requests
    VOTED = "voted"  # report, Change Board votes; pages, timeline
    DECIDED = "decided"  # report, Authority decisions; pages and Ofgem's pages
    REFERRED = "referred"  # report: a decision referred to the Panel
    SENT_TO_AUTHORITY = "sent_to_authority"  # report: with the Authority for decision
    ON_HOLD = "on_hold"  # pages: "On Hold"
    RESUMED = "resumed"  # pages: work taken up again
    WITHDRAWN = "withdrawn"  # pages: withdrawn by the Proposer


STEPS = {
    Event.RAISED: Stage.DEVELOPMENT,  # before DEVELOPMENT_SINCE: refinement
    Event.CONVERTED: Stage.REFINEMENT,
    Event.ENTERED_REFINEMENT: Stage.REFINEMENT,
    Event.ENTERED_REPORT: Stage.REPORT,
    Event.REFERRED: Stage.DECISION,
    Event.SENT_TO_AUTHORITY: Stage.DECISION,
    Event.WITHDRAWN: Stage.WITHDRAWN,
}
"""Events that lead to one stage whatever else is stated of them, in the order of the process."""


class Precision(StrEnum):
    """How to read a date (design: ``on`` under each)."""

    DAY = "day"  # that very day
    MONTH = "month"  # some day of the month; ``on`` is its first day, counted on its last
    BY = "by"  # true on that day, began then or before
    NOT_BEFORE = "not_before"  # seen then or later; confirms a state, never starts one


EXACT = (Precision.DAY, Precision.MONTH)
"""How a day is known on, or in, which something happened; by the others it had happened, or was so."""


class PublishedPrecision(StrEnum):
    """How well a source's own day of publication is known."""

    DAY = "day"  # the source carries its date
    NOT_BEFORE = "not_before"  # the latest past-tense date that an undated page states


class SourceKind(StrEnum):
    """What sort of thing a source is, in the order in which they win where they disagree."""

    REPORT = "report"  # a published Change Status Report
    REGISTER = "register"  # a register's own export (XLSX, CSV)
    SYNTHETIC = "synthetic"  # made by `secanalysis simulate` or a fixture; never a fact
    RELEASE_PAGE = "release_page"  # a page or news item about a whole release
    AUTHORITY_PAGE = "authority_page"  # Ofgem's pages
    MODIFICATION_PAGE = "modification_page"  # a modification's own page
    NEWS = "news"  # other news items and newsletters of the administrator
    CONSULTATION_PAGE = "consultation_page"  # lists and pages of consultations
    THIRD_PARTY = "third_party"  # anyone else's page or copy
    COMPILATION = "compilation"  # gathered from several pages, which one is not recorded


class Body(StrEnum):
    """Who acts or meets. Who decides a gate changed over time, so it is stated with the event."""

    PANEL = "panel"  # the SEC Panel
    CHANGE_BOARD = "change_board"  # votes on modifications
    CSC = "csc"  # the Change Sub-Committee
    WORKING_GROUP = "working_group"  # refines solutions
    AUTHORITY = "authority"  # Ofgem (BEIS for some early ones)
    PROPOSER = "proposer"  # withdraws its own proposal
    SECURITY_SUB_COMMITTEE = "security_sub_committee"  # pages, timeline: Security Sub-Committee (SSC)
    SMKI_PMA = "smki_pma"  # pages, timeline: Smart Metering Key Infrastructure Policy Management Authority
    TABASC = "tabasc"  # pages, timeline: Technical Architecture and Business Architecture Sub-Committee
    OPERATIONS_GROUP = "operations_group"  # pages, timeline: Operations Group


BODIES = {body.value: body.value.replace("_", " ").title() for body in Body} | {
    Body.CSC.value: "Change Sub-Committee",
    Body.SECURITY_SUB_COMMITTEE.value: "Security Sub-Committee",
    Body.SMKI_PMA.value: "SMKI Policy Management Authority",
    Body.TABASC.value: "Technical Architecture and Business Architecture Sub-Committee",
}
"""What the bodies are called."""


class Outcome(StrEnum):
    """How a vote or decision ended; blank is not stated."""

    APPROVED = "approved"  # report and pages
    REJECTED = "rejected"  # report and pages
    DEFERRED = "deferred"  # report
    SENT_BACK = "sent_back"  # process: returned for further work
    RECOMMENDED_APPROVAL = "recommended_approval"  # pages: Change Board to the Authority
    RECOMMENDED_REJECTION = "recommended_rejection"  # process, the same the other way


class DeferralReason(StrEnum):
    """Why a request or vote was deferred."""

    SCOPE_UNCLEAR = "scope_unclear"  # report: the DCC is to clarify what would be assessed


DEFERRALS = {DeferralReason.SCOPE_UNCLEAR.value: "until the DCC clarifies what it would assess"}
"""The reasons as sentences have them."""


class ModificationPath(StrEnum):
    """Who has the last word on a modification."""

    SELF_GOVERNANCE = "self_governance"  # the Change Board decides ("Path 3")
    AUTHORITY = "authority"  # the Change Board recommends, the Authority decides ("Path 2")
    FAST_TRACK = "fast_track"  # pages: "fast-track"


class LineageKind(StrEnum):
    """How one reference follows from an earlier one."""

    CONVERTED = "converted"  # DP136 becomes MP136
    SPLIT = "split"  # MP102 becomes MP102A and MP102B
    RENUMBERED = "renumbered"  # one modification under another prefix (SECMP0071, MP071)
    CORRECTS = "corrects"  # pages: a modification that mends an earlier one (MP120, SECMP0025)


class AssessmentKind(StrEnum):
    """The DCC's two assessments."""

    PA = "PA"  # Preliminary Assessment
    IA = "IA"  # Impact Assessment


class AssessmentState(StrEnum):
    """What a source says of an assessment on ``state_on``."""

    REQUESTED = "requested"  # pages, timeline
    OPEN = "open"  # report, Open Assessments
    RETURNED = "returned"  # report, returned in the last 12 months


class ConsultationKind(StrEnum):
    """What is consulted on."""

    REFINEMENT = "refinement"  # report, Refinement Consultations
    REPORT = "report"  # report, Modification Report Consultations
    OTHER = "other"  # requests for information and the DCC's own


class MeetingKind(StrEnum):
    """Whether a meeting is one of a series."""

    MONTHLY = "monthly"  # report, monthly Working Group meeting
    AD_HOC = "ad_hoc"  # report, ad-hoc Working Group meeting


class MeetingStatus(StrEnum):
    """Whether a source speaks of a meeting as past."""

    HELD = "held"  # report, "was held"
    SCHEDULED = "scheduled"  # report, "will be held", "being scheduled"


class MeetingPurpose(StrEnum):
    """Why a modification was on the agenda (report, Working Group meetings)."""

    GENERAL = "general"  # the monthly meeting's agenda
    REQUIREMENTS = "requirements"  # the solution against its requirements
    SOLUTION = "solution"  # details of the solution
    IMPACT_ASSESSMENT = "impact_assessment"  # the DCC's Impact Assessment
    REPORT = "report"  # the Modification Report


class ReleaseKind(StrEnum):
    """Scheduled (February, June, November) or on its own."""

    SCHEDULED = "scheduled"  # "November 2020 SEC Release"
    STANDALONE = "standalone"  # "standalone release", "ad-hoc Release"


class ReleaseStatus(StrEnum):
    """What a source says of a modification in a release."""

    TARGETED = "targeted"  # release pages: Targeted; pages: planned implementation
    APPROVED = "approved"  # report, approved for implementation; release pages
    IMPLEMENTED = "implemented"  # in force
    REMOVED = "removed"  # taken out of the release


class CorrectionAction(StrEnum):
    """What a correction does to a row."""

    REPLACE = "replace"  # puts another value into one cell
    REMOVE = "remove"  # takes the row out


class CorrectionStatus(StrEnum):
    """Whether a correction is used."""

    PROPOSED = "proposed"  # shown, not used
    IN_FORCE = "in_force"  # used
    RETIRED = "retired"  # not used any more: the source is mended, or was right


class Unit(StrEnum):
    """What a figure counts."""

    COUNT = "count"  # modifications, votes, assessments
    WD = "WD"  # working days, by the convention stated alongside the figure


class Convention(StrEnum):
    """How working days are counted."""

    AS_PUBLISHED = "as_published"  # weekdays, both ends; reproduces the report of August 2020
    SEC = "sec"  # the same without bank holidays in England and Wales
