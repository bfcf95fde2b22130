"""Pages of modifications in a run: executed by default, and only where what they show has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from factories import event, item, source, tables, vote
from tinyproject import command, write_project

from secanalysis import Register
from secanalysis.running import subjects, warm_up
from secanalysis.statements import storage
from secanalysis.support import memoise
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


def test_what_all_pages_of_releases_need_is_worked_out_before_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page worked out the hashes, members and days of all releases again: 0.3 s each of 110 releases."""
    monkeypatch.setenv("SECANALYSIS_ROOT", str(project.root))
    november, june = "November 2020 SEC Release", "June 2021 SEC Release"
    items = [
        item(november, "MP102", "implemented", "2020-11-29"),
        item(june, "MP103", "approved", "2020-12-01", planned_on="2021-06-24"),
    ]
    shutil.rmtree(project.processed, ignore_errors=True)
    storage.write_processed(tables([source("page")], events=RAISED, release_items=items), project.processed)
    warm_up.prepare_register("")
    warm_up.prepare_modifications("")
    register = Register.load().as_known("")
    release = register.release("november-2020")
    kept = set(memoise._results[release.register])
    for shown in (release.head(), release, release.foot()):
        shown._repr_mimebundle_()
    worked_out = {
        work.__name__ for work, args, _ in set(memoise._results[release.register]) - kept if not args
    }
    assert worked_out == set()
