"""What speaks for having a person read a unit, by the model at hand alone. NumPy, no training.

Each measure is one number a unit, higher where reading it promises more. They are compared with
reading in random order in docs/queue.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collabnlp.schema import Reason
from collabnlp.tagging.features import UnitFeatures
from collabnlp.tagging.level_model import LevelScores, SparseRows, Vocabulary

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Floats, Integers

LEAST_WORDS = 4
"""Shorter units are left to chance: they are figures, names and labels of tables."""

WIDTH = 1000
"""Among so many of the least certain units, at most, the diverse ones are spread."""

LEAST_OPEN = 0.1
"""Uncertainty below which no unit is called diverse or unlike the training data."""

LEAST_NEW = 0.15
"""Share of new words below which no unit is called unlike the training data."""

MOST_DIVERSE = 150
"""So many diverse units are looked for."""


def uncertainty(scores: LevelScores) -> Floats:
    """How much the model leaves open: 1 less the highest of a unit's six probabilities (n), from
    0 to 5/6. The "least confident" rule of Lewis and Gale (1994)."""
    return 1.0 - scores.sureness


def disagreement(votes: Sequence[Integers]) -> Floats:
    """How far apart a committee's members are (n), in steps of the ladder, from 0 to 5.

    ``votes`` has for each member the level it decided on (n): 0 for none, 1..5. The mean distance
    over all pairs of members: query by committee (Seung et al., 1992), on an ordered scale. One
    member never disagrees.
    """
    import numpy as np

    table = np.stack(votes)
    size = len(table)
    if size < 2:
        return np.zeros(table.shape[1])
    pairs = [np.abs(table[a] - table[b]) for a in range(size) for b in range(a)]
    return np.asarray(np.mean(pairs, axis=0))


@dataclass(frozen=True, slots=True)
class Unlikeness:
    """``share``: of a unit's single words that the model's vocabulary does not know (n), 0..1;
    ``words``: how many different words that is taken of."""

    share: Floats
    words: Integers


def unlikeness(vocabulary: Vocabulary, features: Sequence[UnitFeatures]) -> Unlikeness:
    """How much of what a unit says the model has never weighed.

    Single words alone: most pairs of words are new in any text. The vocabulary is all that a model
    keeps of what it was trained on, so a distance to the training units themselves is not to be
    had where the model is used.
    """
    import numpy as np

    known = vocabulary.runs
    shares, sizes = [], []
    for one in features:
        words = {run for run in one.runs if " " not in run and run.isalpha()}
        sizes.append(len(words))
        shares.append(sum(word not in known for word in words) / len(words) if words else 0.0)
    return Unlikeness(np.array(shares, dtype=np.float64), np.array(sizes, dtype=np.int64))


def farthest_first(
    rows: SparseRows, *, size: int, there: Sequence[int] = ()
) -> list[tuple[int, float]]:
    """Rows in an order in which each is the farthest from all before it, and how far that is.

    The greedy k-centre rule (Gonzalez, 1985; for active learning Sener and Savarese, 2018), which
    is at most twice as wide as the best. ``there``: rows that stand before the first. Distance: 1
    less the cosine, 0..1. Of equals the earliest; a row equal to one before it is never taken.
    """
    import numpy as np

    squares = np.zeros(len(rows))
    at = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    np.add.at(squares, at, rows.values**2)
    length = np.sqrt(squares)
    length[length == 0.0] = 1.0

    def likeness(one: int) -> Floats:
        dense = np.zeros(rows.width)
        inside = slice(rows.starts[one], rows.starts[one + 1])
        dense[rows.columns[inside]] = rows.values[inside]
        return np.asarray(rows.times(dense) / (length * length[one]))

    nearest = np.zeros(len(rows))
    for one in there:
        nearest = np.maximum(nearest, likeness(one))
        nearest[one] = 1.0
    order: list[tuple[int, float]] = []
    while len(order) < min(size, len(rows)):
        one = int(np.argmin(nearest))
        distance = 1.0 - float(nearest[one])
        if distance <= 1e-9:
            break
        order.append((one, distance))
        nearest = np.maximum(nearest, likeness(one))
        nearest[one] = 1.0
    return order


@dataclass(frozen=True, slots=True)
class Doubted:
    """A unit, by its index, in one reason's order: how strongly it holds (0..1), and a line that
    says why and names no label."""

    unit: int
    score: float
    detail: str


def doubts(
    scores: LevelScores,
    vocabulary: Vocabulary,
    features: Sequence[UnitFeatures],
    votes: Mapping[str, Integers],
) -> dict[Reason, list[Doubted]]:
    """The units in the order of each reason that a model alone can give, strongest first.

    ``votes`` are the committee's decisions by member, in words ("the model", "the cue rules").
    Left out are units of fewer than `LEAST_WORDS` words (figures, labels of tables), and those for
    which a reason does not hold at all. Distances and new words are weighed by the uncertainty
    they come with: alone they find the cue rules' false alarms, and names. Diverse units are
    spread over the `WIDTH` least certain, for the farthest of all units are oddities.
    """
    import numpy as np

    open_ = uncertainty(scores)
    apart = disagreement(list(votes.values()))
    new = unlikeness(vocabulary, features)
    long = new.words >= LEAST_WORDS
    strange = (new.share >= LEAST_NEW) & (open_ >= LEAST_OPEN)
    orders: dict[Reason, list[Doubted]] = {}

    def ranked(strength: Floats, tie: Floats) -> list[int]:
        order = np.lexsort((np.arange(len(strength)), -tie, -strength))
        return [at for at in order.tolist() if long[at] and strength[at] > 0]

    orders[Reason.LEAST_CERTAIN] = [
        Doubted(at, float(open_[at]), f"Its likeliest answer has {_percent(1 - open_[at])}.")
        for at in ranked(open_, open_)
    ]
    orders[Reason.DISAGREEING] = [
        Doubted(at, float(apart[at]) / 5, _who_differ(votes, at))
        for at in ranked(apart * open_, open_)
    ]
    orders[Reason.UNLIKE] = [
        Doubted(
            at,
            float(new.share[at]),
            f"{_percent(new.share[at])} of its {new.words[at]} words are new to the model.",
        )
        for at in ranked(np.where(strange, new.share * open_, 0.0), open_)
    ]
    doubtful = [at for at in ranked(open_, open_)[:WIDTH] if open_[at] >= LEAST_OPEN]
    rows = vocabulary.rows([features[at] for at in doubtful])
    orders[Reason.DIVERSE] = [
        Doubted(doubtful[at], distance, f"Among the unsure, {_percent(distance)} from the nearest.")
        for at, distance in farthest_first(rows, size=MOST_DIVERSE)
    ]
    return orders


def _percent(share: float) -> str:
    return f"{float(share):.0%}"


def _who_differ(votes: Mapping[str, Integers], at: int) -> str:
    """The two members that are farthest apart; which of them says what stays untold."""
    names = list(votes)
    steps, one, other = max(
        (abs(int(votes[a][at]) - int(votes[b][at])), -i, -j)
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i < j
    )
    told = "1 step" if steps == 1 else f"{steps} steps"
    return f"{names[-one].capitalize()} and {names[-other]} are {told} of the ladder apart."
