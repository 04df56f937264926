"""The headings above each block, as printed, outermost first.

Headings of the running text nest by their level. Those in a box, in quoted text or on a cover nest
under one another while that stretch lasts, and leave the path of the running text as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from collabnlp.schema import Block, BlockKind, Region


def heading_paths(blocks: tuple[Block, ...]) -> Iterator[tuple[str, ...]]:
    """One path a block, in order; a heading's own path includes itself."""
    body: list[tuple[int, str]] = []
    inner: list[tuple[int, str]] = []
    inner_region = Region.BODY
    path: tuple[str, ...] = ()
    for block in blocks:
        if block.region is not inner_region:
            inner, inner_region, changed = [], block.region, True
        else:
            changed = False
        if block.kind is BlockKind.HEADING:
            stack = body if block.region is Region.BODY else inner
            level = block.level or 1
            while stack and stack[-1][0] >= level:
                stack.pop()
            stack.append((level, f"{block.number} {block.text}" if block.number else block.text))
            changed = True
        if changed:
            outer = [] if block.region is Region.FRONT else body
            path = tuple(text for _, text in (*outer, *inner))
        yield path
