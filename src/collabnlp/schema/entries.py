"""What the label store keeps: entries of its history, and the units that are read and queued."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from collabnlp.identifiers import digest
from collabnlp.schema.annotations import Annotation, Judgement, Shown
from collabnlp.schema.documents import Box
from collabnlp.schema.rules import InvalidRecord, require
from collabnlp.schema.tags import Level
from collabnlp.schema.units import Unit

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z")
_ID = re.compile(r"([0-9a-f]{64})?\Z")


class Reason(StrEnum):
    """Why a unit is put before a reviewer."""

    LEAST_CERTAIN = "least certain"  # the model's probability is nearest to its cut
    DISAGREEING = "disagreeing models"
    UNLIKE = "unlike the training data"
    LIKELY_ERROR = "likely label error"  # models that did not see it say otherwise, by far
    DIVERSE = "diverse"  # far from all others in the queue
    RANDOM = "random"  # drawn by chance, with a known probability
    DISPUTED = "disputed"  # readings differ: to be decided
    REPEAT = "repeat"  # read before by the same person
    ASKED = "asked for"  # named by whoever started the review


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act of labelling: a reading given, corrected, or withdrawn. Entries are never changed.

    text        the unit's text as it was read; empty where the record came without it
    time        when, in UTC to the second ("2026-11-22T09:30:00Z"); empty where only a day is known
    seconds     how long the unit stood on the page; None where nobody counted
    model       digest of the model whose suggestion was shown; empty where none was
    reason      why the queue showed the unit; None where no queue did
    probability  of the unit's being drawn (0..1], where it was drawn by chance
    supersedes  id of the entry in whose place this one stands; empty for the first
    withdrawn   True where the reader took the superseded reading back and gave no other;
                ``annotation`` then is the one taken back
    request     the page's own id of the save, so that a repeated request is not kept twice
    """

    annotation: Annotation
    text: str = ""
    time: str = ""
    seconds: float | None = None
    model: str = ""
    reason: Reason | None = None
    probability: float | None = None
    supersedes: str = ""
    withdrawn: bool = False
    request: str = ""

    def __post_init__(self) -> None:
        require(not self.time or bool(_TIME.match(self.time)), f"not a UTC time: {self.time!r}")
        require(self.seconds is None or self.seconds >= 0, "less than no time was spent")
        require(bool(_ID.match(self.supersedes)), f"not an entry's id: {self.supersedes!r}")
        require(bool(_ID.match(self.model)), f"not a model's digest: {self.model!r}")
        require(not self.withdrawn or bool(self.supersedes), "nothing to withdraw")
        drawn = self.reason is Reason.RANDOM
        require((self.probability is not None) == drawn, "only a random draw has a probability")
        require(self.probability is None or 0 < self.probability <= 1, "not a probability")
        shown = self.annotation.shown is Shown.SUGGESTION
        require(shown or not self.model, "a suggestion was shown, and is said not to have been")

    @property
    def id(self) -> str:
        """Digest of all that it says (64 hex digits)."""
        return digest(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; what is empty is left out."""
        row: dict[str, Any] = {"annotation": self.annotation.as_dict()}
        for name in ("text", "time", "model", "supersedes", "request"):
            if getattr(self, name):
                row[name] = getattr(self, name)
        if self.reason is not None:
            row["reason"] = str(self.reason)
        for name in ("seconds", "probability"):
            if getattr(self, name) is not None:
                row[name] = getattr(self, name)
        if self.withdrawn:
            row["withdrawn"] = True
        return row

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Self:
        """From a row as `as_dict` makes it. Raises InvalidRecord."""
        try:
            annotation = Annotation.from_dict(row["annotation"])
            rest = {name: value for name, value in row.items() if name != "annotation"}
            if "reason" in rest:
                rest["reason"] = Reason(rest["reason"])
            return cls(annotation=annotation, **rest)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRecord(f"not an entry of the label store: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state of the label store that can be had again.

    digest    of the ids of the entries in force, sorted (64 hex digits): of what is said, not of
              the order in which it was
    sequence  number of the last entry of the history that it holds
    readings  how many are in force
    """

    digest: str
    sequence: int
    readings: int
    name: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUnit:
    """A unit as the store keeps it, so that it can be read without its document.

    document  the document's id; ``sha256`` of its file; the unit by hash and occurrence
    """

    document: str
    sha256: str
    unit_hash: str
    occurrence: int
    index: int
    text: str
    own_text: str
    lead_in: str | None
    headings: tuple[str, ...]
    page: int | None
    page_label: str | None
    provision: str | None
    boxes: tuple[Box, ...]
    kind: str
    region: str

    @property
    def key(self) -> tuple[str, str, int]:
        """File, hash and occurrence."""
        return self.sha256, self.unit_hash, self.occurrence

    @classmethod
    def of(cls, document: str, sha256: str, unit: Unit, key: tuple[str, int]) -> Self:
        """From a unit and its place among `identifiers.occurrences`."""
        return cls(
            document=document,
            sha256=sha256,
            unit_hash=key[0],
            occurrence=key[1],
            index=unit.index,
            text=unit.text,
            own_text=unit.own_text,
            lead_in=unit.lead_in,
            headings=unit.headings,
            page=unit.page,
            page_label=unit.page_label,
            provision=unit.provision,
            boxes=unit.boxes,
            kind=str(unit.kind),
            region=str(unit.region),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a model says of a unit. It is never a label.

    model          digest of the model; ``name`` is what its records carry
    probabilities  of the six levels, ``none`` first; they sum to 1
    cues           stretches of the unit's text that moved it: [start, end) in ``text``
    """

    sha256: str
    unit_hash: str
    occurrence: int
    model: str
    name: str
    judgement: Judgement
    probabilities: tuple[float, ...]
    cues: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        require(len(self.probabilities) == len(Level), "a suggestion has six probabilities")
        require(abs(sum(self.probabilities) - 1) < 1e-3, "the probabilities do not sum to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedUnit:
    """A place in the queue.

    score        how strongly the reason holds, over 0 to 1
    detail       one line for the reviewer on why; it names no label where the page is blind
    probability  of being drawn (0..1], for the random share alone
    """

    sha256: str
    unit_hash: str
    occurrence: int
    reason: Reason
    score: float = 0.0
    detail: str = ""
    probability: float | None = None

    def __post_init__(self) -> None:
        drawn = self.probability is not None
        require(drawn == (self.reason is Reason.RANDOM), "only a random draw has a probability")
        require(self.probability is None or 0 < self.probability <= 1, "not a probability")

    @property
    def key(self) -> tuple[str, str, int]:
        """File, hash and occurrence."""
        return self.sha256, self.unit_hash, self.occurrence
