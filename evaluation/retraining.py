"""Shows that retraining promotes better labels and refuses poisoned ones, and takes back on demand.

    python evaluation/retraining.py [--mirror ../shared/documents]
    python evaluation/retraining.py --mirror ../shared/documents --power

Three states of the labels: *part* (half of what the corpus has: every second family of documents
was not read yet, and nobody adjudicated), *whole* (the corpus), *poisoned* (the corpus with the
level of 20% of its units drawn anew from the other five). A model of *part* is made current; then
`retrain` must promote *whole* over it, and must refuse *poisoned* over that; then one rollback must
bring back the model of *part*. Without a mirror the states are of the written sentences alone. All
in a temporary folder. Exit status 1 where anything went the wrong way.

--power: how often the gate refuses harmless changes (1% of the units withdrawn at random) and lets
poison through, by share and kind; no model is fitted to the end, only the trial is made, and on one
in twenty of the nones.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean, pstdev

from collabnlp.identifiers import digest
from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.labels.written import read_written
from collabnlp.schema import Annotation, Judgement, Level, Role
from collabnlp.sources.mirror import Mirror
from collabnlp.tagging.cues import default_cue_text
from collabnlp.tagging.model_store import load_model
from collabnlp.tagging.promoted import PromotedModels
from collabnlp.training.cores import cores
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.gate import Verdict, judge, points, signed
from collabnlp.training.trial import Trial
from collabnlp.workflows.corpus import BUILD
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.label_sets import Ground, LabelState, state_of
from collabnlp.workflows.model_card import figure_lines
from collabnlp.workflows.retraining import RetrainReport, retrain, train_first

ROOT = Path(__file__).resolve().parents[1]
POISON, SEED = 0.20, 5
LEVELS = list(Level)


def flipped(state: LabelState, share: float, seed: int) -> LabelState:
    """The state with the level of a share of its units and written sentences drawn anew from the
    other five."""
    draw = random.Random(seed)

    def other(level: Level) -> Judgement:
        return Judgement(level=draw.choice([it for it in LEVELS if it is not level]))

    readings: dict[str, list[Annotation]] = {}
    for document, records in sorted(state.readings.items()):
        found = list(records)
        for own in by_unit(records).values():
            if draw.random() < share:
                wrong = other(resolve(own).judgement.level)
                told = {"judgement": wrong, "role": Role.ADJUDICATED, "reader": "zz-poison"}
                found.append(replace(own[0], **told))  # type: ignore[arg-type]
        readings[document] = found
    written = [
        replace(it, judgement=other(it.judgement.level)) if draw.random() < share else it
        for it in state.written
    ]
    return state_of(readings, written)


def thinned(units: Sequence[LabelledUnit], share: float, seed: int) -> list[LabelledUnit]:
    """The units without a share of them."""
    draw = random.Random(seed)
    return [unit for unit in units if draw.random() >= share]


def poisoned(
    units: Sequence[LabelledUnit], share: float, seed: int, *, commitments: bool
) -> list[LabelledUnit]:
    """The units, or of them the ``commitments`` alone, with a share of the levels drawn anew."""
    draw = random.Random(seed)
    return [
        replace(unit, level=draw.choice([it for it in range(6) if it != unit.level]))
        if (unit.level or not commitments) and draw.random() < share
        else unit
        for unit in units
    ]


def part_of(whole: LabelState, corpus: Corpus) -> LabelState:
    """Less of the same: every second family unread, nothing adjudicated; every second written
    sentence."""
    manifest = corpus.manifest()
    families = sorted({manifest[it].family for it in whole.readings})
    readings = {
        document: [it for it in records if it.role is not Role.ADJUDICATED]
        for document, records in whole.readings.items()
        if families.index(manifest[document].family) % 2 == 0
    }
    return state_of(readings, list(whole.written)[::2])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", type=Path, help="folder of the manifest's documents")
    parser.add_argument("--build", type=Path, default=ROOT / BUILD, help="where units are built")
    parser.add_argument("--power", action="store_true", help="how often the gate errs, instead")
    options = parser.parse_args()
    corpus = Corpus(ROOT / "corpus")
    mirror = Mirror(options.mirror) if options.mirror else None
    with tempfile.TemporaryDirectory(prefix="retraining-") as room:
        os.environ["COLLABNLP_MODELS"] = str(Path(room) / "promoted")
        build = options.build if mirror else Path(room) / "corpus"
        readings = corpus.store.read_all() if mirror else {}
        whole = state_of(readings, read_written(corpus.written))
        if options.power:
            return power(Ground(corpus, build, mirror=mirror), whole)
        return prove(corpus, whole, build, mirror, Path(room) / "models")


def prove(
    corpus: Corpus, whole: LabelState, build: Path, mirror: Mirror | None, models: Path
) -> int:
    """The three steps; 0 where each went as it must."""
    store = PromotedModels()
    part, bad = part_of(whole, corpus), flipped(whole, POISON, SEED)
    train_first(corpus, part, models / "level-part", name="level-part", build=build, mirror=mirror)
    store.promote(models / "level-part")
    first = store.current()
    print("level-part, of half the labels, is current", flush=True)

    def step(old: LabelState, new: LabelState, name: str) -> RetrainReport:
        report = retrain(
            corpus,
            old,
            new,
            build=build,
            models=models,
            mirror=mirror,
            name=name,
            told=lambda words: print(f"  {words}", flush=True),
        )
        show(report)
        return report

    better = step(part, whole, "level-whole")
    second = store.current()
    worse = step(whole, bad, "level-poisoned")
    third = store.current()
    back = store.rollback()
    print(f"\nrollback: {back.name} is current again\n")
    rows = [
        ("the whole labels over half of them", "promoted", better.outcome),
        (f"{POISON:.0%} of the labels flipped", "refused", worse.outcome),
        (
            "the current model after that",
            "level-whole",
            load_model(store.find(third)).name if third == second != first else "another",
        ),
        ("after one rollback", "level-part", load_model(store.find(store.current())).name),
    ]
    print("| what | must be | is |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    right = all(wanted == found for _, wanted, found in rows)
    print("\nas it must be" if right else "\nNOT as it must be")
    return 0 if right else 1


def show(report: RetrainReport) -> None:
    """Verdict and figures of one retraining."""
    assert report.verdict is not None and report.changes is not None
    came = sum(report.changes.added.values())
    print(f"\n{report.name} after {report.before}: {report.outcome}")
    print(f"  {came} units added, {report.changes.changed} with another level")
    for reason in report.verdict.reasons:
        print(f"  - {reason}")
    for note in report.notes:
        print(f"  note: {note}")
    print()
    for line in figure_lines(report.verdict):
        print(line)


def power(ground: Ground, whole: LabelState) -> int:
    """A table of how often changes of each kind are refused, with one partition and with all."""
    sets = ground.join(whole, whole)
    old = fewer(sets.tried()[0])
    trial = Trial(fewer(sets.frozen), old, sets.partitions, default_cue_text(), jobs=cores())
    before = trial.decide(old)
    plans: list[tuple[str, int, Callable[[int], list[LabelledUnit]]]] = [
        ("harmless: 1% of units withdrawn", 20, partial(thinned, old, 0.01))
    ]
    for what, commitments, runs in (("the commitments", True, 4), ("all labels", False, 2)):
        for share in (0.02, 0.05, 0.10, 0.20):
            make = partial(poisoned, old, share, commitments=commitments)
            plans.append((f"{share:.0%} of {what} flipped", runs, make))
    found: dict[tuple[str, int], list[Verdict]] = defaultdict(list)
    # All kinds in turn, so that a run that is stopped has something of each.
    for seed in range(max(runs for _, runs, _ in plans)):
        for name, runs, make in plans:
            if seed < runs:
                after = trial.decide(make(seed))
                for parts in (1, len(before)):
                    verdict = judge(trial.levels, before[:parts], after[:parts], trial.families)
                    found[name, parts].append(verdict)
                    print(
                        f"{name} {seed}, {parts}: {summary(verdict)}", file=sys.stderr, flush=True
                    )
    print(
        "| change | partitions | tried | refused | by macro-F1 | by a level | by one unit alone |",
        end="",
    )
    print(" macro-F1: mean, spread |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    for (name, parts), verdicts in found.items():
        print(f"| {name} | {parts} | {counts_of(verdicts)} |")
    return 0


def fewer(units: Sequence[LabelledUnit]) -> list[LabelledUnit]:
    """With one in twenty of the real nones, by their ids, so that many fits cost little."""
    return [it for it in units if it.level or it.written or int(digest(it.id), 16) % 20 == 0]


def counts_of(found: Sequence[Verdict]) -> str:
    """Columns of the table of `power`."""
    refused = [it for it in found if not it.promoted]
    by_macro = [it for it in refused if it.macro.by.low < -0.01]
    by_level = [it for it in refused if any(one.fell for one in it.levels)]
    chance = [it for it in by_level if it not in by_macro and one_unit(it)]
    moves = [it.macro.by.value for it in found]
    counts = [len(it) for it in (found, refused, by_macro, by_level, chance)]
    return f"{' | '.join(map(str, counts))} | {signed(mean(moves))}, {points(pstdev(moves))}"


def one_unit(verdict: Verdict) -> bool:
    """True where every level that fell would have passed with one unit more."""
    return all(it.one_unit for it in verdict.levels if it.fell)


def summary(verdict: Verdict) -> str:
    """A line for the log."""
    by = verdict.macro.by
    fell = ", ".join(
        f"{it.name} {points(it.old)}>{points(it.new)}" for it in verdict.levels if it.fell
    )
    return (
        f"{verdict.promoted} macro {signed(by.value)} [{signed(by.low)}, {signed(by.high)}] {fell}"
    )


if __name__ == "__main__":
    sys.exit(main())
