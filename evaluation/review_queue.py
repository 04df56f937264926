"""What the review queue is worth: labels to a target, and label errors found.

    python evaluation/review_queue.py [--part labels|errors] [--repeats 2] [--seeds 10]

On the corpus table as it is built (`collabnlp corpus build --mirror DIR`). Without real documents
in it, on the written sentences, parted by subject: those figures say little, and it says so.

**labels**: reviewers are simulated by the corpus' labels. A model begins with the written sentences
and three families of documents. Of 6,000 units of all other families but those measured on, 200 at
a time are read, by one reason, by the queue's mix, or in random order, and the model is fitted
again (with its calibration, from families held out, as `collabnlp train` does). Measured on
families that were neither begun with nor read. The quotas of the mix were set on `--folds choose`
(two of five); what is reported comes from `--folds report` (the other three). Intervals are 95%, by
drawing the families measured on with replacement, paired.

**errors**: wrong labels are put on 5% of the units that were read twice and alike (the copies of a
text get the same), and ranked by models that did not see them. All else keeps its label, so real
errors that are found count against every way. Three kinds: `uniform`, any other level; `adjacent`,
one step of the ladder, none being below explore; `readers`, as first and second readers differ.
Intervals are 95% over seeds (Student's t). The rows of cleanlab need cleanlab (dependency group
"evaluation"). What `surprise` has of constants was chosen on other draws.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from collabnlp.identifiers import unit_hash
from collabnlp.labels.queue import QUOTAS, RANDOM_SHARE, Ranked, choose, pool_of
from collabnlp.schema import Level, Reason
from collabnlp.tagging.cues import default_cue_text, read_cues
from collabnlp.tagging.doubt import doubts
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import LevelScores, Vocabulary, decide
from collabnlp.training.candidates import cue_rules
from collabnlp.training.dataset import labelled_units, measurable
from collabnlp.training.fit import (
    FeatureTable,
    FitSettings,
    Targets,
    calibrate,
    fit_weights,
    log_ratios,
    targets_of,
    unit_weights,
)
from collabnlp.training.measures import MEASURES, confusion
from collabnlp.training.surprise import cross_shares, fold_of, surprise
from collabnlp.workflows.corpus import BUILD, read_table
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.reading_tasks import read_pairs

BATCH, STEPS = 200, 5
FOLDS = 5
SEED_FAMILIES = 3
UNREAD = 6000  # units that may be read in one run, drawn by chance
LEAST_SEED, MOST_SEED = 40, 6000  # commitments and units of the families begun with
CHOSEN_ON, REPORTED_ON = (0, 1), (2, 3, 4)
SHARE = 0.05
LOOKED_AT = 4000  # units beside those that errors are put on
RANDOM_ORDER, MIX = "random order", "the queue"
DRAWS = 2000
SHOWN = ("F1", "macro-F1")
BY_CHANCE = 0.0  # the random share is a policy's own
POLICIES: Mapping[str, Mapping[Reason, float] | None] = {
    RANDOM_ORDER: None,
    MIX: QUOTAS,
    **{
        f"{reason} alone": {reason: 1.0}
        for reason in (
            Reason.LEAST_CERTAIN,
            Reason.DISAGREEING,
            Reason.UNLIKE,
            Reason.DIVERSE,
        )
    },
}


class Ground:
    """The labelled units with their features, counted once."""

    def __init__(self, build: Path) -> None:
        self.units, self.real = measurable(labelled_units(read_table(build)))
        self.settings = FitSettings()
        reader = FeatureReader(read_cues(default_cue_text()))
        self.features = reader.read([unit.view for unit in self.units])
        self.table = FeatureTable(
            self.features, [unit.document for unit in self.units], self.settings
        )
        self.targets = targets_of(self.units)
        self.levels = self.targets.levels
        self.families = np.array([unit.family for unit in self.units])
        self.written = np.array([unit.written for unit in self.units])
        self.rules = cue_rules(self.features)
        # The pool of the queue: keys are (file, hash, occurrence).
        hashes = [unit_hash(unit.view.text) for unit in self.units]
        self.text_folds = fold_of(self.units)
        self.keys = [(str(at), one, 1) for at, one in enumerate(hashes)]

    def folds(self) -> dict[str, int]:
        """The fold of each family, with about equally many commitments."""
        names = sorted(set(self.families[~self.written].tolist()))
        count = {it: int((self.levels[self.families == it] > 0).sum()) for it in names}
        sizes = [0] * FOLDS
        found = {}
        for name in sorted(names, key=lambda it: (-count[it], it)):
            found[name] = int(np.argmin(sizes))
            sizes[found[name]] += count[name]
        return found


# -- labels to a target


@dataclass(frozen=True)
class Fitted:
    """A model as it stands at one budget: what it says of all units."""

    vocabulary: Vocabulary
    scores: LevelScores


def fitted(ground: Ground, train: Any) -> Fitted:
    """A model of some units. Its gate is calibrated, and cut, on two halves of the families, each
    from the other; the ladder's temperature, which decides no level, is left at 1."""
    vocabulary, rows = ground.table.vocabulary(train)
    inside = ground.families[train]
    real = sorted(set(inside[~ground.written[train]].tolist()))
    part = {name: at % 2 for at, name in enumerate(real)}
    parts = np.array([part.get(name, -1) for name in inside])
    gate = np.full(len(train), np.nan)
    for one in range(2):
        held = np.flatnonzero(parts == one)
        if len(held):
            rest = train[parts != one]
            gate[held] = gate_logits(ground, rows, rest, rows[train[held]])
    there = np.flatnonzero(parts >= 0)
    flat = np.zeros((len(there), 5))
    calibration = replace(
        calibrate(gate[there], flat, ground.levels[train[there]]), temperature=1.0
    )
    weights = fit_weights(rows[train], ground.targets.of(train), ground.settings)
    scores = decide(
        rows @ weights.gate + weights.gate_bias,
        rows @ weights.ladder + weights.ladder_bias,
        calibration,
    )
    return Fitted(vocabulary, scores)


def gate_logits(ground: Ground, rows: Any, train: Any, asked: Any) -> Any:
    """Logits of the gate alone, fitted as `fit_weights` does it."""
    from sklearn.linear_model import LogisticRegression

    targets, settings = ground.targets.of(train), ground.settings
    is_hit, weights = targets.levels > 0, unit_weights(targets, settings)
    scale = log_ratios(rows[train], is_hit, weights, settings)
    gate = LogisticRegression(C=settings.gate_c, solver="liblinear", random_state=settings.seed)
    gate.fit(rows[train].multiply(scale).tocsr(), is_hit, sample_weight=weights)
    return asked.multiply(scale).tocsr() @ gate.coef_[0] + gate.intercept_[0]


def next_batch(
    ground: Ground,
    quotas: Mapping[Reason, float] | None,
    unread: Any,
    now: Fitted,
    before: Fitted | None,
    seed: int,
) -> Any:
    """The units that a reviewer reads next."""
    units = [(ground.keys[at], "") for at in unread]
    if quotas is None:
        drawn = choose(pool_of(units, seed=seed), {}, size=BATCH, random_share=1.0)
        return np.array(sorted(int(it.sha256) for it in drawn), dtype=np.int64)
    votes = {"the model": now.scores.decided[unread], "the cue rules": ground.rules[unread]}
    if before is not None:
        votes["the model before it"] = before.scores.decided[unread]
    scores = LevelScores(
        now.scores.commitment[unread], now.scores.levels[unread], now.scores.decided[unread]
    )
    features = [ground.features[at] for at in unread]
    orders = doubts(scores, now.vocabulary, features, votes)
    ranked = {
        reason: [Ranked(ground.keys[unread[it.unit]], it.score, "") for it in orders[reason]]
        for reason in quotas
        if reason in orders
    }
    # Near-duplicates are left in: the texts are empty, so only equal hashes count as one.
    chosen = choose(
        pool_of(units, seed=seed),
        ranked,
        size=BATCH,
        random_share=RANDOM_SHARE if len(quotas) > 1 else BY_CHANCE,
        quotas=quotas,
    )
    return np.array(sorted(int(it.sha256) for it in chosen), dtype=np.int64)


def simulated(ground: Ground, policy: str, fold: int, repeat: int) -> tuple[Any, list[Any]]:
    """The rows measured on, and what is decided of them at each budget (0, 200, …)."""
    folds = ground.folds()
    random = np.random.default_rng([fold, repeat])
    others = sorted(name for name, at in folds.items() if at != fold)
    held = np.array([folds.get(name) == fold for name in ground.families]) & ~ground.written
    while True:
        begun = np.isin(
            ground.families, random.choice(others, min(SEED_FAMILIES, len(others) - 1), False)
        )
        hits = int((ground.levels[begun] > 0).sum())
        if not ground.real or (hits >= LEAST_SEED and int(begun.sum()) <= MOST_SEED):
            break
    train = np.flatnonzero(ground.written | begun)
    unread = np.flatnonzero(~ground.written & ~begun & ~held)
    unread = np.sort(random.choice(unread, min(UNREAD, len(unread)), replace=False))
    test = np.flatnonzero(held)
    decided, before = [], None
    for step in range(STEPS + 1):
        now = fitted(ground, train)
        decided.append(now.scores.decided[test])
        if step == STEPS:
            break
        read = next_batch(ground, POLICIES[policy], unread, now, before, 10 * fold + repeat)
        before = now
        train = np.sort(np.concatenate([train, read]))
        unread = np.setdiff1d(unread, read)
    return test, decided


def labels_part(
    ground: Ground, folds: Sequence[int], repeats: int, policies: Sequence[str]
) -> Iterator[str]:
    """Lines of Markdown: F1 and macro-F1 by budget, and the differences from random order."""
    tables: dict[str, dict[str, Any]] = {}
    for policy in policies:
        print(policy, file=sys.stderr, flush=True)
        by_family: dict[str, Any] = {}
        for fold in folds:
            for repeat in range(repeats):
                test, decided = simulated(ground, policy, fold, repeat)
                for name in sorted(set(ground.families[test].tolist())):
                    own = ground.families[test] == name
                    levels = ground.levels[test][own]
                    found = np.stack([confusion(levels, it[own]) for it in decided])
                    by_family[name] = by_family.get(name, 0) + found
        tables[policy] = by_family
    names = sorted(tables[policies[0]])
    stacked = {policy: np.stack([them[name] for name in names]) for policy, them in tables.items()}
    draws = np.random.default_rng(7).integers(0, len(names), size=(DRAWS, len(names)))
    budgets = [BATCH * step for step in range(STEPS + 1)]
    for measure in SHOWN:
        curves = {
            policy: [MEASURES[measure](table.sum(axis=0)[step]) for step in range(STEPS + 1)]
            for policy, table in stacked.items()
        }
        yield ""
        yield f"| {measure} at so many units read | {' | '.join(map(str, budgets))} |"
        yield f"| --- | {'--- | ' * len(budgets)}".rstrip()
        for policy, curve in curves.items():
            yield f"| {policy} | {' | '.join(f'{it:.3f}' for it in curve)} |"
        yield ""
        heads = [*map(str, budgets[1:]), "random order's best is reached at"]
        yield f"| {measure}, less random order | {' | '.join(heads)} |"
        yield f"| --- | {'--- | ' * len(budgets)}".rstrip()
        for policy in policies:
            if policy == RANDOM_ORDER:
                continue
            cells = []
            for step in range(1, STEPS + 1):
                gains = [
                    MEASURES[measure](stacked[policy][draw, step].sum(axis=0))
                    - MEASURES[measure](stacked[RANDOM_ORDER][draw, step].sum(axis=0))
                    for draw in draws
                ]
                low, high = np.quantile(gains, [0.025, 0.975])
                gain = curves[policy][step] - curves[RANDOM_ORDER][step]
                cells.append(f"{gain:+.3f} [{low:+.2f}, {high:+.2f}]")
            goal = max(curves[RANDOM_ORDER])
            reached = next(
                (b for b, it in zip(budgets, curves[policy], strict=True) if it >= goal), None
            )
            cells.append("not" if reached is None else str(reached))
            yield f"| {policy} | {' | '.join(cells)} |"


# -- label errors


def with_errors(
    ground: Ground, pool: Any, kind: str, confused: Any, random: np.random.Generator
) -> tuple[Any, Any]:
    """All levels, some of them wrong, and which; the copies of a text get the same wrong level."""
    levels = ground.levels.copy()
    texts: dict[str, list[int]] = {}
    for at in pool:
        texts.setdefault(ground.keys[at][1], []).append(int(at))
    # A level errs as often, among the readers, as it is confused with another.
    rate = confused.sum(axis=1) / np.maximum(1, np.bincount(ground.levels[pool], minlength=6))
    rate = rate / rate.max()
    wrong: list[int] = []
    for name in random.permutation(sorted(texts)):
        if len(wrong) >= round(SHARE * len(pool)):
            break
        own = texts[name]
        level = int(ground.levels[own[0]])
        if any(ground.levels[at] != level for at in own):
            continue
        if kind == "readers":
            if random.random() > rate[level]:
                continue
            other = random.choice(6, p=confused[level] / confused[level].sum())
        else:
            near = [level - 1, level + 1] if kind == "adjacent" else list(range(6))
            other = random.choice([it for it in near if 0 <= it < 6 and it != level])
        levels[own] = other
        wrong += own
    return levels, np.array(wrong)


def rankings(shares: Any, levels: Any) -> dict[str, Any]:
    """How strongly each way suspects each label."""
    found = {
        "the queue's surprise": surprise(shares, levels),
        "surprise, distance weighs 0.3": surprise(shares, levels, weight=0.3),
        "surprise, distance weighs 1": surprise(shares, levels, weight=1.0),
        "random order": np.random.default_rng(int(levels.sum())).random(len(levels)),
    }
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        return found
    inside = np.clip(shares, 1e-9, 1.0)
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        quality = get_label_quality_scores(levels, inside, method=method)
        found[f"cleanlab: {method.replace('_', ' ')}"] = 1.0 - quality
    return found


def errors_part(ground: Ground, corpus: Path, seeds: Sequence[int]) -> Iterator[str]:
    """Lines of Markdown: precision at 50 and 100, recall at as many as there are errors."""
    confused = np.zeros((6, 6))
    place = list(Level)
    for pair in read_pairs(Corpus(corpus)):
        if pair.first.level is not pair.second.level:
            confused[place.index(pair.first.level), place.index(pair.second.level)] += 1
    confused += confused.T
    standing = np.array([unit.standing for unit in ground.units])
    alike = np.flatnonzero(~ground.written & (standing == "agreed"))
    if not len(alike):
        alike = np.flatnonzero(~ground.written)
    yield ""
    yield (
        f"{len(alike)} units read twice and alike, {round(SHARE * len(alike))} of them made wrong, "
        f"{len(seeds)} seeds"
    )
    kinds = ("uniform", "adjacent", "readers") if confused.sum() else ("uniform", "adjacent")
    for kind in kinds:
        found: dict[str, list[tuple[float, ...]]] = {}
        for seed in seeds:
            random = np.random.default_rng(seed)
            levels, wrong = with_errors(ground, alike, kind, confused, random)
            rest = np.setdiff1d(np.flatnonzero(~ground.written), alike)
            rest = random.choice(rest, min(LOOKED_AT, len(rest)), replace=False)
            # A label outside that choice neither trains nor is judged: time, not principle.
            kept = np.sort(np.concatenate([alike, rest, np.flatnonzero(ground.written)]))
            shares = judged(ground, kept, levels)
            bad, far = np.isin(alike, wrong), np.abs(levels - ground.levels)[alike]
            for name, score in rankings(shares[alike], levels[alike]).items():
                order = np.argsort(-score, kind="stable")
                found.setdefault(name, []).append(
                    (
                        float(bad[order[:50]].mean()),
                        float(bad[order[:100]].mean()),
                        float(bad[order[: len(wrong)]].mean()),
                        float(far[order[:50]].mean()),
                    )
                )
        yield ""
        head = (
            "precision at 50",
            "precision at 100",
            "recall at all errors",
            "steps put right, 50",
        )
        yield f"| {kind} | {' | '.join(head)} |"
        yield f"| --- | {'--- | ' * len(head)}".rstrip()
        for name, rows in found.items():
            yield f"| {name} | {' | '.join(interval(row) for row in zip(*rows, strict=True))} |"


def judged(ground: Ground, kept: Any, levels: Any) -> Any:
    """Six probabilities of every unit that is kept, from models that did not see it."""
    targets = Targets(levels, ground.targets.written, ground.targets.sure)
    folds = np.where(np.isin(np.arange(len(levels)), kept), ground.text_folds, -2)
    return cross_shares(ground.table, targets, folds, ground.settings)


def interval(values: Sequence[float]) -> str:
    """The mean, and its 95% interval by Student's t."""
    from scipy.stats import t

    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.2f}"
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"{mean:.2f} [{max(0.0, mean - half):.2f}, {mean + half:.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=["labels", "errors"])
    parser.add_argument("--folds", choices=["choose", "report"], default="report")
    parser.add_argument("--policy", action="append", choices=list(POLICIES))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=200)
    parser.add_argument("--build", type=Path, default=BUILD)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    given = parser.parse_args()
    with threadpool_limits(1):
        ground = Ground(given.build)
        if not ground.real:
            print("No real documents: written sentences, parted by subject. These say little.")
        if given.part != "errors":
            folds = CHOSEN_ON if given.folds == "choose" else REPORTED_ON
            policies = list(dict.fromkeys([RANDOM_ORDER, *(given.policy or POLICIES)]))
            for line in labels_part(ground, folds, given.repeats, policies):
                print(line, flush=True)
        if given.part != "labels":
            seeds = range(given.first_seed, given.first_seed + given.seeds)
            for line in errors_part(ground, given.corpus, seeds):
                print(line, flush=True)


if __name__ == "__main__":
    main()
