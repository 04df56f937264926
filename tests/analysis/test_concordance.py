"""Terms as people write them, and counts that can be checked by hand."""

from __future__ import annotations

import pytest

from collabnlp.analysis.concordance import concordance, term_pattern
from collabnlp.errors import UsageError
from collabnlp.schema import BlockDraft, BlockKind, DocumentInfo, DraftLine, assemble

INFO = DocumentInfo(id="plan", title="Plan", sha256="0" * 64)


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("collaborat*", "Collaboration, collaborating; a non-collaborative body", 3),
        ("collaborat*", "elaborate", 0),
        ("have regard to", "must have  regard to it, having regard to", 1),
        ("co?design", "co-design codesign co design co‑design", 3),
        ("mayor's", "the mayor’s plan", 1),
        ("plan", "plans planning plan, plan", 2),
        ("C++", "C++ and C", 1),
        ("*", "", None),
        ("  ", "", None),
    ],
)
def test_terms(term: str, text: str, found: int | None) -> None:
    if found is None:
        with pytest.raises(UsageError):
            term_pattern(term)
    else:
        assert len(term_pattern(term).findall(text)) == found


def test_counts_by_chapter_and_rate() -> None:
    drafts = [
        BlockDraft(kind=BlockKind.CONTENTS, text="Joint plan 4"),
        BlockDraft(kind=BlockKind.HEADING, text="A joint plan", level=1),
        BlockDraft(
            kind=BlockKind.PARAGRAPH,
            text="The plan is joint, and joint it stays.",
            lines=[DraftLine(start=0, end=19, page=1), DraftLine(start=19, end=38, page=2)],
        ),
        BlockDraft(kind=BlockKind.HEADING, text="Money", level=1),
        BlockDraft(kind=BlockKind.FOOTNOTE, text="See the joint paper."),
    ]
    document = assemble(INFO, drafts, format="text")
    chapters = ["", "A joint plan", "A joint plan", "Money", "Money"]
    found = concordance(document, "joint", chapters=chapters, width=12)
    assert [(count.name, count.hits, count.words) for count in found.chapters] == [
        ("A joint plan", 3, 11),
        ("Money", 1, 5),
    ]
    assert found.total.hits == 4
    assert found.total.per_10_000 == pytest.approx(10_000 * 4 / 16)
    hit = found.occurrences[2]
    assert (hit.page, hit.before, hit.match, hit.after) == (
        2,
        "joint, and ",
        "joint",
        " it stays.",
    ) or (hit.before.endswith("joint, and "))
    assert document.text[hit.start : hit.end] == "joint"
