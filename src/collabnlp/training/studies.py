"""What the main table does not say: other genres, fewer labels, fewer features, only sure units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from collabnlp.training.dataset import WRITTEN
from collabnlp.training.evaluate import Bench, Decisions, Evaluation
from collabnlp.training.measures import MEASURES, confusion, coverage

if TYPE_CHECKING:
    from collabnlp.tagging.features import UnitFeatures
    from collabnlp.tagging.level_model import Integers

_SHOWN = ("precision", "recall", "F1", "macro-F1", "kappa")
_SHARES = (1.0, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7)
# Groups of features by how their names begin.
GROUPS: dict[str, tuple[str, ...]] = {
    "cues in their setting": ("cue=", "level=", "counts=", "top", "hedge"),
    "predicates": ("main=", "any=", "open="),
    "frame and size": ("frame=", "modal=", "class=", "opens=", "size=", "ends=", "partner", "we"),
    "place": ("region=", "heading=", "previous=", "following=", "after-colon", "kind=", "cell"),
}


def studies(bench: Bench, found: Evaluation) -> Iterator[str]:
    """The lines of all studies, Markdown. Minutes, not seconds."""
    yield from _coverage(found)
    yield from _ablation(bench, found)
    yield from _curve(bench)
    yield from _genres(bench)


def _head(first: str) -> Iterator[str]:
    yield ""
    yield f"| {first} | units | commitments | {' | '.join(_SHOWN)} |"
    yield f"| --- | --- | --- | {'--- | ' * len(_SHOWN)}".rstrip()


def _line(name: str, levels: Integers, decisions: Decisions) -> str:
    counts = confusion(levels, decisions.decided)
    cells = " | ".join(f"{MEASURES[it](counts):.3f}" for it in _SHOWN)
    return f"| {name} | {len(levels)} | {counts[1:].sum()} | {cells} |"


def _coverage(found: Evaluation) -> Iterator[str]:
    """By the highest of the six probabilities."""
    if found.model.shares is None:
        return
    yield ""
    yield "| surest share, left to the model; people read the rest | F1 | macro-F1 |"
    yield "| --- | --- | --- |"
    sureness = found.model.shares.max(axis=1)
    for share, f1, macro in coverage(sureness, found.levels, found.model.decided, _SHARES):
        yield f"| {share:.0%} | {f1:.3f} | {macro:.3f} |"


def _ablation(bench: Bench, found: Evaluation) -> Iterator[str]:
    yield from _head("features")
    yield _line("all", found.levels, found.model)
    for name, prefixes in GROUPS.items():
        kept = [_without(one, prefixes) for one in bench.features]
        yield _line(f"without {name}", found.levels, bench.held_out(features=kept))
    kept = [replace(one, runs=()) for one in bench.features]
    yield _line("without words and pairs", found.levels, bench.held_out(features=kept))
    if bench.real:
        real = bench.measured
        yield _line("without written sentences", found.levels, bench.held_out(chosen=real))


def _without(one: UnitFeatures, prefixes: tuple[str, ...]) -> UnitFeatures:
    return replace(one, flags=tuple(it for it in one.flags if not it.startswith(prefixes)))


def _curve(bench: Bench) -> Iterator[str]:
    """A share of the other families trains: those that follow in a ring; written ones always do."""
    yield from _head("share of families trained on")
    levels = np.array([bench.units[at].level for at in bench.measured], dtype=np.int64)
    names = sorted({bench.units[at].family for at in bench.measured})
    order = [str(it) for it in np.random.default_rng(7).permutation(names)]
    for share in (0.25, 0.5, 0.75):
        size = max(1, round(share * (len(order) - 1)))
        ring = [*order, *order]
        seen = {
            family: frozenset({*ring[at + 1 : at + 1 + size], WRITTEN})
            for at, family in enumerate(order)
        }
        yield _line(f"{share:.0%} of families", levels, bench.held_out(trained_on=seen))


def _genres(bench: Bench) -> Iterator[str]:
    """Statute and the rest held out from each other, beside the same units by the main model."""
    statutory = np.array([unit.view.statutory for unit in bench.units])
    real = np.array([not unit.written for unit in bench.units])
    if not (statutory & real).any() or (statutory[real]).all():
        return
    names = [
        unit.family if unit.written else "statute" if unit.view.statutory else "policy"
        for unit in bench.units
    ]
    said = bench.held_out(families=names)
    levels = np.array([bench.units[at].level for at in bench.measured], dtype=np.int64)
    yield from _head("trained on one genre, measured on the other")
    for name, own in (("statute", statutory[real]), ("policy", ~statutory[real])):
        yield _line(f"on {name}", levels[own], Decisions(said.decided[own]))
