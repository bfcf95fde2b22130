"""What tests of several files need, and in which order files are tested."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from measuring import Line

from secanalysis.publishing import pdf_printing
from secanalysis.support.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser
    from xdist.scheduler import LoadFileScheduling

LONG = (
    "test_cluster.py",
    "test_crashes.py",
    "test_runs.py",
    "backtests",
    "test_readme.py",
    "test_damaged_documents.py",
    "test_jupyterlab.py",
    "test_same_everywhere.py",
    "test_pages.py",
    "test_outsiders.py",
    "test_kernels.py",
    "test_attacks.py",
    "test_dvc.py",
    "test_notebooks.py",
    "test_new_project.py",
    "test_snapshots.py",
    "test_register_page.py",
    "test_machines.py",
    "test_monthly.py",
    "test_subjects.py",
    "test_figure_groups.py",
    "test_damaged_tables.py",
)
"""What takes longest comes first: begun last, it would keep one worker busy while the others have nothing to do.

The first of all mostly waits, while types are checked (see the Makefile).
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order of `LONG`, then the others as they come."""
    items.sort(key=lambda item: LONG.index(name) if (name := _file(item.nodeid)) in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """Look less often for cycles, and not among what is imported: it took a sixth of what tests of figures take."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def _file(nodeid: str) -> str:
    """A test's file, or its folder where files share what takes long to make."""
    return nodeid.partition("::")[0].removeprefix("tests/").partition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Callable) -> LoadFileScheduling:
    """Give a worker a whole file at a time, or a folder of them."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _file(nodeid)

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def frozen_code(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH that holds the package as it is now: tests that compare two runs need one code."""
    folder = tmp_path_factory.mktemp("code")
    package = Path(__file__).parent.parent / "secanalysis"
    # with what Python has compiled, which it knows by time and size; but not what it is about to rename
    shutil.copytree(package, folder / "secanalysis", ignore=shutil.ignore_patterns("*.pyc.*"))
    return str(folder)


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[Line]]:
    """What was measured, shown when all is."""
    lines: list[Line] = []
    yield lines
    heading = ("what", "measured", "asked", "against")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print()
        for what, measured, asked, against in [heading, *lines]:
            print(f"{what:<58} {measured:>14}  {asked:<10}  {against}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of this machine."""
    # only here: most tests need none, and every one would wait for it
    from playwright.sync_api import sync_playwright

    try:
        command = pdf_printing.browser()
    except UserError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI must look at the pages: {missing}")
        pytest.skip(f"the pages were not looked at: {missing}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=command, args=["--no-sandbox"])
        yield launched
        launched.close()
