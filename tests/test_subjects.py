"""Pages of modifications in a run: executed by default, and only where what they show has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from factories import event, source, tables, vote
from tinyproject import command, write_project

from secanalysis.running import subjects
from secanalysis.statements import storage
from secanalysis.support.project import Project

ROOT = Path(__file__).resolve().parents[1]
RAISED = [event(ref, "raised", "2019-12-18") for ref in ("MP102", "MP103")]


def state_facts(project: Project, *more: dict[str, Any], rows: list[dict[str, Any]] = RAISED) -> None:
    shutil.rmtree(project.processed, ignore_errors=True)
    storage.write_processed(tables([source("page")], events=[*rows, *more]), project.processed)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One notebook of a month that does nothing, that of modifications, and two modifications."""
    made = Project(write_project(tmp_path / "project", {"a": ["1"]}))
    shutil.copy(ROOT / "notebooks" / "modification.ipynb", made.notebooks)
    state_facts(made)
    return made


def run(project: Project, *more: str) -> str:
    done = command(project.root, "run", *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pages(project: Project) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (project.runs / "modifications").glob("*.ipynb")}


def test_only_what_shows_something_else_is_executed_again(project: Project) -> None:
    assert "4 notebooks executed" in run(project)  # the month's, the index, two modifications
    first = pages(project)
    assert sorted(first) == ["MP102", "MP103"]
    assert "0 notebooks executed, 4 already up to date" in run(project)
    state_facts(project, vote("MP103", "2020-07-22"))
    assert "3 notebooks executed, 1 already up to date" in run(project)
    second = pages(project)
    assert second["MP102"] == first["MP102"]
    assert second["MP103"] != first["MP103"]
    assert b"MP103 was approved on 22 July 2020" in second["MP103"]


def test_what_no_source_names_any_more_goes(project: Project) -> None:
    run(project)
    state_facts(project, rows=RAISED[:1])
    run(project)
    assert sorted(pages(project)) == ["MP102"]
    (project.notebooks / "modification.ipynb").unlink()
    run(project)
    assert not (project.runs / "modifications").exists()


def test_a_page_that_fails_is_reported_and_the_others_go_on(project: Project) -> None:
    run(project)
    path = project.notebooks / "modification.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][-1]["source"] = ["assert ref != 'MP103', 'no'"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    done = command(project.root, "run")
    assert done.returncode == 1
    assert "failed: modification MP103: AssertionError: no" in done.stderr
    assert sorted(pages(project)) == ["MP102"]
    assert (project.runs / "failed" / "modifications" / "MP103.ipynb").is_file()
    assert (project.runs / "last_good" / "modifications" / "MP103.ipynb").is_file()


def test_known_by_holds_for_them_too(project: Project) -> None:
    state_facts(project)
    run(project, "-p", "known_by=2010-01-01")
    assert pages(project) == {}  # the page that names them isn't known to be from before
    assert json.loads((project.runs / subjects.SHOWN).read_text())["pages"]["modification"] == {}
