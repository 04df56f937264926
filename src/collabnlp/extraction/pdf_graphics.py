"""Rules, frames and coloured fields that a page draws behind or between its text."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

from collabnlp.extraction.pdf_text import OpenPage

_THIN = 3.0  # points: a path thinner than this is a rule
_MOST = 2500  # paths looked at on one page; maps and charts have tens of thousands
_WHITE = 250


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn path's bounds, in points from the top left.

    filled   painted in a colour other than white; ``framed``: its outline is drawn
    """

    x0: float
    top: float
    x1: float
    bottom: float
    filled: bool
    framed: bool

    @property
    def horizontal(self) -> bool:
        """A horizontal rule."""
        return self.bottom - self.top <= _THIN < self.x1 - self.x0

    @property
    def vertical(self) -> bool:
        """A vertical rule."""
        return self.x1 - self.x0 <= _THIN < self.bottom - self.top

    @property
    def field(self) -> bool:
        """Neither rule nor dot: something that can hold text."""
        return self.x1 - self.x0 > 40 and self.bottom - self.top > 12

    def holds(self, x0: float, top: float, x1: float, bottom: float) -> bool:
        """Whether the middle of a place lies within, and its width does not reach far beyond."""
        middle = (top + bottom) / 2
        return self.top - 1 <= middle <= self.bottom + 1 and x0 >= self.x0 - 3 and x1 <= self.x1 + 3


def shapes_of(page: OpenPage) -> list[Shape]:
    """The page's paths, in drawing order, at most 2,500; shapes inside forms are left out."""
    import pypdfium2.raw as pdfium

    count = min(pdfium.FPDFPage_CountObjects(page.handle), 20_000)
    path = pdfium.FPDF_PAGEOBJ_PATH
    get, kind = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    reader = _ShapeReader(pdfium, page)
    shapes: list[Shape] = []
    for index in range(count):
        item = get(page.handle, index)
        if kind(item) == path:
            shape = reader.read(item)
            if shape is not None:
                shapes.append(shape)
                if len(shapes) >= _MOST:
                    break
    return shapes


class _ShapeReader:
    def __init__(self, pdfium: Any, page: OpenPage) -> None:
        self._api = pdfium
        self._sides = [ctypes.c_float() for _ in range(4)]
        self._mode, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._colour = [ctypes.c_uint() for _ in range(4)]
        rect = pdfium.FS_RECTF()
        if pdfium.FPDF_GetPageBoundingBox(page.handle, rect):
            self._left, self._high = rect.left, rect.top
        else:
            self._left, self._high = 0.0, page.height
        self._upright = pdfium.FPDFPage_GetRotation(page.handle) == 0

    def read(self, item: Any) -> Shape | None:
        """One path; None where it is not shown or the page is turned."""
        api, sides = self._api, self._sides
        if not self._upright or not api.FPDFPageObj_GetBounds(item, *sides):
            return None
        left, low, right, high = (side.value for side in sides)
        api.FPDFPath_GetDrawMode(item, self._mode, self._stroke)
        filled, framed = bool(self._mode.value), bool(self._stroke.value)
        if filled and api.FPDFPageObj_GetFillColor(item, *self._colour):
            red, green, blue, alpha = (part.value for part in self._colour)
            filled = alpha > 0 and min(red, green, blue) < _WHITE
        if not filled and not framed:
            return None
        return Shape(
            left - self._left, self._high - high, right - self._left, self._high - low,
            filled, framed,
        )  # fmt: skip
