"""Blocks before their place in the document is known: what every reader produces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from collabnlp.schema.documents import (
    Block,
    BlockKind,
    Box,
    Cell,
    Document,
    DocumentInfo,
    Line,
    NoteMark,
    Page,
    Region,
)


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
                [Line(at + line.start, at + line.end, line.page, line.box) for line in draft.lines]
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
