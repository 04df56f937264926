"""What the tagger says of a unit, in the codebook's terms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from collabnlp.schema.documents import DocumentInfo
from collabnlp.schema.rules import require
from collabnlp.schema.units import Unit, unit_record


class Level(StrEnum):
    """The codebook's ladder, ``none`` first, then ascending."""

    NONE = "none"
    EXPLORE = "explore"
    SUPPORT = "support"
    HAVE_REGARD = "have_regard"
    CO_CREATE = "co_create"
    LEAD = "lead"


LADDER: tuple[Level, ...] = tuple(level for level in Level if level is not Level.NONE)


class Partner(StrEnum):
    """Who the other side of a commitment is (codebook, section 4)."""

    SUBNATIONAL = "subnational"
    DEVOLVED = "devolved"
    PUBLIC_BODY = "public_body"
    BUSINESS = "business"
    CIVIL_SOCIETY = "civil_society"
    INTERNATIONAL = "international"


class ActorTier(StrEnum):
    """Who carries the duty or makes the promise (codebook, section 6)."""

    NATIONAL = "national"
    SUBNATIONAL = "subnational"
    OTHER = "other"


class Force(StrEnum):
    """``statutory`` where law binds or would bind, otherwise ``policy``."""

    STATUTORY = "statutory"
    POLICY = "policy"


class Basis(StrEnum):
    """How a department was found (codebook, section 5)."""

    EXPLICIT = "explicit"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class PartnerMention:
    """The other side as written; ``body`` is its entry in the register where it has one."""

    name: str
    type: Partner
    body: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        return {"name": self.name, "type": str(self.type), "body": self.body}


@dataclass(frozen=True, slots=True)
class DepartmentTag:
    """A department that answers for the commitment: code of the document's day, basis, mention as
    written (None where inferred), confidence 0..1."""

    code: str
    basis: Basis
    mention: str | None
    confidence: float

    def __post_init__(self) -> None:
        require(0.0 <= self.confidence <= 1.0, f"confidence {self.confidence}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "basis": str(self.basis),
            "mention": self.mention,
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that moved the tag: document offsets, weight in log-odds towards the level given."""

    text: str
    start: int
    end: int
    weight: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "weight": round(self.weight, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What the tagger says of a unit. Level probabilities are over the five levels and sum to 1."""

    level: Level
    commitment_probability: float
    level_probabilities: tuple[float, float, float, float, float]
    actor_tier: ActorTier
    force: Force
    partners: tuple[Partner, ...] = ()
    partner_mentions: tuple[PartnerMention, ...] = ()
    departments: tuple[DepartmentTag, ...] = ()
    cues: tuple[Cue, ...] = ()
    needs_review: bool = False
    model: str = ""

    def __post_init__(self) -> None:
        require(0.0 <= self.commitment_probability <= 1.0, "probability out of range")
        require(abs(sum(self.level_probabilities) - 1.0) < 1e-6, "level probabilities: sum not 1")


@dataclass(frozen=True, slots=True)
class TaggedUnit:
    """A unit with its tag and its document: one record of the output."""

    document: DocumentInfo
    unit: Unit
    tag: Tag

    def as_dict(self) -> dict[str, Any]:
        """The record of the contract, keys in its order, plain JSON values."""
        unit, tag = self.unit, self.tag
        return {
            **unit_record(self.document, unit),
            "commitment_probability": round(tag.commitment_probability, 4),
            "level": str(tag.level),
            "level_probabilities": {
                str(level): round(value, 4)
                for level, value in zip(LADDER, tag.level_probabilities, strict=True)
            },
            "actor_tier": str(tag.actor_tier),
            "force": str(tag.force),
            "partners": [str(partner) for partner in tag.partners],
            "partner_mentions": [mention.as_dict() for mention in tag.partner_mentions],
            "departments": [department.as_dict() for department in tag.departments],
            "cues": [cue.as_dict() for cue in tag.cues],
            "needs_review": tag.needs_review,
            "model": tag.model,
        }
