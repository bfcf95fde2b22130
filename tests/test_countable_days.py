"""Days that the list of bank holidays doesn't reach: stated before a run, and not in each notebook."""

from __future__ import annotations

from pathlib import Path

import factories as f
import pytest
from tinyproject import command, write_project

from secanalysis.statements import storage

REPORT = f.source("report", published_on="2020-08-07", published_precision="day")


def project(root: Path, **rows: list[dict[str, object]]) -> Path:
    """A project with a light notebook and some statements."""
    write_project(root, {"a": ["print('done')"]})
    (root / "data" / "processed" / "sources.parquet").unlink()
    storage.write_raw(f.tables([REPORT], **rows), root / "data" / "raw")
    return root


EARLY = {
    "assessment": {
        "assessments": [
            f.assessment(
                "MP100", accepted="2010-07-14", returned="2020-07-31", source_id="report", locator="line 1"
            )
        ]
    },
    "raised": {"events": [f.event("MP100", "raised", "2011-12-31", source_id="report", locator="line 1")]},
}


@pytest.mark.parametrize("case", EARLY)
def test_a_duration_from_before_the_list_is_stated_before_a_run(tmp_path: Path, case: str) -> None:
    """Seen before: build said sound, and every notebook of every month failed."""
    root = project(tmp_path / "project", **EARLY[case])
    built = command(root, "build")
    assert built.returncode == 0
    assert "note: bank holidays are listed for 2012 to 2030, and" in built.stdout
    done = command(root, "run", "--month", "2020-08")
    assert done.returncode == 2
    assert "nothing was executed: bank holidays are listed for 2012 to 2030, and" in done.stderr
    assert "(report, line 1): durations from there can't be counted" in done.stderr
    assert not list((root / "runs").rglob("*.ipynb"))


def test_a_correction_mends_it(tmp_path: Path) -> None:
    import pandas as pd

    root = project(tmp_path / "project", **EARLY["raised"])
    correction = {
        "table": "events", "source_id": "report", "locator": "line 1", "column": "on", "action": "replace",
        "found": "2011-12-31", "value": "2019-12-31", "reason": "a slip", "status": "in_force", "since": "2026-11-24",
    }  # fmt: skip
    pd.DataFrame([correction]).to_csv(root / "data" / "raw" / "corrections.csv", index=False)
    built = command(root, "build")
    assert built.returncode == 0 and "note:" not in built.stdout
    assert command(root, "run", "--month", "2020-08").returncode == 0


def test_a_month_after_the_list_is_noted(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    assert command(root, "build").returncode == 0
    done = command(root, "run", "--months", "2031-01..2031-02")
    assert done.returncode == 0
    assert (
        "bank holidays are listed for 2012 to 2030: in 2031-02 and later, durations of open cases"
        in done.stderr
    )


@pytest.mark.parametrize("month", ["2004-12", "2100-01"])
def test_a_published_figure_s_month_has_the_range_of_days(tmp_path: Path, month: str) -> None:
    row = {
        "month": month,
        "key": "vote.count",
        "printed": "1",
        "value": 1,
        "unit": "count",
        "source_id": "report",
    }
    root = project(tmp_path / "project", published_figures=[row])
    built = command(root, "build")
    assert built.returncode == 2
    assert f"column month: found '{month}'; expected a month as YYYY-MM, from 2005 to 2099" in built.stderr
