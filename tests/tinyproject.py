"""A project with notebooks that take no time, to try runs on."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import forked_commands
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parent.parent
PARAMETERS = 'month = "2020-08"\nconvention = "as_published"\nknown_by = ""'
SECANALYSIS = [sys.executable, "-c", "from secanalysis.cli import main; main()"]


def write_notebook(path: Path, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    """Write a notebook: a parameters cell, unless that is None, and others."""
    first = (
        [new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]})] if parameters else []
    )
    notebook = new_notebook(
        cells=[*first, *(new_code_cell(cell, id=f"c{n}") for n, cell in enumerate(cells))]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def write_project(root: Path, notebooks: Mapping[str, Sequence[str]], last: str = "2020-08") -> Path:
    """Write a project with some notebooks, an index, a table of nothing, and months from 2020-08."""
    (root / "data" / "raw").mkdir(parents=True)
    (root / "data" / "processed").mkdir(parents=True)
    (root / "data" / "processed" / "sources.parquet").write_bytes(b"nothing")
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text(f'months:\n  first: "2020-08"\n  last: "{last}"\n')
    for name, cells in notebooks.items():
        write_notebook(root / "notebooks" / f"{name}.ipynb", *cells)
    write_notebook(root / "notebooks" / "index.ipynb", "print(months)", parameters='months = ""')
    return root


def copy_facts(folder: Path, refs: Collection[str] | None = None) -> Path:
    """Copy the project's statements, or only those of some modifications and their releases: fewer pages to make."""
    if refs is None:
        return Path(shutil.copytree(ROOT / "data" / "raw", folder))
    folder.mkdir(parents=True)
    releases: set[str | None] = set()
    for path in sorted((ROOT / "data" / "raw").glob("*.csv")):  # releases after what they hold
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        with (folder / path.name).open("w", encoding="utf-8") as file:
            file.write(header)
            for line, row in zip(lines, csv.DictReader([header, *lines]), strict=True):
                if row.get("ref", row.get("release")) in {*refs, *releases, None}:
                    releases |= {row.get("release")} - {""}
                    file.write(line)
    return folder


def command(
    root: Path, *arguments: str, code: str = "", seconds: float = 120, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run ``secanalysis`` on a project: forked from a process that has imported it, or with more variables afresh.

    ``code`` is a folder with the package to use: for several commands of a test, as that process begins once for each.
    """
    if not more:
        environment = with_root(root, PYTHONPATH=code) if code else with_root(root)
        return forked_commands.run(arguments, environment, root, seconds)
    return subprocess.run(
        [*SECANALYSIS, *arguments],
        env=with_root(root, **more),
        cwd=root,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def begin(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """Begin to run ``secanalysis`` on a project, as at a terminal: Ctrl-C counts even where tests ignore it."""
    return subprocess.Popen(
        [*SECANALYSIS, *arguments],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=with_root(root),
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def with_root(root: Path, **more: str) -> dict[str, str]:
    """The environment of a command on a project."""
    return {**os.environ, "SECANALYSIS_ROOT": str(root), **more}


def outputs(path: Path) -> str:
    """All text that an executed notebook shows."""
    arguments = []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            arguments.append(
                output.get("text") or output.get("data", {}).get("text/plain") or output.get("evalue", "")
            )
    return "".join(arguments)
