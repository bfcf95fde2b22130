"""What holds on every published page, over all that is published: pages, tables, charts, figures, workbook, feed.

The rules are in `site_rules.py`, and read nothing but the published files.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from published_site import Site
from site_rules import RULES
from tinyproject import SECANALYSIS, with_root

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

# Faults that are known and being mended: the rule that finds each. A mark goes with the mend.
TO_MEND = {}


def publish(root: Path, months: list[str]) -> Site:
    """The site of some months, made by the commands that make it."""
    for name in INPUTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, root / name)
    for command in ([*SECANALYSIS, "build"], [sys.executable, "-c", RUN, *months], [*SECANALYSIS, "publish"]):
        done = subprocess.run(
            command, cwd=root, env=with_root(root), capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, done.stderr
    return Site(root / "site")


@pytest.fixture(scope="session")
def some(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A handful of months, chosen for their kinds."""
    return publish(tmp_path_factory.mktemp("some months"), KINDS)


@pytest.fixture(scope="session")
def every(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """All months that are published."""
    return publish(tmp_path_factory.mktemp("all months"), ALL)


def faults(site: Site, name: str) -> list[str]:
    """What breaks a rule, month by month."""
    return [f"{month.name} {fault}" for month in site.months for fault in RULES[name](month, site)]


def marked(name: str) -> object:
    """A rule, marked while a known fault breaks it."""
    reason = TO_MEND.get(name)
    return pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=reason)) if reason else name


@pytest.mark.parametrize("name", [marked(name) for name in RULES])
def test_a_handful_of_months(some: Site, name: str) -> None:
    """Each rule over months of every kind."""
    assert faults(some, name) == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [marked(name) for name in RULES])
def test_all_months(every: Site, name: str) -> None:
    """Each rule over all months."""
    assert faults(every, name) == []
