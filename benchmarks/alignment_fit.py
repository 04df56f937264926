"""Fit the aligner's weights on passages that were read; nothing is chosen here but the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from alignment_pairs import Pair, shuffled

from collabnlp.analysis.alignment import (
    Likely,
    Linked,
    first_links,
    left_over,
    likely,
    placed_evidence,
    second_links,
    third_look,
)
from collabnlp.analysis.alignment_context import NEIGHBOUR_EVIDENCE
from collabnlp.analysis.alignment_evidence import WORD_EVIDENCE
from collabnlp.analysis.alignment_gold import PARTS, Located
from collabnlp.analysis.alignment_groups import GROUP_EVIDENCE, Groups
from collabnlp.analysis.alignment_weights import Kinds, Weights, shipped_weights

_LIKELY: dict[tuple[int, int], tuple[Pair, Likely]] = {}


def likely_of(pair: Pair) -> Likely:
    """A pair's likely pairs: no weight changes them, so that they are found once."""
    key = id(pair.old), id(pair.new)
    if key not in _LIKELY:
        _LIKELY[key] = pair, likely(pair.old, pair.new)
    return _LIKELY[key][1]


def _of(kinds: Kinds, pair: Pair) -> Weights:
    found = likely_of(pair)
    return kinds.of(found.old, found.new)


@dataclass
class Rows:
    """What a logistic regression is fitted on."""

    rows: list[np.ndarray] = field(default_factory=list)
    truth: list[bool] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(
        self, rows: np.ndarray, judged: Iterator[tuple[int, bool]], weight: float = 1.0
    ) -> None:
        for at, right in judged:
            self.rows.append(rows[at])
            self.truth.append(right)
            self.weight.append(weight)

    def fitted(self) -> tuple[float, ...]:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=3, max_iter=5000).fit(
            np.array(self.rows), self.truth, self.weight
        )
        return (float(model.intercept_[0]), *map(float, model.coef_[0]))


def with_moves(pairs: Sequence[Pair]) -> list[tuple[Pair, Pair]]:
    """Each pair and the same with moves put in. Keep what this gives: its likely pairs are kept."""
    return [(pair, shuffled(pair)) for pair in pairs]


# What passages of the other kind of versions weigh: those that were written anew learn from amended
# ones how equal texts behave, the reverse hardly.
_OTHER_KIND = {"amended": 0.02, "rewritten": 0.3}


def fit_kinds(
    pairs: Sequence[tuple[Pair, Pair]], parts: Sequence[str] = PARTS, start: Kinds | None = None
) -> Kinds:
    """Weights for both kinds of versions; the thresholds are those of ``start``."""
    kinds = start or shipped_weights()
    rewritten = {pair.name: _of(kinds, pair) is kinds.rewritten for pair, _ in pairs}
    return replace(
        kinds,
        **{
            name: fit(
                pairs,
                parts,
                getattr(kinds, name),
                lambda pair, name=name, mine=(name == "rewritten"): (
                    1.0 if rewritten[pair.name] is mine else _OTHER_KIND[name]
                ),
            )
            for name in _OTHER_KIND
        },
    )


def fit(
    pairs: Sequence[tuple[Pair, Pair]],
    parts: Sequence[str],
    weights: Weights,
    weight: Callable[[Pair], float],
) -> Weights:
    """Four logistic regressions on the halves given, one after the other: each learns from the
    links that those before it found. A pair of versions counts as ``weight`` says.

    Few passages that moved are read in amended documents, so what weighs what is left over also
    learns from the same passages with stretches of the newer version put elsewhere.
    """
    real = [pair for pair, _ in pairs]
    rows = Rows()
    for pair in real:
        found = likely_of(pair)
        rows.add(found.words, _judged(pair, found.pairs, parts), weight(pair))
    weights = replace(weights, alone=rows.fitted())
    rows = Rows()
    for pair in real:
        found = likely_of(pair)
        evidence = placed_evidence(found, first_links(found, weights))
        rows.add(evidence, _judged(pair, found.pairs, parts), weight(pair))
    weights = replace(weights, placed=rows.fitted())
    linked: dict[int, Linked] = {}
    rows = Rows()
    for both in pairs:
        for pair in both:
            found = likely_of(pair)
            linked[id(pair)] = second_links(found, first_links(found, weights), weights)
            left, evidence = left_over(found, linked[id(pair)], weights)
            rows.add(evidence, _judged(pair, left, parts), weight(pair))
    weights = replace(weights, left=rows.fitted())
    rows = Rows()
    for pair in real:
        found = likely_of(pair)
        more, _ = third_look(found, linked[id(pair)], weights)
        groups = Groups(found.old, found.new, found.cosines, [*linked[id(pair)].all, *more])
        growths = list(groups.growths())
        rows.add(
            groups.evidence(growths), _judged_growths(pair, groups, growths, parts), weight(pair)
        )
    return replace(weights, grown=rows.fitted())


def _read(pair: Pair, parts: Sequence[str]) -> tuple[dict[int, Located], dict[int, Located]]:
    read = [one for one in pair.passages if one.record.part in parts]
    return {i: one for one in read for i in one.old}, {j: one for one in read for j in one.new}


def _judged(pair: Pair, pairs: np.ndarray, parts: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Which pairs have a unit that was read, and whether they are of one passage."""
    olds, news = _read(pair, parts)
    for at, (i, j) in enumerate(pairs.tolist()):
        if i in olds or j in news:
            yield at, i in olds and news.get(j) is olds[i]


def _judged_growths(
    pair: Pair, groups: Groups, growths: Sequence, parts: Sequence[str]
) -> Iterator[tuple[int, bool]]:
    read = _read(pair, parts)
    for at, one in enumerate(growths):
        i, j = groups.seeds[one.group]
        mine, theirs = read[one.side].get(one.unit), read[1 - one.side].get((i, j)[1 - one.side])
        if mine is not None or theirs is not None:
            yield at, mine is not None and mine is theirs


def show_weights(kinds: Kinds) -> None:
    """As `analysis/data/alignment.toml` has them."""
    for kind in _OTHER_KIND:
        weights = getattr(kinds, kind)
        for title, names, values in (
            ("alone", WORD_EVIDENCE, weights.alone),
            ("placed", WORD_EVIDENCE + NEIGHBOUR_EVIDENCE, weights.placed),
            ("left", WORD_EVIDENCE + NEIGHBOUR_EVIDENCE, weights.left),
            ("grown", GROUP_EVIDENCE, weights.grown),
        ):
            print(f"\n[{kind}.{title}]")
            for name, value in zip(("constant", *names), values, strict=True):
                print(f"{name} = {value:.3f}")
