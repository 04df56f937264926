"""Measures: small tables of counts worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from collabnlp.training.measures import (
    MEASURES,
    by_family,
    calibration_error,
    classwise_error,
    confusion,
    coverage,
    level_f1,
    macro_f1,
    paired,
    weighted_kappa,
)

TRUE = np.array([0, 0, 0, 1, 2, 2, 3, 4, 5, 5])
SAID = np.array([0, 2, 0, 1, 2, 3, 0, 2, 5, 4])


@pytest.mark.parametrize(
    ("name", "value"),
    [("precision", 6 / 7), ("recall", 6 / 7), ("F1", 6 / 7), ("one step", 2 / 3)],
)
def test_by_hand(name: str, value: float) -> None:
    assert MEASURES[name](confusion(TRUE, SAID)) == pytest.approx(value)


def test_as_scikit_learn_does() -> None:
    counts = confusion(TRUE, SAID)
    scores = f1_score(TRUE, SAID, labels=[1, 2, 3, 4, 5], average=None, zero_division=0)
    assert level_f1(counts) == pytest.approx(scores)
    assert macro_f1(counts) == pytest.approx(scores.mean())
    both = (TRUE > 0) & (SAID > 0)
    kappa = cohen_kappa_score(TRUE[both], SAID[both], weights="quadratic", labels=[1, 2, 3, 4, 5])
    assert weighted_kappa(counts) == pytest.approx(kappa)


def test_nothing_found_is_zero_and_not_an_error() -> None:
    counts = confusion(TRUE, np.zeros_like(TRUE))
    assert [measure(counts) for measure in MEASURES.values()] == [0.0] * len(MEASURES)


def test_calibration_error_of_an_honest_and_a_boastful_model() -> None:
    true = np.array([1] * 30 + [0] * 70)
    assert calibration_error(np.full(100, 0.3), true) == pytest.approx(0.0)
    assert calibration_error(np.full(100, 0.95), true) == pytest.approx(0.65)


def test_intervals_hold_the_figure_and_repeat() -> None:
    families = [f"f{at % 5}" for at in range(len(TRUE))]
    first, second = by_family(TRUE, SAID, families), by_family(TRUE, SAID, families)
    assert first == second
    assert all(one.low <= one.high for one in first.values())
    assert first["F1"].low <= first["F1"].value <= first["F1"].high


def test_weights_count_for_as_many_units() -> None:
    weights = np.where(TRUE == 0, 10.0, 1.0)
    assert confusion(TRUE, SAID, weights)[0].tolist() == [20, 0, 10, 0, 0, 0]
    plain, weighed = (
        by_family(TRUE, SAID, ["a"] * 10),
        by_family(TRUE, SAID, ["a"] * 10, weights=weights),
    )
    assert weighed["precision"].value == pytest.approx(6 / 16)
    assert weighed["recall"] == plain["recall"]


def test_classwise_error_looks_at_every_class() -> None:
    true = np.array([0] * 80 + [2] * 20)
    shares = np.tile([0.8, 0.0, 0.2, 0.0, 0.0, 0.0], (100, 1))
    assert classwise_error(shares, true) == pytest.approx([0.0] * 6)
    turned = shares[:, [0, 2, 1, 3, 4, 5]]
    assert classwise_error(turned, true)[1:3] == pytest.approx([0.2, 0.2])


def test_coverage_keeps_the_surest() -> None:
    sureness = np.where(TRUE == SAID, 0.9, 0.1)
    shares = coverage(sureness, TRUE, SAID, [1.0, 0.5])
    assert shares[0][1] == pytest.approx(6 / 7) and shares[1][1] == pytest.approx(1.0)


def _ways() -> tuple[list[str], dict[str, Any]]:
    random = np.random.default_rng(11)
    families = [f"family-{at % 8}" for at in range(800)]
    true = random.choice(6, 800, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    hard = random.uniform(size=800) < 0.4
    worse = hard | (random.uniform(size=800) < 0.2)
    wrong = (true + 1 + random.integers(0, 5, 800)) % 6
    return families, {
        "true": true,
        "good": np.where(hard, wrong, true),
        "bad": np.where(worse, wrong, true),
    }


def test_a_better_way_is_better_in_every_draw_and_the_reverse() -> None:
    families, ways = _ways()
    there = paired(ways["true"], ways["good"], ways["bad"], families)
    back = paired(ways["true"], ways["bad"], ways["good"], families)
    assert set(there) == {"F1", "macro-F1", "kappa"}
    for name, gap in there.items():
        assert gap.by.low <= gap.by.value <= gap.by.high
        assert gap.by.value == pytest.approx(-back[name].by.value)
        assert gap.by.low == pytest.approx(-back[name].by.high)
        value = MEASURES[name](confusion(ways["true"], ways["good"]))
        assert gap.by.value == pytest.approx(
            value - MEASURES[name](confusion(ways["true"], ways["bad"]))
        )
    assert there["macro-F1"].better == 1.0 and back["macro-F1"].better == 0.0
    assert there == paired(ways["true"], ways["good"], ways["bad"], families)


def test_a_way_beside_itself_differs_by_nothing() -> None:
    families, ways = _ways()
    for gap in paired(ways["true"], ways["good"], ways["good"], families).values():
        assert (gap.by.value, gap.by.low, gap.by.high, gap.better) == (0.0, 0.0, 0.0, 0.0)


def test_pairs_are_told_apart_where_single_intervals_overlap() -> None:
    """What is hard for both ways widens each interval and not that of their difference."""
    families, ways = _ways()
    one = by_family(ways["true"], ways["good"], families)["macro-F1"]
    gap = paired(ways["true"], ways["good"], ways["bad"], families)["macro-F1"].by
    other = by_family(ways["true"], ways["bad"], families)["macro-F1"]
    assert gap.high - gap.low < (one.high - one.low) + (other.high - other.low)
