"""Ruled tables over pages: which cell a row belongs to, continued tables, repeated header rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from collabnlp.extraction.furniture import fold
from collabnlp.extraction.pdf_blocks import Piece
from collabnlp.extraction.pdf_careful import Grid
from collabnlp.extraction.pdf_paragraphs import Metrics, group_rows
from collabnlp.extraction.pdf_rows import Row
from collabnlp.schema import Cell, Region

_SAME_EDGE = 6.0  # points: a continued table has its columns where they were


class Tables:
    """Numbers a document's tables and their rows. ``drop`` is told of rows that are left out."""

    def __init__(self, drop: Callable[[Row], None]) -> None:
        self._drop = drop
        self._count = 0
        self._grids: list[Grid] = []
        self._last: Grid | None = None  # the table that ended the page before
        self._continued = False
        self._open_row = 0
        self._header: tuple[str, ...] = ()
        self._number = 0
        self._last_of_page: Grid | None = None
        self._rows = self._full_rows = self._bold_rows = self._led_rows = 0  # of the table so far
        self._grid_columns = 0

    def page(self, grids: Sequence[Grid], rows: Sequence[Row], notes: Collection[int]) -> None:
        """A new page begins: its tables and body rows."""
        self._continued = False
        text = [row for index, row in enumerate(rows) if index not in notes]
        if grids and self._last is not None and text:
            first = min(grids, key=lambda grid: grid.top)
            above = [row for row in text if row.bottom < first.top - 1]
            self._continued = not above and _same_columns(self._last, first)
        self._grids = list(grids)
        self._last_of_page = None
        if grids and text:
            last = max(grids, key=lambda grid: grid.bottom)
            if not any(row.top > last.bottom + 1 for row in text):
                self._last_of_page = last
        self._last = self._last_of_page

    def cells(
        self, index: int, rows: Sequence[Row], metrics: Metrics, region: Region
    ) -> Iterator[Piece]:
        """Pieces of one table's rows, row by row, a piece per paragraph of a cell."""
        grid = self._grids[index]
        self._grid_columns = grid.columns
        cells: dict[tuple[int, int], list[Row]] = {}
        for row in rows:
            place = _place(grid, row)
            cells.setdefault(place, []).append(row)
        filled = sorted({row for row, _ in cells})
        continued = self._continued and grid is min(self._grids, key=lambda it: it.top)
        heads = _header_texts(cells, filled[0]) if filled else ()
        skip: set[int] = set()
        if continued:
            if self._header and heads == self._header:
                skip.add(filled[0])
            base = self._open_row + 1
            rest = [row for row in filled if row not in skip]
            if rest and self._carries_on(cells, rest[0]):
                base -= 1
        else:
            self._number, self._count = self._count, self._count + 1
            self._header = heads if _is_header(cells, filled, grid) else ()
            self._rows = self._full_rows = self._bold_rows = self._led_rows = 0
            base = 0
        for at, number in enumerate((it for it in filled if it not in skip), base):
            header = bool(self._header) and not continued and number == filled[0]
            columns = sorted(column for r, column in cells if r == number)
            for column in columns:
                inside = cells[number, column]
                box = grid.rows[number][column] if column < len(grid.rows[number]) else None
                wall = box[2] - (min(it.x0 for it in inside) - box[0]) if box else grid.x1
                for paragraph in group_rows(inside, metrics.within(wall)):
                    yield Piece(paragraph, region, cell=Cell(self._number, at, column, header))
            self._open_row = at
            self._full_rows += len(columns) >= grid.columns
            self._bold_rows += cells[number, columns[0]][0].bold
            self._led_rows += columns[0] == 0
            self._rows += 1
        for number in sorted(skip):
            for column in range(grid.columns):
                for row in cells.get((number, column), []):
                    self._drop(row)

    def _carries_on(self, cells: dict[tuple[int, int], list[Row]], row: int) -> bool:
        """The first row of a page goes on from the page before: cells are empty that are filled
        elsewhere, a cell begins in small letters, or the first cell lacks its usual bold start."""
        columns = sorted(column for r, column in cells if r == row)
        led = self._led_rows >= 0.8 * self._rows
        lower = any(cells[row, column][0].text[:1].islower() for column in columns)
        if lower or (0 not in columns and led):
            return True
        usual = self._rows > 1 and 0 in columns
        if usual and self._full_rows >= 0.8 * self._rows and len(columns) < self._grid_columns:
            return True
        return usual and self._bold_rows >= 0.9 * self._rows and not cells[row, 0][0].bold


def _place(grid: Grid, row: Row) -> tuple[int, int]:
    y = (row.top + row.bottom) / 2
    found = grid.place(row.x0 + min(4.0, row.width / 2), y) or grid.place((row.x0 + row.x1) / 2, y)
    if found is not None:
        return found
    # Within the table but in no cell (a missing rule): the nearest row, first column.
    tops = [
        (abs((cell[1] + cell[3]) / 2 - y), number, column)
        for number, cells in enumerate(grid.rows)
        for column, cell in enumerate(cells)
        if cell is not None and cell[0] - 2 <= row.x0 <= cell[2]
    ]
    if tops:
        return min(tops)[1:]
    return 0, 0


def _same_columns(one: Grid, other: Grid) -> bool:
    return (
        one.columns == other.columns
        and abs(one.x0 - other.x0) < _SAME_EDGE
        and abs(one.x1 - other.x1) < _SAME_EDGE
    )


def _header_texts(cells: dict[tuple[int, int], list[Row]], row: int) -> tuple[str, ...]:
    columns = sorted(column for r, column in cells if r == row)
    return tuple(fold(" ".join(it.text for it in cells[row, column])) for column in columns)


def _is_header(cells: dict[tuple[int, int], list[Row]], filled: Sequence[int], grid: Grid) -> bool:
    """The first row heads the columns: set in bold, or short words where the others are not."""
    if len(filled) < 2:
        return bool(filled) and all(
            row.bold for (r, _), rows in cells.items() if r == filled[0] for row in rows
        )
    first = [rows for (r, _), rows in cells.items() if r == filled[0]]
    others = [row for (r, _), rows in cells.items() if r != filled[0] for row in rows]
    if all(row.bold for rows in first for row in rows):
        return not all(row.bold for row in others)
    return False
