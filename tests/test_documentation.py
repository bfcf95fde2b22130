"""Documentation made from the code hasn't drifted, and nothing that users meet is undocumented."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from importlinter.cli import lint_imports

from secanalysis import documentation
from secanalysis.analysis.month_figures import figures
from secanalysis.cli import app
from secanalysis.domain import figure_keys
from secanalysis.domain.months import ReportMonth
from secanalysis.domain.vocabulary import Convention
from secanalysis.register.resolved import ResolvedRegister
from secanalysis.statements import schemas, table_columns
from secanalysis.statements.storage import read_folder

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", documentation.PAGES)
def test_made_pages_are_up_to_date(name: str) -> None:
    """`make docs` would change nothing."""
    assert (DOCS / name).read_text(encoding="utf-8") == documentation.PAGES[name](), (
        f"{name} has drifted: run make docs"
    )


PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def typed_commands(page: Path) -> list[str]:
    """What a page tells people to type of our own command: lines of code, and code within lines."""
    text = page.read_text(encoding="utf-8")
    inline = re.findall(r"`(secanalysis [^`\n]+)`", text)
    fenced = "".join(re.findall(r"^ *```.*?^ *```$", text, flags=re.MULTILINE | re.DOTALL))
    lines = re.findall(r"^ *(?:\$ )?(secanalysis [a-z].*)$", fenced, flags=re.MULTILINE)
    lines += re.findall(r"^    (secanalysis [a-z].*)$", text, flags=re.MULTILINE)
    return [re.split(r"  +#| \|\| | && ", line)[0].strip() for line in [*inline, *lines]]


def test_what_pages_say_to_type_is_there() -> None:
    """Every command, with every option, in README and docs; each command is shown at least once."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    seen = set()
    for page in PAGES:
        if page.name == "command-line.md":
            continue
        for line in typed_commands(page):
            _, name, *words = shlex.split(line)
            assert name in commands, f"{page.name}: {line}"
            seen.add(name)
            options = {option for parameter in commands[name].params for option in parameter.opts}
            options |= {option for parameter in commands[name].params for option in parameter.secondary_opts}
            unknown = [w for w in words if w.startswith("-") and w.split("=")[0] not in {*options, "--help"}]
            assert not unknown, f"{page.name}: {line}"
    assert seen == set(commands)


def test_make_knows_what_pages_say_to_make() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page.name}: make {target}"


def test_every_notebook_parameter_is_documented() -> None:
    """With the names that the notebooks declare, and a comment beside each in its cell."""
    table = dict(
        re.findall(
            r"^\| `(\w+)` \| ([^|]+) \|", (DOCS / "notebooks.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    declared: dict[str, set[str]] = {}
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        (cell,) = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
        for line in cell["source"]:
            name, _, comment = line.partition(" = ")
            assert "  # " in comment, f"{notebook.name}: {line}"
            declared.setdefault(name, set()).add(notebook.stem)
    assert declared.keys() == table.keys()
    every = {notebook.stem for notebook in (ROOT / "notebooks").glob("*.ipynb")}
    for name, description in table.items():
        named = set(re.findall(r"`(\w+)`", description))
        if description.startswith("all but those below"):
            named = every - declared["day"] - declared["months"]
        elif description.startswith("all but"):
            named = every - named
        assert declared[name] == named, name


def test_each_table_has_its_file_and_no_other_stands_beside() -> None:
    assert {path.stem for path in (ROOT / "data" / "raw").glob("*.csv")} == set(schemas.FILES)
    for table in schemas.FILES:
        heading = (ROOT / "data" / "raw" / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert heading.split(",") in table_columns.headings(table)


def test_every_column_says_what_it_is() -> None:
    """A column without a description or form would leave a blank in the dictionary and in messages."""
    for table in schemas.FILES:
        for column in table_columns.columns(table):
            assert column.description and column.form, f"{table}.{column.name}"


def test_every_figure_is_of_a_documented_family() -> None:
    """Each key that a month computes or prints is of exactly one family, and counts what that says."""
    register = ResolvedRegister(read_folder(ROOT / "data" / "raw"))
    for figure in figures(register, register.clock(ReportMonth(2020, 8)), Convention.AS_PUBLISHED):
        families = [key for key in figure_keys.KEYS if key.matches(figure.key)]
        assert len(families) == 1, figure.key
        assert figure.unit == families[0].unit, figure.key


def test_data_flows_one_way_through_the_rooms() -> None:
    """import-linter's contracts hold: the order of the rooms, and no circles inside one."""
    assert lint_imports(no_cache=True, verbose=False) == 0


def test_the_picture_of_the_rooms_shows_every_folder() -> None:
    """One that pyproject.toml doesn't list would be missing from docs/architecture.md."""
    folders = {path.parent.name for path in (ROOT / "secanalysis").glob("*/__init__.py")}
    assert set(documentation.rooms()) == folders


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link of README and docs names a file that is there."""
    for page in [ROOT / "CHANGELOG.md", *PAGES]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def defined(tree: ast.Module) -> list[ast.ClassDef | ast.FunctionDef]:
    """The public classes and functions of a module, and the methods of those classes."""
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    nodes = [*tree.body, *(inner for one in classes for inner in one.body)]
    return [n for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name[0] != "_"]


def needs_a_docstring(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """Whether a caller needs more than the name and the types: it takes several arguments, or it can refuse them."""
    if isinstance(node, ast.ClassDef):
        return node.name != "Config"
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    several = len([argument for argument in arguments if argument.arg not in ("self", "cls")]) > 1
    trivial = isinstance(node.body[-1], ast.Expr) and len(node.body) == 1  # of a protocol
    return (several and not trivial) or any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def test_docstrings_are_where_a_caller_needs_one() -> None:
    """Modules, public classes, and functions of several arguments or that raise."""
    for path in sorted((ROOT / "secanalysis").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.name
        for node in defined(tree):
            assert ast.get_docstring(node) or not needs_a_docstring(node), f"{path.name}: {node.name}"


FILLERS = {"a", "an", "the", "of", "is", "it", "its", "to", "in", "for", "and", "this", "that", "what", "are"}


def words(text: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()
    return {word.rstrip("s") for word in re.findall(r"[a-z]+", spaced)} - FILLERS


def test_no_docstring_repeats_its_name() -> None:
    """A docstring says what the name can't: "A line." of `line` is noise."""
    repeated = [
        f"{path.name}: {node.name}: {text}"
        for path in sorted((ROOT / "secanalysis").rglob("*.py"))
        for node in defined(ast.parse(path.read_text(encoding="utf-8")))
        if (text := ast.get_docstring(node)) and "\n" not in text and words(text) <= words(node.name)
    ]
    assert repeated == []
