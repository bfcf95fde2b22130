"""Notebooks: thin, committed without outputs, and at home in JupyterLab: change the parameters, Run All."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from tinyproject import command, outputs, write_notebook

from secanalysis.running.execution import execute
from secanalysis.running.plan import INDEX, NOT_RUN
from secanalysis.running.plan import notebooks as run_each_month
from secanalysis.running.warm_up import charts_drawn
from secanalysis.statements import storage
from secanalysis.support.project import Project
from secanalysis.views import mime

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHANGED = {
    "month": "2020-07",
    "months": "2020-06..2020-09",
    "day": "2021-06-30",
    "convention": "sec",
    "known_by": "2021-12-31",
    "ref": "DP137",
    "slug": "november-2020",
    "modifications": 40,
    "seed": 2,
    "published_on": "2024-07-05",
    "into": "",
}
SAYS = {
    "month": "July 2020",
    "months": "September 2020",
    "day": "2021",
    "ref": "DP137",
    "slug": "November 2020",
    "published_on": "A made-up register (Nobody, 2024-07-05)",
}
"""What each notebook says when its first parameter is changed so."""
JUPYTER_EXECUTE = "from nbclient.cli import main; main()"
USUAL = ("durations", "import_register")
"""Run in make test: others are alike, and the walks are executed below and in JupyterLab."""
by_name = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def code(notebook: Path) -> list[ast.Module]:
    cells = nbformat.read(notebook, as_version=4).cells
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own, built, with nothing run."""
    root = tmp_path_factory.mktemp("home")
    for name in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, root / name)
    assert command(root, "build").returncode == 0
    return root


def test_charts_that_notebooks_draw_are_drawn_before_their_kernels_are_forked(tmp_path: Path) -> None:
    """Found in the notebooks themselves: whoever adds a chart there need not think of it."""
    (tmp_path / "notebooks").mkdir()
    write_notebook(
        tmp_path / "notebooks" / "a.ipynb",
        'report.durations.survival_chart("PA")\nshow(report.stages.chart())',
        "%magic\nreport.quality.chart()",  # the whole notebook is left to itself from here
    )
    write_notebook(tmp_path / "notebooks" / "b.ipynb", "report.stages.chart()", "report.x.chart(month)")
    (tmp_path / "notebooks" / "c.ipynb").write_text("{")
    assert charts_drawn(tmp_path / "notebooks") == [
        ("durations.survival_chart", ("PA",)),
        ("stages.chart", ()),
    ]
    drawn = {call for notebook in NOTEBOOKS for tree in code(notebook) for call in chart_calls(tree)}
    assert {chart for chart, _ in charts_drawn(ROOT / "notebooks")} == drawn


def chart_calls(tree: ast.Module) -> set[str]:
    """The last two names of each call of a chart of ``report``, from the text of the cells."""
    return set(re.findall(r"report\.([a-z_]+\.[a-z_]*chart)\(", ast.unparse(tree)))


@by_name
def test_it_is_committed_without_outputs(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells] == [[]] * len(cells)
    assert {cell["execution_count"] for cell in cells} == {None}
    assert cells[0]["metadata"]["tags"] == ["parameters"]
    assert content["cells"][0]["source"][0].startswith("# ")


@by_name
def test_it_holds_imports_calls_and_prose(notebook: Path) -> None:
    """What grows a loop, a function or a groupby belongs in a room; data come in by the front door."""
    for node in (node for cell in code(notebook) for node in ast.walk(cell)):
        assert not isinstance(
            node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.With | ast.Lambda
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("groupby", "merge", "apply", "read_parquet", "read_csv", "to_csv")
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            assert (node.module, names) in [
                ("secanalysis", {"Register"}),
                ("secanalysis", {"Measure", "Register"}),
                *(
                    [("secanalysis", {"ingest"}), ("pandas", {"DataFrame"})]
                    * (notebook.stem == "import_register")
                ),
            ]
        assert not isinstance(node, ast.Import)


@pytest.mark.parametrize(
    "notebook",
    [
        pytest.param(path, id=path.stem, marks=() if path.stem in USUAL else pytest.mark.soak)
        for path in NOTEBOOKS
    ],
)
def test_change_the_parameters_and_run_all(notebook: Path, project: Path, tmp_path: Path) -> None:
    """As JupyterLab does: an ordinary kernel in the notebook's folder. The project stays as it is."""
    own = nbformat.read(project / "notebooks" / notebook.name, as_version=4)
    cell = next(cell for cell in own.cells if "parameters" in cell.metadata.get("tags", []))
    names = [node.targets[0].id for node in ast.parse(cell.source).body]  # type: ignore[attr-defined]
    cell.source = "\n".join(f"{name} = {CHANGED[name]!r}" for name in names)
    changed = project / "notebooks" / f"changed_{notebook.name}"
    nbformat.write(own, changed)
    before = contents(project)
    environment = {name: value for name, value in os.environ.items() if name != "SECANALYSIS_ROOT"}
    done = subprocess.run(
        [sys.executable, "-c", JUPYTER_EXECUTE, str(changed), "--inplace", "--timeout=120"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    content, after = outputs(changed), contents(project)
    changed.unlink()
    assert done.returncode == 0, done.stderr
    assert SAYS.get(names[0], "SECMP0007") in content
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {
        f"notebooks/{changed.name}"
    }


def test_explore_goes_from_a_question_to_a_figure(project: Path) -> None:
    """As it is committed: the figure that it ends with is counted by hand on the print's own list.

    Of the five Impact Assessments that the report of August 2020 lists as open, those accepted on 2 July
    2019, 6 February and 5 May 2020 are more than 40 working days old on 31 July. Of its six Preliminary
    Assessments, those accepted on 17 April, 20 April and 26 May are older than 15. Of 15 July no list is published.
    """
    result = execute(
        project / "notebooks" / "explore.ipynb", {"day": "2020-07-31"}, "-", root=project, timeout=120
    )
    assert result.error is None
    content = nbformat.reads(result.notebook.decode(), as_version=4)  # type: ignore[no-untyped-call]
    shown = [output for cell in content.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in shown} == {"execute_result", "display_data"}
    over_target, earlier = (shown[place].data[mime.FIGURES] for place in (2, 5))
    assert (over_target["value"], earlier["value"]) == (6, None)
    figure = shown[-1].data[mime.FIGURES]
    assert (figure["value"], figure["coverage"]) == (3, "5 of 5 known to be open have an accepted day")
    assert "SECMP0056" in shown[-1].data["text/html"]
    assert sum("image/svg+xml" in output.data for output in shown) == 1
    assert sum("image/png" in output.data for output in shown) == 1


def test_the_walk_on_a_made_up_register_knows_everything(project: Path, tmp_path: Path) -> None:
    """Every completed and open case is counted, and nothing of it is written."""
    before = contents(project)
    result = execute(project / "notebooks" / "explore_synthetic.ipynb", {}, "-", root=project, timeout=120)
    assert result.error is None
    content = nbformat.reads(result.notebook.decode(), as_version=4)  # type: ignore[no-untyped-call]
    shown = [output for cell in content.cells for output in cell.get("outputs", [])]
    figure = shown[-1].data[mime.FIGURES]
    assert figure["value"] is not None
    known, all_of_them = re.findall(r"\d+", figure["coverage"])[:2]
    assert known == all_of_them
    assert sum("image/svg+xml" in output.data for output in shown) == 2
    assert sum("image/png" in output.data for output in shown) == 1
    assert contents(project) == before


def test_the_notebook_that_imports_a_register_reads_the_one_in_it(project: Path, tmp_path: Path) -> None:
    """Counted by hand in it: three modifications, each raised and with a status, of which one is on hold; one PA."""
    into = tmp_path / "raw"
    before = contents(project)
    result = execute(
        project / "notebooks" / "import_register.ipynb", {"into": str(into)}, "-", root=project, timeout=120
    )
    assert result.error is None
    tables = storage.read_folder(into)
    assert tables["modifications"][["ref", "title"]].to_numpy().tolist() == [
        ["MP301", "Lamps"],
        ["MP302", "Kites"],
        ["MP303", "Bells"],
    ]
    assert sorted(tables["events"]["event"]) == [
        "observed",
        "observed",
        "on_hold",
        "raised",
        "raised",
        "raised",
    ]
    (assessment,) = tables["assessments"].to_dict("records")
    assert (assessment["ref"], str(assessment["returned_on"].date())) == ("MP301", "2024-05-03")
    assert set(tables["sources"]["published_on"].dt.strftime("%Y-%m-%d")) == {"2024-06-07"}
    assert contents(project) == before


def test_explore_is_no_part_of_a_run() -> None:
    assert NOT_RUN == ("explore", "explore_synthetic", "import_register")
    named = {path.stem for path in run_each_month(Project(ROOT))}
    assert named == {path.stem for path in NOTEBOOKS} - {
        *NOT_RUN,
        INDEX,
        "modification",
        "release",
        "register",
    }
