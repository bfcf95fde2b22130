"""Machines that lack something: calls of a newer Linux, shared memory, room for what is said, a folder, a name in UTF-8."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import executed
import factories as f
import forked_commands
import pytest
from tinyproject import SECANALYSIS, command, outputs, with_root, write_project

from secanalysis.statements import storage
from secanalysis.support.project import Project

ROOT = Path(__file__).parent.parent
REFUSES = """
import os
def refuse(*_, **__):
    raise OSError(38, "Function not implemented")
os.pidfd_open = refuse
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a statement, a notebook, and two executed months."""
    return executed.project(tmp_path / "project", {"a": ["print('done')"]})


# Calls that are refused -----------------------------------------------------------------------------


def test_where_a_process_cannot_be_watched_kernels_are_ordinary(project: Project, tmp_path: Path) -> None:
    """Seen before: on such a kernel every notebook failed, '[Errno 38] Function not implemented'."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "sitecustomize.py").write_text(REFUSES)
    path = os.pathsep.join([str(tmp_path / "code"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    assert command(project.root, "build").returncode == 0
    done = command(project.root, "run", "--month", "2020-08", PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert "kernels can't be forked on this machine: they are started in the ordinary way" in done.stderr
    assert outputs(project.runs / "2020-08" / "a.ipynb") == "done\n"


def test_publish_without_shared_memory(project: Project) -> None:
    """Seen before: a traceback, as locks of processes are made in /dev/shm."""
    around = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs -o ro none /dev/shm && exec "$@"', "sh")
    if not shutil.which("unshare") or subprocess.run([*around, "true"], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    line = [*around, *SECANALYSIS, "publish"]
    done = subprocess.run(line, env=with_root(project.root), cwd=project.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (project.site / "index.html").is_file()


def test_make_report_can_be_made_to_use_ordinary_kernels() -> None:
    """Where forking fails in a way that can't be seen before."""
    line = ["make", "-n", "report", "COLD=1"]
    shown = subprocess.run(line, cwd=ROOT, capture_output=True, text=True).stdout
    assert "SECANALYSIS_COLD=1" in shown


def test_a_variable_asks_for_ordinary_kernels(project: Project) -> None:
    import json

    assert command(project.root, "build").returncode == 0
    assert command(project.root, "run", "--month", "2020-08", SECANALYSIS_COLD="1").returncode == 0
    record = json.loads((project.runs / "log.jsonl").read_text().splitlines()[-1])
    assert record["kernels"] == "cold"


# What can't be said --------------------------------------------------------------------------------

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")


@FULL
@pytest.mark.parametrize("words", [("build",), ("publish",)])
def test_a_summary_that_cannot_be_written(project: Project, words: tuple[str, ...]) -> None:
    """Seen before: 'what was there stands', and the tables were written."""
    done = forked_commands.run(words, with_root(project.root), project.root, 120, out="/dev/full")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "secanalysis: the work is done, but standard output can't be written to (No space left on device)\n"
    )
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    made = project.processed / "sources.parquet" if words == ("build",) else project.site / "index.html"
    assert made.is_file()


@FULL
@pytest.mark.parametrize("words", [("build",), ("run", "--month", "2020-08"), ("publish",)])
def test_a_log_that_is_full_stops_nothing(project: Project, words: tuple[str, ...]) -> None:
    assert command(project.root, "build").returncode == 0
    done = forked_commands.run(words, with_root(project.root), project.root, 120, err="/dev/full")
    assert done.returncode == 0 and done.stdout


def test_whoever_reads_what_is_said_may_go(project: Project) -> None:
    line = ["sh", "-c", '"$@" --help | head -c 1 > /dev/null', "sh", *SECANALYSIS, "build"]
    done = subprocess.run(
        line, env=with_root(project.root), cwd=project.root, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


# Folders and names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("build",), *(pytest.param((word,), marks=pytest.mark.soak) for word in ("run", "publish"))]
)
def test_a_folder_that_is_gone(project: Project, tmp_path: Path, words: tuple[str, ...]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "SECANALYSIS_ROOT"}
    line = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *SECANALYSIS, *words]
    done = subprocess.run(line, env=environment, cwd=gone, capture_output=True, text=True)
    assert done.returncode == 2
    assert "the folder that this was called in isn't there any more" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    """All commands work there; where they fail they say so in a sentence."""
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    write_project(root, {"a": ["print('done')"]})
    (root / "data" / "processed" / "sources.parquet").unlink()
    storage.write_raw(f.tables([f.source("page")]), root / "data" / "raw")
    for words in (("build",), ("run", "--month", "2020-08"), ("publish",)):
        done = command(root, *words)
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, done.stderr
    assert outputs(root / "runs" / "2020-08" / "a.ipynb") == "done\n"
    assert (root / "site" / "index.html").is_file()
    nowhere = command(root, "build", "--raw", os.fsdecode(b"nowhere\xff"))
    assert nowhere.returncode == 2 and "no folder nowhere" in nowhere.stderr


# Damaged tables --------------------------------------------------------------------------------------


def flipped(data: bytes) -> bytes:
    """Another byte in the first column's data: the format itself has no sum to check."""
    return data[:30] + bytes([data[30] ^ 1]) + data[31:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-20],
        lambda _: b"",
        flipped,
        pytest.param(lambda _: b"nothing", marks=pytest.mark.soak),
        pytest.param(lambda data: data[: len(data) // 2], marks=pytest.mark.soak),
    ],
)
def test_a_damaged_built_table_is_a_sentence(project: Project, damage: object) -> None:
    """Seen before: a traceback of Arrow's. One more build mends it."""
    assert command(project.root, "build").returncode == 0
    table = project.processed / "sources.parquet"
    table.write_bytes(damage(table.read_bytes()))  # type: ignore[operator]
    done = command(project.root, "run", "--months", "2019-01..2019-02", "--due")
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert "sources.parquet is damaged (" in done.stderr and "run `secanalysis build` again" in done.stderr
    assert command(project.root, "build").returncode == 0
    assert command(project.root, "run", "--months", "2019-01..2019-02", "--due").returncode == 0
