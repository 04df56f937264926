"""Footnotes of tagged pages that no tag calls notes: told by their place, size and numbers.

Producers tag them as paragraphs, as neutral elements, or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from collabnlp.extraction.pdf_roles import TaggedPage
from collabnlp.extraction.pdf_targets import Fragment, Role, Target

_SMALLER = 0.93  # of the running text's size, at most
_LABEL = re.compile(r"(\d{1,3})(?:[.)\]]\s|\s|(?=[A-Z“‘(]))\s*")
_BARE = re.compile(r"(\d{1,3})[.)]?\s*\Z")


def release_text(pages: Sequence[TaggedPage]) -> None:
    """Make running text again of what stands in a tagged note though it is as large as the text.

    Word hangs what follows a page's notes below the last of them. Where the notes themselves are
    as large (endnotes), nothing is changed.
    """
    within = [it for page in pages for it in page.targets if it.role is Role.NOTE and it.fragments]
    if not within:
        return
    size = _running_size(pages)
    own = [it for it in within if not it.item]  # what a note holds, unless it is a list
    if 2 * sum(_size(it) <= _SMALLER * size for it in own) <= len(own):
        return
    for target in within:
        if _size(target) > _SMALLER * size:
            target.role = Role.ITEM if target.item else Role.PARAGRAPH


def _size(target: Target) -> float:
    """Font size of most of its letters."""
    return max(target.fragments, key=lambda it: it.seen).line.size


def gather_notes(pages: Sequence[TaggedPage]) -> None:
    """Make notes of the small numbered lines below each page's text, in place.

    Each begins with a number that counts on from the one before.
    """
    size = _running_size(pages)
    for page in pages:
        if any(target.role is Role.NOTE for target in page.targets):
            continue
        notes = _notes_of(page, size)
        if notes:
            page.targets = [it for it in page.targets if it.fragments or it.label]
            page.targets += notes


def _running_size(pages: Sequence[TaggedPage]) -> float:
    """Size of most letters of the paragraphs and items."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for target in page.targets:
            if target.role in (Role.PARAGRAPH, Role.ITEM):
                for fragment in target.fragments:
                    sizes[round(fragment.line.size, 1)] += fragment.seen
    return max(sizes, key=lambda size: (sizes[size], size)) if sizes else 0.0


def _notes_of(page: TaggedPage, size: float) -> list[Target]:
    rows: dict[int, list[tuple[Target, Fragment]]] = {}
    for target in page.targets:
        parts = target.fragments if target.label else (*target.fragments, *target.label_fragments)
        for fragment in parts:
            if fragment.page == page.number:
                rows.setdefault(id(fragment.line), []).append((target, fragment))
    lines = sorted(rows.values(), key=lambda row: row[0][1].line.top, reverse=True)
    area: list[list[tuple[Target, Fragment]]] = []  # from the foot upwards
    for row in lines:
        plain = all(
            it.role is Role.PARAGRAPH and not it.item and it.cell is None and not it.label
            for it, _ in row
        )
        if not plain or row[0][1].line.size > _SMALLER * size:
            break
        area.append(row)
    area.reverse()
    while area and _label(area[0]) is None:
        area.pop(0)
    if not area or area[0][0][1].line.top < page.height / 3:
        return []
    notes: list[Target] = []
    last = 0
    for row in area:
        label = _label(row)
        if label is not None and (not notes or label == last + 1):
            notes.append(Target(Role.NOTE, order=row[0][0].order))
            last = label
        for target, fragment in row:
            target.fragments = [it for it in target.fragments if it is not fragment]
        row.sort(key=lambda it: it[1].runs[0].start)
        runs = [run for _, fragment in row for run in fragment.runs]
        seen = sum(fragment.seen for _, fragment in row)
        notes[-1].fragments.append(Fragment(page.number, row[0][1].line, runs, seen))
    return notes


def _label(row: Sequence[tuple[Target, Fragment]]) -> int | None:
    """The number that a line begins with as a note does: "3 See …", "3. See …", or raised."""
    runs = sorted((run for _, it in row for run in it.runs), key=lambda run: run.start)
    if runs and runs[0].raised:
        found = _BARE.match(runs[0].text.strip())
    else:
        found = _LABEL.match("".join(run.text for run in runs).lstrip())
    return int(found[1]) if found else None
