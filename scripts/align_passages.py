"""Turn a reader's sheet of aligned passages into stand-off records of `corpus/alignments`.

A sheet (corpus/alignments/readings/<old>--<new>.txt) has no text, only indexes of units in the two
documents as the corpus build cut them. A line is one of

    reader, date, part, seed  what the records and the draw need
    12,13>40                  old units > new units: one passage; a side may be empty
    open old|new 14 15        read, but not to be judged
    level new support 40      the level of a unit that has no reading in the label store
    within 25-843 > 15-1164   where units without counterpart are drawn from, and
    draw commitments, 60 > commitments, 80   how: all commitments there and so many others

Whether a passage moved follows from all passages of the pair: the chain with the most words that
runs forward on both sides stayed, and what crosses eight or more passages of it has moved (units
next to one another that change places are no move, as in the first reading).
Needs `collabnlp corpus build`.

    python scripts/align_passages.py            # all sheets; writes the records of their readers
    python scripts/align_passages.py --check    # says whether the records are what the sheets say
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tomllib
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collabnlp.identifiers import folded
from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.labels.store import LabelStore

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "corpus" / "alignments"
UNITS = ROOT / "build" / "corpus" / "units"
SIDES = ("old", "new")
_FAR = 8

Passage = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass
class Sheet:
    """A sheet as read; indexes count from 0."""

    facts: dict[str, str] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    open: dict[str, set[int]] = field(default_factory=lambda: {side: set() for side in SIDES})
    levels: dict[str, dict[int, str]] = field(default_factory=lambda: {side: {} for side in SIDES})
    within: dict[str, range] = field(default_factory=dict)
    draw: dict[str, int] = field(default_factory=dict)


def read_sheet(path: Path) -> Sheet:
    sheet = Sheet()
    for line in path.read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(" ")
        if not line or line.startswith("#"):
            continue
        if head in ("reader", "date", "part", "seed"):
            sheet.facts[head] = rest
        elif head == "open":
            side, *units = rest.split()
            sheet.open[side] |= set(map(int, units))
        elif head == "level":
            side, level, *units = rest.split()
            sheet.levels[side] |= dict.fromkeys(map(int, units), level)
        elif head == "within":
            for side, span in zip(SIDES, rest.split(" > "), strict=True):
                low, high = map(int, span.split("-"))
                sheet.within[side] = range(low, high + 1)
        elif head == "draw":
            for side, said in zip(SIDES, rest.split(" > "), strict=True):
                sheet.draw[side] = int(said.removeprefix("commitments, "))
        else:
            sides = [tuple(int(at) for at in side.split(",") if at) for side in line.split(">")]
            sheet.passages.append((sides[0], sides[1]))
    return sheet


@dataclass(frozen=True)
class Document:
    """A document's units as the corpus build cut them, and their levels in the label store."""

    name: str
    sha256: str
    units: list[dict[str, Any]]
    levels: dict[tuple[str, int], str]

    def key(self, at: int) -> tuple[str, int]:
        return self.units[at]["unit_hash"], self.units[at]["occurrence"]

    def level(self, at: int) -> str | None:
        return self.levels.get(self.key(at))

    def words(self, at: int) -> int:
        return len(self.units[at]["own_text"].split())


def document(name: str, digests: dict[str, str]) -> Document:
    lines = (UNITS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    try:
        readings = by_unit(LabelStore(ROOT / "corpus" / "labels").read(name))
    except FileNotFoundError:
        readings = {}
    levels = {unit: str(resolve(found).judgement.level) for unit, found in readings.items()}
    return Document(name, digests[name], [json.loads(line) for line in lines], levels)


def moved(passages: list[Passage], old: Document, new: Document) -> set[Passage]:
    """Those that cross much of the forward chain with the most words."""
    joined = sorted((one for one in passages if one[0] and one[1]), key=lambda it: (it[0], it[1]))
    best: list[tuple[int, int]] = []
    for at, (olds, news) in enumerate(joined):
        before = [
            (best[k][0], k)
            for k in range(at)
            if joined[k][0][0] < olds[0] and joined[k][1][0] < news[0]
        ]
        weight, link = max(before, default=(0, -1))
        words = min(sum(map(old.words, olds)), sum(map(new.words, news)))
        best.append((weight + words, link))
    chain = []
    at = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while at >= 0:
        chain.append((joined[at][0][0], joined[at][1][0]))
        at = best[at][1]
    olds = sorted(i for i, _ in chain)
    news = sorted(j for _, j in chain)
    return {
        one
        for one in joined
        if abs(bisect_left(olds, one[0][0]) - bisect_left(news, one[1][0])) >= _FAR
    }


def drawn(sheet: Sheet, documents: list[Document], read: list[set[int]]) -> list[Passage]:
    """Units without counterpart: every commitment, and others at random."""
    found: list[Passage] = []
    for side, document, known in zip(SIDES, documents, read, strict=True):
        if side not in sheet.within:
            continue
        free = [at for at in sheet.within[side] if at not in known | sheet.open[side]]
        commitments = [at for at in free if document.level(at) not in (None, "none")]
        others = [at for at in free if at not in set(commitments)]
        chance = random.Random(f"{sheet.facts['seed']} {document.name} {side}")
        picked = sorted(commitments + chance.sample(others, min(sheet.draw[side], len(others))))
        found += [((at,), ()) if side == "old" else ((), (at,)) for at in picked]
    return found


def kinds(passage: Passage, old: Document, new: Document, crosses: bool) -> list[str]:
    olds, news = passage
    if not olds or not news:
        return ["removed" if olds else "added"]
    texts = []
    for side, at in ((old, olds), (new, news)):
        own = "".join(side.units[i]["own_text"] for i in at)
        texts.append(folded(side.units[at[0]]["text"] if len(at) == 1 else own))
    found = []
    if texts[0] != texts[1]:
        found.append("reworded")
    elif len(olds) == len(news) == 1:
        found.append("kept")
    numbers = old.units[olds[0]]["provision"], new.units[news[0]]["provision"]
    found += ["moved"] * crosses
    found += ["renumbered"] * (None not in numbers and numbers[0] != numbers[1])
    found += ["split"] * (len(news) > 1) + ["merged"] * (len(olds) > 1)
    return found


def records(path: Path, digests: dict[str, str]) -> tuple[Path, list[str]]:
    """The file of a sheet's pair and its lines: the other readers' as they are, then its own."""
    sheet = read_sheet(path)
    documents = [document(name, digests) for name in path.stem.split("--")]
    old, new = documents
    target = GOLD / f"{path.stem}.jsonl"
    lines = target.read_text(encoding="utf-8").splitlines() if target.exists() else []
    others = [line for line in lines if json.loads(line)["reader"] != sheet.facts["reader"]]
    known = []
    places = [{one.key(at): at for at in range(len(one.units))} for one in documents]
    for line in others:
        row = json.loads(line)
        olds, news = (
            tuple(place[tuple(unit)] for unit in row[side]["units"] if tuple(unit) in place)
            for side, place in zip(SIDES, places, strict=True)
        )
        known.append((olds, news))
    read = [{at for one in known + sheet.passages for at in one[side]} for side in (0, 1)]
    mine = sheet.passages + drawn(sheet, documents, read)
    taken = [{at for one in known for at in one[side]} for side in (0, 1)]
    seen: list[set[int]] = [set(), set()]
    for one in mine:
        for side in (0, 1):
            for at in one[side]:
                if at in taken[side] or at in seen[side] or at in sheet.open[SIDES[side]]:
                    raise SystemExit(f"{path.name}: {SIDES[side]} unit {at} stands twice")
                seen[side].add(at)
    crossing = moved(known + mine, *documents)
    own = []
    for one in sorted(mine, key=lambda it: (it[1] or (1 << 20,), it[0])):
        row = {
            "old": _side(old, one[0], sheet.levels["old"]),
            "new": _side(new, one[1], sheet.levels["new"]),
            "kinds": kinds(one, old, new, one in crossing),
            **{name: sheet.facts[name] for name in ("part", "reader", "date")},
        }
        own.append(json.dumps(row, sort_keys=True, separators=(",", ":")))
    return target, others + own


def _side(document: Document, units: tuple[int, ...], levels: dict[int, str]) -> dict[str, Any]:
    return {
        "document": document.name,
        "sha256": document.sha256,
        "units": [list(document.key(at)) for at in units],
        "levels": [None if document.level(at) else levels.get(at, "none") for at in units],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    manifest = tomllib.loads((ROOT / "corpus" / "manifest.toml").read_text(encoding="utf-8"))
    digests = {row["id"]: row["sha256"] for row in manifest["document"] if "sha256" in row}
    stale = []
    for path in sorted((GOLD / "readings").glob("*.txt")):
        target, lines = records(path, digests)
        text = "".join(line + "\n" for line in lines)
        if arguments.check:
            if not target.exists() or target.read_text(encoding="utf-8") != text:
                stale.append(target.name)
            continue
        target.write_text(text, encoding="utf-8")
        print(f"{target.name}: {len(lines)} passages")
    if stale:
        sys.exit(f"not what the sheets say: {', '.join(stale)}")


if __name__ == "__main__":
    main()
