"""The structure tree of a tagged PDF's page: what each stretch of marked content is.

PDFium builds the tree page by page from the marks on the page. An element that goes on over pages
therefore shows up on each with the ids of its marks on that page only; `Element.begun` and
`Element.open_ids` tell that there is more before or after.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

from collabnlp.extraction.pdf_calls import address_of, calls, pointer
from collabnlp.extraction.pdf_text import OpenPage

_DEEPEST = 60  # levels of nesting that are followed; hostile files nest without end
_MANY, _BACK = 24, 3  # children that make an element long; how far a hurried reader goes back
_LONGEST_TYPE = 128  # bytes
_MOST = 20_000  # elements a page may have


@dataclass(slots=True, eq=False)
class Element:
    """One structure element as far as it stands on one page.

    type      structure type after the role map: "P", "H2", "LI", "TD", …
    kids      marked-content ids (int) on this page and child elements, in the tree's order
    begun     some of its children stand on an earlier page
    open_ids  ids of its own marked content that the page's tree does not claim: on other pages
    ids       all ids of its own marked content, whatever the page: tells it again on the next page
    """

    type: str
    kids: list[int | Element] = field(default_factory=list)
    begun: bool = False
    open_ids: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    columns: int = 1
    rows: int = 1

    def walk(self) -> Iterator[Element]:
        """This element and everything below it."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [kid for kid in reversed(element.kids) if isinstance(kid, Element)]


class TreeReader:
    """Reads the structure tree of one page after the other (keeps buffers between them)."""

    def __init__(self) -> None:
        import pypdfium2.raw as pdfium

        self._api = pdfium
        self._calls = calls()
        self._buffer = (ctypes.c_char * _LONGEST_TYPE)()
        self._types: dict[bytes, str] = {}
        self.claimed: set[int] = set()  # every marked-content id in the tree read last
        self.awaited: set[int] = set()  # all of its elements' ``open_ids``
        self._left = 0
        self._hurried = False
        self._ends: dict[tuple[int, str, int], int] = {}  # where a long element's page ended
        self._float = ctypes.c_float()

    def read(self, page: OpenPage, *, hurried: bool = False) -> list[Element]:
        """The page's top elements; empty where the page is not tagged.

        ``hurried`` looks at an element of hundreds of children only from where the page before
        ended, until a long stretch belongs to other pages: it may miss some.
        """
        self._hurried = hurried
        self.claimed, self.awaited = set(), set()
        api = self._api
        tree = api.FPDF_StructTree_GetForPage(page.handle)
        if not tree:
            return []
        self._left = _MOST
        try:
            count = api.FPDF_StructTree_CountChildren(tree)
            found = (api.FPDF_StructTree_GetChildAtIndex(tree, index) for index in range(count))
            tops = [address for child in found if (address := address_of(child))]
            return [self._element(pointer(address), 0) for address in tops]
        finally:
            api.FPDF_StructTree_Close(tree)

    def _element(self, handle: ctypes.c_void_p, depth: int) -> Element:
        call = self._calls
        self._left -= 1
        element = Element(self._type(handle))
        count = call.tree_count(handle)
        kids = element.kids
        strangers = False  # children that are neither elements nor marks of this page
        claim = self.claimed.add
        get_id, get_child = call.tree_child_mark, call.tree_child
        key = (depth, element.type, count)
        first = self._ends.get(key, 0) if self._hurried and count > _MANY else 0
        absent = 0
        if first:
            first, strangers, element.begun = max(0, first - _BACK), True, True
        for index in range(first, count):
            mcid = get_id(handle, index)
            if mcid >= 0:
                kids.append(mcid)
                claim(mcid)
                continue
            child = get_child(handle, index)
            if not child:
                strangers = True
                absent += 1
                if not kids:
                    element.begun = True
                elif self._hurried and absent > _MANY:
                    break
                continue
            absent = 0
            if count > _MANY:
                self._ends[key] = index
            if depth < _DEEPEST and self._left > 0:
                kids.append(self._element(child, depth + 1))
        if element.type in ("TD", "TH"):
            self._spans(handle, element)
        if strangers and count < 400:
            ids = tuple(call.tree_mark(handle, index) for index in range(count))
            element.ids = tuple(mcid for mcid in ids if mcid >= 0)
            here = {kid for kid in kids if isinstance(kid, int)}
            element.open_ids = tuple(mcid for mcid in element.ids if mcid not in here)
            self.awaited.update(element.open_ids)
        return element

    def _type(self, handle: ctypes.c_void_p) -> str:
        size = self._calls.tree_type(handle, self._buffer, _LONGEST_TYPE)
        if size > _LONGEST_TYPE or size < 2:
            return ""
        raw: bytes = ctypes.string_at(self._buffer, size - 2)
        found = self._types.get(raw)
        if found is None:
            found = self._types[raw] = raw.decode("utf-16-le", "replace")
        return found

    def _spans(self, handle: ctypes.c_void_p, element: Element) -> None:
        api = self._api
        pointer = ctypes.cast(handle, api.FPDF_STRUCTELEMENT)
        for index in range(api.FPDF_StructElement_GetAttributeCount(pointer)):
            attributes = api.FPDF_StructElement_GetAttributeAtIndex(pointer, index)
            for name, field_name in ((b"ColSpan", "columns"), (b"RowSpan", "rows")):
                value = api.FPDF_StructElement_Attr_GetValue(attributes, name)
                if value and api.FPDF_StructElement_Attr_GetNumberValue(value, self._float):
                    setattr(element, field_name, max(1, min(100, int(self._float.value))))
