"""Which region of its page a printed row stands in: table cell, box, footnotes, contents, body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from collabnlp.extraction.pdf_careful import CellBox, Grid, table_cells
from collabnlp.extraction.pdf_graphics import Shape
from collabnlp.extraction.pdf_paragraphs import Metrics
from collabnlp.extraction.pdf_rows import Row

_NOTE_NUMBER = re.compile(r"(\d{1,3}|[*†‡§]{1,2})\s*(?=[A-Z“\"‘'(\[a-z])")
_ENTRY = re.compile(r"(?:(?:[.…_]\s?){3,}|\s)\s*(\d{1,3}|[ivxl]{1,6})\Z")
_LEADERS = re.compile(r"(?:[.…_]\s?){4,}\s*\d*\Z")
_CONTENTS = re.compile(r"(?:table of )?contents(?: page)?", re.IGNORECASE)
_SMALLER = 0.4  # points: a footnote's letters are smaller than the body's by at least this


@dataclass(slots=True)
class Field:
    """A box on a page that holds boxed text."""

    x0: float
    top: float
    x1: float
    bottom: float

    def holds(self, row: Row) -> bool:
        middle = (row.top + row.bottom) / 2
        return (
            self.top - 1 <= middle <= self.bottom + 1
            and row.x0 >= self.x0 - 3
            and row.x1 <= self.x1 + 6
        )


@dataclass(slots=True)
class Drawn:
    """What a page's drawing says of its layout."""

    grids: list[Grid] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    rules: list[Shape] = field(default_factory=list)


def drawn_regions(shapes: Sequence[Shape], width: float, height: float) -> Drawn:
    """Tables, boxes and short rules among a page's shapes."""
    if not shapes:
        return Drawn()
    rules = [shape for shape in shapes if shape.horizontal and shape.x1 - shape.x0 < 0.6 * width]
    grids, frames = table_cells(shapes)
    candidates: list[CellBox] = list(frames)
    candidates += [
        (shape.x0, shape.top, shape.x1, shape.bottom)
        for shape in shapes
        if shape.field and (shape.filled or shape.framed) and shape.bottom - shape.top > 24
    ]
    fields: list[Field] = []
    for x0, top, x1, bottom in sorted(set(candidates), key=lambda it: (it[1], it[0])):
        if (x1 - x0) < 0.2 * width or (bottom - top) > 0.93 * height or x0 > width or x1 < 0:
            continue
        if any(_overlap(grid, x0, top, x1, bottom) for grid in grids):
            continue
        for known in fields:
            if abs(known.x0 - x0) < 8 and abs(known.x1 - x1) < 8 and top <= known.bottom + 4:
                known.bottom = max(known.bottom, bottom)
                break
        else:
            fields.append(Field(x0, top, x1, bottom))
    return Drawn(grids, fields, rules)


def _overlap(grid: Grid, x0: float, top: float, x1: float, bottom: float) -> bool:
    wide = min(grid.x1, x1) - max(grid.x0, x0)
    high = min(grid.bottom, bottom) - max(grid.top, top)
    return wide > 2 and high > 2


def in_grid(row: Row, grids: Sequence[Grid]) -> bool:
    """Whether a row stands in a table."""
    x, y = (row.x0 + row.x1) / 2, (row.top + row.bottom) / 2
    return any(
        grid.x0 - 2 <= x <= grid.x1 + 2 and grid.top - 2 <= y <= grid.bottom + 2 for grid in grids
    )


def box_of(row: Row, fields: Sequence[Field]) -> int | None:
    """Index of the box that a row stands in."""
    for index, known in enumerate(fields):
        if known.holds(row):
            return index
    return None


def real_boxes(rows: Sequence[Row], fields: Sequence[Field], metrics: Metrics) -> list[Field]:
    """Boxes that hold running text: a coloured band behind a heading is none."""
    kept = []
    for known in fields:
        inside = [row for row in rows if known.holds(row)]
        text = [row for row in inside if row.size <= metrics.body * 1.25]
        if len(text) >= 2 and sum(row.seen for row in text) >= 60 and len(inside) < len(rows) + 1:
            kept.append(known)
    return kept


def find_notes(
    rows: Sequence[Row], metrics: Metrics, height: float, rules: Sequence[Shape], unfinished: bool
) -> set[int]:
    """Indices of a page's rows that are footnotes.

    ``unfinished``: a footnote of the page before may go on here.
    """
    found: set[int] = set()
    middle = max((row.x1 for row in rows), default=0.0) / 2
    two = _two_columns(rows, middle)
    for side in (0, 1) if two else (0,):
        column = [
            i for i, row in enumerate(rows) if not two or (row.x0 >= middle - 5) == bool(side)
        ]
        column.sort(key=lambda i: -rows[i].top)
        run: list[int] = []
        for i in column:
            row = rows[i]
            if row.size > metrics.body - _SMALLER and not (row.label and row.size < metrics.body):
                break
            run.append(i)
        run.reverse()  # from the top
        starts = [k for k, i in enumerate(run) if _note_label(rows[i])]
        if not starts:
            if unfinished and run and _below_rule(rows[run[0]], rules):
                found.update(run)
            continue
        first = starts[0]
        if first and (unfinished or _below_rule(rows[run[0]], rules)):
            first = 0
        if rows[run[first]].top > 0.25 * height:
            found.update(run[first:])
    return found


def _two_columns(rows: Sequence[Row], middle: float) -> bool:
    left = sum(row.x1 < middle + 10 for row in rows)
    right = sum(row.x0 > middle - 10 for row in rows)
    return left > 6 and right > 6 and left + right > 0.75 * len(rows)


def _note_label(row: Row) -> str | None:
    if row.label:
        return row.label
    found = _NOTE_NUMBER.match(row.text)
    return found[1] if found else None


def _below_rule(row: Row, rules: Sequence[Shape]) -> bool:
    """A short rule stands right above the row."""
    return any(-4 < row.top - rule.bottom < 16 and abs(rule.x0 - row.x0) < 20 for rule in rules)


def split_note(row: Row) -> tuple[str | None, int]:
    """The label of the footnote that a row begins, and its length in the row's text."""
    if row.label:
        return row.label, 0
    found = _NOTE_NUMBER.match(row.text)
    return (found[1], found.end()) if found else (None, 0)


def contents_rows(rows: Sequence[Row], before: bool) -> set[int]:
    """Indices of a page's rows that belong to a table of contents.

    ``before``: the page before ended within one.
    """
    title = next(
        (i for i, row in enumerate(rows) if len(row.text) < 24 and _CONTENTS.fullmatch(row.text)),
        None,
    )
    leaders = sum(
        ("..." in row.text or ". ." in row.text or "…" in row.text or "___" in row.text)
        and bool(_LEADERS.search(row.text))
        for row in rows
    )
    if title is None and not before and leaders < 3:
        return set()
    levels: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        levels.setdefault(round(row.bottom / 3), []).append(i)
    entries = [
        i for i, row in enumerate(rows) if _LEADERS.search(row.text) or _ENTRY.search(row.text)
    ]
    for same in levels.values():
        numbers = [i for i in same if re.fullmatch(r"\d{1,3}|[ivxl]{1,6}", rows[i].text)]
        if len(same) > 1 and numbers:
            entries += same
    found = sorted(set(entries))
    enough = len(found) >= 3 and (title is not None or leaders >= 3 or before)
    if not enough or (title is None and len(found) < 0.45 * len(rows)):
        return set()
    first = title + 1 if title is not None else 0
    return set(range(first, found[-1] + 1)) if found[-1] >= first else set()


def merged_lines(rows: Sequence[Row]) -> list[Row]:
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
