"""Printed lines of a bill or act: put together by position, numbers in the margin taken out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from collabnlp.extraction.pdf_rows import Row

_MARGIN_NUMBER = re.compile(r"\d{1,3}\Z")
_PAREN = re.compile(r"([“\"‘]?)\(((?:\d{1,3}[A-Z]{0,3})|[a-z]{1,4}|[A-Z]{1,2})\)(?:\s+|\Z)")
_PLAIN = re.compile(r"([“\"‘]?)(\d{1,3}[A-Z]{0,3})\.?(?:\s+|\Z)")
_DROP_CAPITAL = re.compile(r"B\s*E\s+IT\b", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Line:
    """One printed line.

    markers  leading numbers, outermost first: as printed ("(2)", "14A") and where they begin
    text     what follows them; ``text_x`` where that begins, None where it is not known
    opened   a quotation mark stands before the first marker
    gap      distance to the line above on the same page, None for the page's first line
    tabular  stands beside another one: a column of a table
    """

    row: Row
    text: str
    markers: list[tuple[str, float]] = field(default_factory=list)
    text_x: float | None = None
    opened: bool = False
    gap: float | None = None
    tabular: bool = False

    @property
    def x0(self) -> float:
        return self.row.x0

    @property
    def plain_number(self) -> str | None:
        """The first marker, where it is a number without brackets (a clause or paragraph)."""
        if self.markers and not self.markers[0][0].startswith("("):
            return self.markers[0][0]
        return None


@dataclass(slots=True)
class Frame:
    """Where the running text of the document stands on its pages, in points."""

    left: float
    right: float
    pitch: float
    size: float

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2


def bill_lines(
    pages: Sequence[Sequence[Row]], size: float, drop: Callable[[Row], None]
) -> tuple[list[list[Line]], Frame]:
    """Lines of every page from top to bottom; ``drop`` is told of line numbers in the margin."""
    kept = [_without_margin_numbers(rows, size, drop) for rows in pages]
    frame = _frame(kept, size)
    return [_lines_of(rows, frame) for rows in kept], frame


def _without_margin_numbers(
    rows: Sequence[Row], size: float, drop: Callable[[Row], None]
) -> list[Row]:
    """Rows but for the numbers of every fifth line, which stand beside all text."""
    text = [row for row in rows if not _MARGIN_NUMBER.match(row.text)]
    if not text:
        return list(rows)
    full = [row for row in text if row.size > size - 1] or text  # a page of small tables
    left, right = min(row.x0 for row in full), max(row.x1 for row in full)
    kept: list[Row] = []
    for row in rows:
        beside = row.x0 > right + 6 or row.x1 < left - 6
        if _MARGIN_NUMBER.match(row.text) and beside and int(row.text) % 5 == 0:
            drop(row)
        else:
            kept.append(row)
    return kept


def _frame(pages: Sequence[Sequence[Row]], size: float) -> Frame:
    lefts: Counter[int] = Counter()
    rights: Counter[int] = Counter()
    pitches: Counter[float] = Counter()
    for rows in pages:
        before: Row | None = None
        for row in rows:
            if abs(row.size - size) < 0.6:
                lefts[round(row.x0)] += 1
                rights[round(row.x1)] += 1
                if before is not None and abs(row.x0 - before.x0) < 3:
                    step = row.bottom - before.bottom
                    if 0.8 * size < step < 2 * size:
                        pitches[round(step * 2) / 2] += 1
                before = row
    total = sum(lefts.values())
    left = min((x for x, count in lefts.items() if count >= 0.01 * total), default=70)
    right = max((x for x, count in rights.items() if count >= 0.02 * total), default=500)
    pitch = max(sorted(pitches), key=lambda it: pitches[it]) if pitches else 1.2 * size
    return Frame(float(left), float(right), pitch, size)


def _lines_of(rows: Sequence[Row], frame: Frame) -> list[Line]:
    """Rows of one page from top to bottom; what stands on one level is one line."""
    for row, after in pairwise(rows):
        if _DROP_CAPITAL.match(row.text):  # the large initial reaches down to the next line
            row.bottom = min(row.bottom, max(row.top + 1, after.bottom - frame.pitch))
    levels: list[list[Row]] = []
    for row in sorted(rows, key=lambda it: (it.bottom, it.x0)):
        if levels and abs(levels[-1][0].bottom - row.bottom) < 0.4 * max(row.size, 8.0):
            levels[-1].append(row)
        else:
            levels.append([row])
    lines: list[Line] = []
    for level in levels:
        level.sort(key=lambda it: it.x0)
        columns = _columns(level)
        for parts in columns:
            line = _line(parts)
            line.tabular = len(columns) > 1
            if lines:
                line.gap = line.row.bottom - lines[-1].row.bottom
            lines.append(line)
    return lines


def _columns(level: Sequence[Row]) -> list[list[Row]]:
    """Rows of one level, parted where a wide gap follows text that is no marker."""
    groups: list[list[Row]] = [[level[0]]]
    for row in level[1:]:
        last = groups[-1][-1]
        if row.x1 < last.text_x and row.x0 > last.x0:  # "(1)" in the gap after "3"
            groups[-1].append(row)
            continue
        lone = _PAREN.fullmatch(last.text + " ") or _PLAIN.fullmatch(last.text + " ")
        gap = row.x0 - last.x1
        if (gap > 2.5 * row.size and not (lone and gap < 6 * row.size)) or gap < -0.6 * row.width:
            groups.append([row])
        else:
            groups[-1].append(row)
    return groups


def _line(parts: Sequence[Row]) -> Line:
    """One line of rows that stand side by side: number, letter and text may come apart, and the
    letter may even stand inside the gap that the number's row leaves."""
    main = max(parts, key=lambda it: it.seen)
    inner_x: float | None = None
    if len(parts) == 1:
        row = main
        text, marks = row.text, row.marks
    else:
        text, marks = "", []
        for part in parts:
            if text and part.x0 - 0.1 * part.size > 0:
                text += " "
            marks += [(len(text) + at, label) for at, label in part.marks]
            text += part.text
        inner = [part for part in parts if part is not main and main.x0 < part.x0 < main.text_x]
        if inner and main.marker:
            lone = " ".join(part.text for part in inner)
            rest = main.text[len(main.marker) :].strip()
            text, marks = f"{main.marker} {lone} {rest}", list(main.marks)
            inner_x = inner[0].x0
        row = Row(
            main.page, text, min(it.x0 for it in parts), min(it.top for it in parts),
            max(it.x1 for it in parts), max(it.bottom for it in parts), main.size, main.bold,
            main.italic, seen=sum(it.seen for it in parts), marks=marks,
            text_x=max(parts[-1].text_x, main.text_x), marker=parts[0].marker or parts[0].text,
        )  # fmt: skip
    if row.text.startswith("B E IT"):
        row.text = row.text.replace("B E IT", "BE IT", 1)
    line = Line(row, row.text)
    _take_markers(line, inner_x)
    return line


def _take_markers(line: Line, inner_x: float | None) -> None:
    """Move leading numbers and letters from the text to ``markers``.

    ``inner_x``: where the second of two markers stands, if that is known.
    """
    row, text = line.row, line.text
    x = row.x0
    known = row.marker is not None
    letter = row.width / max(len(row.text), 1)
    while len(line.markers) < 3:
        found = _PAREN.match(text)
        if found is None and not line.markers and (known or row.bold):
            found = _PLAIN.match(text)
            if found and not known and not text[found.end() : found.end() + 1].isupper():
                found = None
        if found is None:
            break
        printed = found[0].strip()
        if found[1]:
            line.opened = line.opened or not line.markers
            printed = printed[1:]
        line.markers.append((printed.rstrip("."), x))
        text = text[found.end() :]
        x += letter * found.end()
    line.text = text
    if line.markers and known and row.text_x > row.x0 + 2:
        line.text_x = row.text_x
        if len(line.markers) == 2:
            second, _ = line.markers[1]
            if inner_x is not None:
                line.markers[1] = second, inner_x
            else:  # the gap was that between the two markers
                line.markers[1], line.text_x = (second, row.text_x), None
