"""Pages of a subject of its own: each modification, each release, and the register as a whole.

They are about everything to date, whatever months are run. What each page would show is hashed before it is executed,
so that new statements about one modification execute one notebook; the hashes are kept in ``runs`` for as long as
data and code are the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from secanalysis.support.project import Project

SHOWN = "subjects.json"


@dataclass(frozen=True)
class Subject:
    """A notebook that is executed once for each of something.

    Attributes
    ----------
    notebook
        Its name.
    parameter
        Which of its parameters says what it is about; None for one that is executed once.
    folder
        Where executed ones are in ``runs``, and their pages in the site.
    """

    notebook: str
    parameter: str | None
    folder: str


MODIFICATION = Subject("modification", "ref", "modifications")
RELEASE = Subject("release", "slug", "releases")
REGISTER = Subject("register", None, "")
SUBJECTS = (MODIFICATION, RELEASE, REGISTER)
FOLDERS = tuple(subject.folder for subject in SUBJECTS if subject.folder)
NAMES = tuple(subject.notebook for subject in SUBJECTS)


def present(project: Project) -> list[Subject]:
    """The subjects that a project has a notebook for."""
    return [subject for subject in SUBJECTS if (project.notebooks / f"{subject.notebook}.ipynb").is_file()]


def shown(project: Project, state: str, known_by: str) -> Mapping[str, Mapping[str, str]]:
    """A hash of what each page shows, by notebook and by what it is about.

    Parameters
    ----------
    project
        Whose data and ``runs``.
    state
        A hash of the data and the code: as long as it is the same, so are the hashes of pages.
    known_by
        As of `Register.as_known`.
    """
    kept, key = project.runs / SHOWN, f"{state} {known_by}"
    try:
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["made_from"] == key:
            return {str(name): dict(pages) for name, pages in known["pages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    from secanalysis.views.front_door import Register
    from secanalysis.views.subject_digests import digests

    pages = digests(Register.load(project.processed).as_known(known_by))
    pages[REGISTER.notebook] = {"": state}  # it shows something of nearly everything
    project.runs.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"made_from": key, "pages": pages}, indent=1, sort_keys=True)
    part = kept.with_name(f".{SHOWN}.part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(kept)
    return pages


def file_name(about: str) -> str:
    """The name of the file of a page, whatever its subject is called: what no file name should hold is left out."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", about).strip("-")[:80]
    return (
        plain
        if plain and plain == about
        else f"{plain or 'x'}-{hashlib.sha256(about.encode()).hexdigest()[:8]}"
    )


def executed(runs: Path, subject: Subject) -> Iterator[Path]:
    """The executed notebooks of a subject, in the order of their names."""
    if subject.parameter is None:
        path = runs / f"{subject.notebook}.ipynb"
        yield from [path] if path.is_file() else []
    else:
        yield from sorted(p for p in (runs / subject.folder).glob("*.ipynb") if not p.name.startswith("."))
