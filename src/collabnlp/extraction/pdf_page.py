"""One page as layout analysis needs it: its rows, and what is drawn around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from collabnlp.extraction.pdf_careful import Grid, without_false_borders
from collabnlp.extraction.pdf_graphics import shapes_of
from collabnlp.extraction.pdf_regions import Drawn, drawn_regions, in_grid
from collabnlp.extraction.pdf_rows import Row, rows_of
from collabnlp.extraction.pdf_text import OpenPage, PageText, PdfFile, Run


@dataclass(slots=True)
class LayoutPage:
    """One page as layout analysis needs it: plain data that outlives the page."""

    number: int
    width: float
    height: float
    rows: list[Row]
    drawn: Drawn = field(default_factory=Drawn)


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


def with_markers(rows: list[Row]) -> list[Row]:
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


def mark_plain_numbers(body: Sequence[Sequence[Row]], grids: Sequence[Sequence[Grid]]) -> None:
    """Paragraphs numbered "12 The …" through the document: the number is a marker, not text.

    A bare number at a line's start means nothing alone; ten in a row do.
    """
    found: list[tuple[Row, str]] = []
    last = 0
    for rows, tables in zip(body, grids, strict=True):
        for row in rows:
            number = _PLAIN_NUMBER.match(row.text)
            if number is None or row.label is not None or (tables and in_grid(row, tables)):
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
