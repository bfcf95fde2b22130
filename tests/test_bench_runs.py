"""How fast runs are, against other ways: ratios of one run on one machine, printed as a table (make bench)."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tinyproject import SECANALYSIS, with_root

from secanalysis.running import subjects
from secanalysis.running.plan import NOT_RUN

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parent.parent
ROUNDS = 4  # the least of each is told: other work on the machine only ever adds
SLOW = ("papermill's API in two processes", "plain Python, not rendered")
"""Measured in every other round, as what is asked of them isn't near."""
FEW, MANY = ["2020-08"], [f"2020-{month:02d}" for month in range(1, 13)]

PLAIN = """
import ast, json, sys
from pathlib import Path
def show(value):
    for name in ("_repr_mimebundle_", "_repr_html_"):
        if hasattr(value, name):
            return getattr(value, name)()
    return repr(value)
for month in sys.argv[1:]:
    for notebook in sorted(Path("notebooks").glob("*.ipynb")):
        if notebook.stem in ("index", "explore", "explore_synthetic", "import_register"):
            continue
        space = {}
        for cell in json.loads(notebook.read_text())["cells"]:
            if cell["cell_type"] == "code":
                body = ast.parse("".join(cell["source"])).body
                last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
                exec(compile(ast.Module(body, []), "cell", "exec"), space)
                if "parameters" in cell["metadata"].get("tags", []):
                    space["month"] = month
                if last is not None:
                    show(eval(compile(ast.Expression(last.value), "cell", "eval"), space))
"""
IN_TWO_PROCESSES = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
def one(told):
    import papermill
    from nbconvert import HTMLExporter
    global exporter
    exporter = globals().get("exporter") or HTMLExporter(template_name="secanalysis")
    notebook, month = told
    out = Path("out") / month / notebook.name
    out.parent.mkdir(parents=True, exist_ok=True)
    papermill.execute_notebook(notebook, out, {"month": month}, progress_bar=False, kernel_name="python3")
    out.with_suffix(".html").write_text(exporter.from_filename(str(out))[0])
if __name__ == "__main__":
    notebooks = [n for n in sorted(Path("notebooks").glob("*.ipynb")) if n.stem not in ("index", "explore", "explore_synthetic", "import_register")]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(one, [(n, m) for m in sys.argv[1:] for n in notebooks]))
"""


def measured(what: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor in processes that ended."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    what()
    took, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_year_of_reports(tmp_path: Path, frozen_code: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "project"
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    for name in subjects.NAMES:  # pages of modifications are measured by themselves
        (root / "notebooks" / f"{name}.ipynb").unlink()
    shutil.copy(ROOT / "dvc.yaml", root)
    (root / "params.yaml").write_text(f'months:\n  first: "{MANY[0]}"\n  last: "{MANY[-1]}"\n')
    environment = with_root(root, PYTHONPATH=frozen_code)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    for name, code in (("plain.py", PLAIN), ("api.py", IN_TWO_PROCESSES)):
        (root / name).write_text(code)

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    notebooks = [n for n in sorted((root / "notebooks").glob("*.ipynb")) if n.stem not in ("index", *NOT_RUN)]

    def command_lines() -> None:
        for month in FEW:
            for notebook in notebooks:
                call("papermill", str(notebook), "out.ipynb", "-p", "month", month)
                call("jupyter-nbconvert", "--to", "html", "--template", "secanalysis", "out.ipynb")

    def make(months: list[str]) -> None:
        """Execute and render some months, nothing of them being there yet."""
        shutil.rmtree(root / "site", ignore_errors=True)
        shutil.rmtree(root / "runs", ignore_errors=True)
        call(*SECANALYSIS, "run", "--months", f"{months[0]}..{months[-1]}")
        call(*SECANALYSIS, "publish")

    def per_notebook(what: Callable[[], object], months: list[str]) -> tuple[float, float]:
        took, cpu = measured(what)
        count = len(months) * len(notebooks)
        return took / count, cpu / count

    call(*SECANALYSIS, "build")
    ways: dict[str, tuple[Callable[[], object], list[str]]] = {
        "command lines, one by one": (command_lines, FEW),
        "papermill's API in two processes": (lambda: call(sys.executable, "api.py", *FEW), FEW),
        "plain Python, not rendered": (lambda: call(sys.executable, "plain.py", *MANY), MANY),
        "secanalysis run, not rendered": (lambda: call(*SECANALYSIS, "run", "--force"), MANY),
        "secanalysis run and publish": (lambda: make(MANY), MANY),
        "the same, of one month": (lambda: make(FEW), FEW),
    }
    rounds: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for number in range(ROUNDS):
        for way, arguments in ways.items():
            if way not in SLOW or number % 2 == 0:
                rounds[way].append(per_notebook(*arguments))
    times = {way: (min(t for t, _ in result), min(c for _, c in result)) for way, result in rounds.items()}
    one, year = len(FEW), len(MANY)
    few, many = times["the same, of one month"], times["secanalysis run and publish"]
    further = (
        (year * many[0] - one * few[0]) / (year - one),
        (year * many[1] - one * few[1]) / (year - one),
    )
    times["the same, beyond the first month"] = further
    own = times["secanalysis run and publish"][0]
    lines = ["| way | s a notebook | processor s | times as long |", "|---|---|---|---|"]
    lines += [f"| {way} | {took:.2f} | {cpu:.2f} | {took / own:.1f} |" for way, (took, cpu) in times.items()]
    with capsys.disabled():
        print(f"\n\n{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}\n")
        print("\n".join(lines))
    assert times["command lines, one by one"][0] >= 20 * own
    assert times["papermill's API in two processes"][0] >= 5 * own
    assert further[0] < 0.4
    extra = times["secanalysis run, not rendered"][1] - times["plain Python, not rendered"][1]
    assert extra <= 0.3, f"{extra:.2f} s of processor time a notebook beyond plain Python"


def test_the_help_is_there_at_once() -> None:
    took = min(
        measured(lambda: subprocess.run([*SECANALYSIS, "--help"], check=True, capture_output=True))[0]
        for _ in range(5)
    )
    assert took < 0.3
