"""Fit the level model: vocabulary, gate, ladder, calibration. Seeded, sorted, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.schema import LADDER
from collabnlp.tagging.features import UnitFeatures
from collabnlp.tagging.level_model import (
    Calibration,
    LevelScores,
    Vocabulary,
    Weights,
    decide,
    probability,
)
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.measures import coverage

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from collabnlp.tagging.level_model import Floats, Integers


REVIEWED_F1 = 0.85
"""F1 of commitment / none that the model and its reviewers should reach together."""

MOST_READ = 0.25
"""The largest share of all units that reviewers are asked to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """What is chosen before fitting; the defaults are the result of docs/model.md.

    gate_c, ladder_c   inverse strength of the L2 penalty of the two stages
    written_weight, written_ladder_weight  of a written sentence beside a real one
    positive_weight    of a commitment beside a unit that is none
    unsure_weight      of a label that its reader was not sure of
    balance            0: levels weigh as they occur; 1: each level weighs the same
    run_scale, flag_scale  length of a unit's word runs, value of a flag
    ratio_low, ratio_high  bounds of the log ratios by which columns are scaled in the gate
    min_units, min_documents  in how many a run or flag must occur to have a column
    """

    gate_c: float = 0.2
    ratio_low: float = 0.2
    ratio_high: float = 3.0
    ladder_c: float = 1.0
    written_weight: float = 0.05
    written_ladder_weight: float = 0.7
    positive_weight: float = 1.0
    balance: float = 0.5
    unsure_weight: float = 0.5
    run_scale: float = 3.0
    flag_scale: float = 0.5
    min_units: int = 3
    min_documents: int = 2
    seed: int = 7


class FeatureTable:
    """The features of all labelled units as counts, so that many models are fitted quickly.

    The vocabulary of a model is made of its training units alone.
    """

    def __init__(
        self, features: Sequence[UnitFeatures], documents: Sequence[str], settings: FitSettings
    ) -> None:
        from scipy.sparse import csr_matrix

        self._settings = settings
        self.features = features
        self.runs, self._counts = _count_table([Counter(one.runs) for one in features], settings)
        self.flags, self._flags = _count_table([Counter(one.flags) for one in features], settings)
        names = {name: index for index, name in enumerate(sorted(set(documents)))}
        size = len(documents)
        self._documents = csr_matrix(
            (np.ones(size), ([names[name] for name in documents], np.arange(size))),
            shape=(len(names), size),
        )

    def vocabulary(self, train: Integers) -> tuple[Vocabulary, csr_matrix]:
        """The vocabulary of some units, and the rows of all units in it.

        The rows equal those that `Vocabulary.rows` makes at run time.
        """
        from scipy.sparse import csr_matrix, diags, hstack

        settings = self._settings
        runs, frequency = self._kept(self._counts, train)
        flags, _ = self._kept(self._flags, train)
        idf = np.log((1 + len(train)) / (1 + frequency[runs])) + 1.0
        table = self._counts[:, runs].copy()
        table.data = 1.0 + np.log(table.data)
        table = table @ diags(idf)
        length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
        length[length == 0.0] = 1.0
        table = diags(settings.run_scale / length) @ table
        rows = csr_matrix(hstack([table, self._flags[:, flags] * settings.flag_scale]))
        vocabulary = Vocabulary(
            runs={self.runs[run]: column for column, run in enumerate(runs)},
            flags={self.flags[flag]: len(runs) + at for at, flag in enumerate(flags)},
            idf=idf,
            run_scale=settings.run_scale,
            flag_scale=settings.flag_scale,
        )
        return vocabulary, rows

    def _kept(self, counts: csr_matrix, train: Integers) -> tuple[Integers, Floats]:
        """Columns in enough units and documents of the training set; units of every column."""
        present = counts[train].copy()
        present.data[:] = 1.0
        units = np.asarray(present.sum(axis=0)).ravel()
        by_document = self._documents[:, train] @ present
        by_document.data[:] = 1.0
        documents = np.asarray(by_document.sum(axis=0)).ravel()
        # Of a single document, everything stands in one.
        least = min(
            self._settings.min_documents,
            len(np.flatnonzero(self._documents[:, train].getnnz(axis=1))),
        )
        enough = (units >= self._settings.min_units) & (documents >= least)
        return np.flatnonzero(enough), units


def _count_table(
    counters: Sequence[Counter[str]], settings: FitSettings
) -> tuple[list[str], csr_matrix]:
    """Names in enough units, sorted, and how often each unit has them."""
    from scipy.sparse import csr_matrix

    units: Counter[str] = Counter()
    for counter in counters:
        units.update(counter.keys())
    names = sorted(name for name, count in units.items() if count >= settings.min_units)
    columns = {name: column for column, name in enumerate(names)}
    starts, at, values = [0], list[int](), list[int]()
    for counter in counters:
        for name, count in counter.items():
            column = columns.get(name)
            if column is not None:
                at.append(column)
                values.append(count)
        starts.append(len(at))
    shape = (len(counters), len(names))
    table = csr_matrix((np.array(values, dtype=float), at, starts), shape=shape)
    table.sort_indices()
    return names, table


@dataclass(frozen=True, slots=True)
class Targets:
    """Of every unit: level (0..5), 1 where written for the project, 1 where the reader was sure."""

    levels: Integers
    written: Integers
    sure: Integers

    def of(self, chosen: Integers) -> Targets:
        """Those of some units."""
        return Targets(self.levels[chosen], self.written[chosen], self.sure[chosen])


def targets_of(units: Sequence[LabelledUnit]) -> Targets:
    """What the units' labels say, as arrays."""
    return Targets(
        levels=np.array([unit.level for unit in units], dtype=np.int64),
        written=np.array([unit.written for unit in units], dtype=np.int64),
        sure=np.array([unit.sure for unit in units], dtype=np.int64),
    )


def unit_weights(targets: Targets, settings: FitSettings) -> Floats:
    """The weight of each unit in the gate."""
    weights = np.where(targets.levels > 0, settings.positive_weight, 1.0)
    weights = weights * np.where(targets.written > 0, settings.written_weight, 1.0)
    return np.asarray(weights * np.where(targets.sure > 0, 1.0, settings.unsure_weight))


def level_weights(targets: Targets, settings: FitSettings) -> Floats:
    """The weight of each commitment in the ladder, balanced as the settings say."""
    base = np.where(targets.written > 0, settings.written_ladder_weight, 1.0)
    base = base * np.where(targets.sure > 0, 1.0, settings.unsure_weight)
    shares = np.array([max(base[targets.levels == level].sum(), 1e-9) for level in range(1, 6)])
    factor = (shares.sum() / (len(LADDER) * shares)) ** settings.balance
    return np.asarray(base * factor[targets.levels - 1])


def fit_weights(rows: csr_matrix, targets: Targets, settings: FitSettings) -> Weights:
    """The two stages' weights. One thread: faster on few columns, and always the same sums."""
    from scipy.sparse import diags
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    is_hit = targets.levels > 0
    hits = np.flatnonzero(is_hit)
    weights = unit_weights(targets, settings)
    scale = log_ratios(rows, is_hit, weights, settings)
    with threadpool_limits(1):
        gate = LogisticRegression(
            C=settings.gate_c, solver="liblinear", random_state=settings.seed, tol=1e-4
        )
        gate.fit(rows @ diags(scale), is_hit.astype(int), sample_weight=weights)
        inside = targets.of(hits)
        ladder, bias = fit_ladder(
            rows[hits], inside.levels, level_weights(inside, settings), settings
        )
    return Weights(
        gate.coef_[0].astype(np.float64) * scale, float(gate.intercept_[0]), ladder, bias
    )


def log_ratios(rows: csr_matrix, is_hit: Any, weights: Floats, settings: FitSettings) -> Floats:
    """How much each column tells by itself: |ln| of its shares in commitments and in the rest.

    Scaling columns so before the fit (Wang and Manning, 2012) lets the penalty spare those that
    tell much; the weights are scaled back, so run time knows nothing of it.
    """
    present = rows.copy()
    present.data[:] = 1.0
    hit = np.asarray(present.T @ (weights * is_hit)).ravel() + 1.0
    rest = np.asarray(present.T @ (weights * ~is_hit)).ravel() + 1.0
    ratios = np.abs(np.log((hit / hit.sum()) / (rest / rest.sum())))
    return np.asarray(np.clip(ratios, settings.ratio_low, settings.ratio_high))


def fit_ladder(
    table: csr_matrix, levels: Integers, weights: Floats, settings: FitSettings
) -> tuple[Floats, Floats]:
    """Multinomial weights over the five levels (columns × 5) and biases.

    A level without an example gets a bias that rules it out.
    """
    from sklearn.linear_model import LogisticRegression

    ladder = np.zeros((table.shape[1], len(LADDER)))
    bias = np.full(len(LADDER), -30.0)
    found = sorted(set(levels.tolist()))
    if len(found) < 2:
        bias[np.array(found, dtype=int) - 1] = 0.0
        return ladder, bias
    model = LogisticRegression(C=settings.ladder_c, solver="lbfgs", max_iter=300, tol=1e-4)
    model.fit(table, levels, sample_weight=weights)
    if len(model.classes_) == 2:
        ladder[:, model.classes_[1] - 1] = model.coef_[0]
        bias[model.classes_ - 1] = [0.0, model.intercept_[0]]
    else:
        ladder[:, model.classes_ - 1] = model.coef_.T
        bias[model.classes_ - 1] = model.intercept_
    return ladder, bias


def calibrate(gate: Floats, ladder: Floats, levels: Integers) -> Calibration:
    """Platt's slope and offset, the ladder's temperature and the cuts, from held-out logits.

    The threshold is the one with the highest F1 of commitment / none; ``sure`` leaves as many
    units to the model as `REVIEWED_F1` allows.
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
    threshold = best_threshold(probability(gate, slope, offset), hits.astype(np.int64))
    found = Calibration(float(slope), float(offset), temperature, threshold)
    return replace(found, sure=surest_cut(decide(gate, ladder, found), levels))


def surest_cut(scores: LevelScores, levels: Integers) -> float:
    """The sureness below which units are for people, so that F1, theirs read right, reaches
    `REVIEWED_F1`; they are asked to read `MOST_READ` of all units at most."""
    sureness = scores.sureness
    shares = np.linspace(1.0, 1.0 - MOST_READ, round(100 * MOST_READ) + 1).tolist()
    found = coverage(sureness, levels, scores.decided, shares)
    left = next((share for share, f1, _ in found if f1 >= REVIEWED_F1), shares[-1])
    return float(np.sort(sureness)[len(sureness) - max(1, round(left * len(sureness)))])


def best_threshold(shares: Floats, is_hit: Integers) -> float:
    """The probability cut with the highest F1, on a grid of hundredths."""
    best, chosen = -1.0, 0.5
    for cut in np.arange(0.15, 0.76, 0.01):
        called = shares >= cut
        true = float(np.sum(called & (is_hit > 0)))
        score = 2 * true / max(1.0, float(called.sum() + is_hit.sum()))
        if score > best + 1e-12:
            best, chosen = score, float(cut)
    return round(chosen, 2)
