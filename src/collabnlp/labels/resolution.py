"""From several readings of a unit to the one judgement that is used, and to what is disputed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from collabnlp.schema import Annotation, Judgement, Role


class Standing(StrEnum):
    """What a unit's judgement rests on."""

    ADJUDICATED = "adjudicated"  # two readings differed, or were checked, and it was decided
    AGREED = "agreed"  # two readings say the same level
    DISPUTED = "disputed"  # two readings differ in level; the first is used for now
    REVIEWED = "reviewed"  # a person's review
    SINGLE = "single"  # one reading


@dataclass(frozen=True, slots=True)
class Resolved:
    """A unit's judgement, what it rests on, and the readings behind it, first to last.

    ``sure`` is False where it is disputed, or rests on a single reading that was unsure.
    """

    judgement: Judgement
    standing: Standing
    sure: bool
    readings: tuple[Annotation, ...]


def by_unit(records: Iterable[Annotation]) -> dict[tuple[str, int], tuple[Annotation, ...]]:
    """One document's readings by unit, in the order of roles, then of readers."""
    units: dict[tuple[str, int], list[Annotation]] = defaultdict(list)
    for record in records:
        units[record.unit].append(record)
    roles = list(Role)
    return {
        unit: tuple(sorted(found, key=lambda it: (roles.index(it.role), it.reader, it.codebook)))
        for unit, found in sorted(units.items())
    }


def resolve(readings: Sequence[Annotation]) -> Resolved:
    """The judgement of one unit from its readings (at least one), in the order of `by_unit`.

    An adjudication decides. Where people reviewed the unit, what was read before gives way to them.
    Two readings of equal level agree, and the first one's partners and departments stand unless it
    was unsure and the second was not. Repeats are never in force, unless there is nothing else.
    """
    adjudicated = [it for it in readings if it.role is Role.ADJUDICATED]
    if adjudicated:
        last = adjudicated[-1]
        return Resolved(last.judgement, Standing.ADJUDICATED, last.sure, tuple(readings))
    reviewed = [it for it in readings if it.role is Role.REVIEWED]
    standing = reviewed or [it for it in readings if it.role is not Role.REPEAT] or list(readings)
    first, *others = standing
    if not others:
        found = Standing.REVIEWED if reviewed else Standing.SINGLE
        return Resolved(first.judgement, found, first.sure, tuple(readings))
    if any(it.level is not first.level for it in others):
        return Resolved(first.judgement, Standing.DISPUTED, False, tuple(readings))
    surer = next((it for it in standing if it.sure), first)
    return Resolved(surer.judgement, Standing.AGREED, True, tuple(readings))


def differ(first: Judgement, second: Judgement, *, in_everything: bool = False) -> bool:
    """True where two judgements differ in level or, if asked, in anything of a commitment."""
    return first != second if in_everything else first.level is not second.level
