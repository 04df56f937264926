"""What became of a document's units from one version to the next, and along a chain of versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from collabnlp.schema.documents import DocumentInfo
from collabnlp.schema.rules import require
from collabnlp.schema.tags import LADDER, DepartmentTag, Level, TaggedUnit
from collabnlp.schema.units import Unit


class ChangeKind(StrEnum):
    """What happened to a passage. ADDED and REMOVED stand alone; the others may stand together."""

    KEPT = "kept"  # the same letters and digits
    REWORDED = "reworded"
    MOVED = "moved"  # stands among other neighbours than before
    RENUMBERED = "renumbered"  # another number of clause or paragraph
    SPLIT = "split"  # one unit became several
    MERGED = "merged"  # several units became one
    ADDED = "added"
    REMOVED = "removed"


class CommitmentChange(StrEnum):
    """What happened to the commitment: ``none`` where there was and is none."""

    KEPT = "kept"
    GAINED = "gained"
    DROPPED = "dropped"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Link:
    """Units that are one passage: indexes into the old and the new sequence, ascending, both
    without a gap in meaning but not always side by side; one side is empty for what was added or
    removed.

    ``similarity`` is of the words, 0..1 (0 where a side is empty); ``probability`` is the aligner's
    that they are the same passage; ``moved`` says that it stands among other neighbours.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    similarity: float
    probability: float
    moved: bool = False

    def __post_init__(self) -> None:
        require(bool(self.old or self.new), "a link joins nothing")
        require(list(self.old) == sorted(set(self.old)), "old units are not ascending")
        require(list(self.new) == sorted(set(self.new)), "new units are not ascending")
        require(0.0 <= self.similarity <= 1.0, f"similarity {self.similarity}")
        require(0.0 <= self.probability <= 1.0, f"probability {self.probability}")
        require(not self.moved or bool(self.old and self.new), "nothing to be moved")


@dataclass(frozen=True, slots=True)
class ComparedUnit:
    """A unit in a comparison: as tagged, and the index it has in its version."""

    unit: Unit
    level: Level
    probability: float
    departments: tuple[DepartmentTag, ...]
    partners: tuple[str, ...]
    needs_review: bool = False

    @classmethod
    def of(cls, tagged: TaggedUnit) -> ComparedUnit:
        """The part of a tagged unit that a comparison shows."""
        tag = tagged.tag
        return cls(
            unit=tagged.unit,
            level=tag.level,
            probability=tag.commitment_probability,
            departments=tag.departments,
            partners=tuple(str(partner) for partner in tag.partners),
            needs_review=tag.needs_review,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        unit = self.unit
        return {
            "unit_id": unit.unit_id,
            "index": unit.index,
            "page": unit.page,
            "page_label": unit.page_label,
            "provision": unit.provision,
            "headings": list(unit.headings),
            "text": unit.text,
            "level": str(self.level),
            "commitment_probability": round(self.probability, 4),
            "departments": [department.code for department in self.departments],
            "partners": list(self.partners),
            "needs_review": self.needs_review,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What a set lost and won: codes of departments, or types of partners; both sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    def as_dict(self) -> dict[str, list[str]]:
        return {"added": list(self.added), "removed": list(self.removed)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One passage in two versions.

    similarity         of the words, 0..1
    level_change       −4 … +4 steps of the ladder where both sides are commitments, else None
    department_change  None where the departments are the same, or a side is no commitment
    partner_change     likewise
    step               in a chain: 1 for first → second version, …; None for a pair
    """

    kinds: tuple[ChangeKind, ...]
    old: tuple[ComparedUnit, ...]
    new: tuple[ComparedUnit, ...]
    similarity: float
    commitment_change: CommitmentChange
    level_change: int | None = None
    department_change: Difference | None = None
    partner_change: Difference | None = None
    step: int | None = None

    def __post_init__(self) -> None:
        alone = {ChangeKind.ADDED: self.old, ChangeKind.REMOVED: self.new}
        for kind, side in alone.items():
            if kind in self.kinds:
                require(self.kinds == (kind,) and not side, f"{kind} stands alone")
        if not self.old or not self.new:
            require(len(self.kinds) == 1 and self.kinds[0] in alone, "a side is empty")
        require(bool(self.kinds), "a change has no kind")
        require(self.level_change is None or -4 <= self.level_change <= 4, "steps of the ladder")

    @property
    def old_level(self) -> Level:
        """The highest level on the old side; ``none`` where there is no unit."""
        return highest(self.old)

    @property
    def new_level(self) -> Level:
        """The highest level on the new side; ``none`` where there is no unit."""
        return highest(self.new)

    @property
    def shift(self) -> str:
        """``strengthened``, ``weakened``, ``gained``, ``dropped``, or "" where the level stays."""
        if self.commitment_change in (CommitmentChange.GAINED, CommitmentChange.DROPPED):
            return str(self.commitment_change)
        if not self.level_change:
            return ""
        return "strengthened" if self.level_change > 0 else "weakened"

    def as_dict(self) -> dict[str, Any]:
        """The record of the contract; ``step`` only in chains."""
        row: dict[str, Any] = {
            "kinds": [str(kind) for kind in self.kinds],
            "old": [unit.as_dict() for unit in self.old],
            "new": [unit.as_dict() for unit in self.new],
            "similarity": round(self.similarity, 3),
            "commitment_change": str(self.commitment_change),
            "level_change": self.level_change,
            "department_change": self.department_change and self.department_change.as_dict(),
            "partner_change": self.partner_change and self.partner_change.as_dict(),
        }
        if self.step is not None:
            row["step"] = self.step
        return row


def highest(units: tuple[ComparedUnit, ...]) -> Level:
    """The highest level among units, ``none`` below the ladder."""
    levels = [LADDER.index(unit.level) for unit in units if unit.level is not Level.NONE]
    return LADDER[max(levels)] if levels else Level.NONE


@dataclass(frozen=True, slots=True)
class LifeStage:
    """A commitment in one version: its units there (none where it is not), and their level."""

    document: str
    units: tuple[ComparedUnit, ...]

    @property
    def level(self) -> Level:
        return highest(self.units)

    def as_dict(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "present": bool(self.units),
            "level": str(self.level),
            "units": [
                {
                    "unit_id": one.unit.unit_id,
                    "page": one.unit.page,
                    "provision": one.unit.provision,
                    "text": one.unit.text,
                    "level": str(one.level),
                }
                for one in self.units
            ],
        }


@dataclass(frozen=True, slots=True)
class LifeLine:
    """What became of one commitment along a chain: a stage a version, a shift a step.

    ``shifts`` are those of `Change.shift`, or "kept"; "" where it is a commitment on neither side.
    """

    stages: tuple[LifeStage, ...]
    shifts: tuple[str, ...]

    def __post_init__(self) -> None:
        require(len(self.shifts) == len(self.stages) - 1, "a step a pair of versions")

    def as_dict(self) -> dict[str, Any]:
        present = [stage.document for stage in self.stages if stage.level is not Level.NONE]
        return {
            "first": present[0] if present else None,
            "last": present[-1] if present else None,
            "levels": [str(stage.level) for stage in self.stages],
            "shifts": list(self.shifts),
            "stages": [stage.as_dict() for stage in self.stages],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions, or a chain of them: every passage's change, in the order of the newer version
    with what was removed where it stood. Iterates over its changes.

    ``life_lines`` is empty for a pair; ``model`` names what gave the levels.
    """

    documents: tuple[DocumentInfo, ...]
    changes: tuple[Change, ...]
    life_lines: tuple[LifeLine, ...] = ()
    model: str = ""

    def __post_init__(self) -> None:
        require(len(self.documents) >= 2, "a comparison needs two versions")

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def is_chain(self) -> bool:
        return len(self.documents) > 2

    def summary(self, step: int | None = None) -> dict[str, Any]:
        """Counts of changes by kind, commitment change and shift, and the matrix of old level ×
        new level (``none`` included); of one step of a chain, or of all."""
        chosen = [one for one in self.changes if step is None or one.step == step]
        matrix = {str(old): {str(new): 0 for new in Level} for old in Level}
        kinds = {str(kind): 0 for kind in ChangeKind}
        commitments = {str(change): 0 for change in CommitmentChange}
        shifts = {"strengthened": 0, "weakened": 0, "gained": 0, "dropped": 0}
        for one in chosen:
            matrix[str(one.old_level)][str(one.new_level)] += 1
            commitments[str(one.commitment_change)] += 1
            for kind in one.kinds:
                kinds[str(kind)] += 1
            if one.shift:
                shifts[one.shift] += 1
        return {
            "changes": len(chosen),
            "kinds": kinds,
            "commitment_changes": commitments,
            "shifts": shifts,
            "department_changes": sum(one.department_change is not None for one in chosen),
            "partner_changes": sum(one.partner_change is not None for one in chosen),
            "matrix": matrix,
        }

    def as_dict(self) -> dict[str, Any]:
        """The record of the contract: documents, changes, summary; life lines in a chain."""
        summary = self.summary()
        row: dict[str, Any] = {
            "documents": [document.as_dict() for document in self.documents],
            "model": self.model,
            "changes": [change.as_dict() for change in self.changes],
            "summary": summary,
        }
        if self.is_chain:
            summary["steps"] = [self.summary(step) for step in range(1, len(self.documents))]
            row["life_lines"] = [line.as_dict() for line in self.life_lines]
        return row
