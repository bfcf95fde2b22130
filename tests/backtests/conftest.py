"""Published sites of the real facts, each made once for all files of this folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from published_site import Site
from tinyproject import command, with_root

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ("data/raw", "notebooks", "dvc.yaml", "params.yaml", "code.yaml")
ALL = [f"{year}-{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)][10:]
# A published report and the month after it; one in which a release's plan has parts; one in which little
# happened, after a release; the last.
KINDS = ["2020-08", "2020-09", "2020-11", "2021-01", "2021-05", "2021-12"]
# As `secanalysis run` does, for months that don't follow each other, without a start for each.
RUN = """
import sys

from secanalysis.domain.months import ReportMonth
from secanalysis.running import runs
from secanalysis.running.settings import Settings
from secanalysis.support.project import Project

project = Project.find()
months = [ReportMonth.parse(month) for month in sys.argv[1:]]
sys.exit("; ".join(runs.run(project, months, Settings.read(project.params)).failed.values()) or None)
"""


def publish(root: Path, months: list[str]) -> Site:
    """The site of some months, made by the commands that make it."""
    for name in INPUTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, root / name)
    assert command(root, "build").returncode == 0
    line = [sys.executable, "-c", RUN, *months]
    done = subprocess.run(line, cwd=root, env=with_root(root), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert command(root, "publish", seconds=900).returncode == 0
    return Site(root / "site")


@pytest.fixture(scope="session")
def some(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A handful of months, chosen for their kinds."""
    return publish(tmp_path_factory.mktemp("some months"), KINDS)


@pytest.fixture(scope="session")
def every(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """All months that are published."""
    return publish(tmp_path_factory.mktemp("all months"), ALL)
