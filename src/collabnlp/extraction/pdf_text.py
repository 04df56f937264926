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
from math import hypot
from types import TracebackType
from typing import Any

from collabnlp.errors import DamagedFile, EmptyFile, EncryptedPdf

HYPHEN = "\ufffe"  # a soft hyphen, or a hyphen at a printed line's end: PDFium's mark for both
UNDECODED = "\ufffd"  # a glyph for which the PDF gives no character

_BREAK = re.compile("\r\n|\r|\n")
_MARK = re.compile(r"[\s,;]*(?:\d{1,3}|[*†‡§¶]{1,3}|[a-z]|[ivx]{1,5})(?:[\s,;]+\d{1,3})*[\s,;]*\Z")
_RAISED_SIZE = 0.82  # a note mark is smaller than this share of the line's letters
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD
_SECURITY_ERROR = 5  # FPDF_ERR_SECURITY
_FORCED_BOLD, _BOLD_WEIGHT = 1 << 18, 600


@dataclass(slots=True)
class Run:
    """A stretch of a line under one mark (or, with ``objects=True``, of one text object).

    mcid      marked-content id, -1 where it has none
    artifact  the PDF marks it as artifact (running head, page number, ornament)
    raised    smaller than the line's other letters and worded like a note mark ("13", "*")
    size      font size in points, 0.0 where not measured (only raised runs and ``objects=True``)
    """

    text: str
    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float
    mcid: int = -1
    artifact: bool = False
    raised: bool = False
    size: float = 0.0


@dataclass(slots=True)
class TextLine:
    """One line as PDFium breaks the page's content, without its line break.

    text    as PDFium gives it: `HYPHEN` for soft and line-end hyphens, odd blanks kept
    size    font size in points (matrix applied) of its largest stretch
    font    base font name, "" where unknown; ``bold`` by weight, flags or name; ``italic`` likewise
    runs    at least one; they cover the line but for blanks between them
    """

    text: str
    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    font: str
    bold: bool
    italic: bool
    runs: list[Run]

    @property
    def artifact(self) -> bool:
        """Every run of the line is marked as artifact."""
        return all(run.artifact for run in self.runs)


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


_UNDECODABLE = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]|\\(cid:\\d+\\)")
_INVISIBLE = re.compile("[\\s\u200a-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x1f]+")


def visible(text: str) -> int:
    """How many characters of a text show on paper: all but blanks and controls."""
    return len(_INVISIBLE.sub("", text))


def undecoded(text: str) -> int:
    """How many characters of a text stand for glyphs that the PDF gives no meaning.

    Private-use code points are bullets in old symbol fonts: a single one at the start of a text
    does not count.
    """
    return sum(1 for match in _UNDECODABLE.finditer(text) if match.start() > 0)


@dataclass(slots=True)
class _Style:
    font: str
    bold: bool
    italic: bool


@dataclass(slots=True)
class _Piece:
    """A stretch of one text object within a line."""

    start: int
    end: int
    object: Any
    mcid: int
    raised: bool = False
    size: float = 0.0


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
    """A page while PDFium holds it; ``handle`` is its FPDF_PAGE, for `pdf_tags`."""

    def __init__(
        self, pdf: PdfFile, number: int, handle: Any, text_handle: Any, *, objects: bool
    ) -> None:
        self.number = number
        self.handle = handle
        self._pdf = pdf
        self._api = pdf._api
        self._text = text_handle
        self._rect = self._api.FS_RECTF()
        self._matrix = self._api.FS_MATRIX()
        self._styles: dict[int | None, _Style] = {}
        self.width: float = self._api.FPDF_GetPageWidthF(handle)
        self.height: float = self._api.FPDF_GetPageHeightF(handle)
        self._rotation: int = self._api.FPDFPage_GetRotation(handle)
        self._frame = self._page_frame()
        self.text = self._read_text()
        self.lines = list(self._read_lines(objects))

    def data(self) -> PageText:
        """The page as plain data that outlives it."""
        text = self.text
        return PageText(
            number=self.number,
            label=self._pdf.page_label(self.number),
            width=self.width,
            height=self.height,
            text=text,
            lines=self.lines,
            visible=visible(text),
            undecoded=undecoded(text),
        )

    def size_at(self, index: int) -> float:
        """Font size in points of a character, matrix applied."""
        matrix = self._matrix
        size: float = self._api.FPDFText_GetFontSize(self._text, index)
        if self._api.FPDFText_GetMatrix(self._text, index, matrix):
            size *= hypot(matrix.c, matrix.d)
        return size

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
        changes = sum(one != other for one, other in zip(dark, dark[1:], strict=False))
        return white > 0.6 * width * height and changes >= 16

    def characters(self) -> Characters:
        """Every character with its place and size: slow (some milliseconds), exact."""
        count = len(self.text)
        sides = [self._box_of(index) for index in range(count)]
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

    def _page_frame(self) -> tuple[float, float, float, float]:
        rect = self._rect
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

    def _read_lines(self, objects: bool) -> Iterator[TextLine]:
        text, at = self.text, 0
        breaks = [match.span() for match in _BREAK.finditer(text)]
        for start, end in (*breaks, (len(text), len(text))):
            words = text[at:start]
            if words and not words.isspace():
                yield from self._read_line(at, start, words, objects)
            at = end

    def _read_line(self, start: int, end: int, words: str, objects: bool) -> Iterator[TextLine]:
        first = start + len(words) - len(words.lstrip())
        last = start + len(words.rstrip()) - 1
        pieces = self._pieces(first, last)
        if not pieces:
            return
        longest = max(pieces, key=lambda piece: piece.end - piece.start)
        size = longest.size = self.size_at(longest.start)
        pieces[0].start, pieces[-1].end = start, end
        if len(pieces) > 1:
            # PDFium breaks no line where text jumps back to the left with a blank already there.
            for group in self._by_row(pieces, size):
                yield self._make_line(group, objects)
        else:
            yield self._make_line(pieces, objects)

    def _by_row(self, pieces: list[_Piece], size: float) -> list[list[_Piece]]:
        """The pieces of each printed row: a new one where a piece begins a line's height lower."""
        groups = [[pieces[0]]]
        left, foot = self._box_of(pieces[0].start)[::3]
        for piece in pieces[1:]:
            if self.text[piece.start : piece.end].isspace():
                groups[-1].append(piece)
                continue
            x0, _, _, bottom = self._box_of(piece.start)
            if x0 < left and abs(bottom - foot) > 0.7 * size:
                groups.append([])
                foot = bottom
            left = x0
            groups[-1].append(piece)
        return groups

    def _make_line(self, pieces: list[_Piece], objects: bool) -> TextLine:
        longest = max(pieces, key=lambda piece: piece.end - piece.start)
        size = longest.size or self.size_at(longest.start)
        longest.size = size
        if len(pieces) > 1:
            self._find_raised(pieces, longest, objects)
        runs = list(self._runs(pieces, objects))
        body = [run for run in runs if not run.raised] or runs
        style = self._style(longest.object)
        start, end = pieces[0].start, pieces[-1].end
        return TextLine(
            self.text[start:end],
            start,
            end,
            min(run.x0 for run in runs),
            min(run.top for run in body),
            max(run.x1 for run in runs),
            max(run.bottom for run in body),
            size,
            style.font,
            style.bold,
            style.italic,
            runs,
        )

    def _pieces(self, first: int, last: int) -> list[_Piece]:
        """Cut [first, last] where the text object changes, by bisection.

        A text object's characters stand side by side, so equal ends mean one object between.
        """
        get = self._api.FPDFText_GetTextObject
        cast, pointer = ctypes.cast, ctypes.c_void_p
        text_page = self._text

        def look(index: int) -> tuple[int | None, Any]:
            found = get(text_page, index)
            return (cast(found, pointer).value if found else None), found

        # A generated blank belongs to no object: it counts to the piece before it.
        cuts: list[tuple[int, Any]] = []

        def split(low: int, low_key: int | None, high: int, high_key: int | None) -> None:
            while high - low > 1 and low_key != high_key:
                middle = (low + high) // 2
                key, found = look(middle)
                probe = middle
                while key is None and probe > low + 1:
                    probe -= 1
                    key, found = look(probe)
                if key is None or probe == low:
                    low = middle
                    continue
                if key == low_key:
                    low = middle
                elif key == high_key:
                    high = probe
                    cut_object[probe] = found
                else:
                    cut_object[probe] = found
                    split(low, low_key, probe, key)
                    low, low_key = middle, key
            if low_key != high_key:
                cuts.append((high, cut_object.get(high)))

        cut_object: dict[int, Any] = {}
        low_key, low_object = look(first)
        while low_key is None and first < last:
            first += 1
            low_key, low_object = look(first)
        high_key, high_object = look(last)
        while high_key is None and last > first:
            last -= 1
            high_key, high_object = look(last)
        if low_key is None:
            return []
        cut_object[last] = high_object
        split(first, low_key, last, high_key)
        marked = self._api.FPDFPageObj_GetMarkedContentID
        starts = [(first, low_object), *cuts]
        ends = [at for at, _ in cuts]
        return [
            _Piece(at, end, found, marked(found))
            for (at, found), end in zip(starts, (*ends, last + 1), strict=True)
        ]

    def _find_raised(self, pieces: list[_Piece], longest: _Piece, objects: bool) -> None:
        text = self.text
        for piece in pieces:
            if piece is longest:
                continue
            short = piece.end - piece.start <= 12
            if objects or (short and _MARK.match(text, piece.start, piece.end)):
                piece.size = self.size_at(piece.start)
                if (
                    short
                    and 0 < piece.size < longest.size * _RAISED_SIZE
                    and _MARK.match(text, piece.start, piece.end)
                ):
                    piece.raised = self._stands_high(piece, longest)

    def _stands_high(self, piece: _Piece, longest: _Piece) -> bool:
        """Its foot stands above the line's: "m2" set with a low 2 is no note mark."""
        foot = self._box_of(piece.start)[3]
        line_top, line_foot = self._box_of(longest.start)[1::2]
        return foot < line_foot - 0.1 * (line_foot - line_top)

    def _runs(self, pieces: list[_Piece], objects: bool) -> Iterator[Run]:
        text = self.text
        at = 0
        while at < len(pieces):
            first = last = pieces[at]
            at += 1
            while (
                not objects
                and at < len(pieces)
                and pieces[at].mcid == first.mcid
                and not pieces[at].raised
                and not first.raised
                and (
                    first.mcid >= 0
                    or self._artifact(pieces[at].object) == self._artifact(first.object)
                )
            ):
                last = pieces[at]
                at += 1
            x0, top, x1, bottom = self._box_of(first.start)
            if last.end - first.start > 1:
                ax0, atop, ax1, abottom = self._box_of(self._last_shown(last))
                x0, top = min(x0, ax0), min(top, atop)
                x1, bottom = max(x1, ax1), max(bottom, abottom)
            yield Run(
                text[first.start : last.end],
                first.start,
                last.end,
                x0,
                top,
                x1,
                bottom,
                first.mcid,
                first.mcid < 0 and self._artifact(first.object),
                first.raised,
                first.size,
            )

    def _last_shown(self, piece: _Piece) -> int:
        words = self.text[piece.start : piece.end]
        return piece.start + max(0, len(words.rstrip()) - 1)

    def _artifact(self, page_object: Any) -> bool:
        api = self._api
        for index in range(api.FPDFPageObj_CountMarks(page_object)):
            mark = api.FPDFPageObj_GetMark(page_object, index)
            if mark_name(api, mark) == "Artifact":
                return True
        return False

    def _box_of(self, index: int) -> tuple[float, float, float, float]:
        """A character's place: the font's ascent and descent, its advance width."""
        rect = self._rect
        if not self._api.FPDFText_GetLooseCharBox(self._text, index, rect):
            return 0.0, 0.0, 0.0, 0.0
        left, low, right, high = self._frame
        a, b, c, d = rect.left, rect.top, rect.right, rect.bottom
        if self._rotation == 0:
            x0, top, x1, bottom = a - left, high - b, c - left, high - d
        elif self._rotation == 1:
            x0, top, x1, bottom = d - low, a - left, b - low, c - left
        elif self._rotation == 2:
            x0, top, x1, bottom = right - c, d - low, right - a, b - low
        else:
            x0, top, x1, bottom = high - b, right - c, high - d, right - a
        return min(x0, x1), min(top, bottom), max(x0, x1), max(top, bottom)

    def _style(self, page_object: Any) -> _Style:
        api = self._api
        font = api.FPDFTextObj_GetFont(page_object)
        key = ctypes.cast(font, ctypes.c_void_p).value if font else None
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = _font_style(api, font) if font else _Style("", False, False)
        return found


def _font_style(api: Any, font: Any) -> _Style:
    size = api.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(max(1, size))
    api.FPDFFont_GetBaseFontName(font, buffer, size)
    name = buffer.value.decode("utf-8", "replace").split("+")[-1]
    lower = name.lower()
    flags = max(0, api.FPDFFont_GetFlags(font))
    bold = (
        api.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT
        or bool(flags & _FORCED_BOLD)
        or any(word in lower for word in ("bold", "black", "heavy"))
    )
    italic = bool(flags & 64) or "italic" in lower or "oblique" in lower
    return _Style(name, bold, italic)


_name_buffer = (ctypes.c_ushort * 64)()
_name_length = ctypes.c_ulong()


def mark_name(api: Any, mark: Any) -> str:
    """A content mark's tag name ("Artifact", "P", "Span"); long ones are cut at 63 letters."""
    if not api.FPDFPageObjMark_GetName(mark, _name_buffer, 128, ctypes.byref(_name_length)):
        return ""
    return ctypes.string_at(_name_buffer, max(0, _name_length.value - 2)).decode(
        "utf-16-le", "replace"
    )
