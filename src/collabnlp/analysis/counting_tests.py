"""Are groups of commitments different: in how many there are, and in their levels?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from collabnlp.analysis.counting import OF_DOCUMENTS
from collabnlp.schema import LADDER, CountKey, Counts, Figure, GroupTest

PERMUTATIONS, DRAWS = 9999, 999
# Below this expected count chi-square's own distribution is no longer to be trusted (Cochran).
_LEAST_EXPECTED = 5.0
_SEED = 7


def group_tests(counts: Counts) -> tuple[tuple[GroupTest, ...], tuple[str, ...]]:
    """Tests between the groups that the keys but the level make, and remarks.

    ``counts`` has the level among its keys. Where all other keys are of documents, the rates per
    unit are compared too. A unit of several groups belongs to no comparison.
    """
    at = counts.by.index(CountKey.LEVEL)
    keys = [key for key in counts.by if key is not CountKey.LEVEL]
    levels = [str(it) for it in LADDER]
    groups: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
    sizes: dict[tuple[str, ...], int] = {}
    held: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for cell in counts.cells:
        group = (*cell.values[:at], *cell.values[at + 1 :])
        sizes[group] = cell.units
        own = groups.setdefault(group, {})
        for row in cell.rows:
            own[row] = levels.index(cell.values[at])
            held[row].add(group)
    shared = {row for row, of in held.items() if len(of) > 1}
    names = {group: " · ".join(group) for group in groups}
    table = {
        names[group]: np.bincount(
            [level for row, level in own.items() if row not in shared], minlength=len(levels)
        )
        for group, own in groups.items()
    }
    by_documents = all(key in OF_DOCUMENTS for key in keys)
    tests: list[GroupTest] = []
    remarks = []
    if by_documents and len(groups) > 1:
        rates = {
            names[it]: np.array([len(own), sizes[it] - len(own)]) for it, own in groups.items()
        }
        tests += _compare("commitments among units", rates)
    filled = {name: it for name, it in table.items() if it.sum()}
    if len(filled) > 1:
        tests += _compare("mix of levels", filled)
        for index, level in enumerate(levels):
            parts = {
                name: np.array([it[index], it.sum() - it[index]]) for name, it in filled.items()
            }
            tests += _compare(f"{level} among commitments", parts)
        if len(filled) > 2:
            for name, line in filled.items():
                rest = np.sum([it for other, it in filled.items() if other != name], axis=0)
                tests += _compare("mix of levels", {name: line, "all others": rest})
    else:
        remarks.append("There are not two groups with commitments to compare.")
    if any(key == CountKey.LEVEL for key, _ in counts.where):
        remarks.append("Tests compare only the levels that --where lets through.")
    if shared:
        remarks.append(
            f"{len(shared)} commitments that belong to more than one group are left out of the "
            "tests."
        )
    if tests:
        remarks.append(
            "Tests compare what the model decided, and take units as independent; units of one "
            "document are not quite, so read p values near a bound as undecided."
        )
    adjusted = holm([test.p for test in tests])
    found = [replace(it, adjusted=p) for it, p in zip(tests, adjusted, strict=True)]
    return tuple(found), tuple(remarks)


def holm(values: Sequence[float]) -> list[float]:
    """p values adjusted by Holm's method (1979), in the order given."""
    order = sorted(range(len(values)), key=lambda it: values[it])
    found = [0.0] * len(values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        found[index] = highest
    return found


def _compare(question: str, groups: dict[str, Any]) -> Iterable[GroupTest]:
    """One test of a table, groups × classes; none where a class or a group has nothing at all."""
    table = np.stack(list(groups.values()))
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        return
    statistic, method, p = _test(table)
    if table.shape == (2, 2) and len(next(iter(groups.values()))) == 2:
        effect, size = "log ratio", log_ratio(*(int(it) for it in table.ravel()))
    else:
        effect, size = "Cramer's V", cramers_v(table)
    yield GroupTest(
        question=question,
        groups=tuple(groups),
        method=method,
        statistic=statistic,
        p=p,
        adjusted=p,
        effect=effect,
        size=size,
        units=int(table.sum()),
    )


def _test(table: Any) -> tuple[float | None, str, float]:
    """Statistic, method and p: chi-square; where an expected count is under 5, Fisher's exact test
    for two by two, else permutations of the units."""
    from scipy.special import chdtrc

    statistic = chi_square(table)
    if _expected(table).min() >= _LEAST_EXPECTED:
        freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
        return statistic, "chi-square", float(chdtrc(freedom, statistic))
    if table.shape == (2, 2):
        from scipy.stats import fisher_exact

        return None, "Fisher's exact test", float(fisher_exact(table)[1])
    return statistic, "permutations of chi-square", _permuted(table, statistic)


def _expected(table: Any) -> Any:
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def chi_square(table: Any) -> float:
    """Pearson's chi-square of a table of counts without empty rows or columns."""
    expected = _expected(table)
    return float(((table - expected) ** 2 / expected).sum())


def _permuted(table: Any, statistic: float) -> float:
    """Share of random tables of the same margins whose chi-square is as high (Patefield's draws
    by hypergeometric sampling), the observed one among them."""
    random = np.random.default_rng(_SEED)
    expected = _expected(table)
    classes = table.sum(axis=0)
    left = np.broadcast_to(classes, (PERMUTATIONS, len(classes))).copy()
    total = np.zeros(PERMUTATIONS)
    for row, size in enumerate(table.sum(axis=1)):
        drawn = np.zeros_like(left)
        want = np.full(PERMUTATIONS, size)
        rest = left.sum(axis=1)
        for at in range(len(classes)):
            rest = rest - left[:, at]
            drawn[:, at] = random.hypergeometric(left[:, at], rest, want)
            want = want - drawn[:, at]
        left -= drawn
        total += ((drawn - expected[row]) ** 2 / expected[row]).sum(axis=1)
    return float((1 + (total >= statistic - 1e-9).sum()) / (PERMUTATIONS + 1))


def cramers_v(table: Any) -> Figure:
    """Cramer's V (0..1) with a bootstrap interval over units."""
    random = np.random.default_rng(_SEED)
    whole = int(table.sum())

    def of(counts: Any) -> float:
        counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
        least = min(counts.shape) - 1
        return float(np.sqrt(chi_square(counts) / (whole * least))) if least > 0 else 0.0

    value = of(table)
    drawn = random.multinomial(whole, table.ravel() / whole, size=DRAWS)
    low, high = np.quantile([of(it.reshape(table.shape)) for it in drawn], [0.025, 0.975])
    return Figure(value, min(value, float(low)), max(value, float(high)))


def log_ratio(hits: int, misses: int, other_hits: int, other_misses: int) -> Figure:
    """Binary logarithm of the ratio of two shares with its interval (delta method); one half is
    added where a share is nothing."""
    first, second = float(hits), float(other_hits)
    whole, other = float(hits + misses), float(other_hits + other_misses)
    if not first or not second:
        first, second, whole, other = first + 0.5, second + 0.5, whole + 1.0, other + 1.0
    value = float(np.log2((first / whole) / (second / other)))
    error = np.sqrt(max(0.0, 1 / first - 1 / whole + 1 / second - 1 / other)) / np.log(2)
    reach = 1.959963984540054 * float(error)
    return Figure(value, value - reach, value + reach)
