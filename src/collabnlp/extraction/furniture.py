"""Finds what is printed on every page and belongs to none: running heads and feet, page numbers.

A line is furniture because its like stands at the same height of other pages (digits folded, so
that "Bill 12 – page 3" repeats), because it is a page number at the edge of the page, or because it
stands in the same slot as such lines, outside the frame of the running text (the name of the
chapter, which changes every few pages). On tagged pages a line in no element is furniture where
its like stands outside the frame of the claimed text of other pages too, whatever it says.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

_EDGE = 0.17  # running heads stand within this share of the page's height, measured from its edges
_DEPTH = 9  # … and among this many lines, counted from the edge
_APART = 0.8  # font sizes of white between running text and a running head
_LARGE = 1.25  # of the usual font size: letters beyond it make a title
_OFTEN = 0.3  # share of pages that have a running head which no element claims
_SLOT = 3.0  # points: lines of one slot differ by less
_DIGITS = re.compile(r"\d+")
_NOT_WORD = re.compile(r"[\W_]+")
_PAGE_NUMBER = re.compile(
    r"(?:page\s+)?[-–—|\s]*(\d{1,4}|[ivxlc]{1,7})[-–—|\s]*(?:(?:of|/)\s*\d{1,4})?", re.IGNORECASE
)


class PrintedLine(Protocol):
    """What is asked of a line: its text and place (points from the top left of the page), and
    whether the PDF marks it as artifact."""

    @property
    def text(self) -> str: ...
    @property
    def top(self) -> float: ...
    @property
    def bottom(self) -> float: ...
    @property
    def size(self) -> float: ...
    @property
    def artifact(self) -> bool: ...


@dataclass(slots=True)
class Furniture:
    """Indices of each page's lines that are furniture, and the page number that it prints."""

    lines: list[set[int]] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)


def fold(text: str) -> str:
    """A line as it is compared over pages: letters only, digits as one 9."""
    return _NOT_WORD.sub("", _DIGITS.sub("9", text.lower()))


def page_number(text: str) -> str | None:
    """The number, if the line is nothing but a page number ("12", "iv", "Page 3 of 9")."""
    found = _PAGE_NUMBER.fullmatch(text.strip())
    return found.group(1) if found else None


def find_furniture(pages: Sequence[Sequence[PrintedLine]], heights: Sequence[float]) -> Furniture:
    """Which lines of a document are running heads, running feet or page numbers.

    ``pages`` holds each page's lines in any order, ``heights`` the pages' heights in points.
    """
    edges = [_edges(lines, height) for lines, height in zip(pages, heights, strict=True)]
    repeated = _repeated(pages, edges, heights)
    for lines, sides, chosen in zip(pages, edges, repeated, strict=True):
        _leave_text(lines, sides, chosen)
    numbers = _numbers(pages, edges, heights)
    found = Furniture([set() for _ in pages], [None] * len(pages))
    for number in range(len(pages)):
        found.lines[number] |= repeated[number]
        if number in numbers:
            index, label = numbers[number]
            found.lines[number].add(index)
            found.labels[number] = label
    _same_slot(pages, edges, heights, found)
    _numbers_in_heads(pages, found)
    return found


def find_unclaimed(
    pages: Sequence[Sequence[PrintedLine]],
    heights: Sequence[float],
    loose: Sequence[Collection[int]],
) -> list[set[int]]:
    """Which lines of tagged pages are running heads or feet because no element claims them.

    ``loose`` holds the indices of each page's lines that are in no element. They count where they
    stand at the edge, beyond all claimed text, at the same height and size on many pages, where
    hardly any page has claimed text: a producer may also lose the end of a paragraph.
    """
    if not any(loose):
        return [set() for _ in pages]
    used: Counter[tuple[int, int]] = Counter()  # slots in which claimed text stands
    keyed: list[list[tuple[int, tuple[int, int, int]]]] = []
    held: Counter[tuple[int, int, int]] = Counter()
    for lines, height, free in zip(pages, heights, loose, strict=True):
        claimed = [it for index, it in enumerate(lines) if index not in free and not it.artifact]
        keyed.append([])
        used.update({(side, _slot(it, side, height)) for side in (0, 1) for it in claimed})
        if not claimed or not free:
            continue
        high, low = min(it.top for it in claimed), max(it.bottom for it in claimed)
        for side, indices in enumerate(_edges(lines, height)):
            for index in reversed(indices):  # from the text outwards
                line = lines[index]
                gap = high - line.bottom if side == 0 else line.top - low
                if index in free and gap > _APART * line.size:
                    keyed[-1].append((index, (side, _slot(line, side, height), round(line.size))))
                else:
                    high, low = min(high, line.top), max(low, line.bottom)
        held.update({key for _, key in keyed[-1]})
    enough = max(2, _OFTEN * len(pages))

    def repeats(key: tuple[int, int, int]) -> bool:
        side, slot, size = key
        count = sum(held[side, slot + step, size] for step in (-1, 0, 1))
        return count >= enough and count > 4 * used[side, slot]

    return [{index for index, key in page if repeats(key)} for page in keyed]


def _edges(lines: Sequence[PrintedLine], height: float) -> tuple[list[int], list[int]]:
    """Indices of the lines near the top and near the bottom edge, the outermost first."""
    order = sorted(range(len(lines)), key=lambda i: (lines[i].top, i))
    top = [i for i in order[:_DEPTH] if lines[i].bottom < height * _EDGE]
    bottom = [i for i in order[::-1][:_DEPTH] if lines[i].top > height * (1 - _EDGE)]
    return top, bottom


def _slot(line: PrintedLine, side: int, height: float) -> int:
    """Height of a line, measured from its edge, so that pages of unlike size compare."""
    return round((line.top if side == 0 else height - line.bottom) / _SLOT)


def _repeated(
    pages: Sequence[Sequence[PrintedLine]],
    edges: Sequence[tuple[list[int], list[int]]],
    heights: Sequence[float],
) -> list[set[int]]:
    """Lines whose folded text stands in the same slot of enough other pages."""
    seen: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    keyed: list[list[tuple[int, tuple[int, str], int]]] = []
    for number, (lines, sides) in enumerate(zip(pages, edges, strict=True)):
        keyed.append([])
        once: set[tuple[int, str, int]] = set()
        for side, indices in enumerate(sides):
            for index in indices:
                folded = fold(lines[index].text)
                if not folded.strip("9"):
                    continue  # bare numbers are looked at on their own
                slot = _slot(lines[index], side, heights[number])
                keyed[-1].append((index, (side, folded), slot))
                if (side, folded, slot) not in once:
                    once.add((side, folded, slot))
                    seen[side, folded][slot] += 1
    enough = 2 if len(pages) < 12 else 3
    feet = Counter(
        fold(lines[sides[1][0]].text)
        for lines, sides in zip(pages, edges, strict=True)
        if sides[1] and _DIGITS.search(lines[sides[1][0]].text)
    )
    large = _LARGE * _usual_size(pages)
    result: list[set[int]] = []
    for lines_of_page, lines, sides in zip(keyed, pages, edges, strict=True):
        chosen = set()
        for index, key, slot in lines_of_page:
            slots = seen[key]
            count = slots[slot] + slots[slot - 1] + slots[slot + 1]
            # A title is printed anew on a few pages: cover, contents, the first of the text.
            title = lines[index].size > large and count < max(4, _OFTEN * len(pages))
            if count >= enough and not title:
                chosen.add(index)
        # The print number of a bill ends pages of unlike length.
        foot = lines[sides[1][0]].text if sides[1] else ""
        if foot[:1].isupper() and feet[fold(foot)] >= 2:
            chosen.add(sides[1][0])
        result.append(chosen)
    return result


def _usual_size(pages: Sequence[Sequence[PrintedLine]]) -> float:
    """Font size of most letters."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], size), default=0.0)


def _leave_text(
    lines: Sequence[PrintedLine], sides: tuple[list[int], list[int]], chosen: set[int]
) -> None:
    """Take back a line that stands in one paragraph with the text beside it: forms repeat too."""
    for indices in sides:
        inwards = [index for index in indices if index not in chosen]
        for index in reversed(indices):  # from the text outwards
            line = lines[index]
            if index not in chosen or line.artifact:
                continue
            near = any(
                0.2 * line.size < abs(lines[other].top - line.top) < 1.5 * line.size
                and abs(lines[other].size - line.size) < 0.6
                for other in inwards
            )
            if near:
                chosen.discard(index)
                inwards.append(index)


def _numbers(
    pages: Sequence[Sequence[PrintedLine]],
    edges: Sequence[tuple[list[int], list[int]]],
    heights: Sequence[float],
) -> dict[int, tuple[int, str]]:
    """Page index -> its line that is a page number, and the number.

    A number counts where it runs on with the pages (the difference to the page's index is that of
    other pages) and stands in the slot that page numbers have.
    """
    found: list[tuple[int, int, str, int, tuple[int, int]]] = []
    for number, (lines, sides) in enumerate(zip(pages, edges, strict=True)):
        for side, indices in enumerate(sides):
            for index in indices:
                label = page_number(lines[index].text)
                value = _value(label) if label else None
                if label and value is not None:
                    slot = (side, _slot(lines[index], side, heights[number]))
                    found.append((number, index, label, value - number, slot))
    steps = {(number, shift) for number, *_, shift, _ in found}
    shifts = Counter(shift for *_, shift, _ in found)
    slots = Counter(slot for *_, slot in found)
    best: dict[int, tuple[int, str]] = {}
    scores: dict[int, int] = {}
    for number, index, label, shift, slot in found:
        same_slot = slots[slot] + slots[slot[0], slot[1] - 1] + slots[slot[0], slot[1] + 1]
        runs_on = shifts[shift]
        # The numbers of lines in the margin of a bill stand in one slot too, but don't count on.
        neighbours = any((number + step, shift) in steps for step in (-2, -1, 1, 2))
        if not neighbours and len(pages) > 2:
            continue
        score = runs_on * 2 + same_slot
        if score > scores.get(number, 0):
            best[number], scores[number] = (index, label), score
    return best


def _numbers_in_heads(pages: Sequence[Sequence[PrintedLine]], found: Furniture) -> None:
    """Page numbers that stand in one line with a running head ("Harbours Bill 12"): they count on
    with the pages."""
    ends: list[tuple[int, str, int]] = []
    for number, (lines, chosen) in enumerate(zip(pages, found.lines, strict=True)):
        for index in sorted(chosen):
            words = lines[index].text.split()
            for word in (words[0], words[-1]) if len(words) > 1 else ():
                plain = word.isdecimal() or set(word.lower()) <= set(_ROMAN)
                value = _value(word) if plain and len(word) <= 5 else None
                if value is not None:
                    ends.append((number, word, value - number))
    steps = {(number, shift) for number, _, shift in ends}
    usual = Counter(shift for _, _, shift in ends)
    for number, word, shift in sorted(ends, key=lambda end: -usual[end[2]]):
        counts_on = any((number + step, shift) in steps for step in (-2, -1, 1, 2))
        if counts_on and found.labels[number] is None:
            found.labels[number] = word


_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def _value(label: str) -> int | None:
    """The value of an arabic or roman page number."""
    if label.isdecimal():
        return int(label)
    values = [_ROMAN[letter] for letter in label.lower()]
    total = 0
    for value, after in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < after else value
    return total


def _same_slot(
    pages: Sequence[Sequence[PrintedLine]],
    edges: Sequence[tuple[list[int], list[int]]],
    heights: Sequence[float],
    found: Furniture,
) -> None:
    """Add lines that stand where furniture stands, with all of the running text on the one side."""
    taken: Counter[tuple[int, int]] = Counter()
    free: Counter[tuple[int, int]] = Counter()
    sizes: dict[tuple[int, int], Counter[float]] = defaultdict(Counter)
    for number, (lines, sides) in enumerate(zip(pages, edges, strict=True)):
        for side, indices in enumerate(sides):
            for index in indices:
                key = side, _slot(lines[index], side, heights[number])
                if index in found.lines[number]:
                    taken[key] += 1
                    sizes[key][round(lines[index].size)] += 1
                else:
                    free[key] += 1

    def belongs(key: tuple[int, int], size: float) -> bool:
        side, slot = key
        near = [(side, slot + step) for step in (-1, 0, 1)]
        held = sum(taken[it] for it in near)
        loose = sum(free[it] for it in near)
        fits = any(abs(known - size) <= 1 for it in near for known in sizes[it])
        return held >= 3 and held >= 2 * loose and fits

    for number, (lines, sides) in enumerate(zip(pages, edges, strict=True)):
        for side, indices in enumerate(sides):
            for index in indices:  # from the edge inwards, up to the first line of text
                if index in found.lines[number]:
                    continue
                key = side, _slot(lines[index], side, heights[number])
                near_edge = lines[index].artifact and bool(found.lines[number])
                if not near_edge and not belongs(key, lines[index].size):
                    break
                found.lines[number].add(index)
