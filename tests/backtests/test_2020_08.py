"""The August 2020 report, computed from data/raw, against what it printed.

What is expected is typed from the print (and, where the print is blank, counted by hand on a calendar),
never from our own output.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from secanalysis.analysis import release_counts, release_slippage, releases
from secanalysis.domain.figures import FigureSet, Verdict
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import storage
from secanalysis.views import front_door
from secanalysis.views.month import MonthlyReport

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
REPORT = "change-status-report-2020-08"
REPORT_DAY = date(2020, 8, 7)


@pytest.fixture(scope="module")
def register() -> ResolvedRegister:
    return ResolvedRegister(storage.read_folder(RAW))


@pytest.fixture(scope="module")
def august(register: ResolvedRegister) -> MonthlyReport:
    return MonthlyReport(register, ReportMonth(2020, 8), Convention.AS_PUBLISHED)


@pytest.fixture(scope="module")
def figures(august: MonthlyReport) -> FigureSet:
    return august.figures


def of_month(register: ResolvedRegister, month: str) -> FigureSet:
    return MonthlyReport(register, ReportMonth.parse(month), Convention.AS_PUBLISHED).figures


def test_clocks(august: MonthlyReport) -> None:
    assert august.clock.report_date == REPORT_DAY
    assert august.clock.period_end == date(2020, 7, 31)
    assert august.clock.window_start == date(2019, 8, 1)


# Lists ------------------------------------------------------------------------------------------

COUNTS = {
    "raised.count": (4, 4),  # MP135, DP136, DP137, DP138
    "recommended.conversion.count": (0, 0),
    "recommended.refinement.count": (0, 0),
    "recommended.report.count": (3, 3),
    "vote.count": (5, 5),  # the report's; another source records a vote on MP127 too
    "vote.approved.count": (4, 4),
    "vote.rejected.count": (1, 1),
    "vote.referred.count": (1, 1),
    "authority.decided.count": (0, 0),
    "authority.pending.count": (1, 1),
    "impact_assessment.approved.count": (2, 2),
    "impact_assessment.deferred.count": (1, 1),
    "consultation.refinement.open.count": (0, 0),
    "consultation.refinement.expected.count": (3, 3),
    "consultation.report.open.count": (0, 0),
    "consultation.report.expected.count": (2, 2),
    "assessment.pa.open.count": (6, 6),
    "assessment.ia.open.count": (5, 5),
    "assessment.pa.completed.count": (18, 18),
    "assessment.ia.completed.count": (4, 4),
    "release.november-2020.approved.count": (13, 13),
    "release.implemented.count": (1, 1),
}


@pytest.mark.parametrize("key", COUNTS)
def test_counts(figures: FigureSet, key: str) -> None:
    """From all that is known, and from the report's own rows."""
    assert (figures[key].value, figures[key].reprint) == COUNTS[key]


def test_the_sixth_vote_is_named(figures: FigureSet) -> None:
    assert figures["vote.count"].verdict is Verdict.EQUAL
    assert figures["vote.count"].n == 6
    assert figures["vote.count"].reason == "Another source also records MP127"


def test_lists(august: MonthlyReport) -> None:
    """Who was raised, voted on, recommended, consulted on and implemented."""
    refs = {key: set(listed.items["ref"]) for key, listed in august.activity.lists.items()}
    assert refs["raised.count"] == {"MP135", "DP136", "DP137", "DP138"}
    assert refs["recommended.report.count"] == {"SECMP0007", "SECMP0067", "MP102A"}
    assert refs["vote.approved.count"] == {"MP103", "MP118", "MP124", "MP135"}
    assert refs["vote.rejected.count"] == refs["vote.referred.count"] == {"SECMP0015"}
    assert refs["authority.pending.count"] == {"MP088"}
    assert refs["impact_assessment.approved.count"] == {"MP122", "MP106"}
    assert refs["impact_assessment.deferred.count"] == {"MP092"}
    assert refs["consultation.refinement.expected.count"] == {"MP107", "MP117", "MP128"}
    assert refs["consultation.report.expected.count"] == {"SECMP0007", "MP102A"}
    assert set(release_counts.implemented_in(august.register, august.clock)["name"]) == {"MP135"}


# Durations --------------------------------------------------------------------------------------

OPEN = {  # accepted: (WD, print); print None where the row lost it
    "SECMP0056.ia.2019-07-02": (284, "284"),
    "SECMP0007.ia.2020-02-06": (127, "127"),
    "MP078.pa.2020-04-17": (76, "76"),
    "MP107.pa.2020-04-20": (75, "75"),
    "MP099.ia.2020-05-05": (64, "64"),
    "MP109.pa.2020-05-26": (49, "46"),  # 4 days of May, 22 of June, 23 of July
    "MP119.pa.2020-07-14": (14, "14"),
    "MP105.pa.2020-07-15": (13, "13"),
    "MP122.ia.2020-07-16": (12, None),  # 16 and 17, 20 to 24, 27 to 31 July
    "MP085.pa.2020-07-21": (9, None),  # 21 to 24, 27 to 31 July
    "MP090.ia.2020-07-29": (3, None),  # 29, 30, 31 July
}
RETURNED = {
    *(
        "SECMP0063.pa.2019-08-01",
        "SECMP0063.pa.2019-08-01.2",
        "SECMP0046.pa.2019-09-09",
        "SECMP0053.ia.2019-09-20",
    ),
    *("MP077.pa.2019-12-31", "MP078.pa.2019-12-31", "MP080.pa.2020-01-17", "MP093.pa.2020-01-21"),
    *("MP090.pa.2020-02-11", "SECMP0024.pa.2020-02-21", "MP093.ia.2020-03-06", "SECMP0067.ia.2020-03-12"),
    *("MP099.pa.2020-03-17", "SECMP0015.ia.2020-04-30", "MP105.pa.2020-05-04", "MP090.pa.2020-05-11"),
    *("MP122.pa.2020-05-28", "MP092.pa.2020-06-05", "MP106.pa.2020-06-11", "MP077.pa.2020-06-17"),
    *("MP117.pa.2020-07-16", "SECMP0066.pa.2020-07-29"),
}


def duration_key(name: str) -> str:
    """A figure's key; a second row of one day ends in ``.2``."""
    again = ".2" if name.endswith(".2") else ""
    return f"assessment.{name.removesuffix(again)}.duration_wd{again}"


@pytest.mark.parametrize("name", OPEN)
def test_open_durations(figures: FigureSet, name: str) -> None:
    figure = figures[duration_key(name)]
    wd, printed = OPEN[name]
    assert figure.value == figure.reprint == wd
    assert figure.printed == (printed or "")
    expected = Verdict.BLANK if printed is None else Verdict.EQUAL if printed == str(wd) else Verdict.SCAN
    assert figure.verdict is expected


def test_one_slip_of_9_as_6_explains_both_misfits(figures: FigureSet) -> None:
    mean, one = figures["assessment.pa.open.mean_wd"], figures[duration_key("MP109.pa.2020-05-26")]
    assert (mean.printed, round(mean.reprint or 0), mean.verdict) == ("36", 39, Verdict.SCAN)
    assert mean.reason == "one character read wrongly turns 36 into 39"
    assert one.reason == "one character read wrongly turns 46 into 49"


def test_open_impact_assessments_average_98(figures: FigureSet) -> None:
    """Exactly: (284 + 127 + 64 + 12 + 3) / 5."""
    assert figures["assessment.ia.open.mean_wd"].value == 98
    assert figures["assessment.ia.open.mean_wd"].verdict is Verdict.EQUAL


def test_bank_holidays_were_not_left_out(register: ResolvedRegister) -> None:
    """276, not 284, for SECMP0056 by the other convention."""
    other = MonthlyReport(register, ReportMonth(2020, 8), Convention.SEC).figures
    assert other[duration_key("SECMP0056.ia.2019-07-02")].value == 276


@pytest.mark.parametrize("name", sorted(RETURNED))
def test_returned_durations_are_not_computable(figures: FigureSet, name: str) -> None:
    """Their accepted dates aren't printed, and a requested date doesn't stand in."""
    figure = figures[duration_key(name)]
    assert (figure.value, figure.reprint, figure.verdict) == (None, None, Verdict.NOT_COMPUTABLE)
    assert figure.reason == "its accepted date isn't stated; a requested date can't replace it"


def test_no_other_duration_is_stated(figures: FigureSet) -> None:
    result = {figure.key for figure in figures if ".duration_wd" in figure.key}
    assert result == {duration_key(name) for name in {*OPEN, *RETURNED}}


@pytest.mark.parametrize(
    ("key", "printed", "why"),
    [
        ("assessment.pa.completed.mean_wd", "64", "the accepted date of 18 of 18 isn't stated"),
        ("assessment.ia.completed.mean_wd", "80", "the accepted date of 4 of 4 isn't stated"),
        ("proposal.open.count", "54", "it lists no proposals with their dates"),
        ("proposal.open.mean_wd", "329", "it lists no proposals with their dates"),
        ("proposal.concluded.count", "28", "it lists no proposals with their dates"),
        ("proposal.concluded.mean_wd", "110", "it lists no proposals with their dates"),
    ],
)
def test_what_cannot_be_computed_says_what_is_missing(
    figures: FigureSet, key: str, printed: str, why: str
) -> None:
    figure = figures[key]
    assert (figure.printed, figure.value, figure.verdict) == (printed, None, Verdict.NOT_COMPUTABLE)
    assert why in figure.reason


def test_every_other_verdict_is_equal(figures: FigureSet) -> None:
    verdicts = {figure.key: figure.verdict for figure in figures if figure.printed is not None}
    known = {duration_key(name) for name in {*OPEN, *RETURNED}} | {"assessment.pa.open.mean_wd"}
    others = {
        key: verdict
        for key, verdict in verdicts.items()
        if key not in known
        and not key.startswith(("proposal.", "stage."))
        and not key.endswith("completed.mean_wd")
    }
    assert set(others.values()) == {Verdict.EQUAL}
    assert len(others) >= 12
    assert {verdict for key, verdict in verdicts.items() if key.startswith("stage.")} <= {
        Verdict.NOT_COMPUTABLE
    }


# Release pages' own counts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "slug", "printed", "verdict"),
    [
        ("2019-12", "november-2019", "10", Verdict.EQUAL),
        ("2020-12", "november-2020", "18", Verdict.EQUAL),
        ("2022-03", "february-2022", "5", Verdict.EQUAL),
        ("2021-07", "june-2021", "5", Verdict.DIFFERS),
        ("2022-07", "june-2022", "6", Verdict.DIFFERS),
    ],
)
def test_stated_counts(
    register: ResolvedRegister, month: str, slug: str, printed: str, verdict: Verdict
) -> None:
    figure = of_month(register, month)[f"release.{slug}.implemented.count"]
    assert (figure.printed, figure.verdict) == (printed, verdict)


def test_june_2021_names_a_part_of_a_sixth(register: ResolvedRegister) -> None:
    reason = of_month(register, "2021-07")["release.june-2021.implemented.count"].reason
    assert reason.startswith("its own rows give 6: MP106, MP144, MP146, MP147, MP153, SECMP0007 (")
    assert reason.endswith("; of these in part only: SECMP0007")


def test_june_2022_names_five_of_six(register: ResolvedRegister) -> None:
    figure = of_month(register, "2022-07")["release.june-2022.implemented.count"]
    assert figure.reprint == 5
    assert figure.reason.startswith("its own rows give 5: MP104, MP159, MP195, SECMP0015 (")


# Releases over time -----------------------------------------------------------------------------


def in_scope(register: ResolvedRegister, slug: str, day: date, *status: str) -> set[str]:
    items = releases.contents(register, day)[slug].items
    return set(items.loc[items["status"].isin(status), "name"])


def test_november_2020(register: ResolvedRegister) -> None:
    approved = in_scope(register, "november-2020", REPORT_DAY, "approved")
    in_force = in_scope(register, "november-2020", date(2020, 11, 29), "implemented")
    assert len(approved) == 13
    assert len(in_force) == 18
    assert in_force - approved == {"MP102A", "MP127", "MP131", "MP133", "MP142"}
    assert approved <= in_force


def test_november_2021(register: ResolvedRegister) -> None:
    then = in_scope(register, "november-2021", date(2021, 2, 26), "approved", "targeted")
    in_force = in_scope(register, "november-2021", date(2021, 11, 4), "implemented")
    assert len(then) == 7
    assert len(in_force) == 10
    assert then - in_force == {"MP129", "MP143"}


def test_scope_history_says_who_came_and_went(register: ResolvedRegister) -> None:
    moves = releases.history(register)
    changed = {
        (slug, change): set(rows["item"]) for (slug, change), rows in moves.groupby(["slug", "change"])
    }
    assert changed["november-2020", "added"] == {"MP102A", "MP127", "MP131", "MP133", "MP142"}
    assert len(changed["november-2020", "listed first"]) == 13
    assert ("november-2020", "dropped") not in changed
    assert changed["november-2021", "dropped"] == {"MP129", "MP143"}


def test_secmp0007_was_first_planned_for_november_2020(register: ResolvedRegister) -> None:
    """In force in part since June 2021, and CSP system changes are planned for June 2022: no slippage yet."""
    result = release_slippage.slippage(register, date(2021, 12, 3)).set_index("name").loc["SECMP0007"]
    slips = result[result["part"].isna()].iloc[0]
    assert slips["first_release"] == "November 2020 SEC Release"
    assert (
        f"{slips['first_planned_on']:%Y-%m-%d}, {slips['in_force_on']:%Y-%m-%d}" == "2020-11-05, 2021-06-24"
    )
    assert pd.isna(slips["slip_days"])
    assert slips["in_part"]


# What was known then ----------------------------------------------------------------------------


def test_as_known_on_its_day_says_what_the_report_said(register: ResolvedRegister) -> None:
    """Every value is then the reprint."""
    known = register.as_known(REPORT_DAY)
    assert set(known.sources["source_id"]) == {REPORT}
    for figure in of_month(known, "2020-08"):
        if figure.printed is not None and not figure.key.startswith(("stage.", "proposal.")):
            assert figure.value == figure.reprint, figure.key
    assert of_month(known, "2020-08")["vote.count"].value == 5


def test_as_at_the_period_end_its_list_of_assessments_counts(register: ResolvedRegister) -> None:
    """The report attests them for that day, so a view of the day has its numbers too; a day later nobody does."""
    facts = front_door.Register(register.stated)
    keys = [f"assessment.{kind}.{state}.count" for kind in ("pa", "ia") for state in ("open", "completed")]
    result, later = facts.as_at("2020-07-31").figures, facts.as_at("2020-08-01").figures
    assert [result[key].value for key in keys] == [6, 18, 5, 4]
    assert [later[key].value for key in keys] == [None] * 4


def test_as_known_before_gives_nothing_and_says_so(register: ResolvedRegister) -> None:
    known = register.as_known(date(2020, 8, 6))
    assert all(frame.empty for frame in known.tables.values())
    report = MonthlyReport(known, ReportMonth(2020, 8), Convention.AS_PUBLISHED)
    assert [figure.key for figure in report.figures if figure.value is not None] == []
    assert all(figure.reason for figure in report.figures)
    assert f"{known.withheld:,} statements are left out" in report.provenance.coverage
    assert known.withheld == sum(len(frame) for name, frame in register.tables.items() if name != "sources")


def test_nothing_was_open_because_nobody_said_that_it_ended(register: ResolvedRegister) -> None:
    """A month later the report's open assessments are not attested any more, so nobody counts them."""
    figures = of_month(register, "2020-10")
    assert figures["assessment.pa.open.count"].value is None
    assert not [f.key for f in figures if f.key.startswith("assessment.MP107") and f.value is not None]
