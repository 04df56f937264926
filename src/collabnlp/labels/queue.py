"""Which units a reviewer is shown, for which reason, and in which order. Pure: no store, no model.

A fill takes three steps. Units of one text, or nearly one, are taken together, and stand in the
queue once. Then the random share is drawn from all of them, before anything else is chosen. Then
the other reasons take turns, each with the strongest of what is left.

Why the random share's probability is right, also when the queue is filled again and again: every
text has a lasting random number, made from the seed and its hash. A fill draws the texts with the
lowest numbers that no fill drew before, and the texts whose number is below `RESERVED` are kept
for chance: no other reason may take them. So whatever the other reasons took, before or now, what
is drawn is a simple random sample of all that was not drawn before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from collabnlp.identifiers import digest
from collabnlp.labels.duplicates import near_duplicates
from collabnlp.schema import QueuedUnit, Reason

Key = tuple[str, str, int]

SIZE = 200
"""How many units shall wait in the queue."""

RANDOM_SHARE = 0.15
"""Which share of them is drawn by chance."""

RESERVED = 0.15
"""Texts with a random number below this are for the random share alone."""

ALIKE = 0.9
"""Jaccard similarity of five-word runs from which two texts count as one."""

QUOTAS: Mapping[Reason, float] = MappingProxyType(
    {
        Reason.LEAST_CERTAIN: 4.0,
        Reason.LIKELY_ERROR: 2.0,
        Reason.DISPUTED: 1.0,
        Reason.DISAGREEING: 2.0,
        Reason.UNLIKE: 1.0,
        Reason.DIVERSE: 1.0,
    }
)
"""How the places are shared among the other reasons; set by what docs/queue.md measured."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit in one reason's order: how strongly it holds (0..1), and a line on why."""

    key: Key
    score: float
    detail: str


@dataclass(frozen=True, slots=True)
class Pool:
    """All units that a fill looks at, those of one text taken together.

    text_of   the text that each unit has, by the index of it
    first     the first unit of each text
    number    the text's lasting random number, 0..1
    """

    text_of: Mapping[Key, int]
    first: Sequence[Key]
    number: Sequence[float]

    def texts(self, keys: Collection[Key]) -> frozenset[int]:
        """The texts of some units; units that the pool does not have are left out."""
        return frozenset(self.text_of[key] for key in keys if key in self.text_of)

    def having(self, hashes: Collection[str]) -> frozenset[int]:
        """The texts that have a unit of these hashes, in whatever document."""
        return frozenset(at for key, at in self.text_of.items() if key[1] in hashes)


def pool_of(units: Sequence[tuple[Key, str]], *, seed: int = 0, alike: float = ALIKE) -> Pool:
    """Take together the units of equal texts (by hash), and of texts that are nearly equal."""
    hashes: dict[str, int] = {}
    texts: list[str] = []
    for key, text in units:
        if key[1] not in hashes:
            hashes[key[1]] = len(texts)
            texts.append(text)
    same = list(range(len(texts)))

    def root(at: int) -> int:
        while same[at] != at:
            same[at] = same[same[at]]
            at = same[at]
        return at

    for earlier, later, _ in near_duplicates(texts, limit=alike):
        low, high = sorted((root(earlier), root(later)))
        same[high] = low
    members: dict[int, list[str]] = {}
    for unit_hash, at in hashes.items():
        members.setdefault(root(at), []).append(unit_hash)
    index = {top: place for place, top in enumerate(members)}
    # By the lowest hash: which unit of a text comes first may change as documents are added.
    number = [random_number(min(them), seed=seed) for them in members.values()]
    text_of: dict[Key, int] = {}
    first: dict[int, Key] = {}
    for key, _ in units:
        place = index[root(hashes[key[1]])]
        text_of[key] = place
        first.setdefault(place, key)
    return Pool(text_of, [first[at] for at in range(len(index))], number)


def random_number(unit_hash: str, *, seed: int = 0) -> float:
    """A text's lasting number, evenly spread over 0 to 1; it depends on nothing else."""
    return int(digest([seed, unit_hash])[:13], 16) / 16**13


def choose(
    pool: Pool,
    ranked: Mapping[Reason, Sequence[Ranked]],
    *,
    size: int = SIZE,
    random_share: float = RANDOM_SHARE,
    closed: Collection[int] = (),
    drawn: Collection[int] = (),
    outside: Collection[int] = (),
    again: Collection[int] = (),
    quotas: Mapping[Reason, float] = QUOTAS,
) -> list[QueuedUnit]:
    """Up to ``size`` units, no text twice, in the order in which they are to be read.

    ranked   each reason's units, strongest first; a unit may stand with several
    closed   texts that are not queued: they wait already, or were read
    drawn    those of them that chance drew before
    outside  those that no draw could have taken: they were decided before there was a queue
    again    those closed that may be queued for a likely error or a dispute all the same

    A reason whose units run out leaves its places to the other reasons, never to chance.
    """
    shut = set(closed) | set(drawn) | set(outside)
    open_texts = sorted(set(range(len(pool.first))) - shut, key=lambda at: pool.number[at])
    population = len(pool.first) - len(set(drawn) | set(outside))
    chance = open_texts[: round(size * random_share)]
    probability = min(1.0, len(chance) / population) if chance else 1.0
    line = f"Drawn by chance: {len(chance)} of {population:,} texts."
    found: dict[Reason, list[QueuedUnit]] = {
        Reason.RANDOM: [
            _queued(pool.first[at], Reason.RANDOM, 0.0, line, probability) for at in chance
        ]
    }
    reserved = {at for at in open_texts if pool.number[at] < RESERVED} if random_share else set()
    taken = shut | reserved | set(chance)
    for reason, one in _turns(pool, ranked, quotas, taken, set(again), size - len(chance)):
        found.setdefault(reason, []).append(_queued(one.key, reason, one.score, one.detail, None))
    return _mixed(found)


_OF_LABELS = frozenset({Reason.LIKELY_ERROR, Reason.DISPUTED})


def _turns(
    pool: Pool,
    ranked: Mapping[Reason, Sequence[Ranked]],
    quotas: Mapping[Reason, float],
    taken: set[int],
    again: set[int],
    places: int,
) -> Iterator[tuple[Reason, Ranked]]:
    """The reasons take turns, those with a larger quota more often (smooth weighted round robin),
    until the places or the units run out."""
    feeds = {it: iter(ranked[it]) for it in ranked if it is not Reason.RANDOM}
    feeds = {it: feed for it, feed in feeds.items() if quotas.get(it, 0.0) > 0}
    credit = dict.fromkeys(feeds, 0.0)
    used = set[int]()
    while credit and len(used) < places:
        for reason in credit:
            credit[reason] += quotas[reason]
        # max takes the first of equals: the order given decides.
        now = max(credit, key=lambda it: credit[it])
        barred = used | (taken - again) if now in _OF_LABELS else used | taken
        one = next((it for it in feeds[now] if pool.text_of[it.key] not in barred), None)
        if one is None:
            del credit[now]
            continue
        credit[now] -= sum(quotas[reason] for reason in credit)
        used.add(pool.text_of[one.key])
        yield now, one


def _mixed(found: Mapping[Reason, Sequence[QueuedUnit]]) -> list[QueuedUnit]:
    """Each reason's units in their order, spread evenly, so that whoever stops early has read of
    all reasons."""
    places = [
        ((at + 0.5) / len(them), list(Reason).index(reason), one)
        for reason, them in found.items()
        for at, one in enumerate(them)
    ]
    return [one for _, _, one in sorted(places, key=lambda it: it[:2])]


def _queued(
    key: Key, reason: Reason, score: float, detail: str, probability: float | None
) -> QueuedUnit:
    return QueuedUnit(
        sha256=key[0],
        unit_hash=key[1],
        occurrence=key[2],
        reason=reason,
        score=round(score, 6),
        detail=detail,
        probability=probability,
    )
