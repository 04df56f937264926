"""How many commitments of each level there are, given what a model that errs has found.

A classifier's raw counts are wrong in proportion to its errors, and its errors differ from one
family of documents to the next. Here the counts are corrected by a linear adjusted count: to the
raw share of each level a rectifier is added, a weighted sum of the shares of units above each of
several scores and of those decided for each level. The weights are fitted to mixes drawn from
labelled families whose units were decided by models that had not seen their family: mixes as the
families are, and mixes in which the share of commitments and the levels are varied at will. The
adjusted count of Forman (2008) is the same with one score and no mixes; docs/counting.md has what
else was tried. Intervals are bootstrap intervals over families: each draw takes another family's
errors, with weights that had not seen that family.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collabnlp.errors import DataError
from collabnlp.schema import LADDER

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CLASSES = len(LADDER) + 1
EDGES: tuple[float, ...] = (0.01, 0.03, 0.1, 0.23, 0.4, 0.6, 0.8)
"""Scores between which units are sorted; a unit's column is its bin and its decided level."""
BINS = len(EDGES) + 1
COLUMNS = BINS * CLASSES

_PENALTY = 3e-3
_MIXES = 900
_ROUNDS, _NEAR = 25, 2e-3
_LEAST_FAMILIES = 5
# A mix may hold this many times as many units of a level as its families have.
_REPEATS = 4
# Families below these are errors' rows too few to be resampled by themselves.
_LEAST_UNITS, _LEAST_COMMITMENTS = 200, 9
# Units of the pooled rows that a family's own are smoothed by.
_SMOOTHING = 5.0
# Of the mix of levels: the rest is the raw mix.
_CORRECTED = 0.5
# Draws of the bootstrap, and mixes of each family by which its intervals are widened.
_DRAWS, _TRIALS = 400, 24
# Groups of the 11 figures that have one widening each.
_GROUPS = np.array([0] * (CLASSES - 1) + [1] + [2] * (CLASSES - 1))


@dataclass(frozen=True, slots=True)
class Shift:
    """From what mixes are drawn: the share of commitments evenly between two bounds, levels by a
    Dirichlet distribution with ``evenness`` (1: every mix of levels alike), and mix sizes."""

    least: float = 0.005
    most: float = 0.30
    evenness: float = 1.0
    sizes: tuple[int, ...] = (200, 500, 1000, 3000)
    families: tuple[int, ...] = (1, 1, 2, 3)


SHIFT = Shift()


def columns_of(scores: Floats, decided: Integers) -> Integers:
    """Column of each unit: ``scores`` are commitment probabilities, ``decided`` levels 0..5."""
    return np.digitize(scores, EDGES).astype(np.int64) * CLASSES + decided


def column_counts(scores: Floats, decided: Integers) -> Integers:
    """How many units each column has (`COLUMNS`)."""
    found = np.bincount(columns_of(scores, decided), minlength=COLUMNS)
    return found.astype(np.int64)


def decided_counts(columns: Any) -> Any:
    """Raw counts of the six classes (… × 6) from counts of columns (… × COLUMNS)."""
    return columns.reshape(*columns.shape[:-1], BINS, CLASSES).sum(axis=-2)


def _features(columns: Any) -> Any:
    """Shares of units above each edge, and decided for each level (… × 12)."""
    table = columns.reshape(*columns.shape[:-1], BINS, CLASSES)
    total = np.maximum(columns.sum(axis=-1, keepdims=True), 1)
    above = np.cumsum(table.sum(axis=-1)[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    return np.concatenate([above, table.sum(axis=-2)[..., 1:]], axis=-1) / total


@dataclass(frozen=True, slots=True)
class Mix:
    """Units drawn from families: true counts of the six classes and counts of columns, each a row
    for every family drawn from (families × 6, families × COLUMNS)."""

    families: tuple[int, ...]
    true: Integers
    columns: Integers


@dataclass(frozen=True)
class ErrorTables:
    """What a model decided on units of families that it had not seen.

    names   of the families
    counts  families × true class × column
    """

    names: tuple[str, ...]
    counts: Integers

    @cached_property
    def eligible(self) -> Integers:
        """Families large enough to stand for a document."""
        units = self.counts.sum(axis=(1, 2))
        commitments = self.counts[:, 1:].sum(axis=(1, 2))
        return np.flatnonzero((units >= _LEAST_UNITS) & (commitments >= _LEAST_COMMITMENTS))

    def only(self, family: int) -> ErrorTables:
        """One family by itself, large enough or not."""
        return ErrorTables((self.names[family],), self.counts[[family]])

    def without(self, families: Sequence[int]) -> ErrorTables:
        """The others."""
        kept = [at for at in range(len(self.names)) if at not in set(families)]
        return ErrorTables(tuple(self.names[at] for at in kept), self.counts[kept])

    @cached_property
    def rows(self) -> Floats:
        """Distribution of the columns given family and true class, smoothed by the pooled one."""
        pooled = self.counts.sum(axis=0) + 1e-9
        pooled = pooled / pooled.sum(axis=1, keepdims=True)
        smooth = self.counts + _SMOOTHING * pooled
        found: Floats = smooth / smooth.sum(axis=2, keepdims=True)
        return found

    def draw(self, random: np.random.Generator, shift: Shift = SHIFT) -> Mix:
        """A mix of some families with a share of commitments and levels of its own.

        No level has more than four times the units that the families drawn have of it.
        """
        wanted = min(int(random.choice(shift.families)), len(self.eligible))
        chosen = random.choice(self.eligible, wanted, replace=False)
        size = int(random.choice(shift.sizes))
        there = self.counts[chosen].sum(axis=2)
        mix = random.dirichlet(np.full(CLASSES - 1, shift.evenness)) * (there.sum(axis=0)[1:] > 0)
        true = np.zeros(CLASSES, dtype=np.int64)
        hits = round(size * random.uniform(shift.least, shift.most))
        true[1:] = np.minimum(
            random.multinomial(hits, mix / mix.sum()), _REPEATS * there.sum(axis=0)[1:]
        )
        true[0] = size - true[1:].sum()
        return self.fill(random, chosen, true, random.dirichlet(np.ones(wanted)))

    def either(self, random: np.random.Generator, shift: Shift, turn: int) -> Mix:
        """A shifted mix in every second turn, one of families as they are in the others."""
        if turn % 2:
            return self.draw(random, shift)
        return self.as_they_are(random, shift.sizes, int(random.choice(shift.families)))

    def as_they_are(self, random: np.random.Generator, sizes: Sequence[int], many: int) -> Mix:
        """A mix of some families in which nothing is shifted: units drawn as they come."""
        chosen = random.choice(self.eligible, min(many, len(self.eligible)), replace=False)
        size = int(random.choice(sizes)) // len(chosen)
        true = np.zeros((len(chosen), CLASSES), dtype=np.int64)
        columns = np.zeros((len(chosen), COLUMNS), dtype=np.int64)
        for at, family in enumerate(chosen):
            table = self.counts[family]
            found = random.multinomial(size, table.ravel() / table.sum()).reshape(table.shape)
            true[at], columns[at] = found.sum(axis=1), found.sum(axis=0)
        return Mix(tuple(int(it) for it in chosen), true, columns)

    def fill(
        self, random: np.random.Generator, chosen: Any, true: Integers, weights: Floats
    ) -> Mix:
        """Draw ``true`` units of the six classes from the families, each class by the weights of
        those that have it."""
        found = np.zeros((len(chosen), CLASSES), dtype=np.int64)
        columns = np.zeros((len(chosen), COLUMNS), dtype=np.int64)
        for level in range(CLASSES):
            has = weights * (self.counts[chosen, level].sum(axis=1) > 0)
            if not true[level] or not has.sum():
                continue
            found[:, level] = random.multinomial(true[level], has / has.sum())
            for at, family in enumerate(chosen):
                if found[at, level]:
                    row = self.counts[family, level]
                    columns[at] += random.multinomial(found[at, level], row / row.sum())
        return Mix(tuple(int(it) for it in chosen), found, columns)


def tables_of(
    families: Sequence[str], true: Integers, scores: Floats, decided: Integers
) -> ErrorTables:
    """The error tables of units: family, true class 0..5, commitment probability and decided
    class of each."""
    names = tuple(sorted(set(families)))
    counts = np.zeros((len(names), CLASSES, COLUMNS), dtype=np.int64)
    at = np.array([names.index(it) for it in families], dtype=np.int64)
    np.add.at(counts, (at, true, columns_of(scores, decided)), 1)
    return ErrorTables(names, counts)


def fit_weights(
    tables: ErrorTables, *, seed: int = 7, mixes: int = _MIXES, shift: Shift = SHIFT
) -> Floats:
    """Weights of the rectifier (13 × 6: intercept and features; levels and all commitments),
    fitted to mixes of which every second one is shifted."""
    random = np.random.default_rng(seed)
    drawn = [tables.either(random, shift, at) for at in range(mixes)]
    columns = np.stack([it.columns.sum(axis=0) for it in drawn])
    true = np.stack([it.true.sum(axis=0) for it in drawn])
    gaps = ((true - decided_counts(columns)) / true.sum(axis=1, keepdims=True))[:, 1:]
    gaps = np.column_stack([gaps, gaps.sum(axis=1)])
    features = _features(columns)
    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    scaled = np.column_stack([np.ones(mixes), (features - centre) / scale])
    found = np.column_stack([_least_absolute(scaled, gap) for gap in gaps.T])
    slopes = found[1:] / scale[:, None]
    return np.vstack([found[0] - centre @ slopes, slopes])


def _least_absolute(rows: Floats, wanted: Floats) -> Floats:
    """Coefficients of the least absolute error, by reweighted least squares with a small ridge;
    the first column of ``rows`` is the intercept. Shares are judged by their absolute error, and
    squares would give a few mixes with many commitments the say."""
    ridge = _PENALTY * len(rows) * np.eye(rows.shape[1])
    ridge[0, 0] = 0.0
    weights = np.ones(len(rows))
    for _ in range(_ROUNDS):
        weighed = rows * weights[:, None]
        found: Floats = np.linalg.solve(
            rows.T @ weighed + ridge * weights.mean(), weighed.T @ wanted
        )
        weights = 1.0 / np.maximum(np.abs(wanted - rows @ found), _NEAR)
    return found


def _apply(weights: Any, columns: Any) -> Any:
    """Raw shares of the five levels (… × 5), and rectified ones with, as a sixth, that of all
    commitments (… × 6); not yet bounded."""
    features = _features(columns)
    raw = features[..., len(EDGES) :]
    gap = weights[..., 0, :] + np.einsum("...f,...fl->...l", features, weights[..., 1:, :])
    return raw, gap + np.concatenate([raw, raw.sum(axis=-1, keepdims=True)], axis=-1)


def _joined(raw: Any, rectified: Any) -> Any:
    """Shares of the five levels: the rectified sum, parted by raw and rectified mix alike."""
    total = np.clip(rectified[..., -1:], 0.0, 1.0)
    corrected = _mix(np.clip(rectified[..., :-1], 0.0, None))
    found = _mix(raw)
    found = np.where(raw.sum(axis=-1, keepdims=True) > 0, found, corrected)
    return total * (_CORRECTED * corrected + (1.0 - _CORRECTED) * found)


def _mix(shares: Any) -> Any:
    return shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1e-12)


Sides = tuple[float, float]
_AS_DRAWN: tuple[Sides, Sides, Sides] = ((1.0, 1.0), (1.0, 1.0), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Corrected figures and their 95% intervals, 11 each: shares of units of the five levels, of
    all commitments, and shares of the commitments of the five levels."""

    figures: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Corrector:
    """The linear adjusted count of one model, ready to be applied.

    tables    its errors
    weights   fitted on all families (13 × 6)
    without   fitted without each family in turn (families × 13 × 6)
    widening  by how much intervals of levels, of all commitments and of levels among them reach
              lower and higher than the bootstrap's own, so that they hold 95% of the mixes of
              families left out
    """

    tables: ErrorTables
    weights: Floats
    without: Floats
    widening: tuple[Sides, Sides, Sides] = _AS_DRAWN

    def shares(self, columns: Integers, *, unseen: int | None = None) -> Floats:
        """Corrected shares of units of the five levels; ``columns`` has a row a document.
        ``unseen`` is a family that the weights used shall not have seen."""
        weights = self.weights if unseen is None else self.without[unseen]
        found: Floats = _joined(*_apply(weights, columns.sum(axis=0)))
        return found

    def estimate(
        self, columns: Integers, *, draws: int = _DRAWS, seed: int = 7, unseen: int | None = None
    ) -> Estimate:
        """Corrected shares with bootstrap intervals over families.

        ``columns`` has a row for each document (or set of versions, which err alike).
        """
        told = _figures(self.shares(columns, unseen=unseen))
        low, _, high = self._errors(columns, told, draws, seed, unseen, self.widening)
        return Estimate(
            told,
            np.clip(np.sqrt(told) + np.minimum(low, 0.0), 0.0, 1.0) ** 2,
            np.clip(np.sqrt(told) + np.maximum(high, 0.0), 0.0, 1.0) ** 2,
        )

    def _errors(
        self,
        columns: Integers,
        told: Floats,
        draws: int,
        seed: int,
        unseen: int | None,
        widening: tuple[Sides, Sides, Sides],
    ) -> tuple[Floats, Floats, Floats]:
        """How far the roots of true figures are from those told (each 11): 2.5%, 50%, 97.5%.

        Roots, for errors grow with a figure, but less than it does."""
        random = np.random.default_rng(seed)
        sizes = columns.sum(axis=1)
        total = max(1, int(sizes.sum()))
        six = np.append(max(0.0, 1.0 - told[CLASSES - 1]), told[: CLASSES - 1])
        six = six / six.sum()
        families = self.tables.eligible[self.tables.eligible != unseen]
        raw, rectified = np.zeros((draws, CLASSES - 1)), np.zeros((draws, CLASSES))
        true = np.zeros((draws, CLASSES - 1))
        for size in sizes[sizes > 0]:
            family = random.choice(families, draws)
            there = random.multinomial(int(size), six, size=draws)
            seen = np.zeros((draws, COLUMNS), dtype=np.int64)
            for level in range(CLASSES):
                seen += random.multinomial(there[:, level], self.tables.rows[family, level])
            own, better = _apply(self.without[family], seen)
            raw, rectified = raw + own * size / total, rectified + better * size / total
            true += there[:, 1:] / total
        said = _figures(_joined(raw, rectified))
        errors = np.sqrt(_figures(true)) - np.sqrt(said)
        low, middle, high = np.quantile(errors, [0.025, 0.5, 0.975], axis=0)
        lower, higher = np.array(widening)[_GROUPS].T
        return middle + lower * (low - middle), middle, middle + higher * (high - middle)

    def needed(self, mix: Mix, *, unseen: int, seed: int = 7) -> Floats:
        """By how much the bootstrap's intervals would have to reach lower and higher to hold what
        is true of a mix (2 × 11, as `Estimate`; 0 on the side where it is not)."""
        told = _figures(self.shares(mix.columns, unseen=unseen))
        low, middle, high = self._errors(mix.columns, told, _DRAWS // 2, seed, unseen, _AS_DRAWN)
        true = _figures(mix.true.sum(axis=0)[1:] / max(1, mix.true.sum()))
        error = np.sqrt(true) - np.sqrt(told)
        above = np.where(error > 0, (error - middle) / np.maximum(high - middle, 1e-9), 0.0)
        below = np.where(error < 0, (middle - error) / np.maximum(middle - low, 1e-9), 0.0)
        return np.stack([below, above])


def _figures(shares: Any) -> Any:
    """Shares of units of the levels with their sum and their mix (… × 11)."""
    return np.concatenate([shares, shares.sum(axis=-1, keepdims=True), _mix(shares)], axis=-1)


def fit(tables: ErrorTables, *, seed: int = 7, mixes: int = _MIXES, wide: bool = True) -> Corrector:
    """The corrector of some error tables; intervals are widened until they hold 95% of the mixes
    of each family in turn, unless ``wide`` is False. Raises DataError for too few families."""
    if len(tables.eligible) < _LEAST_FAMILIES:
        raise DataError(
            f"{len(tables.eligible)} families of documents are too few to correct counts by.",
            advice=f"Label documents of at least {_LEAST_FAMILIES}.",
        )
    size = (len(EDGES) + CLASSES, CLASSES)
    without = [
        fit_weights(tables.without([at]), seed=seed, mixes=mixes)
        if at in tables.eligible
        else np.zeros(size)
        for at in range(len(tables.names))
    ]
    found = Corrector(tables, fit_weights(tables, seed=seed, mixes=mixes), np.stack(without))
    return replace(found, widening=_widening(found, seed)) if wide else found


def _widening(corrector: Corrector, seed: int) -> tuple[Sides, Sides, Sides]:
    random = np.random.default_rng(seed)
    needed = []
    for family in corrector.tables.eligible:
        alone = corrector.tables.only(int(family))
        needed += [
            corrector.needed(alone.either(random, SHIFT, at), unseen=int(family), seed=seed + at)
            for at in range(_TRIALS)
        ]
    table = np.stack(needed)

    def reach(group: int) -> Sides:
        own = table[:, :, group == _GROUPS]
        low, high = (max(1.0, float(np.quantile(own[:, side], 0.975))) for side in (0, 1))
        return low, high

    return reach(0), reach(1), reach(2)
