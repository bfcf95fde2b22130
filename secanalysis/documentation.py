"""Documentation that is made from the code: the data dictionary, the figure keys, the command line.

``make docs`` writes it; a test fails where what is committed has drifted.
"""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

from secanalysis.domain.figure_keys import KEYS
from secanalysis.statements import schemas, table_columns

PACKAGE = Path(__file__).parent


MADE = "<!-- Made by `make docs`; edit the code instead. -->\n"


def data_dictionary() -> str:
    """The tables, their columns and vocabularies, as Markdown."""
    parts = ["# Data dictionary", "", MADE]
    parts.append(
        "Statements are in `data/raw/<table>.csv`: UTF-8, a heading, ISO days, "
        "blank for what isn't stated. "
        "`source_id, locator` is a row's key in each table."
    )
    for table, model in schemas.FILES.items():
        parts += [
            "",
            f"## {table}",
            "",
            inspect.getdoc(model) or "",
            "",
            "| column | type | blank | what it is | form |",
            "|---|---|---|---|---|",
        ]
        for column in table_columns.columns(table):
            form = "see the vocabulary below" if column.values else column.form
            blank = "no" if column.stated else "yes"
            parts.append(f"| `{column.name}` | {column.type} | {blank} | {column.description} | {form} |")
        vocabularies = [column for column in table_columns.columns(table) if column.values]
        if vocabularies:
            parts += [
                "",
                *(
                    f"- `{column.name}`: " + ", ".join(f"`{v}`" for v in column.values)
                    for column in vocabularies
                ),
            ]
    return "\n".join(parts) + "\n"


def figure_keys() -> str:
    """The figure keys and what they mean, as Markdown."""
    rows = [f"| `{key.written.replace('|', chr(92) + '|')}` | {key.unit} | {key.meaning} |" for key in KEYS]
    heading = [
        "# Figure keys",
        "",
        MADE,
        "A key names the same thing in every month, in `figures.json` and in `published_figures.csv`.",
        "",
        "| key | unit | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*heading, *rows]) + "\n"


def command_line() -> str:
    """The commands and their options, as Markdown."""
    import typer
    from typer.cli import get_docs_for_click

    from secanalysis.cli import app

    command = typer.main.get_command(app)
    text = get_docs_for_click(
        obj=command, ctx=typer.Context(command), name="secanalysis", title="Command line"
    )
    heading, rest = text.strip().split("\n", 1)
    return f"{heading}\n\n{MADE}{rest}\n"


def rooms() -> list[str]:
    """The package's rooms in the order of the data: each imports only from those before it.

    `pyproject.toml` lists them, and import-linter holds the order.
    """
    pyproject = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(c["layers"] for c in pyproject["tool"]["importlinter"]["contracts"] if "layers" in c)
    return [room for room in reversed(layers) if (PACKAGE / room).is_dir()]


def architecture() -> str:
    """The rooms: a picture of them, and a table of each one's modules, as Markdown."""
    order = rooms()
    imported = {room: _imports(room) & set(order) - {room} for room in order}
    lines = [
        "# Architecture",
        "",
        MADE,
        "Data flows one way through the package's folders, its rooms. A room imports only from rooms before it;",
        "import-linter holds that in `make lint`, and that no room's modules go in circles.",
        "",
        "```mermaid",
        "flowchart TB",
        *(
            f"  {source} --> {room}"
            for room in order
            for source in sorted(_direct(room, imported), key=order.index)
        ),
        "```",
        "",
        "An arrow leads from a room to one that uses it; arrows that follow from others are left out.",
        "`cli` and `documentation` are above all rooms.",
    ]
    for room in order:
        lines += [
            "",
            f"## {room}",
            "",
            _docstring(PACKAGE / room / "__init__.py"),
            "",
            "| module | what it is for |",
            "|---|---|",
        ]
        lines += [f"| `{name}` | {_purpose(path)} |" for name, path in _modules(PACKAGE / room)]
    return "\n".join(lines) + "\n"


def _modules(folder: Path) -> list[tuple[str, Path]]:
    """A room's modules and folders of modules, these with their own modules after them."""
    paths = [
        path for path in sorted(folder.rglob("*.py")) if path.parent != folder or path.stem != "__init__"
    ]
    named = [
        (path.relative_to(folder).with_suffix("").as_posix().removesuffix("/__init__"), path)
        for path in paths
    ]
    return sorted(named)


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _purpose(path: Path) -> str:
    return " ".join(_docstring(path).split("\n\n")[0].split())


def _imports(room: str) -> set[str]:
    """The rooms that a room's modules import."""
    modules = [
        node.module or ""
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    return {module.split(".")[1] for module in modules if module.startswith("secanalysis.")}


def _direct(room: str, imported: dict[str, set[str]]) -> set[str]:
    """The rooms that a room imports, without those that one of its other imports uses already."""
    return imported[room] - set().union(*(_reached(name, imported) for name in imported[room]))


def _reached(room: str, imported: dict[str, set[str]]) -> set[str]:
    return imported[room].union(*(_reached(name, imported) for name in imported[room]))


PAGES = {
    "data-dictionary.md": data_dictionary,
    "figure-keys.md": figure_keys,
    "command-line.md": command_line,
    "architecture.md": architecture,
}
"""The pages of docs/ that are made here."""


def write(folder: Path) -> None:
    """Write the pages that are made from the code."""
    for name, made in PAGES.items():
        (folder / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).resolve().parent.parent / "docs")
