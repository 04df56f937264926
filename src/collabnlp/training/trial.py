"""Two sets of labels tried against each other: the same code, the same units, the same folds.

For each fold, a model is fitted on a set's units of all other folds and decides the frozen units
of the fold; calibration and threshold come from the set's own labels in the other folds, as those
of a finished model come from families held out. So nothing that is tested was trained on, and
what differs between two sets is their labels alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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

    ``folds`` names the fold of each family that is held out; units of other families (written
    sentences) are trained on in every fold. ``jobs`` folds are fitted at once; the decisions are
    the same. Raises DataError where the frozen units lie in fewer than two folds.
    """

    def __init__(
        self,
        frozen: Sequence[LabelledUnit],
        others: Iterable[LabelledUnit],
        folds: Mapping[str, str],
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
        self._folds = np.array([folds.get(unit.family, "") for unit in units])
        self._held = sorted(set(self._folds[: len(self.frozen)].tolist()) - {""})
        if len(self._held) < 2:
            raise DataError(
                "The frozen units lie in a single fold, so none can be held out.",
                advice="Give more documents, of families in other folds.",
            )
        features = FeatureReader(read_cues(cue_text)).read([unit.view for unit in units])
        self._table = FeatureTable(features, [unit.document for unit in units], self._settings)

    @property
    def levels(self) -> Integers:
        """The frozen levels (0..5)."""
        return np.array([unit.level for unit in self.frozen], dtype=np.int64)

    @property
    def families(self) -> list[str]:
        """The family of each frozen unit."""
        return [unit.family for unit in self.frozen]

    def decide(self, training: Sequence[LabelledUnit]) -> Integers:
        """The levels (0..5) that models of this set decide for the frozen units, in their order.

        Raises DataError where the set has no commitment, or nothing else, outside a fold, and
        KeyError for a unit that is not in the pool.
        """
        from joblib import Parallel, delayed

        own = self._set(training)
        work = Parallel(n_jobs=self._jobs, return_as="generator", max_nbytes=None)
        found = work(delayed(_logits)(self._fold(own, held)) for held in self._held)
        size = len(self._folds)
        gate, ladder = np.full(size, np.nan), np.full((size, len(LADDER)), np.nan)
        for held, logits in zip(self._held, found, strict=True):
            gate[self._folds == held], ladder[self._folds == held] = logits
        decided = np.zeros(size, dtype=np.int64)
        for held in self._held:
            chosen = (own.inside > 0) & (self._folds != held) & ~np.isnan(gate)
            levels = own.targets.levels[chosen]
            calibration = (
                calibrate(gate[chosen], ladder[chosen], levels) if levels.any() else Calibration()
            )
            there = self._folds == held
            decided[there] = decide(gate[there], ladder[there], calibration).decided
        return decided[: len(self.frozen)]

    def _set(self, training: Sequence[LabelledUnit]) -> _Set:
        size = len(self._folds)
        targets = Targets(*(np.zeros(size, dtype=np.int64) for _ in range(3)))
        inside = np.zeros(size, dtype=np.int64)
        for unit in training:
            at = self._at[key_of(unit)]
            inside[at] = 1
            targets.levels[at] = unit.level
            targets.written[at], targets.sure[at] = unit.written, unit.sure
        return _Set(inside, targets)

    def _fold(self, own: _Set, held: str) -> Fold:
        train = np.flatnonzero((own.inside > 0) & (self._folds != held))
        kinds = set((own.targets.levels[train] > 0).tolist())
        if kinds != {True, False}:
            what = "commitments" if True not in kinds else "units that are none"
            raise DataError(f"The labels have no {what} outside {held}.", advice="Label some.")
        vocabulary, rows = self._table.vocabulary(train)
        test = np.flatnonzero(self._folds == held)
        runs = len(vocabulary.runs)
        return Fold(rows, own.targets, train, test, runs, self._settings, self._folds)


def _logits(fold: Fold) -> Logits:
    """On one thread: sums in one order, and no two folds fighting for the same cores."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        return two_stages(fold)
