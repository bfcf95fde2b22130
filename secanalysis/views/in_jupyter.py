"""At home in JupyterLab: outputs that look as pages do, errors in one sentence, and a word on what is stale.

An IPython extension: ``%load_ext secanalysis``, which `make lab` does. `Register.load` sees to the looks by itself.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from secanalysis.support.errors import UserError

CSS_CLASS = "secanalysis"
# Thrice the class: JupyterLab's own rules for tables (.jp-RenderedHTMLCommon) count for less then.
STYLE = """<style>.secanalysis.secanalysis.secanalysis {
--soft: var(--jp-content-font-color2, GrayText); --line: var(--jp-border-color1, ButtonBorder); text-align: left;
& table { table-layout: auto; margin: 0 0 .5em; max-width: 62rem; font-variant-numeric: tabular-nums; }
& caption { text-align: left; font-weight: 600; padding-bottom: .375em; color: inherit; }
& tr { background: none; }
& th, & td { text-align: left; vertical-align: top; font-weight: 400; padding: .375em .75em .375em 0; border-bottom: 1px solid var(--line); }
& thead th { font-weight: 600; vertical-align: bottom; }
& .number { text-align: right; }
& .short { white-space: nowrap; }
& .scroll { overflow-x: auto; }
& .figures { min-width: min(46rem, 100%); }
& .figures tbody > tr:first-child > * { border-bottom: 0; padding-bottom: 0; }
& .figures tbody > tr:first-child > td.number { font-weight: 600; white-space: nowrap; }
& .figures tbody > tr:first-child > td.unknown { font-weight: 400; white-space: normal; }
& .figures .verdict { white-space: nowrap; }
& .figures .verdict small { display: block; white-space: normal; }
& .behind p, & .behind ul { margin: .125em 0; }
& .behind small { margin-left: .25em; }
& .behind dl { margin: .375em 0; }
& dl > div { display: flex; flex-wrap: wrap; gap: 0 .5em; }
& dt, & dd { float: none; width: auto; margin: 0; padding: 0; font-weight: 400; }
& summary { cursor: pointer; width: fit-content; }
& .clocks { display: flex; flex-wrap: wrap; gap: .125em 1.75em; }
& figure { margin: .5em 0; max-width: 36rem; }
& figcaption { margin-bottom: .5em; }
& figure img { display: block; width: 100%; box-sizing: border-box; padding: .5em; background: #fff; border-radius: .25em; }
& .says { max-width: 46rem; margin: .5em 0 .875em; }
& .fact { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline dotted; text-underline-offset: .2em; }
& [popover] { width: min(46rem, 100% - 2rem); max-height: 80vh; overflow: auto; padding: .75em 1.25em 1em; text-align: left;
  background: var(--jp-layout-color1, Canvas); color: var(--jp-content-font-color1, CanvasText); border: 1px solid var(--line); }
& [popover]::backdrop { background: #0006; }
& .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
}</style>"""


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext secanalysis`` does: looks and errors, and changed modules that count in the next cell."""
    prepare(shell)
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")
    Stale(shell).watch()


def prepare(shell: Any = None) -> None:
    """Let outputs of the kernel look as they should, and errors that a user can mend be a sentence; once."""
    if shell is None:
        if (
            "IPython" not in sys.modules or "JPY_SESSION_NAME" not in os.environ
        ):  # which Jupyter's servers set
            return
        shell = sys.modules["IPython"].get_ipython()
    if shell is None or hasattr(shell.display_formatter, CSS_CLASS):
        return
    shell.set_custom_exc((UserError,), _sentence)
    formatter = shell.display_formatter
    original = formatter.format

    def styled(shown: Any, *args: Any, **kwargs: Any) -> Any:
        data, metadata = original(shown, *args, **kwargs)
        if _is_ours(shown) and "text/html" in data:
            data["text/html"] = f'<div class="{CSS_CLASS}">{STYLE}{data["text/html"]}</div>'
        return data, metadata

    formatter.format = styled
    setattr(formatter, CSS_CLASS, True)


def _sentence(
    shell: Any, kind: type, error: BaseException, _: Any, tb_offset: int | None = None
) -> list[str]:
    words = [f"{error}"]
    shell._showtraceback(kind, error, words)
    return words


def _is_ours(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == CSS_CLASS


class Stale:
    """Which names of a notebook hold what was made by code that has changed since.

    Parameters
    ----------
    shell
        IPython's, with the notebook's names.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.seen = dict(_module_times())
        self.names: dict[str, tuple[object, str]] = {}
        """What each stale name held when code changed, and the file that did."""

    def watch(self) -> None:
        """Look before each cell, and say it after one that uses what is stale."""
        self.shell.events.register("pre_run_cell", self.look)
        self.shell.events.register("post_run_cell", self.say)

    def look(self, *_: Any) -> None:
        """Note which files have changed, and what had been made before."""
        times = dict(_module_times())
        changed = [path for path, time in times.items() if self.seen.get(path, time) != time]
        self.seen = times
        if changed:
            held = {name: value for name, value in self.shell.user_ns.items() if _is_made(value)}
            self.names |= {name: (value, Path(changed[0]).name) for name, value in held.items()}

    def say(self, result: Any) -> None:
        """Say which names that a cell used are stale still."""
        still = self._still(result.info.raw_cell) if self.names else []
        if still:
            names, file = " and ".join(still), self.names[still[0]][1]
            print(
                f"Stale: {names} {'was' if len(still) == 1 else 'were'} made before {file} changed. "
                "Run the cells again from Register.load() on.",
                file=sys.stderr,
            )

    def _still(self, cell: str) -> list[str]:
        try:
            used = {node.id for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Name)}
        except SyntaxError:  # magics
            return []
        self.names = {
            name: held for name, held in self.names.items() if self.shell.user_ns.get(name) is held[0]
        }
        return sorted(used & {*self.names})


def _is_made(value: object) -> bool:
    return _is_ours(value) and not isinstance(value, type)


def _module_times() -> Iterator[tuple[str, float]]:
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] == CSS_CLASS and file and (path := Path(file)).exists():
            yield file, path.stat().st_mtime
