"""Concordances find what quanteda's kwic publishes for the same small texts, with its context."""

from __future__ import annotations

from string import ascii_uppercase

import pytest

from collabnlp.analysis.concordance import concordance
from collabnlp.schema import BlockDraft, BlockKind, DocumentInfo, assemble

LETTERS = " ".join(ascii_uppercase)


# term, text, then for each hit: token position and five tokens of context to either side
@pytest.mark.parametrize(
    ("term", "text", "published"),
    [
        ("D", LETTERS, [(4, "A B C", "E F G H I")]),
        ("A", LETTERS, [(1, "", "B C D E F")]),
        ("Z", LETTERS, [(26, "U V W X Y", "")]),
        ("D E", LETTERS, [(4, "A B C", "F G H I J")]),
        ("É", LETTERS, []),
        ("A", f"{LETTERS} {LETTERS}", [(1, "", "B C D E F"), (27, "V W X Y Z", "B C D E F")]),
        (
            "fox",
            "what does the fox say fox",
            [(4, "what does the", "say fox"), (6, "what does the fox say", "")],
        ),
    ],
)
def test_hits_and_contexts(term: str, text: str, published: list[tuple[int, str, str]]) -> None:
    info = DocumentInfo(id="text1", title="Text", sha256="0" * 64)
    document = assemble(info, [BlockDraft(kind=BlockKind.PARAGRAPH, text=text)], format="text")
    found = concordance(document, term, chapters=[""], width=200)
    hits = [
        (
            len(it.before.split()) + 1,
            " ".join(it.before.split()[-5:]),
            " ".join(it.after.split()[:5]),
        )
        for it in found.occurrences
    ]
    assert hits == published
    assert found.total.hits == len(published)
    assert found.total.words == len(text.split())
