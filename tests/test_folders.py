"""A folder that a command makes anew is replaced only if all that it holds is ours; nobody's files are lost."""

from __future__ import annotations

import hashlib
from pathlib import Path

import executed
import pytest
from tinyproject import begin, command

from secanalysis.statements import storage
from secanalysis.support.project import Project


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder with its hash; of a link, where it leads."""
    return {
        path.relative_to(folder).as_posix(): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a statement, and two executed months."""
    return executed.project(tmp_path / "project", {"a": ["1"]})


def refused(project: Project, *line: str) -> str:
    """What is said of a command that exits with 2 and leaves the whole project as it was."""
    before = contents(project.root)
    done = command(project.root, *line)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr and done.stderr.startswith("secanalysis: ")
    assert contents(project.root) == before
    return done.stderr


def right(project: Project, *line: str) -> None:
    """A command that does what it is to do."""
    done = command(project.root, *line)
    assert done.returncode == 0, done.stderr


# The folder of built tables -----------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["data/raw", "notebooks", "runs", ".", "data"])
def test_build_replaces_no_folder_that_it_did_not_write(project: Project, folder: str) -> None:
    """Seen before: ``build --processed data/raw`` replaced the statements by parquet files, exit 0."""
    words = refused(project, "build", "--processed", str(project.root / folder))
    assert "what secanalysis didn't put there" in words


def test_build_replaces_no_tables_among_which_something_else_lies(project: Project) -> None:
    right(project, "build")
    right(project, "build")
    (project.processed / "notes.txt").write_text("mine")
    assert "'notes.txt'" in refused(project, "build")


def test_build_replaces_no_parquet_files_of_somebody_else(project: Project) -> None:
    (project.processed / "events.parquet").write_bytes(b"my own events")
    assert "'events.parquet'" in refused(project, "build")


def test_build_replaces_no_file(project: Project) -> None:
    assert "is a file" in refused(project, "build", "--processed", str(project.params))


def test_build_follows_a_link_to_a_folder(project: Project, tmp_path: Path) -> None:
    """Seen before: the link became a folder, and what it had led to stayed old."""
    elsewhere = tmp_path / "elsewhere" / "tables"
    project.processed.rmdir()
    project.processed.symlink_to(elsewhere)
    right(project, "build")
    assert project.processed.is_symlink() and (elsewhere / "sources.parquet").is_file()
    before = contents(elsewhere)
    sources = project.raw / "sources.csv"
    sources.write_text(sources.read_text().replace("Somebody", "Somebody else"))
    right(project, "build")
    assert project.processed.is_symlink() and contents(elsewhere) != before


def test_build_replaces_no_link_by_a_file(project: Project, tmp_path: Path) -> None:
    right(project, "build")
    table = project.processed / "sources.parquet"
    table.rename(tmp_path / "shared.parquet")
    table.symlink_to(tmp_path / "shared.parquet")
    assert "is a link to" in refused(project, "build")


def test_ingest_replaces_no_link_by_a_file(project: Project, tmp_path: Path) -> None:
    table = project.raw / "sources.csv"
    table.rename(tmp_path / "shared.csv")
    table.symlink_to(tmp_path / "shared.csv")
    tables = storage.read_folder(project.raw)
    before = contents(project.raw)
    with pytest.raises(storage.UserError, match="is a link to"):
        storage.write_raw(tables, project.raw)
    assert contents(project.raw) == before


# The site -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".git/HEAD", "CNAME", "index.html", "photos/us.jpg", "manifest.json"])
def test_publish_replaces_no_site_that_was_never_ours(project: Project, name: str) -> None:
    path = project.site / name
    path.parent.mkdir(parents=True)
    path.write_text('{"name": "my site"}')
    assert repr(name) in refused(project, "publish")


@pytest.mark.parametrize("name", [".git/HEAD", "CNAME", "2020-08/by_hand.html"])
def test_publish_takes_away_nothing_that_somebody_put_into_the_site(project: Project, name: str) -> None:
    right(project, "publish")
    (project.site / name).parent.mkdir(exist_ok=True)
    (project.site / name).write_text("by hand")
    assert repr(name) in refused(project, "publish")


def test_what_a_file_manager_leaves_in_the_site_is_no_reason_to_refuse(project: Project) -> None:
    right(project, "publish")
    (project.site / ".DS_Store").write_bytes(b"\0")
    right(project, "publish")


def test_publish_replaces_no_file(project: Project) -> None:
    """Seen before: a file called ``site`` became a folder."""
    project.site.write_text("mine")
    assert "is a file" in refused(project, "publish")


def test_publish_follows_a_link(project: Project, tmp_path: Path) -> None:
    """A web root to which ``site`` is a link shows what is published."""
    root = tmp_path / "www"
    root.mkdir()
    project.site.symlink_to(root)
    right(project, "publish")
    assert project.site.is_symlink() and (root / "index.html").is_file()
    before = contents(root)
    executed.put(project.runs / "2020-08" / "durations.ipynb", executed.durations(title="x", synthetic=True))
    right(project, "publish")
    assert project.site.is_symlink() and contents(root) != before


# Executed notebooks -------------------------------------------------------------------------------


def test_a_run_removes_no_notebook_that_it_did_not_execute(project: Project) -> None:
    """Somebody's own notebook among the executed ones stays, also in a month that isn't reported any more."""
    right(project, "build")
    for month in ("2019-01", "2020-08"):
        executed.put(project.runs / month / "mine.ipynb", executed.durations())
    right(project, "run")
    assert (project.runs / "2019-01" / "mine.ipynb").is_file()
    assert (project.runs / "2020-08" / "mine.ipynb").is_file()


# One at a time ------------------------------------------------------------------------------------


def test_a_second_publish_waits_and_says_so(project: Project, tmp_path: Path) -> None:
    from secanalysis.support.locks import alone

    with alone(project.root):
        second = begin(project.root, "publish")
        assert f"waiting: another command is writing in {project.root}" in second.stderr.readline()
        assert second.poll() is None
    second.communicate(timeout=60)
    assert second.returncode == 0


def test_a_waiting_command_obeys_ctrl_c(project: Project) -> None:
    import signal

    from secanalysis.support.locks import alone

    with alone(project.root):
        second = begin(project.root, "publish")
        assert "waiting: " in second.stderr.readline()
        second.send_signal(signal.SIGINT)
        assert second.wait(5) != 0
    assert "Traceback" not in second.communicate()[1]
    assert not project.site.exists()


@pytest.mark.parametrize(
    "holder",
    [
        "{}",
        "nothing",
        *(
            pytest.param(holder, marks=pytest.mark.soak)
            for holder in ('{"since": 5, "pid": 1, "host": "x"}', '{"pid": 7}', "[]")
        ),
    ],
)
def test_a_holder_s_note_without_a_field(project: Project, holder: str) -> None:
    """Seen before: a traceback, as the note had no ``since``."""
    from secanalysis.support.locks import alone

    right(project, "build")
    (project.runs / ".lock.holder").write_text(holder)
    with alone(project.runs):
        words = refused(project, "run", "--no-wait")
    assert "another run holds" in words and "a process that hasn't said which it is" in words
    right(project, "run", "--months", "2020-07..2020-08")
