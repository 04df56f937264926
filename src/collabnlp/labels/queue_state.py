"""What the history of readings says of the units that may be queued: decided, drawn, disputed.

By text, not by unit alone: who has read a text in one document is not shown it in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue import Key, Ranked
from collabnlp.labels.resolution import Resolved, Standing, by_unit, resolve
from collabnlp.schema import Annotation, Level, Reason, Role, StoredUnit

_BY_PEOPLE = frozenset({Role.REVIEWED, Role.ADJUDICATED})
_OF_NO_DRAW = frozenset({None, Reason.ASKED, Reason.REPEAT})


@dataclass(frozen=True, slots=True)
class LikelyError:
    """A label that models which did not see it find surprising.

    level       the label, as it was when they looked
    surprise    0 or more, higher where it is more probably wrong
    probability  what they give that label, 0..1
    """

    document: str
    unit_hash: str
    occurrence: int
    level: Level
    surprise: float
    probability: float


@dataclass(frozen=True, slots=True)
class QueueState:
    """What is known of the units of a store.

    decided   hashes of texts that a person has read, or that were adjudicated
    before    those of them that were read without the queue having asked: no draw could have them
    drawn     hashes of texts that chance drew and a person read
    once      those decided that may be read again: one person's only reading, or in dispute
    resolved  by unit, what its readings come to
    """

    decided: frozenset[str]
    before: frozenset[str]
    drawn: frozenset[str]
    once: frozenset[str]
    resolved: Mapping[Key, Resolved]

    def disputed(self) -> list[Ranked]:
        """The units whose readings differ in level, those farthest apart first."""
        found = []
        for key, one in self.resolved.items():
            if one.standing is Standing.DISPUTED:
                places = [list(Level).index(it.level) for it in one.readings]
                steps = max(places) - min(places)
                told = "1 step" if steps == 1 else f"{steps} steps"
                found.append(Ranked(key, steps / 5, f"Its readers are {told} apart."))
        return sorted(found, key=lambda it: (-it.score, it.key))

    def likely_errors(self, errors: Iterable[LikelyError], keys: Mapping[str, str]) -> list[Ranked]:
        """The errors as units of the store, in the order given; ``keys`` has each document's
        sha256 by id. Labels that changed since, or were adjudicated, are left out."""
        found = []
        for it in errors:
            key = (keys.get(it.document, ""), it.unit_hash, it.occurrence)
            one = self.resolved.get(key)
            if one is None or one.standing is Standing.ADJUDICATED:
                continue
            if one.judgement.level is it.level:
                line = f"Models that did not see its label give that one {it.probability:.1%}."
                found.append(Ranked(key, 1.0 - it.probability, line))
        return found


def queue_state(database: LabelDatabase, units: Sequence[StoredUnit]) -> QueueState:
    """Read the history of a store for some units."""
    of_document = {(it.document, it.unit_hash, it.occurrence): it.key for it in units}
    asked: set[str] = set()
    drawn: set[str] = set()
    for row in database.reading(
        "SELECT DISTINCT unit_hash, json_extract(record, '$.reason') AS reason FROM entries "
        "WHERE reason IS NOT NULL"
    ):
        reason = Reason(row["reason"])
        if reason is Reason.RANDOM:
            drawn.add(row["unit_hash"])
        if reason not in _OF_NO_DRAW:
            asked.add(row["unit_hash"])
    decided: set[str] = set()
    often: set[str] = set()
    resolved: dict[Key, Resolved] = {}
    for document, records in database.readings().items():
        for unit, readings in by_unit(records).items():
            people = [it for it in readings if it.role in _BY_PEOPLE]
            one = resolve(readings)
            if people:
                decided.add(unit[0])
                if not _again(people, one):
                    often.add(unit[0])
            key = of_document.get((document, *unit))
            if key is not None:
                resolved[key] = one
    return QueueState(
        decided=frozenset(decided),
        before=frozenset(decided - asked),
        drawn=frozenset(drawn),
        once=frozenset(decided - often),
        resolved=resolved,
    )


def _again(people: Sequence[Annotation], one: Resolved) -> bool:
    """True where people's readings of a unit leave a question that another may answer."""
    if any(it.role is Role.ADJUDICATED for it in people):
        return False
    return len(people) == 1 or one.standing is Standing.DISPUTED
