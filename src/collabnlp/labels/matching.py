"""Brings what was read to the project's own units, where the two were not cut alike.

Both lists are in reading order. Equal texts come first, then equal letters and digits, then equal
own words (the unit has a lead-in that was not read). What is left is compared word by word with
the units that share its word triples: nearly equal, a part of one unit, or several units joined.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from collabnlp.identifiers import folded, normalised
from collabnlp.schema import Match, Unit

_WORD = re.compile(r"[^\W_]+")
_GRAM = 3
_CANDIDATES = 12  # units looked at for one reading
_NEIGHBOURS = 3  # pieces of one reading stand side by side, or nearly
# Shares of words, in order, of the reading and of the unit that must be found in the other.
_ALIKE = 0.75
_INSIDE = 0.85
_HELD = 0.75
_JOINED = 0.55
_OVERLAP = 0.45
_OVERLAP_WORDS = 6


@dataclass(frozen=True, slots=True)
class Matched:
    """One reading's units.

    reading  index of what was read
    units    indexes of its units, in reading order; several where they were read as one
    how      from equal to overlapping
    shares   for each unit, the part of its own words that was read (0..1)
    """

    reading: int
    units: tuple[int, ...]
    how: Match
    shares: tuple[float, ...]


@dataclass(frozen=True)
class _Read:
    """A text with what is compared of it."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        return _WORD.findall(normalised(self.text))

    @cached_property
    def grams(self) -> set[tuple[str, ...]]:
        words = self.words
        size = min(_GRAM, len(words))
        return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)} - {()}


def match_readings(texts: Sequence[str], units: Sequence[Unit]) -> list[Matched]:
    """Match each text to units, as far as it can be; at most one result a text, in their order.

    A unit may be found by several texts that are parts of it.
    """
    return _Matcher(texts, units).matched()


class _Matcher:
    def __init__(self, texts: Sequence[str], units: Sequence[Unit]) -> None:
        self.texts = [_Read(text) for text in texts]
        self.units = units
        self.found: dict[int, Matched] = {}
        self.anchors: list[tuple[int, int]] = []

    def matched(self) -> list[Matched]:
        ways: list[tuple[Match, Callable[[str], str], bool]] = [
            (Match.EXACT, normalised, False),
            (Match.FOLDED, folded, False),
            (Match.OWN, folded, True),
        ]
        for how, key, own in ways:
            self._by_key(how, key, own=own)
        self._by_words()
        return [self.found[index] for index in sorted(self.found)]

    def _by_key(self, how: Match, key: Callable[[str], str], *, own: bool) -> None:
        """Pair equal keys one to one: those that stand once first, then repeated ones by place."""
        taken = {unit for it in self.found.values() for unit in it.units}
        places: dict[str, list[int]] = defaultdict(list)
        for index, unit in enumerate(self.units):
            if index not in taken:
                places[key(unit.own_text if own else unit.text)].append(index)
        wanted: dict[str, list[int]] = defaultdict(list)
        for index, read in enumerate(self.texts):
            if index not in self.found:
                wanted[key(read.text)].append(index)
        repeated = []
        for value, readings in wanted.items():
            there = places.get(value, [])
            if not value or not there:
                continue
            if len(readings) == len(there):
                for reading, place in zip(readings, there, strict=True):
                    self.found[reading] = Matched(reading, (place,), how, (1.0,))
            else:
                repeated.append((readings, there))
        self._set_anchors()
        for readings, there in repeated:
            self._nearest(readings, there, how)
        self._set_anchors()

    def _nearest(self, readings: list[int], there: list[int], how: Match) -> None:
        """Give each reading the free place nearest to where it should stand, in order."""
        free = 0
        for rank, reading in enumerate(readings):
            # As many places are kept as readings are still to come.
            last = max(free + 1, len(there) - (len(readings) - rank - 1))
            options = range(free, min(last, len(there)))
            if not options:
                return
            expected = self._expected(reading)
            best = min(options, key=lambda at: abs(there[at] - expected))
            self.found[reading] = Matched(reading, (there[best],), how, (1.0,))
            free = best + 1

    def _set_anchors(self) -> None:
        """The longest run of pairs in which both sides ascend: what does not fit is a stray."""
        pairs = [(it.reading, it.units[0]) for _, it in sorted(self.found.items())]
        tails: list[int] = []
        at: list[int] = []
        before: list[int] = [-1] * len(pairs)
        for index, (_, unit) in enumerate(pairs):
            place = bisect_left(tails, unit)
            before[index] = at[place - 1] if place else -1
            if place == len(tails):
                tails.append(unit)
                at.append(index)
            else:
                tails[place] = unit
                at[place] = index
        run = []
        index = at[-1] if at else -1
        while index >= 0:
            run.append(pairs[index])
            index = before[index]
        self.anchors = run[::-1]

    def _expected(self, reading: int) -> float:
        """Where among the units a reading should stand, by the anchors on either side."""
        readings = [it for it, _ in self.anchors]
        after = bisect_left(readings, reading)
        low = self.anchors[after - 1] if after else (-1, -1)
        high = (
            self.anchors[after] if after < len(self.anchors) else (len(self.texts), len(self.units))
        )
        if high[0] <= low[0]:
            return float(high[1])
        return low[1] + (high[1] - low[1]) * (reading - low[0]) / (high[0] - low[0])

    def _by_words(self) -> None:
        self._own = [_Read(unit.own_text) for unit in self.units]
        self._whole = [
            _Read(unit.text) if unit.text != unit.own_text else own
            for unit, own in zip(self.units, self._own, strict=True)
        ]
        index: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, whole in enumerate(self._whole):
            for gram in whole.grams:
                index[gram].append(at)
        for reading, read in enumerate(self.texts):
            if reading in self.found or not read.words:
                continue
            candidates = self._candidates(reading, index)
            if candidates:
                match = self._compare(reading, candidates)
                if match is not None:
                    self.found[reading] = match

    def _candidates(self, reading: int, index: dict[tuple[str, ...], list[int]]) -> list[int]:
        """Units that share word triples, rare triples counting more, near places before far."""
        shared: Counter[int] = Counter()
        weights: dict[int, float] = defaultdict(float)
        for gram in self.texts[reading].grams:
            places = index.get(gram, ())
            for place in places:
                shared[place] += 1
                weights[place] += 1 / len(places)
        expected = self._expected(reading)
        ranked = sorted(
            shared,
            # A triple more outweighs a place 50 units nearer.
            key=lambda at: (-(shared[at] + weights[at]) + abs(at - expected) / 50, at),
        )
        return ranked[:_CANDIDATES]

    def _compare(self, reading: int, candidates: list[int]) -> Matched | None:
        read = self.texts[reading]
        expected = self._expected(reading)
        scored = []
        for at in candidates:
            own = _agreement(read.words, self._own[at].words)
            whole = (
                own
                if self._whole[at] is self._own[at]
                else _agreement(read.words, self._whole[at].words)
            )
            best = max(own, whole, key=lambda it: (min(it[:2]), it[0]))
            scored.append((at, best, own))
        alike = [it for it in scored if min(it[1][:2]) >= _ALIKE]
        if alike:
            at, best, own = min(
                alike, key=lambda it: (-round(sum(it[1][:2]), 1), abs(it[0] - expected))
            )
            return Matched(reading, (at,), Match.FUZZY, (round(max(own[1], best[1]), 3),))
        inside = [it for it in scored if it[1][0] >= _INSIDE]
        if inside:
            at, best, own = min(inside, key=lambda it: (-round(it[1][0], 1), abs(it[0] - expected)))
            return Matched(reading, (at,), Match.PART, (round(max(own[1], best[1]), 3),))
        return self._pieces(reading, scored)

    def _pieces(
        self,
        reading: int,
        scored: list[tuple[int, tuple[float, float, int], tuple[float, float, int]]],
    ) -> Matched | None:
        """Units that stand close together and were read as one, or one that shares a long part."""
        held = sorted(it for it in scored if it[2][1] >= _HELD and it[2][2] >= 2)
        if held:
            core = max(held, key=lambda it: it[2][2])[0]
            near = [it for it in held if abs(it[0] - core) <= _NEIGHBOURS]
            if sum(it[2][0] for it in near) >= _JOINED:
                places = tuple(it[0] for it in near)
                return Matched(
                    reading, places, Match.JOINED, tuple(round(it[2][1], 3) for it in near)
                )
        at, best, own = max(scored, key=lambda it: it[1][2])
        words = best[2]
        if words >= _OVERLAP_WORDS and max(best[:2]) >= _OVERLAP:
            return Matched(reading, (at,), Match.OVERLAP, (round(own[1], 3),))
        return None


def _agreement(left: list[str], right: list[str]) -> tuple[float, float, int]:
    """Share of either side's words that stand in the other in the same order, and how many."""
    if not left or not right:
        return 0.0, 0.0, 0
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    # Single words in common are chance.
    words = sum(it.size for it in blocks if it.size >= min(2, len(left), len(right)))
    return words / len(left), words / len(right), words
