"""What the tags of a page make of its text: targets, each one block as the tags see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from collabnlp.extraction.pdf_text import Run, TextLine
from collabnlp.schema import Cell


class Role(StrEnum):
    """What the tags call a stretch of text."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CELL = "cell"
    NOTE = "note"
    CAPTION = "caption"
    FIGURE = "figure"
    CONTENTS = "contents"


@dataclass(slots=True)
class Fragment:
    """The runs of one printed line that belong to one target; ``seen``: visible characters."""

    page: int
    line: TextLine
    runs: list[Run]
    seen: int = 0


@dataclass(slots=True, eq=False)
class Target:
    """One block as the tags see it.

    rank      1..6 for "H1".."H6", 0 for other headings and all else
    label     runs tagged as an item's or a note's label
    item      number of the list item that it belongs to, over the whole document; 0 outside lists
    resumed   goes on with an item or paragraph after something else stood between
    loose     no element claims it: it was grouped by place
    aside     within an element for boxed text (Aside, or a table of a single cell)
    nested    a paragraph within a paragraph: its producer does not say what it is
    order     its place in the tree
    run_in    a heading set in bold at the beginning of the paragraph that follows
    """

    role: Role
    rank: int = 0
    fragments: list[Fragment] = field(default_factory=list)
    label: list[Run] = field(default_factory=list)
    label_fragments: list[Fragment] = field(default_factory=list)
    item: int = 0
    cell: Cell | None = None
    resumed: bool = False
    loose: bool = False
    aside: bool = False
    nested: bool = False
    order: int = 0
    run_in: bool = False

    @property
    def label_page(self) -> int:
        """The page of its label."""
        return self.label_fragments[0].page

    @property
    def sides(self) -> tuple[float, float, float]:
        """Left, right and top of its first page's part."""
        first = self.fragments[0]
        lines = [it.line for it in self.fragments if it.page == first.page]
        if len(lines) == 1:
            return first.line.x0, first.line.x1, first.line.top
        return min([it.x0 for it in lines]), max([it.x1 for it in lines]), first.line.top


FLOATING = frozenset((Role.NOTE, Role.FIGURE, Role.CAPTION))
"""Roles that stand outside the running text."""


def best_order(targets: list[Target]) -> list[Target]:
    """The order of the content, unless another jumps back up the page less often.

    Content is nearly always written in reading order; where boxes are drawn first, the tree has
    it, and where that fails too, a page without columns is read from top to bottom.
    """
    sides = {id(it): it.sides for it in targets if it.fragments}
    running = [it for it in targets if it.role not in FLOATING and it.fragments]
    highest = min((sides[id(it)][2] for it in running), default=0.0)
    banners = [
        it for it in targets
        if it.role is Role.FIGURE and it.fragments and sides[id(it)][2] < highest
    ]  # fmt: skip
    if banners:  # a chapter's title on a picture: drawn last, read first
        targets = [*banners, *(it for it in targets if it not in banners)]
    jumps = _jumps(targets, sides)
    if not jumps or any(not target.fragments for target in targets):
        return targets
    by_tree: list[Target] = sorted(targets, key=lambda it: it.order)
    tree_jumps = _jumps(by_tree, sides)
    if tree_jumps < jumps:
        targets, jumps = by_tree, tree_jumps
    if jumps and not _side_by_side(targets):
        return sorted(targets, key=lambda it: sides[id(it)][2])
    return targets


_Sides = dict[int, tuple[float, float, float]]  # by the target's identity


def _jumps(targets: list[Target], places: _Sides) -> int:
    """How often the running text jumps back up within a column."""
    count = 0
    before: tuple[float, float, float] | None = None
    for target in targets:
        if target.role in FLOATING or target.role is Role.CELL or not target.fragments:
            continue
        left, right, top = sides = places[id(target)]
        if before is not None and top < before[2] - 4:
            shared = min(right, before[1]) - max(left, before[0])
            count += shared > 0.3 * min(right - left, before[1] - before[0])
        before = sides
    return count


def _side_by_side(targets: list[Target]) -> bool:
    """Whether any two of the page's texts stand beside each other."""
    places = []
    for target in targets:
        page = target.fragments[0].page
        lines = [it.line for it in target.fragments if it.page == page]
        places.append((*target.sides, max(line.bottom for line in lines)))
    places.sort(key=lambda it: it[2])
    foot, left, right = -1.0, 0.0, 0.0
    for x0, x1, top, bottom in places:
        if top < foot - 4 and (x0 > right or x1 < left):
            return True
        if bottom > foot:
            foot, left, right = bottom, x0, x1
    return False
