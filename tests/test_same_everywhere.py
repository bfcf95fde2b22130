"""The same inputs give the same bytes, wherever, whenever and by whom they are worked out."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import factories as f
import pytest
from tinyproject import SECANALYSIS, copy_facts, with_root

from secanalysis import Register
from secanalysis.domain.months import ReportMonth, same_day
from secanalysis.domain.vocabulary import Convention
from secanalysis.statements import storage
from secanalysis.views.month import MonthlyReport

ROOT = Path(__file__).parent.parent
INPUTS = ("notebooks", "dvc.yaml", "params.yaml", "code.yaml")
SOME = {"DP136", "MP102", "MP102A", "MP135", "SECMP0007"}


@dataclass(frozen=True)
class Place:
    """Where and how somebody works."""

    folder: str
    zone: str
    language: str
    seed: str
    mask: int
    run: tuple[str, ...] = ()


HERE = Place("project", "UTC", "C.UTF-8", "0", 0o022)
ELSEWHERE = Place(
    "Another folder – né/project's", "Pacific/Auckland", "tr_TR.UTF-8", "4711", 0o027, ("--workers", "1")
)


def site_of(
    place: Place, folder: Path, code: str, months: tuple[str, str], refs: set[str] | None = None
) -> dict[str, str]:
    """All that is published from the project's facts, or some, there: SHA-256 by path, executed notebooks too."""
    root = folder / place.folder
    copy_facts(root / "data" / "raw", refs)
    for name in INPUTS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    (root / "params.yaml").write_text(f'months:\n  first: "{months[0]}"\n  last: "{months[1]}"\n')
    home, elsewhere = folder / f"home of {place.seed}", folder / "cwd" / place.seed
    for made in (home, elsewhere):
        made.mkdir(parents=True)
    environment = with_root(
        root,
        PYTHONPATH=code,
        TZ=place.zone,
        LANG=place.language,
        LC_ALL=place.language,
        PYTHONHASHSEED=place.seed,
        HOME=str(home),
        USER=place.seed,
        COLUMNS=place.seed,
    )
    for arguments in (("build",), ("run", *place.run), ("publish",)):
        done = subprocess.run(
            [*SECANALYSIS, *arguments],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.umask(place.mask),
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
    result = [path for name in ("data/processed", "runs", "site") for path in (root / name).rglob("*")]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in result
        if path.is_file() and path.name != "log.jsonl" and not path.name.startswith(".")
    }


@pytest.mark.parametrize(
    ("months", "refs"),
    [
        (("2020-08", "2020-08"), SOME),
        pytest.param(("2019-11", "2021-12"), None, marks=[pytest.mark.soak, pytest.mark.timeout(1800)]),
    ],
    ids=["some facts in a month", "all months"],
)
def test_two_places_publish_the_same(
    tmp_path: Path, frozen_code: str, months: tuple[str, str], refs: set[str] | None
) -> None:
    """Other folder, time zone, language, hash seed, umask, user, working directory and number of workers."""
    here = site_of(HERE, tmp_path / "a", frozen_code, months, refs)
    there = site_of(ELSEWHERE, tmp_path / "b", frozen_code, months, refs)
    assert {"site/index.html", "site/feed.xml", f"site/{months[0]}/report.xlsx"} <= here.keys()
    assert there == here


# Days that trip programs up ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "end", "published", "sec"),
    [
        # counted on a calendar, both ends in
        ("2020-02-28", "2020-02-29", 1, 1),  # a Friday, and the leap day on a Saturday
        ("2024-02-28", "2024-02-29", 2, 2),  # the leap day on a Thursday
        ("2021-02-26", "2021-02-28", 1, 1),  # no leap day
        ("2020-12-31", "2020-12-31", 1, 1),  # the last day of a year
        ("2020-12-24", "2021-01-31", 27, 24),  # less 25 December, 28 in its lieu for the 26th, 1 January
        ("2020-05-04", "2020-05-31", 20, 18),  # less 8 May, to which the 4th was moved, and 25 May
        ("2022-09-16", "2022-09-30", 11, 10),  # less 19 September
        ("2023-05-01", "2023-05-31", 23, 20),  # less 1 May, 8 May (once) and 29 May
    ],
)
def test_an_open_assessment_over_such_days(accepted: str, end: str, published: int, sec: int) -> None:
    """The figure of a month whose period ends there."""
    day = date.fromisoformat(end)
    month = ReportMonth(day.year, day.month).next
    row = f.assessment("MP100", accepted=accepted, seen=end)
    register = f.register(assessments=[row])
    for convention, expected in ((Convention.AS_PUBLISHED, published), (Convention.SEC, sec)):
        result = MonthlyReport(register, month, convention).figures
        assert result[f"assessment.MP100.pa.{accepted}.duration_wd"].value == expected


@pytest.mark.parametrize(
    ("day", "since"),
    [
        ("2020-03-31", "2020-02-29"),  # no 31st in February of a leap year
        ("2021-03-31", "2021-02-28"),
        ("2021-03-29", "2021-02-28"),
        ("2020-12-31", "2020-11-30"),
        ("2021-01-31", "2020-12-31"),  # over the year's end
    ],
)
def test_the_month_before_a_day_at_a_month_s_end(day: str, since: str) -> None:
    """A view as at such a day lists what is since the same day of the month before, or its last."""
    last, first = date.fromisoformat(day), date.fromisoformat(since)
    assert same_day(ReportMonth(last.year, last.month).previous, last.day) == first
    rows = [f.event(f"MP10{n}", "raised", on) for n, on in enumerate((since, day))]
    view = f.register(events=rows)
    assert view.clock_at(last).previous_report_date == first
    listed = Register(view.tables).as_at(day).activity.lists["raised.count"].items
    assert listed["ref"].tolist() == ["MP101"]


@pytest.mark.parametrize(
    ("month", "convention"),
    [
        pytest.param("2013-10", Convention.AS_PUBLISHED, id="before the first fact"),
        pytest.param("2030-11", Convention.SEC, id="to come"),
        pytest.param("2013-10", Convention.SEC, marks=pytest.mark.soak),
        pytest.param("2030-11", Convention.AS_PUBLISHED, marks=pytest.mark.soak),
    ],
)
def test_a_month_of_which_nothing_is_known(month: str, convention: Convention) -> None:
    """It computes, no count is a made-up zero, and each figure says why it has no value."""
    real = storage.read_folder(ROOT / "data" / "raw")
    report = Register(real).month(month, convention)
    attested = [figure for figure in report.figures if figure.value is not None]
    assert [
        figure.key for figure in attested if figure.key.startswith(("raised", "vote", "assessment"))
    ] == []
    assert all(figure.reason for figure in report.figures if figure.value is None)
    assert {figure.reprint for figure in report.figures} == {None}


@pytest.mark.soak
@pytest.mark.parametrize("month", ["2013-10", "2030-11"])
def test_pages_of_a_month_of_which_nothing_is_known(tmp_path: Path, frozen_code: str, month: str) -> None:
    """All notebooks execute, and the pages are published."""
    made = site_of(HERE, tmp_path, frozen_code, (month, month))
    assert {f"site/{month}/{name}" for name in ("durations.html", "figures.json")} <= made.keys()
