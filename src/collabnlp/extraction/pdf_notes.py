"""Footnotes of tagged pages that no tag calls notes: told by their place, size and numbers.

Producers tag them as paragraphs, as neutral elements, or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from collabnlp.extraction.pdf_roles import TaggedPage
from collabnlp.extraction.pdf_targets import Fragment, Role, Target
from collabnlp.extraction.pdf_text import Run, visible

_SMALLER = 0.93  # of the running text's size, at most
_LABEL = re.compile(r"(\d{1,3})(?:[.)\]]\s|\s|(?=[A-Z“‘(]))\s*")
_PLAIN_NOTE = re.compile(r"\d{1,3}[.)]?\s+(?:[A-Z“‘(]|https?:|www\.)")
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
    while area and _row_label(area[0]) is None:
        area.pop(0)
    if not area or area[0][0][1].line.top < page.height / 3:
        return []
    notes: list[Target] = []
    last = 0
    for row in area:
        for target, fragment in row:
            target.fragments = [it for it in target.fragments if it is not fragment]
        runs = sorted((run for _, it in row for run in it.runs), key=lambda run: run.start)
        for part in _parts(runs, last):
            label = _label(part)
            if label is not None and (not notes or label == last + 1):
                notes.append(Target(Role.NOTE, order=row[0][0].order))
                last = label
            seen = sum(visible(run.text) for run in part)
            notes[-1].fragments.append(Fragment(page.number, row[0][1].line, part, seen))
    return notes


def part_notes(pages: Sequence[TaggedPage]) -> None:
    """Cut tagged notes where a line goes on with the next number, and join the rest of a note
    that was tagged apart, in place."""
    last = 0
    before: Target | None = None
    for page in pages:
        targets: list[Target] = []
        for target in page.targets:
            if target.role is not Role.NOTE or not target.fragments or target.item:
                targets.append(target)
                continue
            given = target.label
            rest = before if not given and _goes_on(before, target, page.number) else None
            notes = [rest or target]
            fragments, target.fragments = target.fragments, []
            for number, fragment in enumerate(fragments):
                for place, part in enumerate(_parts(fragment.runs, last)):
                    label = _label(part)
                    if rest is None and number == place == 0:
                        last = (_label(given) if given else label) or last
                    elif label == last + 1 and _begins_note(part):
                        notes.append(Target(Role.NOTE, order=target.order))
                        last += 1
                    seen = sum(visible(run.text) for run in part)
                    notes[-1].fragments.append(Fragment(fragment.page, fragment.line, part, seen))
            targets += notes if rest is None else notes[1:]
            before = notes[-1]
        page.targets = targets


def _goes_on(before: Target | None, target: Target, page: int) -> bool:
    """Whether a note is the rest of the one before it: it begins small, or within an address."""
    if before is None or before.fragments[-1].page < page - 1:
        return False
    opening = "".join(run.text for run in target.fragments[0].runs).lstrip()
    ending = "".join(run.text for run in before.fragments[-1].runs).rstrip()
    small = opening[:1].islower() and not opening.startswith("http")
    return small or ending.endswith("/")


def _begins_note(runs: Sequence[Run]) -> bool:
    """Whether a numbered line begins a note: its number is raised, or a capital or address
    follows it."""
    return runs[0].raised or bool(_PLAIN_NOTE.match("".join(run.text for run in runs).lstrip()))


def _row_label(row: Sequence[tuple[Target, Fragment]]) -> int | None:
    return _label(sorted((run for _, it in row for run in it.runs), key=lambda run: run.start))


def _parts(runs: Sequence[Run], last: int) -> list[list[Run]]:
    """The runs of a line, cut before raised numbers that count on from the note before."""
    parts: list[list[Run]] = [[]]
    for run in runs:
        found = _BARE.match(run.text.strip()) if run.raised else None
        if found and int(found[1]) == last + 1:
            last += 1
            if parts[-1]:
                parts.append([])
        parts[-1].append(run)
    return parts


def _label(runs: Sequence[Run]) -> int | None:
    """The number that a line begins with as a note does: "3 See …", "3. See …", or raised."""
    if runs and runs[0].raised:
        found = _BARE.match(runs[0].text.strip())
    else:
        text = "".join(run.text for run in runs).lstrip()
        found = _LABEL.match(text) or _BARE.match(text)
    return int(found[1]) if found else None
