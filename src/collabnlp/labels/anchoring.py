"""Finds the units that readings point at, also where a text has been cut or set anew since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collabnlp.identifiers import folded_hash, occurrences
from collabnlp.schema import Annotation


@dataclass(frozen=True, slots=True)
class Anchored:
    """The readings of each unit (by its index), and those whose unit is no longer there.

    ``moved`` counts readings that were found by letters and digits alone.
    """

    by_unit: dict[int, tuple[Annotation, ...]]
    lost: tuple[Annotation, ...]
    moved: int


def anchor(records: Iterable[Annotation], texts: Sequence[str]) -> Anchored:
    """Bring one document's readings to its units, given by their texts in reading order.

    A reading points at a hash and an occurrence. Where that unit is gone, the one of the same
    letters and digits is taken, if there is just one and nobody of the same role read it.
    """
    places = {key: at for at, key in enumerate(occurrences(texts))}
    found: dict[int, list[Annotation]] = defaultdict(list)
    gone = []
    for record in records:
        at = places.get(record.unit)
        if at is None:
            gone.append(record)
        else:
            found[at].append(record)
    lost = []
    moved = 0
    folds: dict[str, list[int]] = defaultdict(list)
    if gone:
        for at, text in enumerate(texts):
            folds[folded_hash(text)].append(at)
    for record in gone:
        same = folds.get(record.folded, [])
        taken = {(it.role, it.reader) for at in same for it in found.get(at, ())}
        if len(same) == 1 and (record.role, record.reader) not in taken:
            found[same[0]].append(record)
            moved += 1
        else:
            lost.append(record)
    return Anchored({at: tuple(them) for at, them in sorted(found.items())}, tuple(lost), moved)
