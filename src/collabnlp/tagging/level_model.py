"""The level model at run time: a vocabulary, weights, and sums of products. NumPy alone.

Two stages. The gate says whether a unit is a commitment; the ladder says which of the five levels
it is, supposing that it is one. Both are linear in the same features. The gate's logit is
calibrated by ``slope`` and ``offset``, the ladder's logits by ``temperature``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collabnlp.schema import LADDER
from collabnlp.tagging.features import CueFound, FeatureReader, UnitFeatures, UnitView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows of a sparse matrix: row ``i`` has ``columns[starts[i]:starts[i + 1]]``."""

    starts: Integers
    columns: Integers
    values: Floats
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def times(self, weights: Floats) -> Floats:
        """The product with one weight a column, or with a table (columns of the matrix first)."""
        import numpy as np

        rows = np.repeat(np.arange(len(self)), np.diff(self.starts))
        if weights.ndim == 1:
            products = self.values * weights[self.columns]
            return np.bincount(rows, products, minlength=len(self)).astype(np.float64)
        return np.stack([self.times(column) for column in weights.T], axis=1)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which word runs and flags have a column.

    Columns of runs come first, in the order of ``runs``, then those of ``flags``. A run weighs
    (1 + ln count) × inverse document frequency, a unit's runs scaled to length 1 and multiplied
    by ``run_scale``; a flag weighs ``flag_scale``.
    """

    runs: Mapping[str, int]
    flags: Mapping[str, int]
    idf: Floats
    run_scale: float = 1.0
    flag_scale: float = 1.0

    @property
    def width(self) -> int:
        return len(self.runs) + len(self.flags)

    def rows(self, features: Sequence[UnitFeatures]) -> SparseRows:
        """The features as rows; what the vocabulary does not know is left out."""
        import numpy as np

        starts, columns, values = [0], list[int](), list[float]()
        idf: list[float] = self.idf.tolist()
        runs, flags = self.runs, self.flags
        for one in features:
            counts = Counter(map(runs.get, one.runs))
            counts.pop(None, None)
            begin = len(values)
            squares = 0.0
            for column, count in counts.items():
                assert column is not None
                value = (1.0 + math.log(count)) * idf[column] if count > 1 else idf[column]
                columns.append(column)
                values.append(value)
                squares += value * value
            if squares:
                scale = self.run_scale / math.sqrt(squares)
                values[begin:] = [value * scale for value in values[begin:]]
            for flag in one.flags:
                at = flags.get(flag)
                if at is not None:
                    columns.append(at)
                    values.append(self.flag_scale)
            starts.append(len(columns))
        return SparseRows(
            np.asarray(starts, dtype=np.int64),
            np.asarray(columns, dtype=np.int64),
            np.asarray(values, dtype=np.float64),
            self.width,
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """gate: one a column; ladder: columns × 5 levels, ascending; biases beside them."""

    gate: Floats
    gate_bias: float
    ladder: Floats
    ladder_bias: Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """From logits to decisions, all fitted on families of documents that the weights never saw.

    threshold  commitment probability from which a unit counts as a commitment, 0..1
    sure       highest of the six probabilities from which a unit is left to the model, 0..1:
               where people read what lies below, F1 reaches what `fit.REVIEWED_F1` asks for
    """

    slope: float = 1.0
    offset: float = 0.0
    temperature: float = 1.0
    threshold: float = 0.5
    sure: float = 0.5


@dataclass(frozen=True, slots=True)
class LevelScores:
    """Per unit: commitment probability (n), level probabilities given a commitment (n × 5),
    and the level decided (n): 0 for none, 1..5 for the ladder."""

    commitment: Floats
    levels: Floats
    decided: Integers

    @property
    def sureness(self) -> Floats:
        """The highest of each unit's six probabilities (n), ``none`` among them."""
        import numpy as np

        highest: Floats = self.commitment * self.levels.max(axis=1)
        return np.maximum(1.0 - self.commitment, highest)


@dataclass(frozen=True)
class LevelModel:
    """A trained model. ``name`` is what records carry ("level-2026.11")."""

    name: str
    reader: FeatureReader
    vocabulary: Vocabulary
    weights: Weights
    calibration: Calibration
    metadata: Mapping[str, Any]

    def predict(self, views: Sequence[UnitView]) -> LevelScores:
        """Scores of units in reading order."""
        return self.score(self.reader.read(views))

    def score(self, features: Sequence[UnitFeatures]) -> LevelScores:
        """Scores of units whose features are read already."""
        return decide(*logits(self.vocabulary.rows(features), self.weights), self.calibration)

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return self.vocabulary.flags

    def cue_weight(self, found: CueFound, level: int) -> float:
        """What a cue adds, in log-odds: to "commitment", and to its level against the other four.

        ``level`` is 1..5. Counts the flags that this cue alone raises.
        """
        ladder = self.weights.ladder
        total = 0.0
        for flag in _flags_of(found):
            column = self._columns.get(flag)
            if column is not None:
                rise = ladder[column, level - 1] - float(ladder[column].mean())
                total += float(self.weights.gate[column]) + float(rise)
        return total * self.vocabulary.flag_scale

    def run_weights(self, features: UnitFeatures, level: int) -> dict[str, float]:
        """What each known plain word run adds in log-odds, as `cue_weight` for cues."""
        vocabulary, ladder = self.vocabulary, self.weights.ladder
        rows = vocabulary.rows([features])
        by_column = dict(zip(rows.columns.tolist(), rows.values.tolist(), strict=True))
        weights = {}
        for run in set(features.runs):
            column = vocabulary.runs.get(run)
            if column is None:
                continue
            rise = float(self.weights.gate[column])
            rise += float(ladder[column, level - 1] - ladder[column].mean())
            weights[run] = rise * by_column[column]
        return weights


def _flags_of(found: CueFound) -> tuple[str, ...]:
    name, level = found.cue.name, found.cue.level
    flags = [f"cue={name}", f"cue={name}|{found.tense}", f"level={level}|{found.tense}"]
    flags.append(f"level={level}|{found.tense}|{'partner' if found.partner else 'nobody'}")
    if found.partner:
        flags.append(f"cue={name}|partner")
    if found.hedged:
        flags.append(f"cue={name}|hedged")
    if found.counts:
        flags.append(f"counts={level}")
        if found.partner:
            flags.append(f"counts={level}|partner")
    return tuple(flags)


def logits(rows: SparseRows, weights: Weights) -> tuple[Floats, Floats]:
    """The gate's logits (n) and the ladder's (n × 5), before calibration."""
    gate = rows.times(weights.gate) + weights.gate_bias
    return gate, rows.times(weights.ladder) + weights.ladder_bias


def probability(gate: Floats, slope: float, offset: float) -> Floats:
    """Calibrated commitment probabilities, 0..1."""
    import numpy as np

    inside: Floats = 1.0 / (1.0 + np.exp(-np.clip(slope * gate + offset, -500.0, 500.0)))
    return inside


def decide(gate: Floats, ladder: Floats, calibration: Calibration) -> LevelScores:
    """Probabilities and levels from logits."""
    import numpy as np

    commitment = probability(gate, calibration.slope, calibration.offset)
    scaled = ladder / calibration.temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    levels = scaled / scaled.sum(axis=1, keepdims=True)
    decided = np.where(commitment >= calibration.threshold, levels.argmax(axis=1) + 1, 0)
    return LevelScores(commitment, levels, decided.astype(np.int64))


LEVEL_NAMES: tuple[str, ...] = ("none", *(str(level) for level in LADDER))
