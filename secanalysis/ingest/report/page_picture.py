"""What a PDF's page shows: which of its letters a reader sees, and which are drawn through.

The page is drawn three times: as it is, without its text, and its text alone in black. A letter is seen where the
first two differ in most of the third's ink. Text of a layer over a scanned picture leaves no ink of its own; it is
seen where the picture has some.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_SCALE = 1.5  # pixels a point
_MOST_PIXELS = 12_000_000
_FORMS_WITHIN_FORMS = 8
_CONTRAST = 32  # of 255: fainter is as good as white on white
_INK = 160  # darker is ink, where text is drawn in black
_SEEN = 0.5  # of a letter's ink
_LIGHT, _DARK, _ON_LIGHT, _ON_DARK = 210, 60, 170, 85  # a background, and what stands out from it
_CROSSED = 0.06  # of a letter's middle

Grey = npt.NDArray[np.int16]
Boxes = npt.NDArray[np.float64]
"""Left, top, right and bottom of each letter, in points from the page's left upper corner."""


@dataclass(frozen=True)
class Picture:
    """A page drawn as it is, without its text, and its text alone."""

    shown: Grey
    without_text: Grey
    text_alone: Grey
    scale: float

    def seen(self, boxes: Boxes, pictures: Boxes) -> npt.NDArray[np.bool_]:
        """Which letters a reader sees.

        Parameters
        ----------
        boxes
            The letters'.
        pictures
            Those of the page's pictures.
        """
        ink = self.text_alone < _INK
        shown = ink & (np.abs(self.shown - self.without_text) > _CONTRAST)
        own = _Sums(ink).of(*self._pixels(boxes))
        seen = _Sums(shown).of(*self._pixels(boxes)) >= np.maximum(_SEEN * own, 1)
        layer = (own == 0) & _within(boxes, pictures)
        if layer.any():
            around = boxes[layer] + (boxes[layer, 2] - boxes[layer, 0])[:, None] * [-1.0, 0.0, 1.0, 0.0]
            seen[layer] = self._has_contrast(around)
        return seen

    def crossed(self, boxes: Boxes, pictures: Boxes) -> npt.NDArray[np.bool_]:
        """Which letters something is drawn through or over, such as a line.

        ``boxes`` hold the middles of letters: what is above and below them is an underline or a table's rule.
        """
        height, width = self.without_text.shape
        left, top, right, bottom = self._pixels(boxes)
        edges = [
            self.without_text[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
            for y in (2 * top - bottom, 2 * bottom - top)
            for x in (left, (left + right) // 2, right)
        ]
        background = np.median(edges, axis=0)
        area = np.maximum((right - left) * (bottom - top), 1)
        dark = _Sums(self.without_text < _ON_LIGHT).of(left, top, right, bottom) / area
        light = _Sums(self.without_text > _ON_DARK).of(left, top, right, bottom) / area
        crossed: npt.NDArray[np.bool_] = ((background > _LIGHT) & (dark > _CROSSED)) | (
            (background < _DARK) & (light > _CROSSED)
        )
        return crossed & ~_within(boxes, pictures)

    def _has_contrast(self, boxes: Boxes) -> npt.NDArray[np.bool_]:
        """Whether there is both light and dark behind each letter and its neighbours."""
        has = np.zeros(len(boxes), dtype=bool)
        for at, (left, top, right, bottom) in enumerate(np.stack(self._pixels(boxes), axis=1)):
            surroundings = self.without_text[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
            has[at] = surroundings.size > 0 and int(surroundings.max()) - int(surroundings.min()) > _CONTRAST
        return has

    def _pixels(self, boxes: Boxes) -> tuple[npt.NDArray[np.intp], ...]:
        scaled = boxes * self.scale
        first, last = np.floor(scaled[:, :2]), np.ceil(scaled[:, 2:])
        return tuple(np.concatenate([first, last], axis=1).astype(np.intp).T)


class _Sums:
    """How many points of a drawing are so, within any box."""

    def __init__(self, drawing: npt.NDArray[np.bool_]) -> None:
        height, width = drawing.shape
        self._sums = np.zeros((height + 1, width + 1), dtype=np.int32)
        np.cumsum(drawing, axis=0, dtype=np.int32, out=self._sums[1:, 1:])
        np.cumsum(self._sums[1:, 1:], axis=1, out=self._sums[1:, 1:])

    def of(
        self,
        left: npt.NDArray[np.intp],
        top: npt.NDArray[np.intp],
        right: npt.NDArray[np.intp],
        bottom: npt.NDArray[np.intp],
    ) -> npt.NDArray[np.int32]:
        height, width = self._sums.shape
        left, right = np.clip(left, 0, width - 1), np.clip(right, 0, width - 1)
        top, bottom = np.clip(top, 0, height - 1), np.clip(bottom, 0, height - 1)
        sums = self._sums
        result: npt.NDArray[np.int32] = (
            sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        )
        return result


def _within(boxes: Boxes, pictures: Boxes) -> npt.NDArray[np.bool_]:
    """Which letters' middles lie within a picture."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    within = np.zeros(len(boxes), dtype=bool)
    for left, top, right, bottom in pictures:
        within |= (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
    return within


def draw(page: Any) -> Picture | None:
    """Draw a page of pypdfium2; None where it is too large for paper."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    if not 0 < width * height * _SCALE**2 <= _MOST_PIXELS:
        return None
    objects = list(_objects(page.raw, pdfium))
    text = [one for one, kind in objects if kind == pdfium.FPDF_PAGEOBJ_TEXT]
    others = [
        one for one, kind in objects if kind not in (pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_FORM)
    ]
    shown = _grey(page, notes=True)
    _set_active(text, False, pdfium)
    without_text = _grey(page, notes=True)
    _set_active(text, True, pdfium)
    _set_active(others, False, pdfium)
    for one in text:
        pdfium.FPDFPageObj_SetFillColor(one, 0, 0, 0, 255)
        pdfium.FPDFPageObj_SetStrokeColor(one, 0, 0, 0, 255)
    return Picture(shown, without_text, _grey(page, notes=False), _SCALE)


def _objects(page: Any, pdfium: Any) -> Iterator[tuple[Any, int]]:
    """All that a page draws with its kind, also what it draws as parts of forms."""

    def within(form: Any, level: int) -> Iterator[tuple[Any, int]]:
        for index in range(pdfium.FPDFFormObj_CountObjects(form)):
            one = pdfium.FPDFFormObj_GetObject(form, index)
            yield from with_parts(one, level)

    def with_parts(one: Any, level: int) -> Iterator[tuple[Any, int]]:
        kind = pdfium.FPDFPageObj_GetType(one)
        yield one, kind
        if kind == pdfium.FPDF_PAGEOBJ_FORM and level < _FORMS_WITHIN_FORMS:
            yield from within(one, level + 1)

    for index in range(pdfium.FPDFPage_CountObjects(page)):
        yield from with_parts(pdfium.FPDFPage_GetObject(page, index), 0)


def _set_active(objects: Sequence[Any], active: bool, pdfium: Any) -> None:
    for one in objects:
        pdfium.FPDFPageObj_SetIsActive(one, ctypes.c_int(active))


def _grey(page: Any, *, notes: bool) -> Grey:
    bitmap = page.render(scale=_SCALE, grayscale=True, draw_annots=notes, may_draw_forms=False)
    drawing = bitmap.to_numpy().astype(np.int16)
    bitmap.close()
    return drawing.reshape(drawing.shape[0], drawing.shape[1])
