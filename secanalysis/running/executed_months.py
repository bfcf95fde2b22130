"""Which months have executed notebooks in ``runs``, for running and publishing alike."""

from __future__ import annotations

from pathlib import Path

from secanalysis.domain.months import ReportMonth
from secanalysis.support.project import Project


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
        if any(not path.name.startswith(".") for path in folder.glob("*.ipynb")):
            months.append(month)
    return sorted(months)
