"""Ordinary text files: paragraphs, headings and lists by the shape of the lines.

Paragraphs are parted by blank lines, and inside them by markers at a line's beginning, by breaks
that leave room for the next word, and in files that are not wrapped by every line break. A heading
is a short line alone and without a stop: underlined, in capitals, numbered, or followed by text.
Form feeds and page-number lines are dropped, and so is what stands again and again at page edges.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from collabnlp.extraction.markers import parse_marker
from collabnlp.extraction.mending import Vocabulary, join_lines
from collabnlp.extraction.outline import Outline, clean
from collabnlp.schema import BlockDraft

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PAGE_WORDS = re.compile(
    r"\s*(?:page\s+\d{1,4}(?:\s+of\s+\d{1,4})?|[-–—]\s?\d{1,4}\s?[-–—])\s*\Z", re.I
)
_PAGE_NUMBER = re.compile(r"\s*(?:\d{1,4}|[ivxlc]{1,7})\s*\Z")
_UNDERLINE = re.compile(r"\s*(={3,}|-{3,}|~{3,}|\*{3,}|_{3,})\s*\Z")
_FIELD = re.compile(r"[A-Z][\w-]{1,20}(?: [\w-]{1,15})?:\s")
_LOG_LINE = re.compile(
    r"\[?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d)"
)
_NUMBERED = re.compile(
    r"(?:(?:chapter|part|section|annex|appendix)\s+)?(\d{1,2}(?:\.\d{1,2}){0,3})\.?:?\s+(?=[A-Z])",
    re.I,
)
_ENDS_ITEM = re.compile(r"(?:[.;:,!?—)”]|\b(?:and|or))\Z")
_HEADING_LENGTH = 90
_NARROWEST, _WIDEST = 25, 132  # columns between which files are wrapped
_WRAPPED_SHARE = 0.8  # of the lines must be no longer than the widest
_EDGE_REPEATS = 3
_EDGE_LENGTH = 70


def lay_out(text: str) -> list[BlockDraft]:
    """The drafts of an ordinary text file."""
    return _Layout(text).drafts()


class _Layout:
    def __init__(self, text: str) -> None:
        lines = _without_page_edges(_CONTROL.sub("", _one_newline(text)).expandtabs(8))
        self._chunks = _chunks(lines)
        self._width = _wrap_width(self._chunks)
        self._words = Vocabulary(lines)
        self._outline = Outline()
        self._strong = 0  # level of the last heading that showed its rank

    def drafts(self) -> list[BlockDraft]:
        for index, chunk in enumerate(self._chunks):
            following = self._chunks[index + 1] if index + 1 < len(self._chunks) else None
            self._read(chunk, following)
        return self._outline.drafts

    def _read(self, chunk: list[str], following: list[str] | None) -> None:
        if len(chunk) >= 2 and (rule := _UNDERLINE.match(chunk[1])) and _headlike(chunk[0]):
            self._heading(chunk[0], 1 if rule[1][0] in "=*" else 2, strong=True)
            if rest := chunk[2:]:
                self._read(rest, following)
            return
        if len(chunk) == 1 and (level := self._heading_level(chunk[0], following)):
            self._heading(chunk[0], abs(level), strong=level > 0)
            return
        for part in self._parts(chunk):
            text, _ = join_lines(part, self._words)
            if piece := clean(text):
                self._outline.paragraph(piece)

    def _heading(self, line: str, level: int, *, strong: bool) -> None:
        self._outline.heading(clean(line.strip(" #")), level)
        if strong:
            self._strong = level

    def _heading_level(self, line: str, following: list[str] | None) -> int:
        """Level of a line alone; negative where only the text after it tells; 0 for no heading."""
        line = line.strip()
        if _UNDERLINE.match(line) or not _headlike(line) or following is None:
            return 0
        if match := _NUMBERED.match(line):
            return match[1].count(".") + 1
        letters = [character for character in line if character.isalpha()]
        if len(letters) > 3 and all(character.isupper() for character in letters):
            return 1
        marked = parse_marker(line) is not None
        prose = sum(len(it) for it in following) >= 40 or parse_marker(following[0].strip())
        if marked or not prose or _FIELD.match(line) or _LOG_LINE.match(line):
            return 0
        return -(self._strong + 1)

    def _parts(self, chunk: list[str]) -> Iterator[list[str]]:
        """Lines of one paragraph or item each."""
        part: list[str] = []
        for line in chunk:
            if _UNDERLINE.match(line):
                continue
            if part and self._parted(part[-1], line):
                yield part
                part = []
            part.append(line.rstrip())
        if part:
            yield part

    def _parted(self, before: str, line: str) -> bool:
        """Whether a line break inside a chunk parts two paragraphs."""
        start = line.strip()
        if not self._width or _FIELD.match(start) or _LOG_LINE.match(start):
            return True
        early = len(before.rstrip()) + 1 + len(start.split(" ", 1)[0]) <= self._width - 2
        if parse_marker(start) is not None:
            return early or bool(_ENDS_ITEM.search(before.rstrip()))
        deeper = len(line) - len(line.lstrip()) >= len(before) - len(before.lstrip()) + 2
        if deeper and not parse_marker(before.strip()):
            return bool(_ENDS_ITEM.search(before.rstrip())) and start[:1].isupper()
        return early and not start[:1].islower()


def _one_newline(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace(
        "\u2029", "\n\n"
    )  # fmt: skip


def _headlike(line: str) -> bool:
    line = line.strip()
    if not line or len(line) > _HEADING_LENGTH or line[-1] in ".;:,—":
        return False
    first = line.lstrip("“\"'‘(#* ")[:1]
    return (first.isupper() or first.isdigit()) and any(it.isalpha() for it in line)


def _chunks(lines: list[str]) -> list[list[str]]:
    """Runs of lines between blank ones."""
    chunks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            chunks[-1].append(line)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _wrap_width(chunks: list[list[str]]) -> int:
    """Column at which the file is wrapped; 0 where its line breaks are all meant."""
    lengths = sorted(len(line.rstrip()) for chunk in chunks for line in chunk[:-1])
    if not lengths:
        return 0
    wrapped = sum(length <= _WIDEST for length in lengths)
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.95))]
    if wrapped < _WRAPPED_SHARE * len(lengths) or not _NARROWEST <= width <= _WIDEST:
        return 0
    return width


def _without_page_edges(text: str) -> list[str]:
    """The lines without form feeds, page-number lines and repeated lines at page edges."""
    pages = [page.split("\n") for page in text.split("\f")]
    edges: Counter[str] = Counter()
    if len(pages) > 1:
        for page in pages:
            edges.update({key for at in _edge_lines(page) if (key := _edge_key(page[at]))})
    kept: list[str] = []
    for page in pages:
        edge = set(_edge_lines(page)) if len(pages) > 1 else set()
        body = [
            line
            for at, line in enumerate(page)
            if not _PAGE_WORDS.match(line)
            and not (
                at in edge and (_PAGE_NUMBER.match(line) or edges[_edge_key(line)] >= _EDGE_REPEATS)
            )
        ]
        while body and not body[-1].strip():
            body.pop()
        while body and not body[0].strip():
            body.pop(0)
        if kept and body and not _runs_on(kept[-1], body[0]):
            kept.append("")
        kept += body
    return kept


def _edge_lines(page: list[str]) -> list[int]:
    """Places of a page's first two and last two visible lines."""
    visible = [at for at, line in enumerate(page) if line.strip()]
    return visible[:2] + visible[-2:]


def _edge_key(line: str) -> str:
    """What two running heads have in common; a long line is no running head."""
    line = line.strip()
    return re.sub(r"\d+", "#", line) if len(line) <= _EDGE_LENGTH else ""


def _runs_on(before: str, after: str) -> bool:
    """Whether a sentence goes on over a page break."""
    end = before.rstrip()[-1:]
    return bool(end) and end not in ".;:!?—" and after.lstrip()[:1].islower()
