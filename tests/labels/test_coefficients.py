"""Coefficients: figures as printed, those of reference implementations, what is undefined.

References: krippendorff (alpha) and scikit-learn (kappa), to 1e-6 on the published tables and on
200 random ones each, with values missing, classes empty and weights.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from collabnlp.labels.coefficients import (
    alpha,
    coincidences,
    kappa,
    one,
    positive_agreement,
    quadratic,
    resample,
    rest,
)

CLOSE = 1e-6
_ = math.nan

# Tables, first rater by second, as printed.
TABLES = {
    # Cohen 1960, and 1968 with his weights: two clinicians, 200 cases
    "cohen": [[88, 14, 18], [10, 40, 10], [2, 6, 12]],
    # Fleiss, Cohen & Everitt 1969: two psychiatrists, 200 patients
    "fleiss-cohen-everitt": [[106, 10, 4], [22, 28, 10], [2, 12, 6]],
    # SAS/STAT, FREQ procedure, agreement study: two dermatologists, 88 patients
    "skin": [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]],
    # Altman 1991: two radiologists, 85 xeromammograms
    "xeromammograms": [[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]],
    # Agresti & Winner 1997: two film critics, 160 films
    "films": [[24, 8, 13], [8, 13, 11], [10, 9, 64]],
    # Agresti 2002: two pathologists, 118 slides
    "carcinoma": [[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]],
    # R's irr, data set anxiety, raters 2 and 3; figures as its kappa2 prints them
    "anxiety": [
        [0, 0, 1, 0, 0],
        [4, 0, 1, 0, 0],
        [2, 3, 3, 0, 0],
        [0, 2, 0, 1, 1],
        [1, 0, 0, 1, 0],
    ],
}


def linear(size: int) -> Any:
    return np.sqrt(quadratic(size))


@pytest.mark.parametrize(
    ("name", "costs", "printed", "digits"),
    [
        ("cohen", None, 0.492, 3),
        ("cohen", [[0, 1, 3], [1, 0, 6], [3, 6, 0]], 0.348, 3),
        ("fleiss-cohen-everitt", None, 0.429, 3),
        ("fleiss-cohen-everitt", [[0, 1, 0.5556], [1, 0, 0.3333], [0.5556, 0.3333, 0]], 0.507, 3),
        ("skin", None, 0.3449, 4),
        ("skin", linear(4), 0.5082, 4),
        ("xeromammograms", None, 0.47, 2),
        ("xeromammograms", linear(4), 0.57, 2),
        ("films", None, 0.389, 3),
        ("carcinoma", None, 0.493, 3),
        ("anxiety", None, -0.006289308, 9),
        ("anxiety", linear(5), 0.1459075, 7),
        ("anxiety", quadratic(5), 0.2520325, 7),
    ],
)
def test_kappa_as_printed(name: str, costs: Any, printed: float, digits: int) -> None:
    weights = None if costs is None else np.asarray(costs)
    assert round(float(kappa(np.array(TABLES[name]), weights)), digits) == printed


@pytest.mark.parametrize("name", sorted(TABLES))
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_of_published_tables_is_the_reference_s(name: str, weights: str | None) -> None:
    table = np.array(TABLES[name])
    first, second = np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0).T
    costs = {None: None, "linear": linear(len(table)), "quadratic": quadratic(len(table))}[weights]
    reference = cohen_kappa_score(first, second, weights=weights)
    assert abs(float(kappa(table, costs)) - reference) < CLOSE


@pytest.mark.parametrize("weights", [None, "quadratic"])
def test_kappa_of_random_tables_is_the_reference_s(weights: str | None) -> None:
    undefined = 0
    for seed in range(200):
        dice = np.random.default_rng(seed)
        size, number = int(dice.integers(2, 7)), int(dice.integers(1, 40))
        used = dice.integers(1, size + 1)  # the classes above stay empty
        first, second = dice.integers(used, size=(2, number))
        second = np.where(dice.random(number) < 0.5, first, second)
        weight = dice.choice([1.0, 2.5, 13.0], size=number)
        table = np.zeros((size, size))
        np.add.at(table, (first, second), weight)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = cohen_kappa_score(
                first, second, labels=range(size), weights=weights, sample_weight=weight
            )
        found = one(kappa(table, quadratic(size) if weights else None))
        if math.isnan(reference):
            undefined += 1
            assert found is None, seed
        else:
            assert found is not None and abs(found - reference) < CLOSE, seed
    assert 5 < undefined < 100


# Reliability data, a rater a row, a unit a column, as printed.
DATA = {
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", B, C and D
    "two values": [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]],
    "five values": [
        [1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1],
        [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4],
    ],
    "four observers": [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ],
    # the worked example of the encyclopaedia article on alpha
    "three coders": [
        [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
        [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
        [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
    ],
}
# Fleiss 1971: 30 patients, six psychiatrists each; 1 to 5 are the diagnoses
FLEISS = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 "
    "222333 144444 224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 "
    "144445 222224 111155 224444 133333 555555"
)


def counts_of(data: Any) -> Any:
    """How often each value was given to each unit."""
    rows = np.asarray(data, dtype=float)
    values = sorted(set(rows[~np.isnan(rows)]))
    return np.stack([(rows == value).sum(axis=0) for value in values], axis=1)


def distances(data: Any, metric: str) -> Any:
    """Squared distances of the metrics that the program itself has no use for."""
    rows = np.asarray(data, dtype=float)
    values = np.array(sorted(set(rows[~np.isnan(rows)])))
    apart = values[:, None] - values
    return (apart / (values[:, None] + values)) ** 2 if metric == "ratio" else apart**2


@pytest.mark.parametrize(
    ("name", "metric", "printed"),
    [
        ("two values", "nominal", 0.095),
        ("five values", "nominal", 0.692),
        ("four observers", "nominal", 0.743),
        ("four observers", "ordinal", 0.815),
        ("four observers", "interval", 0.849),
        ("four observers", "ratio", 0.797),
        ("three coders", "nominal", 0.691),
        ("three coders", "interval", 0.811),
    ],
)
def test_alpha_as_printed(name: str, metric: str, printed: float) -> None:
    how: Any = distances(DATA[name], metric) if metric in {"interval", "ratio"} else metric
    table = coincidences(counts_of(DATA[name])).sum(axis=0)
    assert round(float(alpha(table, how)), 3) == printed


def test_alpha_of_fleiss_s_psychiatrists() -> None:
    # Fleiss' kappa of these data is .4302445 (R's irr, kappam.fleiss). Alpha differs from it only
    # in drawing the pairs that chance makes without replacement, of 180 judgements.
    patients = FLEISS.split()
    counts = np.array([[row.count(str(value)) for value in range(1, 6)] for row in patients])
    found = float(alpha(coincidences(counts).sum(axis=0)))
    assert found == pytest.approx(1 - (1 - 0.4302445) * 179 / 180, abs=1e-7)


@pytest.mark.parametrize("name", sorted(DATA))
@pytest.mark.parametrize("metric", ["nominal", "ordinal"])
def test_alpha_of_published_data_is_the_reference_s(name: str, metric: Any) -> None:
    reference = krippendorff.alpha(DATA[name], level_of_measurement=metric)
    found = float(alpha(coincidences(counts_of(DATA[name])).sum(axis=0), metric))
    assert abs(found - reference) < CLOSE


@pytest.mark.parametrize("metric", ["nominal", "ordinal"])
def test_alpha_of_random_data_is_the_reference_s(metric: Any) -> None:
    undefined = 0
    for seed in range(200):
        dice = np.random.default_rng(seed)
        size, units, readers = (int(dice.integers(2, top)) for top in (7, 30, 6))
        truth = dice.integers(dice.integers(1, size + 1), size=units)
        other = dice.integers(dice.integers(1, size + 1), size=(readers, units))
        data = np.where(dice.random((readers, units)) < 0.6, truth, other).astype(float)
        data[dice.random((readers, units)) < dice.choice([0.0, 0.3, 0.8])] = np.nan
        # The reference has no weights: a unit of weight three is there three times.
        weight = dice.choice([1, 3], size=units)
        counts = np.stack([(data == value).sum(axis=0) for value in range(size)], axis=1)
        found = one(alpha(coincidences(counts, weight.astype(float)).sum(axis=0), metric))
        pairable = counts[counts.sum(axis=1) > 1]
        if (pairable.sum(axis=0) > 0).sum() < 2:
            undefined += 1
            assert found is None, seed
            continue
        reference = krippendorff.alpha(
            value_counts=np.repeat(counts, weight, axis=0), level_of_measurement=metric
        )
        assert found is not None and abs(found - reference) < CLOSE, seed
    assert 5 < undefined < 100


@pytest.mark.parametrize(
    "table", [[[0, 0], [0, 0]], [[7, 0], [0, 0]], [[0, 0], [0, 0.1]]], ids=["empty", "one", "dust"]
)
def test_one_value_alone_has_no_coefficient(table: list[list[float]]) -> None:
    given = np.array(table, dtype=float)
    assert one(kappa(given)) is None
    assert one(kappa(given, quadratic(2))) is None
    assert one(alpha(given + given.T)) is None
    assert one(alpha(given + given.T, "ordinal")) is None


def test_total_disagreement() -> None:
    assert float(kappa(np.array([[0, 5], [5, 0]]))) == pytest.approx(-1)
    assert float(positive_agreement(np.array([[0, 5], [5, 0]]))) == 0


@pytest.mark.parametrize(
    ("table", "expected"),
    [([[3, 1], [2, 9]], 6 / 9), ([[0, 0], [0, 9]], None), ([[4, 0], [0, 0]], 1)],
)
def test_positive_agreement(table: Any, expected: float | None) -> None:
    assert one(positive_agreement(np.array(table, dtype=float))) == (
        None if expected is None else pytest.approx(expected)
    )


def test_many_tables_at_once_are_as_each_alone() -> None:
    dice = np.random.default_rng(1)
    tables = dice.integers(0, 9, size=(5, 3, 3)).astype(float)
    tables[2] = 0
    pairs = tables + tables.swapaxes(1, 2)
    for at in range(5):
        for whole, alone in (
            (kappa(tables), kappa(tables[at])),
            (kappa(tables, quadratic(3)), kappa(tables[at], quadratic(3))),
            (alpha(pairs), alpha(pairs[at])),
            (alpha(pairs, "ordinal"), alpha(pairs[at], "ordinal")),
        ):
            assert one(whole[at]) == one(alone)


def test_one_against_the_rest() -> None:
    cells = [np.array(value, dtype=float) for value in (3, 1, 2, 10)]
    assert rest(*cells).tolist() == [[3, 1], [2, 4]]


@pytest.mark.parametrize(
    ("documents", "over"),
    [(["a"] * 20, "units"), (list("abcd") * 5, "units"), (list("abcde") * 4, "documents")],
)
def test_documents_are_drawn_where_there_are_five(documents: list[str], over: str) -> None:
    rows = np.arange(20.0)[:, None]
    sums = resample(rows, documents, range(20), replicates=500, seed=1)
    assert sums.over == over
    assert sums.total == pytest.approx([190])
    # A bootstrap keeps the mean; of units its spread is that of 20 draws, of 5.8 each.
    assert sums.drawn.mean() == pytest.approx(190, abs=8)
    if over == "units":
        assert sums.drawn.std() == pytest.approx(5.766 * 20**0.5, rel=0.15)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    # As printed from the large-sample standard error: SAS/STAT's, and Agresti's .0598
    [("skin", 0.2030, 0.4868), ("films", 0.389 - 1.96 * 0.0598, 0.389 + 1.96 * 0.0598)],
)
def test_intervals_are_near_those_of_large_samples(name: str, low: float, high: float) -> None:
    table = np.array(TABLES[name])
    rows = np.repeat(np.eye(table.size), table.ravel(), axis=0)
    sums = resample(rows, ["a"] * len(rows), range(len(rows)), replicates=2000, seed=0)
    found = sums.measure(
        "k", "k", lambda it: kappa(it.reshape(*it.shape[:-1], *table.shape)), units=len(rows)
    )
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.012)


def test_rows_of_one_unit_are_drawn_together() -> None:
    sums = resample(np.ones((10, 1)), ["a"] * 10, [0, 1] * 5, replicates=200, seed=1)
    assert set(sums.drawn[:, 0]) == {10.0}
    parts = resample(np.ones((10, 1)), ["a"] * 10, [0] * 9 + [1], replicates=200, seed=1)
    assert set(parts.drawn[:, 0]) == {2.0, 10.0, 18.0}


def test_a_single_unit_has_no_resamples() -> None:
    sums = resample(np.ones((2, 1)), ["a", "a"], [7, 7], replicates=200, seed=1)
    assert (sums.over, len(sums.drawn), sums.total.tolist()) == ("", 0, [2.0])


def test_no_interval_where_most_resamples_have_no_value() -> None:
    rows = np.eye(3)

    def every(sums: Any) -> Any:
        """1 where each of the units is in: in 22% of the resamples."""
        return np.where((sums > 0).all(axis=-1), 1.0, np.nan)

    def some(sums: Any) -> Any:
        """1 where the first unit is in: in 70%."""
        return np.where(sums[..., 0] > 0, 1.0, np.nan)

    sums = resample(rows, ["a"] * 3, range(3), replicates=500, seed=1)
    seldom = sums.measure("k", "every", every, units=3)
    often = sums.measure("k", "some", some, units=3)
    assert (seldom.value, seldom.low, seldom.high) == (1, None, None)
    assert (often.value, often.low, often.high) == (1, 1, 1)
