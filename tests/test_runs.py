"""Runs: what is done again and what isn't, failures, stopping, the lock, the record."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import nbformat
import psutil
import pytest
from tinyproject import begin, command, copy_facts, outputs, write_notebook, write_project

from secanalysis.domain.months import ReportMonth, parse_range
from secanalysis.running import run_log, runs, subjects
from secanalysis.running.execution import execute, settled
from secanalysis.running.kernels import forkserver
from secanalysis.running.plan import Plan, due_months, together
from secanalysis.running.progress import Lines
from secanalysis.running.settings import Settings
from secanalysis.support.errors import UserError
from secanalysis.support.project import Project

ROOT = Path(__file__).parent.parent
AUGUST = ReportMonth(2020, 8)
QUICK = {"a": ["print('a', month)"], "b": ["print('b', month, known_by)"]}


def project_of(tmp_path: Path, notebooks: dict[str, list[str]] = QUICK, last: str = "2020-08") -> Project:
    """A tiny project."""
    return Project(write_project(tmp_path / "project", notebooks, last))


def run(project: Project, **more_settings: object) -> runs.RunResult:
    """Run the months of its params.yaml."""
    settings = Settings.read(project.params)
    return runs.run(project, settings.months, settings, prune=True, **more_settings)  # type: ignore[arg-type]


def hashes(folder: Path) -> dict[str, str]:
    """The notebooks below a folder and their hashes."""
    result = sorted(folder.rglob("*.ipynb"))
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in result
    }


def test_a_month_may_be_given_more_than_once(tmp_path: Path) -> None:
    """Seen before: of two only the last was executed, without a word."""
    project = project_of(tmp_path)
    done = command(project.root, "run", "--month", "2020-09", "--month", "2020-08", "--month", "2020-09")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in project.runs.iterdir() if path.is_dir()) == ["2020-08", "2020-09"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"month": "2020-09"}, "month can't be set with -p; use --month or --months"),
        ({"months": "2020-09"}, "months can't be set with -p"),
        ({"convention": "xyz"}, "convention is 'xyz'; expected one of as_published, sec"),
        ({"known_by": "today"}, "known_by 'today' is not a day"),
    ],
)
def test_parameters_are_looked_at_before_any_notebook(
    tmp_path: Path, parameters: dict[str, str], words: str
) -> None:
    project = project_of(tmp_path)
    with pytest.raises(UserError, match=words):
        run(project, parameters=parameters)
    assert not list(project.runs.rglob("*.ipynb"))


# What is done again ------------------------------------------------------------------------------


def test_only_what_is_missing_or_stale_is_done_again(tmp_path: Path) -> None:
    project = project_of(tmp_path, last="2020-09")
    first = run(project)
    assert sorted(first.made) == ["2020-08 a", "2020-08 b", "2020-09 a", "2020-09 b", "all months index"]
    assert outputs(project.runs / "2020-09" / "b.ipynb") == "b 2020-09 \n"
    assert outputs(project.runs / "index.ipynb") == "2020-08,2020-09\n"
    before = hashes(project.runs)

    for path in [*project.root.rglob("*.ipynb"), *project.processed.iterdir()]:
        os.utime(path)
    assert run(project).made == []

    (project.runs / "2020-09" / "a.ipynb").unlink()
    assert run(project).made == ["2020-09 a"]
    assert run(project, force=True).kept == []
    assert hashes(project.runs) == before

    write_notebook(project.notebooks / "b.ipynb", "print('changed')")
    assert sorted(run(project).made) == ["2020-08 b", "2020-09 b"]
    assert run(project, parameters={"known_by": "2020-08-07"}).kept == ["all months index"]
    assert run(project).kept == ["all months index"]
    (project.processed / "sources.parquet").write_bytes(b"something")
    assert run(project).kept == []

    (project.notebooks / "b.ipynb").unlink()
    project.params.write_text('months:\n  first: "2020-09"\n  last: "2020-09"\n')
    assert run(project).made == ["all months index"]
    assert list(hashes(project.runs)) == ["2020-09/a.ipynb", "index.ipynb"]
    (project.notebooks / "index.ipynb").unlink()
    run(project)
    assert list(hashes(project.runs)) == ["2020-09/a.ipynb"]


def test_the_index_knows_only_months_that_are_there(tmp_path: Path) -> None:
    """It is executed beside the last month, and again if none of that month's notebooks succeeds."""
    project = project_of(tmp_path, {"a": ["assert month != '2020-09'"]}, last="2020-09")
    outcome = run(project)
    assert list(outcome.failed) == ["2020-09 a"]
    assert outputs(project.runs / "index.ipynb") == "2020-08\n"
    assert run(project).kept == ["2020-08 a"]
    assert outputs(project.runs / "index.ipynb") == "2020-08\n"


def test_an_executed_notebook_holds_nothing_of_its_run(tmp_path: Path) -> None:
    shows = ["object()", "import warnings; warnings.warn('look out')", "import sys; print(sys.stdout)"]
    project = project_of(tmp_path, {"a": shows})
    run(project)
    text = (project.runs / "2020-08" / "a.ipynb").read_text()
    assert str(date.today().year) not in text
    assert not re.search(r"0x[0-9a-f]{2}|/tmp/|ipykernel_|\d\d:\d\d|start_time|duration", text)
    assert "cell.py:1: UserWarning: look out" in text


def test_settling_leaves_content_alone() -> None:
    output = nbformat.v4.new_output(
        "execute_result", {"text/plain": "sold at 0x12, at 7 August", "text/html": "<p>"}
    )
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    kept = settled(nbformat.v4.new_notebook(cells=[cell]), {}, "").cells[0].outputs[0].data
    assert kept == {"text/plain": "sold at 0x12, at 7 August", "text/html": "<p>"}


# Failures ----------------------------------------------------------------------------------------


def test_a_failure_stops_no_other_and_is_kept_apart(tmp_path: Path) -> None:
    fails = ["print('so far')", "1 / 0", "print('never')"]
    project = project_of(tmp_path, {**QUICK, "fails": fails})
    done = command(project.root, "run", "--timeout", "30")
    assert done.returncode == 1
    assert "3 notebooks executed" in done.stdout
    assert "failed: 2020-08 fails: ZeroDivisionError: division by zero" in done.stderr
    assert "Traceback" not in done.stderr and "IPKernelApp" not in done.stderr
    assert not (project.runs / "2020-08" / "fails.ipynb").exists()
    kept = nbformat.read(project.runs / "failed" / "2020-08" / "fails.ipynb", as_version=4)
    assert kept.cells[0].cell_type == "markdown"
    assert kept.cells[0].source.startswith("# Failed in code cell 4")
    assert "ZeroDivisionError: division by zero" in kept.cells[0].source
    assert [cell.source for cell in kept.cells if cell.cell_type == "code"][-3:] == fails
    assert not runs.executed_months(Project(project.root / "nowhere"))

    record = json.loads(run_log.log_path(project).read_text().splitlines()[-1])
    assert record["status"] == "failed" and list(record["failed"]) == ["2020-08 fails"]

    write_notebook(project.notebooks / "fails.ipynb", "print('mended')")
    assert run(project).failed == {}
    assert not (project.runs / "failed").exists()
    # what was right goes when its notebook changes and fails
    write_notebook(project.notebooks / "fails.ipynb", "1 / 0")
    assert list(run(project).failed) == ["2020-08 fails"]
    assert not (project.runs / "2020-08" / "fails.ipynb").exists()


def test_a_misspelt_parameter_is_refused_before_anything_runs(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    done = command(project.root, "run", "-p", "mnth=2020-08")
    assert done.returncode == 2
    assert "no parameter 'mnth'; it declares convention, known_by, month" in done.stderr
    write_notebook(project.notebooks / "c.ipynb", "1", parameters=None)
    with pytest.raises(UserError, match="no cell is tagged parameters"):
        run(project)
    (project.notebooks / "c.ipynb").write_text("{")
    with pytest.raises(UserError, match=r"c\.ipynb can't be read as a notebook"):
        run(project)
    shutil.rmtree(project.processed)
    with pytest.raises(UserError, match="secanalysis build"):
        run(project)


def test_a_notebook_that_papermill_cannot_take_is_a_failure(tmp_path: Path) -> None:
    source = tmp_path / "a.ipynb"
    source.write_text(
        '{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    result = execute(source, {}, "", root=tmp_path)
    assert result.error and result.notebook == b""


# Stopping ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "cold"), [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGTERM, True)]
)
def test_a_signal_stops_a_run_within_two_seconds(tmp_path: Path, number: signal.Signals, cold: bool) -> None:
    sleeps = ["open(f'/proc/self/cwd/../begun-{month}', 'w').close()", "import time; time.sleep(500)"]
    project = project_of(tmp_path, {"a": ["1"], "b": sleeps}, last="2020-09")
    running = begin(project.root, "run", *(["--cold"] if cold else []))
    begun = [project.root / f"begun-2020-0{month}" for month in (8, 9)]
    wait_for(lambda: all(path.exists() for path in begun))
    left = psutil.Process(running.pid).children(recursive=True)
    assert len(left) >= 2
    sent = time.monotonic()
    running.send_signal(number)
    _, words = running.communicate(timeout=20)
    took = time.monotonic() - sent
    assert running.returncode == 128 + number, words
    assert f"stopped by {number.name}" in words
    # on a busy machine the last may be left for the first process to collect: they have ended all the same
    assert not [p for p in psutil.wait_procs(left, timeout=0.1)[1] if p.status() != psutil.STATUS_ZOMBIE]
    assert took < 2
    assert list(hashes(project.runs)) == ["2020-08/a.ipynb", "2020-09/a.ipynb"]
    assert not [path for path in project.runs.rglob(".*") if path.name != ".lock"]
    record = json.loads(run_log.log_path(project).read_text().splitlines()[-1])
    assert record["status"] == "stopped" and record["made"] == 2


@pytest.mark.skipif(not forkserver.CAN_FORK, reason="kernels can't be forked here")
def test_a_run_that_executes_nothing_leaves_no_process(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    run(project)
    assert forkserver.parent.pid
    run(project)
    assert forkserver.parent.pid is None
    write_notebook(project.notebooks / "c.ipynb", "1", parameters=None)
    with pytest.raises(UserError, match="no cell is tagged parameters"):
        run(project)
    assert forkserver.parent.pid is None
    record = json.loads(run_log.log_path(project).read_text().splitlines()[-1])
    assert record["status"] == "error" and record["versions"]["pandas"]


# What changes meanwhile --------------------------------------------------------------------------

CHANGES = """
from pathlib import Path
done, changed = Path({marker!r}), Path({changed!r})
def change():
    with changed.open("ab") as file:
        file.write(b" ")
print(changed.stat().st_size)
if {always} or not done.exists():
    done.touch()
    change()
"""


@pytest.mark.parametrize(
    ("name", "cold"),
    [
        ("data/processed/sources.parquet", False),
        ("notebooks/b.ipynb", True),
        pytest.param("data/processed/sources.parquet", True, marks=pytest.mark.soak),
        pytest.param("notebooks/b.ipynb", False, marks=pytest.mark.soak),
    ],
)
def test_what_changes_during_a_run_is_executed_again(tmp_path: Path, name: str, cold: bool) -> None:
    """Seen before: notebooks carried the hash of what had been there before, and were current for good."""
    project = project_of(tmp_path, {"a": [], "b": ["1"]})
    changes = CHANGES.format(marker=str(tmp_path / "done"), changed=str(project.root / name), always=False)
    write_notebook(project.notebooks / "a.ipynb", changes)
    size = (project.root / name).stat().st_size
    done = command(project.root, "run", *(["--cold"] if cold else []))
    assert done.returncode == 0, done.stderr
    assert f"{name} changed while notebooks were executed: beginning again" in done.stderr
    assert re.search("[23] notebooks executed", done.stdout)  # the index isn't made from other notebooks
    assert outputs(project.runs / "2020-08" / "a.ipynb") == f"{size + 1}\n"
    assert "0 notebooks executed, 3 already up to date" in command(project.root, "run").stdout


def test_what_changes_again_and_again_ends_a_run(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"a": []})
    changed = project.processed / "sources.parquet"
    changes = CHANGES.format(marker=str(tmp_path / "done"), changed=str(changed), always=True)
    write_notebook(project.notebooks / "a.ipynb", changes)
    done = command(project.root, "run")
    assert done.returncode == 2
    assert "sources.parquet changed while notebooks were executed: run again" in done.stderr
    assert not (project.runs / "2020-08" / "a.ipynb").exists()


def test_code_that_changes_during_a_run_ends_it(tmp_path: Path, frozen_code: str) -> None:
    code = Path(shutil.copytree(frozen_code, tmp_path / "code"))
    project = project_of(tmp_path / "project", {"a": []})
    module = code / "secanalysis" / "support" / "memoise.py"
    changes = CHANGES.format(marker=str(tmp_path / "done"), changed=str(module), always=False)
    write_notebook(project.notebooks / "a.ipynb", changes.replace('b" "', 'b"# edited"'))
    done = command(project.root, "run", PYTHONPATH=str(code))
    assert done.returncode == 2
    assert "the code of secanalysis changed while notebooks were executed: run again" in done.stderr
    assert not (project.runs / "2020-08" / "a.ipynb").exists()


def test_what_is_only_touched_during_a_run_is_the_same(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"a": []})
    table = str(project.processed / "sources.parquet")
    write_notebook(project.notebooks / "a.ipynb", f"from pathlib import Path; Path({table!r}).touch()")
    done = command(project.root, "run")
    assert (done.returncode, "beginning again" in done.stderr) == (0, False)


# One at a time -----------------------------------------------------------------------------------


def test_the_second_run_says_who_is_first_and_waits_or_leaves(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"a": ["import time; time.sleep(4)"]})
    first = begin(project.root, "run")
    wait_for(lambda: (project.runs / ".lock.holder").exists())
    leaves = command(project.root, "run", "--no-wait")
    assert leaves.returncode == 2
    assert re.search(
        rf"another run holds .*: process {first.pid} on \S+, since \d{{4}}-\d\d-\d\d \d\d:", leaves.stderr
    )
    waits = command(project.root, "run")
    assert waits.returncode == 0
    assert f"waiting: another run holds {project.runs}: process {first.pid}" in waits.stderr
    assert "0 notebooks executed, 2 already up to date" in waits.stdout
    first.communicate()
    assert first.returncode == 0


def test_a_run_that_was_killed_is_recorded_by_the_next(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"a": ["import time; time.sleep(500)"]})
    first = begin(project.root, "run")
    wait_for(lambda: (project.runs / ".lock.holder").exists())
    first.kill()
    first.communicate()
    write_notebook(project.notebooks / "a.ipynb", "1")
    run(project, wait=False)
    records = [json.loads(line) for line in run_log.log_path(project).read_text().splitlines()]
    assert [(r["status"], r["pid"] == first.pid) for r in records] == [("killed", True), ("ok", False)]
    assert records[1]["started"] <= records[1]["finished"]
    assert records[1]["versions"]["pandas"] and records[1]["made"] == 2


# Due ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, frozen_code: str) -> Path:
    """The project's own data and notebooks with two months, built."""
    root = tmp_path_factory.mktemp("real") / "project"
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text('months:\n  first: "2020-07"\n  last: "2020-08"\n')
    done = command(root, "build", code=frozen_code)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def real(tmp_path: Path, built: Path) -> Project:
    """A copy of that."""
    return Project(Path(shutil.copytree(built, tmp_path / "real")))


def due(project: Project, text: str, today: date, *, documented: bool = False) -> list[str]:
    plan = Plan(project, Settings.read(project.params), {})
    listed = due_months(plan, parse_range(text), today, documented=documented)
    return [*map(str, listed.months), *(f"{month} waits" for month in listed.waiting)]


def test_what_is_due_is_missing_or_stale(real: Project) -> None:
    months = "2020-07..2020-10"
    assert due(real, months, date(2020, 8, 6)) == ["2020-07"]
    assert due(real, months, date(2020, 8, 7)) == ["2020-07", "2020-08"]
    assert due(real, months, date(2020, 9, 3)) == ["2020-07", "2020-08"]
    for notebook in real.notebooks.glob("*.ipynb"):  # executed, but from something else
        write_notebook(real.runs / "2020-08" / notebook.name)
    assert due(real, months, date(2020, 9, 4)) == ["2020-07", "2020-08", "2020-09"]
    for task in Plan(real, Settings.read(real.params), {}).months(parse_range("2020-08")):
        made = nbformat.v4.new_notebook(metadata={"secanalysis": {"inputs": task.inputs}})
        nbformat.write(made, task.target)
    assert due(real, months, date(2020, 9, 4)) == ["2020-07", "2020-09"]


def test_the_index_shares_the_work_of_the_latest_month_due(real: Project) -> None:
    """It shows that month's news; as known today and as published, whatever the months' own parameters are."""
    months = parse_range("2020-07..2020-08")
    plan = Plan(real, Settings.read(real.params), {})
    *of_months, index = together([*plan.months(months), *plan.index(months)])
    assert index.shared_work == of_months[-1].shared_work != of_months[0].shared_work
    for parameters in ({"convention": "sec"}, {"known_by": "2020-08-07"}):
        others = Plan(real, Settings.read(real.params), parameters)
        *_, index = together([*others.months(months), *others.index(months)])
        assert len(index.shared_work) == 1
    assert together(plan.index(months)) == plan.index(months)  # no month is due: nothing is there to share


def test_a_month_can_wait_for_its_document(real: Project) -> None:
    # the one published report among the facts is that of August 2020
    assert due(real, "2020-07..2020-09", date(2020, 9, 30), documented=True) == [
        "2020-08",
        "2020-07 waits",
        "2020-09 waits",
    ]


def test_a_month_to_come_is_said_to_be_one(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    done = command(project.root, "run", "--month", "2089-01")
    assert done.returncode == 0
    assert "2089-01 is a month to come: only what is planned is known" in done.stdout
    assert "to come" not in command(project.root, "run", "--month", "2020-08").stdout


def test_nothing_due_is_said_and_no_failure(tmp_path: Path) -> None:
    project = project_of(tmp_path)
    run(project)
    done = command(project.root, "run", "--due")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing is due" in done.stdout


# The whole ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not forkserver.CAN_FORK, reason="kernels can't be forked here")
@pytest.mark.parametrize("all_of_it", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_forked_and_ordinary_kernels_make_the_same_runs(
    real: Project, frozen_code: str, all_of_it: bool
) -> None:
    if not all_of_it:
        for name in (
            "modification",
            "release",
            "change_status_report",
            "data_quality",
            "stage_counts",
            "durations",
            "reconciliation",
        ):
            (real.notebooks / f"{name}.ipynb").unlink()
        shutil.rmtree(real.raw)
        copy_facts(real.raw, {"MP094", "MP103", "SECMP0007"})
        assert command(real.root, "build", code=frozen_code).returncode == 0
    forked = command(real.root, "run", code=frozen_code)
    assert forked.returncode == 0, forked.stderr
    before = hashes(real.runs)
    about = json.loads((real.runs / subjects.SHOWN).read_text())["pages"]
    assert len(before) == (13 if all_of_it else 3) + sum(
        len(pages) for name, pages in about.items() if all_of_it or name == "register"
    )
    ordinary = command(real.root, "run", "--cold", "--force", code=frozen_code)
    assert ordinary.returncode == 0, ordinary.stderr
    assert hashes(real.runs) == before


def test_progress_in_a_log_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.begin(2)
    lines.started("2020-08 durations")
    lines.finished("2020-08 durations", 0.42, None)
    lines.finished("2020-08 releases", 1, "ValueError: no")
    words = capsys.readouterr().err
    assert [line.split("s  ")[1] for line in words.splitlines()] == [
        "1/2 2020-08 durations (0.4 s)",
        "2/2 2020-08 releases (1.0 s) failed: ValueError: no",
    ]


def test_progress_on_a_terminal_names_what_runs(tmp_path: Path) -> None:
    if not shutil.which("script"):
        pytest.skip("no program that gives a terminal")
    project = project_of(tmp_path, {"a": ["import time; time.sleep(1)"], "b": ["1 / 0"]})
    command_line = f"{shutil.which('python3')} -V; exec " + " ".join(map(_quoted, _secanalysis("run")))
    done = subprocess.run(
        ["script", "-qec", command_line, "/dev/null"],
        capture_output=True,
        text=True,
        cwd=project.root,
        timeout=60,
        env={**os.environ, "SECANALYSIS_ROOT": str(project.root), "COLUMNS": "120", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert "2020-08 a" in done.stdout and "1/3" in done.stdout and "/s" in done.stdout
    assert "2020-08 b failed: ZeroDivisionError" in done.stdout


def _secanalysis(*arguments: str) -> list[str]:
    from tinyproject import SECANALYSIS

    return [*SECANALYSIS, *arguments]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def wait_for(happened: object, seconds: float = 40) -> None:
    """Wait until something is so."""
    last = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < last, "it didn't happen in time"
        time.sleep(0.05)
