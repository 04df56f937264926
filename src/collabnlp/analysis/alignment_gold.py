"""Passages aligned by a reader, kept apart from their text, and how well an aligner agrees.

A record points at its units as readings do: the document's sha256, the hash of the unit's text and
which occurrence of it is meant. One file a pair of versions: ``<old>--<new>.jsonl``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collabnlp.errors import DataError
from collabnlp.identifiers import occurrences
from collabnlp.schema import ChangeKind, Level, Link, Unit
from collabnlp.schema.rules import InvalidRecord, require

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?\Z")
PARTS = ("development", "held_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedSide:
    """One version's units of a passage.

    units   (unit hash, occurrence) each, in reading order
    levels  what the reader read of each where the label store has no reading; None where it has
    """

    document: str
    sha256: str
    units: tuple[tuple[str, int], ...]
    levels: tuple[Level | None, ...]

    def __post_init__(self) -> None:
        require(bool(self.document), "a side names no document")
        require(bool(_SHA256.match(self.sha256)), f"not a sha256: {self.sha256!r}")
        require(len(self.levels) == len(self.units), "a level a unit")
        require(len(set(self.units)) == len(self.units), "a unit stands twice")
        for unit, occurrence in self.units:
            require(bool(_SHA256.match(unit)), f"not a unit hash: {unit!r}")
            require(occurrence >= 1, "occurrences count from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """One passage as a reader aligned it; ``part`` is the half that it belongs to."""

    old: AlignedSide
    new: AlignedSide
    kinds: tuple[ChangeKind, ...]
    part: str
    reader: str
    date: str

    def __post_init__(self) -> None:
        olds, news = len(self.old.units), len(self.new.units)
        require(olds + news > 0, "nothing is aligned")
        require(bool(self.kinds), "no kind of change")
        require((ChangeKind.ADDED in self.kinds) == (olds == 0), "added: no old unit")
        require((ChangeKind.REMOVED in self.kinds) == (news == 0), "removed: no new unit")
        require((ChangeKind.SPLIT in self.kinds) == (olds > 0 and news > 1), "split: new units")
        require((ChangeKind.MERGED in self.kinds) == (news > 0 and olds > 1), "merged: old units")
        require(self.part in PARTS, f"no such part: {self.part}")
        require(bool(self.reader), "nobody read it")
        require(bool(_DATE.match(self.date)), f"not a date: {self.date!r}")

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Aligned:
        """From a record as kept. Raises InvalidRecord."""
        try:
            return cls(
                old=_side(row["old"]),
                new=_side(row["new"]),
                kinds=tuple(ChangeKind(kind) for kind in row["kinds"]),
                part=row["part"],
                reader=row["reader"],
                date=row["date"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRecord(f"not an aligned passage: {error}") from error


def _side(row: dict[str, Any]) -> AlignedSide:
    return AlignedSide(
        document=row["document"],
        sha256=row["sha256"],
        units=tuple((str(unit), int(occurrence)) for unit, occurrence in row["units"]),
        levels=tuple(None if level is None else Level(level) for level in row["levels"]),
    )


def read_aligned(path: Path) -> tuple[Aligned, ...]:
    """All records of one file. Raises DataError where a line is none, where records are of other
    documents than the file's name says, or where a unit stands in two of them."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = Aligned.from_dict(json.loads(line))
        except (json.JSONDecodeError, InvalidRecord) as error:
            raise DataError(f"{path.name}, line {number}: {error}.") from error
        if path.stem != f"{record.old.document}--{record.new.document}":
            raise DataError(f"{path.name}, line {number}: passages of other documents.")
        found.append(record)
    for side in ("old", "new"):
        units = [unit for one in found for unit in getattr(one, side).units]
        if len(set(units)) != len(units):
            raise DataError(f"{path.name}: a unit stands in two passages.")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Located:
    """A record with its units' indexes in the two versions as they are cut now."""

    record: Aligned
    old: tuple[int, ...]
    new: tuple[int, ...]

    @property
    def key(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.old, self.new


def locate(
    records: Iterable[Aligned], old: Sequence[Unit], new: Sequence[Unit]
) -> tuple[list[Located], int]:
    """Records whose units are all there, and how many have a unit that is not (since the text is
    read otherwise now)."""
    places = [
        {key: at for at, key in enumerate(occurrences(unit.text for unit in units))}
        for units in (old, new)
    ]
    found, lost = [], 0
    for record in records:
        olds = [places[0].get(unit) for unit in record.old.units]
        news = [places[1].get(unit) for unit in record.new.units]
        if None in olds or None in news:
            lost += 1
            continue
        found.append(
            Located(
                record,
                tuple(sorted(at for at in olds if at is not None)),
                tuple(sorted(at for at in news if at is not None)),
            )
        )
    return found, lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Strict counts: a link agrees only if it has exactly the units of a passage.

    right  links that are a passage; given  links with a unit that was read; wanted  passages
    moved_right, moved_wanted  passages read as moved: found whole and called moved; all
    moved_given  links called moved that have a unit that was read
    """

    right: int = 0
    given: int = 0
    wanted: int = 0
    moved_right: int = 0
    moved_given: int = 0
    moved_wanted: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__slots__}
        )

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        both = self.given + self.wanted
        return 2 * self.right / both if both else 0.0

    @property
    def moved_recall(self) -> float:
        return self.moved_right / self.moved_wanted if self.moved_wanted else 0.0

    @property
    def moved_precision(self) -> float:
        return self.moved_right / self.moved_given if self.moved_given else 0.0


def touching(links: Iterable[Link], located: Sequence[Located]) -> list[Link]:
    """The links that have a unit that was read: those that can be judged."""
    olds = {at for one in located for at in one.old}
    news = {at for one in located for at in one.new}
    return [
        link for link in links if not olds.isdisjoint(link.old) or not news.isdisjoint(link.new)
    ]


def agreement(links: Iterable[Link], located: Sequence[Located]) -> Agreement:
    """Counts of one pair of versions."""
    judged = touching(links, located)
    wanted = {one.key: one for one in located}
    right = [link for link in judged if (link.old, link.new) in wanted]
    moved = {one.key for one in located if ChangeKind.MOVED in one.record.kinds}
    return Agreement(
        right=len(right),
        given=len(judged),
        wanted=len(located),
        moved_right=sum(link.moved and (link.old, link.new) in moved for link in right),
        moved_given=sum(link.moved for link in judged),
        moved_wanted=len(moved),
    )
