"""Documentation made from the code hasn't drifted, and nothing that users meet is undocumented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from secanalysis import documentation, keys, schemas
from secanalysis.months import ReportMonth
from secanalysis.reconcile import figures
from secanalysis.register import Register
from secanalysis.statements import read_folder
from secanalysis.vocabulary import Convention

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", documentation.PAGES)
def test_made_pages_are_up_to_date(name: str) -> None:
    """`make docs` would change nothing."""
    assert (DOCS / name).read_text(encoding="utf-8") == documentation.PAGES[name](), (
        f"{name} has drifted: run make docs"
    )


def test_every_column_says_what_it_is() -> None:
    """A column without a description or form would leave a blank in the dictionary and in messages."""
    for table in schemas.TABLES:
        for column in schemas.columns(table):
            assert column.description and column.form, f"{table}.{column.name}"


def test_every_figure_is_of_a_documented_family() -> None:
    """Each key that a month computes or prints is of exactly one family, and counts what that says."""
    register = Register(read_folder(ROOT / "data" / "raw"))
    for figure in figures(register, ReportMonth(2020, 8), Convention.AS_PUBLISHED):
        families = [key for key in keys.KEYS if key.matches(figure.key)]
        assert len(families) == 1, figure.key
        assert figure.unit == families[0].unit, figure.key


def test_rooms_import_only_from_rooms_above() -> None:
    """The order of the rooms holds, and every room has its place in it."""
    order = {room: place for place, room in enumerate(documentation.ROOMS)}
    for room, names in documentation.imports().items():
        for name in {room, *names}:
            assert name in order, f"{name} has no place in documentation.ROOMS"
        wrong = [name for name in names if order[name] > order[room]]
        assert room in ("cli", "documentation") or not wrong, f"{room} imports {wrong} from below"


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link of README and docs names a file that is there."""
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_public_functions_have_docstrings() -> None:
    """Every public function, class and method of the package says what it answers."""
    for path in sorted((ROOT / "secanalysis").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.name
        classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
        for node in [*tree.body, *(inner for one in classes for inner in one.body)]:
            if (
                isinstance(node, ast.ClassDef | ast.FunctionDef)
                and node.name[0] != "_"
                and node.name != "Config"
            ):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"
