"""Executed notebooks as publishing reads them: plain data, with a title and a hash of their file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from secanalysis.publishing import pages
from secanalysis.publishing.incremental import sha256
from secanalysis.running.failures import LAST_GOOD
from secanalysis.support.errors import UserError
from secanalysis.views import mime


@dataclass(frozen=True)
class Executed:
    """An executed notebook as read.

    Attributes
    ----------
    name, title, sha256
        Its file's name, its title as `pages.title` has it, and the hash of its file.
    content
        It as plain data.
    text
        Its file as text.
    last_good
        Whether the latest run of it failed, and this is from the last that didn't.
    """

    name: str
    title: str
    sha256: str
    content: Mapping[str, Any]
    text: str = ""
    last_good: bool = False

    @property
    def node(self) -> nbformat.NotebookNode:
        """The notebook as nbconvert takes it, without the data that no page shows: nbconvert copies it all twice."""
        cells = [
            cell if "outputs" not in cell else cell | {"outputs": [*map(_without_data, cell["outputs"])]}
            for cell in self.content["cells"]
        ]
        # Not nbformat.reads, whose validation takes longer than the page.
        metadata = {**self.content.get("metadata", {}), "title": self.title}
        return nbformat.v4.to_notebook({**self.content, "cells": cells, "metadata": metadata})  # type: ignore[no-untyped-call]


def read(path: Path) -> Executed:
    """Read an executed notebook.

    Raises
    ------
    UserError
        If it isn't notebook.
    """
    try:
        data = path.read_bytes()
        content = json.loads(data)
        good = content["nbformat"] == 4 and all(map(_is_cell, content["cells"]))
    except (OSError, ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise UserError(f"{path} is no executed notebook of format 4: run `secanalysis run --force`")
    last_good = LAST_GOOD in path.parts
    return Executed(
        path.stem, pages.title(content, path.stem), sha256(data), content, data.decode(), last_good
    )


def _is_cell(cell: Mapping[str, Any]) -> bool:
    """Whether it has what every cell of a notebook has, and a cell of code besides."""
    outputs = cell["outputs"] if cell["cell_type"] == "code" else []
    whole = all(output["output_type"] and isinstance(output.get("data", {}), dict) for output in outputs)
    return whole and isinstance(cell["source"], str | list) and isinstance(cell["metadata"], dict)


def _without_data(output: Mapping[str, Any]) -> Mapping[str, Any]:
    data = dict(output.get("data", {}))
    data |= {kind: {} for kind in (mime.FIGURES, mime.SOURCES) if kind in data}
    match data.get(mime.TABLE):
        case {"rows": [first, *_], **table}:  # whether there are any is all that counts
            data[mime.TABLE] = {**table, "rows": [first]}
    if cases := data.get(mime.CASES):
        data[mime.CASES] = {**cases, "rows": []}
    return {**output, "data": data} if data else output
