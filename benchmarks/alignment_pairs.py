"""The pairs of versions with the passages read in them, and the same with moves put in."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import collabnlp
from collabnlp.analysis.alignment_gold import Located, locate, read_aligned
from collabnlp.schema import ChangeKind, Unit

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "corpus" / "alignments"
SEED = 20261122


@dataclass(frozen=True)
class Pair:
    """Two versions with the passages read in them."""

    name: str
    old: tuple[Unit, ...]
    new: tuple[Unit, ...]
    passages: list[Located]
    lost: int

    def half(self, part: str) -> list[Located]:
        return [one for one in self.passages if one.record.part == part]

    def with_only(self, keep: Callable[[Located], bool]) -> Pair:
        return replace(self, passages=[one for one in self.passages if keep(one)])


def read_pairs(find: Callable[[str], Path]) -> list[Pair]:
    units: dict[str, tuple[Unit, ...]] = {}

    def of(document: str) -> tuple[Unit, ...]:
        if document not in units:
            units[document] = collabnlp.extract(find(document))[1]
        return units[document]

    pairs = []
    for path in sorted(GOLD.glob("*.jsonl")):
        old, new = map(of, path.stem.split("--"))
        found, lost = locate(read_aligned(path), old, new)
        pairs.append(Pair(path.stem, old, new, found, lost))
    return pairs


def shuffled(pair: Pair, share: float = 0.3) -> Pair:
    """The pair with a share of its passages, and some other stretches, elsewhere in the newer
    version, under the headings of where they come to stand."""
    chance = random.Random(f"{SEED} {pair.name}")
    picked = [
        one
        for one in pair.passages
        if one.old and one.new and len(one.new) == one.new[-1] - one.new[0] + 1
        if chance.random() < share
    ]
    stretches = [list(one.new) for one in picked]
    taken = {j for one in stretches for j in one}
    for _ in range(len(pair.new) // 60):
        start = chance.randrange(len(pair.new))
        stretch = list(range(start, min(len(pair.new), start + chance.randint(1, 4))))
        if taken.isdisjoint(stretch):
            stretches.append(stretch)
            taken |= set(stretch)
    staying = [j for j in range(len(pair.new)) if j not in taken]
    behind: dict[int, list[list[int]]] = {}
    for stretch in stretches:
        behind.setdefault(chance.choice(staying), []).append(stretch)
    units, order = [], []
    for j in staying:
        here = pair.new[j]
        units.append(here)
        order.append(j)
        for stretch in behind.get(j, ()):
            units += [
                replace(pair.new[one], headings=here.headings, provision=None) for one in stretch
            ]
            order += stretch
    at = {j: place for place, j in enumerate(order)}
    passages = []
    for one in pair.passages:
        record, kinds = one.record, one.record.kinds
        if one in picked and ChangeKind.MOVED not in kinds:
            record = replace(record, kinds=(*kinds, ChangeKind.MOVED))
        passages.append(Located(record, one.old, tuple(sorted(at[j] for j in one.new))))
    return Pair(pair.name, pair.old, tuple(units), passages, pair.lost)
