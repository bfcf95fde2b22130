"""The month in sentences: what its lists say of each modification."""

from __future__ import annotations

from factories import REPORT, event, source, tables

from secanalysis import Register
from secanalysis.views.modification_words import change

DATED = source(REPORT, published_on="2020-08-07", published_precision="day")
OURS = "Is about lamps that stay dark."


def made_up() -> Register:
    """A Draft Proposal with a summary, and a request that was deferred with its reason; all of one report."""
    events = [
        event("DP136", "raised", "2020-07-14"),
        event("DP137", "raised", "2020-07-20"),
        event("MP092", "impact_assessment_deferred", "2020-07-01", precision="month", body="change_board", reason="scope_unclear"),
        event("MP093", "impact_assessment_deferred", "2020-07-01", precision="month", body="change_board"),
    ]  # fmt: skip
    modifications = [
        {"ref": "DP136", "title": "Lamps", "proposer_organisation": "SMS PLC", "summary": OURS},
        {"ref": "DP137", "title": "Bells"},
    ]
    rows = {"events": events, "modifications": modifications}
    return Register(
        tables([DATED], **{name: [row | {"source_id": REPORT} for row in of] for name, of in rows.items()})
    )


def test_a_new_proposal_says_what_it_is_about_where_somebody_wrote_it() -> None:
    raised = repr(made_up().month("2020-08").narrative.raised())
    assert f"- DP136 ‘Lamps’: raised by SMS PLC on 14 July 2020. {OURS}" in raised
    assert raised.endswith("- DP137 ‘Bells’: raised on 20 July 2020")
    assert OURS in made_up().modification("DP136")._repr_mimebundle_()["text/html"]


def test_a_deferral_says_why_where_a_source_does() -> None:
    report = made_up().month("2020-08")
    deferred = repr(report.narrative.impact_assessment_requests())
    why = "until the DCC clarifies what it would assess"
    assert f"- MP092: deferred by the Change Board in July 2020, {why}" in deferred
    assert deferred.endswith("- MP093: deferred by the Change Board in July 2020")
    words = f"July 2020: Impact Assessment request deferred by the Change Board, {why}"
    assert words in repr(made_up().modification("MP092"))
    table = report.activity.listed("impact_assessment.deferred.count")
    assert table.frame["reason"].tolist()[0] == "scope_unclear"
    assert "what is to be assessed isn't clear" in repr(table)


def test_changes_read_as_pages_call_things_elsewhere() -> None:
    assert [
        change(what)
        for what in (
            "moved from refinement to pending implementation",
            "recommended to report",
            "voted: recommended approval",
            "in force in Standalone Release 2020-07-23, part 2",
            "in force in SEC 5.5",
            "Preliminary Assessment returned",
        )
    ] == [
        "Moved from Refinement Process to Pending implementation",
        "Recommended for the Report Phase",
        "Vote: recommended approval to the Authority",
        "In force in the standalone release of 23 July 2020, part 2",
        "In force in SEC 5.5",
        "Preliminary Assessment returned",
    ]
