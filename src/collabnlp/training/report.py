"""An evaluation as Markdown: the main table, levels, families, worst errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from collabnlp.schema import LADDER
from collabnlp.tagging.level_model import LEVEL_NAMES
from collabnlp.training.evaluate import Evaluation
from collabnlp.training.measures import (
    MEASURES,
    PAIRED,
    Interval,
    by_family,
    classwise_error,
    commitment_f1,
    confusion,
    level_f1,
    paired,
)

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Integers

Row = Mapping[str, Interval]

TARGETS = {"F1": 0.85, "macro-F1": 0.75, "kappa": 0.85, "one step": 0.90}
MOST_ERROR = 0.05  # mean classwise ECE


def tables(found: Evaluation, beside: Mapping[str, Row] | None = None) -> Iterator[str]:
    """The lines of the main report. ``beside`` are further rows of the first table, for example
    the agreement between two readings."""
    levels, families = found.levels, found.families
    hits = int((levels > 0).sum())
    what = "real documents" if found.real else "written sentences alone (no real documents here)"
    yield (
        f"{what}: {len(levels)} units, {hits} commitments, {len(set(families))} families held out"
    )
    yield ""
    yield f"| way | {' | '.join(MEASURES)} | classwise ECE |"
    yield f"| --- | {'--- | ' * (len(MEASURES) + 1)}".rstrip()
    for name, way in found.ways.items():
        error = ""
        if way.shares is not None:
            errors = classwise_error(way.shares, levels)
            error = f"{np.mean(errors):.3f} (most {max(errors):.3f})"
        yield _row(name, by_family(levels, way.decided, families), error)
    for name, figures in (beside or {}).items():
        yield _row(name, figures, "")
    yield from _against_targets(found)
    yield from _by_standing(found)
    yield from _levels(levels, found.model.decided)
    yield from _families(levels, found.model.decided, families)


def in_pairs(found: Evaluation) -> Iterator[str]:
    """Every other way beside the model, on the same draws of families."""
    yield ""
    heads = " | ".join(f"{it} | better in" for it in PAIRED)
    yield f"| way, less the model | {heads} |"
    yield f"| --- | {'--- | ' * (2 * len(PAIRED))}".rstrip()
    for name, way in found.ways.items():
        if way is found.model:
            continue
        gaps = paired(found.levels, way.decided, found.model.decided, found.families)
        cells = " | ".join(f"{_signed(it.by)} | {it.better:.0%}" for it in gaps.values())
        yield f"| {name} | {cells} |"


def _signed(by: Interval) -> str:
    return f"{by.value:+.3f} [{by.low:+.2f}, {by.high:+.2f}]"


def _row(name: str, figures: Row, error: str) -> str:
    return f"| {name} | {' | '.join(str(figure) for figure in figures.values())} | {error} |"


def _against_targets(found: Evaluation) -> Iterator[str]:
    counts = confusion(found.levels, found.model.decided)
    yield ""
    yield "| target | wanted | model | missed by |"
    yield "| --- | --- | --- | --- |"
    for name, wanted in TARGETS.items():
        value = MEASURES[name](counts)
        yield f"| {name} | ≥ {wanted:.2f} | {value:.3f} | {_gap(wanted - value)} |"
    if found.model.shares is not None:
        error = float(np.mean(classwise_error(found.model.shares, found.levels)))
        yield f"| classwise ECE | ≤ {MOST_ERROR} | {error:.3f} | {_gap(error - MOST_ERROR)} |"


def _gap(by: float) -> str:
    return f"{by:.2f}" if by > 0 else "met"


def _by_standing(found: Evaluation) -> Iterator[str]:
    """The model on units by what their label rests on."""
    standing = np.array([unit.standing for unit in found.units])
    sure = np.array([unit.sure for unit in found.units])
    twice = np.isin(standing, ["agreed", "adjudicated"])
    parts = {
        "one reading, sure": (standing == "single") & sure,
        "one reading, unsure": (standing == "single") & ~sure,
        "two readings agree": standing == "agreed",
        "disputed": standing == "disputed",
        "adjudicated": standing == "adjudicated",
        "agreed or adjudicated": twice,
    }
    yield ""
    yield "| label rests on | units | commitments | F1 | recall | macro-F1 | kappa |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, chosen in parts.items():
        if chosen.any():
            counts = confusion(found.levels[chosen], found.model.decided[chosen])
            cells = " | ".join(
                f"{MEASURES[it](counts):.2f}" for it in ("F1", "recall", "macro-F1", "kappa")
            )
            yield f"| {name} | {int(chosen.sum())} | {counts[1:].sum()} | {cells} |"


def _levels(levels: Integers, decided: Integers) -> Iterator[str]:
    counts = confusion(levels, decided)
    yield ""
    yield "| level | n | F1 | " + " | ".join(f"as {name}" for name in LEVEL_NAMES) + " |"
    yield "| --- | --- | --- |" + " --- |" * len(LEVEL_NAMES)
    for at, name in enumerate(LEVEL_NAMES):
        score = "" if at == 0 else f"{level_f1(counts)[at - 1]:.2f}"
        cells = " | ".join(str(count) for count in counts[at])
        yield f"| {name} | {counts[at].sum()} | {score} | {cells} |"


def _families(levels: Integers, decided: Integers, families: Sequence[str]) -> Iterator[str]:
    yield ""
    yield "| family held out | units | commitments | F1 |"
    yield "| --- | --- | --- | --- |"
    names = np.array(families)
    for family in sorted(set(families)):
        own = names == family
        part = confusion(levels[own], decided[own])
        yield f"| {family} | {own.sum()} | {part[1:].sum()} | {commitment_f1(part):.2f} |"


def worst(found: Evaluation, count: int) -> Iterator[str]:
    """The units that the model is most wrong about, the worst first."""
    if not count or found.model.shares is None:
        return
    levels, decided = found.levels, found.model.decided
    commitment = 1.0 - found.model.shares[:, 0]
    wrong = np.where(levels > 0, 1.0 - commitment, commitment)
    wrong = wrong + np.abs(levels - decided) / (10.0 * len(LADDER))
    yield ""
    for at in np.argsort(-wrong, kind="stable")[:count]:
        unit = found.units[at]
        doubt = "" if unit.sure else ", unsure"
        yield (
            f"{unit.id}: {LEVEL_NAMES[unit.level]} ({unit.standing}{doubt}), "
            f"model {LEVEL_NAMES[decided[at]]} {commitment[at]:.2f}: {unit.view.text[:400]}"
        )
