"""What reading a bill keeps track of, and where its provisions begin and end."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from collabnlp.extraction.pdf_bill_lines import Frame, Line
from collabnlp.extraction.pdf_rows import Row
from collabnlp.schema import BlockDraft, Cell

_BE_IT = re.compile(r"B\s?E IT ENACTED\b", re.IGNORECASE)
ANNOTATION = re.compile(
    r"(?:Textual Amendments|Commencement Information|Modifications etc|Marginal Citations"
    r"|Extent Information|Annotations|Subordinate Legislation Made|Editorial Information)\b"
)
LONG_TITLE = re.compile(r"An Act (?:of the Scottish Parliament )?to\b", re.IGNORECASE)
_BACK = re.compile(
    r"Presented by|Ordered, by|Published by (?:the )?(?:authority|TSO)|parliamentary copyright"
    r"|crown copyright|Introduced by:|\bISBN\b",
    re.IGNORECASE,
)


@dataclass(slots=True, eq=False)
class Node:
    """A numbered provision (or an unnumbered text) that is open: what it holds may follow."""

    x: float
    text_x: float | None
    provision: str | None
    draft: BlockDraft | None
    level: int


@dataclass(slots=True, eq=False)
class OpenBlock:
    """The block that is being read."""

    draft: BlockDraft
    rows: list[Row]
    texts: list[str]
    text_x: float | None
    heading: bool = False

    @property
    def tail(self) -> str:
        return self.texts[-1]


@dataclass(slots=True)
class Quote:
    """Text quoted for insertion: how many quotation marks are still open, what it stands in."""

    balance: int
    outer_x: float  # quoted text stands further right than the number of what quotes it
    stack: list[Node] = field(default_factory=list)
    section: bool = False
    ranks: list[int] = field(default_factory=list)  # of its own parts and cross-headings


@dataclass(slots=True, eq=False)
class TableCell:
    """A cell of a table without rules: where its column begins, and its rows so far."""

    x: float
    rows: list[Row]
    draft: BlockDraft


@dataclass(slots=True, eq=False)
class TableColumns:
    """A table told by its columns: lines side by side, each going on below itself."""

    number: int
    cells: list[TableCell] = field(default_factory=list)
    columns: list[float] = field(default_factory=list)
    row: int = -1

    def takes(self, line: Line, pitch: float) -> bool:
        """The line is a further row of the table, or goes on in one of its cells."""
        if line.tabular:
            return True
        return not line.markers and self._goes_on(line, pitch) is not None

    def _goes_on(self, line: Line, pitch: float) -> TableCell | None:
        for cell in reversed(self.cells):
            last = cell.rows[-1]
            near = abs(cell.x - line.x0) < 8 and last.page == line.row.page
            if near and 0 < line.row.bottom - last.bottom < 1.35 * pitch:
                return cell
        return None

    def add(self, line: Line, pitch: float) -> list[Row] | None:
        """Put a line into its cell; rows of a new cell, whose draft `began` must tell."""
        cell = self._goes_on(line, pitch)
        if cell is not None:
            cell.rows.append(line.row)
            return None
        if not any(abs(x - line.x0) < 8 for x in self.columns):
            self.columns = sorted([*self.columns, line.x0])
        if line.x0 <= self.columns[0] + 8 or self.row < 0:
            self.row += 1
        return [line.row]

    def place(self, line: Line) -> Cell:
        """Row and column of a line's cell."""
        column = min(range(len(self.columns)), key=lambda i: abs(self.columns[i] - line.x0))
        return Cell(self.number, self.row, column)

    def began(self, line: Line, draft: BlockDraft) -> None:
        """A new cell has got its draft."""
        self.cells.append(TableCell(line.x0, [line.row], draft))

    def cell_at(self, line: Line) -> TableCell:
        """The cell that holds a line."""
        return next(cell for cell in reversed(self.cells) if line.row in cell.rows)


def body_start(pages: Sequence[Sequence[Line]], frame: Frame) -> tuple[int, int]:
    """Page and line index at which the provisions begin, after long title and formula."""
    for page, lines in enumerate(pages):
        for index, line in enumerate(lines):
            if _BE_IT.match(line.text):
                return page, _end_of_paragraph(lines, index, frame)
    for page, lines in enumerate(pages):
        for index, line in enumerate(lines):
            if LONG_TITLE.match(line.text):
                return page, _end_of_paragraph(lines, index, frame)
    return 0, 0


def _end_of_paragraph(lines: Sequence[Line], index: int, frame: Frame) -> int:
    at = index + 1
    while at < len(lines) and (lines[at].gap or 0.0) < 1.35 * frame.pitch:
        if lines[at].markers:
            break
        at += 1
    return at


def body_end(pages: Sequence[Sequence[Line]], first: tuple[int, int]) -> int:
    """Index of the last page that is no back page."""
    last = len(pages) - 1
    while last > first[0]:
        text = " ".join(line.row.text for line in pages[last])
        if text and not _BACK.search(text):
            break
        last -= 1
    return last


def outer_part(provision: str | None, numbers: Sequence[str]) -> str | None:
    """A provision's number without its innermost parts."""
    for printed in reversed(numbers):
        if provision is not None and provision.endswith(printed):
            provision = provision[: -len(printed)]
    return provision


def quote_ends(text: str) -> bool:
    """The text ends with a closing quotation mark."""
    return bool(re.search(r"”[.,;]*\Z", text))


def marker_key(line: Line) -> tuple[int, str]:
    """Place and kind of a line's last marker: like markers have their words at the same place."""
    printed = line.markers[-1][0]
    kind = "1" if printed.strip("()")[:1].isdigit() else "a"
    return round(line.markers[-1][1] / 6), f"({kind})" if printed.startswith("(") else kind


def usual_text_x(pages: Sequence[Sequence[Line]]) -> Mapping[tuple[int, str], float]:
    """Where the words of a provision begin, by place and kind of its marker."""
    seen: dict[tuple[int, str], Counter[float]] = defaultdict(Counter)
    for lines in pages:
        for line, after in pairwise(lines):
            if not line.markers:
                continue
            if line.text_x is not None:
                seen[marker_key(line)][round(line.text_x, 1)] += 1
            elif not after.markers and after.x0 > line.x0 + 8:
                seen[marker_key(line)][round(after.x0, 1)] += 1
    return {key: max(sorted(counts), key=lambda it: counts[it]) for key, counts in seen.items()}
