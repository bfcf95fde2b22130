"""How long an analyst waits: for a first figure, a month's pages, a run with nothing to do, Run All in JupyterLab (make bench)."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from measuring import Line
from playwright.sync_api import Browser
from test_jupyterlab import Lab, lab
from tinyproject import SECANALYSIS, with_root

from secanalysis.running import subjects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

ROOT = Path(__file__).parent.parent
TIMES = 5  # the least of some runs: other work on the machine only ever adds
MONTH = "2020-08"
FIRST_FIGURE = f"""
from secanalysis import Register
assert Register.load().month("{MONTH}").figures["assessment.ia.open.mean_wd"].value == 98
"""
RUN_AGAIN = """async () => {
    await jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
    const begun = performance.now();
    await jupyterapp.commands.execute('notebook:run-all-cells');
    return (performance.now() - begun) / 1000;
}"""

__all__ = ["lab"]  # pytest finds the fixture by its name


Call = Callable[..., str]


def project(root: Path, code: str, without: tuple[str, ...] = ()) -> Call:
    """A way to give commands to a project of one month, which is built and run, without some notebooks."""
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    for name in without:
        (root / "notebooks" / f"{name}.ipynb").unlink()
    shutil.copy(ROOT / "dvc.yaml", root)
    (root / "params.yaml").write_text(f'months:\n  first: "{MONTH}"\n  last: "{MONTH}"\n')

    def call(*command: str) -> str:
        environment = with_root(root, PYTHONPATH=code)
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    call(*SECANALYSIS, "build")
    call(*SECANALYSIS, "run", "--month", MONTH)
    return call


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, frozen_code: str) -> Call:
    """A project with all notebooks."""
    return project(tmp_path_factory.mktemp("whole"), frozen_code)


@pytest.fixture(scope="module")
def monthly(tmp_path_factory: pytest.TempPathFactory, frozen_code: str) -> Call:
    """One without the pages of modifications, which are measured by themselves."""
    return project(tmp_path_factory.mktemp("monthly"), frozen_code, subjects.NAMES)


def least(work: Callable[[], object]) -> tuple[float, float]:
    """The least seconds on the clock of some runs, and the least of the processor, in processes that ended."""
    seconds, processor = [], []
    for _ in range(TIMES):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds), min(processor)


def test_the_first_figure(whole: Call, table: list[Line]) -> None:
    took, processor = least(lambda: whole(sys.executable, "-c", FIRST_FIGURE))
    of_processor = f"{processor:.2f} s of the processor"
    table.append(("a fresh process to its first figure", f"{took:.2f} s", "0.9 s", of_processor))
    assert took < 0.9


def test_a_month_again(monthly: Call, table: list[Line]) -> None:
    again = partial(monthly, *SECANALYSIS, "run", "--month", MONTH, "--force")
    assert again().startswith("7 notebooks executed")
    took, processor = least(again)
    of_processor = f"{processor:.2f} s of the processor, 7 notebooks"
    table.append(("run --month --force", f"{took:.2f} s", "2 s", of_processor))
    assert took < 2


def test_nothing_to_do(whole: Call, table: list[Line]) -> None:
    """With the pages of all modifications there, too."""
    again = partial(whole, *SECANALYSIS, "run", "--month", MONTH)
    assert again().startswith("0 notebooks executed")
    took, processor = least(again)
    of_processor = f"{processor:.2f} s of the processor"
    table.append(("run --month with nothing to do", f"{took:.2f} s", "0.5 s", of_processor))
    assert took < 0.5


@pytest.mark.browser
def test_run_all_in_jupyterlab(lab: Lab, browser: Browser, table: list[Line]) -> None:
    """With a warm kernel: the notebook was run in it before."""
    page = lab.open(browser, "durations.ipynb")
    took = min(page.evaluate(RUN_AGAIN) for _ in range(TIMES))
    outputs = page.locator(".jp-Notebook .jp-OutputArea-output").count()
    table.append(("Run All of durations.ipynb, warm", f"{took:.2f} s", "1.5 s", f"{outputs} outputs"))
    page.close()
    assert outputs > 10
    assert took < 1.5
