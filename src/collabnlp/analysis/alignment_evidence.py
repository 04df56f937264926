"""What speaks for two units being one passage: words, headings, numbers, neighbours.

A *pair* is an index into the old units and one into the new. Of the many possible pairs only those
that share telling words are looked at (`candidate_pairs`); each gets a row of figures
(`word_evidence`; what stands around them: `alignment_context`), which `alignment` weighs.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collabnlp.analysis.alignment_context import AROUND_EVIDENCE, Around, unit_rows
from collabnlp.identifiers import folded, normalised
from collabnlp.schema import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Pairs = NDArray[np.int64]

WORD_EVIDENCE = (
    "cosine_own",
    "cosine_all",
    "order_own",
    "order_all",
    "contained",
    "headings",
    "same_number",
    "same_ending",
    "margin_old",
    "margin_new",
    "identical",
    "identical_own",
    "short",
    *AROUND_EVIDENCE,
)
# Of the most alike units so many are looked at, from either side.
_NEAREST = 6
_LEAST_COSINE = 0.12
# "identify", "identified" and "identifying" count as one word: the same first letters.
_STEM = 6
# A word in more than this share of the units tells little.
_COMMON = 0.08
# Rows of the product held at once: a long act has thousands of units.
_BLOCK = 512
# Repeated texts ("As above.") make many pairs; more than so many of one text are not all looked at.
_REPEATS = 400
_WORD = re.compile(r"[^\W_]+")
_LEADING_NUMBER = re.compile(r"^(?:annex|part|section|chapter|schedule)?\s*[\divxlc.]*\d*\W*", re.I)
_FIRST_CHARACTER = 0x10000  # above the surrogates: any word number is then a character


@dataclass(frozen=True)
class Side:
    """One version's units, made ready: words of the own text and of the whole, as printed order.

    ``own`` and ``all`` hold one character a word, so that a string library compares word by word;
    ``common`` are the words that stand in many units, for `str.translate` to take out.
    """

    units: tuple[Unit, ...]
    own: tuple[str, ...]
    all: tuple[str, ...]
    common: dict[int, None]
    folded: tuple[str, ...]
    folded_own: tuple[str, ...]
    headings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.units)


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, in lower case, without its punctuation."""
    return _WORD.findall(normalised(text))


def make_sides(old: Sequence[Unit], new: Sequence[Unit]) -> tuple[Side, Side]:
    """Both versions with one numbering of their words."""
    numbers: dict[str, int] = {}

    def spelled(text: str) -> str:
        return "".join(
            chr(_FIRST_CHARACTER + numbers.setdefault(word[:_STEM], len(numbers)))
            for word in words_of(text)
        )

    texts = [[spelled(unit.own_text) for unit in units] for units in (old, new)]
    found = Counter(word for side in texts for text in side for word in set(text))
    many = _COMMON * (len(old) + len(new))
    common = {ord(word): None for word, count in found.items() if count > max(3.0, many)}

    def side(units: Sequence[Unit], own: list[str]) -> Side:
        return Side(
            units=tuple(units),
            own=tuple(own),
            common=common,
            all=tuple(
                words if unit.text == unit.own_text else spelled(unit.text)
                for unit, words in zip(units, own, strict=True)
            ),
            folded=tuple(folded(unit.text) for unit in units),
            folded_own=tuple(folded(unit.own_text) for unit in units),
            headings=tuple(
                " / ".join(_LEADING_NUMBER.sub("", head).lower() for head in unit.headings)
                for unit in units
            ),
        )

    return side(old, texts[0]), side(new, texts[1])


def _vectors(old: Sequence[str], new: Sequence[str]) -> tuple[Any, Any]:
    """Unit vectors of both sides' words, rare words weighing more (sparse, one row a text)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    texts = [*old, *new]
    found = Counter(word for text in texts for word in dict.fromkeys(text))
    column = {word: at for at, word in enumerate(found)}
    weight = np.array([math.log(1 + len(texts) / found[word]) for word in found])
    rows, columns = [], []
    for row, text in enumerate(texts):
        for word in dict.fromkeys(text):
            rows.append(row)
            columns.append(column[word])
    values = weight[columns] if columns else np.zeros(0)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(texts), max(1, len(found))))
    matrix = unit_rows(matrix)
    return matrix[: len(old)], matrix[len(old) :]


@dataclass(frozen=True)
class Cosines:
    """Cosines of telling words between the units of two versions, computed where asked for."""

    old: tuple[Any, Any]
    new: tuple[Any, Any]
    around: Around

    @classmethod
    def of(cls, old: Side, new: Side) -> Cosines:
        own = _vectors(old.own, new.own)
        whole = _vectors(old.all, new.all)
        around = Around.of(own, (old.units, new.units))
        return cls((own[0], whole[0]), (own[1], whole[1]), around)

    def at(self, pairs: Pairs) -> Floats:
        """Two columns: of own words, of all words."""
        import numpy as np

        rows, columns = pairs[:, 0], pairs[:, 1]
        both = [
            np.asarray(a[rows].multiply(b[columns]).sum(axis=1)).ravel()
            for a, b in zip(self.old, self.new, strict=True)
        ]
        return np.stack(both, axis=1)

    def nearest(self, olds: Sequence[int], news: Sequence[int]) -> set[tuple[int, int]]:
        """The most alike of these old and new units, from either side."""
        from scipy.sparse import csr_matrix, hstack

        shares = (math.sqrt(0.7), math.sqrt(0.3))
        a, b = (
            csr_matrix(hstack([share * one for share, one in zip(shares, side, strict=True)]))
            for side in (self.old, self.new)
        )
        if not olds or not news:
            return set()
        a, b = a[list(olds)], b[list(news)]
        found = set(_nearest(a, b)) | {(i, j) for j, i in _nearest(b, a)}
        return {(olds[i], news[j]) for i, j in found}


def candidate_pairs(old: Side, new: Side, cosines: Cosines) -> set[tuple[int, int]]:
    """Pairs worth a look. Text that stands unchanged in its place (`unchanged`) has one pair a
    unit; the rest has the nearest units from either side, and every pair of equal texts."""
    fixed = unchanged(old.folded, new.folded)
    olds, news = {i for i, _ in fixed}, {j for _, j in fixed}
    free_old = [i for i in range(len(old)) if i not in olds]
    free_new = [j for j in range(len(new)) if j not in news]
    chosen = cosines.nearest(free_old, free_new)
    for texts in ((old.folded, new.folded), (old.folded_own, new.folded_own)):
        chosen |= _equal(*texts, free_old, free_new)
    return chosen | fixed


def unchanged(old: Sequence[str], new: Sequence[str]) -> set[tuple[int, int]]:
    """Texts that stand once in either version, as far as they run forward, and the equal texts that
    adjoin them without a gap (patience diff)."""
    counts = Counter(old), Counter(new)
    place = {text: j for j, text in enumerate(new) if counts[1][text] == 1}
    once = [
        (i, place[text]) for i, text in enumerate(old) if counts[0][text] == 1 and text in place
    ]
    fixed = set(_longest_forward(once))
    olds, news = {i for i, _ in fixed}, {j for _, j in fixed}
    for step in (1, -1):
        for i, j in sorted(fixed, reverse=step < 0):
            i, j = i + step, j + step
            while 0 <= i < len(old) and 0 <= j < len(new) and old[i] == new[j]:
                if i in olds or j in news:
                    break
                fixed.add((i, j))
                olds.add(i)
                news.add(j)
                i, j = i + step, j + step
    return fixed


def _longest_forward(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run forward on both sides; ``pairs`` are sorted by their old unit, which stands
    in one of them only, as does the new one."""
    ends: list[int] = []
    at_end: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(at_end[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        at_end[length : length + 1] = [at]
    run = []
    at = at_end[-1] if at_end else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


def as_pairs(chosen: set[tuple[int, int]]) -> Pairs:
    """Pairs as an array, sorted."""
    import numpy as np

    return np.array(sorted(chosen), dtype=np.int64).reshape(-1, 2)


def _nearest(rows: Any, columns: Any) -> Iterator[tuple[int, int]]:
    import numpy as np

    turned = columns.T.tocsr()
    for start in range(0, rows.shape[0], _BLOCK):
        block = (rows[start : start + _BLOCK] @ turned).tocoo()
        enough = block.data >= _LEAST_COSINE
        row, column, cosine = block.row[enough], block.col[enough], block.data[enough]
        # Rounded, then by column: equal cosines are taken in reading order on every machine.
        order = np.lexsort((column, -cosine.round(6), row))
        row, column = row[order], column[order]
        near = np.arange(len(row)) - np.searchsorted(row, row) < _NEAREST
        yield from zip((row[near] + start).tolist(), column[near].tolist(), strict=True)


def _equal(
    old: Sequence[str], new: Sequence[str], olds: Sequence[int], news: Sequence[int]
) -> set[tuple[int, int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for at in news:
        places[new[at]].append(at)
    asked: dict[str, list[int]] = defaultdict(list)
    for at in olds:
        if old[at] in places:
            asked[old[at]].append(at)
    found = set()
    for text, rows in asked.items():
        columns = places[text]
        reach = len(columns) if len(rows) * len(columns) <= _REPEATS else 10
        for rank, row in enumerate(rows):
            # of many repeats, those of about the same rank
            middle = rank * len(columns) // len(rows)
            low, high = max(0, middle - reach), middle + reach + 1
            found |= {(row, column) for column in columns[low:high]}
    return found


def word_evidence(old: Side, new: Side, pairs: Pairs, cosines: Cosines) -> Floats:
    """One row a pair, columns as in `WORD_EVIDENCE`, each 0..1 (margins −1..1)."""
    import numpy as np
    from rapidfuzz import fuzz, process
    from rapidfuzz.distance import LCSseq

    if not len(pairs):
        return np.zeros((0, len(WORD_EVIDENCE)))
    rows, columns = pairs[:, 0].tolist(), pairs[:, 1].tolist()
    own, whole = cosines.at(pairs).T

    def compared(left: Sequence[str], right: Sequence[str], scorer: Any) -> Floats:
        a = [left[row] for row in rows]
        b = [right[column] for column in columns]
        return np.asarray(process.cpdist(a, b, scorer=scorer), dtype=np.float64)

    order_own = compared(old.own, new.own, fuzz.ratio) / 100
    order_all = compared(old.all, new.all, fuzz.ratio) / 100
    common = compared(old.own, new.own, LCSseq.similarity)
    shorter = np.array(
        [
            max(1, min(len(old.own[row]), len(new.own[column])))
            for row, column in zip(rows, columns, strict=True)
        ],
        dtype=np.float64,
    )
    headings = compared(old.headings, new.headings, fuzz.ratio) / 100
    alike = 0.5 * own + 0.2 * whole + 0.3 * order_own
    same_number, same_ending, identical, identical_own = [], [], [], []
    for row, column in zip(rows, columns, strict=True):
        a, b = old.units[row].provision, new.units[column].provision
        same_number.append(a is not None and a == b)
        same_ending.append(a is not None and b is not None and _ending(a) == _ending(b))
        identical.append(old.folded[row] == new.folded[column])
        identical_own.append(old.folded_own[row] == new.folded_own[column])
    columns_of_words = np.stack(
        [
            own,
            whole,
            order_own,
            order_all,
            common / shorter,
            headings,
            np.array(same_number, dtype=np.float64),
            np.array(same_ending, dtype=np.float64),
            _margins(alike, rows),
            _margins(alike, columns),
            np.array(identical, dtype=np.float64),
            np.array(identical_own, dtype=np.float64),
            1.0 / np.sqrt(shorter),
        ],
        axis=1,
    )
    return np.hstack([columns_of_words, cosines.around.at(pairs)])


def kept_share(old: Side, new: Side) -> float:
    """The share of the shorter version's units whose text stands in the other too."""
    if not len(old) or not len(new):
        return 0.0
    shorter, longer = sorted((old.folded, new.folded), key=len)
    texts = set(longer)
    return sum(text in texts for text in shorter) / len(shorter)


def _ending(number: str) -> str:
    return re.split(r"(?=\()|\.", number)[-1]


def _margins(alike: Floats, owners: Sequence[int]) -> Floats:
    """How far each pair stands above the best other pair of the same unit."""
    import numpy as np

    best: dict[int, tuple[float, float]] = {}
    for owner, value in zip(owners, alike.tolist(), strict=True):
        first, second = best.get(owner, (0.0, 0.0))
        best[owner] = (value, first) if value > first else (first, max(second, value))
    return np.array(
        [
            value - (best[owner][1] if value == best[owner][0] else best[owner][0])
            for owner, value in zip(owners, alike.tolist(), strict=True)
        ]
    )
