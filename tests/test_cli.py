"""The commands as typed: bad input is a sentence and exit 2, and nothing is left half-written."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

import factories as f
import pytest
import typer
from tinyproject import SECANALYSIS, command, write_project
from typer.testing import CliRunner

from secanalysis import cli
from secanalysis.running.settings import Settings
from secanalysis.statements import schemas, storage
from secanalysis.support.errors import UserError

NOTEBOOK = {"a": ["print(month)"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one month, with ten sound tables and nothing built."""
    root = write_project(tmp_path / "project", NOTEBOOK)
    for path in (root / "data" / "processed").iterdir():
        path.unlink()
    (root / "data" / "processed").rmdir()
    storage.write_raw(f.tables(events=[f.event("MP100", "raised", "2020-07-10")]), root / "data" / "raw")
    return root


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What a command told that refused its input."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def written(root: Path) -> set[str]:
    """What stands under a project besides what it was made with."""
    kept = ("raw/", "notebooks/", "dvc.yaml", "params.yaml")
    names = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return {name for name in names if not any(part in name for part in kept)}


def test_build_writes_the_tables(project: Path) -> None:
    done = command(project, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"1 statement of 1 source, all sound: {project / 'data' / 'processed'}\n"
    assert len(storage.read_processed(project / "data" / "processed")["events"]) == 1


def test_build_lists_all_faults_and_writes_nothing(project: Path) -> None:
    """The folder that an earlier build wrote stays as it was."""
    assert command(project, "build").returncode == 0
    before = {path.name: path.read_bytes() for path in (project / "data" / "processed").iterdir()}
    events = project / "data" / "raw" / "events.csv"
    events.write_text(events.read_text().replace("MP100", "MP1OO").replace("2020-07-10", "31/02/2020"))
    message = refused(command(project, "build"))
    assert message == (
        "secanalysis: 2 faults in the tables; nothing was written\n"
        "events.csv, row 2, column on: found '31/02/2020'; expected a day as YYYY-MM-DD, from 2005 to 2099\n"
        "events.csv, row 2, column ref: found 'MP1OO'; expected a reference such as SECMP0007, MP102A or DP136\n"
    )
    assert {path.name: path.read_bytes() for path in (project / "data" / "processed").iterdir()} == before
    assert sorted(path.name for path in (project / "data").iterdir()) == ["processed", "raw"]


MANY = {  # bad rows of each table, and of each the column and what was found
    "events": [
        ("MP1OO,raised,2020-07-10,day,,,,,page,a", "ref", "'MP1OO'"),
        ("mp100,raised,2020-07-10,day,,,,,page,b", "ref", "'mp100'"),
        (",raised,2020-07-10,day,,,,,page,c", "ref", "a blank"),
        ("MP100,born,2020-07-10,day,,,,,page,d", "event", "'born'"),
        ("MP100,raised,31/02/2020,day,,,,,page,e", "on", "'31/02/2020'"),
        ("MP100,raised,2020-02-30,day,,,,,page,f", "on", "'2020-02-30'"),
        ("MP100,raised,2020-07-10,week,,,,,page,g", "precision", "'week'"),
        ("MP100,raised,2020-07-10,,,,,,page,h", "precision", "a blank"),
        ("MP100,raised,2020-07-10,month,,,,,page,i", "on", "'2020-07-10'"),
        ("MP100,raised,2020-07-10,day,board,,,,page,j", "body", "'board'"),
        ("MP100,raised,2020-07-10,day,,approved,,,page,k", "outcome", "'approved'"),
        ("MP100,voted,2020-07-10,day,,maybe,,,page,l", "outcome", "'maybe'"),
        ("MP100,voted,2020-07-10,day,,,path 3,,page,m", "path", "'path 3'"),
        ("MP100,raised,2020-07-10,day,,,,refinement,page,n", "stage", "'refinement'"),
        ("MP100,observed,2020-07-10,by,,,,,page,o", "stage", "a blank"),
        ("MP100,raised,2020-07-10,day,,,,,nobody,p", "source_id", "'nobody'"),
        ("MP100,raised,2020-07-10,day,,,,,page,", "locator", "a blank"),
        ("MP100,raised,2020-07-10,day,,,,,page", "", "9 cells"),
    ],
    "assessments": [
        ("MP100,XX,,,,,requested,,page,a", "kind", "'XX'"),
        ("MP100,PA,,2020-05-02,2020-05-01,,returned,,page,b", "returned_on", "'2020-05-01'"),
        ("MP100,PA,,,2020-05-01,,open,,page,c", "returned_on", "'2020-05-01'"),
        ("MP100,PA,,,,fifteen,open,,page,d", "target_wd", "'fifteen'"),
        ("MP100,PA,,,,0,open,,page,e", "target_wd", "'0'"),
    ],
    "consultations": [("MP100,report,,,2020-05-02,2020-05-01,page,a", "closed_on", "'2020-05-01'")],
    "lineage": [("MP100,MP100,split,,,page,a", "ref", "'MP100'")],
    "published_figures": [
        ("2020-13,vote.count,5,5,count,page,a", "month", "'2020-13'"),
        ("2020-08,Votes,5,5,count,page,b", "key", "'Votes'"),
        ("2020-08,vote.count,5,-5,count,page,c", "value", "'-5'"),
        ("2020-08,vote.count,5,5,votes,page,d", "unit", "'votes'"),
    ],
}


def test_build_lists_each_of_many_faults(project: Path) -> None:
    """One row each, all at once, where each stands; nothing is written."""
    places = []
    for table, bad in MANY.items():
        path = project / "data" / "raw" / f"{table}.csv"
        text = path.read_text()
        for row, (_, column, result) in enumerate(bad, start=text.count("\n") + 1):
            places.append(
                f"{table}.csv, row {row}{f', column {column}' if column else ''}: found {result}; expected "
            )
        path.write_text(text + "".join(f"{line}\n" for line, _, _ in bad))
    message = refused(command(project, "build"))
    assert message.startswith("secanalysis: 30 faults in the tables; nothing was written\n")
    assert [place for place in places if place not in message] == []
    assert message.count("\n") == 1 + len(places) + 1  # MP100's own parent is told under both columns
    assert written(project) == set()


def test_build_takes_other_folders(project: Path, tmp_path: Path) -> None:
    raw, processed = project / "data" / "raw", tmp_path / "else" / "where"
    done = command(project, "build", "--raw", str(raw), "--processed", str(processed))
    assert done.returncode == 0
    assert {path.stem for path in processed.iterdir()} == set(schemas.FILES)
    message = refused(
        command(project, "build", "--raw", str(tmp_path / "nowhere"), "--processed", str(processed))
    )
    assert message.startswith(
        f"secanalysis: no folder {tmp_path / 'nowhere'}: expected one with sources, modifications,"
    )


def test_build_into_a_file_is_refused(project: Path) -> None:
    message = refused(command(project, "build", "--processed", str(project / "params.yaml" / "x")))
    assert message == f"secanalysis: {project / 'params.yaml'} can't be used (File exists)\n"


def test_a_missing_table_and_a_duplicate_source(project: Path) -> None:
    raw = project / "data" / "raw"
    (raw / "lineage.csv").unlink()
    sources = raw / "sources.csv"
    sources.write_text(sources.read_text() + sources.read_text().splitlines()[1] + "\n")
    message = refused(command(project, "build"))
    assert f"lineage.csv: found no such file; expected a file {raw / 'lineage.csv'}\n" in message
    assert (
        "sources.csv, row 3, column source_id: found 'page' more than once; expected each source_id once\n"
        in message
    )
    assert written(project) == set()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            ("--month", "2020-13"),
            "'2020-13' is not a report month: expected four digits, a hyphen and a month, such as 2020-08",
        ),
        (
            ("--month", "../x"),
            "'../x' is not a report month: expected four digits, a hyphen and a month, such as 2020-08",
        ),
        (
            ("--month", "august"),
            "'august' is not a report month: expected four digits, a hyphen and a month, such as 2020-08",
        ),
        (
            ("--months", "2020-09..2020-08"),
            "'2020-09..2020-08' is not a range of months: 2020-09 is after 2020-08",
        ),
        (
            ("--month", "2020-08", "--months", "2020-08"),
            "found both --month and --months; expected one of them",
        ),
        (
            ("--month", "2020-08", "-p", "mnth=2020-08"),
            "no parameter 'mnth'; it declares convention, known_by, month",
        ),
        (
            ("--month", "2020-08", "-p", "sec"),
            "found parameter 'sec'; expected NAME=VALUE, such as convention=sec",
        ),
    ],
)
def test_run_refuses_what_it_cannot_run(tmp_path: Path, message: tuple[str, ...], expected: str) -> None:
    root = write_project(tmp_path / "project", NOTEBOOK)
    assert expected in refused(command(root, "run", *message))
    assert not [name for name in written(root) if name.endswith(".ipynb")]


def test_run_before_build_is_refused(project: Path) -> None:
    assert "run `secanalysis build` first" in refused(command(project, "run", "--month", "2020-08"))


def test_an_unknown_command_or_option_is_refused(project: Path) -> None:
    assert "No such command" in command(project, "bulid").stderr
    done = command(project, "build", "--rwa", "x")
    assert (done.returncode, "No such option" in done.stderr) == (2, True)


def test_the_version_is_that_of_the_installed_package_and_of_the_changelog(project: Path) -> None:
    done = command(project, "--version")
    assert done.stdout == f"secanalysis {metadata.version('secanalysis')}\n"
    newest = re.search(
        r"^## (\S+)", (Path(__file__).parent.parent / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert newest is not None
    assert done.stdout.split()[1] == newest[1]


# Settings ---------------------------------------------------------------------------------------

MONTHS = 'months:\n  first: "2019-11"\n  last: "2021-12"\n'


def settings(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    return Settings.read(tmp_path / "params.yaml")


def test_settings_are_read(tmp_path: Path) -> None:
    result = settings(tmp_path, MONTHS + "convention: sec\nknown_by: 2020-08-07\n")
    assert (len(result.months), result.convention, str(result.known_by)) == (26, "sec", "2020-08-07")
    plain = settings(tmp_path, MONTHS)
    assert (plain.convention, plain.known_by) == ("as_published", None)
    assert settings(tmp_path, "months: {first: 2020-08, last: 2020-08}").months == result.months[9:10]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "found no settings; expected months, convention and known_by"),
        ("- 1\n", "found no settings"),
        ("months: [\n", "is not YAML: while parsing"),
        ("\x00", "is not YAML"),
        (MONTHS + "convetion: sec\n", "unknown setting convetion; expected months, convention, known_by"),
        ("convention: sec\n", "months has to give first and last, each such as '2020-08'"),
        ('months: {first: "2020-08"}\n', "months has to give first and last"),
        ("months: 2020-08\n", "months has to give first and last"),
        ('months: {first: "2020-13", last: "2021-01"}\n', "'2020-13' is not a report month"),
        (
            'months: {first: "2021-01", last: "2020-01"}\n',
            "is not a range of months: 2021-01 is after 2020-01",
        ),
        (MONTHS + "convention: weekdays\n", "convention is 'weekdays'; expected one of as_published, sec"),
        (MONTHS + "convention:\n", "convention is None; expected one of as_published, sec"),
        (MONTHS + "known_by: soon\n", "known_by is 'soon'; expected a day as YYYY-MM-DD, or null"),
        (MONTHS + "known_by: 2020-08-07 12:00:00\n", "expected a day as YYYY-MM-DD, or null"),
        (MONTHS + "known_by: 20200807\n", "known_by is 20200807; expected a day as YYYY-MM-DD, or null"),
    ],
)
def test_broken_settings_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(UserError) as refusal:
        settings(tmp_path, text)
    assert expected in str(refusal.value)
    assert str(tmp_path / "params.yaml") in str(refusal.value)


def test_missing_settings_are_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="can't be read .No such file or directory.: expected a params file with months"
    ):
        Settings.read(tmp_path / "none.yaml")
    (project / "params.yaml").write_text("months: [")
    assert "params.yaml is not YAML: " in refused(command(project, "run"))


# Help ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(typer.main.get_group(cli.app).commands))
def test_each_command_s_help_ends_with_an_example_and_its_summary_fits_the_list(name: str) -> None:
    group = typer.main.get_group(cli.app)
    words = (group.commands[name].help or "").strip()
    assert words.splitlines()[-1].startswith(f"Example: secanalysis {name}")
    shown = CliRunner().invoke(cli.app, ["--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).output
    (line,) = [line for line in shown.splitlines() if line.split()[:1] == [name]]
    assert not line.endswith("...")


@pytest.mark.parametrize("allowed", [80_000, 120_000, 200_000, 320_000])
def test_too_little_memory_is_a_sentence(tmp_path: Path, allowed: int) -> None:
    """In kB, as `ulimit -v` has it: libraries can't be loaded, or find no room once they are."""
    script = f'ulimit -v {allowed}; exec "$0" "$@"'
    command = [*SECANALYSIS, "build", "--processed", str(tmp_path / "processed")]
    done = subprocess.run(["sh", "-c", script, *command], capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert line == (
        f"secanalysis: there isn't enough memory: this process may take {allowed * 1024 / 1e6:,.0f} MB (see "
        "`ulimit -v`); at least 500 MB are needed"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "processed").exists()
