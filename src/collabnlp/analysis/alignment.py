"""Which units of two versions are one passage: in their place, moved, split or merged.

Text that stands unchanged in its place is found first and weighed no more. Four steps for the rest.
(1) Each likely pair gets a probability from its words, headings, numbers and what stands around.
The weightiest chain of pairs that runs forward on both sides is the text that stayed in its place.
(2) The pairs are weighed again, now with the links found near them, and the chain is drawn anew;
what it leaves and is sure enough is linked too, and has moved where it crosses the chain. (3) What
is still left over is weighed once more, wherever it stands, against what else is left: a rival that
has found its place is none any more. (4) A unit left over near a link belongs to it, if the link's
other side has its words and no other place for them: a split or a merger. Nothing depends on chance
or on the order of a set.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collabnlp.analysis.alignment_context import neighbour_evidence
from collabnlp.analysis.alignment_evidence import (
    WORD_EVIDENCE,
    Cosines,
    Side,
    as_pairs,
    candidate_pairs,
    make_sides,
    word_evidence,
)
from collabnlp.analysis.alignment_groups import Groups, joined
from collabnlp.analysis.alignment_weights import Kinds, Weights, shipped_weights
from collabnlp.schema import Link, Unit

if TYPE_CHECKING:
    from collabnlp.analysis.alignment_evidence import Floats, Pairs

# Between two links all pairs are weighed where there are no more than so many.
_GAP_PAIRS = 64
_SAME = WORD_EVIDENCE.index("identical")
_OWN, _ALL = WORD_EVIDENCE.index("cosine_own"), WORD_EVIDENCE.index("cosine_all")
_ORDER = WORD_EVIDENCE.index("order_own")
# From so much likeness on a pair counts as a fixed point when gaps are sought.
_PLAIN = 0.45


@dataclass(frozen=True)
class Likely:
    """The likely pairs of two versions with the evidence of their words: what no weight changes."""

    old: Side
    new: Side
    pairs: Pairs
    words: Floats
    cosines: Cosines

    @property
    def sizes(self) -> tuple[int, int]:
        return len(self.old), len(self.new)


@dataclass(frozen=True)
class Linked:
    """Links so far: the chain of what stayed in its place, the others, and each pair's chance."""

    chain: list[tuple[int, int]]
    rest: list[tuple[int, int]]
    chance: Floats

    @property
    def all(self) -> list[tuple[int, int]]:
        return [*self.chain, *self.rest]


def align(
    old: Sequence[Unit], new: Sequence[Unit], weights: Kinds | None = None
) -> tuple[Link, ...]:
    """Every unit of both versions in exactly one link, in the order of the newer version; what was
    removed stands after what stood before it."""
    found = likely(old, new)
    return align_likely(found, (weights or shipped_weights()).of(found.old, found.new))


def align_likely(found: Likely, weights: Weights) -> tuple[Link, ...]:
    """As `align`, from the likely pairs."""
    linked = second_links(found, first_links(found, weights), weights)
    again, surer = third_look(found, linked, weights)
    sure = _by_pair(found.pairs, linked.chance) | surer
    rest = [*linked.rest, *again]
    groups = Groups(found.old, found.new, found.cosines, [*linked.chain, *rest])
    groups.grow(weights.grown, weights.join)
    return _ordered(groups, _crossing(linked.chain, rest), sure)


def likely(old: Sequence[Unit], new: Sequence[Unit]) -> Likely:
    """The likely pairs: those that share telling words, and all in narrow gaps between pairs that
    are alike beyond doubt."""
    sides = make_sides(old, new)
    cosines = Cosines.of(*sides)
    chosen = candidate_pairs(*sides, cosines)
    pairs = as_pairs(chosen)
    found = Likely(*sides, pairs, word_evidence(*sides, pairs, cosines), cosines)
    more = _gap_pairs(_chain(found, _plainly(found), _PLAIN), *found.sizes) - chosen
    if not more:
        return found
    pairs = as_pairs(chosen | more)
    return Likely(*sides, pairs, word_evidence(*sides, pairs, cosines), cosines)


def _plainly(found: Likely) -> Floats:
    """How alike the pairs' words are; equal texts are, wherever they stand."""
    import numpy as np

    words = found.words
    alike = 0.5 * words[:, _OWN] + 0.2 * words[:, _ALL] + 0.3 * words[:, _ORDER]
    plain: Floats = np.maximum(alike, 0.9 * words[:, _SAME])
    return plain


def first_links(found: Likely, weights: Weights) -> Linked:
    """By the words alone."""
    chance = _chances(found.words, found.words, weights.alone, weights.common)
    chance = _identical_first(chance, found, min(1.0, weights.draft + 0.05))
    return _linked(found, chance, weights.draft, weights.in_place)


def placed_evidence(found: Likely, linked: Linked) -> Floats:
    """The evidence of the words and of the links near them, one row a likely pair."""
    import numpy as np

    best = _each_others_best(found.pairs, linked.chance)
    near = neighbour_evidence(found.pairs, linked.chain, linked.rest, best, found.sizes)
    return np.hstack([found.words, near])


def second_links(found: Likely, linked: Linked, weights: Weights) -> Linked:
    """By the words and the links found near them."""
    evidence = placed_evidence(found, linked)
    chance = _chances(evidence, found.words, weights.placed, weights.common)
    inside = evidence[:, len(WORD_EVIDENCE)]
    chance = _identical_first(chance, found, inside)
    return _linked(found, chance, weights.in_place, weights.moved)


def _linked(found: Likely, chance: Floats, in_place: float, beside: float) -> Linked:
    chain = _chain(found, chance, in_place)
    return Linked(chain, _leftovers(found.pairs, chance, chain, beside), chance)


def _chances(evidence: Floats, words: Floats, weights: Sequence[float], common: float) -> Floats:
    """Probabilities. Place and number speak for a pair only if its words do not speak against."""
    import numpy as np

    odds = weights[0] + evidence @ np.array(weights[1:])
    alike = np.maximum(words[:, _OWN], words[:, _ALL])
    chances: Floats = (alike >= common) / (1.0 + np.exp(-odds))
    return chances


def _identical_first(chance: Floats, found: Likely, least: Floats | float) -> Floats:
    """Equal texts are one passage where they can stand in their place, however often they stand
    in the document: nothing but the order tells repeats apart."""
    import numpy as np

    raised: Floats = np.maximum(chance, found.words[:, _SAME] * 0.99 * least)
    return raised


def _size(side: Side, at: int) -> int:
    return max(1, len(side.own[at]))


def _chain(found: Likely, chance: Floats, least: float) -> list[tuple[int, int]]:
    """The weightiest set of pairs that runs forward on both sides: a pair weighs the words that
    it keeps in place, by how sure it is."""
    tree = _Highest(len(found.new))
    links: list[tuple[int, int, int | None]] = []
    row: list[tuple[int, float, int]] = []
    current = -1
    for at, (i, j) in enumerate(found.pairs.tolist()):
        if i != current:
            for place, value, link in row:
                tree.put(place, value, link)
            row, current = [], i
        sure = float(chance[at])
        if sure < least:
            continue
        words = (_size(found.old, i) + _size(found.new, j)) / 2
        weight = (sure - least + 0.02) * words**0.5
        value, before = tree.best(j)
        links.append((i, j, before))
        row.append((j, value + weight, len(links) - 1))
    for place, value, link in row:
        tree.put(place, value, link)
    _, last = tree.best(len(found.new))
    chain = []
    while last is not None:
        i, j, last = links[last]
        chain.append((i, j))
    return chain[::-1]


class _Highest:
    """The highest value among the first places, the earlier of equals (a Fenwick tree)."""

    def __init__(self, size: int) -> None:
        self._best: list[tuple[float, int | None]] = [(0.0, None)] * (size + 1)

    def put(self, place: int, value: float, link: int) -> None:
        at = place + 1
        while at < len(self._best):
            if value > self._best[at][0]:
                self._best[at] = (value, link)
            at += at & -at

    def best(self, places: int) -> tuple[float, int | None]:
        """Of the places before ``places``."""
        found: tuple[float, int | None] = (0.0, None)
        at = places
        while at > 0:
            if self._best[at][0] > found[0]:
                found = self._best[at]
            at -= at & -at
        return found


def _gap_pairs(chain: Sequence[tuple[int, int]], olds: int, news: int) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    last = (-1, -1)
    for i, j in [*chain, (olds, news)]:
        rows, columns = range(last[0] + 1, i), range(last[1] + 1, j)
        if 0 < len(rows) * len(columns) <= _GAP_PAIRS:
            found |= {(row, column) for row in rows for column in columns}
        last = (i, j)
    return found


def _each_others_best(pairs: Pairs, chance: Floats) -> set[tuple[int, int]]:
    rows: dict[int, tuple[float, int]] = {}
    columns: dict[int, tuple[float, int]] = {}
    for (i, j), p in zip(pairs.tolist(), chance.tolist(), strict=True):
        if p > rows.get(i, (0.0, 0))[0]:
            rows[i] = (p, j)
        if p > columns.get(j, (0.0, 0))[0]:
            columns[j] = (p, i)
    return {(i, j) for i, (p, j) in rows.items() if columns[j][1] == i and p > 0.3}


def _leftovers(
    pairs: Pairs, chance: Floats, chain: Sequence[tuple[int, int]], least: float
) -> list[tuple[int, int]]:
    """Of what the chain leaves, the surest pairs first."""
    olds, news = {i for i, _ in chain}, {j for _, j in chain}
    found = []
    order = sorted(
        (-round(float(p), 9), i, j)
        for (i, j), p in zip(pairs.tolist(), chance.tolist(), strict=True)
        if p >= least and i not in olds and j not in news
    )
    for _, i, j in order:
        if i not in olds and j not in news:
            olds.add(i)
            news.add(j)
            found.append((i, j))
    return found


def _by_pair(pairs: Pairs, chance: Floats) -> dict[tuple[int, int], float]:
    return {(i, j): p for (i, j), p in zip(pairs.tolist(), chance.tolist(), strict=True)}


def left_over(found: Likely, linked: Linked, weights: Weights) -> tuple[Pairs, Floats]:
    """The likely pairs of units that are in no link, and their evidence among themselves: a rival
    that has found its place is none any more."""
    import numpy as np

    olds, news = {i for i, _ in linked.all}, {j for _, j in linked.all}
    free = (
        [i for i in range(len(found.old)) if i not in olds],
        [j for j in range(len(found.new)) if j not in news],
    )
    pairs = as_pairs(found.cosines.nearest(*free))
    words = word_evidence(found.old, found.new, pairs, found.cosines)
    best = _each_others_best(pairs, _chances(words, words, weights.alone, weights.common))
    near = neighbour_evidence(pairs, linked.chain, linked.rest, best, found.sizes)
    return pairs, np.hstack([words, near])


def third_look(
    found: Likely, linked: Linked, weights: Weights
) -> tuple[list[tuple[int, int]], dict[tuple[int, int], float]]:
    """Wherever they stand: of the units that nothing has been found for, the sure pairs."""
    pairs, evidence = left_over(found, linked, weights)
    chance = _chances(evidence, evidence, weights.left, weights.common)
    more = _leftovers(pairs, chance, linked.all, weights.left_over)
    sure = _by_pair(pairs, chance)
    return more, {pair: sure[pair] for pair in more}


def _crossing(
    chain: Sequence[tuple[int, int]], rest: Sequence[tuple[int, int]]
) -> set[tuple[int, int]]:
    """The pairs that stand on another side of some link of the chain than they did."""
    olds, news = [i for i, _ in chain], [j for _, j in chain]
    return {(i, j) for i, j in rest if bisect_left(olds, i) != bisect_left(news, j)}


def _ordered(
    groups: Groups, moved: set[tuple[int, int]], sure: dict[tuple[int, int], float]
) -> tuple[Link, ...]:
    links: list[tuple[tuple[float, int], Link]] = []
    place: dict[int, int] = {}
    for seed, (olds, news) in zip(groups.seeds, groups.members, strict=True):
        link = Link(
            old=tuple(olds),
            new=tuple(news),
            similarity=_similarity(groups, olds, news),
            probability=sure[seed],
            moved=seed in moved,
        )
        links.append(((float(news[0]), -1), link))
        if not link.moved:
            for old in olds:
                place[old] = news[-1]
    links += [
        ((float(j), -1), Link((), (j,), 0.0, 1.0))
        for j in range(len(groups.new))
        if j not in groups.of_new
    ]
    settled = sorted(place)
    for i in range(len(groups.old)):
        if i not in groups.of_old:
            at = bisect_left(settled, i)
            after = place[settled[at - 1]] + 0.5 if at else -0.5
            links.append(((after, i), Link((i,), (), 0.0, 1.0)))
    return tuple(link for _, link in sorted(links, key=lambda it: it[0]))


def _similarity(groups: Groups, olds: Sequence[int], news: Sequence[int]) -> float:
    """Of the words in their order, own words of all the units on either side."""
    from rapidfuzz.distance import Indel

    if len(olds) == len(news) == 1:
        a, b = groups.old.all[olds[0]], groups.new.all[news[0]]
    else:
        a, b = joined(groups.old, olds), joined(groups.new, news)
    return float(Indel.normalized_similarity(a, b))
