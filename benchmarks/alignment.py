"""Measure the aligner on passages that a reader aligned (corpus/alignments), beside others.

A link agrees only if it has exactly the units of a passage (strict). Judged are the links that have
a unit that was read. Rival aligners: difflib's SequenceMatcher over whole units (what a redline
does), and TF-IDF nearest neighbour, each other's best above the threshold that does best on the
development half. Intervals: 95%, passages drawn again 2,000 times within each pair of documents.

    python benchmarks/alignment.py --mirror ../shared/documents            # a table
    python benchmarks/alignment.py --mirror ../shared/documents --json
    python benchmarks/alignment.py --mirror ../shared/documents --fit      # the weights
    python benchmarks/alignment.py --mirror ../shared/documents --shifts   # levels
    python benchmarks/alignment.py --mirror ../shared/documents --speed    # two long documents

The held-out half is measured with weights fitted on the development half, the development half
with those of its other two thirds (passages shared out by their hash); so are level shifts. What
ships is fitted on both halves.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from alignment_fit import fit_kinds, likely_of, show_weights, with_moves
from alignment_pairs import Pair, read_pairs

import collabnlp
from collabnlp.analysis.alignment import align, align_likely
from collabnlp.analysis.alignment_gold import (
    PARTS,
    Agreement,
    Located,
    agreement,
    touching,
)
from collabnlp.analysis.alignment_weights import Kinds
from collabnlp.identifiers import folded, occurrences
from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.labels.store import LabelStore
from collabnlp.schema import ChangeKind, Level, Link, Unit

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "corpus" / "alignments"
RESAMPLES = 2000
SEED = 20261122
FOLDS = 3

Aligner = Callable[[Sequence[Unit], Sequence[Unit]], Sequence[Link]]


# --- rivals


def by_difflib(old: Sequence[Unit], new: Sequence[Unit]) -> list[Link]:
    """Whole units as the lines of a diff; within a replaced stretch, one for one in order."""
    a, b = ([folded(unit.text) for unit in units] for units in (old, new))
    links = []
    for what, i0, i1, j0, j1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        common = min(i1 - i0, j1 - j0) if what in ("equal", "replace") else 0
        links += [Link((i0 + k,), (j0 + k,), 1.0, 1.0) for k in range(common)]
        links += [Link((i,), (), 0.0, 1.0) for i in range(i0 + common, i1)]
        links += [Link((), (j,), 0.0, 1.0) for j in range(j0 + common, j1)]
    return links


def by_tfidf(old: Sequence[Unit], new: Sequence[Unit], least: float) -> list[Link]:
    """Each other's nearest by TF-IDF of words one and two; what crosses the longest forward run
    has moved."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    matrix = vectors.fit_transform([unit.text for unit in (*old, *new)])
    alike = (matrix[: len(old)] @ matrix[len(old) :].T).toarray()
    best_new, best_old = alike.argmax(axis=1), alike.argmax(axis=0)
    found = [
        (i, int(j)) for i, j in enumerate(best_new) if best_old[j] == i and alike[i, j] >= least
    ]
    forward = _longest_run(found)
    links = [Link((i,), (j,), 1.0, 1.0, moved=(i, j) not in forward) for i, j in found]
    olds, news = {i for i, _ in found}, {j for _, j in found}
    links += [Link((i,), (), 0.0, 1.0) for i in range(len(old)) if i not in olds]
    links += [Link((), (j,), 0.0, 1.0) for j in range(len(new)) if j not in news]
    return links


def _longest_run(pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """The longest run forward on both sides; ``pairs`` are sorted by their old unit."""
    ends: list[int] = []
    at_end: list[int] = []
    before: list[int | None] = []
    for at, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(at_end[place - 1] if place else None)
        ends[place : place + 1] = [j]
        at_end[place : place + 1] = [at]
    run = set()
    last = at_end[-1] if at_end else None
    while last is not None:
        run.add(pairs[last])
        last = before[last]
    return run


# --- figures


@dataclass(frozen=True)
class Judged:
    """Passages of a pair of versions and what an aligner made of that pair."""

    pair: Pair
    passages: list[Located]
    links: Sequence[Link]


def fold_of(passage: Located) -> int:
    units = repr((passage.record.old.units, passage.record.new.units))
    return hashlib.sha256(units.encode()).digest()[0] % FOLDS


def out_of_sample(pairs: list[Pair]) -> dict[str, list[Judged]]:
    """Of each half: passages aligned with weights that were fitted without them."""
    both = with_moves(pairs)

    def judged(kinds: Kinds, keep: Callable[[Located], bool]) -> list[Judged]:
        found = []
        for pair in pairs:
            if passages := [one for one in pair.passages if keep(one)]:
                likely = likely_of(pair)
                links = align_likely(likely, kinds.of(likely.old, likely.new))
                found.append(Judged(pair, passages, links))
        return found

    def developed(one: Located) -> bool:
        return one.record.part == PARTS[0]

    rows: list[Judged] = []
    for fold in range(FOLDS):

        def elsewhere(one: Located, fold: int = fold) -> bool:
            return developed(one) and fold_of(one) != fold

        def here(one: Located, fold: int = fold) -> bool:
            return developed(one) and fold_of(one) == fold

        rows += judged(
            fit_kinds([(a.with_only(elsewhere), b.with_only(elsewhere)) for a, b in both]), here
        )
    held_out = judged(fit_kinds(both, PARTS[:1]), lambda one: not developed(one))
    return {PARTS[0]: rows, PARTS[1]: held_out}


def as_is(pairs: list[Pair], aligner: Aligner) -> dict[str, list[Judged]]:
    links = {pair.name: aligner(pair.old, pair.new) for pair in pairs}
    return {
        part: [Judged(pair, pair.half(part), links[pair.name]) for pair in pairs] for part in PARTS
    }


def interval(judged: list[Judged], figure: str) -> tuple[float, float]:
    """Passages drawn again within each pair; a wrong link goes with those that it touches."""
    chance = np.random.default_rng(SEED)
    tallies: dict[str, list[np.ndarray]] = {}
    for one in judged:
        tallies.setdefault(one.pair.name, []).append(_tallies(one.passages, one.links))
    totals = np.zeros((RESAMPLES, 6))
    for parts in tallies.values():
        rows = np.vstack(parts)
        if len(rows):
            totals += rows[chance.integers(0, len(rows), (RESAMPLES, len(rows)))].sum(axis=1)
    drawn = [getattr(_agreement(row), figure) for row in totals]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _tallies(passages: list[Located], links: Sequence[Link]) -> np.ndarray:
    """Each passage's part of the counts: a link that touches k passages counts 1/k with each."""
    rows = np.zeros((len(passages), 6))
    of_old = {i: at for at, one in enumerate(passages) for i in one.old}
    of_new = {j: at for at, one in enumerate(passages) for j in one.new}
    for at, one in enumerate(passages):
        rows[at, 2] = 1
        rows[at, 5] = ChangeKind.MOVED in one.record.kinds
    for link in links:
        touched = {of_old[i] for i in link.old if i in of_old}
        touched |= {of_new[j] for j in link.new if j in of_new}
        for at in touched:
            exact = (link.old, link.new) == passages[at].key
            rows[at, 0] += exact
            rows[at, 1] += 1 / len(touched)
            rows[at, 3] += exact and link.moved and rows[at, 5] > 0
            rows[at, 4] += link.moved / len(touched)
    return rows


def _agreement(counts: np.ndarray) -> Agreement:
    names = ("right", "given", "wanted", "moved_right", "moved_given", "moved_wanted")
    return Agreement(**dict(zip(names, counts.tolist(), strict=True)))


def total(judged: list[Judged]) -> Agreement:
    counts = Agreement()
    for one in judged:
        counts += agreement(one.links, one.passages)
    return counts


def measure(pairs: list[Pair], parts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One row an aligner and half. Only the parts asked for are measured."""
    tuned = max(
        (total(as_is(pairs, lambda a, b, t=t: by_tfidf(a, b, t))[PARTS[0]]).f1, -t)
        for t in (0.2, 0.3, 0.4, 0.5)
    )
    aligners = {
        "collabnlp": lambda: out_of_sample(pairs),
        "as shipped (in sample)": lambda: as_is(pairs, align),
        "difflib": lambda: as_is(pairs, by_difflib),
        f"tf-idf nearest (≥ {-tuned[1]})": lambda: as_is(
            pairs, lambda a, b: by_tfidf(a, b, -tuned[1])
        ),
    }
    for name, made in aligners.items():
        found = made()
        for part in parts:
            judged = found[part]
            counts = total(judged)
            row: dict[str, Any] = {
                "aligner": name,
                "part": part,
                "passages": counts.wanted,
                "precision": counts.precision,
                "recall": counts.recall,
                "f1": counts.f1,
                "moved": counts.moved_wanted,
                "moved_recall": counts.moved_recall,
                "moved_precision": counts.moved_precision,
            }
            for figure in ("f1", "moved_recall"):
                row[f"{figure}_95"] = interval(judged, figure)
            names = sorted({one.pair.name for one in judged})
            by_pair = {it: total([one for one in judged if one.pair.name == it]) for it in names}
            row["by_pair"] = {it: (counts.f1, counts.wanted) for it, counts in by_pair.items()}
            if name == "collabnlp":
                row["by_kind"] = by_kind(judged)
                row["by_probability"] = by_probability(judged)
            yield row


def by_kind(judged: list[Judged]) -> dict[str, str]:
    """Of the passages of each kind, those found whole."""
    found: dict[str, list[bool]] = {}
    for one in judged:
        given = {(link.old, link.new) for link in one.links}
        for passage in one.passages:
            for kind in passage.record.kinds:
                found.setdefault(str(kind), []).append(passage.key in given)
    return {kind: f"{sum(hits)}/{len(hits)}" for kind, hits in sorted(found.items())}


def by_probability(judged: list[Judged]) -> dict[str, str]:
    """Of the links that join units, by the aligner's own probability: right / all."""
    steps = (0.2, 0.6, 0.8, 0.9, 0.97, 1.01)
    rows: dict[str, list[bool]] = {}
    for one in judged:
        wanted = {passage.key for passage in one.passages}
        for link in touching(one.links, one.passages):
            if link.old and link.new:
                low, high = next((a, b) for a, b in pairwise(steps) if link.probability < b)
                label = f"{low:.2f}–{min(high, 1):.2f}"
                rows.setdefault(label, []).append((link.old, link.new) in wanted)
    return {label: f"{sum(hits)}/{len(hits)}" for label, hits in sorted(rows.items())}


def speed(find: Callable[[str], Path]) -> None:
    """Aligning two long papers beside classifying one of them, both warm, best of three."""
    tagger = collabnlp.load()
    for old, new in (
        ("nppf-2024", "nppf-draft-2025"),
        ("lura-2023", "lura-2023"),
    ):
        results = [tagger.classify(find(name)) for name in (old, new)]
        sides = [[one.unit for one in result] for result in results]
        best = []
        # the longer one is the newer one
        for work in (lambda new=new: tagger.classify(find(new)), lambda sides=sides: align(*sides)):
            times = []
            for _ in range(3):
                started = time.perf_counter()
                work()
                times.append(time.perf_counter() - started)
            best.append(min(times))
        print(
            f"{old} ({len(sides[0])} units), {new} ({len(sides[1])} units): classify the newer "
            f"{best[0]:.2f} s, align both {best[1]:.2f} s, ratio {best[1] / best[0]:.2f}"
        )


# --- level shifts

SHIFTS = ("strengthened", "weakened", "gained", "dropped")


def level_shifts(
    pairs: list[Pair], find: Callable[[str], Path], parts: Sequence[str]
) -> list[dict[str, Any]]:
    """Precision and recall of level shifts, with the readers' levels and with the model's own; the
    pairing is out of sample.

    A shift is told of a commitment's units: (shift, old commitments, new commitments) of a passage;
    strengthened and weakened go by the highest level of either side. Wanted are those of the
    passages read, with the readers' levels; given are those of links that have a unit that was
    read. Right is a shift that is the same, of the same commitments.
    """
    judged = out_of_sample(pairs)
    tagger = collabnlp.load()
    levels: dict[str, list[Level]] = {}
    own: dict[str, list[Level]] = {}
    for name in sorted({side for pair in pairs for side in pair.name.split("--")}):
        own[name] = [one.tag.level for one in tagger.classify(find(name))]
    store = LabelStore(ROOT / "corpus" / "labels")
    for pair in pairs:
        for name, units, side in zip(
            pair.name.split("--"), (pair.old, pair.new), ("old", "new"), strict=True
        ):
            read = {
                unit: resolve(readings).judgement.level
                for unit, readings in by_unit(store.read(name)).items()
            }
            for one in pair.passages:
                kept = getattr(one.record, side)
                read |= {
                    unit: level
                    for unit, level in zip(kept.units, kept.levels, strict=True)
                    if level is not None and unit not in read
                }
            levels[f"{pair.name}/{side}"] = [
                read.get(key, Level.NONE) for key in occurrences(unit.text for unit in units)
            ]
    rows = []
    for part in parts:
        for title, mine in (("readers' levels", None), ("the model's levels", own)):
            told: list[np.ndarray] = []
            for one in judged[part]:
                names = one.pair.name.split("--")
                gold = [levels[f"{one.pair.name}/{side}"] for side in ("old", "new")]
                used = gold if mine is None else [mine[name] for name in names]
                told += _shift_tallies(one, gold, used)
            counts = np.array(told).reshape(-1, len(SHIFTS), 3)
            chance = np.random.default_rng(SEED)
            drawn = [
                counts[chance.integers(0, len(counts), len(counts))].sum(axis=0)
                for _ in range(RESAMPLES)
            ]
            for at, shift in enumerate(SHIFTS):
                right, given, wanted = counts[:, at].sum(axis=0)
                row = {"part": part, "levels": title, "shift": shift}
                row["counts"] = [round(float(it), 1) for it in (right, given, wanted)]
                for name, whole in (("precision", 1), ("recall", 2)):
                    shares = [one[at, 0] / one[at, whole] for one in drawn if one[at, whole] > 0]
                    row[name] = [float(it) for it in np.quantile(shares or [0, 1], [0.025, 0.975])]
                rows.append(row)
    return rows


def _shift_tallies(
    one: Judged, gold: Sequence[Sequence[Level]], used: Sequence[Sequence[Level]]
) -> list[np.ndarray]:
    """Each passage's part of (right, given, wanted) by shift: a link that touches k passages counts
    1/k with each."""
    rows = [np.zeros((len(SHIFTS), 3)) for _ in one.passages]
    of_old = {i: at for at, passage in enumerate(one.passages) for i in passage.old}
    of_new = {j: at for at, passage in enumerate(one.passages) for j in passage.new}
    wanted = [shifted(passage.old, passage.new, gold) for passage in one.passages]
    for row, shift in zip(rows, wanted, strict=True):
        if shift is not None:
            row[SHIFTS.index(shift[0]), 2] = 1
    for link in one.links:
        touched = sorted(
            {of_old[i] for i in link.old if i in of_old}
            | {of_new[j] for j in link.new if j in of_new}
        )
        told = shifted(link.old, link.new, used) if touched else None
        if told is None:
            continue
        for at in touched:
            rows[at][SHIFTS.index(told[0]), 1] += 1 / len(touched)
            rows[at][SHIFTS.index(told[0]), 0] += told == wanted[at]
    return rows


def shifted(
    old: Sequence[int], new: Sequence[int], levels: Sequence[Sequence[Level]]
) -> tuple[str, tuple[int, ...], tuple[int, ...]] | None:
    """A passage's shift and the commitments that it is told of."""
    olds = tuple(at for at in old if levels[0][at] is not Level.NONE)
    news = tuple(at for at in new if levels[1][at] is not Level.NONE)
    if not olds and not news:
        return None
    if not olds or not news:
        return ("gained" if news else "dropped"), olds, news
    ladder = list(Level)
    steps = max(ladder.index(levels[1][at]) for at in news) - max(
        ladder.index(levels[0][at]) for at in olds
    )
    if steps == 0:
        return None
    return ("strengthened" if steps > 0 else "weakened"), olds, news


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mirror", type=Path, required=True, help="folder with the documents")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--shifts", action="store_true", help="level shifts alone")
    parser.add_argument("--part", choices=PARTS, help="one half only")
    arguments = parser.parse_args()
    files = {path.name.split(".")[0]: path for path in sorted(arguments.mirror.iterdir())}
    find = files.__getitem__
    parts = (arguments.part,) if arguments.part else PARTS
    if arguments.speed:
        speed(find)
        return
    pairs = read_pairs(find)
    if arguments.fit:
        show_weights(fit_kinds(with_moves(pairs)))
        return
    if arguments.shifts:
        rows = level_shifts(pairs, find, parts)
        (print(json.dumps(rows, indent=1)) if arguments.json else show_shifts(rows))
        return
    rows = list(measure(pairs, parts))
    if arguments.json:
        print(json.dumps({"lost": {p.name: p.lost for p in pairs}, "rows": rows}, indent=1))
        return
    show(rows)


def show_shifts(rows: list[dict[str, Any]]) -> None:
    print(f"{'half':12} {'levels':20} {'shift':14} right given wanted  P (95%)            R (95%)")
    for row in rows:
        right, given, wanted = row["counts"]
        figures = [
            f"{right / whole:.2f} ({low:.2f}–{high:.2f})" if whole else "–"
            for whole, (low, high) in ((given, row["precision"]), (wanted, row["recall"]))
        ]
        print(
            f"{row['part']:12} {row['levels']:20} {row['shift']:14} {right:5} {given:5} {wanted:6}"
            f"  {figures[0]:18} {figures[1]}"
        )


def show(rows: list[dict[str, Any]]) -> None:
    print(f"{'aligner':28} {'part':12} {'n':>4}  P     R     F1 (95%)            moved R (95%)")
    for row in rows:
        low, high = row["f1_95"]
        moved_low, moved_high = row["moved_recall_95"]
        print(
            f"{row['aligner']:28} {row['part']:12} {row['passages']:4}  "
            f"{row['precision']:.3f} {row['recall']:.3f} {row['f1']:.3f} ({low:.3f}–{high:.3f})  "
            f"{row['moved_recall']:.3f} ({moved_low:.3f}–{moved_high:.3f}) of {row['moved']}"
        )
        if row["aligner"] != "collabnlp":
            continue
        for label, (f1, n) in row["by_pair"].items():
            print(f"      {label:84} {f1:.3f} of {n}")
        for name in ("by_kind", "by_probability"):
            for label, value in row[name].items():
                print(f"      {label:84} {value}")


if __name__ == "__main__":
    main()
