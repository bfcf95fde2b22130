"""A project of one's own, from a checkout and from an installed wheel alike."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from secanalysis.support import new_project
from secanalysis.support.errors import UserError

ROOT = Path(__file__).parent.parent
FILES = [
    ".dvc/.gitignore",
    ".dvc/config",
    ".gitignore",
    "README.md",
    "code.yaml",
    "data/raw/.gitkeep",
    "dvc.yaml",
    "mapping.yaml",
    *(
        f"notebooks/{path.name}"
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        if not path.stem.startswith("explore")
    ),
    "params.yaml",
]
STATUS = "        # Parked: ?"


def call(folder: Path, *command: str, path: Path | None = None) -> str:
    """Run a command in a folder, without this process's settings; its output."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("SECANALYSIS_ROOT", "PYTHONPATH")
    }
    if path:
        kept["PATH"] = f"{path}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_project_holds_what_it_needs_and_no_facts(tmp_path: Path) -> None:
    assert new_project.write(tmp_path / "ours") == FILES
    assert len((tmp_path / "ours" / "README.md").read_text().splitlines()) <= 10
    assert "secanalysis\n" not in (tmp_path / "ours" / "dvc.yaml").read_text().replace("cmd: ", "")


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    new_project.write(tmp_path / "ours")  # empty
    with pytest.raises(UserError, match="isn't empty; expected a new folder"):
        new_project.write(tmp_path / "ours")
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UserError, match="isn't empty"):
        new_project.write(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


def test_dvc_does_it_all_where_there_is_no_git(tmp_path: Path) -> None:
    new_project.write(tmp_path / "ours")
    listed = call(tmp_path / "ours", "dvc", "stage", "list", "--name-only", path=Path(sys.executable).parent)
    assert listed.split() == ["build", "run", "publish"]


def test_from_an_installed_wheel(tmp_path: Path) -> None:
    """Built, and installed without the network into an environment that holds nothing.

    The wheel alone is installed (``--no-deps --no-index``): what it depends on is the present environment's, whose
    folder of packages is put on the new one's path; its own editable install of this project isn't seen from there.
    """
    source = tmp_path / "source"
    for name in ("secanalysis", "notebooks"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    call(
        source,
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(tmp_path),
        ".",
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as parts:
        assert "secanalysis/notebooks/durations.ipynb" in parts.namelist()
    shutil.rmtree(source)
    call(tmp_path, sys.executable, "-m", "venv", "--without-pip", "empty")
    (site,) = (tmp_path / "empty").glob("lib/python*/site-packages")
    binaries = tmp_path / "empty" / "bin"
    call(
        tmp_path,
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(binaries / "python"),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    )
    (site / "present.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    where = call(tmp_path, str(binaries / "python"), "-c", "import secanalysis; print(secanalysis.__file__)")
    assert Path(where.strip()).is_relative_to(tmp_path / "empty")

    secanalysis = str(binaries / "secanalysis")
    call(tmp_path, secanalysis, "new", "ours")
    ours = tmp_path / "ours"
    assert sorted(str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file()) == FILES
    export = shutil.copy(ROOT / "docs" / "how-to" / "made-up-export-2024-06-07.xlsx", ours)
    draft = call(ours, secanalysis, "mapping", export)
    (line,) = [line for line in draft.splitlines() if line.startswith(STATUS)]
    (ours / "mapping.yaml").write_text(draft.replace(line, "        Parked: on_hold"))
    call(
        ours,
        secanalysis,
        "ingest",
        export,
        "--into",
        "data/raw",
        "--published-on",
        "2024-06-07",
        "--mapping",
        "mapping.yaml",
    )
    call(ours, secanalysis, "build")
    call(ours, secanalysis, "run", "--month", "2024-06")
    call(ours, secanalysis, "publish")
    page = (ours / "site" / "2024-06" / "change_status_report.html").read_text(encoding="utf-8")
    assert "June 2024" in page and "<style>" in page
