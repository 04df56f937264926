"""A document as read: blocks in reading order with their places, and how each page was read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from collabnlp.schema.rules import InvalidRecord, require

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class BlockKind(StrEnum):
    """What a block is. CONTENTS is a line of a table of contents."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    PROVISION = "provision"
    TABLE_CELL = "table_cell"
    FOOTNOTE = "footnote"
    CAPTION = "caption"
    CONTENTS = "contents"


class Region(StrEnum):
    """Where a block stands: running text, a cover or imprint page, boxed text (case studies),
    or text quoted for insertion into another act."""

    BODY = "body"
    FRONT = "front"
    BOX = "box"
    QUOTED = "quoted"


class Reading(StrEnum):
    """The way in which one page was read."""

    TAGS = "tags"  # the PDF's structure tree
    LAYOUT = "layout"  # geometry of PDFium's characters
    CAREFUL = "careful"  # pdfplumber
    BLANK = "blank"  # nothing is shown on the page
    PICTURE = "picture"  # shows pictures only, no text layer
    MARKUP = "markup"  # HTML, XML, DOCX, Markdown, text: no pages


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: points from the top left, ``x0 <= x1`` and ``top <= bottom``."""

    page: int
    x0: float
    top: float
    x1: float
    bottom: float

    def __post_init__(self) -> None:
        # One a line: the messages are written only where they are needed.
        if self.page < 1:
            raise InvalidRecord(f"page {self.page} is not 1-based")
        if not (self.x0 <= self.x1 and self.top <= self.bottom):
            raise InvalidRecord(f"box is inside out: {self}")

    def as_list(self) -> list[float]:
        """``[page, x0, top, x1, bottom]``, rounded to a tenth of a point."""
        sides = (round(side, 1) for side in (self.x0, self.top, self.x1, self.bottom))
        return [self.page, *sides]


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (or a part of one) of a block: offsets into ``Document.text`` and its place.

    ``box`` is None where the format has no geometry; ``page`` is None where it has no pages.
    """

    start: int
    end: int
    page: int | None = None
    box: Box | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise InvalidRecord(f"bad offsets {self.start}..{self.end}")


@dataclass(frozen=True, slots=True)
class Cell:
    """A block's place in a table: table number within the document, row and column from 0.

    ``header`` marks a column or row header. A spanning cell has the place of its first cell.
    """

    table: int
    row: int
    column: int
    header: bool = False

    def __post_init__(self) -> None:
        require(min(self.table, self.row, self.column) >= 0, "negative place in a table")


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A footnote reference taken out of the text: it stood before ``offset`` (document offset)."""

    offset: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a document in reading order.

    text      the block's text on one line: hyphenation mended, white space single, no marker or
              number of its own (those are in ``number``); ``document.text[start:end]``
    level     heading level (1 = highest), depth of a list item or provision (1 = outermost),
              None for the other kinds
    number    the marker or number as printed: "1.", "(a)", "4.17", "•"; None where there is none
    provision a clause's or paragraph's full number in legal form: "12(3)(a)", "4.17"; else None
    lead_in   index (in ``Document.blocks``) of the block that opens the list or provision this
              block belongs to; None where there is none. The opening block always stands before.
    closing   True for text that closes a list or provision ("…the authority must publish it.")
    """

    kind: BlockKind
    text: str
    start: int
    end: int
    region: Region = Region.BODY
    level: int | None = None
    number: str | None = None
    provision: str | None = None
    lead_in: int | None = None
    closing: bool = False
    cell: Cell | None = None
    lines: tuple[Line, ...] = ()
    note_marks: tuple[NoteMark, ...] = ()

    def __post_init__(self) -> None:
        # As above: a document has thousands of blocks, and messages cost more than the checks.
        if not self.text or self.text.isspace():
            raise InvalidRecord("a block has no text")
        if self.end - self.start != len(self.text):
            raise InvalidRecord("offsets do not fit the text")
        if "\n" in self.text:
            raise InvalidRecord("a block's text has a line break")
        if self.level is None:
            if self.kind is BlockKind.HEADING:
                raise InvalidRecord("a heading has no level")
        elif self.level < 1:
            raise InvalidRecord(f"level {self.level} is not 1-based")

    @property
    def page(self) -> int | None:
        """The page on which the block begins, 1-based, or None."""
        return self.lines[0].page if self.lines else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How one page was read, and what was lost on it.

    characters  visible characters that ended up in blocks
    artifacts   visible characters counted as artifact (running heads, page numbers, note marks)
    problems    one sentence each; any makes the document partial
    """

    number: int
    reading: Reading
    label: str | None = None
    width: float = 0.0
    height: float = 0.0
    characters: int = 0
    artifacts: int = 0
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self.number >= 1, f"page {self.number} is not 1-based")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInfo:
    """What a record says of its document.

    id      file name without suffixes, unless a manifest names it
    date    ISO date; None where neither the document nor the manifest tells
    kind    "white paper", "bill", "act", …; None where unknown
    sha256  of the file's bytes
    """

    id: str
    title: str
    sha256: str
    date: str | None = None
    kind: str | None = None
    publisher: str | None = None

    def __post_init__(self) -> None:
        require(bool(self.id), "a document needs an id")
        require(bool(_SHA256.match(self.sha256)), f"not a sha256: {self.sha256!r}")
        require(self.date is None or bool(_DATE.match(self.date)), f"not a date: {self.date!r}")

    def as_dict(self) -> dict[str, str | None]:
        """The record's ``document`` object."""
        return {
            "id": self.id,
            "title": self.title,
            "date": self.date,
            "kind": self.kind,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as read: its text, its blocks in reading order, and how each page was read.

    ``text`` is the blocks' texts, each followed by a line break.
    ``problems`` are losses that belong to no page; with any problem the document is partial.
    """

    info: DocumentInfo
    format: str
    text: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        at = 0
        for index, block in enumerate(self.blocks):
            if block.start < at:
                raise InvalidRecord(f"block {index} overlaps the one before")
            if self.text[block.start : block.end] != block.text:
                raise InvalidRecord(f"block {index} is out of place")
            if block.lead_in is not None and block.lead_in >= index:
                raise InvalidRecord(f"block {index} opens after itself")
            at = block.end

    @property
    def partial(self) -> bool:
        """True where anything that the document shows was lost."""
        return bool(self.problems) or any(page.problems for page in self.pages)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every problem in a sentence, those of pages with the page number before it."""
        paged = (f"page {page.number}: {it}" for page in self.pages for it in page.problems)
        return (*self.problems, *paged)
