"""Where a unit stands: its page, its boxes, its row and column."""

from __future__ import annotations

from collections.abc import Sequence

from collabnlp.schema import Block, Box, Line


def page_at(block: Block, offset: int) -> int | None:
    """The page on which the character at a document offset is printed, or None."""
    page = None
    for line in block.lines:
        if line.start > offset:
            break
        page = line.page
    return page if page is not None or not block.lines else block.lines[0].page


def boxes_of(block: Block, start: int, end: int) -> tuple[Box, ...]:
    """One box a page and column around ``[start, end)``.

    A line of which only a part belongs to the stretch counts by its share of characters.
    """
    boxes: list[Box] = []
    for line in block.lines:
        if line.end <= start or line.box is None:
            continue
        if line.start >= end:
            break
        box = _clipped(line, line.box, start, end)
        if boxes and _same_column(boxes[-1], box):
            boxes[-1] = _union(boxes[-1], box)
        else:
            boxes.append(box)
    return tuple(boxes)


def _clipped(line: Line, box: Box, start: int, end: int) -> Box:
    length = line.end - line.start
    if length == 0 or (line.start >= start and line.end <= end):
        return box
    width = box.x1 - box.x0
    left = box.x0 + width * max(0, start - line.start) / length
    right = box.x0 + width * (min(end, line.end) - line.start) / length
    return Box(box.page, left, box.top, max(left, right), box.bottom)


def _same_column(above: Box, below: Box) -> bool:
    """True where a line goes on below or beside the lines before, not at a column's top."""
    return (
        above.page == below.page
        and below.bottom > above.top
        and (below.top >= above.top or below.x0 <= above.x1)
    )


def _union(one: Box, two: Box) -> Box:
    return Box(
        one.page,
        min(one.x0, two.x0),
        min(one.top, two.top),
        max(one.x1, two.x1),
        max(one.bottom, two.bottom),
    )


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
