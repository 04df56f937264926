"""From a document's blocks to its units: what is read, labelled and counted.

Headings, contents lines, captions and footnotes are no units. Paragraphs, list items, provisions
and table cells are cut into sentences. The first sentence of an item is joined to the words that
open its list (`lead_ins` has the conventions); its later sentences stand alone. Opening words stay
a unit of their own in policy text. In statute they are none where they are unfinished and have
sub-provisions, for the unit is the smallest numbered provision that reads as a whole sentence;
words that close a provision are joined to its opening words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from collabnlp.identifiers import unit_ids
from collabnlp.schema import Block, BlockKind, Document, Region, Segment, Unit
from collabnlp.segmentation.heading_paths import heading_paths
from collabnlp.segmentation.lead_ins import (
    EVIDENCE,
    Casing,
    opens_list,
    opens_provision,
    without_mark,
)
from collabnlp.segmentation.places import boxes_of, table_labels
from collabnlp.segmentation.sentences import split_sentences

# No drafter nests deeper; a damaged file may.
DEEPEST_CHAIN = 24

_NO_UNITS = frozenset(
    {BlockKind.HEADING, BlockKind.CONTENTS, BlockKind.CAPTION, BlockKind.FOOTNOTE}
)
_IN_ORDER = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.PROVISION})
_STUCK_NOTE = re.compile(
    r"(?<=[^\W\d_][.?!])[”’\"')]*(?P<mark>\d{1,3}(?:,\s?\d{1,3})*|[¹²³⁰⁴-⁹]+)\Z"
)


class _Piece(NamedTuple):
    """Opening words as joined (``text``) and as printed, and where they stand in the document."""

    text: str
    printed: str
    start: int


@dataclass(slots=True)
class _Draft:
    """A unit before it has its id."""

    block: int
    start: int
    end: int
    opening: tuple[_Piece, ...]
    headings: tuple[str, ...]


def make_units(document: Document) -> tuple[Unit, ...]:
    """The units of a document in reading order, each with its place, lead-in and heading path."""
    return _Units(document).made()


class _Units:
    """One document's blocks on their way to units."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.blocks = document.blocks
        self.leads = _lead_ins(self.blocks)
        self.casing = Casing(document.text[:EVIDENCE])
        self.sentences: dict[int, list[tuple[int, int]]] = {}
        self.openings: dict[int, tuple[_Piece, ...]] = {}
        self.has_provisions = {
            lead
            for block, lead in zip(self.blocks, self.leads, strict=True)
            if lead is not None and block.kind is BlockKind.PROVISION
        }
        self.labels = {page.number: page.label for page in document.pages}

    def made(self) -> tuple[Unit, ...]:
        drafts = self._drafts()
        texts = [self._text(draft) for draft in drafts]
        ids = unit_ids(self.document.info.id, (text for text, _ in texts))
        tables = table_labels(self.blocks)
        return tuple(
            self._unit(index, draft, text, segments, unit_id, tables)
            for index, (draft, (text, segments), unit_id) in enumerate(
                zip(drafts, texts, ids, strict=True)
            )
        )

    def _drafts(self) -> list[_Draft]:
        drafts: list[_Draft] = []
        for index, headings in enumerate(heading_paths(self.blocks)):
            block = self.blocks[index]
            if block.kind in _NO_UNITS:
                continue
            spans = self._spans(index)
            lead = self.leads[index]
            for number, (start, end) in enumerate(spans):
                if number == len(spans) - 1 and self._is_mere_opening(index):
                    continue
                opening = self._opening(lead) if number == 0 and lead is not None else ()
                if any(map(str.isalnum, self.document.text[start:end])):
                    drafts.append(_Draft(index, start, end, opening, headings))
        return drafts

    def _spans(self, index: int) -> list[tuple[int, int]]:
        """The sentences of a block, in document offsets, less a note's mark stuck to their end."""
        if index not in self.sentences:
            block = self.blocks[index]
            self.sentences[index] = [
                (block.start + start, block.start + _before_note(block.text, start, end))
                for start, end in split_sentences(block.text)
            ]
        return self.sentences[index]

    def _opens(self, index: int) -> bool:
        """True where the last sentence of a block is left open for what follows it."""
        block = self.blocks[index]
        if block.kind in _NO_UNITS:
            return False
        start, end = self._spans(index)[-1]
        last = self.document.text[start:end]
        if block.kind is BlockKind.PROVISION:
            return opens_provision(last)
        return opens_list(last)

    def _is_mere_opening(self, index: int) -> bool:
        """True where the last sentence of a block only opens the sub-provisions below it."""
        block = self.blocks[index]
        if block.kind is not BlockKind.PROVISION or index not in self.has_provisions:
            return False
        end = self._spans(index)[-1][1]
        return self.document.text[end - 1] != ":" and self._opens(index)

    def _opening(self, index: int) -> tuple[_Piece, ...]:
        """The chain of opening words that a block gives to its items; empty if it is finished."""
        if index not in self.openings:
            chain: list[int] = []
            at: int | None = index
            while at is not None and len(chain) < DEEPEST_CHAIN and self._opens(at):
                chain.append(at)
                at = self.leads[at] if len(self._spans(at)) == 1 else None
            self.openings[index] = tuple(
                self._piece(opener, outermost=opener == chain[-1]) for opener in reversed(chain)
            )
        return self.openings[index]

    def _piece(self, index: int, *, outermost: bool) -> _Piece:
        """The last sentence of a block as its items carry it."""
        start, end = self._spans(index)[-1]
        printed = self.document.text[start:end]
        if self.blocks[index].kind is BlockKind.PROVISION:
            return _Piece(printed, printed, start)
        text = without_mark(printed)
        return _Piece(text if outermost else self.casing.lowered(text), printed, start)

    def _text(self, draft: _Draft) -> tuple[str, tuple[Segment, ...]]:
        own = self.document.text[draft.start : draft.end]
        if not draft.opening:
            return own, (Segment(0, len(own), draft.start),)
        if self.blocks[draft.block].kind is not BlockKind.PROVISION:
            own = self.casing.lowered(own)
        parts: list[str] = []
        segments: list[Segment] = []
        at = 0
        for text, start in (*((it.text, it.start) for it in draft.opening), (own, draft.start)):
            parts.append(text)
            segments.append(Segment(at, at + len(text), start))
            at += len(text) + 1
        return " ".join(parts), tuple(segments)

    def _unit(
        self,
        index: int,
        draft: _Draft,
        text: str,
        segments: tuple[Segment, ...],
        unit_id: str,
        tables: dict[int, tuple[str | None, str | None]],
    ) -> Unit:
        block = self.blocks[draft.block]
        # A paragraph that runs over the page break is cited by the page on which it begins; the
        # boxes tell where the unit's own words are printed.
        page = block.page
        label = self.labels.get(page) if page is not None else None
        row_label, column_label = tables.get(draft.block, (None, None))
        return Unit(
            unit_id=unit_id,
            index=index,
            text=text,
            own_text=self.document.text[draft.start : draft.end],
            start=draft.start,
            end=draft.end,
            block=draft.block,
            kind=block.kind,
            region=block.region,
            lead_in=" ".join(it.printed for it in draft.opening) or None,
            page=page,
            page_label=label if label != str(page) else None,
            provision=self._provision(draft.block),
            headings=draft.headings,
            segments=segments,
            boxes=boxes_of(block, draft.start, draft.end),
            cell=block.cell,
            row_label=row_label,
            column_label=column_label,
        )

    def _provision(self, index: int) -> str | None:
        """The number of the block, or of the numbered paragraph whose list it belongs to."""
        at: int | None = index
        while at is not None:
            if self.blocks[at].provision:
                return self.blocks[at].provision
            at = self.leads[at]
        return None


def _lead_ins(blocks: Sequence[Block]) -> list[int | None]:
    """The opening block of each block: as read, or else as the order of the blocks shows it.

    A reader that does not know what opens a list says None. Then a paragraph of the same region
    that ends in a colon, with nothing but notes and captions between, opens the list's items. Text
    quoted for insertion is opened by the amending words before it ("after subsection (2) insert—"),
    unless a heading shows that whole sections are inserted, which stand by themselves.
    """
    leads: list[int | None] = []
    colon: int | None = None
    amending: int | None = None
    for index, block in enumerate(blocks):
        lead = block.lead_in
        if block.kind is BlockKind.LIST_ITEM:
            if lead is not None:
                colon = None if (block.level or 1) == 1 else colon
            elif colon is not None and blocks[colon].region is block.region:
                lead = colon
        elif block.kind in _IN_ORDER:
            opens = block.kind is BlockKind.PARAGRAPH and block.text.rstrip().endswith(":")
            colon = index if opens else None
            if block.region is not Region.QUOTED:
                amends = block.kind is BlockKind.PROVISION and opens_provision(block.text)
                amending = index if amends else None
            elif block.kind is BlockKind.HEADING:
                amending = None
            elif lead is None and block.kind is BlockKind.PROVISION:
                lead = amending
        leads.append(lead)
    return leads


def _before_note(text: str, start: int, end: int) -> int:
    """The end of a sentence without a note's mark that got stuck to it."""
    if not text[end - 1].isdigit() and text[end - 1] not in "¹²³":
        return end
    stuck = _STUCK_NOTE.search(text, max(start, end - 24), end)
    return stuck.start("mark") if stuck else end
