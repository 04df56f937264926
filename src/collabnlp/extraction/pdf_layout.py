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
from dataclasses import dataclass, field

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
from collabnlp.extraction.pdf_careful import Grid, without_false_borders
from collabnlp.extraction.pdf_graphics import shapes_of
from collabnlp.extraction.pdf_paragraphs import Metrics, Paragraph, group_rows
from collabnlp.extraction.pdf_regions import (
    Drawn,
    Field,
    box_of,
    contents_rows,
    drawn_regions,
    find_notes,
    real_boxes,
    split_note,
)
from collabnlp.extraction.pdf_rows import Row, rows_of
from collabnlp.extraction.pdf_tables import Tables
from collabnlp.extraction.pdf_text import OpenPage, PageText, PdfFile, Run
from collabnlp.schema import BlockDraft, BlockKind, Region

_IMPRINT = re.compile(
    r"crown copyright|open government licence|presented to parliament|\bISBN\b|all rights reserved",
    re.IGNORECASE,
)
_FRONT_PAGES = 6


@dataclass(slots=True)
class LayoutPage:
    """One page as layout analysis needs it: plain data that outlives the page."""

    number: int
    width: float
    height: float
    rows: list[Row]
    drawn: Drawn = field(default_factory=Drawn)


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


def look(pdf: PdfFile, page: OpenPage) -> LayoutPage:
    """Take rows and drawing of an open page."""
    drawn = drawn_regions(shapes_of(page), page.width, page.height)
    rows = rows_of(page.number, page.lines)
    if drawn.grids and any(_straddles(row, drawn.grids) for row in rows):
        lines = pdf.read(page.number, objects=True).lines
        rows = rows_of(page.number, lines, lambda run: _cell_of(run, drawn.grids))
        places = [(row.x0, row.top, row.x1, row.bottom) for row in rows]
        drawn.grids = [without_false_borders(grid, places) for grid in drawn.grids]
    return LayoutPage(page.number, page.width, page.height, rows, drawn)


def look_again(text: PageText) -> LayoutPage:
    """The same for a page that the careful engine read: rows only."""
    return LayoutPage(text.number, text.width, text.height, rows_of(text.number, text.lines))


def _cell_of(run: Run, grids: Sequence[Grid]) -> tuple[int, int, int] | None:
    x, y = run.x0 + min(3.0, (run.x1 - run.x0) / 2), (run.top + run.bottom) / 2
    for index, grid in enumerate(grids):
        place = grid.place(x, y)
        if place is not None:
            return index, *place
    return None


def _straddles(row: Row, grids: Sequence[Grid]) -> bool:
    """A row that reaches over a cell's border."""
    y = (row.top + row.bottom) / 2
    for grid in grids:
        first, last = grid.place(row.x0 + 2, y), grid.place(row.x1 - 2, y)
        if first is not None and last is not None and first != last:
            return True
    return False


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
        _mark_plain_numbers(self.body, [page.drawn.grids for page in self.pages])
        self.words = Vocabulary(row.text for rows in self.body for row in rows)
        self.metrics = Metrics.of(self.body)

    def _without_furniture(self) -> list[list[Row]]:
        """Each page's rows but for running heads, page numbers and what lies off the page."""
        free = [
            [row for row in page.rows if not _in_grid(row, page.drawn.grids)] for page in self.pages
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
            kept.append(_with_markers(body))
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
                notes = find_notes(
                    rows, self.metrics, page.height, page.drawn.rules, unfinished
                )
            unfinished = bool(notes)
            region = Region.FRONT if index in front else Region.BODY
            tables.page(page.drawn.grids, rows, notes)
            for key, group in _groups(rows, contents, notes, page.drawn.grids, boxes):
                yield from self._group(key, group, region, tables)

    def _group(
        self, key: tuple[str, int], rows: list[Row], region: Region, tables: Tables
    ) -> Iterator[Piece]:
        what, index = key
        if what == "contents":
            yield from (
                Piece(Paragraph([row]), region, BlockKind.CONTENTS, closed=True)
                for row in _merged_lines(rows)
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


def _in_grid(row: Row, grids: Sequence[Grid]) -> bool:
    x, y = (row.x0 + row.x1) / 2, (row.top + row.bottom) / 2
    return any(
        grid.x0 - 2 <= x <= grid.x1 + 2 and grid.top - 2 <= y <= grid.bottom + 2 for grid in grids
    )


def _with_markers(rows: list[Row]) -> list[Row]:
    """A marker that PDFium gives a line of its own goes to the row beside it.

    Rows may stand between the two in content order (the number of a line in the margin).
    """
    result: list[Row] = []
    waiting: list[Row] = []
    for row in rows:
        for lone in waiting:
            level = abs(lone.bottom - row.bottom) < 0.5 * row.size
            if level and 0 < row.x0 - lone.x1 < 5 * row.size and row.marker is None:
                row.marker, row.text_x = lone.text, row.x0
                row.text = f"{lone.text} {row.text}"
                row.marks = [(at + len(lone.text) + 1, label) for at, label in row.marks]
                row.x0, row.seen = lone.x0, row.seen + lone.seen
                waiting.remove(lone)
                result.remove(lone)
                break
        if len(row.text) <= 6 and _LONE_MARKER.fullmatch(row.text):
            waiting = [*waiting[-3:], row]
        result.append(row)
    return result


_PLAIN_NUMBER = re.compile(r"(\d{1,3})\s+(?=[A-Z“‘\"'(])")


def _mark_plain_numbers(body: Sequence[Sequence[Row]], grids: Sequence[Sequence[Grid]]) -> None:
    """Paragraphs numbered "12 The …" through the document: the number is a marker, not text.

    A bare number at a line's start means nothing alone; ten in a row do.
    """
    found: list[tuple[Row, str]] = []
    last = 0
    for rows, tables in zip(body, grids, strict=True):
        for row in rows:
            number = _PLAIN_NUMBER.match(row.text)
            if number is None or row.label is not None or (tables and _in_grid(row, tables)):
                continue
            if int(number[1]) == last + 1:
                last += 1
                found.append((row, number[1]))
    places = Counter(round(row.x0 / 6) for row, _ in found)
    if len(found) < 10 or max(places.values()) < 0.6 * len(found):
        return
    usual = max(sorted(places), key=lambda place: places[place])
    for row, printed in found:
        if abs(round(row.x0 / 6) - usual) <= 1:
            row.marker = printed
            row.text_x = max(row.text_x, row.x0 + 1.5 * row.size)


_LONE_MARKER = re.compile(
    r"[•●○◦▪■□‣∙·–—]|[“‘]?\(?(?:\d{1,3}[A-Z]{0,2}|[a-zA-Z]{1,2}|[ivx]{1,5})[.)]|\d{1,2}\.\d{1,3}\.?"
)


def _groups(
    rows: Sequence[Row],
    contents: Collection[int],
    notes: Collection[int],
    grids: Sequence[Grid],
    boxes: Sequence[Field],
) -> Iterator[tuple[tuple[str, int], list[Row]]]:
    """Runs of rows of one region, in content order; a box's or table's rows come together."""
    found: dict[tuple[str, int], list[Row]] = {}
    runs: list[tuple[tuple[str, int], list[Row]]] = []
    for index, row in enumerate(rows):
        key = ("body", -1)
        if index in contents:
            key = ("contents", -1)
        elif index in notes:
            key = ("note", -1)
        elif grids and _in_grid(row, grids):
            key = ("table", next(i for i, grid in enumerate(grids) if _in_grid(row, [grid])))
        elif boxes:
            box = box_of(row, boxes)
            if box is not None:
                key = ("box", box)
        if key[0] in ("table", "box", "note") and key in found:
            found[key].append(row)
        elif runs and runs[-1][0] == key:
            runs[-1][1].append(row)
        else:
            runs.append((key, [row]))
            found[key] = runs[-1][1]
    if any(key == ("body", -1) for key, _ in runs):
        runs = _from_top(runs)
    runs.sort(key=lambda run: run[0][0] == "note")  # stable: footnotes after the page's text
    yield from runs


Runs = list[tuple[tuple[str, int], list[Row]]]


def _from_top(runs: Runs) -> Runs:
    """Content order is reading order but where a page of one column shows that it is not: a
    heading or a box that was drawn last stands where it is seen."""
    chunks: Runs = []
    for key, rows in runs:
        chunk = [rows[0]]
        for row in rows[1:]:
            if key[0] in ("body", "box") and row.bottom < chunk[-1].bottom - 2 * row.size:
                chunks.append((key, chunk))
                chunk = []
            chunk.append(row)
        chunks.append((key, chunk))
    chunks = _parted_by_others(chunks)
    places = [
        (min(row.top for row in rows), max(row.bottom for row in rows),
         min(row.x0 for row in rows), max(row.x1 for row in rows), len(rows), key[0])
        for key, rows in chunks
    ]  # fmt: skip
    text = [place for place in places if place[5] != "note"]
    if all(one[0] <= two[0] + 1 for one, two in zip(text, text[1:], strict=False)):
        return runs
    for i, one in enumerate(text):
        for two in text[i + 1 :]:
            beside = one[3] < two[2] + 5 or two[3] < one[2] + 5
            shared = min(one[1], two[1]) - max(one[0], two[0])
            if beside and shared > 0 and min(one[4], two[4]) >= 2:
                return runs  # columns
            nested = shared > 0.6 * min(one[1] - one[0], two[1] - two[0])
            if nested and not beside and min(one[4], two[4]) >= 2:
                return runs  # text around text: geometry does not tell
    order = sorted(range(len(chunks)), key=lambda i: (places[i][0], i))
    return [chunks[i] for i in order]


def _parted_by_others(chunks: Runs) -> Runs:
    """Text parted where a box or another stretch of text stands between two of its rows."""
    spans = [
        (min(row.top for row in rows), max(row.bottom for row in rows)) for _, rows in chunks
    ]
    result: Runs = []
    for index, (key, rows) in enumerate(chunks):
        part = [rows[0]]
        for row in rows[1:]:
            between = key[0] == "body" and any(
                part[-1].bottom - 2 <= top and bottom <= row.top + 2
                for other, (top, bottom) in enumerate(spans)
                if other != index
            )
            if between:
                result.append((key, part))
                part = []
            part.append(row)
        result.append((key, part))
    return result


def _merged_lines(rows: Sequence[Row]) -> list[Row]:
    """Entries of a contents page: title and page number on one row, leaders out."""
    lines: list[Row] = []
    for row in rows:
        if lines and abs(lines[-1].bottom - row.bottom) < 3 and row.x0 > lines[-1].x0:
            last = lines[-1]
            last.text = f"{last.text} {row.text}"
            last.x1, last.seen = max(last.x1, row.x1), last.seen + row.seen
        else:
            lines.append(row)
    for row in lines:
        row.text = re.sub(r"\s*(?:[.…_]\s?){3,}\s*", " ", row.text).strip()
    return [row for row in lines if row.text]


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
        if before is not None and _goes_on(before, piece):
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


def _goes_on(before: Piece, piece: Piece) -> bool:
    last, first = before.rows[-1], piece.rows[0]
    if before.closed or piece.closed or piece.kind is BlockKind.HEADING or first.page - last.page not in (0, 1):
        return False
    turned = first.page != last.page or first.top < last.top - 2 * last.size
    if not turned:
        return False
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
