"""DVC rebuilds everything, and tells the truth after work by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tinyproject import SECANALYSIS, copy_facts, with_root

ROOT = Path(__file__).parent.parent
PARAMETERS = 'months: {first: "2020-08", last: "2020-08"}\nconvention: as_published\nknown_by: null\n'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, frozen_code: str) -> Path:
    """The project with few facts, one month and two notebooks."""
    root = tmp_path_factory.mktemp("dvc") / "project"
    copy_facts(root / "data" / "raw", {"MP094", "MP103", "SECMP0007"})
    shutil.copytree(Path(frozen_code) / "secanalysis", root / "secanalysis")
    for name in ("dvc.yaml", "code.yaml", ".dvcignore", ".dvc/config"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "notebooks").mkdir()
    for name in ("data_quality", "index"):
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", root / "notebooks")
    (root / "params.yaml").write_text(PARAMETERS)
    return root


def call(root: Path, *arguments: str) -> str:
    environment = with_root(root, PYTHONPATH=str(root), DVC_NO_ANALYTICS="1")
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(arguments, cwd=root, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_status_is_right_after_work_by_hand(project: Path) -> None:
    call(project, "dvc", "repro")
    call(project, *SECANALYSIS, "run", "--force")  # the same bytes
    assert "up to date" in call(project, "dvc", "status")
    call(project, *SECANALYSIS, "run", "--months", "2020-07")
    status = call(project, "dvc", "status")
    assert "run:" in status and "modified:" in status and "publish:" in status and "build:" not in status

    words = call(project, "dvc", "repro")
    assert "'build' didn't change, skipping" in words
    assert not (project / "runs" / "2020-07").exists()
