"""Whether what notebooks are made from is still what it was when the run began.

An executed notebook carries a hash of its inputs. Were it kept after they had changed, nobody would know which of
them it had read, and no later run would make it again.
"""

from __future__ import annotations

from pathlib import Path

from secanalysis.running import subjects
from secanalysis.running.plan import INDEX, notebooks, tables
from secanalysis.support.code_hash import code_files, code_sha256, file_sha256
from secanalysis.support.project import Project

Stamp = tuple[int, int, int, int]


class InputsChanged(Exception):
    """Statements, notebooks or code changed while notebooks were executed.

    Attributes
    ----------
    code
        Whether it was the package's code: this process goes on with the old one.
    """

    def __init__(self, what: str, *, code: bool) -> None:
        super().__init__(f"{what} changed while notebooks were executed")
        self.code = code


class Inputs:
    """The files that a project's notebooks are made from, as they are now: make it before they are read.

    Parameters
    ----------
    project
        The project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._stamps, of_code = _stamps(self._files()), {*code_files()}
        self._sha256 = {path: file_sha256(path) for path in self._stamps if path not in of_code}
        self._code = code_sha256()

    def check(self) -> None:
        """Compare them with what they are by now.

        Raises
        ------
        InputsChanged
            If one differs, has gone or come.
        """
        try:
            stamps = _stamps(self._files())
            if stamps == self._stamps:
                return
            if code_sha256() != self._code:
                raise InputsChanged("the code of secanalysis", code=True)
            changed = stamps.keys() ^ self._stamps.keys()
            for path in self._sha256.keys() & stamps.keys():
                if stamps[path] != self._stamps[path] and file_sha256(path) != self._sha256[path]:
                    changed.add(path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InputsChanged(str(error.filename), code=False) from None
        if changed:
            raise InputsChanged(str(min(changed)), code=False)
        self._stamps = stamps  # touched, moved or linked, but the same

    def _files(self) -> list[Path]:
        others = [self._project.notebooks / f"{name}.ipynb" for name in (INDEX, *subjects.NAMES)]
        read = [*tables(self._project), *notebooks(self._project), *filter(Path.is_file, others)]
        return [*read, *code_files()]


def _stamps(paths: list[Path]) -> dict[Path, Stamp]:
    """What differs once a file was written: looking at it takes no time, unlike its hash."""
    stamps = {}
    for path in paths:
        seen = path.stat()
        stamps[path] = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    return stamps
