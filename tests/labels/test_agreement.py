"""Agreement measures: known values, scikit-learn's where it has them, weights, intervals."""

from __future__ import annotations

import random

import pytest

from collabnlp.errors import UsageError
from collabnlp.labels.agreement import Agreement, ReadPair, agreement, jaccard
from collabnlp.schema import Judgement, Level

LEVELS = [str(level) for level in Level]


def judge(
    level: str, partners: tuple[str, ...] = (), departments: tuple[str, ...] = ()
) -> Judgement:
    return Judgement.from_dict(
        {"level": level, "partners": partners, "departments": departments, "actor_tier": "national"}
    )


def pair(first: str, second: str, weight: float = 1.0, document: str = "a") -> ReadPair:
    return ReadPair(document, judge(first), judge(second), weight)


def value(found: Agreement, name: str) -> float | None:
    return next(it.value for it in found.measures if it.name.startswith(name))


@pytest.fixture
def noisy() -> list[ReadPair]:
    dice = random.Random(7)
    pairs = []
    for at in range(400):
        first = dice.choice(LEVELS)
        second = first if dice.random() < 0.7 else dice.choice(LEVELS)
        pairs.append(pair(first, second, dice.choice([1.0, 4.0]), f"d{at % 5}"))
    return pairs


def test_kappas_are_those_of_scikit_learn(noisy: list[ReadPair]) -> None:
    from sklearn.metrics import cohen_kappa_score

    found = agreement(noisy, replicates=100)
    weights = [it.weight for it in noisy]
    none = [
        [str(it.level) == "none" for it in side]
        for side in zip(*((p.first, p.second) for p in noisy), strict=True)
    ]
    assert value(found, "commitment") == pytest.approx(
        cohen_kappa_score(none[0], none[1], sample_weight=weights)
    )
    both = [it for it in noisy if "none" not in (it.first.level, it.second.level)]
    ranks = [
        [LEVELS.index(side.level) for side in sides]
        for sides in zip(*((it.first, it.second) for it in both), strict=True)
    ]
    assert value(found, "level") == pytest.approx(
        cohen_kappa_score(
            ranks[0], ranks[1], weights="quadratic", sample_weight=[it.weight for it in both]
        )
    )


def test_ordinal_alpha_by_hand() -> None:
    # Values none, none, explore by one reader and none, explore, explore by the other: six values
    # of which three are none. With two values every distance is equal, so alpha is the nominal
    # one: 1 - (6 - 1) * 2 / (2 * 3 * 3).
    found = agreement([pair("none", "none"), pair("none", "explore"), pair("explore", "explore")])
    assert value(found, "whole scale") == pytest.approx(1 - 5 * 2 / 18)


@pytest.mark.parametrize("level", ["none", "lead"])
def test_a_single_value_has_no_kappa(level: str) -> None:
    assert value(agreement([pair(level, level)]), "commitment") is None


def test_equal_readings_agree_wholly() -> None:
    found = agreement([pair(level, level) for level in LEVELS])
    assert [it.value for it in found.measures] == [pytest.approx(1.0)] * 7


def test_a_weight_counts_as_so_many_units() -> None:
    light = [pair("none", "support"), *[pair("none", "none")] * 6, pair("support", "support")]
    heavy = [pair("none", "support"), pair("none", "none", 6.0), pair("support", "support")]
    one, other = agreement(light), agreement(heavy)
    assert [it.value for it in one.measures] == pytest.approx([it.value for it in other.measures])
    assert (one.units, other.units) == (8, 3)


def test_intervals_hold_the_value_and_repeat_with_the_seed(noisy: list[ReadPair]) -> None:
    found = agreement(noisy, replicates=300, seed=3)
    assert found == agreement(noisy, replicates=300, seed=3)
    for it in found.measures[:3]:
        assert it.low is not None and it.high is not None and it.value is not None
        assert it.low < it.value < it.high


def test_one_document_gives_no_interval() -> None:
    found = agreement([pair("none", "none"), pair("support", "support")])
    assert {(it.low, it.high) for it in found.measures} == {(None, None)}


def test_jaccard_counts_only_where_both_commit() -> None:
    one, other = judge("support", ("business",), ("DFT",)), judge("lead", ("business", "devolved"))
    found = agreement([ReadPair("a", one, other), pair("none", "support")])
    assert value(found, "partners") == pytest.approx(0.5)
    assert value(found, "departments") == pytest.approx(0.0)


def test_a_department_under_another_name_is_no_other_by_todays_names() -> None:
    one, other = judge("lead", (), ("MHCLG",)), judge("lead", (), ("DLUHC",))
    found = agreement([ReadPair("a", one, other, today=(("MHCLG",), ("MHCLG",)))])
    assert value(found, "departments: ") == pytest.approx(0.0)
    assert value(found, "departments, by") == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [((), (), 1.0), (("a",), (), 0.0), (("a", "b"), ("b", "c"), 1 / 3)],
)
def test_jaccard(left: tuple[str, ...], right: tuple[str, ...], expected: float) -> None:
    assert jaccard(left, right) == pytest.approx(expected)


def test_no_pairs() -> None:
    with pytest.raises(UsageError):
        agreement([])
