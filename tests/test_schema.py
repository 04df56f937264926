"""Records that would be wrong cannot be made."""

from __future__ import annotations

import pickle

import pytest

from collabnlp.errors import NoText
from collabnlp.schema import (
    Block,
    BlockDraft,
    BlockKind,
    Box,
    DocumentInfo,
    DraftLine,
    InvalidRecord,
    Page,
    Reading,
    Segment,
    Unit,
    assemble,
)

INFO = DocumentInfo(id="plan", title="Plan", sha256="0" * 64)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Box(0, 0, 0, 1, 1),
        lambda: Box(1, 5, 0, 1, 1),
        lambda: Block(kind=BlockKind.PARAGRAPH, text=" ", start=0, end=1),
        lambda: Block(kind=BlockKind.PARAGRAPH, text="word", start=0, end=9),
        lambda: Block(kind=BlockKind.PARAGRAPH, text="a\nb", start=0, end=3),
        lambda: Block(kind=BlockKind.HEADING, text="word", start=0, end=4),
        lambda: Page(number=0, reading=Reading.TAGS),
        lambda: DocumentInfo(id="", title="", sha256="0" * 64),
        lambda: DocumentInfo(id="a", title="", sha256="glued"),
        lambda: DocumentInfo(id="a", title="", sha256="0" * 64, date="May 2024"),
    ],
)
def test_invalid_records_are_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(InvalidRecord):
        make()


def test_assembly_lays_blocks_end_to_end_and_keeps_places() -> None:
    opening = BlockDraft(kind=BlockKind.PARAGRAPH, text="We will:")
    item = BlockDraft(
        kind=BlockKind.LIST_ITEM,
        text="consult councils",
        level=1,
        lead_in=opening,
        lines=[DraftLine(start=0, end=16, page=2, box=Box(2, 10, 10, 90, 22))],
        note_marks=[(7, "3")],
    )
    nothing = BlockDraft(kind=BlockKind.PARAGRAPH, text="  ")
    document = assemble(INFO, [opening, nothing, item], format="pdf")
    assert document.text == "We will:\nconsult councils\n"
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        "We will:",
        "consult councils",
    ]
    assert document.blocks[1].lead_in == 0
    assert document.blocks[1].lines[0].start == 9
    assert document.blocks[1].page == 2
    assert document.blocks[1].note_marks[0].offset == 16
    assert not document.partial


def test_a_problem_on_a_page_makes_the_document_partial_and_is_named() -> None:
    page = Page(number=4, reading=Reading.LAYOUT, problems=("no text layer",))
    draft = BlockDraft(kind=BlockKind.PARAGRAPH, text="Words")
    document = assemble(INFO, [draft], format="pdf", pages=[page])
    assert document.partial
    assert document.reasons == ("page 4: no text layer",)


def test_offsets_of_a_joined_text_map_to_the_document() -> None:
    unit = Unit(
        unit_id="plan:1",
        index=0,
        text="We will consult councils",
        own_text="Consult councils",
        start=20,
        end=36,
        block=1,
        kind=BlockKind.LIST_ITEM,
        segments=(Segment(0, 7, 0), Segment(8, 24, 20)),
    )
    assert unit.to_document(3) == 3
    assert unit.to_document(7) == 20
    assert unit.to_document(8) == 20
    assert unit.to_document(16) == 28
    assert unit.to_document(24) == 36


def test_errors_cross_process_borders_whole() -> None:
    error = NoText("scan.pdf shows pictures only.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is NoText
    assert str(again) == str(error)
    assert again.name == "NoText"
    assert "ocrmypdf" in str(again)
