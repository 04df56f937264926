"""The ways of deciding that are compared with the level model, all on families held out in turn.

Every function takes a `Fold` and returns logits of the units held out: the gate's (n) and the
ladder's (n × 5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from collabnlp.schema import LADDER
from collabnlp.tagging.features import UnitFeatures
from collabnlp.training.fit import (
    FeatureTable,
    FitSettings,
    Targets,
    fit_ladder,
    fit_weights,
    level_weights,
    unit_weights,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from collabnlp.tagging.level_model import Floats, Integers

Logits = tuple["Floats", "Floats"]


@dataclass(frozen=True, slots=True)
class Fold:
    """One family held out: rows of all units, which train and which test.

    ``runs`` is the number of leading columns that are word runs; the rest are flags. ``families``
    is an array with the name of every unit's family.
    """

    rows: csr_matrix
    targets: Targets
    train: Integers
    test: Integers
    runs: int
    settings: FitSettings
    families: Any


def two_stages(fold: Fold) -> Logits:
    """The level model itself."""
    weights = fit_weights(fold.rows[fold.train], fold.targets.of(fold.train), fold.settings)
    test = fold.rows[fold.test]
    return test @ weights.gate + weights.gate_bias, test @ weights.ladder + weights.ladder_bias


def runs_alone(fold: Fold) -> Logits:
    """TF-IDF of words and pairs with one logistic regression over six classes."""
    return _six_classes(fold, fold.rows[:, : fold.runs])


def one_stage(fold: Fold) -> Logits:
    """One logistic regression over six classes on the model's own features."""
    return _six_classes(fold, fold.rows)


def _six_classes(fold: Fold, rows: csr_matrix) -> Logits:
    from sklearn.linear_model import LogisticRegression

    targets = fold.targets.of(fold.train)
    model = LogisticRegression(C=1.0, solver="lbfgs", max_iter=300)
    model.fit(rows[fold.train], targets.levels, sample_weight=unit_weights(targets, fold.settings))
    shares = np.full((len(fold.test), len(LADDER) + 1), 1e-9)
    shares[:, model.classes_] = np.clip(model.predict_proba(rows[fold.test]), 1e-9, 1.0)
    hit = shares[:, 1:].sum(axis=1)
    return np.log(hit / shares[:, 0]), np.log(shares[:, 1:])


def ordinal(fold: Fold) -> Logits:
    """The model's gate; the ladder as four cumulative logistic regressions ("above level k?")."""
    from sklearn.linear_model import LogisticRegression

    gate, _ = two_stages(fold)
    targets = fold.targets.of(fold.train)
    hits = np.flatnonzero(targets.levels > 0)
    inside = targets.of(hits)
    weights = level_weights(inside, fold.settings)
    rows = fold.rows[fold.train][hits]
    above = np.zeros((len(fold.test), len(LADDER) + 1))
    above[:, 0] = 1.0
    for step in range(1, len(LADDER)):
        is_above = (inside.levels > step).astype(int)
        if is_above.min() == is_above.max():
            above[:, step] = float(is_above[0])
            continue
        model = LogisticRegression(C=fold.settings.ladder_c, solver="liblinear", random_state=7)
        model.fit(rows, is_above, sample_weight=weights)
        above[:, step] = model.predict_proba(fold.rows[fold.test])[:, 1]
    above = np.minimum.accumulate(above, axis=1)
    return gate, np.log(np.clip(above[:, :-1] - above[:, 1:], 1e-6, 1.0))


def support_vectors(fold: Fold) -> Logits:
    """A linear support vector machine as gate (Platt's calibration follows); the model's ladder."""
    from sklearn.svm import LinearSVC

    targets = fold.targets.of(fold.train)
    machine = LinearSVC(C=0.1, random_state=7)
    machine.fit(
        fold.rows[fold.train],
        targets.levels > 0,
        sample_weight=unit_weights(targets, fold.settings),
    )
    hits = np.flatnonzero(targets.levels > 0)
    inside = targets.of(hits)
    ladder, bias = fit_ladder(
        fold.rows[fold.train][hits],
        inside.levels,
        level_weights(inside, fold.settings),
        fold.settings,
    )
    test = fold.rows[fold.test]
    return machine.decision_function(test) * 2.0, test @ ladder + bias


MODEL = "two-stage logistic (the model)"

CANDIDATES: Mapping[str, Callable[[Fold], Logits]] = {
    MODEL: two_stages,
    "one-stage logistic, six classes": one_stage,
    "two-stage, ordinal ladder": ordinal,
    "two-stage, linear SVM gate": support_vectors,
    "baseline: TF-IDF, six classes": runs_alone,
}


def held_out(
    candidate: Callable[[Fold], Logits],
    table: FeatureTable,
    targets: Targets,
    families: Sequence[str],
    settings: FitSettings,
    trained_on: Mapping[str, frozenset[str]] | None = None,
    jobs: int = 1,
) -> Logits:
    """Logits of every real unit from a model that saw nothing of its family; NaN for written.

    ``trained_on`` names the families that each family's model sees; by default all others.
    ``jobs`` families are held out at once; the result is the same.
    """
    from joblib import Parallel, delayed

    names = np.array(families)
    gate = np.full(len(names), np.nan)
    ladder = np.full((len(names), len(LADDER)), np.nan)
    held = sorted(set(families) - {"written"})

    def fold_of(family: str) -> Fold:
        seen = names != family
        if trained_on is not None:
            seen &= np.isin(names, sorted(trained_on[family]))
        train, test = np.flatnonzero(seen), np.flatnonzero(names == family)
        vocabulary, rows = table.vocabulary(train)
        return Fold(rows, targets, train, test, len(vocabulary.runs), settings, names)

    work = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="1.5*n_jobs", max_nbytes=None)
    found = work(delayed(_on_one_thread)(candidate, fold_of(family)) for family in held)
    for family, logits in zip(held, found, strict=True):
        gate[names == family], ladder[names == family] = logits
    return gate, ladder


def _on_one_thread(candidate: Callable[[Fold], Logits], fold: Fold) -> Logits:
    """Sums in one order, and no two folds fighting for the same cores."""
    with threadpool_limits(1):
        return candidate(fold)


def cue_rules(features: Sequence[UnitFeatures]) -> Integers:
    """Cues without a model: the highest level whose wording is forward-looking, unhedged and
    names somebody; ``explore`` where a hedge alone does."""
    decided = []
    for one in features:
        phrases = [it for it in one.found if it.cue.kind == "phrase" and it.cue.level is not None]
        levels = [_step(it.cue.level) for it in phrases if it.counts and it.partner]
        hedged = any(it.hedged and it.partner and it.tense != "plain" for it in phrases)
        decided.append(max(levels) if levels else int(hedged))
    return np.array(decided, dtype=np.int64)


def _step(level: str | None) -> int:
    return [str(it) for it in LADDER].index(str(level)) + 1
