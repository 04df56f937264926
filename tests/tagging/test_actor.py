"""The actor's tier, and the main clause by which it is told."""

from __future__ import annotations

from typing import Any

import pytest

from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.clauses import main_clause

from .conftest import Read, cases

CASES = cases("actor.toml")


@pytest.fixture(scope="module")
def tagger() -> ActorTagger:
    return ActorTagger()


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:50] for case in CASES])
def test_tier(case: dict[str, Any], tagger: ActorTagger, read: Read) -> None:
    assert str(tagger.tag(*read(case))) == case["tier"]


@pytest.mark.parametrize(
    ("text", "subject", "modal", "passive"),
    [
        ("We will consult councils.", "We", "will", False),
        ("Councils will be consulted.", "Councils", "will", True),
        ("Mayors, councils and firms must agree.", "Mayors, councils and firms", "must", False),
        ("Before we act, the minister will ask.", "the minister", "will", False),
        ("If councils will help, we may pay.", "we", "may", False),
        ("Work with councils.", "", "work with", False),
        ("A body which must act will be told.", "A body which must act", "will", True),
        ("In its area a council must plan.", "a council", "must", False),
        ("After subsection (2) insert— The mayor must agree.", "The mayor", "must", False),
        ("The board meets mayors twice a year.", "The board", "meets", False),
        ("Mayors will be able to appoint.", "Mayors", "will", False),
        ("Councils will be responsible for it.", "Councils", "will", False),
    ],
)
def test_main_clause(text: str, subject: str, modal: str, passive: bool) -> None:
    clause = main_clause(text)
    assert text[slice(*clause.subject)] == subject
    assert (clause.modal, clause.passive) == (modal, passive)
    assert clause.has_subject is bool(subject)


@pytest.mark.parametrize("text", ["", " ", "—", "will", "insert—", ", , ,", "(" * 2000])
def test_main_clause_of_nothing(text: str) -> None:
    clause = main_clause(text)
    assert 0 <= clause.subject[0] <= clause.subject[1] <= max(len(text), 0)
