"""Parts numbered items that one tag holds together: "1. …", and on a later line "2. …".

Word processors tag what goes on over a page as one item with what it goes on from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from collabnlp.extraction.pdf_roles import TaggedPage
from collabnlp.extraction.pdf_targets import Fragment, Role, Target

_NUMBER = re.compile(r"\s*(\d{1,3})\.\s+(?=[“‘\"(]?[A-Z])")
_ENDED = re.compile(r"[.;:!?][”’\")\]]*\s*\Z")


def part_items(pages: Sequence[TaggedPage]) -> None:
    """Make a target of each numbered item, where a line counts on and the one before ended."""
    for page in pages:
        targets: list[Target] = []
        for target in page.targets:
            cuts = list(_cuts(target)) if target.role in (Role.ITEM, Role.PARAGRAPH) else []
            targets.append(target)
            if not cuts:
                continue
            fragments = target.fragments
            target.fragments = fragments[: cuts[0]]
            for count, (at, end) in enumerate(zip(cuts, [*cuts[1:], None], strict=True), 1):
                # Numbers of items are told apart only: those below zero are taken by no tag.
                item = -1000 * target.item - count if target.item else 0
                part = replace(
                    target, fragments=fragments[at:end], label=[], label_fragments=[], item=item,
                    resumed=False,
                )  # fmt: skip
                targets.append(part)
        page.targets = targets


def _cuts(target: Target) -> Iterator[int]:
    """Indices of the fragments that begin a further item."""
    if len(target.fragments) < 2 or target.label:
        return
    found = _NUMBER.match(target.fragments[0].runs[0].text)
    if found is None:
        return
    number = int(found[1])
    for at in range(1, len(target.fragments)):
        found = _NUMBER.match(target.fragments[at].runs[0].text)
        if found and int(found[1]) == number + 1 and _ended(target.fragments[at - 1]):
            number += 1
            yield at


def _ended(fragment: Fragment) -> bool:
    runs = [run for run in fragment.runs if not run.raised and run.text.strip()]
    return bool(runs and _ENDED.search(runs[-1].text))
