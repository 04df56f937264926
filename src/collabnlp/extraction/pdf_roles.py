"""Settles what a tagged PDF's blocks are: the tags' roles checked against how the text is printed.

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
from collabnlp.extraction.pdf_fields import Field
from collabnlp.extraction.pdf_targets import Role, Target
from collabnlp.extraction.pdf_wording import Wording
from collabnlp.schema import Region

_LARGER = 1.1  # a paragraph's letters this much larger than the body's make a heading of it
_BANNER = 1.45  # … and words in a figure
_LONGEST_HEADING = 180
_SENTENCE_END = (".", ";", ",", ":", "…", "”", "?")
_FEWEST_PAGES = 4  # of a paper that can have a cover
_CONTENTS_LINE = re.compile(r"(?:[.…·_\s]{4,}|\s)(?:\d{1,3}|[ivxl]{1,5})\Z")
_CAPTION = re.compile(
    r"(?:source|figure|fig\.|table|chart|map|image|photo)s?\s*(?:[A-Z]?\d+(?:\.\d+)*)?\s*[:–—]\s*\S",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"\d{1,3}|[ivxl]{1,5}")
_CONTENTS_HEADING = re.compile(r"(?:table of )?contents(?: page)?\Z", re.IGNORECASE)
RUNNING = (Role.PARAGRAPH, Role.ITEM, Role.HEADING)


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


@dataclass(slots=True)
class TaggedPage:
    """What a page gives: its targets in order, and the fields drawn behind its text."""

    number: int
    width: float
    height: float
    targets: list[Target]
    fields: list[Field] = field(default_factory=list)


def settle_roles(entries: list[Entry], pages: Sequence[TaggedPage]) -> None:
    """Settle roles and regions over the whole document; heading levels come from `set_levels`."""
    body = _body_style(entries)
    for entry in entries:
        _settle(entry, *body)
    _find_contents(entries)
    _find_front(entries, len(pages))
    _find_boxes(entries, {page.number: page for page in pages})


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
    if entry.role in RUNNING and len(text) <= 250 and _CAPTION.match(text):
        entry.role = Role.CAPTION
    elif entry.target.run_in:
        pass  # it is parted from its paragraph by its weight
    elif entry.role is Role.HEADING:
        plain = wording.size <= size * 1.04 and not wording.bold and wording.font == font
        marker = parse_marker(text) if plain else None
        running = len(text) > 80 or text.endswith(_SENTENCE_END)
        bullet = marker is not None and marker.style is Style.BULLET
        if len(text) > 300 or (plain and (running or bullet)):
            entry.role = Role.PARAGRAPH
    elif entry.role is Role.FIGURE:
        # A heading on a banner. Words in a picture are smaller.
        if wording.size > size * _BANNER and len(wording.lines) <= 3 and len(text) <= 80:
            entry.role = Role.HEADING
    elif entry.role is Role.ITEM and not entry.target.cell:
        # A numbered heading, which word processors make of a list.
        if wording.size > size * _BANNER and len(text) <= 80 and not text.endswith(_SENTENCE_END):
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
        if entry.role in RUNNING and _CONTENTS_HEADING.match(text) and entry.page <= 12:
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
        if entry.role in RUNNING and (line or parted):
            entry.role, misses = Role.CONTENTS, 0
        else:
            misses += 1
            within = misses < 2


def _find_front(entries: list[Entry], page_count: int) -> None:
    """Cover, imprint and contents are front matter. A leaflet of a few pages has none."""
    if page_count < _FEWEST_PAGES:
        return
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
            # On a cover everything is large: only the largest letters are a title.
            styled = entry.role is Role.HEADING and not entry.target.rank
            if styled and entry.wording.size < 0.95 * largest:
                entry.role = Role.PARAGRAPH


def _is_front(entries: list[Entry]) -> bool:
    long = sum(it.role in RUNNING and it.wording.text.count(" ") >= 25 for it in entries)
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


def set_levels(entries: Sequence[Entry]) -> None:
    """Heading levels over the whole document: by tag, within one tag by size, dense from 1.

    Headings that only their style tells stand below every tagged style of larger letters.
    """
    _demote_signatures(entries)
    _even_ranks(entries)
    for region in (Region.BODY, Region.BOX, Region.FRONT):
        every = [it for it in entries if it.role is Role.HEADING and it.region is region]
        chosen = [it for it in every if not it.target.run_in]
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
        _nest_run_ins(every, [rank for rank, _, _ in tagged])


def _nest_run_ins(headings: Sequence[Entry], ranks: Sequence[int]) -> None:
    """A run-in has its tag's level, or stands below the heading before it where that is deeper."""
    above = 0
    for entry in headings:
        if entry.target.run_in:
            entry.level = max(sum(rank <= entry.target.rank for rank in ranks), above + 1)
        else:
            above = entry.level


def _even_ranks(entries: Sequence[Entry]) -> None:
    """Headings that look alike get the rank that most of them are tagged with."""
    ranks: dict[tuple[int, bool, bool, str], Counter[int]] = {}
    headings = [
        it for it in entries
        if it.role is Role.HEADING and it.target.rank and not it.target.run_in
    ]  # fmt: skip
    for entry in headings:
        ranks.setdefault(_look(entry), Counter())[entry.target.rank] += 1
    for entry in headings:
        counts = ranks[_look(entry)]
        entry.target.rank = min(counts, key=lambda rank: (-counts[rank], rank))


def _look(entry: Entry) -> tuple[int, bool, bool, str]:
    wording = entry.wording
    return round(wording.size), wording.bold, wording.italic, wording.font


def _demote_signatures(entries: Sequence[Entry]) -> None:
    """Bold lines with nothing under them are no headings: names below a foreword."""
    following: Entry | None = None
    for entry in reversed(entries):
        if entry.role not in RUNNING:
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
