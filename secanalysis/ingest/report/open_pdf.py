"""A PDF's lines, page by page, as its pages show them. Runs in the process of `opener`."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from secanalysis.ingest.report import glyphs
from secanalysis.ingest.report.page_lines import PageLine, lines, spaced
from secanalysis.ingest.report.page_picture import Picture, draw

MOST_PAGES = 200
MOST_CHARACTERS = 5_000_000
_BEGIN = re.compile(rb"\s*\d+\s+\d+\s+obj\b.*?\bstream\r?\n", re.DOTALL)
_END = re.compile(rb"\s*endstream\b")


def opened(file: str) -> dict[str, Any]:
    """A PDF's lines.

    Parameters
    ----------
    file
        Its path.

    Returns
    -------
    dict
        ``pages``: the lines of each; ``doubts``: page and line, from 0, of what isn't clear, as it is printed and with
        a sentence;
        ``unseen``: page, text and sentence of what isn't read; ``columns``: the pages that have some. Or a sentence
        under ``refused``.
    """
    import pdfplumber
    import pypdfium2
    from pdfminer import pdftypes
    from pdfminer.pdfdocument import PDFPasswordIncorrect, PDFXRefFallback
    from pdfplumber.utils.exceptions import PdfminerException

    pdftypes.decompress_corrupted = _refuse_corrupted
    read = _Read()
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
            drawn = pypdfium2.PdfDocument(data)
            if len(drawn) != len(pdf.pages):
                return {"refused": f"is damaged: of {len(pdf.pages)} pages {len(drawn):,} can be shown"}
            for page in pdf.pages:
                others = pdftypes.dict_value(page.page_obj.resources.get("XObject", {}))
                shown = [*page.page_obj.contents, *others.values()]
                if not all(_is_whole(part, pdf.doc, data) for part in shown):
                    return {"refused": f"is damaged: what page {page.page_number} shows can't be read"}
                _ = (
                    page.chars
                )  # read before it is drawn: pdfminer says what is wrong, where pdfium breaks off
                picture = _picture(drawn, page)
                if picture is None:
                    return {
                        "refused": f"has a page larger than paper, page {page.page_number}: it is no printed report"
                    }
                read.add(page, picture)
                page.close()
            drawn.close()
    except PdfminerException as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, MemoryError | RecursionError):
            raise cause from None
        if isinstance(cause, PDFPasswordIncorrect):
            return {"refused": "needs a password: save it without one"}
        return {"refused": "isn't a PDF that can be read: it is damaged"}
    except pypdfium2.PdfiumError:
        return {"refused": "isn't a PDF that can be shown: it is damaged"}
    if sum(len(line.text) for page in read.pages for line in page) > MOST_CHARACTERS:
        return {"refused": f"holds more than {MOST_CHARACTERS:,} characters: it is no printed report"}
    return read.answer()


class _Read:
    """What has been read of a PDF's pages."""

    def __init__(self) -> None:
        self.pages: list[list[PageLine]] = []
        self.doubts: list[list[tuple[float, str]]] = []
        self.unseen: list[tuple[int, str, str]] = []

    def add(self, page: Any, picture: Picture) -> None:
        boxes = [(one["x0"], one["top"], one["x1"], one["bottom"]) for one in page.images]
        pictures = np.array(boxes, dtype=float).reshape(-1, 4)
        result = glyphs.cleared(page.chars, picture, pictures, _corner(page))
        kept = set(map(id, result.letters))
        seen = page.filter(lambda one: one["object_type"] != "char" or id(one) in kept)
        self.pages.append(lines(seen, result.printed))
        self.doubts.append(result.doubts)
        self.unseen += [(len(self.pages) - 1, text, why) for text, why in result.unseen]

    def answer(self) -> dict[str, Any]:
        pages = spaced(self.pages)
        doubts = {
            (at, index, line.printed, why)
            for at, (page, doubts) in enumerate(zip(pages, self.doubts, strict=True))
            for middle, why in doubts
            for index, line in enumerate(page)
            if line.top <= middle <= line.bottom and glyphs.UNCLEAR in line.text
        }
        return {
            "pages": [[line.text for line in page] for page in pages],
            "doubts": sorted(doubts),
            "unseen": self.unseen,
            "columns": [at for at, page in enumerate(pages) if any(line.begins_column for line in page)],
        }


def _picture(drawn: Any, page: Any) -> Picture | None:
    shown = drawn[page.page_number - 1]
    try:
        return draw(shown)
    finally:
        shown.close()


def _corner(page: Any) -> tuple[float, float]:
    """Where what is shown of a page begins: left and top, as pdfplumber counts them."""
    from pdfminer.pdftypes import resolve_all

    whole = [float(side) for side in resolve_all(page.page_obj.attrs["MediaBox"])]
    crop = [float(side) for side in resolve_all(page.page_obj.attrs.get("CropBox")) or whole]
    left, bottom, right, top = (
        max(min(crop[0], crop[2]) - min(whole[0], whole[2]), 0.0),
        max(min(crop[1], crop[3]) - min(whole[1], whole[3]), 0.0),
        max(max(whole[0], whole[2]) - max(crop[0], crop[2]), 0.0),
        max(max(whole[1], whole[3]) - max(crop[1], crop[3]), 0.0),
    )
    turned = {0: (left, top), 90: (bottom, left), 180: (right, bottom), 270: (top, right)}
    x, y = turned.get(page.rotation, (left, top))
    return page.mediabox[0] + x, page.mediabox[1] + y


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
