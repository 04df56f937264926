"""Drafts of a tagged PDF's blocks: what was tagged apart joined, lists nested by place, numbered.

Depth is told by indent, not by the tree: word processors hang lists wherever they like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from collabnlp.extraction.markers import Style, parse_marker
from collabnlp.extraction.mending import LINE_END_HYPHEN, Vocabulary
from collabnlp.extraction.outline import Outline, Piece
from collabnlp.extraction.pdf_roles import RUNNING, Entry, TaggedPage, set_levels, settle_roles
from collabnlp.extraction.pdf_targets import Role, Target
from collabnlp.extraction.pdf_text import visible
from collabnlp.extraction.pdf_wording import label_text, word
from collabnlp.schema import BlockDraft, BlockKind, DraftLine

_SAME_COLUMN = 4.0  # points
_INDENT = 5.0  # points: items that begin this much further right stand a level deeper
_WIDEST_INDENT = 60.0  # points: a page whose text begins further right has a margin of its own
_OPEN_END = re.compile(r"(?:[^.:;!?”’\")\]…]|\b(?:e\.g|i\.e|etc|No|para|paras)\.)\Z")
_BARE_NUMBER = re.compile(r"(\d{1,3})\.?\s+(?=[\"“‘'(]?[A-Z])")
_DOTTED = re.compile(r"(?:[A-Z]{0,3}\.?\d{1,3}|[A-Z])(?:\.\d{1,3}){1,3}\.?\Z")
_DECIMAL = re.compile(r"\(?(\d{1,3})[.)]?\Z")
_NOTE_NUMBER = re.compile(r"(\d{1,3}|[*†‡§]{1,3}|[ivx]{1,4})[.)]?\s+(?=\S)")
# A word, as no list counts by: "Note:" and "viii" are labels.
_PLAIN_WORD = re.compile(r"(?:[A-Z][a-z]+|[A-Za-z]{3,})\Z")
_ROMAN = re.compile(r"[ivxlc]+\Z", re.IGNORECASE)


@dataclass(slots=True)
class _Depth:
    x0: float
    opener: BlockDraft | None


class Drafter:
    """Makes drafts of the targets of all tagged pages; one for each document."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self.outline = Outline()
        self.ornaments: Counter[int] = Counter()  # visible characters by page, in no draft
        self._stack: list[_Depth] = []
        self._last_item = 0
        self._lefts: dict[int, float] = {}
        self._bare_numbers = False
        self._decimal_paragraphs = False

    def entries(self, pages: Sequence[TaggedPage]) -> list[Entry]:
        """Every target's wording and role, those that go on over a break joined into one."""
        joined: list[Target] = []
        last: Target | None = None
        cells: list[Target] = []  # of the page before
        for page in pages:
            before, cells = cells, [it for it in page.targets if it.role is Role.CELL]
            for target in page.targets:
                _word_back(target)
                cell = _cell_before(before, target) if before else None
                if cell is not None:
                    cell.fragments.extend(target.fragments)
                    continue
                if last is not None and _goes_on(last, target):
                    last.fragments.extend(target.fragments)
                    continue
                joined.append(target)
                if target.role in (Role.PARAGRAPH, Role.ITEM, Role.HEADING, Role.CELL):
                    last = target
        entries: list[Entry] = []
        for target in joined:
            if not target.fragments and target.label:
                # A label without a body is all the text there is, or a lone ornament.
                if not any(char.isalnum() for run in target.label for char in run.text):
                    self.ornaments[target.label_page] += sum(
                        visible(run.text) for run in target.label
                    )
                    continue
                target.fragments, target.label = target.label_fragments, []
            wording = word(target.fragments, self._words)
            wording.bold = wording.bold or target.run_in
            if wording.text:
                first = target.fragments[0]
                x0 = min(run.x0 for run in (target.label or first.runs))
                entries.append(Entry(target, target.role, wording, first.page, x0))
        return entries

    def prepare(self, entries: list[Entry], pages: Sequence[TaggedPage]) -> None:
        """Settle roles, regions and heading levels over the whole document."""
        self._lefts = _left_edges(entries)
        settle_roles(entries, pages)
        set_levels(entries)
        self._bare_numbers = _counts_up(
            _BARE_NUMBER.match(it.wording.text) for it in entries if it.role is Role.PARAGRAPH
        )
        self._decimal_paragraphs = _counts_over_headings(entries)

    def add(self, entry: Entry) -> BlockDraft | None:
        """Make the draft of an entry, in reading order."""
        outline, wording, target = self.outline, entry.wording, entry.target
        outline.region = entry.region
        piece = Piece(wording.text, list(wording.marks))
        draft: BlockDraft | None
        if entry.role is Role.HEADING:
            self._stack.clear()
            draft = outline.heading(piece, entry.level)
            if draft is not None and draft.number is None:
                draft.number = label_text(target.label)
        elif entry.role is Role.NOTE:
            number = wording.label or label_text(target.label)
            match = _NOTE_NUMBER.match(piece.text) if number is None else None
            if match:
                number, piece = match[1], piece.cut(match.end())
            draft = outline.plain(BlockKind.FOOTNOTE, piece, number)
        elif entry.role is Role.CONTENTS:
            draft = outline.plain(BlockKind.CONTENTS, piece)
        elif entry.role in (Role.CAPTION, Role.FIGURE):
            draft = outline.plain(BlockKind.CAPTION, piece)
        elif entry.role is Role.ITEM:
            draft = self._item(entry, piece)
        elif entry.role is Role.CELL:
            self._stack.clear()
            outline.interrupt()
            draft = outline.paragraph(piece, cell=target.cell)
        else:
            draft = self._paragraph(entry, piece)
        self._last_item = target.item
        if draft is not None:
            draft.lines = _shifted(wording.lines, len(wording.text) - len(draft.text))
        return draft

    def take(self, drafts: Iterable[BlockDraft]) -> None:
        """Put in drafts of a page that was read in another way."""
        self._stack.clear()
        self.outline.interrupt()
        self.outline.drafts.extend(drafts)

    def _paragraph(self, entry: Entry, piece: Piece) -> BlockDraft | None:
        if self._stack and entry.target.resumed:
            draft = self.outline.continued(piece)
            if draft is not None:
                draft.closing = draft.text[:1].islower()
                draft.lead_in = self._stack[0].opener if draft.closing else None
            self._stack.clear()
            return draft
        x0 = entry.x0 - self._lefts.get(entry.page, 0.0)
        if self._stack and x0 > self._stack[-1].x0 + _INDENT and not parse_marker(piece.text):
            return self.outline.continued(piece)  # set in below an item: a part of it
        self._stack.clear()
        match = _BARE_NUMBER.match(piece.text) if self._bare_numbers else None
        if match:
            return self.outline.numbered(piece.cut(match.end()), match[1])
        return self.outline.paragraph(piece)

    def _item(self, entry: Entry, piece: Piece) -> BlockDraft | None:
        outline, target = self.outline, entry.target
        number = label_text(target.label)
        if number is None and not target.resumed and target.item != self._last_item:
            marker = parse_marker(piece.text)
            if marker is not None and (marker.style is not Style.DECIMAL or marker.length < 6):
                number, piece = marker.printed, piece.cut(marker.length)
        if number is None and (target.resumed or target.item == self._last_item) and self._stack:
            draft = outline.continued(piece, cell=target.cell)
            if draft is not None and draft.text[:1].islower():
                draft.closing, draft.lead_in = True, self._stack[-1].opener
            return draft
        if number is not None and target.cell is None and self._numbers_paragraph(number):
            self._stack.clear()
            draft = outline.numbered(piece, number)
            if draft is not None:
                self._stack = []
            return draft
        x0 = entry.x0 - self._lefts.get(entry.page, 0.0)
        while self._stack and x0 < self._stack[-1].x0 - _INDENT:
            self._stack.pop()
        if not self._stack or x0 > self._stack[-1].x0 + _INDENT:
            self._stack.append(_Depth(x0, outline.opener))
        return outline.item(
            piece, depth=len(self._stack), number=number, lead_in=self._stack[-1].opener,
            cell=target.cell,
        )  # fmt: skip

    def _numbers_paragraph(self, number: str) -> bool:
        return bool(_DOTTED.match(number)) or (
            self._decimal_paragraphs and bool(_DECIMAL.match(number)) and number[0] != "("
        )


def _left_edges(entries: Iterable[Entry]) -> dict[int, float]:
    """Where the text of each page begins: a page of nothing but items has the edge of its like.

    Left and right pages may have unlike margins.
    """
    lefts: dict[int, float] = {}
    for entry in entries:
        if entry.role in RUNNING:
            lefts[entry.page] = min(lefts.get(entry.page, entry.x0), entry.x0)
    for parity in (0, 1):
        counts = Counter(round(x0) for page, x0 in lefts.items() if page % 2 == parity)
        usual = max(counts, key=lambda x0: (counts[x0], -x0), default=0)
        for page, x0 in lefts.items():
            if page % 2 == parity and usual < x0 < usual + _WIDEST_INDENT:
                lefts[page] = float(usual)
    return lefts


def _shifted(lines: list[DraftLine], by: int) -> list[DraftLine]:
    if by <= 0:
        return lines
    return [
        DraftLine(
            start=max(0, line.start - by), end=max(0, line.end - by), page=line.page, box=line.box
        )
        for line in lines
        if line.end > by or line.start >= by
    ]


def _word_back(target: Target) -> None:
    """Give a paragraph its first word back: some producers tag that as a list item's label."""
    said = label_text(target.label) or ""
    if target.fragments and _PLAIN_WORD.match(said) and not _ROMAN.match(said):
        target.fragments = [*target.label_fragments, *target.fragments]
        target.label = []


def _goes_on(last: Target, target: Target) -> bool:
    """The words of a target go on with the last one's sentence: they were tagged apart only."""
    if target.label or target.role is Role.CELL or not target.fragments or not last.fragments:
        return False
    if target.role is Role.HEADING or last.role is Role.HEADING:
        return last.role is target.role and _same_heading(last, target)
    if target.role not in (Role.PARAGRAPH, Role.ITEM) or last.role is Role.CELL:
        return False
    if target.cell != last.cell or target.resumed:
        return False
    before, after = last.fragments[-1], target.fragments[0]
    if abs(before.line.size - after.line.size) > 0.6:
        return False
    ending = "".join(run.text for run in before.runs if not run.raised).rstrip()
    beginning = "".join(run.text for run in after.runs).lstrip()
    if not ending or not beginning:
        return False
    if parse_marker(beginning) is not None:
        return False
    if ending.endswith(LINE_END_HYPHEN):
        return True
    return beginning[0].islower() and bool(_OPEN_END.search(ending))


def _cell_before(cells: list[Target], target: Target) -> Target | None:
    """The cell of the page before that a cell goes on with: its column, a sentence left open."""
    if target.role is not Role.CELL or not target.fragments:
        return None
    beginning = "".join(run.text for run in target.fragments[0].runs).lstrip()
    if not beginning[:1].islower():
        return None
    left = target.fragments[0].runs[0].x0
    for cell in reversed(cells):
        if cell.fragments and abs(cell.fragments[-1].runs[0].x0 - left) < _SAME_COLUMN:
            ending = "".join(run.text for run in cell.fragments[-1].runs if not run.raised)
            return cell if _OPEN_END.search(ending.rstrip()) else None
    return None


def _same_heading(last: Target, target: Target) -> bool:
    before, after = last.fragments[-1], target.fragments[0]
    return (
        before.page == after.page
        and last.rank == target.rank
        and before.line.font == after.line.font
        and abs(before.line.size - after.line.size) < 0.3
        and -0.5 * after.line.size < after.line.top - before.line.bottom < 0.5 * after.line.size
        and parse_marker(after.line.text) is None
    )


def _counts_up(matches: Iterable[re.Match[str] | None]) -> bool:
    """Whether the numbers that paragraphs begin with count through the document."""
    numbers = [int(match[1]) for match in matches if match]
    steps = sum(b == a + 1 for a, b in pairwise(numbers))
    return steps >= 5 and steps * 10 >= len(numbers) * 6


def _counts_over_headings(entries: Iterable[Entry]) -> bool:
    """Whether tagged "12." labels go on counting after a heading: then they number paragraphs."""
    last = over = 0
    parted = False
    for entry in entries:
        if entry.role is Role.HEADING:
            parted = True
        elif entry.role is Role.ITEM:
            label = label_text(entry.target.label) or ""
            marker = parse_marker(entry.wording.text) if not label else None
            match = _DECIMAL.match(label or (marker.printed if marker else ""))
            if match:
                number = int(match[1])
                over += parted and number == last + 1 and number > 1
                last, parted = number, False
    return over >= 3
