"""Where on its pages a stretch of a PDF's text is printed, line by line and to the character.

The lines of a block have their places; of a line that belongs to the stretch only in part (a
sentence begins or ends in it) PDFium's characters tell the edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from collabnlp.errors import DamagedFile
from collabnlp.extraction.pdf_text import Characters, PdfFile
from collabnlp.schema import Block, Box, Document, Line

_ALIKE = 0.8  # share of a line's characters that must be found for its edges to be believed
_SLACK = 1.0  # points by which a character's middle may stand outside its line


def printed_lines(
    document: Document, spans: Sequence[tuple[int, int, int]], data: bytes
) -> list[tuple[Box, ...]]:
    """One box a printed line of each span (index of its block, start, end in the document).

    ``data`` are the bytes that ``document`` was read from. Raises as `PdfFile` does.
    """
    found: list[dict[int, Box]] = []
    partial: dict[int, list[tuple[int, int, Line, int, int]]] = {}
    for number, (index, start, end) in enumerate(spans):
        boxes: dict[int, Box] = {}
        for at, line in enumerate(_within(document.blocks[index], start, end)):
            assert line.box is not None
            first, last = max(start, line.start), min(end, line.end)
            if not document.text[first:last].strip():
                continue
            if first == line.start and last == line.end:
                boxes[at] = line.box
            else:
                boxes[at] = _share(line, first, last)
                partial.setdefault(line.box.page, []).append((number, at, line, first, last))
        found.append(boxes)
    with PdfFile(data, name=document.info.id) as pdf:
        for page, waiting in sorted(partial.items()):
            try:
                with pdf.page(page) as opened:
                    characters = opened.characters()
            except DamagedFile:  # it was read in another way
                continue
            rows = _Rows(characters)
            for number, at, line, first, last in waiting:
                box = rows.cut(line, document.text[line.start : line.end], first, last)
                if box is not None:
                    found[number][at] = box
    return [tuple(boxes[at] for at in sorted(boxes)) for boxes in found]


def _within(block: Block, start: int, end: int) -> Iterable[Line]:
    return (line for line in block.lines if line.box and line.start < end and line.end > start)


def _share(line: Line, first: int, last: int) -> Box:
    """The part of a line by its share of the characters: near, not exact."""
    box = line.box
    assert box is not None
    width = (box.x1 - box.x0) / max(1, line.end - line.start)
    left = box.x0 + width * (first - line.start)
    return Box(box.page, left, box.top, left + width * (last - first), box.bottom)


class _Rows:
    """A page's characters, to be looked up by line."""

    def __init__(self, characters: Characters) -> None:
        self._it = characters
        self._shown = [
            index
            for index, character in enumerate(characters.text)
            if not character.isspace() and not characters.generated[index]
        ]

    def cut(self, line: Line, text: str, first: int, last: int) -> Box | None:
        """The box of ``[first, last)`` of a line whose text is ``text``; None where the page's
        characters do not fit it."""
        it, box = self._it, line.box
        assert box is not None
        inside = [
            index
            for index in self._shown
            if box.x0 - _SLACK <= (it.x0[index] + it.x1[index]) / 2 <= box.x1 + _SLACK
            and box.top - _SLACK <= (it.top[index] + it.bottom[index]) / 2 <= box.bottom + _SLACK
        ]
        wanted = [at for at, character in enumerate(text) if not character.isspace()]
        printed = "".join(it.text[index] for index in inside)
        words = "".join(text[at] for at in wanted)
        place: dict[int, int] = {}  # character of the line -> character of the page
        if printed == words:
            place = dict(zip(wanted, inside, strict=True))
        else:
            matcher = SequenceMatcher(None, printed, words, autojunk=False)
            for one in matcher.get_matching_blocks():
                for by in range(one.size):
                    place[wanted[one.b + by]] = inside[one.a + by]
            if len(place) < _ALIKE * len(wanted):
                return None
        own = [index for at, index in place.items() if first <= line.start + at < last]
        if not own:
            return None
        left, right = min(it.x0[index] for index in own), max(it.x1[index] for index in own)
        return Box(box.page, left, box.top, max(left, right), box.bottom)
