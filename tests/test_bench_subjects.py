"""How long the pages of all modifications take: those of the facts, and of a made-up register of 1,000 (make bench)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from measuring import Line, timed
from tinyproject import SECANALYSIS, with_root

from secanalysis.running import subjects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parent.parent


def calls(root: Path, code: str, month: str) -> Callable[..., None]:
    """A project of one month with all notebooks, and a way to give it commands."""
    root.mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    shutil.copy(ROOT / "dvc.yaml", root)
    (root / "params.yaml").write_text(f'months:\n  first: "{month}"\n  last: "{month}"\n')

    def call(*command: str) -> None:
        environment = with_root(root, PYTHONPATH=code)
        done = subprocess.run(
            [*SECANALYSIS, *command], cwd=root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    return call


def made(root: Path, call: Callable[..., None]) -> float:
    """Seconds to run and publish everything, nothing of it being there yet."""

    def everything() -> None:
        call("run")
        call("publish")

    for name in ("runs", "site"):
        shutil.rmtree(root / name, ignore_errors=True)
    return timed(everything)[0]


def test_a_hundred_pages_of_facts(tmp_path: Path, frozen_code: str, table: list[Line]) -> None:
    root = tmp_path / "project"
    call = calls(root, frozen_code, "2020-08")
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    call("build")
    with_pages = made(root, call)
    pages = len(list((root / "site" / "modifications").glob("*.html"))) - 1
    for name in subjects.NAMES:
        (root / "notebooks" / f"{name}.ipynb").unlink()
    added = (with_pages - made(root, call)) * 100 / pages
    table.append(("a hundred pages of modifications add", f"{added:.1f} s", "20 s", f"{pages} pages"))
    assert added < 20


def test_a_thousand_pages_of_a_made_up_register(tmp_path: Path, frozen_code: str, table: list[Line]) -> None:
    root = tmp_path / "project"
    call = calls(root, frozen_code, "2024-12")
    raw = str(tmp_path / "made up")
    call("simulate", "--modifications", "1000", "--seed", "7", "--into", raw)
    call("build", "--raw", raw)
    took = made(root, call)
    pages = [*(root / "site" / "modifications").glob("*.html")]
    heaviest = max(page.stat().st_size for page in pages if page.stem != "index")
    table.append(("1,000 pages of modifications", f"{took:.1f} s", "150 s", f"heaviest {heaviest:,} bytes"))
    register = (root / "site" / "modifications" / "index.html").stat().st_size
    table.append(
        ("the register's page of 1,000 modifications", f"{register:,} bytes", "400,000", "as published")
    )
    assert len(pages) == 1001
    assert register <= 400_000
    assert took < 150
    assert heaviest < 120_000
