"""Finds texts that are nearly the same: Jaccard similarity of their runs of five words.

Exact, not sampled: two texts as alike as the limit must share one of their rarest runs, so only
texts that do are compared.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from collabnlp.identifiers import normalised

RUN = 5
ALIKE = 0.5
_WORD = re.compile(r"[^\W_]+")


def runs(text: str) -> frozenset[str]:
    """A text's runs of five words; a shorter text is one run."""
    words = _WORD.findall(normalised(text))
    if len(words) <= RUN:
        return frozenset({" ".join(words)}) if words else frozenset()
    return frozenset(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def near_duplicates(
    texts: Sequence[str], *, limit: float = ALIKE
) -> Iterator[tuple[int, int, float]]:
    """Pairs of texts whose runs are alike, as ``(earlier, later, similarity)``, later ascending.

    ``limit`` is the least Jaccard similarity, over 0 to 1.
    """
    sets = [runs(text) for text in texts]
    common = Counter(run for found in sets for run in found)
    index: dict[str, list[int]] = defaultdict(list)
    for later, found in enumerate(sets):
        rarest = sorted(found, key=lambda run: (common[run], run))
        # Of n runs, two texts that share limit * n must share one of the first n - limit * n + 1.
        prefix = rarest[: len(rarest) - math.ceil(limit * len(rarest)) + 1]
        candidates = sorted({earlier for run in prefix for earlier in index[run]})
        for earlier in candidates:
            shared = len(found & sets[earlier])
            similarity = shared / (len(found) + len(sets[earlier]) - shared)
            if similarity >= limit:
                yield earlier, later, similarity
        for run in prefix:
            index[run].append(later)
