"""Words that set two sets of documents apart: statistic, effect size, corrected p value.

Statistics are those of quanteda's ``textstat_keyness`` (Benoit et al. 2018): signed, from the two
by two table of a word's and all other words' counts in both sets. Effect sizes are Hardie's log
ratio (2014) and Gabrielatos and Marchi's %DIFF (2011).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import numpy as np

from collabnlp.analysis.counting_tests import log_ratio
from collabnlp.errors import UsageError
from collabnlp.schema import Keyness, Keyword

_WORD = re.compile(r"\w+(?:['’\-‑]\w+)*")
_PLAIN = str.maketrans({"’": "'", "‑": "-"})
# As quanteda has it: keeps the logarithm of an empty cell finite.
_EPSILON = 1e-9


class Measure(StrEnum):
    """LR is the log-likelihood ratio G2; EXACT Fisher's test, whose score is the odds ratio; PMI
    pointwise mutual information (its p value is that of LR)."""

    LR = "lr"
    CHI2 = "chi2"
    EXACT = "exact"
    PMI = "pmi"


class Correction(StrEnum):
    """Yates's is made where an expected count is under 5, as quanteda does; Williams's always."""

    NONE = "none"
    YATES = "yates"
    WILLIAMS = "williams"


def word_counts(texts: Iterable[str], *, runs: int = 1) -> Counter[str]:
    """How often each word (or run of ``runs`` words of one line) is there, in lower case; what has
    no letter is no word."""
    found: Counter[str] = Counter()
    for text in texts:
        for line in text.splitlines():
            words = [
                word.translate(_PLAIN).lower()
                for word in _WORD.findall(line)
                if any(sign.isalpha() for sign in word)
            ]
            starts = range(len(words) - runs + 1)
            found.update(" ".join(words[at : at + runs]) for at in starts)
    return found


def keyness(
    first: Mapping[str, int],
    second: Mapping[str, int],
    *,
    measure: Measure = Measure.LR,
    correction: Correction = Correction.NONE,
    least: int = 1,
    documents: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> Keyness:
    """Compare the words of two sets, each given by its counts.

    Words that both together have fewer than ``least`` times are not compared; they count among all
    words. Keywords come in order of their score, those of equal score by the alphabet. Raises
    UsageError where a set has no words.
    """
    totals = sum(first.values()), sum(second.values())
    if not all(totals):
        raise UsageError("One of the two sets has no words.")
    words = sorted(
        word for word in {*first, *second} if first.get(word, 0) + second.get(word, 0) >= least
    )
    if not words:
        raise UsageError(f"No word is there {least} times.", advice="Lower --least.")
    a = np.array([first.get(word, 0) for word in words], dtype=np.float64)
    b = np.array([second.get(word, 0) for word in words], dtype=np.float64)
    scores, p = score(a, b, *totals, measure=measure, correction=correction)
    adjusted = benjamini_hochberg(p)
    keywords = [
        Keyword(
            word=word,
            first=int(a[at]),
            second=int(b[at]),
            per_10_000=(1e4 * float(a[at]) / totals[0], 1e4 * float(b[at]) / totals[1]),
            score=float(scores[at]),
            p=float(p[at]),
            adjusted=float(adjusted[at]),
            log_ratio=log_ratio(
                int(a[at]), totals[0] - int(a[at]), int(b[at]), totals[1] - int(b[at])
            ),
            difference=(
                100.0 * (float(a[at]) / totals[0] / (float(b[at]) / totals[1]) - 1.0)
                if b[at]
                else None
            ),
        )
        for at, word in enumerate(words)
    ]
    return Keyness(
        measure=str(measure),
        words=totals,
        documents=documents,
        compared=len(words),
        keywords=tuple(sorted(keywords, key=lambda it: (-it.score, it.word))),
    )


def score(
    a: Any,
    b: Any,
    first: int,
    second: int,
    *,
    measure: Measure = Measure.LR,
    correction: Correction = Correction.NONE,
) -> tuple[Any, Any]:
    """Scores and p values of words with counts ``a`` and ``b`` in sets of ``first`` and ``second``
    words: signed by which set has more, but for EXACT (an odds ratio) and PMI."""
    from scipy.special import chdtrc

    c, d = first - a, second - b
    whole = float(first + second)
    expected = (a + b) * first / whole
    sign = np.where(a > expected, 1.0, -1.0)
    if measure is Measure.EXACT:
        return _exact(a, b, c, d)
    if measure is Measure.CHI2:
        values = _chi_square(a, b, c, d, whole, correction)
    else:
        values = _likelihood(a, b, c, d, whole, correction)
    p = chdtrc(1, np.maximum(values, 0.0))
    if measure is Measure.PMI:
        return np.log(a / expected + _EPSILON), p
    return sign * values, p


def _yates(a: Any, b: Any, c: Any, d: Any, whole: float) -> Any:
    """0.5 for tables that need the correction, else 0."""
    rows, columns = (a + b, c + d), (a + c, b + d)
    small = np.zeros(np.shape(a), dtype=bool)
    for row in rows:
        for column in columns:
            small |= row * column / whole < 5
    return np.where(small & (np.abs(a * d - b * c) >= whole / 2), 0.5, 0.0)


def _williams(a: Any, b: Any, c: Any, d: Any, whole: float) -> Any:
    inside = np.where(a * b * c * d == 0, np.nan, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = whole / (a + b) + whole / (c + d) - 1
        columns = whole / (a + c) + whole / (b + d) - 1
        factor = 1 + rows * columns / (6 * whole)
    return np.where(np.isnan(inside), 1.0, factor)


def _chi_square(a: Any, b: Any, c: Any, d: Any, whole: float, correction: Correction) -> Any:
    less = _yates(a, b, c, d, whole) if correction is Correction.YATES else 0.0
    top = whole * (np.abs(a * d - b * c) - whole * less) ** 2
    found = top / ((a + b) * (c + d) * (a + c) * (b + d))
    return found / (_williams(a, b, c, d, whole) if correction is Correction.WILLIAMS else 1.0)


def _likelihood(a: Any, b: Any, c: Any, d: Any, whole: float, correction: Correction) -> Any:
    less = _yates(a, b, c, d, whole) if correction is Correction.YATES else np.zeros(np.shape(a))
    less = np.where(a * d - b * c > 0, -less, less)
    a, b, c, d = a + less, b - less, c - less, d + less

    def part(seen: Any, row: Any, column: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(seen > 0, seen * np.log(seen / (row * column / whole)), 0.0)

    found = part(a, a + b, a + c) + part(b, a + b, b + d)
    found = 2 * (found + part(c, c + d, a + c) + part(d, c + d, b + d))
    return found / (_williams(a, b, c, d, whole) if correction is Correction.WILLIAMS else 1.0)


def _exact(a: Any, b: Any, c: Any, d: Any) -> tuple[Any, Any]:
    from scipy.stats import fisher_exact
    from scipy.stats.contingency import odds_ratio

    tables = np.stack([a, b, c, d], axis=1).astype(np.int64).reshape(-1, 2, 2)
    ratios = [float(odds_ratio(it).statistic) for it in tables]
    return np.array(ratios), np.array([float(fisher_exact(it)[1]) for it in tables])


def benjamini_hochberg(p: Any) -> Any:
    """p values adjusted for the rate of false discoveries (Benjamini and Hochberg 1995)."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return found
