"""What a reader with two minutes is given: the month's main events, worked out by hand from data/raw."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import factories as f
import pytest

from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage
from secanalysis.views.formatting import WORDS
from secanalysis.views.month import MonthlyReport
from secanalysis.views.passage import Stated

UNDER_SELF_GOVERNANCE = "approved under Self-Governance, for implementation in"
RAW = Path(__file__).parent.parent / "data" / "raw"


@cache
def real() -> ResolvedRegister:
    """Everything that the project's sources state."""
    return ResolvedRegister(storage.read_folder(RAW))


def report(month: str, register: ResolvedRegister | None = None) -> MonthlyReport:
    """A report month."""
    return MonthlyReport(register or real(), ReportMonth.parse(month), Convention.AS_PUBLISHED)


@pytest.mark.parametrize(
    ("month", "words"),
    [
        # 29 Nov 2019: MP071, MP073, MP074, MP076, SECMP0018, 0023, 0025, 0039, 0055, 0060
        ("2019-12", "At least 10 modifications were implemented in November 2019."),
        # 26 and 27 May 2020
        (
            "2020-06",
            "The Authority decided on at least 2 modifications: approved MP130, rejected MP084.",
        ),
        # 22 May 2020
        (
            "2020-06",
            "The Change Board recommended that the Authority approve at least 1 modification: MP130.",
        ),
        # 27 Oct 2020
        ("2020-11", "The Authority decided on at least 1 modification: approved SECMP0007."),
        # MP080, 081, 093, 098, 101, 102A, 103, 110, 112, 115, 118, 120, 124, 127, 131, 133, 142 and SECMP0062's part 2
        ("2020-12", "At least 18 modifications were implemented in November 2020."),
        # 24 Jun 2021: MP106, 144, 146, 147, 153 and SECMP0007's Common Test Scenarios Document
        (
            "2021-07",
            "At least 6 modifications were implemented in June 2021 (in force in part: SECMP0007).",
        ),
        # 24 and 9 Jun 2021
        ("2021-07", "MP083 and MP117 were withdrawn."),
        # 4 Nov 2021: MP077, 090, 105, 138, 150, 157, 158, 164, 180, SECMP0007 (its CSP system changes are
        # still to come); 17 Nov: MP185
        (
            "2021-12",
            "At least 11 modifications were implemented in November 2021 (in force in part: SECMP0007).",
        ),
        # 16 Oct 2020, by the release's page, which names nobody
        ("2020-11", "MP142 was approved; no source here says by whom."),
        # 16 Nov 2021
        ("2021-12", "The Authority decided on at least 1 modification: approved MP185."),
    ],
)
def test_a_summary_says_what_ended(month: str, words: str) -> None:
    summary = report(month).narrative.summary()
    assert words in repr(summary)
    numbers = [part for part in summary.parts if isinstance(part, Stated)]
    assert all(number.figure.rows for number in numbers if number.figure.key.startswith(("authority", "rel")))


def test_a_summary_says_what_was_recommended_to_the_authority() -> None:
    """A recommended rejection is one too; where nothing was recommended, nothing is said."""
    votes = [
        f.vote("MP100", "2020-07-22", "recommended_rejection", "authority"),
        f.vote("MP101", "2020-07-22", "recommended_approval", "authority"),
        f.vote("MP102", "2020-07-22", "recommended_approval", "authority"),
    ]
    words = repr(report("2020-08", f.register(events=votes)).narrative.summary())
    assert "recommended that the Authority approve at least 2 modifications: MP101 and MP102." in words
    assert "recommended that the Authority reject at least 1 modification: MP100." in words
    assert "recommended that" not in repr(report("2020-11").narrative.summary())


@pytest.mark.parametrize(
    ("month", "line"),
    [
        # its page of 26 Aug 2020 or later: November 2020; in force in it on 29 Nov
        ("2020-09", "MP131 ‘Default maximum demand configuration conflict’: "
         f"{UNDER_SELF_GOVERNANCE} the November 2020 SEC Release"),
        # its page of 26 May 2021 or later: November 2022
        ("2021-06", f"Batch 4’: {UNDER_SELF_GOVERNANCE} the November 2022 SEC Release"),
        # 23 Sep 2020; the release's page of 29 Nov has it
        ("2020-10", "for implementation in the November 2020 SEC Release"),
        # two parts, by its page: 6 May and 5 Nov 2020
        ("2020-02", "for implementation in the June 2020 SEC Release (part 1) and the November 2020 SEC Release (part 2)"),
    ],
)  # fmt: skip
def test_a_vote_s_line_says_for_which_release_it_approved(month: str, line: str) -> None:
    assert line in repr(report(month).narrative.votes())


def test_as_known_then_a_vote_leads_to_no_release_that_a_later_page_names() -> None:
    """MP131's page isn't known to have been published by 4 September 2020."""
    known_then = real().as_known(f.day("2020-09-04"))
    assert "MP131" not in repr(report("2020-09", known_then).narrative.votes())


def test_a_published_figure_has_one_result_in_the_table_and_in_the_summary() -> None:
    """In data/raw 26 of the 59 figures of August 2020 have neither a number nor text; five zeros are stated in words only."""
    reconciliation = report("2020-08").reconciliation
    table = reconciliation.table()
    by_result = reconciliation.verdicts().frame.set_index("verdict")["count"]
    shown = table.frame["verdict"].map(lambda verdict: WORDS.get(verdict, verdict)).value_counts()
    assert {result: count for result, count in by_result.items() if count} == shown.to_dict()
    assert table.frame["printed"].notna().all()
    assert (table.frame["printed"] == "illegible").sum() == 26
    assert "in words" in table.note
    assert table.columns["other_convention"] == "Recomputed without bank holidays"


def test_what_is_not_known_to_have_ended_is_not_mentioned() -> None:
    """One modification is withdrawn; nothing else is known."""
    events = [f.event("MP100", "withdrawn", "2020-07-10")]
    words = repr(report("2020-08", f.register(events=events)).narrative.summary())
    assert "MP100 was withdrawn." in words
    assert "Authority" not in words
    assert "implemented" not in words


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("2020-08", None),
        ("2020-09", "MP131 has been"),  # 26 Aug
        ("2020-10", "MP102A and MP131 have been"),  # 23 Sep
        ("2020-11", "MP102A, MP131 and MP142 have been"),  # 16 Oct
        ("2021-03", None),
        ("2021-05", "MP105 and MP150 have been"),  # 24 Mar, targeted by the list of 26 Feb
    ],
)
def test_who_was_approved_for_a_release_after_its_list_is_named(month: str, words: str | None) -> None:
    """Days of the approvals by hand from events.csv; in 2020-08 and 2021-03 the list is the month's own."""
    passage = repr(report(month).narrative.scopes())
    assert ("approved for it since" in passage) is (words is not None)
    assert words is None or f"{words} approved for it since." in passage
