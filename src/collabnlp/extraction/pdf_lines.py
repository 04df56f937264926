"""Cuts a page's text into lines and runs: what is done for every line, so it is kept fast.

A handful of calls a line: the page object at either end, its mark, its font and size, the places of
the first and last character. Only where the ends differ are the borders between looked for.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot

from collabnlp.extraction.pdf_calls import calls, pointer

# Unpacking the bytes takes a fifth of the time that iterating over a ctypes array does.
_FOUR, _SIX = struct.Struct("4f").unpack_from, struct.Struct("6f").unpack_from
_BREAK = re.compile("\r\n|\r|\n")
_MARK = re.compile(r"[\s,;]*(?:\d{1,3}|[*†‡§¶]{1,3}|[a-z]|[ivx]{1,5})(?:[\s,;]+\d{1,3})*[\s,;]*\Z")
_LONGEST_MARK = 12
_RAISED_SIZE = 0.82  # a note mark is smaller than this share of the line's letters
_NEXT_ROW = 0.7  # font sizes by which a row stands lower than the one before
_ARTIFACT = "Artifact".encode("utf-16-le")
_FORCED_BOLD, _ITALIC, _BOLD_WEIGHT = 1 << 18, 1 << 6, 600
_BOLD_NAMES, _ITALIC_NAMES = ("bold", "black", "heavy"), ("italic", "oblique")

Sides = tuple[float, float, float, float]
"""x0, top, x1, bottom in points from the top left."""


@dataclass(slots=True)
class Run:
    """A stretch of a line under one mark (or, with ``objects=True``, of one text object).

    mcid      marked-content id, -1 where it has none
    artifact  the PDF marks it as artifact (running head, page number, ornament)
    raised    smaller than the line's other letters and worded like a note mark ("13", "*")
    size      font size in points, 0.0 where not measured (only raised runs and ``objects=True``)
    """

    text: str
    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float
    mcid: int = -1
    artifact: bool = False
    raised: bool = False
    size: float = 0.0


@dataclass(slots=True)
class TextLine:
    """One line as PDFium breaks the page's content, without its line break.

    text    as PDFium gives it: `HYPHEN` for soft and line-end hyphens, odd blanks kept
    size    font size in points (matrix applied) of its largest stretch
    font    base font name, "" where unknown; ``bold`` by weight, flags or name; ``italic`` likewise
    runs    at least one; they cover the line but for blanks between them
    lead    index at which letters that are not bold follow a bold beginning; 0 where none do
    """

    text: str
    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    font: str
    bold: bool
    italic: bool
    runs: list[Run]
    lead: int = 0

    @property
    def artifact(self) -> bool:
        """Every run of the line is marked as artifact."""
        runs = self.runs
        return runs[0].artifact and (len(runs) == 1 or all(run.artifact for run in runs))


@dataclass(slots=True)
class _Style:
    font: str
    bold: bool
    italic: bool


@dataclass(slots=True)
class _Piece:
    """A stretch of one text object (its address) within a line."""

    start: int
    end: int
    object: int
    mcid: int
    raised: bool = False
    size: float = 0.0


class LineReader:
    """Reads the lines of one open page.

    ``address`` is the text page's; ``frame`` the page's left, low, right, high in PDF space;
    ``rotation`` in quarter turns.
    """

    def __init__(self, text: str, address: int, frame: Sides, rotation: int) -> None:
        self._calls = calls()
        self.text = text
        self._page = pointer(address)
        self._frame = frame
        self._rotation = rotation
        self._rect = (ctypes.c_float * 4)()
        self._matrix = (ctypes.c_float * 6)()
        self._boxes: dict[int, Sides] = {}
        self._styles: dict[int | None, _Style] = {}
        self._artifacts: dict[int, bool] = {}

    def lines(self, *, objects: bool = False) -> list[TextLine]:
        """Every line with visible text, in the order of the page's content."""
        text, page, found, at = self.text, self._page, [], 0
        get = self._calls.text_object
        breaks = [match.span() for match in _BREAK.finditer(text)]
        breaks.append((len(text), len(text)))
        for end, following in breaks:
            words = text[at:end]
            shown = words.lstrip()
            if shown:
                first = end - len(shown)
                last = first + len(shown.rstrip()) - 1
                low = get(page, first)
                if low is not None and low == get(page, last):
                    found.append(self._simple_line(low, words, at, end, first, last))
                else:
                    found += self._mixed_lines(at, end, first, last, objects)
            at = following
        return found

    def box_of(self, index: int) -> Sides:
        """A character's place: the font's ascent and descent, its advance width."""
        if not self._calls.loose_box(self._page, index, self._rect):
            return 0.0, 0.0, 0.0, 0.0
        a, b, c, d = _FOUR(self._rect)
        left, low, right, high = self._frame
        if not self._rotation:
            if a <= c and d <= b:
                return a - left, high - b, c - left, high - d
            x0, top, x1, bottom = a - left, high - b, c - left, high - d
        elif self._rotation == 1:
            x0, top, x1, bottom = d - low, a - left, b - low, c - left
        elif self._rotation == 2:
            x0, top, x1, bottom = right - c, d - low, right - a, b - low
        else:
            x0, top, x1, bottom = high - b, right - c, high - d, right - a
        if x0 > x1:
            x0, x1 = x1, x0
        if top > bottom:
            top, bottom = bottom, top
        return x0, top, x1, bottom

    def _box_at(self, index: int) -> Sides:
        """`box_of`, remembered: the pieces of a line are asked for it again and again."""
        box = self._boxes.get(index)
        if box is None:
            box = self._boxes[index] = self.box_of(index)
        return box

    def size_at(self, index: int) -> float:
        """Font size in points of a character, matrix applied."""
        size: float = self._calls.font_size(self._page, index)
        if self._calls.matrix(self._page, index, self._matrix):
            _, _, c, d, _, _ = _SIX(self._matrix)
            size *= hypot(c, d)
        return size

    def _mixed_lines(
        self, start: int, end: int, first: int, last: int, objects: bool
    ) -> Iterator[TextLine]:
        """The rows of a line of several text objects: one, but where PDFium breaks none."""
        pieces = self._pieces(first, last)
        if not pieces:
            return
        pieces[0].start, pieces[-1].end = start, end
        longest = _longest(pieces)
        size = longest.size = self.size_at(longest.start)
        for group in self._by_row(pieces, size):
            yield self._make_line(group, longest if group is pieces else _longest(group), objects)

    def _simple_line(
        self, page_object: int, words: str, start: int, end: int, first: int, last: int
    ) -> TextLine:
        """A line of one text object: most are."""
        call, page = self._calls, self._page
        x0, top, x1, bottom = self.box_of(first)
        if last > first:
            ax0, atop, ax1, abottom = self.box_of(last)
            if ax0 < x0:
                x0 = ax0
            if ax1 > x1:
                x1 = ax1
            if atop < top:
                top = atop
            if abottom > bottom:
                bottom = abottom
        size: float = call.font_size(page, first)
        if call.matrix(page, first, self._matrix):
            _, _, c, d, _, _ = _SIX(self._matrix)
            size *= hypot(c, d) if c else abs(d)
        style = self._styles.get(call.font(page_object)) or self._style(page_object)
        mcid = call.marked_content(page_object)
        artifact = mcid < 0 and self._artifact(page_object)
        run = Run(words, start, end, x0, top, x1, bottom, mcid, artifact, False, size)
        return TextLine(
            words, start, end, x0, top, x1, bottom, size,
            style.font, style.bold, style.italic, [run],
        )  # fmt: skip

    def _by_row(self, pieces: list[_Piece], size: float) -> list[list[_Piece]]:
        """The pieces of each printed row: a new one where a piece begins a line's height lower."""
        left, _, _, foot = self._box_at(self._first_shown(pieces[0]))
        if abs(self._box_at(self._last_shown(pieces[-1]))[3] - foot) <= _NEXT_ROW * size:
            return [pieces]  # it ends on the row on which it begins
        groups = [[pieces[0]]]
        for piece in pieces[1:]:
            if not self.text[piece.start : piece.end].isspace():
                x0, _, _, bottom = self._box_at(self._first_shown(piece))
                if x0 < left and abs(bottom - foot) > _NEXT_ROW * size:
                    groups.append([])
                    foot = bottom
                left = x0
            groups[-1].append(piece)
        return groups

    def _make_line(self, pieces: list[_Piece], longest: _Piece, objects: bool) -> TextLine:
        size = longest.size = longest.size or self.size_at(longest.start)
        if len(pieces) > 1:
            self._find_raised(pieces, longest, objects)
        runs = self._runs(pieces, objects)
        style = self._style(longest.object)
        start, end = pieces[0].start, pieces[-1].end
        text, lead = self.text[start:end], self._lead(pieces)
        if len(runs) == 1:
            run = runs[0]
            return TextLine(
                text, start, end, run.x0, run.top, run.x1, run.bottom,
                size, style.font, style.bold, style.italic, runs, lead,
            )  # fmt: skip
        body = [run for run in runs if not run.raised] or runs
        return TextLine(
            text, start, end,
            min([run.x0 for run in runs]), min([run.top for run in body]),
            max([run.x1 for run in runs]), max([run.bottom for run in body]),
            size, style.font, style.bold, style.italic, runs, lead,
        )  # fmt: skip

    def _lead(self, pieces: list[_Piece]) -> int:
        """Where a bold beginning ends and other letters follow; 0 where it does not begin bold."""
        text = self.text
        if len(pieces) > 1 and self._style(pieces[0].object).bold:
            for piece in pieces[1:]:
                if piece.raised or text[piece.start : piece.end].isspace():
                    continue
                if not self._style(piece.object).bold:
                    return piece.start
        return 0

    def _pieces(self, first: int, last: int) -> list[_Piece]:
        """Cut [first, last] where the text object changes, by bisection.

        A text object's characters stand side by side, so equal ends mean one object between. A
        generated blank belongs to no object: it counts to the piece before it.
        """
        get, page = self._calls.text_object, self._page
        low = get(page, first)
        while low is None and first < last:
            first += 1
            low = get(page, first)
        high = get(page, last)
        while high is None and last > first:
            last -= 1
            high = get(page, last)
        if low is None:
            return []
        marked = self._calls.marked_content
        if low == high:
            return [_Piece(first, last + 1, low, marked(low))]
        cuts: list[tuple[int, int]] = []
        self._split(first, low, last, high, cuts)
        cuts.sort()
        starts = [(first, low), *cuts]
        ends = [at for at, _ in cuts]
        ends.append(last + 1)
        return [
            _Piece(at, end, found, marked(found))
            for (at, found), end in zip(starts, ends, strict=True)
        ]

    def _split(
        self, low: int, low_object: int, high: int, high_object: int, cuts: list[tuple[int, int]]
    ) -> None:
        """Find the borders between two characters of unlike objects: (index, object) of each."""
        get, page = self._calls.text_object, self._page
        while high - low > 1 and low_object != high_object:
            middle = (low + high) // 2
            probe, found = middle, get(page, middle)
            while found is None and probe > low + 1:
                probe -= 1
                found = get(page, probe)
            if found is None:
                low = middle  # nothing but generated blanks down to the left end
            elif found == low_object:
                low = middle
            elif found == high_object:
                high = probe
            else:
                self._split(low, low_object, probe, found, cuts)
                low, low_object = middle, found
        if low_object != high_object:
            cuts.append((high, high_object))

    def _find_raised(self, pieces: list[_Piece], longest: _Piece, objects: bool) -> None:
        text = self.text
        for piece in pieces:
            if piece is longest:
                continue
            mark = piece.end - piece.start <= _LONGEST_MARK and _MARK.match(
                text, piece.start, piece.end
            )
            if mark or objects:
                piece.size = self.size_at(self._first_shown(piece))
            if mark and 0 < piece.size < longest.size * _RAISED_SIZE:
                piece.raised = self._stands_high(piece, longest)

    def _stands_high(self, piece: _Piece, longest: _Piece) -> bool:
        """Its foot stands above the line's: a low 2, as in CO2, is no note mark."""
        foot = self._box_at(self._first_shown(piece))[3]
        _, line_top, _, line_foot = self._box_at(self._first_shown(longest))
        return foot < line_foot - 0.1 * (line_foot - line_top)

    def _runs(self, pieces: list[_Piece], objects: bool) -> list[Run]:
        text, at, count = self.text, 0, len(pieces)
        runs: list[Run] = []
        while at < count:
            first = last = pieces[at]
            at += 1
            if not objects and not first.raised:
                while at < count and self._same_mark(first, pieces[at]):
                    last = pieces[at]
                    at += 1
            begin, end = self._first_shown(first), self._last_shown(last)
            x0, top, x1, bottom = self._box_at(begin)
            if end != begin:
                ax0, atop, ax1, abottom = self._box_at(end)
                if ax0 < x0:
                    x0 = ax0
                if ax1 > x1:
                    x1 = ax1
                if atop < top:
                    top = atop
                if abottom > bottom:
                    bottom = abottom
            runs.append(
                Run(
                    text[first.start : last.end], first.start, last.end, x0, top, x1, bottom,
                    first.mcid, first.mcid < 0 and self._artifact(first.object),
                    first.raised, first.size,
                )
            )  # fmt: skip
        return runs

    def _same_mark(self, one: _Piece, other: _Piece) -> bool:
        if other.mcid != one.mcid or other.raised:
            return False
        return one.mcid >= 0 or self._artifact(one.object) == self._artifact(other.object)

    def _first_shown(self, piece: _Piece) -> int:
        text, at = self.text, piece.start
        while at < piece.end - 1 and text[at].isspace():
            at += 1
        return at

    def _last_shown(self, piece: _Piece) -> int:
        text, at = self.text, piece.end - 1
        while at > piece.start and text[at].isspace():
            at -= 1
        return at

    def _artifact(self, page_object: int) -> bool:
        found = self._artifacts.get(page_object)
        if found is None:
            marks = (
                self._calls.mark(page_object, index)
                for index in range(self._calls.mark_count(page_object))
            )
            found = any(_is_artifact(mark) for mark in marks if mark)
            self._artifacts[page_object] = found
        return found

    def _style(self, page_object: int) -> _Style:
        font = self._calls.font(page_object)
        found = self._styles.get(font)
        if found is None:
            found = self._styles[font] = _font_style(font) if font else _Style("", False, False)
        return found


def _longest(pieces: list[_Piece]) -> _Piece:
    """The piece of the most characters, the first of equals."""
    found, most = pieces[0], 0
    for piece in pieces:
        length = piece.end - piece.start
        if length > most:
            found, most = piece, length
    return found


def _font_style(font: int) -> _Style:
    call = calls()
    buffer = ctypes.create_string_buffer(256)
    call.font_name(font, ctypes.addressof(buffer), 256)
    name = buffer.value.decode("utf-8", "replace").split("+")[-1]
    lower = name.lower()
    flags = max(0, call.font_flags(font))
    bold = (
        call.font_weight(font) >= _BOLD_WEIGHT
        or bool(flags & _FORCED_BOLD)
        or any(word in lower for word in _BOLD_NAMES)
    )
    italic = bool(flags & _ITALIC) or any(word in lower for word in _ITALIC_NAMES)
    return _Style(name, bold, italic)


def _is_artifact(mark: int) -> bool:
    """Whether a content mark's tag name is "Artifact" (and not "P", "Span", …)."""
    name, length = (ctypes.c_char * 128)(), ctypes.c_ulong()
    if not calls().mark_name(mark, ctypes.addressof(name), 128, ctypes.addressof(length)):
        return False
    return length.value == len(_ARTIFACT) + 2 and name.raw.startswith(_ARTIFACT)
