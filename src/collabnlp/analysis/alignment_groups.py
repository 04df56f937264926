"""Splits and mergers: units that are left over join the link near them that has their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from collabnlp.analysis.alignment_evidence import Cosines, Side

GROUP_EVIDENCE = (
    "gain",
    "brought",
    "brought_all",
    "room",
    "cosine",
    "beside",
    "second",
    "same_paragraph",
    "grown_already",
    "short",
)
# A link's unit this near or nearer may take a unit that is left over.
_REACH = 3
_PARAGRAPH = re.compile(r"\(.*")


@dataclass(frozen=True)
class Growth:
    """A unit that may join a link: ``side`` 0 an old unit, 1 a new one."""

    side: int
    unit: int
    group: int


class Groups:
    """Links as they grow: each unit is in one group or in none."""

    def __init__(
        self, old: Side, new: Side, cosines: Cosines, links: Sequence[tuple[int, int]]
    ) -> None:
        self.old, self.new = old, new
        self.cosines = cosines
        self.seeds = sorted(links)
        self.members = [([i], [j]) for i, j in self.seeds]
        self.of_old = {i: at for at, (i, _) in enumerate(self.seeds)}
        self.of_new = {j: at for at, (_, j) in enumerate(self.seeds)}

    def grow(self, weights: Sequence[float], least: float) -> None:
        """Let units that are left over join a group near them: the likeliest first, as long as one
        is likely enough."""
        import numpy as np

        while True:
            growths = list(self.growths())
            rows = self.evidence(growths)
            chances = 1.0 / (1.0 + np.exp(-(weights[0] + rows @ np.array(weights[1:]))))
            taken: set[tuple[int, int]] = set()
            grown: set[int] = set()
            order = sorted(
                (-round(float(chance), 9), one.side, one.unit, one.group)
                for one, chance in zip(growths, chances, strict=True)
                if chance >= least
            )
            for _, side, unit, group in order:
                if (side, unit) in taken or group in grown:
                    continue
                taken.add((side, unit))
                grown.add(group)
                self.members[group][side].append(unit)
                self.members[group][side].sort()
                (self.of_new if side else self.of_old)[unit] = group
            if not grown:
                return

    def growths(self) -> Iterator[Growth]:
        """Every unit that is left over, with every group near it that could take it."""
        for side, owner, size in ((0, self.of_old, len(self.old)), (1, self.of_new, len(self.new))):
            for unit in range(size):
                if unit in owner:
                    continue
                near = {owner.get(unit + step) for step in range(-_REACH, _REACH + 1)} - {None}
                for group in sorted(one for one in near if one is not None):
                    # many-to-many by accident would follow from growing on both sides
                    if len(self.members[group][1 - side]) == 1:
                        yield Growth(side, unit, group)

    def evidence(self, growths: Sequence[Growth]) -> NDArray[np.float64]:
        """One row a growth, columns as in `GROUP_EVIDENCE`.

        gain      how much liker the other side the group becomes
        brought   share of the unit's telling words that the other side has left over for them
        brought_all  the same of all its words
        room      share of the other side's words that the group did not find yet
        cosine    of the unit and the other side
        beside, second  the unit adjoins the group, or one unit stands between
        same_paragraph  both have the number of one paragraph
        grown_already  the group has several units on this side
        short     1 over the square root of the unit's number of words
        """
        import numpy as np

        if not growths:
            return np.zeros((0, len(GROUP_EVIDENCE)))
        pairs = np.array(
            [
                (one.unit, self.members[one.group][1][0])
                if one.side == 0
                else (self.members[one.group][0][0], one.unit)
                for one in growths
            ],
            dtype=np.int64,
        )
        cosines = self.cosines.at(pairs).max(axis=1)
        return np.array(
            [self._row(one, float(cosine)) for one, cosine in zip(growths, cosines, strict=True)]
        )

    def _row(self, one: Growth, cosine: float) -> tuple[float, ...]:
        from rapidfuzz.distance import Indel, LCSseq

        side, other = (self.new, self.old) if one.side else (self.old, self.new)
        mine = self.members[one.group][one.side]
        theirs = self.members[one.group][1 - one.side][0]
        before, after = joined(side, mine), joined(side, [*mine, one.unit])
        best = None
        for target in dict.fromkeys((other.own[theirs], other.all[theirs])):
            gain = Indel.normalized_similarity(after, target)
            gain -= Indel.normalized_similarity(before, target)
            found = LCSseq.similarity(before, target)
            brought_all = LCSseq.similarity(after, target) - found
            words = side.own[one.unit]
            telling = words.translate(side.common)
            brought = brought_all / max(1, len(words))
            if telling:
                texts = [text.translate(side.common) for text in (before, after, target)]
                brought = LCSseq.similarity(texts[1], texts[2])
                brought = (brought - LCSseq.similarity(texts[0], texts[2])) / len(telling)
            row = (
                gain,
                brought,
                brought_all / max(1, len(words)),
                1.0 - found / max(1, len(target)),
            )
            best = row if best is None or row > best else best
        assert best is not None
        steps = min(abs(one.unit - member) for member in mine)
        numbers = {_paragraph(side, unit) for unit in (one.unit, *mine)}
        return (
            *best,
            cosine,
            float(steps == 1),
            float(steps == 2),
            float(len(numbers) == 1 and None not in numbers),
            float(len(mine) > 1),
            1.0 / max(1, len(side.own[one.unit])) ** 0.5,
        )


def _paragraph(side: Side, unit: int) -> str | None:
    number = side.units[unit].provision
    return None if number is None else _PARAGRAPH.sub("", number)


def joined(side: Side, units: Sequence[int]) -> str:
    """The own words of several units, in the order of the text."""
    return "".join(side.own[unit] for unit in sorted(units))
