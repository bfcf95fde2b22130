"""What a cell showed, as it is kept: streams in one piece each, and no more than a notebook can hold.

Everything here takes time in proportion to what was shown. Nbclient's own way looks at each end of a line from each
of its characters, and papermill's thread can't be stopped meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat.v4 import new_output

from secanalysis.views.mime import OURS

MOST_TEXT = 1_000_000
MOST_PICTURES = 20_000_000
OF_A_MESSAGE = 50
"""What each message counts besides its characters: a million of one character each are no less to keep."""


def coalesced(outputs: list[Any]) -> list[Any]:
    """Outputs with each stream in one piece, standard output first, and without what a carriage return wrote over.

    Parameters
    ----------
    outputs
        A cell's outputs, in the order in which they came.
    """
    kept: list[Any] = []
    texts: dict[str, list[str]] = {}
    streams: dict[str, Any] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
            continue
        name = output["name"]
        if name not in streams:
            streams[name], texts[name] = output, []
            kept.append(output)
        texts[name].append(output["text"])
    for name, output in streams.items():
        output["text"] = "\n".join(map(_shown, "".join(texts[name]).split("\n")))
    for place in range(len(kept) - 1):
        if [_stream(output) for output in kept[place : place + 2]] == ["stderr", "stdout"]:
            kept[place : place + 2] = reversed(kept[place : place + 2])
    return kept


def _stream(output: Mapping[str, Any]) -> str:
    return str(output["name"]) if output["output_type"] == "stream" else ""


def _shown(line: str) -> str:
    """What a terminal shows of a line: what follows its last carriage return, unless that ends it."""
    return line[line.rfind("\r", 0, max(len(line) - 1, 0)) + 1 :]


def bounded(outputs: list[Any], *, cut_before: bool) -> list[Any]:
    """Outputs up to the bound, and a sentence where there were more. What this package displays is as long as the data.

    Parameters
    ----------
    outputs
        A cell's outputs.
    cut_before
        Whether there was more text, which isn't among them.
    """
    left = {MOST_TEXT: MOST_TEXT, MOST_PICTURES: MOST_PICTURES}
    kept, cut = [], {MOST_TEXT} if cut_before else set()
    for output in outputs:
        bound = _bound(output)
        if bound is None:
            kept.append(output)
            continue
        size = size_of(output)
        if size > left[bound]:
            cut.add(bound)
            _shorten(output, left[bound])
            if output["output_type"] != "stream" or not output["text"]:
                left[bound] = 0
                continue
        left[bound] -= min(size, left[bound])
        kept.append(output)
    return kept + [beyond(bound) for bound in sorted(cut)]


def _bound(output: Mapping[str, Any]) -> int | None:
    kinds = output.get("data", {})
    if any(kind.startswith(OURS) for kind in kinds):
        return None
    return MOST_PICTURES if any(kind.startswith("image/") for kind in kinds) else MOST_TEXT


def _shorten(output: Any, size: int) -> None:
    if output["output_type"] == "stream":
        output["text"] = output["text"][:size]


def size_of(output: Mapping[str, Any]) -> int:
    """How many characters an output, or a message that brings one, holds."""
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    texts += output.get("data", {}).values()
    return sum(len(text) if isinstance(text, str) else len(str(text)) for text in texts)


def beyond(bound: int) -> Any:
    """The sentence that stands for what isn't kept."""
    what = "pictures" if bound == MOST_PICTURES else "text"
    sentence = f"More than {bound // 1_000_000} MB of {what}: the rest of what this cell showed isn't kept.\n"
    return new_output("stream", name="stderr", text=sentence)  # type: ignore[no-untyped-call]
