"""From paragraphs to drafts: headings and their levels, lists, numbers, joins over pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from collabnlp.extraction.markers import Style, parse_marker
from collabnlp.extraction.mending import Vocabulary, join_lines
from collabnlp.extraction.pdf_paragraphs import Metrics, Paragraph, is_date
from collabnlp.extraction.pdf_rows import Row
from collabnlp.extraction.provisions import join_provision
from collabnlp.schema import BlockDraft, BlockKind, Box, Cell, DraftLine, Region

_LOWER = re.compile(r"[“‘\"'(\[]?[a-z]")
_CAPTION = re.compile(
    r"(?:figure|fig\.|table|chart|map|image|photo|source|graphic|infographic|diagram)\s*"
    r"(?:[A-Z]?\d+(?:\.\d+)*[A-Za-z]?)?\s*(?:[:.–—|-]|$)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?:figure|fig\.|chart|map|graph)\s+[A-Z]?\d", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2}")
_HEADING_NUMBER = re.compile(
    r"((?:chapter|part|section|annex|appendix)\s+(?:\d{1,2}|[A-Z]|[ivx]+)\b\s?[:.–—-]?"
    r"|\d{1,2}(?:\.\d{1,2}){0,4}\.?|[A-Z]\.\d{1,2}\.?|[A-Z]\.)\s+(?=\S)",
    re.IGNORECASE,
)
_POLICY_CODE = re.compile(r"([A-Z]{1,4}\d{1,2}[A-Z]?)\s?[:.–—-]")
_OPENS = re.compile(r"(?:[:—–]|[^.!?;…’”'\")\]])[’”'\")\]]*\Z")
_SENTENCE_END = re.compile(r"[.!?;,][’”'\")\]]*\Z")
_LONGEST_HEADING = 260


@dataclass(slots=True, eq=False)
class Piece:
    """A paragraph with its region, as it goes into drafts; ``kind`` where it is settled."""

    paragraph: Paragraph
    region: Region = Region.BODY
    kind: BlockKind | None = None
    cell: Cell | None = None
    box: int | None = None
    closed: bool = False  # nothing may be joined to it
    level: int = 1

    @property
    def rows(self) -> list[Row]:
        return self.paragraph.rows


def draft_of(piece: Piece, words: Vocabulary, strip: int = 0) -> BlockDraft:
    """A draft of a piece's rows: text mended, lines placed, note marks moved along.

    ``strip``: how many characters of the first row are marker or number, and left out.
    """
    texts = [row.text for row in piece.rows]
    texts[0] = texts[0][strip:].lstrip()
    cut = len(piece.rows[0].text) - len(texts[0])
    text, starts = join_lines(texts, words)
    lines: list[DraftLine] = []
    marks: list[tuple[int, str]] = []
    ends = [*starts[1:], len(text)]
    for index, (row, start, end) in enumerate(zip(piece.rows, starts, ends, strict=True)):
        stop = start + len(text[start:end].rstrip())
        box = Box(row.page, row.x0, min(row.top, row.bottom), max(row.x0, row.x1), row.bottom)
        lines.append(DraftLine(start=start, end=max(start, stop), page=row.page, box=box))
        gone = cut if index == 0 else 0
        for offset, label in row.marks:
            marks.append((min(len(text), start + max(0, offset - gone)), label))
    return BlockDraft(
        kind=piece.kind or BlockKind.PARAGRAPH, text=text, region=piece.region, cell=piece.cell,
        lines=lines, note_marks=sorted(marks),
    )  # fmt: skip


def is_heading(paragraph: Paragraph, metrics: Metrics) -> bool:
    """Whether a paragraph is set as a heading: larger or bolder than the text, no sentence."""
    rows = paragraph.rows
    length = sum(len(row.text) for row in rows)
    if length > _LONGEST_HEADING or not any(char.isalpha() for row in rows for char in row.text):
        return False
    size, text = paragraph.size, rows[-1].text
    if len(rows) == 1 and is_date(text):
        return False
    if paragraph.marker in {"•", "●", "○", "▪", "–", "-", "—", "·"}:
        return False
    if size >= metrics.body * 1.25 and length < 200:
        return True
    if _SENTENCE_END.search(text) and not (size > metrics.body * 1.1 and len(rows) == 1):
        return False
    if size > metrics.body * 1.07:
        return len(rows) <= 4
    if paragraph.bold and not metrics.body_bold and size > metrics.body * 0.92:
        return len(rows) <= 3 and not text.endswith(":") and length < 160
    return False


@dataclass(slots=True)
class HeadingStyles:
    """Levels of heading styles: the larger the higher, bold before plain, numbers decide ties."""

    levels: dict[tuple[int, bool, bool], int] = field(default_factory=dict)

    @staticmethod
    def key(paragraph: Paragraph) -> tuple[int, bool, bool]:
        """What makes headings look alike: size (to half a point), bold, italic."""
        return round(paragraph.size * 2), paragraph.bold, paragraph.italic

    @classmethod
    def of(cls, headings: Sequence[Paragraph]) -> HeadingStyles:
        """Rank the styles of a document's headings (those of the cover left out)."""
        counts: Counter[tuple[int, bool, bool]] = Counter(cls.key(it) for it in headings)
        depths: dict[tuple[int, bool, bool], Counter[int]] = {}
        for heading in headings:
            depth = numbering_depth(heading.first.text)
            if depth:
                depths.setdefault(cls.key(heading), Counter())[depth] += 1
        ranked = sorted(counts, key=lambda key: (-key[0], not key[1], key[2]))
        levels: dict[tuple[int, bool, bool], int] = {}
        level = 0
        before: int | None = None
        for key in ranked:
            # Sizes that differ by half a point are one level.
            if before is None or before - key[0] > 1 or before == key[0]:
                level += 1
            before = key[0]
            usual = depths.get(key)
            if usual:
                depth, held = max(usual.items(), key=lambda item: (item[1], -item[0]))
                if held * 2 >= counts[key] and depth > level:
                    level = depth
            levels[key] = min(level, 6)
        return cls(levels)

    def level(self, paragraph: Paragraph) -> int:
        """Level of a heading, from 1."""
        return self.levels.get(self.key(paragraph), min(6, max(self.levels.values(), default=1)))


def numbering_depth(text: str) -> int:
    """How deep a heading's number is: "2.3.1 …" is 3, "Chapter 2" 1, none 0."""
    found = _HEADING_NUMBER.match(text)
    if found is None:
        return 0
    number = found[1].rstrip(".")
    return number.count(".") + 1 if number[:1].isdigit() else 1


def continues(before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph that ends a page or column goes on in one that begins the next."""
    if abs(before.last.size - after.first.size) > 0.75:
        return False
    if after.marker is not None and not _false_marker(before, after):
        return False
    if before.ended():
        return False
    if _LOWER.match(after.first.text):
        return True
    if before.bold != after.bold:
        return False
    return before.full


def _false_marker(before: Paragraph, after: Paragraph) -> bool:
    """A number at the top of a page that is the text's own ("… section / 12 of the Act")."""
    marker = after.marker or ""
    if not before.full or after.first.marker is not None:
        return False
    return marker[:1].isdigit() and abs(after.first.x0 - before.last.x0) < 3


@dataclass(slots=True)
class _Item:
    x: float
    glyph: str
    draft: BlockDraft
    provision: str | None


class Builder:
    """Writes pieces as drafts in reading order; keeps track of open lists and numbers."""

    def __init__(self, metrics: Metrics, styles: HeadingStyles, words: Vocabulary) -> None:
        self.drafts: list[BlockDraft] = []
        self._metrics, self._styles, self._words = metrics, styles, words
        self._items: list[_Item] = []
        self._opener: BlockDraft | None = None
        self._provision: str | None = None
        self._code: str | None = None
        self._counted = (0, 0.0)  # the last numbered paragraph's number, and where it stands
        self._region = Region.BODY

    def add(self, piece: Piece, left: float) -> None:
        """Write one piece. ``left``: where its column's text begins, in points."""
        if piece.region is not self._region:
            self._region = piece.region
            self._items, self._opener, self._provision = [], None, None
        kind = piece.kind
        if kind in (BlockKind.FOOTNOTE, BlockKind.CONTENTS, BlockKind.CAPTION):
            self._loose(piece)
        elif kind is BlockKind.HEADING:
            self._heading(piece)
        elif piece.cell is not None:
            self._cell(piece, left)
        else:
            self._running(piece, left)

    def _loose(self, piece: Piece) -> None:
        marker = piece.paragraph.marker
        row = piece.rows[0]
        if piece.kind is BlockKind.FOOTNOTE and marker is not None:
            strip = len(marker) if row.text.startswith(marker) and row.label is None else 0
            draft = draft_of(piece, self._words, strip)
            draft.number = marker
        else:
            draft = draft_of(piece, self._words)
        self.drafts.append(draft)

    def _heading(self, piece: Piece) -> None:
        text = piece.rows[0].text
        found = _HEADING_NUMBER.match(text)
        draft = draft_of(piece, self._words, found.end() if found else 0)
        if not draft.text:
            draft, found = draft_of(piece, self._words), None
        draft.number = found[1].strip() if found else None
        draft.level = piece.level
        code = _POLICY_CODE.match(text)
        self._code = code[1] if code else None
        if code:
            self._counted = (0, 0.0)
        self._items, self._opener, self._provision = [], None, None
        self.drafts.append(draft)

    def _cell(self, piece: Piece, left: float) -> None:
        marker, strip = _marker_of(piece.paragraph)
        if parse_marker(piece.rows[0].text) is None:
            marker, strip = None, 0
        draft = draft_of(piece, self._words, strip)
        draft.kind, draft.number = BlockKind.TABLE_CELL, marker
        before = self.drafts[-1] if self.drafts else None
        if marker is not None and before is not None and before.cell == draft.cell:
            opener = before.lead_in if before.number is not None else before
            if opener is not None and opener.text.endswith((":", "—")):
                draft.lead_in = opener
        self._items, self._opener = [], None
        self.drafts.append(draft)

    def _running(self, piece: Piece, left: float) -> None:
        paragraph = piece.paragraph
        marker, strip = _marker_of(paragraph)
        found = parse_marker(paragraph.first.text)
        style = found.style if found else None
        if marker is not None and style is None and marker.isdigit():
            self._numbered(piece, marker, strip)
        elif marker is not None and style in (Style.DOTTED, Style.DECIMAL):
            inside = self._opener is not None and bool(_OPENS.search(self._opener.text))
            x = paragraph.first.x0 - left
            next_one = self._follows(marker, x)
            if style is Style.DOTTED or next_one or not (inside or self._counts_on(marker)):
                self._numbered(piece, marker, strip)
                self._counted = (_value(marker), x)
            else:
                self._item(piece, marker, strip, left)
        elif marker is not None:
            self._item(piece, marker, strip, left)
        else:
            self._plain(piece, left)

    def _counts_on(self, marker: str) -> bool:
        """The list that is open has decimal numbers."""
        return any(item.glyph == "1." for item in self._items)

    def _follows(self, marker: str, x: float) -> bool:
        """The marker counts on from the last numbered paragraph, at the same place."""
        value, at = self._counted
        return value > 0 and _value(marker) == value + 1 and abs(x - at) < 6

    def _numbered(self, piece: Piece, marker: str, strip: int) -> None:
        draft = draft_of(piece, self._words, strip)
        number = marker.rstrip(".")
        draft.number = marker
        draft.provision = f"{self._code}({number})" if self._code else number
        self._items, self._opener, self._provision = [], draft, draft.provision
        self.drafts.append(draft)

    def _item(self, piece: Piece, marker: str, strip: int, left: float) -> None:
        x, glyph = piece.rows[0].x0 - left, _glyph(marker)
        like = [
            place
            for place, item in enumerate(self._items)
            if item.glyph == glyph and abs(item.x - x) < 9
        ]
        if like:
            del self._items[like[-1] :]
        while self._items and self._items[-1].x >= x - 4:
            self._items.pop()
        parent = self._items[-1] if self._items else None
        draft = draft_of(piece, self._words, strip)
        draft.kind, draft.number, draft.level = BlockKind.LIST_ITEM, marker, len(self._items) + 1
        opener = parent.draft if parent else self._opener
        if opener is not None and (opener.text.endswith((":", "—")) or _OPENS.search(opener.text)):
            draft.lead_in = opener
        outer = parent.provision if parent else self._provision
        draft.provision = join_provision(outer, f"({marker.strip('().')})") if outer else None
        if glyph == "•":
            draft.provision = outer
        self._items.append(_Item(x, glyph, draft, draft.provision))
        self.drafts.append(draft)

    def _plain(self, piece: Piece, left: float) -> None:
        draft = draft_of(piece, self._words)
        opener = self._opener
        if self._items and _LOWER.match(draft.text) and opener is not None:
            if opener.text.endswith((":", "—")):
                draft.closing, draft.lead_in = True, opener
                draft.provision = self._provision
            self._items = []
            self.drafts.append(draft)
            return
        x = piece.rows[0].x0 - left
        if self._items and x > self._items[0].x + 4:
            draft.provision = self._provision
            self.drafts.append(draft)  # a further paragraph of an item: the list stays open
            return
        self._items = []
        if self._provision is not None and abs(x - self._x_of(opener, left)) > 4:
            self._provision = None
        draft.provision = self._provision
        self._opener = draft
        self.drafts.append(draft)

    def _x_of(self, opener: BlockDraft | None, left: float) -> float:
        """Where the words of a numbered paragraph begin: a second paragraph of it stands there."""
        if opener is None or len(opener.lines) < 2 or opener.lines[1].box is None:
            return -1000.0
        return opener.lines[1].box.x0 - left


def _marker_of(paragraph: Paragraph) -> tuple[str | None, int]:
    """A paragraph's marker and how many characters of the first row it takes."""
    marker, text = paragraph.marker, paragraph.first.text
    if marker is None:
        return None, 0
    if text.startswith(marker) and len(text) > len(marker):
        return marker, len(marker)
    if text == marker and len(paragraph.rows) > 1:
        return marker, len(marker)
    return None, 0


def _value(marker: str) -> int:
    """The number of a decimal marker ("12." is 12), 0 for others."""
    bare = marker.strip("(). ")
    return int(bare) if bare.isdigit() else 0


def _glyph(marker: str) -> str:
    """What kind of marker it is: "(a)", "(i)", "1.", "•"."""
    bare = marker.strip("().[]")
    if bare.isdigit():
        return marker.replace(bare, "1")
    if bare and all(char in "ivxlc" for char in bare) and (len(bare) > 1 or bare in "ivx"):
        return marker.replace(bare, "i")
    if bare.isalpha():
        return marker.replace(bare, "a" if bare.islower() else "A")
    return "•" if marker in "•●" else marker


def is_caption(paragraph: Paragraph) -> bool:
    """Whether a paragraph is the legend of a figure or table, or figures without words (a chart's
    axis)."""
    text = paragraph.first.text
    if not any(_WORD.search(row.text) for row in paragraph.rows):
        return True
    if len(paragraph.rows) > 3:
        return False
    return bool(_CAPTION.match(text)) or (
        begins_figure(paragraph) and not _SENTENCE_END.search(paragraph.last.text)
    )


def begins_figure(paragraph: Paragraph) -> bool:
    """Whether a paragraph begins as the title of a numbered figure does."""
    return bool(_FIGURE.match(paragraph.first.text))


def is_label(paragraph: Paragraph) -> bool:
    """Whether a paragraph can be a label within a figure: a few words, no sentence."""
    words = sum(len(row.text.split()) for row in paragraph.rows)
    return words <= 10 and not _SENTENCE_END.search(paragraph.last.text)
