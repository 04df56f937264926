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

Each half is measured with weights fitted on the other half; what ships is fitted on both.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import collabnlp
from collabnlp.analysis.alignment import (
    Weights,
    align,
    first_links,
    left_over,
    shipped_weights,
    weigh,
)
from collabnlp.analysis.alignment_evidence import NEIGHBOUR_EVIDENCE, WORD_EVIDENCE
from collabnlp.analysis.alignment_gold import (
    PARTS,
    Agreement,
    Located,
    agreement,
    locate,
    read_aligned,
    touching,
)
from collabnlp.identifiers import folded, occurrences
from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.labels.store import LabelStore
from collabnlp.schema import ChangeKind, Level, Link, Unit

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "corpus" / "alignments"
RESAMPLES = 2000
SEED = 20261122

Aligner = Callable[[Sequence[Unit], Sequence[Unit]], Sequence[Link]]


@dataclass(frozen=True)
class Pair:
    """Two versions with the passages read in them."""

    name: str
    old: tuple[Unit, ...]
    new: tuple[Unit, ...]
    passages: list[Located]
    lost: int

    def half(self, part: str) -> list[Located]:
        return [one for one in self.passages if one.record.part == part]


def read_pairs(find: Callable[[str], Path]) -> list[Pair]:
    units: dict[str, tuple[Unit, ...]] = {}

    def of(document: str) -> tuple[Unit, ...]:
        if document not in units:
            units[document] = collabnlp.extract(find(document))[1]
        return units[document]

    pairs = []
    for path in sorted(GOLD.glob("*.jsonl")):
        old, new = map(of, path.stem.split("--"))
        found, lost = locate(read_aligned(path), old, new)
        pairs.append(Pair(path.stem, old, new, found, lost))
    return pairs


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


def interval(
    pairs: list[Pair], links: dict[str, Sequence[Link]], part: str, figure: str
) -> tuple[float, float]:
    """Passages drawn again within each pair; a wrong link goes with those that it touches."""
    chance = np.random.default_rng(SEED)
    totals = np.zeros((RESAMPLES, 6))
    for pair in pairs:
        rows = _tallies(pair.half(part), links[pair.name])
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


def total(pairs: list[Pair], links: dict[str, Sequence[Link]], part: str) -> Agreement:
    counts = Agreement()
    for pair in pairs:
        counts += agreement(links[pair.name], pair.half(part))
    return counts


def measure(pairs: list[Pair], *, intervals: bool) -> Iterator[dict[str, Any]]:
    def run(aligner: Aligner) -> dict[str, Sequence[Link]]:
        return {pair.name: aligner(pair.old, pair.new) for pair in pairs}

    tuned = max(
        (total(pairs, run(lambda a, b, t=t: by_tfidf(a, b, t)), PARTS[0]).f1, -t)
        for t in (0.2, 0.3, 0.4, 0.5)
    )
    # each half by what was learnt on the other
    learnt = {PARTS[0]: fit(pairs, PARTS[1:]), PARTS[1]: fit(pairs, PARTS[:1])}
    rivals: dict[str, Aligner] = {
        "as shipped (in sample)": align,
        **{f"collabnlp|{part}": _with(learnt[part]) for part in PARTS},
        "difflib": by_difflib,
        f"tf-idf nearest (≥ {-tuned[1]})": lambda a, b: by_tfidf(a, b, -tuned[1]),
    }
    for name, aligner in rivals.items():
        links = run(aligner)
        name, _, only = name.partition("|")
        for part in (only,) if only else PARTS:
            counts = total(pairs, links, part)
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
            if intervals:
                for figure in ("f1", "moved_recall"):
                    row[f"{figure}_95"] = interval(pairs, links, part, figure)
            row["by_pair"] = {
                pair.name: agreement(links[pair.name], pair.half(part)).f1 for pair in pairs
            }
            if name == "collabnlp":
                row["by_kind"] = by_kind(pairs, links, part)
                row["by_probability"] = by_probability(pairs, links, part)
            yield row


def by_kind(pairs: list[Pair], links: dict[str, Sequence[Link]], part: str) -> dict[str, str]:
    """Of the passages of each kind, those found whole."""
    found: dict[str, list[bool]] = {}
    for pair in pairs:
        given = {(link.old, link.new) for link in links[pair.name]}
        for one in pair.half(part):
            for kind in one.record.kinds:
                found.setdefault(str(kind), []).append(one.key in given)
    return {kind: f"{sum(hits)}/{len(hits)}" for kind, hits in sorted(found.items())}


def by_probability(
    pairs: list[Pair], links: dict[str, Sequence[Link]], part: str
) -> dict[str, str]:
    """Of the links that join units, by the aligner's own probability: right / all."""
    steps = (0.4, 0.6, 0.8, 0.9, 0.97, 1.01)
    rows: dict[str, list[bool]] = {}
    for pair in pairs:
        wanted = {one.key for one in pair.half(part)}
        for link in touching(links[pair.name], pair.half(part)):
            if link.old and link.new:
                low, high = next((a, b) for a, b in pairwise(steps) if link.probability < b)
                label = f"{low:.2f}–{min(high, 1):.2f}"
                rows.setdefault(label, []).append((link.old, link.new) in wanted)
    return {label: f"{sum(hits)}/{len(hits)}" for label, hits in sorted(rows.items())}


# --- fitting


def _with(weights: Weights) -> Aligner:
    return lambda old, new: align(old, new, weights)


def fit(pairs: list[Pair], parts: Sequence[str] = PARTS) -> Weights:
    """Logistic regressions on the halves given, three rounds: the second model's neighbours come
    from the first one's chain.

    The third weighs what both leave over. Few such pairs are read, so it also learns from the same
    passages with stretches of the newer version put elsewhere (`shuffled`).
    """
    weights = shipped_weights()
    for _ in range(3):
        words, everything, truth = [], [], []
        for pair in pairs:
            weighed = weigh(pair.old, pair.new, weights)
            columns_of_all = weighed.all
            for at, right in _judged(pair, weighed.pairs, parts):
                words.append(weighed.words[at])
                everything.append(columns_of_all[at])
                truth.append(right)
        weights = replace(
            weights, alone=_logistic(words, truth), placed=_logistic(everything, truth)
        )
    rows, truth = [], []
    for pair in (*pairs, *map(shuffled, pairs)):
        weighed = weigh(pair.old, pair.new, weights)
        left, evidence = left_over(weighed, first_links(weighed, weights))
        for at, right in _judged(pair, left, parts):
            rows.append(evidence[at])
            truth.append(right)
    return replace(weights, left=_logistic(rows, truth))


def _judged(pair: Pair, pairs: np.ndarray, parts: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Which pairs have a unit that was read, and whether they are of one passage."""
    read = [one for one in pair.passages if one.record.part in parts]
    olds = {i: one for one in read for i in one.old}
    news = {j: one for one in read for j in one.new}
    for at, (i, j) in enumerate(pairs.tolist()):
        if i in olds or j in news:
            yield at, i in olds and news.get(j) is olds[i]


def _logistic(rows: list[np.ndarray], truth: list[bool]) -> tuple[float, ...]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=3, max_iter=5000).fit(np.array(rows), np.array(truth))
    return (float(model.intercept_[0]), *map(float, model.coef_[0]))


def shuffled(pair: Pair, share: float = 0.3) -> Pair:
    """The pair with a share of its passages, and some other stretches, elsewhere in the newer
    version, under the headings of where they come to stand."""
    chance = random.Random(f"{SEED} {pair.name}")
    picked = [
        one
        for one in pair.passages
        if one.old and one.new and len(one.new) == one.new[-1] - one.new[0] + 1
        if chance.random() < share
    ]
    stretches = [list(one.new) for one in picked]
    taken = {j for one in stretches for j in one}
    for _ in range(len(pair.new) // 60):
        start = chance.randrange(len(pair.new))
        stretch = list(range(start, min(len(pair.new), start + chance.randint(1, 4))))
        if taken.isdisjoint(stretch):
            stretches.append(stretch)
            taken |= set(stretch)
    staying = [j for j in range(len(pair.new)) if j not in taken]
    behind: dict[int, list[list[int]]] = {}
    for stretch in stretches:
        behind.setdefault(chance.choice(staying), []).append(stretch)
    units, order = [], []
    for j in staying:
        here = pair.new[j]
        units.append(here)
        order.append(j)
        for stretch in behind.get(j, ()):
            units += [
                replace(pair.new[one], headings=here.headings, provision=None) for one in stretch
            ]
            order += stretch
    at = {j: place for place, j in enumerate(order)}
    passages = []
    for one in pair.passages:
        record, kinds = one.record, one.record.kinds
        if one in picked and ChangeKind.MOVED not in kinds:
            record = replace(record, kinds=(*kinds, ChangeKind.MOVED))
        passages.append(Located(record, one.old, tuple(sorted(at[j] for j in one.new))))
    return Pair(pair.name, pair.old, tuple(units), passages, pair.lost)


def show_weights(weights: Weights) -> None:
    for title, names, values in (
        ("alone", WORD_EVIDENCE, weights.alone),
        ("placed", WORD_EVIDENCE + NEIGHBOUR_EVIDENCE, weights.placed),
        ("left", WORD_EVIDENCE, weights.left),
    ):
        print(f"[{title}]")
        for name, value in zip(("constant", *names), values, strict=True):
            print(f"{name} = {value:.3f}")
        print()


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


def level_shifts(pairs: list[Pair], find: Callable[[str], Path]) -> list[dict[str, Any]]:
    """Precision and recall of level shifts, with the readers' levels and with the model's own.

    A shift is told of a commitment's units: (shift, old commitments, new commitments) of a passage.
    Given are those of links that have a unit that was read, wanted those of the passages read.
    """
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
    for title, mine in (("readers' levels", None), ("the model's levels", own)):
        counts = {shift: [0, 0, 0] for shift in SHIFTS}
        for pair in pairs:
            names = pair.name.split("--")
            gold = [levels[f"{pair.name}/{side}"] for side in ("old", "new")]
            used = gold if mine is None else [mine[name] for name in names]
            wanted = {shifted(one.old, one.new, gold) for one in pair.passages} - {None}
            links = touching(align(pair.old, pair.new), pair.passages)
            given = {shifted(link.old, link.new, used) for link in links} - {None}
            for shift in SHIFTS:
                a = {it for it in given if it and it[0] == shift}
                b = {it for it in wanted if it and it[0] == shift}
                for at, size in enumerate((len(a & b), len(a), len(b))):
                    counts[shift][at] += size
        rows += [{"levels": title, "shift": shift, "counts": counts[shift]} for shift in SHIFTS]
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
    if arguments.speed:
        speed(find)
        return
    pairs = read_pairs(find)
    if arguments.shifts:
        print(f"{'levels':20} {'shift':14} right given wanted  P    R")
        for row in level_shifts(pairs, find):
            right, given, wanted = row["counts"]
            precision, recall = right / max(1, given), right / max(1, wanted)
            print(
                f"{row['levels']:20} {row['shift']:14} {right:5} {given:5} {wanted:6}"
                f"  {precision:.2f} {recall:.2f}"
            )
        return
    if arguments.fit:
        show_weights(fit(pairs))
        return
    rows = [row for row in measure(pairs, intervals=True) if arguments.part in (None, row["part"])]
    if arguments.json:
        print(json.dumps({"lost": {p.name: p.lost for p in pairs}, "rows": rows}, indent=1))
        return
    print(f"{'aligner':28} {'part':12} {'n':>4}  P     R     F1 (95%)            moved R (95%)")
    for row in rows:
        low, high = row["f1_95"]
        moved_low, moved_high = row["moved_recall_95"]
        print(
            f"{row['aligner']:28} {row['part']:12} {row['passages']:4}  "
            f"{row['precision']:.3f} {row['recall']:.3f} {row['f1']:.3f} ({low:.3f}–{high:.3f})  "
            f"{row['moved_recall']:.3f} ({moved_low:.3f}–{moved_high:.3f}) of {row['moved']}"
        )
        for name in ("by_pair", "by_kind", "by_probability"):
            if row["aligner"] == "collabnlp":
                for label, value in row[name].items():
                    shown = f"{value:.3f}" if isinstance(value, float) else value
                    print(f"      {label:84} {shown}")


if __name__ == "__main__":
    main()
