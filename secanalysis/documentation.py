"""Documentation that is made from the code: the data dictionary, the figure keys, the command line.

``make docs`` writes it; a test fails where what is committed has drifted.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from secanalysis import schemas
from secanalysis.keys import KEYS

PACKAGE = Path(__file__).parent

ROOMS = (
    "errors",
    "paths",
    "months",
    "vocabulary",
    "workingdays",
    "references",
    "keys",
    "forms",
    "schemas",
    "corrections",
    "replacing",
    "faults",
    "csvfiles",
    "checks",
    "statements",
    "settings",
    "figures",
    "ingest",
    "codes",
    "resolution",
    "once",
    "register",
    "releases",
    "transitions",
    "happenings",
    "stages",
    "estimators",
    "durations",
    "activity",
    "key_dates",
    "reconcile",
    "quality",
    "charts",
    "mime",
    "cells",
    "columns",
    "provenance",
    "evidence",
    "tables",
    "source_code",
    "views",
    "front_door",
    "preparation",
    "kernel_parent",
    "kernel_scratch",
    "kernel_environment",
    "kernel_forks",
    "kernel_processes",
    "kernels",
    "runlog",
    "runprogress",
    "execution",
    "staleness",
    "cluster",
    "runs",
    "prose",
    "navigation",
    "printing",
    "pages",
    "downloads",
    "report_workbook",
    "feed",
    "sitefolder",
    "processes",
    "publish",
    "simulate",
    "cli",
    "documentation",
)
"""The rooms from top to bottom: one imports only from those above it (cli and documentation from any)."""

MADE = "<!-- Made by `make docs`; edit the code instead. -->\n"


def data_dictionary() -> str:
    """The tables, their columns and vocabularies, as Markdown."""
    parts = ["# Data dictionary", "", MADE]
    parts.append(
        "Statements stand in `data/raw/<table>.csv`: UTF-8, a heading, ISO days, "
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
        for column in schemas.columns(table):
            form = "see the vocabulary below" if column.values else column.form
            blank = "no" if column.stated else "yes"
            parts.append(f"| `{column.name}` | {column.type} | {blank} | {column.description} | {form} |")
        vocabularies = [column for column in schemas.columns(table) if column.values]
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


def imports() -> dict[str, set[str]]:
    """Which rooms each room imports, read from the code itself."""
    found: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "secanalysis":
                found.setdefault(room, set()).update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("secanalysis."):
                found.setdefault(room, set()).add(str(node.module).split(".")[1])
    return {
        room: {name for name in names if name != room and not name.startswith("_")}
        for room, names in found.items()
    }


def architecture() -> str:
    """The rooms with what each is for, and a picture of their imports, as Markdown."""
    real = {
        room: names & set(ROOMS)
        for room, names in imports().items()
        if room in ROOMS and _home(room).exists()
    }
    lines = [
        "# Architecture",
        "",
        MADE,
        "A room imports only from rooms above it in this list (the command line may import any); "
        "a test holds that.",
        "",
        "| room | what it is for |",
        "|---|---|",
    ]
    lines += [f"| `{room}` | {_purpose(room)} |" for room in ROOMS if room in real]
    lines += [
        "",
        "What imports what, without the arrows that follow from others:",
        "",
        "```mermaid",
        "flowchart BT",
    ]
    lines += [
        f"  {room} --> {name}" for room in real for name in sorted(_direct(room, real), key=ROOMS.index)
    ]
    return "\n".join([*lines, "```"]) + "\n"


def _home(room: str) -> Path:
    folder = PACKAGE / room
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def _purpose(room: str) -> str:
    text = ast.get_docstring(ast.parse(_home(room).read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def _direct(room: str, real: dict[str, set[str]]) -> set[str]:
    """A room's imports without those that one of its other imports has already."""
    if room in ("cli", "documentation"):
        return set()
    reached: set[str] = set()
    for name in real[room]:
        reached |= _all_above(name, real)
    return real[room] - reached


def _all_above(room: str, real: dict[str, set[str]]) -> set[str]:
    above = set(real.get(room, ()))
    return above.union(*(_all_above(name, real) for name in above)) if above else above


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
