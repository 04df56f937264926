"""How far two readings of the same units agree: measures, and every level, partner and department.

Every measure is a function of sums over units, so a resample is a sum of rows. Units of an
enriched sample count for as many as they stand for (one over their probability of being drawn).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from collabnlp.errors import UsageError
from collabnlp.labels.coefficients import (
    Floats,
    Measure,
    Sums,
    alpha,
    kappa,
    positive_agreement,
    quadratic,
    resample,
    rest,
)
from collabnlp.schema import Judgement, Level, Partner

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = list(Level)
_PARTNERS = list(Partner)
_SIZE = len(LEVELS)
_LEVEL_CELLS = _SIZE * _SIZE
# Cells after the levels: sums over the units that both call commitments.
_PARTNER, _DEPARTMENT, _TIER, _TODAY, _WEIGHT = range(_LEVEL_CELLS, _LEVEL_CELLS + 5)
_FIRST_CODE = _WEIGHT + 1  # from here three cells a partner or department: both, first, second
FEWEST_GIVEN = 5  # a department's code has figures of its own from so many times given


@dataclass(frozen=True, slots=True)
class ReadPair:
    """Two judgements of one unit; ``weight`` is how many units it stands for.

    ``today`` has the departments of either as they are called today, where that is known; ``unit``
    tells which unit it is, where several pairs may be about one.
    """

    document: str
    first: Judgement
    second: Judgement
    weight: float = 1.0
    today: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    unit: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAgreement:
    """One value against all others.

    kind      "level" (over all units), "partner" or "department" (over those that both readings
              call commitments)
    kappa     Cohen's, given or not given
    positive  of the times that either reading gave it, the share that both did: 2a / (2a + b + c)
    both, first, second  units to which both, the first alone, the second alone gave it; unweighted
    """

    kind: str
    name: str
    kappa: Measure
    positive: Measure
    both: int
    first: int
    second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of two readings: the measures, each class, and the units by first (row) and second (column)
    level, ``none`` first.

    pairs, units, documents, both  how many pairs of judgements of how many units of how many
    documents, and how many pairs call it a commitment twice; unweighted
    over  what the intervals resample: "documents", "units", or "" where there are none
    """

    measures: tuple[Measure, ...]
    classes: tuple[ClassAgreement, ...]
    pairs: int
    units: int
    documents: int
    both: int
    over: str
    levels: tuple[tuple[int, ...], ...]

    def measure(self, key: str) -> Measure:
        """The measure of that key. Raises KeyError."""
        for it in self.measures:
            if it.key == key:
                return it
        raise KeyError(key)


def agreement(pairs: Sequence[ReadPair], *, replicates: int = 2000, seed: int = 0) -> Agreement:
    """Measure the agreement of two readings, with 95% intervals of ``replicates`` resamples.

    Raises UsageError without pairs.
    """
    if not pairs:
        raise UsageError("No unit has both readings.", advice="Import a second reading first.")
    import numpy as np

    codes = sorted(set(chain.from_iterable(chain.from_iterable(map(_departments, pairs)))))
    rows = np.stack([_row(pair, codes) for pair in pairs])
    units = [
        (pair.document, pair.unit) if pair.unit else (pair.document, at)
        for at, pair in enumerate(pairs)
    ]
    sums = resample(
        rows, [pair.document for pair in pairs], units, replicates=replicates, seed=seed
    )
    weights = np.array([pair.weight for pair in pairs])[:, None]
    plain = np.rint(
        np.divide(rows, weights, out=np.zeros_like(rows), where=weights > 0).sum(axis=0)
    ).astype(int)
    counts = plain[:_LEVEL_CELLS].reshape(_SIZE, _SIZE)
    both = int(plain[_WEIGHT])
    return Agreement(
        measures=tuple(
            sums.measure(key, name, compute, units=both if of_both else len(pairs))
            for key, name, compute, of_both in _MEASURES
        ),
        classes=(*_level_classes(sums, counts), *_code_classes(sums, plain, codes)),
        pairs=len(pairs),
        units=len(set(units)),
        documents=len({pair.document for pair in pairs}),
        both=both,
        over=sums.over,
        levels=tuple(tuple(int(it) for it in row) for row in counts),
    )


def jaccard(left: Iterable[Any], right: Iterable[Any]) -> float:
    """Size of what two sets share over the size of both together; 1 for two empty ones."""
    one, other = set(left), set(right)
    return len(one & other) / len(one | other) if one | other else 1.0


def _departments(pair: ReadPair) -> tuple[tuple[str, ...], ...]:
    if Level.NONE in (pair.first.level, pair.second.level):
        return ()
    return pair.first.departments, pair.second.departments


def _row(pair: ReadPair, codes: Sequence[str]) -> Floats:
    """What one pair adds to the cells."""
    import numpy as np

    row = np.zeros(_FIRST_CODE + 3 * (len(_PARTNERS) + len(codes)))
    first, second = pair.first, pair.second
    row[LEVELS.index(first.level) * _SIZE + LEVELS.index(second.level)] = 1
    if Level.NONE not in (first.level, second.level):
        one, other = pair.today or (first.departments, second.departments)
        row[_PARTNER] = jaccard(first.partners, second.partners)
        row[_DEPARTMENT] = jaccard(first.departments, second.departments)
        row[_TIER] = first.actor_tier == second.actor_tier
        row[_TODAY] = jaccard(one, other)
        row[_WEIGHT] = 1
        for at, value in enumerate([*_PARTNERS, *codes]):
            partner = at < len(_PARTNERS)
            in_one = value in (first.partners if partner else first.departments)
            in_other = value in (second.partners if partner else second.departments)
            if in_one or in_other:
                which = 0 if in_one and in_other else 1 if in_one else 2
                row[_FIRST_CODE + 3 * at + which] = 1
    row *= pair.weight
    return row


def _levels(sums: Floats) -> Floats:
    """(…, levels, levels), first reader by second."""
    return sums[..., :_LEVEL_CELLS].reshape(*sums.shape[:-1], _SIZE, _SIZE)


def _level_against_rest(sums: Floats, at: int) -> Floats:
    levels = _levels(sums)
    both = levels[..., at, at]
    first, second = levels[..., at, :].sum(axis=-1), levels[..., :, at].sum(axis=-1)
    return rest(both, first - both, second - both, levels.sum(axis=(-2, -1)))


def _code_against_rest(sums: Floats, at: int) -> Floats:
    start = _FIRST_CODE + 3 * at
    cells = (sums[..., start], sums[..., start + 1], sums[..., start + 2])
    return rest(*cells, sums[..., _WEIGHT])


def _class(
    sums: Sums, kind: str, name: str, table: Callable[[Floats], Floats], given: tuple[int, ...]
) -> ClassAgreement:
    both, first, second = given
    either = both + first + second
    return ClassAgreement(
        kind=kind,
        name=name,
        kappa=sums.measure(
            "kappa",
            f"{name} or not: Cohen's kappa",
            lambda it: kappa(table(it)),
            units=either,
        ),
        positive=sums.measure(
            "positive_agreement",
            f"{name}: positive agreement",
            lambda it: positive_agreement(table(it)),
            units=either,
        ),
        both=both,
        first=first,
        second=second,
    )


def _level_classes(sums: Sums, counts: NDArray[Any]) -> list[ClassAgreement]:
    found = []
    for at, level in enumerate(LEVELS):
        both = int(counts[at, at])
        given = (both, int(counts[at].sum()) - both, int(counts[:, at].sum()) - both)
        found.append(_class(sums, "level", str(level), partial(_level_against_rest, at=at), given))
    return found


def _code_classes(sums: Sums, plain: NDArray[Any], codes: Sequence[str]) -> list[ClassAgreement]:
    """Partners, all of them, then the departments given often enough."""
    found = []
    for at, name in enumerate([*map(str, _PARTNERS), *codes]):
        start = _FIRST_CODE + 3 * at
        both, first, second = (int(it) for it in plain[start : start + 3])
        kind = "partner" if at < len(_PARTNERS) else "department"
        if kind == "partner" or 2 * both + first + second >= FEWEST_GIVEN:
            given = (both, first, second)
            found.append(_class(sums, kind, name, partial(_code_against_rest, at=at), given))
    return found


def _commitment_kappa(sums: Floats) -> Floats:
    return kappa(_level_against_rest(sums, 0))


def _level_kappa(sums: Floats) -> Floats:
    return kappa(_levels(sums)[..., 1:, 1:], quadratic(_SIZE - 1))


def _scale_kappa(sums: Floats) -> Floats:
    return kappa(_levels(sums), quadratic(_SIZE))


def _scale_alpha(sums: Floats) -> Floats:
    """Ordinal, ``none`` lowest. Of two readings the coincidences are the table both ways round."""
    levels = _levels(sums)
    return alpha(levels + levels.swapaxes(-1, -2), "ordinal")


def _share(cell: int) -> Callable[[Floats], Floats]:
    def compute(sums: Floats) -> Floats:
        import numpy as np

        weight = sums[..., _WEIGHT]
        out: Floats = np.full(np.shape(weight), np.nan)
        return np.divide(sums[..., cell], weight, out=out, where=weight > 0)

    return compute


# key, name, what computes it, and whether it rests on the units that both call commitments
_MEASURES: tuple[tuple[str, str, Callable[[Floats], Floats], bool], ...] = (
    ("commitment_kappa", "commitment or none: Cohen's kappa", _commitment_kappa, False),
    ("level_kappa", "level, both commitments: quadratic-weighted kappa", _level_kappa, True),
    ("scale_kappa", "whole scale: quadratic-weighted kappa", _scale_kappa, False),
    ("scale_alpha", "whole scale: ordinal Krippendorff's alpha", _scale_alpha, False),
    ("partners", "partners: mean Jaccard", _share(_PARTNER), True),
    ("departments", "departments: mean Jaccard", _share(_DEPARTMENT), True),
    ("departments_today", "departments, by today's names: mean Jaccard", _share(_TODAY), True),
    ("tier", "actor tier: equal", _share(_TIER), True),
)
