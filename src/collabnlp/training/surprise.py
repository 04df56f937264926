"""Likely label errors: how surprised models that did not see a label are by it.

Every labelled unit of a document gets six probabilities from a model that was fitted on other
texts (units of equal text stand in one fold, so that no copy vouches for its own label). Folds cut
across documents: a model that knows a document's way of putting things is the better judge of its
labels. Confident learning (Northcutt, Jiang and Chuang, 2021) ranks labels by such probabilities;
`surprise` also says how far on the ladder the other answer would be. Both were measured on injected
errors: docs/queue.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from collabnlp.identifiers import digest, unit_hash
from collabnlp.tagging.cues import read_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import LEVEL_NAMES, decide
from collabnlp.training.candidates import Fold, two_stages
from collabnlp.training.dataset import LabelledUnit, measurable
from collabnlp.training.evaluate import six_shares
from collabnlp.training.fit import FeatureTable, FitSettings, Targets, calibrate, targets_of

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Floats, Integers

FOLDS = 5

NONE_STEP = 2
"""Steps of the ladder from ``none`` to ``explore``: that a commitment is none at all is a greater
error than that it is of the next level."""

DISTANCE_WEIGHT = 0.1
"""Power of the distance in `surprise`. Larger ones bring far errors up and bury near ones."""


def surprise(
    shares: Floats, levels: Integers, *, weight: float = DISTANCE_WEIGHT, step: int = NONE_STEP
) -> Floats:
    """-ln of each label's probability, times a power of the distance to what is likely instead.

    shares  probabilities of the six classes, ``none`` first (n × 6); levels 0..5 (n). The distance
    is the mean over the other classes, each by its probability, in steps of the ladder. 0 or more;
    at ``weight`` 0 the order is that of cleanlab's self-confidence.
    """
    inside = np.clip(shares, 1e-9, 1.0)
    given = inside[np.arange(len(levels)), levels]
    place = np.array([0, *range(step, step + len(LEVEL_NAMES) - 1)], dtype=np.float64)
    apart = np.abs(place[:, None] - place[None, :])
    expected = (inside * apart[levels]).sum(axis=1)
    distance = expected / np.maximum(1.0 - given, 1e-9)
    return np.asarray(-np.log(given) * np.maximum(distance, 1e-9) ** weight)


def fold_of(units: Sequence[LabelledUnit], *, folds: int = FOLDS, seed: int = 7) -> Integers:
    """The fold of each unit, by its text alone; -1 for written sentences, which always train."""
    return np.array(
        [
            -1 if unit.written else int(digest([seed, unit_hash(unit.view.text)])[:8], 16) % folds
            for unit in units
        ],
        dtype=np.int64,
    )


def cross_shares(
    table: FeatureTable, targets: Targets, folds: Integers, settings: FitSettings
) -> Floats:
    """Six probabilities of every unit in a fold, from models of the other folds (n × 6); NaN for
    the units in none: of those -1 always train, and -2 never.

    Calibrated on all held-out logits at once: its five numbers cannot learn single labels.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    gate = np.full(len(folds), np.nan)
    ladder = np.full((len(folds), len(LEVEL_NAMES) - 1), np.nan)
    names = folds.astype(str)
    for fold in sorted(set(folds[folds >= 0].tolist())):
        train = np.flatnonzero((folds != fold) & (folds >= -1))
        test = np.flatnonzero(folds == fold)
        vocabulary, rows = table.vocabulary(train)
        with threadpool_limits(1):
            gate[test], ladder[test] = two_stages(
                Fold(rows, targets, train, test, len(vocabulary.runs), settings, names)
            )
    there = np.flatnonzero(folds >= 0)
    calibration = calibrate(gate[there], ladder[there], targets.levels[there])
    shares = np.full((len(folds), len(LEVEL_NAMES)), np.nan)
    shares[there] = six_shares(decide(gate[there], ladder[there], calibration))
    return shares


def surprises(units: Sequence[LabelledUnit], cue_text: str) -> list[tuple[str, float, float]]:
    """Every measurable unit's id, surprise, and the probability of its label from models that did
    not see it, the most surprising first."""
    units, _ = measurable(units)
    settings = FitSettings()
    features = FeatureReader(read_cues(cue_text)).read([unit.view for unit in units])
    table = FeatureTable(features, [unit.document for unit in units], settings)
    targets = targets_of(units)
    folds = fold_of(units)
    shares = cross_shares(table, targets, folds, settings)
    there = np.flatnonzero(folds >= 0)
    levels = targets.levels[there]
    scores = surprise(shares[there], levels)
    given = shares[there, levels]
    order = np.lexsort((there, -scores))
    return [(units[there[at]].id, float(scores[at]), float(given[at])) for at in order]
