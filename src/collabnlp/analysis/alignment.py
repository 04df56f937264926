"""Which units of two versions are one passage: in their place, moved, split or merged.

Four steps. (1) Each likely pair gets a probability from its words, headings and numbers. The
weightiest chain of pairs that runs forward on both sides is the text that stayed in its place.
(2) The pairs are weighed again, now with their neighbours, and the chain is drawn anew; what it
leaves and is sure enough is linked too, and has moved where it crosses the chain. (3) What is
still left over is weighed once more by its words alone, wherever it stands, against what else is
left: a rival that has found its place is none any more. (4) A unit left
over beside a link belongs to it, if the link's other side has its words and no other place for
them: a split or a merger. Nothing depends on chance or on the order of a set.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from collabnlp.analysis.alignment_evidence import (
    NEIGHBOUR_EVIDENCE,
    WORD_EVIDENCE,
    Cosines,
    Side,
    as_pairs,
    candidate_pairs,
    make_sides,
    neighbour_evidence,
    word_evidence,
)
from collabnlp.analysis.alignment_groups import Groups, joined
from collabnlp.errors import DataError
from collabnlp.schema import Link, Unit

if TYPE_CHECKING:
    from collabnlp.analysis.alignment_evidence import Floats, Pairs

# Between two links all pairs are weighed where there are no more than so many.
_GAP_PAIRS = 64
_SAME = WORD_EVIDENCE.index("identical")
_OWN, _ALL = WORD_EVIDENCE.index("cosine_own"), WORD_EVIDENCE.index("cosine_all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The aligner's figures, from ``data/alignment.toml``.

    alone, placed, left  weights of logistic models without and with the neighbours, and of what
                   both leave over: a constant, then one a column of evidence
    draft, in_place, moved, left_over  least probabilities: of the first chain, of the last, of
                   pairs beside it, of what is left over
    common         least cosine of telling words, of the units' own or of all, for any pair
    share, gain, whole  a split: least share of a unit's words that the other side has left over for
                   it, and least gain in similarity; from ``whole`` on any gain will do
    """

    alone: tuple[float, ...]
    placed: tuple[float, ...]
    left: tuple[float, ...]
    draft: float
    in_place: float
    moved: float
    left_over: float
    common: float
    share: float
    gain: float
    whole: float


@cache
def shipped_weights() -> Weights:
    """The weights that come with the program. Raises DataError where their file is damaged."""
    path = files("collabnlp.analysis") / "data" / "alignment.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Weights(
            alone=_column(table["alone"], WORD_EVIDENCE),
            placed=_column(table["placed"], WORD_EVIDENCE + NEIGHBOUR_EVIDENCE),
            left=_column(table["left"], WORD_EVIDENCE),
            **{
                name: float(table["thresholds"][name])
                for name in (
                    "draft",
                    "in_place",
                    "moved",
                    "left_over",
                    "common",
                    "share",
                    "gain",
                    "whole",
                )
            },
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise DataError(f"alignment.toml: {wrong!r}.") from wrong


def _column(table: dict[str, float], names: Sequence[str]) -> tuple[float, ...]:
    if set(table) != {"constant", *names}:
        raise ValueError(f"weights for {sorted(table)}, wanted {sorted(names)}")
    return tuple(float(table[name]) for name in ("constant", *names))


@dataclass(frozen=True)
class Weighed:
    """The pairs of two versions with their evidence: what is weighed, and what is fitted."""

    old: Side
    new: Side
    pairs: Pairs
    words: Floats
    neighbours: Floats
    cosines: Cosines

    @property
    def all(self) -> Floats:
        import numpy as np

        return np.hstack([self.words, self.neighbours])


def align(
    old: Sequence[Unit], new: Sequence[Unit], weights: Weights | None = None
) -> tuple[Link, ...]:
    """Every unit of both versions in exactly one link, in the order of the newer version; what was
    removed stands after what stood before it."""
    weights = weights or shipped_weights()
    weighed = weigh(old, new, weights)
    chance = _placed_chances(weighed, weights)
    chain = _chain(weighed, chance, weights.in_place)
    rest = _leftovers(weighed, chance, chain, weights.moved)
    again, surer = _second_look(weighed, [*chain, *rest], weights)
    rest += again
    sure = _by_pair(weighed.pairs, chance) | surer
    groups = Groups(weighed.old, weighed.new, [*chain, *rest])
    groups.grow(weights)
    return _ordered(groups, _crossing(chain, rest), sure)


def weigh(old: Sequence[Unit], new: Sequence[Unit], weights: Weights) -> Weighed:
    """The likely pairs of two versions, with the evidence of words and of a first chain."""
    sides = make_sides(old, new)
    cosines = Cosines.of(*sides)
    chosen = candidate_pairs(*sides, cosines)
    pairs = as_pairs(chosen)
    words = word_evidence(*sides, pairs, cosines)
    draft = Weighed(*sides, pairs, words, words, cosines)
    chance = _chances(words, weights.alone, weights.common)
    chain = _chain(
        draft, _identical_first(chance, draft, min(1.0, weights.draft + 0.05)), weights.draft
    )
    more = _gap_pairs(chain, len(old), len(new)) - chosen
    if more:
        pairs = as_pairs(chosen | more)
        words = word_evidence(*sides, pairs, cosines)
        chance = _chances(words, weights.alone, weights.common)
    best = _each_others_best(pairs, chance)
    return Weighed(*sides, pairs, words, neighbour_evidence(pairs, chain, best), cosines)


def _chances(evidence: Floats, weights: Sequence[float], common: float) -> Floats:
    """Probabilities. Place and number speak for a pair only if its words do not speak against."""
    import numpy as np

    odds = weights[0] + evidence @ np.array(weights[1:])
    alike = np.maximum(evidence[:, _OWN], evidence[:, _ALL])
    chances: Floats = (alike >= common) / (1.0 + np.exp(-odds))
    return chances


def _identical_first(chance: Floats, weighed: Weighed, least: Floats | float) -> Floats:
    """Equal texts are one passage where they can stand in their place, however often they stand
    in the document: nothing but the order tells repeats apart."""
    import numpy as np

    raised: Floats = np.maximum(chance, weighed.words[:, _SAME] * 0.99 * least)
    return raised


def _size(side: Side, at: int) -> int:
    return max(1, len(side.own[at]))


def _chain(weighed: Weighed, chance: Floats, least: float) -> list[tuple[int, int]]:
    """The weightiest set of pairs that runs forward on both sides: a pair weighs the words that
    it keeps in place, by how sure it is."""
    tree = _Highest(len(weighed.new))
    links: list[tuple[int, int, int | None]] = []
    row: list[tuple[int, float, int]] = []
    current = -1
    for at, (i, j) in enumerate(weighed.pairs.tolist()):
        if i != current:
            for place, value, link in row:
                tree.put(place, value, link)
            row, current = [], i
        sure = float(chance[at])
        if sure < least:
            continue
        words = (_size(weighed.old, i) + _size(weighed.new, j)) / 2
        weight = (sure - least + 0.02) * words**0.5
        value, before = tree.best(j)
        links.append((i, j, before))
        row.append((j, value + weight, len(links) - 1))
    for place, value, link in row:
        tree.put(place, value, link)
    _, last = tree.best(len(weighed.new))
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
    weighed: Weighed, chance: Floats, chain: Sequence[tuple[int, int]], least: float
) -> list[tuple[int, int]]:
    """Of what the chain leaves, the surest pairs first."""
    olds, news = {i for i, _ in chain}, {j for _, j in chain}
    found = []
    order = sorted(
        (-round(float(p), 9), i, j)
        for (i, j), p in zip(weighed.pairs.tolist(), chance.tolist(), strict=True)
        if p >= least and i not in olds and j not in news
    )
    for _, i, j in order:
        if i not in olds and j not in news:
            olds.add(i)
            news.add(j)
            found.append((i, j))
    return found


def first_links(weighed: Weighed, weights: Weights) -> list[tuple[int, int]]:
    """The chain and the sure pairs beside it: all links before the second look."""
    chance = _placed_chances(weighed, weights)
    chain = _chain(weighed, chance, weights.in_place)
    return [*chain, *_leftovers(weighed, chance, chain, weights.moved)]


def _placed_chances(weighed: Weighed, weights: Weights) -> Floats:
    chance = _chances(weighed.all, weights.placed, weights.common)
    return _identical_first(chance, weighed, weighed.neighbours[:, 0])


def _by_pair(pairs: Pairs, chance: Floats) -> dict[tuple[int, int], float]:
    return {(i, j): p for (i, j), p in zip(pairs.tolist(), chance.tolist(), strict=True)}


def left_over(weighed: Weighed, links: Sequence[tuple[int, int]]) -> tuple[Pairs, Floats]:
    """The likely pairs of units that are in no link, and their words' evidence among themselves:
    a rival that has found its place is none any more."""
    olds, news = {i for i, _ in links}, {j for _, j in links}
    free = (
        [i for i in range(len(weighed.old)) if i not in olds],
        [j for j in range(len(weighed.new)) if j not in news],
    )
    pairs = as_pairs(weighed.cosines.nearest(free))
    return pairs, word_evidence(weighed.old, weighed.new, pairs, weighed.cosines)


def _second_look(
    weighed: Weighed, links: Sequence[tuple[int, int]], weights: Weights
) -> tuple[list[tuple[int, int]], dict[tuple[int, int], float]]:
    """Wherever they stand: of the units that nothing has been found for, the sure pairs."""
    pairs, words = left_over(weighed, links)
    chance = _chances(words, weights.left, weights.common)
    found = _leftovers(replace(weighed, pairs=pairs), chance, links, weights.left_over)
    sure = _by_pair(pairs, chance)
    return found, {pair: sure[pair] for pair in found}


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
