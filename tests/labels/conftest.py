"""Units and readings made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collabnlp.identifiers import folded_hash, unit_hash
from collabnlp.schema import Annotation, BlockKind, Judgement, Role, Unit


@pytest.fixture
def make_units() -> Callable[..., list[Unit]]:
    """Units of texts; ``(lead_in, own)`` for one that has opening words."""

    def make(*texts: str | tuple[str, str]) -> list[Unit]:
        units = []
        at = 0
        for index, given in enumerate(texts):
            lead, own = given if isinstance(given, tuple) else (None, given)
            units.append(
                Unit(
                    unit_id=f"paper:{index}",
                    index=index,
                    text=f"{lead} {own}" if lead else own,
                    own_text=own,
                    start=at,
                    end=at + len(own),
                    block=index,
                    kind=BlockKind.PARAGRAPH,
                    lead_in=lead,
                )
            )
            at += len(own) + 1
        return units

    return make


@pytest.fixture
def make_reading() -> Callable[..., Annotation]:
    """A reading of a text, first by default."""

    def make(text: str = "A unit.", level: str = "none", **given: object) -> Annotation:
        details: dict[str, object] = {"level": level}
        for key in ("partners", "departments", "dept_basis", "actor_tier"):
            if key in given:
                details[key] = given.pop(key)
        defaults: dict[str, object] = {
            "document": "paper",
            "sha256": "0" * 64,
            "unit_hash": unit_hash(text),
            "occurrence": 1,
            "folded": folded_hash(text),
            "judgement": Judgement.from_dict(details),
            "reader": "ann",
            "role": Role.FIRST,
            "date": "2026-01-02",
            "codebook": "1.2",
        }
        return Annotation(**{**defaults, **given})  # type: ignore[arg-type]

    return make
