"""PDF pages as PDFium gives them: text in content order, cut into lines and runs with places.

The one home of PDFium besides `pdf_tags`. Open a file, then one page after the other::

    with PdfFile(data, name="paper.pdf") as pdf:
        for number in range(1, pdf.page_count + 1):
            with pdf.page(number) as page:
                for line in page.lines:
                    line.text, line.x0, line.top, line.size, line.runs

Everything in ``page.lines`` is plain data that outlives the page; `OpenPage.characters` works only
while the page is open (open it again when it is needed later: about a millisecond).

Places are points from the top left of the page as it is shown (crop box and rotation applied).
Indexes (``start``, ``end``) are half-open and count PDFium's characters of the page:
``page.text[line.start:line.end] == line.text``.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Any

from collabnlp.errors import DamagedFile, EmptyFile, EncryptedPdf
from collabnlp.extraction.pdf_calls import address_of
from collabnlp.extraction.pdf_lines import LineReader, Run, Sides, TextLine

__all__ = [
    "HYPHEN",
    "UNDECODED",
    "Characters",
    "OpenPage",
    "PageText",
    "PdfFile",
    "Run",
    "TextLine",
    "undecoded",
    "visible",
]

HYPHEN = "\ufffe"  # a soft hyphen, or a hyphen at a printed line's end: PDFium's mark for both
UNDECODED = "\ufffd"  # a glyph for which the PDF gives no character

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_SECURITY_ERROR = 5  # FPDF_ERR_SECURITY


@dataclass(slots=True)
class Characters:
    """All characters of a page, one entry each, index as in ``page.text``.

    generated  PDFium added it (blank, line break): it is not in the PDF
    """

    text: str
    x0: list[float]
    top: list[float]
    x1: list[float]
    bottom: list[float]
    size: list[float]
    generated: list[bool]


@dataclass(slots=True)
class PageText:
    """One page's text, plain data. ``visible`` counts its characters that are not blank.

    undecoded  how many glyphs have no character (U+FFFD, private use, none at all)
    """

    number: int
    label: str | None
    width: float
    height: float
    text: str
    lines: list[TextLine]
    visible: int
    undecoded: int


_UNDECODABLE = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]")
_CID = re.compile(r"\(cid:\d+\)")  # what some tools print for a glyph without meaning
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x1f]")


def visible(text: str) -> int:
    """How many characters of a text show on paper: all but blanks and controls."""
    if text.isascii():
        if text.isprintable():
            return len(text) - text.count(" ")
        return len("".join(text.split()))
    text = "".join(text.split())
    # Most signs beyond ASCII are quotes and dashes: one that shows is printable.
    return len(text) if text.isprintable() else len(text) - len(_INVISIBLE.findall(text))


def undecoded(text: str) -> int:
    """How many characters of a text stand for glyphs that the PDF gives no meaning.

    Private-use code points are bullets in old symbol fonts: one at the start of a text or a line
    does not count.
    """
    count = len(_CID.findall(text)) if "(cid:" in text else 0
    if not text.isascii():
        for match in _UNDECODABLE.finditer(text):
            at = match.start()
            count += at > 0 and text[at - 1] not in "\r\n"
    return count


class PdfFile:
    """An open PDF. Pages are 1-based.

    Raises EmptyFile, EncryptedPdf (needs a password), DamagedFile (PDFium finds no document).
    """

    def __init__(self, data: bytes, *, name: str = "the file") -> None:
        import pypdfium2.raw as pdfium

        if not data:
            raise EmptyFile(f"{name} is empty.")
        self.name = name
        self._api = pdfium
        self._data = data  # PDFium reads from it as long as the document is open
        self.handle = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        if not self.handle:
            error = pdfium.FPDF_GetLastError()
            if error in (_PASSWORD_ERROR, _SECURITY_ERROR):
                raise EncryptedPdf(f"{name} needs a password.")
            raise DamagedFile(f"{name} is not a PDF that can be opened.")
        self.page_count: int = pdfium.FPDF_GetPageCount(self.handle)
        if self.page_count < 1:
            self.close()
            raise DamagedFile(f"{name} has no pages.")
        self._text_buffer = (ctypes.c_ushort * 8192)()

    def close(self) -> None:
        """Give everything back to PDFium. Harmless when repeated."""
        handle, self.handle = self.handle, None
        if handle:
            self._api.FPDF_CloseDocument(handle)

    def __enter__(self) -> PdfFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def tagged(self) -> bool:
        """The catalogue says that the file is a tagged PDF."""
        return bool(self._api.FPDFCatalog_IsTagged(self.handle))

    def metadata(self) -> dict[str, str]:
        """The document information that is there: Title, Author, Subject, CreationDate, …"""
        keys = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate")
        found = {key: self._string(self._api.FPDF_GetMetaText, key.encode()) for key in keys}
        return {key: value for key, value in found.items() if value}

    def page_label(self, number: int) -> str | None:
        """The page's label, None where the file gives none."""
        return self._string(self._api.FPDF_GetPageLabel, number - 1) or None

    def _string(self, function: Any, argument: Any) -> str:
        size = function(self.handle, argument, None, 0)
        if size <= 2:
            return ""
        buffer = ctypes.create_string_buffer(size)
        function(self.handle, argument, buffer, size)
        return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\0", "").strip()

    @contextmanager
    def page(self, number: int, *, objects: bool = False) -> Iterator[OpenPage]:
        """Open a page for reading. ``objects`` gives every text object a run (and size) of its own.

        Raises DamagedFile where PDFium cannot load the page.
        """
        handle = self._api.FPDF_LoadPage(self.handle, number - 1)
        if not handle:
            raise DamagedFile(f"Page {number} of {self.name} cannot be opened.")
        try:
            text_handle = self._api.FPDFText_LoadPage(handle)
            if not text_handle:
                raise DamagedFile(f"Page {number} of {self.name} has text that cannot be read.")
            try:
                yield OpenPage(self, number, handle, text_handle, objects=objects)
            finally:
                self._api.FPDFText_ClosePage(text_handle)
        finally:
            self._api.FPDF_ClosePage(handle)

    def read(self, number: int, *, objects: bool = False) -> PageText:
        """One page's lines as plain data."""
        with self.page(number, objects=objects) as page:
            return page.data()


class OpenPage:
    """A page while PDFium holds it; ``handle`` is its FPDF_PAGE, for `pdf_tags`.

    ``frame`` is the shown part's left, low, right, high in PDF space; ``rotation`` counts quarter
    turns.
    """

    def __init__(
        self, pdf: PdfFile, number: int, handle: Any, text_handle: Any, *, objects: bool
    ) -> None:
        self.number = number
        self.handle = handle
        self._pdf = pdf
        self._api = pdf._api
        self._text = text_handle
        self.width: float = self._api.FPDF_GetPageWidthF(handle)
        self.height: float = self._api.FPDF_GetPageHeightF(handle)
        self.rotation: int = self._api.FPDFPage_GetRotation(handle)
        self.frame = self._page_frame()
        self.text = self._read_text()
        self._reader = LineReader(
            self.text, address_of(text_handle) or 0, self.frame, self.rotation
        )
        self.lines = self._reader.lines(objects=objects)

    def data(self) -> PageText:
        """The page as plain data that outlives it."""
        text = self.text
        shown = "".join(text.split())
        # Whatever is invisible or undecoded is not printable, but for U+FFFD.
        plain = shown.replace(HYPHEN, "").isprintable() and UNDECODED not in shown
        return PageText(
            number=self.number,
            label=self._pdf.page_label(self.number),
            width=self.width,
            height=self.height,
            text=text,
            lines=self.lines,
            visible=len(shown) if plain else visible(text),
            undecoded=0 if plain and "(cid:" not in text else undecoded(text),
        )

    def size_at(self, index: int) -> float:
        """Font size in points of a character, matrix applied."""
        return self._reader.size_at(index)

    def shows_pictures(self) -> bool:
        """The page shows a picture, a drawing or a form: it is not blank paper."""
        text_object = self._api.FPDF_PAGEOBJ_TEXT
        count = self._api.FPDFPage_CountObjects(self.handle)
        return any(
            self._api.FPDFPageObj_GetType(self._api.FPDFPage_GetObject(self.handle, index))
            != text_object
            for index in range(count)
        )

    def looks_printed(self) -> bool:
        """Whether a picture of the page looks like lines of print: for pages without text.

        Print is ink in many thin rows on mostly white paper; photographs and logos are not.
        """
        api = self._api
        scale = 400.0 / max(self.width, self.height, 1.0)
        width, height = max(8, int(self.width * scale)), max(8, int(self.height * scale))
        bitmap = api.FPDFBitmap_CreateEx(width, height, api.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            return False
        try:
            api.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            api.FPDF_RenderPageBitmap(
                bitmap, self.handle, 0, 0, width, height, 0, api.FPDF_GRAYSCALE
            )
            stride = api.FPDFBitmap_GetStride(bitmap)
            pixels = ctypes.string_at(api.FPDFBitmap_GetBuffer(bitmap), stride * height)
        finally:
            api.FPDFBitmap_Destroy(bitmap)
        rows = [pixels[at : at + width] for at in range(0, stride * height, stride)]
        dark = [sum(pixel < 170 for pixel in row) > 0.03 * width for row in rows]
        white = sum(sum(pixel > 215 for pixel in row) for row in rows)
        changes = sum(one != other for one, other in pairwise(dark))
        return white > 0.6 * width * height and changes >= 16

    def characters(self) -> Characters:
        """Every character with its place and size: slow (some milliseconds), exact."""
        count = len(self.text)
        sides = [self._reader.box_of(index) for index in range(count)]
        return Characters(
            text=self.text,
            x0=[box[0] for box in sides],
            top=[box[1] for box in sides],
            x1=[box[2] for box in sides],
            bottom=[box[3] for box in sides],
            size=[self.size_at(index) for index in range(count)],
            generated=[
                self._api.FPDFText_IsGenerated(self._text, index) == 1 for index in range(count)
            ],
        )

    def _page_frame(self) -> Sides:
        rect = self._api.FS_RECTF()
        if self._api.FPDF_GetPageBoundingBox(self.handle, rect):
            return rect.left, rect.bottom, rect.right, rect.top
        return 0.0, 0.0, self.width, self.height

    def _read_text(self) -> str:
        pdf, api = self._pdf, self._api
        count = api.FPDFText_CountChars(self._text)
        if count <= 0:
            return ""
        if count >= len(pdf._text_buffer):
            pdf._text_buffer = (ctypes.c_ushort * (count * 2))()
        buffer = pdf._text_buffer
        got = api.FPDFText_GetText(self._text, 0, count, buffer)
        text = ctypes.string_at(buffer, max(0, got - 1) * 2).decode("utf-16-le", "replace")
        if len(text) == count:
            return text
        # PDFium leaves out glyphs without a character, which would shift every index after them.
        codes = (api.FPDFText_GetUnicode(self._text, index) for index in range(count))
        return "".join(
            chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else UNDECODED
            for code in codes
        )
