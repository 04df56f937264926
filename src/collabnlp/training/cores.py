"""Training on several cores: the model of `training.train`, to the byte, in less time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from collabnlp.tagging.cues import read_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.training.candidates import held_out, two_stages
from collabnlp.training.dataset import LabelledUnit, measurable
from collabnlp.training.fit import FeatureTable, FitSettings, calibrate, targets_of
from collabnlp.training.train import inputs_digest, train

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import LevelModel


def cores() -> int:
    """How many there are for this process."""
    from joblib import cpu_count

    return int(cpu_count())


def train_on_cores(
    units: Sequence[LabelledUnit], cue_text: str, *, name: str, jobs: int = 0
) -> LevelModel:
    """`training.train` with its inputs noted, ``jobs`` families held out at once for the
    calibration (0: as many as there are cores)."""
    settings = FitSettings()
    parted, _ = measurable(units)
    features = FeatureReader(read_cues(cue_text)).read([unit.view for unit in parted])
    table = FeatureTable(features, [unit.document for unit in parted], settings)
    targets = targets_of(parted)
    families = [unit.family for unit in parted]
    gate, ladder = held_out(two_stages, table, targets, families, settings, jobs=jobs or cores())
    real = ~np.isnan(gate)
    calibration = calibrate(gate[real], ladder[real], targets.levels[real])
    inputs = inputs_digest(units, cue_text, name)
    return train(units, cue_text, name=name, calibration=calibration, inputs=inputs)
