"""PDFium's calls that are made for every line, bound so that they cost least.

Handles are plain addresses here (`address_of`), which costs a third of pypdfium2's typed pointers.
The calls made for every character go without declared arguments, which saves half of the rest:
they take ctypes objects (`pointer`, an array) and whole numbers, and check nothing.
None of these may be called after its page is closed.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

_POINTER, _INT = ctypes.c_void_p, ctypes.c_int


class _Pointer(ctypes.c_void_p):
    """An address that a call gives back as an object: ctypes turns only subclasses into no int."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Bound functions, named after what they answer. Addresses are int, None for none."""

    # Without declared arguments: the text page is a `pointer`, the floats are arrays.
    text_object: Any  # (text page, index) -> page object
    loose_box: Any  # (text page, index, 4 floats) -> left, top, right, bottom; false for none
    font_size: Any  # (text page, index) -> size without the matrix
    matrix: Any  # (text page, index, 6 floats) -> a, b, c, d, e, f; false for none
    # With addresses.
    marked_content: Any  # (page object) -> marked-content id, -1 for none
    font: Any  # (page object) -> font
    font_name: Any  # (font, buffer, size) -> size of the name with its 0
    font_flags: Any  # (font) -> flags
    font_weight: Any  # (font) -> weight, -1 for unknown
    object_count: Any  # (page) -> how many page objects
    # Without declared arguments: the page is a `pointer`, so is what `object_at` gives.
    object_at: Any  # (page, index) -> page object
    object_kind: Any  # (page object) -> FPDF_PAGEOBJ_…
    # With addresses; `bounds`, `draw_mode` and `fill_colour` take `pointer`s as well.
    bounds: Any  # (page object, 4 addresses of floats) -> left, low, right, high
    draw_mode: Any  # (path, address of fill mode, address of stroke) -> false for none
    fill_colour: Any  # (page object, 4 addresses of unsigned) -> red, green, blue, alpha
    mark_count: Any  # (page object) -> how many content marks
    mark: Any  # (page object, index) -> mark
    mark_name: Any  # (mark, buffer, size, size needed) -> UTF-16 name; false for none
    # Without declared arguments: a structure element is a `pointer`, as `tree_child` gives it.
    tree_type: Any  # (structure element, array, size) -> size of the type in UTF-16 with its 0
    tree_count: Any  # (structure element) -> how many children
    tree_child: Any  # (structure element, index) -> child element, false for none
    tree_child_mark: Any  # (structure element, index) -> marked-content id of a child, -1
    tree_mark: Any  # (structure element, index) -> the same, whatever the page


@cache
def calls() -> Calls:
    """The bound functions."""
    import pypdfium2.raw as pdfium

    def bind(function: Any, result: Any, *arguments: Any) -> Any:
        address = ctypes.cast(function, _POINTER).value or 0
        return ctypes.PYFUNCTYPE(result, *arguments)(address)

    return Calls(
        text_object=bind(pdfium.FPDFText_GetTextObject, _POINTER),
        marked_content=bind(pdfium.FPDFPageObj_GetMarkedContentID, _INT, _POINTER),
        loose_box=bind(pdfium.FPDFText_GetLooseCharBox, _INT),
        font_size=bind(pdfium.FPDFText_GetFontSize, ctypes.c_double),
        matrix=bind(pdfium.FPDFText_GetMatrix, _INT),
        font=bind(pdfium.FPDFTextObj_GetFont, _POINTER, _POINTER),
        font_name=bind(
            pdfium.FPDFFont_GetBaseFontName, ctypes.c_size_t, _POINTER, _POINTER, ctypes.c_size_t
        ),
        font_flags=bind(pdfium.FPDFFont_GetFlags, _INT, _POINTER),
        font_weight=bind(pdfium.FPDFFont_GetWeight, _INT, _POINTER),
        object_count=bind(pdfium.FPDFPage_CountObjects, _INT, _POINTER),
        object_at=bind(pdfium.FPDFPage_GetObject, _Pointer),
        object_kind=bind(pdfium.FPDFPageObj_GetType, _INT),
        bounds=bind(pdfium.FPDFPageObj_GetBounds, _INT, *[_POINTER] * 5),
        draw_mode=bind(pdfium.FPDFPath_GetDrawMode, _INT, *[_POINTER] * 3),
        fill_colour=bind(pdfium.FPDFPageObj_GetFillColor, _INT, *[_POINTER] * 5),
        mark_count=bind(pdfium.FPDFPageObj_CountMarks, _INT, _POINTER),
        mark=bind(pdfium.FPDFPageObj_GetMark, _POINTER, _POINTER, ctypes.c_ulong),
        mark_name=bind(
            pdfium.FPDFPageObjMark_GetName, _INT, _POINTER, _POINTER, ctypes.c_ulong, _POINTER
        ),
        tree_type=bind(pdfium.FPDF_StructElement_GetType, ctypes.c_ulong),
        tree_count=bind(pdfium.FPDF_StructElement_CountChildren, _INT),
        tree_child=bind(pdfium.FPDF_StructElement_GetChildAtIndex, _Pointer),
        tree_child_mark=bind(pdfium.FPDF_StructElement_GetChildMarkedContentID, _INT),
        tree_mark=bind(pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex, _INT),
    )


def address_of(handle: Any) -> int | None:
    """The address that a handle of pypdfium2 holds."""
    return ctypes.cast(handle, _POINTER).value if handle else None


def pointer(address: int) -> ctypes.c_void_p:
    """An address as the calls without declared arguments need it."""
    return _POINTER(address)
