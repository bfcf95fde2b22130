"""What tests of several files need."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def frozen_code(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for PYTHONPATH that holds the package as it is now: tests that compare two runs need one code."""
    folder = tmp_path_factory.mktemp("code")
    package = Path(__file__).parent.parent / "secanalysis"
    shutil.copytree(package, folder / "secanalysis", ignore=shutil.ignore_patterns("__pycache__"))
    return str(folder)
