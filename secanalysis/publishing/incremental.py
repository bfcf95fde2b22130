"""The site's folder: what is as it was is taken from the old one, the rest is made.

``manifest.json`` in the site says of each file what it was made from and what it holds. A file is kept if
both are as they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secanalysis.support.atomic_files import put_in_place

MANIFEST = "manifest.json"


@dataclass
class Files:
    """Files that were put into a site.

    Attributes
    ----------
    known
        By path: a hash of what each was made from, and one of what it holds.
    made, kept
        Paths of the files made anew, and of those taken from the old site.
    """

    known: dict[str, dict[str, str]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class SiteFolder:
    """A site in the making.

    Parameters
    ----------
    old
        The site as it is, or where it will be.
    fresh
        An empty folder on the same file system.
    made_by
        A hash of the code that makes it: with other code, everything is made anew.
    texts
        What every page says of the register.

    Attributes
    ----------
    files
        What was put into it.
    """

    def __init__(self, old: Path, fresh: Path, made_by: str, texts: Mapping[str, str]) -> None:
        self.old, self.fresh, self.texts = old, fresh, dict(texts)
        self.files = Files()
        self._made_by = made_by
        self.before = manifest(old)

    def another(self) -> SiteFolder:
        """The same site, for others to put files into: `take_in` says which."""
        other = copy(self)
        other.files = Files()
        return other

    def take_in(self, files: Files) -> None:
        """Know of files that were put into `another` of this site."""
        self.files.known |= files.known
        self.files.made += files.made
        self.files.kept += files.kept

    def add(self, path: str, inputs: list[str], make: Callable[[], bytes]) -> None:
        """A file, made unless the old site's was made from the same inputs and is as it was."""
        if not self.keep(path, inputs):
            self.write(path, inputs, make())

    def keep(self, path: str, inputs: list[str]) -> bool:
        """Take a file from the old site, if it is what making it would give; says whether it was."""
        known = self.before.get(path)
        if known is None or known["inputs"] != self._inputs(inputs):
            return False
        try:
            data = (self.old / path).read_bytes()
        except OSError:
            return False
        if sha256(data) != known["sha256"]:
            return False
        self._put(path, data)
        self.files.known[path] = known
        self.files.kept.append(path)
        return True

    def write(self, path: str, inputs: list[str], data: bytes) -> None:
        """A file made anew."""
        self._put(path, data)
        self.files.known[path] = {"inputs": self._inputs(inputs), "sha256": sha256(data)}
        self.files.made.append(path)

    @property
    def removed(self) -> list[str]:
        """Files of the old site that the new one has not."""
        return sorted(self.before.keys() - self.files.known.keys())

    def finish(self) -> None:
        """Put the new site in the old one's place; the old one stays if it is the same."""
        if self.files.made or self.removed or not self.before:
            text = json.dumps({"files": self.files.known}, indent=1, sort_keys=True)
            self._put(MANIFEST, (text + "\n").encode())
            put_in_place(self.fresh, self.old)

    def _put(self, path: str, data: bytes) -> None:
        target = self.fresh / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def _inputs(self, inputs: list[str]) -> str:
        return sha256("\x1f".join([self._made_by, *inputs]).encode())


def sha256(data: bytes) -> str:
    """A content hash, as hex."""
    return hashlib.sha256(data).hexdigest()


def published_files(site: Path) -> list[str]:
    """The files that publishing put into a site, by its manifest; none if there is no manifest."""
    known = manifest(site)
    return [*known, MANIFEST] if known else []


def manifest(site: Path) -> dict[str, dict[str, str]]:
    """What a site's manifest says of each file; nothing if there is none that can be read."""
    try:
        files: Any = json.loads((site / MANIFEST).read_bytes())["files"]
        return {
            str(path): {name: str(known[name]) for name in ("inputs", "sha256")}
            for path, known in files.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
