"""Train the level model. The same units, cues and name give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from collabnlp.identifiers import digest
from collabnlp.tagging.cues import read_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import LEVEL_NAMES, Calibration, LevelModel
from collabnlp.training.candidates import held_out, two_stages
from collabnlp.training.dataset import LabelledUnit, measurable
from collabnlp.training.fit import (
    FeatureTable,
    FitSettings,
    calibrate,
    fit_weights,
    targets_of,
)

_CODE: dict[str, tuple[str, ...]] = {
    "tagging": ("cues", "features", "level_model", "model_store", "predicates"),
    "training": ("candidates", "dataset", "fit", "train"),
}


def train(
    units: Sequence[LabelledUnit],
    cue_text: str,
    *,
    name: str,
    settings: FitSettings | None = None,
    calibration: Calibration | None = None,
    inputs: str = "",
) -> LevelModel:
    """Fit a model on all units.

    Without a ``calibration`` it is fitted on logits of families held out in turn. ``inputs`` is
    kept with the model, so that it can be seen whether it was made from the same (`inputs_digest`).
    """
    settings = settings or FitSettings()
    metadata = {**_metadata(units, settings), "inputs": inputs}
    units, _ = measurable(units)
    reader = FeatureReader(read_cues(cue_text))
    features = reader.read([unit.view for unit in units])
    table = FeatureTable(features, [unit.document for unit in units], settings)
    if calibration is None:
        calibration = cross_fitted(units, table, settings)
    vocabulary, rows = table.vocabulary(np.arange(len(units)))
    weights = fit_weights(rows, targets_of(units), settings)
    return LevelModel(name, reader, vocabulary, weights, calibration, metadata)


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
        "documents": sorted({unit.document for unit in units if not unit.written}),
        "labels_digest": digest([[unit.id, unit.view.text, unit.level] for unit in units]),
        "settings": {key: getattr(settings, key) for key in settings.__dataclass_fields__},
    }


def inputs_digest(units: Sequence[LabelledUnit], cue_text: str, name: str) -> str:
    """Digest of all that a training depends on: units, cues, settings, code and libraries."""
    package = Path(str(files("collabnlp")))
    code = {
        path.relative_to(package).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder, names in _CODE.items()
        for path in sorted((package / folder).glob("*.py"))
        if not names or path.stem in names
    }
    labels = [[asdict(unit.view), unit.level, unit.family, unit.sure] for unit in units]
    return digest(
        {
            "name": name,
            "cues": cue_text,
            "labels": labels,
            "settings": asdict(FitSettings()),
            "code": code,
            "libraries": {it: version(it) for it in ("numpy", "scikit-learn", "scipy")},
        }
    )
