"""The model at run time and on disk: the same probabilities, the same bytes, refusals by name."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from collabnlp.errors import ModelError
from collabnlp.tagging.cues import default_cue_text, default_cues
from collabnlp.tagging.features import FeatureReader, UnitView
from collabnlp.tagging.level_model import Calibration, LevelModel, Vocabulary, Weights, decide
from collabnlp.tagging.model_store import find_model, load_model, model_names, save_model

TEXTS = ("We will work with councils.", "We will explore ferries.", "Ports, ports and ports.", "—")


@pytest.fixture(scope="module")
def model() -> LevelModel:
    reader = FeatureReader(default_cues())
    features = reader.read([UnitView(text=text) for text in TEXTS])
    runs = sorted({run for one in features for run in one.runs})
    flags = sorted({flag for one in features for flag in one.flags})
    random = np.random.default_rng(3)
    width = len(runs) + len(flags)
    return LevelModel(
        name="small-1",
        reader=reader,
        vocabulary=Vocabulary(
            runs={run: at for at, run in enumerate(runs)},
            flags={flag: len(runs) + at for at, flag in enumerate(flags)},
            idf=random.uniform(1, 5, len(runs)),
            run_scale=2.0,
            flag_scale=0.5,
        ),
        weights=Weights(
            random.normal(size=width), -0.3, random.normal(size=(width, 5)), np.ones(5)
        ),
        calibration=Calibration(0.9, -0.1, 1.3, 0.4),
        metadata={"note": "made for a test"},
    )


def views() -> list[UnitView]:
    return [UnitView(text=text) for text in TEXTS]


def test_scores_by_hand(model: LevelModel) -> None:
    """The sums of the model, written out for each unit."""
    scores = model.predict(views())
    for at, one in enumerate(model.reader.read(views())):
        counts = Counter(one.runs)
        values = {
            run: (1 + math.log(count)) * model.vocabulary.idf[model.vocabulary.runs[run]]
            for run, count in counts.items()
        }
        length = math.sqrt(sum(value**2 for value in values.values())) or 1.0
        gate, ladder = model.weights.gate_bias, model.weights.ladder_bias.copy()
        for run, value in values.items():
            column = model.vocabulary.runs[run]
            gate += 2.0 * value / length * model.weights.gate[column]
            ladder += 2.0 * value / length * model.weights.ladder[column]
        for flag in one.flags:
            column = model.vocabulary.flags[flag]
            gate += 0.5 * model.weights.gate[column]
            ladder += 0.5 * model.weights.ladder[column]
        assert scores.commitment[at] == pytest.approx(
            1 / (1 + math.exp(-(0.9 * gate - 0.1))), abs=1e-9
        )
        shares = np.exp(ladder / 1.3) / np.exp(ladder / 1.3).sum()
        assert scores.levels[at] == pytest.approx(shares, abs=1e-9)


def test_what_the_vocabulary_does_not_know_is_left_out(model: LevelModel) -> None:
    scores = model.predict([UnitView(text="Zyx wvu."), UnitView(text="")])
    assert np.isfinite(scores.commitment).all()
    assert scores.levels.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_a_unit_scores_the_same_alone_and_among_others(model: LevelModel) -> None:
    together = model.predict(views()).commitment
    alone = [model.predict([view]).commitment[0] for view in views()]
    assert together == pytest.approx(alone, abs=1e-12)


def test_the_threshold_decides() -> None:
    gate, ladder = np.array([-1.0, 1.0]), np.array([[0.0, 1, 2, 3, 9], [9.0, 1, 2, 3, 0]])
    assert decide(gate, ladder, Calibration(threshold=0.5)).decided.tolist() == [0, 1]
    assert decide(gate, ladder, Calibration(threshold=0.2)).decided.tolist() == [5, 1]


def test_saved_and_loaded_it_says_the_same(model: LevelModel, tmp_path: Path) -> None:
    save_model(model, default_cue_text(), tmp_path / "a")
    save_model(model, default_cue_text(), tmp_path / "b")
    for name in ("model.json", "vocabulary.json", "weights.npy", "cues.toml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    loaded = load_model(tmp_path / "a")
    assert loaded.name == "small-1"
    assert loaded.predict(views()).commitment.tolist() == model.predict(views()).commitment.tolist()
    assert loaded.predict(views()).levels.tolist() == model.predict(views()).levels.tolist()


def _edit(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        description = json.loads((folder / "model.json").read_text())
        change(description)
        (folder / "model.json").write_text(json.dumps(description))

    return edit


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "weights.npy").write_bytes(b"other"), "damaged"),
        (lambda folder: (folder / "cues.toml").unlink(), "lacks"),
        (lambda folder: (folder / "model.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "model.json").unlink(), "cannot be read"),
        (_edit(lambda it: it.update(protocol=999)), "protocol 999"),
        (_edit(lambda it: it.pop("digests")), "damaged"),
        (_edit(lambda it: it.pop("biases")), "fit together"),
        (_edit(lambda it: it.update(levels=["none"])), "fit together"),
    ],
)
def test_a_model_that_is_not_whole_is_refused(
    model: LevelModel, tmp_path: Path, damage: Callable[[Path], None], words: str
) -> None:
    save_model(model, default_cue_text(), tmp_path)
    damage(tmp_path)
    with pytest.raises(ModelError, match=words) as error:
        load_model(tmp_path)
    assert error.value.advice


def test_pickled_weights_are_not_run(model: LevelModel, tmp_path: Path) -> None:
    import hashlib

    save_model(model, default_cue_text(), tmp_path)
    np.save(tmp_path / "weights.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    description = json.loads((tmp_path / "model.json").read_text())
    data = (tmp_path / "weights.npy").read_bytes()
    description["digests"]["weights.npy"] = hashlib.sha256(data).hexdigest()
    (tmp_path / "model.json").write_text(json.dumps(description))
    with pytest.raises(ModelError):
        load_model(tmp_path)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ModelError, match="no model"):
        find_model("../level")


def test_the_shipped_model_loads_without_heavy_libraries() -> None:
    import subprocess
    import sys

    assert "level" in model_names()
    code = (
        "import sys\nfrom collabnlp.tagging.tagger import load_tagger\n"
        "print(load_tagger('level').name)\nprint(*sorted(sys.modules))"
    )
    lines = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[0].startswith("level-")
    loaded = {module.split(".")[0] for module in lines[1].split()}
    assert not loaded & {"sklearn", "scipy", "pandas", "torch", "spacy"}


def test_the_shipped_model_reads_the_cues_it_was_trained_with() -> None:
    """Cues that are changed must be trained with before they ship."""
    shipped = (find_model("level") / "cues.toml").read_text(encoding="utf-8")
    assert shipped == default_cue_text()


def test_cue_weights_follow_the_model(model: LevelModel) -> None:
    (features,) = model.reader.read([UnitView(text=TEXTS[0])])
    work = next(one for one in features.found if one.cue.name == "work_with")
    column = model.vocabulary.flags["cue=work_with"]
    gate = model.weights.gate.copy()
    gate[column] += 4.0
    heavier = replace(model, weights=replace(model.weights, gate=gate))
    rise = heavier.cue_weight(work, 2) - model.cue_weight(work, 2)
    assert rise == pytest.approx(4.0 * model.vocabulary.flag_scale)
