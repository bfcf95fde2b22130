"""The report of August 2020, recomputed.

Expected values are typed from the print and from its tables, by hand: weekdays from the printed accepted
day to 31 July 2020, both counted, where the print shows no duration.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from secanalysis import releases
from secanalysis.figures import FigureSet, Verdict
from secanalysis.months import ReportMonth
from secanalysis.reconcile import figures, table
from secanalysis.register import Register
from secanalysis.statements import read_folder
from secanalysis.vocabulary import Convention

RAW = Path(__file__).parents[2] / "data" / "raw"
AUGUST = ReportMonth(2020, 8)


@pytest.fixture(scope="module")
def register() -> Register:
    return Register(read_folder(RAW))


@pytest.fixture(scope="module")
def august(register: Register) -> FigureSet:
    return figures(register, AUGUST, Convention.AS_PUBLISHED)


def test_clocks(register: Register) -> None:
    """The report is dated 7 August and counts to 31 July, over the 12 months from 1 August 2019."""
    clock = register.clock(AUGUST)
    assert clock.report_date == date(2020, 8, 7)
    assert clock.period_end == date(2020, 7, 31)
    assert clock.window_start == date(2019, 8, 1)


COUNTS = {
    "assessment.pa.open.count": 6,
    "assessment.pa.completed.count": 18,
    "assessment.ia.open.count": 5,
    "assessment.ia.completed.count": 4,
    "raised.count": 4,
    "recommended.conversion.count": 0,
    "recommended.refinement.count": 0,
    "recommended.report.count": 3,
    "vote.approved.count": 4,
    "vote.rejected.count": 1,
    "vote.referred.count": 1,
    "authority.decided.count": 0,
    "authority.pending.count": 1,
    "impact_assessment.approved.count": 2,
    "impact_assessment.deferred.count": 1,
    "consultation.refinement.open.count": 0,
    "consultation.refinement.expected.count": 3,
    "consultation.report.open.count": 0,
    "consultation.report.expected.count": 2,
    "release.november-2020.approved.count": 13,
    "release.implemented.count": 1,
}


@pytest.mark.parametrize(("key", "count"), COUNTS.items())
def test_counts(august: FigureSet, key: str, count: int) -> None:
    """What the report lists, from all that is known and from its own rows."""
    assert august[key].value == count
    assert august[key].reprint == count


OPEN = {
    "SECMP0056.ia.2019-07-02": 284,
    "SECMP0007.ia.2020-02-06": 127,
    "MP078.pa.2020-04-17": 76,
    "MP107.pa.2020-04-20": 75,
    "MP099.ia.2020-05-05": 64,
    "MP119.pa.2020-07-14": 14,
    "MP105.pa.2020-07-15": 13,
}
NOT_SHOWN = {"MP122.ia.2020-07-16": 12, "MP085.pa.2020-07-21": 9, "MP090.ia.2020-07-29": 3}


@pytest.mark.parametrize(("item", "wd"), OPEN.items())
def test_open_durations_are_reproduced(august: FigureSet, item: str, wd: int) -> None:
    """Each legible open duration but MP109's."""
    figure = august[f"assessment.{item}.duration_wd"]
    assert (figure.value, figure.printed, figure.verdict) == (wd, str(wd), Verdict.EQUAL)


@pytest.mark.parametrize(("item", "wd"), NOT_SHOWN.items())
def test_durations_that_print_does_not_show(august: FigureSet, item: str, wd: int) -> None:
    """Three rows lost their last column; their accepted days give them."""
    figure = august[f"assessment.{item}.duration_wd"]
    assert (figure.value, figure.verdict) == (wd, Verdict.BLANK)


def test_what_scanning_misread(august: FigureSet) -> None:
    """One 9 read as 6 explains both misfits."""
    mp109 = august["assessment.MP109.pa.2020-05-26.duration_wd"]
    assert (mp109.printed, mp109.value, mp109.verdict) == ("46", 49, Verdict.SCAN)
    mean = august["assessment.pa.open.mean_wd"]
    assert (mean.printed, round(mean.reprint or 0), mean.verdict) == ("36", 39, Verdict.SCAN)
    assert (august["assessment.ia.open.mean_wd"].value, august["assessment.ia.open.mean_wd"].verdict) == (
        98,
        "equal",
    )


def test_votes(august: FigureSet) -> None:
    """The report lists five; the register knows a sixth of that day, and the reason names it."""
    votes = august["vote.count"]
    assert (votes.reprint, votes.value, votes.verdict) == (5, 6, Verdict.EQUAL)
    assert "MP127" in votes.reason


def test_what_cannot_be_computed(august: FigureSet) -> None:
    """Proposals, the 22 returned durations and both completed means; each says what is missing."""
    missing = {figure.key: figure for figure in august if figure.verdict is Verdict.NOT_COMPUTABLE}
    proposals = [
        f"proposal.{which}"
        for which in ("open.count", "open.mean_wd", "concluded.count", "concluded.mean_wd")
    ]
    means = ["assessment.pa.completed.mean_wd", "assessment.ia.completed.mean_wd"]
    stages = [f"stage.{stage}.count" for stage in ("development", "refinement", "report", "decision")]
    returned = [key for key in missing if key.endswith((".duration_wd", ".duration_wd.2"))]
    assert len(returned) == 22
    assert set(missing) == {*proposals, *means, *stages, *returned}
    assert all(figure.reason for figure in missing.values())
    assert all(missing[key].value is None for key in (*means, *returned))


def test_every_other_print_is_reproduced(august: FigureSet) -> None:
    """59 printed figures: what is neither misread, blank nor lacking is equal."""
    verdicts = [figure.verdict for figure in august if figure.printed is not None]
    assert len(verdicts) == 59
    assert [verdicts.count(v) for v in (Verdict.SCAN, Verdict.BLANK, Verdict.DIFFERS)] == [2, 3, 0]
    assert verdicts.count(Verdict.NOT_COMPUTABLE) == 4 + 2 + 4 + 22
    assert verdicts.count(Verdict.EQUAL) == 59 - 2 - 3 - 32


def test_without_bank_holidays(register: Register, august: FigureSet) -> None:
    """The other convention would give SECMP0056 276: the report doesn't leave bank holidays out."""
    other = figures(register, AUGUST, Convention.SEC)
    assert other["assessment.SECMP0056.ia.2019-07-02.duration_wd"].value == 276
    shown = table(august, other).set_index("key")
    assert shown.loc["assessment.SECMP0056.ia.2019-07-02.duration_wd", "other_convention"] == 276


@pytest.mark.parametrize(
    ("month", "key", "printed", "known", "verdict"),
    [
        ("2019-12", "release.november-2019.implemented.count", "10", 10, Verdict.EQUAL),
        ("2020-12", "release.november-2020.implemented.count", "18", 18, Verdict.EQUAL),
        ("2021-07", "release.june-2021.implemented.count", "5", 6, Verdict.DIFFERS),
        ("2022-03", "release.february-2022.implemented.count", "5", 5, Verdict.EQUAL),
        ("2022-07", "release.june-2022.implemented.count", "6", 5, Verdict.DIFFERS),
    ],
)
def test_counts_that_release_pages_state(
    register: Register, month: str, key: str, printed: str, known: int, verdict: Verdict
) -> None:
    """June 2021 names a part of a sixth; one of June 2022's six isn't among the facts."""
    figure = figures(register, ReportMonth.parse(month), Convention.AS_PUBLISHED)[key]
    assert (figure.printed, figure.value, figure.verdict) == (printed, known, verdict)
    if month == "2021-07":
        assert "part" in figure.reason and "SECMP0007" in figure.reason


def test_releases_as_they_filled_and_emptied(register: Register) -> None:
    """November 2020 grew from 13 to 18; November 2021 from 7 to 10, losing two."""
    then = releases.contents(register, date(2020, 8, 7))["november-2020"].items
    now = releases.contents(register, date(2020, 11, 29))["november-2020"].items
    assert then.loc[then["status"] == "approved", "name"].nunique() == 13
    in_force = set(now.loc[now["status"] == "implemented", "name"])
    assert len(in_force) == 18
    assert in_force - set(then["name"]) == {"MP102A", "MP127", "MP131", "MP133", "MP142"}
    before = releases.contents(register, date(2021, 2, 26))["november-2021"].items
    after = releases.contents(register, date(2021, 11, 4))["november-2021"].items
    assert before["name"].nunique() == 7
    assert after.loc[after["status"] == "implemented", "name"].nunique() == 10
    assert set(before["name"]) - set(after["name"]) == {"MP129", "MP143"}


def test_first_plan_of_secmp0007(register: Register) -> None:
    """It was first planned for November 2020."""
    slips = releases.slippage(register, date(2021, 12, 1)).set_index("name")
    assert slips.loc["SECMP0007", "first_release"] == "November 2020 SEC Release"
