"""Which months have executed notebooks in ``runs``, and which notebooks become pages, for running and publishing alike."""

from __future__ import annotations

import re
from pathlib import Path

from secanalysis.domain.months import ReportMonth
from secanalysis.support.project import Project

PAGE_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
"""How the notebooks are named that become pages; copies, drafts and what editors leave are named otherwise."""


def executed_months(project: Project) -> list[ReportMonth]:
    """The months that have executed notebooks, earliest first; other folders and hidden files are passed over."""
    return months_of(project.runs)


def months_of(runs: Path) -> list[ReportMonth]:
    """The months of which a folder holds notebooks, earliest first."""
    months = []
    for folder in runs.iterdir() if runs.is_dir() else []:
        try:
            month = ReportMonth.parse(folder.name)
        except ValueError:
            continue  # failed notebooks and logs
        if any(PAGE_NAME.fullmatch(path.stem) for path in folder.glob("*.ipynb")):
            months.append(month)
    return sorted(months)
