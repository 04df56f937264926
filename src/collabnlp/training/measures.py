"""Measures of a level model, all from one table of counts: true level × decided level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.tagging.level_model import LEVEL_NAMES

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Floats, Integers

CLASSES = len(LEVEL_NAMES)
PAIRED = ("F1", "macro-F1", "kappa")
ERROR = "classwise ECE"


def confusion(true: Integers, decided: Integers, weights: Floats | None = None) -> Any:
    """Counts, or sums of weights, true level (rows) × decided level (columns), ``none`` first."""
    flat = np.bincount(true * CLASSES + decided, weights, minlength=CLASSES * CLASSES)
    return flat.reshape(CLASSES, CLASSES)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def precision(counts: Integers) -> float:
    """Of commitment / none."""
    return _share(float(counts[1:, 1:].sum()), float(counts[:, 1:].sum()))


def recall(counts: Integers) -> float:
    """Of commitment / none."""
    return _share(float(counts[1:, 1:].sum()), float(counts[1:].sum()))


def commitment_f1(counts: Integers) -> float:
    """Of commitment / none."""
    found = float(counts[1:, 1:].sum())
    return _share(2 * found, float(counts[:, 1:].sum() + counts[1:].sum()))


def level_f1(counts: Integers) -> list[float]:
    """F1 of each of the five levels over all units: a commitment called none counts as missed."""
    return [
        _share(2.0 * float(counts[at, at]), float(counts[at].sum() + counts[:, at].sum()))
        for at in range(1, CLASSES)
    ]


def macro_f1(counts: Integers) -> float:
    """Mean of `level_f1` over the five levels; a level that never occurs counts as 0."""
    return float(np.mean(level_f1(counts)))


def weighted_kappa(counts: Integers) -> float:
    """Quadratic-weighted kappa of the level over units that truth and model call commitments."""
    inside = counts[1:, 1:].astype(float)
    total = inside.sum()
    if not total:
        return 0.0
    steps = np.arange(CLASSES - 1)
    cost = (steps[:, None] - steps[None, :]) ** 2
    chance = inside.sum(axis=1)[:, None] * inside.sum(axis=0)[None, :] / total
    expected = float((cost * chance).sum())
    return 1.0 - float((cost * inside).sum()) / expected if expected else 0.0


def one_step_share(counts: Integers) -> float:
    """Of level errors on units that truth and model call commitments, those of one step."""
    inside = counts[1:, 1:]
    near = float(np.trace(inside, 1) + np.trace(inside, -1))
    return _share(near, float(inside.sum() - np.trace(inside)))


MEASURES: dict[str, Callable[[Integers], float]] = {
    "precision": precision,
    "recall": recall,
    "F1": commitment_f1,
    "macro-F1": macro_f1,
    "kappa": weighted_kappa,
    "one step": one_step_share,
}


def calibration_error(probability: Floats, true: Integers, bins: int = 10) -> float:
    """Expected calibration error of the commitment probability, in ten bins of equal width."""
    at = np.minimum((probability * bins).astype(int), bins - 1)
    hits = (true > 0).astype(float)
    error = 0.0
    for one in range(bins):
        chosen = at == one
        if chosen.any():
            gap = abs(float(probability[chosen].mean()) - float(hits[chosen].mean()))
            error += gap * float(chosen.mean())
    return error


def classwise_error(shares: Floats, true: Integers) -> list[float]:
    """`calibration_error` of each of the six classes' probabilities (n × 6), ``none`` first."""
    return [
        calibration_error(shares[:, at], (true == at).astype(np.int64)) for at in range(CLASSES)
    ]


def pinned_figures(true: Integers, decided: Integers, shares: Floats) -> dict[str, float]:
    """The figures that floors are set for: commitment F1, macro-F1, kappa, the F1 of each level,
    and the mean classwise calibration error (the only one that should be low)."""
    counts = confusion(true, decided)
    return {
        **{name: MEASURES[name](counts) for name in PAIRED},
        **dict(zip(LEVEL_NAMES[1:], level_f1(counts), strict=True)),
        ERROR: float(np.mean(classwise_error(shares, true))),
    }


def coverage(
    sureness: Floats, true: Integers, decided: Integers, shares: Sequence[float]
) -> list[tuple[float, float, float]]:
    """Commitment F1 and macro-F1 where only the surest share of units is left to the model.

    ``sureness`` of each unit, higher is surer; people read the rest, and are taken to be right.
    """
    order = np.argsort(-sureness, kind="stable")
    found = []
    for share in shares:
        kept = order[: max(1, round(share * len(order)))]
        said = true.copy()
        said[kept] = decided[kept]
        counts = confusion(true, said)
        found.append((share, commitment_f1(counts), macro_f1(counts)))
    return found


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one way's figure is higher than another's, its 95% interval, and the share of
    draws (0..1) in which it is."""

    by: Interval
    better: float


def paired(
    true: Integers,
    decided: Integers,
    against: Integers,
    families: Sequence[str],
    *,
    measures: Mapping[str, Callable[[Integers], float]] | None = None,
    rounds: int = 2000,
    seed: int = 7,
) -> dict[str, Difference]:
    """By how much ``decided`` is better than ``against``: both measured on the same families in
    every draw, so that what is hard for both counts for neither. Without ``measures``, those of
    `PAIRED`."""
    measures = measures or {name: MEASURES[name] for name in PAIRED}
    names = np.array(families)
    own = [names == name for name in sorted(set(families))]
    first = np.stack([confusion(true[it], decided[it]) for it in own])
    second = np.stack([confusion(true[it], against[it]) for it in own])
    draws = np.random.default_rng(seed).integers(0, len(own), size=(rounds, len(own)))
    found = {}
    sums = [(first[it].sum(axis=0), second[it].sum(axis=0)) for it in draws]
    for name, measure in measures.items():
        gaps = np.array([measure(own_sum) - measure(other_sum) for own_sum, other_sum in sums])
        low, high = np.quantile(gaps, [0.025, 0.975])
        by = measure(first.sum(axis=0)) - measure(second.sum(axis=0))
        found[name] = Difference(Interval(by, float(low), float(high)), float(np.mean(gaps > 0)))
    return found


def by_family(
    true: Integers,
    decided: Integers,
    families: Sequence[str],
    *,
    weights: Floats | None = None,
    rounds: int = 2000,
    seed: int = 7,
) -> dict[str, Interval]:
    """Each measure over all units, with a bootstrap interval over families of documents."""
    names = np.array(families)
    own = [names == name for name in sorted(set(families))]
    tables = np.stack(
        [confusion(true[it], decided[it], None if weights is None else weights[it]) for it in own]
    )
    random = np.random.default_rng(seed)
    draws = random.integers(0, len(tables), size=(rounds, len(tables)))
    samples = [tables[draw].sum(axis=0) for draw in draws]
    pooled = tables.sum(axis=0)
    found = {}
    for name, measure in MEASURES.items():
        low, high = np.quantile([measure(sample) for sample in samples], [0.025, 0.975])
        found[name] = Interval(measure(pooled), float(low), float(high))
    return found
