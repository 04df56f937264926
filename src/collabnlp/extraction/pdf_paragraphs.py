"""Groups printed rows into paragraphs by spacing, indents, markers, style and ragged ends."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from collabnlp.extraction.markers import Style, parse_marker
from collabnlp.extraction.pdf_rows import Row

_ENDED = re.compile(r"[.!?:;…][’”'\")\]]*\Z")
_ITEM_ENDED = re.compile(r"(?:[.!?:;,…—–][’”'\")\]]*|[;,]?\s(?:and|or))\Z")
_LOWER = re.compile(r"[“‘\"'(\[]?[a-z]")
_DATE = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)? )?(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December),? (?:19|20)\d\d"
)
_COLUMN = 80.0  # points: rows of one column begin within this of each other
_CENTRED = 4.0


@dataclass(slots=True, eq=False)
class Paragraph:
    """Rows that read as one text; the first row still begins with the ``marker``."""

    rows: list[Row]
    marker: str | None = None
    full: bool = False  # its last row reaches the right edge: the text may go on elsewhere

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def last(self) -> Row:
        return self.rows[-1]

    @property
    def text_x(self) -> float:
        """Where the words begin: after the marker, or where the second row begins."""
        if self.marker is not None and len(self.rows) > 1 and self.rows[1].page == self.first.page:
            return self.rows[1].x0
        return self.first.text_x

    @property
    def size(self) -> float:
        return max(self.rows, key=lambda row: row.seen).size

    @property
    def bold(self) -> bool:
        return all(row.bold for row in self.rows)

    @property
    def italic(self) -> bool:
        return all(row.italic for row in self.rows)

    def ended(self) -> bool:
        """The text ends as a sentence or a clause does."""
        return bool(_ENDED.search(self.last.text))


@dataclass(slots=True)
class Metrics:
    """What is usual in a document: line pitch per font size, right edges per page and column,
    size of the running text. ``wall`` is the right edge where it is known."""

    pitch: dict[int, float] = field(default_factory=dict)
    edges: dict[tuple[int, int, int], float] = field(default_factory=dict)
    body: float = 11.0
    body_bold: bool = False
    wall: float | None = None
    _reach: dict[tuple[int, int, int], float] = field(default_factory=dict)

    def within(self, right: float) -> Metrics:
        """The same for text in a box or cell whose lines may reach to ``right``."""
        return replace(self, wall=right)

    @classmethod
    def of(cls, rows: Iterable[Sequence[Row]]) -> Metrics:
        """Measure the rows of a document's pages (running heads already taken out)."""
        sizes: Counter[float] = Counter()
        pitches: dict[int, Counter[float]] = defaultdict(Counter)
        edges: dict[tuple[int, int, int], float] = {}
        bolds = 0
        for page in rows:
            before: Row | None = None
            for row in page:
                sizes[round(row.size * 2) / 2] += row.seen
                bolds += row.seen if row.bold else -row.seen
                key = _edge_key(row)
                if row.x1 > edges.get(key, 0.0):
                    edges[key] = row.x1
                if before is not None and abs(before.size - row.size) < 0.3:
                    step = row.bottom - before.bottom
                    if 0.8 * row.size < step < 2.2 * row.size and abs(row.x0 - before.x0) < 60:
                        pitches[round(row.size * 2)][round(step * 2) / 2] += 1
                before = row
        usual = {size: _usual(counts) for size, counts in pitches.items()}
        body = max(sorted(sizes), key=lambda size: sizes[size]) if sizes else 11.0
        return cls(usual, edges, body, bolds > 0)

    def pitch_of(self, size: float) -> float:
        """Usual distance between two lines of a paragraph at a font size."""
        found = self.pitch.get(round(size * 2))
        if found is not None and found < 1.75 * size:
            return found
        return 1.25 * size

    def right_edge(self, row: Row) -> float:
        """How far to the right the rows of this row's column reach."""
        if self.wall is not None:
            return max(self.wall, row.x1)
        key = _edge_key(row)
        found = self._reach.get(key)
        if found is None:
            page, size, column = key
            found = self._reach[key] = max(
                self.edges.get((page, about, near), 0.0)
                for near in (column - 1, column, column + 1)
                for about in (size - 1, size, size + 1)
            )
        return max(found, row.x1)

    def slack(self, row: Row) -> float:
        """Room left at the end of a row."""
        return self.right_edge(row) - row.x1


def _edge_key(row: Row) -> tuple[int, int, int]:
    return row.page, round(row.size), int(row.x0 // _COLUMN)


def _usual(counts: Counter[float]) -> float:
    """The smallest pitch that is common: larger common ones are spaces between paragraphs."""
    total = sum(counts.values())
    common = [pitch for pitch, count in counts.items() if count * 7 >= total]
    return min(common or counts)  # no two gaps alike: the smallest


def group_rows(rows: Sequence[Row], metrics: Metrics) -> list[Paragraph]:
    """Paragraphs of rows that stand in one region of one page, in their order."""
    paragraphs: list[Paragraph] = []
    for row in rows:
        if paragraphs and not _breaks(paragraphs[-1], row, metrics):
            paragraphs[-1].rows.append(row)
            continue
        paragraphs.append(Paragraph([row], marker_of(row)))
    for paragraph in paragraphs:
        paragraph.full = metrics.slack(paragraph.last) < 0.12 * (
            metrics.right_edge(paragraph.last) - paragraph.last.x0
        )
    return paragraphs


def marker_of(row: Row) -> str | None:
    """The bullet, letter or number that a row begins with."""
    head = row.text[:8]
    if not head[0].isalpha() or "." in head or ")" in head:  # most rows begin with a plain word
        found = parse_marker(row.text)
        if found is not None:
            return found.printed
    if row.marker is None:
        return None
    if is_date(row.text):
        return None
    if row.marker.isdigit():  # "12 of the Act" at a line's start is no number of a paragraph
        gap = row.text_x - row.x0 - 0.556 * row.size * len(row.marker)
        return row.marker if gap > 0.3 * row.size else None
    return row.marker


def is_date(text: str) -> bool:
    """Whether a text is a date and nothing else ("17 May 2030", "May 2030")."""
    return bool(_DATE.fullmatch(text))


def _breaks(paragraph: Paragraph, row: Row, metrics: Metrics) -> bool:
    """Whether a row begins a new paragraph."""
    last = paragraph.last
    usual = metrics.pitch_of(last.size)
    step = row.bottom - last.bottom
    if abs(step) < 0.4 * last.size and row.x0 >= last.x0:
        # Side by side: words that PDFium parted, or the neighbouring column.
        return row.x0 - last.x1 > 1.5 * last.size and not (
            last.text == paragraph.marker and len(paragraph.rows) == 1
        )
    if step < 0 or abs(row.size - last.size) > 0.75:
        return True
    if step > 1.22 * usual + 0.6:
        return True
    slack = metrics.slack(last)
    column = max(metrics.right_edge(last) - last.x0, 1.0)
    full = slack < max(0.15 * column, _word_width(row) + 0.6 * row.size)
    if row.bold != last.bold and not _same_despite_weight(paragraph, row, full, step, usual):
        return True
    marker = marker_of(row)
    if marker is not None and _begins_item(paragraph, row, marker, full):
        return True
    if _indent_breaks(paragraph, row, full):
        return True
    return _ragged_end(last, row, slack, column)


def _word_width(row: Row) -> float:
    """Width of a row's first word, reckoned from the row's mean letter."""
    return len(row.text.split(" ", 1)[0]) * row.width / max(len(row.text), 1)


def _same_despite_weight(
    paragraph: Paragraph, row: Row, full: bool, step: float, usual: float
) -> bool:
    """Weight changes within a paragraph where a term or a reference is bold."""
    if paragraph.marker is not None and abs(row.x0 - paragraph.text_x) <= 3:
        full = True  # it stands under the words of the item
    return full and step <= 1.08 * usual and not paragraph.ended()


def _begins_item(paragraph: Paragraph, row: Row, marker: str, full: bool) -> bool:
    """A marker at a row's start counts unless the row is plainly a wrapped line."""
    found = parse_marker(row.text)
    if found is not None and found.style is Style.BULLET and marker not in "-–—*":
        return True
    last = paragraph.last
    hanging = row.text_x > row.x0 + 1
    if len(paragraph.rows) > 1 or paragraph.marker is not None:
        inner = paragraph.text_x if paragraph.marker is not None else last.x0
        if row.x0 < inner - 3 or row.x0 > inner + 8:
            return hanging or found is not None
        if paragraph.marker is not None and abs(row.x0 - inner) <= 3 and full:
            return hanging and bool(_ITEM_ENDED.search(last.text))
    if hanging:
        return True
    if found is None:
        return False
    return bool(_ITEM_ENDED.search(last.text)) or not full


def _indent_breaks(paragraph: Paragraph, row: Row, full: bool) -> bool:
    """The row begins further left or right than this paragraph's next row would."""
    last = paragraph.last
    if full and _LOWER.match(row.text) and not _ITEM_ENDED.search(last.text):
        return False  # text that flows around a picture
    middle = abs((last.x0 + last.x1) - (row.x0 + row.x1)) / 2
    if middle < _CENTRED and last.x0 > row.x0 - 200 and abs(last.x0 - row.x0) > 3:
        return False  # centred
    if len(paragraph.rows) == 1:
        if paragraph.marker is not None:
            at_text = abs(row.x0 - paragraph.first.text_x) <= 4
            within = last.x0 - 2 <= row.x0 <= last.x0 + 45
            unknown = paragraph.first.text_x <= last.x0 + 1  # where the marker's gap ends
            hanging = unknown and 6 < row.x0 - last.x0 < 60
            return not at_text and not hanging and not (full and within)
        shift = row.x0 - last.x0
        if abs(shift) <= 3:
            return False
        return not full or abs(shift) > 50
    return abs(row.x0 - last.x0) > 4


def _ragged_end(last: Row, row: Row, slack: float, column: float) -> bool:
    """The row above ended although the next word had room, and ended as a sentence does."""
    if not _ENDED.search(last.text) or _LOWER.match(row.text):
        return False
    return slack > _word_width(row) + 0.5 * row.size + 0.1 * column
