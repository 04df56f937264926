"""The gate on decisions made by hand: who passes, who does not, and what it says."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from collabnlp.tagging.level_model import Calibration, LevelModel
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.gate import Rules, Verdict, faults_of, judge, points, signed
from collabnlp.training.train import train

FAMILIES = 12
EACH = (40, 10, 10, 10, 10, 10)  # units of each level in a family
Integers = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def truth(each: tuple[int, ...] = EACH, families: int = FAMILIES) -> Integers:
    return np.tile(np.repeat(np.arange(6), each), families)


def named(each: tuple[int, ...] = EACH, families: int = FAMILIES) -> list[str]:
    return [f"family-{it:02}" for it in range(families) for _ in range(sum(each))]


def missing(true: Integers, share: float, *, level: int | None = None, seed: int = 1) -> Integers:
    """Decisions that call a share of the commitments (of one level) none, the same ones for one
    seed, so that a smaller share misses a part of what a larger one does."""
    draw = np.random.default_rng(seed).random(len(true))
    missed = (draw < share) & (true > 0 if level is None else true == level)
    return np.where(missed, 0, true)


@pytest.mark.parametrize(
    ("old", "new", "promoted"),
    [
        (0.30, 0.20, True),  # better
        (0.30, 0.30, True),  # the same
        (0.30, 0.302, True),  # worse by less than may be seen
        (0.30, 0.36, False),  # worse
        (0.30, 0.60, False),
    ],
)
def test_macro_f1_decides(old: float, new: float, promoted: bool) -> None:
    true = truth()
    verdict = judge(true, missing(true, old), missing(true, new), named())
    assert verdict.promoted is promoted
    assert ("macro-F1" in " ".join(verdict.reasons)) is not promoted
    assert verdict.units == 12 * 90 and verdict.families == 12
    assert verdict.macro.by.low <= verdict.macro.by.value <= verdict.macro.by.high


def test_the_same_decisions_differ_in_nothing() -> None:
    true = truth()
    decided = missing(true, 0.3)
    verdict = judge(true, decided, decided, named())
    assert verdict.promoted and verdict.moved == 0
    assert {(it.by.value, it.by.low, it.by.high) for it in verdict.figures} == {(0, 0, 0)}


def test_an_uncertain_difference_is_refused_though_it_may_be_none() -> None:
    """One family in three loses all, another wins as much: nothing on the whole, but who knows."""
    true, families = truth(), named()
    draw = np.array([int(it[-2:]) % 3 for it in families])
    old = np.where((draw == 1) & (true > 0), 0, true)
    new = np.where((draw == 2) & (true > 0), 0, true)
    verdict = judge(true, old, new, families)
    assert not verdict.promoted
    assert verdict.macro.by.low < -0.01 < verdict.macro.by.high
    assert "may be worse" in verdict.reasons[0] and "at most 1.0 is allowed" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("lost", "promoted"),
    # Of 100 units, all found before: F1 falls from 1 to 2 (100 - lost) / (200 - lost).
    [(5, True), (6, False), (20, False)],
)
def test_no_level_may_lose_more_than_three_points(lost: int, promoted: bool) -> None:
    each = (50, 10, 10, 10, 10, 10)
    true = truth(each, 10)
    # The other levels win, so that macro-F1 is better.
    old = missing(true, 0.3)
    old = np.where(true == 3, 3, old)
    new = true.copy()
    new[np.flatnonzero(true == 3)[: 2 * lost : 2]] = 0
    verdict = judge(true, old, new, named(each, 10))
    level = verdict.levels[2]
    assert level.name == "have_regard" and level.fell is not promoted
    assert (level.old_found, level.new_found, level.units) == (100, 100 - lost, 100)
    assert verdict.promoted is promoted and verdict.macro.by.value > 0
    if not promoted:
        assert "`have_regard` lost" in verdict.reasons[0] and "finds 100" in verdict.reasons[0]


def test_a_rare_level_may_fall_by_one_unit_and_the_reason_says_so() -> None:
    each = (50, 10, 10, 10, 10, 0)
    true = truth(each, 10)
    true[[0, 70, 140]] = 5  # three units of lead among the nones
    old = true.copy()
    old[0] = 0
    new = true.copy()
    new[[0, 70]] = 0
    verdict = judge(true, old, new, named(each, 10))
    lead = verdict.levels[4]
    assert lead.fell and lead.one_unit and (lead.units, lead.old_found, lead.new_found) == (3, 2, 1)
    assert not verdict.promoted and "A single unit decides" in verdict.reasons[-1]
    worse = new.copy()
    worse[140] = 0
    assert not judge(true, old, worse, named(each, 10)).levels[4].one_unit


def test_a_level_without_a_unit_is_not_judged() -> None:
    each = (50, 10, 10, 10, 10, 0)
    true = truth(each, 10)
    new = true.copy()
    new[0] = 5  # a false alarm of a level that nothing has
    verdict = judge(true, true, new, named(each, 10))
    assert not verdict.levels[4].judged and not verdict.levels[4].fell


def test_one_family_alone_can_be_judged() -> None:
    """Every draw is that family: the interval is the difference itself."""
    true = truth(families=1)
    verdict = judge(true, true, missing(true, 0.5), named(families=1))
    assert verdict.families == 1 and not verdict.promoted
    assert verdict.macro.by.low == pytest.approx(verdict.macro.by.value)


def test_the_rules_may_be_others() -> None:
    true = truth()
    old, new = missing(true, 0.30), missing(true, 0.36)
    assert judge(true, old, new, named(), rules=Rules(macro_loss=0.5, level_loss=0.5)).promoted


def test_the_same_decisions_give_the_same_verdict_and_it_is_kept_as_json() -> None:
    true = truth()
    old, new = missing(true, 0.30), missing(true, 0.36)
    first, second = (judge(true, old, new, named()) for _ in range(2))
    assert first == second
    assert Verdict.from_dict(json.loads(json.dumps(first.as_dict()))) == first


def test_decisions_of_several_partitions_are_added_up() -> None:
    """What one partition loses by chance and another wins counts for nothing."""
    true = truth()
    old = np.stack([missing(true, 0.3, seed=1), missing(true, 0.3, seed=2)])
    swapped_about = judge(true, old, old[::-1], named())
    assert swapped_about.promoted and swapped_about.macro.by.value == 0
    assert (swapped_about.units, swapped_about.partitions) == (12 * 90, 2)
    assert not judge(true, old[0], old[0] * 0, named()).promoted
    once, twice = (judge(true, old[0], it, named()) for it in (old[1], old[1]))
    both = judge(true, np.stack([old[0]] * 2), np.stack([old[1]] * 2), named())
    assert once == twice
    assert both.figures == once.figures and both.levels == once.levels
    assert both.units == once.units and both.moved == once.moved


def test_other_lengths_are_refused() -> None:
    true = truth()
    for arrays in ((true, true, true[1:]), (true[:0], true[:0], true[:0])):
        with pytest.raises(ValueError, match="same units"):
            judge(*arrays, named()[: len(arrays[0])])


def test_points_are_told_plainly() -> None:
    assert points(0.453) == "45.3"
    assert [signed(it) for it in (0.008, -0.0123, 0.0, -0.0001)] == ["+0.8", "−1.2", "0.0", "0.0"]


@pytest.fixture(scope="module")
def model(labelled: list[LabelledUnit]) -> LevelModel:
    from collabnlp.tagging.cues import default_cue_text

    return train(labelled, default_cue_text(), name="small", calibration=Calibration())


def with_gate(model: LevelModel, gate: Floats) -> LevelModel:
    return replace(model, weights=replace(model.weights, gate=gate))


def test_a_faulty_model_is_refused_whatever_it_decides(model: LevelModel) -> None:
    assert faults_of(model) == ()
    counts = model.metadata["units"]
    without = {name: {**it, "lead": 0} for name, it in counts.items()}
    wrong = {
        "no number for slope": replace(model, calibration=Calibration(slope=math.nan)),
        "upside down": replace(model, calibration=Calibration(slope=-1.0)),
        "no probability": replace(model, calibration=Calibration(threshold=1.0)),
        "example of lead": replace(model, metadata={**model.metadata, "units": without}),
        "weights": with_gate(model, np.full_like(model.weights.gate, np.inf)),
    }
    true = truth()
    for words, it in wrong.items():
        faults = faults_of(it)
        assert len(faults) == 1 and words in faults[0]
        verdict = judge(true, true, true, named(), faults=faults)
        assert not verdict.promoted and verdict.reasons == faults
