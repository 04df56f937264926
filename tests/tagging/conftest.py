"""What the tests of the rule taggers share: documents, units and mentions from tables of cases."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from collabnlp.register import load_register
from collabnlp.schema import BlockKind, DocumentInfo, Unit
from collabnlp.tagging.mentions import Mention, MentionMatcher

CASES = Path(__file__).resolve().parents[1] / "cases"

Read = Callable[[dict[str, Any]], tuple[DocumentInfo, Unit, list[Mention]]]


def cases(file: str) -> list[dict[str, Any]]:
    """The table of a file under tests/cases."""
    return tomllib.loads((CASES / file).read_text(encoding="utf-8"))["case"]


@cache
def _matcher() -> MentionMatcher:
    return MentionMatcher(load_register())


def unit_of(text: str, **more: Any) -> Unit:
    return Unit(
        unit_id="case:0",
        index=0,
        text=text,
        own_text=text,
        start=0,
        end=len(text),
        block=0,
        kind=BlockKind.PARAGRAPH,
        **more,
    )


@pytest.fixture(scope="session")
def read() -> Read:
    """A case as the taggers get it."""

    def of(case: dict[str, Any]) -> tuple[DocumentInfo, Unit, list[Mention]]:
        info = DocumentInfo(
            id="case",
            title=case.get("title", "A white paper"),
            sha256="0" * 64,
            date=case.get("date", "2025-03-01"),
            kind=case.get("kind", "white paper"),
        )
        return info, unit_of(case["text"]), _matcher().find(case["text"], info.date)

    return of
