"""What stands around two units: the words of their neighbours and of their sections, and the links
that are already found near them.

Where a text was written anew a sentence may share few words with the one that it comes from, but
what stands around both still tells of the same things. A *pair* is an index into the old units and
one into the new.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collabnlp.schema import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Pairs = NDArray[np.int64]

AROUND_EVIDENCE = ("around", "section", "best_section")
NEIGHBOUR_EVIDENCE = ("between", "narrow", "before", "after", "near", "nearest_old", "nearest_new")
# So many units before and after are a unit's surroundings, each step away counting less.
_REACH, _FADE = 4, 0.75
# Links count as near a pair up to so many units away, e-fold less for each _LINK_FADE units.
_LINK_REACH, _LINK_FADE = 8, 3.0
# A unit whose surroundings hold almost no link tells nothing of where it belongs.
_FEW_LINKS = 0.3


@dataclass(frozen=True)
class Around:
    """Words around the units of two versions (unit vectors, sparse) and of their sections.

    windows   one row a unit: the words of its neighbours, without its own
    sections  which section each unit belongs to: units under the same headings
    alike     cosine of every old section with every new one, and its share of the best cosine that
              either of both has
    """

    windows: tuple[Any, Any]
    sections: tuple[Any, Any]
    alike: tuple[Floats, Floats]

    @classmethod
    def of(cls, words: tuple[Any, Any], units: tuple[Sequence[Unit], Sequence[Unit]]) -> Around:
        """From the vectors of the units' own words."""
        import numpy as np

        numbers = [_sections(one) for one in units]
        rows = [_summed(*both) for both in zip(words, numbers, strict=True)]
        cosines = np.asarray((rows[0] @ rows[1].T).toarray(), dtype=np.float64)
        if cosines.size:
            best = np.maximum(cosines.max(axis=1)[:, None], cosines.max(axis=0)[None, :])
            share = cosines / np.maximum(1e-9, best)
        else:
            share = cosines
        windows = _windows(words[0]), _windows(words[1])
        return cls(windows, (numbers[0], numbers[1]), (cosines, share))

    def at(self, pairs: Pairs) -> Floats:
        """Three columns, as in `AROUND_EVIDENCE`, each 0..1."""
        import numpy as np

        olds, news = pairs[:, 0], pairs[:, 1]
        windows = self.windows[0][olds].multiply(self.windows[1][news]).sum(axis=1)
        at = self.sections[0][olds], self.sections[1][news]
        return np.stack([np.asarray(windows).ravel(), self.alike[0][at], self.alike[1][at]], axis=1)


def unit_rows(matrix: Any) -> Any:
    """The rows of a sparse matrix, each of length one (rows of zeros stay)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return csr_matrix(matrix.multiply(1.0 / lengths[:, None]))


def _band(size: int, reach: int, weights: Sequence[float]) -> Any:
    """A square matrix with ``weights`` one, two … steps beside its diagonal, which is empty."""
    import numpy as np
    from scipy.sparse import csr_matrix, diags

    steps = list(range(1, min(reach, size - 1) + 1))
    if not steps:
        return csr_matrix((size, size))
    rows = [np.full(size - step, weights[step - 1]) for step in steps]
    return diags(
        [*rows, *rows],
        [*steps, *(-step for step in steps)],
        shape=(size, size),
        format="csr",
        dtype=np.float64,
    )


def _windows(words: Any) -> Any:
    return unit_rows(_band(words.shape[0], _REACH, [_FADE**step for step in range(_REACH)]) @ words)


def _sections(units: Sequence[Unit]) -> Any:
    import numpy as np

    numbers: dict[tuple[str, ...], int] = {}
    return np.array(
        [numbers.setdefault(unit.headings, len(numbers)) for unit in units], dtype=np.int64
    )


def _summed(words: Any, sections: Any) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    size = len(sections)
    members = csr_matrix(
        (np.ones(size), (sections, np.arange(size))),
        shape=(int(sections.max()) + 1 if size else 0, size),
    )
    return unit_rows(members @ words)


def neighbour_evidence(
    pairs: Pairs,
    chain: Sequence[tuple[int, int]],
    rest: Sequence[tuple[int, int]],
    best: set[tuple[int, int]],
    sizes: tuple[int, int],
) -> Floats:
    """One row a pair, columns as in `NEIGHBOUR_EVIDENCE`; ``sizes`` are the numbers of units.

    between  the pair stands between the same links of the chain on both sides
    narrow   1 over the square root of the number of pairs that could stand there
    before, after  the units just before (after) both are each other's best
    near     how many links of the chain and the ``rest`` stand near both units: log(1 + sum)
    nearest_old, nearest_new  the same, as a share of the most that the old (new) unit has anywhere
    """
    import numpy as np

    beside = np.array([_beside(pair, best) for pair in pairs.tolist()]).reshape(-1, 2)
    return np.hstack([_between(pairs, chain), beside, _near(pairs, [*chain, *rest], sizes)])


def _beside(pair: Sequence[int], best: set[tuple[int, int]]) -> tuple[bool, bool]:
    i, j = pair
    return (i - 1, j - 1) in best, (i + 1, j + 1) in best


def _between(pairs: Pairs, chain: Sequence[tuple[int, int]]) -> Floats:
    import numpy as np

    olds = [i for i, _ in chain]
    mate = dict(chain)
    news = [j for _, j in chain]
    rows = np.zeros((len(pairs), 2))
    for at, (i, j) in enumerate(pairs.tolist()):
        place = bisect.bisect_left(olds, i)
        after = place + 1 if i in mate else place
        low_i, low_j = (olds[place - 1], news[place - 1]) if place else (-1, -1)
        inside = low_j < j
        if after < len(olds):
            inside = inside and j < news[after]
            high_i, high_j = olds[after], news[after]
        else:
            high_i, high_j = low_i + 40, low_j + 40
        room = max(1, (high_i - low_i - 1) * (high_j - low_j - 1))
        rows[at, 0] = inside
        rows[at, 1] = inside / math.sqrt(room)
    return rows


def _near(pairs: Pairs, links: Sequence[tuple[int, int]], sizes: tuple[int, int]) -> Floats:
    import numpy as np
    from scipy.sparse import csr_matrix

    if not len(pairs) or not links:
        return np.zeros((len(pairs), 3))
    found = csr_matrix((np.ones(len(links)), tuple(zip(*links, strict=True))), shape=sizes)
    fade = [math.exp(-step / _LINK_FADE) for step in range(_LINK_REACH)]
    kernels = [_band(size, _LINK_REACH, fade) for size in sizes]
    everywhere = (kernels[0] @ found @ kernels[1]).tocsr()
    olds, news = pairs[:, 0], pairs[:, 1]
    here = np.asarray(everywhere[olds, news]).ravel()
    shares = []
    for axis, owners in ((1, olds), (0, news)):
        most = np.asarray(everywhere.max(axis=axis).toarray()).ravel()[owners]
        shares.append(np.where(most > _FEW_LINKS, here / np.maximum(most, 1e-9), 0.0))
    return np.stack([np.log1p(here), *shares], axis=1)
