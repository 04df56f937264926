"""Printed rows: PDFium's lines made ready for layout analysis.

A row is what stands side by side on one line of one column: note marks are taken out of its text
(and kept as marks), its leading marker's place is known, lines that run over a wide gap (table
columns, a number in the margin) are parted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from collabnlp.extraction.mending import LINE_END_HYPHEN, clean
from collabnlp.extraction.pdf_text import Run, TextLine, visible

_NO_NOTE = re.compile(  # units with a power, and words that a number belongs to
    r"(?:(?:^|[\s\d(/])(?:m|km|cm|mm|ft|CO|kg|h|s)"
    r"|\b(?:section|schedule|part|paragraph|article|regulation|clause|chapter|annex)s?)\Z",
    re.IGNORECASE,
)
_GLUED_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})?\.(?=[A-Z][a-z]+ )")
_GAP = 2.2  # font sizes: wider blanks part a row in two
_MARGIN_GAP = 10.0  # points between running text and a number in the margin
_LABEL = re.compile(r"(?:\d{1,3}|[*†‡§]{1,3}|[a-z]|[ivx]{1,5})\Z")
_MARKER = re.compile(
    r"(?:[•●○◦▪■□‣∙·*–—-]|[“‘\"]?\(?(?:\d{1,3}[A-Z]{0,3}|[a-zA-Z]{1,2}|[ivxIVX]{1,5})[.)]"
    r"|[“‘\"]?\d{1,3}[A-Z]{0,3}|[A-Z]{0,2}\d{0,2}(?:\.\d{1,3}){1,4}\.?|F\d+)\s*\Z"
)


@dataclass(slots=True, eq=False)
class Row:
    """One printed row: text cleaned of blanks and ligatures (a line-end hyphen stays U+FFFE).

    text_x   where the words begin after a leading marker that stands apart; ``x0`` otherwise
    marker   the leading marker, where a gap shows that it is one ("•", "(a)", "4.17")
    marks    note marks taken out: offset in ``text`` and label
    label    a raised mark that the row begins with: the row begins a footnote
    seen     visible characters, note marks left out; ``dropped`` visible characters of marks
    """

    page: int
    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool
    italic: bool
    artifact: bool = False
    text_x: float = 0.0
    marker: str | None = None
    marks: list[tuple[int, str]] = field(default_factory=list)
    label: str | None = None
    seen: int = 0
    dropped: int = 0

    @property
    def width(self) -> float:
        return self.x1 - self.x0


CellOf = Callable[[Run], object]


def rows_of(page: int, lines: list[TextLine], cell_of: CellOf | None = None) -> list[Row]:
    """A page's rows in the order of its content.

    ``cell_of`` tells which table cell a run stands in (None: in no table); rows are parted where
    the cell changes.
    """
    rows: list[Row] = []
    for line in lines:
        if len(line.runs) == 1:
            rows.append(_plain_row(page, line))
        else:
            rows.extend(_parted_rows(page, line, cell_of))
    for row in rows:
        number = _GLUED_NUMBER.match(row.text)
        if number:  # "10.Text": the blank is but a tabulator
            at = number.end()
            row.text = f"{row.text[:at]} {row.text[at:]}"
            row.marks = [(k + 1 if k >= at else k, label) for k, label in row.marks]
    return _side_by_side([part for row in rows if row.text for part in _at_hyphens(row)])


def _at_hyphens(row: Row) -> list[Row]:
    """PDFium breaks no line after a line-end hyphen: the printed rows of such a line.

    Where each begins and ends across the page is reckoned from the first one's letters.
    """
    height = row.bottom - row.top
    if LINE_END_HYPHEN not in row.text or height < 1.9 * row.size:
        return [row]
    breaks = round((height - 1.2 * row.size) / (1.3 * row.size))
    count = min(breaks, row.text.count(LINE_END_HYPHEN))
    if count < 1:
        return [row]
    texts = [part + LINE_END_HYPHEN for part in row.text.split(LINE_END_HYPHEN, count)]
    texts[-1] = texts[-1][:-1]
    letter = (row.x1 - row.text_x) / max(map(len, texts))
    line = min(1.2 * row.size, height)
    step = (height - line) / count
    parts: list[Row] = []
    at = 0
    for index, text in enumerate(texts):
        top = row.top + index * step
        inside = [(max(0, k - at), it) for k, it in row.marks if at <= k <= at + len(text)]
        part = replace(
            row, text=text, top=top, bottom=top + line, marks=inside, seen=visible(text),
            x0=row.x0 if index == 0 else row.text_x, marker=row.marker if index == 0 else None,
            x1=min(row.x1, row.text_x + letter * len(text)) if index == count else row.x1,
            label=row.label if index == 0 else None, dropped=row.dropped if index == 0 else 0,
        )  # fmt: skip
        parts.append(part)
        at += len(text)
    return parts


def _side_by_side(rows: list[Row]) -> list[Row]:
    """PDFium parts some lines after a note mark: rows that touch on one line are one row."""
    result: list[Row] = []
    for row in rows:
        last = result[-1] if result else None
        if (
            last is not None
            and abs(last.bottom - row.bottom) < 0.3 * row.size
            and -0.3 * row.size < row.x0 - last.x1 < 0.6 * row.size
            and abs(last.size - row.size) < 0.6
            and row.label is None
            and row.x0 > last.x0
        ):
            blank = " " if row.x0 - last.x1 > 0.15 * row.size else ""
            shift = len(last.text) + len(blank)
            last.text = last.text + blank + row.text
            last.marks += [(at + shift, label) for at, label in row.marks]
            last.x1, last.seen = max(last.x1, row.x1), last.seen + row.seen
            last.dropped += row.dropped
        else:
            result.append(row)
    return result


def _plain_row(page: int, line: TextLine) -> Row:
    text = clean(line.text)
    return Row(
        page, text, line.x0, line.top, line.x1, line.bottom, line.size, line.bold, line.italic,
        line.runs[0].artifact, line.x0, seen=visible(text),
    )  # fmt: skip


def _parted_rows(page: int, line: TextLine, cell_of: CellOf | None) -> Iterator[Row]:
    shown = [run for run in line.runs if run.text.strip()]
    for group in _groups(shown, line.size, cell_of):
        yield _row(page, line, group)


def _groups(runs: list[Run], size: float, cell_of: CellOf | None) -> Iterator[list[Run]]:
    """Runs that belong together: cut at wide gaps, but for the gap after a leading marker."""
    group: list[Run] = []
    for run in runs:
        if group:
            gap = run.x0 - max(it.x1 for it in group)
            margin = run.raised != group[-1].raised and abs(gap) > _MARGIN_GAP
            far = gap > 6 * size
            wide = gap > _GAP * size or run.x1 < group[-1].x0 - size
            marker = len(group) == 1 and _MARKER.match(group[0].text) and not group[0].raised
            if (margin and (run.raised or len(group) == 1)) or (wide and not marker) or far:
                yield group
                group = []
        group.append(run)
    if group:
        yield group


def _row(page: int, line: TextLine, runs: list[Run]) -> Row:
    """A row of some of a line's runs."""
    text, marks, label, dropped = "", [], None, 0
    text_x, marker = runs[0].x0, None
    if len(runs) > 1 and not runs[0].raised and _MARKER.match(runs[0].text):
        first, second = runs[0], runs[1]
        if second.x0 - first.x1 > 0.15 * line.size:
            marker, text_x = clean(first.text), second.x0
    for index, run in enumerate(runs):
        piece = run.text
        if run.raised and len(runs) > 1:
            printed = clean(piece)
            if index == 0 and _LABEL.match(printed):
                label, dropped = printed, dropped + visible(printed)
                text_x = runs[1].x0
                continue
            if index and printed and not _NO_NOTE.search(clean(text)):
                text = text.rstrip() if not text.endswith(" ") else text
                at = len(clean(text))
                marks += [(at, part) for part in re.split(r"[\s,;]+", printed) if part]
                dropped += visible(printed)
                if piece[-1:].isspace():
                    text += " "
                continue
        text += piece
    body = [run for run in runs if not run.raised] or runs
    words = clean(text)
    size = line.size if not body[0].raised else (runs[0].size or line.size)
    return Row(
        page, words, min(it.x0 for it in runs), min(it.top for it in body),
        max(it.x1 for it in runs), max(it.bottom for it in body), size, line.bold, line.italic,
        all(it.artifact for it in runs), text_x, marker, marks, label, visible(words), dropped,
    )  # fmt: skip
