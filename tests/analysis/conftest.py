"""Units and tags made from a line of text, for tests of alignment and comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from collabnlp.identifiers import unit_ids
from collabnlp.schema import (
    ActorTier,
    Basis,
    BlockKind,
    DepartmentTag,
    DocumentInfo,
    Force,
    Level,
    Partner,
    Tag,
    TaggedUnit,
    Unit,
)

MakeUnits = Callable[..., list[Unit]]
MakeVersion = Callable[..., tuple[DocumentInfo, list[TaggedUnit]]]


def units_of(lines: Sequence[str], document: str = "paper") -> list[Unit]:
    """A unit a line "number | words"; the number may be missing."""
    parts = [line.rpartition(" | ") for line in lines]
    ids = unit_ids(document, [text for _, _, text in parts])
    return [
        Unit(
            unit_id=unit_id,
            index=at,
            text=text,
            own_text=text,
            start=0,
            end=len(text),
            block=at,
            kind=BlockKind.PROVISION if number else BlockKind.PARAGRAPH,
            provision=number or None,
        )
        for at, ((number, _, text), unit_id) in enumerate(zip(parts, ids, strict=True))
    ]


def version_of(
    name: str, *rows: tuple[str, str] | tuple[str, str, str] | tuple[str, str, str, str]
) -> tuple[DocumentInfo, list[TaggedUnit]]:
    """A version from (line, level, departments, partners); the last two, parted by blanks, may be
    left out."""
    info = DocumentInfo(id=name, title=name.title(), sha256="0" * 64)
    tagged = []
    for unit, row in zip(units_of([row[0] for row in rows], name), rows, strict=True):
        codes = row[2].split() if len(row) > 2 else []
        partners = row[3].split() if len(row) > 3 else []
        tag = Tag(
            level=Level(row[1]),
            commitment_probability=0.9 if row[1] != "none" else 0.1,
            level_probabilities=(0.2, 0.2, 0.2, 0.2, 0.2),
            actor_tier=ActorTier.NATIONAL,
            force=Force.POLICY,
            departments=tuple(DepartmentTag(code, Basis.INFERRED, None, 0.9) for code in codes),
            partners=tuple(Partner(partner) for partner in partners),
            model="test-model",
        )
        tagged.append(TaggedUnit(info, unit, tag))
    return info, tagged


@pytest.fixture
def make_units() -> MakeUnits:
    return units_of


@pytest.fixture
def make_version() -> MakeVersion:
    return version_of
