"""Whose versions count: packages that notebooks and pages depend on, and those that a page names."""

from __future__ import annotations

from importlib import metadata

NAMED_ON_PAGES = ("matplotlib", "nbconvert", "numpy", "pandas", "pandera", "papermill", "pyarrow", "scipy")
"""Named at the foot of a page: those that could change what it says."""

OF_NOTEBOOKS = ("ipykernel", *NAMED_ON_PAGES)
"""With other versions of these a notebook is executed again: it states those that a page names."""

OF_PAGES = ("jinja2", "mistune", "nbconvert", "xlsxwriter")
"""With other versions of these the site is made again."""


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """The installed versions of some packages, by name."""
    return {name: metadata.version(name) for name in packages}
