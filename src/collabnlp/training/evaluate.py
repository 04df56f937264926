"""Measure the level model on real documents, one family held out at a time.

``python -m collabnlp.training.evaluate --labels DIR`` prints the tables of docs/model.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from collabnlp.errors import CollabnlpError
from collabnlp.schema import LADDER
from collabnlp.tagging.cues import default_cue_text, read_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import LEVEL_NAMES, LevelScores, decide
from collabnlp.training.candidates import CANDIDATES, Logits, cue_rules, held_out
from collabnlp.training.dataset import LabelledUnit, read_labels, read_written
from collabnlp.training.fit import FeatureTable, FitSettings, calibrate
from collabnlp.training.measures import (
    MEASURES,
    by_family,
    calibration_error,
    commitment_f1,
    confusion,
    level_f1,
)
from collabnlp.training.train import targets_of

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Floats, Integers


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decided levels and, where there are any, commitment probabilities of the real units."""

    decided: Integers
    commitment: Floats | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured: the real units, and every way's decisions on them."""

    units: Sequence[LabelledUnit]
    ways: dict[str, Decisions]

    @property
    def levels(self) -> Integers:
        return np.array([unit.level for unit in self.units], dtype=np.int64)

    @property
    def families(self) -> list[str]:
        return [unit.family for unit in self.units]


def cross_decided(logits: Logits, levels: Integers, families: Sequence[str]) -> LevelScores:
    """Scores of each family, calibrated and cut by the logits of the others."""
    gate, ladder = logits
    names = np.array(families)
    commitment = np.zeros(len(gate))
    shares = np.zeros_like(ladder)
    decided = np.zeros(len(gate), dtype=np.int64)
    for family in sorted(set(families)):
        own, others = names == family, names != family
        calibration = calibrate(gate[others], ladder[others], levels[others])
        scores = decide(gate[own], ladder[own], calibration)
        commitment[own], shares[own] = scores.commitment, scores.levels
        decided[own] = scores.decided
    return LevelScores(commitment, shares, decided)


def evaluate(
    real: Sequence[LabelledUnit],
    written: Sequence[LabelledUnit],
    *,
    candidates: Sequence[str] = tuple(CANDIDATES),
    settings: FitSettings | None = None,
) -> Evaluation:
    """Every candidate, cue rules alone and the majority class, on every real unit."""
    settings = settings or FitSettings()
    units = [*real, *written]
    features = FeatureReader(read_cues(default_cue_text())).read([unit.view for unit in units])
    table = FeatureTable(features, [unit.document for unit in units], settings)
    targets = targets_of(units)
    families = [unit.family for unit in units]
    size = len(real)
    ways: dict[str, Decisions] = {}
    for name in candidates:
        gate, ladder = held_out(CANDIDATES[name], table, targets, families, settings)
        scores = cross_decided((gate[:size], ladder[:size]), targets.levels[:size], families[:size])
        ways[name] = Decisions(scores.decided, scores.commitment)
    ways["cue rules alone"] = Decisions(cue_rules(features[:size]))
    ways["majority (none)"] = Decisions(np.zeros(size, dtype=np.int64))
    return Evaluation(real, ways)


def tables(found: Evaluation) -> Iterator[str]:
    """The lines of the report, Markdown."""
    levels, families = found.levels, found.families
    hits = int((levels > 0).sum())
    yield f"{len(levels)} units, {hits} commitments, {len(set(families))} families."
    yield ""
    yield f"| way | {' | '.join(MEASURES)} | ECE |"
    yield f"| --- | {'--- | ' * (len(MEASURES) + 1)}".rstrip()
    for name, way in found.ways.items():
        figures = by_family(levels, way.decided, families)
        cells = " | ".join(str(figure) for figure in figures.values())
        error = "" if way.commitment is None else f"{calibration_error(way.commitment, levels):.3f}"
        yield f"| {name} | {cells} | {error} |"
    first = next(iter(found.ways.values()))
    counts = confusion(levels, first.decided)
    yield ""
    yield "| level | n | F1 | " + " | ".join(f"as {name}" for name in LEVEL_NAMES) + " |"
    yield "| --- | --- | --- | " + "--- | " * len(LEVEL_NAMES)
    for at, name in enumerate(LEVEL_NAMES):
        score = "" if at == 0 else f"{level_f1(counts)[at - 1]:.2f}"
        cells = " | ".join(str(count) for count in counts[at])
        yield f"| {name} | {counts[at].sum()} | {score} | {cells} |"
    yield ""
    yield "| family held out | units | commitments | F1 |"
    yield "| --- | --- | --- | --- |"
    names = np.array(families)
    for family in sorted(set(families)):
        own = names == family
        part = confusion(levels[own], first.decided[own])
        yield f"| {family} | {own.sum()} | {part[1:].sum()} | {commitment_f1(part):.2f} |"
    sure = np.array([unit.sure for unit in found.units])
    for name, chosen in (("sure", sure), ("unsure", ~sure)):
        inside = chosen & (levels > 0)
        if inside.any():
            share = float((first.decided[inside] > 0).mean())
            yield ""
            yield f"Recall where the reader was {name} ({int(inside.sum())}): {share:.2f}"


def worst(found: Evaluation, count: int) -> Iterator[str]:
    """The units that the model is most wrong about, the worst first."""
    first = next(iter(found.ways.values()))
    assert first.commitment is not None
    levels = found.levels
    wrong = np.where(levels > 0, 1.0 - first.commitment, first.commitment)
    wrong = wrong + np.abs(levels - first.decided) / (10.0 * len(LADDER))
    for at in np.argsort(-wrong, kind="stable")[:count]:
        unit = found.units[at]
        said = LEVEL_NAMES[first.decided[at]]
        yield (
            f"{unit.id}: {LEVEL_NAMES[unit.level]}{'' if unit.sure else ' (unsure)'}, "
            f"model {said} {first.commitment[at]:.2f}: {unit.view.text[:400]}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of this module; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m collabnlp.training.evaluate")
    parser.add_argument("--labels", type=Path, required=True, help="folder of <document>.jsonl")
    parser.add_argument("--documents", type=Path, help="documents.csv (families and kinds)")
    parser.add_argument("--written", type=Path, default=Path("corpus/written"))
    parser.add_argument("--no-written", action="store_true", help="leave written sentences out")
    parser.add_argument("--model-only", action="store_true", help="leave the candidates out")
    parser.add_argument("--worst", type=int, default=0, help="print this many of the worst errors")
    options = parser.parse_args(arguments)
    documents = options.documents or options.labels.parent / "documents" / "documents.csv"
    names = tuple(CANDIDATES)[: 1 if options.model_only else None]
    try:
        real = read_labels(options.labels, documents)
        written = [] if options.no_written else read_written(options.written)
        found = evaluate(real, written, candidates=names)
    except CollabnlpError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    lines = [*tables(found), "", *worst(found, options.worst)]
    sys.stdout.write("\n".join(lines).rstrip() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
