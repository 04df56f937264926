"""Where a unit stands: its boxes, its row and column."""

from __future__ import annotations

from collections.abc import Sequence

from collabnlp.schema import Block, Box


def boxes_of(block: Block, start: int, end: int) -> tuple[Box, ...]:
    """One box a page and column around ``[start, end)``.

    A line of which only a part belongs to the stretch counts by its share of characters. A line
    that stands neither below nor beside the lines before it begins a new column.
    """
    boxes: list[Box] = []
    page, x0, top, x1, bottom = 0, 0.0, 0.0, 0.0, 0.0
    for line in block.lines:
        box = line.box
        if line.end <= start or box is None:
            continue
        if line.start >= end:
            break
        left, right = box.x0, box.x1
        if line.start < start or line.end > end:
            width = (right - left) / max(1, line.end - line.start)
            right = left + width * (min(end, line.end) - line.start)
            left += width * max(0, start - line.start)
        if page == box.page and box.bottom > top and (box.top >= top or box.x0 <= x1):
            x0, x1 = min(x0, left), max(x1, right)
            top, bottom = min(top, box.top), max(bottom, box.bottom)
            continue
        if page:
            boxes.append(Box(page, x0, top, x1, bottom))
        page, x0, top, x1, bottom = box.page, left, box.top, right, box.bottom
    if page:
        boxes.append(Box(page, x0, top, x1, bottom))
    return tuple(boxes)


def table_labels(blocks: Sequence[Block]) -> dict[int, tuple[str | None, str | None]]:
    """For each block in a table: the text of its row's first cell and of its column's header.

    A cell has no label in the row or column that it labels itself.
    """
    rows: dict[tuple[int, int], tuple[int, list[int]]] = {}
    headers: dict[tuple[int, int], tuple[int, list[int]]] = {}
    for index, block in enumerate(blocks):
        cell = block.cell
        if cell is None:
            continue
        for places, key, across, along in (
            (rows, (cell.table, cell.row), cell.column, True),
            (headers, (cell.table, cell.column), cell.row, cell.header or cell.row == 0),
        ):
            if not along:
                continue
            first = places.get(key)
            if first is None or across < first[0]:
                places[key] = (across, [index])
            elif across == first[0]:
                first[1].append(index)
    labels: dict[int, tuple[str | None, str | None]] = {}
    for index, block in enumerate(blocks):
        cell = block.cell
        if cell is None:
            continue
        row = rows[cell.table, cell.row]
        header = headers.get((cell.table, cell.column))
        labels[index] = (
            _joined(blocks, row[1]) if row[0] < cell.column else None,
            _joined(blocks, header[1]) if header is not None and header[0] < cell.row else None,
        )
    return labels


def _joined(blocks: Sequence[Block], indexes: list[int]) -> str:
    return " ".join(blocks[index].text for index in indexes)
