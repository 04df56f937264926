"""Likely label errors: planted ones come first, and the ladder's distance has its say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from collabnlp.identifiers import normalised
from collabnlp.tagging.cues import default_cue_text
from collabnlp.training.dataset import WRITTEN, LabelledUnit
from collabnlp.training.surprise import fold_of, surprise, surprises

PLANTED = {"0-co_create-2": 0, "1-none-1": 4, "2-have_regard-4": 1, "3-none-31": 3}


def test_planted_errors_come_first(labelled: list[LabelledUnit]) -> None:
    """Four units get a wrong level, and every other unit of their texts the same."""
    texts = {normalised(it.view.text): PLANTED[it.id] for it in labelled if it.id in PLANTED}
    assert len(texts) == len(PLANTED)
    wrong = [replace(it, level=texts.get(normalised(it.view.text), it.level)) for it in labelled]
    planted = {it.id for it in wrong if normalised(it.view.text) in texts}
    found = surprises(wrong, default_cue_text())
    assert len(found) == len(labelled)
    assert {name for name, _, _ in found[: len(planted)]} == planted
    assert all(given < 0.2 for name, _, given in found if name in planted)
    scores = [score for _, score, _ in found]
    assert scores == sorted(scores, reverse=True)


def test_written_sentences_train_and_are_not_judged(labelled: list[LabelledUnit]) -> None:
    mixed = [replace(it, family=WRITTEN) if it.family == "family-0" else it for it in labelled]
    judged = {name for name, _, _ in surprises(mixed, default_cue_text())}
    assert judged == {it.id for it in labelled if it.family != "family-0"}


def test_units_of_one_text_stand_in_one_fold(labelled: list[LabelledUnit]) -> None:
    folds = fold_of(labelled)
    by_text: dict[str, set[int]] = {}
    for unit, fold in zip(labelled, folds.tolist(), strict=True):
        by_text.setdefault(normalised(unit.view.text), set()).add(fold)
    assert all(len(them) == 1 for them in by_text.values())
    assert set(folds.tolist()) == set(range(5))


@pytest.mark.parametrize(
    ("label", "shares", "than_label", "than_shares"),
    [
        # Less probable labels surprise more.
        (2, [0.9, 0, 0.05, 0.05, 0, 0], 2, [0.8, 0, 0.15, 0.05, 0, 0]),
        # As probable: what is likely instead lies farther off.
        (1, [0, 0.1, 0, 0, 0, 0.9], 1, [0, 0.1, 0.9, 0, 0, 0]),
        # From explore to none is farther than from explore to support.
        (1, [0.9, 0.1, 0, 0, 0, 0], 1, [0, 0.1, 0.9, 0, 0, 0]),
        # The distance never outweighs what is far more probable.
        (1, [0.99, 0.01, 0, 0, 0, 0], 1, [0, 0.3, 0, 0, 0, 0.7]),
    ],
)
def test_what_surprises_more(
    label: int, shares: list[float], than_label: int, than_shares: list[float]
) -> None:
    more, less = surprise(
        np.array([shares, than_shares], dtype=float), np.array([label, than_label])
    )
    assert more > less


def test_without_weight_of_distance_it_is_the_label_s_probability() -> None:
    random = np.random.default_rng(3)
    shares = random.dirichlet(np.ones(6), size=50)
    levels = random.integers(0, 6, size=50)
    found = surprise(shares, levels, weight=0.0)
    assert np.allclose(found, -np.log(shares[np.arange(50), levels]))
    assert surprise(np.eye(6)[[0]], np.array([0]))[0] == pytest.approx(0.0, abs=1e-6)
