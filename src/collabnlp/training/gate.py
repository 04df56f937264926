"""Whether a model trained on new labels may take the place of the one trained on the old.

Both were decided on the same units, whose labels are frozen and of which neither saw anything of
the family. The rule: macro-F1 is not worse (the 95% interval of the difference, by a bootstrap
over families paired in every draw, does not reach below −1 point), no level loses more than 3
points of F1, and the new model is whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from collabnlp.tagging.level_model import LEVEL_NAMES
from collabnlp.training.measures import (
    MEASURES,
    PAIRED,
    Difference,
    Interval,
    confusion,
    level_f1,
    paired,
)

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import Integers, LevelModel

MACRO = "macro-F1"
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a new model may lose at most, as shares (0.01 is a point), and how it is drawn."""

    macro_loss: float = 0.01
    level_loss: float = 0.03
    rounds: int = 2000
    seed: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure of the old model and of the new, and the difference with its 95% interval."""

    name: str
    old: float
    new: float
    by: Interval
    better: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """F1 of one level, old and new.

    units, families      how many frozen units have it, in how many families
    old_found, new_found how many of them each model finds; the mean of its partitions
    old_false, new_false how many other units each calls so, likewise
    fell                 True where it lost more than is allowed
    one_unit             True where it fell, and would not have if one more unit were found
    """

    name: str
    units: int
    families: int
    old: float
    new: float
    by: Interval
    old_found: float
    new_found: float
    old_false: float
    new_false: float
    fell: bool = False
    one_unit: bool = False

    @property
    def judged(self) -> bool:
        """False where no frozen unit has the level: there is nothing to lose then."""
        return self.units > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Promoted or not, why not in whole sentences, and the figures it rests on.

    figures     macro-F1, commitment F1 and kappa
    partitions  how many times the families were parted into folds, every unit decided in each
    moved       frozen units decided otherwise in any of them
    """

    promoted: bool
    reasons: tuple[str, ...]
    figures: tuple[Change, ...]
    levels: tuple[LevelChange, ...]
    units: int
    families: int
    partitions: int
    moved: int

    @property
    def macro(self) -> Change:
        return next(it for it in self.figures if it.name == MACRO)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Verdict:
        """Back from `as_dict`."""

        def parts(name: str) -> list[dict[str, Any]]:
            return [{**it, "by": Interval(**it["by"])} for it in row[name]]

        return cls(
            promoted=row["promoted"],
            reasons=tuple(row["reasons"]),
            figures=tuple(Change(**it) for it in parts("figures")),
            levels=tuple(LevelChange(**it) for it in parts("levels")),
            units=row["units"],
            families=row["families"],
            partitions=row["partitions"],
            moved=row["moved"],
        )


def judge(
    true: Integers,
    old: Integers,
    new: Integers,
    families: Sequence[str],
    *,
    rules: Rules | None = None,
    faults: Sequence[str] = (),
) -> Verdict:
    """The verdict from the frozen levels of n units and what the two models decide (0..5 each).

    ``old`` and ``new`` are n, or partitions × n where families were parted into folds more than
    once: their counts are added up, family by family. ``families`` names each unit's; ``faults``
    are those of the new model (`faults_of`), and refuse it whatever it decides. Raises ValueError
    where the shapes differ or there is no unit.
    """
    rules = rules or Rules()
    old, new = np.atleast_2d(old), np.atleast_2d(new)
    parts, size = old.shape
    if not size or old.shape != new.shape or not size == len(true) == len(families):
        raise ValueError("the two models were not decided on the same units")
    moved = int(np.sum((old != new).any(axis=0)))
    true, old, new = np.tile(true, parts), old.ravel(), new.ravel()
    families = [*families] * parts

    def f1_of(level: int) -> Any:
        return lambda counts: level_f1(counts)[level - 1]

    measures = {name: MEASURES[name] for name in PAIRED}
    measures |= {name: f1_of(at) for at, name in enumerate(LEVEL_NAMES) if at}
    found = paired(
        true, new, old, families, measures=measures, rounds=rules.rounds, seed=rules.seed
    )
    before, after = confusion(true, old), confusion(true, new)
    figures = tuple(
        _change(name, MEASURES[name](before), MEASURES[name](after), found[name])
        for name in (MACRO, *(it for it in PAIRED if it != MACRO))
    )
    names = np.array(families)
    levels = tuple(
        _level(at, before, after, found[name].by, len(set(names[true == at])), rules, parts)
        for at, name in enumerate(LEVEL_NAMES)
        if at
    )
    reasons = [*faults, *_macro_reason(figures[0], rules)]
    reasons += [_level_reason(it, rules) for it in levels if it.fell]
    return Verdict(
        promoted=not reasons,
        reasons=tuple(reasons),
        figures=figures,
        levels=levels,
        units=size,
        families=len(set(families)),
        partitions=parts,
        moved=moved,
    )


def _change(name: str, old: float, new: float, difference: Difference) -> Change:
    return Change(name=name, old=old, new=new, by=difference.by, better=difference.better)


def _level(
    at: int,
    before: Integers,
    after: Integers,
    by: Interval,
    families: int,
    rules: Rules,
    parts: int,
) -> LevelChange:
    old, new = level_f1(before)[at - 1], level_f1(after)[at - 1]
    everything, hits, called = (
        int(it) for it in (after[at].sum(), after[at, at], after[:, at].sum())
    )
    fell = everything > 0 and old - new > rules.level_loss + _SLACK
    # A unit that was missed, found in every partition: a hit more, and a call of the level more.
    with_one_more = 2.0 * (hits + parts) / (everything + called + parts)
    return LevelChange(
        name=LEVEL_NAMES[at],
        units=everything // parts,
        families=families,
        old=old,
        new=new,
        by=by,
        old_found=int(before[at, at]) / parts,
        new_found=hits / parts,
        old_false=int(before[:, at].sum() - before[at, at]) / parts,
        new_false=(called - hits) / parts,
        fell=fell,
        one_unit=fell
        and hits + parts <= everything
        and old - with_one_more <= rules.level_loss + _SLACK,
    )


def _macro_reason(change: Change, rules: Rules) -> list[str]:
    if change.by.low >= -rules.macro_loss - _SLACK:
        return []
    sure = change.by.high < 0
    what = "is worse" if sure else "may be worse"
    return [
        f"Over the five levels taken alike (macro-F1) the new model {what}: "
        f"{points(change.old)} before, {points(change.new)} now. On other documents it could lose "
        f"up to {points(-change.by.low)} points (95% interval {signed(change.by.low)} to "
        f"{signed(change.by.high)}), and at most {points(rules.macro_loss)} is allowed."
    ]


def _level_reason(change: LevelChange, rules: Rules) -> str:
    text = (
        f"Level `{change.name}` lost {points(change.old - change.new)} points of F1 "
        f"({points(change.old)} before, {points(change.new)} now), and at most "
        f"{points(rules.level_loss)} are allowed: of its {change.units} units the model before "
        f"finds {counted(change.old_found)}, the new one {counted(change.new_found)}; of other "
        f"units they call so {counted(change.old_false)} and {counted(change.new_false)}."
    )
    if change.one_unit:
        text += (
            " A single unit decides this: had one more been found, the level would have passed, "
            "so chance may be behind it."
        )
    return text


def points(share: float) -> str:
    """A share as points with one decimal: 0.453 is "45.3"."""
    return f"{100 * share:.1f}"


def counted(number: float) -> str:
    """A count, or a mean of counts with one decimal: "3", "2.7"."""
    return str(int(number)) if number == int(number) else f"{number:.1f}"


def signed(share: float) -> str:
    """A difference as points with its sign: "+0.8", "−1.2"."""
    text = f"{100 * share:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "−")


def faults_of(model: LevelModel) -> tuple[str, ...]:
    """What makes a model unfit whatever it decides: sentences, none where it is whole."""
    found = []
    own = asdict(model.calibration)
    wrong = [name for name, value in own.items() if not math.isfinite(value)]
    if wrong:
        found.append(f"Its calibration has no number for {', '.join(sorted(wrong))}.")
    elif own["slope"] <= 0 or own["temperature"] <= 0:
        found.append("Its calibration is upside down: more evidence makes less probable.")
    elif not 0 < own["threshold"] < 1:
        found.append("Its threshold is no probability.")
    counts = model.metadata.get("units", {})
    none = [it for it in LEVEL_NAMES if not sum(part.get(it, 0) for part in counts.values())]
    if none:
        found.append(f"It was trained without an example of {', '.join(none)}.")
    if not all(np.isfinite(it).all() for it in (model.weights.gate, model.weights.ladder)):
        found.append("One of its weights is no number.")
    return tuple(found)
