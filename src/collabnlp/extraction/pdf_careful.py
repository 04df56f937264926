"""The careful engine: pdfplumber, for ruled tables and for pages that PDFium reads badly.

Two uses. `table_cells` applies pdfplumber's table geometry to rules that PDFium found, which costs
no second parse of the file. `careful_page` reads a page's lines through pdfplumber alone, forty
times slower than PDFium: only for pages that PDFium cannot load or decode.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from collabnlp.extraction.pdf_graphics import Shape
from collabnlp.extraction.pdf_text import PageText, Run, TextLine, undecoded, visible

_SNAP = 3.0  # points: rules nearer than this are one
_MOST_EDGES = 1500  # the geometry is quadratic: drawings are no tables

CellBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table on one page: each row's cells as (x0, top, x1, bottom), None where a cell is
    spanned by another."""

    x0: float
    top: float
    x1: float
    bottom: float
    rows: tuple[tuple[CellBox | None, ...], ...]

    @property
    def columns(self) -> int:
        return max(len(row) for row in self.rows)

    def place(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the cell at a point; None outside of every cell."""
        for number, row in enumerate(self.rows):
            for column, cell in enumerate(row):
                if cell and cell[0] - 1 <= x <= cell[2] + 1 and cell[1] - 1 <= y <= cell[3] + 1:
                    return number, column
        return None


def without_false_borders(grid: Grid, places: Sequence[CellBox]) -> Grid:
    """The grid with cells joined where a row of text runs across the border between them.

    ``places`` are the boxes of the page's rows of text.
    """
    rows = [list(row) for row in grid.rows]
    for x0, top, x1, bottom in places:
        y = (top + bottom) / 2
        if not (grid.top < y < grid.bottom and x1 > grid.x0 and x0 < grid.x1):
            continue
        first, last = grid.place(x0 + 3, y), grid.place(x1 - 3, y)
        if first is None or last is None or first[0] != last[0] or first[1] >= last[1]:
            continue
        row = rows[first[0]]
        left, right = row[first[1]], row[last[1]]
        if left is not None and right is not None:
            row[first[1]] = (left[0], left[1], right[2], left[3])
            for column in range(first[1] + 1, last[1] + 1):
                row[column] = None
    return Grid(grid.x0, grid.top, grid.x1, grid.bottom, tuple(tuple(row) for row in rows))


def table_cells(shapes: Sequence[Shape]) -> tuple[list[Grid], list[CellBox]]:
    """Ruled tables of at least two columns, from the page's drawn rules, and the frames among the
    rules that hold a single column (boxed text)."""
    edges = _edges(shapes)
    flat = sum(edge["orientation"] == "h" for edge in edges)
    if flat < 2 or len(edges) - flat < 2 or len(edges) > _MOST_EDGES:
        return [], []
    from pdfplumber import table as geometry

    no_page: Any = None  # cells and rows need none

    try:
        merged = geometry.merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP)
        crossings = geometry.edges_to_intersections(merged, _SNAP, _SNAP)
        cells = geometry.intersections_to_cells(crossings)
        groups = geometry.cells_to_tables(cells)
        tables = [geometry.Table(no_page, group) for group in groups]
        grids = [_grid(table) for table in tables]
        boxes = [
            _sides(table.bbox) for table, grid in zip(tables, grids, strict=True) if grid is None
        ]
        used = {cell for group in groups for cell in group}
        boxes += [_sides(cell) for cell in cells if cell not in used]
    except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError, RecursionError):
        return [], []
    frames = [box for box in boxes if box[2] - box[0] > 100 and box[3] - box[1] > 24]
    return [grid for grid in grids if grid is not None], frames


def _sides(box: Sequence[float]) -> CellBox:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def _edges(shapes: Sequence[Shape]) -> list[dict[str, Any]]:
    """Rules as pdfplumber writes edges; a framed field gives its four sides."""
    edges: list[dict[str, Any]] = []
    for shape in shapes:
        x0, top, x1, bottom = shape.x0, shape.top, shape.x1, shape.bottom
        if shape.horizontal:
            edges.append(_edge("h", x0, (top + bottom) / 2, x1, (top + bottom) / 2))
        elif shape.vertical:
            edges.append(_edge("v", (x0 + x1) / 2, top, (x0 + x1) / 2, bottom))
        elif shape.framed and shape.field:
            edges.append(_edge("h", x0, top, x1, top))
            edges.append(_edge("h", x0, bottom, x1, bottom))
            edges.append(_edge("v", x0, top, x0, bottom))
            edges.append(_edge("v", x1, top, x1, bottom))
    return edges


def _edge(side: str, x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    return {
        "orientation": side,
        "object_type": "line",
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
    }


def _grid(table: Any) -> Grid | None:
    rows = tuple(tuple(row.cells) for row in table.rows)
    full = [row for row in rows if sum(cell is not None for cell in row) >= 2]
    if not full:
        return None
    x0, top, x1, bottom = table.bbox
    if x1 - x0 < 60 or bottom - top < 14:
        return None
    return Grid(x0, top, x1, bottom, rows)


class CarefulFile:
    """A PDF opened by pdfplumber, when first needed. Every failure ends as None or []."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pdf: Any = None
        self._broken = False

    def close(self) -> None:
        """Give the file back. Harmless when repeated."""
        pdf, self._pdf = self._pdf, None
        if pdf is not None:
            with suppress(Exception):
                pdf.close()

    def page(self, number: int) -> PageText | None:
        """One page's lines (1-based); None where pdfplumber fails on it too."""
        try:
            if self._pdf is None and not self._broken:
                import pdfplumber

                self._pdf = pdfplumber.open(io.BytesIO(self._data))
            if self._pdf is None or number > len(self._pdf.pages):
                return None
            page = self._pdf.pages[number - 1]
            return _page_text(page, number)
        # pdfplumber lets through whatever pdfminer meets in a damaged file (PdfminerException,
        # TypeError, IndexError, KeyError, MemoryError, …): there is no narrower net.
        except Exception:
            self._broken = self._pdf is None
            return None


def careful_page(data: bytes, number: int) -> PageText | None:
    """One page's lines through pdfplumber; None where it fails."""
    file = CarefulFile(data)
    try:
        return file.page(number)
    finally:
        file.close()


def _page_text(page: Any, number: int) -> PageText:
    left, top = float(page.bbox[0]), float(page.bbox[1])
    lines: list[TextLine] = []
    text = ""
    for found in page.dedupe_chars().extract_text_lines(
        x_tolerance_ratio=0.18, y_tolerance=3, return_chars=True
    ):
        words, chars = str(found["text"]), found["chars"]
        if not words.strip() or not chars:
            continue
        fonts = [str(char.get("fontname") or "").split("+")[-1] for char in chars]
        font = max(sorted(set(fonts)), key=fonts.count)
        sizes = sorted(float(char.get("size") or 0.0) for char in chars)
        start, end = len(text), len(text) + len(words)
        place = (
            float(found["x0"]) - left, float(found["top"]) - top,
            float(found["x1"]) - left, float(found["bottom"]) - top,
        )  # fmt: skip
        lower = font.lower()
        lines.append(
            TextLine(
                words,
                start,
                end,
                *place,
                sizes[len(sizes) // 2],
                font,
                any(word in lower for word in ("bold", "black", "heavy")),
                "italic" in lower or "oblique" in lower,
                [Run(words, start, end, *place)],
            )
        )
        text += words + "\r\n"
    page.close()
    return PageText(
        number=number, label=None, width=float(page.width), height=float(page.height),
        text=text, lines=lines, visible=visible(text), undecoded=undecoded(text),
    )  # fmt: skip
