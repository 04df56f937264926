"""Reads pages by their geometry: for PDFs without a structure tree, or with a bad one.

`look` takes what is needed from an open page; `layout_drafts` reads all pages of a document::

    with pdf.page(number) as page:
        pages.append(look(pdf, page))
    laid = layout_drafts(pages)

Every visible character of a page ends in one draft (its marker in ``number``) or is counted as
artifact: running heads and feet, page numbers, line numbers in the margin, note marks, repeated
header rows of tables, leaders of contents lines.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from collabnlp.extraction.furniture import find_furniture
from collabnlp.extraction.mending import Vocabulary
from collabnlp.extraction.pdf_bill import bill_drafts, is_bill
from collabnlp.extraction.pdf_blocks import (
    Builder,
    HeadingStyles,
    Piece,
    begins_figure,
    continues,
    is_caption,
    is_heading,
    is_label,
)
from collabnlp.extraction.pdf_order import regions
from collabnlp.extraction.pdf_page import (
    LayoutPage,
    look,
    look_again,
    mark_plain_numbers,
    with_markers,
)
from collabnlp.extraction.pdf_paragraphs import Metrics, Paragraph, group_rows
from collabnlp.extraction.pdf_regions import (
    Field,
    contents_rows,
    find_notes,
    in_grid,
    merged_lines,
    real_boxes,
    split_note,
)
from collabnlp.extraction.pdf_rows import Row
from collabnlp.extraction.pdf_tables import Tables
from collabnlp.schema import BlockDraft, BlockKind, Region

__all__ = ["Laid", "LayoutPage", "layout_drafts", "look", "look_again"]

_IMPRINT = re.compile(
    r"crown copyright|open government licence|presented to parliament|\bISBN\b|all rights reserved",
    re.IGNORECASE,
)
_FRONT_PAGES = 6


@dataclass(slots=True)
class Laid:
    """A document read by layout.

    drafts       in reading order; a draft belongs to the page of its first line
    characters   visible characters per page number that are in drafts (or their numbers)
    artifacts    visible characters per page number that are not
    labels       the page number that each page prints, where it prints one
    """

    drafts: list[BlockDraft]
    characters: dict[int, int]
    artifacts: dict[int, int]
    labels: dict[int, str]


def layout_drafts(pages: Sequence[LayoutPage], *, only: Collection[int] | None = None) -> Laid:
    """Read a document's pages. ``only``: numbers of the pages whose drafts are wanted; the others
    still tell what repeats and what is usual."""
    reader = _Reader(pages)
    drafts = reader.read()
    if only is not None:
        drafts = [draft for draft in drafts if draft.lines and draft.lines[0].page in only]
    return Laid(drafts, reader.characters, reader.artifacts, reader.labels)


class _Reader:
    def __init__(self, pages: Sequence[LayoutPage]) -> None:
        self.pages = pages
        self.characters: dict[int, int] = {page.number: 0 for page in pages}
        self.artifacts: dict[int, int] = {page.number: 0 for page in pages}
        self.labels: dict[int, str] = {}
        self.boxes: list[Field] = []  # of the page being read
        self.body: list[list[Row]] = self._without_furniture()
        mark_plain_numbers(self.body, [page.drawn.grids for page in self.pages])
        self.words = Vocabulary(row.text for rows in self.body for row in rows)
        self.metrics = Metrics.of(self.body)

    def _without_furniture(self) -> list[list[Row]]:
        """Each page's rows but for running heads, page numbers and what lies off the page."""
        free = [
            [row for row in page.rows if row.label is None and not in_grid(row, page.drawn.grids)]
            for page in self.pages
        ]
        found = find_furniture(free, [page.height for page in self.pages])
        kept: list[list[Row]] = []
        for page, rows, furniture, label in zip(
            self.pages, free, found.lines, found.labels, strict=True
        ):
            if label is not None:
                self.labels[page.number] = label
            gone = {id(rows[index]) for index in furniture}
            body: list[Row] = []
            for row in page.rows:
                self.artifacts[page.number] += row.dropped
                outside = row.x1 < 0 or row.x0 > page.width or row.bottom < 0
                if id(row) in gone or outside or row.top > page.height:
                    self.artifacts[page.number] += row.seen
                else:
                    self.characters[page.number] += row.seen
                    body.append(row)
            kept.append(with_markers(body))
        return kept

    def drop(self, row: Row) -> None:
        """Count a row as artifact after all."""
        self.characters[row.page] -= row.seen
        self.artifacts[row.page] += row.seen

    def lose(self, page: int, count: int) -> None:
        """Count characters of a page as artifacts after all."""
        self.characters[page] -= count
        self.artifacts[page] += count

    def read(self) -> list[BlockDraft]:
        if is_bill(self.body):
            return bill_drafts(self.body, self.metrics, self.words, self.drop, self.lose)
        pieces = list(self._pieces())
        headings = self._settle(pieces)
        pieces = _joined(pieces)
        styles = HeadingStyles.of(headings)
        lefts = _lefts(self.pages, self.body)
        builder = Builder(self.metrics, styles, self.words)
        for piece in pieces:
            if piece.kind is BlockKind.HEADING:
                piece.level = styles.level(piece.paragraph)
            builder.add(piece, lefts[piece.rows[0].page, piece.rows[0].x0 > lefts[0, False]])
        return builder.drafts

    def _pieces(self) -> Iterator[Piece]:
        """Paragraphs of every page with their regions, in content order."""
        front = _front_pages(self.body)
        tables = Tables(self.drop)
        in_contents = unfinished = False
        for index, (page, rows) in enumerate(zip(self.pages, self.body, strict=True)):
            if not rows:
                continue
            contents = contents_rows(rows, in_contents)
            in_contents = bool(contents)
            boxes = self.boxes = real_boxes(rows, page.drawn.fields, self.metrics)
            notes: set[int] = set()
            if not contents:
                notes = find_notes(rows, self.metrics, page.height, page.drawn.rules, unfinished)
            unfinished = bool(notes)
            region = Region.FRONT if index in front else Region.BODY
            tables.page(page.drawn.grids, rows, notes)
            for key, group in regions(rows, contents, notes, page.drawn.grids, boxes):
                yield from self._group(key, group, region, tables)

    def _group(
        self, key: tuple[str, int], rows: list[Row], region: Region, tables: Tables
    ) -> Iterator[Piece]:
        what, index = key
        if what == "contents":
            yield from (
                Piece(Paragraph([row]), region, BlockKind.CONTENTS, closed=True)
                for row in merged_lines(rows)
            )
        elif what == "note":
            yield from _notes(rows, region)
        elif what == "table":
            yield from tables.cells(index, rows, self.metrics, region)
        else:
            metrics = self.metrics
            if what == "box":  # padded alike on both sides
                box = self.boxes[index]
                metrics = metrics.within(box.x1 - max(0.0, min(row.x0 for row in rows) - box.x0))
            for paragraph in group_rows(rows, metrics):
                boxed = what == "box" and region is Region.BODY
                yield Piece(paragraph, Region.BOX if boxed else region, box=index)

    def _settle(self, pieces: Sequence[Piece]) -> list[Paragraph]:
        """Find out which pieces are headings and captions; returns the headings of the body."""
        headings: list[Paragraph] = []
        _label_figures(pieces)
        before: Piece | None = None
        for last, piece in zip([None, *pieces], pieces, strict=False):
            before = last if last is not None and last.kind is not BlockKind.FOOTNOTE else before
            if piece.kind is not None or piece.cell is not None:
                continue
            if is_caption(piece.paragraph):
                piece.kind = BlockKind.CAPTION
            elif _in_open_list(piece, before):
                pass
            elif is_heading(piece.paragraph, self.metrics):
                piece.kind = BlockKind.HEADING
                if piece.region is Region.BODY:
                    headings.append(piece.paragraph)
        return headings


def _in_open_list(piece: Piece, before: Piece | None) -> bool:
    """A numbered line after words that open a list, or after the item before it, is an item
    however bold it is."""
    marker = piece.paragraph.marker
    if before is None or marker is None or before.kind is BlockKind.HEADING:
        return False
    if before.paragraph.last.text.endswith(":") and before.paragraph.marker is None:
        return True
    old = before.paragraph.marker or ""
    number, last = marker.strip("(). "), old.strip("(). ")
    return number.isdigit() and last.isdigit() and int(number) == int(last) + 1


def _label_figures(pieces: Sequence[Piece]) -> None:
    """Short words between the title of a figure and its source are the figure's labels."""
    start: int | None = None
    for index, piece in enumerate(pieces):
        paragraph = piece.paragraph
        if piece.cell is not None or piece.kind is not None:
            continue
        if begins_figure(paragraph) and is_caption(paragraph):
            start = index
        elif start is not None and pieces[start].rows[0].page != piece.rows[0].page:
            start = None
        elif start is not None and paragraph.first.text.startswith("Source"):
            for inner in pieces[start + 1 : index]:
                if inner.kind is None and inner.cell is None and is_label(inner.paragraph):
                    inner.kind = BlockKind.CAPTION
            start = None


def _notes(rows: Sequence[Row], region: Region) -> Iterator[Piece]:
    """Footnotes: a new one where a row begins with a mark that counts on."""
    current: Piece | None = None
    for row in rows:
        label, _ = split_note(row)
        old = current.paragraph.marker if current else None
        if label is not None and row.label is None and old is not None:
            follows = label.isdigit() and old.isdigit() and int(label) == int(old) + 1
            label = label if follows else None
        if label is not None or current is None:
            if current is not None:
                yield current
            current = Piece(Paragraph([row], label), region, BlockKind.FOOTNOTE)
        else:
            current.rows.append(row)
    if current is not None:
        yield current


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join what goes on over columns and pages: text with text, boxes, notes and cells alike."""
    result: list[Piece] = []
    open_: dict[tuple[str, str], Piece] = {}
    for piece in pieces:
        lane = _lane(piece)
        if piece.kind is BlockKind.HEADING:  # text does not go on beyond a heading
            open_.pop(("None", str(piece.region)), None)
        before = open_.get(lane)
        parted = bool(result) and result[-1] is not before
        if before is not None and _goes_on(before, piece, parted):
            before.rows.extend(piece.rows)
            before.paragraph.full = piece.paragraph.full
            continue
        result.append(piece)
        open_[lane] = piece
    return result


def _lane(piece: Piece) -> tuple[str, str]:
    kind = "note" if piece.kind is BlockKind.FOOTNOTE else ""
    cell = piece.cell
    if cell is not None:
        kind = f"cell {cell.table} {cell.row} {cell.column}"
    return kind or str(piece.kind), str(piece.region)


def _goes_on(before: Piece, piece: Piece, parted: bool) -> bool:
    """Whether a piece is the rest of another. ``parted``: something stands between the two."""
    last, first = before.rows[-1], piece.rows[0]
    if before.closed or piece.closed or piece.kind is BlockKind.HEADING:
        return False
    if first.page - last.page not in (0, 1):
        return False
    turned = first.page != last.page or first.top < last.top - 2 * last.size
    if not turned:  # text around a box goes on in small letters only
        lower = first.text[:1].islower() and piece.kind is None and piece.cell is None
        return parted and lower and continues(before.paragraph, piece.paragraph)
    if piece.kind is BlockKind.FOOTNOTE:
        return piece.paragraph.marker is None
    if piece.cell is not None:
        rows = before.rows
        room = max(row.x1 for row in rows) - last.x0
        before.paragraph.full = len(rows) > 1 and last.width > 0.75 * room
    return continues(before.paragraph, piece.paragraph)


def _front_pages(pages: Sequence[Sequence[Row]]) -> set[int]:
    """Indices of cover and imprint pages: up to the imprint among the first, and a last one."""
    texts = [" ".join(row.text for row in rows) for rows in pages]
    front: set[int] = set()
    if texts and len(texts) > 2 and len(texts[0]) < 900:
        front.add(0)
    for index, text in enumerate(texts[:_FRONT_PAGES]):
        if _IMPRINT.search(text) and len(text) < 2500 and len(texts) > 2:
            front.update(range(index + 1))
    for index in range(len(texts) - 1, max(len(texts) - 3, 2), -1):
        if len(texts[index]) < 900 and (_IMPRINT.search(texts[index]) or not texts[index]):
            front.add(index)
        else:
            break
    return front


def _lefts(
    pages: Sequence[LayoutPage], body: Sequence[Sequence[Row]]
) -> dict[tuple[int, bool], float]:
    """(page number, right column?) -> left edge of the text; (0, False) -> where columns part.

    Left and right pages may have unlike margins, so pages are measured by parity.
    """
    parities: dict[int, Counter[int]] = defaultdict(Counter)
    widths = [page.width for page in pages] or [0.0]
    middle = sorted(widths)[len(widths) // 2] * 0.47
    for page, rows in zip(pages, body, strict=True):
        for row in rows:
            if row.x0 < middle:
                parities[page.number % 2][round(row.x0)] += 1
    lefts: dict[tuple[int, bool], float] = {(0, False): middle}
    for page, rows in zip(pages, body, strict=True):
        counts = parities[page.number % 2]
        total = sum(counts.values())
        left = min((x for x, count in counts.items() if count >= 0.03 * total), default=0)
        right = [row.x0 for row in rows if row.x0 >= middle]
        lefts[page.number, False] = float(left)
        lefts[page.number, True] = min(right, default=float(left))
    return lefts
