"""A unit: one sentence, list item or provision, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collabnlp.schema.documents import BlockKind, Box, Cell, DocumentInfo, Region
from collabnlp.schema.rules import require


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
        require(bool(self.text.strip()), "a unit has no text")
        require(self.end - self.start == len(self.own_text), "offsets do not fit the own text")
        require(self.index >= 0, "a unit's index is from 0")

    def to_document(self, offset: int) -> int:
        """Document offset of a character of ``text``; a joint has the next segment's start."""
        for segment in self.segments:
            if offset < segment.text_start:
                return segment.start
            if offset < segment.text_end:
                return segment.start + offset - segment.text_start
        return self.end


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
