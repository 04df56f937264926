"""The types that the stages exchange: Document, Block, Unit, Tag and their parts.

All are frozen and validate themselves: a record that exists is a valid one. ``start`` and ``end``
are half-open character offsets into ``Document.text`` unless a docstring says otherwise, pages are
1-based, boxes are points from the top left of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class InvalidRecord(ValueError):
    """A record that breaks one of the schema's rules was about to be made."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InvalidRecord(message)


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


class Level(StrEnum):
    """The codebook's ladder, ``none`` first, then ascending."""

    NONE = "none"
    EXPLORE = "explore"
    SUPPORT = "support"
    HAVE_REGARD = "have_regard"
    CO_CREATE = "co_create"
    LEAD = "lead"


LADDER: tuple[Level, ...] = tuple(level for level in Level if level is not Level.NONE)


class Partner(StrEnum):
    """Who the other side of a commitment is (codebook, section 4)."""

    SUBNATIONAL = "subnational"
    DEVOLVED = "devolved"
    PUBLIC_BODY = "public_body"
    BUSINESS = "business"
    CIVIL_SOCIETY = "civil_society"
    INTERNATIONAL = "international"


class ActorTier(StrEnum):
    """Who carries the duty or makes the promise (codebook, section 6)."""

    NATIONAL = "national"
    SUBNATIONAL = "subnational"
    OTHER = "other"


class Force(StrEnum):
    """``statutory`` where law binds or would bind, otherwise ``policy``."""

    STATUTORY = "statutory"
    POLICY = "policy"


class Basis(StrEnum):
    """How a department was found (codebook, section 5)."""

    EXPLICIT = "explicit"
    INFERRED = "inferred"


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
        _require(min(self.table, self.row, self.column) >= 0, "negative place in a table")


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
        _require(bool(self.text.strip()), "a block has no text")
        _require(self.end - self.start == len(self.text), "offsets do not fit the text")
        _require("\n" not in self.text, "a block's text has a line break")
        _require(
            self.kind is not BlockKind.HEADING or (self.level or 0) >= 1, "a heading has no level"
        )
        _require(self.level is None or self.level >= 1, f"level {self.level} is not 1-based")

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
        _require(self.number >= 1, f"page {self.number} is not 1-based")


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
        _require(bool(self.id), "a document needs an id")
        _require(bool(_SHA256.match(self.sha256)), f"not a sha256: {self.sha256!r}")
        _require(self.date is None or bool(_DATE.match(self.date)), f"not a date: {self.date!r}")

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
            _require(block.start >= at, f"block {index} overlaps the one before")
            _require(
                self.text[block.start : block.end] == block.text, f"block {index} is out of place"
            )
            _require(
                block.lead_in is None or block.lead_in < index, f"block {index} opens after itself"
            )
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


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of ``Unit.text`` ([text_start, text_end)) that stands at ``start`` in the document.

    Lengths are equal, case may differ (a joined item begins in lower case).
    """

    text_start: int
    text_end: int
    start: int

    @property
    def end(self) -> int:
        """End offset in the document."""
        return self.start + self.text_end - self.text_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One sentence, list item or provision: what is read and labelled.

    text       lead-in joined; what the codebook calls the unit
    own_text   ``document.text[start:end]``, the unit's own words as printed
    lead_in    the opening words as printed, joined by spaces where nested; else None
    segments   where each stretch of ``text`` stands in the document, ascending by text_start;
               joining blanks belong to none
    block      index of the block it was cut from
    cell       its place in a table; ``row_label`` and ``column_label`` give the row's first cell
               and the column's header
    """

    unit_id: str
    index: int
    text: str
    own_text: str
    start: int
    end: int
    block: int
    kind: BlockKind
    region: Region = Region.BODY
    lead_in: str | None = None
    page: int | None = None
    page_label: str | None = None
    provision: str | None = None
    headings: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    boxes: tuple[Box, ...] = ()
    cell: Cell | None = None
    row_label: str | None = None
    column_label: str | None = None

    def __post_init__(self) -> None:
        _require(bool(self.text.strip()), "a unit has no text")
        _require(self.end - self.start == len(self.own_text), "offsets do not fit the own text")
        _require(self.index >= 0, "a unit's index is from 0")

    def to_document(self, offset: int) -> int:
        """Document offset of a character of ``text`` (the start of the next segment for a joint)."""
        for segment in self.segments:
            if offset < segment.text_start:
                return segment.start
            if offset < segment.text_end:
                return segment.start + offset - segment.text_start
        return self.end


@dataclass(frozen=True, slots=True)
class PartnerMention:
    """The other side as written; ``body`` is its entry in the register where it has one."""

    name: str
    type: Partner
    body: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        return {"name": self.name, "type": str(self.type), "body": self.body}


@dataclass(frozen=True, slots=True)
class DepartmentTag:
    """A department that answers for the commitment: code of the document's day, basis, mention as
    written (None where inferred), confidence 0..1."""

    code: str
    basis: Basis
    mention: str | None
    confidence: float

    def __post_init__(self) -> None:
        _require(0.0 <= self.confidence <= 1.0, f"confidence {self.confidence}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "basis": str(self.basis),
            "mention": self.mention,
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that moved the tag: document offsets, weight in log-odds towards the level given."""

    text: str
    start: int
    end: int
    weight: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "weight": round(self.weight, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What the tagger says of a unit. Level probabilities are over the five levels and sum to 1."""

    level: Level
    commitment_probability: float
    level_probabilities: tuple[float, float, float, float, float]
    actor_tier: ActorTier
    force: Force
    partners: tuple[Partner, ...] = ()
    partner_mentions: tuple[PartnerMention, ...] = ()
    departments: tuple[DepartmentTag, ...] = ()
    cues: tuple[Cue, ...] = ()
    needs_review: bool = False
    model: str = ""

    def __post_init__(self) -> None:
        _require(0.0 <= self.commitment_probability <= 1.0, "probability out of range")
        _require(abs(sum(self.level_probabilities) - 1.0) < 1e-6, "level probabilities: sum not 1")


@dataclass(frozen=True, slots=True)
class TaggedUnit:
    """A unit with its tag and its document: one record of the output."""

    document: DocumentInfo
    unit: Unit
    tag: Tag

    def as_dict(self) -> dict[str, Any]:
        """The record of the contract, keys in its order, plain JSON values."""
        unit, tag = self.unit, self.tag
        return {
            **unit_record(self.document, unit),
            "commitment_probability": round(tag.commitment_probability, 4),
            "level": str(tag.level),
            "level_probabilities": {
                str(level): round(value, 4)
                for level, value in zip(LADDER, tag.level_probabilities, strict=True)
            },
            "actor_tier": str(tag.actor_tier),
            "force": str(tag.force),
            "partners": [str(partner) for partner in tag.partners],
            "partner_mentions": [mention.as_dict() for mention in tag.partner_mentions],
            "departments": [department.as_dict() for department in tag.departments],
            "cues": [cue.as_dict() for cue in tag.cues],
            "needs_review": tag.needs_review,
            "model": tag.model,
        }


def unit_record(document: DocumentInfo, unit: Unit) -> dict[str, Any]:
    """The part of a record that needs no model (what ``extract`` writes)."""
    record: dict[str, Any] = {
        "document": document.as_dict(),
        "unit_id": unit.unit_id,
        "index": unit.index,
        "page": unit.page,
        "page_label": unit.page_label,
        "provision": unit.provision,
        "headings": list(unit.headings),
        "text": unit.text,
        "own_text": unit.own_text,
        "lead_in": unit.lead_in,
        "start": unit.start,
        "end": unit.end,
        "boxes": [box.as_list() for box in unit.boxes],
        "kind": str(unit.kind),
        "region": str(unit.region),
    }
    if unit.cell is not None:
        record["table"] = {
            "row": unit.cell.row,
            "column": unit.cell.column,
            "row_label": unit.row_label,
            "column_label": unit.column_label,
        }
    return record


@dataclass(slots=True, kw_only=True)
class DraftLine:
    """A line of a draft block, offsets into the draft's own text."""

    start: int
    end: int
    page: int | None = None
    box: Box | None = None


@dataclass(slots=True, kw_only=True)
class BlockDraft:
    """A block before its place in the document's text is known; what every reader produces.

    As `Block`, but ``lines`` and ``note_marks`` count from the draft's own text, and ``lead_in``
    is the opening draft itself (an object of the same list, standing before this one).
    """

    kind: BlockKind
    text: str
    region: Region = Region.BODY
    level: int | None = None
    number: str | None = None
    provision: str | None = None
    lead_in: BlockDraft | None = None
    closing: bool = False
    cell: Cell | None = None
    lines: list[DraftLine] = field(default_factory=list)
    note_marks: list[tuple[int, str]] = field(default_factory=list)


def assemble(
    info: DocumentInfo,
    drafts: Iterable[BlockDraft],
    *,
    format: str,
    pages: Iterable[Page] = (),
    problems: Iterable[str] = (),
) -> Document:
    """Lay drafts end to end and make the document. Drafts without visible text are left out."""
    blocks: list[Block] = []
    texts: list[str] = []
    place: dict[int, int] = {}
    at = 0
    for draft in drafts:
        if not draft.text.strip():
            continue
        lead_in = place.get(id(draft.lead_in)) if draft.lead_in is not None else None
        block = Block(
            kind=draft.kind,
            text=draft.text,
            start=at,
            end=at + len(draft.text),
            region=draft.region,
            level=draft.level,
            number=draft.number,
            provision=draft.provision,
            lead_in=lead_in,
            closing=draft.closing,
            cell=draft.cell,
            lines=tuple(
                Line(at + line.start, at + line.end, line.page, line.box) for line in draft.lines
            ),
            note_marks=tuple(NoteMark(at + offset, label) for offset, label in draft.note_marks),
        )
        place[id(draft)] = len(blocks)
        blocks.append(block)
        texts.append(draft.text)
        at += len(draft.text) + 1
    return Document(
        info=info,
        format=format,
        text="".join(text + "\n" for text in texts),
        blocks=tuple(blocks),
        pages=tuple(pages),
        problems=tuple(problems),
    )
