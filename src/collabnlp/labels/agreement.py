"""How far two readings agree, with intervals over documents.

Every measure is a function of sums over units, so each document gives one table of sums, and a
resample of documents is a sum of tables. Units of an enriched sample count for as many as they
stand for (one over their probability of being drawn).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collabnlp.errors import UsageError
from collabnlp.schema import Judgement, Level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Table = NDArray[np.float64]

_LEVELS = list(Level)
_SIZE = len(_LEVELS)
_WEIGHT = 4  # column of the last row that has the weight of the units both call commitments
_COVERED = 95.0  # per cent, of the intervals


@dataclass(frozen=True, slots=True)
class ReadPair:
    """Two judgements of one unit; ``weight`` is how many units it stands for.

    ``today`` has the departments of either as they are called today, where that is known.
    """

    document: str
    first: Judgement
    second: Judgement
    weight: float = 1.0
    today: tuple[tuple[str, ...], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure; ``low`` and ``high`` bound its 95% bootstrap interval over documents (None with
    a single document); ``units`` is how many units it rests on."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """All measures, how many units and documents, and the units by first (row) and second
    (column) level, unweighted, ``none`` first."""

    measures: tuple[Measure, ...]
    units: int
    documents: int
    levels: tuple[tuple[int, ...], ...]


def agreement(pairs: Sequence[ReadPair], *, replicates: int = 2000, seed: int = 0) -> Agreement:
    """Measure the agreement of two readings. Raises UsageError without pairs."""
    if not pairs:
        raise UsageError("No unit has both readings.", advice="Import a second reading first.")
    import numpy as np

    documents = sorted({pair.document for pair in pairs})
    tables = np.stack([_table(it for it in pairs if it.document == name) for name in documents])
    counts = np.zeros((_SIZE, _SIZE), dtype=int)
    for pair in pairs:
        counts[_LEVELS.index(pair.first.level), _LEVELS.index(pair.second.level)] += 1
    both = int(counts[1:, 1:].sum())
    draws = np.random.default_rng(seed).integers(len(documents), size=(replicates, len(documents)))
    resampled = [tables[draw].sum(axis=0) for draw in draws] if len(documents) > 1 else []
    measures = []
    for name, compute, of_both in _MEASURES:
        value = compute(tables.sum(axis=0))
        drawn = [it for it in map(compute, resampled) if it is not None]
        low, high = (None, None)
        if drawn and value is not None:
            tail = (100 - _COVERED) / 2
            low, high = (float(it) for it in np.percentile(drawn, [tail, 100 - tail]))
        units = both if of_both else len(pairs)
        measures.append(Measure(name=name, value=value, low=low, high=high, units=units))
    return Agreement(
        measures=tuple(measures),
        units=len(pairs),
        documents=len(documents),
        levels=tuple(tuple(int(it) for it in row) for row in counts),
    )


def _table(pairs: Iterable[ReadPair]) -> _Table:
    """Weighted sums of one document: levels by levels, then a row of Jaccard sums and weight."""
    import numpy as np

    table = np.zeros((_SIZE + 1, _SIZE))
    for pair in pairs:
        first, second = pair.first, pair.second
        table[_LEVELS.index(first.level), _LEVELS.index(second.level)] += pair.weight
        if Level.NONE in (first.level, second.level):
            continue
        table[_SIZE, 0] += pair.weight * jaccard(first.partners, second.partners)
        table[_SIZE, 1] += pair.weight * jaccard(first.departments, second.departments)
        table[_SIZE, 2] += pair.weight * (first.actor_tier == second.actor_tier)
        one, other = pair.today or (first.departments, second.departments)
        table[_SIZE, 3] += pair.weight * jaccard(one, other)
        table[_SIZE, _WEIGHT] += pair.weight
    return table


def jaccard(left: Iterable[Any], right: Iterable[Any]) -> float:
    """Size of what two sets share over the size of both together; 1 for two empty ones."""
    one, other = set(left), set(right)
    return len(one & other) / len(one | other) if one | other else 1.0


def _kappa(table: _Table, cost: _Table) -> float | None:
    """Cohen's kappa with a cost for each pair of values; None where chance leaves no room."""
    import numpy as np

    total = table.sum()
    if not total:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    chance = float((cost * expected).sum())
    return 1 - float((cost * table).sum()) / chance if chance else None


def _commitment_kappa(table: _Table) -> float | None:
    import numpy as np

    levels = table[:_SIZE]
    none = levels[0, 0]
    two = np.array(
        [
            [none, levels[0].sum() - none],
            [levels[:, 0].sum() - none, levels[1:, 1:].sum()],
        ]
    )
    return _kappa(two, np.array([[0.0, 1.0], [1.0, 0.0]]))


def _weighted_kappa(table: _Table) -> float | None:
    import numpy as np

    steps = np.arange(_SIZE - 1)
    cost = np.asarray((steps[:, None] - steps[None, :]) ** 2, dtype=np.float64)
    return _kappa(table[1:_SIZE, 1:], cost)


def _ordinal_alpha(table: _Table) -> float | None:
    """Krippendorff's alpha of two readers over the whole scale, ``none`` lowest.

    Ordinal distances depend on how often the values between two values were given.
    """
    import numpy as np

    levels = table[:_SIZE]
    coincidences = levels + levels.T
    given = coincidences.sum(axis=1)
    total = given.sum()
    if total <= 1:
        return None
    below = np.cumsum(given) - given / 2
    distance = (below[:, None] - below[None, :]) ** 2
    expected = float((distance * np.outer(given, given)).sum()) / (total - 1)
    # The diagonal has no distance, so pairing a value with itself does not matter.
    return 1 - float((distance * coincidences).sum()) / expected if expected else None


def _share(column: int) -> Callable[[_Table], float | None]:
    def compute(table: _Table) -> float | None:
        weight = float(table[_SIZE, _WEIGHT])
        return float(table[_SIZE, column]) / weight if weight else None

    return compute


_MEASURES: tuple[tuple[str, Callable[[Any], float | None], bool], ...] = (
    ("commitment or none: Cohen's kappa", _commitment_kappa, False),
    ("level, both commitments: quadratic-weighted kappa", _weighted_kappa, True),
    ("whole scale: ordinal Krippendorff's alpha", _ordinal_alpha, False),
    ("partners: mean Jaccard", _share(0), True),
    ("departments: mean Jaccard", _share(1), True),
    ("departments, by today's names: mean Jaccard", _share(3), True),
    ("actor tier: equal", _share(2), True),
)
