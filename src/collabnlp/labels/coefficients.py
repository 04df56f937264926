"""Coefficients of agreement as functions of tables of sums, and their bootstrap.

Every coefficient takes tables along the last axes and anything before them, so that two thousand
resamples are one call. Where a coefficient is undefined (one value alone, nothing to compare) it
is NaN in an array and None as a single figure.

Cohen 1960 and 1968 (kappa, weighted kappa), Krippendorff 2004 (alpha), Fleiss 1975 (positive
agreement).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:
    Floats = Any

Metric = Literal["nominal", "ordinal"]
COVERED = 95.0  # per cent, of the intervals
FEWEST_DOCUMENTS = 5  # with fewer, units are resampled: a handful of clusters tells no spread
_DUST = 1e-9  # of the total: sums of weights that should cancel leave so little


def one(value: Floats) -> float | None:
    """A single figure out of an array without axes; None where it is undefined."""
    import numpy as np

    number = float(value)
    return None if np.isnan(number) else number


def quadratic(size: int) -> Floats:
    """Costs of weighted kappa: the square of how many steps two values are apart."""
    import numpy as np

    steps = np.arange(size, dtype=np.float64)
    return np.asarray((steps[:, None] - steps) ** 2)


def kappa(tables: Floats, costs: Floats | None = None) -> Floats:
    """Cohen's kappa of tables (…, k, k), first reader by second.

    costs: (k, k), 0 on the diagonal: what each pair of values costs; 1 off the diagonal by
    default, `quadratic` for the quadratic-weighted kappa.
    """
    import numpy as np

    given = np.asarray(tables, dtype=np.float64)
    weights = 1 - np.eye(given.shape[-1]) if costs is None else np.asarray(costs)
    total = given.sum(axis=(-2, -1))
    chance = np.einsum("...i,...j,ij->...", given.sum(axis=-1), given.sum(axis=-2), weights)
    seen = (given * weights).sum(axis=(-2, -1)) * total
    return _complement(seen, chance, total**2)


def rest(both: Floats, first: Floats, second: Floats, total: Floats) -> Floats:
    """Tables (…, 2, 2) of one value against the rest: given by both, by the first alone, by the
    second alone, out of ``total``."""
    import numpy as np

    neither = np.maximum(total - both - first - second, 0.0)
    rows = [np.stack([both, first], axis=-1), np.stack([second, neither], axis=-1)]
    return np.stack(rows, axis=-2)


def positive_agreement(tables: Floats) -> Floats:
    """Of tables (…, 2, 2): of the times that either gave the value, the share that both did, as
    2a / (2a + b + c)."""
    import numpy as np

    both, either = 2 * tables[..., 0, 0], tables[..., 0, 1] + tables[..., 1, 0]
    total = both + either
    out: Floats = np.full(np.shape(total), np.nan)
    return np.divide(both, total, out=out, where=total > 0)


def coincidences(counts: Floats, weights: Floats | None = None) -> Floats:
    """Coincidence tables (units, k, k) from how often each value was given to each unit (units, k).

    A unit with m values adds 1 / (m - 1) for each ordered pair of them; one with a single value
    adds nothing, so readers may have left units out. ``weights``: how many units each stands for.
    """
    import numpy as np

    given = np.asarray(counts, dtype=np.float64)
    values = given.sum(axis=1)
    share = np.divide(1.0, values - 1, out=np.zeros_like(values), where=values > 1)
    if weights is not None:
        share = share * weights
    pairs = given[:, :, None] * given[:, None, :]
    pairs -= given[:, :, None] * np.eye(given.shape[1])
    return np.asarray(pairs * share[:, None, None])


def alpha(tables: Floats, metric: Metric | Floats = "nominal") -> Floats:
    """Krippendorff's alpha of coincidence tables (…, k, k).

    metric: ``nominal`` (values are the same or not), ``ordinal`` (the distance of two values is how
    often the values between them were given), or squared distances (k, k) of one's own.
    """
    import numpy as np

    pairs = np.asarray(tables, dtype=np.float64)
    given = pairs.sum(axis=-1)
    total = given.sum(axis=-1)
    if isinstance(metric, str):
        if metric == "ordinal":
            middle = np.cumsum(given, axis=-1) - given / 2
            distance = (middle[..., :, None] - middle[..., None, :]) ** 2
        else:
            distance = np.broadcast_to(1 - np.eye(pairs.shape[-1]), pairs.shape)
    else:
        distance = np.broadcast_to(metric, pairs.shape)
    seen = (pairs * distance).sum(axis=(-2, -1)) * np.maximum(total - 1, 0)
    chance = np.einsum("...i,...j,...ij->...", given, given, distance)
    # Ordinal distances grow with the square of the counts.
    scale = total**2 * np.maximum(distance.max(axis=(-2, -1)), 1) if total.size else total
    return _complement(seen, np.where(total > 1, chance, 0.0), scale)


def _complement(seen: Floats, chance: Floats, scale: Floats) -> Floats:
    """1 - seen / chance, NaN where chance leaves no room."""
    import numpy as np

    out: Floats = np.full(np.shape(chance), np.nan)
    room = chance > _DUST * np.maximum(scale, 1.0)
    return np.asarray(1 - np.divide(seen, chance, out=out, where=room))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure; ``low`` and ``high`` bound its 95% bootstrap interval.

    key     a short name for programs; name: for people
    value   None where it is undefined
    low     None where there is nothing to resample, or half of the resamples have no value
    units   how many units it rests on
    """

    key: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    units: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over all units (cells) and over each resample (replicates, cells).

    ``over`` is what was resampled: "documents", "units", or "" with a single unit.
    """

    total: Floats
    drawn: Floats
    over: str

    def measure(
        self, key: str, name: str, compute: Callable[[Floats], Floats], *, units: int
    ) -> Measure:
        """The figure that ``compute`` makes of sums (…, cells), with its interval (percentiles)."""
        import numpy as np

        value = one(compute(self.total))
        low = high = None
        if value is not None and len(self.drawn):
            drawn = compute(self.drawn)
            drawn = drawn[~np.isnan(drawn)]
            if 2 * len(drawn) >= len(self.drawn):
                tail = (100 - COVERED) / 2
                low, high = (float(it) for it in np.percentile(drawn, [tail, 100 - tail]))
        return Measure(key=key, name=name, value=value, low=low, high=high, units=units)


def resample(
    rows: Sequence[Floats] | Floats,
    documents: Sequence[str],
    units: Iterable[object],
    *,
    replicates: int,
    seed: int,
) -> Sums:
    """Sum rows (n, cells) and draw bootstrap resamples of them.

    Documents are drawn where there are at least five, for units of one document are read by the
    same eye in the same mood; otherwise units, all rows of a unit together.
    """
    import numpy as np

    table = np.asarray(rows, dtype=np.float64)
    over = "documents" if len(set(documents)) >= FEWEST_DOCUMENTS else "units"
    keys: Iterable[object] = documents if over == "documents" else units
    names, of_row = np.unique([str(key) for key in keys], return_inverse=True)
    clusters = np.zeros((len(names), table.shape[1]))
    np.add.at(clusters, of_row, table)
    dice = np.random.default_rng(seed)
    if over == "documents":
        draws = dice.integers(len(names), size=(replicates, len(names)))
        times = np.stack([np.bincount(draw, minlength=len(names)) for draw in draws])
    elif len(names) > 1:
        # Equal units are drawn as one, for there are many units and few ways to read one.
        clusters, alike = np.unique(clusters, axis=0, return_counts=True)
        times = dice.multinomial(len(names), alike / len(names), size=replicates)
        return Sums((alike @ clusters), times @ clusters, over)
    else:
        return Sums(clusters.sum(axis=0), np.zeros((0, table.shape[1])), "")
    return Sums(clusters.sum(axis=0), times @ clusters, over)
