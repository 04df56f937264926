"""Word documents (DOCX): headings by style and outline level, lists as Word numbers them, tables,
footnotes; insertions kept, deletions dropped."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collabnlp.errors import NoText
from collabnlp.extraction.docx_numbering import ListPlace, Numbering, W, number, value
from collabnlp.extraction.docx_package import (
    check_archive,
    note_elements,
    open_package,
    part_element,
)
from collabnlp.extraction.front_matter import mark_front
from collabnlp.extraction.html_furniture import furniture
from collabnlp.extraction.metadata import SourceMetadata, describe
from collabnlp.extraction.outline import NoteMarks, Outline, Piece, clean
from collabnlp.schema import BlockDraft, BlockKind, Cell, Document, Region, assemble

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Containers of blocks that mean nothing by themselves.
_TRANSPARENT = frozenset(
    W + tag for tag in ("ins", "moveTo", "customXml", "smartTag", "sdtContent", "sdt")
)
_DROPPED = frozenset(
    {W + tag for tag in ("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr",
                         "sdtPr", "sdtEndPr", "rt", "rubyPr", "tblPr", "tblGrid", "trPr", "tcPr",
                         "pict", "object")}
    | {_MC + "Fallback"}
)  # fmt: skip
_HEADING_NAME = re.compile(r"heading\D{0,3}(\d)|\bheading\b", re.IGNORECASE)
_TITLE_NAME = re.compile(r"\btitle\b", re.IGNORECASE)
_CONTENTS_NAME = re.compile(r"\btoc\b|\btoc ?\d|table of (?:contents|figures)|\bcontents\b", re.I)
_CONTENTS_TITLE = re.compile(r"(?:table of )?contents", re.IGNORECASE)
_CAPTION_NAME = re.compile(r"\bcaption\b", re.IGNORECASE)
_SYMBOLS = {"F0B7": "•", "F0A7": "▪", "F0D8": "•", "F0FC": "✓", "F02D": "-"}
_MAX_HEADING = 110
_SENTENCE_END = (".", ";", ":", ",", "—")


def read_docx(
    data: bytes, *, name: str = "document.docx", document_id: str | None = None
) -> Document:
    """Read a Word document.

    Raises DocumentTooLarge (an archive that unpacks to absurd size), UnsafeXml (a document type in
    a part), DamagedFile, NoText.
    """
    check_archive(data, name)
    package = open_package(data, name)
    part = package.part
    notes = {kind: note_elements(part, kind) for kind in ("foot", "end")}
    numbering = Numbering(part_element(part, "numbering"), part_element(part, "styles"))
    reader = _Reader(numbering)
    reader.blocks(part.element.body)
    reader.notes(notes)
    if not reader.outline.drafts:
        raise NoText(f"{name} has no text.", advice="Open it in Word; the text may be a picture.")
    mark_front(reader.outline.drafts)
    info = describe(
        reader.outline.drafts,
        SourceMetadata(title=(package.core_properties.title or "").strip()),
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        document_id=document_id,
    )
    return assemble(info, reader.outline.drafts, format="docx")


@dataclass(slots=True)
class _Inline:
    """A paragraph's words, note references and the text boxes that hang on it."""

    parts: list[str] = field(default_factory=list)
    notes: NoteMarks = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    length: int = 0
    plain: int = 0  # visible characters that are not bold

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


@dataclass(slots=True)
class _OpenItem:
    indent: int
    list_id: str
    level: int
    draft: BlockDraft
    depth: int
    lead_in: BlockDraft | None


class _Reader:
    """Walks the body; the parser's limit on depth bounds the recursion into tables and boxes."""

    def __init__(self, numbering: Numbering) -> None:
        self.outline = Outline()
        self._numbering = numbering
        self._items: list[_OpenItem] = []
        self._labels: dict[tuple[str, str], str] = {}
        self._tables = 0
        self._contents = 0
        self._joined: _Inline | None = None  # a paragraph whose end mark was deleted
        self._first_row_bold: list[bool] = []

    def blocks(self, parent: Any, cell: Cell | None = None) -> None:
        """Read the paragraphs and tables of a body, cell, text box or note."""
        for element in parent:
            tag = element.tag
            if tag == f"{W}p":
                self._paragraph(element, cell)
            elif tag == f"{W}tbl":
                self._table(element)
            elif tag in _TRANSPARENT:
                contents = _is_contents(element)
                self._contents += contents
                self.blocks(element, cell)
                self._contents -= contents
            elif tag == f"{_MC}AlternateContent":
                self.blocks(element.find(f"{_MC}Choice") or (), cell)

    # -- paragraphs -------------------------------------------------------------------------

    def _paragraph(self, element: Any, cell: Cell | None) -> None:
        properties = element.find(f"{W}pPr")
        inline = self._joined or _Inline()
        self._joined = None
        self._words(element, inline, self._style_bold(properties))
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self._joined = inline
            return
        chain = self._numbering.chain(value(element, "pPr/pStyle"))
        piece = clean("".join(inline.parts), inline.notes)
        if piece.text:
            bold = inline.plain == 0
            if cell is not None and cell.row == 0:
                self._first_row_bold.append(bold)
            # An empty paragraph has no number to print, so only the others are counted.
            place = self._numbering.place(properties, chain)
            self._emit(piece, properties, chain, place, cell, bold)
        for box in inline.boxes:
            self._items.clear()
            self.outline.interrupt()
            self.blocks(box)
            self.outline.interrupt()

    def _emit(
        self,
        piece: Piece,
        properties: Any | None,
        chain: list[Any],
        place: ListPlace | None,
        cell: Cell | None,
        bold: bool,
    ) -> None:
        names = [value(style, "name") or "" for style in chain]
        if (
            self._contents
            or any(_CONTENTS_NAME.search(name) for name in names[:1])
            or _CONTENTS_TITLE.fullmatch(piece.text)
        ):
            self.outline.plain(BlockKind.CONTENTS, piece)
            return
        if any(_CAPTION_NAME.search(name) for name in names[:1]):
            self.outline.plain(BlockKind.CAPTION, piece)
            return
        level = None if cell is not None else _heading_level(properties, chain, names)
        if level is not None:
            self._items.clear()
            draft = self.outline.heading(piece, max(level, 1))
            if draft is not None and place is not None and place.printed:
                draft.number = place.printed
            if draft is not None and level == 0:
                draft.region = Region.FRONT
            return
        if place is not None and (place.printed or place.format == "bullet"):
            self._numbered(piece, place, cell)
            return
        self._items.clear()
        if cell is None and bold and place is None and _reads_like_heading(piece.text):
            self.outline.heading(piece, self.outline.heading_level + 1, pseudo=True)
            return
        self.outline.paragraph(piece, cell=cell)

    def _numbered(self, piece: Piece, place: ListPlace, cell: Cell | None) -> None:
        outline = self.outline
        while self._items and not self._encloses(self._items[-1], place):
            last = self._items.pop()
            if self._same(last, place):
                break
        else:
            last = None
        bullet = place.format == "bullet"
        in_list = last is not None or bool(self._items)
        opener = outline.opener
        opens = opener is not None and opener.text.endswith((":", "—", "–"))
        if (
            not bullet
            and place.level == 0
            and not in_list
            and cell is None
            and place.format in ("decimal", "decimalZero")
            and not (opens and place.count == 1)
        ):
            outline.numbered(piece, place.printed)
            self._items.clear()
            return
        above = self._items[-1] if self._items else None
        lead_in = above.draft if above else (last.lead_in if last else opener)
        if (
            above is None
            and last is None
            and opener is not None
            and (opener.kind is BlockKind.LIST_ITEM)
        ):
            lead_in = opener.lead_in
        depth = above.depth + 1 if above else 1
        parent = lead_in.provision if lead_in is not None else None
        draft = outline.item(
            piece, depth=depth, number="•" if bullet else place.printed, lead_in=lead_in,
            cell=cell, parent=parent,
        )  # fmt: skip
        if draft is not None:
            self._items.append(
                _OpenItem(place.indent, place.list_id, place.level, draft, depth, lead_in)
            )

    @staticmethod
    def _same(item: _OpenItem, place: ListPlace) -> bool:
        if item.list_id == place.list_id:
            return item.level == place.level
        return item.indent == place.indent

    @staticmethod
    def _encloses(item: _OpenItem, place: ListPlace) -> bool:
        if item.list_id == place.list_id:
            return item.level < place.level
        return item.indent < place.indent

    def _style_bold(self, properties: Any | None) -> bool:
        if properties is None:
            return False
        for style in self._numbering.chain(value(properties, "pStyle")):
            bold = style.find(f"{W}rPr/{W}b")
            if bold is not None:
                return _on(bold)
        return False

    def _words(self, paragraph: Any, inline: _Inline, bold: bool) -> None:
        """Collect a paragraph's words. The stack holds elements in reverse reading order."""
        stack: list[tuple[Any, bool]] = [(child, bold) for child in reversed(paragraph)]
        while stack:
            element, bold_here = stack.pop()
            tag = element.tag
            if not isinstance(tag, str) or tag in _DROPPED:
                continue
            if tag == f"{W}t" or tag == f"{_M}t":
                text = element.text or ""
                inline.add(text)
                if not bold_here:
                    inline.plain += len(text.strip())
            elif tag in (f"{W}tab", f"{W}br", f"{W}cr", f"{W}ptab"):
                inline.add(" ")
            elif tag == f"{W}noBreakHyphen":
                inline.add("-")
            elif tag == f"{W}sym":
                inline.add(_SYMBOLS.get((element.get(f"{W}char") or "").upper(), ""))
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                kind = "foot" if tag == f"{W}footnoteReference" else "end"
                inline.notes.append((inline.length, self._label(kind, element.get(f"{W}id"))))
            elif tag == f"{W}txbxContent":
                inline.boxes.append(element)
            elif tag == f"{W}r":
                properties = element.find(f"{W}rPr")
                if properties is not None:
                    vanish = properties.find(f"{W}vanish")
                    if vanish is not None and _on(vanish):
                        continue
                    own = properties.find(f"{W}b")
                    bold_here = bold_here if own is None else _on(own)
                stack.extend((child, bold_here) for child in reversed(element))
            else:
                stack.extend((child, bold_here) for child in reversed(element))

    # -- tables -----------------------------------------------------------------------------

    def _table(self, table: Any) -> None:
        self._items.clear()
        self.outline.interrupt()
        rows = [row for row in _rows(table) if row.find(f"{W}trPr/{W}del") is None]
        if sum(len(list(_cells(row))) for row in rows) == 1:
            self._framed(next(cell for row in rows for cell in _cells(row)))
            return
        index, self._tables = self._tables, self._tables + 1
        start, header, outer = len(self.outline.drafts), False, self._first_row_bold
        self._first_row_bold = []
        for row_number, row in enumerate(rows):
            mark = row.find(f"{W}trPr/{W}tblHeader")
            heads = mark is not None and _on(mark)
            header = header or heads
            column = number(value(row, "trPr/gridBefore"))
            for cell in _cells(row):
                self._items.clear()
                self.outline.interrupt()
                self.blocks(cell, Cell(index, row_number, column, header=heads))
                column += max(1, number(value(cell, "tcPr/gridSpan"), 1))
        if not header and len(self._first_row_bold) > 1 and all(self._first_row_bold):
            for draft in self.outline.drafts[start:]:
                if draft.cell is not None and (draft.cell.table, draft.cell.row) == (index, 0):
                    draft.cell = dataclasses.replace(draft.cell, header=True)
        self._first_row_bold = outer
        self._items.clear()
        self.outline.interrupt()

    def _framed(self, cell: Any) -> None:
        """A table of one cell is a box around text."""
        opening = "".join(cell.itertext())[:90]
        region = self.outline.region
        if furniture().tells_example(opening):
            self.outline.region = Region.BOX
        self.blocks(cell)
        self.outline.region = region
        self.outline.interrupt()

    # -- notes ------------------------------------------------------------------------------

    def _label(self, kind: str, note_id: str | None) -> str:
        key = (kind, note_id or "")
        if key not in self._labels:
            count = 1 + sum(known[0] == kind for known in self._labels)
            self._labels[key] = str(count)
        return self._labels[key]

    def notes(self, elements: dict[str, dict[str, Any]]) -> None:
        """Write the notes that the text refers to, in the order of their marks."""
        for (kind, note_id), label in list(self._labels.items()):
            note = elements[kind].get(note_id)
            if note is None:
                continue
            shown: str | None = label
            for paragraph in note.iter(f"{W}p"):
                inline = _Inline()
                self._words(paragraph, inline, False)
                piece = clean("".join(inline.parts))
                if piece.text:
                    self.outline.plain(BlockKind.FOOTNOTE, piece, shown)
                    shown = None


def _on(flag: Any) -> bool:
    return (flag.get(f"{W}val") or "true") not in ("0", "false", "off", "none")


def _is_contents(element: Any) -> bool:
    gallery = value(element, "sdtPr/docPartObj/docPartGallery")
    return gallery is not None and "contents" in gallery.lower()


def _heading_level(properties: Any | None, chain: list[Any], names: list[str]) -> int | None:
    """Level from 1; 0 for the document's title; None for what is no heading."""
    outline = value(properties, "outlineLvl") if properties is not None else None
    for style, name in zip(chain, names, strict=True):
        if outline is None:
            outline = value(style, "pPr/outlineLvl")
        if match := _HEADING_NAME.search(name):
            if outline is not None and number(outline, 9) < 9:
                return number(outline) + 1
            return number(match[1], 1) if match[1] else 1
        if style is chain[0] and _TITLE_NAME.search(name):
            return 0
    if outline is not None and number(outline, 9) < 9:
        return number(outline) + 1
    return None


def _reads_like_heading(text: str) -> bool:
    return len(text) <= _MAX_HEADING and not text.endswith(_SENTENCE_END) and text[0].isupper()


def _rows(table: Any) -> Iterator[Any]:
    for element in table:
        if element.tag == f"{W}tr":
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _rows(element)


def _cells(row: Any) -> Iterator[Any]:
    """Cells of a row, without those that only continue the cell above."""
    for element in row:
        if element.tag == f"{W}tc":
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _cells(element)
