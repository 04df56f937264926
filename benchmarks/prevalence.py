"""How well raw and corrected shares of levels, and their intervals, hold on families held out.

    python benchmarks/prevalence.py [--mirror DIR]           # the tables of docs/counting.md
    python benchmarks/prevalence.py --write [FILE]           # the errors that `count` corrects by

From each family (and from some pairs and threes) mixes are drawn, as they are and shifted: the
share of commitments evenly from 0.5% to 30%, all mixes of the levels alike. Everything that a
method learns comes from the other families.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from collabnlp.analysis import prevalence as pv
from collabnlp.analysis.counting_figures import wilson
from collabnlp.analysis.prevalence_store import read_errors, write_errors
from collabnlp.errors import CollabnlpError
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.counting import errors_file, measure_errors

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "documents"
LEVELS = pv.CLASSES - 1


def expectation(given: Any, seen: Any, rounds: int = 500) -> Any:
    """Maximum likelihood of the classes (EM) for counts ``seen`` of what each class gives."""
    share = np.full(len(given), 1.0 / len(given))
    for _ in range(rounds):
        share = share * (given @ (seen / np.maximum(share @ given, 1e-15)))
        share = share / share.sum()
    return share


def others(tables: pv.ErrorTables, columns: Any) -> dict[str, Any]:
    """Shares of the levels by the ways that were compared, from counts of columns."""
    pooled = tables.counts.sum(axis=0).astype(float)
    smooth = pooled + 1e-3
    total = columns.sum()
    decided = pv.decided_counts(pooled)
    raw = pv.decided_counts(columns) / total
    posterior = smooth / smooth.sum(axis=0)
    by_class = smooth / smooth.sum(axis=1, keepdims=True)
    rows = (decided + 1e-3) / (decided + 1e-3).sum(axis=1, keepdims=True)
    gap = (pooled.sum(axis=1) - decided.sum(axis=0)) / pooled.sum()
    return {
        "classify and count": raw,
        "probabilistic count (PCC)": posterior @ (columns / total),
        "adjusted count (ACC)": expectation(rows, raw),
        "EM on scores (Saerens)": expectation(by_class, columns / total),
        "prediction-powered mean": np.clip(raw + gap, 0.0, 1.0),
    }


def held_out(eligible: Any, random: np.random.Generator, groups: int) -> list[list[int]]:
    alone = [[int(it)] for it in eligible]
    for many in (2, 3):
        alone += [random.choice(eligible, many, replace=False).tolist() for _ in range(groups)]
    return alone


def six(shares: Any) -> Any:
    """All commitments, then the levels."""
    return np.append(shares.sum(), shares)


def measure(tables: pv.ErrorTables, mixes: int, groups: int, seed: int = 11) -> dict[Any, Any]:
    """Errors and coverage, by regime, number of families and method."""
    random = np.random.default_rng(seed)
    found: dict[Any, list[list[float]]] = defaultdict(list)
    for held in held_out(tables.eligible, random, groups):
        rest = tables.without(held)
        corrector = pv.fit(rest)
        own = pv.ErrorTables(tuple(tables.names[it] for it in held), tables.counts[held])
        for turn in range(mixes):
            size = (300, 1000, 3000)[turn % 3]
            for regime in ("shifted", "as they are"):
                if regime == "shifted":
                    mix = own.draw(random, pv.Shift(sizes=(size,), families=(len(held),)))
                else:
                    mix = own.as_they_are(random, (size,), len(held))
                key = (regime, len(held))
                score(found, key, mix, rest, corrector)
    return found


def score(found: Any, key: Any, mix: pv.Mix, rest: pv.ErrorTables, corrector: Any) -> None:
    total = int(mix.true.sum())
    true = six(mix.true.sum(axis=0)[1:] / total)
    columns = mix.columns.sum(axis=0)
    levels = true[1:] / max(true[0], 1e-12)

    def add(name: str, said: Any, inside: Any = None) -> None:
        mixed = said[1:] / max(said[0], 1e-12)
        row = [abs(said - true)[0], abs(said - true)[1:].mean(), abs(mixed - levels).mean()]
        if inside is None:
            inside = [np.nan] * 3
        found[(*key, name)].append([*row, *inside])
        found[("by size", int(min(said_raw[0] * total, 40)) // 5, name)].append([*row, *inside])

    raw = pv.decided_counts(columns)
    said_raw = six(raw[1:] / total)
    for name, said in others(rest, columns).items():
        inside = None
        if name == "classify and count":
            bounds = [wilson(int(it), total) for it in (raw[1:].sum(), *raw[1:])]
            hits = [a.low <= b <= a.high for a, b in zip(bounds, true, strict=True)]
            inside = [hits[0], np.mean(hits[1:]), np.nan]
        add(name, six(said[1:]), inside)
    for name, widened in (("this, not widened", False), ("this", True)):
        chosen = corrector if widened else pv.Corrector(rest, corrector.weights, corrector.without)
        estimate = chosen.estimate(mix.columns, draws=200)
        truth = np.concatenate([true[1:], true[:1], levels])
        hits = (estimate.low <= truth + 1e-12) & (truth - 1e-12 <= estimate.high)
        add(
            name,
            six(estimate.figures[:LEVELS]),
            [hits[LEVELS], hits[:LEVELS].mean(), hits[LEVELS + 1 :].mean()],
        )


def table(found: Any, regime: str, many: tuple[int, ...]) -> list[str]:
    lines = [
        "| method | error, all commitments | error, levels | error, mix of levels | 95%: "
        "commitments | levels | mix |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    names = dict.fromkeys(key[2] for key in found)
    for name in names:
        rows = [row for it in many for row in found[(regime, it, name)]]
        errors = np.mean([row[:3] for row in rows], axis=0)
        inside = np.mean([row[3:] for row in rows], axis=0)
        cells = [f"{100 * errors[0]:.2f}", f"{100 * errors[1]:.2f}", f"{100 * errors[2]:.1f}"]
        cells += ["" if np.isnan(it) else f"{100 * it:.1f}%" for it in inside]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", type=Path, default=SHARED)
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "corpus")
    parser.add_argument("--model", default="level", help="whose errors are measured")
    parser.add_argument("--errors", type=Path, help="a file written before: do not measure anew")
    parser.add_argument("--write", type=Path, nargs="?", const=errors_file(), metavar="FILE")
    parser.add_argument("--anyway", action="store_true", help="though its labels were others")
    parser.add_argument("--mixes", type=int, default=30, help="of each regime, for each held out")
    parser.add_argument("--groups", type=int, default=9, help="pairs and threes held out")
    options = parser.parse_args()
    try:
        if options.errors is not None:
            errors = read_errors(options.errors)
        else:
            errors = measure_errors(
                Corpus(options.corpus),
                options.build,
                mirror=Mirror(options.mirror) if options.mirror.is_dir() else None,
                model=options.model,
                anyway=options.anyway,
                told=lambda line: print(line, file=sys.stderr),
            )
    except CollabnlpError as wrong:
        print(f"{wrong.name}: {wrong}", file=sys.stderr)
        return 1
    if options.write is not None:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        write_errors(errors, options.write)
        print(f"wrote {options.write.name}: {errors.name}, {errors.model[:12]}", file=sys.stderr)
        return 0
    tables = errors.corrector.tables
    print(
        f"{int(tables.counts.sum())} units of {len(tables.names)} families, "
        f"{len(tables.eligible)} of them large enough to be held out\n"
    )
    found = measure(tables, options.mixes, options.groups)
    for regime in ("shifted", "as they are"):
        for title, many in (("", (1, 2, 3)), (", one family", (1,)), (", two or three", (2, 3))):
            print(f"mixes {regime}{title}\n")
            print("\n".join(table(found, regime, many)) + "\n")
    print("both kinds of mix, by how many commitments are found\n")
    print("| found | mixes | error raw | error corrected |\n| --- | --- | --- | --- |")
    for at in sorted({key[1] for key in found if key[0] == "by size"}):
        raw = [row[1] for row in found[("by size", at, "classify and count")]]
        own = [row[1] for row in found[("by size", at, "this")]]
        words = f"{5 * at} to {5 * at + 4}" if at < 8 else "40 and more"
        print(f"| {words} | {len(raw)} | {100 * np.mean(raw):.2f} | {100 * np.mean(own):.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
