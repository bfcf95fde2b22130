"""A project of one's own: a folder with notebooks, settings and a mapping to fill in, and nothing of the Code's facts."""

from __future__ import annotations

import shutil
from pathlib import Path

from secanalysis.support.atomic_files import put_in_place, scratch
from secanalysis.support.errors import UserError

STARTER = Path(__file__).parent / "starter"
_NAMES = {
    "dvc_stages": "dvc.yaml",
    "gitignore": ".gitignore",
    "dvc_config": ".dvc/config",
    "dvc_gitignore": ".dvc/.gitignore",
}
NOT_COPIED = ("explore", "explore_synthetic")  # walks through the Code's own facts and made-up ones
_INSTALLED = Path(__file__).parents[1] / "notebooks"
_CHECKOUT = Path(__file__).parents[2] / "notebooks"


def write(folder: Path) -> list[str]:
    """Make a project.

    Parameters
    ----------
    folder
        Where; one that isn't there yet, or is empty.

    Returns
    -------
    list of str
        The files that it holds.

    Raises
    ------
    UserError
        If there is something at that place.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} isn't empty; expected a new folder, such as ../ours")
    folder.parent.mkdir(parents=True, exist_ok=True)
    notebooks = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    with scratch(folder, lambda _: ()) as fresh:  # new or empty, so nothing in it is ours
        (fresh / ".dvc").mkdir()
        for path in STARTER.iterdir():
            shutil.copyfile(path, fresh / _NAMES.get(path.name, path.name))
        (fresh / "data" / "raw").mkdir(parents=True)
        (fresh / "data" / "raw" / ".gitkeep").touch()
        (fresh / "notebooks").mkdir()
        for path in sorted(notebooks.glob("*.ipynb")):
            if path.stem not in NOT_COPIED:
                shutil.copyfile(path, fresh / "notebooks" / path.name)
        put_in_place(fresh, folder)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
