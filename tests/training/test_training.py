"""Training: the run-time scorer equals scikit-learn, bytes repeat, families are held out."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from collabnlp.errors import DataError
from collabnlp.tagging.cues import default_cue_text, default_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import Calibration, LevelModel
from collabnlp.tagging.model_store import load_model, save_model
from collabnlp.training import evaluate as evaluation
from collabnlp.training import train as training
from collabnlp.training.candidates import CANDIDATES, Fold, held_out, two_stages
from collabnlp.training.dataset import LabelledUnit, read_labels, read_written
from collabnlp.training.fit import FeatureTable, FitSettings, calibrate, unit_weights

SETTINGS = FitSettings(min_units=2)


def small(labelled: list[LabelledUnit]) -> LevelModel:
    return training.train(
        labelled, default_cue_text(), name="small-1", settings=SETTINGS, calibration=Calibration()
    )


def table_of(labelled: list[LabelledUnit]) -> FeatureTable:
    features = FeatureReader(default_cues()).read([unit.view for unit in labelled])
    return FeatureTable(features, [unit.document for unit in labelled], SETTINGS)


def test_training_rows_are_run_time_rows(labelled: list[LabelledUnit]) -> None:
    table = table_of(labelled)
    vocabulary, rows = table.vocabulary(np.arange(len(labelled)))
    made = vocabulary.rows(table.features)
    dense = np.zeros(rows.shape)
    for at in range(len(made)):
        own = slice(made.starts[at], made.starts[at + 1])
        dense[at, made.columns[own]] = made.values[own]
    assert np.abs(dense - rows.toarray()).max() < 1e-12


def test_run_time_probabilities_are_those_of_scikit_learn(labelled: list[LabelledUnit]) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    model = small(labelled)
    table = table_of(labelled)
    vectoriser = TfidfVectorizer(
        analyzer=lambda one: one.runs, vocabulary=dict(model.vocabulary.runs), sublinear_tf=True
    )
    runs = vectoriser.fit_transform(table.features).toarray() * SETTINGS.run_scale
    flags = np.zeros((len(labelled), len(model.vocabulary.flags)))
    for at, one in enumerate(table.features):
        for flag in one.flags:
            if flag in model.vocabulary.flags:
                flags[at, model.vocabulary.flags[flag] - runs.shape[1]] = SETTINGS.flag_scale
    targets = training.targets_of(labelled)
    gate = LogisticRegression(
        C=SETTINGS.gate_c, solver="liblinear", random_state=SETTINGS.seed, tol=1e-4
    )
    gate.coef_ = model.weights.gate[None, :]
    gate.intercept_ = np.array([model.weights.gate_bias])
    gate.classes_ = np.array([0, 1])
    expected = gate.predict_proba(np.hstack([runs, flags]))[:, 1]
    found = model.predict([unit.view for unit in labelled]).commitment
    assert np.abs(found - expected).max() < 1e-9
    fresh = LogisticRegression(
        C=SETTINGS.gate_c, solver="liblinear", random_state=SETTINGS.seed, tol=1e-8, max_iter=2000
    ).fit(
        np.hstack([runs, flags]), targets.levels > 0, sample_weight=unit_weights(targets, SETTINGS)
    )
    assert np.abs(found - fresh.predict_proba(np.hstack([runs, flags]))[:, 1]).max() < 0.01


def test_training_twice_gives_the_same_bytes(labelled: list[LabelledUnit], tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_model(small(labelled), default_cue_text(), tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert load_model(tmp_path / "a").name == "small-1"


def test_it_learns_what_it_is_shown(labelled: list[LabelledUnit]) -> None:
    model = small(labelled)
    decided = model.predict([unit.view for unit in labelled]).decided
    assert np.mean(decided == [unit.level for unit in labelled]) > 0.95


def test_a_family_is_not_seen_by_its_own_model(labelled: list[LabelledUnit]) -> None:
    """Turning every label of a family over changes nothing of what is said about it."""
    families = [unit.family for unit in labelled]
    own = np.array(families) == "family-0"
    turned = [
        replace(unit, level=0 if unit.level else 2) if unit.family == "family-0" else unit
        for unit in labelled
    ]
    table = table_of(labelled)
    found = [
        held_out(two_stages, table, training.targets_of(units), families, SETTINGS)[0][own]
        for units in (labelled, turned)
    ]
    assert found[0].tolist() == found[1].tolist()


def test_written_sentences_are_trained_on_and_never_measured(labelled: list[LabelledUnit]) -> None:
    units = [
        replace(unit, family="written", document="written-a") if unit.family == "family-0" else unit
        for unit in labelled
    ]
    families = [unit.family for unit in units]
    gate, _ = held_out(two_stages, table_of(units), training.targets_of(units), families, SETTINGS)
    assert np.isnan(gate).tolist() == [family == "written" for family in families]


def test_calibration_mends_overconfidence() -> None:
    random = np.random.default_rng(5)
    true_logit = random.normal(-2, 1.5, 4000)
    levels = (random.uniform(size=4000) < 1 / (1 + np.exp(-true_logit))).astype(np.int64)
    fitted = calibrate(3.0 * true_logit + 1.0, random.normal(size=(4000, 5)), levels)
    assert fitted.slope == pytest.approx(1 / 3, abs=0.05)
    assert fitted.offset == pytest.approx(-1 / 3, abs=0.15)
    assert 0.15 <= fitted.threshold <= 0.75


@pytest.mark.parametrize("name", list(CANDIDATES))
def test_every_candidate_beats_chance(name: str, labelled: list[LabelledUnit]) -> None:
    table = table_of(labelled)
    targets = training.targets_of(labelled)
    names = np.array([unit.family for unit in labelled])
    train, test = np.flatnonzero(names != "family-0"), np.flatnonzero(names == "family-0")
    vocabulary, rows = table.vocabulary(train)
    fold = Fold(rows, targets, train, test, len(vocabulary.runs), SETTINGS)
    gate, ladder = CANDIDATES[name](fold)
    hit = targets.levels[test] > 0
    assert gate[hit].mean() > gate[~hit].mean()
    assert np.mean(ladder[hit].argmax(axis=1) + 1 == targets.levels[test][hit]) > 0.4


def test_the_report_has_every_way(labelled: list[LabelledUnit]) -> None:
    found = evaluation.evaluate(labelled, [], candidates=tuple(CANDIDATES)[:1], settings=SETTINGS)
    text = "\n".join([*evaluation.tables(found), *evaluation.worst(found, 2)])
    for words in ("two-stage logistic", "cue rules alone", "majority", "family-3", "have_regard"):
        assert words in text


def _labels(folder: Path, document: str, rows: list[dict[str, object]]) -> Path:
    (folder / "labels").mkdir()
    lines = "\n".join(json.dumps(row) for row in rows)
    (folder / "labels" / f"{document}.jsonl").write_text(lines + "\n", encoding="utf-8")
    with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [
                ["id", "family", "kind"],
                ["port-act", "ports", "Act"],
                ["edwp-2024", "edwp", "white paper"],
            ]
        )
    return folder / "labels"


def test_labels_are_read_with_their_surroundings(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": "1", "text": "One:", "level": "none", "heading": "A > B"},
        {"id": "2", "text": "Two.", "level": "lead", "sure": False, "num": "1.a"},
    ]
    first, second = read_labels(_labels(tmp_path, "port-act", rows), tmp_path / "documents.csv")
    assert first.view.headings == ("A", "B") and first.view.following == "Two."
    assert second.view.previous == "One:" and second.level == 5 and not second.sure
    assert second.view.statutory and second.family == "ports"


@pytest.mark.parametrize(
    ("document", "level", "words"),
    [
        ("edwp-2024", "none", "test paper"),
        ("unknown", "none", "no document"),
        ("port-act", "odd", "unknown level"),
    ],
)
def test_wrong_labels_are_refused(tmp_path: Path, document: str, level: str, words: str) -> None:
    folder = _labels(tmp_path, document, [{"id": "1", "text": "One.", "level": level}])
    with pytest.raises(DataError, match=words):
        read_labels(folder, tmp_path / "documents.csv")


def test_written_sentences_are_a_family_of_their_own(tmp_path: Path) -> None:
    row = {
        "id": "w1",
        "text": "We will help ports.",
        "level": "support",
        "doc_kind": "Bill",
        "heading": "",
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (unit,) = read_written(tmp_path)
    assert unit.written and unit.view.statutory and unit.level == 2
    assert read_written(tmp_path / "missing") == []
