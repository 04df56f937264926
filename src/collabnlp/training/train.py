"""Train the level model. The same units, cues and name give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from collabnlp.identifiers import digest
from collabnlp.tagging.cues import read_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import LEVEL_NAMES, Calibration, LevelModel
from collabnlp.training.candidates import held_out, two_stages
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.fit import (
    FeatureTable,
    FitSettings,
    Targets,
    calibrate,
    fit_weights,
)


def train(
    units: Sequence[LabelledUnit],
    cue_text: str,
    *,
    name: str,
    settings: FitSettings | None = None,
    calibration: Calibration | None = None,
) -> LevelModel:
    """Fit a model on all units.

    Without a ``calibration`` it is fitted on logits of families held out in turn.
    """
    settings = settings or FitSettings()
    reader = FeatureReader(read_cues(cue_text))
    features = reader.read([unit.view for unit in units])
    table = FeatureTable(features, [unit.document for unit in units], settings)
    if calibration is None:
        calibration = cross_fitted(units, table, settings)
    vocabulary, rows = table.vocabulary(np.arange(len(units)))
    weights = fit_weights(rows, targets_of(units), settings)
    return LevelModel(name, reader, vocabulary, weights, calibration, _metadata(units, settings))


def targets_of(units: Sequence[LabelledUnit]) -> Targets:
    """What the units' labels say, as arrays."""
    return Targets(
        levels=np.array([unit.level for unit in units], dtype=np.int64),
        written=np.array([unit.written for unit in units], dtype=np.int64),
        sure=np.array([unit.sure for unit in units], dtype=np.int64),
    )


def cross_fitted(
    units: Sequence[LabelledUnit], table: FeatureTable, settings: FitSettings
) -> Calibration:
    """The calibration of logits of real units, each from a model that saw nothing of its family."""
    targets = targets_of(units)
    families = [unit.family for unit in units]
    gate, ladder = held_out(two_stages, table, targets, families, settings)
    real = ~np.isnan(gate)
    return calibrate(gate[real], ladder[real], targets.levels[real])


def _metadata(units: Sequence[LabelledUnit], settings: FitSettings) -> dict[str, Any]:
    counts = {
        source: {
            level: sum(unit.level == index and unit.written == is_written for unit in units)
            for index, level in enumerate(LEVEL_NAMES)
        }
        for source, is_written in (("real", False), ("written", True))
    }
    return {
        "units": counts,
        "documents": sorted({unit.document for unit in units}),
        "labels_digest": digest([[unit.id, unit.view.text, unit.level] for unit in units]),
        "settings": {key: getattr(settings, key) for key in settings.__dataclass_fields__},
    }
