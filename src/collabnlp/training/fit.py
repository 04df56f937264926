"""Fit the level model: vocabulary, gate, ladder, calibration. Seeded, sorted, no clock."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.schema import LADDER
from collabnlp.tagging.features import UnitFeatures
from collabnlp.tagging.level_model import (
    Calibration,
    SparseRows,
    Vocabulary,
    Weights,
    logits,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from collabnlp.tagging.level_model import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """What is chosen before fitting; the defaults are the result of docs/model.md.

    gate_c, ladder_c   inverse strength of the L2 penalty of the two stages
    written_weight     weight of a written sentence beside a real one, in the gate
    positive_weight    weight of a commitment beside a unit that is none
    balance            0: levels weigh as they occur; 1: each level weighs the same
    """

    gate_c: float = 1.0
    ladder_c: float = 1.0
    written_weight: float = 0.5
    written_ladder_weight: float = 0.5
    positive_weight: float = 2.0
    balance: float = 0.5
    unsure_weight: float = 0.7
    run_scale: float = 2.0
    flag_scale: float = 0.5
    min_units: int = 3
    min_documents: int = 2
    seed: int = 7


def matrix(rows: SparseRows) -> csr_matrix:
    """The rows as scikit-learn takes them."""
    from scipy.sparse import csr_matrix

    shape = (len(rows), rows.width)
    return csr_matrix((rows.values, rows.columns, rows.starts), shape=shape)


def build_vocabulary(
    features: Sequence[UnitFeatures], documents: Sequence[str], settings: FitSettings
) -> Vocabulary:
    """Columns for the runs and flags that occur in enough units and documents, sorted."""
    units: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for one, document in zip(features, documents, strict=True):
        for run in set(one.runs):
            units[run] += 1
            seen[run].add(document)
        flags.update(one.flags)
        for flag in one.flags:
            seen[f"={flag}"].add(document)
    runs = sorted(
        run
        for run, count in units.items()
        if count >= settings.min_units and len(seen[run]) >= settings.min_documents
    )
    kept = sorted(
        flag
        for flag, count in flags.items()
        if count >= settings.min_units and len(seen[f"={flag}"]) >= settings.min_documents
    )
    total = len(features)
    idf = np.array([math.log((1 + total) / (1 + units[run])) + 1.0 for run in runs])
    return Vocabulary(
        runs={run: column for column, run in enumerate(runs)},
        flags={flag: len(runs) + column for column, flag in enumerate(kept)},
        idf=idf,
        run_scale=settings.run_scale,
        flag_scale=settings.flag_scale,
    )


def unit_weights(
    levels: Integers, written: Integers, sure: Integers, settings: FitSettings
) -> Floats:
    """The weight of each unit in the gate."""
    weights = np.where(levels > 0, settings.positive_weight, 1.0)
    weights = weights * np.where(written > 0, settings.written_weight, 1.0)
    return np.asarray(weights * np.where(sure > 0, 1.0, settings.unsure_weight))


def level_weights(
    levels: Integers, written: Integers, sure: Integers, settings: FitSettings
) -> Floats:
    """The weight of each commitment in the ladder, balanced as the settings say."""
    base = np.where(written > 0, settings.written_ladder_weight, 1.0)
    base = base * np.where(sure > 0, 1.0, settings.unsure_weight)
    shares = np.array([max(base[levels == level].sum(), 1e-9) for level in range(1, 6)])
    factor = (shares.sum() / (len(LADDER) * shares)) ** settings.balance
    return np.asarray(base * factor[levels - 1])


def fit_weights(
    rows: SparseRows, levels: Integers, written: Integers, sure: Integers, settings: FitSettings
) -> Weights:
    """The two stages' weights."""
    from sklearn.linear_model import LogisticRegression

    table = matrix(rows)
    gate = LogisticRegression(
        C=settings.gate_c, solver="liblinear", random_state=settings.seed, max_iter=300, tol=1e-5
    )
    gate.fit(
        table, (levels > 0).astype(int), sample_weight=unit_weights(levels, written, sure, settings)
    )
    hits = np.flatnonzero(levels > 0)
    ladder, bias = fit_ladder(
        table[hits],
        levels[hits],
        level_weights(levels[hits], written[hits], sure[hits], settings),
        settings,
    )
    return Weights(gate.coef_[0].astype(np.float64), float(gate.intercept_[0]), ladder, bias)


def fit_ladder(
    table: Any, levels: Integers, weights: Floats, settings: FitSettings
) -> tuple[Floats, Floats]:
    """Multinomial weights over the five levels (columns × 5) and biases.

    A level without an example gets a bias that rules it out.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=settings.ladder_c, solver="lbfgs", max_iter=400, tol=1e-5)
    model.fit(table, levels, sample_weight=weights)
    ladder = np.zeros((table.shape[1], len(LADDER)))
    bias = np.full(len(LADDER), -30.0)
    if len(model.classes_) == 2:
        ladder[:, model.classes_[1] - 1] = model.coef_[0]
        bias[model.classes_ - 1] = [0.0, model.intercept_[0]]
    else:
        for row, level in enumerate(model.classes_):
            ladder[:, level - 1] = model.coef_[row]
            bias[level - 1] = model.intercept_[row]
    return ladder, bias


def calibrate(gate: Floats, ladder: Floats, levels: Integers) -> Calibration:
    """Platt's slope and offset, the ladder's temperature and the threshold, from held-out logits.

    The threshold is the one with the highest F1 of commitment / none.
    """
    from scipy.optimize import minimize, minimize_scalar

    is_hit = (levels > 0).astype(float)

    def loss(parameters: Floats) -> float:
        z = parameters[0] * gate + parameters[1]
        return float(np.mean(np.logaddexp(0.0, z) - is_hit * z))

    slope, offset = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    hits = levels > 0
    inside, target = ladder[hits], levels[hits] - 1

    def cooled(temperature: float) -> float:
        z = inside / temperature
        return float(np.mean(np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), target]))

    temperature = float(minimize_scalar(cooled, bounds=(0.2, 5.0), method="bounded").x)
    probability = 1.0 / (1.0 + np.exp(-(slope * gate + offset)))
    threshold = best_threshold(probability, hits.astype(np.int64))
    return Calibration(float(slope), float(offset), temperature, threshold)


def best_threshold(probability: Floats, is_hit: Integers) -> float:
    """The probability cut with the highest F1, on a grid of hundredths."""
    best, chosen = -1.0, 0.5
    for cut in np.arange(0.15, 0.76, 0.01):
        called = probability >= cut
        true = float(np.sum(called & (is_hit > 0)))
        score = 2 * true / max(1.0, float(called.sum() + is_hit.sum()))
        if score > best + 1e-12:
            best, chosen = score, float(cut)
    return round(chosen, 2)


def held_out_logits(
    features: Sequence[UnitFeatures],
    levels: Integers,
    families: Sequence[str],
    documents: Sequence[str],
    sure: Integers,
    settings: FitSettings,
) -> tuple[Floats, Floats]:
    """Logits of every real unit from a model that saw nothing of its family.

    Written sentences (family "written") are in every training set; their rows stay NaN.
    """
    names = np.array(families)
    written = (names == "written").astype(np.int64)
    gate = np.full(len(levels), np.nan)
    ladder = np.full((len(levels), len(LADDER)), np.nan)
    for family in sorted(set(families) - {"written"}):
        train = np.flatnonzero(names != family)
        test = np.flatnonzero(names == family)
        chosen = [features[index] for index in train]
        vocabulary = build_vocabulary(chosen, [documents[index] for index in train], settings)
        weights = fit_weights(
            vocabulary.rows(chosen), levels[train], written[train], sure[train], settings
        )
        rows = vocabulary.rows([features[index] for index in test])
        gate[test], ladder[test] = logits(rows, weights)
    return gate, ladder
