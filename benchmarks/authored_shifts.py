"""Measure level shifts on versions that were written for it (corpus/versions), since commitments in
the real versions hardly ever change their level.

Each version is text and gold in one file: a comment behind every passage names it and its level by
the codebook, ``<!--41 co_create-->``. What has the same number is one passage, ``37+38`` two of the
older version that became one. The comments are taken out before anything is read. A passage has
moved if it is not on the weightiest chain of passages (by words) that runs forward in both versions.

    python benchmarks/authored_shifts.py               # tables
    python benchmarks/authored_shifts.py --json
    python benchmarks/authored_shifts.py --mistakes    # each shift missed or wrongly told

Aligned with the weights that ship, none of which was fitted on these texts. A shift is right if it
is the same and of the same commitments; 95% intervals are Wilson's. All units are read, so that
every link can be judged. The model's tags are shown with the aligner's pairing and with the gold's,
to tell which of the two costs what.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from alignment import SHIFTS, by_difflib, by_tfidf, shifted

import collabnlp
from collabnlp.analysis.alignment import align
from collabnlp.analysis.alignment_gold import Aligned, AlignedSide, Agreement, Located, agreement
from collabnlp.identifiers import folded, occurrences
from collabnlp.schema import ChangeKind, Level, Link, Unit

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ROOT / "corpus" / "versions"
PAIRS = (
    ("harbours-draft.md", "harbours-final.md"),
    ("ferries-bill.akn.xml", "ferries-act.akn.xml"),
)
READER, DATE = "author-1", "2026-11"
THRESHOLDS = (0.2, 0.3, 0.4, 0.5)
Z = 1.959964

_MARK = re.compile(r"<!--([\d+]+) (\w+)-->")
_MARKUP = re.compile(r"<num>.*?</num>|<[^>]*>")

Shift = tuple[str, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Version:
    """A version as read without its comments, with the gold of every unit.

    numbers  the passages (by the older version's numbers) that the unit is of; levels  its level
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
    at: int | None = max(order, key=lambda one: best[one], default=None)
    while at is not None:
        chain.add(joined[at])
        at = before[at]
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


# --- figures


def wilson(right: int, whole: int) -> tuple[float, float]:
    """95% interval of a share, 0..1; (0, 1) of nothing."""
    if not whole:
        return 0.0, 1.0
    share, square = right / whole, Z * Z / whole
    middle = (share + square / 2) / (1 + square)
    half = Z * sqrt(share * (1 - share) / whole + square / whole / 4) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Told:
    """Shifts of a kind: (shift, old commitments, new commitments) told and there."""

    told: frozenset[Shift]
    there: frozenset[Shift]

    def counts(self, shift: str) -> tuple[int, int, int]:
        """Right, told, there."""
        told, there = ({one for one in ones if one[0] == shift} for ones in (self.told, self.there))
        return len(told & there), len(told), len(there)


def shifts_of(
    pairs: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], levels: Sequence[Sequence[Level]]
) -> frozenset[Shift]:
    found = (shifted(old, new, levels) for old, new in pairs)
    return frozenset(one for one in found if one is not None)


def told_by(versions: Versions, links: Sequence[Link], *, tags: str, pairing: str) -> Told:
    """``tags``: gold or own; ``pairing``: gold or aligner."""
    gold = [versions.old.levels, versions.new.levels]
    used = gold if tags == "gold" else [versions.old.own, versions.new.own]
    wanted = [one.key for one in versions.passages]
    given = wanted if pairing == "gold" else [(link.old, link.new) for link in links]
    return Told(shifts_of(given, used), shifts_of(wanted, gold))


WAYS = (("gold", "aligner"), ("own", "aligner"), ("own", "gold"))


def level_shifts(
    found: Sequence[Versions], links: Sequence[Sequence[Link]]
) -> list[dict[str, Any]]:
    """One row a pair of versions (and all), way and shift."""
    rows = []
    for tags, pairing in WAYS:
        told = {
            one.name: told_by(one, by, tags=tags, pairing=pairing)
            for one, by in zip(found, links, strict=True)
        }
        for name in (*told, "both"):
            for shift in SHIFTS:
                ones = told.values() if name == "both" else [told[name]]
                counts = [one.counts(shift) for one in ones]
                right, given, there = (sum(column) for column in zip(*counts, strict=True))
                row: dict[str, Any] = {"versions": name, "tags": tags, "pairing": pairing}
                row |= {"shift": shift, "right": right, "told": given, "there": there}
                row |= {"precision": right / given if given else None}
                row |= {"recall": right / there if there else None}
                row |= {"precision_95": wilson(right, given), "recall_95": wilson(right, there)}
                rows.append(row)
    return rows


def alignments(found: Sequence[Versions]) -> dict[str, list[Sequence[Link]]]:
    """Links a pair of versions by aligner; the threshold of TF-IDF is the best in hindsight."""

    def nearest(least: float) -> list[Sequence[Link]]:
        return [by_tfidf(one.old.units, one.new.units, least) for one in found]

    best = max(THRESHOLDS, key=lambda least: total(found, nearest(least)).f1)
    return {
        "collabnlp": [align(one.old.units, one.new.units) for one in found],
        f"tf-idf nearest (≥ {best})": nearest(best),
        "difflib": [by_difflib(one.old.units, one.new.units) for one in found],
    }


def total(found: Sequence[Versions], links: Sequence[Sequence[Link]]) -> Agreement:
    counts = Agreement()
    for one, by in zip(found, links, strict=True):
        counts += agreement(by, one.passages)
    return counts


def pairing_rows(
    found: Sequence[Versions], by_aligner: dict[str, list[Sequence[Link]]]
) -> list[dict[str, Any]]:
    """Strict F1 and moved recall by aligner and pair of versions."""
    rows = []
    for aligner, links in by_aligner.items():
        for at, name in enumerate([*(one.name for one in found), "both"]):
            here = slice(None) if name == "both" else slice(at, at + 1)
            counts = total(found[here], links[here])
            row: dict[str, Any] = {"aligner": aligner, "versions": name, "passages": counts.wanted}
            row |= {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
            row |= {"recall_95": wilson(counts.right, counts.wanted)}
            row |= {"moved": counts.moved_wanted, "moved_recall": counts.moved_recall}
            row |= {"moved_95": wilson(counts.moved_right, counts.moved_wanted)}
            row |= {"moved_told": counts.moved_given, "by_kind": _by_kind(found[here], links[here])}
            rows.append(row)
    return rows


def _by_kind(found: Sequence[Versions], links: Sequence[Sequence[Link]]) -> dict[str, str]:
    """Of the passages of each kind, those found whole."""
    hits: dict[str, list[bool]] = {}
    for one, by in zip(found, links, strict=True):
        given = {(link.old, link.new) for link in by}
        for passage in one.passages:
            for kind in passage.record.kinds:
                hits.setdefault(str(kind), []).append(passage.key in given)
    return {kind: f"{sum(ones)}/{len(ones)}" for kind, ones in sorted(hits.items())}


# --- showing


def _figure(right: int, whole: int) -> str:
    low, high = wilson(right, whole)
    return f"{right / whole:.2f} ({low:.2f}–{high:.2f})" if whole else "–"


def show(pairing: list[dict[str, Any]], shifts: list[dict[str, Any]]) -> None:
    print(f"{'aligner':24} {'versions':28} {'n':>4}  P    R    F1    moved R (95%)")
    for row in pairing:
        low, high = row["moved_95"]
        print(
            f"{row['aligner']:24} {row['versions']:28} {row['passages']:4}  {row['precision']:.2f} "
            f"{row['recall']:.2f} {row['f1']:.3f} {row['moved_recall']:.2f} ({low:.2f}–{high:.2f}) "
            f"of {row['moved']}"
        )
        if row["aligner"] == "collabnlp":
            print("    " + ", ".join(f"{kind} {share}" for kind, share in row["by_kind"].items()))
    print(f"\n{'versions':28} {'tags':5} {'pairing':8} {'shift':14} right told there  P (95%)  R")
    for row in shifts:
        print(
            f"{row['versions']:28} {row['tags']:5} {row['pairing']:8} {row['shift']:14} "
            f"{row['right']:5} {row['told']:4} {row['there']:5}  "
            f"{_figure(row['right'], row['told']):18} {_figure(row['right'], row['there'])}"
        )


def show_mistakes(found: Sequence[Versions], links: Sequence[Sequence[Link]]) -> None:
    """Each shift that was told and is none, or is there and was not told, and each passage that was
    not found whole; with the gold's levels."""
    for one, by in zip(found, links, strict=True):
        print(f"== {one.name}")
        told = told_by(one, by, tags="gold", pairing="aligner")
        for what, shifts in (
            ("missed", told.there - told.told),
            ("wrongly told", told.told - told.there),
        ):
            for shift, olds, news in sorted(shifts):
                print(f"{what}: {shift}")
                _show_units(one, olds, news)
        given = {(link.old, link.new) for link in by}
        for passage in one.passages:
            if passage.key not in given:
                print("not found whole:", ", ".join(passage.record.kinds))
                _show_units(one, *passage.key)


def _show_units(one: Versions, olds: Sequence[int], news: Sequence[int]) -> None:
    for sign, version, units in (("-", one.old, olds), ("+", one.new, news)):
        for at in units:
            print(f"    {sign} [{version.levels[at]}] {version.units[at].text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mistakes", action="store_true")
    arguments = parser.parse_args()
    found = read_versions(None if arguments.mistakes else collabnlp.load())
    by_aligner = alignments(found)
    if arguments.mistakes:
        show_mistakes(found, by_aligner["collabnlp"])
        return
    pairing = pairing_rows(found, by_aligner)
    shifts = level_shifts(found, by_aligner["collabnlp"])
    if arguments.json:
        print(json.dumps({"pairing": pairing, "shifts": shifts}, indent=1))
        return
    show(pairing, shifts)


if __name__ == "__main__":
    main()
