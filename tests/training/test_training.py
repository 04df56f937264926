"""Training: the run-time scorer equals scikit-learn, bytes repeat, families are held out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from collabnlp.errors import DataError
from collabnlp.tagging.cues import default_cue_text, default_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import Calibration, LevelModel, LevelScores
from collabnlp.tagging.model_store import load_model, save_model
from collabnlp.training import train as training
from collabnlp.training.candidates import MODEL, Fold, held_out, two_stages
from collabnlp.training.dataset import LabelledUnit, labelled_units, measurable
from collabnlp.training.evaluate import MAIN, STACKING, WAYS, Bench, evaluate
from collabnlp.training.fit import (
    FeatureTable,
    FitSettings,
    calibrate,
    log_ratios,
    surest_cut,
    targets_of,
    unit_weights,
)
from collabnlp.training.report import in_pairs, tables, worst
from collabnlp.training.studies import studies

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
    targets = targets_of(labelled)
    gate = LogisticRegression(
        C=SETTINGS.gate_c, solver="liblinear", random_state=SETTINGS.seed, tol=1e-4
    )
    gate.coef_ = model.weights.gate[None, :]
    gate.intercept_ = np.array([model.weights.gate_bias])
    gate.classes_ = np.array([0, 1])
    expected = gate.predict_proba(np.hstack([runs, flags]))[:, 1]
    found = model.predict([unit.view for unit in labelled]).commitment
    assert np.abs(found - expected).max() < 1e-9
    # The gate is fitted on columns scaled by what each tells by itself.
    table_rows = np.hstack([runs, flags])
    weights = unit_weights(targets, SETTINGS)
    sparse = table.vocabulary(np.arange(len(labelled)))[1]
    scale = log_ratios(sparse, targets.levels > 0, weights, SETTINGS)
    fresh = LogisticRegression(
        C=SETTINGS.gate_c, solver="liblinear", random_state=SETTINGS.seed, tol=1e-8, max_iter=2000
    ).fit(table_rows * scale, targets.levels > 0, sample_weight=weights)
    assert np.abs(found - fresh.predict_proba(table_rows * scale)[:, 1]).max() < 0.01


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
        held_out(two_stages, table, targets_of(units), families, SETTINGS)[0][own]
        for units in (labelled, turned)
    ]
    assert found[0].tolist() == found[1].tolist()


def test_written_sentences_are_trained_on_and_never_measured(labelled: list[LabelledUnit]) -> None:
    units = [
        replace(unit, family="written", document="written-a") if unit.family == "family-0" else unit
        for unit in labelled
    ]
    families = [unit.family for unit in units]
    gate, _ = held_out(two_stages, table_of(units), targets_of(units), families, SETTINGS)
    assert np.isnan(gate).tolist() == [family == "written" for family in families]


def test_calibration_mends_overconfidence() -> None:
    random = np.random.default_rng(5)
    true_logit = random.normal(-2, 1.5, 4000)
    levels = (random.uniform(size=4000) < 1 / (1 + np.exp(-true_logit))).astype(np.int64)
    fitted = calibrate(3.0 * true_logit + 1.0, random.normal(size=(4000, 5)), levels)
    assert fitted.slope == pytest.approx(1 / 3, abs=0.05)
    assert fitted.offset == pytest.approx(-1 / 3, abs=0.15)
    assert 0.15 <= fitted.threshold <= 0.75


@pytest.mark.parametrize("name", list(WAYS))
def test_every_candidate_beats_chance(name: str, labelled: list[LabelledUnit]) -> None:
    table = table_of(labelled)
    targets = targets_of(labelled)
    names = np.array([unit.family for unit in labelled])
    train, test = np.flatnonzero(names != "family-0"), np.flatnonzero(names == "family-0")
    vocabulary, rows = table.vocabulary(train)
    fold = Fold(rows, targets, train, test, len(vocabulary.runs), SETTINGS, names)
    gate, ladder = WAYS[name](fold)
    hit = targets.levels[test] > 0
    assert gate[hit].mean() > gate[~hit].mean()
    assert np.mean(ladder[hit].argmax(axis=1) + 1 == targets.levels[test][hit]) > 0.4


def test_stacking_learns_from_the_other_families(labelled: list[LabelledUnit]) -> None:
    found = evaluate(Bench(labelled, default_cue_text(), SETTINGS), (*MAIN, STACKING))
    levels, stacked = found.levels, found.ways[STACKING].decided
    assert np.mean((stacked > 0) == (levels > 0)) > 0.8
    assert found.ways[STACKING].shares is not None


def test_the_report_has_every_way(labelled: list[LabelledUnit]) -> None:
    found = evaluate(Bench(labelled, default_cue_text(), SETTINGS), (MODEL,))
    text = "\n".join([*tables(found), *in_pairs(found), *worst(found, 2)])
    words = ("real documents", "two-stage logistic", "cue rules alone", "majority", "family-3")
    for word in (*words, "have_regard", "missed by", "less the model", "one reading, sure"):
        assert word in text


def test_the_studies_measure_every_unit_once(labelled: list[LabelledUnit]) -> None:
    units = [
        replace(unit, view=replace(unit.view, kind="act")) if unit.family == "family-1" else unit
        for unit in labelled
    ]
    bench = Bench(units, default_cue_text(), SETTINGS)
    lines = list(studies(bench, evaluate(bench, (MODEL,))))
    by_name = {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in lines}
    for name in ("all", "without predicates", "without written sentences", "50% of families"):
        assert by_name[name][1] == str(len(units))
    assert sum(int(by_name[it][1]) for it in ("on statute", "on policy")) == len(units)
    assert by_name["100%"][1] == by_name["all"][5]


def test_written_sentences_alone_are_held_out_by_subject(labelled: list[LabelledUnit]) -> None:
    written = [
        replace(
            unit, family="written", view=replace(unit.view, headings=(f"Subject {number % 9}",))
        )
        for number, unit in enumerate(labelled)
    ]
    parted, real = measurable(written)
    assert not real and 1 < len({unit.family for unit in parted}) <= 5
    by_heading: dict[tuple[str, ...], set[str]] = {}
    for unit in parted:
        by_heading.setdefault(unit.view.headings, set()).add(unit.family)
    assert all(len(families) == 1 for families in by_heading.values())
    assert measurable([*written, labelled[0]])[1]
    model = training.train(written, default_cue_text(), name="small-1", settings=SETTINGS)
    assert model.metadata["units"]["real"]["none"] == 0 and model.calibration != Calibration()


def row(**changed: object) -> dict[str, object]:
    """A row of the corpus table."""
    return {
        **{"id": "port-act:1", "source": "real", "document": "port-act", "family": "ports"},
        **{"split": "fold-1", "doc_kind": "Act", "text": "Ministers must consult ports."},
        **{"headings": ["A", "B"], "previous": "One:", "following": "", "kind": "provision"},
        **{"region": "quoted", "level": "support", "sure": False, "standing": "disputed"},
        "duplicate_of": None,
        **changed,
    }


def test_rows_of_the_table_are_read_with_their_surroundings() -> None:
    written = row(id="w1", source="written", family="written-1", split="train")
    found = labelled_units(
        [written, row(), row(duplicate_of="x:1"), row(document="edwp-2024", split="test")]
    )
    assert [unit.id for unit in found] == ["port-act:1", "w1"]
    unit, sentence = found
    assert unit.view.headings == ("A", "B") and unit.view.previous == "One:"
    assert unit.view.statutory and str(unit.view.region) == "quoted"
    assert (unit.level, unit.sure, unit.standing, unit.family) == (2, False, "disputed", "ports")
    assert sentence.written and not unit.written


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"document": "edwp-2024"}, "test paper"),
        ({"level": "odd"}, "odd"),
        ({"region": "odd"}, "odd"),
        ({"duplicate_of": "x:1"}, "no labelled units"),
    ],
)
def test_wrong_rows_are_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        labelled_units([row(**changed)])


def test_another_label_is_another_input(labelled: list[LabelledUnit]) -> None:
    def made(units: list[LabelledUnit], cues: str = "", name: str = "level-1") -> str:
        return training.inputs_digest(units, cues, name)

    turned = [replace(labelled[0], level=3), *labelled[1:]]
    assert made(labelled) == made(list(labelled))
    assert len({made(labelled), made(turned), made(labelled, "x"), made(labelled, name="b")}) == 4


def scores_of(commitment: list[float], decided: list[int]) -> LevelScores:
    ladder = np.tile([0.0, 1.0, 0.0, 0.0, 0.0], (len(commitment), 1))
    return LevelScores(np.array(commitment), ladder, np.array(decided))


def test_people_read_no_more_than_is_needed_for_the_f1_that_is_wanted() -> None:
    # Ten right commitments; four wrong ones, of which the model is least sure.
    commitment = [0.95] * 10 + [0.55, 0.57, 0.6, 0.65] + [0.02] * 86
    levels = np.array([2] * 10 + [0] * 90)
    decided = [2] * 14 + [0] * 86
    cut = surest_cut(scores_of(commitment, decided), levels)
    # With one of the four read, F1 is 20 / 23 = .87: three are left to the model.
    assert 0.55 < cut <= 0.57


def test_people_read_nothing_where_the_model_is_good_enough_and_never_more_than_a_quarter() -> None:
    right = scores_of([0.9] * 10 + [0.1] * 90, [2] * 10 + [0] * 90)
    assert surest_cut(right, np.array([2] * 10 + [0] * 90)) <= 0.9
    sureness = np.linspace(0.5, 0.99, 100)
    wrong = scores_of(sureness.tolist(), [2] * 100)
    cut = surest_cut(wrong, np.zeros(100, dtype=np.int64))
    assert np.sum(wrong.sureness < cut) <= 25
