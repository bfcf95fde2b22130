"""The IPython extension: what is stale says so, errors are sentences, and a changed module counts in the next cell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parent.parent
SESSION = """
import os, time
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def run(cell):
    print(">", cell, flush=True)
    shell.run_cell(cell)
shell.run_line_magic("load_ext", "secanalysis")
run("import secanalysis.views.formatting as formatting; print(formatting.__file__)")
run("from secanalysis import Measure; from secanalysis.domain.months import ReportMonth")
run("month = ReportMonth.parse('2020-08'); other = 1")
run("formatting.BLANK; month")
path = Path(shell.user_ns["formatting"].__file__)
path.write_text(path.read_text() + "\\nADDED = 'counts now'\\n")
later = time.time() + 5
os.utime(path, (later, later))
run("formatting.ADDED")
run("month")
run("other")
run("month = ReportMonth.parse('2020-08')")
run("month")
run("ReportMonth.parse('2020-13')")
run("raise __import__('secanalysis.support.errors', fromlist=['x']).UserError('expected such as 2020-08')")
"""


def test_a_changed_module_counts_in_the_next_cell_and_what_is_stale_says_so(tmp_path: Path) -> None:
    """In IPython itself, on a copy of the package of which a module changes between two cells."""
    shutil.copytree(
        ROOT / "secanalysis", tmp_path / "secanalysis", ignore=shutil.ignore_patterns("__pycache__")
    )
    done = subprocess.run(
        [sys.executable, "-c", SESSION],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    cells = [part.partition("\n") for part in re.split("^> ", done.stdout, flags=re.MULTILINE)[1:]]
    assert str(tmp_path) in cells[0][2]
    stale = "Stale: month was made before formatting.py changed."
    assert [(cell, stale in shown) for cell, _, shown in cells[3:9]] == [
        ("formatting.BLANK; month", False),
        ("formatting.ADDED", False),
        ("month", True),
        ("other", False),
        ("month = ReportMonth.parse('2020-08')", False),
        ("month", False),
    ]
    assert "counts now" in cells[4][2]
    assert "Traceback" in cells[9][2]  # not an error that a user can mend
    assert cells[10][2].strip() == "expected such as 2020-08"


def test_commits_have_no_outputs_once_asked_for_until_undone(tmp_path: Path) -> None:
    """In a repository of its own; the file on disk keeps its outputs. The line that undoes it is the one it prints."""
    if not (ROOT / ".venv-lab" / "bin" / "nbstripout").exists():
        pytest.skip("make lab-env")
    cell = new_code_cell("6 * 7", id="a", execution_count=1)
    cell.outputs = [new_output("execute_result", data={"text/plain": "42"}, execution_count=1)]
    notebook = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[cell]), notebook)

    def shell(line: str) -> str:
        return subprocess.run(
            line, shell=True, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    shell("git init -q .")
    for _ in range(2):  # asked for twice is once
        words = shell(f"make -s -C {ROOT} strip-outputs DIR={tmp_path}")
    shell("git add a.ipynb")
    assert "42" not in shell("git show :a.ipynb")
    assert '"id": "a"' in shell("git show :a.ipynb")
    assert "42" in notebook.read_text()
    assert (tmp_path / ".git" / "info" / "attributes").read_text().count("nbstripout") == 1
    shell(words.partition("To undo: ")[2])
    shell("git rm -q --cached a.ipynb && git add a.ipynb")
    assert "42" in shell("git show :a.ipynb")
