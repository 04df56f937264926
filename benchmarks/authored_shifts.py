"""Measure level shifts on versions that were written for it (authored_versions), since commitments
in the real versions hardly ever change their level.

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
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from alignment import SHIFTS, by_difflib, by_tfidf, shifted
from authored_versions import Versions, read_versions

import collabnlp
from collabnlp.analysis.alignment import align
from collabnlp.analysis.alignment_gold import Agreement, agreement
from collabnlp.schema import Level, Link

THRESHOLDS = (0.2, 0.3, 0.4, 0.5)
Z = 1.959964

Shift = tuple[str, tuple[int, ...], tuple[int, ...]]


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
    found: Sequence[Versions],
    links: Sequence[Sequence[Link]],
    *,
    ways: Sequence[tuple[str, str]] = WAYS,
) -> list[dict[str, Any]]:
    """One row a way, pair of versions (and both) and shift; ways: (tags, pairing)."""
    rows = []
    for tags, pairing in ways:
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


def tag_rows(found: Sequence[Versions]) -> list[dict[str, Any]]:
    """How the model's tags agree with the gold, by version: commitments found, told and there, and
    those of the found ones whose level is right."""
    rows = []
    for version in (side for one in found for side in (one.old, one.new)):
        pairs = list(zip(version.levels, version.own, strict=True))
        both = [(gold, own) for gold, own in pairs if Level.NONE not in (gold, own)]
        row: dict[str, Any] = {"version": version.name, "units": len(pairs), "found": len(both)}
        row |= {"told": sum(own is not Level.NONE for _, own in pairs)}
        row |= {"there": sum(gold is not Level.NONE for gold, _ in pairs)}
        row |= {"level_right": sum(gold is own for gold, own in both)}
        rows.append(row)
    return rows


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


def show_tags(rows: list[dict[str, Any]]) -> None:
    print("\nthe model's commitments: found, told, there; level right of those found")
    for row in rows:
        print(
            f"{row['version']:20} {row['found']:4} {row['told']:4} {row['there']:4}  "
            f"{row['level_right']:4}   P {_figure(row['found'], row['told'])}  "
            f"R {_figure(row['found'], row['there'])}"
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
    tags = tag_rows(found)
    if arguments.json:
        print(json.dumps({"pairing": pairing, "shifts": shifts, "tags": tags}, indent=1))
        return
    show(pairing, shifts)
    show_tags(tags)


if __name__ == "__main__":
    main()
