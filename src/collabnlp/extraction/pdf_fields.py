"""Coloured or framed parts of a page, in which boxed text may stand.

`pdf_graphics` reads every path for the layout of a page; this looks for large ones only, because
it is done for every page of every tagged file.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from collabnlp.extraction.pdf_calls import address_of, calls, pointer
from collabnlp.extraction.pdf_text import OpenPage
from collabnlp.schema import Box

_PATH = 2  # FPDF_PAGEOBJ_PATH
_MOST_OBJECTS, _MOST_PATHS = 20_000, 3_000  # looked at on one page: maps have tens of thousands
_NARROWEST, _LOWEST, _LOWEST_STRIP = 0.3, 50.0, 8.0  # share of the page's width, points, points
_BACKGROUND = 0.8  # a field with a larger share of the page is its background
_WHITE = 250


@dataclass(slots=True, frozen=True)
class Field:
    """A coloured or framed part of a page: points from the top left."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def area(self) -> float:
        return (self.x1 - self.x0) * (self.bottom - self.top)

    def holds(self, box: Box) -> bool:
        """Whether a line stands in it."""
        middle = (box.top + box.bottom) / 2
        inside = self.x0 - 3 <= box.x0 and box.x1 <= self.x1 + 3
        return inside and self.top - 1 <= middle <= self.bottom + 1


def fields_of(page: OpenPage) -> list[Field]:
    """The fields of a page, from top to bottom; none of a page that is turned.

    A field that is painted in strips, one for each paragraph, is one.
    """
    if page.rotation:
        return []
    call, handle = calls(), pointer(address_of(page.handle) or 0)
    left, _, _, high = page.frame
    sides, mode, colour = (ctypes.c_float * 4)(), (ctypes.c_int * 2)(), (ctypes.c_uint * 4)()
    at_sides = [ctypes.addressof(sides) + 4 * index for index in range(4)]
    at_mode = [ctypes.addressof(mode) + 4 * index for index in range(2)]
    at_colour = [ctypes.addressof(colour) + 4 * index for index in range(4)]
    strips: list[tuple[int, int, float, float]] = []
    paths = 0
    object_at, object_kind = call.object_at, call.object_kind
    for index in range(min(call.object_count(handle), _MOST_OBJECTS)):
        item = object_at(handle, index)
        if object_kind(item) != _PATH:
            continue
        paths += 1
        if paths > _MOST_PATHS:
            break
        if not call.bounds(item, *at_sides):
            continue
        x0, low, x1, top = sides
        if x1 - x0 < _NARROWEST * page.width or top - low < _LOWEST_STRIP:
            continue
        call.draw_mode(item, *at_mode)
        filled, framed = mode[0] != 0, mode[1] != 0
        if filled and call.fill_colour(item, *at_colour):
            red, green, blue, alpha = colour
            filled = alpha > 0 and min(red, green, blue) < _WHITE
        if filled or framed:
            strips.append((round(x0 - left), round(x1 - left), high - top, high - low))
    return _joined(sorted(strips), page.width * page.height)


def _joined(strips: list[tuple[int, int, float, float]], area: float) -> list[Field]:
    fields: list[Field] = []
    for x0, x1, top, bottom in strips:
        last = fields[-1] if fields else None
        if last is not None and (last.x0, last.x1) == (x0, x1) and top < last.bottom + 3:
            fields[-1] = Field(x0, last.top, x1, max(bottom, last.bottom))
        else:
            fields.append(Field(x0, top, x1, bottom))
    fields.sort(key=lambda it: (it.top, it.x0))
    return [it for it in fields if it.bottom - it.top > _LOWEST and it.area < _BACKGROUND * area]
