"""Agreement measures: known values, scikit-learn's where it has them, weights, intervals."""

from __future__ import annotations

import random

import pytest

from collabnlp.errors import UsageError
from collabnlp.labels.agreement import Agreement, ClassAgreement, ReadPair, agreement, jaccard
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


def value(found: Agreement, key: str) -> float | None:
    return found.measure(key).value


def of_class(found: Agreement, kind: str, name: str) -> ClassAgreement:
    return next(it for it in found.classes if (it.kind, it.name) == (kind, name))


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
    both = [it for it in noisy if "none" not in (it.first.level, it.second.level)]

    def reference(pairs: list[ReadPair], weights: str | None, *only: str) -> float:
        """Of the ranks of the levels, or of being one of some or not."""
        sides = (
            [
                str(side.level) in only if only else LEVELS.index(side.level)
                for side in (getattr(it, name) for it in pairs)
            ]
            for name in ("first", "second")
        )
        by = [it.weight for it in pairs]
        score: float = cohen_kappa_score(*sides, weights=weights, sample_weight=by)
        return score

    assert value(found, "commitment_kappa") == pytest.approx(reference(noisy, None, "none"))
    assert value(found, "level_kappa") == pytest.approx(reference(both, "quadratic"))
    assert value(found, "scale_kappa") == pytest.approx(reference(noisy, "quadratic"))
    for level in LEVELS:
        one = of_class(found, "level", level)
        assert one.kappa.value == pytest.approx(reference(noisy, None, level))


def test_ordinal_alpha_by_hand() -> None:
    # Values none, none, explore by one reader and none, explore, explore by the other: six values
    # of which three are none. With two values every distance is equal, so alpha is the nominal
    # one: 1 - (6 - 1) * 2 / (2 * 3 * 3).
    found = agreement([pair("none", "none"), pair("none", "explore"), pair("explore", "explore")])
    assert value(found, "scale_alpha") == pytest.approx(1 - 5 * 2 / 18)


@pytest.mark.parametrize("level", ["none", "lead"])
def test_a_single_value_has_no_kappa(level: str) -> None:
    assert value(agreement([pair(level, level)]), "commitment_kappa") is None


def test_equal_readings_agree_wholly() -> None:
    found = agreement([pair(level, level) for level in LEVELS])
    assert [it.value for it in found.measures] == [pytest.approx(1.0)] * 8


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


@pytest.mark.parametrize(("documents", "over"), [(1, "units"), (4, "units"), (5, "documents")])
def test_few_documents_have_intervals_over_units(documents: int, over: str) -> None:
    dice = random.Random(1)
    found = agreement(
        [
            pair(dice.choice(["none", "lead"]), dice.choice(["none", "lead"]), 1.0, f"{at}")
            for _ in range(30)
            for at in range(documents)
        ]
    )
    assert found.over == over
    measure = found.measure("commitment_kappa")
    assert measure.low is not None and measure.high is not None
    assert measure.low < measure.high


def test_a_single_unit_has_no_interval() -> None:
    found = agreement([pair("none", "support")])
    assert found.over == ""
    assert {(it.low, it.high) for it in found.measures} == {(None, None)}


def test_each_level_against_the_rest() -> None:
    found = agreement(
        [
            *[pair("support", "support")] * 3,
            pair("support", "lead"),
            *[pair("lead", "support")] * 2,
            *[pair("none", "none")] * 4,
        ]
    )
    support = of_class(found, "level", "support")
    assert (support.both, support.first, support.second) == (3, 1, 2)
    assert support.positive.value == pytest.approx(2 * 3 / (2 * 3 + 1 + 2))
    assert support.positive.units == support.kappa.units == 6
    assert of_class(found, "level", "lead").positive.value == 0
    explore = of_class(found, "level", "explore")
    assert (explore.kappa.value, explore.positive.value, explore.positive.units) == (None, None, 0)


def test_each_partner_counts_where_both_commit() -> None:
    one, two = judge("lead", ("business",)), judge("lead", ("business", "devolved"))
    found = agreement([ReadPair("a", one, two), ReadPair("a", two, one), ReadPair("a", one, one)])
    devolved = of_class(found, "partner", "devolved")
    assert (devolved.both, devolved.first, devolved.second) == (0, 1, 1)
    assert devolved.kappa.value == pytest.approx(-0.5)
    # Everybody gave it, so chance leaves nothing to tell.
    assert of_class(found, "partner", "business").kappa.value is None
    assert of_class(found, "partner", "business").positive.value == 1
    unread = agreement([ReadPair("a", two, judge("none"))])
    assert of_class(unread, "partner", "devolved").positive.units == 0


def test_departments_given_five_times_have_figures_of_their_own() -> None:
    one = judge("lead", (), ("DFT", "HMT"))
    found = agreement(
        [*[ReadPair("a", one, one)] * 2, ReadPair("a", one, judge("lead", (), ("HO",)))]
    )
    assert [it.name for it in found.classes if it.kind == "department"] == ["DFT", "HMT"]
    dft = of_class(found, "department", "DFT")
    assert (dft.both, dft.first, dft.second) == (2, 1, 0)
    assert dft.positive.value == pytest.approx(4 / 5)


@pytest.mark.parametrize(("together", "bounds"), [(True, (0, 1)), (False, (0.25, 0.75))])
def test_pairs_of_one_unit_are_drawn_together(together: bool, bounds: tuple[float, float]) -> None:
    # Ten pairs of readings that share no partner about one unit, ten that share all about another.
    one, other = judge("lead", ("business",)), judge("lead", ("devolved",))
    units = [("one", 1), ("other", 1)]
    pairs = [
        ReadPair("a", one, one if at % 2 else other, unit=units[at % 2] if together else None)
        for at in range(20)
    ]
    found = agreement(pairs)
    assert (found.pairs, found.units, found.documents, found.both) == (
        20,
        2 if together else 20,
        1,
        20,
    )
    partners = found.measure("partners")
    assert (partners.value, partners.units) == (pytest.approx(0.5), 20)
    assert (partners.low, partners.high) == pytest.approx(bounds, abs=0.06)


def test_a_sample_counts_units_as_they_are() -> None:
    found = agreement([pair("lead", "lead", 7.5), pair("lead", "none", 0.5)])
    assert of_class(found, "level", "lead").both == 1
    assert found.levels[5] == (1, 0, 0, 0, 0, 1)


def test_jaccard_counts_only_where_both_commit() -> None:
    one, other = judge("support", ("business",), ("DFT",)), judge("lead", ("business", "devolved"))
    found = agreement([ReadPair("a", one, other), pair("none", "support")])
    assert value(found, "partners") == pytest.approx(0.5)
    assert value(found, "departments") == pytest.approx(0.0)


def test_a_department_under_another_name_is_no_other_by_todays_names() -> None:
    one, other = judge("lead", (), ("MHCLG",)), judge("lead", (), ("DLUHC",))
    found = agreement([ReadPair("a", one, other, today=(("MHCLG",), ("MHCLG",)))])
    assert value(found, "departments") == pytest.approx(0.0)
    assert value(found, "departments_today") == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [((), (), 1.0), (("a",), (), 0.0), (("a", "b"), ("b", "c"), 1 / 3)],
)
def test_jaccard(left: tuple[str, ...], right: tuple[str, ...], expected: float) -> None:
    assert jaccard(left, right) == pytest.approx(expected)


def test_no_pairs() -> None:
    with pytest.raises(UsageError):
        agreement([])
