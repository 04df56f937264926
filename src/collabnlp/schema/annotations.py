"""A reading: what one reader said of one unit, kept apart from the text it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from collabnlp.schema.rules import InvalidRecord, require
from collabnlp.schema.tags import ActorTier, Basis, Level, Partner

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_FOLDED = re.compile(r"[0-9a-f]{16}\Z")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?\Z")
_CODE = re.compile(r"[A-Z]{2,6}\Z")


class Role(StrEnum):
    """Which place a reading has: two independent ones, then what was decided between them."""

    FIRST = "first"
    SECOND = "second"
    ADJUDICATED = "adjudicated"
    REVIEWED = "reviewed"  # a person's on the review page; in force over first and second
    REPEAT = "repeat"  # the same person again, to see whether they say the same; never in force


class Shown(StrEnum):
    """What a reader saw of others' judgements before giving their own."""

    UNKNOWN = ""  # records of before this was kept
    BLIND = "blind"  # none
    SUGGESTION = "suggestion"  # the model's
    READINGS = "readings"  # other readers', to decide between them or to correct one


class Match(StrEnum):
    """How a reading was brought to its unit, from the surest to the loosest."""

    EXACT = "exact"  # equal normalised text
    FOLDED = "folded"  # equal letters and digits
    OWN = "own"  # equal to the unit's own words; the unit has its lead-in besides
    FUZZY = "fuzzy"  # nearly the same words in the same order
    PART = "part"  # what was read is a part of the unit
    JOINED = "joined"  # what was read holds the unit and more
    OVERLAP = "overlap"  # each holds a part of the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the codebook asks of a reader.

    partners, departments  in the order of the codebook and of the alphabet; empty for ``none``
    dept_basis  None where no department answers, or the level is ``none``
    actor_tier  None for level ``none``
    """

    level: Level
    partners: tuple[Partner, ...] = ()
    departments: tuple[str, ...] = ()
    dept_basis: Basis | None = None
    actor_tier: ActorTier | None = None

    def __post_init__(self) -> None:
        if self.level is Level.NONE:
            empty = not self.partners and not self.departments and self.dept_basis is None
            require(empty and self.actor_tier is None, "a none has no partners or departments")
            return
        order = list(Partner)
        require(
            list(self.partners) == sorted(set(self.partners), key=order.index),
            "partners are not in order, or stand twice",
        )
        require(
            list(self.departments) == sorted(set(self.departments)),
            "departments are not in order, or stand twice",
        )
        require(all(map(_CODE.match, self.departments)), "not a department's code")
        require(
            self.dept_basis is None or bool(self.departments),
            "a basis without a department",
        )

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Judgement:
        """From a row of a label file; lists in any order, "none" or nothing for no basis.

        Raises InvalidRecord.
        """
        try:
            level = Level(row["level"])
            if level is Level.NONE:
                return cls(level=level)
            partners = {Partner(name) for name in row.get("partners") or ()}
            departments = tuple(sorted({str(code) for code in row.get("departments") or ()}))
            basis = row.get("dept_basis") or "none"
            tier = row.get("actor_tier")
            return cls(
                level=level,
                partners=tuple(partner for partner in Partner if partner in partners),
                departments=departments,
                dept_basis=None if basis == "none" or not departments else Basis(basis),
                actor_tier=ActorTier(tier) if tier else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRecord(f"not a judgement: {error}") from error

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; a ``none`` has its level only."""
        if self.level is Level.NONE:
            return {"level": "none"}
        return {
            "level": str(self.level),
            "partners": [str(partner) for partner in self.partners],
            "departments": list(self.departments),
            "dept_basis": str(self.dept_basis) if self.dept_basis else "none",
            "actor_tier": str(self.actor_tier) if self.actor_tier else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One reading of one unit. It holds no text: it points at the unit.

    document    the document's id in the manifest
    sha256      of the file that was read
    unit_hash   `identifiers.unit_hash` of the unit's text
    occurrence  1 for the first unit of that text in the document, 2 for the second, …
    folded      `identifiers.folded_hash` of the unit's text: survives another way of setting it
    reader      who read ("reader-1"); role: which reading it is
    date        when, as a day or a month
    codebook    the version read by
    sure        False where the reader was not, or where the way to the unit leaves a doubt
    match       how what was read was brought to the unit
    sources     ids of what was read, where it was read from other units than the project's own
    note        what an editor should know of this record
    shown       what the reader saw of others' judgements
    """

    document: str
    sha256: str
    unit_hash: str
    occurrence: int
    folded: str
    judgement: Judgement
    reader: str
    role: Role
    date: str
    codebook: str
    sure: bool = True
    match: Match = Match.EXACT
    sources: tuple[str, ...] = ()
    note: str = ""
    shown: Shown = Shown.UNKNOWN

    def __post_init__(self) -> None:
        require(bool(self.document and self.reader and self.codebook), "a reading lacks its origin")
        require(bool(_SHA256.match(self.sha256)), f"not a sha256: {self.sha256!r}")
        require(bool(_SHA256.match(self.unit_hash)), f"not a unit hash: {self.unit_hash!r}")
        require(bool(_FOLDED.match(self.folded)), f"not a folded hash: {self.folded!r}")
        require(self.occurrence >= 1, "occurrences count from 1")
        require(bool(_DATE.match(self.date)), f"not a date: {self.date!r}")

    @property
    def level(self) -> Level:
        return self.judgement.level

    @property
    def unit(self) -> tuple[str, int]:
        """The unit within its document: hash and occurrence."""
        return self.unit_hash, self.occurrence

    @property
    def key(self) -> tuple[str, str, int, str, str, str]:
        """What no two records share."""
        return (
            self.document,
            self.unit_hash,
            self.occurrence,
            str(self.role),
            self.reader,
            self.codebook,
        )

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Where it stands among a document's: by unit, role, reader, codebook."""
        role = list(Role).index(self.role)
        return (self.unit_hash, self.occurrence, role, self.reader, self.codebook)

    def as_dict(self) -> dict[str, Any]:
        """The record as kept, keys in the order of reading; empty provenance is left out."""
        row: dict[str, Any] = {
            "document": self.document,
            "sha256": self.sha256,
            "unit_hash": self.unit_hash,
            "occurrence": self.occurrence,
            "folded": self.folded,
            **self.judgement.as_dict(),
            "sure": self.sure,
            "reader": self.reader,
            "role": str(self.role),
            "date": self.date,
            "codebook": self.codebook,
            "match": str(self.match),
        }
        if self.sources:
            row["sources"] = list(self.sources)
        if self.note:
            row["note"] = self.note
        if self.shown:
            row["shown"] = str(self.shown)
        return row

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Annotation:
        """From a record as kept. Raises InvalidRecord."""
        judgement = Judgement.from_dict(row)
        try:
            return cls(
                document=row["document"],
                sha256=row["sha256"],
                unit_hash=row["unit_hash"],
                occurrence=row["occurrence"],
                folded=row["folded"],
                judgement=judgement,
                reader=row["reader"],
                role=Role(row["role"]),
                date=row["date"],
                codebook=row["codebook"],
                sure=row["sure"],
                match=Match(row["match"]),
                sources=tuple(row.get("sources", ())),
                note=row.get("note", ""),
                shown=Shown(row.get("shown", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRecord(f"not a reading: {error}") from error
