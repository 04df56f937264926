"""Two sets of labels tried against each other: the same code, the same units, the same folds.

For each fold, a model is fitted on a set's units of all other folds and decides the frozen units
of the fold; calibration and threshold come from the set's own labels in the other folds, as those
of a finished model come from families held out. So nothing that is tested was trained on, and
what differs between two sets is their labels alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.errors import DataError
from collabnlp.schema import LADDER
from collabnlp.tagging.cues import read_cues
from collabnlp.tagging.features import FeatureReader, UnitView
from collabnlp.tagging.level_model import Calibration, decide
from collabnlp.training.candidates import Fold, Logits, two_stages
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.fit import FeatureTable, FitSettings, Targets, calibrate

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Integers

Key = tuple[str, UnitView]
Names = Any  # an array of names


def key_of(unit: LabelledUnit) -> Key:
    """What makes a unit the same in two sets: its id, and what a model sees of it."""
    return unit.id, unit.view


@dataclass(slots=True)
class _Set:
    """One set's labels on the rows of the pool; ``inside`` where it has the unit."""

    inside: Integers
    targets: Targets = field(repr=False)


class Trial:
    """Frozen units, and a pool of all units of the sets that are to be tried on them.

    ``partitions``: each names the fold of every family that is held out; units of other families
    (written sentences) are trained on in every fold. Every set is tried on each of them, so that
    what one unit here or there does by chance counts for less. ``jobs`` folds are fitted at once;
    the decisions are the same. Raises DataError where the frozen units lie in a single fold.
    """

    def __init__(
        self,
        frozen: Sequence[LabelledUnit],
        others: Iterable[LabelledUnit],
        partitions: Sequence[Mapping[str, str]],
        cue_text: str,
        *,
        settings: FitSettings | None = None,
        jobs: int = 1,
    ) -> None:
        self.frozen = list(frozen)
        self._settings = settings or FitSettings()
        self._jobs = jobs
        pool = {key_of(unit): unit for unit in self.frozen}
        for unit in others:
            pool.setdefault(key_of(unit), unit)
        units = list(pool.values())
        self._at = {key: at for at, key in enumerate(pool)}
        self._partitions = [
            np.array([folds.get(unit.family, "") for unit in units]) for folds in partitions
        ]
        if any(len(self._held(folds)) < 2 for folds in self._partitions):
            raise DataError(
                "The frozen units lie in a single fold, so none can be held out.",
                advice="Give more documents, of families in other folds.",
            )
        features = FeatureReader(read_cues(cue_text)).read([unit.view for unit in units])
        self._table = FeatureTable(features, [unit.document for unit in units], self._settings)

    def _held(self, folds: Names) -> list[str]:
        return sorted(set(folds[: len(self.frozen)].tolist()) - {""})

    @property
    def levels(self) -> Integers:
        """The frozen levels (0..5)."""
        return np.array([unit.level for unit in self.frozen], dtype=np.int64)

    @property
    def families(self) -> list[str]:
        """The family of each frozen unit."""
        return [unit.family for unit in self.frozen]

    def decide(self, training: Sequence[LabelledUnit]) -> Integers:
        """The levels (0..5) that models of this set decide for the frozen units: partitions × n.

        Raises DataError where the set has no commitment, or nothing else, outside a fold, and
        KeyError for a unit that is not in the pool.
        """
        from joblib import Parallel, delayed

        own = self._set(training)
        plan = [(folds, held) for folds in self._partitions for held in self._held(folds)]
        work = Parallel(
            n_jobs=self._jobs,
            return_as="generator",
            pre_dispatch="1.5*n_jobs",
            max_nbytes=None,
        )
        found = work(delayed(_logits)(self._fold(own, folds, held)) for folds, held in plan)
        return np.stack([self._decided(own, folds, found) for folds in self._partitions])

    def _decided(self, own: _Set, folds: Names, found: Iterator[Logits]) -> Integers:
        """The decisions of one partition, whose folds' logits come next in ``found``."""
        size, held_out = len(folds), self._held(folds)
        gate, ladder = np.full(size, np.nan), np.full((size, len(LADDER)), np.nan)
        for held in held_out:
            gate[folds == held], ladder[folds == held] = next(found)
        decided = np.zeros(size, dtype=np.int64)
        for held in held_out:
            chosen = (own.inside > 0) & (folds != held) & ~np.isnan(gate)
            levels = own.targets.levels[chosen]
            calibration = (
                calibrate(gate[chosen], ladder[chosen], levels) if levels.any() else Calibration()
            )
            there = folds == held
            decided[there] = decide(gate[there], ladder[there], calibration).decided
        return decided[: len(self.frozen)]

    def _set(self, training: Sequence[LabelledUnit]) -> _Set:
        size = len(self._at)
        targets = Targets(*(np.zeros(size, dtype=np.int64) for _ in range(3)))
        inside = np.zeros(size, dtype=np.int64)
        for unit in training:
            at = self._at[key_of(unit)]
            inside[at] = 1
            targets.levels[at] = unit.level
            targets.written[at], targets.sure[at] = unit.written, unit.sure
        return _Set(inside, targets)

    def _fold(self, own: _Set, folds: Names, held: str) -> Fold:
        train = np.flatnonzero((own.inside > 0) & (folds != held))
        kinds = set((own.targets.levels[train] > 0).tolist())
        if kinds != {True, False}:
            what = "commitments" if True not in kinds else "units that are none"
            raise DataError(f"The labels have no {what} outside {held}.", advice="Label some.")
        vocabulary, rows = self._table.vocabulary(train)
        test = np.flatnonzero(folds == held)
        runs = len(vocabulary.runs)
        return Fold(rows, own.targets, train, test, runs, self._settings, folds)


def _logits(fold: Fold) -> Logits:
    """On one thread: sums in one order, and no two folds fighting for the same cores."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        return two_stages(fold)


def regrouped(folds: Mapping[str, str], units: Sequence[LabelledUnit], seed: int) -> dict[str, str]:
    """The families in as many folds, dealt anew: those with the most commitments apart."""
    counts = dict.fromkeys(folds, 0)
    for unit in units:
        if unit.family in counts:
            counts[unit.family] += unit.level > 0
    names = sorted(set(folds.values()))
    draw = np.random.default_rng(seed)
    ordered = sorted(counts, key=lambda family: (-counts[family], family))
    found = {}
    for start in range(0, len(ordered), len(names)):
        dealt = ordered[start : start + len(names)]
        for family, at in zip(dealt, draw.permutation(len(names)), strict=False):
            found[family] = names[at]
    return found
