"""What cells show and do that could hang a run, fill a notebook, or pass for success."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import nbformat
import pytest
from tinyproject import command, outputs, write_notebook, write_project

from secanalysis.running.execution import _without_cell_files
from secanalysis.running.kernels.outputs import MOST_TEXT, bounded, coalesced

LONG = 300_000


def kept(
    root: Path, *cells: str, seconds: float = 60, **parameters: str
) -> tuple[str, list[nbformat.NotebookNode]]:
    """What a run says, and the cells of the notebook that it made."""
    write_project(root, {"a": cells})
    begun = time.monotonic()
    done = command(root, "run", "--month", "2020-08")
    assert time.monotonic() - begun < seconds
    path = next((path for path in (root / "runs").rglob("a.ipynb")), None)
    assert "Traceback" not in done.stderr
    return done.stderr + done.stdout, nbformat.read(path, as_version=4).cells if path else []


# Time ---------------------------------------------------------------------------------------------

LINES = {
    "letters": f"'x' * {LONG}",
    "slashes": f"'/' * {LONG}",
    "files of cells": f"'/ipykernel_' * {LONG // 11}",
    "half a file": f"'/tmp/ipykernel_' + '1' * {LONG}",
    "carriage returns": f"'\\r' * {LONG}",
    "progress": f"'10%\\r' * {LONG // 4}",
    "backspaces": f"'a\\b' * {LONG // 2}",
    "terminal codes": f"'\\x1b[' * {LONG // 2}",
    "addresses": f"'at 0x' * {LONG // 5}",
    "one address": f"'at 0x' + 'f' * {LONG}",
}


def test_a_long_line_takes_no_time(tmp_path: Path) -> None:
    """Seen before: 100 kB without a space took a minute, in which neither time-out nor SIGTERM did anything."""
    cells = [f"print({line})" for line in LINES.values()]
    words, made = kept(tmp_path / "project", *cells, "raise ValueError('y' * 300_000)", seconds=45)
    assert len(made) >= len(cells)
    assert "failed: 2020-08 a: ValueError: yyy" in words
    assert max(map(len, words.splitlines())) < 1_000


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("/tmp/ipykernel_12/345.py:3: Warning", "cell.py:3: Warning"),
        ("File /tmp/a/ipykernel_12/345.py:3, in f(x)", "File cell.py:3, in f(x)"),
        ("C:\\T\\ipykernel_1\\2.py and /x/ipykernel_3/4.py\n", "cell.py and cell.py\n"),
        ("/tmp/ipykernel_12/other.txt", "/tmp/ipykernel_12/other.txt"),
        ("a b\u00a0/t/ipykernel_1/2.py", "a b\u00a0cell.py"),
    ],
)
def test_files_of_cells_have_no_names(text: str, settled: str) -> None:
    assert _without_cell_files(text) == settled


def stream(text: str, name: str = "stdout") -> nbformat.NotebookNode:
    """Something printed."""
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10%\r20%\r30%\n", "30%\n"),
        ("a\r\nb\r\n", "a\r\nb\r\n"),
        ("a\rb", "b"),
        ("a\r", "a\r"),
        ("a\r\r\n", "\r\n"),
        ("\r50%", "50%"),
        ("plain\n\n", "plain\n\n"),
    ],
)
def test_what_a_carriage_return_wrote_over_is_gone(text: str, shown: str) -> None:
    """As a terminal does, and nbclient: what follows the last return of a line is what is seen of it."""
    assert [output.text for output in coalesced([stream(text)])] == [shown]


def test_streams_are_in_one_piece_each_standard_output_first() -> None:
    shown = coalesced([stream("1", "stderr"), stream("2"), stream("3", "stderr"), stream("4")])
    assert [(output.name, output.text) for output in shown] == [("stdout", "24"), ("stderr", "13")]


# Bounds -------------------------------------------------------------------------------------------

SENTENCE = "More than 1 MB of text: the rest of what this cell showed isn't kept."


def test_what_a_cell_shows_is_bounded(tmp_path: Path) -> None:
    cells = (
        "print('a' * 3_000_000)",
        "for n in range(300):\n    print('b' * 10_000, flush=True)",
        "'c' * 3_000_000",
        "shown = display('d', display_id=True)\nshown.update('e' * 3_000_000)",
        "print('all of it')",
    )
    _, made = kept(tmp_path / "project", *cells)
    made = [cell for cell in made if cell.cell_type == "code"][-len(cells) :]
    for cell in made[:-1]:
        texts = [output.get("text") or output.data["text/plain"] for output in cell.outputs]
        assert sum(map(len, texts)) < MOST_TEXT + 200
        assert texts[-1].strip() == SENTENCE
    assert [output.text for output in made[-1].outputs] == ["all of it\n"]


def test_what_this_package_displays_is_as_long_as_the_data() -> None:
    table = nbformat.v4.new_output(
        "display_data", data={"application/vnd.secanalysis.table+json": {"rows": ["x" * 2_000_000]}}
    )
    assert bounded([table], cut_before=False) == [table]


# Success ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leave",
    [
        "import sys; sys.exit(0)",
        "raise SystemExit(3)",
        *(
            pytest.param(leave, marks=pytest.mark.soak)
            for leave in ("raise SystemExit", "import sys; sys.exit()")
        ),
    ],
)
def test_a_cell_that_ends_its_notebook_is_a_failure(tmp_path: Path, leave: str) -> None:
    """Seen before: an exit of 0 was kept as a complete notebook, of which half was never executed."""
    words, made = kept(tmp_path / "project", leave, "print('later')")
    assert "failed: 2020-08 a: SystemExit:" in words and "the cells after this one weren't executed" in words
    assert not (tmp_path / "project" / "runs" / "2020-08" / "a.ipynb").exists()
    assert made[0].source.startswith("# Failed in code cell 3")


# Which notebooks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["{month}", "%s $x", *(pytest.param(name, marks=pytest.mark.soak) for name in ("{0}", "{"))]
)
def test_a_folder_s_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    """Seen before: papermill put the month into the path, and executed what lay there."""
    root = write_project(tmp_path / name, {"a": ["print('this one')"]})
    write_project(tmp_path / "2020-08", {"a": ["print('the other')"]})
    assert command(root, "run", "--month", "2020-08").returncode == 0
    assert outputs(root / "runs" / "2020-08" / "a.ipynb") == "this one\n"


def test_copies_are_not_executed_and_nothing_is_refused(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", {"a": ["1"]})
    for name in ("a-Copy1", "a (1)", "Untitled", ".a", "2nd"):
        shutil.copy(root / "notebooks" / "a.ipynb", root / "notebooks" / f"{name}.ipynb")
    done = command(root, "run", "--month", "2020-08")
    assert done.returncode == 0
    (words,) = re.findall("not executed: (.+): a page's notebook is named in", done.stderr)
    assert sorted(words.split(", ")) == ["2nd.ipynb", "Untitled.ipynb", "a (1).ipynb", "a-Copy1.ipynb"]
    assert sorted(path.name for path in (root / "runs" / "2020-08").iterdir()) == ["a.ipynb"]


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (
            {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}},
            "b.ipynb is written in R; expected Python",
        ),
        ({"language_info": {"name": "julia"}}, "b.ipynb is written in julia; expected Python"),
        ({}, "b.ipynb doesn't say in which language it is written"),
        ({"kernelspec": {"name": "xeus", "display_name": "x"}}, "b.ipynb doesn't say in which language"),
    ],
)
def test_a_notebook_that_is_not_python_is_refused_before_anything_runs(
    tmp_path: Path, metadata: dict[str, object], words: str
) -> None:
    root = write_project(tmp_path / "project", {"a": ["1"]})
    path = write_notebook(root / "notebooks" / "b.ipynb", "x <- c(1, 2)")
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(metadata)
    nbformat.write(notebook, path)
    done = command(root, "run", "--month", "2020-08")
    assert done.returncode == 2 and words in done.stderr
    assert not list((root / "runs").rglob("*.ipynb"))


@pytest.mark.parametrize(
    "metadata",
    [{"kernelspec": {"name": "python3", "display_name": "x"}}, {"language_info": {"name": "python"}}],
)
def test_a_notebook_that_says_python_in_either_way_is_executed(
    tmp_path: Path, metadata: dict[str, object]
) -> None:
    root = write_project(tmp_path / "project", {"a": ["print(1)"]})
    notebook = nbformat.read(root / "notebooks" / "a.ipynb", as_version=4)
    notebook.metadata = nbformat.from_dict(metadata)
    nbformat.write(notebook, root / "notebooks" / "a.ipynb")
    assert command(root, "run", "--month", "2020-08").returncode == 0
