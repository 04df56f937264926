"""What changed between two states of the labels: units, levels, documents, readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.labels.written import WrittenSentence
from collabnlp.schema import Annotation

_LABELS = Mapping[str, Mapping[Any, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChanges:
    """Units by what became of their level; all keys in the order of their names.

    added, withdrawn  by level
    moved             by old level, then by new
    documents         by document: added, changed, withdrawn
    readings          by role and reader ("reviewed, ann"): readings added, readings withdrawn
    kept              units whose level is the same
    """

    added: dict[str, int]
    withdrawn: dict[str, int]
    moved: dict[str, dict[str, int]]
    documents: dict[str, tuple[int, int, int]]
    readings: dict[str, tuple[int, int]]
    kept: int

    @property
    def changed(self) -> int:
        """Units with another level than before."""
        return sum(sum(to.values()) for to in self.moved.values())

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> LabelChanges:
        """Back from `as_dict`, also from its JSON."""
        documents = {name: tuple(it) for name, it in row["documents"].items()}
        readings = {name: tuple(it) for name, it in row["readings"].items()}
        return cls(**{**row, "documents": documents, "readings": readings})


def label_changes(
    old: Mapping[str, Iterable[Annotation]],
    new: Mapping[str, Iterable[Annotation]],
    *,
    written: tuple[Iterable[WrittenSentence], Iterable[WrittenSentence]] = ((), ()),
) -> LabelChanges:
    """From one state of the readings (by document) to another; ``written`` are the sentences of
    the two states, counted as documents of their own."""
    before, after = (
        {**_levels(readings), **_written(sentences)}
        for readings, sentences in zip((old, new), written, strict=True)
    )
    added, withdrawn = Counter[str](), Counter[str]()
    moved: dict[str, Counter[str]] = {}
    documents: dict[str, tuple[int, int, int]] = {}
    kept = 0
    for name in sorted({*before, *after}):
        was, now = before.get(name, {}), after.get(name, {})
        came = [now[key] for key in now if key not in was]
        went = [was[key] for key in was if key not in now]
        both = [(was[key], now[key]) for key in was if key in now]
        other = [pair for pair in both if pair[0] != pair[1]]
        added.update(came)
        withdrawn.update(went)
        for one, another in other:
            moved.setdefault(one, Counter())[another] += 1
        kept += len(both) - len(other)
        if came or went or other:
            documents[name] = len(came), len(other), len(went)
    return LabelChanges(
        added=dict(sorted(added.items())),
        withdrawn=dict(sorted(withdrawn.items())),
        moved={level: dict(sorted(to.items())) for level, to in sorted(moved.items())},
        documents=documents,
        readings=_by_reader(old, new),
        kept=kept,
    )


def _levels(readings: Mapping[str, Iterable[Annotation]]) -> _LABELS:
    return {
        document: {
            unit: str(resolve(them).judgement.level) for unit, them in by_unit(records).items()
        }
        for document, records in readings.items()
    }


def _written(sentences: Iterable[WrittenSentence]) -> _LABELS:
    found: dict[str, dict[Any, str]] = {}
    for it in sentences:
        found.setdefault(it.family, {})[it.id] = str(it.judgement.level)
    return found


def _by_reader(
    old: Mapping[str, Iterable[Annotation]], new: Mapping[str, Iterable[Annotation]]
) -> dict[str, tuple[int, int]]:
    """Readings that came and went; a corrected one went and came."""
    before, after = ({it for them in given.values() for it in them} for given in (old, new))
    came = Counter(f"{it.role}, {it.reader}" for it in after - before)
    went = Counter(f"{it.role}, {it.reader}" for it in before - after)
    return {name: (came[name], went[name]) for name in sorted({*came, *went})}
