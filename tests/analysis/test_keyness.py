"""Keyness equals quanteda's published numbers and independent references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from collabnlp.analysis.keyness import (
    Correction,
    Measure,
    benjamini_hochberg,
    keyness,
    score,
    word_counts,
)
from collabnlp.errors import UsageError

# The two small texts of quanteda's own tests and manual page of textstat_keyness.
FIRST = "a a a b b c c c c c c d e f g h h"
SECOND = "a a b c c d d d d e f h"
TWO_FIRST, TWO_SECOND = "b b b b b b b a a a", "a a a a a a a b b"


def order(measure: Measure, correction: Correction, *, turned: bool = False) -> str:
    first, second = word_counts([FIRST]), word_counts([SECOND])
    if turned:
        first, second = second, first
    found = keyness(first, second, measure=measure, correction=correction)
    return "".join(it.word for it in found.keywords)


@pytest.mark.parametrize(
    ("measure", "correction", "turned", "published"),
    [
        (Measure.CHI2, Correction.YATES, False, "gcbhaefd"),
        (Measure.CHI2, Correction.YATES, True, "defabhcg"),
        (Measure.EXACT, Correction.NONE, False, "gcbhaefd"),
        (Measure.LR, Correction.NONE, False, "cgbhaefd"),
        (Measure.LR, Correction.NONE, True, "defabhgc"),
    ],
)
def test_order_is_the_one_quanteda_publishes(
    measure: Measure, correction: Correction, turned: bool, published: str
) -> None:
    assert order(measure, correction, turned=turned) == published


@pytest.mark.parametrize("correction", [Correction.NONE, Correction.YATES])
def test_chi_square_is_that_of_chisq_test(correction: Correction) -> None:
    # quanteda's test: 7 and 2 of "b", 3 and 7 of "a", against R's chisq.test
    found, p = score(
        np.array([7.0]), np.array([2.0]), 10, 9, measure=Measure.CHI2, correction=correction
    )
    wanted = stats.chi2_contingency([[7, 3], [2, 7]], correction=correction is Correction.YATES)
    assert found[0] == pytest.approx(wanted.statistic)
    assert p[0] == pytest.approx(wanted.pvalue)


def test_likelihood_ratio_is_that_of_the_g_test() -> None:
    found, p = score(np.array([7.0]), np.array([2.0]), 10, 9)
    wanted = stats.chi2_contingency([[7, 3], [2, 7]], correction=False, lambda_="log-likelihood")
    assert found[0] == pytest.approx(wanted.statistic)
    assert p[0] == pytest.approx(wanted.pvalue)
    williams, _ = score(np.array([7.0]), np.array([2.0]), 10, 9, correction=Correction.WILLIAMS)
    # q = 1 + (n Σ 1/row - 1)(n Σ 1/column - 1) / 6n, by hand
    q = 1 + (19 * (1 / 10 + 1 / 9) - 1) * (19 * (1 / 9 + 1 / 10) - 1) / (6 * 19)
    assert williams[0] == pytest.approx(wanted.statistic / q)


def test_exact_is_fishers_test() -> None:
    found, p = score(np.array([7.0]), np.array([2.0]), 10, 9, measure=Measure.EXACT)
    # R: fisher.test(matrix(c(7, 2, 3, 7), 2)) gives the conditional maximum likelihood estimate
    assert found[0] == pytest.approx(7.2, abs=0.4)
    assert p[0] == pytest.approx(stats.fisher_exact([[7, 3], [2, 7]])[1])


def test_pointwise_mutual_information_as_quanteda_checks_it_by_hand() -> None:
    found = keyness(word_counts([FIRST]), word_counts([SECOND]), measure=Measure.PMI)
    one = next(it for it in found.keywords if it.word == "a")
    assert one.score == pytest.approx(math.log(3 * 29 / (5 * 17)), abs=1e-4)


def test_counts_signs_and_effect_sizes() -> None:
    found = keyness(word_counts([TWO_FIRST]), word_counts([TWO_SECOND]))
    b, a = found.keywords
    assert (b.word, b.first, b.second, a.word, a.first, a.second) == ("b", 7, 2, "a", 3, 7)
    assert b.score > 0 > a.score
    assert b.log_ratio.value == pytest.approx(math.log2(0.7 / (2 / 9)))
    assert b.log_ratio.low < b.log_ratio.value < b.log_ratio.high
    assert b.difference == pytest.approx(100 * (0.7 / (2 / 9) - 1))
    assert found.words == (10, 9)


def test_a_word_of_one_set_alone_has_finite_figures() -> None:
    found = keyness({"mayor": 4, "plan": 10}, {"plan": 12})
    one = found.keywords[0]
    assert one.word == "mayor"
    assert one.difference is None
    assert math.isfinite(one.log_ratio.value)
    assert all(math.isfinite(it.score) for it in found.keywords)


def test_false_discoveries_as_scipy_has_them() -> None:
    p = np.random.default_rng(1).uniform(size=50) ** 3
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


def test_words_are_folded_and_runs_stay_in_their_line() -> None:
    found = word_counts(["The mayor’s Plan, 2024\nco-design it"], runs=2)
    assert found == {"the mayor's": 1, "mayor's plan": 1, "co-design it": 1}


def test_nothing_to_compare_is_wrong_usage() -> None:
    with pytest.raises(UsageError):
        keyness({}, {"plan": 1})
    with pytest.raises(UsageError):
        keyness({"a": 1}, {"b": 1}, least=5)
