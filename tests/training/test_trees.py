"""Ways built on other ways' logits: nothing that they learn from saw its own family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from collabnlp.tagging.cues import default_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.training.candidates import Fold, held_out, two_stages
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.fit import FeatureTable, FitSettings, targets_of
from collabnlp.training.trees import nested

SETTINGS = FitSettings(min_units=2)


@pytest.fixture(scope="module")
def table(labelled: list[LabelledUnit]) -> FeatureTable:
    features = FeatureReader(default_cues()).read([unit.view for unit in labelled])
    return FeatureTable(features, [unit.document for unit in labelled], SETTINGS)


def fold_of(table: FeatureTable, units: list[LabelledUnit], held: str) -> Fold:
    names = np.array([unit.family for unit in units])
    train, test = np.flatnonzero(names != held), np.flatnonzero(names == held)
    vocabulary, rows = table.vocabulary(train)
    return Fold(rows, targets_of(units), train, test, len(vocabulary.runs), SETTINGS, names)


@pytest.mark.parametrize("turned", ["family-0", "family-1"])
def test_inner_logits_do_not_know_their_own_family(
    turned: str, table: FeatureTable, labelled: list[LabelledUnit]
) -> None:
    """Labels of an inner family, or of the one held out, turned over change no logit of it."""
    other = [
        replace(unit, level=0 if unit.level else 2) if unit.family == turned else unit
        for unit in labelled
    ]
    first, second = (fold_of(table, units, "family-0") for units in (labelled, other))
    inside, outside = nested(first, two_stages)
    inside_after, outside_after = nested(second, two_stages)
    own = first.families[first.train] == turned
    assert inside[own].tolist() == inside_after[own].tolist()
    if turned == "family-0":
        assert outside.tolist() == outside_after.tolist()
        assert inside.tolist() == inside_after.tolist()
    assert np.isfinite(inside).all() and inside.shape == (len(first.train), 6)


def test_written_sentences_and_a_single_family_can_be_nested(
    table: FeatureTable, labelled: list[LabelledUnit]
) -> None:
    units = [
        replace(unit, family="written") if unit.family in {"family-2", "family-3"} else unit
        for unit in labelled
    ]
    fold = fold_of(table, units, "family-0")
    inside, _ = nested(fold, two_stages)
    hit = fold.targets.levels[fold.train] > 0
    assert inside[hit, 0].mean() > inside[~hit, 0].mean()


def test_families_held_out_at_once_or_in_turn_are_the_same(
    table: FeatureTable, labelled: list[LabelledUnit]
) -> None:
    families = [unit.family for unit in labelled]
    targets = targets_of(labelled)
    once = held_out(two_stages, table, targets, families, SETTINGS, jobs=2)
    in_turn = held_out(two_stages, table, targets, families, SETTINGS)
    assert all((one == other).all() for one, other in zip(once, in_turn, strict=True))
