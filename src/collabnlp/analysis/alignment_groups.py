"""Splits and mergers: units that are left over join the link beside them that has their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collabnlp.analysis.alignment import Weights
    from collabnlp.analysis.alignment_evidence import Side


class Groups:
    """Links as they grow: each unit is in one group or in none."""

    def __init__(self, old: Side, new: Side, links: Sequence[tuple[int, int]]) -> None:
        self.old, self.new = old, new
        self.seeds = sorted(links)
        self.members = [([i], [j]) for i, j in self.seeds]
        self.of_old = {i: at for at, (i, _) in enumerate(self.seeds)}
        self.of_new = {j: at for at, (_, j) in enumerate(self.seeds)}

    def grow(self, weights: Weights) -> None:
        """Let units that are left over join the group beside them: the best first, as long as one
        gains enough."""
        while True:
            found = [
                *self._growths(weights, new=True),
                *self._growths(weights, new=False),
            ]
            taken: set[tuple[bool, int]] = set()
            grown: set[int] = set()
            for _, new, unit, group in sorted(found, key=lambda it: (-round(it[0], 9), *it[1:])):
                if (new, unit) in taken or group in grown:
                    continue
                taken.add((new, unit))
                grown.add(group)
                self.members[group][new].append(unit)
                self.members[group][new].sort()
                (self.of_new if new else self.of_old)[unit] = group
            if not grown:
                return

    def _growths(self, weights: Weights, *, new: bool) -> list[tuple[float, bool, int, int]]:
        owner = self.of_new if new else self.of_old
        side, other = (self.new, self.old) if new else (self.old, self.new)
        found = []
        for unit in range(len(side)):
            if unit in owner:
                continue
            beside = {owner.get(unit - 1), owner.get(unit + 1)} - {None}
            for group in sorted(one for one in beside if one is not None):
                mine = self.members[group][new]
                theirs = self.members[group][not new]
                # many-to-many by accident would follow from growing on both sides
                if len(theirs) > 1:
                    continue
                gain = _gain(side, other, mine, theirs, unit, weights)
                if gain is not None:
                    found.append((gain, new, unit, group))
        return found


def joined(side: Side, units: Sequence[int]) -> str:
    return "".join(side.own[unit] for unit in sorted(units))


def _gain(
    side: Side,
    other: Side,
    mine: Sequence[int],
    theirs: Sequence[int],
    unit: int,
    weights: Weights,
) -> float | None:
    """How much liker the other side the group becomes with the unit; None where too little."""
    gains = []
    for target in (joined(other, theirs), *(other.all[one] for one in theirs if len(theirs) == 1)):
        gain = _gain_towards(target, side, mine, unit, weights, other.common)
        if gain is not None:
            gains.append(gain)
    return max(gains, default=None)


def _gain_towards(
    target: str,
    side: Side,
    mine: Sequence[int],
    unit: int,
    weights: Weights,
    common: dict[int, None],
) -> float | None:
    from rapidfuzz.distance import Indel, LCSseq

    before, after = joined(side, mine), joined(side, [*mine, unit])
    gain = Indel.normalized_similarity(after, target) - Indel.normalized_similarity(before, target)
    if gain <= 0:
        return None
    # The words that it brings and the group had not found yet: of the telling ones, if it has any.
    size = len(side.own[unit])
    if telling := len(side.own[unit].translate(common)):
        size = telling
        before, after, target = (one.translate(common) for one in (before, after, target))
    brought = LCSseq.similarity(after, target) - LCSseq.similarity(before, target)
    share = brought / max(1, size)
    if share >= weights.whole or (share >= weights.share and gain >= weights.gain):
        return float(gain)
    return None
