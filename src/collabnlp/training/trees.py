"""Ways that build on others: boosted trees, and a logistic regression over several ways' logits.

Both learn from logits of units whose family was held out once more inside the training families
(`nested`), as they will meet logits of families that nobody saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.schema import LADDER
from collabnlp.training.candidates import (
    Fold,
    Logits,
    one_stage,
    runs_alone,
    two_stages,
)
from collabnlp.training.fit import fit_ladder, level_weights, log_ratios, unit_weights

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Floats, Integers

PARTS = 3
# Trees take time by units × columns: the flags that tell most, and every fourth none for four.
_LEAST_UNITS = 40
_MOST_FLAGS = 150
_NONES = 4
_BOUND = 12.0
_STACKED = (two_stages, one_stage, runs_alone)


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


def stacked(fold: Fold) -> Logits:
    """Logistic regressions for gate and ladder on the logits of three linear ways."""
    from sklearn.linear_model import LogisticRegression

    parts = [nested(fold, way) for way in _STACKED]
    train, test = (np.hstack([part[at] for part in parts]) for at in (0, 1))
    middle, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0.0] = 1.0
    train, test = (train - middle) / spread, (test - middle) / spread
    targets = fold.targets.of(fold.train)
    gate = LogisticRegression(C=0.1, max_iter=500)
    gate.fit(train, targets.levels > 0, sample_weight=unit_weights(targets, fold.settings))
    hits = np.flatnonzero(targets.levels > 0)
    inside = targets.of(hits)
    settings = replace(fold.settings, ladder_c=0.1)
    weights, bias = fit_ladder(
        train[hits], inside.levels, level_weights(inside, settings), settings
    )
    return np.asarray(gate.decision_function(test)), test @ weights + bias


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


COMBINED: Mapping[str, Callable[[Fold], Logits]] = {
    "boosted trees on flags and the model's logits": boosted_trees,
    "stacking: logistic over three ways' logits": stacked,
}
