"""One command for the month: from its document to the site, and what it says came of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tinyproject import command, write_notebook

from secanalysis.publishing.monthly import day_in_name

FIGURES = (
    "from secanalysis import Register",
    "Register.load().month(month).figures['vote.count']",
    "Register.load().month(month).figures['assessment.pa.completed.count']",
)
MAPPING = """
source: {title: Our register, publisher: Us}
read:
  - {table: modifications, columns: {ref: Ref, title: Title}}
  - {table: events, columns: {ref: Ref, stage: Status}, values: {event: observed}}
  - {table: events, columns: {ref: Ref, on: Raised}, values: {event: raised}}
  - {table: events, columns: {ref: Ref, on: Vote}, values: {event: voted, body: change_board, outcome: approved, path: self_governance}}
  - {table: assessments, columns: {ref: Ref, accepted_on: PA accepted, returned_on: PA returned}, values: {kind: PA}}
"""
HEADING = "Ref,Title,Status,Raised,Vote,PA accepted,PA returned"
JUNE = (
    "MP301,Lamps,pending_implementation,2024-01-08,2024-05-22,2024-02-05,2024-03-01",
    "MP302,Kites,refinement,2024-02-05,,2024-04-02,",
    "MP303,Bells,development,2024-06-03,,,",
)
JULY = (
    "MP301,Lamps,pending_implementation,2024-01-08,2024-05-22,2024-02-05,2024-03-01",
    "MP302,Kites,refinement,2024-02-05,,2024-04-02,2024-05-30",  # returned before June's export, which didn't say so
    "MP303,Bells,development,2024-06-03,,,",
    "MP304,Drums,development,2024-06-24,,,",
)


def project(root: Path, last: str = "latest") -> Path:
    (root / "data" / "raw").mkdir(parents=True)
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text(f'months:\n  first: "2024-06"\n  last: {last}\nmapping: mapping.yaml\n')
    (root / "mapping.yaml").write_text(MAPPING)
    write_notebook(root / "notebooks" / "votes.ipynb", *FIGURES)
    return root


def export(root: Path, day: str, *rows: str) -> str:
    name = f"export-{day}.csv"
    (root / name).write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
    return name


def test_two_months_by_one_command_each(tmp_path: Path) -> None:
    root = project(tmp_path / "ours")
    done = command(root, "month", export(root, "2024-06-07", *JUNE))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"Our register, 7 June 2024: {root / 'site' / '2024-06'}",
        "It is the first of its register: 3 modifications. June 2024 counts what happened from 4 May 2024 to 7 June 2024.",
        "Nothing needs a look.",
    ]
    done = command(root, "month", export(root, "2024-07-05", *JULY))
    assert done.returncode == 0, done.stderr
    # By hand: June's report counts PAs that were returned from 1 June 2023 to 31 May 2024. It knew of one; with the
    # return of 30 May there are two.
    assert done.stdout.splitlines() == [
        f"Our register, 5 July 2024: {root / 'site' / '2024-07'}",
        "New since 7 June 2024: 1 modification (MP304); 1 raised (MP304).",
        "June 2024: 1 figure changed: assessment.pa.completed.count 1 → 2.",
        "1 fact is stated differently from the export of 7 June 2024: MP302 PA returned not stated → 2024-05-30. "
        "The page Data quality lists all under Changed between exports.",
        "Nothing needs a look.",
    ]
    assert {path.name for path in (root / "site").glob("20*")} == {"2024-06", "2024-07"}
    # nothing is left to do, and the latest month is among those of params.yaml
    done = command(root, "run")
    assert "0 notebooks executed, 2 already up to date" in done.stdout


def test_what_ten_lines_leave_out_is_in_a_file(tmp_path: Path) -> None:
    """Seven days corrected, and one modification deleted, which is said once and not by each of its days."""
    root = project(tmp_path / "ours")
    refs = [f"MP{number}" for number in range(301, 309)]
    june = [f"{ref},Lamps,refinement,2024-01-0{at + 1},,," for at, ref in enumerate(refs)]
    july = [row.replace("2024-01-0", "2024-02-0") for row in june[:-1]]
    command(root, "month", export(root, "2024-06-07", *june))
    done = command(root, "month", export(root, "2024-07-05", *july))
    (line,) = [line for line in done.stdout.splitlines() if "stated differently" in line]
    assert line.startswith(
        "7 facts are stated differently from the export of 7 June 2024: MP301 raised 2024-01-01"
    )
    assert "MP304 raised 2024-01-04 → 2024-02-04 and 3 more. The page Data quality lists all" in line
    assert "Not in it any more: 1 modification (MP308)." in done.stdout
    whole = root / "export-2024-07-05.account.txt"
    assert f"All of this, with nothing left out, is in {whole.name}." in done.stdout
    (line,) = [
        line for line in whole.read_text(encoding="utf-8").splitlines() if "stated differently" in line
    ]
    for at, ref in enumerate(refs[:-1], start=1):
        assert f"{ref} raised 2024-01-0{at} → 2024-02-0{at}" in line
    assert "more" not in line and "MP308" not in line


def test_months_that_end_too_early_are_said(tmp_path: Path) -> None:
    root = project(tmp_path / "ours", last='"2024-06"')
    done = command(root, "month", export(root, "2024-07-05", *JULY))
    assert (
        "params.yaml ends with 2024-06: say last: latest, so that `secanalysis run` keeps 2024-07."
        in done.stdout
    )
    assert (root / "site" / "2024-07" / "votes.html").is_file()


def test_a_failure_is_said_and_fails(tmp_path: Path) -> None:
    root = project(tmp_path / "ours")
    write_notebook(root / "notebooks" / "fails.ipynb", "1 / 0")
    done = command(root, "month", export(root, "2024-06-07", *JUNE))
    assert done.returncode == 1
    assert "To look at: 1 notebook failed (2024-06 fails)." in done.stdout
    assert "2024-06 fails: its page is missing: ZeroDivisionError: division by zero" in done.stderr
    assert (root / "site" / "2024-06" / "votes.html").is_file()


def test_what_contradicts_itself_is_to_look_at(tmp_path: Path) -> None:
    root = project(tmp_path / "ours")
    mapping = MAPPING.replace("\nread:", "\nduplicates: list\nread:")
    (root / "mapping.yaml").write_text(mapping)
    done = command(root, "month", export(root, "2024-06-07", *JUNE, JUNE[1].replace("Kites", "Other kites")))
    assert (
        "To look at: MP302 has two rows that differ, row 3 and row 5: Title: 'Kites' and 'Other kites'."
        in done.stdout
    )


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("export-2024-07-05.xlsx", date(2024, 7, 5)),
        ("Register 20240705.xlsx", date(2024, 7, 5)),
        ("register_2024_07_05 (2).csv", date(2024, 7, 5)),
        ("export.xlsx", None),
        ("export-2024-07-05-of-2024-06-07.xlsx", None),
        ("export-2024-13-05.xlsx", None),
        ("export-05-07-2024.xlsx", None),
    ],
)
def test_the_day_in_a_name(name: str, day: date | None) -> None:
    assert day_in_name(name) == day


def test_what_the_command_needs(tmp_path: Path) -> None:
    root = project(tmp_path / "ours")
    export(root, "2024-06-07", *JUNE)
    (root / "export-2024-06-07.csv").rename(root / "export.csv")
    done = command(root, "month", "export.csv")
    assert done.returncode == 2
    assert "on which day was it exported? Expected it in the file's name" in done.stderr
    (root / "params.yaml").write_text('months:\n  first: "2024-06"\n  last: latest\n')
    done = command(root, "month", "export.csv", "--published-on", "2024-06-07")
    assert done.returncode == 2
    assert "names no mapping" in done.stderr
    assert not list((root / "data" / "raw").iterdir())
