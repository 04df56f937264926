"""Versions written for measuring level shifts (corpus/versions): their text and, apart from it,
their gold.

Each version is text and gold in one file: a comment behind every passage names it and its level by
the codebook, ``<!--41 co_create-->``. What has the same number is one passage, ``37+38`` two of the
older version that became one. The comments are taken out before anything is read. A passage has
moved if it is not on the weightiest chain of passages (by words) that runs forward in both
versions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import collabnlp
from collabnlp.analysis.alignment_gold import Aligned, AlignedSide, Located
from collabnlp.identifiers import folded, occurrences
from collabnlp.schema import ChangeKind, Level, Unit

VERSIONS = Path(__file__).resolve().parents[1] / "corpus" / "versions"
PAIRS = (
    ("harbours-draft.md", "harbours-final.md"),
    ("ferries-bill.akn.xml", "ferries-act.akn.xml"),
)
READER, DATE = "author-1", "2026-11"

_MARK = re.compile(r"<!--([\d+]+) (\w+)-->")
_MARKUP = re.compile(r"<num>.*?</num>|<[^>]*>")


@dataclass(frozen=True)
class Version:
    """A version as read without its comments, with the gold of every unit.

    numbers  the passages (by the older version's numbers) that the unit is of; levels  its level
    own  the model's, empty where none was asked
    """

    name: str
    sha256: str
    units: tuple[Unit, ...]
    numbers: tuple[tuple[int, ...], ...]
    levels: tuple[Level, ...]
    own: tuple[Level, ...]


@dataclass(frozen=True)
class Versions:
    """Two versions with their passages; every unit of either is in exactly one."""

    name: str
    old: Version
    new: Version
    passages: tuple[Located, ...]


def without_marks(data: bytes) -> bytes:
    """The version as its reader gets it."""
    return _MARK.sub("", data.decode()).encode()


def read_version(path: Path, classifier: Any = None) -> Version:
    """Text, gold and, where a classifier is given, its tags. Raises ValueError where a unit and the
    passage that stands in its place differ."""
    text = path.read_text(encoding="utf-8")
    data = without_marks(text.encode())
    own: tuple[Level, ...] = ()
    if classifier is None:
        document, units = collabnlp.extract(path, data=data)
    else:
        result = classifier.classify(path, data=data)
        document, units = result.document, tuple(one.unit for one in result)
        own = tuple(one.tag.level for one in result)
    marks = list(_MARK.finditer(text))
    starts = [0, *(mark.end() for mark in marks)]
    if len(marks) != len(units):
        raise ValueError(f"{path.name}: {len(marks)} passages, {len(units)} units")
    for unit, mark, start in zip(units, marks, starts, strict=False):
        before = folded(_MARKUP.sub("", text[start : mark.start()].rsplit("\n")[-1]))
        tail = folded(unit.text)[-40:]
        if not before.endswith(tail) and not tail.endswith(before):
            raise ValueError(f"{path.name}: {unit.text!r} is not passage {mark[1]}")
    return Version(
        name=path.name.split(".")[0],
        sha256=document.info.sha256,
        units=units,
        numbers=tuple(tuple(map(int, mark[1].split("+"))) for mark in marks),
        levels=tuple(Level(mark[2]) for mark in marks),
        own=own,
    )


def read_versions(classifier: Any = None, folder: Path = VERSIONS) -> list[Versions]:
    """All pairs of versions."""
    found = []
    for names in PAIRS:
        old, new = (read_version(folder / name, classifier) for name in names)
        found.append(Versions(f"{old.name}--{new.name}", old, new, tuple(passages_of(old, new))))
    return found


def passages_of(old: Version, new: Version) -> list[Located]:
    """The gold as records, in reading order of the older version, then what was added."""
    leader = {number: numbers[0] for numbers in new.numbers for number in numbers}
    sides: dict[int, tuple[list[int], list[int]]] = {}
    for which, version in enumerate((old, new)):
        for at, numbers in enumerate(version.numbers):
            key = leader.get(numbers[0], numbers[0])
            sides.setdefault(key, ([], []))[which].append(at)
    joined = [(tuple(a), tuple(b)) for a, b in sides.values() if a and b]
    stayed = forward(joined, [_words(a, b, old, new) for a, b in joined])
    return [
        _record(
            tuple(a), tuple(b), old, new, moved=bool(a and b) and (tuple(a), tuple(b)) not in stayed
        )
        for a, b in sides.values()
    ]


def _words(a: Sequence[int], b: Sequence[int], old: Version, new: Version) -> int:
    return sum(len(old.units[at].text.split()) for at in a) + sum(
        len(new.units[at].text.split()) for at in b
    )


Joined = tuple[tuple[int, ...], tuple[int, ...]]


def forward(joined: Sequence[Joined], weights: Sequence[int]) -> set[Joined]:
    """The weightiest chain of passages that runs forward on both sides, by their first units."""
    order = sorted(range(len(joined)), key=lambda at: joined[at][0][0])
    best: dict[int, int] = {}
    before: dict[int, int | None] = {}
    for place, at in enumerate(order):
        earlier = [one for one in order[:place] if joined[one][1][0] < joined[at][1][0]]
        last = max(earlier, key=lambda one: best[one], default=None)
        best[at] = weights[at] + (best[last] if last is not None else 0)
        before[at] = last
    chain = set()
    end = max(order, key=lambda one: best[one], default=None)
    while end is not None:
        chain.add(joined[end])
        end = before[end]
    return chain


def _record(
    a: tuple[int, ...], b: tuple[int, ...], old: Version, new: Version, *, moved: bool
) -> Located:
    if not a or not b:
        kinds = [ChangeKind.REMOVED if a else ChangeKind.ADDED]
    else:
        same = [folded(old.units[at].text) for at in a] == [folded(new.units[at].text) for at in b]
        kinds = [ChangeKind.KEPT if same else ChangeKind.REWORDED]
        kinds += [ChangeKind.MOVED] if moved else []
        kinds += [ChangeKind.SPLIT] if len(b) > 1 else []
        kinds += [ChangeKind.MERGED] if len(a) > 1 else []
    sides = []
    for version, units in ((old, a), (new, b)):
        keys = list(occurrences(unit.text for unit in version.units))
        sides.append(
            AlignedSide(
                document=version.name,
                sha256=version.sha256,
                units=tuple(keys[at] for at in units),
                levels=tuple(version.levels[at] for at in units),
            )
        )
    record = Aligned(
        old=sides[0], new=sides[1], kinds=tuple(kinds), part="held_out", reader=READER, date=DATE
    )
    return Located(record, a, b)
