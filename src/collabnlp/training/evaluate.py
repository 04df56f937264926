"""Measure the level model on real documents, one family held out at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from collabnlp.tagging.cues import read_cues
from collabnlp.tagging.features import FeatureReader
from collabnlp.tagging.level_model import LevelScores, decide
from collabnlp.training.candidates import CANDIDATES, MODEL, Logits, cue_rules, held_out
from collabnlp.training.dataset import LabelledUnit, measurable
from collabnlp.training.fit import FeatureTable, FitSettings, calibrate, targets_of
from collabnlp.training.trees import COMBINED, stacked

if TYPE_CHECKING:
    from collabnlp.tagging.features import UnitFeatures
    from collabnlp.tagging.level_model import Floats, Integers

BASELINE = "baseline: TF-IDF, six classes"
MAIN = (MODEL, BASELINE)
WAYS = {**CANDIDATES, **COMBINED}
STACKING = "stacking: logistic over all these ways' logits"


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decided levels of the measured units, and their six probabilities (n × 6) and logits before
    calibration, if any."""

    decided: Integers
    shares: Floats | None = None
    logits: Logits | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured: the units, and every way's decisions on them, the model's first.

    real  False where there were no real documents, and written sentences were held out by subject
    """

    units: Sequence[LabelledUnit]
    ways: dict[str, Decisions]
    real: bool = True

    @property
    def levels(self) -> Integers:
        return np.array([unit.level for unit in self.units], dtype=np.int64)

    @property
    def families(self) -> list[str]:
        return [unit.family for unit in self.units]

    @property
    def model(self) -> Decisions:
        return next(iter(self.ways.values()))


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


class Bench:
    """Labelled units with their features, ready to be held out in many ways.

    ``measured`` are the rows of the units that are measured on (all but written sentences).
    ``jobs`` families are held out at once.
    """

    def __init__(
        self,
        units: Sequence[LabelledUnit],
        cue_text: str,
        settings: FitSettings | None = None,
        *,
        jobs: int = 1,
    ) -> None:
        self.jobs = jobs
        self.units, self.real = measurable(units)
        self.settings = settings or FitSettings()
        reader = FeatureReader(read_cues(cue_text))
        self.features: list[UnitFeatures] = reader.read([unit.view for unit in self.units])
        self.measured = np.flatnonzero([not unit.written for unit in self.units])

    def held_out(
        self,
        way: str = MODEL,
        *,
        features: Sequence[UnitFeatures] | None = None,
        settings: FitSettings | None = None,
        chosen: Integers | None = None,
        families: Sequence[str] | None = None,
        trained_on: Mapping[str, frozenset[str]] | None = None,
    ) -> Decisions:
        """One way's decisions on every measured unit (of those chosen)."""
        settings = settings or self.settings
        rows = np.arange(len(self.units)) if chosen is None else chosen
        units = [self.units[at] for at in rows]
        given = features or self.features
        table = FeatureTable(
            [given[at] for at in rows], [unit.document for unit in units], settings
        )
        named = [unit.family for unit in units] if families is None else list(families)
        gate, ladder = held_out(
            WAYS[way], table, targets_of(units), named, settings, trained_on, self.jobs
        )
        there = np.flatnonzero(~np.isnan(gate))
        levels = np.array([units[at].level for at in there], dtype=np.int64)
        names = [named[at] for at in there]
        logits = (gate[there], ladder[there])
        scores = cross_decided(logits, levels, names)
        return Decisions(scores.decided, six_shares(scores), logits)

    def stacked(self, ways: Sequence[Decisions]) -> Decisions:
        """Decisions of a regression on the logits of other ways."""
        levels = np.array([self.units[at].level for at in self.measured], dtype=np.int64)
        names = [self.units[at].family for at in self.measured]
        given = [way.logits for way in ways if way.logits is not None]
        logits = stacked(given, levels, names, self.settings)
        scores = cross_decided(logits, levels, names)
        return Decisions(scores.decided, six_shares(scores), logits)


def six_shares(scores: LevelScores) -> Floats:
    """Probabilities of the six classes (n × 6), ``none`` first."""
    return np.column_stack([1.0 - scores.commitment, scores.commitment[:, None] * scores.levels])


def evaluate(
    bench: Bench,
    ways: Sequence[str] = MAIN,
    on_way: Callable[[str], None] | None = None,
) -> Evaluation:
    """The ways named, cue rules alone and the majority class, on every measured unit."""
    found: dict[str, Decisions] = {}
    for name in ways:
        if on_way is not None:
            on_way(name)
        if name == STACKING:
            found[name] = bench.stacked(list(found.values()))
        else:
            found[name] = bench.held_out(name)
    chosen = [bench.features[at] for at in bench.measured]
    found["cue rules alone"] = Decisions(cue_rules(chosen))
    found["majority (none)"] = Decisions(np.zeros(len(chosen), dtype=np.int64))
    return Evaluation([bench.units[at] for at in bench.measured], found, bench.real)
