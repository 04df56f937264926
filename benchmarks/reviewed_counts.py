"""How near counts come to the truth when people have read some of the units, and what their 95%
intervals hold.

    python benchmarks/reviewed_counts.py                # the tables of docs/counting.md
    python benchmarks/reviewed_counts.py --few          # where little was drawn, or nothing
    python benchmarks/reviewed_counts.py --cache FILE   # keeps the held-out decisions (1 minute)

Every labelled document in turn is a new one: the model's decisions on it, and all that is said of
the model's errors, come from other families. Of its units 5%, 10% or 20% are drawn by chance, then
10% of them taken that the model is least certain of, as the review queue does it; their labels are
shown to the estimators. Shifted
documents are labelled ones from which commitments, or other units, were left out by chance until
the share of commitments was one drawn evenly from 0.5% to 30%.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from collabnlp.analysis import prevalence as pv
from collabnlp.analysis import reviewed as rv
from collabnlp.tagging.cues import default_cue_text
from collabnlp.training.dataset import labelled_units
from collabnlp.training.evaluate import Bench
from collabnlp.workflows.corpus import read_table

ROOT = Path(__file__).resolve().parents[1]
LEVELS = pv.CLASSES - 1
LEAST_UNITS = 200
FEW = ((0.02, 0.0), (0.04, 0.0), (0.0, 0.05))
READ = ((0.05, 0.1), (0.1, 0.1), (0.2, 0.1), (0.1, 0.0))
RAW, LABELS, A_WHOLE, A_REST, B, C_NONE, C_CHANCE, C = (
    "raw: the model alone",
    "raw: people's labels, else the model's",
    "family errors, nobody read (as without `--reviewed`)",
    "(a) family errors on the unread units",
    "(b) drawn units alone, by decision (Wilson, MOVER)",
    "both, no unit shown",
    "both, drawn units shown",
    "both, drawn and least certain units shown",
)
RULE = f"this: the last, or (a) where under {rv.LEAST_SHOWN} were shown"


@dataclass(frozen=True)
class Held:
    """Units with what the model decided that had not seen their family."""

    family: Any
    document: Any
    level: Any
    score: Any
    decided: Any
    sureness: Any

    def of(self, chosen: Any) -> Held:
        return Held(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @property
    def columns(self) -> Any:
        return pv.columns_of(self.score, self.decided)

    @property
    def tables(self) -> pv.ErrorTables:
        return pv.tables_of(list(self.family), self.level, self.score, self.decided)


def held_out(build: Path, cache: Path | None) -> Held:
    if cache is not None and cache.exists():
        kept = np.load(cache)
        return Held(*(kept[name] for name in Held.__dataclass_fields__))
    bench = Bench(labelled_units(read_table(build)), default_cue_text())
    decisions = bench.held_out()
    assert decisions.shares is not None
    units = [bench.units[at] for at in bench.measured]
    found = Held(
        np.array([it.family for it in units]),
        np.array([it.document for it in units]),
        np.array([it.level for it in units], dtype=np.int64),
        1.0 - decisions.shares[:, 0],
        decisions.decided,
        decisions.shares.max(axis=1),
    )
    if cache is not None:
        np.savez(cache, **{name: getattr(found, name) for name in Held.__dataclass_fields__})
    return found


def levels_of(classes: Any) -> Any:
    return np.bincount(classes, minlength=pv.CLASSES)[1:].astype(float)


def figures(levels: Any) -> Any:
    """Counts of the levels, of all, shares among all (… × 11)."""
    whole = levels.sum(axis=-1, keepdims=True)
    return np.concatenate([levels, whole, levels / np.maximum(whole, 1e-12)], axis=-1)


def drawn_alone(unread: Any, decided: Any, classes: Any) -> tuple[Any, Any, Any]:
    """Unread units of each level and of all (6): the share among the units drawn of those that the
    model gave the level, and of those that it did not, with Wilson's intervals joined by MOVER
    (Zou & Donner 2008); n is n·U/(n+U), for what is read of a finite text is certain."""
    value, below, above = np.zeros(6), np.zeros(6), np.zeros(6)
    for at in range(6):
        is_it = [it == at + 1 if at < LEVELS else it > 0 for it in (unread, decided, classes)]
        for called in (False, True):
            rest = int((is_it[0] == called).sum())
            seen = is_it[1] == called
            n = int(seen.sum())
            if not rest:
                continue
            share, low, high = float(called), 0.0, 1.0
            if n:
                share = float(is_it[2][seen].mean())
                low, high = wilson(share, n * rest / (n + rest))
            value[at] += rest * share
            below[at] += (rest * (share - low)) ** 2
            above[at] += (rest * (high - share)) ** 2
    return value, value - np.sqrt(below), value + np.sqrt(above)


def wilson(share: float, whole: float) -> tuple[float, float]:
    square = 1.959963984540054**2
    centre = (share + square / (2 * whole)) / (1 + square / whole)
    reach = math.sqrt(square * (share * (1 - share) / whole + square / (4 * whole * whole)))
    return max(0.0, centre - reach / (1 + square / whole)), min(
        1.0, centre + reach / (1 + square / whole)
    )


def shifted(paper: Held, random: np.random.Generator) -> Held:
    share = random.uniform(0.005, 0.30)
    has = np.flatnonzero(paper.level > 0)
    none = np.flatnonzero(paper.level == 0)
    wanted = share * len(none) / (1 - share)
    if wanted <= len(has):
        has = random.choice(has, round(wanted), replace=False)
    else:
        none = random.choice(none, round(len(has) * (1 - share) / share), replace=False)
    return paper.of(np.sort(np.concatenate([has, none])))


class Trial:
    """One document, some of whose units are read; scores every way of counting it."""

    def __init__(self, held: Held, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.corrector = pv.fit(held.tables)
        names = self.corrector.tables.names
        self.families = {
            name: rv.fit_families(self.corrector.tables.without([at]))
            for at, name in enumerate(names)
        }
        self.found: dict[Any, list[list[float]]] = defaultdict(list)

    def run(self, paper: Held, key: tuple[Any, ...], *, share: float, least: float) -> None:
        random, units = self.random, len(paper.level)
        n, m = round(share * units), round(least * units)
        unsure = np.argsort(paper.sureness, kind="stable")
        drawn, chosen = np.zeros(units, dtype=bool), np.zeros(units, dtype=bool)
        drawn[random.choice(units, n, replace=False)] = True
        chosen[unsure[~drawn[unsure]][:m]] = True
        known = drawn | chosen
        rest = paper.of(~known)
        there = levels_of(paper.level[known])
        true = figures(levels_of(paper.level))

        def add(name: str, said: Any, low: Any = None, high: Any = None) -> None:
            error = np.abs(said - true) / np.array([units / 100] * 6 + [0.01] * 5)
            row = [error[LEVELS], error[:LEVELS].mean(), error[6:].mean()]
            hits = [np.nan] * 4
            if low is not None:
                inside = (low <= true + 1e-9) & (true <= high + 1e-9)
                hits = [inside[LEVELS], inside[:LEVELS].mean(), inside[6:].mean()]
                hits += [(high - low)[LEVELS] / units * 100]
            self.found[(*key, name)].append([*row, *hits])

        raw = figures(levels_of(paper.decided))
        add(RAW, raw)
        add(LABELS, figures(there + levels_of(rest.decided)))
        at = self.corrector.tables.names.index(str(paper.family[0]))
        unseen = at if at in self.corrector.tables.eligible else None
        for name, some, base in ((A_WHOLE, paper, there * 0), (A_REST, rest, there)):
            columns = pv.column_counts(some.score, some.decided)[None]
            said = self.corrector.estimate(columns, unseen=unseen, draws=200)
            by_families = rv.added(base, [rv.scaled(said, len(some.level))])
            add(name, by_families.figures, by_families.low, by_families.high)
        # The drawn are a sample of all units, those read for a reason among them.
        alone = drawn_alone(paper.decided[~drawn], paper.decided[drawn], paper.level[drawn])
        seen = levels_of(paper.level[drawn])
        value, low, high = (
            np.append(it + np.append(seen, seen.sum()), np.full(5, np.nan)) for it in alone
        )
        value[6:] = value[:5] / max(value[:5].sum(), 1e-12)
        add(B, value, low, high)
        families = self.families[str(paper.family[0])]
        for name, shown in ((C_NONE, known & False), (C_CHANCE, drawn), (C, known)):
            some = paper.of(shown)
            text = rv.Text(
                pv.column_counts(rest.score, rest.decided),
                rv.weighed(some.columns, some.level, np.ones(int(shown.sum()))),
                int(shown.sum()),
            )
            unread = rv.estimate_rest([text], families, seed=int(random.integers(2**31)))
            both = rv.added(there, [unread])
            add(name, both.figures, both.low, both.high)
            if name == C:
                # The rule of `count --reviewed`: too few shown are left to the families' errors.
                ruled = both if text.shown >= rv.LEAST_SHOWN else by_families
                add(RULE, ruled.figures, ruled.low, ruled.high)


def table(found: Any, wanted: Any) -> list[str]:
    lines = [
        "| way | error, all | error, levels | error, mix | 95%: all | levels | mix | width, all |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in (RAW, LABELS, A_WHOLE, A_REST, B, C_NONE, C_CHANCE, C, RULE):
        rows = [
            row for key, them in found.items() if key[-1] == name and wanted(key) for row in them
        ]
        if not rows:
            continue
        mean = np.mean(rows, axis=0)
        cells = [f"{mean[0]:.2f}", f"{mean[1]:.2f}", f"{mean[2]:.1f}"]
        cells += ["" if np.isnan(it) else f"{100 * it:.1f}%" for it in mean[3:6]]
        cells += ["" if np.isnan(mean[6]) else f"{mean[6]:.1f}"]
        if name == B:
            cells[5] = ""
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "corpus")
    parser.add_argument("--cache", type=Path, metavar="FILE.npz")
    parser.add_argument("--draws", type=int, default=10, help="of each kind, for each document")
    parser.add_argument("--few", action="store_true", help="with 2% or 4% drawn, or none")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    amounts = FEW if options.few else READ
    held = held_out(options.build, options.cache)
    names = [it for it in sorted(set(held.document)) if (held.document == it).sum() >= LEAST_UNITS]
    trial = Trial(held, options.seed)
    for name in names:
        whole = held.of(held.document == name)
        for _ in range(options.draws):
            for regime in ("as they are", "shifted"):
                paper = whole if regime == "as they are" else shifted(whole, trial.random)
                for share, least in amounts:
                    if len(paper.level) >= LEAST_UNITS:
                        trial.run(paper, (regime, share, least), share=share, least=least)
    for regime in ("as they are", "shifted"):
        for share, least in amounts:
            key = (regime, share, least)
            many = len(trial.found[(*key, RAW)])
            read = f"{share:.0%} drawn by chance, {least:.0%} least certain"
            print(f"\n{regime}: {read}; {many} trials\n")
            print("\n".join(table(trial.found, lambda at, key=key: at[:3] == key)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
