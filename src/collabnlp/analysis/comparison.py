"""What became of each passage between two tagged versions, and of each commitment along a chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from collabnlp.analysis.alignment import align
from collabnlp.identifiers import folded
from collabnlp.schema import (
    LADDER,
    Change,
    ChangeKind,
    CommitmentChange,
    ComparedUnit,
    Comparison,
    Difference,
    DocumentInfo,
    Level,
    LifeLine,
    LifeStage,
    Link,
    TaggedUnit,
    Unit,
)
from collabnlp.schema.comparison import highest

Version = tuple[DocumentInfo, Sequence[TaggedUnit]]
Aligner = Callable[[Sequence[Unit], Sequence[Unit]], Iterable[Link]]


def compare_versions(
    versions: Sequence[Version], *, model: str = "", aligner: Aligner = align
) -> Comparison:
    """Compare each version with the next. Two versions make a pair, more make a chain, whose
    changes have their step and which has life lines.

    Raises InvalidRecord for fewer than two versions.
    """
    compared = [[ComparedUnit.of(one) for one in tagged] for _, tagged in versions]
    steps = []
    for old, new in pairwise(compared):
        links = aligner([one.unit for one in old], [one.unit for one in new])
        steps.append([(link, change_of(link, old, new)) for link in links])
    chain = len(versions) > 2
    changes = [
        replace(change, step=number) if chain else change
        for number, step in enumerate(steps, start=1)
        for _, change in step
    ]
    return Comparison(
        documents=tuple(info for info, _ in versions),
        changes=tuple(changes),
        life_lines=_life_lines([info for info, _ in versions], compared, steps) if chain else (),
        model=model,
    )


def change_of(link: Link, old: Sequence[ComparedUnit], new: Sequence[ComparedUnit]) -> Change:
    """One link's change, from the units and tags of both versions."""
    olds = tuple(old[at] for at in link.old)
    news = tuple(new[at] for at in link.new)
    before, after = highest(olds), highest(news)
    both = Level.NONE not in (before, after)
    return Change(
        kinds=_kinds(link, olds, news),
        old=olds,
        new=news,
        similarity=link.similarity,
        commitment_change=_commitment_change(before, after),
        level_change=LADDER.index(after) - LADDER.index(before) if both else None,
        department_change=_difference(_departments(olds), _departments(news)) if both else None,
        partner_change=_difference(_partners(olds), _partners(news)) if both else None,
    )


def _kinds(
    link: Link, old: Sequence[ComparedUnit], new: Sequence[ComparedUnit]
) -> tuple[ChangeKind, ...]:
    if not old:
        return (ChangeKind.ADDED,)
    if not new:
        return (ChangeKind.REMOVED,)
    kinds = []
    one_to_one = len(old) == len(new) == 1
    same = _letters(old) == _letters(new)
    if same and one_to_one:
        kinds.append(ChangeKind.KEPT)
    if not same:
        kinds.append(ChangeKind.REWORDED)
    if link.moved:
        kinds.append(ChangeKind.MOVED)
    before, after = old[0].unit.provision, new[0].unit.provision
    if before is not None and after is not None and before != after:
        kinds.append(ChangeKind.RENUMBERED)
    if len(new) > 1:
        kinds.append(ChangeKind.SPLIT)
    if len(old) > 1:
        kinds.append(ChangeKind.MERGED)
    return tuple(kinds)


def _letters(units: Sequence[ComparedUnit]) -> str:
    """Letters and digits of a passage: of a single unit with its lead-in, of several without (a
    lead-in that they share would stand there several times)."""
    if len(units) == 1:
        return folded(units[0].unit.text)
    return folded(" ".join(one.unit.own_text for one in units))


def _commitment_change(before: Level, after: Level) -> CommitmentChange:
    was, is_ = before is not Level.NONE, after is not Level.NONE
    if was and is_:
        return CommitmentChange.KEPT
    if was:
        return CommitmentChange.DROPPED
    return CommitmentChange.GAINED if is_ else CommitmentChange.NONE


def _committed(units: Iterable[ComparedUnit]) -> list[ComparedUnit]:
    return [one for one in units if one.level is not Level.NONE]


def _departments(units: Iterable[ComparedUnit]) -> set[str]:
    return {tag.code for one in _committed(units) for tag in one.departments}


def _partners(units: Iterable[ComparedUnit]) -> set[str]:
    return {name for one in _committed(units) for name in one.partners}


def _difference(old: set[str], new: set[str]) -> Difference | None:
    if old == new:
        return None
    return Difference(added=tuple(sorted(new - old)), removed=tuple(sorted(old - new)))


def _life_lines(
    documents: Sequence[DocumentInfo],
    versions: Sequence[Sequence[ComparedUnit]],
    steps: Sequence[Sequence[tuple[Link, Change]]],
) -> tuple[LifeLine, ...]:
    """A line for each passage that is a commitment in some version: all units that splits, mergers
    and single links join, version by version, in the order in which they first appear."""
    owner: dict[tuple[int, int], int] = {}
    members: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def join(units: list[tuple[int, int]]) -> None:
        known = sorted({owner[unit] for unit in units if unit in owner})
        line = known[0] if known else len(owner)
        for unit in units:
            if unit not in owner:
                owner[unit] = line
                members[line].append(unit)
        for other in known[1:]:
            for unit in members.pop(other):
                owner[unit] = line
                members[line].append(unit)

    for step, links in enumerate(steps):
        for link, _ in links:
            join([(step, at) for at in link.old] + [(step + 1, at) for at in link.new])
    lines = []
    for units in sorted(sorted(members[line]) for line in members):
        stages = tuple(
            LifeStage(
                document=info.id,
                units=tuple(versions[number][at] for version, at in units if version == number),
            )
            for number, info in enumerate(documents)
        )
        if any(stage.level is not Level.NONE for stage in stages):
            lines.append(LifeLine(stages, tuple(map(_shift, stages, stages[1:]))))
    return tuple(lines)


def _shift(before: LifeStage, after: LifeStage) -> str:
    change = _commitment_change(before.level, after.level)
    if change is CommitmentChange.NONE:
        return ""
    if change is not CommitmentChange.KEPT:
        return str(change)
    steps = LADDER.index(after.level) - LADDER.index(before.level)
    return "kept" if steps == 0 else "strengthened" if steps > 0 else "weakened"
