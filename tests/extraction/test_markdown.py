"""Markdown: numbered paragraphs, items on following lines, notes, tables, broken words."""

from __future__ import annotations

from pathlib import Path

import pytest

from collabnlp.errors import NoText
from collabnlp.extraction.markdown import read_markdown
from collabnlp.schema import BlockKind, Document, Region


def read(text: str) -> Document:
    return read_markdown(text.encode(), name="paper.md")


def rows(document: Document) -> list[tuple[str, str | None, str | None, int | None, int | None]]:
    return [(b.text, b.number, b.provision, b.level, b.lead_in) for b in document.blocks]


def test_numbered_paragraphs_with_items_on_following_lines() -> None:
    document = read(
        "# 3. Buses\n17. Plans should:\na) name routes; and\nb) ask mayors about:\n"
        "i. fares\nii. stops\nc) say when.\n18. They are\nreviewed yearly.\n"
    )
    assert rows(document) == [
        ("Buses", "3.", None, 1, None),
        ("Plans should:", "17.", "17", None, None),
        ("name routes; and", "a)", "17(a)", 1, 1),
        ("ask mayors about:", "b)", "17(b)", 1, 1),
        ("fares", "i.", "17(b)(i)", 2, 3),
        ("stops", "ii.", "17(b)(ii)", 2, 3),
        ("say when.", "c)", "17(c)", 1, 1),
        ("They are reviewed yearly.", "18.", "18", None, None),
    ]


def test_roman_items_within_a_line() -> None:
    document = read("# A\n4. Grant it unless: i. the mayor objects; or ii. the board does.\n")
    assert rows(document)[1:] == [
        ("Grant it unless:", "4.", "4", None, None),
        ("the mayor objects; or", "i.", "4(i)", 1, 1),
        ("the board does.", "ii.", "4(ii)", 1, 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The plan (see\n(a) above) stands as it is.",
        "It was in the year\nb) of the series that stands.",
    ],
)
def test_a_wrapped_line_is_no_item(text: str) -> None:
    assert len(read(text).blocks) == 1


def test_lists_with_depth_and_lead_in() -> None:
    document = read("We will:\n\n1. plan\n2. fund\n   - buses\n   - trams\n\nThen:\n\n* act\n")
    assert rows(document) == [
        ("We will:", None, None, None, None),
        ("plan", "1.", None, 1, 0),
        ("fund", "2.", None, 1, 0),
        ("buses", "•", None, 2, 2),
        ("trams", "•", None, 2, 2),
        ("Then:", None, None, None, None),
        ("act", "•", None, 1, 5),
    ]


def test_footnotes_leave_the_text() -> None:
    document = read("5. Plans[^1] matter.\n[^1]: A source\n    over two lines.\n6. They[^b] do.\n")
    first, second, note = document.blocks
    assert (first.text, [it.label for it in first.note_marks]) == ("Plans matter.", ["1"])
    assert document.text[: first.note_marks[0].offset].endswith("Plans")
    assert [it.label for it in second.note_marks] == ["b"]
    assert (note.kind, note.number) == (BlockKind.FOOTNOTE, "1")
    assert note.text == "A source over two lines."


def test_tables() -> None:
    document = read("| Body | Duty |\n|---|---|\n| Mayor | *plans* |\n| Board | funds<br>buses |\n")
    cells = [(b.text, b.cell.row, b.cell.column, b.cell.header) for b in document.blocks if b.cell]
    assert cells == [
        ("Body", 0, 0, True), ("Duty", 0, 1, True), ("Mayor", 1, 0, False),
        ("plans", 1, 1, False), ("Board", 2, 0, False), ("funds buses", 2, 1, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Non-strategic aims differ. See non- strategic aims.", "See non-strategic aims."),
        ("A framework is set. See this frame- work here.", "See this framework here."),
        ("Short- and long-term plans.", "Short- and long-term plans."),
        ("See pages 156- 157 for it.", "See pages 156-157 for it."),
        ("A plan-making body. The plan-\nmaking stage.", "The plan-making stage."),
    ],
)
def test_broken_words_are_mended_by_the_documents_own(text: str, mended: str) -> None:
    assert read(text).blocks[0].text.endswith(mended)


def test_cover_and_contents_before_the_first_heading() -> None:
    document = read(
        "National Bus Framework\n© Crown copyright 2031\nMinistry of Buses\n\nContents\n"
        "1. Routes 4\n2. Fares 5\nAnnex 1: Words 9\n\n# 1. Routes\n1. Mayors plan routes.\n"
    )
    assert [b.region for b in document.blocks[:3]] == [Region.FRONT] * 3
    assert document.info.title == "National Bus Framework"
    kinds = {b.kind for b in document.blocks if b.text.startswith(("Contents", "Routes 4"))}
    assert kinds == {BlockKind.CONTENTS}
    assert document.blocks[-1].region is Region.BODY


def test_unnumbered_headings_stand_below_numbered_ones() -> None:
    document = read(
        "# 1. One\nText.\n# Aims of it\nText.\n# 2. Two\nText.\n# 3. Three\nText.\n"
        "# Annex A\nText.\n"
    )
    levels = [b.level for b in document.blocks if b.kind is BlockKind.HEADING]
    assert levels == [1, 2, 1, 1, 1]


def test_a_line_taken_for_a_heading_is_text_again() -> None:
    document = read(
        "# A\n9. Do:\na) this; and\n\n# Such work takes the form of sites;\n\nb) that.\n"
    )
    assert [b.kind for b in document.blocks[2:]] == [
        BlockKind.LIST_ITEM, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM,
    ]  # fmt: skip
    assert document.blocks[-1].provision == "9(b)"


def test_front_matter_and_html() -> None:
    document = read(
        "---\ntitle: A plan\ndate: 2031-02-03\n---\n\nWords.\n\n<table><tr><td>a</td><td>b</td>"
        "</tr></table>\n\nMore\fwords.\n"
    )
    assert (document.info.title, document.info.date) == ("A plan", "2031-02-03")
    assert [b.text for b in document.blocks] == ["Words.", "a", "b", "More words."]


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(NoText):
        read("\n[link]: http://x\n")


@pytest.mark.shared
def test_the_planning_framework(shared: Path) -> None:
    document = read_markdown((shared / "documents" / "nppf-2024.md").read_bytes(), name="nppf.md")
    numbers = [b.number for b in document.blocks if b.kind is BlockKind.PARAGRAPH and b.number]
    assert [number for number in numbers if numbers.count(number) > 1] == []
    assert sum(f"{number}." in numbers for number in range(1, 244)) >= 240
    assert "non- " not in document.text
    assert document.info.date == "2024-12-12" and document.info.kind == "policy framework"
