"""What notebooks have in common, worked out once before their kernels are forked, for `memoise.once` to keep.

Parameters are the notebooks' own. Where they can't be read the notebooks report it: nothing is shared then.
"""

from __future__ import annotations

import ast
import contextlib
import json
from contextlib import AbstractContextManager
from operator import attrgetter
from pathlib import Path
from typing import Any

from secanalysis.analysis import (
    key_dates,
    modification_facts,
    quality,
    release_dates,
    release_slippage,
    releases,
    stages,
)
from secanalysis.analysis.release_members import LAST
from secanalysis.statements import storage
from secanalysis.support.project import Project
from secanalysis.views.front_door import Register
from secanalysis.views.modification import horizon
from secanalysis.views.release import release_digests
from secanalysis.views.view import made_by, statements_of


def _light_strings() -> AbstractContextManager[None]:
    return storage.light_strings(Project.find().processed)


def prepare_register(known_by: str) -> None:
    """Work out what all months have in common: the histories of all modifications and of the releases.

    Parameters
    ----------
    known_by
        As of `Register.as_known`.
    """
    with _light_strings():
        register = Register.keep().as_known(known_by)
        stages.stages(register)
        releases.history(register)
        release_dates.dates(register)
        quality.notes(register)
        made_by(register)
        _ = (
            register.assessments,
            register.conflicts,
            register.data_sha256,
            register.published,
            register.titles,
        )
        _ = statements_of(register).rows, statements_of(register).by_source


def prepare_modifications(known_by: str) -> None:
    """Work out what the pages of all modifications and releases have in common.

    Parameters
    ----------
    known_by
        As of `Register.as_known`.
    """
    with _light_strings():
        register = Register.keep().as_known(known_by)
        modification_facts.modification_facts(register)
        release_dates.release_days(register)
        release_dates.days_in_force(register)
        releases.contents(register, LAST)
        release_digests(register)  # each page states its own, of all
        horizon(register)


def prepare_month(month: str, convention: str, known_by: str) -> None:
    """Work out a month's figures, by both conventions where durations were printed, its releases, key dates and charts.

    Parameters
    ----------
    month, convention, known_by
        As of `Register.month`.
    """
    with _light_strings():
        report = Register.keep().month(month, convention, known_by)
        register, day = report.register, report.clock.report_date
        stages.stages(register).at(report.clock.previous_report_date)
        report.reconciliation.table()
        report.durations.both_conventions()
        releases.contents(register, day)
        release_slippage.slippage(register, day)
        key_dates.next_dates(register, report.clock)
        _ = report.provenance
        # in each fork the first one would cost double
        for chart, arguments in charts_drawn(Project.find().notebooks):
            attrgetter(chart)(report)(*arguments)


def charts_drawn(notebooks: Path) -> list[tuple[str, tuple[Any, ...]]]:
    """The charts that the notebooks of a month draw, each once.

    Parameters
    ----------
    notebooks
        Their folder.

    Returns
    -------
    list
        What is called of ``report``, such as ``durations.survival_chart``, and its arguments. Calls whose
        arguments aren't literals are left to the notebooks.
    """
    calls = {}
    for path in sorted(notebooks.glob("*.ipynb")):
        with contextlib.suppress(
            ValueError, KeyError, TypeError, SyntaxError
        ):  # left to the notebook to report
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                source = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
                for call in ast.walk(ast.parse(source)):
                    if not isinstance(call, ast.Call) or call.keywords:
                        continue
                    owner, _, chart = ast.unparse(call.func).partition(".")
                    if owner == "report" and chart.endswith("chart"):
                        with contextlib.suppress(ValueError):
                            calls[chart, tuple(map(ast.literal_eval, call.args))] = True
    return list(calls)
