"""Where on its pages a stretch of a PDF's text is printed, row by row and to the character.

The lines of a block have their places, but a line may belong to the stretch only in part (a
sentence begins or ends in it), and what PDFium takes for one line may be printed on two rows (after
a hyphen at a row's end). PDFium's characters tell the edges; where they do not fit the line, its
own place is taken, by its share of the characters.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from collabnlp.errors import DamagedFile
from collabnlp.extraction.pdf_text import Characters, PdfFile
from collabnlp.schema import Box, Document

_ALIKE = 0.8  # share of a line's characters that must be found for its edges to be believed
_TALL = 1.5  # heights of its characters from which on a line is more than one row
_SLACK = 1.0  # points by which a character's middle may stand outside its line


def printed_lines(
    document: Document, spans: Sequence[tuple[int, int, int]], data: bytes
) -> list[tuple[Box, ...]]:
    """One box a printed row of each span (index of its block, start, end in the document).

    ``data`` are the bytes that ``document`` was read from. Raises as `PdfFile` does.
    """
    found: list[list[tuple[Box, ...]]] = []
    waiting: dict[int, list[tuple[int, int, _Part]]] = {}
    for number, (index, start, end) in enumerate(spans):
        found.append([])
        for line in document.blocks[index].lines:
            first, last = max(start, line.start), min(end, line.end)
            if line.box is None or not document.text[first:last].strip():
                continue
            part = _Part(line.box, document.text[line.start : line.end], line.start, first, last)
            waiting.setdefault(line.box.page, []).append((number, len(found[-1]), part))
            found[-1].append((part.by_share(),))
    with PdfFile(data, name=document.info.id) as pdf:
        for page, parts in sorted(waiting.items()):
            try:
                with pdf.page(page) as opened:
                    rows = _Rows(opened.characters())
            except DamagedFile:  # it was read in another way
                continue
            for number, at, part in parts:
                exact = rows.cut(part)
                if exact:
                    found[number][at] = exact
    return [tuple(box for boxes in lines for box in boxes) for lines in found]


@dataclass(frozen=True, slots=True)
class _Part:
    """``[first, last)`` of a line: its box, its text, and where it starts in the document."""

    box: Box
    text: str
    start: int
    first: int
    last: int

    def by_share(self) -> Box:
        """Its box by its share of the line's characters: near, not exact."""
        box = self.box
        width = (box.x1 - box.x0) / max(1, len(self.text))
        left = box.x0 + width * (self.first - self.start)
        right = left + width * (self.last - self.first)
        return Box(box.page, left, box.top, right, box.bottom)


class _Rows:
    """A page's characters, to be looked up by place."""

    def __init__(self, characters: Characters) -> None:
        it = self._it = characters
        shown = [
            index
            for index, character in enumerate(it.text)
            if not character.isspace() and not it.generated[index]
        ]
        placed = sorted(((it.top[index] + it.bottom[index]) / 2, index) for index in shown)
        self._middles = [middle for middle, _ in placed]
        self._indexes = [index for _, index in placed]

    def cut(self, part: _Part) -> tuple[Box, ...]:
        """A box a printed row of a part of a line, none where the characters do not fit it."""
        it, box = self._it, part.box
        begin = bisect_left(self._middles, box.top - _SLACK)
        end = bisect_right(self._middles, box.bottom + _SLACK)
        inside = [
            index
            for index in sorted(self._indexes[begin:end])
            if box.x0 - _SLACK <= (it.x0[index] + it.x1[index]) / 2 <= box.x1 + _SLACK
        ]
        wanted = [at for at, letter in enumerate(part.text, part.start) if not letter.isspace()]
        printed = "".join(it.text[index] for index in inside)
        words = "".join(part.text.split())
        place: dict[int, int] = {}  # offset in the document -> character of the page
        if printed == words:
            place = dict(zip(wanted, inside, strict=True))
        else:
            matcher = SequenceMatcher(None, printed, words, autojunk=False)
            for one in matcher.get_matching_blocks():
                for by in range(one.size):
                    place[wanted[one.b + by]] = inside[one.a + by]
            if len(place) < _ALIKE * len(wanted):
                return ()
        return self._boxes(
            box, [place[at] for at in wanted if part.first <= at < part.last and at in place]
        )

    def _boxes(self, box: Box, indexes: Sequence[int]) -> tuple[Box, ...]:
        it = self._it
        rows: list[list[int]] = []
        top = bottom = 0.0
        for index in indexes:
            if not rows or not top <= (it.top[index] + it.bottom[index]) / 2 <= bottom:
                rows.append([])
                top, bottom = it.top[index], it.bottom[index]
            rows[-1].append(index)
        found = []
        for row in rows:
            left, right = min(it.x0[index] for index in row), max(it.x1[index] for index in row)
            top, bottom = (
                min(it.top[index] for index in row),
                max(it.bottom[index] for index in row),
            )
            # The line's own height leaves raised note marks out, but may be that of two rows.
            if box.bottom - box.top < _TALL * (bottom - top):
                top, bottom = box.top, box.bottom
            found.append(Box(box.page, left, top, right, bottom))
        return tuple(found)
