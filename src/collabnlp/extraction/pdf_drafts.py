"""Drafts of a tagged PDF's blocks: the tags' roles checked against style, lists nested by place.

Tags are a typist's styles more often than meaning: body text styled as a heading for its colour,
headings typed as large paragraphs, boxes without a tag. What stands on the page decides.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from collabnlp.errors import DataError
from collabnlp.extraction.markers import Style, parse_marker
from collabnlp.extraction.mending import LINE_END_HYPHEN, Vocabulary
from collabnlp.extraction.outline import Outline, Piece
from collabnlp.extraction.pdf_claims import Role, Target
from collabnlp.extraction.pdf_wording import Wording, label_text, word
from collabnlp.schema import BlockDraft, BlockKind, Box, DraftLine, Region

_LARGER = 1.1  # a paragraph's letters this much larger than the body's make a heading of it
_BANNER = 1.45  # … and words in a figure
_LONGEST_HEADING = 180
_INDENT = 5.0  # points: items that begin this much further right stand a level deeper
_SENTENCE_END = (".", ";", ",", ":", "…", "”", "?")
_OPEN_END = re.compile(r"(?:[^.:;!?”’\")\]…]|\b(?:e\.g|i\.e|etc|No|para|paras)\.)\Z")
_BARE_NUMBER = re.compile(r"(\d{1,3})\.?\s+(?=[\"“‘'(]?[A-Z])")
_DOTTED = re.compile(r"(?:[A-Z]{0,3}\.?\d{1,3}|[A-Z])(?:\.\d{1,3}){1,3}\.?\Z")
_DECIMAL = re.compile(r"\(?(\d{1,3})[.)]?\Z")
_NOTE_NUMBER = re.compile(r"(\d{1,3}|[*†‡§]{1,3}|[ivx]{1,4})[.)]?\s+(?=\S)")
_CONTENTS_LINE = re.compile(r"(?:[.…·_\s]{4,}|\s)(?:\d{1,3}|[ivxl]{1,5})\Z")
_PAGE_NUMBER = re.compile(r"\d{1,3}|[ivxl]{1,5}")
_CONTENTS_HEADING = re.compile(r"(?:table of )?contents(?: page)?\Z", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Entry:
    """A target with its wording: what the drafts are made of."""

    target: Target
    role: Role
    wording: Wording
    page: int
    x0: float
    region: Region = Region.BODY
    level: int = 0


@dataclass(slots=True, frozen=True)
class Field:
    """A coloured or framed part of a page: points from the top left."""

    x0: float
    top: float
    x1: float
    bottom: float

    def holds(self, box: Box) -> bool:
        """Whether a line stands in it."""
        middle = (box.top + box.bottom) / 2
        inside = self.x0 - 3 <= box.x0 and box.x1 <= self.x1 + 3
        return inside and self.top - 1 <= middle <= self.bottom + 1


@dataclass(slots=True)
class TaggedPage:
    """What a page gives: its targets in order, and the fields drawn behind its text."""

    number: int
    width: float
    height: float
    targets: list[Target]
    fields: list[Field] = field(default_factory=list)


@dataclass(slots=True)
class _Depth:
    x0: float
    opener: BlockDraft | None


class Drafter:
    """Makes drafts of the targets of all tagged pages; one for each document."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self.outline = Outline()
        self._stack: list[_Depth] = []
        self._last_item = 0
        self._lefts: dict[int, float] = {}
        self._bare_numbers = False
        self._decimal_paragraphs = False

    def entries(self, pages: Sequence[TaggedPage]) -> list[Entry]:
        """Every target's wording and role, those that go on over a break joined into one."""
        joined: list[Target] = []
        last: Target | None = None
        for page in pages:
            for target in page.targets:
                if last is not None and _goes_on(last, target):
                    last.fragments.extend(target.fragments)
                    continue
                joined.append(target)
                if target.role in (Role.PARAGRAPH, Role.ITEM, Role.HEADING, Role.CELL):
                    last = target
        entries: list[Entry] = []
        for target in joined:
            if not target.fragments:
                if not target.label:
                    continue
                # A label without a body: its text is all there is.
                continue
            wording = word(target.fragments, self._words)
            if wording.text:
                first = target.fragments[0]
                x0 = min(run.x0 for run in (target.label or first.runs))
                entries.append(Entry(target, target.role, wording, first.page, x0))
        return entries

    def prepare(self, entries: list[Entry], pages: Sequence[TaggedPage]) -> None:
        """Settle roles, regions and heading levels over the whole document."""
        for entry in entries:
            if entry.role in _RUNNING:
                left = self._lefts.get(entry.page, entry.x0)
                self._lefts[entry.page] = min(left, entry.x0)
        body = _body_style(entries)
        for entry in entries:
            _settle(entry, *body)
        _find_contents(entries)
        find_front(entries, len(pages))
        _find_boxes(entries, {page.number: page for page in pages})
        self._bare_numbers = _counts_up(
            _BARE_NUMBER.match(it.wording.text) for it in entries if it.role is Role.PARAGRAPH
        )
        self._decimal_paragraphs = _counts_over_headings(entries)

    def add(self, entry: Entry) -> BlockDraft | None:
        """Make the draft of an entry, in reading order."""
        outline, wording, target = self.outline, entry.wording, entry.target
        outline.region = entry.region
        piece = Piece(wording.text, list(wording.marks))
        draft: BlockDraft | None
        if entry.role is Role.HEADING:
            self._stack.clear()
            draft = outline.heading(piece, entry.level)
        elif entry.role is Role.NOTE:
            number = wording.label or label_text(target.label)
            match = _NOTE_NUMBER.match(piece.text) if number is None else None
            if match:
                number, piece = match[1], piece.cut(match.end())
            draft = outline.plain(BlockKind.FOOTNOTE, piece, number)
        elif entry.role is Role.CONTENTS:
            draft = outline.plain(BlockKind.CONTENTS, piece)
        elif entry.role in (Role.CAPTION, Role.FIGURE):
            draft = outline.plain(BlockKind.CAPTION, piece)
        elif entry.role is Role.ITEM:
            draft = self._item(entry, piece)
        elif entry.role is Role.CELL:
            self._stack.clear()
            outline.interrupt()
            draft = outline.paragraph(piece, cell=target.cell)
        else:
            draft = self._paragraph(entry, piece)
        self._last_item = target.item
        if draft is not None:
            draft.lines = _shifted(wording.lines, len(wording.text) - len(draft.text))
        return draft

    def take(self, drafts: Iterable[BlockDraft]) -> None:
        """Put in drafts of a page that was read in another way."""
        self._stack.clear()
        self.outline.interrupt()
        self.outline.drafts.extend(drafts)

    def _paragraph(self, entry: Entry, piece: Piece) -> BlockDraft | None:
        if self._stack and entry.target.resumed:
            draft = self.outline.continued(piece)
            if draft is not None:
                draft.closing = draft.text[:1].islower()
                draft.lead_in = self._stack[0].opener if draft.closing else None
            self._stack.clear()
            return draft
        x0 = entry.x0 - self._lefts.get(entry.page, 0.0)
        if self._stack and x0 > self._stack[-1].x0 + _INDENT and not parse_marker(piece.text):
            return self.outline.continued(piece)  # set in below an item: a part of it
        self._stack.clear()
        match = _BARE_NUMBER.match(piece.text) if self._bare_numbers else None
        if match:
            return self.outline.numbered(piece.cut(match.end()), match[1])
        return self.outline.paragraph(piece)

    def _item(self, entry: Entry, piece: Piece) -> BlockDraft | None:
        outline, target = self.outline, entry.target
        number = label_text(target.label)
        if number is None and not target.resumed and target.item != self._last_item:
            marker = parse_marker(piece.text)
            if marker is not None and (marker.style is not Style.DECIMAL or marker.length < 6):
                number, piece = marker.printed, piece.cut(marker.length)
        if number is None and (target.resumed or target.item == self._last_item) and self._stack:
            draft = outline.continued(piece, cell=target.cell)
            if draft is not None and draft.text[:1].islower():
                draft.closing, draft.lead_in = True, self._stack[-1].opener
            return draft
        if number is not None and target.cell is None and self._numbers_paragraph(number):
            self._stack.clear()
            draft = outline.numbered(piece, number)
            if draft is not None:
                self._stack = []
            return draft
        x0 = entry.x0 - self._lefts.get(entry.page, 0.0)
        while self._stack and x0 < self._stack[-1].x0 - _INDENT:
            self._stack.pop()
        if not self._stack or x0 > self._stack[-1].x0 + _INDENT:
            self._stack.append(_Depth(x0, outline.opener))
        return outline.item(
            piece, depth=len(self._stack), number=number, lead_in=self._stack[-1].opener,
            cell=target.cell,
        )  # fmt: skip

    def _numbers_paragraph(self, number: str) -> bool:
        return bool(_DOTTED.match(number)) or (
            self._decimal_paragraphs and bool(_DECIMAL.match(number)) and number[0] != "("
        )


_RUNNING = (Role.PARAGRAPH, Role.ITEM, Role.HEADING)


def _shifted(lines: list[DraftLine], by: int) -> list[DraftLine]:
    if by <= 0:
        return lines
    return [
        DraftLine(
            start=max(0, line.start - by), end=max(0, line.end - by), page=line.page, box=line.box
        )
        for line in lines
        if line.end > by or line.start >= by
    ]


def _goes_on(last: Target, target: Target) -> bool:
    """The words of a target go on with the last one's sentence: they were tagged apart only."""
    if target.label or target.role is Role.CELL or not target.fragments or not last.fragments:
        return False
    if target.role is Role.HEADING or last.role is Role.HEADING:
        return last.role is target.role and _same_heading(last, target)
    if target.role not in (Role.PARAGRAPH, Role.ITEM) or last.role is Role.CELL:
        return False
    if target.cell != last.cell or target.resumed:
        return False
    before, after = last.fragments[-1], target.fragments[0]
    if abs(before.line.size - after.line.size) > 0.6:
        return False
    ending = "".join(run.text for run in before.runs if not run.raised).rstrip()
    beginning = "".join(run.text for run in after.runs).lstrip()
    if not ending or not beginning:
        return False
    if parse_marker(beginning) is not None:
        return False
    if ending.endswith(LINE_END_HYPHEN):
        return True
    return beginning[0].islower() and bool(_OPEN_END.search(ending))


def _same_heading(last: Target, target: Target) -> bool:
    before, after = last.fragments[-1], target.fragments[0]
    return (
        before.page == after.page
        and last.rank == target.rank
        and before.line.font == after.line.font
        and abs(before.line.size - after.line.size) < 0.3
        and -0.5 * after.line.size < after.line.top - before.line.bottom < 0.5 * after.line.size
        and parse_marker(after.line.text) is None
    )


def _body_style(entries: Iterable[Entry]) -> tuple[float, str]:
    """Font size and font of most letters of the running text."""
    sizes: Counter[tuple[float, str]] = Counter()
    for entry in entries:
        if entry.role in (Role.PARAGRAPH, Role.ITEM, Role.CELL):
            sizes[(round(entry.wording.size, 1), entry.wording.font)] += len(entry.wording.text)
    return max(sizes, key=lambda key: (sizes[key], key)) if sizes else (0.0, "")


def _settle(entry: Entry, size: float, font: str) -> None:
    """Check the tags' role against how the text is printed."""
    wording, text = entry.wording, entry.wording.text
    if entry.role is Role.HEADING:
        plain = wording.size <= size * 1.04 and not wording.bold and wording.font == font
        if len(text) > 300 or (plain and (len(text) > 80 or text.endswith("."))) or (plain and parse_marker(text) is not None and parse_marker(text).style is Style.BULLET):
            entry.role = Role.PARAGRAPH
    elif entry.role is Role.FIGURE:
        # A heading on a banner. Words in a picture are smaller.
        if wording.size > size * _BANNER and len(wording.lines) <= 3 and len(text) <= 80:
            entry.role = Role.HEADING
    elif entry.role is Role.PARAGRAPH and not entry.target.item:
        large = wording.size > size * _LARGER
        if (
            (large or (wording.bold and wording.size > size * 0.95))
            and len(text) <= _LONGEST_HEADING
            and not text.endswith(_SENTENCE_END)
            and any(letter.isalpha() for letter in text)
            and len(wording.lines) <= 4
        ):
            entry.role = Role.HEADING


def _find_contents(entries: list[Entry]) -> None:
    """Contents lines that are tagged as paragraphs: they end in a page number under "Contents"."""
    within = False
    misses = 0
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        text = entry.wording.text
        if entry.role in _RUNNING and _CONTENTS_HEADING.match(text) and entry.page <= 12:
            within, misses = True, 0
            continue
        if not within or entry.role in (Role.CONTENTS, Role.NOTE):
            continue
        parted = (
            following is not None
            and following.page == entry.page
            and bool(_PAGE_NUMBER.fullmatch(following.wording.text))
        )
        line = _CONTENTS_LINE.search(text) or _PAGE_NUMBER.fullmatch(text)
        if entry.role in _RUNNING and (line or parted):
            entry.role, misses = Role.CONTENTS, 0
        else:
            misses += 1
            within = misses < 2


def find_front(entries: list[Entry], page_count: int) -> None:
    """Cover, imprint and contents are front matter."""
    by_page: dict[int, list[Entry]] = {}
    for entry in entries:
        by_page.setdefault(entry.page, []).append(entry)
    contents = [
        page for page, its in by_page.items()
        if page <= 15 and 2 * sum(it.role is Role.CONTENTS for it in its) >= len(its)
    ]  # fmt: skip
    first_pages = range(1, min(contents, default=5))
    for page in first_pages:
        if page in by_page and not _is_front(by_page[page]):
            if contents:
                continue
            break
        contents.append(page)
    for page in range(max(by_page, default=1), max(2, page_count - 2), -1):
        if page in by_page and not (_is_front(by_page[page]) and _has_imprint(by_page[page])):
            break
        contents.append(page)
    for page in contents:
        largest = max((it.wording.size for it in by_page.get(page, ())), default=0.0)
        for entry in by_page.get(page, ()):
            entry.region = Region.FRONT
            if entry.role is Role.HEADING and not entry.target.rank:
                # On a cover everything is large: only the largest letters are a title.
                if entry.wording.size < 0.95 * largest:
                    entry.role = Role.PARAGRAPH


def _is_front(entries: list[Entry]) -> bool:
    long = sum(it.role in _RUNNING and it.wording.text.count(" ") >= 25 for it in entries)
    words = sum(it.wording.text.count(" ") + 1 for it in entries)
    return (long <= 1 and words < 100) or (_has_imprint(entries) and words < 350)


def _has_imprint(entries: list[Entry]) -> bool:
    phrases = imprint_phrases()
    return any(phrase in it.wording.text.lower() for it in entries for phrase in phrases)


@cache
def imprint_phrases() -> tuple[str, ...]:
    """Words that only stand in an imprint, in small letters (data/imprint.toml)."""
    source = files("collabnlp.extraction").joinpath("data/imprint.toml")
    phrases = tomllib.loads(source.read_text("utf-8")).get("phrases")
    if not isinstance(phrases, list) or not all(isinstance(it, str) and it for it in phrases):
        raise DataError("data/imprint.toml has no list of phrases.")
    return tuple(phrase.lower() for phrase in phrases)


def _find_boxes(entries: list[Entry], pages: dict[int, TaggedPage]) -> None:
    """Text on a drawn field that is a part of the page stands in a box."""
    for entry in entries:
        if entry.region is Region.FRONT:
            continue
        if entry.target.aside:
            entry.region = Region.BOX
            continue
        page = pages.get(entry.page)
        if page is None or not page.fields or entry.role is Role.CELL:
            continue
        box = entry.wording.lines[0].box
        if box is None:
            continue
        if any(shape.holds(box) for shape in page.fields):
            entry.region = Region.BOX


def _counts_up(matches: Iterable[re.Match[str] | None]) -> bool:
    """Whether the numbers that paragraphs begin with count through the document."""
    numbers = [int(match[1]) for match in matches if match]
    steps = sum(b == a + 1 for a, b in zip(numbers, numbers[1:], strict=False))
    return steps >= 5 and steps * 10 >= len(numbers) * 6


def _counts_over_headings(entries: Iterable[Entry]) -> bool:
    """Whether tagged "12." labels go on counting after a heading: then they number paragraphs."""
    last = over = 0
    parted = False
    for entry in entries:
        if entry.role is Role.HEADING:
            parted = True
        elif entry.role is Role.ITEM:
            label = label_text(entry.target.label) or ""
            marker = parse_marker(entry.wording.text) if not label else None
            match = _DECIMAL.match(label or (marker.printed if marker else ""))
            if match:
                number = int(match[1])
                over += parted and number == last + 1 and number > 1
                last, parted = number, False
    return over >= 3


def set_levels(entries: Sequence[Entry]) -> None:
    """Heading levels over the whole document: by tag, within one tag by size, dense from 1.

    Headings that only their style tells stand below every tagged style of larger letters.
    """
    _demote_signatures(entries)
    for region in (Region.BODY, Region.BOX, Region.FRONT):
        chosen = [it for it in entries if it.role is Role.HEADING and it.region is region]
        tagged = sorted({_style_class(it) for it in chosen if it.target.rank})
        styled = sorted({_style_class(it) for it in chosen if not it.target.rank})
        below = {
            style: sum(size < style[1] for _, size, _ in tagged) for style in styled
        }  # how many tagged styles are larger
        for entry in chosen:
            style = _style_class(entry)
            if entry.target.rank:
                entry.level = tagged.index(style) + 1
            else:
                before = [it for it in styled if it < style and below[it] == below[style]]
                entry.level = below[style] + len(before) + 1


def _demote_signatures(entries: Sequence[Entry]) -> None:
    """Bold lines with nothing under them are no headings: names below a foreword."""
    following: Entry | None = None
    for entry in reversed(entries):
        if entry.role not in _RUNNING:
            continue
        if entry.role is Role.HEADING and not entry.target.rank and entry.region is Region.BODY:
            ends = following is None or (
                following.role is Role.HEADING
                and following.wording.size > 1.2 * entry.wording.size
                and following.page > entry.page
            )
            if ends:
                entry.role = Role.PARAGRAPH
                continue  # the line before it may be one as well
        following = entry


def _style_class(entry: Entry) -> tuple[int, int, bool]:
    return entry.target.rank, -round(entry.wording.size), not entry.wording.bold

