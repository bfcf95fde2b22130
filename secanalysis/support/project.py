"""Every path of the project, from one root."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT_VARIABLE = "SECANALYSIS_ROOT"


@dataclass(frozen=True)
class Project:
    """The project's folders. ``Project.find()`` works from any folder below the root."""

    root: Path

    @property
    def raw(self) -> Path:
        """Statements as CSV: what people and ``ingest`` write."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """The same statements, typed: what ``build`` writes."""
        return self.root / "data" / "processed"

    @property
    def notebooks(self) -> Path:
        """Notebooks without outputs."""
        return self.root / "notebooks"

    @property
    def runs(self) -> Path:
        """Executed notebooks, complete or absent."""
        return self.root / "runs"

    @property
    def site(self) -> Path:
        """What people read and fetch."""
        return self.root / "site"

    @property
    def params(self) -> Path:
        """The months to run and their settings."""
        return self.root / "params.yaml"

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """Find the project's root.

        Parameters
        ----------
        start
            Where to begin; the working directory if not given.

        Returns
        -------
        Project
            ``$SECANALYSIS_ROOT`` if that is set, else the nearest folder at or above ``start``
            that holds ``dvc.yaml`` and ``data/raw``, else the checkout this package lies in.

        Raises
        ------
        FileNotFoundError
            If none of them is a project.
        """
        if root := os.environ.get(ROOT_VARIABLE):
            return cls(Path(root).resolve())
        try:
            here = (start or Path.cwd()).resolve()
        except FileNotFoundError:
            raise FileNotFoundError(
                f"the folder that this was called in isn't there any more: go to another, or set {ROOT_VARIABLE}"
            ) from None
        for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
            if (folder / "dvc.yaml").is_file() and (folder / "data" / "raw").is_dir():
                return cls(folder)
        raise FileNotFoundError(
            f"no secanalysis project at or above {here}: go to its folder, or set {ROOT_VARIABLE}"
        )
