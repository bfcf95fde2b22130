"""How fast pages are made: one of them, and the site of all months with its downloads (make bench)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from measuring import Line, timed
from tinyproject import SECANALYSIS, with_root

from secanalysis.publishing import pages
from secanalysis.publishing.executed_notebooks import read
from secanalysis.running import subjects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent


def test_the_site_of_26_months(tmp_path: Path, frozen_code: str, table: list[Line]) -> None:
    root = tmp_path / "project"
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    for name in subjects.NAMES:  # pages of modifications are measured by themselves
        (root / "notebooks" / f"{name}.ipynb").unlink()
    shutil.copy(ROOT / "dvc.yaml", root)
    (root / "params.yaml").write_text('months:\n  first: "2019-11"\n  last: "2021-12"\n')

    def call(command: str) -> None:
        line, environment = [*SECANALYSIS, command], with_root(root, PYTHONPATH=frozen_code)
        done = subprocess.run(line, cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    call("build")
    call("run")
    site, _ = timed(lambda: call("publish"))
    executed = [read(path).node for path in sorted((root / "runs").glob("*/*.ipynb"))]
    pages.render(executed[0])  # makes the exporter
    slowest = max(timed(lambda notebook=one: pages.render(notebook), times=3)[0] for one in executed)
    files = sum(path.is_file() for path in (root / "site").rglob("*"))
    table.append(
        ("the site of 26 months", f"{site:.1f} s", "20 s", f"{len(executed)} pages, {files:,} files")
    )
    table.append(
        (
            "one page in process",
            f"{slowest:.3f} s",
            "0.1 s",
            f"the slowest of {len(executed)}, each the best of three",
        )
    )
    assert len(executed) == 26 * 6
    assert site < 20
    assert slowest < 0.1
