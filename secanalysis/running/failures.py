"""Notebooks that failed: where each is, why it failed, and what was good before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from secanalysis.domain.months import ReportMonth
from secanalysis.support.project import Project

FAILED, LAST_GOOD = "failed", "last_good"


@dataclass(frozen=True)
class Failure:
    """A notebook that isn't executed because it failed.

    Attributes
    ----------
    month
        Its month; None for what is of all months.
    name
        Its name.
    error
        Why it failed, in a line.
    last_good
        The one that was executed before, if there is one.
    """

    month: ReportMonth | None
    name: str
    error: str
    last_good: Path | None

    def __str__(self) -> str:
        return f"{self.month or 'all months'} {self.name}"


def places(project: Project, target: Path) -> tuple[Path, Path]:
    """Where a notebook is kept that failed, and what was in its place until then."""
    relative = target.relative_to(project.runs)
    return project.runs / FAILED / relative, project.runs / LAST_GOOD / relative


def unfinished(error: str) -> bytes:
    """A notebook that says why there is none."""
    cell = {"cell_type": "markdown", "id": FAILED, "metadata": {}, "source": f"# Failed\n\n    {error}"}
    notebook = {
        "cells": [cell],
        "metadata": {"secanalysis": {FAILED: error}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1).encode() + b"\n"


def failures(project: Project) -> list[Failure]:
    """The notebooks that aren't executed because they failed: those of all months first, then by month and name."""
    listed = []
    folder = project.runs / FAILED
    for path in sorted([*folder.glob("*.ipynb"), *folder.glob("*/*.ipynb")]):
        relative = path.relative_to(folder)
        if path.name.startswith(".") or (project.runs / relative).is_file():
            continue
        try:
            month = ReportMonth.parse(relative.parent.name) if relative.parent.name else None
        except ValueError:
            continue
        last_good = project.runs / LAST_GOOD / relative
        listed.append(Failure(month, path.stem, _error(path), last_good if last_good.is_file() else None))
    return listed


def _error(path: Path) -> str:
    try:
        text = str(json.loads(path.read_bytes())["metadata"]["secanalysis"][FAILED])
    except (OSError, ValueError, KeyError, TypeError):
        return "it failed"
    return text.splitlines()[0] if text.strip() else "it failed"
