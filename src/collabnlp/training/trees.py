"""Ways that build on others: boosted trees, and a logistic regression over several ways' logits.

Trees learn from logits of units whose family was held out once more inside the training families
(`nested`), as they will meet logits of families that nobody saw. Stacking learns from the
logits of the other families, each held out in its turn, as calibration does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.schema import LADDER
from collabnlp.training.candidates import Fold, Logits, two_stages
from collabnlp.training.fit import (
    FitSettings,
    Targets,
    fit_ladder,
    level_weights,
    log_ratios,
    unit_weights,
)

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Floats, Integers

PARTS = 3
# Trees take time by units × columns: the flags that tell most, and every fourth none for four.
_LEAST_UNITS = 40
_MOST_FLAGS = 150
_NONES = 4
_BOUND = 12.0


def boosted_trees(fold: Fold) -> Logits:
    """Gradient-boosted trees for gate and ladder, on the flags that tell most by themselves and
    the two linear stages' logits; a fourth of the nones stands for all."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    inside, outside = nested(fold, two_stages)
    targets = fold.targets.of(fold.train)
    flags = fold.rows[:, fold.runs + _telling(fold)].astype(np.float32)
    train = np.hstack([flags[fold.train].toarray(), inside])
    test = np.hstack([flags[fold.test].toarray(), outside])
    hits, nones = np.flatnonzero(targets.levels > 0), np.flatnonzero(targets.levels == 0)
    chosen = np.concatenate([hits, nones[::_NONES]])
    weights = unit_weights(targets, fold.settings) * np.where(targets.levels > 0, 1.0, _NONES)
    settings: dict[str, Any] = {
        **{"max_leaf_nodes": 15, "min_samples_leaf": 20, "l2_regularization": 1.0},
        **{"early_stopping": False, "random_state": fold.settings.seed},
    }
    gate = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.06, **settings)
    gate.fit(train[chosen], targets.levels[chosen] > 0, sample_weight=weights[chosen])
    ladder = HistGradientBoostingClassifier(max_iter=40, learning_rate=0.06, **settings)
    inner = targets.of(hits)
    ladder.fit(train[hits], inner.levels, sample_weight=level_weights(inner, fold.settings))
    shares = np.full((len(test), len(LADDER)), 1e-6)
    shares[:, ladder.classes_ - 1] = np.clip(ladder.predict_proba(test), 1e-6, 1.0)
    return np.asarray(gate.decision_function(test), dtype=np.float64), np.log(shares)


def _telling(fold: Fold) -> Integers:
    """The flags of enough units whose shares in commitments and in the rest differ most."""
    flags, targets = fold.rows[fold.train][:, fold.runs :], fold.targets.of(fold.train)
    weights = unit_weights(targets, fold.settings)
    told = log_ratios(flags, targets.levels > 0, weights, fold.settings)
    often = np.flatnonzero(flags.getnnz(axis=0) >= _LEAST_UNITS)
    return np.sort(often[np.argsort(-told[often], kind="stable")[:_MOST_FLAGS]])


def nested(fold: Fold, way: Callable[[Fold], Logits]) -> tuple[Floats, Floats]:
    """A way's six logits (gate, then the ladder's log shares) of the units trained on, each from
    families other than its own, and of those held out. Both n × 6."""
    inside = np.zeros((len(fold.train), 1 + len(LADDER)))
    parts = _parts(fold)
    for part in sorted(set(parts.tolist())):
        own = parts == part
        inner = replace(fold, train=fold.train[~own], test=fold.train[own])
        inside[own] = _joined(way(inner))
    return inside, _joined(way(fold))


def _parts(fold: Fold) -> Integers:
    """The part of each training unit: families whole, the largest first to the emptiest part;
    written sentences in turn."""
    names = fold.families[fold.train]
    written = fold.targets.written[fold.train] > 0
    parts = np.arange(len(names)) % PARTS
    found, counts = np.unique(names[~written], return_counts=True)
    if len(found) < 2:
        return parts
    filled = np.zeros(min(PARTS, len(found)), dtype=np.int64)
    for at in np.lexsort((found, -counts)):
        part = int(filled.argmin())
        filled[part] += counts[at]
        parts[(names == found[at]) & ~written] = part
    parts[written] %= len(filled)
    return parts


def _joined(logits: Logits) -> Floats:
    gate, ladder = logits
    shares = ladder - np.logaddexp.reduce(ladder, axis=1, keepdims=True)
    return np.clip(np.column_stack([gate, shares]), -_BOUND, _BOUND)


def stacked(
    ways: Sequence[Logits], levels: Integers, families: Sequence[str], settings: FitSettings
) -> Logits:
    """Logistic regressions for gate and ladder on several ways' held-out logits of real units.

    Those of a family are made by regressions on the others.
    """
    from sklearn.linear_model import LogisticRegression

    given = np.hstack([_joined(way) for way in ways])
    spread = given.std(axis=0)
    given = (given - given.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    sure, names = np.ones_like(levels), np.array(families)
    targets = Targets(levels, np.zeros_like(levels), sure)
    gate, ladder = np.zeros(len(given)), np.zeros((len(given), len(LADDER)))
    for family in sorted(set(families)):
        own, others = names == family, np.flatnonzero(names != family)
        hits = others[levels[others] > 0]
        inside = targets.of(hits)
        first = LogisticRegression(C=0.1, max_iter=500)
        first.fit(given[others], levels[others] > 0)
        weights, bias = fit_ladder(
            given[hits],
            inside.levels,
            level_weights(inside, settings),
            replace(settings, ladder_c=0.1),
        )
        gate[own] = first.decision_function(given[own])
        ladder[own] = given[own] @ weights + bias
    return gate, ladder


COMBINED: Mapping[str, Callable[[Fold], Logits]] = {
    "boosted trees on flags and the model's logits": boosted_trees,
}
