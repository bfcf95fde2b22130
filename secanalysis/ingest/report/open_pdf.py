"""Prints a PDF's lines as JSON. Run by `sandbox.Opening`: ``python open_pdf.py FILE MEMORY SECONDS``."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_PAGES = 200
MOST_CHARACTERS = 5_000_000
_BEGIN = re.compile(rb"\s*\d+\s+\d+\s+obj\b.*?\bstream\r?\n", re.DOTALL)
_END = re.compile(rb"\s*endstream\b")
_APART = 1.35  # times the usual distance of lines: a blank line


def _main(file: str, memory: int, seconds: int) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # the first has a signal of its own
    import pdfplumber
    from pdfminer import pdftypes
    from pdfminer.pdfdocument import PDFPasswordIncorrect, PDFXRefFallback
    from pdfplumber.utils.exceptions import PdfminerException

    pdftypes.decompress_corrupted = _refuse_corrupted
    try:
        with pdfplumber.open(file) as pdf:
            if not pdf.pages:
                return {"refused": "has no pages: it is damaged"}
            stated = pdftypes.resolve1(pdftypes.dict_value(pdf.doc.catalog.get("Pages")).get("Count"))
            if len(pdf.pages) != stated:  # pdfminer passes over a page that it can't read
                return {"refused": f"is damaged: of {stated} pages {len(pdf.pages):,} can be read"}
            if len(pdf.pages) > MOST_PAGES:
                return {"refused": f"has {len(pdf.pages):,} pages: no report has more than {MOST_PAGES}"}
            # without the list of parts pdfminer looks for what begins like one; what it doesn't find is nothing to it
            if any(isinstance(parts, PDFXRefFallback) for parts in pdf.doc.xrefs):
                return {"refused": "is damaged: its list of parts can't be read"}
            data = Path(file).read_bytes()
            pages = []
            for page in pdf.pages:
                others = pdftypes.dict_value(page.page_obj.resources.get("XObject", {}))
                shown = [*page.page_obj.contents, *others.values()]
                if not all(_is_whole(part, pdf.doc, data) for part in shown):
                    return {"refused": f"is damaged: what page {page.page_number} shows can't be read"}
                pages.append(list(_lines(page)))
                page.close()
    except PdfminerException as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, MemoryError | RecursionError):
            raise cause from None
        if isinstance(cause, PDFPasswordIncorrect):
            return {"refused": "needs a password: save it without one"}
        return {"refused": "isn't a PDF that can be read: it is damaged"}
    if sum(len(text) for page in pages for _, _, text in page) > MOST_CHARACTERS:
        return {"refused": f"holds more than {MOST_CHARACTERS:,} characters: it is no printed report"}
    return {"pages": _spaced(pages)}


def _is_whole(part: Any, document: Any, data: bytes) -> bool:
    """Whether a part begins where the list of parts says, and ends where it says itself.

    Where one doesn't pdfminer goes on with nothing, or with as much as there is.
    """
    from pdfminer.pdftypes import PDFStream, resolve1

    stream = resolve1(part)
    if not isinstance(stream, PDFStream):
        return False
    length = resolve1(stream.attrs.get("Length"))
    for parts in document.xrefs:
        with contextlib.suppress(KeyError):
            begin = _BEGIN.match(data, parts.get_pos(stream.objid)[1])
            return bool(begin and isinstance(length, int) and _END.match(data, begin.end() + length))
    return False


def _refuse_corrupted(data: bytes) -> bytes:
    """Where a part is damaged pdfminer would go on with what it can unpack of it, and lose lines unseen."""
    raise ValueError("damaged part")


def _lines(page: Any) -> Iterator[tuple[float, float, str]]:
    """Top, height and text of each line; a table's row is one line, whatever its cells' lines."""
    tables = page.find_tables()
    lines = []
    for table in tables:
        for row, cells in zip(table.rows, table.extract(), strict=True):
            text = " ".join(" ".join((cell or "").split()) for cell in cells)
            lines.append((row.bbox[1], row.bbox[3] - row.bbox[1], " ".join(text.split())))
    for line in page.extract_text_lines(return_chars=False):
        middle = (line["x0"] + line["x1"]) / 2, (line["top"] + line["bottom"]) / 2
        if not any(
            box[0] <= middle[0] <= box[2] and box[1] <= middle[1] <= box[3]
            for box in (t.bbox for t in tables)
        ):
            lines.append((line["top"], line["bottom"] - line["top"], line["text"]))
    yield from sorted(line for line in lines if line[2])


def _spaced(pages: list[list[tuple[float, float, str]]]) -> list[list[str]]:
    """The lines of each page, with a blank one where two stand apart."""
    distances = sorted(
        (after[0] - before[0]) / max(before[1], 1.0)
        for page in pages
        for before, after in itertools.pairwise(page)
    )
    usual = max(distances[len(distances) // 5], 1.0) if distances else 1.0
    spaced = []
    for page in pages:
        lines: list[str] = []
        for index, (top, _, text) in enumerate(page):
            if index and (top - page[index - 1][0]) / max(page[index - 1][1], 1.0) > _APART * usual:
                lines.append("")
            lines.append(text)
        spaced.append(lines)
    return spaced


if __name__ == "__main__":
    try:
        answer = _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except MemoryError:
        sys.exit(3)
    except RecursionError:
        sys.exit(4)
    except Exception as error:  # whatever a library makes of a damaged file
        answer = {"refused": f"isn't a PDF that can be read ({type(error).__name__}): it is damaged"}
    json.dump(answer, sys.stdout)
