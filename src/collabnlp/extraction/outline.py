"""Turns the paragraphs, items and headings that a markup reader meets into drafts.

The reader says what each piece is; the outline remembers what opened which list, counts typed
markers ("a) …" in a plain paragraph), and gives every draft its number, depth and lead-in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collabnlp.extraction.markers import Marker, Style, legal_number, parse_marker
from collabnlp.schema import BlockDraft, BlockKind, Cell, Region

_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u2009\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(
    "[\u00ad\u200a\u200b\u200c\u200d\u2060\ufeff\u0000-\u0008\u000e-\u001f\u007f]"
)
_HEADING_NUMBER = re.compile(
    r"(\d{1,2}\.|\d{1,2}(?:\.\d{1,2}){1,3}\.?|[A-Z]\.\d{1,2}(?:\.\d{1,2})*\.?)\s+(?=\S)"
)

_FIGURE = re.compile(r"(?:figure|fig\.|table|chart|map|diagram)\s+\d", re.IGNORECASE)

NoteMarks = list[tuple[int, str]]


@dataclass(slots=True)
class Piece:
    """Words with the note marks taken out of them; offsets count from the words."""

    text: str
    notes: NoteMarks = field(default_factory=list)

    def cut(self, length: int) -> Piece:
        """The piece without its first characters."""
        return Piece(self.text[length:], [(max(0, at - length), it) for at, it in self.notes])


def clean(text: str, notes: NoteMarks | None = None) -> Piece:
    """One line: blanks single, soft hyphens and other invisible signs out; marks move along."""
    marks = sorted(notes or [])
    parts: list[str] = []
    placed: NoteMarks = []
    length = at = 0
    blank = True  # so that leading blanks go
    for offset, label in [*marks, (len(text), None)]:
        part = _BLANKS.sub(" ", _INVISIBLE.sub("", text[at:offset]))
        if blank:
            part = part.lstrip(" ")
        if part:
            blank = part.endswith(" ")
            parts.append(part)
            length += len(part)
        if label is not None:
            placed.append((length, label))
        at = offset
    whole = "".join(parts).rstrip(" ")
    return Piece(whole, [(min(at, len(whole)), label) for at, label in placed])


@dataclass(slots=True)
class _Level:
    style: Style
    count: int
    opener: BlockDraft | None
    last: BlockDraft


class Outline:
    """Collects drafts in reading order."""

    def __init__(self) -> None:
        self.drafts: list[BlockDraft] = []
        self.region = Region.BODY
        self._typed: list[_Level] = []
        self._opener: BlockDraft | None = None  # what a list that begins now would belong to
        self._paragraph: str | None = None  # number of the numbered paragraph that we are in
        self.heading_level = 0

    def _add(self, draft: BlockDraft) -> BlockDraft:
        draft.region = self.region
        self.drafts.append(draft)
        return draft

    @property
    def opener(self) -> BlockDraft | None:
        """The draft that opens a list beginning now; None right after a heading or a table."""
        return self._opener

    @property
    def paragraph_number(self) -> int:
        """Whole number of the numbered paragraph that we are in; -1 in none."""
        number = self._paragraph or ""
        return int(number) if number.isdigit() else -1

    def interrupt(self) -> None:
        """What follows has nothing to do with what came before (a table, a box, a new cell)."""
        self._typed.clear()
        self._opener = None

    def heading(self, piece: Piece, level: int, *, pseudo: bool = False) -> BlockDraft | None:
        """A heading of a level from 1; its number goes into ``number``.

        ``pseudo``: a bold line that stands for a heading; ``heading_level`` stays as it was.
        """
        if not piece.text:
            return None
        if _FIGURE.match(piece.text):
            return self.plain(BlockKind.CAPTION, piece)
        number = None
        match = _HEADING_NUMBER.match(piece.text)
        if match:
            number, piece = match[1], piece.cut(match.end())
        self.interrupt()
        self._paragraph = None
        if not pseudo:
            self.heading_level = level
        return self._add(
            BlockDraft(
                kind=BlockKind.HEADING,
                text=piece.text,
                level=level,
                number=number,
                note_marks=piece.notes,
            )
        )

    def plain(self, kind: BlockKind, piece: Piece, number: str | None = None) -> BlockDraft | None:
        """A caption, footnote or contents line: opens nothing, interrupts nothing."""
        if not piece.text:
            return None
        return self._add(
            BlockDraft(kind=kind, text=piece.text, number=number, note_marks=piece.notes)
        )

    def numbered(
        self, piece: Piece, number: str, provision: str | None = None
    ) -> BlockDraft | None:
        """A numbered paragraph whose number is known from the markup."""
        if not piece.text:
            return None
        self._typed.clear()
        self._paragraph = provision or number.strip("(). ")
        self._opener = self._add(
            BlockDraft(
                kind=BlockKind.PARAGRAPH,
                text=piece.text,
                number=number,
                provision=self._paragraph,
                note_marks=piece.notes,
            )
        )
        return self._opener

    def item(
        self,
        piece: Piece,
        *,
        depth: int,
        number: str | None,
        lead_in: BlockDraft | None,
        cell: Cell | None = None,
        parent: str | None = None,
    ) -> BlockDraft | None:
        """A list item whose place is known from the markup. ``parent``: the provision above it."""
        if not piece.text:
            return None
        self._typed.clear()
        provision = parent or (self._paragraph if cell is None else None)
        if provision and number:
            provision = legal_number(provision, number)
        self._opener = self._add(
            BlockDraft(
                kind=BlockKind.LIST_ITEM,
                text=piece.text,
                level=depth,
                number=number,
                provision=provision,
                lead_in=lead_in,
                cell=cell,
                note_marks=piece.notes,
            )
        )
        return self._opener

    def paragraph(
        self, piece: Piece, *, cell: Cell | None = None, typed: bool = True
    ) -> BlockDraft | None:
        """A paragraph as the document marks it: numbered, an item of a typed list, or plain."""
        if not piece.text:
            return None
        marker = parse_marker(piece.text) if typed else None
        if marker is not None:
            draft = self._marked(piece, marker, cell)
            if draft is not None:
                return draft
        self._typed.clear()
        kind = BlockKind.PARAGRAPH if cell is None else BlockKind.TABLE_CELL
        self._opener = self._add(
            BlockDraft(kind=kind, text=piece.text, cell=cell, note_marks=piece.notes)
        )
        if cell is None:
            self._paragraph = None
        return self._opener

    def continued(
        self, piece: Piece, *, cell: Cell | None = None, provision: str | None = None
    ) -> BlockDraft | None:
        """A further paragraph of the same item or numbered paragraph: no marker is looked for in
        it, and the number stays in force for it and for the items that follow."""
        paragraph, typed = self._paragraph, list(self._typed)
        draft = self.paragraph(piece, cell=cell, typed=False)
        self._paragraph, self._typed = paragraph, typed
        if draft is not None and cell is None:
            draft.provision = provision or paragraph
        return draft

    def _marked(self, piece: Piece, marker: Marker, cell: Cell | None) -> BlockDraft | None:
        place = self._place(marker)
        rest = piece.cut(marker.length)
        if place is None:
            if marker.style not in (Style.DOTTED, Style.DECIMAL) or not _begins_paragraph(
                rest.text
            ):
                return None
            if cell is None:
                return self.numbered(rest, marker.printed)
            self.interrupt()
            self._opener = self._add(
                BlockDraft(
                    kind=BlockKind.TABLE_CELL,
                    text=rest.text,
                    number=marker.printed,
                    cell=cell,
                    note_marks=rest.notes,
                )
            )
            return self._opener
        depth, style, count, opener = place
        parents = [level.last.provision for level in self._typed[: depth - 1]]
        parent = parents[-1] if parents else (self._paragraph if cell is None else None)
        kept = self._typed[: depth - 1]
        draft = self.item(
            rest, depth=depth, number=marker.printed, lead_in=opener, cell=cell, parent=parent
        )
        assert draft is not None  # a marker always has text after it
        self._typed = [*kept, _Level(style, count, opener, draft)]
        return draft

    def _place(self, marker: Marker) -> tuple[int, Style, int, BlockDraft | None] | None:
        """Depth, style, count and opener of a typed item; None where it opens no list."""
        for index in range(len(self._typed) - 1, -1, -1):
            level = self._typed[index]
            for style, count in marker.readings:
                if style is level.style and (style is Style.BULLET or count == level.count + 1):
                    return index + 1, style, count, level.opener
        opens = [(style, count) for style, count in marker.readings if count <= 1]
        if marker.style is Style.DOTTED:
            return None
        if marker.style is Style.DECIMAL and not (
            self._opener is not None
            and self._opener.text.endswith((":", "—", "–"))
            and not self._continues_numbering(marker)
        ):
            return None
        if opens:
            style, count = opens[0]
            unopened = self._opener is not None and not self._opener.text.endswith((":", "—", "–"))
            for index, level in enumerate(self._typed):
                if unopened and level.style is style:  # it counts from the beginning again
                    return index + 1, style, count, level.opener
            return len(self._typed) + 1, style, count, self._opener
        # A list that goes on after a table or a page, or one whose beginning was lost.
        style, count = marker.readings[-1]
        opener = self._typed[0].opener if self._typed else self._opener
        return 1, style, count, opener

    def _continues_numbering(self, marker: Marker) -> bool:
        return self.paragraph_number + 1 == marker.readings[0][1] > 1


def _begins_paragraph(text: str) -> bool:
    """Whether what follows a number can begin a paragraph ("3. Text", not "3. of May")."""
    first = text.lstrip("\"“‘'([")[:1]
    return first.isupper() or first.isdigit()
